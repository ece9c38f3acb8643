/* ddb_schema.h - reading and changing table definitions; between op_table.c, ddb_call.c
 * and the ddb_schema*.c files. Under the cloud's lock. */
#ifndef CLOUD_DYNAMODB_DDB_SCHEMA_H
#define CLOUD_DYNAMODB_DDB_SCHEMA_H

#include "ddb.h"

enum { DDB_GLOBALS_MAX = 20, DDB_KEY_NAME_MAX = 255 };

/* The TableName parameter, checked; borrowed from `in`. NULL with `r` failed. */
const char *ddb_schema_table_name(const cJSON *in, struct cloud_reply *r);
/* The table that TableName names; NULL with `r` failed, in the words of the operations on tables.
 */
const struct ddb_table *ddb_schema_named_table(struct cloud *cloud, const cJSON *in,
                                               struct cloud_reply *r);
/* CreateTable's parameters as the definition that is stored; owned. NULL with `r` failed. */
cJSON *ddb_schema_read(const cJSON *in, struct cloud_reply *r);
/* The parts of ddb_schema_read, for UpdateTable: each reads one parameter into the form that is
 * stored, owned; NULL or false with `r` failed. */
cJSON *ddb_schema_definitions(const cJSON *in, struct cloud_reply *r);
cJSON *ddb_schema_keys(const cJSON *owner, struct cloud_reply *r); /* reads KeySchema */
cJSON *ddb_schema_index(const cJSON *given, struct cloud_reply *r);
/* reads the indexes of both kinds */
bool ddb_schema_indexes(const cJSON *in, cJSON *def, struct cloud_reply *r);
bool ddb_schema_billing(const cJSON *in, cJSON *def, struct cloud_reply *r);
/* Reads ProvisionedThroughput of `owner` into `out`; adds nothing when it is not given. `where`
 * names the owner in messages. */
bool ddb_schema_throughput(const cJSON *owner, cJSON *out, const char *where,
                           struct cloud_reply *r);
/* Refuses throughput that `owner` asks for when it equals that of `before`. `what` is "table" or
 * "index x". */
bool ddb_schema_throughput_changes(const cJSON *before, const cJSON *owner, const char *what,
                                   struct cloud_reply *r);
/* Checks that global indexes have throughput of their own exactly when the table has. */
bool ddb_schema_index_billing(const cJSON *def, struct cloud_reply *r);
bool ddb_schema_protection(const cJSON *in, cJSON *def, struct cloud_reply *r);
/* checks that the indexes include not too many attributes together */
bool ddb_schema_check_included(const cJSON *def, struct cloud_reply *r);
/* Checks that every key has a definition, that every definition belongs to a key, and everything
 * that the functions above check. */
bool ddb_schema_check(const cJSON *def, struct cloud_reply *r);
void ddb_schema_prune(cJSON *def); /* drops definitions that no key uses */
bool ddb_schema_has_index(const cJSON *def, const char *name);
/* the definition of an attribute, or NULL */
const cJSON *ddb_schema_definition(const cJSON *definitions, const char *name);

/* Carries out UpdateTable: changes definition, index entries and stream. False with `r` failed. */
bool ddb_schema_update(struct cloud *cloud, const struct ddb_table *t, const cJSON *in,
                       struct cloud_reply *r);

/* Turns the stream on or off as `spec` says (NULL: leave it as it is) and notes it in `def`. */
bool ddb_schema_set_stream(struct cloud *cloud, int64_t table_id, const char *table, cJSON *def,
                           const cJSON *spec, struct cloud_reply *r);
bool ddb_schema_store(struct cloud *cloud, int64_t table_id, const cJSON *def,
                      struct cloud_reply *r);
bool ddb_schema_give_id(struct cloud *cloud, const char *used_by, cJSON *index,
                        struct cloud_reply *r);
bool ddb_schema_drop_entries(struct cloud *cloud, int64_t index_id, struct cloud_reply *r);
#endif
