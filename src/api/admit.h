/* admit.h - private to api: what is decided about a request by its head, before anything is done.
 * It waits for nothing. */
#ifndef API_ADMIT_H
#define API_ADMIT_H

#include <stdbool.h>

#include "exchange.h"

/* Finds the route and the client. False: the reply is filled; the request is refused, or is a
 * preflight. */
bool admit(struct exchange *e);
#endif
