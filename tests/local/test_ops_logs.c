/* A job's log by its job id alone. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/op.h"
#include "core/json.h"
#include "core/strbuf.h"
#include "fake_http.h"
#include "ops/logs.h"
#include "ops_cloud.h"

/* Where a job's log is found, and the token rules of GetLogEvents. */

static struct ops_cloud c;
static struct fake_http *fake;

static void teardown(void)
{
    if (fake != NULL) {
        fake_http_stop(fake);
    }
    ops_cloud_stop(&c);
}

TestSuite(ops_logs, .fini = teardown, .timeout = 120);

/* An operation with its document in single quotes. */
static void call(enum aws_op_id op, const char *text)
{
    struct err e = {0};
    char json[2000];

    (void)snprintf(json, sizeof json, "%s", text);
    for (char *p = json; *p != '\0'; p++) {
        *p = *p == '\'' ? '"' : *p;
    }
    cJSON *in = json_parse(json, strlen(json), "test", &e);
    cr_assert_not_null(in, "%s", e.msg);
    cr_assert_eq(aws_call(c.ops->aws, op, in, NULL, &e), E_OK, "%s", e.msg);
    cJSON_Delete(in);
}

static void deploy(char id[JOB_ID_SIZE])
{
    struct deploy_request r;
    struct deploy_result out;
    struct err e = {0};

    ops_cloud_request(&r, "My Startup");
    cr_assert_eq(ops_deploy(c.ops, &r, &out, &e), E_OK, "%s", e.msg);
    (void)snprintf(id, JOB_ID_SIZE, "%s", out.job_id);
    deploy_request_clear(&r);
}

/* The log of an attempt from its beginning to where it ends now; owned. */
static char *log_of(const char *id, int attempt, struct log_cursor *at)
{
    struct strbuf all = STRBUF_INIT;
    struct err e = {0};
    bool end = false;

    cr_assert_eq(ops_log_open(c.ops, id, attempt, TIME_NONE, at, &e), E_OK, "%s", e.msg);
    while (!end) {
        struct log_page p = {0};
        cr_assert_eq(ops_log_read(c.ops, at, &p, &e), E_OK, "%s", e.msg);
        for (size_t i = 0; i < p.len; i++) {
            strbuf_addf(&all, "%s\n", p.items[i].text);
        }
        end = p.at_end;
        log_page_clear(&p);
    }
    return strbuf_take(&all);
}

Test(ops_logs, by_job_id_alone_in_the_definitions_group_and_of_each_attempt)
{
    struct log_cursor at;
    struct err e = {0};
    char id[JOB_ID_SIZE];

    ops_cloud_start(&c, &(struct ops_cloud_options){.script = "echo \"try "
                                                              "$AWS_BATCH_JOB_ATTEMPT\"; [ "
                                                              "\"$AWS_BATCH_JOB_ATTEMPT\" = 2 ]"});
    call(AWS_OP_BATCH_REGISTER_JOB_DEFINITION,
         "{'jobDefinitionName':'mvp-pipeline-job','type':'container','retryStrategy':{'attempts':"
         "2},'containerProperties':{'image':'mvpdash-starter','command':[],"
         "'resourceRequirements':[{'type':'VCPU','value':'1'},{'type':'MEMORY','value':'512'}],"
         "'logConfiguration':{'logDriver':'awslogs','options':{'awslogs-group':'/our/own'}}}}");
    deploy(id);
    ops_cloud_wait_batch(&c, id, BATCH_SUCCEEDED);
    char *first = log_of(id, 1, &at);
    cr_expect_str_eq(first, "try 1\n");
    cr_expect_str_eq(at.group, "/our/own");
    cr_expect_eq(at.attempts, 2);
    char stream[512];
    (void)snprintf(stream, sizeof stream, "%s", at.stream);
    char *second = log_of(id, 2, &at);
    cr_expect_str_eq(second, "try 2\n");
    cr_expect_str_neq(at.stream, stream);
    char *latest = log_of(id, 0, &at);
    cr_expect_str_eq(latest, "try 2\n");
    cr_expect_eq(ops_log_open(c.ops, id, 3, TIME_NONE, &at, &e), E_NOT_FOUND);
    cr_expect_not_null(strstr(e.msg, "no attempt 3 (it has 2)"), "%s", e.msg);
    free(first);
    free(second);
    free(latest);
}

