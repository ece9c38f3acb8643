/* Batch of the local cloud: jobs from their submission to their end. */
#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cloud.h"
#include "core/json.h"
#include "core/strbuf.h"
#include "src/cloud/batch/batch.h"

static struct test_cloud c;

static void setup(void)
{
    cloud_open(&c);
    cloud_do(&c, AWS_OP_BATCH_CREATE_COMPUTE_ENVIRONMENT,
             "{'computeEnvironmentName':'ce','type':'MANAGED'}");
    cloud_do(&c, AWS_OP_BATCH_CREATE_JOB_QUEUE,
             "{'jobQueueName':'q','priority':1,'computeEnvironmentOrder':[{'order':1,"
             "'computeEnvironment':'ce'}]}");
    cloud_do(&c, AWS_OP_BATCH_REGISTER_JOB_DEFINITION,
             "{'jobDefinitionName':'d','type':'container','parameters':{'code':'0'},"
             "'containerProperties':{'image':'busybox','command':['sh','-c',"
             "'echo $A-$B $AWS_BATCH_JOB_ATTEMPT; exit Ref::code'],'environment':["
             "{'name':'A','value':'1'},{'name':'B','value':'1'}]}}");
}

static void teardown(void)
{
    cloud_close(&c);
}

TestSuite(cloud_batch, .init = setup, .fini = teardown, .timeout = 120);

/* Submits with more members (",'k':v") and gives the job id; a few may be used at once. */
static const char *submit(const char *more)
{
    static char ids[8][64];
    static int at;
    char json[1024];
    char *id = ids[at++ % 8];

    snprintf(json, sizeof json, "{'jobName':'j','jobQueue':'q','jobDefinition':'d'%s}", more);
    cJSON *out = cloud_call(&c, AWS_OP_BATCH_SUBMIT_JOB, json);
    cr_assert_not_null(out, "%s", c.e.msg);
    snprintf(id, 64, "%s", json_str(out, "jobId"));
    cJSON_Delete(out);
    return id;
}

/* Waits for a state; the job's document inside the reply, owned through *out. */
static const cJSON *wait_state(const char *id, const char *state, cJSON **out)
{
    char json[128];

    snprintf(json, sizeof json, "{'jobs':['%s']}", id);
    *out = cloud_wait(&c, AWS_OP_BATCH_DESCRIBE_JOBS, json, "jobs.0.status", state);
    return cloud_member(*out, "jobs.0");
}

static const char *text(const cJSON *doc, const char *path)
{
    const cJSON *v = cloud_member(doc, path);
    return cJSON_IsString(v) ? v->valuestring : "(none)";
}

/* All messages of a job's log, each followed by '|'. Owned. */
static char *log_of(const cJSON *job)
{
    struct strbuf b = STRBUF_INIT;
    char json[256];
    const cJSON *ev;

    snprintf(json, sizeof json,
             "{'logGroupName':'/aws/batch/job','logStreamName':'%s',"
             "'startFromHead':true}",
             text(job, "container.logStreamName"));
    cJSON *out = cloud_call(&c, AWS_OP_LOGS_GET_LOG_EVENTS, json);
    cr_assert_not_null(out, "%s", c.e.msg);
    cJSON_ArrayForEach(ev, json_array(out, "events"))
    {
        strbuf_addf(&b, "%s|", json_str(ev, "message"));
    }
    cJSON_Delete(out);
    return strbuf_take(&b);
}

Test(cloud_batch, a_job_runs_with_its_parameters_environment_and_log)
{
    cJSON *out;
    const cJSON *job =
        wait_state(submit(",'containerOverrides':{'environment':[{'name':'B','value':'2'}]}"),
                   "SUCCEEDED", &out);
    cr_expect_eq(json_int(json_get(job, "container"), "exitCode", -1), 0);
    cr_expect_str_eq(text(job, "statusReason"), "Essential container in task exited");
    cr_expect_str_eq(text(job, "container.command.2"), "echo $A-$B $AWS_BATCH_JOB_ATTEMPT; exit 0");
    cr_expect_eq(strncmp(text(job, "container.logStreamName"), "d/default/", 10), 0);
    cr_expect_str_eq(text(job, "attempts.0.container.logStreamName"),
                     text(job, "container.logStreamName"));
    char *log = log_of(job);
    cr_expect_str_eq(log, "1-2 1|");
    free(log);
    cJSON_Delete(out);
}

