/* A screen as SVG: text that can be selected, borders and bars as shapes.
 *
 * A row is one <text>. Its parts of one look are <tspan>s with a place and a length of their own,
 * so that the columns stand right in whatever font the reader has. Lines, blocks and backgrounds
 * are shapes, one <path> for each colour: as characters they would not meet in every font. */
#include <string.h>

#include "core/text.h"
#include "shot.h"

enum { CELL_W = 9, CELL_H = 20, BASE = 15, FONT = 15, EDGE = 16, BAR_EDGE = 4 };
/* Unicode's blocks: eighths of the height up to the full one, eighths of the width, shades. */
enum { FIRST_BLOCK = 0x2581, FULL_BLOCK = 0x2588, LAST_BLOCK = 0x2593 };

/* ---- colours ---- */

/* The 16 colours, text and background of a terminal on a dark, and on a light desk. */
static const uint32_t dark_own[16] = {0x30363f, 0xf0716a, 0x57bd66, 0xd9a53b, 0x5aa2f0, 0xb68cf0,
                                      0x45bccb, 0xb4bcc7, 0x6b7480, 0xff7f77, 0x6cd37c, 0xe8bb58,
                                      0x7db8f7, 0xcaa6f7, 0x66d3e0, 0xeef2f6};
static const uint32_t light_own[16] = {0x24292f, 0xb3261e, 0x1e7a34, 0x8a5a00, 0x1a56b0, 0x7a3fc4,
                                       0x0b7285, 0x68717c, 0x5a626c, 0xc62f26, 0x23903d, 0xa06a00,
                                       0x2566c8, 0x8b4fd6, 0x0e8599, 0x0d1117};

static uint32_t color_rgb(int n, bool light)
{
    static const uint32_t level[6] = {0x00, 0x5f, 0x87, 0xaf, 0xd7, 0xff};

    if (n == SHOT_OWN_FG) {
        return light ? 0x1f2429 : 0xd5dbe3;
    }
    if (n == SHOT_OWN_BG) {
        return light ? 0xffffff : 0x12161d;
    }
    if (n < 16) {
        return light ? light_own[n] : dark_own[n];
    }
    if (n >= 232) {
        uint32_t grey = 8 + 10 * (uint32_t)(n - 232);
        return grey << 16 | grey << 8 | grey;
    }
    n -= 16;
    return level[n / 36] << 16 | level[n / 6 % 6] << 8 | level[n % 6];
}

/* ---- shapes ---- */

struct shapes {
    struct strbuf solid[SHOT_COLORS];
    struct strbuf half[SHOT_COLORS]; /* of shaded blocks, drawn half through */
    bool used[SHOT_COLORS];
};

static void box(struct strbuf *b, int x, int y, int w, int h)
{
    strbuf_addf(b, "M%d %dh%dv%dh-%dz", x, y, w, h, w);
}

/* Where the lines of a border character go. */
enum { LEFT = 1, RIGHT = 2, UP = 4, DOWN = 8 };
static const struct {
    uint32_t cp;
    unsigned to;
} borders[] = {
    {0x2500, LEFT | RIGHT            },
    {0x2502, UP | DOWN               },
    {0x250c, RIGHT | DOWN            },
    {0x2510, LEFT | DOWN             },
    {0x2514, RIGHT | UP              },
    {0x2518, LEFT | UP               },
    {0x251c, UP | DOWN | RIGHT       },
    {0x2524, UP | DOWN | LEFT        },
    {0x252c, LEFT | RIGHT | DOWN     },
    {0x2534, LEFT | RIGHT | UP       },
    {0x253c, LEFT | RIGHT | UP | DOWN},
};

static unsigned border_of(uint32_t cp)
{
    for (size_t i = 0; i < sizeof borders / sizeof *borders; i++) {
        if (borders[i].cp == cp) {
            return borders[i].to;
        }
    }
    return 0;
}

static bool is_block(uint32_t cp)
{
    return cp >= FIRST_BLOCK && cp <= LAST_BLOCK;
}

static bool is_shape(const struct shot_cell *c)
{
    return border_of(c->chars[0]) != 0 || is_block(c->chars[0]);
}

static void draw_border(struct strbuf *b, unsigned to, int x, int y)
{
    int mid_x = x + CELL_W / 2, mid_y = y + CELL_H / 2;

    if ((to & (LEFT | RIGHT)) != 0) {
        int from = (to & LEFT) != 0 ? x : mid_x;
        box(b, from, mid_y, ((to & RIGHT) != 0 ? x + CELL_W : mid_x + 1) - from, 1);
    }
    if ((to & (UP | DOWN)) != 0) {
        int from = (to & UP) != 0 ? y : mid_y;
        box(b, mid_x, from, 1, ((to & DOWN) != 0 ? y + CELL_H : mid_y) - from);
    }
}

/* Is the cell a part of a bar that lies, as one of progress? Columns that stand meet those above.
 */
