/* browser.h - private to api: the rules that keep web pages out. Any page that a browser on this
 * machine shows can reach loopback: by a name that the page's owner lets point here (DNS
 * rebinding), or by a plain cross-site request. A token keeps pages out (no page can make the
 * browser send it without a preflight); without a token, the Host name, Origin and Sec-Fetch-Site
 * tell who asks. Pure. */
#ifndef API_BROWSER_H
#define API_BROWSER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

/* Who asks whom, as the request tells. NULL: the request does not tell. */
struct browser_ask {
    const char *host; /* the host in the target when that is a whole URL, else the Host header */
    const char *origin;
    const char *site; /* Sec-Fetch-Site */
    bool secure;      /* the request came over TLS */
};

/* Is the host "localhost", 127.0.0.0/8 or [::1], with or without a port? */
bool browser_is_loopback(const char *host);
/* Is the origin one of the `len` origins that --cors names? False for NULL. */
bool browser_is_allowed(const char *origin, char *const *origins, size_t len);
/* Why a request without a token is not answered, as a sentence, with `*code` as the error's code;
 * NULL when it is answered. */
const char *browser_refusal(const struct browser_ask *a, char *const *origins, size_t len,
                            const char **code);
/* Is this an Origin as browsers send it: scheme://host[:port] with nothing after it? E_CONFIG. */
MUST_CHECK enum err_code browser_check_origin(const char *origin, struct err *e);
#endif
