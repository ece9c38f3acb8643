/* Two jobs beside each other: which two, what is asked, the text in one and in two columns. */
#include <criterion/criterion.h>
#include <locale.h>

#include "app_fixture.h"
#include "src/app/compare.h"

static void utf8(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
}

TestSuite(app_compare, .init = utf8, .timeout = 120);

static const struct job_spec jobs[] = {
    {.id = "job_new", .status = "FAILED", .name = "New", .user = "ann", .created_s = -10 },
    {.id = "job_old", .status = "FAILED", .name = "Old", .user = "bob", .created_s = -900},
    {.id = "job_mid", .status = "FAILED", .name = "Mid", .user = "eve", .created_s = -300},
};

static struct compare_view *view(const struct bench *b)
{
    return model_screen(b->m, VIEW_COMPARE);
}

/* A record that repeats another job. */
static void put_retry(struct bench *b, const char *id, const char *of, int64_t created_s)
{
    const struct job_spec spec = {.id = id, .status = "FAILED", .created_s = created_s};
    cJSON *item = fixture_item(&spec);
    cJSON *m = json_new_object(), *inside = json_new_object();
    struct task t = {.kind = TASK_GET_JOBS};
    struct msg *msg = msg_new(MSG_JOBS, &t);

    fixture_attr(inside, "retryOf", "S", of);
    json_set(m, "M", inside);
    json_set(item, "metadata", m);
    msg->u.jobs.items = xcalloc(1, sizeof(struct job *));
    msg->u.jobs.items[0] = job_from_item(item);
    msg->u.jobs.len = 1;
    cJSON_Delete(item);
    bench_msg(b, msg);
}

static struct bench with_jobs(void)
{
    struct bench b = bench_new();

    bench_jobs(&b, TASK_LOAD, jobs, 3);
    bench_key(&b, "g");
    return b;
}

/* The request of one of the two: its detail, or a page of its log. */
static struct task asked(const struct compare_job *j, enum task_kind kind)
{
    return (struct task){.kind = kind,
                         .request = kind == TASK_LOG ? j->log_request : j->detail_request,
                         .job_id = j->job_id};
}

static void answer_detail(struct bench *b, int which)
{
    struct task t = asked(&view(b)->job[which], TASK_DETAIL);
    struct msg *m = msg_new(MSG_DETAIL, &t);
    struct job_detail *d = xcalloc(1, sizeof *d);

    for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++) {
        if (strcmp(jobs[i].id, t.job_id) == 0) {
            d->item = fixture_item(&jobs[i]);
        }
    }
    cr_assert_not_null(d->item);
    d->job = job_from_item(d->item);
    job_state_merge(d->job, NULL, true, T0, NULL, &d->state);
    m->u.detail = d;
    bench_msg(b, m);
}

/* A page of a log with these lines ('\n' between messages); `more`: it is not the end. */
static void answer_log(struct bench *b, int which, const char *text, bool more)
{
    struct task t = asked(&view(b)->job[which], TASK_LOG);
    struct msg *m = msg_new(MSG_LOG, &t);
    struct log_page *p = &msg_as(m, log).page;
    size_t cap = 0;

    msg_as(m, log).cursor = xcalloc(1, sizeof(struct log_cursor));
    (void)snprintf(msg_as(m, log).cursor->stream, 16, "s");
    p->at_end = !more;
    while (*text != '\0') {
        size_t n = strcspn(text, "\n");
        p->items = xgrow(p->items, p->len, &cap, sizeof *p->items);
        p->items[p->len++] = (struct log_entry){.at_ms = T0, .text = xstrndup(text, n)};
        text += n + (text[n] == '\n');
    }
    bench_msg(b, m);
}

static bool has(const struct bench *b, const char *text)
{
    const struct textview *v = &view(b)->text;
    bool found = false;

    for (size_t i = 0; i < v->len && !found; i++) {
        found = strstr(textview_line(v, v->dropped + i)->text, text) != NULL;
    }
    return found;
}

#define EXPECT_TWO(b, first, second)                                                               \
    do {                                                                                           \
        cr_assert_eq((b).m->desk.where.view, VIEW_COMPARE, "%s", (b).m->desk.note);                \
        cr_expect_str_eq(view(&(b))->job[0].job_id, first);                                        \
        cr_expect_str_eq(view(&(b))->job[1].job_id, second);                                       \
        cr_expect_null(bench_broken((b).m));                                                       \
    } while (0)

