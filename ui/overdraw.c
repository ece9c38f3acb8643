/* Drawing characters whose width terminals dispute. */
#include "ui/overdraw.h"

#include <string.h>

#include "core/text.h"
#include "ui/changes.h"
#include "ui/term_caps.h"

/* No character reaches further from its place: its cell holds a base and at most 9 marks. */
enum {
    REACH_MAX = 2 + 2 * (CELL_BYTES / 2),
    PIECE = 4 /* cells that are looked at in one go: nearly all text is of ASCII */
};

bool overdraw_other(const struct cell *c)
{
    unsigned char first = (unsigned char)c->text[0];
    unsigned char second = (unsigned char)c->text[1];

    if (first == 0xe2 && second >= 0x94 && second <= 0x96 && c->text[3] == '\0' &&
        (second < 0x96 || (unsigned char)c->text[2] <= 0xbc)) {
        return false; /* U+2500 to U+25BC, which borders, bars and marks are made of */
    }
    return text_width_disputed(c->text, strnlen(c->text, sizeof c->text));
}

bool overdraw_any(const struct surface *s)
{
    size_t n = (size_t)s->rows * (size_t)s->cols;

    for (size_t i = 0; i < n; i++) {
        if (overdraw_cell(&s->cells[i])) {
            return true;
        }
    }
    return false;
}

/* Are these cells of ASCII, or right halves? */
static inline bool piece_of_ascii(const struct cell *c)
{
    static const unsigned char beyond[8] = {0x80, 0xff};
    uint64_t mask;

    memcpy(&mask, beyond, sizeof mask);
    return ((cell_word(c, 0) | cell_word(c + 1, 0) | cell_word(c + 2, 0) | cell_word(c + 3, 0)) &
            mask) == 0;
}

/* A row that is being drawn. */
struct row {
    struct pen *pen;
    const struct surface *s;
    const struct cell *cells;
    int y;
    overdraw_look *look;
    const void *with;
};

/* How many cells beyond its own a terminal may give the character: one when it takes a narrow base
 * for a wide one, two for each further code point that it takes for a character of its own. */
static int overrun(const struct cell *c)
{
    int n = c->width == 1 ? 1 : 0;
    size_t len = strnlen(c->text, sizeof c->text);

    for (size_t i = 0, used = 0; i < len; i += used == 0 ? 1 : used) {
        uint32_t cp = 0;
        used = text_utf8_decode(c->text + i, len - i, &cp);
        n += i > 0 ? 2 : 0;
    }
    return n;
}

static void put_sure(const struct row *r, const struct cell *c, int x)
{
    pen_move(r->pen, r->y, x, NULL, NULL);
    pen_set(r->pen, r->look(r->with, c));
    pen_text(r->pen, c->text, strnlen(c->text, sizeof c->text), c->width);
}

static void put_disputed(const struct row *r, const struct cell *c, int x)
{
    const struct cell blanks = {
        .text = "  ", .width = c->width, .style = c->style, .over = c->over};
    int end = x + c->width + overrun(c);

    pen_move(r->pen, r->y, x, NULL, NULL);
    pen_set(r->pen, r->look(r->with, c));
    /* these are the cells that the character may leave uncovered */
    pen_text(r->pen, blanks.text, c->width, c->width);
    pen_move(r->pen, r->y, x, NULL, NULL);
    pen_set(r->pen, r->look(r->with, c)); /* a motion may have taken the attributes back */
    pen_unsure(r->pen, c->text, strnlen(c->text, sizeof c->text), end);
}

/* Draws a character at the margin, where a character that is too wide would run into the next row,
 * or be moved to the left: it goes without its marks, and what is left of it is drawn once more.
 * Where nothing stops a terminal from going on in the next row, a mark stands for a character of
 * unsure width. */
static void put_at_margin(const struct row *r, int x)
{
    const struct cell *c = &r->cells[x];
    struct cell base = *c;
    uint32_t cp = 0;
    size_t n = text_utf8_decode(c->text, strnlen(c->text, sizeof c->text), &cp);

    base.text[n] = '\0';
    if (!overdraw_cell(&base)) {
        put_sure(r, &base, x);
        return;
    }
    if (!caps_has("rmam") || !caps_has("smam")) {
        memcpy(base.text, "??", 3);
        base.text[c->width] = '\0';
        put_sure(r, &base, x);
        return;
    }
    caps_add(r->pen->out, "rmam");
    put_disputed(r, &base, x);
    if (x > 0 && c[-1].width == 1 && !overdraw_cell(&c[-1])) {
        put_sure(r, &c[-1], x - 1);
    }
    caps_add(r->pen->out, "smam");
}

/* The end of what a character of unsure width at `from` may have overwritten, together with such
 * characters among that. */
static int reach(const struct row *r, int from)
{
    int cols = r->s->cols;
    int end = from + 1;

    for (int x = from; x < end && x < cols; x += r->cells[x].width == 2 ? 2 : 1) {
        const struct cell *c = &r->cells[x];
        int to = x + (c->width == 2 ? 2 : 1);
        if (overdraw_cell(c)) {
            to += overrun(c);
            to = to > cols ? cols : to;
        }
        end = to > end ? to : end;
    }
    return end < cols ? end : cols;
}

static void put_reach(const struct row *r, int from, int end)
{
    for (int x = from; x < end; x += r->cells[x].width == 2 ? 2 : 1) {
        const struct cell *c = &r->cells[x];
        if (!overdraw_cell(c)) {
            put_sure(r, c, x);
        } else if (x + c->width + overrun(c) > r->s->cols) {
            put_at_margin(r, x);
        } else {
            put_disputed(r, c, x);
        }
    }
}

void overdraw_row(struct pen *p, const struct overdraw_row *o)
{
    const struct surface *s = o->s;
    struct row r = {.pen = p,
                    .s = s,
                    .cells = s->cells + (size_t)o->y * (size_t)s->cols,
                    .y = o->y,
                    .look = o->look,
                    .with = o->with};

    for (int x = o->first > REACH_MAX ? o->first - REACH_MAX : 0; x <= o->last;) {
        if (x + PIECE <= o->last && piece_of_ascii(&r.cells[x])) {
            x += PIECE;
            continue;
        }
        if (!overdraw_cell(&r.cells[x])) {
            x++;
            continue;
        }
        int end = reach(&r, x);
        size_t size = (size_t)(end - x) * sizeof *o->was;
        if (o->was == NULL || memcmp(&r.cells[x], &o->was[x], size) != 0) {
            put_reach(&r, x, end);
        }
        x = end;
    }
}
