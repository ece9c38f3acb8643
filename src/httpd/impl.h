/* impl.h - private to httpd: what its files share. All of it belongs to the loop's thread, unless
 * it says otherwise. */
#ifndef HTTPD_IMPL_H
#define HTTPD_IMPL_H

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "body.h"
#include "core/err.h"
#include "core/strbuf.h"
#include "head.h"
#include "httpd/httpd.h"

enum {
    SCRATCH_SIZE = 64 * 1024, /* bytes read at once */
    RECORD_SIZE = 16 * 1024,  /* a TLS record: a reply up to this goes out in one */
    DROP_MAX = 1024 * 1024,   /* a body up to this is read before a reply that does not need it */
    FRESH_MS = 250,           /* so long a connection may be silent before it makes room */
    HURRY_MS = 25,            /* one beyond the limit, when there is no room beyond it either */
    SLOW_MS = 1000,           /* so long a head or a handshake may take before it makes room */
    STUCK_MS = 5000,          /* a body or a reply, of a client that is not known */
    OVER_IDLE_MS = 2000,      /* idle_ms, body_ms and send_ms of connections beyond the limit */
    QUIET_HEAD_MS = 1000,     /* for a head, once the server is to stop */
    LINGER_SILENT_MS = 2000,  /* a closing connection whose client sends nothing */
    LINGER_MS = 10000,        /* and in all */
    LOOK_MS = 25,             /* between two looks for room, while there is none */
};
#define NEVER_MS INT64_MAX

/* ---- a request, from its head to the end of its reply ---- */

enum job_place { JOB_LOOP, JOB_QUEUED, JOB_RUNNING, JOB_FINISHED };

struct job {
    struct job *prev, *next; /* of the pool's lists; guarded by its lock */
    enum job_place place;    /* likewise */
    struct conn *conn;
    struct http_exchange x; /* the pool's while it is there */
    struct http_head head;  /* without its fields, which are the exchange's */
    struct http_body body;
    bool here;      /* HTTP_RUN_HERE */
    bool keep;      /* the connection goes on behind it */
    bool whole;     /* all of it was read */
    bool fed;       /* a byte of its body has come */
    bool continued; /* 100 Continue was sent */
    size_t body_at; /* bytes of the reply's body that were sent */
};

/* ---- a connection ---- */

enum conn_state {
    CONN_SHAKE,  /* TLS */
    CONN_IDLE,   /* no byte of a request has come */
    CONN_HEAD,   /* some have */
    CONN_BODY,   /* of a request that is to be served */
    CONN_DROP,   /* the body of one that has its reply */
    CONN_WORK,   /* the pool has the job */
    CONN_SEND,   /* the reply is written */
    CONN_LINGER, /* it was; what the client still sends is dropped */
    CONN_LAST,   /* it was, to a client that had ended its own side: was it still there? */
    CONN_DEAD    /* closed; freed at the end of the loop's turn */
};

struct input {
    const char *at; /* borrowed */
    size_t len;
};

struct conn {
    struct conn *prev, *next; /* of all, or of the dead */
    struct httpd *h;
    int fd;
    SSL *ssl; /* NULL: plain */
    enum conn_state state;
    uint32_t events;  /* what epoll tells of */
    uint32_t blocked; /* what the last read or write of TLS waits for; 0: the plain thing */
    bool eof;         /* the client has ended its side, and all it sent was read */
    bool rdhup;       /* it has ended its side */
    bool gone;        /* it is gone altogether; epoll tells nothing more */
    bool heard;       /* a byte came */
    bool over;        /* beyond the limit */
    bool exempt;      /* from the limit of its address */
    bool known;       /* the owner knows the client */
    int64_t since_ms; /* of the state, where it may be closed to make room */
    int64_t deadline_ms;
    int64_t end_ms; /* of a lingering one */
    char *held;     /* owned: input that is not consumed yet; NULL when there is none */
    size_t held_len, held_cap;
    struct http_head_scan scan; /* of the head whose bytes these are */
    struct input cur;           /* what is being consumed: `held`, or what was just read */
    struct strbuf out;
    size_t out_at;
    struct job *job;
    struct in6_addr address;
    char peer[46];
};

/* ---- the server ---- */

struct httpd_pool; /* pool.c */
struct httpd_tls;  /* tls.c */

struct httpd {
    struct httpd_options o; /* with the defaults in place; constant. cert and key are not kept */
    int epoll, wake;
    int fd; /* listening; -1 once quiesced */
    char *scratch;
    struct conn *conns, *dead;
    int total;
    int64_t now_ms;  /* of this turn */
    int64_t next_ms; /* when the deadlines are looked at next */
    int64_t rest_ms; /* nothing is accepted until then */
    bool accepting;  /* epoll tells of the listening socket */
    int64_t full_ms; /* when the log was told of a full server last */
    uint64_t full_told;
    int64_t starved_ms; /* when it was told that there are no descriptors */
    int64_t date_s;
    char date[40];
    struct httpd_pool *pool; /* any thread */
    struct httpd_tls *tls;   /* any thread; NULL: none */
    pthread_t thread;
    atomic_bool end, quiesce;
    pthread_mutex_t lock;   /* guards what follows */
    pthread_cond_t changed; /* of what httpd_wait and httpd_quiesce wait for */
    struct httpd_count count;
    bool quiesced; /* the loop has seen `quiesce` */
};

