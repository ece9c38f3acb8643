/* The AWS client against servers that refuse, keep silent, throttle, and cut their replies. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/client.h"
#include "aws/dynamodb.h"
#include "aws/sigv4.h"
#include "core/alloc.h"
#include "core/deadline.h"
#include "core/json.h"
#include "tests/local/aws_env.h"
#include "tests/local/fake_http.h"

#define THROTTLE                                                                                   \
    "{\"__type\":\"com.amazonaws.dynamodb.v20120810#ThrottlingException\","                        \
    "\"message\":\"Rate exceeded\"}"

static void begin(void)
{
    (void)aws_env_begin();
    aws_env_keys();
}

static void end(void)
{
    aws_env_end();
}

TestSuite(aws_client, .init = begin, .fini = end, .timeout = 120);

/* How long one attempt lasts that gets no reply. The request must arrive within this time, also on
 * a machine that does nothing else for a second. */
enum { SILENT_MS = 3000 };

static struct aws_client *client_of(struct fake_http *f)
{
    struct err e = {0};
    struct aws_client *c = aws_client_new(&(struct aws_options){.region = "us-east-1",
                                                                .endpoint_url = fake_http_url(f),
                                                                .clock = &aws_env_clock,
                                                                .total_timeout_ms = 60000,
                                                                .delay_percent = 1},
                                          &e);
    cr_assert_not_null(c, "%s", e.msg);
    return c;
}

static cJSON *doc(const char *text)
{
    cJSON *v = json_parse(text, strlen(text), "test", NULL);

    cr_assert_not_null(v, "%s", text);
    return v;
}

/* One call against a script; what it gave is left in the struct. */
struct outcome {
    enum err_code rc;
    struct err e;
    cJSON *out;
    size_t requests;
    struct aws_stats stats;
};

static struct outcome call(const struct fake_reply *script, size_t len, enum aws_op_id op,
                           const char *in)
{
    struct outcome o = {0};
    struct fake_http *f = fake_http_start(script, len);
    struct aws_client *c = client_of(f);
    cJSON *body = doc(in);

    o.rc = aws_call(c, op, body, &o.out, &o.e);
    o.requests = fake_http_requests(f);
    aws_client_stats(c, &o.stats);
    cJSON_Delete(body);
    aws_client_free(c);
    fake_http_stop(f);
    return o;
}

Test(aws_client, a_request_is_what_the_wire_document_shows)
{
    static const struct fake_reply script[] = {{.body = "{\"Table\":{}}"}};
    struct fake_http *f = fake_http_start(script, 1);
    struct aws_client *c = client_of(f);
    cJSON *in = doc("{\"TableName\":\"runs\"}");
    char v[512];
    char host[128];

    cr_assert_eq(aws_call(c, AWS_OP_DDB_DESCRIBE_TABLE, in, NULL, NULL), E_OK);
    const struct fake_request *r = fake_http_request(f, 0);
    cr_expect_str_eq(r->method, "POST");
    cr_expect_str_eq(r->path, "/");
    cr_expect_str_eq(r->body, "{\"TableName\":\"runs\"}");
    cr_expect_str_eq(fake_header(r, "content-type", v, sizeof v), "application/x-amz-json-1.0");
    cr_expect_str_eq(fake_header(r, "x-amz-target", v, sizeof v),
                     "DynamoDB_20120810.DescribeTable");
    cr_expect_str_eq(fake_header(r, "x-amz-date", v, sizeof v), "20260102T030405Z");
    cr_expect_str_eq(fake_header(r, "x-amz-security-token", v, sizeof v), "");
    (void)fake_header(r, "host", host, sizeof host);
    cr_expect_str_eq(host, fake_http_url(f) + strlen("http://"));
    /* The signature is that of the pipeline over what was received. */
    const struct sigv4_header headers[] = {
        {"host",         host                             },
        {"content-type", "application/x-amz-json-1.0"     },
        {"x-amz-date",   "20260102T030405Z"               },
        {"x-amz-target", "DynamoDB_20120810.DescribeTable"}
    };
    struct sigv4_request q = {.method = "POST",
                              .path = "/",
                              .headers = headers,
                              .headers_len = 4,
                              .body = r->body,
                              .body_len = r->body_len,
                              .region = "us-east-1",
                              .service = "dynamodb",
                              .amz_date = "20260102T030405Z"};
    struct sigv4_result want = {0};
    sigv4_sign(&q, "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", &want);
    cr_expect_str_eq(fake_header(r, "authorization", v, sizeof v), want.authorization);
    sigv4_result_clear(&want);
    cJSON_Delete(in);
    aws_client_free(c);
    fake_http_stop(f);
}

