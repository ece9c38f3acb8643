/* A retried job and its retry: each shows the other, and nobody retries twice unawares. */
#include <criterion/criterion.h>
#include <locale.h>

#include "app_fixture.h"

static void utf8(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
}

TestSuite(app_retry, .init = utf8);

static const struct job_spec jobs[] = {
    {.id = "job_a", .status = "FAILED", .name = "Alpha", .user = "ann", .created_s = 10},
    {.id = "job_b", .status = "FAILED", .name = "Bravo", .user = "bob", .created_s = 5 },
};

static void put_retry(struct bench *b, const char *id, const char *of, const char *status,
                      int64_t created_s)
{
    const struct job_spec spec = {
        .id = id, .status = status, .user = "ann", .created_s = created_s};
    cJSON *item = fixture_item(&spec);
    struct task t = {.kind = TASK_GET_JOBS};
    struct msg *msg = msg_new(MSG_JOBS, &t);

    fixture_attr(item, "retryOf", "S", of);
    msg->u.jobs.items = xcalloc(1, sizeof(struct job *));
    msg->u.jobs.items[0] = job_from_item(item);
    msg->u.jobs.len = 1;
    cJSON_Delete(item);
    bench_msg(b, msg);
}

static struct bench with_jobs(void)
{
    struct bench b = bench_new();

    bench_jobs(&b, TASK_LOAD, jobs, 2);
    bench_key(&b, "g");
    return b;
}

static bool detail_says(struct bench *b, const char *text)
{
    char *all = textview_all(detail_view_const(&b->m->jobs->detail), NULL, NULL);
    bool says = strstr(all, text) != NULL;

    if (!says) {
        fprintf(stderr, "no \"%s\" in:\n%s", text, all);
    }
    free(all);
    return says;
}

Test(app_retry, each_of_the_two_shows_the_other_and_the_key_goes_there)
{
    struct bench b = with_jobs();

    put_retry(&b, "job_c", "job_a", "IN_PROGRESS", 20);
    bench_key(&b, "Enter");
    cr_assert_str_eq(b.m->jobs->detail.job_id, "job_a");
    cr_expect(detail_says(&b, "Retried as     job_c (IN PROGRESS)  R goes there"));
    bench_key(&b, "R");
    cr_assert_str_eq(b.m->jobs->detail.job_id, "job_c");
    cr_expect_str_eq(b.m->jobs->list.cursor, "job_c", "the cursor goes along");
    cr_expect(detail_says(&b, "Retry of       job_a (FAILED)  R goes there"));
    /* a second retry: from the last one the key goes back to the first job */
    put_retry(&b, "job_d", "job_c", "PENDING", 30);
    bench_key(&b, "R");
    cr_expect_str_eq(b.m->jobs->detail.job_id, "job_d");
    bench_key(&b, "R");
    cr_expect_str_eq(b.m->jobs->detail.job_id, "job_a");
    cr_expect_null(bench_broken(b.m));
    bench_free(&b);
}

Test(app_retry, a_job_without_a_retry_says_so)
{
    struct bench b = with_jobs();

    bench_key(&b, "R");
    cr_expect_not_null(strstr(b.m->desk.note, "has no retry"), "%s", b.m->desk.note);
    bench_free(&b);
}

/* The state of the retry is the one of now, also when the retry changes or goes. */
Test(app_retry, the_newest_retry_is_the_one_that_counts_and_a_deleted_one_does_not)
{
    struct bench b = with_jobs();
    struct store_retry r;

    cr_expect_not(store_retry_of(b.m->desk.store, "job_a", &r));
    put_retry(&b, "job_c", "job_a", "FAILED", 20);
    put_retry(&b, "job_d", "job_a", "PENDING", 30);
    cr_assert(store_retry_of(b.m->desk.store, "job_a", &r));
    cr_expect_str_eq(r.id, "job_d");
    put_retry(&b, "job_d", "job_a", "COMPLETED", 30);
    cr_assert(store_retry_of(b.m->desk.store, "job_a", &r));
    cr_expect_eq(r.entry->state.status, JOB_COMPLETED);
    cr_expect(store_remove(b.m->desk.store, "job_d"));
    cr_assert(store_retry_of(b.m->desk.store, "job_a", &r));
    cr_expect_str_eq(r.id, "job_c");
    cr_expect(store_remove(b.m->desk.store, "job_c"));
    cr_expect_not(store_retry_of(b.m->desk.store, "job_a", &r));
    bench_free(&b);
}

Test(app_retry, records_that_repeat_each_other_hang_nothing)
{
    struct bench b = with_jobs();

    put_retry(&b, "job_x", "job_y", "FAILED", 50);
    put_retry(&b, "job_y", "job_x", "FAILED", 40);
    put_retry(&b, "job_z", "job_z", "FAILED", 60);
    bench_key(&b, "g");
    for (int i = 0; i < 4; i++) {
        bench_key(&b, "R");
        bench_key(&b, "d");
    }
    cr_expect_null(bench_broken(b.m));
    bench_free(&b);
}

