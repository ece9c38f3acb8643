/* Searching in the logs of many jobs: pages, parts of the range, streams and their jobs, and what
 * ends a search. The logs come from a script; the rest from a local cloud. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/strbuf.h"
#include "fake_http.h"
#include "ops/log_search.h"
#include "ops/logs.h"
#include "ops_cloud.h"

static struct ops_cloud c;
static struct fake_http *fake;
static struct ops *o; /* its logs come from `fake` */

static void teardown(void)
{
    ops_free(o);
    if (fake != NULL) {
        fake_http_stop(fake);
    }
    ops_cloud_stop(&c);
}

TestSuite(log_search, .fini = teardown, .timeout = 120);

#define TYPE "Content-Type: application/x-amz-json-1.1\r\n"
#define EVENT(ms, stream, text)                                                                    \
    "{\"timestamp\":" ms ",\"message\":\"" text "\",\"logStreamName\":\"" stream                   \
    "\",\"ingestionTime\":1,\"eventId\":\"1\"}"
#define PAGE(events, more)                                                                         \
    {                                                                                              \
        .headers = TYPE, .body = "{\"events\":[" events "],\"searchedLogStreams\":[]" more "}"     \
    }
#define NEXT(token) ",\"nextToken\":\"" token "\""

static void use(struct fake_http *f)
{
    fake = f;
    (void)setenv("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", fake_http_url(fake), 1);
    o = ops_cloud_again(&c);
    (void)unsetenv("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS");
}

static void scripted(const struct fake_reply *script, size_t len)
{
    ops_cloud_start(&c, &(struct ops_cloud_options){0});
    use(fake_http_start(script, len));
}

/* "text@stream=job " for each hit. */
struct found {
    struct strbuf text;
    size_t enough; /* after so many hits no more are wanted; 0: all are */
    size_t hits;
};

static bool on_hit(void *arg, const struct log_hit *h)
{
    struct found *f = arg;

    strbuf_addf(&f->text, "%s@%s=%s ", h->text, h->stream, h->job_id == NULL ? "?" : "job");
    f->hits++;
    return f->hits != f->enough;
}

/* A search over the last half hour: one part, so that the script's order is that of the pages. */
static struct log_search half_an_hour(struct found *f)
{
    return (struct log_search){.pattern = "\"x\"",
                               .since_ms = clock_wall_ms(NULL) - INT64_C(1800000),
                               .hit = on_hit,
                               .arg = f};
}

Test(log_search, an_empty_page_with_a_token_is_not_the_end_and_no_hit_is_dropped)
{
    static const struct fake_reply script[] = {
        PAGE("", NEXT("t1")), PAGE(EVENT("2", "s", "two") "," EVENT("1", "s", "one"), NEXT("t2")),
        PAGE("", NEXT("t3")), PAGE(EVENT("3", "z", "three"), "")};
    struct found f = {.text = STRBUF_INIT};
    struct log_search q = half_an_hour(&f);
    struct log_search_result r;
    struct err e = {0};

    scripted(script, 4);
    cr_assert_eq(ops_log_search(o, &q, &r, &e), E_OK, "%s", e.msg);
    cr_expect_str_eq(strbuf_str(&f.text), "one@s=? two@s=? three@z=? ");
    cr_expect_eq(r.end, LOG_SEARCH_THROUGH);
    cr_expect_eq(r.hits, 3);
    cr_expect_eq(r.unknown, 3, "their jobs are not known");
    cr_expect_eq(fake_http_requests(fake), 4);
    const char *body = fake_http_request(fake, 3)->body;
    cr_expect_not_null(strstr(body, "\"nextToken\":\"t3\""), "%s", body);
    cr_expect_not_null(strstr(body, "\"filterPattern\":\"\\\"x\\\"\""), "%s", body);
    cr_expect_null(strstr(body, "logStreamNames"), "%s", body);
    strbuf_clear(&f.text);
}

Test(log_search, a_page_that_names_itself_as_the_next_is_an_error)
{
    static const struct fake_reply script[] = {PAGE("", NEXT("t1"))};
    struct found f = {.text = STRBUF_INIT};
    struct log_search q = half_an_hour(&f);
    struct log_search_result r;
    struct err e = {0};

    scripted(script, 1);
    cr_expect_eq(ops_log_search(o, &q, &r, &e), E_SERVICE);
    cr_expect_not_null(strstr(e.msg, "again and again"), "%s", e.msg);
}

