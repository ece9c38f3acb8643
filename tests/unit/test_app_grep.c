/* The screen of a search in the logs of many jobs. */
#include <criterion/criterion.h>

#include "app_fixture.h"

TestSuite(appgrep, .timeout = 120);

static const struct job_spec specs[] = {
    {.id = "job_1", .status = "FAILED",    .name = "Alpha", .created_s = -50},
    {.id = "job_2", .status = "COMPLETED", .name = "Beta",  .created_s = -60},
    {.id = "job_3", .status = "FAILED",    .name = "Gamma", .created_s = -70},
};

static struct bench open_bench(void)
{
    struct bench b = bench_new();

    bench_jobs(&b, TASK_LOAD, specs, 3);
    return b;
}

static void command(struct bench *b, const char *line)
{
    bench_type(b, line);
    bench_key(b, "Enter");
}

static struct task asked(struct bench *b)
{
    struct task *t = bench_task(b, TASK_GREP);

    cr_assert_not_null(t);
    return (struct task){.kind = TASK_GREP, .request = t->request};
}

static void found(struct bench *b, const struct task *t, const char *job, int64_t at_ms,
                  const char *text, int child)
{
    struct msg *m = msg_new(MSG_GREP, t);

    m->u.grep.items = xcalloc(1, sizeof *m->u.grep.items);
    m->u.grep.items[0] = (struct grep_hit){.at_ms = at_ms,
                                           .text = xstrdup(text),
                                           .job_id = xstrdup(job),
                                           .stream = xstrdup("s/1"),
                                           .child = child,
                                           .attempt = 2};
    m->u.grep.len = 1;
    m->u.grep.state = (struct log_search_state){
        .since_ms = T0 - 1000, .reached_ms = T0 - 600, .now_ms = T0, .streams = 7, .hits = 1};
    bench_msg(b, m);
}

static void ended(struct bench *b, const struct task *t, struct log_search_result r,
                  enum err_code code)
{
    struct msg *m = msg_new(MSG_GREP_END, t);

    m->u.grep_end = r;
    if (code != E_OK) {
        (void)err_set(&m->err, code, "why it failed");
    }
    bench_msg(b, m);
}

static void expect_says(const struct bench *b, const char *what)
{
    char *says = grep_says(grep_of(b->m), &b->m->desk);

    cr_expect_not_null(strstr(says, what), "no \"%s\" in \"%s\"", what, says);
    free(says);
}

Test(appgrep, a_command_asks_for_what_it_says)
{
    struct bench b = open_bench();

    command(&b, ":grep");
    cr_expect_eq(b.m->desk.where.view, VIEW_GREP);
    cr_expect_eq(model_scope(b.m), SCOPE_GREP);
    cr_expect_eq(bench_tasks(&b, TASK_GREP), 0, "nothing is searched without a pattern");
    expect_says(&b, "No search yet");
    command(&b, ":grep say \"no\" ");
    cr_assert_eq(bench_tasks(&b, TASK_GREP), 1);
    const struct task_grep *g = &task_as(bench_task(&b, TASK_GREP), grep);
    cr_expect_str_eq(g->pattern, "\"say \\\"no\\\" \"", "the rest of the line as it stands");
    cr_expect_eq(g->since_ms, T0 - INT64_C(86400000));
    cr_expect_eq(g->limit, 1000);
    cr_expect_eq(g->max_ms, 300000);
    cr_expect_eq(g->jobs.len, 0, "all of the group");
    command(&b, ":grep -s 2h --limit 5 --max-time 10s --filter { $.a = 1 }");
    g = &task_as(bench_task(&b, TASK_GREP), grep);
    cr_expect_str_eq(g->pattern, "{ $.a = 1 }");
    cr_expect_eq(g->since_ms, T0 - INT64_C(7200000));
    cr_expect_eq(g->limit, 5);
    cr_expect_eq(g->max_ms, 10000);
    cr_assert_not_null(bench_effect(&b, EFF_HALT), "the one before is ended");
    command(&b, ":grep -- --since");
    cr_expect_str_eq(task_as(bench_task(&b, TASK_GREP), grep).pattern, "\"--since\"");
    cr_expect_null(bench_broken(b.m));
    bench_free(&b);
}

Test(appgrep, it_searches_in_the_marked_jobs_else_in_those_of_the_list)
{
    struct bench b = open_bench();

    command(&b, "/status:failed");
    command(&b, ":grep x");
    const struct task_grep *g = &task_as(bench_task(&b, TASK_GREP), grep);
    cr_assert_eq(g->jobs.len, 2);
    cr_expect_str_eq(g->jobs.items[0], "job_1");
    cr_expect_str_eq(g->jobs.items[1], "job_3");
    expect_says(&b, "Searching in the logs of 2 jobs of the list");
    bench_key(&b, "1");
    bench_key(&b, "Space");
    command(&b, ":grep x");
    g = &task_as(bench_task(&b, TASK_GREP), grep);
    cr_assert_eq(g->jobs.len, 1);
    expect_says(&b, "Searching in the logs of 1 marked job");
    bench_key(&b, "1");
    bench_key(&b, "U");
    command(&b, "/nobody");
    size_t before = bench_tasks(&b, TASK_GREP);
    command(&b, ":grep x");
    cr_expect_eq(bench_tasks(&b, TASK_GREP), before, "no job, no search");
    cr_expect_not_null(strstr(b.m->desk.note, "no job to search in"), "%s", b.m->desk.note);
    cr_expect_eq(b.m->desk.where.view, VIEW_JOBS);
    bench_free(&b);
}

