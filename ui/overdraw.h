/* overdraw.h - characters whose width terminals dispute: emoji, marks, Indic and Arabic letters.
 *
 * The painter (flush.c) expects every character to take the cells that it takes in the locale;
 * after a character that does not, everything that is written in that row is in the wrong place. So
 * the painter leaves out such a cell, and the character is drawn here when its row is done: its
 * cells are blanked, it is drawn in its place, and the cells that it may have overwritten are drawn
 * again in their own places. UI thread only; pure, except for terminfo. */
#ifndef UI_OVERDRAW_H
#define UI_OVERDRAW_H

#include <stdbool.h>

#include "app/surface.h"
#include "core/strbuf.h"
#include "ui/theme.h"

struct overdraw {
    const struct theme *theme; /* static */
    int colors;                /* as term_colors has them */
    uint8_t plain;             /* the attributes that the terminal has only without colours */
};

bool overdraw_cell(const struct cell *c); /* does this file draw the cell? */
bool overdraw_any(const struct surface *s);
/* Appends the bytes that draw all such cells of a row. They leave the cursor anywhere in that row
 * and the attributes off. Appends nothing when the row has no such cell. */
void overdraw_row(struct strbuf *out, const struct overdraw *o, const struct surface *s, int row);
#endif
