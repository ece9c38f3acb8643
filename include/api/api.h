/* api.h - the REST API (SPEC 7): an HTTP server over the operations of ops/.
 *
 * DESIGN: httpd (httpd.h) owns the connections on one thread; a handler blocks on AWS on a thread
 * of its pool, within its request's deadline. As many handlers work at once as the descriptors
 * allow, the other requests wait in line; /healthz, /readyz and /metrics are answered from memory,
 * whatever the others wait for. Besides these there are six threads: one goes on with the outbox,
 * one counts what waits in it, one looks slowly for records that user-jobs-index cannot hold, one
 * finds out what /readyz says, and two write the log and the access log, which hold nobody up. The
 * comment beside each lock (src/api) says what threads share. The caller's thread alone calls
 * start, reload, drain and free. */
#ifndef API_API_H
#define API_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/log.h"
#include "ops/ops.h"

struct api; /* opaque: src/api/impl.h */

struct api_options {
    const struct ops *ops;
    const char *host;       /* NULL: 127.0.0.1; else a numeric address or localhost */
    uint16_t port;          /* 0: any free port */
    const char *token;      /* the token of the environment, whose name is "default"; NULL: none */
    const char *token_file; /* a file with lines of `name token`; NULL: none */
    const char *tls_cert;   /* PEM files; both or none */
    const char *tls_key;
    const char *access_log; /* the path of a file; NULL: stderr; "": no access log */
    char *const *cors;      /* the origins of web pages that may ask; NULL: none */
    size_t cors_len;
    bool read_only; /* true: what writes is answered with 405 */
    /* requests a second for one client, twice as many at once; 0: any number */
    int rate;
    int connections; /* connections at once, as far as they fit; 0: 1024 */
    int per_address; /* connections from one address at once; 0: any number */
    /* the proxies whose X-Forwarded-For and Forwarded are believed: addresses and networks, with
     * commas between; NULL: none */
    const char *proxies;
    int timeout_ms;   /* the time of one request, from when it is complete; 0: 10000 */
    int scan_every_s; /* the time between two slow scans; 0: 900 */
    int scan_rest_ms; /* the time between two pages of a scan; 0: 1000 */
    /* the time for a request's headers, for its body, and for reading the reply; 0: 30000 */
    int patience_ms;
    struct log *log; /* gets what goes wrong; NULL: none */
};

/* Listens and serves. NULL with `e`: E_CONFIG (address, tokens, TLS files; no token beyond
 * loopback; too few descriptors) or E_IO. The options are copied, except for ops and log, which
 * must outlive the server; a thread of its own writes the log's lines until api_free. Raises the
 * process's soft limit of descriptors to the hard one and limits the connections to AWS of `ops`,
 * which nobody may use yet. */
struct api *api_start(const struct api_options *o, struct err *e);
uint16_t api_port(const struct api *a);
/* the address, such as "http://127.0.0.1:4600"; owned by a */
const char *api_url(const struct api *a);
/* Writes what fits into the process's descriptors: "256 connections, 64 requests at once, ...". */
void api_fits(const struct api *a, char *out, size_t size);
/* what the operator should be told at start, or NULL */
const char *api_warning(const struct api *a);

/* Reads the token file and the certificate again and opens the access log again. When one of these
 * fails, the old one stays in force. */
MUST_CHECK enum err_code api_reload(struct api *a, struct err *e);

/* Takes no more requests and waits for those under way, at most this long. Returns how many were
 * not answered: their deploys wait in the outbox. Calling it again goes on waiting. */
int api_drain(struct api *a, int timeout_ms);
/* Ends the requests that are left (ops_stop stays set) and frees. NULL allowed. */
void api_free(struct api *a);

/* The routes as lines of "METHOD PATH<TAB>what it does", for help and README; owned. */
char *api_routes_text(void);
#endif
