/* What every screen works with: notes, errors, requests, actions under way. */
#include "desk.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/event.h"
#include "core/alloc.h"
#include "core/text.h"

void desk_done(struct desk *d)
{
    free(d->errand.text);
    free(d->errand.line);
    d->errand = (struct errand){0};
    palette_done(&d->palette);
    context_rows_done(&d->contexts);
    edit_done(&d->search.edit);
    copied_done(&d->copied);
    for (size_t i = 0; i < d->actions_len; i++) {
        free(d->actions[i].job_id);
    }
    free(d->actions);
    d->actions = NULL;
    d->actions_len = d->actions_cap = 0;
}

uint32_t desk_request(struct desk *d)
{
    uint32_t n = d->next_request++;

    if (d->next_request >= SCHEDULE_REQUEST) {
        d->next_request = 1;
    }
    return n;
}

struct form_target desk_target(const struct desk *d)
{
    return (struct form_target){.bus = settings_get(d->settings, SET_BUS),
                                .source = settings_get(d->settings, SET_SOURCE),
                                .detail_type = settings_get(d->settings, SET_DETAIL_TYPE),
                                .region = settings_get(d->settings, SET_REGION)};
}

/* ---- what is told ---- */

static void desk_next_note(struct desk *d);

/* Where the text ends with the remedy; 0: it does not. */
static size_t remedy_at(const char *text, const char *remedy)
{
    size_t len = strlen(text), n = strlen(remedy);

    return n > 0 && n < len && strcmp(text + len - n, remedy) == 0 ? len - n : 0;
}

static void note_text(struct desk *d, enum note_kind kind, const char *raw, const char *remedy)
{
    d->told++;
    bool waits = d->note[0] != '\0' && d->mono_ms < d->note_keep_ms;
    if (waits && d->note_next[0] != '\0' && d->note_next_kind > kind) {
        return; /* the note that waits already is worse */
    }
    char *clean = text_cleaned(raw, TEXT_ONE_LINE);
    (void)snprintf(d->note_next, sizeof d->note_next, "%.*s", text_cut(clean, NOTE_SIZE - 1),
                   clean);
    free(clean);
    d->note_next_kind = kind;
    d->note_next_remedy = remedy_at(d->note_next, remedy);
    if (!waits) {
        desk_next_note(d);
    }
}

void desk_note(struct desk *d, enum note_kind kind, const char *fmt, ...)
{
    char raw[NOTE_SIZE];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(raw, sizeof raw, fmt, args);
    va_end(args);
    note_text(d, kind, raw, "");
}

/* "S-F1" as people write it: "Shift-F1". */
static void key_for_people(const char *key, char *out, size_t size)
{
    static const struct {
        const char *ours, *theirs;
    } parts[] = {
        {"S-", "Shift-"},
        {"C-", "Ctrl-" },
        {"M-", "Alt-"  },
    };
    size_t n = 0;

    out[0] = '\0';
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (strncmp(key, parts[i].ours, 2) == 0 && key[2] != '\0') {
            n += (size_t)snprintf(out + n, size - n, "%s", parts[i].theirs);
            key += 2;
            i = (size_t)-1; /* another may follow */
        }
    }
    (void)snprintf(out + n, size - n, "%s", key);
}

void desk_key(struct desk *d, const char *key, enum action a)
{
    const struct binding *help = binding_of(ACT_HELP);
    char shows[KEY_NAME_SIZE];
    char name[KEY_NAME_SIZE + 24];

    if (a != ACT_NONE) {
        d->unknown[0] = '\0';
        return;
    }
    if (strcmp(d->unknown, key) == 0) {
        return;
    }
    (void)snprintf(d->unknown, sizeof d->unknown, "%s", key);
    if (d->link.state == LINK_FAILING || d->link.state == LINK_EXPIRED) {
        return; /* what has to be done about that matters more */
    }
    if (keymap_first(d->keys, help, SCOPE_ALL, shows) == NULL) {
        (void)snprintf(shows, sizeof shows, ":%s", help->name);
    }
    key_for_people(key, name, sizeof name);
    desk_note(d, NOTE_INFO, "%s does nothing here: %s shows the keys", name, shows);
}

void desk_note_err(struct desk *d, enum note_kind kind, const struct err *e, const char *what, ...)
{
    char raw[NOTE_SIZE], text[ERR_TEXT_SIZE];
    va_list args;

    va_start(args, what);
    (void)vsnprintf(raw, sizeof raw, what, args);
    va_end(args);
    size_t n = strlen(raw), most = NOTE_SIZE - ERR_TEXT_SIZE;
    n = n < most ? n : most;
    (void)snprintf(raw + n, sizeof raw - n, "%s", err_full(e, text));
    note_text(d, kind, raw, err_hint(e));
}

