/* queue_facts.h - how a job queue of Batch stands: its state, its compute environments, what runs
 * in them and what waits for them. Pure. What is not known is never taken for none: a number that
 * may be larger is told as "at least". One thread at a time; it may cross threads. */
#ifndef JOBS_QUEUE_FACTS_H
#define JOBS_QUEUE_FACTS_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "jobs/batch.h"

/* A compute environment of the queue. Its texts are owned, as Batch sent them; "": not told. */
struct queue_environment {
    char *name, *type, *state, *status, *reason;
    int64_t max_vcpus; /* -1: not told */
};

/* A job that waits for capacity (RUNNABLE). */
struct queue_waiting {
    char *id;     /* owned; of Batch */
    char *reason; /* owned; Batch's statusReason; "" */
    int64_t created_ms;
};

struct queue_count {
    size_t jobs;
    bool more; /* there are more */
};

struct queue_facts {
    char *name, *state, *status, *reason;   /* owned; of the queue; "": not told */
    struct queue_environment *environments; /* owned; in the order of the queue */
    size_t environments_len;
    bool environments_all;                         /* Batch told of each that the queue names */
    bool fair;                                     /* a scheduling policy decides the order */
    struct queue_count by_state[BATCH_FAILED + 1]; /* the states before SUCCEEDED */
    bool arrays;             /* there are array jobs, whose children no list of a queue tells */
    size_t placed;           /* jobs that run or start */
    size_t placed_sized;     /* those of them whose vCPUs are known */
    int64_t used_millivcpus; /* of these */
    struct queue_waiting *waiting; /* owned; the first in the queue comes first */
    size_t waiting_len, waiting_cap;
};

/* Makes facts of the documents of DescribeJobQueues and DescribeComputeEnvironments. Owned. */
struct queue_facts *queue_facts_new(const cJSON *queue, const cJSON *environments);
void queue_facts_free(struct queue_facts *f); /* NULL allowed */

/* Adds jobs of one state, as ListJobs tells them; `more`: not all were read. */
void queue_facts_add(struct queue_facts *f, enum batch_status state, struct batch_job *const *jobs,
                     size_t len, bool more);
/* Adds the vCPUs of a job that runs or starts. */
void queue_facts_add_size(struct queue_facts *f, const struct batch_job *b);
/* Puts the waiting jobs in order. Call it when all are added. */
void queue_facts_order(struct queue_facts *f);

/* How many jobs wait before this one; false: it is not among those that wait, or the order is not
 * known. `*at_least`: there may be more. */
bool queue_ahead(const struct queue_facts *f, const char *batch_id, size_t *ahead, bool *at_least);

enum { QUEUE_TEXT_SIZE = 160 };
/* "8 of 8 vCPUs in use", "at least 3 vCPUs in use", "no vCPUs in use"; returns out. */
const char *queue_vcpus_text(const struct queue_facts *f, char out[QUEUE_TEXT_SIZE]);
/* "8 of 8 vCPUs in use, 3 jobs ahead" for a job that waits while others run; "" for any
 * other. With a scheduling policy the place is not known, and that is said. Returns out. */
const char *queue_wait_text(const struct queue_facts *f, const char *batch_id,
                            char out[QUEUE_TEXT_SIZE]);
/* The type of an environment for people: "Fargate Spot"; the word itself when it is another. */
const char *queue_type_word(const char *type);
#endif
