/* The view of the jobs: list, detail and form, one of which has the focus. */
#include "app/edit.h"
#include "model_priv.h"

static enum scope scope(const struct model *m)
{
    if (m->focus == PANE_FORM) {
        return SCOPE_FORM;
    }
    if (m->focus == PANE_DETAIL) {
        return m->detail.tab == TAB_LOG ? SCOPE_LOG : SCOPE_DETAIL;
    }
    return SCOPE_LIST;
}

/* What does not show is not asked for. */
static void shown_or_not(struct model *m, struct effects *out)
{
    (void)out;
    detail_tab(m, m->detail.tab);
    list_sync(m);
}

static bool action(struct model *m, enum action a, struct effects *out)
{
    return m->focus == PANE_FORM     ? form_action(m, a, out)
           : m->focus == PANE_DETAIL ? detail_action(m, a, out)
                                     : false; /* the list comes last: see update_action */
}

static const struct textview *text(const struct model *m)
{
    return detail_view_const(&m->detail);
}

/* The innermost thing that can be closed. */
static void close_one(struct model *m)
{
    if (m->full) {
        m->full = false;
        model_relayout(m);
    } else if (m->focus == PANE_DETAIL && text_close(detail_view(&m->detail))) {
        return;
    } else if (m->focus != PANE_LIST) {
        model_focus(m, PANE_LIST);
    } else if (m->list.ranging) {
        m->list.ranging = false;
    } else if (m->list.filter_applied != NULL) {
        edit_set(&m->list.filter, NULL);
        (void)!list_set_filter(m, "", NULL);
    } else if (store_chips(m->store).statuses != 0 || store_chips(m->store).stuck) {
        store_set_chips(m->store, (struct chips){0}, m->now_ms);
        list_sync(m);
    } else {
        m->note[0] = '\0';
    }
}

static void back(struct model *m, enum action a, struct effects *out)
{
    if (a == ACT_CLOSE) {
        close_one(m);
    } else if (m->full) {
        m->full = false;
        model_relayout(m);
    } else if (m->focus != PANE_LIST) {
        model_focus(m, PANE_LIST);
    } else {
        update_action(m, ACT_QUIT, out);
    }
}

static bool typed(struct model *m, const char *key)
{
    struct form_target t = model_target(m);

    return form_key(&m->form, key, &t);
}

static void paste(struct model *m, const char *text, size_t len)
{
    struct form_target t = model_target(m);
    struct form_field *f = &m->form.fields[m->form.focus];

    if (m->form.state == FORM_SENDING || f->def->choices != NULL) {
        return;
    }
    edit_paste(&f->edit, text, len);
    f->touched = true;
    m->form.changed = true;
    m->form.check = CHECK_NONE;
    form_check_fields(&m->form, &t);
}

const struct view_def view_jobs = {
    .name = "jobs",
    .title = "Jobs",
    .scope = scope,
    .enter = shown_or_not,
    .leave = shown_or_not,
    .action = action,
    .back = back,
    .text = text,
    .typed = typed,
    .paste = paste,
};
