/* DynamoDB of the local cloud: creating, deleting, describing and listing tables. Every change is
 * complete when its call returns, so the status is always ACTIVE. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/rand.h"
#include "ddb.h"
#include "ddb_schema.h"
#include "ddb_ttl.h"

/* ---- describing ------------------------------------------------------------------------- */

static void set_seconds(cJSON *o, const char *name, int64_t ms)
{
    char text[40];

    (void)snprintf(text, sizeof text, "%lld.%03d", (long long)(ms / 1000), (int)(ms % 1000));
    json_set(o, name, cJSON_CreateRaw(text));
}

static void count_entries(struct cloud *cloud, int64_t index_id, int64_t *items, int64_t *bytes)
{
    sqlite3_stmt *q =
        cloud_stmt(cloud, "SELECT COUNT(*),COALESCE(SUM(size),0) FROM ddb_entry WHERE index_id=?1");

    (void)sqlite3_bind_int64(q, 1, index_id);
    *items = *bytes = 0;
    if (sqlite3_step(q) == SQLITE_ROW) {
        *items = sqlite3_column_int64(q, 0);
        *bytes = sqlite3_column_int64(q, 1);
    }
    cloud_stmt_done(cloud, q);
}

static void set_throughput(cJSON *o, const cJSON *def)
{
    const cJSON *given = json_object(def, "ProvisionedThroughput");
    cJSON *p = json_new_object();

    json_set_int(p, "NumberOfDecreasesToday", 0);
    json_set_int(p, "ReadCapacityUnits", json_int(given, "ReadCapacityUnits", 0));
    json_set_int(p, "WriteCapacityUnits", json_int(given, "WriteCapacityUnits", 0));
    json_set(o, "ProvisionedThroughput", p);
}

static cJSON *describe_index(struct cloud *cloud, const struct ddb_table *t, const cJSON *def,
                             bool global, const char *arn)
{
    cJSON *o = json_new_object();
    const char *name = json_str(def, "IndexName");
    char *index_arn = xasprintf("%s/index/%s", arn, name);
    int64_t items, bytes;

    (void)t;
    count_entries(cloud, json_int(def, "IndexId", 0), &items, &bytes);
    json_set_str(o, "IndexName", name);
    json_set(o, "KeySchema", json_copy(json_get(def, "KeySchema")));
    json_set(o, "Projection", json_copy(json_get(def, "Projection")));
    if (global) {
        json_set_str(o, "IndexStatus", "ACTIVE");
        set_throughput(o, def);
    }
    json_set_int(o, "IndexSizeBytes", bytes);
    json_set_int(o, "ItemCount", items);
    json_set_str(o, "IndexArn", index_arn);
    free(index_arn);
    return o;
}

static void set_indexes(struct cloud *cloud, const struct ddb_table *t, cJSON *o,
                        const char *member, bool global, const char *arn)
{
    const cJSON *defs = json_array(t->def, member);
    const cJSON *def = NULL;
    cJSON *list = json_new_array();

    cJSON_ArrayForEach(def, defs)
    {
        json_push(list, describe_index(cloud, t, def, global, arn));
    }
    if (list->child == NULL) {
        cJSON_Delete(list);
    } else {
        json_set(o, member, list);
    }
}

static void set_stream(struct cloud *cloud, const struct ddb_table *t, cJSON *o, const char *arn)
{
    const cJSON *spec = json_object(t->def, "StreamSpecification");
    const char *label = json_str(t->def, "StreamLabel");

    (void)cloud;
    if (spec != NULL) {
        json_set(o, "StreamSpecification", json_copy(spec));
    }
    if (label != NULL) {
        char *stream_arn = xasprintf("%s/stream/%s", arn, label);
        json_set_str(o, "LatestStreamLabel", label);
        json_set_str(o, "LatestStreamArn", stream_arn);
        free(stream_arn);
    }
}

