/* The texts of the header, the status row and the footer. */
#include <stdio.h>
#include <string.h>

#include "jobs/age.h"
#include "model_priv.h"

enum { WHOLE_MS = 120000 }; /* when a whole table was read this long ago, that is told */

/* Does Batch fail? A link that was lost and works again is not Batch's failure: Batch was just not
 * asked again yet. */
static bool batch_fails(const struct link *l)
{
    const struct source *b = &l->sources[SOURCE_BATCH], *t = &l->sources[SOURCE_TABLE];
    bool link = err_means(b->err.code, ERR_LINK);

    return b->err.code != E_OK && !(link && t->err.code == E_OK && t->last_good_ms > b->since_ms);
}

/* The word of how the list is followed: "live" only while each change comes by itself. */
static const char *follow_word(const struct model *m)
{
    static const char *const words[] = {
        [FOLLOW_NOT] = "connected", [FOLLOW_LIVE] = "live", [FOLLOW_POLLS] = "polling"};

    return words[schedule_fresh(m->desk.schedule, m->desk.mono_ms).follow];
}

const char *model_health(const struct model *m, char *buf, size_t size, enum style *st)
{
    /* clang-format off */
    static const struct {
        const char *word; /* NULL: the word says how the jobs are followed */
        enum style style;
    } states[] = {
        [LINK_CONNECTING] = {"connecting",          ST_INFO},
        [LINK_LIVE]       = {NULL,                  ST_GOOD},
        [LINK_FAILING]    = {"failing",             ST_BAD},
        [LINK_EXPIRED]    = {"credentials expired", ST_BAD},
    };
    /* clang-format on */
    const struct link *l = &m->desk.link;
    const char *extra = "";
    const char *own = states[l->state].word;
    const char *word = own == NULL ? follow_word(m) : own;
    int64_t left = l->expires_ms == TIME_NONE ? INT64_MAX : l->expires_ms - m->desk.now_ms;

    *st = states[l->state].style;
    if (l->state == LINK_LIVE && batch_fails(l)) {
        *st = ST_WARN;
        extra = ", Batch fails";
    } else if (l->state == LINK_LIVE && left < INT64_C(15) * 60000) {
        char age[AGE_SIZE];
        *st = ST_WARN;
        (void)snprintf(buf, size, "%s, credentials end in %s", word,
                       left <= 0 ? "no time" : duration_text(left, age));
        return buf;
    } else if (l->state == LINK_EXPIRED && l->err.code != E_EXPIRED) {
        (void)snprintf(buf, size, "%s",
                       l->err.aws_code[0] == '\0' ? "no credentials" : "credentials refused");
        return buf;
    }
    (void)snprintf(buf, size, "%s%s", word, extra);
    return buf;
}

/* Adds the age of the whole list. Where polls tell only of jobs that are not over, the data of the
 * others may be older. */
static void add_whole_age(const struct model *m, const struct schedule_fresh *f, char *buf,
                          size_t size)
{
    size_t n = strlen(buf);
    char age[AGE_SIZE];
    int64_t ms = f->all_ms == TIME_NONE ? 0 : m->desk.mono_ms - f->all_ms;

    if (f->follow == FOLLOW_POLLS && ms >= WHOLE_MS && n < size) {
        (void)snprintf(buf + n, size - n, "; all rows read %s ago", duration_text(ms, age));
    }
}

const char *model_age(const struct model *m, char *buf, size_t size)
{
    struct schedule_fresh f = schedule_fresh(m->desk.schedule, m->desk.mono_ms);
    int64_t at = f.heard_ms == TIME_NONE ? m->desk.link.last_good_ms
                                         : m->desk.now_ms - (m->desk.mono_ms - f.heard_ms);
    char age[AGE_SIZE];

    if (at == TIME_NONE) {
        if (m->snapshot_saved_ms == TIME_NONE) {
            buf[0] = '\0';
        } else {
            (void)snprintf(buf, size, "kept %s ago",
                           age_text(m->snapshot_saved_ms, m->desk.now_ms, age));
        }
        return buf;
    }
    int64_t s = (m->desk.now_ms - at) / 1000;
    /* polls come every few seconds, and a number that changes all the time says nothing */
    if (s < 10) {
        (void)snprintf(buf, size, "updated now");
    } else if (s < 60) {
        (void)snprintf(buf, size, "updated %ds ago", (int)(s / 5 * 5));
    } else {
        (void)snprintf(buf, size, "updated %s ago", age_text(at, m->desk.now_ms, age));
    }
    add_whole_age(m, &f, buf, size);
    return buf;
}

