/* DynamoDB's expressions: the values in an update, and its actions on an item. */
#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "core/alloc.h"
#include "core/json.h"
#include "expr_parts.h"

/* ---- values ----------------------------------------------------------------------------- */

static enum err_code wrong_type(struct err *e)
{
    return err_set(e, E_INVALID, "An operand in the update expression has an incorrect data type");
}

static cJSON *evaluate(const struct ddb_expr_node *n, const cJSON *old, struct err *e);

static cJSON *append_lists(const cJSON *a, const cJSON *b, struct err *e)
{
    if (attr_type_of(a) != ATTR_L || attr_type_of(b) != ATTR_L) {
        (void)wrong_type(e);
        return NULL;
    }
    cJSON *inside = json_copy(attr_value(a));
    const cJSON *v = NULL;
    cJSON_ArrayForEach(v, attr_value(b))
    {
        json_push(inside, json_copy(v));
    }
    return attr_new_list(inside);
}

static cJSON *add_numbers(const cJSON *a, const cJSON *b, bool subtract, struct err *e)
{
    if (attr_type_of(a) != ATTR_N || attr_type_of(b) != ATTR_N) {
        (void)wrong_type(e);
        return NULL;
    }
    char *sum = attr_num_add(attr_value(a)->valuestring, attr_value(b)->valuestring, subtract, e);
    cJSON *av = sum == NULL ? NULL : attr_new_num(sum);
    free(sum);
    return av;
}

static cJSON *evaluate_two(const struct ddb_expr_node *n, const cJSON *old, struct err *e)
{
    cJSON *a = evaluate(n->args[0], old, e);
    cJSON *b = a == NULL ? NULL : evaluate(n->args[1], old, e);
    cJSON *out = NULL;

    if (b != NULL) {
        out = n->op == EXPR_LIST_APPEND ? append_lists(a, b, e)
                                        : add_numbers(a, b, n->op == EXPR_MINUS, e);
    }
    cJSON_Delete(a);
    cJSON_Delete(b);
    return out;
}

/* The value of an operand: owned; NULL with `e`. */
static cJSON *evaluate(const struct ddb_expr_node *n, const cJSON *old, struct err *e)
{
    const cJSON *found;

    switch (n->op) {
    case EXPR_VALUE:
        return json_copy(n->value);
    case EXPR_PATH:
        found = ddb_expr_path_find(&n->path, old);
        if (found == NULL) {
            (void)err_set(e, E_INVALID,
                          "The provided expression refers to an attribute that does not exist in "
                          "the item");
            return NULL;
        }
        return json_copy(found);
    case EXPR_IF_NOT_EXISTS:
        found = ddb_expr_path_find(&n->args[0]->path, old);
        return found != NULL ? json_copy(found) : evaluate(n->args[1], old, e);
    default:
        return evaluate_two(n, old, e);
    }
}

static bool set_contains(const cJSON *set, bool numbers, const char *element)
{
    const cJSON *v = NULL;

    cJSON_ArrayForEach(v, set)
    {
        if (numbers ? attr_num_compare(v->valuestring, element) == 0
                    : strcmp(v->valuestring, element) == 0) {
            return true;
        }
    }
    return false;
}

/* The elements of `a` and of `b` (ADD), or those of `a` that are not in `b` (DELETE). NULL without
 * an error when no element is left. */
static cJSON *combine_sets(const cJSON *a, const cJSON *b, bool add, struct err *e)
{
    enum attr_type t = attr_type_of(a);
    bool numbers = t == ATTR_NS;
    const cJSON *v = NULL;

    if (t != attr_type_of(b)) {
        (void)wrong_type(e);
        return NULL;
    }
    cJSON *inside = json_new_array();
    cJSON_ArrayForEach(v, attr_value(a))
    {
        if (add || !set_contains(attr_value(b), numbers, v->valuestring)) {
            json_push(inside, json_copy(v));
        }
    }
    cJSON_ArrayForEach(v, attr_value(b))
    {
        if (add && !set_contains(attr_value(a), numbers, v->valuestring)) {
            json_push(inside, json_copy(v));
        }
    }
    if (inside->child == NULL) {
        cJSON_Delete(inside);
        return NULL;
    }
    cJSON *av = json_new_object();
    json_set(av, attr_type_name(t), inside);
    return av;
}

/* The new value of an action's attribute: owned, or NULL to remove the attribute. */
static enum err_code new_value(const struct ddb_expr_action *a, const cJSON *old, cJSON **out,
                               struct err *e)
{
    *out = NULL;
    if (a->kind == EXPR_REMOVE) {
        return E_OK;
    }
    if (a->kind == EXPR_SET) {
        *out = evaluate(a->operand, old, e);
        return *out == NULL ? E_INVALID : E_OK;
    }
    const cJSON *was = ddb_expr_path_find(&a->path, old);
    const cJSON *v = a->operand->value;
    if (was == NULL) {
        *out = a->kind == EXPR_ADD ? json_copy(v) : NULL;
        return E_OK;
    }
    if (attr_type_of(was) != attr_type_of(v)) {
        return wrong_type(e);
    }
    if (attr_type_of(v) == ATTR_N) {
        *out = add_numbers(was, v, false, e);
        return *out == NULL ? E_INVALID : E_OK;
    }
    *out = combine_sets(was, v, a->kind == EXPR_ADD, e);
    return E_OK;
}

