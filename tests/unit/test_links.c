/* Hyperlinks (OSC 8): which terminals get them, which cells belong to one, and that the terminal
 * shows the links of the frame, whatever was there before. */
#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/strbuf.h"
#include "painter_world.h"
#include "ui/links.h"

TestSuite(links, .timeout = 240);

/* ---- which terminals ---- */

static const char *const variables[] = {"TERM",        "TERM_PROGRAM", "TERM_PROGRAM_VERSION",
                                        "VTE_VERSION", "TMUX",         "STY",
                                        "WT_SESSION",  "DOMTERM",      "KONSOLE_VERSION"};

static void set_variables(const char *line)
{
    char *copy = strdup(line), *save = NULL;

    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        unsetenv(variables[i]);
    }
    for (char *v = strtok_r(copy, " ", &save); v != NULL; v = strtok_r(NULL, " ", &save)) {
        char *value = strchr(v, '=');
        *value++ = '\0';
        setenv(v, value, 1);
    }
    free(copy);
}

Test(links, go_only_to_terminals_that_are_known_or_asked_for)
{
    static const struct {
        const char *set, *setting;
        bool want;
    } cases[] = {
        {"TERM=xterm-256color",                                                   "auto", false},
        {"TERM=xterm-256color",                                                   "yes",  true },
        {"TERM=xterm-256color VTE_VERSION=6800",                                  "auto", true },
        {"TERM=xterm-256color VTE_VERSION=6800",                                  NULL,   true },
        {"TERM=xterm-256color VTE_VERSION=4402",                                  "auto", false},
        {"TERM=xterm-256color VTE_VERSION=6800",                                  "no",   false},
        {"TERM=xterm-256color TERM_PROGRAM=WezTerm",                              "auto", true },
        {"TERM=xterm-256color TERM_PROGRAM=Apple_Terminal",                       "auto", false},
        {"TERM=xterm-256color WT_SESSION=5",                                      "auto", true },
        {"TERM=xterm-kitty",                                                      "auto", true },
        {"TERM=foot-extra",                                                       "auto", true },
        {"TERM=xterm-256color KONSOLE_VERSION=221203",                            "auto", true },
        {"TERM=xterm-256color KONSOLE_VERSION=180401",                            "auto", false},
        {"TERM=tmux-256color TMUX=a TERM_PROGRAM=tmux TERM_PROGRAM_VERSION=3.4",  "auto", true },
        {"TERM=tmux-256color TMUX=a TERM_PROGRAM=tmux TERM_PROGRAM_VERSION=3.5a", "auto", true },
        {"TERM=tmux-256color TMUX=a TERM_PROGRAM=tmux TERM_PROGRAM_VERSION=3.3a", "auto", false},
        {"TERM=xterm-256color TMUX=a VTE_VERSION=6800",                           "auto", false},
        {"TERM=tmux-256color",                                                    "auto", false},
        {"TERM=screen-256color VTE_VERSION=6800",                                 "auto", false},
        {"TERM=xterm-256color STY=1.x VTE_VERSION=6800",                          "auto", false},
        {"TERM=linux VTE_VERSION=6800",                                           "auto", false},
        {"TERM=linux",                                                            "yes",  false},
        {"TERM=vt100",                                                            "yes",  false},
        {"TERM=dumb",                                                             "yes",  false},
        {"",                                                                      "yes",  false},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        set_variables(cases[i].set);
        cr_expect_eq(links_taken(cases[i].setting), cases[i].want, "%s, %s", cases[i].set,
                     cases[i].setting == NULL ? "(none)" : cases[i].setting);
    }
}

/* ---- what the terminal shows ---- */

/* Feeds what was sent to the terminal, with blinking (which no theme has) in the place of links.
 * Returns the bytes; owned. */
