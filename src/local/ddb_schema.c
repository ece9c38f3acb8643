/* Table definitions: what CreateTable's parameters say, checked. */
#include "ddb_schema.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/strbuf.h"

enum { NAME_MIN = 3, NAME_LIMIT = 255, LOCALS_MAX = 5, KEY_NAME_MAX = 255 };

/* ---- names and keys --------------------------------------------------------------------- */

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

static bool check_name(const char *name, const char *param, const char *label,
                       struct local_reply *r)
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
                           "long",
                           label);
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

const char *ddb_schema_table_name(const cJSON *in, struct local_reply *r)
{
    bool ok = true;
    const char *name = ddb_string(in, "TableName", r, &ok);

    if (!ok ||
        !check_name(name == NULL ? NULL : ddb_name_of_arn(name), "tableName", "TableName", r)) {
        return NULL;
    }
    return ddb_name_of_arn(name);
}

/* A copy of KeySchema with only its known members, or NULL with `r` failed. */
static cJSON *read_key_schema(const cJSON *owner, struct local_reply *r)
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
        } else if (name == NULL || *name == '\0' || strlen(name) > KEY_NAME_MAX) {
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

cJSON *ddb_schema_definitions(const cJSON *in, struct local_reply *r)
{
    const cJSON *given = json_array(in, "AttributeDefinitions");
    const cJSON *a = NULL;
    cJSON *out = json_new_array();
    int at = 0;

    cJSON_ArrayForEach(a, given)
    {
        const char *name = json_str(a, "AttributeName");
        const char *type = json_str_or(a, "AttributeType", "");
        at++;
        if (strcmp(type, "S") != 0 && strcmp(type, "N") != 0 && strcmp(type, "B") != 0) {
            (void)ddb_invalid(r,
                              "1 validation error detected: Value '%.40s' at "
                              "'attributeDefinitions.%d.member.attributeType' failed to satisfy "
                              "constraint: Member must satisfy enum value set: [B, N, S]",
                              type, at);
        } else if (name == NULL || *name == '\0' || strlen(name) > KEY_NAME_MAX) {
            (void)ddb_invalid(r,
                              "1 validation error detected: Value at "
                              "'attributeDefinitions.%d.member.attributeName' failed to satisfy "
                              "constraint: Member must have length between 1 and 255",
                              at);
        }
        if (r->code[0] != '\0') {
            cJSON_Delete(out);
            return NULL;
        }
        cJSON *o = json_new_object();
        json_set_str(o, "AttributeName", name);
        json_set_str(o, "AttributeType", type);
        json_push(out, o);
    }
    return out;
}

const cJSON *ddb_schema_definition(const cJSON *definitions, const char *name)
{
    const cJSON *a = NULL;

    cJSON_ArrayForEach(a, definitions)
    {
        if (strcmp(json_str_or(a, "AttributeName", ""), name) == 0) {
            return a;
        }
    }
    return NULL;
}

/* ---- indexes ---------------------------------------------------------------------------- */

static cJSON *read_projection(const cJSON *index, struct local_reply *r)
{
    static const char *const kinds[] = {"ALL", "KEYS_ONLY", "INCLUDE", NULL};
    const cJSON *given = json_object(index, "Projection");
    const cJSON *include = json_array(given, "NonKeyAttributes");
    const cJSON *v = NULL;

    if (given == NULL || json_str(given, "ProjectionType") == NULL) {
        (void)ddb_invalid(r, "One or more parameter values were invalid: Unknown ProjectionType: "
                             "null");
        return NULL;
    }
    const char *kind = ddb_choice(given, "ProjectionType", kinds, NULL, r);
    if (kind == NULL) {
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
    cJSON *out = json_new_object();
    json_set_str(out, "ProjectionType", kind);
    if (including) {
        cJSON *names = json_new_array();
        cJSON_ArrayForEach(v, include)
        {
            if (cJSON_IsString(v)) {
                json_push_str(names, v->valuestring);
            }
        }
        json_set(out, "NonKeyAttributes", names);
    }
    return out;
}

/* One index as it is stored. NULL with `r` failed. */
cJSON *ddb_schema_index(const cJSON *given, struct local_reply *r)
{
    const char *name = json_str(given, "IndexName");

    if (!check_name(name, "indexName", "IndexName", r)) {
        return NULL;
    }
    cJSON *schema = read_key_schema(given, r);
    cJSON *projection = schema == NULL ? NULL : read_projection(given, r);
    if (projection == NULL) {
        cJSON_Delete(schema);
        return NULL;
    }
    cJSON *out = json_new_object();
    json_set_str(out, "IndexName", name);
    json_set(out, "KeySchema", schema);
    json_set(out, "Projection", projection);
    if (json_object(given, "ProvisionedThroughput") != NULL) {
        json_set(out, "ProvisionedThroughput",
                 json_copy(json_object(given, "ProvisionedThroughput")));
    }
    return out;
}

bool ddb_schema_has_index(const cJSON *def, const char *name)
{
    static const char *const members[] = {"GlobalSecondaryIndexes", "LocalSecondaryIndexes"};
    const cJSON *x = NULL;

    for (size_t i = 0; i < 2; i++) {
        cJSON_ArrayForEach(x, json_array(def, members[i]))
        {
            if (strcmp(json_str_or(x, "IndexName", ""), name) == 0) {
                return true;
            }
        }
    }
    return false;
}

static bool read_indexes(const cJSON *in, const char *member, int limit, cJSON *def,
                         struct local_reply *r)
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

/* ---- the whole definition --------------------------------------------------------------- */

struct name_list {
    struct strbuf text; /* "a, b" */
    int len;
};

static void add_name(struct name_list *list, const char *name)
{
    if (list->text.len < 200) {
        strbuf_addf(&list->text, "%s%s", list->len > 0 ? ", " : "", name);
    }
    list->len++;
}

/* Key attributes of a schema that have no definition go to `missing`; all are noted in `used`. */
static void note_keys(const cJSON *owner, const cJSON *definitions, cJSON *used,
                      struct name_list *missing)
{
    const cJSON *k = NULL;

    cJSON_ArrayForEach(k, json_array(owner, "KeySchema"))
    {
        const char *name = json_str(k, "AttributeName");
        if (ddb_schema_definition(definitions, name) == NULL) {
            add_name(missing, name);
        } else if (json_get(used, name) == NULL) {
            json_set_bool(used, name, true);
        }
    }
}

/* Every key has a definition, every definition is a key. */
bool ddb_schema_check(const cJSON *def, struct local_reply *r)
{
    static const char *const members[] = {"GlobalSecondaryIndexes", "LocalSecondaryIndexes"};
    const cJSON *definitions = json_array(def, "AttributeDefinitions");
    struct name_list missing = {0};
    struct name_list defined = {0};
    cJSON *used = json_new_object();
    const cJSON *x = NULL;

    note_keys(def, definitions, used, &missing);
    for (size_t i = 0; i < 2; i++) {
        cJSON_ArrayForEach(x, json_array(def, members[i]))
        {
            note_keys(x, definitions, used, &missing);
        }
    }
    cJSON_ArrayForEach(x, definitions)
    {
        add_name(&defined, json_str(x, "AttributeName"));
    }
    if (missing.len > 0) {
        (void)ddb_invalid(r,
                          "One or more parameter values were invalid: Some index key attributes "
                          "are not defined in AttributeDefinitions. Keys: [%s], "
                          "AttributeDefinitions: [%s]",
                          strbuf_str(&missing.text), strbuf_str(&defined.text));
    } else if (defined.len != cJSON_GetArraySize(used)) {
        struct name_list keys = {0};
        cJSON_ArrayForEach(x, used)
        {
            add_name(&keys, x->string);
        }
        (void)ddb_invalid(r,
                          "One or more parameter values were invalid: Some AttributeDefinitions "
                          "are not used. AttributeDefinitions: [%s], keys used: [%s]",
                          strbuf_str(&defined.text), strbuf_str(&keys.text));
        strbuf_clear(&keys.text);
    }
    strbuf_clear(&missing.text);
    strbuf_clear(&defined.text);
    cJSON_Delete(used);
    return r->code[0] == '\0';
}

/* Definitions that no key uses any more go. */
void ddb_schema_prune(cJSON *def)
{
    cJSON *used = json_new_object();
    struct name_list missing = {0};
    cJSON *all = cJSON_GetObjectItemCaseSensitive(def, "AttributeDefinitions");
    const cJSON *x = NULL;

    note_keys(def, all, used, &missing);
    cJSON_ArrayForEach(x, json_array(def, "GlobalSecondaryIndexes"))
    {
        note_keys(x, all, used, &missing);
    }
    cJSON_ArrayForEach(x, json_array(def, "LocalSecondaryIndexes"))
    {
        note_keys(x, all, used, &missing);
    }
    for (cJSON *a = all->child; a != NULL;) {
        cJSON *next = a->next;
        if (json_get(used, json_str(a, "AttributeName")) == NULL) {
            cJSON_Delete(cJSON_DetachItemViaPointer(all, a));
        }
        a = next;
    }
    strbuf_clear(&missing.text);
    cJSON_Delete(used);
}

static bool check_locals(const cJSON *def, struct local_reply *r)
{
    const cJSON *schema = json_array(def, "KeySchema");
    const char *hash = json_str(schema->child, "AttributeName");
    const cJSON *x = NULL;

    cJSON_ArrayForEach(x, json_array(def, "LocalSecondaryIndexes"))
    {
        const cJSON *keys = json_array(x, "KeySchema");
        if (schema->child->next == NULL) {
            return ddb_invalid(r, "One or more parameter values were invalid: Table KeySchema does "
                                  "not have a range key, which is required when specifying a "
                                  "LocalSecondaryIndex");
        }
        if (strcmp(json_str(keys->child, "AttributeName"), hash) != 0) {
            return ddb_invalid(r,
                               "One or more parameter values were invalid: Index KeySchema does "
                               "not have the same leading hash key as table KeySchema for index: "
                               "%s. index hash key: %s, table hash key: %s",
                               json_str(x, "IndexName"), json_str(keys->child, "AttributeName"),
                               hash);
        }
        if (keys->child->next == NULL) {
            return ddb_invalid(r,
                               "One or more parameter values were invalid: Index KeySchema does "
                               "not have a range key for index: %s",
                               json_str(x, "IndexName"));
        }
    }
    return true;
}

bool ddb_schema_billing(const cJSON *in, cJSON *def, struct local_reply *r)
{
    static const char *const modes[] = {"PROVISIONED", "PAY_PER_REQUEST", NULL};
    const cJSON *given = json_object(in, "ProvisionedThroughput");
    const char *mode =
        ddb_choice(in, "BillingMode", modes, json_str_or(def, "BillingMode", "PROVISIONED"), r);

    if (mode == NULL) {
        return false;
    }
    if (strcmp(mode, "PAY_PER_REQUEST") == 0 && given != NULL) {
        return ddb_invalid(r, "One or more parameter values were invalid: Neither "
                              "ReadCapacityUnits nor WriteCapacityUnits can be specified when "
                              "BillingMode is PAY_PER_REQUEST");
    }
    if (strcmp(mode, "PROVISIONED") == 0 && given == NULL &&
        json_object(def, "ProvisionedThroughput") == NULL) {
        return ddb_invalid(r, "One or more parameter values were invalid: ReadCapacityUnits and "
                              "WriteCapacityUnits must both be specified when BillingMode is "
                              "PROVISIONED");
    }
    if (given != NULL && (json_int(given, "ReadCapacityUnits", 0) < 1 ||
                          json_int(given, "WriteCapacityUnits", 0) < 1)) {
        return ddb_invalid(r, "1 validation error detected: Value at 'provisionedThroughput' "
                              "failed to satisfy constraint: Member must have value greater than "
                              "or equal to 1");
    }
    cJSON_DeleteItemFromObjectCaseSensitive(def, "BillingMode");
    json_set_str(def, "BillingMode", mode);
    cJSON_DeleteItemFromObjectCaseSensitive(
        def, given == NULL && strcmp(mode, "PROVISIONED") == 0 ? "" : "ProvisionedThroughput");
    if (given != NULL) {
        json_set(def, "ProvisionedThroughput", json_copy(given));
    }
    return true;
}

bool ddb_schema_protection(const cJSON *in, cJSON *def, struct local_reply *r)
{
    bool on = json_bool(def, "DeletionProtectionEnabled", false);

    if (!ddb_flag(in, "DeletionProtectionEnabled", &on, r)) {
        return false;
    }
    cJSON_DeleteItemFromObjectCaseSensitive(def, "DeletionProtectionEnabled");
    json_set_bool(def, "DeletionProtectionEnabled", on);
    return true;
}

cJSON *ddb_schema_read(const cJSON *in, struct local_reply *r)
{
    cJSON *def = json_new_object();
    cJSON *definitions = ddb_schema_definitions(in, r);
    cJSON *schema = definitions == NULL ? NULL : read_key_schema(in, r);

    if (definitions != NULL) {
        json_set(def, "AttributeDefinitions", definitions);
    }
    if (schema != NULL) {
        json_set(def, "KeySchema", schema);
    }
    if (schema == NULL || !ddb_schema_billing(in, def, r) || !ddb_schema_protection(in, def, r) ||
        !read_indexes(in, "GlobalSecondaryIndexes", DDB_GLOBALS_MAX, def, r) ||
        !read_indexes(in, "LocalSecondaryIndexes", LOCALS_MAX, def, r) ||
        !ddb_schema_check(def, r) || !check_locals(def, r)) {
        cJSON_Delete(def);
        return NULL;
    }
    return def;
}
