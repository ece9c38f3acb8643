/* CloudWatch Logs filter patterns. */
#include <criterion/criterion.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/path.h"
#include "ops/log_search.h"
#include "src/cloud/logs/logfilter.h"

static const struct filter_case {
    const char *pattern, *message;
    bool want;
} cases[] = {
    {"",                     "anything",       true },
    {"   ",                  "anything",       true },
    {"error",                "an error",       true },
    {"error",                "an Error",       false},
    {"a b",                  "b then a",       true },
    {"a b",                  "only a",         false},
    {"\"a b\"",              "b a",            false},
    {"\"a b\"",              "x a b y",        true },
    {"\"say \\\"hi\\\"\"",   "say \"hi\" now", true },
    {"?a ?b",                "b",              true },
    {"?a ?b",                "c",              false},
    {"-debug",               "info",           true },
    {"-debug",               "debug info",     false},
    {"error -test",          "error",          true },
    {"error -test",          "test error",     false},
    {"error ?a",             "error",          true },
    {"-\"a b\"",             "a b",            false},
    {"a_1",                  "xa_1x",          true },
    {"\xc3\xa4",             "an \xc3\xa4",    true },
    {"%a.*b%",               "xx a then b yy", true },
    {"%a.*b%",               "b then a",       false},
    {" %^[hc]at% ",          "hat stand",      true },
    {"%^[hc]at%",            "a hat",          false},
    {"%[hc]at$%",            "a cat",          true },
    {"%[hc]at$%",            "cats",           false},
    {"%colou?r%",            "color",          true },
    {"%colou?r%",            "colour",         true },
    {"%colou?r%",            "colouur",        false},
    {"%^a{3,5}$%",           "aa",             false},
    {"%^a{3,5}$%",           "aaaaa",          true },
    {"%^a{3,5}$%",           "aaaaaa",         false},
    {"%^a{2}$%",             "aa",             true },
    {"%^a{2,}b$%",           "aaaab",          true },
    {"%^a{2,}b$%",           "ab",             false},
    {"%^a{0,1}b$%",          "b",              true },
    {"%gra|ey%",             "they",           true },
    {"%^x|y$%",              "not x",          false},
    {"%^x|y$%",              "not y",          true },
    {"%10\\.10%",            "10.10.0.1",      true },
    {"%10\\.10%",            "10x10",          false},
    {"%\\d\\s\\w\\D\\S\\W%", "1 ax2!",         true },
    {"%\\d\\s\\w\\D\\S\\W%", "1 axx2",         false},
    {"%^[^a-c0-9]+$%",       "xyz",            true },
    {"%^[^a-c0-9]+$%",       "xbz",            false},
    {"%^[a-]$%",             "-",              true },
    {"%^[.*]$%",             "*",              true },
    {"%^\\x41b*$%",          "Abbb",           true },
    {"%^b.r$%",              "b\xc3\xa4r",     true },
    {"%^b..r$%",             "b\xc3\xa4r",     false},
    {"%a*b+c%",              "xbbbcx",         true },
    {"%a*b+c%",              "aac",            false},
    {"%Error%",              "an error",       false},
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
    static const char *const bad[] = {
        "{ $.a = 1 }", "[a, b]", "\"open", "a -", "?", "\"\"",
        /* unquoted: only letters, digits, underscores */
        "foo:bar", "a.b", "a-b", "(a", "x [y]", "a\\", "?a* b", "`a",
        /* regular expressions */
        "%a", "%", "%%", "%a% b", "%a b%", "%(a)%", "%a!%", "%[a%", "%[]%", "%a{%", "%a{2,1}%",
        "%a{256}%", "%a{}%", "%*a%", "%a**%", "%^^a%", "%a$b%", "%a|%", "%|a%", "%\\%", "%\\q%",
        "%\\x4%", "%\\xFF%", "%[b-a]%", "%\xc3\xa4%", "%a{255}b{255}%"};
    char big[LOGFILTER_MAX + 2];

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct err e = {.code = E_OK};
        cr_expect_null(cloud_logs_filter_new(bad[i], &e), "%s", bad[i]);
        cr_expect_eq(e.code, E_INVALID);
        cr_expect(strstr(e.msg, "Invalid filter pattern") != NULL ||
                      strstr(e.msg, "Invalid character(s) in term '") != NULL,
                  "%s: %s", bad[i], e.msg);
    }
    memset(big, 'x', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    cr_expect_null(cloud_logs_filter_new(big, NULL));
}

/* Makes a locale in which bytes beyond ASCII are letters. False where a machine cannot make it. */
static bool use_latin1(const char *dir)
{
    char make[200];

    (void)snprintf(make, sizeof make, "localedef -c -i de_DE -f ISO-8859-1 %s/latin1 2>%s/log", dir,
                   dir);
    (void)!system(make);
    return setenv("LOCPATH", dir, 1) == 0 && setlocale(LC_CTYPE, "latin1") != NULL;
}

Test(logfilter, letters_beyond_ascii_are_refused_in_every_locale)
{
    static const char *const bad[] = {"%\xc3\xa4%", "%[\xc3\xa4]%", "%[a-\xc3\xa4]%"};
    char dir[] = "/tmp/mvpdash-locale-XXXXXX";

    cr_assert_not_null(mkdtemp(dir));
    bool other = use_latin1(dir);
    for (size_t i = 0; other && i < sizeof bad / sizeof *bad; i++) {
        struct err e = {.code = E_OK};
        cr_expect_null(cloud_logs_filter_new(bad[i], &e), "%s", bad[i]);
        cr_expect_eq(e.code, E_INVALID);
    }
    cr_expect_eq(path_remove_tree(dir, NULL), E_OK);
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
