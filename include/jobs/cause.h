/* cause.h - why a job failed, as a short text that is the same for the same cause. Pure; any
 * thread. */
#ifndef JOBS_CAUSE_H
#define JOBS_CAUSE_H

#include <stdbool.h>
#include <stddef.h>

#include "jobs/batch.h"
#include "jobs/job.h"
#include "jobs/state.h"

enum { CAUSE_SIZE = 240 };
#define CAUSE_UNKNOWN "unknown"

/* Writes the first line of a message without what differs from job to job: ids and hashes become
 * <id>, numbers <n>, times <time>, paths <path>, addresses <email> and ARNs <arn>; blanks become
 * one blank. The codes of programs (E404, TS2304, EC2; "status code 502", "exit code 1") stay. A
 * text that does not fit ends in an ellipsis, between two parts. `size` is at least 8. Returns the
 * length. */
size_t cause_normalise(const char *text, size_t len, char *out, size_t size);

/* The cause of a failed job: the exit code, Batch's reason, and the message of its record, as far
 * as they are known: "exit 137; OutOfMemoryError: Container killed due to memory usage". `b` may be
 * NULL. False: nothing is known, `out` is CAUSE_UNKNOWN. */
bool cause_of(const struct job *j, const struct batch_job *b, const struct job_state *s,
              char out[CAUSE_SIZE]);
/* The `reason` of a job as list, filter and JSON have it: its cause when it failed, which may be
 * CAUSE_UNKNOWN; NULL when it did not fail. Else returns `out`. */
const char *cause_reason(const struct job *j, const struct batch_job *b, const struct job_state *s,
                         char out[CAUSE_SIZE]);
#endif
