/* The painter: from a surface to the terminal, by way of curses. */
#include "ui/flush.h"

#include <curses.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "core/alloc.h"
#include "core/text.h"
#include "ui/overdraw.h"
#include "ui/term_caps.h"

enum { PAIRS_MAX = 200 };

struct paint {
    attr_t attrs;
    short pair;
};

struct painter {
    struct terminal *term;
    const struct theme *theme;
    struct surface shown; /* the frame that curses was last given */
    bool disputed;        /* the frame holds cells that overdraw.h draws */
    bool all;             /* the next frame draws every cell */
    bool repaint;         /* and curses, too, forgets what the terminal shows */
    int cursor;           /* the visibility that was last set: 0, 1; -1 unknown */
    struct {
        int16_t fg, bg;
    } pairs[PAIRS_MAX];
    short pairs_len; /* colour pair n + 1 is pairs[n] */
    struct paint paints[STYLE_COUNT][OVERLAY_COUNT];
};

static short pair_for(struct painter *p, int16_t fg, int16_t bg)
{
    if (fg < 0 && bg < 0) {
        return 0;
    }
    for (short i = 0; i < p->pairs_len; i++) {
        if (p->pairs[i].fg == fg && p->pairs[i].bg == bg) {
            return (short)(i + 1);
        }
    }
    if (p->pairs_len >= PAIRS_MAX || p->pairs_len + 1 >= COLOR_PAIRS) {
        return 0;
    }
    short n = (short)(p->pairs_len + 1);
    if (init_pair(n, fg, bg) == ERR) {
        return 0;
    }
    p->pairs[p->pairs_len].fg = fg;
    p->pairs[p->pairs_len].bg = bg;
    p->pairs_len = n;
    return n;
}

static void painter_set_theme(struct painter *p, const struct theme *theme)
{
    int colors = term_colors(p->term);

    p->theme = theme;
    p->pairs_len = 0;
    for (int s = 0; s < STYLE_COUNT; s++) {
        for (int o = 0; o < OVERLAY_COUNT; o++) {
            struct look l = theme_look(theme, (enum style)s, (enum overlay)o, colors);
            struct paint *to = &p->paints[s][o];
            to->attrs = A_NORMAL;
            to->attrs |= (l.flags & LOOK_BOLD) != 0 ? A_BOLD : 0;
            to->attrs |= (l.flags & LOOK_DIM) != 0 ? A_DIM : 0;
            to->attrs |= (l.flags & LOOK_UNDERLINE) != 0 ? A_UNDERLINE : 0;
            to->attrs |= (l.flags & LOOK_REVERSE) != 0 ? A_REVERSE : 0;
            to->pair = colors > 0 ? pair_for(p, l.fg, l.bg) : 0;
        }
    }
    painter_forget(p);
}

struct painter *painter_new(struct terminal *t, const struct theme *theme)
{
    struct painter *p = xcalloc(1, sizeof *p);

    p->term = t;
    p->cursor = 0; /* term_open has hidden the cursor */
    surface_init(&p->shown, 1, 1, false);
    painter_set_theme(p, theme);
    p->repaint = false; /* the terminal was just opened, so curses knows what it shows */
    return p;
}

void painter_free(struct painter *p)
{
    if (p != NULL) {
        surface_done(&p->shown);
        free(p);
    }
}

void painter_forget(struct painter *p)
{
    p->all = true;
    p->repaint = true;
}

/* The terminal's own line drawing character, for terminals that have it and no UTF-8. */
static char acs_letter(const char *text)
{
    static const struct {
        enum glyph glyph;
        char letter;
    } lines[] = {
        {GLYPH_HLINE,        'q'},
        {GLYPH_VLINE,        'x'},
        {GLYPH_TOP_LEFT,     'l'},
        {GLYPH_TOP_RIGHT,    'k'},
        {GLYPH_BOTTOM_LEFT,  'm'},
        {GLYPH_BOTTOM_RIGHT, 'j'},
        {GLYPH_TEE_LEFT,     't'},
        {GLYPH_TEE_RIGHT,    'u'},
        {GLYPH_TEE_DOWN,     'w'},
        {GLYPH_TEE_UP,       'v'},
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        if (strcmp(text, glyph_text(lines[i].glyph, false)) == 0) {
            return lines[i].letter;
        }
    }
    return '\0';
}

static void make_char(const struct painter *p, const struct cell *c, cchar_t *out)
{
    struct paint paint = p->paints[c->style < STYLE_COUNT ? c->style : ST_TEXT]
                                  [c->over < OVERLAY_COUNT ? c->over : OVER_NONE];
    wchar_t wide[CCHARW_MAX + 1] = {0};
    size_t len = strnlen(c->text, sizeof c->text);
    size_t n = 0;

    if (len == 0) {
        wide[n++] = L' ';
    } else if (len == 1 || term_utf8(p->term)) {
        for (size_t i = 0; i < len && n < CCHARW_MAX;) {
            uint32_t cp = 0;
            size_t used = text_utf8_decode(c->text + i, len - i, &cp);
            if (used == 0 || text_is_dangerous(cp)) {
                break; /* a surface never holds such a cell */
            }
            wide[n++] = (wchar_t)cp;
            i += used;
        }
    } else {
        char letter = term_acs(p->term) ? acs_letter(c->text) : '\0';
        wide[n++] = letter != '\0' ? letter : surface_ascii(c->text, len);
        paint.attrs |= letter != '\0' ? A_ALTCHARSET : 0;
    }
    if (n == 0 || setcchar(out, wide, paint.attrs, paint.pair, NULL) == ERR) {
        (void)setcchar(out, L"?", paint.attrs, paint.pair, NULL);
    }
}

