/* The screen of statistics: its figures, its causes, and the jobs of a cause in the list. */
#include <criterion/criterion.h>

#include "app_fixture.h"
#include "aws/attr.h"
#include "core/json.h"
#include "jobs/cause.h"
#include "jobs/insight.h"
#include "jobs/price.h"

TestSuite(appstats, .timeout = 240);

#define DAY_S INT64_C(86400)

/* A failed job of this error at this step. */
static struct job *failed_job(const char *id, const char *user, int64_t created_s,
                              const char *error, const char *step)
{
    const struct job_spec s = {
        .id = id, .status = "FAILED", .user = user, .step = step, .created_s = created_s};
    cJSON *item = fixture_item(&s);
    char iso[TIME_ISO_SIZE];

    fixture_attr(item, "lastError", "S", error);
    fixture_attr(item, "startedAt", "S", time_iso(T0 + created_s * 1000 + 5000, iso));
    fixture_attr(item, "completedAt", "S", time_iso(T0 + created_s * 1000 + 65000, iso));
    struct job *j = job_from_item(item);
    cJSON_Delete(item);
    return j;
}

static struct job *done_job(const char *id, const char *user, int64_t created_s, int64_t took_s)
{
    const struct job_spec s = {
        .id = id, .status = "COMPLETED", .user = user, .created_s = created_s};
    cJSON *item = fixture_item(&s);
    char iso[TIME_ISO_SIZE];

    fixture_attr(item, "startedAt", "S", time_iso(T0 + created_s * 1000, iso));
    fixture_attr(item, "completedAt", "S", time_iso(T0 + (created_s + took_s) * 1000, iso));
    struct job *j = job_from_item(item);
    cJSON_Delete(item);
    return j;
}

static void put(struct bench *b, struct job *j)
{
    struct task t = {.kind = TASK_GET_JOBS};
    struct msg *m = msg_new(MSG_JOBS, &t);

    m->u.jobs.items = xcalloc(1, sizeof(struct job *));
    m->u.jobs.items[0] = j;
    m->u.jobs.len = 1;
    bench_msg(b, m);
}

/* Three causes, several users, one job before the week, one without a user. */
static struct bench open_bench(void)
{
    struct bench b = bench_new();
    char id[24];
    char error[80];

    for (int i = 0; i < 12; i++) {
        (void)snprintf(id, sizeof id, "done%02d", i);
        put(&b, done_job(id, i % 3 == 0 ? "ann" : "bob", -1 - i * 3600, 60 + i));
    }
    for (int i = 0; i < 9; i++) {
        (void)snprintf(id, sizeof id, "fail%02d", i);
        (void)snprintf(error, sizeof error,
                       i % 3 == 0 ? "npm run build exited with %d" : "no room on disk %d: /srv/%d",
                       i, i);
        put(&b, failed_job(id, i == 8 ? NULL : "ann", -1 - i * 36000, error,
                           i < 5 ? "BUILDING" : "INIT"));
    }
    put(&b, failed_job("hostile", "\033[2Jeve", -60, "\033]0;x\a\xe2\x80\xae gone", "DEPLOYING"));
    put(&b, failed_job("old", "ann", -9 * DAY_S, "npm run build exited with 7", "BUILDING"));
    return b;
}

/* The document of the same jobs, counted one by one. Owned. */
static char *counted(const struct bench *b, const struct insight_query *q)
{
    struct insight_run *r = insight_begin(q);

    for (size_t i = 0; i < store_len(b->m->desk.store); i++) {
        const struct entry *e = store_any(b->m->desk.store, i);
        insight_add(r, e->job, e->batch, &e->state);
    }
    struct insight *x = insight_end(r);
    cJSON *doc = insight_json(x);
    char *text = json_text(doc);
    cJSON_Delete(doc);
    insight_free(x);
    return text;
}

static void expect_counted(const struct bench *b)
{
    const struct stats_view *v = stats_screen_of(b->m);
    cJSON *doc = insight_json(v->x);
    char *text = json_text(doc);
    char *want = counted(b, &v->x->query);

    cr_expect_str_eq(text, want);
    free(want);
    free(text);
    cJSON_Delete(doc);
}

static char *drawn(const struct bench *b)
{
    struct surface s;

    surface_init(&s, b->m->rows, b->m->cols, false);
    draw_model(&s, b->m);
    char *text = surface_text(&s);
    surface_done(&s);
    return text;
}

