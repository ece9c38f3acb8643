/* settings.h - what is in force and where each value came from (SPEC 9).
 *
 * Precedence: flag, environment, --env-file or ./.env.eventbridge, the context in force, the plain
 * sections of config.ini, default. Loaded once at start, then read-only and free to share between
 * threads. An empty value counts as unset.
 *
 * A bad line of the env file or of config.ini spoils itself alone: it counts as if it were not
 * there, and is a warning with file and line. Where it was to say where something is written, or
 * that nothing is, settings_unsafe tells of it, and nothing is written.
 *
 * A context is a section [context NAME] of config.ini with any of these settings: one environment
 * beside others. A mistake in a context spoils that context alone: only choosing it is an error.
 *
 * SET_REGION with ORIGIN_DEFAULT means that nobody said anything: a profile's region comes first
 * then. */
#ifndef CONFIG_SETTINGS_H
#define CONFIG_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/env.h"
#include "core/err.h"

enum setting_id {
    SET_CONTEXT, /* the context that is chosen; see settings_context */
    SET_ACCOUNT, /* of contexts alone: the account that may be written to */
    SET_COLOUR,  /* of contexts alone: the colour of the name */
    SET_REGION,
    SET_PROFILE,
    SET_ENDPOINT_URL,
    SET_INSECURE_ENDPOINT,
    SET_BUS,
    SET_SOURCE,
    SET_DETAIL_TYPE,
    SET_RULE,
    SET_RULE_LOG_GROUP,
    SET_DLQ,
    SET_TABLE,
    SET_STATE_TABLE,
    SET_QUEUE,
    SET_JOB_DEFINITION,
    SET_BATCH_LOG_GROUP,
    SET_DATABASE_URL, /* secret */
    SET_API_TOKEN,    /* secret */
    SET_STATE,        /* where `serve` keeps what is on its way */
    SET_THEME,
    SET_COLUMNS,
    SET_SORT,
    SET_READ_ONLY,
    SET_MOUSE,
    SET_ASCII,
    SET_BROWSER,
    SET_HYPERLINKS,
    SET_REFRESH_S,
    SET_ALERT_BELL,
    SET_ALERT_OSC9,
    SET_ALERT_OSC777,
    SET_ALERT_TITLE,
    SET_ALERT_QUIET,
    SET_ALERT_WATCH_SENT,
    SET_ALERT_HOOK,
    SET_ALERT_HOOK_TIMEOUT,
    SET_NOT_PICKED_UP_S,
    SET_RECORD_SILENT_S,
    SET_COMMAND_TIMEOUT,
    SET_TIMEOUT_S,
    SET_PRICE_FARGATE_VCPU,
    SET_PRICE_FARGATE_GB,
    SET_PRICE_SPOT_VCPU,
    SET_PRICE_SPOT_GB,
    SET_PRICE_ARM_VCPU,
    SET_PRICE_ARM_GB,
    SET_PRICE_ARM_SPOT_VCPU,
    SET_PRICE_ARM_SPOT_GB,
    SET_PRICE_DISK_GB,
    SET_PRICE_EC2_VCPU,
    SET_PRICE_EC2_GB,
    SET_COUNT
};

enum setting_origin {
    ORIGIN_DEFAULT,
    ORIGIN_CONFIG,
    ORIGIN_CONTEXT,
    ORIGIN_ENV_FILE,
    ORIGIN_ENVIRONMENT,
    ORIGIN_FLAG
};

/* What a value must look like; a bad one is refused with what would be accepted. */
enum setting_kind {
    KIND_TEXT,   /* printable, at most 512 bytes */
    KIND_REGION, /* a region, which becomes part of host names */
    KIND_NAME,   /* an AWS resource name or ARN */
    KIND_URL,    /* http:// or https:// */
    KIND_BOOL,   /* yes no true false on off 1 0 */
    KIND_AUTO,   /* yes, no or auto */
    KIND_STATE,  /* files or table */
    KIND_THEME,  /* one of SETTING_THEMES */
    KIND_SECONDS,
    KIND_HOURS,   /* a span of the day: 22:00-07:00 */
    KIND_CONTEXT, /* the name of a context: printable, no blanks, at most 32 bytes, not * or - */
    KIND_ACCOUNT, /* 12 digits */
    KIND_COLOUR,  /* the name of a colour: red, yellow, ... */
    KIND_PRICE,   /* USD for an hour, above 0; a mistake is a warning, and the price is not known */
    KIND_COMMAND, /* a command line, which is split into words without a shell */
    KIND_SECRET   /* any text up to 4096 bytes; never quoted in a message */
};

/* The themes, as an option's value is written; ui/theme.h has them. */
#define SETTING_THEMES "default|light|high-contrast|colour-blind|mono"

