#include "core/secret.h"

#include <openssl/crypto.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"

void secret_clear(struct secret *s)
{
    if (s->value != NULL) {
        OPENSSL_cleanse(s->value, strlen(s->value));
        free(s->value);
        s->value = NULL;
    }
}

void secret_set(struct secret *s, const char *value)
{
    char *copy = xstrdup(value);

    secret_clear(s);
    s->value = copy;
}

void secret_copy(struct secret *to, const struct secret *from)
{
    secret_set(to, from->value);
}

const char *secret_str(const struct secret *s)
{
    return s->value == NULL ? "" : s->value;
}

static bool secret_name(const char *name, size_t len)
{
    static const char *const parts[] = {"password", "passwd", "pwd", "token", "secret", "key"};

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        size_t n = strlen(parts[i]);
        for (size_t at = 0; at + n <= len; at++) {
            if (strncasecmp(name + at, parts[i], n) == 0) {
                return true;
            }
        }
    }
    return false;
}

static void mask_query(struct strbuf *out, const char *q)
{
    while (*q != '\0') {
        size_t len = strcspn(q, "&");
        size_t name = strcspn(q, "=&");
        if (name < len && secret_name(q, name)) {
            strbuf_add(out, q, name);
            strbuf_adds(out, "=****");
        } else {
            strbuf_add(out, q, len);
        }
        q += len;
        if (*q == '&') {
            strbuf_addc(out, *q++);
        }
    }
}

/* Is what follows the last ':' of host[:port] a number (or is there no port)? */
static bool port_is_number(const char *host, size_t len)
{
    size_t i = len;

    while (i > 0 && host[i - 1] >= '0' && host[i - 1] <= '9') {
        i--;
    }
    return memchr(host, ':', len) == NULL || host[len - 1] == ']' || (i > 0 && host[i - 1] == ':');
}

void secret_mask_url(struct strbuf *out, const char *url)
{
    const char *sep = strstr(url, "://");

    if (url[0] == '\0') {
        return;
    }
    if (sep == NULL) {
        strbuf_adds(out, "****");
        return;
    }
    const char *host = sep + 3;
    size_t authority = strcspn(host, "/?#");
    const char *at = NULL;
    /* A password may itself hold '@', '/' or '?' unescaped: the user-info ends at the last '@'. */
    for (const char *p = host; *p != '\0'; p++) {
        if (*p == '@') {
            at = p;
        }
    }
    if (at != NULL) {
        const char *colon = memchr(host, ':', (size_t)(at - host));
        strbuf_add(out, url, (size_t)((colon == NULL ? at : colon) - url));
        strbuf_adds(out, colon == NULL ? "" : ":****");
        host = at;
        authority = strcspn(host, "/?#");
    } else if (!port_is_number(host, authority)) {
        strbuf_adds(out, "****"); /* "scheme://user:password": the host was forgotten */
        return;
    } else {
        strbuf_add(out, url, (size_t)(host - url));
    }
    const char *rest = host + authority;
    size_t path = strcspn(rest, "?");
    strbuf_add(out, host, authority + path);
    if (rest[path] == '?') {
        strbuf_addc(out, '?');
        mask_query(out, rest + path + 1);
    }
}

/* Where a URL in a text ends. In JSON its slashes may be escaped. */
static size_t url_len(const char *url)
{
    size_t n = 0;

    while ((unsigned char)url[n] > ' ' && strchr("\"'<>`", url[n]) == NULL &&
           (url[n] != '\\' || url[n + 1] == '/')) {
        n++;
    }
    return n;
}

static void mask_found(struct strbuf *out, const char *url, size_t len)
{
    struct strbuf plain = STRBUF_INIT;

    for (size_t i = 0; i < len; i++) {
        if (url[i] != '\\') {
            strbuf_addc(&plain, url[i]);
        }
    }
    secret_mask_url(out, strbuf_str(&plain));
    strbuf_wipe(&plain);
}

void secret_mask_text(struct strbuf *out, const char *text)
{
    const char *done = text;

    for (const char *p = strchr(text, ':'); p != NULL; p = strchr(p, ':')) {
        if (strncmp(p, "://", 3) != 0 && strncmp(p, ":\\/\\/", 5) != 0) {
            p++;
            continue;
        }
        const char *end = p + url_len(p);
        strbuf_add(out, done, (size_t)(p - done)); /* the scheme stays as it is */
        mask_found(out, p, (size_t)(end - p));
        done = p = end;
    }
    strbuf_adds(out, done);
}
