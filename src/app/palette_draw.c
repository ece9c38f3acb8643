/* Drawing what the command line offers: the commands that match, above the line. */
#include "core/text.h"
#include "desk.h"
#include "draw.h"
#include "palette.h"
#include "wrap.h"

enum { HELP_ROWS = 5 }; /* of the chosen command */

/* The first row shown so that `selected` is inside. */
static size_t first_row(size_t selected, size_t len, int rows)
{
    size_t page = rows < 1 ? 1 : (size_t)rows;

    if (len <= page || selected < page / 2) {
        return 0;
    }
    size_t top = selected - page / 2;
    return top + page > len ? len - page : top;
}

/* How many cells of a row its keys leave to what the command does. */
static int help_cells(const struct palette_row *row, const struct desk *d, int names, int cols)
{
    return cols - names -
           text_width(row->binding == NULL ? "" : keymap_keys(d->keys, row->binding)) - 3;
}

/* The rows that the chosen command's help needs under the list, because the row cuts it. */
static int more_rows(const struct palette *p, const struct desk *d, int names, int cols)
{
    const struct palette_row *row = p->len == 0 ? NULL : &p->rows[p->selected];
    int rows = row == NULL || text_width(row->help) <= help_cells(row, d, names, cols)
                   ? 0
                   : wrap_rows(row->help, cols);

    return rows > HELP_ROWS ? HELP_ROWS : rows;
}

void palette_draw(struct surface *s, const void *owner, const struct desk *d)
{
    const struct palette *p = owner;
    int cols = d->layout.menu.cols - 4; /* inside of the frame */
    int names = cols > 50 ? 20 : cols / 3;
    int more = more_rows(p, d, names, cols);
    struct rect r = draw_shrunk(d->layout.menu, (p->len == 0 ? 1 : p->len) + (size_t)more);

    if (d->layout.menu.rows <= 0) {
        return;
    }
    more = more < r.rows - 2 ? more : 0;   /* the list has a row at least */
    r.row = d->layout.status.row - r.rows; /* it stands on the command line */
    struct rect in = draw_window(s, r, "Commands", ST_BORDER_FOCUS, ST_TITLE_FOCUS);
    struct rect whole = in;
    in.rows -= more;
    size_t top = first_row(p->selected, p->len, in.rows);

    if (p->len == 0) {
        surface_put_cut(s, in.row, in.col, in.cols, ST_DIM, "no command of that name");
    }
    if (p->len > (size_t)in.rows) { /* the number stands in the frame, under the help */
        draw_row_number(s, whole, p->selected, p->len);
    }
    for (int i = 0; i < in.rows && top + (size_t)i < p->len; i++) {
        const struct palette_row *row = &p->rows[top + (size_t)i];
        const char *keys = row->binding == NULL ? "" : keymap_keys(d->keys, row->binding);
        int width = text_width(keys);
        surface_put_cut(s, in.row + i, in.col, names, ST_KEY, row->name);
        surface_put_cut(s, in.row + i, in.col + names + 1, help_cells(row, d, names, in.cols),
                        ST_TEXT, row->help);
        surface_put(s, in.row + i, in.col + in.cols - width, width, ST_DIM, keys);
        if (top + (size_t)i == p->selected) {
            surface_over(s, in.row + i, in.col, in.cols, OVER_CURSOR);
        }
    }
    if (more > 0) {
        (void)draw_wrapped(s, (struct rect){in.row + in.rows, in.col, more, in.cols}, ST_HINT,
                           p->rows[p->selected].help);
    }
}
