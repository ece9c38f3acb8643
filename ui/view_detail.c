/* One job in full: its name, the tabs, and what the tab shows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "ui/draw.h"

/* The tabs at the right end of the title row, as many words as fit. Returns their first column. */
static int draw_tabs(struct surface *s, struct rect pane, const struct model *m)
{
    int width = 0;

    for (int t = 0; t < TAB_COUNT; t++) {
        width += text_width(detail_tab_title((enum detail_tab)t)) + 2;
    }
    bool all = width + 10 <= pane.cols;
    int col = pane.col + pane.cols - (all ? width : 0);
    if (!all) {
        const char *here = detail_tab_title(m->detail.tab);
        char text[48];
        (void)snprintf(text, sizeof text, " %s %d/%d ", here, (int)m->detail.tab + 1, TAB_COUNT);
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
        surface_put(s, pane.row, x + 1, n, t == (int)m->detail.tab ? ST_TAB_HERE : ST_TAB, title);
        x += n + 2;
    }
    return col;
}

/* How the log stands, beside the name: nobody should wait for lines that cannot come. */
static const char *log_state(const struct model *m)
{
    const struct logview *l = &m->detail.log;

    if (m->detail.tab != TAB_LOG || !l->loaded || l->err.code != E_OK) {
        return "";
    }
    return l->ended ? "  complete" : l->text.follow ? "  following" : "  paused";
}

static void draw_heading(struct surface *s, struct rect pane, const struct model *m)
{
    const struct entry *e = store_find(m->store, m->detail.job_id);
    const struct job *job = m->detail.data != NULL ? m->detail.data->job
                            : e != NULL            ? e->job
                                                   : NULL;
    char *name = text_cleaned(job != NULL && job->business_name != NULL ? job->business_name
                                                                        : m->detail.job_id,
                              TEXT_ONE_LINE);
    char title[200];
    bool focus = m->focus == PANE_DETAIL;
    int tabs;

    (void)snprintf(title, sizeof title, "%.*s%s", (int)text_fit(name, 60, NULL), name,
                   log_state(m));
    free(name);
    draw_title(s, pane, &(struct pane_title){title, NULL, focus});
    tabs = draw_tabs(s, pane, m);
    struct rect left = {pane.row, pane.col, 1, tabs - pane.col};
    draw_title(s, left, &(struct pane_title){title, NULL, focus});
}

/* Where the view stands and how it is set, on the frame between body and status row: drawn over
 * the end of the last body row only when there is more than fits. */
static void draw_place(struct surface *s, struct rect body, const struct model *m)
{
    const struct textview *v = detail_view_const(&m->detail);
    char text[80];

    if ((int)textview_len(v) <= body.rows || body.rows < 3 || textview_percent(v) >= 100 ||
        (!v->follow && v->unseen > 0)) { /* how many lines are new stands there then */
        return;
    }
    int n = snprintf(text, sizeof text, " %d%% ", textview_percent(v));
    surface_put(s, body.row + body.rows - 1, body.col + body.cols - n, n, ST_DIM, text);
}

static void draw_trouble(struct surface *s, struct rect body, const struct model *m)
{
    const struct err *e = &m->detail.err;

    if (e->code != E_OK) {
        int used = draw_wrapped(s, body, ST_BAD, e->msg);
        body.row += used;
        body.rows -= used;
        (void)draw_wrapped(s, body, ST_HINT, err_hint(e));
    } else {
        (void)draw_wrapped(s, body, ST_DIM, "Reading...");
    }
}

void view_detail_draw(struct surface *s, const struct model *m)
{
    struct rect pane = m->layout.pane[PANE_DETAIL];
    struct rect body = layout_text(pane);

    if (pane.rows <= 0 || pane.cols <= 0) {
        return;
    }
    if (m->detail.job_id == NULL) {
        draw_title(s, pane, &(struct pane_title){"Job", NULL, m->focus == PANE_DETAIL});
        (void)draw_wrapped(s,
                           (struct rect){body.row + 1, body.col + 2, body.rows - 1, body.cols - 4},
                           ST_DIM, "No job selected.");
        return;
    }
    draw_heading(s, pane, m);
    if (m->detail.tab == TAB_LOG) {
        view_log_draw(s, m, &m->detail.log, body, m->focus == PANE_DETAIL);
    } else if (textview_len(detail_view_const(&m->detail)) > 0 ||
               detail_view_const(&m->detail)->keep) {
        struct text_draw d = {.view = detail_view_const(&m->detail),
                              .focus = m->focus == PANE_DETAIL};
        draw_text(s, body, &d);
    } else {
        draw_trouble(s, body, m);
    }
    draw_place(s, body, m);
}
