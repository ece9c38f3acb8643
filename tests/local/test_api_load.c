/* The REST API when AWS keeps silent and when there is no room: each request ends in time, and who
 * asks whether the server is well is always answered. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api_cloud.h"
#include "core/json.h"
#include "core/path.h"
#include "fake_http.h"
#include "src/api/limits.h"

static struct api_cloud a;
static struct fake_http *aws;
static struct ops *slow;

/* The API on an AWS that answers by `answer`. */
static void start_on(fake_answer answer, const struct api_options *o)
{
    api_cloud_start(&a, NULL, o);
    aws = fake_http_start_with(answer, NULL);
    slow = ops_cloud_at(&a.cloud, fake_http_url(aws));
    api_cloud_again(&a, slow);
}

static void teardown(void)
{
    ops_stop(slow, true);
    api_cloud_again(&a, a.cloud.ops);
    ops_free(slow);
    fake_http_stop(aws);
    api_cloud_stop(&a);
}

TestSuite(api_load, .timeout = 120);

static struct fake_reply hang(void *arg, const struct fake_request *r, size_t n)
{
    (void)arg;
    (void)r;
    (void)n;
    return (struct fake_reply){.deed = FAKE_HANG};
}

Test(api_load, while_aws_hangs_each_request_ends_in_time_and_health_answers_all_the_while)
{
    enum { CLIENTS = 270 };
    static const char ask[] = "GET /status/x HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    int fds[CLIENTS];
    int answered = 0;
    char seconds[16];

    start_on(hang, &(struct api_options){.access_log = "", .timeout_ms = 8000, .connections = 260});
    for (int i = 0; i < CLIENTS; i++) {
        fds[i] = api_connect(&a);
        cr_assert_eq(send(fds[i], ask, sizeof ask - 1, MSG_NOSIGNAL), sizeof ask - 1);
    }
    int64_t began = clock_mono_ms(NULL);
    answer_drop(api_expect(&a, "GET", "/healthz", NULL, NULL, 200, ""));
    answer_drop(api_expect(&a, "GET", "/metrics", NULL, NULL, 200, ""));
    struct answer ready = api_ask(&a, "GET", "/readyz", NULL, NULL);
    cr_expect_eq(ready.status, 503, "%d %s", ready.status, ready.body);
    cr_expect_neq(answer_header(&ready, "Retry-After", seconds, sizeof seconds)[0], '\0');
    answer_clear(&ready);
    char byte;
    cr_expect_lt(recv(fds[0], &byte, 1, MSG_PEEK | MSG_DONTWAIT), 0, "they waited for the others");
    for (int i = 0; i < CLIENTS; i++) {
        char buf[4096] = "";
        ssize_t n = api_read(fds[i], buf, sizeof buf - 1);
        bool well = n > 0 && strncmp(buf, "HTTP/1.1 503 ", 13) == 0 &&
                    strstr(buf, "\r\nRetry-After: ") != NULL;
        cr_expect(well, "%d: %.200s", i, buf);
        answered += well;
        (void)close(fds[i]);
    }
    cr_expect_eq(answered, CLIENTS);
    cr_expect_lt(clock_mono_ms(NULL) - began, 25000, "over their time");
    teardown();
}

/* The table answers; the bus never does. */
static struct fake_reply no_bus(void *arg, const struct fake_request *r, size_t n)
{
    char target[128];
    const char *op = strchr(fake_header(r, "X-Amz-Target", target, sizeof target), '.');

    (void)arg;
    (void)n;
    if (op != NULL && strcmp(op, ".PutItem") == 0) {
        return (struct fake_reply){.headers = "Content-Type: application/x-amz-json-1.0\r\n",
                                   .body = "{}"};
    }
    if (op == NULL) { /* STS tells whose keys these are */
        return (struct fake_reply){
            .headers = "Content-Type: text/xml\r\n",
            .body = "<GetCallerIdentityResponse><GetCallerIdentityResult>"
                    "<Arn>arn:aws:iam::111122223333:user/u</Arn><UserId>A</UserId>"
                    "<Account>111122223333</Account></GetCallerIdentityResult>"
                    "</GetCallerIdentityResponse>"};
    }
    return (struct fake_reply){.deed = FAKE_HANG};
}

Test(api_load, a_deploy_whose_bus_is_silent_is_kept_and_answered_in_time)
{
    start_on(no_bus, &(struct api_options){.access_log = "", .timeout_ms = 3000});
    int64_t began = clock_mono_ms(NULL);
    struct answer x =
        api_expect(&a, "POST", "/deploy", NULL, "{\"userId\":\"u\",\"productId\":\"p\"}", 202, "");
    cr_expect(cJSON_IsNull(json_get(x.doc, "eventId")), "%s", x.body);
    cr_expect_lt(clock_mono_ms(NULL) - began, 15000);
    cr_expect_eq(ops_outbox_len(slow), 1);
    answer_clear(&x);
    teardown();
}

