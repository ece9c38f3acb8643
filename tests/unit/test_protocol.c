/* AWS's wire protocols as the local cloud reads and writes them. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "src/cloud/http/protocol.h"
#include "src/cloud/services.h"

static const struct route_case {
    const char *method, *path, *target, *type, *body;
    bool known;
    enum aws_op_id op;
    enum aws_protocol protocol;
} routes[] = {
    {"POST", "/",            "DynamoDB_20120810.GetItem",           NULL,                                               "",          true,  AWS_OP_DDB_GET_ITEM,            AWS_JSON_1_0 },
    {"POST", "/",            "DynamoDBStreams_20120810.GetRecords", NULL,                                               "",          true,  AWS_OP_STREAMS_GET_RECORDS,
     AWS_JSON_1_0                                                                                                                                                                        },
    {"POST", "/",            "DynamoDB_20120810.getitem",           NULL,                                               "",          true,  AWS_OP_COUNT,                   AWS_JSON_1_0 },
    {"POST", "/",            "AWSEvents.PutEvents",                 NULL,                                               "",          true,  AWS_OP_EVENTS_PUT_EVENTS,       AWS_JSON_1_1 },
    {"POST", "/",            "AmazonSQS.SendMessage",               NULL,                                               "",          true,  AWS_OP_SQS_SEND_MESSAGE,        AWS_JSON_1_0 },
    {"GET",  "/",            "AmazonSQS.SendMessage",               NULL,                                               "",          true,  AWS_OP_COUNT,                   AWS_JSON_1_0 },
    {"POST", "/v1/listjobs", NULL,                                  "application/json",                                 "",          true,  AWS_OP_BATCH_LIST_JOBS,
     AWS_REST_JSON                                                                                                                                                                       },
    {"GET",  "/v1/listjobs", NULL,                                  NULL,                                               "",          true,  AWS_OP_COUNT,                   AWS_REST_JSON},
    {"POST", "/v1/",         NULL,                                  NULL,                                               "",          true,  AWS_OP_COUNT,                   AWS_REST_JSON},
    {"POST", "/",            NULL,                                  "application/x-www-form-urlencoded; charset=utf-8",
     "Version=2011-06-15&Action=GetCallerIdentity",                                                                                  true,  AWS_OP_STS_GET_CALLER_IDENTITY,
     AWS_QUERY_XML                                                                                                                                                                       },
    {"POST", "/",            NULL,                                  "application/x-www-form-urlencoded",                "Action=%4", true,  AWS_OP_COUNT,
     AWS_QUERY_XML                                                                                                                                                                       },
    {"POST", "/",            NULL,                                  NULL,                                               "",          false, AWS_OP_COUNT,                   AWS_JSON_1_0 },
    {"POST", "/",            "",                                    NULL,                                               "",          false, AWS_OP_COUNT,                   AWS_JSON_1_0 },
};

Test(protocol, requests_find_their_operation)
{
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        const struct route_case *c = &routes[i];
        struct cloud_http_route out;
        cloud_http_find_route(cloud_all_services,
                              &(struct cloud_http_request){.method = c->method,
                                                           .path = c->path,
                                                           .target = c->target,
                                                           .type = c->type,
                                                           .body = c->body,
                                                           .body_len = strlen(c->body)},
                              &out);
        cr_expect_eq(out.known, c->known, "row %zu", i);
        cr_expect_eq(out.op, c->op, "row %zu", i);
        cr_expect_eq(out.protocol, c->protocol, "row %zu", i);
    }
}

Test(protocol, a_form_is_decoded_once)
{
    static const struct cloud_http_route sts = {
        .known = true, .service = AWS_STS, .protocol = AWS_QUERY_XML};
    const char *body = "Action=A&RoleArn=arn%3Aaws%3Aiam&x=a+b%2Bc&empty=&flag&Action=B";
    struct cloud_reply r = {.status = 200};
    cJSON *in = NULL;

    cr_assert(cloud_http_read_body(
        &sts, &(struct cloud_http_request){.body = body, .body_len = strlen(body)}, &in, &r));
    cr_expect_str_eq(json_str(in, "RoleArn"), "arn:aws:iam");
    cr_expect_str_eq(json_str(in, "x"), "a b+c");
    cr_expect_str_eq(json_str(in, "empty"), "");
    cr_expect_str_eq(json_str(in, "flag"), "");
    cr_expect_str_eq(json_str(in, "Action"), "A");
    cJSON_Delete(in);
    static const char *const bad[] = {"a=%", "a=%1", "a=%zz", "a=%00", "a=%ff"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        in = NULL;
        cr_expect_not(cloud_http_read_body(
                          &sts,
                          &(struct cloud_http_request){.body = bad[i], .body_len = strlen(bad[i])},
                          &in, &r),
                      "%s", bad[i]);
        cloud_reply_clear(&r);
    }
}

static char *printed(const struct cloud_http_route *route, struct cloud_reply *r,
                     struct cloud_http_reply *p)
{
    cloud_http_write_reply(route, r, "id-1", p);
    cloud_reply_clear(r);
    return strbuf_take(&p->body);
}

Test(protocol, each_protocol_has_its_own_envelope)
{
    struct cloud_http_reply p;
    struct cloud_reply r = {.status = 200};
    struct cloud_http_route ddb = {
        .known = true, .service = AWS_DYNAMODB, .protocol = AWS_JSON_1_0, .name = "GetItem"};
    struct cloud_http_route batch = {
        .known = true, .service = AWS_BATCH, .protocol = AWS_REST_JSON};
    struct cloud_http_route sqs = {.known = true, .service = AWS_SQS, .protocol = AWS_JSON_1_0};
    struct cloud_http_route sts = {
        .known = true, .service = AWS_STS, .protocol = AWS_QUERY_XML, .name = "GetCallerIdentity"};

    char *text = printed(&ddb, &r, &p);
    cr_expect_str_eq(text, "{}");
    cr_expect(p.crc32);
    free(text);

    cloud_fail(&r, 400, "ConditionalCheckFailedException", "The \"condition\"");
    r.out = json_new_object();
    json_set_str(r.out, "Item", "x");
    text = printed(&ddb, &r, &p);
    cr_expect_str_eq(
        text, "{\"__type\":\"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException\","
              "\"message\":\"The \\\"condition\\\"\",\"Item\":\"x\"}");
    free(text);

    cloud_fail(&r, 400, "ClientException", "no queue");
    text = printed(&batch, &r, &p);
    cr_expect_str_eq(text, "{\"message\":\"no queue\"}");
    cr_expect_str_eq(p.error_type, "ClientException");
    free(text);

    cloud_fail(&r, 400, "QueueDoesNotExist", "gone");
    (void)snprintf(r.query_code, sizeof r.query_code, "AWS.SimpleQueueService.NonExistentQueue");
    text = printed(&sqs, &r, &p);
    cr_expect_str_eq(text,
                     "{\"__type\":\"com.amazonaws.sqs#QueueDoesNotExist\",\"message\":\"gone\"}");
    cr_expect_str_eq(p.query_error, "AWS.SimpleQueueService.NonExistentQueue;Sender");
    free(text);

    r.out = json_new_object();
    json_set_str(r.out, "Arn", "a<&>\"b");
    json_set(r.out, "List", json_new_array());
    json_push_str(cJSON_GetObjectItemCaseSensitive(r.out, "List"), "1");
    text = printed(&sts, &r, &p);
    cr_expect_str_eq(
        text,
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
        "<GetCallerIdentityResult><Arn>a&lt;&amp;&gt;&quot;b</Arn><List><member>1</member></List>"
        "</GetCallerIdentityResult><ResponseMetadata><RequestId>id-1</RequestId>"
        "</ResponseMetadata></GetCallerIdentityResponse>");
    free(text);
}