Test(aws_client, each_protocol_goes_to_its_place)
{
    static const struct {
        enum aws_op_id op;
        const char *in, *path, *type, *target, *mode, *body;
    } cases[] = {
        {AWS_OP_BATCH_DESCRIBE_JOBS, "{\"jobs\":[\"x\"]}",                        "/base/v1/describejobs",
         "application/json",                                                                                                             "", "",     "{\"jobs\":[\"x\"]}"     },
        {AWS_OP_STS_ASSUME_ROLE,     "{\"RoleArn\":\"arn:aws:iam::1:role/r s\"}", "/base",
         "application/x-www-form-urlencoded; charset=utf-8",                                                                             "", "",
         "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr%20s"                                                                                 },
        {AWS_OP_SQS_GET_QUEUE_URL,   "{\"QueueName\":\"dlq\"}",                   "/base",                 "application/x-amz-json-1.0",
         "AmazonSQS.GetQueueUrl",                                                                                                            "true", "{\"QueueName\":\"dlq\"}"},
        {AWS_OP_EVENTS_LIST_RULES,   "{}",                                        "/base",                 "application/x-amz-json-1.1",
         "AWSEvents.ListRules",                                                                                                              "",     "{}"                     },
    };
    static const struct fake_reply script[] = {{.body = ""}};
    struct fake_http *f = fake_http_start(script, 1);
    char url[128];
    char v[256];

    (void)snprintf(url, sizeof url, "%s/base/", fake_http_url(f));
    struct aws_client *c =
        aws_client_new(&(struct aws_options){.region = "us-east-1", .endpoint_url = url}, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cJSON *in = doc(cases[i].in);
        cJSON *out = NULL;
        cr_expect_eq(aws_call(c, cases[i].op, in, &out, NULL), E_PARSE);
        cr_expect_null(out, "an empty body answers no question");
        const struct fake_request *r = fake_http_request(f, i);
        cr_expect_str_eq(r->path, cases[i].path);
        cr_expect_str_eq(r->body, cases[i].body);
        cr_expect_str_eq(fake_header(r, "content-type", v, sizeof v), cases[i].type);
        cr_expect_str_eq(fake_header(r, "x-amz-target", v, sizeof v), cases[i].target);
        cr_expect_str_eq(fake_header(r, "x-amzn-query-mode", v, sizeof v), cases[i].mode);
        cJSON_Delete(in);
        cJSON_Delete(out);
    }
    aws_client_free(c);
    fake_http_stop(f);
}

/* --- what is sent again, and what is not ------------------------------------------------------ */

#define OK_REPLY                                                                                   \
    {                                                                                              \
        .body = "{\"ok\":1}"                                                                       \
    }

static const struct retry_case {
    const char *name;
    enum aws_op_id op;
    struct fake_reply script[5];
    size_t len;
    enum err_code want;
    size_t requests;
    bool maybe_done;
} retries[] = {
    {.name = "a throttle, then success",
     .op = AWS_OP_DDB_GET_ITEM,
     .script = {{.status = 400, .body = THROTTLE}, OK_REPLY},
     .len = 2,
     .want = E_OK,
     .requests = 2                                                                   },
    {.name = "a throttled PutEvents is sent again: it was not done",
     .op = AWS_OP_EVENTS_PUT_EVENTS,
     .script = {{.status = 400, .body = THROTTLE}, OK_REPLY},
     .len = 2,
     .want = E_OK,
     .requests = 2                                                                   },
    {.name = "429 without a code",
     .op = AWS_OP_BATCH_LIST_JOBS,
     .script = {{.status = 429}, OK_REPLY},
     .len = 2,
     .want = E_OK,
     .requests = 2                                                                   },
    {.name = "throttled for ever: DynamoDB has four attempts",
     .op = AWS_OP_DDB_GET_ITEM,
     .script = {{.status = 400, .body = THROTTLE}},
     .len = 1,
     .want = E_THROTTLED,
     .requests = 4                                                                   },
    {.name = "throttled for ever: the others have three",
     .op = AWS_OP_LOGS_GET_LOG_EVENTS,
     .script = {{.status = 400, .body = THROTTLE}},
     .len = 1,
     .want = E_THROTTLED,
     .requests = 3                                                                   },
    {.name = "a read survives resets, cut replies and 500s",
     .op = AWS_OP_DDB_SCAN,
     .script = {{.deed = FAKE_RESET},
                {.deed = FAKE_TRUNCATE, .body = "{\"Items\":["},
                {.status = 500, .body = "{\"__type\":\"InternalServerError\"}"},
                OK_REPLY},
     .len = 4,
     .want = E_OK,
     .requests = 4                                                                   },
    {.name = "a conditional write is repeated too",
     .op = AWS_OP_DDB_PUT_ITEM,
     .script = {{.deed = FAKE_CLOSE}, OK_REPLY},
     .len = 2,
     .want = E_OK,
     .requests = 2                                                                   },
    {.name = "SubmitJob whose reply was lost is not repeated",
     .op = AWS_OP_BATCH_SUBMIT_JOB,
     .script = {{.deed = FAKE_RESET}, OK_REPLY},
     .len = 2,
     .want = E_NET,
     .requests = 1,
     .maybe_done = true},
    {.name = "PutEvents whose reply was cut is not repeated",
     .op = AWS_OP_EVENTS_PUT_EVENTS,
     .script = {{.deed = FAKE_TRUNCATE, .body = "{"}, OK_REPLY},
     .len = 2,
     .want = E_NET,
     .requests = 1,
     .maybe_done = true},
    {.name = "PutEvents with an internal error may have been done",
     .op = AWS_OP_EVENTS_PUT_EVENTS,
     .script = {{.status = 500, .body = "{\"__type\":\"InternalException\"}"}, OK_REPLY},
     .len = 2,
     .want = E_NET,
     .requests = 1,
     .maybe_done = true},
    {.name = "a gateway's HTML is no reply of the service",
     .op = AWS_OP_DDB_GET_ITEM,
     .script = {{.status = 502, .body = "<html><h1>502</h1></html>"}, OK_REPLY},
     .len = 2,
     .want = E_OK,
     .requests = 2      },
    {.name = "a wrong checksum",
     .op = AWS_OP_DDB_GET_ITEM,
     .script = {{.headers = "x-amz-crc32: 12345\r\n", .body = "{\"a\":1}"}, OK_REPLY},
     .len = 2,
     .want = E_OK,
     .requests = 2},
    {.name = "a wrong checksum of what must not be done twice",
     .op = AWS_OP_EVENTS_PUT_EVENTS,
     .script = {{.headers = "x-amz-crc32: 12345\r\n", .body = "{\"a\":1}"}, OK_REPLY},
     .len = 2,
     .want = E_NET,
     .requests = 1,
     .maybe_done = true},
    {.name = "a right checksum",
     .op = AWS_OP_DDB_GET_ITEM,
     .script = {{.headers = "x-amz-crc32: 3632233996\r\n", .body = "test"}},
     .len = 1,
     .want = E_PARSE,
     .requests = 1                                                       },
    {.name = "validation is final",
     .op = AWS_OP_DDB_GET_ITEM,
     .script = {{.status = 400, .body = "{\"__type\":\"x#ValidationException\"}"}, OK_REPLY},
     .len = 2,
     .want = E_INVALID,
     .requests = 1                                                       },
    {.name = "a page of HTML with 200 is not data",
     .op = AWS_OP_DDB_GET_ITEM,
     .script = {{.headers = "Content-Type: text/html\r\n", .body = "<html>Log in</html>"}},
     .len = 1,
     .want = E_PARSE,
     .requests = 1                                                       },
    {.name = "keys that nobody knows, with none to replace them",
     .op = AWS_OP_DDB_GET_ITEM,
     .script = {{.status = 400, .body = "{\"__type\":\"x#UnrecognizedClientException\"}"},
                OK_REPLY},
     .len = 2,
     .want = E_CREDS,
     .requests = 1                                                       },
};

