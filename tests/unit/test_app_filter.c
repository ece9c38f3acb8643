/* The line in which the job list's filter is typed: earlier filters, completion, headings. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app_fixture.h"
#include "core/alloc.h"
#include "jobs/filter.h"
#include "src/app/columns.h"
#include "src/app/jobs_priv.h"
#include "src/app/line_history.h"

static const struct job_spec specs[] = {
    {.id = "job_a",
     .status = "IN_PROGRESS",
     .name = "Corner Shop",
     .user = "ann",
     .created_s = -40                                                                         },
    {.id = "job_b", .status = "FAILED", .name = "Bob",        .user = "anna", .created_s = -50},
    {.id = "job_c", .status = "FAILED", .name = "Corner Bar", .user = "bob",  .created_s = -60},
};

static struct bench begin(void)
{
    struct bench b = bench_new();

    bench_jobs(&b, TASK_LOAD, specs, 3);
    return b;
}

static const char *typed(const struct bench *b)
{
    return edit_text(&b->m->jobs->list.filter);
}

/* Types a filter in the place of the one that is there, and accepts it. */
static void filter(struct bench *b, const char *text)
{
    bench_key(b, "/");
    bench_key(b, "C-u");
    bench_type(b, text);
    bench_key(b, "Enter");
}

Test(app_filter, up_goes_to_earlier_filters_and_down_comes_back)
{
    struct bench b = begin();

    filter(&b, "user:ann");
    filter(&b, "status:failed");
    bench_key(&b, "/");
    cr_expect_str_eq(typed(&b), "status:failed");
    bench_key(&b, "Up");
    cr_expect_str_eq(typed(&b), "user:ann", "the newest is in force already");
    cr_expect_eq(store_rows(b.m->desk.store), 2);
    bench_key(&b, "Up");
    cr_expect_str_eq(typed(&b), "user:ann", "there is no earlier one");
    bench_key(&b, "Down");
    cr_expect_str_eq(typed(&b), "status:failed");
    bench_key(&b, "Up");
    bench_key(&b, "Esc");
    cr_expect_eq(store_rows(b.m->desk.store), 2, "Esc: as before");
    filter(&b, "");
    bench_key(&b, "/");
    bench_key(&b, "Up");
    cr_expect_str_eq(typed(&b), "status:failed");
    bench_key(&b, "Down");
    cr_expect_str_empty(typed(&b));
    bench_free(&b);
}

Test(app_filter, an_unfinished_word_is_refused_with_enter)
{
    struct bench b = begin();

    bench_key(&b, "/");
    bench_type(&b, "is:stuc");
    cr_expect_eq(store_rows(b.m->desk.store), 3, "while it is typed it is no test yet");
    bench_key(&b, "Enter");
    cr_expect(line_is_of(&b.m->desk.line, &b.m->jobs->list.filter), "it has to be corrected");
    cr_expect_not_null(strstr(b.m->jobs->list.filter_err.msg, "is not one of stuck"), "%s",
                       b.m->jobs->list.filter_err.msg);
    bench_type(&b, "k");
    bench_key(&b, "Enter");
    cr_expect_not(b.m->desk.line.open);
    bench_key(&b, "/");
    bench_key(&b, "C-u");
    bench_type(&b, "is:st user:a"); /* nor in the middle */
    cr_expect_neq(b.m->jobs->list.filter_err.code, E_OK);
    bench_free(&b);
}

Test(app_filter, once_something_is_typed_up_and_down_move_among_the_jobs)
{
    struct bench b = begin();

    filter(&b, "status:failed");
    filter(&b, "");
    bench_key(&b, "g");
    bench_key(&b, "/");
    bench_type(&b, "corner");
    bench_key(&b, "Down");
    cr_expect_str_eq(typed(&b), "corner");
    cr_expect_str_eq(b.m->jobs->list.cursor, "job_c");
    bench_key(&b, "Up");
    cr_expect_str_eq(typed(&b), "corner");
    cr_expect_str_eq(b.m->jobs->list.cursor, "job_a");
    bench_free(&b);
}

