/* DynamoDB's expressions: evaluating a condition on an item, and comparing AttributeValues. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "base64.h"
#include "core/json.h"
#include "expr_parts.h"

/* The value of an operand. size() makes a number that is in no document, so the operand has room
 * for one. */
struct operand {
    const cJSON *av; /* NULL: the item has no such attribute */
    cJSON outer;
    cJSON inner;
    char digits[24];
};

/* ---- comparing -------------------------------------------------------------------------- */

static int compare_bytes(const void *a, size_t a_len, const void *b, size_t b_len)
{
    size_t n = a_len < b_len ? a_len : b_len;
    int order = n == 0 ? 0 : memcmp(a, b, n);

    return order != 0 ? order : (a_len > b_len) - (a_len < b_len);
}

static int compare_binary(const char *a, const char *b)
{
    size_t a_len = 0;
    size_t b_len = 0;
    unsigned char *a_bytes = ddb_base64_decode(a, &a_len);
    unsigned char *b_bytes = ddb_base64_decode(b, &b_len);
    int order = compare_bytes(a_bytes, a_len, b_bytes, b_len);

    free(a_bytes);
    free(b_bytes);
    return order;
}

bool ddb_expr_compare(const cJSON *a, const cJSON *b, int *order)
{
    enum attr_type t = attr_type_of(a);

    if (t != attr_type_of(b)) {
        return false;
    }
    if (t == ATTR_S) { /* strcmp compares unsigned bytes, which is the order of UTF-8 */
        *order = strcmp(attr_value(a)->valuestring, attr_value(b)->valuestring);
    } else if (t == ATTR_N) {
        *order = attr_num_compare(attr_value(a)->valuestring, attr_value(b)->valuestring);
    } else if (t == ATTR_B) {
        *order = compare_binary(attr_value(a)->valuestring, attr_value(b)->valuestring);
    } else {
        return false;
    }
    return true;
}

/* Is the element in the set, by the rules of the set's type? Base64 is canonical here, so its text
 * can be compared. */
static bool set_has(const cJSON *set, enum attr_type set_type, const char *element)
{
    const cJSON *v = NULL;

    cJSON_ArrayForEach(v, set)
    {
        if (set_type == ATTR_NS ? attr_num_compare(v->valuestring, element) == 0
                                : strcmp(v->valuestring, element) == 0) {
            return true;
        }
    }
    return false;
}

static bool equal_sets(const cJSON *a, const cJSON *b, enum attr_type t)
{
    const cJSON *v = NULL;

    if (cJSON_GetArraySize(a) != cJSON_GetArraySize(b)) {
        return false;
    }
    cJSON_ArrayForEach(v, a)
    {
        if (!set_has(b, t, v->valuestring)) {
            return false;
        }
    }
    return true;
}

bool ddb_expr_equal_maps(const cJSON *a, const cJSON *b)
{
    const cJSON *v = NULL;

    if (cJSON_GetArraySize(a) != cJSON_GetArraySize(b)) {
        return false;
    }
    cJSON_ArrayForEach(v, a)
    {
        const cJSON *other = json_get(b, v->string);
        if (other == NULL || !ddb_expr_equal(v, other)) {
            return false;
        }
    }
    return true;
}

static bool equal_lists(const cJSON *a, const cJSON *b)
{
    const cJSON *x = a->child;
    const cJSON *y = b->child;

    for (; x != NULL && y != NULL; x = x->next, y = y->next) {
        if (!ddb_expr_equal(x, y)) {
            return false;
        }
    }
    return x == NULL && y == NULL;
}

