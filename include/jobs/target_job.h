/* target_job.h - the job that EventBridge starts for a target that is a Batch queue.
 *
 * Pure; any thread. Facts: AWS-WIRE 2.3, "Batch as a target". */
#ifndef JOBS_TARGET_JOB_H
#define JOBS_TARGET_JOB_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "core/err.h"

/* Is the target's Arn a Batch job queue? */
bool target_is_job(const cJSON *target);

/* Does the job get anything of its target's input? Only Input and InputTransformer reach it: a job
 * is not given the event itself, nor what an InputPath takes out of the event. */
bool target_job_has_input(const cJSON *target);

/* SubmitJob's document (jobName, jobDefinition, jobQueue, parameters, containerOverrides,
 * retryStrategy, arrayProperties) for `target`; owned. `input` is what transform_apply gave, NULL
 * without one. E_INVALID (INVALID_PARAMETER of a dead letter) when the input is not as a Batch
 * target wants it. */
MUST_CHECK enum err_code target_job_submit(const cJSON *target, const char *input, cJSON **submit,
                                           struct err *e);
#endif