Test(app_compare, two_marked_jobs_the_older_one_first)
{
    struct bench b = with_jobs();

    store_mark(b.m->desk.store, "job_new", true);
    store_mark(b.m->desk.store, "job_old", true);
    bench_key(&b, "=");
    EXPECT_TWO(b, "job_old", "job_new");
    cr_expect_eq(model_scope(b.m), SCOPE_COMPARE);
    bench_free(&b);
}

Test(app_compare, one_marked_job_and_the_one_under_the_cursor)
{
    struct bench b = with_jobs();

    store_mark(b.m->desk.store, "job_mid", true);
    bench_key(&b, "="); /* the cursor is on the newest one */
    EXPECT_TWO(b, "job_mid", "job_new");
    bench_free(&b);
}

Test(app_compare, a_job_and_its_retry_from_either_of_them)
{
    struct bench b = with_jobs();

    put_retry(&b, "job_again", "job_mid", -200);
    put_retry(&b, "job_again2", "job_mid", -100);
    size_t row = 0;
    cr_assert(store_row_of(b.m->desk.store, "job_mid", &row));
    list_to_row(b.m->jobs, row);
    bench_key(&b, "=");
    EXPECT_TWO(b, "job_mid", "job_again2");
    bench_key(&b, "q");
    cr_assert(store_row_of(b.m->desk.store, "job_again", &row));
    list_to_row(b.m->jobs, row);
    bench_key(&b, "=");
    EXPECT_TWO(b, "job_mid", "job_again");
    bench_free(&b);
}

Test(app_compare, a_retry_of_a_job_that_is_not_in_the_list)
{
    struct bench b = with_jobs();
    size_t row = 0;

    put_retry(&b, "job_again", "job_gone", -5);
    cr_assert(store_row_of(b.m->desk.store, "job_again", &row));
    list_to_row(b.m->jobs, row);
    bench_key(&b, "=");
    EXPECT_TWO(b, "job_gone", "job_again");
    bench_free(&b);
}

Test(app_compare, without_two_jobs_a_note_says_how)
{
    struct bench b = with_jobs();

    bench_key(&b, "=");
    cr_expect_eq(b.m->desk.where.view, VIEW_JOBS);
    cr_expect_not_null(strstr(b.m->desk.note, "Mark two jobs"), "%s", b.m->desk.note);
    bench_key(&b, "*");
    bench_key(&b, "=");
    cr_expect_eq(b.m->desk.where.view, VIEW_JOBS);
    cr_expect_not_null(strstr(b.m->desk.note, "3 jobs are marked"), "%s", b.m->desk.note);
    struct bench none = bench_new();
    bench_key(&none, "=");
    cr_expect_not_null(strstr(none.m->desk.note, "Mark two jobs"));
    bench_free(&none);
    bench_free(&b);
}

static struct bench opened(int rows, int cols)
{
    struct bench b = with_jobs();

    bench_resize(&b, rows, cols);
    store_mark(b.m->desk.store, "job_old", true);
    effects_clear(&b.fx);
    bench_key(&b, "=");
    EXPECT_TWO(b, "job_old", "job_new");
    return b;
}

Test(app_compare, both_are_asked_for_and_their_logs_read_page_by_page)
{
    struct bench b = opened(40, 80);

    cr_expect_eq(bench_tasks(&b, TASK_DETAIL), 2);
    cr_expect_eq(bench_tasks(&b, TASK_LOG), 2);
    cr_expect(has(&b, "ann"), "what the list knows shows at once");
    cr_expect(has(&b, "reading..."));
    answer_detail(&b, 0);
    answer_detail(&b, 1);
    effects_clear(&b.fx);
    answer_log(&b, 0, "line 1 of job_1734567890123_abc123def\nall well", true);
    cr_expect_eq(bench_tasks(&b, TASK_LOG), 1, "the next page");
    answer_log(&b, 1, "line 1 of job_1834567890123_xyz999yyy\nall bad", false);
    cr_expect_not(view(&b)->diffed, "one is still read");
    answer_log(&b, 0, "the end", false);
    cr_assert(view(&b)->diffed);
    cr_expect(has(&b, "- 3 lines   + 2 lines"));
    cr_expect(has(&b, "The same before line 2"));
    cr_expect(has(&b, "- all well"));
    cr_expect(has(&b, "+ all bad"));
    cr_expect(has(&b, "- the end"));
    cr_expect(has(&b, "metadata") == false, "the names are told as Business");
    bench_free(&b);
}

