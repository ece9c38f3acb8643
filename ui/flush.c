/* The painter: from a surface to the terminal.
 *
 * DESIGN: the painter keeps the frame that the terminal shows. A new frame is compared with it cell
 * by cell, as the cells look: a blank in another colour is the same blank. What differs is written
 * by the pen (pen.h) into one string, which goes to the terminal in one write. curses has no part
 * in a frame: it flushes at every cursor motion, sets all attributes for each change of one, and
 * compares 28 bytes a cell several times over. */
#include "ui/flush.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/text.h"
#include "ui/changes.h"
#include "ui/links.h"
#include "ui/overdraw.h"
#include "ui/pen.h"
#include "ui/shift.h"
#include "ui/term_caps.h"

enum {
    ERASE_MIN = 10,     /* a run of blanks that is worth a sequence of its own */
    ERASE_LINE_MIN = 4, /* the same at the end of a row */
    LABELS_MIN = 4,     /* rows in which a label changes, from where on labels are drawn first */
    STYLE_NONE = 255    /* of a cell that the terminal blanked: no style of the theme */
};

static const struct cell terminal_blank = {.text = " ", .width = 1, .style = STYLE_NONE};
static const struct look plain_look = {.fg = -1, .bg = -1};

struct painter {
    struct terminal *term;
    const struct theme *theme;
    struct surface shown; /* what the terminal shows */
    struct strbuf bytes;  /* the frame under way */
    struct pen pen;
    bool links;                      /* links are sent */
    const struct surface *frame;     /* the frame under way */
    const struct surface_link *link; /* the link that is begun; NULL */
    bool all;   /* the terminal may show anything: the next frame draws every cell */
    int cursor; /* the visibility that was last set: 0, 1; -1 unknown */
    struct looks looks;
    struct extent changes[1000]; /* of the frame under way; a surface has no more rows */
};

struct painter *painter_new(struct terminal *t, const struct theme *theme)
{
    struct painter *p = xcalloc(1, sizeof *p);
    int colors = term_colors(t);

    p->term = t;
    p->theme = theme;
    p->all = true;
    p->cursor = 0; /* term_open has hidden the cursor */
    surface_init(&p->shown, 1, 1, false);
    pen_init(&p->pen, &p->bytes, colors, term_plain_newline(t));
    for (int o = 0; o < OVERLAY_COUNT; o++) {
        p->looks.of[STYLE_COUNT][o] = plain_look;
        for (int s = 0; s < STYLE_COUNT; s++) {
            p->looks.of[s][o] =
                pen_able(&p->pen, theme_look(theme, (enum style)s, (enum overlay)o, colors));
        }
    }
    return p;
}

void painter_set_links(struct painter *p, bool on)
{
    p->links = on;
}

void painter_free(struct painter *p)
{
    if (p != NULL) {
        surface_done(&p->shown);
        strbuf_clear(&p->bytes);
        free(p);
    }
}

void painter_forget(struct painter *p)
{
    p->all = true;
    p->cursor = -1;
}

