/* DynamoDB of the local cloud: one item: PutItem, GetItem, UpdateItem, DeleteItem. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "ddb_change.h"

/* ---- PutItem, UpdateItem, DeleteItem ---------------------------------------------------- */

/* The attributes that ReturnValues asks for. UPDATED_* means the parts that the expression
 * names. */
static cJSON *attributes(const struct ddb_change *c, const char *want)
{
    const struct ddb_expr_update *u = &c->update;
    bool of_new = strcmp(want, "ALL_NEW") == 0 || strcmp(want, "UPDATED_NEW") == 0;
    const cJSON *from = of_new ? c->item : c->old.item;

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

/* Writes the reply of a write; takes `given` (NULL: no attributes). */
static void write_reply(const struct ddb_change *c, cJSON *given, const char *mode,
                        bool metrics_wanted)
{
    cJSON *capacity = ddb_capacity(c->t, &c->units, mode);
    cJSON *metrics = metrics_wanted ? ddb_metrics(c->t, c->key) : NULL;

    c->r->out = json_new_object();
    if (given != NULL && given->child == NULL) {
        cJSON_Delete(given);
    } else if (given != NULL) {
        json_set(c->r->out, "Attributes", given);
    }
    if (capacity != NULL) {
        c->r->raw = true;
        json_set(c->r->out, "ConsumedCapacity", capacity);
    }
    if (metrics != NULL) {
        c->r->raw = true;
        json_set(c->r->out, "ItemCollectionMetrics", metrics);
    }
}

static bool do_change(struct ddb_change *c, const char *const *return_values)
{
    if (!ddb_shapes_ok(c->in, c->r) || !ddb_no_legacy(c->in, c->r)) {
        return false;
    }
    bool metrics = false;
    const char *want = ddb_choice(c->in, "ReturnValues", return_values, "NONE", c->r);
    const char *mode = want == NULL ? NULL : ddb_capacity_mode(c->in, c->r);
    const struct ddb_table *t =
        mode != NULL && ddb_metrics_wanted(c->in, &metrics, c->r) && ddb_change_read(c)
            ? ddb_wanted_table(c->cloud, c->in, c->r)
            : NULL;
    if (t == NULL) {
        return false;
    }
    ddb_change_set_table(c, t);
    if (!ddb_change_look(c) || !ddb_change_plan(c) || !ddb_change_write(c)) {
        return false;
    }
    write_reply(c, attributes(c, want), mode, metrics);
    return true;
}

static void change(struct cloud *cloud, const cJSON *in, struct cloud_reply *r,
                   enum ddb_change_kind kind, const char *const *return_values)
{
    struct ddb_change c = {.cloud = cloud, .in = in, .r = r, .kind = kind};

    (void)do_change(&c, return_values);
    ddb_change_clear(&c);
}

static const char *const none_or_old[] = {"ALL_OLD", "NONE", NULL};

void ddb_op_put_item(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    change(cloud, in, r, DDB_CHANGE_PUT, none_or_old);
}

void ddb_op_delete_item(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    change(cloud, in, r, DDB_CHANGE_DELETE, none_or_old);
}

void ddb_op_update_item(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    static const char *const choices[] = {"ALL_NEW", "UPDATED_OLD", "ALL_OLD",
                                          "NONE",    "UPDATED_NEW", NULL};

    change(cloud, in, r, DDB_CHANGE_UPDATE, choices);
}

/* ---- GetItem ---------------------------------------------------------------------------- */

static bool get(struct cloud *cloud, const struct ddb_table *t, const cJSON *in,
                const struct ddb_expr_projection *p, struct cloud_reply *r)
{
    struct ddb_row row = {0};
    bool consistent = false;
    const char *capacity = ddb_capacity_mode(in, r);
    const cJSON *key = capacity == NULL ? NULL : ddb_key_param(t, in, r);

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
    struct ddb_expr_env *env = ok ? ddb_open_env(in, text != NULL, r) : NULL;

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
