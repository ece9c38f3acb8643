#include <stdio.h>
#include <string.h>

#include "aws/batch.h"
#include "batch_find.h"
#include "jobs/report.h"
#include "ops/job_ops.h"
#include "ops/outbox.h"
#include "ops/reasons.h"

enum { REASON_MAX = 1024, POLL_FIRST_MS = 500, POLL_MAX_MS = 3000 };

static bool batch_over(const struct batch_job *b)
{
    return b == NULL || b->status == BATCH_SUCCEEDED || b->status == BATCH_FAILED;
}

/* Who and why, as it stands in Batch's statusReason afterwards: "mvpdash user@host: text". */
static void reason_text(const struct ops *o, const char *reason, char out[REASON_MAX])
{
    (void)snprintf(out, REASON_MAX, "mvpdash %s%s%.800s", o->actor,
                   reason == NULL || reason[0] == '\0' ? "" : ": ", reason == NULL ? "" : reason);
}

/* A request that never left the outbox is cancelled by dropping it there. */
static bool drop_from_outbox(const struct ops *o, const char *job_id)
{
    struct outbox_entry x;

    if (outbox_open(o, job_id, &x, NULL) != E_OK) {
        return false;
    }
    outbox_done(&x);
    return true;
}

static enum err_code refuse_final(const struct job_detail *d, struct err *e)
{
    char why[STATE_REASON_SIZE];

    (void)job_state_reason(d->job, d->batch, &d->state, why, sizeof why);
    (void)err_set(e, E_CONFLICT, "job %s is %s already%s%.200s%s: nothing was changed", d->job->id,
                  job_status_word((enum job_status)d->state.status), why[0] == '\0' ? "" : " (",
                  why, why[0] == '\0' ? "" : ")");
    return err_hint_set(e, "`mvpdash retry %s` starts it again as a new job", d->job->id);
}

/* Marks the record, unless it is marked. E_CONFLICT: it became final meanwhile. */
static enum err_code mark(const struct ops *o, const struct job_detail *d, const char *why,
                          struct err *e)
{
    struct report_update u = REPORT_INIT;

    if (d->job->status == JOB_CANCELLED) {
        return E_OK;
    }
    u.status = "CANCELLED";
    u.reason = why;
    enum err_code rc = ops_report(o, d->job->id, &u, e);
    if (rc == E_CONFLICT) {
        (void)err_hint_set(e, "it ended while it was being cancelled; look with `mvpdash status`");
    }
    return rc;
}

/* TerminateJob covers every state; CancelJob does nothing on a running job. Its 200 proves nothing
 * (it answers so to any id), so Batch is asked again. */
static enum err_code terminate(const struct ops *o, const struct job_detail *d, const char *why,
                               struct cancel_result *out, struct err *e)
{
    struct batch_job *after = NULL;

    (void)snprintf(out->batch_job_id, sizeof out->batch_job_id, "%s", d->batch->id);
    enum err_code rc = batch_terminate_job(o->aws, d->batch->id, why, e);
    if (rc != E_OK) {
        (void)err_wrap(e, "%s is recorded as CANCELLED, but Batch could not be told to end %s",
                       d->job->id, d->batch->id);
        return err_hint_set(e, "run the cancel again: it goes on from here");
    }
    out->outcome = CANCEL_STOPPING;
    if (batch_find_by_id(o, d->batch->id, &after, NULL) == E_OK) {
        reasons_keep(o, d->job->id, after);
        if (batch_over(after)) {
            out->outcome = CANCEL_ENDED;
            out->succeeded = after != NULL && after->status == BATCH_SUCCEEDED;
        }
    }
    batch_job_free(after);
    return E_OK;
}

enum err_code ops_cancel(const struct ops *o, const char *job_id, const char *reason,
                         struct cancel_result *out, struct err *e)
{
    struct job_detail *d = NULL;
    struct cancel_result result = {.outcome = CANCEL_DONE};
    char why[REASON_MAX];
    enum err_code rc = ops_job_get(o, job_id, false, &d, e);

    if (rc == E_NOT_FOUND && drop_from_outbox(o, job_id)) {
        rc = E_OK;
        goto out;
    }
    if (rc != E_OK) {
        goto out;
    }
    reason_text(o, reason, why);
    bool again = d->job->status == JOB_CANCELLED && d->batch != NULL && !batch_over(d->batch);
    bool blind_again = d->job->status == JOB_CANCELLED && !d->batch_asked;
    if (!again && !blind_again && job_status_final((enum job_status)d->state.status)) {
        rc = refuse_final(d, e);
        goto out;
    }
    rc = mark(o, d, why, e);
    if (rc != E_OK) {
        goto out;
    }
    if (!d->batch_asked) {
        rc = d->batch_err.code == E_OK ? E_SERVICE : d->batch_err.code;
        if (e != NULL) {
            *e = d->batch_err;
        }
        (void)err_wrap(e, "%s is recorded as CANCELLED, but Batch could not be asked", job_id);
        (void)err_hint_set(e, "run the cancel again: it goes on from here");
        goto out;
    }
    if (d->batch != NULL && !batch_over(d->batch)) {
        rc = terminate(o, d, why, &result, e);
    } else if (d->batch != NULL) {
        /* The machine was done before the record said so: that must not look like a stop. */
        result.outcome = CANCEL_ENDED;
        result.succeeded = d->batch->status == BATCH_SUCCEEDED;
        (void)snprintf(result.batch_job_id, sizeof result.batch_job_id, "%s", d->batch->id);
    }
out:
    if (out != NULL) {
        *out = result;
    }
    job_detail_free(d);
    return rc;
}

enum err_code ops_cancel_wait(const struct ops *o, const char *batch_job_id, int timeout_ms,
                              bool *succeeded, struct err *e)
{
    int64_t until = clock_mono_ms(NULL) + timeout_ms;
    int step = POLL_FIRST_MS;

    *succeeded = false;
    for (;;) {
        struct batch_job *b = NULL;
        enum err_code rc = batch_find_by_id(o, batch_job_id, &b, e);
        bool over = rc == E_OK && batch_over(b);
        *succeeded = b != NULL && b->status == BATCH_SUCCEEDED;
        batch_job_free(b);
        if (over) {
            return E_OK;
        }
        /* A lost link or a throttle is waited out like the job itself. */
        if (rc != E_OK && rc != E_NET && rc != E_TIMEOUT && rc != E_THROTTLED) {
            return rc;
        }
        int64_t left = until - clock_mono_ms(NULL);
        if (left <= 0) {
            return rc != E_OK ? rc
                              : err_set(e, E_TIMEOUT,
                                        "Batch has not ended %s after %d s: it is still stopping",
                                        batch_job_id, timeout_ms / 1000);
        }
        if (!ops_sleep(o, left < step ? (int)left : step)) {
            return err_set(e, E_CANCELLED, "no longer waiting for %s", batch_job_id);
        }
        step = step * 3 / 2 > POLL_MAX_MS ? POLL_MAX_MS : step * 3 / 2;
    }
}
