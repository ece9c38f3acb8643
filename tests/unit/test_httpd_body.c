/* A request's body: of a length or in chunks, in whatever parts it comes. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/strbuf.h"
#include "src/httpd/body.h"

TestSuite(httpd_body, .timeout = 120);

enum { MAX = 32 };

struct outcome {
    enum http_body_state state;
    size_t used;
    size_t received;
    bool over;
    const char *why;
    char *data; /* owned */
    size_t data_len;
};

/* Feeds `bytes` in parts that end at the two cuts, or of one byte each. */
static struct outcome feed(bool chunked, size_t length, const char *bytes, size_t len,
                           const size_t cuts[2], bool slow)
{
    struct http_body b;
    struct outcome o = {.used = 0};
    size_t at = 0;
    bool known_over = false;

    http_body_init(&b, chunked, length, MAX);
    o.state = http_body_take(&b, "", 0, &o.used);
    for (int part = 0; at < len && o.state != HTTP_BODY_END && o.state != HTTP_BODY_BAD; part++) {
        size_t end = slow ? at + 1 : part == 0 ? cuts[0] : part == 1 ? cuts[1] : len;
        size_t n = end - at;
        size_t used = 0;
        char *copy = xmalloc(n == 0 ? 1 : n); /* so that a sanitizer sees a byte too far */
        memcpy(copy, bytes + at, n);
        o.state = http_body_take(&b, copy, n, &used);
        free(copy);
        cr_expect_leq(used, n);
        cr_expect(o.state == HTTP_BODY_END || o.state == HTTP_BODY_BAD || used == n,
                  "it takes all it can");
        cr_expect(!known_over || o.state != HTTP_BODY_MORE, "over, and then not");
        known_over = o.state == HTTP_BODY_TOO_BIG;
        o.used += used;
        at += n;
    }
    size_t more = 9;
    cr_expect(o.state == HTTP_BODY_MORE || o.state == HTTP_BODY_TOO_BIG ||
                  (http_body_take(&b, "0\r\n\r\n", 5, &more) == o.state && more == 0),
              "it takes bytes after its end");
    cr_expect_leq(b.data.len, MAX);
    o.received = b.received;
    o.over = b.too_big;
    o.why = b.why;
    o.data_len = b.data.len;
    o.data = xmalloc(b.data.len + 1);
    memcpy(o.data, strbuf_str(&b.data), b.data.len + 1);
    http_body_clear(&b);
    return o;
}

static void same(const struct outcome *a, const struct outcome *b, size_t i, size_t j)
{
    cr_expect_eq(a->state, b->state, "cut %zu, %zu: %d, not %d", i, j, a->state, b->state);
    cr_expect_eq(a->used, b->used, "cut %zu, %zu: %zu, not %zu", i, j, a->used, b->used);
    cr_expect_eq(a->received, b->received, "cut %zu, %zu", i, j);
    cr_expect_eq(a->over, b->over, "cut %zu, %zu", i, j);
    cr_expect_eq(a->why, b->why, "cut %zu, %zu: %s", i, j, a->why);
    cr_expect(a->data_len == b->data_len && memcmp(a->data, b->data, a->data_len) == 0,
              "cut %zu, %zu", i, j);
}

/* Whole, cut at each two places, and byte by byte: always the same. */
static struct outcome feed_all_ways(bool chunked, size_t length, const char *bytes, size_t len)
{
    struct outcome whole = feed(chunked, length, bytes, len, (size_t[]){len, len}, false);
    struct outcome slow = feed(chunked, length, bytes, len, (size_t[]){0, 0}, true);

    same(&slow, &whole, 0, 0);
    free(slow.data);
    for (size_t i = 0; i <= len; i++) {
        for (size_t j = i; j <= len; j++) {
            struct outcome o = feed(chunked, length, bytes, len, (size_t[]){i, j}, false);
            same(&o, &whole, i, j);
            free(o.data);
        }
    }
    return whole;
}

Test(httpd_body, a_body_of_a_length_is_so_many_bytes)
{
    static const char bytes[] = "0123456789abcdef0123456789abcdef0123456789";

    for (size_t length = 0; length <= MAX; length++) {
        struct outcome o = feed_all_ways(false, length, bytes, 33);
        cr_expect_eq(o.state, HTTP_BODY_END);
        cr_expect_eq(o.used, length);
        cr_expect_eq(o.data_len, length);
        cr_expect(memcmp(o.data, bytes, length) == 0 && o.data[length] == '\0');
        cr_expect(!o.over);
        free(o.data);
    }
    struct outcome o = feed_all_ways(false, 8, "a\0\r\n\xff", 5);
    cr_expect_eq(o.state, HTTP_BODY_MORE);
    cr_expect_eq(o.received, 5);
    cr_expect(memcmp(o.data, "a\0\r\n\xff", 5) == 0);
    free(o.data);
}