static bool lies(const struct shot_cell *line, int col, int n, int cols)
{
    uint32_t cp = line[col].chars[0];
    uint32_t before = col > 0 ? line[col - 1].chars[0] : 0;
    uint32_t after = col + n < cols ? line[col + n].chars[0] : 0;

    return cp > FULL_BLOCK || (cp == FULL_BLOCK && ((before > FULL_BLOCK && before <= LAST_BLOCK) ||
                                                    (after > FULL_BLOCK && after <= LAST_BLOCK)));
}

/* `n` cells of the same block, from `col` on. */
static void draw_block(struct shapes *s, const struct shot_cell *line, int col, int n, int cols,
                       int y)
{
    const struct shot_cell *c = line + col;
    uint32_t cp = c->chars[0];
    int x = EDGE + col * CELL_W, h = CELL_H;

    if (lies(line, col, n, cols)) {
        y += BAR_EDGE;
        h -= 2 * BAR_EDGE;
    }
    if (cp <= FULL_BLOCK) { /* eighths of the height */
        h = h * (int)(cp - 0x2580) / 8;
        box(&s->solid[c->fg], x, y + (cp == FULL_BLOCK ? 0 : CELL_H - h), n * CELL_W, h);
    } else if (cp <= 0x258f) { /* eighths of the width; the rest belongs to the bar, too */
        int w = CELL_W * (int)(0x2590 - cp) / 8;
        box(&s->solid[c->fg], x, y, w, h);
        if (col + 1 < cols && lies(line, col + 1, 1, cols)) {
            box(&s->half[c[1].fg], x + w, y, CELL_W - w, h);
        }
    } else {
        box(&s->half[c->fg], x, y, n * CELL_W, h);
    }
}

/* How many cells from this one on have the same background, or the same shape in the same colour.
 */
static int run_of(const struct shot_cell *c, int left, bool background)
{
    int n = 1;

    while (n < left &&
           (background ? c[n].bg == c->bg : c[n].fg == c->fg && c[n].chars[0] == c->chars[0])) {
        n++;
    }
    return n;
}

static void draw_row_shapes(struct shapes *s, const struct shot_cell *line, int cols, int y)
{
    for (int col = 0, n; col < cols; col += n) {
        n = run_of(line + col, cols - col, true);
        if (line[col].bg != SHOT_OWN_BG) {
            box(&s->solid[line[col].bg], EDGE + col * CELL_W, y, n * CELL_W, CELL_H);
        }
    }
}

static void draw_row_lines(struct shapes *s, const struct shot_cell *line, int cols, int y)
{
    for (int col = 0, n; col < cols; col += n) {
        const struct shot_cell *c = line + col;
        unsigned to = border_of(c->chars[0]);
        int x = EDGE + col * CELL_W;
        bool wide = to == (LEFT | RIGHT) ||
                    (is_block(c->chars[0]) && (c->chars[0] <= FULL_BLOCK || c->chars[0] > 0x258f));
        n = wide ? run_of(c, cols - col, false) : 1;
        if (to == (LEFT | RIGHT)) {
            box(&s->solid[c->fg], x, y + CELL_H / 2, n * CELL_W, 1);
        } else if (to != 0) {
            draw_border(&s->solid[c->fg], to, x, y);
        } else if (is_block(c->chars[0])) {
            draw_block(s, line, col, n, cols, y);
        }
        if (c->under) {
            box(&s->solid[c->fg], x, y + CELL_H - 1, n * CELL_W, 1);
        }
    }
}

static void put_shapes(struct shapes *s, struct strbuf *out)
{
    for (int n = 0; n < SHOT_COLORS; n++) {
        if (s->solid[n].len > 0) {
            strbuf_addf(out, "<path class=\"c%d\" d=\"%s\"/>\n", n, strbuf_str(&s->solid[n]));
        }
        if (s->half[n].len > 0) {
            strbuf_addf(out, "<path class=\"c%d\" fill-opacity=\".3\" d=\"%s\"/>\n", n,
                        strbuf_str(&s->half[n]));
        }
        s->used[n] = s->used[n] || s->solid[n].len > 0 || s->half[n].len > 0;
        strbuf_reset(&s->solid[n]);
        strbuf_reset(&s->half[n]);
    }
}

/* ---- text ---- */

static void put_char(struct strbuf *out, uint32_t cp)
{
    if (cp == '&' || cp == '<' || cp == '>') {
        strbuf_adds(out, cp == '&' ? "&amp;" : cp == '<' ? "&lt;" : "&gt;");
    } else {
        text_utf8_encode(out, cp);
    }
}

/* Does every monospace font have it, one column wide? Others come from other fonts. */
static bool is_plain(const struct shot_cell *c)
{
    uint32_t cp = c->chars[0];
    return c->chars[1] == 0 && (cp < 0x180 || cp == 0x2026 || cp == 0x203a);
}

static bool is_blank(const struct shot_cell *c)
{
    return c->chars[0] == 0 || is_shape(c);
}

static bool same_look(const struct shot_cell *a, const struct shot_cell *b)
{
    return is_blank(b) || (a->fg == b->fg && a->bold == b->bold && is_plain(b));
}

