/* batch.h - typed calls of AWS Batch. They block; any thread. Facts: AWS-WIRE 2.4.
 *
 * The documents that they return are owned, in Batch's camelCase shapes (jobs/batch.h decodes the
 * details of jobs). */
#ifndef AWS_BATCH_H
#define AWS_BATCH_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aws/client.h"
#include "core/err.h"

struct batch_list {
    const char *queue; /* a name or ARN; NULL with `array_job` */
    /* the id of an array job, whose children are listed instead of a queue's jobs */
    const char *array_job;
    /* one state, or NULL. Without status and filter only RUNNING jobs are listed */
    const char *status;
    /* JOB_NAME, AFTER_CREATED_AT, ...; the service ignores status beside it */
    const char *filter_name;
    const char *filter_value; /* for AFTER_CREATED_AT: epoch milliseconds as text */
    int max_results;          /* 0: the service's default */
    const char *token;        /* the token of the page before, or NULL */
};
/* Lists one page of job summaries, newest first. `*next` is owned, NULL at the end. */
MUST_CHECK enum err_code batch_list_jobs(struct aws_client *c, const struct batch_list *l,
                                         cJSON **jobs, char **next, struct err *e);

/* Gets the details of any number of jobs, 100 a call. Ids that Batch does not know are missing from
 * the array. */
MUST_CHECK enum err_code batch_describe_jobs(struct aws_client *c, const char *const *ids, size_t n,
                                             cJSON **jobs, struct err *e);

/* Ends a job in any state that is not final. E_OK does not prove that it worked: describe the job
 * again. */
MUST_CHECK enum err_code batch_terminate_job(struct aws_client *c, const char *job_id,
                                             const char *reason, struct err *e);

/* Gets one queue by name or ARN; E_NOT_FOUND when there is none. */
MUST_CHECK enum err_code batch_describe_queue(struct aws_client *c, const char *queue, cJSON **out,
                                              struct err *e);
/* Gets the latest active revision of a name, or the revision that "name:3" or an ARN names;
 * E_NOT_FOUND. */
MUST_CHECK enum err_code batch_describe_definition(struct aws_client *c, const char *definition,
                                                   cJSON **out, struct err *e);
/* Gets compute environments by name or ARN (up to 100). An array. */
MUST_CHECK enum err_code batch_describe_environments(struct aws_client *c, const char *const *names,
                                                     size_t n, cJSON **environments, struct err *e);
#endif
