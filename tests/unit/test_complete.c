/* File names that complete what is typed. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/complete.h"
#include "core/path.h"

static char dir[64];

static void make(const char *name)
{
    char *path = path_join(dir, name);

    cr_assert_eq(path_write_atomic(path, "", 0, 0600, NULL), E_OK);
    free(path);
}

static void setup(void)
{
    strcpy(dir, "/tmp/mvpdash-complete-XXXXXX");
    cr_assert_not_null(mkdtemp(dir));
    make("deploys.csv");
    make("deploys.jsonl");
    make(".hidden");
    char *sub = path_join(dir, "december");
    cr_assert_eq(mkdir(sub, 0700), 0);
    free(sub);
    char *fifo = path_join(dir, "deaf");
    cr_assert_eq(mkfifo(fifo, 0600), 0);
    free(fifo);
    setenv("HOME", dir, 1);
    cr_assert_eq(chdir(dir), 0);
}

static void teardown(void)
{
    cr_assert_eq(chdir("/"), 0);
    cr_assert_eq(path_remove_tree(dir, NULL), E_OK);
}

TestSuite(complete, .init = setup, .fini = teardown, .timeout = 120);

static void expect(const char *typed, const char *want)
{
    size_t len = 0;
    char **got = path_complete(typed, 10, &len);
    char *all = xstrdup("");

    for (size_t i = 0; i < len; i++) {
        char *more = xasprintf("%s%s ", all, got[i]);
        free(all);
        all = more;
        free(got[i]);
    }
    cr_expect_str_eq(all, want, "%s: %s", typed, all);
    free(all);
    free(got);
}

Test(complete, folders_come_first_pipes_and_hidden_ones_do_not)
{
    expect("", "december/ deploys.csv deploys.jsonl ");
    expect("dep", "deploys.csv deploys.jsonl ");
    expect(".h", ".hidden ");
    expect("./dec", "./december/ ");
    expect("~/deploys.c", "~/deploys.csv ");
    expect("december/", "");
    expect("nowhere/x", "");
    expect("zzz", "");
}

Test(complete, what_all_have_in_common)
{
    char a[] = "deploys.csv", b[] = "deploys.jsonl", c[] = "x";
    char *both[] = {a, b}, *all[] = {a, b, c};

    cr_expect_eq(complete_common(both, 2), 8);
    cr_expect_eq(complete_common(all, 3), 0);
    cr_expect_eq(complete_common(NULL, 0), 0);
}

Test(complete, only_a_plain_file_is_read)
{
    struct err e = {0};

    cr_expect_eq(path_is_file("deploys.csv", &e), E_OK);
    cr_expect_eq(path_is_file("december", &e), E_INVALID);
    cr_expect_not_null(strstr(e.msg, "folder"), "%s", e.msg);
    cr_expect_eq(path_is_file("deaf", &e), E_INVALID, "it would wait for ever");
    cr_expect_eq(path_is_file("nothing", &e), E_NOT_FOUND);
}
