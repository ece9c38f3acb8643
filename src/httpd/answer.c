/* The way back of a request: its reply is written, and the connection goes on or ends in a way that
 * lets the client read the reply to its end. */
#include <stdlib.h>
#include <sys/socket.h>

#include "conn.h"
#include "reply.h"
#include "tls.h"
#include "wire.h"

enum { LINGER_MS = 10000 }; /* the time of a closing connection in all */

void httpd_request_end(struct conn *c, bool cut)
{
    struct job *j = c->job;

    j->x.cut = cut;
    c->h->o.hooks->done(c->h->o.arg, &j->x);
    httpd_reply_clear(&j->x.reply);
    http_fields_clear(&j->x.fields);
    http_head_clear(&j->head);
    http_body_clear(&j->body);
    c->h->bodies -= j->counted;
    free(j);
    c->job = NULL;
    httpd_count_add(c->h, 0, -1);
}

/* Called when the kernel has the whole reply: the connection goes on, or closes in a way that lets
 * the client read to the end. */
void httpd_request_sent(struct conn *c)
{
    bool silent = false;

    if (c->rdhup && !c->eof) {
        c->eof = httpd_wire_ended(c);
    }
    if (c->eof && c->cur.len == 0) {
        httpd_tls_end(c);
        (void)shutdown(c->fd, SHUT_WR); /* a client that is no longer there shows it now */
        httpd_conn_stay(c, CONN_LAST, c->h->now_ms + LINGER_SILENT_MS);
        return;
    }
    bool keep = c->job->keep;
    bool asked = c->job->whole && !c->job->head.keep;
    httpd_request_end(c, false);
    if (keep) {
        httpd_request_wait(c);
        return;
    }
    httpd_tls_end(c);
    if (asked && c->cur.len == 0) {
        bool end = false;
        silent = httpd_wire_silent(c, &end) || end;
    }
    c->cur.len = 0;
    if (silent) { /* the client sends no more */
        httpd_conn_close(c);
        return;
    }
    (void)shutdown(c->fd, SHUT_WR);
    httpd_conn_stay(c, CONN_LINGER, c->h->now_ms + LINGER_SILENT_MS);
    c->end_ms =
        c->h->now_ms + (atomic_load(&c->h->quiesce) ? (int)LINGER_SILENT_MS : (int)LINGER_MS);
}

void httpd_request_answer(struct conn *c)
{
    struct job *j = c->job;
    struct http_exchange *x = &j->x;

    if (x->reply.status == 0) {
        x->reply.status = 500;
    }
    j->keep = j->keep && !x->reply.close && !atomic_load(&c->h->quiesce);
    httpd_reply_write(&c->out, x, j->keep, httpd_reply_date(c->h));
    if (c->ssl != NULL && httpd_reply_has_body(x) && x->reply.body_len <= RECORD_SIZE) {
        strbuf_add(&c->out, x->reply.body, x->reply.body_len);
        j->body_at = x->reply.body_len;
    }
    httpd_conn_stay(c, CONN_SEND, c->h->now_ms + httpd_conn_within_ms(c, c->h->o.send_ms));
    int rc = httpd_wire_flush(c);
    if (rc == 0) {
        httpd_request_sent(c);
    } else if (rc == WIRE_LOST) {
        httpd_conn_close(c);
    }
}

void httpd_request_refuse(struct conn *c, int status, const char *why)
{
    struct http_head none = {0};

    if (c->job == NULL) {
        c->job = httpd_request_new(c, &none);
    }
    struct job *j = c->job;
    j->keep = j->keep && j->whole;
    c->h->o.hooks->refuse(c->h->o.arg, &j->x, status, why);
    if (j->x.reply.status == 0) {
        j->x.reply.status = status;
    }
    httpd_request_answer(c);
}
