/* The screen of a search in the logs of many jobs: what is asked, what comes, and going to a line.
 *
 * One search at a time is under way; it goes on while another screen shows. It holds one worker, as
 * any read does, and the pool keeps the others for polls and actions. */
#include "grep.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/text.h"
#include "grep_draw.h"
#include "jobs/age.h"
#include "screen.h"

enum {
    SINCE_MS = 24 * 3600 * 1000,
    LIMIT = 1000,
    LIMIT_MOST = 10000,
    MAX_TIME_S = 300,
    JOBS_MOST = 2000,
    WHEEL = 3
};

static void forget_hits(struct grep_view *v)
{
    for (size_t i = 0; i < v->len; i++) {
        grep_hit_clear(&v->hits[i]);
    }
    v->len = 0;
    v->rows = (struct rows){.page = v->rows.page};
}

static void forget_ids(struct grep_view *v)
{
    for (size_t i = 0; i < v->jobs; i++) {
        free(v->ids[i]);
    }
    free(v->ids);
    v->ids = NULL;
    v->jobs = 0;
}

static void done(void *self)
{
    struct grep_view *v = self;

    forget_hits(v);
    forget_ids(v);
    free(v->hits);
    free(v->typed);
}

/* ---- what is asked ---- */

static bool refuse(struct desk *desk, const char *what, const char *value, const char *expected)
{
    desk_note(desk, NOTE_BAD, ":grep %s: \"%.40s\" is not accepted; expected %s.", what, value,
              expected);
    return false;
}

static bool read_number(const char *word, int64_t *out)
{
    char *end = NULL;
    long long n = strtoll(word, &end, 10);

    if (end == word || *end != '\0' || n < 1 || n > LIMIT_MOST) {
        return false;
    }
    *out = n;
    return true;
}

/* What stands before the pattern. */
struct asked {
    int64_t since_ms, limit, seconds;
    bool is_filter;
};

/* Takes the word at *at. Owned. */
static char *next_word(const char **at)
{
    size_t len = strcspn(*at, " ");
    char *word = xstrndup(*at, len);

    *at += len;
    *at += strspn(*at, " ");
    return word;
}

static bool read_value(struct asked *a, struct desk *desk, const char *name, const char *value)
{
    if (strcmp(name, "--limit") == 0) {
        return read_number(value, &a->limit) ||
               refuse(desk, name, value, "a number of lines from 1 to 10000");
    }
    if (strcmp(name, "--max-time") == 0) {
        return (duration_parse(value, &a->seconds) && a->seconds > 0) ||
               refuse(desk, name, value, "30s, 5m or 1h");
    }
    return (since_parse(value, desk->now_ms, &a->since_ms) && a->since_ms < desk->now_ms) ||
           refuse(desk, name, value, "30m, 24h, 7d or a time such as 2025-08-20T10:30:00Z");
}

/* Reads the options; *at is the pattern then. */
static bool read_options(struct asked *a, struct desk *desk, const char **at)
{
    static const char *const with_value[] = {"--since", "-s", "--limit", "--max-time"};
    bool good = true;

    while (good && **at == '-') {
        char *name = next_word(at);
        bool takes = false;
        for (size_t i = 0; i < sizeof with_value / sizeof *with_value; i++) {
            takes = takes || strcmp(name, with_value[i]) == 0;
        }
        if (strcmp(name, "--") == 0) {
            free(name);
            return true; /* the pattern may begin with a dash */
        }
        if (takes) {
            char *value = next_word(at);
            good = read_value(a, desk, name, value);
            free(value);
        } else if (strcmp(name, "--filter") == 0) {
            a->is_filter = true;
        } else {
            desk_note(desk, NOTE_BAD,
                      ":grep has no \"%.40s\": --since 24h, --limit 1000, --max-time 5m, --filter; "
                      "`:grep -- -x` searches for -x.",
                      name);
            good = false;
        }
        free(name);
    }
    return good;
}

/* Is the list no more than a part of the jobs? */
static bool list_is_part(const struct desk *desk)
{
    return store_rows(desk->store) < store_len(desk->store);
}

