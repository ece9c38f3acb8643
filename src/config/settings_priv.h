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
    char *text; /* owned; NULL when config.ini has no such key */
    int line;
};

struct settings {
    struct setting_value values[SET_COUNT];
    struct ini_value ini[SET_COUNT];
    struct env_file env;
    char *env_path; /* the path as it is shown; NULL: there is no env file */
    bool env_named; /* the env file was named with --env-file */
    /* the person confirmed the env file's endpoints on other machines for this folder */
    bool env_trusted;
    char *ini_path; /* NULL: there is no config.ini */
    bool profile_flag;
    bool local_cloud;
    struct setting_key *keys; /* owned, with both strings */
    size_t keys_len, keys_cap;
    char **warnings; /* owned */
    size_t warnings_len, warnings_cap;
    struct setting_ignored *ignored; /* owned, with their strings */
    size_t ignored_len, ignored_cap;
};

/* What the program does with a variable of the env file. */
enum env_verdict {
    ENV_OTHER, /* the variable is not one of AWS's, and directs nothing */
    ENV_TAKEN, /* the variable counts where the environment does not say otherwise */
    /* the variable names an endpoint on another machine, in a folder that nobody confirmed */
    ENV_UNCONFIRMED,
    /* the variable is not taken from a file that is read without being asked for */
    ENV_NEVER
};

void settings_warn(struct settings *s, char *text); /* takes `text` */

/* True when keys, session token and profile of the env file count (see settings_export). */
bool settings_env_file_identity(const struct settings *s);
/* Does the variable hold keys, a session token or a profile? */
bool settings_is_identity(const char *key);
enum env_verdict settings_env_verdict(const struct settings *s, const struct env_entry *x);
/* Is this AWS_ENDPOINT_URL of a file that was read without being asked for? It is not put into the
 * environment (unasked.c). */
bool settings_is_unasked_general(const struct settings *s, const char *key);
/* Keeps the variables that the env file sets but may not set, and adds a warning for each. */
void settings_note_ignored(struct settings *s);
/* Did the person confirm, for the working directory, the endpoints that the env file names now? */
bool settings_folder_trusted(struct settings *s);

MUST_CHECK enum err_code setting_check(const struct setting_row *r, const struct setting_value *v,
                                       struct err *e);
bool setting_parse_bool(const char *text, bool *out);
#endif
