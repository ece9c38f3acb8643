/* deadline.h - until when an operation may take: one time for all its calls together.
 *
 * An operation runs on the thread that began it and, for its parts, on threads that it starts. The
 * deadline belongs to the thread and is not an argument: each function between the command and the
 * socket would only hand it on, and one that forgot would wait for ever. A thread that works for
 * another one takes over its deadline (ops_parallel does so). Times are those of
 * clock_mono_ms(NULL). */
#ifndef CORE_DEADLINE_H
#define CORE_DEADLINE_H

#include <stdint.h>

#define DEADLINE_NONE INT64_MAX

int64_t deadline_get(void); /* the deadline of this thread; DEADLINE_NONE when there is none */
/* Sets it and returns the one before, which the caller puts back at the end. */
int64_t deadline_set(int64_t at_ms);
/* Sets a deadline of at most `ms` from now, never later than the present one; returns the present
 * one. With 0 or less nothing changes. */
int64_t deadline_within(int64_t ms);
/* Does the same for a part of the work: `percent` hundredths of the time that is left, if there is
 * a deadline. */
int64_t deadline_share(int percent);
/* What is left of `most` milliseconds: 0 when the deadline has passed. */
int deadline_left_ms(int most);
#endif