Test(log_search, a_reply_without_events_is_not_taken_for_none)
{
    static const struct fake_reply script[] = {
        {.headers = TYPE, .body = "{\"events\":{\"a\":1}}"}
    };
    struct found f = {.text = STRBUF_INIT};
    struct log_search q = half_an_hour(&f);
    struct log_search_result r;
    struct err e = {0};

    scripted(script, 1);
    cr_expect_eq(ops_log_search(o, &q, &r, &e), E_PARSE);
    cr_expect_not_null(strstr(e.msg, "the reply has no events"), "%s", e.msg);
    cr_expect_eq(r.reached_ms, q.since_ms, "nothing is known to be read");
    strbuf_clear(&f.text);
}

Test(log_search, the_range_is_read_in_parts_that_leave_nothing_out_and_overlap_nowhere)
{
    static const struct fake_reply script[] = {PAGE("", "")};
    struct found f = {.text = STRBUF_INIT};
    struct log_search q = half_an_hour(&f);
    struct log_search_result r;
    struct err e = {0};
    int64_t next = clock_wall_ms(NULL) - INT64_C(2) * 24 * 3600 * 1000;

    q.since_ms = next;
    scripted(script, 1);
    cr_assert_eq(ops_log_search(o, &q, &r, &e), E_OK, "%s", e.msg);
    size_t n = fake_http_requests(fake);
    cr_expect_eq(n, 24);
    for (size_t i = 0; i < n; i++) {
        const char *body = fake_http_request(fake, i)->body;
        cJSON *in = json_parse(body, strlen(body), "test", NULL);
        cr_expect_eq(json_int(in, "startTime", 0), next, "part %zu", i);
        next = json_int(in, "endTime", -1) + 1; /* both ends belong to a call */
        cJSON_Delete(in);
    }
    cr_expect_eq(next, 0, "the last one has no end: lines may come meanwhile");
    cr_expect_gt(r.reached_ms, q.since_ms);
}

Test(log_search, the_limit_ends_it_and_says_how_far_it_came)
{
    static const struct fake_reply script[] = {
        PAGE(EVENT("1", "s", "a") "," EVENT("2", "s", "b") "," EVENT("3", "s", "c"), NEXT("t"))};
    struct found f = {.text = STRBUF_INIT};
    struct log_search q = half_an_hour(&f);
    struct log_search_result r;
    struct err e = {0};

    q.limit = 2;
    scripted(script, 1);
    cr_assert_eq(ops_log_search(o, &q, &r, &e), E_OK, "%s", e.msg);
    cr_expect_str_eq(strbuf_str(&f.text), "a@s=? b@s=? ");
    cr_expect_eq(r.end, LOG_SEARCH_LIMIT);
    cr_expect_eq(r.reached_ms, q.since_ms);
    cr_expect_eq(fake_http_requests(fake), 1);
    const char *body = fake_http_request(fake, 0)->body;
    cr_expect_not_null(strstr(body, "\"limit\":3"), "one more tells whether there are more: %s",
                       body);
    strbuf_clear(&f.text);
}

Test(log_search, as_many_hits_as_the_limit_at_the_end_are_all)
{
    static const struct fake_reply script[] = {
        PAGE(EVENT("1", "s", "a") "," EVENT("2", "s", "b"), "")};
    struct found f = {.text = STRBUF_INIT};
    struct log_search q = half_an_hour(&f);
    struct log_search_result r;

    q.limit = 2;
    scripted(script, 1);
    cr_assert_eq(ops_log_search(o, &q, &r, NULL), E_OK);
    cr_expect_eq(r.end, LOG_SEARCH_THROUGH);
    cr_expect_eq(r.hits, 2);
    strbuf_clear(&f.text);
}

