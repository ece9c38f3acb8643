/* Windows of text over the panes: help, errors, who am I. */
#include <stdio.h>

#include "draw.h"
#include "model_draw.h"

void view_popup_draw(struct surface *s, const struct model *m)
{
    const struct window *w = &m->desk.window;
    char title[120];

    if (m->desk.layout.popup.rows <= 0) {
        return;
    }
    (void)w->def->title(w->owner, title, sizeof title);
    struct rect inside =
        draw_window(s, m->desk.layout.popup, title, ST_BORDER_FOCUS, ST_TITLE_FOCUS);
    struct text_draw d = {.view = &w->text, .focus = true};
    draw_text(s, inside, &d);
    if ((int)textview_len(&w->text) > inside.rows) {
        char at[24];
        struct rect r = m->desk.layout.popup;
        int n = snprintf(at, sizeof at, " %d%% ", textview_percent(&w->text));
        surface_put(s, r.row + r.rows - 1, r.col + r.cols - n - 2, n, ST_DIM, at);
    }
}
