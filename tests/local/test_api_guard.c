/* What keeps the REST API safe: tokens, rates, slow and silent clients, the drain, the log. */
#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api_cloud.h"
#include "core/alloc.h"
#include "core/json.h"
#include "core/path.h"
#include "core/strbuf.h"
#include "fake_http.h"

#define WEB "web-token-0123456789"
#define CI "ci-token-0123456789"

static struct api_cloud a;

static void teardown(void)
{
    api_cloud_stop(&a);
}

TestSuite(api_guard, .fini = teardown, .timeout = 120);

static char *write_file(const char *name, const char *text, unsigned mode)
{
    char *path = path_join(a.cloud.dir == NULL ? "/tmp" : a.cloud.dir, name);

    cr_assert_eq(path_write_atomic(path, text, strlen(text), mode, NULL), E_OK);
    return path;
}

/* ---- tokens ---- */

Test(api_guard, all_but_the_open_routes_want_a_token)
{
    static const struct {
        const char *method, *target;
        int status;
        const char *code;
    } closed[] = {
        {"POST",   "/deploy",          401, "unauthorized"},
        {"GET",    "/status/x",        401, "unauthorized"},
        {"GET",    "/jobs/x",          401, "unauthorized"},
        {"DELETE", "/jobs/x",          401, "unauthorized"},
        {"POST",   "/test-connection", 401, "unauthorized"},
        {"GET",    "/metrics",         401, "unauthorized"},
        {"GET",    "/healthz",         200, ""            },
        {"GET",    "/readyz",          200, ""            },
        {"GET",    "/openapi.json",    200, ""            },
        {"GET",    "/nothing",         404, "no_route"    },
    };
    char how[80];

    api_cloud_start(&a, NULL, &(struct api_options){.access_log = "", .token = WEB});
    for (size_t i = 0; i < sizeof closed / sizeof *closed; i++) {
        struct answer x = api_expect(&a, closed[i].method, closed[i].target, NULL, NULL,
                                     closed[i].status, closed[i].code);
        if (closed[i].status == 401) {
            cr_expect_str_eq(answer_header(&x, "WWW-Authenticate", how, sizeof how),
                             "Bearer realm=\"mvpdash\"");
        }
        answer_clear(&x);
    }
    static const char *const wrong[] = {"Authorization: Bearer web-token-012345678\r\n",
                                        "Authorization: Bearer " WEB "0\r\n",
                                        "Authorization: Basic " WEB "\r\n",
                                        "Authorization: " WEB "\r\n",
                                        "Authorization: Bearer\r\n",
                                        "X-Api-Key: " WEB "\r\n"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        answer_drop(api_expect(&a, "GET", "/status/x", wrong[i], NULL, 401, "unauthorized"));
    }
    answer_drop(
        api_expect(&a, "POST", "/deploy", "Authorization: Bearer " WEB "\r\n", api_good, 202, ""));
}

Test(api_guard, a_token_file_is_read_again_and_a_bad_one_changes_nothing)
{
    struct err e = {0};

    api_cloud_start(&a, NULL, NULL);
    char *path = write_file("tokens", "web " WEB "\n", 0600);
    a.options.token_file = path;
    api_cloud_again(&a, NULL);
    answer_drop(api_expect(&a, "GET", "/status/x", "Authorization: Bearer " WEB "\r\n", NULL, 404,
                           "not_found"));
    answer_drop(api_expect(&a, "GET", "/status/x", "Authorization: Bearer " CI "\r\n", NULL, 401,
                           "unauthorized"));
    free(write_file("tokens", "ci " CI "\n", 0600));
    cr_assert_eq(api_reload(a.api, &e), E_OK, "%s", e.msg);
    answer_drop(api_expect(&a, "GET", "/status/x", "Authorization: Bearer " CI "\r\n", NULL, 404,
                           "not_found"));
    answer_drop(api_expect(&a, "GET", "/status/x", "Authorization: Bearer " WEB "\r\n", NULL, 401,
                           "unauthorized"));
    static const char *const bad[] = {"", "web short\n", "web\n"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        free(write_file("tokens", bad[i], 0600));
        cr_expect_eq(api_reload(a.api, &e), E_CONFIG);
    }
    free(write_file("tokens", "web " WEB "\n", 0644));
    cr_expect_eq(api_reload(a.api, &e), E_CONFIG, "others may read it");
    cr_assert_eq(unlink(path), 0);
    cr_expect_eq(api_reload(a.api, &e), E_CONFIG, "gone: no open door");
    answer_drop(api_expect(&a, "GET", "/status/x", "Authorization: Bearer " CI "\r\n", NULL, 404,
                           "not_found"));
    answer_drop(api_expect(&a, "GET", "/status/x", NULL, NULL, 401, "unauthorized"));
    free(path);
}

