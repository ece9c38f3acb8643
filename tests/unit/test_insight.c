/* Figures over many jobs: every figure here was computed by hand. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jobs/insight.h"
#include "jobs_help.h"

#define MIN INT64_C(60000)
#define HOUR (60 * MIN)
#define DAY (24 * HOUR)
/* 2025-08-20T00:00:00Z, a Wednesday */
#define MIDNIGHT INT64_C(1755648000000)

/* A week that ends at midnight. */
static const struct insight_query week = {
    .since_ms = MIDNIGHT - 7 * DAY, .until_ms = MIDNIGHT, .bucket_ms = DAY};

/* Adds the job of these attributes and of Batch's document (NULL: none). */
static void add(struct insight_run *r, const char *attributes, const char *batch)
{
    struct job *j = help_job(attributes);
    struct batch_job *b = batch == NULL ? NULL : help_batch(batch);
    struct job_state s;

    job_state_merge(j, b, b != NULL, MIDNIGHT, NULL, &s);
    insight_add(r, j, b, &s);
    batch_job_free(b);
    job_free(j);
}

/* A job in this state that was created at noon of August 19, and ran for so long. */
static void add_run(struct insight_run *r, const char *status, int64_t ms)
{
    char start[TIME_ISO_SIZE];
    char end[TIME_ISO_SIZE];
    char *s = xasprintf("'status':{'S':'%s'},'createdAt':{'S':'2025-08-19T12:00:00Z'},"
                        "'startedAt':{'S':'%s'},'completedAt':{'S':'%s'}",
                        status, time_iso(MIDNIGHT - 12 * HOUR, start),
                        time_iso(MIDNIGHT - 12 * HOUR + ms, end));

    add(r, s, NULL);
    free(s);
}

Test(insight, nothing_is_known_of_no_jobs)
{
    struct insight *x = insight_end(insight_begin(&week));
    cJSON *o = insight_json(x);
    char *text = json_text(o);

    cr_expect_str_eq(
        text,
        "{\"since\":\"2025-08-13T00:00:00.000Z\",\"until\":\"2025-08-20T00:00:00.000Z\",\"jobs\":0,"
        "\"byStatus\":{},\"successRate\":null,"
        "\"duration\":{\"count\":0,\"p50\":null,\"p90\":null,\"p99\":null},"
        "\"waiting\":{\"count\":0,\"p50\":null,\"p90\":null,\"p99\":null},"
        "\"steps\":[],\"stepJobs\":0,\"failures\":[],"
        "\"cost\":{\"usd\":null,\"jobs\":0,\"unknown\":0},\"by\":\"day\",\"groups\":[],"
        "\"throughput\":{\"seconds\":86400,\"buckets\":["
        "{\"at\":\"2025-08-13T00:00:00.000Z\",\"jobs\":0,\"completed\":0,\"failed\":0,"
        "\"cancelled\":0},"
        "{\"at\":\"2025-08-14T00:00:00.000Z\",\"jobs\":0,\"completed\":0,\"failed\":0,"
        "\"cancelled\":0},"
        "{\"at\":\"2025-08-15T00:00:00.000Z\",\"jobs\":0,\"completed\":0,\"failed\":0,"
        "\"cancelled\":0},"
        "{\"at\":\"2025-08-16T00:00:00.000Z\",\"jobs\":0,\"completed\":0,\"failed\":0,"
        "\"cancelled\":0},"
        "{\"at\":\"2025-08-17T00:00:00.000Z\",\"jobs\":0,\"completed\":0,\"failed\":0,"
        "\"cancelled\":0},"
        "{\"at\":\"2025-08-18T00:00:00.000Z\",\"jobs\":0,\"completed\":0,\"failed\":0,"
        "\"cancelled\":0},"
        "{\"at\":\"2025-08-19T00:00:00.000Z\",\"jobs\":0,\"completed\":0,\"failed\":0,"
        "\"cancelled\":0}]},"
        "\"hours\":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]}",
        "%s", text);
    free(text);
    cJSON_Delete(o);
    insight_free(x);
}

