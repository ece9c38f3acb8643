/* The doctor's checks as the dashboard holds them. */
#include <criterion/criterion.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "src/app/doctor.h"

static void utf8(void)
{
    (void)setlocale(LC_CTYPE, "C.UTF-8");
}

TestSuite(app_doctor, .init = utf8);

static size_t index_of(const char *id)
{
    for (size_t i = 0; i < doctor_checks_len; i++) {
        if (strcmp(doctor_checks[i].id, id) == 0) {
            return i;
        }
    }
    cr_assert_fail("no check %s", id);
    return 0;
}

static void begins(struct doctor_view *d, const char *id, uint32_t request)
{
    struct task *t = task_new(TASK_DOCTOR, request);
    struct msg *m = msg_new(MSG_DOCTOR, t);

    m->u.doctor.check = index_of(id);
    (void)doctor_view_take(d, m, false);
    msg_free(m);
    task_free(t);
}

static bool ends(struct doctor_view *d, size_t check, uint32_t request, enum doctor_state state,
                 const char *text, const char *fix)
{
    struct task *t = task_new(TASK_DOCTOR, request);
    struct msg *m = msg_new(MSG_DOCTOR, t);

    m->u.doctor.check = check;
    m->u.doctor.ended = true;
    m->u.doctor.found =
        (struct finding){.state = state, .text = xstrdup(text), .fix = xstrdup(fix)};
    bool taken = doctor_view_take(d, m, false);
    msg_free(m);
    task_free(t);
    return taken;
}

static void all_pass(struct doctor_view *d, uint32_t request)
{
    for (size_t i = 0; i < d->shown_len; i++) {
        (void)ends(d, d->shown[i], request, DOCTOR_PASS, "good", NULL);
    }
}

static void over(struct doctor_view *d, enum err_code code)
{
    struct err e = {.code = code};

    doctor_view_end(d, &e, 1000, false);
}

static struct doctor_view begun(const char *job_id)
{
    struct doctor_view d;

    doctor_view_init(&d);
    textview_resize(&d.list, 60, 100);
    textview_resize(&d.full, 20, 100);
    doctor_view_choose(&d, job_id);
    doctor_view_begin(&d, job_id == NULL ? NULL : doctor_way, 7, false);
    return d;
}

static const char *line(const struct doctor_view *d, const char *id)
{
    for (size_t i = 0; i < d->shown_len; i++) {
        if (d->shown[i] == index_of(id)) {
            return textview_line(&d->list, d->list.dropped + i)->text;
        }
    }
    return NULL;
}

static void verdict_is(const struct doctor_view *d, enum doctor_state state, const char *text,
                       const char *fix)
{
    struct verdict v;

    doctor_view_verdict(d, &v);
    cr_assert(v.known);
    cr_expect_eq(v.state, state);
    cr_expect_str_eq(v.text, text);
    cr_expect_eq(v.fix == NULL, fix == NULL);
    cr_expect(fix == NULL || strcmp(v.fix, fix) == 0, "%s", v.fix);
    verdict_clear(&v);
}

Test(app_doctor, it_fills_in_as_the_checks_end)
{
    struct doctor_view d = begun(NULL);
    struct doctor_counts n;

    cr_expect_eq(d.shown_len, doctor_checks_len - 1, "all but the one of a job");
    cr_expect_not_null(strstr(line(&d, "D1"), "waiting"));
    begins(&d, "D1", 7);
    cr_expect_not_null(strstr(line(&d, "D1"), "running"));
    (void)ends(&d, index_of("D1"), 7, DOCTOR_WARN, "odd", "do this");
    cr_expect_str_eq(line(&d, "D1"), "! WARN    D1          event bus: odd");
    doctor_view_count(&d, &n);
    cr_expect_eq(n.ended, 1);
    cr_expect_eq(n.state[DOCTOR_WARN], 1);
    cr_expect_eq(n.waiting, (int)doctor_checks_len - 2);
    doctor_view_done(&d);
}

Test(app_doctor, the_first_failure_in_the_order_of_blame_is_the_headline)
{
    struct doctor_view d = begun(NULL);
    struct verdict v;

    doctor_view_verdict(&d, &v);
    cr_expect_not(v.known);
    (void)ends(&d, index_of("F1"), 7, DOCTOR_FAIL, "off", "switch it on");
    verdict_is(&d, DOCTOR_FAIL, "First: F1 job queue: off", "switch it on");
    (void)ends(&d, index_of("C1"), 7, DOCTOR_WARN, "odd", "hm");
    (void)ends(&d, index_of("D3"), 7, DOCTOR_FAIL, "disabled", "enable it");
    verdict_is(&d, DOCTOR_FAIL, "First: D3 rule's state: disabled", "enable it");
    doctor_view_done(&d);
}

