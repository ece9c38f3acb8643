/* menu.h - a menu of a few rows over the screen: states, columns, what to copy. The code that opens
 * it says what its rows mean. UI thread only. */
#ifndef APP_MENU_H
#define APP_MENU_H

#include <stdbool.h>
#include <stddef.h>

#include "app/event.h"
#include "app/keymap.h"
#include "app/surface.h"
#include "rows.h"

struct desk;
struct effects;
struct menu;

#define MENU_ROWS_MAX 96

/* A key and what it does, for the footer. */
struct hint {
    char key[KEY_NAME_SIZE];
    const char *text;
    enum action action; /* what the key does; ACT_NONE: that depends on the menu */
    bool always;        /* the footer shows it at any width, at its end */
};

struct menu_row {
    char text[128];
    const char *more; /* borrowed: what is told of it beside its text; NULL: nothing */
    enum style style; /* of the text */
    char key;         /* the shortcut, 0: none */
    bool on;          /* the row is checked */
    bool off;         /* the row cannot be chosen: `more` says why */
    bool stays;       /* a switch: choosing it leaves the menu open */
    int id;           /* what the row stands for */
};

struct menu_def {
    const char *title;
    const char *choose; /* what Enter does, for the footer; NULL: "choose" */
    bool once;          /* Space closes the menu as Enter does */
    void (*fill)(const void *owner, struct menu *menu); /* adds the rows to an empty menu */
    /* Called for Enter on a row or the row's shortcut (`last`: the menu is closed by then), or for
     * Space. */
    void (*take)(void *owner, const struct menu_row *row, bool last, struct effects *out);
    /* Moves the row at the cursor up (-1) or down; false: the row stays. NULL: rows do not move. */
    bool (*move)(void *owner, size_t at, int by);
    void (*reset)(void *owner); /* NULL: there are no defaults to go back to */
    /* called when the menu is closed without a choice; NULL */
    void (*left)(void *owner, struct effects *out);
};

struct menu {
    bool open;
    const struct menu_def *def;
    void *owner; /* borrowed */
    struct menu_row items[MENU_ROWS_MAX];
    struct rows rows; /* the layout sets the page */
};

void menu_open(struct menu *menu, const struct menu_def *def, void *owner);
struct menu_row *menu_add(struct menu *menu, int id, char key, bool on, const char *text);
/* The keys of this menu for the footer; returns how many. */
size_t menu_hints(const struct menu *menu, const struct keymap *keys, struct hint *out, size_t max);
/* In menu_draw.c; `self` is a menu. */
void menu_draw(struct surface *s, const void *self, const struct desk *desk, struct rect room);
#endif
