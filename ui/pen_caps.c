/* What the pen learns from terminfo. */
#include <curses.h>
#include <stdio.h>
#include <string.h>
#include <term.h>

#include "ui/pen.h"
#include "ui/term_caps.h"

static bool cap_is(const char *name, int first, int second, const char *want)
{
    struct strbuf b = STRBUF_INIT;

    caps_add_with(&b, name, first, second);
    bool same = strcmp(strbuf_str(&b), want) == 0;
    strbuf_clear(&b);
    return same;
}

/* The letter of a capability that is CSI number letter, where the number is `plus` more than its
 * parameter; 0 for any other capability. */
static char csi_letter(const char *name, char letter, int plus)
{
    char want[2][16];

    (void)snprintf(want[0], sizeof want[0], "\033[%d%c", 7 + plus, letter);
    (void)snprintf(want[1], sizeof want[1], "\033[%d%c", 123 + plus, letter);
    return (char)(cap_is(name, 7, 0, want[0]) && cap_is(name, 123, 0, want[1]) ? letter : '\0');
}

static bool cap_has_or(const char *name, const char *want)
{
    return !caps_has(name) || cap_is(name, 0, 0, want);
}

static void read_attributes(struct pen_caps *c)
{
    static const struct {
        const char *cap;
        enum look_flag flag;
        int ncv; /* its bit in no_color_video */
    } attributes[] = {
        {"bold", LOOK_BOLD,      32},
        {"dim",  LOOK_DIM,       16},
        {"smul", LOOK_UNDERLINE, 2 },
        {"rev",  LOOK_REVERSE,   4 },
    };
    int ncv = tigetnum("ncv");

    c->sgr = cap_has_or("bold", "\033[1m") && cap_has_or("dim", "\033[2m") &&
             cap_has_or("smul", "\033[4m") && cap_has_or("rev", "\033[7m") && caps_has("sgr0") &&
             strncmp(tigetstr("sgr0"), "\033", 1) == 0 && strstr(tigetstr("sgr0"), "[m") != NULL;
    /* A terminal that takes back underlining alone does so with every attribute. */
    c->sgr_off = c->sgr && cap_is("rmul", 0, 0, "\033[24m");
    c->sgr_colors = c->sgr && cap_is("op", 0, 0, "\033[39;49m");
    if (!caps_has("sgr0") || tigetnum("xmc") > 0) {
        return; /* an attribute could not be taken back, or would take a cell */
    }
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++) {
        if (caps_has(attributes[i].cap)) {
            c->flags |= (uint8_t)attributes[i].flag;
            c->plain |=
                (uint8_t)(ncv > 0 && (ncv & attributes[i].ncv) != 0 ? attributes[i].flag : 0);
        }
    }
}

static void read_acs(struct pen_caps *c)
{
    const char *pairs = caps_has("acsc") && caps_has("smacs") ? tigetstr("acsc") : "";

    for (; pairs[0] != '\0' && pairs[1] != '\0'; pairs += 2) {
        if ((unsigned char)pairs[0] < sizeof c->acs) {
            c->acs[(unsigned char)pairs[0]] = pairs[1];
        }
    }
}

/* The numbers of the sequence that sets a colour. */
static void read_color(struct pen_color *color, const char *cap, int n)
{
    struct strbuf b = STRBUF_INIT;

    caps_add_with(&b, cap, n, 0);
    const char *s = strbuf_str(&b);
    size_t len = strlen(s);
    if (len > 3 && len - 3 < sizeof color->sgr && s[0] == '\033' && s[1] == '[' &&
        strspn(s + 2, "0123456789;:") == len - 3 && s[len - 1] == 'm') {
        memcpy(color->sgr, s + 2, len - 3);
    }
    strbuf_clear(&b);
}

void pen_init(struct pen *p, struct strbuf *out, int colors, bool lf_alone)
{
    struct pen_caps *c = &p->caps;

    *p = (struct pen){
        .out = out, .row = -1, .colors = colors, .look = {.fg = -1, .bg = -1}
    };
    c->cup_ansi = cap_is("cup", 4, 9, "\033[5;10H") && cap_is("cup", 122, 233, "\033[123;234H");
    if (c->cup_ansi) {
        c->right = csi_letter("cuf", 'C', 0);
        c->left = csi_letter("cub", 'D', 0);
        c->up = csi_letter("cuu", 'A', 0);
        c->down = csi_letter("cud", 'B', 0);
        c->to_col = csi_letter("hpa", 'G', 1);
        c->to_row = csi_letter("vpa", 'd', 1);
        c->blank = csi_letter("ech", 'X', 0);
    }
    c->lf = lf_alone && cap_is("cud1", 0, 0, "\n");
    c->cr = cap_is("cr", 0, 0, "\r");
    c->back = cap_is("cub1", 0, 0, "\b");
    c->erase_line = cap_is("el", 0, 0, "\033[K");
    c->wraps = tigetflag("am") > 0;
    c->waits = tigetflag("xenl") > 0;
    c->keeps = tigetflag("msgr") > 0;
    c->scrolls = caps_has("csr") && cap_is("ind", 0, 0, "\n") && caps_has("ri");
    read_attributes(c);
    read_acs(c);
    for (int n = 0; c->sgr && n < colors && n < 256; n++) {
        read_color(&p->fg[n], "setaf", n);
        read_color(&p->bg[n], "setab", n);
    }
}

struct look pen_able(const struct pen *p, struct look l)
{
    l.flags &= p->caps.flags;
    if (p->caps.sgr) {
        l.fg = l.fg >= 0 && l.fg < 256 && p->fg[l.fg].sgr[0] != '\0' ? l.fg : -1;
        l.bg = l.bg >= 0 && l.bg < 256 && p->bg[l.bg].sgr[0] != '\0' ? l.bg : -1;
    }
    if (l.fg >= 0 || l.bg >= 0) {
        l.flags &= (uint8_t)~p->caps.plain;
    }
    return l;
}
