/* The limits of the HTTP server on loopback: how long, how many, and who goes when room is short.
 */
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/clock.h"
#include "httpd_rig.h"

static struct rig r;

static void teardown(void)
{
    rig_stop(&r);
}

TestSuite(httpd_limits, .fini = teardown, .timeout = 120);

#define HOST "Host: x\r\n"
#define GET(target) "GET " target " HTTP/1.1\r\n" HOST "\r\n"

static struct httpd_count count(void)
{
    struct httpd_count c;

    httpd_count(r.h, &c);
    return c;
}

/* Has the server closed it? */
static bool is_closed(int fd)
{
    char byte;

    return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

static void let_pass(int ms)
{
    (void)poll(NULL, 0, ms);
}

/* ---- time ---- */

Test(httpd_limits, a_silent_connection_is_closed_without_a_word)
{
    rig_start(&r, &(struct httpd_options){.idle_ms = 3000});
    int fresh = rig_dial(&r);
    int used = rig_dial(&r);

    cr_assert(rig_send(used, GET("/x")));
    cr_expect_eq(rig_read(used, false).status, 200);
    cr_expect_eq(rig_read_end(fresh, RIG_WAIT_MS), RIG_END);
    cr_expect_eq(rig_read_end(used, RIG_WAIT_MS), RIG_END);
    cr_expect_eq(r.done, 1);
    (void)close(fresh);
    (void)close(used);
}

Test(httpd_limits, a_head_or_body_that_does_not_end_is_refused_with_408)
{
    static const char *const begun[] = {
        "G",
        "GET / HTTP/1.1\r\n" HOST,
        "POST / HTTP/1.1\r\n" HOST "Content-Length: 9\r\n\r\n",
        "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n5\r\nab",
    };

    int fds[sizeof begun / sizeof *begun];

    rig_start(&r, &(struct httpd_options){.idle_ms = 3000, .body_ms = 3000});
    for (size_t i = 0; i < sizeof begun / sizeof *begun; i++) {
        fds[i] = rig_dial(&r);
        cr_assert(rig_send(fds[i], begun[i]));
    }
    for (size_t i = 0; i < sizeof begun / sizeof *begun; i++) {
        struct rig_reply x = rig_read(fds[i], false);
        cr_expect_eq(x.status, 408, "%s", begun[i]);
        cr_expect(x.close);
        cr_expect_eq(rig_read_end(fds[i], RIG_WAIT_MS), RIG_END);
        (void)close(fds[i]);
    }
}

Test(httpd_limits, a_head_that_trickles_gets_no_more_time)
{
    rig_start(&r, &(struct httpd_options){.idle_ms = 3000});
    int64_t from = clock_mono_ms(NULL);
    int fd = rig_dial(&r);
    bool ends = false;

    cr_assert(rig_send(fd, "GET / HTTP/1.1\r\nX: "));
    while (!ends && clock_mono_ms(NULL) - from < RIG_WAIT_MS) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        ends = poll(&p, 1, 20) != 0 || !rig_send(fd, "x");
    }
    cr_expect(ends, "each byte gave it more time");
    cr_expect_eq(rig_read(fd, false).status, 408);
    (void)close(fd);
}

Test(httpd_limits, a_client_that_does_not_read_is_cut)
{
    rig_start(&r, &(struct httpd_options){.send_ms = 300});
    int fd = rig_dial(&r);

    cr_assert(rig_send(fd, GET("/big")));
    cr_expect(rig_await(&r, &r.done, 1));
    cr_expect_eq(r.cut, 1);
    cr_expect_eq(rig_read_end(fd, RIG_WAIT_MS), RIG_RESET);
    (void)close(fd);
}

Test(httpd_limits, a_request_that_waits_too_long_for_a_thread_is_refused)
{
    rig_start(&r, &(struct httpd_options){.threads = 1, .deadline_ms = 3000});
    int busy = rig_dial(&r);
    int fd = rig_dial(&r);

    cr_assert(rig_send(busy, GET("/held")));
    cr_assert(rig_await(&r, &r.held, 1));
    cr_assert(rig_send(fd, GET("/late") GET("/here")));
    struct rig_reply x = rig_read(fd, false);
    cr_expect_eq(x.status, 503);
    cr_expect_not(x.close, "nothing is wrong with the connection");
    cr_expect_eq(rig_read(fd, false).status, 200, "the loop itself is free");
    rig_open(&r);
    cr_expect_eq(rig_read(busy, false).status, 200, "what runs is not cut");
    (void)close(busy);
    (void)close(fd);
}

