/* The painter: after every frame the terminal shows what the surface says, cell by cell, whatever
 * it showed before. Random frames of fixed seeds go through a pty to a terminal of libvterm's. */
#include <criterion/criterion.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "painter_world.h"
#include "ui/signals.h"

enum { FRAMES = 150, SEEDS = 6 };

TestSuite(painter, .timeout = 300);

static int below(struct world *w, int n)
{
    w->random ^= w->random << 13;
    w->random ^= w->random >> 17;
    w->random ^= w->random << 5;
    return (int)((w->random >> 3) % (uint32_t)n);
}

/* Somebody else writes to the terminal, and leaves it as no program should. */
static void disturb(struct world *w)
{
    static const char *const what[] = {"\033[1;31;44m", "\033[2;3r", "\033[7;4m",
                                       "\016lqqk",      "\033)B",    "\r\nls\r\n",
                                       "\033[3;5Hls",   "\033[H",    "\033(0lqqk"};
    int n = (int)(sizeof what / sizeof *what);

    if (w->s.rows < 5) {
        return; /* libvterm crashes */
    }
    for (int i = below(w, 6); i >= 0; i--) {
        /* terminfo has no remedy for the last one on the console */
        const char *one = what[below(w, strcmp(w->kind->term, "linux") == 0 ? n - 1 : n)];
        (void)vterm_input_write(w->vt, one, strlen(one));
    }
}

static const char *const texts[] = {
    "a",
    "job",
    "RUNNING",
    "      ",
    "                         ",
    "x            y",
    "\xe6\xbc\xa2",
    "\xe6\xbc\xa2\xe5\xad\x97 name",
    "\xea\xb0\x80",
    "\xef\xbc\xa1\xef\xbc\xa2 z",
    "caf\xc3\xa9 \xe2\x80\xa6",
    "\xe2\x94\x80\xe2\x94\x80\xe2\x94\x82",
    "e\xcc\x81t\xc3\xa9",
    "\xf0\x9f\x9a\x80 rocket",
    "\xe2\x9d\xa4\xef\xb8\x8f",
    "2026-11-30 10:00:00 the quick brown fox jumps over the lazy dog and on to the next row",
};
enum { TEXTS = sizeof texts / sizeof *texts, SURE_TEXTS = 12 };

static void put_anything(struct world *w, int kinds)
{
    struct surface *s = &w->s;
    int row = below(w, s->rows), col = below(w, s->cols + 4) - 2;
    int width = 1 + below(w, s->cols);
    /* Labels are drawn in a turn of their own. */
    enum style st = below(w, 3) == 0 ? ST_LABEL : (enum style)below(w, STYLE_COUNT);

    switch (below(w, 9)) {
    case 0:
        surface_fill(s, (struct rect){row, col, 1 + below(w, 4), width}, st);
        break;
    case 1:
        surface_box(
            s, (struct rect){row, col < 0 ? 0 : col, s->rows - row, s->cols - (col < 0 ? 0 : col)},
            st);
        break;
    case 2:
        surface_over(s, row, 0, s->cols, (enum overlay)below(w, OVERLAY_COUNT));
        break;
    case 3:
        surface_bar(s, row, col, 10, below(w, 101));
        break;
    case 4: /* the last column, and the last cell of the screen */
        (void)surface_add(s, below(w, 2) == 0 ? s->rows - 1 : row, s->cols - 1 - below(w, 2), 2, st,
                          texts[below(w, kinds)]);
        break;
    case 5:
        surface_restyle(s, row, col, width, st);
        break;
    default:
        (void)surface_put(s, row, col, width, st, texts[below(w, kinds)]);
    }
}

/* Rows move by `n`, as a list does that scrolls; new ones come. */
static void scroll(struct world *w, int n)
{
    struct surface *s = &w->s;
    int top = below(w, s->rows / 2 + 1), bottom = s->rows - 1 - below(w, s->rows / 4 + 1);
    size_t size = (size_t)s->cols * sizeof *s->cells;
    int rows = bottom - top + 1 - abs(n);

    if (rows <= 0) {
        return;
    }
    struct cell *first = s->cells + (size_t)top * (size_t)s->cols;
    struct cell *other = first + (size_t)abs(n) * (size_t)s->cols;
    memmove(n > 0 ? first : other, n > 0 ? other : first, (size_t)rows * size);
    for (int i = 0; i < abs(n); i++) {
        (void)surface_put(s, n > 0 ? bottom - i : top + i, 0, s->cols,
                          (enum style)below(w, STYLE_COUNT), texts[below(w, SURE_TEXTS)]);
    }
}

static void resize(struct world *w)
{
    static const struct {
        int rows, cols;
    } sizes[] = {
        {24,  80 },
        {1,   1  },
        {2,   3  },
        {5,   12 },
        {50,  200},
        {12,  231},
        {130, 20 },
        {24,  79 }
    };
    size_t i = (size_t)below(w, (int)(sizeof sizes / sizeof *sizes));

    world_resize(w, sizes[i].rows, sizes[i].cols);
    if (term_update_size(w->term)) {
        surface_resize(&w->s, term_rows(w->term), term_cols(w->term));
    } else {
        painter_forget(w->painter);
    }
    disturb(w);
}

