/* save.h - text out of the dashboard: into a file, into the pager. UI thread only. */
#ifndef UI_SAVE_H
#define UI_SAVE_H

#include <stddef.h>

#include "core/err.h"
#include "ui/term.h"

/* Writes a new file with mode 0600. A file that is there already is never touched: "name-2.txt" and
 * so on is taken. `*saved` gets the owned path of the file. E_IO. */
MUST_CHECK enum err_code save_text(const char *path, const char *text, char **saved, struct err *e);

/* Gives the text to $PAGER (less when unset) with the terminal handed over, and takes the terminal
 * back when the pager ends. A signal that asks this program to quit ends the pager first. `*seen`
 * gets the signals that came meanwhile, as signals_take. E_IO when the pager could not be run. */
MUST_CHECK enum err_code save_page(struct terminal *t, const char *text, unsigned *seen,
                                   int *number, struct err *e);
#endif
