/* cond.h - conditions that a thread waits for with a limit, by the clock that never goes back: when
 * somebody sets the wall clock, no wait becomes longer or shorter. Any thread. */
#ifndef CORE_COND_H
#define CORE_COND_H

#include <pthread.h>
#include <stdint.h>
#include <time.h>

/* Makes a condition whose waits end by CLOCK_MONOTONIC; pthread_cond_destroy ends it. */
void cond_init(pthread_cond_t *c);
/* The moment `ms` milliseconds from now, for pthread_cond_timedwait on such a condition. A negative
 * `ms` means now. */
struct timespec cond_until(int64_t ms);
#endif