void desk_told(struct desk *d, enum note_kind kind, const char *text)
{
    (void)snprintf(d->last.text, sizeof d->last.text, "%s", text);
    d->last.kind = kind;
    d->last.at_ms = d->now_ms;
}

/* Shows the note that waits, if there is one. */
static void desk_next_note(struct desk *d)
{
    d->note_keep_ms = 0;
    if (d->note_next[0] == '\0') {
        return;
    }
    memcpy(d->note, d->note_next, sizeof d->note);
    d->note_kind = d->note_next_kind;
    d->note_remedy = d->note_next_remedy;
    desk_told(d, d->note_kind, d->note);
    d->note_until_ms =
        d->note_kind == NOTE_BAD || d->note_kind == NOTE_WARN ? 0 : d->mono_ms + NOTE_MS;
    d->note_next[0] = '\0';
}

void desk_keep_note(struct desk *d)
{
    d->note_keep_ms = d->mono_ms + NOTE_KEEP_MS;
}

void desk_error(struct desk *d, const char *what, const struct err *e)
{
    /* lanes that fail take turns, so the error is looked for among several */
    for (size_t i = 0; i < d->errors_len && i < 8; i++) {
        struct error_entry *old = &d->errors[i];
        if (strcmp(old->what, what) == 0 && old->err.code == e->code &&
            strcmp(old->err.msg, e->msg) == 0) {
            old->times++;
            old->last_ms = d->now_ms;
            memcpy(old->err.request_id, e->request_id, sizeof old->err.request_id);
            return;
        }
    }
    if (d->errors_len == ERRORS_MAX) {
        d->errors_len--;
    }
    memmove(d->errors + 1, d->errors, d->errors_len * sizeof *d->errors);
    d->errors_len++;
    d->errors[0] =
        (struct error_entry){.at_ms = d->now_ms, .last_ms = d->now_ms, .times = 1, .err = *e};
    (void)snprintf(d->errors[0].what, sizeof d->errors[0].what, "%s", what);
    d->errors_unseen++;
    d->told++;
}

bool desk_failed(struct desk *d, const char *what, const struct err *e)
{
    bool failed = e->code != E_OK && e->code != E_CANCELLED;

    if (failed) {
        desk_error(d, what, e);
    }
    return failed;
}

enum desk_account desk_account(const struct desk *d)
{
    const char *wanted = settings_get(d->settings, SET_ACCOUNT);

    if (wanted == NULL) {
        return ACCOUNT_ANY;
    }
    return d->link.account[0] == '\0'             ? ACCOUNT_NOT_KNOWN
           : strcmp(d->link.account, wanted) == 0 ? ACCOUNT_RIGHT
                                                  : ACCOUNT_OTHER;
}

bool desk_reads_only(const struct desk *d)
{
    return d->read_only || desk_account(d) == ACCOUNT_OTHER;
}

bool desk_may_change(struct desk *d)
{
    if (!desk_reads_only(d)) {
        return true;
    }
    if (desk_account(d) == ACCOUNT_OTHER) {
        desk_note(d, NOTE_BAD,
                  "Nothing is changed: the credentials' account %s is not %s, that of context %s.",
                  d->link.account, settings_get(d->settings, SET_ACCOUNT),
                  settings_context(d->settings));
        return false;
    }
    if (d->read_only_named) {
        desk_note(d, NOTE_WARN,
                  "Context %s is read-only: nothing is changed in AWS. `:rw %s` allows changes.",
                  settings_context(d->settings), settings_context(d->settings));
        return false;
    }
    desk_note(d, NOTE_WARN, "Read-only: nothing is changed in AWS. %s",
              d->read_only_fixed ? "Start mvpdash without --read-only." : ":rw allows changes.");
    return false;
}

void desk_paste(struct desk *d, struct edit *e, const char *text, size_t len)
{
    size_t left_out = edit_paste(e, text, len);

    if (left_out > 0) {
        desk_note(d, NOTE_WARN,
                  "%zu character%s of the paste %s left out: not UTF-8, or the field is full.",
                  left_out, left_out == 1 ? "" : "s", left_out == 1 ? "was" : "were");
    }
}

bool desk_key_meant(struct desk *d)
{
    if (d->amid) {
        desk_note(d, NOTE_WARN,
                  "That key came together with other input, as in a paste: press it again.");
    }
    return !d->amid;
}

void desk_note_key(struct desk *d)
{
    if (d->note_until_ms == 0) {
        d->note[0] = '\0';
    }
    desk_next_note(d);
}

