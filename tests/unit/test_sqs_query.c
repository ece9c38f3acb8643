/* SQS's query protocol. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "src/cloud/http/protocol.h"
#include "src/cloud/services.h"
#include "src/cloud/sqs/sqs_query.h"

/* The document of a form as the server reads it, as text; owned. */
static char *document(const char *body)
{
    struct cloud_http_request q = {.method = "POST",
                                   .path = "/000000000000/dlq",
                                   .type = "application/x-www-form-urlencoded; charset=utf-8",
                                   .body = body,
                                   .body_len = strlen(body)};
    struct cloud_http_route route;
    struct cloud_reply r = {.status = 200};
    cJSON *in = NULL;

    cloud_http_find_route(cloud_all_services, &q, &route);
    cr_assert(route.known);
    cr_assert_eq(route.service, AWS_SQS);
    cr_assert_eq(route.protocol, AWS_QUERY_XML);
    cr_assert(cloud_http_read_body(&route, &q, &in, &r));
    char *text = json_text(in);
    cJSON_Delete(in);
    return text;
}

static const struct form_case {
    const char *form;
    const char *want;
} cases[] = {
    {"Action=GetQueueUrl&Version=2012-11-05&QueueName=dlq",                                  "{\"QueueName\":\"dlq\"}"                                                               },
    {"Action=ReceiveMessage&Version=2012-11-05&MaxNumberOfMessages=10&AttributeName.1=All&"
     "MessageAttributeName.1=A&MessageAttributeName.2=B",                               "{\"MaxNumberOfMessages\":10,\"AttributeNames\":[\"All\"],\"MessageAttributeNames\":[\"A\","
     "\"B\"]}"                                                                                                         },
    {"Action=SetQueueAttributes&Version=2012-11-05&Attribute.1.Name=DelaySeconds&Attribute.1.Value="
     "5",                                                                               "{\"Attributes\":{\"DelaySeconds\":\"5\"}}"                                             },
    {"Action=SendMessage&Version=2012-11-05&MessageBody=a%20b&MessageAttribute.1.Name=K&"
     "MessageAttribute.1.Value.DataType=String&MessageAttribute.1.Value.StringValue=v", "{\"MessageBody\":\"a "
     "b\",\"MessageAttributes\":{\"K\":{\"DataType\":\"String\",\"StringValue\":\"v\"}}}"},
    {"Action=DeleteMessageBatch&Version=2012-11-05&DeleteMessageBatchRequestEntry.1.Id=a&"
     "DeleteMessageBatchRequestEntry.1.ReceiptHandle=h",                                "{\"Entries\":[{\"Id\":\"a\",\"ReceiptHandle\":\"h\"}]}"                                },
    {"Action=ReceiveMessage&Version=2012-11-05&MaxNumberOfMessages=many",
     "{\"MaxNumberOfMessages\":\"many\"}"                                                                                                                                            },
    {"Action=ReceiveMessage&Version=2012-11-05&AttributeName.x=1&AttributeName.0=All&.=.&Attribute."
     ".Name=q",                                                                         "{}"                                                                                    },
};

Test(sqs_query, a_form_stands_for_the_json_document)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *got = document(cases[i].form);
        cr_expect_str_eq(got, cases[i].want, "%s: %s", cases[i].form, got);
        free(got);
    }
}

static char *reply(const char *operation, const char *json, const char *code)
{
    struct cloud_http_route route = {.known = true,
                                     .service = AWS_SQS,
                                     .protocol = AWS_QUERY_XML,
                                     .op = AWS_OP_COUNT,
                                     .query = &cloud_sqs_query};
    struct cloud_reply r = {.status = 200};
    struct cloud_http_reply out;
    struct err e;

    (void)snprintf(route.name, sizeof route.name, "%s", operation);
    r.out = json_parse(json, strlen(json), "test", &e);
    cr_assert_not_null(r.out);
    if (code != NULL) {
        r.status = 400;
        (void)snprintf(r.code, sizeof r.code, "QueueDoesNotExist");
        (void)snprintf(r.query_code, sizeof r.query_code, "%s", code);
        (void)snprintf(r.message, sizeof r.message, "no <such> queue");
    }
    cloud_http_write_reply(&route, &r, "ID", &out);
    cr_expect_str_eq(out.content_type, "text/xml");
    cJSON_Delete(r.out);
    return strbuf_take(&out.body);
}

Test(sqs_query, lists_are_flat_and_text_is_escaped)
{
    char *got = reply("ReceiveMessage",
                      "{\"Messages\":[{\"MessageId\":\"m\",\"Body\":\"<a>&\\r\\u0001\","
                      "\"Attributes\":{\"SentTimestamp\":\"1\"},\"MessageAttributes\":{\"K\":"
                      "{\"StringValue\":\"v\",\"DataType\":\"String\"}}}]}",
                      NULL);
    cr_expect_str_eq(
        got,
        "<ReceiveMessageResponse xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\">"
        "<ReceiveMessageResult><Message><MessageId>m</MessageId><Body>&lt;a&gt;&amp;&#13;?</Body>"
        "<Attribute><Name>SentTimestamp</Name><Value>1</Value></Attribute><MessageAttribute>"
        "<Name>K</Name><Value><StringValue>v</StringValue><DataType>String</DataType></Value>"
        "</MessageAttribute></Message></ReceiveMessageResult>"
        "<ResponseMetadata><RequestId>ID</RequestId></ResponseMetadata></ReceiveMessageResponse>",
        "%s", got);
    free(got);
}

Test(sqs_query, errors_carry_the_name_that_older_clients_know)
{
    char *got = reply("GetQueueUrl", "{}", "AWS.SimpleQueueService.NonExistentQueue");
    cr_expect(strstr(got, "<Code>AWS.SimpleQueueService.NonExistentQueue</Code>") != NULL, "%s",
              got);
    cr_expect(strstr(got, "no &lt;such&gt; queue") != NULL, "%s", got);
    free(got);
}
