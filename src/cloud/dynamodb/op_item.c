/* DynamoDB of the local cloud: one item: PutItem, GetItem, UpdateItem, DeleteItem. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "ddb.h"
#include "expr.h"

/* What the writing operations have in common. write_begin sets it up, write_end frees it. */
struct write_call {
    struct cloud *cloud;
    const cJSON *in;
    struct cloud_reply *r;
    const struct ddb_table *t;
    struct ddb_expr_env *env;
    const struct ddb_expr_node *condition; /* NULL: there is no condition */
    struct ddb_expr_update update;         /* for UpdateItem */
    const char *return_values;
    bool return_on_failure;
    const char *capacity;
    struct ddb_units units;
    struct ddb_row old;
};

static bool has_member(const cJSON *in, const char *name)
{
    const cJSON *v = json_get(in, name);

    return v != NULL && !cJSON_IsNull(v);
}

/* The checked placeholders for the request's expressions. NULL with `r` failed. */
static struct ddb_expr_env *open_env(const cJSON *in, bool has_expr, struct cloud_reply *r)
{
    struct err e;
    const cJSON *names = has_member(in, "ExpressionAttributeNames")
                             ? json_get(in, "ExpressionAttributeNames")
                             : NULL;
    const cJSON *values = has_member(in, "ExpressionAttributeValues")
                              ? json_get(in, "ExpressionAttributeValues")
                              : NULL;
    struct ddb_expr_env *env = ddb_expr_env_new(names, values, has_expr, &e);

    if (env == NULL) {
        (void)ddb_fail(r, &e);
    }
    return env;
}

static bool write_options(struct write_call *w, const char *const *return_values)
{
    static const char *const on_failure[] = {"ALL_OLD", "NONE", NULL};
    bool ok = true;

    w->return_values = ddb_choice(w->in, "ReturnValues", return_values, "NONE", w->r);
    const char *failure =
        w->return_values == NULL
            ? NULL
            : ddb_choice(w->in, "ReturnValuesOnConditionCheckFailure", on_failure, "NONE", w->r);
    w->capacity = failure == NULL ? NULL : ddb_capacity_mode(w->in, w->r);
    if (w->capacity == NULL) {
        return false;
    }
    w->return_on_failure = strcmp(failure, "ALL_OLD") == 0;
    const char *condition = ddb_string(w->in, "ConditionExpression", w->r, &ok);
    const char *update = ok ? ddb_string(w->in, "UpdateExpression", w->r, &ok) : NULL;
    w->env = ok ? open_env(w->in, condition != NULL || update != NULL, w->r) : NULL;
    if (w->env == NULL) {
        return false;
    }
    struct err e;
    if (condition != NULL) {
        w->condition = ddb_expr_parse_condition(w->env, condition, "ConditionExpression", &e);
    }
    if ((condition != NULL && w->condition == NULL) ||
        (update != NULL && ddb_expr_parse_update(w->env, update, &w->update, &e) != E_OK) ||
        ddb_expr_env_check_used(w->env, &e) != E_OK) {
        return ddb_fail(w->r, &e);
    }
    return true;
}

static bool write_begin(struct write_call *w, struct cloud *cloud, const cJSON *in,
                        struct cloud_reply *r, const char *const *return_values)
{
    *w = (struct write_call){.cloud = cloud, .in = in, .r = r};
    if (!ddb_shapes_ok(in, r) || !ddb_no_legacy(in, r) || !write_options(w, return_values)) {
        return false;
    }
    w->t = ddb_wanted_table(cloud, in, r);
    if (w->t == NULL) {
        return false;
    }
    w->units = ddb_units_new(w->t);
    return true;
}

static void write_end(struct write_call *w)
{
    ddb_expr_env_free(w->env);
    ddb_units_clear(&w->units);
    ddb_row_clear(&w->old);
}

/* The object parameter "Key" or "Item"; NULL with `r` failed. */
static const cJSON *object_param(const cJSON *in, const char *name, const char *lower,
                                 struct cloud_reply *r)
{
    const cJSON *v = json_object(in, name);

    if (v == NULL && has_member(in, name)) {
        cloud_fail(r, 400, "SerializationException", "Unexpected value type in payload");
    } else if (v == NULL) {
        (void)ddb_invalid(r,
                          "1 validation error detected: Value null at '%s' failed to satisfy "
                          "constraint: Member must not be null",
                          lower);
    }
    return v;
}

static const cJSON *key_param(const struct ddb_table *t, const cJSON *in, struct cloud_reply *r)
{
    struct err e;
    const cJSON *key = object_param(in, "Key", "key", r);

    if (key != NULL && ddb_key_check(t, key, &e) != E_OK) {
        (void)ddb_fail(r, &e);
        return NULL;
    }
    return key;
}

