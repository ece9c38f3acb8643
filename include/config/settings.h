/* settings.h - what is in force and where each value came from (SPEC 9).
 *
 * Precedence: flag, environment, --env-file or ./.env.eventbridge, config.ini, default. Loaded once
 * at start, then read-only and free to share between threads. */
#ifndef CONFIG_SETTINGS_H
#define CONFIG_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

enum setting_id {
    SET_REGION,
    SET_PROFILE,
    SET_ENDPOINT_URL,
    SET_BUS,
    SET_SOURCE,
    SET_DETAIL_TYPE,
    SET_RULE,
    SET_RULE_LOG_GROUP,
    SET_DLQ,
    SET_TABLE,
    SET_QUEUE,
    SET_JOB_DEFINITION,
    SET_BATCH_LOG_GROUP,
    SET_DATABASE_URL, /* secret */
    SET_THEME,
    SET_COLUMNS,
    SET_SORT,
    SET_READ_ONLY,
    SET_MOUSE,
    SET_ASCII,
    SET_REFRESH_S,
    SET_COUNT
};

enum setting_origin {
    ORIGIN_DEFAULT,
    ORIGIN_CONFIG,
    ORIGIN_ENV_FILE,
    ORIGIN_ENVIRONMENT,
    ORIGIN_FLAG
};

/* One row per setting: the names it has everywhere. */
struct setting_row {
    enum setting_id id;
    const char *env;     /* "DYNAMODB_TABLE_NAME"; NULL when only config.ini has it */
    const char *flag;    /* "table" for --table; NULL when there is none */
    const char *ini;     /* key in config.ini ("aws" section for the first ones, "ui" for others) */
    const char *section; /* of config.ini */
    const char *fallback; /* default, or NULL for none */
    const char *help;     /* one line */
    bool secret;
};
extern const struct setting_row setting_rows[SET_COUNT];

struct settings;

/* A flag given on the command line. */
struct setting_flag {
    enum setting_id id;
    const char *value;
};

struct settings_sources {
    const struct setting_flag *flags;
    size_t flags_len;
    const char *env_file;   /* --env-file: must exist; NULL: ./.env.eventbridge if it is there */
    const char *config_ini; /* NULL: $XDG_CONFIG_HOME/mvpdash/config.ini if it is there */
};

/* NULL with `e` (E_CONFIG: file, line, what would be accepted). An unknown key in config.ini is a
 * warning, not an error: settings_warnings. */
struct settings *settings_load(const struct settings_sources *s, struct err *e);
void settings_free(struct settings *s);

const char *settings_get(const struct settings *s,
                         enum setting_id id); /* NULL when unset; secrets in clear */
bool settings_bool(const struct settings *s, enum setting_id id);
int settings_int(const struct settings *s, enum setting_id id, int fallback);
enum setting_origin settings_origin(const struct settings *s, enum setting_id id);
/* "flag --table", "environment AWS_REGION", "./.env.eventbridge:3", "default": owned by s. */
const char *settings_origin_text(const struct settings *s, enum setting_id id);
size_t settings_warnings_len(const struct settings *s);
const char *settings_warning(const struct settings *s, size_t i);
/* The [keys] section of config.ini: action -> keys, in file order, with line numbers. */
struct setting_key {
    const char *action;
    const char *keys;
    int line;
};
size_t settings_keys(const struct settings *s, const struct setting_key **out);
#endif
