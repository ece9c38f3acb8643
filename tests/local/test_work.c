/* The workers and the schedule against a local cloud: a job's life in each way to follow it. */
#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "fake_http.h"
#include "ops_cloud.h"
#include "src/work/run.h"
#include "work/pool.h"
#include "work/schedule.h"

/* The dashboard's engine without a dashboard: schedule, pool, queue and operations together. */

static struct ops_cloud c;
static struct msgq *q;
static struct pool *pool;
static struct schedule *sched;

/* What has come so far. */
static struct {
    char deployed[JOB_ID_SIZE];
    char batch_id[96];
    enum job_status status; /* of the deployed job's record */
    enum batch_status batch;
    bool detail, cancelled, gone, rule_checked, rule_matches, identity;
    char log[400];
    struct err deploy_err;
    int failures;
    bool begun[64], ended[64]; /* checks of the doctor */
    enum doctor_state found[64];
    bool doctor_done;
    struct err doctor_err;
    char lines[400];
    size_t hits;
    bool searched;
    struct log_search_result search;
} seen;

static void start(const struct ops_cloud_options *o)
{
    struct err e = {0};

    ops_cloud_start(&c, o);
    q = msgq_new(16, &e);
    pool = pool_new(c.ops, q, 4, &e);
    sched = schedule_new(1, 7);
    cr_assert(q != NULL && pool != NULL);
}

static void teardown(void)
{
    pool_free(pool);
    msgq_free(q);
    schedule_free(sched);
    ops_cloud_stop(&c);
}

TestSuite(work, .fini = teardown, .timeout = 120);

static void note_jobs(const struct msg *m)
{
    for (size_t i = 0; i < m->u.jobs.len; i++) {
        if (strcmp(m->u.jobs.items[i]->id, seen.deployed) == 0) {
            seen.status = (enum job_status)m->u.jobs.items[i]->status;
        }
    }
}

static void note_batch(const struct msg *m)
{
    for (size_t i = 0; i < m->u.batch.len; i++) {
        const struct batch_job *b = m->u.batch.items[i];
        if (b->job_id != NULL && strcmp(b->job_id, seen.deployed) == 0) {
            seen.batch = b->status;
            (void)snprintf(seen.batch_id, sizeof seen.batch_id, "%s", b->id);
        }
    }
}

static void note_log(const struct msg *m)
{
    for (size_t i = 0; i < m->u.log.page.len; i++) {
        (void)strncat(seen.log, m->u.log.page.items[i].text, 100);
        (void)strcat(seen.log, ";");
    }
}

static void note_found(const struct msg *m)
{
    for (size_t i = 0; i < m->u.grep.len; i++, seen.hits++) {
        size_t n = strlen(seen.lines);
        (void)snprintf(seen.lines + n, sizeof seen.lines - n, "%s;", m->u.grep.items[i].text);
    }
}

static void note(const struct msg *m)
{
    switch (m->kind) {
    case MSG_DEPLOYED:
        (void)snprintf(seen.deployed, sizeof seen.deployed, "%s", m->u.deployed.job_id);
        seen.deploy_err = m->err;
        break;
    case MSG_JOBS:
        note_jobs(m);
        break;
    case MSG_BATCH_JOBS:
        note_batch(m);
        break;
    case MSG_LOG:
        note_log(m);
        break;
    case MSG_DETAIL:
        seen.detail = seen.detail || m->u.detail != NULL;
        break;
    case MSG_CANCELLED:
        seen.cancelled = m->err.code == E_OK;
        break;
    case MSG_GONE:
        seen.gone = true;
        break;
    case MSG_IDENTITY:
        seen.identity = m->u.identity.account[0] != '\0';
        break;
    case MSG_RULE_CHECK:
        seen.rule_checked = true;
        seen.rule_matches = m->u.rule.matches;
        break;
    case MSG_GREP:
        note_found(m);
        break;
    case MSG_GREP_END:
        seen.searched = true;
        seen.search = m->u.grep_end;
        break;
    case MSG_DOCTOR:
        (m->u.doctor.ended ? seen.ended : seen.begun)[m->u.doctor.check] = true;
        seen.found[m->u.doctor.check] = m->u.doctor.found.state;
        cr_expect_eq(m->u.doctor.found.text != NULL, m->u.doctor.ended);
        break;
    case MSG_DONE:
        if (m->task == TASK_DOCTOR) {
            seen.doctor_done = true;
            seen.doctor_err = m->err;
        }
        break;
    default:
        break;
    }
    /* this cloud has no dead letter queue */
    seen.failures += m->err.code != E_OK && m->kind != MSG_DLQ_DEPTH;
}