static bool check_condition(struct write_call *w)
{
    cJSON *nothing = w->old.found ? NULL : json_new_object();
    bool holds =
        w->condition == NULL || ddb_expr_eval(w->condition, w->old.found ? w->old.item : nothing);

    cJSON_Delete(nothing);
    if (!holds) {
        cloud_fail(w->r, 400, "ConditionalCheckFailedException", "The conditional request failed");
        if (w->return_on_failure && w->old.found) {
            w->r->out = json_new_object();
            json_set(w->r->out, "Item", json_copy(w->old.item));
        }
    }
    return holds;
}

/* Writes the reply of a write; takes `attributes` (NULL: there are none). */
static void write_reply(struct write_call *w, cJSON *attributes)
{
    cJSON *capacity = ddb_capacity(w->t, &w->units, w->capacity);

    w->r->out = json_new_object();
    if (attributes != NULL && attributes->child == NULL) {
        cJSON_Delete(attributes);
    } else if (attributes != NULL) {
        json_set(w->r->out, "Attributes", attributes);
    }
    if (capacity != NULL) {
        w->r->raw = true;
        json_set(w->r->out, "ConsumedCapacity", capacity);
    }
}

static cJSON *old_attributes(const struct write_call *w)
{
    return strcmp(w->return_values, "ALL_OLD") == 0 && w->old.found ? json_copy(w->old.item) : NULL;
}

/* ---- PutItem, DeleteItem ---------------------------------------------------------------- */

static const char *const none_or_old[] = {"ALL_OLD", "NONE", NULL};

static bool put(struct write_call *w)
{
    struct err e;
    const cJSON *given = object_param(w->in, "Item", "item", w->r);

    if (given == NULL) {
        return false;
    }
    if (ddb_item_check(w->t, given, &e) != E_OK) {
        return ddb_fail(w->r, &e);
    }
    cJSON *item = json_copy(given);
    ddb_item_normalise(item);
    bool good = ddb_item_size(item) <= DDB_ITEM_MAX ||
                ddb_invalid(w->r, "Item size has exceeded the maximum allowed size");
    good = good && ddb_row_get(w->cloud, w->t, item, &w->old, w->r) && check_condition(w) &&
           ddb_row_write(w->cloud, w->t, &w->old, item, &w->units, w->r);
    if (good) {
        write_reply(w, old_attributes(w));
    }
    cJSON_Delete(item);
    return good;
}

void ddb_op_put_item(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    struct write_call w;

    (void)(write_begin(&w, cloud, in, r, none_or_old) && put(&w));
    write_end(&w);
}

static bool delete (struct write_call *w)
{
    const cJSON *key = key_param(w->t, w->in, w->r);

    if (key == NULL || !ddb_row_get(w->cloud, w->t, key, &w->old, w->r) || !check_condition(w) ||
        !ddb_row_write(w->cloud, w->t, &w->old, NULL, &w->units, w->r)) {
        return false;
    }
    write_reply(w, old_attributes(w));
    return true;
}

void ddb_op_delete_item(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    struct write_call w;

    (void)(write_begin(&w, cloud, in, r, none_or_old) && delete (&w));
    write_end(&w);
}

/* ---- UpdateItem ------------------------------------------------------------------------- */

/* Checks the paths of an update: a key cannot be changed, and an index's key only as a whole. */
static bool check_paths(struct write_call *w)
{
    const struct ddb_index *x = &w->t->indexes[0];

    for (size_t i = 0; i < w->update.len; i++) {
        const struct ddb_expr_path *path = &w->update.actions[i].path;
        const char *name = path->steps[0].name;
        if (strcmp(name, x->hash) == 0 || (x->range != NULL && strcmp(name, x->range) == 0)) {
            return ddb_invalid(w->r,
                               "One or more parameter values were invalid: Cannot update attribute "
                               "%.120s. This attribute is part of the key",
                               name);
        }
        if (!ddb_path_ok(w->t, path, w->r)) {
            return false;
        }
    }
    return true;
}

/* The item after the update: owned, or NULL with `r` failed. */
static cJSON *updated_item(struct write_call *w, const cJSON *key, const struct ddb_expr_update *u)
{
    struct err e;
    cJSON *nothing = w->old.found ? NULL : json_new_object();
    const cJSON *was = w->old.found ? w->old.item : nothing;
    cJSON *item = json_copy(w->old.found ? w->old.item : key);

    if (ddb_expr_apply(u, item, &e) != E_OK || ddb_item_check_keys(w->t, item, was, &e) != E_OK) {
        (void)ddb_fail(w->r, &e);
    } else {
        ddb_item_normalise(item);
        if (ddb_item_size(item) > DDB_ITEM_MAX) {
            (void)ddb_invalid(w->r, "Item size to update has exceeded the maximum allowed size");
        }
    }
    cJSON_Delete(nothing);
    if (w->r->code[0] != '\0') {
        cJSON_Delete(item);
        item = NULL;
    }
    return item;
}

/* The attributes that ReturnValues asks for. UPDATED_* means the parts that the expression
 * names. */
