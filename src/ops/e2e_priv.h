/* e2e_priv.h - a test job on its way: private to e2e.c, which follows the job, and e2e_cause.c,
 * which says why the job does not go on. */
#ifndef OPS_E2E_PRIV_H
#define OPS_E2E_PRIV_H

#include "ops/e2e.h"
#include "ops/job_ops.h"

enum e2e_step_id { SENT, PICKED_UP, STARTED, REPORTED, LOGGED, ENDED, STEPS };
struct e2e_run {
    const struct ops *o;
    const struct e2e_options *opt;
    struct e2e_result *out;
    enum e2e_step_id step; /* the step that is waited for */
    int64_t began_ms;      /* monotonic: when the first event was sent */
    int64_t step_began_ms; /* monotonic: when the step before was done */
    int64_t dlq_looked_ms;
    int64_t dlq_depth;    /* messages in the dead letter queue before the event; -1: not known */
    int64_t ended_ms;     /* when Batch was first seen to have ended the job; 0 */
    struct job_detail *d; /* what the last look found; NULL before the first look */
    struct err look;      /* why the last look failed; E_OK */
    bool logged;
};

bool e2e_batch_over(const struct job_detail *d); /* Batch has the job and has ended it */
/* messages in the dead letter queue; -1: their number cannot be told */
int64_t e2e_dlq_depth(const struct e2e_run *r);

/* Each adds to `f` why the step that is waited for will not be done; false when the step may be
 * done yet. */
bool e2e_died(struct e2e_run *r, struct finding *f);   /* the job's event is a dead letter */
bool e2e_failed(struct e2e_run *r, struct finding *f); /* the job has ended, and not well */
void e2e_timed_out(struct e2e_run *r, struct finding *f);
#endif
