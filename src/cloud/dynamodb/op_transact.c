/* DynamoDB of the local cloud: TransactWriteItems. The cloud's lock is held and the call's
 * savepoint is open: no other write can come between (so there is neither
 * TransactionConflictException nor TransactionInProgressException), and a program that is killed
 * leaves the whole or nothing. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/map.h"
#include "ddb_change.h"
#include "ddb_token.h"
#include "ddb_transact.h"

enum { TOKEN_CHARS_MAX = 36 };

struct transaction {
    struct cloud *cloud;
    const cJSON *in;
    struct cloud_reply *r;
    const char *capacity;
    bool metrics;      /* the collections are asked for */
    const char *token; /* NULL: there is none */
    struct ddb_change *changes;
    size_t len;
};

/* ---- parameters ------------------------------------------------------------------------- */

static const struct kind_row {
    const char *member;
    const char *lower;
    /* the members that it must have besides TableName; NULL: no second one */
    const char *must[2], *must_lower[2];
} kinds[] = {
    [DDB_CHANGE_PUT] = {"Put",            "put",    {"Item", NULL},                 {"item", NULL}},
    [DDB_CHANGE_UPDATE] = {"Update",
                        "update",                   {"Key", "UpdateExpression"},
                        {"key", "updateExpression"}                                               },
    [DDB_CHANGE_DELETE] = {"Delete",         "delete", {"Key", NULL},                  {"key", NULL} },
    [DDB_CHANGE_CHECK] = {"ConditionCheck",
                        "conditionCheck",           {"Key", "ConditionExpression"},
                        {"key", "conditionExpression"}                                            },
};

/* Finds which of the four an element is, and its parameters. */
static bool read_kind(struct transaction *x, size_t at, const cJSON *element)
{
    struct ddb_change *c = &x->changes[at];
    const struct kind_row *row = NULL;

    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        if (!ddb_has_member(element, kinds[k].member)) {
            continue;
        }
        if (row != NULL) {
            row = NULL;
            break;
        }
        row = &kinds[k];
        c->kind = (enum ddb_change_kind)k;
    }
    if (row == NULL) {
        return ddb_invalid(x->r, "TransactItems can only contain one of Check, Put, Update or "
                                 "Delete");
    }
    c->in = json_object(element, row->member);
    if (!ddb_has_member(c->in, "TableName")) {
        return ddb_transact_missing(x->r, at, row->lower, "tableName");
    }
    for (size_t i = 0; i < 2 && row->must[i] != NULL; i++) {
        if (!ddb_has_member(c->in, row->must[i])) {
            return ddb_transact_missing(x->r, at, row->lower, row->must_lower[i]);
        }
    }
    return true;
}

static bool read_items(struct transaction *x)
{
    const cJSON *items = ddb_transact_items(x->in, x->r);

    if (items == NULL) {
        return false;
    }
    x->changes = xcalloc((size_t)cJSON_GetArraySize(items), sizeof *x->changes);
    for (const cJSON *v = items->child; v != NULL; v = v->next) {
        x->changes[x->len] = (struct ddb_change){.cloud = x->cloud, .r = x->r};
        if (!read_kind(x, x->len++, v)) {
            return false;
        }
    }
    return true;
}

static bool read_token(struct transaction *x)
{
    bool ok = true;

    x->token = ddb_string(x->in, "ClientRequestToken", x->r, &ok);
    size_t len = x->token == NULL ? 1 : strlen(x->token);
    if (ok && (len == 0 || len > TOKEN_CHARS_MAX)) {
        return ddb_invalid(x->r,
                           "1 validation error detected: Value '%.100s' at 'clientRequestToken' "
                           "failed to satisfy constraint: Member must have length %s",
                           x->token,
                           len == 0 ? "greater than or equal to 1" : "less than or equal to 36");
    }
    return ok;
}

