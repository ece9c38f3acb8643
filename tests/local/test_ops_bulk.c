/* Files of deploys on a real cloud: each line once, whatever breaks the run off. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/path.h"
#include "ops/bulk.h"
#include "ops/place.h"
#include "ops_cloud.h"

enum { N = 14 }; /* more than the first portion */

static struct ops_cloud c;
static struct deploy_request requests[N];
static struct bulk_line lines[N];
static size_t told;
static struct bulk_totals totals;
static struct err e;

static void on_result(void *arg, size_t index, const struct bulk_line *line)
{
    (void)arg;
    cr_assert_eq(index, told, "in the order of the lines");
    lines[told++] = *line;
}

static void make_requests(void)
{
    for (int i = 0; i < N; i++) {
        deploy_request_clear(&requests[i]);
        ops_cloud_request(&requests[i], "Bulk");
    }
}

static enum err_code bulk(const struct ops *o, enum bulk_mode mode)
{
    struct bulk b = {.file = "/some/where/the.csv",
                     .requests = requests,
                     .len = N,
                     .mode = mode,
                     .result = on_result};

    told = 0;
    make_requests();
    return ops_bulk(o, &b, &totals, &e);
}

static void setup(void)
{
    ops_cloud_start(&c, &(struct ops_cloud_options){0});
    for (int i = 0; i < N; i++) {
        deploy_request_init(&requests[i]);
    }
}

static void teardown(void)
{
    for (int i = 0; i < N; i++) {
        deploy_request_clear(&requests[i]);
    }
    ops_cloud_stop(&c);
}

TestSuite(ops_bulk, .init = setup, .fini = teardown, .timeout = 120);

static void each_has_one_job(const char *when)
{
    for (int i = 0; i < N; i++) {
        ops_cloud_wait_batch(&c, requests[i].job_id, BATCH_SUCCEEDED);
        cr_assert_eq(ops_cloud_batch_jobs(&c, requests[i].job_id), 1, "%s: line %d", when, i);
    }
}

Test(ops_bulk, each_line_is_sent_once_and_going_on_sends_nothing)
{
    char first[N][JOB_ID_SIZE];

    cr_assert_eq(bulk(c.ops, BULK_FIRST), E_OK, "%s", e.msg);
    cr_assert_eq(told, N);
    cr_assert_eq(totals.sent, N);
    for (int i = 0; i < N; i++) {
        memcpy(first[i], requests[i].job_id, JOB_ID_SIZE);
        cr_assert_neq(lines[i].event_id[0], '\0');
    }
    cr_assert_eq(bulk(c.ops, BULK_RESUME), E_OK, "%s", e.msg);
    cr_assert_eq(totals.earlier, N);
    for (int i = 0; i < N; i++) {
        cr_assert_str_eq(requests[i].job_id, first[i]);
        cr_assert(lines[i].earlier);
        cr_assert_neq(lines[i].event_id[0], '\0', "known from the journal");
    }
    each_has_one_job("after going on");
    cr_assert_eq(totals.sent, 0, "this run sent none");
    cr_assert_eq(bulk(c.ops, BULK_FIRST), E_CONFLICT, "not twice by mistake");
    cr_assert_eq(totals.past.sent, N);
    cr_assert_str_eq(totals.past.file, "the.csv");
    cr_assert_eq(told, 0);
    cr_assert_eq(bulk(c.ops, BULK_ANEW), E_OK, "%s", e.msg);
    cr_assert_eq(totals.sent, N);
    cr_assert_eq(totals.earlier, 0);
    cr_assert_str_neq(requests[0].job_id, first[0]);
}

static bool stop_now(void *arg)
{
    (void)arg;
    return told > 0; /* after the first portion */
}

