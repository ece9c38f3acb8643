/* The search for a job's Batch job against a queue of thousands whose jobs all have the same name:
 * found, none, and not known are three results. The service is a fake one, so that it can fail,
 * dawdle and lie at a chosen page. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "aws_env.h"
#include "core/alloc.h"
#include "core/json.h"
#include "core/path.h"
#include "core/strbuf.h"
#include "fake_http.h"
#include "ops/follow.h"
#include "ops/job_ops.h"
#include "ops/list.h"
#include "ops/outbox.h"

enum { JOBS_MAX = 4000, PAGE = 100 };
static const int64_t minute = 60000;

struct fake_job {
    char id[40];
    char job_id[40];
    int64_t created;
    const char *status;
};

static struct {
    struct fake_job jobs[JOBS_MAX]; /* newest first */
    int len;
    char record_id[40], record_status[16], record_batch[40], request_id[40];
    int64_t record_created;
    int records; /* in a Scan: record_id and so many more, PENDING, without a Batch job */
    /* how it misbehaves; -1: never */
    int list_fails_at, describe_fails_at; /* the n-th call of its kind since the last reset */
    int empty_from;                       /* pages from this one on are empty and never end */
    bool same_token;
    int describe_ms, list_ms;
    int describe_misses;                   /* this job is listed and never described */
    bool late;                             /* the record comes while Batch ends the job */
    const char *list_says, *describe_says; /* in place of any reply of ListJobs, DescribeJobs */
} q;

static struct fake_http *server;
static struct settings *settings;
static struct ops *o;
static atomic_int lists, describes, terminates, events;
static int64_t now;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char *bodies[20000];
static size_t bodies_len;

static const char *keep(char *body)
{
    (void)pthread_mutex_lock(&lock);
    cr_assert(bodies_len < sizeof bodies / sizeof *bodies);
    bodies[bodies_len++] = body;
    (void)pthread_mutex_unlock(&lock);
    return body;
}

static void rest(int ms)
{
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};

    (void)nanosleep(&t, NULL);
}

static struct fake_reply refusal(void)
{
    return (struct fake_reply){.status = 400,
                               .headers = "x-amzn-ErrorType: AccessDeniedException\r\n",
                               .body = "{\"message\":\"no\"}"};
}

static struct fake_reply list_jobs(const cJSON *in)
{
    const cJSON *filter = cJSON_GetArrayItem(json_array(in, "filters"), 0);
    if (filter == NULL) { /* what runs is no part of the search */
        return (struct fake_reply){.body = "{\"jobSummaryList\":[]}"};
    }
    if (q.list_says != NULL) {
        return (struct fake_reply){.body = q.list_says};
    }
    int64_t bound =
        strtoll(cJSON_GetArrayItem(json_array(filter, "values"), 0)->valuestring, NULL, 10);
    bool after = strcmp(json_str(filter, "name"), "AFTER_CREATED_AT") == 0;
    int at = (int)strtol(json_str_or(in, "nextToken", "0"), NULL, 10);
    int n = atomic_fetch_add(&lists, 1);
    struct strbuf b = STRBUF_INIT;
    int given = 0;

    rest(q.list_ms);
    if (q.list_fails_at >= 0 && n >= q.list_fails_at) {
        return refusal();
    }
    strbuf_adds(&b, "{\"jobSummaryList\":[");
    bool hollow = q.empty_from >= 0 && at >= q.empty_from;
    for (; !hollow && at < q.len && given < PAGE; at++) {
        const struct fake_job *j = &q.jobs[at];
        if (after ? j->created > bound : j->created < bound) {
            strbuf_addf(
                &b,
                "%s{\"jobId\":\"%s\",\"jobName\":\"mvp\",\"status\":\"%s\",\"createdAt\":%" PRId64
                "}",
                given++ == 0 ? "" : ",", j->id, j->status, j->created);
        }
    }
    bool more = hollow;
    for (int i = at; i < q.len; i++) {
        more = more || (after ? q.jobs[i].created > bound : q.jobs[i].created < bound);
    }
    strbuf_adds(&b, "]");
    if (more) {
        strbuf_addf(&b, ",\"nextToken\":\"%d\"", q.same_token ? 1 : hollow ? at + 1 : at);
    }
    strbuf_adds(&b, "}");
    return (struct fake_reply){.body = keep(strbuf_take(&b))};
}

static struct fake_reply describe_jobs(const cJSON *in)
{
    int n = atomic_fetch_add(&describes, 1);
    struct strbuf b = STRBUF_INIT;
    const cJSON *id;
    int given = 0;

