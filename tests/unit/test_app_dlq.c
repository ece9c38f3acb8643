/* The dead letter queue's view: looking, marks, questions, results, editing. */
#include <criterion/criterion.h>

#include "app_fixture.h"

TestSuite(app_dlq, .timeout = 120);

static void add_message(struct dlq_list *l, const char *id, const char *code, const char *job)
{
    cJSON *doc = json_new_object(), *attributes = json_new_object(), *rule = json_new_object();
    cJSON *error = json_new_object();
    char body[200];

    snprintf(body, sizeof body,
             "{\"source\":\"app\",\"detail-type\":\"T\",\"detail\":{\"jobId\":\"%s\",\"url\":"
             "\"pg://u:s3cret@h\"}}",
             job == NULL ? "" : job);
    json_set_str(rule, "StringValue", "arn:aws:events:us-east-1:000000000000:rule/mvp/r");
    json_set_str(error, "StringValue", code);
    json_set(attributes, "RULE_ARN", rule);
    json_set(attributes, "ERROR_CODE", error);
    json_set_str(doc, "MessageId", id);
    json_set_str(doc, "Body", job == NULL ? "no event" : body);
    json_set(doc, "MessageAttributes", attributes);
    dlq_message_read(&l->items[l->len++], doc);
    cJSON_Delete(doc);
}

/* Answers the look under way with these messages: "id:CODE" each. */
static void answer_look(struct bench *b, const char *const *what, size_t len)
{
    struct task *t = bench_task(b, TASK_DLQ_LOOK);

    cr_assert_not_null(t);
    struct msg *m = msg_new(MSG_DLQ, t);
    m->u.dlq = xcalloc(1, sizeof *m->u.dlq);
    snprintf(m->u.dlq->name, sizeof m->u.dlq->name, "the-dlq");
    m->u.dlq->visible = (int64_t)len;
    m->u.dlq->list.items = xcalloc(len + 1, sizeof *m->u.dlq->list.items);
    for (size_t i = 0; i < len; i++) {
        char id[40], job[60];
        const char *colon = strchr(what[i], ':');
        snprintf(id, sizeof id, "%.*s", (int)(colon - what[i]), what[i]);
        snprintf(job, sizeof job, "job_1755685200000_%s00000000", id);
        job[27] = '\0';
        add_message(&m->u.dlq->list, id, colon + 1, id[0] == 'n' ? NULL : job);
    }
    bench_msg(b, m);
}

static const char *const some[] = {"a:X", "b:Y", "c:X", "n:Y"};

static struct bench open_dlq(void)
{
    struct bench b = bench_new();

    bench_key(&b, "3");
    answer_look(&b, some, 4);
    return b;
}

static const char *ids(const struct model *m)
{
    static char all[100];

    all[0] = '\0';
    for (size_t i = 0; i < dlq_of(m)->len; i++) {
        strcat(all, dlq_of(m)->items[i].m.id);
        strcat(all, dlq_of(m)->items[i].marked ? "* " : " ");
    }
    return all;
}

static void result(struct bench *b, const struct task *t, const char *id, const char *failure)
{
    struct msg *m = msg_new(MSG_DLQ_RESULT, t);

    m->u.dlq_result.id = xstrdup(id);
    if (failure != NULL) {
        err_set(&m->err, E_CONFLICT, "%s", failure);
    } else {
        snprintf(m->u.dlq_result.sent.bus, sizeof m->u.dlq_result.sent.bus, "mvp");
        m->u.dlq_result.sent.sent = m->u.dlq_result.sent.deleted = true;
    }
    bench_msg(b, m);
}

static void over(struct bench *b, const struct task *t)
{
    bench_msg(b, msg_new(MSG_DONE, t));
}

Test(app_dlq, messages_stand_in_groups_of_their_code)
{
    struct bench b = open_dlq();

    cr_expect_str_eq(ids(b.m), "a c b n ");
    cr_expect_eq(dlq_group_len(dlq_of(b.m), 0), 2);
    cr_expect_eq(dlq_of(b.m)->lines[0].kind, DLQ_ROW_CODE);
    cr_expect_eq(dlq_current(dlq_of(b.m)), &dlq_of(b.m)->items[0]);
    bench_free(&b);
}

