/* Counts, the plot, and short durations. */
#include <stdlib.h>

#include "jobs/age.h"
#include "jobs/stats.h"
#include "jobs_help.h"

#define MIN INT64_C(60000)

static struct job_state state(enum job_status status, int64_t ended_ms)
{
    return (struct job_state){.status = (uint8_t)status,
                              .ended_ms = ended_ms,
                              .started_ms = TIME_NONE,
                              .exit_code = EXIT_CODE_NONE};
}

Test(stats, what_is_added_and_removed_leaves_nothing)
{
    struct stats s;
    struct job_state a = state(JOB_COMPLETED, 100 * MIN);
    struct job_state b = state(JOB_FAILED, 99 * MIN + 1);
    struct job_state c = state(JOB_IN_PROGRESS, TIME_NONE);

    c.stuck = STUCK_NO_PROGRESS;
    b.drift = true;
    stats_init(&s, 60, 100 * MIN);
    stats_add(&s, &a);
    stats_add(&s, &b);
    stats_add(&s, &c);
    cr_expect_eq(s.total, 3);
    cr_expect_eq(s.by_status[JOB_FAILED], 1);
    cr_expect_eq(s.stuck, 1);
    cr_expect_eq(s.drift, 1);
    cr_expect_eq(stats_active(&s), 1);
    cr_expect_eq(stats_bucket_at(&s, 0)->completed, 1);
    cr_expect_eq(stats_bucket_at(&s, 1)->failed, 1);
    stats_remove(&s, &a);
    stats_remove(&s, &b);
    stats_remove(&s, &c);
    cr_expect_eq(s.total + s.stuck + s.drift + stats_active(&s), 0);
    for (int i = 0; i < STATS_BUCKETS; i++) {
        const struct stats_bucket *k = stats_bucket_at(&s, i);
        cr_expect_eq(k->completed + k->failed + k->cancelled, 0);
    }
    stats_remove(&s, &a);
    cr_expect_eq(s.total, 0, "never below nothing");
}

Test(stats, the_plot_moves_with_time)
{
    struct stats s;
    struct job_state a = state(JOB_COMPLETED, 100 * MIN);

    stats_init(&s, 60, 100 * MIN);
    stats_add(&s, &a);
    stats_advance(&s, 105 * MIN);
    cr_expect_eq(stats_bucket_at(&s, 0)->completed, 0);
    cr_expect_eq(stats_bucket_at(&s, 5)->completed, 1);
    stats_advance(&s, 90 * MIN);
    cr_expect_eq(stats_bucket_at(&s, 5)->completed, 1, "a clock set back is ignored");
    stats_advance(&s, (100 + STATS_BUCKETS - 1) * MIN);
    cr_expect_eq(stats_bucket_at(&s, STATS_BUCKETS - 1)->completed, 1);
    stats_advance(&s, (100 + STATS_BUCKETS) * MIN);
    for (int i = 0; i < STATS_BUCKETS; i++) {
        cr_expect_eq(stats_bucket_at(&s, i)->completed, 0);
    }
    stats_remove(&s, &a); /* out of the plot: takes nothing off it */
    cr_expect_eq(s.total, 0);
    cr_expect_eq(stats_bucket_at(&s, -1)->completed, 0);
    cr_expect_eq(stats_bucket_at(&s, 999)->completed, 0);
}

/* The counts equal a plain recount, over random times and moves. */
Test(stats, incremental_counts_equal_a_recount)
{
    enum { JOBS = 400 };
    static struct job_state jobs[JOBS];
    struct stats s;
    uint32_t seed = 7;
    int64_t now = 1000 * MIN;

    stats_init(&s, 60, now);
    for (int i = 0; i < JOBS; i++) {
        seed = seed * 1664525U + 1013904223U;
        jobs[i] = state(JOB_COMPLETED, now - (int64_t)(seed >> 8) % (100 * MIN));
        stats_add(&s, &jobs[i]);
    }
    for (int step = 0; step < 200; step++) {
        seed = seed * 1664525U + 1013904223U;
        now += (int64_t)(seed >> 8) % (3 * MIN);
        stats_advance(&s, now);
        int i = step * 2 % JOBS;
        stats_remove(&s, &jobs[i]);
        jobs[i].ended_ms = now;
        stats_add(&s, &jobs[i]);
        for (int back = 0; back < STATS_BUCKETS; back++) {
            uint32_t want = 0;
            for (int k = 0; k < JOBS; k++) {
                want += jobs[k].ended_ms / MIN == now / MIN - back;
            }
            cr_assert_eq(stats_bucket_at(&s, back)->completed, want, "step %d, back %d", step,
                         back);
        }
    }
}

