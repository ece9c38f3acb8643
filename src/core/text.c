/* wcwidth and friends are XSI; the Makefile asks for them. */
#include "core/text.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <wchar.h>

void text_set_locale(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    const char *asked = NULL;

    if (setlocale(LC_CTYPE, "") != NULL) {
        return;
    }
    for (size_t i = 0; i < sizeof names / sizeof *names && asked == NULL; i++) {
        const char *v = getenv(names[i]);
        asked = v != NULL && v[0] != '\0' ? v : NULL;
    }
    const char *charset = asked == NULL ? NULL : strchr(asked, '.');
    if (charset != NULL &&
        (strncasecmp(charset, ".UTF-8", 6) == 0 || strncasecmp(charset, ".utf8", 5) == 0)) {
        (void)setlocale(LC_CTYPE, "C.UTF-8");
    }
}

size_t text_utf8_decode(const char *s, size_t len, uint32_t *cp)
{
    const unsigned char *u = (const unsigned char *)s;
    size_t n;
    uint32_t c;
    uint32_t least;

    if (len == 0) {
        return 0;
    }
    if (u[0] < 0x80) {
        *cp = u[0];
        return 1;
    }
    if ((u[0] & 0xe0) == 0xc0) {
        n = 2;
        c = u[0] & 0x1fU;
        least = 0x80;
    } else if ((u[0] & 0xf0) == 0xe0) {
        n = 3;
        c = u[0] & 0x0fU;
        least = 0x800;
    } else if ((u[0] & 0xf8) == 0xf0) {
        n = 4;
        c = u[0] & 0x07U;
        least = 0x10000;
    } else {
        return 0;
    }
    if (n > len) {
        return 0;
    }
    for (size_t i = 1; i < n; i++) {
        if ((u[i] & 0xc0) != 0x80) {
            return 0;
        }
        c = c << 6 | (u[i] & 0x3fU);
    }
    if (c < least || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) {
        return 0;
    }
    *cp = c;
    return n;
}

bool text_utf8_valid(const char *s, size_t len)
{
    size_t i = 0;

    while (i < len) {
        uint32_t cp;
        if ((unsigned char)s[i] < 0x80) {
            i++;
            continue;
        }
        size_t n = text_utf8_decode(s + i, len - i, &cp);
        if (n == 0) {
            return false;
        }
        i += n;
    }
    return true;
}

void text_utf8_encode(struct strbuf *out, uint32_t cp)
{
    char b[4];
    size_t n;

    if (cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff)) {
        cp = 0xfffd;
    }
    if (cp < 0x80) {
        b[0] = (char)cp;
        n = 1;
    } else if (cp < 0x800) {
        b[0] = (char)(0xc0 | cp >> 6);
        b[1] = (char)(0x80 | (cp & 0x3f));
        n = 2;
    } else if (cp < 0x10000) {
        b[0] = (char)(0xe0 | cp >> 12);
        b[1] = (char)(0x80 | (cp >> 6 & 0x3f));
        b[2] = (char)(0x80 | (cp & 0x3f));
        n = 3;
    } else {
        b[0] = (char)(0xf0 | cp >> 18);
        b[1] = (char)(0x80 | (cp >> 12 & 0x3f));
        b[2] = (char)(0x80 | (cp >> 6 & 0x3f));
        b[3] = (char)(0x80 | (cp & 0x3f));
        n = 4;
    }
    strbuf_add(out, b, n);
}

bool text_is_dangerous(uint32_t cp)
{
    return cp < 0x20 || (cp >= 0x7f && cp <= 0x9f) || cp == 0x061c || cp == 0x180e ||
           cp == 0x200e || cp == 0x200f || (cp >= 0x2028 && cp <= 0x202e) ||
           (cp >= 0x2066 && cp <= 0x206f) || cp == 0xfeff || (cp >= 0xfff9 && cp <= 0xfffb) ||
           (cp >= 0xe0000 && cp <= 0xe007f);
}

int text_cp_width(uint32_t cp)
{
    if (cp >= 0x20 && cp < 0x7f) {
        return 1;
    }
    int w = wcwidth((wchar_t)cp);
    return w < 0 ? 1 : w > 2 ? 2 : w;
}

int text_width(const char *s)
{
    struct strbuf b = STRBUF_INIT;
    int cells = 0;
    const char *p = s;

    while ((unsigned char)*p >= 0x20 && (unsigned char)*p < 0x7f) {
        p++;
    }
    if (*p == '\0') {
        return (int)(p - s); /* plain ASCII, the usual case */
    }
    text_clean(&b, s, strlen(s), TEXT_ONE_LINE);
    for (size_t i = 0; i < b.len;) {
        uint32_t cp = 0;
        size_t n = text_utf8_decode(b.data + i, b.len - i, &cp);
        cells += text_cp_width(cp);
        i += n == 0 ? 1 : n;
    }
    strbuf_clear(&b);
    return cells;
}

void text_clean(struct strbuf *out, const char *s, size_t len, unsigned flags)
{
    size_t line_start = out->len;
    size_t i = 0;

    while (i < len) {
        unsigned char c = (unsigned char)s[i];
        size_t run = i;
        while (run < len && (unsigned char)s[run] >= 0x20 && (unsigned char)s[run] < 0x7f) {
            run++;
        }
        if (run > i) {
            strbuf_add(out, s + i, run - i);
            i = run;
            continue;
        }
        uint32_t cp = 0;
        size_t n = text_utf8_decode(s + i, len - i, &cp);
        if (n == 0) {
            strbuf_addf(out, "\\x%02X", c);
            i++;
            continue;
        }
        if (c == '\n' && (flags & TEXT_KEEP_NEWLINE) != 0) {
            strbuf_addc(out, '\n');
            line_start = out->len;
        } else if (c == '\t' && (flags & TEXT_KEEP_NEWLINE) != 0) {
            do {
                strbuf_addc(out, ' ');
            } while (!out->overflow && (out->len - line_start) % 8 != 0);
        } else if (cp < 0x20 || cp == 0x7f) {
            strbuf_addc(out, '^');
            strbuf_addc(out, (char)(cp ^ 0x40));
        } else if (text_is_dangerous(cp)) {
            strbuf_addf(out, "<U+%04X>", (unsigned)cp);
        } else if ((flags & TEXT_ASCII) != 0) {
            strbuf_addc(out, '?');
        } else {
            strbuf_add(out, s + i, n);
        }
        i += n;
    }
}

char *text_cleaned(const char *s, unsigned flags)
{
    struct strbuf b = STRBUF_INIT;

    text_clean(&b, s, strlen(s), flags);
    return strbuf_take(&b);
}

size_t text_fit(const char *s, int cells, int *used)
{
    size_t i = 0;
    int taken = 0;
    size_t len = strlen(s);

    while (i < len) {
        uint32_t cp = 0;
        size_t n = text_utf8_decode(s + i, len - i, &cp);
        int w = n == 0 ? 1 : text_cp_width(cp);
        if (taken + w > cells) {
            break; /* marks of width 0 after the last base still fit */
        }
        taken += w;
        i += n == 0 ? 1 : n;
    }
    if (used != NULL) {
        *used = taken;
    }
    return i;
}
