/* batch_walk.h - private to ops: ListJobs of the queue by creation time, newest first, with the
 * owner of each job. */
#ifndef OPS_BATCH_WALK_H
#define OPS_BATCH_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "jobs/batch.h"
#include "ops/ops.h"

struct batch_walk {
    const struct ops *o;
    int64_t from_ms; /* nothing older than this is wanted */
    int64_t to_ms;   /* nothing newer than this is wanted; TIME_NONE: everything up to now */
    /* only jobs in this state (Batch's word), created at any time; NULL: jobs in all states */
    const char *status;
    char *token; /* the token of the next page; owned */
    bool ended;  /* there are no further pages */
    bool begun;
    /* a page was not sorted newest first: only the end of the list tells what was seen */
    bool unsorted;
    int64_t low_ms;  /* the oldest creation time so far */
    int64_t high_ms; /* the newest creation time so far; TIME_NONE */
    int empty;       /* pages in a row that brought nothing */
    size_t pages;    /* pages asked for so far */
};
void batch_walk_clear(struct batch_walk *w);

/* Reads the next pages, at most `pages` of them. `*jobs` (owned, newest first) gets the jobs listed
 * inside the window: a job whose owner is new comes in full, and the owner is kept; the others come
 * as summaries. The first `*known` of them have a known owner; with E_OK those are all. Afterwards
 * every job that was created at `*down_ms` or later is known (TIME_NONE: nothing new is known). */
struct batch_pages {
    struct batch_job **jobs;
    size_t len, cap;
    size_t known;
    int64_t down_ms;
};
MUST_CHECK enum err_code batch_walk_read(struct batch_walk *w, size_t pages,
                                         struct batch_pages *out, struct err *e);
void batch_pages_clear(struct batch_pages *p);
#endif