ParameterizedTestParameters(aws_client, failures_are_repeated_by_the_rules)
{
    static size_t index[sizeof retries / sizeof *retries];
    for (size_t i = 0; i < sizeof retries / sizeof *retries; i++) {
        index[i] = i;
    }
    return cr_make_param_array(size_t, index, sizeof retries / sizeof *retries);
}

ParameterizedTest(size_t *i, aws_client, failures_are_repeated_by_the_rules, .init = begin,
                  .fini = end)
{
    const struct retry_case *k = &retries[*i];
    struct outcome o = call(k->script, k->len, k->op, "{\"TableName\":\"runs\"}");

    cr_expect_eq(o.rc, k->want, "%s: %s %s", k->name, err_name(o.rc), o.e.msg);
    cr_expect_eq(o.requests, k->requests, "%s: %zu requests", k->name, o.requests);
    cr_expect_eq(o.e.maybe_done, k->maybe_done, "%s", k->name);
    cr_expect_eq(o.out != NULL, k->want == E_OK, "%s", k->name);
    cr_expect_eq(o.stats.requests, k->requests, "%s", k->name);
    cr_expect_eq(o.stats.retries, k->requests - 1, "%s", k->name);
    cr_expect_eq(o.stats.failures, k->want == E_OK ? 0 : 1, "%s", k->name);
    cJSON_Delete(o.out);
}

Test(aws_client, what_cannot_be_reached_was_surely_not_done_and_is_tried_again)
{
    char url[64];
    struct err e = {0};
    struct aws_stats s;

    (void)snprintf(url, sizeof url, "http://127.0.0.1:%d", fake_closed_port());
    struct aws_client *c = aws_client_new(
        &(struct aws_options){.region = "us-east-1", .endpoint_url = url, .delay_percent = 1}, &e);
    cr_expect_eq(aws_call(c, AWS_OP_EVENTS_PUT_EVENTS, NULL, NULL, &e), E_NET);
    cr_expect_not(e.maybe_done);
    cr_expect(strstr(e.msg, "EventBridge PutEvents") != NULL && strstr(e.msg, "refused") != NULL,
              "%s", e.msg);
    aws_client_stats(c, &s);
    cr_expect_eq(s.requests, 3);
    aws_client_free(c);
}

Test(aws_client, a_silent_service_is_a_timeout_that_names_operation_and_resource)
{
    static const struct fake_reply script[] = {{.deed = FAKE_HANG}};
    struct fake_http *f = fake_http_start(script, 1);
    struct err e = {0};
    cJSON *in = doc("{\"jobQueue\":\"q\",\"jobName\":\"n\"}");
    struct aws_client *c = aws_client_new(&(struct aws_options){.region = "us-east-1",
                                                                .endpoint_url = fake_http_url(f),
                                                                .total_timeout_ms = SILENT_MS},
                                          &e);

    cr_expect_eq(aws_call(c, AWS_OP_BATCH_SUBMIT_JOB, in, NULL, &e), E_TIMEOUT);
    cr_expect(strstr(e.msg, "Batch SubmitJob, job queue q") != NULL, "%s", e.msg);
    cr_expect(e.maybe_done);
    cr_expect_eq(fake_http_requests(f), 1);
    cJSON_Delete(in);
    aws_client_free(c);
    fake_http_stop(f);
}

