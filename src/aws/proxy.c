/* Which proxy a request goes through, by the environment. */
#include "proxy.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/number.h"
#include "core/url.h"

struct address {
    unsigned char bytes[16];
    int len; /* 4 or 16 */
};

static bool parse_address(const char *text, struct address *a)
{
    char bare[64];
    size_t n = strlen(text);

    if (n > 1 && n < sizeof bare && text[0] == '[' && text[n - 1] == ']') {
        memcpy(bare, text + 1, n - 2);
        bare[n - 2] = '\0';
        text = bare;
    }
    a->len = inet_pton(AF_INET, text, a->bytes) == 1    ? 4
             : inet_pton(AF_INET6, text, a->bytes) == 1 ? 16
                                                        : 0;
    return a->len > 0;
}

/* Are the first `bits` bits of both addresses the same? */
static bool same_network(const struct address *a, const struct address *b, long bits)
{
    if (a->len != b->len || bits < 0 || bits > a->len * 8L) {
        return false;
    }
    size_t whole = (size_t)bits / 8;
    unsigned mask = 0xff00U >> (bits % 8) & 0xffU;
    return memcmp(a->bytes, b->bytes, whole) == 0 &&
           (bits % 8 == 0 || ((a->bytes[whole] ^ b->bytes[whole]) & mask) == 0);
}

static bool address_fits(const char *entry, const struct address *host)
{
    char text[80];
    struct address network;

    (void)snprintf(text, sizeof text, "%s", entry);
    char *slash = strchr(text, '/');
    if (slash != NULL) {
        *slash = '\0';
    }
    if (!parse_address(text, &network)) {
        return false;
    }
    int64_t bits = network.len * 8;
    return (slash == NULL || number_parse(slash + 1, 0, bits, &bits)) &&
           same_network(&network, host, (long)bits);
}

/* Does the entry name the host? "example.com", ".example.com" and "*.example.com" all mean the name
 * and every name below it. */
static bool name_fits(const char *entry, const char *host)
{
    entry += entry[0] == '*' && entry[1] == '.';
    entry += entry[0] == '.';
    size_t e = strlen(entry);
    size_t h = strlen(host);
    e -= e > 0 && entry[e - 1] == '.';
    h -= h > 0 && host[h - 1] == '.';
    return e > 0 && e <= h && strncasecmp(host + h - e, entry, e) == 0 &&
           (e == h || host[h - e - 1] == '.');
}

bool proxy_bypassed(const char *list, const char *host, const char *port)
{
    struct address address;
    bool numeric = parse_address(host, &address);

    for (const char *p = list; *p != '\0';) {
        char entry[256];
        size_t n = strcspn(p, ", \t");
        (void)snprintf(entry, sizeof entry, "%.*s", n < sizeof entry ? (int)n : 0, p);
        p += n;
        p += strspn(p, ", \t");
        if (strcmp(entry, "*") == 0) {
            return true;
        }
        char *colon = strrchr(entry, ':');
        if (colon != NULL && (entry[0] == '[' ? colon[-1] == ']' : strchr(entry, ':') == colon)) {
            if (strcmp(colon + 1, port) != 0) {
                continue;
            }
            *colon = '\0';
        }
        if (entry[0] != '\0' &&
            (numeric ? address_fits(entry, &address) : name_fits(entry, host))) {
            return true;
        }
    }
    return false;
}

static const char *end_of_scheme(const char *url)
{
    const char *scheme = strstr(url, "://");

    return scheme == NULL ? url : scheme + 3;
}

/* Does the URL hold a blank or control character, as it is or as "%0A"? */
static bool has_control(const char *url)
{
    for (const char *c = url; *c != '\0'; c++) {
        bool coded = c[0] == '%' && (c[1] == '0' || c[1] == '1') && isxdigit((unsigned char)c[2]);
        if ((unsigned char)*c <= ' ' || *c == '\x7f' || coded) {
            return true;
        }
    }
    return false;
}

