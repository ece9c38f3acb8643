/* A write of which one attempt may have been taken stays "perhaps done", however later ones fail.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "aws/client.h"
#include "aws/dynamodb.h"
#include "aws/events.h"
#include "aws/sqs.h"
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

TestSuite(aws_perhaps, .init = begin, .fini = end, .timeout = 120);

static const struct write_case {
    const char *name;
    enum aws_op_id op;
    bool repeated; /* sent again after a lost reply */
} writes[] = {
    {"PutItem",                 AWS_OP_DDB_PUT_ITEM,                  true },
    {"UpdateItem",              AWS_OP_DDB_UPDATE_ITEM,               true },
    {"DeleteItem",              AWS_OP_DDB_DELETE_ITEM,               true },
    {"TransactWriteItems",      AWS_OP_DDB_TRANSACT_WRITE_ITEMS,      true },
    {"PutEvents",               AWS_OP_EVENTS_PUT_EVENTS,             false},
    {"SubmitJob",               AWS_OP_BATCH_SUBMIT_JOB,              false},
    {"TerminateJob",            AWS_OP_BATCH_TERMINATE_JOB,           true },
    {"CancelJob",               AWS_OP_BATCH_CANCEL_JOB,              true },
    {"SendMessage",             AWS_OP_SQS_SEND_MESSAGE,              false},
    {"DeleteMessage",           AWS_OP_SQS_DELETE_MESSAGE,            true },
    {"ChangeMessageVisibility", AWS_OP_SQS_CHANGE_MESSAGE_VISIBILITY, true },
};
enum { WRITES = sizeof writes / sizeof *writes };

/* After each of these the request may have been taken. */
static const struct fake_reply losses[] = {
    {.deed = FAKE_CLOSE},
    {                     .deed = FAKE_RESET                 },
    { .deed = FAKE_TRUNCATE,                  .body = "{"},
    {                          .status = 500,                  .body = "{\"__type\":\"InternalFailure\"}"},
    {                          .status = 503,                  .body = "<html>busy</html>"},
    {    .headers = "x-amz-crc32: 12345\r\n",                  .body = "{}"},
};
enum { LOSSES = sizeof losses / sizeof *losses };

#define REFUSED(http, code)                                                                        \
    {                                                                                              \
        .status = (http), .body = "{\"__type\":\"com.amazon#" code "\",\"message\":\"no\"}"        \
    }

#define BARE(http, text)                                                                           \
    {                                                                                              \
        .status = (http), .body = (text)                                                           \
    }

/* After each of these the service surely did not take the request. */
static const struct fake_reply refusals[] = {
    REFUSED(400, "ThrottlingException"),
    REFUSED(400, "ProvisionedThroughputExceededException"),
    REFUSED(429, "TooManyRequestsException"),
    REFUSED(400, "ExpiredTokenException"),
    REFUSED(400, "UnrecognizedClientException"),
    REFUSED(403, "AccessDeniedException"),
    REFUSED(400, "ValidationException"),
    REFUSED(403, "InvalidSignatureException"),
    REFUSED(400, "ConditionalCheckFailedException"),
    REFUSED(400, "ResourceNotFoundException"),
    REFUSED(400, "ClientException"),
    {.status = 307, .headers = "Location: http://127.0.0.1:9/\r\n"},
    {.status = 403, .body = "<html>the proxy forbids it</html>"   },
};
enum { REFUSALS = sizeof refusals / sizeof *refusals };

static struct aws_client *client_of(const char *url)
{
    struct err e = {0};
    struct aws_client *c = aws_client_new(&(struct aws_options){.region = "us-east-1",
                                                                .endpoint_url = url,
                                                                .clock = &aws_env_clock,
                                                                .total_timeout_ms = 5000,
                                                                .delay_percent = 1},
                                          &e);
    cr_assert_not_null(c, "%s", e.msg);
    return c;
}

static enum err_code call(const struct fake_reply *script, size_t len, enum aws_op_id op,
                          size_t *requests, struct err *e)
{
    struct fake_http *f = fake_http_start(script, len);
    struct aws_client *c = client_of(fake_http_url(f));
    enum err_code rc = aws_call(c, op, NULL, NULL, e);

    *requests = fake_http_requests(f);
    aws_client_free(c);
    fake_http_stop(f);
    return rc;
}

