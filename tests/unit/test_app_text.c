/* Surface, line editor and text views. */
#include <criterion/criterion.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/surface.h"
#include "core/clock.h"
#include "core/text.h"
#include "src/app/edit.h"
#include "src/app/textview.h"

static void utf8(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
}

TestSuite(surface, .init = utf8);
TestSuite(edit, .init = utf8);
TestSuite(textview, .init = utf8);

static void expect_text(const struct surface *s, const char *want)
{
    char *text = surface_text(s);
    cr_expect_str_eq(text, want);
    free(text);
}

Test(surface, text_is_clipped_on_all_sides)
{
    struct surface s;
    surface_init(&s, 3, 6, false);
    cr_expect_eq(surface_put(&s, -1, 0, 5, ST_TEXT, "above"), 0);
    cr_expect_eq(surface_put(&s, 3, 0, 5, ST_TEXT, "below"), 0);
    cr_expect_eq(surface_put(&s, 0, 9, 5, ST_TEXT, "right"), 0);
    surface_put(&s, 0, -2, 6, ST_TEXT, "abcdef");
    surface_put(&s, 1, 4, 6, ST_TEXT, "xyz");
    surface_put(&s, 2, 0, 3, ST_TEXT, "12345");
    expect_text(&s, "cdef\n    xy\n123\n");
    surface_done(&s);
}

Test(surface, wide_character_is_never_halved)
{
    struct surface s;
    surface_init(&s, 2, 5, false);
    surface_put(&s, 0, 0, 5, ST_TEXT, "a\u4e2d\u6587x");
    expect_text(&s, "a\u4e2d\u6587\n\n");
    surface_put(&s, 0, 2, 1, ST_TEXT, "|"); /* on the right half of the first */
    expect_text(&s, "a |\u6587\n\n");
    surface_put(&s, 0, 3, 1, ST_TEXT, "!"); /* on the left half of the second */
    expect_text(&s, "a |!\n\n");
    surface_put(&s, 1, 0, 2, ST_TEXT, "x\u4e2d"); /* no room: a blank */
    expect_text(&s, "a |!\nx\n");
    surface_done(&s);
}

Test(surface, sideways_into_a_wide_character_shows_a_blank)
{
    struct surface s;
    surface_init(&s, 1, 6, false);
    surface_put_n(&s, 0, 0, 6, ST_TEXT, "\u4e2dab", strlen("\u4e2dab"), 1);
    expect_text(&s, " ab\n");
    surface_done(&s);
}

Test(surface, combining_marks_share_the_cell_of_their_base)
{
    struct surface s;
    surface_init(&s, 1, 4, false);
    cr_expect_eq(surface_put(&s, 0, 0, 4, ST_TEXT, "e\u0301x"), 2);
    cr_expect_str_eq(s.cells[0].text, "e\u0301");
    cr_expect_str_eq(s.cells[1].text, "x");
    char many[600] = "e";
    for (int i = 0; i < 200; i++) {
        strcat(many, "\u0301");
    }
    cr_expect_eq(surface_put(&s, 0, 0, 4, ST_TEXT, many), 1, "more marks than a cell holds");
    cr_expect_lt(strlen(s.cells[0].text), CELL_BYTES);
    cr_expect(text_utf8_valid(s.cells[0].text, strlen(s.cells[0].text)));
    surface_done(&s);
}

Test(surface, nothing_that_drives_a_terminal_gets_into_a_cell)
{
    struct surface s;
    surface_init(&s, 1, 20, false);
    surface_put(&s, 0, 0, 20, ST_TEXT, "a\033[2Jb\r\n\x7f\u202e\xff");
    for (int i = 0; i < 20; i++) {
        uint32_t cp = 0;
        const char *t = s.cells[i].text;
        cr_expect(text_utf8_decode(t, strlen(t), &cp) > 0 && !text_is_dangerous(cp));
    }
    surface_done(&s);
}

Test(surface, ascii_mode_lets_only_ascii_through)
{
    struct surface s;
    surface_init(&s, 2, 12, true);
    surface_put(&s, 0, 0, 12, ST_TEXT, "\u2713 e\u0301 \u4e2d \u2026");
    surface_box(&s, (struct rect){1, 0, 1, 1}, ST_TEXT);
    surface_bar(&s, 1, 0, 4, 50);
    expect_text(&s, "+ e ?? ~\n##..\n");
    surface_done(&s);
}

