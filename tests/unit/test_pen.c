/* The pen: whatever bytes it chooses, the cursor and the attributes are where they were wanted, and
 * no way is longer than the plain one. A small terminal takes the bytes. */
#include <criterion/criterion.h>
#include <curses.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>

#include "ui/pen.h"
#include "ui/shift.h"

static const char *const terminals[] = {"xterm-256color", "screen", "linux", "vt100"};
enum { TERMINALS = sizeof terminals / sizeof *terminals, TALL = 40, WIDE = 120 };

static struct strbuf out;

static struct pen pen_on(const char *name, int colors)
{
    struct pen p;

    cr_assert_not_null(setlocale(LC_CTYPE, "C.UTF-8"));
    cr_assert_eq(setupterm(name, 1, NULL), 0, "%s", name);
    pen_init(&p, &out, colors, true);
    p.rows = TALL;
    p.cols = WIDE;
    return p;
}

TestSuite(pen, .timeout = 120);

/* What a terminal makes of the bytes. */
struct screen {
    int row, col;
    bool bold, dim, under, reverse;
    int fg, bg; /* -1: its own */
    char last[64];
};

static int number_at(const char **s, int absent)
{
    char *end = NULL;
    long n = strtol(*s, &end, 10);

    if (end == *s) {
        return absent;
    }
    *s = end;
    return (int)n;
}

/* "38;5;n" of 256 colours; returns the place of the last number. */
static size_t take_color(struct screen *t, const int *numbers, size_t i)
{
    int n = numbers[i];

    if (n == 38 || n == 48) {
        cr_assert_eq(numbers[i + 1], 5);
        *(n == 38 ? &t->fg : &t->bg) = numbers[i + 2];
        return i + 2;
    }
    if (n == 39 || (n >= 30 && n <= 37) || (n >= 90 && n <= 97)) {
        t->fg = n == 39 ? -1 : n < 40 ? n - 30 : n - 82;
    } else if (n == 49 || (n >= 40 && n <= 47) || (n >= 100 && n <= 107)) {
        t->bg = n == 49 ? -1 : n < 50 ? n - 40 : n - 92;
    } else {
        cr_assert_fail("an unknown attribute: %d", n);
    }
    return i;
}

static void take_sgr(struct screen *t, const int *numbers, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        switch (numbers[i]) {
        case 0:
            t->bold = t->dim = t->under = t->reverse = false;
            t->fg = t->bg = -1;
            break;
        case 1:
            t->bold = true;
            break;
        case 2:
            t->dim = true;
            break;
        case 4:
            t->under = true;
            break;
        case 7:
            t->reverse = true;
            break;
        case 22:
            t->bold = t->dim = false;
            break;
        case 24:
            t->under = false;
            break;
        case 27:
            t->reverse = false;
            break;
        default:
            i = take_color(t, numbers, i);
        }
    }
}

static void take_csi(struct screen *t, const char *letter, const int *numbers, size_t len)
{
    int n = numbers[0] == 0 ? 1 : numbers[0];

    switch (*letter) {
    case 'H':
        t->row = n - 1;
        t->col = (len > 1 && numbers[1] > 0 ? numbers[1] : 1) - 1;
        break;
    case 'A':
        t->row -= n;
        break;
    case 'B':
        t->row += n;
        break;
    case 'C':
        t->col += n;
        break;
    case 'D':
        t->col -= n;
        break;
    case 'G':
        t->col = n - 1;
        break;
    case 'd':
        t->row = n - 1;
        break;
    case 'm':
        take_sgr(t, numbers, len);
        break;
    default:
        cr_assert_fail("an unknown sequence: %c", *letter);
    }
}

static void take(struct screen *t, const char *s)
{
    while (*s != '\0') {
        if (*s == '\033' && s[1] == '(') {
            s += 3;
        } else if (*s == '\033') {
            int numbers[16] = {0};
            size_t len = 0;
            cr_assert_eq(s[1], '[', "an unknown sequence: %s", s + 1);
            s += 2;
            do {
                numbers[len++] = number_at(&s, 0);
            } while (*s == ';' && len < 16 && s++ != NULL);
            take_csi(t, s++, numbers, len);
        } else if (*s == '\r') {
            t->col = 0;
            s++;
        } else if (*s == '\n') {
            t->row++;
            s++;
        } else if (*s == '\b') {
            t->col--;
            s++;
        } else if (*s == '\017') {
            s++;
        } else {
            t->col++;
            s++;
        }
    }
}

static char every_x(const void *with, int row, int col)
{
    (void)with;
    (void)row;
    return (char)(col % 5 == 4 ? '\0' : 'x');
}

