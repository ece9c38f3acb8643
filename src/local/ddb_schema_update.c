/* Table definitions: changing one, with its stream and its indexes' entries. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "ddb_schema.h"

/* ---- streams ---------------------------------------------------------------------------- */

static bool open_stream(struct local *l, int64_t table_id, const char *table, cJSON *def,
                        const cJSON *spec, struct local_reply *r)
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
    if (!ddb_stream_open(l, table_id, table, json_array(def, "KeySchema"), view, &id, label, r)) {
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

bool ddb_schema_set_stream(struct local *l, int64_t table_id, const char *table, cJSON *def,
                           const cJSON *spec, struct local_reply *r)
{
    bool on = false;

    if (spec == NULL || cJSON_IsNull(spec)) {
        return true;
    }
    if (!ddb_flag(spec, "StreamEnabled", &on, r)) {
        return false;
    }
    if (on) {
        return open_stream(l, table_id, table, def, spec, r);
    }
    int64_t id = json_int(def, "StreamId", 0);
    if (json_get(spec, "StreamViewType") != NULL) {
        return ddb_invalid(r, "One or more parameter values were invalid: Table is being created "
                              "with StreamEnabled false and a StreamViewType");
    }
    cJSON_DeleteItemFromObjectCaseSensitive(def, "StreamSpecification");
    cJSON_DeleteItemFromObjectCaseSensitive(def, "StreamId");
    return id == 0 || ddb_stream_close(l, id, r);
}

/* ---- UpdateTable ------------------------------------------------------------------------ */

/* New attribute definitions are added to the old ones; a changed type is refused. */
static bool merge_definitions(const cJSON *in, cJSON *def, struct local_reply *r)
{
    cJSON *given = ddb_schema_definitions(in, r);
    cJSON *all = cJSON_GetObjectItemCaseSensitive(def, "AttributeDefinitions");
    const cJSON *a = NULL;

    if (given == NULL) {
        return false;
    }
    cJSON_ArrayForEach(a, given)
    {
        const cJSON *old = ddb_schema_definition(all, json_str(a, "AttributeName"));
        if (old == NULL) {
            json_push(all, json_copy(a));
        } else if (strcmp(json_str(old, "AttributeType"), json_str(a, "AttributeType")) != 0) {
            (void)ddb_invalid(r,
                              "One or more parameter values were invalid: the type of attribute %s "
                              "cannot be changed",
                              json_str(a, "AttributeName"));
            break;
        }
    }
    cJSON_Delete(given);
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

static bool create_index(struct local *l, const struct ddb_table *t, cJSON *def, const cJSON *given,
                         struct local_reply *r)
{
    cJSON *index = ddb_schema_index(given, r);

    if (index == NULL) {
        return false;
    }
    if (ddb_schema_has_index(def, json_str(index, "IndexName"))) {
        (void)ddb_invalid(r, "Attempting to create an index which already exists");
    } else if (cJSON_GetArraySize(globals_of(def)) >= DDB_GLOBALS_MAX) {
        local_fail(r, 400, "LimitExceededException",
                   "Subscriber limit exceeded: Number of GlobalSecondaryIndexes exceeds per-table "
                   "limit of %d",
                   DDB_GLOBALS_MAX);
    } else if (ddb_schema_give_id(l, t->name, index, r)) {
        json_push(globals_of(def), index);
        return true;
    }
    cJSON_Delete(index);
    return false;
}

static bool delete_index(struct local *l, cJSON *def, const char *name, struct local_reply *r)
{
    cJSON *list = globals_of(def);

    for (cJSON *x = list->child; x != NULL; x = x->next) {
        if (name != NULL && strcmp(json_str(x, "IndexName"), name) == 0) {
            int64_t id = json_int(x, "IndexId", 0);
            cJSON_Delete(cJSON_DetachItemViaPointer(list, x));
            return ddb_schema_drop_entries(l, id, r);
        }
    }
    local_fail(r, 400, "ResourceNotFoundException",
               "Requested resource not found: Index: %.100s not found", name == NULL ? "" : name);
    return false;
}

static bool change_indexes(struct local *l, const struct ddb_table *t, cJSON *def,
                           const cJSON *updates, struct local_reply *r)
{
    const cJSON *u = NULL;

    cJSON_ArrayForEach(u, updates)
    {
        const cJSON *create = json_object(u, "Create");
        const cJSON *drop = json_object(u, "Delete");
        const cJSON *change = json_object(u, "Update");
        if ((create != NULL) + (drop != NULL) + (change != NULL) != 1) {
            return ddb_invalid(r, "One or more parameter values were invalid: One of "
                                  "GlobalSecondaryIndexUpdate's Create, Update or Delete must be "
                                  "given");
        }
        if ((create != NULL && !create_index(l, t, def, create, r)) ||
            (drop != NULL && !delete_index(l, def, json_str(drop, "IndexName"), r))) {
            return false;
        }
        if (change != NULL && !ddb_schema_has_index(def, json_str_or(change, "IndexName", ""))) {
            local_fail(r, 400, "ResourceNotFoundException",
                       "Requested resource not found: Index: %.100s not found",
                       json_str_or(change, "IndexName", ""));
            return false;
        }
    }
    if (cJSON_GetArraySize(globals_of(def)) == 0) {
        cJSON_DeleteItemFromObjectCaseSensitive(def, "GlobalSecondaryIndexes");
    }
    return true;
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

/* Entries for the global indexes that the table has now and had not before. */
static bool fill_new_indexes(struct local *l, const char *name, const cJSON *before,
                             struct local_reply *r)
{
    const struct ddb_table *t = ddb_table_find(l, name);

    for (size_t i = 1; i < t->len; i++) {
        if (t->indexes[i].global && !has_index_id(before, t->indexes[i].id) &&
            !ddb_index_fill(l, t, &t->indexes[i], r)) {
            return false;
        }
    }
    return true;
}

bool ddb_schema_update(struct local *l, const struct ddb_table *t, const cJSON *in,
                       struct local_reply *r)
{
    const cJSON *updates = json_array(in, "GlobalSecondaryIndexUpdates");
    const cJSON *spec = json_get(in, "StreamSpecification");
    bool billing =
        json_get(in, "BillingMode") != NULL || json_get(in, "ProvisionedThroughput") != NULL;
    cJSON *before = json_copy(t->def);
    cJSON *def = json_copy(t->def);
    char *name = xstrdup(t->name);
    int64_t id = t->id;

    if (updates == NULL && spec == NULL && !billing &&
        json_get(in, "DeletionProtectionEnabled") == NULL) {
        (void)ddb_invalid(r, "At least one of ProvisionedThroughput, BillingMode, "
                             "UpdateStreamEnabled, GlobalSecondaryIndexUpdates or SSESpecification "
                             "or ReplicaUpdates is required");
    }
    bool good = r->code[0] == '\0' && merge_definitions(in, def, r) &&
                change_indexes(l, t, def, updates, r) &&
                (!billing || ddb_schema_billing(in, def, r)) && ddb_schema_protection(in, def, r);
    if (good) {
        ddb_schema_prune(def);
        good = ddb_schema_check(def, r) && ddb_schema_set_stream(l, id, name, def, spec, r) &&
               ddb_schema_store(l, id, def, r) && fill_new_indexes(l, name, before, r);
    }
    if (!good) {
        ddb_tables_forget(l); /* the cache may hold what is about to be rolled back */
    }
    cJSON_Delete(before);
    cJSON_Delete(def);
    free(name);
    return good;
}
