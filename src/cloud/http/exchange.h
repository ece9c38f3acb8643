/* exchange.h - one request to the local cloud on its way to its reply: its signature is checked,
 * its operation found and called, the reply printed. One thread at a time has the exchange, as
 * httpd says. */
#ifndef CLOUD_HTTP_EXCHANGE_H
#define CLOUD_HTTP_EXCHANGE_H

#include "httpd/httpd.h"
#include "src/cloud/store/service.h"

enum {
    CLOUD_HTTP_BODY_MAX = 17 * 1024 * 1024, /* BatchWriteItem takes 16 MB */
    /* the time for a head, for a body, and for reading a reply */
    CLOUD_HTTP_PATIENCE_MS = 60 * 1000
};

struct cloud_http_exchange; /* opaque: the layout lives in src/cloud/http/exchange.c */

/* Makes an exchange, which borrows both arguments. */
struct cloud_http_exchange *cloud_http_exchange_new(struct cloud *cloud, struct http_exchange *x);
/* Fills the reply, or asks to be called again (a long poll). */
void cloud_http_exchange_run(struct cloud_http_exchange *e);
void cloud_http_exchange_free(struct cloud_http_exchange *e); /* NULL allowed */

/* Words the reply for what httpd refuses. */
void cloud_http_exchange_refuse(struct cloud *cloud, struct http_exchange *x, int status,
                                const char *why);
#endif
