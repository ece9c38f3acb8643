/* The starter pipeline on the local cloud: from an event to a site, and a cloud that is killed
 * meanwhile. */
#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "aws/attr.h"
#include "cloud.h"
#include "core/json.h"
#include "core/path.h"
#include "core/strbuf.h"
#include "src/cloud/events/tracker.h"
#include "src/cloud/store/service.h"

/* The seeded cloud, from an event to a published site, with the real program in the pipeline. */

static struct test_cloud c;

static void setup(void)
{
    cloud_open_seeded(&c);
}

static void teardown(void)
{
    cloud_close(&c);
}

TestSuite(cloud_pipeline, .init = setup, .fini = teardown, .timeout = 120);

#define JOB "job_1734567890123_abc123def"
#define EVENT(id, more)                                                                            \
    "{'Entries':[{'Source':'founderdash.web','DetailType':'MVP Development Request',"              \
    "'EventBusName':'mvp-development','Detail':'{\\'jobId\\':\\'" id                               \
    "\\',\\'userId\\':\\'u\\',\\'productId\\':\\'p\\',\\'metadata\\':{" more "}}'}]}"
#define GET "{'TableName':'mvp-development-jobs','Key':{'jobId':{'S':'" JOB "'}}}"

static cJSON *wait_record(const char *status)
{
    return cloud_wait(&c, AWS_OP_DDB_GET_ITEM, GET, "Item.status.S", status);
}

/* The one Batch job of the queue in a state; owned, with the job at "jobSummaryList.0". */
static cJSON *wait_batch(const char *state)
{
    char json[128];

    snprintf(json, sizeof json, "{'jobQueue':'mvp-pipeline-queue','jobStatus':'%s'}", state);
    return cloud_wait(&c, AWS_OP_BATCH_LIST_JOBS, json, "jobSummaryList.0.status", state);
}

static char *all_logs(void)
{
    cJSON *out = cloud_call(&c, AWS_OP_LOGS_FILTER_LOG_EVENTS, "{'logGroupName':'/aws/batch/job'}");
    struct strbuf b = STRBUF_INIT;
    const cJSON *ev;

    cJSON_ArrayForEach(ev, json_array(out, "events"))
    {
        strbuf_addf(&b, "%s\n", json_str(ev, "message"));
    }
    cJSON_Delete(out);
    return strbuf_take(&b);
}

static char *read_url(const cJSON *item, const char *attribute)
{
    const char *url = attr_str(item, attribute);
    char *text = NULL;

    cr_assert_not_null(url, "%s is missing", attribute);
    cr_assert_eq(strncmp(url, "file://", 7), 0, "%s", url);
    cr_assert_eq(path_read(url + 7, 1 << 20, &text, NULL, &c.e), E_OK, "%s", c.e.msg);
    return text;
}

Test(cloud_pipeline, an_event_becomes_a_site_that_can_be_opened)
{
    cloud_do(&c, AWS_OP_EVENTS_PUT_EVENTS,
             EVENT(JOB, "\\'businessName\\':\\'A <b> & Co\\',\\'features\\':[\\'Sign in\\',"
                        "\\'<script>alert(1)</script>\\']"));
    cJSON *out = wait_record("COMPLETED");
    const cJSON *item = json_object(out, "Item");
    cr_expect_str_eq(attr_num(item, "progress"), "100");
    cr_expect_not_null(attr_str(item, "batchJobId"));
    cr_expect_not_null(attr_str(attr_map(item, "timestamps"), "completedAt"));
    char *page = read_url(item, "vercelUrl");
    cr_expect_not_null(strstr(page, "<h1>A &lt;b&gt; &amp; Co</h1>"), "%s", page);
    cr_expect_null(strstr(page, "<script>"));
    cr_expect_not_null(strstr(page, "features/1-sign-in.html"));
    free(page);
    const char *repository = attr_str(item, "githubRepo");
    char *head = path_join(repository + 7, "HEAD");
    cr_expect(path_exists(head), "%s", head);
    free(head);
    cJSON_Delete(out);
    cJSON_Delete(wait_batch("SUCCEEDED"));

    char *log = all_logs();
    cr_expect_not_null(strstr(log, "== BUILDING"), "%s", log);
    cr_expect_not_null(strstr(log, "== COMPLETED"), "%s", log);
    free(log);
    out = cloud_call(&c, AWS_OP_LOGS_FILTER_LOG_EVENTS,
                     "{'logGroupName':'/aws/events/rule/mvp-development-rule','filterPattern':"
                     "'\\\"jobId=" JOB "\\\"'}");
    cr_expect_eq(cJSON_GetArraySize(json_array(out, "events")), 1);
    cJSON_Delete(out);
    cloud_answers(&c, AWS_OP_SQS_RECEIVE_MESSAGE, "{'QueueUrl':'mvp-development-dlq'}", "{}");
}