Test(httpd_body, one_over_the_limit_is_told_at_once_and_read_to_its_end)
{
    static const char bytes[] = "0123456789abcdef0123456789abcdef0123456789";
    struct http_body b;
    size_t used;

    http_body_init(&b, false, MAX + 1, MAX);
    cr_expect_eq(http_body_take(&b, "", 0, &used), HTTP_BODY_TOO_BIG, "before any byte");
    http_body_clear(&b);
    struct outcome o = feed_all_ways(false, MAX + 1, bytes, sizeof bytes - 1);
    cr_expect_eq(o.state, HTTP_BODY_END);
    cr_expect_eq(o.used, MAX + 1);
    cr_expect_eq(o.received, MAX + 1);
    cr_expect(o.over);
    cr_expect_eq(o.data_len, 0);
    free(o.data);
    http_body_init(&b, false, 999999999999999999, MAX);
    cr_expect_eq(http_body_take(&b, bytes, 8, &used), HTTP_BODY_TOO_BIG);
    cr_expect_eq(used, 8);
    http_body_clear(&b);
    static const struct {
        const char *bytes;
        enum http_body_state state;
        size_t received;
    } rows[] = {
        {"21\r\n",                                                               HTTP_BODY_TOO_BIG, 0 },
        {"20\r\n0123456789abcdef0123456789abcdef\r\n1\r\n",                      HTTP_BODY_TOO_BIG, 32},
        {"20\r\n0123456789abcdef0123456789abcdef\r\n1\r\nx\r\n0\r\n\r\n",        HTTP_BODY_END,     33},
        {"1f\r\n0123456789abcdef0123456789abcde\r\n2\r\nxy\r\n0\r\nA:b\r\n\r\n", HTTP_BODY_END,     33},
        {"21\r\n0123456789abcdef0123456789abcdefx\r\n1\r\ny\r\n0\r\n\r\n",       HTTP_BODY_END,     34},
        {"21\r\n0123456789abcdef0123456789abcdefxy\r\n0\r\n\r\n",                HTTP_BODY_BAD,     33},
        {"21\r\n0123456789abcdef0123456789abcdefx\r\nz\r\n",                     HTTP_BODY_BAD,     33},
        {"1\r\nx\r\nffffffffffffffff\r\nabc",                                    HTTP_BODY_TOO_BIG, 4 },
        {"1\r\nx\r\n8000000000000000\r\nabc",                                    HTTP_BODY_TOO_BIG, 4 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        o = feed_all_ways(true, 0, rows[i].bytes, strlen(rows[i].bytes));
        cr_expect_eq(o.state, rows[i].state, "row %zu: %d", i, o.state);
        cr_expect_eq(o.received, rows[i].received, "row %zu: %zu", i, o.received);
        cr_expect(o.over, "row %zu", i);
        cr_expect_eq(o.data_len, 0, "row %zu", i);
        free(o.data);
    }
}

#define ROW(text, data)                                                                            \
    {                                                                                              \
        text, sizeof(text) - 1, data, sizeof(data) - 1                                             \
    }
static const struct {
    const char *bytes;
    size_t len;
    const char *data;
    size_t data_len;
} sound[] = {
    ROW("0\r\n\r\n", ""),
    ROW("0000000000000000\r\n\r\n", ""),
    ROW("2\r\n{}\r\n0\r\n\r\n", "{}"),
    ROW("0000000000000002\r\n{}\r\n00\r\n\r\n", "{}"),
    ROW("a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n", "01234567890123456789"),
    ROW("4\r\n\r\n\r\n\r\n0\r\n\r\n", "\r\n\r\n"),
    ROW("5\r\n0\r\n\r\n\r\n0\r\n\r\n", "0\r\n\r\n"),
    ROW("3\r\na\0b\r\n0\r\n\r\n", "a\0b"),
    ROW("20\r\n0123456789abcdef0123456789abcdef\r\n0\r\n\r\n", "0123456789abcdef0123456789abcdef"),
    ROW("1;a\r\nx\r\n0;b=c;d\r\n\r\n", "x"),
    ROW("1;a=b;c=\"\";d=\"x; \\\" \\\\ 0\xff\"\r\nx\r\n0\r\n\r\n", "x"),
    ROW("1\r\nx\r\n0\r\nTrailer: x\r\nDigest:\r\n\r\n", "x"),
    ROW("0\r\nHosts: x\r\nContent-Lengths: 5\r\nX-Transfer-Encoding: y\r\n\r\n", ""),
    ROW("0\r\nA-Name-That-Is-Longer-Than-Any-Framing-Field: Host: x\r\n\r\n", ""),
};

Test(httpd_body, sound_chunks_are_read_in_whatever_parts_they_come)
{
    for (size_t i = 0; i < sizeof sound / sizeof *sound; i++) {
        struct strbuf b = STRBUF_INIT;
        strbuf_add(&b, sound[i].bytes, sound[i].len);
        strbuf_adds(&b, "GET / HTTP/1.1\r\n");
        struct outcome o = feed_all_ways(true, 0, b.data, b.len);
        cr_expect_eq(o.state, HTTP_BODY_END, "row %zu: %d %s", i, o.state, o.why);
        cr_expect_eq(o.used, sound[i].len, "row %zu: %zu", i, o.used);
        cr_expect_eq(o.received, sound[i].data_len, "row %zu", i);
        cr_expect(o.data_len == sound[i].data_len && memcmp(o.data, sound[i].data, o.data_len) == 0,
                  "row %zu: %s", i, o.data);
        cr_expect(!o.over, "row %zu", i);
        free(o.data);
        for (size_t cut = 0; cut < sound[i].len; cut++) {
            o = feed(true, 0, sound[i].bytes, cut, (size_t[]){cut, cut}, false);
            cr_expect_eq(o.state, HTTP_BODY_MORE, "row %zu: over after %zu bytes", i, cut);
            free(o.data);
        }
        strbuf_clear(&b);
    }
}

#define BAD(text)                                                                                  \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }
static const struct {
    const char *bytes;
    size_t len;
} doubtful[] = {
    /* sizes */
    BAD("\r\n"),
    BAD("z\r\n"),
    BAD("g\r\n"),
    BAD("+2\r\n{}\r\n0\r\n\r\n"),
    BAD("-2\r\n{}\r\n0\r\n\r\n"),
    BAD("-0\r\n\r\n"),
    BAD("0x2\r\n{}\r\n0\r\n\r\n"),
    BAD("2h\r\n{}\r\n0\r\n\r\n"),
    BAD(" 2\r\n{}\r\n0\r\n\r\n"),
    BAD("2 \r\n{}\r\n0\r\n\r\n"),
    BAD("2\t\r\n{}\r\n0\r\n\r\n"),
    BAD("2\0\r\n{}\r\n0\r\n\r\n"),
    BAD("\0002\r\n{}\r\n0\r\n\r\n"),
    BAD("2,\r\n{}\r\n0\r\n\r\n"),
    BAD("\"2\"\r\n{}\r\n0\r\n\r\n"),
    BAD("2.0\r\n{}\r\n0\r\n\r\n"),
    BAD("1_0\r\n"),
    BAD("\xd9\xa2\r\n"),
    BAD("00000000000000002\r\n{}\r\n0\r\n\r\n"),
    BAD("10000000000000002\r\n{}\r\n0\r\n\r\n"), /* 2, for whom a number wraps */
    BAD("00000000000000000\r\n\r\n"),
    /* line ends */
    BAD("2\n{}\r\n0\r\n\r\n"),
    BAD("2\r{}\r\n0\r\n\r\n"),
    BAD("2\r\r\n{}\r\n0\r\n\r\n"),
    BAD("2\r\n{}\n0\r\n\r\n"),
    BAD("2\r\n{}\r0\r\n\r\n"),
    BAD("2\r\n{}0\r\n\r\n"),
    BAD("2\r\n{}\r\r\n0\r\n\r\n"),
    BAD("2\r\n{}X\r\n0\r\n\r\n"),
    BAD("2\r\n{}XX0\r\n\r\n"),
    BAD("1\r\n{}\r\n0\r\n\r\n"),
    BAD("3\r\n{}\r\n0\r\n\r\n"),
    BAD("2\r\n{}\r\n\r\n0\r\n\r\n"),
    BAD("0\n\r\n"),
    BAD("0\r\n\n"),
    BAD("0\r\n\rX"),
    BAD("0\r\r\n\r\n"),
    /* extensions */
    BAD("2;\r\n{}\r\n0\r\n\r\n"),
    BAD("2;;a\r\n{}\r\n0\r\n\r\n"),
    BAD("2; a\r\n{}\r\n0\r\n\r\n"),
    BAD("2 ;a\r\n{}\r\n0\r\n\r\n"),
    BAD("2;a \r\n{}\r\n0\r\n\r\n"),
    BAD("2;=b\r\n{}\r\n0\r\n\r\n"),
    BAD("2;a=\r\n{}\r\n0\r\n\r\n"),
    BAD("2;a=b=c\r\n{}\r\n0\r\n\r\n"),
    BAD("2;a=\"b\r\n{}\r\n0\r\n\r\n"),
    BAD("2;a=\"b\\\r\n\"\r\n{}\r\n0\r\n\r\n"),
    BAD("2;a=\"\"b\r\n{}\r\n0\r\n\r\n"),
    BAD("2;a=b\"\r\n{}\r\n0\r\n\r\n"),
    BAD("2;a\n{}\r\n0\r\n\r\n"),
    BAD("2;a\rX\n{}\r\n0\r\n\r\n"),
    BAD("2;a=\"\n\"\r\n{}\r\n0\r\n\r\n"),
    BAD("2;a=\"\0\"\r\n{}\r\n0\r\n\r\n"),
    BAD("2;a=\"\\\x7f\"\r\n{}\r\n0\r\n\r\n"),
    BAD("2;a\0\r\n{}\r\n0\r\n\r\n"),
    BAD("2;\xc3\xa4\r\n{}\r\n0\r\n\r\n"),
    BAD("2a=b\r\n{}\r\n0\r\n\r\n"),
    BAD("0;\n\r\n\r\n"),
    /* the trailer */
    BAD("0\r\nContent-Length: 5\r\n\r\n"),
    BAD("0\r\nA: b\r\ntransfer-ENCODING: chunked\r\n\r\n"),
    BAD("0\r\nhost: evil\r\n\r\n"),
    BAD("0\r\nHost:\r\n\r\n"),
    BAD("0\r\nA : b\r\n\r\n"),
    BAD("0\r\nA\r\n\r\n"),
    BAD("0\r\n: b\r\n\r\n"),
    BAD("0\r\n A: b\r\n\r\n"),
    BAD("0\r\nA: b\r\n c\r\n\r\n"),
    BAD("0\r\nA: b\n\r\n"),
    BAD("0\r\nA: b\rC: d\r\n\r\n"),
    BAD("0\r\nA: b\0\r\n\r\n"),
    BAD("0\r\nA: b\tc\r\n\r\n"),
    BAD("0\r\nGET / HTTP/1.1\r\n\r\n"),
    BAD("0\r\nA: b\r\n\r\r\n"),
};

Test(httpd_body, what_is_in_doubt_is_refused_in_whatever_parts_it_comes)
{
    for (size_t i = 0; i < sizeof doubtful / sizeof *doubtful; i++) {
        struct strbuf b = STRBUF_INIT;
        strbuf_add(&b, doubtful[i].bytes, doubtful[i].len);
        strbuf_adds(&b, "0\r\n\r\n"); /* which must not make it sound */
        struct outcome o = feed_all_ways(true, 0, b.data, b.len);
        cr_expect_eq(o.state, HTTP_BODY_BAD, "row %zu: %d", i, o.state);
        cr_expect(o.why != NULL, "row %zu", i);
        cr_expect_lt(o.used, b.len, "row %zu", i);
        free(o.data);
        strbuf_clear(&b);
    }
}

Test(httpd_body, extensions_and_a_trailer_are_bounded)
{
    static const struct {
        const char *before, *each, *between; /* `each` comes again and again */
    } rows[] = {
        {"1;a=",    "b",                  ""     },
        {"1;a=\"",  "b",                  ""     },
        {"0\r\nA:", " ",                  ""     },
        {"0\r\n",   "A: b\r\n",           ""     },
        {"",        "1;a=bcdefghijk\r\n", "x\r\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct http_body b;
        enum http_body_state state = HTTP_BODY_MORE;
        size_t used;
        size_t sent = 0;
        http_body_init(&b, true, 0, 1 << 20);
        state = http_body_take(&b, rows[i].before, strlen(rows[i].before), &used);
        while (state == HTTP_BODY_MORE && sent < 1 << 20) {
            state = http_body_take(&b, rows[i].each, strlen(rows[i].each), &used);
            sent += used;
            if (state == HTTP_BODY_MORE) {
                state = http_body_take(&b, rows[i].between, strlen(rows[i].between), &used);
            }
        }
        cr_expect_eq(state, HTTP_BODY_BAD, "row %zu: after %zu bytes", i, sent);
        cr_expect_lt(sent, 20000, "row %zu: after %zu bytes", i, sent);
        http_body_clear(&b);
    }
}
