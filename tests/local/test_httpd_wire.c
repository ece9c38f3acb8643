/* A running httpd against who smuggles: requests in which two programs may see different ends, on
 * raw sockets, whole, byte by byte and cut in two. What is in doubt gets one refusal, and nothing
 * behind it is served; what is not in doubt is served to its very end and no byte further. */
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/strbuf.h"
#include "tests/local/httpd_rig.h"

static struct rig r;

static void setup(void)
{
    rig_start(&r, &(struct httpd_options){.body_max = 4096, .target_max = 512, .threads = 2});
}

static void teardown(void)
{
    rig_stop(&r);
}

TestSuite(httpd_wire, .init = setup, .fini = teardown, .timeout = 120);

/* ---- a client ---- */

static bool send_bytes(int fd, const char *bytes, size_t len, size_t part)
{
    for (size_t at = 0; at < len;) {
        size_t want = len - at < part ? len - at : part;
        ssize_t n = send(fd, bytes + at, want, MSG_NOSIGNAL);
        if (n <= 0) {
            return false;
        }
        at += (size_t)n;
    }
    return true;
}

struct talk {
    char *text;  /* owned: all that came */
    bool ended;  /* the connection did, and not by a reset */
    bool unsent; /* the last bytes could not be sent: it was at its end before */
};

/* Sends `bytes` in parts of that size, and reads to the end of the connection. `done`: the client
 * ends its side then. */
static struct talk talk(const char *bytes, size_t len, size_t part, bool done)
{
    struct talk t = {.text = NULL};
    struct strbuf b = STRBUF_INIT;
    const int on = 1;
    char buf[8192];
    ssize_t n;
    int fd = rig_dial(&r);

    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    t.unsent = !send_bytes(fd, bytes, len, part);
    if (done) {
        (void)shutdown(fd, SHUT_WR);
    }
    while ((n = rig_receive(fd, buf, sizeof buf)) > 0) {
        strbuf_add(&b, buf, (size_t)n);
    }
    t.ended = n == 0;
    t.text = strbuf_take(&b);
    (void)close(fd);
    return t;
}

/* ---- replies, read strictly ---- */

struct reply {
    int status; /* 0: there is none, or it is no message of HTTP/1.1 */
    bool close;
    const char *body;
    size_t body_len;
    const char *next; /* what is behind it */
};

static struct reply read_reply(const char *text, bool to_head)
{
    struct reply x = {.status = 0};
    const char *end = strstr(text, "\r\n\r\n");
    int status = 0;

    if (end == NULL || sscanf(text, "HTTP/1.1 %3d ", &status) != 1) {
        return x;
    }
    char *head = xstrndup(text, (size_t)(end + 2 - text));
    const char *length = strcasestr(head, "\r\nContent-Length: ");
    x.close = strcasestr(head, "\r\nConnection: close\r\n") != NULL;
    x.body = end + 4;
    x.body_len = length == NULL || to_head ? 0 : strtoul(length + 18, NULL, 10);
    bool may_lack = status == 204 || status == 304 || status == 100;
    if (strlen(x.body) >= x.body_len && (length != NULL || may_lack)) {
        x.status = status;
        x.next = x.body + x.body_len;
    }
    free(head);
    return x;
}

/* ---- what is in doubt ---- */

#define H "Host: localhost\r\n"
#define GET "GET /a HTTP/1.1\r\n"
#define POST "POST /a HTTP/1.1\r\n" H
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"
#define SMUGGLED "GET /smuggled HTTP/1.1\r\n" H "\r\n"

#define ROW(text, status)                                                                          \
    {                                                                                              \
        text, sizeof(text) - 1, status                                                             \
    }