/* One row for each setting: the names that it has everywhere. */
struct setting_row {
    enum setting_id id;
    /* "DYNAMODB_TABLE_NAME"; NULL when only config.ini and flags have the setting */
    const char *env;
    /* a second name with the same precedence ("AWS_DEFAULT_REGION"), or NULL */
    const char *env2;
    const char *flag;     /* "table" for --table; NULL when there is none */
    const char *ini;      /* key in config.ini */
    const char *section;  /* the section of config.ini: "aws", "names", "ui", "alerts", "cost",
                           * "context" */
    const char *fallback; /* default, or NULL for none */
    const char *help;     /* one line */
    enum setting_kind kind;
    bool secret;
};
extern const struct setting_row setting_rows[SET_COUNT];

/* The colours that a context may have, by their names; each theme has its own shades of them. */
enum setting_colour {
    COLOUR_NONE, /* the context names none */
    COLOUR_RED,
    COLOUR_YELLOW,
    COLOUR_GREEN,
    COLOUR_CYAN,
    COLOUR_BLUE,
    COLOUR_MAGENTA,
    COLOUR_COUNT
};

struct settings;

/* A flag given on the command line. */
struct setting_flag {
    enum setting_id id;
    const char *value;
};

struct settings_sources {
    const struct setting_flag *flags;
    size_t flags_len;
    /* --env-file: the file must exist; NULL: ./.env.eventbridge if it is there */
    const char *env_file;
    const char *config_ini; /* NULL: $XDG_CONFIG_HOME/mvpdash/config.ini if it is there */
    bool
        /* the embedded cloud answers: its names are the defaults, and its endpoint and keys are in
         * the environment, so only [ui] and [alerts] of files count, and no context does */
        local_cloud;
    /* for the commands that show what is wrong, or how to go on: a bad value of the environment, a
     * file that cannot be read and a context that cannot be used are warnings and keep everything
     * from being written, as bad lines are and do. Only a bad flag is an error. */
    bool explain;
    /* for commands that explain: a context that is spoiled or unknown is a warning, and no context
     * is in force then */
    bool any_context;
    /* no context is in force, whatever names one: all are looked at, and a mistake in one is told
     * where it is chosen, not as a warning */
    bool no_context;
};

/* Loads the settings. NULL with `e`: E_CONFIG (a bad value of the environment, a file that cannot
 * be read, a context that cannot be used) or, for a flag's value, E_INVALID. Changes nothing
 * outside; reads the process environment. */
struct settings *settings_load(const struct settings_sources *s, struct err *e);
void settings_free(struct settings *s); /* wipes; NULL allowed */

/* Makes the settings that the same flags, env file and config.ini give with another context in
 * force; `name` NULL: none, whatever names one. The files are not read again. The result stands
 * alone: it lives beside `from`, which may be freed before it. Warnings that `from` has too are not
 * repeated. NULL with `e`: E_INVALID when config.ini has no context of that name, E_CONFIG when the
 * context is spoiled. */
struct settings *settings_with_context(const struct settings *from, const char *name,
                                       struct err *e);
/* Does the embedded local cloud answer? Then no context can be put in force. */
bool settings_local(const struct settings *s);

/* The environment for the AWS client and for programs that are started: the process's, and over it
 * what the env file and config.ini say of keys, profile and endpoints, where the process's
 * environment does not say otherwise:
 *   - each AWS_ENDPOINT_URL... by itself, and from a named file the proxies that libcurl reads;
 *   - keys, session token and profile only as a whole and only when the real environment has none
 *     of them and no --profile is given: half of one identity never mixes with half of another.
 * From ./.env.eventbridge, which is read because it lies in the current folder, nothing is taken
 * that says where credentials come from or go: only keys, profile, region, and the endpoints of
 * other services, these when they name this machine or the folder was confirmed (settings_trust),
 * as must be names that are ARNs: these name an account;
 * what is ignored is a warning. A file named with --env-file may set any AWS_ variable.
 * Owned by s. */
const struct env *settings_environment(const struct settings *s);
/* The same for programs of the person's own, which may call mvpdash or the AWS CLI: with the
 * context in force, the region, and what flags said, so that these work on the same place. */
const struct env *settings_program_environment(const struct settings *s);

const char *settings_get(const struct settings *s,
                         enum setting_id id); /* NULL when unset; secrets in clear */
/* The value when a flag gave it, else NULL: for `profile` and `endpoint_url` of struct aws_options,
 * because the AWS client reads the other sources of these itself, in its own order. */
const char *settings_flag(const struct settings *s, enum setting_id id);
/* The value as it may be shown: secrets masked, control characters made visible; owned; NULL when
 * unset. */
