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
    NOT_TAKEN,   /* the message belongs to a request that this screen does not wait for */
    TAKEN,       /* nothing that shows has changed */
    TAKEN_SHOWS, /* something that shows has changed */
};

struct screen {
    const char *name;  /* the name in file names: "events" */
    const char *title; /* the name for people */
    enum action shows; /* the action whose key shows the screen from anywhere; ACT_NONE */
    size_t size;       /* the size of its state, which begins as zeroes */
    void (*init)(void *self);
    void (*done)(void *self); /* frees what the state holds */
    /* only a layer has it: does the layer stand over the body now? NULL: this is no layer */
    bool (*open)(const void *self);
    enum scope (*scope)(const void *self);
    /* the action means nothing just now, so that its hint is not shown */
    bool (*idle)(const void *self, enum action a);

    /* Called after the event that switched to the screen, or away from it; the layout is the new
     * one. */
    void (*enter)(void *self, struct desk *desk, struct effects *out);
    void (*leave)(void *self, struct desk *desk, struct effects *out);
    /* Handles a key. Returns the action that is left to be done; ACT_NONE. NULL: the key is an
     * action of the scope, or goes to `typed`. */
    enum action (*key)(void *self, struct desk *desk, const char *key, struct effects *out);
    /* Carries out an action. False: the screen has no such action. */
    bool (*action)(void *self, struct desk *desk, enum action a, struct effects *out);
    /* Carries out Esc (ACT_CLOSE) or q (ACT_BACK): closes the innermost thing in the screen, or
     * leaves the screen. */
    void (*back)(void *self, struct desk *desk, enum action a, struct effects *out);
    /* Takes a key that is no action, in a scope where text is typed (scope_types); false: the
     * screen does not take it. */
    bool (*typed)(void *self, struct desk *desk, const char *key);
    void (*paste)(void *self, struct desk *desk, const char *text, size_t len);
    /* Handles the mouse in the body. False: the event is not the screen's own; a wheel then moves
     * the screen's `text`. */
    bool (*mouse)(void *self, struct desk *desk, const struct app_event *ev, struct rect room);

    /* The kinds of task (as bits) whose replies the screen takes, also while another screen
     * shows. */
    uint64_t tasks;
    enum taken (*take)(void *self, struct desk *desk, struct msg *msg, struct effects *out);
    /* Called when the schedule has asked for the screen: the number of the request is in the
     * task. */
    void (*asked)(void *self, const struct task *t);
    /* Called while the screen shows, on each tick and when tick_ms (monotonic; 0: never) has
     * come. */
    void (*tick)(void *self, struct desk *desk, struct effects *out);
    int64_t (*tick_ms)(const void *self, const struct desk *desk);

    /* Called after each event while the screen shows, and always for a layer: puts its windows
     * inside its room. */
    void (*settle)(void *self, struct desk *desk, struct rect room);
    /* Called after that: asks for what the screen wants by now. */
    void (*ask)(void *self, struct desk *desk, struct effects *out);
    /* the text to search and to scroll; NULL: none */
    const struct textview *(*text)(const void *self);
    void (*draw)(struct surface *s, const void *self, const struct desk *desk, struct rect room);
    /* Tells what is under way and would be broken off at the end of the program; false: nothing
     * is. */
    bool (*busy)(const void *self, char *buf, size_t size);
};
#define TASK_BIT(kind) (UINT64_C(1) << (kind))
#endif
