/* The routes and their errors over real HTTP, against the local cloud. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api_cloud.h"
#include "aws/attr.h"
#include "aws/dynamodb.h"
#include "core/alloc.h"
#include "core/json.h"
#include "core/strbuf.h"
#include "fake_http.h"
#include "jobs/job_json.h"
#include "ops/job_ops.h"
#include "src/api/meter.h"
#include "src/api/process.h"

static struct api_cloud a;

static void setup(void)
{
    api_cloud_start(&a, NULL, NULL);
}

static void teardown(void)
{
    api_cloud_stop(&a);
}

TestSuite(api, .init = setup, .fini = teardown, .timeout = 120);

/* ---- POST /deploy ---- */

Test(api, a_deploy_is_recorded_sent_and_answered_202)
{
    struct answer x = api_expect(
        &a, "POST", "/deploy", NULL,
        "{\"userId\":\"u1\",\"productId\":\"p1\",\"priority\":\"high\",\"founderdashDbUrl\":"
        "\"postgresql://u:geheim@h/d\",\"metadata\":{\"businessName\":\"Bäckerei\",\"features\":"
        "[\"a\"],\"other\":{\"n\":12345678901234567890}}}",
        202, "");
    const char *id = json_str(x.doc, "jobId");

    cr_assert_not_null(id);
    cr_expect_eq(cJSON_GetArraySize(x.doc), 3, "%s", x.body);
    cr_expect_str_eq(json_str_or(x.doc, "status", ""), "queued");
    cr_expect_gt(strlen(json_str_or(x.doc, "eventId", "")), 10);
    ops_cloud_wait_batch(&a.cloud, id, BATCH_SUCCEEDED);
    cr_expect_eq(ops_cloud_batch_jobs(&a.cloud, id), 1);
    cJSON *item = NULL;
    cr_assert_eq(ddb_get_item(a.cloud.ops->aws, a.cloud.ops->table, "jobId", id, true, &item, NULL),
                 E_OK);
    char *text = cJSON_PrintUnformatted(item);
    cr_expect_not_null(strstr(text, "12345678901234567890"), "numbers to the digit: %s", text);
    cr_expect_not_null(strstr(text, "Bäckerei"));
    cr_expect_null(strstr(text, "geheim"));
    free(text);
    cJSON_Delete(item);
    answer_clear(&x);
}

static const struct bad_body {
    const char *name, *body, *says;
} bad_bodies[] = {
    {"not JSON",                "{",                                                                             "body"                    },
    {"nothing",                 "",                                                                              "body"                    },
    {"two documents",           "{\"userId\":\"u\",\"productId\":\"p\"} {}",                                     "body"                    },
    {"an array",                "[]",                                                                            "object"                  },
    {"no user",                 "{\"productId\":\"p\"}",                                                         "userId"                  },
    {"no product",              "{\"userId\":\"u\"}",                                                            "productId"               },
    {"a wrong type",            "{\"userId\":5,\"productId\":\"p\"}",                                            "userId"                  },
    {"a bad priority",          "{\"userId\":\"u\",\"productId\":\"p\",\"priority\":\"x\"}",                     "priority"                },
    {"an unknown field",        "{\"userId\":\"u\",\"productId\":\"p\",\"colour\":\"x\"}",                       "colour"                  },
    {"a misplaced field",       "{\"userId\":\"u\",\"productId\":\"p\",\"businessName\":\"x\"}",
     "businessName"                                                                                                                        },
    {"a job id",                "{\"userId\":\"u\",\"productId\":\"p\",\"jobId\":\"x\"}",                        "jobId"                   },
    {"a timestamp",             "{\"userId\":\"u\",\"productId\":\"p\",\"timestamp\":\"2025-01-01T00:00:00Z\"}",
     "timestamp"                                                                                                                           },
    {"a member twice",          "{\"userId\":\"u\",\"productId\":\"p\",\"userId\":\"v\"}",                       "userId"                  },
    {"a deep member twice",
     "{\"userId\":\"u\",\"productId\":\"p\",\"metadata\":{\"a\":[{\"b\":1,\"b\":2}]}}",                          "metadata.a[0].b is given"},
    {"metadata of no kind",     "{\"userId\":\"u\",\"productId\":\"p\",\"metadata\":3}",                         "metadata"                },
    {"a wrong email",           "{\"userId\":\"u\",\"productId\":\"p\",\"metadata\":{\"userEmail\":\"x\"}}",
     "userEmail"                                                                                                                           },
    {"a short estimate",
     "{\"userId\":\"u\",\"productId\":\"p\",\"metadata\":{\"estimatedDuration\":1}}",                            "estimatedDuration"       },
    {"a bad URL",               "{\"userId\":\"u\",\"productId\":\"p\",\"founderdashDbUrl\":\"geheim\"}",
     "founderdashDbUrl"                                                                                                                    },
    {"a control character",     "{\"userId\":\"u\",\"productId\":\"p\\u0001\"}",                                 "productId"               },
    {"bytes that are no UTF-8", "{\"userId\":\"u\",\"productId\":\"\xff\"}",                                     "UTF-8"                   },
};

