/* overdraw.h - characters whose width terminals dispute: emoji, marks, Indic and Arabic letters.
 *
 * curses counts on every character to take the cells that it takes in the locale; after one that
 * does not, all it writes in that row is in the wrong place. So curses is given a stand-in of sure
 * width for such a cell, and the character itself is drawn here after each frame: its cells are
 * blanked, it is drawn at its place, and what it may have run over is drawn again at its own place.
 * UI thread only; pure but for terminfo. */
#ifndef UI_OVERDRAW_H
#define UI_OVERDRAW_H

#include <stdbool.h>

#include "app/surface.h"
#include "core/strbuf.h"
#include "ui/theme.h"

struct overdraw {
    const struct theme *theme; /* static */
    int colors;                /* as term_colors has them */
};

bool overdraw_cell(const struct cell *c); /* is it one to be drawn here? */
bool overdraw_any(const struct surface *s);
/* Appends the bytes that draw all such cells of a row. They leave the cursor anywhere in that row
 * and the attributes off. Nothing when there is none. */
void overdraw_row(struct strbuf *out, const struct overdraw *o, const struct surface *s, int row);
#endif
