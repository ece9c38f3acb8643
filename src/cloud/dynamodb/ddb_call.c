/* DynamoDB of the local cloud: how all operations treat parameters, errors and consumed
 * capacity. */
#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "ddb.h"
#include "expr.h"

enum { NAME_MIN = 3, NAME_LIMIT = 255 };

/* ---- errors ----------------------------------------------------------------------------- */

bool ddb_fail(struct cloud_reply *r, const struct err *e)
{
    const char *code = e->code == E_PARSE       ? "SerializationException"
                       : e->code == E_NOT_FOUND ? "ResourceNotFoundException"
                                                : "ValidationException";

    cloud_fail(r, 400, code, "%s", e->msg);
    return false;
}

bool ddb_invalid(struct cloud_reply *r, const char *fmt, ...)
{
    char text[480];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    cloud_fail(r, 400, "ValidationException", "%s", text);
    return false;
}

/* Turns "TableName" into "tableName", the form in which the messages about constraints name
 * parameters. */
static const char *lower_first(const char *name, char buf[64])
{
    (void)snprintf(buf, 64, "%s", name);
    if (buf[0] >= 'A' && buf[0] <= 'Z') {
        buf[0] = (char)(buf[0] - 'A' + 'a');
    }
    return buf;
}

static bool wrong_type(struct cloud_reply *r, const char *want)
{
    cloud_fail(r, 400, "SerializationException",
               "A value of the wrong type was found where %s is "
               "expected",
               want);
    return false;
}

/* ---- parameters ------------------------------------------------------------------------- */

const char *ddb_string(const cJSON *in, const char *name, struct cloud_reply *r, bool *ok)
{
    const cJSON *v = json_get(in, name);

    if (v == NULL || cJSON_IsNull(v)) {
        return NULL;
    }
    if (!cJSON_IsString(v)) {
        *ok = wrong_type(r, "a String");
        return NULL;
    }
    return v->valuestring;
}

/* The list's own text, which outlives every document that `s` may lie in; NULL when the list does
 * not hold `s`. */
static const char *one_of(const char *const *allowed, const char *s)
{
    for (size_t i = 0; s != NULL && allowed[i] != NULL; i++) {
        if (strcmp(allowed[i], s) == 0) {
            return allowed[i];
        }
    }
    return NULL;
}

const char *ddb_choice(const cJSON *in, const char *name, const char *const *allowed,
                       const char *fallback, struct cloud_reply *r)
{
    char lower[64], list[256] = "";
    bool ok = true;
    const char *s = ddb_string(in, name, r, &ok);

    if (s == NULL) {
        return ok ? one_of(allowed, fallback) : NULL;
    }
    for (size_t i = 0; allowed[i] != NULL; i++) {
        if (strcmp(allowed[i], s) == 0) {
            return allowed[i];
        }
        size_t used = strlen(list);
        (void)snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "", allowed[i]);
    }
    (void)ddb_invalid(r,
                      "1 validation error detected: Value '%.60s' at '%s' failed to satisfy "
                      "constraint: Member must satisfy enum value set: [%s]",
                      s, lower_first(name, lower), list);
    return NULL;
}

bool ddb_number(const cJSON *in, const char *name, int64_t min, int64_t max, int64_t fallback,
                int64_t *out, struct cloud_reply *r)
{
    const cJSON *v = json_get(in, name);
    char lower[64];

    *out = fallback;
    if (v == NULL || cJSON_IsNull(v)) {
        return true;
    }
    if (!cJSON_IsNumber(v)) {
        return wrong_type(r, "an Integer");
    }
    *out = json_int(in, name, fallback);
    if (*out < min || *out > max) {
        return ddb_invalid(r,
                           "1 validation error detected: Value '%lld' at '%s' failed to satisfy "
                           "constraint: Member must have value %s than or equal to %lld",
                           (long long)*out, lower_first(name, lower),
                           *out < min ? "greater" : "less", (long long)(*out < min ? min : max));
    }
    return true;
}