    rest(q.describe_ms);
    if (q.describe_fails_at >= 0 && n >= q.describe_fails_at) {
        return refusal();
    }
    if (q.describe_says != NULL) {
        return (struct fake_reply){.body = q.describe_says};
    }
    strbuf_adds(&b, "{\"jobs\":[");
    cJSON_ArrayForEach(id, json_array(in, "jobs"))
    {
        for (int i = 0; i < q.len; i++) {
            const struct fake_job *j = &q.jobs[i];
            if (strcmp(j->id, id->valuestring) == 0 && i != q.describe_misses) {
                strbuf_addf(
                    &b,
                    "%s{\"jobId\":\"%s\",\"jobName\":\"mvp\",\"jobQueue\":\"q\",\"status\":\"%s\","
                    "\"createdAt\":%" PRId64
                    ",\"container\":{\"environment\":[{\"name\":\"JOB_ID\",\"value\":\"%s\"}]}}",
                    given++ == 0 ? "" : ",", j->id, j->status, j->created, j->job_id);
            }
        }
    }
    strbuf_adds(&b, "]}");
    return (struct fake_reply){.body = keep(strbuf_take(&b))};
}

static void add_record(struct strbuf *b, const char *id, const char *status, const char *batch)
{
    char at[TIME_ISO_SIZE];

    strbuf_addf(b,
                "{\"jobId\":{\"S\":\"%s\"},\"status\":{\"S\":\"%s\"},\"createdAt\":{\"S\":\"%s\"}",
                id, status, time_iso(q.record_created, at));
    if (batch[0] != '\0') {
        strbuf_addf(b, ",\"batchJobId\":{\"S\":\"%s\"}", batch);
    }
    if (q.request_id[0] != '\0') {
        strbuf_addf(b, ",\"requestId\":{\"S\":\"%s\"}", q.request_id);
    }
    strbuf_adds(b, "}");
}

static struct fake_reply dynamodb(const char *op, const cJSON *in)
{
    const char *key = json_str_or(json_get(json_get(in, "Key"), "jobId"), "S", "");
    struct strbuf b = STRBUF_INIT;

    if (strcmp(op, "GetItem") == 0 && q.late &&
        (atomic_load(&terminates) == 0 || strcmp(key, q.record_id) != 0)) {
        strbuf_adds(&b, "{}");
    } else if (strcmp(op, "BatchGetItem") == 0 && q.late) {
        strbuf_adds(&b, "{\"Responses\":{},\"UnprocessedKeys\":{}}");
    } else if (strcmp(op, "GetItem") == 0) {
        strbuf_adds(&b, "{\"Item\":");
        add_record(&b, q.record_id, q.record_status, q.record_batch);
        strbuf_adds(&b, "}");
    } else if (strcmp(op, "Scan") == 0) {
        strbuf_adds(&b, "{\"Items\":[");
        add_record(&b, q.record_id, q.record_status, q.record_batch);
        for (int i = 0; i < q.records; i++) {
            char id[40];
            (void)snprintf(id, sizeof id, "lonely-%d", i);
            strbuf_adds(&b, ",");
            add_record(&b, id, "PENDING", "");
        }
        strbuf_addf(&b, "],\"Count\":%d,\"ScannedCount\":%d}", q.records + 1, q.records + 1);
    } else if (strcmp(op, "DescribeTable") == 0) {
        strbuf_adds(&b,
                    "{\"Table\":{\"TableName\":\"t\",\"KeySchema\":[{\"AttributeName\":\"jobId\","
                    "\"KeyType\":\"HASH\"}]}}");
    } else {
        strbuf_adds(&b, "{}");
        (void)snprintf(q.record_status, sizeof q.record_status, "CANCELLED");
    }
    return (struct fake_reply){.body = keep(strbuf_take(&b))};
}

static struct fake_reply answer(void *arg, const struct fake_request *r, size_t n)
{
    char target[128];
    const char *dot = strrchr(fake_header(r, "x-amz-target", target, sizeof target), '.');
    cJSON *in = json_parse(r->body, r->body_len, "test", NULL);
    struct fake_reply reply = {.body = "{}"};

