/* ops_cloud.h - a local cloud with the system's parts, and an ops that uses it: for tests of the
 * operations over HTTP. One a test process. */
#ifndef TESTS_OPS_CLOUD_H
#define TESTS_OPS_CLOUD_H

#include <stdbool.h>
#include <stdint.h>

#include "ops/job_ops.h"
#include "ops/ops.h"
#include "src/cloud/start.h"

struct ops_cloud_options {
    const char *script;   /* what a job runs (sh); NULL: "exit 0" */
    bool no_stream;       /* of the table */
    bool no_status_index; /* of the table */
    bool no_user_index;
    bool user_index_keys; /* the stream holds keys alone */
    bool no_rule;         /* events match nothing: no job starts */
    bool no_bus;
    bool no_table;
    bool state; /* the outbox and the keys are in the state table */
};

struct ops_cloud {
    struct cloud *local;
    struct settings *settings;
    struct ops *ops;
    char *dir;  /* owned: data, state and scripts */
    bool state; /* as in the options */
    struct clock clock;
    int64_t ahead_ms; /* set it to let time pass for `ops` */
    int64_t step_ms;  /* set it to set the wall clock of `ops`, as a person or NTP does */
};

/* Fails the test when something cannot be made. */
void ops_cloud_start(struct ops_cloud *c, const struct ops_cloud_options *options);
void ops_cloud_stop(struct ops_cloud *c);
/* Another struct ops on the same cloud and state folder, like a second process. */
struct ops *ops_cloud_again(struct ops_cloud *c);
/* Makes the same against another endpoint (a closed port, a proxy). */
struct ops *ops_cloud_at(struct ops_cloud *c, const char *endpoint);

/* A request that is valid. */
void ops_cloud_request(struct deploy_request *r, const char *business_name);
/* Puts an item given as plain DynamoDB JSON text. */
void ops_cloud_put(struct ops_cloud *c, const char *item_json);
/* Waits until Batch says that the job has this status; fails the test after 20 s. */
void ops_cloud_wait_batch(struct ops_cloud *c, const char *job_id, enum batch_status status);
/* Batch jobs started for a job id so far. */
int ops_cloud_batch_jobs(struct ops_cloud *c, const char *job_id);
#endif
