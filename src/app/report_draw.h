/* report_draw.h - report_draw.c, for report.c. */
#ifndef APP_REPORT_DRAW_H
#define APP_REPORT_DRAW_H

#include "app/surface.h"
#include "desk.h"
#include "layout.h"
#include "report.h"

struct report_words {
    const char *title;
    enum setting_id of; /* whose rules or jobs they are */
    const char *none;   /* in the place of an empty report */
};
void report_draw(struct surface *s, const struct report *r, const struct desk *desk,
                 struct rect all, const struct report_words *words);
#endif
