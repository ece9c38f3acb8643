/* beat.h - private to api: a thread that does something again and again until it is told to end. */
#ifndef API_BEAT_H
#define API_BEAT_H

#include <stdbool.h>

#include "core/err.h"

struct beat; /* opaque: src/api/beat.c */
/* the thread's function; it must return soon after beat_wait has returned false */
typedef void (*beat_fn)(struct beat *b, void *arg);

/* Starts the thread. NULL with `e` (E_IO) when no thread can be started. */
struct beat *beat_start(beat_fn run, void *arg, struct err *e);
/* Waits that long, or until beat_wake; called by the thread itself. False, at once, when the thread
 * has to end. */
bool beat_wait(struct beat *b, int ms);
bool beat_on(struct beat *b);
/* Ends a wait of the thread. Any thread. */
void beat_wake(struct beat *b);
void beat_end(struct beat *b);  /* tells the thread to end; does not wait */
void beat_free(struct beat *b); /* tells the thread to end and waits for its end; NULL allowed */
#endif
