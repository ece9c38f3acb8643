/* Characters whose width terminals dispute: the cells are right on terminals that disagree about
 * every one of them. A small terminal takes the bytes; its idea of widths is a parameter. */
#include <criterion/criterion.h>
#include <curses.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>

#include "core/text.h"
#include "ui/overdraw.h"

enum { COLS_MAX = 40 };

static void with_terminfo(void)
{
    cr_assert_not_null(setlocale(LC_CTYPE, "C.UTF-8"));
    cr_assert_eq(setupterm("xterm-256color", 1, NULL), 0);
}

TestSuite(overdraw, .init = with_terminfo, .timeout = 120);

/* How a terminal takes what is outside of ASCII. */
enum taste {
    TASTE_LOCALE, /* as this machine's locale */
    TASTE_NARROW, /* everything is one cell, marks too: an old one */
    TASTE_WIDE,   /* everything is two cells */
    TASTE_NONE,   /* marks and what it does not know take no cell */
    TASTES
};

struct small {
    char cells[COLS_MAX][32];
    int cols, x;
    enum taste taste;
    bool wraps, wrapped;
};

static int taste_width(enum taste taste, uint32_t cp)
{
    switch (taste) {
    case TASTE_NARROW:
        return 1;
    case TASTE_WIDE:
        return 2;
    case TASTE_NONE:
        return cp >= 0x300 && cp < 0x2000 ? 0 : text_cp_width(cp) == 0 ? 0 : 1;
    default:
        return text_cp_width(cp);
    }
}

static void small_put(struct small *t, const char *text, size_t n, uint32_t cp)
{
    /* What everybody agrees on is not for taste. */
    int w = text_width_disputed(text, n) ? taste_width(t->taste, cp) : text_cp_width(cp);

    if (w == 0) {
        return; /* joins the cell before it */
    }
    if (t->x + w > t->cols) {
        if (t->wraps) {
            t->wrapped = true;
            t->x = 0;
        } else {
            t->x = t->cols - w < 0 ? 0 : t->cols - w;
        }
    }
    if (strcmp(t->cells[t->x], "") == 0 && t->x > 0) {
        (void)strcpy(t->cells[t->x - 1], " "); /* half of a wide one was overwritten */
    }
    if (t->x + w < t->cols && strcmp(t->cells[t->x + w], "") == 0) {
        (void)strcpy(t->cells[t->x + w], " ");
    }
    (void)snprintf(t->cells[t->x], sizeof t->cells[0], "%.*s", (int)n, text);
    if (w == 2) {
        (void)strcpy(t->cells[t->x + 1], "");
    }
    t->x += w;
}

static void small_write(struct small *t, const char *s, size_t len)
{
    for (size_t i = 0; i < len;) {
        int row, col, used = 0;
        if (s[i] == '\033' && sscanf(s + i, "\033[%d;%dH%n", &row, &col, &used) == 2 && used > 0) {
            t->x = col - 1;
            i += (size_t)used;
        } else if (s[i] == '\033' && strncmp(s + i, "\033(B", 3) == 0) {
            i += 3;
        } else if (s[i] == '\033') {
            size_t end = i + 2;
            while (end < len && !(s[end] >= '@' && s[end] <= '~')) {
                end++;
            }
            t->wraps = strncmp(s + i, "\033[?7h", 5) == 0   ? true
                       : strncmp(s + i, "\033[?7l", 5) == 0 ? false
                                                            : t->wraps;
            i = end + 1;
        } else if (s[i] == '\017') {
            i++;
        } else {
            uint32_t cp = 0;
            size_t n = text_utf8_decode(s + i, len - i, &cp);
            cr_assert_gt(n, 0);
            small_put(t, s + i, n, cp);
            i += n;
        }
    }
}

static const char *const names[] = {
    "\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7 100%",
    "\xf0\x9f\x87\xa9\xf0\x9f\x87\xaa Berlin 10%",
    "\xe2\x9d\xa4\xef\xb8\x8f heart",
    "1\xef\xb8\x8f\xe2\x83\xa3 keycap",
    "Z\xcc\x81\xcc\xa7\xcd\x83\xcc\x88\xcc\xb1 stack",
    "\xe0\xa4\xa8\xe0\xa4\xae\xe0\xa4\xb8\xe0\xa5\x8d\xe0\xa4\xa4\xe0\xa5\x87 42",
    "\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd ok",
    "\xf0\x9f\xab\xa8 newer than tables",
    "\xd8\xb3\xd9\x84\xd8\xa7\xd9\x85 12",
    "at the margin of it al\xf0\x9f\x9a\x80",
    "at the margin of it all e\xcc\x81",
};

/* A full bar under the text, as curses left it, and the text drawn over it. */
static void check_name(const char *name, enum taste taste, int cols)
{
    struct surface s;
    struct strbuf bytes = STRBUF_INIT;
    struct small t = {.cols = cols, .taste = taste, .wraps = true};
    char *clean = text_cleaned(name, TEXT_ONE_LINE);

    surface_init(&s, 1, cols, false);
    (void)surface_put(&s, 0, 0, cols, ST_TEXT, clean);
    for (int x = 0; x < cols; x++) { /* what curses draws: all that is sure, '?' elsewhere */
        bool half = s.cells[x].width == 0;
        const struct cell *c = half ? &s.cells[x - 1] : &s.cells[x];
        (void)snprintf(t.cells[x], sizeof t.cells[x], "%s",
                       overdraw_cell(c) ? "?" : s.cells[x].text);
    }
    struct overdraw o = {.theme = theme_find("default", NULL), .colors = 256};
    overdraw_row(&bytes, &o, &s, 0);
    small_write(&t, strbuf_str(&bytes), bytes.len);
    cr_expect_not(t.wrapped, "%s ran into the next row (taste %d, %d columns)", name, (int)taste,
                  cols);
    for (int x = 0; x < cols; x++) {
        const struct cell *c = &s.cells[x];
        if (c->width == 1 && !overdraw_cell(c)) {
            cr_expect_str_eq(t.cells[x], c->text, "%s: column %d of %d, taste %d", name, x, cols,
                             (int)taste);
        } else {
            cr_expect_str_neq(t.cells[x], "?", "%s: column %d of %d, taste %d: a stand-in is left",
                              name, x, cols, (int)taste);
        }
    }
    strbuf_clear(&bytes);
    surface_done(&s);
    free(clean);
}

Test(overdraw, the_cells_are_right_whatever_the_terminal_takes_for_wide)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        for (int taste = 0; taste < TASTES; taste++) {
            for (int cols = 3; cols <= COLS_MAX; cols++) {
                check_name(names[i], (enum taste)taste, cols);
            }
        }
    }
}

Test(overdraw, nothing_is_sent_for_a_row_of_sure_characters)
{
    struct surface s;
    struct strbuf bytes = STRBUF_INIT;
    struct overdraw o = {.theme = theme_find("default", NULL), .colors = 256};

    surface_init(&s, 1, 30, false);
    (void)surface_put(&s, 0, 0, 30, ST_TEXT, "Caf\xc3\xa9 \xe6\x97\xa5\xe6\x9c\xac \xd0\x96");
    surface_bar(&s, 0, 15, 10, 55);
    for (int g = 0; g < GLYPH_COUNT; g++) {
        surface_glyph(&s, 0, 26, ST_TEXT, (enum glyph)g);
        cr_expect_not(overdraw_any(&s), "%s", glyph_text((enum glyph)g, false));
    }
    overdraw_row(&bytes, &o, &s, 0);
    cr_expect_eq(bytes.len, 0);
    surface_done(&s);
}
