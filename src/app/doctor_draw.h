/* doctor_draw.h - the drawing of the doctor's screen (doctor_draw.c), for doctor.c. */
#ifndef APP_DOCTOR_DRAW_H
#define APP_DOCTOR_DRAW_H

#include "app/surface.h"
#include "desk.h"
#include "layout.h"

void doctor_draw(struct surface *s, const void *self, const struct desk *desk, struct rect all);
#endif
