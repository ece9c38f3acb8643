/* Cancelling, retrying, reporting and reading jobs against a local cloud. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "aws/dynamodb.h"
#include "core/alloc.h"
#include "core/json.h"
#include "ops/list.h"
#include "ops/logs.h"
#include "ops/queue_look.h"
#include "ops_cloud.h"
#include "src/ops/batch_names.h"
#include "src/ops/reasons.h"

/* Cancel, retry, report, detail, list, logs, events, the connection test: over HTTP. */

static struct ops_cloud c;

static void teardown(void)
{
    ops_cloud_stop(&c);
}

TestSuite(ops_jobs, .fini = teardown, .timeout = 120);

static void start(const char *script)
{
    ops_cloud_start(&c, &(struct ops_cloud_options){.script = script});
}

static void deploy(char job_id[JOB_ID_SIZE])
{
    struct deploy_request r;
    struct deploy_result out;
    struct err e = {0};

    ops_cloud_request(&r, "My Startup");
    cr_assert_eq(ops_deploy(c.ops, &r, &out, &e), E_OK, "%s", e.msg);
    (void)snprintf(job_id, JOB_ID_SIZE, "%s", out.job_id);
    deploy_request_clear(&r);
}

static cJSON *item_of(const char *job_id)
{
    cJSON *item = NULL;

    cr_assert_eq(ddb_get_item(c.ops->aws, c.ops->table, "jobId", job_id, true, &item, NULL), E_OK);
    cr_assert_not_null(item);
    return item;
}

static void assert_status(const char *job_id, const char *word)
{
    cJSON *item = item_of(job_id);

    cr_assert_str_eq(attr_str(item, "status"), word);
    cJSON_Delete(item);
}

/* ---- cancel ---- */

Test(ops_jobs, cancelling_a_running_job_ends_its_process_and_says_who)
{
    char id[JOB_ID_SIZE];
    struct cancel_result out;
    struct job_detail *d = NULL;
    bool succeeded = true;
    struct err e = {0};

    start("exec sleep 60");
    deploy(id);
    ops_cloud_wait_batch(&c, id, BATCH_RUNNING);
    cr_assert_eq(ops_cancel(c.ops, id, "wrong customer", &out, &e), E_OK, "%s", e.msg);
    cr_assert(out.outcome == CANCEL_STOPPING || out.outcome == CANCEL_ENDED);
    cr_assert_neq(out.batch_job_id[0], '\0');
    assert_status(id, "CANCELLED");
    cr_assert_eq(ops_cancel_wait(c.ops, out.batch_job_id, 15000, &succeeded, &e), E_OK, "%s",
                 e.msg);
    cr_assert_not(succeeded);
    cr_assert_eq(ops_job_get(c.ops, id, false, &d, &e), E_OK, "%s", e.msg);
    cr_assert_eq(d->state.status, JOB_CANCELLED);
    cr_assert_not_null(d->batch->status_reason);
    cr_assert_not_null(strstr(d->batch->status_reason, "wrong customer"));
    cr_assert_not_null(strstr(d->batch->status_reason, c.ops->actor));
    job_detail_free(d);
    cr_assert_eq(ops_cancel(c.ops, id, NULL, &out, &e), E_CONFLICT);
    cr_assert_not_null(strstr(e.msg, "has already ended as CANCELLED"), "%s", e.msg);
}

Test(ops_jobs, cancelling_a_job_that_nobody_picked_up_changes_only_the_record)
{
    char id[JOB_ID_SIZE];
    struct cancel_result out;
    struct err e = {0};

    ops_cloud_start(&c, &(struct ops_cloud_options){.no_rule = true});
    deploy(id);
    cr_assert_eq(ops_cancel(c.ops, id, NULL, &out, &e), E_OK, "%s", e.msg);
    cr_assert_eq(out.outcome, CANCEL_DONE);
    assert_status(id, "CANCELLED");
}

/* How often a job is in the list of a status. */
static int listed(const char *status, const char *job_id)
{
    const struct list_query q = {.status = status, .since_ms = TIME_NONE};
    struct list_result l = {0};
    struct err e = {0};
    int n = 0;

    cr_assert_eq(ops_list(c.ops, &q, &l, &e), E_OK, "%s", e.msg);
    for (size_t i = 0; i < l.len; i++) {
        n += strcmp(l.rows[i].job->id, job_id) == 0;
    }
    list_result_clear(&l);
    return n;
}

/* A job that is over before its event is picked up: its container ends with 75, as the starter
 * pipeline does, or with 0, as older ones did, or fails as any program may. */
static void picked_up_late(const char *script, const char *status, enum batch_status batch)
{
    struct job_detail *d = NULL;
    struct deploy_request r;
    struct deploy_result out;
    char at[TIME_ISO_SIZE];
    struct err e = {0};

    start(script);
    ops_cloud_request(&r, "Late");
    (void)snprintf(r.job_id, sizeof r.job_id, "job_1_late");
    cr_assert_eq(ops_deploy(c.ops, &r, &out, &e), E_OK, "%s", e.msg);
    deploy_request_clear(&r);
    char *item = xasprintf("{\"jobId\":{\"S\":\"job_1_late\"},\"status\":{\"S\":\"%s\"},"
                           "\"createdAt\":{\"S\":\"%s\"}}",
                           status, time_iso(clock_wall_ms(NULL), at));
    ops_cloud_put(&c, item);
    ops_cloud_wait_batch(&c, "job_1_late", batch);
    ops_cloud_put(&c, item); /* without the Batch job, whoever wrote it meanwhile */
    cr_assert_eq(ops_job_get(c.ops, "job_1_late", false, &d, &e), E_OK, "%s", e.msg);
    cr_expect_str_eq(job_state_word(d->job, &d->state), status);
    cr_expect_not(d->state.drift);
    job_detail_free(d);
    cr_expect_eq(listed("CANCELLED", "job_1_late"), strcmp(status, "CANCELLED") == 0);
    cr_expect_eq(listed("COMPLETED", "job_1_late"), strcmp(status, "COMPLETED") == 0);
    cr_expect_eq(listed("FAILED", "job_1_late"), strcmp(status, "FAILED") == 0);
    free(item);
}

