/* dispatch_send.c - the event of a deploy: what PutEvents answered, and what that means for the
 * outbox and the record. */
#include <stdio.h>

#include "aws/dynamodb.h"
#include "core/deadline.h"
#include "core/json.h"
#include "core/secret.h"
#include "dispatch.h"

static cJSON *event_entry(const struct ops *o, const struct outbox_entry *x)
{
    cJSON *entry = json_new_object();
    cJSON *detail = deploy_detail_json(&x->request, false);
    char *text = json_text(detail);

    json_set_str(entry, "Source", o->source);
    json_set_str(entry, "DetailType", o->detail_type);
    json_set_str(entry, "EventBusName", o->bus);
    json_set_str(entry, "Detail", text);
    secret_free(text);
    cJSON_Delete(detail);
    return entry;
}

static void refuse(const struct ops *o, struct dispatch *f, const char *code, const char *message)
{
    char why[sizeof f->entry.why];

    (void)snprintf(why, sizeof why, "EventBridge refused the event: %s%s%s", code,
                   message[0] == '\0' ? "" : ": ", message);
    enum err_code was = f->err.code;
    struct err ignored = {0};
    /* When the note fails, the refusal is only met once more. */
    (void)!outbox_mark_dead(o, &f->entry, why, &ignored);
    dispatch_fault(o, "refused");
    (void)err_set(&f->err, was == E_OK ? E_SERVICE : was, "%s", why);
    dispatch_fail_record(o, f);
}

/* Keeps a request whose event certainly was not taken by this call; `f->err` says why. */
static void keep_unsent(struct dispatch *f)
{
    struct err ignored = {0};

    (void)!outbox_mark_kept(&f->entry, &ignored);
    dispatch_tell(&f->err, "recorded as %s, not yet sent: kept in the outbox", f->entry.job_id);
    dispatch_keep(f);
}

/* Keeps a request whose event was not taken now, but perhaps earlier, and nothing of now takes that
 * back: the entry stays as it was, to be looked after again. */
static void keep_doubt(struct dispatch *f)
{
    struct err ignored = {0};

    (void)!outbox_mark_sent(&f->entry, f->doubt_ms, &ignored);
    dispatch_tell(
        &f->err,
        "recorded as %s; its event may have been sent before, it was not sent again: kept in the "
        "outbox",
        f->entry.job_id);
    f->err.maybe_done = true;
    dispatch_keep(f);
}

/* Handles a call that failed before it reached the bus, or that the bus refused as a whole. */
static void not_sent(const struct ops *o, struct dispatch *f, const struct err *call)
{
    bool setup = err_means(call->code, ERR_SETUP);

    f->err = *call;
    if (f->in_doubt) {
        keep_doubt(f);
        return;
    }
    if (err_may_pass(call) || setup || (f->resumed && call->code == E_DENIED)) {
        keep_unsent(f);
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

static void take_result(const struct ops *o, struct dispatch *f, const struct events_result *r)
{
    switch (r->outcome) {
    case EVENTS_ACCEPTED:
        (void)snprintf(f->event_id, sizeof f->event_id, "%s", r->event_id);
        dispatch_arrived(o, f);
        break;
    case EVENTS_NOT_SENT:
        not_sent(o, f, &r->call);
        break;
    case EVENTS_UNKNOWN:
        f->err = r->call; /* the dispatch stays on for dispatch_settle */
        break;
    case EVENTS_REFUSED:
        (void)err_set(&f->err, r->transient ? E_THROTTLED : E_SERVICE, "EventBridge: %s %s",
                      r->error_code, r->error_message);
        if (f->in_doubt) {
            keep_doubt(f);
        } else if (r->transient) {
            keep_unsent(f);
        } else {
            f->err = (struct err){0};
            refuse(o, f, r->error_code, r->error_message);
        }
        break;
    }
}

/* Keeps a request whose mark could not be written: its event is not sent. */
static void keep_unmarked(struct dispatch *f)
{
    dispatch_tell(&f->err, "recorded as %s, not yet sent: kept in the outbox", f->entry.job_id);
    dispatch_keep(f);
}

/* Waits until the marks are on the disk, in one sync where that is possible. Returns how many are,
 * moved to the front; the others are kept. */
static size_t wait_for_marks(struct dispatch **sending, size_t n)
{
    size_t marked = 0;

    for (size_t i = 0; i < n; i++) {
        if (outbox_sync(&sending[i]->entry, &sending[i]->err) == E_OK) {
            sending[marked++] = sending[i];
        } else {
            keep_unmarked(sending[i]);
        }
    }
    return marked;
}

void dispatch_send(const struct ops *o, struct dispatch *f, size_t len)
{
    cJSON *entries = json_new_array();
    struct dispatch *sending[EVENTS_PER_CALL];
    struct events_result results[EVENTS_PER_CALL];
    size_t n = 0;

    dispatch_fault(o, "send");
    for (size_t i = 0; i < len && n < EVENTS_PER_CALL; i++) {
        if (f[i].end != DISPATCH_ON) {
            continue;
        }
        if (f[i].in_doubt) {
            f[i].doubt_ms = f[i].entry.sent_ms;
        }
        if (outbox_mark_sent(&f[i].entry, clock_wall_ms(o->clock), &f[i].err) != E_OK) {
            keep_unmarked(&f[i]);
            continue;
        }
        sending[n++] = &f[i];
    }
    n = wait_for_marks(sending, n);
    for (size_t i = 0; i < n; i++) {
        json_push(entries, event_entry(o, &sending[i]->entry));
    }
    dispatch_fault(o, "sending");
    if (n > 0) {
        /* each result has its own cause */
        (void)!events_put(o->aws, entries, 0, results, NULL, NULL);
        dispatch_fault(o, "sent");
        for (size_t i = 0; i < n; i++) {
            take_result(o, sending[i], &results[i]);
        }
    }
    cJSON_Delete(entries);
}

/* Ends the dispatch when its record tells that the event arrived, or that nobody wants the job any
 * more. */
static bool look_again(const struct ops *o, struct dispatch *f)
{
    cJSON *item = NULL;
    enum pickup p = PICKUP_NO;

    if (ddb_get_item(o->aws, o->table, "jobId", f->entry.job_id, true, &item, NULL) == E_OK) {
        p = dispatch_pickup(item, f->entry.request_id);
    }
    if (p == PICKUP_YES) {
        dispatch_arrived(o, f);
    } else if (p == PICKUP_ENDED) {
        dispatch_drop(f, item);
    }
    cJSON_Delete(item);
    return f->end != DISPATCH_ON;
}

void dispatch_settle(const struct ops *o, struct dispatch *f, size_t len, int timeout_ms)
{
    size_t unsure = 0;

    timeout_ms = deadline_left_ms(timeout_ms);
    for (size_t i = 0; i < len; i++) {
        unsure += f[i].end == DISPATCH_ON;
    }
    for (int waited = 0, step = 200; unsure > 0 && waited < timeout_ms; step *= 2) {
        if (!ops_sleep(o, step)) {
            break;
        }
        waited += step;
        for (size_t i = 0; i < len; i++) {
            if (f[i].end == DISPATCH_ON && look_again(o, &f[i])) {
                unsure--;
            }
        }
    }
    for (size_t i = 0; i < len; i++) {
        if (f[i].end == DISPATCH_ON) {
            dispatch_tell(&f[i].err,
                          "recorded as %s; whether the event was sent is not known: kept in the "
                          "outbox, and sent again only if no Batch job starts",
                          f[i].entry.job_id);
            dispatch_keep(&f[i]);
        }
    }
}
