/* What terminals send, as keys, pastes and clicks. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/strbuf.h"
#include "ui/decode.h"

TestSuite(decode, .timeout = 120);

/* Events as text: keys with a blank between, <pasted text>, {button row col}. */
static void tell(struct strbuf *out, const struct input_event *ev)
{
    static const char *const buttons[] = {"left", "double", "up", "down"};

    strbuf_adds(out, out->len > 0 ? " " : "");
    if (ev->kind == INPUT_KEY) {
        strbuf_adds(out, ev->key);
    } else if (ev->kind == INPUT_PASTE) {
        strbuf_addf(out, "<%.*s>", (int)ev->paste_len, ev->paste);
    } else {
        strbuf_addf(out, "{%s %d %d}", buttons[ev->button], ev->row, ev->col);
    }
}

static void drain(struct decode *d, int64_t now, struct strbuf *out)
{
    struct input_event ev;

    while (decode_next(d, now, &ev)) {
        tell(out, &ev);
    }
    cr_assert_neq(decode_wait_ms(d, now), 0, "it would be called for ever");
}

/* Waits as the loop does, until nothing is held any more. */
static int64_t settle(struct decode *d, int64_t now, struct strbuf *out)
{
    for (int wait = decode_wait_ms(d, now); wait >= 0; wait = decode_wait_ms(d, now)) {
        now += wait;
        drain(d, now, out);
    }
    return now;
}

/* The bytes in reads of `piece` bytes with `gap_ms` between them; `cut` > 0: two reads instead. */
static char *decoded(struct decode *d, const char *bytes, size_t len, size_t piece, size_t cut,
                     int gap_ms)
{
    struct strbuf out = STRBUF_INIT;
    int64_t now = 1000000;

    for (size_t at = 0; at < len;) {
        size_t n = cut > 0 ? (at == 0 ? cut : len - cut) : piece;
        n = n < len - at ? n : len - at;
        decode_feed(d, bytes + at, n, now);
        drain(d, now, &out);
        at += n;
        now += gap_ms;
    }
    (void)settle(d, now, &out);
    return strbuf_take(&out);
}

static struct decode *xterm(void)
{
    return decode_new(0x7f, DECODE_ESC_MS);
}

/* As recorded from the terminals, in the mode that the program sets (application keys where the
 * terminal knows them) and in the other one, which a program before it may have left. */
