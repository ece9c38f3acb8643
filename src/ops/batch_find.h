/* batch_find.h - private to ops: which Batch jobs are ours (SPEC 1.3).
 *
 * The search for a job's Batch job has three results, and "not found" is not "not looked at": only
 * when everything that could hold it was read is there none. */
#ifndef OPS_BATCH_FIND_H
#define OPS_BATCH_FIND_H

#include <stddef.h>
#include <stdint.h>

#include "jobs/batch.h"
#include "ops/ops.h"

/* The times in records come from the writers' clocks, those of Batch jobs from AWS. The search
 * begins this much earlier than a record's time, because a clock that is ahead would hide the
 * job. */
enum { BATCH_FIND_SKEW_MS = 15 * 60 * 1000 };

enum batch_found {
    BATCH_NOT_KNOWN, /* not everything that could hold the job could be asked for: see the error */
    BATCH_NONE,      /* everything was read: Batch has no such job (any more) */
    BATCH_FOUND
};

struct batch_want {
    const char *job_id;
    /* the Batch id that the job's record names, which comes before all others; NULL or "" */
    const char *batch_id;
    /* the job's earliest known time; TIME_NONE: it is not known, so everything is looked at */
    int64_t from_ms;
};

struct batch_hit {
    enum batch_found found;
    /* for BATCH_FOUND: the Batch job that the record names, else the newest one; owned */
    struct batch_job *job;
    /* for searches with `others`: the job's other Batch jobs, newest first; owned */
    struct batch_job **others;
    size_t others_len;
    bool all; /* there are no others than those in `others` */
};
void batch_hit_clear(struct batch_hit *h);

/* Looks for all of them at once. Jobs that a record names are asked for with DescribeJobs; the
 * others, and those whose named job is gone, are looked for with ListJobs by creation time from the
 * earliest on, all pages, newest first, and each job found is described only once ever
 * (batch_names.h). With `others` the job's further Batch jobs are found too; when its record names
 * a Batch job, only the newest thousand jobs of the queue are searched for them. Fills hits[i] for
 * wants[i] in any case. E_OK when every result is known; else the first reason why one is not. Uses
 * at most four fifths of the time that the operation has left. */
MUST_CHECK enum err_code batch_search(const struct ops *o, const struct batch_want *wants,
                                      size_t len, bool others, struct batch_hit *hits,
                                      struct err *e);

/* Learns the owner of every Batch job of the queue that was created at `from_ms` or later
 * (TIME_NONE: of all that Batch remembers) and keeps it in batch_names.h; what is known is not
 * asked for again. E_OK: all owners are known. */
MUST_CHECK enum err_code batch_learn(const struct ops *o, int64_t from_ms, struct err *e);

/* Gets one Batch job by its own id, in full. `*out` is NULL (and the result E_OK) when Batch does
 * not know the job. */
MUST_CHECK enum err_code batch_find_by_id(const struct ops *o, const char *batch_id,
                                          struct batch_job **out, struct err *e);

/* Gets the details of many jobs, 100 a call, several calls at a time; the array and its jobs are
 * the caller's. `answered` (may be NULL) tells for each id whether Batch was asked: together with
 * an error some details may be there. */
MUST_CHECK enum err_code batch_details(const struct ops *o, const char *const *batch_ids,
                                       size_t len, struct batch_job ***jobs, size_t *jobs_len,
                                       bool *answered, struct err *e);
void batch_jobs_free(struct batch_job **jobs, size_t len);

/* Reads all Batch jobs of the queue that were created at `from_ms` or later, newest first, page by
 * page. Each has the id of our job: jobs whose owner is new come in full, the others as summaries.
 * `page` takes the array and its jobs; when it returns false the walk ends without an error. */
typedef bool (*batch_jobs_fn)(void *arg, struct batch_job **jobs, size_t len);
MUST_CHECK enum err_code batch_list(const struct ops *o, int64_t from_ms, batch_jobs_fn page,
                                    void *arg, struct err *e);
#endif