Test(aws_client, a_service_that_stays_silent_is_given_up_before_all_attempts_are_spent)
{
    static const struct fake_reply script[] = {{.deed = FAKE_HANG}};
    struct fake_http *f = fake_http_start(script, 1);
    struct err e = {0};
    struct aws_client *c = aws_client_new(&(struct aws_options){.region = "us-east-1",
                                                                .endpoint_url = fake_http_url(f),
                                                                .total_timeout_ms = SILENT_MS,
                                                                .give_up_ms = SILENT_MS / 2},
                                          &e);

    cr_expect_eq(aws_call(c, AWS_OP_DDB_GET_ITEM, NULL, NULL, &e), E_TIMEOUT);
    cr_expect_eq(fake_http_requests(f), 1);
    aws_client_free(c);
    fake_http_stop(f);
}

Test(aws_client, an_empty_reply_to_a_write_is_its_acknowledgement)
{
    static const struct fake_reply script[] = {{.body = ""}};
    struct fake_http *f = fake_http_start(script, 1);
    struct aws_client *c = client_of(f);
    cJSON *out = NULL;

    cr_expect_eq(aws_call(c, AWS_OP_SQS_DELETE_MESSAGE, NULL, &out, NULL), E_OK);
    cr_expect(cJSON_IsObject(out));
    cJSON_Delete(out);
    aws_client_free(c);
    fake_http_stop(f);
}

Test(aws_client, the_retry_quota_ends_retries_for_all_calls)
{
    static const struct fake_reply script[] = {{.status = 500}};
    struct fake_http *f = fake_http_start(script, 1);
    struct aws_client *c = client_of(f);
    struct aws_stats s;

    /* 500 tokens, 14 a retry: 35 retries, then each call is one request. */
    for (int i = 0; i < 30; i++) {
        cr_expect_eq(aws_call(c, AWS_OP_LOGS_GET_LOG_EVENTS, NULL, NULL, NULL), E_NET);
    }
    aws_client_stats(c, &s);
    cr_expect_eq(s.retries, 35);
    cr_expect_eq(s.requests, 65);
    cr_expect_eq(s.failures, 30);
    aws_client_free(c);
    fake_http_stop(f);
}

static struct fake_reply skewed(void *arg, const struct fake_request *r, size_t n)
{
    char date[64];

    (void)arg;
    (void)n;
    (void)fake_header(r, "x-amz-date", date, sizeof date);
    if (strcmp(date, "20260102T040405Z") == 0) {
        return (struct fake_reply){.body = "{}"};
    }
    return (struct fake_reply){
        .status = 403,
        .headers = "Date: Fri, 02 Jan 2026 04:04:05 GMT\r\n",
        .body = "{\"__type\":\"x#InvalidSignatureException\",\"message\":\"Signature expired\"}"};
}

Test(aws_client, a_clock_that_is_wrong_by_an_hour_is_corrected_once_and_for_all)
{
    struct fake_http *f = fake_http_start_with(skewed, NULL);
    struct aws_client *c = client_of(f);

    cr_expect_eq(aws_call(c, AWS_OP_DDB_LIST_TABLES, NULL, NULL, NULL), E_OK);
    cr_expect_eq(fake_http_requests(f), 2);
    cr_expect_eq(aws_call(c, AWS_OP_DDB_LIST_TABLES, NULL, NULL, NULL), E_OK);
    cr_expect_eq(fake_http_requests(f), 3);
    aws_client_free(c);
    fake_http_stop(f);
}

Test(aws_client, a_wrong_secret_is_not_taken_for_a_wrong_clock)
{
    static const struct fake_reply script[] = {
        {.status = 403,
         .headers = "Date: Fri, 02 Jan 2026 03:04:06 GMT\r\n",
         .body = "{\"__type\":\"x#InvalidSignatureException\",\"message\":\"no match\"}"}
    };
    struct outcome o = call(script, 1, AWS_OP_DDB_LIST_TABLES, "{}");

    cr_expect_eq(o.rc, E_CREDS);
    cr_expect_eq(o.requests, 1);
    cr_expect(strstr(err_hint(&o.e), "secret key") != NULL, "%s", err_hint(&o.e));
}

static struct fake_reply wants_new_key(void *arg, const struct fake_request *r, size_t n)
{
    char v[512];

    (void)n;
    (void)fake_header(r, "authorization", v, sizeof v);
    if (strstr(v, "Credential=AKIDNEW/") != NULL) {
        return (struct fake_reply){.body = "{}"};
    }
    aws_env_file("credentials", "[default]\naws_access_key_id=AKIDNEW\naws_secret_access_key=n\n");
    (void)arg;
    return (struct fake_reply){
        .status = 400, .body = "{\"__type\":\"x#ExpiredTokenException\",\"message\":\"expired\"}"};
}

Test(aws_client, an_expired_token_is_replaced_by_what_the_files_hold_now)
{
    (void)unsetenv("AWS_ACCESS_KEY_ID");
    (void)unsetenv("AWS_SECRET_ACCESS_KEY");
    aws_env_file("credentials", "[default]\naws_access_key_id=AKIDOLD\naws_secret_access_key=o\n"
                                "aws_session_token=t\n");
    struct fake_http *f = fake_http_start_with(wants_new_key, NULL);
    struct aws_client *c = client_of(f);
    char v[512];

    cr_expect_eq(aws_call(c, AWS_OP_EVENTS_PUT_EVENTS, NULL, NULL, NULL), E_OK);
    cr_expect_eq(fake_http_requests(f), 2);
    cr_expect_str_eq(fake_header(fake_http_request(f, 0), "x-amz-security-token", v, sizeof v),
                     "t");
    cr_expect_str_eq(fake_header(fake_http_request(f, 1), "x-amz-security-token", v, sizeof v), "");
    aws_client_free(c);
    fake_http_stop(f);
}

