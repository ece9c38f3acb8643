/* Where everything goes on a screen of a given size. */
#include "layout.h"

#include <string.h>

static int clamp(int v, int low, int high)
{
    return v < low ? low : v > high ? high : v;
}

static struct rect centred(int rows, int cols, int want_rows, int want_cols)
{
    int r = clamp(want_rows, 1, rows), c = clamp(want_cols, 1, cols);

    return (struct rect){(rows - r) / 2, (cols - c) / 2, r, c};
}

/* What stands over the body leaves the rows from `bottom` on free: a message is read there. */
static struct rect above(int bottom, struct rect r)
{
    r.rows = r.rows > bottom ? bottom : r.rows;
    r.row = r.row + r.rows > bottom ? bottom - r.rows : r.row;
    return r;
}

/* Places the side panes beside the list: both where there is height for them, else the one in
 * use. */
static void place_side(struct layout *l, const struct layout_want *w, struct rect side)
{
    if (side.rows >= 36) {
        int form = clamp(side.rows * 2 / 5, 15, 22);
        l->pane[PANE_DETAIL] = (struct rect){side.row, side.col, side.rows - form, side.cols};
        l->pane[PANE_FORM] = (struct rect){side.row + side.rows - form, side.col, form, side.cols};
        return;
    }
    enum pane one = w->focus != PANE_LIST ? w->focus : w->side;
    l->pane[one == PANE_FORM ? PANE_FORM : PANE_DETAIL] = side;
}

static void place_panes(struct layout *l, const struct layout_want *w, struct rect body)
{
    if (w->full || !l->wide) {
        l->pane[w->focus < PANE_COUNT ? w->focus : PANE_LIST] = body;
        return;
    }
    int left = clamp(l->cols * 56 / 100, 66, l->cols - 50);
    l->pane[PANE_LIST] = (struct rect){body.row, 0, body.rows, left};
    l->divider = (struct rect){body.row, left, body.rows, 1};
    place_side(l, w, (struct rect){body.row, left + 1, body.rows, l->cols - left - 1});
}

int layout_message_cols(int cols)
{
    return cols - 2;
}

int layout_message_most(int rows, bool line)
{
    /* The screen is for the jobs; but what is typed cannot be taken before it is corrected. */
    return line ? rows / 4 + 1 : clamp((rows - 8) / 4, 1, 5);
}

struct layout layout_compute(int rows, int cols, const struct layout_want *w)
{
    struct layout l;
    int top = 0, bottom = rows;

    memset(&l, 0, sizeof l);
    l.rows = rows;
    l.cols = cols;
    if (rows < LAYOUT_MIN_ROWS || cols < LAYOUT_MIN_COLS) {
        l.too_small = true;
        return l;
    }
    l.wide = cols >= LAYOUT_WIDE_COLS;
    l.footer = (struct rect){--bottom, 0, 1, cols};
    int message = clamp(w->message, w->line ? 0 : 1, layout_message_most(rows, w->line));
    int status = message + (w->line ? 1 : 0);
    bottom -= status;
    l.status = (struct rect){bottom, 0, message, cols};
    l.line = (struct rect){bottom + status - 1, 0, 1, cols};
    if (w->header) {
        /* Under 100 columns one row of header says too little, and a tall screen has two rows to
         * spare. */
        int header = cols < 100 && rows >= 20 ? 2 : 1;
        l.header = (struct rect){0, 0, header, cols};
        l.summary = (struct rect){header, 0, 1, cols};
        top = header + 1;
    }
    struct rect body = {top, 0, bottom - top, cols};
    if (w->view) {
        l.view = body;
    } else {
        place_panes(&l, w, body);
    }
    l.window = above(
        bottom, centred(rows, cols, bottom - 1, cols < 100 ? cols - 2 : clamp(cols - 10, 90, 120)));
    l.dialog = above(bottom, centred(rows, cols, clamp(rows - 4, 8, 22), clamp(cols - 4, 36, 76)));
    l.menu = above(bottom, centred(rows, cols, clamp(rows - 4, 6, 22), clamp(cols - 4, 36, 64)));
    return l;
}

bool rect_has(struct rect r, int row, int col)
{
    return row >= r.row && row < r.row + r.rows && col >= r.col && col < r.col + r.cols;
}

struct rect layout_body(struct rect pane)
{
    if (pane.rows > 0) {
        pane.row++;
        pane.rows--;
    }
    return pane;
}

struct rect layout_text(struct rect pane)
{
    struct rect body = layout_body(pane);

    if (body.rows > 0 && body.cols > 1) {
        body.col++;
        body.cols--;
    }
    return body;
}

struct rect layout_list_rows(struct rect list_pane)
{
    return layout_body(layout_body(list_pane));
}

void layout_form(struct rect form_pane, size_t fields, struct rect *fields_rect,
                 struct rect *preview)
{
    struct rect body = layout_body(form_pane);
    int want = (int)fields;

    *preview = (struct rect){0, 0, 0, 0};
    *fields_rect = body;
    if (body.cols >= 76) { /* the preview stands beside the fields */
        int left = clamp(body.cols / 2, 44, 64);
        fields_rect->cols = left;
        *preview = (struct rect){body.row, body.col + left + 1, body.rows, body.cols - left - 1};
        return;
    }
    /* The preview stands below: each field has a row, and the field being typed has another one for
     * its help or error. */
    if (body.rows >= want + 2 + 5) {
        fields_rect->rows = want + 2;
        *preview = (struct rect){body.row + want + 2, body.col, body.rows - want - 2, body.cols};
    }
}