Test(surface, text_that_does_not_fit_ends_in_an_ellipsis)
{
    struct surface s;
    surface_init(&s, 1, 5, false);
    surface_put_cut(&s, 0, 0, 5, ST_TEXT, "abcdef");
    expect_text(&s, "abcd\u2026\n");
    surface_put_cut(&s, 0, 0, 5, ST_TEXT, "abcde");
    expect_text(&s, "abcde\n");
    surface_done(&s);
}

Test(surface, glyphs_are_one_cell_wide_in_both_forms)
{
    for (int g = 0; g < GLYPH_COUNT; g++) {
        cr_expect_eq(text_width(glyph_text((enum glyph)g, false)), 1, "%d", g);
        cr_expect_eq(strlen(glyph_text((enum glyph)g, true)), 1, "%d", g);
    }
    for (int a = 0; a < STYLE_COUNT; a++) {
        for (int b = a + 1; b < STYLE_COUNT; b++) {
            cr_expect_str_neq(style_name((enum style)a), style_name((enum style)b));
        }
    }
}

/* ---- edit ---- */

static void keys(struct edit *e, const char *const *names)
{
    for (; *names != NULL; names++) {
        cr_expect(edit_key(e, *names), "%s", *names);
    }
}

Test(edit, readline_keys_do_what_they_do_in_a_shell)
{
    struct edit e = {0};
    edit_set(&e, "one two three");
    keys(&e, (const char *[]){"C-w", NULL});
    cr_expect_str_eq(edit_text(&e), "one two ");
    keys(&e, (const char *[]){"M-b", "C-k", NULL});
    cr_expect_str_eq(edit_text(&e), "one ");
    keys(&e, (const char *[]){"C-y", "C-a", "x", NULL});
    cr_expect_str_eq(edit_text(&e), "xone two ");
    keys(&e, (const char *[]){"M-f", "C-u", NULL});
    cr_expect_str_eq(edit_text(&e), " two ");
    keys(&e, (const char *[]){"C-e", "Backspace", "Backspace", "Home", "Delete", "Space", NULL});
    cr_expect_str_eq(edit_text(&e), " tw");
    cr_expect_not(edit_key(&e, "F5"));
    cr_expect_not(edit_key(&e, "Enter"));
    edit_done(&e);
}

Test(edit, editing_an_empty_line_is_harmless)
{
    struct edit e = {0};
    int cursor = -1;
    keys(&e, (const char *[]){"Left", "Right", "Backspace", "Delete", "C-k", "C-u", "C-w", "C-y",
                              "M-d", "Home", "End", NULL});
    cr_expect_str_eq(edit_text(&e), "");
    char *view = edit_view(&e, 10, &cursor);
    cr_expect_str_eq(view, "");
    cr_expect_eq(cursor, 0);
    free(view);
    edit_done(&e);
}

Test(edit, combining_character_goes_as_one)
{
    struct edit e = {0};
    edit_set(&e, "ae\u0301");
    keys(&e, (const char *[]){"Backspace", NULL});
    cr_expect_str_eq(edit_text(&e), "a");
    edit_done(&e);
}

Test(edit, paste_cannot_bring_control_characters_and_keeps_the_limit)
{
    struct edit e = {.max = 8};
    const char hostile[] = "a\nb\033[2J\r\xff\u202e"
                           "cdefghij";
    cr_expect_eq(edit_paste(&e, hostile, sizeof hostile - 1), 10);
    cr_expect_str_eq(edit_text(&e), "a b[2Jcd");
    edit_set(&e, "1234567");
    cr_expect_eq(edit_paste(&e, "\xc3\xa4z", 3), 2, "nothing after what had no room");
    cr_expect_str_eq(edit_text(&e), "1234567");
    edit_done(&e);
}

Test(edit, long_line_scrolls_so_that_the_cursor_shows)
{
    struct edit e = {0};
    int cursor = 0;
    edit_set(&e, "abcdefghij");
    char *view = edit_view(&e, 5, &cursor);
    cr_expect_str_eq(view, "ghij");
    cr_expect_eq(cursor, 4);
    free(view);
    edit_done(&e);
}

