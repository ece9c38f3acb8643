/* The grid of cells that views draw into. */
#include "app/surface.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/strbuf.h"
#include "core/text.h"
#include "core/url.h"

#define STYLE_NAME(id, name) name,
static const char *const style_names[STYLE_COUNT] = {STYLE_MAP(STYLE_NAME)};

static const struct {
    const char *utf8, *ascii;
} glyphs[GLYPH_COUNT] = {
#define GLYPH_ROW(id, utf8, ascii) {utf8, ascii},
    GLYPH_MAP(GLYPH_ROW)
#undef GLYPH_ROW
};

const char *style_name(enum style s)
{
    return s < STYLE_COUNT ? style_names[s] : "text";
}

const char *glyph_text(enum glyph g, bool ascii)
{
    if (g >= GLYPH_COUNT) {
        return "?";
    }
    return ascii ? glyphs[g].ascii : glyphs[g].utf8;
}

static const struct cell blank_cell = {.text = " ", .width = 1, .style = ST_TEXT};

void surface_init(struct surface *s, int rows, int cols, bool ascii)
{
    memset(s, 0, sizeof *s);
    s->ascii = ascii;
    surface_resize(s, rows, cols);
}

void surface_done(struct surface *s)
{
    surface_forget(s);
    surface_unlink(s);
    free(s->links);
    free(s->cells);
    memset(s, 0, sizeof *s);
}

void surface_resize(struct surface *s, int rows, int cols)
{
    rows = rows < 1 ? 1 : rows > 1000 ? 1000 : rows;
    cols = cols < 1 ? 1 : cols > 2000 ? 2000 : cols;
    if (rows != s->rows || cols != s->cols || s->cells == NULL) {
        surface_forget(s);
        free(s->cells);
        s->cells = xcalloc((size_t)rows * (size_t)cols, sizeof *s->cells);
        s->rows = rows;
        s->cols = cols;
    }
    surface_erase(s);
}

enum { ERASE_PIECE = 64 /* cells that are copied at once: so many fit into the nearest cache */ };

void surface_erase(struct surface *s)
{
    size_t n = (size_t)s->rows * (size_t)s->cols;

    for (size_t i = 0; i < n && i < ERASE_PIECE; i++) {
        s->cells[i] = blank_cell;
    }
    for (size_t done = ERASE_PIECE; done < n; done += ERASE_PIECE) {
        size_t more = n - done < ERASE_PIECE ? n - done : ERASE_PIECE;
        memcpy(s->cells + done, s->cells, more * sizeof *s->cells);
    }
    s->cursor_row = -1;
    s->cursor_col = -1;
    surface_unlink(s);
}

static struct cell *cell_at(struct surface *s, int row, int col)
{
    return &s->cells[(size_t)row * (size_t)s->cols + (size_t)col];
}

/* Bytes after the end of a cell's text are always NUL: equal cells have equal bytes. */
static void set_blank(struct cell *c)
{
    memset(c->text, 0, sizeof c->text);
    c->text[0] = ' ';
    c->width = 1;
}

/* Makes sure that writing at `col` leaves no half of a wide character on either side. */
static void split_wide(struct surface *s, int row, int col, int cells)
{
    struct cell *c = cell_at(s, row, col);
    int after = col + cells;

    if (c->width == 0 && col > 0) {
        set_blank(cell_at(s, row, col - 1));
    }
    if (after < s->cols && cell_at(s, row, after)->width == 0) {
        set_blank(cell_at(s, row, after));
    }
}

/* Puts `n` ASCII characters, or blanks when `text` is NULL. */
static void set_ascii(struct surface *s, int row, int col, enum style st, const char *text, int n)
{
    const struct cell one = {.text = " ", .width = 1, .style = (uint8_t)st};
    struct cell *c = cell_at(s, row, col);

    split_wide(s, row, col, n);
    for (int i = 0; i < n && text == NULL; i++) {
        c[i] = one;
    }
    for (int i = 0; i < n && text != NULL; i++) {
        c[i] = one;
        c[i].text[0] = text[i];
    }
}

