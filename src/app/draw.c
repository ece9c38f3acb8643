/* What the screens draw with: titles, windows, texts, lines being typed. */
#include "draw.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "wrap.h"

enum { STALE_ROWS = 2 }; /* the list under them is still of use */

void draw_title(struct surface *s, struct rect pane, const struct pane_title *t)
{
    enum style st = t->focus ? ST_TITLE_FOCUS : ST_TITLE;
    enum style rule = t->focus ? ST_BORDER_FOCUS : ST_BORDER;
    int right = t->right == NULL || t->right[0] == '\0' ? 0 : text_width(t->right) + 1;
    int room = pane.cols - 1;

    if (pane.rows <= 0 || pane.cols <= 0) {
        return;
    }
    surface_hline(s, pane.row, pane.col, pane.cols, rule);
    if (right > 0 && right + 12 > room) {
        right = 0;
    }
    int width = text_width(t->text);
    if (width > room - right - 2) {
        width = room - right - 2;
    }
    surface_put_cut(s, pane.row, pane.col + 1, width, st, t->text);
    surface_put(s, pane.row, pane.col, 1, st, t->focus ? glyph_text(GLYPH_MARK, s->ascii) : " ");
    surface_put(s, pane.row, pane.col + 1 + width, 1, st, " ");
    if (right > 0) {
        surface_put(s, pane.row, pane.col + pane.cols - right - 1, right + 1, ST_TEXT, " ");
        surface_put(s, pane.row, pane.col + pane.cols - right, right, ST_TEXT, t->right);
    }
}

struct rect draw_shrunk(struct rect most, size_t rows)
{
    int want = (int)(rows < 100 ? rows : 100) + 2;

    if (want < most.rows) {
        most.rows = want;
    }
    return most;
}

struct rect draw_window(struct surface *s, struct rect r, const char *title, enum style border,
                        enum style title_style)
{
    int width = text_width(title);

    surface_fill(s, r, ST_DIALOG);
    surface_box(s, r, border);
    if (title[0] != '\0' && r.cols > 6) {
        width = width > r.cols - 6 ? r.cols - 6 : width;
        surface_put(s, r.row, r.col + 2, 1, border, " ");
        surface_put_cut(s, r.row, r.col + 3, width, title_style, title);
        surface_put(s, r.row, r.col + 3 + width, 1, border, " ");
    }
    return (struct rect){r.row + 1, r.col + 2, r.rows > 2 ? r.rows - 2 : 0,
                         r.cols > 4 ? r.cols - 4 : 0};
}

/* How many cells `len` bytes of clean text take. */
static int cells_of(const char *text, size_t len)
{
    int cells = 0;

    for (size_t i = 0; i < len;) {
        uint32_t cp = 0;
        bool ascii = (unsigned char)text[i] < 0x80;
        size_t n = ascii ? 1 : text_utf8_decode(text + i, len - i, &cp);
        cells += n == 0 || ascii ? 1 : text_cp_width(cp);
        i += n == 0 ? 1 : n;
    }
    return cells;
}

/* Changes the style of the cells that the bytes [from, to) of a row's text take. */
static void restyle_bytes(struct surface *s, struct rect at, const struct text_row *r, int left,
                          size_t from, size_t to, enum style st)
{
    size_t row_end = r->from + r->len;

    from = from < r->from ? r->from : from;
    to = to > row_end ? row_end : to;
    if (from >= to) {
        return;
    }
    const char *text = r->line->text + r->from;
    int x = cells_of(text, from - r->from) - left;
    int n = cells_of(r->line->text + from, to - from);
    if (x < 0) {
        n += x;
        x = 0;
    }
    if (n > at.cols - x) {
        n = at.cols - x;
    }
    if (n > 0) {
        surface_restyle(s, at.row, at.col + x, n, st);
    }
}

static void draw_matches(struct surface *s, struct rect at, const struct text_row *r,
                         const struct textview *v, int left)
{
    size_t from = r->from;
    size_t start, end;

    if (v->pattern == NULL || v->pattern[0] == '\0') {
        return;
    }
    while (from < r->from + r->len && textview_match(v, r->line, from, &start, &end)) {
        bool here = v->matched && v->match_line == r->seq;
        if (start >= r->from + r->len) {
            return;
        }
        restyle_bytes(s, at, r, left, start, end, here ? ST_MATCH_HERE : ST_MATCH);
        from = end > start ? end : start + 1;
    }
}

