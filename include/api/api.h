/* api.h - the REST API (SPEC 7): an HTTP server over the operations of ops/.
 *
 * DESIGN: httpd (httpd.h) owns the connections on one thread; a handler blocks on AWS on a thread
 * of its pool, within its request's deadline. So many work at once as descriptors allow, the others
 * wait in line; /healthz, /readyz and /metrics are answered from memory, whatever the others wait
 * for. Besides these there are six threads: one goes on with the outbox, one counts what waits in
 * it, one looks slowly for records that user-jobs-index cannot hold, one finds out what /readyz
 * says, and two write the log and the access log, which hold up nobody. What they share is named
 * beside each lock (src/api). start, reload, drain and free: one thread, the caller's. */
#ifndef API_API_H
#define API_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/log.h"
#include "ops/ops.h"

struct api; /* opaque: src/api/api.c */

struct api_options {
    const struct ops *ops;
    const char *host;       /* NULL: 127.0.0.1; a numeric address or localhost */
    uint16_t port;          /* 0: any free one */
    const char *token;      /* of the environment, its name is "default"; NULL: none */
    const char *token_file; /* lines of `name token`; NULL: none */
    const char *tls_cert;   /* PEM files; both or none */
    const char *tls_key;
    const char *access_log; /* a file; NULL: stderr; "" none */
    char *const *cors;      /* origins of web pages that may ask; NULL: none */
    size_t cors_len;
    bool read_only;      /* what writes is answered 405 */
    int rate;            /* requests a second for one client, twice as many at once; 0: any */
    int connections;     /* at once, as far as they fit; 0: 1024 */
    int per_address;     /* of them, from one address; 0: any number */
    const char *proxies; /* whose X-Forwarded-For and Forwarded count: addresses and networks,
                            commas between; NULL: none */
    int timeout_ms;      /* of one request, from when it is complete; 0: 10000 */
    int scan_every_s;    /* between two slow scans; 0: 900 */
    int scan_rest_ms;    /* between two pages of one; 0: 1000 */
    int patience_ms;     /* for a request's headers, its body, and reading the reply; 0: 30000 */
    struct log *log;     /* what goes wrong meanwhile; NULL: none */
};

/* Listens and serves. NULL with `e`: E_CONFIG (address, tokens, TLS files; without a token beyond
 * loopback; too few descriptors) or E_IO. Options are copied but for ops and log, which must
 * outlive it; the log's lines are written by a thread of its own until api_free. Raises the
 * process's soft limit of descriptors to the hard one and limits the connections to AWS of `ops`,
 * which nobody may use yet. */
struct api *api_start(const struct api_options *o, struct err *e);
uint16_t api_port(const struct api *a);
const char *api_url(const struct api *a); /* "http://127.0.0.1:4600"; owned by a */
/* "256 connections, 64 requests at once, ...": what fits into the process's descriptors. */
void api_fits(const struct api *a, char *out, size_t size);
const char *api_warning(const struct api *a); /* what to tell the operator at start, or NULL */

/* Reads the token file and the certificate again and opens the access log again. Of what fails,
 * what is in force stays. */
MUST_CHECK enum err_code api_reload(struct api *a, struct err *e);

/* Takes no more requests and waits until those under way are answered, at most so long. Returns
 * how many were not: their deploys wait in the outbox. Calling it again goes on waiting. */
int api_drain(struct api *a, int timeout_ms);
/* Ends what is left (ops_stop stays set) and frees. NULL allowed. */
void api_free(struct api *a);

/* The routes as lines of "METHOD PATH<TAB>what it does", for help and README; owned. */
char *api_routes_text(void);
#endif
