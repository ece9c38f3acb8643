#include <criterion/criterion.h>
#include <string.h>

#include "core/err.h"

Test(err, every_code_has_a_name_an_exit_status_and_advice)
{
    for (int c = E_OK; c < E_COUNT; c++) {
        struct err e = {.code = (enum err_code)c};
        cr_expect(strncmp(err_name((enum err_code)c), "E_", 2) == 0);
        cr_expect(err_exit_status((enum err_code)c) >= 0 && err_exit_status((enum err_code)c) <= 5);
        cr_expect(c == E_OK || err_hint(&e)[0] != '\0', "%s", err_name((enum err_code)c));
    }
    cr_expect_eq(err_exit_status(E_OK), 0);
    cr_expect_eq(err_exit_status(E_INVALID), 2);
    cr_expect_eq(err_exit_status(E_NOT_FOUND), 3);
    cr_expect_eq(err_exit_status(E_CREDS), 4);
    cr_expect_eq(err_exit_status(E_NET), 5);
}

Test(err, text_cannot_drive_a_terminal)
{
    struct err e;

    cr_expect_eq(err_set(&e, E_SERVICE,
                         "server said \033]0;x\007 and \xc2\x9b"
                         "1m\n"),
                 E_SERVICE);
    for (const char *p = e.msg; *p != '\0'; p++) {
        cr_expect((unsigned char)*p >= 0x20 && *p != 0x7f);
    }
    cr_expect(strstr(e.msg, "\xc2\x9b") == NULL);
}

Test(err, a_cut_text_stays_whole_utf8)
{
    struct err e;
    char longest[600];

    memset(longest, 'x', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    for (size_t at = sizeof e.msg - 6; at < sizeof e.msg; at++) {
        memset(longest, 'x', sizeof longest - 1);
        memcpy(longest + at, "\xe4\xb8\xad", 3);
        (void)err_set(&e, E_IO, "%s", longest);
        size_t n = strlen(e.msg);
        cr_expect(n < sizeof e.msg);
        cr_expect(((unsigned char)e.msg[n - 1] & 0xc0) != 0xc0);
        cr_expect(e.msg[n - 1] == 'x' || memcmp(e.msg + n - 3, "\xe4\xb8\xad", 3) == 0);
    }
}

Test(err, wrap_keeps_code_and_puts_the_context_first)
{
    struct err e;

    (void)err_set(&e, E_NET, "refused");
    cr_expect_eq(err_hint_set(&e, "start it"), E_NET);
    cr_expect_eq(err_wrap(&e, "table %s", "jobs"), E_NET);
    cr_expect_str_eq(e.msg, "table jobs: refused");
    cr_expect_str_eq(err_hint(&e), "start it");
}

Test(err, null_is_allowed_everywhere)
{
    cr_expect_eq(err_set(NULL, E_IO, "x"), E_IO);
    cr_expect_eq(err_wrap(NULL, "x"), E_SERVICE, "a failure stays one");
    cr_expect_eq(err_hint_set(NULL, "x"), E_SERVICE);
}
