/* sync_log_read.h - private to ops: the text of a log of sync_log.h, and what it leads to. */
#ifndef OPS_SYNC_LOG_READ_H
#define OPS_SYNC_LOG_READ_H

#include <stdbool.h>

#include "core/err.h"
#include "core/platform.h"
#include "core/strbuf.h"
#include "ops/ops.h"

enum { SYNC_LOG_MAX = 16 << 20 }; /* a larger file is no log: twice what one may grow to */

/* A line of head, the bytes, a line's end. The checksum is of all that follows it. */
enum sync_kind {
    SYNC_BEGIN = 'b', /* the first record: the bytes name the boot of the machine */
    SYNC_PUT = 'p',   /* the file is there, with these bytes */
    SYNC_HEAD = 'h',  /* the file's first bytes are these now */
    SYNC_MORE = 'm',  /* the file has these bytes at its end */
    SYNC_SAFE = 's',  /* the file does not depend on the log any more */
    SYNC_DONE = 'd'   /* the file was removed, or was about to be */
};
void sync_record_add(struct strbuf *out, enum sync_kind kind, const char *name, const void *bytes,
                     size_t len);

/* The folder of the logs; owned. */
char *sync_log_dir(const struct ops *o);
/* Locks a log that nobody has locked; false when somebody has, or it is no file of ours. */
bool sync_log_lock(int fd, const char *path);

/* Waits until nobody else settles logs; end it with sync_log_turn_over. E_CONFLICT when somebody
 * does for long, E_IO. */
MUST_CHECK enum err_code sync_log_turn(const struct ops *o, const char *dir, int *fd,
                                       struct err *e);
void sync_log_turn_over(int fd); /* -1 is allowed */
/* sync_log_sweep for who has the turn. E_IO. */
enum err_code sync_log_sweep_in_turn(const struct ops *o, const char *dir, struct err *e);

/* Makes the files that a log holds safe without it, and empties the log. The caller holds the log's
 * lock, and nobody else uses it. False, with errno: the log stays as it is. */
bool sync_log_settle(const struct ops *o, int fd, const char *boot);
#endif