Test(edit, secret_shows_as_stars_and_is_not_kept_for_yanking)
{
    struct edit e = {.secret = true};
    int cursor = 0;
    edit_set(&e, "p\u00e4ss");
    char *view = edit_view(&e, 20, &cursor);
    cr_expect_str_eq(view, "****");
    cr_expect_eq(cursor, 4);
    free(view);
    keys(&e, (const char *[]){"C-u", "C-y", NULL});
    cr_expect_str_eq(edit_text(&e), "");
    edit_done(&e);
}

/* ---- text views ---- */

static struct textview view_of(int rows, int cols)
{
    struct textview v;
    textview_init(&v);
    textview_resize(&v, rows, cols);
    return v;
}

static void add_numbered(struct textview *v, int from, int to)
{
    for (int i = from; i <= to; i++) {
        textview_addf(v, ST_TEXT, "line %d", i);
    }
}

static const char *top_line(const struct textview *v)
{
    struct text_row rows[64];
    return textview_visible(v, rows, 64) > 0 ? rows[0].line->text : "";
}

static const char *bottom_line(const struct textview *v)
{
    struct text_row rows[64];
    size_t n = textview_visible(v, rows, 64);
    return n > 0 ? rows[n - 1].line->text : "";
}

Test(textview, colours_go_and_other_sequences_show_as_marks)
{
    struct textview v = view_of(5, 80);
    textview_add(&v, "\033[1;31mred\033[0m\033[K \033[2J\a", ST_TEXT);
    cr_expect_str_eq(textview_line(&v, 0)->text, "red ^[[2J^G");
    textview_add(&v, "\033[38:2::1:2:3mblue\033[m \033[38;5;9", ST_TEXT);
    cr_expect_str_eq(textview_line(&v, 1)->text, "blue ^[[38;5;9");
    textview_done(&v);
}

Test(textview, line_ends_and_carriage_returns_are_no_characters)
{
    struct textview v = view_of(5, 80);
    textview_add(&v, "one\r\ntwo\n", ST_TEXT);
    cr_expect_eq(textview_len(&v), 2);
    cr_expect_str_eq(textview_line(&v, 0)->text, "one");
    cr_expect_str_eq(textview_line(&v, 1)->text, "two");
    textview_add(&v, "", ST_TEXT);
    cr_expect_eq(textview_len(&v), 3);
    textview_done(&v);
}

Test(textview, following_shows_the_end_and_scrolling_up_stops_it)
{
    struct textview v = view_of(3, 80);
    textview_set_follow(&v, true);
    add_numbered(&v, 1, 10);
    cr_expect_str_eq(bottom_line(&v), "line 10");
    textview_scroll(&v, -2);
    cr_expect_not(v.follow);
    cr_expect_str_eq(bottom_line(&v), "line 8");
    add_numbered(&v, 11, 15);
    cr_expect_str_eq(bottom_line(&v), "line 8", "what is read stays where it is");
    cr_expect_eq(v.unseen, 5);
    textview_set_follow(&v, true);
    cr_expect_str_eq(bottom_line(&v), "line 15");
    cr_expect_eq(v.unseen, 0);
    textview_done(&v);
}

Test(textview, window_never_leaves_the_text)
{
    struct textview v = view_of(4, 20);
    textview_scroll(&v, 5);
    textview_scroll(&v, -5);
    textview_end(&v);
    textview_home(&v);
    cr_expect_str_eq(top_line(&v), "");
    add_numbered(&v, 1, 6);
    textview_scroll(&v, 100);
    cr_expect_str_eq(bottom_line(&v), "line 6");
    cr_expect_str_eq(top_line(&v), "line 3");
    cr_expect_eq(textview_percent(&v), 100);
    textview_scroll(&v, -100);
    cr_expect_str_eq(top_line(&v), "line 1");
    cr_expect_eq(textview_percent(&v), 66);
    textview_resize(&v, 20, 20);
    cr_expect_str_eq(top_line(&v), "line 1");
    textview_done(&v);
}

