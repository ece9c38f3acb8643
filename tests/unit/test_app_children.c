/* The children of an array job: asking, what is known of them, pages, keys. */
#include <criterion/criterion.h>

#include "app_fixture.h"

TestSuite(app_children, .timeout = 120);

static const struct job_spec jobs[] = {
    {.id = "job_array", .status = "QUEUED", .name = "Sweep", .batch = "b-9", .created_s = -60},
    {.id = "job_plain", .status = "QUEUED", .name = "Plain", .batch = "b-8", .created_s = -90},
};

static struct batch_job *batch_of(const char *text)
{
    cJSON *doc = json_parse(text, strlen(text), "test", NULL);
    struct batch_job *b = batch_job_from_json(doc);

    cr_assert_not_null(b, "%s", text);
    cJSON_Delete(doc);
    return b;
}

static struct batch_job *parent(int size, const char *status)
{
    char text[300];

    snprintf(text, sizeof text,
             "{\"jobId\":\"b-9\",\"jobName\":\"n\",\"status\":\"%s\",\"arrayProperties\":{\"size\":"
             "%d,\"statusSummary\":{\"RUNNING\":%d}}}",
             status, size, size);
    return batch_of(text);
}

/* "FAILED/137": a summary as ListJobs gives it; with `attempts` as DescribeJobs does. */
static struct batch_job *child(int index, const char *what, bool attempts)
{
    char text[600];
    int word = (int)strcspn(what, "/");
    const char *code = what[word] == '/' ? what + word + 1 : NULL;

    snprintf(text, sizeof text,
             "{\"jobId\":\"b-9:%d\",\"jobName\":\"n\",\"status\":\"%.*s\",\"startedAt\":%lld,"
             "\"arrayProperties\":{\"index\":%d}%s%s%s%s}",
             index, word, what, (long long)T0 - 90000, index,
             code == NULL ? "" : ",\"container\":{\"exitCode\":", code == NULL ? "" : code,
             code == NULL ? "" : "}",
             attempts
                 ? ",\"attempts\":[{\"container\":{\"exitCode\":9},\"statusReason\":\"first\"}]"
                 : "");
    return batch_of(text);
}

static void send_batch(struct bench *b, enum msg_kind kind, const struct task *t,
                       struct batch_job *one)
{
    struct msg *m = msg_new(kind, t);

    struct msg_batch *x = kind == MSG_BATCH_JOBS ? &msg_as(m, batch) : &msg_as(m, children);
    x->items = xcalloc(1, sizeof *x->items);
    x->items[0] = one;
    x->len = 1;
    bench_msg(b, m);
}

/* A copy: the effects may be emptied while the answer is still under way. */
static struct task asked(struct bench *b)
{
    const struct task *t = bench_task(b, TASK_CHILDREN);

    cr_assert_not_null(t);
    return (struct task){.kind = TASK_CHILDREN, .request = t->request};
}

static void answer(struct bench *b, const struct task *t, struct batch_job *one)
{
    send_batch(b, MSG_CHILDREN, t, one);
}

static void over(struct bench *b, const struct task *t, enum err_code code, const char *why)
{
    struct msg *m = msg_new(MSG_DONE, t);

    if (code != E_OK) {
        err_set(&m->err, code, "%s", why);
    }
    bench_msg(b, m);
}

static struct bench with_jobs(int size)
{
    struct bench b = bench_new();
    struct task list = {.kind = TASK_LIST_BATCH};

    bench_jobs(&b, TASK_LOAD, jobs, 2);
    send_batch(&b, MSG_BATCH_JOBS, &list, parent(size, "PENDING"));
    send_batch(&b, MSG_BATCH_JOBS, &list,
               batch_of("{\"jobId\":\"b-8\",\"jobName\":\"p\",\"status\":\"RUNNABLE\"}"));
    bench_key(&b, "g");
    return b;
}

/* An array of 6: children 4 and 1 failed, 0 runs, 5 waits, 2 succeeded, and Batch told nothing of
 * 3. */
static struct bench opened(void)
{
    struct bench b = with_jobs(6);

