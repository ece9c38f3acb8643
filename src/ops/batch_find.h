/* batch_find.h - private to ops: which Batch job is ours, when no record tells (SPEC 1.3). */
#ifndef OPS_BATCH_FIND_H
#define OPS_BATCH_FIND_H

#include <stddef.h>
#include <stdint.h>

#include "jobs/batch.h"
#include "ops/ops.h"

/* Times of records are of whoever wrote them, creation times in Batch are AWS's: look this much
 * earlier, or a clock that is ahead hides the job. */
enum { BATCH_FIND_SKEW_MS = 15 * 60 * 1000 };

/* Whose job a Batch job is never changes: what DescribeJobs told is remembered, so that looking for
 * a job again and again (the detail of one that nobody picked up) describes only new ones. Any
 * thread; bounded. */
struct batch_names;
struct batch_names *batch_names_new(void);
void batch_names_free(struct batch_names *n); /* NULL allowed */

/* One Batch job by its own id, in full. `*out` is NULL (and E_OK) when Batch does not know it. */
MUST_CHECK enum err_code batch_find_by_id(const struct ops *o, const char *batch_id,
                                          struct batch_job **out, struct err *e);

/* The Batch jobs of `ids` (our job ids) among those created in the queue between `from_ms` and
 * `to_ms` (TIME_NONE: now): `found[i]` becomes the newest match of ids[i], owned, or stays NULL.
 * Looks at no more than about a thousand jobs. */
MUST_CHECK enum err_code batch_find_by_job(const struct ops *o, const char *const *ids, size_t len,
                                           int64_t from_ms, int64_t to_ms, struct batch_job **found,
                                           struct err *e);

/* Walks ListJobs of the configured queue, newest first, by creation time; summaries outside of the
 * window are skipped. `page` takes an array of owned summaries; false ends the walk well. */
typedef bool (*batch_summaries_fn)(void *arg, struct batch_job **jobs, size_t len);
MUST_CHECK enum err_code batch_walk(const struct ops *o, int64_t from_ms, int64_t to_ms,
                                    int pages_max, batch_summaries_fn page, void *arg,
                                    struct err *e);

/* Details of many; the array and its jobs are the caller's. */
MUST_CHECK enum err_code batch_details(const struct ops *o, const char *const *batch_ids,
                                       size_t len, struct batch_job ***jobs, size_t *jobs_len,
                                       struct err *e);
void batch_jobs_free(struct batch_job **jobs, size_t len);
#endif
