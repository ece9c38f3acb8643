/* A duration as a person types it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jobs/age.h"

/* The seconds of a unit, by its letter or its word in English; 0: it is not a unit. */
static int64_t unit_of(const char *word, size_t len)
{
    static const struct {
        const char *names;
        int64_t seconds;
    } units[] = {
        {" d day days ",                86400},
        {" h hr hrs hour hours ",       3600 },
        {" m min mins minute minutes ", 60   },
        {" s sec secs second seconds ", 1    },
    };
    char want[16];

    if (len == 0 || len > 8) {
        return 0;
    }
    (void)snprintf(want, sizeof want, " %.*s ", (int)len, word);
    for (char *p = want; *p != '\0'; p++) {
        *p = *p >= 'A' && *p <= 'Z' ? (char)(*p - 'A' + 'a') : *p;
    }
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strstr(units[i].names, want) != NULL) {
            return units[i].seconds;
        }
    }
    return 0;
}

/* "1:30" (hours and minutes) and "1:30:15". */
static bool clock_parse(const char *s, int64_t *out)
{
    int64_t total = 0;
    int parts = 0;

    for (; parts < 3; parts++) {
        size_t n = strspn(s, "0123456789");
        if (n == 0 || n > 4 || (parts > 0 && n != 2)) {
            return false;
        }
        int64_t value = strtoll(s, NULL, 10);
        if (parts > 0 && value > 59) {
            return false;
        }
        total = total * 60 + value;
        s += n;
        if (*s != ':') {
            break;
        }
        s++;
    }
    if (*s != '\0' || (parts != 1 && parts != 2)) {
        return false;
    }
    *out = parts == 1 ? total * 60 : total;
    return true;
}

bool duration_read(const char *s, int64_t *out)
{
    int64_t total = 0, larger = INT64_MAX;

    s += strspn(s, " ");
    if (strchr(s, ':') != NULL) {
        return clock_parse(s, out);
    }
    if (s[strspn(s, "0123456789")] == '\0') {
        return duration_parse(s, out);
    }
    while (*s != '\0') {
        size_t n = strspn(s, "0123456789");
        if (n == 0 || n > 9) {
            return false;
        }
        int64_t value = strtoll(s, NULL, 10);
        s += n;
        s += strspn(s, " ");
        n = strcspn(s, " 0123456789");
        int64_t unit = unit_of(s, n);
        if (unit == 0 || unit >= larger) {
            return false;
        }
        larger = unit;
        total += value * unit;
        s += n;
        s += strspn(s, " ");
    }
    if (total == 0 && larger == INT64_MAX) {
        return false;
    }
    if (total <= INT64_C(3650) * 86400) {
        *out = total;
        return true;
    }
    return false;
}
