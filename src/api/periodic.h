/* periodic.h - private to api: a thread that does something again and again until it is told to
 * end. */
#ifndef API_PERIODIC_H
#define API_PERIODIC_H

#include <stdbool.h>

#include "core/err.h"

struct periodic; /* opaque: src/api/periodic.c */
/* the thread's function; it must return soon after periodic_wait has returned false */
typedef void (*periodic_fn)(struct periodic *b, void *arg);

/* Starts the thread. NULL with `e` (E_IO) when no thread can be started. */
struct periodic *periodic_start(periodic_fn run, void *arg, struct err *e);
/* Waits that long, or until periodic_wake; called by the thread itself. False, at once, when the
 * thread has to end. */
bool periodic_wait(struct periodic *b, int ms);
bool periodic_on(struct periodic *b);
/* Ends a wait of the thread. Any thread. */
void periodic_wake(struct periodic *b);
void periodic_end(struct periodic *b); /* tells the thread to end; does not wait */
void periodic_free(
    struct periodic *b); /* tells the thread to end and waits for its end; NULL allowed */
#endif
