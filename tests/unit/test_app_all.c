/* The jobs of several contexts in one list: whatever is done is done by the job's own context. */
#include <criterion/criterion.h>
#include <unistd.h>

#include "app/all.h"
#include "app_fixture.h"
#include "core/path.h"

static const char ini[] = "[context blue]\ncolour = blue\n[context green]\nread_only = yes\n"
                          "[context grey]\n";
static const char *const names[] = {"blue", "green", "grey"};
enum { BLUE, GREEN, GREY, CONTEXTS };

static const struct job_spec jobs[CONTEXTS][2] = {
    {{.id = "job_b1", .status = "IN_PROGRESS", .name = "Blue One", .user = "ann", .created_s = -10},
     {.id = "job_b2",
      .status = "IN_PROGRESS",
      .name = "Blue Two",
      .user = "bob",
      .created_s = -40}                                                                          },
    {{.id = "job_g1", .status = "FAILED", .name = "Green One", .user = "ann", .created_s = -20},
     {.id = "job_g2", .status = "FAILED", .name = "Green Two", .user = "bob", .created_s = -30}  },
    {{.id = "job_b1", .status = "FAILED", .name = "Grey One", .user = "cyd", .created_s = -50},
     {.id = "job_y2", .status = "COMPLETED", .name = "Grey Two", .user = "cyd", .created_s = -60}},
};

/* Three contexts at work; the third has a job with an id of the first. */
struct world {
    struct bench b[CONTEXTS];
    struct all *all;
};

static struct settings *settings_of(const char *context)
{
    char path[] = "/tmp/mvpdash-all.XXXXXX";
    const struct setting_flag flag = {SET_CONTEXT, context};
    struct err e = {0};
    int fd = mkstemp(path);

    cr_assert_geq(fd, 0);
    cr_assert(path_write_all(fd, ini, strlen(ini)));
    close(fd);
    settings_free(fixture_settings()); /* sets what tests need in the environment */
    struct settings *s = settings_load(
        &(struct settings_sources){.flags = &flag, .flags_len = 1, .config_ini = path}, &e);
    unlink(path);
    cr_assert_not_null(s, "%s", e.msg);
    return s;
}

static struct world world_new(void)
{
    struct world w = {.all = all_new()};

    for (int i = 0; i < CONTEXTS; i++) {
        w.b[i] = bench_new_with(&(struct model_options){.settings = settings_of(names[i])});
        bench_jobs(&w.b[i], TASK_LOAD, jobs[i], 2);
        bench_resize(&w.b[i], 24, 100);
        all_add(w.all, w.b[i].m);
    }
    all_settle(w.all, true);
    return w;
}

static void world_free(struct world *w)
{
    all_free(w->all);
    for (int i = 0; i < CONTEXTS; i++) {
        bench_free(&w->b[i]);
    }
}

static struct bench *front(struct world *w)
{
    return &w->b[all_front(w->all)];
}

/* As the loop does it. */
static void key(struct world *w, const char *name)
{
    struct app_event ev = {.kind = EV_KEY};

    (void)snprintf(ev.u.key, sizeof ev.u.key, "%s", name);
    if (all_event(w->all, &ev)) {
        struct app_event cursor = {.kind = EV_CURSOR};
        bench_event(front(w), &cursor);
    } else {
        bench_event(front(w), &ev);
    }
    all_settle(w->all, true);
}

static void type(struct world *w, const char *text)
{
    for (; *text != '\0'; text++) {
        key(w, *text == ' ' ? "Space" : (char[2]){*text, '\0'});
    }
}

static char *screen(struct world *w)
{
    struct surface s;

    surface_init(&s, 24, 100, true);
    draw_model(&s, front(w)->m);
    char *text = surface_text(&s);
    surface_done(&s);
    return text;
}

/* Is there a row with all three of these texts, in this order? */
static bool shows(struct world *w, const char *a, const char *b, const char *c)
{
    char *text = screen(w), *save = NULL;
    bool found = false;

    for (char *l = strtok_r(text, "\n", &save); l != NULL; l = strtok_r(NULL, "\n", &save)) {
        char *x = strstr(l, a), *y = x == NULL ? NULL : strstr(x, b);
        found |= y != NULL && strstr(y, c) != NULL;
    }
    free(text);
    return found;
}

static void expect_cursor(struct world *w, int context, const char *id)
{
    cr_expect_eq(all_front(w->all), (size_t)context);
    cr_expect_str_eq(front(w)->m->jobs->list.cursor, id);
}

