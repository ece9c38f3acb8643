/* copied.h - texts on their way out of the dashboard: to the clipboard, into a file, into the
 * pager; and what is said of a copy afterwards. UI thread only. */
#ifndef APP_COPIED_H
#define APP_COPIED_H

#include <stdbool.h>

#include "app/event.h"

struct desk;
struct effects;

enum copy_to { TO_CLIPBOARD, TO_FILE, TO_PAGER };

/* The text that was copied last, for the case that it did not arrive. */
struct copied {
    char *what, *text; /* owned; NULL: nothing was copied yet */
    enum copy_to to;   /* where the menu that is open sends its texts */
};
void copied_done(struct copied *c);

/* Sends the text, which is taken, where `to` says. `what`: what it is, such as "Job id". */
void copied_give(struct desk *d, enum copy_to to, const char *what, char *text,
                 struct effects *out);
/* Tells what became of a copy, and keeps its text; one that went nowhere is offered to a file and
 * to the pager. */
void copied_take(struct desk *d, const struct app_event *ev);
/* Opens the menu that has these two ways for the text that was copied last. */
void copied_menu(struct desk *d);
/* Saves the text that was copied last as this file. */
void copied_save(struct desk *d, const char *path, struct effects *out);
#endif
