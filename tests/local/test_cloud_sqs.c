/* SQS of the local cloud: messages, receipts, digests, redrive and policies. */
#include <criterion/criterion.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cloud.h"
#include "core/json.h"
#include "src/cloud/sqs/sqs.h"

static struct test_cloud c;
static char url[128];

static void setup(void)
{
    cloud_open(&c);
    cloud_do(&c, AWS_OP_SQS_CREATE_QUEUE, "{'QueueName':'q'}");
    snprintf(url, sizeof url, "'QueueUrl':'http://127.0.0.1:%u/000000000000/q'",
             (unsigned)cloud_port(c.l));
}

static void teardown(void)
{
    cloud_close(&c);
}

TestSuite(cloud_sqs, .init = setup, .fini = teardown, .timeout = 120);

static cJSON *call(enum aws_op_id op, const char *more)
{
    char json[1024];

    snprintf(json, sizeof json, "{%s%s}", url, more);
    cJSON *out = cloud_call(&c, op, json);
    cr_assert_not_null(out, "%s: %s", json, c.e.msg);
    return out;
}

static void refuses(enum aws_op_id op, const char *more, const char *code, const char *part)
{
    char json[1024];

    snprintf(json, sizeof json, "{%s%s}", url, more);
    cloud_refuses(&c, op, json, code, part);
}

static void send(const char *more)
{
    cJSON_Delete(call(AWS_OP_SQS_SEND_MESSAGE, more));
}

Test(cloud_sqs, a_message_comes_with_the_digests_that_clients_check)
{
    /* The digests are those that the AWS CLI accepts (checked by botocore's own computation). */
    cJSON *sent = call(AWS_OP_SQS_SEND_MESSAGE,
                       ",'MessageBody':'hello','MessageAttributes':{'A':{'DataType':'String',"
                       "'StringValue':'v'},'B':{'DataType':'Binary','BinaryValue':'QVFJRA=='}}");
    cr_expect_str_eq(json_str(sent, "MD5OfMessageBody"), "5d41402abc4b2a76b9719d911017c592");
    cr_expect_str_eq(json_str(sent, "MD5OfMessageAttributes"), "c81bb9a5bbf965695a2ffb9a81bf3ca0");
    cJSON_Delete(sent);

    cJSON *out = call(AWS_OP_SQS_RECEIVE_MESSAGE,
                      ",'MessageAttributeNames':['A'],'MessageSystemAttributeNames':['All']");
    const cJSON *m = cloud_member(out, "Messages.0");
    cr_expect_str_eq(json_str(m, "Body"), "hello");
    cr_expect_null(json_get(json_get(m, "MessageAttributes"), "B"), "not asked for");
    cr_expect_str_eq(json_str(json_get(m, "Attributes"), "ApproximateReceiveCount"), "1");
    char md5[33];
    cloud_sqs_md5_attributes(json_get(m, "MessageAttributes"), md5);
    cr_expect_str_eq(json_str(m, "MD5OfMessageAttributes"), md5);
    cJSON_Delete(out);
}

Test(cloud_sqs, a_received_message_is_hidden_until_its_time_is_over)
{
    send(",'MessageBody':'x'");
    cJSON *out = call(AWS_OP_SQS_RECEIVE_MESSAGE, ",'VisibilityTimeout':60");
    char handle[128], more[256];

    snprintf(handle, sizeof handle, "%s",
             json_str(cloud_member(out, "Messages.0"), "ReceiptHandle"));
    cJSON_Delete(out);
    out = call(AWS_OP_SQS_RECEIVE_MESSAGE, "");
    cr_expect_null(json_get(out, "Messages"));
    cJSON_Delete(out);
    snprintf(more, sizeof more, ",'ReceiptHandle':'%s','VisibilityTimeout':0", handle);
    cJSON_Delete(call(AWS_OP_SQS_CHANGE_MESSAGE_VISIBILITY, more));
    out = call(AWS_OP_SQS_RECEIVE_MESSAGE, ",'AttributeNames':['ApproximateReceiveCount']");
    cr_expect_str_eq(
        json_str(cloud_member(out, "Messages.0.Attributes"), "ApproximateReceiveCount"), "2");
    cJSON_Delete(out);

    /* The old handle is of no use any more; using it is not an error. */
    snprintf(more, sizeof more, ",'ReceiptHandle':'%s'", handle);
    cJSON_Delete(call(AWS_OP_SQS_DELETE_MESSAGE, more));
    c.skew_ms += 31000;
    out = call(AWS_OP_SQS_RECEIVE_MESSAGE, "");
    cr_expect_eq(cJSON_GetArraySize(json_array(out, "Messages")), 1);
    snprintf(more, sizeof more,
             ",'Entries':[{'Id':'a','ReceiptHandle':'%s'},{'Id':'b',"
             "'ReceiptHandle':'zzz'}]",
             json_str(cloud_member(out, "Messages.0"), "ReceiptHandle"));
    cJSON_Delete(out);
    out = call(AWS_OP_SQS_DELETE_MESSAGE_BATCH, more);
    cr_expect_str_eq(cloud_member(out, "Successful.0.Id")->valuestring, "a");
    cr_expect_str_eq(cloud_member(out, "Failed.0.Code")->valuestring, "ReceiptHandleIsInvalid");
    cJSON_Delete(out);
    out = call(AWS_OP_SQS_GET_QUEUE_ATTRIBUTES, ",'AttributeNames':['All']");
    cr_expect_str_eq(cloud_member(out, "Attributes.ApproximateNumberOfMessages")->valuestring, "0");
    cJSON_Delete(out);
}