static void expect_drawn(const struct bench *b, const char *what)
{
    char *text = drawn(b);

    cr_expect_not_null(strstr(text, what), "no \"%s\" in\n%s", what, text);
    free(text);
}

/* The store does not keep how long jobs that are over waited; step times it keeps of some. */
Test(appstats, the_figures_that_only_the_command_has_are_named)
{
    struct bench b = open_bench();

    bench_key(&b, "6");
    expect_drawn(&b, "How long ended jobs waited: see `mvpdash stats`");
    bench_free(&b);

    b = bench_new();
    put(&b, fixture_job(&(struct job_spec){.id = "new", .status = "PENDING", .created_s = -5}));
    bench_key(&b, "6");
    char *text = drawn(&b);
    cr_expect_null(strstr(text, "`mvpdash stats`"), "nothing is left out where no job is over");
    free(text);
    bench_free(&b);
}

Test(appstats, the_figures_are_those_of_the_command)
{
    struct bench b = open_bench();

    bench_key(&b, "6");
    cr_expect_eq(model_scope(b.m), SCOPE_STATS);
    const struct stats_view *v = stats_screen_of(b.m);
    cr_assert_not_null(v->x, "so few jobs are counted at once");
    cr_expect_eq(v->x->jobs, 22, "the job of nine days ago is not in the week");
    cr_expect_eq(v->seen.loaded, 23);
    cr_expect_eq(v->x->causes_len, 3);
    expect_counted(&b);
    expect_drawn(&b, "22 jobs of 23 loaded jobs");
    expect_drawn(&b, "success rate 54.5 % of 22");
    expect_drawn(&b, "no room on disk <n>: <path>");
    expect_drawn(&b, "first 3d ago, last 9h ago, 1 user, BUILDING INIT");
    expect_drawn(&b, "new since yesterday, first <1m ago");
    expect_drawn(&b, "cost        unknown");
    cr_expect_null(bench_broken(b.m));
    bench_free(&b);
}

/* A job that is over and tells when it came to each of two steps. */
static struct job *stepped_job(const char *id, int64_t created_s)
{
    const struct job_spec s = {.id = id, .status = "COMPLETED", .created_s = created_s};
    cJSON *item = fixture_item(&s), *times = cJSON_CreateObject();
    char iso[TIME_ISO_SIZE];

    fixture_attr(times, "INIT", "S", time_iso(T0 + created_s * 1000, iso));
    fixture_attr(times, "BUILDING", "S", time_iso(T0 + (created_s + 20) * 1000, iso));
    json_set(item, "stepTimes", attr_new_map(times));
    fixture_attr(item, "completedAt", "S", time_iso(T0 + (created_s + 60) * 1000, iso));
    struct job *j = job_from_item(item);
    cJSON_Delete(item);
    return j;
}

Test(appstats, the_steps_of_jobs_that_are_over_count)
{
    struct bench b = bench_new();

    put(&b, stepped_job("one", -3600));
    put(&b, stepped_job("two", -7200));
    put(&b, done_job("untold", "ann", -7200, 60));
    bench_key(&b, "6");
    const struct stats_view *v = stats_screen_of(b.m);
    cr_assert_not_null(v->x);
    cr_expect_eq(v->x->step_jobs, 2);
    cr_assert_eq(v->x->steps_len, 2);
    expect_counted(&b);
    bench_free(&b);
}

static size_t with_steps(const struct bench *b)
{
    size_t n = 0;

    for (size_t i = 0; i < store_len(b->m->desk.store); i++) {
        n += job_steps(store_any(b->m->desk.store, i)->job) != NULL;
    }
    return n;
}

Test(appstats, the_steps_of_so_many_jobs_are_kept_and_stay_kept)
{
    enum { PAGE = 1000, PAGES = STORE_STEPS_MOST / PAGE + 3 };
    struct bench b = bench_new();
    size_t first = 0;

    for (int round = 0; round < 2; round++) {
        for (int page = 0; page < PAGES; page++) {
            struct task t = {.kind = TASK_GET_JOBS};
            struct msg *m = msg_new(MSG_JOBS, &t);
            m->u.jobs.items = xcalloc(PAGE, sizeof(struct job *));
            for (int i = 0; i < PAGE; i++) {
                char id[24];
                (void)snprintf(id, sizeof id, "job%02d%04d", page, i);
                m->u.jobs.items[m->u.jobs.len++] = stepped_job(id, -1 - i);
            }
            bench_msg(&b, m);
        }
        if (round == 0) {
            first = with_steps(&b);
            cr_expect_geq(first, (size_t)STORE_STEPS_MOST);
            cr_expect_lt(first, (size_t)STORE_STEPS_MOST + PAGE);
        }
    }
    cr_expect_eq(with_steps(&b), first, "the same records change nothing");
    cr_expect_eq(store_len(b.m->desk.store), (size_t)PAGES * PAGE);
    bench_free(&b);
}

