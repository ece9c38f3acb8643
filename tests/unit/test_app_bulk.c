/* A file of deploys in the dashboard: named, checked, sent after a question. */
#include <criterion/criterion.h>
#include <locale.h>

#include "app_fixture.h"

static void utf8(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
}

TestSuite(bulk_view, .init = utf8, .timeout = 120);

static const char three[] = "userId,productId\nu1,p\nu2,p\nu3,p\n";

static void answer_read(struct bench *b, const char *text, bool earlier, size_t sent)
{
    struct task *t = bench_task(b, TASK_BULK_READ);

    cr_assert_not_null(t);
    struct msg *m = msg_new(MSG_BULK_READ, t);
    struct bulk_input *in = xcalloc(1, sizeof *in);
    in->text = xstrdup(text);
    in->len = strlen(text);
    (void)!deploy_file_read(in->text, in->len, &in->file, &m->err);
    m->u.bulk_read.input = in;
    m->u.bulk_read.past.sent = sent;
    m->u.bulk_read.past.begun = earlier ? in->file.len - sent : 0;
    bench_msg(b, m);
}

static struct bench with_file(const char *text, bool earlier, size_t sent)
{
    struct bench b = bench_new();

    bench_key(&b, "b");
    cr_assert(line_is_of(&b.m->desk.line, &bulk_of(b.m)->path));
    bench_type(&b, "x.csv");
    bench_key(&b, "Enter");
    cr_assert_str_eq(task_as(bench_task(&b, TASK_BULK_READ), path), "x.csv");
    answer_read(&b, text, earlier, sent);
    return b;
}

static void answer_line(struct bench *b, size_t index, enum bulk_end end)
{
    struct task *t = bench_task(b, TASK_BULK);

    cr_assert_not_null(t);
    struct msg *m = msg_new(MSG_BULK_LINES, t);
    m->u.bulk_lines.items = xcalloc(1, sizeof *m->u.bulk_lines.items);
    m->u.bulk_lines.len = 1;
    m->u.bulk_lines.ended = index + 1;
    m->u.bulk_lines.items[0].index = index;
    snprintf(m->u.bulk_lines.items[0].job_id, JOB_ID_SIZE, "job_%zu", index);
    m->u.bulk_lines.items[0].line.end = end;
    bench_msg(b, m);
}

static void answer_end(struct bench *b, enum err_code code, struct bulk_totals totals)
{
    struct msg *m = msg_new(MSG_BULK_END, bench_task(b, TASK_BULK));

    if (code != E_OK) {
        err_set(&m->err, code, "it went wrong");
    }
    m->u.bulk_end = totals;
    bench_msg(b, m);
}

Test(bulk_view, nothing_is_sent_before_the_answer_yes)
{
    struct bench b = with_file(three, false, 0);

    cr_expect_eq(bulk_of(b.m)->stage, BULK_READY);
    bench_key(&b, "F5");
    cr_assert(bench_asks(&b, "Send "));
    cr_expect_eq(b.m->desk.dialog.count, 3);
    bench_key(&b, "Enter"); /* it stands on "no" */
    cr_expect_not(desk_covered(&b.m->desk));
    cr_expect_null(bench_task(&b, TASK_BULK));
    bench_key(&b, "F5");
    bench_key(&b, "y");
    const struct task *t = bench_task(&b, TASK_BULK);
    cr_assert_not_null(t);
    cr_expect_eq(task_as(t, bulk).mode, BULK_FIRST);
    cr_expect_eq(task_as(t, bulk).input->file.len, 3);
    cr_expect_null(bulk_of(b.m)->input, "the requests have moved");
    cr_expect_eq(bulk_of(b.m)->stage, BULK_SENDING);
    bench_key(&b, "F5");
    cr_expect_eq(bench_tasks(&b, TASK_BULK), 1, "once");
    bench_free(&b);
}

Test(bulk_view, from_six_on_the_number_is_typed)
{
    struct bench b = with_file("userId,productId\na,p\nb,p\nc,p\nd,p\ne,p\nf,p\n", false, 0);

    bench_key(&b, "F5");
    bench_key(&b, "y");
    cr_expect_null(bench_task(&b, TASK_BULK));
    bench_key(&b, "6");
    bench_key(&b, "y");
    cr_expect_not_null(bench_task(&b, TASK_BULK));
    bench_free(&b);
}

Test(bulk_view, a_wrong_line_holds_everything_back_and_the_file_is_read_again)
{
    struct bench b = with_file("userId,productId\nu1,p\n,p\n", false, 0);

    cr_expect_eq(bulk_of(b.m)->stage, BULK_WRONG);
    cr_expect_eq(bulk_current(bulk_of(b.m))->line, 3, "the cursor is on what is wrong");
    cr_expect_not_null(strstr(bulk_current(bulk_of(b.m))->note, "userId"));
    cr_expect_null(bulk_of(b.m)->input);
    bench_key(&b, "F5");
    cr_expect_not(desk_covered(&b.m->desk));
    cr_expect_null(bench_task(&b, TASK_BULK));
    bench_key(&b, "r");
    cr_expect_eq(bench_tasks(&b, TASK_BULK_READ), 2);
    answer_read(&b, three, false, 0);
    cr_expect_eq(bulk_of(b.m)->stage, BULK_READY);
    bench_free(&b);
}