Test(cloud_pipeline, a_stage_that_fails_leaves_its_exit_code_and_an_error)
{
    cloud_do(&c, AWS_OP_EVENTS_PUT_EVENTS, EVENT(JOB, "\\'simulate\\':{\\'exitCode\\':3}"));
    cJSON *out = wait_record("FAILED");
    const cJSON *errors = attr_list(json_object(out, "Item"), "errors");
    cr_assert_not_null(errors);
    cr_expect_not_null(
        strstr(attr_str(attr_value(cJSON_GetArrayItem(errors, 0)), "message"), "exit code 3"));
    cJSON_Delete(out);
    out = wait_batch("FAILED");
    cr_expect_eq(json_int(cloud_member(out, "jobSummaryList.0.container"), "exitCode", 0), 3);
    cJSON_Delete(out);
}

Test(cloud_pipeline, a_cancelled_job_stays_cancelled)
{
    cloud_do(&c, AWS_OP_EVENTS_PUT_EVENTS, EVENT(JOB, "\\'simulate\\':{\\'hang\\':true}"));
    cJSON *out = cloud_wait(&c, AWS_OP_DDB_GET_ITEM, GET, "Item.currentStep.S", "BUILDING");
    char json[256];

    cloud_do(&c, AWS_OP_DDB_UPDATE_ITEM,
             "{'TableName':'mvp-development-jobs','Key':{'jobId':{'S':'" JOB "'}},"
             "'UpdateExpression':'SET #s = :c','ExpressionAttributeNames':{'#s':'status'},"
             "'ExpressionAttributeValues':{':c':{'S':'CANCELLED'}}}");
    snprintf(json, sizeof json, "{'jobId':'%s','reason':'cancelled'}",
             attr_str(json_object(out, "Item"), "batchJobId"));
    cJSON_Delete(out);
    cloud_do(&c, AWS_OP_BATCH_TERMINATE_JOB, json);
    cJSON_Delete(wait_batch("FAILED"));
    /* The tracker's delivery comes after Batch's state: let the queue of deliveries run dry. */
    cloud_do(&c, AWS_OP_EVENTS_PUT_EVENTS, EVENT("job_2_sentinel", ""));
    cJSON_Delete(cloud_wait(&c, AWS_OP_DDB_GET_ITEM,
                            "{'TableName':'mvp-development-jobs','Key':{'jobId':{'S':"
                            "'job_2_sentinel'}}}",
                            "Item.status.S", "COMPLETED"));
    cJSON_Delete(wait_record("CANCELLED"));
}

Test(cloud_pipeline, a_repeated_event_does_the_work_once)
{
    cloud_do(&c, AWS_OP_EVENTS_PUT_EVENTS, EVENT(JOB, "\\'businessName\\':\\'Once\\'"));
    cloud_do(&c, AWS_OP_EVENTS_PUT_EVENTS, EVENT(JOB, "\\'businessName\\':\\'Once\\'"));
    cJSON_Delete(wait_record("COMPLETED"));
    cJSON *out = cloud_wait(&c, AWS_OP_BATCH_LIST_JOBS,
                            "{'jobQueue':'mvp-pipeline-queue','jobStatus':'FAILED'}",
                            "jobSummaryList.0.status", "FAILED");
    cr_expect_eq(json_int(cloud_member(out, "jobSummaryList.0.container"), "exitCode", 0), 75,
                 "its claim was refused");
    cJSON_Delete(out);
    out = wait_batch("SUCCEEDED");
    cr_expect_null(cloud_member(out, "jobSummaryList.1"));
    cJSON_Delete(out);
    char *log = all_logs();
    const char *first = strstr(log, "== BUILDING");
    cr_assert_not_null(first);
    cr_expect_null(strstr(first + 1, "== BUILDING"), "%s", log);
    cr_expect_not_null(strstr(log, "nothing to do here"), "%s", log);
    free(log);
    cJSON_Delete(wait_record("COMPLETED"));
}

