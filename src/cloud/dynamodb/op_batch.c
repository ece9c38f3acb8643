/* DynamoDB of the local cloud: many items by key: BatchGetItem and BatchWriteItem. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/map.h"
#include "ddb.h"
#include "expr.h"

/* The RequestItems parameter, which must be an object that is not empty. NULL with `r` failed. */
static const cJSON *request_items(const cJSON *in, struct cloud_reply *r)
{
    const cJSON *items = json_object(in, "RequestItems");

    if (items == NULL) {
        (void)ddb_invalid(r, "1 validation error detected: Value null at 'requestItems' failed to "
                             "satisfy constraint: Member must not be null");
    } else if (items->child == NULL) {
        (void)ddb_invalid(r, "1 validation error detected: Value '{}' at 'requestItems' failed to "
                             "satisfy constraint: Member must have length greater than or equal to "
                             "1");
        items = NULL;
    }
    return items;
}

static const struct ddb_table *table_named(struct cloud *cloud, const char *name,
                                           struct cloud_reply *r)
{
    const struct ddb_table *t = ddb_table_find(cloud, name);

    if (t == NULL) {
        cloud_fail(r, 400, "ResourceNotFoundException", "Requested resource not found");
    }
    return t;
}

/* Notes the key in `seen`; false with `r` failed when the key was there already. */
static bool note_key(struct map *seen, const struct ddb_table *t, const cJSON *item,
                     struct cloud_reply *r)
{
    return ddb_key_note(seen, t, item) ||
           ddb_invalid(r, "Provided list of item keys contains duplicates");
}

/* ---- BatchGetItem ----------------------------------------------------------------------- */

struct batch_get {
    struct cloud *cloud;
    struct cloud_reply *r;
    const char *capacity;
    /* the size of all items so far: beyond 16 MB the remaining keys are left unprocessed */
    size_t bytes;
    cJSON *responses;   /* owned */
    cJSON *unprocessed; /* owned */
    cJSON *consumed;    /* owned */
};

/* The part of the request for one table, parsed. */
struct get_part {
    const struct ddb_table *t;
    const cJSON *spec;
    const cJSON *keys;
    bool consistent;
    struct ddb_expr_env *env;
    struct ddb_expr_projection projection;
};

static bool read_get_part(struct cloud *cloud, const cJSON *spec, struct get_part *p,
                          struct cloud_reply *r)
{
    struct err e;
    bool ok = true;

    *p = (struct get_part){.spec = spec, .keys = json_array(spec, "Keys")};
    p->t = table_named(cloud, spec->string, r);
    if (p->t == NULL || !ddb_no_legacy(spec, r) ||
        !ddb_flag(spec, "ConsistentRead", &p->consistent, r)) {
        return false;
    }
    if (cJSON_GetArraySize(p->keys) == 0) {
        return ddb_invalid(r,
                           "1 validation error detected: Value at 'requestItems.%.100s.member.keys'"
                           " failed to satisfy constraint: Member must have length greater than or "
                           "equal to 1",
                           spec->string);
    }
    const char *text = ddb_string(spec, "ProjectionExpression", r, &ok);
    if (!ok) {
        return false;
    }
    p->env = ddb_expr_env_new(json_get(spec, "ExpressionAttributeNames"), NULL, text != NULL, &e);
    if (p->env == NULL ||
        (text != NULL && ddb_expr_parse_projection(p->env, text, &p->projection, &e) != E_OK) ||
        ddb_expr_env_check_used(p->env, &e) != E_OK) {
        return ddb_fail(r, &e);
    }
    return true;
}

static bool check_get_keys(const struct get_part *p, struct map *seen, size_t *total,
                           struct cloud_reply *r)
{
    const cJSON *key = NULL;
    struct err e;

    cJSON_ArrayForEach(key, p->keys)
    {
        if (++*total > DDB_BATCH_KEYS) {
            return ddb_invalid(r, "Too many items requested for the BatchGetItem call");
        }
        if (!cJSON_IsObject(key) || ddb_key_check(p->t, key, &e) != E_OK) {
            return cJSON_IsObject(key)
                       ? ddb_fail(r, &e)
                       : ddb_invalid(r, "The provided key element does not match the schema");
        }
        if (!note_key(seen, p->t, key, r)) {
            return false;
        }
    }
    return true;
}

