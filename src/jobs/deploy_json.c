/* deploy_json.c - the request as the event's Detail (SPEC 1.1), and back. */
#include <stdlib.h>

#include "core/json.h"
#include "deploy_type.h"

const struct deploy_field *deploy_metadata_field(const char *key)
{
    const struct deploy_field *f = deploy_field_named(key);

    return f != NULL && f->place == DEPLOY_METADATA ? f : NULL;
}

cJSON *deploy_metadata_json(const struct deploy_request *r)
{
    cJSON *m = json_new_object();
    const struct deploy_field *f;
    const cJSON *extra;

    for (int i = 1; (f = deploy_field_on_wire(DEPLOY_METADATA, i)) != NULL; i++) {
        cJSON *v = deploy_field_json(f, r, false);
        if (v != NULL) {
            json_set(m, f->name, v);
        }
    }
    cJSON_ArrayForEach(extra, r->metadata)
    {
        if (deploy_metadata_field(extra->string) == NULL) {
            json_set(m, extra->string, json_copy(extra));
        }
    }
    return m;
}

static cJSON *detail_json(const struct deploy_request *r, bool mask, bool carry)
{
    cJSON *d = json_new_object();
    const struct deploy_field *f;

    for (int i = 1; (f = deploy_field_on_wire(DEPLOY_TOP, i)) != NULL; i++) {
        bool further = f->type == &field_object;
        cJSON *v = further ? deploy_metadata_json(r) : deploy_field_json(f, r, mask);
        if (further && carry) {
            deploy_carry_event(r, v);
        }
        if (v != NULL || f->required) {
            json_set(d, f->name, v);
        }
    }
    return d;
}

cJSON *deploy_detail_json(const struct deploy_request *r, bool mask)
{
    return detail_json(r, mask, true);
}

cJSON *deploy_request_json(const struct deploy_request *r)
{
    return detail_json(r, false, false);
}

enum err_code deploy_take_metadata(struct deploy_request *r, const cJSON *m, struct err *e)
{
    const struct deploy_field *f = deploy_metadata_field(m->string);

    if (f != NULL) { /* null means the same as a key that is left out */
        return cJSON_IsNull(m) ? E_OK : f->type->take(f, r, m, e);
    }
    if (r->metadata == NULL) {
        r->metadata = json_new_object();
    }
    json_set(r->metadata, m->string, json_copy_exact(m));
    return E_OK;
}

enum err_code deploy_take_member(struct deploy_request *r, const cJSON *v, struct err *e)
{
    const struct deploy_field *f = deploy_field_named(v->string);

    if (f == NULL) {
        const struct deploy_field *near = deploy_field_near(v->string);
        char *why = deploy_not_a_field();
        enum err_code rc = near == NULL
                               ? err_set(e, E_INVALID, "%s %s", rule_shown(v->string).text, why)
                               : err_set(e, E_INVALID, "%s %s; did you mean %s?",
                                         rule_shown(v->string).text, why, near->name);
        free(why);
        return rc;
    }
    /* A field of metadata at the top belongs to a flat line of a file of deploys. */
    return f->place == DEPLOY_METADATA ? deploy_take_metadata(r, v, e) : f->type->take(f, r, v, e);
}

enum err_code deploy_request_from_json(struct deploy_request *r, const cJSON *detail, struct err *e)
{
    enum err_code rc = E_OK;

    deploy_request_init(r);
    if (!cJSON_IsObject(detail)) {
        return err_set(e, E_INVALID, "a deploy is a JSON object like %s", deploy_example);
    }
    for (const cJSON *v = detail->child; v != NULL && rc == E_OK; v = v->next) {
        const struct deploy_field *f = deploy_field_named(v->string);
        bool left_out = cJSON_IsNull(v) && (f == NULL || f->type != &field_object);
        rc = left_out ? E_OK : deploy_take_member(r, v, e);
    }
    if (rc != E_OK) {
        deploy_request_clear(r);
    }
    return rc;
}
