/* deadline.h - until when an operation may take: one time for all its calls together.
 *
 * An operation runs on the thread that began it and, for its parts, on threads that it starts. Its
 * deadline lies with the thread and not in an argument: each function between the command and the
 * socket would only hand it on, and one that forgot would wait for ever. A thread that works for
 * another takes over its deadline (ops_parallel does). Times are of clock_mono_ms(NULL). */
#ifndef CORE_DEADLINE_H
#define CORE_DEADLINE_H

#include <stdint.h>

#define DEADLINE_NONE INT64_MAX

int64_t deadline_get(void); /* of this thread; DEADLINE_NONE when there is none */
/* Sets it and returns the one before, which the caller puts back at the end. */
int64_t deadline_set(int64_t at_ms);
/* At most `ms` from now, and never later than the one that is set; returns the one before. With 0
 * or less nothing changes. */
int64_t deadline_within(int64_t ms);
/* The same for a part of the work: so many hundredths of what is left, if there is a deadline. */
int64_t deadline_share(int percent);
/* What is left of `most` milliseconds: 0 when the time is over. */
int deadline_left_ms(int most);
#endif
