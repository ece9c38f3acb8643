/* The kept history: what one program learned, another one knows; other places and garbage. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/path.h"
#include "jobs_help.h"
#include "ops/history.h"
#include "ops/place.h"
#include "place_folder.h"

static struct ops o;

static void setup(void)
{
    o = place_folder_new();
}

static void teardown(void)
{
    place_folder_free(&o);
}

TestSuite(history, .init = setup, .fini = teardown, .timeout = 120);

/* The one file; NULL: there is none. Owned. */
static char *the_file(void)
{
    return place_folder_file(&o, "history");
}

/* Learns `len` jobs, the first of which has this number. */
static void learn(struct forecast *f, int from, int len)
{
    for (int i = from; i < from + len; i++) {
        char id[32];
        struct job_values v = {.id = id, .text[JOB_PRODUCT_ID] = "p", .status = JOB_COMPLETED};
        (void)snprintf(id, sizeof id, "job_%d", i);
        v.ms[JOB_CREATED] = v.ms[JOB_UPDATED] = v.ms[JOB_ESTIMATED] = TIME_NONE;
        v.ms[JOB_STARTED] = 1755685000000 + i * 60000;
        v.ms[JOB_ENDED] = v.ms[JOB_STARTED] + 3600000;
        struct job *j = job_make(&v);
        cr_assert(forecast_learn(f, j));
        job_free(j);
    }
}

static void keep(int from, int len)
{
    struct forecast *f = forecast_new();
    struct err e = {0};

    learn(f, from, len);
    cr_assert_eq(history_keep(&o, f, &e), E_OK, "%s", e.msg);
    forecast_free(f);
}

static size_t kept(void)
{
    struct forecast *f = forecast_new();

    history_load(&o, f);
    cr_assert_not(forecast_stale(f));
    size_t n = forecast_len(f);
    forecast_free(f);
    return n;
}

Test(history, what_several_learned_is_kept_together)
{
    cr_expect_eq(kept(), 0);
    keep(0, 0);
    cr_expect_null(the_file(), "nothing is written for nothing");
    keep(0, 10);
    keep(5, 10);
    cr_expect_eq(kept(), 15);
    keep(100, 2 * FORECAST_JOBS);
    cr_expect_eq(kept(), FORECAST_JOBS, "the file has an end");
}

Test(history, nothing_new_is_not_written_again)
{
    struct stat was, is;

    keep(0, 10);
    char *path = the_file();
    cr_assert_eq(stat(path, &was), 0);
    cr_expect_eq(was.st_mode & 0777, 0600);
    keep(0, 10);
    keep(3, 5);
    cr_assert_eq(stat(path, &is), 0);
    cr_expect_eq(is.st_ino, was.st_ino, "it is the same file");
    keep(3, 8);
    cr_assert_eq(stat(path, &is), 0);
    cr_expect_neq(is.st_ino, was.st_ino);
    cr_assert_eq(unlink(path), 0);
    cr_assert_eq(symlink("/etc/passwd", path), 0);
    cr_expect_eq(kept(), 0, "a link is not followed");
    free(path);
}

Test(history, another_place_and_garbage_have_none)
{
    struct place *mine = o.place;
    char *text = NULL;
    size_t len = 0;

    keep(0, 10);
    char *path = the_file();
    o.place = place_fixed("111122223333", "eu-west-1");
    cr_expect_eq(kept(), 0);
    keep(0, 3);
    cr_expect_eq(kept(), 3);
    place_free(o.place);
    o.place = mine;
    cr_expect_eq(kept(), 10);

    cr_assert_eq(path_read(path, 1 << 20, &text, &len, NULL), E_OK);
    for (size_t n = 0; n < len; n += 7) {
        cr_assert_eq(path_write_atomic(path, text, n, 0600, NULL), E_OK);
        cr_assert_eq(kept(), 0, "cut at %zu", n);
    }
    text[0] ^= 1;
    cr_assert_eq(path_write_atomic(path, text, len, 0600, NULL), E_OK);
    cr_expect_eq(kept(), 0, "another place of the same hash");
    keep(0, 4);
    cr_expect_eq(kept(), 4, "it is written anew");
    free(text);
    free(path);
}

static void *keeper(void *arg)
{
    for (int i = 0; i < 20; i++) {
        keep(*(const int *)arg + i, 1);
        cr_assert_gt(kept(), 0, "the file is whole at any time");
    }
    return NULL;
}

Test(history, several_may_write_at_once)
{
    pthread_t threads[4];
    int from[] = {0, 100, 200, 300};

    for (size_t i = 0; i < 4; i++) {
        cr_assert_eq(pthread_create(&threads[i], NULL, keeper, &from[i]), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        (void)pthread_join(threads[i], NULL);
    }
    size_t n = kept();
    cr_expect(n > 0 && n <= 80, "%zu", n);
    char *path = the_file();
    free(path);
}
