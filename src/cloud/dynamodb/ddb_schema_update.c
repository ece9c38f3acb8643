/* DynamoDB of the local cloud: UpdateTable, which changes a definition, the stream, and the entries
 * of indexes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "ddb_schema.h"

/* ---- streams ---------------------------------------------------------------------------- */

static bool open_stream(struct cloud *cloud, int64_t table_id, const char *table, cJSON *def,
                        const cJSON *spec, struct cloud_reply *r)
{
    static const char *const views[] = {"KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES",
                                        NULL};
    const char *view = ddb_choice(spec, "StreamViewType", views, NULL, r);
    char label[32];
    int64_t id = 0;

    if (view == NULL) {
        return r->code[0] != '\0'
                   ? false
                   : ddb_invalid(r, "One or more parameter values were invalid: StreamViewType "
                                    "must be specified when StreamEnabled is true");
    }
    if (json_int(def, "StreamId", 0) != 0) {
        return ddb_invalid(r, "Table already has an enabled stream: TableName: %s", table);
    }
    if (!ddb_stream_open(cloud, table_id, table, json_array(def, "KeySchema"), view, &id, label,
                         r)) {
        return false;
    }
    cJSON *kept = json_new_object();
    json_set_bool(kept, "StreamEnabled", true);
    json_set_str(kept, "StreamViewType", view);
    cJSON_DeleteItemFromObjectCaseSensitive(def, "StreamLabel");
    json_set(def, "StreamSpecification", kept);
    json_set_int(def, "StreamId", id);
    json_set_str(def, "StreamLabel", label);
    return true;
}

bool ddb_schema_set_stream(struct cloud *cloud, int64_t table_id, const char *table, cJSON *def,
                           const cJSON *spec, struct cloud_reply *r)
{
    bool on = false;

    if (spec == NULL || cJSON_IsNull(spec)) {
        return true;
    }
    if (!ddb_flag(spec, "StreamEnabled", &on, r)) {
        return false;
    }
    if (on) {
        return open_stream(cloud, table_id, table, def, spec, r);
    }
    int64_t id = json_int(def, "StreamId", 0);
    if (json_get(spec, "StreamViewType") != NULL) {
        return ddb_invalid(r, "One or more parameter values were invalid: Table is being created "
                              "with StreamEnabled false and a StreamViewType");
    }
    cJSON_DeleteItemFromObjectCaseSensitive(def, "StreamSpecification");
    cJSON_DeleteItemFromObjectCaseSensitive(def, "StreamId");
    return id == 0 || ddb_stream_close(cloud, id, r);
}

/* ---- UpdateTable ------------------------------------------------------------------------ */

/* Adds new attribute definitions (`given`) to the old ones; refuses a changed type. */
static bool merge_definitions(const cJSON *given, cJSON *def, struct cloud_reply *r)
{
    cJSON *all = cJSON_GetObjectItemCaseSensitive(def, "AttributeDefinitions");
    const cJSON *a = NULL;

    cJSON_ArrayForEach(a, given)
    {
        const cJSON *old = ddb_schema_definition(all, json_str(a, "AttributeName"));
        if (old == NULL) {
            json_push(all, json_copy(a));
        } else if (strcmp(json_str(old, "AttributeType"), json_str(a, "AttributeType")) != 0) {
            (void)ddb_invalid(r,
                              "One or more parameter values were invalid: Attributes cannot be "
                              "redefined. Attribute %.120s is of type %s, not %s",
                              json_str(a, "AttributeName"), json_str(old, "AttributeType"),
                              json_str(a, "AttributeType"));
            break;
        }
    }
    return r->code[0] == '\0';
}

static cJSON *globals_of(cJSON *def)
{
    cJSON *list = cJSON_GetObjectItemCaseSensitive(def, "GlobalSecondaryIndexes");

    if (list == NULL) {
        list = json_new_array();
        json_set(def, "GlobalSecondaryIndexes", list);
    }
    return list;
}

/* Checks that the request itself defines the key attributes of a new index, also those that the
 * table knows. */
static bool check_defined(const cJSON *index, const cJSON *definitions, struct cloud_reply *r)
{
    const cJSON *k = NULL;

    cJSON_ArrayForEach(k, json_array(index, "KeySchema"))
    {
        if (ddb_schema_definition(definitions, json_str(k, "AttributeName")) == NULL) {
            return ddb_invalid(r,
                               "One or more parameter values were invalid: Some index key "
                               "attributes are not defined in AttributeDefinitions. Keys: [%.120s]",
                               json_str(k, "AttributeName"));
        }
    }
    return true;
}

/* An UpdateTable that is being carried out. */
struct table_change {
    struct cloud *cloud;
    const struct ddb_table *t;
    cJSON *definitions; /* the request's AttributeDefinitions; owned */
    cJSON *def;         /* the definition that the table will have; owned */
    struct cloud_reply *r;
};

