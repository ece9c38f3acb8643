/* Lists to choose from: the status and copy menus, the column chooser, what the palette offers. */
#include <stdio.h>

#include "core/text.h"
#include "draw.h"
#include "model_draw.h"

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

static void draw_menu_row(struct surface *s, struct rect r, const struct menu_row *row,
                          bool selected)
{
    char key[8] = "";

    if (row->key != 0) {
        (void)snprintf(key, sizeof key, "%c", row->key);
    }
    surface_put(s, r.row, r.col, 4, row->on ? ST_GOOD : ST_DIM, row->on ? "[x]" : "[ ]");
    surface_put(s, r.row, r.col + 4, 2, ST_KEY, key);
    surface_put_cut(s, r.row, r.col + 6, r.cols - 6, ST_TEXT, row->text);
    if (selected) {
        surface_over(s, r.row, r.col, r.cols, OVER_CURSOR);
    }
}

static struct rect shrink(struct rect most, size_t rows)
{
    int want = (int)(rows < 100 ? rows : 100) + 2;

    if (want < most.rows) {
        most.rows = want;
    }
    return most;
}

void view_menu_draw(struct surface *s, const struct model *m)
{
    const struct menu *menu = &m->desk.menu;

    if (m->desk.layout.menu.rows <= 0) {
        return;
    }
    struct rect in = draw_window(s, shrink(m->desk.layout.menu, menu->rows.len), menu->def->title,
                                 ST_BORDER_FOCUS, ST_TITLE_FOCUS);
    for (int i = 0; i < in.rows && menu->rows.top + (size_t)i < menu->rows.len; i++) {
        size_t n = menu->rows.top + (size_t)i;
        draw_menu_row(s, (struct rect){in.row + i, in.col, 1, in.cols}, &menu->items[n],
                      n == menu->rows.at);
    }
}

void view_palette_draw(struct surface *s, const void *owner)
{
    const struct model *m = owner;
    const struct palette *p = &m->palette;
    struct rect r = shrink(m->desk.layout.menu, p->len == 0 ? 1 : p->len);

    if (m->desk.layout.menu.rows <= 0) {
        return;
    }
    r.row = m->desk.layout.status.row - r.rows; /* it stands on the command line */
    struct rect in = draw_window(s, r, "Commands", ST_BORDER_FOCUS, ST_TITLE_FOCUS);
    size_t top = first_row(p->selected, p->len, in.rows);
    int names = in.cols > 50 ? 20 : in.cols / 3;

    if (p->len == 0) {
        surface_put_cut(s, in.row, in.col, in.cols, ST_DIM, "no command of that name");
    }
    for (int i = 0; i < in.rows && top + (size_t)i < p->len; i++) {
        const struct palette_row *row = &p->rows[top + (size_t)i];
        const char *keys = row->binding == NULL ? "" : keymap_keys(m->desk.keys, row->binding);
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