    (void)arg;
    (void)n;
    if (dot != NULL && strncmp(target, "AWSEvents", 9) == 0) {
        (void)atomic_fetch_add(&events, strcmp(dot, ".PutEvents") == 0);
    } else if (dot != NULL) {
        reply = dynamodb(dot + 1, in);
    } else if (strcmp(r->path, "/v1/listjobs") == 0) {
        reply = list_jobs(in);
    } else if (strcmp(r->path, "/v1/describejobs") == 0) {
        reply = describe_jobs(in);
    } else if (strcmp(r->path, "/") == 0) { /* STS: whose account it is */
        reply.body = "<R><GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/u</Arn>"
                     "<UserId>AIDAX</UserId><Account>111122223333</Account>"
                     "</GetCallerIdentityResult></R>";
    } else {
        (void)atomic_fetch_add(&terminates, 1);
        const char *id = json_str_or(in, "jobId", "");
        for (int i = 0; i < q.len; i++) {
            if (strcmp(q.jobs[i].id, id) == 0) {
                q.jobs[i].status = "FAILED";
            }
        }
    }
    cJSON_Delete(in);
    return reply;
}

static void ops_start(void)
{
    struct settings_sources none = {.flags = NULL};
    struct err e = {0};

    settings = settings_load(&none, &e);
    cr_assert_not_null(settings, "%s", e.msg);
    o = ops_new(settings, NULL, NULL, &e);
    cr_assert_not_null(o, "%s", e.msg);
}

static void ops_end_now(void)
{
    ops_free(o);
    settings_free(settings);
    o = NULL;
}

/* The next process on the same state folder. */
static void ops_again(void)
{
    ops_end_now();
    ops_start();
    atomic_store(&lists, 0);
    atomic_store(&describes, 0);
}

static void fill(int len)
{
    q.len = len;
    for (int i = 0; i < len; i++) {
        struct fake_job *j = &q.jobs[i];
        (void)snprintf(j->id, sizeof j->id, "batch-%05d", len - i);
        (void)snprintf(j->job_id, sizeof j->job_id, "other-%d", len - i);
        j->status = "SUCCEEDED";
        j->created = now - i * minute / 2;
    }
}

static void setup(void)
{
    (void)aws_env_begin();
    aws_env_keys();
    now = clock_wall_ms(NULL);
    server = fake_http_start_with(answer, NULL);
    (void)setenv("AWS_ENDPOINT_URL", fake_http_url(server), 1);
    char *state = path_join(getenv("HOME"), "state");
    (void)setenv("XDG_STATE_HOME", state, 1);
    free(state);
    q.list_fails_at = q.describe_fails_at = q.empty_from = q.describe_misses = -1;
    (void)snprintf(q.record_id, sizeof q.record_id, "wanted");
    (void)snprintf(q.record_status, sizeof q.record_status, "PENDING");
    fill(3000);
    q.record_created = q.jobs[2900].created;
    ops_start();
}

static void teardown(void)
{
    ops_end_now();
    fake_http_stop(server);
    aws_env_end();
    for (size_t i = 0; i < bodies_len; i++) {
        free(bodies[i]);
    }
}

TestSuite(batch_search, .init = setup, .fini = teardown, .timeout = 120);

static struct job_detail *get(void)
{
    struct job_detail *d = NULL;
    struct err e = {0};

    cr_assert_eq(ops_job_get(o, "wanted", false, &d, &e), E_OK, "%s", e.msg);
    return d;
}

/* Looks at the job once; returns which Batch job it has, "none", or "unknown". */
static void expect(const char *what)
{
    struct job_detail *d = get();
    const char *is = d->batch != NULL ? d->batch->id : d->batch_asked ? "none" : "unknown";

    cr_expect_str_eq(is, what, "%s", d->batch_err.msg);
    cr_expect_eq(d->batch_err.code != E_OK, strcmp(what, "unknown") == 0);
    job_detail_free(d);
}

static void own(int i, const char *status)
{
    (void)snprintf(q.jobs[i].job_id, sizeof q.jobs[i].job_id, "wanted");
    q.jobs[i].status = status;
}

Test(batch_search, a_page_without_a_list_is_not_an_empty_queue)
{
    static const char *const says[] = {"{}", "{\"jobSummaryList\":null}",
                                       "{\"jobSummaryList\":\"none\"}", "{\"jobs\":[]}"};

    own(2850, "RUNNABLE");
    for (size_t i = 0; i < sizeof says / sizeof *says; i++) {
        q.list_says = says[i];
        expect("unknown");
    }
    q.list_says = "{\"jobSummaryList\":[]}";
    expect("none");
}

