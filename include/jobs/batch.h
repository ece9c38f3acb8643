/* batch.h - what AWS Batch says about a job: read from DescribeJobs, ListJobs or a state-change
 * event.
 *
 * Like struct job, a batch_job is one allocation, never changes, may cross threads, and has its
 * strings as AWS sent them. */
#ifndef JOBS_BATCH_H
#define JOBS_BATCH_H

#include <cjson/cJSON.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum batch_status {
    BATCH_UNKNOWN,
    BATCH_SUBMITTED,
    BATCH_PENDING,
    BATCH_RUNNABLE,
    BATCH_STARTING,
    BATCH_RUNNING,
    BATCH_SUCCEEDED,
    BATCH_FAILED
};
enum batch_status batch_status_parse(const char *word); /* takes the exact words of AWS */
const char *batch_status_word(enum batch_status s);     /* "RUNNING"; "" for unknown */

#define EXIT_CODE_NONE INT_MIN
/* The exit code of a container that was refused its claim: the job was cancelled, was over already,
 * or belongs to another container. It means neither success nor failure of the job (SPEC 1.4). */
#define EXIT_CODE_REFUSED 75
/* Batch has forgotten what ended longer ago than this: it keeps a job for seven days, and a day is
 * added for clocks and for Batch's own delay. */
#define BATCH_REMEMBERS_MS (INT64_C(8) * 24 * 3600 * 1000)

struct batch_attempt {
    int64_t started_ms;
    int64_t stopped_ms;
    const char *status_reason;
    const char *container_reason;
    const char *log_stream;
    int exit_code; /* EXIT_CODE_NONE when absent */
};

/* For an array job (size 2-10,000): how its children stand. A child has the id PARENT:INDEX. */
struct batch_array {
    int size;                    /* the size of a parent's array; 0: the job is no parent */
    int index;                   /* the index of a child; -1: the job is no child */
    int count[BATCH_FAILED + 1]; /* the parent's children, counted by enum batch_status */
};

enum batch_platform { PLATFORM_NOT_KNOWN, PLATFORM_FARGATE, PLATFORM_EC2 };
enum batch_capacity { CAPACITY_NOT_KNOWN, CAPACITY_ON_DEMAND, CAPACITY_SPOT };

/* What a job was given to run on, overrides included; 0: not known. Small: see struct job_state. */
struct batch_size {
    uint32_t millivcpus; /* of all its containers together, as the next one */
    uint32_t memory_mib;
    uint16_t disk_gib; /* the ephemeral storage that was asked for */
    uint8_t platform;  /* enum batch_platform */
    /* enum batch_capacity of the queue that it ran in: DescribeJobs does not tell it (ops does) */
    uint8_t capacity;
    bool arm;
    bool other; /* it has GPUs, several nodes, Kubernetes or Windows: the rest does not price it */
};

struct batch_job {
    const char *id;   /* Batch's job id; never NULL */
    const char *name; /* NULL when it is absent, as the members below */
    /* our job id, by SPEC 1.3: JOB_ID in the environment, then JOB_ID or jobId in the parameters,
     * then the end of the name ("...job_<ms>_<9>"); NULL when none is there. A record's own
     * batchJobId comes before all these; the caller knows it. */
    const char *job_id;
    const char *user_id;    /* USER_ID in the same places; a summary does not have it */
    const char *product_id; /* PRODUCT_ID in the same places */
    const char *queue;      /* ARN */
    const char *definition; /* ARN */
    const char *image;      /* of the container */
    const char *status_reason;
    const char *container_reason;
    const char *log_stream; /* the stream of the running container, or of the last attempt */
    const char *log_group;  /* awslogs-group in the definition; NULL means the default */
    const struct batch_attempt *attempts;
    size_t attempts_len;
    int64_t created_ms;
    int64_t started_ms;
    int64_t stopped_ms;
    int exit_code; /* the exit code of the container, or of the last attempt; EXIT_CODE_NONE */
    enum batch_status status;
    struct batch_array array;
    struct batch_size size;
    bool cancelled;  /* isCancelled */
    bool terminated; /* isTerminated */
    bool detailed;   /* read from DescribeJobs or an event; false: only a summary of ListJobs */
};

/* Reads a JobDetail, a JobSummary or an event's detail. NULL when there is no jobId. The caller
 * owns the result. */
struct batch_job *batch_job_from_json(const cJSON *obj);
/* What `container` (a container's properties or details) asks for of `type`, "VCPU", "MEMORY" or
 * "GPU"; else the number under the older name `old` (NULL: there is none); 0: neither is a number
 * above 0. */
double batch_resource(const cJSON *container, const char *type, const char *old);
/* The size of a JobDetail or an event's detail; its capacity is not known. */
struct batch_size batch_size_from_json(const cJSON *obj);
void batch_job_free(struct batch_job *b); /* NULL allowed */
struct batch_job *batch_job_copy(const struct batch_job *b);

/* Where a job stands: its status; for the parent of an array, which Batch calls PENDING until all
 * of its children have ended, the status of the child that is furthest on its way. */
enum batch_status batch_job_stands(const struct batch_job *b);
int batch_array_ended(const struct batch_array *a); /* how many children succeeded or failed */

/* Did the job's container end because it was refused its claim? Then this Batch job tells nothing
 * about our job, and the record counts (state.h knows the one exception). */
bool batch_job_refused(const struct batch_job *b); /* false for NULL */
#endif
