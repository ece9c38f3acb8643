/* What fills the body of the screen: switching views, and the views other than the jobs. */
#include <criterion/criterion.h>

#include "app_fixture.h"

TestSuite(views, .timeout = 120);

static const struct job_spec specs[] = {
    {.id = "job_1", .status = "IN_PROGRESS", .name = "Alpha"},
    {.id = "job_2", .status = "FAILED",      .name = "Beta" },
};

static struct bench open_bench(void)
{
    struct bench b = bench_new();

    bench_jobs(&b, TASK_LOAD, specs, 2);
    return b;
}

Test(views, keys_and_commands_switch_and_go_back)
{
    struct bench b = open_bench();

    bench_key(&b, "4");
    cr_expect_eq(b.m->desk.where.view, VIEW_EVENTS);
    cr_expect_eq(model_scope(b.m), SCOPE_EVENTS);
    cr_expect_gt(b.m->desk.layout.view.rows, 0);
    cr_expect_eq(b.m->desk.layout.pane[PANE_LIST].rows, 0);
    bench_key(&b, "q");
    cr_expect_eq(b.m->desk.where.view, VIEW_JOBS);
    cr_expect_eq(model_scope(b.m), SCOPE_LIST);
    bench_key(&b, "-");
    cr_expect_eq(b.m->desk.where.view, VIEW_EVENTS, "- goes to the view before");
    bench_key(&b, "-");
    cr_expect_eq(b.m->desk.where.view, VIEW_JOBS);
    bench_type(&b, ":events");
    bench_key(&b, "Enter");
    cr_expect_eq(b.m->desk.where.view, VIEW_EVENTS);
    bench_key(&b, "Esc");
    cr_expect_eq(b.m->desk.where.view, VIEW_JOBS);
    cr_expect_not(b.m->quitting);
    cr_expect_null(bench_broken(b.m));
    bench_free(&b);
}

/* The answer to a question for the queue's jobs. */
static void answer_queue(struct bench *b, const struct task *t, const char *job, bool more)
{
    struct msg *m = msg_new(MSG_QUEUE, t);
    char text[120];

    (void)snprintf(text, sizeof text, "{\"jobId\":\"%s\",\"status\":\"RUNNING\"}", job);
    cJSON *doc = json_parse(text, strlen(text), "test", NULL);
    m->u.queue = xcalloc(1, sizeof *m->u.queue);
    m->u.queue->rows = xcalloc(1, sizeof *m->u.queue->rows);
    m->u.queue->rows[0].job = batch_job_from_json(doc);
    m->u.queue->rows[0].owner = QUEUE_OWNER_NONE;
    m->u.queue->len = 1;
    m->u.queue->more = more;
    m->at_ms = b->now_ms;
    cJSON_Delete(doc);
    bench_msg(b, m);
}

Test(views, the_queue_is_asked_for_when_it_is_opened_and_by_hand)
{
    struct bench b = open_bench();

    cr_expect_eq(bench_tasks(&b, TASK_QUEUE), 0);
    bench_type(&b, ":queue");
    bench_key(&b, "Enter");
    cr_expect_eq(b.m->desk.where.view, VIEW_QUEUE);
    cr_expect_eq(model_scope(b.m), SCOPE_LISTING);
    cr_assert_eq(bench_tasks(&b, TASK_QUEUE), 1);
    bench_key(&b, "r");
    cr_expect_eq(bench_tasks(&b, TASK_QUEUE), 1, "one at a time");
    struct task first = {.kind = TASK_QUEUE, .request = bench_task(&b, TASK_QUEUE)->request};
    answer_queue(&b, &first, "b-one", true);
    cr_expect_eq(queue_of(b.m)->list.len, 1);
    cr_expect(queue_of(b.m)->list.more);
    cr_expect_eq(textview_len(&queue_of(b.m)->list.text), 2);
    bench_key(&b, "r");
    cr_assert_eq(bench_tasks(&b, TASK_QUEUE), 2);

    struct task second = {.kind = TASK_QUEUE, .request = bench_task(&b, TASK_QUEUE)->request};
    answer_queue(&b, &first, "b-late", false);
    cr_expect(queue_of(b.m)->list.more, "an answer that nobody waits for");
    struct msg *m = msg_new(MSG_QUEUE, &second);
    (void)err_set(&m->err, E_DENIED, "no");
    bench_msg(&b, m);
    cr_expect_eq(queue_of(b.m)->list.err.code, E_DENIED);
    cr_expect_eq(textview_len(&queue_of(b.m)->list.text), 2, "what was read before stays");
    cr_expect_null(bench_broken(b.m));
    bench_key(&b, "q");
    cr_expect_eq(b.m->desk.where.view, VIEW_JOBS);
    bench_type(&b, ":rules");
    bench_key(&b, "Enter");
    cr_expect_eq(b.m->desk.where.view, VIEW_BUS, "another word for it");
    cr_expect_eq(bench_tasks(&b, TASK_BUS), 1);
    bench_free(&b);
}