static int records_put(void)
{
    const struct fake_request *r;
    char target[128];
    int n = 0;

    for (size_t i = 0; (r = fake_http_request(aws, i)) != NULL; i++) {
        n += strstr(fake_header(r, "X-Amz-Target", target, sizeof target), ".PutItem") != NULL;
    }
    return n;
}

Test(api_load, a_key_holds_while_aws_is_silent)
{
    static const char key[] = "Idempotency-Key: order-1\r\n";
    static const char body[] = "{\"userId\":\"u\",\"productId\":\"p\"}";
    char text[80];

    start_on(no_bus, &(struct api_options){.access_log = "", .timeout_ms = 3000});
    struct answer first = api_expect(&a, "POST", "/deploy", key, body, 202, "");
    int before = records_put();
    cr_expect_gt(before, 0);
    struct answer again = api_expect(&a, "POST", "/deploy", key, body, 202, "");
    cr_expect_eq(records_put(), before, "AWS is not asked again");
    cr_expect_str_eq(again.body, first.body);
    cr_expect_str_eq(answer_header(&again, "Idempotent-Replayed", text, sizeof text), "true");
    answer_clear(&first);
    answer_clear(&again);
    cr_expect_eq(ops_outbox_len(slow), 1, "one job");
    teardown();
}

Test(api_load, a_key_is_free_again_when_aws_was_silent_all_the_while)
{
    static const char key[] = "Idempotency-Key: order-1\r\n";
    static const char body[] = "{\"userId\":\"u\",\"productId\":\"p\"}";
    char seconds[16];

    start_on(hang, &(struct api_options){.access_log = "", .timeout_ms = 2000});
    int64_t began = clock_mono_ms(NULL);
    struct answer x = api_ask(&a, "POST", "/deploy", key, body);
    cr_expect_eq(x.status, 503, "%d %s", x.status, x.body);
    cr_expect_gt(atoi(answer_header(&x, "Retry-After", seconds, sizeof seconds)), 0);
    cr_expect_lt(clock_mono_ms(NULL) - began, 15000);
    answer_clear(&x);
    cr_expect_eq(ops_outbox_len(slow), 0);
    ops_stop(slow, true);
    api_cloud_again(&a, a.cloud.ops); /* the same state, and AWS is there again */
    answer_drop(api_expect(&a, "POST", "/deploy", key, body, 202, ""));
    teardown();
}

Test(api_load, silent_connections_make_room_for_who_asks)
{
    enum { SILENT = 40 };
    int fds[SILENT];

    api_cloud_start(&a, NULL, &(struct api_options){.access_log = "", .connections = 16});
    for (int i = 0; i < SILENT; i++) {
        fds[i] = api_connect(&a);
    }
    /* A connection makes room when it was silent for a quarter of a second: whoever asks before
     * that is told to come again. */
    int64_t until = clock_mono_ms(NULL) + 30000;
    for (int served = 0; served < 5;) {
        struct answer x = api_ask(&a, "GET", "/jobs/u", NULL, NULL);
        bool early = x.status == 503 && strcmp(answer_code(&x), "too_many_connections") == 0 &&
                     clock_mono_ms(NULL) < until;
        cr_assert(early || x.status == 200, "%d %s", x.status, x.body);
        served += !early;
        answer_clear(&x);
        (void)ops_sleep(a.cloud.ops, early ? 100 : 0);
    }
    struct answer x = api_expect(&a, "GET", "/metrics", NULL, NULL, 200, "");
    const char *line = strstr(x.body, "\nmvpdash_http_connections_refused_total{full=\"all\"} ");
    cr_assert_not_null(line);
    cr_expect_gt(atoi(strchr(line, '}') + 1), 0);
    answer_clear(&x);
    for (int i = 0; i < SILENT; i++) {
        (void)close(fds[i]);
    }
    api_cloud_stop(&a);
}

/* ---- behind a proxy, and the log ---- */

Test(api_load, behind_a_believed_proxy_each_client_has_its_own_rate)
{
    int refused = 0;

    api_cloud_start(
        &a, NULL,
        &(struct api_options){.access_log = "", .rate = 2, .proxies = "10.0.0.0/8,127.0.0.1"});
    int64_t began = clock_mono_ms(NULL);
    for (int i = 0; i < 12; i++) {
        struct answer x =
            api_ask(&a, "GET", "/openapi.json", "X-Forwarded-For: 192.0.2.1\r\n", NULL);
        refused += x.status == 429;
        answer_clear(&x);
    }
    int64_t took = clock_mono_ms(NULL) - began;
    cr_expect_geq(refused, 12 - 2 * 2 - 1 - 2 * took / 1000, "%d in %lld ms", refused,
                  (long long)took);
    answer_drop(
        api_expect(&a, "GET", "/openapi.json", "X-Forwarded-For: 192.0.2.2\r\n", NULL, 200, ""));
    answer_drop(api_expect(&a, "GET", "/openapi.json",
                           "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-For: 192.0.2.3\r\n", NULL,
                           200, ""));
    answer_drop(
        api_expect(&a, "GET", "/openapi.json", "Forwarded: for=192.0.2.4\r\n", NULL, 200, ""));
    api_cloud_stop(&a);
}

