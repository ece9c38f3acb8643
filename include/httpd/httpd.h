/* httpd.h - an HTTP/1.1 server: sockets, TLS, framing, deadlines and limits. What a request means,
 * and the words of every reply, belong to its owner.
 *
 * DESIGN: one thread, the loop, owns every connection (epoll): it reads a request whole, hands it
 * to a pool of a fixed number of threads, and writes the reply. A client that is slow or silent
 * costs a descriptor and a buffer, never a thread, and 256 clients need no more threads than 16.
 *
 * Framing is all or nothing (RFC 9112): where the end of a request is in doubt, the owner words a
 * refusal, the connection closes behind it, and no byte that follows is served. A reply that ends a
 * connection with unread bytes is read by the client, for the closing lingers.
 *
 * Threads: start, set_tls, quiesce, wait and free belong to the caller's thread; the hooks say
 * where they run; httpd_count and httpd_again may be called by any thread. */
#ifndef HTTPD_HTTPD_H
#define HTTPD_HTTPD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/clock.h"
#include "core/err.h"
#include "core/log.h"
#include "httpd/fields.h"

struct httpd; /* opaque: src/httpd/server.h */

struct http_reply {
    int status;                /* 0: there is none yet */
    char *body;                /* owned; NULL: empty */
    size_t body_len;           /* bytes of it; a HEAD request gets this length and no body */
    struct http_fields fields; /* without Content-Length, Connection and Date: httpd writes these */
    bool close;                /* the connection ends behind it */
};

/* One request on its way to its reply. httpd owns it and what it points to but for `state`. One
 * thread has it at a time. */
struct http_exchange {
    const char *method; /* as it came; "" when the request line could not be read */
    const char *target; /* as it came; "" likewise */
    int minor;          /* of the version: HTTP/1.minor */
    struct http_fields fields;
    const char *body; /* complete in `run`, with a NUL behind it; "" */
    size_t body_len;
    size_t received; /* bytes of the body so far, of a refused one too */
    char peer[46];   /* numeric address of the client; IPv4 within IPv6 as IPv4 */
    bool secure;     /* it came over TLS */
    bool crowded;    /* all connections were taken when its own one came: serve only what must be */
    int64_t head_us; /* monotonic: the head was complete */
    int64_t complete_us; /* monotonic: the body was; 0: not so far */
    int64_t until_ms;    /* monotonic: when the reply is due; set before each `run` */
    /* a `run` that has no reply yet sets it: `run` is called again after so many milliseconds, or
     * as soon as httpd_again is called; no thread waits meanwhile. It is 0 before each `run` */
    int again_ms;
    void *state; /* the owner's; NULL at first; freed by it in `done` */
    struct http_reply reply;
    bool known; /* the owner sets it in `head`: the client gave a good token, so that its connection
                   is among the last to go when room is short */
    bool cut;   /* in `done`: the client was gone before it had the reply */
};

enum http_way {
    HTTP_REPLY,   /* the reply is there: it is sent at once; of the body at most a bounded part is
                     read */
    HTTP_RUN,     /* `run` on a thread of the pool, once the body is complete */
    HTTP_RUN_HERE /* `run` on the loop's thread: it must not wait for anything */
};

struct httpd_hooks {
    /* The head is complete and in no doubt. Loop; must not wait. */
    enum http_way (*head)(void *arg, struct http_exchange *x);
    /* Fills x->reply, or sets x->again_ms. Pool, or loop for HTTP_RUN_HERE. */
    void (*run)(void *arg, struct http_exchange *x);
    /* httpd refuses the request: fills x->reply. `status`: 400, 408 (too slow), 413 (body over
     * body_max), 414, 417, 431, 501, 503 (no thread was free in time, or all bodies together are
     * over bodies_max), 505; `why`: a sentence without a capital or a full stop; static. `head` may
     * not have been called (x->state NULL). Loop. */
    void (*refuse)(void *arg, struct http_exchange *x, int status, const char *why);
    /* The reply was sent, or could not be (x->cut): to be counted and logged; frees x->state.
     * Called once for each exchange for which `head` or `refuse` was; x->reply.status is 0 when the
     * client went before there was a reply. Loop. */
    void (*done)(void *arg, struct http_exchange *x);
    /* Does the address stand for many clients (a proxy), so that per_address is not for it? NULL:
     * none does. Loop. */
    bool (*exempt)(void *arg, const char *peer);
};

struct httpd_options {
    int fd; /* a listening socket; taken, also on failure */
    const struct httpd_hooks *hooks;
    void *arg;        /* of the hooks */
    const char *cert; /* PEM texts: the chain and its key; NULL: no TLS; copied as far as needed */
    const char *key;
    size_t head_max;   /* request line and fields; 0: 32 KiB */
    size_t target_max; /* 0: 8 KiB */
    size_t body_max;   /* 0: 256 KiB */
    /* the bytes of all requests under way together, except for one read; 0: any number */
    size_t bodies_max;
    int connections; /* at once; 0: 256. When all are taken, the one that was idle longest goes,
                        those not known first */
    int reserve;     /* connections beyond them, served when nothing is idle; 0: 16 */
    int per_address; /* of one address at once; 0: any number */
    int threads;     /* of the pool; 0: 16 */
    int queue;       /* requests that may wait for one; 0: 1024 */
    int idle_ms;     /* between two requests, and for a head; 0: 30000 */
    int body_ms;     /* for a body; 0: 30000 */
    int send_ms;     /* for the client to read the reply; 0: 30000 */
    /* the time from the complete request to its reply; it begins anew each time that `run` is
     * called again; 0: 10000 */
    int deadline_ms;
    const struct clock *clock; /* the clock for the Date of replies; NULL: the system's */
    struct log *log;           /* NULL: none */
};

/* Starts the loop and the pool. NULL with `e`: E_CONFIG (certificate and key), E_IO. */
struct httpd *httpd_start(const struct httpd_options *o, struct err *e);

/* Another certificate for new connections; those that are open keep theirs. On failure what is in
 * force stays. E_CONFIG. */
MUST_CHECK enum err_code httpd_set_tls(struct httpd *h, const char *cert, const char *key,
                                       struct err *e);
/* Does the certificate of these PEM texts belong to the key? E_CONFIG says what is wrong. */
MUST_CHECK enum err_code httpd_check_tls(const char *cert, const char *key, struct err *e);

/* Calls `run` again at once for every request that waits for that (again_ms), and for a request
 * that is in `run` at the moment, if it will wait: it may have looked too early. Any thread, in any
 * hook too. */
void httpd_again(struct httpd *h);

/* From this call on there are no new connections, idle ones close, and each reply closes its
 * connection. `run` is called again for every request that waits for that. */
void httpd_quiesce(struct httpd *h);
/* Waits until no request is under way, at most so long; returns how many are. */
int httpd_wait(struct httpd *h, int timeout_ms);
/* Closes all connections, ends the threads (waits for each `run`) and frees. NULL allowed. */
void httpd_free(struct httpd *h);

struct httpd_count {
    int connections;     /* open now */
    int connections_max; /* as allowed */
    int busy;            /* requests between their complete head and their reply's end */
    int waiting;         /* of these, in line for a thread */
    uint64_t accepted;   /* connections since the start */
    uint64_t full_all, full_address; /* closed because of that limit */
    uint64_t tls_failed;             /* handshakes that came to nothing */
};
void httpd_count(struct httpd *h, struct httpd_count *out);
#endif
