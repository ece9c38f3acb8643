/* The local cloud over HTTP: signatures, protocols, and bytes that are no HTTP. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "aws/sigv4.h"
#include "cloud.h"
#include "core/alloc.h"
#include "core/json.h"
#include "core/path.h"
#include "core/strbuf.h"
#include "src/cloud/services.h"
#include "src/cloud/store/service.h"
#include "src/cloud/store/store.h"

static struct test_cloud c;

static void setup(void)
{
    cloud_open(&c);
}

static void teardown(void)
{
    cloud_close(&c);
}

TestSuite(server, .init = setup, .fini = teardown, .timeout = 120);

/* ---- signed requests, made by hand ------------------------------------------------------ */

struct by_hand {
    const char *method, *target, *amz_target, *type, *body; /* target: request line */
    const char *key, *secret, *region, *service;            /* NULL: the right ones */
    int64_t skew_ms;
    const char *extra; /* unsigned header lines, "Name: value\r\n" */
};

static char *send_by_hand(const struct by_hand *h)
{
    char date[TIME_ISO_SIZE], host[64];
    struct sigv4_header headers[4];
    size_t n = 0;
    const char *body = h->body == NULL ? "" : h->body;
    const char *path = h->target == NULL ? "/" : h->target;
    char *own_path = xstrdup(path);
    char *query = strchr(own_path, '?');
    struct sigv4_result made = {0};
    struct strbuf b = STRBUF_INIT;

    if (query != NULL) {
        *query++ = '\0';
    }
    (void)time_iso_basic(clock_wall_ms(NULL) + h->skew_ms, date);
    (void)snprintf(host, sizeof host, "127.0.0.1:%u", (unsigned)cloud_port(c.l));
    headers[n++] = (struct sigv4_header){"Host", host};
    headers[n++] = (struct sigv4_header){"X-Amz-Date", date};
    if (h->type != NULL) {
        headers[n++] = (struct sigv4_header){"Content-Type", h->type};
    }
    if (h->amz_target != NULL) {
        headers[n++] = (struct sigv4_header){"X-Amz-Target", h->amz_target};
    }
    sigv4_sign(&(struct sigv4_request){.method = h->method == NULL ? "POST" : h->method,
                                       .path = own_path,
                                       .query = query,
                                       .headers = headers,
                                       .headers_len = n,
                                       .body = body,
                                       .body_len = strlen(body),
                                       .region = h->region == NULL ? "us-east-1" : h->region,
                                       .service = h->service == NULL ? "dynamodb" : h->service,
                                       .amz_date = date},
               h->key == NULL ? cloud_access_key(c.l) : h->key,
               h->secret == NULL ? cloud_secret_key(c.l) : h->secret, &made);
    strbuf_addf(&b, "%s %s HTTP/1.1\r\nConnection: close\r\n",
                h->method == NULL ? "POST" : h->method, path);
    for (size_t i = 0; i < n; i++) {
        strbuf_addf(&b, "%s: %s\r\n", headers[i].name, headers[i].value);
    }
    strbuf_addf(&b, "Authorization: %s\r\nContent-Length: %zu\r\n%s\r\n%s", made.authorization,
                strlen(body), h->extra == NULL ? "" : h->extra, body);
    char *answer = cloud_raw(&c, strbuf_str(&b));
    strbuf_clear(&b);
    sigv4_result_clear(&made);
    free(own_path);
    return answer;
}

#define DDB "DynamoDB_20120810."
#define JSON_1_0 "application/x-amz-json-1.0"
#define FORM "application/x-www-form-urlencoded; charset=utf-8"

