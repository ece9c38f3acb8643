/* server.h - the HTTP side of the local cloud: a libmicrohttpd daemon on loopback.
 *
 * It bounds connections, bodies and time, checks signatures, finds the operation and prints the
 * reply. Requests are served on its own threads, each through local_dispatch_raw. */
#ifndef LOCAL_SERVER_H
#define LOCAL_SERVER_H

#include <stdint.h>

#include "core/err.h"
#include "local/svc.h"

struct server; /* opaque: the layout lives in src/local/server.c */

/* Binds and listens (connections wait until server_run). `host` is a loopback address: 127.0.0.0/8,
 * ::1 or "localhost"; others are E_CONFIG, as is an address in use. */
struct server *server_bind(const char *host, uint16_t port, struct err *e);
uint16_t server_port(const struct server *s);
const char *server_url(const struct server *s); /* "http://127.0.0.1:4599", "http://[::1]:4599" */

/* Starts to answer, for the cloud `l`, which outlives the server. */
MUST_CHECK enum err_code server_run(struct server *s, struct local *l, struct err *e);
/* Waits for requests under way, then closes. NULL allowed. The cloud's lock must not be held. */
void server_free(struct server *s);
#endif
