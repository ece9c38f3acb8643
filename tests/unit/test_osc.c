/* Notifications by the terminal, also through tmux and screen. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "core/osc.h"
#include "ui/term_caps.h"

static void plain_terminal(void)
{
    setenv("TERM", "xterm-256color", 1);
    unsetenv("TMUX");
    unsetenv("STY");
}

TestSuite(osc, .init = plain_terminal, .timeout = 120);

static struct strbuf notify(const char *text, bool osc9, bool osc777, bool utf8)
{
    struct strbuf b = STRBUF_INIT;

    osc_notify(&b, &(struct osc_notice){"mvpdash", text, osc9, osc777, utf8});
    return b;
}

Test(osc, a_notification_comes_in_both_forms)
{
    struct strbuf b = notify("Shop FAILED", true, true, true);

    cr_expect_str_eq(strbuf_str(&b), "\033]9;mvpdash: Shop FAILED\a"
                                     "\033]777;notify;mvpdash;Shop FAILED\a");
    strbuf_clear(&b);
    b = notify("x", false, true, true);
    cr_expect_null(strstr(strbuf_str(&b), "\033]9;"));
    strbuf_clear(&b);
    b = notify("x", false, false, true);
    cr_expect_eq(b.len, 0);
}

Test(osc, a_terminal_known_to_take_one_form_gets_that)
{
    setenv("TERM", "foot", 1);
    struct strbuf b = notify("x", true, true, true);
    cr_expect_str_eq(strbuf_str(&b), "\033]777;notify;mvpdash;x\a");
    strbuf_clear(&b);
    b = notify("x", true, false, true);
    cr_expect_str_eq(strbuf_str(&b), "\033]9;mvpdash: x\a", "what was asked for all the same");
    strbuf_clear(&b);
}

Test(osc, tmux_and_screen_hand_it_on)
{
    setenv("TMUX", "/tmp/x,1,0", 1);
    struct strbuf b = notify("x", true, false, true);
    cr_expect_str_eq(strbuf_str(&b), "\033Ptmux;\033\033]9;mvpdash: x\a\033\\");
    strbuf_clear(&b);
    unsetenv("TMUX");
    setenv("STY", "1.pts", 1);
    b = notify("x", true, false, true);
    cr_expect_str_eq(strbuf_str(&b), "\033P\033]9;mvpdash: x\a\033\\");
    strbuf_clear(&b);
}

Test(osc, terminals_that_would_print_it_get_nothing)
{
    static const char *const terms[] = {"linux", "vt100", "vt220", "dumb", ""};

    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++) {
        setenv("TERM", terms[i], 1);
        struct strbuf b = notify("x", true, true, true);
        cr_expect_eq(b.len, 0, "%s", terms[i]);
        strbuf_clear(&b);
    }
    unsetenv("TERM");
    struct strbuf b = notify("x", true, true, true);
    cr_expect_eq(b.len, 0);
}

/* GNOME's terminal is a "vte", not a VT. */
Test(osc, vte_is_no_terminal_of_dec)
{
    static const struct {
        const char *term;
        bool dec;
    } terms[] = {
        {"vt100",        true },
        {"vt220-8bit",   true },
        {"vt52",         true },
        {"vte",          false},
        {"vte-256color", false},
        {"vte-direct",   false},
        {"vtnt",         false},
        {"vt",           false},
        {"xterm-vt220",  false},
        {NULL,           false},
    };

    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++) {
        cr_expect_eq(term_is_dec(terms[i].term), terms[i].dec, "%zu", i);
    }
    setenv("TERM", "vte-256color", 1);
    cr_expect(osc_taken());
    setenv("LC_ALL", "C.UTF-8", 1);
    cr_expect(caps_utf8());
    setenv("TERM", "vt220", 1);
    cr_expect_not(caps_utf8());
}

Test(osc, nothing_in_a_text_ends_the_sequence_or_adds_a_field)
{
    char large[4000];
    struct strbuf b = notify("a\033\\b\ac;d\x9c\xc2\x9c\n\033]52;c;eA==\a", true, true, true);
    const char *s = strbuf_str(&b);
    int escapes = 0, bells = 0, semicolons = 0;

    for (size_t i = 0; i < b.len; i++) {
        escapes += s[i] == '\033';
        bells += s[i] == '\a';
        semicolons += s[i] == ';';
        cr_expect(s[i] == '\033' || s[i] == '\a' || (unsigned char)s[i] >= ' ');
        cr_expect(i == 0 || (unsigned char)s[i] != 0x9c || (unsigned char)s[i - 1] != 0xc2);
    }
    cr_expect_eq(escapes, 2);
    cr_expect_eq(bells, 2);
    cr_expect_eq(semicolons, 1 + 3, "only its own");
    strbuf_clear(&b);
    memset(large, 'x', sizeof large);
    large[sizeof large - 1] = '\0';
    b = notify(large, true, true, true);
    cr_expect_lt(b.len, 600, "it is cut");
    strbuf_clear(&b);
}

Test(osc, without_utf8_only_ascii_is_sent)
{
    struct strbuf b = notify("Caf\xc3\xa9 \xe2\x9c\x93", true, false, false);

    for (size_t i = 0; i < b.len; i++) {
        cr_expect_lt((unsigned char)b.data[i], 0x80);
    }
    strbuf_clear(&b);
}
