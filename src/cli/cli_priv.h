/* cli_priv.h - what the commands share: the running invocation and how to speak to the person.
 *
 * Results go to c->out, everything else to c->err. All text from outside is cleaned on its way.
 * Main thread only. */
#ifndef CLI_CLI_PRIV_H
#define CLI_CLI_PRIV_H

#include <cjson/cJSON.h>
#include <stdio.h>

#include "cli/cli.h"
#include "core/clock.h"
#include "ops/contexts.h"
#include "src/cli/args.h"

struct notice; /* opaque: src/cli/notice.c */

struct cli {
    const struct cli_command *command;
    const struct cli_hooks *hooks;
    struct cli_args args;
    FILE *out; /* borrowed: stdout, or the stream that guards it */
    FILE *err; /* borrowed: stderr */
    bool json;
    bool debug;
    bool local; /* --local */
    bool out_tty, err_tty;
    bool utf8;
    int columns;           /* width of stdout's terminal; 0 when there is none */
    int line_width;        /* how many cells the progress line on stderr takes; 0: there is none */
    int status;            /* exit status when the command returns E_OK */
    bool writes;           /* the command is about to write: cli_may_write allowed it */
    bool told;             /* the command has reported the failure already, for each job */
    bool old_form;         /* the test tool's --action */
    char *local_dir;       /* owned; the data folder of the local cloud */
    struct cli_out *guard; /* owned; NULL: `out` is stdout itself */
    struct settings *settings;
    struct log *log;
    struct ops *ops;          /* NULL until cli_ops */
    struct contexts all;      /* with --all-contexts: after context_open_all */
    struct forecast *history; /* owned; NULL until it is needed (eta.h) */
    struct notice *notice;    /* says what the command waits for; NULL when nothing does */
};

/* ---- cli.c ---- */

/* Makes c->ops when it is first used; NULL with `e`, also for a command that writes when the
 * credentials are not of the account that the context names. */
struct ops *cli_ops(struct cli *c, struct err *e);
/* Reads the configuration again, for a dashboard that begins anew; `local`: on the local cloud,
 * whatever place of AWS the options name. Settings and ops of before are gone. */
MUST_CHECK enum err_code cli_begin_anew(struct cli *c, bool local, struct err *e);
/* E_USAGE when read-only is on; `what` is the command as typed ("dlq purge"). For commands that
 * write only in part; the others have CLI_WRITES. From this call on the results are guarded. */
MUST_CHECK enum err_code cli_may_write(struct cli *c, const char *what, struct err *e);
/* Goes on with deploys that an earlier run left in the outbox, and says so when there were any. */
void cli_resume_outbox(struct cli *c);

/* ---- out.c: results that must be told ---- */

/* From this call on, results that stdout cannot take go to stderr. */
void cli_guard_out(struct cli *c);
/* Writes out what is buffered. Returns as an errno why stdout did not take everything; 0: it did.
 * `*lost`: stderr did not get it either. */
int cli_guard_end(struct cli *c, bool *lost);

/* ---- messages.c: errors, notes, progress, JSON ---- */

void cli_show_error(struct cli *c, const struct err *e);
/* Prints "mvpdash: warning: ..." on stderr, {"warning"} with --json: for results that are not
 * complete. */
