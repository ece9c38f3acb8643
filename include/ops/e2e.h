/* e2e.h - one test job from the record to its end, and how long each step takes (PEERS 7, J).
 *
 * The test writes: a record, an event and whatever the pipeline makes of them. The job is
 * recognised by its user "mvpdash-doctor" and by metadata.canary; metadata.simulate.stepSeconds 0
 * asks the starter pipeline not to linger. Blocks for minutes; ops_stop ends it. Any thread but the
 * UI's. */
#ifndef OPS_E2E_H
#define OPS_E2E_H

#include <stddef.h>
#include <stdint.h>

#include "jobs/deploy.h"
#include "jobs/doctor.h"
#include "ops/doctor.h"
#include "ops/ops.h"

#define E2E_USER "mvpdash-doctor"

struct e2e_step {
    const char *id; /* "J2" */
    const char *title;
};
extern const struct e2e_step e2e_steps[];
extern const size_t e2e_steps_len;

/* Told of each step as it ends, in order; the steps after a failure are SKIP. `ms` is how long the
 * step took after the one before, -1 for a skipped one. All arguments are borrowed, on the calling
 * thread. */
typedef void (*e2e_fn)(void *arg, const struct e2e_step *s, const struct finding *f, int64_t ms);
/* Told again and again what the test waits for; returning false leaves the job to itself
 * (E_CANCELLED). */
typedef bool (*e2e_wait_fn)(void *arg, const struct e2e_step *s, const char *what, int64_t ms);

struct e2e_options {
    int pickup_s; /* the time from the event to the Batch job; 0: 60 */
    int total_s;  /* the time of all steps; 0: 900 */
    /* the time after Batch has ended the job in which record and log have to say so too; 0: 20 */
    int settle_s;
    int poll_ms; /* the time between two looks; 0: 1000 */
    e2e_fn told;
    e2e_wait_fn waiting; /* may be NULL */
    void *arg;
    /* the options of the checks that look for the cause; may be NULL */
    const struct doctor_options *doctor;
};

struct e2e_result {
    char job_id[JOB_ID_SIZE]; /* "" when nothing was sent */
    bool ok;
    bool cancelled;          /* the job did not go on and was cancelled, to leave nothing behind */
    const char *headline_id; /* the step that failed; NULL */
    char *headline, *fix;    /* owned */
};
void e2e_result_clear(struct e2e_result *r);

/* Runs the test. E_OK whatever the job does: what failed is in `out`. E_CANCELLED after ops_stop:
 * the job, if there is one, goes on. */
MUST_CHECK enum err_code ops_e2e(const struct ops *o, const struct e2e_options *opt,
                                 struct e2e_result *out, struct err *e);
#endif