static char *deliver(struct world *w)
{
    struct strbuf all = STRBUF_INIT, seen = STRBUF_INIT;
    bool link = false;

    cr_assert_eq(term_send(w->term), E_OK);
    while (w->got < term_bytes(w->term)) {
        char buf[4096];
        struct pollfd f = {.fd = w->master, .events = POLLIN};
        cr_assert_eq(poll(&f, 1, 60000), 1);
        ssize_t n = read(w->master, buf, sizeof buf);
        cr_assert_gt(n, 0);
        strbuf_add(&all, buf, (size_t)n);
        w->got += (uint64_t)n;
        cr_assert_eq(term_send(w->term), E_OK);
    }
    for (const char *p = strbuf_str(&all); *p != '\0';) {
        size_t n = 1;
        if (strncmp(p, "\033]8;", 4) == 0) {
            const char *end = strstr(p, "\033\\");
            cr_assert_not_null(end);
            link = strncmp(p, "\033]8;;\033", 6) != 0;
            strbuf_adds(&seen, link ? "\033[5m" : "\033[25m");
            p = end + 2;
            continue;
        }
        if (p[0] == '\033' && p[1] == '[') {
            n = 2 + strcspn(p + 2, "@ABCDEFGHJKLMPSTXdfhlmnrstu");
            n += p[n] != '\0';
        }
        strbuf_add(&seen, p, n);
        if (p[n - 1] == 'm' && n > 1 && link) {
            strbuf_adds(&seen, "\033[5m");
        }
        p += n;
    }
    cr_expect_not(link, "a link never stays begun at the end of a frame");
    (void)vterm_input_write(w->vt, strbuf_str(&seen), seen.len);
    strbuf_clear(&seen);
    return strbuf_take(&all);
}

static void check_links(const struct world *w, int frame)
{
    for (int i = 0; i < w->s.rows * w->s.cols; i++) {
        VTermPos at = {.row = i / w->s.cols, .col = i % w->s.cols};
        VTermScreenCell c;
        const struct cell *model = &w->s.cells[i];
        if (model->width == 0) {
            continue;
        }
        (void)vterm_screen_get_cell(w->screen, at, &c);
        bool want = model->style == ST_LINK && links_at(&w->s, at.row, at.col) != NULL;
        cr_assert_eq(c.attrs.blink != 0, want, "frame %d, row %d, column %d", frame, at.row,
                     at.col);
    }
}

static const struct kind xterm = {.term = "xterm-256color", .colors = 256};

static void put_link(struct surface *s, int row, int col, const char *url)
{
    int cols = surface_put(s, row, col, s->cols - col, ST_TEXT, url);

    surface_restyle(s, row, col, cols, ST_LINK);
    surface_link(s, row, col, cols, url);
}

Test(links, are_sent_where_they_are_drawn_and_only_then)
{
    struct world w;

    world_open(&w, &xterm, 1, "default");
    painter_set_links(w.painter, true);
    put_link(&w.s, 3, 10, "https://e.example/a?b=1");
    painter_frame(w.painter, &w.s);
    char *bytes = deliver(&w);
    cr_expect_not_null(strstr(bytes, "\033]8;;https://e.example/a?b=1\033\\"));
    check_links(&w, 0);
    world_check(&w, "link", 0);
    free(bytes);
    painter_frame(w.painter, &w.s);
    bytes = deliver(&w);
    cr_expect_str_eq(bytes, "", "nothing changed");
    free(bytes);
    surface_put(&w.s, 9, 0, 20, ST_TEXT, "another row");
    painter_frame(w.painter, &w.s);
    bytes = deliver(&w);
    cr_expect_null(strstr(bytes, "]8;"), "the link was not drawn again");
    free(bytes);
    /* the same letters lead elsewhere now */
    surface_unlink(&w.s);
    surface_link(&w.s, 3, 10, 23, "https://evil.example/");
    painter_frame(w.painter, &w.s);
    bytes = deliver(&w);
    cr_expect_not_null(strstr(bytes, "\033]8;;https://evil.example/\033\\"));
    free(bytes);
    check_links(&w, 1);
    surface_unlink(&w.s);
    painter_frame(w.painter, &w.s);
    free(deliver(&w));
    check_links(&w, 2);
    world_close(&w);
}

