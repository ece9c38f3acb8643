/* sync_log_keys.h - private to ops: the files of Idempotency-Keys that a log holds (sync_log.h). */
#ifndef OPS_SYNC_LOG_KEYS_H
#define OPS_SYNC_LOG_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "ops/ops.h"

/* Is this the name of a key's file, as a log has it? */
bool sync_log_is_key(const char *name);
/* Syncs all files of keys, and their folder, by one call. False, with errno. */
bool sync_log_keys_safe(const struct ops *o);
/* Writes the file of a key from the log, when the file system does not have it or has an older
 * state of it. Syncs nothing: sync_log_keys_safe does, for all. False when it cannot be written. */
bool sync_log_key_restore(const struct ops *o, const char *name, const char *bytes, size_t len);
/* Removes the file of a key for which nothing was done, when its removal is what the file system
 * did not keep. */
bool sync_log_key_restore_end(const struct ops *o, const char *name, const char *bytes, size_t len);
#endif
