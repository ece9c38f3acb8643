/* Alerts for watched jobs as the terminal gets them, the hook as a program meets it, and a file of
 * deploys sent from the dashboard. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "world.h"

static void a_job_sent_from_here_rings_when_it_ends(struct world *w)
{
    struct pty *p = open_dashboard(w, 24, 80);

    NEED(p, pty_wait(p, "mvpdash", SOON));
    NEED(p, deploy(p, "Bell Foundry"));
    CHECK(p, pty_wait(p, "watched: an alert", SOON));
    /* The three sequences follow each other in one piece: title, bell, both forms of the
     * notification. */
    CHECK(p, pty_wait_bytes(p, "\a\033]9;mvpdash: Bell Foundry COMPLETED", LONG));
    CHECK(p, pty_wait_bytes(p, "\033]777;notify;mvpdash;Bell Foundry COMPLETED", SOON));
    CHECK(p, pty_wait_bytes(p, "\033]2;! Bell Foundry COMPLETED", SOON));
    CHECK(p, pty_wait(p, "Bell Foundry COMPLETED", SOON)); /* the status row */
    (void)pty_wait_quiet(p, 300, QUIET);
    pty_send(p, "1");
    CHECK(p, pty_wait_bytes(p, "\033]2;mvpdash ", SOON));
    quit(w, p);
}

static void W_watches_and_the_hook_is_told(struct world *w)
{
    char env[300], lines[700], script[256], out[256];
    const char *more[] = {env, "TERM=linux", NULL};
    size_t len = 0;

    (void)snprintf(script, sizeof script, "%s/hook.sh", w->cloud.dir);
    (void)snprintf(out, sizeof out, "%s/hook.out", w->cloud.dir);
    FILE *f = fopen(script, "w");
    if (f == NULL || fputs("#!/bin/sh\necho \"$MVPDASH_ALERT $MVPDASH_STATUS\" >\"$1.new\"\n"
                           "cat >>\"$1.new\"; mv \"$1.new\" \"$1\"\necho oh; exit 7\n",
                           f) < 0) {
        fail(w, NULL, "the hook could not be written", __LINE__);
        return;
    }
    (void)fclose(f);
    (void)chmod(script, 0700);
    (void)snprintf(lines, sizeof lines, "[alerts]\nwatch_sent = no\nhook = '%s' '%s'\n", script,
                   out);
    if (!configure(w, lines, env, sizeof env)) {
        fail(w, NULL, "the configuration could not be written", __LINE__);
        return;
    }
    struct pty *p = open_with(w, more, 30, 100);
    NEED(p, pty_wait(p, "mvpdash", SOON));
    pty_send(p, "n");
    NEED(p, pty_wait(p, "New deploy", SOON));
    pty_send(p, "hooked\thooked\tHook Line\t\t\t\t\t\t");
    pty_send(p, "{\"simulate\":{\"stepSeconds\":1,\"exitCode\":3,\"atStep\":\"BUILDING\"}}");
    NEED(p, pty_wait(p, "stepSeconds", SOON));
    pty_send(p, "\033[[E"); /* F5 on the linux console */
    NEED(p, pty_wait(p, "Overview", SOON));
    CHECK(p, !pty_has(p, "watched:"));
    pty_send(p, "W");
    CHECK(p, pty_wait(p, "watched: an alert", SOON));
    NEED(p, pty_wait(p, "ended with status 7", LONG)); /* in the status row */
    pty_send(p, "!");
    CHECK(p, pty_wait(p, "with status 7: oh", SOON)); /* a row may end before it */
    const char *last = pty_last(p, &len);
    CHECK(p, memmem(last, len, "\033]9;", 4) == NULL); /* the console would print the sequence */
    CHECK(p, memmem(last, len, "\033]777;", 6) == NULL);
    char text[200] = "";
    f = fopen(out, "r");
    NEED(p, f != NULL);
    CHECK(p, fgets(text, sizeof text, f) != NULL && strcmp(text, "failed FAILED\n") == 0);
    CHECK(p, fgets(text, sizeof text, f) != NULL && text[0] == '{');
    (void)fclose(f);
    pty_send(p, "q");
    quit(w, p);
}