Test(aws_perhaps, a_refusal_after_a_lost_reply_leaves_each_write_perhaps_done)
{
    for (int w = 0; w < WRITES; w++) {
        for (int l = 0; l < LOSSES; l++) {
            for (int r = 0; r < REFUSALS; r++) {
                const struct fake_reply script[] = {losses[l], refusals[r]};
                struct err e = {0};
                size_t requests = 0;
                enum err_code rc = call(script, 2, writes[w].op, &requests, &e);
                cr_expect_neq(rc, E_OK);
                cr_expect(e.maybe_done, "%s, loss %d, refusal %d: %s", writes[w].name, l, r, e.msg);
                cr_expect_eq(requests > 1, writes[w].repeated, "%s: %zu", writes[w].name, requests);
                cr_expect(!writes[w].repeated || strstr(e.msg, "may have been taken") != NULL,
                          "%s, loss %d, refusal %d: %s", writes[w].name, l, r, e.msg);
            }
        }
    }
}

Test(aws_perhaps, a_refusal_alone_was_surely_not_done)
{
    for (int w = 0; w < WRITES; w++) {
        for (int r = 0; r < REFUSALS; r++) {
            struct err e = {0};
            size_t requests = 0;
            cr_expect_neq(call(&refusals[r], 1, writes[w].op, &requests, &e), E_OK);
            cr_expect_not(e.maybe_done, "%s, refusal %d", writes[w].name, r);
            cr_expect_null(strstr(e.msg, "may have been taken"), "%s", e.msg);
        }
    }
}

Test(aws_perhaps, what_was_taken_after_a_lost_reply_is_done)
{
    for (int w = 0; w < WRITES; w++) {
        const struct fake_reply script[] = {{.deed = FAKE_CLOSE}, {.body = "{}"}};
        struct err e = {0};
        size_t requests = 0;
        enum err_code rc = call(script, 2, writes[w].op, &requests, &e);
        cr_expect_eq(rc == E_OK, writes[w].repeated, "%s: %s", writes[w].name, e.msg);
        cr_expect_eq(e.maybe_done, !writes[w].repeated, "%s", writes[w].name);
    }
}

Test(aws_perhaps, a_throttle_first_and_a_lost_reply_then_are_perhaps_done)
{
    for (int w = 0; w < WRITES; w++) {
        const struct fake_reply script[] = {refusals[1], {.deed = FAKE_RESET}, refusals[5]};
        struct err e = {0};
        size_t requests = 0;
        cr_expect_neq(call(script, 3, writes[w].op, &requests, &e), E_OK);
        cr_expect(e.maybe_done, "%s: %s", writes[w].name, e.msg);
        cr_expect_eq(requests, writes[w].repeated ? 3 : 2, "%s", writes[w].name);
    }
}

/* A long cause does not push the warning out of the message. */
Test(aws_perhaps, the_doubt_is_told_however_long_the_cause)
{
    char body[1200];
    char words[1000];
    struct err e = {0};
    size_t requests = 0;

    memset(words, 'x', sizeof words - 1);
    words[sizeof words - 1] = '\0';
    (void)snprintf(body, sizeof body, "{\"__type\":\"a#ValidationException\",\"message\":\"%s\"}",
                   words);
    const struct fake_reply script[] = {
        {.deed = FAKE_CLOSE},
        { .status = 400,      .body = body}
    };
    cr_expect_eq(call(script, 2, AWS_OP_DDB_PUT_ITEM, &requests, &e), E_INVALID);
    cr_expect_not_null(strstr(e.msg, "may have been taken"), "%s", e.msg);
}

/* ---- what a throttle and a service in trouble are ---- */

Test(aws_perhaps, throttling_and_a_service_in_trouble_are_not_reached_in_time)
{
    static const struct fake_reply passing[] = {
        REFUSED(400, "ProvisionedThroughputExceededException"),
        REFUSED(400, "ThrottlingException"),
        REFUSED(400, "RequestLimitExceeded"),
        REFUSED(503, "SlowDown"),
        REFUSED(500, "InternalServerError"),
        REFUSED(500, "KMSInternalException"),
        REFUSED(408, "RequestTimeout"),
        BARE(429, NULL),
        BARE(500, "<html>oops</html>"),
        BARE(502, NULL),
        BARE(504, NULL),
        BARE(524, "a timeout occurred"),
    };

    for (size_t i = 0; i < sizeof passing / sizeof *passing; i++) {
        struct err e = {0};
        size_t requests = 0;
        enum err_code rc = call(&passing[i], 1, AWS_OP_DDB_GET_ITEM, &requests, &e);
        cr_expect_eq(err_exit_status(rc), 5, "case %zu: %s %s", i, err_name(rc), e.msg);
        cr_expect_eq(rc == E_THROTTLED, i < 4 || i == 7, "case %zu: %s", i, err_name(rc));
    }
}

