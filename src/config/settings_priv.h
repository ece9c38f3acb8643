/* settings_priv.h - inside of struct settings, for the files of src/config. */
#ifndef CONFIG_SETTINGS_PRIV_H
#define CONFIG_SETTINGS_PRIV_H

#include <stdint.h>

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

struct context {
    char *name;    /* owned */
    char *mistake; /* owned; the first one; NULL: there is none */
    int line;
    struct ini_value ini[SET_COUNT];
};

/* What the settings are made of, as it was given; kept to make them with another context. */
struct settings_input {
    struct setting_flag *flags; /* owned, with their values */
    size_t flags_len;
    char *env_text, *ini_text; /* owned: the files; NULL: there is none */
    size_t env_len, ini_len;
    bool explain, any_context, no_context; /* as in settings_sources */
};

/* Something wrong that counts as if it were not there. */
struct setting_fault {
    size_t warning; /* its place among the warnings */
    int origin;     /* enum setting_origin, or ORIGIN_ABOVE_ALL */
    uint64_t meant; /* set of 1 << enum setting_id: what it may have been meant for, of those that
                     * say where something is written */
};
#define ORIGIN_ABOVE_ALL (ORIGIN_FLAG + 1)

/* The lines of a section whose names a person gives. */
struct named_lines {
    struct setting_line *items; /* owned, with their strings, in file order */
    size_t len, cap;
};

struct settings {
    struct settings_input input;
    struct setting_value values[SET_COUNT];
    struct ini_value ini[SET_COUNT]; /* of the plain sections */
    struct context *contexts;        /* owned, in file order */
    size_t contexts_len, contexts_cap;
    size_t contexts_at;            /* while config.ini is read: the context that lines belong to */
    const struct context *context; /* the one in force; NULL: none */
    struct setting_hidden *hidden; /* owned, with their strings */
    size_t hidden_len, hidden_cap;
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
    struct named_lines views, commands;
    char **warnings; /* owned */
    size_t warnings_len, warnings_cap;
    struct setting_fault *faults; /* owned */
    size_t faults_len, faults_cap;
    char *unsafe;                    /* owned; see settings_unsafe */
    struct setting_ignored *ignored; /* owned, with their strings */
    size_t ignored_len, ignored_cap;
    struct env *environment; /* owned; see settings_environment */
    struct env *programs;    /* owned; see settings_program_environment */
};

/* ---- input.c ---- */

/* Takes over the flags, and reads the texts of the files. */
MUST_CHECK enum err_code settings_read_input(struct settings *s, const struct settings_sources *src,
                                             struct err *e);
void settings_copy_input(struct settings *to, const struct settings *from);
/* Makes lists of the files' texts. */
MUST_CHECK enum err_code settings_parse_input(struct settings *s, struct err *e);
void settings_clear_input(struct settings *s); /* wipes */

/* Makes lists of the text of config.ini. */
MUST_CHECK enum err_code settings_parse_ini(struct settings *s, struct err *e);

/* ---- contexts.c ---- */

/* The section of the context with this name (or without one) begins or goes on in this line. */
void contexts_begin(struct settings *s, int line, const char *name);
/* Takes a value of the context that goes on. */
void contexts_take(struct settings *s, int line, const char *name, const char *value);
/* Keeps what is wrong in the context that goes on, and warns of it. Takes `what`. */
void contexts_mistake(struct settings *s, int line, char *what);
void contexts_check(struct settings *s); /* checks the values of all, when the file is read */
/* Puts the context with this name in force. E_INVALID when a flag named it, else E_CONFIG. */
MUST_CHECK enum err_code contexts_choose(struct settings *s, const struct setting_value *name,
                                         struct err *e);
/* Where a value of the context in force comes from: "FILE:12 [context prod]". Owned. */
char *contexts_from(const struct settings *s, const struct ini_value *v);
/* Notes, and warns of, what hides values of the context in force. */
void contexts_note_hidden(struct settings *s);
void contexts_free(struct settings *s);

/* ---- named_lines.c ---- */

/* NULL: the section is none of these. */
struct named_lines *named_lines_of(struct settings *s, const char *section);
void named_lines_take(struct named_lines *l, int line, const char *name, const char *value);
/* Keeps what is wrong with a line that could not be read. */
void named_lines_mistake(struct named_lines *l, int line, const char *what);
void named_lines_free(struct named_lines *l);

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

/* ---- faults.c ---- */

/* Keeps a fault, which is a warning too. Takes `text`. */
void settings_fault(struct settings *s, char *text, int origin, uint64_t meant);
/* Adds to what the last fault may have been meant for. */
void settings_fault_widen(struct settings *s, uint64_t meant);
/* What a line may have been meant for that is about this setting, begins with this word, or sets
 * this variable: a set of 1 << enum setting_id; 0: nothing that says where something is written. */
uint64_t fault_of(enum setting_id id);
uint64_t fault_of_word(const char *word);
uint64_t fault_of_variable(const char *key);
/* Finds out, when all is resolved, whether a fault keeps everything from being written. */
void settings_judge_faults(struct settings *s);

/* What in the environment, or in the env file as far as that counts, says whose keys are used
 * before a profile of config.ini does: "environment AWS_ACCESS_KEY_ID"; owned; NULL: nothing. */
char *settings_identity_named(const struct settings *s);
/* True when keys, session token and profile of the env file count (see settings_environment). */
bool settings_env_file_identity(const struct settings *s);
/* Makes what settings_environment and settings_program_environment return, when everything else is
 * resolved. */
void settings_make_environment(struct settings *s);
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

/* The value as it may be shown (settings_shown). Owned. */
char *setting_shown(enum setting_id id, const char *text);
MUST_CHECK enum err_code setting_check(const struct setting_row *r, const struct setting_value *v,
                                       struct err *e);
enum setting_colour setting_colour_of(const char *name); /* COLOUR_NONE for another name */
/* Finds the row with this key; `section` NULL: in any section. NULL: there is none. */
const struct setting_row *setting_row_by_ini(const char *section, const char *name);
bool setting_parse_bool(const char *text, bool *out);
bool setting_parse_price(const char *text, double *out);
#endif
