/* context_rows.h - the contexts of config.ini as rows to choose from: for the menu and for
 * completing names. Made once for the settings in force. UI thread only. */
#ifndef APP_CONTEXT_ROWS_H
#define APP_CONTEXT_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include "config/settings.h"

struct context_row {
    const char *name; /* borrowed from the settings; NULL: the row of no context; "*": all */
    char *label;      /* owned, clean: the name for people */
    char *text;       /* owned, clean: what differs in it, or what is wrong with it */
    enum setting_colour colour;
    bool spoiled; /* it cannot be chosen, for the reason that `text` tells */
    bool now;     /* it is in force */
};

struct context_rows {
    struct context_row *items; /* owned */
    size_t len;                /* 0: there are none, or --local has none */
};

void context_rows_init(struct context_rows *c, const struct settings *s); /* borrows s */
void context_rows_done(struct context_rows *c);
#endif