/* The cells of one <tspan>, from one that is not blank: blanks in it count to it. */
static int text_run(const struct shot_cell *c, int left)
{
    int n = 1;

    while (is_plain(c) && n < left && same_look(c, c + n)) {
        n++;
    }
    while (n < left && c[n].width == 0) {
        n++;
    }
    return n;
}

static void put_run(struct shapes *s, const struct shot_cell *c, int n, int x, struct strbuf *out)
{
    strbuf_addf(out, "<tspan x=\"%d\"", x);
    if (is_plain(c)) {
        strbuf_addf(out, " textLength=\"%d\"", n * CELL_W);
    }
    if (c->fg != SHOT_OWN_FG || c->bold) {
        strbuf_addf(out, " class=\"c%d%s\"", c->fg, c->bold ? " b" : "");
        s->used[c->fg] = true;
    }
    strbuf_addc(out, '>');
    for (int i = 0; i < n; i++) {
        if (is_blank(c + i) && c[i].width != 0) {
            strbuf_addc(out, ' ');
        } else {
            for (int k = 0; k < SHOT_CHARS && c[i].chars[k] != 0; k++) {
                put_char(out, c[i].chars[k]);
            }
        }
    }
    strbuf_adds(out, "</tspan>");
}

static void put_row(struct shapes *s, const struct shot_cell *line, int cols, int y,
                    struct strbuf *out)
{
    int end = cols, col = 0;

    while (end > 0 && is_blank(line + end - 1)) {
        end--;
    }
    if (end == 0) {
        return;
    }
    strbuf_addf(out, "<text y=\"%d\">", y + BASE);
    while (col < end) {
        int first = col;
        while (is_blank(line + first)) {
            first++;
        }
        int n = text_run(line + first, end - first);
        put_run(s, line + first, n, EDGE + first * CELL_W, out);
        col = first + n;
    }
    strbuf_adds(out, "</text>\n");
}

/* ---- the whole ---- */

static void put_head(const struct shot *s, const struct shot_words *w, const struct shapes *shapes,
                     struct strbuf *out)
{
    int width = s->cols * CELL_W + 2 * EDGE, height = s->rows * CELL_H + 2 * EDGE;

    strbuf_addf(out,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" "
                "height=\"%d\" role=\"img\" aria-labelledby=\"t d\">\n"
                "<title id=\"t\">%s</title>\n<desc id=\"d\">%s</desc>\n<style>\n"
                "text{font:%dpx ui-monospace,SFMono-Regular,Menlo,Consolas,\"DejaVu Sans Mono\","
                "\"Liberation Mono\",monospace;white-space:pre;fill:#%06x}\n.b{font-weight:700}\n",
                width, height, width, height, w->title, w->about, FONT,
                color_rgb(SHOT_OWN_FG, w->light));
    for (int n = 0; n < SHOT_COLORS; n++) {
        if (shapes->used[n]) {
            strbuf_addf(out, ".c%d{fill:#%06x}\n", n, color_rgb(n, w->light));
        }
    }
    strbuf_addf(out,
                "</style>\n<rect x=\".5\" y=\".5\" width=\"%d\" height=\"%d\" rx=\"8\" "
                "fill=\"#%06x\" stroke=\"#%s\"/>\n",
                width - 1, height - 1, color_rgb(SHOT_OWN_BG, w->light),
                w->light ? "ccd2d9" : "353c46");
}

void shot_svg(const struct shot *s, const struct shot_words *w, struct strbuf *out)
{
    static struct shapes shapes; /* large */
    struct strbuf body = STRBUF_INIT;

    memset(&shapes, 0, sizeof shapes);
    for (int row = 0; row < s->rows; row++) {
        draw_row_shapes(&shapes, s->cells + (size_t)row * (size_t)s->cols, s->cols,
                        EDGE + row * CELL_H);
    }
    put_shapes(&shapes, &body);
    for (int row = 0; row < s->rows; row++) {
        draw_row_lines(&shapes, s->cells + (size_t)row * (size_t)s->cols, s->cols,
                       EDGE + row * CELL_H);
    }
    if (s->cursor_row >= 0) {
        box(&shapes.half[SHOT_OWN_FG], EDGE + s->cursor_col * CELL_W, EDGE + s->cursor_row * CELL_H,
            CELL_W, CELL_H);
    }
    put_shapes(&shapes, &body);
    strbuf_adds(&body, "<g xml:space=\"preserve\">\n");
    for (int row = 0; row < s->rows; row++) {
        put_row(&shapes, s->cells + (size_t)row * (size_t)s->cols, s->cols, EDGE + row * CELL_H,
                &body);
    }
    strbuf_adds(&body, "</g>\n</svg>\n");
    put_head(s, w, &shapes, out);
    strbuf_add(out, body.data, body.len);
    for (int n = 0; n < SHOT_COLORS; n++) {
        strbuf_clear(&shapes.solid[n]);
        strbuf_clear(&shapes.half[n]);
    }
    strbuf_clear(&body);
}
