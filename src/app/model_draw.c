/* Drawing the whole screen: what fills the body, header, status row and footer, and what stands
 * over them. */
#include "model_draw.h"

#include <stdio.h>

#include "all_priv.h"
#include "draw.h"
#include "model_priv.h"

static void draw_too_small(struct surface *s, const struct model *m)
{
    char text[120];

    (void)snprintf(text, sizeof text,
                   "mvpdash needs %dx%d, this is %dx%d. Make it larger, or q quits.",
                   LAYOUT_MIN_COLS, LAYOUT_MIN_ROWS, m->cols, m->rows);
    draw_wrapped(s, (struct rect){0, 0, s->rows, s->cols}, ST_WARN, text);
}

void draw_model(struct surface *s, const struct model *m)
{
    if (s->rows != m->rows || s->cols != m->cols) {
        surface_resize(s, m->rows < 1 ? 1 : m->rows, m->cols < 1 ? 1 : m->cols);
    }
    surface_erase(s);
    if (m->desk.layout.too_small) {
        draw_too_small(s, m);
        return;
    }
    view_header_draw(s, m);
    if (m->all != NULL) {
        all_draw_counts(s, m->all);
    } else {
        view_summary_draw(s, m);
    }
    stack_draw_body(s, m);
    if (m->all != NULL) {
        all_draw_list(s, m->all);
    }
    view_status_draw(s, m);
    view_footer_draw(s, m);
    stack_draw_layers(s, m);
}
