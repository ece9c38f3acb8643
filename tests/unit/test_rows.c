/* Moving in rows: how far, the window, the range. */
#include <criterion/criterion.h>

#include "src/app/rows.h"

TestSuite(rows, .timeout = 120);

static struct rows list_of(size_t len, size_t page)
{
    struct rows r = {0};

    rows_settle(&r, len, page);
    return r;
}

static void check_window(const struct rows *r)
{
    cr_assert(r->len == 0 ? r->at == 0 : r->at < r->len);
    cr_assert_leq(r->top, r->at, "the cursor is above the window");
    cr_assert_lt(r->at - r->top, r->page, "the cursor is below the window");
    cr_assert(r->top == 0 || r->top + r->page <= r->len, "there are empty rows below the last");
}

Test(rows, a_page_keeps_one_row_and_a_half_is_rounded_up)
{
    cr_expect_eq(rows_distance(ACT_PAGE_DOWN, 7), 6);
    cr_expect_eq(rows_distance(ACT_PAGE_UP, 7), -6);
    cr_expect_eq(rows_distance(ACT_PAGE_DOWN, 1), 1);
    cr_expect_eq(rows_distance(ACT_HALF_DOWN, 7), 4);
    cr_expect_eq(rows_distance(ACT_HALF_UP, 8), -4);
    cr_expect_eq(rows_distance(ACT_HALF_DOWN, 1), 1);
    cr_expect_eq(rows_distance(ACT_PAGE_DOWN, 0), 1, "where nothing fits it still moves");
    cr_expect_eq(rows_distance(ACT_OPEN, 7), 0);
}

Test(rows, every_movement_leaves_the_cursor_in_the_window_and_the_window_in_the_rows)
{
    static const enum action moves[] = {ACT_DOWN, ACT_PAGE_DOWN, ACT_HALF_DOWN, ACT_BOTTOM,
                                        ACT_UP,   ACT_HALF_UP,   ACT_PAGE_UP,   ACT_TOP};

    for (size_t len = 0; len < 12; len++) {
        for (size_t page = 1; page < 6; page++) {
            struct rows r = list_of(len, page);
            for (size_t i = 0; i < 64; i++) {
                cr_assert(rows_action(&r, moves[(i * 5 + i / 8) % 8]));
                check_window(&r);
            }
        }
    }
}

/* The last row of a page is the first one of the next, and the other way round. */
Test(rows, a_page_moves_the_window_with_the_cursor)
{
    struct rows r = list_of(50, 10);

    rows_to(&r, 3);
    (void)rows_action(&r, ACT_PAGE_DOWN);
    cr_expect_eq(r.top, 9);
    cr_expect_eq(r.at, 12);
    (void)rows_action(&r, ACT_PAGE_DOWN);
    cr_expect_eq(r.top, 18);
    cr_expect_eq(r.at, 21);
    (void)rows_action(&r, ACT_PAGE_UP);
    cr_expect_eq(r.top, 9);
    cr_expect_eq(r.at, 12);
    for (int i = 0; i < 6; i++) {
        (void)rows_action(&r, ACT_PAGE_DOWN);
    }
    cr_expect_eq(r.top, 40);
    cr_expect_eq(r.at, 49);
}

Test(rows, the_ends_are_the_first_and_the_last_row)
{
    struct rows r = list_of(30, 10);

    cr_assert(rows_action(&r, ACT_BOTTOM));
    cr_expect_eq(r.at, 29);
    cr_expect_eq(r.top, 20);
    cr_assert(rows_action(&r, ACT_DOWN));
    cr_expect_eq(r.at, 29, "it does not go round");
    cr_assert(rows_action(&r, ACT_TOP));
    cr_expect_eq(r.at, 0);
    cr_expect_eq(r.top, 0);
    cr_expect_not(rows_action(&r, ACT_OPEN));
}

Test(rows, fewer_rows_take_cursor_window_and_range_along)
{
    struct rows r = list_of(30, 10);

    rows_to(&r, 25);
    rows_range(&r);
    rows_settle(&r, 30, 4);
    check_window(&r);
    cr_expect_eq(r.at, 25);
    cr_expect(r.ranging);
    rows_settle(&r, 20, 4);
    check_window(&r);
    cr_expect_eq(r.at, 19);
    cr_expect_not(r.ranging, "the row where the range began is gone");
    rows_settle(&r, 0, 4);
    cr_expect_eq(r.at, 0);
    rows_range(&r);
    cr_expect_not(r.ranging, "no row, no range");
}

Test(rows, a_range_has_its_ends_in_order_whichever_way_it_goes)
{
    struct rows r = list_of(30, 10);
    size_t from = 0, to = 0;

    rows_to(&r, 7);
    rows_span(&r, &from, &to);
    cr_expect_eq(from, 7);
    cr_expect_eq(to, 7);
    cr_expect_not(rows_chosen(&r, 7), "no range: nothing is chosen");
    rows_range(&r);
    rows_step(&r, -3);
    rows_span(&r, &from, &to);
    cr_expect_eq(from, 4);
    cr_expect_eq(to, 7);
    cr_expect(rows_chosen(&r, 4) && rows_chosen(&r, 7) && !rows_chosen(&r, 8));
    rows_step(&r, 5);
    rows_span(&r, &from, &to);
    cr_expect_eq(from, 7);
    cr_expect_eq(to, 9);
}

Test(rows, a_row_on_the_screen_is_found_by_its_place)
{
    struct rows r = list_of(12, 5);
    size_t row = 99;

    rows_to(&r, 11);
    cr_assert(rows_shown(&r, 0, &row));
    cr_expect_eq(row, 7);
    cr_expect(rows_shown(&r, 4, &row) && row == 11);
    cr_expect_not(rows_shown(&r, 5, &row), "below the window");
    cr_expect_not(rows_shown(&r, -1, &row), "above the window");
    r = list_of(2, 5);
    cr_expect_not(rows_shown(&r, 2, &row), "below the last row");
}

Test(rows, without_a_cursor_the_window_moves_alone)
{
    struct rows r = list_of(12, 5);

    rows_scroll(&r, 3);
    cr_expect_eq(r.top, 3);
    rows_scroll(&r, ROWS_ALL);
    cr_expect_eq(r.top, 7);
    rows_scroll(&r, -ROWS_ALL);
    cr_expect_eq(r.top, 0);
    cr_expect_eq(r.at, 0);
}
