/* snapshot.h - the last list that the dashboard showed, so that the next start paints at once.
 *
 * There is one file for each place (place.h: account, region, endpoints, table and bus) in
 * state_dir/snapshot/, 0600, written as a whole and renamed. It is a cache: garbage, another
 * version or another place reads as "no snapshot". It is read in pieces, so that the first screen
 * does not wait for 100,000 jobs. Saving and opening make no request; they do file I/O only, so the
 * UI thread may open it and read the first piece. */
#ifndef OPS_SNAPSHOT_H
#define OPS_SNAPSHOT_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "jobs/job.h"
#include "ops/ops.h"

struct snapshot; /* opaque: src/ops/snapshot.c */

/* Writes the jobs in the order given (put what is shown first at the start). What Batch said is not
 * kept: Batch is asked again. Any thread. */
MUST_CHECK enum err_code snapshot_save(const struct ops *o, const struct job *const *jobs,
                                       size_t len, struct err *e);

/* Opens a snapshot. NULL with `e` E_NOT_FOUND when there is none that can be used, or when it is
 * not known yet whose account the keys are of: finding that out would take a request. */
struct snapshot *snapshot_open(const struct ops *o, struct err *e);
/* when the snapshot was written, by the wall clock */
int64_t snapshot_saved_ms(const struct snapshot *s);
/* Reads the next at most `max` jobs (owned by the caller) in the order in which they were saved. 0
 * at the end. A damaged rest counts as the end. */
size_t snapshot_next(struct snapshot *s, struct job **out, size_t max);
void snapshot_close(struct snapshot *s); /* NULL allowed */
#endif
