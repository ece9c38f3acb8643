/* What the dashboard says of when jobs should end: the list's cells, the detail's lines and bars.
 */
#include <stdio.h>
#include <stdlib.h>

#include "aws/attr.h"
#include "core/strbuf.h"
#include "jobs_help.h"
#include "src/app/detail_text.h"

#define MIN INT64_C(60000)
/* 2025-08-20T00:00:00Z */
#define T0 INT64_C(1755648000000)

static const char *const names[] = {"INIT", "AI_DEVELOPMENT", "BUILDING"};

/* A job whose steps lasted `minutes` each; `steps` of them began, and with all it is over. Owned.
 */
static struct job *job_of(int n, int64_t minutes, size_t steps)
{
    char at[TIME_ISO_SIZE];
    char id[32];
    int64_t begin = T0 - 60 * MIN * (n + 1);
    bool over = steps > 3;
    cJSON *item = json_new_object();
    cJSON *times = json_new_object();

    (void)snprintf(id, sizeof id, "job_%d", n);
    for (size_t i = 0; i < 3 && i < steps; i++) {
        json_set(times, names[i], attr_new_str(time_iso(begin + (int64_t)i * minutes * MIN, at)));
    }
    json_set(item, "jobId", attr_new_str(id));
    json_set(item, "productId", attr_new_str("p"));
    json_set(item, "status", attr_new_str(over ? "COMPLETED" : "IN_PROGRESS"));
    json_set(item, "currentStep", attr_new_str(over ? "COMPLETED" : names[steps - 1]));
    json_set(item, "startedAt", attr_new_str(time_iso(begin, at)));
    json_set(item, "updatedAt", attr_new_str(time_iso(over ? begin : T0, at)));
    json_set(item, "stepTimes", attr_new_map(times));
    if (over) {
        json_set(item, "completedAt", attr_new_str(time_iso(begin + 3 * minutes * MIN, at)));
    }
    struct job *j = job_from_item(item);
    cJSON_Delete(item);
    cr_assert_not_null(j);
    return j;
}

/* A store of `n` jobs whose steps lasted 1, 2, 3 ... minutes, and of one that is in its second step
 * since `minutes`. */
static struct store *store_of(int n, int64_t minutes)
{
    struct store *s = store_new(NULL);

    for (int i = 0; i <= n; i++) {
        struct job *j = i == 0 ? job_of(0, 60 - minutes, 2) : job_of(i, i, 4);
        (void)store_put_jobs(s, &j, 1, 1, false, T0);
    }
    (void)store_tick(s, T0);
    return s;
}

static void expect_cell(const struct store *s, enum column_id c, const char *want, enum style style)
{
    char text[80];
    enum style st = ST_TEXT;
    struct format_ctx x = {.now_ms = T0, .forecast = store_forecast(s), .ascii = true};

    column_format(&job_columns[c], store_find(s, "job_0"), &x, text, sizeof text, &st);
    cr_expect_str_eq(text, want);
    cr_expect_eq(st, style, "%s has the style %d", text, (int)st);
}

Test(app_eta, the_list_says_in_how_long_a_job_should_end)
{
    struct store *s = store_of(20, 0);

    /* ranks 2 and 19 of twenty jobs that took 2, 4 ... 40 min from there to the end */
    expect_cell(s, COL_ETA, "4-38m", ST_TIME);
    struct format_ctx x = {.now_ms = T0};
    char text[80] = "?";
    enum style st = ST_TEXT;
    column_format(&job_columns[COL_ETA], store_find(s, "job_0"), &x, text, sizeof text, &st);
    cr_expect_str_empty(text, "without a history nothing is said");
    x.forecast = store_forecast(s);
    column_format(&job_columns[COL_ETA], store_find(s, "job_1"), &x, text, sizeof text, &st);
    cr_expect_str_empty(text, "nor of a job that is over");
    store_free(s);
}

Test(app_eta, a_slow_job_is_marked_in_both_cells_and_found)
{
    struct store *s = store_of(20, 20);
    struct err e = {0};

    cr_assert(store_find(s, "job_0")->state.slow);
    expect_cell(s, COL_ETA, "slow", ST_WARN);
    expect_cell(s, COL_STATUS, "@ IN PROGRESS>", ST_RUNNING);
    store_set_filter(s, filter_new("is:slow", &e), T0);
    cr_assert_eq(store_rows(s), 1, "%s", e.msg);
    cr_expect_str_eq(store_row(s, 0)->job->id, "job_0");
    store_free(s);

    s = store_of(19, 20);
    cr_expect_not(store_find(s, "job_0")->state.slow, "nineteen jobs have no 95th percentile");
    store_free(s);
}

