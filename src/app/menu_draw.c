/* Drawing lists to choose from: the status and copy menus, the column chooser. */
#include <stdio.h>

#include "core/text.h"
#include "draw.h"
#include "screen.h"

/* The width of the texts when something stands beside them, else 0: then a text has all the room.
 */
static int text_cells(const struct menu *menu)
{
    int most = 0;
    bool more = false;

    for (size_t i = 0; i < menu->rows.len; i++) {
        int width = text_width(menu->items[i].text);
        most = width > most ? width : most;
        more |= menu->items[i].more != NULL;
    }
    return more ? most : 0;
}

/* `box`: the row can be on or off. */
static void draw_menu_row(struct surface *s, struct rect r, const struct menu_row *row, int cells,
                          bool box, bool selected)
{
    char key[8] = "";
    int room = r.cols - 6;
    int width = cells == 0 || cells > room ? room : cells;

    if (row->key != 0) {
        (void)snprintf(key, sizeof key, "%c", row->key);
    }
    surface_put(s, r.row, r.col, 4, row->on ? ST_GOOD : ST_DIM, row->on ? "[x]" : box ? "[ ]" : "");
    surface_put(s, r.row, r.col + 4, 2, ST_KEY, key);
    surface_put_cut(s, r.row, r.col + 6, width, row->style, row->text);
    if (row->more != NULL && room > width + 2) {
        surface_put_cut(s, r.row, r.col + 6 + width + 2, room - width - 2,
                        row->off ? ST_WARN : ST_DIM, row->more);
    }
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
    int cells = text_cells(menu);
    draw_row_number(s, in, menu->rows.at, menu->rows.len);
    for (int i = 0; i < in.rows && menu->rows.top + (size_t)i < menu->rows.len; i++) {
        size_t n = menu->rows.top + (size_t)i;
        draw_menu_row(s, (struct rect){in.row + i, in.col, 1, in.cols}, &menu->items[n], cells,
                      !menu->def->once || menu->items[n].stays, n == menu->rows.at);
    }
}
