/* A string that grows, with an optional limit. */
#include "core/strbuf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/secret.h"

void strbuf_clear(struct strbuf *b)
{
    free(b->data);
    *b = (struct strbuf){.max = b->max};
}

void strbuf_wipe(struct strbuf *b)
{
    secret_wipe(b->data, b->cap);
    strbuf_clear(b);
}

void strbuf_reset(struct strbuf *b)
{
    b->len = 0;
    b->overflow = false;
    if (b->data != NULL) {
        b->data[0] = '\0';
    }
}

/* Makes room for `n` more bytes and the NUL; false when the limit forbids it. */
static bool reserve(struct strbuf *b, size_t n)
{
    if (n > SIZE_MAX / 2 - b->len - 1 || (b->max != 0 && b->len + n > b->max)) {
        b->overflow = true;
        return false;
    }
    if (b->len + n + 1 > b->cap) {
        size_t cap = b->cap == 0 ? 64 : b->cap;
        while (cap < b->len + n + 1) {
            cap *= 2;
        }
        b->data = xrealloc(b->data, cap);
        b->cap = cap;
    }
    return true;
}

void strbuf_add(struct strbuf *b, const void *bytes, size_t n)
{
    if (!reserve(b, n)) {
        return;
    }
    if (n > 0) {
        memcpy(b->data + b->len, bytes, n);
    }
    b->len += n;
    b->data[b->len] = '\0';
}

void strbuf_adds(struct strbuf *b, const char *s)
{
    if (s != NULL) {
        strbuf_add(b, s, strlen(s));
    }
}

void strbuf_addc(struct strbuf *b, char c)
{
    if (b->len + 1 < b->cap && (b->max == 0 || b->len < b->max)) {
        b->data[b->len++] = c;
        b->data[b->len] = '\0';
    } else {
        strbuf_add(b, &c, 1);
    }
}

void strbuf_addf(struct strbuf *b, const char *fmt, ...)
{
    va_list ap;
    va_list again;

    va_start(ap, fmt);
    va_copy(again, ap);
    /* Formats into the room that there is, which is enough in most cases. */
    size_t room = b->cap - b->len;
    char *end = b->data == NULL ? NULL : b->data + b->len;
    int n = vsnprintf(end, end == NULL ? 0 : room, fmt, ap);
    va_end(ap);
    bool fits = n >= 0 && reserve(b, (size_t)n);
    if (fits && (end == NULL || (size_t)n >= room)) {
        (void)vsnprintf(b->data + b->len, (size_t)n + 1, fmt, again);
    }
    if (fits) {
        b->len += (size_t)n;
    } else if (end != NULL) {
        *end = '\0'; /* the text stays as it was */
    }
    va_end(again);
}

void strbuf_truncate(struct strbuf *b, size_t len)
{
    if (len < b->len) {
        b->len = len;
        b->data[len] = '\0';
    }
}

const char *strbuf_str(const struct strbuf *b)
{
    return b->data == NULL ? "" : b->data;
}

char *strbuf_take(struct strbuf *b)
{
    char *s = b->data == NULL ? xstrdup("") : b->data;

    b->data = NULL;
    strbuf_clear(b);
    return s;
}
