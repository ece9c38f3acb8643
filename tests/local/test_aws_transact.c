/* ddb_transact against a server that loses replies, cancels, and talks nonsense. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/client.h"
#include "aws/dynamodb.h"
#include "core/json.h"
#include "tests/local/aws_env.h"
#include "tests/local/fake_http.h"

static void begin(void)
{
    (void)aws_env_begin();
    aws_env_keys();
}

static void end(void)
{
    aws_env_end();
}

TestSuite(aws_transact, .init = begin, .fini = end, .timeout = 120);

#define CANCELLED(reasons)                                                                         \
    {                                                                                              \
        .status = 400, .body = "{\"__type\":\"com.amazonaws.dynamodb.v20120810#"                   \
                               "TransactionCanceledException\",\"Message\":\"Transaction "         \
                               "cancelled\",\"CancellationReasons\":" reasons "}"                  \
    }
#define NONE "{\"Code\":\"None\"}"
#define CONFLICT "{\"Code\":\"TransactionConflict\",\"Message\":\"Transaction is ongoing\"}"
#define FAILED                                                                                     \
    "{\"Code\":\"ConditionalCheckFailed\",\"Message\":\"The conditional request failed\","         \
    "\"Item\":{\"pk\":{\"S\":\"x\"}}}"

/* A call of two checks on the server's script, and what came of it. */
struct outcome {
    enum err_code rc;
    struct err e;
    struct ddb_reasons why;
    size_t requests;
    bool one_token; /* every request had the same token, and one */
};

static bool one_token(struct fake_http *f)
{
    char *first = NULL;
    bool same = true;

    for (size_t i = 0; i < fake_http_requests(f); i++) {
        const struct fake_request *r = fake_http_request(f, i);
        cJSON *in = json_parse(r->body, r->body_len, "request", NULL);
        const char *token = json_str_or(in, "ClientRequestToken", "");
        if (first == NULL) {
            first = strdup(token);
        }
        same = same && *token != '\0' && strcmp(first, token) == 0;
        cJSON_Delete(in);
    }
    free(first);
    return same;
}

static struct outcome transact(const struct fake_reply *script, size_t len)
{
    struct outcome o = {0};
    struct fake_http *f = fake_http_start(script, len);
    struct aws_client *c = aws_client_new(&(struct aws_options){.region = "us-east-1",
                                                                .endpoint_url = fake_http_url(f),
                                                                .clock = &aws_env_clock,
                                                                .total_timeout_ms = 5000,
                                                                .delay_percent = 1},
                                          &o.e);
    cJSON *key = json_parse("{\"pk\":{\"S\":\"x\"}}", 16, "key", NULL);
    struct ddb_action actions[2] = {
        {.kind = DDB_ACTION_CHECK,
         .table = "state",
         .key = key,
         .condition = "attribute_not_exists(pk)"},
        {.kind = DDB_ACTION_DELETE,                        .table = "jobs", .key = key}
    };

    cr_assert_not_null(c, "%s", o.e.msg);
    o.rc = ddb_transact(c, &(struct ddb_transaction){.actions = actions, .len = 2}, &o.why, &o.e);
    o.requests = fake_http_requests(f);
    o.one_token = one_token(f);
    aws_client_free(c);
    fake_http_stop(f);
    cJSON_Delete(key);
    return o;
}

Test(aws_transact, a_lost_reply_is_asked_for_again_with_the_same_token)
{
    const struct fake_reply script[] = {{.deed = FAKE_CLOSE}, {.body = "{}"}};
    struct outcome o = transact(script, 2);

    cr_expect_eq(o.rc, E_OK, "%s", o.e.msg);
    cr_expect_eq(o.requests, 2);
    cr_expect(o.one_token);
    cr_expect_not(o.e.maybe_done);
    cr_expect_eq(o.why.len, 0);
}

Test(aws_transact, no_answer_at_all_is_perhaps_done)
{
    const struct fake_reply script[] = {{.deed = FAKE_CLOSE}};
    struct outcome o = transact(script, 1);

    cr_expect_eq(o.rc, E_NET);
    cr_expect(o.e.maybe_done);
    cr_expect(o.one_token);
    cr_expect_eq(o.why.len, 0);
}

