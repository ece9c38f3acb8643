/* `:view`: applying, listing, keeping and dropping views of the job list. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/text.h"
#include "model_priv.h"

_Static_assert(SETTING_LINES_MAX + SAVED_VIEWS_KEPT_MAX <= MENU_ROWS_MAX,
               "the menu has a row for each view");

void views_read(struct model *m)
{
    const struct setting_line *lines = NULL;
    size_t len = settings_views(m->desk.settings, &lines);

    saved_views_read(&m->views, lines, len, settings_config_file(m->desk.settings));
    for (size_t i = 0; i < m->views.len; i++) {
        struct err e = {0};
        if (m->views.items[i].mistake != NULL) {
            (void)err_set(&e, E_CONFIG, "%s", m->views.items[i].mistake);
            (void)err_hint_set(&e, "correct that line; the other views work");
            model_config_error(m, &e);
        }
    }
}

/* An empty filter and empty states show everything; an empty order and empty columns leave those
 * that there are. All parts were checked. */
static void apply(struct model *m, const struct saved_view *v, struct effects *out)
{
    enum column_id id = COL_AGE;
    struct chips chips = {0};
    bool descending = false;

    (void)!list_set_filter(m->jobs, v->filter, NULL);
    edit_set(&m->jobs->list.filter, m->jobs->list.filter_applied);
    if (column_sort_parse(v->sort, &id, &descending, NULL) == E_OK) {
        list_sort_by(m->jobs, id, descending);
    }
    (void)!column_set_parse(v->columns, &m->jobs->list.columns, NULL);
    (void)!chips_parse(v->states, &chips, NULL);
    store_set_chips(m->desk.store, chips, m->desk.now_ms);
    where_focus(&m->desk.where, PANE_LIST);
    jobs_save_prefs(m->jobs, out);
    if (m->all != NULL) {
        desk_note(&m->desk, NOTE_INFO, "View %s.", v->name); /* the title has the counts of all */
    } else {
        desk_note(&m->desk, NOTE_INFO, "View %s: %zu of %zu jobs.", v->name,
                  store_rows(m->desk.store), store_len(m->desk.store));
    }
}

/* ---- the menu ---- */

static void fill(const void *owner, struct menu *menu)
{
    const struct model *m = owner;

    for (size_t i = 0; i < m->views.len; i++) {
        const struct saved_view *v = &m->views.items[i];
        if (saved_views_find(&m->views, v->name) != v) {
            continue; /* it has a mistake, or a kept one comes before it */
        }
        char *text = saved_view_text(v);
        char *row = xasprintf("%-12s %s%s", v->name, v->line == 0 ? "(kept) " : "", text);
        menu_add(menu, (int)i, 0, false, row);
        free(row);
        free(text);
    }
}

static void take(void *owner, const struct menu_row *row, bool last, struct effects *out)
{
    struct model *m = owner;

    (void)last;
    if (row->id >= 0 && (size_t)row->id < m->views.len) {
        apply(m, &m->views.items[row->id], out);
    }
}

static void open_menu(struct model *m)
{
    static const struct menu_def def = {.title = "Views", .once = true, .fill = fill, .take = take};
    bool any = false;

    for (size_t i = 0; i < m->views.len; i++) {
        any |= m->views.items[i].mistake == NULL;
    }
    if (any) {
        menu_open(&m->desk.menu, &def, m);
    } else {
        desk_note(&m->desk, NOTE_INFO,
                  "There is no view yet: `:view save NAME` keeps what the list shows.");
    }
}

/* ---- keeping and dropping ---- */

static void keep(struct model *m, const char *name, struct effects *out)
{
    struct sort_order sort = store_sort(m->desk.store);
    const char *filter = m->jobs->list.filter_applied;
    char *states = chips_words(store_chips(m->desk.store));
    struct saved_view v = {.name = xstrdup(name),
                           .filter = xstrdup(filter == NULL ? "" : filter),
                           .sort = column_sort_text(sort.column, sort.descending),
                           .columns = column_set_text(&m->jobs->list.columns),
                           .states = states};
    struct err e = {0};

    if (saved_views_keep(&m->views, &v, &e) != E_OK) {
        desk_note_err(&m->desk, NOTE_BAD, &e, "%s", "");
        return;
    }
    own_offer(m);
    jobs_save_prefs(m->jobs, out);
    bool hides = false;
    for (size_t i = 0; i < m->views.len; i++) {
        hides |= m->views.items[i].line > 0 && strcmp(m->views.items[i].name, name) == 0;
    }
    const char *where = m->all == NULL ? NULL : settings_context(m->desk.settings);
    desk_note(&m->desk, NOTE_GOOD, "Kept as view %s%s%s%s.", name,
              where == NULL ? "" : " of context ", where == NULL ? "" : where,
              hides ? "; it replaces the one in config.ini" : "");
}

static void drop(struct model *m, const char *name, struct effects *out)
{
    if (saved_views_delete(&m->views, name)) {
        own_offer(m);
        jobs_save_prefs(m->jobs, out);
        desk_note(&m->desk, NOTE_GOOD, "View %s is deleted%s.", name,
                  saved_views_find(&m->views, name) != NULL
                      ? "; the one in config.ini is in force again"
                      : "");
    } else if (saved_views_find(&m->views, name) != NULL) {
        desk_note(&m->desk, NOTE_WARN,
                  "View %s stands in [views] of config.ini: delete its line there.", name);
    } else {
        desk_note(&m->desk, NOTE_WARN, "There is no kept view \"%.40s\".", name);
    }
}

/* ---- the command ---- */

static void apply_named(struct model *m, const char *name, struct effects *out)
{
    const struct saved_view *v = saved_views_find(&m->views, name);

    if (v != NULL) {
        apply(m, v, out);
        return;
    }
    for (size_t i = 0; i < m->views.len; i++) {
        if (strcmp(m->views.items[i].name, name) == 0) {
            desk_note(&m->desk, NOTE_BAD, "%s", m->views.items[i].mistake);
            return;
        }
    }
    desk_note(&m->desk, NOTE_BAD, "There is no view \"%.40s\": `:view` lists them.", name);
}

void view_command(struct model *m, const char *argument, struct effects *out)
{
    static const struct {
        const char *word;
        void (*run)(struct model *m, const char *name, struct effects *out);
    } words[] = {
        {"save",   keep},
        {"delete", drop},
    };
    size_t len = strlen(argument);

    len = text_trim(&argument, len);
    char *line = xstrndup(argument, len);
    size_t first = strcspn(line, " ");
    const char *rest = line + first + strspn(line + first, " ");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strlen(words[i].word) != first || strncmp(line, words[i].word, first) != 0) {
            continue;
        }
        if (rest[0] == '\0') {
            desk_note(&m->desk, NOTE_BAD, "`:view %s` needs the name of a view.", words[i].word);
        } else {
            words[i].run(m, rest, out);
        }
        free(line);
        return;
    }
    if (line[0] == '\0') {
        open_menu(m);
    } else {
        apply_named(m, line, out);
    }
    free(line);
}
