/* follow.h - reading many jobs: what the table offers, the first load, the refresh (SPEC 4).
 *
 * Here the plain ways: Query by status where that index exists, else BatchGetItem of the jobs that
 * matter plus a slow Scan; the stream comes before them when the table has one. Scan and Query are
 * eventually consistent: they may be some seconds behind. Reads by id are strongly consistent. */
#ifndef OPS_FOLLOW_H
#define OPS_FOLLOW_H

#include <stdbool.h>
#include <stddef.h>

#include "jobs/batch.h"
#include "jobs/job.h"
#include "ops/ops.h"

/* What DescribeTable tells: nothing is assumed. Plain value. */
struct table_info {
    char name[256];
    char status[24];       /* "ACTIVE" */
    char stream_arn[256];  /* "" when the stream is off */
    int64_t item_count;    /* AWS updates it every six hours: a hint */
    char arn[256];         /* of the table: has the account */
    char id[80];           /* TableId, or when it was made: a table made anew has another */
    bool user_index;       /* user-jobs-index (userId, createdAt), ACTIVE */
    bool user_index_all;   /* it projects all attributes */
    bool status_index;     /* status-updatedAt-index (status, updatedAt), ACTIVE */
    bool status_index_all; /* it projects all attributes */
};
MUST_CHECK enum err_code ops_table_info(const struct ops *o, struct table_info *out, struct err *e);

/* A page of jobs, handed over: the callee owns `jobs` (an array of owned jobs). Returning false
 * ends the reading with E_CANCELLED. */
typedef bool (*jobs_page_fn)(void *arg, struct job **jobs, size_t len);

/* Tells the record of `*j` to which job it belongs, when it stands under the id of a Batch job of
 * which Batch has once told that it is of another job (jobs/join.h). No request; any thread. */
void ops_job_owner(const struct ops *o, struct job **j);

/* First load of one segment of `segments` (parallel Scan), with only the list's attributes. */
MUST_CHECK enum err_code ops_scan_jobs(const struct ops *o, int segment, int segments,
                                       jobs_page_fn page, void *arg, struct err *e);
/* Jobs of one status word updated at `since_ms` or later (TIME_NONE: all), by
 * status-updatedAt-index, oldest first. The index compares the text of updatedAt: one written in a
 * zone west of UTC, or with a blank for the T, sorts before its time. A `since_ms` at midnight is
 * compared by its date alone, which lets all forms of that day through. `whole`: the index projects
 * all attributes; else the records are fetched by id. */
MUST_CHECK enum err_code ops_query_status(const struct ops *o, const char *status_word,
                                          int64_t since_ms, bool whole, jobs_page_fn page,
                                          void *arg, struct err *e);
/* A user's jobs by user-jobs-index, newest first (records without top-level createdAt are not in
 * it). */
MUST_CHECK enum err_code ops_query_user(const struct ops *o, const char *user_id, bool whole,
                                        jobs_page_fn page, void *arg, struct err *e);
/* These jobs by id (BatchGetItem, any number), strongly consistent; those that are gone are just
 * not handed over. */
MUST_CHECK enum err_code ops_get_jobs(const struct ops *o, const char *const *ids, size_t len,
                                      jobs_page_fn page, void *arg, struct err *e);

/* A stream position: one for each shard that is being read. An empty cursor means from now; the
 * first read then only takes up the position. */
struct stream_shard {
    char id[96];
    char sequence[48]; /* of the last record handled; "" */
    char *iterator;    /* owned; NULL: to be asked for */
    bool from_start;   /* a child of a shard read to its end: TRIM_HORIZON */
    int closed;        /* read to its end this many reads ago, its children not seen yet */
};
struct stream_cursor {
    struct stream_shard *shards; /* owned */
    size_t len;
};
struct stream_cursor *stream_cursor_new(void);
struct stream_cursor *stream_cursor_copy(const struct stream_cursor *c);
void stream_cursor_free(struct stream_cursor *c); /* NULL allowed */

/* Reads what changed since the cursor (at most a few pages a shard) and moves it. Each job is
 * handed over once a call, as it was last. Deleted job ids come through `gone`. Sets `*gap` when
 * records may have been missed (trimmed, the position too old) and a full load is needed; the
 * cursor goes on from now then. E_NOT_FOUND: the stream is no more (ask ops_table_info again). */
MUST_CHECK enum err_code ops_read_stream(const struct ops *o, const char *stream_arn,
                                         struct stream_cursor *cursor, jobs_page_fn page,
                                         void (*gone)(void *arg, const char *job_id), void *arg,
                                         bool *gap, struct err *e);

/* Batch jobs of the configured queue created since `since_ms` (TIME_NONE: as far back as Batch
 * remembers), all of them or an error: ListJobs by creation time, newest first, each with the id of
 * our job. Those whose owner is new come in full (DescribeJobs, once), the others as summaries. And
 * full details by id (DescribeJobs, 100 at a time). The callee owns the array and its jobs. */
typedef bool (*batch_page_fn)(void *arg, struct batch_job **jobs, size_t len);
MUST_CHECK enum err_code ops_list_batch(const struct ops *o, int64_t since_ms, batch_page_fn page,
                                        void *arg, struct err *e);
MUST_CHECK enum err_code ops_describe_batch(const struct ops *o, const char *const *batch_ids,
                                            size_t len, batch_page_fn page, void *arg,
                                            struct err *e);
#endif
