/* One connection from its accept to its close: the events of epoll that it waits for, what each
 * event means in each of its states, and what happens when its time is over. */
#include "conn.h"

#include <errno.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/alloc.h"
#include "pool.h"
#include "tls.h"
#include "wire.h"
#include "work.h"

enum { CROWDED_IDLE_MS = 2000 }; /* idle_ms, body_ms and send_ms of connections beyond the limit */

/* ---- what epoll is to tell of ---- */

static uint32_t wanted(const struct conn *c)
{
    uint32_t end = c->rdhup ? 0 : EPOLLRDHUP;

    switch (c->state) {
    case CONN_SHAKE:
        return c->blocked | end;
    case CONN_IDLE:
    case CONN_HEAD:
    case CONN_BODY:
    case CONN_DROP:
        if (c->blocked == EPOLLOUT) { /* TLS can read on only after it has written */
            return EPOLLOUT | end;
        }
        return EPOLLIN | end | (c->out.len > 0 ? EPOLLOUT : 0);
    case CONN_SEND:
        return (c->blocked != 0 ? c->blocked : EPOLLOUT) | end;
    case CONN_LINGER:
        return EPOLLIN;
    case CONN_WORK:
    case CONN_AGAIN:
        return end;
    default:
        return 0;
    }
}

/* Asks epoll for events. An event that is not needed costs nothing until it happens: only then is
 * epoll asked for fewer events, which saves two calls in each request. */
static void ask(struct conn *c, bool strayed)
{
    uint32_t want = wanted(c);
    struct epoll_event ev = {.events = want, .data.ptr = c};

    if (c->state == CONN_DEAD || c->gone || ((want & ~c->events) == 0 && !strayed)) {
        return;
    }
    (void)epoll_ctl(c->h->epoll, EPOLL_CTL_MOD, c->fd, &ev);
    c->events = want;
}

/* ---- open and close ---- */

void httpd_conn_open(struct httpd *h, int fd, const struct conn *like)
{
    struct conn *c = xcalloc(1, sizeof *c);

    *c = *like;
    c->h = h;
    c->fd = fd;
    c->next = h->conns;
    if (c->next != NULL) {
        c->next->prev = c;
    }
    h->conns = c;
    h->total++;
    httpd_count_add(h, 1, 0);
    httpd_count_one(h, &h->count.accepted);
    httpd_request_wait(c);
    c->events = EPOLLIN | EPOLLRDHUP;
    if (h->tls != NULL) {
        c->ssl = httpd_tls_accept(h->tls, fd);
        c->state = CONN_SHAKE;
        c->blocked = EPOLLIN;
    }
    struct epoll_event ev = {.events = c->events, .data.ptr = c};
    if ((h->tls != NULL && c->ssl == NULL) || epoll_ctl(h->epoll, EPOLL_CTL_ADD, fd, &ev) != 0) {
        httpd_conn_close(c);
    }
}

void httpd_conn_close(struct conn *c)
{
    struct httpd *h = c->h;

    if (c->job != NULL) {
        httpd_request_end(c, true);
    }
    /* closing is not enough, because a child that is being started may hold the descriptor as
     * well */
    if (!c->gone) {
        (void)epoll_ctl(h->epoll, EPOLL_CTL_DEL, c->fd, NULL);
    }
    SSL_free(c->ssl);
    (void)close(c->fd);
    httpd_wire_drop_held(c);
    strbuf_clear(&c->out);
    c->cur = (struct input){0};
    *(c->prev == NULL ? &h->conns : &c->prev->next) = c->next;
    if (c->next != NULL) {
        c->next->prev = c->prev;
    }
    c->state = CONN_DEAD; /* an event for this connection may wait in this turn of the loop */
    c->next = h->dead;
    h->dead = c;
    h->total--;
    httpd_count_add(h, -1, 0);
    if (!h->accepting) {
        httpd_loop_by(h, h->now_ms);
    }
}

/* The time to allow: beyond the limit of connections everything must go fast. */
int httpd_conn_within_ms(const struct conn *c, int ms)
{
    return c->crowded && ms > CROWDED_IDLE_MS ? CROWDED_IDLE_MS : ms;
}

void httpd_conn_stay(struct conn *c, enum conn_state state, int64_t until_ms)
{
    c->state = state;
    c->since_ms = c->h->now_ms;
    c->deadline_ms = until_ms;
    httpd_loop_by(c->h, until_ms);
}

/* ---- what happens on it ---- */

static void take_input(struct conn *c)
{
    struct httpd *h = c->h;

    if (c->out.len > 0 && httpd_wire_flush(c) == WIRE_LOST) {
        httpd_conn_close(c);
        return;
    }
    ssize_t n = httpd_wire_read(c, h->scratch, SCRATCH_SIZE);
    if (n == WIRE_LOST) {
        httpd_conn_close(c);
    } else if (n >= 0) {
        c->eof = n == 0;
        c->heard = true;
        if (c->held_len > 0) {
            httpd_wire_hold(c, h->scratch, (size_t)n);
            c->cur = (struct input){c->held, c->held_len};
        } else {
            c->cur = (struct input){h->scratch, (size_t)n};
        }
        httpd_request_advance(c);
    }
}

