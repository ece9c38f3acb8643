/* The screen of the jobs: list, detail and form, one of which has the focus. */
#include <stdlib.h>

#include "edit.h"
#include "jobs_priv.h"
#include "logview.h"
#include "text_keys.h"

static enum scope scope(const void *self)
{
    const struct jobs *j = self;

    if (j->desk->where.focus == PANE_FORM) {
        return SCOPE_FORM;
    }
    if (j->desk->where.focus == PANE_DETAIL) {
        return j->detail.tab == TAB_LOG ? SCOPE_LOG : SCOPE_DETAIL;
    }
    return SCOPE_LIST;
}

static void settle_detail(void *self, struct desk *desk, struct effects *out)
{
    (void)desk;
    (void)out;
    detail_settle(self);
}

static bool action(void *self, struct desk *desk, enum action a, struct effects *out)
{
    struct jobs *j = self;

    (void)desk;
    return j->desk->where.focus == PANE_FORM ? form_action(j, a, out)
           : j->desk->where.focus == PANE_DETAIL
               ? detail_action(j, a, out)
               : false; /* the list comes last: see update_action */
}

static const struct textview *text(const void *self)
{
    const struct jobs *j = self;

    return detail_view_const(&j->detail);
}

/* Closes the innermost thing that can be closed. */
static void close_one(struct jobs *j)
{
    if (j->desk->where.full) {
        j->desk->where.full = false;
    } else if (j->desk->where.focus == PANE_DETAIL && text_close(detail_view(&j->detail))) {
        return;
    } else if (j->desk->where.focus != PANE_LIST) {
        where_focus(&j->desk->where, PANE_LIST);
    } else if (j->list.rows.ranging) {
        j->list.rows.ranging = false;
    } else if (j->list.filter_applied != NULL) {
        edit_set(&j->list.filter, NULL);
        (void)!list_set_filter(j, "", NULL);
    } else if (store_chips(j->desk->store).statuses != 0 || store_chips(j->desk->store).stuck) {
        store_set_chips(j->desk->store, (struct chips){0}, j->desk->now_ms);
    } else if (store_picks(j->desk->store)) {
        list_show_all(j);
    } else {
        j->desk->note[0] = '\0';
    }
}

static void back(void *self, struct desk *desk, enum action a, struct effects *out)
{
    struct jobs *j = self;

    (void)out;
    if (a == ACT_CLOSE) {
        close_one(j);
    } else if (j->desk->where.full) {
        j->desk->where.full = false;
    } else if (j->desk->where.focus != PANE_LIST) {
        where_focus(&j->desk->where, PANE_LIST);
    } else {
        desk_do(desk, ACT_QUIT);
    }
}

static bool typed(void *self, struct desk *desk, const char *key)
{
    struct jobs *j = self;
    struct form_target t = desk_target(desk);

    if (key_is_text(key) && !form_takes_text(j)) {
        return true;
    }
    return form_key(&j->form, key, &t);
}

static void paste(void *self, struct desk *desk, const char *text, size_t len)
{
    struct jobs *j = self;
    struct form_target t = desk_target(desk);
    struct form_field *f = &j->form.fields[j->form.focus];

    if (!form_takes_text(j) || f->def->choices != NULL) {
        return;
    }
    desk_paste(desk, &f->edit, text, len);
    f->touched = true;
    j->form.changed = true;
    j->form.check = CHECK_NONE;
    form_check_fields(&j->form, &t);
}

static void settle_form(struct form *f, int room)
{
    size_t rows = room > 2 ? (size_t)room - 2 : 1;

    if (f->focus < f->scroll) {
        f->scroll = f->focus;
    } else if (f->focus >= f->scroll + rows) {
        f->scroll = f->focus - rows + 1;
    }
    if (room > 0 && f->scroll > 0 && f->len <= rows) {
        f->scroll = 0;
    }
}

static void settle(void *self, struct desk *desk, struct rect room)
{
    struct jobs *j = self;
    struct rect body = layout_text(desk->layout.pane[PANE_DETAIL]), fields, below;
    int stamp = logview_stamp_cells(&j->detail.log);

    (void)room; /* the panes have rooms of their own */
    if (body.rows > 0) {
        for (int i = 0; i < TAB_COUNT; i++) {
            textview_resize(&j->detail.views[i], body.rows, body.cols);
        }
        textview_resize(&j->detail.log.text, body.rows,
                        body.cols > stamp ? body.cols - stamp : body.cols);
    }
    layout_form(desk->layout.pane[PANE_FORM], j->form.len, &fields, &below);
    if (below.rows > 0) {
        textview_resize(&j->form.preview, below.rows, below.cols);
    }
    settle_form(&j->form, fields.rows);
}

/* ---- the mouse ---- */