Test(app_all, rows_stand_in_one_order_and_the_cursor_brings_their_context_forward)
{
    struct world w = world_new();

    cr_expect(shows(&w, "Jobs 6 in 3 contexts", "1/6", ""));
    cr_expect(shows(&w, "ENV", "Status", "Business"));
    cr_expect(shows(&w, "blue", "IN PROGRESS", "Blue One"));
    cr_expect(shows(&w, "grey", "COMPLETED", "Grey Two"));
    expect_cursor(&w, BLUE, "job_b1");
    key(&w, "j");
    expect_cursor(&w, GREEN, "job_g1");
    cr_expect(shows(&w, "mvpdash", " green ", ""), "the header names it");
    key(&w, "j");
    expect_cursor(&w, GREEN, "job_g2");
    key(&w, "j");
    expect_cursor(&w, BLUE, "job_b2");
    key(&w, "G");
    expect_cursor(&w, GREY, "job_y2");
    key(&w, "k");
    expect_cursor(&w, GREY, "job_b1");
    key(&w, "g");
    expect_cursor(&w, BLUE, "job_b1");
    cr_expect(shows(&w, "blue @ 2", "green", "x 2"), "counts by context");
    world_free(&w);
}

Test(app_all, an_action_goes_to_the_context_of_the_job)
{
    struct world w = world_new();

    key(&w, "G");
    key(&w, "k"); /* the failed job of grey that has an id of blue */
    expect_cursor(&w, GREY, "job_b1");
    key(&w, "T");
    cr_expect(shows(&w, "Retry 1 job?", "context grey", ""));
    key(&w, "y");
    cr_expect_not_null(bench_task(&w.b[GREY], TASK_RETRY));
    cr_expect_null(bench_task(&w.b[BLUE], TASK_RETRY));
    cr_expect_null(bench_task(&w.b[GREEN], TASK_RETRY));
    cr_expect_eq(store_find(w.b[BLUE].m->desk.store, "job_b1")->flags & ENTRY_ACTING, 0);
    key(&w, "Esc");
    key(&w, "g");
    key(&w, "x");
    key(&w, "y");
    cr_expect_str_eq(bench_task(&w.b[BLUE], TASK_CANCEL)->job_id, "job_b1");
    cr_expect_null(bench_task(&w.b[GREY], TASK_CANCEL));
    key(&w, "Esc");
    key(&w, "C-c");
    cr_expect_not_null(strstr(front(&w)->m->desk.dialog.text, "2 actions"),
                       "leaving asks for those of all");
    world_free(&w);
}

/* Answers the look into the dead letter queue with one message that has an event. */
static void answer_look(struct bench *b)
{
    const struct task *t = bench_task(b, TASK_DLQ_LOOK);
    cJSON *doc = json_new_object(), *attributes = json_new_object(), *rule = json_new_object();

    cr_assert_not_null(t);
    json_set_str(rule, "StringValue", "arn:aws:events:us-east-1:000000000000:rule/mvp/r");
    json_set(attributes, "RULE_ARN", rule);
    json_set(doc, "MessageAttributes", attributes);
    struct msg *m = msg_new(MSG_DLQ, t);
    m->u.dlq = xcalloc(1, sizeof *m->u.dlq);
    m->u.dlq->visible = 1;
    m->u.dlq->list.items = xcalloc(1, sizeof *m->u.dlq->list.items);
    m->u.dlq->list.len = 1;
    json_set_str(doc, "MessageId", "m1");
    json_set_str(doc, "Body", "{\"source\":\"app\",\"detail-type\":\"T\",\"detail\":{}}");
    dlq_message_read(&m->u.dlq->list.items[0], doc);
    cJSON_Delete(doc);
    bench_msg(b, m);
}

Test(app_all, a_dead_letter_goes_again_in_the_context_under_the_cursor)
{
    struct world w = world_new();

    key(&w, "G");
    key(&w, "3");
    cr_expect_null(bench_task(&w.b[BLUE], TASK_DLQ_LOOK));
    cr_expect_null(bench_task(&w.b[GREEN], TASK_DLQ_LOOK));
    answer_look(&w.b[GREY]);
    all_settle(w.all, true);
    key(&w, "S");
    cr_expect(shows(&w, "context grey", "", ""));
    key(&w, "y");
    cr_expect_not_null(bench_task(&w.b[GREY], TASK_DLQ_SEND));
    cr_expect_null(bench_task(&w.b[BLUE], TASK_DLQ_SEND));
    key(&w, "q");
    key(&w, "q");
    key(&w, "g");
    key(&w, "j");
    expect_cursor(&w, GREEN, "job_g1");
    key(&w, "3");
    answer_look(&w.b[GREEN]);
    all_settle(w.all, true);
    key(&w, "S");
    cr_expect_not(w.b[GREEN].m->desk.dialog.open, "green is read-only");
    world_free(&w);
}

