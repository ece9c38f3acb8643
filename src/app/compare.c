/* The screen of two jobs beside each other: which two, asking for them and their logs, keys. */
#include "compare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/secret.h"
#include "draw.h"
#include "jobs/age.h"
#include "screen.h"
#include "text_keys.h"

/* ---- which two ---- */

static void forget_log(struct compare_job *j)
{
    for (size_t i = 0; i < j->len; i++) {
        free(j->lines[i].text);
    }
    free(j->lines);
    j->lines = NULL;
    j->len = j->cap = j->bytes = 0;
    j->log_read = j->log_cut = false;
    j->log_note[0] = '\0';
    j->log_err = (struct err){0};
}

static void forget(struct compare_view *v)
{
    for (int i = 0; i < 2; i++) {
        forget_log(&v->job[i]);
        job_detail_free(v->job[i].data);
        free(v->job[i].job_id);
        v->job[i] = (struct compare_job){.job_id = NULL};
    }
    compare_diff_clear(&v->diff);
    v->diffed = false;
    v->at_ms = TIME_NONE;
    textview_empty(&v->text);
}

/* Finds the two; the ids are borrowed from the store, or are `subject`. False, with a note. */
static bool find_two(struct desk *desk, const char *subject, char **marked, size_t len,
                     const char *two[2])
{
    const struct entry *e = subject == NULL ? NULL : store_find(desk->store, subject);

    if (len == 2) {
        two[0] = marked[0];
        two[1] = marked[1];
        return true;
    }
    if (len > 2) {
        desk_note(desk, NOTE_INFO, "%zu jobs are marked: = shows two side by side.", len);
        return false;
    }
    if (len == 1 && subject != NULL && strcmp(marked[0], subject) != 0) {
        two[0] = marked[0];
        two[1] = subject;
        return true;
    }
    two[1] = subject;
    two[0] = e == NULL ? NULL : job_text(e->job, JOB_RETRY_OF);
    if (two[0] == NULL && subject != NULL) {
        struct store_retry retry;
        two[0] = subject;
        two[1] = store_retry_of(desk->store, subject, &retry) ? retry.id : NULL;
    }
    if (two[0] == NULL || two[1] == NULL) {
        desk_note(desk, NOTE_INFO,
                  "Mark two jobs with Space, or go to a job that was retried; then press =.");
        return false;
    }
    return true;
}

/* The older job comes first; a job of which nothing is known here is taken for older. */
static bool is_younger(const struct desk *desk, const char *a, const char *b)
{
    const struct entry *x = store_find(desk->store, a);
    const struct entry *y = store_find(desk->store, b);

    return x != NULL &&
           (y == NULL || job_time(x->job, &x->state, NULL) > job_time(y->job, &y->state, NULL));
}

bool compare_choose(struct compare_view *v, struct desk *desk, const char *subject)
{
    size_t len = 0;
    char **marked = store_marked_ids(desk->store, &len);
    const char *two[2] = {NULL, NULL};
    bool found = find_two(desk, subject, marked, len, two);

    if (found) {
        int first = is_younger(desk, two[0], two[1]) ? 1 : 0;
        char *id[2] = {xstrdup(two[first]), xstrdup(two[1 - first])};
        forget(v);
        v->job[0].job_id = id[0];
        v->job[1].job_id = id[1];
        textview_home(&v->text);
        v->stale = true;
    }
    for (size_t i = 0; i < len; i++) {
        free(marked[i]);
    }
    free(marked);
    return found;
}

/* ---- asking ---- */

static void ask_log(struct compare_job *j, struct desk *desk, const struct log_cursor *from,
                    struct effects *out)
{
    struct task *t = task_new(TASK_LOG, desk_request(desk));

    t->job_id = xstrdup(j->job_id);
    task_as(t, log) = xcalloc(1, sizeof(struct log_cursor));
    *task_as(t, log) = from != NULL ? *from : (struct log_cursor){.since_ms = TIME_NONE};
    j->log_request = t->request;
    effects_submit(out, t);
}

