/* plot.h - bars over time, as text: of `stats` and of the screen of statistics. Pure. */
#ifndef CORE_PLOT_H
#define CORE_PLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/strbuf.h"

struct plot {
    const uint32_t *values; /* one a bucket */
    size_t len;
    int64_t from_ms, bucket_ms; /* the begin of the first bucket, and the length of each */
    int width;                  /* cells, with the numbers of the axis */
    int height;                 /* rows of bars */
    bool ascii;                 /* no characters outside ASCII */
};

enum { PLOT_MARGIN = 8 }; /* cells of each line before its bars: the number and the axis */

/* How many buckets a plot of this width has room for. */
size_t plot_room(int width);

/* Appends `height` rows of bars, the axis and the line of its times, each with a newline and
 * without blanks at its end. The number of the highest value stands beside the top row. A value
 * that is not 0 is always seen. Every line fits into `width`, unless that is below 20. */
void plot_draw(struct strbuf *out, const struct plot *p);
#endif
