/* impl.h - private to api: what the handlers and the server share. */
#ifndef API_IMPL_H
#define API_IMPL_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

#include "access.h"
#include "api/api.h"
#include "beat.h"
#include "limiter.h"
#include "meter.h"
#include "route.h"
#include "scan.h"
#include "tokens.h"
#include "watch.h"

enum {
    BODY_MAX = 256 * 1024,
    URL_SIZE = 96,
    RETIRED_MAX = 4,
    READY_KEPT_MS = 5000, /* an answer of /readyz serves all who ask so soon again */
    READY_OLD_MS = 15000  /* one that is older than this says nothing any more */
};

/* The last answer of /readyz. */
struct ready {
    pthread_mutex_t lock; /* guards the rest */
    int64_t asked_ms;     /* when AWS was asked last; TIME_NONE: not yet */
    int64_t at_ms;        /* when the answer came; TIME_NONE: none yet */
    int status;
    char *body; /* owned */
};

struct api {
    struct api_options o; /* its strings are owned copies */
    const struct ops *ops;
    struct MHD_Daemon *daemon;
    /* Those before it, which had another certificate: they serve the connections that they have. */
    struct MHD_Daemon *retired[RETIRED_MAX];
    size_t retired_len;
    int fd; /* listening; each daemon has a descriptor of its own */
    uint16_t port;
    char url[URL_SIZE];
    char warning[200];
    char *tls_cert, *tls_key; /* owned PEM texts */
    struct meter *meter;
    struct watch *watch;
    struct limiter *limiter;
    struct access *access;
    struct scan *scan;
    struct beat *outbox;
    pthread_mutex_t lock;  /* guards tokens */
    struct tokens *tokens; /* owned; empty: no token is asked for */
    bool own_token;        /* one of them is the environment's */
    struct ready ready;
    pthread_mutex_t doctor; /* held by the one connection test that runs */
    atomic_bool draining;
};

/* listen.c: opens a->fd and sets port and url. E_CONFIG. */
MUST_CHECK enum err_code listen_open(struct api *a, struct err *e);
/* Is the address that the options name reachable from other machines? */
bool listen_is_public(const struct api_options *o);

/* server.c: starts libmicrohttpd on a->fd. A daemon that runs already takes no new connections from
 * then on; when it cannot be replaced, it goes on. */
MUST_CHECK enum err_code server_start(struct api *a, struct err *e);
void server_quiesce(struct MHD_Daemon *d); /* no new connections */
void server_stop(struct api *a);           /* all of them; waits for their threads */

/* outbox.c: the thread that goes on with deploys which were kept. */
struct beat *outbox_start(struct api *a, struct err *e);
#endif