Test(textview, wrapped_lines_scroll_by_rows)
{
    struct textview v = view_of(3, 4);
    struct text_row rows[8];
    textview_set_wrap(&v, true);
    textview_add(&v, "abcdefghij", ST_TEXT);
    textview_add(&v, "x", ST_TEXT);
    textview_scroll(&v, 1);
    cr_assert_eq(textview_visible(&v, rows, 8), 3);
    cr_expect_eq(rows[0].from, 4);
    cr_expect_not(rows[0].first);
    cr_expect_eq(rows[2].seq, 1);
    textview_scroll(&v, 1);
    cr_expect_eq(v.top_row, 1, "the end is the limit");
    textview_done(&v);
}

Test(textview, oldest_lines_go_first_and_are_counted)
{
    struct textview v = view_of(3, 80);
    v.max_lines = 100;
    add_numbered(&v, 1, 1000);
    cr_expect_leq(v.len, 100);
    cr_expect_eq(v.dropped + v.len, 1000);
    cr_expect_null(textview_line(&v, v.dropped - 1));
    cr_expect_str_eq(textview_line(&v, 999)->text, "line 1000");
    cr_expect_geq(v.top, v.dropped, "the window moved along");
    textview_done(&v);
}

Test(textview, bytes_are_limited_too)
{
    struct textview v = view_of(3, 80);
    static char big[6000];
    memset(big, 'x', sizeof big - 1);
    v.max_bytes = 100000;
    for (int i = 0; i < 200; i++) {
        textview_add(&v, big, ST_TEXT);
    }
    cr_expect_leq(v.bytes, 100000);
    cr_expect_gt(v.len, 10);
    textview_done(&v);
}

Test(textview, search_finds_counts_and_goes_round)
{
    struct textview v = view_of(3, 80);
    size_t start = 0, end = 0;
    add_numbered(&v, 1, 30);
    textview_search(&v, "LINE 2");
    cr_expect_eq(v.match_count, 11);
    cr_expect_eq(v.match_line, 1);
    cr_expect_eq(v.match_at, 1);
    cr_expect(textview_next(&v, 1));
    cr_expect_eq(v.match_line, 19);
    cr_expect_eq(v.match_at, 2);
    cr_expect(textview_next(&v, -1));
    cr_expect(textview_next(&v, -1));
    cr_expect_eq(v.match_line, 28, "round the beginning");
    cr_expect_eq(v.match_at, 11);
    cr_expect(textview_next(&v, 1));
    cr_expect_eq(v.match_at, 1, "round the end");
    cr_expect(textview_match(&v, textview_line(&v, 28), 0, &start, &end));
    cr_expect_eq(start, 0);
    cr_expect_eq(end, 6);
    textview_set_case(&v, false);
    cr_expect_eq(v.match_count, 0);
    cr_expect_not(textview_next(&v, 1));
    textview_search(&v, NULL);
    cr_expect_null(v.pattern);
    textview_done(&v);
}

Test(textview, search_takes_regular_expressions_and_says_what_is_wrong)
{
    struct textview v = view_of(3, 80);
    add_numbered(&v, 1, 30);
    textview_search(&v, "^line (7|9)$");
    cr_expect_eq(v.match_count, 2);
    textview_search(&v, "x*");
    cr_expect_eq(v.match_count, 0, "an empty match is none");
    textview_search(&v, "(");
    cr_expect_eq(v.pattern_err.code, E_INVALID);
    cr_expect_eq(v.match_count, 0);
    textview_done(&v);
}

Test(textview, keeping_shows_only_matches_also_of_what_comes_later)
{
    struct textview v = view_of(5, 80);
    add_numbered(&v, 1, 12);
    textview_search(&v, "1");
    textview_set_keep(&v, true);
    cr_expect_eq(textview_len(&v), 4);
    add_numbered(&v, 13, 20);
    cr_expect_eq(textview_len(&v), 11);
    textview_set_keep(&v, false);
    cr_expect_eq(textview_len(&v), 20);
    textview_done(&v);
}

Test(textview, dropped_lines_leave_matches_and_kept_lines_right)
{
    struct textview v = view_of(5, 80);
    v.max_lines = 40;
    textview_search(&v, "5");
    v.keep = true;
    for (int i = 0; i < 500; i++) {
        size_t count = 0;
        add_numbered(&v, i, i);
        for (size_t k = 0; k < v.len; k++) {
            count += strchr(textview_line(&v, v.dropped + k)->text, '5') != NULL;
        }
        cr_assert_eq(v.match_count, count);
        cr_assert_eq(textview_len(&v), count);
    }
    textview_done(&v);
}