/* The TableDescription document. `raw` must be set on the reply: times are raw numbers. */
static cJSON *describe(struct cloud *cloud, const struct ddb_table *t, const char *status)
{
    cJSON *o = json_new_object();
    char *arn = ddb_table_arn(cloud, t->name);
    int64_t items, bytes;
    bool on_demand = strcmp(json_str_or(t->def, "BillingMode", ""), "PAY_PER_REQUEST") == 0;

    count_entries(cloud, t->indexes[0].id, &items, &bytes);
    json_set(o, "AttributeDefinitions", json_copy(json_get(t->def, "AttributeDefinitions")));
    json_set_str(o, "TableName", t->name);
    json_set(o, "KeySchema", json_copy(json_get(t->def, "KeySchema")));
    json_set_str(o, "TableStatus", status);
    set_seconds(o, "CreationDateTime", t->created_ms);
    set_throughput(o, t->def);
    json_set_int(o, "TableSizeBytes", bytes);
    json_set_int(o, "ItemCount", items);
    json_set_str(o, "TableArn", arn);
    json_set_str(o, "TableId", json_str(t->def, "TableId"));
    if (on_demand) {
        cJSON *billing = json_new_object();
        json_set_str(billing, "BillingMode", "PAY_PER_REQUEST");
        set_seconds(billing, "LastUpdateToPayPerRequestDateTime", t->created_ms);
        json_set(o, "BillingModeSummary", billing);
    }
    set_indexes(cloud, t, o, "LocalSecondaryIndexes", false, arn);
    set_indexes(cloud, t, o, "GlobalSecondaryIndexes", true, arn);
    set_stream(cloud, t, o, arn);
    json_set_bool(o, "DeletionProtectionEnabled",
                  json_bool(t->def, "DeletionProtectionEnabled", false));
    free(arn);
    return o;
}

static void reply_table(struct cloud *cloud, const struct ddb_table *t, const char *member,
                        const char *status, struct cloud_reply *r)
{
    r->out = json_new_object();
    r->raw = true;
    json_set(r->out, member, describe(cloud, t, status));
}

const struct ddb_table *ddb_schema_named_table(struct cloud *cloud, const cJSON *in,
                                               struct cloud_reply *r)
{
    const char *name = ddb_shapes_ok(in, r) ? ddb_schema_table_name(in, r) : NULL;

    if (name == NULL) {
        return NULL;
    }
    const struct ddb_table *t = ddb_table_find(cloud, name);
    if (t == NULL) {
        cloud_fail(r, 400, "ResourceNotFoundException",
                   "Requested resource not found: Table: %.255s not found", ddb_name_of_arn(name));
    }
    return t;
}

void ddb_op_describe_table(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    const struct ddb_table *t = ddb_schema_named_table(cloud, in, r);

    if (t != NULL) {
        reply_table(cloud, t, "Table", "ACTIVE", r);
    }
}

/* ---- creating and deleting -------------------------------------------------------------- */

static bool store_new(struct cloud *cloud, const char *name, const cJSON *def, int64_t *id,
                      struct cloud_reply *r)
{
    char *text = json_text(def);
    sqlite3_stmt *q = cloud_stmt(cloud, "INSERT INTO ddb_table(name,def) VALUES(?1,?2)");

