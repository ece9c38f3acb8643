/* impl.h - private to api: what the handlers and the server share. */
#ifndef API_IMPL_H
#define API_IMPL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

#include "access.h"
#include "api/api.h"
#include "backlog.h"
#include "beat.h"
#include "httpd/httpd.h"
#include "limiter.h"
#include "limits.h"
#include "meter.h"
#include "over.h"
#include "proxies.h"
#include "ready.h"
#include "route.h"
#include "scan.h"
#include "spool.h"
#include "tokens.h"

enum {
    BODY_MAX = 256 * 1024,
    HEAD_MAX = 32 * 1024, /* of the request line and all header fields */
    URL_SIZE = 96,
    VITAL_CONNECTIONS = 16 /* beyond the limit: for who asks whether the server is well */
};

/* What does not say otherwise is constant once it serves, or belongs to the thread that started it:
 * handlers and hooks read nothing that api_reload writes but the tokens. */
struct api {
    struct api_options o; /* its strings are owned copies */
    const struct ops *ops;
    _Atomic(struct httpd *) httpd; /* NULL until it serves */
    int in_pool;                   /* requests; of httpd's thread alone */
    int fd;                        /* listening, until httpd has it; -1 */
    uint16_t port;
    char url[URL_SIZE];
    char warning[200];
    char *tls_cert, *tls_key; /* owned PEM texts; the starting thread's */
    struct meter *meter;
    struct limiter *limiter;
    struct proxies *proxies;
    struct spool *voice; /* what goes into the log; NULL: there is none */
    struct access *access;
    struct scan *scan;
    struct backlog *backlog;
    struct beat *outbox;
    struct over *over;
    pthread_mutex_t lock;  /* guards tokens and documents */
    struct tokens *tokens; /* owned; empty: no token is asked for */
    char *documents[2];    /* GET /openapi.json without and with tokens, once asked for; owned */
    bool own_token;        /* one of them is the environment's */
    struct ready *ready;
    struct limits limits;
    pthread_mutex_t doctor; /* held by the one connection test that runs */
    bool draining;
};

/* listen.c: opens a->fd and sets port and url. E_CONFIG. */
MUST_CHECK enum err_code listen_open(struct api *a, struct err *e);
/* Is the address that the options name reachable from other machines? */
bool listen_is_public(const struct api_options *o);

/* server.c: serves on a->fd, which is taken. E_CONFIG, E_IO. */
MUST_CHECK enum err_code server_start(struct api *a, struct err *e);
/* Any thread. */
void server_count(struct api *a, struct httpd_count *out);

/* outbox.c: the thread that goes on with deploys which were kept. */
struct beat *outbox_start(struct api *a, struct err *e);
#endif