static void set_cell(struct surface *s, int row, int col, enum style st, const char *text,
                     size_t len, int width)
{
    split_wide(s, row, col, width);
    struct cell *c = cell_at(s, row, col);
    *c = (struct cell){.width = (uint8_t)width, .style = (uint8_t)st};
    for (size_t i = 0; i < len; i++) {
        c->text[i] = text[i];
    }
    if (width == 2) {
        c[1] = (struct cell){.width = 0, .style = (uint8_t)st};
    }
}

char surface_ascii(const char *text, size_t len)
{
    static const struct {
        const char *from;
        char to;
    } others[] = {
        {"·",  '.' },
        {"–", '-' },
        {"—", '-' },
        {"→", '>' },
        {"←", '<' },
        {"×",  'x' },
        {"’", '\''},
        {"“", '"' },
        {"”", '"' },
    };

    for (size_t i = 0; i < GLYPH_COUNT; i++) {
        if (strlen(glyphs[i].utf8) == len && memcmp(glyphs[i].utf8, text, len) == 0) {
            return glyphs[i].ascii[0];
        }
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (strlen(others[i].from) == len && memcmp(others[i].from, text, len) == 0) {
            return others[i].to;
        }
    }
    return '?';
}

/* A character together with its combining marks. */
struct grapheme {
    char text[CELL_BYTES];
    size_t len;   /* the bytes of the text */
    size_t bytes; /* how many bytes were taken from the source */
    int width;    /* 1 or 2; 0: nothing to show */
};

static size_t decode(const char *text, size_t len, uint32_t *cp)
{
    if (len > 0 && (unsigned char)text[0] >= 0x20 && (unsigned char)text[0] < 0x7f) {
        *cp = (unsigned char)text[0];
        return 1;
    }
    size_t n = text_utf8_decode(text, len, cp);
    if (n == 0 || (!text_is_usual(*cp) && (text_is_dangerous(*cp) || text_is_invisible(*cp)))) {
        *cp = '?';
        return n == 0 ? 1 : n;
    }
    return n;
}

static void next_grapheme(const char *text, size_t len, bool ascii, struct grapheme *g)
{
    uint32_t cp = 0;
    size_t n = decode(text, len, &cp);

    g->bytes = n;
    g->width = cp < 0x7f ? 1 : text_cp_width(cp);
    if (cp == '?' || cp < 0x7f) {
        g->text[0] = (char)cp;
        g->len = 1;
    } else {
        memcpy(g->text, text, n);
        g->len = n;
    }
    while (g->bytes < len) {
        if ((unsigned char)text[g->bytes] < 0x80) {
            break;
        }
        uint32_t mark = 0;
        n = decode(text + g->bytes, len - g->bytes, &mark);
        if (mark < 0x80 || text_is_usual(mark) || text_cp_width(mark) != 0) {
            break;
        }
        if (g->len + n < CELL_BYTES) {
            memcpy(g->text + g->len, text + g->bytes, n);
            g->len += n;
        }
        g->bytes += n;
    }
    if (ascii && ((unsigned char)g->text[0] >= 0x80 || g->len > 1)) {
        char c = (unsigned char)g->text[0] < 0x80 ? g->text[0] : surface_ascii(g->text, g->len);
        g->text[0] = c;
        g->len = 1;
    }
}

/* How many of the first `max` bytes are ASCII characters that stand for themselves: no mark follows
 * the last one. */
static int ascii_run(const char *text, size_t len, int max)
{
    int n = 0;

    while ((size_t)n < len && n < max && text[n] >= 0x20 && text[n] < 0x7f) {
        n++;
    }
    return n > 0 && (size_t)n < len && (unsigned char)text[n] >= 0x80 ? n - 1 : n;
}

/* Puts the part that fits and returns the cells that it took. In ASCII mode a wide character is a
 * '?' for each of its cells. */
