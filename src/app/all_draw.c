/* Drawing the jobs of several contexts: the list with its column ENV, the counts of each context.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "all_priv.h"
#include "core/text.h"
#include "draw.h"
#include "jobs/age.h"
#include "model_draw.h"
#include "model_priv.h"

enum { ENV_MOST = 12, GUTTER = 1, GAP = 2 };

static enum style style_of(const struct all_context *c)
{
    return (enum style)((int)ST_CONTEXT + (int)c->colour);
}

static int env_cells(const struct all *a)
{
    int most = 3;

    for (size_t i = 0; i < a->models; i++) {
        int width = text_width(a->items[i].name);
        most = width > most ? width : most;
    }
    return most < ENV_MOST ? most : ENV_MOST;
}

static void title(const struct all *a, char *buf, size_t size)
{
    const struct list_view *l = &a->items[a->front].model->jobs->list;
    char rows[24], jobs[24], chips[96];
    size_t len = 0, marked = 0, n;

    for (size_t i = 0; i < a->models; i++) {
        len += store_len(a->items[i].model->desk.store);
        marked += store_marked(a->items[i].model->desk.store);
    }
    (void)format_count(a->rows.len, rows, sizeof rows);
    (void)format_count(len, jobs, sizeof jobs);
    n = (size_t)snprintf(buf, size, "Jobs %s%s%s in %zu contexts", rows,
                         a->rows.len == len ? "" : " of ", a->rows.len == len ? "" : jobs,
                         a->models);
    jobs_chips_text(a->items[a->front].model->jobs, chips, sizeof chips);
    if (chips[0] != '\0' && n < size) {
        n += (size_t)snprintf(buf + n, size - n, " [%s]", chips);
    }
    if (l->filter_applied != NULL && n < size) {
        char *clean = text_cleaned(l->filter_applied, TEXT_ONE_LINE);
        n += (size_t)snprintf(buf + n, size - n, " /%.*s", (int)text_fit(clean, 60, NULL), clean);
        free(clean);
    }
    if (marked > 0 && n < size) {
        (void)snprintf(buf + n, size - n, "  %zu marked", marked);
    }
}

static void draw_row(struct surface *s, const struct all *a, size_t at, struct rect r, int env,
                     const struct column_slot *slots, size_t len)
{
    const struct all_row *row = &a->list[at];
    const struct all_context *c = &a->items[row->model];
    const struct jobs *j = c->model->jobs;
    const struct entry *e = row->row < store_rows(c->model->desk.store)
                                ? store_row(c->model->desk.store, row->row)
                                : NULL;

    if (e == NULL) {
        return; /* all_settle comes before a frame, and takes such a row away */
    }
    bool focus = a->items[a->front].model->desk.where.focus == PANE_LIST;
    enum overlay over = at != a->rows.at ? jobs_entry_overlay(j, e)
                        : focus          ? OVER_CURSOR
                                         : OVER_CURSOR_IDLE;
    struct rect rest = {r.row, r.col + env + GAP, 1, r.cols - env - GAP};

    view_list_row(s, j, rest, e, over, slots, len);
    if (jobs_stale(j)) {
        surface_put(s, r.row, r.col, GUTTER, ST_BAD, "!");
    }
    surface_put_cut(s, r.row, r.col + GUTTER, env, style_of(c), c->name);
}

/* Why there is no row. */
static void banner(const struct all *a, char *buf, size_t size)
{
    size_t jobs = 0, reading = 0, failing = a->len - a->models;

    for (size_t i = 0; i < a->models; i++) {
        const struct desk *d = &a->items[i].model->desk;
        jobs += store_len(d->store);
        failing += d->link.state == LINK_FAILING || d->link.state == LINK_EXPIRED;
        reading += d->link.state == LINK_CONNECTING || d->loading.active;
    }
    if (jobs > 0) {
        (void)snprintf(buf, size, "No job matches in any context. Esc shows all again.");
    } else if (reading > 0) {
        (void)snprintf(buf, size, "Reading the jobs of %zu context%s...", reading,
                       text_plural(reading));
    } else if (failing > 0) {
        (void)snprintf(buf, size, "No jobs were read: %zu of %zu contexts cannot be reached (!).",
                       failing, a->len);
    } else {
        (void)snprintf(buf, size, "No context holds jobs yet.");
    }
}

size_t all_columns(const struct all *a, struct column_slot out[COL_COUNT], struct rect *rest)
{
    const struct model *m = a->items[a->front].model;
    struct rect pane = m->desk.layout.pane[PANE_LIST], body = layout_body(pane);
    int before = env_cells(a) + GAP;

    *rest = (struct rect){body.row, body.col + before, body.rows, body.cols - before};
    return columns_layout(&m->jobs->list.columns, pane.cols - 2 - before, m->jobs->list.wide, out);
}

