/* expr_call.c: the functions of expressions: which functions there are, how they are read, and what
 * is said about operands that do not fit. */
#include <string.h>

#include "expr_parts.h"

static const struct ddb_expr_function functions[] = {
    {"attribute_exists",     EXPR_EXISTS,        1, true,  false},
    {"attribute_not_exists", EXPR_NOT_EXISTS,    1, true,  false},
    {"attribute_type",       EXPR_TYPE,          2, false, false},
    {"begins_with",          EXPR_BEGINS_WITH,   2, false, false},
    {"contains",             EXPR_CONTAINS,      2, false, false},
    {"size",                 EXPR_SIZE,          1, false, false},
    {"if_not_exists",        EXPR_IF_NOT_EXISTS, 2, true,  true },
    {"list_append",          EXPR_LIST_APPEND,   2, false, true },
};

const struct ddb_expr_function *ddb_expr_function(struct ddb_expr_parser *p)
{
    const struct ddb_expr_token *t = ddb_expr_peek(p);

    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        if (strlen(functions[i].name) == t->len && strncmp(functions[i].name, t->at, t->len) == 0) {
            return &functions[i];
        }
    }
    return ddb_expr_fail(p, "Invalid function name; function: %.*s",
                         (int)(t->len > 100 ? 100 : t->len), t->at);
}

bool ddb_expr_read_operands(struct ddb_expr_parser *p, const struct ddb_expr_function *f,
                            struct ddb_expr_node *(*operand)(struct ddb_expr_parser *),
                            struct ddb_expr_node *args[2])
{
    size_t n = 0;

    p->at += 2;
    if (!ddb_expr_enter(p)) {
        return false;
    }
    do {
        struct ddb_expr_node *arg = operand(p);
        if (n < 2) {
            args[n] = arg;
        }
        n++;
    } while (ddb_expr_take_symbol(p, ","));
    ddb_expr_leave(p);
    if (!ddb_expr_want_symbol(p, ")") || args[0] == NULL) {
        return false;
    }
    if (n != f->args) {
        (void)ddb_expr_fail(p,
                            "Incorrect number of operands for operator or function; operator or "
                            "function: %s, number of operands: %zu",
                            f->name, n);
    }
    return !p->failed;
}

bool ddb_expr_want_path(struct ddb_expr_parser *p, const struct ddb_expr_function *f,
                        const struct ddb_expr_node *first)
{
    if (f->path_first && first->op != EXPR_PATH) {
        (void)ddb_expr_fail(
            p, "Operator or function requires a document path; operator or function: %s", f->name);
    }
    return !p->failed;
}

void *ddb_expr_fail_type(struct ddb_expr_parser *p, enum ddb_expr_op op, const char *type)
{
    return ddb_expr_fail(
        p,
        "Incorrect operand type for operator or function; operator or function: %s, "
        "operand type: %s",
        ddb_expr_op_name(op), type);
}

void *ddb_expr_fail_misused(struct ddb_expr_parser *p, enum ddb_expr_op op)
{
    return ddb_expr_fail(p,
                         "The function is not allowed to be used this way in an expression; "
                         "function: %s",
                         ddb_expr_op_name(op));
}
