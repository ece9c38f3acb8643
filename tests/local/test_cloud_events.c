/* EventBridge of the local cloud: events on their way to targets, retries and dead letters. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cloud.h"
#include "core/json.h"
#include "src/cloud/events/delivery.h"

static struct test_cloud c;

#define QUEUE_ARN "arn:aws:sqs:us-east-1:000000000000:"
#define RULE_ARN "arn:aws:events:us-east-1:000000000000:rule/b/r"
/* A policy that lets the rule in; a JSON string inside a string of this file's quoting. */
#define OPEN                                                                                       \
    "'Attributes':{'Policy':'{\\'Statement\\':[{\\'Effect\\':\\'Allow\\',\\'Principal\\':{"        \
    "\\'Service\\':\\'events.amazonaws.com\\'},\\'Action\\':\\'sqs:SendMessage\\',"                \
    "\\'Resource\\':\\'*\\',\\'Condition\\':{\\'ArnEquals\\':{\\'aws:SourceArn\\':\\'" RULE_ARN    \
    "\\'}}}]}'}"

static void setup(void)
{
    cloud_open(&c);
    cloud_do(&c, AWS_OP_EVENTS_CREATE_EVENT_BUS, "{'Name':'b'}");
    cloud_do(&c, AWS_OP_EVENTS_PUT_RULE,
             "{'Name':'r','EventBusName':'b','EventPattern':'{\\'source\\':[\\'app\\'],\\'detail\\'"
             ":{\\'n\\':[{\\'numeric\\':[\\'>\\',5]}]}}'}");
    cloud_do(&c, AWS_OP_SQS_CREATE_QUEUE, "{'QueueName':'q'," OPEN "}");
    cloud_do(&c, AWS_OP_SQS_CREATE_QUEUE, "{'QueueName':'dead'," OPEN "}");
    cloud_do(&c, AWS_OP_SQS_CREATE_QUEUE, "{'QueueName':'shut'}");
}

static void teardown(void)
{
    cloud_close(&c);
}

TestSuite(cloud_events, .init = setup, .fini = teardown, .timeout = 120);

static void put_event(const char *source, const char *detail)
{
    char json[1024];

    snprintf(json, sizeof json,
             "{'Entries':[{'Source':'%s','DetailType':'T','EventBusName':'b','Detail':'%s',"
             "'Resources':['res'],'Time':1767323045}]}",
             source, detail);
    cJSON *out = cloud_call(&c, AWS_OP_EVENTS_PUT_EVENTS, json);
    cr_assert_eq(json_int(out, "FailedEntryCount", -1), 0, "%s", c.e.msg);
    cJSON_Delete(out);
}

/* One message within 20 s; owned. */
static cJSON *receive(const char *queue)
{
    char json[256];

    snprintf(json, sizeof json,
             "{'QueueUrl':'%s','WaitTimeSeconds':20,'MessageAttributeNames':['All']}", queue);
    cJSON *out = cloud_call(&c, AWS_OP_SQS_RECEIVE_MESSAGE, json);
    cr_assert_not_null(cloud_member(out, "Messages.0"), "nothing came to %s: %s", queue, c.e.msg);
    return out;
}

static const char *attribute(const cJSON *out, const char *name)
{
    return json_str(json_get(cloud_member(out, "Messages.0.MessageAttributes"), name),
                    "StringValue");
}

