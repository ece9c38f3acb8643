/* Windows of text over the panes: help, errors, who am I. */
#include <stdio.h>

#include "ui/draw.h"

void view_popup_draw(struct surface *s, const struct model *m)
{
    enum mode mode = m->mode == MODE_DIALOG ? m->under_dialog : m->mode;
    const char *what = mode == MODE_HELP     ? "Keys"
                       : mode == MODE_ERRORS ? "Errors of this session"
                       : mode == MODE_WHOAMI ? "Who am I"
                                             : NULL;
    char title[120];

    if (what == NULL || m->layout.popup.rows <= 0) {
        return;
    }
    if (mode == MODE_HELP && m->help_scope != SCOPE_COUNT) {
        (void)snprintf(title, sizeof title, "%s: %s", what, scope_title(m->help_scope));
    } else {
        (void)snprintf(title, sizeof title, "%s", what);
    }
    struct rect inside = draw_window(s, m->layout.popup, title, ST_BORDER_FOCUS, ST_TITLE_FOCUS);
    struct text_draw d = {.view = &m->popup, .focus = true};
    draw_text(s, inside, &d);
    if ((int)textview_len(&m->popup) > inside.rows) {
        char at[24];
        struct rect r = m->layout.popup;
        int n = snprintf(at, sizeof at, " %d%% ", textview_percent(&m->popup));
        surface_put(s, r.row + r.rows - 1, r.col + r.cols - n - 2, n, ST_DIM, at);
    }
}
