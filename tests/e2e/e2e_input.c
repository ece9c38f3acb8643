/* What real terminals send: keys that nobody asked for, replies, halves of sequences, pastes in
 * pieces, a mouse that is held, and all of it over a slow link. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "world.h"

/* Checks that the screen shows nothing that a key of the list would have opened. */
static bool nothing_opened(const struct pty *p)
{
    return !pty_has(p, "Cancel 1 job?|Errors of this session|New deploy|Dead letter|Doctor|"
                       "Batch deploys|Overview|Filter:|Quit?|Columns");
}

static bool runs(struct pty *p)
{
    int status = 0;

    return !pty_wait_exit(p, 0, &status);
}

/* Keys without a meaning, broken characters, replies of the terminal. Letters of many of them are
 * keys of the list: x cancels, n deploys, b opens batches, y is JSON, ! the errors. */
static const char *const odd[] = {"\033[5;2~",
                                  "\033[1;3A",
                                  "\033[15;5~",
                                  "\033[1;6B",
                                  "\033[33~",
                                  "\033Oz",
                                  "\033O5x",
                                  "\033x",
                                  "\033n",
                                  "\033!",
                                  "\033\033[A",
                                  "\033[1;2P",
                                  "\033[57441u",
                                  "\033[120;9u",
                                  "\033[27;7;110~",
                                  "\xc3",
                                  "\xe9",
                                  "\xf0\x9f",
                                  "\x80\xff",
                                  "\xc0\xaf",
                                  "\033[I",
                                  "\033[O",
                                  "\033[?62;22c",
                                  "\033[>1;4600;0c",
                                  "\033[3;9R",
                                  "\033[?2026;2$y",
                                  "\033]11;rgb:1e1e/1e1e/1e1e\033\\",
                                  "\033]4;1;rgb:cdcd/0000/0000\a",
                                  "\033P>|xterm(390)\033\\",
                                  "\033P1+r436f=323536\033\\",
                                  "\033_Gi=1;OK\033\\",
                                  "\033^x\033\\",
                                  "\033Xn\033\\",
                                  "\033[88;45;120;1;0;1_",
                                  "\033[M#!!",
                                  "\033[<35;10;10M",
                                  "\033[200~xny!\033[201~",
                                  "\033]52;c;eHg=\a"};

static void keys_without_a_meaning_do_nothing(struct world *w)
{
    const char *const env[] = {"PAGER=true", NULL};
    struct pty *p = open_with(w, env, 24, 100);

    NEED(p, pty_wait(p, "My Startup", SOON));
    for (size_t i = 0; i < sizeof odd / sizeof *odd && !w->failed; i++) {
        pty_send(p, odd[i]);
        (void)pty_wait_quiet(p, 60, QUIET);
        CHECK(p, runs(p));
        CHECK(p, nothing_opened(p));
    }
    pty_send(p, "n");
    NEED(p, pty_wait(p, "New deploy", SOON));
    pty_send(p, "keep-me");
    NEED(p, pty_wait(p, "keep-me", SOON));
    /* the terminal marks no paste here */
    for (size_t i = 0; i + 2 < sizeof odd / sizeof *odd && !w->failed; i++) {
        pty_send(p, odd[i]);
        (void)pty_wait_quiet(p, 60, QUIET);
        CHECK(p, runs(p));
        CHECK(p, pty_wait(p, "keep-me", SOON));
        CHECK(p, !pty_has(p, "Discard the form?"));
    }
    pty_send(p, "\033Ox\033Oq"); /* the keypad types digits */
    CHECK(p, pty_wait(p, "keep-me81", SOON));
    pty_send(p, "\033");
    NEED(p, pty_wait(p, "Discard the form?", SOON));
    pty_send(p, "\033Oy"); /* keypad 9 is no y */
    (void)pty_wait_quiet(p, 60, QUIET);
    CHECK(p, pty_wait(p, "Discard the form?", SOON));
    pty_send(p, "y");
    CHECK(p, pty_wait_gone(p, "Discard the form?", SOON));
    quit(w, p);
}