    bench_key(&b, "K");
    cr_assert_eq(b.m->desk.where.view, VIEW_CHILDREN);
    struct task t = asked(&b);
    answer(&b, &t, parent(6, "PENDING"));
    answer(&b, &t, child(4, "FAILED/137", false));
    answer(&b, &t, child(1, "FAILED/1", false));
    answer(&b, &t, child(5, "RUNNABLE", false));
    answer(&b, &t, child(0, "RUNNING", false));
    answer(&b, &t, child(2, "SUCCEEDED/0", false));
    return b;
}

static const char *rows(const struct model *m)
{
    static char all[200];
    size_t n = 0;

    all[0] = '\0';
    for (size_t i = 0; i < children_of(m)->rows_len && n + 8 < sizeof all; i++) {
        n += (size_t)snprintf(all + n, sizeof all - n, "%d ", children_of(m)->rows[i]);
    }
    return all;
}

static bool line_has(const struct model *m, int row, const char *text)
{
    const struct textview *v = &children_of(m)->list;
    const struct text_line *l = textview_line(v, v->dropped + (uint64_t)row);

    return l != NULL && strstr(l->text, text) != NULL;
}

static bool view_has(const struct textview *v, const char *text)
{
    char *all = textview_all(v, NULL, NULL);
    bool found = strstr(all, text) != NULL;

    free(all);
    return found;
}

Test(app_children, failed_ones_stand_first_and_f_orders_by_index)
{
    struct bench b = opened();

    cr_expect_str_eq(rows(b.m), "1 4 0 5 2 ", "of 3 it is not known yet: the reading goes on");
    cr_expect(line_has(b.m, 0, "FAILED"));
    cr_expect(line_has(b.m, 1, "137"));
    bench_key(&b, "j"); /* on 4 */
    bench_key(&b, "f");
    cr_expect_str_eq(rows(b.m), "0 1 2 4 5 ");
    cr_expect_eq(children_cursor(children_of(b.m)), 4, "the cursor stays on its child");
    bench_key(&b, "f");
    cr_expect_str_eq(rows(b.m), "1 4 0 5 2 ");
    bench_free(&b);
}

Test(app_children, s_goes_through_the_states_that_there_are)
{
    static const char *const want[] = {"1 4 ", "0 ", "5 ", "2 ", "1 4 0 5 2 "};
    struct bench b = opened();

    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        bench_key(&b, "s");
        cr_expect_str_eq(rows(b.m), want[i]);
    }
    bench_key(&b, "z");
    cr_expect_str_eq(rows(b.m), "1 4 ");
    bench_key(&b, "Esc");
    cr_expect_str_eq(rows(b.m), "1 4 0 5 2 ");
    bench_free(&b);
}

Test(app_children, what_a_whole_listing_left_out_is_asked_for_by_its_id)
{
    struct bench b = opened();
    struct task t = asked(&b);

    effects_clear(&b.fx);
    over(&b, &t, E_OK, NULL);
    const struct task *more = bench_task(&b, TASK_CHILDREN);
    cr_assert_not_null(more);
    cr_assert_eq(task_as(more, children).only.len, 1);
    cr_expect_str_eq(task_as(more, children).only.items[0], "b-9:3");
    cr_expect_str_eq(rows(b.m), "1 4 3 0 5 2 ");
    cr_expect(line_has(b.m, 2, "not known"));
    struct task again = asked(&b);
    answer(&b, &again, child(3, "STARTING", true));
    over(&b, &again, E_OK, NULL);
    cr_expect_str_eq(rows(b.m), "1 4 0 3 5 2 ");
    bench_free(&b);
}

Test(app_children, a_child_that_batch_forgot_is_not_known)
{
    struct bench b = opened();
    struct task t = asked(&b);

    over(&b, &t, E_OK, NULL);
    t = asked(&b);
    over(&b, &t, E_OK, NULL);
    cr_expect_str_eq(rows(b.m), "1 4 3 0 5 2 ");
    cr_expect(line_has(b.m, 2, "not known"));
    cr_expect(line_has(b.m, 2, "Batch no longer knows it"));
    bench_free(&b);
}

