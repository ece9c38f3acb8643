/* The thread of the loop.
 *
 * DESIGN: one turn of the loop takes what epoll tells of, then the jobs that the pool has done,
 * then new connections, then the deadlines that have passed. epoll's pointer is the connection, the
 * server itself for the listening socket, or NULL for the wake. No clock ticks: the loop sleeps
 * until the next deadline, and looks for the one after it only when that has come. */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conn.h"
#include "core/clock.h"
#include "core/log.h"
#include "crowd.h"
#include "pool.h"
#include "server.h"

enum {
    EVENTS = 128,
    ACCEPT_TURN = 64, /* connections that are accepted in one turn */
    /* the same in the last turn: no line is longer, unless it grows all the time */
    ACCEPT_LAST = 4096,
    STARVED_MS = 100, /* how long nothing is accepted when there is no descriptor */
    TELL_MS = 60000,
    SWEEP_MS = 25, /* the time between two looks at the deadlines */
};

void httpd_loop_by(struct httpd *h, int64_t ms)
{
    h->next_ms = ms < h->next_ms ? ms : h->next_ms;
}

/* ---- new connections ---- */

static void listen_again(struct httpd *h, bool on)
{
    struct epoll_event ev = {.events = on ? EPOLLIN : 0, .data.ptr = h};

    if (h->fd >= 0 && h->accepting != on) {
        (void)epoll_ctl(h->epoll, EPOLL_CTL_MOD, h->fd, &ev);
        h->accepting = on;
    }
}

static void read_address(struct conn *to, const struct sockaddr_storage *from)
{
    static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

    if (from->ss_family == AF_INET6) {
        to->address = ((const struct sockaddr_in6 *)from)->sin6_addr;
    } else if (from->ss_family == AF_INET) {
        memcpy(to->address.s6_addr, mapped, sizeof mapped);
        memcpy(to->address.s6_addr + 12, &((const struct sockaddr_in *)from)->sin_addr, 4);
    }
    if (memcmp(to->address.s6_addr, mapped, sizeof mapped) == 0) {
        (void)inet_ntop(AF_INET, to->address.s6_addr + 12, to->peer, sizeof to->peer);
    } else {
        (void)inet_ntop(AF_INET6, &to->address, to->peer, sizeof to->peer);
    }
}

/* Stops accepting for a moment: there is no descriptor, or no memory, and asking again at once does
 * not help. The kernel says so even when no client waits. */
static void starve(struct httpd *h, int error)
{
    struct pollfd line = {.fd = h->fd, .events = POLLIN};

    if (poll(&line, 1, 0) == 0) {
        return;
    }
    (void)httpd_crowd_drop_one(h, NULL, 0);
    h->rest_ms = h->now_ms + STARVED_MS;
    listen_again(h, false);
    httpd_loop_by(h, h->rest_ms);
    if (h->starved_ms == TIME_NONE || h->now_ms - h->starved_ms >= TELL_MS) {
        log_line(h->o.log, LOG_LVL_ERROR,
                 "cannot take a connection: %s; those that are idle are closed", strerror(error));
        h->starved_ms = h->now_ms;
    }
}

/* Accepts one connection. False: there is no further one now. */
static bool accept_one(struct httpd *h)
{
    struct sockaddr_storage from = {.ss_family = AF_UNSPEC};
    socklen_t len = sizeof from;
    struct conn like = {.state = CONN_IDLE};

    if (!httpd_crowd_room(h)) {
        listen_again(h, false);
        httpd_loop_by(h, h->now_ms + LOOK_MS);
        return false;
    }
    int fd = accept4(h->fd, (struct sockaddr *)&from, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) {
        int error = errno;
        if (error == EMFILE || error == ENFILE || error == ENOMEM || error == ENOBUFS) {
            starve(h, error);
        }
        return error == EINTR || error == ECONNABORTED;
    }
    read_address(&like, &from);
    if (httpd_crowd_admit(h, &like)) {
        httpd_conn_open(h, fd, &like);
    } else {
        (void)close(fd);
    }
    return true;
}

static void accept_some(struct httpd *h, int most)
{
    for (int i = 0; i < most && h->fd >= 0 && accept_one(h); i++) {
    }
}

/* ---- deadlines ---- */

