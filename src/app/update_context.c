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

enum { SNAPSHOT_LAST = 5000 }; /* as on quitting */

static const char *label(const char *name)
{
    return name == NULL ? "no context" : name;
}

static bool same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void leave(struct model *m, struct effects *out)
{
    char *wanted = m->wanted;

    m->wanted = NULL;
    jobs_save_prefs(m->jobs, out);
    if (store_len(m->desk.store) > 0) {
        effects_add(out, EFF_SNAPSHOT)->count = SNAPSHOT_LAST;
    }
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
    const char *here = settings_context(m->desk.settings);
    char text[sizeof m->desk.dialog.text] = "";

    if (same(name, here)) {
        desk_note(&m->desk, NOTE_INFO,
                  here == NULL ? "There is no context in force already."
                               : "This is context %s already.",
                  here);
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
        desk_note(&m->desk, NOTE_INFO, "There is no context before this one: `:ctx NAME`.");
    }
}

void context_failed(struct model *m, const struct err *e)
{
    const char *here = settings_context(m->desk.settings);

    desk_error(&m->desk, "Context", e);
    desk_note(&m->desk, NOTE_BAD, "Still in %s%s: %s: %s", here == NULL ? "" : "context ",
              label(here), e->msg, err_hint(e));
}

/* ---- the menu ---- */

static void fill(const void *owner, struct menu *menu)
{
    const struct model *m = owner;

    for (size_t i = 0; i < m->desk.contexts.len; i++) {
        const struct context_row *c = &m->desk.contexts.items[i];
        struct menu_row *row = menu_add(menu, (int)i, 0, c->now, c->label);
        row->more = c->text;
        row->off = c->spoiled;
        row->style = c->name == NULL ? ST_TEXT : (enum style)((int)ST_CONTEXT + (int)c->colour);
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
                  "config.ini has no context: a section [context NAME] makes one.");
        return;
    }
    menu_open(&m->desk.menu, &def, m);
    while (m->desk.menu.rows.at + 1 < m->desk.menu.rows.len &&
           !m->desk.menu.items[m->desk.menu.rows.at].on) {
        m->desk.menu.rows.at++; /* the cursor begins on the one in force */
    }
}

/* ---- what goes along ---- */

void model_take_view(struct model *m, struct model *before)
{
    const char *name = settings_context(before->desk.settings);
    char *view = jobs_prefs(before->jobs);

    model_load_prefs(m, view, strlen(view));
    free(view);
    store_set_chips(m->desk.store, store_chips(before->desk.store), m->desk.now_ms);
    m->jobs->list.wide = before->jobs->list.wide;
    m->header = before->header;
    palette_take_history(&m->desk.palette, &before->desk.palette);
    m->came = true;
    m->before = name == NULL ? NULL : xstrdup(name);
    desk_note(&m->desk, NOTE_INFO, "From %s%s: `:ctx -` goes back.", name == NULL ? "" : "context ",
              label(name));
}
