/* Lines of text that scroll: the window over them. */
#include <string.h>

#include "core/text.h"
#include "textview_priv.h"

/* A place in the text: a line that shows, and a wrapped row of it. */
struct place {
    size_t i;
    int row;
};

size_t textview_len(const struct textview *v)
{
    return v->keep ? v->kept_len : v->len;
}

uint64_t textview_shown_seq(const struct textview *v, size_t shown)
{
    return v->keep ? v->kept[shown] : v->dropped + shown;
}

size_t textview_shown_index(const struct textview *v, uint64_t seq)
{
    if (!v->keep) {
        if (seq < v->dropped) {
            return 0;
        }
        return seq - v->dropped < v->len ? (size_t)(seq - v->dropped) : v->len;
    }
    size_t low = 0, high = v->kept_len;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (v->kept[mid] < seq) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low;
}

static const struct text_line *shown_line(const struct textview *v, size_t shown)
{
    return textview_line(v, textview_shown_seq(v, shown));
}

/* The bytes of the row that begins at `from`; at least one character, so that a walk through the
 * rows ends. */
static size_t row_bytes(const struct textview *v, const struct text_line *l, size_t from)
{
    /* No character takes more cells than bytes. */
    if (l->len - from <= (size_t)(v->cols < 1 ? 1 : v->cols)) {
        return l->len - from;
    }
    size_t n = text_fit(l->text + from, v->cols < 1 ? 1 : v->cols, NULL);

    /* the row ends at its last blank, when that is not far back */
    if (v->words && from + n < l->len) {
        size_t cut = n;
        while (cut > 0 && l->text[from + cut - 1] != ' ') {
            cut--;
        }
        n = cut > n / 2 ? cut : n;
    }
    if (n == 0 && from < l->len) {
        uint32_t cp = 0;
        n = text_utf8_decode(l->text + from, l->len - from, &cp);
        n = n == 0 ? 1 : n;
    }
    return n;
}

static int rows_of(const struct textview *v, size_t shown)
{
    const struct text_line *l = shown_line(v, shown);
    int rows = 1;

    if (!v->wrap || l == NULL) {
        return 1;
    }
    for (size_t at = row_bytes(v, l, 0); at < l->len; at += row_bytes(v, l, at)) {
        rows++;
    }
    return rows;
}

/* The top place of a window whose last row is the last row of this line. */
static struct place last_place(const struct textview *v, size_t shown)
{
    size_t i = shown + 1;
    int need = v->rows;

    while (i > 0 && need > 0) {
        int rows = rows_of(v, --i);
        if (rows >= need) {
            return (struct place){i, rows - need};
        }
        need -= rows;
    }
    return (struct place){0, 0};
}

/* The top place of a window at the end of the text. */
static struct place end_place(const struct textview *v)
{
    size_t n = textview_len(v);

    return n == 0 ? (struct place){0, 0} : last_place(v, n - 1);
}

static bool after(struct place a, struct place b)
{
    return a.i > b.i || (a.i == b.i && a.row > b.row);
}

static struct place get_top(const struct textview *v)
{
    return (struct place){textview_shown_index(v, v->top), v->top_row};
}

static void set_top(struct textview *v, struct place p)
{
    v->top = textview_len(v) == 0 ? v->dropped : textview_shown_seq(v, p.i);
    v->top_row = p.row;
}

void textview_settle(struct textview *v)
{
    size_t n = textview_len(v);
    struct place top = get_top(v), end;

    if (n == 0) {
        v->top = v->dropped;
        v->top_row = 0;
        return;
    }
    if (!v->follow && n - (top.i < n ? top.i : n) > (size_t)v->rows) {
        /* This place is far from the end: only the line itself has to be looked at. */
        if (textview_shown_seq(v, top.i) != v->top) {
            top.row = 0;
        }
        int rows = top.row > 0 ? rows_of(v, top.i) : 1;
        top.row = top.row < rows ? top.row : rows - 1;
        set_top(v, top);
        return;
    }
    end = end_place(v);
    if (v->follow || top.i >= n || after(top, end)) {
        top = end;
    } else if (textview_shown_seq(v, top.i) != v->top) {
        top.row = 0;
    }
    set_top(v, top);
    if (v->follow) {
        v->unseen = 0;
    }
}

void textview_resize(struct textview *v, int rows, int cols)
{
    rows = rows < 1 ? 1 : rows;
    cols = cols < 1 ? 1 : cols;
    if (rows == v->rows && cols == v->cols) {
        return;
    }
    if (cols != v->cols) {
        v->top_row = 0;
    }
    v->rows = rows;
    v->cols = cols;
    textview_settle(v);
}

static bool at_end(const struct textview *v)
{
    return textview_len(v) == 0 || !after(end_place(v), get_top(v));
}