static const struct recorded {
    const char *terminal, *bytes, *want;
} recorded[] = {
    {"xterm arrows",            "\033OA\033OB\033OC\033OD",                                       "Up Down Right Left"                  },
    {"xterm arrows, normal",    "\033[A\033[B\033[C\033[D",                                       "Up Down Right Left"                  },
    {"xterm Shift",             "\033[1;2A\033[1;2D\033[5;2~\033[6;2~",                           "S-Up S-Left S-PgUp S-PgDn"           },
    {"xterm Alt",               "\033[1;3A\033[1;3C\033[3;3~",                                    "M-Up M-Right M-Delete"               },
    {"xterm Ctrl",              "\033[1;5C\033[1;5D\033[1;5H\033[5;5~",                           "C-Right C-Left C-Home C-PgUp"        },
    {"xterm Ctrl-Alt-Shift",    "\033[1;8B\033[1;6A\033[1;7F",                                    "C-M-S-Down C-S-Up C-M-End"           },
    {"xterm F keys",            "\033OP\033OS\033[15~\033[24~",                                   "F1 F4 F5 F12"                        },
    {"xterm F keys, modified",  "\033[1;2P\033[1;5R\033[15;5~\033[23;3~",                         "S-F1 C-F3 C-F5 M-F11"                },
    {"xterm Home, End",         "\033[H\033[F\033OH\033OF\033[2~\033[3~",
     "Home End Home End Insert Delete"                                                                                                  },
    {"xterm S-Tab",             "\033[Z\033[1;5Z",                                                "S-Tab C-S-Tab"                       },
    {"xterm keypad",            "\033Op\033Ox\033Oy\033Ok\033Om\033OM",                           "0 8 9 + - Enter"                     },
    {"xterm keypad, modified",  "\033O5M\033O2P\033O5x",                                          "C-Enter S-F1"                        },
    {"xterm modifyOtherKeys",   "\033[27;5;9~\033[27;6;65~\033[27;3;120~",                        "C-Tab C-a M-x"                       },
    {"xterm formatOtherKeys",   "\033[97;5u\033[65;2u\033[13;5u\033[105;5u",                      "C-a A C-Enter Tab"                   },
    {"xterm old modifiers",     "\033[5C\033[>1;5D",                                              "C-Right C-Left"                      },
    {"xterm 8 bit",
     "\x9b"
     "A\x8f"
     "P\x9b"
     "1;5C",                                                                                      "Up F1 C-Right"                       },
    {"xterm 8 bit in UTF-8",
     "\xc2\x9b"
     "A\xc2\x8f"
     "Px",                                                                                        "Up F1 x"                             },
    {"xterm Alt-letter",        "\033x\033\xc3\xa9\033 \033\177\033\r",
     "M-x M-é M-Space M-Backspace M-Enter"                                                                                             },
    {"xterm Ctrl-Alt-letter",   "\033\007",                                                       "C-M-g"                               },
    {"Alt and an introducer",   "\033[",                                                          "M-["                                 },
    {"Alt-O",                   "\033O",                                                          "M-O"                                 },
    {"Alt-]",                   "\033]",                                                          "M-]"                                 },
    {"Esc twice",               "\033\033",                                                       "Esc Esc"                             },
    {"Esc, Ctrl-C",             "\033\003",                                                       "Esc C-c"                             },
    {"xterm focus",             "a\033[I\033[Ob",                                                 "a b"                                 },
    {"xterm DA",                "\033[?64;1;2;6;9;15;18;21;22cx",                                 "x"                                   },
    {"xterm DA2",               "\033[>41;354;0cx",                                               "x"                                   },
    {"xterm DA3",               "\033P!|00000000\033\\x",                                         "x"                                   },
    {"xterm version",           "\033P>|XTerm(379)\033\\x",                                       "x"                                   },
    {"xterm DECRQSS",           "\033P1$r0m\033\\x",                                              "x"                                   },
    {"xterm XTGETTCAP",         "\033P1+r544e=787465726d\033\\x",                                 "x"                                   },
    {"xterm cursor report",     "\033[12;40R\033[0nx",                                            "x"                                   },
    {"xterm DECRPM",            "\033[?2026;2$y\033[4;1$yx",                                      "x"                                   },
    {"xterm colours, BEL",      "\033]11;rgb:ffff/ffff/dddd\ax",                                  "x"                                   },
    {"xterm colours, ST",       "\033]10;rgb:0000/0000/0000\033\\x",                              "x"                                   },
    {"xterm clipboard",         "\033]52;c;Y2FuY2VsIHg=\033\\x",                                  "x"                                   },
    {"xterm window title",      "\033]lmy title, with y\033\\\033]Licon\033\\x",                  "x"                                   },
    {"xterm window size",       "\033[8;24;80t\033[4;480;640tx",                                  "x"                                   },
    {"xterm paste",             "\033[200~y\r\033[A q\033[201~j",                                 "<y\n\033[A q> j"                     },
    {"xterm mouse",             "\033[<0;10;5M\033[<0;10;5m",                                     "{left 4 9}"                          },
    {"xterm double click",      "\033[<0;1;1M\033[<0;1;1m\033[<0;1;1M\033[<0;1;1m",
     "{left 0 0} {double 0 0}"                                                                                                          },
    {"two clicks in one row",   "\033[<0;1;1M\033[<0;1;1m\033[<0;3;1M\033[<0;3;1m",
     "{left 0 0} {double 0 2}"                                                                                                          },
    {"xterm wheel",             "\033[<64;3;4M\033[<65;3;4M\033[<66;3;4M\033[<67;3;4M",           "{up 3 2} {down 3 2}"                 },
    {"xterm other buttons",     "\033[<1;3;4M\033[<2;3;4M\033[<35;3;4M\033[<128;3;4Mx",           "x"                                   },
    {"xterm mouse, old",        "\033[M !!\033[M#!!\033[M`#$\033[Mb#$x",                          "{left 0 0} {up 3 2} x"               },
    {"rxvt mouse",              "\033[32;10;5M\033[35;10;5M\033[96;1;1Mx",                        "{left 4 9} {up 0 0} x"               },
    {"tmux",                    "\033[1~\033[4~\033OP\033[1;5A\033[Z",                            "Home End F1 C-Up S-Tab"              },
    {"tmux extended keys",      "\033[27;5;13~\033[27;2;13~\033[98;7u",                           "C-Enter Enter C-M-b"                 },
    {"screen",                  "\033[1~\033[4~\033[11~\033[24~\033OA",                           "Home End F1 F12 Up"                  },
    {"PuTTY",                   "\033[1~\033[4~\033[11~\033[14~\033[15~",                         "Home End F1 F4 F5"                   },
    {"PuTTY linux keys",        "\033[[A\033[[E\033[17~",                                         "F1 F5 F6"                            },
    {"PuTTY keypad",            "\033Ow\033Ot\033Oq\033On\033Ol",                                 "7 4 1 . ,"                           },
    {"PuTTY Alt-arrow",         "\033\033OA\033\033[C",                                           "M-Up M-Right"                        },
    {"PuTTY Shift-F1",          "\033[25~\033[34~x",                                              "x"                                   },
    {"Windows Terminal",        "\033[1;5D\033[3;5~\033[1;3P\033[20;6~",                          "C-Left C-Delete M-F1 C-S-F9"         },
    {"Windows Terminal win32",  "\033[88;45;120;1;0;1_\033[88;45;120;0;0;1_q",                    "q"                                   },
    {"Windows Terminal C-Bsp",  "\x08\x7f",                                                       "C-h Backspace"                       },
    {"iTerm2",                  "\033[1;9A\033[1;2C\033b\033f",                                   "S-Right M-b M-f"                     },
    {"iTerm2 Alt-arrow",        "\033\033[A\033\033[D",                                           "M-Up M-Left"                         },
    {"iTerm2 OSC reply",        "\033]1337;ReportCellSize=18.0;8.0\033\\x",                       "x"                                   },
    {"Terminal.app",            "\033[1;5C\033[5~\033OR\033b\033[H",                              "C-Right PgUp F3 M-b Home"            },
    {"Terminal.app Shift-F5",   "\033[25~\033[29~\033[Zx",                                        "S-Tab x"                             },
    {"kitty legacy",            "\033[1;5P\033[13;2~\033[57442;5u",                               "C-F1 S-F3"                           },
    {"kitty CSI u",             "\033[97;5u\033[97;2u\033[97:65;2u\033[228;;228u",                "C-a A A ä"                          },
    {"kitty text",              "\033[49:33;2;33u\033[32;2u\033[27u\033[9;2u\033[127;5u",
     "! Space Esc S-Tab C-Backspace"                                                                                                    },
    {"kitty press and release", "\033[97;1:1u\033[97;1:2u\033[97;1:3u\033[1;1:3A\033[1;5:1A",
     "a a C-Up"                                                                                                                         },
    {"kitty keypad",            "\033[57407u\033[57414u\033[57419;5u\033[57408;129u",             "8 Enter C-Up 9"                      },
    {"kitty Super, Hyper",      "\033[97;9u\033[1;9A\033[57441;2u\033[57358ux",                   "x"                                   },
    {"kitty graphics, query",   "\033_Gi=31;OK\033\\\033[?1ux",                                   "x"                                   },
    {"alacritty",               "\033[1;3D\033[24;5~\033[1;2H\033[127;3u",                        "M-Left C-F12 S-Home M-Backspace"     },
    {"rxvt Shift",              "\033[a\033[d\033[5$\033[23$\033[7$",                             "S-Up S-Left S-PgUp S-F11 S-Home"     },
    {"rxvt Ctrl",               "\033Oa\033Oc\033[5^\033[8^\033[3@",                              "C-Up C-Right C-PgUp C-End C-S-Delete"},
    {"rxvt Alt",                "\033\033[a\033\033[5~\033\033Oa\033\033[7^",                     "M-S-Up M-PgUp C-M-Up C-M-Home"       },
    {"rxvt unknown key",        "\033\033[34~\033[33^x",                                          "x"                                   },
    {"linux console",           "\033[[A\033[[B\033[17~\033[1~\033[4~\033[G\033[25~",             "F1 F2 F6 Home End"                   },
    {"GNOME terminal F keys",   "\033O1;2P\033O1;5Sx",                                            "S-F1 C-F4 x"                         },
    {"Konsole arrows",          "\033O5A\033O1;3C\033O1;6H\033O1;5zx",                            "C-Up M-Right C-S-Home x"             },
    {"vt100",                   "\033OP\033Op\033OM\010",                                         "F1 0 Enter C-h"                      },
    {"APC, PM, SOS",            "\033_y\033\\\033^y\033\\\033Xy\033\\x",                          "x"                                   },
    {"C1 strings",
     "\xc2\x9d"
     "11;y\xc2\x9c"
     "x",                                                                                         "x"                                   },
    {"a string broken off",     "\033]11;y\030x\033P1y\032z",                                     "x z"                                 },
    {"a string and a key",      "\033]11;rgb\033[Ax",                                             "Up x"                                },
    {"a string and Ctrl-C",     "\033]11;rgb\003x",                                               "C-c x"                               },
    {"a sequence broken off",   "\033[1;\033[A\033[12\003\033[3\xc3\xa9",                         "Up C-c é"                           },
    {"parameters of all kinds", "\033[;;;;A\033[99999999999;5~\033[1;2;3;4;5;6;7;8y\033[?%&/(hx",
     "x"                                                                                                                                },
    {"characters",              "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80~ ",                        "a é € 😀 ~ Space"               },
    {"no characters",           "\xe9x\xc3(\xff\xfe\xc0\x80\xed\xa0\x80\xf5y",                    "x ( y"                               },
    {"half a character",        "\xe2\x82",                                                       ""                                    },
    {"not to be shown",         "\xe2\x80\xae\xc2\x85x",                                          "x"                                   },
    {"control characters",      "\t\r\n\001\032\034\037\000",                                     "Tab Enter Enter C-a C-z C-\\ C-_"    },
};

