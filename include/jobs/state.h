/* state.h - a job's true state: the merge of its record and of Batch's word (SPEC 1.3). Pure. */
#ifndef JOBS_STATE_H
#define JOBS_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "jobs/batch.h"
#include "jobs/job.h"

enum job_stuck {
    STUCK_NO,
    STUCK_NOT_PICKED_UP, /* PENDING without a Batch job: the event matched no rule, or none arrived
                          */
    STUCK_RUNNABLE, /* RUNNABLE for long while nothing runs, or Batch says that waiting is no use */
    STUCK_NO_PROGRESS, /* running, but no update for longer than expected */
    STUCK_STOPPING     /* cancelled, and Batch has not ended it */
};
const char *
job_stuck_word(enum job_stuck s); /* "" | "not picked up" | ... for the JSON's "stuck" */

struct state_rules { /* seconds; state_rules_default has 60, 600, 1800, 120, 120 */
    int not_picked_up_s;
    int runnable_s;
    int no_progress_s;
    int stopping_s;
    int drift_s; /* record and Batch may differ this long before it counts as drift */
    /* Was the queue last seen to run jobs? Then one that waits in it waits for its turn: nothing is
     * stuck. False by default. */
    bool queue_runs;
};
extern const struct state_rules state_rules_default;

/* Small on purpose: the dashboard keeps one for each of 100,000 jobs. The sentence of why it is so
 * is made on demand by job_state_reason. */
struct job_state {
    uint8_t status; /* enum job_status: merged */
    uint8_t batch;  /* enum batch_status; BATCH_UNKNOWN when Batch has no such job (any more) */
    uint8_t stuck;  /* enum job_stuck */
    uint8_t why;    /* for job_state_reason only */
    bool drift;     /* the record and Batch contradict each other */
    bool turn;      /* it waits in Batch for long already, for its turn: the queue runs others */
    bool gone_from_batch;  /* the record names a Batch job that Batch no longer knows */
    int exit_code;         /* EXIT_CODE_NONE */
    uint32_t batch_made_s; /* Batch's createdAt in whole seconds, for job_time; 0: not known */
    int64_t started_ms;    /* merged, TIME_NONE when absent */
    int64_t ended_ms;
};

/* What the time of a job was told by. */
enum job_time_of {
    TIME_OF_NOTHING,
    TIME_OF_CREATED, /* createdAt of the record, in either form */
    TIME_OF_START,
    TIME_OF_ID,    /* the milliseconds in job_<ms>_... */
    TIME_OF_BATCH, /* when Batch got it */
    TIME_OF_UPDATE /* only when its record last changed */
};
/* The time of a job, by which it is sorted, filtered and aged everywhere: the first one known of
 * these, in this order (SPEC 1.2). `s` tells what Batch knows and may be NULL, `of` too. TIME_NONE:
 * none is known. */
int64_t job_time(const struct job *j, const struct job_state *s, enum job_time_of *of);
uint32_t job_batch_made(const struct batch_job *b); /* for job_state.batch_made_s; NULL allowed */
/* Is it known whatever Batch says? Else it may be earlier than what job_time tells without it. */
bool job_time_firm(const struct job *j);
/* In words, for a time that is not the record's createdAt: "its start"; else "". */
const char *job_time_word(enum job_time_of of);
int64_t job_id_time(const char *id); /* the milliseconds in job_<ms>_..., TIME_NONE when none */
/* No Batch job of it is older than this, but for what clocks differ: by its createdAt and its id. A
 * start or a change of the record says nothing of that, as the job may have waited long before.
 * TIME_NONE: nothing tells, or it tells a time after one at which the job was there. */
int64_t job_batch_from(const struct job *j, int64_t now_ms);

#define STATE_REASON_SIZE 512

/* `b` is NULL when Batch was asked and does not know the job, or was not asked (`batch_asked`). */
void job_state_merge(const struct job *j, const struct batch_job *b, bool batch_asked,
                     int64_t now_ms, const struct state_rules *rules, struct job_state *out);

/* The job's log had a line at this time, later than all its record tells: while that is not longer
 * ago than a running job may be silent, it is not stuck. After job_state_merge. */
void job_state_hear(const struct job *j, int64_t heard_ms, int64_t now_ms,
                    const struct state_rules *rules, struct job_state *s);

/* The status as a person reads it: the merged state's word, else the record's own word as it stands
 * (not clean), else "". */
const char *job_state_word(const struct job *j, const struct job_state *s);

/* Plain words of why the state is so: Batch's reason and exit code with the next step, the drift,
 * what it waits for, the record's own reason or last error; "" when there is nothing to say. `b` as
 * given to job_state_merge. Parts come from outside: clean it before a screen. Returns out. */
const char *job_state_reason(const struct job *j, const struct batch_job *b,
                             const struct job_state *s, char *out, size_t size);

/* Plain words for a Batch failure or wait: exit codes (137, 139, 143, 1, ...), OutOfMemory,
 * CannotPullContainer, host terminated, timeout, each RUNNABLE reason. "" when there is nothing to
 * say. Writes at most `size` bytes with NUL. */
void job_why(const struct batch_job *b, char *out, size_t size);
/* "array job of 50: 40 running, 5 failed, 5 waiting"; "" when it is no parent of an array. */
void job_children(const struct batch_job *b, char *out, size_t size);
#endif