Test(links, a_link_in_two_rows_is_one_to_the_terminal)
{
    struct world w;

    world_open(&w, &xterm, 1, "default");
    painter_set_links(w.painter, true);
    for (int row = 3; row < 5; row++) {
        surface_put(&w.s, row, 0, 20, ST_LINK, "https://e.example/wr");
        surface_link(&w.s, row, 0, 20, "https://e.example/wrapped");
    }
    painter_frame(w.painter, &w.s);
    char *bytes = deliver(&w);
    const char *id = strstr(bytes, "\033]8;id=");
    cr_assert_not_null(id);
    size_t len = strcspn(id, "\\") + 1;
    const char *second = strstr(id + len, "\033]8;id=");
    cr_assert_not_null(second);
    cr_expect_eq(strncmp(id, second, len), 0, "with the same id");
    free(bytes);
    check_links(&w, 0);
    world_close(&w);
}

Test(links, are_not_sent_to_a_terminal_that_does_not_take_them)
{
    struct world w;

    world_open(&w, &xterm, 1, "default");
    put_link(&w.s, 3, 10, "https://e.example/");
    painter_frame(w.painter, &w.s);
    char *bytes = deliver(&w);
    cr_expect_null(strstr(bytes, "]8;"));
    free(bytes);
    world_close(&w);
}

Test(links, no_address_can_end_its_sequence)
{
    static const char *const hostile[] = {
        "https://e.example/\033\\\033]0;owned\007",
        "https://e.example/\007x",
        "https://e.example/\xc2\x9c",
        "https://e.example/\n",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://u:p@e.example/",
        "",
    };
    struct surface s;

    surface_init(&s, 24, 80, false);
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        surface_link(&s, 1, 1, 10, hostile[i]);
        cr_expect_eq(s.links_len, 0, "%zu", i);
    }
    surface_link(&s, -1, 0, 5, "https://e.example/");
    surface_link(&s, 24, 0, 5, "https://e.example/");
    surface_link(&s, 0, 0, 0, "https://e.example/");
    cr_expect_eq(s.links_len, 0);
    for (int i = 0; i < 100; i++) {
        surface_link(&s, 1, 1, 10, "https://e.example/");
    }
    cr_expect_eq(s.links_len, SURFACE_LINKS_MAX);
    surface_erase(&s);
    cr_expect_eq(s.links_len, 0);
    surface_done(&s);
}

static uint32_t next(struct world *w)
{
    w->random = w->random * 1664525 + 1013904223;
    return w->random >> 8;
}

/* Frames of text and links in random places, some of them scrolled ones of the frame before. */
Test(links, the_terminal_has_the_links_of_every_frame)
{
    static const char *const urls[] = {"https://a.example/", "https://b.example/long/path?x=1",
                                       "http://c.example:8080/#f"};
    struct world w;

    world_open(&w, &xterm, 7, "default");
    painter_set_links(w.painter, true);
    for (int frame = 0; frame < 300; frame++) {
        if (frame % 3 == 0) {
            surface_erase(&w.s);
        }
        int top = (int)(next(&w) % 20);
        for (int row = 2; frame % 3 == 0 && row < 22; row++) {
            char text[40];
            (void)snprintf(text, sizeof text, "row %d of all", top + row);
            surface_put(&w.s, row, 0, 30, (next(&w) & 3) == 0 ? ST_LABEL : ST_TEXT, text);
        }
        for (uint32_t n = next(&w) % 4; n > 0; n--) {
            put_link(&w.s, (int)(next(&w) % 24), (int)(next(&w) % 60), urls[next(&w) % 3]);
        }
        if (next(&w) % 5 == 0) {
            surface_restyle(&w.s, (int)(next(&w) % 24), (int)(next(&w) % 40), 12, ST_MATCH);
        }
        if (next(&w) % 40 == 0) {
            painter_forget(w.painter);
        }
        painter_frame(w.painter, &w.s);
        free(deliver(&w));
        check_links(&w, frame);
        world_check(&w, "links", frame);
    }
    world_close(&w);
}
