/* list.h - many jobs for the command line and REST: one question, the merged answer. */
#ifndef OPS_LIST_H
#define OPS_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "jobs/batch.h"
#include "jobs/job.h"
#include "jobs/state.h"
#include "ops/ops.h"

struct list_query {
    const char *user_id; /* NULL: everybody's */
    const char *status;  /* a word of job.h in any case, of the merged state; NULL: any */
    int64_t since_ms;    /* created then or later; TIME_NONE: any time */
    size_t limit;        /* at most so many, the newest; 0: all */
    bool record_only;    /* do not ask Batch */
    /* Told how many records were read so far; NULL: none. On the calling thread. */
    void (*progress)(void *arg, size_t read);
    void *arg;
};

struct list_row {
    struct job *job;
    struct batch_job *batch; /* NULL when Batch knows none */
    struct job_state state;
};

struct list_result {
    struct list_row *rows; /* owned, newest first (createdAt, then id) */
    size_t len;
    bool more;            /* `limit` cut it */
    struct err batch_err; /* why Batch could not be asked (the rows are the records' then); E_OK */
};
void list_result_clear(struct list_result *r);

/* By the cheapest way the table offers: user-jobs-index plus a filtered Scan for records that have
 * no top-level createdAt; else a parallel Scan, with only the list's attributes (the status index
 * holds neither records without updatedAt nor every letter case). The jobs not yet final are merged
 * with Batch. E_INVALID for an unknown status word. */
MUST_CHECK enum err_code ops_list(const struct ops *o, const struct list_query *q,
                                  struct list_result *out, struct err *e);
#endif