static bool read_changes(struct transaction *x)
{
    for (size_t i = 0; i < x->len; i++) {
        if (!ddb_change_read(&x->changes[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < x->len; i++) {
        const struct ddb_table *t = ddb_wanted_table(x->cloud, x->changes[i].in, x->r);
        if (t == NULL) {
            return false;
        }
        ddb_change_set_table(&x->changes[i], t);
    }
    return true;
}

/* What is wrong whatever the items are: two actions on one item, too many bytes. */
static bool check_together(struct transaction *x)
{
    struct map *seen = map_new();
    size_t bytes = 0;
    bool good = true;

    for (size_t i = 0; i < x->len && good; i++) {
        const struct ddb_change *c = &x->changes[i];
        const cJSON *what = json_object(c->in, c->kind == DDB_CHANGE_PUT ? "Item" : "Key");
        bytes += ddb_item_size(what);
        good = ddb_transact_note(seen, c->t, what, x->r);
    }
    map_free(seen, NULL);
    return good && ddb_transact_size_ok(bytes, x->r);
}

/* ---- planning --------------------------------------------------------------------------- */

/* Plans one action; its reason goes to the end of `reasons`. False when the whole request fails. */
static bool plan_one(struct transaction *x, struct ddb_change *c, cJSON *reasons, bool *cancelled)
{
    struct cloud_reply refusal = {.status = 200};

    c->r = &refusal;
    bool good = ddb_change_look(c) && ddb_change_plan(c);
    c->r = x->r;
    *cancelled = *cancelled || !good;
    return ddb_transact_push_reason(reasons, &refusal, x->r);
}

static bool plan(struct transaction *x)
{
    cJSON *reasons = json_new_array();
    bool cancelled = false;

    for (size_t i = 0; i < x->len; i++) {
        if (!plan_one(x, &x->changes[i], reasons, &cancelled)) {
            cJSON_Delete(reasons);
            return false;
        }
    }
    if (cancelled) {
        ddb_transact_cancel(x->r, reasons);
    } else {
        cJSON_Delete(reasons);
    }
    return !cancelled;
}

/* ---- writing ---------------------------------------------------------------------------- */

/* A check only counts what it read, by the units of writes. */
static bool write_one(struct ddb_change *c)
{
    if (c->kind == DDB_CHANGE_CHECK) {
        c->units.items[0] += ddb_write_units(c->old.size);
        return true;
    }
    return ddb_change_write(c);
}

static bool write_all(struct transaction *x)
{
    for (size_t i = 0; i < x->len; i++) {
        if (!write_one(&x->changes[i])) {
            return false;
        }
    }
    return x->token == NULL || ddb_token_note(x->cloud, x->token, x->in, x->r);
}

/* ---- replying --------------------------------------------------------------------------- */

/* The units of all changes of one table together: a transaction takes twice what single calls
 * take. */
static void add_units(const struct transaction *x, const struct ddb_table *t, struct ddb_units *sum)
{
    for (size_t i = 0; i < x->len; i++) {
        for (size_t k = 0; x->changes[i].t == t && k < t->len; k++) {
            sum->items[k] += 2 * x->changes[i].units.items[k];
        }
    }
}

static bool is_first_of_table(const struct transaction *x, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (x->changes[i].t == x->changes[at].t) {
            return false;
        }
    }
    return true;
}

/* ItemCollectionMetrics: table -> a list of the collections that were written to. */
static cJSON *metrics_of(const struct transaction *x)
{
    cJSON *out = json_new_object();

    for (size_t i = 0; i < x->len && x->metrics; i++) {
        const struct ddb_change *c = &x->changes[i];
        cJSON *one = c->kind == DDB_CHANGE_CHECK ? NULL : ddb_metrics(c->t, c->key);
        if (one != NULL && json_get(out, c->t->name) == NULL) {
            json_set(out, c->t->name, json_new_array());
        }
        if (one != NULL) {
            json_push(cJSON_GetObjectItemCaseSensitive(out, c->t->name), one);
        }
    }
    return out;
}

static void reply(struct transaction *x, const char *kind)
{
    cJSON *consumed = json_new_array();

    for (size_t i = 0; i < x->len; i++) {
        if (is_first_of_table(x, i)) {
            struct ddb_units sum = ddb_units_new(x->changes[i].t);
            sum.kind = kind;
            add_units(x, x->changes[i].t, &sum);
            ddb_push_capacity(consumed, x->changes[i].t, &sum, x->capacity);
            ddb_units_clear(&sum);
        }
    }
    x->r->out = json_new_object();
    x->r->raw = true;
    ddb_set_list(x->r->out, "ConsumedCapacity", consumed);
    ddb_set_list(x->r->out, "ItemCollectionMetrics", metrics_of(x));
}

/* What a transaction costs that was done before: the reading of its items. */
static bool count_reads(struct transaction *x)
{
    for (size_t i = 0; i < x->len; i++) {
        struct ddb_change *c = &x->changes[i];
        const cJSON *what = json_object(c->in, c->kind == DDB_CHANGE_PUT ? "Item" : "Key");
        c->key = what;
        if (!ddb_row_get(x->cloud, c->t, what, &c->old, x->r)) {
            return false;
        }
        c->units.items[0] = ddb_read_units(c->old.size, true);
    }
    return true;
}

static void transact(struct transaction *x)
{
    bool done = false;

    if (!read_items(x) || !read_token(x) || !read_changes(x) || !check_together(x) ||
        (x->token != NULL && !ddb_token_find(x->cloud, x->token, x->in, &done, x->r))) {
        return;
    }
    if (done) {
        if (count_reads(x)) {
            reply(x, "ReadCapacityUnits");
        }
    } else if (plan(x) && write_all(x)) {
        reply(x, "WriteCapacityUnits");
    }
}

void ddb_op_transact_write_items(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    struct transaction x = {.cloud = cloud, .in = in, .r = r};

    x.capacity = ddb_shapes_of_transaction_ok(in, r) ? ddb_capacity_mode(in, r) : NULL;
    if (x.capacity != NULL && ddb_metrics_wanted(in, &x.metrics, r)) {
        transact(&x);
    }
    for (size_t i = 0; i < x.len; i++) {
        ddb_change_clear(&x.changes[i]);
    }
    free(x.changes);
}