Test(app_doctor, without_a_failure_it_says_what_to_look_at_but_only_at_the_end)
{
    struct doctor_view d = begun(NULL);
    struct verdict v;

    all_pass(&d, 7);
    (void)ends(&d, index_of("D2"), 7, DOCTOR_UNKNOWN, "cannot tell", "allow it");
    doctor_view_verdict(&d, &v);
    cr_expect_not(v.known, "it is not over");
    over(&d, E_OK);
    verdict_is(&d, DOCTOR_UNKNOWN,
               "Nothing failed, but not everything could be told. First: D2 bus policy and log: "
               "cannot tell",
               "allow it");
    doctor_view_begin(&d, "D2", 8, false);
    (void)ends(&d, index_of("D2"), 8, DOCTOR_WARN, "logs are off", "turn on");
    over(&d, E_OK);
    verdict_is(&d, DOCTOR_WARN, "Nothing failed. First: D2 bus policy and log: logs are off",
               "turn on");
    doctor_view_begin(&d, "D2", 9, false);
    all_pass(&d, 9);
    over(&d, E_OK);
    verdict_is(
        &d, DOCTOR_PASS,
        "Nothing to do: no check is FAIL, WARN or UNKNOWN. Only a test job proves that a job "
        "starts: X sends one.",
        NULL);
    doctor_view_done(&d);
}

Test(app_doctor, the_way_of_a_job_comes_in_its_order_and_what_it_builds_on_after_it)
{
    struct doctor_view d = begun("job_1");
    static const char *const way[] = {"D1", "D3", "D4", "D6", "E4"};

    cr_expect_lt(d.shown_len, doctor_checks_len);
    for (size_t i = 0; i < sizeof way / sizeof *way; i++) {
        cr_expect_str_eq(doctor_checks[d.shown[i]].id, way[i]);
    }
    cr_expect_not_null(line(&d, "B2"), "what the way builds on is shown too");
    cr_expect_null(line(&d, "F7"));
    all_pass(&d, 7);
    over(&d, E_OK);
    verdict_is(&d, DOCTOR_PASS, "Nothing to do: no check on its way fails now. This job: good",
               NULL);
    cr_expect_not(doctor_view_lost(&d, "job_1"));
    doctor_view_begin(&d, "B2", 8, false);
    (void)ends(&d, index_of("B2"), 8, DOCTOR_FAIL, "expired", "log in");
    (void)ends(&d, index_of("D1"), 8, DOCTOR_SKIP, "because B2 failed", "see B2");
    verdict_is(&d, DOCTOR_FAIL, "First: B2 identity: expired", "log in");
    doctor_view_done(&d);
}

/* K1 of a run says that the job's event is gone. */
static void is_lost(struct doctor_view *d, uint32_t request)
{
    struct task *t = task_new(TASK_DOCTOR, request);
    struct msg *m = msg_new(MSG_DOCTOR, t);

    m->u.doctor.check = index_of("K1");
    m->u.doctor.ended = true;
    m->u.doctor.found = (struct finding){.state = DOCTOR_FAIL,
                                         .text = xstrdup("its event is lost"),
                                         .fix = xstrdup("`mvpdash retry job_1`"),
                                         .lost = true};
    (void)doctor_view_take(d, m, false);
    msg_free(m);
    task_free(t);
}

Test(app_doctor, a_job_is_lost_when_its_run_proved_it_and_its_way_is_clear)
{
    struct doctor_view d = begun("job_1");

    all_pass(&d, 7);
    is_lost(&d, 7);
    cr_expect_not(doctor_view_lost(&d, "job_1"), "the run is not over");
    over(&d, E_OK);
    cr_expect(doctor_view_lost(&d, "job_1"));
    cr_expect_not(doctor_view_lost(&d, "job_2"));
    cr_expect_not(doctor_view_lost(&d, NULL));
    verdict_is(&d, DOCTOR_FAIL, "First: K1 this job: its event is lost",
               "T retries it as a new job; in a shell: `mvpdash retry job_1`");
    doctor_view_begin(&d, "D3", 8, false);
    (void)ends(&d, index_of("D3"), 8, DOCTOR_FAIL, "the rule is off", "turn it on");
    over(&d, E_OK);
    cr_expect_not(doctor_view_lost(&d, "job_1"), "it would only be lost again");
    verdict_is(&d, DOCTOR_FAIL, "First: D3 rule's state: the rule is off", "turn it on");
    doctor_view_choose(&d, NULL);
    cr_expect_not(doctor_view_lost(&d, "job_1"), "these are the checks of no job");
    cr_expect_null(line(&d, "K1"));
    doctor_view_done(&d);
}

Test(app_doctor, late_words_of_another_run_are_dropped)
{
    struct doctor_view d = begun(NULL);

    cr_expect_not(ends(&d, index_of("D1"), 6, DOCTOR_FAIL, "old", "x"));
    over(&d, E_CANCELLED);
    cr_expect_not(ends(&d, index_of("D1"), 7, DOCTOR_FAIL, "late", "x"));
    cr_expect_not_null(strstr(line(&d, "D1"), "  -"));
    cr_expect_not(ends(&d, 100000, 7, DOCTOR_FAIL, "no such check", "x"));
    doctor_view_done(&d);
}

