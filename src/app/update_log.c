/* The log of a job, and what all scrolling texts share. The schedule reads the log; this says from
 * where, and takes what comes. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/secret.h"
#include "core/text.h"
#include "jobs/age.h"
#include "model_priv.h"

int log_stamp_cells(const struct logview *l)
{
    static const int cells[STAMPS_COUNT] = {0, 13, 13, 6};

    return cells[l->stamps];
}

const char *logview_stamp(const struct logview *l, int64_t at_ms, int64_t now_ms, char *buf,
                          size_t size)
{
    char iso[TIME_ISO_SIZE], local[32], age[AGE_SIZE];

    buf[0] = '\0';
    if (l->stamps == STAMPS_OFF) {
        return buf;
    }
    if (at_ms == TIME_NONE) {
        (void)snprintf(buf, size, "%*s", log_stamp_cells(l), "");
    } else if (l->stamps == STAMPS_UTC) {
        (void)snprintf(buf, size, "%.12s ", time_iso(at_ms, iso) + 11);
    } else if (l->stamps == STAMPS_LOCAL) {
        (void)format_local(at_ms, local, sizeof local);
        (void)snprintf(buf, size, "%.8s.%03d ", local + (strlen(local) > 11 ? 11 : 0),
                       (int)(at_ms % 1000 < 0 ? 0 : at_ms % 1000));
    } else {
        (void)snprintf(buf, size, "%5s ", age_text(at_ms, now_ms, age));
    }
    return buf;
}

void log_stop(struct model *m)
{
    m->log_request = 0;
    schedule_watch_log(m->schedule, NULL, NULL);
}

/* Goes on where it was while nothing else is wanted; begins again otherwise. */
void log_start(struct model *m)
{
    struct logview *l = &m->detail.log;
    struct log_cursor from = {.since_ms = l->since_ms, .attempt = l->attempt};

    if (m->detail.job_id == NULL || l->ended) {
        return;
    }
    if (l->cursor != NULL && l->loaded) {
        from = *l->cursor;
    }
    schedule_watch_log(m->schedule, m->detail.job_id, &from);
    m->log_request = UINT32_MAX; /* the number comes with the task */
}

void log_note_task(struct model *m, const struct task *t)
{
    if (m->log_request != 0 && t->job_id != NULL && m->detail.job_id != NULL &&
        strcmp(t->job_id, m->detail.job_id) == 0) {
        m->log_request = t->request;
    }
}

/* Other lines are wanted: what is there goes, late replies too. */
void logview_empty(struct logview *l)
{
    textview_empty(&l->text);
    free(l->cursor);
    l->cursor = NULL;
    l->loaded = false;
    l->ended = false;
    l->note[0] = '\0';
    l->err = (struct err){0};
    l->lines = 0;
}

static void restart(struct model *m)
{
    logview_empty(&m->detail.log);
    log_start(m);
}

static bool has_word(const char *text, size_t len, const char *word)
{
    size_t n = strlen(word);

    for (size_t i = 0; i + n <= len && i < 160; i++) {
        if (strncasecmp(text + i, word, n) == 0 &&
            (i == 0 || !isalnum((unsigned char)text[i - 1])) &&
            (i + n == len || !isalpha((unsigned char)text[i + n]))) {
            return true;
        }
    }
    return false;
}

static enum style level(const char *text, size_t len)
{
    if (has_word(text, len, "error") || has_word(text, len, "fatal") ||
        has_word(text, len, "panic")) {
        return ST_BAD;
    }
    if (has_word(text, len, "warn") || has_word(text, len, "warning")) {
        return ST_WARN;
    }
    return ST_TEXT;
}

void logview_add(struct logview *l, const struct log_page *p)
{
    struct strbuf line = STRBUF_INIT;

    for (size_t i = 0; i < p->len; i++) {
        strbuf_reset(&line);
        secret_mask_text(&line, p->items[i].text == NULL ? "" : p->items[i].text);
        textview_add_at(&l->text, p->items[i].at_ms, strbuf_str(&line), line.len,
                        level(strbuf_str(&line), line.len));
    }
    strbuf_clear(&line);
    l->lines += p->len;
    (void)snprintf(l->note, sizeof l->note, "%s", p->note);
}