Test(httpd_limits, when_the_line_is_full_a_request_is_refused_at_once)
{
    /* None is refused because its time is over. */
    rig_start(&r, &(struct httpd_options){.threads = 1, .queue = 2, .deadline_ms = 600000});
    int fds[4];

    for (int i = 0; i < 3; i++) {
        fds[i] = rig_dial(&r);
        cr_assert(rig_send(fds[i], GET("/held")));
        cr_assert(rig_await(&r, &r.heads, i + 1));
    }
    cr_assert(rig_await(&r, &r.held, 1)); /* the thread has one, and two wait for it */
    fds[3] = rig_dial(&r);
    int64_t from = clock_mono_ms(NULL);
    cr_assert(rig_send(fds[3], GET("/held")));
    cr_expect_eq(rig_read(fds[3], false).status, 503);
    cr_expect(rig_await(&r, &r.done, 1));
    cr_expect_eq(count().waiting, 2);
    while (count().busy > 3) { /* the refused one ends behind its `done` */
        cr_assert_lt(clock_mono_ms(NULL) - from, RIG_WAIT_MS);
        let_pass(1);
    }
    cr_expect_eq(count().busy, 3);
    rig_open(&r);
    for (int i = 0; i < 3; i++) {
        cr_expect_eq(rig_read(fds[i], false).status, 200);
        (void)close(fds[i]);
    }
    (void)close(fds[3]);
}

Test(httpd_limits, heads_and_targets_have_limits)
{
    rig_start(&r, &(struct httpd_options){.target_max = 100, .head_max = 1000, .body_max = 10});
    char text[2000];

    (void)snprintf(text, sizeof text, "GET /%0120d HTTP/1.1\r\n" HOST "\r\n", 0);
    cr_expect_eq(rig_ask(&r, text).status, 414);
    (void)snprintf(text, sizeof text, "GET / HTTP/1.1\r\n" HOST "X: %01200d\r\n\r\n", 0);
    cr_expect_eq(rig_ask(&r, text).status, 431);
    cr_expect_eq(
        rig_ask(&r, "POST / HTTP/1.1\r\n" HOST "Content-Length: 11\r\n\r\n01234567890").status,
        413);
    cr_expect_eq(
        rig_ask(&r, "POST / HTTP/1.1\r\n" HOST "Content-Length: 10\r\n\r\n0123456789").status, 200);
}

Test(httpd_limits, all_bodies_together_have_a_limit)
{
    static const char begun[] = "POST /x HTTP/1.1\r\n" HOST "Content-Length: 10\r\n\r\n01234567";
    static const char chunk[] =
        "POST /x HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n8\r\n01234567\r\n";

    rig_start(&r, &(struct httpd_options){.body_max = 10, .bodies_max = 20});
    int first = rig_dial(&r);
    int second = rig_dial(&r);
    cr_assert(rig_send(first, begun));
    cr_assert(rig_send(second, chunk));
    cr_assert(rig_await(&r, &r.heads, 2));
    int third = rig_dial(&r);
    cr_assert(rig_send(third, begun));
    struct rig_reply x = rig_read(third, false);
    cr_expect_eq(x.status, 503);
    cr_expect_str_eq(x.body, "refused: the bodies of all requests together are over the limit");
    cr_expect(x.close, "what is left of the body is not read");
    cr_assert(rig_send(first, "89"));
    cr_expect_str_eq(rig_read(first, false).body, "POST /x 10 0123456789", "others go on");
    cr_assert(rig_await(&r, &r.done, 2));
    cr_expect_eq(
        rig_ask(&r, "POST /x HTTP/1.1\r\n" HOST "Content-Length: 10\r\n\r\n0123456789").status, 200,
        "what is over counts no longer");
    (void)close(third);
    (void)close(second);
    cr_assert(rig_await(&r, &r.done, 4));
    for (int i = 0; i < 4; i++) { /* what was refused or cut does not count either */
        cr_expect_eq(
            rig_ask(&r, "POST /x HTTP/1.1\r\n" HOST "Content-Length: 10\r\n\r\n0123456789").status,
            200);
    }
}

