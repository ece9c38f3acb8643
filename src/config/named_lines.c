/* The sections of config.ini whose names a person gives: [views] and [commands]. Here a name is
 * looked at; what a line means, the dashboard knows. A mistake spoils its own line alone. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/text.h"
#include "src/config/settings_priv.h"

struct named_lines *named_lines_of(struct settings *s, const char *section)
{
    return strcmp(section, "views") == 0      ? &s->views
           : strcmp(section, "commands") == 0 ? &s->commands
                                              : NULL;
}

static struct setting_line *add(struct named_lines *l, int line, const char *name,
                                const char *value)
{
    l->items = xgrow(l->items, l->len, &l->cap, sizeof *l->items);
    struct setting_line *x = &l->items[l->len++];
    *x = (struct setting_line){.name = xstrdup(name), .value = xstrdup(value), .line = line};
    return x;
}

void named_lines_mistake(struct named_lines *l, int line, const char *what)
{
    add(l, line, "", "")->mistake = xstrdup(what);
}

void named_lines_take(struct named_lines *l, int line, const char *name, const char *value)
{
    const char *why = setting_name_why(name);
    int first = 0;

    for (size_t i = 0; i < l->len && first == 0; i++) {
        first = strcmp(l->items[i].name, name) == 0 ? l->items[i].line : 0;
    }
    struct setting_line *x = add(l, line, name, value);
    if (why != NULL) {
        char *shown = text_cleaned(name, TEXT_ONE_LINE);
        x->mistake = xasprintf("\"%.*s\" is no name; expected %s", text_cut(shown, 64), shown, why);
        free(shown);
    } else if (first != 0) {
        x->mistake = xasprintf("the name is given again (line %d, the first, is used)", first);
    } else if (l->len > SETTING_LINES_MAX) {
        x->mistake = xasprintf("there are more than %d", SETTING_LINES_MAX);
    }
}

void named_lines_free(struct named_lines *l)
{
    for (size_t i = 0; i < l->len; i++) {
        free((char *)l->items[i].name);
        free((char *)l->items[i].value);
        free((char *)l->items[i].mistake);
    }
    free(l->items);
}

size_t settings_views(const struct settings *s, const struct setting_line **out)
{
    *out = s->views.items;
    return s->views.len;
}

size_t settings_commands(const struct settings *s, const struct setting_line **out)
{
    *out = s->commands.items;
    return s->commands.len;
}
