/* follow.h - reading many jobs: what the table offers, the first load, the refresh (SPEC 4).
 *
 * This file has the plain ways: Query by status where that index exists, else BatchGetItem of the
 * jobs that matter together with a slow Scan; when the table has a stream, the stream comes before
 * them. Scan and Query are eventually consistent: they may be some seconds behind. Reads by id are
 * strongly consistent. */
#ifndef OPS_FOLLOW_H
#define OPS_FOLLOW_H

#include <stdbool.h>
#include <stddef.h>

#include "jobs/batch.h"
#include "jobs/job.h"
#include "ops/ops.h"

/* What DescribeTable tells: nothing is assumed. A plain value. */
struct table_info {
    char name[256];
    char status[24];      /* "ACTIVE" */
    char stream_arn[256]; /* "" when the stream is off */
    int64_t item_count;   /* AWS updates it every six hours, so it is only a hint */
    char arn[256];        /* the table's ARN, which has the account */
    /* TableId, or when the table was made: a table that was made anew has another one */
    char id[80];
    bool user_index;       /* user-jobs-index (userId, createdAt), ACTIVE */
    bool user_index_all;   /* it projects all attributes */
    bool status_index;     /* status-updatedAt-index (status, updatedAt), ACTIVE */
    bool status_index_all; /* it projects all attributes */
};
MUST_CHECK enum err_code ops_table_info(const struct ops *o, struct table_info *out, struct err *e);

/* Takes a page of jobs: the callee owns `jobs` (an array of owned jobs). Returning false ends the
 * reading with E_CANCELLED. */
typedef bool (*jobs_page_fn)(void *arg, struct job **jobs, size_t len);

/* Notes in `*j` which job the record belongs to, when it stands under the id of a Batch job about
 * which Batch once told that it belongs to another job (jobs/join.h). No request; any thread. */
void ops_job_owner(const struct ops *o, struct job **j);

/* Loads one segment of `segments` (a parallel Scan), with only the list's attributes. */
MUST_CHECK enum err_code ops_scan_jobs(const struct ops *o, int segment, int segments,
                                       jobs_page_fn page, void *arg, struct err *e);
/* Reads the jobs of one status word that were updated at `since_ms` or later (TIME_NONE: all), by
 * status-updatedAt-index, oldest first. The index compares the texts of updatedAt: a text in a zone
 * west of UTC, or with a blank for the T, sorts before its time. When `since_ms` is a midnight,
 * only its date is compared, which lets all forms of that day through. `whole`: the index projects
 * all attributes; else the records are fetched by id. */
MUST_CHECK enum err_code ops_query_status(const struct ops *o, const char *status_word,
                                          int64_t since_ms, bool whole, jobs_page_fn page,
                                          void *arg, struct err *e);
/* Reads a user's jobs by user-jobs-index, newest first (records without top-level createdAt are not
 * in it). */
MUST_CHECK enum err_code ops_query_user(const struct ops *o, const char *user_id, bool whole,
                                        jobs_page_fn page, void *arg, struct err *e);
/* Reads these jobs by id (BatchGetItem, any number), strongly consistent; jobs that are gone are
 * not handed over. */
MUST_CHECK enum err_code ops_get_jobs(const struct ops *o, const char *const *ids, size_t len,
                                      jobs_page_fn page, void *arg, struct err *e);

/* The position in a stream, with one part for each shard that is being read. An empty cursor means
 * "from now"; the first read then only takes up the position. */
struct stream_shard {
    char id[96];
    char sequence[48]; /* the sequence number of the last record handled; "" */
    char *iterator;    /* owned; NULL: it has to be asked for */
    /* the shard is a child of one that was read to its end: it is read from TRIM_HORIZON */
    bool from_start;
    /* the shard was read to its end this many reads ago, and its children have not been seen yet */
    int closed;
};
struct stream_cursor {
    struct stream_shard *shards; /* owned */
    size_t len;
};
struct stream_cursor *stream_cursor_new(void);
struct stream_cursor *stream_cursor_copy(const struct stream_cursor *c);
void stream_cursor_free(struct stream_cursor *c); /* NULL allowed */

/* Reads what changed since the cursor (at most a few pages of each shard) and moves the cursor.
 * Each job is handed over once in a call, as it was last. `gone` gets the ids of deleted jobs. Sets
 * `*gap` when records may have been missed (trimmed, the position too old) and a full load is
 * needed; the cursor goes on from now then. E_NOT_FOUND: the stream is no more (ask ops_table_info
 * again). */
MUST_CHECK enum err_code ops_read_stream(const struct ops *o, const char *stream_arn,
                                         struct stream_cursor *cursor, jobs_page_fn page,
                                         void (*gone)(void *arg, const char *job_id), void *arg,
                                         bool *gap, struct err *e);

/* Reads Batch jobs. The first: those of the configured queue created since `since_ms` (TIME_NONE:
 * as far back as Batch remembers), all of them or an error: ListJobs by creation time, newest
 * first, each with the id of our job. Those whose owner is new come in full (DescribeJobs, once),
 * the others as summaries. The second: full details by id (DescribeJobs, 100 at a time). The callee
 * owns the array and its jobs. */
typedef bool (*batch_page_fn)(void *arg, struct batch_job **jobs, size_t len);
MUST_CHECK enum err_code ops_list_batch(const struct ops *o, int64_t since_ms, batch_page_fn page,
                                        void *arg, struct err *e);
MUST_CHECK enum err_code ops_describe_batch(const struct ops *o, const char *const *batch_ids,
                                            size_t len, batch_page_fn page, void *arg,
                                            struct err *e);
#endif