/* Chooses the jobs: the marked ones, else those that the filter shows, else all. */
static bool choose_jobs(struct grep_view *v, struct desk *desk)
{
    enum grep_in in = store_marked(desk->store) > 0 ? GREP_MARKED
                      : list_is_part(desk)          ? GREP_LIST
                                                    : GREP_ALL;
    size_t n = in == GREP_MARKED ? store_marked(desk->store)
               : in == GREP_LIST ? store_rows(desk->store)
                                 : 0;

    if (in == GREP_LIST && n == 0) {
        desk_note(desk, NOTE_BAD, ":grep: the list shows no job to search in; clear its filter.");
        return false;
    }
    if (n > JOBS_MOST) {
        desk_note(desk, NOTE_BAD,
                  ":grep: %zu jobs are too many to search one by one (at most %d): narrow the "
                  "filter, or clear it and the marks to search the whole log group.",
                  n, JOBS_MOST);
        return false;
    }
    forget_ids(v);
    v->in = in;
    v->ids = in == GREP_MARKED ? store_marked_ids(desk->store, &v->jobs)
             : in == GREP_LIST ? store_row_ids(desk->store, &v->jobs)
                               : NULL;
    return true;
}

static void halt(struct grep_view *v, struct effects *out)
{
    if (v->request != 0) {
        effects_add(out, EFF_HALT)->request = v->request;
        v->stopping = true;
    }
}

static void start(struct grep_view *v, struct desk *desk, struct effects *out)
{
    struct task *t = task_new(TASK_GREP, desk_request(desk));
    struct task_grep *g = &task_as(t, grep);

    halt(v, out); /* what the one before still finds is not waited for */
    forget_hits(v);
    g->pattern = v->is_filter ? xstrdup(v->typed) : log_pattern_of(v->typed);
    g->since_ms = v->since_ms;
    g->limit = v->limit;
    g->max_ms = v->max_ms;
    g->jobs.len = v->jobs;
    g->jobs.items = v->jobs == 0 ? NULL : xcalloc(v->jobs, sizeof *g->jobs.items);
    for (size_t i = 0; i < v->jobs; i++) {
        g->jobs.items[i] = xstrdup(v->ids[i]);
    }
    v->request = t->request;
    v->stopping = v->ended = false;
    v->state = (struct log_search_state){.since_ms = v->since_ms, .reached_ms = v->since_ms};
    v->err = (struct err){0};
    effects_submit(out, t);
}

static bool pattern_fits(struct desk *desk, const char *pattern, bool is_filter)
{
    char *wire = is_filter ? xstrdup(pattern) : log_pattern_of(pattern);
    size_t len = strlen(wire);

    free(wire);
    if (pattern[strspn(pattern, " \t")] == '\0') {
        desk_note(desk, NOTE_BAD, ":grep: the pattern is empty; expected `:grep PATTERN`.");
        return false;
    }
    if (len > LOG_PATTERN_MAX) {
        desk_note(desk, NOTE_BAD,
                  ":grep: the pattern has %zu bytes, CloudWatch Logs takes at most %d.", len,
                  LOG_PATTERN_MAX);
        return false;
    }
    return true;
}

bool grep_ask(struct grep_view *v, struct desk *desk, const char *argument, struct effects *out)
{
    struct asked a = {.since_ms = desk->now_ms - SINCE_MS, .limit = LIMIT, .seconds = MAX_TIME_S};
    const char *at = argument + strspn(argument, " ");

    if (!read_options(&a, desk, &at) || !pattern_fits(desk, at, a.is_filter) ||
        !choose_jobs(v, desk)) {
        return false;
    }
    free(v->typed);
    v->typed = xstrdup(at);
    v->is_filter = a.is_filter;
    v->since_ms = a.since_ms;
    v->limit = (size_t)a.limit;
    v->max_ms = a.seconds * 1000;
    start(v, desk, out);
    return true;
}

/* ---- what comes ---- */

static void take_hits(struct grep_view *v, struct msg_grep *m)
{
    for (size_t i = 0; i < m->len; i++) {
        v->hits = xgrow(v->hits, v->len, &v->cap, sizeof *v->hits);
        v->hits[v->len++] = m->items[i];
    }
    m->len = 0; /* moved */
    v->state = m->state;
}

static enum taken take(void *self, struct desk *desk, struct msg *msg, struct effects *out)
{
    struct grep_view *v = self;

    (void)out;
    if (v->request == 0 || msg->request != v->request) {
        return NOT_TAKEN;
    }
    if (msg->kind == MSG_GREP) {
        take_hits(v, &msg_as(msg, grep));
        return TAKEN_SHOWS;
    }
    v->request = 0;
    v->ended = true;
    v->result = msg_as(msg, grep_end);
    if (msg->err.code == E_CANCELLED) {
        v->result.end = LOG_SEARCH_STOPPED;
    } else if (msg->err.code != E_OK) {
        v->err = msg->err;
        if (v->err.code == E_NOT_FOUND) {
            (void)err_hint_set(&v->err, "set BATCH_LOG_GROUP to the group that the jobs write to");
        } else if (v->err.code == E_INVALID && v->is_filter) {
            (void)err_hint_set(&v->err, "correct the filter pattern; without --filter PATTERN is "
                                        "plain text");
        }
        (void)desk_failed(desk, "Search in logs", &v->err);
    }
    return TAKEN_SHOWS;
}

