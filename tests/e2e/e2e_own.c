/* What a person defines in config.ini, [views] and [commands], in a terminal and with real
 * programs. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "world.h"

/* Opens the dashboard with this config.ini, in which @ stands for the test's folder. */
static struct pty *open_own(struct world *w, const char *ini)
{
    char env[300], text[2000];
    const char *more[] = {env, NULL};
    size_t n = 0, dir = strlen(w->cloud.dir);

    for (const char *p = ini; *p != '\0' && n + dir < sizeof text - 1; p++) {
        if (*p == '@') {
            memcpy(text + n, w->cloud.dir, dir);
            n += dir;
        } else {
            text[n++] = *p;
        }
    }
    text[n] = '\0';
    if (!configure(w, text, env, sizeof env)) {
        return NULL;
    }
    return open_with(w, more, 24, 80);
}

/* A line of the command line: Enter comes by itself, as a person's does. */
static bool command(struct pty *p, const char *line)
{
    pty_send(p, ":");
    if (!pty_wait(p, "Commands", SOON)) {
        return false;
    }
    pty_send(p, line + 1);
    if (!pty_wait(p, line + 1, SOON)) {
        return false;
    }
    pty_send(p, "\r");
    return pty_wait_gone(p, "Commands", SOON);
}

static void a_view_is_applied_kept_and_there_again(struct world *w)
{
    static const char *const names[] = {"Apple Shop", "Berry Shop"};
    static const char ini[] = "[keys]\nview apples = F7\n[views]\napples = apple | | name,id\n"
                              "broken = | nope\n";

    send_names(w, "viewer", names, 2);
    struct pty *p = open_own(w, ini);
    NEED(p, p != NULL && pty_wait(p, "live", LONG));
    NEED(p, command(p, ":filter shop"));
    NEED(p, pty_wait(p, "Berry Shop", LONG));
    pty_send(p, "\033[18~"); /* F7 */
    CHECK(p, pty_wait(p, "View apples:", SOON));
    CHECK(p, pty_wait_gone(p, "Berry Shop", SOON));
    CHECK(p, pty_has(p, "Apple Shop"));
    pty_send(p, "!");
    CHECK(p, pty_wait(p, "[views] broken:", SOON));
    CHECK(p, pty_has(p, "sort: there is no column \"nope\""));
    pty_send(p, "q");
    CHECK(p, pty_wait_gone(p, "Errors of this session", SOON));
    NEED(p, command(p, ":filter berry"));
    CHECK(p, pty_wait(p, "Berry Shop", SOON));
    NEED(p, command(p, ":view save mine"));
    CHECK(p, pty_wait(p, "Kept as view mine", SOON));
    NEED(p, command(p, ":filter apple"));
    CHECK(p, pty_wait(p, "Apple Shop", SOON));
    quit(w, p);
    p = open_own(w, ini);
    NEED(p, p != NULL && pty_wait(p, "Apple Shop", LONG));
    NEED(p, command(p, ":view mine"));
    CHECK(p, pty_wait(p, "Berry Shop", SOON));
    NEED(p, command(p, ":view delete mine"));
    CHECK(p, pty_wait(p, "View mine is deleted", SOON));
    quit(w, p);
}

static void a_command_prints_into_a_window(struct world *w)
{
    static const char *const names[] = {"Window Shop"};

    send_names(w, "commander", names, 1);
    struct pty *p = open_own(
        w, "[commands]\n"
           "facts = F8, sh -c 'echo \"$MVPDASH_BUSINESS_NAME / $1\"; cat; exit 3' x {userId}\n"
           "esc = , printf 'a\\033]2;owned\\007b\\033[41mred\\n'\n"
           "flood = , yes abcdefgh\n"
           "gone = , @/nothing\n"
           "hang = , confirm, sh -c 'trap \"\" TERM; echo begun; while :; do sleep 1; done'\n");
    NEED(p, p != NULL && pty_wait(p, "live", LONG));
    NEED(p, command(p, ":filter \"window shop\""));
    NEED(p, pty_wait(p, "Window Shop", LONG));
    pty_send(p, "\033[19~"); /* F8 */
    CHECK(p, pty_wait(p, "Window Shop / commander", SOON));
    CHECK(p, pty_wait(p, "ended with status 3", SOON));
    CHECK(p, pty_has(p, "{\"jobId\":\"job_"));
    pty_send(p, "q");
    NEED(p, pty_wait_gone(p, "{\"jobId\"", SOON));
    NEED(p, command(p, ":esc"));
    CHECK(p, pty_wait(p, "ended with status 0", SOON));
    CHECK(p, pty_has(p, "red"));
    CHECK(p, !pty_wait_bytes(p, "\033]2;owned", 1));
    pty_send(p, "q");
    NEED(p, pty_wait_gone(p, "red", SOON));
    NEED(p, command(p, ":flood"));
    CHECK(p, pty_wait(p, "abcdefgh", SOON));
    pty_send(p, "G");
    CHECK(p, pty_wait(p, "it printed over 262144 bytes", SOON));
    pty_send(p, "q");
    NEED(p, pty_wait_gone(p, "abcdefgh", SOON));
    NEED(p, command(p, ":gone"));
    CHECK(p, pty_wait(p, "cannot be run: No such file", SOON));
    pty_send(p, "q");
    NEED(p, command(p, ":hang"));
    CHECK(p, pty_wait(p, "Run hang on 1 job?", SOON));
    pty_send(p, "y");
    NEED(p, pty_wait(p, "x ends it", SOON));
    pty_send(p, "x");
    CHECK(p, pty_wait(p, "was stopped", SOON));
    pty_send(p, "q");
    quit(w, p);
}

static void a_command_gets_the_terminal(struct world *w)
{
    static const char *const names[] = {"Terminal Shop"};

    send_names(w, "commander", names, 1);
    struct pty *p = open_own(
        w,
        "[commands]\n"
        "talk = F8, terminal, sh -c 'cut -c1-9 <&3; echo who?; read x; echo \"so $x\"; exit 4'\n");
    NEED(p, p != NULL && pty_wait(p, "live", LONG));
    NEED(p, command(p, ":filter \"terminal shop\""));
    NEED(p, pty_wait(p, "Terminal Shop", LONG));
    pty_send(p, "\033[19~"); /* F8 */
    NEED(p, pty_wait(p, "who?", SOON));
    CHECK(p, pty_has(p, "{\"jobId\":"));
    CHECK(p, !pty_alternate(p));
    pty_send(p, "me\n");
    CHECK(p, pty_wait(p, "so me", SOON));
    NEED(p, pty_wait(p, "talk ended with status 4. Enter goes back.", SOON));
    pty_send(p, "\n");
    NEED(p, pty_wait(p, "ended with status 4", SOON));
    CHECK(p, pty_wait(p, "Terminal Shop", SOON));
    CHECK(p, pty_alternate(p));
    quit(w, p);
}

const struct e2e_test own_tests[] = {
    {"a view is applied, kept, and there again", a_view_is_applied_kept_and_there_again},
    {"a command prints into a window",           a_command_prints_into_a_window        },
    {"a command gets the terminal",              a_command_gets_the_terminal           },
};
const size_t own_tests_len = sizeof own_tests / sizeof *own_tests;
