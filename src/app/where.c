/* Where the person is: the screen, the pane with the focus, and what `-` goes back to. */
#include "where.h"

/* Remembers where the event began, however many steps it takes. */
static void remember(struct where *w)
{
    if (w->view == w->entered) {
        w->previous = (struct place){w->view, w->focus};
    }
}

void where_show(struct where *w, enum view v)
{
    if (v != w->view) {
        remember(w);
        w->view = v;
        w->full = false;
    }
}

void where_focus(struct where *w, enum pane pane)
{
    if (pane != w->focus || w->view != VIEW_JOBS) {
        remember(w);
        w->view = VIEW_JOBS;
        w->focus = pane;
        w->full = false;
    }
    if (pane != PANE_LIST) {
        w->side = pane;
    }
}

void where_back(struct where *w)
{
    struct place to = w->previous;

    if (to.view == VIEW_JOBS) {
        where_focus(w, to.pane);
    } else {
        where_show(w, to.view);
    }
}