static void expect_figures(const struct insight_figures *f, size_t n, int64_t p50, int64_t p90,
                           int64_t p99)
{
    cr_expect_eq(f->count, n);
    cr_expect_eq(f->p50, p50, "p50 of %zu is %lld", n, (long long)f->p50);
    cr_expect_eq(f->p90, p90, "p90 of %zu is %lld", n, (long long)f->p90);
    cr_expect_eq(f->p99, p99, "p99 of %zu is %lld", n, (long long)f->p99);
}

/* Two users' jobs of an hour, for a dollar a vCPU and two a GB; one job is not priced. */
Test(insight, costs_are_sums_of_what_is_known)
{
    static const char *const batches[] = {
        "{'jobId':'b1','jobQueue':'q','status':'SUCCEEDED','platformCapabilities':['FARGATE'],"
        "'startedAt':1755600000000,'stoppedAt':1755603600000,'container':{'resourceRequirements':"
        "[{'type':'VCPU','value':'2'},{'type':'MEMORY','value':'1024'}]}}",
        NULL,
        "{'jobId':'b2','jobQueue':'q','status':'SUCCEEDED','platformCapabilities':['FARGATE'],"
        "'startedAt':1755600000000,'stoppedAt':1755603600000,'container':{'resourceRequirements':"
        "[{'type':'VCPU','value':'0.5'},{'type':'MEMORY','value':'512'}]}}",
    };
    struct insight_query by_user = week;
    struct state_rules rules = state_rules_default;

    by_user.by = INSIGHT_BY_USER;
    rules.prices.fargate.vcpu_hour = 1;
    rules.prices.fargate.gb_hour = 2;
    struct insight_run *r = insight_begin(&by_user);
    for (int i = 0; i < 3; i++) {
        struct job_state s;
        struct batch_job *b = batches[i] == NULL ? NULL : help_batch(batches[i]);
        struct job *j = help_job(i < 2 ? "'status':{'S':'COMPLETED'},'userId':{'S':'ann'},"
                                         "'createdAt':{'S':'2025-08-19T12:00:00Z'}"
                                       : "'status':{'S':'COMPLETED'},'userId':{'S':'bob'},"
                                         "'createdAt':{'S':'2025-08-19T12:00:00Z'}");
        job_state_merge(j, b, true, MIDNIGHT, &rules, &s);
        insight_add(r, j, b, &s);
        job_free(j);
        batch_job_free(b);
    }
    struct insight *x = insight_end(r);
    cJSON *o = insight_json(x);
    char *cost = json_text(json_get(o, "cost"));
    cr_expect_str_eq(cost, "{\"usd\":5.5,\"jobs\":2,\"unknown\":1}", "4 and 1.5");
    cr_expect_str_eq(json_str(cJSON_GetArrayItem(json_array(o, "groups"), 0), "key"), "ann");
    cr_expect_eq(json_int(cJSON_GetArrayItem(json_array(o, "groups"), 0), "usd", 0), 4);
    free(cost);
    cJSON_Delete(o);
    insight_free(x);
}

/* The nearest rank: of one value all are that value; of two, half of them are at or below the
 * smaller one; of ten, nine are at or below the ninth. Of a hundred the 50th, 90th and 99th. */
Test(insight, percentiles_are_values_of_the_nearest_rank)
{
    struct insight_run *r = insight_begin(&week);
    add_run(r, "COMPLETED", 7000);
    struct insight *x = insight_end(r);
    expect_figures(&x->took, 1, 7000, 7000, 7000);
    insight_free(x);

    r = insight_begin(&week);
    add_run(r, "COMPLETED", 9000);
    add_run(r, "COMPLETED", 4000);
    x = insight_end(r);
    expect_figures(&x->took, 2, 4000, 9000, 9000);
    insight_free(x);

    r = insight_begin(&week);
    for (int i = 10; i > 0; i--) {
        add_run(r, "completed", i * 1000);
    }
    x = insight_end(r);
    expect_figures(&x->took, 10, 5000, 9000, 10000);
    insight_free(x);

    r = insight_begin(&week);
    for (int i = 0; i < 100; i++) {
        add_run(r, "COMPLETED", (i * 37 % 100 + 1) * 1000); /* 1 to 100 s in some order */
    }
    x = insight_end(r);
    expect_figures(&x->took, 100, 50000, 90000, 99000);
    insight_free(x);
}

