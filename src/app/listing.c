/* The screens of the bus and of the queue's Batch jobs. Both ask when they are opened, and again
 * when `r` is pressed. */
#include "listing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/strbuf.h"
#include "core/text.h"
#include "jobs/age.h"
#include "listing_draw.h"
#include "ops/bus.h"
#include "ops/queue_jobs.h"
#include "screen.h"
#include "text_keys.h"

enum { LABEL = 18 };

static void init(void *self)
{
    struct listing *r = self;

    r->at_ms = TIME_NONE;
    textview_init(&r->text);
    r->text.words = true;
}

static void init_bus(void *self)
{
    struct listing *r = self;

    init(self);
    r->text.wrap = true;
}

static void done(void *self)
{
    struct listing *r = self;

    textview_done(&r->text);
}

static void load(struct listing *r, struct desk *desk, enum task_kind kind, struct effects *out)
{
    if (r->request != 0) {
        return;
    }
    struct task *t = task_new(kind, desk_request(desk));
    r->request = t->request;
    effects_submit(out, t);
}

/* Is this the answer that is waited for, and is it a good one? */
static bool answered(struct listing *r, struct desk *desk, const struct msg *msg, const char *what)
{
    if (r->request == 0 || msg->request != r->request) {
        return false;
    }
    r->request = 0;
    if (msg->err.code != E_OK) {
        r->err = msg->err.code == E_CANCELLED ? r->err : msg->err;
        (void)desk_failed(desk, what, &msg->err);
        return false;
    }
    r->err = (struct err){0};
    r->at_ms = msg->at_ms;
    return true;
}

/* ---- the bus ---- */

static void add_line(void *arg, int indent, const char *label, const char *text)
{
    struct textview *v = arg;
    char name[40];

    if (indent == 0) {
        textview_add(v, text, ST_STRONG);
        return;
    }
    bool bad = strncmp(text, "none: ", 6) == 0 || strncmp(text, "not known", 9) == 0;
    (void)snprintf(name, sizeof name, "%*s%s", indent, "", label);
    textview_add_label(v, name, LABEL, text, bad ? ST_WARN : ST_TEXT);
}

static enum taken take_bus(void *self, struct desk *desk, struct msg *msg, struct effects *out)
{
    struct listing *r = self;
    struct textview fresh;

    (void)out;
    if (!answered(r, desk, msg, "Bus") || msg_as(msg, bus) == NULL) {
        return TAKEN_SHOWS;
    }
    textview_init(&fresh);
    bus_lines(msg_as(msg, bus), add_line, &fresh);
    r->len = msg_as(msg, bus)->len;
    textview_replace(&r->text, &fresh);
    textview_done(&fresh);
    return TAKEN_SHOWS;
}

/* ---- the queue ---- */

#define QUEUE_ROW "%-9s  %5s  %4s  %-28s  %-36s  %s"

static enum style state_style(enum batch_status s)
{
    return s == BATCH_FAILED    ? ST_BAD
           : s == BATCH_RUNNING ? ST_RUNNING
           : s == BATCH_UNKNOWN ? ST_WARN
                                : ST_TEXT;
}

static void job_line(struct textview *v, const struct queue_row *row, int64_t now_ms)
{
    const struct batch_job *b = row->job;
    char age[AGE_SIZE], code[16] = "";
    struct strbuf why = STRBUF_INIT;

    if (b->exit_code != EXIT_CODE_NONE) {
        (void)snprintf(code, sizeof code, "%d", b->exit_code);
    }
    queue_row_why(row, &why);
    char *text = xasprintf(
        QUEUE_ROW, b->status == BATCH_UNKNOWN ? "not known" : batch_status_word(b->status),
        age_text(b->created_ms, now_ms, age), code, queue_row_record(row), b->id, strbuf_str(&why));
    char *line = text_cleaned(text, TEXT_ONE_LINE); /* whoever submits a job writes its texts */
    textview_add(v, line, state_style(b->status));
    free(line);
    free(text);
    strbuf_clear(&why);
}

