/* The doctor against a local cloud: a system that is well, and each fault by its name. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "doctor_cloud.h"
#include "fake_http.h"

/* The doctor against a cloud in which one thing is really wrong. */

TestSuite(doctor, .fini = doctor_teardown, .timeout = 180);

#define RULE "'Rule':'mvp-development-rule','EventBusName':'mvp-development'"
#define NAMED "'Name':'mvp-development-rule','EventBusName':'mvp-development'"
#define BATCH_ARN "arn:aws:batch:us-east-1:000000000000:job-queue/"
#define DLQ_ARN "arn:aws:sqs:us-east-1:000000000000:"
#define ROLE "'RoleArn':'arn:aws:iam::000000000000:role/mvp-development-events',"
#define TARGET_DLQ "'DeadLetterConfig':{'Arn':'" DLQ_ARN "mvp-development-dlq'},"
#define PARAMETERS(definition)                                                                     \
    "'BatchParameters':{'JobDefinition':'" definition "','JobName':'mvp-pipeline-job'},"
#define TRANSFORMER                                                                                \
    "'InputTransformer':{'InputPathsMap':{'jobId':'$.detail.jobId'},'InputTemplate':"              \
    "'{\\'ContainerOverrides\\':{\\'Environment\\':[{\\'Name\\':\\'JOB_ID\\',\\'Value\\':<jobId>}" \
    "]}}'}"
#define PUT_TARGET(queue, members)                                                                 \
    "{" RULE ",'Targets':[{'Id':'batch','Arn':'" BATCH_ARN queue "'," members "}]}"
#define SEND                                                                                       \
    "{'Entries':[{'Source':'founderdash.web','DetailType':'MVP Development "                       \
    "Request','EventBusName'"                                                                      \
    ":'mvp-development','Detail':'{\\'jobId\\':\\'job_1734567890123_abc123def\\',\\'userId\\':"    \
    "\\'u\\',\\'productId\\':\\'p\\',\\'metadata\\':{\\'businessName\\':\\'B\\'}}'}]}"

/* ---- all is well ---- */

/* What the local cloud has not. */
static bool not_here(const char *id)
{
    return strcmp(id, "B4") == 0 || strcmp(id, "I1") == 0;
}

Test(doctor, a_well_system_passes_every_check_once_a_job_has_run)
{
    doctor_start();
    diagnose();
    cr_expect_null(report.headline, "%s", report.headline);
    cr_expect_eq(report.count[DOCTOR_WARN], 0);
    cr_expect_eq(report.count[DOCTOR_UNKNOWN], 0);
    cr_expect_null(report.first.id, "there is nothing to do");
    cr_expect_eq(report.count[DOCTOR_SKIP], 5);
    doctor_expect("D7", DOCTOR_SKIP, "this endpoint does not know iam:GetRole", "on AWS itself");
    doctor_expect("F5", DOCTOR_SKIP, "no image registry for mvpdash-starter:local", "--e2e");
    cloud_do(&c, AWS_OP_EVENTS_PUT_EVENTS, SEND);
    cJSON_Delete(cloud_wait(&c, AWS_OP_BATCH_LIST_JOBS,
                            "{'jobQueue':'mvp-pipeline-queue','jobStatus':'SUCCEEDED'}",
                            "jobSummaryList.0.status", "SUCCEEDED"));
    diagnose();
    for (size_t i = 0; i < doctor_checks_len; i++) {
        cr_expect_eq(seen[i].state, not_here(doctor_checks[i].id) ? DOCTOR_SKIP : DOCTOR_PASS,
                     "%s: %s", doctor_checks[i].id, seen[i].text);
    }
    doctor_expect("A2", DOCTOR_PASS, "xterm-256color, 80x24, 256 colours, UTF-8", "");
    doctor_expect("D7", DOCTOR_PASS, "it started job job_1734567890123_abc123def", "");
    doctor_expect("D8", DOCTOR_PASS, "it started job job_1734567890123_abc123def", "");
    doctor_expect("F5", DOCTOR_PASS, "job_1734567890123_abc123def ran", "");
    doctor_expect("G2", DOCTOR_PASS, "can be read", "");
    doctor_expect("H2", DOCTOR_PASS, "the newest 1 do", "");
}