Test(app_compare, wide_screens_have_two_columns)
{
    struct bench b = opened(50, 200);

    answer_log(&b, 0, "same\nold way", false);
    answer_log(&b, 1, "same\nnew way\nmore", false);
    cr_expect(has(&b, " | new way"));
    cr_expect(has(&b, " > more"));
    cr_expect_not(has(&b, "+ more"));
    bench_resize(&b, 50, 100);
    cr_expect(has(&b, "+ more"), "made anew for the narrower screen");
    cr_expect_null(bench_broken(b.m));
    bench_free(&b);
}

Test(app_compare, a_long_log_is_cut_and_the_text_says_so)
{
    struct bench b = opened(40, 100);
    struct strbuf all = STRBUF_INIT;

    for (int i = 0; i < COMPARE_LINES_MAX + 5; i++) {
        strbuf_adds(&all, "x\n");
    }
    answer_log(&b, 0, strbuf_str(&all), true);
    cr_expect(view(&b)->job[0].log_read, "no further page is asked for");
    cr_expect_eq(view(&b)->job[0].len, COMPARE_LINES_MAX);
    answer_log(&b, 1, "x", false);
    cr_expect(has(&b, "20000 lines (the log is longer: the rest was not read)"));
    strbuf_clear(&all);
    bench_free(&b);
}

Test(app_compare, what_could_not_be_read_is_told_and_the_rest_shows)
{
    struct bench b = opened(40, 100);
    struct task t = asked(&view(&b)->job[0], TASK_LOG);
    struct msg *m = msg_new(MSG_LOG, &t);

    (void)err_set(&m->err, E_DENIED, "no right to read logs");
    bench_msg(&b, m);
    answer_log(&b, 1, "x", false);
    cr_expect(has(&b, "The log of the first could not be read: no right to read logs"));
    cr_expect(has(&b, "ann"));
    t = asked(&view(&b)->job[1], TASK_DETAIL);
    m = msg_new(MSG_DETAIL, &t);
    (void)err_set(&m->err, E_NET, "no way there");
    bench_msg(&b, m);
    cr_expect(has(&b, "The second could not be read: no way there"));
    bench_free(&b);
}

Test(app_compare, secrets_and_control_characters_of_a_log_stay_inside)
{
    struct bench b = opened(40, 160);

    answer_log(&b, 0, "db postgres://app:hunter2@db/x \033[31mred\033[0m \033]0;t\007", false);
    answer_log(&b, 1, "nothing", false);
    const struct textview *v = &view(&b)->text;
    for (size_t i = 0; i < v->len; i++) {
        const char *line = textview_line(v, v->dropped + i)->text;
        cr_expect_null(strstr(line, "hunter2"), "%s", line);
        for (const char *p = line; *p != '\0'; p++) {
            cr_expect((unsigned char)*p >= ' ' && *p != 0x7f, "%s", line);
        }
    }
    cr_expect(has(&b, "red"));
    bench_free(&b);
}

Test(app_compare, leaving_gives_the_questions_up_and_late_answers_are_dropped)
{
    struct bench b = opened(40, 100);
    struct task late = asked(&view(&b)->job[0], TASK_DETAIL);
    char id[] = "job_old";

    effects_clear(&b.fx);
    bench_key(&b, "q");
    size_t dropped = 0;
    for (size_t i = 0; i < b.fx.len; i++) {
        dropped += b.fx.items[i].kind == EFF_DROP;
    }
    cr_expect_eq(dropped, 4);
    late.job_id = id;
    struct msg *m = msg_new(MSG_DETAIL, &late);
    (void)err_set(&m->err, E_CANCELLED, "given up");
    bench_msg(&b, m);
    cr_expect_eq(view(&b)->job[0].err.code, E_OK);
    effects_clear(&b.fx);
    bench_key(&b, "-");
    cr_expect_eq(b.m->desk.where.view, VIEW_COMPARE);
    cr_expect_eq(bench_tasks(&b, TASK_DETAIL), 2, "it was not read to its end: asked again");
    bench_free(&b);
}
