/* browser.h - private to api: what keeps web pages out. A browser on this machine reaches loopback
 * for every page it shows: by a name that the page's owner lets point here (DNS rebinding), or by a
 * plain cross-site request. A token keeps them out (no page can have the browser send it without a
 * preflight); without one, the Host name, Origin and Sec-Fetch-Site tell. Pure. */
#ifndef API_BROWSER_H
#define API_BROWSER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

/* Who asks whom, by the request. NULL: not given. */
struct browser_ask {
    const char *host; /* of the target when that is a whole URL, else the header */
    const char *origin;
    const char *site; /* Sec-Fetch-Site */
    bool secure;      /* it came over TLS */
};

/* "localhost", 127.0.0.0/8 or [::1], with or without a port. */
bool browser_is_loopback(const char *host);
/* Is it one of the `len` origins that --cors names? False for NULL. */
bool browser_is_allowed(const char *origin, char *const *origins, size_t len);
/* Without a token: why it is not answered, as a sentence, with `*code` as the error's; NULL when it
 * is. */
const char *browser_refusal(const struct browser_ask *a, char *const *origins, size_t len,
                            const char **code);
/* Is it what browsers send as an Origin: scheme://host[:port], nothing behind it? E_CONFIG. */
MUST_CHECK enum err_code browser_check_origin(const char *origin, struct err *e);
#endif