Test(log_search, who_wants_no_more_ends_it)
{
    static const struct fake_reply script[] = {
        PAGE(EVENT("1", "s", "a") "," EVENT("2", "s", "b"), NEXT("t"))};
    struct found f = {.text = STRBUF_INIT, .enough = 1};
    struct log_search q = half_an_hour(&f);
    struct log_search_result r;

    scripted(script, 1);
    cr_assert_eq(ops_log_search(o, &q, &r, NULL), E_OK);
    cr_expect_eq(r.end, LOG_SEARCH_LEFT);
    cr_expect_str_eq(strbuf_str(&f.text), "a@s=? ");
    cr_expect_eq(fake_http_requests(fake), 1);
    strbuf_clear(&f.text);
}

Test(log_search, a_lost_network_keeps_what_was_found)
{
    static const struct fake_reply script[] = {PAGE(EVENT("1", "s", "found"), NEXT("t")),
                                               {.deed = FAKE_CLOSE}};
    struct found f = {.text = STRBUF_INIT};
    struct log_search q = half_an_hour(&f);
    struct log_search_result r;
    struct err e = {0};

    scripted(script, 2);
    enum err_code rc = ops_log_search(o, &q, &r, &e);
    cr_expect_eq(rc, E_NET, "%s: %s", err_name(rc), e.msg);
    cr_expect_str_eq(strbuf_str(&f.text), "found@s=? ");
    cr_expect_eq(r.hits, 1);
    cr_expect_eq(r.reached_ms, q.since_ms, "nothing is known to be read to its end");
    strbuf_clear(&f.text);
}

#define THROTTLED                                                                                  \
    {                                                                                              \
        .status = 400, .headers = TYPE,                                                            \
        .body = "{\"__type\":\"ThrottlingException\",\"message\":\"Rate exceeded\"}"               \
    }

Test(log_search, throttling_in_the_middle_is_waited_for_longer_than_a_call_does)
{
    static const struct fake_reply script[] = {PAGE(EVENT("1", "s", "a"), NEXT("t1")), THROTTLED,
                                               PAGE(EVENT("2", "s", "b"), "")};
    struct found f = {.text = STRBUF_INIT};
    struct log_search q = half_an_hour(&f);
    struct log_search_result r;
    struct err e = {0};

    (void)setenv("AWS_MAX_ATTEMPTS", "1", 1); /* the client itself tries no second time */
    scripted(script, 3);
    (void)unsetenv("AWS_MAX_ATTEMPTS");
    cr_assert_eq(ops_log_search(o, &q, &r, &e), E_OK, "%s", e.msg);
    cr_expect_str_eq(strbuf_str(&f.text), "a@s=? b@s=? ");
    const char *body = fake_http_request(fake, 2)->body;
    cr_expect_not_null(strstr(body, "\"nextToken\":\"t1\""), "the same page: %s", body);
    strbuf_clear(&f.text);
}

Test(log_search, a_stop_in_the_pause_of_a_throttled_call_is_no_throttling)
{
    static const struct fake_reply script[] = {THROTTLED};
    struct found f = {.text = STRBUF_INIT};
    struct log_search q = half_an_hour(&f);
    struct log_search_result r;
    struct err e = {0};

    (void)setenv("AWS_MAX_ATTEMPTS", "1", 1);
    scripted(script, 1);
    (void)unsetenv("AWS_MAX_ATTEMPTS");
    ops_stop(o, true);
    aws_client_stop(o->aws, false); /* the call is made all the same; the pause ends at once */
    enum err_code rc = ops_log_search(o, &q, &r, &e);
    cr_expect_eq(rc, E_CANCELLED, "%s: %s", err_name(rc), e.msg);
    cr_expect_eq(fake_http_requests(fake), 1);
    strbuf_clear(&f.text);
}

Test(log_search, the_time_ends_it_also_in_a_call_that_gets_no_answer)
{
    static const struct fake_reply script[] = {PAGE(EVENT("1", "s", "a"), NEXT("t")),
                                               {.deed = FAKE_HANG}};
    struct found f = {.text = STRBUF_INIT};
    struct log_search q = half_an_hour(&f);
    struct log_search_result r;
    struct err e = {0};

    q.max_ms = 3000;
    scripted(script, 2);
    cr_assert_eq(ops_log_search(o, &q, &r, &e), E_OK, "%s", e.msg);
    cr_expect_eq(r.end, LOG_SEARCH_TIME);
    strbuf_clear(&f.text);
}

/* ---- jobs ---- */

