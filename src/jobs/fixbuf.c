/* Putting a sentence together in a buffer of limited size. */
#include "fixbuf.h"

#include <stdarg.h>
#include <stdio.h>

struct fixbuf fixbuf_start(char *out, size_t size)
{
    out[0] = '\0';
    return (struct fixbuf){out, size, 0};
}

void fixbuf_add(struct fixbuf *p, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    int n = vsnprintf(p->out + p->len, p->size - p->len, fmt, ap);
    va_end(ap);
    if (n < 0) {
        p->out[p->len] = '\0';
        return;
    }
    if ((size_t)n < p->size - p->len) {
        p->len += (size_t)n;
        return;
    }
    size_t end = p->size - 1;
    /* The cut may have split a character: go back over the bytes of that character. */
    size_t at = end;
    while (at > p->len && ((unsigned char)p->out[at - 1] & 0xc0) == 0x80) {
        at--;
    }
    if (at > p->len && (unsigned char)p->out[at - 1] >= 0xc0) {
        unsigned char lead = (unsigned char)p->out[at - 1];
        size_t need = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
        end = end - (at - 1) < need ? at - 1 : end;
    }
    p->out[end] = '\0';
    p->len = end;
}
