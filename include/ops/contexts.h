/* contexts.h - all contexts of config.ini side by side, each with settings and operations of its
 * own (SPEC 11).
 *
 * A context that cannot be worked with (a mistake in its lines, an unknown profile) stands among
 * the others with the reason. The functions block on the network; one thread at a time. */
#ifndef OPS_CONTEXTS_H
#define OPS_CONTEXTS_H

#include "ops/list.h"
#include "ops/ops.h"

struct context_ops {
    const char *name; /* as config.ini has it; borrowed from the settings that were given */
    struct settings *settings; /* owned; NULL: `why` */
    struct ops *ops;           /* owned; NULL: `why` says why nothing can be done here */
    struct forecast *history;  /* owned: what its jobs told, after contexts_list; may be NULL */
    struct err why;
};

struct contexts {
    struct context_ops *items; /* owned, in the order of config.ini */
    size_t len;
};

/* Makes the operations of each context, without a request. E_CONFIG when config.ini has no context.
 * `base` must outlive the result. */
MUST_CHECK enum err_code contexts_open(const struct settings *base, const struct clock *clock,
                                       struct log *log, struct contexts *out, struct err *e);
void contexts_close(struct contexts *x); /* no call may be under way */
/* ops_stop for all of them. Any thread. */
void contexts_stop(const struct contexts *x, bool on);

/* What two contexts may have in common, so that the same jobs or lines would come twice. */
enum contexts_share { CONTEXTS_TABLE, CONTEXTS_LOG_GROUP };

struct context_twin {
    size_t first; /* the first context with the same table or log group: its own place, if none */
    bool queue;   /* the queue is the same too */
    /* why it is not known whether a table of the same name is the same one, E_OK: it is known */
    struct err unproven;
    size_t unproven_with; /* the place of that context */
};
/* Fills twins[i] for each context; asks for accounts where names, regions and endpoints are the
 * same. */
void contexts_find_twins(const struct contexts *x, enum contexts_share what,
                         struct context_twin *twins);

/* What one context gave to a list. */
struct context_part {
    const char *context; /* borrowed */
    struct err err;      /* why its jobs are missing; E_OK: they are there */
    struct err account;  /* the credentials are not of the account that it names, or may not be */
    /* Its table is that of this context too. `skipped`: and its queue, so it was not read;
     * else `twice` of its jobs are shown as the other one's. NULL: of none. */
    const char *twin;
    bool skipped;
    size_t twice;
    struct err unproven; /* whether its table is also that of `unproven_with` is not known; E_OK */
    const char *unproven_with;
    size_t jobs,
        unknown; /* of the rows in the list: its, and those of them without Batch's answer */
    struct err batch_err, join_err, log_err; /* as in list_result; of ops_list_logs */
    size_t untimed;
};

struct contexts_list {
    struct list_row *rows; /* owned, newest first, each with its context */
    size_t len;
    bool more;
    struct context_part *parts; /* owned, one for each context */
    size_t parts_len;
};
void contexts_list_clear(struct contexts_list *l);

/* Lists the jobs of all contexts, which are read at the same time; q->limit is of all together.
 * q->progress gets the sum, from the threads that read. With `logs` as ops_list_logs does.
 * The list outlives neither the contexts nor the settings. */
void contexts_list(const struct contexts *x, const struct list_query *q, bool logs,
                   struct contexts_list *out);
/* The same shape of a list that one context gave, or no context at all. Takes `r`; `log_err` may be
 * E_OK. */
void contexts_list_of(const char *context, struct list_result *r, const struct err *log_err,
                      struct contexts_list *out);
#endif