Test(cloud_events, an_event_that_matches_reaches_its_target_in_its_envelope)
{
    cloud_do(&c, AWS_OP_EVENTS_PUT_TARGETS,
             "{'Rule':'r','EventBusName':'b','Targets':[{'Id':'t','Arn':'" QUEUE_ARN "q'}]}");
    put_event("other", "{\\'n\\':7}");
    put_event("app", "{\\'n\\':5}");
    put_event("app", "{\\'n\\':7, \\'big\\':9007199254740993, \\'s\\':1.50}");
    cJSON *out = receive("q");
    const char *body = json_str(cloud_member(out, "Messages.0"), "Body");
    cr_expect_not_null(strstr(body, "\"big\":9007199254740993, \"s\":1.50"), "%s", body);
    cJSON *ev = json_parse(body, strlen(body), "body", NULL);
    cr_expect_str_eq(json_str(ev, "detail-type"), "T");
    cr_expect_str_eq(json_str(ev, "account"), "000000000000");
    cr_expect_str_eq(json_str(ev, "time"), "2026-01-02T03:04:05Z");
    cr_expect_str_eq(cloud_member(ev, "resources.0")->valuestring, "res");
    cJSON_Delete(ev);
    cJSON_Delete(out);
    out = cloud_call(&c, AWS_OP_SQS_RECEIVE_MESSAGE, "{'QueueUrl':'q'}");
    cr_expect_null(json_get(out, "Messages"), "only the one that matches");
    cJSON_Delete(out);
}

Test(cloud_events, what_cannot_be_delivered_is_a_dead_letter_that_says_why)
{
    cloud_do(&c, AWS_OP_EVENTS_PUT_TARGETS,
             "{'Rule':'r','EventBusName':'b','Targets':[{'Id':'t','Arn':'" QUEUE_ARN
             "gone','DeadLetterConfig':{'Arn':'" QUEUE_ARN "dead'},'Input':'{\\'other\\':1}'}]}");
    put_event("app", "{\\'n\\':7}");
    cJSON *out = receive("dead");
    cr_expect_str_eq(attribute(out, "RULE_ARN"), RULE_ARN);
    cr_expect_str_eq(attribute(out, "TARGET_ARN"), QUEUE_ARN "gone");
    cr_expect_str_eq(attribute(out, "ERROR_CODE"), "NO_RESOURCE");
    cr_expect_str_eq(attribute(out, "RETRY_ATTEMPTS"), "0");
    cr_expect_null(attribute(out, "EXHAUSTED_RETRY_CONDITION"), "it was never tried again");
    const char *body = json_str(cloud_member(out, "Messages.0"), "Body");
    cr_expect_not_null(strstr(body, "\"detail\":{\"n\":7}"), "the event, not the input: %s", body);
    cJSON_Delete(out);
}

Test(cloud_events, a_queue_whose_policy_does_not_let_the_rule_in_gets_nothing)
{
    cloud_do(&c, AWS_OP_EVENTS_PUT_TARGETS,
             "{'Rule':'r','EventBusName':'b','Targets':[{'Id':'t','Arn':'" QUEUE_ARN
             "shut','DeadLetterConfig':{'Arn':'" QUEUE_ARN "dead'}},{'Id':'u','Arn':'" QUEUE_ARN
             "gone','DeadLetterConfig':{'Arn':'" QUEUE_ARN "shut'}}]}");
    put_event("app", "{\\'n\\':7}");
    cJSON *out = receive("dead");
    cr_expect_str_eq(attribute(out, "ERROR_CODE"), "NO_PERMISSIONS");
    cJSON_Delete(out);
    out = cloud_call(&c, AWS_OP_SQS_RECEIVE_MESSAGE, "{'QueueUrl':'shut'}");
    cr_expect_null(json_get(out, "Messages"));
    cJSON_Delete(out);
}

Test(cloud_events, a_job_queue_target_needs_a_role)
{
    cloud_do(&c, AWS_OP_EVENTS_PUT_TARGETS,
             "{'Rule':'r','EventBusName':'b','Targets':[{'Id':'t','Arn':'arn:aws:batch:us-east-1:"
             "000000000000:job-queue/jq','BatchParameters':{'JobDefinition':'d','JobName':'n'},"
             "'DeadLetterConfig':{'Arn':'" QUEUE_ARN "dead'}}]}");
    put_event("app", "{\\'n\\':7}");
    cJSON *out = receive("dead");
    cr_expect_str_eq(attribute(out, "ERROR_CODE"), "NO_PERMISSIONS");
    cJSON_Delete(out);
    cloud_do(&c, AWS_OP_EVENTS_PUT_TARGETS,
             "{'Rule':'r','EventBusName':'b','Targets':[{'Id':'t','Arn':'arn:aws:batch:us-east-1:"
             "000000000000:job-queue/jq','BatchParameters':{'JobDefinition':'d','JobName':'n'},"
             "'RoleArn':'arn:aws:iam::000000000000:role/r',"
             "'DeadLetterConfig':{'Arn':'" QUEUE_ARN "dead'}}]}");
    put_event("app", "{\\'n\\':8}");
    out = receive("dead");
    cr_expect_str_eq(attribute(out, "ERROR_CODE"), "NO_RESOURCE");
    cr_expect_not_null(strstr(attribute(out, "ERROR_MESSAGE"), "Job queue"));
    cJSON_Delete(out);
}

