/* The states of the screens that fill the body, and which of them each reply and request belongs
 * to. A screen does not call another one: where it wants to go it tells the desk, and errands.c
 * does that at the end of the event. The functions enter and leave run then too, so that both may
 * submit tasks. */
#include <stdlib.h>

#include "core/alloc.h"
#include "model_priv.h"

#define SCREEN_ROW(view, screen) [view] = &(screen),
static const struct screen *const screens[VIEW_COUNT] = {SCREENS(SCREEN_ROW)};
#undef SCREEN_ROW

void screens_new(struct model *m)
{
    for (size_t v = 0; v < VIEW_COUNT; v++) {
        m->states[v] = xcalloc(1, screens[v]->size);
        if (screens[v]->init != NULL) {
            screens[v]->init(m->states[v]);
        }
    }
}

void screens_free(struct model *m)
{
    for (size_t v = 0; v < VIEW_COUNT; v++) {
        if (screens[v]->done != NULL) {
            screens[v]->done(m->states[v]);
        }
        free(m->states[v]);
    }
}

void *model_screen(const struct model *m, enum view v)
{
    return m->states[v];
}

const struct screen *screens_now(const struct model *m)
{
    return screens[m->desk.where.view];
}

bool screens_switch(struct model *m, enum action a, struct effects *out)
{
    for (size_t v = 0; v < VIEW_COUNT; v++) {
        if (a != ACT_NONE && screens[v]->shows == a) {
            where_show(&m->desk.where, (enum view)v);
            /* a screen that shows a part (the doctor's way of one job) shows the whole again */
            (void)(screens[v]->action != NULL &&
                   screens[v]->action(m->states[v], &m->desk, a, out));
            return true;
        }
    }
    return false;
}

void screens_settle(struct model *m, struct effects *out)
{
    enum view from = m->desk.where.entered;

    if (from != m->desk.where.view) {
        m->desk.where.entered = m->desk.where.view;
        if (screens[from]->leave != NULL) {
            screens[from]->leave(m->states[from], &m->desk, out);
        }
        if (screens_now(m)->enter != NULL) {
            screens_now(m)->enter(m->states[m->desk.where.view], &m->desk, out);
        }
    }
    if (screens_now(m)->ask != NULL) {
        screens_now(m)->ask(m->states[m->desk.where.view], &m->desk, out);
    }
}

/* ---- replies and requests ---- */

enum taken screens_take(struct model *m, struct msg *msg, struct effects *out)
{
    enum taken taken = NOT_TAKEN;

    for (size_t v = 0; v < VIEW_COUNT && taken == NOT_TAKEN; v++) {
        if ((screens[v]->tasks & TASK_BIT(msg->task)) != 0) {
            taken = screens[v]->take(m->states[v], &m->desk, msg, out);
            taken = taken == TAKEN_SHOWS && (size_t)m->desk.where.view != v ? TAKEN : taken;
        }
    }
    return taken;
}

void screens_asked(struct model *m, const struct task *t)
{
    for (size_t v = 0; v < VIEW_COUNT; v++) {
        if ((screens[v]->tasks & TASK_BIT(t->kind)) != 0 && screens[v]->asked != NULL) {
            screens[v]->asked(m->states[v], t);
        }
    }
}

bool screens_busy(const struct model *m, char *buf, size_t size)
{
    for (size_t v = 0; v < VIEW_COUNT; v++) {
        if (screens[v]->busy != NULL && screens[v]->busy(m->states[v], buf, size)) {
            return true;
        }
    }
    return false;
}