static void deploy(char id[JOB_ID_SIZE], char stream[512])
{
    struct deploy_request r;
    struct deploy_result out;
    struct log_cursor at;
    struct err e = {0};

    ops_cloud_request(&r, "My Startup");
    cr_assert_eq(ops_deploy(c.ops, &r, &out, &e), E_OK, "%s", e.msg);
    (void)snprintf(id, JOB_ID_SIZE, "%s", out.job_id);
    deploy_request_clear(&r);
    ops_cloud_wait_batch(&c, id, BATCH_SUCCEEDED);
    cr_assert_eq(ops_log_open(c.ops, id, 0, TIME_NONE, &at, &e), E_OK, "%s", e.msg);
    (void)snprintf(stream, 512, "%s", at.stream);
}

/* The logs of a service in which one stream is not there. */
static struct fake_reply without_stream(void *arg, const struct fake_request *r, size_t n)
{
    char target[128];
    const char *gone = arg;

    (void)n;
    if (strstr(fake_header(r, "X-Amz-Target", target, sizeof target), "DescribeLogGroups") !=
        NULL) {
        return (struct fake_reply){
            .headers = TYPE, .body = "{\"logGroups\":[{\"logGroupName\":\"/aws/batch/job\"}]}"};
    }
    if (strstr(r->body, gone) != NULL) {
        return (struct fake_reply){.status = 400,
                                   .headers = TYPE,
                                   .body = "{\"__type\":\"ResourceNotFoundException\",\"message\":"
                                           "\"The specified log stream does not exist.\"}"};
    }
    return (struct fake_reply){.headers = TYPE, .body = "{\"events\":[" EVENT("1", "s", "x") "]}"};
}

Test(log_search, a_stream_that_is_not_there_does_not_hide_the_others)
{
    char id[3][JOB_ID_SIZE];
    char stream[3][512];
    struct found f = {.text = STRBUF_INIT};
    struct log_search q = half_an_hour(&f);
    struct log_search_result r;
    struct err e = {0};

    ops_cloud_start(&c, &(struct ops_cloud_options){.script = "echo line"});
    for (size_t i = 0; i < 3; i++) {
        deploy(id[i], stream[i]);
    }
    use(fake_http_start_with(without_stream, stream[1]));
    q.status = "cancelled";
    cr_assert_eq(ops_log_search(o, &q, &r, &e), E_OK, "%s", e.msg);
    cr_expect_eq(r.jobs, 0);
    cr_expect_eq(fake_http_requests(fake), 0, "there is no such job, so no log to search");
    q.status = NULL;
    q.user_id = "user123";
    cr_assert_eq(ops_log_search(o, &q, &r, &e), E_OK, "%s", e.msg);
    cr_expect_eq(r.jobs, 3);
    cr_expect_eq(r.streams, 3);
    cr_expect_eq(r.gone, 1);
    cr_expect_eq(r.not_searched, 0);
    bool asked[3] = {false};
    for (size_t i = 0; i < fake_http_requests(fake); i++) {
        const char *body = fake_http_request(fake, i)->body;
        for (size_t k = 0; k < 3; k++) {
            asked[k] = asked[k] || (strstr(body, stream[k]) != NULL &&
                                    (k == 1 || strstr(body, stream[1]) == NULL));
        }
    }
    cr_expect(asked[0] && asked[1] && asked[2], "each of the others was asked without it");
    strbuf_clear(&f.text);
}

Test(log_search, jobs_by_their_ids_are_searched_alone)
{
    char id[2][JOB_ID_SIZE];
    char stream[2][512];
    struct found f = {.text = STRBUF_INIT};
    struct log_search q = half_an_hour(&f);
    struct log_search_result r;
    struct err e = {0};

    ops_cloud_start(&c, &(struct ops_cloud_options){.script = "echo line"});
    for (size_t i = 0; i < 2; i++) {
        deploy(id[i], stream[i]);
    }
    const char *const ids[] = {id[1], "job_of_nobody"};
    use(fake_http_start_with(without_stream, stream[0]));
    q.job_ids = ids;
    q.job_ids_len = 2;
    cr_assert_eq(ops_log_search(o, &q, &r, &e), E_OK, "%s", e.msg);
    cr_expect_eq(r.jobs, 2);
    cr_expect_eq(r.not_searched, 1, "a job without a record has no known streams");
    cr_expect_eq(r.streams, 1);
    cr_assert_eq(fake_http_requests(fake), 1);
    cr_expect_not_null(strstr(fake_http_request(fake, 0)->body, stream[1]));
    cr_expect_null(strstr(fake_http_request(fake, 0)->body, stream[0]));
    cr_expect_eq(r.hits, 1);
    strbuf_clear(&f.text);
}

