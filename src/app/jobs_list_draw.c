/* Drawing the job list: a gutter of one cell (marked, under way, watched), then the columns. */
#include <stdio.h>
#include <string.h>

#include "core/number.h"
#include "core/text.h"
#include "draw.h"
#include "jobs_priv.h"

enum { GUTTER = 1 };

/* The part of a column that lies inside the list when it is scrolled sideways. */
struct slot_place {
    int col, width, skip;
};

static struct slot_place place_of(const struct column_slot *slot, struct rect r, int left)
{
    struct slot_place p = {r.col + GUTTER + slot->x - left, slot->width, 0};
    int from = r.col + GUTTER;
    int to = r.col + r.cols;

    if (p.col < from) {
        p.skip = from - p.col;
        p.width -= p.skip;
        p.col = from;
    }
    if (p.width > to - p.col) {
        p.width = to - p.col;
    }
    return p;
}

void view_list_titles(struct surface *s, const struct jobs *j, struct rect r,
                      const struct column_slot *slots, size_t len)
{
    struct sort_order sort = store_sort(j->desk->store);

    for (size_t i = 0; i < len; i++) {
        const struct column *c = slots[i].column;
        struct slot_place p = place_of(&slots[i], r, j->list.left);
        bool sorted = sort.column == c->id;
        char title[48];
        int pad = 0;
        if (p.width <= 0) {
            continue;
        }
        const char *arrow = !sorted           ? ""
                            : sort.descending ? glyph_text(GLYPH_ARROW_DOWN, j->desk->ascii)
                                              : glyph_text(GLYPH_ARROW_UP, j->desk->ascii);
        /* The arrow matters more than the end of the word. */
        int letters = slots[i].width - (sorted ? 1 : 0);
        if (letters > 0 && (int)strlen(c->title) > letters && c->title[letters - 1] == '/') {
            letters--; /* "Took/est" becomes "Took" */
        }
        (void)snprintf(title, sizeof title, "%.*s%s", letters, c->title, arrow);
        int width = text_width(title);
        if (c->align == ALIGN_RIGHT && p.skip == 0 && width < p.width) {
            pad = p.width - width;
        }
        surface_put_n(s, r.row, p.col + pad, p.width - pad, sorted ? ST_COLUMN_SORT : ST_COLUMN,
                      title, strlen(title), p.skip);
    }
}

bool view_list_title_at(const struct jobs *j, struct rect r, int col,
                        const struct column_slot *slots, size_t len, enum column_id *id)
{
    for (size_t i = 0; i < len; i++) {
        struct slot_place p = place_of(&slots[i], r, j->list.left);
        if (col >= p.col && col < p.col + p.width) {
            *id = slots[i].column->id;
            return true;
        }
    }
    return false;
}

/* Draws the bar and its number; only the number where the column is narrow, and for a job that is
 * over: bars are for what moves. */
static void draw_progress(struct surface *s, int row, struct slot_place p, const struct entry *e)
{
    int percent = column_percent(e);
    char text[NUMBER_SIZE + 1]; /* "42%" */
    int bar = p.width - 5;

    if (percent < 0 || p.skip > 0) {
        return;
    }
    size_t digits = number_text(text, (uint64_t)percent);
    text[digits] = '%';
    text[digits + 1] = '\0';
    int width = (int)digits + 1;
    if (bar >= 4 && !job_status_final((enum job_status)e->state.status)) {
        surface_bar(s, row, p.col, bar, percent);
    }
    surface_add(s, row, p.col + p.width - width, width, ST_TEXT, text);
}

static void draw_cell(struct surface *s, int row, struct slot_place p,
                      const struct column_slot *slot, const struct entry *e,
                      const struct format_ctx *x)
{
    char text[512] = "";
    enum style st = ST_TEXT;

    if (p.width <= 0) {
        return;
    }
    if (slot->column->id == COL_PROGRESS) {
        draw_progress(s, row, p, e);
        return;
    }
    column_format(slot->column, e, x, text, sizeof text, &st);
    if (p.skip > 0) {
        surface_put_n(s, row, p.col, p.width, st, text, strlen(text), p.skip);
        return;
    }
    int width = slot->column->align == ALIGN_RIGHT ? text_width(text) : p.width;
    if (width < p.width) {
        surface_put(s, row, p.col + p.width - width, width, st, text);
    } else {
        surface_put_cut(s, row, p.col, p.width, st, text);
    }
}

