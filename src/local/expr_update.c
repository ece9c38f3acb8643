/* Update expressions: text to actions, and actions on an item.
 *
 *   update  = { SET set {, set} | REMOVE path {, path} | ADD path :v {, ...} | DELETE path :v ... }
 *   set     = path = operand [ (+|-) operand ]
 *   operand = path | :v | if_not_exists ( path , operand ) | list_append ( operand , operand )
 *           | ( operand ) */
#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "core/alloc.h"
#include "core/json.h"
#include "expr_parts.h"

/* ---- parsing ---------------------------------------------------------------------------- */

struct action_list {
    struct expr_action *items;
    size_t len;
    size_t cap;
};

static struct expr_node *parse_value(struct expr_parser *p);
static struct expr_node *parse_operand(struct expr_parser *p);

static struct expr_node *wrong_literal(struct expr_parser *p, enum expr_op op,
                                       const struct expr_node *n)
{
    return expr_fail(p,
                     "Incorrect operand type for operator or function; operator or function: %s, "
                     "operand type: %s",
                     expr_op_name(op), attr_type_name(attr_type_of(n->value)));
}

/* At the name; the next token is '('. */
static struct expr_node *parse_call(struct expr_parser *p)
{
    const struct expr_token *t = expr_peek(p);
    static const char if_not_exists[] = "if_not_exists";
    static const char list_append[] = "list_append";
    bool is_if = t->len == strlen(if_not_exists) && strncmp(t->at, if_not_exists, t->len) == 0;
    bool is_append = t->len == strlen(list_append) && strncmp(t->at, list_append, t->len) == 0;
    enum expr_op op = is_if ? EXPR_IF_NOT_EXISTS : EXPR_LIST_APPEND;
    struct expr_node *args[2] = {0};
    size_t n = 0;

    if (!is_if && !is_append) {
        return expr_fail(p, "Invalid function name; function: %.*s",
                         (int)(t->len > 100 ? 100 : t->len), t->at);
    }
    p->at += 2;
    if (!expr_enter(p) || !expr_count_operator(p)) {
        return NULL;
    }
    do {
        struct expr_node *arg = parse_operand(p); /* sums are not allowed in functions */
        if (n < 2) {
            args[n] = arg;
        }
        n++;
    } while (expr_take_symbol(p, ","));
    expr_leave(p);
    if (!expr_want_symbol(p, ")") || args[0] == NULL) {
        return NULL;
    }
    if (n != 2 || args[1] == NULL) {
        return expr_fail(p,
                         "Incorrect number of operands for operator or function; operator or "
                         "function: %s, number of operands: %zu",
                         expr_op_name(op), n);
    }
    if (is_if && args[0]->op != EXPR_PATH) {
        return expr_fail(p,
                         "Operator or function requires a document path; operator or function: %s",
                         if_not_exists);
    }
    for (size_t i = 0; i < 2 && is_append; i++) {
        if (args[i]->op == EXPR_VALUE && attr_type_of(args[i]->value) != ATTR_L) {
            return wrong_literal(p, op, args[i]);
        }
    }
    return expr_new_node(p, op, args, 2);
}

static struct expr_node *parse_operand(struct expr_parser *p)
{
    const struct expr_token *t = expr_peek(p);

    if (p->failed) {
        return NULL;
    }
    if (t->kind == TOKEN_VALUE) {
        return expr_read_value(p);
    }
    if (expr_take_symbol(p, "(")) {
        struct expr_node *n = NULL;
        if (expr_enter(p)) {
            n = parse_value(p);
            expr_leave(p);
        }
        return n != NULL && expr_want_symbol(p, ")") ? n : NULL;
    }
    if (t->kind == TOKEN_WORD && t[1].kind == TOKEN_SYMBOL && *t[1].at == '(') {
        return parse_call(p);
    }
    struct expr_node *n = expr_new_node(p, EXPR_PATH, NULL, 0);
    return n != NULL && expr_read_path(p, &n->path) ? n : NULL;
}

static struct expr_node *parse_value(struct expr_parser *p)
{
    struct expr_node *args[2] = {parse_operand(p), NULL};
    bool plus = expr_take_symbol(p, "+");

    if (!plus && !expr_take_symbol(p, "-")) {
        return args[0];
    }
    enum expr_op op = plus ? EXPR_PLUS : EXPR_MINUS;
    if (!expr_count_operator(p)) {
        return NULL;
    }
    args[1] = parse_operand(p);
    for (size_t i = 0; i < 2 && args[i] != NULL; i++) {
        if (args[i]->op == EXPR_VALUE && attr_type_of(args[i]->value) != ATTR_N) {
            return wrong_literal(p, op, args[i]);
        }
    }
    return expr_new_node(p, op, args, 2);
}

