/* Drawing lists to choose from: the status and copy menus, the column chooser. */
#include <stdio.h>

#include "draw.h"
#include "screen.h"

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

void menu_draw(struct surface *s, const void *self, const struct desk *desk, struct rect room)
{
    const struct menu *menu = self;

    (void)desk;
    if (room.rows <= 0) {
        return;
    }
    struct rect in = draw_window(s, draw_shrunk(room, menu->rows.len), menu->def->title,
                                 ST_BORDER_FOCUS, ST_TITLE_FOCUS);
    for (int i = 0; i < in.rows && menu->rows.top + (size_t)i < menu->rows.len; i++) {
        size_t n = menu->rows.top + (size_t)i;
        draw_menu_row(s, (struct rect){in.row + i, in.col, 1, in.cols}, &menu->items[n],
                      n == menu->rows.at);
    }
}
