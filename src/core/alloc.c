/* Allocation that never fails: when memory runs out, the hook puts the terminal back and the
 * program aborts. */
#include "core/alloc.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The function to call before the abort. main sets it once, before threads start; it is read only
 * on the way to the abort. */
static void (*failure_hook)(void);

void alloc_on_failure(void (*hook)(void))
{
    failure_hook = hook;
}

static _Noreturn void out_of_memory(void)
{
    static const char text[] = "mvpdash: out of memory\n";

    if (failure_hook != NULL) {
        failure_hook();
    }
    (void)!write(STDERR_FILENO, text, sizeof text - 1);
    abort();
}

void *xmalloc(size_t size)
{
    void *p = malloc(size == 0 ? 1 : size);
    if (p == NULL) {
        out_of_memory();
    }
    return p;
}

void *xcalloc(size_t n, size_t size)
{
    void *p = n == 0 || size == 0 ? calloc(1, 1) : calloc(n, size);
    if (p == NULL) {
        out_of_memory();
    }
    return p;
}

void *xrealloc(void *p, size_t size)
{
    void *grown = realloc(p, size == 0 ? 1 : size);
    if (grown == NULL) {
        out_of_memory();
    }
    return grown;
}

char *xstrndup(const char *s, size_t n)
{
    if (s == NULL) {
        return NULL;
    }
    size_t len = strnlen(s, n);
    char *copy = xmalloc(len + 1);
    memcpy(copy, s, len);
    copy[len] = '\0';
    return copy;
}

char *xstrdup(const char *s)
{
    return s == NULL ? NULL : xstrndup(s, strlen(s));
}

char *xasprintf(const char *fmt, ...)
{
    va_list ap;
    va_list again;
    char some[256]; /* Most texts fit into this buffer, so that they are formatted only once. */

    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(some, sizeof some, fmt, ap);
    va_end(ap);
    if (n < 0) {
        /* n is negative only after an encoding error, which the formats used here cannot cause */
        out_of_memory();
    }
    char *s = xmalloc((size_t)n + 1);
    if ((size_t)n < sizeof some) {
        memcpy(s, some, (size_t)n + 1);
    } else {
        (void)vsnprintf(s, (size_t)n + 1, fmt, again);
    }
    va_end(again);
    return s;
}

void *xgrow(void *items, size_t len, size_t *cap, size_t item_size)
{
    if (len < *cap) {
        return items;
    }
    size_t more = *cap == 0 ? 8 : *cap * 2;
    if (more > SIZE_MAX / item_size) {
        out_of_memory();
    }
    *cap = more;
    return xrealloc(items, more * item_size);
}