Test(ops_jobs, a_cancelled_job_whose_claim_was_refused_is_cancelled)
{
    picked_up_late("exit 75", "CANCELLED", BATCH_FAILED);
}

Test(ops_jobs, a_cancelled_job_whose_older_container_ended_with_0_is_cancelled)
{
    picked_up_late("exit 0", "CANCELLED", BATCH_SUCCEEDED);
}

Test(ops_jobs, a_completed_job_that_was_sent_again_is_completed)
{
    picked_up_late("exit 75", "COMPLETED", BATCH_FAILED);
}

Test(ops_jobs, a_final_job_is_not_cancelled)
{
    static const char *const words[] = {"COMPLETED", "failed", "Cancelled"};
    struct cancel_result out;
    struct err e = {0};

    start(NULL);
    for (size_t i = 0; i < 3; i++) {
        char *item = xasprintf("{\"jobId\":{\"S\":\"done\"},\"status\":{\"S\":\"%s\"}}", words[i]);
        ops_cloud_put(&c, item);
        cr_assert_eq(ops_cancel(c.ops, "done", NULL, &out, &e), E_CONFLICT, "%s", words[i]);
        cr_assert_not_null(strstr(e.msg, "nothing was changed"), "%s", e.msg);
        assert_status("done", words[i]);
        free(item);
    }
    cr_assert_eq(ops_cancel(c.ops, "nosuch", NULL, &out, &e), E_NOT_FOUND);
}

Test(ops_jobs, a_cancel_that_stopped_half_way_is_taken_up_again)
{
    char id[JOB_ID_SIZE];
    struct cancel_result out;
    struct record_change u = RECORD_CHANGE_INIT;
    bool succeeded;
    struct err e = {0};

    start("exec sleep 60");
    deploy(id);
    ops_cloud_wait_batch(&c, id, BATCH_RUNNING);
    u.status = "CANCELLED";
    cr_assert_eq(ops_change_record(c.ops, id, &u, &e), E_OK, "%s", e.msg);
    cr_assert_eq(ops_cancel(c.ops, id, "again", &out, &e), E_OK, "%s", e.msg);
    cr_assert_neq(out.outcome, CANCEL_DONE);
    cr_assert_eq(ops_cancel_wait(c.ops, out.batch_job_id, 15000, &succeeded, &e), E_OK);
}

Test(ops_jobs, waiting_for_a_cancel_ends_in_time_or_when_stopped)
{
    char id[JOB_ID_SIZE];
    struct job_detail *d = NULL;
    bool succeeded;
    struct err e = {0};

    start("exec sleep 60");
    deploy(id);
    ops_cloud_wait_batch(&c, id, BATCH_RUNNING);
    cr_assert_eq(ops_job_get(c.ops, id, false, &d, &e), E_OK);
    cr_assert_eq(ops_cancel_wait(c.ops, d->batch->id, 300, &succeeded, &e), E_TIMEOUT);
    ops_stop(c.ops, true);
    cr_assert_eq(ops_cancel_wait(c.ops, d->batch->id, 60000, &succeeded, &e), E_CANCELLED);
    ops_stop(c.ops, false);
    job_detail_free(d);
}

/* ---- retry, report, detail ---- */

/* A job that nobody picked up, sent again: it is closed, so that its event cannot run it later. */
Test(ops_jobs, retrying_a_lost_job_closes_it)
{
    char id[JOB_ID_SIZE];
    struct deploy_result out = {0};
    struct err e = {0};

    ops_cloud_start(&c, &(struct ops_cloud_options){.no_rule = true});
    deploy(id);
    cr_assert_eq(ops_retry(c.ops, id, NULL, &out, &e), E_CONFLICT, "too early to call it lost");
    cr_expect_not_null(strstr(e.msg, "it has not ended (PENDING)"), "%s", e.msg);
    assert_status(id, "PENDING");
    c.ahead_ms = 120 * 1000;
    struct ops *no_bus = ops_cloud_again(&c);
    no_bus->bus = "not-there";
    cr_assert_eq(ops_retry(no_bus, id, NULL, &out, &e), E_NOT_FOUND, "%s", e.msg);
    ops_free(no_bus);
    assert_status(id, "PENDING"); /* it is not closed for a job that cannot be sent */
    cr_assert_eq(ops_retry(c.ops, id, NULL, &out, &e), E_OK, "%s", e.msg);
    assert_status(id, "CANCELLED");
    assert_status(out.job_id, "PENDING");
    cJSON *item = item_of(id);
    cr_expect_not_null(strstr(attr_str(item, "statusReason"), out.job_id), "%s",
                       attr_str(item, "statusReason"));
    cJSON_Delete(item);
    /* It is over, but its retry is not: the work would be done twice. */
    char first[JOB_ID_SIZE];
    struct retry_seen seen = {.job_id = ""};
    struct retry_given given = {.seen = &seen};
    (void)snprintf(first, sizeof first, "%s", out.job_id);
    cr_expect_eq(ops_retry(c.ops, id, &given, &out, &e), E_CONFLICT, "%s", e.msg);
    cr_expect_not_null(strstr(e.msg, first), "%s", e.msg);
    cr_expect_not_null(strstr(e.msg, "(PENDING) and would run twice"), "%s", e.msg);
    cr_expect_not_null(strstr(err_hint(&e), first), "%s", err_hint(&e));
    given.again = true;
    cr_assert_eq(ops_retry(c.ops, id, &given, &out, &e), E_OK, "a job that is over: %s", e.msg);
}

