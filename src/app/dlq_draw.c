/* Drawing the dead letter queue over the whole body: its messages, one of them as text, one being
 * edited. */
#include <stdio.h>
#include <stdlib.h>

#include "core/alloc.h"
#include "core/text.h"
#include "dlq_priv.h"
#include "draw.h"
#include "jobs/age.h"
#include "wrap.h"

/* ---- the list ---- */

enum { GUTTER = 1, AGE = 5, TRIES = 6, SEEN = 5 };

struct columns {
    int job, rule, target, why; /* widths of the columns; 0: the column is not shown */
};

static struct columns columns_of(int cols)
{
    struct columns c = {.job = 28};
    int left = cols - GUTTER - AGE - 1;

    if (cols < 70) {
        c.job = left;
        return c;
    }
    left -= c.job + 1 + TRIES + 1 + SEEN + 1;
    if (left >= 100) {
        c.rule = 40;
        c.target = 24;
        left -= c.rule + c.target + 2;
    }
    c.why = left;
    return c;
}

/* Draws one cell and returns the column after it and the gap. */
static int put(struct surface *s, int row, int col, int width, enum style st, const char *text)
{
    if (width <= 0) {
        return col;
    }
    char *clean = text_cleaned(text, TEXT_ONE_LINE);
    surface_put_cut(s, row, col, width, st, clean);
    free(clean);
    return col + width + 1;
}

static void draw_columns(struct surface *s, struct rect r)
{
    struct columns c = columns_of(r.cols);
    int col = put(s, r.row, r.col + GUTTER, AGE, ST_COLUMN, "Age");

    col = put(s, r.row, col, c.job, ST_COLUMN, "Job");
    if (c.why > 0) {
        col = put(s, r.row, col, TRIES, ST_COLUMN, "Tries");
        col = put(s, r.row, col, SEEN, ST_COLUMN, "Seen");
        col = put(s, r.row, col, c.rule, ST_COLUMN, c.rule > 0 ? "Rule" : "");
        col = put(s, r.row, col, c.target, ST_COLUMN, c.target > 0 ? "Target" : "");
        (void)put(s, r.row, col, c.why, ST_COLUMN, "Why");
    }
}

static enum overlay overlay_of(const struct dlq_view *v, size_t item)
{
    return item == v->at.at            ? OVER_CURSOR
           : rows_chosen(&v->at, item) ? OVER_SELECTED
           : v->items[item].marked     ? OVER_MARKED
                                       : OVER_NONE;
}

static void draw_message(struct surface *s, const struct dlq_view *v, const struct desk *desk,
                         struct rect r, size_t item)
{
    const struct dlq_message *x = &v->items[item].m;
    const struct entry *known = store_find(desk->store, x->job_id);
    const char *job = known != NULL && job_text(known->job, JOB_BUSINESS_NAME) != NULL
                          ? job_text(known->job, JOB_BUSINESS_NAME)
                          : x->job_id;
    struct columns c = columns_of(r.cols);
    char age[AGE_SIZE], tries[24] = "-", seen[24], why[600];
    enum overlay over = overlay_of(v, item);

    if (x->retries >= 0) {
        (void)snprintf(tries, sizeof tries, "%lld", (long long)x->retries);
    }
    (void)snprintf(seen, sizeof seen, x->receives > 0 ? "%lldx" : "-", (long long)x->receives);
    int col = put(s, r.row, r.col + GUTTER, AGE, ST_TIME, age_text(x->sent_ms, desk->now_ms, age));
    col = put(s, r.row, col, c.job, job[0] != '\0' ? ST_STRONG : ST_DIM,
              job[0] != '\0' ? job : "no job");
    if (c.why > 0) {
        col = put(s, r.row, col, TRIES, ST_TEXT, tries);
        col = put(s, r.row, col, SEEN, ST_DIM, seen);
        col = put(s, r.row, col, c.rule, ST_TEXT, dlq_rule_name(x));
        col = put(s, r.row, col, c.target, ST_TEXT, dlq_target_name(x));
        (void)put(s, r.row, col, c.why, ST_TEXT, dlq_why(x, why, sizeof why));
    }
    if (over == OVER_CURSOR) {
        surface_glyph(s, r.row, r.col, ST_TEXT, GLYPH_MARK);
    }
    if (over != OVER_NONE) {
        surface_over(s, r.row, r.col, r.cols, over);
    }
    if (v->items[item].marked) {
        surface_glyph(s, r.row, r.col, ST_WARN, GLYPH_BULLET);
    }
}