Test(api_guard, the_environments_token_stays_when_the_file_is_read_again)
{
    struct err e = {0};

    api_cloud_start(&a, NULL, NULL);
    char *path = write_file("tokens", "web " WEB "\n", 0600);
    a.options.token_file = path;
    a.options.token = CI;
    api_cloud_again(&a, NULL);
    free(write_file("tokens", "web other-token-0123456789\n", 0600));
    cr_assert_eq(api_reload(a.api, &e), E_OK, "%s", e.msg);
    answer_drop(api_expect(&a, "GET", "/status/x", "Authorization: Bearer " CI "\r\n", NULL, 404,
                           "not_found"));
    answer_drop(api_expect(&a, "GET", "/status/x", "Authorization: Bearer " WEB "\r\n", NULL, 401,
                           "unauthorized"));
    free(path);
}

Test(api_guard, without_a_token_it_stays_on_this_machine)
{
    static const char *const beyond[] = {"0.0.0.0", "::", "192.0.2.1"};
    struct err e = {0};

    api_cloud_start(&a, NULL, NULL);
    for (size_t i = 0; i < sizeof beyond / sizeof *beyond; i++) {
        struct api_options o = {.ops = a.cloud.ops, .host = beyond[i], .access_log = ""};
        cr_expect_null(api_start(&o, &e), "%s", beyond[i]);
        cr_expect_eq(e.code, E_CONFIG);
        cr_expect_not_null(strstr(e.msg, beyond[i]), "%s", e.msg);
    }
    struct api_options bad = {.ops = a.cloud.ops, .host = "example.com", .access_log = ""};
    cr_expect_null(api_start(&bad, &e));
    cr_expect_not_null(strstr(e.msg, "not an address"), "%s", e.msg);
    struct api_options o = {.ops = a.cloud.ops, .host = "0.0.0.0", .token = WEB, .access_log = ""};
    struct api *public = api_start(&o, &e);
    cr_assert_not_null(public, "%s", e.msg);
    cr_expect_not_null(api_warning(public), "in clear");
    api_free(public);
    ops_stop(a.cloud.ops, false);
}

Test(api_guard, read_only_leaves_what_reads)
{
    char allow[64];

    api_cloud_start(&a, NULL, &(struct api_options){.access_log = "", .read_only = true});
    struct answer x = api_expect(&a, "POST", "/deploy", NULL, api_good, 405, "method_not_allowed");
    cr_expect_str_eq(answer_header(&x, "Allow", allow, sizeof allow), "");
    answer_clear(&x);
    x = api_expect(&a, "DELETE", "/jobs/x", NULL, NULL, 405, "method_not_allowed");
    cr_expect_str_eq(answer_header(&x, "Allow", allow, sizeof allow), "GET, HEAD");
    answer_clear(&x);
    answer_drop(api_expect(&a, "GET", "/jobs/x", NULL, NULL, 200, ""));
}

/* ---- rates ---- */

Test(api_guard, too_many_requests_are_429_and_each_client_has_its_own)
{
    int refused = 0;
    char seconds[16];

    api_cloud_start(&a, NULL, &(struct api_options){.access_log = "", .token = WEB, .rate = 3});
    int64_t began = clock_mono_ms(NULL);
    for (int i = 0; i < 20; i++) {
        struct answer x = api_ask(&a, "GET", "/openapi.json", NULL, NULL);
        if (x.status == 429) {
            cr_expect_gt(atoi(answer_header(&x, "Retry-After", seconds, sizeof seconds)), 0);
            cr_expect_str_eq(answer_code(&x), "rate_limited");
            refused++;
        } else {
            cr_expect_eq(x.status, 200);
        }
        answer_clear(&x);
    }
    int64_t took = clock_mono_ms(NULL) - began;
    cr_expect_geq(refused, 20 - 2 * 3 - 1 - 3 * took / 1000, "%d in %lld ms", refused,
                  (long long)took);
    for (int i = 0; i < 20; i++) { /* whoever looks after the server is not a client of it */
        answer_drop(api_expect(&a, "GET", "/healthz", NULL, NULL, 200, ""));
    }
    answer_drop(api_expect(&a, "GET", "/status/x", "Authorization: Bearer " WEB "\r\n", NULL, 404,
                           "not_found"));
}