Test(app_filter, earlier_filters_are_kept_for_the_next_run)
{
    struct bench b = begin();
    struct bench next = begin();

    filter(&b, "user:ann");
    filter(&b, "is:stuck");
    filter(&b, "user:ann"); /* kept once, as the newest */
    char *prefs = jobs_prefs(b.m->jobs);
    model_load_prefs(next.m, prefs, strlen(prefs));
    cr_expect_eq(next.m->jobs->list.filters.len, 2);
    cr_expect_str_eq(next.m->jobs->list.filters.lines[0], "user:ann");
    cr_expect_str_eq(next.m->jobs->list.filters.lines[1], "is:stuck");
    /* what no person typed does no harm */
    static const char odd[] = "{\"filters\":[1,null,\"\",{},\"ok\"]}";
    model_load_prefs(next.m, odd, strlen(odd));
    cr_expect_str_eq(next.m->jobs->list.filters.lines[0], "ok");
    free(prefs);
    bench_free(&b);
    bench_free(&next);
}

Test(app_filter, tab_completes_values_of_the_jobs_and_tells_the_choices)
{
    struct bench b = begin();

    bench_key(&b, "/");
    bench_type(&b, "user:a");
    bench_key(&b, "Tab");
    cr_expect_str_eq(typed(&b), "user:ann");
    cr_expect_str_eq(b.m->jobs->list.choices, "ann  anna");
    bench_key(&b, "C-u");
    bench_key(&b, "C-u");
    bench_type(&b, "name:bo");
    bench_key(&b, "Tab");
    cr_expect_str_eq(typed(&b), "name:Bob");
    cr_expect_eq(store_rows(b.m->desk.store), 1);
    bench_key(&b, "C-u");
    bench_type(&b, "business:\"corner s");
    bench_key(&b, "Tab");
    cr_expect_str_eq(typed(&b), "business:\"Corner Shop\"");
    cr_expect_eq(store_rows(b.m->desk.store), 1);
    bench_free(&b);
}

Test(app_filter, a_heading_of_the_list_names_a_field)
{
    for (size_t i = 0; i < COL_COUNT; i++) {
        const char *title = job_columns[i].title;
        struct err e = {0};
        char *word = xstrdup(title);

        if (job_columns[i].id == COL_ETA || job_columns[i].id == COL_WATCH) {
            free(word); /* what these show is no fact of the job */
            continue;
        }
        if (job_columns[i].id == COL_RETRY_OF) {
            word[strcspn(word, " ")] = '-';
        }
        word[strcspn(word, " /")] = '\0';
        char *text = xasprintf("%s:", word);
        struct filter *f = filter_new(text, &e);
        cr_expect_not_null(f, "%s: %s", title, e.msg);
        filter_free(f);
        free(text);
        free(word);
    }
}

Test(line_history, keeps_so_many_and_each_once)
{
    struct line_history h = {.len = 0};
    char line[8];

    cr_expect_null(line_history_step(&h, 1));
    for (int i = 0; i < LINE_HISTORY + 5; i++) {
        (void)snprintf(line, sizeof line, "n%d", i);
        line_history_add(&h, line);
    }
    line_history_add(&h, "");
    cr_expect_eq(h.len, LINE_HISTORY);
    cr_expect_str_eq(h.lines[0], "n36");
    cr_expect_str_eq(h.lines[LINE_HISTORY - 1], "n5");
    line_history_add(&h, h.lines[LINE_HISTORY - 1]);
    cr_expect_eq(h.len, LINE_HISTORY);
    cr_expect_str_eq(h.lines[0], "n5");
    cr_expect_str_eq(h.lines[LINE_HISTORY - 1], "n6");
    line_history_clear(&h);
}