bool ddb_flag(const cJSON *in, const char *name, bool *out, struct cloud_reply *r)
{
    const cJSON *v = json_get(in, name);

    if (v != NULL && !cJSON_IsNull(v) && !cJSON_IsBool(v)) {
        return wrong_type(r, "a Boolean");
    }
    if (cJSON_IsBool(v)) {
        *out = cJSON_IsTrue(v) != 0;
    }
    return true;
}

bool ddb_no_legacy(const cJSON *in, struct cloud_reply *r)
{
    static const char *const legacy[][2] = {
        {"AttributesToGet",     "ProjectionExpression"  },
        {"AttributeUpdates",    "UpdateExpression"      },
        {"Expected",            "ConditionExpression"   },
        {"ConditionalOperator", "ConditionExpression"   },
        {"KeyConditions",       "KeyConditionExpression"},
        {"QueryFilter",         "FilterExpression"      },
        {"ScanFilter",          "FilterExpression"      },
    };

    for (size_t i = 0; i < sizeof legacy / sizeof *legacy; i++) {
        if (json_get(in, legacy[i][0]) != NULL) {
            return ddb_invalid(r,
                               "One or more parameter values were invalid: the legacy parameter %s "
                               "is not supported by the local cloud; use %s",
                               legacy[i][0], legacy[i][1]);
        }
    }
    return true;
}

const struct ddb_table *ddb_wanted_table(struct cloud *cloud, const cJSON *in,
                                         struct cloud_reply *r)
{
    bool ok = true;
    const char *name = ddb_string(in, "TableName", r, &ok);

    if (!ok) {
        return NULL;
    }
    if (name == NULL) {
        (void)ddb_invalid(r, "1 validation error detected: Value null at 'tableName' failed to "
                             "satisfy constraint: Member must not be null");
        return NULL;
    }
    const struct ddb_table *t = ddb_table_find(cloud, name);
    if (t == NULL && ddb_name_ok(ddb_name_of_arn(name), "tableName", "TableName", r)) {
        cloud_fail(r, 400, "ResourceNotFoundException", "Requested resource not found");
    }
    return t;
}

static bool is_key(const struct ddb_index *x, const char *name)
{
    return strcmp(name, x->hash) == 0 || (x->range != NULL && strcmp(name, x->range) == 0);
}

bool ddb_path_ok(const struct ddb_table *t, const struct ddb_expr_path *path, struct cloud_reply *r)
{
    for (size_t i = 0; path->len > 1 && i < t->len; i++) {
        if (is_key(&t->indexes[i], path->steps[0].name)) {
            return ddb_invalid(r,
                               "Key attributes must be scalars; list random access '[]' and map "
                               "lookup '.' are not allowed: %s: %.120s",
                               i == 0 ? "Key" : "IndexKey", path->steps[0].name);
        }
    }
    return true;
}

static bool name_valid(const char *s)
{
    size_t len = strlen(s);

    for (const char *p = s; *p != '\0'; p++) {
        if (!isalnum((unsigned char)*p) && *p != '_' && *p != '-' && *p != '.') {
            return false;
        }
    }
    return len >= NAME_MIN && len <= NAME_LIMIT;
}

bool ddb_name_ok(const char *name, const char *param, const char *label, struct cloud_reply *r)
{
    if (name == NULL) {
        return ddb_invalid(r,
                           "1 validation error detected: Value null at '%s' failed to satisfy "
                           "constraint: Member must not be null",
                           param);
    }
    size_t len = strlen(name);
    if (len < NAME_MIN || len > NAME_LIMIT) {
        return ddb_invalid(r,
                           "%s must be at least 3 characters long and at most 255 characters "
                           "long: '%.300s'",
                           label, name);
    }
    if (!name_valid(name)) {
        return ddb_invalid(r,
                           "1 validation error detected: Value '%s' at '%s' failed to satisfy "
                           "constraint: Member must satisfy regular expression pattern: "
                           "[a-zA-Z0-9_.-]+",
                           name, param);
    }
    return true;
}

/* ---- capacity --------------------------------------------------------------------------- */

