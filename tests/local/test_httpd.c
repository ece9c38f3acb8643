/* The HTTP server on loopback: the ways of a request and of its connection. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "httpd_rig.h"

static struct rig r;

static void setup(void)
{
    rig_start(&r, NULL);
}

static void teardown(void)
{
    rig_stop(&r);
}

TestSuite(httpd, .init = setup, .fini = teardown, .timeout = 120);

#define HOST "Host: x\r\n"
#define GET(target) "GET " target " HTTP/1.1\r\n" HOST "\r\n"

static void must(struct rig_reply x, int status, const char *body)
{
    cr_expect_eq(x.status, status, "%d, not %d: %s%s", x.status, status, x.head, x.body);
    cr_expect_str_eq(x.body, body);
}

/* ---- one after the other ---- */

Test(httpd, a_connection_carries_one_request_after_another)
{
    int fd = rig_dial(&r);

    for (int i = 0; i < 50; i++) {
        cr_assert(rig_send(fd, i % 2 == 0 ? GET("/a") : GET("/here")));
        must(rig_read(fd, false), 200, i % 2 == 0 ? "GET /a 0 " : "GET /here 0 ");
    }
    struct httpd_count count;
    httpd_count(r.h, &count);
    cr_expect_eq(count.accepted, 1);
    cr_expect_eq(count.connections, 1);
    (void)close(fd);
    cr_expect(rig_await_connections(&r, 0));
}

Test(httpd, requests_sent_together_are_answered_in_their_order)
{
    int fd = rig_dial(&r);

    cr_assert(rig_send(
        fd, GET("/1") GET("/here") "POST /3 HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nthree" GET(
                "/no") "POST /5 HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
                       "2\r\nfi\r\n2;x=y\r\nve\r\n0\r\n\r\n" GET("/6")));
    must(rig_read(fd, false), 200, "GET /1 0 ");
    must(rig_read(fd, false), 200, "GET /here 0 ");
    must(rig_read(fd, false), 200, "POST /3 5 three");
    must(rig_read(fd, false), 403, "no");
    must(rig_read(fd, false), 200, "POST /5 4 five");
    must(rig_read(fd, false), 200, "GET /6 0 ");
    (void)close(fd);
}

Test(httpd, what_is_sent_ahead_waits_until_the_reply_before_it)
{
    int fd = rig_dial(&r);

    cr_assert(rig_send(fd, GET("/held") GET("/second")));
    cr_assert(rig_await(&r, &r.held, 1));
    cr_assert(rig_send(fd, GET("/third")));
    cr_expect_eq(r.heads, 1, "the second is not begun before the first is answered");
    rig_open(&r);
    must(rig_read(fd, false), 200, "GET /held 0 ");
    must(rig_read(fd, false), 200, "GET /second 0 ");
    must(rig_read(fd, false), 200, "GET /third 0 ");
    (void)close(fd);
}

Test(httpd, a_request_may_come_byte_by_byte)
{
    static const char request[] = "\r\nPOST /slow HTTP/1.1\r\n" HOST
                                  "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    int fd = rig_dial(&r);
    int on = 1;

    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    for (const char *s = request; *s != '\0'; s++) {
        cr_assert_eq(send(fd, s, 1, MSG_NOSIGNAL), 1);
    }
    must(rig_read(fd, false), 200, "POST /slow 3 abc");
    (void)close(fd);
}

Test(httpd, a_client_that_ends_its_side_gets_its_replies)
{
    int fd = rig_dial(&r);

    cr_assert(rig_send(fd, GET("/1") GET("/2")));
    cr_assert_eq(shutdown(fd, SHUT_WR), 0);
    must(rig_read(fd, false), 200, "GET /1 0 ");
    must(rig_read(fd, false), 200, "GET /2 0 ");
    cr_expect_eq(rig_read_end(fd, RIG_WAIT_MS), RIG_END);
    (void)close(fd);
    cr_expect(rig_await(&r, &r.done, 2));
    cr_expect_eq(r.cut, 0, "it was there to the end");
}

