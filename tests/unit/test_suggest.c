/* The known name that is nearest to a mistyped one. */
#include <criterion/criterion.h>

#include "core/suggest.h"

TestSuite(suggest, .timeout = 120);

static const char *nearest(const char *word)
{
    static const char *const known[] = {"status", "send", "list", "cancel", "--user-id", "logs"};
    struct suggest s = suggest_for(word);

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        suggest_offer(&s, known[i]);
    }
    return suggest_best(&s);
}

Test(suggest, finds_the_word_that_was_meant)
{
    cr_expect_str_eq(nearest("staus"), "status");
    cr_expect_str_eq(nearest("sned"), "send");
    cr_expect_str_eq(nearest("LIST"), "list");
    cr_expect_str_eq(nearest("cancell"), "cancel");
    cr_expect_str_eq(nearest("--user_id"), "--user-id");
}

Test(suggest, is_silent_when_nothing_is_near)
{
    cr_expect_null(nearest("xyzzy"));
    cr_expect_null(nearest("a"));
    cr_expect_null(nearest("this-is-a-very-long-word-that-nobody-would-ever-type-anywhere"));
}
