/* Clicks on what the screen shows, found where its own text stands on the drawn screen. */
#include <criterion/criterion.h>
#include <string.h>

#include "app_fixture.h"

static const int sizes[][2] = {
    {24, 80 },
    {50, 200}
};

static struct bench bench_of(int rows, int cols)
{
    static const struct job_spec jobs[] = {
        {.id = "job_1", .status = "IN_PROGRESS", .user = "ann", .name = "Zoo",  .created_s = 1},
        {.id = "job_2", .status = "IN_PROGRESS", .user = "ann", .name = "Apex", .created_s = 2},
    };
    struct bench b = bench_new();

    bench_resize(&b, rows, cols);
    bench_jobs(&b, TASK_LOAD, jobs, 2);
    return b;
}

static void click(struct bench *b, enum mouse_button button, int row, int col)
{
    struct app_event ev = {.kind = EV_MOUSE};

    ev.u.mouse.row = row;
    ev.u.mouse.col = col;
    ev.u.mouse.button = button;
    bench_event(b, &ev);
}

/* Clicks on the word where the drawn row has it, from the cell `from` on. */
static void click_word(struct bench *b, enum mouse_button button, int row, int from,
                       const char *word)
{
    struct surface s;

    surface_init(&s, b->m->rows, b->m->cols, true);
    draw_model(&s, b->m);
    char *text = surface_text(&s);
    surface_done(&s);
    const char *line = text;
    for (int i = 0; i < row; i++) {
        line = strchr(line, '\n') + 1;
    }
    const char *end = strchrnul(line, '\n');
    const char *at = end - line > from ? strstr(line + from, word) : NULL;
    cr_assert(at != NULL && at < end, "%s is not in row %d of\n%s", word, row, text);
    click(b, button, row, (int)(at - line));
    free(text);
}

Test(mouse, a_click_on_a_title_sorts_and_a_second_one_reverses)
{
    for (int i = 0; i < 2; i++) {
        struct bench b = bench_of(sizes[i][0], sizes[i][1]);
        int row = layout_body(b.m->desk.layout.pane[PANE_LIST]).row;
        click_word(&b, MOUSE_LEFT, row, 0, "Business");
        struct sort_order first = store_sort(b.m->desk.store);
        cr_expect_eq(first.column, COL_NAME);
        click_word(&b, MOUSE_LEFT, row, 0, "Business");
        cr_expect_eq(store_sort(b.m->desk.store).column, COL_NAME);
        cr_expect_neq(store_sort(b.m->desk.store).descending, first.descending);
        bench_free(&b);
    }
}

Test(mouse, a_click_on_a_tab_shows_it)
{
    for (int i = 0; i < 2; i++) {
        struct bench b = bench_of(sizes[i][0], sizes[i][1]);
        bench_key(&b, "Enter");
        struct rect pane = b.m->desk.layout.pane[PANE_DETAIL];
        click_word(&b, MOUSE_LEFT, pane.row, pane.col, detail_tab_title(TAB_JSON));
        cr_expect_eq(b.m->jobs->detail.tab, TAB_JSON, "%d", sizes[i][1]);
        bench_free(&b);
    }
}

Test(mouse, a_click_on_a_key_of_the_footer_presses_it_once)
{
    for (int i = 0; i < 2; i++) {
        struct bench b = bench_of(sizes[i][0], sizes[i][1]);
        int row = b.m->desk.layout.footer.row;
        click_word(&b, MOUSE_DOUBLE, row, 0, "doctor");
        cr_expect_eq(b.m->desk.where.view, VIEW_JOBS, "a second click presses nothing");
        click_word(&b, MOUSE_LEFT, row, 0, "doctor");
        cr_expect_eq(b.m->desk.where.view, VIEW_DOCTOR);
        bench_free(&b);
    }
}