Test(httpd, a_request_that_ends_too_early_is_refused_where_somebody_listens)
{
    static const char *const requests[] = {
        "GET / HTTP/1.1\r\nHo",
        "POST / HTTP/1.1\r\n" HOST "Content-Length: 9\r\n\r\nabc",
        "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n9\r\nabc",
    };

    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        int fd = rig_dial(&r);
        cr_assert(rig_send(fd, requests[i]));
        cr_assert_eq(shutdown(fd, SHUT_WR), 0);
        struct rig_reply x = rig_read(fd, false);
        cr_expect_eq(x.status, 400, "%s", requests[i]);
        cr_expect(x.close);
        cr_expect_eq(rig_read_end(fd, RIG_WAIT_MS), RIG_END);
        (void)close(fd);
    }
}

/* ---- what a reply is like ---- */

Test(httpd, head_has_the_length_and_no_body)
{
    int fd = rig_dial(&r);

    cr_assert(rig_send(fd, "HEAD /h HTTP/1.1\r\n" HOST "\r\n" GET("/after")));
    struct rig_reply x = rig_read(fd, true);
    cr_expect_eq(x.status, 200);
    cr_expect_eq(x.len, strlen("HEAD /h 0 "));
    must(rig_read(fd, false), 200, "GET /after 0 ");
    (void)close(fd);
}

Test(httpd, what_has_no_body_has_no_length)
{
    int fd = rig_dial(&r);

    cr_assert(rig_send(fd, GET("/204") GET("/304") GET("/after")));
    struct rig_reply none = rig_read(fd, false);
    cr_expect_eq(none.status, 204);
    cr_expect_eq(none.len, SIZE_MAX);
    none = rig_read(fd, false);
    cr_expect_eq(none.status, 304);
    cr_expect_eq(none.len, SIZE_MAX);
    must(rig_read(fd, false), 200, "GET /after 0 ");
    (void)close(fd);
}

Test(httpd, no_field_of_the_owner_can_end_its_line)
{
    struct rig_reply x = rig_ask(&r, GET("/evil"));

    cr_expect_eq(x.status, 200);
    cr_expect_not_null(strstr(x.head, "\r\nX-One: a  X-Two: b \r\n"), "%s", x.head);
    cr_expect_null(strstr(x.head, "Three"));
    cr_expect_null(strstr(x.head, "chunked"));
    cr_expect_not_null(strstr(x.head, "\r\nDate: "));
    cr_expect_not_null(strstr(x.head, " GMT\r\n"));
    cr_expect_not_null(strstr(x.head, "\r\nContent-Type: text/plain\r\n"));
}

Test(httpd, a_connection_ends_when_either_side_says_so)
{
    static const struct {
        const char *request;
        bool close;
    } rows[] = {
        {"GET /x HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n",          true },
        {"GET /x HTTP/1.1\r\n" HOST "Connection: upgrade, Close\r\n\r\n", true },
        {"GET /x HTTP/1.0\r\n\r\n",                                       true },
        {"GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",             false},
        {"GET /close HTTP/1.1\r\n" HOST "\r\n",                           true },
        {"GET /x HTTP/1.1\r\n" HOST "\r\n",                               false},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int fd = rig_dial(&r);
        cr_assert(rig_send(fd, rows[i].request));
        struct rig_reply x = rig_read(fd, false);
        cr_expect_eq(x.status, 200, "%s", rows[i].request);
        cr_expect_eq(x.close, rows[i].close, "%s", rows[i].request);
        if (rows[i].close) {
            cr_expect_eq(rig_read_end(fd, RIG_WAIT_MS), RIG_END, "%s", rows[i].request);
        } else {
            cr_assert(rig_send(fd, GET("/again")));
            must(rig_read(fd, false), 200, "GET /again 0 ");
        }
        (void)close(fd);
    }
}

Test(httpd, a_large_reply_is_read_whole)
{
    int fd = rig_dial(&r);

    cr_assert(rig_send(fd, "GET /big HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n"));
    cr_expect_eq(rig_read_end(fd, RIG_WAIT_MS), RIG_END);
    (void)close(fd);
    cr_expect(rig_await(&r, &r.done, 1));
    cr_expect_eq(r.cut, 0);
}

/* ---- what is not served ---- */

Test(httpd, nothing_behind_a_doubtful_head_is_served)
{
    int fd = rig_dial(&r);

    cr_assert(rig_send(fd, GET("/1") "POST /x HTTP/1.1\r\n" HOST
                                     "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
                                     "0\r\n\r\n" GET("/smuggled")));
    must(rig_read(fd, false), 200, "GET /1 0 ");
    struct rig_reply x = rig_read(fd, false);
    cr_expect_eq(x.status, 400);
    cr_expect(x.close);
    cr_expect_eq(strncmp(x.body, "refused: ", 9), 0);
    cr_expect_eq(rig_read_end(fd, RIG_WAIT_MS), RIG_END);
    (void)close(fd);
    cr_expect_eq(r.heads, 1);
}

