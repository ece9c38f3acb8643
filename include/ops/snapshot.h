/* snapshot.h - the last list the dashboard showed, so that the next start paints at once.
 *
 * One file per place (place.h: account, region, endpoints, table and bus) in state_dir/snapshot/,
 * 0600, written whole and renamed. It is a cache: garbage, another version or another place reads
 * as "no snapshot". Reads come in pieces so that the first screen does not wait for 100,000 jobs.
 * Saving and opening make no request; they do file I/O only, so the UI thread may open and read the
 * first piece. */
#ifndef OPS_SNAPSHOT_H
#define OPS_SNAPSHOT_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "jobs/job.h"
#include "ops/ops.h"

struct snapshot; /* opaque: src/ops/snapshot.c */

/* Writes the jobs in the order given (put what is shown first first). Batch's words are not kept:
 * they are asked again. Any thread. */
MUST_CHECK enum err_code snapshot_save(const struct ops *o, const struct job *const *jobs,
                                       size_t len, struct err *e);

/* NULL with `e` E_NOT_FOUND when there is none that can be used, or when it is not known yet whose
 * account the keys are of: that would take a request. */
struct snapshot *snapshot_open(const struct ops *o, struct err *e);
int64_t snapshot_saved_ms(const struct snapshot *s); /* wall clock when it was written */
size_t snapshot_len(const struct snapshot *s);       /* how many jobs it says it has */
/* The next at most `max` jobs (owned by the caller) in the order they were saved. 0 at the end. A
 * damaged rest counts as the end. */
size_t snapshot_next(struct snapshot *s, struct job **out, size_t max);
void snapshot_close(struct snapshot *s); /* NULL allowed */
#endif
