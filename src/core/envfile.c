/* A parser of KEY=VALUE files, in the common dialect of dotenv libraries and shells. */
#include "core/envfile.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/secret.h"
#include "core/strbuf.h"
#include "core/text.h"
#include "core/utf16.h"

enum { ENTRIES_MAX = 2048, WARNINGS_MAX = 20 };

struct scan {
    const char *at;
    const char *end;
    const char *what;
    int line;
    const char *key;      /* borrowed: the key of the entry at hand */
    bool statement;       /* true: a further setting of the same line begins at `at` */
    struct env_file *out; /* borrowed */
};

static bool more(const struct scan *s)
{
    return s->at < s->end;
}

/* The length of the line break at `p` ("
 * ", "\r
 * " or a lone "\r"); 0 when no line break is there. */
static size_t line_break(const struct scan *s, const char *p)
{
    if (p >= s->end || (*p != '\n' && *p != '\r')) {
        return 0;
    }
    return *p == '\r' && p + 1 < s->end && p[1] == '\n' ? 2 : 1;
}

static bool at_line_end(const struct scan *s)
{
    return !more(s) || line_break(s, s->at) > 0;
}

/* The length in bytes of the blank at the scan's place; 0 when no blank is there. */
static size_t blank(const struct scan *s)
{
    return text_blank(s->at, (size_t)(s->end - s->at));
}

static void skip_blanks(struct scan *s)
{
    for (size_t n; more(s) && (n = blank(s)) > 0;) {
        s->at += n;
    }
}

static void skip_line(struct scan *s)
{
    while (!at_line_end(s)) {
        s->at++;
    }
    size_t n = line_break(s, s->at);
    s->at += n;
    s->line += n > 0;
}

PRINTF_LIKE(3, 4) static void warn(struct scan *s, int line, const char *fmt, ...)
{
    struct env_file *f = s->out;
    char why[160];
    va_list ap;

    if (f->left_out_len < ENTRIES_MAX) {
        f->left_out = xgrow(f->left_out, f->left_out_len, &f->left_out_cap, sizeof *f->left_out);
        f->left_out[f->left_out_len++] = xstrdup(s->key == NULL ? "" : s->key);
    }
    if (f->warnings_len >= WARNINGS_MAX) {
        return;
    }
    va_start(ap, fmt);
    (void)vsnprintf(why, sizeof why, fmt, ap);
    va_end(ap);
    bool last = f->warnings_len + 1 == WARNINGS_MAX;
    f->warnings = xgrow(f->warnings, f->warnings_len, &f->warnings_cap, sizeof *f->warnings);
    f->warnings[f->warnings_len++] = xasprintf(
        "%s:%d: %s%s", s->what, line, why, last ? "; further lines like it are not reported" : "");
}

static bool key_char(char c)
{
    return c == '_' || c == '.' || c == '-' || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c >= '0' && c <= '9');
}

/* Moves over the key; an empty result means that no key is there. */
static char *take_key(struct scan *s)
{
    const char *from = s->at;

    while (more(s) && key_char(*s->at)) {
        s->at++;
    }
    return xstrndup(from, (size_t)(s->at - from));
}

/* Does the word stand at the scan's place, followed by a blank or the end of the line? */
static bool at_word(const struct scan *s, const char *word)
{
    size_t n = strlen(word);
    struct scan behind = *s;

    if ((size_t)(s->end - s->at) < n || strncmp(s->at, word, n) != 0) {
        return false;
    }
    behind.at += n;
    return at_line_end(&behind) || blank(&behind) > 0;
}

static void skip_export(struct scan *s)
{
    struct scan ahead = *s;

    if (at_word(s, "export")) {
        ahead.at += strlen("export");
        skip_blanks(&ahead);
        /* "export = 3" sets a variable whose name is export */
        if (more(&ahead) && *ahead.at != '=') {
            s->at = ahead.at;
        }
    }
}

/* Does the line only prepare settings, as shell files do, and set nothing itself? Such are `set -a`
 * and `export A B`. */
