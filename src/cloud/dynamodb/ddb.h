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
    DDB_SEGMENTS_MAX = 1000000
};

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
    int64_t created_ms;
};

/* Finds a table by name or ARN. NULL when there is none. Borrowed from the cache: valid until the
 * handler returns or changes the table. */
const struct ddb_table *ddb_table_find(struct cloud *cloud, const char *name_or_arn);
void ddb_tables_forget(struct cloud *cloud); /* drops the cache; call after changing a definition */
const struct ddb_index *ddb_index_find(const struct ddb_table *t, const char *name);
/* Whether an attribute is in the projection of an index. */
bool ddb_index_has(const struct ddb_table *t, const struct ddb_index *x, const char *attribute);
char *ddb_table_arn(struct cloud *cloud, const char *table_name); /* owned */
const char *ddb_name_of_arn(const char *name_or_arn);             /* "jobs"; borrowed */

/* ---- keys ------------------------------------------------------------------------------- */

/* Where an item stands in an index. */
struct ddb_pos {
    uint32_t bucket; /* hash of the partition key: Scan's order, and its segments */
    struct strbuf hash;
    struct strbuf sort;
    struct strbuf tie; /* the table key; empty for the table itself */
};

/* Appends the memcmp-ordered form of an S, N or B value. */
void ddb_key_encode(struct strbuf *out, const cJSON *av);
uint32_t ddb_key_bucket(const void *bytes, size_t len);
/* False when the item is not in the index: it lacks a key attribute, or has it in another type, or
 * (put before the index was made) empty or too long. */
bool ddb_pos_of(const struct ddb_table *t, const struct ddb_index *x, const cJSON *item,
                struct ddb_pos *out);
void ddb_pos_clear(struct ddb_pos *p);

/* Emptiness and size of one key attribute of the right type. E_INVALID with AWS's sentence. */
MUST_CHECK enum err_code ddb_key_value_check(const char *name, const cJSON *av, bool is_hash,
                                             struct err *e);
/* Checks a Key parameter: exactly the key attributes, valid. E_INVALID with AWS's sentence. */
MUST_CHECK enum err_code ddb_key_check(const struct ddb_table *t, const cJSON *key, struct err *e);
/* The key attributes of the table and, when it is not the table itself, of the index. Owned. */
cJSON *ddb_key_of(const struct ddb_table *t, const struct ddb_index *x, const cJSON *item);

/* ---- items ------------------------------------------------------------------------------ */

/* Checks a whole item before it is written: values, duplicate names, keys of table and indexes.
 * E_PARSE (malformed) or E_INVALID. */
MUST_CHECK enum err_code ddb_item_check(const struct ddb_table *t, const cJSON *item,
                                        struct err *e);
/* Only the key and index attributes: for an updated item, whose values are known to be valid.
 * `was` is the item before the update, `{}` for none; NULL for an item that is put. What an update
 * leaves as it was is not held against it: it may be older than the index. */
MUST_CHECK enum err_code ddb_item_check_keys(const struct ddb_table *t, const cJSON *item,
                                             const cJSON *was, struct err *e);
void ddb_item_normalise(cJSON *object); /* numbers in DynamoDB's form, in place */
size_t ddb_item_size(const cJSON *item);
bool ddb_item_equal(const cJSON *a, const cJSON *b);

/* A stored item. */
struct ddb_row {
    bool found;
    int64_t id;
    size_t size;
    cJSON *item; /* owned */
};
/* False with `r` failed when the store fails; out->found tells whether it is there. */
bool ddb_row_get(struct cloud *cloud, const struct ddb_table *t, const cJSON *key,
                 struct ddb_row *out, struct cloud_reply *r);
void ddb_row_clear(struct ddb_row *row);

/* Consumed units of one call, per index of the table. */
struct ddb_units {
    double *items; /* owned; as many as the table has indexes */
};
/* Replaces `old` (found or not) by `item` (NULL: delete), with index entries and stream record.
 * Nothing is written when nothing changes. `units` may be NULL. False with `r` failed. */
bool ddb_row_write(struct cloud *cloud, const struct ddb_table *t, const struct ddb_row *old,
                   const cJSON *item, struct ddb_units *units, struct cloud_reply *r);
/* Adds the entries of index `x` for every item of the table (a new index). */
bool ddb_index_fill(struct cloud *cloud, const struct ddb_table *t, const struct ddb_index *x,
                    struct cloud_reply *r);

