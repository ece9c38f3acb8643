/* What an action does: those that work everywhere, those that mean a job, and whose turn it is. */

#include "core/alloc.h"
#include "core/clock.h"
#include "model_priv.h"

static void next_pane(struct model *m, int step)
{
    if (m->view != VIEW_JOBS) {
        view_show(m, VIEW_JOBS);
        return;
    }
    for (int i = 0; i < PANE_COUNT; i++) {
        enum pane p = (enum pane)(((int)m->focus + step + PANE_COUNT) % PANE_COUNT);
        if (p == PANE_FORM && m->read_only) {
            p = (enum pane)(((int)p + step + PANE_COUNT) % PANE_COUNT);
        }
        if (p == PANE_DETAIL && m->detail.job_id == NULL) {
            detail_show(m, m->list.cursor);
        }
        model_focus(m, p);
        return;
    }
}

static void quit(struct model *m, struct effects *out)
{
    if (m->mode == MODE_DIALOG && m->dialog.kind == DIALOG_QUIT) {
        return;
    }
    if (model_pending(m) > 0 || (m->form.changed && m->form.state == FORM_EDITING)) {
        ask_quit(m);
        return;
    }
    update_quit(m, out, 0);
}

static void toggle_pause(struct model *m)
{
    m->paused = !m->paused;
    schedule_pause(m->schedule, m->paused);
    model_note(m, NOTE_INFO,
               m->paused ? "Paused: nothing is asked until Z. r asks once." : "Going on.");
}

static void save_screen(struct model *m, struct effects *out)
{
    struct effect *f = effects_add(out, EFF_SAVE_SCREEN);
    char iso[TIME_ISO_SIZE];

    f->path = xasprintf("mvpdash-screen-%s.txt", time_iso_basic(m->now_ms, iso));
}

bool update_window_action(struct model *m, enum action a, struct effects *out)
{
    switch (a) {
    case ACT_HELP:
        modes_open_popup(m, MODE_HELP);
        return true;
    case ACT_ERRORS:
        modes_open_popup(m, MODE_ERRORS);
        return true;
    case ACT_WHOAMI:
        modes_open_popup(m, MODE_WHOAMI);
        return true;
    case ACT_PALETTE:
        modes_open_palette(m);
        return true;
    case ACT_HEADER:
        m->header = !m->header;
        model_relayout(m);
        list_sync(m);
        return true;
    case ACT_SAVE_SCREEN:
        save_screen(m, out);
        return true;
    case ACT_REDRAW:
        (void)effects_add(out, EFF_REDRAW);
        return true;
    case ACT_SUSPEND:
        (void)effects_add(out, EFF_SUSPEND);
        return true;
    default:
        return false;
    }
}

static bool everywhere(struct model *m, enum action a, struct effects *out)
{
    switch (a) {
    case ACT_CLOSE:
    case ACT_BACK:
        if (m->mode != MODE_NONE) {
            model_set_mode(m, MODE_NONE);
        } else {
            view_now(m)->back(m, a, out);
        }
        return true;
    case ACT_QUIT:
        quit(m, out);
        return true;
    case ACT_REFRESH:
        schedule_hurry(m->schedule);
        model_note(m, NOTE_INFO, "Asking AWS again.");
        return true;
    case ACT_PAUSE:
        toggle_pause(m);
        return true;
    case ACT_NEXT_PANE:
        next_pane(m, 1);
        return true;
    case ACT_PREV_PANE:
        next_pane(m, -1);
        return true;
    case ACT_VIEW_JOBS:
        model_focus(m, PANE_LIST);
        return true;
    case ACT_VIEW_PREVIOUS:
        view_back(m);
        return true;
    case ACT_VIEW_TIMELINE:
    case ACT_TIMELINE:
        detail_open(m, model_subject(m), TAB_TIMELINE);
        return true;
    case ACT_READ_ONLY:
        m->read_only = true;
        model_note(m, NOTE_GOOD, "Read-only: everything that changes AWS is refused.");
        return true;
    case ACT_READ_WRITE:
        ask_read_write(m);
        return true;
    default:
        return view_switch(m, a) || update_window_action(m, a, out);
    }
}

static bool job_action(struct model *m, enum action a, struct effects *out)
{
    switch (a) {
    case ACT_NEW:
        form_open_new(m);
        return true;
    case ACT_AGAIN:
        form_open_again(m, model_subject(m), out);
        return true;
    case ACT_CANCEL:
        ask_cancel(m);
        return true;
    case ACT_RETRY:
        ask_retry(m);
        return true;
    case ACT_WATCH:
        watch_toggle(m, out);
        return true;
    case ACT_DESCRIBE:
        detail_open(m, model_subject(m), TAB_OVERVIEW);
        return true;
    case ACT_JSON:
        detail_open(m, model_subject(m), TAB_JSON);
        return true;
    case ACT_WHY:
        detail_open(m, model_subject(m), TAB_ATTEMPTS);
        return true;
    case ACT_LOGS:
        detail_open(m, model_subject(m), TAB_LOG);
        return true;
    case ACT_DOCTOR_JOB:
        doctor_open(m, model_subject(m), out);
        return true;
    case ACT_COPY_MENU:
        modes_open_menu(m, MODE_COPY);
        return true;
    default:
        return false;
    }
}

static bool changes_something(enum action a)
{
    const struct binding *b = binding_of(a);

    return b != NULL && b->changes;
}

void update_action(struct model *m, enum action a, struct effects *out)
{
    if (a == ACT_NONE || (changes_something(a) && !model_may_change(m))) {
        return;
    }
    if (view_now(m)->action(m, a, out) || everywhere(m, a, out)) {
        return;
    }
    /* What the palette names may belong to the jobs while another view or pane has the keys. */
    view_show(m, VIEW_JOBS);
    (void)(job_action(m, a, out) || list_action(m, a, out));
}
