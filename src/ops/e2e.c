/* The end-to-end test: one test job from its record to its end.
 *
 * DESIGN: after the event was sent, everything is found by looking at the job again and again: a
 * step is done when its own source says so (Batch has the job, Batch runs it, the record was
 * reported to, the log has a line, both say that it ended well). The steps are told in order; a
 * step that is seen early waits for the one before. When a step is not done in time, its cause is
 * looked for where it would show: in the dead letter queue and the doctor's checks for an event
 * that nobody picked up, in Batch's reason for a job that waits or failed. */
#include "ops/e2e.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "e2e_priv.h"
#include "ops/logs.h"

enum { PICKUP_S = 60, TOTAL_S = 900, POLL_MS = 1000 };

/* clang-format off */
const struct e2e_step e2e_steps[STEPS] = {
    [SENT]      = {"J1", "record and event"},
    [PICKED_UP] = {"J2", "Batch job"},
    [STARTED]   = {"J3", "container started"},
    [REPORTED]  = {"J4", "container reports"},
    [LOGGED]    = {"J5", "log"},
    [ENDED]     = {"J6", "ended well"},
};
/* clang-format on */
const size_t e2e_steps_len = STEPS;

void e2e_result_clear(struct e2e_result *r)
{
    free(r->headline);
    free(r->fix);
    *r = (struct e2e_result){0};
}

static void tell(struct e2e_run *r, enum e2e_step_id s, const struct finding *f, int64_t ms)
{
    if (f->state == DOCTOR_FAIL && r->out->headline == NULL) {
        r->out->headline_id = e2e_steps[s].id;
        r->out->headline = xstrdup(f->text);
        r->out->fix = xstrdup(f->fix == NULL ? "" : f->fix);
    }
    r->opt->told(r->opt->arg, &e2e_steps[s], f, ms);
}

/* Tells of the step that was waited for, and goes on to the next step. */
static void done(struct e2e_run *r, struct finding *f)
{
    int64_t now = clock_mono_ms(NULL);

    tell(r, r->step, f, now - r->step_began_ms);
    finding_clear(f);
    r->step_began_ms = now;
    r->step++;
}

static void skip_rest(struct e2e_run *r)
{
    const char *after = r->out->headline_id;

    for (; r->step < STEPS; r->step++) {
        struct finding f = {0};
        (void)finding_add(&f, DOCTOR_SKIP, "because %s failed", after);
        finding_fix(&f, "see %s", after);
        tell(r, r->step, &f, -1);
        finding_clear(&f);
    }
}

/* ---- J1 ---- */

static enum err_code send(struct e2e_run *r, struct err *e)
{
    struct deploy_request q;
    struct deploy_result sent = {0};
    struct finding f = {0};

    deploy_request_init(&q);
    (void)!deploy_request_set(&q, "userId", E2E_USER, NULL);
    (void)!deploy_request_set(&q, "productId", "doctor-e2e", NULL);
    (void)!deploy_request_set(&q, "businessName", "Test job of mvpdash doctor", NULL);
    (void)!deploy_request_set(&q, "estimatedDuration", "60", NULL);
    (void)!deploy_request_set(&q, "metadata", "{\"canary\":true,\"simulate\":{\"stepSeconds\":0}}",
                              NULL);
    enum err_code rc = ops_deploy(r->o, &q, &sent, e);
    deploy_request_clear(&q);
    (void)snprintf(r->out->job_id, sizeof r->out->job_id, "%s", sent.job_id);
    if (rc == E_CANCELLED) {
        return rc;
    }
    if (rc == E_OK) {
        (void)finding_add(&f, DOCTOR_PASS, "%s, event %s", sent.job_id,
                          sent.event_id[0] == '\0' ? "sent" : sent.event_id);
    } else {
        (void)finding_add(&f, DOCTOR_FAIL, "%s", e->msg);
        finding_fix(&f, "%s", err_hint(e));
    }
    done(r, &f);
    return E_OK;
}

/* ---- what the job looks like ---- */

/* Did the container report? Steps and progress come from the container; the status may also come
 * from the tracker. */
static bool reported(const struct job_detail *d)
{
    return d->job->progress > 0 || (job_text(d->job, JOB_STEP) != NULL &&
                                    strcmp(job_text(d->job, JOB_STEP), "QUEUED") != 0);
}

static void look_at_log(struct e2e_run *r)
{
    struct log_cursor c;
    struct log_page page = {0};
    struct err e = {0};

    if (r->logged || r->step < LOGGED ||
        ops_log_open(r->o, r->out->job_id, 0, TIME_NONE, &c, &e) != E_OK || c.stream[0] == '\0') {
        return;
    }
    r->logged = ops_log_read(r->o, &c, &page, &e) == E_OK && page.len > 0;
    log_page_clear(&page);
}

static void look(struct e2e_run *r)
{
    struct job_detail *d = NULL;

    if (ops_job_get(r->o, r->out->job_id, false, &d, &r->look) != E_OK) {
        return;
    }
    r->look = d->batch_err;
    job_detail_free(r->d);
    r->d = d;
    if (e2e_batch_over(d) && r->ended_ms == 0) {
        r->ended_ms = clock_mono_ms(NULL);
    }
    look_at_log(r);
}