struct ddb_units ddb_units_new(const struct ddb_table *t)
{
    return (struct ddb_units){.items = xcalloc(t->len, sizeof(double))};
}

void ddb_units_clear(struct ddb_units *u)
{
    free(u->items);
    u->items = NULL;
}

double ddb_read_units(size_t bytes, bool consistent)
{
    double units = bytes == 0 ? 1 : ceil((double)bytes / 4096);

    return consistent ? units : units / 2;
}

double ddb_write_units(size_t bytes)
{
    return bytes == 0 ? 1 : ceil((double)bytes / 1024);
}

const char *ddb_capacity_mode(const cJSON *in, struct cloud_reply *r)
{
    static const char *const modes[] = {"INDEXES", "TOTAL", "NONE", NULL};

    return ddb_choice(in, "ReturnConsumedCapacity", modes, "NONE", r);
}

static cJSON *units_object(double units, const char *kind)
{
    cJSON *o = json_new_object();
    char text[32];

    /* The service model has a double here: clients print it as it comes, "1.0". */
    (void)snprintf(text, sizeof text, "%.1f", units);
    json_set(o, "CapacityUnits", cJSON_CreateRaw(text));
    if (kind != NULL) {
        json_set(o, kind, cJSON_CreateRaw(text));
    }
    return o;
}

cJSON *ddb_capacity(const struct ddb_table *t, const struct ddb_units *u, const char *mode)
{
    double total = 0;

    if (strcmp(mode, "NONE") == 0) {
        return NULL;
    }
    for (size_t i = 0; i < t->len; i++) {
        total += u->items[i];
    }
    cJSON *out = units_object(total, u->kind);
    json_set_str(out, "TableName", t->name);
    if (strcmp(mode, "INDEXES") == 0) {
        static const char *const groups[] = {"LocalSecondaryIndexes", "GlobalSecondaryIndexes"};
        cJSON *by_kind[2] = {NULL, NULL};
        json_set(out, "Table", units_object(u->items[0], u->kind));
        for (size_t i = 1; i < t->len; i++) {
            bool global = t->indexes[i].global;
            if (u->items[i] > 0) {
                by_kind[global] = by_kind[global] == NULL ? json_new_object() : by_kind[global];
                json_set(by_kind[global], t->indexes[i].name, units_object(u->items[i], u->kind));
            }
        }
        for (size_t k = 0; k < 2; k++) {
            if (by_kind[k] != NULL) {
                json_set(out, groups[k], by_kind[k]);
            }
        }
    }
    return out;
}

void ddb_push_capacity(cJSON *list, const struct ddb_table *t, const struct ddb_units *u,
                       const char *mode)
{
    cJSON *capacity = ddb_capacity(t, u, mode);

    if (capacity != NULL) {
        json_push(list, capacity);
    }
}

void ddb_set_list(cJSON *out, const char *name, cJSON *list)
{
    if (list->child == NULL) {
        cJSON_Delete(list);
    } else {
        json_set(out, name, list);
    }
}

bool ddb_metrics_wanted(const cJSON *in, bool *wanted, struct cloud_reply *r)
{
    static const char *const modes[] = {"SIZE", "NONE", NULL};
    const char *mode = ddb_choice(in, "ReturnItemCollectionMetrics", modes, "NONE", r);

    *wanted = mode != NULL && strcmp(mode, "SIZE") == 0;
    return mode != NULL;
}

cJSON *ddb_metrics(const struct ddb_table *t, const cJSON *key)
{
    bool local = false;

    for (size_t i = 1; i < t->len; i++) {
        local = local || !t->indexes[i].global;
    }
    if (!local) {
        return NULL;
    }
    cJSON *out = json_new_object();
    cJSON *collection = json_new_object();
    json_set(collection, t->indexes[0].hash, json_copy(json_get(key, t->indexes[0].hash)));
    json_set(out, "ItemCollectionKey", collection);
    json_set(out, "SizeEstimateRangeGB", cJSON_CreateRaw("[0.0,1.0]"));
    return out;
}
