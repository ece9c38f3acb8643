/* forecast.h - when a running job should end, and how long its steps usually take, by the jobs that
 * completed (SPEC 12).
 *
 * DESIGN. The history is the last FORECAST_JOBS jobs that completed: for each how long before its
 * end it started and came to each of its steps (`stepTimes`). A job that has been in its step for
 * so long is compared with those that were in this step for longer than that: as they all still
 * had to go on, the end of each lies ahead. Of the times that they took from the begin of the step
 * to their end, one in ten is left out at each side. By the ranks that make this true of the next
 * one too (of n: (n+1)/10 rounded down, 9(n+1)/10 rounded up), 80 % of the jobs end inside, however
 * the times are distributed; below nine such jobs nothing is known, and nothing is guessed.
 *
 * The jobs of the same product count, by the step, else by the time since the start; where fewer
 * than FORECAST_FEW of them are known, those of all products. It is told of jobs that complete: one
 * that fails may end at any time.
 *
 * A struct forecast is bounded (about half a megabyte) and holds no text: products and steps are
 * known by a hash. One thread at a time; the asking functions change nothing. Pure. */
#ifndef JOBS_FORECAST_H
#define JOBS_FORECAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/strbuf.h"
#include "jobs/age.h"
#include "jobs/job.h"
#include "jobs/state.h"

enum {
    FORECAST_JOBS = 1000,    /* so many jobs are remembered, those that ended last */
    FORECAST_STEPS = 24,     /* of a job with more steps only its whole time counts */
    FORECAST_FEW = 10,       /* fewer jobs tell nothing about a product */
    FORECAST_SLOW = 20,      /* fewer jobs have no 95th percentile of their own */
    FORECAST_SAMPLES = 200,  /* of one step the last so many jobs count */
    FORECAST_BYTES = 1 << 19 /* forecast_bytes never makes more */
};

struct forecast; /* opaque: src/jobs/forecast_priv.h */

struct forecast *forecast_new(void);
void forecast_free(struct forecast *f); /* NULL allowed */

/* Remembers a job that has completed and tells when it ended; others are left alone. True when that
 * was new. The asking functions know it after forecast_settle. */
bool forecast_learn(struct forecast *f, const struct job *j);
/* Computes the figures again when something was learned (about a millisecond). */
void forecast_settle(struct forecast *f);
/* Was something learned that forecast_settle has not looked at? */
bool forecast_stale(const struct forecast *f);
size_t forecast_len(const struct forecast *f); /* how many jobs are remembered; NULL: none */

struct eta {
    int64_t low_ms, high_ms; /* now <= low <= high */
};
/* When the job should end. False: it does not run, or too little is known (`f` NULL: nothing). */
bool forecast_eta(const struct forecast *f, const struct job *j, const struct job_state *s,
                  int64_t now_ms, struct eta *out);
/* Does the job run, and is it in its present step for longer than 95 % of the jobs were? */
bool forecast_slow(const struct forecast *f, const struct job *j, const struct job_state *s,
                   int64_t now_ms);

/* How long a step takes, in ms, by the nearest rank. */
struct usual {
    size_t count;
    int64_t p50, p90;
    bool all; /* by the jobs of all products, because few of this product are known */
};
/* False: fewer than FORECAST_FEW jobs tell it. */
bool forecast_usual(const struct forecast *f, const struct job *j, const char *step,
                    struct usual *out);
/* When the job came to its present step; TIME_NONE: its record does not tell. */
int64_t forecast_step_began(const struct job *j);

/* "6-11m", "50m-1h20": how far the interval is from now. Returns buf. */
const char *eta_short(const struct eta *x, int64_t now_ms, char buf[AGE_SIZE]);
/* "in 6 to 11 min", "in 50m to 1h20". Returns buf. */
enum { ETA_LONG_SIZE = 2 * AGE_SIZE };
const char *eta_long(const struct eta *x, int64_t now_ms, char buf[ETA_LONG_SIZE]);

/* ---- to keep it ---- */

/* Adds the jobs of another history; returns how many of them were new. */
size_t forecast_merge(struct forecast *to, const struct forecast *from);
/* Appends the history as bytes that forecast_from reads. */
void forecast_bytes(const struct forecast *f, struct strbuf *out);
/* Adds the jobs of such bytes; false: they are something else, and nothing was added. */
bool forecast_from(struct forecast *f, const void *bytes, size_t len);
#endif