static void draw_row(struct surface *s, const struct dlq_view *v, const struct desk *desk,
                     struct rect r, const struct dlq_row *row)
{
    const struct dlq_message *x = &v->items[row->item].m;
    char text[200];

    if (row->kind == DLQ_ROW_MESSAGE) {
        draw_message(s, v, desk, r, row->item);
    } else if (row->kind == DLQ_ROW_CODE) {
        (void)snprintf(text, sizeof text, "%.120s (%zu)",
                       x->error_code == NULL ? "no ERROR_CODE" : x->error_code,
                       dlq_group_len(v, row->item));
        (void)put(s, r.row, r.col + GUTTER, r.cols - GUTTER, ST_BAD, text);
    } else if (row->kind == DLQ_ROW_ADVICE) {
        surface_put_n(s, r.row, r.col + 3, r.cols - 3, ST_HINT,
                      dlq_remedy(x->error_code) + row->from, row->len, 0);
    }
}

/* Draws the reason in the place of an empty list. */
static void draw_nothing(struct surface *s, const struct dlq_view *v, const struct desk *desk,
                         struct rect r)
{
    struct rect box = {r.row + r.rows / 3, r.col + 2, r.rows - r.rows / 3, r.cols - 4};
    char *name = text_cleaned(v->name, TEXT_ONE_LINE);
    char text[300];

    if (v->err.code != E_OK) {
        (void)draw_err(s, box, desk, &v->err);
    } else if (!v->loaded) {
        (void)draw_wrapped(s, box, ST_DIM, "Reading the queue...");
    } else {
        (void)snprintf(text, sizeof text, "%.90s is empty: %s r looks again.", name,
                       v->hidden > 0 ? "another reader holds its messages now."
                                     : "EventBridge could deliver everything.");
        (void)draw_wrapped(s, box, v->hidden > 0 ? ST_WARN : ST_GOOD, text);
    }
    free(name);
}

/* Writes how deep the queue is, how many messages are marked, and how many other readers hold. */
static void list_title(const struct dlq_view *v, char *buf, size_t size)
{
    size_t marked = dlq_marked(v), n;

    n = (size_t)snprintf(buf, size, "%s", screen_dlq.title);
    if (v->loaded && n < size) {
        n += (size_t)snprintf(buf + n, size - n, "  %zu%s message%s", v->len, v->more ? "+" : "",
                              v->len == 1 ? "" : "s");
    }
    if (v->more && v->visible > (int64_t)v->len && n < size) {
        n += (size_t)snprintf(buf + n, size - n, " of about %lld", (long long)v->visible);
    }
    if (marked > 0 && n < size) {
        n += (size_t)snprintf(buf + n, size - n, "  %zu marked", marked);
    }
    if (v->hidden > 0 && n < size) {
        (void)snprintf(buf + n, size - n, "  %lld with others", (long long)v->hidden);
    }
}

static void draw_list(struct surface *s, const struct dlq_view *v, const struct desk *desk,
                      struct rect all)
{
    struct rect body = layout_body(all), list = layout_list_rows(all);
    char title[200], right[80] = "", age[AGE_SIZE];

    list_title(v, title, sizeof title);
    if (v->request != 0) {
        (void)snprintf(right, sizeof right, "looking... ");
    } else if (v->at_ms != TIME_NONE) {
        (void)snprintf(right, sizeof right, "read %s ago; each read counts as a receive ",
                       age_text(v->at_ms, desk->now_ms, age));
    }
    draw_title(s, all, &(struct pane_title){title, right, true});
    if (v->len == 0) {
        draw_nothing(s, v, desk, body);
        return;
    }
    draw_columns(s, body);
    for (int i = 0; i < list.rows && v->top + (size_t)i < v->lines_len; i++) {
        draw_row(s, v, desk, (struct rect){list.row + i, list.col, 1, list.cols},
                 &v->lines[v->top + (size_t)i]);
    }
    /* the list is older than the last look, which failed */
    if (v->err.code != E_OK && list.rows > 2) {
        draw_stale(s, (struct rect){list.row, list.col + 1, list.rows, list.cols - 2}, desk,
                   &v->err);
    }
}

/* ---- one message ---- */

