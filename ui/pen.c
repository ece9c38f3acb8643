/* The pen: attributes and characters in the fewest bytes; pen_move.c has the motions.
 *
 * DESIGN: nearly every terminal in use takes the sequences of ECMA-48. pen_init asks terminfo for
 * each capability with two sample numbers; where the answer is of that form, the sequences are made
 * here, joined (one CSI ... m for all attributes) and weighed by their length. Where the answer is
 * another, terminfo makes the sequence (cup, the attributes), or the motion is not used. */
#include "ui/pen.h"

#include <stdlib.h>
#include <string.h>

#include "ui/term_caps.h"

static const struct look plain_look = {.fg = -1, .bg = -1};

/* The numbers of one SGR sequence, joined. */
struct numbers {
    char text[80];
    size_t len;
    bool impossible;
};

static void number_add(struct numbers *n, const char *more)
{
    size_t len = strlen(more);

    if (n->len + len + 2 > sizeof n->text) {
        n->impossible = true;
        return;
    }
    if (n->len > 0) {
        n->text[n->len++] = ';';
    }
    memcpy(n->text + n->len, more, len + 1);
    n->len += len;
}

static void numbers_on(struct numbers *n, uint8_t flags)
{
    if ((flags & LOOK_BOLD) != 0) {
        number_add(n, "1");
    }
    if ((flags & LOOK_DIM) != 0) {
        number_add(n, "2");
    }
    if ((flags & LOOK_UNDERLINE) != 0) {
        number_add(n, "4");
    }
    if ((flags & LOOK_REVERSE) != 0) {
        number_add(n, "7");
    }
}

static void number_color(struct numbers *n, const struct pen_color *colors, int16_t which)
{
    if (which >= 0) { /* pen_able lets no other colour pass than those with a sequence */
        number_add(n, colors[which].sgr);
    }
}

/* Everything taken back, then the new look. */
static struct numbers numbers_anew(const struct pen *p, const struct look *l)
{
    struct numbers n = {.len = 0};

    if (l->flags != 0 || l->fg >= 0 || l->bg >= 0) {
        number_add(&n, "0");
    }
    numbers_on(&n, l->flags);
    number_color(&n, p->fg, l->fg);
    number_color(&n, p->bg, l->bg);
    return n;
}

/* Only what differs. */
static struct numbers numbers_step(const struct pen *p, const struct look *l)
{
    struct numbers n = {.len = 0};
    uint8_t off = p->look.flags & (uint8_t)~l->flags;
    uint8_t on = l->flags & (uint8_t)~p->look.flags;
    bool own = (l->fg < 0 && p->look.fg >= 0) || (l->bg < 0 && p->look.bg >= 0);

    n.impossible = (off != 0 && !p->caps.sgr_off) || (own && !p->caps.sgr_colors);
    if ((off & (LOOK_BOLD | LOOK_DIM)) != 0) {
        number_add(&n, "22");
        on |= l->flags & (LOOK_BOLD | LOOK_DIM); /* 22 takes back both */
    }
    if ((off & LOOK_UNDERLINE) != 0) {
        number_add(&n, "24");
    }
    if ((off & LOOK_REVERSE) != 0) {
        number_add(&n, "27");
    }
    numbers_on(&n, on);
    if (l->fg != p->look.fg) {
        l->fg < 0 ? number_add(&n, "39") : number_color(&n, p->fg, l->fg);
    }
    if (l->bg != p->look.bg) {
        l->bg < 0 ? number_add(&n, "49") : number_color(&n, p->bg, l->bg);
    }
    return n;
}

static void set_by_terminfo(struct pen *p, const struct look *l)
{
    if (p->acs) { /* sgr0 may end line drawing as well */
        caps_add(p->out, "rmacs");
        p->acs = false;
    }
    caps_add(p->out, "sgr0");
    if ((l->flags & LOOK_BOLD) != 0) {
        caps_add(p->out, "bold");
    }
    if ((l->flags & LOOK_DIM) != 0) {
        caps_add(p->out, "dim");
    }
    if ((l->flags & LOOK_UNDERLINE) != 0) {
        caps_add(p->out, "smul");
    }
    if ((l->flags & LOOK_REVERSE) != 0) {
        caps_add(p->out, "rev");
    }
    if (l->fg < 0 || l->bg < 0) {
        if (p->look.fg >= 0 || p->look.bg >= 0) {
            caps_add(p->out, "op");
        }
    }
    if (l->fg >= 0) {
        caps_add_with(p->out, "setaf", l->fg, 0);
    }
    if (l->bg >= 0) {
        caps_add_with(p->out, "setab", l->bg, 0);
    }
}