static bool sets_nothing(const struct scan *s)
{
    struct scan line = *s;
    bool set = at_word(s, "set");

    if (!set && !at_word(s, "export")) {
        return false;
    }
    line.at += strlen(set ? "set" : "export");
    skip_blanks(&line);
    if (set && (!more(&line) || (*line.at != '-' && *line.at != '+'))) {
        return false;
    }
    while (!at_line_end(&line) && *line.at != '#') {
        size_t n = blank(&line);
        if (*line.at == '=' || (!set && n == 0 && !key_char(*line.at))) {
            return false;
        }
        line.at += n > 0 ? n : 1;
    }
    return true;
}

static char unescape(char c)
{
    return c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c;
}

/* Does another such quote follow in this line? If none follows, the quote after a backslash is the
 * closing one ('C:\dir\'). */
static bool quote_follows(const struct scan *s, const char *p, char quote)
{
    for (; p < s->end && line_break(s, p) == 0; p++) {
        if (*p == quote) {
            return true;
        }
    }
    return false;
}

/* Moves from the opening quote to the place after the closing quote. False, and no move, when no
 * closing quote is there. */
static bool take_quoted(struct scan *s, struct strbuf *out)
{
    struct scan at = *s;
    char quote = *at.at++;

    while (more(&at) && *at.at != quote) {
        char c = *at.at;
        size_t n = line_break(&at, at.at);
        const char *escapes = quote == '"' ? "nrt\"\\$`" : "'";
        if (n > 0) {
            at.line++;
            c = '\n';
        } else if (c == '\\' && at.at + 1 < at.end && strchr(escapes, at.at[1]) != NULL &&
                   (quote == '"' || quote_follows(&at, at.at + 2, quote))) {
            c = unescape(at.at[1]);
            n = 2;
        }
        strbuf_addc(out, c);
        at.at += n > 0 ? n : 1;
    }
    if (!more(&at)) {
        return false;
    }
    at.at++;
    *s = at;
    return true;
}

static bool at_value_end(const struct scan *s)
{
    struct scan at = *s;

    skip_blanks(&at);
    return at_line_end(&at) || *at.at == '#';
}

/* After a value in quotes a shell ends the setting at a ";", and at a blank before another setting.
 * Moves to that place. */
static bool take_statement_end(struct scan *s)
{
    struct scan at = *s;

    skip_blanks(&at);
    bool ended = more(&at) && *at.at == ';';
    at.at += ended ? 1 : 0;
    skip_blanks(&at);
    struct scan next = at;
    bool over = ended && at_value_end(&at);
    if (!over && !(ended && sets_nothing(&at))) {
        if (at.at == s->at) {
            return false;
        }
        skip_export(&next);
        const char *key = next.at;
        while (more(&next) && key_char(*next.at)) {
            next.at++;
        }
        if (next.at == key || !more(&next) || *next.at != '=') {
            return false;
        }
        at.statement = true;
    }
    *s = at;
    return true;
}

/* Takes a value such as "{"a":"b"}", in quotes of the kind that it holds itself: the value reaches
 * from the first quote to the last quote of the line. */
static bool take_nested(struct scan *s, struct strbuf *out)
{
    char quote = *s->at;
    const char *last = NULL;
    struct scan at = *s;

    for (at.at++; !at_line_end(&at); at.at++) {
        struct scan behind = at;
        behind.at++;
        if (*at.at == quote && at_value_end(&behind)) {
            last = at.at;
        }
    }
    if (last == NULL) {
        return false;
    }
    strbuf_add(out, s->at + 1, (size_t)(last - s->at - 1));
    s->at = last + 1;
    return true;
}

static bool take_value_in_quotes(struct scan *s, struct strbuf *out)
{
    struct scan start = *s;

    if (!take_quoted(s, out)) {
        warn(s, start.line, "the quote %c is never closed; the line is ignored", *start.at);
        return false;
    }
    if (at_value_end(s) || take_statement_end(s)) {
        return true;
    }
    strbuf_wipe(out);
    *s = start;
    if (take_nested(s, out)) {
        return true;
    }
    warn(s, start.line,
         "text after the closing quote, expected KEY=\"VALUE\"; the line is ignored");
    return false;
}

