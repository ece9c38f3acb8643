/* The stream's order through everything that shards do: a server that splits and closes shards,
 * delivers twice and out of order, forgets iterators and trims, as told. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/strbuf.h"
#include "fake_http.h"
#include "ops/follow.h"
#include "ops_cloud.h"

enum { ITEMS = 24, SHARDS = 64, RECORDS = 4000, BODIES = 1000 };

static const char arn[] = "arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/x";

struct record {
    int item, version; /* version 0: it was deleted */
    int sequence;
};

/* Guarded by `lock`: the server's threads read it. */
static struct stream_server {
    pthread_mutex_t lock;
    struct {
        int parent, low, high; /* items of this range are written to it; parent -1: none */
        bool open;
        struct record records[RECORDS];
        int len, trimmed;
    } shards[SHARDS];
    int shards_len;
    int sequence;
    int epoch;      /* iterators of an older one have expired */
    bool keys_only; /* the view type: no images */
    bool messy;     /* delivers some records again, and a page not in its order */
    bool lags;      /* DescribeStream still shows closed shards as open */
    uint32_t random;
    char *bodies[BODIES];
    int bodies_len;
} sv = {.lock = PTHREAD_MUTEX_INITIALIZER};

static struct ops_cloud c;
static struct fake_http *http;
static struct ops *o;

/* What came, as a list would hold it. */
static int truth[ITEMS], shown[ITEMS];

static uint32_t next(uint32_t *r)
{
    *r ^= *r << 13;
    *r ^= *r >> 17;
    *r ^= *r << 5;
    return *r;
}

/* ---- the server ---- */

static const char *keep(char *body)
{
    char **at = &sv.bodies[sv.bodies_len++ % BODIES];

    free(*at); /* sent long ago */
    *at = body;
    return body;
}

static char *describe(void)
{
    struct strbuf b = STRBUF_INIT;

    strbuf_adds(&b, "{\"StreamDescription\":{\"Shards\":[");
    for (int i = 0; i < sv.shards_len; i++) {
        strbuf_addf(&b, "%s{\"ShardId\":\"s%d\",\"SequenceNumberRange\":{%s}", i > 0 ? "," : "", i,
                    sv.shards[i].open || sv.lags ? "" : "\"EndingSequenceNumber\":\"9\"");
        if (sv.shards[i].parent >= 0) {
            strbuf_addf(&b, ",\"ParentShardId\":\"s%d\"", sv.shards[i].parent);
        }
        strbuf_addc(&b, '}');
    }
    strbuf_adds(&b, "]}}");
    char *text = xstrdup(strbuf_str(&b));
    strbuf_clear(&b);
    return text;
}

static char *iterator(const cJSON *in)
{
    int s = atoi(json_str_or(in, "ShardId", "s0") + 1);
    const char *type = json_str_or(in, "ShardIteratorType", "");
    int at = strcmp(type, "LATEST") == 0 ? sv.shards[s].len : sv.shards[s].trimmed;

    if (strcmp(type, "AFTER_SEQUENCE_NUMBER") == 0) {
        int after = atoi(json_str_or(in, "SequenceNumber", "0"));
        for (at = 0; at < sv.shards[s].len && sv.shards[s].records[at].sequence <= after;) {
            at++;
        }
        if (at < sv.shards[s].trimmed) {
            return xstrdup("!TrimmedDataAccessException");
        }
    }
    return xasprintf("{\"ShardIterator\":\"%d|%d|%d\"}", s, at, sv.epoch);
}

