/* Which records and Batch jobs are one job, over HTTP: what was asked, what is remembered, and what
 * nobody could be asked for. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "aws/dynamodb.h"
#include "core/alloc.h"
#include "core/json.h"
#include "ops/list.h"
#include "ops_cloud.h"
#include "src/ops/batch_names.h"

static struct ops_cloud c;

static void teardown(void)
{
    ops_cloud_stop(&c);
}

TestSuite(ops_records, .fini = teardown, .timeout = 120);

/* A Batch job that no event started; its id is owned. */
static char *submit(const char *job_id)
{
    struct err e = {0};
    cJSON *reply = NULL;
    cJSON *in = json_new_object();
    cJSON *parameters = json_new_object();

    json_set_str(in, "jobName", "by-hand");
    json_set_str(in, "jobQueue", "mvp-pipeline-queue");
    json_set_str(in, "jobDefinition", "mvp-pipeline-job");
    if (job_id != NULL) {
        json_set_str(parameters, "JOB_ID", job_id);
    }
    json_set(in, "parameters", parameters);
    cr_assert_eq(aws_call(c.ops->aws, AWS_OP_BATCH_SUBMIT_JOB, in, &reply, &e), E_OK, "%s", e.msg);
    char *id = xstrdup(json_str_or(reply, "jobId", "?"));
    cJSON_Delete(in);
    cJSON_Delete(reply);
    return id;
}

static void put(const char *id, const char *rest)
{
    char *item = xasprintf("{\"jobId\":{\"S\":\"%s\"}%s}", id, rest);

    ops_cloud_put(&c, item);
    free(item);
}

static void expect_status(const char *key, const char *want)
{
    cJSON *item = NULL;

    cr_assert_eq(ddb_get_item(c.ops->aws, c.ops->table, "jobId", key, true, &item, NULL), E_OK);
    cr_expect_str_eq(attr_str(item, "status"), want, "%s", key);
    cJSON_Delete(item);
}

#define OWN                                                                                        \
    ",\"userId\":{\"S\":\"ann\"},\"status\":{\"S\":\"PENDING\"},"                                  \
    "\"createdAt\":{\"S\":\"2026-01-02T03:04:05Z\"}"
#define PART ",\"status\":{\"S\":\"IN_PROGRESS\"},\"progress\":{\"N\":\"40\"}"

static void list_of(const struct ops *o, bool record_only, struct list_result *r)
{
    const struct list_query q = {.since_ms = TIME_NONE, .record_only = record_only};
    struct err e = {0};

    cr_assert_eq(ops_list(o, &q, r, &e), E_OK, "%s", e.msg);
}

Test(ops_records, a_batch_job_without_a_record_is_listed_and_ended)
{
    struct list_result r;
    struct cancel_result out;
    struct job_detail *d = NULL;
    struct err e = {0};

    ops_cloud_start(&c, &(struct ops_cloud_options){.script = "sleep 50"});
    char *key = submit("order-1");
    list_of(c.ops, false, &r);
    cr_assert_eq(r.len, 1);
    cr_expect_str_eq(r.rows[0].job->id, "order-1");
    cr_expect_eq(r.rows[0].job->mark, JOB_NO_RECORD);
    cr_expect_eq(r.join_err.code, E_OK);
    list_result_clear(&r);
    list_of(c.ops, true, &r);
    cr_expect_eq(r.len, 0, "the table alone has none");
    list_result_clear(&r);

    ops_cloud_wait_batch(&c, "order-1", BATCH_RUNNING);
    cr_assert_eq(ops_cancel(c.ops, key, "enough", &out, &e), E_OK, "%s", e.msg);
    cr_expect_str_eq(out.batch_job_id, key);
    ops_cloud_wait_batch(&c, "order-1", BATCH_FAILED);
    cr_assert_eq(ops_job_get(c.ops, "order-1", false, &d, &e), E_OK, "%s", e.msg);
    cr_expect_eq(d->state.status, JOB_CANCELLED);
    cr_expect_null(d->item, "no record is made of it");
    job_detail_free(d);
    cr_expect_eq(ops_cancel(c.ops, "order-1", NULL, &out, &e), E_CONFLICT);
    cr_expect_eq(ops_retry(c.ops, key, NULL, &(struct deploy_result){0}, &e), E_INVALID);
    free(key);
}

