/* Tests of the reading and writing of whole numbers in texts (core/number.h). */
#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

#include "core/number.h"

Test(number, whole_numbers_in_their_range_are_read)
{
    int64_t n = 7;

    cr_expect(number_parse("0", 0, 5, &n));
    cr_expect_eq(n, 0);
    cr_expect(number_parse("0042", 0, 42, &n));
    cr_expect_eq(n, 42);
    cr_expect(number_parse("-5", -5, 5, &n));
    cr_expect_eq(n, -5);
    cr_expect(number_parse("9223372036854775807", 0, INT64_MAX, &n));
    cr_expect_eq(n, INT64_MAX);
    cr_expect(number_parse("-9223372036854775808", INT64_MIN, 0, &n));
    cr_expect_eq(n, INT64_MIN);
}

Test(number, all_else_leaves_what_was_there)
{
    static const char *const bad[] = {"",
                                      "-",
                                      "+1",
                                      " 1",
                                      "1 ",
                                      "1x",
                                      "x",
                                      "0x1",
                                      "1.0",
                                      "1e3",
                                      "--1",
                                      "1-1",
                                      "6",
                                      "-1",
                                      "-0",
                                      "\xd9\xa1",
                                      "\n1",
                                      "9223372036854775808",
                                      "99999999999999999999999999"};
    int64_t n = 7;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_expect_not(number_parse(bad[i], 0, 5, &n), "%s", bad[i]);
    }
    cr_expect_not(number_parse(NULL, 0, 5, &n));
    cr_expect_not(number_parse("-9223372036854775809", INT64_MIN, INT64_MAX, &n));
    cr_expect_eq(n, 7);
}

Test(number, numbers_are_written_in_digits)
{
    static const struct {
        uint64_t n;
        const char *text;
    } rows[] = {
        {0,          "0"                   },
        {9,          "9"                   },
        {10,         "10"                  },
        {40700,      "40700"               },
        {UINT64_MAX, "18446744073709551615"},
    };
    char text[NUMBER_SIZE];

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cr_expect_eq(number_text(text, rows[i].n), strlen(rows[i].text));
        cr_expect_str_eq(text, rows[i].text);
    }
}
