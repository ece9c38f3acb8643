/* The TLS handshake of a new connection, and the answer to a client that speaks without TLS. */
#include <openssl/ssl.h>
#include <sys/socket.h>

#include "conn.h"
#include "tls.h"
#include "wire.h"

/* Someone speaks HTTP where TLS is spoken, and is told so. */
static void answer_plain(struct conn *c)
{
    SSL_free(c->ssl);
    c->ssl = NULL;
    c->blocked = 0;
    httpd_count_one(c->h, &c->h->count.tls_failed);
    httpd_request_refuse(c, 400, "this port speaks HTTPS, and the request came without TLS");
}

/* The first byte of TLS is 22, which begins no request. */
static bool is_plain(struct conn *c)
{
    unsigned char first = 0;

    if (!c->heard) {
        c->heard = recv(c->fd, &first, 1, MSG_PEEK) == 1;
        return c->heard && first >= 'A' && first <= 'z';
    }
    return false;
}

void httpd_conn_shake(struct conn *c)
{
    if (is_plain(c)) {
        answer_plain(c);
        return;
    }
    int rc = httpd_tls_shake(c);
    if (rc == 0) {
        httpd_request_wait(c);
    } else if (rc == WIRE_LOST) {
        if (c->heard) {
            httpd_count_one(c->h, &c->h->count.tls_failed);
        }
        httpd_conn_close(c);
    }
}
