/* The screen of the job queue. */
#include "queue.h"

#include <stdlib.h>

#include "listing_draw.h"
#include "screen.h"
#include "text_keys.h"

enum { LOOK_MS = 30 * 1000 };

static void init(void *self)
{
    struct queue_view *v = self;

    listing_init(&v->list);
}

static void free_jobs(struct queue_view *v)
{
    if (v->jobs != NULL) {
        queue_result_clear(v->jobs);
        free(v->jobs);
    }
    v->jobs = NULL;
}

static void done(void *self)
{
    struct queue_view *v = self;

    free_jobs(v);
    queue_facts_free(v->facts);
    listing_done(&v->list);
}

static void look(struct queue_view *v, struct desk *desk, struct effects *out)
{
    listing_load(&v->look_request, desk, TASK_QUEUE_LOOK, out);
    v->look_ms = desk->mono_ms + LOOK_MS;
}

static void enter(void *self, struct desk *desk, struct effects *out)
{
    struct queue_view *v = self;

    look(v, desk, out);
    listing_load(&v->list.request, desk, TASK_QUEUE, out);
}

static int64_t tick_ms(const void *self, const struct desk *desk)
{
    const struct queue_view *v = self;

    return desk->paused || v->look_request != 0 ? 0 : v->look_ms;
}

static void tick(void *self, struct desk *desk, struct effects *out)
{
    if (tick_ms(self, desk) > 0 && desk->mono_ms >= tick_ms(self, desk)) {
        look(self, desk, out);
    }
}

static void take_jobs(struct queue_view *v, struct desk *desk, struct msg *msg)
{
    if (!listing_answered(&v->list, desk, msg, "Batch jobs") || msg_as(msg, queue) == NULL) {
        return;
    }
    free_jobs(v);
    v->jobs = msg_as(msg, queue);
    msg_as(msg, queue) = NULL; /* moved */
    v->list.len = v->jobs->len;
    v->list.more = v->jobs->more;
}

static bool take_look(struct queue_view *v, struct desk *desk, struct msg *msg)
{
    if (v->look_request == 0 || msg->request != v->look_request) {
        return false;
    }
    v->look_request = 0;
    v->look_ms = desk->mono_ms + LOOK_MS;
    if (msg->err.code != E_OK) {
        v->facts_err = msg->err.code == E_CANCELLED ? v->facts_err : msg->err;
        return true;
    }
    queue_facts_free(v->facts);
    v->facts = msg_as(msg, queue_look);
    msg_as(msg, queue_look) = NULL; /* moved */
    v->facts_err = (struct err){0};
    return true;
}

static enum taken take(void *self, struct desk *desk, struct msg *msg, struct effects *out)
{
    struct queue_view *v = self;

    (void)out;
    if (msg->kind == MSG_QUEUE_LOOK) {
        if (!take_look(v, desk, msg)) {
            return NOT_TAKEN;
        }
    } else {
        take_jobs(v, desk, msg);
    }
    if (v->jobs != NULL || v->facts != NULL) {
        queue_text(v, desk->now_ms);
    }
    return TAKEN_SHOWS;
}

static bool action(void *self, struct desk *desk, enum action a, struct effects *out)
{
    struct queue_view *v = self;

    if (a == ACT_REFRESH) {
        enter(v, desk, out);
        return true;
    }
    return text_action(desk, &(struct text_on){&v->list.text, NULL, "text", screen_queue.name}, a,
                       out);
}

static void draw(struct surface *s, const void *self, const struct desk *desk, struct rect body)
{
    static const struct listing_words words = {"Job queue", SET_QUEUE, NULL};
    const struct queue_view *v = self;

    listing_draw(s, &v->list, desk, body, &words);
}

const struct screen screen_queue = {
    .name = "queue",
    .title = "Job queue",
    .shows = ACT_VIEW_QUEUE,
    .size = sizeof(struct queue_view),
    .init = init,
    .done = done,
    .scope = listing_scope,
    .enter = enter,
    .action = action,
    .back = listing_back,
    .tasks = TASK_BIT(TASK_QUEUE) | TASK_BIT(TASK_QUEUE_LOOK),
    .take = take,
    .tick = tick,
    .tick_ms = tick_ms,
    .settle = listing_settle,
    .text = listing_text,
    .draw = draw,
};
