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
#include "src/cli/args.h"

struct notice; /* opaque: src/cli/notice.c */

struct cli {
    const struct cli_command *command;
    const struct cli_hooks *hooks;
    struct cli_args args;
    FILE *out; /* borrowed: stdout, or what guards it */
    FILE *err; /* borrowed: stderr */
    bool json;
    bool debug;
    bool local; /* --local */
    bool out_tty, err_tty;
    bool utf8;
    int columns;           /* width of stdout's terminal; 0 when there is none */
    int line_width;        /* cells of the progress line that stands on stderr; 0: none */
    int status;            /* exit status when the command returns E_OK */
    bool told;             /* the failure has been reported already, per job */
    bool old_form;         /* the test tool's --action */
    char *local_dir;       /* owned; data folder of the local cloud */
    struct cli_out *guard; /* owned; NULL: `out` is stdout itself */
    struct settings *settings;
    struct log *log;
    struct ops *ops;       /* NULL until cli_ops */
    struct notice *notice; /* says what is waited for; NULL when nothing does */
};

/* ---- cli.c ---- */

/* Makes c->ops on first use; NULL with `e`. */
struct ops *cli_ops(struct cli *c, struct err *e);
/* E_USAGE when read-only is on; `what` is the command as typed ("dlq purge"). For commands of which
 * only a part writes; the others have CLI_WRITES. From here on the results are guarded. */
MUST_CHECK enum err_code cli_may_write(struct cli *c, const char *what, struct err *e);
/* Goes on with deploys that an earlier run left in the outbox; says so when there was something. */
void cli_resume_outbox(struct cli *c);

/* ---- out.c: results that must be told ---- */

/* From here on what stdout cannot take goes to stderr. */
void cli_guard_out(struct cli *c);
/* Writes out what is buffered. Why stdout did not take all, as an errno; 0: it did. `*lost`: stderr
 * did not get it either. */
int cli_guard_end(struct cli *c, bool *lost);

/* ---- say.c: errors, notes, progress, JSON ---- */

void cli_say_error(struct cli *c, const struct err *e);
/* "mvpdash: warning: ..." on stderr; {"warning"} with --json: for results that are not whole. */
void cli_warn(struct cli *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Takes the tree, prints it as one line to stderr. */
void cli_say_json(struct cli *c, cJSON *doc);
/* A plain line on stderr; nothing with --json. */
void cli_note(struct cli *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The state of something that goes on: replaces the line before on a terminal; elsewhere each is a
 * line of its own. Nothing with --json. */
void cli_progress(struct cli *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
void cli_progress_end(struct cli *c); /* takes the standing line away */

/* For a command that has something to say when it is left: from true to false the first Ctrl-C only
 * makes cli_interrupted true; a second one ends the program. */
void cli_catch_interrupt(bool on);
bool cli_interrupted(void);

/* Text from outside to stdout, cleaned, one line. */
void cli_print(struct cli *c, const char *text);
/* May colours go to stdout? It is a terminal that has them, and NO_COLOR is not set. */
bool cli_color(const struct cli *c);
unsigned cli_text_flags(const struct cli *c); /* of text_clean, for a terminal */
/* The same for stdout: a file or a program gets all of a text, whatever the locale. */
unsigned cli_out_flags(const struct cli *c);
/* Takes the tree, prints it as one line to stdout. */
void cli_json(struct cli *c, cJSON *doc);
/* The error as {"code","message","hint","awsCode","requestId"}; owned. */
cJSON *cli_error_json(const struct err *e);
/* Writes out what is buffered. False when nobody reads stdout any more (no reason to go on). */
bool cli_flush(struct cli *c);

/* Runs `one` for each word by itself: one that fails is told at once and does not stop the others,
 * unless all would fail the same way: those are told as not tried. `one` pushes its result to
 * `results`, which --json prints as {"results":[...]}; `key` is the member that names the word in
 * it. The first failure is returned, and in `e`. */
typedef enum err_code (*cli_each_fn)(struct cli *c, const char *word, cJSON *results,
                                     struct err *e);
enum err_code cli_each(struct cli *c, const char *key, cli_each_fn one, struct err *e);

/* What was left of a list that ended early with `why`: the result {KEY, "error"} of one, and what a
 * person is told of all `n`. */
void cli_push_not_tried(cJSON *results, const char *key, const char *id, const struct err *why);
void cli_say_not_tried(struct cli *c, size_t n, const char *first_id);

/* ---- table.c: aligned columns for people ---- */

struct cli_column {
    const char *title;
    bool right;
    int least; /* may shrink to this many cells on a narrow terminal; 0: never shrinks */
    int drop;  /* left out when it does not fit, the highest first; 0: never */
};
struct cli_table {
    const struct cli_column *columns;
    size_t columns_len;
    char **cells; /* owned, row by row, cleaned */
    size_t len, cap;
};
/* Adds one cell; rows fill from left to right. NULL is an empty cell. */
void cli_table_add(struct cli *c, struct cli_table *t, const char *text);
void cli_table_print(struct cli *c, const struct cli_table *t);
void cli_table_clear(struct cli_table *t);

/* ---- values.c: reading what people type ---- */

/* "2h", "30m", "7d", "90s" ago, or ISO 8601. */
MUST_CHECK enum err_code cli_since(const char *option, const char *text, int64_t now_ms,
                                   int64_t *out, struct err *e);
MUST_CHECK enum err_code cli_number(const char *option, const char *text, int64_t least,
                                    int64_t most, int64_t *out, struct err *e);
/* "127.0.0.1:4599", "[::1]:0", ":0", "4599"; `*host` is owned, NULL when none is given. */
MUST_CHECK enum err_code cli_listen(const char *text, char **host, uint16_t *port, struct err *e);
/* "2025-08-20 10:30:00" in UTC; "-" for TIME_NONE. */
#define CLI_TIME_SIZE 32
const char *cli_time(int64_t ms, char buf[CLI_TIME_SIZE]);

/* ---- help.c ---- */

void cli_help_all(struct cli *c);
void cli_help_command(struct cli *c, const struct cli_command *cmd);
void cli_help_man(struct cli *c);
/* "commands", "keys" or "routes"; NULL means commands. E_USAGE for another part. */
MUST_CHECK enum err_code cli_help_markdown(struct cli *c, const char *part, struct err *e);
/* completion.c: the completions for "bash" or "zsh"; E_USAGE for another shell. */
MUST_CHECK enum err_code cli_help_completion(struct cli *c, const char *shell, struct err *e);
#endif
