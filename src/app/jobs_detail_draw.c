/* Drawing one job in full: its name, the tabs, and the text of the tab. */
#include <stdio.h>
#include <stdlib.h>

#include "core/text.h"
#include "draw.h"
#include "jobs_priv.h"

static int tab_text(const struct jobs *j, char text[48])
{
    const char *here = detail_tab_title(j->detail.tab);

    (void)snprintf(text, 48, " %s %d/%d ", here, (int)j->detail.tab + 1, TAB_COUNT);
    return text_width(text);
}

size_t view_detail_tabs(const struct jobs *j, struct tab_place out[TAB_COUNT])
{
    struct rect pane = j->desk->layout.pane[PANE_DETAIL];
    char text[48];
    int width = 0;

    if (pane.rows <= 0 || j->detail.job_id == NULL) {
        return 0;
    }
    for (int t = 0; t < TAB_COUNT; t++) {
        width += text_width(detail_tab_title((enum detail_tab)t)) + 2;
    }
    if (width + 10 > pane.cols) {
        width = tab_text(j, text);
        out[0] = (struct tab_place){(enum detail_tab)((j->detail.tab + 1) % TAB_COUNT),
                                    pane.col + pane.cols - width, width};
        return 1;
    }
    for (int t = 0, x = pane.col + pane.cols - width; t < TAB_COUNT; t++) {
        int cells = text_width(detail_tab_title((enum detail_tab)t)) + 2;
        out[t] = (struct tab_place){(enum detail_tab)t, x, cells};
        x += cells;
    }
    return TAB_COUNT;
}

/* Draws the tabs at the right end of the title row, with as many words as fit. Returns their first
 * column. */
static int draw_tabs(struct surface *s, struct rect pane, const struct jobs *j)
{
    struct tab_place tabs[TAB_COUNT];
    size_t n = view_detail_tabs(j, tabs);

    if (n == 1) {
        char text[48];
        (void)tab_text(j, text);
        surface_put(s, pane.row, tabs[0].x, tabs[0].width, ST_TAB_HERE, text);
        surface_restyle(s, pane.row, tabs[0].x, 1, ST_TAB);
        return tabs[0].x;
    }
    for (size_t i = 0; i < n; i++) {
        const struct tab_place *t = &tabs[i];
        surface_put(s, pane.row, t->x, t->width, ST_TAB, "");
        surface_put(s, pane.row, t->x + 1, t->width - 2,
                    t->tab == j->detail.tab ? ST_TAB_HERE : ST_TAB, detail_tab_title(t->tab));
    }
    return tabs[0].x;
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
