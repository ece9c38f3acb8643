/* Update expressions: text to actions (expr_apply.c carries them out).
 *
 *   update  = { SET set {, set} | REMOVE path {, path} | ADD path :v {, ...} | DELETE path :v ... }
 *   set     = path = operand [ (+|-) operand ]
 *   operand = path | :v | if_not_exists ( path , operand ) | list_append ( operand , operand )
 *           | ( operand )
 *
 * list_append may only be the whole of what is set, not an operand of another function or a sum. */
#include <stdlib.h>

#include "aws/attr.h"
#include "core/alloc.h"
#include "expr_parts.h"

struct action_list {
    struct ddb_expr_action *items;
    size_t len;
    size_t cap;
};

static struct ddb_expr_node *parse_value(struct ddb_expr_parser *p);
static struct ddb_expr_node *parse_operand(struct ddb_expr_parser *p);

/* Parses a function; stands at the function's name, and the next token is '('. */
static struct ddb_expr_node *parse_call(struct ddb_expr_parser *p)
{
    const struct ddb_expr_token *t = ddb_expr_peek(p);
    const struct ddb_expr_function *f = ddb_expr_function(p);
    struct ddb_expr_node *args[2] = {NULL, NULL};

    if (f == NULL) {
        return NULL;
    }
    if (!f->in_update) {
        return ddb_expr_fail(p, "Invalid function name; function: %.*s", (int)t->len, t->at);
    }
    /* No sum may stand in a function. */
    if (!ddb_expr_count_operator(p) || !ddb_expr_read_operands(p, f, parse_operand, args) ||
        args[1] == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < 2; i++) {
        if (args[i]->op == EXPR_LIST_APPEND) {
            return ddb_expr_fail_misused(p, EXPR_LIST_APPEND);
        }
    }
    if (!ddb_expr_want_path(p, f, args[0])) {
        return NULL;
    }
    for (size_t i = 0; i < 2 && f->op == EXPR_LIST_APPEND; i++) {
        if (args[i]->op == EXPR_VALUE && attr_type_of(args[i]->value) != ATTR_L) {
            return ddb_expr_fail_type(p, f->op, attr_type_name(attr_type_of(args[i]->value)));
        }
    }
    return ddb_expr_new_node(p, f->op, args, 2);
}

static struct ddb_expr_node *parse_operand(struct ddb_expr_parser *p)
{
    const struct ddb_expr_token *t = ddb_expr_peek(p);

    if (p->failed) {
        return NULL;
    }
    if (t->kind == TOKEN_VALUE) {
        return ddb_expr_read_value(p);
    }
    if (ddb_expr_take_symbol(p, "(")) {
        struct ddb_expr_node *n = NULL;
        if (ddb_expr_enter(p)) {
            n = parse_value(p);
            ddb_expr_leave(p);
        }
        return n != NULL && ddb_expr_want_symbol(p, ")") ? n : NULL;
    }
    if (t->kind == TOKEN_WORD && t[1].kind == TOKEN_SYMBOL && *t[1].at == '(') {
        return parse_call(p);
    }
    struct ddb_expr_node *n = ddb_expr_new_node(p, EXPR_PATH, NULL, 0);
    return n != NULL && ddb_expr_read_path(p, &n->path) ? n : NULL;
}

static struct ddb_expr_node *parse_value(struct ddb_expr_parser *p)
{
    struct ddb_expr_node *args[2] = {parse_operand(p), NULL};
    bool plus = ddb_expr_take_symbol(p, "+");

    if (!plus && !ddb_expr_take_symbol(p, "-")) {
        return args[0];
    }
    enum ddb_expr_op op = plus ? EXPR_PLUS : EXPR_MINUS;
    if (!ddb_expr_count_operator(p)) {
        return NULL;
    }
    args[1] = parse_operand(p);
    for (size_t i = 0; i < 2 && args[i] != NULL; i++) {
        if (args[i]->op == EXPR_LIST_APPEND) {
            return ddb_expr_fail_misused(p, EXPR_LIST_APPEND);
        }
        if (args[i]->op == EXPR_VALUE && attr_type_of(args[i]->value) != ATTR_N) {
            return ddb_expr_fail_type(p, op, attr_type_name(attr_type_of(args[i]->value)));
        }
    }
    return ddb_expr_new_node(p, op, args, 2);
}

