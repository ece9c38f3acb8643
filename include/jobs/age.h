/* age.h - short durations for people, coarse enough that a tick of the clock does not touch every
 * row. Pure; any thread. */
#ifndef JOBS_AGE_H
#define JOBS_AGE_H

#include <stdbool.h>
#include <stdint.h>

#include "jobs/job.h"
#include "jobs/state.h"

#define AGE_SIZE 24

/* How long ago: "<1m", "3m", "2h", "4d", "9w", "3y"; "" when `then_ms` is TIME_NONE. A time ahead
 * of now is "<1m". Returns buf. */
const char *age_text(int64_t then_ms, int64_t now_ms, char buf[AGE_SIZE]);

/* A duration: "45s", "3m", "2h05", "4d", "<1s" below one second; "" when it is negative. Returns
 * buf. */
const char *duration_text(int64_t ms, char buf[AGE_SIZE]);
/* A duration to the second, for details: "1m 05s", "2h 05m 09s", "4d 3h". Returns buf. */
const char *duration_long(int64_t ms, char buf[AGE_SIZE]);

/* How long the job has run or ran, in ms: from its start to its end, or to now while it is not
 * final; -1 when it has not started. */
int64_t job_duration_ms(const struct job *j, const struct job_state *s, int64_t now_ms);
/* The estimate in ms: estimatedDuration, else estimatedCompletion minus the start (or the time of
 * the job); -1 when there is none. */
int64_t job_estimate_ms(const struct job *j, const struct job_state *s);
/* The duration against the estimate: "12m/4h", "12m" without an estimate, "-/4h" before the start,
 * "" with neither. `*over` (may be NULL) is set when the job takes longer than estimated. While it
 * runs, the text has only minutes. Returns buf. */
const char *job_duration_text(const struct job *j, const struct job_state *s, int64_t now_ms,
                              char buf[AGE_SIZE], bool *over);

/* Reads "90", "90s", "15m", "4h" or "2d" (whole numbers, seconds without a unit) into seconds.
 * False leaves *out alone: the text has another form, or is over ten years. */
bool duration_parse(const char *s, int64_t *out);
/* Reads a duration as people type it, into seconds: "4h", "30 min", "2h30m", "1:30" (hours and
 * minutes), "14400" (seconds); the larger unit comes first. False leaves *out alone. */
bool duration_read(const char *s, int64_t *out);
#define DURATION_FORMS "like 4h, 30 min, 2h30m, 1:30 (hours:minutes) or 14400 (seconds)"
/* Reads a time: so long before now ("30m", "24h", "7d", with its unit) or ISO 8601, in ms. False
 * leaves *out alone. */
bool since_parse(const char *s, int64_t now_ms, int64_t *out);
#endif
