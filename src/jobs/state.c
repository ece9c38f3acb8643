/* state.c - the merge of what the record says and what Batch says (SPEC 1.3).
 *
 * DESIGN. One table has a case for each pair of the record's status and Batch's phase: the merged
 * status, whether that is a contradiction (drift), and which sentence explains it. What depends on
 * more than the pair follows as small adjustments: who ended it, the grace in which a contradiction
 * is only a delay, jobs that Batch forgot, and what is stuck. */
#include "jobs/state.h"

#include <string.h>

#include "state_why.h"

const struct state_rules state_rules_default = {60, 600, 1800, 120, 120};

enum phase { ABSENT, WAITING, STARTING, RUNNING, SUCCEEDED, FAILED, PHASES };

enum drift {
    SAME, /* no contradiction */
    SLOW, /* only when it lasts longer than rules->drift_s */
    NOW
};

struct merge_case {
    enum job_status status; /* JOB_NO_STATUS: as the record has it */
    enum drift drift;
    enum why why;
};

#define KEEP JOB_NO_STATUS

static const struct merge_case cases[JOB_STATUS_COUNT][PHASES] =
    {
        [JOB_NO_STATUS] =
            {
                             [ABSENT] = {KEEP, SAME, WHY_RECORD},
                             [WAITING] = {JOB_QUEUED, SAME, WHY_BATCH},
                             [STARTING] = {JOB_QUEUED, SAME, WHY_BATCH},
                             [RUNNING] = {JOB_IN_PROGRESS, SLOW, WHY_REPORT},
                             [SUCCEEDED] = {JOB_COMPLETED, NOW, WHY_SILENT},
                             [FAILED] = {JOB_FAILED, NOW, WHY_BATCH},
                             },
 /* A word that we do not know stands while Batch does not end the job. */
        [JOB_OTHER_STATUS] =
            {
                             [ABSENT] = {KEEP, SAME, WHY_RECORD},
                             [WAITING] = {KEEP, SAME, WHY_BATCH},
                             [STARTING] = {KEEP, SAME, WHY_BATCH},
                             [RUNNING] = {KEEP, SAME, WHY_RECORD},
                             [SUCCEEDED] = {JOB_COMPLETED, NOW, WHY_SILENT},
                             [FAILED] = {JOB_FAILED, NOW, WHY_BATCH},
                             },
        [JOB_PENDING] =
            {
                             [ABSENT] = {KEEP, SAME, WHY_RECORD},
                             [WAITING] = {JOB_QUEUED, SAME, WHY_BATCH},
                             [STARTING] = {JOB_QUEUED, SAME, WHY_BATCH},
                             [RUNNING] = {JOB_IN_PROGRESS, SLOW, WHY_REPORT},
                             [SUCCEEDED] = {JOB_COMPLETED, NOW, WHY_SILENT},
                             [FAILED] = {JOB_FAILED, NOW, WHY_BATCH},
                             },
        [JOB_QUEUED] =
            {
                             [ABSENT] = {KEEP, SAME, WHY_RECORD},
                             [WAITING] = {KEEP, SAME, WHY_BATCH},
                             [STARTING] = {KEEP, SAME, WHY_BATCH},
                             [RUNNING] = {JOB_IN_PROGRESS, SLOW, WHY_REPORT},
                             [SUCCEEDED] = {JOB_COMPLETED, NOW, WHY_SILENT},
                             [FAILED] = {JOB_FAILED, NOW, WHY_BATCH},
                             },
 /* A retried attempt goes back to RUNNABLE while the record still tells of the one before.
  */
        [JOB_IN_PROGRESS] =
            {
                             [ABSENT] = {KEEP, SAME, WHY_RECORD},
                             [WAITING] = {JOB_QUEUED, SLOW, WHY_BATCH},
                             [STARTING] = {KEEP, SAME, WHY_BATCH},
                             [RUNNING] = {KEEP, SAME, WHY_RECORD},
                             [SUCCEEDED] = {JOB_COMPLETED, NOW, WHY_SILENT},
                             [FAILED] = {JOB_FAILED, NOW, WHY_BATCH},
                             },
 /* Never recorded by us; a record that has it was cancelled by another program. */
        [JOB_STOPPING] =
            {
                             [ABSENT] = {KEEP, SAME, WHY_RECORD},
                             [WAITING] = {KEEP, SAME, WHY_STOP},
                             [STARTING] = {KEEP, SAME, WHY_STOP},
                             [RUNNING] = {KEEP, SAME, WHY_STOP},
                             [SUCCEEDED] = {JOB_COMPLETED, NOW, WHY_TOO_LATE},
                             [FAILED] = {JOB_CANCELLED, SLOW, WHY_BATCH},
                             },
        [JOB_COMPLETED] =
            {
                             [ABSENT] = {KEEP, SAME, WHY_RECORD},
                             [WAITING] = {KEEP, SLOW, WHY_LIVES},
                             [STARTING] = {KEEP, SLOW, WHY_LIVES},
                             [RUNNING] = {KEEP, SLOW, WHY_LIVES},
                             [SUCCEEDED] = {KEEP, SAME, WHY_RECORD},
                             [FAILED] = {KEEP, NOW, WHY_UNDONE},
                             },
        [JOB_FAILED] =
            {
                             [ABSENT] = {KEEP, SAME, WHY_RECORD},
                             [WAITING] = {KEEP, SLOW, WHY_LIVES},
                             [STARTING] = {KEEP, SLOW, WHY_LIVES},
                             [RUNNING] = {KEEP, SLOW, WHY_LIVES},
                             [SUCCEEDED] = {KEEP, NOW, WHY_HANDLED},
                             [FAILED] = {KEEP, SAME, WHY_BATCH},
                             },
        [JOB_CANCELLED] =
            {
                             [ABSENT] = {KEEP, SAME, WHY_RECORD},
                             [WAITING] = {JOB_STOPPING, SAME, WHY_STOP},
                             [STARTING] = {JOB_STOPPING, SAME, WHY_STOP},
                             [RUNNING] = {JOB_STOPPING, SAME, WHY_STOP},
                             [SUCCEEDED] = {JOB_COMPLETED, NOW, WHY_TOO_LATE},
                             [FAILED] = {KEEP, SAME, WHY_BATCH},
                             },
};

