/* The typed calls: splitting, sending again, paging, and replies that leave something unknown. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "aws/batch.h"
#include "aws/cloudwatch.h"
#include "aws/dynamodb.h"
#include "aws/events.h"
#include "aws/logs.h"
#include "aws/sqs.h"
#include "aws/streams.h"
#include "aws/sts.h"
#include "core/alloc.h"
#include "core/clock.h"
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

TestSuite(typed, .init = begin, .fini = end, .timeout = 120);

static struct aws_client *client_of(struct fake_http *f)
{
    struct aws_client *c = aws_client_new(&(struct aws_options){.region = "us-east-1",
                                                                .endpoint_url = fake_http_url(f),
                                                                .delay_percent = 1},
                                          NULL);
    cr_assert_not_null(c);
    return c;
}

static cJSON *body_of(struct fake_http *f, size_t n)
{
    const struct fake_request *r = fake_http_request(f, n);
    cJSON *v = r == NULL ? NULL : json_parse(r->body, r->body_len, "request", NULL);

    cr_assert_not_null(v);
    return v;
}

/* --- EventBridge
 * ---------------------------------------------------------------------------------- */

static cJSON *entries(int n)
{
    cJSON *list = json_new_array();

    for (int i = 0; i < n; i++) {
        char name[16];
        cJSON *v = json_new_object();
        (void)snprintf(name, sizeof name, "%d", i);
        json_set_str(v, "Source", name);
        json_set_str(v, "DetailType", "t");
        json_set_str(v, "Detail", "{}");
        json_push(list, v);
    }
    return list;
}

/* Accepts all but: "3" fails for good, "4" is throttled the first time, "5" always. */
static struct fake_reply bus(void *arg, const struct fake_request *r, size_t n)
{
    static char out[16][4096];
    char *throttled_before = arg;
    char *reply = out[n % 16];
    size_t at = (size_t)snprintf(reply, sizeof out[0], "{\"Entries\":[");
    cJSON *in = json_parse(r->body, r->body_len, "request", NULL);
    const cJSON *v;

    cJSON_ArrayForEach(v, json_array(in, "Entries"))
    {
        const char *source = json_str(v, "Source");
        const char *result = "{\"EventId\":\"id\"}";
        if (strcmp(source, "3") == 0) {
            result = "{\"ErrorCode\":\"MalformedDetail\",\"ErrorMessage\":\"bad\"}";
        } else if (strcmp(source, "5") == 0 || (strcmp(source, "4") == 0 && !*throttled_before)) {
            result = "{\"ErrorCode\":\"ThrottlingException\",\"ErrorMessage\":\"slow\"}";
        }
        at += (size_t)snprintf(reply + at, sizeof out[0] - at, "%s%s",
                               v->prev->next == NULL ? "" : ",", result);
    }
    *throttled_before = 1;
    cJSON_Delete(in);
    (void)snprintf(reply + at, sizeof out[0] - at, "]}");
    return (struct fake_reply){.body = reply};
}

Test(typed, events_are_split_by_ten_and_only_what_may_pass_is_sent_again)
{
    char throttled_before = 0;
    struct fake_http *f = fake_http_start_with(bus, &throttled_before);
    struct aws_client *c = client_of(f);
    struct events_result r[23];
    cJSON *list = entries(23);
    size_t failed = 0;
    struct err e = {0};

    cr_expect_eq(events_put(c, list, 0, r, &failed, &e), E_OK, "%s", e.msg);
    cr_expect_eq(failed, 2);
    for (int i = 0; i < 23; i++) {
        cr_expect_eq(r[i].outcome, i == 3 || i == 5 ? EVENTS_REFUSED : EVENTS_ACCEPTED, "%d", i);
    }
    cr_expect_str_eq(r[3].error_code, "MalformedDetail");
    cr_expect_not(r[3].transient);
    cr_expect(r[5].transient);
    cr_expect_str_eq(r[4].event_id, "id");
    /* First ten, {4,5}, {5}, {5}, second ten, three. */
    cr_expect_eq(fake_http_requests(f), 6);
    cJSON *again = body_of(f, 1);
    cr_expect_eq(cJSON_GetArraySize(json_array(again, "Entries")), 2);
    cJSON_Delete(again);
    cJSON_Delete(list);
    aws_client_free(c);
    fake_http_stop(f);
}