static void leave_key(struct batch_get *b, const struct get_part *p, const cJSON *key)
{
    cJSON *left = cJSON_GetObjectItemCaseSensitive(b->unprocessed, p->spec->string);

    if (left == NULL) {
        left = json_copy(p->spec);
        cJSON_DeleteItemFromObjectCaseSensitive(left, "Keys");
        json_set(left, "Keys", json_new_array());
        json_set(b->unprocessed, p->spec->string, left);
    }
    json_push(cJSON_GetObjectItemCaseSensitive(left, "Keys"), json_copy(key));
}

static bool get_part(struct batch_get *b, const struct get_part *p)
{
    struct ddb_units units = ddb_units_new(p->t);
    cJSON *items = json_new_array();
    const cJSON *key = NULL;
    bool good = true;

    cJSON_ArrayForEach(key, p->keys)
    {
        struct ddb_row row;
        if (b->bytes >= DDB_BATCH_MAX) {
            leave_key(b, p, key);
            continue;
        }
        good = ddb_row_get(b->cloud, p->t, key, &row, b->r);
        if (!good) {
            break;
        }
        units.items[0] += ddb_read_units(row.size, p->consistent);
        b->bytes += row.size;
        if (row.found && b->bytes > DDB_BATCH_MAX) {
            leave_key(b, p, key);
        } else if (row.found) {
            json_push(items,
                      p->projection.len == 0
                          ? json_copy(row.item)
                          : ddb_expr_project(p->projection.paths, p->projection.len, row.item));
        }
        ddb_row_clear(&row);
    }
    json_set(b->responses, p->t->name, items);
    ddb_push_capacity(b->consumed, p->t, &units, b->capacity);
    ddb_units_clear(&units);
    return good;
}

void ddb_op_batch_get_item(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    struct batch_get b = {.cloud = cloud,
                          .r = r,
                          .capacity =
                              ddb_shapes_of_get_ok(in, r) ? ddb_capacity_mode(in, r) : NULL};
    const cJSON *specs = b.capacity == NULL ? NULL : request_items(in, r);
    size_t n = specs == NULL ? 0 : (size_t)cJSON_GetArraySize(specs);
    struct get_part *parts = xcalloc(n + 1, sizeof *parts);
    struct map *seen = map_new();
    size_t read = 0, total = 0;
    bool good = specs != NULL;

    b.responses = json_new_object();
    b.unprocessed = json_new_object();
    b.consumed = json_new_array();
    for (const cJSON *spec = good ? specs->child : NULL; spec != NULL && good; spec = spec->next) {
        good = read_get_part(cloud, spec, &parts[read], r) &&
               check_get_keys(&parts[read], seen, &total, r);
        read++;
    }
    for (size_t i = 0; i < n && good; i++) {
        good = get_part(&b, &parts[i]);
    }
    for (size_t i = 0; i < read; i++) {
        ddb_expr_env_free(parts[i].env);
    }
    free(parts);
    map_free(seen, NULL);
    if (!good) {
        cJSON_Delete(b.responses);
        cJSON_Delete(b.unprocessed);
        cJSON_Delete(b.consumed);
        return;
    }
    r->out = json_new_object();
    r->raw = true;
    json_set(r->out, "Responses", b.responses);
    json_set(r->out, "UnprocessedKeys", b.unprocessed);
    ddb_set_list(r->out, "ConsumedCapacity", b.consumed);
}

/* ---- BatchWriteItem --------------------------------------------------------------------- */

/* The Item or Key of one request, checked; NULL with `r` failed. `*put` tells which of the two it
 * is. */
static const cJSON *write_target(const struct ddb_table *t, const cJSON *request, bool *put,
                                 struct cloud_reply *r)
{
    const cJSON *item = json_object(json_object(request, "PutRequest"), "Item");
    const cJSON *key = json_object(json_object(request, "DeleteRequest"), "Key");
    struct err e;

