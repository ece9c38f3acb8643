/* EventBridge of the local cloud: PutEvents, which matches events with the rules of their bus and
 * stores one delivery for each target in the call's own transaction; and TestEventPattern. Facts:
 * AWS-WIRE 2.3. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/rand.h"
#include "delivery.h"
#include "events.h"
#include "pattern.h"
#include "src/cloud/store/sqlx.h"

enum { ENTRIES_MAX = 10, DETAIL_TYPE_MAX = 128, TRACE_HEADER_MAX = 500 };
#define REQUEST_BYTES_MAX 1000000

/* A time such as "2026-01-02T03:04:05Z": envelopes have whole seconds. */
static void event_time(int64_t ms, char out[TIME_ISO_SIZE])
{
    (void)time_iso(ms, out);
    memcpy(out + 19, "Z", 2);
}

/* The event's envelope; `detail` is taken (a raw node keeps the digits that were sent). */
static cJSON *make_envelope(const struct cloud *cloud, const char *id, const char *source,
                            const char *detail_type, int64_t at_ms, const cJSON *resources,
                            cJSON *detail)
{
    cJSON *ev = json_new_object();
    char when[TIME_ISO_SIZE];

    event_time(at_ms, when);
    json_set_str(ev, "version", "0");
    json_set_str(ev, "id", id);
    json_set_str(ev, "detail-type", detail_type);
    json_set_str(ev, "source", source);
    json_set_str(ev, "account", cloud_account(cloud));
    json_set_str(ev, "time", when);
    json_set_str(ev, "region", cloud_region(cloud));
    json_set(ev, "resources", resources != NULL ? json_copy(resources) : json_new_array());
    json_set(ev, "detail", detail);
    return ev;
}

static bool add_delivery(struct cloud *cloud, const char *rule_arn, const char *rule,
                         const char *target, const char *event, struct cloud_reply *r)
{
    int64_t now = cloud_now(cloud);
    sqlite3_stmt *q = cloud_stmt(cloud, "INSERT INTO ev_delivery(rule_arn,rule_name,target,event,"
                                        "created,next_at) VALUES(?1,?2,?3,?4,?5,?5)");

    sqlx_text(q, 1, rule_arn);
    sqlx_text(q, 2, rule);
    sqlx_text(q, 3, target);
    sqlx_text(q, 4, event);
    sqlx_int(q, 5, now);
    return cloud_step_done(cloud, q, r);
}

static bool add_rule_deliveries(struct cloud *cloud, const char *bus, const char *rule,
                                const char *event, struct cloud_reply *r)
{
    sqlite3_stmt *q = cloud_stmt(cloud, "SELECT document FROM ev_target WHERE bus=?1 AND rule=?2");
    char *arn = cloud_events_rule_arn(cloud, bus, rule);
    bool ok = true;

    sqlx_text(q, 1, bus);
    sqlx_text(q, 2, rule);
    while (ok && sqlx_row(q)) {
        ok = add_delivery(cloud, arn, rule, sqlx_str(q, 0), event, r);
    }
    cloud_stmt_done(cloud, q);
    free(arn);
    return ok;
}

/* Matches one event with the enabled rules of its bus. `text` is the envelope as it is
 * delivered. */
static bool route_event(struct cloud *cloud, const char *bus, const cJSON *event, const char *text,
                        struct cloud_reply *r)
{
    sqlite3_stmt *q =
        cloud_stmt(cloud, "SELECT name,pattern FROM ev_rule WHERE bus=?1 AND state='ENABLED'");
    bool ok = true;

    sqlx_text(q, 1, bus);
    while (ok && sqlx_row(q)) {
        const char *pattern_text = sqlx_str(q, 1);
        struct cloud_events_pattern *p = NULL;
        if (cloud_events_pattern_compile_text(pattern_text, strlen(pattern_text), &p, NULL) ==
                E_OK &&
            cloud_events_pattern_match(p, event)) {
            ok = add_rule_deliveries(cloud, bus, sqlx_str(q, 0), text, r);
        }
        cloud_events_pattern_free(p);
    }
    cloud_stmt_done(cloud, q);
    cloud_events_delivery_poke(*cloud_slot(cloud, AWS_EVENTS));
    return ok;
}