Test(typed, events_are_split_by_size_and_an_over_long_one_is_refused_alone)
{
    char throttled_before = 1;
    struct fake_http *f = fake_http_start_with(bus, &throttled_before);
    struct aws_client *c = client_of(f);
    struct events_result r[4];
    cJSON *list = entries(3);
    char big[200];
    size_t failed = 0;

    memset(big, 'x', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    cJSON *v = json_new_object();
    json_set_str(v, "Detail", big);
    cr_expect_eq(events_entry_bytes(v), 199);
    json_set_int(v, "Time", 1);
    cr_expect_eq(events_entry_bytes(v), 213);
    json_push(list, v);
    cr_expect_eq(events_put(c, list, 9, r, &failed, NULL), E_OK);
    cr_expect_eq(failed, 1);
    cr_expect_str_eq(r[3].error_code, "EntryTooLarge");
    cr_expect_eq(fake_http_requests(f), 2, "entries of 4 bytes: two fit under 9");
    cJSON_Delete(list);
    aws_client_free(c);
    fake_http_stop(f);
}

Test(typed, events_whose_reply_was_lost_are_unknown_and_the_rest_goes_on)
{
    static const struct fake_reply script[] = {
        {.deed = FAKE_RESET}, {.body = "{\"Entries\":[{\"EventId\":\"a\"},{\"EventId\":\"b\"}]}"}};
    struct fake_http *f = fake_http_start(script, 2);
    struct aws_client *c = client_of(f);
    struct events_result r[12];
    cJSON *list = entries(12);
    size_t failed = 0;
    struct err e = {0};

    cr_expect_eq(events_put(c, list, 0, r, &failed, &e), E_NET);
    cr_expect(e.maybe_done);
    cr_expect_eq(failed, 10);
    cr_expect_eq(r[0].outcome, EVENTS_UNKNOWN);
    cr_expect_eq(r[9].outcome, EVENTS_UNKNOWN);
    cr_expect_eq(r[11].outcome, EVENTS_ACCEPTED);
    cJSON_Delete(list);
    aws_client_free(c);
    fake_http_stop(f);
}

Test(typed, events_refused_as_a_whole_were_not_sent)
{
    static const struct fake_reply script[] = {
        {.status = 400, .body = "{\"__type\":\"x#AccessDeniedException\"}"}
    };
    struct fake_http *f = fake_http_start(script, 1);
    struct aws_client *c = client_of(f);
    struct events_result r[1];
    cJSON *list = entries(1);

    cr_expect_eq(events_put(c, list, 0, r, NULL, NULL), E_DENIED);
    cr_expect_eq(r[0].outcome, EVENTS_NOT_SENT);
    cJSON_Delete(list);
    aws_client_free(c);
    fake_http_stop(f);
}

Test(typed, a_reply_with_too_few_results_proves_nothing)
{
    static const struct fake_reply script[] = {{.body = "{\"Entries\":[{\"EventId\":\"a\"}]}"}};
    struct fake_http *f = fake_http_start(script, 1);
    struct aws_client *c = client_of(f);
    struct events_result r[2];
    cJSON *list = entries(2);

    cr_expect_eq(events_put(c, list, 0, r, NULL, NULL), E_PARSE);
    cr_expect_eq(r[0].outcome, EVENTS_UNKNOWN);
    cr_expect_eq(r[1].outcome, EVENTS_UNKNOWN);
    cJSON_Delete(list);
    aws_client_free(c);
    fake_http_stop(f);
}

Test(typed, a_description_without_a_name_proves_nothing)
{
    static const struct fake_reply replies[] = {{.body = "{}"},
                                                {.body = "{\"Name\":7,\"Arn\":\"arn:x\"}"},
                                                {.body = "[\"Name\"]"},
                                                {.body = "{\"Name\":\"mine\"}"}};
    enum { N = sizeof replies / sizeof *replies };

    for (int rule = 0; rule < 2; rule++) {
        struct fake_http *f = fake_http_start(replies, N);
        struct aws_client *c = client_of(f);
        for (size_t i = 0; i < N; i++) {
            cJSON *out = NULL;
            struct err e = {0};
            enum err_code rc = rule == 1 ? events_describe_rule(c, "bus", "mine", &out, &e)
                                         : events_describe_bus(c, "mine", &out, &e);
            cr_expect_eq(rc, i + 1 == N ? E_OK : E_PARSE, "%zu: %s", i, e.msg);
            cr_expect_eq(out != NULL, i + 1 == N, "%zu", i);
            cJSON_Delete(out);
        }
        aws_client_free(c);
        fake_http_stop(f);
    }
}

Test(typed, rules_of_all_pages_are_listed)
{
    static const struct fake_reply script[] = {
        {.body = "{\"Rules\":[{\"Name\":\"a\"}],\"NextToken\":\"t1\"}"},
        {.body = "{\"Rules\":[],\"NextToken\":\"t2\"}"},
        {.body = "{\"Rules\":[{\"Name\":\"b\"}]}"}};
    struct fake_http *f = fake_http_start(script, 3);
    struct aws_client *c = client_of(f);
    cJSON *rules = NULL;

    cr_expect_eq(events_list_rules(c, "bus", "p", &rules, NULL), E_OK);
    cr_expect_eq(cJSON_GetArraySize(rules), 2);
    cJSON *last = body_of(f, 2);
    cr_expect_str_eq(json_str(last, "NextToken"), "t2");
    cr_expect_str_eq(json_str(last, "NamePrefix"), "p");
    cJSON_Delete(last);
    cJSON_Delete(rules);
    aws_client_free(c);
    fake_http_stop(f);
}

static struct fake_reply endless(void *arg, const struct fake_request *r, size_t n)
{
    static const struct fake_reply page = {
        .body = "{\"logGroups\":[{\"logGroupName\":\"g1\"}],\"jobDefinitions\":[],"
                "\"nextToken\":\"again\",\"NextToken\":\"again\",\"MetricDataResults\":[]}"};

    (void)arg;
    (void)r;
    (void)n;
    return page;
}

Test(typed, a_part_of_the_pages_is_not_told_as_the_whole)
{
    struct fake_http *f = fake_http_start_with(endless, NULL);
    struct aws_client *c = client_of(f);
    cJSON *out = NULL;

    cr_expect_eq(logs_describe_group(c, "g", &out, NULL), E_SERVICE, "not: there is no such group");
    cr_expect_null(out);
    cr_expect_eq(batch_describe_definition(c, "d", &out, NULL), E_SERVICE);
    cr_expect_null(out);
    cr_expect_eq(cloudwatch_metric_data(c, json_new_array(), 1, 2, &out, NULL), E_SERVICE);
    cr_expect_null(out);
    aws_client_free(c);
    fake_http_stop(f);
}

/* --- DynamoDB
 * ------------------------------------------------------------------------------------- */

/* Gives each key back as an item, but never more than 60 of a call. */
static struct fake_reply table(void *arg, const struct fake_request *r, size_t n)
{
    char **out = arg;
    cJSON *in = json_parse(r->body, r->body_len, "request", NULL);
    cJSON *part = cJSON_GetObjectItem(cJSON_GetObjectItem(in, "RequestItems"), "t");
    cJSON *keys = cJSON_GetObjectItem(part, "Keys");
    cJSON *reply = json_new_object();
    cJSON *responses = json_new_object();
    cJSON *items = json_new_array();

    for (int i = 0; i < 60 && keys->child != NULL; i++) {
        json_push(items, cJSON_DetachItemFromArray(keys, 0));
    }
    json_set(responses, "t", items);
    json_set(reply, "Responses", responses);
    cJSON *left = json_new_object();
    if (keys->child != NULL) {
        json_set(left, "t",
                 cJSON_DetachItemFromObject(cJSON_GetObjectItem(in, "RequestItems"), "t"));
    }
    json_set(reply, "UnprocessedKeys", left);
    out[n] = json_text(reply);
    cJSON_Delete(reply);
    cJSON_Delete(in);
    return (struct fake_reply){.body = out[n]};
}

Test(typed, any_number_of_items_is_read_once_each)
{
    char *out[16] = {NULL};
    struct fake_http *f = fake_http_start_with(table, out);
    struct aws_client *c = client_of(f);
    char names[130][8];
    const char *ids[131];
    cJSON *items = NULL;

    for (int i = 0; i < 130; i++) {
        (void)snprintf(names[i], sizeof names[i], "j%d", i);
        ids[i] = names[i];
    }
    ids[130] = "j7";
    cJSON *aliases = json_new_object();
    json_set_str(aliases, "#s", "status");
    struct ddb_batch_get g = {.table = "t",
                              .key_name = "jobId",
                              .ids = ids,
                              .ids_len = 131,
                              .projection = "jobId, #s",
                              .names = aliases};
    cr_expect_eq(ddb_batch_get(c, &g, &items, NULL), E_OK);
    cr_expect_eq(cJSON_GetArraySize(items), 130);
    /* 100 -> 60 and 40; 30. */
    cr_expect_eq(fake_http_requests(f), 3);
    cr_expect(strstr(fake_http_request(f, 1)->body, "\"#s\":\"status\"") != NULL,
              "what is asked again keeps its projection");
    cJSON_Delete(items);
    cJSON_Delete(aliases);
    aws_client_free(c);
    fake_http_stop(f);
    for (size_t i = 0; i < 16; i++) {
        free(out[i]);
    }
}

Test(typed, keys_that_stay_unprocessed_end_in_an_error)
{
    static const struct fake_reply script[] = {
        {.body =
             "{\"Responses\":{},\"UnprocessedKeys\":{\"t\":{\"Keys\":[{\"a\":{\"S\":\"b\"}}]}}}"}};
    struct fake_http *f = fake_http_start(script, 1);
    struct aws_client *c = client_of(f);
    const char *id = "b";
    cJSON *items = NULL;
    struct err e = {0};
    struct ddb_batch_get g = {.table = "t", .key_name = "a", .ids = &id, .ids_len = 1};

    cr_expect_eq(ddb_batch_get(c, &g, &items, &e), E_THROTTLED);
    cr_expect(strstr(e.msg, "unprocessed") != NULL, "%s", e.msg);
    cr_expect_null(items);
    aws_client_free(c);
    fake_http_stop(f);
}

Test(typed, pages_give_items_key_and_cost)
{
    static const struct fake_reply script[] = {
        {.body = "{\"Items\":[],\"Count\":0,\"ScannedCount\":7,\"LastEvaluatedKey\":{\"k\":{\"S\":"
                 "\"z\"}},"
                 "\"ConsumedCapacity\":{\"CapacityUnits\":12.5}}"},
        {.body = "{\"Items\":[{\"k\":{\"S\":\"a\"}}],\"Count\":1,\"ScannedCount\":1}"},
        {.body = "{}"}};
    struct fake_http *f = fake_http_start(script, 3);
    struct aws_client *c = client_of(f);
    struct ddb_page page;
    cJSON *values = json_new_object();
    json_set(values, ":s", attr_new_str("x"));
    struct ddb_read r = {.table = "t",
                         .index = "i",
                         .key_condition = "a = :s",
                         .filter = "b = :s",
                         .values = values,
                         .limit = 5,
                         .newest_first = true,
                         .total_segments = 4,
                         .segment = 2};

    cr_expect_eq(ddb_query(c, &r, &page, NULL), E_OK);
    cr_expect_eq(cJSON_GetArraySize(page.items), 0);
    cr_expect_eq(page.scanned, 7);
    cr_expect_eq(page.units, 12.5);
    cr_assert_not_null(page.last_key);
    cJSON *key = page.last_key;
    page.last_key = NULL;
    ddb_page_clear(&page);
    r.start = key;
    cr_expect_eq(ddb_scan(c, &r, &page, NULL), E_OK);
    cr_expect_eq(page.count, 1);
    cr_expect_null(page.last_key);
    ddb_page_clear(&page);
    cr_expect_eq(ddb_scan(c, &r, &page, NULL), E_PARSE, "an empty reply does not say: no items");
    ddb_page_clear(&page);
    cr_expect_str_eq(
        fake_http_request(f, 0)->body,
        "{\"TableName\":\"t\",\"KeyConditionExpression\":\"a = :s\","
        "\"ScanIndexForward\":false,\"IndexName\":\"i\",\"FilterExpression\":\"b = :s\","
        "\"ExpressionAttributeValues\":{\":s\":{\"S\":\"x\"}},\"Limit\":5,"
        "\"ReturnConsumedCapacity\":\"TOTAL\"}");
    cr_expect_str_eq(fake_http_request(f, 1)->body,
                     "{\"TableName\":\"t\",\"Segment\":2,\"TotalSegments\":4,\"IndexName\":\"i\","
                     "\"FilterExpression\":\"b = :s\",\"ExpressionAttributeValues\":{\":s\":{\"S\":"
                     "\"x\"}},\"ExclusiveStartKey\":{\"k\":{\"S\":\"z\"}},\"Limit\":5,"
                     "\"ReturnConsumedCapacity\":\"TOTAL\"}");
    cJSON_Delete(key);
    cJSON_Delete(values);
    aws_client_free(c);
    fake_http_stop(f);
}

static void take_item(void *arg, const cJSON *item)
{
    int *n = arg;

    cr_expect_not_null(attr_str(item, "k"));
    (*n)++;
}

Test(typed, items_are_handed_over_one_by_one)
{
    static const struct fake_reply script[] = {
        {.body = "{\"Count\":2,\"Items\":[{\"k\":{\"S\":\"a\"}},{\"k\":{\"S\":\"b\"}}],"
                 "\"ScannedCount\":9,"
                 "\"LastEvaluatedKey\":{\"k\":{\"S\":\"b\"}}}"},
        {             .body = "{\"Items\":[{\"k\":{\"S\":\"a\"}},{\"k\""                                                             },
        { .status = 400,                                                              .body = "{\"__type\":\"ValidationException\",\"Items\":[{}]}"},
    };
    struct fake_http *f = fake_http_start(script, 3);
    struct aws_client *c = client_of(f);
    struct ddb_page page;
    struct err e = {0};
    int n = 0;
    struct ddb_read r = {.table = "t", .item = take_item, .arg = &n};

    cr_expect_eq(ddb_scan(c, &r, &page, &e), E_OK, "%s", e.msg);
    cr_expect_eq(n, 2);
    cr_expect_eq(cJSON_GetArraySize(page.items), 0);
    cr_expect_eq(page.count, 2);
    cr_expect_eq(page.scanned, 9);
    cr_expect_not_null(page.last_key);
    ddb_page_clear(&page);

    n = 0;
    cr_expect_eq(ddb_scan(c, &r, &page, &e), E_PARSE, "what is cut is an error all the same");
    cr_expect_eq(n, 1);
    n = 0;
    cr_expect_eq(ddb_scan(c, &r, &page, &e), E_INVALID);
    cr_expect_eq(n, 0, "a refusal has no items");
    aws_client_free(c);
    fake_http_stop(f);
}

Test(typed, a_missing_item_is_no_error)
{
    static const struct fake_reply script[] = {{.body = "{}"}};
    struct fake_http *f = fake_http_start(script, 1);
    struct aws_client *c = client_of(f);
    cJSON *item = NULL;

    cr_expect_eq(ddb_get_item(c, "t", "jobId", "j", true, &item, NULL), E_OK);
    cr_expect_null(item);
    aws_client_free(c);
    fake_http_stop(f);
}

Test(typed, a_reply_that_was_seen_is_not_read_again_and_its_units_count)
{
#define ITEM(v, units)                                                                             \
    "{\"ConsumedCapacity\":{\"CapacityUnits\":" units "},\"Item\":{\"jobId\":{\"S\":\"j\"},"       \
    "\"v\":{\"N\":\"" v "\"}}}"
    static const struct fake_reply script[] = {
        {.body = ITEM("1", "0.5")},
        {.body = ITEM("1",                "0.5")},
        {.body = ITEM("2","1.5")},
        {.body = ITEM("1", "0.5")},
        {.status = 400,                .body = "{\"__type\":\"ValidationException\"}"},
        {.body = ITEM("1",          "0.5")},
        {.body = "{}"   }
    };
#undef ITEM
    struct fake_http *f = fake_http_start(script, 7);
    struct aws_client *c = client_of(f);
    static const char *const expected[] = {"1", NULL, "2", "1", "refused", NULL, "none"};
    struct aws_seen seen = {.any = false};
    struct aws_stats st;

    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        cJSON *item = NULL;
        enum err_code rc = ddb_get_item_seen(c, "t", "jobId", "j", &seen, &item, NULL);
        bool refused = expected[i] != NULL && strcmp(expected[i], "refused") == 0;
        bool none = expected[i] != NULL && strcmp(expected[i], "none") == 0;
        cr_expect_eq(rc, refused ? E_INVALID : E_OK, "%zu", i);
        cr_expect_eq(seen.same, expected[i] == NULL, "%zu", i);
        cr_expect_eq(item != NULL, expected[i] != NULL && !refused && !none, "%zu", i);
        if (item != NULL) {
            cr_expect_str_eq(json_str(json_object(item, "v"), "N"), expected[i]);
        }
        cJSON_Delete(item);
    }
    aws_client_stats(c, &st);
    cr_expect_float_eq(st.read_units, 4 * 0.5 + 1.5, 1e-9, "%f", st.read_units);
    aws_client_free(c);
    fake_http_stop(f);
}

