/* TLS for the server's connections.
 *
 * DESIGN: one SSL_CTX is in force; a new one takes its place under the lock, and each connection
 * keeps the one with which it began (OpenSSL counts the references). TLS 1.2 and 1.3, and HTTP/1.1
 * only. */
#include "tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "conn.h"
#include "core/alloc.h"
#include "wire.h"

enum { RECORDS_TURN = 64 }; /* records that are read at once, however small they are */

struct httpd_tls {
    pthread_mutex_t lock;
    SSL_CTX *ctx; /* guarded by the lock */
};

/* ---- certificate and key ---- */

/* Sets the error, and empties OpenSSL's list of errors of this thread. */
static enum err_code failed(struct err *e, const char *what)
{
    unsigned long code = ERR_peek_last_error();
    const char *reason = code == 0 ? NULL : ERR_reason_error_string(code);

    ERR_clear_error();
    return reason == NULL ? err_set(e, E_CONFIG, "%s", what)
                          : err_set(e, E_CONFIG, "%s: %s", what, reason);
}

/* Gives no password, so that OpenSSL asks nobody on the terminal. */
static int no_password(char *buf, int size, int writing, void *arg)
{
    (void)buf;
    (void)size;
    (void)writing;
    *(bool *)arg = true;
    return -1;
}

/* Adds the certificates in the rest of the text, which are those that signed the first one. */
static enum err_code add_chain(SSL_CTX *ctx, BIO *text, struct err *e)
{
    bool asked = false;
    X509 *x;

    while ((x = PEM_read_bio_X509(text, NULL, no_password, &asked)) != NULL) {
        if (SSL_CTX_add0_chain_cert(ctx, x) != 1) {
            X509_free(x);
            return failed(e, "the certificate's chain cannot be used");
        }
    }
    unsigned long code = ERR_peek_last_error();
    if (ERR_GET_LIB(code) != ERR_LIB_PEM || ERR_GET_REASON(code) != PEM_R_NO_START_LINE) {
        return failed(e, "the certificate's chain cannot be read");
    }
    ERR_clear_error(); /* this error only tells of the end of the text */
    return E_OK;
}

static enum err_code use_cert(SSL_CTX *ctx, const char *pem, struct err *e)
{
    bool asked = false;
    BIO *text = BIO_new_mem_buf(pem, -1);
    X509 *x = PEM_read_bio_X509_AUX(text, NULL, no_password, &asked);
    enum err_code rc = E_OK;

    if (x == NULL) {
        rc = failed(e, "no certificate in PEM form can be read");
    } else if (SSL_CTX_use_certificate(ctx, x) != 1) {
        rc = failed(e, "the certificate cannot be used");
    } else {
        rc = add_chain(ctx, text, e);
    }
    X509_free(x);
    BIO_free(text);
    return rc;
}

static enum err_code use_key(SSL_CTX *ctx, const char *pem, struct err *e)
{
    bool asked = false;
    BIO *text = BIO_new_mem_buf(pem, -1);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(text, NULL, no_password, &asked);
    enum err_code rc = E_OK;

    if (key == NULL && asked) {
        ERR_clear_error();
        rc = err_set(e, E_CONFIG, "the key has a passphrase: give a key without one");
    } else if (key == NULL) {
        rc = failed(e, "no private key in PEM form can be read");
    } else if (SSL_CTX_use_PrivateKey(ctx, key) != 1 || SSL_CTX_check_private_key(ctx) != 1) {
        rc = failed(e, "the certificate and the key do not match");
    }
    EVP_PKEY_free(key);
    BIO_free(text);
    return rc;
}

/* ---- the context ---- */

static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                           const unsigned char *in, unsigned in_len, void *arg)
{
    static const unsigned char ours[] = "\x08http/1.1";
    unsigned char *chosen = NULL;

    (void)ssl;
    (void)arg;
    if (SSL_select_next_proto(&chosen, out_len, ours, sizeof ours - 1, in, in_len) !=
        OPENSSL_NPN_NEGOTIATED) {
        return SSL_TLSEXT_ERR_ALERT_FATAL; /* RFC 7301 3.2 asks for this alert */
    }
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

static SSL_CTX *make_ctx(const char *cert, const char *key, struct err *e)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

    if (ctx == NULL) {
        (void)failed(e, "TLS cannot be set up");
        return NULL;
    }
    (void)SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
    (void)SSL_CTX_set_cipher_list(ctx, "ECDHE+AESGCM:ECDHE+CHACHA20"); /* the ciphers of TLS 1.2 */
    (void)SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                       SSL_OP_CIPHER_SERVER_PREFERENCE |
                                       SSL_OP_IGNORE_UNEXPECTED_EOF);
    (void)SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE |
                                    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    /* A read ends with a record that holds nothing of HTTP, such as a KeyUpdate: otherwise a client
     * that sends nothing else would keep the loop's thread for as long as it likes. */
    (void)SSL_CTX_clear_mode(ctx, SSL_MODE_AUTO_RETRY);
    /* session tickets take its place */
    (void)SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    (void)SSL_CTX_set_num_tickets(ctx, 1);
    SSL_CTX_set_alpn_select_cb(ctx, choose_protocol, NULL);
    if (use_cert(ctx, cert, e) != E_OK || use_key(ctx, key, e) != E_OK) {
        SSL_CTX_free(ctx);
        return NULL;
    }
    return ctx;
}