/* Once the retry has ended, the job may be retried again, and the caller is told of the retry. */
Test(ops_jobs, a_retry_that_has_ended_is_told_of)
{
    char id[JOB_ID_SIZE], first[JOB_ID_SIZE];
    struct deploy_result out = {0};
    struct cancel_result cancelled = {0};
    struct retry_seen seen = {.job_id = ""};
    struct retry_given given = {.seen = &seen};
    struct err e = {0};

    ops_cloud_start(&c, &(struct ops_cloud_options){.no_rule = true});
    deploy(id);
    cr_assert_eq(ops_cancel(c.ops, id, "wrong", &cancelled, &e), E_OK, "%s", e.msg);
    cr_assert_eq(ops_retry(c.ops, id, &given, &out, &e), E_OK, "%s", e.msg);
    cr_expect_str_empty(seen.job_id);
    cr_expect_eq(seen.unknown.code, E_OK, "%s", seen.unknown.msg);
    (void)snprintf(first, sizeof first, "%s", out.job_id);
    cr_assert_eq(ops_cancel(c.ops, first, "wrong too", &cancelled, &e), E_OK, "%s", e.msg);
    cr_assert_eq(ops_retry(c.ops, id, &given, &out, &e), E_OK, "%s", e.msg);
    cr_expect_str_eq(seen.job_id, first);
    cr_expect_str_eq(seen.status, "CANCELLED");
}

/* The refusal tells a person who would do the work twice how to do it all the same. */
Test(ops_jobs, a_job_that_runs_is_not_sent_again)
{
    char id[JOB_ID_SIZE];
    struct deploy_result out = {0};
    struct cancel_result cancelled = {0};
    struct err e = {0};

    start("exec sleep 60");
    deploy(id);
    ops_cloud_wait_batch(&c, id, BATCH_RUNNING);
    c.ahead_ms = 120 * 1000;
    struct ops *later = ops_cloud_again(&c);
    cr_expect_eq(ops_retry(later, id, NULL, &out, &e), E_CONFLICT, "%s", e.msg);
    cr_expect_not_null(strstr(e.msg, "it has not ended"), "%s", e.msg);
    cr_expect_not_null(strstr(e.hint, "`mvpdash cancel job_"), "%s", e.hint);
    cr_expect_str_empty(out.job_id);
    ops_free(later);
    cr_assert_eq(ops_cancel(c.ops, id, "again", &cancelled, &e), E_OK, "%s", e.msg);
    cr_expect_eq(ops_retry(c.ops, id, NULL, &out, &e), E_OK, "cancelled: %s", e.msg);
    cr_expect_str_not_empty(out.job_id);
}

Test(ops_jobs, retry_is_a_new_job_with_the_old_ones_parameters)
{
    struct deploy_result out;
    struct job_detail *d = NULL;
    struct err e = {0};

    start(NULL);
    ops_cloud_put(&c,
                  "{\"jobId\":{\"S\":\"old\"},\"status\":{\"S\":\"FAILED\"},\"userId\":{\"S\":"
                  "\"u1\"},\"productId\":{\"S\":\"p1\"},\"priority\":{\"S\":\"high\"},\"metadata\":"
                  "{\"M\":{\"businessName\":{\"S\":\"Shop\"},\"requestedFeatures\":{\"SS\":[\"auth"
                  "\",\"pay\"]},\"color\":{\"S\":\"red\"}}}}");
    cr_assert_eq(ops_retry(c.ops, "old", NULL, &out, &e), E_OK, "%s", e.msg);
    cr_assert_str_neq(out.job_id, "old");
    cr_assert_eq(ops_job_get(c.ops, out.job_id, true, &d, &e), E_OK, "%s", e.msg);
    cr_assert_str_eq(job_text(d->job, JOB_RETRY_OF), "old");
    cr_assert_str_eq(job_text(d->job, JOB_USER_ID), "u1");
    cr_assert_str_eq(job_text(d->job, JOB_PRIORITY), "high");
    cr_assert_str_eq(job_text(d->job, JOB_BUSINESS_NAME), "Shop");
    cr_assert_eq(d->job->features_len, 2);
    const cJSON *metadata = attr_map(d->item, "metadata");
    cr_assert_str_eq(attr_str(metadata, "color"), "red");
    job_detail_free(d);
    cr_assert_eq(ops_retry(c.ops, "nosuch", NULL, &out, &e), E_NOT_FOUND);
}

