/* ready.h - private to api: what GET /readyz says. A thread of its own asks AWS, once at start and
 * then while somebody asks. A client gets what was found last; only when nothing was found lately
 * does it wait for AWS, as long as it likes to. Any thread. */
#ifndef API_READY_H
#define API_READY_H

#include <stdbool.h>

#include "core/err.h"
#include "core/log.h"
#include "ops/ops.h"

struct ready; /* opaque: src/api/ready.c */

/* Starts the thread. NULL with `e` when no thread can be started. Borrows `ops` and `log`. */
struct ready *ready_start(const struct ops *ops, struct log *log, struct err *e);
void ready_end(struct ready *k);  /* makes the thread end soon; NULL allowed */
void ready_free(struct ready *k); /* waits for the thread; NULL allowed */

enum { READY_WAIT_MS = 2000 }; /* more than a look takes at most */

/* Would ready_ask answer at once, from what was found? */
bool ready_known(struct ready *k);
/* The status and the body (owned) of the last result. When no result is young enough, and none
 * comes in `wait_ms`: 503 without checks. */
int ready_ask(struct ready *k, int wait_ms, char **body);
#endif