/* --- the others
 * ------------------------------------------------------------------------------------ */

Test(typed, shards_of_all_pages_are_in_one_description)
{
    static const struct fake_reply script[] = {
        {.body = "{\"StreamDescription\":{\"StreamStatus\":\"ENABLED\",\"Shards\":[{\"ShardId\":"
                 "\"a\"}],"
                 "\"LastEvaluatedShardId\":\"a\"}}"},
        {.body = "{\"StreamDescription\":{\"Shards\":[{\"ShardId\":\"b\"}]}}"}};
    struct fake_http *f = fake_http_start(script, 2);
    struct aws_client *c = client_of(f);
    cJSON *d = NULL;

    cr_expect_eq(streams_describe(c, "arn", &d, NULL), E_OK);
    cr_expect_eq(cJSON_GetArraySize(json_array(d, "Shards")), 2);
    cr_expect_str_eq(json_str(d, "StreamStatus"), "ENABLED");
    cr_expect_null(json_get(d, "LastEvaluatedShardId"));
    cJSON_Delete(d);
    aws_client_free(c);
    fake_http_stop(f);
}

Test(typed, sequence_numbers_are_ordered_by_value)
{
    cr_expect_lt(streams_sequence_compare("99", "100"), 0);
    cr_expect_gt(streams_sequence_compare("1100000000017454423010", "1100000000017454423009"), 0);
    cr_expect_eq(streams_sequence_compare("007", "7"), 0);
}