/* What ADD and DELETE take, in AWS's own names for the types. */
static bool check_set_operand(struct expr_parser *p, enum expr_action_kind kind,
                              const struct expr_node *n)
{
    static const char *const names[] = {
        [ATTR_NONE] = "NONE",     [ATTR_S] = "STRING",      [ATTR_N] = "NUMBER",
        [ATTR_B] = "BINARY",      [ATTR_BOOL] = "BOOLEAN",  [ATTR_NULL] = "NULL",
        [ATTR_M] = "MAP",         [ATTR_L] = "LIST",        [ATTR_SS] = "STRING_SET",
        [ATTR_NS] = "NUMBER_SET", [ATTR_BS] = "BINARY_SET",
    };
    enum attr_type t = attr_type_of(n->value);
    bool is_set = t == ATTR_SS || t == ATTR_NS || t == ATTR_BS;

    if (!is_set && (kind != EXPR_ADD || t != ATTR_N)) {
        const char *verb = kind == EXPR_ADD ? "ADD" : "DELETE";
        (void)expr_fail(p,
                        "Incorrect operand type for operator or function; operator: %s, operand "
                        "type: %s, typeset: ALLOWED_FOR_%s_OPERAND",
                        verb, names[t], verb);
    }
    return !p->failed;
}

static void parse_action(struct expr_parser *p, enum expr_action_kind kind,
                         struct action_list *list)
{
    struct expr_action a = {.kind = kind};

    if (!expr_read_path(p, &a.path)) {
        return;
    }
    if (kind == EXPR_SET) {
        if (!expr_want_symbol(p, "=") || !expr_count_operator(p)) {
            return;
        }
        a.operand = parse_value(p);
    } else if (kind != EXPR_REMOVE) {
        if (expr_peek(p)->kind != TOKEN_VALUE) {
            (void)expr_fail_syntax(p);
            return;
        }
        struct expr_node *value = expr_read_value(p);
        if (value == NULL || !check_set_operand(p, kind, value)) {
            return;
        }
        a.operand = value;
    }
    if (kind != EXPR_SET && !expr_count_operator(p)) {
        return;
    }
    list->items = xgrow(list->items, list->len, &list->cap, sizeof *list->items);
    list->items[list->len++] = a;
}

static void parse_sections(struct expr_parser *p, struct action_list *list)
{
    static const char *const words[] = {
        [EXPR_SET] = "SET", [EXPR_REMOVE] = "REMOVE", [EXPR_ADD] = "ADD", [EXPR_DELETE] = "DELETE"};
    bool seen[4] = {false};

    while (!p->failed && expr_peek(p)->kind != TOKEN_END) {
        int kind = -1;
        for (int k = EXPR_SET; k <= EXPR_DELETE && kind < 0; k++) {
            kind = expr_take_word(p, words[k]) ? k : -1;
        }
        if (kind < 0) {
            (void)expr_fail_syntax(p);
            return;
        }
        if (seen[kind]) {
            (void)expr_fail(p, "The \"%s\" section can only be used once in an update expression;",
                            words[kind]);
            return;
        }
        seen[kind] = true;
        do {
            parse_action(p, (enum expr_action_kind)kind, list);
        } while (expr_take_symbol(p, ","));
    }
}

enum err_code expr_parse_update(struct expr_env *env, const char *text, struct expr_update *out,
                                struct err *e)
{
    struct expr_parser p;
    struct action_list list = {0};

    *out = (struct expr_update){0};
    if (!expr_begin(&p, env, text, "UpdateExpression", e)) {
        return E_INVALID;
    }
    parse_sections(&p, &list);
    if (!p.failed) {
        const struct expr_path **paths = xcalloc(list.len + 1, sizeof(void *));
        for (size_t i = 0; i < list.len; i++) {
            paths[i] = &list.items[i].path;
        }
        (void)expr_check_overlaps(&p, paths, list.len);
        free(paths);
        out->actions = expr_alloc(env, list.len * sizeof *list.items);
        for (; out->len < list.len; out->len++) {
            out->actions[out->len] = list.items[out->len];
        }
    }
    free(list.items);
    return p.failed ? E_INVALID : E_OK;
}

/* ---- values ----------------------------------------------------------------------------- */

