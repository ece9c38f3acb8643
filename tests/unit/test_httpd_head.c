/* The head of a request: what is served, what is refused and with what, in whatever parts it comes.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/strbuf.h"
#include "src/httpd/head.h"

TestSuite(httpd_head, .timeout = 120);

static const struct http_head_limits limits = {.head_max = 4096, .target_max = 1024};

static bool same_text(const char *a, const char *b)
{
    return (a == NULL) == (b == NULL) && (a == NULL || strcmp(a, b) == 0);
}

static bool same(const struct http_head *a, const struct http_head *b)
{
    if (a->status != b->status || a->why != b->why || a->minor != b->minor ||
        a->chunked != b->chunked || a->length != b->length || a->keep != b->keep ||
        a->expects != b->expects || !same_text(a->method, b->method) ||
        !same_text(a->target, b->target) || a->fields.len != b->fields.len) {
        return false;
    }
    for (size_t i = 0; i < a->fields.len; i++) {
        if (strcmp(a->fields.items[i].name, b->fields.items[i].name) != 0 ||
            strcmp(a->fields.items[i].value, b->fields.items[i].value) != 0) {
            return false;
        }
    }
    return true;
}

static size_t read_whole(const char *bytes, size_t len, struct http_head *out)
{
    struct http_head_scan s = {.at = 0};

    return http_head_read(&s, bytes, len, &limits, out);
}

/* Reads a prefix, in a block of just its size so that a sanitizer sees a byte too far. */
static size_t read_prefix(struct http_head_scan *s, const char *bytes, size_t len,
                          struct http_head *out)
{
    char *copy = xmalloc(len + 1);

    memcpy(copy, bytes, len);
    copy = xrealloc(copy, len == 0 ? 1 : len);
    size_t n = s == NULL ? read_whole(copy, len, out) : http_head_read(s, copy, len, &limits, out);
    free(copy);
    return n;
}

/* Whole, from a first part of each length, and byte by byte: always the same. `out` is to be
 * cleared. */
static size_t read_all_ways(const char *bytes, size_t len, struct http_head *out)
{
    struct http_head_scan slow = {.at = 0};
    struct http_head head;
    size_t n = read_prefix(NULL, bytes, len, out);
    size_t told = 0;
    bool early = false; /* an answer came before all bytes were there */

    for (size_t cut = 0; cut <= len; cut++) {
        struct http_head_scan s = {.at = 0};
        size_t first = read_prefix(&s, bytes, cut, &head);
        if (first == 0) {
            http_head_clear(&head);
            first = read_prefix(&s, bytes, len, &head);
            cr_expect(!early, "cut %zu: it was known before", cut);
        } else {
            early = true;
        }
        cr_expect_eq(first, n, "cut %zu: %zu, not %zu", cut, first, n);
        cr_expect(same(&head, out), "cut %zu: %d %s", cut, head.status, head.why);
        http_head_clear(&head);
        size_t alone = read_prefix(NULL, bytes, cut, &head);
        cr_expect(alone == 0 || (alone == n && same(&head, out)), "cut %zu", cut);
        http_head_clear(&head);
        if (told == 0) {
            told = read_prefix(&slow, bytes, cut, &head);
            cr_expect_eq(told, alone, "cut %zu: %zu, not %zu", cut, told, alone);
            cr_expect(told == 0 || same(&head, out), "cut %zu", cut);
            http_head_clear(&head);
        }
    }
    cr_expect_eq(told, n);
    return n;
}

/* ---- what is served ---- */

#define H "Host: a\r\n"

