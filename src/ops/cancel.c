/* Cancelling a job: its record, its Batch jobs, and waiting for their end. */
#include <stdio.h>
#include <string.h>

#include "aws/attr.h"
#include "aws/batch.h"
#include "batch_find.h"
#include "core/deadline.h"
#include "core/text.h"
#include "jobs/record_change.h"
#include "ops/guard.h"
#include "ops/job_ops.h"
#include "ops/outbox.h"
#include "reasons.h"

enum { REASON_MAX = 3072, POLL_FIRST_MS = 500, POLL_MAX_MS = 3000 };

static bool batch_over(const struct batch_job *b)
{
    return b == NULL || b->status == BATCH_SUCCEEDED || b->status == BATCH_FAILED;
}

/* How many bytes of the reason are kept: Batch takes 1,024 characters. */
static int reason_len(const char *reason)
{
    const char *s = reason == NULL ? "" : reason;

    return text_cut(s, text_characters(s) <= 600 ? 2400 : 800);
}

/* The text that stands in Batch's statusReason afterwards: who cancelled and why, "mvpdash
 * user@host: text". */
static void reason_text(const struct ops *o, const char *reason, char out[REASON_MAX])
{
    (void)snprintf(out, REASON_MAX, "mvpdash %s%s%.*s", o->actor,
                   reason == NULL || reason[0] == '\0' ? "" : ": ", reason_len(reason),
                   reason == NULL ? "" : reason);
}

/* Ends the Batch job that the event of `x` may have made: the event may have been sent. */
static enum err_code end_doubtful(const struct ops *o, const struct outbox_entry *x,
                                  const char *reason, struct cancel_result *out, struct err *e)
{
    const struct batch_want want = {.job_id = x->job_id,
                                    .from_ms = x->kept_ms < x->sent_ms ? x->kept_ms : x->sent_ms};
    struct batch_hit hit;
    char why[REASON_MAX];
    enum err_code rc = batch_search(o, &want, 1, false, &hit, e);
    const struct batch_job *b = hit.job;

    if (rc == E_OK && !batch_over(b)) {
        reason_text(o, reason, why);
        rc = batch_terminate_job(o->aws, b->id, why, e);
        out->outcome = CANCEL_STOPPING;
        (void)snprintf(out->batch_job_id, sizeof out->batch_job_id, "%s", b->id);
    } else if (rc == E_OK && b != NULL) {
        out->outcome = CANCEL_ENDED;
        out->succeeded = b->status == BATCH_SUCCEEDED;
        (void)snprintf(out->batch_job_id, sizeof out->batch_job_id, "%s", b->id);
    }
    batch_hit_clear(&hit);
    return rc;
}

/* Cancels a request that never left the outbox, by dropping it there. E_NOT_FOUND: the outbox does
 * not have it; E_CONFLICT: another mvpdash is sending it at this moment. */
static enum err_code drop_from_outbox(const struct ops *o, const char *job_id, const char *reason,
                                      struct cancel_result *out, struct err *e)
{
    struct outbox_entry x;
    enum err_code opened = outbox_open(o, job_id, &x, e);

    if (opened != E_OK) {
        return opened;
    }
    if (x.stage == OUTBOX_SENT) {
        enum err_code rc = end_doubtful(o, &x, reason, out, e);
        if (rc != E_OK) {
            outbox_leave(&x);
            (void)err_wrap(e, "the event of %s may have been sent, so it stays in the outbox",
                           job_id);
            return rc;
        }
    }
    outbox_undo(&x);
    return E_OK;
}

static enum err_code refuse_final(const struct job_detail *d, struct err *e)
{
    char why[STATE_REASON_SIZE];
    struct job *told = job_copy(d->job);

    told->mark =
        JOB_RECORDED; /* the message tells why the job is over, not where its records are */
    (void)job_state_reason(told, d->batch, &d->state, why, sizeof why);
    job_free(told);
    (void)err_set(e, E_CONFLICT, "job %s has already ended as %s%s%.*s%s: nothing was changed",
                  d->job->id, job_status_word((enum job_status)d->state.status),
                  why[0] == '\0' ? "" : " (", text_cut(why, 200), why, why[0] == '\0' ? "" : ")");
    return d->job->mark == JOB_NO_RECORD || d->job->mark == JOB_OTHER_KEY
               ? err_hint_set(e, "`mvpdash send` starts a new job")
               : err_hint_set(e, "`mvpdash retry %s` sends it as a new job", d->job->id);
}

/* Marks the records that the job's containers wrote under Batch ids: nobody else will end these
 * records, and a program that reads them by themselves takes the job for running. A record that is
 * over already stays as it is. */