/* More Batch jobs without a record than a list looks at are no silent end of it. */
Test(ops_jobs, a_list_tells_when_it_did_not_look_at_all_of_batch)
{
    struct list_query q = {.since_ms = TIME_NONE};
    char job[JOB_ID_SIZE];
    struct list_result r;
    struct err e = {0};

    start("exit 0");
    deploy(job);
    ops_cloud_wait_batch(&c, job, BATCH_SUCCEEDED);
    cr_assert_eq(ops_list(c.ops, &q, &r, &e), E_OK, "%s", e.msg);
    cr_expect_eq(r.join_err.code, E_OK, "%s", r.join_err.msg);
    list_result_clear(&r);
    for (int i = 0; i <= 2000; i++) {
        char id[48];
        (void)snprintf(id, sizeof id, "5f1c0de0-aaaa-4bbb-8ccc-%012d", i);
        batch_names_put(c.ops->names, id, NULL, clock_wall_ms(c.ops->clock) - 3600000);
    }
    cr_assert_eq(ops_list(c.ops, &q, &r, &e), E_OK, "%s", e.msg);
    cr_expect_eq(r.join_err.code, E_TOO_BIG);
    cr_expect_not_null(strstr(r.join_err.msg, "2001"), "%s", r.join_err.msg);
    list_result_clear(&r);
}

/* What a container left that found no record: nobody's job, of no product. */
Test(ops_jobs, a_record_without_a_user_is_retried_by_giving_one)
{
    struct deploy_result out;
    struct err e = {0};
    int before;

    start("exit 0");
    ops_cloud_put(&c, "{\"jobId\":{\"S\":\"order-8\"},\"status\":{\"S\":\"FAILED\"},"
                      "\"userInstructions\":{\"S\":\"blue\"}}");
    before = (int)aws_client_calls(c.ops->aws, AWS_OP_DDB_PUT_ITEM, E_OK);
    cr_assert_eq(ops_retry(c.ops, "order-8", NULL, &out, &e), E_INVALID);
    cr_expect_not_null(strstr(e.msg, "no userId and no productId"), "%s", e.msg);
    cr_expect_not_null(strstr(err_hint(&e), "--user-id U --product-id P"), "%s", err_hint(&e));
    struct retry_given given = {.user_id = "ann"};
    cr_assert_eq(ops_retry(c.ops, "order-8", &given, &out, &e), E_INVALID);
    cr_expect_not_null(strstr(e.msg, "no productId"), "%s", e.msg);
    cr_expect_eq((int)aws_client_calls(c.ops->aws, AWS_OP_DDB_PUT_ITEM, E_OK), before);
    given.product_id = "bad id";
    cr_assert_eq(ops_retry(c.ops, "order-8", &given, &out, &e), E_INVALID);
    given.product_id = "shop";
    cr_assert_eq(ops_retry(c.ops, "order-8", &given, &out, &e), E_OK, "%s", e.msg);
    cJSON *item = item_of(out.job_id);
    cr_expect_str_eq(attr_str(item, "userId"), "ann");
    cr_expect_str_eq(attr_str(item, "productId"), "shop");
    cr_expect_str_eq(attr_str(item, "userInstructions"), "blue");
    cJSON_Delete(item);

    /* The new record says whose job it is: the record belongs to nobody else. */
    char id[JOB_ID_SIZE];
    (void)snprintf(id, sizeof id, "%s", out.job_id);
    ops_cloud_wait_batch(&c, id, BATCH_SUCCEEDED);
    c.ahead_ms = 300 * 1000; /* its last report would have come by now */
    given.user_id = "bob";
    cr_assert_eq(ops_retry(c.ops, id, &given, &out, &e), E_INVALID);
    cr_expect_not_null(strstr(e.msg, "\"ann\""), "%s", e.msg);
    given.user_id = "ann";
    cr_assert_eq(ops_retry(c.ops, id, &given, &out, &e), E_OK, "%s", e.msg);
}

Test(ops_jobs, reports_change_the_record_and_never_a_final_one)
{
    struct record_change u = RECORD_CHANGE_INIT;
    struct err e = {0};

    start(NULL);
    ops_cloud_put(&c, "{\"jobId\":{\"S\":\"flat\"},\"status\":{\"S\":\"pending\"}}");
    u.status = "IN_PROGRESS";
    u.step = "BUILDING";
    u.progress = 40;
    cr_assert_eq(ops_change_record(c.ops, "flat", &u, &e), E_OK, "%s", e.msg);
    u = RECORD_CHANGE_INIT;
    u.status = "COMPLETED";
    cr_assert_eq(ops_change_record(c.ops, "flat", &u, &e), E_OK, "%s", e.msg);
    assert_status("flat", "COMPLETED");
    u.status = "IN_PROGRESS";
    cr_assert_eq(ops_change_record(c.ops, "flat", &u, &e), E_CONFLICT);
    assert_status("flat", "COMPLETED");
    cr_assert_eq(ops_change_record(c.ops, "nosuch", &u, &e), E_NOT_FOUND);
    u.progress = 1000;
    cr_assert_eq(ops_change_record(c.ops, "flat", &u, &e), E_INVALID);
}

