/* records.h - private to ops: the records of one job, found from its id or its Batch job's
 * (jobs/join.h). */
#ifndef OPS_RECORDS_H
#define OPS_RECORDS_H

#include <cjson/cJSON.h>

#include "jobs/batch.h"
#include "ops/ops.h"

/* Which job an id is of, and its records as they stand. */
struct job_records {
    char *job_id;            /* owned: the job's own id, also when its Batch job's was asked for */
    cJSON *own;              /* under job_id, or NULL */
    cJSON *parts;            /* array: its containers' records, under Batch job ids */
    struct batch_job *batch; /* of that id, where Batch was asked for it; else NULL */
    bool elsewhere;          /* `batch` is in another queue: none of ours */
};
void job_records_clear(struct job_records *r);

/* GetItem; and where the id has the form of a Batch job's, whose job that is, which Batch is asked
 * unless it is remembered. When Batch cannot be asked, a record that is there stands for itself;
 * without one that is the error. E_OK also when nothing has the id. */
MUST_CHECK enum err_code job_records_read(const struct ops *o, const char *id,
                                          struct job_records *out, struct err *e);

/* The records, which are not in `r` yet, under the ids of these Batch jobs (those that are NULL or
 * have another job's id are left out) and of those that are remembered as the job's. */
MUST_CHECK enum err_code job_records_add(const struct ops *o, struct job_records *r,
                                         struct batch_job *const *jobs, size_t len, struct err *e);

/* The job of them: told by both records, by one, or, without any, by its Batch job `b` alone; NULL
 * when there is nothing that tells of it. Owned. */
struct job *job_records_join(const struct job_records *r, const struct batch_job *b);
#endif
