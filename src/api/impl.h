/* impl.h - private to api: what the handlers and the server share. */
#ifndef API_IMPL_H
#define API_IMPL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

#include "access.h"
#include "answer_cache.h"
#include "api/api.h"
#include "backlog.h"
#include "httpd/httpd.h"
#include "limiter.h"
#include "limits.h"
#include "meter.h"
#include "outlook.h"
#include "periodic.h"
#include "proxies.h"
#include "ready.h"
#include "rounds.h"
#include "route.h"
#include "scan.h"
#include "spool.h"
#include "tokens.h"

enum {
    BODY_MAX = 256 * 1024,
    HEAD_MAX = 32 * 1024, /* bytes of the request line and all header fields */
    URL_SIZE = 96,
    /* connections beyond the limit: for clients that ask whether the server is well */
    VITAL_CONNECTIONS = 16
};

/* The server. Unless its comment says otherwise, a member is constant once the server serves, or
 * belongs to the thread that started it: handlers and hooks read nothing that api_reload writes,
 * except the tokens. */
struct api {
    struct api_options o; /* its strings are owned copies */
    const struct ops *ops;
    _Atomic(struct httpd *) httpd; /* NULL until it serves */
    /* how many requests are in the pool; only httpd's thread uses it */
    int in_pool;
    int fd; /* the listening socket, until httpd has it; -1 */
    uint16_t port;
    char url[URL_SIZE];
    char warning[200];
    char *tls_cert, *tls_key; /* owned PEM texts; only the starting thread uses them */
    struct meter *meter;
    struct limiter *limiter;
    struct proxies *proxies;
    struct spool *voice; /* the lines that go into the log; NULL: there is no log */
    struct access *access;
    struct scan *scan;
    struct backlog *backlog;
    struct periodic *outbox;
    struct answer_cache *answers;
    struct rounds *rounds;
    struct outlook *outlook;
    struct shared_sync *keys_folder; /* syncs the folder of the Idempotency-Keys */
    pthread_mutex_t lock;            /* guards tokens and documents */
    struct tokens *tokens;           /* owned; empty: no token is asked for */
    /* the OpenAPI document without and with tokens, made when it is first asked for; owned */
    char *documents[2];
    size_t own_tokens; /* how many of the tokens, the first ones, are the environment's */
    struct ready *ready;
    struct limits limits;
    pthread_mutex_t doctor; /* held by the one connection test that may run */
    bool draining;
};

/* Opens a->fd and sets port and url (listen.c). E_CONFIG. */
MUST_CHECK enum err_code listen_open(struct api *a, struct err *e);
/* Can other machines reach the address that the options name? */
bool listen_is_public(const struct api_options *o);

/* Serves on a->fd, which is taken (server.c). E_CONFIG, E_IO. */
MUST_CHECK enum err_code server_start(struct api *a, struct err *e);
/* Counts connections and requests. Any thread. */
void server_count(struct api *a, struct httpd_count *out);

/* Starts the thread that goes on with deploys which were kept (outbox.c). */
struct periodic *outbox_start(struct api *a, struct err *e);
#endif
