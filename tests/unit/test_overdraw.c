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

/* The numbers of a sequence, and where its last letter is. */
static size_t small_csi(struct small *t, const char *s, size_t len)
{
    size_t end = 2;
    int row = 1, n = 1;

    while (end < len && !(s[end] >= '@' && s[end] <= '~')) {
        end++;
    }
    bool second = sscanf(s + 2, "%d;%d", &row, &n) == 2;
    switch (s[end]) {
    case 'H':
        t->x = second ? n - 1 : 0;
        break;
    case 'G':
        t->x = row - 1;
        break;
    case 'C':
        t->x += row;
        break;
    case 'D':
        t->x -= row;
        break;
    case 'h':
    case 'l':
        t->wraps = strncmp(s, "\033[?7", 4) == 0 ? s[end] == 'h' : t->wraps;
        break;
    case 'm':
        break;
    default:
        cr_assert_fail("an unknown sequence: %.*s", (int)end - 1, s + 2);
    }
    return end + 1;
}

static void small_write(struct small *t, const char *s, size_t len)
{
    for (size_t i = 0; i < len;) {
        if (s[i] == '\033' && s[i + 1] == '[') {
            i += small_csi(t, s + i, len - i);
        } else if (s[i] == '\b' || s[i] == '\r') {
            t->x = s[i++] == '\r' ? 0 : t->x - 1;
        } else {
            uint32_t cp = 0;
            size_t n = text_utf8_decode(s + i, len - i, &cp);
            cr_assert_gt(n, 0);
            small_put(t, s + i, n, cp);
            i += n;
        }
        cr_assert(t->x >= 0 && t->x <= t->cols, "column %d", t->x);
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

static const struct look *look_in(const void *with, const struct cell *c)
{
    static struct look l;

    l = theme_look(with, (enum style)c->style, (enum overlay)c->over, 256);
    return &l;
}

static void overdraw(struct small *t, const struct surface *s, const struct cell *was)
{
    static struct pen fresh; /* what terminfo says is asked for once */
    struct strbuf bytes = STRBUF_INIT;

    if (fresh.out == NULL) {
        pen_init(&fresh, &bytes, 256, true);
    }
    struct pen p = fresh;
    p.out = &bytes;
    p.rows = 1;
    p.cols = s->cols;
    const struct overdraw_row row = {.s = s,
                                     .was = was,
                                     .last = s->cols - 1,
                                     .look = look_in,
                                     .with = theme_find("default", NULL)};
    overdraw_row(&p, &row);
    small_write(t, strbuf_str(&bytes), bytes.len);
    strbuf_clear(&bytes);
}

/* A full bar under the text, as curses left it, and the text drawn over it. */
static void check_cells(const struct small *t, const struct surface *s, const char *what)
{
    cr_expect_not(t->wrapped, "%s ran into the next row (taste %d, %d columns)", what,
                  (int)t->taste, s->cols);
    for (int x = 0; x < s->cols; x++) {
        const struct cell *c = &s->cells[x];
        if (c->width > 0 && !overdraw_cell(c)) {
            cr_expect_str_eq(t->cells[x], c->text, "%s: column %d of %d, taste %d", what, x,
                             s->cols, (int)t->taste);
        } else {
            cr_expect_str_neq(t->cells[x], "?", "%s: column %d of %d, taste %d: a stand-in is left",
                              what, x, s->cols, (int)t->taste);
        }
        /* A terminal that takes the locale's widths shows the character itself. */
        size_t len = strlen(t->cells[x]);
        if (t->taste == TASTE_LOCALE && c->width > 0) {
            cr_expect(len > 0 && strncmp(c->text, t->cells[x], len) == 0, "%s: column %d of %d",
                      what, x, s->cols);
        }
    }
}

static void check_name(const char *name, enum taste taste, int cols)
{
    struct surface s;
    struct small t = {.cols = cols, .taste = taste, .wraps = true};
    char *clean = text_cleaned(name, TEXT_ONE_LINE);

    surface_init(&s, 1, cols, false);
    (void)surface_put(&s, 0, 0, cols, ST_TEXT, clean);
    for (int x = 0; x < cols; x++) { /* what the painter draws: all that is sure, '?' elsewhere */
        bool half = s.cells[x].width == 0;
        const struct cell *c = half ? &s.cells[x - 1] : &s.cells[x];
        (void)snprintf(t.cells[x], sizeof t.cells[x], "%s",
                       overdraw_cell(c) ? "?"
                       : half           ? ""
                                        : s.cells[x].text);
    }
    overdraw(&t, &s, NULL);
    check_cells(&t, &s, name);
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
    struct small t = {.cols = 30, .x = 7};

    surface_init(&s, 1, 30, false);
    (void)surface_put(&s, 0, 0, 30, ST_TEXT, "Caf\xc3\xa9 \xe6\x97\xa5\xe6\x9c\xac \xd0\x96");
    surface_bar(&s, 0, 15, 10, 55);
    for (int g = 0; g < GLYPH_COUNT; g++) {
        surface_glyph(&s, 0, 26, ST_TEXT, (enum glyph)g);
        cr_expect_not(overdraw_any(&s), "%s", glyph_text((enum glyph)g, false));
    }
    overdraw(&t, &s, NULL);
    cr_expect_eq(t.x, 7);
    surface_done(&s);
}

/* A row changes many times. As the painter does, what is sure is drawn where it changed, and what
 * is not sure afterwards, where it may have suffered. */
static void check_frames(uint32_t seed, enum taste taste, int cols)
{
    enum { NAMES = sizeof names / sizeof *names };
    static const char *const sure[] = {"a b c", "job \xe6\x97\xa5\xe6\x9c\xac 1", "        ", "x"};
    struct surface was, now;
    struct small t = {.cols = cols, .taste = taste, .wraps = true};

    surface_init(&was, 1, cols, false);
    surface_init(&now, 1, cols, false);
    for (int x = 0; x < cols; x++) {
        (void)strcpy(t.cells[x], " ");
    }
    for (int frame = 0; frame < 40; frame++) {
        seed = seed * 1664525u + 1013904223u;
        int col = (int)(seed >> 8) % cols;
        size_t which = (seed >> 20) % (NAMES + 8);
        char *clean = text_cleaned(which < NAMES ? names[which] : sure[which % 4], TEXT_ONE_LINE);
        (void)surface_put(&now, 0, col, 1 + (int)(seed >> 28), ST_TEXT, clean);
        for (int x = 0; x < cols; x++) {
            const struct cell *c = &now.cells[x];
            if (memcmp(c, &was.cells[x], sizeof *c) != 0 && c->width > 0 && !overdraw_cell(c)) {
                t.x = x;
                small_write(&t, c->text, strlen(c->text));
            }
        }
        overdraw(&t, &now, was.cells);
        check_cells(&t, &now, clean);
        memcpy(was.cells, now.cells, (size_t)cols * sizeof *now.cells);
        free(clean);
    }
    surface_done(&was);
    surface_done(&now);
}

Test(overdraw, what_did_not_change_is_not_drawn_again_and_stays_right)
{
    for (int taste = 0; taste < TASTES; taste++) {
        for (int cols = 3; cols <= COLS_MAX; cols += 4) {
            for (uint32_t seed = 1; seed <= 10; seed++) {
                check_frames(seed * 2654435761u, (enum taste)taste, cols);
            }
        }
    }
}