/* ---- a success that cannot be read ---- */

static const struct entry_case {
    const char *body;
    enum events_outcome first, second;
} entry_cases[] = {
    {"",                                                                                   EVENTS_UNKNOWN, EVENTS_UNKNOWN },
    {"{}",                                                                                 EVENTS_UNKNOWN, EVENTS_UNKNOWN },
    {"null",                                                                               EVENTS_UNKNOWN, EVENTS_UNKNOWN },
    {"<html>welcome</html>",                                                               EVENTS_UNKNOWN, EVENTS_UNKNOWN },
    {"{'FailedEntryCount':0}",                                                             EVENTS_UNKNOWN, EVENTS_UNKNOWN },
    {"{'FailedEntryCount':0,'Entries':null}",                                              EVENTS_UNKNOWN, EVENTS_UNKNOWN },
    {"{'FailedEntryCount':0,'Entries':{}}",                                                EVENTS_UNKNOWN, EVENTS_UNKNOWN },
    {"{'FailedEntryCount':0,'Entries':[]}",                                                EVENTS_UNKNOWN, EVENTS_UNKNOWN },
    {"{'FailedEntryCount':0,'Entries':[{'EventId':'a'}]}",                                 EVENTS_UNKNOWN, EVENTS_UNKNOWN },
    {"{'Entries':[{'EventId':'a'},{'EventId':'b'},{'EventId':'c'}]}",                      EVENTS_UNKNOWN,
     EVENTS_UNKNOWN                                                                                                       },
    {"{'FailedEntryCount':0,'Entries':[{},{'EventId':'b'}]}",                              EVENTS_UNKNOWN, EVENTS_ACCEPTED},
    {"{'FailedEntryCount':0,'Entries':[{'EventId':null},{'EventId':7}]}",                  EVENTS_UNKNOWN,
     EVENTS_UNKNOWN                                                                                                       },
    {"{'FailedEntryCount':0,'Entries':[{'EventId':''},{'EventId':['b']}]}",                EVENTS_UNKNOWN,
     EVENTS_UNKNOWN                                                                                                       },
    {"{'FailedEntryCount':0,'Entries':[null,'b']}",                                        EVENTS_UNKNOWN, EVENTS_UNKNOWN },
    {"{'Entries':[{'EventId':'a','ErrorCode':'InternalFailure'},{'EventId':'b'}]}",        EVENTS_UNKNOWN,
     EVENTS_ACCEPTED                                                                                                      },
    {"{'Entries':[{'ErrorCode':null},{'ErrorCode':5}]}",                                   EVENTS_UNKNOWN, EVENTS_UNKNOWN },
    {"{'FailedEntryCount':1,'Entries':[{'EventId':'a'},{'EventId':'b'}]}",                 EVENTS_UNKNOWN,
     EVENTS_UNKNOWN                                                                                                       },
    {"{'FailedEntryCount':0,'Entries':[{'ErrorCode':'InternalFailure'},{'EventId':'b'}]}",
     EVENTS_UNKNOWN,                                                                                       EVENTS_UNKNOWN },
    {"{'__type':'InternalFailure','Entries':[{'EventId':'a'},{'EventId':'b'}]}",           EVENTS_UNKNOWN,
     EVENTS_UNKNOWN                                                                                                       },
};

Test(aws_perhaps, an_event_whose_reply_says_nothing_is_unknown_and_not_sent_again)
{
    for (size_t i = 0; i < sizeof entry_cases / sizeof *entry_cases; i++) {
        const struct entry_case *k = &entry_cases[i];
        struct events_result r[2];
        struct err e = {0};
        char body[300];
        (void)snprintf(body, sizeof body, "%s", k->body);
        for (char *p = body; *p != '\0'; p++) {
            *p = *p == '\'' ? '"' : *p;
        }
        const struct fake_reply script[] = {{.body = body}};
        struct fake_http *f = fake_http_start(script, 1);
        struct aws_client *c = client_of(fake_http_url(f));
        cJSON *list = json_new_array();
        json_push(list, json_new_object());
        json_push(list, json_new_object());
        cr_expect_eq(events_put(c, list, 0, r, NULL, &e), E_PARSE, "%s: %s", k->body, e.msg);
        cr_expect(e.maybe_done, "%s", k->body);
        cr_expect_eq(r[0].outcome, k->first, "%s: %d", k->body, r[0].outcome);
        cr_expect_eq(r[1].outcome, k->second, "%s: %d", k->body, r[1].outcome);
        cr_expect(r[0].call.code == E_PARSE && r[0].call.maybe_done, "%s", k->body);
        cr_expect_eq(fake_http_requests(f), 1, "%s", k->body);
        cJSON_Delete(list);
        aws_client_free(c);
        fake_http_stop(f);
    }
}

