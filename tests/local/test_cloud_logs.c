/* CloudWatch Logs of the local cloud: tokens, pages and filters. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cloud.h"
#include "core/json.h"
#include "core/strbuf.h"
#include "src/cloud/logs/logs.h"

static struct test_cloud c;

static void setup(void)
{
    cloud_open(&c);
    cloud_do(&c, AWS_OP_LOGS_CREATE_LOG_GROUP, "{'logGroupName':'g'}");
    cloud_do(&c, AWS_OP_LOGS_CREATE_LOG_STREAM, "{'logGroupName':'g','logStreamName':'s'}");
}

static void teardown(void)
{
    cloud_close(&c);
}

TestSuite(cloud_logs, .init = setup, .fini = teardown, .timeout = 120);

/* Puts events with messages from..to-1, one millisecond apart. */
static void put(const char *stream, int from, int to)
{
    struct strbuf b = STRBUF_INIT;
    long long now = (long long)clock_wall_ms(NULL) - 100000;

    strbuf_addf(&b, "{'logGroupName':'g','logStreamName':'%s','logEvents':[", stream);
    for (int i = from; i < to; i++) {
        strbuf_addf(&b, "%s{'timestamp':%lld,'message':'m%d'}", i > from ? "," : "", now + i, i);
    }
    strbuf_adds(&b, "]}");
    cloud_do(&c, AWS_OP_LOGS_PUT_LOG_EVENTS, b.data);
    strbuf_clear(&b);
}

/* Reads one page; "m0,m1|" and the two tokens (owned by the caller through free). */
static char *page(const char *more, char **forward, char **backward)
{
    char json[512];
    struct strbuf b = STRBUF_INIT;

    snprintf(json, sizeof json, "{'logGroupName':'g','logStreamName':'s'%s}", more);
    cJSON *out = cloud_call(&c, AWS_OP_LOGS_GET_LOG_EVENTS, json);
    cr_assert_not_null(out, "%s", c.e.msg);
    const cJSON *ev;
    cJSON_ArrayForEach(ev, json_array(out, "events"))
    {
        strbuf_addf(&b, "%s,", json_str(ev, "message"));
    }
    cr_assert_not_null(json_str(out, "nextForwardToken"), "never null");
    cr_assert_not_null(json_str(out, "nextBackwardToken"), "never null");
    *forward = strdup(json_str(out, "nextForwardToken"));
    *backward = strdup(json_str(out, "nextBackwardToken"));
    cJSON_Delete(out);
    return strbuf_take(&b);
}

static void expect_page(const char *more, const char *want, char **forward, char **backward)
{
    char *f, *b, *got = page(more, &f, &b);

    cr_expect_str_eq(got, want, "%s", more);
    free(got);
    if (forward != NULL) {
        free(*forward);
        *forward = f;
    } else {
        free(f);
    }
    if (backward != NULL) {
        free(*backward);
        *backward = b;
    } else {
        free(b);
    }
}

Test(cloud_logs, forward_paging_ends_with_the_token_it_was_given)
{
    char more[300], *f = NULL, *last = NULL;

    put("s", 0, 5);
    expect_page(",'startFromHead':true,'limit':2", "m0,m1,", &f, NULL);
    snprintf(more, sizeof more, ",'startFromHead':true,'limit':2,'nextToken':'%s'", f);
    expect_page(more, "m2,m3,", &f, NULL);
    snprintf(more, sizeof more, ",'startFromHead':true,'limit':2,'nextToken':'%s'", f);
    expect_page(more, "m4,", &f, NULL);
    snprintf(more, sizeof more, ",'startFromHead':true,'nextToken':'%s'", f);
    expect_page(more, "", &last, NULL);
    cr_expect_str_eq(last, f, "the end is told by the same token");
    put("s", 5, 7);
    expect_page(more, "m5,m6,", &last, NULL);
    cr_expect_str_neq(last, f);
    free(f);
    free(last);
}

Test(cloud_logs, without_start_from_head_the_newest_page_comes_and_older_ones_after_it)
{
    char more[300], *f = NULL, *b = NULL, *end = NULL;

    put("s", 0, 5);
    expect_page(",'limit':2", "m3,m4,", &f, &b);
    snprintf(more, sizeof more, ",'limit':2,'nextToken':'%s'", b);
    expect_page(more, "m1,m2,", NULL, &b);
    snprintf(more, sizeof more, ",'limit':2,'nextToken':'%s'", b);
    expect_page(more, "m0,", NULL, &b);
    snprintf(more, sizeof more, ",'limit':2,'nextToken':'%s'", b);
    expect_page(more, "", NULL, &end);
    cr_expect_str_eq(end, b);
    snprintf(more, sizeof more, ",'startFromHead':true,'nextToken':'%s'", f);
    expect_page(more, "", NULL, NULL);
    free(f);
    free(b);
    free(end);
}

