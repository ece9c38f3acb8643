/* Conditions and filters: text to tree. The grammar, loosest first:
 *
 *   or      = and { OR and }
 *   and     = not { AND not }
 *   not     = NOT not | test
 *   test    = operand comparator operand | operand BETWEEN operand AND operand
 *           | operand IN ( operand, ... ) | function | ( or )
 *   operand = path | :value | size ( path ) | ( operand )
 */
#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "expr_parts.h"

static struct ddb_expr_node *parse_or(struct ddb_expr_parser *p);

static bool is_operand(const struct ddb_expr_node *n)
{
    return n != NULL && n->op < EXPR_EQ;
}

const char *ddb_expr_op_name(enum ddb_expr_op op)
{
    static const char *const names[] = {
        [EXPR_PATH] = "path",
        [EXPR_VALUE] = "value",
        [EXPR_SIZE] = "size",
        [EXPR_IF_NOT_EXISTS] = "if_not_exists",
        [EXPR_LIST_APPEND] = "list_append",
        [EXPR_PLUS] = "+",
        [EXPR_MINUS] = "-",
        [EXPR_EQ] = "=",
        [EXPR_NE] = "<>",
        [EXPR_LT] = "<",
        [EXPR_LE] = "<=",
        [EXPR_GT] = ">",
        [EXPR_GE] = ">=",
        [EXPR_BETWEEN] = "BETWEEN",
        [EXPR_IN] = "IN",
        [EXPR_AND] = "AND",
        [EXPR_OR] = "OR",
        [EXPR_NOT] = "NOT",
        [EXPR_EXISTS] = "attribute_exists",
        [EXPR_NOT_EXISTS] = "attribute_not_exists",
        [EXPR_TYPE] = "attribute_type",
        [EXPR_BEGINS_WITH] = "begins_with",
        [EXPR_CONTAINS] = "contains",
    };
    return names[op];
}

/* ---- checks that need no item ----------------------------------------------------------- */

/* The type that an operand has for every item; ATTR_NONE for a path. */
static enum attr_type known_type(const struct ddb_expr_node *n)
{
    return n->op == EXPR_VALUE ? attr_type_of(n->value) : n->op == EXPR_SIZE ? ATTR_N : ATTR_NONE;
}

static bool has_size(enum attr_type t)
{
    return t != ATTR_N && t != ATTR_BOOL && t != ATTR_NULL;
}

static bool may_begin(enum attr_type t)
{
    return t == ATTR_NONE || t == ATTR_S || t == ATTR_B;
}

/* Checks that every operand whose type is known has a type that `allowed` takes. */
static bool check_types(struct ddb_expr_parser *p, const struct ddb_expr_node *n,
                        bool (*allowed)(enum attr_type))
{
    for (size_t i = 0; i < n->args_len; i++) {
        enum attr_type t = known_type(n->args[i]);
        if (!allowed(t)) {
            (void)ddb_expr_fail_type(p, n->op, attr_type_name(t));
            return false;
        }
    }
    return true;
}

static bool has_order(enum attr_type t)
{
    return t == ATTR_NONE || t == ATTR_S || t == ATTR_N || t == ATTR_B;
}

/* Refuses "a = a" and similar tests, which are mistakes. */
static bool check_distinct(struct ddb_expr_parser *p, const struct ddb_expr_node *n)
{
    const struct ddb_expr_node *first = n->args[0];

    for (size_t i = 1; i < n->args_len; i++) {
        if (first->op == EXPR_PATH && n->args[i]->op == EXPR_PATH &&
            ddb_expr_path_equal(&first->path, &n->args[i]->path)) {
            char *text = ddb_expr_path_text(&first->path);
            (void)ddb_expr_fail(
                p,
                "The first operand must be distinct from the remaining operands for "
                "this operator or function; operator: %s, first operand: %s",
                ddb_expr_op_name(n->op), text);
            free(text);
            return false;
        }
    }
    return true;
}

