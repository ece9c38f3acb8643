/* conn.h - private to httpd: a connection, the request on it, and what happens to both. Everything
 * belongs to the loop's thread, except for a job that the pool has. */
#ifndef HTTPD_CONN_H
#define HTTPD_CONN_H

#include <netinet/in.h>
#include <openssl/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "body.h"
#include "core/strbuf.h"
#include "head.h"
#include "httpd/httpd.h"
#include "server.h"

enum {
    QUIET_HEAD_MS = 1000,    /* for a head, once the server is to stop */
    LINGER_SILENT_MS = 2000, /* a closing connection whose client sends nothing */
};

/* ---- a request, from its head to the end of its reply ---- */

enum job_place { JOB_LOOP, JOB_QUEUED, JOB_RUNNING, JOB_FINISHED };

struct job {
    struct job *prev, *next; /* of the pool's lists; guarded by its lock */
    enum job_place place;    /* likewise */
    struct conn *conn;
    struct http_exchange x; /* the pool's while it is there */
    struct http_head head;  /* without its fields, which are the exchange's */
    struct http_body body;
    bool here;           /* HTTP_RUN_HERE */
    bool keep;           /* the connection goes on behind it */
    bool whole;          /* all of it was read */
    bool fed;            /* a byte of its body has come */
    bool continued;      /* 100 Continue was sent */
    size_t counted;      /* how many bytes of the body count in the server's `bodies` */
    unsigned again_seen; /* the value of the server's `again` before the last `run` */
    bool quiesce_seen;   /* the server was to quiesce before the last `run` */
    size_t body_at;      /* bytes of the reply's body that were sent */
};

/* ---- a connection ---- */

enum conn_state {
    CONN_SHAKE,  /* TLS */
    CONN_IDLE,   /* no byte of a request has come */
    CONN_HEAD,   /* some have */
    CONN_BODY,   /* of a request that is to be served */
    CONN_DROP,   /* the body of one that has its reply */
    CONN_WORK,   /* the pool has the job */
    CONN_AGAIN,  /* the owner has no reply yet and has to be asked again */
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
    bool crowded;     /* beyond the limit */
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

/* ---- conn.c ---- */

void httpd_conn_open(struct httpd *h, int fd, const struct conn *like);
void httpd_conn_stay(struct conn *c, enum conn_state state, int64_t until_ms);
int httpd_conn_within_ms(const struct conn *c, int ms); /* less, when it is beyond the limit */
void httpd_conn_close(struct conn *c);                  /* its job ends as cut */
void httpd_conn_give_up(struct conn *c); /* closes it for another one's sake, or for slowness */
void httpd_conn_event(struct conn *c, uint32_t events);
void httpd_conn_finished(struct job *j); /* the pool has done its part */
void httpd_conn_expire(struct conn *c);  /* its deadline has passed */
void httpd_conn_again(struct conn *c);   /* called after httpd_again */
void httpd_conn_quiesce(struct conn *c);

/* ---- shake.c ---- */

void httpd_conn_shake(struct conn *c); /* goes on with a handshake */

/* ---- request.c: what comes on a connection ---- */

void httpd_request_wait(struct conn *c);    /* for the next one */
void httpd_request_advance(struct conn *c); /* consumes c->cur as far as it goes */
/* Takes the head, which may be empty. */
struct job *httpd_request_new(struct conn *c, struct http_head *head);

/* ---- answer.c: what goes back ---- */

void httpd_request_refuse(struct conn *c, int status, const char *why);
void httpd_request_answer(struct conn *c); /* the reply is there: begins to send */
void httpd_request_sent(struct conn *c);   /* the reply is with the kernel */
void httpd_request_end(struct conn *c, bool cut);
#endif
