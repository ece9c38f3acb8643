/* beat.h - private to api: a thread that does something again and again until it is told to end. */
#ifndef API_BEAT_H
#define API_BEAT_H

#include <stdbool.h>

#include "core/err.h"

struct beat;                                        /* opaque: src/api/beat.c */
typedef void (*beat_fn)(struct beat *b, void *arg); /* returns soon after beat_wait says false */

/* NULL with `e` (E_IO) when no thread can be started. */
struct beat *beat_start(beat_fn run, void *arg, struct err *e);
/* From within the thread: waits that long, or until beat_wake. False, at once: end now. */
bool beat_wait(struct beat *b, int ms);
bool beat_on(struct beat *b);
/* Any thread. */
void beat_wake(struct beat *b);
void beat_end(struct beat *b);  /* tells it; does not wait */
void beat_free(struct beat *b); /* tells it and waits for its end; NULL allowed */
#endif
