/* settings_priv.h - inside of struct settings, for the files of src/config. */
#ifndef CONFIG_SETTINGS_PRIV_H
#define CONFIG_SETTINGS_PRIV_H

#include "config/settings.h"
#include "core/envfile.h"

struct setting_value {
    char *text;        /* owned; NULL when unset */
    char *origin_text; /* owned */
    enum setting_origin origin;
};

struct ini_value {
    char *text; /* owned; NULL when config.ini has none */
    int line;
};

struct settings {
    struct setting_value values[SET_COUNT];
    struct ini_value ini[SET_COUNT];
    struct env_file env;
    char *env_path; /* as shown; NULL: no file */
    bool env_named; /* given with --env-file */
    char *ini_path; /* NULL: no file */
    bool profile_flag;
    bool local_cloud;
    struct setting_key *keys; /* owned, with both strings */
    size_t keys_len, keys_cap;
    char **warnings; /* owned */
    size_t warnings_len, warnings_cap;
};

void settings_warn(struct settings *s, char *text); /* takes text */

/* True when keys, session token and profile of the env file count (see settings_export). */
bool settings_env_file_identity(const struct settings *s);
/* Warns of AWS_ variables that the implicit env file may not set. */
void settings_warn_refused(struct settings *s);

MUST_CHECK enum err_code setting_check(const struct setting_row *r, const struct setting_value *v,
                                       struct err *e);
bool setting_parse_bool(const char *text, bool *out);
#endif