/* `want`: method, target, HTTP/1.this, number of fields, and what else is so. */
static const struct {
    const char *bytes, *want;
} sound[] = {
    {"GET / HTTP/1.1\r\n" H "\r\n",                                                       "GET / 1 1 keep"              },
    {"\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\n" H "\r\n",                                       "GET / 1 1 keep"              },
    {"get /a?b=%20&c#d HTTP/1.1\r\nhOST:a\r\n\r\n",                                       "get /a?b=%20&c#d 1 1 keep"   },
    {"OPTIONS * HTTP/1.1\r\n" H "\r\n",                                                   "OPTIONS * 1 1 keep"          },
    {"GET http://a:1/b HTTP/1.1\r\nHost: a:1\r\n\r\n",                                    "GET http://a:1/b 1 1 keep"   },
    {"M~!#$%&'*+.^_`|09 x HTTP/1.1\r\n" H "\r\n",                                         "M~!#$%&'*+.^_`|09 x 1 1 keep"},
    {"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345 / HTTP/1.1\r\n" H "\r\n",
     "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345 / 1 1 keep"                                                                      },
    {"GET / HTTP/1.0\r\n\r\n",                                                            "GET / 0 0"                   },
    {"GET / HTTP/1.0\r\n" H "Connection: Keep-Alive\r\n\r\n",                             "GET / 0 2 keep"              },
    {"GET / HTTP/1.0\r\nConnection: x, keep-alive ,close\r\n\r\n",                        "GET / 0 1"                   },
    {"GET / HTTP/1.0\r\nConnection: keep-alives\r\n\r\n",                                 "GET / 0 1"                   },
    {"GET / HTTP/1.1\r\n" H "Connection: CLOSE\r\n\r\n",                                  "GET / 1 2"                   },
    {"GET / HTTP/1.1\r\n" H "Connection: a\r\nConnection: , close,\t\r\n\r\n",            "GET / 1 3"                   },
    {"GET / HTTP/1.1\r\n" H "Connection: \"a, close\", closed\r\n\r\n",                   "GET / 1 2 keep"              },
    {"GET / HTTP/1.1\r\n" H "Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n",                "GET / 1 3 keep"              },
    {"PUT / HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\n",                                  "PUT / 1 2 keep length 5"     },
    {"PUT / HTTP/1.1\r\n" H "content-length:\t 007 \t\r\n\r\n",                           "PUT / 1 2 keep length 7"     },
    {"PUT / HTTP/1.1\r\n" H "Content-Length: 0\r\n\r\n",                                  "PUT / 1 2 keep"              },
    {"PUT / HTTP/1.1\r\n" H "Content-Length: 999999999999999999\r\n\r\n",
     "PUT / 1 2 keep length 999999999999999999"                                                                         },
    {"PUT / HTTP/1.0\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n",               "PUT / 0 2 length 3"          },
    {"PUT / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n",                         "PUT / 1 2 keep chunked"      },
    {"PUT / HTTP/1.1\r\n" H "TRANSFER-ENCODING:\t Chunked \t\r\n\r\n",                    "PUT / 1 2 keep chunked"      },
    {"PUT / HTTP/1.1\r\n" H "Content-Length: 1\r\nExpect: 100-Continue\r\n\r\n",
     "PUT / 1 3 keep length 1 expects"                                                                                  },
    {"PUT / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n",
     "PUT / 1 3 keep chunked expects"                                                                                   },
    {"PUT / HTTP/1.1\r\n" H "Content-Length: 1\r\nExpect:\r\n\r\n",                       "PUT / 1 3 keep length 1"     },
    {"GET / HTTP/1.1\r\n" H "Expect: 100-continue\r\n\r\n",                               "GET / 1 2 keep"              },
    {"GET / HTTP/1.1\r\n" H "X:\r\nX: \r\nX:\t\r\n!#$%&'*+-.^_`|~: y\r\n\r\n",            "GET / 1 5 keep"              },
    {"GET / HTTP/1.1\r\n" H "X: a:b  c \xff\xc3\x80\r\n\r\n",                             "GET / 1 2 keep"              },
};

static char *summary(const struct http_head *h)
{
    struct strbuf b = STRBUF_INIT;

    strbuf_addf(&b, "%s %s %d %zu%s%s", h->method, h->target, h->minor, h->fields.len,
                h->keep ? " keep" : "", h->chunked ? " chunked" : "");
    if (h->length > 0) {
        strbuf_addf(&b, " length %zu", h->length);
    }
    strbuf_adds(&b, h->expects ? " expects" : "");
    return strbuf_take(&b);
}

