/* What stands over one another on the screen: the topmost gets the keys, the mouse and pasted text.
 */
#include <criterion/criterion.h>

#include "app_fixture.h"

static struct bench bench_with_jobs(void)
{
    static const struct job_spec jobs[] = {
        {.id = "job_1", .status = "IN_PROGRESS", .user = "ann", .created_s = 1},
        {.id = "job_2", .status = "IN_PROGRESS", .user = "ann", .created_s = 2},
        {.id = "job_3", .status = "IN_PROGRESS", .user = "ann", .created_s = 3},
        {.id = "job_4", .status = "IN_PROGRESS", .user = "ann", .created_s = 4},
        {.id = "job_5", .status = "IN_PROGRESS", .user = "ann", .created_s = 5},
    };
    struct bench b = bench_new();

    bench_jobs(&b, TASK_LOAD, jobs, sizeof jobs / sizeof *jobs);
    return b;
}

static void mouse(struct bench *b, enum mouse_button button, int row)
{
    struct app_event ev = {.kind = EV_MOUSE};

    ev.u.mouse.row = row;
    ev.u.mouse.col = 5;
    ev.u.mouse.button = button;
    bench_event(b, &ev);
}

Test(stack, the_mouse_moves_the_list_and_clicks_choose_rows)
{
    struct bench b = bench_with_jobs();
    int first = layout_list_rows(b.m->desk.layout.pane[PANE_LIST]).row;

    mouse(&b, MOUSE_WHEEL_DOWN, first);
    cr_expect_eq(b.m->jobs->list.rows.at, 3);
    mouse(&b, MOUSE_LEFT, first + 1);
    cr_expect_eq(b.m->jobs->list.rows.at, 1);
    mouse(&b, MOUSE_DOUBLE, first + 4);
    cr_expect_eq(b.m->desk.where.focus, PANE_DETAIL);
    cr_expect_str_eq(b.m->jobs->detail.job_id, "job_1");
    bench_free(&b);
}

Test(stack, a_window_takes_the_wheel_and_no_click)
{
    struct bench b = bench_with_jobs();
    struct window *w = &b.m->desk.window;

    bench_key(&b, "?");
    cr_assert(w->open);
    mouse(&b, MOUSE_WHEEL_DOWN, 10);
    cr_expect_gt(textview_percent(&w->text), 0);
    cr_expect_eq(b.m->desk.text, &w->text, "a search means the window's text");
    mouse(&b, MOUSE_LEFT, 10);
    cr_expect(w->open);
    cr_expect_eq(b.m->jobs->list.rows.at, 0);
    bench_key(&b, "/"); /* a search typed in it leaves it the wheel */
    cr_assert(line_is_of(&b.m->desk.line, &b.m->desk.search.edit));
    uint64_t before = w->text.top;
    mouse(&b, MOUSE_WHEEL_UP, 10);
    cr_expect_neq(w->text.top, before);
    bench_type(&b, "quit");
    cr_expect_gt(w->text.match_count, 0);
    bench_free(&b);
}

Test(stack, menus_questions_and_typed_lines_keep_the_mouse_from_what_is_below)
{
    static const char *const opening[] = {"s", "x", "/", ":"};

    for (size_t i = 0; i < sizeof opening / sizeof *opening; i++) {
        struct bench b = bench_with_jobs();
        bench_key(&b, opening[i]);
        cr_assert(desk_covered(&b.m->desk), "%s", opening[i]);
        mouse(&b, MOUSE_WHEEL_DOWN, 10);
        mouse(&b, MOUSE_LEFT, 7);
        cr_expect_eq(b.m->jobs->list.rows.at, 0, "%s", opening[i]);
        cr_expect(desk_covered(&b.m->desk), "%s", opening[i]);
        bench_free(&b);
    }
}

Test(stack, pasted_text_goes_to_the_line_being_typed_and_to_nothing_else)
{
    struct bench b = bench_with_jobs();
    struct app_event ev = {.kind = EV_PASTE};

    ev.u.paste.text = "x\ny";
    ev.u.paste.len = 3;
    bench_event(&b, &ev);
    cr_expect_not(desk_covered(&b.m->desk));
    bench_key(&b, "x");
    bench_event(&b, &ev);
    cr_expect_str_empty(edit_text(&b.m->desk.dialog.typed));
    bench_key(&b, "Esc");
    bench_key(&b, ":");
    bench_event(&b, &ev);
    cr_expect_str_eq(edit_text(&b.m->desk.palette.edit), "x y");
    bench_free(&b);
}

Test(stack, a_typed_command_is_done_at_the_end_of_its_event)
{
    struct bench b = bench_with_jobs();

    bench_key(&b, ":");
    bench_type(&b, "sort -user");
    bench_key(&b, "Enter");
    cr_expect_not(desk_covered(&b.m->desk));
    cr_expect_eq(store_sort(b.m->desk.store).column, COL_USER);
    bench_key(&b, ":");
    bench_type(&b, "help");
    bench_key(&b, "Enter");
    cr_expect(b.m->desk.window.open);
    bench_free(&b);
}
