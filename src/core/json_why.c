/* Why a text is not JSON: the parser only says where it stopped, and a person wants to know which
 * comma, quote or brace to mend. This walk is made for refused texts alone; it knows just enough
 * grammar to name the first mistake. */
#include "json_why.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/err.h"

enum { DEPTH_MAX = 200 };

struct walk {
    const char *text, *at, *end;
    const char *open[DEPTH_MAX]; /* the braces and brackets that are not closed yet */
    int depth;
    char *buf;
    size_t size;
};

PRINTF_LIKE(2, 3)
static bool say(const struct walk *w, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(w->buf, w->size, fmt, args);
    va_end(args);
    return false;
}

static size_t before(const struct walk *w, const char *at)
{
    return (size_t)(at - w->text);
}

static void skip_space(struct walk *w)
{
    while (w->at < w->end && strchr(" \t\r\n", *w->at) != NULL && *w->at != '\0') {
        w->at++;
    }
}

static bool not_closed(const struct walk *w)
{
    const char *open = w->depth == 0 ? NULL : w->open[w->depth - 1];

    return open == NULL ? say(w, "a value is missing at its end")
                        : say(w, "the %c after byte %zu is not closed", *open, before(w, open));
}

/* A quote of another kind stands where a JSON string should begin. */
static bool other_quote(const struct walk *w)
{
    size_t left = (size_t)(w->end - w->at);
    bool curly = left >= 3 && memcmp(w->at, "\xe2\x80", 2) == 0 &&
                 (unsigned char)w->at[2] >= 0x98 && (unsigned char)w->at[2] <= 0x9f;

    if (left == 0 || (*w->at != '\'' && *w->at != '`' && !curly)) {
        return false;
    }
    (void)say(w, "%s after byte %zu: JSON takes double quotes (\")",
              curly           ? "curly quotes"
              : *w->at == '`' ? "a backquote"
                              : "single quotes",
              before(w, w->at));
    return true;
}

static bool string(struct walk *w)
{
    const char *from = w->at++;

    for (; w->at < w->end && *w->at != '"'; w->at++) {
        if ((unsigned char)*w->at < 0x20) {
            break;
        }
        if (*w->at == '\\') {
            w->at++;
            if (w->at < w->end && strchr("\"\\/bfnrtu", *w->at) == NULL) {
                return say(w, "\\%c after byte %zu is not an escape of JSON: write \\\\ for one \\",
                           isprint((unsigned char)*w->at) ? *w->at : '?', before(w, w->at - 1));
            }
        }
    }
    if (w->at >= w->end || *w->at != '"') {
        return say(w, "the double quote after byte %zu is not closed", before(w, from));
    }
    w->at++;
    return true;
}

static bool bare_word(struct walk *w)
{
    static const char *const words[][2] = {
        {"true",      "true" },
        {"false",     "false"},
        {"null",      "null" },
        {"True",      "true" },
        {"TRUE",      "true" },
        {"False",     "false"},
        {"FALSE",     "false"},
        {"None",      "null" },
        {"NULL",      "null" },
        {"undefined", "null" },
        {"NaN",       "null" },
    };
    const char *from = w->at;

    while (w->at < w->end && (isalnum((unsigned char)*w->at) || strchr("_-.", *w->at) != NULL) &&
           *w->at != '\0') {
        w->at++;
    }
    size_t n = (size_t)(w->at - from);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strlen(words[i][0]) == n && memcmp(words[i][0], from, n) == 0) {
            return strcmp(words[i][0], words[i][1]) == 0 ||
                   say(w, "%s after byte %zu: JSON writes %s", words[i][0], before(w, from),
                       words[i][1]);
        }
    }
    return w->depth == 0 ? say(w, "it does not begin with { or another JSON value")
                         : say(w, "the text after byte %zu needs double quotes", before(w, from));
}

static bool number(struct walk *w)
{
    const char *from = w->at;

    while (w->at < w->end && strchr("+-.eE0123456789", *w->at) != NULL && *w->at != '\0') {
        w->at++;
    }
    const char *digit = from + (*from == '-');
    bool digits = digit < w->at && isdigit((unsigned char)*digit);
    bool zeros = digits && *digit == '0' && digit + 1 < w->at && isdigit((unsigned char)digit[1]);
    return digits && !zeros && isdigit((unsigned char)w->at[-1])
               ? true
               : say(w, "the number after byte %zu is not one of JSON", before(w, from));
}

