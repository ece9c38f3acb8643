/* Lines of text that scroll: adding, replacing and copying lines. */
#include "textview.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/logtext.h"
#include "core/strbuf.h"
#include "core/text.h"
#include "textview_priv.h"

enum { MAX_LINES = 50000, MAX_BYTES = 8 << 20, MAX_LINE_BYTES = 8192, SPANS_MAX = 256 };

void textview_init(struct textview *v)
{
    memset(v, 0, sizeof *v);
    v->ignore_case = true;
    v->rows = 1;
    v->cols = 80;
}

static void free_line(struct text_line *l)
{
    free(l->text);
    free(l->spans);
    l->text = NULL;
    l->spans = NULL;
}

static size_t line_bytes(const struct text_line *l)
{
    return l->len + 1 + sizeof *l + l->spans_len * sizeof *l->spans;
}

static void free_lines(struct textview *v)
{
    for (size_t i = 0; i < v->len; i++) {
        free_line(&v->ring[(v->first + i) & (v->cap - 1)]);
    }
    v->first = 0;
    v->len = 0;
    v->bytes = 0;
}

void textview_done(struct textview *v)
{
    free_lines(v);
    free(v->ring);
    free(v->kept);
    free(v->pattern);
    if (v->compiled) {
        regfree(&v->re);
    }
    memset(v, 0, sizeof *v);
}

void textview_empty(struct textview *v)
{
    free_lines(v);
    v->dropped = 0;
    v->top = 0;
    v->top_row = 0;
    v->unseen = 0;
    v->kept_len = 0;
    v->match_count = 0;
    v->matched = false;
    v->has_cursor = false;
    v->selecting = false;
}

struct text_line *textview_at(const struct textview *v, size_t index)
{
    return &v->ring[(v->first + index) & (v->cap - 1)];
}

const struct text_line *textview_line(const struct textview *v, uint64_t seq)
{
    if (seq < v->dropped || seq - v->dropped >= v->len) {
        return NULL;
    }
    return textview_at(v, (size_t)(seq - v->dropped));
}

static void grow_ring(struct textview *v)
{
    size_t cap = v->cap == 0 ? 64 : v->cap * 2;
    struct text_line *ring = xcalloc(cap, sizeof *ring);

    for (size_t i = 0; i < v->len; i++) {
        ring[i] = *textview_at(v, i);
    }
    free(v->ring);
    v->ring = ring;
    v->cap = cap;
    v->first = 0;
}

/* Drops lines at the front in large portions, so that a full view does not move its tables for each
 * line. */
static void drop_front(struct textview *v, size_t lines)
{
    size_t gone = 0;

    for (; lines > 0 && v->len > 0; lines--) {
        struct text_line *l = textview_at(v, 0);
        if (v->pattern != NULL && textview_line_matches(v, l)) {
            v->match_count--;
            v->match_at -= v->match_at > 0;
        }
        v->bytes -= line_bytes(l);
        free_line(l);
        v->first = (v->first + 1) & (v->cap - 1);
        v->len--;
        v->dropped++;
    }
    while (gone < v->kept_len && v->kept[gone] < v->dropped) {
        gone++;
    }
    if (gone > 0) {
        memmove(v->kept, v->kept + gone, (v->kept_len - gone) * sizeof *v->kept);
        v->kept_len -= gone;
    }
    if (v->matched && v->match_line < v->dropped) {
        v->matched = false;
    }
    if (v->has_cursor && v->cursor < v->dropped) {
        v->cursor = v->dropped;
    }
}

static void limit(struct textview *v)
{
    size_t max_lines = v->max_lines == 0 ? MAX_LINES : v->max_lines;
    size_t max_bytes = v->max_bytes == 0 ? MAX_BYTES : v->max_bytes;

    if (v->len > max_lines) {
        drop_front(v, v->len - max_lines + max_lines / 16);
    }
    while (v->bytes > max_bytes && v->len > 1) {
        drop_front(v, v->len / 16 + 1);
    }
}

/* The style of the theme for a program's colours: red stands for what is bad there, too. */
static enum style style_of(const struct log_look *k, enum style plain)
{
    static const enum style of[] = {
        [LOG_RED] = ST_BAD,   [LOG_GREEN] = ST_GOOD,       [LOG_YELLOW] = ST_WARN,
        [LOG_BLUE] = ST_INFO, [LOG_MAGENTA] = ST_STOPPING, [LOG_CYAN] = ST_INFO,
    };
    enum log_color c = log_look_color(k);

