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
#include "ui/pen.h"

/* overdraw_cell for a cell that is not of ASCII. */
bool overdraw_other(const struct cell *c);
/* Does this file draw the cell? An ASCII character or the right half of a wide one it does not. */
static inline bool overdraw_cell(const struct cell *c)
{
    return ((c->text[0] & 0x80) != 0 || c->text[1] != '\0') && overdraw_other(c);
}
bool overdraw_any(const struct surface *s);

/* How the looks of the cells are made: the painter's table. */
typedef const struct look *overdraw_look(const void *with, const struct cell *c);

/* A row in which cells changed. */
struct overdraw_row {
    const struct surface *s;
    int y;
    const struct cell *was; /* what the terminal shows in that row; NULL: nothing that counts */
    int first, last;        /* the columns between which something changed */
    overdraw_look *look;
    const void *with;
};
/* Draws such cells of a row where they, or what they may have overwritten, are other than what the
 * terminal shows. The pen is in that row or lost afterwards. */
void overdraw_row(struct pen *p, const struct overdraw_row *o);
#endif
