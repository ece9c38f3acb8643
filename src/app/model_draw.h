/* model_draw.h - the parts of the whole screen, for model_draw.c. */
#ifndef APP_MODEL_DRAW_H
#define APP_MODEL_DRAW_H

#include "app/surface.h"
#include "model_priv.h"

/* The parts, one file each: NAME_draw.c. */
void view_header_draw(struct surface *s, const struct model *m);
void view_summary_draw(struct surface *s, const struct model *m);
void view_status_draw(struct surface *s, const struct model *m);
void view_footer_draw(struct surface *s, const struct model *m);
void view_popup_draw(struct surface *s, const struct model *m); /* help, errors, who am I */
void view_menu_draw(struct surface *s, const struct model *m);
void view_palette_draw(struct surface *s, const void *owner);  /* the model */
void view_line_draw(struct surface *s, const struct model *m); /* being typed */
void view_dialog_draw(struct surface *s, const struct model *m);

/* What stands over the screen, the topmost last: layers.c. */
void layers_draw(struct surface *s, const struct model *m);
#endif
