/* ddb.h - what the files of the local DynamoDB share: tables, keys, items, writes, streams.
 *
 * Storage: an item is one row of JSON text (ddb_item). Every place it can be found at, the table's
 * own key and each secondary index, is one row of ddb_entry, whose primary key is the order that
 * Query and Scan read in:
 *
 *     index_id, hash of the partition key, partition key, sort key, table key (for ties)
 *
 * Keys are byte strings that compare with memcmp as their values compare. Everything here runs
 * under the cloud's lock. Facts: AWS-WIRE 2.1, 2.2; DynamoDB developer guide. */
#ifndef CLOUD_DYNAMODB_DDB_H
#define CLOUD_DYNAMODB_DDB_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/strbuf.h"
#include "src/cloud/store/service.h"

enum {
    DDB_ITEM_MAX = 400 * 1024,
    DDB_PAGE_MAX = 1024 * 1024,
    DDB_BATCH_MAX = 16 * 1024 * 1024,
    DDB_HASH_MAX = 2048,
    DDB_SORT_MAX = 1024,
    DDB_BATCH_KEYS = 100,
    DDB_BATCH_WRITES = 25,
    DDB_ACTIONS_MAX = 100,
    DDB_TRANSACTION_MAX = 4 * 1024 * 1024,
    DDB_SEGMENTS_MAX = 1000000
};

struct map;

/* ---- tables ----------------------------------------------------------------------------- */

enum ddb_projection { DDB_PROJECT_ALL, DDB_PROJECT_KEYS, DDB_PROJECT_INCLUDE };

struct ddb_index {
    int64_t id;
    const char *name; /* NULL: the table itself. Strings are borrowed from the definition. */
    bool global;
    const char *hash;
    const char *hash_type; /* "S", "N" or "B" */
    const char *range;     /* NULL: no sort key */
    const char *range_type;
    enum ddb_projection projection;
    const cJSON *include; /* NonKeyAttributes, or NULL */
};

struct ddb_table {
    int64_t id;
    char *name;
    cJSON *def;                /* the stored definition; owned */
    struct ddb_index *indexes; /* [0] is the table itself; owned */
    size_t len;
    int64_t stream_id;     /* 0: no stream enabled */
    const char *view_type; /* "NEW_AND_OLD_IMAGES"; borrowed from the definition */
    const char *ttl;       /* the attribute by which items expire, or NULL; borrowed likewise */
    int64_t created_ms;
};

/* What the service keeps in memory; made at the first use. */
struct ddb_state {
    struct map *tables;        /* the cache of ddb_table_find; NULL: nothing is in it */
    struct ddb_expiry *expiry; /* the thread that deletes expired items */
};
struct ddb_state *ddb_state_of(struct cloud *cloud);

/* Finds a table by name or ARN. NULL when there is none. Borrowed from the cache: valid until the
 * handler returns or changes the table. */
const struct ddb_table *ddb_table_find(struct cloud *cloud, const char *name_or_arn);
void ddb_tables_forget(struct cloud *cloud); /* drops the cache; call after changing a definition */
const struct ddb_index *ddb_index_find(const struct ddb_table *t, const char *name);
/* Is an attribute in the projection of an index? */
bool ddb_index_has(const struct ddb_table *t, const struct ddb_index *x, const char *attribute);
char *ddb_table_arn(struct cloud *cloud, const char *table_name); /* owned */
const char *ddb_name_of_arn(const char *name_or_arn);             /* "jobs"; borrowed */

/* ---- keys ------------------------------------------------------------------------------- */

/* The place of an item in an index. */
struct ddb_pos {
    uint32_t bucket; /* the hash of the partition key, which gives Scan's order and its segments */
    struct strbuf hash;
    struct strbuf sort;
    struct strbuf tie; /* the table's key; empty for the table itself */
};

/* Appends the memcmp-ordered form of an S, N or B value. */
void ddb_key_encode(struct strbuf *out, const cJSON *av);
uint32_t ddb_key_bucket(const void *bytes, size_t len);
/* The place of the item in the index. False when the item is not in the index: it lacks a key
 * attribute, or has it in another type, or (when it was put before the index was made) empty or too
 * long. */
bool ddb_pos_of(const struct ddb_table *t, const struct ddb_index *x, const cJSON *item,
                struct ddb_pos *out);
void ddb_pos_clear(struct ddb_pos *p);

/* Checks one key attribute of the right type: it may be neither empty nor too long. E_INVALID with
 * AWS's sentence. */
MUST_CHECK enum err_code ddb_key_value_check(const char *name, const cJSON *av, bool is_hash,
                                             struct err *e);