static enum err_code wrong_type(struct err *e)
{
    return err_set(e, E_INVALID, "An operand in the update expression has an incorrect data type");
}

static cJSON *evaluate(const struct expr_node *n, const cJSON *old, struct err *e);

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

static cJSON *evaluate_two(const struct expr_node *n, const cJSON *old, struct err *e)
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

/* Owned; NULL with `e`. */
static cJSON *evaluate(const struct expr_node *n, const cJSON *old, struct err *e)
{
    const cJSON *found;

    switch (n->op) {
    case EXPR_VALUE:
        return json_copy(n->value);
    case EXPR_PATH:
        found = expr_path_find(&n->path, old);
        if (found == NULL) {
            (void)err_set(e, E_INVALID,
                          "The provided expression refers to an attribute that does not exist in "
                          "the item");
            return NULL;
        }
        return json_copy(found);
    case EXPR_IF_NOT_EXISTS:
        found = expr_path_find(&n->args[0]->path, old);
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

/* The elements of `a` and of `b` (ADD), or of `a` without those of `b` (DELETE). NULL without an
 * error when nothing is left. */
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

/* The new value of an action's attribute: owned, or NULL to remove it. */
static enum err_code new_value(const struct expr_action *a, const cJSON *old, cJSON **out,
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
    const cJSON *was = expr_path_find(&a->path, old);
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

/* The object or array that holds the path's last step: the item, or the inside of an M or L. */
static cJSON *container_of(cJSON *item, const struct expr_path *path)
{
    struct expr_path parent = {.steps = path->steps, .len = path->len - 1};

    if (parent.len == 0) {
        return item;
    }
    const cJSON *av = expr_path_find(&parent, item);
    bool named = path->steps[path->len - 1].name != NULL;
    if (av == NULL || attr_type_of(av) != (named ? ATTR_M : ATTR_L)) {
        return NULL;
    }
    return av->child; /* inside of the only member; `item` is ours to change */
}

static void put_value(cJSON *container, const struct expr_step *step, cJSON *value)
{
    if (step->name == NULL) {
        if (step->index < (size_t)cJSON_GetArraySize(container)) {
            (void)cJSON_ReplaceItemInArray(container, (int)step->index, value);
        } else {
            json_push(container, value); /* beyond the end means at the end */
        }
    } else if (json_get(container, step->name) != NULL) {
        (void)cJSON_ReplaceItemInObjectCaseSensitive(container, step->name, value);
    } else {
        json_set(container, step->name, value);
    }
}

static void remove_value(cJSON *container, const struct expr_step *step)
{
    if (step->name != NULL) {
        cJSON_DeleteItemFromObjectCaseSensitive(container, step->name);
    } else if (step->index < (size_t)cJSON_GetArraySize(container)) {
        cJSON_DeleteItemFromArray(container, (int)step->index);
    }
}

struct change {
    const struct expr_action *action;
    cJSON *value; /* owned; NULL: remove */
    size_t order; /* in the text */
};

/* Indexes mean the list as it was: what is set comes first (appending in the order of the indexes),
 * then removals from the highest index down. */
static int change_order(const void *left, const void *right)
{
    const struct change *a = left;
    const struct change *b = right;
    const struct expr_path *p = &a->action->path;
    const struct expr_path *q = &b->action->path;
    size_t i = p->steps[p->len - 1].name == NULL ? p->steps[p->len - 1].index + 1 : 0;
    size_t k = q->steps[q->len - 1].name == NULL ? q->steps[q->len - 1].index + 1 : 0;

    if ((a->value == NULL) != (b->value == NULL)) {
        return a->value == NULL ? 1 : -1;
    }
    if (i != k) {
        int ascending = i < k ? -1 : 1;
        return a->value == NULL ? -ascending : ascending;
    }
    return a->order < b->order ? -1 : 1;
}

static enum err_code apply_change(struct change *c, cJSON *item, struct err *e)
{
    const struct expr_path *path = &c->action->path;
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

enum err_code expr_apply(const struct expr_update *u, cJSON *item, struct err *e)
{
    struct change *changes = xcalloc(u->len + 1, sizeof *changes);
    enum err_code rc = E_OK;

    for (size_t i = 0; i < u->len && rc == E_OK; i++) {
        changes[i] = (struct change){.action = &u->actions[i], .order = i};
        struct err why = {.code = E_OK};
        rc = new_value(&u->actions[i], item, &changes[i].value, &why);
        if (rc == E_OK && why.code != E_OK) {
            rc = why.code; /* NULL came with an error, not as a removal */
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