Test(ops_jobs, a_batch_jobs_reason_outlives_it)
{
    char id[JOB_ID_SIZE];
    struct job_detail *d = NULL;
    struct err e = {0};

    start("echo broken >&2; exit 3");
    deploy(id);
    ops_cloud_wait_batch(&c, id, BATCH_FAILED);
    cr_assert_eq(ops_job_get(c.ops, id, false, &d, &e), E_OK, "%s", e.msg);
    cr_assert_eq(d->state.status, JOB_FAILED);
    cr_assert_eq(d->state.exit_code, 3);
    job_detail_free(d);
    cJSON *reasons = reasons_load(c.ops, id);
    cr_assert_not_null(reasons);
    int n = cJSON_GetArraySize(reasons);
    cr_assert_eq(ops_job_get(c.ops, id, false, &d, &e), E_OK);
    cr_assert_eq(cJSON_GetArraySize(d->reasons), n, "the same reason is kept once");
    job_detail_free(d);
    cJSON_Delete(reasons);
    cJSON *logs = reasons_load_logs(c.ops, id);
    cr_assert_not_null(logs);
    cJSON_Delete(logs);
}

/* A revision that asks for more than there is, which the next job takes. */
static void define_large(void)
{
    static const char text[] =
        "{\"jobDefinitionName\":\"mvp-pipeline-job\",\"type\":\"container\","
        "\"containerProperties\":"
        "{\"image\":\"i\",\"command\":[],\"resourceRequirements\":[{\"type\":\"VCPU\",\"value\":"
        "\"64\"},{\"type\":\"MEMORY\",\"value\":\"2048\"}]}}";
    cJSON *in = json_parse(text, sizeof text - 1, "test", NULL);

    cr_assert_eq(aws_call(c.ops->aws, AWS_OP_BATCH_REGISTER_JOB_DEFINITION, in, NULL, NULL), E_OK);
    cJSON_Delete(in);
}

static void batch_do(enum aws_op_id op, const char *text)
{
    cJSON *in = json_parse(text, strlen(text), "test", NULL);

    cr_assert_eq(aws_call(c.ops->aws, op, in, NULL, NULL), E_OK, "%s", text);
    cJSON_Delete(in);
}

/* Three jobs of a vCPU each in a queue of one: the first runs, the others wait for it. */
Test(ops_jobs, a_job_that_waits_for_others_says_what_for_and_is_not_stuck)
{
    char ids[3][JOB_ID_SIZE];
    struct job_detail *d = NULL;
    struct queue_facts *f = NULL;
    struct err e = {0};

    start("exec sleep 1000");
    batch_do(AWS_OP_BATCH_CREATE_COMPUTE_ENVIRONMENT,
             "{\"computeEnvironmentName\":\"one\",\"type\":\"MANAGED\",\"computeResources\":"
             "{\"type\":\"FARGATE_SPOT\",\"maxvCpus\":1}}");
    batch_do(AWS_OP_BATCH_UPDATE_JOB_QUEUE,
             "{\"jobQueue\":\"mvp-pipeline-queue\",\"computeEnvironmentOrder\":[{\"order\":1,"
             "\"computeEnvironment\":\"one\"}]}");
    for (int i = 0; i < 3; i++) {
        deploy(ids[i]);
        ops_cloud_wait_batch(&c, ids[i], i == 0 ? BATCH_RUNNING : BATCH_RUNNABLE);
    }
    cr_assert_eq(ops_job_get(c.ops, ids[2], false, &d, &e), E_OK, "%s", e.msg);
    cr_expect_str_eq(d->waits, "", "it has not waited for a minute");
    job_detail_free(d);
    c.ahead_ms = 61000;
    cr_assert_eq(ops_job_get(c.ops, ids[2], false, &d, &e), E_OK, "%s", e.msg);
    cr_expect_str_eq(d->waits, "1 of 1 vCPUs in use, 1 job ahead");
    job_detail_free(d);
    c.ahead_ms = 3600000;
    cr_assert_eq(ops_job_get(c.ops, ids[1], false, &d, &e), E_OK, "%s", e.msg);
    cr_expect_str_eq(d->waits, "1 of 1 vCPUs in use, 0 jobs ahead");
    cr_expect(d->state.stuck == STUCK_NO && d->state.turn);
    job_detail_free(d);

    cr_assert_eq(ops_queue_look(c.ops, &f, &e), E_OK, "%s", e.msg);
    cr_expect_str_eq(f->environments[0].name, "one");
    cr_expect_str_eq(queue_type_word(f->environments[0].type), "Fargate Spot");
    cr_expect_eq(f->by_state[BATCH_RUNNING].jobs, 1);
    cr_expect_eq(f->by_state[BATCH_RUNNABLE].jobs, 2);
    cr_expect(!f->by_state[BATCH_RUNNABLE].more && !f->fair && f->environments_all);
    queue_facts_free(f);
    c.ops->queue = "no-such-queue";
    cr_expect_eq(ops_queue_look(c.ops, &f, &e), E_NOT_FOUND);
    cr_expect_null(f);
}