/* ---- slow clients ---- */

/* poll that goes on after a signal. */
static int wait_readable(struct pollfd *p, int ms)
{
    int64_t until = clock_mono_ms(NULL) + ms;
    int n;

    do {
        int64_t left = until - clock_mono_ms(NULL);
        n = poll(p, 1, left < 0 ? 0 : (int)left);
    } while (n < 0 && errno == EINTR);
    return n;
}

/* Reads to the end of the connection, which comes within a minute; what came, owned. */
static char *read_end(int fd)
{
    struct strbuf b = STRBUF_INIT;
    char buf[1024];
    ssize_t n;
    struct pollfd p = {.fd = fd, .events = POLLIN};

    while (wait_readable(&p, 60000) == 1 && (n = api_read(fd, buf, sizeof buf)) > 0) {
        strbuf_add(&b, buf, (size_t)n);
    }
    cr_expect_eq(wait_readable(&p, 0), 1, "still open after a minute");
    return strbuf_take(&b);
}

enum { DRIP_MS = 30000 };

/* Sends a byte now and then until the connection ends, at most DRIP_MS; does it end? */
static bool drip(const char *first, char byte)
{
    int fd = api_connect(&a);
    int64_t began = clock_mono_ms(NULL);
    struct pollfd p = {.fd = fd, .events = POLLIN};

    (void)send(fd, first, strlen(first), MSG_NOSIGNAL);
    while (wait_readable(&p, 50) == 0 && clock_mono_ms(NULL) - began < DRIP_MS) {
        (void)send(fd, &byte, 1, MSG_NOSIGNAL);
    }
    (void)close(fd);
    return clock_mono_ms(NULL) - began < DRIP_MS;
}

Test(api_guard, slow_and_silent_clients_are_let_go)
{
    api_cloud_start(&a, NULL, &(struct api_options){.access_log = "", .patience_ms = 700});
    int silent = api_connect(&a);
    char *text = read_end(silent);
    cr_expect_str_eq(text, "");
    free(text);
    (void)close(silent);
    cr_expect(drip("GET /healthz HTTP/1.1\r\nX-Slow: ", 'x'), "headers for ever");
    cr_expect(drip("POST /deploy HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                   "Content-Length: 10000\r\n\r\n",
                   ' '),
              "a body for ever");
    answer_drop(api_expect(&a, "GET", "/healthz", NULL, NULL, 200, ""));
}

Test(api_guard, a_handler_that_waits_for_aws_is_no_slow_client)
{
    static const struct fake_reply hang[] = {{.deed = FAKE_HANG}};
    struct fake_http *f = fake_http_start(hang, 1);

    api_cloud_start(&a, NULL, &(struct api_options){.access_log = "", .patience_ms = 2000});
    struct ops *slow = ops_cloud_at(&a.cloud, fake_http_url(f));
    api_cloud_again(&a, slow);
    int fd = api_connect(&a);
    static const char ask[] =
        "GET /status/x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    struct pollfd p = {.fd = fd, .events = POLLIN};
    cr_assert_eq(send(fd, ask, sizeof ask - 1, MSG_NOSIGNAL), sizeof ask - 1);
    cr_expect_eq(wait_readable(&p, 5000), 0, "let go while it waited for its answer");
    ops_stop(slow, true);
    char *text = read_end(fd);
    cr_expect(strncmp(text, "HTTP/1.1 503", 12) == 0, "%s", text);
    free(text);
    (void)close(fd);
    api_cloud_again(&a, a.cloud.ops);
    ops_free(slow);
    fake_http_stop(f);
}

