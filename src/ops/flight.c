#include "flight.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "aws/attr.h"
#include "aws/dynamodb.h"
#include "core/json.h"
#include "jobs/report.h"

static void fault(const struct ops *o, const char *step)
{
    if (o->fault != NULL) {
        o->fault(step);
    }
}

bool flight_may_pass(const struct err *e)
{
    switch (e->code) {
    case E_NET:
    case E_TIMEOUT:
    case E_THROTTLED:
    case E_CANCELLED:
    case E_PARSE:
    case E_TOO_BIG:
        return true;
    case E_SERVICE:
        return e->maybe_done || e->http_status == 0 || e->http_status >= 500;
    default:
        return e->maybe_done;
    }
}

/* Puts the sentence in front and keeps the cause, its code and its request id. */
static void tell(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void tell(struct err *e, const char *fmt, ...)
{
    char cause[sizeof e->msg];
    char text[sizeof e->msg];
    va_list ap;

    (void)snprintf(cause, sizeof cause, "%s", e->msg);
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    (void)snprintf(e->msg, sizeof e->msg, "%s%s%s", text, cause[0] == '\0' ? "" : ": ", cause);
}

static const char resumed_later[] =
    "nothing to do: the next mvpdash (or this one) resumes it on the same job id";

static void keep(struct flight *f)
{
    f->end = FLIGHT_KEPT;
    (void)err_hint_set(&f->err, "%s", resumed_later);
    outbox_leave(&f->entry);
}

static void land(const struct ops *o, struct flight *f)
{
    fault(o, "acknowledged");
    f->end = FLIGHT_LANDED;
    f->err = (struct err){0};
    outbox_done(&f->entry);
    fault(o, "dropped");
}

enum pickup flight_pickup(const cJSON *item, const char *request_id)
{
    if (item == NULL) {
        return PICKUP_GONE;
    }
    const char *whose = attr_str(item, FLIGHT_REQUEST_ID);
    if (whose == NULL || strcmp(whose, request_id) != 0) {
        return PICKUP_OTHER;
    }
    struct job *j = job_from_item(item);
    bool moved = j != NULL && (j->status != JOB_PENDING || j->batch_job_id != NULL);
    job_free(j);
    return moved ? PICKUP_YES : PICKUP_NO;
}

/* Somebody has this job id already: ours from an earlier try, or another's. */
static enum err_code record_exists(const struct ops *o, struct flight *f)
{
    cJSON *item = NULL;
    enum err_code rc =
        ddb_get_item(o->aws, o->table, "jobId", f->entry.job_id, true, &item, &f->err);

    if (rc != E_OK) {
        return rc;
    }
    switch (flight_pickup(item, f->entry.request_id)) {
    case PICKUP_NO:
        f->recorded = true;
        break;
    case PICKUP_YES: /* picked up, or cancelled meanwhile: there is nothing left to send */
        f->recorded = true;
        land(o, f);
        break;
    case PICKUP_GONE:
        rc = err_set(&f->err, E_THROTTLED, "the record of %s comes and goes", f->entry.job_id);
        break;
    case PICKUP_OTHER:
        rc = err_set(&f->err, E_CONFLICT,
                     "job id %s is taken by another job in table %s: nothing was sent",
                     f->entry.job_id, o->table);
        break;
    }
    cJSON_Delete(item);
    return rc;
}

void flight_record(const struct ops *o, struct flight *f)
{
    cJSON *item = deploy_record_item(&f->entry.request);

    fault(o, "record");
    json_set(item, FLIGHT_REQUEST_ID, attr_new_str(f->entry.request_id));
    enum err_code rc = ddb_put_item(o->aws, o->table, item, "attribute_not_exists(jobId)", &f->err);
    cJSON_Delete(item);
    bool taken = false;
    bool unsure = false;
    if (rc == E_CONFLICT) {
        rc = record_exists(o, f);
        taken = rc == E_CONFLICT;
        unsure = rc != E_OK && !taken; /* the record that is there may well be ours */
    }
    if (rc == E_OK) {
        f->recorded = true;
        return;
    }
    if (taken) {
        f->end = FLIGHT_FAILED;
        outbox_done(&f->entry);
        return;
    }
    f->err.maybe_done = f->err.maybe_done || unsure;
    bool give_up = f->untouched_ends && !f->err.maybe_done;
    if (f->resumed || (flight_may_pass(&f->err) && !give_up) || unsure) {
        tell(&f->err, "%s is kept in the outbox (not yet sent, %s)", f->entry.job_id,
             unsure || f->err.maybe_done ? "perhaps recorded" : "not yet recorded");
        keep(f);
        return;
    }
    tell(&f->err, "nothing was recorded or sent");
    f->end = FLIGHT_FAILED;
    outbox_done(&f->entry);
}

static cJSON *event_entry(const struct ops *o, const struct outbox_entry *x)
{
    cJSON *entry = json_new_object();
    cJSON *detail = deploy_detail_json(&x->request, false);
    char *text = json_text(detail);

    json_set_str(entry, "Source", o->source);
    json_set_str(entry, "DetailType", o->detail_type);
    json_set_str(entry, "EventBusName", o->bus);
    json_set_str(entry, "Detail", text);
    struct strbuf wipe = {.data = text, .len = strlen(text), .cap = strlen(text) + 1};
    strbuf_wipe(&wipe);
    cJSON_Delete(detail);
    return entry;
}

void flight_bury(const struct ops *o, struct flight *f)
{
    struct report_update u = REPORT_INIT;
    struct err cause = f->err;
    char job_id[JOB_ID_SIZE];

    (void)snprintf(job_id, sizeof job_id, "%s", f->entry.job_id);
    u.status = "FAILED";
    u.reason = f->entry.why;
    u.error = f->entry.why;
    enum err_code rc = ops_report(o, job_id, &u, &f->err);
    /* Gone, or already final: there is nothing to mark. */
    if (rc == E_OK || rc == E_NOT_FOUND || rc == E_CONFLICT) {
        outbox_done(&f->entry);
        f->end = FLIGHT_FAILED;
        f->err = cause;
        tell(&f->err, "%s was not sent and its record is marked FAILED", job_id);
        return;
    }
    tell(&f->err, "%s was refused by EventBridge (%.120s); its record could not be marked FAILED",
         job_id, f->entry.why);
    keep(f);
}

static void refuse(const struct ops *o, struct flight *f, const char *code, const char *message)
{
    char why[sizeof f->entry.why];

    (void)snprintf(why, sizeof why, "EventBridge refused the event: %s%s%s", code,
                   message[0] == '\0' ? "" : ": ", message);
    enum err_code was = f->err.code;
    struct err ignored = {0};
    /* Failing to note it only means that the refusal is met once more. */
    (void)!outbox_mark_dead(o, &f->entry, why, &ignored);
    fault(o, "refused");
    (void)err_set(&f->err, was == E_OK ? E_SERVICE : was, "%s", why);
    flight_bury(o, f);
}

/* The call failed before it reached the bus, or the bus refused it as a whole. */
static void not_sent(const struct ops *o, struct flight *f, const struct err *call)
{
    struct err ignored = {0};

    f->err = *call;
    bool creds = call->code == E_CREDS || call->code == E_EXPIRED || call->code == E_CONFIG;
    if (flight_may_pass(call) || creds || (f->resumed && call->code == E_DENIED)) {
        (void)!outbox_mark_kept(&f->entry, &ignored);
        tell(&f->err, "recorded as %s, not yet sent: kept in the outbox", f->entry.job_id);
        keep(f);
        return;
    }
    char aws_code[sizeof f->err.aws_code];
    (void)snprintf(aws_code, sizeof aws_code, "%s",
                   call->aws_code[0] == '\0' ? err_name(call->code) : call->aws_code);
    refuse(o, f, aws_code, call->msg);
    (void)snprintf(f->err.aws_code, sizeof f->err.aws_code, "%s", call->aws_code);
    (void)snprintf(f->err.request_id, sizeof f->err.request_id, "%s", call->request_id);
    f->err.http_status = call->http_status;
}

static void take_result(const struct ops *o, struct flight *f, const struct events_result *r,
                        const struct err *call)
{
    struct err ignored = {0};

    switch (r->outcome) {
    case EVENTS_ACCEPTED:
        (void)snprintf(f->event_id, sizeof f->event_id, "%s", r->event_id);
        land(o, f);
        break;
    case EVENTS_NOT_SENT:
        not_sent(o, f, call);
        break;
    case EVENTS_UNKNOWN:
        f->err = *call; /* stays on: flight_settle */
        break;
    case EVENTS_REFUSED:
        if (r->transient) {
            (void)!outbox_mark_kept(&f->entry, &ignored);
            (void)err_set(&f->err, E_THROTTLED, "EventBridge: %s %s", r->error_code,
                          r->error_message);
            tell(&f->err, "recorded as %s, not yet sent: kept in the outbox", f->entry.job_id);
            keep(f);
        } else {
            f->err = (struct err){0};
            refuse(o, f, r->error_code, r->error_message);
        }
        break;
    }
}

void flight_send(const struct ops *o, struct flight *f, size_t len)
{
    cJSON *entries = json_new_array();
    struct flight *sending[EVENTS_PER_CALL];
    struct events_result results[EVENTS_PER_CALL];
    struct err call = {0};
    size_t n = 0;

    fault(o, "send");
    for (size_t i = 0; i < len && n < EVENTS_PER_CALL; i++) {
        if (f[i].end != FLIGHT_ON) {
            continue;
        }
        if (outbox_mark_sent(&f[i].entry, clock_wall_ms(o->clock), &f[i].err) != E_OK) {
            tell(&f[i].err, "recorded as %s, not yet sent: kept in the outbox", f[i].entry.job_id);
            keep(&f[i]);
            continue;
        }
        json_push(entries, event_entry(o, &f[i].entry));
        sending[n++] = &f[i];
    }
    fault(o, "sending");
    if (n > 0) {
        enum err_code rc = events_put(o->aws, entries, 0, results, NULL, &call);
        fault(o, "sent");
        for (size_t i = 0; i < n; i++) {
            if (rc == E_OK && results[i].outcome != EVENTS_ACCEPTED) {
                call = (struct err){0};
            }
            take_result(o, sending[i], &results[i], &call);
        }
    }
    cJSON_Delete(entries);
}

static enum pickup look(const struct ops *o, const struct flight *f)
{
    cJSON *item = NULL;
    enum pickup p = PICKUP_NO;

    if (ddb_get_item(o->aws, o->table, "jobId", f->entry.job_id, true, &item, NULL) == E_OK) {
        p = flight_pickup(item, f->entry.request_id);
    }
    cJSON_Delete(item);
    return p;
}

void flight_settle(const struct ops *o, struct flight *f, size_t len, int timeout_ms)
{
    size_t unsure = 0;

    for (size_t i = 0; i < len; i++) {
        unsure += f[i].end == FLIGHT_ON;
    }
    for (int waited = 0, step = 200; unsure > 0 && waited < timeout_ms; step *= 2) {
        if (!ops_sleep(o, step)) {
            break;
        }
        waited += step;
        for (size_t i = 0; i < len; i++) {
            if (f[i].end == FLIGHT_ON && look(o, &f[i]) == PICKUP_YES) {
                land(o, &f[i]);
                unsure--;
            }
        }
    }
    for (size_t i = 0; i < len; i++) {
        if (f[i].end == FLIGHT_ON) {
            tell(&f[i].err,
                 "recorded as %s; whether the event was sent is not known: kept in the outbox, "
                 "sent again only if nobody picks it up",
                 f[i].entry.job_id);
            keep(&f[i]);
        }
    }
}
