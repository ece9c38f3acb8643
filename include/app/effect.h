/* effect.h - what update wants done outside. The loop carries the effects out in order and owns
 * what they hold until effects_clear. */
#ifndef APP_EFFECT_H
#define APP_EFFECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "work/msg.h"

enum effect_kind {
    EFF_SUBMIT, /* task: hand it to the pool (and set task to NULL) */
    EFF_DROP,   /* request: forget queued tasks with this number */
    EFF_HALT,   /* request: ask the task with this number to end early (pool_halt) */
    EFF_QUIT,   /* leave; status tells the exit status */
    /* begin anew, with the configuration and credentials as they are now; `local`: on the local
     * cloud */
    EFF_RESTART,
    EFF_SUSPEND, /* stop the program as Ctrl-Z does; EV_RESUME follows */
    EFF_REDRAW,  /* paint every cell again, whatever the terminal is thought to show */
    EFF_COPY,    /* text: to the clipboard by OSC 52; answer with EV_SAVED "clipboard" */
    /* text: an address for the browser (url_openable), or, where there is none, for the clipboard;
     * answer with EV_SAVED "browser PROGRAM", "no browser", or as EFF_COPY does */
    EFF_OPEN,
    EFF_BELL,
    EFF_NOTIFY, /* text: a notification by the terminal, in the forms that the settings allow */
    /* write text into the file `path` (in the current folder when it has no slash), 0600, never
     * over an existing file: add -2, -3 ...; answer with EV_SAVED */
    EFF_SAVE,
    EFF_SAVE_SCREEN, /* write surface_text of the last frame into `path`, as EFF_SAVE does */
    EFF_PAGER,       /* show text in $PAGER (less), with curses out of the way; EV_RESUME follows */
    /* run the program of `task`, a TASK_PROGRAM, with the terminal; text: its command; EV_RAN and
     * EV_RESUME follow */
    EFF_TERMINAL,
    EFF_TITLE, /* text: the terminal's title */
    /* keep text as state_dir/view.json (atomic) for model_load_prefs, and model_watched for
     * model_load_watched */
    EFF_PREFS,
    /* go on in another context, `text` (NULL: in none), with a new model; when that cannot be,
     * EV_CONTEXT answers, and this model goes on */
    EFF_CONTEXT,
    EFF_SNAPSHOT /* keep the list: ops/snapshot.h with model_snapshot_jobs(m, `count`) */
};

struct effect {
    enum effect_kind kind;
    struct task *task; /* owned */
    char *text;        /* owned; clean text */
    char *path;        /* owned */
    uint32_t request;
    int status;
    bool local;
    size_t count;
};

struct effects {
    struct effect *items; /* owned */
    size_t len, cap;
    bool draw; /* something that shows has changed: draw once all events are taken */
};

void effects_clear(struct effects *e); /* frees everything; leaves a reusable zero */
struct effect *effects_add(struct effects *e, enum effect_kind kind); /* all zero except for kind */
void effects_submit(struct effects *e, struct task *t);               /* takes t */
#endif