Test(api_guard, ready_is_not_said_while_aws_does_not_answer)
{
    static const struct fake_reply hang[] = {{.deed = FAKE_HANG}};
    struct fake_http *f = fake_http_start(hang, 1);

    api_cloud_start(&a, NULL, NULL);
    struct ops *slow = ops_cloud_at(&a.cloud, fake_http_url(f));
    api_cloud_again(&a, slow);
    int fd = api_connect(&a); /* asks, and then waits */
    static const char ask[] =
        "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    cr_assert_eq(send(fd, ask, sizeof ask - 1, MSG_NOSIGNAL), sizeof ask - 1);
    int64_t until = clock_mono_ms(NULL) + 30000;
    while (fake_http_requests(f) < 2 && clock_mono_ms(NULL) < until) {
        (void)ops_sleep(a.cloud.ops, 10);
    }
    struct answer x = api_ask(&a, "GET", "/readyz", NULL, NULL);
    cr_expect_eq(x.status, 503, "%d", x.status);
    cr_expect_str_eq(json_str_or(x.doc, "status", ""), "not ready", "%s", x.body);
    answer_clear(&x);
    ops_stop(slow, true);
    char *text = read_end(fd);
    cr_expect(strncmp(text, "HTTP/1.1 503", 12) == 0, "%s", text);
    free(text);
    (void)close(fd);
    api_cloud_again(&a, a.cloud.ops);
    ops_free(slow);
    fake_http_stop(f);
}

/* ---- keep-alive ---- */

Test(api_guard, a_connection_serves_many_requests)
{
    api_cloud_start(&a, NULL, NULL);
    int fd = api_connect(&a);
    static const char ask[] = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    char buf[4096];

    for (int i = 0; i < 5; i++) {
        struct strbuf b = STRBUF_INIT;
        cr_assert_eq(send(fd, ask, sizeof ask - 1, MSG_NOSIGNAL), sizeof ask - 1);
        while (strstr(strbuf_str(&b), "\"version\"") == NULL) {
            ssize_t n = api_read(fd, buf, sizeof buf);
            cr_assert_gt(n, 0, "closed after %d", i);
            strbuf_add(&b, buf, (size_t)n);
        }
        strbuf_clear(&b);
    }
    (void)close(fd);
}

/* ---- the end ---- */

static void *ask_status(void *arg)
{
    struct answer *out = arg;

    *out = api_ask(&a, "POST", "/deploy", NULL, api_good);
    return NULL;
}

/* Holds back the answer to PutItem until it is told to go on. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int arrived;
    bool go;
} gate = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static void wait_at_gate(const char *step)
{
    if (strcmp(step, "record") == 0) {
        (void)pthread_mutex_lock(&gate.lock);
        gate.arrived++;
        (void)pthread_cond_broadcast(&gate.changed);
        while (!gate.go) {
            (void)pthread_cond_wait(&gate.changed, &gate.lock);
        }
        (void)pthread_mutex_unlock(&gate.lock);
    }
}

Test(api_guard, the_drain_answers_what_is_under_way_and_takes_nothing_new)
{
    pthread_t thread;
    struct answer got = {.status = 0};

    api_cloud_start(&a, NULL, NULL);
    a.cloud.ops->fault = wait_at_gate;
    int idle = api_connect(&a);
    cr_assert_eq(pthread_create(&thread, NULL, ask_status, &got), 0);
    (void)pthread_mutex_lock(&gate.lock);
    while (gate.arrived == 0) {
        (void)pthread_cond_wait(&gate.changed, &gate.lock);
    }
    (void)pthread_mutex_unlock(&gate.lock);
    cr_expect_eq(api_drain(a.api, 100), 1, "one is under way");
    char *text = read_end(idle);
    cr_expect_str_eq(text, "", "an idle connection is closed at once");
    free(text);
    (void)close(idle);
    (void)pthread_mutex_lock(&gate.lock);
    gate.go = true;
    (void)pthread_cond_broadcast(&gate.changed);
    (void)pthread_mutex_unlock(&gate.lock);
    cr_expect_eq(api_drain(a.api, 10000), 0);
    (void)pthread_join(thread, NULL);
    cr_expect_eq(got.status, 202, "%d", got.status);
    cr_expect_eq(ops_outbox_len(a.cloud.ops), 0);
    answer_clear(&got);
}

/* ---- the log ---- */

