/* Views, commands and keys of a person as JSON. */
#include <stdlib.h>

#include "app/keymap.h"
#include "app/own.h"
#include "columns.h"
#include "core/alloc.h"
#include "core/json.h"
#include "own_command.h"
#include "saved_view.h"

static cJSON *views_json(const struct settings *s)
{
    const struct setting_line *lines = NULL;
    struct saved_views all = {0};
    size_t len = settings_views(s, &lines);
    cJSON *list = json_new_array();

    saved_views_read(&all, lines, len, settings_config_file(s));
    for (size_t i = 0; i < all.len; i++) {
        const struct saved_view *v = &all.items[i];
        cJSON *o = saved_view_json(v);
        json_set_int(o, "line", v->line);
        json_set_str(o, "mistake", v->mistake);
        json_push(list, o);
    }
    saved_views_done(&all);
    return list;
}

static cJSON *commands_json(const struct own_commands *all)
{
    cJSON *list = json_new_array();

    for (size_t i = 0; i < all->len; i++) {
        const struct own_command *c = &all->items[i];
        cJSON *o = json_new_object();
        json_set_str(o, "name", c->name);
        json_set_int(o, "line", c->line);
        json_set_str(o, "keys", c->keys);
        json_set_bool(o, "confirm", c->confirm);
        json_set_bool(o, "safe", c->safe);
        json_set_bool(o, "terminal", c->terminal);
        json_set_str(o, "program", c->program);
        json_set_str(o, "mistake", c->mistake);
        json_push(list, o);
    }
    return list;
}

/* Reads [commands], and makes the keymap with them. */
static struct keymap *read_commands(const struct settings *s, struct own_commands *commands)
{
    const struct setting_line *lines = NULL;
    const struct setting_key *keys = NULL;
    size_t len = settings_commands(s, &lines), own_len = 0;
    size_t keys_len = settings_keys(s, &keys);

    own_commands_read(commands, lines, len, settings_config_file(s));
    struct key_own *own = own_commands_keys(commands, &own_len);
    struct keymap *k = keymap_with(keys, keys_len, own, own_len);
    own_commands_keys_free(own, own_len);
    return k;
}

cJSON *own_json(const struct settings *s)
{
    struct own_commands commands = {0};
    struct keymap *k = read_commands(s, &commands);
    cJSON *doc = json_new_object(), *warnings = json_new_array(), *notices = json_new_array();

    for (size_t i = 0; i < keymap_warnings(k); i++) {
        json_push_str(i < keymap_faults(k) ? warnings : notices, keymap_warning(k, i));
    }
    json_set(doc, "views", views_json(s));
    json_set(doc, "commands", commands_json(&commands));
    json_set(doc, "keyWarnings", warnings);
    json_set(doc, "keyNotices", notices);
    keymap_free(k);
    own_commands_done(&commands);
    return doc;
}

static void warn_list(struct settings *s)
{
    const char *columns = settings_get(s, SET_COLUMNS), *sort = settings_get(s, SET_SORT);
    struct column_set set;
    struct err e = {0};
    enum column_id id;
    bool descending;

    if (columns != NULL && column_set_parse(columns, &set, &e) != E_OK) {
        char *text = xasprintf("%s: %s", settings_origin_text(s, SET_COLUMNS), e.msg);
        settings_add_warning(s, text);
        free(text);
    }
    if (sort != NULL && column_sort_parse(sort, &id, &descending, &e) != E_OK) {
        char *text = xasprintf("%s: %s", settings_origin_text(s, SET_SORT), e.msg);
        settings_add_warning(s, text);
        free(text);
    }
}

void own_warn(struct settings *s)
{
    const struct setting_line *lines = NULL;
    struct own_commands commands = {0};
    struct saved_views views = {0};
    struct keymap *k = read_commands(s, &commands);
    size_t len = settings_views(s, &lines);

    for (size_t i = 0; i < keymap_faults(k); i++) {
        settings_add_warning(s, keymap_warning(k, i));
    }
    saved_views_read(&views, lines, len, settings_config_file(s));
    for (size_t i = 0; i < views.len; i++) {
        if (views.items[i].mistake != NULL) {
            settings_add_warning(s, views.items[i].mistake);
        }
    }
    for (size_t i = 0; i < commands.len; i++) {
        if (commands.items[i].mistake != NULL) {
            settings_add_warning(s, commands.items[i].mistake);
        }
    }
    warn_list(s);
    saved_views_done(&views);
    own_commands_done(&commands);
    keymap_free(k);
}
