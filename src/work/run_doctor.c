/* The tasks of the doctor: its checks and its test job. Each tells how it goes on, and ends when
 * nobody waits for it. */
#include <string.h>

#include "core/alloc.h"
#include "ops/doctor.h"
#include "ops/e2e.h"
#include "run_priv.h"

/* Findings are borrowed, so a message gets a copy. */
static struct finding copy_finding(const struct finding *f)
{
    struct finding copy = *f;

    copy.text = xstrdup(f->text);
    copy.fix = xstrdup(f->fix);
    return copy;
}

static void send_check(void *arg, const struct doctor_check *c, const struct finding *f)
{
    struct run *r = arg;
    struct msg *m = msg_new(MSG_DOCTOR, r->t);

    msg_as(m, doctor).check = (size_t)(c - doctor_checks);
    msg_as(m, doctor).ended = f != NULL;
    if (f != NULL) {
        msg_as(m, doctor).found = copy_finding(f);
    }
    run_send(r, m);
}

static bool nobody_waits(void *arg)
{
    return run_dropped(arg);
}

void run_doctor(struct run *r)
{
    struct err e = {0};
    struct doctor_report report;
    const struct task_doctor *x = &task_as(r->t, doctor);
    struct doctor_options opt = {.only = x->only,
                                 .terminal = x->terminal,
                                 .job_id = r->t->job_id,
                                 .watch = send_check,
                                 .give_up = nobody_waits,
                                 .arg = r};
    /* A single check that is run again is about a job that was there. */
    bool first = opt.job_id != NULL && opt.only != NULL && strcmp(opt.only, doctor_way) == 0;
    enum err_code rc = first ? ops_doctor_job(r->o, opt.job_id, &e) : E_OK;

    if (rc == E_OK) {
        rc = ops_doctor(r->o, &opt, NULL, NULL, &report, &e);
        doctor_report_clear(&report);
    }
    run_done(r, rc, &e);
}

/* ---- the test job ---- */

struct canary {
    struct run *r;
    size_t step; /* the step that was told last */
    char what[120];
};

static void send_step(void *arg, const struct e2e_step *s, const struct finding *f, int64_t ms)
{
    struct canary *c = arg;
    struct msg *m = msg_new(MSG_E2E, c->r->t);

    msg_as(m, e2e).step = (size_t)(s - e2e_steps);
    msg_as(m, e2e).ended = true;
    msg_as(m, e2e).found = copy_finding(f);
    msg_as(m, e2e).ms = ms;
    run_send(c->r, m);
}

/* Tells only what is new. */
static bool send_wait(void *arg, const struct e2e_step *s, const char *what, int64_t ms)
{
    struct canary *c = arg;
    size_t step = (size_t)(s - e2e_steps);

    if (step != c->step || strncmp(what, c->what, sizeof c->what - 1) != 0) {
        struct msg *m = msg_new(MSG_E2E, c->r->t);
        msg_as(m, e2e).step = step;
        msg_as(m, e2e).ms = ms;
        run_copy_text(msg_as(m, e2e).what, sizeof msg_as(m, e2e).what, what);
        run_send(c->r, m);
        c->step = step;
        run_copy_text(c->what, sizeof c->what, what);
    }
    return !run_dropped(c->r);
}

void run_e2e(struct run *r)
{
    struct err e = {0};
    struct canary c = {.r = r, .step = e2e_steps_len};
    struct e2e_result result = {0};
    struct doctor_options checks = {.terminal = task_as(r->t, terminal)};
    struct e2e_options opt = {
        .told = send_step, .waiting = send_wait, .arg = &c, .doctor = &checks};
    enum err_code rc = ops_e2e(r->o, &opt, &result, &e);
    struct msg *m = run_answer(r, MSG_E2E_END, rc, &e);

    run_copy_text(msg_as(m, e2e_end).job_id, sizeof msg_as(m, e2e_end).job_id, result.job_id);
    msg_as(m, e2e_end).good = result.ok;
    msg_as(m, e2e_end).cancelled = result.cancelled;
    e2e_result_clear(&result);
    run_send(r, m);
}