static void add_record(struct strbuf *b, const struct record *r)
{
    char image[200] = "";

    if (r->version > 0 && !sv.keys_only) {
        (void)snprintf(image, sizeof image,
                       ",\"NewImage\":{\"jobId\":{\"S\":\"j%d\"},\"progress\":{\"N\":\"%d\"},"
                       "\"stepTimes\":{\"M\":{\"INIT\":{\"S\":\"2025-08-20T10:30:00Z\"}}}}",
                       r->item, r->version % 100);
    }
    strbuf_addf(b,
                "%s{\"eventName\":\"%s\",\"dynamodb\":{\"Keys\":{\"jobId\":{\"S\":\"j%d\"}},"
                "\"SequenceNumber\":\"%d\"%s}}",
                b->len > 12 ? "," : "", r->version == 0 ? "REMOVE" : "MODIFY", r->item, r->sequence,
                image);
}

static char *records(const cJSON *in)
{
    struct strbuf b = STRBUF_INIT;
    int s = 0, at = 0, epoch = 0;

    if (sscanf(json_str_or(in, "ShardIterator", ""), "%d|%d|%d", &s, &at, &epoch) != 3) {
        return xstrdup("!ValidationException");
    }
    if (epoch != sv.epoch) {
        return xstrdup(sv.epoch % 2 == 0 ? "!ExpiredIteratorException" : "!ValidationException");
    }
    if (at < sv.shards[s].trimmed) {
        return xstrdup("!TrimmedDataAccessException");
    }
    int n = 1 + (int)(next(&sv.random) % 9), end = at + n;
    end = end > sv.shards[s].len ? sv.shards[s].len : end;
    int from = sv.messy && at > 3 ? at - 3 : at;
    strbuf_adds(&b, "{\"Records\":[");
    if (sv.messy && next(&sv.random) % 2 == 0) {
        for (int i = end - 1; i >= from; i--) {
            add_record(&b, &sv.shards[s].records[i]);
        }
    } else {
        for (int i = from; i < end; i++) {
            add_record(&b, &sv.shards[s].records[i]);
        }
    }
    strbuf_addc(&b, ']');
    if (sv.shards[s].open || end < sv.shards[s].len) {
        strbuf_addf(&b, ",\"NextShardIterator\":\"%d|%d|%d\"", s, end, sv.epoch);
    }
    strbuf_addc(&b, '}');
    char *text = xstrdup(strbuf_str(&b));
    strbuf_clear(&b);
    return text;
}

/* BatchGetItem: what the table holds now. */
static char *items(const cJSON *in)
{
    struct strbuf b = STRBUF_INIT;
    const cJSON *table = json_object(in, "RequestItems"), *k;
    bool first = true;

    table = table == NULL ? NULL : table->child;
    strbuf_addf(&b, "{\"Responses\":{\"t\":[");
    cJSON_ArrayForEach(k, json_array(table, "Keys"))
    {
        int i = atoi(json_str_or(json_object(k, "jobId"), "S", "j0") + 1);
        if (truth[i] > 0) {
            strbuf_addf(&b, "%s{\"jobId\":{\"S\":\"j%d\"},\"progress\":{\"N\":\"%d\"}}",
                        first ? "" : ",", i, truth[i] % 100);
            first = false;
        }
    }
    strbuf_adds(&b, "]}}");
    char *text = xstrdup(strbuf_str(&b));
    strbuf_clear(&b);
    return text;
}

static struct fake_reply answer(void *arg, const struct fake_request *r, size_t n)
{
    char target[100];
    struct fake_reply reply = {.status = 200};
    cJSON *in = json_parse(r->body, r->body_len, "request", NULL);
    char *text;

    (void)arg;
    (void)n;
    (void)fake_header(r, "X-Amz-Target", target, sizeof target);
    (void)pthread_mutex_lock(&sv.lock);
    if (strstr(target, "DescribeStream") != NULL) {
        text = describe();
    } else if (strstr(target, "GetShardIterator") != NULL) {
        text = iterator(in);
    } else if (strstr(target, "GetRecords") != NULL) {
        text = records(in);
    } else {
        text = items(in);
    }
    if (text[0] == '!') {
        char *error = xasprintf("{\"__type\":\"x#%s\",\"message\":\"no\"}", text + 1);
        free(text);
        text = error;
        reply.status = 400;
    }
    reply.body = keep(text);
    (void)pthread_mutex_unlock(&sv.lock);
    cJSON_Delete(in);
    return reply;
}