static const struct answer_case {
    const char *name;
    struct by_hand request;
    const char *want[4]; /* parts of the answer */
} answers[] = {
    {"a good request",
     {.amz_target = DDB "ListTables", .type = JSON_1_0, .body = "{}"},
     {"HTTP/1.1 200", "\r\n\r\n{\"TableNames\":[]}", "Content-Type: application/x-amz-json-1.0",
      "x-amz-crc32: "}                                                                         },
    {"a wrong secret",
     {.amz_target = DDB "ListTables", .type = JSON_1_0, .body = "{}", .secret = "wrong"},
     {"HTTP/1.1 400", "InvalidSignatureException", "does not match the signature you provided"}},
    {"an unknown key",
     {.amz_target = DDB "ListTables", .type = JSON_1_0, .body = "{}", .key = "AKIAUNKNOWN"},
     {"HTTP/1.1 400", "UnrecognizedClientException", "security token included"}                },
    {"a wrong region",
     {.amz_target = DDB "ListTables", .type = JSON_1_0, .body = "{}", .region = "eu-west-1"},
     {"HTTP/1.1 400", "InvalidSignatureException", "not 'eu-west-1'"}                          },
    {"a wrong service",
     {.amz_target = DDB "ListTables", .type = JSON_1_0, .body = "{}", .service = "sqs"},
     {"HTTP/1.1 400", "InvalidSignatureException", "correct service: 'dynamodb'"}              },
    {"an old date",
     {.amz_target = DDB "ListTables", .type = JSON_1_0, .body = "{}", .skew_ms = -301000},
     {"HTTP/1.1 400", "InvalidSignatureException", "Signature expired: ", " - 5 min.)"}        },
    {"a date to come",
     {.amz_target = DDB "ListTables", .type = JSON_1_0, .body = "{}", .skew_ms = 310000},
     {"HTTP/1.1 400", "InvalidSignatureException", "Signature not yet current"}                },
    {"an unknown operation",
     {.amz_target = DDB "Nothing", .type = JSON_1_0, .body = "{}"},
     {"HTTP/1.1 400", "UnknownOperationException"}                                             },
    {"an unknown service",
     {.amz_target = "Nothing.Nothing", .type = JSON_1_0, .body = "{}"},
     {"HTTP/1.1 400", "UnknownOperationException"}                                             },
    {"an unknown Batch path",
     {.target = "/v1/nothing", .type = "application/json", .body = "{}", .service = "batch"},
     {"HTTP/1.1 404", "x-amzn-errortype: UnknownOperationException"}                           },
    {"a Batch call with a wrong secret",
     {.target = "/v1/listjobs",
      .type = "application/json",
      .body = "{}",
      .service = "batch",
      .secret = "wrong"},
     {"HTTP/1.1 403", "x-amzn-errortype: InvalidSignatureException", "{\"message\":"}          },
    {"STS with a wrong secret",
     {.type = FORM,
      .body = "Action=GetCallerIdentity&Version=2011-06-15",
      .service = "sts",
      .secret = "wrong"},
     {"HTTP/1.1 403", "<Code>SignatureDoesNotMatch</Code>", "Content-Type: text/xml"}          },
    {"an unknown STS action",
     {.type = FORM, .body = "Action=Nothing&Version=2011-06-15", .service = "sts"},
     {"HTTP/1.1 400", "<Code>InvalidAction</Code>", "Could not find operation Nothing"}        },
    {"IAM, which is not here",
     {.type = FORM, .body = "Action=GetRole&Version=2010-05-08&RoleName=r", .service = "iam"},
     {"HTTP/1.1 400", "<Code>UnknownOperationException</Code>", "no IAM"}                      },
    {"CloudWatch, which is not here",
     {.amz_target = "GraniteServiceVersion20100801.GetMetricData",
      .type = JSON_1_0,
      .body = "{}",
      .service = "monitoring"},
     {"HTTP/1.1 400", "UnknownOperationException", "no CloudWatch"}                            },
    {"a body that is no JSON",
     {.amz_target = DDB "ListTables", .type = JSON_1_0, .body = "{"},
     {"HTTP/1.1 400", "SerializationException"}                                                },
    {"a body that is no object",
     {.amz_target = DDB "ListTables", .type = JSON_1_0, .body = "[]"},
     {"HTTP/1.1 400", "SerializationException"}                                                },
    {"a NUL in a string",
     {.amz_target = DDB "ListTables", .type = JSON_1_0, .body = "{\"a\":\"x\\u0000y\"}"},
     {"HTTP/1.1 400", "SerializationException", "NUL"}                                         },
    {"a query string that is encoded",
     {.target = "/?a=%2F&b=1%202", .amz_target = DDB "ListTables", .type = JSON_1_0, .body = "{}"},
     {"HTTP/1.1 200"}                                                                          },
    {"a target that is not signed",
     {.type = JSON_1_0, .body = "{}", .extra = "X-Amz-Target: " DDB "ListTables\r\n"},
     {"HTTP/1.1 400", "InvalidSignatureException", "'x-amz-target' must be a 'SignedHeader'"}  },
};

Test(server, answers_as_the_service_does)
{
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        char *answer = send_by_hand(&answers[i].request);
        for (size_t k = 0; k < 4 && answers[i].want[k] != NULL; k++) {
            cr_expect(strstr(answer, answers[i].want[k]) != NULL, "%s: no '%s' in\n%s",
                      answers[i].name, answers[i].want[k], answer);
        }
        cr_expect(strstr(answer, "x-amzn-RequestId: ") != NULL, "%s", answers[i].name);
        free(answer);
    }
}

