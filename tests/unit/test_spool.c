/* What is written beside who says it: lines for a file or a pipe. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/path.h"
#include "core/strbuf.h"
#include "src/api/access.h"
#include "src/api/spool.h"

static void setup(void)
{
    (void)signal(SIGPIPE, SIG_IGN); /* as main does */
}

TestSuite(spool, .init = setup, .timeout = 120);

/* Reads to the end; owned. */
static char *read_all(int fd)
{
    struct strbuf b = STRBUF_INIT;
    char buf[8192];
    ssize_t n;

    while ((n = read(fd, buf, sizeof buf)) > 0) {
        strbuf_add(&b, buf, (size_t)n);
    }
    return strbuf_take(&b);
}

Test(spool, all_that_was_put_is_written_in_order_before_the_end)
{
    char path[] = "/tmp/mvpdash-spool-XXXXXX";
    struct strbuf want = STRBUF_INIT;
    char *got = NULL;
    int fd = mkstemp(path);
    struct spool *s = spool_new(fd, true, NULL);

    cr_assert_not_null(s);
    for (int i = 0; i < 2000; i++) {
        char line[32];
        int n = snprintf(line, sizeof line, "line %d\n", i);
        cr_assert(spool_put(s, line, (size_t)n, 0));
        strbuf_adds(&want, line);
    }
    spool_free(s);
    cr_assert_eq(path_read(path, 1 << 20, &got, NULL, NULL), E_OK);
    cr_expect_str_eq(got, want.data);
    (void)unlink(path);
    strbuf_clear(&want);
    free(got);
}

Test(spool, a_pipe_that_nobody_reads_holds_nobody_up)
{
    enum { LINES = 5000 };
    char line[1000];
    int ends[2];

    cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
    struct spool *s = spool_new(ends[1], true, NULL);
    cr_assert_not_null(s);
    memset(line, 'x', sizeof line);
    line[sizeof line - 1] = '\n';
    int put = 0;
    int64_t began = clock_mono_ms(NULL);
    for (int i = 0; i < LINES; i++) {
        put += spool_put(s, line, sizeof line, 0);
    }
    cr_expect_lt(clock_mono_ms(NULL) - began, 30000);
    cr_expect_gt(put, 500, "a bounded number waits: %d", put);
    cr_expect_lt(put, 2000, "a bounded number waits: %d", put);
    cr_expect_eq(spool_lost(s), (uint64_t)(LINES - put));
    cr_expect_eq(spool_lost(s), 0, "they are told of once");
    began = clock_mono_ms(NULL);
    spool_free(s);
    cr_expect_lt(clock_mono_ms(NULL) - began, 30000, "the end waits for no reader");
    char *text = read_all(ends[0]);
    cr_expect_eq(strlen(text) % sizeof line, 0, "whole lines: %zu", strlen(text));
    (void)close(ends[0]);
    free(text);
}

/* The lowest one that is free. */
static int next_descriptor(void)
{
    int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

    (void)close(fd);
    return fd;
}

Test(spool, switches_that_nobody_comes_to_hold_one_descriptor)
{
    char line[1000];
    int ends[2];

    cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
    struct spool *s = spool_new(ends[1], true, NULL);
    memset(line, 'x', sizeof line);
    line[sizeof line - 1] = '\n';
    for (int i = 0; i < 200; i++) { /* more than a pipe holds */
        cr_assert(spool_put(s, line, sizeof line, 0));
    }
    int before = next_descriptor();
    for (int i = 0; i < 50; i++) {
        spool_switch(s, open("/dev/null", O_WRONLY | O_CLOEXEC));
    }
    cr_expect_leq(next_descriptor(), before + 2);
    spool_free(s);
    (void)close(ends[0]);
}

Test(spool, what_follows_a_switch_is_in_the_other_file_alone)
{
    char dir[] = "/tmp/mvpdash-spool-XXXXXX";
    char *text = NULL;

    cr_assert_not_null(mkdtemp(dir));
    char *first = path_join(dir, "first");
    char *second = path_join(dir, "second");
    struct spool *s = spool_new(open(first, O_WRONLY | O_CREAT | O_CLOEXEC, 0600), true, NULL);
    cr_assert(spool_put(s, "a\n", 2, 0));
    cr_assert(spool_put(s, "b\n", 2, 0));
    spool_switch(s, open(second, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    cr_assert(spool_put(s, "c\n", 2, 0));
    spool_free(s);
    cr_assert_eq(path_read(first, 100, &text, NULL, NULL), E_OK);
    cr_expect_str_eq(text, "a\nb\n");
    free(text);
    cr_assert_eq(path_read(second, 100, &text, NULL, NULL), E_OK);
    cr_expect_str_eq(text, "c\n");
    free(text);
    (void)!path_remove_tree(dir, NULL);
    free(first);
    free(second);
}

Test(spool, what_cannot_be_written_is_counted)
{
    int ends[2];

    cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
    (void)close(ends[0]);
    struct spool *s = spool_new(ends[1], true, NULL);
    uint64_t lost = 0;
    cr_assert(spool_put(s, "a\n", 2, 0));
    int64_t until = clock_mono_ms(NULL) + 50000;
    while ((lost += spool_lost(s)) < 1 && clock_mono_ms(NULL) < until) {
        (void)usleep(1000);
    }
    cr_expect_eq(lost, 1);
    spool_free(s);
}

/* The access log into a pipe: what there was no room for is told by a later line. */
Test(spool, the_access_log_says_how_many_lines_it_left_out)
{
    enum { LINES = 24000 };
    static const struct access_line line = {
        .request_id = "r", .method = "GET", .path = "/healthz", .status = 200};
    char dir[] = "/tmp/mvpdash-spool-XXXXXX";

    cr_assert_not_null(mkdtemp(dir));
    char *path = path_join(dir, "fifo");
    cr_assert_eq(mkfifo(path, 0600), 0);
    int reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    cr_assert_geq(reader, 0);
    struct access *a = access_new(path, NULL);
    cr_assert_not_null(a);
    for (int i = 0; i < LINES; i++) { /* more than there is room for */
        access_write(a, &line);
    }
    struct strbuf got = STRBUF_INIT;
    char buf[8192];
    bool last = false;
    int64_t until = clock_mono_ms(NULL) + 50000;
    while (clock_mono_ms(NULL) < until && !last) {
        ssize_t n = read(reader, buf, sizeof buf);
        if (n > 0) {
            strbuf_add(&got, buf, (size_t)n);
        } else {
            access_write(a, &line); /* there is room by now */
            (void)usleep(1000);
        }
        last = strstr(strbuf_str(&got), "\"notLogged\":") != NULL;
    }
    cr_assert(last, "nothing is told of what was left out");
    access_free(a);
    ssize_t n;
    while ((n = read(reader, buf, sizeof buf)) > 0) {
        strbuf_add(&got, buf, (size_t)n);
    }
    (void)close(reader);
    (void)!path_remove_tree(dir, NULL);
    strbuf_clear(&got);
    free(path);
}