Test(api, a_bad_body_is_named_and_does_nothing)
{
    for (size_t i = 0; i < sizeof bad_bodies / sizeof *bad_bodies; i++) {
        struct answer x =
            api_expect(&a, "POST", "/deploy", NULL, bad_bodies[i].body, 400, "bad_request");
        cr_expect_not_null(strstr(x.body, bad_bodies[i].says), "%s: %s", bad_bodies[i].name,
                           x.body);
        cr_expect_null(strstr(x.body, "geheim"), "%s", x.body);
        answer_clear(&x);
    }
    struct ddb_page p;
    cr_assert_eq(
        ddb_scan(a.cloud.ops->aws, &(struct ddb_read){.table = a.cloud.ops->table}, &p, NULL),
        E_OK);
    cr_expect_eq(p.count, 0, "nothing was written");
    ddb_page_clear(&p);
}

Test(api, the_body_must_be_json_and_small)
{
    answer_drop(api_expect(&a, "POST", "/deploy", "Content-Type: text/plain\r\n", api_good, 415,
                           "not_json"));
    answer_drop(api_expect(&a, "POST", "/deploy", "Content-Type: application/jsonx\r\n", api_good,
                           415, "not_json"));
    answer_drop(api_expect(&a, "POST", "/deploy", NULL, NULL, 415, "not_json"));
    answer_drop(api_expect(&a, "POST", "/deploy",
                           "Content-Type: application/json; charset=UTF-8\r\n", api_good, 202, ""));
    struct strbuf b = STRBUF_INIT;
    strbuf_adds(&b, "{\"userId\":\"u\",\"productId\":\"p\",\"metadata\":{\"x\":\"");
    while (b.len < (size_t)257 * 1024) {
        strbuf_adds(&b, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    }
    strbuf_adds(&b, "\"}}");
    answer_drop(api_expect(&a, "POST", "/deploy", NULL, b.data, 413, "too_large"));
    /* The length that is announced is far too long: the answer comes before the body is sent. */
    struct answer x = api_expect(&a, "POST", "/deploy",
                                 "Content-Type: application/json\r\nContent-Length: 99999999\r\n",
                                 NULL, 413, "too_large");
    answer_clear(&x);
    /* The body comes in pieces, without a length. */
    struct strbuf chunked = STRBUF_INIT;
    strbuf_addf(&chunked,
                "POST /deploy HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: "
                "application/json\r\nTransfer-Encoding: chunked\r\n\r\n%zx\r\n",
                b.len);
    strbuf_add(&chunked, b.data, b.len);
    strbuf_adds(&chunked, "\r\n0\r\n\r\n");
    x = api_raw(&a, chunked.data, chunked.len);
    cr_expect_eq(x.status, 413, "%d", x.status);
    answer_clear(&x);
    strbuf_reset(&chunked);
    strbuf_addf(&chunked,
                "POST /deploy HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: "
                "application/json\r\nTransfer-Encoding: chunked\r\n\r\n%zx\r\n%s\r\n0\r\n\r\n",
                strlen(api_good), api_good);
    x = api_raw(&a, chunked.data, chunked.len);
    cr_expect_eq(x.status, 202, "%d %s", x.status, x.body);
    answer_clear(&x);
    strbuf_clear(&chunked);
    strbuf_clear(&b);
}

/* ---- GET /status, DELETE /jobs ---- */

Test(api, a_job_is_served_in_the_shape_that_the_command_prints)
{
    char *id = api_deploy(&a, "u1");
    char *target = xasprintf("/status/%s", id);
    struct job_detail *d = NULL;

    ops_cloud_wait_batch(&a.cloud, id, BATCH_SUCCEEDED);
    struct answer x = api_expect(&a, "GET", target, NULL, NULL, 200, "");
    cr_assert_eq(ops_job_get(a.cloud.ops, id, false, &d, NULL), E_OK);
    cJSON *want = job_json(d->job, d->batch, &d->state, NULL, NULL);
    cr_expect(cJSON_Compare(x.doc, want, true), "%s", x.body);
    cJSON_Delete(want);
    job_detail_free(d);
    answer_clear(&x);
    free(target);
    free(id);
}

Test(api, without_batch_the_records_state_is_served_with_a_warning)
{
    char *id = api_deploy(&a, "u1");
    char *target = xasprintf("/status/%s", id);
    char url[64];

    ops_cloud_wait_batch(&a.cloud, id, BATCH_SUCCEEDED);
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%d", fake_closed_port());
    (void)setenv("AWS_ENDPOINT_URL_BATCH", url, 1);
    struct ops *deaf = ops_cloud_again(&a.cloud);
    api_cloud_again(&a, deaf);
    struct answer x = api_expect(&a, "GET", target, NULL, NULL, 200, "");
    cr_expect_not_null(strstr(json_str_or(x.doc, "warning", ""), url + strlen("http://")), "%s",
                       x.body);
    answer_clear(&x);
    x = api_expect(&a, "GET", "/jobs/u1", NULL, NULL, 200, "");
    cr_expect_not_null(strstr(json_str_or(x.doc, "warning", ""), url + strlen("http://")), "%s",
                       x.body);
    answer_clear(&x);
    (void)unsetenv("AWS_ENDPOINT_URL_BATCH");
    api_cloud_again(&a, a.cloud.ops);
    ops_free(deaf);
    free(target);
    free(id);
}

Test(api, an_unknown_job_is_404)
{
    answer_drop(api_expect(&a, "GET", "/status/job_1_nothing00", NULL, NULL, 404, "not_found"));
    answer_drop(api_expect(&a, "DELETE", "/jobs/job_1_nothing00", NULL, NULL, 404, "not_found"));
    answer_drop(
        api_expect(&a, "GET", "/status/..%2F..%2Fetc%2Fpasswd", NULL, NULL, 404, "not_found"));
    answer_drop(api_expect(&a, "GET", "/status/%C3%A4%20%22", NULL, NULL, 404, "not_found"));
}

Test(api, a_final_job_cannot_be_cancelled)
{
    char *id = api_deploy(&a, "u1");
    char *target = xasprintf("/jobs/%s?reason=not%%20wanted", id);

    ops_cloud_wait_batch(&a.cloud, id, BATCH_SUCCEEDED);
    ops_cloud_put(&a.cloud, "{\"jobId\":{\"S\":\"done\"},\"status\":{\"S\":\"COMPLETED\"}}");
    answer_drop(api_expect(&a, "DELETE", "/jobs/done", NULL, NULL, 409, "conflict"));
    ops_cloud_put(&a.cloud, "{\"jobId\":{\"S\":\"open\"},\"status\":{\"S\":\"PENDING\"}}");
    struct answer x = api_expect(&a, "DELETE", "/jobs/open?reason=not+wanted", NULL, NULL, 200, "");
    cr_expect_str_eq(x.body, "{\"jobId\":\"open\",\"status\":\"cancelled\"}");
    answer_clear(&x);
    answer_drop(api_expect(&a, "DELETE", "/jobs/open", NULL, NULL, 409, "conflict"));
    x = api_expect(&a, "GET", "/status/open", NULL, NULL, 200, "");
    cr_expect_str_eq(json_str_or(x.doc, "status", ""), "CANCELLED");
    cr_expect_not_null(strstr(json_str_or(x.doc, "statusReason", ""), "API: not wanted"), "%s",
                       x.body);
    answer_clear(&x);
    free(target);
    free(id);
}

/* ---- the request line ---- */

static const struct line_case {
    const char *method, *target;
    int status;
    const char *code, *allow;
} lines[] = {
    {"GET",     "/",                                  404, "no_route",           ""                 },
    {"GET",     "/nothing",                           404, "no_route",           ""                 },
    {"GET",     "/status",                            404, "no_route",           ""                 },
    {"GET",     "/status/",                           404, "no_route",           ""                 },
    {"GET",     "/status/a/b",                        404, "no_route",           ""                 },
    {"GET",     "//status/a",                         404, "no_route",           ""                 },
    {"GET",     "/status/a/",                         404, "no_route",           ""                 },
    {"GET",     "/a/b/c/d/e/f/g",                     404, "no_route",           ""                 },
    {"GET",     "/deploy",                            405, "method_not_allowed", "POST"             },
    {"POST",    "/jobs/u",                            405, "method_not_allowed", "GET, HEAD, DELETE"},
    {"PUT",     "/healthz",                           405, "method_not_allowed", "GET, HEAD"        },
    {"OPTIONS", "/deploy",                            405, "method_not_allowed", "POST"             },
    {"GET",     "/status/%",                          400, "bad_request",        ""                 },
    {"GET",     "/status/%4",                         400, "bad_request",        ""                 },
    {"GET",     "/status/%zz",                        400, "bad_request",        ""                 },
    {"GET",     "/status/a%00b",                      400, "bad_request",        ""                 },
    {"GET",     "/status/a%0ab",                      400, "bad_request",        ""                 },
    {"GET",     "/status/%ff",                        400, "bad_request",        ""                 },
    {"GET",     "/status/%c0%af",                     400, "bad_request",        ""                 },
    {"GET",     "/status/a?x=1",                      400, "bad_request",        ""                 },
    {"GET",     "/jobs/u?limit=1&limit=2",            400, "bad_request",        ""                 },
    {"GET",     "/jobs/u?LIMIT=1",                    400, "bad_request",        ""                 },
    {"GET",     "/jobs/u?limit=0",                    400, "bad_request",        ""                 },
    {"GET",     "/jobs/u?limit=101",                  400, "bad_request",        ""                 },
    {"GET",     "/jobs/u?limit=1e1",                  400, "bad_request",        ""                 },
    {"GET",     "/jobs/u?limit=",                     400, "bad_request",        ""                 },
    {"GET",     "/jobs/u?limit=-1",                   400, "bad_request",        ""                 },
    {"GET",     "/jobs/u?limit=99999999999999999999", 400, "bad_request",        ""                 },
    {"GET",     "/jobs/u?status=DONE",                400, "bad_request",        ""                 },
    {"GET",     "/jobs/u?status=",                    400, "bad_request",        ""                 },
    {"GET",     "/jobs/u?cursor=x",                   400, "bad_request",        ""                 },
    {"GET",     "/jobs/u?cursor=",                    400, "bad_request",        ""                 },
    {"GET",     "/jobs/u?cursor=e30",                 400, "bad_request",        ""                 },
    {"GET",     "/openapi.json?x",                    400, "bad_request",        ""                 },
    {"GET",     "http://x/healthz",                   403, "host_not_allowed",   ""                 },
    {"GET",     "http://localhost/none",              404, "no_route",           ""                 },
    {"GET",     "http://u@localhost/healthz",         400, "bad_request",        ""                 },
    {"GET",     "*",                                  400, "bad_request",        ""                 },
};

Test(api, a_request_line_that_fits_nothing_is_refused_by_name)
{
    char allow[80];

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct answer x = api_expect(&a, lines[i].method, lines[i].target, NULL, NULL,
                                     lines[i].status, lines[i].code);
        cr_expect_str_eq(answer_header(&x, "Allow", allow, sizeof allow), lines[i].allow, "%s",
                         lines[i].target);
        answer_clear(&x);
    }
}

