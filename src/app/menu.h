/* menu.h - a menu of a few rows over the screen: states, columns, what to copy. Whoever opens it
 * says what its rows mean. UI thread only. */
#ifndef APP_MENU_H
#define APP_MENU_H

#include <stdbool.h>
#include <stddef.h>

#include "app/keymap.h"
#include "app/surface.h"
#include "rows.h"

struct desk;
struct effects;
struct menu;

#define MENU_ROWS_MAX 64

struct menu_row {
    char text[64];
    char key; /* shortcut, 0: none */
    bool on;  /* checked */
    int id;   /* what the row stands for */
};

struct menu_def {
    const char *title;
    bool once;                                          /* Space closes it as Enter does */
    void (*fill)(const void *owner, struct menu *menu); /* its rows, into an empty menu */
    /* Enter on a row or its shortcut (`last`: the menu is closed by then), or Space. */
    void (*take)(void *owner, const struct menu_row *row, bool last, struct effects *out);
    /* Moves the row with the cursor up (-1) or down; false: it stays. NULL: rows do not move. */
    bool (*move)(void *owner, size_t at, int by);
    void (*reset)(void *owner);                     /* NULL: there is nothing to put back */
    void (*left)(void *owner, struct effects *out); /* closed without a choice; NULL */
};

struct menu {
    bool open;
    const struct menu_def *def;
    void *owner; /* borrowed */
    struct menu_row items[MENU_ROWS_MAX];
    struct rows rows; /* the page is set from the layout */
};

void menu_open(struct menu *menu, const struct menu_def *def, void *owner);
struct menu_row *menu_add(struct menu *menu, int id, char key, bool on, const char *text);
/* menu_draw.c; `self`: a menu. */
void menu_draw(struct surface *s, const void *self, const struct desk *desk, struct rect room);
#endif