Test(appgrep, garbage_asks_for_nothing_and_is_named)
{
    static const char *const bad[] = {
        ":grep --since",
        ":grep --since soon x",
        ":grep --limit 0 x",
        ":grep --limit 9999999 x",
        ":grep --max-time 0s x",
        ":grep --max-time x x",
        ":grep --follow x",
        ":grep --limit 5",
        ":grep --since 9999-01-01 x",
        ":grep --limit 5x x",
        ":grep --",
    };
    struct bench b = open_bench();

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        b.m->desk.note[0] = '\0';
        command(&b, bad[i]);
        cr_expect_eq(bench_tasks(&b, TASK_GREP), 0, "%s", bad[i]);
        cr_expect_eq(strncmp(b.m->desk.note, ":grep", 5), 0, "%s: %s", bad[i], b.m->desk.note);
        cr_expect_eq(b.m->desk.where.view, VIEW_JOBS);
    }
    char *longest = xcalloc(1, LOG_PATTERN_MAX + 20);
    memset(longest, 'x', LOG_PATTERN_MAX + 1);
    struct effects none = {0};
    cr_expect_not(grep_ask(grep_of(b.m), &b.m->desk, longest, &none));
    cr_expect_not_null(strstr(b.m->desk.note, "takes at most 1024"), "%s", b.m->desk.note);
    effects_clear(&none);
    free(longest);
    bench_free(&b);
}

Test(appgrep, lines_come_as_they_are_found_and_esc_keeps_them)
{
    struct bench b = open_bench();
    struct grep_view *v = grep_of(b.m);

    command(&b, ":grep full");
    struct task t = asked(&b);
    found(&b, &t, "job_1", T0 - 900, "disk full", -1);
    cr_expect_eq(v->len, 1);
    expect_says(&b, "(40 %) in 7 log streams, 1 line found. Esc stops and keeps them.");
    bench_key(&b, "1");
    found(&b, &t, "job_3", T0 - 800, "disk full", -1);
    cr_expect_eq(v->len, 2, "it goes on while another screen shows");
    bench_key(&b, "-");
    bench_key(&b, "Esc");
    cr_expect_eq(b.m->desk.where.view, VIEW_GREP);
    cr_assert_not_null(bench_effect(&b, EFF_HALT));
    cr_expect_eq(bench_effect(&b, EFF_HALT)->request, t.request);
    expect_says(&b, "Stopping");
    found(&b, &t, "job_2", T0 - 700, "disk full", -1);
    ended(&b, &t, (struct log_search_result){.end = LOG_SEARCH_STOPPED, .reached_ms = T0}, E_OK);
    cr_expect_eq(v->len, 3, "what was on its way is kept too");
    expect_says(&b, "3 lines found in log group /aws/batch/job; stopped by Esc");
    expect_says(&b, "were not searched, or only in part");
    found(&b, &t, "job_2", T0, "late", -1);
    cr_expect_eq(v->len, 3);
    bench_key(&b, "r");
    cr_expect_eq(bench_tasks(&b, TASK_GREP), 2);
    cr_expect_eq(v->len, 0);
    found(&b, &t, "job_2", T0, "of the search before", -1);
    cr_expect_eq(v->len, 0);
    bench_key(&b, "Esc");
    bench_key(&b, "Esc");
    cr_expect_eq(b.m->desk.where.view, VIEW_JOBS, "the second Esc leaves");
    cr_expect_null(bench_broken(b.m));
    bench_free(&b);
}

Test(appgrep, how_it_ended_and_what_was_not_looked_at_is_said)
{
    struct bench b = open_bench();
    static const struct {
        enum log_search_end end;
        const char *says;
    } ends[] = {
        {LOG_SEARCH_THROUGH, "0 lines found in log group /aws/batch/job since 2025-08-11"   },
        {LOG_SEARCH_LIMIT,   "stopped there (--limit): lines written since 2025-08-12 12:00"},
        {LOG_SEARCH_TIME,    "it reached --max-time: lines written since 2025-08-12"        },
    };

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        command(&b, ":grep x");
        struct task t = asked(&b);
        ended(&b, &t, (struct log_search_result){.end = ends[i].end, .reached_ms = T0}, E_OK);
        expect_says(&b, ends[i].says);
    }
    command(&b, ":grep x");
    struct task t = asked(&b);
    ended(&b, &t,
          (struct log_search_result){
              .jobs = 5, .not_searched = 2, .unknown = 3, .gone = 1, .streams = 4},
          E_OK);
    expect_says(&b, "Not searched: the logs of 2 of 5 jobs, because Batch has forgotten");
    expect_says(&b, "Of 3 lines the job is not known");
    expect_says(&b, "1 of 4 log streams are not there");
    command(&b, ":grep x");
    t = asked(&b);
    ended(&b, &t, (struct log_search_result){.reached_ms = T0}, E_DENIED);
    expect_says(&b, "why it failed");
    expect_says(&b, err_hint(&(struct err){.code = E_DENIED}));
    expect_says(&b, "The search ended early: lines written since");
    cr_expect_eq(b.m->desk.errors_len, 1, "it is among the errors too");
    command(&b, ":grep x");
    t = asked(&b);
    ended(&b, &t, (struct log_search_result){.reached_ms = T0}, E_NOT_FOUND);
    expect_says(&b, "set BATCH_LOG_GROUP");
    bench_free(&b);
}

