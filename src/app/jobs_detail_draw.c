/* Drawing one job in full: its name, the tabs, and the text of the tab. */
#include <stdio.h>
#include <stdlib.h>

#include "core/text.h"
#include "draw.h"
#include "jobs_priv.h"

/* Draws the tabs at the right end of the title row, with as many words as fit. Returns their first
 * column. */
static int draw_tabs(struct surface *s, struct rect pane, const struct jobs *j)
{
    int width = 0;

    for (int t = 0; t < TAB_COUNT; t++) {
        width += text_width(detail_tab_title((enum detail_tab)t)) + 2;
    }
    bool all = width + 10 <= pane.cols;
    int col = pane.col + pane.cols - (all ? width : 0);
    if (!all) {
        const char *here = detail_tab_title(j->detail.tab);
        char text[48];
        (void)snprintf(text, sizeof text, " %s %d/%d ", here, (int)j->detail.tab + 1, TAB_COUNT);
        width = text_width(text);
        col = pane.col + pane.cols - width;
        surface_put(s, pane.row, col, width, ST_TAB_HERE, text);
        surface_restyle(s, pane.row, col, 1, ST_TAB);
        return col;
    }
    for (int t = 0, x = col; t < TAB_COUNT; t++) {
        const char *title = detail_tab_title((enum detail_tab)t);
        int n = text_width(title);
        surface_put(s, pane.row, x, n + 2, ST_TAB, "");
        surface_put(s, pane.row, x + 1, n, t == (int)j->detail.tab ? ST_TAB_HERE : ST_TAB, title);
        x += n + 2;
    }
    return col;
}

/* The state of the log, which stands beside the name: nobody should wait for lines that cannot
 * come. */
static const char *log_state(const struct jobs *j)
{
    const struct logview *l = &j->detail.log;

    if (j->detail.tab != TAB_LOG || !l->loaded || l->none || l->err.code != E_OK) {
        return "";
    }
    return l->ended ? "  complete" : l->text.follow ? "  following" : "  paused";
}

static void draw_heading(struct surface *s, struct rect pane, const struct jobs *j)
{
    const struct entry *e = store_find(j->desk->store, j->detail.job_id);
    const struct job *job = j->detail.data != NULL ? j->detail.data->job
                            : e != NULL            ? e->job
                                                   : NULL;
    char *name = text_cleaned(job != NULL && job_text(job, JOB_BUSINESS_NAME) != NULL
                                  ? job_text(job, JOB_BUSINESS_NAME)
                                  : j->detail.job_id,
                              TEXT_ONE_LINE);
    char title[200];
    bool focus = j->desk->where.focus == PANE_DETAIL;
    int tabs;

    (void)snprintf(title, sizeof title, "%.*s%s", (int)text_fit(name, 60, NULL), name,
                   log_state(j));
    free(name);
    surface_hline(s, pane.row, pane.col, pane.cols, focus ? ST_BORDER_FOCUS : ST_BORDER);
    tabs = draw_tabs(s, pane, j);
    struct rect left = {pane.row, pane.col, 1, tabs - pane.col};
    draw_title(s, left, &(struct pane_title){title, NULL, focus});
}

/* Draws where the text stands, unless the number of new lines stands there. */
static void draw_place(struct surface *s, struct rect body, const struct jobs *j)
{
    const struct textview *v = detail_view_const(&j->detail);

    if (v->follow || v->unseen == 0) {
        draw_percent(s, body, v);
    }
}

static void draw_trouble(struct surface *s, struct rect body, const struct jobs *j)
{
    const struct err *e = &j->detail.err;

    if (e->code != E_OK) {
        (void)draw_err(s, body, j->desk, e);
    } else {
        (void)draw_wrapped(s, body, ST_DIM, "Reading...");
    }
}

void view_detail_draw(struct surface *s, const struct jobs *j)
{
    struct rect pane = j->desk->layout.pane[PANE_DETAIL];
    struct rect body = layout_text(pane);

    if (pane.rows <= 0 || pane.cols <= 0) {
        return;
    }
    if (j->detail.job_id == NULL) {
        draw_title(s, pane, &(struct pane_title){"Job", NULL, j->desk->where.focus == PANE_DETAIL});
        (void)draw_wrapped(s,
                           (struct rect){body.row + 1, body.col + 2, body.rows - 1, body.cols - 4},
                           ST_DIM, "No job selected.");
        return;
    }
    draw_heading(s, pane, j);
    if (j->detail.tab == TAB_LOG) {
        logview_draw(s, j->desk, &j->detail.log, body, j->desk->where.focus == PANE_DETAIL);
    } else if (textview_len(detail_view_const(&j->detail)) > 0 ||
               detail_view_const(&j->detail)->keep) {
        struct text_draw d = {.view = detail_view_const(&j->detail),
                              .focus = j->desk->where.focus == PANE_DETAIL};
        draw_text(s, body, &d);
    } else {
        draw_trouble(s, body, j);
    }
    draw_place(s, body, j);
}