static void *send_one(void *arg)
{
    struct aws_client *aws = aws_client_new(
        &(struct aws_options){.region = "us-east-1", .endpoint_url = cloud_endpoint(c.l)}, NULL);
    cJSON *in = json_new_object();

    json_set_str(in, "QueueUrl", arg);
    json_set_str(in, "MessageBody", "late");
    cr_expect_eq(aws_call(aws, AWS_OP_SQS_SEND_MESSAGE, in, NULL, NULL), E_OK);
    cJSON_Delete(in);
    aws_client_free(aws);
    return NULL;
}

Test(cloud_sqs, a_long_poll_ends_when_a_message_comes_and_holds_nobody_up)
{
    pthread_t thread;
    char name[] = "/000000000000/q";
    int64_t began = clock_mono_ms(NULL);

    /* The sender needs the cloud's lock while the receiver waits. */
    cr_assert_eq(pthread_create(&thread, NULL, send_one, name), 0);
    cJSON *out = call(AWS_OP_SQS_RECEIVE_MESSAGE, ",'WaitTimeSeconds':20");
    pthread_join(thread, NULL);
    cr_expect_str_eq(cloud_member(out, "Messages.0.Body")->valuestring, "late");
    cr_expect_lt(clock_mono_ms(NULL) - began, 15000);
    cJSON_Delete(out);
}

/* A client of its own that polls once, for as long as SQS allows. */
struct poller {
    pthread_t thread;
    char body[32]; /* of the message that it got, or "" */
    char code[64]; /* of the error that it got, or "" */
};

static void *poll_once(void *arg)
{
    struct poller *p = arg;
    struct aws_client *aws = aws_client_new(
        &(struct aws_options){.region = "us-east-1", .endpoint_url = cloud_endpoint(c.l)}, NULL);
    cJSON *in = json_new_object(), *out = NULL;
    struct err e = {0};

    json_set_str(in, "QueueUrl", "/000000000000/q");
    json_set_int(in, "WaitTimeSeconds", 20);
    if (aws_call(aws, AWS_OP_SQS_RECEIVE_MESSAGE, in, &out, &e) != E_OK) {
        (void)snprintf(p->code, sizeof p->code, "%s", e.aws_code);
    }
    const cJSON *message = cloud_member(out, "Messages.0");
    (void)snprintf(p->body, sizeof p->body, "%s", json_str_or(message, "Body", ""));
    cJSON_Delete(in);
    cJSON_Delete(out);
    aws_client_free(aws);
    return NULL;
}

static void await_pollers(struct poller *p, int n)
{
    for (int i = 0; i < n; i++) {
        cr_assert_eq(pthread_create(&p[i].thread, NULL, poll_once, &p[i]), 0);
    }
    (void)poll(NULL, 0, 500); /* nothing tells from outside that a request waits */
}

Test(cloud_sqs, more_long_polls_than_the_server_has_threads_hold_nobody_up)
{
    enum { POLLERS = 30 };
    static struct poller p[POLLERS];
    int64_t began = clock_mono_ms(NULL);

    await_pollers(p, POLLERS);
    for (int i = 0; i < POLLERS; i++) {
        send(",'MessageBody':'late'");
    }
    for (int i = 0; i < POLLERS; i++) {
        (void)pthread_join(p[i].thread, NULL);
        cr_expect_str_eq(p[i].body, "late", "%d: %s", i, p[i].code);
    }
    cr_expect_lt(clock_mono_ms(NULL) - began, 15000);
}

