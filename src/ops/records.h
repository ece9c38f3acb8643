/* records.h - private to ops: the records of one job, found from the job's id or its Batch job's id
 * (jobs/join.h). */
#ifndef OPS_RECORDS_H
#define OPS_RECORDS_H

#include <cjson/cJSON.h>

#include "jobs/batch.h"
#include "ops/ops.h"

/* The job that an id belongs to, and the job's records as they are in the table. */
struct job_records {
    /* owned: the job's own id, also when the caller asked by its Batch job's id */
    char *job_id;
    cJSON *own;   /* the record under job_id, or NULL */
    cJSON *parts; /* array: the records of the job's containers, under Batch job ids */
    /* the Batch job with the id that was asked for, when Batch was asked; else NULL */
    struct batch_job *batch;
    bool elsewhere; /* `batch` is in another queue: it is none of our jobs */
};
void job_records_clear(struct job_records *r);

/* Reads with GetItem. When the id has the form of a Batch job's id, Batch is asked whose job that
 * is, unless the answer is remembered. When Batch cannot be asked, a record that is there counts as
 * a job of its own; without a record the result is that error. E_OK also when nothing has the
 * id. */
MUST_CHECK enum err_code job_records_read(const struct ops *o, const char *id,
                                          struct job_records *out, struct err *e);

/* Reads the records that are not in `r` yet under the ids of these Batch jobs (NULL entries, and
 * jobs with another job's id, are left out) and of those Batch jobs that are remembered as the
 * job's. */
MUST_CHECK enum err_code job_records_add(const struct ops *o, struct job_records *r,
                                         struct batch_job *const *jobs, size_t len, struct err *e);

/* The job that these records tell of: told by both records, by one, or, without any record, by its
 * Batch job `b`; NULL when nothing tells of it. Owned. */
struct job *job_records_join(const struct job_records *r, const struct batch_job *b);
#endif