static const char *wrong_scheme(const char *url)
{
    static const char *const known[] = {"http://",    "https://",  "socks4://",
                                        "socks4a://", "socks5://", "socks5h://"};
    bool fits = strstr(url, "://") == NULL;

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        fits = fits || strncasecmp(url, known[i], strlen(known[i])) == 0;
    }
    return fits ? NULL : "it must begin with http://, https://, socks4:// or socks5h://";
}

/* What is wrong with the place "HOST", "HOST:PORT" or "[::1]:PORT" from `at` to `end`; NULL when
 * nothing is. */
static const char *wrong_place(const char *at, const char *end)
{
    const char *colon = memchr(at, ':', (size_t)(end - at));
    long port = 0;

    if (*at == '[') {
        const char *close = memchr(at, ']', (size_t)(end - at));
        if (close == NULL) {
            return "its address begins with `[` and has no `]`";
        }
        colon = close + 1 < end ? close + 1 : NULL;
    }
    if (at == end || colon == at) {
        return "it names no host";
    }
    for (const char *c = colon == NULL ? end : colon + 1; c < end; c++) {
        port = isdigit((unsigned char)*c) && port <= 65535 ? 10 * port + (*c - '0') : 65536;
    }
    if (colon != NULL && (*colon != ':' || port == 0 || port > 65535)) {
        return "its port is not a number from 1 to 65535";
    }
    return NULL;
}

/* Writes the place of the proxy without its user and password, and with the port that libcurl
 * takes. An address that libcurl would take for something else is refused here: libcurl's own words
 * may hold the password. */
static void describe(struct proxy *p)
{
    const char *at = end_of_scheme(p->url);
    const char *end = at + strcspn(at, "/?#");
    const char *user_ends = memchr(at, '@', (size_t)(end - at));
    const char *last_at = strrchr(at, '@');

    p->login = user_ends != NULL;
    p->wrong = has_control(p->url) ? "it holds a blank or a control character" : NULL;
    if (p->wrong == NULL && last_at != user_ends) {
        p->wrong = "its user or password holds one of / ? # @, to be written %2F %3F %23 %40";
    }
    at = user_ends == NULL ? at : user_ends + 1;
    if (p->wrong == NULL) {
        p->wrong = wrong_scheme(p->url);
    }
    if (p->wrong == NULL) {
        p->wrong = wrong_place(at, end);
    }
    if (p->wrong != NULL) {
        return;
    }
    const char *last = at;
    for (const char *c = at; c < end; c++) {
        last = *c == ':' || *c == ']' ? c : last;
    }
    const char *port = strncasecmp(p->url, "https://", 8) == 0 ? ":443" : ":1080";
    (void)snprintf(p->host, sizeof p->host, "%.*s%s", (int)(end - at < 100 ? end - at : 100), at,
                   *last == ':' ? "" : port);
}

void proxy_choose(const struct env *env, const char *url, struct proxy *out)
{
    static const char *const tls[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", NULL};
    static const char *const plain[] = {"http_proxy", "all_proxy", "ALL_PROXY", NULL};
    bool https = strncasecmp(url, "https://", 8) == 0;
    const char *const *names = https ? tls : plain;
    const char *none = env_get(env, "no_proxy");
    char *host = url_host_of(url);

    *out = (struct proxy){0};
    if (host == NULL || url_is_local(url)) {
        free(host);
        return;
    }
    none = none != NULL ? none : env_get(env, "NO_PROXY");
    char *colon = strrchr(host, ':');
    const char *port = https ? "443" : "80";
    if (colon != NULL && strchr(colon, ']') == NULL) {
        *colon = '\0';
        port = colon + 1;
    }
    if (none == NULL || !proxy_bypassed(none, host, port)) {
        while (*names != NULL && env_get(env, *names) == NULL) {
            names++;
        }
        out->variable = *names;
        out->url = *names == NULL ? NULL : env_get(env, *names);
    }
    free(host);
    if (out->url != NULL) {
        describe(out);
    }
}
