/* DynamoDB of the local cloud: the secondary indexes in a table definition. */
#include <string.h>

#include "core/json.h"
#include "ddb_schema.h"

enum {
    LOCALS_MAX = 5,
    INCLUDED_NAME_MAX = 255,
    INCLUDED_MAX = 20,     /* NonKeyAttributes of one index */
    INCLUDED_ALL_MAX = 100 /* of all indexes of a table */
};

cJSON *ddb_schema_keys(const cJSON *owner, struct cloud_reply *r)
{
    const cJSON *given = json_array(owner, "KeySchema");
    int n = cJSON_GetArraySize(given);
    cJSON *out = json_new_array();
    const char *first = NULL;

    if (n < 1 || n > 2) {
        (void)ddb_invalid(r, n == 0 ? "1 validation error detected: Value null at 'keySchema' "
                                      "failed to satisfy constraint: Member must not be null"
                                    : "1 validation error detected: Value at 'keySchema' failed to "
                                      "satisfy constraint: Member must have length less than or "
                                      "equal to 2");
    }
    for (int i = 0; i < n && r->code[0] == '\0'; i++) {
        const cJSON *k = cJSON_GetArrayItem(given, i);
        const char *name = json_str(k, "AttributeName");
        const char *type = json_str_or(k, "KeyType", "");
        if (strcmp(type, "HASH") != 0 && strcmp(type, "RANGE") != 0) {
            (void)ddb_invalid(r,
                              "1 validation error detected: Value '%.40s' at "
                              "'keySchema.%d.member.keyType' failed to satisfy constraint: Member "
                              "must satisfy enum value set: [HASH, RANGE]",
                              type, i + 1);
        } else if (name == NULL || *name == '\0' || strlen(name) > DDB_KEY_NAME_MAX) {
            (void)ddb_invalid(r,
                              "1 validation error detected: Value at "
                              "'keySchema.%d.member.attributeName' failed to satisfy constraint: "
                              "Member must have length between 1 and 255",
                              i + 1);
        } else if (strcmp(type, i == 0 ? "HASH" : "RANGE") != 0) {
            (void)ddb_invalid(r, i == 0 ? "Invalid KeySchema: The first KeySchemaElement is not a "
                                          "HASH key type"
                                        : "Invalid KeySchema: The second KeySchemaElement is not a "
                                          "RANGE key type");
        } else if (first != NULL && strcmp(first, name) == 0) {
            (void)ddb_invalid(r, "Both the Hash Key and the Range Key element in the KeySchema "
                                 "have the same name");
        } else {
            cJSON *o = json_new_object();
            json_set_str(o, "AttributeName", name);
            json_set_str(o, "KeyType", type);
            json_push(out, o);
            first = name;
        }
    }
    if (r->code[0] != '\0') {
        cJSON_Delete(out);
        return NULL;
    }
    return out;
}

static const char *const index_members[] = {"GlobalSecondaryIndexes", "LocalSecondaryIndexes"};

/* Reads NonKeyAttributes: 1 to 20 different names. Owned, NULL with `r` failed. */
static cJSON *read_included(const cJSON *given, struct cloud_reply *r)
{
    cJSON *names = json_new_array();
    const cJSON *v = NULL;

    cJSON_ArrayForEach(v, given)
    {
        if (!cJSON_IsString(v)) {
            cloud_fail(r, 400, "SerializationException",
                       "A value of the wrong type was found where a String is expected");
        } else if (*v->valuestring == '\0' || strlen(v->valuestring) > INCLUDED_NAME_MAX) {
            (void)ddb_invalid(r,
                              "1 validation error detected: Value '[%.60s]' at "
                              "'projection.nonKeyAttributes' failed to satisfy constraint: Member "
                              "must have length between 1 and 255",
                              v->valuestring);
        }
        for (const cJSON *o = names->child; o != NULL && r->code[0] == '\0'; o = o->next) {
            if (strcmp(o->valuestring, v->valuestring) == 0) {
                (void)ddb_invalid(r,
                                  "One or more parameter values were invalid: Duplicate attribute "
                                  "in NonKeyAttributes: %.120s",
                                  v->valuestring);
            }
        }
        if (r->code[0] != '\0') {
            cJSON_Delete(names);
            return NULL;
        }
        json_push_str(names, v->valuestring);
    }
    if (cJSON_GetArraySize(names) > INCLUDED_MAX) {
        (void)ddb_invalid(r,
                          "1 validation error detected: Value at 'projection.nonKeyAttributes' "
                          "failed to satisfy constraint: Member must have length less than or "
                          "equal to %d",
                          INCLUDED_MAX);
        cJSON_Delete(names);
        return NULL;
    }
    return names;
}