/* Does the same over a link that cuts the keys anywhere and holds the rest back. */
static void sequences_in_pieces_do_nothing_either(struct world *w)
{
    static const char *const pieces[][3] = {
        {"\033[",        "1;3",   "A"      },
        {"\033[1",       "5;5",   "~"      },
        {"\033]11;rgb:", "x/n/y", "\033\\" },
        {"\033P>|x",     "n",     "y\033\\"},
        {"\033O",        "",      "z"      },
        {"\xe2",         "\x82",  "\xff"   },
        {"\033[?62",     ";1",    "c"      },
        {"\033[<0;5",    ";5",    "m"      },
        {"\033",         "[1;5",  "X"      },
    };
    struct pty *p = open_dashboard(w, 24, 100);

    NEED(p, pty_wait(p, "My Startup", SOON));
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces && !w->failed; i++) {
        for (size_t k = 0; k < 3; k++) {
            pty_send(p, pieces[i][k]);
            (void)poll(NULL, 0, i + 1 < sizeof pieces / sizeof *pieces ? 200 : 10);
        }
        (void)pty_wait_quiet(p, 60, QUIET);
        CHECK(p, runs(p));
        CHECK(p, nothing_opened(p));
    }
    pty_send(p, "\033O");
    (void)poll(NULL, 0, 200);
    pty_send(p, "P"); /* F1 */
    CHECK(p, pty_wait(p, "Keys", SOON));
    pty_send(p, "\033");
    CHECK(p, pty_wait_gone(p, "Keys", SOON));
    quit(w, p);
}

static void a_paste_ends_in_a_later_read(struct world *w)
{
    struct pty *p = open_dashboard(w, 24, 100);

    NEED(p, pty_wait(p, "My Startup", SOON));
    pty_send(p, "n");
    NEED(p, pty_wait(p, "New deploy", SOON));
    pty_send(p, "\033[200~user");
    (void)pty_wait_quiet(p, 300, QUIET);
    CHECK(p, runs(p));
    pty_send(p, "-q\033[2");
    (void)pty_wait_quiet(p, 1200, QUIET);
    pty_send(p, "01~!");
    CHECK(p, pty_wait(p, "user-q!", SOON));
    pty_send(p, "\033");
    NEED(p, pty_wait(p, "Discard the form?", SOON));
    pty_send(p, "y");
    CHECK(p, pty_wait_gone(p, "New deploy", SOON));
    quit(w, p);
}

/* A button is held down and the wheel turns sideways: the dashboard goes on drawing, and ends when
 * it is told to. */
static void a_mouse_button_that_is_held_blocks_nothing(struct world *w)
{
    static const char *const held[] = {"\033[<0;20;8M", "\033[<66;20;8M", "\033[<2;3;3M",
                                       "\033[<32;20;8M"};

    for (size_t i = 0; i < sizeof held / sizeof *held; i++) {
        const char *argv[] = {w->program, "--mouse", NULL};
        struct pty *p = run_with(w, argv, NULL, 24, 100);
        int status = 0;
        NEED(p, pty_wait(p, "My Startup", SOON));
        CHECK(p, pty_wait_bytes(p, "\033[?1006h", SOON));
        pty_send(p, held[i]);
        pty_send(p, "?");
        CHECK(p, pty_wait(p, "Keys", SOON));
        pty_send(p, "\033");
        CHECK(p, pty_wait_gone(p, "Keys", SOON));
        pty_send(p, held[i]);
        (void)pty_wait_quiet(p, 100, QUIET);
        pty_signal(p, SIGTERM);
        CHECK(p, pty_wait_exit(p, SOON, &status));
        CHECK(p, WIFEXITED(status) && WEXITSTATUS(status) == 128 + SIGTERM);
        CHECK(p, pty_wait_bytes(p, "\033[?1000l", 0));
        CHECK(p, pty_modes_restored(p));
        pty_free(p);
    }
}