/* Is the step done that is waited for? Fills `f` with what was seen. */
static bool is_done(const struct e2e_run *r, struct finding *f)
{
    const struct job_detail *d = r->d;

    if (d == NULL || d->batch == NULL) {
        return false;
    }
    switch (r->step) {
    case PICKED_UP:
        (void)finding_add(f, DOCTOR_PASS, "%s", d->batch->id);
        return true;
    case STARTED:
        if (d->batch->status < BATCH_RUNNING || d->batch->started_ms == TIME_NONE) {
            return false;
        }
        (void)finding_add(f, DOCTOR_PASS, "%s", batch_status_word(d->batch->status));
        return true;
    case REPORTED:
        if (!reported(d)) {
            return false;
        }
        (void)finding_add(f, DOCTOR_PASS, "step %s",
                          job_text(d->job, JOB_STEP) == NULL ? "?" : job_text(d->job, JOB_STEP));
        return true;
    case LOGGED:
        if (!r->logged) {
            return false;
        }
        (void)finding_add(f, DOCTOR_PASS, "%s",
                          d->batch->log_stream == NULL ? "it can be read" : d->batch->log_stream);
        return true;
    case ENDED:
        if (d->job->status != JOB_COMPLETED || d->batch->status != BATCH_SUCCEEDED) {
            return false;
        }
        (void)finding_add(f, DOCTOR_PASS, "the record says COMPLETED, Batch SUCCEEDED");
        return true;
    case SENT:
    case STEPS:
        break;
    }
    return false;
}

/* ---- the run ---- */

static bool out_of_time(const struct e2e_run *r)
{
    int64_t now = clock_mono_ms(NULL);
    int pickup_s = r->opt->pickup_s == 0 ? PICKUP_S : r->opt->pickup_s;
    int total_s = r->opt->total_s == 0 ? TOTAL_S : r->opt->total_s;

    return now - r->began_ms > total_s * INT64_C(1000) ||
           (r->step == PICKED_UP && now - r->step_began_ms > pickup_s * INT64_C(1000));
}

/* Tells the caller what is waited for; false when the caller wants no more. */
static bool say_waiting(const struct e2e_run *r)
{
    const struct job_detail *d = r->d;

    if (r->opt->waiting == NULL) {
        return true;
    }
    const char *what = d == NULL || d->batch == NULL ? "sent"
                       : job_text(d->job, JOB_STEP) != NULL && reported(d)
                           ? job_text(d->job, JOB_STEP)
                           : batch_status_word(d->batch->status);
    return r->opt->waiting(r->opt->arg, &e2e_steps[r->step], what,
                           clock_mono_ms(NULL) - r->step_began_ms);
}

/* Follows the job to its end; false when ops_stop ended the following. */
static bool follow(struct e2e_run *r)
{
    while (r->step < STEPS && r->out->headline == NULL) {
        struct finding f = {0};
        look(r);
        if (r->look.code == E_CANCELLED) {
            return false;
        }
        if (is_done(r, &f)) {
            done(r, &f);
            continue;
        }
        if (e2e_failed(r, &f) || e2e_died(r, &f)) {
            done(r, &f);
        } else if (out_of_time(r)) {
            e2e_timed_out(r, &f);
            done(r, &f);
        } else if (!say_waiting(r) ||
                   !ops_sleep(r->o, r->opt->poll_ms == 0 ? POLL_MS : r->opt->poll_ms)) {
            return false;
        }
    }
    return true;
}

enum err_code ops_e2e(const struct ops *o, const struct e2e_options *opt, struct e2e_result *out,
                      struct err *e)
{
    struct e2e_run r = {.o = o, .opt = opt, .out = out};
    struct cancel_result ended;

    *out = (struct e2e_result){0};
    r.dlq_depth = e2e_dlq_depth(&r);
    r.began_ms = r.step_began_ms = r.dlq_looked_ms = clock_mono_ms(NULL);
    enum err_code rc = send(&r, e);
    if (rc == E_OK && !follow(&r)) {
        rc = err_set(e, E_CANCELLED, "stopped at %s (%s)", e2e_steps[r.step].id,
                     e2e_steps[r.step].title);
    }
    if (rc == E_OK) {
        skip_rest(&r);
        out->ok = out->headline == NULL;
        /* A job that did not go on would start some day, or wait for ever. */
        out->cancelled =
            !out->ok && out->job_id[0] != '\0' && (r.d == NULL || !e2e_batch_over(r.d)) &&
            ops_cancel(o, out->job_id, "test job of mvpdash doctor that got stuck", &ended, e) ==
                E_OK;
    } else if (rc == E_CANCELLED && out->job_id[0] != '\0') {
        (void)err_hint_set(e, "the test job continues: mvpdash status %s, or mvpdash cancel %s",
                           out->job_id, out->job_id);
    }
    job_detail_free(r.d);
    return rc;
}
