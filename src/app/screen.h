/* screen.h - the one type of everything on the screen: what fills the body, and the layers that
 * stand over it (a window of text, a menu, a line being typed, a question). Each has a state of its
 * own, takes events, and draws itself in cells. It sees the desk and its state, never another
 * screen: where it wants to go it says to the desk (desk_leave, desk_open_job ...). `self` is its
 * state; calls that a screen does not need are NULL. To add one, see screens.h. UI thread only. */
#ifndef APP_SCREEN_H
#define APP_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/effect.h"
#include "app/event.h"
#include "app/surface.h"
#include "desk.h"
#include "layout.h"
#include "screens.h"
#include "textview.h"

enum taken {
    NOT_TAKEN,   /* of a request that this screen does not wait for */
    TAKEN,       /* nothing that shows has changed */
    TAKEN_SHOWS, /* something has */
};

struct screen {
    const char *name;  /* in file names: "events" */
    const char *title; /* for people */
    enum action shows; /* the key that shows it from anywhere; ACT_NONE */
    size_t size;       /* of its state, which begins as zeroes */
    void (*init)(void *self);
    void (*done)(void *self);       /* frees what the state holds */
    bool (*open)(const void *self); /* a layer's: it stands over the body now. NULL: no layer */
    enum scope (*scope)(const void *self);
    bool (*idle)(const void *self, enum action a); /* the key means nothing just now: no hint */

    /* After the event that switched to it, or away from it; the layout is the new one. */
    void (*enter)(void *self, struct desk *desk, struct effects *out);
    void (*leave)(void *self, struct desk *desk, struct effects *out);
    /* A key. Returns the action that is left to be done; ACT_NONE. NULL: it is an action of the
     * scope, or goes to `typed`. */
    enum action (*key)(void *self, struct desk *desk, const char *key, struct effects *out);
    /* False: no action of its own. */
    bool (*action)(void *self, struct desk *desk, enum action a, struct effects *out);
    /* Esc (ACT_CLOSE) or q (ACT_BACK): closes the innermost thing in it, or leaves it. */
    void (*back)(void *self, struct desk *desk, enum action a, struct effects *out);
    /* In a scope where text is typed (scope_types): a key that is no action; false: none of its
     * own. */
    bool (*typed)(void *self, struct desk *desk, const char *key);
    void (*paste)(void *self, struct desk *desk, const char *text, size_t len);
    /* In the body. False: it is not its own; a wheel moves its `text` then. */
    bool (*mouse)(void *self, struct desk *desk, const struct app_event *ev, struct rect room);

    /* Replies to the kinds of task in `tasks` (bits), also while another screen shows. */
    uint64_t tasks;
    enum taken (*take)(void *self, struct desk *desk, struct msg *msg, struct effects *out);
    /* The schedule has asked for it: the number of the request is in the task. */
    void (*asked)(void *self, const struct task *t);
    /* While it shows: each tick, and when tick_ms (monotonic; 0: never) has come. */
    void (*tick)(void *self, struct desk *desk, struct effects *out);
    int64_t (*tick_ms)(const void *self, const struct desk *desk);

    /* After each event while it shows, of a layer always: its windows inside its room. */
    void (*settle)(void *self, struct desk *desk, struct rect room);
    /* After that: asks for what it wants by now. */
    void (*ask)(void *self, struct desk *desk, struct effects *out);
    const struct textview *(*text)(const void *self); /* to search and to scroll; NULL: none */
    void (*draw)(struct surface *s, const void *self, const struct desk *desk, struct rect room);
    /* What is under way and would be broken off at the end of the program; false: nothing. */
    bool (*busy)(const void *self, char *buf, size_t size);
};
#define TASK_BIT(kind) (UINT64_C(1) << (kind))
#endif
