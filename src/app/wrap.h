/* wrap.h - how a text is broken into rows of so many cells: between words where it can be. Pure. */
#ifndef APP_WRAP_H
#define APP_WRAP_H

#include <stddef.h>

/* How many bytes at the beginning of clean text stand in one row; `*next` is where the next row
 * begins. Returns 0 with `*next` at `text` when not a single character fits. */
size_t wrap_row(const char *text, int cols, const char **next);
int wrap_rows(const char *text, int cols); /* how many rows the text takes; "" takes none */
#endif
