/* The mouse (--mouse): focus, cursor, opening, scrolling. */
#include "model_priv.h"

static bool inside(struct rect r, int row, int col)
{
    return row >= r.row && row < r.row + r.rows && col >= r.col && col < r.col + r.cols;
}

static void wheel(struct model *m, enum pane p, int step)
{
    if (m->desk.window.open) {
        textview_scroll(&m->desk.window.text, 3 * step);
    } else if (!desk_covered(&m->desk) && p == PANE_LIST) {
        list_step(m->jobs, 3L * step);
    } else if (!desk_covered(&m->desk) && p == PANE_DETAIL) {
        textview_scroll(detail_view(&m->jobs->detail), 3 * step);
    } else if (!desk_covered(&m->desk) && p == PANE_COUNT && view_text(m) != NULL) {
        textview_scroll(view_text(m), 3 * step);
    }
}

static void in_view(struct model *m, const struct app_event *ev)
{
    bool up = ev->u.mouse.button == MOUSE_WHEEL_UP;

    bool text = desk_covered(&m->desk) || view_text(m) != NULL;
    if (text && (up || ev->u.mouse.button == MOUSE_WHEEL_DOWN)) {
        wheel(m, PANE_COUNT, up ? -1 : 1);
    } else if (!desk_covered(&m->desk) && view_now(m)->mouse != NULL) {
        view_now(m)->mouse(m->states[m->desk.where.view], &m->desk, ev, m->desk.layout.view);
    }
}

void update_mouse(struct model *m, const struct app_event *ev)
{
    int row = ev->u.mouse.row, col = ev->u.mouse.col;
    enum pane p = PANE_LIST;

    if (m->desk.dialog.open) {
        return;
    }
    if (m->desk.where.view != VIEW_JOBS) {
        if (inside(m->desk.layout.view, row, col)) {
            in_view(m, ev);
        }
        return;
    }
    while (p < PANE_COUNT && !inside(m->desk.layout.pane[p], row, col)) {
        p++;
    }
    if (p == PANE_COUNT) {
        return;
    }
    if (ev->u.mouse.button == MOUSE_WHEEL_UP || ev->u.mouse.button == MOUSE_WHEEL_DOWN) {
        wheel(m, p, ev->u.mouse.button == MOUSE_WHEEL_UP ? -1 : 1);
        return;
    }
    if (desk_covered(&m->desk)) {
        return;
    }
    if (p == PANE_FORM && !desk_may_change(&m->desk)) {
        return;
    }
    where_focus(&m->desk.where, p);
    struct rect rows = layout_list_rows(m->desk.layout.pane[PANE_LIST]);
    if (p == PANE_LIST && inside(rows, row, col)) {
        size_t at = 0;
        if (rows_shown(&m->jobs->list.rows, row - rows.row, &at)) {
            list_to_row(m->jobs, at);
            if (ev->u.mouse.button == MOUSE_DOUBLE) {
                detail_open(m->jobs, m->jobs->list.cursor, TAB_OVERVIEW);
            }
        }
    }
}
