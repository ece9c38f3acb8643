/* Drawing windows of text over the panes: help, errors, who am I. */
#include <stdio.h>

#include "draw.h"
#include "screen.h"

void window_draw(struct surface *s, const void *self, const struct desk *desk, struct rect room)
{
    const struct window *w = self;
    char title[120];

    (void)desk;
    if (room.rows <= 0) {
        return;
    }
    (void)w->def->title(w->owner, title, sizeof title);
    struct rect inside = draw_window(s, room, title, ST_BORDER_FOCUS, ST_TITLE_FOCUS);
    struct text_draw d = {.view = &w->text, .focus = true};
    draw_text(s, inside, &d);
    if ((int)textview_len(&w->text) > inside.rows || textview_percent(&w->text) < 100) {
        char at[24];
        int n = snprintf(at, sizeof at, " %d%% ", textview_percent(&w->text));
        surface_put(s, room.row + room.rows - 1, room.col + room.cols - n - 2, n, ST_DIM, at);
    }
}
