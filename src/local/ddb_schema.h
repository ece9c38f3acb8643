/* ddb_schema.h - reading and changing table definitions; between svc_dynamodb_table.c and
 * ddb_schema.c. Under the cloud's lock. */
#ifndef LOCAL_DDB_SCHEMA_H
#define LOCAL_DDB_SCHEMA_H

#include "local/ddb.h"

/* The TableName parameter, checked; borrowed from `in`. NULL with `r` failed. */
const char *ddb_schema_table_name(const cJSON *in, struct local_reply *r);
/* CreateTable's parameters as the definition that is stored; owned. NULL with `r` failed. */
cJSON *ddb_schema_read(const cJSON *in, struct local_reply *r);
/* Carries out UpdateTable: definition, index entries, stream. False with `r` failed. */
bool ddb_schema_update(struct local *l, const struct ddb_table *t, const cJSON *in,
                       struct local_reply *r);

/* Turns the stream on or off as `spec` says (NULL: leave it) and notes it in `def`. */
bool ddb_schema_set_stream(struct local *l, int64_t table_id, const char *table, cJSON *def,
                           const cJSON *spec, struct local_reply *r);
bool ddb_schema_store(struct local *l, int64_t table_id, const cJSON *def, struct local_reply *r);
bool ddb_schema_give_id(struct local *l, const char *used_by, cJSON *index, struct local_reply *r);
bool ddb_schema_drop_entries(struct local *l, int64_t index_id, struct local_reply *r);
#endif