Test(app_children, a_failure_leaves_the_rest_not_known_and_says_why)
{
    struct bench b = opened();
    struct task t = asked(&b);
    int count[CHILD_GROUPS + 1];

    effects_clear(&b.fx);
    over(&b, &t, E_THROTTLED, "ListJobs: too many requests");
    cr_expect_eq(bench_tasks(&b, TASK_CHILDREN), 0);
    cr_expect_str_eq(rows(b.m), "1 4 3 0 5 2 ", "what was told stays");
    cr_expect(line_has(b.m, 2, "not known"));
    cr_expect(line_has(b.m, 2, "could not be asked: ListJobs: too many requests"));
    children_count(children_of(b.m), count);
    cr_expect_eq(count[CHILD_UNKNOWN], 1);
    cr_expect_eq(b.m->desk.errors_len, 1);
    bench_tick(&b, 31000);
    cr_expect_eq(bench_tasks(&b, TASK_CHILDREN), 1, "it is tried again by itself");
    bench_free(&b);
}

Test(app_children, what_ended_stays_ended_and_is_not_listed_again)
{
    struct bench b = opened();
    struct task t = asked(&b);

    answer(&b, &t, child(4, "RUNNING", false)); /* of a page made before */
    cr_expect_str_eq(rows(b.m), "1 4 0 5 2 ");
    over(&b, &t, E_OK, NULL);
    t = asked(&b);
    answer(&b, &t, child(3, "RUNNING", true));
    over(&b, &t, E_OK, NULL);
    effects_clear(&b.fx);
    bench_tick(&b, 9000);
    cr_expect_eq(bench_tasks(&b, TASK_CHILDREN), 0);
    bench_tick(&b, 2000);
    const struct task *next = bench_task(&b, TASK_CHILDREN);
    cr_assert_not_null(next);
    cr_expect_eq(task_as(next, children).held.failed, 2);
    cr_expect_eq(task_as(next, children).held.succeeded, 1);
    /* Children 0 and 3 moved on. Batch told nothing of 5, so 5 is not in the state in which it
     * was. */
    t = asked(&b);
    answer(&b, &t, parent(6, "PENDING"));
    answer(&b, &t, child(0, "SUCCEEDED/0", false));
    answer(&b, &t, child(3, "RUNNING", false));
    over(&b, &t, E_OK, NULL);
    next = bench_task(&b, TASK_CHILDREN);
    cr_assert_eq(task_as(next, children).only.len, 1);
    cr_expect_str_eq(task_as(next, children).only.items[0], "b-9:5");
    t = asked(&b);
    over(&b, &t, E_NET, "no route");
    cr_expect_str_eq(rows(b.m), "1 4 5 3 0 2 ");
    cr_expect(line_has(b.m, 2, "not known"));
    bench_free(&b);
}

Test(app_children, nothing_is_asked_once_all_is_over_or_while_paused)
{
    struct bench b = with_jobs(2);

    bench_key(&b, "K");
    struct task t = asked(&b);
    answer(&b, &t, parent(2, "PENDING"));
    answer(&b, &t, child(0, "RUNNING", false));
    answer(&b, &t, child(1, "RUNNING", false));
    over(&b, &t, E_OK, NULL);
    effects_clear(&b.fx);
    bench_key(&b, "Z");
    bench_tick(&b, 60000);
    cr_expect_eq(bench_tasks(&b, TASK_CHILDREN), 0, "paused");
    bench_key(&b, "r");
    cr_expect_eq(bench_tasks(&b, TASK_CHILDREN), 1, "r asks once");
    t = asked(&b);
    bench_key(&b, "Z");
    answer(&b, &t, parent(2, "FAILED"));
    answer(&b, &t, child(0, "FAILED/2", false));
    answer(&b, &t, child(1, "SUCCEEDED/0", false));
    over(&b, &t, E_OK, NULL);
    effects_clear(&b.fx);
    bench_tick(&b, 600000);
    cr_expect_eq(bench_tasks(&b, TASK_CHILDREN), 0, "over");
    bench_free(&b);
}

