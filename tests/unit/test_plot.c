/* Bars over time: every line as it is drawn. */
#include <stdlib.h>

#include "core/plot.h"
#include "core/text.h"
#include "jobs_help.h"

#define HOUR INT64_C(3600000)
/* 2025-08-20T00:00:00Z */
#define MIDNIGHT INT64_C(1755648000000)

Test(plot, bars_stand_on_an_axis_with_numbers)
{
    static const uint32_t values[] = {0, 1, 8, 16, 2, 0, 12, 16};
    struct plot p = {.values = values,
                     .len = 8,
                     .from_ms = MIDNIGHT,
                     .bucket_ms = 3 * HOUR,
                     .width = 24,
                     .height = 2,
                     .ascii = true};
    struct strbuf b = STRBUF_INIT;

    plot_draw(&b, &p);
    cr_expect_str_eq(strbuf_str(&b),
                     "    16 |      ##    ::##\n"
                     "       |  ..####..  ####\n"
                     "     0 +----------------\n"
                     "        00:00   12:00\n",
                     "%s", strbuf_str(&b));
    strbuf_clear(&b);
    p.ascii = false;
    plot_draw(&b, &p);
    cr_expect_str_eq(strbuf_str(&b),
                     "    16 │      ██    ▄▄██\n"
                     "       │  ▁▁████▂▂  ████\n"
                     "     0 └────────────────\n"
                     "        00:00   12:00\n",
                     "%s", strbuf_str(&b));
    strbuf_clear(&b);
}

Test(plot, no_line_is_wider_than_asked_for)
{
    static uint32_t values[300];
    struct strbuf b = STRBUF_INIT;

    for (size_t i = 0; i < 300; i++) {
        values[i] = UINT32_MAX - (uint32_t)i;
    }
    for (int width = 20; width < 320; width++) {
        for (int len = 0; len <= 300; len += 7) {
            struct plot p = {.values = values,
                             .len = (size_t)len < plot_room(width) ? (size_t)len : plot_room(width),
                             .from_ms = MIDNIGHT + HOUR * len,
                             .bucket_ms = HOUR * (len % 5 == 0 ? 24 : 1),
                             .width = width,
                             .height = 1 + len % 4,
                             .ascii = true};
            strbuf_reset(&b);
            plot_draw(&b, &p);
            for (const char *s = strbuf_str(&b); *s != '\0'; s += strcspn(s, "\n") + 1) {
                cr_assert_leq(strcspn(s, "\n"), (size_t)width + 4, "%.*s", (int)strcspn(s, "\n"),
                              s);
            }
        }
    }
    strbuf_clear(&b);
}
