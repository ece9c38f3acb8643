/* deploy_schema.c - what a deploy accepts, as a JSON Schema that is made from the rows by which it
 * is checked. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "deploy_type.h"

/* ---- a value ---- */

/* Sets a type, or with `null` that type and null, which means the same as leaving the value out. */
static void set_type(cJSON *schema, const char *type, bool null)
{
    if (!null) {
        json_set_str(schema, "type", type);
        return;
    }
    cJSON *types = json_new_array();
    json_push_str(types, type);
    json_push_str(types, "null");
    json_set(schema, "type", types);
}

static void set_note(cJSON *schema, const struct deploy_field *f)
{
    if (f->note != NULL) {
        json_set_str(schema, "description", f->note);
    }
}

static void set_lengths(cJSON *schema, int64_t least, int64_t most)
{
    json_set_int(schema, "minLength", least);
    json_set_int(schema, "maxLength", most);
}

cJSON *schema_text(const struct deploy_field *f, const char *value)
{
    cJSON *v = json_new_object();

    (void)value;
    set_type(v, "string", !f->required);
    set_lengths(v, f->least, f->most);
    json_set(v, "pattern", f->type->pattern());
    set_note(v, f);
    if (f->type->format != NULL) {
        json_set_str(v, "format", f->type->format);
    }
    return v;
}

cJSON *schema_secret(const struct deploy_field *f, const char *value)
{
    cJSON *v = schema_text(f, value);

    json_set_bool(v, "writeOnly", true);
    return v;
}

cJSON *schema_choice(const struct deploy_field *f, const char *value)
{
    cJSON *v = json_new_object();
    cJSON *examples = json_new_array();
    char *first = xstrndup(f->choices, strcspn(f->choices, "|"));
    char *pattern = deploy_any_case(f->choices);

    (void)value;
    set_type(v, "string", !f->required);
    json_set_str(v, "pattern", pattern);
    set_note(v, f);
    json_push_str(examples, first);
    json_set(v, "examples", examples);
    free(pattern);
    free(first);
    return v;
}

cJSON *schema_list(const struct deploy_field *f, const char *value)
{
    cJSON *v = json_new_object();
    cJSON *word = json_new_object();

    (void)value;
    set_type(word, "string", false);
    set_lengths(word, 1, RULE_WORD_MAX);
    json_set(word, "pattern", pattern_text());
    set_type(v, "array", !f->required);
    json_set_int(v, "maxItems", f->most);
    json_set(v, "items", word);
    set_note(v, f);
    return v;
}

static cJSON *number_schema(bool null, int64_t least, int64_t most)
{
    cJSON *v = json_new_object();

    set_type(v, "integer", null);
    json_set_int(v, "minimum", least);
    json_set_int(v, "maximum", most);
    return v;
}

cJSON *schema_seconds(const struct deploy_field *f, const char *value)
{
    cJSON *v = number_schema(!f->required, f->least, f->most);

    (void)value;
    set_note(v, f);
    return v;
}

static cJSON *ref(const char *to)
{
    cJSON *v = json_new_object();

    json_set_str(v, "$ref", to);
    return v;
}

/* ---- objects ---- */

/* The schema of `simulate`: any value, but an exit code within an object must be one. */
static cJSON *simulate_schema(const char *value)
{
    cJSON *v = ref(value);
    cJSON *members = json_new_object();
    cJSON *code = number_schema(true, 0, RULE_EXIT_CODE_MAX);
    cJSON *either = json_new_array();
    cJSON *any = json_new_object();
    cJSON *text = json_new_object();

    json_set_str(text, "type", "string");
    json_set_str(text, "pattern", "^(?:0?[0-9]{1,2}|1[0-9]{2}|2[0-4][0-9]|25[0-5])$");
    json_push(either, code);
    json_push(either, text);
    json_set(any, "anyOf", either);
    json_set(members, "exitCode", any);
    json_set(v, "properties", members);
    json_set_str(v, "description", "What the local pipeline does with it.");
    return v;
}