/* Whole, cut in two anywhere, byte by byte, at once and over a link with 200 ms between the parts:
 * the same events. Only an Esc that stays alone for as long is the key itself. */
static void check_recorded(const struct recorded *r)
{
    size_t len = strlen(r->bytes);

    for (size_t cut = 0; cut < len; cut++) {
        struct decode *d = xterm();
        char *got = decoded(d, r->bytes, len, len, cut, 3);
        cr_expect_str_eq(got, r->want, "%s, cut at %zu: %s, not %s", r->terminal, cut, got,
                         r->want);
        free(got);
        decode_free(d);
        if (cut == 0 || r->bytes[cut - 1] == 27) {
            continue;
        }
        d = xterm();
        got = decoded(d, r->bytes, len, len, cut, 200);
        cr_expect_str_eq(got, r->want, "%s, cut at %zu, slow: %s", r->terminal, cut, got);
        free(got);
        decode_free(d);
    }
    struct decode *d = xterm();
    char *got = decoded(d, r->bytes, len, 1, 0, 1);
    cr_expect_str_eq(got, r->want, "%s, byte by byte: %s", r->terminal, got);
    free(got);
    decode_free(d);
}

Test(decode, recorded_sequences)
{
    for (size_t i = 0; i < sizeof recorded / sizeof *recorded; i++) {
        check_recorded(&recorded[i]);
    }
}