Test(insight, statuses_count_in_any_letter_case_and_unknown_ones_as_they_stand)
{
    struct insight_run *r = insight_begin(&week);
    static const char created[] = "'createdAt':{'S':'2025-08-19T12:00:00Z'}";
    static const char *const words[] = {"Completed", "COMPLETED", "failed", "Paused",
                                        "in_progress"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        char *s = xasprintf("'status':{'S':'%s'},%s", words[i], created);
        add(r, s, NULL);
        free(s);
    }
    add(r, created, NULL);
    struct insight *x = insight_end(r);
    static const struct {
        const char *word;
        size_t jobs;
    } want[] = {
        {"IN_PROGRESS", 1},
        {"COMPLETED",   2},
        {"FAILED",      1},
        {"PAUSED",      1},
        {"UNKNOWN",     1}
    };
    cr_assert_eq(x->statuses_len, 5);
    for (size_t i = 0; i < 5; i++) {
        cr_expect_str_eq(x->statuses[i].word, want[i].word);
        cr_expect_eq(x->statuses[i].jobs, want[i].jobs, "%s", want[i].word);
    }
    cr_expect_eq(x->jobs, 6);
    cr_expect_float_eq(insight_rate(x->completed, x->failed), 2.0 / 3, 1e-9);
    insight_free(x);
}

/* An unknown status may be long, and of any letters. */
Test(insight, long_statuses_are_told_apart_by_their_end)
{
    static const char many[] = "ÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄ";
    struct insight_run *r = insight_begin(&week);

    for (int i = 0; i < 3; i++) {
        char *s = xasprintf("'status':{'S':'%s%s'},'createdAt':{'S':'2025-08-19T12:00:00Z'}", many,
                            i == 0 ? "A" : "b");
        add(r, s, NULL);
        free(s);
    }
    struct insight *x = insight_end(r);
    cr_assert_eq(x->statuses_len, 2);
    for (size_t i = 0; i < 2; i++) {
        const char *word = x->statuses[i].word;
        cr_expect_eq(strlen(word), sizeof many);
        cr_expect_str_eq(word + sizeof many - 1, i == 0 ? "A" : "B");
        cr_expect_eq(x->statuses[i].jobs, i + 1);
    }
    insight_free(x);
}

/* The window holds its begin and not its end; flat and nested times count alike. */
Test(insight, a_job_counts_by_its_time_in_the_window)
{
    struct insight_run *r = insight_begin(&week);

    add(r, "'createdAt':{'S':'2025-08-12T23:59:59.999Z'}", NULL);
    add(r, "'createdAt':{'S':'2025-08-13T00:00:00Z'}", NULL);
    add(r, "'timestamps':{'M':{'createdAt':{'S':'2025-08-19T23:59:59.999Z'}}}", NULL);
    add(r, "'createdAt':{'S':'2025-08-20T00:00:00Z'}", NULL);
    add(r, "'createdAt':{'S':'not a time'}", NULL);
    struct insight *x = insight_end(r);
    cr_expect_eq(x->jobs, 2);
    cr_assert_eq(x->groups_len, 2);
    cr_expect_str_eq(x->groups[0].key, "2025-08-13");
    cr_expect_str_eq(x->groups[1].key, "2025-08-19");
    cr_assert_eq(x->buckets_len, 7);
    cr_expect_eq(x->buckets[0].jobs + x->buckets[6].jobs, 2);
    cr_expect_eq(x->hours[0], 1);
    cr_expect_eq(x->hours[23], 1);
    insight_free(x);
}