Test(api, head_is_get_without_a_body)
{
    char length[32];
    struct answer x = api_ask(&a, "HEAD", "/healthz", NULL, NULL);

    cr_expect_eq(x.status, 200);
    cr_expect_str_eq(x.body, "");
    cr_expect_gt(atoi(answer_header(&x, "Content-Length", length, sizeof length)), 10);
    answer_clear(&x);
    x = api_ask(&a, "HEAD", "/status/none", NULL, NULL);
    cr_expect_eq(x.status, 404);
    answer_clear(&x);
}

Test(api, a_sane_request_id_is_echoed_and_another_replaced)
{
    char id[300];
    struct answer x = api_ask(&a, "GET", "/healthz", "X-Request-Id: web-1.2_3\r\n", NULL);

    cr_expect_str_eq(answer_header(&x, "X-Request-Id", id, sizeof id), "web-1.2_3");
    answer_clear(&x);
    x = api_ask(&a, "GET", "/healthz", "X-Request-Id: a\"b c\r\n", NULL);
    cr_expect_eq(strlen(answer_header(&x, "X-Request-Id", id, sizeof id)), 36, "%s", id);
    answer_clear(&x);
}

Test(api, a_body_where_none_is_taken_is_refused)
{
    answer_drop(
        api_expect(&a, "DELETE", "/jobs/x", NULL, "{\"reason\":\"r\"}", 400, "bad_request"));
    answer_drop(api_expect(&a, "GET", "/healthz", NULL, "{}", 200, ""));
    answer_drop(api_expect(&a, "GET", "/healthz", NULL, "hello", 400, "bad_request"));
}