static void draw_one(struct surface *s, const struct dlq_view *v, struct rect all)
{
    const struct dlq_item *i = dlq_current(v);
    char title[160], at[40];
    char *id = text_cleaned(i == NULL ? "" : i->m.id, TEXT_ONE_LINE);

    (void)snprintf(title, sizeof title, "Message %.80s", id);
    (void)snprintf(at, sizeof at, "%zu/%zu  %d%% ", v->at.at + 1, v->len,
                   textview_percent(&v->text));
    draw_title(s, all, &(struct pane_title){title, at, true});
    struct text_draw d = {.view = &v->text, .focus = true};
    draw_text(s, layout_text(all), &d);
    free(id);
}

/* ---- editing ---- */

static void draw_field(struct surface *s, struct rect r, const struct dlq_form *form,
                       enum dlq_field f, bool covered)
{
    static const char *const labels[DLQ_FIELDS] = {"Source", "Detail type", ""};
    bool here = form->focus == f;
    struct edit shown = form->fields[f];

    shown.secret = false; /* secret means here that the text is wiped, not that it is hidden */
    surface_put(s, r.row, r.col, 13, ST_LABEL, labels[f]);
    draw_edit(s, r.row, r.col + 13, r.cols - 13, here ? ST_INPUT_FOCUS : ST_INPUT, &shown,
              here && !covered);
}

static void draw_detail(struct surface *s, struct rect r, const struct dlq_form *f, bool covered)
{
    const struct edit *e = &f->fields[DLQ_DETAIL];
    bool here = f->focus == DLQ_DETAIL;
    size_t from = 0, len = 0;

    for (int i = 0; i < r.rows; i++) {
        bool there = dlq_form_row(f, f->top + (size_t)i, &from, &len);
        surface_put_n(s, r.row + i, r.col, r.cols, here ? ST_INPUT_FOCUS : ST_INPUT,
                      there ? edit_text(e) + from : "", there ? len : 0, 0);
        bool last = there && edit_text(e)[from + len] == '\0';
        if (here && there && !covered && e->cursor >= from && (e->cursor < from + len || last)) {
            char *before = xstrndup(edit_text(e) + from, e->cursor - from);
            int col = text_width(before);
            s->cursor_row = r.row + i;
            s->cursor_col = r.col + (col < r.cols ? col : r.cols - 1);
            free(before);
        }
    }
}

static void draw_form(struct surface *s, const struct dlq_view *v, const struct desk *desk,
                      struct rect all)
{
    const struct dlq_form *f = &v->form;
    struct rect r = layout_text(all);
    bool bad = f->err.code != E_OK, covered = desk_covered(desk);
    char title[160];
    char *id = text_cleaned(f->id == NULL ? "" : f->id, TEXT_ONE_LINE);

    (void)snprintf(title, sizeof title, "Edit the event, then redrive it");
    draw_title(s, all, &(struct pane_title){title, id, true});
    free(id);
    int first = 0, rows = 0;
    dlq_form_place(r.rows, &first, &rows);
    draw_field(s, (struct rect){r.row, r.col, 1, r.cols}, f, DLQ_SOURCE, covered);
    draw_field(s, (struct rect){r.row + 1, r.col, 1, r.cols}, f, DLQ_TYPE, covered);
    if (first > 2) {
        surface_put(s, r.row + 2, r.col, r.cols, ST_LABEL, "Detail (JSON)");
    }
    draw_detail(s, (struct rect){r.row + first, r.col, rows, r.cols}, f, covered);
    char full[ERR_TEXT_SIZE];
    const char *says = bad ? err_full(&f->err, full)
                           : "Ready. A hidden password (****) is sent unchanged if you leave it.";
    int foot = r.rows - first - rows; /* under the detail */
    int want = wrap_rows(says, r.cols);
    want = want < foot ? want : foot;
    (void)draw_wrapped(s, (struct rect){r.row + r.rows - want, r.col, want, r.cols},
                       bad ? ST_BAD : ST_HINT, says);
}

void dlq_draw(struct surface *s, const void *self, const struct desk *desk, struct rect all)
{
    const struct dlq_view *v = self;

    if (v->page == DLQ_EDIT) {
        draw_form(s, v, desk, all);
    } else if (v->page == DLQ_TEXT) {
        draw_one(s, v, all);
    } else {
        draw_list(s, v, desk, all);
    }
}