/* Adds the keys that an object of metadata may have. */
static void set_keys(cJSON *object, const char *value)
{
    cJSON *names = json_new_object();

    json_set_int(names, "minLength", 1);
    json_set_str(names, "pattern", "^[^\\u0000]*$");
    json_set(object, "propertyNames", names);
    json_set_int(object, "maxProperties", RULE_KEYS_MAX);
    json_set(object, "additionalProperties", ref(value));
}

cJSON *schema_object(const struct deploy_field *f, const char *value)
{
    cJSON *v = json_new_object();
    cJSON *m = json_new_object();
    cJSON *required = json_new_array();
    const struct deploy_field *member;
    char *help = xasprintf("Further keys go out as they came. At most %d levels deep, this one "
                           "counted; the whole deploy at most %d bytes as the event's detail.",
                           RULE_DEPTH_MAX, RULE_DETAIL_MAX - RULE_ENTRY_OVERHEAD);

    (void)f;
    json_set_str(v, "type", "object");
    json_set_str(v, "description", help);
    free(help);
    for (int i = 1; (member = deploy_field_on_wire(DEPLOY_METADATA, i)) != NULL; i++) {
        json_set(m, member->name, member->type->schema(member, value));
        if (member->required) {
            json_push_str(required, member->name);
        }
    }
    json_set(m, "simulate", simulate_schema(value));
    json_set(v, "properties", m);
    if (required->child != NULL) {
        json_set(v, "required", required);
    } else {
        cJSON_Delete(required);
    }
    set_keys(v, value);
    return v;
}

cJSON *deploy_schema(const char *value)
{
    cJSON *v = json_new_object();
    cJSON *m = json_new_object();
    cJSON *required = json_new_array();

    json_set_str(v, "type", "object");
    json_set_str(v, "description",
                 "What to build, and for whom. No key may stand twice in an object. null is the "
                 "same as left out, where it is allowed. Lengths count characters.");
    for (size_t i = 0; i < deploy_fields_len; i++) {
        const struct deploy_field *f = &deploy_fields[i];
        if (f->place == DEPLOY_TOP && !f->made) {
            json_set(m, f->name, f->type->schema(f, value));
        }
        if (f->place == DEPLOY_TOP && f->required) {
            json_push_str(required, f->name);
        }
    }
    json_set(v, "properties", m);
    json_set(v, "required", required);
    json_set_bool(v, "additionalProperties", false);
    return v;
}

static cJSON *typed(const char *type)
{
    cJSON *v = json_new_object();

    json_set_str(v, "type", type);
    return v;
}

/* The schema of DynamoDB's range of numbers, on both sides of zero. */
static cJSON *sides_schema(void)
{
    cJSON *v = json_new_object();
    cJSON *sides = json_new_array();
    cJSON *zero = json_new_object();
    cJSON *above = json_new_object();
    cJSON *below = json_new_object();

    json_set_int(zero, "const", 0);
    json_set(above, "minimum", cJSON_CreateNumber(RULE_NUMBER_LEAST));
    json_set(below, "maximum", cJSON_CreateNumber(-RULE_NUMBER_LEAST));
    json_push(sides, zero);
    json_push(sides, above);
    json_push(sides, below);
    json_set(v, "anyOf", sides);
    return v;
}

/* The schema of any value is one schema without a type: each keyword counts only for values of its
 * own kind. Programs that make clients read such a schema as "anything"; from a choice of types
 * that holds lists of itself some of them make nothing at all, and leave out each route that has
 * it. */
cJSON *deploy_value_schema(const char *value)
{
    cJSON *v = json_new_object();

    json_set_str(v, "description",
                 "Any JSON value that EventBridge and DynamoDB both take. A number has at most 38 "
                 "significant digits.");
    json_set(v, "minimum", cJSON_CreateNumber(-RULE_NUMBER_MAX));
    json_set(v, "maximum", cJSON_CreateNumber(RULE_NUMBER_MAX));
    json_set(v, "if", typed("number"));
    json_set(v, "then", sides_schema());
    json_set_str(v, "pattern", "^[^\\u0000]*$");
    json_set_int(v, "maxItems", RULE_KEYS_MAX);
    json_set(v, "items", ref(value));
    set_keys(v, value);
    return v;
}