Test(cloud_sqs, a_long_poll_sees_a_message_whose_time_has_come)
{
    int64_t began = clock_mono_ms(NULL);

    send(",'MessageBody':'soon','DelaySeconds':1");
    cJSON *out = call(AWS_OP_SQS_RECEIVE_MESSAGE, ",'WaitTimeSeconds':20");
    cr_expect_str_eq(cloud_member(out, "Messages.0.Body")->valuestring, "soon");
    cr_expect_geq(clock_mono_ms(NULL) - began, 900);
    cr_expect_lt(clock_mono_ms(NULL) - began, 10000);
    cJSON_Delete(out);
}

Test(cloud_sqs, a_long_poll_that_finds_nothing_ends_on_time)
{
    int64_t began = clock_mono_ms(NULL);

    cJSON *out = call(AWS_OP_SQS_RECEIVE_MESSAGE, ",'WaitTimeSeconds':2");
    cr_expect_null(out->child);
    cr_expect_geq(clock_mono_ms(NULL) - began, 2000);
    cr_expect_lt(clock_mono_ms(NULL) - began, 10000);
    cJSON_Delete(out);
}

Test(cloud_sqs, a_long_poll_ends_with_the_cloud)
{
    static struct poller p;
    int64_t began = clock_mono_ms(NULL);

    await_pollers(&p, 1);
    cloud_restart(&c);
    (void)pthread_join(p.thread, NULL);
    cr_expect_str_eq(p.code, "ServiceUnavailable");
    cr_expect_lt(clock_mono_ms(NULL) - began, 15000);
}

Test(cloud_sqs, a_message_received_too_often_moves_to_the_dead_letter_queue)
{
    cloud_do(&c, AWS_OP_SQS_CREATE_QUEUE, "{'QueueName':'dead'}");
    cJSON_Delete(call(AWS_OP_SQS_SET_QUEUE_ATTRIBUTES,
                      ",'Attributes':{'RedrivePolicy':'{\\'deadLetterTargetArn\\':"
                      "\\'arn:aws:sqs:us-east-1:000000000000:dead\\',\\'maxReceiveCount\\':1}'}"));
    send(",'MessageBody':'x'");
    cJSON_Delete(call(AWS_OP_SQS_RECEIVE_MESSAGE, ",'VisibilityTimeout':0"));
    cJSON *out = call(AWS_OP_SQS_RECEIVE_MESSAGE, "");
    cr_expect_null(json_get(out, "Messages"));
    cJSON_Delete(out);
    out = cloud_call(&c, AWS_OP_SQS_RECEIVE_MESSAGE,
                     "{'QueueUrl':'dead','MessageSystemAttributeNames':['All']}");
    cr_expect_str_eq(
        cloud_member(out, "Messages.0.Attributes.DeadLetterQueueSourceArn")->valuestring,
        "arn:aws:sqs:us-east-1:000000000000:q");
    cJSON_Delete(out);
}

Test(cloud_sqs, what_is_wrong_is_refused)
{
    cloud_refuses(&c, AWS_OP_SQS_GET_QUEUE_URL, "{'QueueName':'no'}", "QueueDoesNotExist",
                  "does not exist");
    cloud_refuses(&c, AWS_OP_SQS_CREATE_QUEUE, "{'QueueName':'a.fifo'}", "InvalidParameterValue",
                  "standard queues only");
    cloud_refuses(&c, AWS_OP_SQS_CREATE_QUEUE,
                  "{'QueueName':'q','Attributes':{'DelaySeconds':'5'}}", "QueueNameExists",
                  "DelaySeconds");
    refuses(AWS_OP_SQS_SEND_MESSAGE, "", "MissingParameter", "MessageBody");
    refuses(AWS_OP_SQS_SEND_MESSAGE, ",'MessageBody':'\\u0001'", "InvalidMessageContents",
            "characters");
    refuses(AWS_OP_SQS_SEND_MESSAGE, ",'MessageBody':'x','DelaySeconds':901",
            "InvalidParameterValue", "DelaySeconds");
    refuses(AWS_OP_SQS_SEND_MESSAGE,
            ",'MessageBody':'x','MessageAttributes':{'a':{'DataType':'Odd','StringValue':'v'}}",
            "InvalidParameterValue", "supported type prefixes");
    refuses(AWS_OP_SQS_RECEIVE_MESSAGE, ",'MaxNumberOfMessages':11", "InvalidParameterValue",
            "MaxNumberOfMessages");
    refuses(AWS_OP_SQS_DELETE_MESSAGE, ",'ReceiptHandle':'1-2'", "ReceiptHandleIsInvalid",
            "invalid");
    refuses(AWS_OP_SQS_DELETE_MESSAGE_BATCH, ",'Entries':[]", "EmptyBatchRequest", "at least one");
    refuses(AWS_OP_SQS_DELETE_MESSAGE_BATCH,
            ",'Entries':[{'Id':'a','ReceiptHandle':'x'},{'Id':'a','ReceiptHandle':'y'}]",
            "BatchEntryIdsNotDistinct", "repeated");
    refuses(AWS_OP_SQS_GET_QUEUE_ATTRIBUTES, ",'AttributeNames':['Odd']", "InvalidAttributeName",
            "Odd");
    refuses(AWS_OP_SQS_SET_QUEUE_ATTRIBUTES, ",'Attributes':{'VisibilityTimeout':'x'}",
            "InvalidAttributeValue", "VisibilityTimeout");
    send(",'MessageBody':'x'");
    cJSON_Delete(call(AWS_OP_SQS_PURGE_QUEUE, ""));
    cJSON *out = call(AWS_OP_SQS_RECEIVE_MESSAGE, "");
    cr_expect_null(json_get(out, "Messages"));
    cJSON_Delete(out);
    cJSON_Delete(call(AWS_OP_SQS_DELETE_QUEUE, ""));
    refuses(AWS_OP_SQS_SEND_MESSAGE, ",'MessageBody':'x'", "QueueDoesNotExist", "does not exist");
}

