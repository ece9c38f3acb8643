/* What the real EventBridge, SQS and STS refuse or answer that is easily taken for something else.
 * tests/conformance/local_properties.py looks for the rest of each kind. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cloud.h"
#include "core/json.h"

static struct test_cloud c;

static void setup(void)
{
    cloud_open(&c);
}

static void teardown(void)
{
    cloud_close(&c);
}

TestSuite(cloud_rules, .init = setup, .fini = teardown, .timeout = 120);

/* ---- PutEvents -------------------------------------------------------------------------- */

static void expect_code(const cJSON *reply, int at, const char *code)
{
    const cJSON *row = cJSON_GetArrayItem(json_array(reply, "Entries"), at);

    cr_expect_str_eq(json_str_or(row, "ErrorCode", "(taken)"), code, "entry %d: %s", at,
                     json_str_or(row, "ErrorMessage", ""));
}

Test(cloud_rules, each_entry_of_put_events_is_judged_by_itself)
{
    cJSON *out =
        cloud_call(&c, AWS_OP_EVENTS_PUT_EVENTS,
                   "{'Entries':[{'DetailType':'t','Detail':'{}'},{'Source':'s','Detail':'{}'},"
                   "{'Source':'s','DetailType':'t'},{'Source':'s','DetailType':'t','Detail':'[]'},"
                   "{'Source':'aws.s','DetailType':'t','Detail':'{}'},{},"
                   "{'Source':'s','DetailType':'t','Detail':'{}'}]}");
    cr_assert_not_null(out, "%s", c.e.msg);
    cr_expect_eq(json_int(out, "FailedEntryCount", 0), 6);
    expect_code(out, 0, "InvalidArgument");
    expect_code(out, 1, "InvalidArgument");
    expect_code(out, 2, "InvalidArgument");
    expect_code(out, 3, "MalformedDetail");
    expect_code(out, 4, "NotAuthorizedForSourceException");
    expect_code(out, 5, "InvalidArgument");
    expect_code(out, 6, "(taken)");
    cJSON_Delete(out);
    /* The call is an error also when no entry is good. */
    out = cloud_call(&c, AWS_OP_EVENTS_PUT_EVENTS, "{'Entries':[{'Source':'s','Detail':'{}'}]}");
    cr_assert_not_null(out, "%s", c.e.msg);
    expect_code(out, 0, "InvalidArgument");
    cJSON_Delete(out);
    cloud_refuses(&c, AWS_OP_EVENTS_PUT_EVENTS, "{'Entries':[]}", "ValidationException", "entries");
}

/* ---- STS -------------------------------------------------------------------------------- */

static void act_as(const cJSON *keys)
{
    (void)setenv("AWS_ACCESS_KEY_ID", json_str(keys, "AccessKeyId"), 1);
    (void)setenv("AWS_SECRET_ACCESS_KEY", json_str(keys, "SecretAccessKey"), 1);
    (void)setenv("AWS_SESSION_TOKEN", json_str(keys, "SessionToken"), 1);
    cloud_reconnect(&c);
}

