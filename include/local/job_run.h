/* job_run.h - one attempt of one Batch job: the process, its environment, its log, its end.
 *
 * Made under the cloud's lock, executed on a thread of its own. */
#ifndef LOCAL_JOB_RUN_H
#define LOCAL_JOB_RUN_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "local/svc.h"

struct job_run; /* opaque: the layout lives in src/local/job_run.c */

/* Prepares an attempt and puts the job into STARTING. NULL when it cannot be prepared: the job is
 * FAILED then. `job` is borrowed and changed. Under the cloud's lock. */
struct job_run *job_run_new(struct local *l, cJSON *job);
void job_run_free(struct job_run *j);

/* Runs it to its end and writes what became of it. Not under the cloud's lock. */
void job_run_execute(struct job_run *j);

/* Ends the process. `cloud_stops`: the job is FAILED because the local cloud ends, whatever its
 * exit code. `now`: SIGKILL. Any thread. */
void job_run_stop(struct job_run *j, bool cloud_stops, bool now);

const char *job_run_id(const struct job_run *j);

/* Appends an attempt to `job` and moves it on: SUCCEEDED, FAILED, or RUNNABLE for another try.
 * Under the cloud's lock. */
struct job_end {
    int exit_code;             /* -1: the process never ran */
    const char *reason;        /* of the container; "" for none */
    const char *status_reason; /* of attempt and job */
    bool succeeded, may_retry;
};
void job_run_close_attempt(struct local *l, cJSON *job, const struct job_end *end);
#endif