Test(app_doctor, one_check_again_leaves_the_others_and_a_stop_forgets_only_what_it_asked)
{
    struct doctor_view d = begun(NULL);

    all_pass(&d, 7);
    over(&d, E_OK);
    doctor_view_begin(&d, "D3", 8, false);
    cr_expect_not_null(strstr(line(&d, "D3"), "waiting"));
    cr_expect_not_null(strstr(line(&d, "F7"), "PASS"));
    over(&d, E_CANCELLED);
    cr_expect_null(strstr(line(&d, "D3"), "PASS"), "what it found before says nothing of now");
    cr_expect_not_null(strstr(line(&d, "F7"), "PASS"));
    doctor_view_done(&d);
}

Test(app_doctor, the_check_under_the_cursor_is_told_in_full)
{
    struct doctor_view d = begun(NULL);
    size_t check = 0;

    (void)ends(&d, index_of("D3"), 7, DOCTOR_FAIL, "disabled", "aws events enable-rule");
    textview_move_cursor(&d.list, (int)index_of("D3"));
    doctor_view_turn(&d, false);
    cr_assert_not_null(doctor_view_here(&d, &check));
    cr_expect_str_eq(doctor_checks[check].id, "D3");
    char *text = textview_all(&d.full, NULL, NULL);
    cr_expect_str_eq(text, "Check    D3  rule's state\n"
                           "State    \xe2\x9c\x97 FAIL   \n"
                           "Found    disabled\n"
                           "Remedy   aws events enable-rule\n"
                           "After    D1\n");
    free(text);
    text = doctor_view_report(&d, true);
    cr_expect_not_null(strstr(text, "FAIL    D3          rule's state: disabled\n"
                                    "        -> aws events enable-rule\n"));
    cr_expect_not_null(strstr(text, "0 passed, 0 warned, 1 failed, 0 unknown, 0 skipped\n"
                                    "First: D3 rule's state: disabled\n"
                                    "  -> aws events enable-rule\n"));
    free(text);
    doctor_view_done(&d);
}

Test(app_doctor, a_pass_that_could_be_taken_for_more_says_how_far_it_goes)
{
    struct doctor_view d = begun(NULL);

    (void)ends(&d, index_of("F1"), 7, DOCTOR_PASS, "it is ENABLED", NULL);
    (void)ends(&d, index_of("F2"), 7, DOCTOR_WARN, "odd", "mend it");
    textview_move_cursor(&d.list, (int)index_of("F1"));
    doctor_view_turn(&d, false);
    char *text = textview_all(&d.full, NULL, NULL);
    cr_expect_not_null(strstr(text, "Note     this says nothing of free capacity: F2 and F6\n"),
                       "%s", text);
    free(text);
    textview_move_cursor(&d.list, 1);
    doctor_view_turn(&d, false);
    text = textview_all(&d.full, NULL, NULL);
    cr_expect_null(strstr(text, "Note "), "a warning says nothing of a pass: %s", text);
    free(text);
    text = doctor_view_report(&d, true);
    cr_expect_not_null(strstr(text, "job queue: it is ENABLED (this says nothing of free "
                                    "capacity: F2 and F6)\n"),
                       "%s", text);
    free(text);
    doctor_view_done(&d);
}

Test(app_doctor, what_a_service_said_cannot_drive_the_terminal)
{
    struct doctor_view d = begun(NULL);
    struct verdict v;

    (void)ends(&d, index_of("D3"), 7, DOCTOR_FAIL, "bad\033[2J\nline\xe2\x80\xae", "run\a\x9b");
    doctor_view_verdict(&d, &v);
    textview_move_cursor(&d.list, (int)index_of("D3"));
    doctor_view_turn(&d, false);
    char *full = textview_all(&d.full, NULL, NULL);
    char *report = doctor_view_report(&d, false);
    const char *const texts[] = {v.text, v.fix, line(&d, "D3"), full, report};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        cr_expect_null(strpbrk(texts[i], "\033\a\x9b"), "%s", texts[i]);
        cr_expect_null(strstr(texts[i], "\xe2\x80\xae"), "%s", texts[i]);
    }
    cr_expect_not_null(strstr(v.text, "bad^[[2J^Jline"), "%s", v.text);
    free(full);
    free(report);
    verdict_clear(&v);
    doctor_view_done(&d);
}

Test(app_doctor, there_is_room_for_the_list_at_every_size)
{
    for (int rows = 6; rows < 80; rows++) {
        for (int cols = 40; cols < 260; cols += 7) {
            for (int open = 0; open < 2; open++) {
                struct rect body = {3, 0, rows, cols};
                struct doctor_layout l = doctor_view_layout(body, open != 0);
                const struct rect *main = l.list.rows > 0 ? &l.list : &l.full;
                cr_assert_geq(main->rows, 3, "%dx%d", cols, rows);
                cr_assert_geq(main->cols, 39);
                cr_assert_geq(main->col, 1);
                cr_assert_eq(main->row + main->rows, 3 + rows);
                cr_assert_leq(l.full.col + l.full.cols, cols);
                cr_assert_eq(l.full.rows > 0, open != 0 || cols >= LAYOUT_WIDE_COLS);
            }
        }
    }
}
