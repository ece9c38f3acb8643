/* join.h - which records and which Batch job are one job (SPEC 1.3). Pure.
 *
 * A container that was not given its JOB_ID reports under the only id it knows: its Batch job's.
 * Where that Batch job names another job, its record belongs to that job: the two are one row. And
 * a Batch job that no record names is a job all the same, told by Batch alone. */
#ifndef JOBS_JOIN_H
#define JOBS_JOIN_H

#include <stdbool.h>
#include <stddef.h>

#include "jobs/batch.h"
#include "jobs/job.h"

/* "" | "no record" | "two records" | "container's record": the mark as a person reads it, and as
 * the JSON's "mark". */
const char *job_mark_word(enum job_mark m);
/* Why it has the mark, and what helps; "" for JOB_RECORDED. */
const char *job_mark_why(enum job_mark m);

enum { BATCH_ID_SIZE = 40 };
/* The Batch id that a job id may be: a UUID, as Batch makes them, or that of an array job's child
 * ("UUID:3" is of UUID). False: it is none; `out` is "" then. */
bool job_batch_key(const char *job_id, char out[BATCH_ID_SIZE]);

/* The job that the record under `record_id` belongs to, going by the Batch job whose id that is
 * (NULL: not known): its JOB_ID; borrowed. NULL: it stands for itself. */
const char *job_owner(const char *record_id, const struct batch_job *b);
/* The same record, told to belong to `owner`. Takes `j`; owned. */
struct job *job_set_owner(struct job *j, const char *owner);

/* A job that Batch alone tells of: named by its JOB_ID, else by its Batch id. Owned. */
struct job *job_of_batch(const struct batch_job *b);

/* The container's record `part` beside the Batch job that counts (NULL: not known): where it is of
 * another one, and said its last word before this one was made, it is an earlier try's, and tells
 * no state, step or progress. Takes `part`; owned. */
struct job *job_set_try(struct job *part, const struct batch_job *b);

/* The job `id` told by its own record (NULL: it has none) and by its container's under the Batch
 * job's id. The own one tells who wanted what, the container's how far it is and what it made; of
 * two states the one that the table in join.c names. Owned. */
struct job *job_join(const char *id, const struct job *own, const struct job *container);
#endif