void textview_scroll(struct textview *v, int rows)
{
    struct place p = get_top(v);
    size_t n = textview_len(v);

    if (n == 0) {
        return;
    }
    for (; rows < 0 && (p.i > 0 || p.row > 0); rows++) {
        if (p.row > 0) {
            p.row--;
        } else {
            p.i--;
            p.row = rows_of(v, p.i) - 1;
        }
        v->follow = false;
    }
    if (rows > 0) {
        struct place end = end_place(v);
        for (; rows > 0 && after(end, p); rows--) {
            if (p.row + 1 < rows_of(v, p.i)) {
                p.row++;
            } else {
                p.i++;
                p.row = 0;
            }
        }
    }
    set_top(v, p);
    if (at_end(v)) {
        v->unseen = 0;
    }
}

void textview_sideways(struct textview *v, int cells)
{
    v->left += cells;
    if (v->left < 0 || v->wrap) {
        v->left = 0;
    }
    if (v->left > 8192) {
        v->left = 8192;
    }
}

void textview_home(struct textview *v)
{
    v->follow = false;
    if (textview_len(v) > 0) {
        set_top(v, (struct place){0, 0});
    }
    if (v->has_cursor) {
        v->cursor = v->top;
    }
}

void textview_end(struct textview *v)
{
    if (textview_len(v) > 0) {
        set_top(v, end_place(v));
        if (v->has_cursor) {
            v->cursor = textview_shown_seq(v, textview_len(v) - 1);
        }
    }
    v->unseen = 0;
}

void textview_set_follow(struct textview *v, bool on)
{
    v->follow = on;
    textview_settle(v);
}

void textview_set_wrap(struct textview *v, bool on)
{
    v->wrap = on;
    v->left = on ? 0 : v->left;
    v->top_row = 0;
    textview_settle(v);
}

void textview_show(struct textview *v, uint64_t seq)
{
    struct text_row rows[512];
    size_t n = textview_visible(v, rows, sizeof rows / sizeof *rows);

    for (size_t i = 0; i < n; i++) {
        if (rows[i].seq == seq && rows[i].first) {
            return;
        }
    }
    struct place p = {textview_shown_index(v, seq), 0}, end = end_place(v);
    for (int up = v->rows / 3; up > 0 && p.i > 0; up--) {
        p.i--;
    }
    v->follow = false;
    set_top(v, after(p, end) ? end : p);
}

void textview_to_line(struct textview *v, uint64_t seq)
{
    v->follow = false;
    v->has_cursor = true;
    v->selecting = false;
    v->cursor = seq;
    textview_show(v, seq);
    v->unseen = at_end(v) ? 0 : v->unseen;
}

void textview_move_cursor(struct textview *v, int lines)
{
    size_t n = textview_len(v);

    if (n == 0) {
        return;
    }
    if (!v->has_cursor) {
        v->has_cursor = true;
        v->cursor = v->matched ? v->match_line : v->top;
    }
    size_t i = textview_shown_index(v, v->cursor);
    if (lines < 0) {
        size_t up = (size_t) - (long)lines;
        i = i > up ? i - up : 0;
    } else {
        i += (size_t)lines;
    }
    v->cursor = textview_shown_seq(v, i < n ? i : n - 1);
    v->follow = false;
    size_t top = textview_shown_index(v, v->top);
    i = textview_shown_index(v, v->cursor);
    if (i < top) {
        set_top(v, (struct place){i, 0});
    } else {
        struct place last = last_place(v, i);
        if (after(last, get_top(v))) {
            set_top(v, last);
        }
    }
}

size_t textview_visible(const struct textview *v, struct text_row *out, size_t max)
{
    struct place p = get_top(v);
    size_t n = 0, len = textview_len(v);
    size_t rows = v->rows < 0 ? 0 : (size_t)v->rows;

    max = max < rows ? max : rows;
    for (; p.i < len && n < max; p.i++, p.row = 0) {
        uint64_t seq = textview_shown_seq(v, p.i);
        const struct text_line *l = textview_line(v, seq);
        size_t at = 0;
        if (!v->wrap) {
            out[n++] = (struct text_row){l, seq, 0, l->len, true};
            continue;
        }
        for (int row = 0; n < max && (row == 0 || at < l->len); row++) {
            size_t bytes = row_bytes(v, l, at);
            if (row >= p.row) {
                out[n++] = (struct text_row){l, seq, at, bytes, row == 0};
            }
            at += bytes;
        }
    }
    return n;
}

bool textview_selected(const struct textview *v, uint64_t seq)
{
    if (!v->has_cursor) {
        return false;
    }
    if (!v->selecting) {
        return seq == v->cursor;
    }
    return v->anchor < v->cursor ? seq >= v->anchor && seq <= v->cursor
                                 : seq >= v->cursor && seq <= v->anchor;
}

int textview_percent(const struct textview *v)
{
    size_t n = textview_len(v), bottom;
    struct place p = get_top(v);

    if (n == 0 || at_end(v)) {
        return 100;
    }
    bottom = p.i + (size_t)v->rows;
    return bottom < n ? (int)(bottom * 100 / n) : 99; /* the rest of a wrapped line is below */
}
