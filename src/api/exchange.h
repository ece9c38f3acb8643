/* exchange.h - private to api: one request on its way through the server. One thread has it at a
 * time, as httpd says (httpd.h). */
#ifndef API_EXCHANGE_H
#define API_EXCHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/faults.h"
#include "httpd/fields.h"
#include "httpd/httpd.h"
#include "reply.h"
#include "route.h"
#include "target.h"
#include "tokens.h"

struct api;

enum { EXCHANGE_ID_SIZE = 129, EXCHANGE_ADDRESS_SIZE = 46 };

struct exchange {
    struct api *a;           /* borrowed */
    struct http_exchange *x; /* httpd's: what came, and what goes out */
    struct target target;
    const struct route *route; /* NULL: none fits, or nobody looked so far */
    char request_id[EXCHANGE_ID_SIZE];
    char method[16];
    char address[EXCHANGE_ADDRESS_SIZE]; /* who asks: the peer, or whom a believed proxy names */
    char client[TOKEN_NAME_SIZE];        /* name of its token; "" */
    bool preflight;      /* a browser asks whether a page of another origin may ask */
    bool refused;        /* before a handler saw it */
    bool here;           /* its handler runs on the thread of all connections */
    bool in_pool;        /* it has, or waits for, a thread of the pool */
    int64_t us;          /* from the complete request to its answer */
    struct faults wrong; /* with its query; told by the handler, with what that finds */
    struct reply reply;  /* status 0: not refused so far */
};

/* Reads the id, the method and who asks; whatever of them could be read. */
struct exchange *exchange_new(struct api *a, struct http_exchange *x);
void exchange_free(struct exchange *e); /* NULL allowed */

/* A header field's value; NULL when there is none. */
const char *exchange_header(const struct exchange *e, const char *name);
/* Lets the route's handler fill the reply, within the request's deadline. */
void exchange_run(struct exchange *e);
/* Hands the reply over to httpd. */
void exchange_answer(struct exchange *e);
/* Counts and logs what was answered. */
void exchange_record(const struct exchange *e);
#endif