Test(httpd_head, a_sound_head_is_read_in_whatever_parts_it_comes)
{
    for (size_t i = 0; i < sizeof sound / sizeof *sound; i++) {
        struct http_head head;
        char *more = xasprintf("%sGET /next HTTP/1.1\r\n", sound[i].bytes);
        size_t n = read_all_ways(more, strlen(more), &head);
        cr_expect_eq(n, strlen(sound[i].bytes), "row %zu: %zu", i, n);
        cr_expect_eq(head.status, 0, "row %zu: %d %s", i, head.status, head.why);
        char *got = summary(&head);
        cr_expect_str_eq(got, sound[i].want);
        http_head_clear(&head);
        free(got);
        free(more);
    }
}

Test(httpd_head, a_host_is_a_name_or_an_address_with_or_without_a_port)
{
    static const char *const hosts[] = {
        "a",     "a.b-c_d.example.", "A1:80",   "localhost:", "127.0.0.1:65535",
        "[::1]", "[::1]:443",        "1.2.3.4", "_x:00080",   "[::ffff:1.2.3.4]:1"};
    static const char *const none[] = {
        "",
        " ",
        "a b",
        "a,b",
        "a, b",
        "a/b",
        "a?b",
        "a#b",
        "u@a",
        "a:b",
        "a:80:1",
        ":80",
        "a:-1",
        "a:65536",
        "a:+80",
        "a:8080x",
        "a:123456",
        "[::1",
        "::1",
        "[::1]x",
        "[a]",
        "[]",
        "[1.2.3.4]",
        "a%20b",
        "a\\b",
        "\xc3\xa4",
        "http://a",
        "a;b",
        ".",
        ".a",
        "-a",
        "[::1]:x",
        "a:80 ,b",
        "[::1%25lo]",
        "a\"",
        "a<b>",
        "[::ffff:1.2.3.4]:1]",
        "[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000]"};

    for (size_t i = 0; i < 2 * (sizeof none / sizeof *none); i++) {
        struct http_head head;
        char *bytes = xasprintf("GET / HTTP/1.%zu\r\nHost: %s\r\n\r\n", i % 2, none[i / 2]);
        cr_expect_gt(read_whole(bytes, strlen(bytes), &head), 0);
        cr_expect_eq(head.status, 400, "%s", none[i / 2]);
        http_head_clear(&head);
        free(bytes);
    }
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        struct http_head head;
        char *bytes = xasprintf("GET / HTTP/1.1\r\nHost: %s\r\n\r\n", hosts[i]);
        cr_expect_eq(read_whole(bytes, strlen(bytes), &head), strlen(bytes));
        cr_expect_eq(head.status, 0, "%s: %s", hosts[i], head.why);
        http_head_clear(&head);
        free(bytes);
    }
}

/* ---- what is refused ---- */

#define GET "GET / HTTP/1.1\r\n"
#define PUT "PUT /a HTTP/1.1\r\n" H
#define ROW(text, status, method, target)                                                          \
    {                                                                                              \
        text, sizeof(text) - 1, status, method, target                                             \
    }
