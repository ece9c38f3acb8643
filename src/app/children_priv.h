/* children_priv.h - between children.c (pages and keys), children_load.c (asking and taking),
 * children_text.c and children_draw.c. */
#ifndef APP_CHILDREN_PRIV_H
#define APP_CHILDREN_PRIV_H

#include "children.h"
#include "screen.h"

/* The functions of children_load.c. */
void children_init(struct children_view *v);
void children_done(struct children_view *v);
void children_choose(struct children_view *v, const char *job_id, const struct batch_job *parent);
/* Asks for all children, unless that is under way. */
void children_load(struct children_view *v, struct desk *desk, struct effects *out);
/* Asks for the child that is open, in full; a child that has ended is asked for once. */
void children_load_one(struct children_view *v, struct desk *desk, struct effects *out);
void children_give_up(struct children_view *v, struct effects *out);
/* Makes the text of the page that shows. */
void children_fill(struct children_view *v, const struct desk *desk);
enum taken children_take(struct children_view *v, const struct desk *desk, struct msg *msg);
enum taken children_ended(struct children_view *v, struct desk *desk, const struct msg *msg,
                          struct effects *out);
void children_tick(struct children_view *v, struct desk *desk, struct effects *out);
int64_t children_again_ms(const struct children_view *v, const struct desk *desk);

/* The functions of children_text.c. */
/* Makes the rows in order, with a line for each; the cursor stays on its child. */
void children_fill_list(struct children_view *v, const struct desk *desk);
/* Makes the text of what is known of the child that is open. */
void children_fill_facts(struct children_view *v, const struct desk *desk);

/* The function of children_draw.c. */
void children_draw(struct surface *s, const void *self, const struct desk *desk, struct rect all);
#endif
