/* sync_log.h - one sync for the files of many deploys that wait together.
 *
 * A file that is noted here needs no sync of its own: its bytes are appended to a log, and one sync
 * of the log holds them for all who wait. After the machine lost its power, the next mvpdash writes
 * from the logs what the file system had not kept (src/ops/sync_log.c has the design).
 *
 * A note is for a file that its maker holds flock on. A function that cannot note anything says so,
 * and the caller then syncs the file and its folder as if there was no log. Any thread. */
#ifndef OPS_SYNC_LOG_H
#define OPS_SYNC_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "ops/ops.h"

struct sync_log; /* opaque: src/ops/sync_log.c */

/* The number of a note, by which it is waited for; the numbers only grow. */
typedef uint64_t sync_note;
enum { SYNC_NONE = 0 }; /* nothing was noted */

struct sync_log *sync_log_new(void);
void sync_log_free(const struct ops *o, struct sync_log *l); /* no call may be under way */

/* Can a new file be noted now? Opens the log when it is not open. */
bool sync_log_ready(const struct ops *o);
/* Notes that the outbox's file of this job is there, with these bytes. SYNC_NONE: it is not noted.
 * Each file that was noted ends with one sync_log_end and, after it, one sync_log_over. */
sync_note sync_log_put(const struct ops *o, const char *job_id, const void *bytes, size_t len);
/* Notes that the file which `put` noted gets these bytes at its start. SYNC_NONE: the log does not
 * know that file any more, the caller syncs file and folder. */
sync_note sync_log_head(const struct ops *o, sync_note put, const char *job_id, const void *bytes,
                        size_t len);
enum sync_end {
    SYNC_END_SAFE,   /* file and folder were synced: the log need not hold the file any more */
    SYNC_END_REMOVED /* the file is about to be removed, for good */
};
/* Notes how the file ends. SYNC_NONE: it cannot be noted, but the log does not hold the file any
 * more either. */
sync_note sync_log_end(const struct ops *o, sync_note put, const char *job_id, enum sync_end end);
/* What the note said has been done: the log may be emptied. */
void sync_log_over(const struct ops *o, sync_note put);
/* Waits until the note is on the disk; those who wait at the same time share one sync. False: the
 * caller syncs file and folder. */
MUST_CHECK bool sync_log_wait(const struct ops *o, sync_note note);

/* Looks for logs whose owners died, and puts into the outbox what only they hold. Whoever takes an
 * entry out of the outbox does this first, and leaves the entry alone when it fails: a log may hold
 * a later state of it. E_CONFLICT when another process is at it, E_IO. */
enum err_code sync_log_sweep(const struct ops *o, struct err *e);
/* Empties the log when no file depends on it: it holds database URLs. */
void sync_log_tidy(const struct ops *o);
#endif