Test(ops_jobs, a_reason_to_wait_survives_the_cancel_that_overwrites_it)
{
    char id[JOB_ID_SIZE];
    struct job_detail *d = NULL;
    struct cancel_result r = {0};
    struct err e = {0};
    bool kept = false;
    bool cancelled = false;
    const cJSON *v;

    start("exit 0");
    define_large();
    deploy(id);
    ops_cloud_wait_batch(&c, id, BATCH_RUNNABLE);
    cr_assert_eq(ops_cancel(c.ops, id, "changed my mind", &r, &e), E_OK, "%s", e.msg);
    ops_cloud_wait_batch(&c, id, BATCH_FAILED);
    cr_assert_eq(ops_job_get(c.ops, id, false, &d, &e), E_OK, "%s", e.msg);
    cr_expect_null(strstr(d->batch->status_reason, "MISCONFIGURATION"), "Batch forgot it: %s",
                   d->batch->status_reason);
    cJSON_ArrayForEach(v, d->reasons)
    {
        const char *text = json_str_or(v, "reason", "");
        kept = kept || strstr(text, "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE") != NULL;
        cancelled = cancelled || strstr(text, "changed my mind") != NULL;
    }
    cr_expect(kept, "the reason why it waited is kept");
    cr_expect(cancelled, "and the one of the cancel after it");
    job_detail_free(d);
}

/* One after the other, as the cloud has room: whoever waits for long is not stuck. */
Test(ops_jobs, a_job_that_waits_while_others_run_is_not_stuck)
{
    enum { JOBS = 66 }; /* more than run at once anywhere */
    const struct list_query q = {.since_ms = TIME_NONE};
    struct list_result l = {0};
    struct job_detail *d = NULL;
    struct err e = {0};
    char id[JOB_ID_SIZE];
    size_t turns = 0;

    start("exec sleep 60");
    for (int i = 0; i < JOBS; i++) {
        deploy(id);
    }
    ops_cloud_wait_batch(&c, id, BATCH_RUNNABLE); /* the last one */
    c.ahead_ms = 3600 * 1000;
    cr_assert_eq(ops_list(c.ops, &q, &l, &e), E_OK, "%s", e.msg);
    for (size_t i = 0; i < l.len; i++) {
        cr_expect_neq(l.rows[i].state.stuck, STUCK_RUNNABLE, "%s", l.rows[i].job->id);
        turns += l.rows[i].state.turn;
    }
    cr_expect_gt(turns, 0);
    list_result_clear(&l);
    cr_assert_eq(ops_job_get(c.ops, id, false, &d, &e), E_OK, "%s", e.msg);
    cr_expect_eq(d->state.stuck, STUCK_NO);
    cr_expect(d->state.turn);
    job_detail_free(d);
}

/* ---- logs ---- */

static char *whole_log(struct log_cursor *cur, int *reads)
{
    struct strbuf all = STRBUF_INIT;
    struct err e = {0};
    int64_t until = clock_mono_ms(NULL) + 50000;

    for (*reads = 0; clock_mono_ms(NULL) < until; (*reads)++) {
        struct log_page p = {0};
        cr_assert_eq(ops_log_read(c.ops, cur, &p, &e), E_OK, "%s", e.msg);
        for (size_t i = 0; i < p.len; i++) {
            strbuf_addf(&all, "%s\n", p.items[i].text);
        }
        bool over = p.at_end && cur->final;
        log_page_clear(&p);
        if (over) {
            return strbuf_take(&all);
        }
        (void)ops_sleep(c.ops, 10);
    }
    cr_assert_fail("the log did not end");
    return NULL;
}

Test(ops_jobs, a_log_is_followed_from_before_the_container_to_its_last_line)
{
    char id[JOB_ID_SIZE];
    struct log_cursor cur;
    struct err e = {0};
    int reads;

    start("echo one; sleep 0.3; echo two; sleep 0.3; echo three");
    deploy(id);
    cr_assert_eq(ops_log_open(c.ops, id, 0, TIME_NONE, &cur, &e), E_OK, "%s", e.msg);
    if (cur.stream[0] == '\0') {
        cr_assert_neq(cur.note[0], '\0', "it says why there is none");
    }
    c.ahead_ms = 200000; /* the record never moves in this test: Batch's word must count at once */
    char *text = whole_log(&cur, &reads);
    cr_assert_not_null(strstr(text, "one\n"), "%s", text);
    cr_assert_not_null(strstr(text, "two\nthree\n"), "%s", text);
    cr_assert_null(strstr(strstr(text, "one") + 1, "one"), "each line once: %s", text);
    free(text);
}

Test(ops_jobs, logs_of_odd_jobs_are_explained)
{
    struct log_cursor cur;
    struct log_page p = {0};
    struct err e = {0};

    start(NULL);
    cr_assert_eq(ops_log_open(c.ops, "nosuch", 0, TIME_NONE, &cur, &e), E_NOT_FOUND);
    ops_cloud_put(&c, "{\"jobId\":{\"S\":\"p\"},\"status\":{\"S\":\"PENDING\"}}");
    cr_assert_eq(ops_log_open(c.ops, "p", 0, TIME_NONE, &cur, &e), E_OK, "%s", e.msg);
    cr_assert_str_eq(cur.stream, "");
    cr_assert_not_null(strstr(cur.note, "no Batch job yet"), "%s", cur.note);
    cr_assert_eq(ops_log_open(c.ops, "p", 3, TIME_NONE, &cur, &e), E_NOT_FOUND);
    ops_cloud_put(&c, "{\"jobId\":{\"S\":\"f\"},\"status\":{\"S\":\"FAILED\"},\"batchJobId\":{"
                      "\"S\":\"00000000-0000-0000-0000-000000000000\"}}");
    cr_assert_eq(ops_log_open(c.ops, "f", 0, TIME_NONE, &cur, &e), E_OK, "%s", e.msg);
    cr_assert(cur.final);
    cr_assert_eq(ops_log_read(c.ops, &cur, &p, &e), E_OK);
    cr_assert(p.at_end);
    cr_assert_not_null(strstr(p.note, "forgotten"), "%s", p.note);
    log_page_clear(&p);
}

