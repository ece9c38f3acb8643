/* The typed calls of DynamoDB. */
#include "aws/dynamodb.h"

#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "core/alloc.h"
#include "core/json.h"
#include "core/map.h"
#include "doc.h"
#include "retry.h"

enum { BATCH_GET_KEYS = 100, BATCH_GET_TRIES = 8 };

static cJSON *new_request(const char *table)
{
    cJSON *in = json_new_object();

    json_set_str(in, "TableName", table);
    return in;
}

static void ask_capacity(cJSON *in)
{
    json_set_str(in, "ReturnConsumedCapacity", "TOTAL");
}

static cJSON *new_key(const char *name, const char *value)
{
    cJSON *key = json_new_object();

    json_set(key, name, attr_new_str(value));
    return key;
}

enum err_code ddb_describe_table(struct aws_client *c, const char *table, cJSON **description,
                                 struct err *e)
{
    cJSON *reply = NULL;
    enum err_code rc = doc_call(c, AWS_OP_DDB_DESCRIBE_TABLE, new_request(table), &reply, e);

    *description = NULL;
    if (rc == E_OK) {
        *description = doc_take_object(reply, "Table");
        if (*description == NULL) {
            rc = err_set(e, E_PARSE, "DescribeTable %s: the reply has no Table", table);
        }
    }
    cJSON_Delete(reply);
    return rc;
}

/* Takes the reply's Item; NULL when there is none. An Item that is not the one asked for says
 * nothing about the one asked for. */
static enum err_code take_item(cJSON *reply, const cJSON *key, cJSON **item, struct err *e)
{
    const cJSON *there = json_get(reply, "Item");
    const cJSON *part = NULL;

    if (there == NULL || cJSON_IsNull(there)) {
        return E_OK;
    }
    cJSON_ArrayForEach(part, key)
    {
        if (!cJSON_IsObject(there) || !cJSON_Compare(json_get(there, part->string), part, true)) {
            const char *value = attr_str(key, part->string);
            return err_set(e, E_PARSE, "GetItem: the reply's Item is not the one of %s %.128s",
                           part->string, value == NULL ? "" : value);
        }
    }
    *item = doc_take_object(reply, "Item");
    return E_OK;
}

/* Takes the key. */
static cJSON *new_get(const char *table, cJSON *key, bool consistent)
{
    cJSON *in = new_request(table);

    json_set(in, "Key", key);
    if (consistent) {
        json_set_bool(in, "ConsistentRead", true);
    }
    ask_capacity(in);
    return in;
}

enum err_code ddb_get_item_seen(struct aws_client *c, const char *table, const char *key_name,
                                const char *key_value, struct aws_seen *seen, cJSON **item,
                                struct err *e)
{
    cJSON *in = new_get(table, new_key(key_name, key_value), true);
    cJSON *reply = NULL;
    enum err_code rc = aws_call_seen(c, AWS_OP_DDB_GET_ITEM, in, seen, &reply, e);

    *item = NULL;
    if (rc == E_OK && !seen->same) {
        rc = take_item(reply, json_get(in, "Key"), item, e);
    }
    cJSON_Delete(reply);
    cJSON_Delete(in);
    return rc;
}

enum err_code ddb_get_item(struct aws_client *c, const char *table, const char *key_name,
                           const char *key_value, bool consistent, cJSON **item, struct err *e)
{
    cJSON *key = new_key(key_name, key_value);
    enum err_code rc = ddb_read_item(c, table, key, consistent, item, e);

    cJSON_Delete(key);
    return rc;
}

enum err_code ddb_read_item(struct aws_client *c, const char *table, const cJSON *key,
                            bool consistent, cJSON **item, struct err *e)
{
    cJSON *in = new_get(table, json_copy(key), consistent);
    cJSON *reply = NULL;
    enum err_code rc = doc_call(c, AWS_OP_DDB_GET_ITEM, in, &reply, e);

    *item = NULL;
    if (rc == E_OK) {
        rc = take_item(reply, key, item, e);
    }
    cJSON_Delete(reply);
    return rc;
}

enum err_code ddb_put_item(struct aws_client *c, const char *table, const cJSON *item,
                           const char *condition, struct err *e)
{
    cJSON *in = new_request(table);

    doc_borrow(in, "Item", item);
    doc_opt_str(in, "ConditionExpression", condition);
    ask_capacity(in);
    return doc_call(c, AWS_OP_DDB_PUT_ITEM, in, NULL, e);
}

