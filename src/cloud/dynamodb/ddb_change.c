/* DynamoDB of the local cloud: one change of an item, from its parameters to its place in the
 * store. */
#include "ddb_change.h"

#include <string.h>

#include "core/json.h"

/* ---- parameters ------------------------------------------------------------------------- */

bool ddb_has_member(const cJSON *in, const char *name)
{
    const cJSON *v = json_get(in, name);

    return v != NULL && !cJSON_IsNull(v);
}

struct ddb_expr_env *ddb_open_env(const cJSON *in, bool has_expr, struct cloud_reply *r)
{
    struct err e;
    const cJSON *names = ddb_has_member(in, "ExpressionAttributeNames")
                             ? json_get(in, "ExpressionAttributeNames")
                             : NULL;
    const cJSON *values = ddb_has_member(in, "ExpressionAttributeValues")
                              ? json_get(in, "ExpressionAttributeValues")
                              : NULL;
    struct ddb_expr_env *env = ddb_expr_env_new(names, values, has_expr, &e);

    if (env == NULL) {
        (void)ddb_fail(r, &e);
    }
    return env;
}

bool ddb_change_read(struct ddb_change *c)
{
    static const char *const on_failure[] = {"ALL_OLD", "NONE", NULL};
    bool ok = true;
    const char *failure =
        ddb_choice(c->in, "ReturnValuesOnConditionCheckFailure", on_failure, "NONE", c->r);

    if (failure == NULL) {
        return false;
    }
    c->return_on_failure = strcmp(failure, "ALL_OLD") == 0;
    const char *condition = ddb_string(c->in, "ConditionExpression", c->r, &ok);
    const char *update = ok ? ddb_string(c->in, "UpdateExpression", c->r, &ok) : NULL;
    c->env = ok ? ddb_open_env(c->in, condition != NULL || update != NULL, c->r) : NULL;
    if (c->env == NULL) {
        return false;
    }
    struct err e;
    if (condition != NULL) {
        c->condition = ddb_expr_parse_condition(c->env, condition, "ConditionExpression", &e);
    }
    if ((condition != NULL && c->condition == NULL) ||
        (update != NULL && ddb_expr_parse_update(c->env, update, &c->update, &e) != E_OK) ||
        ddb_expr_env_check_used(c->env, &e) != E_OK) {
        return ddb_fail(c->r, &e);
    }
    return true;
}

void ddb_change_set_table(struct ddb_change *c, const struct ddb_table *t)
{
    c->t = t;
    c->units = ddb_units_new(t);
}

void ddb_change_clear(struct ddb_change *c)
{
    ddb_expr_env_free(c->env);
    ddb_units_clear(&c->units);
    ddb_row_clear(&c->old);
    cJSON_Delete(c->item);
    c->item = NULL;
}

/* The object parameter "Key" or "Item"; NULL with `r` failed. */
static const cJSON *object_param(const cJSON *in, const char *name, const char *lower,
                                 struct cloud_reply *r)
{
    const cJSON *v = json_object(in, name);

    if (v == NULL && ddb_has_member(in, name)) {
        cloud_fail(r, 400, "SerializationException", "Unexpected value type in payload");
    } else if (v == NULL) {
        (void)ddb_invalid(r,
                          "1 validation error detected: Value null at '%s' failed to satisfy "
                          "constraint: Member must not be null",
                          lower);
    }
    return v;
}

const cJSON *ddb_key_param(const struct ddb_table *t, const cJSON *in, struct cloud_reply *r)
{
    struct err e;
    const cJSON *key = object_param(in, "Key", "key", r);

    if (key != NULL && ddb_key_check(t, key, &e) != E_OK) {
        (void)ddb_fail(r, &e);
        return NULL;
    }
    return key;
}

/* ---- against the schema ----------------------------------------------------------------- */

static bool look_at_item(struct ddb_change *c)
{
    struct err e;

    c->key = object_param(c->in, "Item", "item", c->r);
    if (c->key == NULL) {
        return false;
    }
    if (ddb_item_check(c->t, c->key, &e) != E_OK) {
        return ddb_fail(c->r, &e);
    }
    c->item = json_copy(c->key);
    ddb_item_normalise(c->item);
    return ddb_item_size(c->item) <= DDB_ITEM_MAX ||
           ddb_invalid(c->r, "Item size has exceeded the maximum allowed size");
}

/* Checks the paths of an update: a key cannot be changed, and an index's key only as a whole. */
static bool check_paths(struct ddb_change *c)
{
    const struct ddb_index *x = &c->t->indexes[0];

    for (size_t i = 0; i < c->update.len; i++) {
        const struct ddb_expr_path *path = &c->update.actions[i].path;
        const char *name = path->steps[0].name;
        if (strcmp(name, x->hash) == 0 || (x->range != NULL && strcmp(name, x->range) == 0)) {
            return ddb_invalid(c->r,
                               "One or more parameter values were invalid: Cannot update attribute "
                               "%.120s. This attribute is part of the key",
                               name);
        }
        if (!ddb_path_ok(c->t, path, c->r)) {
            return false;
        }
    }
    return true;
}

bool ddb_change_look(struct ddb_change *c)
{
    if (c->kind == DDB_CHANGE_PUT) {
        return look_at_item(c);
    }
    c->key = ddb_key_param(c->t, c->in, c->r);
    return c->key != NULL && check_paths(c);
}

/* ---- against the item as it is ---------------------------------------------------------- */

static bool check_condition(struct ddb_change *c)
{
    cJSON *nothing = c->old.found ? NULL : json_new_object();
    bool holds =
        c->condition == NULL || ddb_expr_eval(c->condition, c->old.found ? c->old.item : nothing);

    cJSON_Delete(nothing);
    if (!holds) {
        cloud_fail(c->r, 400, "ConditionalCheckFailedException", "The conditional request failed");
        if (c->return_on_failure && c->old.found) {
            c->r->out = json_new_object();
            json_set(c->r->out, "Item", json_copy(c->old.item));
        }
    }
    return holds;
}

/* The item after the update: owned, or NULL with `r` failed. */
static cJSON *updated_item(struct ddb_change *c)
{
    struct err e;
    cJSON *nothing = c->old.found ? NULL : json_new_object();
    const cJSON *was = c->old.found ? c->old.item : nothing;
    cJSON *item = json_copy(c->old.found ? c->old.item : c->key);

    if (ddb_expr_apply(&c->update, item, &e) != E_OK ||
        ddb_item_check_keys(c->t, item, was, &e) != E_OK) {
        (void)ddb_fail(c->r, &e);
    } else {
        ddb_item_normalise(item);
        if (ddb_item_size(item) > DDB_ITEM_MAX) {
            (void)ddb_invalid(c->r, "Item size to update has exceeded the maximum allowed size");
        }
    }
    cJSON_Delete(nothing);
    if (c->r->code[0] != '\0') {
        cJSON_Delete(item);
        item = NULL;
    }
    return item;
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

bool ddb_change_plan(struct ddb_change *c)
{
    if (!ddb_row_get(c->cloud, c->t, c->key, &c->old, c->r) || !check_condition(c)) {
        return false;
    }
    if (c->kind == DDB_CHANGE_UPDATE && (c->old.found || !only_removes(&c->update))) {
        c->item = updated_item(c);
        return c->item != NULL;
    }
    return true;
}

bool ddb_change_write(struct ddb_change *c)
{
    return ddb_row_write(c->cloud, c->t, &c->old, c->item, &c->units, c->r);
}
