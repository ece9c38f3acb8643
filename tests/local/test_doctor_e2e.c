/* The doctor's test job, from its event to its end or to the cause of its failure. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "doctor_cloud.h"
#include "ops/e2e.h"
#include "ops/job_ops.h"
#include "ops_cloud.h"

/* The test job on a cloud that is well, and on one in which something is wrong. */

static struct {
    enum doctor_state state;
    char text[1200], fix[1200];
    int64_t ms;
} steps[16];
static size_t told_len;
static struct e2e_result result;
static struct err failure;
static bool stop_waiting;

TestSuite(doctor_e2e, .fini = doctor_teardown, .timeout = 120);

static void told(void *arg, const struct e2e_step *s, const struct finding *f, int64_t ms)
{
    (void)arg;
    cr_assert_eq(s, &e2e_steps[told_len], "told in order");
    steps[told_len].state = f->state;
    (void)snprintf(steps[told_len].text, sizeof steps[0].text, "%s", f->text);
    (void)snprintf(steps[told_len].fix, sizeof steps[0].fix, "%s", f->fix == NULL ? "" : f->fix);
    steps[told_len].ms = ms;
    cr_expect_eq(f->fix == NULL, f->state == DOCTOR_PASS, "%s", s->id);
    cr_expect_eq(ms < 0, f->state == DOCTOR_SKIP, "%s", s->id);
    told_len++;
}

static bool waiting(void *arg, const struct e2e_step *s, const char *what, int64_t ms)
{
    (void)arg;
    cr_expect_neq(what[0], '\0', "%s", s->id);
    cr_expect_geq(ms, 0);
    return !stop_waiting;
}

static enum err_code run_with(const struct ops *o, int pickup_s, int total_s)
{
    const struct e2e_options opt = {.pickup_s = pickup_s,
                                    .total_s = total_s,
                                    .settle_s = 1,
                                    .poll_ms = 100,
                                    .told = told,
                                    .waiting = waiting};
    told_len = 0;
    failure = (struct err){0};
    enum err_code rc = ops_e2e(o, &opt, &result, &failure);
    return rc;
}

static enum err_code run(int pickup_s, int total_s)
{
    struct settings *s = NULL;
    struct ops *o = doctor_ops(&s);
    enum err_code rc = run_with(o, pickup_s, total_s);

    ops_free(o);
    settings_free(s);
    return rc;
}

/* One step fails, with its cause and remedy; the steps after it are skipped. */
static void fails_at(size_t at, const char *text, const char *fix)
{
    cr_assert_eq(told_len, e2e_steps_len);
    for (size_t i = 0; i < told_len; i++) {
        cr_expect_eq(steps[i].state,
                     i < at    ? DOCTOR_PASS
                     : i == at ? DOCTOR_FAIL
                               : DOCTOR_SKIP,
                     "%s is %s: %s", e2e_steps[i].id, doctor_state_word(steps[i].state),
                     steps[i].text);
    }
    cr_expect(strstr(steps[at].text, text) != NULL, "\"%s\" lacks \"%s\"", steps[at].text, text);
    cr_expect(strstr(steps[at].fix, fix) != NULL, "\"%s\" lacks \"%s\"", steps[at].fix, fix);
    cr_expect_not(result.ok);
    cr_assert_not_null(result.headline_id);
    cr_expect_str_eq(result.headline_id, e2e_steps[at].id);
    cr_expect_str_eq(result.headline, steps[at].text);
}

static void record_is(const char *status)
{
    char *in =
        xasprintf("{'TableName':'mvp-development-jobs','Key':{'jobId':{'S':'%s'}}}", result.job_id);
    cJSON *out = cloud_call(&c, AWS_OP_DDB_GET_ITEM, in);
    const cJSON *item = json_object(out, "Item");

    cr_expect_str_eq(json_str_or(json_object(item, "status"), "S", ""), status);
    cr_expect_str_eq(json_str_or(json_object(item, "userId"), "S", ""), "mvpdash-doctor");
    cr_expect(json_bool(json_object(json_object(json_object(item, "metadata"), "M"), "canary"),
                        "BOOL", false));
    cJSON_Delete(out);
    free(in);
}

Test(doctor_e2e, a_well_system_runs_the_test_job_from_its_event_to_its_end)
{
    doctor_start();
    cr_assert_eq(run(0, 0), E_OK, "%s", failure.msg);
    for (size_t i = 0; i < told_len; i++) {
        cr_expect_eq(steps[i].state, DOCTOR_PASS, "%s: %s", e2e_steps[i].id, steps[i].text);
    }
    cr_expect_eq(told_len, e2e_steps_len);
    cr_expect(result.ok);
    cr_expect_not(result.cancelled);
    cr_expect_null(result.headline);
    cr_expect(strstr(steps[0].text, result.job_id) != NULL, "%s", steps[0].text);
    record_is("COMPLETED");
    e2e_result_clear(&result);
}

