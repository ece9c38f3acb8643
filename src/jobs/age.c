/* Ages and durations as short texts, and how long a job runs against its estimate. */
#include "jobs/age.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/number.h"

enum {
    SECOND = 1000,
    MINUTE = 60 * SECOND,
    HOUR = 60 * MINUTE,
    DAY = 24 * HOUR,
    BOTH_MAX = 10, /* characters of each of two durations */
};

/* The unit in which an age is told. Weeks begin only at two weeks, because "13d" is still easy to
 * read. */
static int64_t unit_of(int64_t age, char *letter)
{
    static const struct {
        int64_t from_ms, unit_ms;
        char letter;
    } units[] = {
        {INT64_C(365) * DAY, INT64_C(365) * DAY, 'y'},
        {INT64_C(14) * DAY,  INT64_C(7) * DAY,   'w'},
        {DAY,                DAY,                'd'},
        {HOUR,               HOUR,               'h'},
        {MINUTE,             MINUTE,             'm'},
    };

    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (age >= units[i].from_ms) {
            *letter = units[i].letter;
            return units[i].unit_ms;
        }
    }
    *letter = '\0';
    return MINUTE;
}

/* now - then, without an overflow when a record has an absurd time. */
static int64_t elapsed(int64_t then_ms, int64_t now_ms)
{
    int64_t d;
    return __builtin_sub_overflow(now_ms, then_ms, &d) ? (then_ms < now_ms ? INT64_MAX : 0) : d;
}

/* Writes "12m": the list has two such texts in every row. */
static void put_number(char buf[AGE_SIZE], int64_t n, char letter)
{
    size_t len = number_text(buf, (uint64_t)n);

    buf[len] = letter;
    buf[len + 1] = '\0';
}
_Static_assert(NUMBER_SIZE + 1 <= AGE_SIZE, "a number and its letter fit");

const char *age_text(int64_t then_ms, int64_t now_ms, char buf[AGE_SIZE])
{
    char letter;

    buf[0] = '\0';
    if (then_ms == TIME_NONE) {
        return buf;
    }
    int64_t age = elapsed(then_ms, now_ms);
    int64_t unit = unit_of(age, &letter);
    if (letter == '\0') {
        (void)snprintf(buf, AGE_SIZE, "<1m");
    } else {
        put_number(buf, age / unit, letter);
    }
    return buf;
}

const char *duration_text(int64_t ms, char buf[AGE_SIZE])
{
    if (ms < 0) {
        buf[0] = '\0';
    } else if (ms < SECOND) {
        (void)snprintf(buf, AGE_SIZE, "<1s");
    } else if (ms < MINUTE) {
        put_number(buf, ms / SECOND, 's');
    } else if (ms < HOUR) {
        put_number(buf, ms / MINUTE, 'm');
    } else if (ms < DAY) {
        int64_t m = ms % HOUR / MINUTE;
        put_number(buf, ms / HOUR, 'h');
        if (m != 0) { /* "2h05" */
            size_t len = strlen(buf);
            buf[len] = (char)('0' + m / 10);
            buf[len + 1] = (char)('0' + m % 10);
            buf[len + 2] = '\0';
        }
    } else {
        put_number(buf, ms / DAY, 'd');
    }
    return buf;
}

/* Adds "h 05": the unit of the number that stands there, and the next number. */
static void put_part(char *buf, size_t *len, const char unit[2], int64_t n)
{
    buf[(*len)++] = unit[0];
    buf[(*len)++] = unit[1];
    buf[(*len)++] = (char)('0' + n / 10);
    buf[(*len)++] = (char)('0' + n % 10);
}

const char *duration_long(int64_t ms, char buf[AGE_SIZE])
{
    int64_t s = ms / SECOND;

    if (ms < MINUTE) {
        return duration_text(ms, buf);
    }
    if (ms < DAY) {
        size_t len = 0;
        if (ms >= HOUR) {
            len = number_text(buf, (uint64_t)(s / 3600));
            put_part(buf, &len, "h ", s / 60 % 60);
        } else {
            len = number_text(buf, (uint64_t)(s / 60));
        }
        put_part(buf, &len, "m ", s % 60);
        memcpy(buf + len, "s", 2);
    } else {
        (void)snprintf(buf, AGE_SIZE, "%" PRId64 "d %" PRId64 "h", ms / DAY, ms % DAY / HOUR);
    }
    return buf;
}