/* Waiting is Batch's; the duration is the record's, and Batch's where the record does not tell. */
Test(insight, batch_tells_the_waiting_and_what_the_record_leaves_out)
{
    struct insight_run *r = insight_begin(&week);

    /* created 12:00:00, started 12:00:30 and stopped 12:01:30 on August 19 by Batch's clock */
    static const char batch[] = "{'jobId':'b','status':'SUCCEEDED','createdAt':1755604800000,"
                                "'startedAt':1755604830000,'stoppedAt':1755604890000}";
    add(r, "'status':{'S':'COMPLETED'},'createdAt':{'S':'2025-08-19T12:00:00Z'}", batch);
    add(r,
        "'status':{'S':'COMPLETED'},'timestamps':{'M':{'createdAt':{'S':'2025-08-19T12:00:00Z'},"
        "'startedAt':{'S':'2025-08-19T12:00:40Z'},'completedAt':{'S':'2025-08-19T12:01:00Z'}}}",
        batch);
    /* the first of two attempts ended the waiting */
    add(r, "'status':{'S':'COMPLETED'},'createdAt':{'S':'2025-08-19T12:00:00Z'}",
        "{'jobId':'b','status':'SUCCEEDED','createdAt':1755604800000,'startedAt':1755604890000,"
        "'stoppedAt':1755604900000,'attempts':[{'startedAt':1755604810000},"
        "{'startedAt':1755604890000}]}");
    /* no start is known, and clocks that disagree tell nothing */
    add(r,
        "'status':{'S':'COMPLETED'},'createdAt':{'S':'2025-08-19T12:00:00Z'},"
        "'completedAt':{'S':'2025-08-19T12:01:00Z'}",
        NULL);
    add(r,
        "'status':{'S':'COMPLETED'},'createdAt':{'S':'2025-08-19T12:00:00Z'},"
        "'startedAt':{'S':'2025-08-19T12:02:00Z'},'completedAt':{'S':'2025-08-19T12:01:00Z'}",
        NULL);
    /* a container that was refused its claim did not wait for this job */
    add(r, "'status':{'S':'CANCELLED'},'createdAt':{'S':'2025-08-19T12:00:00Z'}",
        "{'jobId':'b','status':'FAILED','createdAt':1755604800000,'startedAt':1755604830000,"
        "'stoppedAt':1755604890000,'container':{'exitCode':75}}");
    struct insight *x = insight_end(r);
    cr_expect_eq(x->jobs, 6);
    expect_figures(&x->waited, 3, 30000, 30000, 30000);
    expect_figures(&x->took, 3, 60000, 90000, 90000);
    insight_free(x);
}

Test(insight, a_step_lasts_until_the_next_or_the_end)
{
    struct insight_run *r = insight_begin(&week);

    add(r,
        "'status':{'S':'COMPLETED'},'createdAt':{'S':'2025-08-19T12:00:00Z'},"
        "'completedAt':{'S':'2025-08-19T12:10:00Z'},'stepTimes':{'M':{"
        "'BUILDING':{'S':'2025-08-19T12:03:00Z'},'INIT':{'S':'2025-08-19T12:00:00Z'},"
        "'MY_STEP':{'S':'2025-08-19T12:04:00Z'},'COMPLETED':{'S':'2025-08-19T12:09:00Z'},"
        "'BROKEN':{'S':'soon'}}}",
        NULL);
    /* still at BUILDING: only INIT has an end */
    add(r,
        "'status':{'S':'IN_PROGRESS'},'createdAt':{'S':'2025-08-19T12:00:00Z'},"
        "'stepTimes':{'M':{'INIT':{'S':'2025-08-19T12:00:00Z'},"
        "'BUILDING':{'N':'1755604860'}}}",
        NULL);
    add(r, "'status':{'S':'FAILED'},'createdAt':{'S':'2025-08-19T12:00:00Z'},'stepTimes':{'L':[]}",
        NULL);
    struct insight *x = insight_end(r);
    static const struct {
        const char *step;
        size_t n;
        int64_t p50, p90;
    } want[] = {
        {"INIT",     2, MIN,     3 * MIN},
        {"BUILDING", 1, MIN,     MIN    },
        {"MY_STEP",  1, 5 * MIN, 5 * MIN}
    };
    cr_expect_eq(x->step_jobs, 2);
    cr_assert_eq(x->steps_len, 3);
    for (size_t i = 0; i < 3; i++) {
        cr_expect_str_eq(x->steps[i].step, want[i].step);
        cr_expect_eq(x->steps[i].took.count, want[i].n);
        cr_expect_eq(x->steps[i].took.p50, want[i].p50, "%s", want[i].step);
        cr_expect_eq(x->steps[i].took.p90, want[i].p90, "%s", want[i].step);
    }
    insight_free(x);
}

