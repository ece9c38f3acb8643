/* state.c - the merge of what the record says and what Batch says (SPEC 1.3).
 *
 * DESIGN: one table has a case for each pair of the record's status and Batch's phase: the merged
 * status, whether the two contradict each other (drift), and which sentence explains the state.
 * Small adjustments follow for what depends on more than the pair: who ended the job, the time in
 * which a contradiction is only a delay, jobs that Batch forgot, and what is stuck.
 *
 * A container that was refused its claim (batch_job_refused) did nothing: REFUSED is a phase of its
 * own, in which the record's state counts. One kind of record contradicts a refused claim: a record
 * that names this very Batch job as the job's own and is not over, because then nothing was there
 * to refuse the claim. In that case the program itself ended with that exit code, so the phase is
 * FAILED.
 *
 * A job without a record (join.h) has the first row, JOB_NO_STATUS: nothing contradicts Batch, and
 * nobody waits for a report. */
#include "jobs/state.h"

#include <string.h>

#include "state_why.h"

const struct state_rules state_rules_default = {.not_picked_up_s = 60,
                                                .runnable_s = 600,
                                                .no_progress_s = 1800,
                                                .stopping_s = 120,
                                                .drift_s = 120};

enum phase { ABSENT, WAITING, STARTING, RUNNING, SUCCEEDED, FAILED, REFUSED, PHASES };

enum { CLAIM_MOST_MS = 60 * 1000 };

enum drift {
    SAME, /* the two do not contradict each other */
    SLOW, /* a contradiction only when it lasts longer than rules->drift_s */
    NOW
};

struct merge_case {
    enum job_status status; /* JOB_NO_STATUS: the status that the record has */
    enum drift drift;
    enum why why;
};

#define KEEP JOB_NO_STATUS

/* One row for each recorded status, one column for each phase (in the order of enum phase). */
/* clang-format off */
static const struct merge_case cases[JOB_STATUS_COUNT][PHASES] = {
    /*                      ABSENT                    WAITING                         STARTING                        RUNNING                              SUCCEEDED                           FAILED                            REFUSED */
    [JOB_NO_STATUS]    = {{KEEP, SAME, WHY_RECORD}, {JOB_QUEUED, SAME, WHY_BATCH},  {JOB_QUEUED, SAME, WHY_BATCH},  {JOB_IN_PROGRESS, SLOW, WHY_REPORT}, {JOB_COMPLETED, NOW, WHY_SILENT},   {JOB_FAILED, NOW, WHY_BATCH},     {KEEP, SAME, WHY_REFUSED}},
    /* A word that we do not know counts as long as Batch does not end the job. */
    [JOB_OTHER_STATUS] = {{KEEP, SAME, WHY_RECORD}, {KEEP, SAME, WHY_BATCH},        {KEEP, SAME, WHY_BATCH},        {KEEP, SAME, WHY_RECORD},            {JOB_COMPLETED, NOW, WHY_SILENT},   {JOB_FAILED, NOW, WHY_BATCH},     {KEEP, SAME, WHY_REFUSED}},
    [JOB_PENDING]      = {{KEEP, SAME, WHY_RECORD}, {JOB_QUEUED, SAME, WHY_BATCH},  {JOB_QUEUED, SAME, WHY_BATCH},  {JOB_IN_PROGRESS, SLOW, WHY_REPORT}, {JOB_COMPLETED, NOW, WHY_SILENT},   {JOB_FAILED, NOW, WHY_BATCH},     {KEEP, SAME, WHY_REFUSED}},
    [JOB_QUEUED]       = {{KEEP, SAME, WHY_RECORD}, {KEEP, SAME, WHY_BATCH},        {KEEP, SAME, WHY_BATCH},        {JOB_IN_PROGRESS, SLOW, WHY_REPORT}, {JOB_COMPLETED, NOW, WHY_SILENT},   {JOB_FAILED, NOW, WHY_BATCH},     {KEEP, SAME, WHY_REFUSED}},
    /* A retried job goes back to RUNNABLE while the record tells of the attempt before. */
    [JOB_IN_PROGRESS]  = {{KEEP, SAME, WHY_RECORD}, {JOB_QUEUED, SLOW, WHY_BATCH},  {KEEP, SAME, WHY_BATCH},        {KEEP, SAME, WHY_RECORD},            {JOB_COMPLETED, NOW, WHY_SILENT},   {JOB_FAILED, NOW, WHY_BATCH},     {KEEP, SAME, WHY_REFUSED}},
    /* We never record this status; when a record has it, another program cancelled the job. */
    [JOB_STOPPING]     = {{KEEP, SAME, WHY_RECORD}, {KEEP, SAME, WHY_STOP},         {KEEP, SAME, WHY_STOP},         {KEEP, SAME, WHY_STOP},              {JOB_CANCELLED, NOW, WHY_TOO_LATE}, {JOB_CANCELLED, SLOW, WHY_BATCH}, {KEEP, SAME, WHY_REFUSED}},
    [JOB_COMPLETED]    = {{KEEP, SAME, WHY_RECORD}, {KEEP, SLOW, WHY_LIVES},        {KEEP, SLOW, WHY_LIVES},        {KEEP, SLOW, WHY_LIVES},             {KEEP, SAME, WHY_RECORD},           {KEEP, NOW, WHY_UNDONE},          {KEEP, SAME, WHY_REFUSED}},
    [JOB_FAILED]       = {{KEEP, SAME, WHY_RECORD}, {KEEP, SLOW, WHY_LIVES},        {KEEP, SLOW, WHY_LIVES},        {KEEP, SLOW, WHY_LIVES},             {KEEP, NOW, WHY_HANDLED},           {KEEP, SAME, WHY_BATCH},          {KEEP, SAME, WHY_REFUSED}},
    [JOB_CANCELLED]    = {{KEEP, SAME, WHY_RECORD}, {JOB_STOPPING, SAME, WHY_STOP}, {JOB_STOPPING, SAME, WHY_STOP}, {JOB_STOPPING, SAME, WHY_STOP},      {KEEP, NOW, WHY_TOO_LATE},          {KEEP, SAME, WHY_BATCH},          {KEEP, SAME, WHY_REFUSED}},
};
/* clang-format on */