void cloud_events_emit(struct cloud *cloud, const struct cloud_event *event)
{
    struct cloud_reply r = {.status = 200};
    char id[UUID_SIZE];

    rand_uuid(id);
    cJSON *ev = make_envelope(cloud, id, event->source, event->detail_type, cloud_now(cloud),
                              event->resources, json_copy(event->detail));
    char *text = json_text(ev);
    if (!route_event(cloud, CLOUD_EVENTS_DEFAULT_BUS, ev, text, &r)) {
        log_line(cloud_log(cloud), LOG_LVL_ERROR, "local: an event of %s is lost: %s",
                 event->source, r.message);
    }
    cloud_reply_clear(&r);
    free(text);
    cJSON_Delete(ev);
}

/* ---- PutEvents --------------------------------------------------------------------------- */

/* Is the entry refused? Fills code and message with the reason; false when the entry is good. */
static bool entry_refused(const cJSON *entry, char code[64], char message[160])
{
    static const char *const required[] = {"Source", "DetailType", "Detail"};
    const char *source = json_str_or(entry, "Source", "");

    for (size_t i = 0; i < 3; i++) {
        if (*json_str_or(entry, required[i], "") == '\0') {
            (void)snprintf(code, 64, "InvalidArgument");
            (void)snprintf(message, 160,
                           "Parameter %s is not valid. Reason: %s is a required argument.",
                           required[i], required[i]);
            return true;
        }
    }
    if (strlen(json_str(entry, "DetailType")) > DETAIL_TYPE_MAX) {
        (void)snprintf(code, 64, "InvalidArgument");
        (void)snprintf(message, 160,
                       "Parameter DetailType is not valid. Reason: DetailType must "
                       "be at most 128 characters.");
        return true;
    }
    if (strlen(json_str_or(entry, "TraceHeader", "")) > TRACE_HEADER_MAX) {
        (void)snprintf(code, 64, "InvalidArgument");
        (void)snprintf(
            message, 160,
            "Parameter TraceHeader is not valid. Reason: TraceHeader must be at most 500 "
            "characters.");
        return true;
    }
    if (strncmp(source, "aws.", 4) == 0) {
        (void)snprintf(code, 64, "NotAuthorizedForSourceException");
        (void)snprintf(message, 160, "Not authorized for the source.");
        return true;
    }
    return false;
}

static size_t entry_bytes(const cJSON *entry)
{
    const cJSON *resources = json_array(entry, "Resources"), *time = json_get(entry, "Time");
    size_t n = time != NULL && !cJSON_IsNull(time) ? 14 : 0;

    n += strlen(json_str_or(entry, "Source", "")) + strlen(json_str_or(entry, "DetailType", "")) +
         strlen(json_str_or(entry, "Detail", ""));
    for (const cJSON *s = resources != NULL ? resources->child : NULL; s != NULL; s = s->next) {
        n += cJSON_IsString(s) ? strlen(s->valuestring) : 0;
    }
    return n;
}

/* Checks what makes the whole call fail; each entry is judged by itself, also when none is good. */
static bool request_ok(const cJSON *entries, struct cloud_reply *r)
{
    int n = cJSON_GetArraySize(entries);
    size_t bytes = 0;

    if (n < 1 || n > ENTRIES_MAX) {
        cloud_fail(r, 400, "ValidationException",
                   "1 validation error detected: Value at 'entries' failed to satisfy constraint: "
                   "Member must have length less than or equal to 10 and greater than or equal to "
                   "1");
        return false;
    }
    for (const cJSON *entry = entries->child; entry != NULL; entry = entry->next) {
        bytes += entry_bytes(entry);
    }
    if (bytes > REQUEST_BYTES_MAX) {
        cloud_fail(r, 400, "ValidationException",
                   "Total size of the entries in the request is over the limit.");
        return false;
    }
    return true;
}

static cJSON *refusal(const char *code, const char *message)
{
    cJSON *row = json_new_object();

    json_set_str(row, "ErrorCode", code);
    json_set_str(row, "ErrorMessage", message);
    return row;
}

