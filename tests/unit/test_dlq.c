/* A message of the dead letter queue: reading it, its remedy, and the edit before it is sent
 * again. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/json.h"
#include "ops/dlq.h"

static void read_text(struct dlq_message *m, const char *text)
{
    struct err e = {0};
    cJSON *doc = json_parse(text, strlen(text), "test", &e);

    cr_assert_not_null(doc, "%s in %s", e.msg, text);
    dlq_message_read(m, doc);
    cJSON_Delete(doc);
}

/* A message with this body and rule. */
static void with_body(struct dlq_message *m, const char *body, const char *rule_arn)
{
    cJSON *doc = json_new_object();
    cJSON *attributes = json_new_object();
    cJSON *rule = json_new_object();

    json_set_str(rule, "StringValue", rule_arn);
    json_set(attributes, "RULE_ARN", rule);
    json_set_str(doc, "MessageId", "m");
    json_set_str(doc, "Body", body);
    json_set(doc, "MessageAttributes", attributes);
    dlq_message_read(m, doc);
    cJSON_Delete(doc);
}

#define RULE "arn:aws:events:us-east-1:000000000000:rule/mvp/r"

Test(dlq, anything_at_all_reads_as_a_message)
{
    static const char *const docs[] = {
        "null",
        "7",
        "[]",
        "{}",
        "\"x\"",
        "{\"MessageId\":7,\"Body\":null,\"Attributes\":[]}",
        "{\"MessageAttributes\":{\"RULE_ARN\":\"x\",\"ERROR_CODE\":{\"StringValue\":7},"
        "\"RETRY_ATTEMPTS\":{\"StringValue\":\"-1\"}}}",
        "{\"Attributes\":{\"SentTimestamp\":\"99999999999999999999\","
        "\"ApproximateReceiveCount\":\"many\"}}"};

    for (size_t i = 0; i < sizeof docs / sizeof *docs; i++) {
        struct dlq_message m;
        read_text(&m, docs[i]);
        cr_expect_null(m.event, "%s", docs[i]);
        cr_expect_neq(m.not_event[0], '\0');
        cr_expect_str_eq(m.body, "");
        cr_expect_null(m.error_code);
        cr_expect_eq(m.retries, -1);
        cr_expect_eq(m.sent_ms, TIME_NONE);
        cr_expect_eq(m.receives, 0);
        cr_expect_str_eq(m.job_id, "");
        dlq_message_clear(&m);
    }
}

Test(dlq, a_body_that_is_no_event_is_kept_as_it_is)
{
    static const char *const bodies[] = {"",
                                         "garbage \x1b]0;x",
                                         "{",
                                         "[]",
                                         "null",
                                         "{\"source\":1}",
                                         "{\"source\":\"s\",\"detail-type\":\"t\"}",
                                         "{\"source\":\"s\",\"detail-type\":\"t\",\"detail\":[]}"};

    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct dlq_message m;
        struct err e = {0};
        with_body(&m, bodies[i], RULE);
        cr_expect_str_eq(m.body, bodies[i]);
        cr_expect_null(m.event, "%s", bodies[i]);
        cr_expect_neq(m.not_event[0], '\0');
        cr_expect_null(dlq_entry(&m, &e));
        cr_expect_eq(e.code, E_INVALID);
        dlq_message_clear(&m);
    }
}

Test(dlq, the_job_is_found_in_a_deploy_and_in_a_change_of_a_batch_job)
{
    struct dlq_message m;

    with_body(&m, "{\"source\":\"a\",\"detail-type\":\"t\",\"detail\":{\"jobId\":\"job_1_abc\"}}",
              RULE);
    cr_expect_str_eq(m.job_id, "job_1_abc");
    dlq_message_clear(&m);
    with_body(&m,
              "{\"source\":\"aws.batch\",\"detail-type\":\"t\",\"detail\":{\"jobId\":\"05a20f97\","
              "\"jobName\":\"n\",\"status\":\"FAILED\",\"container\":{\"environment\":[{\"name\":"
              "\"JOB_ID\",\"value\":\"job_2_def\"}]}}}",
              RULE);
    cr_expect_str_eq(m.job_id, "job_2_def");
    dlq_message_clear(&m);
    with_body(&m, "{\"source\":\"a\",\"detail-type\":\"t\",\"detail\":{\"jobId\":\"../x\\u001b\"}}",
              RULE);
    cr_expect_str_eq(m.job_id, "", "what is no job id is not shown as one");
    dlq_message_clear(&m);
}

