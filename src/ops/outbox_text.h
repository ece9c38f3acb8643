/* outbox_text.h - private to ops: what an entry of the outbox looks like in its file: a head, whose
 * bytes are overwritten when the stage changes, then the rest of one JSON object. */
#ifndef OPS_OUTBOX_TEXT_H
#define OPS_OUTBOX_TEXT_H

#include "core/strbuf.h"
#include "ops/outbox.h"

enum { OUTBOX_HEAD_SIZE = 160 };

/* The head has the same length for every stage, time and boot. */
void outbox_head_text(const struct outbox_entry *x, char out[OUTBOX_HEAD_SIZE]);
/* Appends the text of the whole file: wipe it. Fails only when nobody could tell whose the entry
 * is: E_CREDS and similar codes. */
MUST_CHECK enum err_code outbox_text(const struct ops *o, const struct outbox_entry *x,
                                     struct strbuf *out, struct err *e);
/* Fills the entry from its document, whatever place it belongs to. E_PARSE. */
MUST_CHECK enum err_code outbox_parse(const cJSON *doc, struct outbox_entry *x, struct err *e);
#endif