static void send_wait_rings_too(struct world *w)
{
    const char *argv[] = {w->program,     "send",    "--user-id", "u",
                          "--product-id", "p",       "--wait",    "--business-name",
                          "CLI Inc",      "--alert", NULL};
    int status = -1;
    struct pty *p = run_with(w, argv, NULL, 24, 80);

    CHECK(p, pty_wait_bytes(p, "\a\033]9;mvpdash: CLI Inc COMPLETED", LONG));
    CHECK(p, pty_wait_exit(p, SOON, &status));
    CHECK(p, WIFEXITED(status) && WEXITSTATUS(status) == 0);
    pty_free(p);
}

static bool write_file(const char *path, const char *text, int lines)
{
    FILE *f = fopen(path, "w");

    if (f == NULL) {
        return false;
    }
    (void)fputs(text, f);
    for (int i = 0; i < lines; i++) {
        (void)fprintf(f, "bulk%d,p,Bulk Shop %d\n", i, i);
    }
    return fclose(f) == 0;
}

/* Opens the view, types the name and reads the file. */
static bool open_file(struct pty *p, const char *path)
{
    pty_send(p, "b");
    if (!pty_wait(p, "File:", SOON)) {
        return false;
    }
    pty_send(p, path);
    pty_send(p, "\r");
    return pty_wait_gone(p, "File:", SOON);
}

static void a_file_of_deploys_is_checked_asked_for_and_sent(struct world *w)
{
    char bad[128], good[128];
    struct pty *p = open_dashboard(w, 24, 80);

    (void)snprintf(bad, sizeof bad, "%s/bad.csv", w->cloud.dir);
    (void)snprintf(good, sizeof good, "%s/good.csv", w->cloud.dir);
    NEED(p, write_file(bad, "userId,productId\nu1,p\n,p\n", 0));
    NEED(p, write_file(good, "userId,productId,businessName\n", 7));
    NEED(p, pty_wait(p, "live", SOON));
    NEED(p, open_file(p, bad));
    CHECK(p, pty_wait(p, "1 mistake: nothing can be sent", SOON));
    CHECK(p, pty_wait(p, "userId is missing", SOON));
    pty_send(p, "o\025"); /* another file; C-u empties the line */
    NEED(p, pty_wait(p, "File:", SOON));
    good[strlen(good) - 3] = '\0';
    pty_send(p, good);
    pty_send(p, "\t\r"); /* completed */
    NEED(p, pty_wait(p, "7 deploys, all in order; nothing was sent", SOON));
    pty_send(p, "\033[15~");
    NEED(p, pty_wait(p, "Send 7 deploys?", SOON));
    pty_send(p, "y");
    CHECK(p, pty_wait(p, "Type the number", SOON));
    pty_send(p, "7y");
    NEED(p, pty_wait(p, "7 of 7 sent", LONG));
    CHECK(p, pty_wait(p, "sent     bulk6", SOON));
    pty_send(p, "\r"); /* straight to the first one's job */
    CHECK(p, pty_wait(p, "Overview", SOON));
    CHECK(p, pty_wait(p, "Bulk Shop 0", SOON));
    NEED(p, pty_wait(p, "COMPLETED", LONG));
    pty_send(p, "b");
    CHECK(p, pty_wait(p, "7 of 7 sent", SOON));
    pty_send(p, "r"); /* the journal knows the file */
    CHECK(p, pty_wait(p, "7 deploys, sent by earlier runs", SOON));
    quit(w, p);
}

const struct e2e_test alert_tests[] = {
    {"a job sent from here rings when it ends",          a_job_sent_from_here_rings_when_it_ends},
    {"W watches and the hook is told",                   W_watches_and_the_hook_is_told         },
    {"send --wait --alert rings too",                    send_wait_rings_too                    },
    {"a file of deploys is checked, asked for and sent",
     a_file_of_deploys_is_checked_asked_for_and_sent                                            },
};
const size_t alert_tests_len = sizeof alert_tests / sizeof *alert_tests;