Test(pen, every_motion_arrives_and_none_is_longer_than_the_address)
{
    static const int cols[] = {0, 1, 2, 8, 9, 10, 57, 98, 99, 100, WIDE - 1};
    static const int rows[] = {0, 1, 7, 8, 9, 10, 11, TALL - 1};
    enum { C = sizeof cols / sizeof *cols, R = sizeof rows / sizeof *rows };

    for (size_t name = 0; name < TERMINALS; name++) {
        struct pen p = pen_on(terminals[name], 8);
        for (size_t i = 0; i < (size_t)R * C * R * C; i++) {
            struct screen t = {.row = rows[i % R], .col = cols[i / R % C], .fg = -1, .bg = -1};
            int row = rows[i / R / C % R], col = cols[i / R / C / R];
            char plain[24];
            int most = snprintf(plain, sizeof plain, "\033[%d;%dH", row + 1, col + 1);
            p.row = t.row;
            p.col = t.col;
            strbuf_reset(&out);
            pen_move(&p, row, col, every_x, NULL);
            take(&t, strbuf_str(&out));
            cr_assert(t.row == row && t.col == col, "%s: %d,%d instead of %d,%d", terminals[name],
                      t.row, t.col, row, col);
            cr_assert(p.row == row && p.col == col);
            cr_assert_leq(out.len, (size_t)most);
        }
    }
}

Test(pen, a_motion_from_an_unknown_place_is_an_address)
{
    struct pen p = pen_on("xterm-256color", 256);

    pen_move(&p, 4, 0, NULL, NULL);
    cr_assert_str_eq(strbuf_str(&out), "\033[5;1H");
    strbuf_reset(&out);
    p.col = WIDE - 1;
    pen_text(&p, "x", 1, 1); /* terminals differ in where the cursor is now */
    pen_move(&p, 5, 0, NULL, NULL);
    cr_assert_str_eq(strbuf_str(&out), "x\033[6;1H");
}

Test(pen, near_places_take_a_character_or_two)
{
    struct pen p = pen_on("xterm-256color", 256);

    pen_move(&p, 4, 20, NULL, NULL);
    strbuf_reset(&out);
    pen_move(&p, 5, 20, NULL, NULL);
    pen_move(&p, 5, 19, NULL, NULL);
    pen_move(&p, 6, 0, NULL, NULL);
    pen_move(&p, 6, 2, every_x, NULL);
    cr_assert_str_eq(strbuf_str(&out), "\n\b\n\rxx");
}

static const struct look looks[] = {
    {-1, -1, 0                            },
    {-1, -1, LOOK_BOLD                    },
    {-1, -1, LOOK_DIM                     },
    {-1, -1, LOOK_BOLD | LOOK_DIM         },
    {-1, -1, LOOK_REVERSE                 },
    {-1, -1, LOOK_UNDERLINE | LOOK_REVERSE},
    {2,  -1, 0                            },
    {2,  4,  LOOK_BOLD                    },
    {-1, 4,  0                            },
    {3,  -1, LOOK_UNDERLINE               },
    {7,  1,  LOOK_BOLD | LOOK_REVERSE     },
};
enum { LOOKS = sizeof looks / sizeof *looks };

static bool shows(const struct screen *t, const struct look *l)
{
    return t->fg == l->fg && t->bg == l->bg && t->bold == ((l->flags & LOOK_BOLD) != 0) &&
           t->dim == ((l->flags & LOOK_DIM) != 0) &&
           t->under == ((l->flags & LOOK_UNDERLINE) != 0) &&
           t->reverse == ((l->flags & LOOK_REVERSE) != 0);
}

Test(pen, every_change_of_attributes_is_right_and_none_is_sent_twice)
{
    for (size_t name = 0; name < TERMINALS; name++) {
        struct pen p = pen_on(terminals[name], strcmp(terminals[name], "vt100") == 0 ? 0 : 8);
        for (size_t i = 0; i < (size_t)LOOKS * LOOKS; i++) {
            struct look from = pen_able(&p, looks[i % LOOKS]);
            struct look to = pen_able(&p, looks[i / LOOKS]);
            struct screen t = {.fg = -1, .bg = -1};
            pen_lost(&p);
            strbuf_reset(&out);
            pen_set(&p, &from);
            pen_set(&p, &to);
            take(&t, strbuf_str(&out));
            cr_assert(shows(&t, &to), "%s: from %zu to %zu by %s", terminals[name], i % LOOKS,
                      i / LOOKS, strbuf_str(&out) + 1);
            size_t len = out.len;
            pen_set(&p, &to);
            cr_assert_eq(out.len, len);
        }
    }
}