static void take_plain(struct scan *s, struct strbuf *out)
{
    const char *from = s->at;
    const char *stop = from;            /* the place after the last character that is no blank */
    bool after_blank = from[-1] != '='; /* the = and perhaps blanks stand before the value */

    while (!at_line_end(s) && !(*s->at == '#' && after_blank)) {
        size_t n = blank(s);
        after_blank = n > 0;
        s->at += after_blank ? n : 1;
        stop = after_blank ? stop : s->at;
    }
    strbuf_add(out, from, (size_t)(stop - from));
}

/* Takes the entry in the line at the scan's place. The scan ends in that line, or in the last line
 * of the entry's value. */
static enum err_code take_entry(struct scan *s, struct err *e)
{
    struct env_file *f = s->out;
    struct strbuf value = STRBUF_LIMIT(ENV_FILE_MAX_BYTES);
    int line = s->line;
    bool good = true;

    skip_export(s);
    char *key = take_key(s);
    s->key = key;
    skip_blanks(s);
    if (key[0] == '\0' || !more(s) || *s->at != '=') {
        warn(s, line,
             "expected KEY=VALUE, with a key of letters, digits and _; the line is ignored");
        free(key);
        return E_OK;
    }
    if (f->len == ENTRIES_MAX) {
        free(key);
        return err_set(e, E_CONFIG, "%s:%d: over %d settings in one file", s->what, line,
                       ENTRIES_MAX);
    }
    s->at++;
    skip_blanks(s);
    if (more(s) && (*s->at == '"' || *s->at == '\'')) {
        good = take_value_in_quotes(s, &value);
    } else {
        take_plain(s, &value);
    }
    if (good) {
        f->items = xgrow(f->items, f->len, &f->cap, sizeof *f->items);
        f->items[f->len++] = (struct env_entry){key, xstrdup(strbuf_str(&value)), line};
    } else {
        free(key);
    }
    strbuf_wipe(&value);
    return E_OK;
}

static enum err_code take_all(struct scan *s, struct err *e)
{
    while (more(s)) {
        skip_blanks(s);
        s->statement = false;
        if (!at_line_end(s) && *s->at != '#' && !sets_nothing(s)) {
            enum err_code rc = take_entry(s, e);
            if (rc != E_OK) {
                env_file_clear(s->out);
                return rc;
            }
        }
        if (!s->statement) {
            skip_line(s);
        }
    }
    return E_OK;
}

enum err_code env_file_parse(const char *text, size_t len, const char *what, struct env_file *out,
                             struct err *e)
{
    struct scan s = {.at = text, .end = text + len, .what = what, .line = 1, .out = out};
    size_t utf8_len = 0;
    char *utf8 = NULL;

    *out = (struct env_file){0};
    if (len > ENV_FILE_MAX_BYTES) {
        return err_set(e, E_CONFIG, "%s: over %zu bytes", what, ENV_FILE_MAX_BYTES);
    }
    if (utf16_is(text, len)) {
        struct err why = {0};
        utf8 = utf16_to_utf8(text, len, &utf8_len, &why);
        if (utf8 == NULL) {
            return err_set(e, E_CONFIG, "%s: %s", what, why.msg);
        }
        s.at = utf8;
        s.end = utf8 + utf8_len;
    }
    enum err_code rc = memchr(s.at, '\0', (size_t)(s.end - s.at)) != NULL
                           ? err_set(e, E_CONFIG, "%s holds a NUL byte: not a text file", what)
                           : take_all(&s, e);
    secret_free_bytes(utf8, utf8_len);
    return rc;
}

void env_file_clear(struct env_file *f)
{
    for (size_t i = 0; i < f->len; i++) {
        secret_free(f->items[i].value);
        free(f->items[i].key);
    }
    for (size_t i = 0; i < f->warnings_len; i++) {
        free(f->warnings[i]);
    }
    for (size_t i = 0; i < f->left_out_len; i++) {
        free(f->left_out[i]);
    }
    free(f->left_out);
    free(f->warnings);
    free(f->items);
    *f = (struct env_file){0};
}

const struct env_entry *env_file_find(const struct env_file *f, const char *key)
{
    for (size_t i = f->len; i > 0; i--) {
        if (strcmp(f->items[i - 1].key, key) == 0) {
            return &f->items[i - 1];
        }
    }
    return NULL;
}
