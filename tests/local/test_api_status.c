/* GET /status of jobs that wait in the outbox or are over, and what replies do not say of the
 * machine. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api_cloud.h"
#include "core/alloc.h"
#include "core/json.h"
#include "core/path.h"
#include "fault_proxy.h"
#include "ops/outbox.h"
#include "src/api/hide.h"

static struct api_cloud a;

static void setup(void)
{
    api_cloud_start(&a, NULL, NULL);
}

static void teardown(void)
{
    api_cloud_stop(&a);
}

TestSuite(api_status, .init = setup, .fini = teardown, .timeout = 120);

static struct answer status_of(const char *id, int status, const char *code)
{
    char *target = xasprintf("/status/%s", id);
    struct answer x = api_expect(&a, "GET", target, NULL, NULL, status, code);

    free(target);
    return x;
}

Test(api_status, a_job_that_waits_without_a_record_is_told_as_kept)
{
    struct deploy_request r;
    struct outbox_entry entry;
    struct err e = {0};

    ops_cloud_request(&r, "Bakery");
    (void)snprintf(r.job_id, sizeof r.job_id, "job_waits");
    deploy_request_seal(&r, clock_wall_ms(NULL));
    /* The test holds the entry's lock, so that nobody sends the entry meanwhile. */
    cr_assert_eq(outbox_add(a.cloud.ops, &r, &entry, &e), E_OK, "%s", e.msg);
    struct answer x = status_of("job_waits", 200, "");
    cr_expect_str_eq(json_str_or(x.doc, "status", ""), "PENDING", "%s", x.body);
    cr_expect_str_eq(json_str_or(x.doc, "userId", ""), r.user_id);
    cr_expect_not_null(strstr(json_str_or(x.doc, "warning", ""), "outbox"), "%s", x.body);
    answer_clear(&x);
    outbox_done(&entry);
    x = status_of("job_waits", 404, "not_found");
    answer_clear(&x);
    deploy_request_clear(&r);
}

Test(api_status, a_202_without_an_event_is_no_404_while_the_link_is_down)
{
    static const struct fault_step steps[] = {
        {.op = "PutItem", .fault = FAULT_LINK_DOWN}
    };
    struct fault_proxy *p = fault_proxy_start_script(cloud_port(a.cloud.local), steps, 1);
    char url[64];

    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u", (unsigned)fault_proxy_port(p));
    struct ops *o = ops_cloud_at(&a.cloud, url);
    api_cloud_again(&a, o);
    struct answer x = api_expect(&a, "POST", "/deploy", NULL, api_good, 202, "");
    cr_expect(cJSON_IsNull(json_get(x.doc, "eventId")), "%s", x.body);
    struct answer y = status_of(json_str_or(x.doc, "jobId", ""), 200, "");
    cr_expect_str_eq(json_str_or(y.doc, "jobId", ""), json_str_or(x.doc, "jobId", "-"));
    answer_clear(&y);
    answer_clear(&x);
    api_cloud_again(&a, a.cloud.ops);
    ops_free(o);
    fault_proxy_stop(p);
}

Test(api_status, a_202_says_where_the_job_is)
{
    static const char key[] = "Idempotency-Key: k1\r\n";
    char first[200];
    char again[200];
    struct answer x = api_expect(&a, "POST", "/deploy", key, api_good, 202, "");
    struct answer y = api_expect(&a, "POST", "/deploy", key, api_good, 202, "");
    char *want = xasprintf("/status/%s", json_str_or(x.doc, "jobId", "-"));

    cr_expect_str_eq(answer_header(&x, "Location", first, sizeof first), want);
    cr_expect_str_eq(answer_header(&y, "Location", again, sizeof again), want, "a replay too");
    struct answer z = api_expect(&a, "GET", first, NULL, NULL, 200, "");
    answer_clear(&x);
    answer_clear(&y);
    answer_clear(&z);
    free(want);
}

static uint64_t batch_calls(void)
{
    return aws_client_calls(a.cloud.ops->aws, AWS_OP_BATCH_LIST_JOBS, E_OK) +
           aws_client_calls(a.cloud.ops->aws, AWS_OP_BATCH_DESCRIBE_JOBS, E_OK);
}

static uint64_t record_reads(void)
{
    return aws_client_calls(a.cloud.ops->aws, AWS_OP_DDB_GET_ITEM, E_OK);
}