/* Plays the UI thread until `done` says so. */
static void play(bool (*done)(void), const char *what)
{
    int64_t until = clock_mono_ms(NULL) + 50000;
    const char *ids[] = {seen.deployed};
    const char *batch_ids[] = {seen.batch_id};

    while (!done()) {
        int64_t now = clock_mono_ms(NULL);
        cr_assert_lt(now, until, "%s did not come", what);
        struct schedule_view v = {.active_ids = ids,
                                  .active_len = seen.deployed[0] != '\0',
                                  .batch_ids = batch_ids,
                                  .batch_len = seen.batch_id[0] != '\0',
                                  .lively = seen.deployed[0] != '\0',
                                  .lively_alone =
                                      seen.deployed[0] != '\0' && seen.batch_id[0] == '\0',
                                  .newest_updated_ms = TIME_NONE};
        for (struct task *t = schedule_due(sched, &v, now); t != NULL;) {
            struct task *next = t->next;
            pool_submit(pool, t);
            t = next;
        }
        int wait = schedule_wait_ms(sched, clock_mono_ms(NULL));
        struct pollfd p = {.fd = msgq_fd(q), .events = POLLIN};
        (void)poll(&p, 1, wait < 0 || wait > 1000 ? 1000 : wait);
        for (struct msg *m = msgq_drain(q); m != NULL;) {
            struct msg *next = m->next;
            schedule_saw(sched, m, clock_mono_ms(NULL));
            note(m);
            msg_free(m);
            m = next;
        }
    }
}

static void submit_deploy(enum task_kind kind, uint32_t request)
{
    struct task *t = task_new(kind, request);

    task_as(t, deploy) = xcalloc(1, sizeof(struct deploy_request));
    ops_cloud_request(task_as(t, deploy), "My Startup");
    pool_submit(pool, t);
}

static bool loaded(void)
{
    return !schedule_loading(sched, NULL, NULL) && seen.identity;
}
static bool deployed(void)
{
    return seen.deployed[0] != '\0';
}
static bool recorded(void)
{
    return seen.status == JOB_PENDING || seen.status == JOB_QUEUED;
}
static bool running(void)
{
    return seen.batch == BATCH_RUNNING;
}
static bool log_read(void)
{
    return strstr(seen.log, "hello;") != NULL && seen.detail;
}
static bool cancelled(void)
{
    return seen.cancelled && seen.status == JOB_CANCELLED;
}
static bool ended(void)
{
    return seen.batch == BATCH_FAILED;
}
static bool rule_checked(void)
{
    return seen.rule_checked;
}

static void whole_life(void)
{
    play(loaded, "the first load");
    submit_deploy(TASK_RULE_CHECK, 1);
    play(rule_checked, "the rule check");
    cr_assert(seen.rule_matches);
    submit_deploy(TASK_DEPLOY, 2);
    play(deployed, "the deploy");
    cr_assert_eq(seen.deploy_err.code, E_OK, "%s", seen.deploy_err.msg);
    play(recorded, "its record");
    play(running, "Batch's word");
    schedule_watch_detail(sched, seen.deployed);
    schedule_watch_log(sched, seen.deployed, NULL);
    play(log_read, "its log");
    struct task *t = task_new(TASK_CANCEL, 3);
    t->job_id = xstrdup(seen.deployed);
    task_as(t, reason) = xstrdup("enough");
    pool_submit(pool, t);
    play(cancelled, "the cancel");
    play(ended, "its end");
    cr_assert_eq(seen.failures, 0);
}

