/* The view of the rule's event log: what the rule matched, followed as a job's log is. */
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "model_priv.h"

void events_init(struct events *v)
{
    textview_init(&v->log.text);
    v->log.text.wrap = v->log.text.words = true;
    v->log.text.follow = true;
    v->log.since_ms = TIME_NONE;
    v->log.stamps = STAMPS_LOCAL;
}

void events_done(struct events *v)
{
    textview_done(&v->log.text);
    rule_log_cursor_free(v->at);
    memset(v, 0, sizeof *v);
}

/* Goes on where it was. */
static void start(struct model *m)
{
    struct events *v = &m->events;
    struct rule_log_cursor fresh;

    rule_log_cursor_init(&fresh, v->log.since_ms);
    schedule_watch_rule_log(m->schedule, v->at != NULL ? v->at : &fresh);
    v->request = UINT32_MAX; /* the number comes with the task */
}

/* Other lines are wanted: what is there goes, late replies too. */
static void restart(struct model *m)
{
    logview_empty(&m->events.log);
    rule_log_cursor_free(m->events.at);
    m->events.at = NULL;
    start(m);
}

void events_note_task(struct model *m, const struct task *t)
{
    if (m->events.request != 0) {
        m->events.request = t->request;
    }
}

void events_take(struct model *m, struct msg *msg)
{
    struct events *v = &m->events;

    if (v->request == 0 || msg->request != v->request) {
        return; /* of another span of time */
    }
    v->log.loaded = true;
    if (msg->err.code != E_OK) {
        v->log.err = msg->err.code == E_CANCELLED ? v->log.err : msg->err;
        return;
    }
    v->log.err = (struct err){0};
    logview_add(&v->log, &msg->u.rule_log.page);
    rule_log_cursor_free(v->at);
    v->at = msg->u.rule_log.cursor;
    msg->u.rule_log.cursor = NULL;
}

/* ---- the view ---- */

static enum scope scope(const struct model *m)
{
    (void)m;
    return SCOPE_EVENTS;
}

static void enter(struct model *m, struct effects *out)
{
    (void)out;
    start(m);
}

static void leave(struct model *m, struct effects *out)
{
    (void)out;
    m->events.request = 0;
    schedule_watch_rule_log(m->schedule, NULL);
}

static bool action(struct model *m, enum action a, struct effects *out)
{
    const struct log_reading all = {&m->events.log, 0, restart};

    return logview_action(m, &all, a) || text_action(m, &m->events.log.text, a, out);
}

static void back(struct model *m, enum action a, struct effects *out)
{
    (void)out;
    if (a != ACT_CLOSE || !text_close(&m->events.log.text)) {
        view_show(m, VIEW_JOBS);
    }
}

static void resize(struct model *m, struct rect body)
{
    struct rect r = layout_text(body);
    int stamp = log_stamp_cells(&m->events.log);

    textview_resize(&m->events.log.text, r.rows, r.cols > stamp ? r.cols - stamp : r.cols);
}

static const struct textview *text(const struct model *m)
{
    return &m->events.log.text;
}

const struct view_def view_events = {
    .name = "events",
    .title = "Events of the rule",
    .scope = scope,
    .enter = enter,
    .leave = leave,
    .action = action,
    .back = back,
    .resize = resize,
    .text = text,
};