static const struct look *look_of(const struct painter *p, const struct cell *c)
{
    return looks_find(&p->looks, c);
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

/* A blank that the terminal's own erasing makes as well. */
static inline bool is_erased(const struct painter *p, const struct cell *c)
{
    return cell_blank(c) && look_blank_same(look_of(p, c), &plain_look);
}

/* Do two cells look the same? */
static inline bool same(const struct painter *p, const struct cell *a, const struct cell *b)
{
    return cells_alike(&p->looks, a, b);
}

static const struct cell *row_of(const struct surface *s, int y)
{
    return s->cells + (size_t)y * (size_t)s->cols;
}

/* Finds out where each row changed; returns in how many rows something did. */
static int find_changes(struct painter *p, const struct surface *s)
{
    int count = 0;

    for (int y = 0; y < s->rows; y++) {
        p->changes[y] = changes_in(&p->looks, row_of(s, y), row_of(&p->shown, y), s->cols);
        count += !p->changes[y].same;
    }
    return count;
}

/* The right half of a wide character is drawn with its left half. */
static bool is_right_half(const struct painter *p, const struct cell *row, int x)
{
    return row[x].width == 0 && row[x].text[0] == '\0' && x > 0 && row[x - 1].width == 2 &&
           term_utf8(p->term);
}

static void put_cell(struct painter *p, const struct cell *c)
{
    size_t len = c->text[0] != '\0' && c->text[1] == '\0' ? 1 : strnlen(c->text, sizeof c->text);
    const struct look *look = look_of(p, c);

    if (!cell_blank(c) || !look_blank_same(&p->pen.look, look)) {
        pen_set(&p->pen, look);
    }
    if (len == 0) {
        pen_text(&p->pen, " ", 1, 1);
    } else if (len == 1 || term_utf8(p->term)) {
        pen_text(&p->pen, c->text, len, c->width);
    } else {
        char letter = term_acs(p->term) ? acs_letter(c->text) : '\0';
        char there = letter != '\0' ? p->pen.caps.acs[(unsigned char)letter] : '\0';
        if (there != '\0') {
            pen_acs(&p->pen, there);
        } else {
            char plain = surface_ascii(c->text, len);
            pen_text(&p->pen, &plain, 1, 1);
        }
    }
}

/* Begins and ends links, so that the next cell belongs to `link`; NULL: to none. */
static void set_link(struct painter *p, const struct surface_link *link)
{
    if (p->link != link) {
        p->link = link;
        links_add(&p->bytes, p->frame, link);
    }
}

static const struct surface_link *link_of(const struct painter *p, const struct cell *c, int row,
                                          int x)
{
    return p->links && c->style == ST_LINK && p->frame->links_len > 0 ? links_at(p->frame, row, x)
                                                                      : NULL;
}

/* Which cells of a row are drawn. */
enum turn {
    TURN_ALL,
    TURN_LABELS, /* labels alone, with the blanks behind them */
    TURN_REST    /* what that leaves */
};

/* A row that is being drawn. */
struct row {
    const struct painter *p;
    const struct cell *cells;
    enum turn turn;
    int y, cols;
    int blank_from; /* from here to its end the row is erased */
    int last;       /* the last cell that changed */
    int stop;       /* the last cell that this turn draws */
};

static char between(const void *with, int row, int x)
{
    const struct row *r = with;
    const struct cell *c = &r->cells[x];
    const struct look *look = look_of(r->p, c);
    /* A cell of a link is not written again only to get over it. */
    bool plain = c->width == 1 && c->text[0] >= ' ' && c->text[0] < 0x7f && c->text[1] == '\0' &&
                 r->p->link == NULL && (!r->p->links || c->style != ST_LINK);

    (void)row;
    return (char)(plain && (look_same(&r->p->pen.look, look) ||
                            (cell_blank(c) && look_blank_same(&r->p->pen.look, look)))
                      ? c->text[0]
                      : '\0');
}

static bool is_label(const struct cell *c)
{
    return c->style == ST_LABEL && !cell_blank(c);
}

/* Erases the blanks from `x` on where that is shorter than to write them. Returns the first cell
 * after them, `x` when nothing was erased. */
static int erase_run(struct painter *p, const struct row *r, int x, int to)
{
    int end = x;
    bool whole = x >= r->blank_from && r->last - x + 1 >= ERASE_LINE_MIN;

    if (!whole && to - x < ERASE_MIN) {
        return x;
    }
    while (end < to && is_erased(p, &r->cells[end])) {
        end++;
    }
    if (!whole && end - x < ERASE_MIN) {
        return x;
    }
    pen_move(&p->pen, r->y, x, between, r);
    if (!look_blank_same(&p->pen.look, &plain_look)) {
        pen_set(&p->pen, &plain_look);
    }
    if (whole && pen_erase_line(&p->pen)) {
        return r->last + 1;
    }
    return end - x >= ERASE_MIN && pen_erase(&p->pen, end - x) ? end : x;
}

/* Draws the characters from `x` on that are plain ASCII in the look of the first one, all at once,
 * with blanks between them that are too few to be erased; returns the first cell that is not drawn.
 * The last column is left to put_cell. */
static int put_letters(struct painter *p, const struct row *r, int x, int to)
{
    const struct cell *c = &r->cells[x];
    char text[64];
    int n = 0;

    to = to < r->cols ? to : r->cols - 1;
    for (int i = 0; x + i < to && i < (int)sizeof text; i++) {
        char letter = c[i].text[0];
        if (letter < ' ' || letter >= 0x7f || c[i].text[1] != '\0' || c[i].style != c->style ||
            c[i].over != c->over || (letter == ' ' && (i == 0 || i - n == ERASE_MIN - 1))) {
            break;
        }
        text[i] = letter;
        n = letter == ' ' ? n : i + 1;
    }
    if (n > 0) {
        pen_move(&p->pen, r->y, x, between, r);
        pen_set(&p->pen, look_of(p, c));
        pen_text(&p->pen, text, (size_t)n, n);
    }
    return x + n;
}

/* Draws one cell. What overdraw.h draws comes when the row is done. */
static void put_one(struct painter *p, const struct row *r, int x)
{
    const struct cell *c = &r->cells[x];

    if (!is_right_half(p, r->cells, x) && !(term_utf8(p->term) && overdraw_cell(c))) {
        pen_move(&p->pen, r->y, x, between, r);
        put_cell(p, c);
    }
}

/* Draws the cells [from, to) of a row, and more of them when the rest of the row was erased.
 * Returns the first cell that was not drawn. */
static int put_run(struct painter *p, const struct row *r, int from, int to)
{
    bool label = false;

    for (int x = from; x < to;) {
        const struct cell *c = &r->cells[x];
        bool erased = is_erased(p, c);
        label = is_label(c) || (label && erased);
        if (r->turn != TURN_ALL && label != (r->turn == TURN_LABELS)) {
            x++;
            continue;
        }
        const struct surface_link *link = link_of(p, c, r->y, x);
        /* a run of letters ends where a link does */
        int same = link != NULL                      ? link->col + link->cols
                   : p->links && c->style == ST_LINK ? x + 1
                                                     : to;
        set_link(p, link);
        int end = erased ? erase_run(p, r, x, to) : put_letters(p, r, x, same < to ? same : to);
        to = end > to ? end : to;
        if (end == x) {
            put_one(p, r, x);
            end++;
        }
        x = end;
    }
    set_link(p, NULL);
    return to;
}

/* Draws what changed from the column `first` on. */
static void put_changes(struct painter *p, struct row *r, const struct cell *was, int first)
{
    const struct cell *now = r->cells;

    r->blank_from = r->cols; /* which matters only where the changes end with a blank */
    if (r->last >= 0 && is_erased(p, &now[r->last])) {
        while (r->blank_from > first && is_erased(p, &now[r->blank_from - 1])) {
            r->blank_from--;
        }
    }
    for (int x = first; x <= r->stop;) {
        if (same(p, &now[x], &was[x])) {
            x++;
            continue;
        }
        int from = x;
        while (x <= r->stop && !same(p, &now[x], &was[x])) {
            x++;
        }
        /* The changed part never starts or ends inside a wide character, new or old. */
        while (from > 0 && (now[from].width == 0 || was[from].width == 0)) {
            from--;
        }
        while (x < r->cols && (now[x].width == 0 || was[x].width == 0)) {
            x++;
        }
        x = put_run(p, r, from, x);
    }
}

static const struct look *look_in(const void *with, const struct cell *c)
{
    return look_of(with, c);
}

/* The first column within the changes from which on a label changed; past the last one when none
 * did. */
static int label_changed(const struct cell *now, const struct cell *was, const struct extent *e)
{
    int x = e->first;

    while (x <= e->last &&
           (now[x].style != ST_LABEL || cell_blank(&now[x]) || cells_identical(&now[x], &was[x]))) {
        x++;
    }
    return x;
}

static struct row row_begin(const struct painter *p, const struct surface *s, int y, enum turn turn)
{
    return (struct row){.p = p,
                        .cells = row_of(s, y),
                        .turn = turn,
                        .y = y,
                        .cols = s->cols,
                        .last = p->changes[y].last,
                        .stop = p->changes[y].last};
}

/* The last changed cell that is a label, or a blank behind one. */
static int labels_end(const struct painter *p, const struct row *r)
{
    int x = r->last;

    while (!is_label(&r->cells[x])) {
        x--;
    }
    while (x < r->last && is_erased(p, &r->cells[x + 1])) {
        x++;
    }
    return x;
}

/* Labels stand one under the other and have a look of their own: where many change, all of them are
 * drawn first, in one look, which takes fewer bytes than to change the look twice in every row.
 * Returns what is left to draw. */
static enum turn put_labels(struct painter *p, const struct surface *s, int rows)
{
    int from[1000]; /* a surface has no more rows */
    int count = 0;

    for (int y = 0; y < rows; y++) {
        from[y] = label_changed(row_of(s, y), row_of(&p->shown, y), &p->changes[y]);
        count += from[y] <= p->changes[y].last;
    }
    if (count < LABELS_MIN) {
        return TURN_ALL;
    }
    for (int y = 0; y < rows; y++) {
        struct row r = row_begin(p, s, y, TURN_LABELS);
        if (from[y] <= r.last) {
            r.stop = labels_end(p, &r);
            put_changes(p, &r, row_of(&p->shown, y), from[y]);
        }
    }
    return TURN_REST;
}

/* Draws the changed part of a row. */
static void put_row(struct painter *p, const struct surface *s, int y, enum turn turn)
{
    struct row r = row_begin(p, s, y, turn);
    struct cell *was = p->shown.cells + (size_t)y * (size_t)s->cols;

    if (p->changes[y].same) {
        return;
    }
    put_changes(p, &r, was, p->changes[y].first);
    if (term_utf8(p->term)) {
        const struct overdraw_row o = {.s = s,
                                       .y = y,
                                       .was = was,
                                       .first = p->changes[y].first,
                                       .last = p->changes[y].last,
                                       .look = look_in,
                                       .with = p};
        overdraw_row(&p->pen, &o);
    }
    memcpy(was, r.cells, (size_t)s->cols * sizeof *was);
}

/* Lets the terminal move rows that it already shows; true when it did. It takes along what it shows
 * for characters of disputed width, which may be more than their cells: then nothing is moved. */
static bool move_rows(struct painter *p, const struct surface *s)
{
    struct shift f = shift_find(&p->shown, s);

    if (f.n == 0 || overdraw_any(s) || overdraw_any(&p->shown)) {
        return false;
    }
    pen_scroll(&p->pen, f.top, f.bottom, f.n);
    shift_apply(&p->shown, &f, &terminal_blank);
    links_shift(&p->shown, &f);
    return true;
}

static void clear_all(struct painter *p)
{
    size_t size = (size_t)p->shown.rows * (size_t)p->shown.cols;

    pen_clear(&p->pen);
    for (size_t i = 0; i < size; i++) {
        p->shown.cells[i] = terminal_blank;
    }
    surface_unlink(&p->shown);
    p->all = false;
}

static void set_cursor(struct painter *p, const struct surface *s)
{
    bool moved = s->cursor_row != p->shown.cursor_row || s->cursor_col != p->shown.cursor_col;
    int visible = s->cursor_row >= 0 && s->cursor_row < s->rows && s->cursor_col >= 0 &&
                  s->cursor_col < s->cols;

    if (visible && (moved || p->bytes.len > 0 || visible != p->cursor)) {
        pen_move(&p->pen, s->cursor_row, s->cursor_col, NULL, NULL);
    }
    if (visible != p->cursor) {
        caps_add(&p->bytes, visible ? "cnorm" : "civis");
        p->cursor = visible;
    }
    p->shown.cursor_row = s->cursor_row;
    p->shown.cursor_col = s->cursor_col;
}

void painter_frame(struct painter *p, const struct surface *s)
{
    int rows = s->rows < term_rows(p->term) ? s->rows : term_rows(p->term);

    if (p->shown.rows != s->rows || p->shown.cols != s->cols) {
        surface_resize(&p->shown, s->rows, s->cols);
        p->all = true;
    }
    p->frame = s;
    p->pen.rows = term_rows(p->term);
    p->pen.cols = term_cols(p->term);
    p->pen.row = -1; /* the first motion of a frame relies on nothing */
    bool may_move = !p->all && p->pen.caps.scrolls;
    if (p->all) {
        clear_all(p);
    }
    int changed = find_changes(p, s);
    bool moved = may_move && shift_likely(changed, s->rows) && move_rows(p, s);
    bool spoiled = p->links && links_spoil(&p->shown, s);
    if (moved || spoiled) {
        (void)find_changes(p, s);
    }
    enum turn turn = put_labels(p, s, rows);
    for (int y = 0; y < rows; y++) {
        put_row(p, s, y, turn);
    }
    if (p->links) {
        links_keep(&p->shown, s);
    }
    pen_plain(&p->pen); /* whoever writes to the terminal next finds no attribute set */
    set_cursor(p, s);
    term_add(p->term, strbuf_str(&p->bytes), p->bytes.len);
    strbuf_reset(&p->bytes);
}