/* How the queue stands, with a job that waits; `policy` is the queue's. */
static void answer_look(struct bench *b, const struct task *t, const char *waiting)
{
    static const char text[] = "{\"state\":\"ENABLED\",\"status\":\"VALID\"}";
    struct msg *m = msg_new(MSG_QUEUE_LOOK, t);
    cJSON *queue = json_parse(text, sizeof text - 1, "test", NULL);
    char job[120];

    (void)snprintf(job, sizeof job, "{\"jobId\":\"%s\",\"status\":\"RUNNABLE\",\"createdAt\":5}",
                   waiting);
    cJSON *doc = json_parse(job, strlen(job), "test", NULL);
    struct batch_job *waits = batch_job_from_json(doc);
    m->u.queue_look = queue_facts_new(queue, NULL);
    queue_facts_add(m->u.queue_look, BATCH_RUNNABLE, &waits, 1, false);
    queue_facts_order(m->u.queue_look);
    m->at_ms = b->now_ms;
    batch_job_free(waits);
    cJSON_Delete(doc);
    cJSON_Delete(queue);
    bench_msg(b, m);
}

static bool queue_says(const struct bench *b, const char *part)
{
    const struct textview *v = &queue_of(b->m)->list.text;

    for (uint64_t i = 0; i < textview_len(v); i++) {
        const struct text_line *line = textview_line(v, v->dropped + i);
        if (line != NULL && strstr(line->text, part) != NULL) {
            return true;
        }
    }
    return false;
}

Test(views, how_the_queue_stands_is_asked_for_again_while_it_shows)
{
    struct bench b = open_bench();

    bench_key(&b, "7");
    cr_expect_eq(b.m->desk.where.view, VIEW_QUEUE);
    cr_assert_eq(bench_tasks(&b, TASK_QUEUE_LOOK), 1);
    bench_tick(&b, 60000);
    cr_expect_eq(bench_tasks(&b, TASK_QUEUE_LOOK), 1, "one at a time");
    struct task t = {.kind = TASK_QUEUE_LOOK, .request = bench_task(&b, TASK_QUEUE_LOOK)->request};
    answer_look(&b, &t, "b-waits");
    cr_expect(queue_says(&b, "b-waits"), "the head, though the jobs are not listed yet");
    bench_tick(&b, 29000);
    cr_expect_eq(bench_tasks(&b, TASK_QUEUE_LOOK), 1);
    bench_tick(&b, 1500);
    cr_expect_eq(bench_tasks(&b, TASK_QUEUE_LOOK), 2);
    cr_expect_eq(bench_tasks(&b, TASK_QUEUE), 1, "its jobs are read by hand alone");
    struct task late = {.kind = TASK_QUEUE_LOOK,
                        .request = bench_task(&b, TASK_QUEUE_LOOK)->request};
    answer_look(&b, &t, "b-nobody-asked");
    cr_expect_not(queue_says(&b, "b-nobody-asked"));
    struct msg *m = msg_new(MSG_QUEUE_LOOK, &late);
    (void)err_set(&m->err, E_DENIED, "DescribeJobQueues: no");
    bench_msg(&b, m);
    cr_expect(queue_says(&b, "as read before; the last request failed: DescribeJobQueues: no"));
    cr_expect(queue_says(&b, "b-waits"), "what was read before stays");
    bench_key(&b, "q");
    bench_tick(&b, 600000);
    cr_expect_eq(bench_tasks(&b, TASK_QUEUE_LOOK), 2, "nobody looks");
    bench_key(&b, "7");
    cr_expect_eq(bench_tasks(&b, TASK_QUEUE_LOOK), 3);
    cr_expect_null(bench_broken(b.m));
    bench_free(&b);
}