Test(app_all, read_only_of_each_context_holds_for_its_jobs)
{
    struct world w = world_new();

    key(&w, "j");
    expect_cursor(&w, GREEN, "job_g1");
    key(&w, "T");
    cr_expect_not(front(&w)->m->desk.dialog.open);
    cr_expect_not_null(strstr(front(&w)->m->desk.note, "Context green is read-only"));
    key(&w, "g");
    key(&w, "x");
    cr_expect(bench_asks(&w.b[BLUE], "Cancel 1 job?"));
    world_free(&w);
}

Test(app_all, marks_are_of_one_context_and_the_question_says_so)
{
    struct world w = world_new();

    key(&w, "Space"); /* the first of blue; the cursor goes on to green */
    expect_cursor(&w, GREEN, "job_g1");
    key(&w, "G");
    key(&w, "k");
    key(&w, "T");
    cr_expect(bench_asks(&w.b[GREY], "Retry 1 job?"));
    cr_expect_not_null(strstr(w.b[GREY].m->desk.dialog.text, "other contexts are left alone"));
    key(&w, "y");
    cr_expect_eq(bench_tasks(&w.b[BLUE], TASK_RETRY) + bench_tasks(&w.b[BLUE], TASK_CANCEL), 0);
    world_free(&w);
}

Test(app_all, filter_order_and_columns_hold_for_all)
{
    struct world w = world_new();

    key(&w, "/");
    type(&w, "user:ann");
    key(&w, "Enter");
    cr_expect(shows(&w, "Jobs 2 of 6 in 3 contexts", "/user:ann", "1/2"));
    cr_expect(shows(&w, "green", "Green One", ""));
    key(&w, "Esc");
    cr_expect(shows(&w, "Jobs 6 in 3 contexts", "", ""));
    key(&w, "/");
    type(&w, "env:gre");
    key(&w, "Enter");
    cr_expect(shows(&w, "Jobs 4 of 6", "", ""), "green and grey begin so");
    key(&w, "/");
    type(&w, "y");
    key(&w, "Enter");
    cr_expect(shows(&w, "Jobs 2 of 6", "", ""));
    expect_cursor(&w, GREY, "job_b1");
    key(&w, "Esc");
    type(&w, ":columns");
    key(&w, "Space");
    type(&w, "name,status");
    key(&w, "Enter");
    type(&w, ":sort");
    key(&w, "Space");
    type(&w, "-name");
    key(&w, "Enter");
    key(&w, "g");
    expect_cursor(&w, GREY, "job_y2");
    key(&w, "G");
    expect_cursor(&w, BLUE, "job_b1");
    cr_expect_eq(store_sort(w.b[GREEN].m->desk.store).column, COL_NAME);
    cr_expect_eq(w.b[GREEN].m->jobs->list.columns.len, 2);
    world_free(&w);
}

Test(app_all, a_context_without_rows_gives_way)
{
    struct world w = world_new();
    struct task t = {.kind = TASK_GET_JOBS};

    key(&w, "j");
    key(&w, "k");
    expect_cursor(&w, BLUE, "job_b1");
    for (int i = 0; i < 2; i++) {
        struct msg *m = msg_new(MSG_GONE, &t);
        m->u.gone.ids = xcalloc(1, sizeof(char *));
        m->u.gone.ids[0] = xstrdup(jobs[BLUE][i].id);
        m->u.gone.len = 1;
        bench_tick(&w.b[BLUE], 60000);
        bench_msg(&w.b[BLUE], m);
    }
    all_settle(w.all, true);
    cr_expect_eq(store_rows(w.b[BLUE].m->desk.store), 0);
    expect_cursor(&w, GREEN, "job_g1");
    cr_expect(shows(&w, "Jobs 4 in 3 contexts", "1/4", ""));
    world_free(&w);
}

Test(app_all, what_happens_in_another_context_is_told_with_its_name)
{
    struct world w = world_new();
    struct msg *m;

    key(&w, "x");
    key(&w, "y");
    const struct task t = *bench_task(&w.b[BLUE], TASK_CANCEL);
    key(&w, "Esc");
    key(&w, "j");
    expect_cursor(&w, GREEN, "job_g1");
    m = msg_new(MSG_CANCELLED, &t);
    bench_msg(&w.b[BLUE], m);
    all_settle(w.all, true);
    cr_expect_not_null(strstr(w.b[GREEN].m->desk.note, "blue: job_b1: cancelled"), "%s",
                       w.b[GREEN].m->desk.note);
    world_free(&w);
}

