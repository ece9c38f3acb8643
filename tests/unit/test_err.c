/* Errors: names, exit statuses, hints, and texts that are safe to show. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "core/err.h"

/* Advice that says nothing is left out: the message of these codes says all. */
static bool needs_no_advice(enum err_code c)
{
    return c == E_OK || c == E_INVALID || c == E_TOO_BIG || c == E_CANCELLED;
}

Test(err, every_code_has_a_name_an_exit_status_and_advice)
{
    for (int c = E_OK; c < E_COUNT; c++) {
        struct err e = {.code = (enum err_code)c};
        cr_expect(strncmp(err_name((enum err_code)c), "E_", 2) == 0);
        cr_expect(err_exit_status((enum err_code)c) >= 0 && err_exit_status((enum err_code)c) <= 5);
        cr_expect_eq(err_hint(&e)[0] == '\0', needs_no_advice(e.code), "%s", err_name(e.code));
    }
    cr_expect_eq(err_exit_status(E_OK), 0);
    cr_expect_eq(err_exit_status(E_INVALID), 2);
    cr_expect_eq(err_exit_status(E_NOT_FOUND), 3);
    cr_expect_eq(err_exit_status(E_CREDS), 4);
    cr_expect_eq(err_exit_status(E_NET), 5);
}

Test(err, a_message_has_its_hint_after_a_colon_where_there_is_one)
{
    char text[ERR_TEXT_SIZE];
    struct err e;

    (void)err_set(&e, E_INVALID, "progress: 101 is not between 0 and 100");
    cr_expect_str_eq(err_full(&e, text), "progress: 101 is not between 0 and 100");
    (void)err_set(&e, E_NET, "cannot connect");
    cr_expect_str_eq(err_full(&e, text),
                     "cannot connect: check the network, the proxy and the endpoint");
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

Test(err, what_a_code_means_agrees_with_its_exit_status)
{
    for (int i = 0; i < E_COUNT; i++) {
        enum err_code c = (enum err_code)i;
        cr_expect_eq(err_means(c, ERR_SETUP), err_exit_status(c) == 4, "%s", err_name(c));
        cr_expect_eq(err_means(c, ERR_PASSES), err_exit_status(c) == 5, "%s", err_name(c));
        cr_expect(!err_means(c, ERR_KEYS) || err_means(c, ERR_SETUP), "%s", err_name(c));
        cr_expect(!err_means(c, ERR_LINK) || err_means(c, ERR_PASSES), "%s", err_name(c));
        /* Waiting is no use, or the service has answered: then nobody has to be looked after. */
        cr_expect(!err_means(c, ERR_PASSES) || err_means(c, ERR_OPEN), "%s", err_name(c));
        cr_expect(!err_means(c, ERR_SETUP | ERR_PASSES) || err_means(c, ERR_FOR_ALL), "%s",
                  err_name(c));
    }
    cr_expect(err_means(E_DENIED, ERR_FOR_ALL));
    cr_expect_not(err_means(E_NOT_FOUND, ERR_FOR_ALL), "the next job may be there");
    cr_expect_not(err_means(E_CONFLICT, ERR_FOR_ALL), "the next job may be running");
    cr_expect_not(err_means(E_COUNT, ~0U));
}

Test(err, every_code_has_an_answer_of_the_api)
{
    for (int i = 0; i < E_COUNT; i++) {
        struct err_answer a = err_answer((enum err_code)i);
        const char *name = err_name((enum err_code)i);
        cr_expect(a.status == 400 || a.status == 404 || a.status == 409 || a.status == 502 ||
                      a.status == 503,
                  "%s: %d", name, a.status);
        cr_expect_eq(a.retry_after_s > 0, a.status == 503, "%s: SPEC 7 has Retry-After with 503",
                     name);
        cr_expect(a.word[0] != '\0' &&
                      strspn(a.word, "abcdefghijklmnopqrstuvwxyz_") == strlen(a.word),
                  "%s: %s", name, a.word);
        cr_expect(!err_means((enum err_code)i, ERR_PASSES) || a.status == 503, "%s", name);
    }
    cr_expect_eq(err_answer(E_COUNT).status, 502);
}

Test(err, a_refusal_is_final_unless_it_is_not_the_services_own)
{
    cr_expect(err_may_pass(&(struct err){.code = E_NET}));
    cr_expect(err_may_pass(&(struct err){.code = E_CANCELLED}), "stopped: it was not tried");
    cr_expect(err_may_pass(&(struct err){.code = E_PARSE}), "nobody can read the answer");
    cr_expect_not(err_may_pass(&(struct err){.code = E_DENIED, .http_status = 400}));
    cr_expect(err_may_pass(&(struct err){.code = E_DENIED, .maybe_done = true}));
    cr_expect(err_may_pass(&(struct err){.code = E_SERVICE}), "no service has answered");
    cr_expect(err_may_pass(&(struct err){.code = E_SERVICE, .http_status = 302, .aws_code = "302"}),
              "a login page on the way");
    cr_expect_not(err_may_pass(
        &(struct err){.code = E_SERVICE, .http_status = 400, .aws_code = "InternalFailure"}));
}

Test(err, a_thread_that_cannot_be_started_blames_limits_and_no_path)
{
    struct err e = {0};

    cr_assert_eq(err_no_thread(&e, EAGAIN, "the thread that starts jobs"), E_IO);
    cr_expect_eq(e.code, E_IO);
    cr_expect(strncmp(e.msg, "cannot start the thread that starts jobs: ", 42) == 0, "%s", e.msg);
    cr_expect_neq(strstr(err_hint(&e), "ulimit -v"), NULL, "%s", err_hint(&e));
    cr_expect_eq(err_no_thread(NULL, EAGAIN, "a thread"), E_IO);
}
