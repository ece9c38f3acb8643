/* Aligned columns, on a terminal and in a pipe. */
#include <criterion/criterion.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/cli/cli_priv.h"

TestSuite(cli_table, .timeout = 120);

static const struct cli_column columns[] = {
    {"ID",   false, 0, 0},
    {"N",    true,  0, 1},
    {"NAME", false, 4, 0},
};

/* Prints a table of two rows on a terminal of that many columns (0: none); owned text. */
static char *print(int width, bool utf8, const char *const cells[6])
{
    char *text = NULL;
    size_t len = 0;
    struct cli c = {.columns = width, .utf8 = utf8};
    struct cli_table t = {.columns = columns, .columns_len = 3};

    c.out = open_memstream(&text, &len);
    for (int i = 0; i < 6; i++) {
        cli_table_add(&c, &t, cells[i]);
    }
    cli_table_print(&c, &t);
    cli_table_clear(&t);
    (void)fclose(c.out);
    return text;
}

Test(cli_table, columns_are_as_wide_as_their_widest_cell)
{
    const char *cells[6] = {"a", "5", "x", "bcd", "100", NULL};
    char *text = print(0, true, cells);

    cr_expect_str_eq(text, "ID     N  NAME\n"
                           "a      5  x\n"
                           "bcd  100  \n");
    free(text);
}

Test(cli_table, one_endless_cell_widens_no_other_row_of_a_pipe)
{
    char endless[301];

    memset(endless, 'x', 300);
    endless[300] = '\0';
    const char *cells[6] = {endless, "5", "n", "b", "6", "m"};
    char *text = print(0, true, cells);
    char *last = strstr(text, "\nb ");

    cr_expect(strstr(text, endless) != NULL, "whole for the program that reads it");
    cr_assert_not_null(last);
    cr_expect_lt(strlen(last), 100, "%s", last);
    free(text);
}

Test(cli_table, a_narrow_terminal_cuts_what_may_shrink)
{
    const char *cells[6] = {"a", "5", "a long business name", "b", "6", "short"};
    char *text = print(16, true, cells);

    cr_assert_not_null(setlocale(LC_CTYPE, "C.UTF-8"));
    cr_expect_str_eq(text, "ID  N  NAME\n"
                           "a   5  a long b\xe2\x80\xa6\n"
                           "b   6  short\n");
    free(text);
    text = print(16, false, cells);
    cr_expect(strstr(text, "a long b~\n") != NULL, "%s", text);
    free(text);
    text = print(9, false, cells);
    cr_expect_str_eq(text,
                     "ID  NAME\n"
                     "a   a lo~\n"
                     "b   short\n",
                     "the column that matters least is left out: %s", text);
    free(text);
    text = print(5, false, cells);
    cr_expect(strstr(text, "a l~\n") != NULL, "not below the least width: %s", text);
    free(text);
}

Test(cli_table, wide_characters_take_two_cells)
{
    const char *cells[6] = {"\xe6\x97\xa5\xe6\x9c\xac", "1", "x", "ab", "2", "y"};

    cr_assert_not_null(setlocale(LC_CTYPE, "C.UTF-8"));
    char *text = print(0, true, cells);
    cr_expect_str_eq(text, "ID    N  NAME\n"
                           "\xe6\x97\xa5\xe6\x9c\xac  1  x\n"
                           "ab    2  y\n");
    free(text);
}

Test(cli_table, nothing_in_a_cell_drives_the_terminal)
{
    const char *cells[6] = {"\033[31mred", "1\n2", "\xe2\x80\xae evil", "\x9b", "\r", "\a"};
    char *text = print(0, true, cells);

    for (const char *s = text; *s != '\0'; s++) {
        cr_expect((unsigned char)*s >= 0x20 || *s == '\n', "byte %d", *s);
    }
    cr_expect_null(strstr(text, "\xe2\x80\xae"));
    free(text);
}

Test(cli_table, since_reads_ages_and_times)
{
    const int64_t now = 1755685800000; /* 2025-08-20T10:30:00Z */
    int64_t at = 0;
    struct err e;

    cr_expect_eq(cli_since("since", "2h", now, &at, &e), E_OK);
    cr_expect_eq(at, now - 7200000);
    cr_expect_eq(cli_since("since", "30m", now, &at, &e), E_OK);
    cr_expect_eq(at, now - 1800000);
    cr_expect_eq(cli_since("since", "7d", now, &at, &e), E_OK);
    cr_expect_eq(cli_since("since", "2025-08-20T10:30:00Z", now, &at, &e), E_OK);
    cr_expect_eq(at, now);
    at = 5;
    cr_expect_eq(cli_since("since", "yesterday", now, &at, &e), E_INVALID);
    cr_expect(strstr(e.msg, "--since") != NULL && strstr(e.msg, "2h") != NULL);
    cr_expect_eq(cli_since("since", "", now, &at, &e), E_INVALID);
    cr_expect_eq(at, 5);
}

Test(cli_table, numbers_are_whole_and_within_their_range)
{
    int64_t n = 7;
    struct err e;

    cr_expect_eq(cli_number("limit", "42", 0, 100, &n, &e), E_OK);
    cr_expect_eq(n, 42);
    static const char *const bad[] = {"", "x", "4x", "-1", "101", "99999999999999999999", "1.5"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_expect_eq(cli_number("limit", bad[i], 0, 100, &n, &e), E_INVALID, "%s", bad[i]);
    }
    cr_expect_eq(n, 42);
}
