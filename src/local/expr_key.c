/* Key conditions: one equality on the partition key, at most one test on the sort key. */
#include <string.h>

#include "aws/attr.h"
#include "expr_parts.h"

static enum err_code refuse_operator(const char *name, struct err *e)
{
    return err_set(e, E_INVALID,
                   "Invalid KeyConditionExpression: Invalid operator used in "
                   "KeyConditionExpression: %s",
                   name);
}

/* The tests joined by AND, left to right. At most three are kept: more than two is an error. */
static enum err_code collect(const struct expr_node *n, const struct expr_node *tests[3],
                             size_t *len, struct err *e)
{
    switch (n->op) {
    case EXPR_AND: {
        enum err_code rc = collect(n->args[0], tests, len, e);
        return rc != E_OK ? rc : collect(n->args[1], tests, len, e);
    }
    case EXPR_EQ:
    case EXPR_LT:
    case EXPR_LE:
    case EXPR_GT:
    case EXPR_GE:
    case EXPR_BETWEEN:
    case EXPR_BEGINS_WITH:
        if (*len < 3) {
            tests[(*len)++] = n;
        }
        return E_OK;
    default:
        return refuse_operator(expr_op_name(n->op), e);
    }
}

/* The attribute that a test is about: one path of one name, compared with values. */
static const char *attribute_of(const struct expr_node *n, struct err *e)
{
    const struct expr_node *left = n->args[0];

    for (size_t i = 0; i < n->args_len; i++) {
        if (n->args[i]->op == EXPR_SIZE) {
            (void)refuse_operator("size", e);
            return NULL;
        }
    }
    if (left->op != EXPR_PATH) {
        (void)err_set(e, E_INVALID,
                      left->op == EXPR_VALUE && n->args_len > 1 && n->args[1]->op == EXPR_PATH
                          ? "Query key condition not supported"
                          : "Invalid KeyConditionExpression: No key attribute found in condition");
        return NULL;
    }
    if (left->path.len != 1) {
        (void)err_set(e, E_INVALID,
                      "Invalid KeyConditionExpression: KeyConditionExpressions cannot have nested "
                      "operations");
        return NULL;
    }
    for (size_t i = 1; i < n->args_len; i++) {
        if (n->args[i]->op != EXPR_VALUE) {
            (void)err_set(e, E_INVALID,
                          "Invalid KeyConditionExpression: KeyConditionExpressions cannot contain "
                          "conditions that compare two attributes");
            return NULL;
        }
    }
    return left->path.steps[0].name;
}

static enum err_code check_types(const struct expr_node *n, const char *type, struct err *e)
{
    for (size_t i = 1; i < n->args_len; i++) {
        if (strcmp(attr_type_name(attr_type_of(n->args[i]->value)), type) != 0) {
            return err_set(e, E_INVALID,
                           "One or more parameter values were invalid: Condition parameter type "
                           "does not match schema type");
        }
    }
    return E_OK;
}

enum err_code expr_key_condition(const struct expr_node *n, const char *hash, const char *hash_type,
                                 const char *range, const char *range_type,
                                 struct expr_key_condition *out, struct err *e)
{
    const struct expr_node *tests[3];
    size_t len = 0;
    enum err_code rc = collect(n, tests, &len, e);

    *out = (struct expr_key_condition){.op = EXPR_EXISTS};
    for (size_t i = 0; i < len && rc == E_OK; i++) {
        const char *name = attribute_of(tests[i], e);
        if (name == NULL) {
            return E_INVALID;
        }
        bool is_hash = strcmp(name, hash) == 0;
        bool is_range = range != NULL && strcmp(name, range) == 0;
        if ((is_hash && out->hash != NULL) || (is_range && out->low != NULL)) {
            return err_set(e, E_INVALID,
                           "Invalid KeyConditionExpression: KeyConditionExpressions must only "
                           "contain one condition per key");
        }
        if (is_hash && tests[i]->op != EXPR_EQ) {
            return err_set(e, E_INVALID, "Query key condition not supported");
        }
        if (is_hash) {
            out->hash = tests[i]->args[1]->value;
            rc = check_types(tests[i], hash_type, e);
        } else if (is_range) {
            out->op = tests[i]->op;
            out->low = tests[i]->args[1]->value;
            out->high = tests[i]->args_len > 2 ? tests[i]->args[2]->value : NULL;
            rc = check_types(tests[i], range_type, e);
        } else if (len > 1 && out->hash != NULL && range != NULL) {
            return err_set(e, E_INVALID, "Query condition missed key schema element: %s", range);
        } else if (len > (range != NULL ? 2u : 1u)) {
            return err_set(e, E_INVALID, "Conditions can be of length 1 or 2 only");
        }
    }
    if (rc == E_OK && out->hash == NULL) {
        return err_set(e, E_INVALID, "Query condition missed key schema element: %s", hash);
    }
    if (rc == E_OK && len > (out->low != NULL ? 2u : 1u)) {
        return err_set(e, E_INVALID,
                       range == NULL ? "Query key condition not supported"
                                     : "Query condition missed key schema element: %s",
                       range);
    }
    return rc;
}
