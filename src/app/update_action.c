/* What an action does: the actions that work everywhere, those that mean a job, and which screen
 * gets an action first. */

#include <string.h>

#include "compare.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "doctor.h"
#include "model_priv.h"

static void next_pane(struct model *m, int step)
{
    if (m->desk.where.view != VIEW_JOBS) {
        where_show(&m->desk.where, VIEW_JOBS);
        return;
    }
    for (int i = 0; i < PANE_COUNT; i++) {
        enum pane p = (enum pane)(((int)m->desk.where.focus + step + PANE_COUNT) % PANE_COUNT);
        if (p == PANE_FORM && desk_reads_only(&m->desk)) {
            p = (enum pane)(((int)p + step + PANE_COUNT) % PANE_COUNT);
        }
        if (p == PANE_DETAIL && m->jobs->detail.job_id == NULL) {
            detail_show(m->jobs, m->jobs->list.cursor);
        }
        where_focus(&m->desk.where, p);
        return;
    }
}

static void quit(struct model *m, struct effects *out)
{
    if (!desk_key_meant(&m->desk)) {
        return;
    }
    if (ask_under_way(m, true, (char[1]){0}, 1)) {
        ask_quit(m);
        return;
    }
    update_quit(m, out, 0);
}

static void toggle_pause(struct model *m)
{
    m->desk.paused = !m->desk.paused;
    schedule_pause(m->desk.schedule, m->desk.paused);
    desk_note(&m->desk, NOTE_INFO,
              m->desk.paused ? "Paused: AWS is not asked until you press Z; r asks once."
                             : "Resumed.");
}

static void save_screen(struct model *m, struct effects *out)
{
    struct effect *f = effects_add(out, EFF_SAVE_SCREEN);
    char iso[TIME_ISO_SIZE];

    f->path = xasprintf("mvpdash-screen-%s.txt", time_iso_basic(m->desk.now_ms, iso));
}

static bool update_window_action(struct model *m, enum action a, struct effects *out)
{
    switch (a) {
    case ACT_HELP:
        windows_open_help(m, model_scope(m));
        return true;
    case ACT_ERRORS:
        windows_open_errors(m);
        return true;
    case ACT_WHOAMI:
        windows_open_whoami(m);
        return true;
    case ACT_OUTPUT:
        own_output(m);
        return true;
    case ACT_OUTPUT_STOP:
        own_stop(m, out);
        return true;
    case ACT_COPIED:
        copied_menu(&m->desk);
        return true;
    case ACT_PALETTE:
        palette_line_open(&m->desk);
        return true;
    case ACT_HEADER:
        m->header = !m->header;
        return true;
    case ACT_SAVE_SCREEN:
        save_screen(m, out);
        return true;
    case ACT_REDRAW:
        (void)effects_add(out, EFF_REDRAW);
        return true;
    case ACT_SUSPEND:
        if (desk_key_meant(&m->desk)) {
            (void)effects_add(out, EFF_SUSPEND);
        }
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
        screens_now(m)->back(m->states[m->desk.where.view], &m->desk, a, out);
        return true;
    case ACT_QUIT:
        quit(m, out);
        return true;
    case ACT_REFRESH:
        schedule_hurry(m->desk.schedule);
        desk_note(&m->desk, NOTE_INFO, "Asking AWS again.");
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
        where_focus(&m->desk.where, PANE_LIST);
        return true;
    case ACT_VIEW_PREVIOUS:
        where_back(&m->desk.where);
        return true;
    case ACT_VIEW_TIMELINE:
    case ACT_TIMELINE:
        detail_open(m->jobs, jobs_subject(m->jobs), TAB_TIMELINE);
        return true;
    case ACT_READ_ONLY:
        m->desk.read_only = true;
        desk_note(&m->desk, NOTE_GOOD, "Read-only: everything that changes AWS is refused.");
        return true;
    case ACT_READ_WRITE:
        ask_read_write(m, NULL);
        return true;
    case ACT_CONTEXT:
        context_menu(m);
        return true;
    default:
        return screens_switch(m, a, out) || update_window_action(m, a, out);
    }
}

/* Goes from a job to its retry, and from the last retry back to the first job. */
static void show_retry(struct model *m)
{
    const char *id = jobs_subject(m->jobs);
    struct store_retry retry;

    if (id == NULL) {
        desk_note(&m->desk, NOTE_INFO, "No job is selected.");
        return;
    }
    const char *root = store_retry_root(m->desk.store, id);
    const char *to = store_retry_of(m->desk.store, id, &retry) ? retry.id : root;
    if (strcmp(to, id) == 0) {
        desk_note(&m->desk, NOTE_INFO, "%s has no retry and is not a retry.", id);
        return;
    }
    desk_open_job(&m->desk, to, m->jobs->detail.tab);
}

static bool job_action(struct model *m, enum action a, struct effects *out)
{
    switch (a) {
    case ACT_NEW:
        form_open_new(m->jobs);
        return true;
    case ACT_AGAIN:
        form_open_again(m->jobs, jobs_subject(m->jobs), out);
        return true;
    case ACT_CANCEL:
        ask_cancel(m);
        return true;
    case ACT_RETRY:
        ask_retry(m, NULL, out);
        return true;
    case ACT_WATCH:
        watch_toggle(m, out);
        return true;
    case ACT_DESCRIBE:
        detail_open(m->jobs, jobs_subject(m->jobs), TAB_OVERVIEW);
        return true;
    case ACT_JSON:
        detail_open(m->jobs, jobs_subject(m->jobs), TAB_JSON);
        return true;
    case ACT_WHY:
        detail_open(m->jobs, jobs_subject(m->jobs), TAB_ATTEMPTS);
        return true;
    case ACT_LOGS:
        if (detail_array(m->jobs, jobs_subject(m->jobs)) != NULL) {
            desk_open_children(&m->desk, jobs_subject(m->jobs), true);
        } else {
            detail_open(m->jobs, jobs_subject(m->jobs), TAB_LOG);
        }
        return true;
    case ACT_CHILDREN:
        desk_open_children(&m->desk, jobs_subject(m->jobs), false);
        return true;
    case ACT_DOCTOR_JOB:
        if (doctor_look_at(model_screen(m, VIEW_DOCTOR), &m->desk, jobs_subject(m->jobs), out)) {
            where_show(&m->desk.where, VIEW_DOCTOR);
        }
        return true;
    case ACT_COMPARE:
        if (compare_choose(model_screen(m, VIEW_COMPARE), &m->desk, jobs_subject(m->jobs))) {
            where_show(&m->desk.where, VIEW_COMPARE);
        }
        return true;
    case ACT_RETRY_SHOW:
        show_retry(m);
        return true;
    case ACT_COPY_MENU:
        menu_open_copy(m->jobs);
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
    if (a == ACT_NONE || (changes_something(a) && !desk_may_change(&m->desk))) {
        return;
    }
    if (screens_now(m)->action(m->states[m->desk.where.view], &m->desk, a, out) ||
        everywhere(m, a, out)) {
        return;
    }
    /* An action of the palette may belong to the jobs while another view or pane has the keys. */
    where_show(&m->desk.where, VIEW_JOBS);
    (void)(job_action(m, a, out) || list_action(m->jobs, a, out));
}
