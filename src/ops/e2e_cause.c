/* Why a test job does not go on: looked for where each cause would show. */
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "e2e_priv.h"
#include "jobs/age.h"
#include "ops/dlq.h"

enum { DLQ_LOOKS_MS = 3000, SETTLE_S = 20 };

bool e2e_batch_over(const struct job_detail *d)
{
    return d->batch != NULL &&
           (d->batch->status == BATCH_SUCCEEDED || d->batch->status == BATCH_FAILED);
}

int64_t e2e_dlq_depth(const struct e2e_run *r)
{
    struct dlq_queue q = {0};
    struct err e = {0};
    int64_t n = ops_dlq_open(r->o, &q, &e) == E_OK ? q.visible + q.hidden : -1;

    dlq_queue_clear(&q);
    return n;
}

/* Is the test job's event among the dead letters? Tells why it could not be delivered. */
static bool dead_letter(const struct e2e_run *r, struct finding *f)
{
    struct dlq_queue q = {0};
    struct dlq_list l = {0};
    const struct dlq_wish wish = {.limit = 100, .hold_s = DLQ_LOOK_S};
    struct err e = {0};
    bool found = false;

    if (ops_dlq_open(r->o, &q, &e) == E_OK && ops_dlq_take(r->o, &q, &wish, &l, &e) == E_OK) {
        for (size_t i = 0; i < l.len && !found; i++) {
            const struct dlq_message *m = &l.items[i];
            if (strcmp(m->job_id, r->out->job_id) != 0) {
                continue;
            }
            found = true;
            (void)finding_add(f, DOCTOR_FAIL, "EventBridge could not deliver the event: %s%s%s",
                              m->error_code == NULL ? "it gives no reason" : m->error_code,
                              m->error_message == NULL ? "" : ": ",
                              m->error_message == NULL ? "" : m->error_message);
            finding_fix(f, "%s; the event: `mvpdash dlq`", dlq_remedy(m->error_code));
        }
        ops_dlq_give_back(r->o, &q, &l);
    }
    dlq_list_clear(&l);
    dlq_queue_clear(&q);
    return found;
}

/* Looks into the dead letter queue as soon as it holds more than before: then the time for the step
 * need not pass first. */
bool e2e_died(struct e2e_run *r, struct finding *f)
{
    int64_t now = clock_mono_ms(NULL);

    if (r->step != PICKED_UP || now - r->dlq_looked_ms < DLQ_LOOKS_MS) {
        return false;
    }
    r->dlq_looked_ms = now;
    int64_t depth = e2e_dlq_depth(r);
    return depth > 0 && depth > r->dlq_depth && dead_letter(r, f);
}

static void not_picked_up(struct e2e_run *r, int64_t waited_s, struct finding *f)
{
    struct doctor_report report;
    struct err e = {0};
    char span[AGE_SIZE];

    if (dead_letter(r, f)) {
        return;
    }
    (void)finding_add(f, DOCTOR_FAIL, "the event was accepted, but Batch has no job after %s",
                      duration_text(waited_s * 1000, span));
    if (ops_doctor(r->o, r->opt->doctor, NULL, NULL, &report, &e) == E_OK &&
        report.headline != NULL) {
        (void)finding_add(f, DOCTOR_FAIL, "%s: %s", report.headline_id, report.headline);
        finding_fix(f, "%s", report.fix);
    } else {
        finding_fix(f, "no check found a cause; see what the rule matched: `mvpdash logs --rule "
                       "--since 10m`; and what could not be delivered: `mvpdash dlq`");
    }
    doctor_report_clear(&report);
}

/* The reason that Batch and the record give together; NULL is allowed. */
static const char *reason_of(const struct job_detail *d, char out[STATE_REASON_SIZE])
{
    out[0] = '\0';
    if (d != NULL) {
        (void)job_state_reason(d->job, d->batch, &d->state, out, STATE_REASON_SIZE);
    }
    return out;
}

/* Did the job end badly, by Batch or by its record, or did something not come that should have
 * come? */
bool e2e_failed(struct e2e_run *r, struct finding *f)
{
    const struct job_detail *d = r->d;
    char why[STATE_REASON_SIZE];
    const char *id = r->out->job_id;

    if (d == NULL || d->batch == NULL || !e2e_batch_over(d)) {
        return false;
    }
    int settle_s = r->opt->settle_s == 0 ? SETTLE_S : r->opt->settle_s;
    bool late = clock_mono_ms(NULL) - r->ended_ms > settle_s * INT64_C(1000);
    /* A refused claim says nothing about the job: another container may have it. */
    bool failed = d->batch->status == BATCH_FAILED && !batch_job_refused(d->batch);
    if (failed || d->job->status == JOB_FAILED || d->job->status == JOB_CANCELLED ||
        (late && d->batch->status == BATCH_FAILED && d->state.status != JOB_IN_PROGRESS)) {
        (void)finding_add(f, DOCTOR_FAIL, "the job ended %s: %s", job_state_word(d->job, &d->state),
                          reason_of(d, why));
        finding_fix(f, "`mvpdash logs %-s`", id);
        return true;
    }
    if (late && r->step == REPORTED) {
        (void)finding_add(f, DOCTOR_FAIL,
                          "Batch says %s, but the container never reported to the record",
                          batch_status_word(d->batch->status));
        finding_fix(f,
                    "the container must call mvpdash report (infra/container does), and its job "
                    "role must allow dynamodb:UpdateItem on table %-s",
                    r->o->table);
        return true;
    }
    if (late && r->step == LOGGED) {
        (void)finding_add(f, DOCTOR_FAIL, "the job ended and left no log that can be read");
        finding_fix(f, "see G1 and G2; the execution role must allow logs:CreateLogStream and "
                       "logs:PutLogEvents");
        return true;
    }
    if (late && r->step == ENDED) {
        (void)finding_add(f, DOCTOR_FAIL, "Batch says %s, the record says %s",
                          batch_status_word(d->batch->status),
                          job_text(d->job, JOB_STATUS_TEXT) == NULL
                              ? "nothing"
                              : job_text(d->job, JOB_STATUS_TEXT));
        finding_fix(f, "see H1: the tracker keeps records true (infra/)");
        return true;
    }
    return false;
}

void e2e_timed_out(struct e2e_run *r, struct finding *f)
{
    char why[STATE_REASON_SIZE];
    char span[AGE_SIZE];
    int64_t waited_s = (clock_mono_ms(NULL) - r->step_began_ms) / 1000;

    if (r->look.code != E_OK) {
        (void)finding_add(f, DOCTOR_FAIL, "the job cannot be read: %s", r->look.msg);
        finding_fix(f, "%s", err_hint(&r->look));
        return;
    }
    if (r->step == PICKED_UP) {
        not_picked_up(r, waited_s, f);
        return;
    }
    if (r->d != NULL && r->d->batch != NULL) {
        job_why(r->d->batch, why, sizeof why);
        (void)finding_add(f, DOCTOR_FAIL, "not within %s: Batch says %s%s%s",
                          duration_text(waited_s * 1000, span),
                          batch_status_word(r->d->batch->status), why[0] == '\0' ? "" : ", ", why);
    } else {
        (void)finding_add(f, DOCTOR_FAIL, "not within %s", duration_text(waited_s * 1000, span));
    }
    if (r->step == STARTED) {
        finding_fix(f, "see F2, F4, F5 and F6: mvpdash doctor; wait longer: mvpdash doctor --e2e "
                       "--timeout 1800");
    } else {
        finding_fix(f, "`mvpdash status %-s`; `mvpdash logs %-s`", r->out->job_id, r->out->job_id);
    }
}
