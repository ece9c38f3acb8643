/* The rules of a bus, what an event would do there, and the queue's jobs: against a service that
 * gives pages, refuses and fails as it is told. */
#include <criterion/criterion.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws_env.h"
#include "core/alloc.h"
#include "core/json.h"
#include "core/strbuf.h"
#include "fake_http.h"
#include "ops/bus.h"
#include "ops/queue_jobs.h"

static struct fake_http *server;
static struct settings *settings;
static struct ops *o;
static struct {
    int rules;       /* in pages of two */
    bool same_token; /* the second page's again and again */
    bool no_bus;
    bool bus_denied;
    int targets_denied; /* of this rule; -1 */
    int match_fails;    /* of this rule; -1 */
    bool scan_fails, get_fails;
    int jobs; /* in pages of two */
    bool refuse_queue;
} q;
static atomic_int scans;
static char *bodies[400];
static atomic_size_t bodies_len;

static const char *keep(struct strbuf *b)
{
    size_t at = atomic_fetch_add(&bodies_len, 1);

    cr_assert_lt(at, sizeof bodies / sizeof *bodies);
    bodies[at] = strbuf_take(b);
    return bodies[at];
}

static struct fake_reply refused(const char *code)
{
    static char body[3][120];
    int i = strcmp(code, "AccessDeniedException") == 0 ? 0 : strcmp(code, "x") == 0 ? 1 : 2;

    (void)snprintf(body[i], sizeof body[i], "{\"__type\":\"%s\",\"message\":\"no: %s\"}", code,
                   code);
    return (struct fake_reply){.status = 400, .body = body[i]};
}

static struct fake_reply list_rules(const cJSON *in)
{
    int from = atoi(json_str_or(in, "NextToken", "0"));
    struct strbuf b = STRBUF_INIT;

    strbuf_adds(&b, "{\"Rules\":[");
    for (int i = from; i < from + 2 && i < q.rules; i++) {
        strbuf_addf(
            &b,
            "%s{\"Name\":\"rule-%d\",\"Arn\":\"arn:aws:events:r:111122223333:rule/b/rule-%d\","
            "\"State\":\"%s\",\"EventPattern\":\"{\\\"detail\\\":{\\\"tier\\\":[\\\"t%d\\\"]}}\"}",
            i == from ? "" : ",", i, i, i == 3 ? "DISABLED" : "ENABLED", i);
    }
    strbuf_adds(&b, "]");
    if (from + 2 < q.rules) {
        strbuf_addf(&b, ",\"NextToken\":\"%d\"", q.same_token && from > 0 ? from : from + 2);
    }
    strbuf_adds(&b, "}");
    return (struct fake_reply){.body = keep(&b)};
}

/* Two pages of one target each. */
static struct fake_reply list_targets(const cJSON *in)
{
    int rule = atoi(json_str_or(in, "Rule", "rule-0") + 5);
    bool second = json_str(in, "NextToken") != NULL;
    struct strbuf b = STRBUF_INIT;

    if (rule == q.targets_denied) {
        return refused("AccessDeniedException");
    }
    if (second) {
        strbuf_adds(&b, "{\"Targets\":[{\"Id\":\"two\",\"Arn\":\"arn:aws:sqs:r:1:s\"}]}");
    } else {
        strbuf_adds(&b, "{\"Targets\":[{\"Id\":\"one\",\"Arn\":\"arn:aws:batch:r:1:job-queue/q\","
                        "\"BatchParameters\":{\"JobName\":\"n\",\"JobDefinition\":\"d\"},"
                        "\"InputTransformer\":{\"InputPathsMap\":{\"t\":\"$.detail.tier\"},"
                        "\"InputTemplate\":\"{\\\"Parameters\\\":{\\\"tier\\\":<t>}}\"}}],"
                        "\"NextToken\":\"more\"}");
    }
    return (struct fake_reply){.body = keep(&b)};
}

static struct fake_reply test_pattern(const cJSON *in)
{
    const char *text = json_str_or(in, "EventPattern", "{}");
    const char *event = json_str_or(in, "Event", "{}");
    const char *tier = strstr(text, "[\"t");
    cJSON *doc = json_parse(event, strlen(event), "event", NULL);
    char want[16] = "";