static int put_text(struct surface *s, int row, int col, int width, enum style st, const char *text,
                    size_t len, int skip)
{
    int used = 0;
    struct grapheme g;

    if (row < 0 || row >= s->rows || width <= 0 || col >= s->cols) {
        return 0;
    }
    if (col < 0) { /* the text begins left of the surface */
        skip -= col;
        width += col;
        col = 0;
    }
    if (width > s->cols - col) {
        width = s->cols - col;
    }
    for (size_t at = 0; at < len && used < width; at += g.bytes) {
        int run = skip > 0 ? 0 : ascii_run(text + at, len - at, width - used);
        if (run > 0) {
            set_ascii(s, row, col + used, st, text + at, run);
            used += run;
            g.bytes = (size_t)run;
            continue;
        }
        next_grapheme(text + at, len - at, s->ascii, &g);
        if (g.width == 0) {
            continue; /* the mark has no base to stand on */
        }
        if (skip > 0) {
            skip -= g.width;
            if (skip < 0) { /* only half of a wide character is inside: a blank stands for it */
                set_cell(s, row, col + used++, st, " ", 1, 1);
                skip = 0;
            }
            continue;
        }
        if (used + g.width > width) {
            break;
        }
        if (s->ascii && g.width == 2) {
            set_cell(s, row, col + used, st, g.text, g.len, 1);
            set_cell(s, row, col + used + 1, st, g.text, g.len, 1);
        } else {
            set_cell(s, row, col + used, st, g.text, g.len, g.width);
        }
        used += g.width;
    }
    return used;
}

static void fill_rest(struct surface *s, int row, int col, int width, int used, enum style st)
{
    if (row < 0 || row >= s->rows) {
        return;
    }
    int from = col + used < 0 ? 0 : col + used;
    int to = col + width < s->cols ? col + width : s->cols;
    if (from < to) {
        set_ascii(s, row, from, st, NULL, to - from);
    }
}

int surface_put_n(struct surface *s, int row, int col, int width, enum style st, const char *text,
                  size_t len, int skip)
{
    int used = put_text(s, row, col, width, st, text, len, skip);

    fill_rest(s, row, col < 0 ? 0 : col, col < 0 ? width + col : width, used, st);
    return used;
}

int surface_put(struct surface *s, int row, int col, int width, enum style st, const char *text)
{
    return surface_put_n(s, row, col, width, st, text, strlen(text), 0);
}

int surface_add(struct surface *s, int row, int col, int width, enum style st, const char *text)
{
    return put_text(s, row, col, width, st, text, strlen(text), 0);
}

int surface_put_cut(struct surface *s, int row, int col, int width, enum style st, const char *text)
{
    size_t len = strlen(text);

    /* No character takes more cells than bytes. */
    if (width <= 0 || len <= (size_t)width || text_width(text) <= width) {
        return surface_put_n(s, row, col, width, st, text, len, 0);
    }
    int used = 0;
    size_t fits = text_fit(text, width - 1, &used);
    surface_put_n(s, row, col, width, st, text, fits, 0);
    if (row >= 0 && row < s->rows && col + used >= 0 && col + used < s->cols) {
        const char *dots = glyph_text(GLYPH_ELLIPSIS, s->ascii);
        set_cell(s, row, col + used, st, dots, strlen(dots), 1);
    }
    return used + 1;
}

void surface_glyph(struct surface *s, int row, int col, enum style st, enum glyph g)
{
    const char *text = glyph_text(g, s->ascii);

    if (row >= 0 && row < s->rows && col >= 0 && col < s->cols) {
        set_cell(s, row, col, st, text, strlen(text), 1);
    }
}

void surface_fill(struct surface *s, struct rect r, enum style st)
{
    for (int i = 0; i < r.rows; i++) {
        fill_rest(s, r.row + i, r.col, r.cols, 0, st);
    }
}

void surface_hline(struct surface *s, int row, int col, int cols, enum style st)
{
    int from = col < 0 ? 0 : col;
    int to = col + cols < s->cols ? col + cols : s->cols;

    if (row < 0 || row >= s->rows || from >= to) {
        return;
    }
    split_wide(s, row, from, to - from);
    struct cell *c = cell_at(s, row, from);
    surface_glyph(s, row, from, st, GLYPH_HLINE);
    for (int i = 1; i < to - from; i++) {
        c[i] = c[0];
    }
}