/* Takes one entry in; the result row is owned, NULL with `r` failed. */
static cJSON *put_entry(struct cloud *cloud, const cJSON *entry, struct cloud_reply *r)
{
    const char *bus = cloud_events_bus_name(json_str(entry, "EventBusName"));
    const char *detail = json_str_or(entry, "Detail", "");
    const cJSON *time = json_get(entry, "Time");
    char code[64], message[160], id[UUID_SIZE];
    bool ok = true;

    if (entry_refused(entry, code, message)) {
        return refusal(code, message);
    }
    cJSON *doc = json_parse(detail, strlen(detail), "Detail", NULL);
    if (!cJSON_IsObject(doc)) {
        cJSON_Delete(doc);
        return refusal("MalformedDetail", "Detail is malformed.");
    }
    rand_uuid(id);
    /* without the bus the entry is dropped, and the answer is success all the same */
    if (cloud_events_bus_exists(cloud, bus)) {
        int64_t at = cJSON_IsNumber(time) && time->valuedouble > 0 && time->valuedouble < 4e9
                         ? (int64_t)(time->valuedouble * 1000)
                         : cloud_now(cloud);
        const char *source = json_str(entry, "Source"), *type = json_str(entry, "DetailType");
        const cJSON *resources = json_array(entry, "Resources");
        cJSON *sent =
            make_envelope(cloud, id, source, type, at, resources, cJSON_CreateRaw(detail));
        cJSON *ev = make_envelope(cloud, id, source, type, at, resources, doc);
        char *text = json_text(sent);
        ok = route_event(cloud, bus, ev, text, r);
        free(text);
        cJSON_Delete(sent);
        cJSON_Delete(ev);
    } else {
        cJSON_Delete(doc);
    }
    if (!ok) {
        return NULL;
    }
    cJSON *row = json_new_object();
    json_set_str(row, "EventId", id);
    return row;
}

void cloud_events_put_events(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    const cJSON *entries = json_array(in, "Entries");
    int failed = 0;

    if (!request_ok(entries, r)) {
        return;
    }
    cJSON *rows = json_new_array();
    for (const cJSON *entry = entries->child; entry != NULL; entry = entry->next) {
        cJSON *row = put_entry(cloud, entry, r);
        if (row == NULL) {
            cJSON_Delete(rows);
            return;
        }
        failed += json_get(row, "ErrorCode") != NULL;
        json_push(rows, row);
    }
    r->out = json_new_object();
    json_set_int(r->out, "FailedEntryCount", failed);
    json_set(r->out, "Entries", rows);
}

/* ---- TestEventPattern -------------------------------------------------------------------- */

void cloud_events_test_pattern(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    static const char *const required[] = {"id",     "account",   "source",     "time",
                                           "region", "resources", "detail-type"};
    const char *pattern_text = json_str_or(in, "EventPattern", "");
    const char *event_text = json_str_or(in, "Event", "");
    struct cloud_events_pattern *p = NULL;
    struct err e = {.code = E_OK};

    (void)cloud;
    if (cloud_events_pattern_compile_text(pattern_text, strlen(pattern_text), &p, &e) != E_OK) {
        cloud_fail(r, 400, "InvalidEventPatternException", "%s", e.msg);
        return;
    }
    cJSON *event = json_parse(event_text, strlen(event_text), "Event", NULL);
    if (!cJSON_IsObject(event)) {
        cloud_fail(r, 400, "ValidationException", "Parameter Event is not valid JSON object.");
    }
    for (size_t i = 0; i < sizeof required / sizeof *required && r->code[0] == '\0'; i++) {
        if (json_get(event, required[i]) == NULL) {
            cloud_fail(r, 400, "ValidationException",
                       "Parameter Event is not valid. Reason: %s is a required field.",
                       required[i]);
        }
    }
    if (r->code[0] == '\0') {
        r->out = json_new_object();
        json_set_bool(r->out, "Result", cloud_events_pattern_match(p, event));
    }
    cJSON_Delete(event);
    cloud_events_pattern_free(p);
}