Test(appstats, the_first_load_is_told_while_it_is_under_way)
{
    struct bench b = open_bench();

    cr_assert(b.m->desk.loading.active);
    bench_key(&b, "6");
    expect_drawn(&b, "The first load is under way: older jobs are still missing.");
    b.m->desk.loading.active = false;
    bench_tick(&b, 2000);
    char *text = drawn(&b);
    cr_expect_null(strstr(text, "first load"));
    free(text);
    put(&b, done_job("ahead", "ann", DAY_S, 1));
    bench_tick(&b, 2000);
    expect_drawn(&b, "Not counted: 1 with a time ahead of this clock");
    bench_free(&b);
}

/* Is each job of the list one of this cause, and each one of the cause in the list? */
static void expect_jobs_of(const struct bench *b, const struct insight_query *q, const char *cause,
                           size_t count)
{
    const struct store *s = b->m->desk.store;
    size_t should = 0;

    for (size_t i = 0; i < store_len(s); i++) {
        const struct entry *e = store_any(s, i);
        char text[CAUSE_SIZE];
        int64_t at = job_time(e->job, &e->state, NULL);
        bool of = e->state.status == JOB_FAILED && at >= q->since_ms && at < q->until_ms;
        size_t row;
        (void)cause_of(e->job, e->batch, &e->state, text);
        of = of && strcmp(text, cause) == 0;
        should += of;
        cr_expect_eq(store_row_of(s, e->job->id, &row), of, "%s of %s", e->job->id, cause);
    }
    cr_expect_eq(store_rows(s), count);
    cr_expect_eq(should, count);
}

Test(appstats, enter_shows_exactly_the_jobs_of_a_cause)
{
    struct bench b = open_bench();
    struct stats_view *v = stats_screen_of(b.m);

    bench_type(&b, "/ann");
    bench_key(&b, "Enter");
    bench_key(&b, "z");
    bench_key(&b, "6");
    cr_assert_eq(v->x->causes_len, 3);
    for (size_t i = 0; i < 3; i++) {
        char *cause = xstrdup(v->x->causes[i].text);
        size_t count = v->x->causes[i].count;
        cr_assert_neq(v->at, SIZE_MAX);
        cr_assert_eq(v->list.items[v->at].what, STATS_CAUSE);
        cr_assert_eq(v->list.items[v->at].item, i);
        bench_key(&b, "Enter");
        cr_expect_eq(b.m->desk.where.view, VIEW_JOBS);
        cr_expect_eq(model_scope(b.m), SCOPE_LIST);
        cr_expect_null(b.m->jobs->list.filter_applied, "a filter would hide some of them");
        expect_jobs_of(&b, &v->x->query, cause, count);
        cr_expect_null(bench_broken(b.m));
        bench_key(&b, "-");
        cr_expect_eq(b.m->desk.where.view, VIEW_STATS);
        bench_key(&b, "j");
        free(cause);
    }
    bench_key(&b, "1");
    cr_expect_eq(store_rows(b.m->desk.store), 1);
    put(&b, failed_job("later", "ann", -1, "npm run build exited with 9", "BUILDING"));
    cr_expect_eq(store_rows(b.m->desk.store), 1, "a job that comes later is none of them");
    bench_type(&b, "/nothing");
    bench_key(&b, "Enter");
    cr_expect_eq(store_rows(b.m->desk.store), 0);
    bench_key(&b, "Esc");
    cr_expect_eq(store_rows(b.m->desk.store), 1, "the filter goes first");
    bench_key(&b, "Esc");
    cr_expect_eq(store_rows(b.m->desk.store), 24, "then all show");
    cr_expect_null(bench_broken(b.m));
    bench_free(&b);
}

