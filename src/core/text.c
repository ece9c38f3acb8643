/* UTF-8, display width, and making outside text harmless. wcwidth and its relatives are XSI
 * functions, which the Makefile asks for. */
#include "core/text.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <wchar.h>

/* Does the locale's name ask for UTF-8? "de_DE.UTF-8" and "xx.utf8@euro" do, and "UTF-8" alone:
 * macOS has a locale of that name, and its ssh hands it on. */
static bool names_utf8(const char *locale)
{
    const char *dot = strchr(locale, '.');
    const char *charset = dot == NULL ? locale : dot + 1;
    size_t n = strcspn(charset, "@");

    return (n == 5 && strncasecmp(charset, "UTF-8", n) == 0) ||
           (n == 4 && strncasecmp(charset, "utf8", n) == 0);
}

void text_set_locale(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    const char *asked = NULL;

    for (size_t i = 0; i < sizeof names / sizeof *names && asked == NULL; i++) {
        const char *v = getenv(names[i]);
        asked = v != NULL && v[0] != '\0' ? v : NULL;
    }
    if (asked == NULL || (setlocale(LC_CTYPE, "") == NULL && names_utf8(asked))) {
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

bool text_same(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

const char *text_plural(size_t n)
{
    return n == 1 ? "" : "s";
}

int text_cut(const char *s, int max)
{
    size_t room = max < 0 ? 0 : (size_t)max;
    size_t len = s == NULL ? 0 : strnlen(s, room + 1);

    if (len <= room) {
        return (int)len;
    }
    /* s[len] is the first byte that is cut off: the cut moves back to where its character
     * begins. */
    for (len = room; len > 0 && room - len < 3 && ((unsigned char)s[len] & 0xc0) == 0x80;) {
        len--;
    }
    return ((unsigned char)s[len] & 0xc0) == 0x80 ? (int)room : (int)len;
}

/* Are these bytes the beginning of one character that is not complete? */
static bool is_cut(const char *s, size_t len)
{
    unsigned char c = (unsigned char)s[0];
    size_t want = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 0;

    for (size_t i = 1; i < len; i++) {
        if (((unsigned char)s[i] & 0xc0) != 0x80) {
            return false;
        }
    }
    return len < want;
}

void text_mend(char *s)
{
    size_t len = strlen(s);
    char *to = s;

    for (size_t i = 0; i < len;) {
        uint32_t cp = 0;
        size_t n = text_utf8_decode(s + i, len - i, &cp);
        if (n > 0) {
            memmove(to, s + i, n);
            to += n;
            i += n;
        } else if (is_cut(s + i, len - i)) {
            break;
        } else {
            *to++ = '?';
            i++;
        }
    }
    *to = '\0';
}

size_t text_characters(const char *s)
{
    size_t count = 0;

    for (; *s != '\0'; s++) {
        count += ((unsigned char)*s & 0xc0) != 0x80;
    }
    return count;
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

size_t text_blank(const char *s, size_t len)
{
    uint32_t cp = 0;
    size_t n = text_utf8_decode(s, len, &cp);
    bool blank = cp == ' ' || cp == '\t' || cp == '\v' || cp == '\f' || cp == 0xa0 ||
                 cp == 0x1680 || (cp >= 0x2000 && cp <= 0x200a) || cp == 0x202f || cp == 0x205f ||
                 cp == 0x3000 || cp == 0xfeff;

    return blank ? n : 0;
}

size_t text_trim(const char **s, size_t len)
{
    const char *end = *s + len;
    const char *stop;
    size_t n;

    while (*s < end && (**s == '\n' || **s == '\r' || text_blank(*s, (size_t)(end - *s)) > 0)) {
        n = text_blank(*s, (size_t)(end - *s));
        *s += n > 0 ? n : 1;
    }
    stop = *s; /* the place after the last character that is kept */
    for (const char *p = *s; p<end; p += n> 0 ? n : 1) {
        n = text_blank(p, (size_t)(end - p));
        if (n == 0 && *p != '\n' && *p != '\r') {
            stop = p + 1;
        }
    }
    return (size_t)(stop - *s);
}

bool text_is_dangerous(uint32_t cp)
{
#define IN_RANGE(from, to) (cp - (from) <= (to) - (from)) ||
    return TEXT_DANGEROUS(IN_RANGE) false;
#undef IN_RANGE
}

/* Is this a joiner or variation selector, which chooses the form of its neighbours? */
static bool is_form_control(uint32_t cp)
{
    return cp == 0x200c || cp == 0x200d || (cp >= 0xfe00 && cp <= 0xfe0f) ||
           (cp >= 0xe0100 && cp <= 0xe01ef) || (cp >= 0x180b && cp <= 0x180d) || cp == 0x180f ||
           cp == 0x034f;
}

bool text_is_invisible(uint32_t cp)
{
    return is_form_control(cp) || cp == 0x00ad || cp == 0x115f || cp == 0x1160 || cp == 0x17b4 ||
           cp == 0x17b5 || cp == 0x200b || (cp >= 0x2060 && cp <= 0x2065) || cp == 0x3164 ||
           cp == 0xffa0 || (cp >= 0x1bca0 && cp <= 0x1bca3) || (cp >= 0x1d173 && cp <= 0x1d17a);
}

/* Is this a letter or symbol of the scripts that most texts are written in: certainly harmless,
 * visible, and with a width of its own? Spares the long look for nearly every character. */
bool text_is_usual(uint32_t cp)
{
    return (cp >= 0x20 && cp < 0x7f) || (cp >= 0xa0 && cp < 0x300 && cp != 0xad) ||
           (cp >= 0x2100 && cp < 0x2800) || (cp >= 0x3041 && cp <= 0x3096) ||
           (cp >= 0x30a0 && cp <= 0x30ff) || (cp >= 0x4e00 && cp <= 0x9fa5) ||
           (cp >= 0xac00 && cp <= 0xd7a3);
}

bool text_width_disputed(const char *cell, size_t len)
{
    static const struct {
        uint32_t from, to;
    } sure[] = {
        {0x20,   0x7e  }, /* ASCII */
        {0xa0,   0x2ff }, /* Latin */
        {0x370,  0x482 }, /* Greek, Cyrillic */
        {0x48a,  0x58f }, /* Cyrillic, Armenian */
        {0x1e00, 0x1fff}, /* Latin and Greek with marks */
        {0x2010, 0x2027},
        {0x2030, 0x205e},
        {0x20a0, 0x20bf}, /* currencies */
        {0x2100, 0x22ff}, /* letter-like, arrows, mathematics */
        {0x2500, 0x25fc}, /* boxes, blocks, shapes */
        {0x3001, 0x3029}, /* CJK: punctuation, kana, Bopomofo, Hangul, ideographs */
        {0x3041, 0x3096},
        {0x309b, 0x312d},
        {0x3400, 0x4db5},
        {0x4e00, 0x9fa5},
        {0xac00, 0xd7a3},
        {0xff01, 0xff60}, /* full-width */
    };
    static const uint32_t few[] = {0x2713, 0x2717}; /* the program's own check mark and cross */
    uint32_t cp = 0;

    if (len == 0 || text_utf8_decode(cell, len, &cp) != len) {
        return len > 0;
    }
    for (size_t i = 0; i < sizeof sure / sizeof *sure; i++) {
        if (cp >= sure[i].from && cp <= sure[i].to) {
            return false;
        }
    }
    return cp != few[0] && cp != few[1];
}

int text_cp_width(uint32_t cp)
{
    if (cp >= 0x20 && cp < 0x7f) {
        return 1;
    }
    int w = wcwidth((wchar_t)cp);
    if (w < 0 && cp >= 0x1f300 && cp <= 0x1faff) {
        return 2; /* the character is an emoji that is newer than this machine's locale */
    }
    return w < 0 ? 1 : w > 2 ? 2 : w;
}

/* The width of a text that text_clean would leave as it is; -1 for any other. */
static int usual_width(const char *s)
{
    int cells = 0;

    while (*s != '\0') {
        uint32_t cp = (unsigned char)*s;
        size_t n = 1;
        if (cp < 0x20 || cp >= 0x7f) {
            /* the decoder stops at the end of the text: NUL continues no character */
            n = text_utf8_decode(s, 4, &cp);
            if (n == 0 || !text_is_usual(cp)) {
                return -1;
            }
            cells += text_cp_width(cp) - 1;
        }
        cells++;
        s += n;
    }
    return cells;
}

int text_width(const char *s)
{
    struct strbuf b = STRBUF_INIT;
    int cells = usual_width(s);

    if (cells >= 0) {
        return cells;
    }
    cells = 0;
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

/* Does the form control at `at` form something? If it does, it may be left out, because its
 * neighbours then are what they are without it. In plain ASCII a form control has nothing to form
 * and could only hide something, except in a keycap: "1" VS16 U+20E3. */
static bool forms_something(const char *s, size_t len, size_t at, size_t n)
{
    static const char keycap[] = "\xe2\x83\xa3";

    return (at > 0 && (unsigned char)s[at - 1] >= 0x80) ||
           (at > 0 && len - at - n >= 3 && memcmp(s + at + n, keycap, 3) == 0);
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
        } else if (!text_is_usual(cp) && is_form_control(cp) && forms_something(s, len, i, n)) {
            /* left out */
        } else if (!text_is_usual(cp) && (text_is_dangerous(cp) || text_is_invisible(cp))) {
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

    for (;;) {
        uint32_t cp = 0;
        for (; s[i] > '\0' && s[i] <= '~' && taken < cells; i++) {
            taken++;
        }
        if (s[i] == '\0') {
            break;
        }
        /* the decoder stops at the end of the text: NUL continues no character */
        size_t n = (unsigned char)s[i] < 0x80 ? 1 : text_utf8_decode(s + i, 4, &cp);
        int w = n == 0 || (unsigned char)s[i] < 0x80 ? 1 : text_cp_width(cp);
        if (taken + w > cells) {
            break; /* marks of width 0 after the last base character still fit */
        }
        taken += w;
        i += n == 0 ? 1 : n;
    }
    if (used != NULL) {
        *used = taken;
    }
    return i;
}