bool ddb_expr_equal(const cJSON *a, const cJSON *b)
{
    enum attr_type t = attr_type_of(a);

    if (t == ATTR_NONE || t != attr_type_of(b)) {
        return false;
    }
    const cJSON *x = attr_value(a);
    const cJSON *y = attr_value(b);
    switch (t) {
    case ATTR_S:
    case ATTR_B:
        return strcmp(x->valuestring, y->valuestring) == 0;
    case ATTR_N:
        return attr_num_compare(x->valuestring, y->valuestring) == 0;
    case ATTR_BOOL:
        return cJSON_IsTrue(x) == cJSON_IsTrue(y);
    case ATTR_NULL:
        return true;
    case ATTR_M:
        return ddb_expr_equal_maps(x, y);
    case ATTR_L:
        return equal_lists(x, y);
    case ATTR_SS:
    case ATTR_NS:
    case ATTR_BS:
        return equal_sets(x, y, t);
    case ATTR_NONE:
        break;
    }
    return false;
}

/* ---- functions -------------------------------------------------------------------------- */

static size_t count_characters(const char *s)
{
    size_t n = 0;

    for (; *s != '\0'; s++) {
        n += ((unsigned char)*s & 0xc0) != 0x80;
    }
    return n;
}

/* The size of a value; false for a type that has no size. */
static bool size_of(const cJSON *av, size_t *size)
{
    switch (attr_type_of(av)) {
    case ATTR_S:
        *size = count_characters(attr_value(av)->valuestring);
        return true;
    case ATTR_B:
        *size = ddb_base64_len(attr_value(av)->valuestring);
        return true;
    case ATTR_M:
    case ATTR_L:
    case ATTR_SS:
    case ATTR_NS:
    case ATTR_BS:
        *size = (size_t)cJSON_GetArraySize(attr_value(av));
        return true;
    case ATTR_N:
    case ATTR_BOOL:
    case ATTR_NULL:
    case ATTR_NONE:
        break;
    }
    return false;
}

static bool begins_with(const cJSON *av, const cJSON *prefix)
{
    enum attr_type t = attr_type_of(av);
    bool match = false;

    if (t != attr_type_of(prefix)) {
        return false;
    }
    const cJSON *x = attr_value(av);
    const cJSON *y = attr_value(prefix);
    if (t == ATTR_S) {
        match = strncmp(x->valuestring, y->valuestring, strlen(y->valuestring)) == 0;
    } else if (t == ATTR_B) {
        size_t len = 0;
        size_t prefix_len = 0;
        unsigned char *bytes = ddb_base64_decode(x->valuestring, &len);
        unsigned char *start = ddb_base64_decode(y->valuestring, &prefix_len);
        match = len >= prefix_len && memcmp(bytes, start, prefix_len) == 0;
        free(bytes);
        free(start);
    }
    return match;
}

static bool binary_contains(const char *hay, const char *needle)
{
    size_t len = 0;
    size_t needle_len = 0;
    unsigned char *bytes = ddb_base64_decode(hay, &len);
    unsigned char *part = ddb_base64_decode(needle, &needle_len);
    bool found = memmem(bytes, len, part, needle_len) != NULL;

    free(bytes);
    free(part);
    return found;
}

static bool contains(const cJSON *av, const cJSON *part)
{
    const cJSON *inside = attr_value(av);
    const cJSON *wanted = attr_value(part);
    enum attr_type t = attr_type_of(av);
    enum attr_type part_type = attr_type_of(part);
    const cJSON *v = NULL;

    switch (t) {
    case ATTR_S:
        return part_type == ATTR_S && strstr(inside->valuestring, wanted->valuestring) != NULL;
    case ATTR_B:
        return part_type == ATTR_B && binary_contains(inside->valuestring, wanted->valuestring);
    case ATTR_SS:
        return part_type == ATTR_S && set_has(inside, t, wanted->valuestring);
    case ATTR_NS:
        return part_type == ATTR_N && set_has(inside, t, wanted->valuestring);
    case ATTR_BS:
        return part_type == ATTR_B && set_has(inside, t, wanted->valuestring);
    case ATTR_L:
        cJSON_ArrayForEach(v, inside)
        {
            if (ddb_expr_equal(v, part)) {
                return true;
            }
        }
        return false;
    case ATTR_N:
    case ATTR_BOOL:
    case ATTR_NULL:
    case ATTR_M:
    case ATTR_NONE:
        break;
    }
    return false;
}