void log_take(struct model *m, struct msg *msg)
{
    struct logview *l = &m->detail.log;

    if (m->log_request == 0 || msg->request != m->log_request) {
        return; /* of another job, attempt or time span */
    }
    l->loaded = true;
    if (msg->err.code != E_OK) {
        if (msg->err.code != E_CANCELLED) {
            l->err = msg->err;
        }
        return;
    }
    l->err = (struct err){0};
    logview_add(l, &msg->u.log.page);
    if (msg->u.log.cursor != NULL) {
        free(l->cursor);
        l->cursor = msg->u.log.cursor;
        msg->u.log.cursor = NULL;
        l->attempts = l->cursor->attempts;
        l->ended = l->cursor->final && msg->u.log.page.at_end;
    }
}

/* ---- actions ---- */

static void set_attempt(struct model *m, int by)
{
    struct logview *l = &m->detail.log;
    int now = l->attempt != 0 ? l->attempt : l->attempts;
    int next = now + by;

    if (l->attempts <= 1 || next < 1 || next > l->attempts) {
        model_note(m, NOTE_INFO, "%s",
                   l->attempts <= 1 ? "There is only one attempt."
                   : next < 1       ? "This is the first attempt."
                                    : "This is the last attempt.");
        return;
    }
    l->attempt = next;
    restart(m);
    model_note(m, NOTE_INFO, "Attempt %d of %d.", next, l->attempts);
}

static void set_since(struct model *m, const struct log_reading *r, int64_t since_ms)
{
    if (r->log->since_ms != since_ms) {
        r->log->since_ms = since_ms;
        r->restart(m);
    }
}

static bool set_span(struct model *m, const struct log_reading *r, int minutes)
{
    r->log->text.follow = true;
    r->log->since_ms = m->now_ms - INT64_C(60000) * minutes;
    r->restart(m);
    return true;
}

static bool span_action(struct model *m, const struct log_reading *r, enum action a)
{
    switch (a) {
    case ACT_LOG_TAIL:
        set_since(m, r, TIME_NONE);
        textview_set_follow(&r->log->text, true);
        return true;
    case ACT_LOG_HEAD:
        textview_set_follow(&r->log->text, false);
        set_since(m, r, r->head_ms);
        textview_home(&r->log->text);
        return true;
    case ACT_LOG_1M:
        return set_span(m, r, 1);
    case ACT_LOG_5M:
        return set_span(m, r, 5);
    case ACT_LOG_15M:
        return set_span(m, r, 15);
    case ACT_LOG_30M:
        return set_span(m, r, 30);
    case ACT_LOG_1H:
        return set_span(m, r, 60);
    default:
        return false;
    }
}

bool logview_action(struct model *m, const struct log_reading *r, enum action a)
{
    struct logview *l = r->log;

    switch (a) {
    case ACT_FOLLOW:
        textview_set_follow(&l->text, !l->text.follow);
        return true;
    case ACT_BOTTOM: /* as in less: the end, and what comes after it */
        textview_end(&l->text);
        textview_set_follow(&l->text, !l->text.has_cursor);
        return true;
    case ACT_STAMPS:
        l->stamps = (enum log_stamps)((l->stamps + 1) % STAMPS_COUNT);
        model_relayout(m);
        return true;
    default:
        return span_action(m, r, a);
    }
}

bool log_action(struct model *m, enum action a, struct effects *out)
{
    const struct log_reading all = {&m->detail.log, TIME_NONE, restart};

    (void)out;
    switch (a) {
    case ACT_ATTEMPT_PREV:
        set_attempt(m, -1);
        return true;
    case ACT_ATTEMPT_NEXT:
        set_attempt(m, 1);
        return true;
    default:
        return logview_action(m, &all, a);
    }
}

/* ---- all texts ---- */

static void move(struct textview *v, int rows)
{
    if (v->has_cursor) {
        textview_move_cursor(v, rows);
    } else {
        textview_scroll(v, rows);
    }
}

static bool text_move(struct textview *v, enum action a)
{
    int page = v->rows > 1 ? v->rows - 1 : 1, half = v->rows > 1 ? v->rows / 2 : 1;

    switch (a) {
    case ACT_UP:
        move(v, -1);
        return true;
    case ACT_DOWN:
        move(v, 1);
        return true;
    case ACT_PAGE_UP:
        move(v, -page);
        return true;
    case ACT_PAGE_DOWN:
        move(v, page);
        return true;
    case ACT_HALF_UP:
        move(v, -half);
        return true;
    case ACT_HALF_DOWN:
        move(v, half);
        return true;
    case ACT_TOP:
        textview_home(v);
        return true;
    case ACT_BOTTOM:
        textview_end(v);
        return true;
    case ACT_LEFT:
        textview_sideways(v, -8);
        return true;
    case ACT_RIGHT:
        textview_sideways(v, 8);
        return true;
    default:
        return false;
    }
}

