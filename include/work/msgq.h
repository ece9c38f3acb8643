/* msgq.h - bounded FIFO from worker threads to the UI thread.
 *
 * Any thread may push. Only the UI thread drains. No lock is held when a function returns. */
#ifndef WORK_MSGQ_H
#define WORK_MSGQ_H

#include <stddef.h>

#include "core/err.h"
#include "work/msg.h"

struct msgq; /* opaque: the layout lives in src/work/msgq.c */

/* Returns NULL and fills `e` when the wake-up descriptor cannot be opened. */
struct msgq *msgq_new(size_t capacity, struct err *e);
void msgq_free(struct msgq *q); /* frees undelivered messages too; NULL is allowed */

/* Takes `m`, also on failure. Blocks while full; E_CANCELLED after msgq_close. */
MUST_CHECK enum err_code msgq_push(struct msgq *q, struct msg *m);
void msgq_close(struct msgq *q);

int msgq_fd(const struct msgq *q);      /* readable while messages wait; borrowed */
struct msg *msgq_drain(struct msgq *q); /* oldest first, NULL when empty; caller owns the list */
#endif
