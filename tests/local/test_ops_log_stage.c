/* Progress that only the log knows: a container whose record falls silent half-way. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "aws/dynamodb.h"
#include "core/json.h"
#include "fake_http.h"
#include "ops/log_stage.h"
#include "ops_cloud.h"

static struct ops_cloud c;
static struct fake_http *fake;

static void teardown(void)
{
    if (fake != NULL) {
        fake_http_stop(fake);
    }
    ops_cloud_stop(&c);
}

TestSuite(ops_log_stage, .fini = teardown, .timeout = 120);

/* What the origin's container prints, until the test is over. */
static const char script[] =
    "echo 'npm notice'; "
    "echo "
    "'{\"timestamp\":\"x\",\"level\":\"info\",\"stage\":\"AI_DEVELOPMENT\",\"message\":\"a\"}'; "
    "echo '{\"level\":\"info\",\"stage\":\"TESTING_PAGES\",\"message\":\"7 of 30\"}'; "
    "echo 'plain again'; sleep 50";

static void deploy(char id[JOB_ID_SIZE])
{
    struct deploy_request r;
    struct deploy_result out;
    struct err e = {0};

    ops_cloud_request(&r, "My Startup");
    cr_assert_eq(ops_deploy(c.ops, &r, &out, &e), E_OK, "%s", e.msg);
    (void)snprintf(id, JOB_ID_SIZE, "%s", out.job_id);
    deploy_request_clear(&r);
}

/* The record as the container left it, hours ago. */
static void leave(const char *id)
{
    static const char text[] =
        "{\":s\":{\"S\":\"IN_PROGRESS\"},\":p\":{\"N\":\"40\"},\":c\":{\"S\":\"AI_DEVELOPMENT\"},"
        "\":u\":{\"S\":\"2024-05-05T05:05:05.000Z\"}}";
    cJSON *values = json_parse(text, sizeof text - 1, "test", NULL);
    cJSON *names = json_new_object();
    json_set_str(names, "#s", "status");
    struct err e = {0};
    const struct ddb_update u = {.table = c.ops->table,
                                 .key_name = "jobId",
                                 .key_value = id,
                                 .update = "SET #s = :s, progress = :p, currentStep = :c, "
                                           "updatedAt = :u",
                                 .names = names,
                                 .values = values};

    cr_assert_not_null(values);
    cr_assert_eq(ddb_update_item(c.ops->aws, &u, NULL, NULL, &e), E_OK, "%s", e.msg);
    cJSON_Delete(values);
    cJSON_Delete(names);
}

static struct job_detail *get(const char *id)
{
    struct job_detail *d = NULL;
    struct err e = {0};

    cr_assert_eq(ops_job_get(c.ops, id, false, &d, &e), E_OK, "%s", e.msg);
    return d;
}

/* Looks until the log tells the stage. */
static struct job_detail *get_with_log(const char *id)
{
    for (int i = 0; i < 1000; i++) {
        struct job_detail *d = get(id);
        struct err e = {0};
        cr_assert_eq(ops_detail_log(c.ops, d, &e), E_OK, "%s", e.msg);
        if (strcmp(d->log.stage, "TESTING_PAGES") == 0) {
            return d;
        }
        job_detail_free(d);
        (void)nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    }
    cr_assert_fail("the log tells no stage");
    return NULL;
}

Test(ops_log_stage, a_silent_job_is_as_far_as_its_log_says)
{
    char id[JOB_ID_SIZE];

    ops_cloud_start(&c, &(struct ops_cloud_options){.script = script});
    deploy(id);
    ops_cloud_wait_batch(&c, id, BATCH_RUNNING);
    leave(id);
    c.ahead_ms = 10 * 60 * 1000; /* its container began just now, which is no silence */
    struct job_detail *d = get_with_log(id);
    cr_expect_str_eq(log_stage_shown(d->job, &d->state, &d->log), "TESTING_PAGES");
    cr_expect_str_eq(d->log.said, "7 of 30");
    cr_expect_eq(d->state.stuck, STUCK_NO);
    job_detail_free(d);

    c.ahead_ms = 45 * 60 * 1000;
    d = get(id);
    cr_expect_eq(d->state.stuck, STUCK_NO_PROGRESS);
    struct err e = {0};
    cr_expect_eq(ops_detail_log(c.ops, d, &e), E_OK, "%s", e.msg);
    cr_expect_eq(d->state.stuck, STUCK_NO_PROGRESS, "its log has not moved for as long");
    cr_expect_str_eq(log_stage_shown(d->job, &d->state, &d->log), "TESTING_PAGES");
    job_detail_free(d);
}