/* Renews the keys in the files, and fails so that the call is made again whatever they are. */
static struct fake_reply renews_and_fails(void *arg, const struct fake_request *r, size_t n)
{
    (void)arg;
    (void)r;
    aws_env_file("credentials", "[default]\naws_access_key_id=AKIDNEW\naws_secret_access_key=n\n");
    return n == 0 ? (struct fake_reply){.status = 429,
                                        .body = "{\"__type\":\"x#ExpiredTokenException\"}"}
                  : (struct fake_reply){.body = "{}"};
}

static enum err_code only_old(void *arg, const char *key_id, struct err *e)
{
    (void)arg;
    return strcmp(key_id, "AKIDOLD") == 0 ? E_OK : err_set(e, E_CONFIG, "another account");
}

Test(aws_client, a_retry_is_not_signed_with_renewed_keys_that_may_not_write)
{
    struct err e = {0};

    (void)unsetenv("AWS_ACCESS_KEY_ID");
    (void)unsetenv("AWS_SECRET_ACCESS_KEY");
    aws_env_file("credentials", "[default]\naws_access_key_id=AKIDOLD\naws_secret_access_key=o\n");
    struct fake_http *f = fake_http_start_with(renews_and_fails, NULL);
    struct aws_client *c = aws_client_new(&(struct aws_options){.region = "us-east-1",
                                                                .endpoint_url = fake_http_url(f),
                                                                .clock = &aws_env_clock,
                                                                .may_write = only_old,
                                                                .total_timeout_ms = 60000,
                                                                .delay_percent = 1},
                                          &e);
    char v[512];

    cr_assert_not_null(c, "%s", e.msg);
    cr_expect_eq(aws_call(c, AWS_OP_EVENTS_PUT_EVENTS, NULL, NULL, &e), E_OK, "%s", e.msg);
    cr_assert_eq(fake_http_requests(f), 2);
    for (size_t i = 0; i < 2; i++) {
        (void)fake_header(fake_http_request(f, i), "authorization", v, sizeof v);
        cr_expect_not_null(strstr(v, "Credential=AKIDOLD/"), "request %zu: %s", i, v);
    }
    aws_client_free(c);
    fake_http_stop(f);
}

/* --- words ---------------------------------------------------------------------------------------
 */

