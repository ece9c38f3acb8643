/* The control sequences for the clipboard and the title. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "ui/clipboard.h"

static void plain_terminal(void)
{
    setenv("TERM", "xterm-256color", 1);
    unsetenv("TMUX");
    unsetenv("STY");
}

TestSuite(clipboard, .init = plain_terminal, .timeout = 120);

Test(clipboard, is_osc_52_with_base64)
{
    struct strbuf b = STRBUF_INIT;

    cr_assert(clipboard_sequence(&b, "job_1", 5));
    cr_expect_str_eq(strbuf_str(&b), "\033]52;c;am9iXzE=\033\\");
    strbuf_clear(&b);
}

Test(clipboard, is_wrapped_for_tmux_and_screen)
{
    struct strbuf b = STRBUF_INIT;

    setenv("TMUX", "/tmp/tmux-0/default,1,0", 1);
    cr_assert(clipboard_sequence(&b, "x", 1));
    cr_expect_not_null(strstr(strbuf_str(&b), "\033Ptmux;\033\033]52;c;eA==\033\033\\\033\\"));
    strbuf_clear(&b);
    unsetenv("TMUX");
    setenv("STY", "1.pts", 1);
    cr_assert(clipboard_sequence(&b, "x", 1));
    cr_expect_str_eq(strbuf_str(&b), "\033P\033]52;c;eA==\007\033\\");
    strbuf_clear(&b);
    unsetenv("STY");
    setenv("TERM", "screen-256color", 1); /* screen or tmux, before ssh */
    cr_assert(clipboard_sequence(&b, "x", 1));
    cr_expect_str_eq(strbuf_str(&b), "\033]52;c;eA==\033\\\033P\033]52;c;eA==\007\033\\");
    strbuf_clear(&b);
}

Test(clipboard, too_much_or_no_clipboard_adds_nothing)
{
    struct strbuf b = STRBUF_INIT;
    char *large = xmalloc(60000);

    memset(large, 'a', 60000);
    cr_expect_not(clipboard_sequence(&b, large, 60000));
    cr_expect(clipboard_sequence(&b, large, 55000));
    cr_expect_leq(b.len, CLIPBOARD_MAX + 20);
    strbuf_reset(&b);
    setenv("TERM", "linux", 1);
    cr_expect_not(clipboard_sequence(&b, "x", 1));
    setenv("TERM", "vt100", 1);
    cr_expect_not(clipboard_sequence(&b, "x", 1));
    unsetenv("TERM");
    cr_expect_not(clipboard_sequence(&b, "x", 1));
    cr_expect_eq(b.len, 0);
    strbuf_clear(&b);
    free(large);
}

Test(clipboard, a_title_goes_only_where_it_is_understood)
{
    struct strbuf b = STRBUF_INIT;

    title_sequence(&b, "mvpdash");
    cr_expect_str_eq(strbuf_str(&b), "\033]2;mvpdash\007");
    strbuf_reset(&b);
    setenv("TERM", "linux", 1);
    title_sequence(&b, "mvpdash");
    title_sequence(&b, NULL);
    cr_expect_eq(b.len, 0);
    strbuf_clear(&b);
}
