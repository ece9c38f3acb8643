/* queue_jobs.h - the Batch jobs of the queue, each with the record that it belongs to. */
#ifndef OPS_QUEUE_JOBS_H
#define OPS_QUEUE_JOBS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/strbuf.h"
#include "jobs/batch.h"
#include "ops/ops.h"

enum queue_owner {
    QUEUE_OWNER_NOT_KNOWN, /* the table could not be read for the owner: see records_err */
    /* the whole table was read: no record names the Batch job, nor does it name one */
    QUEUE_OWNER_NONE,
    QUEUE_OWNER_RECORD /* see `record` */
};

struct queue_row {
    struct batch_job *job; /* owned; in full, or as ListJobs tells it */
    enum queue_owner owner;
    char *record; /* owned: the job id of the Batch job's record (SPEC 1.3); NULL */
    char *second; /* owned: the id of a second record, kept under the Batch job's own id; NULL */
};

/* The id of its record as a person reads it; without one "none" or "not known". */
const char *queue_row_record(const struct queue_row *r);
/* Adds what there is to say about the row: how an array's children stand, a JOB_ID that is not its
 * record's, its second record, what Batch says. Adds nothing when there is nothing to say. Parts
 * come from outside: clean the text before a screen. */
void queue_row_why(const struct queue_row *r, struct strbuf *out);

struct queue_query {
    enum batch_status state; /* BATCH_UNKNOWN: any state */
    size_t limit;            /* at most so many rows, the newest; 0: all */
};

struct queue_result {
    struct queue_row *rows; /* owned, newest first */
    size_t len;
    bool more;              /* `limit` cut the list */
    size_t not_known;       /* how many rows have QUEUE_OWNER_NOT_KNOWN */
    struct err records_err; /* why they have it; E_OK */
};
void queue_result_clear(struct queue_result *r);

/* Reads all pages of ListJobs, newest first, as far as `limit` asks, and the records that the jobs
 * name by their ids. A job that names no record, or one that is not there, makes it read the table,
 * because any record may name that job. A table that cannot be read hides no job. E_NOT_FOUND when
 * there is no such queue. */
MUST_CHECK enum err_code ops_queue_jobs(const struct ops *o, const struct queue_query *q,
                                        struct queue_result *out, struct err *e);
#endif