/* Members of a stored item's text, without parsing it: cuts the next `"name":value` slice. False at
 * the end. `at` starts as 0. The name keeps its quotes and escapes. */
struct ddb_slice {
    const char *name;
    size_t name_len;
    const char *whole; /* name, colon and value */
    size_t whole_len;
};
bool ddb_text_next(const char *text, size_t len, size_t *at, struct ddb_slice *out);

/* ---- streams ---------------------------------------------------------------------------- */

/* Records a change (either image may be NULL) when the table's stream is on. */
bool ddb_stream_append(struct cloud *cloud, const struct ddb_table *t, const cJSON *old,
                       const cJSON *now, struct cloud_reply *r);
/* Opens a stream for a table; fills id and label ("2026-11-23T02:32:31.534"). */
bool ddb_stream_open(struct cloud *cloud, int64_t table_id, const char *table_name,
                     const cJSON *key_schema, const char *view_type, int64_t *id, char label[32],
                     struct cloud_reply *r);
bool ddb_stream_close(struct cloud *cloud, int64_t stream_id, struct cloud_reply *r);

/* ---- calls ------------------------------------------------------------------------------ */

/* Fails a call with AWS's code for an error value: E_PARSE SerializationException, E_NOT_FOUND
 * ResourceNotFoundException, else ValidationException. Returns false. */
bool ddb_fail(struct cloud_reply *r, const struct err *e);
bool ddb_invalid(struct cloud_reply *r, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* A table's or index's name; `param` and `label` name the parameter. */
bool ddb_name_ok(const char *name, const char *param, const char *label, struct cloud_reply *r);
/* String parameter: NULL when absent; `*ok` false with `r` failed when it is no string. */
const char *ddb_string(const cJSON *in, const char *name, struct cloud_reply *r, bool *ok);
/* One of a NULL-terminated list: the list's own text, never a document's. When absent the one that
 * equals `fallback`, NULL without a failure when none does. NULL with `r` failed otherwise. */
const char *ddb_choice(const cJSON *in, const char *name, const char *const *allowed,
                       const char *fallback, struct cloud_reply *r);
/* Integer parameter within limits; `fallback` when absent; false with `r` failed otherwise. */
bool ddb_number(const cJSON *in, const char *name, int64_t min, int64_t max, int64_t fallback,
                int64_t *out, struct cloud_reply *r);
bool ddb_flag(const cJSON *in, const char *name, bool *out, struct cloud_reply *r);
/* Whether every parameter that is given has the JSON type it must have, and every AttributeValue is
 * one: the first thing that any operation checks, before it looks for a table. The batch operations
 * differ in what RequestItems holds. False with `r` failed. */
bool ddb_shapes_ok(const cJSON *in, struct cloud_reply *r);
bool ddb_shapes_of_get_ok(const cJSON *in, struct cloud_reply *r);
bool ddb_shapes_of_write_ok(const cJSON *in, struct cloud_reply *r);
/* Refuses parameters of the API before expressions. */
bool ddb_no_legacy(const cJSON *in, struct cloud_reply *r);
/* The TableName parameter's table; NULL with `r` failed. */
const struct ddb_table *ddb_wanted_table(struct cloud *cloud, const cJSON *in,
                                         struct cloud_reply *r);

/* Refuses a path that leads into a key attribute of the table or of an index: they are scalars. */
struct ddb_expr_path;
bool ddb_path_ok(const struct ddb_table *t, const struct ddb_expr_path *path,
                 struct cloud_reply *r);

struct ddb_units ddb_units_new(const struct ddb_table *t);
void ddb_units_clear(struct ddb_units *u);
double ddb_read_units(size_t bytes, bool consistent);
double ddb_write_units(size_t bytes);
/* ReturnConsumedCapacity, checked: "NONE", "TOTAL" or "INDEXES"; NULL with `r` failed. */
const char *ddb_capacity_mode(const cJSON *in, struct cloud_reply *r);
/* The ConsumedCapacity document, or NULL for mode NONE. Its numbers are raw: set r->raw. */
cJSON *ddb_capacity(const struct ddb_table *t, const struct ddb_units *u, const char *mode);

/* The handlers, by file: _table.c, _item.c, _query.c, _batch.c. */
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

extern const struct cloud_service ddb_service;
extern const struct cloud_service ddb_streams_service;
#endif
