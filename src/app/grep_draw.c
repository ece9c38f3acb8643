/* Drawing a search in the logs of many jobs over the whole body: a line a hit, below them what is
 * said of the search. */
#include "grep_draw.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/text.h"
#include "draw.h"
#include "grep.h"

enum {
    GUTTER = 1,
    TIME_CELLS = 14, /* "08-20 10:30:00" */
    JOB_CELLS = 20,
    JOB_LEAST = 10,
    BEFORE = 3, /* a match that stands further right shows behind a third of the room */
    FOOT_ROWS = 3,
    FOOT_LEAST = 2,
    TALL = 14
};

struct grep_rooms grep_rooms(struct rect all)
{
    struct rect body = layout_body(all);
    int foot = body.rows >= TALL ? FOOT_ROWS : body.rows > FOOT_LEAST ? FOOT_LEAST : 0;
    struct grep_rooms r = {.hits = body, .foot = body};

    r.hits.rows -= foot;
    r.foot.row += r.hits.rows;
    r.foot.rows = foot;
    return r;
}

/* The cells before the byte `at` of a clean text. */
static int cells_before(const char *text, size_t at)
{
    char *head = xstrndup(text, at);
    int cells = text_width(head);

    free(head);
    return cells;
}

/* Draws the line with its matches; one that would not show is moved to the left. */
static void draw_found(struct surface *s, struct rect r, const struct grep_view *v, const char *raw)
{
    char *text = text_cleaned(raw, TEXT_ONE_LINE);
    char *what = v->is_filter ? NULL : text_cleaned(v->typed, TEXT_ONE_LINE);
    size_t what_len = what == NULL ? 0 : strlen(what);
    const char *hit = what_len == 0 ? NULL : strstr(text, what);
    int skip = 0;

    if (hit != NULL) {
        int begins = cells_before(text, (size_t)(hit - text));
        int most = text_width(text) - r.cols;
        skip = begins + text_width(what) > r.cols ? begins - r.cols / BEFORE : 0;
        skip = skip > most ? most : skip;
    }
    surface_put_n(s, r.row, r.col, r.cols, ST_TEXT, text, strlen(text), skip);
    for (; hit != NULL; hit = strstr(hit + what_len, what)) {
        int from = cells_before(text, (size_t)(hit - text)) - skip;
        int to = from + text_width(what);
        from = from < 0 ? 0 : from;
        to = to > r.cols ? r.cols : to;
        if (from < to) {
            surface_restyle(s, r.row, r.col + from, to - from, ST_MATCH);
        }
    }
    if (skip > 0) {
        surface_glyph(s, r.row, r.col, ST_DIM, GLYPH_ELLIPSIS);
    }
    if (text_width(text) - skip > r.cols) {
        surface_glyph(s, r.row, r.col + r.cols - 1, ST_DIM, GLYPH_ELLIPSIS);
    }
    free(what);
    free(text);
}

/* The name of the job that wrote a line, or its id, or the stream. */
static char *writer_of(const struct desk *desk, const struct grep_hit *h, enum style *st)
{
    const struct entry *e = h->job_id == NULL ? NULL : store_find(desk->store, h->job_id);
    const char *name = e == NULL ? NULL : job_text(e->job, JOB_BUSINESS_NAME);

    *st = h->job_id == NULL ? ST_DIM : ST_STRONG;
    return text_cleaned(name != NULL        ? name
                        : h->job_id != NULL ? h->job_id
                        : h->stream != NULL ? h->stream
                                            : "job unknown",
                        TEXT_ONE_LINE);
}

static void draw_hit(struct surface *s, const struct grep_view *v, const struct desk *desk,
                     struct rect r, size_t row)
{
    const struct grep_hit *h = &v->hits[row];
    char local[32];
    enum style st;
    int job = r.cols >= 100 ? JOB_CELLS : JOB_LEAST;
    int col = r.col + GUTTER;

    if (r.cols >= 60) {
        surface_put(s, r.row, col, TIME_CELLS, ST_TIME,
                    format_local(h->at_ms, local, sizeof local) + 5);
        col += TIME_CELLS + 1;
    }
    char *name = writer_of(desk, h, &st);
    surface_put_cut(s, r.row, col, job, st, name);
    free(name);
    col += job + 1;
    draw_found(s, (struct rect){r.row, col, 1, r.col + r.cols - col}, v, h->text);
    if (row == v->rows.at) {
        surface_glyph(s, r.row, r.col, ST_TEXT, GLYPH_MARK);
        surface_over(s, r.row, r.col, r.cols, OVER_CURSOR);
    }
}

static void title(const struct grep_view *v, char *buf, size_t size)
{
    char *clean = text_cleaned(v->typed == NULL ? "" : v->typed, TEXT_ONE_LINE);

    if (v->typed == NULL) {
        (void)snprintf(buf, size, "Search in logs");
    } else {
        (void)snprintf(buf, size, "Search in logs  %.*s  %zu line%s",
                       (int)text_fit(clean, 40, NULL), clean, v->len, text_plural(v->len));
    }
    free(clean);
}

void grep_draw(struct surface *s, const void *self, const struct desk *desk, struct rect all)
{
    const struct grep_view *v = self;
    struct grep_rooms rooms = grep_rooms(all);
    char text[200];

    if (all.rows <= 0) {
        return;
    }
    title(v, text, sizeof text);
    draw_title(s, all, &(struct pane_title){text, v->request != 0 ? "searching... " : "", true});
    for (int i = 0; i < rooms.hits.rows; i++) {
        size_t row = 0;
        struct rect r = {rooms.hits.row + i, rooms.hits.col, 1, rooms.hits.cols};
        if (rows_shown(&v->rows, i, &row)) {
            draw_hit(s, v, desk, r, row);
        }
    }
    char *says = grep_says(v, desk);
    bool bad = v->request == 0 && v->err.code != E_OK;
    struct rect foot = {rooms.foot.row, rooms.foot.col + GUTTER, rooms.foot.rows,
                        rooms.foot.cols - GUTTER};
    char more[DESK_MORE_SIZE];
    (void)draw_notice(s, foot, bad ? ST_BAD : ST_HINT, says, bad ? desk_more(desk, more) : "");
    free(says);
}
