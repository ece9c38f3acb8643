#include "core/envfile.h"

#include <openssl/crypto.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/strbuf.h"

enum { ENTRIES_MAX = 2048 };

struct scan {
    const char *at;
    const char *end;
    const char *what;
    int line;
};

static bool more(const struct scan *s)
{
    return s->at < s->end;
}

static bool at_line_end(const struct scan *s)
{
    return !more(s) || *s->at == '\n' || (*s->at == '\r' && s->at + 1 < s->end && s->at[1] == '\n');
}

static void skip_blanks(struct scan *s)
{
    while (more(s) && (*s->at == ' ' || *s->at == '\t' || (*s->at == '\r' && at_line_end(s)))) {
        s->at++;
    }
}

static void skip_line(struct scan *s)
{
    while (more(s) && *s->at != '\n') {
        s->at++;
    }
    if (more(s)) {
        s->at++;
        s->line++;
    }
}

static bool key_char(char c, bool first)
{
    return c == '_' || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (!first && c >= '0' && c <= '9');
}

/* Moves over the key; an empty result means there is none. */
static char *take_key(struct scan *s)
{
    const char *from = s->at;

    while (more(s) && key_char(*s->at, s->at == from)) {
        s->at++;
    }
    return xstrndup(from, (size_t)(s->at - from));
}

static void skip_export(struct scan *s)
{
    if (s->end - s->at > 7 && strncmp(s->at, "export", 6) == 0 &&
        (s->at[6] == ' ' || s->at[6] == '\t')) {
        s->at += 6;
        skip_blanks(s);
    }
}

static char unescape(char c)
{
    return c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c;
}

static enum err_code take_quoted(struct scan *s, struct strbuf *out, struct err *e)
{
    char quote = *s->at++;
    int opened = s->line;

    for (; more(s) && *s->at != quote; s->at++) {
        char c = *s->at;
        if (c == '\n') {
            s->line++;
        }
        if (quote == '"' && c == '\\' && s->at + 1 < s->end &&
            strchr("nrt\"\\$`", s->at[1]) != NULL) {
            s->at++;
            c = unescape(*s->at);
        }
        strbuf_addc(out, c);
    }
    if (!more(s)) {
        return err_set(e, E_CONFIG, "%s:%d: the quote %c is never closed", s->what, opened, quote);
    }
    s->at++;
    skip_blanks(s);
    if (!at_line_end(s) && *s->at != '#') {
        return err_set(e, E_CONFIG, "%s:%d: text after the closing quote; expected KEY=\"VALUE\"",
                       s->what, s->line);
    }
    return E_OK;
}

static void take_plain(struct scan *s, struct strbuf *out)
{
    const char *from = s->at;
    const char *stop = from; /* after the last character that is no blank */

    while (!at_line_end(s)) {
        bool blank = *s->at == ' ' || *s->at == '\t';
        if (*s->at == '#' && s->at > from && (s->at[-1] == ' ' || s->at[-1] == '\t')) {
            break;
        }
        s->at++;
        if (!blank) {
            stop = s->at;
        }
    }
    strbuf_add(out, from, (size_t)(stop - from));
}

static enum err_code take_entry(struct scan *s, struct env_file *out, struct err *e)
{
    struct strbuf value = STRBUF_LIMIT(ENV_FILE_MAX_BYTES);
    int line = s->line;
    enum err_code rc = E_OK;

    skip_export(s);
    char *key = take_key(s);
    skip_blanks(s);
    if (key[0] == '\0' || !more(s) || *s->at != '=') {
        rc = err_set(e, E_CONFIG, "%s:%d: expected KEY=VALUE, with a key of letters, digits and _",
                     s->what, line);
        goto out;
    }
    if (out->len == ENTRIES_MAX) {
        rc =
            err_set(e, E_CONFIG, "%s:%d: over %d settings in one file", s->what, line, ENTRIES_MAX);
        goto out;
    }
    s->at++;
    skip_blanks(s);
    if (more(s) && (*s->at == '"' || *s->at == '\'')) {
        rc = take_quoted(s, &value, e);
    } else if (more(s) && *s->at != '#') {
        take_plain(s, &value);
    }
    if (rc == E_OK) {
        out->items = xgrow(out->items, out->len, &out->cap, sizeof *out->items);
        out->items[out->len++] = (struct env_entry){key, strbuf_take(&value), line};
        key = NULL; /* moved */
    }
out:
    free(key);
    strbuf_wipe(&value);
    return rc;
}

enum err_code env_file_parse(const char *text, size_t len, const char *what, struct env_file *out,
                             struct err *e)
{
    struct scan s = {.at = text, .end = text + len, .what = what, .line = 1};

    *out = (struct env_file){0};
    if (len > ENV_FILE_MAX_BYTES) {
        return err_set(e, E_CONFIG, "%s: over %zu bytes", what, ENV_FILE_MAX_BYTES);
    }
    if (memchr(text, '\0', len) != NULL) {
        return err_set(e, E_CONFIG, "%s: holds a NUL byte: not a text file", what);
    }
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        s.at += 3;
    }
    while (more(&s)) {
        skip_blanks(&s);
        if (!at_line_end(&s) && *s.at != '#') {
            enum err_code rc = take_entry(&s, out, e);
            if (rc != E_OK) {
                env_file_clear(out);
                return rc;
            }
        }
        skip_line(&s);
    }
    return E_OK;
}

void env_file_clear(struct env_file *f)
{
    for (size_t i = 0; i < f->len; i++) {
        OPENSSL_cleanse(f->items[i].value, strlen(f->items[i].value));
        free(f->items[i].value);
        free(f->items[i].key);
    }
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
