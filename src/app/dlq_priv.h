/* dlq_priv.h - between the files of the dead letter queue's screen: dlq.c (the list), dlq_text.c (a
 * message as text), dlq_form.c (editing one), dlq_ask.c (questions and results), dlq_draw.c. */
#ifndef APP_DLQ_PRIV_H
#define APP_DLQ_PRIV_H

#include "dlq.h"
#include "screen.h"

/* The functions of dlq.c. */
void dlq_remove(struct dlq_view *v, const char *id);
struct dlq_item *dlq_find(struct dlq_view *v, const char *id);

/* The function of dlq_text.c. */
void dlq_text_fill(struct dlq_view *v, const struct desk *desk);
bool dlq_text_action(struct dlq_view *v, struct desk *desk, enum action a, struct effects *out);

/* The functions of dlq_form.c. */
void dlq_form_open(struct dlq_view *v, struct desk *desk);
void dlq_form_close(struct dlq_view *v);
bool dlq_form_action(struct dlq_view *v, struct desk *desk, enum action a);
bool dlq_form_key(void *self, struct desk *desk, const char *key);
void dlq_form_paste(void *self, struct desk *desk, const char *text, size_t len);
void dlq_form_resize(struct dlq_form *f, int rows, int cols);
struct dlq_edit dlq_form_value(const struct dlq_form *f); /* borrowed texts */

/* The functions of dlq_ask.c. */
void dlq_ask_send(struct dlq_view *v, struct desk *desk);
void dlq_ask_delete(struct dlq_view *v, struct desk *desk);
void dlq_ask_edited(struct dlq_view *v, struct desk *desk);
void dlq_ask_leave(struct dlq_view *v, struct desk *desk);
void dlq_result(struct dlq_view *v, struct desk *desk, const struct msg *msg);
/* the last message came */
void dlq_acted(struct dlq_view *v, struct desk *desk, const struct msg *msg);

/* The function of dlq_draw.c. */
void dlq_draw(struct surface *s, const void *self, const struct desk *desk, struct rect all);
#endif