/* The next frame; returns what it is, for the message. */
static const char *change(struct world *w, int kinds)
{
    int what = below(w, 20);

    if (what == 0) {
        resize(w);
    } else if (what == 1) {
        disturb(w);
        painter_forget(w->painter);
    } else if (what == 2) {
        surface_erase(&w->s);
    } else if (what < 9) {
        scroll(w, (below(w, 2) == 0 ? 1 : -1) * (1 + below(w, 13)));
        return "scrolled";
    }
    for (int i = below(w, what < 12 ? 40 : 3); i >= 0; i--) {
        put_anything(w, kinds);
    }
    bool hidden = below(w, 2) == 0;
    w->s.cursor_row = hidden ? -1 : below(w, w->s.rows);
    w->s.cursor_col = hidden ? -1 : below(w, w->s.cols);
    return what == 0 ? "resized" : what == 1 ? "forgotten" : what == 2 ? "erased" : "changed";
}

static void run(const struct kind *k, const char *theme)
{
    for (uint32_t seed = 1; seed <= SEEDS; seed++) {
        struct world w;
        world_open(&w, k, seed * 2654435761u, theme);
        for (int frame = 0; frame < FRAMES; frame++) {
            const char *when = change(&w, seed % 2 == 0 ? TEXTS : SURE_TEXTS);
            painter_frame(w.painter, &w.s);
            world_deliver(&w);
            world_check(&w, when, frame);
        }
        world_close(&w);
    }
}

#define PAINTER(name, theme, ...)                                                                  \
    Test(painter, name)                                                                            \
    {                                                                                              \
        run(&(struct kind)__VA_ARGS__, theme);                                                     \
    }

PAINTER(xterm_256_shows_every_frame, "default", {"xterm-256color", 256, 0})
PAINTER(high_contrast_shows_every_frame, "high-contrast", {"xterm-256color", 256, 0})
PAINTER(xterm_shows_every_frame, "light", {"xterm", 8, 0})
PAINTER(without_colours_every_frame_shows, "default", {"xterm-256color", 0, 0})
PAINTER(screen_shows_every_frame, "high-contrast", {"screen", 8, 0})
PAINTER(tmux_shows_every_frame, "colour-blind", {"tmux-256color", 256, 0})
PAINTER(linux_shows_every_frame, "default", {"linux", 8, LOOK_UNDERLINE | LOOK_DIM})
PAINTER(vt100_shows_every_frame, "default", {"vt100", 0, 0})

/* Nobody reads for a while, so that a frame is cut in the middle of whatever it sets. */
static void cut_frame(struct world *w)
{
    static const char piece[] = "\033[?7l\033[2;5r\033[7;31m\033(0qqq";

    painter_frame(w->painter, &w->s);
    world_deliver(w);
    while (!term_waiting(w->term)) {
        term_add(w->term, piece, sizeof piece - 1);
        cr_assert_eq(term_send(w->term), E_OK);
    }
    char buf[4096];
    ssize_t n = read(w->master, buf, sizeof buf);
    cr_assert_gt(n, 0);
    (void)vterm_input_write(w->vt, buf, (size_t)n);
    w->got += (uint64_t)n;
}

/* What the shell writes then scrolls through the whole screen, plain, and goes on in the next
 * row. */
static void check_left(struct world *w)
{
    static const char line[] = "\r\nqqq";
    VTermPos at = {.row = 23, .col = 0};
    VTermScreenCell c;
    char buf[4096];
    struct pollfd f = {.fd = w->master, .events = POLLIN};

    while (poll(&f, 1, 500) == 1) { /* what a signal handler wrote is counted nowhere */
        ssize_t n = read(w->master, buf, sizeof buf);
        cr_assert_gt(n, 0);
        (void)vterm_input_write(w->vt, buf, (size_t)n);
    }
    w->got = term_bytes(w->term);
    for (int i = 0; i < 30; i++) {
        (void)vterm_input_write(w->vt, line, sizeof line - 1);
    }
    for (at.row = 0; at.row < 24; at.row++) {
        (void)vterm_screen_get_cell(w->screen, at, &c);
        cr_expect_eq(c.chars[0], 'q', "row %d begins with U+%04X", at.row, c.chars[0]);
        cr_expect(c.attrs.reverse == 0 && world_color(&c.fg) == -1);
    }
    for (int i = 0; i < 100; i++) {
        (void)vterm_input_write(w->vt, "x", 1);
    }
    (void)vterm_screen_get_cell(w->screen, (VTermPos){.row = 23, .col = 5}, &c);
    cr_expect_eq(c.chars[0], 'x', "lines no longer go on in the next row");
}

Test(painter, a_frame_cut_short_leaves_nothing_to_the_shell)
{
    struct world w;

    world_open(&w, &(struct kind){"xterm", 8, 0}, 1, "default");
    cut_frame(&w);
    term_suspend(w.term);
    check_left(&w);
    term_resume(w.term);
    painter_forget(w.painter);
    painter_frame(w.painter, &w.s);
    world_deliver(&w);
    world_check(&w, "resumed", 0);
    world_close(&w);
}

Test(painter, a_frame_cut_short_by_a_crash_leaves_nothing_to_the_shell)
{
    struct world w;

    world_open(&w, &(struct kind){"xterm", 8, 0}, 1, "default");
    cut_frame(&w);
    signals_emergency_reset();
    check_left(&w);
    world_close(&w);
}