Test(views, what_a_batch_job_says_of_itself_makes_no_row_of_its_own)
{
    struct bench b = open_bench();

    bench_type(&b, ":queue");
    bench_key(&b, "Enter");
    struct task t = {.kind = TASK_QUEUE, .request = bench_task(&b, TASK_QUEUE)->request};
    answer_queue(&b, &t, "b-one\\nSUCCEEDED  1m  0  order-1\\r\\n", false);
    cr_expect_eq(textview_len(&queue_of(b.m)->list.text), 2, "the header and one row");
    bench_free(&b);
}

Test(views, the_pane_that_had_the_keys_has_them_again)
{
    struct bench b = open_bench();

    bench_key(&b, "Enter"); /* detail */
    bench_key(&b, "4");
    bench_key(&b, "q");
    cr_expect_eq(model_scope(b.m), SCOPE_DETAIL);
    cr_expect_gt(b.m->desk.layout.pane[PANE_DETAIL].rows, 0);
    bench_free(&b);
}

Test(views, what_belongs_to_the_jobs_shows_them)
{
    struct bench b = open_bench();

    bench_key(&b, "4");
    bench_type(&b, ":sort-name");
    bench_key(&b, "Enter");
    cr_expect_eq(b.m->desk.where.view, VIEW_JOBS);
    cr_expect_eq(store_sort(b.m->desk.store).column, COL_NAME);
    bench_key(&b, "4");
    bench_type(&b, ":new");
    bench_key(&b, "Enter");
    cr_expect_eq(model_scope(b.m), SCOPE_FORM);
    bench_key(&b, "Esc");
    cr_expect_eq(b.m->desk.where.view, VIEW_EVENTS, "leaving the form goes to where it was opened");
    bench_free(&b);
}

Test(views, only_what_shows_is_asked_for)
{
    struct bench b = open_bench();

    bench_key(&b, "Enter");
    bench_tick(&b, 300);
    cr_expect_eq(bench_tasks(&b, TASK_DETAIL), 1);
    bench_key(&b, "4");
    cr_expect_eq(bench_tasks(&b, TASK_RULE_LOG), 1, "asked at once");
    effects_clear(&b.fx);
    for (int i = 0; i < 60; i++) {
        bench_tick(&b, 1000);
    }
    cr_expect_eq(bench_tasks(&b, TASK_DETAIL), 0, "the detail does not show");
    bench_key(&b, "q");
    effects_clear(&b.fx);
    for (int i = 0; i < 60; i++) {
        bench_tick(&b, 1000);
    }
    cr_expect_eq(bench_tasks(&b, TASK_RULE_LOG), 0, "the events do not show");
    bench_free(&b);
}

Test(views, the_mouse_keeps_to_the_view)
{
    struct bench b = open_bench();
    struct app_event ev = {.kind = EV_MOUSE};

    bench_key(&b, "4");
    for (int button = 0; button < 4; button++) {
        for (int row = 0; row < 26; row++) {
            ev.u.mouse.row = row;
            ev.u.mouse.col = 5;
            ev.u.mouse.button = (enum mouse_button)button;
            bench_event(&b, &ev);
        }
    }
    cr_expect_eq(b.m->desk.where.view, VIEW_EVENTS);
    cr_expect_null(bench_broken(b.m));
    bench_free(&b);
}

/* ---- events ---- */

static void answer(struct bench *b, const char *const *lines, size_t len)
{
    struct task *t = bench_task(b, TASK_RULE_LOG);

    cr_assert_not_null(t);
    struct msg *m = msg_new(MSG_RULE_LOG, t);
    m->u.rule_log.cursor = rule_log_cursor_copy(task_as(t, rule_log));
    m->u.rule_log.cursor->newest_ms = b->now_ms;
    m->u.rule_log.page = (struct log_page){
        .items = xcalloc(len + 1, sizeof(struct log_entry)), .len = len, .at_end = true};
    for (size_t i = 0; i < len; i++) {
        m->u.rule_log.page.items[i].at_ms = b->now_ms;
        m->u.rule_log.page.items[i].text = xstrdup(lines[i]);
    }
    bench_msg(b, m);
}

