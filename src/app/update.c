/* DESIGN
 * app_update takes one event and leaves a model that is whole again: cursor inside the list,
 * windows inside their texts, layout for the present size. It never fails and never waits. What has
 * to happen outside comes out as effects. After each event the schedule is asked what is due, so
 * that an action is followed by its polls at once.
 *
 * Keys: what stands over the view (mode) takes them first; then the scope of the view, among the
 * jobs that of the focused pane; then SCOPE_ALL. In the form and in typed lines the line editor
 * comes between the two. */
#include <string.h>

#include "model_priv.h"

enum {
    SNAPSHOT_EVERY_MS = 300000, /* a crash loses at most so much of the next start's first screen */
    SNAPSHOT_SOME = 2000,       /* jobs written then */
    SNAPSHOT_LAST = 5000,       /* on leaving: more than anyone scrolls through before the reply */
    FILTER_AGAIN_MS = 60000
};

enum scope model_scope(const struct model *m)
{
    switch (m->mode) {
    case MODE_HELP:
    case MODE_ERRORS:
    case MODE_WHOAMI:
        return SCOPE_POPUP;
    case MODE_FILTER:
    case MODE_SEARCH:
    case MODE_FILE:
    case MODE_PALETTE:
        return SCOPE_INPUT;
    case MODE_COLUMNS:
    case MODE_STATUS:
    case MODE_COPY:
        return SCOPE_PICK;
    case MODE_DIALOG:
        return SCOPE_DIALOG;
    case MODE_NONE:
        break;
    }
    return view_now(m)->scope(m);
}

void update_quit(struct model *m, struct effects *out, int status)
{
    if (m->quitting) {
        return;
    }
    model_save_prefs(m, out);
    if (store_len(m->store) > 0) {
        effects_add(out, EFF_SNAPSHOT)->count = SNAPSHOT_LAST;
    }
    effects_add(out, EFF_QUIT)->status = status;
    m->quitting = true;
}

/* ---- events ---- */

static void popup_key(struct model *m, const char *key, struct effects *out)
{
    enum action a = keymap_find(m->keys, SCOPE_POPUP, key);

    if (text_action(m, &m->popup, a, out)) {
        return;
    }
    if ((a == ACT_HELP && m->mode == MODE_HELP) || (a == ACT_ERRORS && m->mode == MODE_ERRORS) ||
        (a == ACT_WHOAMI && m->mode == MODE_WHOAMI)) {
        a = ACT_CLOSE; /* the key that opened it closes it */
    }
    if (a == ACT_CLOSE || a == ACT_BACK) {
        if (a == ACT_CLOSE && m->popup.pattern != NULL) {
            textview_search(&m->popup, NULL);
        } else {
            model_set_mode(m, MODE_NONE);
        }
    } else if (a == ACT_QUIT) {
        update_action(m, ACT_QUIT, out);
    } else if (a == ACT_REFRESH || a == ACT_PAUSE) {
        update_action(m, a, out);
    } else {
        (void)update_window_action(m, a, out);
    }
}

static void menu_key(struct model *m, const char *key, struct effects *out)
{
    enum action a = keymap_find(m->keys, SCOPE_PICK, key);

    if (a == ACT_REDRAW || a == ACT_SUSPEND || a == ACT_SAVE_SCREEN) {
        (void)update_window_action(m, a, out);
    } else if (a == ACT_QUIT) {
        update_action(m, ACT_QUIT, out);
    } else {
        modes_menu_action(m, a, key, out);
    }
}

static void view_key(struct model *m, const char *key, struct effects *out)
{
    enum scope scope = model_scope(m);

    if (scope_types(scope)) {
        enum action a = keymap_find_only(m->keys, scope, key);
        if (a != ACT_NONE) {
            update_action(m, a, out);
        } else if (!view_now(m)->typed(m, key) && !key_is_text(key)) {
            update_action(m, keymap_find_only(m->keys, SCOPE_ALL, key), out);
        }
        return;
    }
    update_action(m, keymap_find(m->keys, scope, key), out);
}