Test(api, two_lengths_of_one_body_are_refused)
{
    static const char both[] =
        "POST /deploy HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: "
        "application/json\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    struct answer x = api_raw(&a, both, sizeof both - 1);

    cr_expect_eq(x.status, 400, "%d", x.status);
    answer_clear(&x);
}

/* ---- health, schema, numbers ---- */

Test(api, test_connection_gives_the_doctors_checks)
{
    struct answer x = api_ask(&a, "POST", "/test-connection", NULL, NULL);

    cr_expect(x.status == 200 || x.status == 503, "%d", x.status);
    cr_expect_gt(cJSON_GetArraySize(json_array(x.doc, "checks")), 10, "%s", x.body);
    cr_expect_eq(json_bool(x.doc, "ok", false), x.status == 200);
    answer_clear(&x);
}

Test(api, ready_is_asked_of_table_and_bus_and_not_of_aws_each_time)
{
    struct answer x = api_expect(&a, "GET", "/readyz", NULL, NULL, 200, "");
    uint64_t before = aws_client_calls(a.cloud.ops->aws, AWS_OP_EVENTS_DESCRIBE_EVENT_BUS, E_OK);

    cr_expect_str_eq(x.body, "{\"status\":\"ready\",\"checks\":[{\"name\":\"table\",\"ok\":true,"
                             "\"error\":null},{\"name\":\"bus\",\"ok\":true,\"error\":null}]}");
    answer_clear(&x);
    for (int i = 0; i < 5; i++) {
        answer_drop(api_expect(&a, "GET", "/readyz", NULL, NULL, 200, ""));
    }
    cr_expect_leq(aws_client_calls(a.cloud.ops->aws, AWS_OP_EVENTS_DESCRIBE_EVENT_BUS, E_OK),
                  before + 1);
}

