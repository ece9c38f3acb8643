/* state.h - a job's true state: what its record says, merged with what Batch says (SPEC 1.3).
 * Pure. */
#ifndef JOBS_STATE_H
#define JOBS_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "jobs/batch.h"
#include "jobs/job.h"
#include "jobs/price.h"

enum job_stuck {
    STUCK_NO,
    /* PENDING without a Batch job: the event matched no rule, or no event arrived */
    STUCK_NOT_PICKED_UP,
    /* RUNNABLE for long while nothing runs, or Batch says that waiting does not help */
    STUCK_RUNNABLE,
    STUCK_NO_PROGRESS, /* running, but not updated for longer than expected */
    STUCK_STOPPING     /* cancelled, and Batch has not ended it */
};
const char *
job_stuck_word(enum job_stuck s); /* the word for the JSON's "stuck": "" | "not picked up" | ... */

struct state_rules { /* seconds; state_rules_default has 60, 600, 1800, 120, 120 */
    int not_picked_up_s;
    int runnable_s;
    int no_progress_s;
    int stopping_s;
    int drift_s; /* how long record and Batch may differ before that counts as drift */
    /* Was the queue last seen to run jobs? Then a job that waits in it waits for its turn, and is
     * not stuck. False by default. */
    bool queue_runs;
    struct job_prices prices; /* none by default */
};
extern const struct state_rules state_rules_default;

/* Small on purpose: the dashboard keeps one for each of 100,000 jobs. job_state_reason makes the
 * sentence that explains the state on demand. */
struct job_state {
    uint8_t status; /* enum job_status: merged */
    uint8_t batch;  /* enum batch_status; BATCH_UNKNOWN when Batch has no such job (any more) */
    uint8_t why;    /* only for job_state_reason */
    enum job_stuck stuck : 4;
    bool drift : 1; /* the record and Batch contradict each other */
    /* the job has waited in Batch for long, but for its turn: the queue runs other jobs */
    bool turn : 1;
    /* its present step takes longer than usual (forecast.h); job_state_merge: false */
    bool slow : 1;
    bool gone_from_batch : 1; /* the record names a Batch job that Batch no longer knows */
    /* what the job cost in Batch, an estimate (price.h); below 0: not known, or it is not over */
    float cost_usd;
    int exit_code;         /* EXIT_CODE_NONE */
    uint32_t batch_made_s; /* Batch's createdAt in whole seconds, for job_time; 0: not known */
    int64_t started_ms;    /* merged, TIME_NONE when absent */
    int64_t ended_ms;
};

/* What told the time of a job. */
enum job_time_of {
    TIME_OF_NOTHING,
    TIME_OF_CREATED, /* createdAt in the record, in either form */
    TIME_OF_START,
    TIME_OF_ID,    /* the milliseconds in job_<ms>_... */
    TIME_OF_BATCH, /* when Batch got the job */
    TIME_OF_UPDATE /* only the time when its record last changed */
};
/* The time of a job, by which it is sorted, filtered and aged everywhere: the first known one of
 * the above, in this order (SPEC 1.2). `s` tells what Batch knows and may be NULL; `of` may be NULL
 * too. TIME_NONE: no time is known. */
int64_t job_time(const struct job *j, const struct job_state *s, enum job_time_of *of);
uint32_t job_batch_made(const struct batch_job *b); /* for job_state.batch_made_s; NULL allowed */
/* Is the job's time known, whatever Batch says? If not, it may be earlier than what job_time tells
 * without Batch. */
bool job_time_firm(const struct job *j);
/* The source in words, for a time that is not the record's createdAt: "its start"; else "". */
const char *job_time_word(enum job_time_of of);
int64_t job_id_time(const char *id); /* the milliseconds in job_<ms>_..., TIME_NONE when none */
/* The time before which no Batch job of this job was made, apart from differences of clocks: by its
 * createdAt and its id. A start or a change of the record does not tell it, because the job may
 * have waited long before. TIME_NONE: nothing tells it, or it is later than a time at which the job
 * was already there. */
int64_t job_batch_from(const struct job *j, int64_t now_ms);

#define STATE_REASON_SIZE 512

/* Merges. `b` is NULL when Batch was asked and does not know the job, or when it was not asked
 * (`batch_asked`). */
void job_state_merge(const struct job *j, const struct batch_job *b, bool batch_asked,
                     int64_t now_ms, const struct state_rules *rules, struct job_state *out);

/* Takes a line in the job's log that is later than everything its record tells: as long as that is
 * not longer ago than a running job may be silent, the job is not stuck. Call it after
 * job_state_merge. */
void job_state_hear(const struct job *j, int64_t heard_ms, int64_t now_ms,
                    const struct state_rules *rules, struct job_state *s);

/* The status as a person reads it: the merged state's word, else the record's own word as it is
 * (not clean), else "". */
const char *job_state_word(const struct job *j, const struct job_state *s);

/* Plain words for why the state is what it is: Batch's reason and exit code with the next step, the
 * drift, what the job waits for, the record's own reason or last error; "" when there is nothing to
 * say. `b` as given to job_state_merge. Parts come from outside: clean the text before a screen.
 * Returns out. */
const char *job_state_reason(const struct job *j, const struct batch_job *b,
                             const struct job_state *s, char *out, size_t size);

/* Plain words for a Batch failure or wait: exit codes (137, 139, 143, 1, ...), OutOfMemory,
 * CannotPullContainer, host terminated, timeout, each RUNNABLE reason. "" when there is nothing to
 * say. Writes at most `size` bytes with NUL. */
void job_why(const struct batch_job *b, char *out, size_t size);
/* How the children stand: "array job of 50: 40 running, 5 failed, 5 waiting"; "" when the job is no
 * parent of an array. */
void job_children(const struct batch_job *b, char *out, size_t size);
#endif