static bool check_between(struct ddb_expr_parser *p, const struct ddb_expr_node *n)
{
    int order = 0;

    if (n->args[1]->op != EXPR_VALUE || n->args[2]->op != EXPR_VALUE) {
        return true;
    }
    const cJSON *low = n->args[1]->value;
    const cJSON *high = n->args[2]->value;
    const char *low_type = attr_type_name(attr_type_of(low));
    const char *high_type = attr_type_name(attr_type_of(high));
    if (attr_type_of(low) != attr_type_of(high)) {
        (void)ddb_expr_fail(
            p,
            "The BETWEEN operator requires same data type for lower and upper bounds; "
            "lower bound operand: AttributeValue: {%s:%.60s}, upper bound operand: "
            "AttributeValue: {%s:%.60s}",
            low_type, attr_value(low)->valuestring, high_type, attr_value(high)->valuestring);
    } else if (ddb_expr_compare(low, high, &order) && order > 0) {
        (void)ddb_expr_fail(
            p,
            "The BETWEEN operator requires upper bound to be greater than or equal to "
            "lower bound; lower bound operand: AttributeValue: {%s:%.60s}, upper bound "
            "operand: AttributeValue: {%s:%.60s}",
            low_type, attr_value(low)->valuestring, high_type, attr_value(high)->valuestring);
    }
    return !p->failed;
}

static bool check_attribute_type(struct ddb_expr_parser *p, const struct ddb_expr_node *n)
{
    const struct ddb_expr_node *type = n->args[1];

    if (known_type(type) != ATTR_S) {
        (void)ddb_expr_fail_type(p, EXPR_TYPE,
                                 type->op == EXPR_PATH ? "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}"
                                                       : attr_type_name(known_type(type)));
        return false;
    }
    const char *name = attr_value(type->value)->valuestring;
    for (enum attr_type t = ATTR_S; t <= ATTR_BS; t++) {
        if (strcmp(attr_type_name(t), name) == 0) {
            return true;
        }
    }
    (void)ddb_expr_fail(p,
                        "Invalid attribute type name found; type: %.40s, valid types: "
                        "{B,NULL,SS,BOOL,L,BS,N,NS,S,M}",
                        name);
    return false;
}

/* Returns the node when its operands make sense, else NULL. */
static struct ddb_expr_node *checked(struct ddb_expr_parser *p, struct ddb_expr_node *n)
{
    if (n == NULL || p->failed) {
        return NULL;
    }
    bool ordering = n->op == EXPR_LT || n->op == EXPR_LE || n->op == EXPR_GT || n->op == EXPR_GE ||
                    n->op == EXPR_BETWEEN;
    bool good = !ordering || check_types(p, n, has_order);
    good = good && (n->op == EXPR_EXISTS || n->op == EXPR_NOT_EXISTS || check_distinct(p, n));
    if (good && n->op == EXPR_BETWEEN) {
        good = check_between(p, n);
    } else if (good && n->op == EXPR_TYPE) {
        good = check_attribute_type(p, n);
    } else if (good && n->op == EXPR_BEGINS_WITH) {
        good = check_types(p, n, may_begin);
    } else if (good && n->op == EXPR_SIZE) {
        good = check_types(p, n, has_size);
    }
    return good ? n : NULL;
}

/* ---- parsing ---------------------------------------------------------------------------- */

static struct ddb_expr_node *parse_operand(struct ddb_expr_parser *p);

/* Parses a function; stands at the function's name, whose next token is '('. */
static struct ddb_expr_node *parse_function(struct ddb_expr_parser *p)
{
    const struct ddb_expr_function *f = ddb_expr_function(p);
    struct ddb_expr_node *args[2] = {NULL, NULL};

    if (f == NULL) {
        return NULL;
    }
    if (f->in_update) {
        return ddb_expr_fail(
            p, "The function is not allowed in a condition expression; function: %s", f->name);
    }
    if (!ddb_expr_read_operands(p, f, parse_operand, args) || !ddb_expr_want_path(p, f, args[0]) ||
        !ddb_expr_count_operator(p)) {
        return NULL;
    }
    return checked(p, ddb_expr_new_node(p, f->op, args, f->args));
}

