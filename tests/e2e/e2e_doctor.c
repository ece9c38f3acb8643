/* The doctor in the dashboard: all checks, and why one deploy did not start. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "aws/client.h"
#include "aws/op.h"
#include "core/json.h"
#include "world.h"

/* Switches the rule on or off. */
static bool set_rule(struct world *w, bool on)
{
    static const char in[] = "{\"Name\":\"mvp-development-rule\","
                             "\"EventBusName\":\"mvp-development\"}";
    struct err e = {0};

    for (size_t i = 0; i < w->cloud.env_len; i++) {
        (void)putenv(w->cloud.env[i]);
    }
    struct aws_client *c = aws_client_new(&(struct aws_options){0}, &e);
    cJSON *doc = json_parse(in, strlen(in), "test", NULL);
    bool good =
        c != NULL && aws_call(c, on ? AWS_OP_EVENTS_ENABLE_RULE : AWS_OP_EVENTS_DISABLE_RULE, doc,
                              NULL, &e) == E_OK;
    if (!good) {
        (void)printf("    rule: %s\n", e.msg);
    }
    cJSON_Delete(doc);
    aws_client_free(c);
    return good;
}

static void the_doctor_fills_in_and_finds_nothing_wrong(struct world *w)
{
    struct pty *p = open_dashboard(w, 50, 200);

    NEED(p, pty_wait(p, "live", SOON));
    pty_send(p, "5");
    CHECK(p, pty_wait(p, "Doctor", SOON));
    CHECK(p, pty_wait(p, "Nothing failed. First: A2", LONG)); /* the doctor's run is over */
    CHECK(p,
          pty_wait(p, "PASS    D3          rule's state", SOON)); /* the frame may come in pieces */
    CHECK(p, pty_wait(p, "WARN    A2          terminal: LINES or COLUMNS is exported", SOON));
    CHECK(p, !pty_has(p, "FAIL"));
    pty_send(p, "X");
    NEED(p, pty_wait(p, "Send a test job?", SOON));
    pty_send(p, "y");
    CHECK(p, pty_wait(p, "ran from its event to its end", LONG));
    CHECK(p, pty_wait(p, "PASS    J6          ended well", SOON));
    pty_resize(p, 10, 40);
    CHECK(p, pty_wait(p, "Doctor", SOON));
    pty_send(p, "/D3\r\r"); /* search, then the check in full */
    CHECK(p, pty_wait(p, "Check    D3  rule's state", SOON));
    pty_send(p, "q");
    CHECK(p, pty_wait_gone(p, "Check    D3  rule's state", SOON));
    pty_send(p, "q");
    CHECK(p, pty_wait(p, "Jobs", SOON));
    quit(w, p);
}

static void a_deploy_that_does_not_start_is_marked_and_the_doctor_names_the_cause(struct world *w)
{
    char config[80], env[100], path[120];
    size_t len = 0;

    (void)snprintf(config, sizeof config, "%s/quick", w->cloud.dir);
    (void)snprintf(path, sizeof path, "%s/mvpdash", config);
    (void)mkdir(config, 0700);
    (void)mkdir(path, 0700);
    (void)snprintf(path, sizeof path, "%s/mvpdash/config.ini", config);
    FILE *f = fopen(path, "w");
    NEED(NULL, f != NULL);
    (void)fputs("[ui]\nnot_picked_up = 2\n", f);
    (void)fclose(f);
    (void)snprintf(env, sizeof env, "XDG_CONFIG_HOME=%s", config);
    const char *more[] = {env, NULL};
    NEED(NULL, set_rule(w, false));
    struct pty *p = open_with(w, more, 24, 80);

    NEED(p, pty_wait(p, "live", SOON));
    NEED(p, deploy(p, "Lost Shop"));
    CHECK(p, pty_wait(p, "! not picked up", LONG));
    CHECK(p, pty_wait(p, "no Batch job: the event matched no rule", SOON));
    CHECK(p, pty_wait(p, "H: the doctor follows its event", SOON));
    pty_send(p, "H");
    CHECK(p, pty_wait(p, "Doctor: why Lost Shop did not start", SOON));
    CHECK(p, pty_wait(p, "D3 rule's state: rule mvp-development-rule is DISABLED: no job starts",
                      LONG));
    CHECK(p, pty_wait(p, "aws events enable-rule --region us-east-1", SOON));
    CHECK(p, pty_wait(p, "1m ago", LONG));
    pty_send(p, "c"); /* the cursor is at the cause */
    CHECK(p, pty_wait(p, "Command of D3", SOON));
    const char *last = pty_last(p, &len);
    bool copied = false;
    for (size_t i = 0; i + 5 < len; i++) {
        copied |= strncmp(last + i, "\033]52;", 5) == 0;
    }
    CHECK(p, copied);
    CHECK(NULL, set_rule(w, true));
    pty_send(p, "r"); /* D3 again */
    CHECK(p, pty_wait_gone(p, "is DISABLED", LONG));
    CHECK(p, pty_wait(p, "rule's state: mvp-development-rule is ENABLED", LONG));
    for (int i = 0; i < 30 && !pty_wait(p, "T retries it as a new job", 5000); i++) {
        pty_send(p, "A"); /* the whole way, once the run before is over */
    }
    CHECK(p, pty_wait(p, "T retries it as a new job", SOON));
    CHECK(p, pty_wait(p, "K1 this job: its event is lost", SOON));
    pty_send(p, "T"); /* from here, as the command line says it */
    CHECK(p, pty_wait(p, "Retry 1 job?", SOON));
    CHECK(p, pty_wait(p, "The job becomes CANCELLED", SOON));
    pty_send(p, "y");
    CHECK(p, pty_wait(p, "retried as job_", LONG));     /* whatever is to be told after it */
    CHECK(p, pty_wait(p, "Lost Shop COMPLETED", LONG)); /* the new job, on the status line */
    pty_send(p, "\033");
    (void)pty_wait_quiet(p, 300, QUIET); /* Esc and 1 in one burst are Alt-1 */
    pty_send(p, "1");
    CHECK(p, pty_wait(p, "CANCELLED", LONG)); /* the lost job */
    CHECK(p, pty_wait(p, "COMPLETED", LONG)); /* the new job */
    quit(w, p);
}

const struct e2e_test doctor_tests[] = {
    {"the doctor fills in and finds nothing wrong",                           the_doctor_fills_in_and_finds_nothing_wrong},
    {"a deploy that does not start is marked and the doctor names the cause",
     a_deploy_that_does_not_start_is_marked_and_the_doctor_names_the_cause                                               },
};
const size_t doctor_tests_len = sizeof doctor_tests / sizeof *doctor_tests;