static void add_failure(struct insight_run *r, int n, const char *user, const char *step,
                        int64_t end_ms, const char *message)
{
    char end[TIME_ISO_SIZE];
    char *s = xasprintf(
        "{'jobId':{'S':'job_%d'},'status':{'S':'FAILED'},'createdAt':{'S':'2025-08-19T00:00:00Z'},"
        "'userId':{'S':'%s'},'completedAt':{'S':'%s'},'errors':{'L':[{'M':{'message':{'S':'%s'},"
        "'step':{'S':'%s'}}}]}}",
        n, user, time_iso(end_ms, end), message, step);
    cJSON *item = help_json(s);
    struct job *j = job_from_item(item);
    struct job_state st;

    job_state_merge(j, NULL, false, MIDNIGHT, NULL, &st);
    insight_add(r, j, NULL, &st);
    job_free(j);
    cJSON_Delete(item);
    free(s);
}

Test(insight, failures_are_grouped_by_their_cause)
{
    struct insight_run *r = insight_begin(&week);

    add_failure(r, 1, "ann", "BUILDING", MIDNIGHT - 23 * HOUR, "npm ended with 12 errors");
    add_failure(r, 2, "ann", "BUILDING", MIDNIGHT - 3 * DAY, "npm ended with 7 errors");
    add_failure(r, 3, "bob", "DEPLOYING", MIDNIGHT - 2 * DAY, "npm ended with 1 errors");
    add_failure(r, 4, "bob", "DEPLOYING", MIDNIGHT - DAY, "cannot reach the host");
    struct insight *x = insight_end(r);
    cr_assert_eq(x->causes_len, 2);
    const struct insight_cause *c = &x->causes[0];
    cr_expect_str_eq(c->text, "npm ended with <n> errors");
    cr_expect_eq(c->count, 3);
    cr_expect_eq(c->users, 2);
    cr_expect_eq(c->first_ms, MIDNIGHT - 3 * DAY);
    cr_expect_eq(c->last_ms, MIDNIGHT - 23 * HOUR);
    cr_expect_not(c->fresh);
    cr_assert_eq(c->steps_len, 2);
    cr_expect_str_eq(c->steps[0], "BUILDING");
    cr_assert_eq(c->ids_len, 3);
    cr_expect_str_eq(c->ids[0], "job_1", "the newest first");
    cr_expect_str_eq(c->ids[1], "job_3");
    cr_expect_str_eq(c->ids[2], "job_2");
    cr_expect(x->causes[1].fresh, "first seen exactly 24 hours before the end");
    insight_free(x);
}

/* A window may end in the future: what is new is told from now. */
Test(insight, the_last_24_hours_end_now_in_a_window_that_ends_later)
{
    struct insight_query q = week;
    q.until_ms += 30 * DAY;
    q.now_ms = MIDNIGHT;
    struct insight_run *r = insight_begin(&q);

    add_failure(r, 1, "ann", "BUILDING", MIDNIGHT - 23 * HOUR, "boom");
    add_failure(r, 2, "ann", "BUILDING", MIDNIGHT - 25 * HOUR, "no host");
    struct insight *x = insight_end(r);
    cr_assert_eq(x->causes_len, 2);
    for (size_t i = 0; i < 2; i++) {
        cr_expect_eq(x->causes[i].fresh, strcmp(x->causes[i].text, "boom") == 0);
    }
    insight_free(x);
    cr_expect_eq(insight_last(&q), MIDNIGHT);
    q.until_ms = MIDNIGHT - DAY;
    cr_expect_eq(insight_last(&q), q.until_ms);
}

