/* e2e_priv.h - a test job on its way: private to e2e.c, which follows it, and e2e_cause.c, which
 * says why it does not go on. */
#ifndef OPS_E2E_PRIV_H
#define OPS_E2E_PRIV_H

#include "ops/e2e.h"
#include "ops/job_ops.h"

enum e2e_step_id { SENT, PICKED_UP, STARTED, REPORTED, LOGGED, ENDED, STEPS };
struct e2e_run {
    const struct ops *o;
    const struct e2e_options *opt;
    struct e2e_result *out;
    enum e2e_step_id step; /* waited for */
    int64_t began_ms;      /* monotonic: the first event was sent */
    int64_t step_began_ms; /* the step before was done */
    int64_t dlq_looked_ms;
    int64_t dlq_depth;    /* before the event; -1: not known */
    int64_t ended_ms;     /* when Batch was first seen to have ended it; 0 */
    struct job_detail *d; /* the last look; NULL before */
    struct err look;      /* why the last look failed; E_OK */
    bool logged;
};

bool e2e_batch_over(const struct job_detail *d); /* Batch has it and has ended it */
int64_t e2e_dlq_depth(const struct e2e_run *r);  /* -1: it cannot be told */

/* Each adds to `f` why the step that is waited for will not be done; false when it may be yet. */
bool e2e_died(struct e2e_run *r, struct finding *f);   /* its event is a dead letter */
bool e2e_failed(struct e2e_run *r, struct finding *f); /* it has ended, and not well */
void e2e_timed_out(struct e2e_run *r, struct finding *f);
#endif
