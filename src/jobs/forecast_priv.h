/* forecast_priv.h - between forecast_learn.c (what is remembered), forecast_index.c (the figures
 * made of it) and forecast.c (the answers). */
#ifndef JOBS_FORECAST_PRIV_H
#define JOBS_FORECAST_PRIV_H

#include "jobs/forecast.h"

#define FORECAST_UNKNOWN UINT32_MAX /* in place of a time in ms */

/* The time since the start, as if it were a step. */
enum { FORECAST_WHOLE = 0 };

/* A job that completed. All times are in ms before its end. */
struct past {
    uint64_t id, product; /* hashes; product 0: none */
    int64_t end_ms;
    uint32_t started; /* FORECAST_UNKNOWN */
    uint32_t steps_len;
    uint32_t step[FORECAST_STEPS]; /* hashes, in the order in which the job came to them */
    uint32_t began[FORECAST_STEPS];
};

/* Of a job that was in the step for `took` in all. */
struct cut {
    uint32_t took;
    /* the interval of the jobs that were in it for `took` or longer, from the begin of the step to
     * the end; FORECAST_UNKNOWN: there are too few */
    uint32_t low, high;
};

/* The cuts of a step for a product (0: for all), the shortest first. */
struct cell {
    uint64_t product;
    uint32_t step;
    uint32_t from, len;
};

struct forecast {
    size_t len;
    size_t oldest; /* the one that ended first, which makes room when all are used */
    uint64_t ids[FORECAST_JOBS];
    int64_t ends[FORECAST_JOBS]; /* as in `past`: apart, because they are gone through often */
    struct past past[FORECAST_JOBS];
    bool stale; /* `cells` and `cuts` do not have all that was learned */
    struct cell *cells;
    size_t cells_len;
    struct cut *cuts;
};

uint64_t forecast_product(const struct job *j);
uint32_t forecast_step(const char *step);
#endif