Test(pen, one_sequence_sets_what_differs)
{
    struct pen p = pen_on("xterm-256color", 256);

    pen_set(&p, &(struct look){.fg = 244, .bg = -1, .flags = LOOK_BOLD});
    pen_set(&p, &(struct look){.fg = 244, .bg = -1});
    pen_set(&p, &(struct look){.fg = 2, .bg = -1, .flags = LOOK_UNDERLINE});
    pen_plain(&p);
    cr_assert_str_eq(strbuf_str(&out), "\033[1;38;5;244m\033[22m\033[4;32m\033[m");
}

Test(pen, what_the_terminal_cannot_show_together_is_left_out)
{
    struct pen p = pen_on("linux", 8); /* ncv: neither underlined nor dim in colours */
    struct look l = pen_able(&p, (struct look){.fg = 2, .bg = -1, .flags = LOOK_UNDERLINE});

    cr_assert_eq(l.flags, 0);
    l = pen_able(&p, (struct look){.fg = -1, .bg = -1, .flags = LOOK_UNDERLINE});
    cr_assert_eq(l.flags, LOOK_UNDERLINE);
    p = pen_on("vt100", 0);
    l = pen_able(&p, (struct look){.fg = 2, .bg = 3, .flags = LOOK_DIM | LOOK_BOLD});
    cr_assert(l.fg == -1 && l.bg == -1 && l.flags == LOOK_BOLD);
}

Test(pen, the_last_cell_never_scrolls_the_screen)
{
    struct pen p = pen_on("ansi", 8); /* it goes on at once after the last column */

    pen_move(&p, TALL - 1, WIDE - 1, NULL, NULL);
    strbuf_reset(&out);
    pen_text(&p, "x", 1, 1);
    cr_assert_eq(out.len, 0);
    p = pen_on("xterm-256color", 8); /* it waits for the next character */
    pen_move(&p, TALL - 1, WIDE - 1, NULL, NULL);
    strbuf_reset(&out);
    pen_text(&p, "x", 1, 1);
    cr_assert_str_eq(strbuf_str(&out), "x");
}

Test(pen, without_colours_no_colour_is_sent)
{
    struct pen p = pen_on("xterm-256color", 0);
    struct look l = pen_able(&p, (struct look){.fg = 2, .bg = 3, .flags = LOOK_REVERSE});

    pen_clear(&p);
    pen_set(&p, &l);
    pen_plain(&p);
    cr_assert_null(strstr(strbuf_str(&out), "[3"));
    cr_assert_null(strstr(strbuf_str(&out), "[4"));
}

/* A screen whose row n holds the number first + n. */
static void fill(struct surface *s, int first)
{
    surface_erase(s);
    for (int y = 0; y < s->rows; y++) {
        char text[16];
        (void)snprintf(text, sizeof text, "row %d", first + y);
        surface_put(s, y, 0, s->cols, ST_TEXT, text);
    }
}

Test(shift, a_scrolled_screen_is_found_and_moved)
{
    static const int by[] = {1, -1, 3, -7};
    static const struct cell blank = {.text = " ", .width = 1};

    for (size_t i = 0; i < sizeof by / sizeof *by; i++) {
        struct surface was, now;
        surface_init(&was, 24, 80, false);
        surface_init(&now, 24, 80, false);
        fill(&was, 100);
        fill(&now, 100 + by[i]);
        surface_put(&now, 0, 0, 80, ST_TEXT, "a header that stays");
        surface_put(&was, 0, 0, 80, ST_TEXT, "a header that stays");
        struct shift f = shift_find(&was, &now);
        cr_assert_eq(f.n, by[i]);
        shift_apply(&was, &f, &blank);
        int same = 0;
        for (int y = 0; y < 24; y++) {
            same += memcmp(was.cells + y * 80, now.cells + y * 80, 80 * sizeof blank) == 0;
        }
        cr_assert_geq(same, 24 - 2 * abs(by[i]) - 2);
        surface_done(&was);
        surface_done(&now);
    }
}

Test(shift, a_screen_with_few_changes_stays)
{
    struct surface was, now;

    surface_init(&was, 24, 80, false);
    surface_init(&now, 24, 80, false);
    fill(&was, 0);
    fill(&now, 0);
    surface_put(&now, 5, 0, 80, ST_TEXT, "row 6");
    surface_put(&now, 6, 0, 80, ST_TEXT, "row 7");
    cr_assert_eq(shift_find(&was, &now).n, 0);
    surface_done(&was);
    surface_done(&now);
}