Test(doctor, it_only_reads)
{
    struct test_cloud *cloud = &c;

    doctor_start();
    cJSON *before = cloud_call(cloud, AWS_OP_EVENTS_LIST_TARGETS_BY_RULE, "{" RULE "}");
    diagnose();
    cJSON *after = cloud_call(cloud, AWS_OP_EVENTS_LIST_TARGETS_BY_RULE, "{" RULE "}");
    cr_expect(cJSON_Compare(before, after, true));
    cJSON_Delete(before);
    cJSON_Delete(after);
    cloud_answers(cloud, AWS_OP_BATCH_LIST_JOBS,
                  "{'jobQueue':'mvp-pipeline-queue','filters':[{'name':'AFTER_CREATED_AT','values':"
                  "['1']}]}",
                  "{'jobSummaryList':[]}");
}

/* ---- A and B ---- */

Test(doctor, names_a_closed_endpoint_and_skips_what_needs_it)
{
    char url[64];

    doctor_start();
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%d", fake_closed_port());
    (void)setenv("AWS_ENDPOINT_URL_BATCH", url, 1);
    diagnose();
    (void)unsetenv("AWS_ENDPOINT_URL_BATCH");
    doctor_fails("A3.batch", "127.0.0.1", "Try `curl -sS http://127.0.0.1:");
    doctor_expect("F1", DOCTOR_SKIP, "because A3.batch failed", "see A3.batch");
    doctor_expect("F2", DOCTOR_SKIP, "because F1 was skipped", "see F1");
    doctor_expect("D6", DOCTOR_PASS, "", "");
}

Test(doctor, a_service_that_never_answers_is_given_up_in_time)
{
    static const struct fake_reply hang[] = {{.deed = FAKE_HANG}};
    struct fake_http *f = fake_http_start(hang, 1);

    doctor_start();
    (void)setenv("AWS_ENDPOINT_URL_SQS", fake_http_url(f), 1);
    int64_t began = clock_mono_ms(NULL);
    diagnose_with(&(struct doctor_options){.check_ms = 5000, .total_ms = 120000});
    (void)unsetenv("AWS_ENDPOINT_URL_SQS");
    cr_expect_lt(clock_mono_ms(NULL) - began, 60000);
    cr_expect_neq(doctor_of("A3.sqs")->state, DOCTOR_PASS);
    doctor_expect("E1", DOCTOR_SKIP, "because A3.sqs", "see A3.sqs");
    doctor_expect("F1", DOCTOR_PASS, "", "");
    fake_http_stop(f);
}

Test(doctor, names_a_clock_that_is_ten_minutes_off)
{
    doctor_start();
    ahead_ms = 600 * 1000;
    diagnose();
    doctor_fails("A4", " s fast", "chronyc");
    ahead_ms = -600 * 1000;
    diagnose();
    doctor_fails("A4", " s slow", "chronyc");
    ahead_ms = 120 * 1000;
    diagnose();
    doctor_warns("A4", "clock is 1", "chronyc");
}

Test(doctor, names_missing_credentials)
{
    doctor_start();
    (void)unsetenv("AWS_ACCESS_KEY_ID");
    (void)unsetenv("AWS_SECRET_ACCESS_KEY");
    diagnose();
    doctor_fails("B1", "credentials", "AWS_ACCESS_KEY_ID");
    doctor_expect("B2", DOCTOR_SKIP, "because B1 failed", "see B1");
    doctor_expect("A3.sts", DOCTOR_PASS, "", "");
}

Test(doctor, names_an_expired_token)
{
    static const struct fake_reply expired[] = {
        {.status = 403,
         .headers = "Content-Type: text/xml\r\n",
         .body = "<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredToken</Code><Message>The "
                 "security token included in the request is expired</Message></Error>"
                 "</ErrorResponse>"}
    };
    struct fake_http *f = fake_http_start(expired, 1);

    doctor_start();
    (void)setenv("AWS_ENDPOINT_URL_STS", fake_http_url(f), 1);
    diagnose();
    (void)unsetenv("AWS_ENDPOINT_URL_STS");
    doctor_fails("B2", "expired", "set new ones");
    doctor_expect("C1", DOCTOR_SKIP, "because B2 failed", "see B2");
    fake_http_stop(f);
}

Test(doctor, names_a_key_that_nobody_knows)
{
    doctor_start();
    (void)setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE", 1);
    diagnose();
    doctor_fails("B2", "GetCallerIdentity", "AWS does not know the key id (from environment)");
}

