/* queue_capacity.h - private to ops: whether the queue's jobs run on Spot capacity.
 *
 * DescribeJobs does not tell it; the queue's compute environments do, when all of them are of one
 * kind. Any thread. */
#ifndef OPS_QUEUE_CAPACITY_H
#define OPS_QUEUE_CAPACITY_H

#include <cjson/cJSON.h>

#include "core/err.h"
#include "jobs/batch.h"
#include "ops/ops.h"

struct queue_capacity;
struct queue_capacity *queue_capacity_new(void);
void queue_capacity_free(struct queue_capacity *q); /* NULL allowed */

/* Sets the capacity of those jobs that are over and ran on Fargate in the queue of `o`; with
 * `begun` also of those that are not over but have run. Batch is asked when there is such a job,
 * and at most once in ten minutes; where it cannot be asked, the capacity stays unknown. */
void queue_capacity_tell(const struct ops *o, struct batch_job *const *jobs, size_t len,
                         bool begun);

/* Gets the queue and its compute environments, in the order in which the queue uses them. Both are
 * owned. Batch may not tell of an environment that was deleted. */
MUST_CHECK enum err_code queue_environments(const struct ops *o, cJSON **queue,
                                            cJSON **environments, struct err *e);
#endif