Test(work, a_jobs_life_is_followed_by_the_stream)
{
    start(&(struct ops_cloud_options){.script = "echo hello; exec sleep 60"});
    whole_life();
}

Test(work, a_jobs_life_is_followed_by_the_status_index)
{
    start(&(struct ops_cloud_options){.script = "echo hello; exec sleep 60", .no_stream = true});
    whole_life();
}

Test(work, a_jobs_life_is_followed_on_a_bare_table)
{
    start(&(struct ops_cloud_options){.script = "echo hello; exec sleep 60",
                                      .no_stream = true,
                                      .no_status_index = true,
                                      .no_user_index = true});
    whole_life();
}

static bool doctor_done(void)
{
    return seen.doctor_done;
}
static bool doctor_began(void)
{
    return seen.begun[0] || seen.ended[0];
}

Test(work, the_doctor_tells_of_each_check_and_then_that_it_is_done)
{
    start(&(struct ops_cloud_options){0});
    pool_submit(pool, task_new(TASK_DOCTOR, 1));
    play(doctor_done, "the doctor");
    cr_assert_eq(seen.doctor_err.code, E_OK, "%s", seen.doctor_err.msg);
    for (size_t i = 0; i < doctor_checks_len; i++) {
        cr_expect_eq(seen.ended[i], !doctor_checks[i].of_job, "%s", doctor_checks[i].id);
        if (strcmp(doctor_checks[i].id, "D3") == 0) {
            cr_expect_eq(seen.found[i], DOCTOR_PASS);
        } else if (strcmp(doctor_checks[i].id, "E1") == 0) { /* this cloud has no such queue */
            cr_expect_eq(seen.found[i], DOCTOR_FAIL);
        }
    }
    memset(&seen, 0, sizeof seen);
    struct task *t = task_new(TASK_DOCTOR, 2);
    task_as(t, doctor).only = xstrdup("F1");
    t->job_id = xstrdup("job_1");
    pool_submit(pool, t);
    play(doctor_done, "one check of the doctor");
    for (size_t i = 0; i < doctor_checks_len; i++) {
        cr_expect_eq(seen.ended[i], strstr("A3.sts A3.batch B1 B2 F1", doctor_checks[i].id) != NULL,
                     "%s", doctor_checks[i].id);
    }
}

Test(work, a_doctor_for_whom_nobody_waits_ends)
{
    static const struct fake_reply hang[] = {{.deed = FAKE_HANG}};
    struct fake_http *h = fake_http_start(hang, 1);

    start(&(struct ops_cloud_options){0});
    (void)setenv("AWS_ENDPOINT_URL_SQS", fake_http_url(h), 1); /* the doctor has its own client */
    pool_submit(pool, task_new(TASK_DOCTOR, 1));
    play(doctor_began, "the doctor's first check");
    int64_t t0 = clock_mono_ms(NULL);
    (void)pool_drop(pool, 1);
    play(doctor_done, "the doctor's end");
    cr_expect_eq(seen.doctor_err.code, E_CANCELLED);
    cr_expect_lt(clock_mono_ms(NULL) - t0, 4500, "a check that hangs is left after five seconds");
    (void)unsetenv("AWS_ENDPOINT_URL_SQS");
    fake_http_stop(h);
}

/* ---- searching in logs ---- */

static struct ops *searcher; /* its logs come from a script */
static struct fake_http *logs;

/* Page n has one line and a token, the last of `arg` pages has none. */
static struct fake_reply log_page_of(void *arg, const struct fake_request *r, size_t n)
{
    static const char form[] =
        "{\"events\":[{\"timestamp\":%zu,\"message\":\"line %zu postgresql://u:secret@h/d\","
        "\"logStreamName\":\"s\",\"eventId\":\"%zu\"}]%s}";
    static char bodies[8][300];
    char next[40] = "";
    size_t pages = *(const size_t *)arg;