Test(ops_bulk, a_stop_leaves_the_rest_for_later_and_that_shows)
{
    struct bulk b = {.requests = requests, .len = N, .stop = stop_now, .result = on_result};
    struct bulk_earlier past;

    told = 0;
    make_requests();
    cr_assert_eq(ops_bulk_look(c.ops, &b, &past, &e), E_OK, "%s", e.msg);
    cr_expect_eq(past.sent + past.begun, 0, "no run yet");
    cr_assert_eq(ops_bulk(c.ops, &b, &totals, &e), E_CANCELLED, "%s", e.msg);
    cr_assert_eq(totals.sent, 10);
    cr_assert_eq(totals.not_tried, N - 10);
    make_requests();
    cr_assert_eq(ops_bulk_look(c.ops, &b, &past, &e), E_OK, "%s", e.msg);
    cr_expect_eq(past.sent, 10);
    cr_expect_eq(past.begun, N - 10);
    cr_assert_eq(bulk(c.ops, BULK_RESUME), E_OK, "%s", e.msg);
    cr_assert_eq(totals.sent, N - 10, "by this run");
    cr_assert_eq(totals.earlier, 10);
    each_has_one_job("after the stop");
}

Test(ops_bulk, a_dead_link_ends_the_run_early_and_going_on_finishes_it)
{
    struct ops *cut = ops_cloud_at(&c, "http://127.0.0.1:9");
    char *place = NULL;

    cr_assert_eq(bulk(cut, BULK_FIRST), E_NET, "%s", e.msg);
    cr_assert_eq(told, 0, "whose account it is was never known: %s", e.msg);
    ops_free(cut);
    cr_assert_eq(place_text(c.ops, PLACE_ASK, &place, &e), E_OK, "%s", e.msg);
    free(place);
    cut = ops_cloud_at(&c, "http://127.0.0.1:9");
    cr_assert_eq(bulk(cut, BULK_FIRST), E_NET, "what earlier runs did cannot be asked: %s", e.msg);
    cr_assert_eq(totals.not_tried, N);
    cr_assert_eq(bulk(cut, BULK_ANEW), E_NET, "%s", e.msg);
    cr_assert_eq(totals.kept, 10);
    cr_assert_eq(totals.not_tried, N - 10);
    cr_assert_eq(bulk(c.ops, BULK_FIRST), E_CONFLICT, "it is not begun anew by mistake");
    cr_assert_not_null(strstr(err_hint(&e), "--resume"), "%s", err_hint(&e));
    cr_assert_eq(told, 0);
    cr_assert_eq(bulk(c.ops, BULK_RESUME), E_OK, "%s", e.msg);
    cr_assert_eq(totals.kept, 10, "what waits in the outbox is left to it");
    cr_assert_eq(totals.sent, N - 10);
    cr_assert_eq(ops_outbox_resume(c.ops, NULL, NULL, &e), E_OK, "%s", e.msg);
    cr_assert_eq(bulk(c.ops, BULK_RESUME), E_OK, "%s", e.msg);
    cr_assert_eq(totals.earlier, N);
    each_has_one_job("after the link came back");
    ops_free(cut);
}

Test(ops_bulk, a_job_id_that_another_has_fails_alone_and_stays_failed)
{
    struct bulk b = {.file = "one", .len = 2, .result = on_result};
    struct deploy_request r[2];

    ops_cloud_put(&c, "{\"jobId\":{\"S\":\"mine\"},\"status\":{\"S\":\"IN_PROGRESS\"}}");
    for (int round = 0; round < 2; round++) {
        ops_cloud_request(&r[0], "Taken");
        ops_cloud_request(&r[1], "Free");
        cr_assert_eq(deploy_request_set(&r[0], "jobId", "mine", NULL), E_OK);
        b.requests = r;
        b.mode = round == 0 ? BULK_FIRST : BULK_RESUME;
        told = 0;
        cr_assert_eq(ops_bulk(c.ops, &b, &totals, &e), E_OK, "%s", e.msg);
        cr_assert_eq(totals.failed, 1);
        cr_assert_eq(round == 0 ? totals.sent : totals.earlier, 1);
        cr_assert_eq(lines[0].err.code, E_CONFLICT, "%s", lines[0].err.msg);
        deploy_request_clear(&r[0]);
        deploy_request_clear(&r[1]);
    }
}

