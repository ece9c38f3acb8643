/* What a table offers, and each way to read many jobs. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/dynamodb.h"
#include "core/alloc.h"
#include "core/map.h"
#include "ops/follow.h"
#include "ops_cloud.h"

static struct ops_cloud c;

static void teardown(void)
{
    ops_cloud_stop(&c);
}

TestSuite(ops_follow, .fini = teardown, .timeout = 120);

/* Collects what pages bring. */
static struct got {
    struct map *jobs; /* id -> job, owned */
    size_t handed;
    char gone[400];
    size_t stop_after; /* 0: never */
} got;

static bool take(void *arg, struct job **jobs, size_t len)
{
    (void)arg;
    if (got.jobs == NULL) {
        got.jobs = map_new();
    }
    for (size_t i = 0; i < len; i++) {
        job_free(map_put(got.jobs, jobs[i]->id, jobs[i]));
    }
    free(jobs);
    got.handed += len;
    return got.stop_after == 0 || got.handed < got.stop_after;
}

static void take_gone(void *arg, const char *id)
{
    (void)arg;
    (void)strncat(got.gone, id, sizeof got.gone - strlen(got.gone) - 2);
    (void)strcat(got.gone, " ");
}

static void free_job(void *j)
{
    job_free(j);
}

static void forget(void)
{
    map_free(got.jobs, free_job);
    got = (struct got){0};
}

static const struct job *seen(const char *id)
{
    return got.jobs == NULL ? NULL : map_find(got.jobs, id);
}

static void put(const char *id, const char *status, const char *updated)
{
    char *item = xasprintf("{\"jobId\":{\"S\":\"%s\"},\"userId\":{\"S\":\"u\"},\"status\":{\"S\":"
                           "\"%s\"},\"createdAt\":{\"S\":\"%s\"},\"updatedAt\":{\"S\":\"%s\"},"
                           "\"secretStuff\":{\"S\":\"not asked for\"}}",
                           id, status, updated, updated);

    ops_cloud_put(&c, item);
    free(item);
}

static void fill(int n)
{
    for (int i = 0; i < n; i++) {
        char id[32];
        (void)snprintf(id, sizeof id, "job_%d", i);
        put(id, i % 2 == 0 ? "PENDING" : "COMPLETED", "2025-01-01T00:00:00.000Z");
    }
}

Test(ops_follow, finds_out_what_the_table_has)
{
    struct table_info info;
    struct err e = {0};

    ops_cloud_start(&c, &(struct ops_cloud_options){.no_user_index = true});
    cr_assert_eq(ops_table_info(c.ops, &info, &e), E_OK, "%s", e.msg);
    cr_assert_str_eq(info.status, "ACTIVE");
    cr_assert(info.status_index);
    cr_assert(info.status_index_all);
    cr_assert_not(info.user_index);
    cr_assert_neq(info.stream_arn[0], '\0');
    cr_assert_not_null(strstr(info.arn, "table/mvp-development-jobs"));
}

Test(ops_follow, a_bare_table_has_nothing)
{
    struct table_info info;

    ops_cloud_start(&c, &(struct ops_cloud_options){
                            .no_user_index = true, .no_status_index = true, .no_stream = true});
    cr_assert_eq(ops_table_info(c.ops, &info, NULL), E_OK);
    cr_assert_not(info.status_index || info.user_index);
    cr_assert_str_eq(info.stream_arn, "");
}

Test(ops_follow, segments_together_are_the_whole_table)
{
    struct err e = {0};

    ops_cloud_start(&c, &(struct ops_cloud_options){0});
    fill(50);
    for (int i = 0; i < 4; i++) {
        cr_assert_eq(ops_scan_jobs(c.ops, i, 4, take, NULL, &e), E_OK, "%s", e.msg);
    }
    cr_assert_eq(got.handed, 50);
    cr_assert_eq(map_len(got.jobs), 50);
    forget();
    got.stop_after = 1;
    cr_assert_eq(ops_scan_jobs(c.ops, 0, 1, take, NULL, &e), E_CANCELLED);
    forget();
}

Test(ops_follow, queries_a_status_since_a_time)
{
    struct err e = {0};

    ops_cloud_start(&c, &(struct ops_cloud_options){0});
    put("old", "FAILED", "2025-01-01T00:00:00.000Z");
    put("new", "FAILED", "2025-01-03T00:00:00.000Z");
    put("other", "PENDING", "2025-01-03T00:00:00.000Z");
    for (int whole = 0; whole < 2; whole++) {
        cr_assert_eq(ops_query_status(c.ops, "FAILED", 1735776000000, whole, take, NULL, &e), E_OK,
                     "%s", e.msg);
        cr_assert_eq(got.handed, 1, "whole=%d", whole);
        cr_assert_not_null(seen("new"));
        cr_assert_str_eq(job_text(seen("new"), JOB_USER_ID), "u");
        forget();
        cr_assert_eq(ops_query_status(c.ops, "FAILED", TIME_NONE, whole, take, NULL, &e), E_OK);
        cr_assert_eq(got.handed, 2);
        forget();
        cr_assert_eq(ops_query_user(c.ops, "u", whole, take, NULL, &e), E_OK, "%s", e.msg);
        cr_assert_eq(got.handed, 3);
        forget();
    }
}

