/* The HTTP layer on libcurl: connections, limits, and errors that name what is to blame. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/url.h"
#include "src/aws/http.h"
#include "tests/local/fake_http.h"

static enum err_code get(struct http *h, const char *url, struct http_response *reply,
                         struct err *e)
{
    struct http_request q = {.method = "GET", .url = url, .total_timeout_ms = 5000};

    return http_send(h, &q, reply, e);
}

static enum err_code post(struct http *h, const char *url, bool once, struct http_response *reply,
                          struct err *e)
{
    struct http_request q = {.method = "POST",
                             .url = url,
                             .body = "payload",
                             .body_len = 7,
                             .total_timeout_ms = 5000,
                             .once = once};

    return http_send(h, &q, reply, e);
}

Test(http, a_reply_of_any_status_is_given_with_its_headers_and_body)
{
    static const struct fake_reply script[] = {
        {.status = 418, .headers = "X-One:  two words \r\nEmpty:\r\n", .body = "short"}
    };
    struct fake_http *f = fake_http_start(script, 1);
    struct http *h = http_new(NULL, NULL);
    struct http_response r = {0};
    struct err e = {0};

    cr_expect_eq(get(h, fake_http_url(f), &r, &e), E_OK, "%s", e.msg);
    cr_expect_eq(r.status, 418);
    cr_expect_str_eq(strbuf_str(&r.body), "short");
    cr_expect_str_eq(http_header_get(&r, "x-oNe"), "two words");
    cr_expect_str_eq(http_header_get(&r, "empty"), "");
    cr_expect_null(http_header_get(&r, "x-two"));
    http_response_clear(&r);
    http_free(h);
    fake_http_stop(f);
}

Test(http, what_is_sent_is_what_was_asked_and_no_more)
{
    static const struct fake_reply script[] = {{.body = ""}};
    struct fake_http *f = fake_http_start(script, 1);
    struct http *h = http_new(NULL, NULL);
    struct http_response r = {0};
    struct http_header headers[] = {
        {"Content-Type", "application/x"},
        {"X-Empty",      ""             }
    };
    struct http_request q = {.method = "PUT",
                             .url = fake_http_url(f),
                             .headers = headers,
                             .headers_len = 2,
                             .body = "abc",
                             .body_len = 3};
    char v[256];

    cr_assert_eq(http_send(h, &q, &r, NULL), E_OK);
    const struct fake_request *got = fake_http_request(f, 0);
    cr_expect_str_eq(got->method, "PUT");
    cr_expect_str_eq(got->path, "/");
    cr_expect_str_eq(got->body, "abc");
    cr_expect_str_eq(fake_header(got, "content-type", v, sizeof v), "application/x");
    cr_expect_str_eq(fake_header(got, "accept-encoding", v, sizeof v), "identity");
    cr_expect_str_eq(fake_header(got, "expect", v, sizeof v), "");
    cr_expect_str_eq(fake_header(got, "content-length", v, sizeof v), "3");
    cr_expect(strstr(got->headers, "X-Empty:") != NULL, "%s", got->headers);
    http_response_clear(&r);
    http_free(h);
    fake_http_stop(f);
}

Test(http, connections_are_kept)
{
    static const struct fake_reply script[] = {{.body = "x"}};
    struct fake_http *f = fake_http_start(script, 1);
    struct http *h = http_new(NULL, NULL);

    for (int i = 0; i < 5; i++) {
        struct http_response r = {0};
        cr_expect_eq(i % 2 == 0 ? get(h, fake_http_url(f), &r, NULL)
                                : post(h, fake_http_url(f), i == 3, &r, NULL),
                     E_OK);
        http_response_clear(&r);
    }
    cr_expect_eq(fake_http_requests(f), 5);
    cr_expect_eq(fake_http_connections(f), 1);
    http_free(h);
    fake_http_stop(f);
}

Test(http, a_refused_connection_is_named_and_surely_not_done)
{
    struct http *h = http_new(NULL, NULL);
    struct http_response r = {0};
    struct err e = {0};
    char url[64];

    (void)snprintf(url, sizeof url, "http://127.0.0.1:%d", fake_closed_port());
    cr_expect_eq(post(h, url, true, &r, &e), E_NET);
    cr_expect(strstr(e.msg, "refused") != NULL, "%s", e.msg);
    cr_expect(strstr(e.msg, url + 7) != NULL, "%s", e.msg);
    cr_expect_not(e.maybe_done);
    http_response_clear(&r);
    http_free(h);
}

static void expect_lost(enum fake_deed deed, const char *part)
{
    struct fake_reply script[] = {
        {.deed = deed, .body = "{}"}
    };
    struct fake_http *f = fake_http_start(script, 1);
    struct http *h = http_new(NULL, NULL);
    struct http_response r = {0};
    struct err e = {0};

    cr_expect_eq(post(h, fake_http_url(f), true, &r, &e), E_NET, "%s", e.msg);
    cr_expect(strstr(e.msg, part) != NULL, "%s", e.msg);
    cr_expect(e.maybe_done);
    cr_expect_eq(fake_http_requests(f), 1);
    http_response_clear(&r);
    http_free(h);
    fake_http_stop(f);
}

Test(http, a_connection_closed_without_reply_may_have_been_done)
{
    expect_lost(FAKE_CLOSE, "without a reply");
}

Test(http, a_connection_reset_may_have_been_done)
{
    expect_lost(FAKE_RESET, "broke");
}

Test(http, a_reply_cut_short_is_no_reply)
{
    expect_lost(FAKE_TRUNCATE, "cut short");
}

Test(http, a_silent_server_is_a_timeout)
{
    static const struct fake_reply script[] = {{.deed = FAKE_HANG}};
    struct fake_http *f = fake_http_start(script, 1);
    struct http *h = http_new(NULL, NULL);
    struct http_response r = {0};
    struct err e = {0};
    struct http_request q = {.method = "GET", .url = fake_http_url(f), .total_timeout_ms = 3000};

    cr_expect_eq(http_send(h, &q, &r, &e), E_TIMEOUT);
    cr_expect(strstr(e.msg, "no complete reply") != NULL, "%s", e.msg);
    cr_expect(e.maybe_done);
    http_response_clear(&r);
    http_free(h);
    fake_http_stop(f);
}

Test(http, a_server_that_sends_nothing_is_left_long_before_the_whole_time_is_over)
{
    static const struct fake_reply script[] = {{.deed = FAKE_HANG}};
    struct fake_http *f = fake_http_start(script, 1);
    struct http *h = http_new(NULL, NULL);
    struct http_response r = {0};
    struct err e = {0};
    struct http_request q = {.method = "GET",
                             .url = fake_http_url(f),
                             .total_timeout_ms = 60000,
                             .idle_timeout_ms = 3000};

    cr_expect_eq(http_send(h, &q, &r, &e), E_TIMEOUT);
    cr_expect(strstr(e.msg, "nothing came for 3 s") != NULL, "%s", e.msg);
    cr_expect(e.maybe_done);
    http_response_clear(&r);
    http_free(h);
    fake_http_stop(f);
}

Test(http, a_port_without_tls_is_told_from_one_that_nobody_listens_on)
{
    static const struct fake_reply script[] = {{.deed = FAKE_HANG}};
    struct fake_http *f = fake_http_start(script, 1);
    struct http *h = http_new(NULL, NULL);
    struct http_response r = {0};
    struct err e = {0};
    char url[64];

    (void)snprintf(url, sizeof url, "https%s", fake_http_url(f) + 4);
    struct http_request q = {.method = "GET", .url = url, .connect_timeout_ms = 3000};
    cr_expect_eq(http_send(h, &q, &r, &e), E_TIMEOUT);
    cr_expect(strstr(e.msg, "no TLS answer came within 3 s") != NULL, "%s", e.msg);
    cr_expect_not(e.maybe_done);
    http_response_clear(&r);
    http_free(h);
    fake_http_stop(f);
}

/* A port whose queue is full: the kernel leaves the next connection without an answer. Returns its
 * number; the descriptors are for the caller to close. */