Test(doctor_e2e, an_event_in_the_dead_letter_queue_is_found_with_its_reason)
{
    doctor_start();
    cloud_do(&c, AWS_OP_EVENTS_PUT_TARGETS,
             "{'Rule':'mvp-development-rule','EventBusName':'mvp-development','Targets':[{'Id':"
             "'batch','Arn':'arn:aws:batch:us-east-1:000000000000:job-queue/gone','RoleArn':"
             "'arn:aws:iam::000000000000:role/mvp-development-events','BatchParameters':"
             "{'JobDefinition':'mvp-pipeline-job','JobName':'x'},'DeadLetterConfig':{'Arn':"
             "'arn:aws:sqs:us-east-1:000000000000:mvp-development-dlq'}}]}");
    int64_t began = clock_mono_ms(NULL);
    cr_assert_eq(run(150, 0), E_OK, "%s", failure.msg);
    cr_expect_lt(clock_mono_ms(NULL) - began, 100000, "it does not wait for the end of patience");
    fails_at(1, "EventBridge could not deliver the event: NO_RESOURCE", "mvpdash dlq");
    cr_expect(result.cancelled);
    record_is("CANCELLED");
    e2e_result_clear(&result);
}

Test(doctor_e2e, an_event_that_nobody_takes_is_explained_by_the_checks)
{
    doctor_start();
    cloud_do(&c, AWS_OP_EVENTS_DISABLE_RULE,
             "{'Name':'mvp-development-rule','EventBusName':'mvp-development'}");
    cr_assert_eq(run(1, 0), E_OK, "%s", failure.msg);
    fails_at(1, "D3: rule mvp-development-rule is DISABLED", "aws events enable-rule");
    cr_expect(strstr(steps[1].text, "the event was accepted, but Batch has no job") != NULL);
    cr_expect(result.cancelled);
    record_is("CANCELLED");
    e2e_result_clear(&result);
}

static void define(const char *vcpus, const char *command)
{
    char *in = xasprintf("{'jobDefinitionName':'mvp-pipeline-job','type':'container',"
                         "'containerProperties':{'image':'i','command':[%s],"
                         "'resourceRequirements':[{'type':'VCPU','value':'%s'},{'type':'MEMORY',"
                         "'value':'2048'}]}}",
                         command, vcpus);

    cloud_do(&c, AWS_OP_BATCH_REGISTER_JOB_DEFINITION, in);
    free(in);
}

Test(doctor_e2e, a_job_that_never_starts_is_explained_by_batch_and_ended)
{
    doctor_start();
    define("64", "");
    cr_assert_eq(run(0, 5), E_OK, "%s", failure.msg);
    fails_at(2, "Batch says RUNNABLE, waiting in Batch: the compute environment is at its maximum",
             "see F2, F4, F5 and F6");
    cr_expect(result.cancelled);
    record_is("CANCELLED");
    cJSON_Delete(cloud_wait(&c, AWS_OP_BATCH_LIST_JOBS,
                            "{'jobQueue':'mvp-pipeline-queue','jobStatus':'FAILED'}",
                            "jobSummaryList.0.status", "FAILED"));
    e2e_result_clear(&result);
}

Test(doctor_e2e, a_job_that_fails_says_why)
{
    doctor_start();
    define("1", "'sh','-c','exit 127'");
    cr_assert_eq(run(0, 0), E_OK, "%s", failure.msg);
    cr_expect_eq(told_len, e2e_steps_len);
    cr_expect_not(result.ok);
    cr_expect_not(result.cancelled, "it has ended by itself: %s", result.headline);
    cr_expect(strstr(result.headline, "the job ended FAILED: ") != NULL, "%s", result.headline);
    cr_expect(strstr(result.headline, "127") != NULL, "%s", result.headline);
    cr_expect(strstr(result.fix, "mvpdash logs job_") != NULL, "%s", result.fix);
    e2e_result_clear(&result);
}

Test(doctor_e2e, a_table_that_is_not_there_sends_nothing)
{
    doctor_start();
    cloud_do(&c, AWS_OP_DDB_DELETE_TABLE, "{'TableName':'mvp-development-jobs'}");
    cr_assert_eq(run(0, 0), E_OK, "%s", failure.msg);
    fails_at(0, "mvp-development-jobs", "");
    cr_expect_not(result.cancelled);
    cloud_answers(&c, AWS_OP_BATCH_LIST_JOBS,
                  "{'jobQueue':'mvp-pipeline-queue','filters':[{'name':'AFTER_CREATED_AT','values':"
                  "['1']}]}",
                  "{'jobSummaryList':[]}");
    e2e_result_clear(&result);
}

Test(doctor_e2e, one_who_leaves_is_told_that_the_job_goes_on)
{
    doctor_start();
    define("64", "");
    stop_waiting = true;
    cr_assert_eq(run(0, 0), E_CANCELLED);
    cr_expect(strstr(failure.msg, "stopped at J") != NULL, "%s", failure.msg);
    cr_expect(strstr(failure.hint, "mvpdash cancel job_") != NULL, "%s", failure.hint);
    cr_expect_not(result.cancelled);
    cloud_answers(&c, AWS_OP_DDB_SCAN,
                  "{'TableName':'mvp-development-jobs','Select':'COUNT','FilterExpression':"
                  "'#s = :s','ExpressionAttributeNames':{'#s':'status'},"
                  "'ExpressionAttributeValues':{':s':{'S':'CANCELLED'}}}",
                  "{'Count':0,'ScannedCount':1}");
    e2e_result_clear(&result);
}

Test(doctor_e2e_silent, a_container_that_never_reports_is_named, .timeout = 120)
{
    struct ops_cloud oc;

    ops_cloud_start(&oc, &(struct ops_cloud_options){.script = "echo hello"});
    cr_assert_eq(run_with(oc.ops, 0, 0), E_OK, "%s", failure.msg);
    fails_at(3, "the container never reported to the record", "mvpdash report");
    e2e_result_clear(&result);
    ops_cloud_stop(&oc);
}
