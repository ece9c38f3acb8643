/* proxy.h - which proxy a request goes through, and which variable says so. The choice is that of
 * libcurl and the AWS CLI: https_proxy, HTTPS_PROXY, then all_proxy, ALL_PROXY, for plain http
 * http_proxy; the hosts in no_proxy or NO_PROXY, and those in this machine's own network, are asked
 * directly. Any thread. */
#ifndef AWS_PROXY_H
#define AWS_PROXY_H

#include <stdbool.h>

#include "core/env.h"

struct proxy {
    const char *url;      /* as the variable holds it, with its password; NULL: none. Borrowed */
    const char *variable; /* "HTTPS_PROXY"; constant */
    char host[128];       /* "proxy.example:3128": no user, no password */
    bool login;           /* the URL has a user */
    const char *wrong;    /* why the URL is no proxy's; constant. `host` is "" then */
};

/* Chooses the proxy of a URL by the variables of `env`, which must outlive `out`; out->url is NULL
 * when the host is asked directly. */
void proxy_choose(const struct env *env, const char *url, struct proxy *out);

/* Does a no_proxy list name this host? The list holds names, which mean all names below them as
 * well, "*", addresses, and networks as "10.0.0.0/8", with commas or blanks between them; a port
 * counts only when it is the same. */
bool proxy_bypassed(const char *list, const char *host, const char *port);
#endif