Test(doctor, a_region_that_the_endpoint_is_not_in_is_named)
{
    doctor_start();
    (void)setenv("AWS_REGION", "eu-west-1", 1);
    diagnose();
    doctor_fails("B2", "eu-west-1", "the endpoint is in another region than eu-west-1");
}

Test(doctor, a_region_that_holds_nothing_of_the_system_is_the_wrong_one)
{
    doctor_start_empty();
    diagnose();
    doctor_fails("B3", "wrong region or account", "--region");
    doctor_expect("C1", DOCTOR_FAIL, "table mvp-development-jobs does not exist in us-east-1", "");
}

Test(doctor, an_arn_of_another_region_or_account_is_named)
{
    doctor_start();
    (void)setenv("EVENTBRIDGE_DLQ_NAME", "arn:aws:sqs:eu-west-1:000000000000:mvp-development-dlq",
                 1);
    diagnose();
    doctor_fails("B3", "is in region eu-west-1, but your region is us-east-1",
                 "--region eu-west-1");
    (void)setenv("EVENTBRIDGE_DLQ_NAME", "arn:aws:sqs:us-east-1:111122223333:mvp-development-dlq",
                 1);
    diagnose();
    (void)unsetenv("EVENTBRIDGE_DLQ_NAME");
    doctor_fails("B3",
                 "is in account 111122223333, but your credentials are of account 000000000000",
                 "--profile");
}

static struct fake_reply deny(void *arg, const struct fake_request *r, size_t n)
{
    char target[128];

    (void)arg;
    (void)n;
    if (strcmp(r->method, "GET") == 0) {
        return (struct fake_reply){.status = 404};
    }
    (void)fake_header(r, "x-amz-target", target, sizeof target);
    return (struct fake_reply){
        .status = 400,
        .body = "{\"__type\":\"AccessDeniedException\",\"message\":\"User is not authorized\"}"};
}

Test(doctor, what_one_may_not_look_at_is_unknown_and_names_the_action)
{
    struct fake_http *f = fake_http_start_with(deny, NULL);

    doctor_start();
    (void)setenv("AWS_ENDPOINT_URL_EVENTBRIDGE", fake_http_url(f), 1);
    diagnose();
    (void)unsetenv("AWS_ENDPOINT_URL_EVENTBRIDGE");
    cr_expect_null(report.headline, "%s", report.headline);
    cr_assert_not_null(report.first.id);
    cr_expect_eq(report.first.state, DOCTOR_UNKNOWN, "no check is worse");
    cr_expect_str_eq(report.first.id, "D1", "the first of them");
    cr_expect_not_null(report.first.fix);
    doctor_expect("D1", DOCTOR_UNKNOWN, "needs events:DescribeEventBus",
                  "allow events:DescribeEventBus");
    doctor_expect("D3", DOCTOR_UNKNOWN, "needs events:DescribeRule", "user/local");
    doctor_expect("D4", DOCTOR_SKIP, "because D3 could not tell", "see D3");
    doctor_expect("E1", DOCTOR_PASS, "", "");
    fake_http_stop(f);
}

/* ---- C ---- */

Test(doctor, names_a_missing_table)
{
    doctor_start();
    cloud_do(&c, AWS_OP_DDB_DELETE_TABLE, "{'TableName':'mvp-development-jobs'}");
    diagnose();
    doctor_fails("C1", "table mvp-development-jobs does not exist in us-east-1", "list-tables");
    doctor_expect("C2", DOCTOR_SKIP, "because C1 failed", "see C1");
}

Test(doctor, names_a_missing_index)
{
    doctor_start();
    cloud_do(&c, AWS_OP_DDB_UPDATE_TABLE,
             "{'TableName':'mvp-development-jobs','GlobalSecondaryIndexUpdates':[{'Delete':"
             "{'IndexName':'user-jobs-index'}}]}");
    diagnose();
    doctor_warns("C1", "index user-jobs-index is missing",
                 "--global-secondary-index-updates '[{\"Create\"");
}

Test(doctor, names_a_record_that_cannot_be_read)
{
    doctor_start();
    cloud_do(&c, AWS_OP_DDB_PUT_ITEM,
             "{'TableName':'mvp-development-jobs','Item':{'jobId':{'S':'job-x'},'userId':{'S':'u'},"
             "'createdAt':{'S':'2025-01-01T00:00:00Z'}}}");
    diagnose();
    doctor_warns("C2", "record job-x has no status", "mvpdash status job-x");
}