/* Each call's entries have their own call's failure. */
Test(aws_perhaps, the_failure_of_one_call_is_not_told_of_the_entries_of_another)
{
    static const struct fake_reply script[] = {REFUSED(403, "AccessDeniedException"),
                                               {.deed = FAKE_RESET}};
    struct fake_http *f = fake_http_start(script, 2);
    struct aws_client *c = client_of(fake_http_url(f));
    struct events_result r[12];
    cJSON *list = json_new_array();
    struct err e = {0};

    for (int i = 0; i < 12; i++) {
        json_push(list, json_new_object());
    }
    cr_expect_eq(events_put(c, list, 0, r, NULL, &e), E_DENIED);
    cr_expect_eq(r[9].outcome, EVENTS_NOT_SENT);
    cr_expect_eq(r[9].call.code, E_DENIED);
    cr_expect_eq(r[10].outcome, EVENTS_UNKNOWN);
    cr_expect(r[10].call.code == E_NET && r[10].call.maybe_done);
    cJSON_Delete(list);
    aws_client_free(c);
    fake_http_stop(f);
}

Test(aws_perhaps, an_item_that_is_not_the_one_asked_for_is_not_taken_for_it)
{
    static const struct item_case {
        const char *body;
        enum err_code want;
        bool found;
    } cases[] = {
        {"{\"Item\":{\"jobId\":{\"S\":\"j\"}}}",      E_OK,    true },
        {"{}",                                        E_OK,    false},
        {"{\"Item\":null}",                           E_OK,    false},
        {"{\"Item\":true}",                           E_PARSE, false},
        {"{\"Item\":[]}",                             E_PARSE, false},
        {"{\"Item\":{}}",                             E_PARSE, false},
        {"{\"Item\":{\"jobId\":{\"S\":\"other\"}}}",  E_PARSE, false},
        {"{\"Item\":{\"jobId\":\"j\"}}",              E_PARSE, false},
        {"{\"__type\":\"InternalFailure\"}",          E_PARSE, false},
        {"{\"message\":\"sign in first\"}",           E_PARSE, false},
        {"{\"error\":{\"code\":1}}",                  E_PARSE, false},
        {"{\"__type\":\"com.amazon#GetItemOutput\"}", E_OK,    false},
        {"[]",                                        E_PARSE, false},
        {"",                                          E_PARSE, false},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct fake_reply script[] = {{.body = cases[i].body}};
        struct fake_http *f = fake_http_start(script, 1);
        struct aws_client *c = client_of(fake_http_url(f));
        cJSON *item = NULL;
        enum err_code rc = ddb_get_item(c, "runs", "jobId", "j", true, &item, NULL);
        cr_expect_eq(rc, cases[i].want, "%s: %s", cases[i].body, err_name(rc));
        cr_expect_eq(item != NULL, cases[i].found, "%s", cases[i].body);
        cJSON_Delete(item);
        aws_client_free(c);
        fake_http_stop(f);
    }
}

Test(aws_perhaps, a_write_whose_success_cannot_be_read_is_perhaps_done)
{
    static const char *const bodies[] = {"", "[]", "<html>", "{\"__type\":\"InternalFailure\"}",
                                         "{\"message\":\"sign in first\"}"};

    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        const struct fake_reply script[] = {{.body = bodies[i]}};
        struct fake_http *f = fake_http_start(script, 1);
        struct aws_client *c = client_of(fake_http_url(f));
        cJSON *item = json_new_object();
        struct err e = {0};
        cr_expect_eq(ddb_put_item(c, "runs", item, NULL, &e), E_PARSE, "%s", bodies[i]);
        cr_expect(e.maybe_done, "%s", bodies[i]);
        cr_expect_eq(fake_http_requests(f), 1, "%s", bodies[i]);
        cJSON_Delete(item);
        aws_client_free(c);
        fake_http_stop(f);
    }
}
