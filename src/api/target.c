/* Reading a request target: its host, path and query. */
#include "target.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/text.h"

static int hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* Decodes `len` bytes; NULL with `e`. In a query a '+' is a blank, as forms write it. */
static char *decode(const char *s, size_t len, bool query, struct err *e)
{
    char *out = xmalloc(len + 1);
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        char c = s[i];
        if (c == '%') {
            int high = len - i > 2 ? hex(s[i + 1]) : -1;
            int low = len - i > 2 ? hex(s[i + 2]) : -1;
            if (high < 0 || low < 0) {
                (void)err_set(e, E_INVALID,
                              "the request target has a %% that two hexadecimal digits do not "
                              "follow");
                free(out);
                return NULL;
            }
            c = (char)(high * 16 + low);
            i += 2;
        } else if (query && c == '+') {
            c = ' ';
        }
        if ((unsigned char)c < 0x20 || c == 0x7f) {
            (void)err_set(e, E_INVALID, "the request target has a control character");
            free(out);
            return NULL;
        }
        out[n++] = c;
    }
    out[n] = '\0';
    if (!text_utf8_valid(out, n)) {
        (void)err_set(e, E_INVALID, "the request target is not UTF-8");
        free(out);
        return NULL;
    }
    return out;
}

static enum err_code take_path(const char *path, size_t len, struct target *out, struct err *e)
{
    size_t at = 1; /* begins after the slash */

    for (;;) {
        const char *slash = memchr(path + at, '/', len - at);
        size_t end = slash == NULL ? len : (size_t)(slash - path);
        char *segment = decode(path + at, end - at, false, e);
        if (segment == NULL) {
            return E_INVALID;
        }
        if (out->segments_len == TARGET_SEGMENTS) {
            free(segment);
            out->deeper = true;
        } else {
            out->segments[out->segments_len++] = segment;
        }
        if (slash == NULL) {
            return E_OK;
        }
        at = end + 1;
    }
}

static enum err_code take_pair(const char *pair, size_t len, struct target *out, struct err *e)
{
    const char *equals = memchr(pair, '=', len);
    size_t name_len = equals == NULL ? len : (size_t)(equals - pair);

    if (len == 0) {
        return E_OK; /* an empty pair, as at the end of "a=1&" */
    }
    if (out->queries_len == TARGET_QUERIES) {
        return err_set(e, E_INVALID, "the query has more than %d parameters", TARGET_QUERIES);
    }
    char *name = decode(pair, name_len, true, e);
    if (name == NULL) {
        return E_INVALID;
    }
    bool again = target_query(out, name) != NULL;
    char *value = equals == NULL ? xstrdup("") : decode(equals + 1, len - name_len - 1, true, e);
    if (value == NULL) {
        free(name);
        return E_INVALID;
    }
    out->queries[out->queries_len++] =
        (struct target_query){.name = name, .value = value, .again = again};
    return E_OK;
}

/* The authority of a whole URL; `*len` gets its length, and its path begins after it. NULL: the
 * target is no whole URL. */
static const char *authority(const char *raw, size_t *len)
{
    const char *at = strncasecmp(raw, "http://", 7) == 0    ? raw + 7
                     : strncasecmp(raw, "https://", 8) == 0 ? raw + 8
                                                            : NULL;

    *len = at == NULL ? 0 : strcspn(at, "/?#");
    return at;
}

enum err_code target_parse(const char *raw, struct target *out, struct err *e)
{
    size_t host_len = 0;
    const char *host = authority(raw, &host_len);
    const char *path = host == NULL ? raw : host + host_len;
    enum err_code rc;

    *out = (struct target){.segments_len = 0};
    if (strnlen(raw, TARGET_MAX + 1) > TARGET_MAX) {
        return err_set(e, E_INVALID, "the request target is longer than %d bytes", TARGET_MAX);
    }
    if (strchr(raw, '#') != NULL) {
        return err_set(e, E_INVALID, "the request target has a fragment");
    }
    if (host != NULL && (host_len == 0 || memchr(host, '@', host_len) != NULL)) {
        return err_set(e, E_INVALID, "the request target is a URL without a host, or with a user");
    }
    if (host == NULL && raw[0] != '/') {
        return err_set(e, E_INVALID, "the request target is not a path");
    }
    if (host != NULL) {
        out->host = decode(host, host_len, false, e);
        if (out->host == NULL) {
            return E_INVALID;
        }
    }
    rc = *path == '/' ? take_path(path, strcspn(path, "?"), out, e) : take_path("/", 1, out, e);
    if (rc != E_OK) {
        target_clear(out);
    }
    return rc;
}

enum err_code target_parse_query(const char *raw, struct target *t, struct err *e)
{
    const char *at = raw + strcspn(raw, "?");
    enum err_code rc = E_OK;

    while (rc == E_OK && *at != '\0') { /* `at` stands at a "?" or "&" */
        size_t n = strcspn(at + 1, "&");
        rc = take_pair(at + 1, n, t, e);
        at += n + 1;
    }
    return rc;
}

void target_clear(struct target *t)
{
    for (size_t i = 0; i < t->segments_len; i++) {
        free(t->segments[i]);
    }
    for (size_t i = 0; i < t->queries_len; i++) {
        free(t->queries[i].name);
        free(t->queries[i].value);
    }
    free(t->host);
    *t = (struct target){.segments_len = 0};
}

const char *target_query(const struct target *t, const char *name)
{
    for (size_t i = 0; i < t->queries_len; i++) {
        if (strcmp(t->queries[i].name, name) == 0) {
            return t->queries[i].value;
        }
    }
    return NULL;
}