static void expect(struct decode *d, const char *bytes, size_t len, const char *want)
{
    char *got = decoded(d, bytes, len, len, 0, 0);

    cr_expect_str_eq(got, want, "%s, not %s", got, want);
    free(got);
}

Test(decode, keys_that_only_terminfo_knows)
{
    struct decode *d = xterm();

    decode_add_key(d, "\033[224z", "F1");   /* sun */
    decode_add_key(d, "\001@\r", "F1");     /* wyse */
    decode_add_key(d, "\013", "Up");        /* the same */
    decode_add_key(d, "\010", "Backspace"); /* vt100 */
    decode_add_key(d, "\033[M", "F1");      /* would eat the mouse */
    decode_add_key(d, "plain", "F2");       /* no key sends letters */
    decode_add_key(d, "\033OPQ", "F9");
    expect(d, "\033[224z\001@\r\013\010", 11, "F1 F1 Up Backspace");
    expect(d, "\001", 1, "C-a");
    expect(d, "\001x", 2, "C-a x");
    expect(d, "plain", 5, "p l a i n");
    expect(d, "\033[M !!", 6, "{left 0 0}");
    expect(d, "\033OP", 3, "F1");
    expect(d, "\033OPQ", 4, "F9");
    decode_free(d);
}

Test(decode, the_erase_character_is_backspace)
{
    struct decode *d = decode_new(8, DECODE_ESC_MS);

    expect(d, "\010\177\0\033\010", 5, "Backspace Backspace C-Space M-Backspace");
    decode_free(d);
    d = decode_new(0, DECODE_ESC_MS); /* stty erase undef */
    expect(d, "\010\177\0", 3, "C-h Backspace C-Space");
    decode_free(d);
}

