/* scheduler.h - starts RUNNABLE jobs while there is room, with one thread and one process for each,
 * and writes into their documents what becomes of them.
 *
 * Lock order: the cloud's lock is taken before the scheduler's own. */
#ifndef CLOUD_BATCH_SCHEDULER_H
#define CLOUD_BATCH_SCHEDULER_H

#include <stdbool.h>

#include "src/cloud/store/service.h"

struct cloud_batch_scheduler; /* opaque: the layout lives in src/cloud/batch/scheduler.c */

/* Starts the scheduler, under the cloud's lock. Jobs that a killed cloud left STARTING or RUNNING
 * become FAILED. */
struct cloud_batch_scheduler *cloud_batch_scheduler_start(struct cloud *cloud, struct err *e);
/* Ends all processes (SIGTERM, then SIGKILL after 3 s) and joins all threads. Call it without the
 * cloud's lock. NULL allowed. */
void cloud_batch_scheduler_stop(struct cloud_batch_scheduler *s);
void cloud_batch_scheduler_poke(
    struct cloud_batch_scheduler *s); /* a job is there, or a job ended; NULL allowed */
/* Asks the process of a job to end (SIGTERM, then SIGKILL after the grace time); false when there
 * is no such process. */
bool cloud_batch_scheduler_terminate(struct cloud_batch_scheduler *s, const char *job_id);
#endif