static int64_t long_ago(void *arg)
{
    (void)arg;
    return 784111777000;
}

Test(httpd_limits, the_date_of_a_reply_is_of_the_clock_given)
{
    const struct clock then = {.wall_ms = long_ago};

    rig_start(&r, &(struct httpd_options){.clock = &then});
    struct rig_reply x = rig_ask(&r, GET("/x"));
    cr_expect(strstr(x.head, "\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n") != NULL, "%s", x.head);
    rig_stop(&r);
}

/* ---- room ---- */

Test(httpd_limits, the_one_idle_for_longest_makes_room_and_those_not_known_before_others)
{
    rig_start(&r, &(struct httpd_options){.connections = 3});
    int known = rig_dial(&r);
    int first = rig_dial(&r);
    int second = rig_dial(&r);

    cr_assert(rig_send(known, GET("/known")));
    cr_assert_eq(rig_read(known, false).status, 200);
    let_pass(5);
    cr_assert(rig_send(second, GET("/x")));
    cr_assert_eq(rig_read(second, false).status, 200);
    let_pass(300); /* what has just come makes no room */
    int third = rig_dial(&r);
    cr_assert(rig_send(third, GET("/x")));
    cr_expect_eq(rig_read(third, false).status, 200);
    cr_expect(is_closed(first));
    cr_expect_not(is_closed(second));
    let_pass(300);
    int fourth = rig_dial(&r);
    cr_assert(rig_send(fourth, GET("/x")));
    cr_expect_eq(rig_read(fourth, false).status, 200);
    cr_expect(is_closed(second));
    cr_expect_not(is_closed(known));
    cr_assert(rig_send(known, GET("/again")));
    cr_expect_eq(rig_read(known, false).status, 200);
    cr_expect_eq(count().full_all, 2);
    cr_expect_eq(count().connections, 3);
    cr_expect_eq(r.over, 0);
}

Test(httpd_limits, a_trickling_head_does_not_hold_its_place)
{
    rig_start(&r, &(struct httpd_options){.connections = 2, .reserve = 1});
    int slow[2] = {rig_dial(&r), rig_dial(&r)};

    for (int i = 0; i < 30; i++) { /* three seconds, and the server reads each */
        cr_assert(rig_send(slow[0], i == 0 ? "GET / HTTP/1.1\r\nX: " : "x"));
        cr_assert(rig_send(slow[1], i == 0 ? "GET / HTTP/1.1\r\nX: " : "x"));
        let_pass(100);
    }
    cr_expect_eq(rig_ask(&r, GET("/x")).status, 200);
    cr_expect_eq(r.over, 0);
    cr_expect_eq(count().full_all, 1);
}

/* Two connections and the one beyond them are taken by clients that hold something back. */
static void hold_back(const char *request)
{
    rig_start(&r, &(struct httpd_options){.connections = 2, .reserve = 1});
    for (int i = 0; i < 3; i++) {
        cr_assert(rig_send(rig_dial(&r), request));
        cr_assert(rig_await(&r, &r.heads, i + 1));
    }
    cr_expect_eq(rig_ask(&r, GET("/here")).status, 200, "%s", request);
    cr_expect_eq(count().full_all, 1, "the one beyond the limit goes before its time is over");
    /* The others go as well, long before theirs is over, and then nobody is beyond the limit. */
    int64_t until = clock_mono_ms(NULL) + RIG_WAIT_MS;
    int over;
    do {
        let_pass(300);
        over = r.over;
        cr_expect_eq(rig_ask(&r, GET("/x")).status, 200, "%s", request);
    } while (r.over != over && clock_mono_ms(NULL) < until);
    cr_expect_eq(r.over, over, "the others keep their places");
    cr_expect_gt(count().full_all, 1);
}

Test(httpd_limits, bodies_that_are_held_back_shut_nobody_out)
{
    hold_back("POST /x HTTP/1.1\r\n" HOST "Content-Length: 9\r\n\r\n1");
}

