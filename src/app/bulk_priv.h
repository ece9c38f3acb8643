/* bulk_priv.h - between the files of the screen of a file of deploys: bulk.c (keys, replies,
 * sending), bulk_name.c (the line of its name), bulk_ask.c (questions), bulk_draw.c. */
#ifndef APP_BULK_PRIV_H
#define APP_BULK_PRIV_H

#include "bulk.h"
#include "screen.h"

/* The functions of bulk.c. */
void bulk_read_file(struct bulk_view *v, struct desk *desk,
                    /* reads the named file */
                    struct effects *out);
/* sends the deploys, after the person said yes */
void bulk_send(struct bulk_view *v, struct desk *desk, struct effects *out);
void bulk_stop(struct bulk_view *v, struct effects *out);

/* The functions of bulk_name.c. */
void bulk_open_name(struct bulk_view *v, struct desk *desk);
/* Asks for the files that begin with the typed text, once in an event. */
void bulk_ask_files(struct bulk_view *v, struct desk *desk, struct effects *out);
void bulk_take_files(struct bulk_view *v, struct desk *desk, struct msg *msg, struct effects *out);

/* The functions of bulk_ask.c. */
void bulk_ask_send(struct bulk_view *v, struct desk *desk);
void bulk_ask_stop(struct bulk_view *v, struct desk *desk);

/* The functions of bulk_draw.c. */
void bulk_draw(struct surface *s, const void *self, const struct desk *desk, struct rect all);
#endif
