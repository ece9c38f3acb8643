/* A reader of the host and port of an http URL. It is strict on purpose: it refuses everything that
 * is not plainly host[:port]. */
#include "core/url.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"

struct authority {
    const char *host; /* an IPv6 address has its brackets; not terminated by a NUL */
    size_t host_len;
    long port; /* 0 when the URL gives none */
    bool tls;
};

static bool is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool split_host(const char *s, size_t len, struct authority *a, size_t *rest)
{
    size_t n = 0;

    if (len > 0 && s[0] == '[') {
        const char *end = memchr(s, ']', len);
        if (end == NULL || end == s + 1) {
            return false;
        }
        n = (size_t)(end - s) + 1;
    } else {
        while (n < len && s[n] != ':') {
            if (!is_alnum(s[n]) && s[n] != '.' && s[n] != '-' && s[n] != '_') {
                return false;
            }
            n++;
        }
    }
    a->host = s;
    a->host_len = n;
    *rest = n;
    return n > 0 && n < 256;
}

static bool parse(const char *url, struct authority *a)
{
    size_t rest = 0;

    *a = (struct authority){0};
    if (strncasecmp(url, "https://", 8) == 0) {
        a->tls = true;
        url += 8;
    } else if (strncasecmp(url, "http://", 7) == 0) {
        url += 7;
    } else {
        return false;
    }
    for (const char *p = url; *p != '\0'; p++) {
        if ((unsigned char)*p <= ' ' || *p == 0x7f || *p == '\\') {
            return false;
        }
    }
    size_t len = strcspn(url, "/?#");
    if (!split_host(url, len, a, &rest)) {
        return false;
    }
    if (rest == len) {
        return true;
    }
    if (url[rest] != ':') {
        return false;
    }
    for (size_t i = rest + 1; i < len; i++) {
        if (url[i] < '0' || url[i] > '9') {
            return false;
        }
        a->port = a->port * 10 + (url[i] - '0');
        if (a->port > 65535) {
            return false;
        }
    }
    return a->port > 0;
}

char *url_host_of(const char *url)
{
    struct authority a;

    if (!parse(url, &a)) {
        return NULL;
    }
    bool given = a.port != 0 && a.port != (a.tls ? 443 : 80);
    char *host = given ? xasprintf("%.*s:%ld", (int)a.host_len, a.host, a.port)
                       : xstrndup(a.host, a.host_len);
    for (char *p = host; *p != '\0'; p++) {
        *p = *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p;
    }
    return host;
}

/* Copies the address or name without brackets; false when the buffer is too small. */
static bool bare_host(const char *url, char out[256])
{
    struct authority a;

    if (!parse(url, &a)) {
        return false;
    }
    bool brackets = a.host[0] == '[';
    size_t n = a.host_len - (brackets ? 2 : 0);
    memcpy(out, a.host + (brackets ? 1 : 0), n);
    out[n] = '\0';
    return true;
}

bool url_is_loopback(const char *url)
{
    char host[256];
    struct in_addr v4;
    struct in6_addr v6;

    if (!bare_host(url, host)) {
        return false;
    }
    if (strcasecmp(host, "localhost") == 0) {
        return true;
    }
    if (inet_pton(AF_INET, host, &v4) == 1) {
        return (ntohl(v4.s_addr) >> 24) == 127;
    }
    return inet_pton(AF_INET6, host, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

bool url_is_local(const char *url)
{
    static const unsigned char ec2[4] = {0xfd, 0x00, 0x0e, 0xc2};
    char host[256];
    struct in_addr v4;
    struct in6_addr v6;

    if (url_is_loopback(url)) {
        return true;
    }
    if (!bare_host(url, host)) {
        return false;
    }
    if (inet_pton(AF_INET, host, &v4) == 1) {
        return (ntohl(v4.s_addr) >> 16) == 0xa9fe;
    }
    return inet_pton(AF_INET6, host, &v6) == 1 &&
           (IN6_IS_ADDR_LINKLOCAL(&v6) || memcmp(v6.s6_addr, ec2, sizeof ec2) == 0);
}

bool url_openable(const char *url)
{
    enum { LONGEST = 2000 };
    static const char marks[] = "-._~:/?#[]@!$&'()*+,;=%";
    size_t len = 0;

    for (; url[len] != '\0'; len++) {
        char c = url[len];
        if (len == LONGEST || (!is_alnum(c) && strchr(marks, c) == NULL)) {
            return false;
        }
    }
    struct authority a; /* of an URL with a user or password there is none */
    return parse(url, &a) && a.host[0] != '-';
}
