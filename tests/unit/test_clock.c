#include <criterion/criterion.h>

#include "core/clock.h"

static const struct iso_case {
    const char *text;
    const char *want; /* NULL: must be refused */
} iso_cases[] = {
    {"2025-08-20T10:30:00.000Z",       "2025-08-20T10:30:00.000Z"},
    {"2025-08-20T10:30:00Z",           "2025-08-20T10:30:00.000Z"},
    {"2025-08-20T10:30:00",            "2025-08-20T10:30:00.000Z"},
    {"2025-08-20 10:30:00.5",          "2025-08-20T10:30:00.500Z"},
    {"2025-08-20T10:30Z",              "2025-08-20T10:30:00.000Z"},
    {"2025-08-20",                     "2025-08-20T00:00:00.000Z"},
    {"2025-08-20T10:30:00.123456789Z", "2025-08-20T10:30:00.123Z"},
    {"2025-08-20T10:30:00+02:00",      "2025-08-20T08:30:00.000Z"},
    {"2025-08-20T10:30:00-0530",       "2025-08-20T16:00:00.000Z"},
    {"2025-08-20T10:30:00+02",         "2025-08-20T08:30:00.000Z"},
    {"2024-02-29T00:00:00Z",           "2024-02-29T00:00:00.000Z"},
    {"1969-12-31T23:59:59.999Z",       "1969-12-31T23:59:59.999Z"},
    {"0109-08-20T10:30:00Z",           "0109-08-20T10:30:00.000Z"},
    {"2025-02-29T00:00:00Z",           NULL                      },
    {"2025-13-01T00:00:00Z",           NULL                      },
    {"2025-08-20T24:30:00Z",           NULL                      },
    {"2025-08-20T10:30:00ZZ",          NULL                      },
    {"2025-08-20T10:30:00+25:00",      NULL                      },
    {"2025-08-20T10:30:00.Z",          NULL                      },
    {"20 Aug 2025",                    NULL                      },
    {"",                               NULL                      },
    {"2025-08-20T",                    NULL                      },
};

Test(clock, iso_8601_is_read_with_or_without_fraction_and_zone)
{
    for (size_t i = 0; i < sizeof iso_cases / sizeof *iso_cases; i++) {
        int64_t ms = 42;
        char buf[TIME_ISO_SIZE];
        bool ok = time_parse_iso(iso_cases[i].text, &ms);
        cr_expect_eq(ok, iso_cases[i].want != NULL, "%s", iso_cases[i].text);
        if (ok && iso_cases[i].want != NULL) {
            cr_expect_str_eq(time_iso(ms, buf), iso_cases[i].want, "%s", iso_cases[i].text);
        } else {
            cr_expect_eq(ms, 42, "%s", iso_cases[i].text);
        }
    }
}

Test(clock, no_time_prints_as_nothing)
{
    char buf[TIME_ISO_SIZE];

    cr_expect_str_eq(time_iso(TIME_NONE, buf), "");
    cr_expect_str_eq(time_iso(INT64_MAX, buf), "");
    cr_expect_str_eq(time_iso_basic(1767323045000, buf), "20260102T030405Z");
}

Test(clock, http_dates_are_read)
{
    int64_t ms = 0;

    cr_expect(time_parse_http("Sun, 06 Nov 1994 08:49:37 GMT", &ms));
    cr_expect_eq(ms, 784111777000);
    cr_expect_not(time_parse_http("Sunday", &ms));
    cr_expect_not(time_parse_http("Sun, 06 Xxx 1994 08:49:37 GMT", &ms));
    cr_expect_not(time_parse_http("Sun, 06 Nov", &ms));
    cr_expect_not(time_parse_http(NULL, &ms));
}

Test(clock, random_text_is_never_taken_for_a_time_outside_its_range)
{
    unsigned seed = 3;
    for (int round = 0; round < 5000; round++) {
        char in[24];
        for (size_t i = 0; i < sizeof in - 1; i++) {
            seed = seed * 1103515245U + 12345U;
            in[i] = "0123456789-:TZ.+ "[(seed >> 16) % 17];
        }
        in[sizeof in - 1] = '\0';
        int64_t ms;
        if (time_parse_iso(in, &ms)) {
            char buf[TIME_ISO_SIZE];
            cr_expect(time_iso(ms, buf)[0] != '\0' || ms < 0, "%s", in);
        }
    }
}
