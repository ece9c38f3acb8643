/* insight.h - figures over many jobs: how they end, how long they take and wait, which steps take
 * how long, why they fail, and when (SPEC 12). Pure: no clock, no network; the window is given.
 *
 * A job counts when its time (job_time) lies in the window. What is not known is never taken for 0:
 * each figure tells of how many jobs it was made. One thread at a time; strings of the result are
 * owned by it, and as the records have them: clean them (core/text.h) before a screen. */
#ifndef JOBS_INSIGHT_H
#define JOBS_INSIGHT_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "jobs/batch.h"
#include "jobs/job.h"
#include "jobs/state.h"

enum insight_by {
    INSIGHT_BY_DAY, /* in UTC */
    INSIGHT_BY_USER,
    INSIGHT_BY_PRODUCT,
    INSIGHT_BY_PRIORITY,
    INSIGHT_BY_STEP, /* the step that the record names last */
    INSIGHT_BY_CONTEXT,
    INSIGHT_BY_COUNT
};
/* The word for the option --by; INSIGHT_BY_COUNT when there is no such word. */
const char *insight_by_word(enum insight_by by);
enum insight_by insight_by_parse(const char *word);

struct insight_query {
    int64_t since_ms, until_ms; /* the window: since <= time < until; both are known */
    int64_t now_ms; /* ends the window's last 24 hours when `until_ms` is later; 0: not */
    enum insight_by by;
    int64_t bucket_ms; /* the length of a bucket of time, at least one minute; see insight_bucket */
};

/* Of `count` known values, in ms, by the nearest rank; TIME_NONE when count is 0. */
struct insight_figures {
    size_t count;
    int64_t p50, p90, p99;
};

struct insight_status {
    char *word; /* as job_state_word, in upper case; "UNKNOWN" without any */
    size_t jobs;
};

struct insight_step {
    char *step;
    struct insight_figures took; /* from its first report to that of the next step, or to the end */
};

enum { INSIGHT_IDS_MAX = 20, INSIGHT_STEPS_MAX = 12, INSIGHT_CAUSES_MAX = 1000 };
struct insight_cause {
    char *text; /* as cause.h */
    size_t count;
    int64_t first_ms, last_ms; /* when the first and the last of these jobs ended; TIME_NONE */
    bool fresh;   /* first seen in the window's last 24 hours, and the window is longer */
    size_t users; /* how many different users it hit */
    char *steps[INSIGHT_STEPS_MAX]; /* where it happened, the most frequent step first */
    size_t steps_len;
    char *ids[INSIGHT_IDS_MAX]; /* the jobs that ended last, newest first */
    size_t ids_len;
};

/* The estimated cost (price.h) of those jobs of which it is known. */
struct insight_cost {
    size_t jobs; /* of how many it is known */
    double usd;
};

struct insight_group {
    char *key; /* NULL: the jobs that do not tell it */
    size_t jobs, completed, failed;
    struct insight_cost cost;
    struct insight_figures took;
};

struct insight_bucket {
    uint32_t jobs;                         /* by their time */
    uint32_t completed, failed, cancelled; /* by their end */
};

struct insight {
    struct insight_query query;
    size_t jobs, completed, failed;
    struct insight_cost cost;
    struct insight_status *statuses; /* in the order of a job's life, then by word */
    size_t statuses_len;
    struct insight_figures took;   /* from start to end, of the jobs that are over */
    struct insight_figures waited; /* Batch's createdAt to its startedAt */
    struct insight_step *steps;    /* in the order of a job's life, then by name */
    size_t steps_len;
    size_t step_jobs;             /* how many jobs tell when their steps began */
    struct insight_cause *causes; /* the most frequent first */
    size_t causes_len;
    struct insight_group *groups; /* days in order; else the largest first */
    size_t groups_len;
    int64_t buckets_from_ms;
    struct insight_bucket *buckets;
    size_t buckets_len;
    uint32_t hours[24]; /* jobs by the hour of their time, UTC */
};

/* The end of what can have happened in the window: `until_ms`, or now when that is earlier. */
int64_t insight_last(const struct insight_query *q);

struct insight_run; /* opaque */
struct insight_run *insight_begin(const struct insight_query *q);
/* The jobs that are added from now on are of this context (NULL: of none); the name is copied.
 * It is a group by context even without a job. */
void insight_context(struct insight_run *r, const char *name);
/* Adds a job with what Batch knows of it (NULL: nothing) and the merge of both. */
void insight_add(struct insight_run *r, const struct job *j, const struct batch_job *b,
                 const struct job_state *s);
/* Ends the run, and frees it. Owned. */
struct insight *insight_end(struct insight_run *r);
void insight_free(struct insight *x); /* NULL allowed */

/* Was this job counted under this cause of `x`, or in this group? */
bool insight_cause_has(const struct insight *x, const struct insight_cause *c, const struct job *j,
                       const struct batch_job *b, const struct job_state *s);
bool insight_group_has(const struct insight *x, const struct insight_group *g, const struct job *j,
                       const struct job_state *s);

/* The shortest bucket of a usual length (minutes, hours, days of UTC) with which the window has at
 * most `most` buckets; at least one is needed, and the window may touch one more. */
int64_t insight_bucket(int64_t since_ms, int64_t until_ms, size_t most);

/* COMPLETED of COMPLETED and FAILED, 0 to 1; below 0 when there are none. */
double insight_rate(size_t completed, size_t failed);

/* The document of SPEC 12, owned. */
cJSON *insight_json(const struct insight *x);
#endif
