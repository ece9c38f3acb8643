/* The rules of DynamoDB for an AttributeValue. */
#include <stdlib.h>
#include <string.h>

#include "attr_num.h"
#include "aws/attr.h"
#include "core/alloc.h"

enum { NESTING_MAX = 32 };

static enum err_code check(const cJSON *av, int depth, struct err *e);

static const char *json_kind(const cJSON *v)
{
    if (cJSON_IsNumber(v)) {
        return "NUMBER_VALUE";
    }
    if (cJSON_IsBool(v)) {
        return cJSON_IsTrue(v) ? "TRUE_VALUE" : "FALSE_VALUE";
    }
    if (cJSON_IsString(v)) {
        return "STRING_VALUE";
    }
    if (cJSON_IsNull(v)) {
        return "NULL_VALUE";
    }
    return cJSON_IsArray(v) ? "Start of list" : "Start of structure or map";
}

static enum err_code wrong_kind(const cJSON *v, const char *want, struct err *e)
{
    if (cJSON_IsArray(v) || cJSON_IsObject(v)) {
        return err_set(e, E_PARSE, "%s found where not expected", json_kind(v));
    }
    return err_set(e, E_PARSE, "%s cannot be converted to %s", json_kind(v), want);
}

static int base64_digit(char c)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c == '\0' ? NULL : strchr(alphabet, c);

    return at == NULL ? -1 : (int)(at - alphabet);
}

/* Checks base64 strictly, so that equal bytes have equal texts, which the check for duplicates
 * relies on. */
static enum err_code check_base64(const char *s, struct err *e)
{
    size_t len = strlen(s);
    size_t pad = 0;

    if (len % 4 != 0) {
        return err_set(e, E_PARSE,
                       "Base64 encoded length is expected a multiple of 4 bytes but found: %zu",
                       len);
    }
    while (pad < 2 && len > 0 && s[len - 1] == '=') {
        len--;
        pad++;
    }
    for (size_t i = 0; i < len; i++) {
        if (base64_digit(s[i]) < 0) {
            return err_set(e, E_PARSE, "Invalid Base64 character at position %zu", i);
        }
    }
    if (pad > 0 && (base64_digit(s[len - 1]) & (pad == 1 ? 3 : 15)) != 0) {
        return err_set(e, E_PARSE, "Invalid last non-pad Base64 character");
    }
    return E_OK;
}

static int text_order(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int decimal_order(const void *a, const void *b)
{
    return decimal_compare(a, b);
}

static enum err_code check_numbers(const cJSON *set, size_t n, struct err *e)
{
    struct decimal *all = xcalloc(n, sizeof *all);
    enum err_code rc = E_OK;
    size_t i = 0;

    for (const cJSON *v = set->child; v != NULL && rc == E_OK; v = v->next) {
        rc = decimal_parse(v->valuestring, &all[i++], e);
    }
    if (rc == E_OK) {
        qsort(all, n, sizeof *all, decimal_order);
        for (i = 1; i < n && rc == E_OK; i++) {
            if (decimal_compare(&all[i - 1], &all[i]) == 0) {
                rc = err_set(e, E_INVALID, "Input collection contains duplicates");
            }
        }
    }
    free(all);
    return rc;
}

static enum err_code check_texts(const cJSON *set, size_t n, enum attr_type t, struct err *e)
{
    const char **all = xcalloc(n, sizeof *all);
    enum err_code rc = E_OK;
    size_t i = 0;

    for (const cJSON *v = set->child; v != NULL && rc == E_OK; v = v->next) {
        all[i++] = v->valuestring;
        if (t == ATTR_BS) {
            rc = check_base64(v->valuestring, e);
        }
    }
    if (rc == E_OK) {
        qsort(all, n, sizeof *all, text_order);
        for (i = 1; i < n && rc == E_OK; i++) {
            if (strcmp(all[i - 1], all[i]) == 0) {
                rc = err_set(e, E_INVALID,
                             "One or more parameter values were invalid: Input collection of type "
                             "%s contains duplicates.",
                             attr_type_name(t));
            }
        }
    }
    free(all);
    return rc;
}

static enum err_code check_set(const cJSON *set, enum attr_type t, struct err *e)
{
    static const char *const kinds[] = {
        [ATTR_SS] = "string", [ATTR_NS] = "number", [ATTR_BS] = "binary"};
    size_t n = 0;

    for (const cJSON *v = set->child; v != NULL; v = v->next, n++) {
        if (!cJSON_IsString(v)) {
            return wrong_kind(v, t == ATTR_BS ? "ByteBuffer" : "String", e);
        }
    }
    if (n == 0) {
        return err_set(e, E_INVALID,
                       "One or more parameter values were invalid: An %s set  may not be empty",
                       kinds[t]);
    }
    return t == ATTR_NS ? check_numbers(set, n, e) : check_texts(set, n, t, e);
}

static enum err_code check_members(const cJSON *inside, int depth, struct err *e)
{
    if (depth >= NESTING_MAX && inside->child != NULL) {
        return err_set(e, E_INVALID, "Nesting Levels have exceeded supported limits");
    }
    for (const cJSON *v = inside->child; v != NULL; v = v->next) {
        enum err_code rc = check(v, depth + 1, e);
        if (rc != E_OK) {
            return rc;
        }
    }
    return E_OK;
}

static enum err_code check_kind(const cJSON *v, struct err *e)
{
    for (int t = ATTR_S; t <= ATTR_BS; t++) {
        if (strcmp(v->string, attr_type_name((enum attr_type)t)) == 0) {
            if (t == ATTR_BOOL || t == ATTR_NULL) {
                return wrong_kind(v, "Boolean", e);
            }
            return wrong_kind(v, t == ATTR_B ? "ByteBuffer" : "String", e);
        }
    }
    return err_set(e, E_INVALID,
                   "Supplied AttributeValue is empty, must contain exactly one of the supported "
                   "datatypes");
}

static enum err_code check(const cJSON *av, int depth, struct err *e)
{
    enum attr_type t = attr_type_of(av);
    struct decimal ignored;

    if (!cJSON_IsObject(av)) {
        return cJSON_IsArray(av) ? wrong_kind(av, "", e)
                                 : err_set(e, E_PARSE, "Unexpected value type in payload");
    }
    if (av->child != NULL && av->child->next != NULL) {
        return err_set(e, E_INVALID,
                       "Supplied AttributeValue has more than one datatypes set, must contain "
                       "exactly one of the supported datatypes");
    }
    if (av->child == NULL) {
        return err_set(e, E_INVALID,
                       "Supplied AttributeValue is empty, must contain exactly one of the "
                       "supported datatypes");
    }
    const cJSON *v = av->child;
    switch (t) {
    case ATTR_NONE:
        return check_kind(v, e);
    case ATTR_S:
    case ATTR_BOOL:
        return E_OK;
    case ATTR_N:
        return decimal_parse(v->valuestring, &ignored, e);
    case ATTR_B:
        return check_base64(v->valuestring, e);
    case ATTR_NULL:
        return cJSON_IsTrue(v) ? E_OK
                               : err_set(e, E_INVALID,
                                         "One or more parameter values were invalid: Null "
                                         "attribute value types must have the value of true");
    case ATTR_M:
    case ATTR_L:
        return check_members(v, depth, e);
    case ATTR_SS:
    case ATTR_NS:
    case ATTR_BS:
        return check_set(v, t, e);
    }
    return E_OK;
}

enum err_code attr_validate(const cJSON *av, struct err *e)
{
    return check(av, 1, e);
}
