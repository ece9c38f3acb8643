/* limits.h - private to api: how many connections and requests the process's descriptors allow.
 * Called once at start, before any thread. */
#ifndef API_LIMITS_H
#define API_LIMITS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

struct limits {
    int descriptors; /* descriptors that the process may have: the soft limit after it is raised */
    int wanted;      /* connections that were asked for */
    int connections; /* connections of clients at once */
    /* requests that handlers work on at once, each on a thread; the others wait in line */
    int at_once;
    int outbound; /* connections to AWS at once */
};

/* Raises the soft limit of descriptors to the hard one and divides what it allows. E_CONFIG when
 * that is too few to serve at all. */
MUST_CHECK enum err_code limits_fit(int wanted, struct limits *out, struct err *e);
/* Divides so many descriptors; pure. False: they are too few. */
bool limits_divide(long descriptors, int wanted, struct limits *out);
/* The limits as text: "256 connections, 64 requests at once, 68 connections to AWS (1024
 * descriptors)". */
void limits_text(const struct limits *l, char *out, size_t size);
#endif
