/* shot.h - one screen of a terminal as a picture: the cells of libvterm, written as SVG.
 *
 * The same cells give the same bytes: what cannot be seen (the colour of a blank) is not kept. */
#ifndef TESTS_SCREENS_SHOT_H
#define TESTS_SCREENS_SHOT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/strbuf.h"
#include "tests/e2e/pty.h"

enum { SHOT_CHARS = 4, SHOT_OWN_FG = 256, SHOT_OWN_BG = 257, SHOT_COLORS = 258 };

struct shot_cell {
    uint32_t chars[SHOT_CHARS]; /* a blank: none */
    int width;                  /* 0: the right half of the character before it */
    int16_t fg, bg;             /* of 256, or SHOT_OWN_..., the terminal's own */
    bool bold, under;
};

struct shot {
    int rows, cols;
    struct shot_cell *cells;    /* owned */
    int cursor_row, cursor_col; /* -1: hidden */
};

struct shot shot_take(const struct pty *p);
void shot_clear(struct shot *s);

/* Puts fixed figures in the place of those that differ from run to run. The rules, each of which
 * keeps all columns:
 *   127.0.0.1:NNNNN   the port of the local cloud becomes 4s and 5s
 *   N req/min         becomes 24 req/min */
void shot_mask(struct shot *s);

struct shot_words {
    const char *title, *about; /* plain text: for who cannot see the picture */
    bool light;                /* colours for a light background */
};
/* The SVG is owned by `out`, which the caller clears. */
void shot_svg(const struct shot *s, const struct shot_words *w, struct strbuf *out);
#endif