Test(api, the_metrics_count_requests_calls_and_the_outbox)
{
    char *id = api_deploy(&a, "u1");

    answer_drop(api_expect(&a, "GET", "/nothing", NULL, NULL, 404, "no_route"));
    struct answer x = api_expect(&a, "GET", "/metrics", NULL, NULL, 200, "");
    static const char *const wanted[] = {
        "mvpdash_http_requests_total{method=\"POST\",route=\"/deploy\",code=\"202\"} 1\n",
        "mvpdash_http_requests_total{method=\"\",route=\"none\",code=\"404\"} 1\n",
        "mvpdash_http_request_duration_seconds_count{method=\"POST\",route=\"/deploy\"} 1\n",
        "mvpdash_http_request_duration_seconds_bucket{method=\"POST\",route=\"/"
        "deploy\",le=\"+Inf\"} "
        "1\n",
        "mvpdash_aws_calls_total{service=\"dynamodb\",operation=\"PutItem\",result=\"ok\"} 1\n",
        "mvpdash_aws_throttles_total 0\n",
        "mvpdash_outbox_entries 0\n"};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        cr_expect_not_null(strstr(x.body, wanted[i]), "%s in %s", wanted[i], x.body);
    }
    answer_clear(&x);
    free(id);
}

Test(api, the_metrics_leave_out_what_is_not_known)
{
    struct meter *m = meter_new();
    struct strbuf out = STRBUF_INIT;
    struct meter_now now = {
        .ops = a.cloud.ops,
        .http = {.accepted = 7, .tls_failed = 2, .full_address = 3},
        .scan_age_ms = TIME_NONE
    };
    static const char *const told[] = {
        "\nmvpdash_http_connections_accepted_total 7\n", "\nmvpdash_http_tls_failures_total 2\n",
        "\nmvpdash_http_connections_refused_total{full=\"address\"} 3\n",
        "{method=\"\",route=\"none\",code=\"304\"} 1\n",
        "{method=\"\",route=\"none\",code=\"other\"} 2\n"};

    meter_request(m, NULL, 304, 5);
    meter_request(m, NULL, 418, 5);
    meter_request(m, NULL, 599, 5);
    meter_print(m, &now, &out);
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        cr_expect_not_null(strstr(out.data, told[i]), "%s in %s", told[i], out.data);
    }
    cr_expect_null(strstr(out.data, "mvpdash_unindexed"), "no scan has ended");
    cr_expect_null(strstr(out.data, "mvpdash_outbox"), "the outbox could not be read");
    strbuf_reset(&out);
    now.scan_age_ms = 5500;
    now.outbox_known = true;
    meter_print(m, &now, &out);
    cr_expect_not_null(strstr(out.data, "\nmvpdash_unindexed_jobs 0\n"));
    cr_expect_not_null(strstr(out.data, "\nmvpdash_unindexed_scan_age_seconds 5.5\n"));
    cr_expect_not_null(strstr(out.data, "\nmvpdash_outbox_entries 0\n"));
    strbuf_clear(&out);
    meter_free(m);
}

