/* window.h - a window of text over the screen: help, errors, who am I. The code that opens it says
 * what stands in it. UI thread only. */
#ifndef APP_WINDOW_H
#define APP_WINDOW_H

#include <stdbool.h>
#include <stddef.h>

#include "app/keymap.h"
#include "textview.h"

struct desk;
struct effects;

struct window_def {
    enum action opens; /* the action whose key opens the window closes it too */
    const char *(*title)(const void *owner, char *buf, size_t size); /* the title; returns buf */
    void (*fill)(const void *owner, struct textview *v);             /* fills an empty view */
};

struct window {
    bool open;
    const struct window_def *def;
    const void *owner; /* borrowed */
    enum scope scope;  /* the scope whose keys help shows; SCOPE_COUNT: all scopes */
    struct textview text;
};

void window_open(struct window *w, const struct window_def *def, const void *owner);
/* called when what the window shows has changed; does nothing when the window is shut */
void window_refill(struct window *w);
/* In window_draw.c; `self` is a window. */
void window_draw(struct surface *s, const void *self, const struct desk *desk, struct rect room);
#endif
