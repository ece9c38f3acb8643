/* batch.h - the parts of the local cloud's Batch among themselves.
 *
 * A job is one row: its JobDetail document as DescribeJobs gives it, and columns to find it by.
 * Everything here runs under the cloud's lock unless it says otherwise. */
#ifndef CLOUD_BATCH_BATCH_H
#define CLOUD_BATCH_BATCH_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "src/cloud/store/service.h"

/* The name in "name" or "arn:...:kind/name". Borrowed. */
const char *cloud_batch_name(const char *name_or_arn);
char *cloud_batch_arn(const struct cloud *cloud, const char *kind, const char *name); /* owned */
/* 1 to 128 of [A-Za-z0-9_-], beginning with a letter or digit. */
bool cloud_batch_name_ok(const char *name);
void cloud_batch_refuse(struct cloud_reply *r, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* The document in a column of the row that `q` is at; owned. */
cJSON *cloud_batch_document(sqlite3_stmt *q, int column);
/* A compute environment's or queue's document, owned; NULL when there is none. */
cJSON *cloud_batch_environment(struct cloud *cloud, const char *name_or_arn);
cJSON *cloud_batch_queue(struct cloud *cloud, const char *name_or_arn);
/* The most vCPUs that one job of the queue can have: the largest maxvCpus of its environments. */
int64_t cloud_batch_queue_vcpus(struct cloud *cloud, const char *name_or_arn);
/* An ACTIVE definition by name (its newest revision), name:revision or ARN; owned, or NULL. */
cJSON *cloud_batch_definition(struct cloud *cloud, const char *ref);

/* A job's document, owned; NULL when there is none. */
cJSON *cloud_batch_job(struct cloud *cloud, const char *id);
/* Writes it back under its "jobId"; with `announce` the change goes to the default bus. */
bool cloud_batch_save(struct cloud *cloud, const cJSON *job, bool announce);
/* Ends a job: status, reason, stoppedAt; saved and announced. Others may depend on it: poke the
 * scheduler after. */
void cloud_batch_finish(struct cloud *cloud, cJSON *job, const char *status, const char *reason);
/* Sets a string or number member, replacing what is there. */
void cloud_batch_put_str(cJSON *obj, const char *key, const char *value);
void cloud_batch_put_int(cJSON *obj, const char *key, int64_t value);

/* Pure: "Ref::name" in each element replaced by the parameter of that name; an unknown one stays.
 * Owned. */
cJSON *cloud_batch_resolve(const cJSON *command, const cJSON *parameters);
/* Pure: whether an attempt that ended so is tried again, by the strategy (attempts, evaluateOnExit)
 * of `job`, whose "attempts" hold this attempt too. */
bool cloud_batch_retries(const cJSON *job, int exit_code, const char *reason,
                         const char *status_reason);
/* Pure: a value against a pattern with an optional '*' at its end. */
bool cloud_batch_glob(const char *pattern, const char *value);

/* Operations outside batch.c. */
void cloud_batch_register(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);
void cloud_batch_deregister(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);
void cloud_batch_describe_definitions(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);
void cloud_batch_submit(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);
void cloud_batch_list(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);
void cloud_batch_describe_jobs(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);
void cloud_batch_cancel(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);
void cloud_batch_terminate(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);

/* Jobs not yet final. Takes the lock itself. */
int cloud_batch_active_jobs(struct cloud *cloud);

extern const struct cloud_service cloud_batch_service;
#endif
