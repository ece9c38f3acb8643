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

/* Times of records are of whoever wrote them, creation times in Batch are AWS's: look this much
 * earlier, or a clock that is ahead hides the job. */
enum { BATCH_FIND_SKEW_MS = 15 * 60 * 1000 };

enum batch_found {
    BATCH_NOT_KNOWN, /* Batch could not be asked for all that could hold it: see the error */
    BATCH_NONE,      /* all was read: Batch has no such job (any more) */
    BATCH_FOUND
};

struct batch_want {
    const char *job_id;
    const char *batch_id; /* as its record names it, which comes first; NULL or "" */
    int64_t from_ms;      /* the job's earliest known time; TIME_NONE: none, all is looked at */
};

struct batch_hit {
    enum batch_found found;
    struct batch_job *job;     /* of BATCH_FOUND: what the record names, else the newest; owned */
    struct batch_job **others; /* with `others` below: the rest, newest first; owned */
    size_t others_len;
    bool all; /* there are no others than these */
};
void batch_hit_clear(struct batch_hit *h);

/* Looks for all of them at once: DescribeJobs of those that a record names; for the others, and
 * those whose named job is gone, ListJobs by creation time from the earliest on, all pages, newest
 * first, of which each job is described once ever (batch_names.h). With `others` each job's further
 * Batch jobs too; for one whose record names a Batch job only the newest thousand of the queue are
 * looked through for them. Fills hits[i] of wants[i] in any case. E_OK when every result is known;
 * else the first reason why one is not. Uses at most four fifths of the time that is left of
 * the operation. */
MUST_CHECK enum err_code batch_search(const struct ops *o, const struct batch_want *wants,
                                      size_t len, bool others, struct batch_hit *hits,
                                      struct err *e);

/* Learns whose every Batch job of the queue created at `from_ms` or later is (TIME_NONE: all that
 * Batch remembers), for batch_names.h; what is known is not asked for again. E_OK: all of them. */
MUST_CHECK enum err_code batch_learn(const struct ops *o, int64_t from_ms, struct err *e);

/* One Batch job by its own id, in full. `*out` is NULL (and E_OK) when Batch does not know it. */
MUST_CHECK enum err_code batch_find_by_id(const struct ops *o, const char *batch_id,
                                          struct batch_job **out, struct err *e);

/* Details of many, 100 a call, side by side; the array and its jobs are the caller's. `answered`
 * (may be NULL) says of each id whether Batch was asked: with an error some may be there. */
MUST_CHECK enum err_code batch_details(const struct ops *o, const char *const *batch_ids,
                                       size_t len, struct batch_job ***jobs, size_t *jobs_len,
                                       bool *answered, struct err *e);
void batch_jobs_free(struct batch_job **jobs, size_t len);

/* All Batch jobs of the queue created at `from_ms` or later, newest first, page by page. Each with
 * the id of our job: those whose owner is new come in full, the others as summaries. `page` takes
 * the array and its jobs; false ends the walk well. */
typedef bool (*batch_jobs_fn)(void *arg, struct batch_job **jobs, size_t len);
MUST_CHECK enum err_code batch_list(const struct ops *o, int64_t from_ms, batch_jobs_fn page,
                                    void *arg, struct err *e);
#endif
