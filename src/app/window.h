/* window.h - a window of text over the screen: help, errors, who am I. Whoever opens it says what
 * stands in it. UI thread only. */
#ifndef APP_WINDOW_H
#define APP_WINDOW_H

#include <stdbool.h>
#include <stddef.h>

#include "app/keymap.h"
#include "textview.h"

struct desk;
struct effects;

struct window_def {
    enum action opens; /* the key that opens it closes it too */
    const char *(*title)(const void *owner, char *buf, size_t size); /* returns buf */
    void (*fill)(const void *owner, struct textview *v);             /* into an empty one */
};

struct window {
    bool open;
    const struct window_def *def;
    const void *owner; /* borrowed */
    enum scope scope;  /* whose keys help shows; SCOPE_COUNT: all */
    struct textview text;
};

void window_open(struct window *w, const struct window_def *def, const void *owner);
void window_refill(struct window *w); /* after what it shows has changed; shut: nothing */
/* window_draw.c; `self`: a window. */
void window_draw(struct surface *s, const void *self, const struct desk *desk, struct rect room);
#endif