/* ---- the policy, pure ----------------------------------------------------------------------- */

#define ALLOW "'Effect':'Allow','Action':'sqs:SendMessage','Resource':'arn:q'"
#define EVENTS "'Principal':{'Service':'events.amazonaws.com'}"

static const struct policy_case {
    const char *policy;
    bool want;
} policies[] = {
    {"{'Statement':[{" ALLOW "," EVENTS "}]}",                                                     true },
    {"{'Statement':{" ALLOW "," EVENTS "}}",                                                       true },
    {"{'Statement':[{" ALLOW ",'Principal':'*'}]}",                                                true },
    {"{'Statement':[{" ALLOW ",'Principal':{'AWS':'*'}}]}",                                        true },
    {"{'Statement':[{" ALLOW ",'Principal':{'Service':['a','events.amazonaws.com']}}]}",           true },
    {"{'Statement':[{" ALLOW ",'Principal':{'Service':'sns.amazonaws.com'}}]}",                    false},
    {"{'Statement':[{'Effect':'Allow','Action':['SQS:*'],'Resource':'*'," EVENTS "}]}",            true },
    {"{'Statement':[{'Effect':'Allow','Action':'sqs:ReceiveMessage','Resource':'*'," EVENTS "}]}",
     false                                                                                              },
    {"{'Statement':[{'Effect':'Allow','Action':'sqs:*','Resource':'arn:other'," EVENTS "}]}",
     false                                                                                              },
    {"{'Statement':[{" ALLOW "," EVENTS ",'Condition':{'ArnEquals':{'aws:SourceArn':'arn:r'}}}]}",
     true                                                                                               },
    {"{'Statement':[{" ALLOW "," EVENTS ",'Condition':{'ArnLike':{'aws:SourceArn':['arn:x',"
     "'arn:*']}}}]}",                                                                         true },
    {"{'Statement':[{" ALLOW "," EVENTS ",'Condition':{'ArnEquals':{'aws:SourceArn':'arn:x'}}}]}",
     false                                                                                              },
    {"{'Statement':[{" ALLOW "," EVENTS
     ",'Condition':{'StringEquals':{'aws:SourceAccount':'1'}}}]}",                            true },
    {"{'Statement':[{" ALLOW "," EVENTS
     ",'Condition':{'StringEquals':{'aws:SourceAccount':'2'}}}]}",                            false},
    {"{'Statement':[{" ALLOW "," EVENTS
     ",'Condition':{'IpAddress':{'aws:SourceIp':'0.0.0.0/0'}}}]}",                            false},
    {"{'Statement':[{" ALLOW "," EVENTS "},{'Effect':'Deny','Action':'*','Resource':'*',"
     "'Principal':'*'}]}",                                                                    false},
    {"{'Statement':[]}",                                                                           false},
    {"{}",                                                                                         false},
    {"[]",                                                                                         false},
};

Test(sqs_policy, lets_in_whom_it_names_and_nobody_else)
{
    for (size_t i = 0; i < sizeof policies / sizeof *policies; i++) {
        char text[512];
        snprintf(text, sizeof text, "%s", policies[i].policy);
        for (char *p = text; *p != '\0'; p++) {
            *p = *p == '\'' ? '"' : *p;
        }
        cJSON *doc = json_parse(text, strlen(text), "policy", NULL);
        cr_assert_not_null(doc, "%s", text);
        cr_expect_eq(cloud_sqs_policy_check(doc, "events.amazonaws.com", "arn:q", "arn:r", "1"),
                     policies[i].want, "%s", text);
        cJSON_Delete(doc);
    }
}
