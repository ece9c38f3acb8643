/* state.h - a job's true state: the merge of its record and of Batch's word (SPEC 1.3). Pure. */
#ifndef JOBS_STATE_H
#define JOBS_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "jobs/batch.h"
#include "jobs/job.h"

enum job_stuck {
    STUCK_NO,
    STUCK_NOT_PICKED_UP, /* PENDING without a Batch job: the event matched no rule, or none arrived
                          */
    STUCK_RUNNABLE,      /* RUNNABLE for long: no capacity, or Batch's own reason */
    STUCK_NO_PROGRESS,   /* running, but no update for longer than expected */
    STUCK_STOPPING       /* cancelled, and Batch has not ended it */
};
const char *
job_stuck_word(enum job_stuck s); /* "" | "not picked up" | ... for the JSON's "stuck" */

struct state_rules { /* seconds; state_rules_default has 60, 600, 1800, 120, 120 */
    int not_picked_up_s;
    int runnable_s;
    int no_progress_s;
    int stopping_s;
    int drift_s; /* record and Batch may differ this long before it counts as drift */
};
extern const struct state_rules state_rules_default;

struct job_state {
    enum job_status status;  /* merged */
    enum batch_status batch; /* BATCH_UNKNOWN when Batch has no such job (any more) */
    enum job_stuck stuck;
    bool drift;           /* the record and Batch contradict each other */
    bool gone_from_batch; /* the record names a Batch job that Batch no longer knows */
    int exit_code;        /* EXIT_CODE_NONE */
    int64_t started_ms;   /* merged, TIME_NONE when absent */
    int64_t ended_ms;
    char reason[256]; /* plain words of why it is so: Batch's reason, exit code, the last error; ""
                       */
};

/* `b` is NULL when Batch was asked and does not know the job, or was not asked (`batch_asked`). */
void job_state_merge(const struct job *j, const struct batch_job *b, bool batch_asked,
                     int64_t now_ms, const struct state_rules *rules, struct job_state *out);

/* Plain words for a Batch failure or wait: exit codes (137, 139, 143, 1, ...), OutOfMemory,
 * CannotPullContainer, host terminated, timeout, each RUNNABLE reason. "" when there is nothing to
 * say. Writes at most `size` bytes with NUL. */
void job_why(const struct batch_job *b, char *out, size_t size);
#endif
