/* queue_jobs.h - the Batch jobs of the queue as such, each with the record that it belongs to. */
#ifndef OPS_QUEUE_JOBS_H
#define OPS_QUEUE_JOBS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/strbuf.h"
#include "jobs/batch.h"
#include "ops/ops.h"

enum queue_owner {
    QUEUE_OWNER_NOT_KNOWN, /* the table could not be read for it: records_err */
    QUEUE_OWNER_NONE,      /* the whole table was read: no record names it, nor does it name one */
    QUEUE_OWNER_RECORD     /* `record` */
};

struct queue_row {
    struct batch_job *job; /* owned; in full, or as ListJobs tells */
    enum queue_owner owner;
    char *record; /* owned: the job id of its record (SPEC 1.3); NULL */
    char *second; /* owned: a further record, kept under the Batch job's own id; NULL */
};

/* Its record's id as a person reads it: else "none" or "not known". */
const char *queue_row_record(const struct queue_row *r);
/* What there is to say of it: how an array's children stand, a JOB_ID that is not its record's, its
 * second record, what Batch says. Adds nothing where that is nothing. Parts come from outside:
 * clean it before a screen. */
void queue_row_why(const struct queue_row *r, struct strbuf *out);

struct queue_query {
    enum batch_status state; /* BATCH_UNKNOWN: any */
    size_t limit;            /* at most so many, the newest; 0: all */
};

struct queue_result {
    struct queue_row *rows; /* owned, newest first */
    size_t len;
    bool more;              /* `limit` cut it */
    size_t not_known;       /* rows with QUEUE_OWNER_NOT_KNOWN */
    struct err records_err; /* why; E_OK */
};
void queue_result_clear(struct queue_result *r);

/* All pages of ListJobs, newest first, as far as `limit` asks; the records that the jobs name by
 * their id. A job that names none, or one that is not there, makes it read the table, as any record
 * may name it. A table that cannot be read hides no job. E_NOT_FOUND when there is no such queue.
 */
MUST_CHECK enum err_code ops_queue_jobs(const struct ops *o, const struct queue_query *q,
                                        struct queue_result *out, struct err *e);
#endif