Test(ops_records, a_cancel_ends_both_records)
{
    struct cancel_result out;
    struct list_result r;
    struct err e = {0};

    ops_cloud_start(&c, &(struct ops_cloud_options){.script = "sleep 50"});
    char *key = submit("order-2");
    put("order-2", OWN);
    put(key, PART);
    ops_cloud_wait_batch(&c, "order-2", BATCH_RUNNING);
    list_of(c.ops, false, &r);
    cr_assert_eq(r.len, 1);
    cr_expect_eq(r.rows[0].job->mark, JOB_TWO_RECORDS);
    cr_expect_eq(r.rows[0].job->progress, 40);
    list_result_clear(&r);
    cr_assert_eq(ops_cancel(c.ops, "order-2", "enough", &out, &e), E_OK, "%s", e.msg);
    expect_status("order-2", "CANCELLED");
    expect_status(key, "CANCELLED");
    free(key);
}

Test(ops_records, what_was_told_once_holds_when_batch_cannot_be_asked)
{
    struct job_detail *d = NULL;
    struct list_result r;
    struct err e = {0};

    ops_cloud_start(&c, &(struct ops_cloud_options){.script = "exit 0"});
    char *key = submit("order-3");
    put("order-3", OWN);
    put(key, PART);
    (void)setenv("AWS_ENDPOINT_URL_BATCH", "http://127.0.0.1:9", 1);
    struct ops *apart = ops_cloud_again(&c);
    (void)unsetenv("AWS_ENDPOINT_URL_BATCH");
    batch_names_ready(apart);
    batch_names_put(apart->names, key, "order-3", 1767323045000);

    cr_assert_eq(ops_job_get(apart, key, false, &d, &e), E_OK, "%s", e.msg);
    cr_expect_str_eq(d->job->id, "order-3");
    cr_expect_eq(d->job->mark, JOB_TWO_RECORDS);
    cr_expect_neq(d->batch_err.code, E_OK);
    job_detail_free(d);
    d = NULL;
    cr_assert_eq(ops_job_get(apart, "order-3", false, &d, &e), E_OK, "%s", e.msg);
    cr_expect_eq(d->job->progress, 40);
    job_detail_free(d);

    list_of(apart, false, &r);
    cr_expect_eq(r.len, 1);
    cr_expect_eq(r.rows[0].job->mark, JOB_TWO_RECORDS);
    cr_expect_neq(r.join_err.code, E_OK, "whether there are others is not known");
    list_result_clear(&r);

    /* No Batch job has these ids, but nobody knows that. */
    d = NULL;
    cr_expect_neq(ops_job_get(apart, "order-4", false, &d, &e), E_OK);
    cr_expect_neq(e.code, E_NOT_FOUND, "%s", e.msg);
    cr_expect_neq(ops_job_get(apart, "0f0f0f0f-1111-2222-3333-444444444444", false, &d, &e), E_OK);
    cr_expect_neq(e.code, E_NOT_FOUND, "%s", e.msg);
    cr_expect_eq(ops_job_get(c.ops, "order-4", false, &d, &e), E_NOT_FOUND);
    ops_free(apart);
    free(key);
}

Test(ops_records, a_table_that_was_not_asked_claims_nothing)
{
    struct list_result r;

    ops_cloud_start(&c, &(struct ops_cloud_options){.script = "exit 0"});
    char *key = submit("order-5");
    /* The record is there by the time that the list looks a second time. */
    put("order-5", OWN);
    list_of(c.ops, false, &r);
    cr_assert_eq(r.len, 1);
    cr_expect_eq(r.rows[0].job->mark, JOB_RECORDED);
    list_result_clear(&r);
    free(key);
}
