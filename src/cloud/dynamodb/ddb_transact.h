/* ddb_transact.h - what TransactWriteItems and TransactGetItems have in common. Under the cloud's
 * lock. */
#ifndef CLOUD_DYNAMODB_DDB_TRANSACT_H
#define CLOUD_DYNAMODB_DDB_TRANSACT_H

#include "ddb.h"

/* The TransactItems parameter: an array of 1 to 100 elements. NULL with `r` failed. */
const cJSON *ddb_transact_items(const cJSON *in, struct cloud_reply *r);
/* Fails: the action `kind` ("put") of element `at` (from 0) lacks a member ("tableName"). Returns
 * false. */
bool ddb_transact_missing(struct cloud_reply *r, size_t at, const char *kind, const char *member);
/* Notes an item's key; false with `r` failed when another action has it. */
bool ddb_transact_note(struct map *seen, const struct ddb_table *t, const cJSON *key,
                       struct cloud_reply *r);
bool ddb_transact_size_ok(size_t bytes, struct cloud_reply *r);

/* Adds the reason of one action to `reasons`: what `refusal` says, "None" when it is none; clears
 * it. False, with `r` failed, when the refusal is none that cancels a transaction but one of the
 * whole request. */
bool ddb_transact_push_reason(cJSON *reasons, struct cloud_reply *refusal, struct cloud_reply *r);
/* Fails with TransactionCanceledException; takes the reasons. */
void ddb_transact_cancel(struct cloud_reply *r, cJSON *reasons);
#endif
