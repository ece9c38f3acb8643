/* Two replicas of the REST API that share the state table. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "api_cloud.h"
#include "aws/dynamodb.h"
#include "core/alloc.h"
#include "core/json.h"
#include "ops/outbox.h"

static struct api_cloud a, b;
static const char body[] = "{\"userId\":\"u\",\"productId\":\"p\",\"founderdashDbUrl\":"
                           "\"postgresql://u:geheim@h/d\"}";
static const char key[] = "Idempotency-Key: order 4711/a\r\n";

static void setup(void)
{
    struct err e = {0};

    api_cloud_start(&a, &(struct ops_cloud_options){.state = true},
                    &(struct api_options){.access_log = "", .scan_every_s = 1, .scan_rest_ms = 1});
    b = a;
    b.options.ops = ops_cloud_again(&a.cloud);
    b.api = api_start(&b.options, &e);
    cr_assert_not_null(b.api, "%s", e.msg);
}

static void teardown(void)
{
    api_free(b.api);
    ops_free((struct ops *)b.options.ops);
    api_cloud_stop(&a);
}

TestSuite(api_shared, .init = setup, .fini = teardown, .timeout = 180);

static int records(void)
{
    struct ddb_page p;

    cr_assert_eq(
        ddb_scan(a.cloud.ops->aws, &(struct ddb_read){.table = a.cloud.ops->table}, &p, NULL),
        E_OK);
    int n = p.count;
    ddb_page_clear(&p);
    return n;
}

static bool state_holds(const char *text)
{
    struct ddb_page p;

    cr_assert_eq(
        ddb_scan(a.cloud.ops->aws, &(struct ddb_read){.table = a.cloud.ops->state}, &p, NULL),
        E_OK);
    char *all = json_text(p.items);
    bool holds = strstr(all, text) != NULL;
    free(all);
    ddb_page_clear(&p);
    return holds;
}

Test(api_shared, a_key_has_one_answer_at_every_replica)
{
    char replayed[16];
    struct stat st;
    struct answer x = api_expect(&a, "POST", "/deploy", key, body, 202, "");
    struct answer y = api_expect(&b, "POST", "/deploy", key, body, 202, "");

    cr_expect_str_eq(answer_header(&x, "Idempotent-Replayed", replayed, sizeof replayed), "");
    cr_expect_str_eq(answer_header(&y, "Idempotent-Replayed", replayed, sizeof replayed), "true");
    cr_expect_str_eq(y.body, x.body);
    answer_clear(&y);
    y = api_expect(&b, "POST", "/deploy", key, api_good, 409, "idempotency_conflict");
    cr_expect_eq(records(), 1);
    cr_expect(!state_holds("geheim"), "the request is gone from the table");
    cr_expect(!state_holds("order"), "the key was never there");
    cr_expect_neq(stat(a.cloud.ops->state_dir, &st), 0, "nothing is on the disk");
    answer_clear(&x);
    answer_clear(&y);
}

enum { AT_ONCE = 16 };

static void *ask_one(void *arg)
{
    struct answer *out = arg;

    *out = api_ask(out->status == 0 ? &a : &b, "POST", "/deploy", key, body);
    return NULL;
}

Test(api_shared, the_same_request_many_times_at_once_makes_one_job)
{
    pthread_t threads[AT_ONCE];
    struct answer got[AT_ONCE] = {{0}};

    for (int i = 0; i < AT_ONCE; i++) {
        got[i].status = i % 2; /* which replica */
        cr_assert_eq(pthread_create(&threads[i], NULL, ask_one, &got[i]), 0);
    }
    for (int i = 0; i < AT_ONCE; i++) {
        (void)pthread_join(threads[i], NULL);
    }
    for (int i = 0; i < AT_ONCE; i++) {
        cr_expect_eq(got[i].status, 202, "%d %s", got[i].status, got[i].body);
        cr_expect_str_eq(got[i].body, got[0].body);
    }
    for (int i = 0; i < AT_ONCE; i++) {
        answer_clear(&got[i]);
    }
    cr_expect_eq(records(), 1);
}

/* ---- killed under way ---- */

static const char *die_at;

static void die(const char *step)
{
    if (strcmp(step, die_at) == 0) {
        (void)raise(SIGKILL);
    }
}

static void killed_at(const char *step)
{
    pid_t pid = fork();

    cr_assert_geq(pid, 0);
    if (pid == 0) {
        struct err e = {0};
        struct ops *o = ops_cloud_again(&a.cloud);
        struct api_cloud child = a;
        die_at = step;
        o->fault = die;
        child.options.ops = o;
        child.api = api_start(&child.options, &e);
        if (child.api == NULL) {
            _exit(4);
        }
        struct answer x = api_ask(&child, "POST", "/deploy", key, body);
        _exit(x.status == 0 ? 5 : 6);
    }
    int status = 0;
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "%s: %x", step, status);
}

static const char *const steps[] = {"record", "recorded", "sending", "sent", "dropped"};

