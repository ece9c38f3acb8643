/* queue_runs.h - private to ops: a job that waits while the queue runs others is not stuck. */
#ifndef OPS_QUEUE_RUNS_H
#define OPS_QUEUE_RUNS_H

#include <stdbool.h>

#include "jobs/state.h"
#include "ops/ops.h"

/* Merges the state of a job again that was taken for stuck in the queue, when the queue runs other
 * jobs. Batch is asked at most once for all jobs of a list: `*asked` begins as false, and `rules`
 * keeps the answer. When Batch cannot be asked the job's state stays as it was. Any thread. */
void ops_settle_waiting(const struct ops *o, const struct job *j, const struct batch_job *b,
                        int64_t now_ms, struct state_rules *rules, bool *asked,
                        struct job_state *s);
#endif