static int full_port(int fds[3])
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof at;

    fds[0] = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert_eq(bind(fds[0], (struct sockaddr *)&at, sizeof at), 0);
    cr_assert_eq(listen(fds[0], 0), 0);
    cr_assert_eq(getsockname(fds[0], (struct sockaddr *)&at, &len), 0);
    for (int i = 1; i < 3; i++) {
        fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)connect(fds[i], (struct sockaddr *)&at, sizeof at);
    }
    return ntohs(at.sin_port);
}

Test(http, a_port_that_takes_no_connection_is_not_blamed_for_its_tls)
{
    int fds[3];
    char url[64];
    struct http *h = http_new(NULL, NULL);
    struct http_response r = {0};
    struct err e = {0};

    (void)snprintf(url, sizeof url, "https://127.0.0.1:%d/", full_port(fds));
    struct http_request q = {.method = "GET", .url = url, .connect_timeout_ms = 300};
    cr_expect_eq(http_send(h, &q, &r, &e), E_TIMEOUT);
    cr_expect(strstr(e.msg, "no connection to 127.0.0.1") != NULL, "%s", e.msg);
    cr_expect_not(e.maybe_done);
    http_response_clear(&r);
    http_free(h);
    for (int i = 0; i < 3; i++) {
        (void)close(fds[i]);
    }
}

