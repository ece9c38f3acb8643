/* http.h - one HTTP layer for everything that speaks to AWS, on libcurl.
 *
 * A pool of handles keeps connections alive between requests. TLS is always verified, redirects are
 * never followed, only http and https are spoken, replies and time are limited. Any thread; calls
 * block. */
#ifndef AWS_HTTP_H
#define AWS_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "core/env.h"
#include "core/err.h"
#include "core/strbuf.h"

struct http; /* opaque: src/aws/http_impl.h */

struct http_header {
    const char *name;
    const char *value;
};

struct http_request {
    const char *method; /* GET, POST, PUT */
    const char *url;
    const struct http_header *headers; /* sent as they are; curl adds Host and Content-Length */
    size_t headers_len;
    const void *body; /* borrowed; NULL for none */
    size_t body_len;
    int connect_timeout_ms; /* 0: 5000 */
    int total_timeout_ms;   /* 0: 30000 */
    int idle_timeout_ms;    /* how long no byte may come, in whole seconds; 0: 12000 */
    size_t max_bytes;       /* the limit of the reply's body; 0: 24 MiB */
    /* libcurl may not send the request a second time by itself on a fresh connection */
    bool once;
    const char
        /* what named the host, such as "AWS_ENDPOINT_URL"; NULL: the host is AWS's own, or fixed */
        *endpoint_from;
};

struct http_response {
    int status;
    struct strbuf body;
    struct strbuf headers; /* name NUL value NUL ... */
    int elapsed_ms;
    /* the proxy that passed the reply on unencrypted: "proxy.example:3128"; "" for none */
    char proxy[128];
    /* the proxy's variable, such as "http_proxy"; constant, NULL for none */
    const char *proxy_from;
    struct http *home; /* for a big body: where its buffer goes back to */
};

/* The certificate authorities that count. */
struct http_trust {
    const char *bundle; /* a PEM file or a folder of PEM files; NULL: libcurl's own */
    const char *from;   /* what says so: "AWS_CA_BUNDLE", "ca_bundle of profile dev"; NULL: nothing,
                           they are the system's */
};

/* Makes the layer; `trust` NULL: with the system's authorities. Its strings are copied. `env` names
 * proxies; it is borrowed. Never fails. */
struct http *http_new(const struct http_trust *trust, const struct env *env);
void http_free(struct http *h); /* no request may be under way; NULL allowed */

/* Allows at most so many connections at once (0: any number, as at first); a request that finds
 * none free waits for one until its deadline. Call it before the first request. */
void http_limit(struct http *h, int connections);
/* Closes connections that nobody used for this long, and frees the buffers of big bodies, which are
 * kept for the next ones. Sending a request does the same by itself: connections after a minute,
 * buffers some seconds after the last big body. */
void http_tidy(struct http *h, int idle_ms);

/* Ends all requests, those under way and those to come, with E_CANCELLED, until it is called with
 * false. */
void http_stop(struct http *h, bool stop);
bool http_stopped(struct http *h);
/* Waits up to `ms`; E_CANCELLED at once when the layer is stopped. */
MUST_CHECK enum err_code http_wait(struct http *h, int ms, struct err *e);

/* Sends a request. E_OK for any HTTP status; else E_NET, E_TIMEOUT, E_TOO_BIG, E_CANCELLED,
 * E_CONFIG (a bad URL), and then e->maybe_done says whether the request may have reached the
 * server. Clear the reply always. */
MUST_CHECK enum err_code http_send(struct http *h, const struct http_request *r,
                                   struct http_response *reply, struct err *e);
void http_response_clear(struct http_response *r); /* frees what it holds */
/* empties the reply for the next attempt, keeps its room */
void http_response_reuse(struct http_response *r);
/* The value of a header by its name in any letter case, NULL when it is absent. Borrowed. */
const char *http_header_get(const struct http_response *r, const char *name);
#endif
