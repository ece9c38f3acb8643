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
    char *env_path;   /* as shown; NULL: no file */
    bool env_named;   /* given with --env-file */
    bool env_trusted; /* its endpoints of other machines were confirmed for this folder */
    char *ini_path;   /* NULL: no file */
    bool profile_flag;
    bool local_cloud;
    struct setting_key *keys; /* owned, with both strings */
    size_t keys_len, keys_cap;
    char **warnings; /* owned */
    size_t warnings_len, warnings_cap;
    struct setting_ignored *ignored; /* owned, with their strings */
    size_t ignored_len, ignored_cap;
};

/* What becomes of a variable of the env file. */
enum env_verdict {
    ENV_OTHER,       /* not one of AWS's, and none that directs anything */
    ENV_TAKEN,       /* counts where the environment does not say otherwise */
    ENV_UNCONFIRMED, /* an endpoint on another machine in a folder that nobody confirmed */
    ENV_NEVER        /* not from a file that is read unasked */
};

void settings_warn(struct settings *s, char *text); /* takes text */

/* True when keys, session token and profile of the env file count (see settings_export). */
bool settings_env_file_identity(const struct settings *s);
bool settings_is_identity(const char *key); /* keys, session token, profile */
enum env_verdict settings_env_verdict(const struct settings *s, const struct env_entry *x);
/* AWS_ENDPOINT_URL of a file that was read unasked: not for the environment (unasked.c). */
bool settings_is_unasked_general(const struct settings *s, const char *key);
/* Keeps, and warns of, what the env file sets and may not. */
void settings_note_ignored(struct settings *s);
/* Were the endpoints that are in the env file now confirmed for the working directory? */
bool settings_folder_trusted(struct settings *s);

MUST_CHECK enum err_code setting_check(const struct setting_row *r, const struct setting_value *v,
                                       struct err *e);
bool setting_parse_bool(const char *text, bool *out);
#endif