Test(decode, an_esc_alone_is_the_key_when_its_time_is_over)
{
    struct decode *d = xterm();
    struct input_event ev;

    decode_feed(d, "\033", 1, 5000);
    cr_expect_not(decode_next(d, 5000, &ev));
    cr_expect_eq(decode_wait_ms(d, 5000), DECODE_ESC_MS);
    cr_expect_not(decode_next(d, 5000 + DECODE_ESC_MS - 1, &ev));
    cr_expect(decode_next(d, 5000 + DECODE_ESC_MS, &ev));
    cr_expect_str_eq(ev.key, "Esc");
    cr_expect_not(ev.burst);
    cr_expect_not(decode_next(d, 5000 + DECODE_ESC_MS, &ev));
    cr_expect_eq(decode_wait_ms(d, 5000 + DECODE_ESC_MS), -1);
    decode_free(d);
}

/* The link held back all but the Esc: the rest is no text. */
Test(decode, what_comes_late_after_its_esc_does_not_fall_apart)
{
    static const char *const rests[] = {"[A", "[1;5C", "[?64;1c", "Ox", "[15~", "[[A"};

    for (size_t i = 0; i < sizeof rests / sizeof *rests; i++) {
        struct decode *d = xterm();
        struct strbuf out = STRBUF_INIT;
        decode_feed(d, "\033", 1, 1000);
        drain(d, 1000, &out);
        cr_expect_eq(settle(d, 1000, &out), 1000 + DECODE_ESC_MS);
        decode_feed(d, rests[i], strlen(rests[i]), 1400);
        drain(d, 1400, &out);
        cr_expect_str_eq(strbuf_str(&out), "Esc", "%s", strbuf_str(&out));
        decode_feed(d, "[", 1, 1450); /* one key is typed */
        drain(d, 1450, &out);
        cr_expect_str_eq(strbuf_str(&out), "Esc [", "%s", strbuf_str(&out));
        strbuf_clear(&out);
        decode_free(d);
    }
}

Test(decode, a_sequence_whose_rest_never_comes_is_dropped_whole)
{
    static const char *const begun[] = {"\033[1;", "\033[<0;10", "\033[M ", "\033]11;rg", "\033P1$",
                                        "\033_G",  "\033O5",     "\033[[",  "\xf0\x9f"};

    for (size_t i = 0; i < sizeof begun / sizeof *begun; i++) {
        struct decode *d = xterm();
        struct strbuf out = STRBUF_INIT;
        decode_feed(d, begun[i], strlen(begun[i]), 1000);
        drain(d, 1000, &out);
        int64_t now = settle(d, 1000, &out);
        cr_expect(now > 1000 && now <= 1000 + DECODE_REST_MS);
        cr_expect_str_eq(strbuf_str(&out), "", "%zu: %s", i, strbuf_str(&out));
        decode_feed(d, "x", 1, now + 1);
        drain(d, now + 1, &out);
        cr_expect_str_eq(strbuf_str(&out), "x", "%zu: %s", i, strbuf_str(&out));
        strbuf_clear(&out);
        decode_free(d);
    }
}

