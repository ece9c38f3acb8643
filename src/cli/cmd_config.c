/* `mvpdash config`: the configuration in force and where each value came from. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/strbuf.h"
#include "src/cli/cli_priv.h"
#include "src/cli/commands.h"
#include "src/cli/own_show.h"

static const struct cli_column columns[] = {
    {"SETTING", false, 0,  0},
    {"VALUE",   false, 12, 0},
    {"FROM",    false, 12, 0},
};

struct shown {
    char *value;        /* owned; NULL: the setting is unset */
    const char *origin; /* borrowed */
};

/* Finds the region when nobody named one: the AWS client takes the profile's. Without a client the
 * region is unknown. */
static void profile_region(struct cli *c, struct shown *s)
{
    struct err e = {0};

    if (settings_origin(c->settings, SET_REGION) != ORIGIN_DEFAULT) {
        return;
    }
    if (cli_ops(c, &e) == NULL) {
        cli_warn(c, "the region is not known: %s", e.msg);
        free(s->value);
        *s = (struct shown){NULL, "unknown"};
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

/* Shows enough of an access key id to tell which one it is; the id is a name, not the secret. */
static void key_row(struct cli *c, struct cli_table *t)
{
    const char *key = env_get(settings_environment(c->settings), "AWS_ACCESS_KEY_ID");
    struct strbuf b = STRBUF_INIT;

    if (key == NULL) {
        return;
    }
    strbuf_addf(&b, "%.4s****%s", key, strlen(key) > 12 ? key + strlen(key) - 4 : "");
    cli_table_add(c, t, "access key");
    cli_table_add(c, t, strbuf_str(&b));
    cli_table_add(c, t, "environment or env file");
    strbuf_clear(&b);
}

static void print_ignored(struct cli *c)
{
    const struct setting_ignored *ignored = NULL;
    size_t len = settings_ignored(c->settings, &ignored);

    for (size_t i = 0; i < len; i++) {
        (void)fputs("ignored     ", c->out);
        cli_print(c, ignored[i].name);
        (void)fputs(" of ", c->out);
        cli_print(c, ignored[i].from);
        (void)fputc('\n', c->out);
    }
}

static void print_people(struct cli *c)
{
    struct cli_table t = {.columns = columns, .columns_len = sizeof columns / sizeof *columns};
    const char *env_file = settings_env_file(c->settings);
    const char *ini = settings_config_file(c->settings);
    const char *context = settings_context(c->settings);

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
    (void)fputs("\ncontext     ", c->out);
    cli_print(c, context == NULL ? "none" : context);
    (void)fputs("\nenv file    ", c->out);
    cli_print(c, env_file == NULL ? "none" : env_file);
    (void)fputs("\nconfig.ini  ", c->out);
    cli_print(c, ini == NULL ? "none" : ini);
    (void)fputc('\n', c->out);
    print_ignored(c);
    own_show(c);
}

static const char *origin_word(enum setting_origin o)
{
    static const char *const words[] = {
        [ORIGIN_DEFAULT] = "default",         [ORIGIN_CONFIG] = "config",
        [ORIGIN_CONTEXT] = "context",         [ORIGIN_ENV_FILE] = "env-file",
        [ORIGIN_ENVIRONMENT] = "environment", [ORIGIN_FLAG] = "flag",
    };

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
    cJSON *unused = json_new_array();
    const struct setting_ignored *ignored = NULL;
    size_t ignored_len = settings_ignored(c->settings, &ignored);
    for (size_t i = 0; i < ignored_len; i++) {
        cJSON *row = json_new_object();
        json_set_str(row, "variable", ignored[i].name);
        json_set_str(row, "from", ignored[i].from);
        json_set_str(row, "why", ignored[i].why);
        json_push(unused, row);
    }
    for (size_t i = 0; i < settings_warnings_len(c->settings); i++) {
        json_push_str(warnings, settings_warning(c->settings, i));
    }
    json_set_str(doc, "context", settings_context(c->settings));
    json_set(doc, "settings", list);
    json_set_str(doc, "envFile", settings_env_file(c->settings));
    json_set_str(doc, "configFile", settings_config_file(c->settings));
    json_set(doc, "ignored", unused);
    json_set(doc, "warnings", warnings);
    cJSON *own = c->hooks->own == NULL ? NULL : c->hooks->own(c->hooks->arg, c->settings);
    while (own != NULL && own->child != NULL) { /* its members stand beside the others */
        cJSON *x = cJSON_DetachItemViaPointer(own, own->child);
        (void)cJSON_AddItemToObject(doc, x->string, x);
    }
    cJSON_Delete(own);
    cli_json(c, doc);
}

static enum err_code change_trust(struct cli *c, bool trust, struct err *e)
{
    char *said = NULL;
    enum err_code rc = settings_trust(c->settings, trust, &said, e);

    if (rc != E_OK) {
        return rc;
    }
    if (c->json) {
        cJSON *doc = json_new_object();
        json_set(doc, "trusted", cJSON_CreateBool(trust));
        json_set_str(doc, "said", said);
        cli_json(c, doc);
    } else {
        for (char *line = said, *next; line != NULL; line = next) {
            next = strchr(line, '\n');
            if (next != NULL) {
                *next++ = '\0';
            }
            cli_print(c, line);
            (void)fputc('\n', c->out);
        }
    }
    free(said);
    return E_OK;
}

/* ---- the contexts ---- */

static const struct cli_column context_columns[] = {
    {"CONTEXT", false, 0,  0},
    {"LINE",    true,  0,  1},
    {"DIFFERS", false, 12, 0},
};

/* What the context says otherwise than the plain settings, as "table=mvp-prod, region=eu-west-1",
 * or what is wrong in it. Owned. */
static char *differences(struct cli *c, size_t i, const char *mistake)
{
    struct strbuf b = STRBUF_INIT;

    for (int id = 0; mistake == NULL && id < SET_COUNT; id++) {
        char *value = settings_context_differs(c->settings, i, (enum setting_id)id);
        if (value != NULL) {
            strbuf_addf(&b, "%s%s=%s", b.len == 0 ? "" : ", ", setting_rows[id].ini, value);
        }
        free(value);
    }
    if (mistake != NULL) {
        strbuf_addf(&b, "cannot be used: %s", mistake);
    }
    return strbuf_take(&b);
}

static void print_contexts(struct cli *c)
{
    struct cli_table t = {.columns = context_columns,
                          .columns_len = sizeof context_columns / sizeof *context_columns};
    size_t len = settings_contexts_len(c->settings);

    for (size_t i = 0; i < len; i++) {
        struct setting_context x = settings_context_at(c->settings, i);
        char *name = xasprintf("%s%s", x.chosen ? "* " : "  ", x.name);
        char *line = xasprintf("%d", x.line);
        char *text = differences(c, i, x.mistake);
        cli_table_add(c, &t, name);
        cli_table_add(c, &t, line);
        cli_table_add(c, &t, text[0] == '\0' ? "-" : text);
        free(name);
        free(line);
        free(text);
    }
    if (len > 0) {
        cli_table_print(c, &t);
        (void)fputc('\n', c->out);
    }
    cli_table_clear(&t);
    const char *chosen = settings_context(c->settings);
    (void)fputs("in force    ", c->out);
    cli_print(c, chosen == NULL ? "none" : chosen);
    if (chosen != NULL) {
        (void)fputs(", chosen by ", c->out);
        cli_print(c, settings_origin_text(c->settings, SET_CONTEXT));
    }
    (void)fputc('\n', c->out);
    if (len == 0) {
        cli_note(c, "mvpdash: config.ini has no contexts: add a section [context NAME]");
    }
}

static void print_contexts_json(struct cli *c)
{
    cJSON *doc = json_new_object();
    cJSON *list = json_new_array();
    cJSON *warnings = json_new_array();

    for (size_t i = 0; i < settings_contexts_len(c->settings); i++) {
        struct setting_context x = settings_context_at(c->settings, i);
        cJSON *row = json_new_object();
        cJSON *differs = json_new_object();
        for (int id = 0; id < SET_COUNT; id++) {
            char *value = settings_context_differs(c->settings, i, (enum setting_id)id);
            if (value != NULL) {
                json_set_str(differs, setting_rows[id].ini, value);
            }
            free(value);
        }
        json_set_str(row, "name", x.name);
        json_set_int(row, "line", x.line);
        json_set_bool(row, "chosen", x.chosen);
        json_set_str(row, "mistake", x.mistake);
        json_set(row, "differs", differs);
        json_push(list, row);
    }
    for (size_t i = 0; i < settings_warnings_len(c->settings); i++) {
        json_push_str(warnings, settings_warning(c->settings, i));
    }
    json_set_str(doc, "context", settings_context(c->settings));
    json_set(doc, "contexts", list);
    json_set_str(doc, "configFile", settings_config_file(c->settings));
    json_set(doc, "warnings", warnings);
    cli_json(c, doc);
}

static enum err_code run_config(struct cli *c, struct err *e)
{
    bool trust = args_has(&c->args, "trust"), untrust = args_has(&c->args, "untrust");

    if (trust && untrust) {
        return err_set(e, E_USAGE, "config: give one of --trust and --untrust");
    }
    if (args_has(&c->args, "complete")) {
        return cli_complete(c, args_get(&c->args, "complete"), e);
    }
    if (args_has(&c->args, "contexts")) {
        if (args_has(&c->args, "names")) { /* as completions of earlier versions ask */
            return cli_complete(c, "contexts", e);
        }
        if (c->json) {
            print_contexts_json(c);
        } else {
            print_contexts(c);
        }
        return E_OK;
    }
    if (trust || untrust) {
        return change_trust(c, trust, e);
    }
    if (c->json) {
        print_json(c);
    } else {
        print_people(c);
    }
    c->status = settings_unsafe(c->settings) == NULL ? 0 : err_exit_status(E_CONFIG);
    return E_OK;
}

static const struct cli_option options[] = {
    CLI_FLAG("trust", "confirm the endpoints and ARNs of ./.env.eventbridge for this folder"),
    CLI_FLAG("untrust", "withdraw that confirmation"),
    CLI_FLAG("contexts", "list the contexts, what each one changes, and what is wrong"),
    CLI_HIDDEN_FLAG("names"),
    CLI_HIDDEN_VALUE("complete", "contexts|profiles|jobs"),
    CLI_END,
};

const struct cli_command cmd_config = {
    .name = "config",
    .args = "",
    .summary = "Show the configuration in force and where each value came from",
    .about =
        "Flags come first, then the environment, --env-file or ./.env.eventbridge, the chosen\n"
        "[context NAME] of config.ini, its plain sections and the defaults. Secrets are masked. "
        "With --json:\n"
        "{\"settings\":[{\"name\",\"variable\",\"value\",\"origin\",\"from\"}],...}.\n"
        "./.env.eventbridge, which is read because it lies in the working directory, never says\n"
        "where credentials come from or go; its endpoints of other services count when they name\n"
        "this machine, or once you confirmed them with --trust, until they change; so do names of\n"
        "bus, table and queue that are ARNs.\n"
        "--context NAME, then MVPDASH_CONTEXT, then `default_context` in [ui] choose a context:\n"
        "any setting that this command lists, and `account`, `colour` and `read_only`. A mistake\n"
        "in a context spoils that context alone. What hides a value of the chosen one is a "
        "warning.\n"
        "[views] and [commands] of config.ini are listed with what is wrong in them, and a key\n"
        "that they or [keys] take from another action is a warning.",
    .options = options,
    .example = "mvpdash config --env-file staging.env\n"
               "mvpdash config --contexts",
    .max_args = 0,
    .flags = CLI_ABOUT,
    .run = run_config,
};