Test(httpd, a_body_that_is_not_wanted_is_read_so_that_the_connection_goes_on)
{
    int fd = rig_dial(&r);
    char *body = xcalloc(1, 900001);

    memset(body, 'x', 900000);
    cr_assert(rig_send(fd, "POST /no HTTP/1.1\r\n" HOST "Content-Length: 900000\r\n\r\n"));
    cr_assert(rig_send(fd, body));
    struct rig_reply x = rig_read(fd, false);
    cr_expect_eq(x.status, 403);
    cr_expect_not(x.close);
    cr_assert(rig_send(fd, GET("/next")));
    must(rig_read(fd, false), 200, "GET /next 0 ");
    free(body);
    (void)close(fd);
}

Test(httpd, a_long_or_chunked_body_that_is_not_wanted_ends_the_connection)
{
    static const char *const lengths[] = {"Content-Length: 2000000", "Transfer-Encoding: chunked",
                                          "Content-Length: 5\r\nExpect: 100-continue"};
    char request[200];

    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        int fd = rig_dial(&r);
        (void)snprintf(request, sizeof request, "POST /no HTTP/1.1\r\n" HOST "%s\r\n\r\n",
                       lengths[i]);
        cr_assert(rig_send(fd, request));
        struct rig_reply x = rig_read(fd, false);
        cr_expect_eq(x.status, 403, "at once: %s", lengths[i]);
        cr_expect(x.close, "%s", lengths[i]);
        cr_expect_eq(rig_read_end(fd, RIG_WAIT_MS), RIG_END, "%s", lengths[i]);
        (void)close(fd);
    }
}

Test(httpd, one_who_asks_first_is_told_to_go_on)
{
    int fd = rig_dial(&r);

    cr_assert(rig_send(fd, "POST /x HTTP/1.1\r\n" HOST
                           "Content-Length: 3\r\nExpect: 100-continue\r\n\r\n"));
    cr_expect_eq(rig_read(fd, false).status, 100);
    cr_assert(rig_send(fd, "abc"));
    must(rig_read(fd, false), 200, "POST /x 3 abc");
    /* Who sends the body at once needs no word. */
    cr_assert(rig_send(fd, "POST /y HTTP/1.1\r\n" HOST
                           "Content-Length: 3\r\nExpect: 100-continue\r\n\r\nabc"));
    must(rig_read(fd, false), 200, "POST /y 3 abc");
    (void)close(fd);
}

Test(httpd, one_who_asks_first_for_too_much_is_refused)
{
    struct rig_reply x = rig_ask(&r, "POST /x HTTP/1.1\r\n" HOST
                                     "Content-Length: 300000\r\nExpect: 100-continue\r\n\r\n");

    cr_expect_eq(x.status, 413);
    cr_expect(x.close);
}

/* Sends all before it reads a byte, as simple clients do. */
static void send_huge(const char *head, const char *before_each, const char *after_each)
{
    enum { PART = 65536, PARTS = 1600 };
    char *part = xcalloc(1, PART + 1);
    int fd = rig_dial(&r);

    memset(part, 'x', PART);
    cr_assert(rig_send(fd, head));
    for (int i = 0; i < PARTS; i++) {
        cr_assert(rig_send(fd, before_each) && rig_send(fd, part) && rig_send(fd, after_each),
                  "cut after %d parts", i);
    }
    struct rig_reply x = rig_read(fd, false);
    cr_expect_eq(x.status, 413);
    cr_expect(x.close);
    cr_expect_eq(rig_read_end(fd, RIG_WAIT_MS), RIG_END);
    free(part);
    (void)close(fd);
}

Test(httpd, a_refusal_of_100_megabytes_is_read_by_who_sends_them_all)
{
    send_huge("POST /x HTTP/1.1\r\n" HOST "Content-Length: 104857600\r\n\r\n", "", "");
    send_huge("POST /x HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n", "10000\r\n",
              "\r\n");
}

/* ---- clients that go ---- */