Test(app_children, of_ten_thousand_no_details_are_loaded)
{
    struct bench b = with_jobs(10000);

    bench_key(&b, "K");
    struct task t = asked(&b);
    answer(&b, &t, parent(10000, "PENDING"));
    for (int i = 0; i < 9000; i += 1000) {
        struct msg *m = msg_new(MSG_CHILDREN, &t);
        m->u.children.items = xcalloc(1000, sizeof *m->u.children.items);
        for (int k = 0; k < 1000; k++) {
            m->u.children.items[m->u.children.len++] =
                child(i + k, k == 7 ? "FAILED/3" : "RUNNING", false);
        }
        bench_msg(&b, m);
    }
    cr_expect_eq(children_of(b.m)->rows_len, 9000);
    effects_clear(&b.fx);
    over(&b, &t, E_OK, NULL);
    cr_expect_eq(bench_tasks(&b, TASK_CHILDREN), 1);
    cr_expect_eq(task_as(bench_task(&b, TASK_CHILDREN), children).only.len, 100,
                 "one call's worth");
    cr_expect_eq(children_of(b.m)->rows_len, 10000);
    cr_expect_eq(children_of(b.m)->rows[0], 7);
    cr_expect_eq(children_of(b.m)->rows[9], 9000, "not known, after the failed ones");
    bench_key(&b, "/");
    bench_type(&b, "8007 ");
    bench_key(&b, "Enter");
    cr_expect_eq(children_cursor(children_of(b.m)), 8007, "searched for by its index");
    bench_free(&b);
}

Test(app_children, enter_opens_a_child_and_esc_goes_back_step_by_step)
{
    struct bench b = opened();
    struct task t = asked(&b);

    over(&b, &t, E_OK, NULL);
    t = asked(&b);
    over(&b, &t, E_OK, NULL);
    effects_clear(&b.fx);
    bench_key(&b, "j");
    bench_key(&b, "Enter");
    cr_expect_eq(children_of(b.m)->page, CHILDREN_FACTS);
    const struct task *one = bench_task(&b, TASK_CHILDREN);
    cr_assert_not_null(one);
    cr_assert_eq(task_as(one, children).only.len, 1, "only what is opened is described");
    cr_expect_str_eq(task_as(one, children).only.items[0], "b-9:4");
    cr_expect(view_has(&children_of(b.m)->facts, "137"), "the summary shows at once");
    cr_expect(view_has(&children_of(b.m)->facts, "Reading its attempts"));
    t = asked(&b);
    answer(&b, &t, child(4, "FAILED/137", true));
    over(&b, &t, E_OK, NULL);
    cr_expect(view_has(&children_of(b.m)->facts, "Attempt 1"));
    cr_expect_not(view_has(&children_of(b.m)->facts, "Reading"));
    bench_key(&b, "l");
    cr_expect_eq(children_of(b.m)->page, CHILDREN_LOG);
    bench_key(&b, "Esc");
    cr_expect_eq(children_of(b.m)->page, CHILDREN_FACTS);
    bench_key(&b, "Esc");
    cr_expect_eq(children_of(b.m)->page, CHILDREN_LIST);
    cr_expect_eq(children_cursor(children_of(b.m)), 4);
    bench_key(&b, "l");
    cr_expect_eq(children_of(b.m)->page, CHILDREN_LOG);
    bench_key(&b, "Esc");
    cr_expect_eq(children_of(b.m)->page, CHILDREN_LIST, "back to where the log was opened");
    bench_key(&b, "Esc");
    cr_expect_eq(b.m->desk.where.view, VIEW_JOBS);
    bench_free(&b);
}

Test(app_children, coming_back_soon_lists_nothing_anew)
{
    struct bench b = opened();
    struct task t = asked(&b);

    over(&b, &t, E_OK, NULL);
    t = asked(&b);
    answer(&b, &t, child(3, "RUNNING", true));
    over(&b, &t, E_OK, NULL);
    bench_key(&b, "Enter");
    effects_clear(&b.fx);
    bench_key(&b, "Esc");
    bench_key(&b, "Esc");
    bench_key(&b, "K");
    bench_tick(&b, 1000);
    cr_expect_eq(bench_tasks(&b, TASK_CHILDREN), 0);
    bench_key(&b, "l");
    bench_tick(&b, 60000);
    cr_expect_eq(bench_tasks(&b, TASK_CHILDREN), 0, "the log alone shows");
    cr_expect_gt(model_wait_ms(b.m, b.mono_ms), 0);
    bench_key(&b, "Esc");
    cr_expect_eq(model_wait_ms(b.m, b.mono_ms), 0);
    bench_tick(&b, 0);
    cr_expect_eq(bench_tasks(&b, TASK_CHILDREN), 1, "the list is old by now");
    bench_tick(&b, 1000);
    cr_expect_eq(bench_tasks(&b, TASK_CHILDREN), 1, "one at a time");
    bench_free(&b);
}

