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
    struct api *a; /* borrowed */
    /* httpd's exchange: the request that came, and the reply that goes out */
    struct http_exchange *x;
    struct target target;
    const struct route *route; /* NULL: no route fits, or nobody has looked so far */
    char request_id[EXCHANGE_ID_SIZE];
    char method[16];
    /* the client's address: that of the peer, or the one that a believed proxy names */
    char address[EXCHANGE_ADDRESS_SIZE];
    char client[TOKEN_NAME_SIZE]; /* the name of the client's token; "" */
    /* the request is a browser's question whether a page of another origin may ask */
    bool preflight;
    bool refused; /* the request was refused before a handler saw it */
    bool here;    /* the handler runs on the thread of all connections */
    bool in_pool; /* the request has, or waits for, a thread of the pool */
    int64_t us;   /* the time from the complete request to its answer */
    /* what is wrong with the query; the handler tells it together with what it finds */
    struct faults wrong;
    struct reply reply; /* status 0: the request is not refused so far */
};

/* Makes an exchange: reads the id, the method and who asks, as far as each can be read. */
struct exchange *exchange_new(struct api *a, struct http_exchange *x);
void exchange_free(struct exchange *e); /* NULL allowed */

/* The value of a header field; NULL when there is none. */
const char *exchange_header(const struct exchange *e, const char *name);
/* Lets the route's handler fill the reply, within the request's deadline. */
void exchange_run(struct exchange *e);
/* Hands the reply over to httpd. */
void exchange_answer(struct exchange *e);
/* Counts and logs the answer. */
void exchange_record(const struct exchange *e);
#endif
