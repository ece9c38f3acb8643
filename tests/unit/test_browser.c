/* Which addresses may be opened, and how a browser is given one. */
#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/path.h"
#include "core/url.h"
#include "core/words.h"
#include "ui/browser.h"

TestSuite(browser, .timeout = 120);

Test(browser, only_plain_web_addresses_are_opened)
{
    static const struct {
        const char *url;
        bool good;
    } urls[] = {
        {"https://mvp.example.com",                  true },
        {"http://localhost:8080/a/b?c=d&e=%20#f",    true },
        {"HTTPS://Example.com/~u/(x);y='z'!*",       true },
        {"https://[::1]:9/x",                        true },
        {"https://eu.example/batch#jobs/detail/1-2", true },
        {"",                                         false},
        {"https://",                                 false},
        {"http:///path",                             false},
        {"https:example.com",                        false},
        {"file:///etc/passwd",                       false},
        {"javascript:alert(1)",                      false},
        {"ftp://example.com",                        false},
        {"-oProxyCommand=x",                         false},
        {"--help",                                   false},
        {"https://-x.example.com",                   false},
        {"https://user@example.com/",                false},
        {"https://u:p@example.com/",                 false},
        {"https://example.com/a b",                  false},
        {" https://example.com",                     false},
        {"https://example.com/\n",                   false},
        {"https://example.com/\033]8;;x",            false},
        {"https://example.com/\007",                 false},
        {"https://example.com/\xc2\x9c",             false},
        {"https://example.com/\xe2\x80\xae",         false},
        {"https://example.com/`id`",                 false},
        {"https://example.com/\"",                   false},
        {"https://example.com/<x>",                  false},
        {"https://example.com\\@evil.example/",      false},
        {"https://example.com:99999/",               false},
    };

    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        cr_expect_eq(url_openable(urls[i].url), urls[i].good, "[%s]", urls[i].url);
    }
    char *longest = xcalloc(1, 3000);
    memset(longest, 'a', 2999);
    memcpy(longest, "https://e/", 10);
    cr_expect_not(url_openable(longest));
    longest[2000] = '\0';
    cr_expect(url_openable(longest));
    free(longest);
}

/* Every byte in every place of an address: what is good holds only what RFC 3986 has. */
Test(browser, no_byte_that_a_terminal_obeys_is_in_a_good_address)
{
    for (int c = 1; c < 256; c++) {
        for (size_t at = 0; at < 16; at++) {
            char url[] = "https://ab.cd/ef";
            url[at] = (char)c;
            cr_expect(!url_openable(url) || (c > ' ' && c < 0x7f), "%d at %zu", c, at);
        }
    }
}

Test(browser, the_command_is_the_setting_else_that_of_the_desktop)
{
    unsetenv("DISPLAY");
    unsetenv("WAYLAND_DISPLAY");
    cr_expect_null(browser_command(NULL), "no desktop");
    char **words = browser_command("firefox --new-tab \"--profile=my one\"");
    cr_assert_not_null(words);
    cr_expect_str_eq(words[2], "--profile=my one");
    words_free(words);
    setenv("WAYLAND_DISPLAY", "wayland-1", 1);
    words = browser_command(NULL);
    cr_assert_not_null(words);
    cr_expect_str_eq(words[0], "xdg-open");
    cr_expect_null(words[1]);
    words_free(words);
    setenv("WAYLAND_DISPLAY", "", 1);
    cr_expect_null(browser_command(NULL));
}

/* A folder with a program that writes its arguments, one a line. */
static char *folder_with(const char *script)
{
    char dir[] = "/tmp/mvpdash-browser-XXXXXX";

    cr_assert_not_null(mkdtemp(dir));
    char *path = xasprintf("%s/open", dir);
    FILE *f = fopen(path, "we");
    cr_assert_not_null(f);
    fputs(script, f);
    fclose(f);
    cr_assert_eq(chmod(path, 0700), 0);
    free(path);
    return xstrdup(dir);
}

/* Until all have ended; true when one failed. */
static bool wait_for(struct browsers *b, struct err *e)
{
    int64_t until = clock_mono_ms(NULL) + 60000;
    bool failed = false;

    while (b->len > 0 && clock_mono_ms(NULL) < until) {
        failed = browser_failed(b, e) || failed;
        (void)poll(NULL, 0, 5);
    }
    cr_assert_eq(b->len, 0);
    return failed;
}

/* It gets no secret either. */
Test(browser, the_address_is_one_argument_and_no_shell_sees_it)
{
    char *dir = folder_with("#!/bin/sh\n"
                            "printf '%s\\n' \"$@\" \"${AWS_SESSION_TOKEN-no token}\" "
                            "\"${AWS_PROFILE-no profile}\" >\"$0.args\"\n");
    char *command = xasprintf("%s/open --tab", dir);
    char *args = xasprintf("%s/open.args", dir);
    char **words = words_split(command);
    static const char url[] = "https://e.example/?a=$(id)&b=';touch%20x;'*";
    struct browsers b = {.len = 0};
    struct err e = {0};
    char *text = NULL;

    setenv("AWS_SESSION_TOKEN", "secret", 1);
    setenv("AWS_PROFILE", "blue", 1);
    cr_assert_eq(browser_open(&b, words, url, &e), E_OK, "%s", e.msg);
    cr_expect_eq(b.len, 1);
    cr_expect_not(wait_for(&b, &e));
    cr_assert_eq(path_read(args, 4096, &text, NULL, &e), E_OK, "%s", e.msg);
    char *want = xasprintf("--tab\n%s\nno token\nblue\n", url);
    cr_expect_str_eq(text, want);
    free(want);
    free(text);
    cr_expect_eq(browser_open(&b, words, "file:///etc/passwd", &e), E_INVALID);
    cr_expect_eq(browser_open(&b, words, "--help", &e), E_INVALID);
    cr_expect_eq(b.len, 0);
    words_free(words);
    unlink(args);
    char *program = xasprintf("%s/open", dir);
    unlink(program);
    rmdir(dir);
    free(program);
    free(args);
    free(command);
    free(dir);
}

Test(browser, a_program_that_fails_or_is_not_there_is_told)
{
    char *dir = folder_with("#!/bin/sh\nexit 3\n");
    char *program = xasprintf("%s/open", dir);
    char *const words[] = {program, NULL};
    struct browsers b = {.len = 0};
    struct err e = {0};

    cr_assert_eq(browser_open(&b, words, "https://e.example/", &e), E_OK, "%s", e.msg);
    cr_expect(wait_for(&b, &e));
    cr_expect_not_null(strstr(e.msg, "ended with status 3"), "%s", e.msg);
    unlink(program);
    cr_expect_eq(browser_open(&b, words, "https://e.example/", &e), E_IO);
    cr_expect_not_null(strstr(e.msg, "cannot be run"), "%s", e.msg);
    cr_expect_not_null(strstr(err_hint(&e), "config.ini"));
    rmdir(dir);
    free(program);
    free(dir);
}