Test(appstats, enter_shows_exactly_the_jobs_of_a_group)
{
    struct bench b = open_bench();
    struct stats_view *v = stats_screen_of(b.m);
    static const char *const words[] = {"user", "product", "priority", "step", "day"};

    bench_key(&b, "6");
    for (size_t k = 0; k < sizeof words / sizeof *words; k++) {
        bench_key(&b, "b");
        cr_expect_str_eq(insight_by_word(v->x->query.by), words[k]);
        expect_counted(&b);
        for (size_t i = 0; i < v->x->groups_len; i++) {
            cr_assert_neq(v->at, SIZE_MAX, "%s: b goes to the groups", words[k]);
            const struct stats_line *l = &v->list.items[v->at];
            cr_assert_eq(l->what, STATS_GROUP);
            size_t jobs = v->x->groups[l->item].jobs;
            size_t item = l->item;
            bench_key(&b, "Enter");
            cr_expect_eq(store_rows(b.m->desk.store), jobs, "by %s, group %zu", words[k], item);
            cr_expect_gt(jobs, 0);
            bench_key(&b, "-");
            bench_key(&b, "j");
        }
    }
    cr_expect_null(bench_broken(b.m));
    bench_free(&b);
}

Test(appstats, many_jobs_are_counted_in_slices_and_keys_come_between)
{
    enum { JOBS = 20000 };
    struct bench b = bench_new();
    struct stats_view *v = stats_screen_of(b.m);
    struct task t = {.kind = TASK_GET_JOBS};
    struct msg *m = msg_new(MSG_JOBS, &t);
    int slices = 1;

    m->u.jobs.items = xcalloc(JOBS, sizeof(struct job *));
    m->u.jobs.len = JOBS;
    for (int i = 0; i < JOBS; i++) {
        char id[24];
        (void)snprintf(id, sizeof id, "j%05d", i);
        m->u.jobs.items[i] = i % 5 == 0 ? failed_job(id, "ann", -i, "exited with 1", "INIT")
                                        : done_job(id, "bob", -i, i % 100);
    }
    bench_msg(&b, m);
    bench_key(&b, "6");
    cr_expect_null(v->x);
    expect_drawn(&b, "Counting the jobs...");
    while (v->x == NULL && slices < 10) {
        cr_expect_eq(model_wait_ms(b.m, b.mono_ms), 0, "the next slice comes at once");
        bench_key(&b, "?");
        bench_key(&b, "Esc");
        slices++;
    }
    cr_expect_gt(slices, 1);
    cr_assert_not_null(v->x);
    cr_expect_eq(v->x->jobs, JOBS - 1, "all but the one of this very moment");
    expect_counted(&b);
    bench_tick(&b, 0);
    cr_expect_gt(model_wait_ms(b.m, b.mono_ms), 0, "it rests when all are counted");
    bench_key(&b, "]");
    cr_assert_not_null(v->run, "another count is under way");
    bench_key(&b, "q");
    cr_expect_null(v->run, "it ends with the screen");
    cr_expect_null(bench_broken(b.m));
    bench_free(&b);
}

Test(appstats, they_are_counted_again_only_when_jobs_or_the_period_change)
{
    struct bench b = open_bench();
    struct stats_view *v = stats_screen_of(b.m);

    b.m->desk.loading.active = false;
    bench_key(&b, "6");
    int64_t first = v->began_ms;
    bench_tick(&b, 1000);
    bench_tick(&b, 9000);
    cr_expect_eq(v->began_ms, first, "nothing has changed");
    put(&b, done_job("new", "ann", -5, 5));
    cr_expect_eq(v->x->jobs, 23, "it changed long after the last count");
    int64_t second = v->began_ms;
    put(&b, done_job("new2", "ann", -5, 5));
    cr_expect_eq(v->began_ms, second, "not twice within two seconds");
    cr_expect_leq(model_wait_ms(b.m, b.mono_ms), 2000);
    bench_tick(&b, 2000);
    cr_expect_eq(v->x->jobs, 24);
    int64_t third = v->began_ms;
    bench_tick(&b, 61000);
    cr_expect_gt(v->began_ms, third, "the week has moved on");
    bench_resize(&b, 5, 20);
    bench_tick(&b, 300000);
    cr_expect_gt(model_wait_ms(b.m, b.mono_ms), 0, "no haste where nothing fits");
    bench_resize(&b, 24, 80);
    cr_expect_gt(v->page, 0);
    cr_expect_null(bench_broken(b.m));
    bench_free(&b);
}

static void command(struct bench *b, const char *line)
{
    bench_key(b, "Esc");
    bench_type(b, line);
    bench_key(b, "Enter");
}