/* Answers the first request of a connection and drops the second one. */
static struct fake_reply drop_second(void *arg, const struct fake_request *r, size_t n)
{
    (void)arg;
    (void)r;
    return (struct fake_reply){.deed = n == 1 ? FAKE_CLOSE : FAKE_ANSWER, .body = "x"};
}

Test(http, what_must_go_once_is_not_sent_again_when_a_kept_connection_dies)
{
    struct fake_http *f = fake_http_start_with(drop_second, NULL);
    struct http *h = http_new(NULL, NULL);
    struct http_response r = {0};
    struct err e = {0};

    cr_expect_eq(post(h, fake_http_url(f), true, &r, &e), E_OK);
    http_response_clear(&r);
    cr_expect_eq(post(h, fake_http_url(f), true, &r, &e), E_NET, "%s", e.msg);
    cr_expect(e.maybe_done);
    cr_expect_eq(fake_http_requests(f), 2);
    http_response_clear(&r);
    http_free(h);
    fake_http_stop(f);
}

Test(http, what_may_be_repeated_survives_a_kept_connection_that_dies)
{
    struct fake_http *f = fake_http_start_with(drop_second, NULL);
    struct http *h = http_new(NULL, NULL);
    struct http_response r = {0};

    cr_expect_eq(post(h, fake_http_url(f), false, &r, NULL), E_OK);
    http_response_clear(&r);
    cr_expect_eq(post(h, fake_http_url(f), false, &r, NULL), E_OK);
    cr_expect_eq(fake_http_requests(f), 3);
    http_response_clear(&r);
    http_free(h);
    fake_http_stop(f);
}

Test(http, a_reply_over_the_limit_is_refused)
{
    static char big[100001];
    memset(big, 'x', sizeof big - 1);
    struct fake_reply script[] = {{.body = big}};
    struct fake_http *f = fake_http_start(script, 1);
    struct http *h = http_new(NULL, NULL);
    struct http_response r = {0};
    struct err e = {0};
    struct http_request q = {.method = "GET", .url = fake_http_url(f), .max_bytes = 100000};

    cr_expect_eq(http_send(h, &q, &r, &e), E_OK, "%s", e.msg);
    cr_expect_eq(r.body.len, 100000);
    http_response_clear(&r);
    q.max_bytes = 99999;
    cr_expect_eq(http_send(h, &q, &r, &e), E_TOO_BIG);
    cr_expect(strstr(e.msg, "99999") != NULL, "%s", e.msg);
    http_response_clear(&r);
    http_free(h);
    fake_http_stop(f);
}

Test(http, redirects_are_not_followed)
{
    static const struct fake_reply script[] = {
        {.status = 302, .headers = "Location: http://127.0.0.1:1/\r\n"}
    };
    struct fake_http *f = fake_http_start(script, 1);
    struct http *h = http_new(NULL, NULL);
    struct http_response r = {0};

    cr_expect_eq(get(h, fake_http_url(f), &r, NULL), E_OK);
    cr_expect_eq(r.status, 302);
    cr_expect_eq(fake_http_requests(f), 1);
    http_response_clear(&r);
    http_free(h);
    fake_http_stop(f);
}

static void *hanging(void *arg)
{
    void **both = arg;
    struct http_response r = {0};
    struct err e = {0};
    enum err_code rc = post(both[0], both[1], true, &r, &e);

    http_response_clear(&r);
    return rc == E_CANCELLED ? both : NULL;
}

static struct fake_reply hang_and_tell(void *arg, const struct fake_request *r, size_t n)
{
    (void)r;
    (void)n;
    (void)pthread_barrier_wait(arg);
    return (struct fake_reply){.deed = FAKE_HANG};
}

/* How long the end of a request takes that is under way when the client is stopped. */
static int64_t time_to_stop(void)
{
    pthread_barrier_t arrived;
    pthread_t thread;
    void *ended = NULL;

    (void)pthread_barrier_init(&arrived, NULL, 2);
    struct fake_http *f = fake_http_start_with(hang_and_tell, &arrived);
    struct http *h = http_new(NULL, NULL);
    void *both[2] = {h, (void *)fake_http_url(f)};
    cr_assert_eq(pthread_create(&thread, NULL, hanging, both), 0);
    (void)pthread_barrier_wait(&arrived);
    int64_t from = clock_mono_ms(NULL);
    http_stop(h, true);
    (void)pthread_join(thread, &ended);
    cr_expect_not_null(ended);
    int64_t took = clock_mono_ms(NULL) - from;
    cr_expect_eq(http_wait(h, 60000, NULL), E_CANCELLED);
    http_free(h);
    fake_http_stop(f);
    (void)pthread_barrier_destroy(&arrived);
    return took;
}