Test(aws_transact, a_condition_that_does_not_hold_is_not_tried_again)
{
    const struct fake_reply script[] = {CANCELLED("[" FAILED "," CONFLICT "]")};
    struct outcome o = transact(script, 1);

    cr_expect_eq(o.rc, E_CONFLICT);
    cr_expect_eq(o.requests, 1);
    cr_expect_not(o.e.maybe_done);
    cr_assert_eq(o.why.len, 2);
    cr_expect_str_eq(o.why.items[0].code, "ConditionalCheckFailed");
    cr_expect_not_null(o.why.items[0].item);
    cr_expect_str_eq(o.why.items[1].code, "TransactionConflict");
    cr_expect_null(o.why.items[1].item);
    cr_expect_not_null(strstr(o.e.msg, "action 1: The conditional request failed"), "%s", o.e.msg);
    ddb_reasons_clear(&o.why);
}

Test(aws_transact, a_refusal_after_a_lost_reply_stays_perhaps_done)
{
    const struct fake_reply script[] = {{.deed = FAKE_CLOSE}, CANCELLED("[" FAILED "," NONE "]")};
    struct outcome o = transact(script, 2);

    cr_expect_eq(o.rc, E_CONFLICT);
    cr_expect(o.e.maybe_done);
    ddb_reasons_clear(&o.why);
}

Test(aws_transact, what_others_were_in_the_way_of_is_tried_again)
{
    const struct fake_reply script[] = {CANCELLED("[" NONE "," CONFLICT "]"),
                                        CANCELLED("[" CONFLICT "," CONFLICT "]"),
                                        {.body = "{}"}};
    struct outcome o = transact(script, 3);

    cr_expect_eq(o.rc, E_OK, "%s", o.e.msg);
    cr_expect_eq(o.requests, 3);
    cr_expect(o.one_token);
    cr_expect_eq(o.why.len, 0);

    o = transact(script, 1); /* for ever */
    cr_expect_eq(o.rc, E_THROTTLED);
    cr_expect_eq(o.requests, 5);
    cr_expect_not(o.e.maybe_done);
    cr_assert_eq(o.why.len, 2);
    cr_expect_str_eq(o.why.items[1].code, "TransactionConflict");
    ddb_reasons_clear(&o.why);
}

Test(aws_transact, an_action_that_cannot_be_done_is_invalid)
{
    const struct fake_reply script[] = {
        CANCELLED("[{\"Code\":\"ValidationError\",\"Message\":\"too\\u001b[2J big\"}," NONE "]")};
    struct outcome o = transact(script, 1);

    cr_expect_eq(o.rc, E_INVALID);
    cr_expect_eq(o.e.code, E_INVALID);
    cr_expect_null(strchr(o.e.msg, '\033'), "%s", o.e.msg);
    ddb_reasons_clear(&o.why);
}

/* Reasons that are not one for each action say nothing about any action. */
Test(aws_transact, reasons_that_cannot_be_read_are_none)
{
    static const struct fake_reply scripts[] = {
        CANCELLED("[" FAILED "]"),
        CANCELLED("[]"),
        CANCELLED("{}"),
        CANCELLED("null"),
        CANCELLED("\"[]\""),
        CANCELLED("[1,2,3]"),
        {.status = 400, .body = "{\"__type\":\"x#TransactionCanceledException\"}"},
    };

    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
        struct outcome o = transact(&scripts[i], 1);
        cr_expect_eq(o.rc, E_CONFLICT, "%zu: %s", i, o.e.msg);
        cr_expect_eq(o.why.len, 0, "%zu", i);
        ddb_reasons_clear(&o.why);
    }
    static const struct fake_reply odd[] = {
        CANCELLED("[1,null]"),
        CANCELLED("[{\"Code\":7,\"Message\":{},\"Item\":[]},{\"Code\":\"\\u0007\"}]"),
    };
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        struct outcome o = transact(&odd[i], 1);
        cr_expect_eq(o.rc, E_CONFLICT, "%zu: %s", i, o.e.msg);
        cr_assert_eq(o.why.len, 2);
        cr_expect_null(o.why.items[0].item);
        cr_expect_null(o.why.items[0].message);
        ddb_reasons_clear(&o.why);
    }
}