Test(stats, a_job_that_ended_ahead_of_our_clock_comes_with_time)
{
    struct stats s;
    struct job_state a = state(JOB_CANCELLED, 103 * MIN);

    stats_init(&s, 60, 100 * MIN);
    stats_add(&s, &a);
    cr_expect_eq(stats_bucket_at(&s, 0)->cancelled, 0);
    stats_advance(&s, 103 * MIN);
    cr_expect_eq(stats_bucket_at(&s, 0)->cancelled, 1);
    a.ended_ms = INT64_MAX;
    stats_add(&s, &a);
    a.ended_ms = INT64_MIN + 1;
    stats_add(&s, &a);
    cr_expect_eq(s.total, 3);
}

static const struct age_case {
    int64_t ms;
    const char *age, *duration, *full;
} ages[] = {
    {0,                            "<1m", "<1s",  "<1s"       },
    {999,                          "<1m", "<1s",  "<1s"       },
    {45 * 1000,                    "<1m", "45s",  "45s"       },
    {60 * 1000,                    "1m",  "1m",   "1m 00s"    },
    {65 * 1000,                    "1m",  "1m",   "1m 05s"    },
    {59 * MIN + 59999,             "59m", "59m",  "59m 59s"   },
    {60 * MIN,                     "1h",  "1h",   "1h 00m 00s"},
    {125 * MIN,                    "2h",  "2h05", "2h 05m 00s"},
    {24 * 60 * MIN,                "1d",  "1d",   "1d 0h"     },
    {99 * 60 * MIN,                "4d",  "4d",   "4d 3h"     },
    {13 * 24 * 60 * MIN,           "13d", "13d",  "13d 0h"    },
    {14 * 24 * 60 * MIN,           "2w",  "14d",  "14d 0h"    },
    {INT64_C(364) * 24 * 60 * MIN, "52w", "364d", "364d 0h"   },
    {INT64_C(365) * 24 * 60 * MIN, "1y",  "365d", "365d 0h"   },
    {INT64_C(800) * 24 * 60 * MIN, "2y",  "800d", "800d 0h"   },
};

Test(age, durations_are_short_and_coarse)
{
    char buf[AGE_SIZE];

    for (size_t i = 0; i < sizeof ages / sizeof *ages; i++) {
        cr_expect_str_eq(age_text(5, 5 + ages[i].ms, buf), ages[i].age);
        cr_expect_str_eq(duration_text(ages[i].ms, buf), ages[i].duration);
        cr_expect_str_eq(duration_long(ages[i].ms, buf), ages[i].full);
    }
    cr_expect_str_eq(age_text(TIME_NONE, 5, buf), "");
    cr_expect_str_eq(age_text(100, 5, buf), "<1m", "ahead of our clock");
    cr_expect_str_eq(duration_text(-1, buf), "");
    (void)age_text(INT64_MIN + 1, INT64_MAX, buf);
    (void)age_text(INT64_MAX, INT64_MIN + 1, buf);
    (void)duration_long(INT64_MAX, buf);
}

