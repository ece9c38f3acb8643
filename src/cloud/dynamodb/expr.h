/* expr.h - DynamoDB's expressions: condition, filter, key condition, projection, update.
 *
 * Text becomes a tree in an arena; trees borrow the request's placeholder documents, which must
 * outlive them. Errors are E_INVALID with AWS's sentence ("Invalid UpdateExpression: ..."). Pure;
 * one thread per environment. Grammar and limits: DynamoDB developer guide, "Expressions" and
 * "Service quotas"; AWS-WIRE 2.1. */
#ifndef CLOUD_DYNAMODB_EXPR_H
#define CLOUD_DYNAMODB_EXPR_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

enum {
    EXPR_TEXT_MAX = 4096, /* bytes of one expression */
    EXPR_OPERATORS_MAX = 300,
    EXPR_DEPTH_MAX = 150, /* nesting of parentheses, NOT and functions */
    EXPR_PATH_MAX = 32,   /* elements of a document path */
    EXPR_IN_MAX = 100
};

/* ---- placeholders ----------------------------------------------------------------------- */

struct ddb_expr_env; /* one per request: placeholders, what was used, the arena of all its trees */

/* `names` and `values` are ExpressionAttributeNames and -Values as they came, or NULL. `has_expr`
 * tells whether the request has any expression. Checks the keys and every value. */
struct ddb_expr_env *ddb_expr_env_new(const cJSON *names, const cJSON *values, bool has_expr,
                                      struct err *e);
void ddb_expr_env_free(struct ddb_expr_env *env); /* frees all trees; NULL allowed */
/* Call it after all expressions are parsed: E_INVALID when a placeholder was given and not used. */
MUST_CHECK enum err_code ddb_expr_env_check_used(const struct ddb_expr_env *env, struct err *e);

/* ---- document paths --------------------------------------------------------------------- */

struct ddb_expr_step {
    const char *name; /* NULL: a list index */
    size_t index;
};

struct ddb_expr_path {
    struct ddb_expr_step *steps; /* at least one step; the first one has a name */
    size_t len;
};

/* The AttributeValue at the path in an item, borrowed; NULL when there is none. */
const cJSON *ddb_expr_path_find(const struct ddb_expr_path *p, const cJSON *item);
/* "[a, b, [0]]" as AWS prints paths. Owned. */
char *ddb_expr_path_text(const struct ddb_expr_path *p);
/* A new item that holds only the given paths, with the structure around them; lists are compacted.
 * Owned; an empty object when nothing is there. */
cJSON *ddb_expr_project(const struct ddb_expr_path *paths, size_t len, const cJSON *item);

/* ---- trees ------------------------------------------------------------------------------ */

enum ddb_expr_op {
    EXPR_PATH,
    EXPR_VALUE,
    EXPR_SIZE,          /* size(path), an operand */
    EXPR_IF_NOT_EXISTS, /* update operands */
    EXPR_LIST_APPEND,
    EXPR_PLUS,
    EXPR_MINUS,
    EXPR_EQ, /* from here on the operators are conditions */
    EXPR_NE,
    EXPR_LT,
    EXPR_LE,
    EXPR_GT,
    EXPR_GE,
    EXPR_BETWEEN,
    EXPR_IN,
    EXPR_AND,
    EXPR_OR,
    EXPR_NOT,
    EXPR_EXISTS,
    EXPR_NOT_EXISTS,
    EXPR_TYPE,
    EXPR_BEGINS_WITH,
    EXPR_CONTAINS
};

struct ddb_expr_node {
    enum ddb_expr_op op;
    struct ddb_expr_path path;   /* EXPR_PATH */
    const cJSON *value;          /* EXPR_VALUE: an AttributeValue, borrowed */
    const char *placeholder;     /* EXPR_VALUE: ":v" */
    struct ddb_expr_node **args; /* the other operators have arguments */
    size_t args_len;
};

const char *ddb_expr_op_name(enum ddb_expr_op op); /* "=", "BETWEEN", "begins_with" */

/* `what` is the parameter's name: "ConditionExpression", "FilterExpression",
 * "KeyConditionExpression". The tree belongs to `env`. NULL with `e`. */
const struct ddb_expr_node *ddb_expr_parse_condition(struct ddb_expr_env *env, const char *text,
                                                     const char *what, struct err *e);
bool ddb_expr_eval(const struct ddb_expr_node *cond, const cJSON *item);

/* Tells in `*order` whether `a` is less than (<0), equal to (0) or greater than (>0) `b`, for two
 * AttributeValues of the same type S, N or B; false when they have no order. */
bool ddb_expr_compare(const cJSON *a, const cJSON *b, int *order);
bool ddb_expr_equal(const cJSON *a, const cJSON *b);
/* Does the same for the members of two maps; an item is such a map. */
bool ddb_expr_equal_maps(const cJSON *a, const cJSON *b);

/* Calls `each` for every path in a condition. */
void ddb_expr_walk_paths(const struct ddb_expr_node *n,
                         void (*each)(void *arg, const struct ddb_expr_path *path), void *arg);

struct ddb_expr_projection {
    struct ddb_expr_path *paths; /* in the env's arena */
    size_t len;
    bool top_level; /* every path is a single name */
};
MUST_CHECK enum err_code ddb_expr_parse_projection(struct ddb_expr_env *env, const char *text,
                                                   struct ddb_expr_projection *out, struct err *e);

/* ---- updates ---------------------------------------------------------------------------- */

enum ddb_expr_action_kind { EXPR_SET, EXPR_REMOVE, EXPR_ADD, EXPR_DELETE };

struct ddb_expr_action {
    enum ddb_expr_action_kind kind;
    struct ddb_expr_path path;
    const struct ddb_expr_node *operand; /* NULL for REMOVE */
};

struct ddb_expr_update {
    struct ddb_expr_action *actions; /* in the env's arena */
    size_t len;
};

MUST_CHECK enum err_code ddb_expr_parse_update(struct ddb_expr_env *env, const char *text,
                                               struct ddb_expr_update *out, struct err *e);
/* Changes `item` in place; every operand is evaluated against the item as it was before. On failure
 * (E_INVALID) the item is half changed: work on a copy. */
MUST_CHECK enum err_code ddb_expr_apply(const struct ddb_expr_update *u, cJSON *item,
                                        struct err *e);

/* ---- key conditions --------------------------------------------------------------------- */

struct ddb_expr_key_condition {
    const cJSON *hash;   /* AttributeValue, borrowed */
    enum ddb_expr_op op; /* the test on the sort key; EXPR_EXISTS when there is none */
    const cJSON *low;    /* the test's operand (the lower one of BETWEEN) */
    const cJSON *high;   /* the upper operand of BETWEEN */
};

/* Reads a parsed KeyConditionExpression with a key schema; `range` may be NULL. */
MUST_CHECK enum err_code ddb_expr_key_condition(const struct ddb_expr_node *n, const char *hash,
                                                const char *hash_type, const char *range,
                                                const char *range_type,
                                                struct ddb_expr_key_condition *out, struct err *e);

/* is it a reserved word, in any letter case? */
bool ddb_expr_is_reserved(const char *word, size_t len);
#endif