static void sweep(struct httpd *h)
{
    struct conn *next;

    h->next_ms = NEVER_MS;
    for (struct conn *c = h->conns; c != NULL; c = next) {
        next = c->next;
        if (c->deadline_ms <= h->now_ms) {
            httpd_conn_expire(c);
        } else {
            httpd_loop_by(h, c->deadline_ms);
        }
    }
    httpd_crowd_thin(h);
    if (h->total > h->o.connections) {
        httpd_loop_by(h, h->now_ms + LOOK_MS);
    }
    if (h->fd >= 0 && !h->accepting) {
        if (h->now_ms >= h->rest_ms && httpd_crowd_room(h)) {
            listen_again(h, true);
        } else {
            httpd_loop_by(h, h->rest_ms > h->now_ms ? h->rest_ms : h->now_ms + LOOK_MS);
        }
    }
}

/* How long to sleep. Deadlines that lie close together are looked at together. */
static int sleep_ms(struct httpd *h, int64_t swept_ms)
{
    int64_t at = h->next_ms;

    if (at == NEVER_MS) {
        return -1;
    }
    at = at < swept_ms + SWEEP_MS ? swept_ms + SWEEP_MS : at;
    int64_t left = at - clock_mono_ms(NULL);
    return left < 0 ? 0 : (int)(left < 60000 ? left : 60000);
}

/* ---- the end ---- */

static void quiesce(struct httpd *h)
{
    struct conn *next;

    if (h->fd >= 0) {
        accept_some(h, ACCEPT_LAST); /* the kernel has let these clients in already */
        (void)epoll_ctl(h->epoll, EPOLL_CTL_DEL, h->fd, NULL);
        (void)close(h->fd);
        h->fd = -1;
    }
    for (struct conn *c = h->conns; c != NULL; c = next) {
        next = c->next;
        httpd_conn_quiesce(c);
    }
    (void)pthread_mutex_lock(&h->lock);
    h->quiesced = true;
    (void)pthread_cond_broadcast(&h->changed);
    (void)pthread_mutex_unlock(&h->lock);
}

static void bury(struct httpd *h)
{
    while (h->dead != NULL) {
        struct conn *c = h->dead;
        h->dead = c->next;
        free(c);
    }
}

static void take_finished(struct httpd *h)
{
    struct job *next;

    for (struct job *j = httpd_pool_take(h->pool); j != NULL; j = next) {
        next = j->next;
        httpd_conn_finished(j);
    }
}

/* Asks the owners again whose requests wait. Called after take_finished, so that a request that was
 * just run is among those that wait. */
static void ask_again(struct httpd *h)
{
    unsigned again = atomic_load(&h->again);
    struct conn *next;

    if (again == h->again_heeded) {
        return;
    }
    h->again_heeded = again;
    for (struct conn *c = h->conns; c != NULL; c = next) {
        next = c->next;
        httpd_conn_again(c);
    }
}

static void stop(struct httpd *h)
{
    httpd_pool_stop(h->pool);
    while (h->conns != NULL) {
        httpd_conn_close(h->conns);
    }
    bury(h);
}

static void turn(struct httpd *h, const struct epoll_event *ev, int len)
{
    bool knocked = false;
    bool woken = false;

    for (int i = 0; i < len; i++) {
        if (ev[i].data.ptr == NULL) {
            woken = true;
        } else if (ev[i].data.ptr == h) {
            knocked = true;
        } else {
            httpd_conn_event(ev[i].data.ptr, ev[i].events);
        }
    }
    if (woken) {
        take_finished(h);
        ask_again(h);
    }
    if (knocked && h->accepting) {
        accept_some(h, ACCEPT_TURN);
    }
}

void *httpd_loop_run(void *arg)
{
    struct httpd *h = arg;
    struct epoll_event ev[EVENTS];
    int64_t swept_ms = 0;

    while (!atomic_load(&h->end)) {
        int n = epoll_wait(h->epoll, ev, EVENTS, sleep_ms(h, swept_ms));
        h->now_ms = clock_mono_ms(NULL);
        turn(h, ev, n);
        if (h->now_ms >= h->next_ms && h->now_ms >= swept_ms + SWEEP_MS) {
            sweep(h);
            swept_ms = h->now_ms;
        }
        if (atomic_load(&h->quiesce) && !h->quiesced) {
            quiesce(h);
        }
        bury(h);
    }
    stop(h);
    return NULL;
}
