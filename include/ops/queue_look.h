/* queue_look.h - how the job queue stands: asked for by whoever looks at it, or waits in it. */
#ifndef OPS_QUEUE_LOOK_H
#define OPS_QUEUE_LOOK_H

#include <stdbool.h>

#include "core/err.h"
#include "jobs/queue_facts.h"
#include "ops/ops.h"

/* Asks for the queue, its compute environments, its jobs in each state that is not final (five
 * pages of a thousand at most, the newest) and the sizes of those that run or start (the newest
 * five hundred). `*out` is owned. Eight calls for a small queue. E_NOT_FOUND: there is no such
 * queue. */
MUST_CHECK enum err_code ops_queue_look(const struct ops *o, struct queue_facts **out,
                                        struct err *e);

/* Why the Batch job waits, as queue_wait_text; "" when that is not known. `*runs` (NULL allowed) is
 * set when the queue was seen to run jobs. What was asked for within half a minute is not asked for
 * again. Returns out. */
const char *ops_queue_wait(const struct ops *o, const char *batch_id, bool *runs,
                           char out[QUEUE_TEXT_SIZE]);
#endif