Test(app_eta, a_job_becomes_slow_as_time_passes)
{
    struct store *s = store_of(20, 18);
    struct err e = {0};

    store_set_filter(s, filter_new("is:slow", &e), T0);
    cr_assert_eq(store_rows(s), 0);
    (void)store_tick(s, T0 + 2 * MIN);
    cr_expect_eq(store_rows(s), 1);
    store_free(s);
}

Test(app_eta, the_times_of_steps_are_learned_and_kept_for_the_statistics)
{
    struct store *s = store_of(20, 0);
    struct job *again = job_of(7, 7, 4);
    uint64_t compares = store_work(s).compares;

    cr_expect_eq(forecast_len(store_forecast(s)), 20);
    cr_expect_not_null(job_steps(store_find(s, "job_7")->job), "one of a few that are over");
    cr_expect_not_null(job_steps(store_find(s, "job_0")->job), "one that runs has them");
    cr_expect_eq(store_put_jobs(s, &again, 1, 2, true, T0), 0, "it is the same job");
    cr_expect_eq(store_work(s).compares, compares);
    cr_expect_eq(forecast_len(store_forecast(s)), 20);
    store_free(s);
}

/* ---- the detail ---- */

/* The text of the overview or of the timeline. Owned. */
static char *detail(const struct store *s, const char *id, int cols, bool ascii,
                    void (*fill)(struct textview *v, const struct detail_source *x))
{
    const struct entry *e = store_find(s, id);
    struct job *full = strcmp(id, "job_0") == 0 ? NULL : job_of(atoi(id + 4), atoi(id + 4), 4);
    struct job_detail data = {.job = full};
    struct detail_source x = {.job = e->job,
                              .state = &e->state,
                              .entry = e,
                              .data = full == NULL ? NULL : &data,
                              .forecast = store_forecast(s),
                              .doctor_key = "",
                              .children_key = "",
                              .cols = cols,
                              .ascii = ascii,
                              .now_ms = T0};
    struct textview v;

    textview_init(&v);
    fill(&v, &x);
    char *text = textview_all(&v, NULL, NULL);
    textview_done(&v);
    job_free(full);
    return text;
}

static void has(const char *text, const char *line)
{
    cr_expect_not_null(strstr(text, line), "no \"%s\" in:\n%s", line, text);
}

static void setup(void)
{
    (void)setenv("TZ", "UTC", 1);
}

TestSuite(app_eta, .init = setup, .timeout = 60);

Test(app_eta, the_overview_says_when_a_job_should_end)
{
    struct store *s = store_of(20, 0);
    char *text = detail(s, "job_0", 78, true, detail_text_overview);

    has(text, "\nShould end     in 4 to 38 min (00:04-00:38)\n");
    cr_expect_null(strstr(text, "Slow"));
    free(text);
    store_free(s);
    s = store_of(20, 20);
    text = detail(s, "job_0", 78, true, detail_text_overview);
    cr_expect_null(strstr(text, "Should end"), "%s", text);
    has(text, "\nSlow           in its step for 20m 00s; 90 % of 20 jobs took 18m 00s or less\n");
    free(text);
    store_free(s);
}

Test(app_eta, bars_show_each_step_beside_what_is_usual)
{
    struct store *s = store_of(20, 10);
    char *text = detail(s, "job_0", 78, true, detail_text_timeline);

    /* 31 cells for 50 minutes; p50 is 10 min, p90 18 min */
    has(text, "INIT                   50m 00s ######======###################  10m-18m\n");
    has(text, "AI_DEVELOPMENT         10m 00s ######------                     10m-18m\n");
    cr_expect_null(strstr(text, "BUILDING"), "it has not come to that");
    char *wide = detail(s, "job_0", 1000, true, detail_text_timeline);
    has(wide, "50m 00s ############==========######################################  10m-18m\n");
    free(wide);
    has(text, "\n=-: p50 to p90 of 20 completed jobs of its product\n");
    free(text);
    /* of a job that is over the list has no times: the detail has */
    text = detail(s, "job_4", 78, false, detail_text_timeline);
    has(text, "BUILDING                4m 00s \xe2\x96\x88");
    free(text);
    store_free(s);
    s = store_of(3, 10);
    text = detail(s, "job_0", 40, true, detail_text_timeline);
    has(text, "AI_DEVELOPMENT         10m 00s #\n");
    has(text, "\nThe usual time is not known: too few jobs have completed.\n");
    free(text);
    store_free(s);
}