Test(appstats, the_command_takes_groups_and_a_period)
{
    struct bench b = open_bench();
    struct stats_view *v = stats_screen_of(b.m);

    command(&b, ":stats by user since 30d");
    cr_expect_eq(b.m->desk.where.view, VIEW_STATS);
    cr_expect_eq(v->by, INSIGHT_BY_USER);
    cr_expect_eq(v->x->jobs, 23);
    expect_drawn(&b, "last 30d, by user");
    command(&b, ":stats --since 12h --by step");
    cr_expect_eq(v->x->query.by, INSIGHT_BY_STEP);
    cr_expect_eq(v->x->query.since_ms, T0 - INT64_C(12) * 3600 * 1000);
    command(&b, ":stats since 2025-08-01");
    expect_drawn(&b, "since 2025-08-01T00:00");
    cr_expect_eq(v->x->query.by, INSIGHT_BY_STEP, "the groups stay");
    bench_key(&b, "]");
    cr_expect_eq(v->since_ms, TIME_NONE);
    for (int i = 0; i < 20; i++) {
        bench_key(&b, "[");
    }
    cr_expect_eq(v->span_ms, INT64_C(3600000));
    for (int i = 0; i < 20; i++) {
        bench_key(&b, "]");
    }
    cr_expect_eq(v->span_ms, INT64_C(365) * DAY_S * 1000);
    cr_expect_null(bench_broken(b.m));
    bench_free(&b);
}

Test(appstats, garbage_changes_nothing_and_is_named)
{
    static const char *const bad[] = {
        ":stats by",        ":stats by nothing",         ":stats since",
        ":stats since 0d",  ":stats since 9999-01-01",   ":stats since -5m",
        ":stats for ever",  ":stats by user since soon", ":stats by user by colour",
        ":stats since 5 d", ":stats \xe2\x80\xae x",     ":stats since 99999999999999999999d",
        ":stats 7d",        ":stats since 2025-99-99",
    };
    struct bench b = open_bench();
    struct stats_view *v = stats_screen_of(b.m);

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        b.m->desk.note[0] = '\0';
        command(&b, bad[i]);
        cr_expect_eq(b.m->desk.where.view, VIEW_JOBS, "%s", bad[i]);
        cr_expect_eq(strncmp(b.m->desk.note, ":stats", 6), 0, "%s: %s", bad[i], b.m->desk.note);
        cr_expect_eq(v->by, INSIGHT_BY_DAY);
        cr_expect_eq(v->span_ms, 7 * DAY_S * 1000);
        cr_expect_eq(v->since_ms, TIME_NONE);
    }
    bench_free(&b);
}

Test(appstats, every_size_shows_them_and_keys_reach_every_line)
{
    struct bench b = open_bench();
    struct stats_view *v = stats_screen_of(b.m);

    bench_key(&b, "6");
    for (int rows = 10; rows <= 60; rows += 7) {
        for (int cols = 40; cols <= 210; cols += 17) {
            bench_resize(&b, rows, cols);
            cr_assert_null(bench_broken(b.m), "%dx%d", cols, rows);
            cr_assert_gt(v->list.len, 0);
            for (size_t i = 0; i < v->list.len + 2; i++) {
                bench_key(&b, "j");
            }
            cr_expect_geq(v->top + v->page, v->list.len, "%dx%d: the end is reached", cols, rows);
            bench_key(&b, "g");
            cr_expect_eq(v->top, 0);
            for (size_t i = 0; i<v->list.len; i += v->page> 1 ? v->page - 1 : 1) {
                bench_key(&b, "PgDn");
            }
            cr_expect_geq(v->top + v->page, v->list.len);
            for (size_t i = 0; i < v->list.len + 2; i++) {
                bench_key(&b, "k");
            }
            cr_expect_eq(v->top, 0);
            free(drawn(&b));
        }
    }
    bench_free(&b);
}

Test(appstats, a_count_does_not_move_what_is_being_read)
{
    struct bench b = open_bench();
    struct stats_view *v = stats_screen_of(b.m);

    b.m->desk.loading.active = false;
    bench_resize(&b, 12, 80);
    bench_key(&b, "6");
    for (int i = 0; i < 40 && (v->at != SIZE_MAX || v->top < 12); i++) {
        bench_key(&b, "j");
    }
    cr_assert_eq(v->at, SIZE_MAX, "plots show, no cause does");
    size_t top = v->top;
    put(&b, done_job("new", "ann", -5, 5));
    bench_tick(&b, 3000);
    cr_expect_eq(v->x->jobs, 23);
    cr_expect_eq(v->top, top);
    bench_key(&b, "Enter");
    cr_expect_eq(b.m->desk.where.view, VIEW_STATS, "no cause shows that Enter could mean");
    bench_key(&b, "g");
    for (int i = 0; i < 12 && v->at == SIZE_MAX; i++) {
        bench_key(&b, "j");
    }
    cr_assert_neq(v->at, SIZE_MAX);
    cr_expect_eq(v->list.items[v->at].item, 0, "the first cause");
    cr_expect_null(bench_broken(b.m));
    bench_free(&b);
}