/* However long they are: nothing is kept, nothing is typed, and it goes on after their end. */
Test(decode, endless_strings_and_sequences)
{
    static const char *const starts[] = {"\033]52;c;", "\033P", "\033_", "\033[1"};
    char piece[DECODE_FEED_MAX];

    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        struct decode *d = xterm();
        struct strbuf out = STRBUF_INIT;
        memset(piece, i == 3 ? ';' : 'y', sizeof piece);
        decode_feed(d, starts[i], strlen(starts[i]), 0);
        drain(d, 0, &out);
        for (int64_t now = 1; now < 1000; now++) {
            cr_assert_eq(decode_room(d), sizeof piece);
            decode_feed(d, piece, sizeof piece, now);
            drain(d, now, &out);
        }
        decode_feed(d, i == 3 ? "~z" : "\033\\z", i == 3 ? 2 : 3, 1000);
        drain(d, 1000, &out);
        cr_expect_str_eq(strbuf_str(&out), "z", "%zu: %s", i, strbuf_str(&out));
        strbuf_clear(&out);
        decode_free(d);
    }
}

Test(decode, a_key_alone_is_no_burst)
{
    static const struct {
        const char *first, *second;
        int gap_ms;
        bool burst, amid;
    } cases[] = {
        {"x",                                             "y",         100, false, false},
        {"x",                                             "y",         3,   false, false}, /* two reads, each with one key */
        {"",                                              "xy",        100, true,  false},
        {"",                                              "yx",        100, true,  true },
        {"",                                              "\033[Iy",   100, true,  false},
        {"",                                              "y\033",     100, true,  true },
        {"",                                              "\033[15~",  100, false, false},
        {"\033[15",                                       "~",         100, false, false},
        {"this text was pasted without marks, in pieces", "y",         3,   true,  true },
        {"this name was typed over a slow link",          "\033[15~",  3,   true,  false},
        {"this name was typed over a slow link",          "\033[15~x", 3,   true,  true },
        {"this text was pasted without marks, in pieces", "y",         300, false, false},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct decode *d = xterm();
        struct input_event ev, found = {0};
        decode_feed(d, cases[i].first, strlen(cases[i].first), 1000);
        while (decode_next(d, 1000, &ev)) {
            ;
        }
        decode_feed(d, cases[i].second, strlen(cases[i].second), 1000 + cases[i].gap_ms);
        while (decode_next(d, 1000 + cases[i].gap_ms, &ev)) {
            found = strcmp(ev.key, "y") == 0 || strcmp(ev.key, "F5") == 0 ? ev : found;
        }
        cr_expect_eq(found.kind, INPUT_KEY);
        cr_expect_eq(found.burst, cases[i].burst, "case %zu", i);
        cr_expect_eq(found.amid, cases[i].amid, "case %zu", i);
        decode_free(d);
    }
}