Test(bulk_view, read_only_sends_nothing)
{
    struct bench b = bench_new_with(&(struct model_options){.read_only = true});

    bench_key(&b, "b");
    bench_type(&b, "x.csv");
    bench_key(&b, "Enter");
    answer_read(&b, three, false, 0);
    bench_key(&b, "F5");
    cr_expect_not(desk_covered(&b.m->desk));
    cr_expect_not_null(strstr(b.m->desk.note, "Read-only"), "%s", b.m->desk.note);
    bench_free(&b);
}

Test(bulk_view, an_earlier_run_is_gone_on_with_unless_asked_otherwise)
{
    struct bench b = with_file(three, true, 2);

    bench_key(&b, "F5");
    cr_expect_eq(b.m->desk.dialog.count, 1);
    cr_expect_not_null(strstr(b.m->desk.dialog.text, "Earlier runs sent 2 of 3"), "%s",
                       b.m->desk.dialog.text);
    bench_key(&b, "n");
    bench_key(&b, "A");
    bench_key(&b, "F5");
    cr_expect_eq(b.m->desk.dialog.count, 3);
    bench_key(&b, "n");
    bench_key(&b, "A");
    bench_key(&b, "F5");
    bench_key(&b, "y");
    cr_expect_eq(task_as(bench_task(&b, TASK_BULK), bulk).mode, BULK_RESUME);
    bench_free(&b);
}

Test(bulk_view, a_file_that_was_sent_is_not_sent_again_by_mistake)
{
    struct bench b = with_file(three, true, 3);

    bench_key(&b, "F5");
    cr_expect_not(desk_covered(&b.m->desk));
    cr_expect_not_null(strstr(b.m->desk.note, "sent every line"), "%s", b.m->desk.note);
    bench_key(&b, "A");
    bench_key(&b, "F5");
    bench_key(&b, "y");
    cr_expect_eq(task_as(bench_task(&b, TASK_BULK), bulk).mode, BULK_ANEW);
    bench_free(&b);
}

Test(bulk_view, results_come_line_by_line_and_a_line_opens_its_job)
{
    struct bench b = with_file(three, false, 0);

    bench_jobs(&b, TASK_LOAD, &(struct job_spec){.id = "job_1", .name = "One", .created_s = 1}, 1);
    bench_key(&b, "F5");
    bench_key(&b, "y");
    bench_key(&b, "Enter");
    cr_expect_eq(b.m->desk.where.view, VIEW_BULK, "it has no job yet");
    answer_line(&b, 0, BULK_SENT);
    answer_line(&b, 1, BULK_SENT);
    answer_line(&b, 2, BULK_FAILED);
    cr_expect_eq(bulk_of(b.m)->rows[0].mark, LINE_SENT);
    cr_expect_eq(bulk_of(b.m)->rows[2].mark, LINE_FAILED);
    answer_end(&b, E_OK, (struct bulk_totals){.sent = 2, .failed = 1});
    cr_expect_eq(bulk_of(b.m)->stage, BULK_OVER);
    cr_expect_str_eq(b.m->desk.errors[0].what, "Batch");
    cr_expect_eq(b.m->desk.actions_len, 0);
    bench_key(&b, "z");
    cr_expect_eq(bulk_of(b.m)->list.len, 1, "only what is in trouble");
    bench_key(&b, "z");
    bench_key(&b, "g");
    bench_key(&b, "j");
    bench_key(&b, "Enter");
    cr_expect_eq(b.m->desk.where.view, VIEW_JOBS);
    cr_expect_str_eq(b.m->jobs->detail.job_id, "job_1");
    bench_free(&b);
}

Test(bulk_view, it_is_stopped_after_a_question_and_gone_on_with)
{
    struct bench b = with_file(three, false, 0);

    bench_key(&b, "F5");
    bench_key(&b, "y");
    bench_key(&b, "x");
    cr_assert(bench_asks(&b, "Stop sending?"));
    bench_key(&b, "y");
    cr_assert_not_null(bench_effect(&b, EFF_HALT));
    cr_expect_eq(bench_effect(&b, EFF_HALT)->request, bench_task(&b, TASK_BULK)->request);
    answer_line(&b, 0, BULK_SENT);
    answer_end(&b, E_CANCELLED, (struct bulk_totals){.sent = 1, .not_tried = 2});
    cr_expect_eq(bulk_of(b.m)->rows[1].mark, LINE_NOT_SENT);
    cr_expect_eq(b.m->desk.errors_len, 0, "a stop is no error");
    bench_key(&b, "F5");
    answer_read(&b, three, true, 1);
    cr_expect(bench_asks(&b, "Send "), "it asks at once");
    cr_expect_eq(b.m->desk.dialog.count, 2);
    bench_free(&b);
}