static const struct words_case {
    enum aws_op_id op;
    const char *in;
    struct fake_reply reply;
    enum err_code want;
    const char *part, *hint, *aws_code;
} words[] = {
    {AWS_OP_DDB_SCAN,
     "{\"TableName\":\"runs\"}",               {.status = 400,
      .headers = "x-amzn-RequestId: REQ1\r\n",
      .body = "{\"__type\":\"com.amazon.coral.service#AccessDeniedException\",\"Message\":\"User "
              "x is not authorized\"}"},
     E_DENIED,    "DynamoDB Scan, table runs: not allowed to dynamodb:Scan",
     "allow dynamodb:Scan on table runs",                               "AccessDeniedException"    },
    {AWS_OP_DDB_BATCH_GET_ITEM,
     "{\"RequestItems\":{\"runs\":{}}}",       {.status = 400, .body = "{\"__type\":\"x#ResourceNotFoundException\",\"message\":\"gone\"}"},
     E_NOT_FOUND, "DynamoDB BatchGetItem, table runs: gone",
     "DYNAMODB_TABLE_NAME",                                             "ResourceNotFoundException"},
    {AWS_OP_DDB_TRANSACT_WRITE_ITEMS,
     "{\"TransactItems\":[{\"Put\":{\"TableName\":\"runs\"}},{\"Put\":{\"TableName\":\"runs\"}},"
     "{\"Delete\":{\"TableName\":\"run\"}}]}", {.status = 400,
      .body = "{\"__type\":\"x#AccessDeniedException\",\"message\":\"User x is not authorized\"}"},
     E_DENIED,    "DynamoDB TransactWriteItems, tables runs, run: not allowed to",
     "allow dynamodb:PutItem, dynamodb:DeleteItem on tables runs, run", "AccessDeniedException"    },
    {AWS_OP_EVENTS_DESCRIBE_EVENT_BUS,
     "{\"Name\":\"pipe\"}",                    {.status = 400, .body = "{\"__type\":\"ResourceNotFoundException\",\"message\":\"no\"}"},
     E_NOT_FOUND, "EventBridge DescribeEventBus, event bus pipe",
     "EVENTBRIDGE_BUS_NAME",                                            NULL                       },
    {AWS_OP_BATCH_LIST_JOBS,
     "{\"jobQueue\":\"q\"}",                   {.status = 400,
      .headers = "X-Amzn-Errortype: ClientException:http://internal.amazon.com/\r\n",
      .body = "{\"message\":\"Job queue q does not exist\"}"},
     E_NOT_FOUND, "Batch ListJobs, job queue q: Job queue q does not exist",
     "BATCH_JOB_QUEUE",                                                 "ClientException"          },
    {AWS_OP_BATCH_CANCEL_JOB,
     "{\"jobId\":\"j\"}",                      {.status = 400,
      .headers = "x-amzn-ErrorType: ClientException\r\n",
      .body = "{\"message\":\"reason is missing\"}"},
     E_INVALID,   "Batch CancelJob, job j: reason is missing",
     "",                                                                NULL                       },
    {AWS_OP_SQS_GET_QUEUE_URL,
     "{\"QueueName\":\"dlq\"}",                {.status = 400,
      .headers = "x-amzn-query-error: AWS.SimpleQueueService.NonExistentQueue;Sender\r\n",
      .body = "{\"__type\":\"com.amazonaws.sqs#QueueDoesNotExist\",\"message\":\"none\"}"},
     E_NOT_FOUND, "SQS GetQueueUrl, queue dlq: none",
     "EVENTBRIDGE_DLQ_NAME",                                            "QueueDoesNotExist"        },
    {AWS_OP_STS_GET_CALLER_IDENTITY,
     "{}",                                     {.status = 403,
      .body = "<?xml version=\"1.0\"?><ErrorResponse xmlns=\"x\"><Error><Type>Sender</Type>"
              "<Code>ExpiredToken</Code><Message>The token &lt;x&gt; expired</Message></Error>"
              "<RequestId>R</RequestId></ErrorResponse>"},
     E_EXPIRED,   "STS GetCallerIdentity: The token <x> expired (ExpiredToken)",
     "keys in the environment have expired",                            "ExpiredToken"             },
    {AWS_OP_DDB_PUT_ITEM,
     "{\"TableName\":\"runs\"}",               {.status = 400,
      .body = "{\"__type\":\"x#ConditionalCheckFailedException\",\"message\":\"The conditional "
              "request failed\"}"},
     E_CONFLICT,  "table runs: The conditional request failed",
     "",                                                                NULL                       },
    {AWS_OP_DDB_GET_ITEM,
     "{\"TableName\":\"runs\"}",               {.status = 400, .body = "{\"__type\":\"x#InvalidClientTokenId\"}"},
     E_CREDS,     "InvalidClientTokenId",
     "does not know the key id (from environment)",                     NULL                       },
    {AWS_OP_DDB_GET_ITEM,
     "{\"TableName\":\"a\\u001b[31mb\"}",      {.status = 400, .body = "{\"__type\":\"V\\u0007alid\",\"message\":\"e\\u001b[2Jvil\\n\"}"},
     E_SERVICE,   "table a^[[31mb: e^[[2Jvil",
     "",                                                                NULL                       },
    {AWS_OP_DDB_GET_ITEM,
     "{\"TableName\":\"runs\"}",               {.status = 413, .body = "<html>too big</html>"},
     E_SERVICE,   "HTTP 413, the request is too large (the answer is not from AWS itself)",
     "",                                                                "413"                      },
    {AWS_OP_DDB_GET_ITEM,
     "{\"TableName\":\"runs\"}",               {.status = 503, .body = "<html>none</html>"},
     E_NET,       "HTTP 503, service unavailable (the answer is not from AWS itself)",
     "check the endpoint and the proxy",                                "503"                      },
    {AWS_OP_DDB_GET_ITEM,
     "{\"TableName\":\"runs\"}",               {.status = 500, .body = "{\"__type\":\"x#InternalServerError\",\"message\":\"m\"}"},
     E_NET,       "table runs: m (InternalServerError)",
     "the service has a fault of its own",                              NULL                       },
    {AWS_OP_DDB_GET_ITEM,
     "{\"TableName\":\"runs\"}",               {.status = 404, .body = "{\"a\":[1,2"},
     E_SERVICE,   "HTTP 404, not found (the answer",
     "",                                                                "404"                      },
    {AWS_OP_DDB_GET_ITEM,
     "{\"TableName\":\"runs\"}",               {.status = 301, .headers = "Location: https://x/\r\n"},
     E_SERVICE,   "HTTP 301, redirected",
     "",                                                                NULL                       },
};

ParameterizedTestParameters(aws_client, refusals_are_explained)
{
    static size_t index[sizeof words / sizeof *words];
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        index[i] = i;
    }
    return cr_make_param_array(size_t, index, sizeof words / sizeof *words);
}

ParameterizedTest(size_t *i, aws_client, refusals_are_explained, .init = begin, .fini = end)
{
    const struct words_case *k = &words[*i];
    struct outcome o = call(&k->reply, 1, k->op, k->in);

    cr_expect_eq(o.rc, k->want, "%s: %s", err_name(o.rc), o.e.msg);
    cr_expect(strstr(o.e.msg, k->part) != NULL, "%s", o.e.msg);
    cr_expect(strstr(err_hint(&o.e), k->hint) != NULL, "%s", err_hint(&o.e));
    cr_expect_eq(o.e.http_status, k->reply.status);
    for (const char *p = o.e.msg; *p != '\0'; p++) {
        cr_expect((unsigned char)*p >= 0x20, "a control character in: %s", o.e.msg);
    }
    if (k->aws_code != NULL) {
        cr_expect_str_eq(o.e.aws_code, k->aws_code);
    }
}

Test(aws_client, the_request_id_is_kept)
{
    struct outcome o = call(&words[0].reply, 1, words[0].op, words[0].in);

    cr_expect_str_eq(o.e.request_id, "REQ1");
}

