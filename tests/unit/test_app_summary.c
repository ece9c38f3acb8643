/* The summary row: counts that keep their words, and the depth of the dead letter queue. */
#include <criterion/criterion.h>
#include <locale.h>

#include "app/surface.h"
#include "app_fixture.h"
#include "src/app/model_draw.h"

static void utf8(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
}

TestSuite(app_summary, .init = utf8);

/* The summary row as it is drawn; owned. */
static char *summary(struct bench *b, int cols)
{
    struct surface s;

    bench_resize(b, 24, cols);
    surface_init(&s, 24, cols, false);
    view_summary_draw(&s, b->m);
    char *all = surface_text(&s);
    char *line = all;
    for (int row = 0; row < b->m->desk.layout.summary.row; row++) {
        line = strchr(line, '\n') + 1;
    }
    char *text = xstrndup(line, strcspn(line, "\n"));
    free(all);
    surface_done(&s);
    return text;
}

static void answer_depth(struct bench *b, enum err_code code, int64_t n)
{
    struct task *t = bench_task(b, TASK_DLQ_DEPTH);

    cr_assert_not_null(t);
    struct msg *m = msg_new(MSG_DLQ_DEPTH, t);
    if (code != E_OK) {
        (void)err_set(&m->err, code, "sqs.GetQueueAttributes: refused");
    } else {
        msg_as(m, dlq_depth) = n;
    }
    bench_msg(b, m);
    effects_clear(&b->fx);
}

/* A dashboard whose first load has ended, and has asked for the depth. */
static struct bench loaded(const struct job_spec *jobs, size_t len)
{
    struct bench b = bench_new();
    struct msg *info = msg_new(MSG_TABLE_INFO, bench_task(&b, TASK_TABLE_INFO));

    info->u.table = xcalloc(1, sizeof *info->u.table);
    (void)snprintf(info->u.table->status, sizeof info->u.table->status, "ACTIVE");
    bench_msg(&b, info);
    bench_tick(&b, 10);
    struct task *load = bench_task(&b, TASK_LOAD);
    cr_assert_not_null(load);
    cr_assert_null(bench_task(&b, TASK_DLQ_DEPTH), "the jobs come first");
    bench_jobs(&b, TASK_GET_JOBS, jobs, len);
    bench_msg(&b, msg_new(MSG_DONE, load));
    bench_tick(&b, 10);
    return b;
}

static const struct job_spec every[] = {
    {.id = "job_1", .status = "IN_PROGRESS", .created_s = -1},
    {.id = "job_2", .status = "FAILED",      .created_s = -2},
    {.id = "job_3", .status = "QUEUED",      .created_s = -3},
    {.id = "job_4", .status = "PENDING",     .created_s = -4},
    {.id = "job_5", .status = "COMPLETED",   .created_s = -5},
    {.id = "job_6", .status = "CANCELLED",   .created_s = -6},
};

/* Whatever the width: each entry is there with its word, or not there at all. */
Test(app_summary, words_are_whole_or_the_entry_is_not_there)
{
    static const char *const words[] = {"running", "failed",    "queued",
                                        "pending", "completed", "cancelled"};
    struct bench b = loaded(every, sizeof every / sizeof *every);
    size_t widest = 0;

    for (int cols = 40; cols <= 130; cols++) {
        char *text = summary(&b, cols);
        size_t there = 0, numbers = 0;
        for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
            there += strstr(text, words[i]) != NULL;
        }
        for (const char *p = text; *p != '\0' && strstr(p, "h") != p; p++) {
            numbers += p[0] == '1' && p[1] == ' ';
        }
        cr_expect_eq(there, numbers, "%d columns: %s", cols, text);
        cr_expect_geq(there, widest, "%d columns: %s", cols, text);
        widest = there;
        free(text);
    }
    cr_expect_eq(widest, sizeof words / sizeof *words);
    char *text = summary(&b, 80);
    cr_expect_not_null(strstr(text, "1 failed"), "%s", text);
    free(text);
    bench_free(&b);
}

Test(app_summary, the_depth_of_the_queue_shows_unless_it_is_known_to_be_empty)
{
    struct bench b = loaded(every, 2);
    char *text = summary(&b, 80);

    cr_expect_null(strstr(text, "DLQ"), "it is not heard of yet: %s", text);
    free(text);
    answer_depth(&b, E_OK, 3);
    text = summary(&b, 80);
    cr_expect_not_null(strstr(text, "DLQ 3"), "%s", text);
    free(text);
    text = summary(&b, 40);
    cr_expect_not_null(strstr(text, "DLQ 3"), "%s", text);
    free(text);
    bench_tick(&b, 90000);
    answer_depth(&b, E_DENIED, 0);
    text = summary(&b, 80);
    cr_expect_not_null(strstr(text, "DLQ ?"), "refused is not empty: %s", text);
    free(text);
    cr_expect_neq(b.m->desk.link.state, LINK_FAILING, "the list does not depend on it");
    bench_tick(&b, 900000);
    answer_depth(&b, E_OK, 0);
    text = summary(&b, 80);
    cr_expect_null(strstr(text, "DLQ"), "%s", text);
    free(text);
    bench_tick(&b, 90000);
    answer_depth(&b, E_NOT_FOUND, 0);
    text = summary(&b, 80);
    cr_expect_null(strstr(text, "DLQ"), "there is no such queue: %s", text);
    free(text);
    bench_free(&b);
}

/* Two requests a minute, whatever happens. */
Test(app_summary, the_depth_is_asked_for_about_once_a_minute)
{
    struct bench b = loaded(every, 2);
    size_t asked = 0;

    for (int s = 0; s < 1200; s++) {
        if (bench_task(&b, TASK_DLQ_DEPTH) != NULL) {
            asked++;
            answer_depth(&b, E_OK, 1);
        }
        effects_clear(&b.fx);
        bench_tick(&b, 1000);
    }
    cr_expect_geq(asked, 15, "%zu", asked);
    cr_expect_leq(asked, 26, "%zu", asked);
    bench_free(&b);
}