/* What is pasted into the list without marks ends up in no shell: q, Ctrl-C and Ctrl-Z in it do not
 * leave. Typed, they do. */
static void a_paste_without_marks_reaches_no_shell(struct world *w)
{
    static const char *const pasted[] = {"{\"a\": 1,\r\"query\": 2}\r", "q and more\r",
                                         "no quotes\r:quit\rls\r", "a\003b\032c\r"};

    for (size_t i = 0; i < sizeof pasted / sizeof *pasted; i++) {
        struct pty *p = open_dashboard(w, 24, 100);
        NEED(p, pty_wait(p, "My Startup", SOON));
        (void)pty_wait_quiet(p, 100, QUIET);
        pty_send(p, pasted[i]);
        (void)pty_wait_quiet(p, 300, QUIET);
        CHECK(p, runs(p));
        CHECK(p, pty_raw(p));
        pty_signal(p, SIGTERM);
        int status = 0;
        CHECK(p, pty_wait_exit(p, SOON, &status));
        pty_free(p);
    }
    struct pty *p = open_dashboard(w, 24, 100);
    NEED(p, pty_wait(p, "My Startup", SOON));
    quit(w, p);
}

/* A paste of 10 kB, 40 other sizes and a link that needs 200 ms each way, all at once. */
static void it_answers_over_a_slow_link(struct world *w)
{
    const char *argv[] = {w->program, "--mouse", NULL};
    struct pty *p = run_with(w, argv, NULL, 24, 100);
    char piece[512];

    NEED(p, pty_wait(p, "My Startup", SOON));
    pty_delay(p, 200);
    pty_send(p, "n");
    NEED(p, pty_wait(p, "New deploy", SOON));
    memset(piece, 'q', sizeof piece - 1);
    piece[sizeof piece - 1] = '\0';
    pty_send(p, "\033[200~");
    for (int i = 0; i < 20; i++) {
        pty_send(p, piece);
        pty_resize(p, 24 + i % 10, 100 + i);
        (void)pty_wait_quiet(p, 5, 20);
        pty_resize(p, 24, 100);
    }
    pty_send(p, "\033[201~\025short");
    CHECK(p, pty_wait(p, "short", SOON));
    pty_send(p, "\033");
    NEED(p, pty_wait(p, "Discard the form?", SOON));
    pty_send(p, "n");
    CHECK(p, pty_wait_gone(p, "Discard the form?", SOON));
    pty_send(p, "\033");
    NEED(p, pty_wait(p, "Discard the form?", SOON));
    pty_send(p, "y");
    NEED(p, pty_wait_gone(p, "New deploy", SOON));
    pty_send(p, "?");
    CHECK(p, pty_wait(p, "Keys", SOON));
    for (int i = 0; i < 20; i++) {
        pty_resize(p, 24 + i % 5, 100 + i);
        (void)pty_wait_quiet(p, 5, 20);
    }
    pty_resize(p, 24, 100);
    pty_send(p, "\033[<65;20;10M\033");
    CHECK(p, pty_wait_gone(p, "Keys", SOON));
    pty_send(p, "\033[<0;20;5M\033[<0;20;5m\033[<0;20;5M\033[<0;20;5m");
    CHECK(p, pty_wait(p, "Overview", SOON));
    pty_send(p, "\033");
    (void)pty_wait_quiet(p, 500, QUIET);
    pty_delay(p, 0);
    quit(w, p);
}

const struct e2e_test input_tests[] = {
    {"keys without a meaning do nothing",          keys_without_a_meaning_do_nothing         },
    {"sequences in pieces do nothing either",      sequences_in_pieces_do_nothing_either     },
    {"a paste ends in a later read",               a_paste_ends_in_a_later_read              },
    {"a paste without marks reaches no shell",     a_paste_without_marks_reaches_no_shell    },
    {"a mouse button that is held blocks nothing", a_mouse_button_that_is_held_blocks_nothing},
    {"it answers over a slow link",                it_answers_over_a_slow_link               },
};
const size_t input_tests_len = sizeof input_tests / sizeof *input_tests;
