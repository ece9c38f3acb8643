/* http.h - one HTTP layer for everything that speaks to AWS, on libcurl.
 *
 * A pool of handles keeps connections alive between requests. TLS is always verified, redirects are
 * never followed, only http and https are spoken, replies and time are limited. Any thread; calls
 * block. */
#ifndef AWS_HTTP_H
#define AWS_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"
#include "core/strbuf.h"

struct http; /* opaque: src/aws/http.c */

struct http_header {
    const char *name;
    const char *value;
};

struct http_request {
    const char *method; /* GET, POST, PUT */
    const char *url;
    const struct http_header *headers; /* sent as they are; Host and Content-Length are curl's */
    size_t headers_len;
    const void *body; /* borrowed; NULL for none */
    size_t body_len;
    int connect_timeout_ms; /* 0: 5000 */
    int total_timeout_ms;   /* 0: 30000 */
    int idle_timeout_ms;    /* without a single byte, in whole seconds; 0: 12000 */
    size_t max_bytes;       /* of the reply's body; 0: 24 MiB */
    bool once;              /* never send it a second time on a fresh connection by itself */
};

struct http_reply {
    int status;
    struct strbuf body;
    struct strbuf headers; /* name NUL value NUL ... */
    int elapsed_ms;
    struct http *home; /* of a big body: its buffer goes back there */
};

/* `ca_bundle` is a PEM file, NULL for the system's. Never fails. */
struct http *http_new(const char *ca_bundle);
void http_free(struct http *h); /* no request may be under way; NULL allowed */

/* Ends all requests under way and to come with E_CANCELLED, until false. */
void http_stop(struct http *h, bool stop);
bool http_stopped(struct http *h);
/* Waits up to `ms`; E_CANCELLED at once when stopped. */
MUST_CHECK enum err_code http_wait(struct http *h, int ms, struct err *e);

/* E_OK for any HTTP status. E_NET, E_TIMEOUT, E_TOO_BIG, E_CANCELLED, E_CONFIG (bad URL) else; then
 * e->maybe_done says whether the request may have reached the server. Clear the reply always. */
MUST_CHECK enum err_code http_send(struct http *h, const struct http_request *r,
                                   struct http_reply *reply, struct err *e);
void http_reply_clear(struct http_reply *r); /* frees what it holds */
void http_reply_reuse(struct http_reply *r); /* empties for the next attempt, keeps the room */
/* Value of a header by name in any case, NULL when absent. Borrowed. */
const char *http_header_get(const struct http_reply *r, const char *name);

/* "host[:port]" of a URL as libcurl sends it in Host (default ports left out, lower case). Owned;
 * NULL when the URL has no host or is not http(s). */
char *http_host_of(const char *url);
/* The host is 127.0.0.0/8, ::1 or localhost. */
bool http_is_loopback(const char *url);
/* Loopback, 169.254.0.0/16, fe80::/10 or fd00:ec2::/32: never through a proxy. */
bool http_is_local(const char *url);
#endif