Test(cloud_batch, a_failing_job_keeps_its_exit_code)
{
    cJSON *out;
    const cJSON *job = wait_state(submit(",'parameters':{'code':'7'}"), "FAILED", &out);

    cr_expect_eq(json_int(json_get(job, "container"), "exitCode", -1), 7);
    cr_expect_eq(json_int(cloud_member(job, "attempts.0.container"), "exitCode", -1), 7);
    cJSON_Delete(out);
}

Test(cloud_batch, it_is_tried_again_as_its_strategy_says)
{
    cJSON *out;
    const cJSON *job = wait_state(
        submit(",'parameters':{'code':'7'},'retryStrategy':{'attempts':3}"), "FAILED", &out);
    cr_expect_eq(cJSON_GetArraySize(json_array(job, "attempts")), 3);
    char *log = log_of(job);
    cr_expect_str_eq(log, "1-1 3|", "the last attempt's own stream");
    free(log);
    cJSON_Delete(out);
}

Test(cloud_batch, a_program_that_is_not_there_says_so)
{
    cJSON *out;
    const cJSON *job =
        wait_state(submit(",'containerOverrides':{'command':['nowhere']}"), "FAILED", &out);

    cr_expect_not_null(strstr(text(job, "container.reason"), "CannotStartContainerError"));
    cr_expect_eq(json_int(json_get(job, "container"), "exitCode", -1), 127);
    cJSON_Delete(out);
}

Test(cloud_batch, terminate_ends_the_process_and_the_reason_stays)
{
    const char *id = submit(",'containerOverrides':{'command':['sh','-c',"
                            "'trap \\'\\' TERM; echo $$; sleep 1000 & wait; sleep 1000']}");
    char json[256];
    cJSON *out;

    const cJSON *job = wait_state(id, "RUNNING", &out);
    char *log = log_of(job);
    while (*log == '\0') {
        free(log);
        log = log_of(job);
    }
    pid_t pid = (pid_t)atoi(log);
    free(log);
    cJSON_Delete(out);
    cr_assert_eq(kill(-pid, 0), 0);
    snprintf(json, sizeof json, "{'jobId':'%s','reason':'later'}", id);
    cloud_do(&c, AWS_OP_BATCH_CANCEL_JOB, json);
    cJSON_Delete((wait_state(id, "RUNNING", &out), out));
    snprintf(json, sizeof json, "{'jobId':'%s','reason':'enough of it'}", id);
    cloud_do(&c, AWS_OP_BATCH_TERMINATE_JOB, json);
    job = wait_state(id, "FAILED", &out);
    cr_expect_str_eq(text(job, "statusReason"), "enough of it");
    cr_expect(json_bool(job, "isTerminated", false));
    cr_expect_eq(json_int(json_get(job, "container"), "exitCode", 0), 137, "it ignored SIGTERM");
    cr_expect_neq(kill(-pid, 0), 0);
    cr_expect_eq(errno, ESRCH);
    cJSON_Delete(out);
}

Test(cloud_batch, jobs_wait_for_those_they_depend_on)
{
    const char *first = submit(",'containerOverrides':{'command':['sleep','1000']}");
    char more[256], json[256];
    cJSON *out;

    snprintf(more, sizeof more, ",'dependsOn':[{'jobId':'%s'}]", first);
    const char *second = submit(more);
    cJSON_Delete((wait_state(second, "PENDING", &out), out));
    cJSON_Delete((wait_state(first, "RUNNING", &out), out));
    snprintf(json, sizeof json, "{'jobId':'%s','reason':'x'}", first);
    cloud_do(&c, AWS_OP_BATCH_TERMINATE_JOB, json);
    const cJSON *job = wait_state(second, "FAILED", &out);
    cr_expect_str_eq(text(job, "statusReason"), "Dependent Job failed");
    cJSON_Delete(out);
}

