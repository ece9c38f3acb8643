/* When a running job should end: by generated histories, a half of which is held out. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "aws/attr.h"
#include "jobs/forecast.h"
#include "jobs_help.h"

#define MIN INT64_C(60000)
#define HOUR (60 * MIN)
/* 2025-08-20T00:00:00Z */
#define MIDNIGHT INT64_C(1755648000000)

static const char *const step_names[] = {"INIT", "AI_DEVELOPMENT", "BUILDING", "DEPLOYING"};
enum { STEPS = sizeof step_names / sizeof *step_names };

/* ---- generated lives ---- */

struct life {
    char id[40];
    char product[24];
    int64_t began[STEPS];
    int64_t end;
};

/* The same numbers on every machine. */
static double chance(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return ((double)(*seed >> 11) + 0.5) / 9007199254740992.0;
}

static double normal(uint64_t *seed)
{
    double u = chance(seed), v = chance(seed);

    return sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
}

/* How long a step lasts, in seconds, by the kind of product. */
static double lasts(unsigned kind, size_t step, uint64_t *seed)
{
    double usual = (double[]){20, 600, 180, 60}[step];

    switch (kind) {
    case 0: /* even */
        return usual * (0.8 + 0.4 * chance(seed));
    case 1: /* skewed: a few last very long */
        return usual * 2 * exp(0.8 * normal(seed));
    case 2: /* one in three works twice as long in one step, and not in the others */
        return usual * (step == 1 && chance(seed) < 0.33 ? 3 : 1) * (0.9 + 0.2 * chance(seed));
    case 3: /* without a memory: how long it lasted says nothing */
        return -usual * log(chance(seed));
    default: /* of a few values */
        return usual * (1 + floor(3 * chance(seed)));
    }
}

enum { KINDS = 5 };

static struct life life_of(size_t n, unsigned kind, uint64_t *seed)
{
    struct life l;
    int64_t at = MIDNIGHT + (int64_t)n * MIN;

    (void)snprintf(l.id, sizeof l.id, "job_%zu_abcdefghi", n);
    (void)snprintf(l.product, sizeof l.product, "prod-%u", kind);
    for (size_t i = 0; i < STEPS; i++) {
        l.began[i] = at;
        at += (int64_t)(1000 * lasts(kind, i, seed)) + 1;
    }
    l.end = at;
    return l;
}

/* The job as its record was at `now`. With `steps` false the record is an older program's. Owned.
 */
static struct job *job_at(const struct life *l, int64_t now, bool steps, struct job_state *s)
{
    char at[TIME_ISO_SIZE];
    size_t step = 0;
    cJSON *item = json_new_object();
    cJSON *times = json_new_object();
    bool over = now >= l->end;

    for (size_t i = 0; i < STEPS && l->began[i] <= now; i++) {
        json_set(times, step_names[i], attr_new_str(time_iso(l->began[i], at)));
        step = i;
    }
    json_set(item, "jobId", attr_new_str(l->id));
    json_set(item, "productId", attr_new_str(l->product));
    json_set(item, "status", attr_new_str(over ? "COMPLETED" : "IN_PROGRESS"));
    json_set(item, "currentStep", attr_new_str(over ? "COMPLETED" : step_names[step]));
    json_set(item, "startedAt", attr_new_str(time_iso(l->began[0], at)));
    json_set(item, "updatedAt", attr_new_str(time_iso(now < l->end ? now : l->end, at)));
    if (over) {
        json_set(item, "completedAt", attr_new_str(time_iso(l->end, at)));
    }
    if (steps) {
        json_set(item, "stepTimes", attr_new_map(times));
    } else {
        cJSON_Delete(times);
    }
    struct job *j = job_from_item(item);
    cJSON_Delete(item);
    cr_assert_not_null(j);
    job_state_merge(j, NULL, false, now, NULL, s);
    return j;
}

static bool learn(struct forecast *f, const struct life *l, bool steps)
{
    struct job_state s;
    struct job *j = job_at(l, l->end, steps, &s);
    bool news = forecast_learn(f, j);

    job_free(j);
    return news;
}

static bool ask(const struct forecast *f, const struct life *l, int64_t now, bool steps,
                struct eta *out)
{
    struct job_state s;
    struct job *j = job_at(l, now, steps, &s);
    bool known = forecast_eta(f, j, &s, now, out);

    job_free(j);
    return known;
}

/* A job of steps that all last so many minutes. */
static struct life even(size_t n, const char *product, int64_t minutes)
{
    struct life l;