Test(api, the_process_started_before_now_and_not_long_ago)
{
    double now_s = (double)clock_wall_ms(NULL) / 1000;
    struct process_now p;

    process_look(&p);
    cr_expect_leq(process_started_s(), now_s + 0.05);
    cr_expect_gt(process_started_s(), now_s - 3600);
    cr_expect_float_eq(process_started_s(), process_started_s(), 0.05);
    cr_expect_gt(p.virtual_bytes, p.resident_bytes);
    cr_expect_gt(p.resident_bytes, 1 << 20);
    cr_expect_geq(p.open_fds, 3);
    cr_expect_gt(p.max_fds, p.open_fds);
}

Test(api, the_schema_has_every_route)
{
    struct answer x = api_expect(&a, "GET", "/openapi.json", NULL, NULL, 200, "");
    const cJSON *paths = json_object(x.doc, "paths");
    char *text = api_routes_text();
    size_t n = 0;
    size_t operations = 0;
    const cJSON *path;

    for (const char *s = text; *s != '\0'; s++) {
        n += *s == '\n';
    }
    cJSON_ArrayForEach(path, paths)
    {
        operations += (size_t)cJSON_GetArraySize(path);
    }
    cr_expect_eq(operations, n);
    free(text);
    answer_clear(&x);
}