void text_say_match(struct model *m, const struct textview *v)
{
    if (v->matched) {
        model_note(m, NOTE_INFO, "Match %zu of %zu: %.80s", v->match_at, v->match_count,
                   v->pattern);
    }
}

static void next_match(struct model *m, struct textview *v, int direction)
{
    if (v->pattern == NULL) {
        model_note(m, NOTE_INFO, "Nothing is searched for: / does.");
    } else if (!textview_next(v, direction)) {
        model_note(m, NOTE_WARN, "No line matches \"%.80s\".", v->pattern);
    } else {
        text_say_match(m, v);
    }
}

static void select_lines(struct textview *v)
{
    if (v->has_cursor && v->selecting) {
        v->has_cursor = v->selecting = false;
        return;
    }
    textview_move_cursor(v, 0);
    v->selecting = v->has_cursor;
    v->anchor = v->cursor;
}

/* What is saved of a log has the times that it shows with. */
struct stamping {
    const struct logview *log;
    int64_t now_ms;
};

static const char *all_stamp(const void *arg, const struct text_line *line, char *buf, size_t size)
{
    const struct stamping *x = arg;

    return logview_stamp(x->log, line->at_ms, x->now_ms, buf, size);
}

static char *all_text(const struct model *m, const struct textview *v)
{
    struct stamping x = {.now_ms = m->now_ms};

    x.log = v == &m->detail.log.text   ? &m->detail.log
            : v == &m->events.log.text ? &m->events.log
                                       : NULL;
    return textview_all(v, x.log == NULL ? NULL : all_stamp, &x);
}

static void mark_line(struct textview *v)
{
    textview_toggle_mark(v, v->has_cursor ? v->cursor : v->matched ? v->match_line : v->top);
}

static void save_all(struct model *m, struct textview *v, struct effects *out)
{
    struct effect *f = effects_add(out, EFF_SAVE);
    bool of_job = v != &m->popup && m->view == VIEW_JOBS && m->detail.job_id != NULL;
    const char *what = of_job ? m->detail.job_id : "text";
    char safe[80];
    size_t n = 0;

    for (const char *p = what; *p != '\0' && n + 1 < sizeof safe; p++) {
        safe[n++] = isalnum((unsigned char)*p) || *p == '_' || *p == '-' ? *p : '_';
    }
    safe[n] = '\0';
    f->text = all_text(m, v);
    f->path = xasprintf("mvpdash-%s-%s.txt", safe,
                        v == &m->popup ? "help"
                        : of_job       ? detail_tab_title(m->detail.tab)
                                       : view_name(m->view));
    for (char *p = f->path; *p != '\0'; p++) {
        *p = (char)tolower((unsigned char)*p);
    }
}

bool text_action(struct model *m, struct textview *v, enum action a, struct effects *out)
{
    if (text_move(v, a)) {
        return true;
    }
    if (textview_len(v) == 0 && (a == ACT_COPY || a == ACT_SAVE_ALL || a == ACT_PAGER)) {
        model_note(m, NOTE_INFO, "There is no text here.");
        return true;
    }
    switch (a) {
    case ACT_SEARCH:
        modes_open_search(m, false);
        return true;
    case ACT_KEEP:
        if (v->keep) {
            textview_set_keep(v, false);
        } else {
            modes_open_search(m, true);
        }
        return true;
    case ACT_MATCH_NEXT:
        next_match(m, v, 1);
        return true;
    case ACT_MATCH_PREV:
        next_match(m, v, -1);
        return true;
    case ACT_CASE:
        textview_set_case(v, !v->ignore_case);
        model_note(m, NOTE_INFO,
                   v->ignore_case ? "Letter case does not matter." : "Letter case matters.");
        return true;
    case ACT_WRAP:
        textview_set_wrap(v, !v->wrap);
        return true;
    case ACT_SELECT:
        select_lines(v);
        return true;
    case ACT_LINE_MARK:
        mark_line(v);
        return true;
    case ACT_COPY:
        effects_add(out, EFF_COPY)->text = textview_copy(v);
        v->has_cursor = v->selecting = false;
        return true;
    case ACT_SAVE_ALL:
        save_all(m, v, out);
        return true;
    case ACT_PAGER:
        effects_add(out, EFF_PAGER)->text = all_text(m, v);
        return true;
    default:
        return false;
    }
}
