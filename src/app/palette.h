/* palette.h - the command line `:`: names of the action table, and a few that take an argument.
 * UI thread only. */
#ifndef APP_PALETTE_H
#define APP_PALETTE_H

#include <stdbool.h>
#include <stddef.h>

#include "app/keymap.h"
#include "edit.h"
#include "jobs/filter.h"
#include "line_history.h"

enum command_id {
    CMD_ACTION, /* an action of the key table */
    CMD_FILTER,
    CMD_SORT,
    CMD_COLUMNS,
    CMD_OPEN_JOB,
    CMD_VIEW,
    CMD_READ_WRITE, /* `:rw NAME`; without a name it is an action, as the next ones */
    CMD_CONTEXT,
    CMD_STATS,  /* `:stats by user since 30d` */
    CMD_COPIED, /* `:copied FILE`; without a file it is an action */
    CMD_GREP,   /* `:grep --since 24h PATTERN`; without a pattern it is an action */
    CMD_UNKNOWN
};

struct command {
    enum command_id id;
    enum action action;
    const char *argument; /* borrowed from the line; "" when none */
};

struct palette_row {
    const char *name;
    const char *help;
    const struct binding *binding; /* of its keys; NULL: it has none */
    enum command_id id;
    bool word; /* the name is an argument of the command, and not a command */
};
/* Fills in name and help of the i-th word that may follow the command; false: there are no more. */
typedef bool palette_words(const void *arg, enum command_id id, size_t i, struct palette_row *row);

#define PALETTE_ROWS_MAX 256

/* What a person defined: lines that can be typed, with what they do. */
struct palette_line {
    char *text, *help; /* owned: "view failing", "Failed or stuck" */
};

struct palette {
    struct edit edit;
    struct palette_line *lines; /* owned */
    size_t lines_len;
    palette_words *words;                      /* NULL: arguments are not completed */
    const void *words_arg;                     /* borrowed */
    struct palette_row rows[PALETTE_ROWS_MAX]; /* the rows that match, best first */
    size_t len;
    size_t selected;
    bool moved; /* the selection was moved: Enter takes the selected row */
    struct line_history history;
    filter_jobs *jobs;    /* whose values complete a filter; NULL: nobody's */
    const void *jobs_arg; /* borrowed */
};

void palette_open(struct palette *p);
void palette_done(struct palette *p);
/* Takes the array and its strings, in the place of those that it had. */
void palette_set_lines(struct palette *p, struct palette_line *lines, size_t len);
void palette_update(struct palette *p);   /* matches again, after the line has changed */
void palette_complete(struct palette *p); /* carries out Tab */
void palette_history(struct palette *p, int step);
struct command palette_parse(const char *line);

/* ---- as a typed line ---- */

struct desk;
struct surface;
void palette_line_open(struct desk *d);                                        /* palette_line.c */
void palette_draw(struct surface *s, const void *owner, const struct desk *d); /* palette_draw.c */
#endif
