/* What an event does to the model.
 *
 * DESIGN: app_update takes one event and leaves a model that is whole again: the cursor is inside
 * the list, windows are inside their texts, the layout fits the present size. It never fails and
 * never waits. What has to happen outside comes out as effects. After each event the schedule is
 * asked what is due, so that an action is followed by its polls at once.
 *
 * A key goes to the topmost thing on the screen (stack.c), in that thing's scope, among the jobs in
 * the scope of the focused pane; a key without a meaning there means what it means everywhere,
 * SCOPE_ALL. In the form and in typed lines the line editor comes between the two. */
#include <string.h>

#include "model_priv.h"

enum {
    /* a crash loses at most this much of what the next start shows first */
    SNAPSHOT_EVERY_MS = 300000,
    SNAPSHOT_SOME = 2000, /* how many jobs are written then */
    FILTER_AGAIN_MS = 60000,
    SCENE_MS = 1000 /* so long the list may tell the same time */
};

/* ---- events ---- */

static void new_scene(struct model *m)
{
    m->desk.scene++;
    m->desk.scene_ms = m->desk.now_ms;
}

/* Does the action move the cursor in the list of the jobs, and nothing else? */
static bool moves_cursor(const struct model *m, enum scope scope, enum action a)
{
    int64_t since = m->desk.now_ms - m->desk.scene_ms;

    return scope == SCOPE_LIST && rows_distance(a, 1) != 0 && since >= 0 && since < SCENE_MS;
}

static void on_key(struct model *m, const char *key, struct effects *out)
{
    enum scope scope = model_scope(m);

    watch_seen(m, out);
    desk_note_key(&m->desk);
    /* nothing shows, so only actions that leave work, and none that would act unseen */
    if (m->desk.layout.too_small) {
        enum action a = keymap_find_only(m->desk.keys, SCOPE_ALL, key);
        if (a == ACT_QUIT || a == ACT_SUSPEND || a == ACT_REDRAW) {
            update_action(m, a, out);
        }
        return;
    }
    enum action a = stack_key(m, key, out);
    if (!moves_cursor(m, scope, a)) {
        new_scene(m);
    }
    update_action(m, a, out);
}

/* A click on a key of the footer presses it, also while a layer stands over the body. */
static void on_mouse(struct model *m, const struct app_event *ev, struct effects *out)
{
    char key[KEY_NAME_SIZE];

    if (model_footer_key(m, ev, key)) {
        on_key(m, key, out);
    } else {
        stack_mouse(m, ev);
    }
}

static void on_resize(struct model *m, int rows, int cols)
{
    m->rows = rows;
    m->cols = cols;
    m->jobs->detail.stale = true;
    window_refill(&m->desk.window);
}

static void on_tick(struct model *m, struct effects *out)
{
    desk_note_tick(&m->desk);
    (void)store_tick(m->desk.store, m->desk.now_ms);
    if (m->jobs->list.filter_moves && m->desk.mono_ms >= m->jobs->filter_again_ms) {
        m->jobs->filter_again_ms = m->desk.mono_ms + FILTER_AGAIN_MS;
        (void)!list_set_filter(m->jobs, m->jobs->list.filter_applied, NULL);
    }
    detail_tick(m->jobs);
    if (screens_now(m)->tick != NULL) {
        screens_now(m)->tick(m->states[m->desk.where.view], &m->desk, out);
    }
    link_update(m);
    if (m->desk.mono_ms - m->snapshot_mono_ms >= SNAPSHOT_EVERY_MS) {
        m->snapshot_mono_ms = m->desk.mono_ms;
        if (m->desk.link.state == LINK_LIVE && store_len(m->desk.store) > 0) {
            effects_add(out, EFF_SNAPSHOT)->count = SNAPSHOT_SOME;
        }
    }
}

static void on_saved(struct model *m, const char *what, const struct err *e)
{
    static const char browser[] = "browser ";

    if (e->code != E_OK) {
        desk_note_err(&m->desk, NOTE_BAD, e, "%s", "");
        desk_error(&m->desk, "Save", e);
    } else if (strncmp(what, browser, sizeof browser - 1) == 0) {
        desk_note(&m->desk, NOTE_GOOD, "Opened with %s.", what + sizeof browser - 1);
    } else {
        desk_note(&m->desk, NOTE_GOOD, "Saved as %s", what);
    }
}

bool app_update(struct model *m, const struct app_event *ev, struct effects *out)
{
    m->desk.now_ms = ev->now_ms;
    m->desk.mono_ms = ev->mono_ms;
    m->desk.burst = ev->kind == EV_KEY && ev->burst;
    m->desk.amid = ev->kind == EV_KEY && ev->amid;
    m->moved_ms = ev->kind == EV_TICK ? m->moved_ms : ev->mono_ms;
    if (ev->kind != EV_KEY) {
        new_scene(m);
    }
    switch (ev->kind) {
    case EV_KEY:
        on_key(m, ev->u.key, out);
        break;
    case EV_PASTE:
        stack_paste(m, ev->u.paste.text, ev->u.paste.len);
        break;
    case EV_RESIZE:
        on_resize(m, ev->u.resize.rows, ev->u.resize.cols);
        break;
    case EV_MSG:
        update_msg(m, ev->u.msg, out);
        break;
    case EV_TICK:
        on_tick(m, out);
        break;
    case EV_QUIT:
        update_quit(m, out, 0);
        break;
    case EV_RESUME:
        (void)effects_add(out, EFF_REDRAW);
        break;
    case EV_SAVED:
        on_saved(m, ev->u.saved.what, &ev->u.saved.err);
        break;
    case EV_COPIED:
        copied_take(&m->desk, ev);
        break;
    case EV_CURSOR:
        break; /* all that follows from it is done below */
    case EV_KEEP:
        context_keep(m, out);
        break;
    case EV_CONTEXT:
        context_failed(m, &ev->u.context);
        break;
    case EV_RAN:
        own_ran(m, ev->u.ran.name, ev->u.ran.job_id, ev->u.ran.how, &ev->u.ran.err);
        break;
    case EV_MOUSE:
        on_mouse(m, ev, out);
        break;
    }
    errands_run(m, out);
    watch_tell(m, out);
    model_settle(m);
    screens_settle(m, out);
    m->desk.text = stack_text(m);
    model_schedule(m, out);
    /* A reply that changed nothing says so itself; for all other events drawing compares the
     * cells. */
    out->draw |= ev->kind != EV_MSG;
    return !m->quitting;
}