/* A closing brace where a value or a name should stand: after a comma or a colon. */
static bool closes_early(const struct walk *w, char last)
{
    return last == ',' ? say(w, "a comma too many stands before the %c after byte %zu", *w->at,
                             before(w, w->at))
                       : say(w, "a value is missing after byte %zu", before(w, w->at));
}

/* A value, or the beginning of a container. `last`: the sign before it. */
static bool value(struct walk *w, char last)
{
    if (w->at >= w->end) {
        return not_closed(w);
    }
    if (*w->at == '"') {
        return string(w);
    }
    if (*w->at == '{' || *w->at == '[') {
        if (w->depth == DEPTH_MAX) {
            return false;
        }
        w->open[w->depth++] = w->at++;
        return true;
    }
    if (*w->at == '}' || *w->at == ']' || *w->at == ',') {
        return *w->at == ',' && last == ','
                   ? say(w, "a comma too many stands after byte %zu", before(w, w->at))
                   : closes_early(w, last);
    }
    if (other_quote(w)) {
        return false;
    }
    if (isalpha((unsigned char)*w->at) || *w->at == '_') {
        return bare_word(w);
    }
    return isdigit((unsigned char)*w->at) || *w->at == '-' || *w->at == '+' || *w->at == '.'
               ? number(w)
               : false;
}

/* A member's name and its colon. */
static bool name(struct walk *w, char last)
{
    if (w->at >= w->end) {
        return not_closed(w);
    }
    if (*w->at == '}' || *w->at == ']' || *w->at == ',') {
        return *w->at == ',' ? say(w, "a comma too many stands after byte %zu", before(w, w->at))
                             : closes_early(w, last);
    }
    if (other_quote(w)) {
        return false;
    }
    if (*w->at != '"') {
        return say(w, "the name after byte %zu needs double quotes", before(w, w->at));
    }
    if (!string(w)) {
        return false;
    }
    const char *stop = w->at;
    skip_space(w);
    if (w->at >= w->end || *w->at != ':') {
        return say(w, "a colon is missing after byte %zu", before(w, stop));
    }
    w->at++;
    skip_space(w);
    return true;
}

/* Goes on behind a value: closes what ends there. Sets `*last` to the comma before the next value,
 * or to 0 when all is closed. */
static bool go_on(struct walk *w, char *last)
{
    for (;;) {
        const char *stop = w->at;
        skip_space(w);
        if (w->depth == 0) {
            *last = '\0';
            return true;
        }
        char open = *w->open[w->depth - 1];
        if (w->at >= w->end) {
            return not_closed(w);
        }
        if (*w->at == ',') {
            w->at++;
            skip_space(w);
            *last = ',';
            return true;
        }
        if (*w->at != '}' && *w->at != ']') {
            return say(w, "a comma is missing after byte %zu", before(w, stop));
        }
        if ((open == '{') != (*w->at == '}')) {
            return say(w, "the %c after byte %zu is closed by a %c after byte %zu", open,
                       before(w, w->open[w->depth - 1]), *w->at, before(w, w->at));
        }
        w->depth--;
        w->at++;
    }
}

/* Begins with the first member or element of a container that was just opened. */
static bool is_empty_here(struct walk *w)
{
    skip_space(w);
    return w->at < w->end && *w->at == (*w->open[w->depth - 1] == '{' ? '}' : ']');
}

bool json_why(const char *text, size_t len, char *buf, size_t size)
{
    struct walk w = {.text = text, .at = text, .end = text + len, .buf = buf, .size = size};
    char last = ':';

    buf[0] = '\0';
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        w.at += 3;
    }
    skip_space(&w);
    if (w.at >= w.end) {
        return !say(&w, "it is empty");
    }
    for (;;) {
        bool member = w.depth > 0 && *w.open[w.depth - 1] == '{';
        int depth = w.depth;
        if (member && !name(&w, last)) {
            break;
        }
        if (!value(&w, member ? ':' : last)) {
            break;
        }
        if (w.depth > depth && !is_empty_here(&w)) {
            last = *w.open[w.depth - 1];
            continue;
        }
        if (!go_on(&w, &last) || last == '\0') {
            break;
        }
    }
    return buf[0] != '\0';
}