/* The address of a line may be a link; one in which a secret is hidden leads nowhere. */
static void link_row(struct surface *s, struct rect at, const struct text_row *r, int left,
                     int used)
{
    const struct text_line *l = r->line;
    size_t begin = r->from < l->label ? l->label : r->from;

    if (begin < r->from + r->len && strstr(l->text + l->label, "****") == NULL) {
        int lead = cells_of(l->text + r->from, begin - r->from) - left;
        lead = lead < 0 ? 0 : lead;
        surface_link(s, at.row, at.col + lead, used - lead, l->text + l->label);
    }
}

static void draw_text_row(struct surface *s, struct rect at, const struct text_row *r,
                          const struct text_draw *d)
{
    const struct textview *v = d->view;
    int left = v->wrap ? 0 : v->left;
    struct rect body = at;
    char stamp[64] = "";

    if (d->stamp != NULL) {
        const char *text = d->stamp(d->arg, r->line, stamp, sizeof stamp);
        int width = text_width(text);
        surface_put(s, at.row, at.col, width, ST_TIME, r->first ? text : "");
        body.col += width;
        body.cols -= width;
    }
    int used = surface_put_n(s, body.row, body.col, body.cols, (enum style)r->line->style,
                             r->line->text + r->from, r->len, left);
    if (r->line->style == ST_LINK) { /* the blanks after a link are not underlined */
        surface_restyle(s, body.row, body.col + used, body.cols - used, ST_TEXT);
        link_row(s, body, r, left, used);
    }
    if (r->line->label > 0) {
        restyle_bytes(s, body, r, left, 0, r->line->label, ST_LABEL);
    }
    for (size_t i = 0; i < r->line->spans_len; i++) {
        const struct text_span *x = &r->line->spans[i];
        restyle_bytes(s, body, r, left, x->from, x->from + x->len, (enum style)x->style);
    }
    draw_matches(s, body, r, v, left);
    if (!v->wrap && left > 0 && r->len > 0) {
        surface_glyph(s, body.row, body.col, ST_DIM, GLYPH_MORE_LEFT);
    }
    if (!v->wrap && cells_of(r->line->text + r->from, r->len) - left > body.cols && body.cols > 0) {
        surface_glyph(s, body.row, body.col + body.cols - 1, ST_DIM, GLYPH_MORE_RIGHT);
    }
    if (textview_selected(v, r->seq)) {
        surface_over(s, at.row, at.col, at.cols, OVER_SELECTED);
    } else if (v->has_cursor && v->cursor == r->seq) {
        surface_over(s, at.row, at.col, at.cols, d->focus ? OVER_CURSOR : OVER_CURSOR_IDLE);
    } else if (r->line->marked) {
        surface_over(s, at.row, at.col, at.cols, OVER_MARKED);
    }
}

void draw_percent(struct surface *s, struct rect body, const struct textview *v)
{
    int percent = textview_percent(v);
    char text[24];

    if (percent < 100 && body.rows >= 3) {
        int n = snprintf(text, sizeof text, " %d%% ", percent);
        surface_put(s, body.row + body.rows - 1, body.col + body.cols - n, n, ST_DIM, text);
    }
}

void draw_row_number(struct surface *s, struct rect inside, size_t at, size_t len)
{
    char text[48];

    if (inside.rows > 0 && len > (size_t)inside.rows) {
        int n = snprintf(text, sizeof text, " %zu/%zu ", at < len ? at + 1 : len, len);
        surface_put(s, inside.row + inside.rows, inside.col + inside.cols - n, n, ST_DIM, text);
    }
}

void draw_text(struct surface *s, struct rect body, const struct text_draw *d)
{
    struct text_row rows[256];
    size_t max = body.rows < 0 ? 0 : body.rows > 256 ? 256 : (size_t)body.rows;
    size_t n = textview_visible(d->view, rows, max);

    for (size_t i = 0; i < n && i < max; i++) {
        struct rect at = {body.row + (int)i, body.col, 1, body.cols};
        draw_text_row(s, at, &rows[i], d);
    }
}