Test(dlq, the_event_is_sent_as_it_was)
{
    struct dlq_message m;
    struct err e = {0};

    with_body(&m,
              "{\"version\":\"0\",\"id\":\"i\",\"time\":\"t\",\"source\":\"a\",\"detail-type\":"
              "\"t y\",\"resources\":[\"arn:x\",7,\"arn:y\"],\"detail\":{\"n\":"
              "12345678901234567890,\"s\":\"\\u001b\\\"\"}}",
              RULE);
    cJSON *entry = dlq_entry(&m, &e);
    cr_assert_not_null(entry, "%s", e.msg);
    char *text = json_text(entry);
    cr_expect_str_eq(text, "{\"Source\":\"a\",\"DetailType\":\"t y\",\"EventBusName\":\"mvp\","
                           "\"Detail\":\"{\\\"n\\\":12345678901234567890,\\\"s\\\":\\\"\\\\u001b"
                           "\\\\\\\"\\\"}\",\"Resources\":[\"arn:x\",\"arn:y\"]}");
    free(text);
    cJSON_Delete(entry);
    dlq_message_clear(&m);
}

Test(dlq, events_of_aws_and_without_a_rule_cannot_be_sent)
{
    struct dlq_message m;
    struct err e = {0};

    with_body(&m, "{\"source\":\"aws.batch\",\"detail-type\":\"t\",\"detail\":{}}", RULE);
    cr_expect_null(dlq_entry(&m, &e));
    cr_expect_not_null(strstr(e.msg, "aws.batch"), "%s", e.msg);
    dlq_message_clear(&m);
    with_body(&m, "{\"source\":\"a\",\"detail-type\":\"t\",\"detail\":{}}", NULL);
    cr_expect_null(dlq_entry(&m, &e));
    cr_expect_not_null(strstr(e.msg, "RULE_ARN is missing"), "%s", e.msg);
    dlq_message_clear(&m);
}

Test(dlq, a_rule_names_its_bus)
{
    static const struct {
        const char *arn;
        const char *bus; /* NULL: it is no rule */
    } cases[] = {
        {RULE,                                          "mvp"      },
        {"arn:aws:events:us-east-1:1:rule/r",           "default"  },
        {"arn:aws-cn:events:cn-north-1:1:rule/b/r",     "b"        },
        {"arn:aws:events:us-east-1:1:rule/aws.p/a/b/r", "aws.p/a/b"},
        {"arn:aws:events:us-east-1:1:rule/",            NULL       },
        {"arn:aws:events:us-east-1:1:rule//r",          NULL       },
        {"arn:aws:events:us-east-1:1:rule/b/",          NULL       },
        {"arn:aws:events:us-east-1:1:event-bus/b",      NULL       },
        {"arn:aws:sqs:us-east-1:1:rule/b/r",            NULL       },
        {"arn:aws:events",                              NULL       },
        {"arn:",                                        NULL       },
        {"",                                            NULL       },
        {NULL,                                          NULL       },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char bus[DLQ_BUS_SIZE];
        const char *arn = cases[i].arn == NULL ? "NULL" : cases[i].arn;
        cr_expect_eq(dlq_bus_of_rule(cases[i].arn, bus), cases[i].bus != NULL, "%s", arn);
        cr_expect_str_eq(bus, cases[i].bus == NULL ? "" : cases[i].bus, "%s", arn);
    }
    char *long_arn = xasprintf("arn:aws:events:us-east-1:1:rule/%0300d/r", 7);
    char bus[DLQ_BUS_SIZE];
    cr_expect_not(dlq_bus_of_rule(long_arn, bus));
    free(long_arn);
}

Test(dlq, every_code_has_advice)
{
    static const char *const codes[] = {"NO_RESOURCE",
                                        "NO_PERMISSIONS",
                                        "FAILED_TO_ASSUME_ROLE",
                                        "INVALID_JSON",
                                        "THROTTLING",
                                        "SOMETHING_NEW",
                                        NULL};

    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        cr_expect_gt(strlen(dlq_remedy(codes[i])), 10);
    }
    cr_expect_str_neq(dlq_remedy("NO_RESOURCE"), dlq_remedy("NO_PERMISSIONS"));
}

/* ---- editing ---- */

#define SECRET_EVENT                                                                               \
    "{\"source\":\"s\",\"detail-type\":\"t\",\"detail\":{\"jobId\":\"job_1_a\",\"n\":"             \
    "12345678901234567890,\"founderdashDbUrl\":\"postgresql://u:s3cret@h/d\"}}"