/* ---- list ---- */

static void put_listed(const char *id, const char *user, const char *created, const char *status,
                       bool nested)
{
    char *item =
        nested ? xasprintf("{\"jobId\":{\"S\":\"%s\"},\"userId\":{\"S\":\"%s\"},\"status\":{\"S\":"
                           "\"%s\"},\"timestamps\":{\"M\":{\"createdAt\":{\"S\":\"%s\"}}}}",
                           id, user, status, created)
               : xasprintf("{\"jobId\":{\"S\":\"%s\"},\"userId\":{\"S\":\"%s\"},\"status\":{\"S\":"
                           "\"%s\"},\"createdAt\":{\"S\":\"%s\"},\"updatedAt\":{\"S\":\"%s\"}}",
                           id, user, status, created, created);
    ops_cloud_put(&c, item);
    free(item);
}

static void assert_ids(const struct list_query *q, const char *want)
{
    struct list_result r;
    struct strbuf got = STRBUF_INIT;
    struct err e = {0};

    cr_assert_eq(ops_list(c.ops, q, &r, &e), E_OK, "%s", e.msg);
    for (size_t i = 0; i < r.len; i++) {
        strbuf_addf(&got, "%s ", r.rows[i].job->id);
    }
    cr_expect_str_eq(strbuf_str(&got), want);
    cr_expect_eq(r.batch_err.code, E_OK, "%s", r.batch_err.msg);
    strbuf_clear(&got);
    list_result_clear(&r);
}

static void check_lists(void)
{
    put_listed("a", "u1", "2025-01-01T00:00:00Z", "COMPLETED", false);
    put_listed("b", "u1", "2025-01-02T00:00:00Z", "failed", true);
    put_listed("c", "u2", "2025-01-03T00:00:00.5+01:00", "PENDING", false);
    put_listed("d", "u1", "2025-01-04T00:00:00Z", "PENDING", false);
    put_listed("e", "u2", "rubbish", "WEIRD", false);
    assert_ids(&(struct list_query){.since_ms = TIME_NONE, .status = "Stuck"}, "d c ");
    assert_ids(&(struct list_query){.since_ms = TIME_NONE, .status = "stuck", .limit = 1}, "d ");
    assert_ids(&(struct list_query){.since_ms = TIME_NONE, .status = "running"}, "");
    assert_ids(&(struct list_query){.since_ms = TIME_NONE}, "d c b a e ");
    assert_ids(&(struct list_query){.since_ms = TIME_NONE, .limit = 2}, "d c ");
    assert_ids(&(struct list_query){.since_ms = TIME_NONE, .user_id = "u1"}, "d b a ");
    assert_ids(&(struct list_query){.since_ms = TIME_NONE, .user_id = "nobody"}, "");
    assert_ids(&(struct list_query){.since_ms = TIME_NONE, .status = "pending"}, "d c ");
    assert_ids(&(struct list_query){.since_ms = TIME_NONE, .status = "COMPLETED"}, "a ");
    assert_ids(&(struct list_query){.since_ms = 1735776000000 /* 2 January */}, "d c b ");
    assert_ids(&(struct list_query){.since_ms = TIME_NONE, .user_id = "u1", .status = "failed"},
               "b ");
    struct list_result r;
    struct err e = {0};
    cr_assert_eq(ops_list(c.ops, &(struct list_query){.status = "RUNNABLE"}, &r, &e), E_INVALID);
    cr_expect_not_null(strstr(e.msg, "status: \"RUNNABLE\" is not a status"), "%s", e.msg);
}

Test(ops_jobs, lists_by_indexes_where_the_table_has_them)
{
    start(NULL);
    check_lists();
}

Test(ops_jobs, lists_by_scan_where_it_has_none)
{
    ops_cloud_start(&c, &(struct ops_cloud_options){
                            .no_stream = true, .no_status_index = true, .no_user_index = true});
    check_lists();
}

Test(ops_jobs, a_list_shows_what_batch_knows_of_jobs_not_yet_final)
{
    char id[JOB_ID_SIZE];
    struct list_result r;
    struct err e = {0};

    start("exit 7");
    deploy(id);
    ops_cloud_wait_batch(&c, id, BATCH_FAILED);
    cr_assert_eq(
        ops_list(c.ops, &(struct list_query){.since_ms = TIME_NONE, .status = "FAILED"}, &r, &e),
        E_OK, "%s", e.msg);
    cr_assert_eq(r.len, 1, "its record still says PENDING");
    cr_assert_eq(r.rows[0].state.exit_code, 7);
    list_result_clear(&r);
}

/* ---- events, the connection test, the rule ---- */

static void count_step(void *arg, const char *name, const char *detail, const struct err *e)
{
    int *n = arg;

    cr_assert_not_null(name);
    cr_assert((e == NULL) == (detail[0] != '\0'));
    (*n)++;
}

Test(ops_jobs, the_connection_test_goes_through_three_steps)
{
    int steps = 0;
    struct err e = {0};

    start(NULL);
    cr_assert_eq(ops_test(c.ops, count_step, &steps, &e), E_OK, "%s", e.msg);
    cr_assert_eq(steps, 3);
}