Test(cloud_logs, an_empty_stream_can_be_followed_from_its_first_event)
{
    char more[300], *f = NULL;

    expect_page("", "", &f, NULL);
    put("s", 0, 2);
    snprintf(more, sizeof more, ",'startFromHead':true,'nextToken':'%s'", f);
    expect_page(more, "m0,m1,", &f, NULL);
    free(f);
}

Test(cloud_logs, start_is_included_and_end_is_not)
{
    long long now = (long long)clock_wall_ms(NULL) - 50000;
    char json[400];

    snprintf(json, sizeof json,
             "{'logGroupName':'g','logStreamName':'s','logEvents':[{'timestamp':%lld,'message':'a'}"
             ",{'timestamp':%lld,'message':'b'},{'timestamp':%lld,'message':'c'}]}",
             now, now + 1, now + 2);
    cloud_do(&c, AWS_OP_LOGS_PUT_LOG_EVENTS, json);
    snprintf(json, sizeof json, ",'startFromHead':true,'startTime':%lld,'endTime':%lld", now + 1,
             now + 2);
    expect_page(json, "b,", NULL, NULL);
}

Test(cloud_logs, a_page_is_at_most_one_megabyte)
{
    static char text[700001];
    struct err e;

    memset(text, 'x', sizeof text - 1);
    for (int i = 0; i < 2; i++) {
        cloud_lock(c.l);
        cr_assert_eq(
            cloud_logs_append(c.l, "g", "s", clock_wall_ms(NULL), text, sizeof text - 1, &e), E_OK,
            "%s", e.msg);
        cloud_unlock(c.l);
    }
    cJSON *out = cloud_call(&c, AWS_OP_LOGS_GET_LOG_EVENTS,
                            "{'logGroupName':'g','logStreamName':'s','startFromHead':true}");
    cr_expect_eq(cJSON_GetArraySize(json_array(out, "events")), 1);
    cJSON_Delete(out);
}

Test(cloud_logs, output_that_is_no_text_is_made_harmless)
{
    cr_assert_not_null(c.l);
    cloud_lock(c.l);
    cr_assert_eq(cloud_logs_append(c.l, "g", "s", 5, "a\0b\xff", 4, NULL), E_OK);
    cr_assert_eq(cloud_logs_append(c.l, "g", "s", 3, "earlier", 7, NULL), E_OK);
    cr_assert_eq(cloud_logs_append(c.l, "g", "s", 6, "", 0, NULL), E_OK);
    cloud_unlock(c.l);
    cJSON *out = cloud_call(&c, AWS_OP_LOGS_GET_LOG_EVENTS,
                            "{'logGroupName':'g','logStreamName':'s','startFromHead':true}");
    cr_expect_eq(cJSON_GetArraySize(json_array(out, "events")), 2, "an empty line is no event");
    cr_expect_str_eq(cloud_member(out, "events.0.message")->valuestring, "a\xEF\xBF\xBD"
                                                                         "b\xEF\xBF\xBD");
    cr_expect_eq(json_int(cloud_member(out, "events.1"), "timestamp", 0), 5, "never goes back");
    cJSON_Delete(out);
}

Test(cloud_logs, filters_by_terms_over_all_streams_in_order_of_time)
{
    cloud_do(&c, AWS_OP_LOGS_CREATE_LOG_STREAM, "{'logGroupName':'g','logStreamName':'t'}");
    put("s", 0, 3);
    put("t", 10, 13);
    cJSON *out = cloud_call(&c, AWS_OP_LOGS_FILTER_LOG_EVENTS,
                            "{'logGroupName':'g','filterPattern':'m1','limit':2}");
    cr_expect_str_eq(cloud_member(out, "events.0.message")->valuestring, "m1");
    cr_expect_str_eq(cloud_member(out, "events.1.message")->valuestring, "m10");
    cr_expect_str_eq(cloud_member(out, "events.1.logStreamName")->valuestring, "t");
    cr_assert_not_null(json_str(out, "nextToken"));
    char json[300];
    snprintf(json, sizeof json, "{'logGroupName':'g','filterPattern':'m1','nextToken':'%s'}",
             json_str(out, "nextToken"));
    cJSON_Delete(out);
    out = cloud_call(&c, AWS_OP_LOGS_FILTER_LOG_EVENTS, json);
    cr_expect_str_eq(cloud_member(out, "events.1.message")->valuestring, "m12");
    cr_expect_null(json_str(out, "nextToken"));
    cJSON_Delete(out);
    cloud_answers(&c, AWS_OP_LOGS_FILTER_LOG_EVENTS,
                  "{'logGroupName':'g','logStreamNamePrefix':'x'}",
                  "{'events':[],'searchedLogStreams':[]}");
    cloud_refuses(&c, AWS_OP_LOGS_FILTER_LOG_EVENTS,
                  "{'logGroupName':'g','filterPattern':'{ $.a = 1 }'}", "InvalidParameterException",
                  "no JSON");
}