/* ---- AWS refuses, or is not there ---- */

Test(api, out_of_reach_is_503_and_nothing_is_left_behind)
{
    char *closed = xasprintf("http://127.0.0.1:%d", fake_closed_port());
    char seconds[16];

    (void)setenv("AWS_MAX_ATTEMPTS", "1", 1);
    struct ops *dead = ops_cloud_at(&a.cloud, closed);
    api_cloud_again(&a, dead);
    struct answer x = api_expect(&a, "POST", "/deploy", NULL, api_good, 503, "unreachable");
    cr_expect_gt(atoi(answer_header(&x, "Retry-After", seconds, sizeof seconds)), 0);
    answer_clear(&x);
    cr_expect_eq(ops_outbox_len(dead), 0, "a 503 means that it may be sent again");
    answer_drop(api_expect(&a, "GET", "/status/x", NULL, NULL, 503, "unreachable"));
    answer_drop(api_expect(&a, "GET", "/jobs/x", NULL, NULL, 503, "unreachable"));
    answer_drop(api_expect(&a, "DELETE", "/jobs/x", NULL, NULL, 503, "unreachable"));
    x = api_ask(&a, "GET", "/readyz", NULL, NULL);
    cr_expect_eq(x.status, 503);
    cr_expect_str_eq(json_str_or(x.doc, "status", ""), "not ready");
    answer_clear(&x);
    x = api_ask(&a, "POST", "/test-connection", NULL, NULL);
    cr_expect_eq(x.status, 503);
    cr_expect_not(json_bool(x.doc, "ok", true));
    answer_clear(&x);
    answer_drop(api_expect(&a, "GET", "/healthz", NULL, NULL, 200, ""));
    api_cloud_again(&a, a.cloud.ops);
    ops_free(dead);
    free(closed);
}

Test(api, what_aws_refuses_is_502_with_its_code)
{
    static const struct fake_reply denied[] = {
        {.status = 400,
         .body =
             "{\"__type\":\"com.amazon.coral.service#AccessDeniedException\",\"message\":\"User "
             "is not authorized\"}"}
    };
    struct fake_http *f = fake_http_start(denied, 1);
    struct ops *refused = ops_cloud_at(&a.cloud, fake_http_url(f));

    api_cloud_again(&a, refused);
    answer_drop(api_expect(&a, "POST", "/deploy", NULL, api_good, 502, "AccessDeniedException"));
    cr_expect_eq(ops_outbox_len(refused), 0);
    answer_drop(api_expect(&a, "GET", "/status/x", NULL, NULL, 502, "AccessDeniedException"));
    answer_drop(api_expect(&a, "DELETE", "/jobs/x", NULL, NULL, 502, "AccessDeniedException"));
    answer_drop(api_expect(&a, "GET", "/jobs/x", NULL, NULL, 502, "AccessDeniedException"));
    api_cloud_again(&a, a.cloud.ops);
    ops_free(refused);
    fake_http_stop(f);
}

Test(api, a_missing_table_is_no_missing_job)
{
    static const struct fake_reply missing[] = {
        {.status = 400,
         .body = "{\"__type\":\"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException\","
                 "\"message\":\"Requested resource not found\"}"}
    };
    struct fake_http *f = fake_http_start(missing, 1);
    struct ops *refused = ops_cloud_at(&a.cloud, fake_http_url(f));

    api_cloud_again(&a, refused);
    answer_drop(api_expect(&a, "GET", "/status/x", NULL, NULL, 502, "ResourceNotFoundException"));
    api_cloud_again(&a, a.cloud.ops);
    ops_free(refused);
    fake_http_stop(f);
}