enum err_code httpd_check_tls(const char *cert, const char *key, struct err *e)
{
    SSL_CTX *ctx = make_ctx(cert, key, e);

    SSL_CTX_free(ctx);
    return ctx == NULL ? E_CONFIG : E_OK;
}

struct httpd_tls *httpd_tls_new(const char *cert, const char *key, struct err *e)
{
    SSL_CTX *ctx = make_ctx(cert, key, e);

    if (ctx == NULL) {
        return NULL;
    }
    struct httpd_tls *t = xcalloc(1, sizeof *t);
    (void)pthread_mutex_init(&t->lock, NULL);
    t->ctx = ctx;
    return t;
}

enum err_code httpd_tls_set(struct httpd_tls *t, const char *cert, const char *key, struct err *e)
{
    SSL_CTX *ctx = make_ctx(cert, key, e);

    if (ctx == NULL) {
        return E_CONFIG;
    }
    (void)pthread_mutex_lock(&t->lock);
    SSL_CTX *before = t->ctx;
    t->ctx = ctx;
    (void)pthread_mutex_unlock(&t->lock);
    SSL_CTX_free(before);
    return E_OK;
}

void httpd_tls_free(struct httpd_tls *t)
{
    if (t != NULL) {
        SSL_CTX_free(t->ctx);
        (void)pthread_mutex_destroy(&t->lock);
        free(t);
    }
}

/* ---- a connection ---- */

SSL *httpd_tls_accept(struct httpd_tls *t, int fd)
{
    (void)pthread_mutex_lock(&t->lock);
    SSL *ssl = SSL_new(t->ctx);
    (void)pthread_mutex_unlock(&t->lock);
    if (ssl != NULL && SSL_set_fd(ssl, fd) != 1) {
        SSL_free(ssl);
        ssl = NULL;
    }
    if (ssl != NULL) {
        SSL_set_accept_state(ssl);
    }
    return ssl;
}

/* What a call that moved no bytes waits for. */
static int outcome(struct conn *c, int rc)
{
    int error = SSL_get_error(c->ssl, rc);

    ERR_clear_error();
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
        c->blocked = error == SSL_ERROR_WANT_READ ? EPOLLIN : EPOLLOUT;
        return WIRE_BLOCKED;
    }
    return error == SSL_ERROR_ZERO_RETURN ? 0 : WIRE_LOST;
}

int httpd_tls_shake(struct conn *c)
{
    ERR_clear_error();
    int rc = SSL_do_handshake(c->ssl);
    if (rc == 1) {
        c->blocked = 0;
        return 0;
    }
    return outcome(c, rc) == WIRE_BLOCKED ? WIRE_BLOCKED : WIRE_LOST;
}

ssize_t httpd_tls_read(struct conn *c, char *to, size_t size)
{
    size_t len = 0;
    size_t n = 0;
    int rc = 0;

    ERR_clear_error();
    /* Records are read as a whole: epoll does not tell of the part of a record that OpenSSL
     * holds. */
    for (int i = 0; i < RECORDS_TURN && size - len >= RECORD_SIZE; i++) {
        rc = SSL_read_ex(c->ssl, to + len, size - len, &n);
        if (rc != 1) {
            break;
        }
        len += n;
    }
    if (len > 0) {
        ERR_clear_error();
        c->blocked = 0;
        c->rdhup = c->rdhup || (SSL_get_shutdown(c->ssl) & SSL_RECEIVED_SHUTDOWN) != 0;
        return (ssize_t)len; /* an end or a failure shows again at the next read */
    }
    return outcome(c, rc);
}

ssize_t httpd_tls_write(struct conn *c, const char *bytes, size_t len)
{
    size_t n = 0;

    ERR_clear_error();
    int rc = SSL_write_ex(c->ssl, bytes, len, &n);
    if (rc == 1) {
        c->blocked = 0;
        return (ssize_t)n;
    }
    return outcome(c, rc) == WIRE_BLOCKED ? WIRE_BLOCKED : WIRE_LOST;
}

bool httpd_tls_ended(struct conn *c)
{
    char byte;
    size_t n = 0;

    ERR_clear_error();
    int rc = SSL_peek_ex(c->ssl, &byte, 1, &n);
    return rc != 1 && outcome(c, rc) == 0;
}

void httpd_tls_end(struct conn *c)
{
    if (c->ssl != NULL && c->state != CONN_SHAKE && c->state != CONN_LINGER) {
        (void)SSL_shutdown(c->ssl);
        ERR_clear_error();
    }
}