/* ---- what happens to the table ---- */

static int add_shard(int parent, int low, int high)
{
    int s = sv.shards_len++;

    cr_assert_lt(s, SHARDS);
    sv.shards[s].parent = parent;
    sv.shards[s].low = low;
    sv.shards[s].high = high;
    sv.shards[s].open = true;
    return s;
}

static int shard_of(int item)
{
    for (int s = 0; s < sv.shards_len; s++) {
        if (sv.shards[s].open && item >= sv.shards[s].low && item <= sv.shards[s].high) {
            return s;
        }
    }
    return -1;
}

static void change(int item, int version)
{
    (void)pthread_mutex_lock(&sv.lock);
    int s = shard_of(item);
    cr_assert(s >= 0 && sv.shards[s].len < RECORDS);
    sv.sequence++;
    sv.shards[s].records[sv.shards[s].len++] =
        (struct record){.item = item, .version = version, .sequence = sv.sequence};
    truth[item] = version;
    (void)pthread_mutex_unlock(&sv.lock);
}

/* A shard is closed; it rolls into one child, or splits into two. */
static void roll(int s, bool split)
{
    (void)pthread_mutex_lock(&sv.lock);
    int low = sv.shards[s].low, high = sv.shards[s].high, middle = (low + high) / 2;
    sv.shards[s].open = false;
    if (split && low < high) {
        (void)add_shard(s, low, middle);
        (void)add_shard(s, middle + 1, high);
    } else {
        (void)add_shard(s, low, high);
    }
    (void)pthread_mutex_unlock(&sv.lock);
}

static void setup(void)
{
    ops_cloud_start(&c, &(struct ops_cloud_options){0});
    http = fake_http_start_with(answer, NULL);
    o = ops_cloud_at(&c, fake_http_url(http));
    sv.random = 1;
    sv.sequence = 990; /* so that the numbers soon have a digit more */
    (void)add_shard(-1, 0, ITEMS / 2 - 1);
    (void)add_shard(-1, ITEMS / 2, ITEMS - 1);
}

static void teardown(void)
{
    ops_free(o);
    fake_http_stop(http);
    for (int i = 0; i < BODIES; i++) {
        free(sv.bodies[i]);
    }
    ops_cloud_stop(&c);
}

TestSuite(follow_shards, .init = setup, .fini = teardown, .timeout = 120);

static bool take(void *arg, struct job **jobs, size_t len)
{
    (void)arg;
    for (size_t i = 0; i < len; i++) {
        shown[atoi(jobs[i]->id + 1)] = jobs[i]->progress;
        job_free(jobs[i]);
    }
    free(jobs);
    return true;
}

static void gone(void *arg, const char *id)
{
    (void)arg;
    shown[atoi(id + 1)] = 0;
}

static bool read_once(struct stream_cursor *cur)
{
    struct err e = {0};
    bool gap = false;

    cr_assert_eq(ops_read_stream(o, arn, cur, take, gone, NULL, &gap, &e), E_OK, "%s", e.msg);
    return gap;
}

static void expect_truth(const char *what)
{
    for (int i = 0; i < ITEMS; i++) {
        cr_expect_eq(shown[i], truth[i], "%s: j%d shown as %d, is %d", what, i, shown[i], truth[i]);
    }
}

static void play(struct stream_cursor *cur, uint32_t seed, int changes)
{
    uint32_t r = seed;

    for (int i = 0; i < changes; i++) {
        int item = (int)(next(&r) % ITEMS);
        change(item, next(&r) % 5 == 0 ? 0 : 1 + (int)(next(&r) % 99));
        if (next(&r) % 40 == 0 && sv.shards_len < SHARDS - 4) {
            roll(shard_of(item), next(&r) % 2 == 0);
        }
        if (next(&r) % 60 == 0) {
            sv.epoch++;
        }
        if (next(&r) % 7 == 0) {
            cr_assert_not(read_once(cur), "a gap after %d changes", i);
        }
    }
    for (int i = 0; i < 60; i++) {
        cr_assert_not(read_once(cur));
    }
}

