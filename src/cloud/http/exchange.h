/* exchange.h - one request to the local cloud on its way to its reply: its signature is checked,
 * its operation found and called, the reply printed. One thread has it at a time, as httpd says. */
#ifndef CLOUD_HTTP_EXCHANGE_H
#define CLOUD_HTTP_EXCHANGE_H

#include "httpd/httpd.h"
#include "src/cloud/store/service.h"

enum {
    CLOUD_HTTP_BODY_MAX = 17 * 1024 * 1024, /* BatchWriteItem takes 16 MB */
    CLOUD_HTTP_PATIENCE_MS = 60 * 1000      /* for a head, for a body, for the reading of a reply */
};

struct cloud_http_exchange; /* opaque: the layout lives in src/cloud/http/exchange.c */

/* Borrows both. */
struct cloud_http_exchange *cloud_http_exchange_new(struct cloud *cloud, struct http_exchange *x);
/* Fills the reply, or asks to be called again (a long poll). */
void cloud_http_exchange_run(struct cloud_http_exchange *e);
void cloud_http_exchange_free(struct cloud_http_exchange *e); /* NULL allowed */

/* Words what httpd refuses. */
void cloud_http_exchange_refuse(struct cloud *cloud, struct http_exchange *x, int status,
                                const char *why);
#endif