void desk_note_tick(struct desk *d)
{
    if (d->note_keep_ms > 0 && d->mono_ms >= d->note_keep_ms) {
        desk_next_note(d);
    }
    if (d->note[0] != '\0' && d->note_until_ms > 0 && d->mono_ms >= d->note_until_ms) {
        d->note[0] = '\0';
    }
}

int64_t desk_note_ms(const struct desk *d)
{
    int64_t until = d->note[0] == '\0' ? 0 : d->note_until_ms, keep = d->note_keep_ms;

    return keep > 0 && (until <= 0 || keep < until) ? keep : until;
}

const char *desk_more(const struct desk *d, char buf[DESK_MORE_SIZE])
{
    return desk_more_by(d, ACT_ERRORS, buf);
}

const char *desk_more_by(const struct desk *d, enum action a, char buf[DESK_MORE_SIZE])
{
    const struct binding *shows = binding_of(a);
    char key[KEY_NAME_SIZE];
    int scope = 0;
    bool typing = (d->dialog.open && !d->dialog.over) || d->line.open || d->menu.open;

    while ((shows->scopes & 1U << scope) == 0) {
        scope++; /* the first scope where the row works */
    }
    if (keymap_first(d->keys, shows, (enum scope)scope, key) == NULL) {
        (void)snprintf(key, sizeof key, ":%s", shows->name);
    }
    (void)snprintf(buf, DESK_MORE_SIZE, "%s %s shows all", typing ? " Esc, then" : "", key);
    return buf;
}

/* ---- actions under way ---- */

void desk_track(struct desk *d, uint32_t request, enum task_kind kind, const char *job_id)
{
    d->actions = xgrow(d->actions, d->actions_len, &d->actions_cap, sizeof *d->actions);
    d->actions[d->actions_len].request = request;
    d->actions[d->actions_len].kind = kind;
    d->actions[d->actions_len++].job_id = xstrdup(job_id);
}

bool desk_untrack(struct desk *d, uint32_t request, char **job_id)
{
    for (size_t i = 0; i < d->actions_len; i++) {
        if (d->actions[i].request == request) {
            *job_id = d->actions[i].job_id;
            d->actions[i] = d->actions[--d->actions_len];
            return true;
        }
    }
    return false;
}

size_t desk_pending(const struct desk *d)
{
    size_t n = 0;

    for (size_t i = 0; i < d->actions_len; i++) {
        n += d->actions[i].kind != TASK_CANCEL_WAIT && d->actions[i].kind != TASK_RULE_CHECK;
    }
    return n;
}

bool desk_covered(const struct desk *d)
{
    return d->dialog.open || d->line.open || d->menu.open || d->window.open;
}

/* ---- errands ---- */

static struct errand *errand(struct desk *d, enum errand_kind kind)
{
    free(d->errand.text);
    free(d->errand.line);
    d->errand = (struct errand){.kind = kind};
    return &d->errand;
}

void desk_leave(struct desk *d)
{
    (void)errand(d, ERRAND_LEAVE);
}

void desk_back(struct desk *d)
{
    (void)errand(d, ERRAND_BACK);
}

void desk_open_job(struct desk *d, const char *job_id, enum detail_tab tab)
{
    struct errand *e = errand(d, ERRAND_JOB);

    e->text = xstrdup(job_id);
    e->tab = tab;
}

void desk_open_line(struct desk *d, const char *job_id, int attempt, int64_t at_ms,
                    const char *line)
{
    struct errand *e = errand(d, ERRAND_LINE);

    e->text = xstrdup(job_id);
    e->line = xstrdup(line);
    e->at_ms = at_ms;
    e->attempt = attempt;
}

void desk_search(struct desk *d, bool keeps)
{
    errand(d, ERRAND_SEARCH)->flag = keeps;
}

void desk_retry(struct desk *d, const char *job_id)
{
    errand(d, ERRAND_RETRY)->text = xstrdup(job_id);
}

void desk_open_children(struct desk *d, const char *job_id, bool for_log)
{
    struct errand *e = errand(d, ERRAND_CHILDREN);

    e->text = xstrdup(job_id);
    e->flag = for_log;
}

void desk_show_picked(struct desk *d, const char *of)
{
    errand(d, ERRAND_PICKED)->text = xstrdup(of);
}

void desk_command(struct desk *d, const char *line)
{
    errand(d, ERRAND_COMMAND)->text = xstrdup(line);
}

void desk_do(struct desk *d, enum action a)
{
    errand(d, ERRAND_ACTION)->action = a;
}

bool desk_take_errand(struct desk *d, struct errand *out)
{
    *out = d->errand;
    d->errand = (struct errand){0};
    return out->kind != ERRAND_NONE;
}