static const struct {
    const char *bytes;
    size_t len;
    int status;
} doubtful[] = {
    /* the request line */
    ROW("GET /a HTTP/1.1\n" H "\r\n", 400),
    ROW("GET /a HTTP/1.1\r\r\n" H "\r\n", 400),
    ROW("GET /a\vHTTP/1.1\r\n" H "\r\n", 400),
    ROW("GET\f/a HTTP/1.1\r\n" H "\r\n", 400),
    ROW("GET /a HTTP/1.1\t\r\n" H "\r\n", 400),
    ROW("GET /a\r\n", 400),
    ROW("GET /a\xa0HTTP/1.1\r\n" H "\r\n", 400),
    ROW("GET /a\0 HTTP/1.1\r\n" H "\r\n", 400),
    ROW("GET /a HTTP/1.1, HTTP/1.0\r\n" H "\r\n", 400),
    ROW("GET /a ICY/1.1\r\n" H "\r\n", 400),
    ROW("GET /a HTTP /1.1\r\n" H "\r\n", 400),
    ROW("GET /a HTTP/+1.1\r\n" H "\r\n", 400),
    ROW("GET /a HTTP/1.12\r\n" H "\r\n", 505),
    ROW("GET /a HTTP/9.9\r\n" H "\r\n", 505),
    ROW("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 505),
    ROW("\x16\x03\x01\0\xa5\1\0\0\xa1\x03\x03", 400),
    ROW("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 400),
    ROW("GET:/a HTTP/1.1\r\n" H "\r\n", 400),
    ROW("\xef\xbb\xbfGET /a HTTP/1.1\r\n" H "\r\n", 400),
    ROW("\0\r\nGET /a HTTP/1.1\r\n" H "\r\n", 400),
    ROW("\n\nGET /a HTTP/1.1\r\n" H "\r\n", 400),
    /* whom it is for */
    ROW(GET "Host: localhost@evil\r\n\r\n", 400),
    ROW(GET "Host: localhost/evil\r\n\r\n", 400),
    ROW(GET "Host: localhost, evil\r\n\r\n", 400),
    ROW(GET "Host: localhost,evil\r\n\r\n", 400),
    ROW(GET "Host: localhost evil\r\n\r\n", 400),
    ROW(GET "Host: localhost:80:81\r\n\r\n", 400),
    ROW(GET "Host: localhost:http\r\n\r\n", 400),
    ROW(GET "Host:\r\n\r\n", 400),
    ROW(GET "Host: http://localhost\r\n\r\n", 400),
    ROW(GET H "HOST: localhost\r\n\r\n", 400),
    ROW(GET H "X: y\r\nHost: evil\r\n\r\n", 400),
    ROW(GET "X-Host: localhost\r\n\r\n", 400),
    ROW("GET /a HTTP/1.0\r\n" H H "Connection: keep-alive\r\n\r\n", 400),
    /* lines that another program reads otherwise */
    ROW(POST "X: y\nContent-Length: 40\r\n\r\n", 400),
    ROW(POST "X: y\rContent-Length: 40\r\n\r\n", 400),
    ROW(POST "X: y\n\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ROW(POST "X: y\r\n\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ROW(POST "X:\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ROW(POST "X: y\0\r\nContent-Length: 40\r\n\r\n", 400),
    ROW(POST "X: y\x85Z: \x01\r\nContent-Length: 40\r\n\r\n", 400),
    ROW(POST "X: y\r\n Content-Length: 40\r\n\r\n", 400),
    ROW(POST "X: y\r\n\tTransfer-Encoding: chunked\r\n\r\n", 400),
    ROW(POST " Content-Length: 40\r\n\r\n", 400),
    ROW(POST "Content-Length\r\n: 40\r\n\r\n", 400),
    ROW(POST "Content-Length 40\r\n\r\n", 400),
    ROW(POST "Content-Length\0: 40\r\n\r\n", 400),
    ROW(POST "Content-Length\xa0: 40\r\n\r\n", 400),
    ROW(POST "[Content-Length]: 40\r\n\r\n", 400),
    ROW(POST "\"Content-Length\": 40\r\n\r\n", 400),
    ROW(POST "\xef\xbb\xbf"
             "Content-Length: 40\r\n\r\n",
        400),
    ROW(POST "Tran\xc5\xbf"
             "fer-Encoding: chunked\r\n\r\n",
        400),
    ROW(POST "Transfer-Encoding\v: chunked\r\n\r\n0\r\n\r\n", 400),
    ROW(POST "Transfer-Encoding  : chunked\r\n\r\n0\r\n\r\n", 400),
    ROW(POST "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n", 400),
    ROW(POST "Transfer-Encoding: chunked\r\n , identity\r\n\r\n0\r\n\r\n", 400),
    ROW(POST "X: a\tTransfer-Encoding: chunked\r\n\r\n", 400),
    ROW(POST "X: \x1b[2J\r\n\r\n", 400),
    /* lengths */
    ROW(POST "Content-Length: 5\r\nContent-Length : 6\r\n\r\nabcde", 400),
    ROW(POST "CONTENT-LENGTH: 5\r\nX: y\r\nContent-length: 5\r\n\r\nabcde", 400),
    ROW(POST "Content-Length: 5,\r\n\r\nabcde", 400),
    ROW(POST "Content-Length: ,5\r\n\r\nabcde", 400),
    ROW(POST "Content-Length: 5;q=1\r\n\r\nabcde", 400),
    ROW(POST "Content-Length: 5.\r\n\r\nabcde", 400),
    ROW(POST "Content-Length: \x0c"
             "5\r\n\r\nabcde",
        400),
    ROW(POST "Content-Length: 5\v\r\n\r\nabcde", 400),
    ROW(POST "Content-Length: 5\xa0\r\n\r\nabcde", 400),
    ROW(POST "Content-Length: 0b101\r\n\r\nabcde", 400),
    ROW(POST "Content-Length: 0o5\r\n\r\nabcde", 400),
    ROW(POST "Content-Length: 5e0\r\n\r\nabcde", 400),
    ROW(POST "Content-Length: (5)\r\n\r\nabcde", 400),
    ROW(POST "Content-Length: --5\r\n\r\nabcde", 400),
    ROW(POST "Content-Length: 9223372036854775813\r\n\r\nabcde", 400),
    ROW(POST "Content-Length: 18446744073709551621\r\n\r\nabcde", 400),
    ROW(POST "Content-Length: 00000000000000000005\r\n\r\nabcde", 400),
    ROW(POST "Content-Length: 4294967301\r\n\r\nabcde", 413), /* 5, for who counts in 32 bits */
    ROW(POST "Content-Length: 4097\r\n\r\nabcde", 413),
    /* codings */
    ROW(POST "Content-Length: 5\r\nTransfer-Encoding: x\r\n\r\nabcde", 400),
    ROW(POST "Transfer-Encoding: chunked\r\nX: y\r\nContent-Length: 0\r\n\r\n0\r\n\r\n", 400),
    ROW(POST "Transfer-Encoding:\r\nContent-Length: 5\r\n\r\nabcde", 400),
    ROW(POST "Transfer-Encoding: chunked\r\nTransfer-Encoding:\r\n\r\n0\r\n\r\n", 400),
    ROW(POST "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ROW(POST "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", 501),
    ROW(POST "Transfer-Encoding: chunked,\r\n\r\n0\r\n\r\n", 501),
    ROW(POST "Transfer-Encoding: , chunked\r\n\r\n0\r\n\r\n", 501),
    ROW(POST "Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n", 501),
    ROW(POST "Transfer-Encoding: chunked-x\r\n\r\n0\r\n\r\n", 501),
    ROW(POST "Transfer-Encoding: chunk\r\n\r\n0\r\n\r\n", 501),
    ROW(POST "Transfer-Encoding: c hunked\r\n\r\n0\r\n\r\n", 501),
    ROW(POST "Transfer-Encoding: x chunked\r\n\r\n0\r\n\r\n", 501),
    ROW(POST "Transfer-Encoding: 'chunked'\r\n\r\n0\r\n\r\n", 501),
    ROW(POST "Transfer-Encoding: \xc2\xa0"
             "chunked\r\n\r\n0\r\n\r\n",
        501),
    ROW(POST "Transfer-Encoding: trailers\r\n\r\n0\r\n\r\n", 501),
    ROW(POST "Transfer-Encoding: chunked\x01\r\n\r\n0\r\n\r\n", 400),
    ROW("POST /a HTTP/1.0\r\n" H "Transfer-Encoding: x\r\nConnection: keep-alive\r\n\r\n", 400),
    ROW(POST "Content-Length: 5\r\nExpect: the-unexpected\r\n\r\nabcde", 417),
    /* chunks */
    ROW(CHUNKED "5\nabcde\r\n0\r\n\r\n", 400),
    ROW(CHUNKED "5\rabcde\r\n0\r\n\r\n", 400),
    ROW(CHUNKED "5 \r\nabcde\r\n0\r\n\r\n", 400),
    ROW(CHUNKED " 5\r\nabcde\r\n0\r\n\r\n", 400),
    ROW(CHUNKED "-5\r\nabcde\r\n0\r\n\r\n", 400),
    ROW(CHUNKED "5h\r\nabcde\r\n0\r\n\r\n", 400),
    ROW(CHUNKED "0X5\r\nabcde\r\n0\r\n\r\n", 400),
    ROW(CHUNKED "5\0\r\nabcde\r\n0\r\n\r\n", 400),
    ROW(CHUNKED "\r\n5\r\nabcde\r\n0\r\n\r\n", 400),
    ROW(CHUNKED "10000000000000005\r\nabcde\r\n0\r\n\r\n", 400),
    ROW(CHUNKED "00000000000000005\r\nabcde\r\n0\r\n\r\n", 400),
    ROW(CHUNKED "5\r\nabcde0\r\n\r\n", 400),
    ROW(CHUNKED "5\r\nabcde\n0\r\n\r\n", 400),
    ROW(CHUNKED "5\r\nabcdeXX0\r\n\r\n", 400),
    ROW(CHUNKED "4\r\nabcde\r\n0\r\n\r\n", 400),
    ROW(CHUNKED "6\r\nabcde\r\n0\r\n\r\n", 400),
    ROW(CHUNKED "5;\r\nabcde\r\n0\r\n\r\n", 400),
    ROW(CHUNKED "5;a\nabcde\r\n0\r\n\r\n", 400),
    ROW(CHUNKED "5;\nabcde\r\n0\r\n\r\n", 400),
    ROW(CHUNKED "5;a=\"\r\nabcde\r\n0\r\n\r\n\"\r\n", 400),
    ROW(CHUNKED "5;a=\"b\nc\"\r\nabcde\r\n0\r\n\r\n", 400),
    ROW(CHUNKED "5 ; a = b\r\nabcde\r\n0\r\n\r\n", 400),
    ROW(CHUNKED "5;a\rb\r\nabcde\r\n0\r\n\r\n", 400),
    ROW(CHUNKED "0\r\n\n", 400),
    ROW(CHUNKED "0\n\n", 400),
    ROW(CHUNKED "0;\r\n\r\n", 400),
    ROW(CHUNKED "0\r\nX\r\n\r\n", 400),
    ROW(CHUNKED "0\r\nX : y\r\n\r\n", 400),
    ROW(CHUNKED "0\r\nX: y\n\r\n", 400),
    ROW(CHUNKED "0\r\nX: y\r\n z\r\n\r\n", 400),
    ROW(CHUNKED "0\r\nContent-Length: 40\r\n\r\n", 400),
    ROW(CHUNKED "0\r\nX: y\r\nTRANSFER-ENCODING: chunked\r\n\r\n", 400),
    ROW(CHUNKED "0\r\nHost: evil\r\n\r\n", 400),
    ROW(CHUNKED "1001\r\nabcde\r\n0\r\n\r\n", 413),
    ROW(CHUNKED "7fffffffffffffff\r\nabcde\r\n0\r\n\r\n", 413),
    ROW(CHUNKED "ffffffffffffffff\r\nabcde\r\n0\r\n\r\n", 413),
};

static void check_refusal(size_t i, const struct talk *t, size_t part)
{
    struct reply x = read_reply(t->text, false);

    cr_expect_eq(x.status, doubtful[i].status, "row %zu by %zu: %s", i, part, t->text);
    cr_expect(x.close, "row %zu by %zu: %s", i, part, t->text);
    cr_expect(t->ended, "row %zu by %zu: the connection was reset", i, part);
    cr_expect(!t->unsent, "row %zu by %zu: the client could not send to the end", i, part);
    cr_expect(x.next != NULL && *x.next == '\0', "row %zu by %zu: %s", i, part, t->text);
    cr_expect_null(strstr(t->text, "smuggled"), "row %zu by %zu: %s", i, part, t->text);
    cr_expect(x.body_len > 9 && strncmp(x.body, "refused: ", 9) == 0, "row %zu: %s", i, t->text);
}

Test(httpd_wire, nothing_behind_a_doubtful_request_is_served)
{
    for (size_t i = 0; i < sizeof doubtful / sizeof *doubtful; i++) {
        struct strbuf b = STRBUF_INIT;
        strbuf_add(&b, doubtful[i].bytes, doubtful[i].len);
        strbuf_adds(&b, SMUGGLED SMUGGLED);
        const size_t parts[] = {b.len, 1, doubtful[i].len, doubtful[i].len / 2 + 1};
        for (size_t k = 0; k < sizeof parts / sizeof *parts; k++) {
            struct talk t = talk(b.data, b.len, parts[k], k % 2 == 1);
            check_refusal(i, &t, parts[k]);
            free(t.text);
        }
        strbuf_clear(&b);
    }
    struct rig_reply x = rig_ask(&r, "GET /still-there HTTP/1.1\r\n" H "\r\n");
    cr_expect_eq(x.status, 200);
}

Test(httpd_wire, a_doubtful_request_behind_a_sound_one_ends_the_connection)
{
    for (size_t i = 0; i < sizeof doubtful / sizeof *doubtful; i += 3) {
        struct strbuf b = STRBUF_INIT;
        strbuf_adds(&b, "POST /sound HTTP/1.1\r\n" H "Content-Length: 2\r\n\r\n{}");
        strbuf_add(&b, doubtful[i].bytes, doubtful[i].len);
        strbuf_adds(&b, SMUGGLED);
        struct talk t = talk(b.data, b.len, b.len, false);
        struct reply x = read_reply(t.text, false);
        cr_expect_eq(x.status, 200, "row %zu: %s", i, t.text);
        cr_expect(!x.close, "row %zu", i);
        if (x.next != NULL) {
            struct talk rest = {.text = xstrdup(x.next), .ended = t.ended, .unsent = t.unsent};
            check_refusal(i, &rest, b.len);
            free(rest.text);
        }
        free(t.text);
        strbuf_clear(&b);
    }
}

/* ---- what is in no doubt ---- */

/* `want`: the replies, each as "STATUS BODY" and a line end. The last request ends the connection.
 */
#define LAST "GET /last HTTP/1.1\r\nConnection: close\r\n" H "\r\n"
static const struct {
    const char *bytes, *want;
} sound[] = {
  /* a request in a body is no request, by whichever length */
    {"POST /a HTTP/1.1\r\n" H "Content-Length: 45\r\n\r\n" SMUGGLED "{}" LAST,
     "200 POST /a 45 " SMUGGLED "{}\n200 GET /last 0 \n"                                                                                  },
    {"POST /a HTTP/1.1\r\n" H "content-length:045\t\r\n\r\n" SMUGGLED "{}" LAST,
     "200 POST /a 45 " SMUGGLED "{}\n200 GET /last 0 \n"                                                                                  },
    {"GET /a HTTP/1.1\r\n" H "Content-Length: 43\r\n\r\n" SMUGGLED LAST,
     "200 GET /a 43 " SMUGGLED "\n200 GET /last 0 \n"                                                                                     },
    {CHUNKED "2b\r\n" SMUGGLED "\r\n0\r\n\r\n" LAST,
     "200 POST /a 43 " SMUGGLED "\n200 GET /last 0 \n"                                                                                    },
    {CHUNKED "2B;a=b;c=\"0\\\"\"\r\n" SMUGGLED "\r\n1\r\nx\r\n000\r\nX: y\r\n\r\n" LAST,
     "200 POST /a 44 " SMUGGLED "x\n200 GET /last 0 \n"                                                                                   },
    {CHUNKED "7\r\n0\r\n\r\nab\r\n0\r\n\r\n" LAST,                                         "200 POST /a 7 0\r\n\r\nab\n200 GET /last 0 \n"},
    {CHUNKED "0\r\nX-Content-Length: 5\r\nX: Host: y\r\n\r\n" LAST,
     "200 POST /a 0 \n200 GET /last 0 \n"                                                                                                 },
 /* nor in a body that the owner does not want */
    {"POST /no HTTP/1.1\r\n" H "Content-Length: 43\r\n\r\n" SMUGGLED LAST,
     "403 no\n200 GET /last 0 \n"                                                                                                         },
    {"GET /no HTTP/1.1\r\n" H "\r\n" LAST,                                                 "403 no\n200 GET /last 0 \n"                   },
    {"POST /no HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n2b\r\n" SMUGGLED
     "\r\n0\r\n\r\n" SMUGGLED,
     "403 no\n"                                                                                                                           },
 /* whichever way it is served */
    {"POST /here HTTP/1.1\r\n" H "Content-Length: 43\r\n\r\n" SMUGGLED LAST,
     "200 POST /here 43 " SMUGGLED "\n200 GET /last 0 \n"                                                                                 },
    {"GET /204 HTTP/1.1\r\n" H "\r\nGET /304 HTTP/1.1\r\n" H "\r\n" LAST,
     "204 \n304 \n200 GET /last 0 \n"                                                                                                     },
 /* fields that only look like framing */
    {"POST /a HTTP/1.1\r\n" H "X-Content-Length: 40\r\nTransfer_Encoding: chunked\r\n"
     "Content-Encoding: chunked\r\nTE: chunked\r\n\r\n" LAST,
     "200 POST /a 0 \n200 GET /last 0 \n"                                                                                                 },
    {"POST /a HTTP/1.1\r\n" H
     "X: Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" LAST,
     "200 POST /a 5 0\r\n\r\n\n200 GET /last 0 \n"                                                                                        },
 /* line ends between two requests are none */
    {"\r\n\r\nGET /a HTTP/1.1\r\n" H "\r\n\r\n\r\n\r\n\r\n" LAST,
     "200 GET /a 0 \n200 GET /last 0 \n"                                                                                                  },
 /* what ends it */
    {"GET /a HTTP/1.0\r\n\r\n" SMUGGLED,                                                   "200 GET /a 0 \n"                              },
    {"GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /b HTTP/1.0\r\n\r\n" SMUGGLED,
     "200 GET /a 0 \n200 GET /b 0 \n"                                                                                                     },
    {"GET /close HTTP/1.1\r\n" H "\r\n" SMUGGLED,                                          "200 GET /close 0 \n"                          },
    {"GET /a HTTP/1.1\r\n" H "connection: X, Close\r\n\r\n" SMUGGLED,                      "200 GET /a 0 \n"                              },
    {"POST /a HTTP/1.1\r\n" H "Connection: close\r\nContent-Length: 2\r\n\r\n{}" SMUGGLED,
     "200 POST /a 2 {}\n"                                                                                                                 },
 /* a switch that nobody makes */
    {"GET /a HTTP/1.1\r\n" H "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
     "HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n" LAST,
     "200 GET /a 0 \n200 GET /last 0 \n"                                                                                                  },
    {"GET /a HTTP/1.1\r\n" H "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n" LAST,
     "200 GET /a 0 \n200 GET /last 0 \n"                                                                                                  },
};

static char *all_replies(const char *text)
{
    struct strbuf b = STRBUF_INIT;
    struct reply x;

    for (; *text != '\0'; text = x.next) {
        x = read_reply(text, false);
        if (x.status == 0) {
            strbuf_addf(&b, "no reply: %s", text);
            break;
        }
        strbuf_addf(&b, "%d %.*s\n", x.status, (int)x.body_len, x.body);
    }
    return strbuf_take(&b);
}

Test(httpd_wire, a_sound_request_is_served_to_its_end_and_no_further)
{
    for (size_t i = 0; i < sizeof sound / sizeof *sound; i++) {
        size_t len = strlen(sound[i].bytes);
        const size_t parts[] = {len, 1, 7, 64};
        for (size_t k = 0; k < sizeof parts / sizeof *parts; k++) {
            struct talk t = talk(sound[i].bytes, len, parts[k], k % 2 == 0);
            char *got = all_replies(t.text);
            cr_expect_str_eq(got, sound[i].want, "row %zu by %zu: got %s", i, parts[k], got);
            if (parts[k] == len) { /* who asks for the end and then sends on may be cut */
                cr_expect(t.ended && !t.unsent, "row %zu: it was reset", i);
            }
            free(got);
            free(t.text);
        }
    }
}

Test(httpd_wire, a_head_request_leaves_the_connection_in_step)
{
    static const char bytes[] = "HEAD /a HTTP/1.1\r\n" H "Content-Length: 43\r\n\r\n" SMUGGLED LAST;
    struct talk t = talk(bytes, sizeof bytes - 1, sizeof bytes, false);
    struct reply x = read_reply(t.text, true);

    cr_expect_eq(x.status, 200, "%s", t.text);
    cr_assert_not_null(x.next);
    char *got = all_replies(x.next);
    cr_expect_str_eq(got, "200 GET /last 0 \n");
    free(got);
    free(t.text);
}

/* Chunks that are over the limit together, whose end comes in the same bytes as the last of them.
 */
Test(httpd_wire, chunks_that_are_over_the_limit_together_are_refused_in_whatever_parts_they_come)
{
    struct strbuf b = STRBUF_INIT;

    strbuf_adds(&b, CHUNKED);
    for (int i = 0; i < 17; i++) { /* of 256 bytes */
        strbuf_addf(&b, "100\r\n%0256d\r\n", i);
    }
    strbuf_adds(&b, "0\r\n\r\n" SMUGGLED);
    const size_t parts[] = {b.len, 4000, 300, 17};
    for (size_t k = 0; k < 2 * sizeof parts / sizeof *parts; k++) {
        struct talk t = talk(b.data, b.len, parts[k / 2], k % 2 == 0);
        struct reply x = read_reply(t.text, false);
        cr_expect_eq(x.status, 413, "by %zu: %.300s", parts[k / 2], t.text);
        cr_expect(x.close && t.ended && !t.unsent, "by %zu: %.300s", parts[k / 2], t.text);
        cr_expect_null(strstr(t.text, "smuggled"), "by %zu: %s", parts[k / 2], t.text);
        free(t.text);
    }
    strbuf_clear(&b);
}

Test(httpd_wire, a_request_that_comes_after_the_refusal_is_not_served_either)
{
    static const char *const first[] = {"GET /a HTTP/1.1\r\n\r\n",
                                        POST "Content-Length: 5, 5\r\n\r\nabcde",
                                        CHUNKED "5\nabcde\r\n0\r\n\r\n"};

    for (size_t i = 0; i < sizeof first / sizeof *first; i++) {
        int fd = rig_dial(&r);
        cr_expect(rig_send(fd, first[i]));
        struct rig_reply x = rig_read(fd, false);
        cr_expect_eq(x.status, 400, "row %zu: %d", i, x.status);
        int heads = r.heads;
        (void)rig_send(fd, SMUGGLED);
        struct rig_reply y = rig_read(fd, false);
        cr_expect_eq(y.status, 0, "row %zu: %s", i, y.head);
        (void)rig_ask(&r, "GET /b HTTP/1.1\r\n" H "\r\n");
        cr_expect_eq(r.heads, heads + 1, "row %zu: it was served", i);
        (void)close(fd);
    }
}
