/* DynamoDB of the local cloud: an item as a value: numbers in DynamoDB's form, the item's size,
 * whether two items are equal. */
#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "base64.h"
#include "core/json.h"
#include "ddb.h"
#include "expr.h"

static void normalise_number(cJSON *digits)
{
    char *normal = attr_num_normalise(digits->valuestring, NULL);

    if (normal != NULL && strcmp(normal, digits->valuestring) != 0) {
        json_change_str(digits, normal);
    }
    free(normal);
}

void ddb_item_normalise(cJSON *object)
{
    for (cJSON *av = object->child; av != NULL; av = av->next) {
        enum attr_type t = attr_type_of(av);
        if (t == ATTR_N) {
            normalise_number(av->child);
        } else if (t == ATTR_NS) {
            for (cJSON *v = av->child->child; v != NULL; v = v->next) {
                normalise_number(v);
            }
        } else if (t == ATTR_M || t == ATTR_L) {
            ddb_item_normalise(av->child);
        }
    }
}

/* A number takes about one byte for two significant digits, one for the exponent and one for a sign
 * (developer guide, "Item sizes and formats"). */
static size_t number_size(const char *digits)
{
    const char *first = digits + strcspn(digits, "123456789");
    size_t significant = 0;
    size_t zeros = 0;

    for (const char *p = first; *p != '\0' && *p != 'E' && *p != 'e'; p++) {
        if (*p == '0') {
            zeros++;
        } else if (*p != '.') {
            significant += zeros + 1;
            zeros = 0;
        }
    }
    return 1 + (significant + 1) / 2 + (*digits == '-');
}

static size_t value_size(const cJSON *av)
{
    const cJSON *inside = attr_value(av);
    enum attr_type t = attr_type_of(av);
    size_t size = 0;

    switch (t) {
    case ATTR_S:
        return strlen(inside->valuestring);
    case ATTR_N:
        return number_size(inside->valuestring);
    case ATTR_B:
        return ddb_base64_len(inside->valuestring);
    case ATTR_SS:
    case ATTR_NS:
    case ATTR_BS:
        for (const cJSON *v = inside->child; v != NULL; v = v->next) {
            size += t == ATTR_SS   ? strlen(v->valuestring)
                    : t == ATTR_NS ? number_size(v->valuestring)
                                   : ddb_base64_len(v->valuestring);
        }
        return size;
    case ATTR_M:
    case ATTR_L:
        size = 3;
        for (const cJSON *v = inside->child; v != NULL; v = v->next) {
            size += 1 + value_size(v) + (t == ATTR_M ? strlen(v->string) : 0);
        }
        return size;
    case ATTR_BOOL:
    case ATTR_NULL:
    case ATTR_NONE:
        break;
    }
    return 1;
}

size_t ddb_item_size(const cJSON *item)
{
    size_t size = 0;

    for (const cJSON *v = item->child; v != NULL; v = v->next) {
        size += strlen(v->string) + value_size(v);
    }
    return size;
}