/* ---- to the line ---- */

static const struct grep_hit *hit_here(const struct grep_view *v, struct desk *desk)
{
    if (v->len == 0) {
        desk_note(desk, NOTE_INFO, "No line was found.");
        return NULL;
    }
    return &v->hits[v->rows.at];
}

static void open_line(const struct grep_view *v, struct desk *desk, bool log)
{
    const struct grep_hit *h = hit_here(v, desk);

    if (h == NULL) {
        return;
    }
    if (h->job_id == NULL) {
        desk_note(desk, NOTE_WARN,
                  "The job that wrote it is not known; its stream is %.200s: `mvpdash logs "
                  "--stream` prints it.",
                  h->stream == NULL ? "" : h->stream);
    } else if (!log) {
        desk_open_job(desk, h->job_id, TAB_OVERVIEW);
    } else if (h->child >= 0) {
        desk_open_children(desk, h->job_id, false);
        desk_note(desk, NOTE_INFO, "The line is in the log of child %d: l opens a child's log.",
                  h->child);
    } else {
        desk_open_line(desk, h->job_id, h->attempt, h->at_ms, h->text);
    }
}

static void copy(const struct grep_view *v, struct desk *desk, struct effects *out)
{
    const struct grep_hit *h = hit_here(v, desk);

    if (h != NULL) {
        effects_copy(out, "Line", text_cleaned(h->text, TEXT_KEEP_NEWLINE));
    }
}

/* ---- the screen ---- */

static enum scope scope(const void *self)
{
    (void)self;
    return SCOPE_GREP;
}

static bool action(void *self, struct desk *desk, enum action a, struct effects *out)
{
    struct grep_view *v = self;

    switch (a) {
    case ACT_OPEN:
        open_line(v, desk, true);
        return true;
    case ACT_DESCRIBE:
        open_line(v, desk, false);
        return true;
    case ACT_COPY:
        copy(v, desk, out);
        return true;
    case ACT_REFRESH:
        if (v->typed == NULL) {
            desk_note(desk, NOTE_INFO, "No search yet: type `:grep PATTERN`.");
        } else {
            start(v, desk, out);
        }
        return true;
    default:
        return rows_action(&v->rows, a);
    }
}

static void back(void *self, struct desk *desk, enum action a, struct effects *out)
{
    struct grep_view *v = self;

    if (a == ACT_CLOSE && v->request != 0 && !v->stopping) {
        halt(v, out);
        return;
    }
    desk_leave(desk);
}

static bool mouse(void *self, struct desk *desk, const struct app_event *ev, struct rect room)
{
    struct grep_view *v = self;
    struct rect r = grep_rooms(room).hits;
    size_t row = 0;

    if (ev->u.mouse.button == MOUSE_WHEEL_UP || ev->u.mouse.button == MOUSE_WHEEL_DOWN) {
        rows_step(&v->rows, ev->u.mouse.button == MOUSE_WHEEL_UP ? -WHEEL : WHEEL);
    } else if (rect_has(r, ev->u.mouse.row, ev->u.mouse.col) &&
               rows_shown(&v->rows, ev->u.mouse.row - r.row, &row)) {
        rows_to(&v->rows, row);
        if (ev->u.mouse.button == MOUSE_DOUBLE) {
            open_line(v, desk, true);
        }
    }
    return true;
}

static void settle(void *self, struct desk *desk, struct rect room)
{
    struct grep_view *v = self;
    int rows = grep_rooms(room).hits.rows;

    (void)desk;
    rows_settle(&v->rows, v->len, rows > 0 ? (size_t)rows : 1);
}

/* A search that found nothing has no line that a key could work on. */
static bool idle(const void *self, enum action a)
{
    const struct grep_view *v = self;

    return v->len == 0 && (a == ACT_OPEN || a == ACT_DESCRIBE);
}

const struct screen screen_grep = {
    .name = "grep",
    .title = "Search in logs",
    .shows = ACT_VIEW_GREP,
    .size = sizeof(struct grep_view),
    .done = done,
    .scope = scope,
    .idle = idle,
    .action = action,
    .back = back,
    .mouse = mouse,
    .tasks = TASK_BIT(TASK_GREP),
    .take = take,
    .settle = settle,
    .draw = grep_draw,
};