Test(views, an_event_opens_its_job)
{
    static const char *const lines[] = {
        "{\"detail\":{\"jobId\":\"job_1\",\"metadata\":{\"jobId\":\"job_no\"}}}",
        "{\"detail\":{\"jobId\":\"job_cut\",\"userId\":\"an...",
        "event 2f4d from founderdash.web: jobId=job_told userId=ann priority=low",
        "a line without any"};
    static const char *const ids[] = {"job_1", "job_cut", "job_told"};
    struct bench b = open_bench();

    bench_key(&b, "4");
    bench_key(&b, "Enter");
    cr_expect_not_null(strstr(b.m->desk.note, "no event here"), "%s", b.m->desk.note);
    answer(&b, lines, 4);
    bench_key(&b, "Enter"); /* the cursor comes, on the newest line */
    cr_expect_eq(b.m->desk.where.view, VIEW_EVENTS);
    bench_key(&b, "Enter");
    cr_expect_eq(b.m->desk.where.view, VIEW_EVENTS);
    cr_expect_not_null(strstr(b.m->desk.note, "names no job"), "%s", b.m->desk.note);
    for (int i = 2; i >= 0; i--) {
        bench_key(&b, "k");
        bench_key(&b, "Enter");
        cr_expect_eq(b.m->desk.where.view, VIEW_JOBS);
        cr_expect_str_eq(b.m->jobs->detail.job_id, ids[i]);
        bench_key(&b, "4");
    }
    bench_free(&b);
}

Test(views, events_are_followed_and_go_on_where_they_were)
{
    static const char *const lines[] = {"one", "two postgresql://a:s3cret@h"};
    struct bench b = open_bench();

    bench_key(&b, "4");
    answer(&b, lines, 2);
    const struct textview *v = &events_of(b.m)->log.text;
    cr_assert_eq(textview_len(v), 2);
    char *all = textview_all(v, NULL, NULL);
    cr_expect_null(strstr(all, "s3cret"), "%s", all);
    cr_expect_not_null(strstr(all, "two postgresql://a:****@h"));
    free(all);
    bench_key(&b, "q");
    effects_clear(&b.fx);
    bench_key(&b, "-");
    const struct task *t = bench_task(&b, TASK_RULE_LOG);
    cr_assert_not_null(t);
    cr_expect_eq(task_as(t, rule_log)->newest_ms, b.now_ms, "the cursor was kept");
    answer(&b, lines, 1);
    cr_expect_eq(textview_len(v), 3);
    bench_free(&b);
}

Test(views, late_replies_of_another_span_are_dropped)
{
    static const char *const lines[] = {"old"};
    struct bench b = open_bench();

    bench_key(&b, "4");
    struct task old = *bench_task(&b, TASK_RULE_LOG);
    bench_key(&b, "3"); /* the last 5 minutes */
    cr_expect_eq(events_of(b.m)->log.since_ms, b.now_ms - 5 * 60000);
    cr_expect_eq(task_as(bench_task(&b, TASK_RULE_LOG), rule_log)->since_ms, b.now_ms - 5 * 60000);
    struct msg *m = msg_new(MSG_RULE_LOG, &old);
    m->u.rule_log.page = (struct log_page){.items = xcalloc(1, sizeof(struct log_entry)), .len = 1};
    m->u.rule_log.page.items[0].text = xstrdup("late");
    bench_msg(&b, m);
    cr_expect_eq(textview_len(&events_of(b.m)->log.text), 0);
    answer(&b, lines, 1);
    cr_expect_eq(textview_len(&events_of(b.m)->log.text), 1);
    bench_free(&b);
}

/* ---- the doctor ---- */

static void check_ends(struct bench *b, const struct task *t, const char *id,
                       enum doctor_state state)
{
    struct msg *m = msg_new(MSG_DOCTOR, t);

