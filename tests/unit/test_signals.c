/* Signals as bytes in a pipe, and the terminal put back after a crash. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "ui/signals.h"

TestSuite(signals, .timeout = 120);

Test(signals, arrive_in_the_pipe_and_are_taken_once)
{
    struct err e = {0};
    int number = 0;

    cr_assert_eq(signals_open(&e), E_OK, "%s", e.msg);
    cr_expect_eq(signals_take(&number), 0);
    (void)raise(SIGWINCH);
    (void)raise(SIGWINCH);
    (void)raise(SIGTERM);
    cr_expect_eq(signals_take(&number), (unsigned)(SIGNAL_RESIZED | SIGNAL_QUIT));
    cr_expect_eq(number, SIGTERM);
    cr_expect_eq(signals_take(&number), 0);
    signals_close();
    cr_expect_eq(signals_fd(), -1);
}

Test(signals, are_given_back_when_closed)
{
    struct err e = {0};
    struct sigaction before, after;

    (void)sigaction(SIGTERM, NULL, &before);
    cr_assert_eq(signals_open(&e), E_OK);
    (void)sigaction(SIGTERM, NULL, &after);
    cr_expect_neq((void *)(size_t)before.sa_handler, (void *)(size_t)after.sa_handler);
    signals_close();
    (void)sigaction(SIGTERM, NULL, &after);
    cr_expect_eq((void *)(size_t)before.sa_handler, (void *)(size_t)after.sa_handler);
}

Test(signals, an_emergency_writes_the_reset_bytes_exactly_once)
{
    static const char reset[] = "\033[?1049l\033[?25h";
    struct termios modes = {0};
    char buf[64];
    int fds[2];

    cr_assert_eq(pipe2(fds, O_NONBLOCK), 0);
    signals_guard(fds[1], reset, strlen(reset), &modes);
    signals_emergency_reset();
    signals_emergency_reset();
    cr_expect_eq(read(fds[0], buf, sizeof buf), (ssize_t)strlen(reset));
    cr_expect_arr_eq(buf, reset, strlen(reset));
    signals_guard(fds[1], reset, strlen(reset), &modes);
    signals_guard_off();
    signals_emergency_reset();
    cr_expect_eq(read(fds[0], buf, sizeof buf), -1);
    (void)close(fds[0]);
    (void)close(fds[1]);
}

Test(signals, the_second_request_to_quit_ends_a_stuck_process, .signal = SIGTERM)
{
    struct err e = {0};

    cr_assert_eq(signals_open(&e), E_OK);
    (void)raise(SIGTERM); /* nobody takes it */
    (void)raise(SIGTERM);
}

Test(signals, a_crash_ends_the_process_even_when_it_was_started_with_that_signal_ignored,
     .signal = SIGQUIT)
{
    struct err e = {0};

    (void)signal(SIGQUIT, SIG_IGN);
    cr_assert_eq(signals_open(&e), E_OK);
    (void)raise(SIGQUIT);
}