Test(cloud_logs, a_filter_over_named_streams_is_refused_when_one_is_not_there)
{
    struct strbuf many = STRBUF_INIT;

    cloud_do(&c, AWS_OP_LOGS_CREATE_LOG_STREAM, "{'logGroupName':'g','logStreamName':'t'}");
    put("s", 0, 1);
    put("t", 1, 2);
    cJSON *out =
        cloud_call(&c, AWS_OP_LOGS_FILTER_LOG_EVENTS,
                   "{'logGroupName':'g','logStreamNames':['t'],'filterPattern':'%^m\\\\d$%'}");
    cr_assert_not_null(out, "%s", c.e.msg);
    cr_expect_eq(cJSON_GetArraySize(json_array(out, "events")), 1);
    cr_expect_str_eq(cloud_member(out, "events.0.message")->valuestring, "m1");
    cJSON_Delete(out);
    cloud_refuses(&c, AWS_OP_LOGS_FILTER_LOG_EVENTS,
                  "{'logGroupName':'g','logStreamNames':['t','no']}", "ResourceNotFoundException",
                  "The specified log stream does not exist.");
    cloud_refuses(&c, AWS_OP_LOGS_FILTER_LOG_EVENTS, "{'logGroupName':'g','logStreamNames':[]}",
                  "InvalidParameterException", "logStreamNames");
    strbuf_adds(&many, "{'logGroupName':'g','logStreamNames':[");
    for (int i = 0; i < 101; i++) {
        strbuf_adds(&many, i == 0 ? "'t'" : ",'t'");
    }
    strbuf_adds(&many, "]}");
    cloud_refuses(&c, AWS_OP_LOGS_FILTER_LOG_EVENTS, strbuf_str(&many), "InvalidParameterException",
                  "1 to 100");
    strbuf_clear(&many);
    cloud_refuses(&c, AWS_OP_LOGS_FILTER_LOG_EVENTS, "{'logGroupName':'g','startTime':-1}",
                  "InvalidParameterException", "startTime");
    cloud_refuses(&c, AWS_OP_LOGS_FILTER_LOG_EVENTS, "{'logGroupName':'g','filterPattern':'a:b'}",
                  "InvalidParameterException", "Invalid character(s) in term ':'");
}

Test(cloud_logs, describes_groups_and_streams)
{
    cloud_do(&c, AWS_OP_LOGS_CREATE_LOG_GROUP, "{'logGroupName':'/aws/x'}");
    cloud_do(&c, AWS_OP_LOGS_CREATE_LOG_STREAM, "{'logGroupName':'g','logStreamName':'r'}");
    put("s", 0, 1);
    cJSON *out = cloud_call(&c, AWS_OP_LOGS_DESCRIBE_LOG_GROUPS, "{'limit':1}");
    cr_expect_str_eq(cloud_member(out, "logGroups.0.logGroupName")->valuestring, "/aws/x");
    cr_expect_not_null(json_str(out, "nextToken"));
    cJSON_Delete(out);
    out = cloud_call(&c, AWS_OP_LOGS_DESCRIBE_LOG_GROUPS, "{'logGroupNamePrefix':'g'}");
    cr_expect_eq(cJSON_GetArraySize(json_array(out, "logGroups")), 1);
    cJSON_Delete(out);
    out = cloud_call(&c, AWS_OP_LOGS_DESCRIBE_LOG_STREAMS,
                     "{'logGroupName':'g','orderBy':'LastEventTime'}");
    cr_expect_str_eq(cloud_member(out, "logStreams.0.logStreamName")->valuestring, "s");
    cJSON_Delete(out);
    cloud_refuses(&c, AWS_OP_LOGS_DESCRIBE_LOG_STREAMS,
                  "{'logGroupName':'g','orderBy':'LastEventTime','logStreamNamePrefix':'s'}",
                  "InvalidParameterException", "logStreamNamePrefix");
}

Test(cloud_logs, what_is_wrong_is_refused)
{
    cloud_refuses(&c, AWS_OP_LOGS_CREATE_LOG_GROUP, "{'logGroupName':'g'}",
                  "ResourceAlreadyExistsException", "already exists");
    cloud_refuses(&c, AWS_OP_LOGS_CREATE_LOG_GROUP, "{'logGroupName':'a b'}",
                  "InvalidParameterException", "logGroupName");
    cloud_refuses(&c, AWS_OP_LOGS_CREATE_LOG_STREAM, "{'logGroupName':'no','logStreamName':'s'}",
                  "ResourceNotFoundException", "log group");
    cloud_refuses(&c, AWS_OP_LOGS_GET_LOG_EVENTS, "{'logGroupName':'g','logStreamName':'no'}",
                  "ResourceNotFoundException", "log stream does not exist");
    cloud_refuses(&c, AWS_OP_LOGS_GET_LOG_EVENTS,
                  "{'logGroupName':'g','logStreamName':'s','nextToken':'f/1'}",
                  "InvalidParameterException", "nextToken");
    cloud_refuses(&c, AWS_OP_LOGS_PUT_LOG_EVENTS,
                  "{'logGroupName':'g','logStreamName':'s','logEvents':[{'timestamp':9,'message':"
                  "'a'},{'timestamp':8,'message':'b'}]}",
                  "InvalidParameterException", "chronological");
}