Test(httpd, a_client_that_goes_while_its_request_is_worked_on_is_noticed)
{
    const struct linger at_once = {.l_onoff = 1};
    int closed = rig_dial(&r);
    int reset = rig_dial(&r);

    cr_assert(rig_send(closed, GET("/held")));
    cr_assert(rig_send(reset, GET("/held")));
    cr_assert(rig_await(&r, &r.held, 2));
    (void)close(closed);
    (void)setsockopt(reset, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    (void)close(reset);
    cr_expect_eq(rig_ask(&r, GET("/here")).status, 200);
    cr_expect_eq(r.held, 2, "the work goes on");
    rig_open(&r);
    cr_expect(rig_await(&r, &r.done, 3));
    cr_expect_eq(r.cut, 2);
    cr_expect(rig_await_connections(&r, 0));
}

static int64_t cpu_ms(void)
{
    struct rusage u;

    (void)getrusage(RUSAGE_SELF, &u);
    return (int64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000 +
           (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1000;
}

Test(httpd, no_state_of_a_connection_costs_time)
{
    const struct linger at_once = {.l_onoff = 1};
    int fds[8];

    for (size_t i = 0; i < 8; i++) {
        fds[i] = rig_dial(&r);
    }
    cr_assert(rig_send(fds[0], GET("/held")));
    /* the client sends input while the request is worked on */
    cr_assert(rig_send(fds[1], GET("/held") GET("/more")));
    cr_assert(rig_send(fds[2], GET("/held")));
    cr_assert_eq(shutdown(fds[2], SHUT_WR), 0);
    cr_assert(rig_send(fds[3], GET("/held")));
    cr_assert(rig_await(&r, &r.held, 4));
    cr_assert(rig_send(fds[1], GET("/more")));
    (void)setsockopt(fds[3], SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    (void)close(fds[3]);
    cr_assert(rig_send(fds[4], GET("/big") GET("/big"))); /* nobody reads */
    cr_assert(rig_send(fds[5], "GET /x HT"));
    cr_assert(rig_send(fds[6], "POST /x HTTP/1.1\r\n" HOST "Content-Length: 9\r\n\r\nabc"));
    /* One second without work is enough: a thread that spins works in every second. */
    int64_t least = INT64_MAX;
    for (int i = 0; i < 5 && least >= 100; i++) {
        (void)close(fds[7]);
        fds[7] = rig_dial(&r);
        cr_assert(rig_send(fds[7], "GET /x HTTP/9.9\r\n\r\n")); /* lingers */
        cr_assert_eq(rig_read(fds[7], false).status, 505);
        int64_t before = cpu_ms();
        cr_expect_eq(rig_read_end(fds[5], 1000), RIG_SILENT);
        int64_t used = cpu_ms() - before;
        least = used < least ? used : least;
    }
    cr_expect_lt(least, 100, "%lld ms of CPU in a second", (long long)least);
    rig_open(&r);
    for (size_t i = 0; i < 8; i++) {
        if (i != 3) {
            (void)close(fds[i]);
        }
    }
    cr_expect(rig_await_connections(&r, 0));
}

/* ---- many ---- */

enum { CLIENTS = 256, ROUNDS = 20 };

static void *client(void *arg)
{
    intptr_t good = 0;
    int fd = rig_dial(&r);
    char request[128];
    char want[64];

    for (int i = 0; i < ROUNDS; i++) {
        int n = *(const int *)arg * ROUNDS + i;
        (void)snprintf(request, sizeof request,
                       "POST /n%d HTTP/1.1\r\n" HOST "Content-Length: 4\r\n\r\nbody", n);
        (void)snprintf(want, sizeof want, "POST /n%d 4 body", n);
        if (!rig_send(fd, request) || strcmp(rig_read(fd, false).body, want) != 0) {
            break;
        }
        good++;
    }
    (void)close(fd);
    return (void *)good;
}

Test(httpd, two_hundred_clients_at_once_lose_nothing)
{
    static pthread_t threads[CLIENTS];
    static int numbers[CLIENTS];
    intptr_t good = 0;

    for (int i = 0; i < CLIENTS; i++) {
        numbers[i] = i;
        cr_assert_eq(pthread_create(&threads[i], NULL, client, &numbers[i]), 0);
    }
    for (int i = 0; i < CLIENTS; i++) {
        void *n;
        (void)pthread_join(threads[i], &n);
        good += (intptr_t)n;
    }
    cr_expect_eq(good, CLIENTS * ROUNDS);
    cr_expect(rig_await(&r, &r.done, CLIENTS * ROUNDS));
    cr_expect_eq(r.cut, 0);
}