/* Seeds, each in order, messy, and with keys only. */
ParameterizedTestParameters(follow_shards, what_is_shown_is_what_is_there)
{
    static uint32_t runs[9];

    for (uint32_t i = 0; i < 9; i++) {
        runs[i] = i;
    }
    return cr_make_param_array(uint32_t, runs, 9);
}

ParameterizedTest(uint32_t *run, follow_shards, what_is_shown_is_what_is_there)
{
    struct stream_cursor *cur = stream_cursor_new();
    uint32_t seed = 77 + *run / 3 * 4165;

    sv.messy = *run % 3 == 1;
    sv.keys_only = *run % 3 == 2;
    /* Each shard has a place before an iterator can expire: else what came meanwhile is unknown. */
    cr_assert_not(read_once(cur));
    for (int i = 0; i < ITEMS; i++) {
        change(i, 1);
    }
    cr_assert_not(read_once(cur));
    cr_assert_not(read_once(cur));
    play(cur, seed, 600);
    expect_truth("in the end");
    stream_cursor_free(cur);
}

Test(follow_shards, a_child_waits_for_its_parents_end_also_when_both_look_open)
{
    struct stream_cursor *cur = stream_cursor_new();

    sv.lags = true;
    roll(0, false); /* s2 is the child of s0, and s0 is still shown as open */
    sv.shards[0].open = true;
    sv.shards[2].open = false;
    cr_assert_not(read_once(cur));
    change(3, 10); /* to the parent */
    sv.shards[0].open = false;
    sv.shards[2].open = true;
    change(3, 20); /* to the child */
    sv.lags = false;
    for (int i = 0; i < 4; i++) {
        cr_assert_not(read_once(cur));
    }
    cr_expect_eq(shown[3], 20, "the child's record is the later one: %d", shown[3]);
    stream_cursor_free(cur);
}

Test(follow_shards, trimmed_records_are_a_gap_and_the_cursor_goes_on_from_now)
{
    struct stream_cursor *cur = stream_cursor_new();

    cr_assert_not(read_once(cur));
    change(1, 5);
    cr_assert_not(read_once(cur));
    for (int i = 0; i < 20; i++) {
        change(1, 10 + i);
    }
    sv.shards[0].trimmed = 15;
    cr_assert(read_once(cur), "something was missed");
    change(1, 77);
    cr_assert_not(read_once(cur));
    cr_expect_eq(shown[1], 77);
    stream_cursor_free(cur);
}

Test(follow_shards, an_iterator_lost_before_the_first_record_is_a_gap)
{
    struct stream_cursor *cur = stream_cursor_new();

    cr_assert_not(read_once(cur));
    sv.epoch++;
    change(1, 5);
    cr_assert(read_once(cur), "nobody knows what came since then");
    stream_cursor_free(cur);
}

Test(follow_shards, shards_that_end_for_good_stay_in_the_cursor_as_closed_and_end_in_a_gap)
{
    struct stream_cursor *cur = stream_cursor_new();
    bool gap = false;
    int reads = 0;

    cr_assert_not(read_once(cur));
    change(1, 5);
    sv.shards[0].open = sv.shards[1].open = false; /* as of a table that was deleted */
    cr_assert_not(read_once(cur));
    cr_expect_eq(shown[1], 5, "its last records are read");
    cr_assert_gt(cur->shards[0].closed, 0, "the caller can see it, and asks for the table");
    while (!gap && reads++ < 40) {
        gap = read_once(cur);
    }
    cr_expect(gap);
    cr_expect_eq(cur->len, 0, "no shard is open");
    stream_cursor_free(cur);
}