Test(cloud_batch, only_so_many_run_at_once_and_a_waiting_one_can_be_cancelled)
{
    const char *ids[5];
    char json[256];
    cJSON *out;

    for (int i = 0; i < 5; i++) { /* the cloud of these tests runs four */
        ids[i] = submit(",'containerOverrides':{'command':['sleep','1000']}");
    }
    for (int i = 0; i < 4; i++) {
        cJSON_Delete((wait_state(ids[i], "RUNNING", &out), out));
    }
    cJSON_Delete((wait_state(ids[4], "RUNNABLE", &out), out));
    cr_expect_eq(cloud_batch_active_jobs(c.l), 5);
    snprintf(json, sizeof json, "{'jobId':'%s','reason':'not needed'}", ids[4]);
    cloud_do(&c, AWS_OP_BATCH_CANCEL_JOB, json);
    const cJSON *job = wait_state(ids[4], "FAILED", &out);
    cr_expect_str_eq(text(job, "statusReason"), "not needed");
    cr_expect(json_bool(job, "isCancelled", false));
    cJSON_Delete(out);
}

static void expect_state(const char *id, const char *state)
{
    cJSON *out;

    (void)wait_state(id, state, &out);
    cJSON_Delete(out);
}

static void terminate(const char *id)
{
    char json[256];

    snprintf(json, sizeof json, "{'jobId':'%s','reason':'enough'}", id);
    cloud_do(&c, AWS_OP_BATCH_TERMINATE_JOB, json);
}

/* Four processes may run, but the environment has two vCPUs. The large job at the head holds up the
 * small one behind it, as a queue of Batch does. */
Test(cloud_batch, no_more_run_than_the_compute_environments_have_vcpus)
{
    static const char *const sizes[] = {"1", "0.5", "1", "0.25"};
    const char *ids[4];

    cloud_do(&c, AWS_OP_BATCH_CREATE_COMPUTE_ENVIRONMENT,
             "{'computeEnvironmentName':'small','type':'MANAGED','computeResources':"
             "{'type':'FARGATE','maxvCpus':2,'subnets':['s'],'securityGroupIds':['g']}}");
    cloud_do(&c, AWS_OP_BATCH_UPDATE_JOB_QUEUE,
             "{'jobQueue':'q','computeEnvironmentOrder':"
             "[{'order':1,'computeEnvironment':'small'}]}");
    for (int i = 0; i < 4; i++) {
        char more[300];
        snprintf(more, sizeof more,
                 ",'containerOverrides':{'command':['sleep','1000'],'resourceRequirements':"
                 "[{'type':'VCPU','value':'%s'}]}",
                 sizes[i]);
        ids[i] = submit(more);
    }
    expect_state(ids[0], "RUNNING");
    expect_state(ids[1], "RUNNING");
    terminate(ids[1]);
    expect_state(ids[2], "RUNNING");
    expect_state(ids[3], "RUNNABLE");
    terminate(ids[0]);
    expect_state(ids[3], "RUNNING");
}

Test(cloud_batch, running_jobs_end_with_the_cloud_and_say_so)
{
    const char *id = submit(",'containerOverrides':{'command':['sleep','1000']}");
    cJSON *out;

    cJSON_Delete((wait_state(id, "RUNNING", &out), out));
    cloud_restart(&c);
    const cJSON *job = wait_state(id, "FAILED", &out);
    cr_expect_str_eq(text(job, "statusReason"), "The local cloud was stopped while the job ran");
    cJSON_Delete(out);
}

