/* screen.h - what fills the body: a screen has a state of its own, takes events, and draws itself
 * in cells. It sees the desk and its state, never another screen: where it wants to go it says to
 * the desk (desk_leave, desk_open_job ...). `self` is its state; which calls a screen does not need
 * are NULL. To add one, see screens.c. UI thread only. */
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
#include "textview.h"
#include "view.h"

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
    void (*done)(void *self); /* frees what the state holds */
    enum scope (*scope)(const void *self);
    bool (*idle)(const void *self, enum action a); /* the key means nothing just now: no hint */

    /* After the event that switched to it, or away from it; the layout is the new one. */
    void (*enter)(void *self, struct desk *desk, struct effects *out);
    void (*leave)(void *self, struct desk *desk, struct effects *out);
    /* False: no action of its own. */
    bool (*action)(void *self, struct desk *desk, enum action a, struct effects *out);
    /* Esc (ACT_CLOSE) or q (ACT_BACK): closes the innermost thing in it, or leaves it. */
    void (*back)(void *self, struct desk *desk, enum action a, struct effects *out);
    /* In a scope where text is typed (scope_types): a key that is no action; false: none of its
     * own. */
    bool (*typed)(void *self, struct desk *desk, const char *key);
    void (*paste)(void *self, struct desk *desk, const char *text, size_t len);
    /* In its body, where `text` is none or the button is no wheel. */
    void (*mouse)(void *self, struct desk *desk, const struct app_event *ev, struct rect body);

    /* Replies to the kinds of task in `tasks` (bits), also while another screen shows. */
    uint64_t tasks;
    enum taken (*take)(void *self, struct desk *desk, struct msg *msg, struct effects *out);
    /* The schedule has asked for it: the number of the request is in the task. */
    void (*asked)(void *self, const struct task *t);
    /* While it shows: each tick, and when tick_ms (monotonic; 0: never) has come. */
    void (*tick)(void *self, struct desk *desk, struct effects *out);
    int64_t (*tick_ms)(const void *self, const struct desk *desk);

    /* After each event while it shows: its windows inside the body. */
    void (*settle)(void *self, struct desk *desk, struct rect body);
    /* After that: asks for what it wants by now. */
    void (*ask)(void *self, struct desk *desk, struct effects *out);
    const struct textview *(*text)(const void *self); /* to search and to scroll; NULL: none */
    void (*draw)(struct surface *s, const void *self, const struct desk *desk, struct rect body);
    /* What is under way and would be broken off at the end of the program; false: nothing. */
    bool (*busy)(const void *self, char *buf, size_t size);
};
#define TASK_BIT(kind) (UINT64_C(1) << (kind))
#endif
