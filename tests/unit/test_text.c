/* UTF-8, display width, and outside text made harmless. */
#include <criterion/criterion.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"

static void utf8_locale(void)
{
    (void)setlocale(LC_CTYPE, "C.UTF-8");
}

TestSuite(text, .init = utf8_locale);

static const struct clean_case {
    const char *name;
    const char *in;
    const char *want;
    unsigned flags;
} clean_cases[] = {
    {"plain text stays",            "My Startup",                                   "My Startup",               TEXT_ONE_LINE    },
    {"escape becomes a mark",       "a\033[31mb",                                   "a^[[31mb",                 TEXT_ONE_LINE    },
    {"bell, delete, newline",       "\a\x7f\n",                                     "^G^?^J",                   TEXT_ONE_LINE    },
    {"newline kept on request",     "a\nb",                                         "a\nb",                     TEXT_KEEP_NEWLINE},
    {"tab fills to eight",          "ab\tc\n\td",                                   "ab      c\n        d",     TEXT_KEEP_NEWLINE},
    {"carriage return is a mark",   "50%\r100%",                                    "50%^M100%",                TEXT_KEEP_NEWLINE},
    {"C1 control",
     "\xc2\x9b"
     "31m",                                                                         "<U+009B>31m",              TEXT_ONE_LINE    },
    {"raw C1 byte is malformed",
     "\x9b"
     "31m",                                                                         "\\x9B31m",                 TEXT_ONE_LINE    },
    {"right-to-left override",
     "a\xe2\x80\xae"
     "b",                                                                           "a<U+202E>b",               TEXT_ONE_LINE    },
    {"isolate",                     "\xe2\x81\xa6",                                 "<U+2066>",                 TEXT_ONE_LINE    },
    {"line separator",              "\xe2\x80\xa8",                                 "<U+2028>",                 TEXT_ONE_LINE    },
    {"wide characters stay",        "\xe4\xb8\xad\xe6\x96\x87",                     "\xe4\xb8\xad\xe6\x96\x87", TEXT_ONE_LINE    },
    {"ascii mode",                  "caf\xc3\xa9",                                  "caf?",                     TEXT_ASCII       },
    {"overlong form is malformed",  "\xc0\xaf",                                     "\\xC0\\xAF",               TEXT_ONE_LINE    },
    {"surrogate is malformed",      "\xed\xa0\x80",                                 "\\xED\\xA0\\x80",          TEXT_ONE_LINE    },
    {"cut sequence is malformed",   "\xe4\xb8",                                     "\\xE4\\xB8",               TEXT_ONE_LINE    },
    {"a family is its members",     "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa6",
     "\xf0\x9f\x91\xa9\xf0\x9f\x91\xa6",                                                                        TEXT_ONE_LINE    },
    {"a form is left out",          "\xe2\x9c\x88\xef\xb8\x8f!",                    "\xe2\x9c\x88!",            TEXT_ONE_LINE    },
    {"a keycap keeps its key",      "7\xef\xb8\x8f\xe2\x83\xa3",                    "7\xe2\x83\xa3",            TEXT_ONE_LINE    },
    {"a Persian non-joiner",        "\xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xae",         "\xd9\x85\xdb\x8c\xd8\xae",
     TEXT_ONE_LINE                                                                                                               },
    {"a joiner hidden in ASCII",
     "job_1\xe2\x80\x8d"
     "2",                                                                           "job_1<U+200D>2",           TEXT_ONE_LINE    },
    {"a selector hidden in ASCII",
     "a\xf3\xa0\x84\x80"
     "b",                                                                           "a<U+E0100>b",              TEXT_ONE_LINE    },
    {"a zero-width space",          "caf\xc3\xa9\xe2\x80\x8b!",                     "caf\xc3\xa9<U+200B>!",     TEXT_ONE_LINE    },
    {"a soft hyphen",
     "a\xc2\xad"
     "b",                                                                           "a<U+00AD>b",               TEXT_ONE_LINE    },
    {"a word joiner",               "\xe2\x81\xa0",                                 "<U+2060>",                 TEXT_ONE_LINE    },
    {"a Hangul filler is no blank", "\xe3\x85\xa4",                                 "<U+3164>",                 TEXT_ONE_LINE    },
    {"tag characters",              "\xf3\xa0\x81\x81",                             "<U+E0041>",                TEXT_ONE_LINE    },
};

Test(text, outside_text_is_made_harmless)
{
    for (size_t i = 0; i < sizeof clean_cases / sizeof *clean_cases; i++) {
        const struct clean_case *c = &clean_cases[i];
        char *got = text_cleaned(c->in, c->flags);
        cr_expect_str_eq(got, c->want, "%s: got \"%s\"", c->name, got);
        free(got);
    }
}

