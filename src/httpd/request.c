/* What comes on a connection: heads, bodies, requests.
 *
 * DESIGN: `cur` holds the bytes that were read and not consumed. httpd_request_advance takes heads
 * and bodies from it as long as the connection is in a state to read; a reply that is sent at once
 * leaves the connection in such a state, so that pipelined requests are served in a loop and not by
 * recursion. */
#include <stdlib.h>
#include <string.h>

#include "conn.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "wire.h"
#include "work.h"

/* A body up to this is read before a reply that does not need it. */
enum { DROP_MAX = 1024 * 1024 };

static void take(struct conn *c, size_t n)
{
    c->cur.at += n;
    c->cur.len -= n;
}

/* How long a client may do nothing. */
static int patience_ms(const struct conn *c)
{
    int ms = httpd_conn_within_ms(c, c->h->o.idle_ms);

    return atomic_load(&c->h->quiesce) && ms > QUIET_HEAD_MS ? QUIET_HEAD_MS : ms;
}

void httpd_request_wait(struct conn *c)
{
    httpd_conn_stay(c, CONN_IDLE, c->h->now_ms + patience_ms(c));
}

/* ---- a job ---- */

/* Makes the job of a request. Takes the head. */
struct job *httpd_request_new(struct conn *c, struct http_head *head)
{
    struct job *j = xcalloc(1, sizeof *j);

    j->conn = c;
    j->head = *head;
    j->keep = head->keep;
    j->x = (struct http_exchange){.method = head->method == NULL ? "" : head->method,
                                  .target = head->target == NULL ? "" : head->target,
                                  .minor = head->minor,
                                  .fields = head->fields,
                                  .body = "",
                                  .secure = c->ssl != NULL,
                                  .head_us = clock_mono_us()};
    j->head.fields = (struct http_fields){0};
    memcpy(j->x.peer, c->peer, sizeof j->x.peer);
    *head = (struct http_head){0};
    c->crowded = c->crowded && c->h->total > c->h->o.connections; /* there may be room by now */
    j->x.crowded = c->crowded;
    httpd_count_add(c->h, 0, 1);
    return j;
}

/* ---- the way in ---- */

/* Counts the bytes of the body that are held. All bodies together have a limit, whatever the limit
 * of each is. */
static bool is_too_much(struct conn *c)
{
    struct httpd *h = c->h;
    struct job *j = c->job;

    h->bodies += j->body.data.len - j->counted;
    j->counted = j->body.data.len;
    return h->o.bodies_max > 0 && h->bodies > h->o.bodies_max;
}

static void refuse_too_much(struct conn *c)
{
    http_body_clear(&c->job->body);
    (void)is_too_much(c);
    httpd_request_refuse(c, 503, "the bodies of all requests together are over the limit");
}

/* Takes bytes of a body. True: the connection's state changed, or its input did. */
static bool take_body(struct conn *c)
{
    struct job *j = c->job;
    size_t used = 0;
    bool drop = c->state == CONN_DROP;
    enum http_body_state got = http_body_take(&j->body, c->cur.at, c->cur.len, &used);

    take(c, used);
    j->fed = j->fed || used > 0;
    j->x.received = j->body.received;
    bool too_much = is_too_much(c);
    if (got == HTTP_BODY_END && drop) {
        j->whole = true;
        httpd_request_answer(c);
    } else if (too_much && j->counted > 0) {
        refuse_too_much(c);
    } else if (got == HTTP_BODY_END && !j->body.too_big) {
        httpd_work_begin(c);
    } else if (got == HTTP_BODY_BAD && drop) {
        j->keep = false;
        httpd_request_answer(c);
    } else if (got == HTTP_BODY_BAD) {
        httpd_request_refuse(c, 400, j->body.why);
    } else if (got != HTTP_BODY_MORE && !drop) {
        /* The end of the body may have come in the same read: the reply is the same, whatever the
         * parts are. */
        httpd_request_refuse(c, 413, "the body is over the limit");
    } else {
        return used > 0 && c->cur.len > 0;
    }
    return true;
}