static bool create_index(struct table_change *c, const cJSON *given)
{
    struct cloud_reply *r = c->r;
    cJSON *def = c->def, *index = ddb_schema_index(given, r);

    if (index == NULL) {
        return false;
    }
    if (!check_defined(index, c->definitions, r)) {
        cJSON_Delete(index);
        return false;
    }
    if (ddb_schema_has_index(def, json_str(index, "IndexName"))) {
        (void)ddb_invalid(r, "Attempting to create an index which already exists");
    } else if (cJSON_GetArraySize(globals_of(def)) >= DDB_GLOBALS_MAX) {
        cloud_fail(r, 400, "LimitExceededException",
                   "Subscriber limit exceeded: Number of GlobalSecondaryIndexes exceeds per-table "
                   "limit of %d",
                   DDB_GLOBALS_MAX);
    } else if (ddb_schema_give_id(c->cloud, c->t->name, index, r)) {
        json_push(globals_of(def), index);
        return true;
    }
    cJSON_Delete(index);
    return false;
}

/* The global index that the IndexName in `given` names; NULL with `r` failed. */
static cJSON *named_index(struct table_change *c, const cJSON *given)
{
    const char *name = json_str(given, "IndexName");

    if (!ddb_name_ok(name, "indexName", "IndexName", c->r)) {
        return NULL;
    }
    for (cJSON *x = globals_of(c->def)->child; x != NULL; x = x->next) {
        if (strcmp(json_str(x, "IndexName"), name) == 0) {
            return x;
        }
    }
    cloud_fail(c->r, 400, "ResourceNotFoundException",
               "Requested resource not found: Index: %.255s not found", name);
    return NULL;
}

static bool delete_index(struct table_change *c, const cJSON *given)
{
    cJSON *x = named_index(c, given);

    if (x == NULL) {
        return false;
    }
    int64_t id = json_int(x, "IndexId", 0);
    cJSON_Delete(cJSON_DetachItemViaPointer(globals_of(c->def), x));
    return ddb_schema_drop_entries(c->cloud, id, c->r);
}

static bool update_index(struct table_change *c, const cJSON *given)
{
    cJSON *x = named_index(c, given);
    char what[300];

    if (x == NULL) {
        return false;
    }
    (void)snprintf(what, sizeof what, "index %s", json_str(x, "IndexName"));
    if (json_get(given, "ProvisionedThroughput") == NULL) {
        return ddb_invalid(c->r,
                           "1 validation error detected: Value null at "
                           "'globalSecondaryIndexUpdates.member.update.provisionedThroughput' "
                           "failed to satisfy constraint: Member must not be null");
    }
    return ddb_schema_throughput_changes(x, given, what, c->r) &&
           ddb_schema_throughput(
               given, x, "globalSecondaryIndexUpdates.member.update.provisionedThroughput", c->r);
}

static bool change_index(struct table_change *c, const cJSON *u)
{
    const cJSON *create = json_object(u, "Create");
    const cJSON *drop = json_object(u, "Delete");
    const cJSON *change = json_object(u, "Update");

    if ((create != NULL) + (drop != NULL) + (change != NULL) != 1) {
        return ddb_invalid(c->r, "One or more parameter values were invalid: Exactly one of "
                                 "Create, Update or Delete must be given in each "
                                 "GlobalSecondaryIndexUpdate");
    }
    return create != NULL ? create_index(c, create)
           : drop != NULL ? delete_index(c, drop)
                          : update_index(c, change);
}

static const char *updated_name(const cJSON *u)
{
    return u->child == NULL ? "" : json_str_or(u->child, "IndexName", "");
}

/* Checks that a call names each index once, and makes or deletes only one. */
static bool check_updates(struct table_change *c, const cJSON *updates)
{
    const cJSON *u = NULL;
    int made = 0;

    cJSON_ArrayForEach(u, updates)
    {
        made += json_object(u, "Create") != NULL || json_object(u, "Delete") != NULL;
        for (const cJSON *o = u->next; o != NULL; o = o->next) {
            const char *name = updated_name(u);
            if (*name != '\0' && strcmp(name, updated_name(o)) == 0) {
                return ddb_invalid(c->r,
                                   "One or more parameter values were invalid: Only one global "
                                   "secondary index update per index is allowed simultaneously. "
                                   "Index: %.255s",
                                   name);
            }
        }
    }
    if (made > 1) {
        cloud_fail(c->r, 400, "LimitExceededException",
                   "Subscriber limit exceeded: Only 1 online index can be created or deleted "
                   "simultaneously per table");
        return false;
    }
    return true;
}

static bool change_indexes(struct table_change *c, const cJSON *updates)
{
    const cJSON *u = NULL;

    if (!check_updates(c, updates)) {
        return false;
    }
    cJSON_ArrayForEach(u, updates)
    {
        if (!change_index(c, u)) {
            return false;
        }
    }
    if (cJSON_GetArraySize(globals_of(c->def)) == 0) {
        cJSON_DeleteItemFromObjectCaseSensitive(c->def, "GlobalSecondaryIndexes");
    }
    return true;
}