static void send_more(struct conn *c)
{
    int rc = httpd_wire_flush(c);

    if (rc == WIRE_LOST) {
        httpd_conn_close(c);
    } else if (rc == 0) {
        httpd_request_sent(c);
        httpd_request_advance(c);
    }
}

/* Reads and drops what comes, with TLS or without. */
static void drop_input(struct conn *c)
{
    ssize_t n = recv(c->fd, c->h->scratch, SCRATCH_SIZE, 0);

    if (n > 0) {
        int64_t until = c->h->now_ms + LINGER_SILENT_MS;
        c->deadline_ms = until < c->end_ms ? until : c->end_ms;
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        httpd_conn_close(c);
    }
}

/* Handles the client's answer to the end of the reply on a CONN_LAST connection. */
static void last_word(struct conn *c)
{
    int error = 0;
    socklen_t len = sizeof error;

    (void)getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &len);
    httpd_request_end(c, error != 0);
    httpd_conn_close(c);
}

static void lose_sight(struct conn *c)
{
    (void)epoll_ctl(c->h->epoll, EPOLL_CTL_DEL, c->fd, NULL);
    c->gone = true;
}

static void begin_turn(struct conn *c)
{
    c->cur = (struct input){c->held, c->held_len};
}

static void end_turn(struct conn *c, bool strayed)
{
    if (c->state != CONN_DEAD) {
        httpd_wire_keep_rest(c);
        ask(c, strayed);
    }
}

void httpd_conn_event(struct conn *c, uint32_t events)
{
    bool broken = (events & (EPOLLERR | EPOLLHUP)) != 0;

    if (c->state == CONN_DEAD) {
        return;
    }
    c->rdhup = c->rdhup || (events & EPOLLRDHUP) != 0;
    bool strayed = (events & (EPOLLIN | EPOLLOUT | EPOLLRDHUP) & ~wanted(c)) != 0;
    begin_turn(c);
    switch (c->state) {
    case CONN_SHAKE:
        httpd_conn_shake(c);
        break;
    case CONN_IDLE:
    case CONN_HEAD:
    case CONN_BODY:
    case CONN_DROP:
        take_input(c);
        break;
    case CONN_SEND:
        send_more(c);
        break;
    case CONN_LINGER:
        drop_input(c);
        break;
    case CONN_WORK:
        if (broken) {
            lose_sight(c);
        }
        break;
    case CONN_AGAIN:
        if (broken) {
            httpd_conn_close(c);
        }
        break;
    case CONN_LAST:
        if (broken) {
            last_word(c);
        }
        break;
    default:
        break;
    }
    end_turn(c, strayed);
}

void httpd_conn_finished(struct job *j)
{
    struct conn *c = j->conn;

    j->place = JOB_LOOP;
    if (c->gone) {
        httpd_conn_close(c);
        return;
    }
    begin_turn(c);
    httpd_work_settle(c);
    httpd_request_advance(c);
    end_turn(c, false);
}

void httpd_conn_again(struct conn *c)
{
    if (c->state == CONN_AGAIN) {
        begin_turn(c);
        httpd_work_again(c);
        httpd_request_advance(c);
        end_turn(c, false);
    }
}

/* ---- time ---- */

void httpd_conn_give_up(struct conn *c)
{
    const struct linger at_once = {.l_onoff = 1};

    /* the kernel does not go on sending what the client does not read */
    if (c->state == CONN_SEND) {
        (void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    } else {
        httpd_tls_end(c);
    }
    httpd_conn_close(c);
}

void httpd_conn_expire(struct conn *c)
{
    begin_turn(c);
    switch (c->state) {
    case CONN_SHAKE:
        if (c->heard) {
            httpd_count_one(c->h, &c->h->count.tls_failed);
        }
        httpd_conn_close(c);
        break;
    case CONN_HEAD:
        httpd_request_refuse(c, 408, "the head did not come in time");
        break;
    case CONN_BODY:
        httpd_request_refuse(c, 408, "the body did not come in time");
        break;
    case CONN_DROP:
        c->job->keep = false;
        httpd_request_answer(c);
        break;
    case CONN_WORK:
        c->deadline_ms = NEVER_MS;
        if (httpd_pool_remove(c->h->pool, c->job)) {
            httpd_request_refuse(c, 503, "no thread was free in time");
            httpd_request_advance(c);
        }
        break;
    case CONN_AGAIN:
        httpd_work_again(c);
        httpd_request_advance(c);
        break;
    case CONN_SEND:
    case CONN_IDLE:
        httpd_conn_give_up(c);
        break;
    case CONN_LAST:
        httpd_request_end(c, false);
        httpd_conn_close(c);
        break;
    default:
        httpd_conn_close(c);
        break;
    }
    end_turn(c, false);
}

void httpd_conn_quiesce(struct conn *c)
{
    int64_t soon = c->h->now_ms + QUIET_HEAD_MS;

    if (c->state == CONN_IDLE) { /* a request may have come already */
        begin_turn(c);
        take_input(c);
        end_turn(c, false);
    }
    httpd_conn_again(c);
    if (c->state == CONN_IDLE) {
        httpd_conn_give_up(c);
    } else if ((c->state == CONN_SHAKE || c->state == CONN_HEAD) && c->deadline_ms > soon) {
        c->deadline_ms = soon;
        httpd_loop_by(c->h, soon);
    }
}