Test(ops_log_stage, a_list_reads_the_logs_of_a_few)
{
    enum { JOBS = LOG_STAGE_JOBS + 2 };
    char id[JOBS][JOB_ID_SIZE];
    struct list_query q = {.since_ms = TIME_NONE};
    struct list_result r;
    struct err e = {0};
    size_t read = 0;

    ops_cloud_start(&c, &(struct ops_cloud_options){.script = script});
    for (int i = 0; i < JOBS; i++) {
        deploy(id[i]);
    }
    for (int i = 0; i < JOBS; i++) {
        ops_cloud_wait_batch(&c, id[i], BATCH_RUNNING);
        leave(id[i]);
    }
    c.ahead_ms = 10 * 60 * 1000;
    for (int i = 0; i < JOBS; i++) {
        job_detail_free(get_with_log(id[i]));
    }
    cr_assert_eq(ops_list(c.ops, &q, &r, &e), E_OK, "%s", e.msg);
    cr_assert_eq(r.len, JOBS);
    cr_expect_eq(ops_list_logs(c.ops, &r, &e), E_OK, "%s", e.msg);
    for (size_t i = 0; i < r.len; i++) {
        const char *stage = log_stage_shown(r.rows[i].job, &r.rows[i].state, r.rows[i].log);
        read += stage != NULL && strcmp(stage, "TESTING_PAGES") == 0;
    }
    cr_expect_eq(read, LOG_STAGE_JOBS);
    list_result_clear(&r);
}

/* ---- requests, against a service that is told what to say ---- */

static int pages_before; /* of plain lines, before the stage */
static int status;

static struct fake_reply answer(void *arg, const struct fake_request *r, size_t n)
{
    (void)arg;
    if (status != 0) {
        return (struct fake_reply){.status = 400,
                                   .body = status == 404
                                               ? "{\"__type\":\"ResourceNotFoundException\"}"
                                               : "{\"__type\":\"AccessDeniedException\"}"};
    }
    cr_expect_null(strstr(r->body, "\"startFromHead\":true"), "the newest lines: %s", r->body);
    cr_expect_not_null(strstr(r->body, "\"limit\""), "a bounded number of lines: %s", r->body);
    if ((int)n < pages_before) {
        return (struct fake_reply){.body =
                                       n == 0 ? "{\"events\":[{\"timestamp\":9,\"message\":\"x\"}],"
                                                "\"nextBackwardToken\":\"b/1\"}"
                                              : "{\"events\":[{\"timestamp\":5,\"message\":\"y\"}],"
                                                "\"nextBackwardToken\":\"b/2\"}"};
    }
    return (struct fake_reply){.body = "{\"events\":[{\"timestamp\":1,\"message\":\"{\\\"stage\\\":"
                                       "\\\"EARLY\\\"}\"}],\"nextBackwardToken\":\"b/9\"}"};
}

static struct ops *faked(void)
{
    ops_cloud_start(&c, &(struct ops_cloud_options){.no_rule = true});
    fake = fake_http_start_with(answer, NULL);
    return ops_cloud_at(&c, fake_http_url(fake));
}

Test(ops_log_stage, plain_lines_are_looked_behind_for_a_while)
{
    struct ops *o = faked();
    struct log_stage s;
    struct err e = {0};

    pages_before = 2;
    cr_assert_eq(ops_log_stage(o, "g", "s", &s, &e), E_OK, "%s", e.msg);
    cr_expect_str_eq(s.stage, "EARLY");
    cr_expect_eq(s.heard_ms, 9);
    cr_expect_eq(fake_http_requests(fake), 3);
    ops_free(o);
}

Test(ops_log_stage, but_not_for_ever)
{
    struct ops *o = faked();
    struct log_stage s;
    struct err e = {0};

    pages_before = 1000;
    cr_assert_eq(ops_log_stage(o, NULL, "s", &s, &e), E_OK, "%s", e.msg);
    cr_expect_str_eq(s.stage, "");
    cr_expect(s.read);
    cr_expect_eq(s.heard_ms, 9);
    cr_expect_leq(fake_http_requests(fake), 3);
    ops_free(o);
}

Test(ops_log_stage, a_log_that_is_not_there_is_empty_and_one_refused_is_not_known)
{
    struct ops *o = faked();
    struct log_stage s;
    struct err e = {0};

    status = 404;
    cr_assert_eq(ops_log_stage(o, "g", "s", &s, &e), E_OK, "%s", e.msg);
    cr_expect(s.read);
    cr_expect_eq(s.heard_ms, TIME_NONE);
    status = 403;
    cr_expect_eq(ops_log_stage(o, "g", "s", &s, &e), E_DENIED);
    cr_expect_not(s.read);
    ops_free(o);
}
