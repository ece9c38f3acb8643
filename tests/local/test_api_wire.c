/* The REST API on raw sockets: what browsers send, how a request must be framed so that what
 * follows it on the connection is served, values with blanks, and replies that are UTF-8 whatever
 * came. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api_cloud.h"
#include "core/alloc.h"
#include "core/json.h"
#include "core/path.h"
#include "core/strbuf.h"
#include "core/text.h"

static struct api_cloud a;

static void teardown(void)
{
    api_cloud_stop(&a);
}

TestSuite(api_wire, .fini = teardown, .timeout = 120);

/* Sends all, then reads to the end of the connection; owned. */
static char *talk(const char *bytes, size_t len)
{
    struct strbuf b = STRBUF_INIT;
    char buf[8192];
    ssize_t n;
    int fd = api_connect(&a);

    for (size_t at = 0; at < len; at += (size_t)n) {
        n = send(fd, bytes + at, len - at, MSG_NOSIGNAL);
        if (n <= 0) {
            break;
        }
    }
    while ((n = api_read(fd, buf, sizeof buf)) > 0) {
        strbuf_add(&b, buf, (size_t)n);
    }
    cr_expect_eq(n, 0, "the connection was cut");
    (void)close(fd);
    return strbuf_take(&b);
}

static int replies(const char *text)
{
    int n = 0;

    for (; (text = strstr(text, "HTTP/1.1 ")) != NULL; text += 9) {
        n += text[9] >= '1' && text[9] <= '5'; /* a status line, not a sentence */
    }
    return n;
}

/* ---- framing ---- */

#define HOST "Host: localhost\r\n"
#define POST "POST /deploy HTTP/1.1\r\n" HOST
#define GET "GET /healthz HTTP/1.1\r\n" HOST
/* If the server served the request, the reply would say so by its request id. */
#define SMUGGLED "GET /openapi.json HTTP/1.1\r\n" HOST "X-Request-Id: smuggled\r\n\r\n"

#define ROW(text, status)                                                                          \
    {                                                                                              \
        text, sizeof(text) - 1, status                                                             \
    }