Test(app_children, the_cursor_stays_on_its_child_among_lines_that_are_kept)
{
    struct bench b = opened();
    struct task t = asked(&b);

    bench_key(&b, "&");
    bench_type(&b, "RUNN"); /* 0 runs, 5 is RUNNABLE */
    bench_key(&b, "Enter");
    bench_key(&b, "G");
    cr_expect_eq(children_cursor(children_of(b.m)), 5);
    answer(&b, &t, child(3, "FAILED/1", false));
    cr_expect_eq(children_cursor(children_of(b.m)), 5);
    cr_expect_eq(textview_len(&children_of(b.m)->list), 2);
    bench_free(&b);
}

Test(app_children, a_double_click_opens_a_child)
{
    struct bench b = opened();
    struct app_event ev = {.kind = EV_MOUSE};

    ev.u.mouse.row = children_layout(b.m->desk.layout.view).list.row + 1;
    ev.u.mouse.col = 10;
    ev.u.mouse.button = MOUSE_DOUBLE;
    effects_clear(&b.fx);
    bench_event(&b, &ev);
    cr_expect_eq(children_of(b.m)->page, CHILDREN_FACTS);
    bench_tick(&b, 0);
    cr_assert_eq(bench_tasks(&b, TASK_CHILDREN), 1);
    cr_expect_str_eq(task_as(bench_task(&b, TASK_CHILDREN), children).only.items[0], "b-9:4");
    bench_free(&b);
}

Test(app_children, a_child_that_cannot_be_asked_says_so_and_is_not_known)
{
    struct bench b = opened();
    struct task t = asked(&b);

    over(&b, &t, E_DENIED, "ListJobs: no");
    bench_key(&b, "j");
    bench_key(&b, "j");
    bench_key(&b, "Enter"); /* 3 */
    cr_assert_eq(children_of(b.m)->here, 3);
    t = asked(&b);
    over(&b, &t, E_DENIED, "DescribeJobs: not allowed");
    cr_expect(view_has(&children_of(b.m)->facts, "not known"));
    cr_expect(view_has(&children_of(b.m)->facts, "DescribeJobs: not allowed"));
    bench_key(&b, "r");
    t = asked(&b);
    over(&b, &t, E_OK, NULL);
    cr_expect(view_has(&children_of(b.m)->facts, "Batch no longer knows it"));
    bench_free(&b);
}

static void send_log(struct bench *b, const char *line)
{
    const struct task *t = bench_task(b, TASK_LOG);

    cr_assert_not_null(t);
    struct msg *m = msg_new(MSG_LOG, t);
    m->u.log.cursor = xcalloc(1, sizeof *m->u.log.cursor);
    *m->u.log.cursor = *task_as(t, log);
    m->u.log.cursor->attempts = 2;
    m->u.log.page.items = xcalloc(1, sizeof *m->u.log.page.items);
    m->u.log.page.len = 1;
    m->u.log.page.items[0] = (struct log_entry){T0, xstrdup(line)};
    bench_msg(b, m);
}

