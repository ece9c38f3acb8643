/* Spans of the day, such as "22:00-07:00". */
#include "core/hours.h"

#include <ctype.h>
#include <stddef.h>
#include <time.h>

/* Reads "7:05" or "07:05" at `*at` as minutes since midnight; -1 when no time is there. */
static int minute_of_day(const char **at)
{
    const char *p = *at;
    int hour = 0, digits = 0;

    for (; isdigit((unsigned char)*p) && digits < 2; p++, digits++) {
        hour = hour * 10 + (*p - '0');
    }
    if (digits == 0 || hour > 23 || p[0] != ':' || !isdigit((unsigned char)p[1]) ||
        !isdigit((unsigned char)p[2])) {
        return -1;
    }
    int minute = (p[1] - '0') * 10 + (p[2] - '0');
    *at = p + 3;
    return minute > 59 ? -1 : hour * 60 + minute;
}

static const char *skip_blanks(const char *p)
{
    while (*p == ' ' || *p == '\t') {
        p++;
    }
    return p;
}

bool hours_parse(const char *text, struct hours *out)
{
    const char *p = skip_blanks(text);
    int from = minute_of_day(&p);

    p = skip_blanks(p);
    if (from < 0 || *p != '-') {
        return false;
    }
    p = skip_blanks(p + 1);
    int to = minute_of_day(&p);
    if (to < 0 || *skip_blanks(p) != '\0' || to == from) {
        return false;
    }
    *out = (struct hours){from, to};
    return true;
}

bool hours_cover(const struct hours *h, int64_t now_ms)
{
    time_t t = (time_t)(now_ms / 1000);
    struct tm tm;

    if (localtime_r(&t, &tm) == NULL) {
        return false;
    }
    int now = tm.tm_hour * 60 + tm.tm_min;
    return h->from < h->to ? now >= h->from && now < h->to : now >= h->from || now < h->to;
}
