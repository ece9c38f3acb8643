/* list.h - many jobs for the command line and REST: one question, the merged answer. */
#ifndef OPS_LIST_H
#define OPS_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "jobs/batch.h"
#include "jobs/forecast.h"
#include "jobs/job.h"
#include "jobs/log_stage.h"
#include "jobs/state.h"
#include "ops/ops.h"

struct list_query {
    const char *user_id; /* NULL: everybody's */
    const char *status;  /* as list_status_check takes it, for the merged state; NULL: any */
    int64_t since_ms;    /* only jobs whose time (job_time) is this or later; TIME_NONE: any time */
    size_t limit;        /* at most so many jobs, the newest; 0: all */
    bool record_only;    /* do not ask Batch */
    bool steps;          /* keep when jobs that are over came to their steps (job.h) */
    /* learns of the records that are read, those of other users and states too; NULL: nobody does.
     * Borrowed. */
    struct forecast *history;
    /* Ask Batch about jobs that are over too, as far as it may still know them: when they were
     * created there and started, and why they ended. The newest five thousand at most. */
    bool facts;
    /* Told how many records were read so far; NULL: nobody is. On the calling thread. */
    void (*progress)(void *arg, size_t read);
    void *arg;
};

struct list_row {
    struct job *job;
    struct batch_job *batch; /* NULL when Batch knows none, or when that is `unknown` */
    struct job_state state;
    /* not everything in Batch could be asked for: the state is what the record tells */
    bool unknown;
    bool asked; /* it is known what Batch says: `batch`, or that there is none */
    /* owned: how far the job is by its log (ops_list_logs); NULL: its log was not read */
    struct log_stage *log;
    const char *context; /* borrowed: the context that the job is of; NULL: none is in force */
};

struct list_result {
    struct list_row *rows; /* owned, newest first (job_time, then id) */
    size_t len;
    bool more;      /* `limit` cut the list */
    size_t unknown; /* how many rows lack Batch's answer; 0 when none does */
    /* why they lack it; with `facts` also why something about jobs that are over is missing; E_OK
     */
    struct err batch_err;
    struct err join_err; /* why jobs without a record may be missing; E_OK: none is missing */
    size_t untimed;      /* how many jobs of which no time is known were left out by `since_ms` */
};
void list_result_clear(struct list_result *r);

#define LIST_STUCK "stuck"
/* May jobs be asked for by this word? A status, or how people call it (job.h), in any letter case,
 * or LIST_STUCK: jobs that are stuck, whatever their status. E_INVALID says what may be given. */
MUST_CHECK enum err_code list_status_check(const char *word, struct err *e);

/* Lists jobs in the cheapest way that the table offers: user-jobs-index together with a filtered
 * Scan for records that have no text as top-level createdAt; else a parallel Scan, with only the
 * list's attributes (the index of statuses holds neither records without updatedAt nor every letter
 * case). The jobs that are not final are merged with Batch, which is also asked about those whose
 * time only it may know. E_INVALID for an unknown status word. */
MUST_CHECK enum err_code ops_list(const struct ops *o, const struct list_query *q,
                                  struct list_result *out, struct err *e);

/* Merges rows that have their records: asks Batch about those that are not final and those whose
 * time only it may know (unless `record_only`, or the row was `asked`), and fills in the rest of
 * each row. Returns how many are unknown; `*batch_err` says why, or is E_OK. */
size_t ops_merge_rows(const struct ops *o, struct list_row *rows, size_t len, bool record_only,
                      struct err *batch_err);

/* ---- a user's jobs by pages ---- */

/* A place in user-jobs-index: after this record. */
struct user_place {
    char *created; /* the record's createdAt as it is; owned */
    char *job_id;  /* owned */
};
void user_place_set(struct user_place *p, const char *created, const char *job_id);
void user_place_clear(struct user_place *p);

struct user_page {
    struct job **jobs;         /* owned array of owned jobs, newest first; NULL: the job is gone */
    struct user_place *places; /* owned, one for each job */
    size_t len;
    bool more; /* there may be further jobs */
};
void user_page_clear(struct user_page *p);
/* Reads at most `limit` records by user-jobs-index, with one Query, newest first, those after
 * `after` (NULL: from the newest). `whole`: the index projects all attributes; else the records are
 * fetched by id. Records without a top-level createdAt are not in the index: ops_scan_slowly finds
 * them. */
MUST_CHECK enum err_code ops_user_page(const struct ops *o, const char *user_id,
                                       const struct user_place *after, int limit, bool whole,
                                       struct user_page *out, struct err *e);

/* Scans slowly: `rest` is called between two pages (false ends the Scan: E_CANCELLED) and waits as
 * long as it likes. With `unindexed` only records that user-jobs-index cannot hold. */
struct slow_scan {
    bool unindexed;
    bool (*page)(void *arg, struct job **jobs, size_t len); /* the callee owns both */
    bool (*rest)(void *arg);
    void *arg;
};
MUST_CHECK enum err_code ops_scan_slowly(const struct ops *o, const struct slow_scan *s,
                                         struct err *e);
/* Reads these jobs by id as they are now: `out[i]` becomes ids[i]'s job, owned, or NULL when it is
 * gone or, with `unindexed`, when the index holds it by now. At most 100. */
MUST_CHECK enum err_code ops_get_again(const struct ops *o, const char *const *ids, size_t len,
                                       bool unindexed, struct job **out, struct err *e);
#endif
