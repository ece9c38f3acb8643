/* server.h - private to httpd: the server itself, and its loop. Everything belongs to the loop's
 * thread, unless a comment says otherwise. */
#ifndef HTTPD_SERVER_H
#define HTTPD_SERVER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "httpd/httpd.h"

enum { SCRATCH_SIZE = 64 * 1024 }; /* bytes read at once */
#define NEVER_MS INT64_MAX

struct conn;       /* conn.h */
struct httpd_pool; /* pool.h */
struct httpd_tls;  /* tls.h */

struct httpd {
    struct httpd_options o; /* with the defaults in place; constant. cert and key are not kept */
    int epoll, wake;
    int fd; /* listening; -1 once quiesced */
    char *scratch;
    struct conn *conns, *dead;
    int total;
    size_t bodies;         /* how many bytes of the bodies of all requests are held */
    unsigned again_heeded; /* the value of `again` on which the loop has acted */
    int64_t now_ms;        /* of this turn */
    int64_t next_ms;       /* when the deadlines are looked at next */
    int64_t rest_ms;       /* nothing is accepted until then */
    bool accepting;        /* epoll tells of the listening socket */
    int64_t full_ms;       /* when the log was told of a full server last */
    uint64_t full_told;
    int64_t starved_ms; /* when it was told that there are no descriptors */
    int64_t date_s;
    char date[40];
    struct httpd_pool *pool; /* any thread */
    struct httpd_tls *tls;   /* any thread; NULL: none */
    pthread_t thread;
    atomic_bool end, quiesce;
    atomic_uint again;      /* counts the calls of httpd_again */
    pthread_mutex_t lock;   /* guards what follows */
    pthread_cond_t changed; /* of what httpd_wait and httpd_quiesce wait for */
    struct httpd_count count;
    bool quiesced; /* the loop has seen `quiesce` */
};

/* ---- httpd.c ---- */

void httpd_wake(struct httpd *h);                                 /* any thread */
void httpd_count_add(struct httpd *h, int connections, int busy); /* tells who waits */
void httpd_count_one(struct httpd *h, uint64_t *which);           /* one of h->count */

/* ---- loop.c ---- */

void *httpd_loop_run(void *arg); /* the thread; the argument is the server */
/* Looks at deadlines no later than then. */
void httpd_loop_by(struct httpd *h, int64_t ms);
#endif