Test(ops_jobs, the_connection_test_finds_a_missing_bus)
{
    int steps = 0;
    struct err e = {0};

    ops_cloud_start(&c, &(struct ops_cloud_options){.no_bus = true});
    cr_assert_eq(ops_test(c.ops, count_step, &steps, &e), E_NOT_FOUND);
    cr_assert_eq(steps, 2);
    cr_assert_not_null(strstr(e.hint, "create-event-bus"), "%s", e.hint);
}

Test(ops_jobs, the_rule_check_says_what_does_not_match)
{
    struct deploy_request r;
    bool matches = false;
    char why[256];
    struct err e = {0};

    start(NULL);
    ops_cloud_request(&r, "X");
    cr_assert_eq(ops_rule_check(c.ops, &r, &matches, why, sizeof why, &e), E_OK, "%s", e.msg);
    cr_assert(matches, "%s", why);
    c.ops->source = "somebody.else";
    cr_assert_eq(ops_rule_check(c.ops, &r, &matches, why, sizeof why, &e), E_OK, "%s", e.msg);
    cr_assert_not(matches);
    cr_assert_not_null(strstr(why, "needs source in [\"founderdash.web\"]"), "%s", why);
    c.ops->rule = "nosuch";
    cr_assert_eq(ops_rule_check(c.ops, &r, &matches, why, sizeof why, &e), E_OK, "%s", e.msg);
    cr_assert_not(matches);
    cr_assert_not_null(strstr(why, "no rule nosuch"), "%s", why);
    deploy_request_clear(&r);
}

Test(ops_jobs, a_custom_event_is_checked_before_it_is_sent)
{
    static const struct custom_event bad[] = {
        {.source = "",        .detail_type = "T", .detail = "{}"},
        {.source = "aws.ec2", .detail_type = "T", .detail = "{}"},
        {.source = "s",       .detail_type = "",  .detail = "{}"},
        {.source = "s",       .detail_type = "T", .detail = "[]"},
        {.source = "s",       .detail_type = "T", .detail = "{" },
        {.source = "s",       .detail_type = "T", .detail = NULL},
        {.source = "\xff",    .detail_type = "T", .detail = "{}"},
    };
    char *id = NULL;
    struct err e = {0};

    start(NULL);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_expect_eq(ops_event(c.ops, &bad[i], &id, &e), E_INVALID, "case %zu", i);
        cr_expect_null(id);
    }
    struct custom_event good = {.source = "app", .detail_type = "T", .detail = "{\"a\":1}"};
    cr_assert_eq(ops_event(c.ops, &good, &id, &e), E_OK, "%s", e.msg);
    cr_assert_not_null(id);
    free(id);
}

/* ---- one clear line with a remedy ---- */

Test(ops_jobs, a_missing_table_and_refused_keys_are_said_plainly)
{
    struct deploy_request r;
    struct deploy_result out;
    struct job_detail *d = NULL;
    struct list_result list;
    struct err e = {0};

    ops_cloud_start(&c, &(struct ops_cloud_options){.no_table = true});
    ops_cloud_request(&r, "X");
    cr_assert_eq(ops_deploy(c.ops, &r, &out, &e), E_NOT_FOUND, "%s", e.msg);
    cr_assert_not_null(strstr(e.msg, "nothing was recorded"), "%s", e.msg);
    cr_assert_not(out.kept);
    cr_assert_eq(ops_outbox_len(c.ops), 0);
    cr_assert_eq(ops_job_get(c.ops, "x", false, &d, &e), E_NOT_FOUND);
    cr_assert_not_null(strstr(e.msg, "mvp-development-jobs"), "%s", e.msg);
    cr_assert_eq(ops_list(c.ops, &(struct list_query){.since_ms = TIME_NONE}, &list, &e),
                 E_NOT_FOUND);
    (void)setenv("AWS_SECRET_ACCESS_KEY", "wrong", 1);
    struct ops *bad = ops_cloud_again(&c);
    enum err_code rc = ops_job_get(bad, "x", false, &d, &e);
    cr_assert(rc == E_CREDS || rc == E_DENIED, "%s", err_name(rc));
    cr_assert_neq(err_hint(&e)[0], '\0');
    ops_free(bad);
    deploy_request_clear(&r);
}

Test(ops_jobs, a_bus_that_refuses_leaves_a_failed_record_with_the_reason)
{
    char id[JOB_ID_SIZE];
    struct deploy_request r;
    struct deploy_result out;
    struct err e = {0};

    start(NULL);
    ops_cloud_request(&r, "X");
    c.ops->source = "aws.batch"; /* EventBridge refuses such a source for good */
    cr_assert_eq(ops_deploy(c.ops, &r, &out, &e), E_SERVICE, "%s: %s", err_name(e.code), e.msg);
    cr_assert_not_null(strstr(e.msg, "marked FAILED"), "%s", e.msg);
    cr_assert(out.recorded);
    cr_assert_not(out.kept);
    (void)snprintf(id, sizeof id, "%s", out.job_id);
    assert_status(id, "FAILED");
    cJSON *item = item_of(id);
    char *text = cJSON_Print(item);
    cr_assert_not_null(strstr(text, "EventBridge refused"), "%s", text);
    free(text);
    cJSON_Delete(item);
    cr_assert_eq(ops_outbox_len(c.ops), 0);
    deploy_request_clear(&r);
}