static void on_key(struct model *m, const char *key, struct effects *out)
{
    watch_seen(m, out);
    if (m->note_until_ms == 0) {
        m->note[0] = '\0'; /* bad news were seen */
    }
    if (m->layout.too_small) { /* nothing shows: only ways out, and nothing that acts unseen */
        enum action a = keymap_find_only(m->keys, SCOPE_ALL, key);
        if (a == ACT_QUIT || a == ACT_SUSPEND || a == ACT_REDRAW) {
            update_action(m, a, out);
        }
        return;
    }
    switch (model_scope(m)) {
    case SCOPE_POPUP:
        popup_key(m, key, out);
        break;
    case SCOPE_INPUT:
        modes_input_key(m, key, out);
        break;
    case SCOPE_PICK:
        menu_key(m, key, out);
        break;
    case SCOPE_DIALOG:
        ask_key(m, key, out);
        break;
    default:
        view_key(m, key, out);
        break;
    }
}

static void on_paste(struct model *m, const char *text, size_t len)
{
    if (model_scope(m) == SCOPE_INPUT) {
        modes_input_paste(m, text, len);
    } else if (m->mode == MODE_NONE && scope_types(model_scope(m))) {
        view_now(m)->paste(m, text, len);
    }
}

static void on_resize(struct model *m, int rows, int cols)
{
    m->rows = rows;
    m->cols = cols;
    model_relayout(m);
    list_sync(m);
    detail_follow_cursor(m);
    detail_rebuild(m);
    if (m->mode == MODE_HELP || m->mode == MODE_ERRORS || m->mode == MODE_WHOAMI) {
        modes_fill_popup(m);
    }
}

static void on_tick(struct model *m, struct effects *out)
{
    if (m->note[0] != '\0' && m->note_until_ms > 0 && m->mono_ms >= m->note_until_ms) {
        m->note[0] = '\0';
    }
    if (store_tick(m->store, m->now_ms)) {
        list_sync(m);
    }
    if (m->list.filter_applied != NULL && strstr(m->list.filter_applied, "age") != NULL &&
        m->mono_ms >= m->filter_again_ms) {
        m->filter_again_ms = m->mono_ms + FILTER_AGAIN_MS;
        (void)!list_set_filter(m, m->list.filter_applied, NULL);
    }
    detail_tick(m);
    link_update(m);
    if (m->mono_ms - m->snapshot_mono_ms >= SNAPSHOT_EVERY_MS) {
        m->snapshot_mono_ms = m->mono_ms;
        if (m->link.state == LINK_LIVE && store_len(m->store) > 0) {
            effects_add(out, EFF_SNAPSHOT)->count = SNAPSHOT_SOME;
        }
    }
}

static void on_saved(struct model *m, const char *what, const struct err *e)
{
    if (e->code != E_OK) {
        model_note(m, NOTE_BAD, "%s: %s", e->msg, err_hint(e));
        model_error(m, "Save", e);
    } else if (strcmp(what, "clipboard") == 0) {
        model_note(m, NOTE_GOOD, "Copied.");
    } else {
        model_note(m, NOTE_GOOD, "Saved as %s", what);
    }
}

bool app_update(struct model *m, const struct app_event *ev, struct effects *out)
{
    m->now_ms = ev->now_ms;
    m->mono_ms = ev->mono_ms;
    m->moved_ms = ev->kind == EV_TICK ? m->moved_ms : ev->mono_ms;
    switch (ev->kind) {
    case EV_KEY:
        on_key(m, ev->u.key, out);
        break;
    case EV_PASTE:
        on_paste(m, ev->u.paste.text, ev->u.paste.len);
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
    case EV_MOUSE:
        update_mouse(m, ev);
        break;
    }
    watch_tell(m, out);
    model_relayout(m);
    view_settle(m, out);
    bulk_settle(m, out);
    model_schedule(m, out);
    /* A reply that changed nothing says so itself; drawing compares cells anyway. */
    out->draw |= ev->kind != EV_MSG;
    return !m->quitting;
}