Test(typed, a_closed_shard_has_no_next_iterator)
{
    static const struct fake_reply script[] = {
        {.body = "{\"Records\":[],\"NextShardIterator\":null}"}};
    struct fake_http *f = fake_http_start(script, 1);
    struct aws_client *c = client_of(f);
    cJSON *records = NULL;
    char *next = NULL;

    cr_expect_eq(streams_get_records(c, "it", 0, &records, &next, NULL), E_OK);
    cr_expect_null(next);
    cr_expect_eq(cJSON_GetArraySize(records), 0);
    cJSON_Delete(records);
    aws_client_free(c);
    fake_http_stop(f);
}

Test(typed, a_log_ends_where_its_token_comes_back)
{
    static const struct fake_reply script[] = {
        {.body = "{\"events\":[{\"timestamp\":1,\"message\":\"m\"}],\"nextForwardToken\":\"f/1\","
                 "\"nextBackwardToken\":\"b/1\"}"},
        {.body = "{\"events\":[],\"nextForwardToken\":\"f/2\"}"},
        {.body = "{\"events\":[],\"nextForwardToken\":\"f/2\"}"}};
    struct fake_http *f = fake_http_start(script, 3);
    struct aws_client *c = client_of(f);
    struct logs_get g = {.group = "g",
                         .stream = "s",
                         .from_head = true,
                         .start_time = 1767323045123,
                         .end_time = TIME_NONE};
    bool ends[3];
    char *token = NULL;

    for (int i = 0; i < 3; i++) {
        struct logs_page page;
        g.token = token;
        cr_assert_eq(logs_get_events(c, &g, &page, NULL), E_OK);
        ends[i] = page.at_end;
        free(token);
        token = page.forward;
        page.forward = NULL;
        logs_page_clear(&page);
    }
    cr_expect(!ends[0] && !ends[1] && ends[2]);
    cr_expect_str_eq(fake_http_request(f, 0)->body,
                     "{\"logGroupName\":\"g\",\"logStreamName\":\"s\",\"startTime\":1767323045123,"
                     "\"startFromHead\":true}");
    free(token);
    aws_client_free(c);
    fake_http_stop(f);
}