static enum taken take_queue(void *self, struct desk *desk, struct msg *msg, struct effects *out)
{
    struct listing *r = self;
    struct textview fresh;

    (void)out;

    const struct queue_result *q = msg_as(msg, queue);
    if (!answered(r, desk, msg, "Batch jobs") || q == NULL) {
        return TAKEN_SHOWS;
    }
    textview_init(&fresh);
    textview_addf(&fresh, ST_HEADER, QUEUE_ROW, "State", "Age", "Exit", "Record", "Batch job",
                  "Reason");
    for (size_t i = 0; i < q->len; i++) {
        job_line(&fresh, &q->rows[i], desk->now_ms);
    }
    if (q->not_known > 0) {
        textview_addf(&fresh, ST_WARN, "The table could not be read for all of them: %s",
                      q->records_err.msg);
    }
    r->len = q->len;
    r->more = q->more;
    textview_replace(&r->text, &fresh);
    textview_done(&fresh);
    return TAKEN_SHOWS;
}

/* ---- both ---- */

static void ask_bus(void *self, struct desk *desk, struct effects *out)
{
    load(self, desk, TASK_BUS, out);
}

static void ask_queue(void *self, struct desk *desk, struct effects *out)
{
    load(self, desk, TASK_QUEUE, out);
}

static enum scope scope(const void *self)
{
    (void)self;
    return SCOPE_LISTING;
}

static bool bus_action(void *self, struct desk *desk, enum action a, struct effects *out)
{
    struct listing *r = self;

    if (a == ACT_REFRESH) {
        ask_bus(r, desk, out);
        return true;
    }
    return text_action(desk, &(struct text_on){&r->text, NULL, "text", screen_bus.name}, a, out);
}

static bool queue_action(void *self, struct desk *desk, enum action a, struct effects *out)
{
    struct listing *r = self;

    if (a == ACT_REFRESH) {
        ask_queue(r, desk, out);
        return true;
    }
    return text_action(desk, &(struct text_on){&r->text, NULL, "text", screen_queue.name}, a, out);
}

static void back(void *self, struct desk *desk, enum action a, struct effects *out)
{
    struct listing *r = self;

    (void)out;
    if (a != ACT_CLOSE || !text_close(&r->text)) {
        desk_leave(desk);
    }
}

static void settle(void *self, struct desk *desk, struct rect body)
{
    struct listing *v = self;
    struct rect r = layout_text(body);

    (void)desk;
    textview_resize(&v->text, r.rows, r.cols);
}

static const struct textview *text(const void *self)
{
    const struct listing *r = self;

    return &r->text;
}

static void draw_bus(struct surface *s, const void *self, const struct desk *desk, struct rect body)
{
    static const struct listing_words words = {
        "Rules of the bus", SET_BUS, "The bus has no rules: no event on it does anything."};

    listing_draw(s, self, desk, body, &words);
}

static void draw_queue(struct surface *s, const void *self, const struct desk *desk,
                       struct rect body)
{
    static const struct listing_words words = {"Batch jobs of the queue", SET_QUEUE,
                                               "Batch knows no jobs of this queue."};

    listing_draw(s, self, desk, body, &words);
}

const struct screen screen_bus = {
    .name = "bus",
    .title = "Rules of the bus",
    .shows = ACT_VIEW_BUS,
    .size = sizeof(struct listing),
    .init = init_bus,
    .done = done,
    .scope = scope,
    .enter = ask_bus,
    .action = bus_action,
    .back = back,
    .tasks = TASK_BIT(TASK_BUS),
    .take = take_bus,
    .settle = settle,
    .text = text,
    .draw = draw_bus,
};

const struct screen screen_queue = {
    .name = "queue",
    .title = "Batch jobs of the queue",
    .shows = ACT_VIEW_QUEUE,
    .size = sizeof(struct listing),
    .init = init,
    .done = done,
    .scope = scope,
    .enter = ask_queue,
    .action = queue_action,
    .back = back,
    .tasks = TASK_BIT(TASK_QUEUE),
    .take = take_queue,
    .settle = settle,
    .text = text,
    .draw = draw_queue,
};
