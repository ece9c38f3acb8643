/* list.h - many jobs for the command line and REST: one question, the merged answer. */
#ifndef OPS_LIST_H
#define OPS_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "jobs/batch.h"
#include "jobs/job.h"
#include "jobs/log_stage.h"
#include "jobs/state.h"
#include "ops/ops.h"

struct list_query {
    const char *user_id; /* NULL: everybody's */
    const char *status;  /* a word of job.h in any case, of the merged state; NULL: any */
    int64_t since_ms;    /* the job's time (job_time) is this or later; TIME_NONE: any time */
    size_t limit;        /* at most so many, the newest; 0: all */
    bool record_only;    /* do not ask Batch */
    /* Told how many records were read so far; NULL: none. On the calling thread. */
    void (*progress)(void *arg, size_t read);
    void *arg;
};

struct list_row {
    struct job *job;
    struct batch_job *batch; /* NULL when Batch knows none, or that is `unknown` */
    struct job_state state;
    bool unknown; /* Batch could not be asked for all: the state is as the record tells it */
    bool asked;   /* Batch's word is known: `batch`, or that there is none */
    struct log_stage *log; /* owned: how far it is by its log (ops_list_logs); NULL: not read */
};

struct list_result {
    struct list_row *rows; /* owned, newest first (job_time, then id) */
    size_t len;
    bool more;            /* `limit` cut it */
    size_t unknown;       /* rows of which Batch's word is not known; 0 when none */
    struct err batch_err; /* why not; E_OK */
    struct err join_err;  /* why jobs without a record may be missing; E_OK: none is */
};
void list_result_clear(struct list_result *r);

/* By the cheapest way the table offers: user-jobs-index plus a filtered Scan for records that have
 * no text as top-level createdAt; else a parallel Scan, with only the list's attributes (the status
 * index holds neither records without updatedAt nor every letter case). The jobs not yet final are
 * merged with Batch, which is also asked for those whose time only it may know. E_INVALID for an
 * unknown status word. */
MUST_CHECK enum err_code ops_list(const struct ops *o, const struct list_query *q,
                                  struct list_result *out, struct err *e);

/* Rows with their records: asks Batch about those not yet final and those whose time only it may
 * know (unless `record_only`, or the row was `asked`), and fills all else of each. Returns how many
 * are unknown; `*batch_err` says why, or E_OK. */
size_t ops_merge_rows(const struct ops *o, struct list_row *rows, size_t len, bool record_only,
                      struct err *batch_err);

/* ---- a user's jobs by pages ---- */

/* A place in user-jobs-index: after this record. */
struct user_place {
    char *created; /* its createdAt as it stands; owned */
    char *job_id;  /* owned */
};
void user_place_set(struct user_place *p, const char *created, const char *job_id);
void user_place_clear(struct user_place *p);

struct user_page {
    struct job **jobs;         /* owned array of owned jobs, newest first; NULL: it is gone */
    struct user_place *places; /* owned, one a job */
    size_t len;
    bool more; /* there may be further ones */
};
void user_page_clear(struct user_page *p);
/* At most `limit` records by user-jobs-index, one Query, newest first, those after `after` (NULL:
 * from the newest). `whole`: the index projects all attributes; else the records are fetched by
 * id. Records without a top-level createdAt are not in it: ops_scan_slowly finds them. */
MUST_CHECK enum err_code ops_user_page(const struct ops *o, const char *user_id,
                                       const struct user_place *after, int limit, bool whole,
                                       struct user_page *out, struct err *e);

/* A Scan that takes its time: `rest` is called between its pages (false ends it: E_CANCELLED) and
 * waits as long as it likes. With `unindexed` only records that user-jobs-index cannot hold. */
struct slow_scan {
    bool unindexed;
    bool (*page)(void *arg, struct job **jobs, size_t len); /* the callee owns both */
    bool (*rest)(void *arg);
    void *arg;
};
MUST_CHECK enum err_code ops_scan_slowly(const struct ops *o, const struct slow_scan *s,
                                         struct err *e);
/* These jobs by id as they are now: `out[i]` becomes ids[i]'s job, owned, or NULL when it is gone
 * or, with `unindexed`, when the index holds it by now. At most 100. */
MUST_CHECK enum err_code ops_get_again(const struct ops *o, const char *const *ids, size_t len,
                                       bool unindexed, struct job **out, struct err *e);
#endif