Test(text, any_bytes_come_out_clean)
{
    unsigned seed = 7;
    for (int round = 0; round < 2000; round++) {
        char in[64];
        size_t len = seed % sizeof in;
        for (size_t i = 0; i < len; i++) {
            seed = seed * 1103515245U + 12345U;
            in[i] = (char)(seed >> 16);
        }
        seed = seed * 1103515245U + 12345U;
        struct strbuf b = STRBUF_INIT;
        text_clean(&b, in, len, TEXT_ONE_LINE);
        cr_assert(text_utf8_valid(strbuf_str(&b), b.len));
        for (size_t i = 0; i < b.len;) {
            uint32_t cp = 0;
            size_t n = text_utf8_decode(b.data + i, b.len - i, &cp);
            cr_assert(n > 0 && !text_is_dangerous(cp), "U+%04X", cp);
            i += n;
        }
        strbuf_clear(&b);
    }
}

Test(text, width_counts_cells)
{
    cr_expect_eq(text_width("abc"), 3);
    cr_expect_eq(text_width("\xe4\xb8\xad\xe6\x96\x87"), 4);
    cr_expect_eq(text_width("e\xcc\x81"), 1);
    cr_expect_eq(text_width("a\033b"), 4);
}

Test(text, fit_never_splits_a_character_from_its_marks)
{
    int used;

    cr_expect_eq(text_fit("abcdef", 3, &used), 3u);
    cr_expect_eq(text_fit("\xe4\xb8\xad\xe6\x96\x87", 3, &used), 3u);
    cr_expect_eq(used, 2);
    cr_expect_eq(text_fit("e\xcc\x81x", 1, &used), 3u);
    cr_expect_eq(used, 1);
    cr_expect_eq(text_fit("", 5, &used), 0u);
}

Test(text, a_locale_that_is_not_installed_keeps_its_character_set)
{
    static const struct {
        const char *lang, *codeset;
    } cases[] = {
        {"xx_YY.UTF-8",      "UTF-8"         },
        {"xx_YY.utf8@valid", "UTF-8"         },
        {"C.UTF-8",          "UTF-8"         },
        {"UTF-8",            "UTF-8"         },
        {"utf8",             "UTF-8"         },
        {"xx.utf-8",         "UTF-8"         },
        {"UTF-7",            "ANSI_X3.4-1968"},
        {"xx_YY.UTF-8859",   "ANSI_X3.4-1968"},
        {"xx_YY",            "ANSI_X3.4-1968"},
        {"xx_YY.ISO-8859-1", "ANSI_X3.4-1968"},
        {"C",                "ANSI_X3.4-1968"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        (void)setlocale(LC_CTYPE, "C");
        (void)setenv("LC_ALL", cases[i].lang, 1);
        text_set_locale();
        cr_expect_str_eq(nl_langinfo(CODESET), cases[i].codeset, "%s", cases[i].lang);
    }
}

Test(text, the_locale_of_a_mac_comes_by_any_of_the_three_names)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

    for (size_t i = 0; i < 3; i++) {
        (void)setlocale(LC_CTYPE, "C");
        for (size_t k = 0; k < 3; k++) {
            (void)unsetenv(names[k]);
        }
        (void)setenv("LANG", "C", 1);
        (void)setenv(names[i], "UTF-8", 1);
        text_set_locale();
        cr_expect_str_eq(nl_langinfo(CODESET), "UTF-8", "%s", names[i]);
    }
}

/* cron, `env -i`, a bare ssh session. */
Test(text, no_locale_at_all_is_utf_8)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

    (void)setlocale(LC_CTYPE, "C");
    for (size_t k = 0; k < 3; k++) {
        (void)unsetenv(names[k]);
    }
    text_set_locale();
    cr_expect_str_eq(nl_langinfo(CODESET), "UTF-8");
    cr_expect_eq(text_width("\xe6\x97\xa5"), 2);
    (void)setenv("LC_CTYPE", "", 1);
    (void)setenv("LANG", "C", 1);
    text_set_locale();
    cr_expect_str_neq(nl_langinfo(CODESET), "UTF-8");
}

Test(text, blanks_of_every_kind_are_trimmed)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {" \t a b \r\n",                      "a b"              },
        {"\xc2\xa0\xe2\x80\xafx\xe3\x80\x80", "x"                },
        {"\xef\xbb\xbfx\xe2\x80\x80y\v\f",    "x\xe2\x80\x80y"   },
        {"\xc2\xa0",                          ""                 },
        {"",                                  ""                 },
        {"\xe2\x80\x8bx\xff",                 "\xe2\x80\x8bx\xff"}, /* no blanks */
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *s = cases[i].text;
        size_t n = text_trim(&s, strlen(s));
        cr_expect_eq(n, strlen(cases[i].want), "%zu: %zu", i, n);
        cr_expect(strncmp(s, cases[i].want, n) == 0, "%zu", i);
    }
}
