/* DynamoDB's AttributeValues: reading, making, and turning them into plain JSON and back. */
#include "aws/attr.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"

/* The JSON kind of the value inside each type. */
enum inside { IN_STRING, IN_BOOL, IN_OBJECT, IN_ARRAY };

/* clang-format off */
static const struct type_row {
    const char *name;
    enum inside inside;
} types[] = {
    [ATTR_NONE] = {"",     IN_STRING},
    [ATTR_S]    = {"S",    IN_STRING},
    [ATTR_N]    = {"N",    IN_STRING},
    [ATTR_B]    = {"B",    IN_STRING},
    [ATTR_BOOL] = {"BOOL", IN_BOOL},
    [ATTR_NULL] = {"NULL", IN_BOOL},
    [ATTR_M]    = {"M",    IN_OBJECT},
    [ATTR_L]    = {"L",    IN_ARRAY},
    [ATTR_SS]   = {"SS",   IN_ARRAY},
    [ATTR_NS]   = {"NS",   IN_ARRAY},
    [ATTR_BS]   = {"BS",   IN_ARRAY},
};
/* clang-format on */

const char *attr_type_name(enum attr_type t)
{
    return types[t].name;
}

static bool inside_fits(const cJSON *v, enum inside want)
{
    switch (want) {
    case IN_STRING:
        return cJSON_IsString(v);
    case IN_BOOL:
        return cJSON_IsBool(v);
    case IN_OBJECT:
        return cJSON_IsObject(v);
    case IN_ARRAY:
        return cJSON_IsArray(v);
    }
    return false;
}

enum attr_type attr_type_of(const cJSON *av)
{
    if (!cJSON_IsObject(av) || av->child == NULL || av->child->next != NULL) {
        return ATTR_NONE;
    }
    for (int t = ATTR_S; t <= ATTR_BS; t++) {
        if (strcmp(av->child->string, types[t].name) == 0) {
            return inside_fits(av->child, types[t].inside) ? (enum attr_type)t : ATTR_NONE;
        }
    }
    return ATTR_NONE;
}

const cJSON *attr_value(const cJSON *av)
{
    return attr_type_of(av) == ATTR_NONE ? NULL : av->child;
}

const cJSON *attr_find(const cJSON *item, const char *name)
{
    return json_get(item, name);
}

static const cJSON *inside_of(const cJSON *item, const char *name, enum attr_type want)
{
    const cJSON *av = json_get(item, name);

    return attr_type_of(av) == want ? av->child : NULL;
}

const char *attr_str(const cJSON *item, const char *name)
{
    const cJSON *v = inside_of(item, name, ATTR_S);

    return v == NULL ? NULL : v->valuestring;
}

const char *attr_num(const cJSON *item, const char *name)
{
    const cJSON *v = inside_of(item, name, ATTR_N);

    return v == NULL ? NULL : v->valuestring;
}

const cJSON *attr_map(const cJSON *item, const char *name)
{
    return inside_of(item, name, ATTR_M);
}

const cJSON *attr_list(const cJSON *item, const char *name)
{
    return inside_of(item, name, ATTR_L);
}

static cJSON *wrap(enum attr_type t, cJSON *inside)
{
    cJSON *av = json_new_object();

    json_set(av, types[t].name, inside);
    return av;
}

static cJSON *wrap_str(enum attr_type t, const char *s)
{
    cJSON *av = json_new_object();

    json_set_str(av, types[t].name, s);
    return av;
}

cJSON *attr_new_str(const char *s)
{
    return s == NULL ? attr_new_null() : wrap_str(ATTR_S, s);
}

cJSON *attr_new_int(int64_t n)
{
    char digits[32];

    (void)snprintf(digits, sizeof digits, "%" PRId64, n);
    return wrap_str(ATTR_N, digits);
}

cJSON *attr_new_num(const char *digits)
{
    return wrap_str(ATTR_N, digits);
}

