/* stats_draw.h - drawing the statistics. UI thread only. */
#ifndef APP_STATS_DRAW_H
#define APP_STATS_DRAW_H

#include "app/surface.h"
#include "desk.h"

void stats_draw(struct surface *s, const void *self, const struct desk *desk, struct rect all);
#endif
