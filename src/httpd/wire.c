/* The bytes of a connection, with TLS or without: reading, writing, and holding input until more of
 * it comes. */
#include "wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "conn.h"
#include "core/alloc.h"
#include "core/secret.h"
#include "reply.h"
#include "tls.h"

static ssize_t outcome(ssize_t n)
{
    if (n >= 0) {
        return n;
    }
    return errno == EAGAIN || errno == EWOULDBLOCK ? WIRE_BLOCKED : WIRE_LOST;
}

ssize_t httpd_wire_read(struct conn *c, char *to, size_t size)
{
    ssize_t n;

    if (c->ssl != NULL) {
        return httpd_tls_read(c, to, size);
    }
    do {
        n = recv(c->fd, to, size, 0);
    } while (n < 0 && errno == EINTR);
    return outcome(n);
}

/* Writes some bytes of the two parts; with TLS only of the first part that is not empty. */
static ssize_t write_some(struct conn *c, struct iovec part[2])
{
    struct msghdr m = {.msg_iov = part, .msg_iovlen = part[1].iov_len > 0 ? 2 : 1};
    ssize_t n;

    if (c->ssl != NULL) {
        const struct iovec *v = part[0].iov_len > 0 ? &part[0] : &part[1];
        return httpd_tls_write(c, v->iov_base, v->iov_len);
    }
    do {
        n = sendmsg(c->fd, &m, MSG_NOSIGNAL);
    } while (n < 0 && errno == EINTR);
    return outcome(n);
}

int httpd_wire_flush(struct conn *c)
{
    struct job *j = c->state == CONN_SEND ? c->job : NULL;
    bool has_body = j != NULL && httpd_reply_has_body(&j->x);

    for (;;) {
        struct iovec part[2] = {
            {.iov_base = c->out.data == NULL ? NULL : c->out.data + c->out_at,
             .iov_len = c->out.len - c->out_at                         },
            {.iov_base = has_body ? j->x.reply.body + j->body_at : NULL,
             .iov_len = has_body ? j->x.reply.body_len - j->body_at : 0},
        };
        if (part[0].iov_len == 0 && part[1].iov_len == 0) {
            strbuf_clear(&c->out);
            c->out_at = 0;
            return 0;
        }
        ssize_t n = write_some(c, part);
        if (n < 0) {
            return (int)n;
        }
        size_t of_head = (size_t)n < part[0].iov_len ? (size_t)n : part[0].iov_len;
        c->out_at += of_head;
        if (has_body) {
            j->body_at += (size_t)n - of_head;
        }
    }
}

bool httpd_wire_silent(const struct conn *c, bool *end)
{
    char byte;
    ssize_t n = recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

    *end = n == 0;
    return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

bool httpd_wire_ended(struct conn *c)
{
    bool end = false;

    if (c->ssl != NULL) {
        return httpd_tls_ended(c);
    }
    (void)httpd_wire_silent(c, &end);
    return end;
}

/* ---- input that is not consumed yet; it may hold secrets ---- */

void httpd_wire_drop_held(struct conn *c)
{
    if (c->held != NULL) {
        secret_wipe(c->held, c->held_cap);
        free(c->held);
    }
    c->held = NULL;
    c->held_len = c->held_cap = 0;
}

void httpd_wire_hold(struct conn *c, const char *bytes, size_t len)
{
    if (c->held == NULL || c->held_len + len > c->held_cap) {
        size_t cap = c->held_cap == 0 ? 1024 : c->held_cap;
        while (cap < c->held_len + len) {
            cap *= 2;
        }
        char *to = xmalloc(cap);
        size_t before = c->held_len;
        if (c->held != NULL) {
            memcpy(to, c->held, before);
        }
        httpd_wire_drop_held(c);
        c->held = to;
        c->held_len = before;
        c->held_cap = cap;
    }
    if (len > 0) {
        memcpy(c->held + c->held_len, bytes, len);
    }
    c->held_len += len;
}

void httpd_wire_keep_rest(struct conn *c)
{
    struct input rest = c->cur;

    c->cur = (struct input){0};
    if (rest.len == 0) {
        httpd_wire_drop_held(c);
    } else if (c->held == NULL) {
        httpd_wire_hold(c, rest.at, rest.len);
    } else {
        memmove(c->held, rest.at, rest.len); /* cur lies within what is held */
        c->held_len = rest.len;
    }
}