static void wheel(struct jobs *j, enum pane p, const struct app_event *ev)
{
    if (p == PANE_LIST) {
        list_step(j, ev->u.mouse.button == MOUSE_WHEEL_UP ? -3L : 3L);
    } else if (p == PANE_DETAIL) {
        (void)text_wheel(detail_view(&j->detail), ev);
    } else if (p == PANE_FORM) {
        (void)text_wheel(&j->form.preview, ev);
    }
}

/* A click on the title of a column sorts by it. */
static void click_title(struct jobs *j, const struct app_event *ev)
{
    struct rect body = layout_body(j->desk->layout.pane[PANE_LIST]);
    struct column_slot slots[COL_COUNT];
    size_t len = jobs_columns(j, slots);
    enum column_id id;

    if (ev->u.mouse.row == body.row &&
        view_list_title_at(j, body, ev->u.mouse.col, slots, len, &id)) {
        list_sort_press(j, id);
    }
}

static void click_tab(struct jobs *j, const struct app_event *ev)
{
    struct tab_place tabs[TAB_COUNT];
    size_t n = view_detail_tabs(j, tabs);

    for (size_t i = 0; i < n; i++) {
        if (ev->u.mouse.row == j->desk->layout.pane[PANE_DETAIL].row &&
            ev->u.mouse.col >= tabs[i].x && ev->u.mouse.col < tabs[i].x + tabs[i].width) {
            detail_to_tab(&j->detail, tabs[i].tab);
            return;
        }
    }
}

static void click(struct jobs *j, enum pane p, const struct app_event *ev)
{
    struct rect rows = layout_list_rows(j->desk->layout.pane[PANE_LIST]);
    size_t at = 0;

    if (p == PANE_FORM && !desk_may_change(j->desk)) {
        return;
    }
    where_focus(&j->desk->where, p);
    if (p == PANE_DETAIL) {
        click_tab(j, ev);
    } else if (p == PANE_LIST && !rect_has(rows, ev->u.mouse.row, ev->u.mouse.col)) {
        click_title(j, ev);
    } else if (p == PANE_LIST && rows_shown(&j->list.rows, ev->u.mouse.row - rows.row, &at)) {
        list_to_row(j, at);
        if (ev->u.mouse.button == MOUSE_DOUBLE) {
            detail_open(j, j->list.cursor, TAB_OVERVIEW);
        }
    }
}

static bool mouse(void *self, struct desk *desk, const struct app_event *ev, struct rect room)
{
    enum pane p = PANE_LIST;

    (void)room;
    while (p < PANE_COUNT && !rect_has(desk->layout.pane[p], ev->u.mouse.row, ev->u.mouse.col)) {
        p++;
    }
    if (ev->u.mouse.button == MOUSE_WHEEL_UP || ev->u.mouse.button == MOUSE_WHEEL_DOWN) {
        wheel(self, p, ev);
    } else if (p < PANE_COUNT) {
        click(self, p, ev);
    }
    return true;
}

static void draw(struct surface *s, const void *self, const struct desk *desk, struct rect body)
{
    const struct jobs *j = self;

    (void)desk;
    (void)body;
    view_list_draw(s, j);
    view_detail_draw(s, j);
    view_form_draw(s, j);
    if (j->desk->layout.divider.cols > 0) {
        surface_vline(s, j->desk->layout.divider.row, j->desk->layout.divider.col,
                      j->desk->layout.divider.rows, ST_BORDER);
    }
}

static void init(void *self)
{
    struct jobs *j = self;

    j->list.stick = true;
    detail_init(&j->detail);
    form_init(&j->form);
}

static void done(void *self)
{
    struct jobs *j = self;

    free(j->list.cursor);
    free(j->list.anchor);
    free(j->list.filter_applied);
    free(j->list.filter_before);
    free(j->list.choices);
    line_history_clear(&j->list.filters);
    free(j->list.picked);
    edit_done(&j->list.filter);
    detail_done(&j->detail);
    form_done(&j->form);
}

/* An empty list has no job that a key could work on. */
static bool idle(const void *self, enum action a)
{
    const struct jobs *j = self;

    return j->desk->where.focus == PANE_LIST && store_rows(j->desk->store) == 0 &&
           (a == ACT_OPEN || a == ACT_AGAIN || a == ACT_CANCEL || a == ACT_RETRY || a == ACT_LOGS ||
            a == ACT_MARK || a == ACT_WATCH);
}

const struct screen screen_jobs = {
    .name = "jobs",
    .title = "Jobs",
    .size = sizeof(struct jobs),
    .init = init,
    .done = done,
    .scope = scope,
    .idle = idle,
    .leave = settle_detail,
    .ask = settle_detail,
    .mouse = mouse,
    .settle = settle,
    .action = action,
    .back = back,
    .text = text,
    .typed = typed,
    .paste = paste,
    .draw = draw,
};
