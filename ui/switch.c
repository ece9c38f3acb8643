/* Going to another context, or to all of them. */
#include "ui/switch.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/text.h"
#include "ui/effects.h"
#include "ui/kept.h"
#include "ui/links.h"

/* Says why the context is not changed. */
static void refuse(struct loop *l, const struct err *why)
{
    struct app_event failed = {.kind = EV_CONTEXT};

    failed.u.context = *why;
    loop_event(l, &failed);
}

/* Makes the session of a context and starts it. NULL with `e`. */
static struct session *open_context(struct loop *l, const char *context, struct err *e)
{
    struct session *s = session_other(l->at, context, e);

    if (s != NULL && (theme_find(settings_get(s->settings, SET_THEME), e) == NULL ||
                      session_start(s, e) != E_OK)) {
        session_free(s);
        s = NULL;
    }
    return s;
}

/* Draws all anew, in the theme of the session that is shown. */
static void show_session(struct loop *l)
{
    const struct theme *theme = theme_find(settings_get(l->at->settings, SET_THEME), NULL);

    if (theme != NULL && theme != l->theme) {
        painter_free(l->painter);
        l->painter = painter_new(l->term, theme);
        painter_set_links(l->painter, links_taken(settings_get(l->at->settings, SET_HYPERLINKS)));
        l->theme = theme;
    }
    painter_forget(l->painter);
    if (l->titled) {
        effects_add(&l->fx, EFF_TITLE)->text = xstrdup("mvpdash"); /* until the account is known */
        effects_run(l);
    }
    l->draw = true;
    l->draw_soon = true;
}

static void set_sessions(struct loop *l, struct session **sessions, size_t len)
{
    free(l->sessions);
    l->sessions = sessions;
    l->sessions_len = len;
}

static bool is_named(const struct session *s, const char *context)
{
    return text_same(settings_context(s->settings), context);
}

/* Ends all sessions but this one. */
static void retire_others(struct loop *l, const struct session *kept)
{
    struct app_event keep = {.kind = EV_KEEP};

    for (size_t i = 0; i < l->sessions_len; i++) {
        if (l->sessions[i] != kept) {
            loop_session_event(l, l->sessions[i], &keep);
            session_retire(l->sessions[i], &l->retired);
        }
    }
}

/* Goes to one context. Where that cannot be, all goes on as it was. */
static void switch_to(struct loop *l, const char *context)
{
    struct err e = {0};
    struct session *from = l->at, *s = NULL;

    for (size_t i = 0; i < l->sessions_len && s == NULL; i++) {
        s = is_named(l->sessions[i], context) ? l->sessions[i] : NULL;
    }
    bool live = s != NULL;
    s = live ? s : open_context(l, context, &e);
    if (s == NULL) {
        refuse(l, &e);
        return;
    }
    const char *before = l->all != NULL ? "*" : settings_context(from->settings);
    struct session **one = xcalloc(1, sizeof(struct session *));
    all_free(l->all);
    l->all = NULL;
    l->at = s;
    if (!live) {
        kept_begin(l, from->model);
        kept_history(s);
    }
    model_came_from(s->model, before, true);
    retire_others(l, s);
    one[0] = s;
    set_sessions(l, one, 1);
    show_session(l);
}

/* Opens the i-th context of config.ini. */
static struct session *open_one(struct loop *l, size_t i, struct err *e)
{
    const struct setting_context c = settings_context_at(l->at->settings, i);

    if (c.mistake != NULL) {
        (void)err_set(e, E_CONFIG, "%s", c.mistake);
        return NULL;
    }
    if (i >= SESSIONS_MAX) {
        (void)err_set(e, E_TOO_BIG, "the list of all contexts shows the first %d", SESSIONS_MAX);
        return NULL;
    }
    return is_named(l->at, c.name) ? l->at : open_context(l, c.name, e);
}

static bool is_one_of(const struct session *s, struct session *const *all, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (all[i] == s) {
            return true;
        }
    }
    return false;
}

/* Shows all contexts that can be used in one list. */
static void switch_to_all(struct loop *l)
{
    struct session *from = l->at;
    size_t contexts = settings_contexts_len(from->settings), len = 0;
    struct session **all = xcalloc(contexts + 1, sizeof(struct session *));
    struct err *why = xcalloc(contexts + 1, sizeof *why);
    const char *before = settings_context(from->settings);

    for (size_t i = 0; i < contexts; i++) {
        all[len] = open_one(l, i, &why[i]);
        len += all[len] != NULL;
    }
    if (len == 0) {
        (void)err_set(&why[0], E_CONFIG, "config.ini has no context that can be used");
        refuse(l, &why[0]);
        free(all);
        free(why);
        return;
    }
    l->all = all_new();
    for (size_t i = 0; i < len; i++) {
        l->at = all[i];
        if (all[i] != from) {
            kept_begin(l, from->model);
            kept_history(all[i]);
        }
        model_came_from(all[i]->model, before, false);
        all_add(l->all, all[i]->model);
    }
    for (size_t i = 0; i < contexts; i++) {
        if (why[i].code != E_OK) {
            all_add_failed(l->all, settings_context_at(from->settings, i).name, &why[i]);
        }
    }
    l->at = all[0];
    if (!is_one_of(from, all, len)) { /* it has no context, or one after the last that shows */
        session_retire(from, &l->retired);
    }
    free(why);
    set_sessions(l, all, len);
    loop_settle_all(l, true);
    show_session(l);
}

/* Goes where l->wanted says. */
void switch_session(struct loop *l)
{
    char *wanted = l->wanted;

    l->wanted = NULL;
    if (wanted != NULL && strcmp(wanted, "*") == 0) {
        switch_to_all(l);
    } else {
        switch_to(l, wanted);
    }
    free(wanted);
}

/* Keeps of the other contexts what the next start shows first; the model that is shown has done so
 * itself. */
void switch_keep_others(struct loop *l)
{
    struct app_event keep = {.kind = EV_KEEP};

    for (size_t i = 0; i < l->sessions_len; i++) {
        if (l->sessions[i] != l->at) {
            loop_session_event(l, l->sessions[i], &keep);
        }
    }
}
