/* Short forms of texts. */
#include "job_code.h"

#include <stdbool.h>
#include <string.h>

enum { ESCAPE = 0x1f };

/* The parts; of those that begin alike, the longest comes first. The place + 1 is the byte. */
static const char *const parts[] = {
    /* looked for behind a name */
    "-staging.vercel.app",
    "-staging",
    ".vercel.app",
    ".netlify.app",
    ".pages.dev",
    ".amazonaws.com",
    ".cloudfront.net",
    ".github.io",
    ".git",
    ".com",
    ".org",
    ".dev",
    /* looked for at the beginning, and behind another part */
    "https://github.com/",
    "https://",
    "http://",
    "www.",
    "auth",
    "dashboard",
    "payments",
    "analytics",
    "admin",
    "api",
    "billing",
    "blog",
    "chat",
    "notifications",
    "search",
    "stripe",
    "users",
};
enum { PARTS = sizeof parts / sizeof *parts, FIRST = 12 /* the first one of the second kind */ };
_Static_assert((int)PARTS < (int)ESCAPE, "a part is a control character below the escape");

/* The place + 1 of the part with which the text begins; 0: none. `begin`: at the beginning, or
 * behind another part. */
static unsigned part_of(const char *s, size_t len, bool begin)
{
    bool behind = *s == '.' || *s == '-';
    unsigned end = behind ? FIRST : PARTS;

    if (!behind && !begin) {
        return 0;
    }
    for (unsigned i = behind ? 0 : FIRST; i < end; i++) {
        if (parts[i][0] == *s && strlen(parts[i]) <= len &&
            memcmp(parts[i], s, strlen(parts[i])) == 0) {
            return i + 1;
        }
    }
    return 0;
}

/* How many bytes at the beginning stand for themselves and begin no part. */
static size_t plain(const char *s, size_t len)
{
    size_t n = 0;

    while (n < len && (unsigned char)s[n] > ESCAPE && s[n] != '.' && s[n] != '-') {
        n++;
    }
    return n;
}

/* Writes the short form, unless `to` is NULL; returns its size. */
static size_t code(const char *s, size_t len, char *to)
{
    size_t n = 0;
    bool begin = true;

    for (size_t i = 0; i < len;) {
        unsigned part = part_of(s + i, len - i, begin);
        char with[2] = {part != 0 ? (char)part : s[i]};
        const char *from = with;
        size_t some = 1, taken = part != 0 ? strlen(parts[part - 1]) : 1;
        if (part == 0 && (unsigned char)s[i] <= ESCAPE) {
            with[1] = with[0];
            with[0] = ESCAPE;
            some = 2;
        } else if (part == 0) {
            from = s + i;
            some = taken = 1 + plain(s + i + 1, len - i - 1);
        }
        if (to != NULL) {
            memcpy(to + n, from, some);
        }
        n += some;
        i += taken;
        begin = part != 0;
    }
    if (to != NULL) {
        to[n] = '\0';
    }
    return n + 1;
}

size_t job_code_size(const char *s, size_t len)
{
    return code(s, len, NULL);
}

void job_code_put(char **at, const char *s, size_t len)
{
    *at += code(s, len, *at);
}

const char *job_code_text(const char *code, char *room, size_t size)
{
    size_t len = 0;

    if (code == NULL) {
        return NULL;
    }
    for (const char *c = code; *c != '\0' && len + 1 < size; c++) {
        unsigned char byte = (unsigned char)*c;
        const char *from = c;
        size_t n = 1;
        if (byte == ESCAPE) {
            from = ++c;
        } else if (byte <= PARTS) {
            from = parts[byte - 1];
            n = strlen(from);
        }
        n = n < size - 1 - len ? n : size - 1 - len;
        memcpy(room + len, from, n);
        len += n;
    }
    room[len] = '\0';
    return room;
}
