/* events_draw.h - the drawing of the rule's event log (events_draw.c), for events.c. */
#ifndef APP_EVENTS_DRAW_H
#define APP_EVENTS_DRAW_H

#include "app/surface.h"
#include "desk.h"
#include "layout.h"

void events_draw(struct surface *s, const void *self, const struct desk *desk, struct rect all);
#endif
