/* DynamoDB of the local cloud: reading the table definition in CreateTable's parameters, and
 * checking it. */
#include "ddb_schema.h"

#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/strbuf.h"

/* ---- names and keys --------------------------------------------------------------------- */

const char *ddb_schema_table_name(const cJSON *in, struct cloud_reply *r)
{
    bool ok = true;
    const char *name = ddb_string(in, "TableName", r, &ok);

    if (!ok ||
        !ddb_name_ok(name == NULL ? NULL : ddb_name_of_arn(name), "tableName", "TableName", r)) {
        return NULL;
    }
    return ddb_name_of_arn(name);
}

cJSON *ddb_schema_definitions(const cJSON *in, struct cloud_reply *r)
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
        } else if (name == NULL || *name == '\0' || strlen(name) > DDB_KEY_NAME_MAX) {
            (void)ddb_invalid(r,
                              "1 validation error detected: Value at "
                              "'attributeDefinitions.%d.member.attributeName' failed to satisfy "
                              "constraint: Member must have length between 1 and 255",
                              at);
        }
        if (r->code[0] == '\0' && ddb_schema_definition(out, name) != NULL) {
            (void)ddb_invalid(r,
                              "One or more parameter values were invalid: Duplicate AttributeName "
                              "in AttributeDefinitions: %.120s",
                              name);
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

/* Adds those key attributes of a schema that have no definition to `missing`; notes all key
 * attributes in `used`. */
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

/* Checks that every key has a definition, and that every definition belongs to a key. */
bool ddb_schema_check(const cJSON *def, struct cloud_reply *r)
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
    return r->code[0] == '\0' && ddb_schema_check_included(def, r);
}

/* Removes the definitions that no key uses any more. */
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

static bool check_locals(const cJSON *def, struct cloud_reply *r)
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

bool ddb_schema_protection(const cJSON *in, cJSON *def, struct cloud_reply *r)
{
    bool on = json_bool(def, "DeletionProtectionEnabled", false);

    if (!ddb_flag(in, "DeletionProtectionEnabled", &on, r)) {
        return false;
    }
    cJSON_DeleteItemFromObjectCaseSensitive(def, "DeletionProtectionEnabled");
    json_set_bool(def, "DeletionProtectionEnabled", on);
    return true;
}

cJSON *ddb_schema_read(const cJSON *in, struct cloud_reply *r)
{
    cJSON *def = json_new_object();
    cJSON *definitions = ddb_schema_definitions(in, r);
    cJSON *schema = definitions == NULL ? NULL : ddb_schema_keys(in, r);

    if (definitions != NULL) {
        json_set(def, "AttributeDefinitions", definitions);
    }
    if (schema != NULL) {
        json_set(def, "KeySchema", schema);
    }
    if (schema == NULL || !ddb_schema_billing(in, def, r) || !ddb_schema_protection(in, def, r) ||
        !ddb_schema_indexes(in, def, r) || !ddb_schema_check(def, r) || !check_locals(def, r) ||
        !ddb_schema_index_billing(def, r)) {
        cJSON_Delete(def);
        return NULL;
    }
    return def;
}