Test(textview, selection_is_copied_in_order_whichever_way_it_was_made)
{
    struct textview v = view_of(5, 80);
    add_numbered(&v, 1, 9);
    textview_move_cursor(&v, 3);
    v.selecting = true;
    v.anchor = v.cursor;
    textview_move_cursor(&v, -2);
    char *text = textview_copy(&v);
    cr_expect_str_eq(text, "line 2\nline 3\nline 4\n");
    free(text);
    cr_expect(textview_selected(&v, 2));
    cr_expect_not(textview_selected(&v, 4));
    textview_done(&v);
}

static const char *numbered(const void *arg, const struct text_line *line, char *buf, size_t size)
{
    (void)line;
    (void)snprintf(buf, size, "%s ", (const char *)arg);
    return buf;
}

Test(textview, all_of_it_is_all_of_it_also_when_only_matches_show)
{
    struct textview v = view_of(5, 80);
    add_numbered(&v, 1, 3);
    textview_search(&v, "2");
    textview_set_keep(&v, true);
    cr_expect_eq(textview_len(&v), 1);
    char *text = textview_all(&v, NULL, NULL);
    cr_expect_str_eq(text, "line 1\nline 2\nline 3\n");
    free(text);
    text = textview_all(&v, numbered, "at");
    cr_expect_str_eq(text, "at line 1\nat line 2\nat line 3\n");
    free(text);
    textview_done(&v);
}

Test(textview, sideways_stays_while_it_follows)
{
    struct textview v = view_of(3, 20);
    textview_set_follow(&v, true);
    add_numbered(&v, 1, 10);
    textview_sideways(&v, 8);
    add_numbered(&v, 11, 40);
    cr_expect_eq(v.left, 8);
    cr_expect(v.follow);
    cr_expect_str_eq(bottom_line(&v), "line 40");
    textview_done(&v);
}

Test(textview, the_cursor_moves_the_window_no_more_than_it_must)
{
    struct textview v = view_of(4, 80);
    add_numbered(&v, 1, 30);
    textview_move_cursor(&v, 0);
    textview_move_cursor(&v, 3);
    cr_expect_eq(v.top, 0);
    textview_move_cursor(&v, 1);
    cr_expect_eq(v.top, 1);
    textview_move_cursor(&v, 10);
    cr_expect_eq(v.cursor, 14);
    cr_expect_eq(v.top, 11);
    textview_move_cursor(&v, -3);
    cr_expect_eq(v.top, 11);
    textview_move_cursor(&v, -1);
    cr_expect_eq(v.top, 10);
    textview_done(&v);
}

Test(textview, new_text_keeps_the_place)
{
    struct textview v = view_of(3, 80), fresh = view_of(3, 80);
    add_numbered(&v, 1, 20);
    textview_scroll(&v, 7);
    add_numbered(&fresh, 1, 20);
    textview_replace(&v, &fresh);
    cr_expect_str_eq(top_line(&v), "line 8");
    add_numbered(&fresh, 1, 4);
    textview_replace(&v, &fresh);
    cr_expect_str_eq(top_line(&v), "line 2", "the window is inside again");
    textview_done(&v);
    textview_done(&fresh);
}

Test(textview, of_a_line_with_an_address_only_that_is_copied_and_whole)
{
    static const char url[] = "https://p.example/a/path/that/is/wrapped/at/this/width?x=1&y=2";
    struct textview v;

    textview_init(&v);
    v.wrap = true;
    textview_resize(&v, 10, 20);
    textview_add_label(&v, "Production", 15, url, ST_LINK);
    textview_add_label(&v, "User", 15, "ann", ST_TEXT);
    v.has_cursor = true;
    char *text = textview_copy(&v);
    cr_expect_str_eq(text, url);
    free(text);
    v.selecting = true;
    v.anchor = 1;
    text = textview_copy(&v);
    cr_expect_not_null(strstr(text, "Production"), "two lines are copied as they are");
    cr_expect_not_null(strstr(text, url));
    free(text);
    textview_done(&v);
}
