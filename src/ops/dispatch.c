/* The steps of a deploy that concern its record and its outbox entry. */
#include "dispatch.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "aws/attr.h"
#include "aws/dynamodb.h"
#include "core/json.h"
#include "core/text.h"
#include "jobs/record_change.h"

void dispatch_fault(const struct ops *o, const char *step)
{
    if (o->fault != NULL) {
        o->fault(step);
    }
}

void dispatch_tell(struct err *e, const char *fmt, ...)
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

const char dispatch_later[] = "you need not do anything: an open dashboard, or the next send, "
                              "batch or retry, sends it on the same job id";

void dispatch_keep(struct dispatch *f)
{
    f->end = DISPATCH_KEPT;
    (void)err_hint_set(&f->err, "%s", dispatch_later);
    outbox_leave(&f->entry);
}

void dispatch_arrived(const struct ops *o, struct dispatch *f)
{
    dispatch_fault(o, "acknowledged");
    f->end = DISPATCH_ARRIVED;
    f->err = (struct err){0};
    outbox_done(&f->entry);
    dispatch_fault(o, "dropped");
}

enum pickup dispatch_pickup(const cJSON *item, const char *request_id)
{
    enum pickup p = PICKUP_NO;

    if (item == NULL) {
        return PICKUP_GONE;
    }
    const char *whose = attr_str(item, DISPATCH_REQUEST_ID);
    if (whose == NULL || strcmp(whose, request_id) != 0) {
        return PICKUP_OTHER;
    }
    struct job *j = job_from_item(item);
    if (j != NULL && job_text(j, JOB_BATCH_ID) == NULL &&
        (j->status == JOB_CANCELLED || j->status == JOB_FAILED)) {
        p = PICKUP_ENDED;
    } else if (j != NULL && (j->status != JOB_PENDING || job_text(j, JOB_BATCH_ID) != NULL)) {
        p = PICKUP_YES;
    }
    job_free(j);
    return p;
}

void dispatch_drop(struct dispatch *f, const cJSON *item)
{
    const char *status = attr_str(item, "status");

    (void)err_set(&f->err, E_CONFLICT, "%s is already %.*s: its event is not sent", f->entry.job_id,
                  text_cut(status == NULL ? "ended" : status, 20),
                  status == NULL ? "ended" : status);
    f->end = DISPATCH_FAILED;
    outbox_done(&f->entry);
}

/* Handles a record of this request that an earlier run wrote and whose outbox entry is gone: the
 * event may have been sent. The new entry is in doubt from the start. */
static void recorded_before(const struct ops *o, struct dispatch *f)
{
    struct err ignored = {0};

    (void)!outbox_mark_sent(&f->entry, clock_wall_ms(o->clock), &ignored);
    (void)err_set(&f->err, E_CONFLICT,
                  "%s was recorded by an earlier run; whether its event was sent is not known: "
                  "kept in the outbox, and sent again only if no Batch job starts",
                  f->entry.job_id);
    dispatch_keep(f);
}

/* Looks at the record that is there, or may be there: it is ours from an earlier try, or another
 * request's. E_OK: the dispatch may go on, or is over (`end`). Else `f->err` says why the record is
 * not known, or is E_CONFLICT: the record is another request's. */
static enum err_code look_at_record(const struct ops *o, struct dispatch *f)
{
    const struct err put = f->err;
    cJSON *item = NULL;
    enum err_code rc =
        ddb_get_item(o->aws, o->table, "jobId", f->entry.job_id, true, &item, &f->err);

