/* backlog.h - private to api: what waits in the outbox. A thread of its own counts it, because
 * counting reads files and may ask AWS whose the keys are. The thread also writes into the log what
 * a person has to deal with. Any thread. */
#ifndef API_BACKLOG_H
#define API_BACKLOG_H

#include <stdbool.h>

#include "core/err.h"
#include "core/log.h"
#include "ops/ops.h"

struct backlog; /* opaque: src/api/backlog.c */

struct backlog_view {
    int entries; /* accepted deploys that are not yet on the bus */
    int broken;  /* entries that are out of service until somebody deals with them */
};

/* Starts the thread. NULL with `e` when no thread can be started. Borrows `ops` and `log`. */
struct backlog *backlog_start(const struct ops *ops, struct log *log, struct err *e);
void backlog_end(struct backlog *b);  /* makes the thread end soon; NULL allowed */
void backlog_free(struct backlog *b); /* waits for the thread; NULL allowed */

/* Gets the last count, which is at most five seconds old as long as the disk answers (fifteen, and
 * as long as the table answers, with ops->state). False:
 * nothing was counted so far. */
bool backlog_look(struct backlog *b, struct backlog_view *out);
void backlog_wake(struct backlog *b); /* the number has changed: count again */
#endif
