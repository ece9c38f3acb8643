/* doctor_job.c - K1: what became of the job that did not start. */
#include <string.h>

#include "core/clock.h"
#include "jobs/age.h"
#include "jobs/doctor.h"

/* Has anybody taken the job: a Batch job, or a program that wrote that the job runs? */
static bool is_taken(const struct doctor_job *x)
{
    return (x->batch != NULL && !batch_job_refused(x->batch)) ||
           job_text(x->job, JOB_BATCH_ID) != NULL || x->state->status == JOB_IN_PROGRESS ||
           x->state->status == JOB_STOPPING;
}

/* Does the job's container not know whose job it is? Rule D6 says how to mend the target. */
static bool goes_astray(const struct doctor_job *x)
{
    return x->job->mark == JOB_TWO_RECORDS || x->job->mark == JOB_OTHER_KEY;
}

static void say_taken(const struct doctor_job *x, const char *why, struct finding *f)
{
    const char *colon = why[0] == '\0' ? "" : ": ";
    bool astray = goes_astray(x);
    enum doctor_state state = x->state->stuck != STUCK_NO || astray ? DOCTOR_WARN : DOCTOR_PASS;

    if (x->batch != NULL) {
        (void)finding_add(f, state, "its event arrived: Batch job %s is %s%s%s", x->batch->id,
                          batch_status_word(x->batch->status), colon, why);
    } else {
        (void)finding_add(f, state, "its event arrived: it is %s%s%s",
                          job_state_word(x->job, x->state), colon, why);
    }
    if (astray) {
        finding_fix(f, "see D6: the target must give the container its JOB_ID");
    } else if (state == DOCTOR_WARN) {
        finding_fix(f, "see F2, F4 and F6; `mvpdash status %-s`", x->job->id);
    }
}

static void say_lost(const struct doctor_job *x, struct finding *f)
{
    f->lost = true;
    (void)finding_add(f, DOCTOR_FAIL,
                      "its event is lost: it is in no Batch job, no dead letter queue and no "
                      "outbox of this machine");
    if (x->fault != NULL) {
        finding_fix(f, "mend %s first, then retry the job: `mvpdash retry %-s`", x->fault,
                    x->job->id);
    } else {
        finding_fix(f, "no check on its way fails now; retry the job: `mvpdash retry %-s`",
                    x->job->id);
    }
}

/* Says what it means that no Batch job has this job. */
static void say_missing(const struct doctor_job *x, struct finding *f)
{
    int64_t made = job_time(x->job, x->state, NULL);
    long long age = made == TIME_NONE ? 0 : (long long)(x->now_ms - made) / 1000;
    char span[AGE_SIZE];
    char usual[AGE_SIZE];

    if (x->unsent) {
        (void)finding_add(f, DOCTOR_WARN, "its event waits in the outbox of this machine");
        finding_fix(f, "see D1");
    } else if (x->letter == LETTER_FOUND) {
        (void)finding_add(f, DOCTOR_FAIL, "it has no Batch job: its event is a dead letter");
        finding_fix(f, "see E4");
    } else if (made == TIME_NONE) {
        (void)finding_add(f, DOCTOR_UNKNOWN,
                          "it has no Batch job; its record does not show how long it has waited");
        finding_fix(f, "check it later: `mvpdash doctor --job %-s`", x->job->id);
    } else if (age < x->not_picked_up_s) {
        (void)finding_add(f, DOCTOR_PASS,
                          "it has no Batch job %s after it was made; up to %s is usual",
                          duration_text(age < 0 ? 0 : age * 1000, span),
                          duration_text((int64_t)x->not_picked_up_s * 1000, usual));
    } else if (x->letter == LETTER_UNKNOWN) {
        (void)finding_add(f, DOCTOR_UNKNOWN,
                          "it has no Batch job; whether its event is a dead letter is not known");
        finding_fix(f,
                    "see E1 and E4; when `mvpdash dlq` does not show it, it is lost: retry the job "
                    "with mvpdash retry %-s",
                    x->job->id);
    } else {
        say_lost(x, f);
    }
}

void doctor_job(const struct doctor_job *x, struct finding *f)
{
    char why[STATE_REASON_SIZE];

    (void)job_state_reason(x->job, x->batch, x->state, why, sizeof why);
    if (x->state->status == JOB_CANCELLED && x->batch == NULL && x->batch_fault != NULL) {
        /* Whoever cancels a job writes this status, and not the container, which may still run. */
        (void)finding_add(
            f, DOCTOR_UNKNOWN,
            "its record says CANCELLED; whether a Batch job of it still runs is not known: %s",
            x->batch_fault);
        finding_fix(f, "end it: `mvpdash cancel %-s`", x->job->id);
    } else if (job_status_final((enum job_status)x->state->status)) {
        (void)finding_add(f, goes_astray(x) ? DOCTOR_WARN : DOCTOR_PASS, "it has ended: %s%s%s",
                          job_state_word(x->job, x->state), why[0] == '\0' ? "" : ": ", why);
        if (goes_astray(x)) {
            finding_fix(f, "see D6: the target must give the container its JOB_ID");
        }
    } else if (is_taken(x)) {
        say_taken(x, why, f);
    } else if (x->batch_fault != NULL) {
        (void)finding_add(f, DOCTOR_UNKNOWN, "whether it has a Batch job is not known: %s",
                          x->batch_fault);
        finding_fix(f, "check it later: `mvpdash doctor --job %-s`", x->job->id);
    } else {
        say_missing(x, f);
    }
}