Test(batch_search, a_record_that_comes_while_its_job_is_ended_says_so)
{
    struct cancel_result r = {0};
    struct err e = {0};

    own(2850, "RUNNING");
    q.late = true;
    cr_assert_eq(ops_cancel(o, "wanted", "wrong", &r, &e), E_OK, "%s", e.msg);
    cr_expect_eq(atomic_load(&terminates), 1);
    cr_expect_str_eq(q.record_status, "CANCELLED");
}

Test(batch_search, a_job_that_is_not_described_at_all_is_not_forgotten)
{
    static const char *const says[] = {"{}", "{\"jobs\":null}", "{\"jobs\":{}}"};

    (void)snprintf(q.record_batch, sizeof q.record_batch, "%s", q.jobs[2850].id);
    (void)snprintf(q.record_status, sizeof q.record_status, "IN_PROGRESS");
    for (size_t i = 0; i < sizeof says / sizeof *says; i++) {
        q.describe_says = says[i];
        expect("unknown");
    }
}

Test(batch_search, the_oldest_of_thousands_is_found_and_each_is_described_once)
{
    own(2850, "RUNNABLE");
    expect("batch-00150");
    cr_expect_leq(atomic_load(&describes), 31);
    for (int i = 0; i < 5; i++) {
        atomic_store(&lists, 0);
        atomic_store(&describes, 0);
        expect("batch-00150");
        cr_expect_leq(atomic_load(&lists), 1);
        cr_expect_leq(atomic_load(&describes), 1);
    }
    ops_again();
    expect("batch-00150");
    cr_expect_leq(atomic_load(&lists), 1, "the next process reads %d pages", atomic_load(&lists));
    cr_expect_leq(atomic_load(&describes), 1);
}

Test(batch_search, a_job_that_starts_late_is_found_among_the_newest)
{
    /* the event is a day younger than its record: a dead letter was sent again */
    own(3, "RUNNING");
    expect("batch-02997");
}

Test(batch_search, none_is_said_after_all_pages)
{
    expect("none");
    cr_expect_geq(atomic_load(&lists), 29);
    own(0, "RUNNING"); /* it is picked up now */
    (void)snprintf(q.jobs[0].id, sizeof q.jobs[0].id, "batch-new");
    q.jobs[0].created = now + 1000;
    expect("batch-new");
}

Test(batch_search, a_page_that_fails_midway_makes_it_unknown)
{
    own(2850, "RUNNING");
    q.list_fails_at = 12;
    expect("unknown");
    q.list_fails_at = -1;
    expect("batch-00150");
}

Test(batch_search, details_that_fail_midway_make_it_unknown)
{
    own(2850, "RUNNING");
    q.describe_fails_at = 7;
    expect("unknown");
    q.describe_fails_at = -1;
    expect("batch-00150");
}

Test(batch_search, what_was_found_counts_though_the_rest_fails)
{
    own(50, "RUNNING");
    q.list_fails_at = 12;
    struct job_detail *d = get();
    cr_assert_not_null(d->batch);
    cr_expect(!d->others_all, "older ones were not looked for");
    job_detail_free(d);
}

Test(batch_search, a_job_that_is_listed_and_not_described_is_unknown)
{
    q.describe_misses = 1500;
    expect("unknown");
}

Test(batch_search, empty_pages_without_an_end_are_unknown)
{
    own(2850, "RUNNING");
    q.empty_from = 500;
    expect("unknown");
    cr_expect_leq(atomic_load(&lists), 60);
    ops_again();
    q.empty_from = -1;
    q.same_token = true;
    expect("unknown");
}

Test(batch_search, all_duplicates_are_shown_and_cancelled)
{
    own(10, "RUNNING");
    own(1200, "FAILED");
    own(2000, "RUNNABLE");
    struct job_detail *d = get();
    cr_assert_not_null(d->batch);
    cr_expect_str_eq(d->batch->id, "batch-02990");
    cr_assert_eq(d->others_len, 2);
    cr_expect_str_eq(d->others[0]->id, "batch-01800");
    cr_expect_str_eq(d->others[1]->id, "batch-01000");
    cr_expect(d->others_all);
    job_detail_free(d);
    struct cancel_result r = {0};
    struct err e = {0};
    cr_assert_eq(ops_cancel(o, "wanted", NULL, &r, &e), E_OK, "%s", e.msg);
    cr_expect_eq(atomic_load(&terminates), 2);
    cr_expect_str_eq(r.batch_job_id, "batch-02990");
    cr_expect(!r.unsure);
}

