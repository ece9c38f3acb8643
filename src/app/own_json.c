/* Views, commands and keys of a person as JSON. */
#include "app/keymap.h"
#include "app/own.h"
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

cJSON *own_json(const struct settings *s)
{
    const struct setting_line *lines = NULL;
    const struct setting_key *keys = NULL;
    struct own_commands commands = {0};
    size_t len = settings_commands(s, &lines), own_len = 0;
    size_t keys_len = settings_keys(s, &keys);
    cJSON *doc = json_new_object(), *warnings = json_new_array();

    own_commands_read(&commands, lines, len, settings_config_file(s));
    struct key_own *own = own_commands_keys(&commands, &own_len);
    struct keymap *k = keymap_with(keys, keys_len, own, own_len);
    for (size_t i = 0; i < keymap_warnings(k); i++) {
        json_push_str(warnings, keymap_warning(k, i));
    }
    json_set(doc, "views", views_json(s));
    json_set(doc, "commands", commands_json(&commands));
    json_set(doc, "keyWarnings", warnings);
    keymap_free(k);
    own_commands_keys_free(own, own_len);
    own_commands_done(&commands);
    return doc;
}
