/* sync_log.h - one sync for the files of many deploys that wait together.
 *
 * A file that is noted here needs no sync of its own: its bytes are appended to a log, and one sync
 * of the log holds them for all who wait. After the machine lost its power, the next mvpdash writes
 * from the logs what the file system had not kept (src/ops/sync_log.c has the design).
 *
 * Two kinds of files are noted: an entry of the outbox, whose name is its job id, and the file of
 * an Idempotency-Key, whose name is SYNC_KEY and what the file is called without its ".jsonl".
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

#define SYNC_KEY "key/"            /* no job id has a '/' */
#define SYNC_KEY_DIR "idempotency" /* the folder of these files in the state folder */

struct sync_log *sync_log_new(void);
void sync_log_free(const struct ops *o, struct sync_log *l); /* no call may be under way */

/* Can a new file be noted now? Opens the log when it is not open. */
bool sync_log_ready(const struct ops *o);
/* Notes that the file is there, with these bytes. SYNC_NONE: it is not noted. Each entry that was
 * noted ends with one sync_log_end and, after it, one sync_log_over; each key with one
 * sync_log_rest, after a sync_log_end when its file is removed. */
sync_note sync_log_put(const struct ops *o, const char *name, const void *bytes, size_t len);
/* Notes that the file which `put` noted gets these bytes at its start. SYNC_NONE: the log does not
 * know that file any more, the caller syncs file and folder. */
sync_note sync_log_head(const struct ops *o, sync_note put, const char *name, const void *bytes,
                        size_t len);
/* The same for bytes at its end. */
sync_note sync_log_more(const struct ops *o, sync_note put, const char *name, const void *bytes,
                        size_t len);
enum sync_end {
    SYNC_END_SAFE,   /* file and folder were synced: the log need not hold the file any more */
    SYNC_END_REMOVED /* the file is about to be removed, for good */
};
/* Notes how the file ends. SYNC_NONE: it cannot be noted, but the log does not hold the file any
 * more either. */
sync_note sync_log_end(const struct ops *o, sync_note put, const char *name, enum sync_end end);
/* What the note said has been done: the log may be emptied. */
void sync_log_over(const struct ops *o, sync_note put);
/* The file of a key has all that was noted, or is removed, and its lock is about to be given back.
 * The log holds it until sync_log_tidy has synced it together with all others. */
void sync_log_rest(const struct ops *o, sync_note put);
/* Waits until the note is on the disk; those who wait at the same time share one sync. False: the
 * caller syncs file and folder. */
MUST_CHECK bool sync_log_wait(const struct ops *o, sync_note note);

/* Looks for logs whose owners died, and puts into the outbox what only they hold. Whoever takes an
 * entry out of the outbox does this first, and leaves the entry alone when it fails: a log may hold
 * a later state of it. E_CONFLICT when another process is at it, E_IO. */
enum err_code sync_log_sweep(const struct ops *o, struct err *e);
/* The same, the first time in this process: a log that has to be written into files is of an
 * earlier boot, so that no other one comes. Whoever reads the file of a key does this first. */
MUST_CHECK enum err_code sync_log_swept(const struct ops *o, struct err *e);
/* Syncs the files of keys that rest, and empties the log when no file depends on it: it holds
 * database URLs. Takes as long as the disk takes for all that is not written; others go on
 * meanwhile. */
void sync_log_tidy(const struct ops *o);
/* Has the log grown so far that it is time for sync_log_tidy? */
bool sync_log_heavy(const struct ops *o);
#endif