    if (c != LOG_PLAIN && c != LOG_BLACK && c != LOG_WHITE) {
        return of[c];
    }
    return k->dim ? ST_DIM : k->bold || k->underline || k->reverse ? ST_STRONG : plain;
}

static void add_span(struct text_line *l, size_t *cap, struct text_span span)
{
    struct text_span *last = l->spans_len > 0 ? &l->spans[l->spans_len - 1] : NULL;

    if (last != NULL && last->style == span.style && last->from + last->len == span.from) {
        last->len += span.len;
    } else if (l->spans_len < SPANS_MAX) {
        l->spans = xgrow(l->spans, l->spans_len, cap, sizeof *l->spans);
        l->spans[l->spans_len++] = span;
    }
}

/* Adds text and replaces its tabs, which count from the start of the line, whatever colours come in
 * between. */
static void add_untabbed(struct strbuf *out, const struct log_run *run, size_t line_len)
{
    for (size_t i = 0; i < run->len; i++) {
        if (run->text[i] != '\t') {
            strbuf_addc(out, run->text[i]);
            continue;
        }
        do {
            strbuf_addc(out, ' ');
        } while (!out->overflow && (line_len + out->len) % 8 != 0);
    }
}

static void push(struct textview *v, struct text_line *line)
{
    if (v->len == v->cap) {
        grow_ring(v);
    }
    *textview_at(v, v->len) = *line;
    v->len++;
    v->bytes += line_bytes(line);
    if (v->pattern != NULL && textview_line_matches(v, line)) {
        v->match_count++;
        if (v->keep) {
            textview_keep_seq(v, v->dropped + v->len - 1);
        }
    }
    if (!v->follow) {
        v->unseen++;
    }
    limit(v);
    textview_settle(v);
}

/* Adds one line; `look` goes on to the next line of the same text. Only a log writes over itself:
 * in any other text a carriage return would hide what stands before it. */
static void add_one(struct textview *v, struct text_line line, const char *text, size_t len,
                    struct log_look *look, bool log)
{
    struct strbuf cleaned = STRBUF_INIT, part = STRBUF_INIT;
    struct log_run run;
    size_t at = 0, cap = 0;

    if (len > 0 && text[len - 1] == '\r') {
        len--;
    }
    size_t skipped = log ? log_last_state(text, &len, look) : 0;
    text += skipped;
    len -= skipped;
    size_t cut = len > MAX_LINE_BYTES ? len - MAX_LINE_BYTES : 0;
    while (log_run_next(text, len - cut, &at, look, log, &run)) {
        size_t from = cleaned.len;
        enum style st = style_of(&run.look, (enum style)line.style);
        strbuf_reset(&part);
        add_untabbed(&part, &run, cleaned.len);
        text_clean(&cleaned, strbuf_str(&part), part.len, TEXT_ONE_LINE);
        if (log && st != (enum style)line.style) {
            add_span(
                &line, &cap,
                (struct text_span){(uint32_t)from, (uint32_t)(cleaned.len - from), (uint8_t)st});
        }
    }
    if (cut > 0) {
        strbuf_addf(&cleaned, " ... (%zu more bytes in this line)", cut);
    }
    line.len = (uint32_t)cleaned.len;
    line.text = strbuf_take(&cleaned);
    strbuf_clear(&part);
    push(v, &line);
}

static void add_lines(struct textview *v, struct text_line like, const char *text, size_t len,
                      bool log)
{
    struct log_look look = {0};
    const char *end;

    if (len > 0 && text[len - 1] == '\n') {
        len--;
    }
    while ((end = memchr(text, '\n', len)) != NULL) {
        add_one(v, like, text, (size_t)(end - text), &look, log);
        len -= (size_t)(end - text) + 1;
        text = end + 1;
    }
    add_one(v, like, text, len, &look, log);
}

void textview_add_log(struct textview *v, int64_t at_ms, const char *text, size_t len,
                      enum style st)
{
    add_lines(v, (struct text_line){.at_ms = at_ms, .style = (uint8_t)st}, text, len, true);
}

void textview_add(struct textview *v, const char *text, enum style st)
{
    add_lines(v, (struct text_line){.at_ms = TIME_NONE, .style = (uint8_t)st}, text, strlen(text),
              false);
}

void textview_add_label(struct textview *v, const char *label, int cells, const char *text,
                        enum style st)
{
    struct strbuf line = STRBUF_INIT;
    int used = text_width(label);