Test(batch_search, a_late_start_of_a_job_whose_record_names_another_is_shown)
{
    (void)snprintf(q.record_batch, sizeof q.record_batch, "batch-01800");
    own(1200, "FAILED");
    own(10, "RUNNING");
    struct job_detail *d = get();
    cr_assert_not_null(d->batch);
    cr_expect_str_eq(d->batch->id, "batch-01800");
    cr_assert_eq(d->others_len, 1);
    cr_expect_str_eq(d->others[0]->id, "batch-02990");
    job_detail_free(d);
}

Test(batch_search, a_named_job_that_batch_forgot_is_looked_for_by_its_id)
{
    (void)snprintf(q.record_batch, sizeof q.record_batch, "batch-forgotten");
    expect("none");
    own(2000, "RUNNING");
    ops_end_now();
    char *state = path_join(getenv("XDG_STATE_HOME"), "mvpdash");
    cr_assert_eq(path_remove_tree(state, NULL), E_OK);
    free(state);
    ops_start();
    expect("batch-01000");
}

Test(batch_search, cancel_says_when_it_does_not_know)
{
    struct cancel_result r = {0};
    struct err e = {0};

    own(2850, "RUNNING");
    q.list_fails_at = 12;
    cr_expect_neq(ops_cancel(o, "wanted", NULL, &r, &e), E_OK);
    cr_expect(strstr(e.msg, "recorded as CANCELLED") != NULL && strstr(e.msg, "not known") != NULL,
              "%s", e.msg);
    q.list_fails_at = -1;
    cr_assert_eq(ops_cancel(o, "wanted", NULL, &r, &e), E_OK, "%s", e.msg);
    cr_expect_str_eq(r.batch_job_id, "batch-00150");
    cr_expect_eq(atomic_load(&terminates), 1);
}

Test(batch_search, the_list_says_the_same_as_the_status)
{
    struct list_query query = {.since_ms = TIME_NONE};
    struct list_result r = {0};
    struct err e = {0};

    q.records = 40;
    own(2850, "RUNNABLE");
    cr_assert_eq(ops_list(o, &query, &r, &e), E_OK, "%s", e.msg);
    cr_expect_eq(r.len, 41);
    cr_expect_eq(r.unknown, 0);
    for (size_t i = 0; i < r.len; i++) {
        bool wanted = strcmp(r.rows[i].job->id, "wanted") == 0;
        cr_expect_eq(r.rows[i].state.status, wanted ? JOB_QUEUED : JOB_PENDING);
        cr_expect(!r.rows[i].unknown);
    }
    list_result_clear(&r);
    /* After three lost pages the Batch jobs of the records without one are unknown, and the Batch
     * job that was found is known. */
    q.list_fails_at = atomic_load(&lists);
    ops_end_now();
    ops_start();
    cr_assert_eq(ops_list(o, &query, &r, &e), E_OK, "%s", e.msg);
    cr_expect_eq(r.unknown, 40);
    cr_expect_neq(r.batch_err.code, E_OK);
    list_result_clear(&r);
}

Test(batch_search, a_damaged_file_is_not_believed)
{
    struct strbuf cmd = STRBUF_INIT;

    own(2850, "RUNNING");
    expect("batch-00150");
    static const char *const damage[] = {
        ("f=$(ls \"$XDG_STATE_HOME\"/mvpdash/batch/*.names) && head -c 5000 \"$f\" >\"$f.x\" && mv "
         "\"$f.x\" \"$f\""),
        "f=$(ls \"$XDG_STATE_HOME\"/mvpdash/batch/*.names) && sed -i 's/ wanted$/ wantee/' \"$f\"",
        "f=$(ls \"$XDG_STATE_HOME\"/mvpdash/batch/*.names) && sed -i '/ wanted$/d' \"$f\"",
        "f=$(ls \"$XDG_STATE_HOME\"/mvpdash/batch/*.names) && : >\"$f\"",
        "f=$(ls \"$XDG_STATE_HOME\"/mvpdash/batch/*.names) && rm \"$f\" && mkfifo \"$f\"",
        "f=$(ls \"$XDG_STATE_HOME\"/mvpdash/batch/*.names) && rm \"$f\" && mkdir \"$f\"",
    };
    for (size_t i = 0; i < sizeof damage / sizeof *damage; i++) {
        ops_end_now();
        cr_assert_eq(system(damage[i]), 0, "%s", damage[i]); // NOLINT(cert-env33-c)
        ops_start();
        expect("batch-00150");
    }
    strbuf_clear(&cmd);
}

