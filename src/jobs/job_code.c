/* Short forms of texts. */
#include "job_code.h"

#include <stdbool.h>
#include <string.h>

enum { ESCAPE = 0x1f, NAME = 0x1e };

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
_Static_assert((int)PARTS < (int)NAME, "a part is a control character below the other two");

enum { NAME_MIN = 3 };

void job_code_name(const char *address, size_t len, char name[JOB_CODE_NAME])
{
    static const char git[] = ".git";
    size_t end = len, from;

    if (end > sizeof git - 1 &&
        memcmp(address + end - (sizeof git - 1), git, sizeof git - 1) == 0) {
        end -= sizeof git - 1;
    }
    from = end;
    while (from > 0 && address[from - 1] != '/') {
        from--;
    }
    size_t n = from > 0 && end - from >= NAME_MIN && end - from < JOB_CODE_NAME ? end - from : 0;
    memcpy(name, address + from, n);
    name[n] = '\0';
}

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

/* What stands next in a text, and how it is written. */
struct token {
    char bytes[2];
    size_t len;   /* of these bytes; 0: the text itself is copied */
    size_t taken; /* from the text */
    bool part;
};

static struct token next_token(const char *s, size_t len, const char *name, bool begin)
{
    size_t n = begin ? strlen(name) : 0;

    if (n > 0 && n <= len && memcmp(s, name, n) == 0) {
        return (struct token){{NAME}, 1, n, true};
    }
    unsigned part = part_of(s, len, begin);
    if (part != 0) {
        return (struct token){{(char)part}, 1, strlen(parts[part - 1]), true};
    }
    if ((unsigned char)*s <= ESCAPE) {
        return (struct token){
            {ESCAPE, *s},
            2, 1, false
        };
    }
    return (struct token){{0}, 0, 1 + plain(s + 1, len - 1), false};
}

/* Writes the short form, unless `to` is NULL; returns its size. */
static size_t code(const char *s, size_t len, const char *name, char *to)
{
    size_t n = 0;
    bool begin = true;

    for (size_t i = 0; i < len;) {
        struct token t = next_token(s + i, len - i, name, begin);
        size_t some = t.len > 0 ? t.len : t.taken;
        if (to != NULL) {
            memcpy(to + n, t.len > 0 ? t.bytes : s + i, some);
        }
        n += some;
        i += t.taken;
        begin = t.part;
    }
    if (to != NULL) {
        to[n] = '\0';
    }
    return n + 1;
}

size_t job_code_size(const char *s, size_t len, const char *name)
{
    return code(s, len, name, NULL);
}

void job_code_put(char **at, const char *s, size_t len, const char *name)
{
    *at += code(s, len, name, *at);
}

const char *job_code_text(const char *code, const char *name, char *room, size_t size)
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
        } else if (byte == NAME) {
            from = name;
            n = strlen(name);
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