/* ---- D ---- */

Test(doctor, names_a_missing_bus)
{
    doctor_start();
    (void)setenv("EVENTBRIDGE_BUS_NAME", "mvp-developmint", 1);
    diagnose();
    (void)unsetenv("EVENTBRIDGE_BUS_NAME");
    doctor_fails("D1", "bus mvp-developmint does not exist in us-east-1: events sent to it vanish",
                 "aws events create-event-bus --region us-east-1 --name mvp-developmint");
    doctor_expect("D3", DOCTOR_SKIP, "because D1 failed", "see D1");
}

Test(doctor, names_a_missing_rule_and_what_is_there)
{
    doctor_start();
    (void)setenv("EVENTBRIDGE_RULE_NAME", "mvp-rule", 1);
    diagnose();
    (void)unsetenv("EVENTBRIDGE_RULE_NAME");
    doctor_fails("D3", "no rule mvp-rule on bus mvp-development; it has mvp-development-rule",
                 "put-rule --region us-east-1 --name mvp-rule");
}

Test(doctor, names_a_disabled_rule_and_still_looks_at_its_target)
{
    doctor_start();
    cloud_do(&c, AWS_OP_EVENTS_DISABLE_RULE, "{" NAMED "}");
    diagnose();
    doctor_fails(
        "D3", "rule mvp-development-rule is DISABLED",
        "aws events enable-rule --region us-east-1 --name mvp-development-rule --event-bus-name "
        "mvp-development");
    doctor_expect("D4", DOCTOR_PASS, "", "");
    doctor_expect("D6", DOCTOR_PASS, "", "");
}

static void pattern_fails(const char *pattern, const char *text)
{
    char in[600];

    (void)snprintf(in, sizeof in, "{" NAMED ",'EventPattern':'%s'}", pattern);
    cloud_do(&c, AWS_OP_EVENTS_PUT_RULE, in);
    diagnose();
    doctor_fails("D4", text, "--event-pattern '{\"source\":[\"founderdash.web\"]");
}

Test(doctor, names_the_key_of_the_pattern_that_does_not_match)
{
    doctor_start();
    pattern_fails("{\\'source\\':[\\'founderdash.api\\'],\\'detail-type\\':[\\'MVP Development "
                  "Request\\']}",
                  "needs source in [\"founderdash.api\"]; the event has \"founderdash.web\"");
    pattern_fails("{\\'source\\':[\\'founderdash.web\\'],\\'detail-type\\':[\\'MVP Request\\']}",
                  "needs detail-type in [\"MVP Request\"]");
    pattern_fails("{\\'source\\':[\\'founderdash.web\\'],\\'detail\\':{\\'env\\':[\\'prod\\']}}",
                  "needs detail.env in [\"prod\"]; the event has nothing");
}

Test(doctor, names_another_rule_that_starts_a_second_job)
{
    doctor_start();
    cloud_do(&c, AWS_OP_EVENTS_PUT_RULE,
             "{'Name':'old-rule','EventBusName':'mvp-development','EventPattern':"
             "'{\\'source\\':[\\'founderdash.web\\']}'}");
    cloud_do(
        &c, AWS_OP_EVENTS_PUT_TARGETS,
        "{'Rule':'old-rule','EventBusName':'mvp-development','Targets':[{'Id':'b','Arn':'" BATCH_ARN
        "mvp-pipeline-queue'," ROLE PARAMETERS("mvp-pipeline-job") TRANSFORMER "}]}");
    diagnose();
    doctor_warns("D5", "rule old-rule matches too",
                 "disable-rule --region us-east-1 --name old-rule");
}

Test(doctor, names_a_rule_without_a_target)
{
    doctor_start();
    cloud_do(&c, AWS_OP_EVENTS_REMOVE_TARGETS, "{" RULE ",'Ids':['a-recorder','batch','log']}");
    diagnose();
    doctor_fails("D6", "rule mvp-development-rule has no target", "aws events put-targets");
    doctor_expect("D6", DOCTOR_FAIL, "", "job-queue/mvp-pipeline-queue");
    doctor_expect("D7", DOCTOR_SKIP, "because D6 failed", "see D6");
}

