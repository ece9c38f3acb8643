/* The screen of the jobs: list, detail and form, one of which has the focus. */
#include <stdlib.h>

#include "edit.h"
#include "jobs_priv.h"
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

static void settle(void *self, struct desk *desk, struct effects *out)
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

/* The innermost thing that can be closed. */
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
    edit_done(&j->list.filter);
    detail_done(&j->detail);
    form_done(&j->form);
}

const struct screen screen_jobs = {
    .name = "jobs",
    .title = "Jobs",
    .size = sizeof(struct jobs),
    .init = init,
    .done = done,
    .scope = scope,
    .leave = settle,
    .ask = settle,
    .action = action,
    .back = back,
    .text = text,
    .typed = typed,
    .paste = paste,
    .draw = draw,
};