static cJSON *read_projection(const cJSON *index, struct cloud_reply *r)
{
    static const char *const kinds[] = {"ALL", "KEYS_ONLY", "INCLUDE", NULL};
    const cJSON *given = json_object(index, "Projection");
    const cJSON *include = json_array(given, "NonKeyAttributes");

    if (given == NULL || json_str(given, "ProjectionType") == NULL) {
        (void)ddb_invalid(r, "One or more parameter values were invalid: Unknown ProjectionType: "
                             "null");
        return NULL;
    }
    const char *kind = ddb_choice(given, "ProjectionType", kinds, NULL, r);
    if (kind == NULL) {
        return NULL;
    }
    if (include != NULL && include->child == NULL) {
        (void)ddb_invalid(r, "1 validation error detected: Value '[]' at "
                             "'projection.nonKeyAttributes' failed to satisfy constraint: Member "
                             "must have length greater than or equal to 1");
        return NULL;
    }
    bool including = strcmp(kind, "INCLUDE") == 0;
    if (including != (cJSON_GetArraySize(include) > 0)) {
        (void)ddb_invalid(r, "One or more parameter values were invalid: ProjectionType is %s, %s",
                          kind,
                          including ? "but NonKeyAttributes is not specified"
                                    : "but NonKeyAttributes is specified");
        return NULL;
    }
    cJSON *names = including ? read_included(include, r) : NULL;
    if (including && names == NULL) {
        return NULL;
    }
    cJSON *out = json_new_object();
    json_set_str(out, "ProjectionType", kind);
    if (including) {
        json_set(out, "NonKeyAttributes", names);
    }
    return out;
}

cJSON *ddb_schema_index(const cJSON *given, struct cloud_reply *r)
{
    const char *name = json_str(given, "IndexName");

    if (!ddb_name_ok(name, "indexName", "IndexName", r)) {
        return NULL;
    }
    cJSON *schema = ddb_schema_keys(given, r);
    cJSON *projection = schema == NULL ? NULL : read_projection(given, r);
    if (projection == NULL) {
        cJSON_Delete(schema);
        return NULL;
    }
    cJSON *out = json_new_object();
    json_set_str(out, "IndexName", name);
    json_set(out, "KeySchema", schema);
    json_set(out, "Projection", projection);
    if (!ddb_schema_throughput(given, out, "globalSecondaryIndexes.member.provisionedThroughput",
                               r)) {
        cJSON_Delete(out);
        return NULL;
    }
    return out;
}

bool ddb_schema_has_index(const cJSON *def, const char *name)
{
    const cJSON *x = NULL;

    for (size_t i = 0; i < 2; i++) {
        cJSON_ArrayForEach(x, json_array(def, index_members[i]))
        {
            if (strcmp(json_str_or(x, "IndexName", ""), name) == 0) {
                return true;
            }
        }
    }
    return false;
}

static bool read_indexes(const cJSON *in, const char *member, int limit, cJSON *def,
                         struct cloud_reply *r)
{
    const cJSON *given = json_get(in, member);
    const cJSON *x = NULL;

    if (given == NULL || cJSON_IsNull(given)) {
        return true;
    }
    int n = cJSON_GetArraySize(given);
    if (n == 0) {
        return ddb_invalid(r, "One or more parameter values were invalid: List of %s is empty",
                           member);
    }
    if (n > limit) {
        return ddb_invalid(r,
                           "One or more parameter values were invalid: %s count exceeds the "
                           "per-table limit of %d",
                           member, limit);
    }
    cJSON *list = json_new_array();
    json_set(def, member, list);
    cJSON_ArrayForEach(x, given)
    {
        cJSON *index = ddb_schema_index(x, r);
        if (index == NULL) {
            return false;
        }
        if (ddb_schema_has_index(def, json_str(index, "IndexName"))) {
            (void)ddb_invalid(r,
                              "One or more parameter values were invalid: Duplicate index name: %s",
                              json_str(index, "IndexName"));
            cJSON_Delete(index);
            return false;
        }
        json_push(list, index);
    }
    return true;
}

bool ddb_schema_indexes(const cJSON *in, cJSON *def, struct cloud_reply *r)
{
    return read_indexes(in, "GlobalSecondaryIndexes", DDB_GLOBALS_MAX, def, r) &&
           read_indexes(in, "LocalSecondaryIndexes", LOCALS_MAX, def, r);
}

bool ddb_schema_check_included(const cJSON *def, struct cloud_reply *r)
{
    int n = 0;

    for (size_t i = 0; i < 2; i++) {
        const cJSON *x = NULL;
        cJSON_ArrayForEach(x, json_array(def, index_members[i]))
        {
            n += cJSON_GetArraySize(json_array(json_object(x, "Projection"), "NonKeyAttributes"));
        }
    }
    return n <= INCLUDED_ALL_MAX ||
           ddb_invalid(r,
                       "One or more parameter values were invalid: the number of NonKeyAttributes "
                       "of all indexes exceeds the limit of %d",
                       INCLUDED_ALL_MAX);
}