    cr_assert_not_null(json_str(doc, "account"), "a whole event is asked about: %s", event);
    if (tier != NULL) {
        (void)snprintf(want, sizeof want, "t%d", atoi(tier + 3));
    }
    bool yes = strcmp(json_str_or(json_object(doc, "detail"), "tier", ""), want) == 0;
    bool fails = tier != NULL && atoi(tier + 3) == q.match_fails;
    cJSON_Delete(doc);
    return fails ? refused("AccessDeniedException")
                 : (struct fake_reply){.body = yes ? "{\"Result\":true}" : "{\"Result\":false}"};
}

static struct fake_reply events(const char *op, const cJSON *in)
{
    if (strcmp(op, "DescribeEventBus") == 0) {
        return q.no_bus ? refused("ResourceNotFoundException")
               : q.bus_denied
                   ? refused("AccessDeniedException")
                   : (struct fake_reply){.body = "{\"Name\":\"b\",\"Arn\":\"arn:aws:events:r:"
                                                 "111122223333:event-bus/b\"}"};
    }
    return strcmp(op, "ListRules") == 0           ? list_rules(in)
           : strcmp(op, "ListTargetsByRule") == 0 ? list_targets(in)
                                                  : test_pattern(in);
}

/* Job 1 is named by a record of another name, 2 names one, 3 has two, 4 and 5 have none. */
static const char records[][160] = {
    "{\"jobId\":{\"S\":\"by-batch-id\"},\"batchJobId\":{\"S\":\"b1\"}}",
    "{\"jobId\":{\"S\":\"named-2\"}}",
    "{\"jobId\":{\"S\":\"named-3\"}}",
    "{\"jobId\":{\"S\":\"b3\"},\"status\":{\"S\":\"COMPLETED\"}}",
};

static struct fake_reply table(const char *op, const struct fake_request *r)
{
    struct strbuf b = STRBUF_INIT;
    bool scan = strcmp(op, "Scan") == 0;
    bool first = true;
    bool ours = !scan || strstr(r->body, "\"Segment\":0") != NULL;

    if (strcmp(op, "DescribeTable") == 0) {
        return (struct fake_reply){.body = "{\"Table\":{\"TableName\":\"t\",\"KeySchema\":[{"
                                           "\"AttributeName\":\"jobId\",\"KeyType\":\"HASH\"}]}}"};
    }
    (void)atomic_fetch_add(&scans, scan);
    if (scan ? q.scan_fails : q.get_fails) {
        return refused("AccessDeniedException");
    }
    strbuf_adds(&b, scan ? "{\"Items\":[" : "{\"Responses\":{\"mvp-development-jobs\":[");
    for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
        char key[40];
        (void)sscanf(records[i], "{\"jobId\":{\"S\":%39[^}]", key);
        if (ours && (scan || strstr(r->body, key) != NULL)) {
            strbuf_addf(&b, "%s%s", first ? "" : ",", records[i]);
            first = false;
        }
    }
    strbuf_adds(&b, scan ? "],\"Count\":4}" : "]}}");
    return (struct fake_reply){.body = keep(&b)};
}

static void add_job(struct strbuf *b, int i, bool whole)
{
    strbuf_addf(b,
                "{\"jobId\":\"b%d\",\"jobName\":\"n\",\"status\":\"%s\",\"createdAt\":%d,"
                "\"statusReason\":\"why %d\"",
                i, i == 1 ? "RUNNING" : "FAILED", 1000000 - i, i);
    if (whole && i >= 2 && i <= 4) {
        strbuf_addf(
            b,
            ",\"container\":{\"environment\":[{\"name\":\"JOB_ID\",\"value\":\"named-%d\"}],"
            "\"exitCode\":%d}",
            i, i);
    }
    strbuf_adds(b, "}");
}

static struct fake_reply batch(const char *path, const cJSON *in)
{
    struct strbuf b = STRBUF_INIT;
    const cJSON *id;