    *put = item != NULL;
    if ((item == NULL) == (key == NULL) || cJSON_GetArraySize(request) != 1) {
        (void)ddb_invalid(r, "Supplied AttributeValue has more than one datatypes set, must "
                             "contain exactly one of the supported datatypes");
        return NULL;
    }
    if (*put ? ddb_item_check(t, item, &e) != E_OK : ddb_key_check(t, key, &e) != E_OK) {
        (void)ddb_fail(r, &e);
        return NULL;
    }
    if (*put && ddb_item_size(item) > DDB_ITEM_MAX) {
        (void)ddb_invalid(r, "Item size has exceeded the maximum allowed size");
        return NULL;
    }
    return *put ? item : key;
}

static bool check_writes(struct cloud *cloud, const cJSON *requests, struct map *seen,
                         size_t *total, struct cloud_reply *r)
{
    const struct ddb_table *t = table_named(cloud, requests->string, r);
    const cJSON *request = NULL;

    if (t == NULL) {
        return false;
    }
    if (!cJSON_IsArray(requests) || requests->child == NULL) {
        return ddb_invalid(r,
                           "1 validation error detected: Value at 'requestItems.%.100s.member' "
                           "failed to satisfy constraint: Member must have length greater than or "
                           "equal to 1",
                           requests->string);
    }
    if (cJSON_GetArraySize(requests) > DDB_BATCH_WRITES) {
        return ddb_invalid(r,
                           "1 validation error detected: Value at 'requestItems.%.100s.member' "
                           "failed to satisfy constraint: Member must have length less than or "
                           "equal to %d",
                           requests->string, DDB_BATCH_WRITES);
    }
    cJSON_ArrayForEach(request, requests)
    {
        bool put;
        if (++*total > DDB_BATCH_WRITES) {
            return ddb_invalid(r, "Too many items requested for the BatchWriteItem call");
        }
        const cJSON *target = write_target(t, request, &put, r);
        if (target == NULL || !note_key(seen, t, target, r)) {
            return false;
        }
    }
    return true;
}

static bool write_part(struct cloud *cloud, const cJSON *requests, const char *mode,
                       cJSON *consumed, struct cloud_reply *r)
{
    const struct ddb_table *t = table_named(cloud, requests->string, r);
    const cJSON *request = NULL;
    bool good = t != NULL;

    if (!good) {
        return false;
    }
    struct ddb_units units = ddb_units_new(t);
    cJSON_ArrayForEach(request, requests)
    {
        struct ddb_row old = {0};
        bool put;
        const cJSON *target = write_target(t, request, &put, r);
        cJSON *item = target != NULL && put ? json_copy(target) : NULL;
        if (item != NULL) {
            ddb_item_normalise(item);
        }
        good = target != NULL && ddb_row_get(cloud, t, target, &old, r) &&
               ddb_row_write(cloud, t, &old, item, &units, r);
        ddb_row_clear(&old);
        cJSON_Delete(item);
        if (!good) {
            break;
        }
    }
    ddb_push_capacity(consumed, t, &units, mode);
    ddb_units_clear(&units);
    return good;
}

void ddb_op_batch_write_item(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    const char *mode = ddb_shapes_of_write_ok(in, r) ? ddb_capacity_mode(in, r) : NULL;
    const cJSON *items = mode == NULL ? NULL : request_items(in, r);
    struct map *seen = map_new();
    cJSON *consumed = json_new_array();
    const cJSON *requests = NULL;
    size_t total = 0;
    bool good = items != NULL;

    for (requests = good ? items->child : NULL; requests != NULL && good;
         requests = requests->next) {
        good = check_writes(cloud, requests, seen, &total, r);
    }
    for (requests = good ? items->child : NULL; requests != NULL && good;
         requests = requests->next) {
        good = write_part(cloud, requests, mode, consumed, r);
    }
    map_free(seen, NULL);
    if (!good) {
        cJSON_Delete(consumed);
        return;
    }
    r->out = json_new_object();
    r->raw = true;
    json_set(r->out, "UnprocessedItems", json_new_object());
    ddb_set_list(r->out, "ConsumedCapacity", consumed);
}
