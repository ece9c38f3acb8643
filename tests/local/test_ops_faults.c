/* Deploys while calls fail at random: each arrives exactly once. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/batch.h"
#include "aws/dynamodb.h"
#include "core/alloc.h"
#include "core/json.h"
#include "core/map.h"
#include "fault_proxy.h"
#include "ops/bulk.h"
#include "ops/follow.h"
#include "ops/outbox.h"
#include "ops_cloud.h"

/* Nothing lost, nothing twice, with a third of the calls failing in every way. */

static struct ops_cloud c;
static struct fault_proxy *proxy;

static void teardown(void)
{
    if (proxy != NULL) {
        fault_proxy_stop(proxy);
    }
    ops_cloud_stop(&c);
}

TestSuite(ops_faults, .fini = teardown, .timeout = 120);

static struct ops *through_proxy_again(void)
{
    char url[64];

    (void)snprintf(url, sizeof url, "http://127.0.0.1:%d", fault_proxy_port(proxy));
    return ops_cloud_at(&c, url);
}

static struct ops *through_proxy(int percent, const char *only, uint32_t seed)
{
    proxy = fault_proxy_start(cloud_port(c.local), percent, only, seed);
    return through_proxy_again();
}

static bool count_page(void *arg, struct batch_job **jobs, size_t len)
{
    struct map *counts = arg;

    for (size_t i = 0; i < len; i++) {
        const char *id = jobs[i]->job_id == NULL ? "unknown" : jobs[i]->job_id;
        uintptr_t n = (uintptr_t)map_find(counts, id);
        (void)map_put(counts, id, (void *)(n + 1));
        batch_job_free(jobs[i]);
    }
    free(jobs);
    return true;
}

/* Batch jobs by our job id, once as many as expected have started: the bus hands on by itself. */
static struct map *count_started(size_t expected)
{
    int64_t until = clock_mono_ms(NULL) + 50000;

    for (;;) {
        struct map *counts = map_new();
        struct err e = {0};
        cr_assert_eq(ops_list_batch(c.ops, 0, count_page, counts, &e), E_OK, "%s", e.msg);
        if (map_len(counts) >= expected || clock_mono_ms(NULL) > until) {
            return counts;
        }
        map_free(counts, NULL);
        (void)ops_sleep(c.ops, 20);
    }
}

enum { N = 100, LOST = 10 };

Test(ops_faults, hundreds_of_deploys_arrive_exactly_once_while_calls_fail)
{
    struct deploy_request *r = xcalloc(N, sizeof *r);
    struct deploy_many_result *out = xcalloc(N, sizeof *out);
    struct err e = {0};
    int left = 1;
    int rounds = 0;
    size_t at_once = 0;
    size_t kept = 0;

    ops_cloud_start(&c, &(struct ops_cloud_options){0});
    struct ops *o = through_proxy(30, NULL, 12345);
    for (int i = 0; i < N; i++) {
        ops_cloud_request(&r[i], "Faulty");
    }
    (void)ops_deploy_many(o, r, N, out, NULL, NULL);
    for (int i = 0; i < N; i++) {
        at_once += out[i].code == E_OK;
        kept += out[i].code != E_OK && out[i].result.kept;
        cr_expect(out[i].code == E_OK || out[i].result.kept, "%d is neither sent nor kept: %s", i,
                  out[i].err.msg);
    }
    cr_log_info("%zu at once, %zu kept", at_once, kept);
    while (left > 0 && rounds++ < 40) {
        /* The next mvpdash, a minute later: a client of its own, with its own retry quota. What the
         * minute is for, the bus handing on what it accepted, takes real time, but little. */
        struct ops *next = through_proxy_again();
        c.ahead_ms += 61000;
        (void)ops_sleep(next, 100);
        (void)!ops_outbox_resume(next, NULL, &left, &e);
        ops_free(next);
    }
    cr_assert_eq(ops_outbox_len(c.ops), 0, "after %d rounds: %s", rounds, e.msg);
    for (int f = 1; f < FAULT_KINDS; f++) {
        cr_assert_gt(fault_proxy_count(proxy, (enum fault)f), 0, "fault %d never came", f);
    }
    c.ahead_ms = 0;
    struct map *counts = count_started(N);
    for (int i = 0; i < N; i++) {
        cJSON *item = NULL;
        cr_assert_eq(ddb_get_item(c.ops->aws, c.ops->table, "jobId", r[i].job_id, true, &item, &e),
                     E_OK);
        cr_expect_not_null(item, "%s has no record", r[i].job_id);
        cr_expect_eq((uintptr_t)map_find(counts, r[i].job_id), 1, "%s", r[i].job_id);
        cJSON_Delete(item);
        deploy_request_clear(&r[i]);
    }
    cr_expect_eq(map_len(counts), N, "started: %zu%s", map_len(counts),
                 map_find(counts, "unknown") == NULL ? "" : ", some without JOB_ID");
    map_free(counts, NULL);
    ops_free(o);
    free(out);
    free(r);
}

static void no_result(void *arg, size_t index, const struct bulk_line *line)
{
    (void)arg;
    (void)index;
    (void)line;
}

