/* batch.h - what AWS Batch says of a job: read from DescribeJobs, ListJobs or a state-change event.
 *
 * Like struct job: one allocation, immutable, may cross threads, strings as AWS sent them. */
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
enum batch_status batch_status_parse(const char *word); /* exact AWS words */
const char *batch_status_word(enum batch_status s);     /* "RUNNING"; "" for unknown */

#define EXIT_CODE_NONE INT_MIN

struct batch_attempt {
    int64_t started_ms;
    int64_t stopped_ms;
    const char *status_reason;
    const char *container_reason;
    const char *log_stream;
    int exit_code; /* EXIT_CODE_NONE when absent */
};

struct batch_job {
    const char *id;     /* Batch's job id; never NULL */
    const char *name;   /* NULL when absent, as below */
    const char *job_id; /* ours, by SPEC 1.3: JOB_ID in the environment, then the parameters, then
                           the tail of the name ("...job_<ms>_<9>"); NULL when none. A record's own
                           batchJobId comes before all these, which the caller knows. */
    const char *queue;  /* ARN */
    const char *definition; /* ARN */
    const char *status_reason;
    const char *container_reason;
    const char *log_stream; /* of the running container or the last attempt */
    const char *log_group;  /* awslogs-group of the definition; NULL means the default */
    const struct batch_attempt *attempts;
    size_t attempts_len;
    int64_t created_ms;
    int64_t started_ms;
    int64_t stopped_ms;
    int exit_code; /* of the container or the last attempt; EXIT_CODE_NONE */
    enum batch_status status;
    bool cancelled;  /* isCancelled */
    bool terminated; /* isTerminated */
    bool detailed;   /* from DescribeJobs or an event; false: only a ListJobs summary */
};

/* From a JobDetail, a JobSummary or an event's detail. NULL when there is no jobId. Caller owns. */
struct batch_job *batch_job_from_json(const cJSON *obj);
void batch_job_free(struct batch_job *b); /* NULL allowed */
struct batch_job *batch_job_copy(const struct batch_job *b);

/* Is this the Batch job of our `job_id` (SPEC 1.3)? By the record's own Batch id when that is given
 * (record_batch_id, may be NULL), else by what Batch tells: JOB_ID, or the name's end. */
bool batch_job_matches(const struct batch_job *b, const char *job_id, const char *record_batch_id);
#endif