/* Was the job's container refused its claim, and does the record not contradict that? */
static bool refused(const struct job *j, const struct batch_job *b)
{
    return batch_job_refused(b) &&
           (job_status_final((enum job_status)j->status) || job_text(j, JOB_BATCH_ID) == NULL ||
            strcmp(job_text(j, JOB_BATCH_ID), b->id) != 0);
}

static enum phase phase_of(const struct job *j, const struct batch_job *b)
{
    static const enum phase phases[] = {
        [BATCH_UNKNOWN] = ABSENT,      [BATCH_SUBMITTED] = WAITING, [BATCH_PENDING] = WAITING,
        [BATCH_RUNNABLE] = WAITING,    [BATCH_STARTING] = STARTING, [BATCH_RUNNING] = RUNNING,
        [BATCH_SUCCEEDED] = SUCCEEDED, [BATCH_FAILED] = FAILED,
    };

    if (b == NULL || (unsigned)b->status >= sizeof phases / sizeof *phases) {
        return ABSENT;
    }
    return refused(j, b) ? REFUSED : phases[batch_job_stands(b)];
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b; /* TIME_NONE is the least */
}

/* Is `since` longer ago than `seconds`, or unknown? */
static bool over(int64_t since_ms, int64_t now_ms, int64_t seconds)
{
    return since_ms == TIME_NONE || since_ms < now_ms - seconds * 1000;
}

/* When the later one of the record and Batch got into its state: before that time the two cannot
 * have agreed. */
static int64_t last_change(const struct job *j, const struct batch_job *b)
{
    int64_t batch = later(b->created_ms, later(b->started_ms, b->stopped_ms));
    if (b->status == BATCH_RUNNABLE && b->attempts_len > 0) {
        batch = later(batch, b->attempts[b->attempts_len - 1].stopped_ms);
    }
    return job_status_final((enum job_status)j->status)
               ? later(batch, later(job_ms(j, JOB_UPDATED), job_ms(j, JOB_ENDED)))
               : batch;
}

static void merge_times(const struct job *j, const struct batch_job *b, struct job_state *out)
{
    bool final = job_status_final((enum job_status)out->status);

    if (phase_of(j, b) == REFUSED) {
        b = NULL; /* the times of this Batch job are those of a container that did nothing */
    }
    out->started_ms = job_ms(j, JOB_STARTED);
    if (b != NULL && out->started_ms == TIME_NONE) {
        out->started_ms = b->attempts_len > 0 && b->attempts[0].started_ms != TIME_NONE
                              ? b->attempts[0].started_ms
                              : b->started_ms;
    }
    out->ended_ms = TIME_NONE;
    if (final) {
        bool recorded = job_status_final((enum job_status)j->status);
        out->ended_ms = recorded ? job_ms(j, JOB_ENDED) : TIME_NONE;
        if (out->ended_ms == TIME_NONE && b != NULL) {
            out->ended_ms = b->stopped_ms;
        }
        if (out->ended_ms == TIME_NONE) {
            out->ended_ms = job_ms(j, JOB_UPDATED); /* the last time that we heard of the job */
        }
    }
}

/* Whether the job is stuck while it waits in Batch. `*turn`: it waits for long, but for its
 * turn. */