/* The newest journal of the state folder. */
static char *journal(void)
{
    char *dir = path_join(c.ops->state_dir, "batch");
    char *cmd = xasprintf("ls -t %s/*/*.jsonl", dir);
    FILE *p = popen(cmd, "r");
    char name[512] = "";

    cr_assert_not_null(p);
    cr_assert_not_null(fgets(name, sizeof name, p));
    (void)pclose(p);
    name[strcspn(name, "\n")] = '\0';
    free(cmd);
    free(dir);
    return xstrdup(name);
}

Test(ops_bulk, a_journal_cut_off_anywhere_doubles_nothing)
{
    char *text = NULL;
    size_t len = 0;

    cr_assert_eq(bulk(c.ops, BULK_FIRST), E_OK, "%s", e.msg);
    char *path = journal();
    cr_assert_eq(path_read(path, 1 << 20, &text, &len, &e), E_OK);
    const char *sent = strstr(text, "{\"sent\"");
    cr_assert_not_null(sent);
    /* Within the notes of what was sent: the records tell the rest. */
    for (size_t cut = (size_t)(sent - text); cut < len; cut += 97) {
        cr_assert_eq(path_write_atomic(path, text, cut, 0600, &e), E_OK);
        cr_assert_eq(bulk(c.ops, BULK_RESUME), E_OK, "%s", e.msg);
        cr_assert_eq(totals.earlier, N, "cut at %zu", cut);
    }
    each_has_one_job("cut off");
    free(text);
    free(path);
}

/* ---- killed at any step ---- */

static const char *die_at;
static atomic_int die_after;

static void die(const char *step)
{
    if (strcmp(step, die_at) == 0 && atomic_fetch_sub(&die_after, 1) == 0) {
        _exit(42); /* no clean-up of any kind, as with SIGKILL */
    }
}

static const struct kill_case {
    const char *step;
    int after; /* so many times before */
} kills[] = {
    {"journal",      0 },
    {"record",       0 },
    {"record",       7 },
    {"record",       12},
    {"send",         0 },
    {"sending",      1 },
    {"sent",         0 },
    {"acknowledged", 3 },
    {"dropped",      5 },
    {"noted",        0 },
    {"noted",        11},
};

ParameterizedTestParameters(ops_bulk, killed_at_a_step_it_goes_on_with_each_line_once)
{
    static size_t index[sizeof kills / sizeof *kills];

    for (size_t i = 0; i < sizeof kills / sizeof *kills; i++) {
        index[i] = i;
    }
    return cr_make_param_array(size_t, index, sizeof kills / sizeof *kills);
}

ParameterizedTest(size_t *i, ops_bulk, killed_at_a_step_it_goes_on_with_each_line_once)
{
    const struct kill_case *k = &kills[*i];
    int status = 0;
    int left = 0;
    pid_t pid = fork();

    if (pid == 0) {
        struct ops *o = ops_cloud_again(&c);
        die_at = k->step;
        atomic_store(&die_after, k->after);
        o->fault = die;
        (void)!bulk(o, BULK_FIRST);
        _exit(1);
    }
    cr_assert_gt(pid, 0);
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 42, "died at %s", k->step);
    /* Resumes at once, and again when the outbox has waited long enough. */
    for (int round = 0; round < 2; round++) {
        cr_assert_eq(ops_outbox_resume(c.ops, NULL, &left, &e), E_OK, "%s", e.msg);
        cr_assert_eq(bulk(c.ops, BULK_RESUME), E_OK, "%s: %s", k->step, e.msg);
        cr_assert_eq(totals.failed, 0, "%s", k->step);
        /* An entry that was left may have been seen in Batch meanwhile. */
        cr_assert_leq(totals.kept, (size_t)left, "%s", k->step);
        c.ahead_ms = 61000;
    }
    cr_assert_eq(totals.sent + totals.earlier, N,
                 "%s: %zu sent, %zu earlier, %zu kept, %zu unknown, %zu not tried; %d left",
                 k->step, totals.sent, totals.earlier, totals.kept, totals.unknown,
                 totals.not_tried, left);
    cr_assert_eq(ops_outbox_len(c.ops), 0);
    each_has_one_job(k->step);
}