static const struct raw_case {
    const char *name, *request, *want;
} raws[] = {
    {"no signature at all",
     "POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: " DDB "ListTables\r\nContent-Length: 2\r\n\r\n{}",
     "MissingAuthenticationTokenException"                                                                                                     },
    {"a browser",                       "GET / HTTP/1.1\r\nHost: x\r\n\r\n",                              "MissingAuthenticationTokenException"},
    {"another algorithm",
     "POST / HTTP/1.1\r\nHost: x\r\nAuthorization: Basic eDp5\r\nX-Amz-Target: " DDB
     "ListTables\r\nContent-Length: 2\r\n\r\n{}",                                                         "IncompleteSignatureException"       },
    {"a signature in parts",
     "POST / HTTP/1.1\r\nHost: x\r\nAuthorization: AWS4-HMAC-SHA256 Credential=a/b/c/d/e\r\n"
     "X-Amz-Target: " DDB "ListTables\r\nContent-Length: 2\r\n\r\n{}",
     "requires 'Signature' parameter"                                                                                                          },
    {"no host",                         "POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}",
     "{\"__type\":\"SerializationException\",\"message\":\"The request is malformed: Host is not "
     "given\"}"                                                                                                                                },
    {"a line that goes on in the next", "GET / HTTP/1.1\r\nHost: x\r\nX-A: b\r\n c\r\n\r\n",
     "The request is malformed: "                                                                                                              },
    {"a whole address as the target",   "GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n",
     "\"The request line or headers are malformed\""                                                                                           },
    {"a body over the limit",           "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n",
     "HTTP/1.1 413 Content Too Large\r\n"                                                                                                      },
};

Test(server, refuses_what_is_not_signed)
{
    for (size_t i = 0; i < sizeof raws / sizeof *raws; i++) {
        char *answer = cloud_raw(&c, raws[i].request);
        cr_expect(strstr(answer, raws[i].want) != NULL, "%s: no '%s' in\n%s", raws[i].name,
                  raws[i].want, answer);
        free(answer);
    }
}

Test(server, the_date_of_a_reply_is_of_the_clouds_clock)
{
    c.skew_ms = 784111777000 - clock_wall_ms(NULL);
    char *answer = cloud_raw(&c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    cr_expect(strstr(answer, "\r\nDate: Sun, 06 Nov 1994 08:49:") != NULL, "%s", answer);
    free(answer);
}

Test(server, blanks_behind_a_header_are_not_its_value)
{
    char *answer = send_by_hand(&(struct by_hand){
        .amz_target = DDB "ListTables ", .type = "  " JSON_1_0 " ", .body = "{}"});
    cr_expect(strstr(answer, "{\"TableNames\":[]}") != NULL, "%s", answer);
    free(answer);
}

Test(server, survives_bytes_that_are_no_http)
{
    static const char *const garbage[] = {
        "\x16\x03\x01\x02",
        "GET\r\n\r\n",
        "POST / HTTP/9.9\r\n\r\n",
        "\r\n\r\n\r\n",
        "POST % HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"};

    for (size_t i = 0; i < sizeof garbage / sizeof *garbage; i++) {
        free(cloud_raw(&c, garbage[i]));
    }
    cloud_answers(&c, AWS_OP_DDB_LIST_TABLES, "{}", "{'TableNames':[]}");
}

Test(server, temporary_keys_work_until_they_expire)
{
    struct err e;

    cloud_lock(c.l);
    cr_assert_eq(
        cloud_session_add(c.l, "ASIATEST", "secret", "token", clock_wall_ms(NULL) + 60 * 1000, &e),
        E_OK);
    cloud_unlock(c.l);
    (void)setenv("AWS_ACCESS_KEY_ID", "ASIATEST", 1);
    (void)setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
    (void)setenv("AWS_SESSION_TOKEN", "token", 1);
    cloud_reconnect(&c);
    cloud_answers(&c, AWS_OP_DDB_LIST_TABLES, "{}", "{'TableNames':[]}");
    c.skew_ms = 61 * 1000;
    cloud_refuses(&c, AWS_OP_DDB_LIST_TABLES, "{}", "ExpiredTokenException", "expired");
    c.skew_ms = 0;
    (void)setenv("AWS_SESSION_TOKEN", "other", 1);
    cloud_reconnect(&c);
    cloud_refuses(&c, AWS_OP_DDB_LIST_TABLES, "{}", "UnrecognizedClientException", "token");
}

/* ---- starting and stopping -------------------------------------------------------------- */

Test(server, only_loopback_addresses_are_listened_on)
{
    static const char *const hosts[] = {"0.0.0.0", "192.0.2.1", "::", "example.com", ""};
    struct err e;
    char dir[] = "/tmp/mvpdash-test-XXXXXX";

    cr_assert_not_null(mkdtemp(dir));
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        struct cloud *l =
            cloud_start(&(struct cloud_options){.data_dir = dir, .listen_host = hosts[i]}, &e);
        cr_expect_null(l, "%s", hosts[i]);
        cr_expect_eq(e.code, E_CONFIG, "%s: %s", hosts[i], e.msg);
    }
    cr_expect_eq(path_remove_tree(dir, NULL), E_OK);
}