Test(insight, nothing_is_new_in_a_window_of_a_day)
{
    struct insight_query day = {
        .since_ms = MIDNIGHT - DAY, .until_ms = MIDNIGHT, .bucket_ms = HOUR};
    struct insight_run *r = insight_begin(&day);

    add_failure(r, 1, "ann", "BUILDING", MIDNIGHT - HOUR, "boom");
    struct insight *x = insight_end(r);
    cr_assert_eq(x->causes_len, 1);
    cr_expect_not(x->causes[0].fresh);
    insight_free(x);
}

Test(insight, of_many_failures_of_one_cause_the_newest_ids_are_kept)
{
    struct insight_run *r = insight_begin(&week);

    for (int i = 0; i < 100; i++) {
        add_failure(r, i, "ann", "BUILDING", MIDNIGHT - 2 * DAY + (i * 37 % 100) * MIN, "boom");
    }
    struct insight *x = insight_end(r);
    cr_assert_eq(x->causes[0].ids_len, INSIGHT_IDS_MAX);
    for (int k = 0; k < INSIGHT_IDS_MAX; k++) {
        int n = -1;
        for (int i = 0; i < 100; i++) {
            n = i * 37 % 100 == 99 - k ? i : n;
        }
        char want[16];
        (void)snprintf(want, sizeof want, "job_%d", n);
        cr_expect_str_eq(x->causes[0].ids[k], want);
    }
    insight_free(x);
}

/* Letters only, so that none of it is taken out. */
static void word_of(int n, char out[4])
{
    for (int i = 0; i < 3; i++) {
        out[i] = (char)('g' + n % 16);
        n /= 16;
    }
    out[3] = '\0';
}

Test(insight, too_many_causes_are_counted_together)
{
    struct insight_run *r = insight_begin(&week);

    for (int i = 0; i < INSIGHT_CAUSES_MAX + 50; i++) {
        char word[4];
        word_of(i, word);
        add_failure(r, i, "ann", "BUILDING", MIDNIGHT - DAY, word);
    }
    struct insight *x = insight_end(r);
    cr_expect_eq(x->causes_len, INSIGHT_CAUSES_MAX + 1);
    cr_expect_str_eq(x->causes[0].text, "other causes");
    cr_expect_eq(x->causes[0].count, 50);
    insight_free(x);
}

Test(insight, groups_tell_apart_who_does_not_tell)
{
    struct insight_query q = week;
    q.by = INSIGHT_BY_PRIORITY;
    struct insight_run *r = insight_begin(&q);
    static const char created[] = "'createdAt':{'S':'2025-08-19T12:00:00Z'},'status'";

    char *text = xasprintf("'priority':{'S':'low'},%s:{'S':'FAILED'}", created);
    add(r, text, NULL);
    free(text);
    for (int i = 0; i < 2; i++) {
        text =
            xasprintf("'metadata':{'M':{'priority':{'S':'high'}}},%s:{'S':'COMPLETED'}", created);
        add(r, text, NULL);
        free(text);
        text = xasprintf("%s:{'S':'COMPLETED'}", created);
        add(r, text, NULL);
        add(r, text, NULL);
        free(text);
    }
    struct insight *x = insight_end(r);
    cr_assert_eq(x->groups_len, 3);
    cr_expect_str_eq(x->groups[0].key, "high");
    cr_expect_eq(x->groups[0].jobs, 2);
    cr_expect_str_eq(x->groups[1].key, "low");
    cr_expect_eq(x->groups[1].failed, 1);
    cr_expect_null(x->groups[2].key, "who tells nothing is the last, though they are most");
    cr_expect_eq(x->groups[2].jobs, 4);
    insight_free(x);
}