void httpd_wake(struct httpd *h);                                 /* any thread */
void httpd_count_add(struct httpd *h, int connections, int busy); /* tells who waits */
void httpd_count_one(struct httpd *h, uint64_t *which);           /* one of h->count */

/* loop.c: the thread of the loop. */
void *httpd_loop_run(void *arg); /* the server */
/* Looks at deadlines no later than then. */
void httpd_loop_by(struct httpd *h, int64_t ms);

/* conn.c */
void httpd_conn_open(struct httpd *h, int fd, const struct conn *like);
void httpd_conn_stay(struct conn *c, enum conn_state state, int64_t until_ms);
int httpd_conn_within_ms(const struct conn *c, int ms); /* less, when it is beyond the limit */
void httpd_conn_close(struct conn *c);                  /* its job ends as cut */
void httpd_conn_give_up(struct conn *c); /* closes it for another one's sake, or for slowness */
void httpd_conn_event(struct conn *c, uint32_t events);
void httpd_conn_finished(struct job *j); /* the pool has done its part */
void httpd_conn_expire(struct conn *c);  /* its deadline has passed */
void httpd_conn_quiesce(struct conn *c);

/* request.c: what comes on a connection. */
void httpd_request_wait(struct conn *c);    /* for the next one */
void httpd_request_advance(struct conn *c); /* consumes c->cur as far as it goes */
/* Takes the head, which may be empty. */
struct job *httpd_request_new(struct conn *c, struct http_head *head);

/* answer.c: what goes back. */
void httpd_request_refuse(struct conn *c, int status, const char *why);
void httpd_request_answer(struct conn *c); /* the reply is there: begins to send */
void httpd_request_sent(struct conn *c);   /* the reply is with the kernel */
void httpd_request_end(struct conn *c, bool cut);

/* wire.c: bytes in and out, plain or by TLS. */
enum { WIRE_BLOCKED = -1, WIRE_LOST = -2 };
ssize_t httpd_wire_read(struct conn *c, char *to, size_t size); /* 0: the client's end */
/* Writes c->out, then the body of the reply: 0 when all is written. */
int httpd_wire_flush(struct conn *c);
bool httpd_wire_silent(const struct conn *c, bool *end); /* nothing is there to be read */
bool httpd_wire_ended(struct conn *c);                   /* the client's end is next to be read */
void httpd_wire_hold(struct conn *c, const char *bytes, size_t len);
void httpd_wire_keep_rest(struct conn *c); /* of c->cur, in c->held */
void httpd_wire_drop_held(struct conn *c);

/* crowd.c: how many, of whom, and who goes first. */
bool httpd_crowd_admit(struct httpd *h, struct conn *like); /* false: it is to be closed at once */
bool httpd_crowd_room(struct httpd *h);                     /* for one more */
void httpd_crowd_thin(struct httpd *h); /* closes idle ones, down to the limit */
bool httpd_crowd_drop_one(struct httpd *h, const struct in6_addr *address, int64_t fresh_ms);

/* pool.c: any thread. */
struct httpd_pool *httpd_pool_new(struct httpd *h, struct err *e);
bool httpd_pool_put(struct httpd_pool *p, struct job *j);    /* false: the line is full */
bool httpd_pool_remove(struct httpd_pool *p, struct job *j); /* from the line; false: it runs */
struct job *httpd_pool_take(struct httpd_pool *p);           /* a list of those finished */
int httpd_pool_waiting(struct httpd_pool *p);
void httpd_pool_stop(struct httpd_pool *p); /* ends the threads; what waits stays */
void httpd_pool_free(struct httpd_pool *p);

/* reply.c */
void httpd_reply_write(struct strbuf *out, const struct http_exchange *x, bool keep,
                       const char *date);
bool httpd_reply_has_body(const struct http_exchange *x);
void httpd_reply_clear(struct http_reply *r);
const char *httpd_reply_date(struct httpd *h);

/* tls.c */
struct httpd_tls *httpd_tls_new(const char *cert, const char *key, struct err *e);
enum err_code httpd_tls_set(struct httpd_tls *t, const char *cert, const char *key, struct err *e);
void httpd_tls_free(struct httpd_tls *t);
SSL *httpd_tls_accept(struct httpd_tls *t, int fd); /* NULL: no memory */
int httpd_tls_shake(struct conn *c);                /* 0: done; WIRE_BLOCKED, WIRE_LOST */
ssize_t httpd_tls_read(struct conn *c, char *to, size_t size);
ssize_t httpd_tls_write(struct conn *c, const char *bytes, size_t len);
bool httpd_tls_ended(struct conn *c); /* the client said or made an end */
void httpd_tls_end(struct conn *c);   /* says close_notify */
#endif