static enum job_stuck stuck_waiting(const struct batch_job *b, int64_t now_ms,
                                    const struct state_rules *r, bool *turn)
{
    int64_t since = b->created_ms;

    if (b->attempts_len > 0) {
        since = later(since, b->attempts[b->attempts_len - 1].stopped_ms);
    }
    if (b->status_reason != NULL && (strncmp(b->status_reason, "MISCONFIGURATION:", 17) == 0 ||
                                     strncmp(b->status_reason, "ACTION_REQUIRED", 15) == 0)) {
        return STUCK_RUNNABLE; /* Batch says that waiting does not help */
    }
    if (b->array.size > 0 && batch_array_ended(&b->array) > 0) {
        /* some of its children had their turn: Batch does not tell since when the others wait */
        return STUCK_NO;
    }
    bool for_long = since != TIME_NONE && over(since, now_ms, r->runnable_s);
    *turn = for_long && r->queue_runs;
    return for_long && !r->queue_runs ? STUCK_RUNNABLE : STUCK_NO;
}

/* How many seconds a running job may say nothing. */
static int64_t progress_s(const struct job *j, const struct state_rules *r)
{
    return j->estimated_duration_s / 8 > r->no_progress_s ? j->estimated_duration_s / 8
                                                          : r->no_progress_s;
}

static enum job_stuck stuck_of(const struct job *j, const struct batch_job *b, bool asked,
                               int64_t now_ms, const struct state_rules *r, struct job_state *s)
{
    int64_t heard =
        later(job_ms(j, JOB_UPDATED), later(job_time(j, s, NULL), job_ms(j, JOB_STARTED)));
    enum phase phase = phase_of(j, b);
    bool turn = false;
    enum job_stuck stuck = STUCK_NO;

    if (j->mark == JOB_NO_RECORD && phase != WAITING) {
        return STUCK_NO; /* nobody waits for this job's report */
    }
    switch ((enum job_status)s->status) {
    case JOB_PENDING:
    case JOB_QUEUED:
        if (phase == WAITING) {
            stuck = stuck_waiting(b, now_ms, r, &turn);
            s->turn = turn;
            return stuck;
        }
        if (phase == REFUSED) {
            heard = later(heard, b->stopped_ms);
        }
        if ((phase != ABSENT && phase != REFUSED) || job_text(j, JOB_BATCH_ID) != NULL ||
            heard == TIME_NONE) {
            return STUCK_NO;
        }
        /* Without an answer of Batch, the job may well wait or run there. */
        return asked && over(heard, now_ms, r->not_picked_up_s) ? STUCK_NOT_PICKED_UP : STUCK_NO;
    case JOB_IN_PROGRESS: {
        int64_t expected = progress_s(j, r);
        if (b != NULL) {
            heard = later(heard, b->started_ms);
        }
        return heard != TIME_NONE && over(heard, now_ms, expected) ? STUCK_NO_PROGRESS : STUCK_NO;
    }
    case JOB_STOPPING:
        return over(later(job_ms(j, JOB_UPDATED), job_ms(j, JOB_ENDED)), now_ms, r->stopping_s)
                   ? STUCK_STOPPING
                   : STUCK_NO;
    default:
        return STUCK_NO;
    }
}

/* Did the container of a cancelled job do the job's work? It did when it reported more than its
 * claim, when it had ended before the cancel, or when it took longer than a claim can take. A
 * container that only found the job cancelled ended at once, and older containers called that a
 * success. */
static bool truly_ran(const struct job *j, const struct batch_job *b)
{
    bool begun = job_text(j, JOB_STEP) != NULL && strcmp(job_text(j, JOB_STEP), "QUEUED") != 0 &&
                 strcmp(job_text(j, JOB_STEP), "INIT") != 0;
    bool reported = j->progress > 0 || begun;

    int64_t cancelled_ms =
        job_ms(j, JOB_ENDED) != TIME_NONE ? job_ms(j, JOB_ENDED) : job_ms(j, JOB_UPDATED);
    bool before =
        b->stopped_ms != TIME_NONE && cancelled_ms != TIME_NONE && b->stopped_ms < cancelled_ms;

    return reported || before ||
           (b->started_ms != TIME_NONE && b->stopped_ms != TIME_NONE &&
            b->stopped_ms - b->started_ms > CLAIM_MOST_MS);
}

/* Adjusts a job that only Batch tells of: Batch knows who ended it, and whether it is being
 * ended. */
static void adjust_unrecorded(const struct batch_job *b, enum phase phase, struct merge_case *c)
{
    bool told_to_end = b != NULL && (b->terminated || b->cancelled);

    c->drift = SAME;
    c->why = WHY_NO_RECORD;
    if (told_to_end && phase != SUCCEEDED) {
        c->status = phase == FAILED ? JOB_CANCELLED : JOB_STOPPING;
    }
}

