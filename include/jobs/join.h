/* join.h - which records and which Batch job are one job (SPEC 1.3). Pure.
 *
 * A container that was not given its JOB_ID reports under the only id it knows: its Batch job's.
 * When that Batch job names another job, its record belongs to that job: the two are one row. And a
 * Batch job that no record names is a job all the same, which only Batch tells of. */
#ifndef JOBS_JOIN_H
#define JOBS_JOIN_H

#include <stdbool.h>
#include <stddef.h>

#include "jobs/batch.h"
#include "jobs/job.h"

/* The mark as a person reads it, and as the JSON's "mark": "" | "no record" | "two records" |
 * "container's record". */
const char *job_mark_word(enum job_mark m);
/* Why the job has the mark, and what helps; "" for JOB_RECORDED. */
const char *job_mark_why(enum job_mark m);

enum { BATCH_ID_SIZE = 40 };
/* The Batch id that a job id may be: a UUID, as Batch makes them, or the id of an array job's child
 * ("UUID:3" belongs to UUID). False: the job id is no such id; `out` is "" then. */
bool job_batch_key(const char *job_id, char out[BATCH_ID_SIZE]);

/* The job that the record under `record_id` belongs to, by the Batch job with that id (NULL: not
 * known): its JOB_ID; borrowed. NULL: the record is a job of its own. */
const char *job_owner(const char *record_id, const struct batch_job *b);
/* The same record as a part of the job `owner`. Takes `j`; owned. */
struct job *job_set_owner(struct job *j, const char *owner);

/* A job that only Batch tells of: named by its JOB_ID, else by its Batch id. Owned. */
struct job *job_of_batch(const struct batch_job *b);

/* The container's record `part` beside the Batch job that counts (NULL: not known). When the record
 * belongs to another Batch job, and said its last word before this one was made, it is that of an
 * earlier try, and tells no state, step or progress. Takes `part`; owned. */
struct job *job_set_try(struct job *part, const struct batch_job *b);

/* The job `id` as its own record (NULL: it has none) and its container's record under the Batch
 * job's id tell it. The own record tells who wanted what, the container's how far the job is and
 * what it made; of two states the one counts that the table in join.c names. Owned. */
struct job *job_join(const char *id, const struct job *own, const struct job *container);
#endif