static cJSON *update_attributes(const struct write_call *w, const struct ddb_expr_update *u,
                                const cJSON *item)
{
    const char *want = w->return_values;
    bool of_new = strcmp(want, "ALL_NEW") == 0 || strcmp(want, "UPDATED_NEW") == 0;
    const cJSON *from = of_new ? item : w->old.item;

    if (strcmp(want, "NONE") == 0 || from == NULL) {
        return NULL;
    }
    if (strcmp(want, "ALL_NEW") == 0 || strcmp(want, "ALL_OLD") == 0) {
        return json_copy(from);
    }
    struct ddb_expr_path *paths = xcalloc(u->len + 1, sizeof *paths);
    for (size_t i = 0; i < u->len; i++) {
        paths[i] = u->actions[i].path;
    }
    cJSON *out = ddb_expr_project(paths, u->len, from);
    free(paths);
    return out;
}

/* Does the update only take away? Then it makes no item where there is none (API reference,
 * UpdateItem: DELETE of a missing item does nothing). An update without any action does make
 * one. */
static bool only_removes(const struct ddb_expr_update *u)
{
    for (size_t i = 0; i < u->len; i++) {
        if (u->actions[i].kind != EXPR_REMOVE && u->actions[i].kind != EXPR_DELETE) {
            return false;
        }
    }
    return u->len > 0;
}

static bool update(struct write_call *w)
{
    const struct ddb_expr_update *u = &w->update;
    const cJSON *key = key_param(w->t, w->in, w->r);

    if (key == NULL || !check_paths(w)) {
        return false;
    }
    if (!ddb_row_get(w->cloud, w->t, key, &w->old, w->r) || !check_condition(w)) {
        return false;
    }
    if (!w->old.found && only_removes(u)) {
        if (!ddb_row_write(w->cloud, w->t, &w->old, NULL, &w->units, w->r)) {
            return false;
        }
        write_reply(w, NULL);
        return true;
    }
    cJSON *item = updated_item(w, key, u);
    bool good = item != NULL && ddb_row_write(w->cloud, w->t, &w->old, item, &w->units, w->r);
    if (good) {
        write_reply(w, update_attributes(w, u, item));
    }
    cJSON_Delete(item);
    return good;
}

void ddb_op_update_item(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    static const char *const choices[] = {"ALL_NEW", "UPDATED_OLD", "ALL_OLD",
                                          "NONE",    "UPDATED_NEW", NULL};
    struct write_call w;

    (void)(write_begin(&w, cloud, in, r, choices) && update(&w));
    write_end(&w);
}

/* ---- GetItem ---------------------------------------------------------------------------- */

static bool get(struct cloud *cloud, const struct ddb_table *t, const cJSON *in,
                const struct ddb_expr_projection *p, struct cloud_reply *r)
{
    struct ddb_row row = {0};
    bool consistent = false;
    const char *capacity = ddb_capacity_mode(in, r);
    const cJSON *key = capacity == NULL ? NULL : key_param(t, in, r);

    if (key == NULL || !ddb_flag(in, "ConsistentRead", &consistent, r)) {
        return false;
    }
    for (size_t i = 0; i < p->len; i++) {
        if (!ddb_path_ok(t, &p->paths[i], r)) {
            return false;
        }
    }
    if (!ddb_row_get(cloud, t, key, &row, r)) {
        return false;
    }
    struct ddb_units units = ddb_units_new(t);
    units.items[0] = ddb_read_units(row.size, consistent);
    cJSON *used = ddb_capacity(t, &units, capacity);
    r->out = json_new_object();
    if (row.found) {
        cJSON *item = row.item;
        if (p->len > 0) {
            item = ddb_expr_project(p->paths, p->len, row.item);
            cJSON_Delete(row.item);
        }
        row.item = NULL;
        json_set(r->out, "Item", item);
    }
    if (used != NULL) {
        r->raw = true;
        json_set(r->out, "ConsumedCapacity", used);
    }
    ddb_units_clear(&units);
    ddb_row_clear(&row);
    return true;
}

void ddb_op_get_item(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    struct ddb_expr_projection projection = {0};
    struct err e;
    bool ok = ddb_shapes_ok(in, r) && ddb_no_legacy(in, r);
    const char *text = ok ? ddb_string(in, "ProjectionExpression", r, &ok) : NULL;
    struct ddb_expr_env *env = ok ? open_env(in, text != NULL, r) : NULL;

    if (env != NULL &&
        ((text != NULL && ddb_expr_parse_projection(env, text, &projection, &e) != E_OK) ||
         ddb_expr_env_check_used(env, &e) != E_OK)) {
        (void)ddb_fail(r, &e);
    } else if (env != NULL) {
        const struct ddb_table *t = ddb_wanted_table(cloud, in, r);
        (void)(t != NULL && get(cloud, t, in, &projection, r));
    }
    ddb_expr_env_free(env);
}