    while (strcmp(doctor_checks[m->u.doctor.check].id, id) != 0) {
        m->u.doctor.check++;
        cr_assert_lt(m->u.doctor.check, doctor_checks_len);
    }
    m->u.doctor.ended = true;
    m->u.doctor.found.state = state;
    m->u.doctor.found.text = xstrdup("found");
    m->u.doctor.found.fix =
        state == DOCTOR_PASS ? NULL : xstrdup("see D1, then `do 'this`that'` or `so`");
    bench_msg(b, m);
}

static void checks_done(struct bench *b, const struct task *t)
{
    bench_msg(b, msg_new(MSG_DONE, t));
}

static size_t count_effects(const struct bench *b, enum effect_kind kind, const char **text)
{
    size_t n = 0;

    for (size_t i = 0; i < b->fx.len; i++) {
        if (b->fx.items[i].kind == kind) {
            n++;
            *text = b->fx.items[i].text;
        }
    }
    return n;
}

Test(views, the_doctor_runs_once_and_is_there_when_one_comes_back)
{
    struct bench b = open_bench();

    bench_key(&b, "5");
    cr_expect_eq(b.m->desk.where.view, VIEW_DOCTOR);
    struct task *t = bench_task(&b, TASK_DOCTOR);
    cr_assert_not_null(t);
    cr_expect_null(task_as(t, doctor).only);
    cr_expect_null(t->job_id);
    bench_key(&b, "1");
    check_ends(&b, t, "D3", DOCTOR_FAIL); /* goes on while one looks at the jobs */
    checks_done(&b, t);
    effects_clear(&b.fx);
    bench_key(&b, "-");
    cr_expect_eq(b.m->desk.where.view, VIEW_DOCTOR);
    cr_expect_null(bench_task(&b, TASK_DOCTOR), "it is known already");
    struct verdict v;
    doctor_view_verdict(doctor_of(b.m), &v);
    cr_expect_str_eq(v.text, "First: D3 rule's state: found");
    verdict_clear(&v);
    bench_free(&b);
}

Test(views, the_doctor_is_stopped_by_escape_and_left_by_q)
{
    struct bench b = open_bench();
    const char *text = NULL;

    bench_key(&b, "5");
    uint32_t request = doctor_of(b.m)->request;
    effects_clear(&b.fx);
    bench_key(&b, "r");
    cr_expect_null(bench_task(&b, TASK_DOCTOR), "one run at a time");
    bench_key(&b, "Esc");
    cr_expect_eq(count_effects(&b, EFF_DROP, &text), 1);
    cr_expect_eq(b.fx.items[0].request, request);
    cr_expect_eq(doctor_of(b.m)->request, 0);
    cr_expect_eq(b.m->desk.where.view, VIEW_DOCTOR);
    bench_key(&b, "A");
    cr_expect_neq(doctor_of(b.m)->request, 0);
    bench_key(&b, "q");
    cr_expect_eq(b.m->desk.where.view, VIEW_JOBS);
    cr_expect_neq(doctor_of(b.m)->request, 0, "it goes on");
    bench_free(&b);
}

Test(views, one_check_is_asked_again_and_its_remedy_copied)
{
    struct bench b = open_bench();
    const char *text = NULL;

    bench_key(&b, "5");
    struct task *t = bench_task(&b, TASK_DOCTOR);
    for (size_t i = 0; i < doctor_checks_len; i++) {
        bool d3 = strcmp(doctor_checks[i].id, "D3") == 0;
        check_ends(&b, t, doctor_checks[i].id, d3 ? DOCTOR_FAIL : DOCTOR_PASS);
    }
    checks_done(&b, t);
    effects_clear(&b.fx);
    bench_key(&b, "c"); /* the cursor is at the first failure */
    cr_assert_eq(count_effects(&b, EFF_COPY, &text), 1);
    cr_expect_str_eq(text, "do 'this`that'\nso", "the commands, and no word around them");
    cr_expect_str_eq(bench_effect(&b, EFF_COPY)->what, "Commands of D3");
    effects_clear(&b.fx);
    bench_key(&b, "/");
    bench_type(&b, "E4");
    bench_key(&b, "Enter");
    bench_key(&b, "c");
    cr_expect_eq(count_effects(&b, EFF_COPY, &text), 0, "E4 passed");
    bench_key(&b, "/");
    bench_key(&b, "C-u");
    bench_type(&b, "D3 ");
    bench_key(&b, "Enter");
    bench_key(&b, "C-s");
    cr_assert_eq(count_effects(&b, EFF_SAVE, &text), 1);
    cr_expect_not_null(
        strstr(text, "FAIL    D3          rule's state: found\n        \xe2\x86\x92 see D1, then"),
        "%s", text);
    bench_key(&b, "r");
    t = bench_task(&b, TASK_DOCTOR);
    cr_assert_not_null(t);
    cr_expect_str_eq(task_as(t, doctor).only, "D3");
    bench_free(&b);
}

