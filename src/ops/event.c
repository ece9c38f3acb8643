/* Sending one custom event. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/events.h"
#include "bus_check.h"
#include "core/alloc.h"
#include "core/json.h"
#include "core/text.h"
#include "ops/job_ops.h"

enum { DETAIL_TYPE_MAX = 128, SOURCE_MAX = 256, RESOURCES_MAX = 50 };

static enum err_code check_text(const char *name, const char *v, size_t max, struct err *e)
{
    if (v == NULL || v[0] == '\0') {
        return err_set(e, E_INVALID, "%s must not be empty", name);
    }
    if (strlen(v) > max) {
        return err_set(e, E_INVALID, "%s: %zu bytes, at most %zu are accepted", name, strlen(v),
                       max);
    }
    if (!text_utf8_valid(v, strlen(v))) {
        return err_set(e, E_INVALID, "%s must be UTF-8", name);
    }
    return E_OK;
}

static enum err_code check(const struct custom_event *ev, struct err *e)
{
    enum err_code rc = check_text("source", ev->source, SOURCE_MAX, e);

    if (rc == E_OK && strncmp(ev->source, "aws.", 4) == 0) {
        rc = err_set(e, E_INVALID, "source: names that begin with \"aws.\" are AWS's own");
    }
    if (rc == E_OK) {
        rc = check_text("detail-type", ev->detail_type, DETAIL_TYPE_MAX, e);
    }
    if (rc == E_OK) {
        rc = check_text("detail", ev->detail, EVENTS_CALL_BYTES, e);
    }
    for (size_t i = 0; rc == E_OK && i < ev->resources_len; i++) {
        rc = check_text("resource", ev->resources[i], 2048, e);
    }
    if (rc == E_OK && ev->resources_len > RESOURCES_MAX) {
        rc = err_set(e, E_INVALID, "resource: at most %d are accepted", RESOURCES_MAX);
    }
    if (rc != E_OK) {
        return rc;
    }
    cJSON *doc = json_parse(ev->detail, strlen(ev->detail), "detail", e);
    if (doc == NULL) {
        rc = E_INVALID;
        if (e != NULL) {
            e->code = E_INVALID;
        }
    } else if (!cJSON_IsObject(doc)) {
        rc = err_set(e, E_INVALID, "detail must be a JSON object, such as {\"key\":\"value\"}");
    }
    cJSON_Delete(doc);
    return rc;
}

static enum err_code event(const struct ops *o, const struct custom_event *ev, char **event_id,
                           struct err *e)
{
    struct events_result result = {0};
    enum err_code rc = check(ev, e);

    *event_id = NULL;
    if (rc == E_OK) {
        rc = bus_check(o, e);
    }
    if (rc != E_OK) {
        return rc;
    }
    cJSON *entries = json_new_array();
    cJSON *entry = json_new_object();
    json_set_str(entry, "Source", ev->source);
    json_set_str(entry, "DetailType", ev->detail_type);
    json_set_str(entry, "EventBusName", o->bus);
    json_set_str(entry, "Detail", ev->detail);
    if (ev->resources_len > 0) {
        cJSON *list = json_new_array();
        for (size_t i = 0; i < ev->resources_len; i++) {
            json_push_str(list, ev->resources[i]);
        }
        json_set(entry, "Resources", list);
    }
    json_push(entries, entry);
    rc = events_put(o->aws, entries, 0, &result, NULL, e);
    cJSON_Delete(entries);
    if (rc == E_OK && result.outcome == EVENTS_ACCEPTED) {
        *event_id = xstrdup(result.event_id);
    } else if (rc == E_OK) {
        rc = err_set(e, result.transient ? E_THROTTLED : E_SERVICE,
                     "EventBridge refused the event: %s%s%s", result.error_code,
                     result.error_message[0] == '\0' ? "" : ": ", result.error_message);
    } else if (result.outcome == EVENTS_UNKNOWN) {
        (void)err_wrap(e, "whether the event was sent is not known");
    }
    return rc;
}

enum err_code ops_event(const struct ops *o, const struct custom_event *ev, char **event_id,
                        struct err *e)
{
    int64_t begun = ops_begin(o);
    enum err_code rc = event(o, ev, event_id, e);

    ops_end(begun);
    return rc;
}