Test(cloud_events, a_disabled_rule_is_silent_and_a_missing_bus_swallows)
{
    cloud_do(&c, AWS_OP_EVENTS_PUT_TARGETS,
             "{'Rule':'r','EventBusName':'b','Targets':[{'Id':'t','Arn':'" QUEUE_ARN "q'}]}");
    cloud_do(&c, AWS_OP_EVENTS_DISABLE_RULE, "{'Name':'r','EventBusName':'b'}");
    put_event("app", "{\\'n\\':7}");
    cloud_do(
        &c, AWS_OP_EVENTS_PUT_EVENTS,
        "{'Entries':[{'Source':'app','DetailType':'T','EventBusName':'nobus','Detail':'{}'}]}");
    cloud_do(&c, AWS_OP_EVENTS_ENABLE_RULE, "{'Name':'r','EventBusName':'b'}");
    put_event("app", "{\\'n\\':99}");
    cJSON *out = receive("q");
    cr_expect_not_null(strstr(json_str(cloud_member(out, "Messages.0"), "Body"), "{\"n\":99}"));
    cJSON_Delete(out);
}

Test(cloud_events, entries_fail_one_by_one)
{
    cJSON *out = cloud_call(
        &c, AWS_OP_EVENTS_PUT_EVENTS,
        "{'Entries':[{'Source':'app','DetailType':'T','Detail':'{}'},{'Source':'app','DetailType':"
        "'T','Detail':'[]'},{'Source':'aws.ec2','DetailType':'T','Detail':'{}'},{'DetailType':'T',"
        "'Detail':'{}'}]}");
    cr_expect_eq(json_int(out, "FailedEntryCount", 0), 3);
    cr_expect_eq(strlen(cloud_member(out, "Entries.0.EventId")->valuestring), 36);
    cr_expect_str_eq(cloud_member(out, "Entries.1.ErrorCode")->valuestring, "MalformedDetail");
    cr_expect_str_eq(cloud_member(out, "Entries.2.ErrorCode")->valuestring,
                     "NotAuthorizedForSourceException");
    cr_expect_str_eq(cloud_member(out, "Entries.3.ErrorCode")->valuestring, "InvalidArgument");
    cJSON_Delete(out);
    cloud_refuses(&c, AWS_OP_EVENTS_PUT_EVENTS, "{'Entries':[]}", "ValidationException", "entries");
}

Test(cloud_events, a_request_over_the_size_limit_is_refused)
{
    size_t n = 1000000;
    char *detail = malloc(n + 1), *json = malloc(n + 300);

    memset(detail, 'x', n);
    detail[n] = '\0';
    snprintf(json, n + 300,
             "{'Entries':[{'Source':'app','DetailType':'T','Detail':'{\\'a\\':\\'%s\\'}'}]}",
             detail);
    cloud_refuses(&c, AWS_OP_EVENTS_PUT_EVENTS, json, "ValidationException", "over the limit");
    free(json);
    free(detail);
}