Test(views, a_job_that_did_not_start_is_followed_on_its_way)
{
    static const struct job_spec jobs[] = {
        {.id = "job_lost", .status = "PENDING",     .name = "Lost", .created_s = 9},
        {.id = "job_runs", .status = "IN_PROGRESS", .name = "Runs", .created_s = 5}
    };
    struct bench b = open_bench();

    bench_jobs(&b, TASK_LOAD, jobs, 2);
    bench_key(&b, "g");
    bench_key(&b, "H");
    struct task *t = bench_task(&b, TASK_DOCTOR);
    cr_assert_not_null(t);
    cr_expect_str_eq(t->job_id, "job_lost");
    cr_expect_str_eq(task_as(t, doctor).only, doctor_way);
    cr_expect_eq(b.m->desk.where.view, VIEW_DOCTOR);
    bench_key(&b, "5"); /* all checks: what ran for the job is dropped */
    struct task *all = bench_task(&b, TASK_DOCTOR);
    cr_expect_null(all->job_id);
    cr_expect_neq(all->request, t->request);
    check_ends(&b, t, "D3", DOCTOR_FAIL);
    struct doctor_counts n;
    doctor_view_count(doctor_of(b.m), &n);
    cr_expect_eq(n.ended, 0);
    effects_clear(&b.fx);
    bench_key(&b, "1");
    bench_key(&b, "j");
    bench_key(&b, "H");
    cr_expect_eq(b.m->desk.where.view, VIEW_JOBS, "it has started");
    cr_expect_null(bench_task(&b, TASK_DOCTOR));
    bench_free(&b);
}

Test(views, all_checks_show_again_at_5_after_H)
{
    static const struct job_spec jobs[] = {
        {.id = "job_lost", .status = "PENDING", .name = "Lost", .created_s = 9},
    };
    struct bench b = open_bench();

    bench_jobs(&b, TASK_LOAD, jobs, 1);
    bench_key(&b, "g");
    bench_key(&b, "H");
    bench_key(&b, "q");
    cr_assert_eq(b.m->desk.where.view, VIEW_JOBS);
    effects_clear(&b.fx);
    bench_key(&b, "-"); /* back to what showed */
    cr_expect_str_eq(doctor_of(b.m)->job_id, "job_lost");
    bench_key(&b, "q");
    effects_clear(&b.fx);
    bench_key(&b, "5");
    cr_expect_eq(b.m->desk.where.view, VIEW_DOCTOR);
    cr_expect_null(doctor_of(b.m)->job_id);
    cr_assert_not_null(bench_task(&b, TASK_DOCTOR));
    cr_expect_null(bench_task(&b, TASK_DOCTOR)->job_id);
    effects_clear(&b.fx);
    bench_key(&b, "q");
    bench_key(&b, "5");
    cr_expect_null(bench_task(&b, TASK_DOCTOR), "the whole doctor is known already");
    bench_free(&b);
}

Test(views, H_on_a_job_that_ended_without_a_start_asks_the_doctor)
{
    static const struct job_spec jobs[] = {
        {.id = "job_stopped", .status = "CANCELLED", .created_s = 9},
        {.id = "job_refused", .status = "FAILED",    .created_s = 7},
        {.id = "job_done",    .status = "COMPLETED", .created_s = 5}
    };

    for (size_t i = 0; i < 3; i++) {
        struct bench b = open_bench();
        bench_jobs(&b, TASK_LOAD, jobs, 3);
        bench_key(&b, "g");
        for (size_t k = 0; k < i; k++) {
            bench_key(&b, "j");
        }
        effects_clear(&b.fx);
        bench_key(&b, "H");
        struct task *t = bench_task(&b, TASK_DOCTOR);
        if (i == 2) {
            cr_expect_null(t, "%s", t == NULL ? "" : t->job_id);
            cr_expect_not_null(strstr(b.m->desk.note, "The job has started"), "%s", b.m->desk.note);
        } else {
            cr_assert_not_null(t, "%s", b.m->desk.note);
            cr_expect_str_eq(t->job_id, jobs[i].id);
        }
        bench_free(&b);
    }
}

