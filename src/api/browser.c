/* The rules that keep web pages out of a server on loopback. */
#include "browser.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { HOST_SIZE = 256 };

static bool is_port(const char *s)
{
    size_t n = strlen(s);

    return n <= 5 && strspn(s, "0123456789") == n;
}

/* Copies the name without brackets and port into `out`; false when the text is no host. */
static bool host_name(const char *host, char out[HOST_SIZE], bool *v6)
{
    *v6 = host[0] == '[';
    const char *from = host + (*v6 ? 1 : 0);
    size_t n = strcspn(from, *v6 ? "]" : ":");
    const char *behind = from + n;

    if (n == 0 || n >= HOST_SIZE || (*v6 && *behind != ']')) {
        return false;
    }
    behind += *v6 ? 1 : 0;
    if (*behind != '\0' && (*behind != ':' || !is_port(behind + 1))) {
        return false;
    }
    memcpy(out, from, n);
    out[n] = '\0';
    return true;
}

bool browser_is_loopback(const char *host)
{
    char name[HOST_SIZE];
    struct in_addr v4;
    struct in6_addr v6;
    bool brackets = false;

    if (!host_name(host, name, &brackets)) {
        return false;
    }
    if (brackets) {
        return inet_pton(AF_INET6, name, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
    }
    return strcasecmp(name, "localhost") == 0 || strcasecmp(name, "localhost.") == 0 ||
           (inet_pton(AF_INET, name, &v4) == 1 && ntohl(v4.s_addr) >> 24 == 127);
}

bool browser_is_allowed(const char *origin, char *const *origins, size_t len)
{
    for (size_t i = 0; origin != NULL && i < len; i++) {
        if (strcasecmp(origin, origins[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Is the origin that of a page which this server itself has sent? */
static bool is_own(const struct browser_ask *a)
{
    char own[HOST_SIZE + 16];

    (void)snprintf(own, sizeof own, "%s://%s", a->secure ? "https" : "http", a->host);
    return strcasecmp(own, a->origin) == 0;
}

const char *browser_refusal(const struct browser_ask *a, char *const *origins, size_t len,
                            const char **code)
{
    /* HTTP/1.0 has no Host field, but no browser speaks HTTP/1.0. */
    if (a->host != NULL && !browser_is_loopback(a->host)) {
        *code = "host_not_allowed";
        return "without a token only the Host names localhost, 127.x.x.x and [::1] are answered, "
               "because a web page can make any other name lead here: start the server with a "
               "token";
    }
    if (browser_is_allowed(a->origin, origins, len)) {
        return NULL;
    }
    *code = "origin_not_allowed";
    if (a->origin != NULL && (a->host == NULL || !is_own(a))) {
        return "without a token no web page is answered: its origin is not one that --cors names";
    }
    if (a->site != NULL && strcasecmp(a->site, "none") != 0 &&
        strcasecmp(a->site, "same-origin") != 0) {
        return "without a token no web page is answered: Sec-Fetch-Site says that one sent this "
               "request";
    }
    return NULL;
}

enum err_code browser_check_origin(const char *origin, struct err *e)
{
    const char *host = strncmp(origin, "https://", 8) == 0  ? origin + 8
                       : strncmp(origin, "http://", 7) == 0 ? origin + 7
                                                            : NULL;
    char name[HOST_SIZE];
    bool brackets = false;

    if (host == NULL || !host_name(host, name, &brackets) ||
        strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:") !=
            strlen(name)) {
        (void)err_set(e, E_CONFIG, "--cors: \"%s\" is not the origin of web pages", origin);
        return err_hint_set(e, "give scheme, host and port alone, such as https://app.example.com "
                               "or http://localhost:3000, once for each");
    }
    return E_OK;
}