enum err_code ddb_update_item(struct aws_client *c, const struct ddb_update *u, cJSON **attributes,
                              cJSON **current, struct err *e)
{
    cJSON *in = new_request(u->table);
    cJSON *reply = NULL;
    cJSON *refusal = NULL;

    json_set(in, "Key", new_key(u->key_name, u->key_value));
    json_set_str(in, "UpdateExpression", u->update);
    doc_opt_str(in, "ConditionExpression", u->condition);
    doc_borrow(in, "ExpressionAttributeNames", u->names);
    doc_borrow(in, "ExpressionAttributeValues", u->values);
    doc_opt_str(in, "ReturnValues", u->returns);
    if (current != NULL && u->condition != NULL) {
        json_set_str(in, "ReturnValuesOnConditionCheckFailure", "ALL_OLD");
    }
    ask_capacity(in);
    enum err_code rc = aws_call_error(c, AWS_OP_DDB_UPDATE_ITEM, in, &reply, &refusal, e);
    if (attributes != NULL) {
        *attributes = rc == E_OK ? doc_take_object(reply, "Attributes") : NULL;
    }
    if (current != NULL) {
        *current = rc == E_CONFLICT ? doc_take_object(refusal, "Item") : NULL;
    }
    cJSON_Delete(reply);
    cJSON_Delete(refusal);
    cJSON_Delete(in);
    return rc;
}

enum err_code ddb_delete_item(struct aws_client *c, const char *table, const char *key_name,
                              const char *key_value, struct err *e)
{
    cJSON *in = new_request(table);

    json_set(in, "Key", new_key(key_name, key_value));
    ask_capacity(in);
    return doc_call(c, AWS_OP_DDB_DELETE_ITEM, in, NULL, e);
}

void ddb_page_clear(struct ddb_page *p)
{
    cJSON_Delete(p->items);
    cJSON_Delete(p->last_key);
    *p = (struct ddb_page){0};
}

static enum err_code read_page(struct aws_client *c, enum aws_op_id op, const struct ddb_read *r,
                               cJSON *in, struct ddb_page *page, struct err *e)
{
    cJSON *reply = NULL;

    doc_opt_str(in, "IndexName", r->index);
    doc_opt_str(in, "FilterExpression", r->filter);
    doc_opt_str(in, "ProjectionExpression", r->projection);
    doc_borrow(in, "ExpressionAttributeNames", r->names);
    doc_borrow(in, "ExpressionAttributeValues", r->values);
    doc_borrow(in, "ExclusiveStartKey", r->start);
    if (r->limit > 0) {
        json_set_int(in, "Limit", r->limit);
    }
    if (r->consistent) {
        json_set_bool(in, "ConsistentRead", true);
    }
    if (r->count_only) {
        json_set_str(in, "Select", "COUNT");
    }
    ask_capacity(in);
    *page = (struct ddb_page){0};
    const struct json_each each = {.member = "Items", .element = r->item, .arg = r->arg};
    enum err_code rc = aws_call_each(c, op, in, r->item == NULL ? NULL : &each, &reply, e);
    cJSON_Delete(in);
    if (rc == E_OK && !r->count_only && json_array(reply, "Items") == NULL) {
        rc = err_set(e, E_PARSE, "%s %s: the reply has no Items", aws_op_get(op)->name, r->table);
    }
    if (rc == E_OK) {
        const cJSON *units = json_get(json_object(reply, "ConsumedCapacity"), "CapacityUnits");
        page->units = cJSON_IsNumber(units) ? units->valuedouble : 0;
        page->items = doc_take_array(reply, "Items");
        page->last_key = doc_take_object(reply, "LastEvaluatedKey");
        if (page->last_key != NULL && r->start != NULL &&
            cJSON_Compare(page->last_key, r->start, true)) {
            rc = err_set(e, E_SERVICE, "DynamoDB gives the same page of table %s again and again",
                         r->table);
        }
        page->count = (int)json_int(reply, "Count", cJSON_GetArraySize(page->items));
        page->scanned = (int)json_int(reply, "ScannedCount", page->count);
    }
    cJSON_Delete(reply);
    if (rc != E_OK) {
        ddb_page_clear(page);
    }
    return rc;
}

enum err_code ddb_query(struct aws_client *c, const struct ddb_read *r, struct ddb_page *page,
                        struct err *e)
{
    cJSON *in = new_request(r->table);

    doc_opt_str(in, "KeyConditionExpression", r->key_condition);
    if (r->newest_first) {
        json_set_bool(in, "ScanIndexForward", false);
    }
    return read_page(c, AWS_OP_DDB_QUERY, r, in, page, e);
}