/* Parses what follows a '(': an operand or a condition, up to and including the ')'. */
static struct ddb_expr_node *parse_group(struct ddb_expr_parser *p)
{
    struct ddb_expr_node *inside;

    if (!ddb_expr_enter(p)) {
        return NULL;
    }
    inside = parse_or(p);
    ddb_expr_leave(p);
    if (p->failed || !ddb_expr_want_symbol(p, ")")) {
        return NULL;
    }
    if (inside == p->group) {
        return ddb_expr_fail(p, "The expression has redundant parentheses;");
    }
    p->group = inside;
    return inside;
}

/* Parses what may begin a test: an operand, or a complete condition (a function, a group). */
static struct ddb_expr_node *parse_term(struct ddb_expr_parser *p)
{
    const struct ddb_expr_token *t = ddb_expr_peek(p);

    if (p->failed) {
        return NULL;
    }
    if (ddb_expr_take_symbol(p, "(")) {
        return parse_group(p);
    }
    if (t->kind == TOKEN_VALUE) {
        return ddb_expr_read_value(p);
    }
    if (t->kind == TOKEN_WORD && t[1].kind == TOKEN_SYMBOL && *t[1].at == '(' &&
        !ddb_expr_is_word(p, "NOT") && !ddb_expr_is_word(p, "AND") && !ddb_expr_is_word(p, "OR") &&
        !ddb_expr_is_word(p, "IN")) {
        return parse_function(p);
    }
    if (t->kind == TOKEN_WORD &&
        (ddb_expr_is_word(p, "NOT") || ddb_expr_is_word(p, "AND") || ddb_expr_is_word(p, "OR") ||
         ddb_expr_is_word(p, "IN") || ddb_expr_is_word(p, "BETWEEN"))) {
        return ddb_expr_fail_syntax(p);
    }
    struct ddb_expr_node *n = ddb_expr_new_node(p, EXPR_PATH, NULL, 0);
    return n != NULL && ddb_expr_read_path(p, &n->path) ? n : NULL;
}

static struct ddb_expr_node *parse_operand(struct ddb_expr_parser *p)
{
    struct ddb_expr_node *n = parse_term(p);

    if (n != NULL && !is_operand(n)) {
        return ddb_expr_fail_misused(p, n->op);
    }
    return n;
}

static struct ddb_expr_node *parse_between(struct ddb_expr_parser *p, struct ddb_expr_node *left)
{
    struct ddb_expr_node *args[3] = {left, parse_operand(p), NULL};

    if (!p->failed && !ddb_expr_take_word(p, "AND")) {
        return ddb_expr_fail_syntax(p);
    }
    args[2] = parse_operand(p);
    return checked(p, ddb_expr_new_node(p, EXPR_BETWEEN, args, 3));
}

static struct ddb_expr_node *parse_in(struct ddb_expr_parser *p, struct ddb_expr_node *left)
{
    struct ddb_expr_node *args[EXPR_IN_MAX + 1] = {left};
    size_t n = 1;

    if (!ddb_expr_want_symbol(p, "(")) {
        return NULL;
    }
    do {
        if (n == EXPR_IN_MAX + 1) {
            return ddb_expr_fail(
                p,
                "Incorrect number of operands for operator or function; operator or "
                "function: IN, number of operands: %zu",
                n);
        }
        args[n] = parse_operand(p);
        if (args[n++] == NULL) {
            return NULL;
        }
    } while (ddb_expr_take_symbol(p, ","));
    if (!ddb_expr_want_symbol(p, ")")) {
        return NULL;
    }
    return checked(p, ddb_expr_new_node(p, EXPR_IN, args, n));
}

