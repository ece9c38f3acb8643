/* follow.h - reading many jobs: what the table offers, the first load, the refresh (SPEC 4).
 *
 * Here the plain ways: Query by status where that index exists, else BatchGetItem of the jobs that
 * matter plus a slow Scan; the stream comes before them when the table has one. */
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
    bool user_index;       /* user-jobs-index, ACTIVE */
    bool status_index;     /* status-updatedAt-index, ACTIVE */
    bool status_index_all; /* it projects all attributes */
};
MUST_CHECK enum err_code ops_table_info(const struct ops *o, struct table_info *out, struct err *e);

/* A page of jobs, handed over: the callee owns `jobs` (an array of owned jobs). Returning false
 * ends the reading with E_CANCELLED. */
typedef bool (*jobs_page_fn)(void *arg, struct job **jobs, size_t len);

/* First load of one segment of `segments` (parallel Scan), with only the list's attributes. */
MUST_CHECK enum err_code ops_scan_jobs(const struct ops *o, int segment, int segments,
                                       jobs_page_fn page, void *arg, struct err *e);
/* Jobs of one status word updated since `since_ms`, by status-updatedAt-index, oldest first. */
MUST_CHECK enum err_code ops_query_status(const struct ops *o, const char *status_word,
                                          int64_t since_ms, jobs_page_fn page, void *arg,
                                          struct err *e);
/* A user's jobs by user-jobs-index, newest first (records without top-level createdAt are not in
 * it). */
MUST_CHECK enum err_code ops_query_user(const struct ops *o, const char *user_id, jobs_page_fn page,
                                        void *arg, struct err *e);
/* These jobs by id (BatchGetItem, any number); those that are gone are just not handed over. */
MUST_CHECK enum err_code ops_get_jobs(const struct ops *o, const char *const *ids, size_t len,
                                      jobs_page_fn page, void *arg, struct err *e);

/* A stream position: where to go on. "" means from now. Plain value. */
struct stream_cursor {
    char shard_id[96];
    char iterator[2100];
    char last_sequence[64];
};
/* Reads what changed since the cursor (at most a few pages a call) and moves it. Deleted job ids
 * come through `gone`. Sets `*gap` when records were trimmed and a full load is needed. */
MUST_CHECK enum err_code ops_read_stream(const struct ops *o, const char *stream_arn,
                                         struct stream_cursor *cursor, jobs_page_fn page,
                                         void (*gone)(void *arg, const char *job_id), void *arg,
                                         bool *gap, struct err *e);

/* `since_ms` may be TIME_NONE for the last day.
 *
 * Batch jobs of the configured queue created since `since_ms` (ListJobs by creation time;
 * summaries) and full details by id (DescribeJobs, 100 at a time). The callee owns the batch. */
typedef bool (*batch_page_fn)(void *arg, struct batch_job **jobs, size_t len);
MUST_CHECK enum err_code ops_list_batch(const struct ops *o, int64_t since_ms, batch_page_fn page,
                                        void *arg, struct err *e);
MUST_CHECK enum err_code ops_describe_batch(const struct ops *o, const char *const *batch_ids,
                                            size_t len, batch_page_fn page, void *arg,
                                            struct err *e);
#endif
