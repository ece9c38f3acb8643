/* server.h - the HTTP side of the local cloud: an httpd on loopback, with limits of its own.
 * exchange.h handles each request. */
#ifndef CLOUD_HTTP_SERVER_H
#define CLOUD_HTTP_SERVER_H

#include <stdint.h>

#include "core/err.h"
#include "src/cloud/store/service.h"

struct cloud_http; /* opaque: the layout lives in src/cloud/http/server.c */

/* Binds and listens (connections wait until cloud_http_run). `host` is a loopback address:
 * 127.0.0.0/8, ::1 or "localhost"; others are E_CONFIG, as is an address in use. */
struct cloud_http *cloud_http_bind(const char *host, uint16_t port, struct err *e);
uint16_t cloud_http_port(const struct cloud_http *s);
/* "http://127.0.0.1:4599", "http://[::1]:4599" */
const char *cloud_http_url(const struct cloud_http *s);

/* Starts to answer, for the cloud `cloud`, which outlives the server. */
MUST_CHECK enum err_code cloud_http_run(struct cloud_http *s, struct cloud *cloud, struct err *e);
/* Waits for the requests that are under way, then closes. NULL allowed. The cloud's lock must not
 * be held. */
void cloud_http_free(struct cloud_http *s);
#endif
