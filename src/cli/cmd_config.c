#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/strbuf.h"
#include "src/cli/cli_priv.h"
#include "src/cli/commands.h"

static const struct cli_column columns[] = {
    {"SETTING", false, 0,  0},
    {"VALUE",   false, 12, 0},
    {"FROM",    false, 12, 0},
};

struct shown {
    char *value;        /* owned; NULL: unset */
    const char *origin; /* borrowed */
};

/* When nobody named a region, the AWS client takes the profile's. */
static void profile_region(struct cli *c, struct shown *s)
{
    struct err ignored;

    if (settings_origin(c->settings, SET_REGION) != ORIGIN_DEFAULT ||
        cli_ops(c, &ignored) == NULL) {
        return;
    }
    const char *used = aws_client_region(c->ops->aws);
    if (used != NULL && strcmp(used, s->value) != 0) {
        free(s->value);
        s->value = xstrdup(used);
        s->origin = "profile";
    }
}

static struct shown shown(struct cli *c, enum setting_id id)
{
    struct shown s = {settings_shown(c->settings, id), settings_origin_text(c->settings, id)};

    if (id == SET_REGION) {
        profile_region(c, &s);
    }
    return s;
}

/* Enough of an access key id to tell which one it is; it is a name, not the secret. */
static void key_row(struct cli *c, struct cli_table *t)
{
    const char *key = getenv("AWS_ACCESS_KEY_ID");
    struct strbuf b = STRBUF_INIT;

    if (key == NULL || key[0] == '\0') {
        return;
    }
    strbuf_addf(&b, "%.4s****%s", key, strlen(key) > 12 ? key + strlen(key) - 4 : "");
    cli_table_add(c, t, "access key");
    cli_table_add(c, t, strbuf_str(&b));
    cli_table_add(c, t, "environment or env file");
    strbuf_clear(&b);
}

static void print_people(struct cli *c)
{
    struct cli_table t = {.columns = columns, .columns_len = sizeof columns / sizeof *columns};
    const char *env_file = settings_env_file(c->settings);
    const char *ini = settings_config_file(c->settings);

    for (int i = 0; i < SET_COUNT; i++) {
        struct shown s = shown(c, (enum setting_id)i);
        cli_table_add(c, &t, setting_rows[i].ini);
        cli_table_add(c, &t, s.value == NULL ? "-" : s.value);
        cli_table_add(c, &t, s.origin);
        free(s.value);
    }
    key_row(c, &t);
    cli_table_print(c, &t);
    cli_table_clear(&t);
    (void)fputs("\nenv file    ", c->out);
    cli_print(c, env_file == NULL ? "none" : env_file);
    (void)fputs("\nconfig.ini  ", c->out);
    cli_print(c, ini == NULL ? "none" : ini);
    (void)fputc('\n', c->out);
}

static const char *origin_word(enum setting_origin o)
{
    static const char *const words[] = {"default", "config", "env-file", "environment", "flag"};

    return words[o];
}

static void print_json(struct cli *c)
{
    cJSON *doc = json_new_object();
    cJSON *list = json_new_array();
    cJSON *warnings = json_new_array();

    for (int i = 0; i < SET_COUNT; i++) {
        struct shown s = shown(c, (enum setting_id)i);
        cJSON *row = json_new_object();
        json_set_str(row, "name", setting_rows[i].ini);
        json_set_str(row, "variable", setting_rows[i].env);
        json_set_str(row, "value", s.value);
        json_set_str(row, "origin", origin_word(settings_origin(c->settings, (enum setting_id)i)));
        json_set_str(row, "from", s.origin);
        json_push(list, row);
        free(s.value);
    }
    for (size_t i = 0; i < settings_warnings_len(c->settings); i++) {
        json_push_str(warnings, settings_warning(c->settings, i));
    }
    json_set(doc, "settings", list);
    json_set_str(doc, "envFile", settings_env_file(c->settings));
    json_set_str(doc, "configFile", settings_config_file(c->settings));
    json_set(doc, "warnings", warnings);
    cli_json(c, doc);
}

static enum err_code run_config(struct cli *c, struct err *e)
{
    (void)e;
    if (c->json) {
        print_json(c);
    } else {
        print_people(c);
    }
    return E_OK;
}

const struct cli_command cmd_config = {
    .name = "config",
    .args = "",
    .summary = "Show the configuration in force and where it came from",
    .about =
        "Flags come first, then the environment, --env-file or ./.env.eventbridge, config.ini\n"
        "and the defaults. Secrets are masked. With --json:\n"
        "{\"settings\":[{\"name\",\"variable\",\"value\",\"origin\",\"from\"}],...}.",
    .example = "mvpdash config --env-file staging.env",
    .max_args = 0,
    .run = run_config,
};
