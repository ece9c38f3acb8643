/* cli.h - the command line: one table of commands, one parser, one way to report (SPEC 2).
 *
 * main calls cli_main once, on the main thread, before any other thread runs. What the command
 * line may not know (the dashboard, the local cloud) comes in as hooks. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/settings.h"
#include "core/err.h"
#include "core/log.h"
#include "jobs/doctor.h"
#include "ops/ops.h"

/* The options of `mvpdash local`. */
struct cli_local {
    char *host; /* owned by the caller; NULL: 127.0.0.1 */
    uint16_t port;
    const char *data_dir;  /* absolute */
    const char *region;    /* NULL: us-east-1 */
    const char *container; /* the image that jobs run in; NULL: they are local processes */
    bool json;             /* print the environment as a JSON object, not as export lines */
    /* the cloud was started by another mvpdash: it lets go of stdout once the environment is
     * printed, and ends by itself when nobody uses it and no job is active */
    bool background;
    struct log *log; /* NULL: none */
};

/* What the user wants after the dashboard has ended. */
enum cli_next {
    CLI_NEXT_LEAVE,
    CLI_NEXT_ANEW, /* the dashboard again, with settings and credentials as they are by then */
    CLI_NEXT_LOCAL /* the dashboard on the local cloud */
};

struct cli_dashboard {
    struct ops *ops; /* has its settings; no request was made with it yet */
    struct log *log; /* a log to a file; NULL: none */
    bool no_color;
    enum cli_next *next; /* what to do after it */
};

/* The options of `mvpdash serve`. */
struct cli_serve {
    const struct ops *ops; /* no request was made with it yet */
    char *host;            /* owned by the caller; NULL: 127.0.0.1 */
    uint16_t port;
    const char *token;      /* the token of the settings; NULL: none */
    const char *token_file; /* NULL: none */
    const char *tls_cert, *tls_key;
    const char *access_log; /* NULL: stderr; "": none */
    char **cors;            /* the origins; owned array of borrowed texts */
    size_t cors_len;
    int rate; /* requests a second for each client; 0: any number */
    int connections;
    int per_address; /* 0: any number */
    /* the proxies that are believed, with commas between; owned by the caller; NULL: none */
    char *proxies;
    int timeout_s; /* the time of one request */
    bool read_only;
    bool json;       /* print the ready line as JSON */
    struct log *log; /* NULL: none */
};

/* What the command line may not know by itself. Each function fills `e` when it fails. `arg` is
 * cli_hooks.arg. */
struct cli_hooks {
    /* Shows the dashboard until it is left; returns the exit status. NULL: there is none. */
    int (*dashboard)(void *arg, const struct cli_dashboard *o, struct err *e);
    /* Serves the local cloud until a signal. */
    enum err_code (*local)(void *arg, const struct cli_local *o, struct err *e);
    /* Finds or starts the local cloud of `data_dir` and puts its endpoint and keys into the
     * process environment. */
    enum err_code (*attach)(void *arg, const char *data_dir, struct err *e);
    /* The dashboard's keys for the README and the man page: lines of "keys<TAB>what it does", a
     * line without a TAB is a heading. Owned by the caller. NULL: there is none. */
    char *(*keys)(void *arg);
    /* What a person defined for the dashboard in config.ini, as app/own.h has it; owned by the
     * caller. NULL: nothing is told. */
    cJSON *(*own)(void *arg, const struct settings *s);
    /* Adds to the settings' warnings what the dashboard alone understands in config.ini. NULL:
     * nothing is added. */
    void (*warn)(void *arg, struct settings *s);
    /* Fills in what is known of the terminal, for the doctor. NULL: nothing is. */
    void (*terminal)(struct doctor_terminal *out);
    /* Serves the REST API until a signal. */
    enum err_code (*serve)(void *arg, const struct cli_serve *o, struct err *e);
    /* The routes of the REST API for help and README: lines of "METHOD PATH<TAB>what it does";
     * owned by the caller. */
    char *(*routes)(void *arg);
    /* The libraries inside, a line "NAME VERSION" each; owned by the caller. NULL: none are told.
     */
    char *(*libraries)(void *arg);
    void *arg;
};

/* Runs the command of argv; returns the exit status of SPEC 2. Overwrites arguments that are
 * secret, so that ps does not show them. */
int cli_main(int argc, char **argv, const struct cli_hooks *hooks);

/* ---- the table, for help, README, man page and tests ---- */

struct cli_option {
    const char *name; /* without the dashes; NULL ends a list */
    /* what help shows for its value ("JOB_ID"); NULL: the option takes no value */
    const char *value;
    const char *help;
    bool repeat;   /* may be given more than once */
    bool required; /* shown in help; the command itself says what is missing */
    bool secret;   /* the option's value is wiped from argv */
    bool hidden;   /* the option is not in help */
};

/* Makes the rows of an option list. */
#define CLI_FLAG(n, h)                                                                             \
    {                                                                                              \
        .name = (n), .help = (h)                                                                   \
    }
#define CLI_VALUE(n, v, h)                                                                         \
    {                                                                                              \
        .name = (n), .value = (v), .help = (h)                                                     \
    }
#define CLI_NEEDED(n, v, h)                                                                        \
    {                                                                                              \
        .name = (n), .value = (v), .help = (h), .required = true                                   \
    }
#define CLI_MANY(n, v, h)                                                                          \
    {                                                                                              \
        .name = (n), .value = (v), .help = (h), .repeat = true                                     \
    }
#define CLI_HIDDEN_FLAG(n)                                                                         \
    {                                                                                              \
        .name = (n), .help = "", .hidden = true                                                    \
    }
#define CLI_HIDDEN_VALUE(n, v)                                                                     \
    {                                                                                              \
        .name = (n), .value = (v), .help = "", .hidden = true                                      \
    }
#define CLI_END                                                                                    \
    {                                                                                              \
        .name = NULL                                                                               \
    }

struct cli;

enum {
    CLI_WRITES = 1, /* the command is refused when read-only */
    CLI_HIDDEN = 2, /* the command is not in help's list */
    /* the command prints no warnings about the configuration: programs call it */
    CLI_SILENT = 4,
    CLI_ROUTES = 8, /* the command's help lists the routes of the REST API */
    /* the command itself says what it waits for: it owns the screen, or serves */
    CLI_OWN_VOICE = 16,
    CLI_ABOUT = 32 /* the command tells of the configuration or checks it, and needs no warning */
};

struct cli_command {
    const char *name; /* "" for the dashboard */
    const char *args; /* "JOB_ID..."; "" */
    const char *summary;
    const char *about;   /* paragraphs, or NULL */
    const char *example; /* lines that run as they stand */
    /* Ends with a NULL name; NULL when there are none. A function where the list is made from a
     * table. */
    const struct cli_option *options;
    const struct cli_option *(*make_options)(void);
    int min_args;
    int max_args; /* -1: any number */
    unsigned flags;
    enum err_code (*run)(struct cli *c, struct err *e);
};

extern const struct cli_command *const cli_commands[];
extern const size_t cli_commands_len;
extern const struct cli_option cli_common[];

/* NULL when there is none. */
const struct cli_command *cli_command_find(const char *name);
const struct cli_option *cli_command_options(const struct cli_command *c); /* never NULL */
#endif
