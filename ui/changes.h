/* changes.h - where a row looks other than what the terminal shows. Pure. */
#ifndef UI_CHANGES_H
#define UI_CHANGES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "app/surface.h"
#include "ui/theme.h"

/* How the cells look on this terminal. */
struct looks {
    struct look of[STYLE_COUNT][OVERLAY_COUNT];
};
/* A style that is none of the theme's has the terminal's own look. */
const struct look *looks_find(const struct looks *l, const struct cell *c);

static inline bool cell_blank(const struct cell *c)
{
    return c->text[0] == ' ' && c->text[1] == '\0';
}

/* Are all bytes the same? A call of memcmp takes longer than the comparison. */
static inline bool cells_identical(const struct cell *a, const struct cell *b)
{
    uint64_t one[3];
    uint64_t other[3];
    _Static_assert(sizeof one == sizeof *a, "a cell is three words");

    memcpy(one, a, sizeof one);
    memcpy(other, b, sizeof other);
    return ((one[0] ^ other[0]) | (one[1] ^ other[1]) | (one[2] ^ other[2])) == 0;
}

/* For cells with the same first byte: do they look the same? A blank in another colour is the same
 * blank. */
bool cells_look_alike(const struct looks *l, const struct cell *a, const struct cell *b);

static inline bool cells_alike(const struct looks *l, const struct cell *a, const struct cell *b)
{
    return cells_identical(a, b) || (a->text[0] == b->text[0] && cells_look_alike(l, a, b));
}

/* The columns of a row between which cells look other. */
struct extent {
    int first, last; /* last < first: no cell looks other */
    bool same;       /* all cells are the same, byte by byte */
};
struct extent changes_in(const struct looks *l, const struct cell *now, const struct cell *was,
                         int cols);
#endif
