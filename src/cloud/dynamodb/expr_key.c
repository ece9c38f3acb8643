/* DynamoDB's expressions: key conditions, which have one equality on the partition key and at most
 * one test on the sort key. */
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

/* Collects the tests that AND joins, left to right. At most three are kept, because more than two
 * are an error. */
static enum err_code collect(const struct ddb_expr_node *n, const struct ddb_expr_node *tests[3],
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
        return refuse_operator(ddb_expr_op_name(n->op), e);
    }
}

/* One test, turned so that its attribute is on the left: ":v > k" becomes "k < :v". */
struct key_test {
    const char *name;
    enum ddb_expr_op op;
    const cJSON *values[2]; /* only BETWEEN has the second value */
    size_t len;
};

static enum ddb_expr_op mirrored(enum ddb_expr_op op)
{
    switch (op) {
    case EXPR_LT:
        return EXPR_GT;
    case EXPR_LE:
        return EXPR_GE;
    case EXPR_GT:
        return EXPR_LT;
    case EXPR_GE:
        return EXPR_LE;
    default:
        return op;
    }
}

static bool is_comparison(enum ddb_expr_op op)
{
    return op >= EXPR_EQ && op <= EXPR_GE;
}

static bool refuse(struct err *e, const char *why)
{
    (void)err_set(e, E_INVALID, "%s", why);
    return false;
}

/* Reads one test: one path of one name, compared with one value or two. False with `e`. */
static bool read_test(const struct ddb_expr_node *n, struct key_test *t, struct err *e)
{
    const struct ddb_expr_node *args[3] = {n->args[0], n->args[1], NULL};
    size_t len = n->op == EXPR_BETWEEN ? 3 : 2;

    args[2] = len == 3 ? n->args[2] : args[1];
    *t = (struct key_test){.op = n->op, .len = len - 1};
    for (size_t i = 0; i < 3; i++) {
        if (args[i]->op == EXPR_SIZE) {
            (void)refuse_operator("size", e);
            return false;
        }
    }
    if (is_comparison(n->op) && args[0]->op == EXPR_VALUE && args[1]->op == EXPR_PATH) {
        args[0] = n->args[1];
        args[1] = args[2] = n->args[0];
        t->op = mirrored(n->op);
    }
    if (args[0]->op != EXPR_PATH) {
        return refuse(e, args[1]->op == EXPR_PATH
                             ? "Query key condition not supported"
                             : "Invalid KeyConditionExpression: No key attribute found in "
                               "condition");
    }
    if (args[0]->path.len != 1) {
        return refuse(e, "Invalid KeyConditionExpression: KeyConditionExpressions cannot have "
                         "nested operations");
    }
    if (args[1]->op != EXPR_VALUE || args[2]->op != EXPR_VALUE) {
        return refuse(e, "Invalid KeyConditionExpression: KeyConditionExpressions cannot contain "
                         "conditions that compare two attributes");
    }
    t->name = args[0]->path.steps[0].name;
    t->values[0] = args[1]->value;
    t->values[1] = args[2]->value;
    return true;
}

static enum err_code check_types(const struct key_test *t, const char *type, struct err *e)
{
    for (size_t i = 0; i < t->len; i++) {
        if (strcmp(attr_type_name(attr_type_of(t->values[i])), type) != 0) {
            return err_set(e, E_INVALID,
                           "One or more parameter values were invalid: Condition parameter type "
                           "does not match schema type");
        }
    }
    return E_OK;
}

enum err_code ddb_expr_key_condition(const struct ddb_expr_node *n, const char *hash,
                                     const char *hash_type, const char *range,
                                     const char *range_type, struct ddb_expr_key_condition *out,
                                     struct err *e)
{
    const struct ddb_expr_node *tests[3];
    size_t len = 0;
    enum err_code rc = collect(n, tests, &len, e);

    *out = (struct ddb_expr_key_condition){.op = EXPR_EXISTS};
    for (size_t i = 0; i < len && rc == E_OK; i++) {
        struct key_test t;
        if (!read_test(tests[i], &t, e)) {
            return E_INVALID;
        }
        bool is_hash = strcmp(t.name, hash) == 0;
        bool is_range = range != NULL && strcmp(t.name, range) == 0;
        if ((is_hash && out->hash != NULL) || (is_range && out->low != NULL)) {
            return err_set(e, E_INVALID,
                           "Invalid KeyConditionExpression: KeyConditionExpressions must only "
                           "contain one condition per key");
        }
        if (is_hash && t.op != EXPR_EQ) {
            return err_set(e, E_INVALID, "Query key condition not supported");
        }
        if (is_hash) {
            out->hash = t.values[0];
            rc = check_types(&t, hash_type, e);
        } else if (is_range) {
            out->op = t.op;
            out->low = t.values[0];
            out->high = t.len > 1 ? t.values[1] : NULL;
            rc = check_types(&t, range_type, e);
        } else if (len > 1 && out->hash != NULL && range != NULL) {
            return err_set(e, E_INVALID, "Query condition missed key schema element: %s", range);
        } else if (len > 2) {
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
