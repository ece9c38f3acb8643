/* deploy_type_object.c - the type of the field that holds all further keys. */
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "deploy_type.h"

static void object_clear(void *at)
{
    cJSON_Delete(*(cJSON **)at);
    *(cJSON **)at = NULL;
}

static void object_copy(void *to, const void *from)
{
    const cJSON *v = *(cJSON *const *)from;

    *(cJSON **)to = v == NULL ? NULL : json_copy(v);
}

static bool object_given(const void *at)
{
    return *(cJSON *const *)at != NULL;
}

static enum err_code object_check(const struct deploy_field *f, const void *at, struct err *e)
{
    return rule_metadata(f->name, *(cJSON *const *)at, e);
}

/* Takes keys: those that are fields set their own fields; the others are added to the further
 * keys. */
static enum err_code take_members(const struct deploy_field *f, struct deploy_request *r,
                                  const cJSON *object, struct err *e)
{
    enum err_code rc = rule_metadata(f->name, object, e);

    for (const cJSON *m = object->child; m != NULL && rc == E_OK; m = m->next) {
        rc = deploy_take_metadata(r, m, e);
    }
    return rc;
}

/* Sets the object from a text: what is typed replaces the further keys. */
static enum err_code object_set(const struct deploy_field *f, struct deploy_request *r,
                                const char *s, struct err *e)
{
    struct deploy_request draft;
    struct err why;

    if (*s == '\0') {
        object_clear(field_at(f, r));
        return E_OK;
    }
    if (strlen(s) > RULE_DETAIL_MAX) {
        return err_set(e, E_INVALID, "%s is over 256 KiB", f->name);
    }
    cJSON *object = json_parse(s, strlen(s), f->name, &why);
    if (object == NULL) {
        return err_set(e, E_INVALID, "%s", why.msg);
    }
    deploy_request_copy(&draft, r);
    object_clear(field_at(f, &draft));
    enum err_code rc = take_members(f, &draft, object, e);
    if (rc == E_OK) {
        deploy_request_clear(r);
        *r = draft; /* moved */
    } else {
        deploy_request_clear(&draft);
    }
    cJSON_Delete(object);
    return rc;
}

static void object_show(const void *at, struct strbuf *out)
{
    const cJSON *v = *(cJSON *const *)at;

    if (v != NULL) {
        char *text = json_text(v);
        strbuf_adds(out, text);
        free(text);
    }
}

static enum err_code object_take(const struct deploy_field *f, struct deploy_request *r,
                                 const cJSON *v, struct err *e)
{
    return cJSON_IsObject(v) ? take_members(f, r, v, e) : rule_wrong_type(v, "a JSON object", e);
}

const struct field_type field_object = {
    .clear = object_clear,
    .copy = object_copy,
    .given = object_given,
    .check = object_check,
    .set = object_set,
    .show = object_show,
    .take = object_take,
    .schema = schema_object,
};