Test(cloud_rules, who_assumed_a_role_is_the_roles_session)
{
    cJSON *who = cloud_call(&c, AWS_OP_STS_GET_CALLER_IDENTITY, "{}");
    cr_expect_str_eq(json_str(who, "Arn"), "arn:aws:iam::000000000000:user/local");
    cr_expect_eq(strlen(json_str(who, "UserId")), 21);
    cr_expect_eq(strncmp(json_str(who, "UserId"), "AIDA", 4), 0);
    cJSON_Delete(who);

    cJSON *first = cloud_call(&c, AWS_OP_STS_ASSUME_ROLE,
                              "{'RoleArn':'arn:aws:iam::000000000000:role/path/viewer',"
                              "'RoleSessionName':'ann@example.com'}");
    cr_assert_not_null(first, "%s", c.e.msg);
    char id[80];
    (void)snprintf(id, sizeof id, "%s",
                   json_str(json_object(first, "AssumedRoleUser"), "AssumedRoleId"));
    cr_expect_eq(strncmp(id, "AROA", 4), 0);
    cr_expect_str_eq(id + 21, ":ann@example.com");
    act_as(json_object(first, "Credentials"));
    cJSON_Delete(first);
    who = cloud_call(&c, AWS_OP_STS_GET_CALLER_IDENTITY, "{}");
    cr_expect_str_eq(json_str(who, "Arn"),
                     "arn:aws:sts::000000000000:assumed-role/viewer/ann@example.com");
    cr_expect_str_eq(json_str(who, "UserId"), id);
    cr_expect_str_eq(json_str(who, "Account"), "000000000000");
    cJSON_Delete(who);

    /* Another session of the role has the same role id, another role another one. */
    cJSON *second = cloud_call(&c, AWS_OP_STS_ASSUME_ROLE,
                               "{'RoleArn':'arn:aws:iam::000000000000:role/viewer',"
                               "'RoleSessionName':'bob'}");
    cr_expect_eq(strncmp(json_str(json_object(second, "AssumedRoleUser"), "AssumedRoleId"), id, 22),
                 0);
    cJSON_Delete(second);
    second = cloud_call(&c, AWS_OP_STS_ASSUME_ROLE,
                        "{'RoleArn':'arn:aws:iam::000000000000:role/operator',"
                        "'RoleSessionName':'bob'}");
    cr_expect_neq(
        strncmp(json_str(json_object(second, "AssumedRoleUser"), "AssumedRoleId"), id, 22), 0);
    cJSON_Delete(second);
    cloud_refuses(&c, AWS_OP_STS_ASSUME_ROLE,
                  "{'RoleArn':'arn:aws:iam::000000000000:role/viewer','RoleSessionName':'bob',"
                  "'DurationSeconds':'3601'}",
                  "ValidationError", "role chaining");
}

/* ---- SQS -------------------------------------------------------------------------------- */

#define LETTERS_80                                                                                 \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

Test(cloud_rules, names_of_queues)
{
    static const char *const bad[] = {"",         "a b",          "a.b",   "a/b",
                                      "\xc3\xa9", LETTERS_80 "a", "x.fifo"};
    char text[200];

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        (void)snprintf(text, sizeof text, "{'QueueName':'%s'}", bad[i]);
        cloud_refuses(&c, AWS_OP_SQS_CREATE_QUEUE, text, "InvalidParameterValue", "");
    }
    cloud_refuses(&c, AWS_OP_SQS_CREATE_QUEUE, "{}", "MissingParameter", "QueueName");
    cloud_do(&c, AWS_OP_SQS_CREATE_QUEUE, "{'QueueName':'" LETTERS_80 "'}");
}

static void redrive_refused(const char *attribute, const char *policy, const char *part)
{
    char text[500];

    (void)snprintf(text, sizeof text, "{'QueueName':'q','Attributes':{'%s':'%s'}}", attribute,
                   policy);
    cloud_refuses(&c, AWS_OP_SQS_CREATE_QUEUE, text, "InvalidParameterValue", part);
    (void)snprintf(text, sizeof text, "{'QueueUrl':'dead','Attributes':{'%s':'%s'}}", attribute,
                   policy);
    cloud_refuses(&c, AWS_OP_SQS_SET_QUEUE_ATTRIBUTES, text, "InvalidParameterValue", part);
}

#define DEAD "\\'deadLetterTargetArn\\':\\'arn:aws:sqs:us-east-1:000000000000:dead\\'"

