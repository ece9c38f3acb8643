/* What a person defined for the dashboard in config.ini, as `mvpdash config` shows it. */
#include "src/cli/own_show.h"

#include <stdlib.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/strbuf.h"
#include "src/cli/cli_priv.h"

static const struct cli_column view_columns[] = {
    {"VIEW",                             false, 0,  0},
    {"LINE",                             true,  0,  1},
    {"FILTER | SORT | COLUMNS | STATES", false, 12, 0},
};
static const struct cli_column command_columns[] = {
    {"COMMAND", false, 0,  0},
    {"LINE",    true,  0,  1},
    {"KEYS",    false, 0,  0},
    {"HOW",     false, 0,  0},
    {"PROGRAM", false, 12, 0},
};

static const char *text_of(const cJSON *o, const char *name)
{
    const char *s = json_str(o, name);

    return s == NULL ? "" : s;
}

/* Adds name and line of a row, and what is wrong with it. False: nothing is. */
static bool add_mistake(struct cli *c, struct cli_table *t, const cJSON *o)
{
    const char *mistake = json_str(o, "mistake");
    char *line = xasprintf("%d", (int)json_int(o, "line", 0));

    cli_table_add(c, t, text_of(o, "name")[0] == '\0' ? "?" : text_of(o, "name"));
    cli_table_add(c, t, line);
    free(line);
    for (size_t i = 3; mistake != NULL && i < t->columns_len; i++) {
        cli_table_add(c, t, "");
    }
    if (mistake != NULL) {
        char *text = xasprintf("cannot be used: %s", mistake);
        cli_table_add(c, t, text);
        free(text);
    }
    return mistake != NULL;
}

static void print_views(struct cli *c, const cJSON *views)
{
    struct cli_table t = {.columns = view_columns,
                          .columns_len = sizeof view_columns / sizeof *view_columns};
    const cJSON *o;

    cJSON_ArrayForEach(o, views)
    {
        if (!add_mistake(c, &t, o)) {
            char *text = xasprintf("%s | %s | %s | %s", text_of(o, "filter"), text_of(o, "sort"),
                                   text_of(o, "columns"), text_of(o, "states"));
            cli_table_add(c, &t, text);
            free(text);
        }
    }
    if (cJSON_GetArraySize(views) > 0) {
        (void)fputc('\n', c->out);
        cli_table_print(c, &t);
    }
    cli_table_clear(&t);
}

static void print_commands(struct cli *c, const cJSON *commands)
{
    static const char *const flags[] = {"confirm", "safe", "terminal"};
    struct cli_table t = {.columns = command_columns,
                          .columns_len = sizeof command_columns / sizeof *command_columns};
    const cJSON *o;

    cJSON_ArrayForEach(o, commands)
    {
        if (add_mistake(c, &t, o)) {
            continue;
        }
        struct strbuf how = STRBUF_INIT;
        for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
            if (json_bool(o, flags[i], false)) {
                strbuf_addf(&how, "%s%s", how.len > 0 ? "," : "", flags[i]);
            }
        }
        cli_table_add(c, &t, text_of(o, "keys")[0] == '\0' ? "-" : text_of(o, "keys"));
        cli_table_add(c, &t, how.len == 0 ? "-" : strbuf_str(&how));
        cli_table_add(c, &t, text_of(o, "program"));
        strbuf_clear(&how);
    }
    if (cJSON_GetArraySize(commands) > 0) {
        (void)fputc('\n', c->out);
        cli_table_print(c, &t);
    }
    cli_table_clear(&t);
}

void own_show(struct cli *c)
{
    cJSON *own = c->hooks->own == NULL ? NULL : c->hooks->own(c->hooks->arg, c->settings);
    const cJSON *w;

    print_views(c, json_array(own, "views"));
    print_commands(c, json_array(own, "commands"));
    cJSON_ArrayForEach(w, json_array(own, "keyNotices"))
    {
        cli_note(c, "mvpdash: warning: %s", w->valuestring);
    }
    cJSON_Delete(own);
}