void all_draw_list(struct surface *s, const struct all *a)
{
    const struct model *m = a->items[a->front].model;
    struct rect pane = m->desk.layout.pane[PANE_LIST];
    struct rect body = layout_body(pane), list = layout_list_rows(pane);
    struct column_slot slots[COL_COUNT];
    char text[200], at[64] = "";
    int env = env_cells(a);

    if (m->desk.where.view != VIEW_JOBS || pane.rows <= 0 || pane.cols <= 0) {
        return;
    }
    for (int i = 0; i < pane.rows; i++) {
        surface_put(s, pane.row + i, pane.col, pane.cols, ST_TEXT, "");
    }
    if (a->rows.len > 0) {
        (void)snprintf(at, sizeof at, "%zu/%zu ", a->rows.at + 1, a->rows.len);
    }
    title(a, text, sizeof text);
    draw_title(s, pane, &(struct pane_title){text, at, m->desk.where.focus == PANE_LIST});
    struct rect rest;
    size_t len = all_columns(a, slots, &rest);
    if (body.rows > list.rows) {
        view_list_titles(s, m->jobs, rest, slots, len);
        surface_put(s, body.row, body.col + GUTTER, env, ST_COLUMN, "ENV");
    }
    for (int i = 0; i < list.rows && a->rows.top + (size_t)i < a->rows.len; i++) {
        draw_row(s, a, a->rows.top + (size_t)i, (struct rect){list.row + i, list.col, 1, list.cols},
                 env, slots, len);
    }
    if (a->rows.len == 0) {
        banner(a, text, sizeof text);
        surface_put_cut(s, list.row + list.rows / 3, list.col + 2, list.cols - 4, ST_DIM, text);
    }
}

/* ---- the counts ---- */

static int put(struct surface *s, int row, int col, int end, enum style st, const char *text)
{
    int width = text_width(text);

    if (col >= end) {
        return col;
    }
    surface_put_cut(s, row, col, width < end - col ? width : end - col, st, text);
    return col + width + 1;
}

/* "3": with its glyph, when there are any. */
static int put_count(struct surface *s, int row, int col, int end, const struct model *m,
                     uint8_t st, size_t n)
{
    char text[40], number[24];

    if (n == 0) {
        return col;
    }
    (void)format_count(n, number, sizeof number);
    (void)snprintf(text, sizeof text, "%s %s", glyph_text(status_glyph(st), m->desk.ascii), number);
    return put(s, row, col, end, status_style(st), text);
}

/* How the connection is when it is not good: "failing 3m". */
static int put_link(struct surface *s, int row, int col, int end, const struct model *m)
{
    const struct link *l = &m->desk.link;
    char text[64], age[AGE_SIZE];

    if (l->state == LINK_CONNECTING) {
        return put(s, row, col, end, ST_INFO, "connecting");
    }
    if (l->state == LINK_LIVE) {
        return col;
    }
    (void)snprintf(text, sizeof text, "%s %s", l->state == LINK_EXPIRED ? "expired" : "failing",
                   age_text(l->since_ms, m->desk.now_ms, age));
    return put(s, row, col, end, ST_BAD, text);
}

/* Is there something to tell of the context besides its counts? */
static bool ails(const struct all_context *c)
{
    const enum link_state link = c->model == NULL ? LINK_FAILING : c->model->desk.link.state;

    return link == LINK_FAILING || link == LINK_EXPIRED;
}

static int put_context(struct surface *s, int row, int col, int end, const struct all_context *c)
{
    const struct model *m = c->model;

    col = put(s, row, col, end, style_of(c), c->name);
    if (m == NULL) {
        return put(s, row, col, end, ST_BAD, "unusable (!)") + 1;
    }
    const struct stats *st = store_stats(m->desk.store);
    col = put_link(s, row, col, end, m); /* first: the counts are as old as that */
    col = put_count(s, row, col, end, m, JOB_IN_PROGRESS, stats_active(st));
    col = put_count(s, row, col, end, m, JOB_FAILED, st->by_status[JOB_FAILED]);
    return put_count(s, row, col, end, m, JOB_COMPLETED, st->by_status[JOB_COMPLETED]) + 1;
}

void all_draw_counts(struct surface *s, const struct all *a)
{
    const struct rect r = a->items[a->front].model->desk.layout.summary;
    int col = r.col + 1, end = r.col + r.cols;

    if (r.rows <= 0) {
        return;
    }
    /* Where there is no room for all, the end is cut off: what ails comes first. */
    for (int well = 0; well < 2; well++) {
        for (size_t i = 0; i < a->len && col < end; i++) {
            if (ails(&a->items[i]) == (well == 0)) {
                col = put_context(s, r.row, col, end, &a->items[i]);
            }
        }
    }
}
