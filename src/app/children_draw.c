/* Drawing the children of an array job: the list, a child in full, its log. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "children_priv.h"
#include "core/text.h"
#include "draw.h"
#include "jobs/age.h"

static void name_of(const struct children_view *v, const struct desk *desk, char *buf, size_t size)
{
    const char *id = v->job_id == NULL ? "" : v->job_id;
    const struct entry *e = store_find(desk->store, id);
    char *clean = text_cleaned(e != NULL && job_text(e->job, JOB_BUSINESS_NAME) != NULL
                                   ? job_text(e->job, JOB_BUSINESS_NAME)
                                   : id,
                               TEXT_ONE_LINE);

    (void)snprintf(buf, size, "%.*s", (int)text_fit(clean, 40, NULL), clean);
    free(clean);
}

/* ---- the list ---- */

/* Draws "x 5 failed  40 running ...": what matters most comes first, as far as there is room. */
static void draw_counts(struct surface *s, struct rect r, const struct children_view *v)
{
    int count[CHILD_GROUPS + 1], col = r.col;
    char text[80];

    children_count(v, count);
    /* the children that the first listing has not told of yet are left out */
    if (r.rows > 0 && !v->ended) {
        count[CHILD_UNKNOWN] = 0;
    }
    for (enum child_group g = CHILD_FAILED; r.rows > 0 && g < CHILD_GROUPS; g++) {
        if (count[g] == 0) {
            continue;
        }
        (void)snprintf(text, sizeof text, "%d %s", count[g], child_group_word(g));
        int width = text_width(text);
        if (col + width > r.col + r.cols) {
            break;
        }
        surface_put(s, r.row, col, width, child_group_style(g), text);
        col += width + 2;
    }
}

static void draw_states(struct surface *s, struct rect r, const struct children_view *v)
{
    struct text_row rows[256];
    size_t n = textview_visible(&v->list, rows, sizeof rows / sizeof *rows);

    for (size_t i = 0; i < n && (int)i < r.rows; i++) {
        size_t at = (size_t)(rows[i].seq - v->list.dropped);
        if (v->list.has_cursor && rows[i].seq == v->list.cursor) {
            surface_glyph(s, r.row + (int)i, r.col - 1, ST_TEXT, GLYPH_MARK);
        }
        int from = CHILD_STATE_COL - v->list.left, to = from + CHILD_STATE_CELLS;
        from = from < 0 ? 0 : from;
        to = to > r.cols ? r.cols : to;
        if (at < v->rows_len && to > from) {
            surface_restyle(s, r.row + (int)i, r.col + from, to - from,
                            child_group_style(child_group(&v->items[v->rows[at]])));
        }
    }
}

/* Draws the reason in the place of an empty list. */
static void draw_nothing(struct surface *s, const struct children_view *v, const struct desk *desk,
                         struct rect r)
{
    struct rect box = {r.row + r.rows / 3, r.col + 1, r.rows - r.rows / 3, r.cols - 2};

    if (v->request != 0) {
        (void)draw_wrapped(s, box, ST_DIM, "Reading the children...");
    } else if (v->err.code != E_OK) {
        (void)draw_err(s, box, desk, &v->err);
    } else if (v->show != CHILD_GROUPS || v->list.keep) {
        (void)draw_wrapped(s, box, ST_DIM, "No child matches. Esc shows all again.");
    } else {
        (void)draw_wrapped(s, box, ST_DIM, "The children were not read yet: r reads them.");
    }
}

static void draw_list(struct surface *s, const struct children_view *v, const struct desk *desk,
                      struct rect all)
{
    struct children_layout l = children_layout(all);
    char title[200], right[80] = "", name[170], age[AGE_SIZE];

    name_of(v, desk, name, sizeof name);
    (void)snprintf(title, sizeof title, "%d children of %.120s%s%s", v->len, name,
                   v->show == CHILD_GROUPS ? "" : "  only ",
                   v->show == CHILD_GROUPS ? "" : child_group_word(v->show));
    if (v->request != 0 || v->mending != 0) {
        (void)snprintf(right, sizeof right, "reading... ");
    } else if (v->at_ms != TIME_NONE) {
        (void)snprintf(right, sizeof right, "read %s ago ", age_text(v->at_ms, desk->now_ms, age));
    }
    draw_title(s, all, &(struct pane_title){title, right, true});
    draw_counts(s, l.counts, v);
    if (textview_len(&v->list) == 0) {
        draw_nothing(s, v, desk, l.list);
        return;
    }
    if (l.columns.rows > 0) {
        surface_put_n(s, l.columns.row, l.columns.col, l.columns.cols, ST_COLUMN, children_columns,
                      strlen(children_columns), v->list.left);
    }
    struct text_draw d = {.view = &v->list, .focus = true};
    draw_text(s, l.list, &d);
    draw_states(s, l.list, v);
    draw_percent(s, l.list, &v->list);
    /* the list is older than the last reading, which failed */
    if (v->err.code != E_OK && l.list.rows > 2) {
        draw_stale(s, l.list, desk, &v->err);
    }
}

/* ---- one of them ---- */

/* Draws the tabs and returns their first column. */
static int draw_tabs(struct surface *s, struct rect r, const struct children_view *v)
{
    bool log = v->page == CHILDREN_LOG;
    int col = r.col + r.cols - 12;

    surface_put(s, r.row, col, 12, ST_TAB, "");
    surface_put(s, r.row, col + 1, 5, log ? ST_TAB : ST_TAB_HERE, "Facts");
    surface_put(s, r.row, col + 8, 3, log ? ST_TAB_HERE : ST_TAB, "Log");
    return col;
}

static const char *log_state(const struct logview *l)
{
    if (!l->loaded || l->err.code != E_OK || l->note[0] != '\0') {
        return "";
    }
    return l->ended ? "  complete" : l->text.follow ? "  following" : "  paused";
}

static void draw_child(struct surface *s, const struct children_view *v, const struct desk *desk,
                       struct rect all)
{
    char title[240], name[170];
    bool log = v->page == CHILDREN_LOG;

    name_of(v, desk, name, sizeof name);
    (void)snprintf(title, sizeof title, "Child %d of %.120s%s", v->here, name,
                   log ? log_state(&v->log) : "");
    int tabs = draw_tabs(s, all, v);
    draw_title(s, (struct rect){all.row, all.col, 1, tabs - all.col},
               &(struct pane_title){title, NULL, true});
    if (log) {
        logview_draw(s, desk, &v->log, layout_text(all), true);
    } else {
        struct text_draw d = {.view = &v->facts, .focus = true};
        draw_text(s, layout_text(all), &d);
        draw_percent(s, layout_text(all), &v->facts);
    }
}

void children_draw(struct surface *s, const void *self, const struct desk *desk, struct rect all)
{
    const struct children_view *v = self;

    if (all.rows <= 0) {
        return;
    }
    if (v->page == CHILDREN_LIST) {
        draw_list(s, v, desk, all);
    } else {
        draw_child(s, v, desk, all);
    }
}