    if (strcmp(path, "/v1/listjobs") == 0) {
        int from = atoi(json_str_or(in, "nextToken", "1"));
        const char *status = json_str(in, "jobStatus");
        int sent = 0;
        cr_expect(status == NULL || json_get(in, "filters") == NULL,
                  "Batch ignores the state when there is a filter");
        if (q.refuse_queue) {
            return (struct fake_reply){.status = 400,
                                       .headers = "x-amzn-ErrorType: ClientException\r\n",
                                       .body = "{\"message\":\"Job queue q does not exist\"}"};
        }
        strbuf_adds(&b, "{\"jobSummaryList\":[");
        for (int i = from; i < from + 2 && i <= q.jobs; i++) {
            if (status == NULL || strcmp(status, i == 1 ? "RUNNING" : "FAILED") == 0) {
                strbuf_adds(&b, sent++ == 0 ? "" : ",");
                add_job(&b, i, false);
            }
        }
        strbuf_adds(&b, "]");
        if (from + 2 <= q.jobs) {
            strbuf_addf(&b, ",\"nextToken\":\"%d\"", from + 2);
        }
        strbuf_adds(&b, "}");
        return (struct fake_reply){.body = keep(&b)};
    }
    strbuf_adds(&b, "{\"jobs\":[");
    bool first = true;
    cJSON_ArrayForEach(id, json_array(in, "jobs"))
    {
        strbuf_adds(&b, first ? "" : ",");
        add_job(&b, atoi(id->valuestring + 1), true);
        first = false;
    }
    strbuf_adds(&b, "]}");
    return (struct fake_reply){.body = keep(&b)};
}

static struct fake_reply answer(void *arg, const struct fake_request *r, size_t n)
{
    char target[128];
    const char *dot = strrchr(fake_header(r, "x-amz-target", target, sizeof target), '.');
    cJSON *in = json_parse(r->body, r->body_len, "test", NULL);
    struct fake_reply reply = {
        .body = "<R><GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/u</Arn>"
                "<UserId>AIDAX</UserId><Account>111122223333</Account>"
                "</GetCallerIdentityResult></R>"};

    (void)arg;
    (void)n;
    if (dot != NULL) {
        reply = strncmp(target, "AWSEvents", 9) == 0 ? events(dot + 1, in) : table(dot + 1, r);
    } else if (strncmp(r->path, "/v1/", 4) == 0) {
        reply = batch(r->path, in);
    }
    cJSON_Delete(in);
    return reply;
}

static void setup(void)
{
    struct settings_sources none = {.flags = NULL};
    struct err e = {0};

    (void)aws_env_begin();
    aws_env_keys();
    server = fake_http_start_with(answer, NULL);
    (void)setenv("AWS_ENDPOINT_URL", fake_http_url(server), 1);
    q.targets_denied = q.match_fails = -1;
    q.rules = 5;
    q.jobs = 5;
    settings = settings_load(&none, &e);
    cr_assert_not_null(settings, "%s", e.msg);
    o = ops_new(settings, NULL, NULL, &e);
    cr_assert_not_null(o, "%s", e.msg);
}

static void teardown(void)
{
    ops_free(o);
    settings_free(settings);
    fake_http_stop(server);
    aws_env_end();
    for (size_t i = 0; i < bodies_len; i++) {
        free(bodies[i]);
    }
}

TestSuite(ops_bus, .init = setup, .fini = teardown, .timeout = 120);

static struct bus_report bus(const char *tier)
{
    struct bus_report r;
    struct err e = {0};
    cJSON *event = NULL;

    if (tier != NULL) {
        char text[120];
        (void)snprintf(text, sizeof text,
                       "{\"source\":\"s\",\"detail-type\":\"t\",\"detail\":{\"tier\":\"%s\"}}",
                       tier);
        event = json_parse(text, strlen(text), "test", NULL);
    }
    cr_assert_eq(ops_bus(o, event, &r, &e), E_OK, "%s", e.msg);
    return r;
}

Test(ops_bus, reads_all_pages_of_rules_and_targets)
{
    struct bus_report r = bus(NULL);

    cr_assert_eq(r.len, 5);
    for (size_t i = 0; i < r.len; i++) {
        cr_expect_eq(cJSON_GetArraySize(r.row[i].targets), 2);
        cr_expect_eq(r.row[i].match, BUS_MATCH_NOT_ASKED);
        cr_expect_null(r.row[i].gifts);
    }
    cr_expect_str_eq(json_str(r.row[4].doc, "Name"), "rule-4");
    cr_expect_eq(r.not_known, 0);
    bus_report_clear(&r);
}

Test(ops_bus, a_page_that_comes_again_is_no_whole_list)
{
    struct bus_report r;
    struct err e = {0};

    q.same_token = true;
    cr_expect_eq(ops_bus(o, NULL, &r, &e), E_SERVICE);
    cr_expect_not_null(strstr(e.msg, "again and again"), "%s", e.msg);
}