static struct ddb_expr_node *parse_test(struct ddb_expr_parser *p)
{
    static const struct {
        const char *symbol;
        enum ddb_expr_op op;
    } comparators[] = {
        {"=",  EXPR_EQ},
        {"<>", EXPR_NE},
        {"<",  EXPR_LT},
        {"<=", EXPR_LE},
        {">",  EXPR_GT},
        {">=", EXPR_GE}
    };
    struct ddb_expr_node *left = parse_term(p);

    if (left == NULL || !is_operand(left)) {
        return left;
    }
    for (size_t i = 0; i < sizeof comparators / sizeof *comparators; i++) {
        if (ddb_expr_take_symbol(p, comparators[i].symbol)) {
            struct ddb_expr_node *args[2] = {left, NULL};
            if (!ddb_expr_count_operator(p)) {
                return NULL;
            }
            args[1] = parse_operand(p);
            return checked(p, ddb_expr_new_node(p, comparators[i].op, args, 2));
        }
    }
    if (ddb_expr_take_word(p, "BETWEEN")) {
        return ddb_expr_count_operator(p) ? parse_between(p, left) : NULL;
    }
    if (ddb_expr_take_word(p, "IN")) {
        return ddb_expr_count_operator(p) ? parse_in(p, left) : NULL;
    }
    /* "(operand)" is allowed, an operand alone is not. */
    return p->depth > 0 && ddb_expr_is_symbol(p, ")") ? left : ddb_expr_fail_syntax(p);
}

static struct ddb_expr_node *parse_not(struct ddb_expr_parser *p)
{
    struct ddb_expr_node *n;

    if (!ddb_expr_take_word(p, "NOT")) {
        return parse_test(p);
    }
    if (!ddb_expr_count_operator(p) || !ddb_expr_enter(p)) {
        return NULL;
    }
    n = parse_not(p);
    ddb_expr_leave(p);
    if (n != NULL && is_operand(n)) {
        return ddb_expr_fail_syntax(p);
    }
    return ddb_expr_new_node(p, EXPR_NOT, &n, 1);
}

/* Parses a chain of one operator, left to right: "a AND b AND c". */
static struct ddb_expr_node *parse_chain(struct ddb_expr_parser *p, const char *word,
                                         enum ddb_expr_op op,
                                         struct ddb_expr_node *(*part)(struct ddb_expr_parser *))
{
    struct ddb_expr_node *left = part(p);

    while (left != NULL && ddb_expr_take_word(p, word)) {
        struct ddb_expr_node *args[2] = {left, NULL};
        if (!ddb_expr_count_operator(p)) {
            return NULL;
        }
        args[1] = part(p);
        if (args[1] != NULL && (is_operand(left) || is_operand(args[1]))) {
            return ddb_expr_fail_syntax(p);
        }
        left = ddb_expr_new_node(p, op, args, 2);
    }
    return p->failed ? NULL : left;
}

static struct ddb_expr_node *parse_and(struct ddb_expr_parser *p)
{
    return parse_chain(p, "AND", EXPR_AND, parse_not);
}

static struct ddb_expr_node *parse_or(struct ddb_expr_parser *p)
{
    return parse_chain(p, "OR", EXPR_OR, parse_and);
}

const struct ddb_expr_node *ddb_expr_parse_condition(struct ddb_expr_env *env, const char *text,
                                                     const char *what, struct err *e)
{
    struct ddb_expr_parser p;
    struct ddb_expr_node *n;

    if (!ddb_expr_begin(&p, env, text, what, e)) {
        return NULL;
    }
    n = parse_or(&p);
    ddb_expr_want_end(&p);
    if (!p.failed && is_operand(n)) {
        return ddb_expr_fail_syntax(&p);
    }
    return p.failed ? NULL : n;
}

void ddb_expr_walk_paths(const struct ddb_expr_node *n,
                         void (*each)(void *arg, const struct ddb_expr_path *path), void *arg)
{
    if (n->op == EXPR_PATH) {
        each(arg, &n->path);
    }
    for (size_t i = 0; i < n->args_len; i++) {
        ddb_expr_walk_paths(n->args[i], each, arg);
    }
}