Test(doctor, names_a_target_on_another_queue)
{
    doctor_start();
    cloud_do(&c, AWS_OP_EVENTS_PUT_TARGETS,
             PUT_TARGET("old-queue", ROLE TARGET_DLQ PARAMETERS("mvp-pipeline-job") TRANSFORMER));
    diagnose();
    doctor_fails("D6", "points to queue old-queue, but the configuration says mvp-pipeline-queue",
                 "`mvpdash doctor --queue old-queue`");
}

#define LOWER                                                                                      \
    "'InputTransformer':{'InputPathsMap':{'jobId':'$.detail.jobId'},'InputTemplate':"              \
    "'{\\'containerOverrides\\':{\\'environment\\':[{\\'name\\':\\'JOB_ID\\',\\'value\\':<jobId>}" \
    "]}}'}"
#define ESCAPED                                                                                    \
    "'InputTransformer':{'InputPathsMap':{'jobId':'$.detail.jobId'},'InputTemplate':"              \
    "'{\\'ContainerOverrides\\':{\\'Environment\\':[{\\'Name\\':\\'JOB_ID\\',\\'Value\\':"         \
    "\\'\\\\u003cjobId\\\\u003e\\'}]}}'}"
#define WRONG_PATH                                                                                 \
    "'InputTransformer':{'InputPathsMap':{'jobId':'$.detail.userId'},'InputTemplate':"             \
    "'{\\'ContainerOverrides\\':{\\'Environment\\':[{\\'Name\\':\\'JOB_ID\\',\\'Value\\':<jobId>}" \
    "]}}'}"

Test(doctor, names_a_target_that_does_not_give_the_job_its_id)
{
    static const struct {
        const char *in, *text;
    } cases[] = {
        {PUT_TARGET("mvp-pipeline-queue", ROLE TARGET_DLQ PARAMETERS("mvp-pipeline-job") LOWER),
         "SubmitJob's spelling"             },
        {PUT_TARGET("mvp-pipeline-queue", ROLE TARGET_DLQ PARAMETERS("mvp-pipeline-job") ESCAPED),
         "\\u003c"                          },
        {PUT_TARGET("mvp-pipeline-queue",
         ROLE TARGET_DLQ PARAMETERS("mvp-pipeline-job") WRONG_PATH),
         "takes JOB_ID from $.detail.userId"},
        {PUT_TARGET("mvp-pipeline-queue",
         ROLE TARGET_DLQ PARAMETERS("mvp-pipeline-job") "'RetryPolicy':"
                                                                   "{'MaximumRetryAttempts':5}"),
         "has no InputTransformer"          },
    };

    doctor_start();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cloud_do(&c, AWS_OP_EVENTS_PUT_TARGETS, cases[i].in);
        diagnose();
        doctor_fails("D6", cases[i].text, "\"InputTransformer\"");
    }
}

Test(doctor, names_a_target_without_a_role)
{
    doctor_start();
    cloud_do(
        &c, AWS_OP_EVENTS_PUT_TARGETS,
        PUT_TARGET("mvp-pipeline-queue", TARGET_DLQ PARAMETERS("mvp-pipeline-job") TRANSFORMER));
    diagnose();
    doctor_fails("D7", "target batch has no role", "batch:SubmitJob");
}

Test(doctor, names_a_target_without_a_dead_letter_queue)
{
    doctor_start();
    cloud_do(&c, AWS_OP_EVENTS_PUT_TARGETS,
             PUT_TARGET("mvp-pipeline-queue", ROLE PARAMETERS("mvp-pipeline-job") TRANSFORMER));
    diagnose();
    doctor_warns("D9", "target batch has no dead letter queue", DLQ_ARN "mvp-development-dlq");
}

/* ---- E ---- */

static void on_dlq(enum aws_op_id op, const char *more)
{
    cJSON *url = cloud_call(&c, AWS_OP_SQS_GET_QUEUE_URL, "{'QueueName':'mvp-development-dlq'}");
    char *in = xasprintf("{'QueueUrl':'%s'%s}", json_str(url, "QueueUrl"), more);

    cloud_do(&c, op, in);
    free(in);
    cJSON_Delete(url);
}

Test(doctor, names_a_dead_letter_queue_that_is_not_there)
{
    doctor_start();
    on_dlq(AWS_OP_SQS_DELETE_QUEUE, "");
    diagnose();
    doctor_fails("E1", "queue mvp-development-dlq does not exist", "aws sqs create-queue");
    doctor_expect("E2", DOCTOR_SKIP, "because E1 failed", "see E1");
}

