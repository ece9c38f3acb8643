/* ISO 8601 and HTTP times, read and written. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

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
    {"20260301T061502Z",               "2026-03-01T06:15:02.000Z"},
    {"20260301T061502",                "2026-03-01T06:15:02.000Z"},
    {"20260301t061502z",               "2026-03-01T06:15:02.000Z"},
    {"20260301 061502.25",             "2026-03-01T06:15:02.250Z"},
    {"20260301T061502,125+0100",       "2026-03-01T05:15:02.125Z"},
    {"20260301T061502.5-03:30",        "2026-03-01T09:45:02.500Z"},
    {"20260301T061502+14",             "2026-02-28T16:15:02.000Z"},
    {"20260301T0615Z",                 "2026-03-01T06:15:00.000Z"},
    {"20240229",                       "2024-02-29T00:00:00.000Z"},
    {"20260229T000000Z",               NULL                      },
    {"20261301T000000Z",               NULL                      },
    {"20260001",                       NULL                      },
    {"20260301T246000Z",               NULL                      },
    {"20260301T236000Z",               NULL                      },
    {"20260301T061561Z",               NULL                      },
    {"20260301T06150",                 NULL                      },
    {"20260301T061502.",               NULL                      },
    {"20260301T06:15:02Z",             NULL                      },
    {"2026-03-01T061502Z",             NULL                      },
    {"2026-0301",                      NULL                      },
    {"202603-01",                      NULL                      },
    {"20260301T",                      NULL                      },
    {"20260301T061502Z ",              NULL                      },
    {"20260301T061502+01000",          NULL                      },
    {"202603011",                      NULL                      },
    {"2026030",                        NULL                      },
    {"+20260301",                      NULL                      },
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

/* Every instant reads back in each of the forms that programs write. */
Test(clock, all_forms_of_a_time_tell_the_same)
{
    unsigned seed = 11;

    for (int round = 0; round < 2000; round++) {
        seed = seed * 1103515245U + 12345U;
        int64_t ms = (int64_t)(seed >> 1) * 1000 + seed % 1000;
        char iso[TIME_ISO_SIZE], basic[64], zoned[64];
        int64_t got[3] = {0, 0, 0};
        (void)time_iso(ms, iso);
        (void)snprintf(basic, sizeof basic, "%.4s%.2s%.2sT%.2s%.2s%.2s%sZ", iso, iso + 5, iso + 8,
                       iso + 11, iso + 14, iso + 17, (char[8]){'.', iso[20], iso[21], iso[22]});
        (void)snprintf(zoned, sizeof zoned, "%.23s+05:45", iso);
        cr_expect(time_parse_iso(iso, &got[0]) && time_parse_iso(basic, &got[1]) &&
                      time_parse_iso(zoned, &got[2]),
                  "%s %s %s", iso, basic, zoned);
        cr_expect(got[0] == ms && got[1] == ms && got[2] == ms - (5 * 60 + 45) * 60000, "%s",
                  basic);
    }
}

Test(clock, random_text_is_never_taken_for_a_time_outside_its_range)
{
    unsigned seed = 3;
    for (int round = 0; round < 5000; round++) {
        char in[24];
        /* Half of them begin as a time does, so that more than the first digits are looked at. */
        static const char *const begin[] = {"", "2026-", "20261129T02", "2026-11-29T"};
        (void)snprintf(in, sizeof in, "%s", begin[round % 4]);
        size_t len = strlen(in) + (size_t)round % 12;
        for (size_t i = strlen(in); i < len; i++) {
            seed = seed * 1103515245U + 12345U;
            in[i] = "0123456789-:TZ.+ "[(seed >> 16) % 17];
        }
        in[len] = '\0';
        int64_t ms;
        if (time_parse_iso(in, &ms)) {
            char buf[TIME_ISO_SIZE];
            cr_expect(time_iso(ms, buf)[0] != '\0' || ms < 0, "%s", in);
        }
    }
}