Test(bulk_view, quitting_while_it_sends_asks)
{
    struct bench b = with_file(three, false, 0);

    bench_key(&b, "F5");
    bench_key(&b, "y");
    bench_key(&b, "q");
    cr_expect_eq(b.m->desk.where.view, VIEW_JOBS, "it goes on while another view shows");
    bench_key(&b, "C-c");
    cr_expect(bench_asks(&b, "Quit?"));
    cr_expect_not_null(strstr(b.m->desk.dialog.text, "batch"), "%s", b.m->desk.dialog.text);
    bench_key(&b, "n");
    answer_end(&b, E_OK, (struct bulk_totals){.sent = 3});
    cr_expect_not_null(strstr(b.m->desk.note, "3 of 3 sent"), "%s", b.m->desk.note);
    bench_free(&b);
}

Test(bulk_view, names_are_completed_also_ahead_of_the_reply)
{
    struct bench b = bench_new();

    bench_key(&b, "b");
    bench_type(&b, "go");
    bench_key(&b, "Tab");
    bench_key(&b, "Enter");
    struct msg *m = msg_new(MSG_FILES, bench_task(&b, TASK_FILES));
    m->u.files.paths = xcalloc(1, sizeof(char *));
    m->u.files.paths[0] = xstrdup("good.csv");
    m->u.files.len = 1;
    bench_msg(&b, m);
    cr_assert_not_null(bench_task(&b, TASK_BULK_READ));
    cr_expect_str_eq(task_as(bench_task(&b, TASK_BULK_READ), path), "good.csv");
    bench_free(&b);
}

Test(bulk_view, a_missing_file_says_so_and_another_is_named)
{
    struct bench b = bench_new();

    bench_key(&b, "b");
    bench_type(&b, "no");
    bench_key(&b, "Enter");
    struct msg *m = msg_new(MSG_BULK_READ, bench_task(&b, TASK_BULK_READ));
    err_set(&m->err, E_NOT_FOUND, "no: cannot open");
    bench_msg(&b, m);
    cr_expect_eq(bulk_of(b.m)->stage, BULK_IDLE);
    cr_expect_eq(bulk_of(b.m)->err.code, E_NOT_FOUND);
    bench_key(&b, "o");
    cr_expect(line_is_of(&b.m->desk.line, &bulk_of(b.m)->path));
    bench_key(&b, "Esc");
    bench_key(&b, "Esc");
    cr_expect_eq(b.m->desk.where.view, VIEW_JOBS);
    bench_free(&b);
}

Test(bulk_view, the_form_leads_here)
{
    struct bench b = bench_new();

    bench_key(&b, "n");
    bench_key(&b, "C-o");
    cr_expect_eq(b.m->desk.where.view, VIEW_BULK);
    cr_expect(line_is_of(&b.m->desk.line, &bulk_of(b.m)->path));
    bench_free(&b);
}

Test(bulk_view, a_key_while_something_is_under_way_says_what)
{
    struct bench b = bench_new();

    bench_key(&b, "b");
    bench_type(&b, "x.csv");
    bench_key(&b, "Enter");
    bench_key(&b, "F5");
    cr_expect_not_null(strstr(b.m->desk.note, "is being read"), "%s", b.m->desk.note);
    bench_key(&b, "A");
    cr_expect_not_null(strstr(b.m->desk.note, "is being read"), "%s", b.m->desk.note);
    answer_read(&b, three, false, 0);
    bench_key(&b, "F5");
    bench_key(&b, "y");
    bench_key(&b, "A");
    cr_expect_not_null(strstr(b.m->desk.note, "being sent"), "%s", b.m->desk.note);
    bench_free(&b);
}

Test(bulk_view, when_the_records_could_not_be_asked_nothing_is_sent_by_F5_alone)
{
    struct bench b = bench_new();

    bench_key(&b, "b");
    bench_type(&b, "x.csv");
    bench_key(&b, "Enter");
    struct msg *m = msg_new(MSG_BULK_READ, bench_task(&b, TASK_BULK_READ));
    struct bulk_input *in = xcalloc(1, sizeof *in);
    in->text = xstrdup(three);
    in->len = strlen(three);
    cr_assert_eq(deploy_file_read(in->text, in->len, &in->file, NULL), E_OK);
    m->u.bulk_read.input = in;
    err_set(&m->u.bulk_read.unknown, E_DENIED, "dynamodb.Query: not authorized");
    bench_msg(&b, m);
    bench_key(&b, "F5");
    cr_expect_not(b.m->desk.dialog.open);
    cr_expect_not_null(strstr(b.m->desk.note, "is not known: r asks again"), "%s", b.m->desk.note);
    bench_key(&b, "y");
    cr_expect_null(bench_task(&b, TASK_BULK));
    bench_key(&b, "A"); /* whatever was sent */
    bench_key(&b, "F5");
    cr_expect_not_null(strstr(b.m->desk.dialog.text, "is not known"), "%s", b.m->desk.dialog.text);
    bench_key(&b, "y");
    cr_expect_eq(task_as(bench_task(&b, TASK_BULK), bulk).mode, BULK_ANEW);
    bench_free(&b);
}
