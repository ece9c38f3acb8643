/* The time of a job: the first one known of several (SPEC 1.2). */
#include <stdlib.h>

#include "jobs/filter.h"
#include "jobs/state.h"
#include "jobs_help.h"

#define DAY INT64_C(86400000)
#define NOON INT64_C(1782907200000) /* 2026-07-01T12:00:00Z */
#define NOON_ID "job_1782907200000_k3j5h7g9f"

static struct job *job_of(const char *id, const char *attributes)
{
    char *s = xasprintf("{'jobId':{'S':'%s'}%s%s}", id, *attributes == '\0' ? "" : ",", attributes);
    cJSON *item = help_json(s);
    struct job *j = job_from_item(item);

    cr_assert_not_null(j, "%s", s);
    cJSON_Delete(item);
    free(s);
    return j;
}

#define CREATED "'createdAt':{'S':'2026-07-01T09:00:00Z'}"
#define NESTED "'timestamps':{'M':{'createdAt':{'S':'2026-07-01T10:00:00Z'}}}"
#define STARTED "'startedAt':{'S':'2026-07-01T11:00:00Z'}"
#define UPDATED "'updatedAt':{'S':'2026-07-01T15:00:00Z'}"

static const struct {
    const char *id, *attributes;
    bool batch; /* Batch got it at 13:00 */
    int hour;   /* of the time; -1: none */
    enum job_time_of of;
    bool firm;
} cases[] = {
    {NOON_ID,                         CREATED "," NESTED "," STARTED "," UPDATED,           true,  9,  TIME_OF_CREATED, true },
    {NOON_ID,                         NESTED "," STARTED "," UPDATED,                       true,  10, TIME_OF_CREATED, true },
    {NOON_ID,                         STARTED "," UPDATED,                                  true,  11, TIME_OF_START,   true },
    {NOON_ID,                         UPDATED,                                              true,  12, TIME_OF_ID,      true },
    {NOON_ID,                         "'createdAt':{'S':'soon'},'startedAt':{'NULL':true}", false, 12, TIME_OF_ID,      true },
    {"order-17",                      UPDATED,                                              true,  13, TIME_OF_BATCH,   false},
    {"order-17",                      UPDATED,                                              false, 15, TIME_OF_UPDATE,  false},
    {"order-17",                      "",                                                   false, -1, TIME_OF_NOTHING, false},
    {"job_178290720000_k3j5h7g9f",    UPDATED,                                              false, 15, TIME_OF_UPDATE,  false},
    {"job_17829072000000_k3j5h7g9f",  UPDATED,                                              false, 15, TIME_OF_UPDATE,  false},
    {"job_0082907200000_k3j5h7g9f",   UPDATED,                                              false, 15, TIME_OF_UPDATE,  false},
    {"job_1782907200000",             UPDATED,                                              false, 15, TIME_OF_UPDATE,  false},
    {"JOB_1782907200000_k3j5h7g9f",   UPDATED,                                              false, 15, TIME_OF_UPDATE,  false},
    {"a-job_1782907200000_k3j5h7g9f", UPDATED,                                              false, 15, TIME_OF_UPDATE,  false},
    {"job_",                          "",                                                   false, -1, TIME_OF_NOTHING, false},
};

Test(job_time, the_first_one_known_counts)
{
    struct batch_job *b =
        help_batch("{'jobId':'b-1','status':'RUNNING','createdAt':1782910800999}");

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct job *j = job_of(cases[i].id, cases[i].attributes);
        struct job_state s;
        enum job_time_of of;
        job_state_merge(j, cases[i].batch ? b : NULL, true, NOON + DAY, NULL, &s);
        int64_t at = job_time(j, &s, &of);
        int64_t want = cases[i].hour < 0 ? TIME_NONE : NOON + (cases[i].hour - 12) * (DAY / 24);
        cr_expect_eq(at, want, "case %zu: %lld", i, (long long)at);
        cr_expect_eq(of, cases[i].of, "case %zu: %d", i, of);
        cr_expect_eq(job_time_firm(j), cases[i].firm, "case %zu", i);
        job_free(j);
    }
    batch_job_free(b);
}

Test(job_time, an_id_gives_no_time_that_it_does_not_hold)
{
    cr_expect_eq(job_id_time(NOON_ID), NOON);
    cr_expect_eq(job_id_time("job_1782907200000_"), NOON);
    cr_expect_eq(job_id_time(""), TIME_NONE);
    cr_expect_eq(job_id_time("job_+782907200000_x"), TIME_NONE);
    cr_expect_eq(job_id_time("job_178290720000x_x"), TIME_NONE);
    cr_expect_eq(job_id_time("job_1782907200000-x"), TIME_NONE);
}

/* Batch is searched far enough back: too far costs time, too near loses the job. */
Test(job_time, batch_is_looked_through_from_a_time_that_is_early_enough)
{
    static const struct {
        const char *id, *attributes;
        int64_t from;
    } rows[] = {
        {"order-17",                    UPDATED,                                             TIME_NONE            },
        {"order-17",                    STARTED,                                             TIME_NONE            },
        {"order-17",                    CREATED,                                             NOON - 3 * (DAY / 24)},
        {NOON_ID,                       "",                                                  NOON                 },
        {NOON_ID,                       UPDATED,                                             NOON                 },
        {NOON_ID,                       CREATED,                                             NOON - 3 * (DAY / 24)},
 /* A program that saw the event late wrote the record: the id is right. */
        {NOON_ID,                       "'createdAt':{'S':'2026-07-01T14:00:00Z'}",          NOON                 },
 /* The record was there before: neither time says when the job was made. */
        {NOON_ID,                       STARTED,                                             TIME_NONE            },
        {"order-17",                    "'createdAt':{'S':'2026-07-01T16:00:00Z'}," UPDATED, TIME_NONE            },
        {"job_9999999999999_k3j5h7g9f", "",                                                  TIME_NONE            },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct job *j = job_of(rows[i].id, rows[i].attributes);
        int64_t from = job_batch_from(j, NOON + DAY);
        cr_expect_eq(from, rows[i].from, "row %zu: %lld", i, (long long)from);
        job_free(j);
    }
}

Test(job_time, a_filter_by_age_knows_a_job_by_its_id)
{
    struct job *j = job_of(NOON_ID, "'status':{'S':'IN_PROGRESS'}");
    struct filter *young = filter_new("age<2h", NULL);
    struct filter *old = filter_new("age>2h", NULL);
    struct job_state s;

    job_state_merge(j, NULL, false, NOON, NULL, &s);
    cr_expect(filter_match(young, j, NULL, &s, NOON + DAY / 24));
    cr_expect_not(filter_match(old, j, NULL, &s, NOON + DAY / 24));
    cr_expect_not(filter_match(young, j, NULL, &s, NOON + DAY));
    cr_expect(filter_match(old, j, NULL, &s, NOON + DAY));
    filter_free(young);
    filter_free(old);
    job_free(j);
}

/* Nobody has the job long after the time in its id, which is all that tells when it was made. */
Test(job_time, a_record_of_words_alone_is_lost_after_a_while)
{
    struct job *j = job_of(NOON_ID, "'status':{'S':'PENDING'}");
    struct job_state s;

    job_state_merge(j, NULL, true, NOON + 30000, NULL, &s);
    cr_expect_eq(s.stuck, STUCK_NO);
    job_state_merge(j, NULL, true, NOON + 90000, NULL, &s);
    cr_expect_eq(s.stuck, STUCK_NOT_PICKED_UP);
    job_free(j);
}