Test(httpd_limits, bodies_of_refused_requests_that_are_held_back_shut_nobody_out)
{
    hold_back("POST /no HTTP/1.1\r\n" HOST "Content-Length: 9\r\n\r\n1");
}

Test(httpd_limits, chunks_that_are_held_back_shut_nobody_out)
{
    hold_back("POST /here HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n1");
}

Test(httpd_limits, replies_that_are_not_read_shut_nobody_out)
{
    hold_back(GET("/big"));
}

Test(httpd_limits, an_idle_connection_goes_before_one_that_sends)
{
    rig_start(&r, &(struct httpd_options){.connections = 2});
    int sends = rig_dial(&r);

    cr_assert(rig_send(sends, "POST /x HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\n1"));
    cr_assert(rig_await(&r, &r.heads, 1));
    let_pass(5200);
    int idle = rig_dial(&r);
    cr_assert(rig_await_connections(&r, 2));
    let_pass(300);
    cr_expect_eq(rig_ask(&r, GET("/here")).status, 200);
    cr_expect(is_closed(idle));
    cr_assert(rig_send(sends, "2"));
    cr_expect_eq(rig_read(sends, false).status, 200);
}

Test(httpd_limits, a_line_of_many_beyond_the_limit_goes_fast)
{
    rig_start(&r, &(struct httpd_options){.connections = 2, .reserve = 2});

    for (int i = 0; i < 2; i++) {
        cr_assert(rig_send(rig_dial(&r), GET("/held")));
        cr_assert(rig_await(&r, &r.held, i + 1));
    }
    for (int i = 0; i < 80; i++) {
        cr_assert(rig_send(rig_dial(&r), "POST /x HTTP/1.1\r\n" HOST "Content-Length: 9\r\n\r\n1"));
    }
    int64_t from = clock_mono_ms(NULL);
    cr_expect_eq(rig_ask(&r, GET("/here")).status, 200);
    cr_expect_lt(clock_mono_ms(NULL) - from, 6000);
}

Test(httpd_limits, a_known_client_keeps_its_place_while_it_sends)
{
    rig_start(&r, &(struct httpd_options){.connections = 1, .reserve = 1});
    int fd = rig_dial(&r);

    cr_assert(rig_send(fd, "POST /known HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\n1"));
    cr_assert(rig_await(&r, &r.heads, 1));
    let_pass(5200);
    cr_expect_eq(rig_ask(&r, GET("/here")).status, 200);
    cr_expect_eq(r.over, 1);
    cr_assert(rig_send(fd, "2"));
    cr_expect_eq(rig_read(fd, false).status, 200);
}

Test(httpd_limits, beyond_the_limit_a_few_are_served_and_marked)
{
    rig_start(&r, &(struct httpd_options){.connections = 2, .reserve = 1});
    int busy[2] = {rig_dial(&r), rig_dial(&r)};

    cr_assert(rig_send(busy[0], GET("/held")));
    cr_assert(rig_send(busy[1], GET("/held")));
    cr_assert(rig_await(&r, &r.held, 2));
    int more = rig_dial(&r);
    cr_assert(rig_send(more, GET("/here")));
    cr_expect_eq(rig_read(more, false).status, 200);
    cr_expect_eq(r.over, 1);
    /* One more waits at the door until there is room. */
    int waits = rig_dial(&r);
    cr_assert(rig_send(waits, GET("/here")));
    cr_assert(rig_send(more, GET("/here")));
    cr_expect_eq(rig_read(more, false).status, 200);
    rig_open(&r);
    cr_expect_eq(rig_read(waits, false).status, 200);
    cr_expect_eq(rig_read(busy[0], false).status, 200);
    cr_expect_eq(rig_read(busy[1], false).status, 200);
}

Test(httpd_limits, one_beyond_the_limit_may_be_idle_for_a_short_time_only)
{
    rig_start(&r, &(struct httpd_options){.connections = 1, .reserve = 1});
    int busy = rig_dial(&r);

    cr_assert(rig_send(busy, GET("/held")));
    cr_assert(rig_await(&r, &r.held, 1));
    int more = rig_dial(&r);
    cr_expect_eq(rig_read_end(more, RIG_WAIT_MS), RIG_END);
    cr_expect_eq(rig_ask(&r, GET("/here")).status, 200, "the place is free again");
}

