/* outbox_priv.h - private to ops: what the parts of the outbox share (outbox.c, outbox_steps.c,
 * outbox_text.c). */
#ifndef OPS_OUTBOX_PRIV_H
#define OPS_OUTBOX_PRIV_H

#include <stdbool.h>

#include "core/strbuf.h"
#include "ops/outbox.h"

/* ---- the text: a head, whose bytes are overwritten when the stage changes, then the rest of one
 * JSON object ---- */

enum { OUTBOX_HEAD_SIZE = 160 };

/* The head has the same length for every stage, time and boot. */
void outbox_head_text(const struct outbox_entry *x, char out[OUTBOX_HEAD_SIZE]);
/* Appends the text of the whole file: wipe it. Fails only when nobody could tell whose the entry
 * is: E_CREDS and similar codes. */
MUST_CHECK enum err_code outbox_text(const struct ops *o, const struct outbox_entry *x,
                                     struct strbuf *out, struct err *e);
/* Fills the entry from its document, whatever place it belongs to. E_PARSE. */
MUST_CHECK enum err_code outbox_parse(const cJSON *doc, struct outbox_entry *x, struct err *e);

/* ---- the steps ---- */

/* Gives the lock back and empties the entry, whatever became of its file. */
void outbox_entry_clear(struct outbox_entry *x);
/* Makes an entry that a log holds safe without the log, before another process may take it over. */
void outbox_settle(struct outbox_entry *x);
/* Syncs the folder that the file is in. */
bool outbox_sync_folder(const char *path);
enum err_code outbox_fail_io(struct err *e, const char *what, const char *path);
void outbox_fault(const struct ops *o, const char *step);
#endif