Test(app_retry, a_second_retry_warns_and_names_the_first)
{
    struct bench b = with_jobs();

    put_retry(&b, "job_c", "job_a", "IN_PROGRESS", 20);
    bench_key(&b, "T");
    cr_assert(bench_asks(&b, "Retry 1 job again?"), "%s", b.m->desk.dialog.title);
    cr_expect_not_null(
        strstr(b.m->desk.dialog.text, "already retried as job_c, which is IN PROGRESS"), "%s",
        b.m->desk.dialog.text);
    bench_key(&b, "y");
    const struct task *t = bench_task(&b, TASK_RETRY);
    cr_assert_not_null(t);
    cr_expect(task_as(t, again), "the person was warned, so it is sent");
    bench_free(&b);
}

/* Nobody has seen the retry yet, but it was sent from here a moment ago. */
Test(app_retry, what_was_just_retried_from_here_warns_before_its_record_comes)
{
    struct bench b = with_jobs();

    bench_key(&b, "T");
    cr_assert(bench_asks(&b, "Retry 1 job?"), "%s", b.m->desk.dialog.title);
    bench_key(&b, "y");
    struct task *t = bench_task(&b, TASK_RETRY);
    cr_assert_not_null(t);
    cr_expect_not(task_as(t, again), "whoever else retried it is looked for");
    struct msg *m = msg_new(MSG_DEPLOYED, t);
    snprintf(m->u.deployed.job_id, sizeof m->u.deployed.job_id, "job_new");
    bench_msg(&b, m);
    bench_key(&b, "T");
    cr_expect_not_null(strstr(b.m->desk.dialog.text, "already retried as job_new"), "%s",
                       b.m->desk.dialog.text);
    bench_free(&b);
}

/* ---- the reason of a cancel ---- */

static const struct job_spec running[] = {
    {.id = "job_r", .status = "IN_PROGRESS", .name = "Romeo",  .user = "ann", .created_s = 90},
    {.id = "job_s", .status = "IN_PROGRESS", .name = "Sierra", .user = "ann", .created_s = 80},
};

static struct bench with_running(void)
{
    struct bench b = bench_new();

    bench_jobs(&b, TASK_LOAD, running, 2);
    bench_key(&b, "g");
    return b;
}

Test(app_retry, a_cancel_takes_a_reason_for_all_its_jobs)
{
    struct bench b = with_running();

    bench_key(&b, "*");
    bench_key(&b, "x");
    cr_assert(bench_asks(&b, "Cancel 2 jobs?"));
    bench_key(&b, "Tab");        /* as the line says */
    bench_type(&b, "not yet q"); /* its letters are no answers */
    cr_assert(bench_asks(&b, "Cancel 2 jobs?"));
    cr_expect_null(bench_task(&b, TASK_CANCEL));
    bench_key(&b, "Enter"); /* out of the line, to the button */
    cr_expect_null(bench_task(&b, TASK_CANCEL));
    bench_key(&b, "Enter");
    cr_expect_eq(bench_tasks(&b, TASK_CANCEL), 2);
    const struct task *t = bench_task(&b, TASK_CANCEL);
    cr_assert_not_null(t);
    cr_expect_str_eq(task_as(t, reason), "not yet q");
    bench_free(&b);
}

Test(app_retry, a_cancel_without_a_reason_says_where_it_came_from)
{
    struct bench b = with_running();

    bench_key(&b, "x");
    bench_key(&b, "y");
    const struct task *t = bench_task(&b, TASK_CANCEL);
    cr_assert_not_null(t);
    cr_expect_str_eq(task_as(t, reason), "cancelled in the dashboard");
    bench_free(&b);
}

Test(app_retry, a_pasted_reason_goes_into_its_line_only)
{
    struct bench b = with_running();
    struct app_event ev = {.kind = EV_PASTE};

    ev.u.paste.text = "y\nfrom a ticket";
    ev.u.paste.len = strlen(ev.u.paste.text);
    bench_key(&b, "x");
    bench_event(&b, &ev);
    cr_expect_null(bench_task(&b, TASK_CANCEL));
    cr_expect_str_empty(edit_text(&b.m->desk.dialog.reason));
    bench_key(&b, "Tab"); /* from No to the reason */
    bench_event(&b, &ev);
    cr_expect_str_eq(edit_text(&b.m->desk.dialog.reason), "y from a ticket");
    bench_key(&b, "Esc");
    cr_expect_not(b.m->desk.dialog.open);
    cr_expect_null(bench_task(&b, TASK_CANCEL));
    bench_free(&b);
}
