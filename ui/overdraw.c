/* Drawing characters whose width terminals dispute. */
#include "ui/overdraw.h"

#include <string.h>

#include "core/text.h"
#include "ui/term_caps.h"

bool overdraw_cell(const struct cell *c)
{
    unsigned char first = (unsigned char)c->text[0];

    if (first == '\0' || (first < 0x80 && c->text[1] == '\0')) {
        return false;
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

static void place(struct strbuf *out, int row, int col)
{
    caps_add_with(out, "cup", row, col);
}

static void put_look(struct strbuf *out, const struct overdraw *o, const struct cell *c)
{
    struct look l =
        theme_look(o->theme, c->style < STYLE_COUNT ? (enum style)c->style : ST_TEXT,
                   c->over < OVERLAY_COUNT ? (enum overlay)c->over : OVER_NONE, o->colors);
    if (l.fg >= 0 || l.bg >= 0) {
        l.flags &= (uint8_t)~o->plain;
    }
    caps_add(out, "sgr0");
    if ((l.flags & LOOK_BOLD) != 0) {
        caps_add(out, "bold");
    }
    if ((l.flags & LOOK_DIM) != 0) {
        caps_add(out, "dim");
    }
    if ((l.flags & LOOK_UNDERLINE) != 0) {
        caps_add(out, "smul");
    }
    if ((l.flags & LOOK_REVERSE) != 0) {
        caps_add(out, "rev");
    }
    if (o->colors > 0 && l.fg >= 0) {
        caps_add_with(out, "setaf", l.fg, 0);
    }
    if (o->colors > 0 && l.bg >= 0) {
        caps_add_with(out, "setab", l.bg, 0);
    }
}

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

static void put_disputed(struct strbuf *out, const struct overdraw *o, const struct cell *c,
                         int row, int col)
{
    place(out, row, col);
    put_look(out, o, c);
    /* these are the cells that the character may leave uncovered */
    strbuf_add(out, "  ", c->width);
    place(out, row, col);
    strbuf_adds(out, c->text);
}

static void put_sure(struct strbuf *out, const struct overdraw *o, const struct cell *c, int row,
                     int col)
{
    place(out, row, col);
    put_look(out, o, c);
    strbuf_adds(out, c->text);
}

/* Draws a character at the margin, where a character that is too wide would run into the next row,
 * or be moved to the left: it goes without its marks, and what is left of it is drawn once more.
 * Where nothing stops a terminal from going on in the next row, a mark stands for a character of
 * unsure width. */
static void put_at_margin(struct strbuf *out, const struct overdraw *o, const struct cell *c,
                          int row, int col, bool stops)
{
    struct cell base = *c;
    uint32_t cp = 0;
    size_t n = text_utf8_decode(c->text, strnlen(c->text, sizeof c->text), &cp);

    base.text[n] = '\0';
    if (!overdraw_cell(&base)) {
        put_sure(out, o, &base, row, col);
        return;
    }
    if (!stops) {
        memcpy(base.text, "??", 3);
        base.text[c->width] = '\0';
        put_sure(out, o, &base, row, col);
        return;
    }
    put_disputed(out, o, &base, row, col);
    if (col > 0 && c[-1].width == 1 && !overdraw_cell(&c[-1])) {
        put_sure(out, o, &c[-1], row, col - 1);
    }
}

void overdraw_row(struct strbuf *out, const struct overdraw *o, const struct surface *s, int row)
{
    const struct cell *cells = s->cells + (size_t)row * (size_t)s->cols;
    bool stops = caps_has("rmam") && caps_has("smam");
    bool begun = false;
    int dirty = 0; /* cells before this column may have been overwritten */

    for (int x = 0; x < s->cols; x += cells[x].width == 2 ? 2 : 1) {
        const struct cell *c = &cells[x];
        bool ascii = (unsigned char)c->text[0] < 0x80 && c->text[1] == '\0';
        bool disputed = !ascii && overdraw_cell(c);
        if (!disputed && x >= dirty) {
            continue;
        }
        if (!begun && stops) {
            caps_add(out, "rmam");
        }
        begun = true;
        if (!disputed) {
            put_sure(out, o, c, row, x);
            continue;
        }
        int end = x + c->width + overrun(c);
        if (end > s->cols) {
            put_at_margin(out, o, c, row, x, stops);
            dirty = s->cols;
            continue;
        }
        put_disputed(out, o, c, row, x);
        dirty = end > dirty ? end : dirty;
    }
    if (begun) {
        caps_add(out, "sgr0");
        if (stops) {
            caps_add(out, "smam");
        }
    }
}