Test(aws_client, a_failed_condition_shows_the_item_as_it_stands)
{
    static const struct fake_reply script[] = {
        {.status = 400,
         .body = "{\"__type\":\"x#ConditionalCheckFailedException\",\"message\":\"m\","
                 "\"Item\":{\"jobId\":{\"S\":\"j\"}}}"}
    };
    struct fake_http *f = fake_http_start(script, 1);
    struct aws_client *c = client_of(f);
    cJSON *current = NULL;
    cJSON *attributes = NULL;
    struct ddb_update u = {.table = "t",
                           .key_name = "jobId",
                           .key_value = "j",
                           .update = "SET a = b",
                           .condition = "x = y"};

    cr_expect_eq(ddb_update_item(c, &u, &attributes, &current, NULL), E_CONFLICT);
    cr_expect_null(attributes);
    cr_expect_not_null(json_get(current, "jobId"));
    cr_expect(strstr(fake_http_request(f, 0)->body,
                     "\"ReturnValuesOnConditionCheckFailure\":\"ALL_OLD\"") != NULL);
    cJSON_Delete(current);
    aws_client_free(c);
    fake_http_stop(f);
}

Test(aws_client, an_over_long_reply_is_refused_not_kept)
{
    static char big[70000];
    memset(big, ' ', sizeof big - 1);
    struct fake_reply script[] = {{.body = big}};
    struct fake_http *f = fake_http_start(script, 1);
    struct err e = {0};
    struct aws_client *c = aws_client_new(&(struct aws_options){.region = "us-east-1",
                                                                .endpoint_url = fake_http_url(f),
                                                                .max_reply_bytes = 65536},
                                          &e);
    cJSON *out = NULL;

    cr_expect_eq(aws_call(c, AWS_OP_DDB_SCAN, NULL, &out, &e), E_TOO_BIG, "%s", e.msg);
    cr_expect_null(out);
    cr_expect_eq(fake_http_requests(f), 1);
    aws_client_free(c);
    fake_http_stop(f);
}

Test(aws_client, text_that_is_not_utf8_is_refused_before_it_is_signed)
{
    static const struct fake_reply script[] = {OK_REPLY};
    struct fake_http *f = fake_http_start(script, 1);
    struct aws_client *c = client_of(f);
    cJSON *in = json_new_object();
    struct err e = {0};

    json_set_str(in, "TableName", "a\xff");
    cr_expect_eq(aws_call(c, AWS_OP_DDB_SCAN, in, NULL, &e), E_INVALID);
    cr_expect_eq(fake_http_requests(f), 0);
    cJSON_Delete(in);
    aws_client_free(c);
    fake_http_stop(f);
}

Test(aws_client, consumed_units_are_counted_by_kind)
{
    static const struct fake_reply script[] = {
        {.body = "{\"ConsumedCapacity\":{\"CapacityUnits\":2.5}}"},
        {.body = "{\"ConsumedCapacity\":[{\"CapacityUnits\":1},{\"CapacityUnits\":1.5}]}"},
        {.body = "{\"ConsumedCapacity\":{\"CapacityUnits\":4}}"},
        {.body = "{\"ConsumedCapacity\":{\"CapacityUnits\":\"x\"}}"}};
    struct fake_http *f = fake_http_start(script, 4);
    struct aws_client *c = client_of(f);
    struct aws_stats s;

    cr_expect_eq(aws_call(c, AWS_OP_DDB_SCAN, NULL, NULL, NULL), E_OK);
    cr_expect_eq(aws_call(c, AWS_OP_DDB_BATCH_GET_ITEM, NULL, NULL, NULL), E_OK);
    cr_expect_eq(aws_call(c, AWS_OP_DDB_PUT_ITEM, NULL, NULL, NULL), E_OK);
    cr_expect_eq(aws_call(c, AWS_OP_DDB_PUT_ITEM, NULL, NULL, NULL), E_OK);
    aws_client_stats(c, &s);
    cr_expect_eq(s.read_units, 5.0);
    cr_expect_eq(s.write_units, 4.0);
    aws_client_free(c);
    fake_http_stop(f);
}

static void *many_calls(void *arg)
{
    size_t failed = 0;

    for (int i = 0; i < 50; i++) {
        cJSON *out = NULL;
        failed += aws_call(arg, AWS_OP_DDB_GET_ITEM, NULL, &out, NULL) != E_OK;
        cJSON_Delete(out);
    }
    return failed == 0 ? arg : NULL;
}

Test(aws_client, calls_of_many_threads_do_not_disturb_each_other)
{
    static const struct fake_reply script[] = {OK_REPLY};
    struct fake_http *f = fake_http_start(script, 1);
    struct aws_client *c = client_of(f);
    pthread_t threads[8];

    for (size_t i = 0; i < 8; i++) {
        cr_assert_eq(pthread_create(&threads[i], NULL, many_calls, c), 0);
    }
    for (size_t i = 0; i < 8; i++) {
        void *ok = NULL;
        (void)pthread_join(threads[i], &ok);
        cr_expect_not_null(ok);
    }
    cr_expect_eq(fake_http_requests(f), 400);
    cr_expect_leq(fake_http_connections(f), 8);
    aws_client_free(c);
    fake_http_stop(f);
}

Test(aws_client, a_stopped_client_ends_its_calls)
{
    static const struct fake_reply script[] = {OK_REPLY};
    struct fake_http *f = fake_http_start(script, 1);
    struct aws_client *c = client_of(f);
    struct err e = {0};

    aws_client_stop(c, true);
    cr_expect_eq(aws_call(c, AWS_OP_DDB_GET_ITEM, NULL, NULL, &e), E_CANCELLED, "%s", e.msg);
    aws_client_stop(c, false);
    cr_expect_eq(aws_call(c, AWS_OP_DDB_GET_ITEM, NULL, NULL, &e), E_OK, "%s", e.msg);
    aws_client_free(c);
    fake_http_stop(f);
}