/* A client that looks only now and then whether it was stopped takes most of a second each time; a
 * busy machine may make one that is woken as slow, but not each time. */
Test(http, stop_ends_a_request_under_way_at_once, .timeout = 120)
{
    int64_t fastest = INT64_MAX;

    for (int i = 0; i < 8 && fastest >= 300; i++) {
        int64_t took = time_to_stop();
        fastest = took < fastest ? took : fastest;
    }
    cr_expect_lt(fastest, 300);
}

Test(http, after_a_stop_is_taken_back_requests_work_again)
{
    static const struct fake_reply script[] = {{.body = "x"}};
    struct fake_http *f = fake_http_start(script, 1);
    struct http *h = http_new(NULL, NULL);
    struct http_response r = {0};

    http_stop(h, true);
    cr_expect_eq(get(h, fake_http_url(f), &r, NULL), E_CANCELLED);
    http_stop(h, false);
    cr_expect_eq(get(h, fake_http_url(f), &r, NULL), E_OK);
    cr_expect_eq(http_wait(h, 1, NULL), E_OK);
    http_response_clear(&r);
    http_free(h);
    fake_http_stop(f);
}

Test(http, a_proxy_is_never_used_for_loopback)
{
    static const struct fake_reply script[] = {{.body = "x"}};
    struct fake_http *f = fake_http_start(script, 1);
    struct http_response r = {0};
    char proxy[64];

    (void)snprintf(proxy, sizeof proxy, "http://127.0.0.1:%d", fake_closed_port());
    (void)setenv("http_proxy", proxy, 1);
    (void)setenv("ALL_PROXY", proxy, 1);
    struct http *h = http_new(NULL, NULL);
    cr_expect_eq(get(h, fake_http_url(f), &r, NULL), E_OK);
    http_response_clear(&r);
    http_free(h);
    fake_http_stop(f);
}

Test(http, other_schemes_and_broken_urls_are_refused_before_the_network)
{
    static const char *const urls[] = {"ftp://127.0.0.1/",
                                       "file:///etc/passwd",
                                       "http://",
                                       "http:///x",
                                       "127.0.0.1:80",
                                       "http://user:pw@127.0.0.1/",
                                       "http://a b/",
                                       "http://127.0.0.1:99999/",
                                       "http://127.0.0.1:8x/",
                                       "http://[::1",
                                       "http://h\r\nX: y/",
                                       ""};
    struct http *h = http_new(NULL, NULL);

    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        struct http_response r = {0};
        struct err e = {0};
        cr_expect_eq(get(h, urls[i], &r, &e), E_CONFIG, "%s: %s", urls[i], e.msg);
        http_response_clear(&r);
    }
    http_free(h);
}

Test(http, hosts_are_read_as_they_are_sent)
{
    static const struct {
        const char *url, *host;
        bool loopback, local;
    } cases[] = {
        {"https://Dynamodb.us-east-1.amazonaws.com/x", "dynamodb.us-east-1.amazonaws.com", false,
         false                                                                                         },
        {"https://a:443",                              "a",                                false, false},
        {"http://a:443",                               "a:443",                            false, false},
        {"HTTP://127.0.0.1:8000/base",                 "127.0.0.1:8000",                   true,  true },
        {"http://localhost",                           "localhost",                        true,  true },
        {"http://[::1]:80/",                           "[::1]",                            true,  true },
        {"http://127.0.0.1.evil.example",              "127.0.0.1.evil.example",           false, false},
        {"http://localhost.evil.example",              "localhost.evil.example",           false, false},
        {"http://169.254.169.254/latest",              "169.254.169.254",                  false, true },
        {"http://[fd00:ec2::254]/",                    "[fd00:ec2::254]",                  false, true },
        {"http://10.0.0.1",                            "10.0.0.1",                         false, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *host = url_host_of(cases[i].url);
        cr_expect(host != NULL && strcmp(host, cases[i].host) == 0, "%s", cases[i].url);
        cr_expect_eq(url_is_loopback(cases[i].url), cases[i].loopback, "%s", cases[i].url);
        cr_expect_eq(url_is_local(cases[i].url), cases[i].local, "%s", cases[i].url);
        free(host);
    }
}
