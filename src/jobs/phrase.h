/* phrase.h - text put together in a caller's buffer: private to src/jobs.
 *
 * What does not fit is cut at a character's end; the result is always NUL-terminated. */
#ifndef JOBS_PHRASE_H
#define JOBS_PHRASE_H

#include <stddef.h>

#include "core/err.h"

struct phrase {
    char *out;
    size_t size; /* of out, at least 1 */
    size_t len;
};

struct phrase phrase_start(char *out, size_t size); /* sets out to "" */
void phrase_add(struct phrase *p, const char *fmt, ...) PRINTF_LIKE(2, 3);
#endif
