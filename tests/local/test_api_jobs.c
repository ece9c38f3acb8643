/* GET /jobs/{userId}: pages, filters, and the records that the index cannot hold. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api_cloud.h"
#include "core/alloc.h"
#include "core/json.h"
#include "core/strbuf.h"

static struct api_cloud a;
static const struct api_options quick = {.access_log = "", .scan_every_s = 1, .scan_rest_ms = 1};

static void setup(void)
{
    api_cloud_start(&a, NULL, &quick);
}

static void teardown(void)
{
    api_cloud_stop(&a);
}

TestSuite(api_jobs, .init = setup, .fini = teardown, .timeout = 120);

/* A record that the index holds, or one with nested times only. `at` is the minute. */
static void put(const char *id, const char *user, const char *status, int at, bool nested)
{
    char *created = xasprintf("2025-08-20T10:%02d:00.000Z", at);
    char *item = xasprintf(
        nested ? "{\"jobId\":{\"S\":\"%s\"},\"userId\":{\"S\":\"%s\"},\"status\":{\"S\":\"%s\"},"
                 "\"timestamps\":{\"M\":{\"createdAt\":{\"S\":\"%s\"}}}}"
               : "{\"jobId\":{\"S\":\"%s\"},\"userId\":{\"S\":\"%s\"},\"status\":{\"S\":\"%s\"},"
                 "\"createdAt\":{\"S\":\"%s\"}}",
        id, user, status, created);

    ops_cloud_put(&a.cloud, item);
    free(item);
    free(created);
}

/* Waits until a slow scan that began after `since_ms` is over. */
static void wait_scan_since(int64_t since_ms)
{
    int64_t until = clock_mono_ms(NULL) + 50000;
    int64_t at = 0;

    while (clock_mono_ms(NULL) < until) {
        struct answer x = api_expect(&a, "GET", "/jobs/nobody", NULL, NULL, 200, "");
        const char *text = json_str(json_object(x.doc, "unindexed"), "scannedAt");
        bool there = text != NULL && time_parse_iso(text, &at) && at >= since_ms;
        answer_clear(&x);
        if (there) {
            return;
        }
        (void)ops_sleep(a.cloud.ops, 50);
    }
    cr_assert_fail("no scan within 50 s");
}

static void wait_scan(void)
{
    wait_scan_since(clock_wall_ms(NULL) + 1);
}

/* The ids of all pages of `limit`, with blanks between; owned. `pages` gets how many there were. */
static char *all(const char *user, const char *more, int limit, int *pages)
{
    struct strbuf ids = STRBUF_INIT;
    char *cursor = NULL;

    *pages = 0;
    do {
        char *target = xasprintf("/jobs/%s?limit=%d%s%s%s", user, limit, more,
                                 cursor == NULL ? "" : "&cursor=", cursor == NULL ? "" : cursor);
        struct answer x = api_expect(&a, "GET", target, NULL, NULL, 200, "");
        const cJSON *job;
        cr_assert_leq(cJSON_GetArraySize(json_array(x.doc, "jobs")), limit);
        cJSON_ArrayForEach(job, json_array(x.doc, "jobs"))
        {
            strbuf_addf(&ids, "%s%s", ids.len == 0 ? "" : " ", json_str_or(job, "jobId", "?"));
        }
        free(cursor);
        cursor = xstrdup(json_str(x.doc, "cursor"));
        answer_clear(&x);
        free(target);
        cr_assert_lt(++*pages, 40, "it does not end: %s", strbuf_str(&ids));
    } while (cursor != NULL);
    return strbuf_take(&ids);
}

static void check(const char *user, const char *more, int limit, int want_pages, const char *want)
{
    int pages = 0;
    char *got = all(user, more, limit, &pages);

    cr_expect_str_eq(got, want, "limit %d: %s", limit, got);
    cr_expect_eq(pages, want_pages, "limit %d: %d pages", limit, pages);
    free(got);
}

Test(api_jobs, pages_hold_each_job_once_newest_first)
{
    check("u", "", 5, 1, "");
    for (int i = 0; i < 7; i++) {
        char id[16];
        (void)snprintf(id, sizeof id, "j%d", i);
        put(id, "u", "COMPLETED", i, false);
    }
    put("other", "v", "COMPLETED", 9, false);
    check("u", "", 3, 3, "j6 j5 j4 j3 j2 j1 j0");
    check("u", "", 7, 1, "j6 j5 j4 j3 j2 j1 j0");
    check("u", "", 1, 7, "j6 j5 j4 j3 j2 j1 j0");
    check("v", "", 50, 1, "other");
}

Test(api_jobs, records_that_the_index_cannot_hold_stand_in_their_place)
{
    put("i1", "u", "COMPLETED", 1, false);
    put("i3", "u", "COMPLETED", 3, false);
    put("i5", "u", "COMPLETED", 5, false);
    put("n0", "u", "COMPLETED", 0, true);
    put("n2", "u", "FAILED", 2, true);
    put("n4", "u", "COMPLETED", 4, true);
    put("n6", "u", "COMPLETED", 6, true);
    put("other", "v", "COMPLETED", 7, true);
    ops_cloud_put(&a.cloud, "{\"jobId\":{\"S\":\"timeless\"},\"userId\":{\"S\":\"u\"}}");
    wait_scan();
    for (int limit = 1; limit <= 9; limit++) {
        check("u", "", limit, (8 + limit - 1) / limit, "n6 i5 n4 i3 n2 i1 n0 timeless");
    }
    check("v", "", 5, 1, "other");
    /* One of the jobs is written to: by now the index holds it. The list tells the job once, before
     * the next scan too, and as it is now. */
    ops_cloud_put(&a.cloud, "{\"jobId\":{\"S\":\"n4\"},\"userId\":{\"S\":\"u\"},\"status\":{\"S\":"
                            "\"CANCELLED\"},\"createdAt\":{\"S\":\"2025-08-20T10:04:00.000Z\"}}");
    check("u", "", 50, 1, "n6 i5 n4 i3 n2 i1 n0 timeless");
    check("u", "&status=cancelled", 50, 1, "n4");
}