/* Draws the last row for which there is room, so that it shows that more text follows, and where.
 */
static void put_cut_off(struct surface *s, struct rect r, enum style st, const char *text,
                        size_t len, const char *more)
{
    int tail = text_width(more);

    if (tail + 1 > r.cols * 2 / 3) { /* the words come first */
        tail = 0;
    }
    size_t fits = text_fit(text, r.cols - 1 - tail, NULL);
    int used = surface_put_n(s, r.row, r.col, r.cols, st, text, len < fits ? len : fits, 0);

    surface_glyph(s, r.row, r.col + used, st, GLYPH_ELLIPSIS);
    surface_put_n(s, r.row, r.col + used + 1, tail, st, more, tail > 0 ? strlen(more) : 0, 0);
}

int draw_notice(struct surface *s, struct rect r, enum style st, const char *text, const char *more)
{
    int row = 0;

    while (*text != '\0' && row < r.rows) {
        const char *next = text;
        size_t len = wrap_row(text, r.cols, &next);
        if (next == text) {
            return row; /* not a single character fits */
        }
        if (*next != '\0' && row + 1 == r.rows) {
            put_cut_off(s, (struct rect){r.row + row, r.col, 1, r.cols}, st, text, len, more);
        } else {
            surface_put_n(s, r.row + row, r.col, r.cols, st, text, len, 0);
        }
        row++;
        text = next;
    }
    return row;
}

int draw_remedy(struct surface *s, struct rect r, enum style st, const char *text, size_t remedy,
                const char *more)
{
    int tail = remedy == 0 ? 0 : wrap_rows(text + remedy, r.cols);

    if (tail == 0 || tail >= r.rows || wrap_rows(text, r.cols) <= r.rows) {
        return draw_notice(s, r, st, text, more);
    }
    /* of the words before it some are cut for certain, whatever the rows of the tail save */
    struct rect head = {r.row, r.col, r.rows - tail, r.cols};
    int used = draw_notice(s, head, st, text, more);
    return used +
           draw_notice(s, (struct rect){r.row + used, r.col, tail, r.cols}, st, text + remedy, "");
}

int draw_wrapped(struct surface *s, struct rect r, enum style st, const char *text)
{
    return draw_notice(s, r, st, text, "");
}

int draw_err(struct surface *s, struct rect r, const struct desk *d, const struct err *e)
{
    char *text = text_cleaned(e->msg, TEXT_ONE_LINE);
    char *hint = text_cleaned(err_hint(e), TEXT_ONE_LINE);
    char more[DESK_MORE_SIZE];
    struct rect head = r;

    head.rows -= wrap_rows(hint, r.cols);
    if (head.rows < (r.rows + 1) / 2) {
        head.rows = (r.rows + 1) / 2;
    }
    int used = draw_notice(s, head, ST_BAD, text, desk_more(d, more));
    r.row += used;
    r.rows -= used;
    used += draw_notice(s, r, ST_HINT, hint, more);
    free(hint);
    free(text);
    return used;
}

void draw_stale(struct surface *s, struct rect list, const struct desk *d, const struct err *e)
{
    char text[ERR_TEXT_SIZE], more[DESK_MORE_SIZE];
    char *clean = text_cleaned(err_full(e, text), TEXT_ONE_LINE);
    int rows = wrap_rows(clean, list.cols);

    rows = rows > STALE_ROWS ? STALE_ROWS : rows < 1 ? 1 : rows;
    struct rect r = {list.row + list.rows - rows, list.col, rows, list.cols};
    surface_fill(s, r, ST_TEXT);
    (void)draw_notice(s, r, ST_BAD, clean, desk_more(d, more));
    free(clean);
}

void draw_edit(struct surface *s, int row, int col, int cols, enum style st, const struct edit *e,
               bool cursor)
{
    int at = 0;
    char *text = edit_view(e, cols, &at);

    surface_put(s, row, col, cols, st, text);
    free(text);
    if (cursor) {
        s->cursor_row = row;
        s->cursor_col = col + (at < cols ? at : cols - 1);
    }
}
