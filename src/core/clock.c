/* The clock of the system behind an interface that tests can replace, and times in ISO 8601 and
 * HTTP form. */
#include "core/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t read_clock(clockid_t id)
{
    struct timespec ts = {0};

    (void)clock_gettime(id, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int64_t system_wall(void *arg)
{
    (void)arg;
    return read_clock(CLOCK_REALTIME);
}

static int64_t system_mono(void *arg)
{
    (void)arg;
    return read_clock(CLOCK_MONOTONIC);
}

const struct clock clock_system = {system_wall, system_mono, NULL};

int64_t clock_wall_ms(const struct clock *c)
{
    return c == NULL ? system_wall(NULL) : c->wall_ms(c->arg);
}

int64_t clock_mono_ms(const struct clock *c)
{
    return c == NULL ? system_mono(NULL) : c->mono_ms(c->arg);
}

int64_t clock_mono_us(void)
{
    struct timespec ts = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* Days since 1970-01-01 in the proleptic Gregorian calendar. */
static int64_t days_from_civil(int64_t y, int m, int d)
{
    y -= m <= 2;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t yoe = y - era * 400;
    int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

static bool digits(const char **s, int count, int *out)
{
    int v = 0;

    for (int i = 0; i < count; i++) {
        char c = (*s)[i];
        if (c < '0' || c > '9') {
            return false;
        }
        v = v * 10 + (c - '0');
    }
    *s += count;
    *out = v;
    return true;
}

static int month_days(int y, int m)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;

    return m == 2 && leap ? 29 : days[m - 1];
}

/* Reads the zone at `s` as minutes east of UTC; the zone must be the whole rest of the string. */
static bool zone(const char *s, int *minutes)
{
    int hh;
    int mm = 0;

    *minutes = 0;
    if (*s == '\0' || strcmp(s, "Z") == 0 || strcmp(s, "z") == 0) {
        return true;
    }
    if (*s != '+' && *s != '-') {
        return false;
    }
    int sign = *s++ == '-' ? -1 : 1;
    if (!digits(&s, 2, &hh)) {
        return false;
    }
    if (*s == ':') {
        s++;
        if (!digits(&s, 2, &mm)) {
            return false;
        }
    } else if (*s != '\0' && !digits(&s, 2, &mm)) {
        return false;
    }
    *minutes = sign * (hh * 60 + mm);
    return *s == '\0' && hh <= 23 && mm <= 59;
}

/* Two digits at s as a number, or a value over 99. Reads no further than the first non-digit. */
static unsigned pair(const char *s)
{
    unsigned high = (unsigned)(unsigned char)s[0] - '0';
    unsigned low = high > 9 ? 100 : (unsigned)(unsigned char)s[1] - '0';
    return low > 9 ? 100 : high * 10 + low;
}

/* Reads the form that nearly every record has, "2025-08-20T10:30:00.000Z", by itself because
 * 100,000 records hold half a million such times. False: the text has another form, or is no
 * time. */
static bool parse_usual(const char *s, int64_t *ms)
{
    static const unsigned char at[] = {0, 2, 5, 8, 11, 14, 17, 20};
    static const char marks[] = "0000-00-00T00:00:00.000Z";
    unsigned v[sizeof at];

    for (size_t i = 0; i < sizeof at; i++) {
        v[i] = pair(s + at[i]);
        char mark = marks[at[i] + 2];
        if (v[i] > 99 || (mark != '0' && s[at[i] + 2] != mark)) {
            return false;
        }
    }
    unsigned last = (unsigned)(unsigned char)s[22] - '0';
    int y = (int)(v[0] * 100 + v[1]);
    if (last > 9 || s[23] != 'Z' || s[24] != '\0' || v[2] < 1 || v[2] > 12 || v[3] < 1 ||
        v[3] > (unsigned)month_days(y, (int)v[2]) || v[4] > 23 || v[5] > 59 || v[6] > 60) {
        return false;
    }
    int64_t seconds =
        days_from_civil(y, (int)v[2], (int)v[3]) * 86400 + v[4] * 3600 + v[5] * 60 + v[6];
    *ms = seconds * 1000 + v[7] * 10 + last;
    return true;
}

struct parts {
    int y, mo, d, h, mi, sec;
    int milli;
};

/* Reads "2026-11-29" or, in the basic form, "20261129". */
static bool parse_date(const char **s, struct parts *p, bool *basic)
{
    if (!digits(s, 4, &p->y)) {
        return false;
    }
    *basic = **s != '-';
    *s += !*basic;
    if (!digits(s, 2, &p->mo) || (!*basic && *(*s)++ != '-') || !digits(s, 2, &p->d)) {
        return false;
    }
    return p->mo >= 1 && p->mo <= 12 && p->d >= 1 && p->d <= month_days(p->y, p->mo);
}

/* Reads any number of digits and cuts them to milliseconds. */
static bool parse_fraction(const char **s, int *milli)
{
    int scale = 100;

    (*s)++;
    if (**s < '0' || **s > '9') {
        return false;
    }
    for (; **s >= '0' && **s <= '9'; (*s)++) {
        *milli += (**s - '0') * scale;
        scale /= 10;
    }
    return true;
}

/* Reads "02:38", "02:38:24.5" or, in the basic form, "0238", "023824.5". */
static bool parse_time(const char **s, struct parts *p, bool basic)
{
    if (!digits(s, 2, &p->h) || (!basic && *(*s)++ != ':') || !digits(s, 2, &p->mi)) {
        return false;
    }
    bool seconds = basic ? **s >= '0' && **s <= '9' : **s == ':';
    if (seconds) {
        *s += !basic;
        if (!digits(s, 2, &p->sec)) {
            return false;
        }
    }
    if ((**s == '.' || **s == ',') && !parse_fraction(s, &p->milli)) {
        return false;
    }
    return p->h <= 23 && p->mi <= 59 && p->sec <= 60;
}

bool time_parse_iso(const char *s, int64_t *ms)
{
    struct parts p = {0};
    bool basic = false;
    int off = 0;

    if (s != NULL && parse_usual(s, ms)) {
        return true;
    }
    if (s == NULL || !parse_date(&s, &p, &basic)) {
        return false;
    }
    if (*s == 'T' || *s == 't' || *s == ' ') {
        s++;
        if (!parse_time(&s, &p, basic) || !zone(s, &off)) {
            return false;
        }
    } else if (*s != '\0') {
        return false;
    }
    int64_t t = days_from_civil(p.y, p.mo, p.d) * 86400 + p.h * 3600 + p.mi * 60 + p.sec -
                (int64_t)off * 60;
    *ms = t * 1000 + p.milli;
    return true;
}

static bool split(int64_t ms, struct tm *tm, int *milli)
{
    int64_t s = ms / 1000;
    int64_t rest = ms % 1000;

    if (rest < 0) {
        rest += 1000;
        s--;
    }
    time_t t = (time_t)s;
    *milli = (int)rest;
    return gmtime_r(&t, tm) != NULL && tm->tm_year + 1900 >= 0 && tm->tm_year + 1900 <= 9999;
}

/* Writes the number with `width` digits, and the character `after` behind it. */
static char *put_number(char *to, int n, int width, char after)
{
    for (int i = width - 1; i >= 0; i--) {
        to[i] = (char)('0' + n % 10);
        n /= 10;
    }
    to[width] = after;
    return to + width + 1;
}

/* Written without strftime and snprintf, which took a tenth of the time that printing a list
 * takes. */
const char *time_iso(int64_t ms, char buf[TIME_ISO_SIZE])
{
    struct tm tm;
    int milli;

    buf[0] = '\0';
    if (ms != TIME_NONE && split(ms, &tm, &milli)) {
        char *to = put_number(buf, tm.tm_year + 1900, 4, '-');
        to = put_number(to, tm.tm_mon + 1, 2, '-');
        to = put_number(to, tm.tm_mday, 2, 'T');
        to = put_number(to, tm.tm_hour, 2, ':');
        to = put_number(to, tm.tm_min, 2, ':');
        to = put_number(to, tm.tm_sec, 2, '.');
        to = put_number(to, milli, 3, 'Z');
        *to = '\0';
    }
    return buf;
}

const char *time_iso_basic(int64_t ms, char buf[TIME_ISO_SIZE])
{
    struct tm tm;
    int milli;

    buf[0] = '\0';
    if (ms != TIME_NONE && split(ms, &tm, &milli)) {
        (void)strftime(buf, TIME_ISO_SIZE, "%Y%m%dT%H%M%SZ", &tm);
    }
    return buf;
}

bool time_parse_http(const char *s, int64_t *ms)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    int d;
    int y;
    int h;
    int mi;
    int sec;

    const char *comma = s == NULL ? NULL : strchr(s, ',');
    if (comma == NULL || comma[1] != ' ') {
        return false;
    }
    s = comma + 2;
    if (!digits(&s, 2, &d) || *s++ != ' ' || strlen(s) < 21) {
        return false;
    }
    const char *m = NULL;
    for (int i = 0; i < 12; i++) {
        if (strncmp(months + (size_t)i * 3, s, 3) == 0) {
            m = months + (size_t)i * 3;
        }
    }
    if (m == NULL) {
        return false;
    }
    s += 3;
    if (*s++ != ' ' || !digits(&s, 4, &y) || *s++ != ' ' || !digits(&s, 2, &h) || *s++ != ':' ||
        !digits(&s, 2, &mi) || *s++ != ':' || !digits(&s, 2, &sec)) {
        return false;
    }
    int mo = (int)(m - months) / 3 + 1;
    if (d < 1 || d > month_days(y, mo) || h > 23 || mi > 59 || sec > 60) {
        return false;
    }
    *ms = (days_from_civil(y, mo, d) * 86400 + h * 3600 + mi * 60 + sec) * 1000;
    return true;
}
