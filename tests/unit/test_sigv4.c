/* AWS Signature Version 4, stage by stage. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <string.h>

#include "aws/sigv4.h"

/* The vectors of AWS-WIRE 1.4, computed by an independent implementation (botocore). */
#define SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define DATE "20260102T030405Z"
#define TOKEN "TOKEN/abc+123=="
#define AMZ_JSON "application/x-amz-json-1.0"

static const struct vector {
    const char *name, *method, *host, *path, *query, *type, *target, *body, *region, *service;
    bool token, query_mode;
    const char *canonical_sha256, *signature;
} vectors[] = {
    {.name = "V1 DynamoDB with a session token",
     .method = "POST",
     .host = "dynamodb.us-east-1.amazonaws.com",
     .path = "/",
     .type = AMZ_JSON,
     .target = "DynamoDB_20120810.DescribeTable",
     .body = "{\"TableName\":\"runs\"}",
     .region = "us-east-1",
     .service = "dynamodb",
     .token = true,
     .canonical_sha256 = "46abdabb1b6c880292cae8db35ccad3a6581d37c132d9b0763fb1fb7967374d4",
     .signature = "24feaa605d07df06a54167fb1f0e8b0977f1da4a90d458d3e105857e719db533"},
    {.name = "V2 Batch REST-JSON in another region",
     .method = "POST",
     .host = "batch.eu-west-1.amazonaws.com",
     .path = "/v1/describejobs",
     .type = "application/json",
     .body = "{\"jobs\":[\"x\"]}",
     .region = "eu-west-1",
     .service = "batch",
     .canonical_sha256 = "a222d48279af12efc79f4b162d115882d81da294611dced5369e42abc0811271",
     .signature = "2d728fb9a6459986bf6d34cd39ac270527a304b7745aec7e8de443d3ac12b1a1"},
    {.name = "V3 GET whose path is encoded once more",
     .method = "GET",
     .host = "batch.us-east-1.amazonaws.com",
     .path = "/v1/tags/arn%3Aaws%3Abatch%3Aus-east-1%3A123456789012%3Ajob%2Fabc",
     .body = "",
     .region = "us-east-1",
     .service = "batch",
     .token = true,
     .canonical_sha256 = "74a48d022b2f1f26c38d47dfb99ed4799146ddd1380fb3f9dbc25cd3f4bcf182",
     .signature = "d24bfe058e6484b789c15525743cc6ee97b05ffbede4837f827251bd75e05448"},
    {.name = "V4 STS form",
     .method = "POST",
     .host = "sts.us-east-1.amazonaws.com",
     .path = "/",
     .type = "application/x-www-form-urlencoded; charset=utf-8",
     .body = "Action=GetCallerIdentity&Version=2011-06-15",
     .region = "us-east-1",
     .service = "sts",
     .canonical_sha256 = "8950aa637e8c92025b0538006475e7a6bfe500443fed4346748d7411aba800df",
     .signature = "b57eccc771c57ff3d2d1121eb0768f9b5a596f1e2aa97e452275256232edfb15"},
    {.name = "V5 SQS with query mode",
     .method = "POST",
     .host = "sqs.us-east-1.amazonaws.com",
     .path = "/",
     .type = AMZ_JSON,
     .target = "AmazonSQS.GetQueueUrl",
     .body = "{\"QueueName\":\"dlq\"}",
     .region = "us-east-1",
     .service = "sqs",
     .query_mode = true,
     .canonical_sha256 = "c4f3ecd2c6d6c1c9bea4dfd30b6a63cbd0f48a9ee05c5778293958cda9ec4c2a",
     .signature = "1d6f9e52613aaea026ffb0cb2390aa118d79e98781adc0842c1d801f7895c6be"},
    {.name = "V6 loopback with a port",
     .method = "POST",
     .host = "127.0.0.1:8000",
     .path = "/",
     .type = AMZ_JSON,
     .target = "DynamoDB_20120810.ListTables",
     .body = "{}",
     .region = "us-east-1",
     .service = "dynamodb",
     .canonical_sha256 = "d189897a714a8835cb5888756ee0c878ae1e4b834b0f86d867a1bf676a244cee",
     .signature = "1f1ec5774bef62cbbcf1937dbea857de383dc5024bc01e827732ee942a07d2c8"},
    {.name = "V7 query string",
     .method = "GET",
     .host = "batch.us-east-1.amazonaws.com",
     .path = "/",
     .query = "a=1%202&b=%2F&b=a",
     .body = "",
     .region = "us-east-1",
     .service = "batch",
     .signature = "c56d255a586cfdc6dffd8bb3ea1da8561c1b1944b911f35029da84fd06eb2fad"},
};