Test(doctor, names_a_dead_letter_queue_that_lets_nobody_in)
{
    doctor_start();
    on_dlq(AWS_OP_SQS_SET_QUEUE_ATTRIBUTES, ",'Attributes':{'Policy':''}");
    diagnose();
    doctor_fails("E2", "mvp-development-dlq has no policy", "aws sqs set-queue-attributes");
    doctor_expect("E2", DOCTOR_FAIL, "", "rule/mvp-development/mvp-development-rule");
    on_dlq(AWS_OP_SQS_SET_QUEUE_ATTRIBUTES,
           ",'Attributes':{'Policy':'{\\'Version\\':\\'2012-10-17\\',\\'Statement\\':[{\\'Effect\\'"
           ":\\'Allow\\',\\'Principal\\':{\\'Service\\':\\'events.amazonaws.com\\'},\\'Action\\':"
           "\\'sqs:SendMessage\\',\\'Resource\\':\\'*\\',\\'Condition\\':{\\'ArnEquals\\':"
           "{\\'aws:SourceArn\\':\\'arn:aws:events:us-east-1:000000000000:rule/other\\'}}}]}'}");
    diagnose();
    doctor_fails("E2", "for other rules only", "rule/mvp-development/mvp-development-rule");
}

Test(doctor, counts_what_could_not_be_delivered)
{
    doctor_start();
    on_dlq(AWS_OP_SQS_SEND_MESSAGE, ",'MessageBody':'{}'");
    diagnose();
    doctor_warns("E4", "1 event could not be delivered and waits in mvp-development-dlq",
                 "`mvpdash dlq`");
}

/* ---- F ---- */

Test(doctor, names_a_disabled_queue)
{
    doctor_start();
    cloud_do(&c, AWS_OP_BATCH_UPDATE_JOB_QUEUE,
             "{'jobQueue':'mvp-pipeline-queue','state':'DISABLED'}");
    diagnose();
    doctor_fails(
        "F1", "queue mvp-pipeline-queue is DISABLED",
        "aws batch update-job-queue --region us-east-1 --job-queue mvp-pipeline-queue --state "
        "ENABLED");
}

Test(doctor, names_a_definition_without_an_active_revision)
{
    doctor_start();
    cloud_do(&c, AWS_OP_BATCH_DEREGISTER_JOB_DEFINITION, "{'jobDefinition':'mvp-pipeline-job:1'}");
    diagnose();
    doctor_fails("F3", "job definition mvp-pipeline-job has no ACTIVE revision",
                 "register-job-definition");
}

/* What a definition for Fargate cannot do without. */
#define FARGATE                                                                                    \
    "'jobDefinitionName':'mvp-pipeline-job','type':'container',"                                   \
    "'platformCapabilities':['FARGATE']"
#define PROPERTIES "'image':'i','command':[],'executionRoleArn':'arn:aws:iam::000000000000:role/x'"
#define REVISION                                                                                   \
    "{" FARGATE ",'timeout':{'attemptDurationSeconds':600},'containerProperties':{" PROPERTIES     \
    ",'resourceRequirements':[{'type':'VCPU','value':'%s'},{'type':'MEMORY','value':'%s'}]}}"

static void register_revision(const char *vcpus, const char *mib)
{
    char in[600];

    (void)snprintf(in, sizeof in, REVISION, vcpus, mib);
    cloud_do(&c, AWS_OP_BATCH_REGISTER_JOB_DEFINITION, in);
}

Test(doctor, names_a_target_that_is_pinned_to_an_old_revision)
{
    doctor_start();
    register_revision("1", "2048");
    cloud_do(&c, AWS_OP_EVENTS_PUT_TARGETS,
             PUT_TARGET("mvp-pipeline-queue",
                        ROLE TARGET_DLQ PARAMETERS("mvp-pipeline-job:1") TRANSFORMER));
    diagnose();
    doctor_warns("F3", "pinned to mvp-pipeline-job:1; the newest ACTIVE is :2",
                 "\"JobDefinition\":\"mvp-pipeline-job\"");
    cloud_do(&c, AWS_OP_BATCH_DEREGISTER_JOB_DEFINITION, "{'jobDefinition':'mvp-pipeline-job:1'}");
    diagnose();
    doctor_fails("F3", "pinned to mvp-pipeline-job:1, which is not ACTIVE; the newest ACTIVE is :2",
                 "");
}