/* Wants no more after the first page. */
static bool enough(void *arg, const struct log_search_state *s)
{
    (void)arg;
    return s->hits == 0;
}

Test(log_search, who_asked_may_end_it_and_keeps_what_was_found)
{
    static const struct fake_reply script[] = {PAGE(EVENT("1", "s", "a"), NEXT("t1")),
                                               PAGE(EVENT("2", "s", "b"), NEXT("t2"))};
    struct found f = {.text = STRBUF_INIT};
    struct log_search q = half_an_hour(&f);
    struct log_search_result r;
    struct err e = {0};

    q.progress = enough;
    scripted(script, 2);
    cr_assert_eq(ops_log_search(o, &q, &r, &e), E_OK, "%s", e.msg);
    cr_expect_eq(r.end, LOG_SEARCH_STOPPED);
    cr_expect_eq(fake_http_requests(fake), 1);
    cr_expect_str_eq(strbuf_str(&f.text), "a@s=? ");
    cr_expect_eq(r.reached_ms, q.since_ms);
    strbuf_clear(&f.text);
}

static struct fake_reply deleted_after_a_page(void *arg, const struct fake_request *r, size_t n)
{
    return strstr(r->body, "nextToken") != NULL
               ? without_stream(arg, r, n)
               : (struct fake_reply)PAGE(EVENT("1", "s", "x"), NEXT("t1"));
}

Test(log_search, a_stream_deleted_behind_lines_that_were_shown_ends_the_search_and_shows_none_twice)
{
    char id[JOB_ID_SIZE];
    char stream[512];
    struct found f = {.text = STRBUF_INIT};
    struct log_search q = half_an_hour(&f);
    struct log_search_result r;
    struct err e = {0};

    ops_cloud_start(&c, &(struct ops_cloud_options){.script = "echo line"});
    deploy(id, stream);
    use(fake_http_start_with(deleted_after_a_page, stream));
    q.user_id = "user123";
    cr_expect_eq(ops_log_search(o, &q, &r, &e), E_SERVICE);
    cr_expect_not_null(strstr(e.msg, "was deleted while it was searched"), "%s", e.msg);
    cr_expect_eq(r.hits, 1);
    cr_expect_eq(r.reached_ms, q.since_ms);
    strbuf_clear(&f.text);
}

Test(log_search, hits_of_many_streams_come_in_order_of_time_with_their_jobs)
{
    char id[2][JOB_ID_SIZE];
    char stream[2][512];
    struct found f = {.text = STRBUF_INIT};
    struct log_search q = half_an_hour(&f);
    struct log_search_result r;
    struct err e = {0};

    ops_cloud_start(&c, &(struct ops_cloud_options){.script = "echo \"x of $JOB_ID\""});
    deploy(id[0], stream[0]);
    deploy(id[1], stream[1]);
    cr_assert_eq(ops_log_search(c.ops, &q, &r, &e), E_OK, "%s", e.msg);
    struct strbuf want = STRBUF_INIT;
    strbuf_addf(&want, "x of %s@%s=job x of %s@%s=job ", id[0], stream[0], id[1], stream[1]);
    cr_expect_str_eq(strbuf_str(&f.text), strbuf_str(&want));
    cr_expect_eq(r.unknown, 0);
    strbuf_clear(&f.text);
    q.user_id = "nobody";
    cr_assert_eq(ops_log_search(c.ops, &q, &r, &e), E_OK, "%s", e.msg);
    cr_expect_eq(r.hits, 0);
    q.user_id = NULL;
    q.status = "failed";
    cr_assert_eq(ops_log_search(c.ops, &q, &r, &e), E_OK, "%s", e.msg);
    cr_expect_eq(r.hits, 0);
    strbuf_clear(&want);
    strbuf_clear(&f.text);
}