/* The cell that curses holds where overdraw.h draws: it equals no cell that curses may be given
 * otherwise, so that curses writes the place anew when the character goes. */
static void stand_in(cchar_t *out)
{
    (void)setcchar(out, L"?", A_PROTECT, 0, NULL);
}

/* Gives curses the cells [from, to) of a row. A wide cell ends a call, so that what follows starts
 * at a known place whatever curses takes its width for. */
static void put_run(struct painter *p, const struct cell *row, int y, int from, int to)
{
    cchar_t chars[256];
    int start = from;
    int n = 0;

    for (int x = from; x < to; x++) {
        bool right_half = row[x].width == 0 && row[x].text[0] == '\0' && x > 0 &&
                          row[x - 1].width == 2 && term_utf8(p->term);
        const struct cell *c = right_half ? &row[x - 1] : &row[x];
        if (term_utf8(p->term) && overdraw_cell(c)) {
            stand_in(&chars[n++]);
        } else if (right_half) {
            start = x + 1;
            continue; /* curses made this cell together with the left one */
        } else {
            make_char(p, c, &chars[n++]);
        }
        if (n == 256 || row[x].width == 2 || x + 1 == to) {
            (void)mvadd_wchnstr(y, start, chars, n);
            start = x + 1;
            n = 0;
        }
    }
}

/* Gives curses the changed part of a row. False when the row has not changed. */
static bool put_row(struct painter *p, const struct surface *s, int y)
{
    const struct cell *now = s->cells + (size_t)y * (size_t)s->cols;
    const struct cell *was = p->shown.cells + (size_t)y * (size_t)s->cols;
    int x = 0;

    if (!p->all && memcmp(now, was, (size_t)s->cols * sizeof *now) == 0) {
        return false;
    }
    while (x < s->cols) {
        if (!p->all && cell_same(&now[x], &was[x])) {
            x++;
            continue;
        }
        int from = x;
        while (x < s->cols && (p->all || !cell_same(&now[x], &was[x]))) {
            x++;
        }
        /* The changed part never starts or ends inside a wide character, new or old. */
        while (from > 0 && (now[from].width == 0 || was[from].width == 0)) {
            from--;
        }
        while (x < s->cols && (now[x].width == 0 || was[x].width == 0)) {
            x++;
        }
        put_run(p, now, y, from, x);
    }
    return true;
}

static void set_cursor(struct painter *p, const struct surface *s)
{
    int visible = s->cursor_row >= 0 && s->cursor_row < s->rows && s->cursor_col >= 0 &&
                  s->cursor_col < s->cols;

    if (visible) {
        (void)move(s->cursor_row, s->cursor_col);
    } else if (p->disputed) {
        (void)move(0, 0);
    }
    /* The place where curses leaves the cursor has to be known when more is drawn after its
     * frame. */
    (void)leaveok(stdscr, visible || p->disputed ? FALSE : TRUE);
    if (visible != p->cursor) {
        (void)curs_set(visible);
        p->cursor = visible;
    }
}

/* Draws after curses' frame what curses cannot draw; then the cursor is back where curses left
 * it. */
static void draw_over(struct painter *p, struct strbuf *bytes)
{
    if (bytes->len > 0) {
        int y, x;
        getyx(stdscr, y, x);
        caps_add_with(bytes, "cup", y, x);
        term_add(p->term, strbuf_str(bytes), bytes->len);
    }
}

void painter_frame(struct painter *p, const struct surface *s)
{
    size_t size = (size_t)s->rows * (size_t)s->cols;
    struct overdraw o = {.theme = p->theme, .colors = term_colors(p->term)};
    struct strbuf over = STRBUF_INIT;
    bool was_disputed = p->disputed;

    p->disputed = term_utf8(p->term) && overdraw_any(s);
    if (p->shown.rows != s->rows || p->shown.cols != s->cols) {
        surface_resize(&p->shown, s->rows, s->cols);
        p->all = true;
    }
    term_capture(p->term);
    if (p->repaint) {
        (void)clearok(curscr, TRUE);
        p->repaint = false;
    }
    /* What curses scrolls takes along characters that curses does not know of, so it may not scroll
     * then. */
    (void)idlok(stdscr, p->disputed || was_disputed ? FALSE : TRUE);
    for (int y = 0; y < s->rows && y < LINES; y++) {
        if (put_row(p, s, y) && p->disputed) {
            overdraw_row(&over, &o, s, y);
        }
    }
    set_cursor(p, s);
    (void)wnoutrefresh(stdscr);
    (void)doupdate();
    term_captured(p->term);
    draw_over(p, &over);
    strbuf_clear(&over);
    memcpy(p->shown.cells, s->cells, size * sizeof *s->cells);
    p->all = false;
}
