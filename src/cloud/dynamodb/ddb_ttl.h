/* ddb_ttl.h - when items expire: the table of expiries, which follows every write, and the thread
 * that deletes what is due. Facts: DynamoDB developer guide, "Time to Live". */
#ifndef CLOUD_DYNAMODB_DDB_TTL_H
#define CLOUD_DYNAMODB_DDB_TTL_H

#include "ddb.h"

/* ---- under the cloud's lock ------------------------------------------------------------- */

/* Notes when an item of a table with TTL expires; `item` NULL: it is gone. */
bool ddb_ttl_note(struct cloud *cloud, const struct ddb_table *t, int64_t item_id,
                  const cJSON *item, struct cloud_reply *r);
/* Does the same for every item of the table. */
bool ddb_ttl_fill(struct cloud *cloud, const struct ddb_table *t, struct cloud_reply *r);
/* Forgets all expiries of a table. */
bool ddb_ttl_drop(struct cloud *cloud, int64_t table_id, struct cloud_reply *r);
/* Deletes the expired items, at most some at once. True when it deleted any. */
bool ddb_ttl_delete_due(struct cloud *cloud);
/* The milliseconds until the next item is due; -1: none will be. */
int64_t ddb_ttl_next_ms(struct cloud *cloud);

/* ---- the thread ------------------------------------------------------------------------- */

struct ddb_expiry; /* opaque: the layout lives in src/cloud/dynamodb/ddb_expiry.c */
struct ddb_expiry *ddb_expiry_start(struct cloud *cloud, struct err *e); /* NULL: E_IO */
void ddb_expiry_stop(struct ddb_expiry *x); /* without the cloud's lock; NULL allowed */
/* Lets the thread look again: an item may be due earlier than it waits for. NULL allowed. */
void ddb_expiry_poke(struct ddb_expiry *x);
#endif