/* ---- tokens ---- */

#define EVENT(text) "{\"timestamp\":1755685800000,\"message\":\"" text "\",\"ingestionTime\":1}"
#define PAGE(events, token)                                                                        \
    {                                                                                              \
        .headers = "Content-Type: application/x-amz-json-1.1\r\n",                                 \
        .body = "{\"events\":[" events "],\"nextForwardToken\":\"" token                           \
                "\",\"nextBackwardToken\":\"b\"}"                                                  \
    }

/* An ops whose logs come from a script; the cursor is where a reader of stream "s" stands. */
static struct ops *scripted(const struct fake_reply *script, size_t len, struct log_cursor *at)
{
    ops_cloud_start(&c, &(struct ops_cloud_options){0});
    fake = fake_http_start(script, len);
    (void)setenv("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", fake_http_url(fake), 1);
    *at = (struct log_cursor){.group = "g", .stream = "s", .since_ms = TIME_NONE};
    struct ops *o = ops_cloud_again(&c);
    (void)unsetenv("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS");
    return o;
}

Test(ops_logs, an_empty_page_is_not_the_end_but_the_same_token_is)
{
    static const struct fake_reply script[] = {PAGE(EVENT("one"), "f/1"), PAGE("", "f/2"),
                                               PAGE(EVENT("two"), "f/3"), PAGE("", "f/3")};
    static const struct {
        size_t lines;
        bool end;
        const char *sent;
    } want[] = {
        {1, false, NULL },
        {0, false, "f/1"},
        {1, false, "f/2"},
        {0, true,  "f/3"}
    };
    struct log_cursor at;
    struct err e = {0};
    struct ops *o = scripted(script, 4, &at);

    for (size_t i = 0; i < 4; i++) {
        struct log_page p = {0};
        cr_assert_eq(ops_log_read(o, &at, &p, &e), E_OK, "%s", e.msg);
        cr_expect_eq(p.len, want[i].lines, "page %zu", i);
        cr_expect_eq(p.at_end, want[i].end, "page %zu", i);
        const char *body = fake_http_request(fake, i)->body;
        cr_expect_not_null(strstr(body, "\"startFromHead\":true"), "%s", body);
        cr_expect_eq(strstr(body, "nextToken") != NULL, want[i].sent != NULL, "%s", body);
        cr_expect(want[i].sent == NULL || strstr(body, want[i].sent) != NULL, "%s", body);
        log_page_clear(&p);
    }
    ops_free(o);
}

Test(ops_logs, a_stream_that_does_not_exist_yet_is_explained_and_tried_again)
{
    static const struct fake_reply script[] = {
        {.status = 400,
         .headers = "Content-Type: application/x-amz-json-1.1\r\n",
         .body = "{\"__type\":\"ResourceNotFoundException\",\"message\":\"no stream\"}"},
        PAGE(EVENT("first"), "f/1")
    };
    struct log_cursor at;
    struct log_page p = {0};
    struct err e = {0};
    struct ops *o = scripted(script, 2, &at);

    cr_assert_eq(ops_log_read(o, &at, &p, &e), E_OK, "%s", e.msg);
    cr_expect_eq(p.len, 0);
    cr_expect(p.at_end);
    cr_expect_str_eq(p.note, "the container has written nothing yet");
    log_page_clear(&p);
    cr_assert_eq(ops_log_read(o, &at, &p, &e), E_OK, "%s", e.msg);
    cr_assert_eq(p.len, 1);
    cr_expect_str_eq(p.items[0].text, "first");
    log_page_clear(&p);
    ops_free(o);
}
