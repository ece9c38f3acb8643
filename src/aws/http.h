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
    const char
        *endpoint_from; /* "AWS_ENDPOINT_URL": what named the host; NULL: AWS's own, or fixed */
};

struct http_reply {
    int status;
    struct strbuf body;
    struct strbuf headers; /* name NUL value NUL ... */
    int elapsed_ms;
    char proxy[128];        /* that passed it on unencrypted: "proxy.example:3128"; "" for none */
    const char *proxy_from; /* "http_proxy"; constant, NULL for none */
    struct http *home;      /* of a big body: its buffer goes back there */
};

/* The certificate authorities that count. */
struct http_trust {
    const char *bundle; /* a PEM file or a folder of them; NULL: the system's */
    const char *from;   /* "AWS_CA_BUNDLE", "ca_bundle of profile dev": who says so */
};

/* NULL: the system's authorities. Strings are copied. Never fails. */
struct http *http_new(const struct http_trust *trust);
void http_free(struct http *h); /* no request may be under way; NULL allowed */

/* At most so many connections at once (0: any, as at first); who finds none free waits for one
 * until its deadline. Before the first request. */
void http_limit(struct http *h, int connections);
/* Closes connections that nobody used for so long. Sending does so by itself, with a minute. */
void http_tidy(struct http *h, int idle_ms);

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
#endif