Test(typed, the_latest_active_definition_is_taken)
{
    static const struct fake_reply script[] = {
        {.body = "{\"jobDefinitions\":[{\"revision\":2},{\"revision\":11}],\"nextToken\":\"n\"}"},
        {.body = "{\"jobDefinitions\":[{\"revision\":3}]}"},
        {.body = "{\"jobDefinitions\":[]}"}};
    struct fake_http *f = fake_http_start(script, 3);
    struct aws_client *c = client_of(f);
    cJSON *d = NULL;
    struct err e = {0};

    cr_expect_eq(batch_describe_definition(c, "jd", &d, &e), E_OK);
    cr_expect_eq(json_int(d, "revision", 0), 11);
    cJSON_Delete(d);
    cr_expect_eq(batch_describe_definition(c, "jd:9", &d, &e), E_NOT_FOUND);
    cr_expect(strstr(e.msg, "jd:9") != NULL);
    cr_expect_null(d);
    aws_client_free(c);
    fake_http_stop(f);
}

Test(typed, a_caller_is_read_from_xml)
{
    static const struct fake_reply script[] = {
        {.body = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
                 "<GetCallerIdentityResult><Arn>arn:aws:sts::1:assumed-role/r/s</Arn>"
                 "<UserId>U</UserId><Account>123456789012</Account></GetCallerIdentityResult>"
                 "<ResponseMetadata><RequestId>x</RequestId></ResponseMetadata>"
                 "</GetCallerIdentityResponse>"},
        {.body = "<html/>"}};
    struct fake_http *f = fake_http_start(script, 2);
    struct aws_client *c = client_of(f);
    struct sts_identity id;

    cr_expect_eq(sts_get_caller_identity(c, &id, NULL), E_OK);
    cr_expect_str_eq(id.account, "123456789012");
    cr_expect_str_eq(id.arn, "arn:aws:sts::1:assumed-role/r/s");
    cr_expect_eq(sts_get_caller_identity(c, &id, NULL), E_PARSE);
    cr_expect_str_eq(id.account, "");
    aws_client_free(c);
    fake_http_stop(f);
}

Test(typed, an_empty_queue_gives_an_empty_array)
{
    static const struct fake_reply script[] = {{.body = "{}"}};
    struct fake_http *f = fake_http_start(script, 1);
    struct aws_client *c = client_of(f);
    cJSON *messages = NULL;

    cr_expect_eq(sqs_receive(c,
                             &(struct sqs_receive){
                                 .url = "u", .max_messages = 10, .visibility_s = -1, .wait_s = 0},
                             &messages, NULL),
                 E_OK);
    cr_expect_eq(cJSON_GetArraySize(messages), 0);
    cr_expect(strstr(fake_http_request(f, 0)->body, "VisibilityTimeout") == NULL);
    cJSON_Delete(messages);
    aws_client_free(c);
    fake_http_stop(f);
}