Test(age, duration_stands_against_the_estimate)
{
    struct job *j = help_job("'startedAt':{'S':'1970-01-02T00:00:00Z'},'metadata':{'M':{"
                             "'estimatedDuration':{'N':'14400'}}}");
    struct job *plain = help_job("");
    struct job_state s = state(JOB_IN_PROGRESS, TIME_NONE);
    char buf[AGE_SIZE];
    bool over = true;
    int64_t day = 24 * 60 * MIN;

    s.started_ms = day;
    cr_expect_str_eq(job_duration_text(j, &s, day + 12 * MIN, buf, &over), "12m/4h");
    cr_expect_not(over);
    cr_expect_str_eq(job_duration_text(j, &s, day + 5000, buf, &over), "<1m/4h", "no ticking");
    cr_expect_str_eq(job_duration_text(j, &s, day + 300 * MIN, buf, &over), "5h/4h");
    cr_expect(over);
    cr_expect_str_eq(job_duration_text(plain, &s, day + 12 * MIN, buf, NULL), "12m");
    s.ended_ms = day + 5000;
    s.status = JOB_COMPLETED;
    cr_expect_str_eq(job_duration_text(j, &s, day + 300 * MIN, buf, NULL), "5s/4h");
    s = state(JOB_PENDING, TIME_NONE);
    cr_expect_str_eq(job_duration_text(plain, &s, day, buf, &over), "");
    cr_expect_not(over);
    job_free(j);
    j = help_job("'metadata':{'M':{'estimatedDuration':{'N':'14400'}}}");
    cr_expect_str_eq(job_duration_text(j, &s, day, buf, NULL), "-/4h");
    job_free(j);
    j = help_job("'createdAt':{'S':'1970-01-02T00:00:00Z'},'estimatedCompletion':{'S':"
                 "'1970-01-02T02:00:00Z'}");
    cr_expect_eq(job_estimate_ms(j, &s), 120 * MIN);
    job_free(j);
    job_free(plain);
}

Test(age, durations_are_read_as_people_write_them)
{
    static const struct {
        const char *s;
        int64_t want; /* -1: refused */
    } cases[] = {
        {"4h",                      14400},
        {"4 h",                     14400},
        {"4H",                      14400},
        {"30 min",                  1800 },
        {" 30min ",                 1800 },
        {"30 minutes",              1800 },
        {"1:30",                    5400 },
        {"01:05",                   3900 },
        {"1:30:15",                 5415 },
        {"90m",                     5400 },
        {"2h30m",                   9000 },
        {"2 h 30 min",              9000 },
        {"1d 2h",                   93600},
        {"14400",                   14400},
        {"",                        -1   },
        {"1:60",                    -1   },
        {"1:3",                     -1   },
        {":30",                     -1   },
        {"1:",                      -1   },
        {"1:30:15:1",               -1   },
        {"30m2h",                   -1   },
        {"2h2h",                    -1   },
        {"2h30",                    -1   },
        {"1.5h",                    -1   },
        {"-4h",                     -1   },
        {"h",                       -1   },
        {"4 weeks",                 -1   },
        {"soon",                    -1   },
        {"999999999d",              -1   },
        {"99999999999999999999999", -1   },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t got = -1;
        cr_expect_eq(duration_read(cases[i].s, &got), cases[i].want >= 0, "%s", cases[i].s);
        if (cases[i].want >= 0) {
            cr_expect_eq(got, cases[i].want, "%s", cases[i].s);
        }
    }
}

Test(age, durations_are_read_strictly)
{
    static const struct {
        const char *s;
        int64_t want; /* -1: refused */
    } cases[] = {
        {"90",                      90       },
        {"90s",                     90       },
        {"15m",                     900      },
        {"4h",                      14400    },
        {"2d",                      172800   },
        {"0",                       0        },
        {"",                        -1       },
        {"h",                       -1       },
        {"4hh",                     -1       },
        {"4 h",                     -1       },
        {"-4",                      -1       },
        {"1.5h",                    -1       },
        {"4H",                      -1       },
        {"3651d",                   -1       },
        {"3650d",                   315360000},
        {"99999999999999999999999", -1       }
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t got = -1;
        cr_expect_eq(duration_parse(cases[i].s, &got), cases[i].want >= 0, "%s", cases[i].s);
        cr_expect_eq(got, cases[i].want, "%s", cases[i].s);
    }
}