Test(cloud_events, buses_rules_and_targets_are_kept_checked_and_listed)
{
    cJSON *out = cloud_call(&c, AWS_OP_EVENTS_DESCRIBE_RULE, "{'Name':'r','EventBusName':'b'}");
    cr_expect_str_eq(json_str(out, "Arn"), RULE_ARN);
    cr_expect_str_eq(json_str(out, "State"), "ENABLED");
    cJSON_Delete(out);
    out = cloud_call(&c, AWS_OP_EVENTS_LIST_EVENT_BUSES, "{'Limit':1}");
    cr_expect_str_eq(cloud_member(out, "EventBuses.0.Name")->valuestring, "b");
    cr_expect_not_null(json_str(out, "NextToken"));
    cJSON_Delete(out);
    out = cloud_call(&c, AWS_OP_EVENTS_PUT_TARGETS,
                     "{'Rule':'r','EventBusName':'b','Targets':[{'Id':'x','Arn':'arn:aws:lambda:"
                     "us-east-1:000000000000:function:f'},{'Id':'y','Arn':'" QUEUE_ARN "q'}]}");
    cr_expect_eq(json_int(out, "FailedEntryCount", 0), 1);
    cr_expect_str_eq(cloud_member(out, "FailedEntries.0.TargetId")->valuestring, "x");
    cJSON_Delete(out);
    cloud_answers(&c, AWS_OP_EVENTS_LIST_TARGETS_BY_RULE, "{'Rule':'r','EventBusName':'b'}",
                  "{'Targets':[{'Id':'y','Arn':'" QUEUE_ARN "q'}]}");
    cloud_refuses(&c, AWS_OP_EVENTS_DELETE_RULE, "{'Name':'r','EventBusName':'b'}",
                  "ValidationException", "has targets");
    cloud_do(&c, AWS_OP_EVENTS_REMOVE_TARGETS, "{'Rule':'r','EventBusName':'b','Ids':['y']}");
    cloud_refuses(&c, AWS_OP_EVENTS_DELETE_EVENT_BUS, "{'Name':'b'}", "ValidationException",
                  "has rules");
    cloud_do(&c, AWS_OP_EVENTS_DELETE_RULE, "{'Name':'r','EventBusName':'b'}");
    cloud_do(&c, AWS_OP_EVENTS_DELETE_EVENT_BUS, "{'Name':'b'}");
    cloud_refuses(&c, AWS_OP_EVENTS_DESCRIBE_EVENT_BUS, "{'Name':'b'}", "ResourceNotFoundException",
                  "Event bus b does not exist.");
    cloud_refuses(&c, AWS_OP_EVENTS_DELETE_EVENT_BUS, "{'Name':'default'}", "ValidationException",
                  "default");
}

Test(cloud_events, what_is_wrong_is_refused)
{
    cloud_refuses(&c, AWS_OP_EVENTS_PUT_RULE,
                  "{'Name':'x','EventBusName':'b','EventPattern':'{\\'a\\':1}'}",
                  "InvalidEventPatternException", "must be an object or an array");
    cloud_refuses(&c, AWS_OP_EVENTS_PUT_RULE, "{'Name':'x','EventBusName':'b'}",
                  "ValidationException", "must be specified");
    cloud_refuses(&c, AWS_OP_EVENTS_PUT_RULE,
                  "{'Name':'x','EventBusName':'no','EventPattern':'{}'}",
                  "ResourceNotFoundException", "Event bus no");
    cloud_refuses(&c, AWS_OP_EVENTS_PUT_TARGETS,
                  "{'Rule':'r','EventBusName':'b','Targets':[{'Id':'x','Arn':'house'}]}",
                  "ValidationException", "Arn is not in correct format");
    cloud_refuses(&c, AWS_OP_EVENTS_PUT_TARGETS,
                  "{'Rule':'r','EventBusName':'b','Targets':[{'Id':'x','Arn':'" QUEUE_ARN
                  "q','RetryPolicy':{'MaximumRetryAttempts':186}}]}",
                  "ValidationException", "0 to 185");
    cloud_refuses(&c, AWS_OP_EVENTS_PUT_TARGETS,
                  "{'Rule':'r','EventBusName':'b','Targets':[{'Id':'x','Arn':'" QUEUE_ARN
                  "q','InputTransformer':{'InputTemplate':'{\\'a\\':<b>}'}}]}",
                  "ValidationException", "Invalid InputTemplate");
    cloud_refuses(&c, AWS_OP_EVENTS_PUT_TARGETS,
                  "{'Rule':'r','EventBusName':'b','Targets':[{'Id':'1','Arn':'" QUEUE_ARN
                  "q'},{'Id':'2','Arn':'" QUEUE_ARN "q'},{'Id':'3','Arn':'" QUEUE_ARN
                  "q'},{'Id':'4','Arn':'" QUEUE_ARN "q'},{'Id':'5','Arn':'" QUEUE_ARN
                  "q'},{'Id':'6','Arn':'" QUEUE_ARN "q'}]}",
                  "LimitExceededException", "exceeds");
    cloud_answers(&c, AWS_OP_EVENTS_LIST_TARGETS_BY_RULE, "{'Rule':'r','EventBusName':'b'}",
                  "{'Targets':[]}");
}

