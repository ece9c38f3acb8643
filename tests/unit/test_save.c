/* Saving text into a new file. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/path.h"
#include "ui/save.h"

TestSuite(save, .timeout = 120);

Test(save, never_writes_over_a_file_and_keeps_it_private)
{
    char dir[] = "/tmp/mvpdash-save.XXXXXX";
    struct err e = {0};
    char *saved = NULL;
    char *text = NULL;
    struct stat st;

    cr_assert_not_null(mkdtemp(dir));
    char *path = path_join(dir, "log.txt");
    cr_assert_eq(save_text(path, "one", &saved, &e), E_OK, "%s", e.msg);
    cr_expect_str_eq(saved, path);
    cr_assert_eq(stat(saved, &st), 0);
    cr_expect_eq(st.st_mode & 0777, 0600);
    free(saved);
    cr_assert_eq(save_text(path, "two", &saved, &e), E_OK, "%s", e.msg);
    cr_expect_not_null(strstr(saved, "/log-2.txt"));
    cr_assert_eq(path_read(path, 100, &text, NULL, &e), E_OK);
    cr_expect_str_eq(text, "one");
    free(text);
    cr_assert_eq(path_read(saved, 100, &text, NULL, &e), E_OK);
    cr_expect_str_eq(text, "two");
    free(text);
    free(saved);
    free(path);
    cr_expect_eq(path_remove_tree(dir, &e), E_OK);
}

Test(save, says_where_it_could_not_write)
{
    struct err e = {0};
    char *saved = NULL;

    cr_expect_eq(save_text("/dev/null/x.txt", "one", &saved, &e), E_IO);
    cr_expect_not_null(strstr(e.msg, "/dev/null/x.txt"));
    cr_expect_null(saved);
}
