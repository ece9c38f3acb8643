/* What views that show one answer as text have in common. */
#include "listing.h"

#include "core/clock.h"
#include "text_keys.h"

void listing_init(struct listing *r)
{
    r->at_ms = TIME_NONE;
    textview_init(&r->text);
    r->text.words = true;
}

void listing_done(struct listing *r)
{
    textview_done(&r->text);
}

void listing_load(uint32_t *request, struct desk *desk, enum task_kind kind, struct effects *out)
{
    if (*request != 0) {
        return;
    }
    struct task *t = task_new(kind, desk_request(desk));
    *request = t->request;
    effects_submit(out, t);
}

bool listing_answered(struct listing *r, struct desk *desk, const struct msg *msg, const char *what)
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

enum scope listing_scope(const void *self)
{
    (void)self;
    return SCOPE_LISTING;
}

void listing_back(void *self, struct desk *desk, enum action a, struct effects *out)
{
    struct listing *r = self;

    (void)out;
    if (a != ACT_CLOSE || !text_close(&r->text)) {
        desk_leave(desk);
    }
}

void listing_settle(void *self, struct desk *desk, struct rect body)
{
    struct listing *r = self;
    struct rect room = layout_text(body);

    (void)desk;
    textview_resize(&r->text, room.rows, room.cols);
}

const struct textview *listing_text(const void *self)
{
    const struct listing *r = self;

    return &r->text;
}