    if (rc != E_OK && put.maybe_done && put.code != E_CONFLICT) {
        f->err = put; /* the put failed; looking only did not help */
    }
    if (rc != E_OK) {
        return f->err.code;
    }
    enum pickup p = dispatch_pickup(item, f->entry.request_id);
    f->recorded = p == PICKUP_NO || p == PICKUP_YES || p == PICKUP_ENDED;
    switch (p) {
    case PICKUP_NO:
        if (!f->resumed && !put.maybe_done) {
            recorded_before(o, f);
        }
        break;
    case PICKUP_YES: /* nothing is left to send */
        dispatch_arrived(o, f);
        break;
    case PICKUP_ENDED:
        dispatch_drop(f, item);
        break;
    case PICKUP_GONE:
        f->err = put;
        rc = put.code;
        if (rc == E_CONFLICT) {
            rc = err_set(&f->err, E_THROTTLED,
                         "the record of %s was created and deleted again and again",
                         f->entry.job_id);
        }
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

cJSON *dispatch_record_item(const struct dispatch *f)
{
    cJSON *item = deploy_record_item(&f->entry.request);

    json_set(item, DISPATCH_REQUEST_ID, attr_new_str(f->entry.request_id));
    return item;
}

void dispatch_record(const struct ops *o, struct dispatch *f)
{
    if (o->state != NULL) {
        dispatch_transact(o, f);
        return;
    }
    cJSON *item = dispatch_record_item(f);

    dispatch_fault(o, "record");
    enum err_code rc = ddb_put_item(o->aws, o->table, item, "attribute_not_exists(jobId)", &f->err);
    cJSON_Delete(item);
    f->recorded = rc == E_OK;
    bool unsure = rc == E_CONFLICT || (rc != E_OK && f->err.maybe_done);
    if (unsure) { /* a record is there, or may be, and may be ours: only looking at it tells */
        rc = look_at_record(o, f);
    }
    if (rc == E_OK) {
        return;
    }
    if (rc == E_CONFLICT) {
        f->end = DISPATCH_FAILED;
        outbox_done(&f->entry);
        return;
    }
    f->err.maybe_done = unsure;
    bool give_up = f->untouched_ends && !unsure;
    if (f->resumed || (err_may_pass(&f->err) && !give_up)) {
        dispatch_tell(&f->err, "%s is kept in the outbox (not yet sent, %s)", f->entry.job_id,
                      unsure ? "perhaps recorded" : "not yet recorded");
        dispatch_keep(f);
        return;
    }
    dispatch_tell(&f->err, "nothing was recorded or sent");
    f->end = DISPATCH_FAILED;
    outbox_undo(&f->entry);
}

/* Is the record of this request there? The record of another request must not be marked. */
static enum err_code is_ours(const struct ops *o, const struct dispatch *f, bool *ours,
                             struct err *e)
{
    cJSON *item = NULL;
    enum err_code rc = ddb_get_item(o->aws, o->table, "jobId", f->entry.job_id, true, &item, e);
    enum pickup p = dispatch_pickup(item, f->entry.request_id);

    *ours = p != PICKUP_GONE && p != PICKUP_OTHER;
    cJSON_Delete(item);
    return rc;
}

void dispatch_fail_record(const struct ops *o, struct dispatch *f)
{
    struct record_change u = RECORD_CHANGE_INIT;
    struct err cause = f->err;
    char job_id[JOB_ID_SIZE];
    bool ours = false;

    f->refused = true;
    (void)snprintf(job_id, sizeof job_id, "%s", f->entry.job_id);
    u.status = "FAILED";
    u.reason = f->entry.why;
    u.error = f->entry.why;
    enum err_code rc = is_ours(o, f, &ours, &f->err);
    if (rc == E_OK && ours) {
        rc = ops_change_record(o, job_id, &u, &f->err);
        /* The record is gone meanwhile, or already final: there is nothing to mark. */
        bool gone = rc == E_NOT_FOUND && f->err.aws_code[0] == '\0';
        rc = gone || rc == E_CONFLICT ? E_OK : rc;
    }
    if (rc == E_OK) {
        outbox_done(&f->entry);
        f->end = DISPATCH_FAILED;
        f->err = cause;
        dispatch_tell(&f->err, "%s was not sent and %s", job_id,
                      ours ? "its record is marked FAILED"
                           : "has no record of its own to mark FAILED");
        return;
    }
    dispatch_tell(&f->err,
                  "%s was refused by EventBridge (%.*s); its record could not be marked FAILED",
                  job_id, text_cut(f->entry.why, 120), f->entry.why);
    dispatch_keep(f);
}