Test(doctor, warns_of_a_definition_without_a_timeout)
{
    doctor_start();
    cloud_do(&c, AWS_OP_BATCH_REGISTER_JOB_DEFINITION,
             "{" FARGATE ",'containerProperties':{" PROPERTIES
             ",'resourceRequirements':[{'type':'VCPU','value':'1'},{'type':'MEMORY','value':'2048'}"
             "]}}");
    diagnose();
    doctor_warns("F7", "mvp-pipeline-job has no timeout", "attemptDurationSeconds");
}

Test(doctor, names_a_job_that_asks_for_more_than_there_ever_is)
{
    doctor_start();
    register_revision("64", "2048"); /* the environment has 16 */
    diagnose();
    doctor_fails("F4", "mvp-pipeline-job asks for 64 vCPU, which Fargate does not offer",
                 "VCPU 0.25, 0.5, 1, 2, 4, 8 or 16");
    doctor_expect(
        "F4", DOCTOR_FAIL,
        "no job of mvp-pipeline-job can ever run: mvp-pipeline-environment has at most 16 vCPU, "
        "but the definition asks for 64",
        "--compute-environment mvp-pipeline-environment --compute-resources maxvCpus=64`");
    register_revision("4", "2048");
    diagnose();
    doctor_fails("F4", "asks for 4 vCPU and 2048 MiB, which Fargate does not offer",
                 "MEMORY 8192 to 30720 in steps of 1024");
}

Test(doctor, names_the_job_that_waits_and_why)
{
    doctor_start();
    cloud_do(&c, AWS_OP_BATCH_SUBMIT_JOB,
             "{'jobName':'x','jobQueue':'mvp-pipeline-queue','jobDefinition':'mvp-pipeline-job',"
             "'containerOverrides':{'resourceRequirements':[{'type':'VCPU','value':'64'}],"
             "'environment':[{'name':'JOB_ID','value':'job_1734567890123_abc123def'}]}}");
    cJSON_Delete(cloud_wait(&c, AWS_OP_BATCH_LIST_JOBS,
                            "{'jobQueue':'mvp-pipeline-queue','jobStatus':'RUNNABLE'}",
                            "jobSummaryList.0.status", "RUNNABLE"));
    diagnose_with(&(struct doctor_options){.patience_s = -1});
    doctor_fails("F6", "job job_1734567890123_abc123def has been RUNNABLE for",
                 "aws batch update-compute-environment --region us-east-1 --compute-environment "
                 "mvp-pipeline-environment --compute-resources maxvCpus=32`");
    doctor_expect("F6", DOCTOR_FAIL, "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE",
                  "maxvCpus");
}

/* More jobs than the cloud runs at once. */
Test(doctor, a_full_queue_is_no_fault_of_roles_and_subnets)
{
    enum { JOBS = 66 };
    doctor_start();
    cloud_do(&c, AWS_OP_BATCH_REGISTER_JOB_DEFINITION,
             "{'jobDefinitionName':'sleeper','type':'container','containerProperties':{'image':'i',"
             "'command':['sleep','60'],'resourceRequirements':[{'type':'VCPU','value':'1'},"
             "{'type':'MEMORY','value':'2048'}]}}");
    for (int i = 0; i < JOBS; i++) {
        cloud_do(&c, AWS_OP_BATCH_SUBMIT_JOB,
                 "{'jobName':'x','jobQueue':'mvp-pipeline-queue','jobDefinition':'sleeper'}");
    }
    cJSON_Delete(cloud_wait(&c, AWS_OP_BATCH_LIST_JOBS,
                            "{'jobQueue':'mvp-pipeline-queue','jobStatus':'RUNNING'}",
                            "jobSummaryList.0.status", "RUNNING"));
    cJSON_Delete(cloud_wait(&c, AWS_OP_BATCH_LIST_JOBS,
                            "{'jobQueue':'mvp-pipeline-queue','jobStatus':'RUNNABLE'}",
                            "jobSummaryList.0.status", "RUNNABLE"));
    diagnose_with(&(struct doctor_options){.patience_s = -1});
    doctor_expect("F6", DOCTOR_PASS, "for its turn", "");
}