/* What a container wrote that found no record: no createdAt in either form. */
Test(api_jobs, records_without_createdat_stand_at_the_time_that_is_known)
{
    put("i1", "u", "COMPLETED", 1, false);
    put("i4", "u", "COMPLETED", 4, false);
    ops_cloud_put(&a.cloud,
                  "{\"jobId\":{\"S\":\"s3\"},\"userId\":{\"S\":\"u\"},\"startedAt\":{\"S\":"
                  "\"2025-08-20T10:03:00Z\"}}");
    ops_cloud_put(&a.cloud, "{\"jobId\":{\"S\":\"job_1755684120000_two000two\"},\"userId\":{\"S\":"
                            "\"u\"},\"updatedAt\":{\"S\":\"2026-01-01T00:00:00Z\"}}");
    ops_cloud_put(&a.cloud,
                  "{\"jobId\":{\"S\":\"u0\"},\"userId\":{\"S\":\"u\"},\"updatedAt\":{\"S\":"
                  "\"2025-08-20T10:00:00Z\"}}");
    wait_scan();
    for (int limit = 1; limit <= 6; limit++) {
        check("u", "", limit, (5 + limit - 1) / limit, "i4 s3 job_1755684120000_two000two i1 u0");
    }
    /* The job changes while the list is read: it keeps its place. */
    ops_cloud_put(&a.cloud,
                  "{\"jobId\":{\"S\":\"u0\"},\"userId\":{\"S\":\"u\"},\"updatedAt\":{\"S\":"
                  "\"2025-08-20T10:09:00Z\"}}");
    wait_scan();
    check("u", "", 2, 3, "i4 s3 job_1755684120000_two000two i1 u0");
}

Test(api_jobs, a_status_is_that_of_the_merged_state)
{
    for (int i = 0; i < 30; i++) {
        char id[16];
        (void)snprintf(id, sizeof id, "j%02d", i);
        put(id, "u", i % 10 == 0 ? "FAILED" : "COMPLETED", i, i % 3 == 0);
    }
    wait_scan();
    check("u", "&status=FAILED", 50, 1, "j20 j10 j00");
    check("u", "&status=failed", 2, 2, "j20 j10 j00");
    check("u", "&status=PENDING", 5, 1, "");
    /* Batch says more than the record. */
    char *id = api_deploy(&a, "w");
    ops_cloud_wait_batch(&a.cloud, id, BATCH_SUCCEEDED);
    check("w", "&status=PENDING", 5, 1, "");
    free(id);
}

Test(api_jobs, a_request_never_scans)
{
    for (int i = 0; i < 9; i++) {
        char id[16];
        (void)snprintf(id, sizeof id, "j%d", i);
        put(id, "u", "COMPLETED", i, i % 2 == 0);
    }
    /* This server scans once in its life. */
    int64_t now = clock_wall_ms(NULL);
    a.options.scan_every_s = 3600;
    api_cloud_again(&a, NULL);
    wait_scan_since(now);
    uint64_t scans = aws_client_calls(a.cloud.ops->aws, AWS_OP_DDB_SCAN, E_OK);
    uint64_t queries = aws_client_calls(a.cloud.ops->aws, AWS_OP_DDB_QUERY, E_OK);
    struct answer x = api_expect(&a, "GET", "/jobs/u?limit=100", NULL, NULL, 200, "");
    cr_expect_eq(cJSON_GetArraySize(json_array(x.doc, "jobs")), 9);
    cr_expect_eq(aws_client_calls(a.cloud.ops->aws, AWS_OP_DDB_SCAN, E_OK), scans);
    cr_expect_eq(aws_client_calls(a.cloud.ops->aws, AWS_OP_DDB_QUERY, E_OK), queries + 1);
    answer_clear(&x);
}

Test(api_jobs, the_age_of_the_scan_is_told)
{
    wait_scan();
    struct answer x = api_expect(&a, "GET", "/jobs/u", NULL, NULL, 200, "");
    const cJSON *found = json_object(x.doc, "unindexed");

    cr_expect_eq(cJSON_GetArraySize(x.doc), 3);
    cr_expect_geq(json_int(found, "ageSeconds", -1), 0);
    cr_expect_lt(json_int(found, "ageSeconds", 100), 20);
    answer_clear(&x);
}

static void setup_plain(void)
{
    api_cloud_start(&a, &(struct ops_cloud_options){.no_user_index = true}, &quick);
}

TestSuite(api_jobs_plain, .init = setup_plain, .fini = teardown, .timeout = 120);

Test(api_jobs_plain, without_the_index_the_slow_scan_has_them_all)
{
    put("j1", "u", "COMPLETED", 1, false);
    put("j2", "u", "COMPLETED", 2, true);
    put("j3", "u", "COMPLETED", 3, false);
    int64_t until = clock_mono_ms(NULL) + 50000;
    struct answer x = api_ask(&a, "GET", "/jobs/u", NULL, NULL);

    /* The first scan may be under way: the answer says so, and is not an empty list. */
    while (x.status == 503 && clock_mono_ms(NULL) < until) {
        cr_expect_str_eq(answer_code(&x), "scanning");
        answer_clear(&x);
        (void)ops_sleep(a.cloud.ops, 20);
        x = api_ask(&a, "GET", "/jobs/u", NULL, NULL);
    }
    answer_clear(&x);
    wait_scan();
    check("u", "", 2, 2, "j3 j2 j1");
}
