/* clock.h - time that tests can set, and ISO 8601.
 *
 * Code that needs the time takes a `const struct clock *`; clock_system is the real one. Times are
 * int64_t epoch milliseconds UTC; TIME_NONE means absent. Any thread. */
#ifndef CORE_CLOCK_H
#define CORE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TIME_NONE INT64_MIN

struct clock {
    int64_t (*wall_ms)(void *arg); /* epoch milliseconds */
    int64_t (*mono_ms)(void *arg); /* never goes back; origin unspecified */
    void *arg;
};

extern const struct clock clock_system;

int64_t clock_wall_ms(const struct clock *c); /* NULL means clock_system */
int64_t clock_mono_ms(const struct clock *c);
/* The time of clock_system in microseconds, for durations that are shorter than a millisecond. */
int64_t clock_mono_us(void);

/* Reads ISO 8601: date, or date and time with 'T' or ' ', optional seconds, optional fraction (any
 * number of digits, cut to ms), zone Z, +hh:mm, +hhmm, +hh or none (UTC); also in the basic form
 * ("20261129T023824Z", "20261129"). False leaves *ms alone. */
bool time_parse_iso(const char *s, int64_t *ms);

#define TIME_ISO_SIZE 32
/* "2025-08-20T10:30:00.000Z"; "" for TIME_NONE. Returns buf. */
const char *time_iso(int64_t ms, char buf[TIME_ISO_SIZE]);
/* The time as SigV4 wants it: "20250820T103000Z". Returns buf. */
const char *time_iso_basic(int64_t ms, char buf[TIME_ISO_SIZE]);
/* Reads the form of a Date header, RFC 7231 "Sun, 06 Nov 1994 08:49:37 GMT". False leaves *ms
 * alone. */
bool time_parse_http(const char *s, int64_t *ms);
#endif