static void load(struct compare_view *v, struct desk *desk, struct effects *out)
{
    for (int i = 0; i < 2; i++) {
        struct compare_job *j = &v->job[i];
        if (j->detail_request != 0 || j->log_request != 0) {
            continue; /* that is under way */
        }
        struct task *t = task_new(TASK_DETAIL, desk_request(desk));
        t->job_id = xstrdup(j->job_id);
        j->detail_request = t->request;
        effects_submit(out, t);
        forget_log(j);
        v->diffed = false;
        ask_log(j, desk, NULL, out);
    }
    v->stale = true;
}

static void enter(void *self, struct desk *desk, struct effects *out)
{
    struct compare_view *v = self;

    if (v->job[0].job_id != NULL && v->at_ms == TIME_NONE) {
        load(v, desk, out);
    }
}

static void leave(void *self, struct desk *desk, struct effects *out)
{
    struct compare_view *v = self;

    (void)desk;
    for (int i = 0; i < 2; i++) {
        uint32_t *requests[] = {&v->job[i].detail_request, &v->job[i].log_request};
        for (size_t r = 0; r < 2; r++) {
            if (*requests[r] != 0) {
                effects_add(out, EFF_DROP)->request = *requests[r];
                *requests[r] = 0;
            }
        }
    }
}

/* ---- what comes ---- */

static void add_line(struct compare_job *j, const char *text, size_t len)
{
    struct strbuf b = STRBUF_INIT;
    char *line = xstrndup(text, len);

    secret_mask_text(&b, line);
    free(line);
    j->lines = xgrow(j->lines, j->len, &j->cap, sizeof *j->lines);
    j->bytes += b.len;
    uint64_t key = compare_line_key(strbuf_str(&b), b.len);
    j->lines[j->len++] = (struct compare_line){strbuf_take(&b), key};
}

/* Adds a message, which may have several lines. */
static void add_message(struct compare_job *j, const char *text)
{
    while (*text != '\0' || j->len == 0) {
        size_t len = strcspn(text, "\n");
        if (j->len == COMPARE_LINES_MAX || j->bytes >= COMPARE_BYTES_MAX) {
            j->log_cut = true;
            return;
        }
        add_line(j, text, len > 0 && text[len - 1] == '\r' ? len - 1 : len);
        if (text[len] == '\0') {
            return;
        }
        text += len + 1;
    }
}

static void take_page(struct compare_job *j, struct desk *desk, const struct msg *msg,
                      struct effects *out)
{
    const struct log_page *page = &msg_as(msg, log).page;
    const struct log_cursor *cursor = msg_as(msg, log).cursor;

    for (size_t i = 0; i < page->len && !j->log_cut; i++) {
        add_message(j, page->items[i].text == NULL ? "" : page->items[i].text);
    }
    (void)snprintf(j->log_note, sizeof j->log_note, "%s", page->note);
    if (page->at_end || j->log_cut || cursor == NULL || cursor->stream[0] == '\0') {
        j->log_read = true;
    } else {
        ask_log(j, desk, cursor, out);
    }
}

static void take_log(struct compare_job *j, struct desk *desk, const struct msg *msg,
                     struct effects *out)
{
    j->log_request = 0;
    if (msg->err.code != E_OK) {
        j->log_err = msg->err;
        j->log_read = true;
    } else {
        take_page(j, desk, msg, out);
    }
}

static void take_detail(struct compare_job *j, struct msg *msg)
{
    j->detail_request = 0;
    j->err = msg->err;
    if (msg->err.code == E_OK && msg_as(msg, detail) != NULL) {
        job_detail_free(j->data);
        j->data = msg_as(msg, detail);
        msg_as(msg, detail) = NULL; /* moved */
    }
}

static uint64_t *keys_of(const struct compare_job *j)
{
    uint64_t *keys = xcalloc(j->len + 1, sizeof *keys);

    for (size_t i = 0; i < j->len; i++) {
        keys[i] = j->lines[i].key;
    }
    return keys;
}

