/* own_command.h - commands of [commands] in config.ini: a program of the person's, run on jobs.
 * Pure.
 *
 *     NAME = KEYS[, confirm][, safe][, terminal], PROGRAM ARGUMENT...
 *
 * The program and its arguments are words as a shell splits them, but no shell runs. `{jobId}` in
 * an argument stands for the member of that name of the job as JSON, `{urls.staging}` for one
 * inside another; `{{` stands for `{`. */
#ifndef APP_OWN_COMMAND_H
#define APP_OWN_COMMAND_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "app/keymap.h"
#include "config/settings.h"
#include "core/err.h"

struct own_command {
    char *name;    /* owned, like the others */
    char *keys;    /* separated by blanks; "": none */
    char *program; /* the program and its arguments as they are written */
    char **words;  /* the same in words; NULL: there is a mistake */
    bool confirm;  /* asks before it runs */
    bool safe;     /* runs in read-only too */
    bool terminal; /* the program gets the terminal; otherwise its output is shown */
    char *mistake; /* what is wrong with it, with file and line; NULL: nothing */
    int line;      /* of config.ini */
};

struct own_commands {
    struct own_command *items; /* owned, in file order */
    size_t len, cap;
};

/* Reads what stands behind the `=`. E_INVALID says what is wrong and what would be accepted. `out`
 * gets everything but the name. */
MUST_CHECK enum err_code own_command_parse(const char *text, struct own_command *out,
                                           struct err *e);
void own_command_done(struct own_command *c);

/* Takes the lines of [commands], those with a mistake too. `file` names config.ini. */
void own_commands_read(struct own_commands *all, const struct setting_line *lines, size_t len,
                       const char *file);
/* The command of that name; NULL: there is none without a mistake. */
const struct own_command *own_commands_find(const struct own_commands *all, const char *name);
void own_commands_done(struct own_commands *all);
/* The commands as rows of the keymap: an owned array; `help` of each is owned too. */
struct key_own *own_commands_keys(const struct own_commands *all, size_t *len);
void own_commands_keys_free(struct key_own *rows, size_t len);

/* The words for one job, an owned array that ends with NULL (words_free). NULL with E_INVALID when
 * the job does not have a member that is asked for, or its text could be taken for an option. */
char **own_command_words(const struct own_command *c, const cJSON *job, struct err *e);
#endif
