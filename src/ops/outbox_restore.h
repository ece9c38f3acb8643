/* outbox_restore.h - private to ops: an entry of the outbox that only a log holds (sync_log.h). */
#ifndef OPS_OUTBOX_RESTORE_H
#define OPS_OUTBOX_RESTORE_H

#include <stdbool.h>
#include <stddef.h>

#include "ops/ops.h"

/* The entries that were brought back. Each is locked, so that nobody works on one while the log
 * could bring it back a second time. */
struct outbox_restored {
    struct outbox_restored_one {
        int fd;
        char *path; /* owned; NULL: there was a file before, too */
    } * items;      /* owned */
    size_t len, cap;
};

/* Brings an entry back, when the outbox does not have it or has an older state of it. False when it
 * cannot be written. */
bool outbox_restore(const struct ops *o, const char *job_id, const char *bytes, size_t len,
                    struct outbox_restored *restored);
/* Removes an entry that was done with, when its removal is what the file system did not keep. */
bool outbox_restore_end(const struct ops *o, const char *job_id, const char *bytes, size_t len);
/* Gives the locks back; with `kept` false it takes back what was added, so that another try begins
 * as this one did. */
void outbox_restored_end(struct outbox_restored *restored, bool kept);
#endif