const char *model_budget(const struct model *m, char *buf, size_t size)
{
    const struct link *l = &m->desk.link;

    if (l->read_units_per_min >= 0.05) {
        (void)snprintf(buf, size, "%.0f req/min %.*f RCU/min", l->requests_per_min,
                       l->read_units_per_min < 10 ? 1 : 0, l->read_units_per_min);
    } else {
        (void)snprintf(buf, size, "%.0f req/min", l->requests_per_min);
    }
    return buf;
}

/* Tells an error: what comes before it, and what after it. */
static void say_err(struct message *x, enum style st, const char *lead, const struct err *e,
                    const char *after)
{
    char text[ERR_TEXT_SIZE];

    x->style = st;
    (void)snprintf(x->text, sizeof x->text, "%s%s%s", lead, err_full(e, text), after);
    x->remedy = err_hint(e)[0] == '\0' ? 0 : strlen(lead) + strlen(text) - strlen(err_hint(e));
}

static void trouble(const struct model *m, struct message *x)
{
    const struct link *l = &m->desk.link;
    char age[AGE_SIZE], after[80];
    int wait = schedule_wait_ms(m->desk.schedule, m->desk.mono_ms);

    (void)snprintf(after, sizeof after, " (for %s%s)",
                   duration_text(m->desk.now_ms - l->since_ms, age),
                   m->desk.paused ? "; paused"
                   : wait < 0     ? ""
                                  : "; mvpdash tries again by itself");
    say_err(x, ST_BAD, "", &l->err, after);
}

static void loading(const struct model *m, struct message *x)
{
    char count[24];

    x->style = ST_INFO;
    if (m->desk.link.state == LINK_CONNECTING) {
        (void)snprintf(x->text, sizeof x->text, "Connecting to %s...",
                       settings_get(m->desk.settings, SET_REGION));
    } else {
        (void)snprintf(x->text, sizeof x->text, "Loading the jobs: %s so far, part %d of %d",
                       format_count(m->desk.loading.jobs, count, sizeof count),
                       m->desk.loading.done, m->desk.loading.segments);
    }
}

void model_lasting(const struct model *m, struct message *x)
{
    const struct source *batch = &m->desk.link.sources[SOURCE_BATCH];

    *x = (struct message){.style = ST_DIM};
    if (m->desk.where.view == VIEW_WELCOME) {
        return; /* the screen says it all */
    }
    if (m->desk.link.state == LINK_FAILING || m->desk.link.state == LINK_EXPIRED) {
        trouble(m, x);
    } else if (m->outbox_broken) {
        x->style = ST_BAD;
        (void)snprintf(x->text, sizeof x->text, "%s", m->outbox_alarm);
    } else if (m->desk.loading.active) {
        loading(m, x);
    } else if (batch_fails(&m->desk.link)) {
        say_err(x, ST_WARN, "Batch cannot be asked: ", &batch->err, "");
    } else if (m->outbox_left > 0) {
        x->style = ST_WARN;
        (void)snprintf(x->text, sizeof x->text,
                       "%d deploy%s in the outbox; mvpdash tries again by itself", m->outbox_left,
                       m->outbox_left == 1 ? " waits" : "s wait");
    } else if (m->outbox_alarm[0] != '\0') {
        x->style = ST_WARN;
        (void)snprintf(x->text, sizeof x->text, "%s", m->outbox_alarm);
    } else if (desk_pending(&m->desk) > 0) {
        x->style = ST_INFO;
        (void)snprintf(x->text, sizeof x->text, "%zu action%s under way", desk_pending(&m->desk),
                       desk_pending(&m->desk) == 1 ? "" : "s");
    } else if (m->desk.paused) {
        x->style = ST_WARN;
        (void)snprintf(x->text, sizeof x->text, "Paused: Z resumes");
    }
}

