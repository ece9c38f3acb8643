/* DESIGN
 * A view fills the body of the screen. The job panes are one (view_jobs.c); the others take the
 * whole width. To add one:
 *   - a row in `enum view` (app/view.h) and in `views` below, its struct view_def in view_NAME.c;
 *   - its state in struct model; a scope in app/keymap.h; an action ACT_VIEW_NAME in `switches`
 *     below; rows in key_table.c: the key that shows it, and its own keys;
 *   - its drawing in ui/view_NAME.c, with a row in the table of ui/draw.c.
 * Replies to its tasks come by update_msg.c. Enter and leave run at the end of the event that
 * switched, so that any function may switch and both may submit tasks. */
#include "model_priv.h"

static const struct view_def *const views[VIEW_COUNT] = {
    [VIEW_JOBS] = &view_jobs, [VIEW_DLQ] = &view_dlq,       [VIEW_EVENTS] = &view_events,
    [VIEW_BULK] = &view_bulk, [VIEW_DOCTOR] = &view_doctor,
};

static const struct {
    enum action action;
    enum view view;
} switches[] = {
    {ACT_VIEW_DLQ,    VIEW_DLQ   },
    {ACT_VIEW_EVENTS, VIEW_EVENTS},
    {ACT_VIEW_BULK,   VIEW_BULK  },
    {ACT_VIEW_DOCTOR, VIEW_DOCTOR},
};

const char *view_title(enum view v)
{
    return views[v]->title;
}

const char *view_name(enum view v)
{
    return views[v]->name;
}

const struct view_def *view_now(const struct model *m)
{
    return views[m->view];
}

/* Where the event began, however many steps it takes. */
void view_remember(struct model *m)
{
    if (m->view == m->entered) {
        m->previous = (struct place){m->view, m->focus};
    }
}

void view_show(struct model *m, enum view v)
{
    if (v != m->view) {
        view_remember(m);
        m->view = v;
        m->full = false;
        model_relayout(m);
    }
}

void view_back(struct model *m)
{
    struct place to = m->previous;

    if (to.view == VIEW_JOBS) {
        model_focus(m, to.pane);
    } else {
        view_show(m, to.view);
    }
}

void view_settle(struct model *m, struct effects *out)
{
    enum view from = m->entered;

    if (from == m->view) {
        return;
    }
    m->entered = m->view;
    if (views[from]->leave != NULL) {
        views[from]->leave(m, out);
    }
    if (views[m->view]->enter != NULL) {
        views[m->view]->enter(m, out);
    }
}

bool view_switch(struct model *m, enum action a)
{
    for (size_t i = 0; i < sizeof switches / sizeof *switches; i++) {
        if (switches[i].action == a) {
            view_show(m, switches[i].view);
            return true;
        }
    }
    return false;
}

/* ---- the text that shows ---- */

const struct textview *model_text(const struct model *m)
{
    enum mode window = m->mode == MODE_SEARCH ? m->under_dialog : m->mode;

    if (window == MODE_HELP || window == MODE_ERRORS || window == MODE_WHOAMI) {
        return &m->popup;
    }
    return views[m->view]->text == NULL ? NULL : views[m->view]->text(m);
}

struct textview *view_text(struct model *m)
{
    const struct view_def *v = views[m->view];

    return v->text == NULL ? NULL : (struct textview *)v->text(m); /* of the model that is ours */
}

bool text_close(struct textview *v)
{
    if (v->has_cursor) {
        v->has_cursor = v->selecting = false;
        return true;
    }
    if (v->pattern != NULL) {
        textview_search(v, NULL);
        return true;
    }
    return false;
}