/* The job is picked up only after it was cancelled: the claim is refused, and nothing else
 * happens. */
Test(cloud_pipeline, a_job_cancelled_before_it_is_picked_up_never_runs)
{
    cloud_do(&c, AWS_OP_DDB_PUT_ITEM,
             "{'TableName':'mvp-development-jobs','Item':{'jobId':{'S':'" JOB
             "'},'status':{'S':'CANCELLED'},'statusReason':{'S':'by ann'}}}");
    cloud_do(&c, AWS_OP_EVENTS_PUT_EVENTS, EVENT(JOB, "\\'businessName\\':\\'Never\\'"));
    cJSON *out = wait_batch("FAILED");
    const cJSON *batch = cloud_member(out, "jobSummaryList.0");
    cr_expect_eq(json_int(json_object(batch, "container"), "exitCode", 0), 75);
    cJSON_Delete(out);
    /* The tracker's deliveries come after Batch's state: let their queue run dry. */
    cloud_do(&c, AWS_OP_EVENTS_PUT_EVENTS, EVENT("job_2_sentinel", ""));
    cJSON_Delete(cloud_wait(&c, AWS_OP_DDB_GET_ITEM,
                            "{'TableName':'mvp-development-jobs','Key':{'jobId':{'S':"
                            "'job_2_sentinel'}}}",
                            "Item.status.S", "COMPLETED"));
    out = wait_record("CANCELLED");
    const cJSON *item = json_object(out, "Item");
    cr_expect_str_eq(attr_str(item, "statusReason"), "by ann");
    cr_expect_null(attr_find(item, "errors"));
    cr_expect_null(attr_find(item, "batchJobId"));
    cJSON_Delete(out);
}

Test(cloud_pipeline, the_system_is_made_once_and_kept)
{
    cloud_do(&c, AWS_OP_EVENTS_DISABLE_RULE,
             "{'Name':'mvp-development-rule','EventBusName':'mvp-development'}");
    cloud_restart(&c);
    cJSON *out = cloud_call(&c, AWS_OP_EVENTS_DESCRIBE_RULE,
                            "{'Name':'mvp-development-rule','EventBusName':'mvp-development'}");
    cr_expect_str_eq(json_str(out, "State"), "DISABLED");
    cJSON_Delete(out);
    out = cloud_call(&c, AWS_OP_BATCH_DESCRIBE_JOB_DEFINITIONS,
                     "{'jobDefinitionName':'mvp-pipeline-job'}");
    cr_expect_eq(cJSON_GetArraySize(json_array(out, "jobDefinitions")), 1);
    cJSON_Delete(out);
}

/* ---- killed ---------------------------------------------------------------------------------- */

static bool group_gone(pid_t pid)
{
    return kill(-pid, 0) != 0 && errno == ESRCH;
}

/* A program that serves the folder, runs a hanging job and is killed. Gives the job's process. */
static pid_t run_and_kill(const char *dir)
{
    int ready[2];
    char text[32] = "";

    cr_assert_eq(pipe(ready), 0);
    pid_t program = fork();
    if (program == 0) {
        struct test_cloud own = {.seed = true};
        snprintf(own.dir, sizeof own.dir, "%s", dir);
        struct cloud *l = cloud_start(
            &(struct cloud_options){.data_dir = own.dir, .seed = true, .program = "/bin/true"},
            NULL);
        cJSON *in = cJSON_Parse("{\"jobName\":\"j\",\"jobQueue\":\"mvp-pipeline-queue\","
                                "\"jobDefinition\":\"sleeper\"}");
        cJSON *definition = cJSON_Parse(
            "{\"jobDefinitionName\":\"sleeper\",\"type\":\"container\",\"containerProperties\":{"
            "\"image\":\"busybox\",\"command\":[\"sh\",\"-c\",\"trap '' TERM HUP; echo $$ >pid.new;"
            " mv pid.new ../pid; sleep 1000\"]}}");
        struct cloud_reply r;
        cloud_dispatch(l, AWS_OP_BATCH_REGISTER_JOB_DEFINITION, definition, &r);
        cloud_dispatch(l, AWS_OP_BATCH_SUBMIT_JOB, in, &r);
        char *pid_path = path_join(dir, "jobs/pid");
        char *pid = NULL;
        while (path_read(pid_path, 100, &pid, NULL, NULL) != E_OK) {
            (void)usleep(2000);
        }
        (void)!write(ready[1], pid, strlen(pid));
        (void)pause();
        _exit(0);
    }
    close(ready[1]);
    cr_assert_gt(read(ready[0], text, sizeof text - 1), 0);
    close(ready[0]);
    pid_t job = (pid_t)atoi(text);
    cr_assert_eq(kill(-job, 0), 0, "the job runs");
    kill(program, SIGKILL);
    waitpid(program, NULL, 0);
    return job;
}

