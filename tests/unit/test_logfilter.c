/* CloudWatch Logs filter patterns. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ops/log_search.h"
#include "src/cloud/logs/logfilter.h"

static const struct filter_case {
    const char *pattern, *message;
    bool want;
} cases[] = {
    {"",                   "anything",       true },
    {"   ",                "anything",       true },
    {"error",              "an error",       true },
    {"error",              "an Error",       false},
    {"a b",                "b then a",       true },
    {"a b",                "only a",         false},
    {"\"a b\"",            "b a",            false},
    {"\"a b\"",            "x a b y",        true },
    {"\"say \\\"hi\\\"\"", "say \"hi\" now", true },
    {"?a ?b",              "b",              true },
    {"?a ?b",              "c",              false},
    {"-debug",             "info",           true },
    {"-debug",             "debug info",     false},
    {"error -test",        "error",          true },
    {"error -test",        "test error",     false},
    {"error ?a",           "error",          true },
    {"-\"a b\"",           "a b",            false},
};

Test(logfilter, matches_as_cloudwatch_does)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cloud_logs_filter *f = cloud_logs_filter_new(cases[i].pattern, NULL);
        cr_assert_not_null(f, "%s", cases[i].pattern);
        cr_expect_eq(cloud_logs_filter_match(f, cases[i].message), cases[i].want, "%s on %s",
                     cases[i].pattern, cases[i].message);
        cloud_logs_filter_free(f);
    }
}

Test(logfilter, what_it_does_not_read_is_refused)
{
    static const char *const bad[] = {"{ $.a = 1 }", "[a, b]", "%a.*b%", "\"open",
                                      "a -",         "?",      "\"\""};
    char big[LOGFILTER_MAX + 2];

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct err e = {.code = E_OK};
        cr_expect_null(cloud_logs_filter_new(bad[i], &e), "%s", bad[i]);
        cr_expect_eq(e.code, E_INVALID);
        cr_expect_not_null(strstr(e.msg, "Invalid filter pattern"));
    }
    memset(big, 'x', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    cr_expect_null(cloud_logs_filter_new(big, NULL));
}

Test(logfilter, the_pattern_of_a_text_finds_the_text_as_it_stands_and_no_other)
{
    static const char *const texts[] = {"100%",    "%a.*b%",   "\"quoted\"",  "back\\slash", "\\\"",
                                        "[a, b]",  "?a -b",    "{ $.a = 1 }", "\\",          "\"",
                                        " blank ", "\xc3\xa4", "a\tb"};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char message[64];
        char *pattern = log_pattern_of(texts[i]);
        struct cloud_logs_filter *f = cloud_logs_filter_new(pattern, NULL);
        cr_assert_not_null(f, "%s", pattern);
        (void)snprintf(message, sizeof message, "before%safter", texts[i]);
        cr_expect(cloud_logs_filter_match(f, message), "%s", pattern);
        cr_expect_not(cloud_logs_filter_match(f, "before after a b"), "%s", pattern);
        cloud_logs_filter_free(f);
        free(pattern);
    }
}