Test(insight, contexts_are_groups_also_without_a_job)
{
    struct insight_query q = week;

    q.by = INSIGHT_BY_CONTEXT;
    struct insight_run *r = insight_begin(&q);
    insight_context(r, "blue");
    add_run(r, "COMPLETED", MIN);
    insight_context(r, "empty");
    insight_context(r, "green");
    add_run(r, "FAILED", MIN);
    add_run(r, "COMPLETED", 3 * MIN);
    insight_context(r, "blue");
    insight_context(r, NULL);
    add_run(r, "COMPLETED", 5 * MIN);
    struct insight *x = insight_end(r);
    static const struct {
        const char *key;
        size_t jobs, completed;
    } want[] = {
        {"green", 2, 1},
        {"blue",  1, 1},
        {"empty", 0, 0},
        {NULL,    1, 1}
    };
    cr_assert_eq(x->groups_len, 4);
    for (size_t i = 0; i < 4; i++) {
        bool same = want[i].key == NULL
                        ? x->groups[i].key == NULL
                        : x->groups[i].key != NULL && strcmp(x->groups[i].key, want[i].key) == 0;
        cr_expect(same, "%zu: %s", i, x->groups[i].key == NULL ? "" : x->groups[i].key);
        cr_expect_eq(x->groups[i].jobs, want[i].jobs);
        cr_expect_eq(x->groups[i].completed, want[i].completed);
    }
    insight_free(x);
}

Test(insight, ends_are_plotted_when_they_were)
{
    struct insight_run *r = insight_begin(&week);

    add(r,
        "'status':{'S':'COMPLETED'},'createdAt':{'S':'2025-08-13T12:00:00Z'},"
        "'completedAt':{'S':'2025-08-14T01:00:00Z'}",
        NULL);
    add(r,
        "'status':{'S':'FAILED'},'createdAt':{'S':'2025-08-13T12:00:00Z'},"
        "'completedAt':{'S':'2025-08-25T01:00:00Z'}",
        NULL);
    add(r,
        "'status':{'S':'CANCELLED'},'createdAt':{'S':'2025-08-13T12:00:00Z'},"
        "'updatedAt':{'S':'2025-08-19T23:00:00Z'}",
        NULL);
    struct insight *x = insight_end(r);
    cr_expect_eq(x->buckets_from_ms, MIDNIGHT - 7 * DAY);
    cr_expect_eq(x->buckets[0].jobs, 3);
    cr_expect_eq(x->buckets[1].completed, 1);
    cr_expect_eq(x->buckets[6].cancelled, 1, "its last change, when nobody says when it ended");
    size_t failed = 0;
    for (size_t i = 0; i < x->buckets_len; i++) {
        failed += x->buckets[i].failed;
    }
    cr_expect_eq(failed, 0, "an end outside the window is not plotted");
    insight_free(x);
}

Test(insight, a_bucket_has_a_usual_length_that_fits)
{
    cr_expect_eq(insight_bucket(MIDNIGHT - HOUR, MIDNIGHT, 60), MIN);
    cr_expect_eq(insight_bucket(MIDNIGHT - DAY, MIDNIGHT, 60), 30 * MIN);
    cr_expect_eq(insight_bucket(MIDNIGHT - 7 * DAY, MIDNIGHT, 60), 3 * HOUR);
    cr_expect_eq(insight_bucket(MIDNIGHT - 7 * DAY, MIDNIGHT, 7), DAY);
    /* a window that begins and ends inside of days touches eight of them */
    cr_expect_eq(insight_bucket(MIDNIGHT - 7 * DAY + HOUR, MIDNIGHT + HOUR, 7), 2 * DAY);
    cr_expect_eq(insight_bucket(0, MIDNIGHT, 100), 7 * 32 * DAY);
    for (enum insight_by by = 0; by < INSIGHT_BY_COUNT; by++) {
        cr_expect_eq(insight_by_parse(insight_by_word(by)), by);
    }
    cr_expect_eq(insight_by_parse("moon"), INSIGHT_BY_COUNT);
}
