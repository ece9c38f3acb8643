/* scheduler.h - starts RUNNABLE jobs while there is room, one thread and one process each, and
 * carries what becomes of them into their documents.
 *
 * Lock order: the cloud's before the scheduler's own. */
#ifndef LOCAL_SCHEDULER_H
#define LOCAL_SCHEDULER_H

#include <stdbool.h>

#include "local/svc.h"

struct scheduler; /* opaque: the layout lives in src/local/scheduler.c */

/* Under the cloud's lock. Jobs that a killed cloud left STARTING or RUNNING become FAILED. */
struct scheduler *scheduler_start(struct local *l, struct err *e);
/* Ends all processes (SIGTERM, SIGKILL after 3 s), joins all threads. Not under the cloud's lock.
 * NULL allowed. */
void scheduler_stop(struct scheduler *s);
void scheduler_poke(struct scheduler *s); /* a job is there, or one ended; NULL allowed */
/* Asks the process of a job to end (SIGTERM, SIGKILL after the grace time); false when there is no
 * such process. */
bool scheduler_terminate(struct scheduler *s, const char *job_id);
/* Jobs in a process at the moment. */
int scheduler_running(struct scheduler *s);
#endif
