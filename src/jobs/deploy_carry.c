/* deploy_carry.c - what a repeated job's record holds beyond the fields of a deploy.
 *
 * DESIGN: deploy_request.carried is an object {"attributes":{name:AttributeValue},
 * "metadata":{name:AttributeValue}}. "attributes" holds the record's own attributes that are
 * neither state nor result: they become attributes of the new record, and also members of the
 * event's metadata, unless that has a member of the same name. "metadata" holds the members of the
 * record's metadata with their types, because JSON has no type for a set or for binary data. A
 * member of the new metadata that says the same gets its old type back; a member that a person
 * changed keeps the type of what that person typed. */
#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "core/alloc.h"
#include "core/json.h"
#include "deploy_rules.h"
#include "jobs/attrs.h"

static const char attributes[] = "attributes";
static const char metadata[] = "metadata";

/* Is this a field of a deploy that we record only in the metadata, and that another program's
 * record may have as an attribute of its own? Such an attribute says what the request says, so it
 * is carried only as long as the request still says the same. */
static bool is_flat_field(const char *name)
{
    const struct deploy_field *f = deploy_metadata_field(name);

    return f != NULL && f->label != NULL && !f->record;
}

cJSON *deploy_carry_of(const cJSON *item)
{
    cJSON *own = json_new_object();
    cJSON *typed = json_new_object();
    const cJSON *av;

    cJSON_ArrayForEach(av, item)
    {
        bool wanted = av->string != NULL &&
                      (attr_use(av->string) == ATTR_USE_OTHER || is_flat_field(av->string));
        if (wanted && attr_validate(av, NULL) == E_OK) {
            json_set(own, av->string, json_copy(av));
        }
    }
    cJSON_ArrayForEach(av, attr_map(item, "metadata"))
    {
        if (deploy_metadata_field(av->string) == NULL && attr_validate(av, NULL) == E_OK) {
            json_set(typed, av->string, json_copy(av));
        }
    }
    if (own->child == NULL && typed->child == NULL) {
        cJSON_Delete(own);
        cJSON_Delete(typed);
        return NULL;
    }
    cJSON *carried = json_new_object();
    json_set(carried, attributes, own);
    json_set(carried, metadata, typed);
    return carried;
}

void deploy_carry_event(const struct deploy_request *r, cJSON *event_metadata)
{
    const cJSON *av;

    cJSON_ArrayForEach(av, json_object(r->carried, attributes))
    {
        if (json_get(event_metadata, av->string) == NULL && !is_flat_field(av->string)) {
            json_set(event_metadata, av->string, attr_to_plain(av));
        }
    }
}

/* One and the same text for equal values, however their numbers are kept. Owned. */
static char *canonical(const cJSON *plain)
{
    char *text = json_text(plain);
    cJSON *parsed = json_parse(text, strlen(text), "value", NULL);
    cJSON *exact = parsed == NULL ? NULL : json_copy_exact(parsed);

    if (exact != NULL) {
        free(text);
        text = json_text(exact);
    }
    cJSON_Delete(exact);
    cJSON_Delete(parsed);
    return text;
}

static bool says_the_same(const cJSON *av, const cJSON *plain)
{
    cJSON *was = attr_to_plain(av);
    char *a = canonical(was);
    char *b = canonical(plain);
    bool same = strcmp(a, b) == 0;

    cJSON_Delete(was);
    free(a);
    free(b);
    return same;
}

void deploy_carry_record(const struct deploy_request *r, cJSON *item)
{
    cJSON *members = (cJSON *)(uintptr_t)attr_map(item, "metadata");
    const cJSON *typed = json_object(r->carried, metadata);
    const cJSON *av;

    cJSON *fields = deploy_metadata_json(r);
    cJSON_ArrayForEach(av, json_object(r->carried, attributes))
    {
        const cJSON *field = is_flat_field(av->string) ? json_get(fields, av->string) : NULL;
        if (is_flat_field(av->string) && (field == NULL || !says_the_same(av, field))) {
            continue;
        }
        const cJSON *given = json_get(r->metadata, av->string);
        bool changed = given != NULL && json_get(typed, av->string) == NULL;
        if (json_get(item, av->string) == NULL) {
            json_set(item, av->string, changed ? attr_from_plain(given) : json_copy(av));
        }
    }
    cJSON_Delete(fields);
    cJSON_ArrayForEach(av, typed)
    {
        const cJSON *given = json_get(r->metadata, av->string);
        if (given != NULL && says_the_same(av, given)) {
            json_set(members, av->string, json_copy(av));
        }
    }
}

const char *deploy_carry_largest(const struct deploy_request *r, size_t *bytes)
{
    const char *name = NULL;
    const cJSON *av;

    *bytes = 0;
    cJSON_ArrayForEach(av, json_object(r->carried, attributes))
    {
        char *text = json_text(av);
        if (strlen(text) > *bytes) {
            *bytes = strlen(text);
            name = av->string;
        }
        free(text);
    }
    return name;
}