/* Adjusts the cases that depend on more than the pair. */
static void adjust(const struct job *j, const struct batch_job *b, bool asked, int64_t now_ms,
                   const struct state_rules *r, struct merge_case *c)
{
    bool final = job_status_final((enum job_status)j->status);
    enum phase phase = phase_of(j, b);

    if (j->mark == JOB_NO_RECORD) {
        adjust_unrecorded(b, phase, c);
        return;
    }
    if (phase == ABSENT) {
        if (asked && b == NULL && job_text(j, JOB_BATCH_ID) != NULL) {
            c->why = WHY_GONE;
            c->drift = final ? SAME : SLOW;
        }
        return;
    }
    if (phase == FAILED && !final && (b->terminated || b->cancelled)) {
        c->status = JOB_CANCELLED;
        c->why = WHY_ENDED_BY;
    }
    if (c->why == WHY_TOO_LATE && !truly_ran(j, b)) {
        c->drift = SAME;
        c->why = WHY_NEVER_RAN;
    }
    if (phase == SUCCEEDED && !final && !over(last_change(j, b), now_ms, r->drift_s)) {
        /* The Batch job has just ended: the record's last report may come with its next reading. */
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

/* Does the job wait for long, and is it not known whether Batch has it? */
static bool waits_unasked(const struct job *j, const struct batch_job *b, bool asked,
                          int64_t now_ms, const struct state_rules *r, const struct job_state *s)
{
    int64_t heard =
        later(job_ms(j, JOB_UPDATED), later(job_time(j, s, NULL), job_ms(j, JOB_STARTED)));

    return b == NULL && !asked && job_text(j, JOB_BATCH_ID) == NULL &&
           (s->status == JOB_PENDING || s->status == JOB_QUEUED) && heard != TIME_NONE &&
           over(heard, now_ms, r->not_picked_up_s + r->runnable_s);
}

/* The cost of a job that is over in Batch; what a job has cost so far would change all the time. */
static float cost_of(const struct batch_job *b, const struct job_prices *prices)
{
    struct job_price x = job_price(b, prices, 0);

    return x.so_far ? (float)PRICE_NOT_KNOWN : (float)x.usd;
}

void job_state_merge(const struct job *j, const struct batch_job *b, bool batch_asked,
                     int64_t now_ms, const struct state_rules *rules, struct job_state *out)
{
    const struct state_rules *r = rules == NULL ? &state_rules_default : rules;
    unsigned recorded = j->status < JOB_STATUS_COUNT ? j->status : JOB_NO_STATUS;
    struct merge_case c = cases[recorded][phase_of(j, b)];

    adjust(j, b, batch_asked, now_ms, r, &c);
    out->batch_made_s = job_batch_made(b);
    out->status = (uint8_t)(c.status == KEEP ? recorded : c.status);
    out->batch = (uint8_t)(b == NULL ? BATCH_UNKNOWN : b->status);
    out->gone_from_batch = batch_asked && b == NULL && job_text(j, JOB_BATCH_ID) != NULL;
    /* Batch has forgotten the job: the time counts from the record's last change */
    if (c.drift == SLOW) {
        c.drift = over(later(job_ms(j, JOB_UPDATED), job_time(j, out, NULL)), now_ms, r->drift_s)
                      ? NOW
                      : SAME;
    }
    out->drift = c.drift == NOW;
    out->exit_code = b == NULL ? EXIT_CODE_NONE : b->exit_code;
    merge_times(j, b, out);
    out->cost_usd = cost_of(b, &r->prices);
    out->turn = false;
    out->stuck = stuck_of(j, b, batch_asked, now_ms, r, out);
    if (out->stuck == STUCK_NOT_PICKED_UP && c.why != WHY_REFUSED) {
        c.why = WHY_LOST;
    } else if (c.why == WHY_RECORD && waits_unasked(j, b, batch_asked, now_ms, r, out)) {
        c.why = WHY_UNASKED;
    } else if (out->stuck == STUCK_NO_PROGRESS && c.why == WHY_RECORD) {
        c.why = WHY_STALE;
    }
    out->why = (uint8_t)c.why;
}

void job_state_hear(const struct job *j, int64_t heard_ms, int64_t now_ms,
                    const struct state_rules *rules, struct job_state *s)
{
    const struct state_rules *r = rules == NULL ? &state_rules_default : rules;

    if (s->status != JOB_IN_PROGRESS || over(heard_ms, now_ms, progress_s(j, r))) {
        return;
    }
    if (s->stuck == STUCK_NO_PROGRESS) {
        s->stuck = STUCK_NO;
    }
    if (s->why == WHY_STALE || s->why == WHY_RECORD) {
        s->why = WHY_LOG;
    }
}
