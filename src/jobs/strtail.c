/* Copying strings into the tail of one allocation. */
#include "strtail.h"

#include <string.h>

static const char ellipsis[] = "\xe2\x80\xa6";

/* How many bytes of `s` are kept: all of them, or those up to the last character that ends within
 * the limit. */
static size_t kept(const char *s, size_t len, size_t limit)
{
    if (len <= limit) {
        return len;
    }
    size_t n = limit;
    while (n > 0 && ((unsigned char)s[n] & 0xc0) == 0x80) {
        n--;
    }
    return n;
}

size_t strtail_size(const char *s, size_t len, size_t limit)
{
    if (s == NULL) {
        return 0;
    }
    return kept(s, len, limit) + (len > limit ? sizeof ellipsis - 1 : 0) + 1;
}

const char *strtail_place(char **at, const char *s, size_t len, size_t limit)
{
    if (s == NULL) {
        return NULL;
    }
    char *to = *at;
    size_t n = kept(s, len, limit);
    memcpy(to, s, n);
    if (len > limit) {
        memcpy(to + n, ellipsis, sizeof ellipsis - 1);
        n += sizeof ellipsis - 1;
    }
    to[n] = '\0';
    *at = to + n + 1;
    return to;
}
