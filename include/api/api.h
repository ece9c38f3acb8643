/* api.h - the REST API (SPEC 7): an HTTP server over the operations of ops/.
 *
 * DESIGN: libmicrohttpd runs a thread a connection; a handler blocks on AWS and holds up nobody
 * else. Besides these there are three threads: one ends connections that take too long, one goes on
 * with the outbox, one looks slowly for records that user-jobs-index cannot hold. What they share
 * is named beside each lock (src/api). start, reload, drain and free: one thread, the caller's. */
#ifndef API_API_H
#define API_API_H

#include <stdbool.h>
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
    bool read_only;         /* what writes is answered 405 */
    int rate;               /* requests a second for one client, twice as many at once; 0: any */
    int connections;        /* 0: 256 */
    int scan_every_s;       /* between two slow scans; 0: 900 */
    int scan_rest_ms;       /* between two pages of one; 0: 1000 */
    int patience_ms;        /* for a request's headers, its body, and reading the reply; 0: 30000 */
    struct log *log;        /* what goes wrong meanwhile; NULL: none */
};

/* Listens and serves. NULL with `e`: E_CONFIG (address, tokens, TLS files; without a token beyond
 * loopback) or E_IO. Options are copied but for ops and log, which must outlive it. */
struct api *api_start(const struct api_options *o, struct err *e);
uint16_t api_port(const struct api *a);
const char *api_url(const struct api *a);     /* "http://127.0.0.1:4600"; owned by a */
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
/* GET /openapi.json's document as text; owned. */
char *api_openapi_text(void);
#endif