Test(app_children, the_log_read_is_that_of_the_child)
{
    struct bench b = opened();

    bench_key(&b, "j");
    bench_key(&b, "l");
    const struct task *t = bench_task(&b, TASK_LOG);
    cr_assert_not_null(t);
    cr_expect_str_eq(t->job_id, "job_array");
    cr_expect_eq(task_as(t, log)->child, 5, "index 4");
    send_log(&b, "child four");
    cr_expect(view_has(&children_of(b.m)->log.text, "child four"));
    cr_expect_eq(textview_len(&b.m->jobs->detail.log.text), 0);
    bench_key(&b, "[");
    cr_expect_eq(task_as(bench_task(&b, TASK_LOG), log)->attempt, 1);
    cr_expect_eq(task_as(bench_task(&b, TASK_LOG), log)->child, 5);
    bench_key(&b, "J"); /* the next child of the list */
    cr_expect_eq(children_of(b.m)->here, 0);
    cr_expect_eq(task_as(bench_task(&b, TASK_LOG), log)->child, 1);
    cr_expect_eq(textview_len(&children_of(b.m)->log.text), 0);
    effects_clear(&b.fx);
    bench_key(&b, "q");
    bench_key(&b, "q");
    bench_tick(&b, 5000);
    cr_expect_eq(bench_tasks(&b, TASK_LOG), 0, "what does not show is not read");
    bench_free(&b);
}

Test(app_children, the_log_of_the_parent_leads_to_them)
{
    struct bench b = with_jobs(6);

    bench_key(&b, "l");
    cr_expect_eq(b.m->desk.where.view, VIEW_CHILDREN);
    cr_expect_not_null(strstr(b.m->desk.note, "An array job has no log of its own"));
    bench_key(&b, "q");
    bench_key(&b, "Enter");
    cr_expect_eq(b.m->desk.where.focus, PANE_DETAIL);
    bench_key(&b, "L");
    cr_expect_eq(b.m->desk.where.view, VIEW_CHILDREN);
    bench_key(&b, "Esc");
    cr_expect_eq(b.m->desk.where.focus, PANE_DETAIL, "back in the detail");
    cr_expect(view_has(&b.m->jobs->detail.views[TAB_OVERVIEW], "K or Enter"));
    bench_key(&b, "Enter");
    cr_expect_eq(b.m->desk.where.view, VIEW_CHILDREN);
    bench_free(&b);
}

Test(app_children, a_job_without_children_says_so)
{
    struct bench b = with_jobs(6);

    bench_key(&b, "j");
    bench_key(&b, "K");
    cr_expect_eq(b.m->desk.where.view, VIEW_JOBS);
    cr_expect_not_null(strstr(b.m->desk.note, "not an array job"));
    bench_key(&b, "Enter");
    bench_key(&b, "Enter");
    cr_expect_eq(b.m->jobs->detail.tab, TAB_TIMELINE, "Enter still turns to the next tab");
    bench_key(&b, "L");
    cr_expect_eq(b.m->jobs->detail.tab, TAB_LOG);
    bench_free(&b);
    b = bench_new();
    bench_jobs(&b, TASK_LOAD, jobs, 1);
    bench_key(&b, "K");
    cr_expect_eq(b.m->desk.where.view, VIEW_JOBS);
    cr_expect_not_null(strstr(b.m->desk.note, "not known"));
    bench_free(&b);
}

Test(app_children, what_is_left_is_given_up)
{
    struct bench b = opened();
    struct task t = asked(&b);

    bench_key(&b, "q");
    const struct effect *drop = bench_effect(&b, EFF_DROP);
    cr_assert_not_null(drop);
    cr_expect_eq(drop->request, t.request);
    answer(&b, &t, child(3, "FAILED/1", false)); /* a late page */
    over(&b, &t, E_CANCELLED, "stopped");
    cr_expect_null(children_of(b.m)->items[3].batch);
    effects_clear(&b.fx);
    bench_key(&b, "K");
    cr_expect_eq(bench_tasks(&b, TASK_CHILDREN), 1, "asked anew");
    cr_expect_str_eq(rows(b.m), "1 4 0 5 2 ");
    bench_free(&b);
}

Test(app_children, the_footer_names_the_key_only_where_there_are_children)
{
    struct bench b = with_jobs(6);
    struct hint hints[HINTS_MAX];

    for (int row = 0; row < 2; row++) {
        size_t n = model_hints(b.m, hints, HINTS_MAX), found = 0;
        for (size_t i = 0; i < n; i++) {
            found += strcmp(hints[i].text, "children") == 0;
        }
        cr_expect_eq(found, row == 0 ? 1 : 0);
        bench_key(&b, "j");
    }
    bench_free(&b);
}