/* Sends 100 Continue: the client waits for it before it sends the body. */
static void ask_for_body(struct conn *c)
{
    struct job *j = c->job;

    if (c->state == CONN_BODY && j->head.expects && j->x.minor >= 1 && !j->fed && !j->continued) {
        j->continued = true;
        strbuf_adds(&c->out, "HTTP/1.1 100 Continue\r\n\r\n");
        if (httpd_wire_flush(c) == WIRE_LOST) {
            httpd_conn_close(c);
        }
    }
}

static void begin(struct conn *c, struct http_head *head)
{
    const struct httpd *h = c->h;
    struct job *j = c->job = httpd_request_new(c, head);

    if (j->head.status != 0) {
        httpd_request_refuse(c, j->head.status, j->head.why);
        return;
    }
    enum http_way way = h->o.hooks->head(h->o.arg, &j->x);
    c->known = c->known || j->x.known;
    j->here = way == HTTP_RUN_HERE;
    http_body_init(&j->body, j->head.chunked, j->head.length,
                   way == HTTP_REPLY ? 0 : h->o.body_max);
    httpd_conn_stay(c, way == HTTP_REPLY ? CONN_DROP : CONN_BODY,
                    h->now_ms + httpd_conn_within_ms(c, h->o.body_ms));
    bool none = !j->head.chunked && j->head.length == 0;
    bool waits = j->head.expects && c->cur.len == 0;
    if (way == HTTP_REPLY && !none && (j->head.chunked || j->head.length > DROP_MAX || waits)) {
        j->keep = false;
        httpd_request_answer(c);
    }
}

/* Does the input say nothing? Line ends between requests are ignored (RFC 9112 2.2). */
static bool says_nothing(const struct conn *c)
{
    for (size_t i = 0; i < c->cur.len; i++) {
        if (c->cur.at[i] != '\r' && c->cur.at[i] != '\n') {
            return false;
        }
    }
    return true;
}

/* Takes a head. True: one was taken. */
static bool take_head(struct conn *c)
{
    const struct http_head_limits limits = {c->h->o.head_max, c->h->o.target_max};
    struct http_head head = {0};

    if (c->cur.len == 0) {
        return false;
    }
    size_t used = http_head_read(&c->scan, c->cur.at, c->cur.len, &limits, &head);
    if (used > 0) {
        c->scan = (struct http_head_scan){.at = 0};
        take(c, used < c->cur.len ? used : c->cur.len);
        begin(c, &head);
        return true;
    }
    if (c->state == CONN_IDLE && !says_nothing(c)) {
        httpd_conn_stay(c, CONN_HEAD, c->h->now_ms + patience_ms(c));
    }
    return false;
}

/* Handles the end of the client's side when what it sent is no complete request. */
static void cut_short(struct conn *c)
{
    switch (c->state) {
    case CONN_IDLE:
        httpd_conn_close(c);
        break;
    case CONN_HEAD:
        c->cur.len = 0;
        httpd_request_refuse(c, 400, "the connection ended within the head of a request");
        break;
    case CONN_BODY:
        httpd_request_refuse(c, 400, "the connection ended within the body of a request");
        break;
    case CONN_DROP:
        c->job->keep = false;
        httpd_request_answer(c);
        break;
    default:
        break;
    }
}

void httpd_request_advance(struct conn *c)
{
    bool more = true;

    while (more) {
        switch (c->state) {
        case CONN_IDLE:
        case CONN_HEAD:
            more = take_head(c);
            break;
        case CONN_BODY:
        case CONN_DROP:
            more = take_body(c);
            if (!more) {
                ask_for_body(c);
            }
            break;
        default:
            more = false;
        }
    }
    if (c->eof) {
        cut_short(c);
    }
}