void cli_warn(struct cli *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Prints the tree as one line on stderr. Takes the tree. */
void cli_note_json(struct cli *c, cJSON *doc);
/* Prints a plain line on stderr; nothing with --json. */
void cli_note(struct cli *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Shows the state of something that goes on: on a terminal it replaces the line before; elsewhere
 * each state is a line of its own. Nothing with --json. */
void cli_progress(struct cli *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
void cli_progress_end(struct cli *c); /* removes the progress line */

/* For a command that has something to say before it ends: after a call with true and until one with
 * false, the first Ctrl-C only makes cli_interrupted true; a second one ends the program. */
void cli_catch_interrupt(bool on);
bool cli_interrupted(void);

/* Prints text from outside to stdout, cleaned, on one line. */
void cli_print(struct cli *c, const char *text);
/* May colours go to stdout? They may when it is a terminal that has colours and NO_COLOR is not
 * set. */
bool cli_color(const struct cli *c);
unsigned cli_text_flags(const struct cli *c); /* the flags of text_clean for a terminal */
/* The flags of text_clean for stdout: a file or a program gets all of a text, whatever the locale
 * is. */
unsigned cli_out_flags(const struct cli *c);
/* Prints the tree as one line to stdout. Takes the tree. */
void cli_json(struct cli *c, cJSON *doc);
/* The error as {"code","message","hint","awsCode","requestId"}; owned. */
cJSON *cli_error_json(const struct err *e);
/* Reads a person's answer to the question that was just written to stderr. Returns the first letter
 * of the line in lower case when it is one of `letters`; else '\0'. */
char cli_answer(struct cli *c, const char *letters);
/* Writes out what is buffered. False when nobody reads stdout any more, so that there is no reason
 * to go on. */
bool cli_flush(struct cli *c);

/* Runs `one` for each word separately: a word that fails is told at once and does not stop the
 * others, unless all would fail in the same way: the others are then told as not tried. `one`
 * pushes its result to `results`, which --json prints as {"results":[...]}, and sets `*own` when
 * its failure is that word's alone, whatever the code says. `untried` makes the result of a word
 * that was not tried: the members that `one` pushes, with the error `why`. The first failure is
 * returned, and is in `e`. */
typedef enum err_code (*cli_each_fn)(struct cli *c, const char *word, cJSON *results, bool *own,
                                     struct err *e);
typedef cJSON *(*cli_untried_fn)(const char *word, const struct err *why);
enum err_code cli_each(struct cli *c, cli_each_fn one, cli_untried_fn untried, struct err *e);

/* Tell what was left of a list that ended early: the first is the error of each that was left,
 * made of the failure that ended the list; the second tells a person about all `n`. */
struct err cli_not_tried(const struct err *last);
void cli_note_not_tried(struct cli *c, size_t n, const char *first_id);

/* ---- complete.c: names for the completions of shells ---- */

/* Prints the names of a kind ("contexts", "profiles", "jobs"), one a line. No request is made. */
MUST_CHECK enum err_code cli_complete(struct cli *c, const char *kind, struct err *e);

/* ---- table.c: aligned columns for people ---- */

struct cli_column {
    const char *title;
    bool right;
    /* the column may shrink to this many cells on a narrow terminal; 0: it never shrinks */
    int least;
    /* a column that does not fit is left out, the one with the highest number first; 0: it never
     * is */
    int drop;
};
struct cli_table {
    const struct cli_column *columns;
    size_t columns_len;
    char **cells; /* owned, row by row, cleaned */
    size_t len, cap;
};
/* Adds one cell; rows are filled from left to right. NULL is an empty cell. */
void cli_table_add(struct cli *c, struct cli_table *t, const char *text);
void cli_table_print(struct cli *c, const struct cli_table *t);
void cli_table_clear(struct cli_table *t);

/* ---- values.c: reading what people type ---- */

/* Reads "2h", "30m", "7d", "90s" as so long ago, or ISO 8601. */
MUST_CHECK enum err_code cli_since(const char *option, const char *text, int64_t now_ms,
                                   int64_t *out, struct err *e);
MUST_CHECK enum err_code cli_number(const char *option, const char *text, int64_t least,
                                    int64_t most, int64_t *out, struct err *e);
/* Reads --user and --status, which say whose jobs and which are meant; NULL: not given. */
MUST_CHECK enum err_code cli_whose(const struct cli *c, const char **user, const char **status,
                                   struct err *e);
/* Reads "127.0.0.1:4599", "[::1]:0", ":0" or "4599"; `*host` is owned, NULL when none is given. */
MUST_CHECK enum err_code cli_listen(const char *text, char **host, uint16_t *port, struct err *e);
/* A time as "2025-08-20 10:30:00" in UTC; "-" for TIME_NONE. */
#define CLI_TIME_SIZE 32
const char *cli_time(int64_t ms, char buf[CLI_TIME_SIZE]);

/* ---- help.c ---- */

void cli_help_all(struct cli *c);
void cli_help_command(struct cli *c, const struct cli_command *cmd);
void cli_help_man(struct cli *c);
/* Prints the part "commands", "keys" or "routes"; NULL means commands. E_USAGE for another part. */
MUST_CHECK enum err_code cli_help_markdown(struct cli *c, const char *part, struct err *e);
/* Prints the completions for "bash" or "zsh" (completion.c); E_USAGE for another shell. */
MUST_CHECK enum err_code cli_help_completion(struct cli *c, const char *shell, struct err *e);
#endif