Test(api_guard, the_access_log_has_one_line_a_request_and_no_secret)
{
    struct err e = {0};

    api_cloud_start(&a, NULL, NULL);
    char *path = path_join(a.cloud.dir, "access.log");
    a.options.access_log = path;
    a.options.token = WEB;
    api_cloud_again(&a, NULL);
    answer_drop(api_expect(&a, "POST", "/deploy",
                           "Authorization: Bearer " WEB "\r\nX-Request-Id: r1\r\n",
                           "{\"userId\":\"u\",\"productId\":\"p\",\"founderdashDbUrl\":"
                           "\"postgresql://u:geheim@h/d\"}",
                           202, ""));
    answer_drop(api_expect(&a, "GET", "/jobs/%1b%5b?cursor=geheim",
                           "Authorization: Bearer " WEB "\r\n", NULL, 400, "bad_request"));
    answer_drop(api_expect(&a, "GET", "/status/%c2%9b31m%22?q=geheim",
                           "Authorization: Bearer geheim-geheim-geheim\r\n", NULL, 401,
                           "unauthorized"));
    answer_drop(api_expect(&a, "DELETE", "/jobs/none", "Authorization: Bearer " WEB "\r\n", NULL,
                           404, "not_found"));
    char *moved = path_join(a.cloud.dir, "access.log.1");
    api_wait_logged(&a, path, "\"status\":404");
    cr_assert_eq(rename(path, moved), 0);
    cr_assert_eq(api_reload(a.api, &e), E_OK, "%s", e.msg);
    answer_drop(api_expect(&a, "GET", "/healthz", NULL, NULL, 200, ""));
    api_cloud_again(&a, NULL); /* all is written by then */
    char *text = NULL;
    cr_assert_eq(path_read(moved, 65536, &text, NULL, NULL), E_OK);
    cr_expect(strstr(text, "geheim") == NULL && strstr(text, WEB) == NULL, "%s", text);
    int n = 0;
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"), n++) {
        cJSON *doc = json_parse(line, strlen(line), "line", &e);
        cr_assert_not_null(doc, "%s: %s", e.msg, line);
        for (const char *s = line; *s != '\0'; s++) {
            cr_expect((unsigned char)*s >= 0x20, "%s", line);
        }
        if (n == 0) {
            cr_expect_str_eq(json_str_or(doc, "requestId", ""), "r1");
            cr_expect_str_eq(json_str_or(doc, "client", ""), "default");
            cr_expect_str_eq(json_str_or(doc, "route", ""), "/deploy");
            cr_expect_eq(json_int(doc, "status", 0), 202);
            cr_expect(strncmp(json_str_or(doc, "jobId", ""), "job_", 4) == 0);
        }
        if (n == 3) { /* as assets/rest.md, --help and the metrics name it */
            cr_expect_str_eq(json_str_or(doc, "route", ""), "/jobs/{jobId}");
        }
        cJSON_Delete(doc);
    }
    cr_expect_eq(n, 4, "%d lines", n);
    free(text);
    cr_assert_eq(path_read(path, 65536, &text, NULL, NULL), E_OK);
    cr_expect_not_null(strstr(text, "/healthz"), "%s", text);
    struct stat st;
    cr_expect(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600);
    free(text);
    free(moved);
    free(path);
}

/* ---- deploy and cancel at once ---- */

enum { PAIRS = 6 };

static void *deploy_and_cancel(void *arg)
{
    int *bad = arg;

    for (int i = 0; i < 4; i++) {
        char *id = api_deploy(&a, "u");
        char *target = xasprintf("/jobs/%s", id);
        char *status = xasprintf("/status/%s", id);
        struct answer x = api_ask(&a, "DELETE", target, NULL, NULL);
        struct answer y = api_ask(&a, "GET", status, NULL, NULL);
        const char *word = json_str_or(y.doc, "status", "");
        bool cancelled = strcmp(word, "CANCELLED") == 0 || strcmp(word, "STOPPING") == 0;
        bool completed = strcmp(word, "COMPLETED") == 0;
        /* The job is from then on what the answer says. */
        *bad += !((x.status == 200 && cancelled) || (x.status == 409 && completed));
        answer_clear(&x);
        answer_clear(&y);
        free(status);
        free(target);
        free(id);
    }
    return NULL;
}

Test(api_guard, deploys_and_cancels_at_once_end_in_one_state_each)
{
    pthread_t threads[PAIRS];
    int bad[PAIRS] = {0};

    api_cloud_start(&a, NULL, NULL);
    for (int i = 0; i < PAIRS; i++) {
        cr_assert_eq(pthread_create(&threads[i], NULL, deploy_and_cancel, &bad[i]), 0);
    }
    for (int i = 0; i < PAIRS; i++) {
        (void)pthread_join(threads[i], NULL);
        cr_expect_eq(bad[i], 0);
    }
    cr_expect_eq(ops_outbox_len(a.cloud.ops), 0);
}
