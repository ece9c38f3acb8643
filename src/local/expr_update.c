/* Update expressions: text to actions (expr_apply.c carries them out).
 *
 *   update  = { SET set {, set} | REMOVE path {, path} | ADD path :v {, ...} | DELETE path :v ... }
 *   set     = path = operand [ (+|-) operand ]
 *   operand = path | :v | if_not_exists ( path , operand ) | list_append ( operand , operand )
 *           | ( operand ) */
#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "core/alloc.h"
#include "expr_parts.h"

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
