/* alloc.h - allocation that does not fail.
 *
 * Out of memory ends the process: the hook runs first (the dashboard's restores the terminal with
 * write(2)). Sizes that come from outside are limited by the caller before they get here.
 * Any thread. */
#ifndef CORE_ALLOC_H
#define CORE_ALLOC_H

#include <stddef.h>

#include "core/err.h"

void *xmalloc(size_t size) __attribute__((malloc));
void *xcalloc(size_t n, size_t size) __attribute__((malloc));
void *xrealloc(void *p, size_t size);
char *xstrdup(const char *s) __attribute__((malloc));            /* NULL in, NULL out */
char *xstrndup(const char *s, size_t n) __attribute__((malloc)); /* NULL in, NULL out */
char *xasprintf(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* Makes room for one more item: returns `items`, grown when `len` == `*cap` (doubling from 8). */
void *xgrow(void *items, size_t len, size_t *cap, size_t item_size);

/* Sets the function that is called once before abort; it must be async-signal-safe. main sets it
 * before threads start. */
void alloc_on_failure(void (*hook)(void));
#endif