void model_message(const struct model *m, struct message *x)
{
    static const enum style styles[] = {
        [NOTE_INFO] = ST_INFO, [NOTE_GOOD] = ST_GOOD, [NOTE_WARN] = ST_WARN, [NOTE_BAD] = ST_BAD};
    const struct desk *d = &m->desk;

    *x = (struct message){.style = ST_DIM};
    if (d->line.open &&
        line_message(&d->line, d, m->cols, x->text, sizeof x->text, &x->style)[0] != '\0') {
        return;
    }
    /* good news move nothing while a line is typed */
    if (d->note[0] != '\0' && (!d->line.open || d->note_kind >= NOTE_WARN)) {
        x->style = styles[d->note_kind];
        x->remedy = d->note_remedy;
        (void)snprintf(x->text, sizeof x->text, "%s", d->note);
        return;
    }
    model_lasting(m, x);
    if (d->line.open && x->style != ST_BAD && x->style != ST_WARN) {
        x->text[0] = '\0';
    }
}

/* Does the key do nothing here, because the job is not an array job, because no single job's way is
 * shown, or because the screen shows already? */
static bool is_idle(const struct model *m, const struct binding *b)
{
    const struct screen *s = screens_now(m);

    return (b->action == ACT_CHILDREN && detail_array(m->jobs, jobs_subject(m->jobs)) == NULL) ||
           (b->action == s->shows && (b->scopes & 1U << SCOPE_ALL) != 0) ||
           stack_idle(m, b->action);
}

struct hints {
    struct hint *out;
    size_t n, max;
    enum scope scope;
};

static bool has_hint(const struct hints *h, const struct binding *b)
{
    for (size_t i = 0; i < h->n; i++) {
        if (h->out[i].action == b->action) {
            return true;
        }
    }
    return false;
}

static void add_hint(const struct model *m, const struct binding *b, bool always, struct hints *h)
{
    struct hint *to = &h->out[h->n];

    if (h->n == h->max || b->hint == NULL || (desk_reads_only(&m->desk) && b->changes) ||
        is_idle(m, b) || (h->scope == SCOPE_WINDOW && b->action == ACT_NEXT_PANE) ||
        has_hint(h, b) || keymap_first(m->desk.keys, b, h->scope, to->key) == NULL) {
        return;
    }
    to->text = b->hint;
    to->action = b->action;
    to->always = always;
    h->n++;
}

/* Adds the hints of the scope `in`, those of the action `only` (ACT_NONE: of all). */
static void add_hints(const struct model *m, enum scope in, enum action only, bool always,
                      struct hints *h)
{
    for (size_t i = 0; i < key_bindings_len; i++) {
        const struct binding *b = &key_bindings[i];
        if ((b->scopes & 1U << in) != 0 && (only == ACT_NONE || b->action == only)) {
            add_hint(m, b, always, h);
        }
    }
}

size_t model_hints(const struct model *m, struct hint *out, size_t max)
{
    enum scope scope = model_scope(m);
    bool typing = scope == SCOPE_INPUT || scope == SCOPE_DIALOG || scope == SCOPE_PICK;
    struct hints h = {.out = out, .max = max, .scope = scope};

    if (scope == SCOPE_PICK) {
        return menu_hints(&m->desk.menu, m->desk.keys, out, max);
    }
    for (size_t i = 0; i < footer_rows_len && !typing; i++) {
        const struct footer_row *r = &footer_rows[i];
        if ((r->scopes & (1U << scope | 1U << SCOPE_ALL)) != 0) {
            add_hints(m, scope, r->action, r->always, &h);
            add_hints(m, SCOPE_ALL, r->action, r->always, &h);
        }
    }
    add_hints(m, scope, ACT_NONE, false, &h);
    if (!typing) {
        add_hints(m, SCOPE_ALL, ACT_NONE, false, &h);
    }
    return h.n;
}