static const struct wire_case {
    const char *bytes;
    size_t len;
    int status;
} doubtful[] = {
    ROW(POST "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ROW(POST "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n", 400),
    ROW(POST "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n0\r\n\r\n", 400),
    ROW(POST "Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd", 400),
    ROW(POST "Content-Length: 4\r\nContent-Length: 4\r\n\r\nabcd", 400),
    ROW(POST "Content-Length: 0\r\ncontent-length: 90\r\n\r\n", 400),
    ROW(POST "Content-Length: 4, 4\r\n\r\nabcd", 400),
    ROW(POST "Content-Length: +4\r\n\r\nabcd", 400),
    ROW(POST "Content-Length: -4\r\n\r\nabcd", 400),
    ROW(POST "Content-Length: 0x4\r\n\r\nabcd", 400),
    ROW(POST "Content-Length: 4 4\r\n\r\nabcd", 400),
    ROW(POST "Content-Length: four\r\n\r\nabcd", 400),
    ROW(POST "Content-Length:\r\n\r\n", 400),
    ROW(POST "Content-Length: 99999999999999999999999\r\n\r\n", 400),
    ROW(POST "Content-Length : 4\r\n\r\nabcd", 400),
    ROW(POST "Content-Length\t: 4\r\n\r\nabcd", 400),
    ROW(POST "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", 400),
    ROW(POST "Transfer-Encoding: identity\r\n\r\n{}", 501),
    ROW(POST "Transfer-Encoding: identity\r\nContent-Length: 2\r\n\r\n{}", 400),
    ROW(POST "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501),
    ROW(POST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
    ROW(POST "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", 501),
    ROW(POST "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", 501),
    ROW(POST "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n", 501),
    ROW(POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n", 400),
    ROW(POST "Transfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ROW(POST "Transfer-Encoding: \vchunked\r\n\r\n0\r\n\r\n", 400),
    ROW("POST /deploy HTTP/1.0\r\n" HOST "Connection: keep-alive\r\n"
        "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        400),
    ROW(GET HOST "\r\n", 400),
    ROW(GET "Host: other\r\n\r\n", 400),
    ROW("GET /healthz HTTP/1.1\r\n\r\n", 400),
    ROW(GET "X: a\tb\r\n\r\n", 400),
    ROW(GET "X: a\x01"
            "b\r\n\r\n",
        400),
    ROW(GET "X: a\x7f\r\n\r\n", 400),
    ROW(GET "X: a\rb\r\n\r\n", 400),
    ROW(POST "X: a\rContent-Length: 4\r\n\r\nabcd", 400),
    ROW(GET "A B: c\r\n\r\n", 400),
    ROW(GET "(x): c\r\n\r\n", 400),
    ROW(GET "X\0: c\r\n\r\n", 400),
    ROW(GET "Foo\r\n\r\n", 400),
    ROW("GET /healthz HTTP/1.1\r\n X: a\r\n" HOST "\r\n", 400),
    ROW("GET /healthz HTTP/2.0\r\n" HOST "\r\n", 505),
    ROW("GET /healthz http/1.1\r\n" HOST "\r\n", 400),
    ROW("GET /healthz x HTTP/1.1\r\n" HOST "\r\n", 400),
    ROW(POST
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
        400),
    ROW(POST
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n+2\r\n{}\r\n0\r\n\r\n",
        400),
    ROW(POST "Content-Type: application/json\r\nTransfer-Encoding: "
             "chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n",
        400),
    ROW(POST
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}X\r\n0\r\n\r\n",
        400),
    ROW(GET "X: a\0b\r\n\r\n", 400),
    ROW(GET "X: a\r\n b\r\n\r\n", 400),
    ROW(GET ": x\r\n\r\n", 400),
    ROW(GET "X: a\nY: b\r\n\r\n", 400),
    ROW("GET /healthz HTTP/1.1\nHost: localhost\n\n", 400),
    ROW("GET  /healthz HTTP/1.1\r\n" HOST "\r\n", 400),
    ROW("GET /healthz\r\n\r\n", 400),
    ROW("\x16\x03\x01\x02\x00\x01\r\n\r\n", 400),
    ROW("GET /healthz HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
    ROW(POST "Expect: a-wonder\r\nContent-Length: 2\r\n\r\n{}", 417),
};

/* Sends one reply in the server's own words, and then ends. */
static void expect_refusal(const char *text, int status, size_t row)
{
    char want[16];

    (void)snprintf(want, sizeof want, "HTTP/1.1 %d ", status);
    cr_expect(strncmp(text, want, strlen(want)) == 0, "row %zu, not %d: %.300s", row, status, text);
    cr_expect_eq(replies(text), 1, "row %zu: %s", row, text);
    cr_expect_not_null(strcasestr(text, "\r\nConnection: close\r\n"), "row %zu: %s", row, text);
    cr_expect_not_null(strstr(text, "\r\nX-Request-Id: "), "row %zu: %s", row, text);
    cr_expect_not_null(strstr(text, "\r\nContent-Type: application/json\r\n"), "row %zu: %s", row,
                       text);
    cr_expect_not_null(strstr(text, "{\"error\":{\"code\":"), "row %zu: %s", row, text);
}

Test(api_wire, nothing_behind_a_doubtful_request_is_served)
{
    api_cloud_start(&a, NULL, NULL);
    for (size_t i = 0; i < sizeof doubtful / sizeof *doubtful; i++) {
        struct strbuf b = STRBUF_INIT;
        strbuf_add(&b, doubtful[i].bytes, doubtful[i].len);
        strbuf_adds(&b, SMUGGLED SMUGGLED);
        char *text = talk(b.data, b.len);
        expect_refusal(text, doubtful[i].status, i);
        cr_expect_null(strstr(text, "smuggled"), "row %zu: %.2000s", i, text);
        cr_expect_null(strstr(text, "openapi"), "row %zu", i);
        strbuf_clear(&b);
        free(text);
    }
    answer_drop(api_expect(&a, "GET", "/healthz", NULL, NULL, 200, ""));
}

Test(api_wire, what_is_refused_before_it_is_understood_is_logged_and_counted)
{
    static const char bad[] = POST "Content-Length: x\r\n\r\n";
    static const char later[] = "GET /healthz HTTP/3.0\r\n" HOST "\r\n";

    api_cloud_start(&a, NULL, NULL);
    char *path = path_join(a.cloud.dir, "access.log");
    a.options.access_log = path;
    api_cloud_again(&a, NULL);
    free(talk(bad, sizeof bad - 1));
    free(talk(later, sizeof later - 1));
    api_wait_logged(&a, path,
                    "\"address\":\"127.0.0.1\",\"method\":\"POST\",\"path\":\"/deploy\","
                    "\"status\":400,\"code\":\"bad_request\"");
    api_wait_logged(&a, path, "\"status\":505,\"code\":\"http_version\"");
    struct answer x = api_expect(&a, "GET", "/metrics", NULL, NULL, 200, "");
    cr_expect_not_null(strstr(x.body, "code=\"400\"} 1"), "%s", x.body);
    cr_expect_not_null(strstr(x.body, "code=\"505\"} 1"), "%s", x.body);
    answer_clear(&x);
    api_cloud_again(&a, NULL);
    free(path);
}

Test(api_wire, a_sound_request_lets_the_next_one_be_served)
{
    static const char *const sound[] = {
        GET "\r\n",
        "\r\n" GET "\r\n",
        GET "X:   \r\n\r\n",
        GET "Transfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n",
        GET "Transfer-Encoding: chunked \t\r\n\r\n0\r\n\r\n",
        GET "Transfer-Encoding: CHUNKED\r\n\r\n2;x=y\r\n{}\r\n0\r\nTrailer: x\r\n\r\n",
        POST "Content-Length: 3\r\n\r\nabc", /* 415, but its end is clear */
        "GET http://localhost/healthz HTTP/1.1\r\n" HOST "\r\n",
    };
    api_cloud_start(&a, NULL, NULL);
    for (size_t i = 0; i < sizeof sound / sizeof *sound; i++) {
        char *both = xasprintf("%s%s%s", sound[i],
                               "GET /healthz HTTP/1.1\r\nConnection: close\r\n" HOST, "\r\n");
        char *text = talk(both, strlen(both));
        cr_expect_eq(replies(text), 2, "row %zu: %s", i, text);
        cr_expect_null(strstr(text, "<html>"), "row %zu: %s", i, text);
        free(text);
        free(both);
    }
}

Test(api_wire, a_body_over_the_limit_is_413_that_the_client_reads)
{
    static const size_t sizes[] = {300 * 1024, 2 * 1024 * 1024, 12 * 1024 * 1024};

    api_cloud_start(&a, NULL, NULL);
    for (size_t i = 0; i < 2 * sizeof sizes / sizeof *sizes; i++) {
        bool chunked = i % 2 == 1;
        size_t size = sizes[i / 2];
        struct strbuf b = STRBUF_INIT;
        char *blanks = xmalloc(size + 1);
        memset(blanks, ' ', size);
        blanks[size] = '\0';
        strbuf_adds(&b, POST "Content-Type: application/json\r\n");
        if (chunked) {
            strbuf_addf(&b, "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n%zx\r\n", size);
            strbuf_adds(&b, blanks);
            strbuf_adds(&b, "\r\n0\r\n\r\n");
        } else {
            strbuf_addf(&b, "Content-Length: %zu\r\nConnection: close\r\n\r\n", size);
            strbuf_adds(&b, blanks);
        }
        char *text = talk(b.data, b.len);
        cr_expect(strncmp(text, "HTTP/1.1 413", 12) == 0, "%zu chunked %d: %.200s", size, chunked,
                  text);
        cr_expect_not_null(strstr(text, "\"too_large\""), "%s", text);
        free(text);
        free(blanks);
        strbuf_clear(&b);
    }
}

Test(api_wire, too_much_of_something_is_refused_in_words)
{
    static const struct {
        const char *before, *behind;
        size_t len;
        const char *code;
        int status;
    } rows[] = {
        {"GET /",                      " HTTP/1.1\r\n" HOST "\r\n", 9000,  "target_too_long",   414},
        {GET "X: ",                    "\r\n\r\n",                  40000, "headers_too_large", 431},
        {GET "Authorization: Bearer ", "\r\n\r\n",                  33000, "headers_too_large", 431},
    };

    api_cloud_start(&a, NULL, NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct strbuf b = STRBUF_INIT;
        strbuf_adds(&b, rows[i].before);
        for (size_t n = 0; n < rows[i].len; n++) {
            strbuf_addc(&b, 'a');
        }
        strbuf_adds(&b, rows[i].behind);
        strbuf_adds(&b, SMUGGLED);
        char *text = talk(b.data, b.len);
        expect_refusal(text, rows[i].status, i);
        cr_expect_not_null(strstr(text, rows[i].code), "row %zu: %s", i, text);
        cr_expect_null(strstr(text, "smuggled"), "row %zu: %s", i, text);
        strbuf_clear(&b);
        free(text);
    }
}

Test(api_wire, who_is_too_slow_is_told_so_and_logged)
{
    static const char *const begun[] = {
        "GET /healthz HTTP/1.1\r\nHost: local",
        POST "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"userId\":",
        POST "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
    };

    api_cloud_start(&a, NULL, NULL);
    char *path = path_join(a.cloud.dir, "access.log");
    a.options.access_log = path;
    a.options.patience_ms = 2000;
    api_cloud_again(&a, NULL);
    for (size_t i = 0; i < sizeof begun / sizeof *begun; i++) {
        char *text = talk(begun[i], strlen(begun[i]));
        expect_refusal(text, 408, i);
        free(text);
    }
    api_wait_logged(&a, path, "\"route\":\"/deploy\",\"status\":408,\"code\":\"request_timeout\"");
    api_cloud_again(&a, NULL);
    free(path);
}

/* ---- header values ---- */

Test(api_wire, blanks_around_a_value_change_nothing)
{
    static const char *const same[] = {
        "Idempotency-Key: order-1\r\n", "Idempotency-Key: order-1  \r\n",
        "Idempotency-Key:\torder-1\t \r\n", "idempotency-key:order-1 \r\n"};
    char first[80] = "";

    api_cloud_start(&a, NULL, NULL);
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        struct answer x = api_expect(&a, "POST", "/deploy", same[i], api_good, 202, "");
        const char *id = json_str_or(x.doc, "jobId", "");
        if (i == 0) {
            (void)snprintf(first, sizeof first, "%s", id);
        }
        cr_expect_str_eq(id, first, "row %zu", i);
        answer_clear(&x);
    }
    static const char *const types[] = {"Content-Type: application/json ; charset=\"UTF-8\" \r\n",
                                        "Content-Type: APPLICATION/JSON;\r\n",
                                        ("Content-Type: application/json\r\nContent-Encoding: "
                                         "identity\r\n")};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        answer_drop(api_expect(&a, "POST", "/deploy", types[i], api_good, 202, ""));
    }
    answer_drop(
        api_expect(&a, "POST", "/deploy", "Content-Encoding: gzip\r\n", api_good, 415, "encoded"));
    answer_drop(api_expect(&a, "POST", "/deploy", "Content-Encoding: identity, br\r\n", api_good,
                           415, "encoded"));
    answer_drop(api_expect(&a, "POST", "/deploy",
                           "Content-Type: application/json\r\nContent-Type: text/plain\r\n",
                           api_good, 400, "bad_request"));
}

Test(api_wire, a_token_may_have_blanks_behind_it)
{
    api_cloud_start(&a, NULL,
                    &(struct api_options){.access_log = "", .token = "web-token-0123456789"});
    answer_drop(api_expect(&a, "GET", "/status/x",
                           "Authorization: Bearer web-token-0123456789 \t\r\n", NULL, 404,
                           "not_found"));
    /* The Host header is what keeps web pages out: a proxy may give any Host. */
    answer_drop(
        api_expect(&a, "GET", "http://api.example/healthz", NULL, NULL, 400, "bad_request"));
    static const char other[] = "GET http://api.example/healthz HTTP/1.1\r\nHost: API.example\r\n"
                                "Origin: https://any.example\r\nConnection: close\r\n\r\n";
    struct answer x = api_raw(&a, other, sizeof other - 1);
    cr_expect_eq(x.status, 200, "%s", x.body);
    answer_clear(&x);
}

Test(api_wire, probes_may_add_a_query_of_their_own)
{
    static const char *const targets[] = {"/healthz?probe=1",
                                          "/readyz?a=1&a=2",
                                          "/metrics?name[]=up",
                                          "/healthz?%zz&%ff",
                                          "/healthz?a&b&c&d&e&f&g&h&i&j",
                                          "http://localhost:1/healthz?x"};

    api_cloud_start(&a, NULL, NULL);
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        answer_drop(api_expect(&a, "GET", targets[i], NULL, NULL, 200, ""));
    }
    answer_drop(api_expect(&a, "GET", "/jobs/u?probe=1", NULL, NULL, 400, "bad_request"));
}

/* ---- web pages ---- */

Test(api_wire, without_a_token_no_web_page_reaches_it)
{
    static const struct {
        const char *headers, *code;
    } pages[] = {
        {"Origin: https://evil.example\r\n",                       "origin_not_allowed"},
        {"Origin: null\r\n",                                       "origin_not_allowed"},
        {"Origin: http://localhost:3000\r\n",                      "origin_not_allowed"},
        {"Sec-Fetch-Site: cross-site\r\n",                         "origin_not_allowed"},
        {"Sec-Fetch-Site: same-site\r\n",                          "origin_not_allowed"},
        {"Sec-Fetch-Site: none\r\nSec-Fetch-Site: cross-site\r\n", "origin_not_allowed"},
    };
    static const struct {
        const char *method, *target;
    } all[] = {
        {"GET",     "/healthz"        },
        {"GET",     "/jobs/u"         },
        {"POST",    "/test-connection"},
        {"DELETE",  "/jobs/x"         },
        {"GET",     "/metrics"        },
        {"GET",     "/none"           },
        {"OPTIONS", "/deploy"         },
    };
    char header[80];

    api_cloud_start(&a, NULL, NULL);
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
            struct answer x = api_expect(&a, all[k].method, all[k].target, pages[i].headers, NULL,
                                         403, pages[i].code);
            cr_expect_str_eq(
                answer_header(&x, "Access-Control-Allow-Origin", header, sizeof header), "");
            answer_clear(&x);
        }
        answer_drop(
            api_expect(&a, "POST", "/deploy", pages[i].headers, api_good, 403, pages[i].code));
    }
    static const char rebound[] =
        "GET /jobs/u HTTP/1.1\r\nHost: rebound.example:4600\r\nConnection: close\r\n\r\n";
    struct answer x = api_raw(&a, rebound, sizeof rebound - 1);
    cr_expect_eq(x.status, 403);
    cr_expect_str_eq(answer_code(&x), "host_not_allowed");
    answer_clear(&x);
    answer_drop(api_expect(&a, "GET", "/healthz", "Sec-Fetch-Site: none\r\n", NULL, 200, ""));
}

Test(api_wire, cors_lets_one_origin_in_and_no_other)
{
    static char app[] = "https://app.example";
    static char *const cors[] = {app};
    char header[80];

    api_cloud_start(&a, NULL, &(struct api_options){.access_log = "", .cors = cors, .cors_len = 1});
    struct answer x =
        api_expect(&a, "GET", "/healthz",
                   "Origin: https://app.example\r\nSec-Fetch-Site: cross-site\r\n", NULL, 200, "");
    cr_expect_str_eq(answer_header(&x, "Access-Control-Allow-Origin", header, sizeof header), app);
    cr_expect_str_eq(answer_header(&x, "Vary", header, sizeof header), "Origin");
    answer_clear(&x);
    x = api_expect(&a, "OPTIONS", "/deploy",
                   "Origin: https://app.example\r\nAccess-Control-Request-Method: POST\r\n", NULL,
                   204, "");
    cr_expect_str_eq(answer_header(&x, "Access-Control-Allow-Methods", header, sizeof header),
                     "GET, HEAD, POST, DELETE");
    answer_clear(&x);
    answer_drop(
        api_expect(&a, "OPTIONS", "/deploy",
                   "Origin: https://other.example\r\nAccess-Control-Request-Method: POST\r\n", NULL,
                   403, "origin_not_allowed"));
}

/* ---- text ---- */

Test(api_wire, every_reply_is_utf8_whatever_came)
{
    static const char *const whole[] = {"\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "a"};
    unsigned seed = 4711;

    api_cloud_start(&a, NULL, NULL);
    for (int i = 0; i < 150; i++) {
        struct strbuf b = STRBUF_INIT;
        struct strbuf junk = STRBUF_INIT;
        for (int k = 0; k < 80; k++) {
            seed = seed * 1103515245U + 12345U;
            unsigned r = seed >> 16;
            if (i % 2 == 0) { /* whole characters, so that something is cut in the middle of one */
                strbuf_adds(&junk, whole[r % 4]);
            } else {
                strbuf_addc(&junk, (char)(r % 2 == 0 ? 0x80 + r / 2 % 0x80 : 'a' + r / 2 % 26));
            }
        }
        const char *s = strbuf_str(&junk);
        switch (i % 6) {
        case 0:
            strbuf_addf(&b, "%s /healthz HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n", s);
            break;
        case 1:
            strbuf_addf(&b, "GET /%s HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n", s);
            break;
        case 2:
            strbuf_addf(&b, "GET /jobs/u?%s=1 HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n", s);
            break;
        case 3:
            strbuf_addf(&b, "GET /jobs/u?status=%s HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n",
                        s);
            break;
        case 4:
            strbuf_addf(&b,
                        POST "Content-Type: application/json\r\nConnection: close\r\n"
                             "Content-Length: %zu\r\n\r\n{\"%s\":1}",
                        junk.len + 6, s);
            break;
        default:
            strbuf_addf(&b,
                        GET "X-Request-Id: %s\r\nIdempotency-Key: %s\r\nOrigin: %s\r\n"
                            "Connection: close\r\n\r\n",
                        s, s, s);
            break;
        }
        char *text = talk(b.data, b.len);
        cr_expect(text_utf8_valid(text, strlen(text)), "%d: %s", i, text);
        cr_expect(text[0] == '\0' || replies(text) == 1, "%d: %s", i, text);
        free(text);
        strbuf_clear(&b);
        strbuf_clear(&junk);
    }
    static const char *const lossy[] = {
        "{\"userId\":\"\\ud800\",\"productId\":\"p\"}",
        "{\"userId\":\"u\",\"productId\":\"a\\u0000b\"}",
        "{\"userId\":\"u\",\"productId\":\"p\",\"metadata\":{\"\\udfff\":1}}"};
    for (size_t i = 0; i < sizeof lossy / sizeof *lossy; i++) {
        answer_drop(api_expect(&a, "POST", "/deploy", NULL, lossy[i], 400, "bad_request"));
    }
}