Test(cloud_events, a_pattern_is_tried_on_an_event)
{
#define EVENT                                                                                      \
    "\\'id\\':\\'1\\',\\'account\\':\\'a\\',\\'source\\':\\'app\\',\\'time\\':\\'t\\',"            \
    "\\'region\\':\\'r\\',\\'resources\\':[],\\'detail-type\\':\\'x\\'"
    cloud_answers(&c, AWS_OP_EVENTS_TEST_EVENT_PATTERN,
                  "{'EventPattern':'{\\'source\\':[\\'app\\']}','Event':'{" EVENT "}'}",
                  "{'Result':true}");
    cloud_answers(&c, AWS_OP_EVENTS_TEST_EVENT_PATTERN,
                  "{'EventPattern':'{\\'source\\':[\\'no\\']}','Event':'{" EVENT "}'}",
                  "{'Result':false}");
    cloud_refuses(&c, AWS_OP_EVENTS_TEST_EVENT_PATTERN,
                  "{'EventPattern':'{\\'source\\':[\\'no\\']}','Event':'{\\'id\\':\\'1\\'}'}",
                  "ValidationException", "account is a required field");
    cloud_refuses(&c, AWS_OP_EVENTS_TEST_EVENT_PATTERN, "{'EventPattern':'{','Event':'{}'}",
                  "InvalidEventPatternException", "not valid");
}

Test(cloud_events, a_delivery_outlives_the_cloud)
{
    cloud_do(&c, AWS_OP_EVENTS_PUT_TARGETS,
             "{'Rule':'r','EventBusName':'b','Targets':[{'Id':'t','Arn':'" QUEUE_ARN "q'}]}");
    put_event("app", "{\\'n\\':7}");
    cloud_restart(&c);
    cJSON *out = receive("q");
    cJSON_Delete(out);
}

/* ---- pure ----------------------------------------------------------------------------------- */

Test(delivery, waits_longer_each_time_up_to_a_minute)
{
    cr_expect_eq(cloud_events_delivery_backoff_ms(1, 0), 1000);
    cr_expect_eq(cloud_events_delivery_backoff_ms(3, 0), 4000);
    cr_expect_eq(cloud_events_delivery_backoff_ms(100, 0), 60000);
    cr_expect_geq(cloud_events_delivery_backoff_ms(3, 0.99), 2000);
}

Test(delivery, gives_up_by_the_targets_policy)
{
    cJSON *t = cJSON_Parse("{\"RetryPolicy\":{\"MaximumRetryAttempts\":2,"
                           "\"MaximumEventAgeInSeconds\":60}}");

    cr_expect_null(cloud_events_delivery_exhausted(t, 2, 1000));
    cr_expect_str_eq(cloud_events_delivery_exhausted(t, 3, 1000), "MaximumRetryAttempts");
    cr_expect_str_eq(cloud_events_delivery_exhausted(t, 1, 60000), "MaximumEventAgeInSeconds");
    cr_expect_null(cloud_events_delivery_exhausted(NULL, 185, 86399000),
                   "185 tries again, for a day");
    cr_expect_not_null(cloud_events_delivery_exhausted(NULL, 186, 0));
    cJSON_Delete(t);
}