Test(ops_bus, a_matching_rule_tells_what_each_target_gets)
{
    struct bus_report r = bus("t4");

    cr_assert_eq(r.row[4].match, BUS_MATCH_YES);
    cr_expect_eq(r.matching, 1);
    char *job = json_text(json_object(r.row[4].gifts[0].job, "parameters"));
    cr_expect_str_eq(job, "{\"tier\":\"t4\"}");
    free(job);
    cr_expect_null(r.row[4].gifts[1].job);
    cr_expect_not_null(strstr(r.row[4].gifts[1].input, "\"detail-type\":\"t\""));
    cr_expect_eq(r.row[1].match, BUS_MATCH_NO);
    cr_expect_null(r.row[1].gifts);
    cr_expect_str_eq(r.row[1].why,
                     "rule rule-1 needs detail.tier in [\"t1\"]; the event has \"t4\"");
    cr_expect_str_eq(json_str(r.event, "account"), "111122223333");
    bus_report_clear(&r);
}

Test(ops_bus, a_rule_that_is_off_matches_and_does_nothing)
{
    struct bus_report r = bus("t3");

    cr_expect_eq(r.row[3].match, BUS_MATCH_YES);
    cr_expect_not(bus_rule_enabled(r.row[3].doc));
    cr_expect_eq(r.matching, 0);
    bus_report_clear(&r);
}

Test(ops_bus, what_could_not_be_asked_is_not_known)
{
    q.targets_denied = 2;
    q.match_fails = 1;
    q.bus_denied = true;
    struct bus_report r = bus("t2");

    cr_expect_null(r.bus);
    cr_expect_eq(r.bus_err.code, E_DENIED);
    cr_expect_null(r.row[2].targets);
    cr_expect_eq(r.row[2].targets_err.code, E_DENIED);
    cr_expect_eq(r.row[2].match, BUS_MATCH_YES);
    cr_expect_null(r.row[2].gifts);
    cr_expect_eq(r.row[1].match, BUS_MATCH_NOT_KNOWN);
    cr_expect_not_null(r.row[1].targets);
    cr_expect_eq(r.not_known, 2);
    cr_expect_str_eq(json_str(r.event, "account"), "111122223333", "of a rule's ARN then");
    bus_report_clear(&r);
}

Test(ops_bus, a_missing_bus_is_said)
{
    struct bus_report r;
    struct err e = {0};

    q.no_bus = true;
    cr_expect_eq(ops_bus(o, json_new_object(), &r, &e), E_NOT_FOUND);
    cr_expect_not_null(strstr(err_hint(&e), "create-event-bus"), "%s", err_hint(&e));
}

/* ---- the queue ---- */

static struct queue_result jobs(enum batch_status state, size_t limit)
{
    struct queue_query query = {.state = state, .limit = limit};
    struct queue_result r;
    struct err e = {0};

    cr_assert_eq(ops_queue_jobs(o, &query, &r, &e), E_OK, "%s", e.msg);
    return r;
}

Test(ops_bus, each_job_of_the_queue_has_its_record_or_none)
{
    struct queue_result r = jobs(BATCH_UNKNOWN, 0);

    cr_assert_eq(r.len, 5);
    cr_expect_str_eq(r.rows[0].record, "by-batch-id", "a record's own Batch id comes first");
    cr_expect_str_eq(r.rows[1].record, "named-2");
    cr_expect_null(r.rows[1].second);
    cr_expect_str_eq(r.rows[2].record, "named-3");
    cr_expect_str_eq(r.rows[2].second, "b3");
    for (size_t i = 3; i < 5; i++) {
        cr_expect_eq(r.rows[i].owner, QUEUE_OWNER_NONE);
        cr_expect_null(r.rows[i].record);
    }
    cr_expect_not(r.more);
    cr_expect_eq(r.not_known, 0);
    queue_result_clear(&r);
}

Test(ops_bus, unknown_records_are_not_none)
{
    q.scan_fails = true;
    struct queue_result r = jobs(BATCH_UNKNOWN, 0);

    cr_assert_eq(r.len, 5);
    cr_expect_eq(r.rows[0].owner, QUEUE_OWNER_NOT_KNOWN);
    cr_expect_eq(r.rows[1].owner, QUEUE_OWNER_RECORD);
    cr_expect_eq(r.rows[4].owner, QUEUE_OWNER_NOT_KNOWN);
    cr_expect_eq(r.not_known, 3);
    cr_expect_eq(r.records_err.code, E_DENIED);
    queue_result_clear(&r);

    q.get_fails = true;
    r = jobs(BATCH_UNKNOWN, 0);
    cr_expect_eq(r.not_known, 5);
    queue_result_clear(&r);
}