Test(ops_follow, gets_many_by_id_and_leaves_out_the_missing)
{
    const char *ids[152];
    char text[150][32];
    struct err e = {0};

    ops_cloud_start(&c, &(struct ops_cloud_options){0});
    fill(150);
    for (int i = 0; i < 150; i++) {
        (void)snprintf(text[i], sizeof text[i], "job_%d", i);
        ids[i] = text[i];
    }
    ids[150] = "nosuch";
    ids[151] = "job_3";
    cr_assert_eq(ops_get_jobs(c.ops, ids, 152, take, NULL, &e), E_OK, "%s", e.msg);
    cr_assert_eq(map_len(got.jobs), 150);
    forget();
}

static struct stream_cursor *cur;
static char arn[256];

static void read_stream(bool *gap)
{
    struct err e = {0};

    cr_assert_eq(ops_read_stream(c.ops, arn, cur, take, take_gone, NULL, gap, &e), E_OK, "%s",
                 e.msg);
}

static void take_up(void)
{
    struct table_info info;
    bool gap = true;

    cr_assert_eq(ops_table_info(c.ops, &info, NULL), E_OK);
    (void)snprintf(arn, sizeof arn, "%s", info.stream_arn);
    cur = stream_cursor_new();
    read_stream(&gap);
    cr_assert_not(gap);
    cr_assert_gt(cur->len, 0);
}

Test(ops_follow, the_stream_brings_what_changed_once_and_what_went)
{
    bool gap;

    ops_cloud_start(&c, &(struct ops_cloud_options){0});
    put("before", "PENDING", "2025-01-01T00:00:00.000Z");
    take_up();
    cr_assert_eq(got.handed, 0, "from now on only");
    put("a", "PENDING", "2025-01-01T00:00:00.000Z");
    put("a", "QUEUED", "2025-01-01T00:00:01.000Z");
    put("a", "IN_PROGRESS", "2025-01-01T00:00:02.000Z");
    put("b", "PENDING", "2025-01-01T00:00:00.000Z");
    cr_assert_eq(ddb_delete_item(c.ops->aws, c.ops->table, "jobId", "before", NULL), E_OK);
    read_stream(&gap);
    cr_assert_eq(got.handed, 2, "each job once");
    cr_assert_eq(seen("a")->status, JOB_IN_PROGRESS, "as it was last");
    cr_assert_str_eq(got.gone, "before ");
    forget();
    read_stream(&gap);
    cr_assert_eq(got.handed, 0, "nothing twice");
    struct stream_cursor *copy = stream_cursor_copy(cur);
    stream_cursor_free(cur);
    cur = copy;
    put("b", "COMPLETED", "2025-01-01T00:00:05.000Z");
    read_stream(&gap);
    cr_assert_eq(got.handed, 1);
    cr_assert_eq(seen("b")->status, JOB_COMPLETED);
    forget();
    stream_cursor_free(cur);
}

Test(ops_follow, a_stream_position_that_is_lost_is_a_gap)
{
    bool gap = false;

    ops_cloud_start(&c, &(struct ops_cloud_options){0});
    take_up();
    put("a", "PENDING", "2025-01-01T00:00:00.000Z");
    read_stream(&gap);
    forget();
    /* When an iterator is refused, a new one is asked for, after the last record that was
     * handled. */
    free(cur->shards[0].iterator);
    cur->shards[0].iterator = NULL;
    put("b", "PENDING", "2025-01-01T00:00:00.000Z");
    read_stream(&gap);
    cr_assert_not(gap);
    cr_assert_not_null(seen("b"));
    cr_assert_null(seen("a"));
    forget();
    stream_cursor_free(cur);
    cur = stream_cursor_new();
    struct err e = {0};
    cr_assert_eq(ops_read_stream(c.ops,
                                 "arn:aws:dynamodb:us-east-1:000000000000:table/x/stream/"
                                 "2020-01-01T00:00:00.000",
                                 cur, take, take_gone, NULL, &gap, &e),
                 E_NOT_FOUND, "%s", e.msg);
    stream_cursor_free(cur);
}

/* ---- Batch ---- */

static size_t batch_seen, batch_ours;

static bool take_batch(void *arg, struct batch_job **jobs, size_t len)
{
    const char *job_id = arg;

    for (size_t i = 0; i < len; i++) {
        batch_seen++;
        batch_ours += jobs[i]->job_id != NULL && strcmp(jobs[i]->job_id, job_id) == 0;
        batch_job_free(jobs[i]);
    }
    free(jobs);
    return true;
}

Test(ops_follow, batchs_list_tells_whose_jobs_they_are)
{
    struct deploy_request r;
    struct deploy_result out;
    struct err e = {0};

    ops_cloud_start(&c, &(struct ops_cloud_options){.script = "exec sleep 30"});
    ops_cloud_request(&r, "X");
    cr_assert_eq(ops_deploy(c.ops, &r, &out, &e), E_OK, "%s", e.msg);
    ops_cloud_wait_batch(&c, out.job_id, BATCH_RUNNING);
    cr_assert_eq(ops_list_batch(c.ops, TIME_NONE, take_batch, out.job_id, &e), E_OK, "%s", e.msg);
    cr_assert_eq(batch_seen, 1);
    cr_assert_eq(batch_ours, 1, "by JOB_ID: the name says nothing");
    batch_seen = 0;
    cr_assert_eq(ops_list_batch(c.ops, clock_wall_ms(NULL) + 60000, take_batch, out.job_id, &e),
                 E_OK);
    cr_assert_eq(batch_seen, 0);
    deploy_request_clear(&r);
}
