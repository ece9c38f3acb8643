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
    int64_t from_ms;    /* nothing older is wanted */
    int64_t to_ms;      /* nothing newer is; TIME_NONE: up to now */
    const char *status; /* only jobs in this state (Batch's word), of any time; NULL: all */
    char *token;        /* of the next page; owned */
    bool ended;         /* there are no further pages */
    bool begun;
    bool unsorted;   /* a page was not newest first: only the end tells what was seen */
    int64_t low_ms;  /* the oldest time so far */
    int64_t high_ms; /* the newest time so far; TIME_NONE */
    int empty;       /* pages in a row that brought nothing */
    size_t pages;    /* asked for so far */
};
void batch_walk_clear(struct batch_walk *w);

/* The next pages, at most `pages` of them. `*jobs` (owned, newest first): what was listed inside of
 * the window; a job whose owner is new in full, and the owner is kept; others as summaries.
 * `*known` of them, from the first on, have a known owner; with E_OK that is all. Afterwards all
 * that was created at `*down_ms` or later is known (TIME_NONE: nothing new is). */
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