/* A file through the same link, the run begun again until every line is sent. */
Test(ops_faults, each_line_of_a_file_is_sent_once_while_calls_fail)
{
    struct deploy_request r[N];
    struct bulk_totals totals = {0};
    struct err e = {0};
    int rounds = 0;

    ops_cloud_start(&c, &(struct ops_cloud_options){0});
    proxy = fault_proxy_start(cloud_port(c.local), 30, NULL, 777);
    for (int i = 0; i < N; i++) {
        deploy_request_init(&r[i]);
    }
    while (totals.sent + totals.earlier < N && rounds++ < 40) {
        struct bulk b = {.file = "lines",
                         .requests = r,
                         .len = N,
                         .mode = rounds == 1 ? BULK_FIRST : BULK_RESUME,
                         .result = no_result};
        struct ops *next = through_proxy_again();
        for (int i = 0; i < N; i++) {
            deploy_request_clear(&r[i]);
            ops_cloud_request(&r[i], "Faulty line");
        }
        (void)!ops_outbox_resume(next, NULL, NULL, &e);
        (void)!ops_bulk(next, &b, &totals, &e);
        cr_assert_eq(totals.failed, 0, "round %d: %s", rounds, e.msg);
        c.ahead_ms += 61000; /* the outbox waits that long before it sends again */
        (void)ops_sleep(next, 100);
        ops_free(next);
    }
    cr_assert_eq(totals.sent + totals.earlier, N, "after %d rounds: %s", rounds, e.msg);
    int faults = 0; /* one round may get through them all, by its retries */
    for (int f = FAULT_NONE + 1; f < FAULT_KINDS; f++) {
        faults += fault_proxy_count(proxy, (enum fault)f);
    }
    cr_assert_gt(faults, N / 10, "the link was no trouble at all");
    c.ahead_ms = 0;
    struct map *counts = count_started(N);
    for (int i = 0; i < N; i++) {
        cr_expect_eq((uintptr_t)map_find(counts, r[i].job_id), 1, "%s", r[i].job_id);
        deploy_request_clear(&r[i]);
    }
    cr_expect_eq(map_len(counts), N);
    map_free(counts, NULL);
}

/* Every reply of PutEvents is lost or late: the worst case for sending once. */
Test(ops_faults, events_whose_replies_are_lost_are_not_sent_again_when_picked_up)
{
    struct deploy_request r[LOST];
    struct deploy_many_result out[LOST];
    struct err e = {0};
    int left = 1;

    ops_cloud_start(&c, &(struct ops_cloud_options){0});
    struct ops *o = through_proxy(100, "PutEvents", 7);
    for (int i = 0; i < LOST; i++) {
        ops_cloud_request(&r[i], "Lost");
    }
    (void)ops_deploy_many(o, r, LOST, out, NULL, NULL);
    for (int i = 0; i < LOST; i++) {
        cr_expect(out[i].code == E_OK || out[i].result.kept, "%s", out[i].err.msg);
        cr_expect(out[i].result.recorded);
    }
    ops_free(o);
    for (int round = 0; left > 0 && round < 5; round++) {
        c.ahead_ms += 61000;
        (void)!ops_outbox_resume(c.ops, NULL, &left, &e);
    }
    cr_assert_eq(left, 0);
    struct map *counts = count_started(LOST);
    for (int i = 0; i < LOST; i++) {
        cr_expect_eq((uintptr_t)map_find(counts, r[i].job_id), 1, "%s: %d", r[i].job_id,
                     (int)(uintptr_t)map_find(counts, r[i].job_id));
        deploy_request_clear(&r[i]);
    }
    map_free(counts, NULL);
}

Test(ops_faults, reports_and_cancels_get_through)
{
    struct deploy_request r;
    struct deploy_result out;
    struct cancel_result cancelled = {0};
    struct record_change u = RECORD_CHANGE_INIT;
    struct err e = {0};
    enum err_code rc = E_NET;

    ops_cloud_start(&c, &(struct ops_cloud_options){.script = "exec sleep 60"});
    ops_cloud_request(&r, "X");
    cr_assert_eq(ops_deploy(c.ops, &r, &out, &e), E_OK, "%s", e.msg);
    ops_cloud_wait_batch(&c, out.job_id, BATCH_RUNNING);
    struct ops *o = through_proxy(30, NULL, 99);
    for (int i = 1; i <= 20; i++) {
        u.progress = i * 4;
        for (int tries = 0; tries < 10 && (rc = ops_change_record(o, out.job_id, &u, &e)) != E_OK;
             tries++) {
            cr_expect_neq(rc, E_CONFLICT, "%s", e.msg);
        }
        cr_assert_eq(rc, E_OK, "%d: %s", i, e.msg);
    }
    rc = E_NET;
    for (int tries = 0; tries < 20 && rc != E_OK; tries++) {
        rc = ops_cancel(o, out.job_id, "enough", &cancelled, &e);
        if (rc == E_CONFLICT) {
            break; /* a try whose reply was lost had done it */
        }
    }
    cr_assert(rc == E_OK || rc == E_CONFLICT, "%s", e.msg);
    ops_free(o);
    ops_cloud_wait_batch(&c, out.job_id, BATCH_FAILED);
    deploy_request_clear(&r);
}
