/* batch.h - the parts of the local cloud's Batch among themselves.
 *
 * A job is one row: its JobDetail document as DescribeJobs gives it, and columns to find it by.
 * Everything here runs under the cloud's lock unless it says otherwise. */
#ifndef CLOUD_BATCH_BATCH_H
#define CLOUD_BATCH_BATCH_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "src/cloud/store/service.h"

/* The name in "name" or in "arn:...:kind/name". Borrowed. */
const char *cloud_batch_name(const char *name_or_arn);
char *cloud_batch_arn(const struct cloud *cloud, const char *kind, const char *name); /* owned */
/* Is this 1 to 128 of [A-Za-z0-9_-], beginning with a letter or digit? */
bool cloud_batch_name_ok(const char *name);
void cloud_batch_refuse(struct cloud_reply *r, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* The document of a compute environment or queue, owned; NULL when there is none. */
cJSON *cloud_batch_environment(struct cloud *cloud, const char *name_or_arn);
cJSON *cloud_batch_queue(struct cloud *cloud, const char *name_or_arn);
/* The most vCPUs that one job of a queue can have, and that all its jobs can have together. */
struct cloud_batch_vcpus {
    int64_t largest, all;
};
struct cloud_batch_vcpus cloud_batch_queue_vcpus(struct cloud *cloud, const char *name_or_arn);
/* An ACTIVE definition by name (its newest revision), name:revision or ARN; owned, or NULL. */
cJSON *cloud_batch_definition(struct cloud *cloud, const char *ref);

/* A job's document, owned; NULL when there is none. */
cJSON *cloud_batch_job(struct cloud *cloud, const char *id);
/* Writes the job's document back under its "jobId"; with `announce` the default bus gets the
 * change. */
bool cloud_batch_save(struct cloud *cloud, const cJSON *job, bool announce);
/* Ends a job: sets status, reason and stoppedAt, saves and announces them. Other jobs may depend on
 * this one: poke the scheduler afterwards. */
void cloud_batch_finish(struct cloud *cloud, cJSON *job, const char *status, const char *reason);
/* Replaces "Ref::name" in each element by the parameter of that name; an unknown name stays. Owned.
 * Pure. */
cJSON *cloud_batch_resolve(const cJSON *command, const cJSON *parameters);
/* Is an attempt that ended in this way tried again, by the strategy (attempts, evaluateOnExit) of
 * `job`, whose "attempts" hold this attempt too? Pure. */
bool cloud_batch_retries(const cJSON *job, int exit_code, const char *reason,
                         const char *status_reason);
/* Does a value match a pattern that may have a '*' at its end? Pure. */
bool cloud_batch_glob(const char *pattern, const char *value);

/* The operations outside batch.c. */
void cloud_batch_register(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);
void cloud_batch_deregister(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);
void cloud_batch_describe_definitions(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);
void cloud_batch_submit(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);
void cloud_batch_list(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);
void cloud_batch_describe_jobs(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);
void cloud_batch_cancel(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);
void cloud_batch_terminate(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);

/* How many jobs are not final yet. Takes the lock itself. */
int cloud_batch_active_jobs(struct cloud *cloud);

extern const struct cloud_service cloud_batch_service;
#endif