Test(api_status, batch_is_asked_once_of_a_job_that_is_over)
{
    ops_cloud_put(&a.cloud, "{\"jobId\":{\"S\":\"j1\"},\"userId\":{\"S\":\"u\"},\"status\":{\"S\":"
                            "\"COMPLETED\"},\"createdAt\":{\"S\":\"2025-08-20T10:00:00.000Z\"}}");
    struct answer first = status_of("j1", 200, "");
    uint64_t calls = batch_calls();
    uint64_t reads = record_reads();
    cr_expect_gt(calls, 0);
    for (int i = 0; i < 3; i++) {
        struct answer x = status_of("j1", 200, "");
        cr_expect_str_eq(x.body, first.body);
        answer_clear(&x);
    }
    cr_expect_eq(batch_calls(), calls);
    cr_expect_eq(record_reads(), reads + 3, "one GetItem a request");
    answer_clear(&first);
    ops_cloud_put(&a.cloud, "{\"jobId\":{\"S\":\"j1\"},\"userId\":{\"S\":\"u\"},\"status\":{\"S\":"
                            "\"FAILED\"},\"createdAt\":{\"S\":\"2025-08-20T10:00:00.000Z\"}}");
    first = status_of("j1", 200, "");
    cr_expect_str_eq(json_str_or(first.doc, "status", ""), "FAILED", "its record is another one");
    answer_clear(&first);
}

Test(api_status, a_job_that_goes_on_is_asked_of_each_time)
{
    ops_cloud_put(&a.cloud, "{\"jobId\":{\"S\":\"j2\"},\"userId\":{\"S\":\"u\"},\"status\":{\"S\":"
                            "\"IN_PROGRESS\"},\"createdAt\":{\"S\":\"2025-08-20T10:00:00.000Z\"}}");
    struct answer x = status_of("j2", 200, "");
    uint64_t calls = batch_calls();
    answer_clear(&x);
    x = status_of("j2", 200, "");
    cr_expect_gt(batch_calls(), calls);
    answer_clear(&x);
}

/* ---- what is not told ---- */

Test(api_status, a_reason_does_not_say_who_is_at_which_machine)
{
    ops_cloud_put(&a.cloud,
                  "{\"jobId\":{\"S\":\"j3\"},\"userId\":{\"S\":\"u\"},\"status\":{\"S\":"
                  "\"CANCELLED\"},\"statusReason\":{\"S\":\"mvpdash root@build7: API: too late\"},"
                  "\"createdAt\":{\"S\":\"2025-08-20T10:00:00.000Z\"}}");
    struct answer x = status_of("j3", 200, "");
    cr_expect_null(strstr(x.body, "root@"), "%s", x.body);
    cr_expect_not_null(strstr(x.body, "API: too late"), "%s", x.body);
    answer_clear(&x);
    x = api_expect(&a, "GET", "/jobs/u", NULL, NULL, 200, "");
    cr_expect_null(strstr(x.body, "root@"), "%s", x.body);
    answer_clear(&x);
    /* The error that repeats the sentence must not hold the secret either. */
    x = api_expect(&a, "DELETE", "/jobs/j3", NULL, NULL, 409, "conflict");
    cr_expect_null(strstr(x.body, "root@"), "%s", x.body);
    cr_expect_not_null(strstr(x.body, "mvpdash: API: too late"), "%s", x.body);
    answer_clear(&x);
}

Test(api_status, a_503_names_no_path)
{
    char *dir = path_join(a.cloud.ops->state_dir, "outbox");
    char *aside = xasprintf("%s.aside", dir);

    free(api_deploy(&a, "u"));
    cr_assert_eq(rename(dir, aside), 0);
    /* a file stands in the folder's place */
    cr_assert_eq(path_write_atomic(dir, "x", 1, 0600, NULL), E_OK);
    struct answer x = api_expect(&a, "POST", "/deploy", NULL, api_good, 503, "storage");
    cr_expect_null(strstr(x.body, a.cloud.ops->state_dir), "%s", x.body);
    cr_expect_not_null(strstr(x.body, "a file of the server"), "%s", x.body);
    answer_clear(&x);
    cr_assert_eq(unlink(dir), 0);
    cr_assert_eq(rename(aside, dir), 0);
    free(aside);
    free(dir);
}

Test(api_status, paths_and_people_are_hidden_and_nothing_else)
{
    static const char *const paths[][2] = {
        {"/root/.local/x.json: cannot keep it", "a file of the server: cannot keep it"         },
        {"cannot open \"/etc/a b\": no",        "cannot open \"a file of the server\": no"     },
        {"(/tmp/x), /y.",                       "(a file of the server), a file of the server."},
        {"http://h/x and 1/2 and and/or / //",  "http://h/x and 1/2 and and/or / //"           },
        {"log group /aws/batch/job",            "log group /aws/batch/job"                     },
        {"",                                    ""                                             },
    };
    static const char *const people[][2] = {
        {"mvpdash root@h: x",         "mvpdash: x"       },
        {"mvpdash root@h",            "mvpdash"          },
        {"was: mvpdash a.b@c-d: e@f", "was: mvpdash: e@f"},
        {"mvpdash said x@y",          "mvpdash said x@y" },
        {"host@x",                    "host@x"           },
        {"",                          ""                 },
    };

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        char *s = hide_paths(paths[i][0]);
        cr_expect_str_eq(s, paths[i][1], "%s", s);
        free(s);
    }
    for (size_t i = 0; i < sizeof people / sizeof *people; i++) {
        char *s = hide_actor(people[i][0]);
        cr_expect_str_eq(s, people[i][1], "%s", s);
        free(s);
    }
    cr_expect_null(hide_actor(NULL));
}