Test(app_dlq, a_young_look_is_shown_again_and_r_looks_anew)
{
    static const char *const fewer[] = {"c:X"};
    struct bench b = open_dlq();

    bench_key(&b, "j"); /* c */
    bench_key(&b, "q");
    effects_clear(&b.fx);
    bench_key(&b, "3");
    cr_expect_eq(bench_tasks(&b, TASK_DLQ_LOOK), 0, "a look counts as a receive");
    bench_key(&b, "r");
    cr_expect_eq(bench_tasks(&b, TASK_DLQ_LOOK), 1);
    bench_key(&b, "r");
    cr_expect_eq(bench_tasks(&b, TASK_DLQ_LOOK), 1, "one at a time");
    answer_look(&b, fewer, 1);
    cr_expect_str_eq(ids(b.m), "c ");
    bench_key(&b, "q");
    bench_tick(&b, 61000);
    effects_clear(&b.fx);
    bench_key(&b, "3");
    cr_expect_eq(bench_tasks(&b, TASK_DLQ_LOOK), 1);
    bench_free(&b);
}

Test(app_dlq, cursor_and_marks_stay_on_their_messages)
{
    static const char *const next[] = {"z:Y", "a:X", "c:X"};
    struct bench b = open_dlq();

    bench_key(&b, "Space"); /* a, on to c */
    bench_key(&b, "r");
    answer_look(&b, next, 3);
    cr_expect_str_eq(ids(b.m), "z a* c ");
    cr_expect_str_eq(dlq_current(dlq_of(b.m))->m.id, "c");
    bench_key(&b, "g");
    bench_key(&b, "v");
    bench_key(&b, "j");
    bench_key(&b, "v");
    cr_expect_str_eq(ids(b.m), "z* a* c ");
    bench_key(&b, "*");
    cr_expect_str_eq(ids(b.m), "z* a* c* ");
    bench_key(&b, "U");
    cr_expect_str_eq(ids(b.m), "z a c ");
    bench_free(&b);
}

Test(app_dlq, sending_asks_first_and_tells_what_became_of_each)
{
    struct bench b = open_dlq();

    bench_key(&b, "*");
    bench_key(&b, "S");
    cr_assert(bench_asks(&b, "Redrive "));
    cr_expect_eq(b.m->desk.dialog.count, 3, "what is no event stays");
    cr_expect_not_null(strstr(b.m->desk.dialog.jobs[0].status, "to mvp: T"));
    bench_key(&b, "Enter"); /* the focus is on No */
    cr_expect_not(desk_covered(&b.m->desk));
    cr_expect_eq(bench_tasks(&b, TASK_DLQ_SEND), 0);
    bench_key(&b, "S");
    bench_key(&b, "y");
    struct task *t = bench_task(&b, TASK_DLQ_SEND);
    cr_assert_not_null(t);
    cr_expect_eq(task_as(t, dlq).ids.len, 3);
    cr_expect_null(task_as(t, dlq).edit);
    cr_expect_eq(b.m->desk.actions_len, 1);
    result(&b, t, "c", NULL);
    result(&b, t, "a", "the rule is disabled");
    cr_expect_eq(b.m->desk.dialog.done, 1);
    cr_expect_eq(b.m->desk.dialog.failed, 1);
    cr_expect_str_eq(ids(b.m), "a* b* n* ");
    bench_key(&b, "S"); /* nothing while it runs */
    result(&b, t, "b", NULL);
    over(&b, t);
    cr_expect(b.m->desk.dialog.over);
    bench_key(&b, "Enter");
    cr_expect_not(desk_covered(&b.m->desk));
    cr_expect_eq(b.m->desk.actions_len, 0);
    cr_expect_str_eq(ids(b.m), "a* n* ");
    cr_expect_eq(b.m->desk.errors_len, 1);
    cr_expect_null(bench_broken(b.m));
    bench_free(&b);
}