Test(ops_bus, a_state_is_asked_of_batch_and_a_limit_cuts)
{
    struct queue_result r = jobs(BATCH_RUNNING, 0);

    cr_assert_eq(r.len, 1);
    cr_expect_str_eq(r.rows[0].job->id, "b1");
    queue_result_clear(&r);
    r = jobs(BATCH_UNKNOWN, 3);
    cr_assert_eq(r.len, 3);
    cr_expect(r.more);
    cr_expect_str_eq(r.rows[0].job->id, "b1");
    queue_result_clear(&r);
    r = jobs(BATCH_UNKNOWN, 5);
    cr_expect_eq(r.len, 5);
    cr_expect_not(r.more);
    queue_result_clear(&r);
}

Test(ops_bus, the_table_is_read_only_for_jobs_that_name_no_record)
{
    struct queue_result r;

    q.jobs = 3;
    r = jobs(BATCH_FAILED, 0);
    cr_assert_eq(r.len, 2);
    cr_expect_eq(scans, 0);
    queue_result_clear(&r);
    r = jobs(BATCH_UNKNOWN, 0);
    cr_expect_gt(scans, 0);
    queue_result_clear(&r);
}

Test(ops_bus, a_row_of_the_queue_says_what_there_is_to_say_once)
{
    static const struct {
        const char *job, *record, *second, *says;
    } cases[] = {
        {"{}",                                                                   NULL,      NULL, ""                                        },
        {"{\"parameters\":{\"JOB_ID\":\"order-1\"}}",                            NULL,      NULL, "JOB_ID is order-1"                       },
        {"{\"parameters\":{\"JOB_ID\":\"order-1\"}}",                            "order-1", NULL, ""                                        },
        {"{\"parameters\":{\"JOB_ID\":\"order-1\"}}",                            "order-2", NULL, "JOB_ID is order-1"                       },
        {"{\"statusReason\":\"a; b\"}",                                          "r",       "k",  "second record k; a; b"                   },
        {"{\"statusReason\":\"ended: OOM\",\"container\":{\"reason\":\"OOM\"}}", NULL,      NULL,
         "ended: OOM"                                                                                                                       },
        {"{\"statusReason\":\"ended\",\"container\":{\"reason\":\"OOM\"}}",      NULL,      NULL,
         "ended: OOM"                                                                                                                       },
        {"{\"container\":{\"reason\":\"OOM\"}}",                                 "r",       "k",  "second record k; OOM"                    },
        {"{\"arrayProperties\":{\"size\":9,\"statusSummary\":{\"RUNNING\":4,\"FAILED\":5}},"
         "\"statusReason\":\"why\"}",                                   NULL,      NULL, "array job of 9: 4 running, 5 failed; why"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct strbuf out = STRBUF_INIT;
        cJSON *doc = json_parse(cases[i].job, strlen(cases[i].job), "job", NULL);
        json_set_str(doc, "jobId", "b");
        struct queue_row row = {
            .job = batch_job_from_json(doc),
            .owner = cases[i].record == NULL ? QUEUE_OWNER_NONE : QUEUE_OWNER_RECORD,
            .record = cases[i].record == NULL ? NULL : xstrdup(cases[i].record),
            .second = cases[i].second == NULL ? NULL : xstrdup(cases[i].second)};
        queue_row_why(&row, &out);
        cr_expect_str_eq(strbuf_str(&out), cases[i].says, "%s", cases[i].job);
        cr_expect_str_eq(queue_row_record(&row),
                         cases[i].record == NULL ? "none" : cases[i].record);
        strbuf_clear(&out);
        batch_job_free(row.job);
        free(row.record);
        free(row.second);
        cJSON_Delete(doc);
    }
}

Test(ops_bus, a_missing_queue_is_said)
{
    struct queue_query query = {.state = BATCH_UNKNOWN};
    struct queue_result r;
    struct err e = {0};

    q.refuse_queue = true;
    cr_expect_eq(ops_queue_jobs(o, &query, &r, &e), E_NOT_FOUND, "%s", e.msg);
    q.refuse_queue = false;
    q.jobs = 0;
    r = jobs(BATCH_UNKNOWN, 0);
    cr_expect_eq(r.len, 0);
    queue_result_clear(&r);
}