Test(batch_search, another_queue_in_the_same_place_is_noticed)
{
    expect("none");
    ops_again();
    /* All is made anew, with the same times. */
    for (int i = 0; i < q.len; i++) {
        (void)snprintf(q.jobs[i].id, sizeof q.jobs[i].id, "anew-%05d", i);
    }
    own(2850, "RUNNING");
    expect("anew-02850");
}

Test(batch_search, slow_details_end_in_time_and_the_next_look_goes_on_from_there)
{
    int looks = 0;
    bool found = false;

    own(2850, "RUNNING");
    ops_end_now();
    struct setting_flag flag = {SET_TIMEOUT_S, "1"};
    struct settings_sources src = {.flags = &flag, .flags_len = 1};
    struct err e = {0};
    settings = settings_load(&src, &e);
    cr_assert_not_null(settings, "%s", e.msg);
    o = ops_new(settings, NULL, NULL, &e);
    q.describe_ms = 300;
    while (!found && looks++ < 50) {
        struct job_detail *d = get();
        found = d->batch != NULL;
        cr_expect_eq(d->batch_asked, found);
        if (!found) {
            cr_expect_eq(d->batch_err.code, E_TIMEOUT, "%s", d->batch_err.msg);
        }
        job_detail_free(d);
    }
    cr_expect(found);
    cr_expect_gt(looks, 1, "a look that ends in time finds only a part");
    /* Thirty pages; those whose answer came too late are asked for again. */
    cr_expect_leq(atomic_load(&describes), 30 + 14 * looks, "%d in %d looks",
                  atomic_load(&describes), looks);
}

/* An event that may have been sent two minutes ago, its record untouched. */
static void leave_in_doubt(void)
{
    struct deploy_request r;
    struct outbox_entry x;
    struct err e = {0};

    deploy_request_init(&r);
    r.user_id = xstrdup("u");
    r.product_id = xstrdup("p");
    r.business_name = xstrdup("b");
    deploy_request_seal(&r, now);
    (void)snprintf(r.job_id, sizeof r.job_id, "wanted");
    cr_assert_eq(outbox_add(o, &r, &x, &e), E_OK, "%s", e.msg);
    (void)snprintf(q.request_id, sizeof q.request_id, "%s", x.request_id);
    cr_assert_eq(outbox_mark_sent(&x, now - 2 * minute, &e), E_OK, "%s", e.msg);
    outbox_leave(&x);
    deploy_request_clear(&r);
    q.record_created = now - 2 * minute;
}

Test(batch_search, an_event_in_doubt_is_not_sent_again_while_batch_is_not_known)
{
    struct err e = {0};
    int left = 0;

    leave_in_doubt();
    q.list_fails_at = 0;
    (void)!ops_outbox_resume(o, NULL, &left, &e);
    cr_expect_eq(left, 1);
    cr_expect_eq(atomic_load(&events), 0);
    q.list_fails_at = -1;
    q.empty_from = 0;
    (void)!ops_outbox_resume(o, NULL, &left, &e);
    cr_expect_eq(left, 1);
    cr_expect_eq(atomic_load(&events), 0);
    q.empty_from = -1;
    own(60, "RUNNABLE"); /* on the page after next */
    (void)!ops_outbox_resume(o, NULL, &left, &e);
    cr_expect_eq(left, 0);
    cr_expect_eq(atomic_load(&events), 0, "Batch has it: it was sent");
}

static size_t given, with_id;

static bool take(void *arg, struct batch_job **jobs, size_t len)
{
    (void)arg;
    given += len;
    for (size_t i = 0; i < len; i++) {
        with_id += jobs[i]->job_id != NULL;
        batch_job_free(jobs[i]);
    }
    free(jobs);
    return true;
}

Test(batch_search, the_dashboard_lists_all_once_and_then_only_what_is_new)
{
    struct err e = {0};

    cr_assert_eq(ops_list_batch(o, TIME_NONE, take, NULL, &e), E_OK, "%s", e.msg);
    cr_expect_eq(given, 3000);
    cr_expect_eq(with_id, 3000);
    atomic_store(&lists, 0);
    atomic_store(&describes, 0);
    cr_assert_eq(ops_list_batch(o, now - 5 * minute, take, NULL, &e), E_OK, "%s", e.msg);
    cr_expect_eq(atomic_load(&lists), 1);
    cr_expect_eq(atomic_load(&describes), 0);
    q.list_fails_at = atomic_load(&lists) + 5;
    cr_expect_neq(ops_list_batch(o, TIME_NONE, take, NULL, &e), E_OK);
}