static enum phase phase_of(const struct batch_job *b)
{
    static const enum phase phases[] = {
        [BATCH_UNKNOWN] = ABSENT,      [BATCH_SUBMITTED] = WAITING, [BATCH_PENDING] = WAITING,
        [BATCH_RUNNABLE] = WAITING,    [BATCH_STARTING] = STARTING, [BATCH_RUNNING] = RUNNING,
        [BATCH_SUCCEEDED] = SUCCEEDED, [BATCH_FAILED] = FAILED,
    };

    return b == NULL || (unsigned)b->status >= sizeof phases / sizeof *phases ? ABSENT
                                                                              : phases[b->status];
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b; /* TIME_NONE is the least */
}

/* True when `since` is longer ago than `seconds`, or unknown. */
static bool over(int64_t since_ms, int64_t now_ms, int64_t seconds)
{
    return since_ms == TIME_NONE || since_ms < now_ms - seconds * 1000;
}

/* When the latest of the two got where it is: before that, they cannot have agreed. */
static int64_t last_change(const struct job *j, const struct batch_job *b)
{
    int64_t batch = later(b->created_ms, later(b->started_ms, b->stopped_ms));
    if (b->status == BATCH_RUNNABLE && b->attempts_len > 0) {
        batch = later(batch, b->attempts[b->attempts_len - 1].stopped_ms);
    }
    return job_status_final((enum job_status)j->status)
               ? later(batch, later(j->updated_ms, j->completed_ms))
               : batch;
}

static void merge_times(const struct job *j, const struct batch_job *b, struct job_state *out)
{
    bool final = job_status_final((enum job_status)out->status);

    out->started_ms = j->started_ms;
    if (b != NULL && out->started_ms == TIME_NONE) {
        out->started_ms = b->attempts_len > 0 && b->attempts[0].started_ms != TIME_NONE
                              ? b->attempts[0].started_ms
                              : b->started_ms;
    }
    out->ended_ms = TIME_NONE;
    if (final) {
        bool recorded = job_status_final((enum job_status)j->status);
        out->ended_ms = recorded ? j->completed_ms : TIME_NONE;
        if (out->ended_ms == TIME_NONE && b != NULL) {
            out->ended_ms = b->stopped_ms;
        }
        if (out->ended_ms == TIME_NONE) {
            out->ended_ms = j->updated_ms; /* the last we heard of it */
        }
    }
}

/* What is stuck while the job waits in Batch. */
static enum job_stuck stuck_waiting(const struct batch_job *b, int64_t now_ms,
                                    const struct state_rules *r)
{
    int64_t since = b->created_ms;

    if (b->attempts_len > 0) {
        since = later(since, b->attempts[b->attempts_len - 1].stopped_ms);
    }
    if (b->status_reason != NULL && (strncmp(b->status_reason, "MISCONFIGURATION:", 17) == 0 ||
                                     strncmp(b->status_reason, "ACTION_REQUIRED", 15) == 0)) {
        return STUCK_RUNNABLE; /* waiting does not help */
    }
    return since != TIME_NONE && over(since, now_ms, r->runnable_s) ? STUCK_RUNNABLE : STUCK_NO;
}