void pen_set(struct pen *p, const struct look *l)
{
    if (look_same(&p->look, l)) {
        return;
    }
    if (!p->caps.sgr) {
        set_by_terminfo(p, l);
        p->look = *l;
        return;
    }
    struct numbers anew = numbers_anew(p, l);
    struct numbers step = numbers_step(p, l);
    const struct numbers *n = step.impossible || anew.len <= step.len ? &anew : &step;
    strbuf_adds(p->out, "\033[");
    strbuf_add(p->out, n->text, n->len);
    strbuf_addc(p->out, 'm');
    p->look = *l;
}

void pen_plain(struct pen *p)
{
    pen_set(p, &plain_look);
    if (p->acs) {
        caps_add(p->out, "rmacs");
        p->acs = false;
    }
}

static void advance(struct pen *p, int width)
{
    p->col += width;
    if (p->col >= p->cols) {
        p->row = -1; /* terminals differ in what they do after the last column */
    }
}

/* The last cell of the screen: a terminal that goes on at once would scroll everything. */
static bool corner(struct pen *p, int width)
{
    return p->row == p->rows - 1 && p->col + width >= p->cols && p->caps.wraps && !p->caps.waits;
}

static void put(struct pen *p, const char *bytes, size_t len, int width)
{
    bool last = corner(p, width);

    if (last && (!caps_has("rmam") || !caps_has("smam"))) {
        return; /* the cell stays as it is */
    }
    if (last) {
        caps_add(p->out, "rmam");
    }
    strbuf_add(p->out, bytes, len);
    if (last) {
        caps_add(p->out, "smam");
    }
    advance(p, width);
}

void pen_text(struct pen *p, const char *bytes, size_t len, int width)
{
    if (p->acs) {
        caps_add(p->out, "rmacs");
        p->acs = false;
    }
    put(p, bytes, len, width);
}

void pen_unsure(struct pen *p, const char *bytes, size_t len, int end)
{
    pen_text(p, bytes, len, 1);
    p->col = -1;
    if (end >= p->cols) {
        p->row = -1;
    }
}

void pen_acs(struct pen *p, char letter)
{
    if (!p->acs) {
        caps_add(p->out, "smacs");
        p->acs = true;
    }
    put(p, &letter, 1, 1);
}

bool pen_erase_line(struct pen *p)
{
    if (p->caps.erase_line) {
        strbuf_adds(p->out, "\033[K");
    }
    return p->caps.erase_line;
}

void pen_scroll(struct pen *p, int top, int bottom, int n)
{
    pen_set(p, &plain_look); /* the new rows are blank in the terminal's own colours */
    caps_add_with(p->out, "csr", top, bottom);
    p->row = -1; /* setting the region moves the cursor */
    pen_move(p, n > 0 ? bottom : top, 0, NULL, NULL);
    for (int i = 0; i < abs(n); i++) {
        caps_add(p->out, n > 0 ? "ind" : "ri");
    }
    caps_add_with(p->out, "csr", 0, p->rows - 1);
    p->row = -1;
}

void pen_clear(struct pen *p)
{
    caps_add(p->out, "enacs");
    caps_add(p->out, "rmacs");
    caps_add(p->out, "sgr0");
    if (p->colors > 0) {
        caps_add(p->out, "op");
    }
    if (p->caps.scrolls) {
        caps_add_with(p->out, "csr", 0, p->rows - 1);
    }
    caps_add(p->out, "clear");
    pen_lost(p);
}

void pen_lost(struct pen *p)
{
    p->row = -1;
    p->look = plain_look;
    p->acs = false;
}