Test(server, a_region_is_a_word)
{
    static const char *const bad[] = {"", "$(id)", "us east", "us-east-1\nx"};
    struct err e;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_expect_null(
            cloud_start(&(struct cloud_options){.data_dir = "/tmp/never", .region = bad[i]}, &e));
        cr_expect_eq(e.code, E_CONFIG, "%s", e.msg);
    }
}

Test(server, a_folder_serves_one_cloud_at_a_time)
{
    struct err e;

    cr_expect_null(cloud_start(&(struct cloud_options){.data_dir = c.dir}, &e));
    cr_expect_eq(e.code, E_CONFLICT, "%s", e.msg);
}

Test(server, keys_stay_over_a_restart_and_files_are_private)
{
    char *key = xstrdup(cloud_access_key(c.l));
    char *env = path_join(c.dir, "env");
    char *db = path_join(c.dir, "cloud.db");
    struct stat st;

    cr_expect_eq(strlen(key), 20);
    cr_expect_eq(strlen(cloud_secret_key(c.l)), 40);
    cr_assert_eq(stat(env, &st), 0);
    cr_expect_eq(st.st_mode & 0777, 0600);
    cr_assert_eq(stat(db, &st), 0);
    cr_expect_eq(st.st_mode & 0777, 0600);
    char *text = cloud_env_text(c.l);
    cr_expect(strstr(text, "export AWS_ENDPOINT_URL=http://127.0.0.1:") != NULL);
    cr_expect(strstr(text, key) != NULL);
    free(text);
    cloud_stop(c.l);
    cr_expect_not(path_exists(env), "the file goes when the cloud stops");
    c.l = cloud_start(&(struct cloud_options){.data_dir = c.dir, .clock = &c.clock}, &c.e);
    cr_assert_not_null(c.l);
    cr_expect_str_eq(cloud_access_key(c.l), key);
    free(key);
    free(env);
    free(db);
}

Test(server, a_file_of_another_schema_is_left_alone)
{
    struct err e;
    char dir[] = "/tmp/mvpdash-test-XXXXXX";

    cr_assert_not_null(mkdtemp(dir));
    struct cloud_store *s = cloud_store_open(dir, &e);
    cr_assert_not_null(s, "%s", e.msg);
    cr_assert_eq(cloud_store_meta_set(s, "schema", "99", &e), E_OK);
    cloud_store_close(s);
    cr_expect_null(cloud_store_open(dir, &e));
    cr_expect_eq(e.code, E_PARSE);
    cr_expect_eq(path_remove_tree(dir, NULL), E_OK);
}

/* ---- dispatch --------------------------------------------------------------------------- */

Test(server, every_operation_of_the_table_has_one_handler_or_is_marked)
{
    int rows[AWS_OP_COUNT] = {0};

    for (size_t i = 0; cloud_all_services[i] != NULL; i++) {
        for (const struct cloud_route *r = cloud_all_services[i]->routes; r->handle != NULL; r++) {
            rows[r->op]++;
        }
    }
    for (int op = 0; op < AWS_OP_COUNT; op++) {
        const struct aws_op *o = aws_op_get((enum aws_op_id)op);
        int want = (o->flags & AWS_OP_NOT_LOCAL) != 0 ? 0 : 1;
        cr_expect_eq(rows[op], want, "%s.%s has %d", aws_service_get(o->service)->name, o->name,
                     rows[op]);
    }
}

Test(server, a_call_from_inside_gets_plain_documents)
{
    struct cloud_reply r;
    cJSON *in = json_new_object();

    cloud_do(&c, AWS_OP_DDB_CREATE_TABLE,
             "{'TableName':'tab','BillingMode':'PAY_PER_REQUEST',"
             "'AttributeDefinitions':[{'AttributeName':'a','AttributeType':'S'}],"
             "'KeySchema':[{'AttributeName':'a','KeyType':'HASH'}]}");
    cloud_do(&c, AWS_OP_DDB_PUT_ITEM, "{'TableName':'tab','Item':{'a':{'S':'x'}}}");
    json_set_str(in, "TableName", "tab");
    cloud_dispatch(c.l, AWS_OP_DDB_SCAN, in, &r);
    cr_expect_eq(r.status, 200);
    cr_expect_eq(cJSON_GetArraySize(json_array(r.out, "Items")), 1);
    cloud_reply_clear(&r);
    cloud_dispatch(c.l, AWS_OP_COUNT, in, &r);
    cr_expect_str_eq(r.code, "UnknownOperationException");
    cloud_reply_clear(&r);
    cJSON_Delete(in);
}