/* Removes the throughput of indexes: those of an on-demand table have none of their own. */
static void drop_index_throughput(cJSON *def)
{
    cJSON *list = cJSON_GetObjectItemCaseSensitive(def, "GlobalSecondaryIndexes");

    for (cJSON *x = list == NULL ? NULL : list->child; x != NULL; x = x->next) {
        cJSON_DeleteItemFromObjectCaseSensitive(x, "ProvisionedThroughput");
    }
}

static bool change_billing(struct table_change *c, const cJSON *in)
{
    const char *before = json_str_or(c->t->def, "BillingMode", "PROVISIONED");
    const cJSON *updates = json_array(in, "GlobalSecondaryIndexUpdates");
    bool billing =
        json_get(in, "BillingMode") != NULL || json_get(in, "ProvisionedThroughput") != NULL;

    if (billing && (!ddb_schema_billing(in, c->def, c->r) ||
                    !ddb_schema_throughput_changes(c->t->def, in, "table", c->r))) {
        return false;
    }
    bool changed = strcmp(before, json_str_or(c->def, "BillingMode", "PROVISIONED")) != 0;
    if (changed && strcmp(before, "PROVISIONED") == 0) {
        drop_index_throughput(c->def);
    }
    /* Tables that are older than this check may break its rule: they are left alone. */
    return (!changed && updates == NULL) || ddb_schema_index_billing(c->def, c->r);
}

static bool check_stream_on(const cJSON *def, const char *table, const cJSON *spec,
                            struct cloud_reply *r)
{
    return !cJSON_IsFalse(json_get(spec, "StreamEnabled")) || json_int(def, "StreamId", 0) != 0 ||
           ddb_invalid(r,
                       "One or more parameter values were invalid: the table has no stream that "
                       "could be disabled: TableName: %s",
                       table);
}

static bool has_index_id(const cJSON *def, int64_t id)
{
    const cJSON *x = NULL;

    cJSON_ArrayForEach(x, json_array(def, "GlobalSecondaryIndexes"))
    {
        if (json_int(x, "IndexId", 0) == id) {
            return true;
        }
    }
    return false;
}

/* Adds the entries of the global indexes that the table has now and did not have before. */
static bool fill_new_indexes(struct cloud *cloud, const char *name, const cJSON *before,
                             struct cloud_reply *r)
{
    const struct ddb_table *t = ddb_table_find(cloud, name);

    for (size_t i = 1; i < t->len; i++) {
        if (t->indexes[i].global && !has_index_id(before, t->indexes[i].id) &&
            !ddb_index_fill(cloud, t, &t->indexes[i], r)) {
            return false;
        }
    }
    return true;
}

static bool asks_for_nothing(const cJSON *in)
{
    const cJSON *updates = json_array(in, "GlobalSecondaryIndexUpdates");

    return (updates == NULL || updates->child == NULL) &&
           json_get(in, "StreamSpecification") == NULL && json_get(in, "BillingMode") == NULL &&
           json_get(in, "ProvisionedThroughput") == NULL &&
           json_get(in, "DeletionProtectionEnabled") == NULL &&
           json_get(in, "SSESpecification") == NULL && json_get(in, "TableClass") == NULL;
}

bool ddb_schema_update(struct cloud *cloud, const struct ddb_table *t, const cJSON *in,
                       struct cloud_reply *r)
{
    const cJSON *spec = json_get(in, "StreamSpecification");
    struct table_change c = {.cloud = cloud, .t = t, .def = json_copy(t->def), .r = r};
    cJSON *before = json_copy(t->def);
    char *name = xstrdup(t->name);
    int64_t id = t->id;

    if (asks_for_nothing(in)) {
        (void)ddb_invalid(r, "At least one of ProvisionedThroughput, BillingMode, "
                             "UpdateStreamEnabled, GlobalSecondaryIndexUpdates or SSESpecification "
                             "or ReplicaUpdates is required for UpdateTable");
    } else {
        c.definitions = ddb_schema_definitions(in, r);
    }
    bool good = c.definitions != NULL && merge_definitions(c.definitions, c.def, r) &&
                check_stream_on(c.def, name, spec, r) &&
                change_indexes(&c, json_array(in, "GlobalSecondaryIndexUpdates")) &&
                change_billing(&c, in) && ddb_schema_protection(in, c.def, r);
    if (good) {
        ddb_schema_prune(c.def);
        good = ddb_schema_check(c.def, r) &&
               ddb_schema_set_stream(cloud, id, name, c.def, spec, r) &&
               ddb_schema_store(cloud, id, c.def, r) && fill_new_indexes(cloud, name, before, r);
    }
    if (!good) {
        ddb_tables_forget(cloud); /* the cache may hold what is about to be rolled back */
    }
    cJSON_Delete(before);
    cJSON_Delete(c.definitions);
    cJSON_Delete(c.def);
    free(name);
    return good;
}
