/* What differs between systems: what the one place for it promises. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/platform.h"
#include "core/strbuf.h"

static ssize_t keep(void *arg, const char *s, size_t n)
{
    strbuf_add(arg, s, n);
    return (ssize_t)n;
}

Test(platform, a_stream_gives_its_bytes_to_the_function)
{
    struct strbuf b = STRBUF_INIT;
    FILE *f = platform_write_stream(&b, keep);

    cr_assert_not_null(f);
    (void)fprintf(f, "%d lines\n", 2);
    (void)fputs("end", f);
    cr_expect_eq(fclose(f), 0);
    cr_expect_str_eq(strbuf_str(&b), "2 lines\nend");
    strbuf_clear(&b);
}

Test(platform, flags_of_a_reopened_file_are_its_own)
{
    char name[] = "/tmp/mvpdash-platform-XXXXXX";
    int fd = mkstemp(name);

    cr_assert_geq(fd, 0);
    int again = platform_reopen(fd, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    cr_assert_geq(again, 0);
    cr_expect_neq(fcntl(again, F_GETFL) & O_NONBLOCK, 0);
    cr_expect_eq(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
    (void)close(again);
    (void)close(fd);
    (void)unlink(name);
}

/* The list of children is optional in the kernel (CONFIG_PROC_CHILDREN). */
Test(platform, children_are_found_and_no_more_than_asked_for)
{
    pid_t mine[3], seen[8] = {0};
    bool listed = access("/proc/thread-self/children", R_OK) == 0;

    for (size_t i = 0; i < 3; i++) {
        mine[i] = fork();
        cr_assert_geq(mine[i], 0);
        if (mine[i] == 0) {
            (void)pause();
            _exit(0);
        }
    }
    size_t own = platform_children(0, seen, 8);
    cr_expect_eq(own, listed ? 3 : 0);
    for (size_t i = 0; i < own && i < 3; i++) {
        cr_expect_eq(seen[i], mine[i]);
    }
    cr_expect_eq(platform_children(getpid(), seen, 8), own);
    cr_expect_eq(platform_children(0, seen, 2), listed ? 2 : 0);
    cr_expect_eq(platform_children(mine[0], seen, 8), 0);
    for (size_t i = 0; i < 3; i++) {
        (void)kill(mine[i], SIGKILL);
        (void)waitpid(mine[i], NULL, 0);
    }
    cr_expect_eq(platform_children(0, seen, 8), 0);
}