enum err_code ddb_scan(struct aws_client *c, const struct ddb_read *r, struct ddb_page *page,
                       struct err *e)
{
    cJSON *in = new_request(r->table);

    if (r->total_segments > 0) {
        json_set_int(in, "Segment", r->segment);
        json_set_int(in, "TotalSegments", r->total_segments);
    }
    return read_page(c, AWS_OP_DDB_SCAN, r, in, page, e);
}

/* Makes one BatchGetItem of `request` (what stands under RequestItems for the table; taken). Adds
 * the items that came to `items`; `*left` gets the keys that were not processed, in the same shape,
 * or NULL. */
static enum err_code batch_get_once(struct aws_client *c, const char *table, cJSON *request,
                                    cJSON *items, cJSON **left, struct err *e)
{
    cJSON *in = json_new_object();
    cJSON *tables = json_new_object();
    cJSON *reply = NULL;

    *left = NULL;
    json_set(tables, table, request);
    json_set(in, "RequestItems", tables);
    ask_capacity(in);
    enum err_code rc = doc_call(c, AWS_OP_DDB_BATCH_GET_ITEM, in, &reply, e);
    if (rc == E_OK) {
        /* When the table was asked for by its ARN, it may come back under its name: everything that
         * came is taken. */
        cJSON *responses = doc_take_object(reply, "Responses");
        if (responses == NULL) { /* without it the reply says nothing about any key */
            rc = err_set(e, E_PARSE, "BatchGetItem %s: the reply has no Responses", table);
        }
        cJSON *unprocessed = doc_take_object(reply, "UnprocessedKeys");
        if (unprocessed != NULL && cJSON_IsObject(unprocessed->child)) {
            *left = cJSON_DetachItemViaPointer(unprocessed, unprocessed->child);
        }
        /* this reply says about all keys that they are not there */
        if (responses == NULL && *left == NULL) {
            rc = err_set(e, E_PARSE, "BatchGetItem %s: the reply has no Responses", table);
        }
        while (responses != NULL && responses->child != NULL) {
            cJSON *part = cJSON_DetachItemViaPointer(responses, responses->child);
            doc_append(items, part);
        }
        cJSON_Delete(responses);
        cJSON_Delete(unprocessed);
    }
    cJSON_Delete(reply);
    return rc;
}

static enum err_code batch_get_all(struct aws_client *c, const struct ddb_batch_get *g, cJSON *keys,
                                   cJSON *items, struct err *e)
{
    cJSON *request = json_new_object();

    json_set(request, "Keys", keys);
    doc_opt_str(request, "ProjectionExpression", g->projection);
    doc_borrow(request, "ExpressionAttributeNames", g->names);
    if (g->consistent) {
        json_set_bool(request, "ConsistentRead", true);
    }
    for (int attempt = 1; attempt <= BATCH_GET_TRIES; attempt++) {
        cJSON *left = NULL;
        enum err_code rc = batch_get_once(c, g->table, request, items, &left, e);
        if (rc != E_OK || left == NULL) {
            return rc;
        }
        request = left;
        rc = retry_pause(c, attempt, e);
        if (rc != E_OK) {
            cJSON_Delete(request);
            return rc;
        }
    }
    cJSON_Delete(request);
    return err_set(e, E_THROTTLED, "BatchGetItem %s: keys stay unprocessed after %d tries",
                   g->table, BATCH_GET_TRIES);
}

enum err_code ddb_batch_get(struct aws_client *c, const struct ddb_batch_get *g, cJSON **items,
                            struct err *e)
{
    struct map *seen = map_new();
    cJSON *all = json_new_array();
    cJSON *keys = NULL;
    enum err_code rc = E_OK;
    int n = 0;

    for (size_t i = 0; i < g->ids_len && rc == E_OK; i++) {
        if (map_put(seen, g->ids[i], seen) == NULL) {
            keys = keys == NULL ? json_new_array() : keys;
            json_push(keys, new_key(g->key_name, g->ids[i]));
            n++;
        }
        if (n == BATCH_GET_KEYS) {
            rc = batch_get_all(c, g, keys, all, e);
            keys = NULL;
            n = 0;
        }
    }
    if (keys != NULL && rc == E_OK) {
        rc = batch_get_all(c, g, keys, all, e);
        keys = NULL;
    }
    cJSON_Delete(keys);
    map_free(seen, NULL);
    if (rc != E_OK) {
        cJSON_Delete(all);
        all = NULL;
    }
    *items = all;
    return rc;
}
