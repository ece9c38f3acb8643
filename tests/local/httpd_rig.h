/* httpd_rig.h - an httpd with a small owner, and clients on raw sockets, for its tests.
 *
 * What the owner does with a target: /here on the loop, /no refused at the head, /held waits for
 * rig_open, /later and /later-here (on the loop) ask to be run again in again_ms until rig_open,
 * /close, /big (8 MiB), /204, /304, /evil (fields that try to end their line), /known (the client
 * is known); all else is echoed: "METHOD TARGET LENGTH BODY". A refusal says "refused: WHY".
 */
#ifndef TESTS_HTTPD_RIG_H
#define TESTS_HTTPD_RIG_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "httpd/httpd.h"

enum { RIG_BIG = 8 * 1024 * 1024, RIG_WAIT_MS = 25000 };

struct rig {
    struct httpd *h;
    uint16_t port;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t changed;
    bool open; /* requests that are held go on */
    int again_ms;
    /* a run of /later opens the gate and calls httpd_again behind its own look */
    bool call_between;
    int asked;  /* runs of /later */
    int heads;  /* calls of `head` */
    int held;   /* now in /held */
    int done;   /* calls of `done` */
    int cut;    /* of these, so many were cut */
    int over;   /* heads that came beyond the limit */
    int status; /* of the last request that is done */
    bool all_secure;
    char exempt[46]; /* an address of a client; "" */
};

/* `o` without fd, hooks and arg; NULL: all by default. */
void rig_start(struct rig *r, const struct httpd_options *o);
void rig_stop(struct rig *r);
void rig_open(struct rig *r);
/* Waits until the int at `value`, a member of r, is at least so much; false after RIG_WAIT_MS. */
bool rig_await(struct rig *r, const int *value, int at_least);
/* Waits until so many connections are open. */
bool rig_await_connections(struct rig *r, int n);

/* Clients. Each read gives up after RIG_WAIT_MS. */
int rig_dial(struct rig *r);
int rig_dial_from(struct rig *r, const char *address); /* another one of 127.0.0.0/8 */
bool rig_send(int fd, const char *text);
/* recv that goes on after a signal: with a limit of time the kernel does not begin it again, not
 * even when the process was only stopped for a while. */
ssize_t rig_receive(int fd, char *buf, size_t size);
struct rig_reply {
    int status; /* 0: none came */
    bool close; /* the reply says that the connection closes */
    size_t len; /* by its Content-Length; SIZE_MAX: it has none */
    char head[2048];
    char body[4096]; /* its beginning */
};
/* Reads one reply byte by byte, so that the next one stays; `of_head`: to HEAD. */
struct rig_reply rig_read(int fd, bool of_head);
enum rig_end { RIG_END, RIG_RESET, RIG_SILENT };
/* Reads to the end of the connection; the bytes are dropped. */
enum rig_end rig_read_end(int fd, int timeout_ms);
/* Sends and reads one reply on a connection of its own. */
struct rig_reply rig_ask(struct rig *r, const char *request);
#endif
