/* job_run.h - one attempt of one Batch job: the process, its environment, its log, its end.
 *
 * An attempt is made under the cloud's lock and executed on a thread of its own. */
#ifndef CLOUD_BATCH_JOB_RUN_H
#define CLOUD_BATCH_JOB_RUN_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "src/cloud/store/service.h"

struct cloud_batch_run; /* opaque: the layout lives in src/cloud/batch/job_run.c */

/* Prepares an attempt and puts the job into STARTING. NULL when it cannot be prepared: the job is
 * FAILED then. `job` is borrowed and changed. Under the cloud's lock. */
struct cloud_batch_run *cloud_batch_run_new(struct cloud *cloud, cJSON *job);
void cloud_batch_run_free(struct cloud_batch_run *j);

/* Runs the attempt to its end and writes what became of it. Call it without the cloud's lock. */
void cloud_batch_run_execute(struct cloud_batch_run *j);

/* Ends the process. `cloud_stops`: the job is FAILED because the local cloud ends, whatever its
 * exit code is. `now`: by SIGKILL at once. Any thread. */
void cloud_batch_run_stop(struct cloud_batch_run *j, bool cloud_stops, bool now);

const char *cloud_batch_run_id(const struct cloud_batch_run *j);

/* Appends an attempt to `job` and moves the job on: to SUCCEEDED, FAILED, or RUNNABLE for another
 * try. Under the cloud's lock. */
struct cloud_batch_run_end {
    int exit_code;             /* -1: the process never ran */
    const char *reason;        /* the container's reason; "" for none */
    const char *status_reason; /* the reason of the attempt and of the job */
    bool succeeded, may_retry;
};
void cloud_batch_run_close_attempt(struct cloud *cloud, cJSON *job,
                                   const struct cloud_batch_run_end *end);
#endif
