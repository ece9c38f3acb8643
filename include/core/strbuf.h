/* strbuf.h - a growing string with an optional hard limit.
 *
 * `data` is NUL-terminated once anything was added; an untouched buffer has data == NULL, and
 * strbuf_str() gives "" for it. Adding beyond `max` adds nothing and sets `overflow`, which stays
 * set until strbuf_reset: check it once at the end. Not shared between threads. */
#ifndef CORE_STRBUF_H
#define CORE_STRBUF_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

struct strbuf {
    char *data; /* owned */
    size_t len; /* without the NUL */
    size_t cap;
    size_t max; /* 0: no limit */
    bool overflow;
};

#define STRBUF_INIT ((struct strbuf){0})
#define STRBUF_LIMIT(bytes) ((struct strbuf){.max = (bytes)})

/* frees the text; leaves a reusable empty buffer with the same limit */
void strbuf_clear(struct strbuf *b);
void strbuf_reset(struct strbuf *b); /* empties the buffer, keeps its room */
void strbuf_add(struct strbuf *b, const void *bytes, size_t n);
void strbuf_adds(struct strbuf *b, const char *s); /* NULL adds nothing */
void strbuf_addc(struct strbuf *b, char c);
void strbuf_addf(struct strbuf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void strbuf_truncate(struct strbuf *b, size_t len); /* len <= b->len */
const char *strbuf_str(const struct strbuf *b);     /* borrowed; never NULL */
char *strbuf_take(struct strbuf *b);                /* moves the string out; never NULL */
/* does what strbuf_clear does, but overwrites the text first */
void strbuf_wipe(struct strbuf *b);
#endif