    (void)sqlite3_bind_text(q, 1, name, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(q, 2, text, -1, SQLITE_STATIC);
    bool good = cloud_step_done(cloud, q, r);
    *id = sqlite3_last_insert_rowid(cloud_db(cloud));
    free(text);
    return good;
}

static bool give_ids(struct cloud *cloud, const char *table, cJSON *def, struct cloud_reply *r)
{
    static const char *const members[] = {"GlobalSecondaryIndexes", "LocalSecondaryIndexes"};
    bool good = ddb_schema_give_id(cloud, table, def, r);

    for (size_t i = 0; i < 2; i++) {
        cJSON *list = cJSON_GetObjectItemCaseSensitive(def, members[i]);
        for (cJSON *x = list == NULL ? NULL : list->child; x != NULL && good; x = x->next) {
            good = ddb_schema_give_id(cloud, table, x, r);
        }
    }
    return good;
}

void ddb_op_create_table(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    const char *name = ddb_shapes_ok(in, r) ? ddb_schema_table_name(in, r) : NULL;
    char table_id[UUID_SIZE];
    int64_t id = 0;

    cJSON *def = name == NULL ? NULL : ddb_schema_read(in, r);
    if (def == NULL) {
        return;
    }
    if (ddb_table_find(cloud, name) != NULL) {
        cloud_fail(r, 400, "ResourceInUseException", "Table already exists: %s", name);
        cJSON_Delete(def);
        return;
    }
    rand_uuid(table_id);
    json_set_str(def, "TableId", table_id);
    json_set_int(def, "CreatedMs", cloud_now(cloud));
    bool good =
        give_ids(cloud, name, def, r) && store_new(cloud, name, def, &id, r) &&
        ddb_schema_set_stream(cloud, id, name, def, json_get(in, "StreamSpecification"), r) &&
        ddb_schema_store(cloud, id, def, r);
    cJSON_Delete(def);
    if (good) {
        reply_table(cloud, ddb_table_find(cloud, name), "TableDescription", "ACTIVE", r);
    }
}

static bool drop_table(struct cloud *cloud, const struct ddb_table *t, struct cloud_reply *r)
{
    sqlite3_stmt *q = cloud_stmt(
        cloud, "DELETE FROM ddb_item WHERE id IN (SELECT item FROM ddb_entry WHERE index_id=?1)");

    (void)sqlite3_bind_int64(q, 1, t->indexes[0].id);
    bool good = cloud_step_done(cloud, q, r) && ddb_ttl_drop(cloud, t->id, r);
    for (size_t i = 0; i < t->len && good; i++) {
        good = ddb_schema_drop_entries(cloud, t->indexes[i].id, r);
    }
    if (good && t->stream_id != 0) {
        good = ddb_stream_close(cloud, t->stream_id, r);
    }
    if (good) {
        q = cloud_stmt(cloud, "DELETE FROM ddb_table WHERE id=?1");
        (void)sqlite3_bind_int64(q, 1, t->id);
        good = cloud_step_done(cloud, q, r);
    }
    return good;
}

void ddb_op_delete_table(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    /* The members that the service leaves out for a table that is being deleted. */
    static const char *const left_out[] = {"AttributeDefinitions", "KeySchema", "CreationDateTime",
                                           "GlobalSecondaryIndexes", "LocalSecondaryIndexes"};
    const struct ddb_table *t = ddb_schema_named_table(cloud, in, r);

    if (t == NULL) {
        return;
    }
    if (json_bool(t->def, "DeletionProtectionEnabled", false)) {
        (void)ddb_invalid(r,
                          "1 validation error detected: Table '%s' can't be deleted while "
                          "DeletionProtectionEnabled is set to True",
                          t->name);
        return;
    }
    reply_table(cloud, t, "TableDescription", "DELETING", r);
    cJSON *description = cJSON_GetObjectItemCaseSensitive(r->out, "TableDescription");
    for (size_t i = 0; i < sizeof left_out / sizeof *left_out; i++) {
        cJSON_DeleteItemFromObjectCaseSensitive(description, left_out[i]);
    }
    if (drop_table(cloud, t, r)) {
        ddb_tables_forget(cloud);
    }
}

/* ---- listing ---------------------------------------------------------------------------- */

void ddb_op_list_tables(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    int64_t limit;
    bool ok = true;
    const char *after = ddb_string(in, "ExclusiveStartTableName", r, &ok);

    if (!ok || !ddb_shapes_ok(in, r) ||
        (after != NULL &&
         !ddb_name_ok(after, "exclusiveStartTableName", "ExclusiveStartTableName", r)) ||
        !ddb_number(in, "Limit", 1, 100, 100, &limit, r)) {
        return;
    }
    sqlite3_stmt *q =
        cloud_stmt(cloud, "SELECT name FROM ddb_table WHERE name>?1 ORDER BY name LIMIT ?2");
    (void)sqlite3_bind_text(q, 1, after == NULL ? "" : after, -1, SQLITE_STATIC);
    (void)sqlite3_bind_int64(q, 2, limit + 1);
    cJSON *names = json_new_array();
    const char *last = NULL;
    int64_t n = 0;
    while (sqlite3_step(q) == SQLITE_ROW && n++ < limit) {
        json_push_str(names, (const char *)sqlite3_column_text(q, 0));
        last = names->child->prev->valuestring; /* `prev` of the first member is the last member */
    }
    cloud_stmt_done(cloud, q);
    r->out = json_new_object();
    json_set(r->out, "TableNames", names);
    if (n > limit) {
        json_set_str(r->out, "LastEvaluatedTableName", last);
    }
}

/* ---- updating --------------------------------------------------------------------------- */

void ddb_op_update_table(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    const struct ddb_table *t = ddb_schema_named_table(cloud, in, r);

    if (t == NULL) {
        return;
    }
    char *name = xstrdup(t->name);
    if (ddb_schema_update(cloud, t, in, r)) {
        reply_table(cloud, ddb_table_find(cloud, name), "TableDescription", "ACTIVE", r);
    }
    free(name);
}
