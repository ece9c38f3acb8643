/* proxies.h - private to api: which proxies are believed, and which client they speak for. Constant
 * once it is filled; any thread then. */
#ifndef API_PROXIES_H
#define API_PROXIES_H

#include <arpa/inet.h>
#include <stdbool.h>

#include "core/err.h"

struct proxies; /* opaque: src/api/proxies.c */

struct proxies *proxies_new(void);
void proxies_free(struct proxies *p); /* NULL allowed */
/* Adds "10.0.0.0/8", "2001:db8::/32", or one address. E_CONFIG when the text is none of these. */
MUST_CHECK enum err_code proxies_add(struct proxies *p, const char *cidr, struct err *e);
/* Is the address (as text) that of a believed proxy? */
bool proxies_trust(const struct proxies *p, const char *address);

/* Writes an address as every part of the server writes it: IPv4 within IPv6 ("::ffff:192.0.2.1") as
 * IPv4. False and "" when the text is no address. */
bool proxies_plain(const char *text, char out[INET6_ADDRSTRLEN]);

/* Writes the client that a believed proxy at `peer` speaks for into `out`: in the chain that
 * X-Forwarded-For or Forwarded tell (their lines joined by commas; NULL: the header is not there)
 * it is the last address that is not itself such a proxy's. `peer` when the headers tell none, or
 * two different ones. */
void proxies_client(const struct proxies *p, const char *peer, const char *forwarded_for,
                    const char *forwarded, char out[INET6_ADDRSTRLEN]);
#endif