    (void)r;
    if (n + 1 < pages) {
        (void)snprintf(next, sizeof next, ",\"nextToken\":\"t%zu\"", n);
    }
    char *body = bodies[n % 8]; /* one search makes one call at a time */
    (void)snprintf(body, sizeof bodies[0], form, n + 1, n, n, next);
    return (struct fake_reply){.headers = "Content-Type: application/x-amz-json-1.1\r\n",
                               .body = body};
}

static void start_search(const size_t *pages)
{
    struct err e = {0};

    ops_cloud_start(&c, &(struct ops_cloud_options){0});
    logs = fake_http_start_with(log_page_of, (void *)pages);
    (void)setenv("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", fake_http_url(logs), 1);
    searcher = ops_cloud_again(&c);
    (void)unsetenv("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS");
    q = msgq_new(16, &e);
    pool = pool_new(searcher, q, 4, &e);
    sched = schedule_new(1, 7);
    struct task *t = task_new(TASK_GREP, 1);
    struct task_grep *g = &task_as(t, grep);
    g->pattern = xstrdup("\"line\"");
    g->since_ms = clock_wall_ms(NULL) - INT64_C(1800000);
    pool_submit(pool, t);
}

static void end_search(void)
{
    pool_free(pool);
    pool = NULL;
    ops_free(searcher);
    fake_http_stop(logs);
}

static bool searched(void)
{
    return seen.searched;
}

static bool some_found(void)
{
    return seen.hits >= 3;
}

static bool deployed_and_identified(void)
{
    return seen.deployed[0] != '\0' && seen.identity;
}

Test(work, a_search_in_logs_sends_what_it_finds_and_then_how_it_ended)
{
    static const size_t pages = 3;

    start_search(&pages);
    play(searched, "the end of the search");
    cr_expect_str_eq(seen.lines, "line 0 postgresql://u:****@h/d;line 1 postgresql://u:****@h/d;"
                                 "line 2 postgresql://u:****@h/d;");
    cr_expect_eq(seen.search.end, LOG_SEARCH_THROUGH);
    cr_expect_eq(seen.search.hits, 3);
    end_search();
}

Test(work, a_search_without_end_starves_nobody_and_stops_when_it_is_asked_to)
{
    static const size_t pages = SIZE_MAX;

    start_search(&pages);
    play(some_found, "some lines");
    submit_deploy(TASK_DEPLOY, 2);
    pool_submit(pool, task_new(TASK_IDENTITY, 3));
    play(deployed_and_identified, "an action and a read beside it");
    cr_expect_not(seen.searched, "the search goes on meanwhile");
    pool_halt(pool, 1);
    play(searched, "the end of the search");
    cr_expect_eq(seen.search.end, LOG_SEARCH_STOPPED);
    cr_expect_eq(seen.search.hits, seen.hits, "nothing that was found is lost");
    end_search();
}

Test(work, stopping_in_the_middle_of_everything_ends_soon_and_loses_no_deploy)
{
    start(&(struct ops_cloud_options){0});
    for (uint32_t i = 0; i < 6; i++) {
        submit_deploy(TASK_DEPLOY, i + 1);
    }
    struct task *t = task_new(TASK_LOAD, 99);
    pool_submit(pool, t);
    play(deployed, "the first deploy");
    int64_t t0 = clock_mono_ms(NULL);
    pool_stop(pool);
    cr_assert_lt(clock_mono_ms(NULL) - t0, 15000);
    int left = 1;
    struct err e = {0};
    c.ahead_ms = 61000;
    /* The cloud in this process forks: a child that has not yet reached exec still holds a lock. */
    for (int i = 0; left > 0 && i < 2000; i++) {
        cr_assert_eq(ops_outbox_resume(c.ops, NULL, &left, &e), E_OK, "%s", e.msg);
        (void)ops_sleep(c.ops, 10);
    }
    cr_assert_eq(left, 0);
}