/* Checks a Key parameter, which must hold exactly the key attributes with valid values. E_INVALID
 * with AWS's sentence. */
MUST_CHECK enum err_code ddb_key_check(const struct ddb_table *t, const cJSON *key, struct err *e);
/* The key attributes of the table and, when the index is not the table itself, those of the index.
 * Owned. */
cJSON *ddb_key_of(const struct ddb_table *t, const struct ddb_index *x, const cJSON *item);

/* ---- items ------------------------------------------------------------------------------ */

/* Checks a whole item before it is written: values, duplicate names, keys of table and indexes.
 * E_PARSE (malformed) or E_INVALID. */
MUST_CHECK enum err_code ddb_item_check(const struct ddb_table *t, const cJSON *item,
                                        struct err *e);
/* Checks only the key and index attributes: for an updated item, whose values are known to be
 * valid. `was` is the item before the update, `{}` when there was none; NULL for an item that is
 * put. An attribute that the update leaves as it was is not refused: it may be older than the
 * index. */
MUST_CHECK enum err_code ddb_item_check_keys(const struct ddb_table *t, const cJSON *item,
                                             const cJSON *was, struct err *e);
void ddb_item_normalise(cJSON *object); /* puts numbers into DynamoDB's form, in place */
size_t ddb_item_size(const cJSON *item);

/* A stored item. */
struct ddb_row {
    bool found;
    int64_t id;
    size_t size;
    cJSON *item; /* owned */
};
/* Reads a row. False with `r` failed when the store fails; out->found tells whether the row is
 * there. */
bool ddb_row_get(struct cloud *cloud, const struct ddb_table *t, const cJSON *key,
                 struct ddb_row *out, struct cloud_reply *r);
void ddb_row_clear(struct ddb_row *row);

/* The units that one call consumed, for each index of the table. */
struct ddb_units {
    double *items; /* owned; as many as the table has indexes */
    /* what transactions call them besides: "WriteCapacityUnits"; NULL: nothing */
    const char *kind;
};
/* Replaces `old` (found or not) by `item` (NULL: delete), with index entries and stream record.
 * Nothing is written when nothing changes. `units` may be NULL. False with `r` failed. */
bool ddb_row_write(struct cloud *cloud, const struct ddb_table *t, const struct ddb_row *old,
                   const cJSON *item, struct ddb_units *units, struct cloud_reply *r);
/* Deletes an item that has expired: the service does it, and the stream says so. */
bool ddb_row_expire(struct cloud *cloud, const struct ddb_table *t, const struct ddb_row *row,
                    struct cloud_reply *r);
/* Calls `each` with every item of the table until it returns false; false with `r` failed when it
 * did, or when the store fails. */
bool ddb_each_row(struct cloud *cloud, const struct ddb_table *t,
                  bool (*each)(void *arg, const struct ddb_row *row), void *arg,
                  struct cloud_reply *r);
/* Adds the entries of index `x` for every item of the table (a new index). */
bool ddb_index_fill(struct cloud *cloud, const struct ddb_table *t, const struct ddb_index *x,
                    struct cloud_reply *r);

/* The members of a stored item's text, without parsing it: each call cuts out the next
 * `"name":value` slice. False at the end. `at` starts as 0. The name keeps its quotes and
 * escapes. */
struct ddb_slice {
    const char *name;
    size_t name_len;
    const char *whole; /* name, colon and value */
    size_t whole_len;
};
bool ddb_text_next(const char *text, size_t len, size_t *at, struct ddb_slice *out);

/* ---- streams ---------------------------------------------------------------------------- */

/* Records a change (either image may be NULL) when the table's stream is on. `expired`: the service
 * made it. */
bool ddb_stream_append(struct cloud *cloud, const struct ddb_table *t, const cJSON *old,
                       const cJSON *now, bool expired, struct cloud_reply *r);
/* Opens a stream for a table; fills id and label ("2026-11-23T02:32:31.534"). */
bool ddb_stream_open(struct cloud *cloud, int64_t table_id, const char *table_name,
                     const cJSON *key_schema, const char *view_type, int64_t *id, char label[32],
                     struct cloud_reply *r);
bool ddb_stream_close(struct cloud *cloud, int64_t stream_id, struct cloud_reply *r);

/* ---- calls ------------------------------------------------------------------------------ */

/* Fails a call with AWS's code for an error value: SerializationException for E_PARSE,
 * ResourceNotFoundException for E_NOT_FOUND, else ValidationException. Returns false. */