/* How far an overlay reaches. One that comes and goes all the time (the cursor, a change) stays on
 * the first two columns: a whole row in other colours costs twice the bytes, which can be felt on a
 * slow link. */
static int over_cells(enum overlay over, const struct column_slot *slots, size_t len, struct rect r,
                      int left)
{
    if ((over != OVER_CURSOR && over != OVER_CURSOR_IDLE && over != OVER_CHANGED) || len == 0) {
        return r.cols;
    }
    const struct column_slot *last = &slots[len > 1 ? 1 : 0];
    int cells = GUTTER + last->x + last->width - left;
    return cells < 20 ? 20 : cells > r.cols ? r.cols : cells;
}

void view_list_row(struct surface *s, const struct jobs *j, struct rect r, const struct entry *e,
                   enum overlay over, const struct column_slot *slots, size_t len)
{
    struct format_ctx x = jobs_format(j);

    for (size_t i = 0; i < len; i++) {
        draw_cell(s, r.row, place_of(&slots[i], r, j->list.left), &slots[i], e, &x);
    }
    if (over == OVER_CURSOR) {
        surface_glyph(s, r.row, r.col, ST_TEXT, GLYPH_MARK);
    }
    if (over != OVER_NONE) {
        surface_over(s, r.row, r.col, over_cells(over, slots, len, r, j->list.left), over);
    }
    if ((e->flags & ENTRY_MARKED) != 0) {
        surface_glyph(s, r.row, r.col, ST_WARN, GLYPH_BULLET);
    } else if ((e->flags & ENTRY_ACTING) != 0) {
        surface_glyph(s, r.row, r.col, ST_STOPPING, GLYPH_STOPPING);
    } else if (entry_watched(e)) {
        surface_glyph(s, r.row, r.col, ST_INFO, GLYPH_WATCH);
    }
}

/* Draws a row, or puts what it was drawn as in this scene. */
static void draw_row(struct surface *s, const struct jobs *j, struct rect r, size_t row,
                     const struct column_slot *slots, size_t len)
{
    const struct entry *e = store_row(j->desk->store, row);
    enum overlay over = jobs_row_overlay(j, e, row);
    const struct surface_key key = {
        {j->desk->scene, (uintptr_t)e, over}
    };

    if (!surface_recall(s, KEPT_SLOTS + row, r, &key)) {
        view_list_row(s, j, r, e, over, slots, len);
        surface_keep(s, KEPT_SLOTS + row, r, &key);
    }
}

static void draw_nothing(struct surface *s, const struct jobs *j, struct rect r)
{
    char text[ERR_TEXT_SIZE], more[DESK_MORE_SIZE];
    struct rect box = {r.row + r.rows / 3, r.col + 2, r.rows - r.rows / 3, r.cols - 4};

    (void)jobs_banner(j, text, sizeof text);
    if (box.cols > 60) {
        int width = text_width(text);
        width = width > 60 ? 60 : width;
        box.col = r.col + (r.cols - width) / 2;
        box.cols = width;
    }
    (void)draw_notice(s, box, ST_DIM, text, desk_more(j->desk, more));
}

void view_list_draw(struct surface *s, const struct jobs *j)
{
    struct rect pane = j->desk->layout.pane[PANE_LIST];
    struct column_slot slots[COL_COUNT];
    char text[200];
    char at[64] = "";
    size_t rows = store_rows(j->desk->store);

    if (pane.rows <= 0 || pane.cols <= 0) {
        return;
    }
    if (rows > 0) {
        (void)snprintf(at, sizeof at, "%zu/%zu ", j->list.rows.at + 1, rows);
    }
    draw_title(s, pane,
               &(struct pane_title){jobs_title(j, text, sizeof text), at,
                                    j->desk->where.focus == PANE_LIST});
    struct rect body = layout_body(pane);
    struct rect list = layout_list_rows(pane);
    size_t len = jobs_columns(j, slots);
    const struct surface_key key = {{j->desk->scene}};
    struct rect titles = {body.row, body.col, 1, body.cols};
    if (body.rows > list.rows && !surface_recall(s, KEPT_TITLES, titles, &key)) {
        view_list_titles(s, j, body, slots, len);
        surface_keep(s, KEPT_TITLES, titles, &key);
    }
    if (rows == 0) {
        draw_nothing(s, j, list);
        return;
    }
    for (int i = 0; i < list.rows && j->list.rows.top + (size_t)i < rows; i++) {
        struct rect r = {list.row + i, list.col, 1, list.cols};
        draw_row(s, j, r, j->list.rows.top + (size_t)i, slots, len);
    }
}
