/* ddb_schema.h - reading and changing table definitions; between svc_dynamodb_table.c,
 * ddb_schema.c and ddb_schema_update.c. Under the cloud's lock. */
#ifndef LOCAL_DDB_SCHEMA_H
#define LOCAL_DDB_SCHEMA_H

#include "local/ddb.h"

enum { DDB_GLOBALS_MAX = 20 };

/* The TableName parameter, checked; borrowed from `in`. NULL with `r` failed. */
const char *ddb_schema_table_name(const cJSON *in, struct local_reply *r);
/* CreateTable's parameters as the definition that is stored; owned. NULL with `r` failed. */
cJSON *ddb_schema_read(const cJSON *in, struct local_reply *r);
/* Its parts, for UpdateTable: each reads one parameter into what is stored, owned; NULL or false
 * with `r` failed. */
cJSON *ddb_schema_definitions(const cJSON *in, struct local_reply *r);
cJSON *ddb_schema_index(const cJSON *given, struct local_reply *r);
bool ddb_schema_billing(const cJSON *in, cJSON *def, struct local_reply *r);
bool ddb_schema_protection(const cJSON *in, cJSON *def, struct local_reply *r);
/* Every key has a definition, every definition is a key. */
bool ddb_schema_check(const cJSON *def, struct local_reply *r);
void ddb_schema_prune(cJSON *def); /* drops definitions that no key uses */
bool ddb_schema_has_index(const cJSON *def, const char *name);
const cJSON *ddb_schema_definition(const cJSON *definitions, const char *name); /* or NULL */

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