/* Checks what ADD and DELETE take; the message has AWS's own names of the types. */
static bool check_set_operand(struct ddb_expr_parser *p, enum ddb_expr_action_kind kind,
                              const struct ddb_expr_node *n)
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
        (void)ddb_expr_fail(
            p,
            "Incorrect operand type for operator or function; operator: %s, operand "
            "type: %s, typeset: ALLOWED_FOR_%s_OPERAND",
            verb, names[t], verb);
    }
    return !p->failed;
}

static void parse_action(struct ddb_expr_parser *p, enum ddb_expr_action_kind kind,
                         struct action_list *list)
{
    struct ddb_expr_action a = {.kind = kind};

    if (!ddb_expr_read_path(p, &a.path)) {
        return;
    }
    if (kind == EXPR_SET) {
        if (!ddb_expr_want_symbol(p, "=") || !ddb_expr_count_operator(p)) {
            return;
        }
        a.operand = parse_value(p);
    } else if (kind != EXPR_REMOVE) {
        if (ddb_expr_peek(p)->kind != TOKEN_VALUE) {
            (void)ddb_expr_fail_syntax(p);
            return;
        }
        struct ddb_expr_node *value = ddb_expr_read_value(p);
        if (value == NULL || !check_set_operand(p, kind, value)) {
            return;
        }
        a.operand = value;
    }
    if (kind != EXPR_SET && !ddb_expr_count_operator(p)) {
        return;
    }
    list->items = xgrow(list->items, list->len, &list->cap, sizeof *list->items);
    list->items[list->len++] = a;
}

static void parse_sections(struct ddb_expr_parser *p, struct action_list *list)
{
    static const char *const words[] = {
        [EXPR_SET] = "SET", [EXPR_REMOVE] = "REMOVE", [EXPR_ADD] = "ADD", [EXPR_DELETE] = "DELETE"};
    bool seen[4] = {false};

    while (!p->failed && ddb_expr_peek(p)->kind != TOKEN_END) {
        int kind = -1;
        for (int k = EXPR_SET; k <= EXPR_DELETE && kind < 0; k++) {
            kind = ddb_expr_take_word(p, words[k]) ? k : -1;
        }
        if (kind < 0) {
            (void)ddb_expr_fail_syntax(p);
            return;
        }
        if (seen[kind]) {
            (void)ddb_expr_fail(p,
                                "The \"%s\" section can only be used once in an update expression;",
                                words[kind]);
            return;
        }
        seen[kind] = true;
        do {
            parse_action(p, (enum ddb_expr_action_kind)kind, list);
        } while (ddb_expr_take_symbol(p, ","));
    }
}

enum err_code ddb_expr_parse_update(struct ddb_expr_env *env, const char *text,
                                    struct ddb_expr_update *out, struct err *e)
{
    struct ddb_expr_parser p;
    struct action_list list = {0};

    *out = (struct ddb_expr_update){0};
    if (!ddb_expr_begin(&p, env, text, "UpdateExpression", e)) {
        return E_INVALID;
    }
    parse_sections(&p, &list);
    if (!p.failed) {
        const struct ddb_expr_path **paths = xcalloc(list.len + 1, sizeof(void *));
        for (size_t i = 0; i < list.len; i++) {
            paths[i] = &list.items[i].path;
        }
        (void)ddb_expr_check_overlaps(&p, paths, list.len);
        free(paths);
        out->actions = ddb_expr_alloc(env, list.len * sizeof *list.items);
        for (; out->len < list.len; out->len++) {
            out->actions[out->len] = list.items[out->len];
        }
    }
    free(list.items);
    return p.failed ? E_INVALID : E_OK;
}