char *settings_shown(const struct settings *s, enum setting_id id);
/* AWS_ENDPOINT_URL of ./.env.eventbridge as far as it counts, else NULL: for `file_endpoint` of
 * struct aws_options. Owned by s. */
const char *settings_unasked_endpoint(const struct settings *s);
/* Where the AWS_ENDPOINT_URL that settings_environment took from config.ini stands, else NULL: for
 * `endpoint_named` of struct aws_options. Owned by s. */
const char *settings_environment_endpoint_from(const struct settings *s);
/* A variable that ./.env.eventbridge sets and may not set; each is also a warning; owned by s. */
struct setting_ignored {
    char *name;   /* the variable's name */
    char *from;   /* "./.env.eventbridge:3" */
    char *why;    /* why it is ignored, and what to do */
    bool confirm; /* the variable would count after settings_trust */
};
size_t settings_ignored(const struct settings *s, const struct setting_ignored **out);
/* Confirms, for the working directory, the endpoints and ARNs that ./.env.eventbridge names now, by
 * writing to the state folder (or takes that back). This counts from the next settings_load on.
 * `*said` is for people; owned; NULL on failure. E_INVALID when there is nothing to confirm,
 * E_IO. */
MUST_CHECK enum err_code settings_trust(struct settings *s, bool trust, char **said, struct err *e);
bool settings_bool(const struct settings *s, enum setting_id id);
int settings_int(const struct settings *s, enum setting_id id, int fallback);
double settings_price(const struct settings *s, enum setting_id id); /* 0: not known */
enum setting_origin settings_origin(const struct settings *s, enum setting_id id);
/* The files that were read, NULL when there was none; owned by s. */
const char *settings_env_file(const struct settings *s);
const char *settings_config_file(const struct settings *s);
/* "flag --table", "environment AWS_REGION", "./.env.eventbridge:3", "default": owned by s. */
const char *settings_origin_text(const struct settings *s, enum setting_id id);

/* The name of the context in force; NULL: there is none. Owned by s. */
const char *settings_context(const struct settings *s);
enum setting_colour settings_colour(const struct settings *s);
/* A value of the context in force that does not count, because something that comes before it says
 * otherwise (a flag is what somebody just typed, and is not told). Each is also a warning. Owned by
 * s. */
struct setting_hidden {
    enum setting_id id;
    char *by;   /* "environment AWS_PROFILE", "./.env.eventbridge:3" */
    char *from; /* "/home/u/.config/mvpdash/config.ini:12" */
    char *text; /* the warning */
};
size_t settings_hidden(const struct settings *s, const struct setting_hidden **out);

/* A [context NAME] of config.ini. Owned by s. */
struct setting_context {
    const char *name;    /* may hold anything when `mistake` says so */
    const char *mistake; /* what is wrong, with file and line; NULL: nothing */
    int line;            /* where it begins */
    enum setting_colour colour;
    bool chosen;
};
size_t settings_contexts_len(const struct settings *s);
struct setting_context settings_context_at(const struct settings *s, size_t i);
/* The value as it may be shown, where the i-th context has another one than the plain sections and
 * defaults; owned; NULL where it has not. */
char *settings_context_differs(const struct settings *s, size_t i, enum setting_id id);

/* Why nothing may be written, with file and line: a line that was to say where, or that nothing is,
 * cannot be used, and another source would answer in its place. NULL: there is no such line. Owned
 * by s. */
const char *settings_unsafe(const struct settings *s);

/* Adds a warning of what only the dashboard understands in config.ini, before the settings are
 * shared; the same text is added once. */
void settings_add_warning(struct settings *s, const char *text);
bool settings_warned(const struct settings *s, const char *text); /* is that a warning already? */
size_t settings_warnings_len(const struct settings *s);
const char *settings_warning(const struct settings *s, size_t i);
/* The [keys] section of config.ini: action -> keys, in file order, with line numbers. */
struct setting_key {
    const char *action;
    const char *keys;
    int line;
};
size_t settings_keys(const struct settings *s, const struct setting_key **out);
/* A line of [views] or [commands]: a name that a person gave, and what it stands for, which
 * app/own.h knows. Owned by s. */
struct setting_line {
    const char *name; /* keeps setting_name_why when there is no mistake; "": not known */
    const char *value;
    int line;
    const char *mistake; /* why the line does not count; NULL: it may count */
};
#define SETTING_LINES_MAX 64 /* so many lines of a section count */
size_t settings_views(const struct settings *s, const struct setting_line **out);
size_t settings_commands(const struct settings *s, const struct setting_line **out);
/* What a name has to be that a person gives to a context, a view or a command; NULL: it is that. */
const char *setting_name_why(const char *name);
#endif
