/* dlq_priv.h - between the files of the dead letter queue's view: view_dlq.c (the list),
 * dlq_text.c (a message as text), dlq_form.c (editing one), dlq_ask.c (questions and results). */
#ifndef APP_DLQ_PRIV_H
#define APP_DLQ_PRIV_H

#include "model_priv.h"

/* view_dlq.c */
void dlq_rows(struct dlq_view *v); /* what the list shows, after a change */
void dlq_remove(struct model *m, const char *id);
struct dlq_item *dlq_find(struct dlq_view *v, const char *id);

/* dlq_text.c */
void dlq_text_fill(struct model *m);
bool dlq_text_action(struct model *m, enum action a, struct effects *out);

/* dlq_form.c */
void dlq_form_open(struct model *m);
bool dlq_form_action(struct model *m, enum action a, struct effects *out);
bool dlq_form_key(struct model *m, const char *key);
void dlq_form_paste(struct model *m, const char *text, size_t len);
void dlq_form_resize(struct dlq_form *f, int rows, int cols);
struct dlq_edit dlq_form_value(const struct dlq_form *f); /* borrowed texts */

/* dlq_ask.c */
void dlq_ask_send(struct model *m);
void dlq_ask_delete(struct model *m);
void dlq_ask_edited(struct model *m);
void dlq_ask_leave(struct model *m);
#endif
