/* backlog.h - private to api: what waits in the outbox, counted by a thread of its own, since that
 * reads files and may ask AWS whose the keys are. It also tells the log of what a person has to
 * deal with. Any thread. */
#ifndef API_BACKLOG_H
#define API_BACKLOG_H

#include <stdbool.h>

#include "core/err.h"
#include "core/log.h"
#include "ops/ops.h"

struct backlog; /* opaque: src/api/backlog.c */

struct backlog_view {
    int entries; /* accepted deploys that are not yet on the bus */
    int broken;  /* out of service until somebody deals with them */
};

/* NULL with `e` when no thread can be started. Borrows `ops` and `log`. */
struct backlog *backlog_start(const struct ops *ops, struct log *log, struct err *e);
void backlog_end(struct backlog *b);  /* its thread ends soon; NULL allowed */
void backlog_free(struct backlog *b); /* waits for it; NULL allowed */

/* What was counted last, at most five seconds ago while the disk answers. False: nothing was so
 * far. */
bool backlog_look(struct backlog *b, struct backlog_view *out);
void backlog_wake(struct backlog *b); /* it is another by now: count again */
#endif