static void sign_vector(const struct vector *v, struct sigv4_result *out)
{
    /* Not in signing order on purpose. */
    struct sigv4_header headers[6];
    size_t n = 0;

    headers[n++] = (struct sigv4_header){"X-Amz-Date", DATE};
    headers[n++] = (struct sigv4_header){"Host", v->host};
    if (v->query_mode) {
        headers[n++] = (struct sigv4_header){"x-amzn-query-mode", "true"};
    }
    if (v->target != NULL) {
        headers[n++] = (struct sigv4_header){"X-Amz-Target", v->target};
    }
    if (v->token) {
        headers[n++] = (struct sigv4_header){"X-Amz-Security-Token", TOKEN};
    }
    if (v->type != NULL) {
        headers[n++] = (struct sigv4_header){"Content-Type", v->type};
    }
    struct sigv4_request r = {.method = v->method,
                              .path = v->path,
                              .query = v->query,
                              .headers = headers,
                              .headers_len = n,
                              .body = v->body,
                              .body_len = strlen(v->body),
                              .region = v->region,
                              .service = v->service,
                              .amz_date = DATE};
    sigv4_sign(&r, "AKIDEXAMPLE", SECRET, out);
}

static void expect_canonical(struct sigv4_request r, const char *line2, const char *line3)
{
    static const struct sigv4_header host = {"host", "h"};
    struct sigv4_result out = {0};
    char want[256];

    r.headers = &host;
    r.headers_len = 1;
    r.method = "GET";
    r.region = "r";
    r.service = "s";
    r.amz_date = DATE;
    sigv4_sign(&r, "k", "s", &out);
    (void)snprintf(want, sizeof want, "GET\n%s\n%s\n", line2, line3);
    cr_expect(strncmp(out.canonical, want, strlen(want)) == 0, "want %s got %s", want,
              out.canonical);
    sigv4_result_clear(&out);
}

ParameterizedTestParameters(sigv4, vector_gives_the_known_signature)
{
    static size_t index[sizeof vectors / sizeof *vectors];
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        index[i] = i;
    }
    return cr_make_param_array(size_t, index, sizeof vectors / sizeof *vectors);
}

ParameterizedTest(size_t *i, sigv4, vector_gives_the_known_signature)
{
    const struct vector *v = &vectors[*i];
    struct sigv4_result out = {0};

    sign_vector(v, &out);
    if (v->canonical_sha256 != NULL) {
        cr_expect_str_eq(out.canonical_sha256, v->canonical_sha256, "%s: canonical request:\n%s",
                         v->name, out.canonical);
    }
    cr_expect_str_eq(out.signature, v->signature, "%s", v->name);
    sigv4_result_clear(&out);
}