Test(api_load, a_stranger_cannot_say_that_it_is_another)
{
    int refused = 0;

    api_cloud_start(&a, NULL, &(struct api_options){.access_log = "", .rate = 2});
    int64_t began = clock_mono_ms(NULL);
    for (int i = 0; i < 20; i++) {
        char head[64];
        (void)snprintf(head, sizeof head, "X-Forwarded-For: 192.0.2.%d\r\n", i);
        struct answer x = api_ask(&a, "GET", "/openapi.json", head, NULL);
        refused += x.status == 429;
        answer_clear(&x);
    }
    int64_t took = clock_mono_ms(NULL) - began;
    cr_expect_geq(refused, 20 - 2 * 2 - 1 - 2 * took / 1000, "%d in %lld ms", refused,
                  (long long)took);
    api_cloud_stop(&a);
}

Test(api_load, an_address_over_its_limit_loses_its_idlest_connection)
{
    enum { SILENT = 12 };
    int fds[SILENT];

    api_cloud_start(&a, NULL,
                    &(struct api_options){.access_log = "", .connections = 64, .per_address = 4});
    for (int i = 0; i < SILENT; i++) {
        fds[i] = api_connect(&a);
    }
    /* None of the connections was silent for long enough to be closed: until one is, the server
     * refuses the new connection. */
    int status = 0;
    int64_t until = clock_mono_ms(NULL) + 50000;
    while (status != 200 && clock_mono_ms(NULL) < until) {
        struct answer x = api_ask(&a, "GET", "/jobs/u", NULL, NULL);
        status = x.status;
        answer_clear(&x);
    }
    cr_expect_eq(status, 200);
    struct answer x = api_expect(&a, "GET", "/metrics", NULL, NULL, 200, "");
    const char *line =
        strstr(x.body, "\nmvpdash_http_connections_refused_total{full=\"address\"} ");
    cr_assert_not_null(line);
    cr_expect_gt(atoi(strchr(line, '}') + 1), 0);
    answer_clear(&x);
    for (int i = 0; i < SILENT; i++) {
        (void)close(fds[i]);
    }
    api_cloud_stop(&a);
}

Test(api_load, refused_requests_fill_no_log_and_are_counted)
{
    enum { REFUSED = 60 };
    char path[] = "/tmp/mvpdash-access-XXXXXX";
    int fd = mkstemp(path);
    char *text = NULL;
    int lines = 0;
    int left_out = 0;

    cr_assert_geq(fd, 0);
    (void)close(fd);
    api_cloud_start(&a, NULL, &(struct api_options){.access_log = path});
    for (int i = 0; i < REFUSED; i++) {
        answer_drop(api_expect(&a, "GET", "/nothing/here", NULL, NULL, 404, "no_route"));
    }
    int64_t until = clock_mono_ms(NULL) + 50000;
    while (lines + left_out < REFUSED && clock_mono_ms(NULL) < until) {
        answer_drop(
            /* each answer lets the log tell of more requests */
            api_expect(&a, "GET", "/healthz", NULL, NULL, 200, ""));
        free(text);
        cr_assert_eq(path_read(path, 64 << 20, &text, NULL, NULL), E_OK);
        lines = left_out = 0;
        for (const char *p = text; (p = strstr(p, "\"code\":\"no_route\"")) != NULL; p++) {
            lines++;
        }
        for (const char *p = text; (p = strstr(p, "\"refusedNotLogged\":")) != NULL; p++) {
            left_out += atoi(p + 19);
        }
    }
    free(text);
    cr_expect_eq(lines + left_out, REFUSED, "%d and %d", lines, left_out);
    cr_expect_gt(left_out, 0);
    api_cloud_stop(&a);
    (void)unlink(path);
}

/* ---- what fits ---- */

TestSuite(api_limits, .timeout = 120);

Test(api_limits, all_that_may_be_open_fits)
{
    static const long descriptors[] = {200, 256, 300, 512, 1024, 4096, 20000, 1048576};
    static const int wanted[] = {1, 16, 256, 10000};

    for (size_t i = 0; i < sizeof descriptors / sizeof *descriptors; i++) {
        for (size_t k = 0; k < sizeof wanted / sizeof *wanted; k++) {
            struct limits l;
            if (!limits_divide(descriptors[i], wanted[k], &l)) {
                cr_expect_lt(descriptors[i], 256, "%ld", descriptors[i]);
                continue;
            }
            cr_expect_geq(l.connections, 1);
            cr_expect_leq(l.connections, wanted[k]);
            cr_expect_geq(l.at_once, 2);
            cr_expect_gt(l.outbound, l.at_once);
            cr_expect_leq(l.connections + 4 * l.at_once + 6 * l.outbound, descriptors[i] - 64,
                          "%ld, %d", descriptors[i], wanted[k]);
        }
    }
    struct limits l;
    cr_assert(limits_divide(1024, 256, &l));
    cr_expect_eq(l.connections, 256);
    cr_expect_not(limits_divide(64, 1, &l));
}