Test(app_all, a_context_that_fails_is_marked_and_the_others_go_on)
{
    struct world w = world_new();
    const struct task t = {.kind = TASK_GET_JOBS};
    struct err why = {0};

    (void)err_set(&why, E_CONFIG, "there is no profile \"nobody\"");
    all_add_failed(w.all, "broken", &why);
    for (int i = 0; i < 3; i++) {
        struct msg *again = msg_new(MSG_DONE, &t);
        (void)err_set(&again->err, E_NET, "cannot reach it");
        bench_msg(&w.b[GREY], again);
    }
    all_settle(w.all, true);
    cr_expect(shows(&w, "grey failing", "broken unusable (!)", "blue"), "what ails comes first");
    key(&w, "!");
    cr_expect(shows(&w, "Context grey", "", ""));
    cr_expect(shows(&w, "cannot reach it", "", ""));
    cr_expect(shows(&w, "no profile \"nobody\"", "", ""));
    key(&w, "q");
    key(&w, "x");
    cr_expect(bench_asks(&w.b[BLUE], "Cancel 1 job?"));
    world_free(&w);
}

Test(app_all, the_rows_of_a_context_that_fails_have_a_mark)
{
    struct world w = world_new();
    const struct task t = {.kind = TASK_GET_JOBS};

    cr_expect_not(shows(&w, "!grey", "Grey One", ""));
    for (int i = 0; i < 3; i++) {
        struct msg *again = msg_new(MSG_DONE, &t);
        (void)err_set(&again->err, E_NET, "cannot reach it");
        bench_msg(&w.b[GREY], again);
    }
    all_settle(w.all, true);
    cr_expect(shows(&w, "!grey", "Grey One", ""));
    cr_expect_not(shows(&w, "!blue", "", ""));
    world_free(&w);
}

Test(app_all, a_list_without_rows_says_why)
{
    struct world w = world_new();

    type(&w, "/nothing");
    key(&w, "Enter");
    cr_expect(shows(&w, "No job matches in any context. Esc shows all again.", "", ""));
    key(&w, "Esc");
    cr_expect(shows(&w, "Jobs 6 in 3 contexts", "", ""));
    world_free(&w);
}

Test(app_all, states_and_views_are_told_of_all)
{
    struct world w = world_new();

    key(&w, "s");
    cr_expect(shows(&w, "All (6)", "", ""));
    cr_expect(shows(&w, "IN_PROGRESS (2)", "", ""));
    key(&w, "f");
    char *text = screen(&w);
    cr_expect_not_null(strstr(text, "Jobs 3 of 6 in 3 contexts [failing]"), "%s", text);
    free(text);
    type(&w, ":view save mine");
    key(&w, "Enter");
    cr_expect_not_null(strstr(front(&w)->m->desk.note, "Kept as view mine of context"), "%s",
                       front(&w)->m->desk.note);
    type(&w, ":view mine");
    key(&w, "Enter");
    cr_expect_str_eq(front(&w)->m->desk.note, "View mine.");
    world_free(&w);
}

Test(app_all, leaving_asks_for_what_another_context_would_lose)
{
    struct world w = world_new();

    key(&w, "n");
    type(&w, "someone");
    key(&w, "Tab");
    where_focus(&front(&w)->m->desk.where, PANE_LIST); /* as a click beside the form does */
    cr_expect_eq(all_front(w.all), (size_t)BLUE);
    key(&w, "j");
    cr_expect_eq(all_front(w.all), (size_t)GREEN);
    type(&w, ":q");
    key(&w, "Enter");
    cr_expect_not_null(strstr(front(&w)->m->desk.dialog.text, "deploy that was not sent"), "%s",
                       front(&w)->m->desk.dialog.text);
    world_free(&w);
}

Test(app_all, leaving_asks_while_a_command_runs_in_another_context)
{
    struct world w = world_new();
    char program[] = "notes";

    struct own_command notes = {.name = program};
    w.b[BLUE].m->run.command = &notes;
    w.b[BLUE].m->run.request = 7;
    key(&w, "j");
    cr_expect_eq(all_front(w.all), (size_t)GREEN);
    type(&w, ":q");
    key(&w, "Enter");
    cr_expect_not_null(
        strstr(front(&w)->m->desk.dialog.text, "Your command notes is still running"), "%s",
        front(&w)->m->desk.dialog.text);
    w.b[BLUE].m->run.request = 0;
    w.b[BLUE].m->run.command = NULL;
    world_free(&w);
}

Test(app_all, nothing_of_it_is_left_when_it_ends)
{
    struct world w = world_new();

    key(&w, "j");
    all_free(w.all);
    w.all = NULL;
    for (int i = 0; i < CONTEXTS; i++) {
        struct surface s;
        surface_init(&s, 24, 100, true);
        draw_model(&s, w.b[i].m);
        char *text = surface_text(&s);
        cr_expect_null(strstr(text, "contexts"));
        free(text);
        surface_done(&s);
    }
    world_free(&w);
}