Test(httpd_limits, one_address_cannot_take_all)
{
    rig_start(&r, &(struct httpd_options){.connections = 100, .per_address = 4});
    int fds[6];

    for (int i = 0; i < 4; i++) {
        fds[i] = rig_dial_from(&r, "127.0.0.9");
        cr_assert(rig_send(fds[i], GET("/held")));
        cr_assert(rig_await(&r, &r.held, i + 1));
    }
    fds[4] = rig_dial_from(&r, "127.0.0.9");
    cr_expect_neq(rig_read_end(fds[4], RIG_WAIT_MS), RIG_SILENT, "closed: all four are busy");
    fds[5] = rig_dial_from(&r, "127.0.0.10");
    cr_assert(rig_send(fds[5], GET("/here")));
    cr_expect_eq(rig_read(fds[5], false).status, 200, "another address is not held up");
    cr_expect_eq(count().full_address, 1);
    cr_expect_eq(count().full_all, 0);
}

Test(httpd_limits, of_one_address_the_oldest_idle_one_makes_room)
{
    rig_start(&r, &(struct httpd_options){.connections = 100, .per_address = 2});
    int first = rig_dial_from(&r, "127.0.0.9");
    cr_assert(rig_await_connections(&r, 1));
    int second = rig_dial_from(&r, "127.0.0.9");
    int other = rig_dial(&r);

    cr_assert(rig_await_connections(&r, 3));
    let_pass(300);
    int third = rig_dial_from(&r, "127.0.0.9");
    cr_assert(rig_send(third, GET("/x")));
    cr_expect_eq(rig_read(third, false).status, 200);
    cr_expect(is_closed(first));
    cr_expect_not(is_closed(second));
    cr_expect_not(is_closed(other));
    cr_expect_eq(count().full_address, 1);
}

Test(httpd_limits, an_exempt_address_may_have_any_number)
{
    rig_start(&r, &(struct httpd_options){.connections = 100, .per_address = 2});
    (void)snprintf(r.exempt, sizeof r.exempt, "127.0.0.9");
    int fds[10];

    for (int i = 0; i < 10; i++) {
        fds[i] = rig_dial_from(&r, "127.0.0.9");
        cr_assert(rig_send(fds[i], GET("/x")));
        cr_expect_eq(rig_read(fds[i], false).status, 200);
    }
    cr_expect_eq(count().connections, 10);
    cr_expect_eq(count().full_address, 0);
}

Test(httpd_limits, three_hundred_silent_ones_shut_nobody_out)
{
    rig_start(&r, &(struct httpd_options){.connections = 64, .per_address = 32});
    int64_t from = clock_mono_ms(NULL);

    for (int i = 0; i < 300; i++) {
        char address[20];
        (void)snprintf(address, sizeof address, "127.0.0.%d", 2 + i % 10);
        (void)rig_dial_from(&r, address);
    }
    let_pass(400);
    for (int i = 0; i < 5; i++) {
        cr_expect_eq(rig_ask(&r, GET("/x")).status, 200);
    }
    cr_expect_lt(clock_mono_ms(NULL) - from, RIG_WAIT_MS, "no silent one has come to its end");
    cr_expect_gt(count().full_all, 0);
    while (count().connections > 64) { /* those beyond the limit go as soon as they are idle */
        let_pass(10);
        cr_assert_lt(clock_mono_ms(NULL) - from, 2 * RIG_WAIT_MS);
    }
}