Test(cloud_rules, redrive_policies)
{
    static const char name[] = "RedrivePolicy", allow[] = "RedriveAllowPolicy";

    cloud_do(&c, AWS_OP_SQS_CREATE_QUEUE, "{'QueueName':'dead'}");
    redrive_refused(name, "x", "not a valid JSON map");
    redrive_refused(name, "[]", "not a valid JSON map");
    redrive_refused(name, "{}", "mandatory attribute: deadLetterTargetArn");
    redrive_refused(name, "{" DEAD "}", "mandatory attribute: maxReceiveCount");
    redrive_refused(name, "{\\'maxReceiveCount\\':3}", "mandatory attribute: deadLetterTargetArn");
    redrive_refused(name, "{" DEAD ",\\'maxReceiveCount\\':0}", "from 1 to 1000");
    redrive_refused(name, "{" DEAD ",\\'maxReceiveCount\\':1001}", "from 1 to 1000");
    redrive_refused(name, "{" DEAD ",\\'maxReceiveCount\\':1.5}", "from 1 to 1000");
    redrive_refused(name, "{" DEAD ",\\'maxReceiveCount\\':\\'many\\'}", "from 1 to 1000");
    redrive_refused(name, "{" DEAD ",\\'maxReceiveCount\\':1,\\'more\\':1}", "Only following");
    redrive_refused(name, "{\\'deadLetterTargetArn\\':\\'dead\\',\\'maxReceiveCount\\':1}",
                    "Invalid value for deadLetterTargetArn");
    redrive_refused(name,
                    "{\\'deadLetterTargetArn\\':\\'arn:aws:sqs:us-east-1:000000000000:none\\',"
                    "\\'maxReceiveCount\\':1}",
                    "does not exist");
    redrive_refused(allow, "{\\'redrivePermission\\':\\'some\\'}", "allowAll");
    redrive_refused(allow, "{\\'redrivePermission\\':\\'byQueue\\'}", "sourceQueueArns");
    redrive_refused(allow, "{\\'redrivePermission\\':\\'denyAll\\',\\'sourceQueueArns\\':[]}",
                    "byQueue only");
    cloud_do(&c, AWS_OP_SQS_CREATE_QUEUE,
             "{'QueueName':'q','Attributes':{'RedrivePolicy':'{" DEAD
             ",\\'maxReceiveCount\\':\\'5\\'}','RedriveAllowPolicy':"
             "'{\\'redrivePermission\\':\\'allowAll\\'}'}}");
    cloud_do(&c, AWS_OP_SQS_SET_QUEUE_ATTRIBUTES,
             "{'QueueUrl':'q','Attributes':{'RedrivePolicy':''}}");
}

Test(cloud_rules, attributes_of_queues_and_messages)
{
    static const char *const values[] = {"'VisibilityTimeout':'-1'",     "'VisibilityTimeout':' 5'",
                                         "'DelaySeconds':'901'",         "'DelaySeconds':''",
                                         "'SqsManagedSseEnabled':'yes'", "'Policy':'[]'"};
    static const char *const names[] = {"", ".a", "a.", "a..b", "a b", "AWS.x", "amazon.x"};
    char text[300];

    cloud_do(&c, AWS_OP_SQS_CREATE_QUEUE, "{'QueueName':'q'}");
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        (void)snprintf(text, sizeof text, "{'QueueUrl':'q','Attributes':{%s}}", values[i]);
        cloud_refuses(&c, AWS_OP_SQS_SET_QUEUE_ATTRIBUTES, text, "InvalidAttributeValue", "");
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        (void)snprintf(text, sizeof text,
                       "{'QueueUrl':'q','MessageBody':'b','MessageAttributes':{'%s':"
                       "{'DataType':'String','StringValue':'v'}}}",
                       names[i]);
        cloud_refuses(&c, AWS_OP_SQS_SEND_MESSAGE, text, "InvalidParameterValue", "is invalid");
    }
    cloud_refuses(&c, AWS_OP_SQS_SEND_MESSAGE,
                  "{'QueueUrl':'q','MessageBody':'b','MessageAttributes':{'n':"
                  "{'DataType':'Number','StringValue':'many'}}}",
                  "InvalidParameterValue", "to a number");
    cloud_refuses(&c, AWS_OP_SQS_SEND_MESSAGE,
                  "{'QueueUrl':'q','MessageBody':'b','MessageAttributes':{'n':"
                  "{'DataType':'Strings','StringValue':'v'}}}",
                  "InvalidParameterValue", "type prefixes");
    cloud_do(&c, AWS_OP_SQS_SEND_MESSAGE,
             "{'QueueUrl':'q','MessageBody':'b','MessageAttributes':{'a.b':"
             "{'DataType':'Number.int','StringValue':'-1.5E3'}}}");
    cloud_refuses(&c, AWS_OP_SQS_DELETE_MESSAGE_BATCH,
                  "{'QueueUrl':'q','Entries':[{'Id':'a b','ReceiptHandle':'x'}]}",
                  "InvalidBatchEntryId", "");
}
