/* contexts_search.h - a search in the logs of all contexts at the same time. */
#ifndef OPS_CONTEXTS_SEARCH_H
#define OPS_CONTEXTS_SEARCH_H

#include "ops/contexts.h"
#include "ops/log_search.h"

/* How the search of one context ended. */
struct context_found {
    const char *context;   /* borrowed */
    const struct ops *ops; /* borrowed; NULL: `err` */
    struct err err;        /* E_OK: it was searched as far as `result` says */
    struct err account;    /* as in context_part */
    /* It was not searched, because its lines are those of this context; NULL: it was. */
    const char *twin;
    /* Its hits are those that were handed over; as in log_search otherwise. */
    struct log_search_result result;
};

struct contexts_found {
    struct context_found *parts; /* owned, one for each context */
    size_t len;
    /* LOG_SEARCH_LIMIT and LOG_SEARCH_LEFT are of all together; each part tells the rest */
    enum log_search_end end;
    size_t hits;
    int64_t
        reached_ms; /* everything before this time was looked at in all that could be searched */
};
void contexts_found_clear(struct contexts_found *f);

/* Searches. q->hit and q->progress are called on the calling thread, the hits of all contexts in
 * order of time, each with its context; q->limit and q->max_ms are of all together. contexts_stop
 * ends it early (E_CANCELLED in the parts): what was found by then is handed over. */
void contexts_search(const struct contexts *x, const struct log_search *q,
                     struct contexts_found *out);
#endif