Test(cloud_batch, jobs_are_listed_by_state_and_by_filter)
{
    cJSON *out;
    const char *failed = submit(",'parameters':{'code':'7'}");

    cJSON_Delete((wait_state(failed, "FAILED", &out), out));
    const char *good = submit(",'jobName':'Good-1'");
    cJSON_Delete((wait_state(good, "SUCCEEDED", &out), out));
    cloud_answers(&c, AWS_OP_BATCH_LIST_JOBS, "{'jobQueue':'q'}", "{'jobSummaryList':[]}");
    out = cloud_call(&c, AWS_OP_BATCH_LIST_JOBS, "{'jobQueue':'q','jobStatus':'FAILED'}");
    cr_expect_eq(cJSON_GetArraySize(json_array(out, "jobSummaryList")), 1);
    cr_expect_eq(json_int(cloud_member(out, "jobSummaryList.0.container"), "exitCode", 0), 7);
    cJSON_Delete(out);
    out = cloud_call(&c, AWS_OP_BATCH_LIST_JOBS,
                     "{'jobQueue':'q','jobStatus':'RUNNING','maxResults':1,'filters':[{'name':"
                     "'AFTER_CREATED_AT','values':['1000']}]}");
    cr_expect_str_eq(text(out, "jobSummaryList.0.jobId"), good, "newest first, of every state");
    char json[256];
    snprintf(json, sizeof json,
             "{'jobQueue':'q','nextToken':'%s','filters':[{'name':'AFTER_CREATED_AT','values':"
             "['1000']}]}",
             text(out, "nextToken"));
    cJSON_Delete(out);
    out = cloud_call(&c, AWS_OP_BATCH_LIST_JOBS, json);
    cr_expect_str_eq(text(out, "jobSummaryList.0.jobId"), failed);
    cr_expect_null(json_str(out, "nextToken"));
    cJSON_Delete(out);
    out = cloud_call(&c, AWS_OP_BATCH_LIST_JOBS,
                     "{'jobQueue':'q','filters':[{'name':'JOB_DEFINITION','values':['d*']}]}");
    cr_expect_eq(cJSON_GetArraySize(json_array(out, "jobSummaryList")), 2);
    cJSON_Delete(out);
    cloud_answers(&c, AWS_OP_BATCH_LIST_JOBS,
                  "{'jobQueue':'q','filters':[{'name':'JOB_NAME','values':['J*x']}]}",
                  "{'jobSummaryList':[]}");
}

Test(cloud_batch, definitions_have_revisions)
{
    cloud_do(&c, AWS_OP_BATCH_REGISTER_JOB_DEFINITION,
             "{'jobDefinitionName':'d','type':'container','containerProperties':{'image':'x',"
             "'command':['true']}}");
    cJSON *out;
    const cJSON *job = wait_state(submit(""), "SUCCEEDED", &out);
    cr_expect_str_eq(text(job, "jobDefinition"),
                     "arn:aws:batch:us-east-1:000000000000:job-definition/d:2");
    cJSON_Delete(out);
    cloud_do(&c, AWS_OP_BATCH_DEREGISTER_JOB_DEFINITION, "{'jobDefinition':'d:2'}");
    out = cloud_call(&c, AWS_OP_BATCH_DESCRIBE_JOB_DEFINITIONS,
                     "{'jobDefinitionName':'d','status':'ACTIVE'}");
    cr_expect_eq(cJSON_GetArraySize(json_array(out, "jobDefinitions")), 1);
    cr_expect_eq(json_int(cloud_member(out, "jobDefinitions.0"), "revision", 0), 1);
    cJSON_Delete(out);
    cloud_refuses(&c, AWS_OP_BATCH_SUBMIT_JOB,
                  "{'jobName':'j','jobQueue':'q','jobDefinition':'d:2'}", "ClientException",
                  "INACTIVE");
}

