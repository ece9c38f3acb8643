/* hours.h - a span of the day, such as "22:00-07:00". Pure. */
#ifndef CORE_HOURS_H
#define CORE_HOURS_H

#include <stdbool.h>
#include <stdint.h>

struct hours {
    int from, to; /* minutes since midnight; the span holds `from` and ends before `to` */
};

/* Reads "22:00-07:00" (blanks around the dash are allowed); false when the text is no span, or an
 * empty one. */
bool hours_parse(const char *text, struct hours *out);
/* Is this wall-clock time inside the span, by the local time zone? */
bool hours_cover(const struct hours *h, int64_t now_ms);
#endif
