/* shared_sync.h - one sync of a folder for all threads that wait for it at the same time.
 *
 * A sync that is under way may have begun before a name was made: whoever comes meanwhile waits for
 * the next one, which all share who came by then. Any thread. */
#ifndef CORE_SHARED_SYNC_H
#define CORE_SHARED_SYNC_H

#include <stdbool.h>

struct shared_sync; /* opaque: src/core/shared_sync.c */

struct shared_sync *shared_sync_new(void);
void shared_sync_free(struct shared_sync *s); /* NULL allowed; no call may be under way */

/* Returns when the names that were in the folder before the call are on the disk. All calls of one
 * `s` name the same folder; with NULL the folder is synced for this caller alone. False when it
 * cannot be synced. */
bool shared_sync_folder(struct shared_sync *s, const char *dir);
#endif
