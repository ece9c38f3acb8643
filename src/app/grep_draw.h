/* grep_draw.h - drawing a search in the logs of many jobs. UI thread only. */
#ifndef APP_GREP_DRAW_H
#define APP_GREP_DRAW_H

#include "app/surface.h"
#include "desk.h"

void grep_draw(struct surface *s, const void *self, const struct desk *desk, struct rect all);
#endif