ParameterizedTestParameters(api_shared, killed_at_a_step_another_replica_answers)
{
    static size_t index[sizeof steps / sizeof *steps];

    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        index[i] = i;
    }
    return cr_make_param_array(size_t, index, sizeof steps / sizeof *steps);
}

ParameterizedTest(size_t *i, api_shared, killed_at_a_step_another_replica_answers)
{
    const char *step = steps[*i];
    struct err e = {0};

    /* threads do not live through a fork: both replicas are started anew after it */
    api_free(a.api);
    api_free(b.api);
    a.api = b.api = NULL;
    ops_stop(a.options.ops, false);
    ops_stop(b.options.ops, false);
    killed_at(step);
    a.cloud.ahead_ms += 400000; /* the leases run out, and what was sent had its time */
    a.api = api_start(&a.options, &e);
    cr_assert_not_null(a.api, "%s", e.msg);
    b.api = api_start(&b.options, &e);
    cr_assert_not_null(b.api, "%s", e.msg);
    struct answer x = api_expect(&b, "POST", "/deploy", key, body, 202, "");
    struct answer y = api_expect(&a, "POST", "/deploy", key, body, 202, "");
    const char *id = json_str_or(x.doc, "jobId", "");
    cr_expect_str_eq(x.body, y.body, "%s", step);
    int64_t until = clock_mono_ms(NULL) + 50000;
    while (ops_outbox_len(a.cloud.ops) > 0 && clock_mono_ms(NULL) < until) {
        (void)ops_sleep(a.cloud.ops, 50);
    }
    cr_expect_eq(ops_outbox_len(a.cloud.ops), 0, "%s", step);
    cr_expect_eq(records(), 1, "%s", step);
    ops_cloud_wait_batch(&a.cloud, id, BATCH_SUCCEEDED);
    cr_expect_eq(ops_cloud_batch_jobs(&a.cloud, id), 1, "%s", step);
    answer_clear(&x);
    answer_clear(&y);
}

/* ---- lists ---- */

Test(api_shared, a_cursor_is_good_at_every_replica)
{
    enum { JOBS = 7 };
    char seen[JOBS] = {0};
    char *cursor = NULL;
    int n = 0;

    for (int i = 0; i < JOBS; i++) {
        /* no createdAt: the user index cannot hold it, and its time is that of its last change */
        char *item = xasprintf("{\"jobId\":{\"S\":\"job_%d_s\"},\"userId\":{\"S\":\"stray\"},"
                               "\"status\":{\"S\":\"COMPLETED\"},\"updatedAt\":{\"S\":\"2023-11-"
                               "14T22:13:%02d.000Z\"}}",
                               i, i);
        ops_cloud_put(&a.cloud, item);
        free(item);
    }
    int64_t until = clock_mono_ms(NULL) + 60000;
    for (int there = 0; there < JOBS && clock_mono_ms(NULL) < until;) {
        struct answer x = api_expect(&b, "GET", "/jobs/stray", NULL, NULL, 200, "");
        there = cJSON_GetArraySize(json_array(x.doc, "jobs"));
        answer_clear(&x);
        (void)ops_sleep(a.cloud.ops, 50);
    }
    do { /* each page from the other replica */
        char *target = xasprintf("/jobs/stray?limit=2%s%s",
                                 cursor == NULL ? "" : "&cursor=", cursor == NULL ? "" : cursor);
        struct answer x = api_expect(n % 4 == 0 ? &a : &b, "GET", target, NULL, NULL, 200, "");
        const cJSON *job = NULL;
        cJSON_ArrayForEach(job, json_array(x.doc, "jobs"))
        {
            int id = atoi(json_str_or(job, "jobId", "job_9_s") + 4);
            cr_assert(id >= 0 && id < JOBS);
            seen[id]++;
            n++;
        }
        free(cursor);
        cursor = xstrdup(json_str(x.doc, "cursor"));
        answer_clear(&x);
        free(target);
        if (n == 2) { /* a job that changes between two pages does not jump over the cursor */
            ops_cloud_put(&a.cloud,
                          "{\"jobId\":{\"S\":\"job_0_s\"},\"userId\":{\"S\":\"stray\"},\"status\":"
                          "{\"S\":\"FAILED\"},\"updatedAt\":{\"S\":\"2026-01-14T22:13:00.000Z\"}}");
            (void)ops_sleep(a.cloud.ops, 2500); /* a scan, or two */
        }
    } while (cursor != NULL && n <= JOBS);
    for (int i = 0; i < JOBS; i++) {
        cr_expect_eq(seen[i], 1, "job %d was told %d times", i, seen[i]);
    }
    cr_expect_eq(n, JOBS);
    free(cursor);
}

Test(api_shared, readyz_looks_at_the_state_table)
{
    struct answer x = api_expect(&a, "GET", "/readyz", NULL, NULL, 200, "");
    cr_expect_not_null(strstr(x.body, "\"state\""), "%s", x.body);
    answer_clear(&x);
}
