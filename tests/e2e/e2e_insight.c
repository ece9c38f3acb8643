/* The dashboard's statistics and its search in logs, over jobs that really failed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "world.h"

/* Sends a job that ends with this exit code, and waits for its end. */
static bool send_failing(struct world *w, const char *name, int code)
{
    char metadata[80];
    const char *argv[] = {w->program,        "send", "--user-id",  "zoe",    "--product-id", "p",
                          "--business-name", name,   "--metadata", metadata, "--wait",       NULL};
    int status = -1;

    (void)snprintf(metadata, sizeof metadata,
                   "{\"simulate\":{\"exitCode\":%d,\"atStep\":\"BUILDING\"}}", code);
    struct pty *p = run_with(w, argv, NULL, 24, 200);
    bool ended = pty_wait_exit(p, LONG, &status);
    pty_free(p);
    return ended;
}

/* The number of jobs that `stats` counts, as the screen tells it: "12 jobs of ". */
static bool counted(struct world *w, char *buf, size_t size)
{
    const char *argv[] = {w->program, "stats", "--json", "--since", "7d", NULL};
    int status = -1;
    struct pty *p = run_with(w, argv, NULL, 60, 4000);
    bool ok = pty_wait_exit(p, SOON, &status) && status == 0;
    char *text = pty_screen(p);
    const char *jobs = strstr(text, "\"jobs\":");
    int n = jobs == NULL ? -1 : atoi(jobs + strlen("\"jobs\":"));

    (void)snprintf(buf, size, "%d job%s of ", n, n == 1 ? "" : "s");
    free(text);
    pty_free(p);
    return ok && n > 0;
}

static void statistics_lead_from_a_cause_to_its_log(struct world *w)
{
    char total[40];

    CHECK(NULL, send_failing(w, "Stats Three", 3));
    CHECK(NULL, send_failing(w, "Stats Five", 5));
    CHECK(NULL, send_failing(w, "Stats Five Again", 5));
    struct pty *p = open_dashboard(w, 50, 80);
    NEED(p, pty_wait(p, "live", SOON));
    NEED(p, counted(w, total, sizeof total));
    pty_send(p, "6");
    NEED(p, pty_wait(p, "Why jobs fail", SOON));
    CHECK(p, pty_wait(p, total, SOON));
    pty_send(p, ":stats by user since 1h\r");
    CHECK(p, pty_wait(p, "last 1h, by user", SOON));
    CHECK(p, pty_wait(p, "By user", SOON));
    pty_send(p, "g");
    CHECK(p, pty_wait(p, "Why jobs fail", SOON));
    for (int i = 0; i < 20; i++) { /* the cause is among the first, but not the only one */
        pty_send(p, "\r");
        NEED(p, pty_wait(p, "Business", SOON)); /* a column of the list */
        if (pty_has(p, "Stats Five Again")) {
            break;
        }
        pty_send(p, "-j");
        NEED(p, pty_wait(p, "Statistics  last 1h", SOON));
    }
    CHECK(p, pty_has(p, "Jobs 2 of "));
    CHECK(p, pty_has(p, ": exit 5; "));
    CHECK(p, !pty_has(p, "Stats Three"));
    pty_send(p, "l");
    CHECK(p, pty_wait(p, "simulated failure", SOON));
    pty_send(p, "\033");
    CHECK(p, pty_wait(p, "Business", SOON));
    pty_send(p, "\033"); /* the list shows all jobs again */
    CHECK(p, pty_wait(p, "Stats Three", SOON));
    quit(w, p);
}

static void statistics_on_other_terminals(struct world *w)
{
    static const char *const terms[] = {"TERM=screen", "TERM=linux", "TERM=vt100"};

    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++) {
        const char *more[] = {terms[i], NULL};
        struct pty *p = open_with(w, more, 10, 40);
        NEED(p, pty_wait(p, "mvpdash", SOON));
        pty_send(p, "6");
        CHECK(p, pty_wait(p, "Statistics", SOON));
        pty_resize(p, 50, 200);
        CHECK(p, pty_wait(p, "Completed, each", SOON));
        CHECK(p, pty_wait(p, "By day", SOON));
        pty_send(p, "q");
        CHECK(p, pty_wait(p, "Business", SOON));
        quit(w, p);
    }
}

static void a_search_leads_to_the_line_in_its_log(struct world *w)
{
    CHECK(NULL, send_failing(w, "Grep Me", 44));
    struct pty *p = open_dashboard(w, 24, 100);
    NEED(p, pty_wait(p, "live", SOON));
    pty_send(p, ":grep --since 1h exit code 44\r");
    CHECK(p, pty_wait(p, "1 line found in log group /aws/batch/job", SOON));
    CHECK(p, pty_has(p, "FAILED at BUILDING: simulated failure with exit code 44"));
    pty_send(p, "\r");
    CHECK(p, pty_wait(p, "work folder ready", SOON)); /* the log, with what led to it */
    CHECK(p, pty_wait(p, "simulated failure with exit code 44", SOON));
    pty_send(p, "-");
    CHECK(p, pty_wait(p, "Search in logs  exit code 44", SOON));
    pty_send(p, "1/\x15name:nobody-at-all\r");
    CHECK(p, pty_wait(p, "No job matches", SOON));
    pty_send(p, ":grep x\r");
    CHECK(p, pty_wait(p, "no job to search in", SOON));
    pty_send(p, "/\x15name:\"Grep Me\"\r");
    CHECK(p, pty_wait(p, "Jobs 1 of ", SOON));
    pty_send(p, ":grep failure\r");
    CHECK(p, pty_wait(p, "1 line found in the logs of 1 job of the list", SOON));
    pty_send(p, ":grep {\r"); /* a filter pattern would be no good: this is plain text */
    CHECK(p, pty_wait(p, "0 lines found in the logs of 1 job of the list", SOON));
    pty_send(p, ":grep --filter {\r");
    CHECK(p, pty_wait(p, "correct the filter pattern", SOON));
    pty_send(p, "1/\025\r");
    CHECK(p, pty_wait_gone(p, "Jobs 1 of", SOON));
    quit(w, p);
}

const struct e2e_test insight_tests[] = {
    {"statistics lead from a cause to its log", statistics_lead_from_a_cause_to_its_log},
    {"statistics work on other terminals",      statistics_on_other_terminals          },
    {"a search leads to the line in its log",   a_search_leads_to_the_line_in_its_log  },
};
const size_t insight_tests_len = sizeof insight_tests / sizeof *insight_tests;
