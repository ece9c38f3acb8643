/* fixbuf.h - a sentence put together in a caller's buffer: private to src/jobs.
 *
 * A text that does not fit is cut at the end of a character; the result is always
 * NUL-terminated. */
#ifndef JOBS_FIXBUF_H
#define JOBS_FIXBUF_H

#include <stddef.h>

#include "core/err.h"

struct fixbuf {
    char *out;
    size_t size; /* the size of `out`, at least 1 */
    size_t len;
};

struct fixbuf fixbuf_start(char *out, size_t size); /* sets out to "" */
void fixbuf_add(struct fixbuf *p, const char *fmt, ...) PRINTF_LIKE(2, 3);
#endif
