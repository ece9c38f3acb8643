/* theme.h - how each meaning looks: one table row for each style and theme. Pure.
 *
 * A look is resolved for the colours that a terminal has: 256, 16, 8 or none. Nothing is told by
 * colour alone (states have a glyph and a word), so `mono` loses nothing. */
#ifndef UI_THEME_H
#define UI_THEME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/surface.h"
#include "core/err.h"

enum look_flag {
    LOOK_BOLD = 1,
    LOOK_DIM = 2,
    LOOK_UNDERLINE = 4,
    LOOK_REVERSE = 8,
    LOOK_KEEP = 16 /* for an overlay: the cell keeps its own colours */
};

struct look {
    int16_t fg, bg; /* the colour's index for the terminal at hand; -1: the terminal's own */
    uint8_t flags;  /* enum look_flag */
};

static inline bool look_same(const struct look *a, const struct look *b)
{
    return a->fg == b->fg && a->bg == b->bg && a->flags == b->flags;
}

/* Does a blank look the same in both? The colour of what is not there does not show. */
static inline bool look_blank_same(const struct look *a, const struct look *b)
{
    return a->bg == b->bg && ((a->flags | b->flags) & (LOOK_REVERSE | LOOK_UNDERLINE)) == 0;
}

struct theme; /* opaque, const, static */

/* The theme with this name; NULL or "" is the default theme. NULL with `e` (E_INVALID names the
 * themes that there are). */
const struct theme *theme_find(const char *name, struct err *e);
/* The name of the i-th theme, for the help and the palette; NULL after the last. */
const char *theme_list(size_t i);

/* The look of a cell of style `s` under overlay `o` with `colors` 256, 16, 8 or 0. */
struct look theme_look(const struct theme *t, enum style s, enum overlay o, int colors);
#endif