Test(app_dlq, results_come_as_a_note_when_the_dialog_was_closed)
{
    struct bench b = open_dlq();

    bench_key(&b, "*");
    bench_key(&b, "x");
    cr_expect_eq(b.m->desk.dialog.count, 4);
    bench_key(&b, "y");
    struct task *t = bench_task(&b, TASK_DLQ_DELETE);
    bench_key(&b, "Esc");
    bench_key(&b, "S");
    cr_expect_not(desk_covered(&b.m->desk), "one thing at a time");
    result(&b, t, "a", NULL);
    result(&b, t, "b", NULL);
    result(&b, t, "c", NULL);
    result(&b, t, "n", NULL);
    over(&b, t);
    cr_expect_eq(dlq_of(b.m)->len, 0);
    cr_expect_str_eq(b.m->desk.note, "4 deleted, 0 failed");
    bench_free(&b);
}

Test(app_dlq, many_want_their_number_typed)
{
    static const char *const many[] = {"a:X", "b:X", "c:X", "d:X", "e:X", "f:X"};
    struct bench b = bench_new();

    bench_key(&b, "3");
    answer_look(&b, many, 6);
    bench_key(&b, "*");
    bench_key(&b, "x");
    bench_key(&b, "y");
    cr_expect_eq(bench_tasks(&b, TASK_DLQ_DELETE), 0);
    bench_key(&b, "6");
    bench_key(&b, "y");
    cr_expect_eq(bench_tasks(&b, TASK_DLQ_DELETE), 1);
    bench_free(&b);
}

Test(app_dlq, read_only_refuses_every_change)
{
    struct bench b = bench_new_with(&(struct model_options){.read_only = true});

    bench_key(&b, "3");
    answer_look(&b, some, 4);
    bench_key(&b, "S");
    bench_key(&b, "x");
    bench_key(&b, "E");
    cr_expect_not(desk_covered(&b.m->desk));
    cr_expect_eq(dlq_of(b.m)->page, DLQ_LIST);
    cr_expect_not_null(strstr(b.m->desk.note, "Read-only"));
    bench_key(&b, "Enter"); /* looking is allowed */
    cr_expect_eq(dlq_of(b.m)->page, DLQ_TEXT);
    bench_free(&b);
}

Test(app_dlq, a_message_shows_as_text_without_its_password)
{
    struct bench b = open_dlq();

    bench_key(&b, "Enter");
    cr_expect_eq(model_scope(b.m), SCOPE_DLQ_TEXT);
    char *all = textview_all(&dlq_of(b.m)->text, NULL, NULL);
    cr_expect_null(strstr(all, "s3cret"), "%s", all);
    cr_expect_not_null(strstr(all, "pg://u:****@h"), "%s", all);
    free(all);
    bench_type(&b, "/jobId");
    bench_key(&b, "Enter");
    cr_expect_eq(dlq_of(b.m)->text.match_count, 1);
    bench_key(&b, "y");
    cr_expect(dlq_of(b.m)->raw);
    bench_key(&b, "Esc"); /* the search */
    bench_key(&b, "Esc");
    cr_expect_eq(dlq_of(b.m)->page, DLQ_LIST);
    bench_free(&b);
}

Test(app_dlq, its_job_is_opened_in_the_list_or_asked_for)
{
    static const struct job_spec specs[] = {
        {.id = "job_1755685200000_a00000000", .status = "PENDING"}
    };
    struct bench b = open_dlq();

    bench_jobs(&b, TASK_LOAD, specs, 1);
    bench_key(&b, "d");
    cr_expect_eq(b.m->desk.where.view, VIEW_JOBS);
    cr_expect_str_eq(b.m->jobs->detail.job_id, specs[0].id);
    bench_key(&b, "-");
    cr_expect_eq(b.m->desk.where.view, VIEW_DLQ);
    bench_key(&b, "G"); /* no event */
    bench_key(&b, "d");
    cr_expect_eq(b.m->desk.where.view, VIEW_DLQ);
    cr_expect_not_null(strstr(b.m->desk.note, "names no job"));
    bench_free(&b);
}

