/* Reading an event that a person typed, in one of three forms. */
#include "jobs/event_form.h"

#include <string.h>

#include "core/json.h"

static bool has(const cJSON *doc, const char *key)
{
    return json_get(doc, key) != NULL;
}

static enum event_form form_of(const cJSON *doc)
{
    if (has(doc, "DetailType") || (has(doc, "Source") && has(doc, "Detail"))) {
        return EVENT_FORM_ENTRY;
    }
    if (has(doc, "detail-type") || (json_str(doc, "source") != NULL && has(doc, "detail"))) {
        return EVENT_FORM_WHOLE;
    }
    return EVENT_FORM_DETAIL;
}

static enum err_code wrong(const char *name, const char *wanted, struct err *e)
{
    return err_set(e, E_INVALID, "the event's %s must be %s", name, wanted);
}

/* Moves a text member into the event under its name there; when the member is absent or null, the
 * event gets `fallback`. */
static enum err_code take_text(const cJSON *doc, const char *from, cJSON *event, const char *to,
                               const char *fallback, struct err *e)
{
    const cJSON *v = json_get(doc, from);

    if (v != NULL && !cJSON_IsNull(v) && !cJSON_IsString(v)) {
        return wrong(from, "a text", e);
    }
    json_set_str(event, to, json_str_or(doc, from, fallback));
    return E_OK;
}

/* Reads the entry's Detail, which is JSON in a string; a person may write it as the object
 * itself. */
static enum err_code entry_detail(const cJSON *doc, cJSON *event, struct err *e)
{
    const cJSON *v = json_get(doc, "Detail");
    cJSON *detail = NULL;

    if (cJSON_IsString(v)) {
        struct err why = {0};
        detail = json_parse(v->valuestring, strlen(v->valuestring), "the event's Detail", &why);
        if (detail == NULL) {
            return err_set(e, E_INVALID, "%s", why.msg);
        }
    } else if (v != NULL) {
        detail = json_copy_exact(v);
    }
    if (!cJSON_IsObject(detail)) {
        cJSON_Delete(detail);
        return wrong("Detail", "a JSON object in a text", e);
    }
    json_set(event, "detail", detail);
    return E_OK;
}

static enum err_code from_entry(const cJSON *doc, const char *source, const char *detail_type,
                                cJSON *event, struct err *e)
{
    const cJSON *resources = json_get(doc, "Resources");
    enum err_code rc = take_text(doc, "Source", event, "source", source, e);

    if (rc == E_OK) {
        rc = take_text(doc, "DetailType", event, "detail-type", detail_type, e);
    }
    if (rc == E_OK) {
        rc = entry_detail(doc, event, e);
    }
    if (rc == E_OK && resources != NULL && !cJSON_IsNull(resources)) {
        if (!cJSON_IsArray(resources)) {
            return wrong("Resources", "a list of texts", e);
        }
        json_set(event, "resources", json_copy_exact(resources));
    }
    return rc;
}

static enum err_code from_whole(const cJSON *doc, const char *source, const char *detail_type,
                                cJSON *event, struct err *e)
{
    const cJSON *resources = json_get(doc, "resources");
    const cJSON *detail = json_get(doc, "detail");
    enum err_code rc = take_text(doc, "source", event, "source", source, e);

    if (rc == E_OK) {
        rc = take_text(doc, "detail-type", event, "detail-type", detail_type, e);
    }
    if (rc != E_OK) {
        return rc;
    }
    if (detail != NULL && !cJSON_IsObject(detail)) {
        return wrong("detail", "a JSON object", e);
    }
    if (resources != NULL && !cJSON_IsArray(resources)) {
        return wrong("resources", "a list of texts", e);
    }
    for (const cJSON *m = doc->child; m != NULL; m = m->next) {
        if (json_get(doc, m->string) !=
            /* when a member is given twice, nobody knows which of the two was looked at above */
            m) {
            return wrong(m->string, "given once", e);
        }
        if (strcmp(m->string, "source") != 0 && strcmp(m->string, "detail-type") != 0) {
            json_set(event, m->string, json_copy_exact(m));
        }
    }
    if (detail == NULL) {
        json_set(event, "detail", json_new_object());
    }
    return E_OK;
}

enum err_code event_form_read(const char *text, size_t len, const char *source,
                              const char *detail_type, cJSON **event, enum event_form *form,
                              struct err *e)
{
    struct err why = {0};
    cJSON *doc = json_parse(text, len, "the event", &why);
    cJSON *out = json_new_object();
    enum err_code rc = E_OK;

    *event = NULL;
    *form = EVENT_FORM_DETAIL;
    if (doc == NULL) {
        rc = err_set(e, E_INVALID, "%s", why.msg);
    } else if (!cJSON_IsObject(doc)) {
        rc = err_set(e, E_INVALID, "the event must be a JSON object");
    } else {
        *form = form_of(doc);
        if (*form == EVENT_FORM_DETAIL) {
            json_set_str(out, "source", source);
            json_set_str(out, "detail-type", detail_type);
            json_set(out, "detail", json_copy_exact(doc));
        } else {
            rc = *form == EVENT_FORM_ENTRY ? from_entry(doc, source, detail_type, out, e)
                                           : from_whole(doc, source, detail_type, out, e);
        }
    }
    cJSON_Delete(doc);
    if (rc != E_OK) {
        cJSON_Delete(out);
        return rc;
    }
    *event = out;
    return E_OK;
}