Test(sigv4, every_stage_of_v1_is_the_documented_text)
{
    struct sigv4_result out = {0};
    unsigned char key[32];
    char hex[65] = "";

    sigv4_sha256_hex(vectors[0].body, strlen(vectors[0].body), hex);
    cr_expect_str_eq(hex, "cfc2123ae4d3a55eeeb892eb08df64f59da275098ebee65ab64802cf00bd9ecf");
    sigv4_signing_key(SECRET, "20260102", "us-east-1", "dynamodb", key);
    for (size_t i = 0; i < sizeof key; i++) {
        (void)snprintf(hex + 2 * i, 3, "%02x", key[i]);
    }
    cr_expect_str_eq(hex, "eeb8fc37e23864c9823bc2ef552543821f27b09674f82435c43ac176dfba2996");
    sign_vector(&vectors[0], &out);
    cr_expect_str_eq(out.canonical,
                     "POST\n/\n\n"
                     "content-type:application/x-amz-json-1.0\n"
                     "host:dynamodb.us-east-1.amazonaws.com\n"
                     "x-amz-date:20260102T030405Z\n"
                     "x-amz-security-token:TOKEN/abc+123==\n"
                     "x-amz-target:DynamoDB_20120810.DescribeTable\n"
                     "\n"
                     "content-type;host;x-amz-date;x-amz-security-token;x-amz-target\n"
                     "cfc2123ae4d3a55eeeb892eb08df64f59da275098ebee65ab64802cf00bd9ecf");
    cr_expect_str_eq(out.scope, "20260102/us-east-1/dynamodb/aws4_request");
    cr_expect_str_eq(out.string_to_sign,
                     "AWS4-HMAC-SHA256\n20260102T030405Z\n"
                     "20260102/us-east-1/dynamodb/aws4_request\n"
                     "46abdabb1b6c880292cae8db35ccad3a6581d37c132d9b0763fb1fb7967374d4");
    cr_expect_str_eq(out.authorization,
                     "AWS4-HMAC-SHA256 "
                     "Credential=AKIDEXAMPLE/20260102/us-east-1/dynamodb/aws4_request, "
                     "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target,"
                     " Signature=24feaa605d07df06a54167fb1f0e8b0977f1da4a90d458d3e105857e719db533");
    sigv4_result_clear(&out);
}

Test(sigv4, a_kept_signing_key_gives_the_same_signature)
{
    struct sigv4_result a = {0};
    struct sigv4_result b = {0};
    static const struct sigv4_header host = {"host", "h"};
    struct sigv4_request r = {.method = "GET",
                              .path = "/",
                              .headers = &host,
                              .headers_len = 1,
                              .region = "us-east-1",
                              .service = "sqs",
                              .amz_date = DATE};
    unsigned char key[32];

    sigv4_signing_key(SECRET, "20260102", "us-east-1", "sqs", key);
    sigv4_sign(&r, "k", SECRET, &a);
    sigv4_sign_with_key(&r, "k", key, &b);
    cr_expect_str_eq(a.authorization, b.authorization);
    sigv4_result_clear(&a);
    sigv4_result_clear(&b);
}

Test(sigv4, paths_are_collapsed_and_encoded_once_more)
{
    expect_canonical((struct sigv4_request){.path = "/"}, "/", "");
    expect_canonical((struct sigv4_request){.path = ""}, "/", "");
    expect_canonical((struct sigv4_request){.path = "//a//b/"}, "/a/b/", "");
    expect_canonical((struct sigv4_request){.path = "/a/./b/../c"}, "/a/c", "");
    expect_canonical((struct sigv4_request){.path = "/../../a/.."}, "/", "");
    expect_canonical((struct sigv4_request){.path = "/a%20b/\xc3\xa9"}, "/a%2520b/%C3%A9", "");
}

Test(sigv4, queries_are_sorted_and_encoded_the_one_way)
{
    expect_canonical((struct sigv4_request){.path = "/", .query = "b=2&a=1&&a=0&c"}, "/",
                     "a=0&a=1&b=2&c=");
    expect_canonical((struct sigv4_request){.path = "/", .query = "x=%2f%41&y=a/b"}, "/",
                     "x=%2FA&y=a%2Fb");
    expect_canonical((struct sigv4_request){.path = "/", .query = "x=%&y=%4"}, "/", "x=%25&y=%254");
}

Test(sigv4, header_values_are_trimmed_and_joined)
{
    static const struct sigv4_header headers[] = {
        {"B",     "  two   words\t here "},
        {"a",     "1"                    },
        {"A",     " 2"                   },
        {"empty", "   "                  }
    };
    struct sigv4_result out = {0};
    struct sigv4_request r = {.method = "GET",
                              .path = "/",
                              .headers = headers,
                              .headers_len = 4,
                              .region = "r",
                              .service = "s",
                              .amz_date = DATE};

    sigv4_sign(&r, "k", "s", &out);
    cr_expect(strstr(out.canonical, "\na:1,2\nb:two words here\nempty:\n\na;b;empty\n") != NULL,
              "%s", out.canonical);
    sigv4_result_clear(&out);
}