bool ddb_fail(struct cloud_reply *r, const struct err *e);
bool ddb_invalid(struct cloud_reply *r, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Checks the name of a table or an index; `param` and `label` name the parameter. */
bool ddb_name_ok(const char *name, const char *param, const char *label, struct cloud_reply *r);
/* A string parameter: NULL when it is absent; `*ok` is false, with `r` failed, when it is no
 * string. */
const char *ddb_string(const cJSON *in, const char *name, struct cloud_reply *r, bool *ok);
/* A parameter that must be one of a NULL-terminated list: the result is the list's own text, never
 * the document's. When the parameter is absent, the text of the list that equals `fallback`, or
 * NULL without a failure when none does. Otherwise NULL with `r` failed. */
const char *ddb_choice(const cJSON *in, const char *name, const char *const *allowed,
                       const char *fallback, struct cloud_reply *r);
/* An integer parameter within limits; `fallback` when it is absent; false with `r` failed
 * otherwise. */
bool ddb_number(const cJSON *in, const char *name, int64_t min, int64_t max, int64_t fallback,
                int64_t *out, struct cloud_reply *r);
bool ddb_flag(const cJSON *in, const char *name, bool *out, struct cloud_reply *r);
/* Does every parameter that is given have the JSON type that it must have, and is every
 * AttributeValue one? Every operation checks this first, before it looks for a table. The batch
 * operations differ in what RequestItems holds. False with `r` failed. */
bool ddb_shapes_ok(const cJSON *in, struct cloud_reply *r);
bool ddb_shapes_of_get_ok(const cJSON *in, struct cloud_reply *r);
bool ddb_shapes_of_write_ok(const cJSON *in, struct cloud_reply *r);
bool ddb_shapes_of_transaction_ok(const cJSON *in, struct cloud_reply *r);
/* Refuses the parameters that the API had before it had expressions. */
bool ddb_no_legacy(const cJSON *in, struct cloud_reply *r);
/* The table that the TableName parameter names; NULL with `r` failed. */
const struct ddb_table *ddb_wanted_table(struct cloud *cloud, const cJSON *in,
                                         struct cloud_reply *r);

/* Refuses a path that leads into a key attribute of the table or of an index: key attributes are
 * scalars. */
struct ddb_expr_path;
bool ddb_path_ok(const struct ddb_table *t, const struct ddb_expr_path *path,
                 struct cloud_reply *r);

/* Notes the item's key in `seen`, a map of the keys of a request. False when it was there
 * already. */
bool ddb_key_note(struct map *seen, const struct ddb_table *t, const cJSON *item);
/* The ReturnItemCollectionMetrics parameter: does the request ask for them? False with `r` failed.
 */
bool ddb_metrics_wanted(const cJSON *in, bool *wanted, struct cloud_reply *r);
/* The ItemCollectionMetrics document of an item or a key; NULL when the table has no local index:
 * then its items are in no collections. Its numbers are raw. */
cJSON *ddb_metrics(const struct ddb_table *t, const cJSON *key);
/* Adds a table's ConsumedCapacity to the list, when the request asks for it. */
void ddb_push_capacity(cJSON *list, const struct ddb_table *t, const struct ddb_units *u,
                       const char *mode);
/* Sets a member when the list is not empty; takes the list. */
void ddb_set_list(cJSON *out, const char *name, cJSON *list);

struct ddb_units ddb_units_new(const struct ddb_table *t);
void ddb_units_clear(struct ddb_units *u);
double ddb_read_units(size_t bytes, bool consistent);
double ddb_write_units(size_t bytes);
/* The ReturnConsumedCapacity parameter, checked: "NONE", "TOTAL" or "INDEXES"; NULL with `r`
 * failed. */
const char *ddb_capacity_mode(const cJSON *in, struct cloud_reply *r);
/* The ConsumedCapacity document, or NULL for mode NONE. Its numbers are raw: set r->raw. */
cJSON *ddb_capacity(const struct ddb_table *t, const struct ddb_units *u, const char *mode);

/* The handlers of the operations, by file: op_table.c, op_item.c, op_query.c, op_batch.c,
 * op_transact.c, op_ttl.c. */
void ddb_op_create_table(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);
void ddb_op_delete_table(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);
void ddb_op_update_table(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);
void ddb_op_describe_table(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);
void ddb_op_list_tables(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);
void ddb_op_put_item(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);
void ddb_op_get_item(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);
void ddb_op_update_item(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);
void ddb_op_delete_item(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);
void ddb_op_query(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);
void ddb_op_scan(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);
void ddb_op_batch_get_item(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);
void ddb_op_batch_write_item(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);

void ddb_op_transact_write_items(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);
void ddb_op_transact_get_items(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);
void ddb_op_update_time_to_live(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);
void ddb_op_describe_time_to_live(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);

extern const struct cloud_service ddb_service;
extern const struct cloud_service ddb_streams_service;
#endif
