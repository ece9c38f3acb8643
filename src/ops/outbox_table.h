/* outbox_table.h - private to ops: entries of the outbox in the state table (outbox.h). */
#ifndef OPS_OUTBOX_TABLE_H
#define OPS_OUTBOX_TABLE_H

#include <cjson/cJSON.h>

#include "ops/outbox.h"

/* Makes an entry that stands nowhere yet: dispatch_transact writes it together with the record. */
MUST_CHECK enum err_code outbox_table_add(const struct ops *o, const struct deploy_request *r,
                                          struct outbox_entry *out, struct err *e);
/* The item of such an entry, as it is first written: its event is being sent, by us. Owned; it
 * holds the database URL. */
cJSON *outbox_table_item(const struct outbox_entry *x);
/* Makes certain that the item of a transaction that perhaps was done never comes to be. E_OK: it
 * will not. E_CONFLICT: this request's item is there already. Any other: not known. */
MUST_CHECK enum err_code outbox_table_void(struct outbox_entry *x, struct err *e);

/* Takes an entry over whose lease has run out. E_NOT_FOUND; E_CONFLICT when another replica works
 * on it; E_PARSE. */
MUST_CHECK enum err_code outbox_table_open(const struct ops *o, const char *job_id,
                                           struct outbox_entry *out, struct err *e);
MUST_CHECK enum err_code outbox_table_drop(const struct ops *o, const char *job_id, struct err *e);
/* As outbox_replace. E_CONFLICT when somebody works on it or it is gone. */
MUST_CHECK enum err_code outbox_table_replace(const struct ops *o, const struct deploy_request *r,
                                              int64_t sent_ms, struct err *e);
MUST_CHECK enum err_code outbox_table_read(const struct ops *o, struct outbox_item **items,
                                           size_t *len, struct err *e);
#endif
