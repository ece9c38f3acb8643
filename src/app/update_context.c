/* Other contexts of config.ini: choosing one, and going there.
 *
 * The model stays that of its context to its end: the loop makes another one for the context that
 * is gone to, and this one is freed. So nothing that is marked, open or under way here can be taken
 * for something there. Only what belongs to the view goes along: model_take_view. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/text.h"
#include "model_priv.h"

/* how many jobs are kept on leaving: more than anyone scrolls through before the first reply */
enum { SNAPSHOT_LAST = 5000 };

static const char *label(const char *name)
{
    return name == NULL ? "no context" : strcmp(name, "*") == 0 ? "all contexts" : name;
}

/* What stands before the label. */
static const char *prefix(const char *name)
{
    return name == NULL || strcmp(name, "*") == 0 ? "" : "context ";
}

/* The name of where we are: NULL: in no context, "*": in all. */
static const char *here(const struct model *m)
{
    return m->all != NULL ? "*" : settings_context(m->desk.settings);
}

void context_keep(struct model *m, struct effects *out)
{
    jobs_save_prefs(m->jobs, out);
    /* A list that an earlier run kept is kept already, with its time: it is no newer now. */
    if (store_len(m->desk.store) > 0 && m->snapshot_saved_ms == TIME_NONE) {
        effects_add(out, EFF_SNAPSHOT)->count = SNAPSHOT_LAST;
    }
}

static void leave(struct model *m, struct effects *out)
{
    char *wanted = m->wanted;

    m->wanted = NULL;
    context_keep(m, out);
    effects_add(out, EFF_CONTEXT)->text = wanted;
}

static void yes(void *owner, struct desk *d, struct effects *out)
{
    (void)d;
    leave(owner, out);
}

/* Goes to a context (NULL: to none), which asks when something is under way. */
static void go(struct model *m, const char *name, struct effects *out)
{
    char text[sizeof m->desk.dialog.text] = "";

    if (text_same(name, here(m))) {
        desk_note(&m->desk, NOTE_INFO, "This is already %s%s.", prefix(name), label(name));
        return;
    }
    free(m->wanted);
    m->wanted = name == NULL ? NULL : xstrdup(name);
    if (!ask_under_way(m, false, text, sizeof text)) {
        leave(m, out);
        return;
    }
    struct dialog *d = dialog_ask(&m->desk.dialog, yes, m, "", "Switch", "Stay");
    char *clean = text_cleaned(label(name), TEXT_ONE_LINE);
    (void)snprintf(d->title, sizeof d->title, "Switch to %.64s?", clean);
    free(clean);
    memcpy(d->text, text, sizeof d->text);
}

void context_command(struct model *m, const char *argument, struct effects *out)
{
    if (strcmp(argument, "-") != 0) {
        go(m, argument, out);
    } else if (m->came) {
        go(m, m->before, out);
    } else {
        desk_note(&m->desk, NOTE_INFO, "There is no previous context: name one, `:ctx NAME`.");
    }
}

void context_failed(struct model *m, const struct err *e)
{
    desk_error(&m->desk, "Context", e);
    desk_note_err(&m->desk, NOTE_BAD, e, "Still in %s%s: ", prefix(here(m)), label(here(m)));
}

/* ---- the menu ---- */

static void fill(const void *owner, struct menu *menu)
{
    const struct model *m = owner;

    for (size_t i = 0; i < m->desk.contexts.len; i++) {
        const struct context_row *c = &m->desk.contexts.items[i];
        bool one = c->name != NULL && strcmp(c->name, "*") != 0;
        struct menu_row *row = menu_add(menu, (int)i, 0, text_same(c->name, here(m)), c->label);
        row->more = c->text;
        row->off = c->spoiled;
        row->style = one ? (enum style)((int)ST_CONTEXT + (int)c->colour) : ST_TEXT;
    }
}

static void take(void *owner, const struct menu_row *row, bool last, struct effects *out)
{
    struct model *m = owner;

    (void)last;
    if ((size_t)row->id < m->desk.contexts.len) {
        go(m, m->desk.contexts.items[row->id].name, out);
    }
}

void context_menu(struct model *m)
{
    static const struct menu_def def = {
        .title = "Contexts", .once = true, .fill = fill, .take = take};

    if (m->desk.contexts.len == 0) {
        desk_note(&m->desk, NOTE_INFO,
                  settings_local(m->desk.settings)
                      ? "The embedded local cloud has no contexts: start mvpdash without --local."
                      : "config.ini has no context: add a section [context NAME].");
        return;
    }
    menu_open(&m->desk.menu, &def, m);
    while (m->desk.menu.rows.at + 1 < m->desk.menu.rows.len &&
           !m->desk.menu.items[m->desk.menu.rows.at].on) {
        m->desk.menu.rows.at++; /* the cursor begins on the one in force */
    }
}

/* ---- what goes along ---- */

void model_take_view(struct model *m, const struct model *before)
{
    char *view = jobs_prefs(before->jobs);

    model_load_prefs(m, view, strlen(view));
    free(view);
    store_set_chips(m->desk.store, store_chips(before->desk.store), m->desk.now_ms);
    m->jobs->list.wide = before->jobs->list.wide;
    m->header = before->header;
    line_history_copy(&m->desk.palette.history, &before->desk.palette.history);
}

void model_came_from(struct model *m, const char *context, bool tell)
{
    free(m->before);
    m->came = true;
    m->before = context == NULL ? NULL : xstrdup(context);
    if (tell) {
        desk_note(&m->desk, NOTE_INFO, "Switched from %s%s; `:ctx -` goes back.", prefix(context),
                  label(context));
    }
}
