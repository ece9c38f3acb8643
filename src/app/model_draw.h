/* model_draw.h - the functions that draw the parts of the whole screen, for model_draw.c. */
#ifndef APP_MODEL_DRAW_H
#define APP_MODEL_DRAW_H

#include "app/surface.h"
#include "model_priv.h"

/* The parts, each drawn in its file NAME_draw.c. */
void view_header_draw(struct surface *s, const struct model *m);
void view_summary_draw(struct surface *s, const struct model *m);
void view_status_draw(struct surface *s, const struct model *m);
void view_footer_draw(struct surface *s, const struct model *m);

/* Draw what fills the body, and what stands over it (stack.c). */
void stack_draw_body(struct surface *s, const struct model *m);
void stack_draw_layers(struct surface *s, const struct model *m);
#endif
