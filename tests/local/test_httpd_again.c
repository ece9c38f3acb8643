/* The HTTP server on loopback: requests that ask to be run again hold no thread, and no call of
 * httpd_again is lost. */
#include <criterion/criterion.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/clock.h"
#include "httpd_rig.h"

static struct rig r;

static void teardown(void)
{
    rig_stop(&r);
}

TestSuite(httpd_again, .fini = teardown, .timeout = 120);

#define GET(target) "GET " target " HTTP/1.1\r\nHost: x\r\n\r\n"
enum { LONG_MS = 600000, MANY = 40 };

static void start(int again_ms)
{
    rig_start(&r, &(struct httpd_options){.threads = 1});
    r.again_ms = again_ms;
}

/* One client, whose request waits. */
static int ask(const char *request)
{
    int fd = rig_dial(&r);

    cr_assert(rig_send(fd, request));
    return fd;
}

static void must_read(int fd, const char *body)
{
    struct rig_reply x = rig_read(fd, false);

    cr_expect_eq(x.status, 200);
    cr_expect_str_eq(x.body, body);
}

Test(httpd_again, many_wait_and_the_only_thread_is_free)
{
    int fds[MANY];
    struct httpd_count count;

    start(LONG_MS);
    for (int i = 0; i < MANY; i++) {
        fds[i] = ask(i % 2 == 0 ? GET("/later") : GET("/later-here"));
    }
    cr_assert(rig_await(&r, &r.asked, MANY));
    cr_expect_eq(rig_ask(&r, GET("/x")).status, 200);
    httpd_count(r.h, &count);
    cr_expect_geq(count.busy, MANY, "a request that waits is under way");
    rig_open(&r);
    httpd_again(r.h);
    for (int i = 0; i < MANY; i++) {
        must_read(fds[i], i % 2 == 0 ? "GET /later 0 " : "GET /later-here 0 ");
        (void)close(fds[i]);
    }
    cr_expect_eq(r.asked, 2 * MANY);
}

Test(httpd_again, time_alone_is_enough)
{
    start(100);
    int64_t from = clock_mono_ms(NULL);
    int here = ask(GET("/later-here"));
    int fd = ask("POST /later HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody");

    cr_assert(rig_await(&r, &r.asked, 8));
    cr_expect_geq(clock_mono_ms(NULL) - from, 300, "two of them, at most each 100 ms");
    rig_open(&r);
    must_read(fd, "POST /later 4 body");
    must_read(here, "GET /later-here 0 ");
    (void)close(fd);
    (void)close(here);
}

Test(httpd_again, a_call_that_comes_before_the_loop_knows_is_not_lost)
{
    static const char *const requests[] = {GET("/later"), GET("/later-here")};

    for (int i = 0; i < 2; i++) {
        start(LONG_MS);
        r.call_between = true;
        int fd = ask(requests[i]);
        cr_expect_eq(rig_read(fd, false).status, 200);
        cr_expect_eq(r.asked, 2);
        (void)close(fd);
        rig_stop(&r);
    }
}

Test(httpd_again, what_is_sent_ahead_waits_behind_it)
{
    start(LONG_MS);
    int fd = ask(GET("/later") GET("/second"));
    int here = ask(GET("/later-here") GET("/here"));

    cr_assert(rig_await(&r, &r.asked, 2));
    cr_expect_eq(r.heads, 2);
    rig_open(&r);
    httpd_again(r.h);
    must_read(fd, "GET /later 0 ");
    must_read(fd, "GET /second 0 ");
    must_read(here, "GET /later-here 0 ");
    must_read(here, "GET /here 0 ");
    (void)close(fd);
    (void)close(here);
}

Test(httpd_again, a_client_that_ended_its_side_gets_its_reply)
{
    start(LONG_MS);
    int fd = ask(GET("/later"));

    cr_assert_eq(shutdown(fd, SHUT_WR), 0);
    cr_assert(rig_await(&r, &r.asked, 1));
    (void)poll(NULL, 0, 50);
    rig_open(&r);
    httpd_again(r.h);
    must_read(fd, "GET /later 0 ");
    (void)close(fd);
}

Test(httpd_again, a_client_that_is_gone_is_not_asked_for_again)
{
    const struct linger at_once = {.l_onoff = 1};

    start(LONG_MS);
    int fd = ask(GET("/later"));
    cr_assert(rig_await(&r, &r.asked, 1));
    cr_assert_eq(setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
    (void)close(fd);
    cr_expect(rig_await(&r, &r.done, 1));
    cr_expect_eq(r.cut, 1);
    cr_expect_eq(r.status, 0, "there was no reply");
    httpd_again(r.h);
    cr_expect_eq(rig_ask(&r, GET("/x")).status, 200);
    cr_expect_eq(r.asked, 1);
}

Test(httpd_again, quiesce_runs_what_waits_once_more)
{
    start(LONG_MS);
    int fd = ask(GET("/later"));

    cr_assert(rig_await(&r, &r.asked, 1));
    rig_open(&r);
    httpd_quiesce(r.h);
    struct rig_reply x = rig_read(fd, false);
    cr_expect_eq(x.status, 200);
    cr_expect(x.close);
    (void)close(fd);
    cr_expect_eq(httpd_wait(r.h, RIG_WAIT_MS), 0);
}

Test(httpd_again, the_end_cuts_what_waits)
{
    start(LONG_MS);
    int fd = ask(GET("/later"));

    cr_assert(rig_await(&r, &r.asked, 1));
    httpd_free(r.h);
    r.h = NULL;
    cr_expect_eq(r.done, 1);
    cr_expect_eq(r.cut, 1);
    cr_expect_neq(rig_read_end(fd, RIG_WAIT_MS), RIG_SILENT);
    (void)close(fd);
}