    (void)snprintf(l.id, sizeof l.id, "job_%zu_abcdefghi", n);
    (void)snprintf(l.product, sizeof l.product, "%s", product);
    for (size_t i = 0; i < STEPS; i++) {
        l.began[i] = MIDNIGHT + (int64_t)n * MIN + (int64_t)i * minutes * MIN;
    }
    l.end = l.began[STEPS - 1] + minutes * MIN;
    return l;
}

/* ---- 80 % end inside ---- */

struct score {
    size_t asked, told, inside, past;
    double widths[20000];
};

static int by_width(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static void score_one(struct score *t, const struct forecast *f, const struct life *l, int64_t now,
                      bool steps)
{
    struct eta x;

    t->asked++;
    if (now < l->end && ask(f, l, now, steps, &x)) {
        cr_assert_lt(t->told, sizeof t->widths / sizeof *t->widths);
        t->widths[t->told++] = (double)(x.high_ms - x.low_ms) / (double)(l->end - l->began[0]);
        t->inside += x.low_ms <= l->end && l->end <= x.high_ms;
        t->past += x.low_ms < now || x.high_ms < x.low_ms;
    }
}

/* Asks at the begin of each step, and so many minutes after the start: at moments that do not
 * depend on when the job will end. */
static void score_life(struct score *t, const struct forecast *f, const struct life *l, bool steps)
{
    static const int64_t after[] = {1, 2, 4, 7, 11, 16, 25, 40};

    for (size_t i = 0; i < STEPS; i++) {
        score_one(t, f, l, l->began[i], steps);
    }
    for (size_t i = 0; i < sizeof after / sizeof *after; i++) {
        if (l->began[0] + after[i] * MIN < l->end) {
            score_one(t, f, l, l->began[0] + after[i] * MIN, steps);
        }
    }
}

static double median_width(struct score *t)
{
    qsort(t->widths, t->told, sizeof *t->widths, by_width);
    return t->widths[t->told / 2];
}

enum { HISTORY = 400, HELD_OUT = 400 };

/* One half of the lives is learned, and the other half is asked for. */
static void held_out(unsigned kinds, bool steps, struct score scores[KINDS + 1])
{
    struct forecast *f = forecast_new();
    uint64_t seed = 7;

    for (size_t i = 0; i < HISTORY; i++) {
        struct life l = life_of(i, (unsigned)i % kinds, &seed);
        cr_assert(learn(f, &l, steps));
    }
    forecast_settle(f);
    for (size_t i = 0; i < HELD_OUT; i++) {
        unsigned kind = (unsigned)i % kinds;
        struct life l = life_of(HISTORY + i, kind, &seed);
        score_life(&scores[kind], f, &l, steps);
        score_life(&scores[KINDS], f, &l, steps);
    }
    forecast_free(f);
}

static void expect_good(struct score *t, const char *what, double inside, double width)
{
    double share = (double)t->inside / (double)t->told;
    double wide = median_width(t);

    cr_log_info("%s: %zu asked, %zu told, %.3f inside, median width %.3f", what, t->asked, t->told,
                share, wide);
    cr_expect_geq(share, inside, "%s: %.3f of %zu end inside", what, share, t->told);
    cr_expect_leq(wide, width, "%s: the median width is %.2f of the whole time", what, wide);
    cr_expect_geq((double)t->told, 0.85 * (double)t->asked, "%s: %zu of %zu are told", what,
                  t->told, t->asked);
    cr_expect_eq(t->past, 0, "%s: an interval is never in the past", what);
}

Test(forecast, four_of_five_jobs_end_inside)
{
    static struct score scores[KINDS + 1];
    /* how wide: by how much the products' own times differ */
    static const double widths[KINDS] = {0.3, 2.0, 0.8, 1.4, 0.8};
    char what[40];

    held_out(KINDS, true, scores);
    expect_good(&scores[KINDS], "all", 0.80, 0.8);
    for (unsigned k = 0; k < KINDS; k++) {
        (void)snprintf(what, sizeof what, "product %u", k);
        expect_good(&scores[k], what, 0.76, widths[k]);
    }
}

Test(forecast, four_of_five_jobs_without_step_times_end_inside)
{
    static struct score scores[KINDS + 1];

    held_out(KINDS, false, scores);
    expect_good(&scores[KINDS], "all", 0.80, 1.2);
}

/* ---- what is known and what is not ---- */

/* A history of `n` jobs of steps that last 1, 2, 3 ... minutes. */
static struct forecast *history_of(size_t n, const char *product)
{
    struct forecast *f = forecast_new();

    for (size_t i = 0; i < n; i++) {
        struct life l = even(i, product, (int64_t)i + 1);
        (void)learn(f, &l, true);
    }
    forecast_settle(f);
    return f;
}

Test(forecast, too_little_history_is_unknown)
{
    struct life l = even(5000, "p", 5);
    struct eta x;
    struct usual u;

    cr_expect_not(ask(NULL, &l, l.began[1], true, &x));
    for (size_t n = 0; n <= 12; n++) {
        struct forecast *f = history_of(n, "p");
        struct job_state s;
        struct job *j = job_at(&l, l.began[1], true, &s);
        cr_expect_eq(forecast_eta(f, j, &s, l.began[1], &x), n >= 10, "%zu jobs", n);
        cr_expect_eq(forecast_usual(f, j, "BUILDING", &u), n >= 10, "%zu jobs", n);
        job_free(j);
        forecast_free(f);
    }
}

/* Of ten jobs whose steps last 1 to 10 minutes, the interval is that of the ranks 1 and 10. */
Test(forecast, interval_is_made_of_the_jobs_that_were_in_the_step_for_longer)
{
    struct forecast *f = history_of(10, "p");
    struct life l = even(5000, "p", 30);
    struct eta x;

    cr_assert(ask(f, &l, l.began[1], true, &x));
    cr_expect_eq(x.low_ms, l.began[1] + 3 * MIN);
    cr_expect_eq(x.high_ms, l.began[1] + 30 * MIN);
    /* the job of one minute is none to compare with any more; of nine, ranks 1 and 9 */
    cr_assert(ask(f, &l, l.began[1] + MIN, true, &x));
    cr_expect_eq(x.low_ms, l.began[1] + 6 * MIN);
    cr_expect_eq(x.high_ms, l.began[1] + 30 * MIN);
    /* of eight nothing is known; the whole time does not tell more: it is over that of most */
    cr_expect_not(ask(f, &l, l.began[1] + 2 * MIN, true, &x));
    forecast_free(f);
}

/* The whole time says nothing of a job that is late in its step. */
Test(forecast, a_job_that_is_late_in_its_step_has_none)
{
    struct forecast *f = history_of(30, "p");
    struct life l = even(5000, "p", 1);
    struct eta x;

    l.end = l.began[3] + 100 * MIN;
    cr_expect(ask(f, &l, l.began[3] + 20 * MIN, true, &x), "ten are behind it");
    cr_expect(ask(f, &l, l.began[3] + 26 * MIN, true, &x), "few are, but their whole times tell");
    cr_expect_not(ask(f, &l, l.began[3] + 27 * MIN + 1, true, &x));
    forecast_free(f);
}

Test(forecast, only_a_job_that_runs_has_an_interval)
{
    struct forecast *f = history_of(20, "p");
    struct life l = even(5000, "p", 5);
    struct job_state s;
    struct eta x;
    struct job *j = job_at(&l, l.began[1], true, &s);

    for (unsigned status = 0; status < JOB_STATUS_COUNT; status++) {
        s.status = (uint8_t)status;
        cr_expect_eq(forecast_eta(f, j, &s, l.began[1], &x), status == JOB_IN_PROGRESS, "%u",
                     status);
        cr_expect_eq(forecast_slow(f, j, &s, l.began[1] + 21 * MIN), status == JOB_IN_PROGRESS,
                     "%u", status);
    }
    job_free(j);
    forecast_free(f);
}

Test(forecast, other_products_count_where_few_of_its_own_are_known)
{
    struct forecast *f = history_of(30, "p");
    struct life own = even(5000, "p", 5);
    struct life other = even(5001, "q", 5);
    struct life none = even(5002, "", 5);
    struct eta a, b, c;

    for (size_t i = 100; i < 109; i++) {
        struct life l = even(i, "q", 500);
        cr_assert(learn(f, &l, true));
    }
    forecast_settle(f);
    cr_assert(ask(f, &own, own.began[1], true, &a));
    cr_assert(ask(f, &other, other.began[1], true, &b));
    cr_assert(ask(f, &none, none.began[1], true, &c));
    cr_expect_eq(a.high_ms - own.began[1], 3 * 28 * MIN, "its own jobs alone");
    cr_expect_eq(b.high_ms - other.began[1], 3 * 500 * MIN, "nine of its own are too few: all");
    cr_expect_eq(c.high_ms - none.began[1], 3 * 500 * MIN);
    struct life tenth = even(109, "q", 500);
    cr_assert(learn(f, &tenth, true));
    forecast_settle(f);
    cr_assert(ask(f, &other, other.began[1], true, &b));
    cr_expect_eq(b.low_ms - other.began[1], 3 * 500 * MIN, "ten are not");
    /* all of its own jobs took less: those of other products say nothing about it */
    cr_expect_not(ask(f, &own, own.began[1] + 200 * MIN, true, &a));
    forecast_free(f);
}

Test(forecast, slow_is_longer_than_the_95th_percentile_of_the_step)
{
    struct life l = even(5000, "p", 900);
    struct job_state s;
    struct job *j = job_at(&l, l.began[1], true, &s);
    struct job *without = job_at(&l, l.began[1], false, &s);

    for (size_t n = 18; n <= 40; n += 2) {
        struct forecast *f = history_of(n, "p");
        int64_t p95 = (int64_t)((n * 95 + 99) / 100) * MIN;
        cr_expect_not(forecast_slow(f, j, &s, l.began[1] + p95), "%zu", n);
        cr_expect_eq(forecast_slow(f, j, &s, l.began[1] + p95 + 1), n >= 20, "%zu", n);
        cr_expect_not(forecast_slow(f, without, &s, l.began[1] + p95 + 1), "no times are known");
        forecast_free(f);
    }
    job_free(j);
    job_free(without);
}

Test(forecast, a_job_that_went_back_to_a_step_does_not_tell_when)
{
    static const struct {
        const char *step;
        int64_t want;
    } cases[] = {
        {"BUILDING", 2 * HOUR },
        {"INIT",     TIME_NONE},
        {"CLEANUP",  TIME_NONE},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = xasprintf("'currentStep':{'S':'%s'},'stepTimes':{'M':{"
                               "'BUILDING':{'S':'1970-01-01T02:00:00Z'},"
                               "'INIT':{'S':'1970-01-01T01:00:00Z'}}}",
                               cases[i].step);
        struct job *j = help_job(text);
        cr_expect_eq(forecast_step_began(j), cases[i].want, "%s", cases[i].step);
        job_free(j);
        free(text);
    }
    struct job *j = help_job("'currentStep':{'S':'BUILDING'}");
    cr_expect_eq(forecast_step_began(j), TIME_NONE);
    job_free(j);
}

Test(forecast, usual_times_are_by_the_nearest_rank)
{
    struct forecast *f = history_of(25, "p");
    struct life l = even(5000, "p", 5);
    struct job_state s;
    struct job *j = job_at(&l, l.began[1], true, &s);
    struct usual u;

    cr_assert(forecast_usual(f, j, "BUILDING", &u));
    cr_expect_eq(u.count, 25);
    cr_expect_eq(u.p50, 13 * MIN);
    cr_expect_eq(u.p90, 23 * MIN);
    cr_expect_not(u.all);
    cr_expect_not(forecast_usual(f, j, "NO_SUCH_STEP", &u));
    job_free(j);
    forecast_free(f);
}

/* ---- what is remembered ---- */

Test(forecast, a_job_is_learned_once_and_the_last_ones_stay)
{
    struct forecast *f = forecast_new();

    for (size_t i = 0; i < FORECAST_JOBS + 50; i++) {
        struct life l = even(i, "p", 1);
        cr_assert(learn(f, &l, true));
        cr_assert_not(learn(f, &l, true), "the same job again");
    }
    cr_expect_eq(forecast_len(f), FORECAST_JOBS);
    struct life old = even(10, "p", 1);
    cr_expect_not(learn(f, &old, true), "it ended before all that are remembered");
    struct life late = even(FORECAST_JOBS, "p", 700);
    cr_expect(learn(f, &late, true), "a later end of the same job counts");
    cr_expect_eq(forecast_len(f), FORECAST_JOBS);
    forecast_free(f);
}

Test(forecast, only_what_completed_and_tells_its_end_is_learned)
{
    static const char *const no[] = {
        "'status':{'S':'FAILED'},'startedAt':{'S':'2025-08-20T10:00:00Z'},"
        "'completedAt':{'S':'2025-08-20T11:00:00Z'}",
        "'status':{'S':'IN_PROGRESS'},'startedAt':{'S':'2025-08-20T10:00:00Z'}",
        "'status':{'S':'COMPLETED'},'startedAt':{'S':'2025-08-20T10:00:00Z'},"
        "'updatedAt':{'S':'2025-08-20T11:00:00Z'}",
        "'status':{'S':'COMPLETED'},'completedAt':{'S':'2025-08-20T11:00:00Z'}",
        "'status':{'S':'COMPLETED'},'startedAt':{'S':'2025-08-20T11:00:01Z'},"
        "'completedAt':{'S':'2025-08-20T11:00:00Z'}",
        "'status':{'S':'COMPLETED'},'startedAt':{'S':'2005-08-20T11:00:01Z'},"
        "'completedAt':{'S':'2025-08-20T11:00:00Z'}",
    };
    struct forecast *f = forecast_new();

    for (size_t i = 0; i < sizeof no / sizeof *no; i++) {
        struct job *j = help_job(no[i]);
        cr_expect_not(forecast_learn(f, j), "%s", no[i]);
        job_free(j);
    }
    cr_expect_eq(forecast_len(f), 0);
    struct job *j = help_job("'status':{'S':'COMPLETED'},'startedAt':{'S':'2025-08-20T10:00:00Z'},"
                             "'completedAt':{'S':'2025-08-20T11:00:00Z'}");
    cr_expect(forecast_learn(f, j));
    job_free(j);
    forecast_free(f);
}

Test(forecast, bytes_are_read_as_they_were_written_and_garbage_is_refused)
{
    struct forecast *f = history_of(30, "p");
    struct forecast *g = forecast_new();
    struct life l = even(5000, "p", 5);
    struct strbuf b = STRBUF_INIT;
    struct strbuf again = STRBUF_INIT;
    struct eta x, y;

    forecast_bytes(f, &b);
    cr_assert_leq(b.len, FORECAST_BYTES);
    for (size_t n = 0; n < b.len; n++) {
        cr_assert_not(forecast_from(g, b.data, n), "cut at %zu", n);
    }
    for (size_t i = 0; i < b.len; i++) {
        b.data[i] ^= 0x10;
        cr_assert_not(forecast_from(g, b.data, b.len), "byte %zu is another one", i);
        b.data[i] ^= 0x10;
    }
    cr_expect_eq(forecast_len(g), 0);
    cr_assert(forecast_from(g, b.data, b.len));
    forecast_settle(g);
    cr_assert(ask(f, &l, l.began[2], true, &x));
    cr_assert(ask(g, &l, l.began[2], true, &y));
    cr_expect_eq(x.low_ms, y.low_ms);
    cr_expect_eq(x.high_ms, y.high_ms);
    forecast_bytes(g, &again);
    cr_expect(again.len == b.len && memcmp(again.data, b.data, b.len) == 0);
    cr_expect_eq(forecast_merge(g, f), 0, "nothing in it is new");
    struct life late = even(6000, "p", 5);
    (void)learn(f, &late, true);
    cr_expect_eq(forecast_merge(g, f), 1);
    strbuf_clear(&b);
    strbuf_clear(&again);
    forecast_free(f);
    forecast_free(g);
}

Test(forecast, intervals_in_words)
{
    static const struct {
        int64_t low, high;
        const char *brief, *words;
    } cases[] = {
        {6 * MIN,     11 * MIN,     "6-11m",    "in 6 to 11 min" },
        {6 * MIN + 1, 10 * MIN + 1, "6-11m",    "in 6 to 11 min" },
        {0,           40 * 1000,    "<1m",      "within a minute"},
        {0,           90 * 1000,    "0-2m",     "within 2m"      },
        {50 * MIN,    80 * MIN,     "50m-1h20", "in 50m to 1h20" },
        {30 * 1000,   80 * MIN,     "0-1h20",   "within 1h20"    },
        {26 * HOUR,   50 * HOUR,    "1d-2d",    "in 1d to 2d"    },
        {-5 * MIN,    2 * MIN,      "0-2m",     "within 2m"      },
        {59 * MIN,    59 * MIN + 1, "59m-1h",   "in 59m to 1h"   },
    };
    char brief[AGE_SIZE], words[ETA_LONG_SIZE];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct eta x = {MIDNIGHT + cases[i].low, MIDNIGHT + cases[i].high};
        cr_expect_str_eq(eta_short(&x, MIDNIGHT, brief), cases[i].brief);
        cr_expect_str_eq(eta_long(&x, MIDNIGHT, words), cases[i].words);
    }
}