/* ---- trees ------------------------------------------------------------------------------ */

static const cJSON *operand_value(const struct ddb_expr_node *n, const cJSON *item,
                                  struct operand *o)
{
    size_t size = 0;

    o->av = NULL;
    if (n->op == EXPR_VALUE) {
        o->av = n->value;
    } else if (n->op == EXPR_PATH) {
        o->av = ddb_expr_path_find(&n->path, item);
    } else if (n->op == EXPR_SIZE) {
        struct operand of;
        const cJSON *av = operand_value(n->args[0], item, &of);
        if (av != NULL && size_of(av, &size)) {
            static char number_type[] = "N";
            (void)snprintf(o->digits, sizeof o->digits, "%zu", size);
            o->inner =
                (cJSON){.type = cJSON_String, .valuestring = o->digits, .string = number_type};
            o->outer = (cJSON){.type = cJSON_Object, .child = &o->inner};
            o->inner.prev = &o->inner;
            o->av = &o->outer;
        }
    }
    return o->av;
}

static bool eval_order(enum ddb_expr_op op, const cJSON *a, const cJSON *b)
{
    int order = 0;

    if (a == NULL || b == NULL || !ddb_expr_compare(a, b, &order)) {
        return false;
    }
    switch (op) {
    case EXPR_LT:
        return order < 0;
    case EXPR_LE:
        return order <= 0;
    case EXPR_GT:
        return order > 0;
    case EXPR_GE:
        return order >= 0;
    default:
        return false;
    }
}

static bool eval_in(const struct ddb_expr_node *n, const cJSON *left, const cJSON *item)
{
    struct operand o;

    for (size_t i = 1; i < n->args_len && left != NULL; i++) {
        const cJSON *right = operand_value(n->args[i], item, &o);
        if (right != NULL && ddb_expr_equal(left, right)) {
            return true;
        }
    }
    return false;
}

/* Evaluates a test on operands. An absent operand makes it false, except for <> (true also when
 * both are absent) and attribute_not_exists. */
static bool eval_test(const struct ddb_expr_node *n, const cJSON *item)
{
    struct operand first, second, third;
    const cJSON *a = operand_value(n->args[0], item, &first);
    const cJSON *b =
        n->args_len > 1 && n->op != EXPR_IN ? operand_value(n->args[1], item, &second) : NULL;

    switch (n->op) {
    case EXPR_EXISTS:
        return a != NULL;
    case EXPR_NOT_EXISTS:
        return a == NULL;
    case EXPR_NE:
        return a == NULL || b == NULL || !ddb_expr_equal(a, b);
    case EXPR_EQ:
        return a != NULL && b != NULL && ddb_expr_equal(a, b);
    case EXPR_LT:
    case EXPR_LE:
    case EXPR_GT:
    case EXPR_GE:
        return eval_order(n->op, a, b);
    case EXPR_BETWEEN:
        return eval_order(EXPR_GE, a, b) &&
               eval_order(EXPR_LE, a, operand_value(n->args[2], item, &third));
    case EXPR_IN:
        return eval_in(n, a, item);
    case EXPR_TYPE:
        return a != NULL &&
               strcmp(attr_type_name(attr_type_of(a)), attr_value(b)->valuestring) == 0;
    case EXPR_BEGINS_WITH:
        return a != NULL && b != NULL && begins_with(a, b);
    case EXPR_CONTAINS:
        return a != NULL && b != NULL && contains(a, b);
    default:
        return false;
    }
}

bool ddb_expr_eval(const struct ddb_expr_node *n, const cJSON *item)
{
    switch (n->op) {
    case EXPR_AND:
        return ddb_expr_eval(n->args[0], item) && ddb_expr_eval(n->args[1], item);
    case EXPR_OR:
        return ddb_expr_eval(n->args[0], item) || ddb_expr_eval(n->args[1], item);
    case EXPR_NOT:
        return !ddb_expr_eval(n->args[0], item);
    default:
        return eval_test(n, item);
    }
}