    strbuf_adds(&line, label);
    for (; used < cells; used++) {
        strbuf_addc(&line, ' ');
    }
    size_t labelled = line.len;
    text_clean(&line, text, strlen(text), TEXT_ONE_LINE);
    struct text_line l = {.at_ms = TIME_NONE, .style = (uint8_t)st, .len = (uint32_t)line.len};
    l.label = (uint16_t)(labelled > UINT16_MAX ? UINT16_MAX : labelled);
    l.text = strbuf_take(&line);
    push(v, &l);
}

void textview_add_spans(struct textview *v, const char *clean, size_t label,
                        const struct text_span *spans, size_t len)
{
    struct text_line l = {.at_ms = TIME_NONE, .style = ST_TEXT, .len = (uint32_t)strlen(clean)};
    size_t cap = 0;

    l.label = (uint16_t)(label > UINT16_MAX ? UINT16_MAX : label);
    l.text = xstrdup(clean);
    for (size_t i = 0; i < len; i++) {
        if (spans[i].len > 0) {
            add_span(&l, &cap, spans[i]);
        }
    }
    push(v, &l);
}

void textview_addf(struct textview *v, enum style st, const char *fmt, ...)
{
    char buf[1024];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(buf, sizeof buf, fmt, args);
    va_end(args);
    textview_add(v, buf, st);
}

void textview_add_err(struct textview *v, const char *lead, const struct err *e)
{
    textview_addf(v, ST_BAD, "%s%s", lead, e->msg);
    if (err_hint(e)[0] != '\0') {
        textview_addf(v, ST_HINT, "  %s", err_hint(e));
    }
}

void textview_replace(struct textview *v, struct textview *from)
{
    size_t top = (size_t)(v->top - v->dropped);
    int top_row = v->top_row;
    bool follow = v->follow;

    free_lines(v);
    free(v->ring);
    v->ring = from->ring;
    v->cap = from->cap;
    v->first = from->first;
    v->len = from->len;
    v->bytes = from->bytes;
    v->dropped = from->dropped;
    from->ring = NULL;
    from->cap = from->first = from->len = from->bytes = 0;
    v->unseen = 0;
    v->follow = follow;
    v->top = v->dropped + (top < v->len ? top : v->len == 0 ? 0 : v->len - 1);
    v->top_row = top_row;
    if (v->has_cursor && v->cursor >= v->dropped + v->len) {
        v->has_cursor = v->selecting = false;
    }
    textview_rematch(v);
    textview_settle(v);
}

void textview_toggle_mark(struct textview *v, uint64_t seq)
{
    if (textview_line(v, seq) != NULL) {
        struct text_line *l = textview_at(v, (size_t)(seq - v->dropped));
        l->marked = !l->marked;
    }
}

char *textview_copy(const struct textview *v)
{
    struct strbuf out = STRBUF_INIT;
    uint64_t from = v->top, to = v->top;

    if (v->has_cursor) {
        from = to = v->cursor;
        if (v->selecting) {
            from = v->anchor < v->cursor ? v->anchor : v->cursor;
            to = v->anchor < v->cursor ? v->cursor : v->anchor;
        }
    } else if (v->matched) {
        from = to = v->match_line;
    }
    size_t n = textview_len(v);
    for (size_t i = 0; i < n; i++) {
        uint64_t seq = textview_shown_seq(v, i);
        if (seq >= from && seq <= to) {
            const struct text_line *l = textview_line(v, seq);
            /* of a line with an address only that is wanted */
            size_t skip = from == to && l->style == ST_LINK && l->label < l->len ? l->label : 0;
            strbuf_add(&out, l->text + skip, l->len - skip);
            strbuf_addc(&out, '\n');
        }
    }
    if (from == to && out.len > 0) {
        strbuf_truncate(&out, out.len - 1); /* a single line is copied without its line end */
    }
    return strbuf_take(&out);
}

char *textview_all(const struct textview *v, textview_stamp stamp, const void *arg)
{
    struct strbuf out = STRBUF_INIT;
    char buf[64];

    for (size_t i = 0; i < v->len; i++) {
        const struct text_line *l = textview_at(v, i);
        if (stamp != NULL) {
            strbuf_adds(&out, stamp(arg, l, buf, sizeof buf));
        }
        strbuf_add(&out, l->text, l->len);
        strbuf_addc(&out, '\n');
    }
    return strbuf_take(&out);
}