/* ---- applying --------------------------------------------------------------------------- */

static enum err_code bad_path(struct err *e)
{
    return err_set(e, E_INVALID,
                   "The document path provided in the update expression is invalid for update");
}

/* The object or array that holds the path's last step: the item itself, or the inside of an M or
 * L. */
static cJSON *container_of(cJSON *item, const struct ddb_expr_path *path)
{
    struct ddb_expr_path parent = {.steps = path->steps, .len = path->len - 1};

    if (parent.len == 0) {
        return item;
    }
    const cJSON *av = ddb_expr_path_find(&parent, item);
    bool named = path->steps[path->len - 1].name != NULL;
    if (av == NULL || attr_type_of(av) != (named ? ATTR_M : ATTR_L)) {
        return NULL;
    }
    return av->child; /* the only member's inside; `item` is ours, so it may be changed */
}

static void put_value(cJSON *container, const struct ddb_expr_step *step, cJSON *value)
{
    if (step->name == NULL) {
        if (step->index < (size_t)cJSON_GetArraySize(container)) {
            (void)cJSON_ReplaceItemInArray(container, (int)step->index, value);
        } else {
            json_push(container, value); /* an index beyond the list's end means the end */
        }
    } else if (json_get(container, step->name) != NULL) {
        (void)cJSON_ReplaceItemInObjectCaseSensitive(container, step->name, value);
    } else {
        json_set(container, step->name, value);
    }
}

static void remove_value(cJSON *container, const struct ddb_expr_step *step)
{
    if (step->name != NULL) {
        cJSON_DeleteItemFromObjectCaseSensitive(container, step->name);
    } else if (step->index < (size_t)cJSON_GetArraySize(container)) {
        cJSON_DeleteItemFromArray(container, (int)step->index);
    }
}

struct change {
    const struct ddb_expr_action *action;
    cJSON *value; /* owned; NULL: the action removes */
    size_t order; /* the action's place in the text */
};

/* Indexes mean the list as it was: so actions that set come first (appending in the order of their
 * indexes), then removals from the highest index down. */
static int change_order(const void *left, const void *right)
{
    const struct change *a = left;
    const struct change *b = right;
    const struct ddb_expr_path *p = &a->action->path;
    const struct ddb_expr_path *q = &b->action->path;
    size_t i = p->steps[p->len - 1].name == NULL ? p->steps[p->len - 1].index + 1 : 0;
    size_t k = q->steps[q->len - 1].name == NULL ? q->steps[q->len - 1].index + 1 : 0;

    if ((a->value == NULL) != (b->value == NULL)) {
        return a->value == NULL ? 1 : -1;
    }
    if (i != k) {
        int ascending = i < k ? -1 : 1;
        return a->value == NULL ? -ascending : ascending;
    }
    return a->order < b->order ? -1 : a->order > b->order;
}

static enum err_code apply_change(struct change *c, cJSON *item, struct err *e)
{
    const struct ddb_expr_path *path = &c->action->path;
    cJSON *container = container_of(item, path);

    if (container == NULL) {
        return bad_path(e);
    }
    if (c->value == NULL) {
        remove_value(container, &path->steps[path->len - 1]);
    } else {
        put_value(container, &path->steps[path->len - 1], c->value);
        c->value = NULL; /* moved */
    }
    return E_OK;
}

enum err_code ddb_expr_apply(const struct ddb_expr_update *u, cJSON *item, struct err *e)
{
    struct change *changes = xcalloc(u->len + 1, sizeof *changes);
    enum err_code rc = E_OK;

    for (size_t i = 0; i < u->len && rc == E_OK; i++) {
        changes[i] = (struct change){.action = &u->actions[i], .order = i};
        struct err why = {.code = E_OK};
        rc = new_value(&u->actions[i], item, &changes[i].value, &why);
        if (rc == E_OK && why.code != E_OK) {
            rc = why.code; /* the NULL comes from an error, not from a removal */
        }
        if (rc != E_OK) {
            rc = err_set(e, E_INVALID, "%s", why.msg);
        }
    }
    if (rc == E_OK) {
        qsort(changes, u->len, sizeof *changes, change_order);
    }
    for (size_t i = 0; i < u->len && rc == E_OK; i++) {
        rc = apply_change(&changes[i], item, e);
    }
    for (size_t i = 0; i < u->len; i++) {
        cJSON_Delete(changes[i].value);
    }
    free(changes);
    return rc;
}