static enum err_code mark_parts(const struct ops *o, const struct job_detail *d,
                                const struct record_change *u, struct err *e)
{
    enum err_code rc = E_OK;
    const cJSON *part;

    cJSON_ArrayForEach(part, d->parts)
    {
        struct err own = {0};
        const char *key = attr_str(part, "jobId");
        enum err_code one = key == NULL ? E_OK : ops_change_record(o, key, u, &own);
        if (one != E_OK && one != E_CONFLICT && rc == E_OK) {
            rc = one;
            if (e != NULL) {
                *e = own;
            }
        }
    }
    return rc;
}

/* Marks the record, unless it is marked already; without a record there is nothing to write.
 * E_CONFLICT: the record became final meanwhile. */
static enum err_code mark(const struct ops *o, const struct job_detail *d, const char *why,
                          struct err *e)
{
    struct record_change u = RECORD_CHANGE_INIT;

    if (d->job->status == JOB_CANCELLED) {
        return E_OK;
    }
    u.status = "CANCELLED";
    u.reason = why;
    enum err_code rc = d->item == NULL ? E_OK : ops_change_record(o, d->job->id, &u, e);
    if (rc == E_OK) {
        rc = mark_parts(o, d, &u, e);
    }
    if (rc == E_CONFLICT) {
        (void)err_hint_set(e, "it ended while it was being cancelled; look with `mvpdash status`");
    }
    return rc;
}

/* Was the job told to end although TerminateJob failed? Batch shows who ended it. */
static bool was_told(const struct ops *o, const char *batch_id, const char *why)
{
    struct batch_job *b = NULL;
    bool told = batch_find_by_id(o, batch_id, &b, NULL) == E_OK && b != NULL &&
                (batch_over(b) || b->terminated ||
                 (b->status_reason != NULL && strcmp(b->status_reason, why) == 0));

    batch_job_free(b);
    return told;
}

/* Ends a Batch job with TerminateJob, which works in every state; CancelJob does nothing to a
 * running job. An answer of 200 proves nothing (Batch gives it for any id), so Batch is asked
 * again. */
static enum err_code terminate(const struct ops *o, const struct job *j, const struct batch_job *b,
                               const char *why, struct cancel_result *out, struct err *e)
{
    struct batch_job *after = NULL;
    const char *recorded = j->mark == JOB_NO_RECORD ? "has no record" : "is recorded as CANCELLED";

    (void)snprintf(out->batch_job_id, sizeof out->batch_job_id, "%s", b->id);
    struct err told = {0};
    enum err_code rc = batch_terminate_job(o->aws, b->id, why, &told);
    if (rc != E_OK && !(told.maybe_done && was_told(o, b->id, why))) {
        if (e != NULL) {
            *e = told;
        }
        (void)err_wrap(e,
                       told.maybe_done ? "%s %s; whether Batch was asked to end %s is not known"
                                       : "%s %s, but Batch could not be asked to end %s",
                       j->id, recorded, b->id);
        return err_hint_set(e, "run the same cancel again: it continues from here");
    }
    out->outcome = CANCEL_STOPPING;
    if (batch_find_by_id(o, b->id, &after, NULL) == E_OK) {
        reasons_keep(o, j->id, after);
        if (batch_over(after)) {
            out->outcome = CANCEL_ENDED;
            out->succeeded = after != NULL && after->status == BATCH_SUCCEEDED;
        }
    }
    batch_job_free(after);
    return E_OK;
}

static bool any_runs(const struct job_detail *d)
{
    bool any = d->batch != NULL && !batch_over(d->batch);

    for (size_t i = 0; i < d->others_len; i++) {
        any = any || !batch_over(d->others[i]);
    }
    return any;
}

/* Ends every Batch job of this job that is not over. `out` tells of the Batch job that counts, else
 * of one that had to be ended. */
static enum err_code terminate_all(const struct ops *o, const struct job_detail *d, const char *why,
                                   struct cancel_result *out, struct err *e)
{
    enum err_code rc = E_OK;

    for (size_t i = d->others_len; i > 0; i--) {
        if (!batch_over(d->others[i - 1])) {
            enum err_code one = terminate(o, d->job, d->others[i - 1], why, out, e);
            rc = rc == E_OK ? one : rc;
        }
    }
    /* the job that counts is ended even when another one could not be ended */
    if (d->batch != NULL && !batch_over(d->batch)) {
        enum err_code one = terminate(o, d->job, d->batch, why, out, e);
        rc = rc == E_OK ? one : rc;
    }
    return rc;
}