Test(cloud_killed, jobs_of_a_killed_cloud_are_gone_and_failed_with_a_reason, .timeout = 120)
{
    struct test_cloud k = {.dir = "/tmp/mvpdash-test-XXXXXX"};
    int64_t deadline;

    cr_assert_not_null(mkdtemp(k.dir));
    pid_t job = run_and_kill(k.dir);
    deadline = clock_mono_ms(NULL) + 50000;
    while (!group_gone(job) && clock_mono_ms(NULL) < deadline) {
        (void)usleep(2000);
    }
    cr_expect(group_gone(job), "the process group lives on");
    struct cloud *l = cloud_start(&(struct cloud_options){.data_dir = k.dir, .seed = true}, &k.e);
    cr_assert_not_null(l, "%s", k.e.msg);
    cJSON *in = cJSON_Parse("{\"jobQueue\":\"mvp-pipeline-queue\",\"jobStatus\":\"FAILED\"}");
    struct cloud_reply r;
    cloud_dispatch(l, AWS_OP_BATCH_LIST_JOBS, in, &r);
    const cJSON *reason = cloud_member(r.out, "jobSummaryList.0.statusReason");
    cr_assert_not_null(reason);
    cr_expect_str_eq(reason->valuestring,
                     "The local cloud was killed while the job ran; its process is gone");
    cloud_reply_clear(&r);
    cJSON_Delete(in);
    cloud_stop(l);
    cr_expect_eq(path_remove_tree(k.dir, NULL), E_OK);
}

/* ---- the tracker, on records of its own -------------------------------------------------------
 */

static void track(const char *batch_id, const char *status)
{
    cJSON *event = cJSON_Parse(
        "{\"source\":\"aws.batch\",\"detail\":{\"container\":{\"exitCode\":9,\"environment\":[{"
        "\"name\":\"JOB_ID\",\"value\":\"" JOB "\"}]},\"statusReason\":\"why\"}}");
    cJSON *detail = cJSON_GetObjectItem(event, "detail");
    struct err e = {.code = E_OK};

    cJSON_AddStringToObject(detail, "jobId", batch_id);
    cJSON_AddStringToObject(detail, "status", status);
    cloud_lock(c.l);
    cr_expect_eq(cloud_events_tracker_apply(c.l, event, &e), E_OK, "%s", e.msg);
    cloud_unlock(c.l);
    cJSON_Delete(event);
}

static void expect_status(const char *want)
{
    cJSON *out = cloud_call(&c, AWS_OP_DDB_GET_ITEM, GET);
    cr_expect_str_eq(cloud_member(out, "Item.status.S")->valuestring, want);
    cJSON_Delete(out);
}

Test(cloud_pipeline, the_tracker_only_moves_a_record_forward)
{
    cloud_do(&c, AWS_OP_DDB_PUT_ITEM,
             "{'TableName':'mvp-development-jobs','Item':{'jobId':{'S':'" JOB
             "'},'status':{'S':'PENDING'}}}");
    track("b1", "RUNNABLE");
    expect_status("QUEUED");
    track("b2", "FAILED");
    expect_status("QUEUED"); /* another Batch job */
    track("b1", "RUNNING");
    expect_status("IN_PROGRESS");
    track("b1", "STARTING");
    expect_status("IN_PROGRESS"); /* late */
    track("b1", "FAILED");
    expect_status("FAILED");
    track("b1", "SUCCEEDED");
    expect_status("FAILED");
    cJSON *out = cloud_call(&c, AWS_OP_DDB_GET_ITEM, GET);
    const cJSON *error = cloud_member(out, "Item.errors.L.0.M.message.S");
    cr_expect_str_eq(error->valuestring, "why (exit code 9)");
    cJSON_Delete(out);
}
