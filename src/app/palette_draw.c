/* Drawing what the command line offers: the commands that match, above the line. */
#include "core/text.h"
#include "desk.h"
#include "draw.h"
#include "palette.h"

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

void palette_draw(struct surface *s, const void *owner, const struct desk *d)
{
    const struct palette *p = owner;
    struct rect r = draw_shrunk(d->layout.menu, p->len == 0 ? 1 : p->len);

    if (d->layout.menu.rows <= 0) {
        return;
    }
    r.row = d->layout.status.row - r.rows; /* it stands on the command line */
    struct rect in = draw_window(s, r, "Commands", ST_BORDER_FOCUS, ST_TITLE_FOCUS);
    size_t top = first_row(p->selected, p->len, in.rows);
    int names = in.cols > 50 ? 20 : in.cols / 3;

    if (p->len == 0) {
        surface_put_cut(s, in.row, in.col, in.cols, ST_DIM, "no command of that name");
    }
    draw_row_number(s, in, p->selected, p->len);
    for (int i = 0; i < in.rows && top + (size_t)i < p->len; i++) {
        const struct palette_row *row = &p->rows[top + (size_t)i];
        const char *keys = row->binding == NULL ? "" : keymap_keys(d->keys, row->binding);
        int width = text_width(keys);
        surface_put_cut(s, in.row + i, in.col, names, ST_KEY, row->name);
        surface_put_cut(s, in.row + i, in.col + names + 1, in.cols - names - width - 3, ST_TEXT,
                        row->help);
        surface_put(s, in.row + i, in.col + in.cols - width, width, ST_DIM, keys);
        if (top + (size_t)i == p->selected) {
            surface_over(s, in.row + i, in.col, in.cols, OVER_CURSOR);
        }
    }
}
