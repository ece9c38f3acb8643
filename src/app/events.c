/* The screen of the rule's event log: what the rule matched, followed as a job's log is. */
#include "events.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "events_draw.h"
#include "jobs/deploy.h"
#include "logview.h"
#include "screen.h"
#include "text_keys.h"

static void init(void *self)
{
    struct events *v = self;

    textview_init(&v->log.text);
    v->log.text.wrap = v->log.text.words = true;
    v->log.text.follow = true;
    v->log.since_ms = TIME_NONE;
    v->log.stamps = STAMPS_LOCAL;
}

static void done(void *self)
{
    struct events *v = self;

    textview_done(&v->log.text);
    rule_log_cursor_free(v->at);
}

/* Goes on reading where the last reading ended. */
static void start(struct events *v, struct desk *desk)
{
    struct rule_log_cursor fresh;

    rule_log_cursor_init(&fresh, v->log.since_ms);
    schedule_watch_rule_log(desk->schedule, v->at != NULL ? v->at : &fresh);
    v->follows = true;
    v->request = 0; /* the request's number comes with the task */
}

static void restart(void *self, struct desk *desk)
{
    struct events *v = self;

    logview_empty(&v->log);
    rule_log_cursor_free(v->at);
    v->at = NULL;
    start(v, desk);
}

static void asked(void *self, const struct task *t)
{
    struct events *v = self;

    if (v->follows) {
        v->request = t->request;
    }
}

static enum taken take(void *self, struct desk *desk, struct msg *msg, struct effects *out)
{
    struct events *v = self;
    bool news = msg->err.code != E_OK || msg_as(msg, rule_log).page.len > 0 || !v->log.loaded;

    (void)out;
    (void)desk_failed(desk, "Events of the rule", &msg->err);
    if (!v->follows || msg->request != v->request) {
        return NOT_TAKEN; /* the answer is about another span of time */
    }
    v->log.loaded = true;
    if (msg->err.code != E_OK) {
        v->log.err = msg->err.code == E_CANCELLED ? v->log.err : msg->err;
        return TAKEN_SHOWS;
    }
    v->log.err = (struct err){0};
    logview_add(&v->log, &msg_as(msg, rule_log).page);
    rule_log_cursor_free(v->at);
    v->at = msg_as(msg, rule_log).cursor;
    msg_as(msg, rule_log).cursor = NULL;
    return news ? TAKEN_SHOWS : TAKEN;
}

static enum scope scope(const void *self)
{
    (void)self;
    return SCOPE_EVENTS;
}

static void enter(void *self, struct desk *desk, struct effects *out)
{
    (void)out;
    start(self, desk);
}

static void leave(void *self, struct desk *desk, struct effects *out)
{
    struct events *v = self;

    (void)out;
    v->follows = false;
    schedule_watch_rule_log(desk->schedule, NULL);
}

/* What stands after "jobId=", as infra/events.tf lets the rule write its events, or after "jobId":
 * in a line that is not whole JSON. Owned; NULL. */
static char *id_in(const char *text)
{
    const char *at = strstr(text, " jobId=");

    if (at != NULL) {
        at += strlen(" jobId=");
        return xstrndup(at, strcspn(at, " "));
    }
    at = strstr(text, "\"jobId\"");
    if (at == NULL) {
        return NULL;
    }
    at += strlen("\"jobId\"");
    at += strspn(at, " :");
    return *at == '"' ? xstrndup(at + 1, strcspn(at + 1, "\"\\")) : NULL;
}

/* The job that an event of the rule is about. Owned; NULL when the line names none. */
static char *job_of(const char *line)
{
    cJSON *event = json_parse(line, strlen(line), "event", NULL);
    const char *told = json_str(json_get(event, "detail"), "jobId");
    char *id = event == NULL ? id_in(line) : xstrdup(told);

    cJSON_Delete(event);
    if (id != NULL && !job_id_valid(id)) {
        free(id);
        id = NULL;
    }
    return id;
}

/* The last line that shows: the newest one while the log is followed. */
static uint64_t last_shown(const struct textview *v)
{
    struct text_row rows[256];
    size_t n = textview_visible(v, rows, sizeof rows / sizeof *rows);

    return n == 0 ? v->top : rows[n - 1].seq;
}

/* Opens the job of the line with the cursor, or of the match; without either the cursor comes. */
static void open_job(struct events *v, struct desk *desk)
{
    struct textview *t = &v->log.text;

    if (textview_len(t) == 0) {
        desk_note(desk, NOTE_INFO, "There is no event here.");
        return;
    }
    if (!t->has_cursor && !t->matched) {
        textview_to_line(t, last_shown(t));
        desk_note(desk, NOTE_INFO, "Choose a line with j and k: Enter opens its job.");
        return;
    }
    const struct text_line *line = textview_line(t, t->has_cursor ? t->cursor : t->match_line);
    char *id = line == NULL ? NULL : job_of(line->text);
    if (id == NULL) {
        desk_note(desk, NOTE_INFO, "The line names no job.");
    } else {
        desk_open_job(desk, id, TAB_OVERVIEW);
    }
    free(id);
}

static bool action(void *self, struct desk *desk, enum action a, struct effects *out)
{
    struct events *v = self;
    const struct log_reading all = {&v->log, 0, restart, v};
    const struct text_on text = {&v->log.text, &v->log, "text", screen_events.name};

    if (a == ACT_OPEN) {
        open_job(v, desk);
        return true;
    }
    return logview_action(desk, &all, a) || text_action(desk, &text, a, out);
}

static void back(void *self, struct desk *desk, enum action a, struct effects *out)
{
    struct events *v = self;

    (void)out;
    if (a != ACT_CLOSE || !text_close(&v->log.text)) {
        desk_leave(desk);
    }
}

static void settle(void *self, struct desk *desk, struct rect body)
{
    struct events *v = self;

    (void)desk;
    logview_resize(&v->log, layout_text(body));
}

static const struct textview *text(const void *self)
{
    const struct events *v = self;

    return &v->log.text;
}

const struct screen screen_events = {
    .name = "events",
    .title = "Events of the rule",
    .shows = ACT_VIEW_EVENTS,
    .size = sizeof(struct events),
    .init = init,
    .done = done,
    .scope = scope,
    .enter = enter,
    .leave = leave,
    .action = action,
    .back = back,
    .tasks = TASK_BIT(TASK_RULE_LOG),
    .take = take,
    .asked = asked,
    .settle = settle,
    .text = text,
    .draw = events_draw,
};