/* What was looked at is what is told. */
Test(doctor, jobs_of_nobody_are_not_called_none)
{
    doctor_start();
    diagnose();
    doctor_expect("H2", DOCTOR_PASS, "Batch has no job of the last 7 days", "");
    doctor_expect("G2", DOCTOR_PASS, "no job of the last 7 days to check", "");
    cloud_do(&c, AWS_OP_BATCH_SUBMIT_JOB,
             "{'jobName':'x','jobQueue':'mvp-pipeline-queue','jobDefinition':'mvp-pipeline-job'}");
    cJSON_Delete(cloud_wait(&c, AWS_OP_BATCH_LIST_JOBS,
                            "{'jobQueue':'mvp-pipeline-queue','jobStatus':'FAILED'}",
                            "jobSummaryList.0.status", "FAILED"));
    diagnose();
    doctor_expect("H2", DOCTOR_PASS, "none of the newest 1 Batch jobs", "");
    doctor_expect("G2", DOCTOR_PASS, "none of the newest 1 Batch jobs", "");
}

/* ---- G and H ---- */

Test(doctor, names_a_missing_log_group)
{
    doctor_start();
    cloud_do(
        &c, AWS_OP_BATCH_REGISTER_JOB_DEFINITION,
        "{" FARGATE ",'timeout':{'attemptDurationSeconds':600},'containerProperties':{" PROPERTIES
        ",'resourceRequirements':[{'type':'VCPU','value':'1'},{'type':'MEMORY','value':'2048'}],"
        "'logConfiguration':{'logDriver':'awslogs','options':{'awslogs-group':'/mvp/jobs'}}}}");
    diagnose();
    doctor_fails("G1", "log group /mvp/jobs does not exist",
                 "aws logs create-log-group --region us-east-1 --log-group-name /mvp/jobs");
}

Test(doctor, names_a_state_rule_on_the_wrong_bus)
{
    doctor_start();
    cloud_do(&c, AWS_OP_EVENTS_REMOVE_TARGETS,
             "{'Rule':'mvp-development-rule-state','Ids':['tracker']}");
    diagnose();
    doctor_fails("H1", "rule mvp-development-rule-state has no target", "put-targets");
    cloud_do(&c, AWS_OP_EVENTS_DELETE_RULE, "{'Name':'mvp-development-rule-state'}");
    diagnose();
    doctor_warns("H1", "no rule on the default bus matches state changes",
                 "--event-bus-name default");
    cloud_do(&c, AWS_OP_EVENTS_PUT_RULE,
             "{'Name':'states','EventBusName':'mvp-development','EventPattern':"
             "'{\\'source\\':[\\'aws.batch\\']}'}");
    diagnose();
    doctor_fails("H1",
                 "rule states matches aws.batch on bus mvp-development, but these events reach "
                 "only the default bus",
                 "--event-bus-name default");
}

Test(doctor, names_records_that_drifted_from_batch)
{
    static const struct state_rules at_once = {
        .not_picked_up_s = 60, .runnable_s = 600, .no_progress_s = 1800, .stopping_s = 120};

    doctor_start();
    cloud_do(&c, AWS_OP_EVENTS_DISABLE_RULE, "{'Name':'mvp-development-rule-state'}");
    register_revision("1", "2048");
    cloud_do(&c, AWS_OP_BATCH_SUBMIT_JOB,
             "{'jobName':'x','jobQueue':'mvp-pipeline-queue','jobDefinition':'mvp-pipeline-job',"
             "'containerOverrides':{'environment':[{'name':'JOB_ID','value':'job-drift'}]}}");
    cJSON_Delete(cloud_wait(&c, AWS_OP_BATCH_LIST_JOBS,
                            "{'jobQueue':'mvp-pipeline-queue','jobStatus':'FAILED'}",
                            "jobSummaryList.0.status", "FAILED"));
    ahead_ms = 5000;
    diagnose_with(&(struct doctor_options){.rules = &at_once});
    doctor_expect("H2", DOCTOR_FAIL, "of job-drift has no record", "see H1");
    cloud_do(&c, AWS_OP_DDB_PUT_ITEM,
             "{'TableName':'mvp-development-jobs','Item':{'jobId':{'S':'job-drift'},'userId':{'S':"
             "'u'},'status':{'S':'IN_PROGRESS'},'createdAt':{'S':'2025-01-01T00:00:00Z'},"
             "'updatedAt':{'S':'2025-01-01T00:00:00Z'}}}");
    diagnose_with(&(struct doctor_options){.rules = &at_once});
    doctor_expect("H2", DOCTOR_WARN, "record job-drift says IN_PROGRESS, Batch says FAILED",
                  "mvpdash status");
}
