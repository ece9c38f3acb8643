/* shift.h - rows that moved: a list or a log that was scrolled. Pure. */
#ifndef UI_SHIFT_H
#define UI_SHIFT_H

#include <stdbool.h>

#include "app/surface.h"

/* The rows [top, bottom] of the screen, scrolled by `n` (up when n > 0), hold most of what is
 * wanted. n 0: scrolling does not help. */
struct shift {
    int top, bottom, n;
};

/* A screen that scrolls changes in most of its rows: is it worth a look? */
static inline bool shift_likely(int changed, int rows)
{
    return changed * 2 > rows;
}
/* Both surfaces have the same size. */
struct shift shift_find(const struct surface *was, const struct surface *now);
/* Moves the rows of `s` as the terminal does; the rows that become free hold `blank`. */
void shift_apply(struct surface *s, const struct shift *f, const struct cell *blank);
#endif