/* --- set-up --------------------------------------------------------------------------------------
 */

static void expect_refused(const struct aws_options *o, enum err_code want, const char *part)
{
    struct err e = {0};
    struct aws_client *c = aws_client_new(o, &e);

    cr_expect_null(c);
    cr_expect_eq(e.code, want, "%s", part);
    cr_expect(strstr(e.msg, part) != NULL, "%s", e.msg);
    aws_client_free(c);
}

Test(aws_client, bad_settings_are_refused_with_their_source)
{
    expect_refused(&(struct aws_options){.region = "us east"}, E_CONFIG, "region \"us east\"");
    expect_refused(&(struct aws_options){.region = ""}, E_CONFIG, "region");
    expect_refused(&(struct aws_options){.region = "us-east-1", .endpoint_url = "ftp://x"},
                   E_INVALID, "--endpoint-url");
    expect_refused(&(struct aws_options){.region = "us-east-1", .endpoint_url = "http://10.0.0.1"},
                   E_CONFIG, "unencrypted");
    expect_refused(&(struct aws_options){.region = "us-east-1", .profile = "nobody"}, E_CONFIG,
                   "no profile \"nobody\"");
    (void)setenv("AWS_ENDPOINT_URL_SQS", "127.0.0.1:80", 1);
    expect_refused(&(struct aws_options){.region = "us-east-1"}, E_CONFIG, "AWS_ENDPOINT_URL_SQS");
}

Test(aws_client, a_region_nobody_named_is_that_of_the_profile)
{
    struct aws_client *c = aws_client_new(&(struct aws_options){.profile = NULL}, NULL);

    cr_assert_not_null(c);
    cr_expect_str_eq(aws_client_region(c), "us-east-1");
    aws_client_free(c);
    aws_env_file("config", "[default]\nregion = eu-west-1\n");
    c = aws_client_new(&(struct aws_options){.profile = NULL}, NULL);
    cr_assert_not_null(c);
    cr_expect_str_eq(aws_client_region(c), "eu-west-1");
    cr_expect_str_eq(aws_client_endpoint(c, AWS_STREAMS),
                     "https://streams.dynamodb.eu-west-1.amazonaws.com");
    aws_client_free(c);
}

Test(aws_client, plain_http_beyond_loopback_is_allowed_on_request)
{
    struct aws_client *c = aws_client_new(&(struct aws_options){.region = "us-east-1",
                                                                .endpoint_url = "http://10.0.0.1",
                                                                .insecure_endpoint = true},
                                          NULL);

    cr_expect_not_null(c);
    cr_expect_str_eq(aws_client_endpoint(c, AWS_SQS), "http://10.0.0.1");
    aws_client_free(c);
}

Test(aws_client, without_credentials_the_error_lists_what_was_tried)
{
    static const struct fake_reply script[] = {OK_REPLY};
    struct fake_http *f = fake_http_start(script, 1);
    struct aws_client *c = client_of(f);
    struct err e = {0};

    (void)unsetenv("AWS_ACCESS_KEY_ID");
    (void)unsetenv("AWS_SECRET_ACCESS_KEY");
    cr_expect_eq(aws_call(c, AWS_OP_DDB_SCAN, NULL, NULL, &e), E_NO_CREDS);
    cr_expect(strstr(e.msg, "no AWS_ACCESS_KEY_ID") != NULL, "%s", e.msg);
    cr_expect(strstr(e.msg, "profile default") != NULL, "%s", e.msg);
    cr_expect(strstr(e.msg, "container") != NULL, "%s", e.msg);
    cr_expect(strstr(e.msg, "EC2 metadata (disabled)") != NULL, "%s", e.msg);
    cr_expect_eq(fake_http_requests(f), 0);
    aws_client_free(c);
    fake_http_stop(f);
}

Test(aws_client, no_attempt_begins_and_none_lasts_beyond_the_deadline)
{
    static const struct fake_reply silent[] = {{.deed = FAKE_HANG}};
    static const struct fake_reply throttled[] = {
        {.status = 400, .body = THROTTLE}
    };
    int64_t began = clock_mono_ms(NULL);

    int64_t none = deadline_within(SILENT_MS);
    struct outcome o = call(silent, 1, AWS_OP_DDB_GET_ITEM, "{}");
    cr_expect_eq(o.rc, E_TIMEOUT, "%s", o.e.msg);
    cr_expect_eq(o.requests, 1);
    cr_expect_not_null(strstr(o.e.hint, "--timeout"), "%s", o.e.hint);
    cr_expect_lt(clock_mono_ms(NULL) - began, 30000, "one attempt may take twice as long");
    /* The time is over: nothing is sent at all, so nothing can have been done. */
    o = call(silent, 1, AWS_OP_DDB_PUT_ITEM, "{}");
    cr_expect_eq(o.rc, E_TIMEOUT);
    cr_expect_eq(o.requests, 0);
    cr_expect(!o.e.maybe_done);
    /* The error tells what the service said last, not that there was no time to ask again. */
    (void)deadline_set(none);
    (void)deadline_within(60000);
    o = call(throttled, 1, AWS_OP_DDB_GET_ITEM, "{}");
    cr_expect_eq(o.rc, E_THROTTLED);
    cr_expect_gt(o.requests, 1, "there is time enough");
    (void)deadline_set(none);
}