static struct msg *step_msg(const struct task *t, size_t step, enum doctor_state state)
{
    struct msg *m = msg_new(MSG_E2E, t);

    m->u.e2e.step = step;
    m->u.e2e.ended = true;
    m->u.e2e.ms = 1200;
    m->u.e2e.found.state = state;
    m->u.e2e.found.text = xstrdup("found");
    m->u.e2e.found.fix = state == DOCTOR_PASS ? NULL : xstrdup("do this");
    return m;
}

Test(views, a_test_job_is_asked_for_sent_once_and_its_failure_is_the_headline)
{
    struct bench b = open_bench();
    struct verdict v;

    bench_key(&b, "5");
    bench_key(&b, "X");
    cr_expect_not(desk_covered(&b.m->desk), "the checks are running");
    struct task *t = bench_task(&b, TASK_DOCTOR);
    for (size_t i = 0; i < doctor_checks_len; i++) {
        check_ends(&b, t, doctor_checks[i].id, DOCTOR_PASS);
    }
    checks_done(&b, t);
    bench_key(&b, "X");
    cr_assert(b.m->desk.dialog.open);
    cr_expect_null(bench_task(&b, TASK_E2E), "nothing is sent before the answer");
    bench_key(&b, "n");
    cr_expect_null(bench_task(&b, TASK_E2E));
    bench_key(&b, "X");
    bench_key(&b, "y");
    t = bench_task(&b, TASK_E2E);
    cr_assert_not_null(t);
    bench_key(&b, "A");
    cr_expect_eq(doctor_of(b.m)->request, 0, "one thing at a time");
    bench_msg(&b, step_msg(t, 0, DOCTOR_PASS));
    bench_msg(&b, step_msg(t, 1, DOCTOR_FAIL));
    struct msg *end = msg_new(MSG_E2E_END, t);
    end->u.e2e_end.cancelled = true;
    (void)snprintf(end->u.e2e_end.job_id, sizeof end->u.e2e_end.job_id, "job_canary");
    bench_msg(&b, end);
    cr_expect_not_null(strstr(b.m->desk.note, "job_canary did not end well and was cancelled"),
                       "%s", b.m->desk.note);
    doctor_view_verdict(doctor_of(b.m), &v);
    cr_assert(v.known);
    cr_expect_str_eq(v.text, "First: J2 Batch job: found (1.2 s)");
    verdict_clear(&v);
    bench_msg(&b, step_msg(t, 2, DOCTOR_PASS)); /* late: nobody waits for it */
    cr_expect_null(doctor_view_here(doctor_of(b.m), NULL)->text == NULL ? "" : NULL);
    bench_free(&b);
}

Test(views, no_test_job_is_sent_when_a_check_fails_or_when_read_only)
{
    struct bench b = open_bench();

    bench_key(&b, "5");
    struct task *t = bench_task(&b, TASK_DOCTOR);
    for (size_t i = 0; i < doctor_checks_len; i++) {
        check_ends(&b, t, doctor_checks[i].id, i == 12 ? DOCTOR_FAIL : DOCTOR_PASS);
    }
    checks_done(&b, t);
    bench_key(&b, "X");
    cr_expect_not(desk_covered(&b.m->desk));
    cr_expect_not_null(strstr(b.m->desk.note, "so a test job would be lost"), "%s", b.m->desk.note);
    b.m->desk.read_only = true;
    bench_key(&b, "X");
    cr_expect_not(desk_covered(&b.m->desk));
    cr_expect_not_null(strstr(b.m->desk.note, "ead-only"), "%s", b.m->desk.note);
    cr_expect_null(bench_task(&b, TASK_E2E));
    bench_free(&b);
}