void surface_vline(struct surface *s, int row, int col, int rows, enum style st)
{
    for (int i = 0; i < rows; i++) {
        surface_glyph(s, row + i, col, st, GLYPH_VLINE);
    }
}

void surface_box(struct surface *s, struct rect r, enum style st)
{
    int bottom = r.row + r.rows - 1, right = r.col + r.cols - 1;

    if (r.rows < 2 || r.cols < 2) {
        return;
    }
    surface_hline(s, r.row, r.col + 1, r.cols - 2, st);
    surface_hline(s, bottom, r.col + 1, r.cols - 2, st);
    surface_vline(s, r.row + 1, r.col, r.rows - 2, st);
    surface_vline(s, r.row + 1, right, r.rows - 2, st);
    surface_glyph(s, r.row, r.col, st, GLYPH_TOP_LEFT);
    surface_glyph(s, r.row, right, st, GLYPH_TOP_RIGHT);
    surface_glyph(s, bottom, r.col, st, GLYPH_BOTTOM_LEFT);
    surface_glyph(s, bottom, right, st, GLYPH_BOTTOM_RIGHT);
}

void surface_over(struct surface *s, int row, int col, int cols, enum overlay over)
{
    if (row < 0 || row >= s->rows) {
        return;
    }
    for (int i = col < 0 ? 0 : col; i < col + cols && i < s->cols; i++) {
        cell_at(s, row, i)->over = (uint8_t)over;
    }
}

void surface_restyle(struct surface *s, int row, int col, int cols, enum style st)
{
    if (row < 0 || row >= s->rows) {
        return;
    }
    for (int i = col < 0 ? 0 : col; i < col + cols && i < s->cols; i++) {
        cell_at(s, row, i)->style = (uint8_t)st;
    }
}

void surface_link(struct surface *s, int row, int col, int cols, const char *url)
{
    if (row < 0 || row >= s->rows || col < 0 || cols <= 0 || s->links_len == SURFACE_LINKS_MAX ||
        !url_openable(url)) {
        return;
    }
    if (s->links == NULL) {
        s->links = xcalloc(SURFACE_LINKS_MAX, sizeof *s->links);
    }
    s->links[s->links_len++] = (struct surface_link){row, col, cols, xstrdup(url)};
}

void surface_unlink(struct surface *s)
{
    while (s->links_len > 0) {
        free(s->links[--s->links_len].url);
    }
}

void surface_bar(struct surface *s, int row, int col, int cols, int percent)
{
    int clamped = percent < 0 ? 0 : percent > 100 ? 100 : percent;
    int halves = clamped * cols * 2 / 100;

    if (clamped > 0 && halves == 0) {
        halves = 1; /* a progress that has begun shows */
    }
    for (int i = 0; i < cols; i++) {
        if (halves >= 2 * (i + 1)) {
            surface_glyph(s, row, col + i, ST_BAR, GLYPH_BAR);
        } else if (halves == 2 * i + 1) {
            surface_glyph(s, row, col + i, ST_BAR, GLYPH_BAR_HALF);
        } else {
            surface_glyph(s, row, col + i, ST_BAR_REST, GLYPH_BAR_REST);
        }
    }
}

char *surface_text(const struct surface *s)
{
    struct strbuf out = STRBUF_INIT;

    for (int row = 0; row < s->rows; row++) {
        size_t end = out.len;
        for (int col = 0; col < s->cols; col++) {
            const struct cell *c = &s->cells[(size_t)row * (size_t)s->cols + (size_t)col];
            strbuf_adds(&out, c->text);
            if (c->width > 0 && strcmp(c->text, " ") != 0) {
                end = out.len;
            }
        }
        strbuf_truncate(&out, end);
        strbuf_addc(&out, '\n');
    }
    return strbuf_take(&out);
}