Test(appstats, home_is_the_first_cause_also_where_the_group_before_still_shows)
{
    struct bench b = open_bench();
    struct stats_view *v = stats_screen_of(b.m);
    bool scrolled = false;

    bench_key(&b, "6");
    for (int rows = 12; rows <= 60; rows++) {
        bench_resize(&b, rows, 80);
        bench_type(&b, ":stats by user");
        bench_key(&b, "Enter");
        bench_tick(&b, 3000);
        cr_assert_neq(v->at, SIZE_MAX);
        cr_assert_eq(v->list.items[v->at].what, STATS_GROUP);
        scrolled |= v->top > 0 && v->at < v->page;
        bench_key(&b, "g");
        cr_assert_eq(v->top, 0);
        for (size_t i = 0; i < v->page && i < v->list.len; i++) {
            if (v->list.items[i].what != STATS_TEXT) {
                cr_expect_eq(v->at, i, "%d rows", rows);
                break;
            }
        }
    }
    cr_expect(scrolled);
    bench_free(&b);
}

Test(appstats, no_jobs_are_told_as_none)
{
    struct bench b = bench_new();

    bench_key(&b, "6");
    expect_drawn(&b, "0 jobs of 0 loaded jobs");
    expect_drawn(&b, "not known: no job completed or failed");
    expect_drawn(&b, "No job was requested in this time (last 7d)");
    bench_key(&b, "Enter");
    bench_key(&b, "c");
    cr_expect_eq(b.m->desk.where.view, VIEW_STATS);
    cr_expect_null(bench_broken(b.m));
    bench_free(&b);
}

Test(appstats, what_jobs_cost_is_told_of_those_of_which_it_is_known)
{
    struct bench b = open_bench();
    struct job_spec spec = {.id = "priced", .status = "COMPLETED", .user = "rich", .batch = "b-1"};
    static const char text_of[] = "{\"jobId\":\"b-1\",\"status\":\"SUCCEEDED\"}";
    cJSON *doc = json_parse(text_of, strlen(text_of), "test", NULL);
    struct batch_job *j = batch_job_from_json(doc);

    cJSON_Delete(doc);
    spec.created_s = -7200;
    j->detailed = true;
    j->size =
        (struct batch_size){.millivcpus = 2000, .memory_mib = 1024, .platform = PLATFORM_FARGATE};
    j->started_ms = T0 - 7200000;
    j->stopped_ms = T0 - 3600000;
    bench_jobs(&b, TASK_GET_JOBS, &spec, 1);
    (void)store_put_batch(b.m->desk.store, &j, 1, b.now_ms, b.now_ms);
    float usd = store_find(b.m->desk.store, "priced")->state.cost_usd;
    cr_assert_gt(usd, 0);
    bench_key(&b, "6");
    bench_key(&b, "b");
    const struct stats_view *v = stats_screen_of(b.m);
    char text[PRICE_SIZE];
    char line[80];
    cr_expect_eq(v->x->cost.jobs, 1);
    expect_counted(&b);
    (void)price_text(v->x->cost.usd, text);
    (void)snprintf(line, sizeof line, "about %s (estimate), 1 of 23", text);
    bench_resize(&b, 70, 80);
    bench_key(&b, "g");
    expect_drawn(&b, line);
    bench_resize(&b, 24, 80);
    bench_key(&b, "G");
    expect_drawn(&b, text); /* beside the group */
    cr_expect_null(bench_broken(b.m));
    bench_free(&b);
}

Test(appstats, a_cause_is_copied_clean)
{
    struct bench b = open_bench();

    bench_key(&b, "6");
    bench_key(&b, "j");
    bench_key(&b, "j");
    bench_key(&b, "c");
    const struct effect *f = bench_effect(&b, EFF_COPY);
    cr_assert_not_null(f);
    cr_expect_null(strpbrk(f->text, "\033\a"), "%s", f->text);
    cr_expect_not_null(strstr(f->text, "gone"), "%s", f->text);
    bench_free(&b);
}