static int64_t cpu_ms(void)
{
    struct rusage u;

    (void)getrusage(RUSAGE_SELF, &u);
    return (int64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000 +
           (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1000;
}

Test(httpd_limits, without_descriptors_the_server_waits_and_does_not_spin)
{
    struct rlimit before;
    int fds[3];

    rig_start(&r, NULL);
    for (int i = 0; i < 3; i++) {
        fds[i] = rig_dial(&r);
    }
    cr_assert(rig_send(fds[0], GET("/held")));
    cr_assert(rig_await(&r, &r.held, 1));
    cr_assert(rig_await_connections(&r, 3));
    int late = socket(AF_INET, SOCK_STREAM, 0);
    int next = dup(late); /* the lowest one that is free */
    (void)close(next);
    cr_assert_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    const struct rlimit none = {.rlim_cur = (rlim_t)next, .rlim_max = before.rlim_max};
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(r.port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    cr_assert_eq(connect(late, (struct sockaddr *)&to, sizeof to), 0);
    cr_assert(rig_send(late, GET("/here")));
    int64_t from = cpu_ms();
    cr_expect_eq(rig_read(late, false).status, 200, "an idle one made room");
    cr_expect_eq(is_closed(fds[1]) + is_closed(fds[2]), 1);
    (void)rig_read_end(fds[0], 500);
    cr_expect_lt(cpu_ms() - from, 200);
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
    rig_open(&r);
    cr_expect_eq(rig_read(fds[0], false).status, 200, "what is under way is not touched");
}

/* ---- the end ---- */

/* False when this test, and not the server, was too slow: a head that is begun has a second. */
static bool quiesce_in_time(void)
{
    rig_start(&r, NULL);
    int idle = rig_dial(&r);
    int used = rig_dial(&r);
    int held = rig_dial(&r);
    int begun = rig_dial(&r);

    cr_assert(rig_send(used, GET("/x")));
    cr_assert_eq(rig_read(used, false).status, 200);
    cr_assert(rig_send(held, GET("/held")));
    cr_assert(rig_await(&r, &r.held, 1));
    cr_assert(rig_send(begun, "GET /late HTTP/1.1\r\n"));
    let_pass(50);
    int64_t from = clock_mono_ms(NULL);
    httpd_quiesce(r.h);
    cr_expect(is_closed(idle));
    cr_expect(is_closed(used));
    cr_expect_eq(httpd_wait(r.h, 50), 1);
    bool sent = rig_send(begun, HOST "\r\n");
    if (clock_mono_ms(NULL) - from > 700) {
        rig_stop(&r);
        return false;
    }
    cr_assert(sent);
    struct rig_reply x = rig_read(begun, false);
    cr_expect_eq(x.status, 200);
    cr_expect(x.close);
    rig_open(&r);
    x = rig_read(held, false);
    cr_expect_eq(x.status, 200);
    cr_expect(x.close);
    (void)close(held);
    (void)close(begun);
    cr_expect_eq(httpd_wait(r.h, RIG_WAIT_MS), 0);
    cr_expect_eq(count().connections, 0);
    cr_expect_eq(r.cut, 0);
    return true;
}

Test(httpd_limits, quiesce_answers_what_is_under_way_and_closes_the_rest)
{
    for (int i = 0; i < 50 && !quiesce_in_time(); i++) {
    }
}

Test(httpd_limits, a_request_that_came_before_quiesce_is_served)
{
    rig_start(&r, NULL);
    int fds[200];

    for (int i = 0; i < 200; i++) { /* some are in the listening socket's line, some were read */
        fds[i] = rig_dial(&r);
        cr_assert(rig_send(fds[i], GET("/x")));
    }
    httpd_quiesce(r.h);
    for (int i = 0; i < 200; i++) {
        cr_expect_eq(rig_read(fds[i], false).status, 200);
        (void)close(fds[i]);
    }
    cr_expect_eq(httpd_wait(r.h, RIG_WAIT_MS), 0);
}

Test(httpd_limits, the_end_waits_for_what_runs_and_drops_what_waits)
{
    rig_start(&r, &(struct httpd_options){.threads = 1});
    int fds[3];

    for (int i = 0; i < 3; i++) {
        fds[i] = rig_dial(&r);
        cr_assert(rig_send(fds[i], GET("/held")));
        cr_assert(rig_await(&r, &r.heads, i + 1));
    }
    cr_assert(rig_await(&r, &r.held, 1));
    rig_stop(&r);
    cr_expect_eq(r.done, 3, "each exchange was ended");
    cr_expect_eq(r.held, 0);
    for (int i = 0; i < 3; i++) {
        (void)close(fds[i]);
    }
}