/* Compares the logs once both were read. */
static void settle_logs(struct compare_view *v, const struct desk *desk)
{
    if (!v->job[0].log_read || !v->job[1].log_read || v->diffed) {
        return;
    }
    uint64_t *first = keys_of(&v->job[0]);
    uint64_t *second = keys_of(&v->job[1]);
    compare_diff_clear(&v->diff);
    compare_logs(first, v->job[0].len, second, v->job[1].len, &v->diff);
    free(first);
    free(second);
    v->diffed = true;
    v->at_ms = desk->now_ms;
}

static enum taken take(void *self, struct desk *desk, struct msg *msg, struct effects *out)
{
    struct compare_view *v = self;

    for (int i = 0; i < 2; i++) {
        struct compare_job *j = &v->job[i];
        bool log = msg->kind == MSG_LOG;
        if (msg->request == 0 || msg->request != (log ? j->log_request : j->detail_request)) {
            continue;
        }
        (void)desk_failed(desk, log ? "Log" : "Job detail", &msg->err);
        if (log) {
            take_log(j, desk, msg, out);
        } else {
            take_detail(j, msg);
        }
        settle_logs(v, desk);
        v->stale = true;
        return TAKEN_SHOWS;
    }
    return NOT_TAKEN;
}

/* ---- the screen ---- */

static void init(void *self)
{
    struct compare_view *v = self;

    textview_init(&v->text);
    v->text.wrap = v->text.words = true;
    v->at_ms = TIME_NONE;
}

static void done(void *self)
{
    struct compare_view *v = self;

    forget(v);
    textview_done(&v->text);
}

static enum scope scope(const void *self)
{
    (void)self;
    return SCOPE_COMPARE;
}

static bool action(void *self, struct desk *desk, enum action a, struct effects *out)
{
    struct compare_view *v = self;

    if (a == ACT_REFRESH) {
        load(v, desk, out);
        return true;
    }
    return text_action(desk, &(struct text_on){&v->text, NULL, "text", screen_compare.name}, a,
                       out);
}

static void back(void *self, struct desk *desk, enum action a, struct effects *out)
{
    struct compare_view *v = self;

    (void)out;
    if (a != ACT_CLOSE || !text_close(&v->text)) {
        desk_leave(desk);
    }
}

static void settle(void *self, struct desk *desk, struct rect body)
{
    struct compare_view *v = self;
    struct rect r = layout_text(body);

    if (v->job[0].job_id == NULL) {
        return;
    }
    if (v->stale || v->cols != r.cols) {
        v->cols = r.cols;
        v->stale = false;
        compare_fill(v, desk);
    }
    textview_resize(&v->text, r.rows, r.cols);
}

static const struct textview *text(const void *self)
{
    const struct compare_view *v = self;

    return &v->text;
}

static void draw(struct surface *s, const void *self, const struct desk *desk, struct rect body)
{
    const struct compare_view *v = self;
    char right[80];
    char age[AGE_SIZE];
    bool reading = false;

    if (body.rows <= 0) {
        return;
    }
    for (int i = 0; i < 2; i++) {
        reading |= v->job[i].detail_request != 0 || v->job[i].log_request != 0;
    }
    (void)snprintf(right, sizeof right, "%s%s%s", reading ? "reading..." : "read ",
                   reading ? "" : age_text(v->at_ms, desk->now_ms, age), reading ? " " : " ago ");
    draw_title(s, body, &(struct pane_title){"Two jobs side by side", right, true});
    struct text_draw d = {.view = &v->text, .focus = true};
    draw_text(s, layout_text(body), &d);
    draw_percent(s, layout_text(body), &v->text);
}

const struct screen screen_compare = {
    .name = "compare",
    .title = "Two jobs side by side",
    .size = sizeof(struct compare_view),
    .init = init,
    .done = done,
    .scope = scope,
    .enter = enter,
    .leave = leave,
    .action = action,
    .back = back,
    .tasks = TASK_BIT(TASK_DETAIL) | TASK_BIT(TASK_LOG),
    .take = take,
    .settle = settle,
    .text = text,
    .draw = draw,
};