Test(cloud_batch, what_is_wrong_is_refused)
{
    static const struct {
        const char *more, *part;
    } cases[] = {
        {"'jobName':'a b','jobQueue':'q','jobDefinition':'d'",                                      "Job name"                   },
        {"'jobName':'a','jobQueue':'no','jobDefinition':'d'",                                       "Job queue no does not exist"},
        {"'jobName':'a','jobQueue':'q','jobDefinition':'no'",                                       "Job definition no"          },
        {"'jobName':'a','jobQueue':'q','jobDefinition':'d','timeout':{'attemptDurationSeconds':5}",
         "at least 60"                                                                                                           },
        {"'jobName':'a','jobQueue':'q','jobDefinition':'d','retryStrategy':{'attempts':11}",
         "1 to 10"                                                                                                               },
        {"'jobName':'a','jobQueue':'q','jobDefinition':'d','parameters':{'n':1}",                   "strings"                    },
        {"'jobName':'a','jobQueue':'q','jobDefinition':'d','arrayProperties':{'size':2}",           "array"                      },
        {"'jobName':'a','jobQueue':'q','jobDefinition':'d','dependsOn':[{'jobId':'no'}]",
         "does not exist"                                                                                                        },
        {"'jobName':'a','jobQueue':'q','jobDefinition':'d','containerOverrides':{'environment':["
         "{'name':'AWS_BATCH_X','value':'1'}]}",                                           "reserved"                   },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char json[512];
        snprintf(json, sizeof json, "{%s}", cases[i].more);
        cloud_refuses(&c, AWS_OP_BATCH_SUBMIT_JOB, json, "ClientException", cases[i].part);
    }
    cloud_do(&c, AWS_OP_BATCH_UPDATE_JOB_QUEUE, "{'jobQueue':'q','state':'DISABLED'}");
    cloud_refuses(&c, AWS_OP_BATCH_SUBMIT_JOB, "{'jobName':'a','jobQueue':'q','jobDefinition':'d'}",
                  "ClientException", "ENABLED");
    cloud_do(&c, AWS_OP_BATCH_TERMINATE_JOB, "{'jobId':'nobody','reason':'x'}");
    cloud_refuses(&c, AWS_OP_BATCH_TERMINATE_JOB, "{'jobId':'nobody'}", "ClientException",
                  "reason");
    cloud_answers(&c, AWS_OP_BATCH_DESCRIBE_JOBS, "{'jobs':['nobody']}", "{'jobs':[]}");
}

/* ---- pure ------------------------------------------------------------------------------------ */

Test(batch_rules, parameters_replace_their_references)
{
    cJSON *command =
        cJSON_Parse("[\"Ref::a\",\"x=Ref::a,Ref::b\",\"Ref::none\",\"Ref::\",\"Ref\"]");
    cJSON *parameters = cJSON_Parse("{\"a\":\"1\",\"b\":\"Ref::a\"}");
    cJSON *out = cloud_batch_resolve(command, parameters);
    char *s = json_text(out);

    cr_expect_str_eq(s, "[\"1\",\"x=1,Ref::a\",\"Ref::none\",\"Ref::\",\"Ref\"]");
    free(s);
    cJSON_Delete(out);
    cJSON_Delete(parameters);
    cJSON_Delete(command);
}

Test(batch_rules, the_first_rule_on_exit_that_fits_decides)
{
    cJSON *job = cJSON_Parse(
        "{\"attempts\":[{}],\"retryStrategy\":{\"attempts\":3,\"evaluateOnExit\":["
        "{\"onStatusReason\":\"Host EC2*\",\"action\":\"RETRY\"},"
        "{\"onExitCode\":\"4*\",\"action\":\"retry\"},{\"onReason\":\"*\",\"action\":\"EXIT\"}]}}");

    cr_expect(cloud_batch_retries(job, 1, "", "Host EC2 terminated"));
    cr_expect(cloud_batch_retries(job, 42, "", "exited"));
    cr_expect(!cloud_batch_retries(job, 3, "", "exited"));
    cJSON_AddItemToArray(cJSON_GetObjectItem(job, "attempts"), cJSON_CreateObject());
    cJSON_AddItemToArray(cJSON_GetObjectItem(job, "attempts"), cJSON_CreateObject());
    cr_expect(!cloud_batch_retries(job, 42, "", "exited"), "no attempt is left");
    cJSON_Delete(job);
}
