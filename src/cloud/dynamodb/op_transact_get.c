/* DynamoDB of the local cloud: TransactGetItems. The cloud's lock makes the reads one. */
#include <stdlib.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/map.h"
#include "ddb_change.h"
#include "ddb_transact.h"

/* One Get of the request. */
struct one_get {
    const cJSON *in;
    const struct ddb_table *t;
    struct ddb_expr_env *env;
    struct ddb_expr_projection projection;
    struct ddb_row row;
};

struct gets {
    struct cloud *cloud;
    struct cloud_reply *r;
    const char *capacity;
    struct one_get *items;
    size_t len;
};

static bool read_one(struct gets *g, size_t at, const cJSON *element)
{
    struct one_get *one = &g->items[at];
    struct err e;
    bool ok = true;

    one->in = json_object(element, "Get");
    if (one->in == NULL) {
        return ddb_invalid(g->r,
                           "1 validation error detected: Value null at 'transactItems.%zu.member."
                           "get' failed to satisfy constraint: Member must not be null",
                           at + 1);
    }
    if (!ddb_has_member(one->in, "TableName") || !ddb_has_member(one->in, "Key")) {
        return ddb_transact_missing(g->r, at, "get",
                                    ddb_has_member(one->in, "TableName") ? "key" : "tableName");
    }
    const char *text = ddb_string(one->in, "ProjectionExpression", g->r, &ok);
    one->env = ok ? ddb_open_env(one->in, text != NULL, g->r) : NULL;
    if (one->env == NULL) {
        return false;
    }
    if ((text != NULL && ddb_expr_parse_projection(one->env, text, &one->projection, &e) != E_OK) ||
        ddb_expr_env_check_used(one->env, &e) != E_OK) {
        return ddb_fail(g->r, &e);
    }
    one->t = ddb_wanted_table(g->cloud, one->in, g->r);
    return one->t != NULL;
}

static bool read_all(struct gets *g, const cJSON *in)
{
    const cJSON *items = ddb_transact_items(in, g->r);
    struct map *seen = map_new();
    bool good = items != NULL;

    g->items = xcalloc((size_t)cJSON_GetArraySize(items) + 1, sizeof *g->items);
    for (const cJSON *v = good ? items->child : NULL; v != NULL && good; v = v->next) {
        good = read_one(g, g->len++, v);
    }
    for (size_t i = 0; i < g->len && good; i++) {
        good = ddb_transact_note(seen, g->items[i].t, json_object(g->items[i].in, "Key"), g->r);
    }
    map_free(seen, NULL);
    return good;
}

static bool get_one(struct gets *g, struct one_get *one, struct cloud_reply *refusal)
{
    const cJSON *key = ddb_key_param(one->t, one->in, refusal);

    for (size_t i = 0; key != NULL && i < one->projection.len; i++) {
        if (!ddb_path_ok(one->t, &one->projection.paths[i], refusal)) {
            return false;
        }
    }
    return key != NULL && ddb_row_get(g->cloud, one->t, key, &one->row, refusal);
}

static bool get_all(struct gets *g)
{
    cJSON *reasons = json_new_array();
    bool cancelled = false, good = true;
    size_t bytes = 0;

    for (size_t i = 0; i < g->len && good; i++) {
        struct cloud_reply refusal = {.status = 200};
        cancelled = !get_one(g, &g->items[i], &refusal) || cancelled;
        good = ddb_transact_push_reason(reasons, &refusal, g->r);
        bytes += g->items[i].row.size;
    }
    if (good && cancelled) {
        ddb_transact_cancel(g->r, reasons);
        return false;
    }
    cJSON_Delete(reasons);
    return good && ddb_transact_size_ok(bytes, g->r);
}

static cJSON *response(struct one_get *one)
{
    cJSON *out = json_new_object();

    if (one->row.found && one->projection.len > 0) {
        json_set(out, "Item",
                 ddb_expr_project(one->projection.paths, one->projection.len, one->row.item));
    } else if (one->row.found) {
        json_set(out, "Item", one->row.item);
        one->row.item = NULL; /* moved */
    }
    return out;
}

/* Adds the units of all gets of one table, when this is the first of them. */
static void push_units(const struct gets *g, size_t at, cJSON *consumed)
{
    const struct ddb_table *t = g->items[at].t;

    for (size_t i = 0; i < at; i++) {
        if (g->items[i].t == t) {
            return;
        }
    }
    struct ddb_units units = ddb_units_new(t);
    units.kind = "ReadCapacityUnits";
    for (size_t i = at; i < g->len; i++) {
        if (g->items[i].t == t) {
            units.items[0] += 2 * ddb_read_units(g->items[i].row.size, true);
        }
    }
    ddb_push_capacity(consumed, t, &units, g->capacity);
    ddb_units_clear(&units);
}

static void reply(struct gets *g)
{
    cJSON *responses = json_new_array();
    cJSON *consumed = json_new_array();

    for (size_t i = 0; i < g->len; i++) {
        push_units(g, i, consumed);
    }
    for (size_t i = 0; i < g->len; i++) {
        json_push(responses, response(&g->items[i]));
    }
    g->r->out = json_new_object();
    g->r->raw = true;
    json_set(g->r->out, "Responses", responses);
    ddb_set_list(g->r->out, "ConsumedCapacity", consumed);
}

void ddb_op_transact_get_items(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    struct gets g = {.cloud = cloud, .r = r};

    g.capacity = ddb_shapes_of_transaction_ok(in, r) ? ddb_capacity_mode(in, r) : NULL;
    if (g.capacity != NULL && read_all(&g, in) && get_all(&g)) {
        reply(&g);
    }
    for (size_t i = 0; i < g.len; i++) {
        ddb_expr_env_free(g.items[i].env);
        ddb_row_clear(&g.items[i].row);
    }
    free(g.items);
}
