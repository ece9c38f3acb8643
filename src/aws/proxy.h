/* proxy.h - which proxy a request goes through, and which variable says so. As libcurl and the AWS
 * CLI choose it: https_proxy, HTTPS_PROXY, then all_proxy, ALL_PROXY, for plain http http_proxy;
 * hosts of no_proxy or NO_PROXY and of this machine's own network go straight. Reads the
 * environment; any thread. */
#ifndef AWS_PROXY_H
#define AWS_PROXY_H

#include <stdbool.h>

struct proxy {
    const char *url;      /* as the variable holds it, with its password; NULL: none. Borrowed */
    const char *variable; /* "HTTPS_PROXY"; constant */
    char host[128];       /* "proxy.example:3128": no user, no password */
    bool login;           /* the URL has a user */
    const char *wrong;    /* why the URL is none of a proxy; constant. Then `host` is "" */
};

void proxy_choose(const char *url, struct proxy *out);

/* Does a no_proxy list name this host? Names with all below them, "*", addresses, networks as
 * "10.0.0.0/8"; parted by commas or blanks; a port counts only when it is the same. */
bool proxy_bypassed(const char *list, const char *host, const char *port);
#endif