static void edited(const char *detail, enum err_code want, const char *contains)
{
    struct dlq_message m;
    struct dlq_edit d = {xstrdup("s2"), xstrdup("t2"), xstrdup(detail)};
    struct err e = {0};

    with_body(&m, SECRET_EVENT, RULE);
    cr_expect_eq(dlq_message_edit(&m, &d, &e), want, "%s: %s", detail, e.msg);
    cJSON *entry = dlq_entry(&m, NULL);
    const char *now = json_str(entry, "Detail");
    if (want == E_OK) {
        cr_expect_not_null(strstr(now, contains), "%s", now);
        cr_expect_str_eq(json_str(entry, "Source"), "s2");
        cr_expect_str_eq(json_str(entry, "DetailType"), "t2");
    } else {
        cr_expect_not_null(strstr(e.msg, contains), "%s", e.msg);
        cr_expect_not_null(strstr(now, "s3cret"), "a refused edit changes nothing");
        cr_expect_str_eq(json_str(entry, "Source"), "s");
    }
    cJSON_Delete(entry);
    dlq_message_clear(&m);
    dlq_edit_clear(&d);
}

Test(dlq, an_edit_hides_passwords_and_puts_them_back)
{
    struct dlq_message m;
    struct dlq_edit d;
    struct err e = {0};

    with_body(&m, SECRET_EVENT, RULE);
    cr_assert_eq(dlq_edit_of(&m, &d, &e), E_OK, "%s", e.msg);
    cr_expect_null(strstr(d.detail, "s3cret"), "%s", d.detail);
    cr_expect_not_null(strstr(d.detail, "postgresql://u:****@h/d"));
    cr_expect_not_null(strstr(d.detail, "12345678901234567890"), "to the digit: %s", d.detail);
    cr_assert_eq(dlq_message_edit(&m, &d, &e), E_OK, "%s", e.msg);
    cJSON *entry = dlq_entry(&m, NULL);
    cr_expect_str_eq(json_str(entry, "Detail"),
                     "{\"jobId\":\"job_1_a\",\"n\":12345678901234567890,\"founderdashDbUrl\":"
                     "\"postgresql://u:s3cret@h/d\"}");
    cJSON_Delete(entry);
    dlq_edit_clear(&d);
    dlq_message_clear(&m);
}

Test(dlq, an_edit_is_checked_before_it_is_the_event)
{
    edited("{\"founderdashDbUrl\":\"postgresql://u:****@h/d\",\"x\":1}", E_OK, "s3cret");
    edited("{\"founderdashDbUrl\":\"postgresql://u:new@h/d\"}", E_OK, "u:new@h");
    edited("{}", E_OK, "{}");
    edited("{\"elsewhere\":\"postgresql://u:****@h/d\"}", E_INVALID, "hidden password");
    edited("{\"founderdashDbUrl\":\"postgresql://other:****@h/d\"}", E_INVALID, "hidden password");
    edited("{\"a\":", E_INVALID, "detail");
    edited("[1]", E_INVALID, "detail must be a JSON object");
    edited("", E_INVALID, "detail");
}

Test(dlq, an_edit_names_the_field_that_is_wrong)
{
    char text[140];
    struct err e = {0};

    memset(text, 'x', sizeof text);
    text[129] = '\0';
    const char *const cases[][4] = {
        {"",      "t",  "{}", "source "     },
        {"aws.x", "t",  "{}", "source: "    },
        {"s",     "",   "{}", "detail-type "},
        {"s",     text, "{}", "detail-type "},
        {"s",     "t",  "7",  "detail "     },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct dlq_edit d = {xstrdup(cases[i][0]), xstrdup(cases[i][1]), xstrdup(cases[i][2])};
        cr_expect_eq(dlq_edit_check(&d, &e), E_INVALID);
        cr_expect_eq(strncmp(e.msg, cases[i][3], strlen(cases[i][3])), 0, "%s", e.msg);
        dlq_edit_clear(&d);
    }
    struct dlq_edit good = {xstrdup("s"), xstrdup("t"), xstrdup(" {\"a\":[1]} ")};
    cr_expect_eq(dlq_edit_check(&good, &e), E_OK, "%s", e.msg);
    dlq_edit_clear(&good);
}

Test(dlq, what_drives_a_terminal_is_escaped_in_an_edit)
{
    struct dlq_message m;
    struct dlq_edit d;
    struct err e = {0};

    with_body(&m,
              "{\"source\":\"s\",\"detail-type\":\"t\",\"detail\":{\"a\":\"\xe2\x80\xae\\u001b"
              "\xc3\xa9\xf3\xa0\x81\x81\"}}",
              RULE);
    cr_assert_eq(dlq_edit_of(&m, &d, &e), E_OK, "%s", e.msg);
    cr_expect_str_eq(d.detail, "{\"a\":\"\\u202e\\u001b\xc3\xa9\\udb40\\udc41\"}");
    dlq_edit_clear(&d);
    dlq_message_clear(&m);
}