/* Marks the record that may have come under `key`; mostly there is none, and a record that is over
 * stays as it is. */
static enum err_code mark_if_there(const struct ops *o, const char *key, const char *why,
                                   struct err *e)
{
    struct record_change u = RECORD_CHANGE_INIT;
    struct err own = {0};

    u.status = "CANCELLED";
    u.reason = why;
    enum err_code rc = ops_change_record(o, key, &u, &own);
    if (rc == E_OK || rc == E_NOT_FOUND || rc == E_CONFLICT) {
        return E_OK;
    }
    if (e != NULL) {
        *e = own;
        (void)err_wrap(
            e, "Batch was asked to end it, but a record that was written meanwhile may not say so");
    }
    return rc;
}

/* Marks records that came late: a job without a record may get one while its Batch job is being
 * ended, and nobody else would end that record. */
static enum err_code mark_late(const struct ops *o, const struct job_detail *d, const char *why,
                               struct err *e)
{
    enum err_code rc = mark_if_there(o, d->job->id, why, e);

    if (rc == E_OK && d->batch != NULL && cJSON_GetArraySize(d->parts) == 0 &&
        strcmp(d->batch->id, d->job->id) != 0) {
        rc = mark_if_there(o, d->batch->id, why, e);
    }
    return rc;
}

static enum err_code cancel(const struct ops *o, const char *job_id, const char *reason,
                            struct cancel_result *out, struct err *e)
{
    struct job_detail *d = NULL;
    struct cancel_result result = {.outcome = CANCEL_DONE};
    char why[REASON_MAX];
    enum err_code rc = ops_job_get(o, job_id, false, &d, e);

    if (rc == E_NOT_FOUND) {
        struct err dropping = {0};
        enum err_code dropped = drop_from_outbox(o, job_id, reason, &result, &dropping);
        if (dropped != E_NOT_FOUND) {
            rc = dropped;
            if (e != NULL) {
                *e = dropping;
            }
        }
        goto out;
    }
    if (rc != E_OK) {
        goto out;
    }
    reason_text(o, reason, why);
    bool again = d->job->status == JOB_CANCELLED && any_runs(d);
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
        (void)err_wrap(e,
                       "%s is recorded as CANCELLED, but whether a Batch job of it runs is not "
                       "known",
                       job_id);
        (void)err_hint_set(e, "run the same cancel again: it continues from here");
        goto out;
    }
    bool named =
        job_text(d->job, JOB_BATCH_ID) != NULL && job_text(d->job, JOB_BATCH_ID)[0] != '\0';
    result.unsure = !named && !d->others_all;
    if (any_runs(d)) {
        rc = terminate_all(o, d, why, &result, e);
        if (rc == E_OK && d->item == NULL) {
            rc = mark_late(o, d, why, e);
        }
    } else if (d->batch != NULL) {
        /* The container was done before the record said so: that must not look like a stop. */
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

enum err_code ops_cancel(const struct ops *o, const char *job_id, const char *reason,
                         struct cancel_result *out, struct err *e)
{
    int64_t begun = ops_begin(o);
    enum err_code rc = ops_may_write(o, e);

    if (rc == E_OK) {
        rc = cancel(o, job_id, reason, out, e);
    }

    ops_end(begun);
    return rc;
}

static enum err_code wait_for_end(const struct ops *o, const char *batch_job_id, int timeout_ms,
                                  bool *succeeded, struct err *e)
{
    int64_t until = clock_mono_ms(NULL) + timeout_ms;
    int step = POLL_FIRST_MS;

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
        if (rc != E_OK && !err_means(rc, ERR_PASSES)) {
            return rc;
        }
        int64_t left = until - clock_mono_ms(NULL);
        if (left <= 0) {
            return rc != E_OK
                       ? rc
                       : err_set(e, E_TIMEOUT,
                                 "Batch has not ended %s after %d s: the job is still stopping",
                                 batch_job_id, timeout_ms / 1000);
        }
        if (!ops_sleep(o, left < step ? (int)left : step)) {
            return err_set(e, E_CANCELLED, "no longer waiting for %s", batch_job_id);
        }
        step = step * 3 / 2 > POLL_MAX_MS ? POLL_MAX_MS : step * 3 / 2;
    }
}

enum err_code ops_cancel_wait(const struct ops *o, const char *batch_job_id, int timeout_ms,
                              bool *succeeded, struct err *e)
{
    int64_t before = deadline_within(timeout_ms);

    *succeeded = false;
    enum err_code rc = wait_for_end(o, batch_job_id, deadline_left_ms(timeout_ms), succeeded, e);
    (void)deadline_set(before);
    return rc;
}