int64_t job_duration_ms(const struct job *j, const struct job_state *s, int64_t now_ms)
{
    int64_t start = s->started_ms != TIME_NONE ? s->started_ms : job_ms(j, JOB_STARTED);
    int64_t end = s->ended_ms;

    if (start == TIME_NONE) {
        return -1;
    }
    if (end == TIME_NONE) {
        if (job_status_final((enum job_status)s->status)) {
            return -1; /* the job is over, but nobody wrote when it ended */
        }
        end = now_ms;
    }
    int64_t d = elapsed(start, end);
    return d < 0 ? 0 : d;
}

int64_t job_estimate_ms(const struct job *j, const struct job_state *s)
{
    if (j->estimated_duration_s > 0) {
        return (int64_t)j->estimated_duration_s * SECOND;
    }
    int64_t start = s->started_ms != TIME_NONE ? s->started_ms : job_time(j, s, NULL);
    if (job_ms(j, JOB_ESTIMATED) == TIME_NONE || start == TIME_NONE ||
        job_ms(j, JOB_ESTIMATED) <= start) {
        return -1;
    }
    return elapsed(start, job_ms(j, JOB_ESTIMATED));
}

/* "2h05/4h", each of them cut at 10 characters */
static void put_both(char buf[AGE_SIZE], const char *took, const char *estimate)
{
    size_t len = strnlen(took, BOTH_MAX);
    size_t more = strnlen(estimate, BOTH_MAX);

    memcpy(buf, took, len);
    buf[len++] = '/';
    memcpy(buf + len, estimate, more);
    buf[len + more] = '\0';
}
_Static_assert(2 * BOTH_MAX + 2 <= AGE_SIZE, "two durations fit");

const char *job_duration_text(const struct job *j, const struct job_state *s, int64_t now_ms,
                              char buf[AGE_SIZE], bool *over)
{
    int64_t took = job_duration_ms(j, s, now_ms);
    int64_t estimate = job_estimate_ms(j, s);
    char a[AGE_SIZE];
    char b[AGE_SIZE];

    if (over != NULL) {
        *over = took >= 0 && estimate > 0 && took > estimate;
    }
    buf[0] = '\0';
    if (took < 0 && estimate < 0) {
        return buf;
    }
    if (took < 0) {
        memcpy(a, "-", 2);
    } else if (took < MINUTE && s->ended_ms == TIME_NONE) {
        /* the text of a running job changes only once a minute */
        memcpy(a, "<1m", 4);
    } else {
        (void)duration_text(took, a);
    }
    if (estimate < 0) {
        memcpy(buf, a, sizeof a);
    } else {
        put_both(buf, a, duration_text(estimate, b));
    }
    return buf;
}

bool duration_parse(const char *s, int64_t *out)
{
    static const int64_t ten_years_s = INT64_C(3650) * 86400;
    int64_t n = 0;
    int64_t unit = 1;

    if (*s < '0' || *s > '9') {
        return false;
    }
    for (; *s >= '0' && *s <= '9'; s++) {
        n = n * 10 + (*s - '0');
        if (n > ten_years_s) {
            return false;
        }
    }
    switch (*s) {
    case '\0':
    case 's':
        break;
    case 'm':
        unit = 60;
        break;
    case 'h':
        unit = 3600;
        break;
    case 'd':
        unit = 86400;
        break;
    default:
        return false;
    }
    if ((*s != '\0' && s[1] != '\0') || n > ten_years_s / unit) {
        return false;
    }
    *out = n * unit;
    return true;
}

bool since_parse(const char *s, int64_t now_ms, int64_t *out)
{
    int64_t seconds = 0;
    bool has_unit = s[0] != '\0' && strchr("smhdw", s[strlen(s) - 1]) != NULL;

    if (has_unit && duration_parse(s, &seconds)) {
        *out = now_ms - seconds * 1000;
        return true;
    }
    return time_parse_iso(s, out);
}
