/* The mouse (--mouse): focus, cursor, opening, scrolling. */
#include "model_priv.h"

static bool inside(struct rect r, int row, int col)
{
    return row >= r.row && row < r.row + r.rows && col >= r.col && col < r.col + r.cols;
}

static void wheel(struct model *m, enum pane p, int step)
{
    if (m->mode == MODE_HELP || m->mode == MODE_ERRORS || m->mode == MODE_WHOAMI) {
        textview_scroll(&m->popup, 3 * step);
    } else if (m->mode == MODE_NONE && p == PANE_LIST) {
        size_t row = m->list.row;
        list_to_row(m, step < 0 ? (row > 3 ? row - 3 : 0) : row + 3);
    } else if (m->mode == MODE_NONE && p == PANE_DETAIL) {
        textview_scroll(detail_view(&m->detail), 3 * step);
    } else if (m->mode == MODE_NONE && p == PANE_COUNT && view_text(m) != NULL) {
        textview_scroll(view_text(m), 3 * step);
    }
}

static void in_view(struct model *m, const struct app_event *ev)
{
    bool up = ev->u.mouse.button == MOUSE_WHEEL_UP;

    bool text = m->mode != MODE_NONE || view_text(m) != NULL;
    if (text && (up || ev->u.mouse.button == MOUSE_WHEEL_DOWN)) {
        wheel(m, PANE_COUNT, up ? -1 : 1);
    } else if (m->mode == MODE_NONE && view_now(m)->mouse != NULL) {
        view_now(m)->mouse(m, ev);
    }
}

void update_mouse(struct model *m, const struct app_event *ev)
{
    int row = ev->u.mouse.row, col = ev->u.mouse.col;
    enum pane p = PANE_LIST;

    if (m->view != VIEW_JOBS) {
        if (inside(m->layout.view, row, col)) {
            in_view(m, ev);
        }
        return;
    }
    while (p < PANE_COUNT && !inside(m->layout.pane[p], row, col)) {
        p++;
    }
    if (p == PANE_COUNT) {
        return;
    }
    if (ev->u.mouse.button == MOUSE_WHEEL_UP || ev->u.mouse.button == MOUSE_WHEEL_DOWN) {
        wheel(m, p, ev->u.mouse.button == MOUSE_WHEEL_UP ? -1 : 1);
        return;
    }
    if (m->mode != MODE_NONE) {
        return;
    }
    if (p == PANE_FORM && !model_may_change(m)) {
        return;
    }
    model_focus(m, p);
    struct rect rows = layout_list_rows(m->layout.pane[PANE_LIST]);
    if (p == PANE_LIST && inside(rows, row, col)) {
        size_t at = m->list.top + (size_t)(row - rows.row);
        if (at < store_rows(m->store)) {
            list_to_row(m, at);
            if (ev->u.mouse.button == MOUSE_DOUBLE) {
                detail_open(m, m->list.cursor, TAB_OVERVIEW);
            }
        }
    }
}
