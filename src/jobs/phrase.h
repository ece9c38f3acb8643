/* phrase.h - a sentence put together in a caller's buffer: private to src/jobs.
 *
 * A text that does not fit is cut at the end of a character; the result is always
 * NUL-terminated. */
#ifndef JOBS_PHRASE_H
#define JOBS_PHRASE_H

#include <stddef.h>

#include "core/err.h"

struct phrase {
    char *out;
    size_t size; /* the size of `out`, at least 1 */
    size_t len;
};

struct phrase phrase_start(char *out, size_t size); /* sets out to "" */
void phrase_add(struct phrase *p, const char *fmt, ...) PRINTF_LIKE(2, 3);
#endif