static const struct {
    const char *bytes;
    size_t len;
    int status;
    const char *method, *target; /* that could be read */
} doubtful[] = {
    /* the request line */
    ROW(" GET / HTTP/1.1\r\n", 400, NULL, NULL),
    ROW("\tGET / HTTP/1.1\r\n", 400, NULL, NULL),
    ROW("\nGET / HTTP/1.1\r\n", 400, NULL, NULL),
    ROW("\r\r\nGET / HTTP/1.1\r\n", 400, NULL, NULL),
    ROW("\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\n", 400, NULL, NULL),
    ROW("\r\n GET / HTTP/1.1\r\n", 400, NULL, NULL),
    ROW("\0GET / HTTP/1.1\r\n", 400, NULL, NULL),
    ROW("\x16\x03\x01\x02", 400, NULL, NULL), /* TLS */
    ROW("G\0T / HTTP/1.1\r\n", 400, NULL, NULL),
    ROW("G@T / HTTP/1.1\r\n", 400, NULL, NULL),
    ROW("G\xc3\xa4T / HTTP/1.1\r\n", 400, NULL, NULL),
    ROW("GET\t/ HTTP/1.1\r\n", 400, NULL, NULL),
    ROW("GET\r\n", 400, NULL, NULL),
    ROW("{\"a\":1}", 400, NULL, NULL),
    ROW("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456", 501, NULL, NULL),
    ROW("GET  / HTTP/1.1\r\n", 400, "GET", NULL),
    ROW("GET \t/ HTTP/1.1\r\n", 400, "GET", NULL),
    ROW("GET /a\tb HTTP/1.1\r\n", 400, "GET", NULL),
    ROW("GET /a\x7f HTTP/1.1\r\n", 400, "GET", NULL),
    ROW("GET /a\0b HTTP/1.1\r\n", 400, "GET", NULL),
    ROW("GET /\xc3\xa4 HTTP/1.1\r\n", 400, "GET", NULL),
    ROW("GET /a\x0b HTTP/1.1\r\n", 400, "GET", NULL),
    ROW("GET /\r\n", 400, "GET", NULL), /* HTTP/0.9 */
    ROW("GET /\n", 400, "GET", NULL),
    ROW("GET / \r\n", 400, "GET", "/"),
    ROW("GET /  HTTP/1.1\r\n", 400, "GET", "/"),
    ROW("GET /a b HTTP/1.1\r\n", 400, "GET", "/a"),
    ROW("GET / HTTP/1.1 \r\n", 400, "GET", "/"),
    ROW("GET / HTTP/1.1\n" H "\n", 400, "GET", "/"),
    ROW("GET / HTTP/1.1\r" H "\r\n", 400, "GET", "/"),
    ROW("GET / http/1.1\r\n", 400, "GET", "/"),
    ROW("GET / HTTPS/1.1\r\n", 400, "GET", "/"),
    ROW("GET / HTTP/1.\r\n", 400, "GET", "/"),
    ROW("GET / HTTP/.1\r\n", 400, "GET", "/"),
    ROW("GET / HTTP/x\r\n", 400, "GET", "/"),
    ROW("GET / HTTP/1,1\r\n", 400, "GET", "/"),
    ROW("GET / HTTP/1.1x\r\n", 400, "GET", "/"),
    ROW("GET / HTTP/1.1.1\r\n", 400, "GET", "/"),
    ROW("GET / HTTP/-1.1\r\n", 400, "GET", "/"),
    ROW("GET / HTTP/1.1\0\r\n", 400, "GET", "/"),
    ROW("GET / HTTP/1.11111111111", 400, "GET", "/"),
    ROW("GET / HTTP/1.2\r\n", 505, "GET", "/"),
    ROW("GET / HTTP/1.10\r\n", 505, "GET", "/"),
    ROW("GET / HTTP/01.1\r\n", 505, "GET", "/"),
    ROW("GET / HTTP/0.9\r\n", 505, "GET", "/"),
    ROW("GET / HTTP/1\r\n", 505, "GET", "/"),
    ROW("GET / HTTP/3\r\n", 505, "GET", "/"),
    ROW("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "PRI", "*"),
    /* lines and names */
    ROW(GET H "X: a\n\r\n", 400, "GET", "/"),
    ROW(GET H "X: a\r\n\n", 400, "GET", "/"),
    ROW(GET H "X: a\rY: b\r\n", 400, "GET", "/"),
    ROW(GET H "X: a\r\r\n", 400, "GET", "/"),
    ROW(GET H "\rX", 400, "GET", "/"),
    ROW(GET " X: a\r\n" H "\r\n", 400, "GET", "/"),
    ROW(GET H "X: a\r\n b\r\n", 400, "GET", "/"),
    ROW(GET H "X: a\r\n\tb\r\n", 400, "GET", "/"),
    ROW(GET H "X: a\r\n \r\n", 400, "GET", "/"),
    ROW(GET H "X:\r\n a\r\n", 400, "GET", "/"),
    ROW(GET H "X : a\r\n", 400, "GET", "/"),
    ROW(GET H "X\t: a\r\n", 400, "GET", "/"),
    ROW(GET H "X y: a\r\n", 400, "GET", "/"),
    ROW(GET H ": a\r\n", 400, "GET", "/"),
    ROW(GET H "X\r\n", 400, "GET", "/"),
    ROW(GET H "X\n", 400, "GET", "/"),
    ROW(GET H "X\0: a\r\n", 400, "GET", "/"),
    ROW(GET H "\0X: a\r\n", 400, "GET", "/"),
    ROW(GET H "X\xc2\xa0: a\r\n", 400, "GET", "/"),
    ROW(GET H "\xff: a\r\n", 400, "GET", "/"),
    ROW(GET H "X(y): a\r\n", 400, "GET", "/"),
    ROW(GET H "\"X\": a\r\n", 400, "GET", "/"),
    ROW(GET H "X/y: a\r\n", 400, "GET", "/"),
    ROW(GET H "X,Y: a\r\n", 400, "GET", "/"),
    ROW(GET H "X\x7f: a\r\n", 400, "GET", "/"),
    /* values */
    ROW(GET H "X: a\0b\r\n", 400, "GET", "/"),
    ROW(GET H "X: \0\r\n", 400, "GET", "/"),
    ROW(GET H "X: a\tb\r\n", 400, "GET", "/"),
    ROW(GET H "X: a \t b\r\n", 400, "GET", "/"),
    ROW(GET H "X: a\x01\r\n", 400, "GET", "/"),
    ROW(GET H "X: \x0b"
              "a\r\n",
        400, "GET", "/"),
    ROW(GET H "X: a\x0c\r\n", 400, "GET", "/"),
    ROW(GET H "X: a\x1b[m\r\n", 400, "GET", "/"),
    ROW(GET H "X: a\x7f\r\n", 400, "GET", "/"),
    /* whom it is for */
    ROW(GET "\r\n", 400, "GET", "/"),
    ROW(GET "Hosts: a\r\n\r\n", 400, "GET", "/"),
    ROW(GET H H "\r\n", 400, "GET", "/"),
    ROW(GET H "X: y\r\nhost: b\r\n\r\n", 400, "GET", "/"),
    ROW("GET / HTTP/1.0\r\n" H "HOST: a\r\n\r\n", 400, "GET", "/"),
    /* where it ends */
    ROW(PUT "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", 400, "PUT", "/a"),
    ROW(PUT "Content-Length: 1\r\ncontent-length: 2\r\n\r\n", 400, "PUT", "/a"),
    ROW(PUT "Content-Length: 2, 2\r\n\r\n", 400, "PUT", "/a"),
    ROW(PUT "Content-Length: 2,\r\n\r\n", 400, "PUT", "/a"),
    ROW(PUT "Content-Length: +2\r\n\r\n", 400, "PUT", "/a"),
    ROW(PUT "Content-Length: -2\r\n\r\n", 400, "PUT", "/a"),
    ROW(PUT "Content-Length: 2 2\r\n\r\n", 400, "PUT", "/a"),
    ROW(PUT "Content-Length: 0x2\r\n\r\n", 400, "PUT", "/a"),
    ROW(PUT "Content-Length: 2.0\r\n\r\n", 400, "PUT", "/a"),
    ROW(PUT "Content-Length: 1e3\r\n\r\n", 400, "PUT", "/a"),
    ROW(PUT "Content-Length: 1_0\r\n\r\n", 400, "PUT", "/a"),
    ROW(PUT "Content-Length: \"2\"\r\n\r\n", 400, "PUT", "/a"),
    ROW(PUT "Content-Length: \xd9\xa2\r\n\r\n", 400, "PUT", "/a"),
    ROW(PUT "Content-Length:\r\n\r\n", 400, "PUT", "/a"),
    ROW(PUT "Content-Length: 1000000000000000000\r\n\r\n", 400, "PUT", "/a"),
    ROW(PUT "Content-Length: 18446744073709551617\r\n\r\n", 400, "PUT", "/a"),
    ROW(PUT "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "PUT", "/a"),
    ROW(PUT "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", 400, "PUT", "/a"),
    ROW(PUT "Transfer-Encoding: x\r\nContent-Length: 5\r\n\r\n", 400, "PUT", "/a"),
    ROW(PUT "Transfer-Encoding:\r\nContent-Length: 5\r\n\r\n", 400, "PUT", "/a"),
    ROW("PUT /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "PUT", "/a"),
    ROW("PUT /a HTTP/1.0\r\nTransfer-Encoding: identity\r\n\r\n", 400, "PUT", "/a"),
    ROW(PUT "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "PUT", "/a"),
    ROW(PUT "Transfer-Encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n", 400, "PUT", "/a"),
    ROW(PUT "Transfer-Encoding: chunked, chunked\r\n\r\n", 501, "PUT", "/a"),
    ROW(PUT "Transfer-Encoding: gzip, chunked\r\n\r\n", 501, "PUT", "/a"),
    ROW(PUT "Transfer-Encoding: identity\r\n\r\n", 501, "PUT", "/a"),
    ROW(PUT "Transfer-Encoding: xchunked\r\n\r\n", 501, "PUT", "/a"),
    ROW(PUT "Transfer-Encoding: chunkedx\r\n\r\n", 501, "PUT", "/a"),
    ROW(PUT "Transfer-Encoding: chunked;a=b\r\n\r\n", 501, "PUT", "/a"),
    ROW(PUT "Transfer-Encoding: chunked,\r\n\r\n", 501, "PUT", "/a"),
    ROW(PUT "Transfer-Encoding: ,chunked\r\n\r\n", 501, "PUT", "/a"),
    ROW(PUT "Transfer-Encoding: 'chunked'\r\n\r\n", 501, "PUT", "/a"),
    ROW(PUT "Transfer-Encoding: chu nked\r\n\r\n", 501, "PUT", "/a"),
    ROW(PUT "Transfer-Encoding: \xc2\xa0"
            "chunked\r\n\r\n",
        501, "PUT", "/a"),
    ROW(PUT "Transfer-Encoding:\r\n\r\n", 501, "PUT", "/a"),
    /* what is asked for */
    ROW(PUT "Expect: 200-ok\r\n\r\n", 417, "PUT", "/a"),
    ROW(PUT "Expect: 100-continue, x\r\n\r\n", 417, "PUT", "/a"),
    ROW(PUT "Expect: 100\r\n\r\n", 417, "PUT", "/a"),
    ROW(PUT "Expect: 100-continue\r\nExpect: x\r\n\r\n", 417, "PUT", "/a"),
    ROW("PUT /a HTTP/1.0\r\nExpect: x\r\n\r\n", 417, "PUT", "/a"),
};

Test(httpd_head, what_is_in_doubt_is_refused_in_whatever_parts_it_comes)
{
    for (size_t i = 0; i < sizeof doubtful / sizeof *doubtful; i++) {
        struct http_head head;
        struct strbuf b = STRBUF_INIT;
        strbuf_add(&b, doubtful[i].bytes, doubtful[i].len);
        strbuf_adds(&b, "GET /next HTTP/1.1\r\n" H "\r\n"); /* which must not make it sound */
        size_t n = read_all_ways(b.data, b.len, &head);
        cr_expect_gt(n, 0, "row %zu is not refused", i);
        cr_expect_leq(n, doubtful[i].len, "row %zu: %zu", i, n);
        cr_expect_eq(head.status, doubtful[i].status, "row %zu: %d %s", i, head.status, head.why);
        cr_expect(same_text(head.method, doubtful[i].method), "row %zu: %s", i, head.method);
        cr_expect(same_text(head.target, doubtful[i].target), "row %zu: %s", i, head.target);
        cr_expect(!head.keep, "row %zu", i);
        cr_expect(head.why != NULL && (head.why[0] < 'A' || head.why[0] > 'Z' ||
                                       strchr("HCTE", head.why[0]) != NULL),
                  "row %zu: %s", i, head.why);
        http_head_clear(&head);
        /* Without what follows, too: the last byte of the row is enough. */
        n = read_whole(doubtful[i].bytes, doubtful[i].len, &head);
        cr_expect_gt(n, 0, "row %zu waits for more", i);
        cr_expect_eq(head.status, doubtful[i].status, "row %zu: %d", i, head.status);
        http_head_clear(&head);
        strbuf_clear(&b);
    }
}

Test(httpd_head, what_is_too_long_is_refused_as_soon_as_it_is_known)
{
    struct http_head head;
    struct strbuf b = STRBUF_INIT;

    strbuf_adds(&b, "GET /");
    while (b.len < 4 + limits.target_max) {
        strbuf_addc(&b, 'a');
    }
    cr_expect_eq(read_whole(b.data, b.len, &head), 0, "just long enough");
    strbuf_adds(&b, "a");
    cr_expect_gt(read_all_ways(b.data, b.len, &head), 0);
    cr_expect_eq(head.status, 414);
    cr_expect_str_eq(head.method, "GET");
    http_head_clear(&head);

    for (int over = 0; over < 2; over++) { /* the whole head is just as long as it may be, or not */
        strbuf_reset(&b);
        strbuf_adds(&b, GET H "X: ");
        while (b.len < limits.head_max - 4 + (size_t)over) {
            strbuf_addc(&b, 'a');
        }
        strbuf_adds(&b, "\r\n\r\n");
        cr_expect_eq(read_all_ways(b.data, b.len, &head), limits.head_max);
        cr_expect_eq(head.status, over ? 431 : 0, "%d", head.status);
        cr_expect_str_eq(head.target, "/");
        cr_expect_eq(head.fields.len, 2);
        http_head_clear(&head);
    }
    strbuf_reset(&b);
    strbuf_adds(&b, GET H);
    for (int i = 1; i < HTTP_LINES_MAX; i++) {
        strbuf_addf(&b, "x%d: y\r\n", i);
    }
    size_t sound_len = b.len;
    strbuf_adds(&b, "\r\n");
    cr_expect_eq(read_all_ways(b.data, b.len, &head), b.len);
    cr_expect_eq(head.status, 0);
    cr_expect_eq(head.fields.len, HTTP_LINES_MAX);
    http_head_clear(&head);
    strbuf_truncate(&b, sound_len);
    strbuf_adds(&b, "z");
    cr_expect_gt(read_all_ways(b.data, b.len, &head), 0);
    cr_expect_eq(head.status, 431);
    http_head_clear(&head);
    strbuf_clear(&b);
}

/* ---- fields ---- */

Test(httpd_head, values_lose_the_blanks_around_them_and_nothing_else)
{
    static const struct {
        const char *given, *want;
    } rows[] = {
        {"order-1",       "order-1"  },
        {"order-1  ",     "order-1"  },
        {" \t order-1\t", "order-1"  },
        {"a  b",          "a  b"     },
        {"",              ""         },
        {" \t ",          ""         },
        {"\xc2\xa0x",     "\xc2\xa0x"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct http_fields f = {.len = 0};
        http_fields_set(&f, "Idempotency-Key", rows[i].given);
        cr_expect_str_eq(http_fields_get(&f, "idempotency-KEY"), rows[i].want);
        http_fields_clear(&f);
        cr_expect_eq(f.len, 0);
    }
}

Test(httpd_head, fields_of_one_name_are_one_list)
{
    struct http_fields f = {.len = 0};

    cr_expect_null(http_fields_join(&f, "A"));
    cr_expect_null(http_fields_get(&f, "A"));
    http_fields_add(&f, "Abc", 1, "x, \"y, z\",  Keep-ALIVE xx", 22);
    http_fields_set(&f, "B", "b");
    http_fields_set(&f, "a", "");
    http_fields_set(&f, "a", "close");
    char *all = http_fields_join(&f, "A");
    cr_expect_str_eq(all, "x, \"y, z\",  Keep-ALIVE, , close");
    free(all);
    cr_expect_eq(http_fields_count(&f, "A"), 3);
    static const char *const in[] = {"x", "X", "\"y, z\"", "keep-alive", "close"};
    static const char *const out[] = {"y", "z", "b", "keep", "alive", "xx", "clos", "closed"};
    for (size_t i = 0; i < sizeof in / sizeof *in; i++) {
        cr_expect(http_fields_list_has(&f, "A", in[i]), "%s", in[i]);
    }
    for (size_t i = 0; i < sizeof out / sizeof *out; i++) {
        cr_expect(!http_fields_list_has(&f, "A", out[i]), "%s", out[i]);
    }
    cr_expect(!http_fields_list_has(&f, "C", "x"));
    http_fields_clear(&f);
}