cJSON *attr_new_bool(bool b)
{
    cJSON *av = json_new_object();

    json_set_bool(av, types[ATTR_BOOL].name, b);
    return av;
}

cJSON *attr_new_null(void)
{
    cJSON *av = json_new_object();

    json_set_bool(av, types[ATTR_NULL].name, true);
    return av;
}

cJSON *attr_new_map(cJSON *inside)
{
    return wrap(ATTR_M, inside);
}

cJSON *attr_new_list(cJSON *inside)
{
    return wrap(ATTR_L, inside);
}

/* The number as JSON; NULL stands for null, which json_set and json_push write for it. */
static cJSON *plain_number(const char *digits)
{
    if (json_is_number(digits)) {
        return cJSON_CreateRaw(digits);
    }
    char *normal = attr_num_normalise(digits, NULL);
    cJSON *v = normal == NULL ? NULL : cJSON_CreateRaw(normal);
    free(normal);
    return v;
}

static cJSON *plain_set(const cJSON *set, enum attr_type t)
{
    cJSON *out = json_new_array();
    const cJSON *v;

    cJSON_ArrayForEach(v, set)
    {
        if (!cJSON_IsString(v)) {
            json_push(out, NULL);
        } else if (t == ATTR_NS) {
            json_push(out, plain_number(v->valuestring));
        } else {
            json_push_str(out, v->valuestring);
        }
    }
    return out;
}

cJSON *attr_item_to_plain(const cJSON *item)
{
    cJSON *out = json_new_object();
    const cJSON *av;

    cJSON_ArrayForEach(av, item)
    {
        json_set(out, av->string == NULL ? "" : av->string, attr_to_plain(av));
    }
    return out;
}

cJSON *attr_to_plain(const cJSON *av)
{
    enum attr_type t = attr_type_of(av);
    const cJSON *v = t == ATTR_NONE ? NULL : av->child;
    cJSON *out = NULL;
    const cJSON *member;

    switch (t) {
    case ATTR_NONE:
    case ATTR_NULL:
        break;
    case ATTR_S:
    case ATTR_B:
    case ATTR_BOOL:
        return t == ATTR_BOOL ? cJSON_CreateBool(cJSON_IsTrue(v))
                              : cJSON_CreateString(v->valuestring);
    case ATTR_N:
        out = plain_number(v->valuestring);
        break;
    case ATTR_M:
        return attr_item_to_plain(v);
    case ATTR_L:
        out = json_new_array();
        cJSON_ArrayForEach(member, v)
        {
            json_push(out, attr_to_plain(member));
        }
        break;
    case ATTR_SS:
    case ATTR_NS:
    case ATTR_BS:
        return plain_set(v, t);
    }
    return out == NULL ? cJSON_CreateNull() : out;
}

static cJSON *from_number(const cJSON *plain)
{
    const char *exact = json_digits(plain);
    char *digits = exact != NULL ? xstrdup(exact) : json_text(plain);
    cJSON *av = json_is_number(digits) ? attr_new_num(digits) : attr_new_null();

    free(digits);
    return av;
}

cJSON *attr_from_plain(const cJSON *plain)
{
    cJSON *inside;
    const cJSON *v;

    if (cJSON_IsString(plain)) {
        return attr_new_str(plain->valuestring);
    }
    if (cJSON_IsBool(plain)) {
        return attr_new_bool(cJSON_IsTrue(plain));
    }
    if (cJSON_IsNumber(plain) || cJSON_IsRaw(plain)) {
        return from_number(plain);
    }
    if (cJSON_IsArray(plain)) {
        inside = json_new_array();
        cJSON_ArrayForEach(v, plain)
        {
            json_push(inside, attr_from_plain(v));
        }
        return attr_new_list(inside);
    }
    if (cJSON_IsObject(plain)) {
        inside = json_new_object();
        cJSON_ArrayForEach(v, plain)
        {
            json_set(inside, v->string, attr_from_plain(v));
        }
        return attr_new_map(inside);
    }
    return attr_new_null();
}