Test(app_dlq, an_edited_event_is_checked_then_sent_with_its_original_named)
{
    struct bench b = open_dlq();

    bench_key(&b, "E");
    cr_assert_eq(dlq_of(b.m)->page, DLQ_EDIT);
    cr_expect_null(strstr(edit_text(&dlq_of(b.m)->form.fields[DLQ_DETAIL]), "s3cret"));
    bench_key(&b, "3"); /* is typed */
    cr_expect_eq(dlq_of(b.m)->form.err.code, E_INVALID);
    bench_key(&b, "F5");
    cr_expect_not(desk_covered(&b.m->desk));
    cr_expect_not_null(strstr(b.m->desk.note, "Not sent: detail"));
    bench_key(&b, "Backspace");
    bench_key(&b, "S-Tab");
    bench_type(&b, "2");
    bench_key(&b, "F5");
    cr_assert(bench_asks(&b, "Redrive the edited"));
    cr_expect_not_null(strstr(b.m->desk.dialog.jobs[0].status, "to mvp: T2"));
    bench_key(&b, "y");
    struct task *t = bench_task(&b, TASK_DLQ_SEND);
    cr_assert_not_null(t);
    cr_expect_eq(task_as(t, dlq).ids.len, 1);
    cr_expect_str_eq(task_as(t, dlq).ids.items[0], "a");
    cr_expect_str_eq(task_as(t, dlq).edit->detail_type, "T2");
    result(&b, t, "a", NULL);
    over(&b, t);
    cr_expect_eq(dlq_of(b.m)->page, DLQ_LIST);
    cr_expect_str_eq(ids(b.m), "c b n ");
    bench_free(&b);
}

Test(app_dlq, what_was_typed_is_not_lost_without_a_question)
{
    struct bench b = open_dlq();

    bench_key(&b, "E");
    bench_key(&b, "Esc");
    cr_expect_eq(dlq_of(b.m)->page, DLQ_LIST, "nothing was changed");
    bench_key(&b, "E");
    bench_key(&b, "x");
    bench_key(&b, "Esc");
    cr_assert(bench_asks(&b, "Discard the edited event?"));
    bench_key(&b, "n");
    cr_expect_eq(dlq_of(b.m)->page, DLQ_EDIT);
    /* A look that comes meanwhile does not take it away. */
    bench_key(&b, "Esc");
    bench_key(&b, "y");
    cr_expect_eq(dlq_of(b.m)->page, DLQ_LIST);
    bench_key(&b, "G");
    bench_key(&b, "E");
    cr_expect_eq(dlq_of(b.m)->page, DLQ_LIST, "what is no event cannot be sent");
    cr_expect_not_null(strstr(b.m->desk.note, "not an event"));
    bench_free(&b);
}

Test(app_dlq, rows_of_the_detail_follow_the_cursor)
{
    struct bench b = open_dlq();
    struct dlq_form *f = &dlq_of(b.m)->form;
    size_t from = 0, len = 0;

    bench_resize(&b, 10, 40);
    bench_key(&b, "E");
    cr_expect(dlq_form_row(f, 1, &from, &len));
    bench_key(&b, "Down");
    cr_expect_eq(f->fields[DLQ_DETAIL].cursor, from);
    for (int i = 0; i < 200; i++) {
        bench_key(&b, "x");
    }
    cr_expect_gt(f->top, 0);
    bench_key(&b, "C-a");
    cr_expect_eq(f->top, 0);
    bench_key(&b, "Up");
    cr_expect_eq(f->focus, DLQ_TYPE);
    bench_free(&b);
}

Test(app_dlq, a_failed_look_keeps_what_was_seen)
{
    struct bench b = open_dlq();

    bench_key(&b, "r");
    struct msg *m = msg_new(MSG_DLQ, bench_task(&b, TASK_DLQ_LOOK));
    err_set(&m->err, E_NET, "no luck");
    bench_msg(&b, m);
    cr_expect_eq(dlq_of(b.m)->len, 4);
    cr_expect_eq(dlq_of(b.m)->err.code, E_NET);
    bench_key(&b, "r");
    cr_expect_eq(bench_tasks(&b, TASK_DLQ_LOOK), 3, "and can look again");
    bench_free(&b);
}
