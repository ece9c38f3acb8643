/* changes.h - where a row looks other than what the terminal shows. Pure. */
#ifndef UI_CHANGES_H
#define UI_CHANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "app/surface.h"
#include "ui/theme.h"

/* How the cells look on this terminal. A style that is none of the theme's has the terminal's own
 * look, which stands last. */
struct looks {
    struct look of[STYLE_COUNT + 1][OVERLAY_COUNT];
};
static inline const struct look *looks_find(const struct looks *l, const struct cell *c)
{
    return &l->of[c->style < STYLE_COUNT ? c->style : STYLE_COUNT]
                 [c->over < OVERLAY_COUNT ? c->over : OVER_NONE];
}

static inline bool cell_blank(const struct cell *c)
{
    return c->text[0] == ' ' && c->text[1] == '\0';
}

/* A third of a cell's bytes. */
static inline uint64_t cell_word(const struct cell *c, size_t n)
{
    uint64_t word;
    _Static_assert(sizeof *c == 3 * sizeof word, "a cell is three words");

    memcpy(&word, (const char *)c + n * sizeof word, sizeof word);
    return word;
}

/* Are all bytes the same? A call of memcmp takes longer than the comparison. */
static inline bool cells_identical(const struct cell *a, const struct cell *b)
{
    return cell_word(a, 0) == cell_word(b, 0) && cell_word(a, 1) == cell_word(b, 1) &&
           cell_word(a, 2) == cell_word(b, 2);
}

/* For cells whose first two words are the same: do they look the same? */
bool cells_look_alike(const struct looks *l, const struct cell *a, const struct cell *b);

/* Do they look the same? A blank in another colour is the same blank. */
static inline bool cells_alike(const struct looks *l, const struct cell *a, const struct cell *b)
{
    /* bytes after the end of a cell's text are always NUL */
    return cell_word(a, 0) == cell_word(b, 0) && cell_word(a, 1) == cell_word(b, 1) &&
           (cell_word(a, 2) == cell_word(b, 2) || cells_look_alike(l, a, b));
}

/* The columns of a row between which cells look other. */
struct extent {
    int first, last; /* last < first: no cell looks other */
    bool same;       /* all cells are the same, byte by byte */
};
struct extent changes_in(const struct looks *l, const struct cell *now, const struct cell *was,
                         int cols);
#endif