/* A page of a job's log: a line a second from T0 - 60 s on. */
static void log_page(struct bench *b, size_t from, size_t len)
{
    struct task *t = bench_task(b, TASK_LOG);

    cr_assert_not_null(t);
    struct msg *m = msg_new(MSG_LOG, t);
    m->u.log.cursor = xcalloc(1, sizeof *m->u.log.cursor);
    m->u.log.cursor->attempts = 3;
    m->u.log.page.items = xcalloc(len, sizeof *m->u.log.page.items);
    m->u.log.page.len = len;
    for (size_t i = 0; i < len; i++) {
        m->u.log.page.items[i].at_ms = T0 - 60000 + (int64_t)(from + i) * 1000;
        m->u.log.page.items[i].text =
            xasprintf("line %zu%s", from + i, (from + i) % 50 == 0 ? "\nand more" : "");
    }
    bench_msg(b, m);
}

Test(appgrep, enter_goes_to_the_line_in_the_log_of_its_job)
{
    struct bench b = open_bench();
    const struct detail *d = &b.m->jobs->detail;

    command(&b, ":grep line");
    struct task t = asked(&b);
    found(&b, &t, "job_3", T0 + 40000, "line 100\nand more", -1);
    ended(&b, &t, (struct log_search_result){0}, E_OK);
    bench_key(&b, "Enter");
    cr_expect_eq(model_scope(b.m), SCOPE_LOG);
    cr_expect_str_eq(d->job_id, "job_3");
    struct task *read = bench_task(&b, TASK_LOG);
    cr_assert_not_null(read, "its log is read");
    cr_expect_str_eq(read->job_id, "job_3");
    cr_expect_eq(task_as(read, log)->attempt, 2, "of the attempt that wrote it");
    cr_expect_eq(task_as(read, log)->since_ms, T0 - 20000, "from a minute before it");
    log_page(&b, 0, 60);
    cr_expect_not_null(d->goal, "it has not come yet");
    log_page(&b, 60, 90);
    cr_expect_null(d->goal);
    cr_assert(d->log.text.has_cursor);
    cr_expect_str_eq(textview_line(&d->log.text, d->log.text.cursor)->text, "line 100");
    cr_expect_not(d->log.text.follow);
    bench_key(&b, "-");
    cr_expect_eq(b.m->desk.where.view, VIEW_GREP);
    bench_key(&b, "1");
    bench_key(&b, "g");
    bench_key(&b, "l");
    cr_expect_str_neq(d->job_id, "job_3");
    cr_expect_eq(d->log.since_ms, TIME_NONE, "the next log is read from its beginning");
    cr_expect(d->log.text.follow);
    cr_expect_null(bench_broken(b.m));
    bench_free(&b);
}

Test(appgrep, a_line_that_is_gone_and_a_job_that_is_not_known_are_told)
{
    struct bench b = open_bench();

    command(&b, ":grep line");
    struct task t = asked(&b);
    found(&b, &t, "job_3", T0 - 59500, "line of old", -1);
    found(&b, &t, NULL, T0, "by nobody", -1);
    found(&b, &t, "job_1", T0, "by a child", 4);
    bench_key(&b, "Enter");
    log_page(&b, 0, 60);
    cr_expect_not_null(strstr(b.m->desk.note, "no longer in this log"), "%s", b.m->desk.note);
    bench_key(&b, "-");
    bench_key(&b, "j");
    bench_key(&b, "Enter");
    cr_expect_eq(b.m->desk.where.view, VIEW_GREP);
    cr_expect_not_null(strstr(b.m->desk.note, "stream is s/1"), "%s", b.m->desk.note);
    bench_key(&b, "j");
    bench_key(&b, "d");
    cr_expect_eq(model_scope(b.m), SCOPE_DETAIL);
    cr_expect_str_eq(b.m->jobs->detail.job_id, "job_1");
    bench_key(&b, "-");
    bench_key(&b, "c");
    cr_assert_not_null(bench_effect(&b, EFF_COPY));
    cr_expect_str_eq(bench_effect(&b, EFF_COPY)->text, "by a child");
    cr_expect_null(bench_broken(b.m));
    bench_free(&b);
}
