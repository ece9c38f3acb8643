/* ready.h - private to api: what GET /readyz says. A thread of its own asks AWS, once at start and
 * then while somebody asks; who asks gets what was found last, and waits for AWS, as long as he
 * likes to, only when nothing was found of late. Any thread. */
#ifndef API_READY_H
#define API_READY_H

#include <stdbool.h>

#include "core/err.h"
#include "core/log.h"
#include "ops/ops.h"

struct ready; /* opaque: src/api/ready.c */

/* NULL with `e` when no thread can be started. Borrows `ops` and `log`. */
struct ready *ready_start(const struct ops *ops, struct log *log, struct err *e);
void ready_end(struct ready *k);  /* its thread ends soon; NULL allowed */
void ready_free(struct ready *k); /* waits for it; NULL allowed */

enum { READY_WAIT_MS = 2000 }; /* more than a look takes at most */

/* Would ready_ask answer at once by what was found? */
bool ready_known(struct ready *k);
/* The last answer's status and its body, owned. When there is none that is young enough, and none
 * comes in `wait_ms`, 503 with no checks. */
int ready_ask(struct ready *k, int wait_ms, char **body);
#endif