/* Pastes whose end comes in a later read, after a stall, or never. */
Test(decode, a_paste_over_many_reads)
{
    struct decode *d = xterm();
    struct strbuf out = STRBUF_INIT;

    decode_feed(d, "\033[200~first ", 12, 1000);
    drain(d, 1000, &out);
    decode_feed(d, "q and ", 6, 2500);
    drain(d, 2500, &out);
    cr_expect_str_eq(strbuf_str(&out), "");
    decode_feed(d, "rest\033[20", 8, 4000);
    drain(d, 4000, &out);
    decode_feed(d, "1~x", 3, 4300);
    drain(d, 4300, &out);
    cr_expect_str_eq(strbuf_str(&out), "<first q and rest> x", "%s", strbuf_str(&out));

    strbuf_reset(&out);
    decode_feed(d, "\033[200~slow", 10, 10000);
    drain(d, 10000, &out);
    int64_t now = settle(d, 10000, &out);
    cr_expect_eq(now, 10000 + DECODE_STALL_MS);
    decode_feed(d, " link quits\033[201~j", 18, 20000);
    drain(d, 20000, &out);
    cr_expect_str_eq(strbuf_str(&out), "<slow> < link quits> j", "%s", strbuf_str(&out));

    strbuf_reset(&out);
    decode_feed(d, "\033[200~its end is lost", 22, 30000);
    drain(d, 30000, &out);
    (void)settle(d, 30000, &out);
    decode_feed(d, "\033[B", 3, 40000);
    drain(d, 40000, &out);
    decode_feed(d, "qq", 2, 40010);
    drain(d, 40010, &out);
    cr_expect_str_eq(strbuf_str(&out), "<its end is lost> Down q q", "%s", strbuf_str(&out));

    strbuf_reset(
        &out); /* nothing was pasted, and the loop was late: neither text nor a key is lost */
    decode_feed(d, "\033[200~", 6, 50000);
    drain(d, 50000, &out);
    decode_feed(d, "\033", 1, 50010);
    drain(d, 50010, &out);
    (void)settle(d, 50010, &out);
    cr_expect_str_eq(strbuf_str(&out), "Esc", "%s", strbuf_str(&out));
    decode_feed(d, "\033[200~late", 10, 60000);
    drain(d, 60000, &out);
    decode_feed(d, "\003", 1, 70000);
    drain(d, 70000, &out);
    cr_expect_str_eq(strbuf_str(&out), "Esc <late> C-c", "%s", strbuf_str(&out));
    strbuf_clear(&out);
    decode_free(d);
}

/* The end mark is lost, and whoever sits there goes on typing: no key may be needed that comes only
 * after two seconds of nothing. */
Test(decode, a_paste_without_its_end_is_left_by_hand)
{
    static const struct {
        const char *keys[6];
        int gap_ms;
        const char *want;
    } cases[] = {
        {{"k", "k", "\003", "j"},         300,  "<abkk> j"       },
        {{"\033", "\033", "j"},           200,  "<ab> j"         },
        {{"k", "\033", "\033", "\033"},   200,  "<abk> Esc"      },
        {{"k", "\033", "j"},              1100, "<abk> j"        },
        {{"\033", "k", "j"},              200,  "<ab\033kj>"     }, /* nobody left it */
        {{"\003", "\033[201~", "j"},      5,    "<ab\003> j"     }, /* at full speed: text */
        {{"\033\033x", "\033[201~", "j"}, 200,  "<ab\033\033x> j"},
        {{"\033", "[201~", "j"},          900,  "<ab> j"         }, /* the end, slowly */
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct decode *d = xterm();
        struct strbuf out = STRBUF_INIT;
        int64_t now = 1000000;
        decode_feed(d, "\033[200~ab", 8, now);
        drain(d, now, &out);
        for (size_t k = 0; cases[i].keys[k] != NULL; k++) {
            int64_t due = now + cases[i].gap_ms;
            int wait = decode_wait_ms(d, now);
            if (wait >= 0 && now + wait < due) {
                now += wait;
                drain(d, now, &out);
            }
            now = due;
            decode_feed(d, cases[i].keys[k], strlen(cases[i].keys[k]), now);
            drain(d, now, &out);
        }
        (void)settle(d, now, &out);
        cr_expect_str_eq(strbuf_str(&out), cases[i].want, "case %zu: %s", i, strbuf_str(&out));
        strbuf_clear(&out);
        decode_free(d);
    }
}

Test(decode, a_long_paste_is_cut_and_its_rest_is_not_typed)
{
    struct decode *d = xterm();
    struct input_event ev;
    char piece[1000];
    size_t pasted = 0, events = 0;

    memset(piece, 'q', sizeof piece);
    decode_feed(d, "\033[200~", 6, 0);
    for (int i = 0; i < 100; i++) {
        cr_expect_not(decode_next(d, i, &ev));
        decode_feed(d, piece, sizeof piece, i);
    }
    cr_expect_not(decode_next(d, 100, &ev));
    decode_feed(d, "\033[201~", 6, 100);
    while (decode_next(d, 100, &ev)) {
        pasted = ev.paste_len;
        events++;
    }
    cr_expect_eq(events, 1);
    cr_expect_eq(pasted, DECODE_PASTE_MAX);
    decode_free(d);
}