static enum job_stuck stuck_of(const struct job *j, const struct batch_job *b, bool asked,
                               int64_t now_ms, const struct state_rules *r,
                               const struct job_state *s)
{
    int64_t heard = later(j->updated_ms, later(j->created_ms, j->started_ms));
    enum phase phase = phase_of(b);

    switch ((enum job_status)s->status) {
    case JOB_PENDING:
    case JOB_QUEUED:
        if (phase == WAITING) {
            return stuck_waiting(b, now_ms, r);
        }
        if (phase != ABSENT || j->batch_job_id != NULL || heard == TIME_NONE) {
            return STUCK_NO;
        }
        /* Without Batch's word it may be waiting there: that is given its own time first. */
        return over(heard, now_ms, asked ? r->not_picked_up_s : r->not_picked_up_s + r->runnable_s)
                   ? STUCK_NOT_PICKED_UP
                   : STUCK_NO;
    case JOB_IN_PROGRESS: {
        int64_t expected = r->no_progress_s;
        if (j->estimated_duration_s / 8 > expected) {
            expected = j->estimated_duration_s / 8;
        }
        if (b != NULL) {
            heard = later(heard, b->started_ms);
        }
        return heard != TIME_NONE && over(heard, now_ms, expected) ? STUCK_NO_PROGRESS : STUCK_NO;
    }
    case JOB_STOPPING:
        return over(later(j->updated_ms, j->completed_ms), now_ms, r->stopping_s) ? STUCK_STOPPING
                                                                                  : STUCK_NO;
    default:
        return STUCK_NO;
    }
}

/* The cases that depend on more than the pair. */
static void adjust(const struct job *j, const struct batch_job *b, bool asked, int64_t now_ms,
                   const struct state_rules *r, struct merge_case *c)
{
    bool final = job_status_final((enum job_status)j->status);
    enum phase phase = phase_of(b);

    if (phase == ABSENT) {
        if (asked && b == NULL && j->batch_job_id != NULL) {
            c->why = WHY_GONE;
            c->drift = final ? SAME : SLOW;
        }
        return;
    }
    if (phase == FAILED && !final && (b->terminated || b->cancelled)) {
        c->status = JOB_CANCELLED;
        c->why = WHY_ENDED_BY;
    }
    if (phase == SUCCEEDED && !final && !over(last_change(j, b), now_ms, r->drift_s)) {
        /* It has just ended: its last report may come with the next reading of the record. */
        c->status = j->status == JOB_PENDING || j->status == JOB_QUEUED ? JOB_IN_PROGRESS : KEEP;
        c->drift = SAME;
        c->why = WHY_REPORT;
    }
    if (c->drift == SLOW) {
        c->drift = over(last_change(j, b), now_ms, r->drift_s) ? NOW : SAME;
    }
    if (phase == WAITING && j->status == JOB_IN_PROGRESS && b->attempts_len > 0) {
        c->drift = SAME; /* the next attempt will report */
    }
}

void job_state_merge(const struct job *j, const struct batch_job *b, bool batch_asked,
                     int64_t now_ms, const struct state_rules *rules, struct job_state *out)
{
    const struct state_rules *r = rules == NULL ? &state_rules_default : rules;
    unsigned recorded = j->status < JOB_STATUS_COUNT ? j->status : JOB_NO_STATUS;
    struct merge_case c = cases[recorded][phase_of(b)];

    adjust(j, b, batch_asked, now_ms, r, &c);
    out->status = (uint8_t)(c.status == KEEP ? recorded : c.status);
    out->batch = (uint8_t)(b == NULL ? BATCH_UNKNOWN : b->status);
    out->gone_from_batch = batch_asked && b == NULL && j->batch_job_id != NULL;
    if (c.drift == SLOW) { /* gone from Batch: since the record last changed */
        c.drift = over(later(j->updated_ms, j->created_ms), now_ms, r->drift_s) ? NOW : SAME;
    }
    out->drift = c.drift == NOW;
    out->exit_code = b == NULL ? EXIT_CODE_NONE : b->exit_code;
    merge_times(j, b, out);
    out->stuck = (uint8_t)stuck_of(j, b, batch_asked, now_ms, r, out);
    if (out->stuck == STUCK_NOT_PICKED_UP) {
        c.why = WHY_LOST;
    } else if (out->stuck == STUCK_NO_PROGRESS && c.why == WHY_RECORD) {
        c.why = WHY_STALE;
    }
    out->why = (uint8_t)c.why;
}
