/* The themes: every name, every depth of colours. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "config/settings.h"
#include "ui/term_caps.h"
#include "ui/theme.h"

TestSuite(theme, .timeout = 120);

Test(theme, every_name_is_found_and_an_unknown_one_is_refused_with_the_choices)
{
    struct err e = {0};
    size_t n = 0;

    for (const char *name = theme_list(0); name != NULL; name = theme_list(++n)) {
        cr_expect_not_null(theme_find(name, &e), "%s", name);
    }
    cr_expect_eq(n, 5);
    cr_expect_eq(theme_find(NULL, &e), theme_find("default", &e));
    cr_expect_eq(theme_find("color-blind", &e), theme_find("colour-blind", &e));
    cr_expect_null(theme_find("neon", &e));
    cr_expect_eq(e.code, E_INVALID);
    cr_expect_not_null(strstr(e.msg, "high-contrast"));
}

Test(theme, the_settings_know_every_theme)
{
    char names[200] = "";

    for (size_t i = 0; theme_list(i) != NULL; i++) {
        size_t n = strlen(names);
        (void)snprintf(names + n, sizeof names - n, "%s%s", n == 0 ? "" : "|", theme_list(i));
    }
    cr_expect_str_eq(names, SETTING_THEMES);
}

Test(theme, no_look_asks_for_a_colour_that_the_terminal_lacks)
{
    static const int depths[] = {256, 16, 8, 0};

    for (size_t i = 0; theme_list(i) != NULL; i++) {
        const struct theme *t = theme_find(theme_list(i), NULL);
        for (size_t d = 0; d < sizeof depths / sizeof *depths; d++) {
            for (int s = 0; s < STYLE_COUNT; s++) {
                for (int o = 0; o < OVERLAY_COUNT; o++) {
                    struct look l = theme_look(t, (enum style)s, (enum overlay)o, depths[d]);
                    cr_assert(l.fg >= -1 && l.fg < depths[d] + (depths[d] == 0));
                    cr_assert(l.bg >= -1 && l.bg < depths[d] + (depths[d] == 0));
                    cr_assert(depths[d] != 0 || (l.fg == -1 && l.bg == -1));
                }
            }
        }
    }
}

Test(theme, the_row_with_the_cursor_stands_out_without_any_colour)
{
    for (size_t i = 0; theme_list(i) != NULL; i++) {
        struct look l = theme_look(theme_find(theme_list(i), NULL), ST_TEXT, OVER_CURSOR, 0);
        cr_expect_neq(l.flags & LOOK_REVERSE, 0, "%s", theme_list(i));
    }
}

Test(theme, text_never_has_the_colour_of_its_background)
{
    static const int depths[] = {256, 16, 8};

    for (size_t i = 0; theme_list(i) != NULL; i++) {
        const struct theme *t = theme_find(theme_list(i), NULL);
        for (int s = 0; s < STYLE_COUNT; s++) {
            for (int o = 0; o < OVERLAY_COUNT; o++) {
                for (size_t d = 0; d < sizeof depths / sizeof *depths; d++) {
                    struct look l = theme_look(t, (enum style)s, (enum overlay)o, depths[d]);
                    cr_expect(l.fg == -1 || l.fg != l.bg, "%s, %s, %d colours", theme_list(i),
                              style_name((enum style)s), depths[d]);
                }
            }
        }
    }
}

Test(theme, a_terminal_of_direct_colour_is_asked_for_its_eight)
{
    static const struct {
        int terminfo, palette;
    } cases[] = {
        {-1,      0  },
        {0,       0  },
        {2,       0  },
        {8,       8  },
        {16,      16 },
        {88,      16 },
        {256,     256},
        {257,     8  },
        {32768,   8  },
        {1 << 24, 8  }
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int palette = caps_palette(cases[i].terminfo);
        cr_expect_eq(palette, cases[i].palette, "%d colours", cases[i].terminfo);
        for (int s = 0; s < STYLE_COUNT; s++) {
            struct look l =
                theme_look(theme_find("default", NULL), (enum style)s, OVER_NONE, palette);
            cr_expect_lt(l.fg, palette == 0 ? 1 : palette);
            cr_expect_lt(l.bg, palette == 0 ? 1 : palette);
        }
    }
}
