/* The HTTP server over TLS on loopback. */
#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "httpd_rig.h"

#define HOST "Host: x\r\n"
#define GET(target) "GET " target " HTTP/1.1\r\n" HOST "\r\n"

/* ---- certificates ---- */

struct pair {
    char *cert, *key; /* PEM, owned */
};

static char *read_all(BIO *b)
{
    char *data;
    long len = BIO_get_mem_data(b, &data);
    char *text = xstrndup(data, (size_t)len);

    BIO_free(b);
    return text;
}

static struct pair make_pair(const char *name)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *x = X509_new();
    X509_NAME *subject = X509_get_subject_name(x);
    BIO *cert_text = BIO_new(BIO_s_mem());
    BIO *key_text = BIO_new(BIO_s_mem());

    (void)ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
    (void)X509_gmtime_adj(X509_getm_notBefore(x), -3600);
    (void)X509_gmtime_adj(X509_getm_notAfter(x), 3600);
    (void)X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1,
                                     -1, 0);
    (void)X509_set_issuer_name(x, subject);
    (void)X509_set_pubkey(x, key);
    cr_assert_gt(X509_sign(x, key, EVP_sha256()), 0);
    (void)PEM_write_bio_X509(cert_text, x);
    (void)PEM_write_bio_PrivateKey(key_text, key, NULL, NULL, 0, NULL, NULL);
    X509_free(x);
    EVP_PKEY_free(key);
    return (struct pair){read_all(cert_text), read_all(key_text)};
}

static void pair_clear(struct pair *p)
{
    free(p->cert);
    free(p->key);
}

/* ---- a client ---- */

struct client {
    int fd;
    SSL_CTX *ctx;
    SSL *ssl; /* NULL: no handshake */
};

/* Was the call that gave `rc` ended by a signal alone, such as the one that goes on after a stop?
 */
static bool again(const struct client *c, int rc)
{
    int error = errno;

    return rc != 1 && SSL_get_error(c->ssl, rc) == SSL_ERROR_WANT_READ && error == EINTR;
}

static struct client dial_with(struct rig *r, int version, const char *protocols, size_t len)
{
    struct client c = {.fd = rig_dial(r), .ctx = SSL_CTX_new(TLS_client_method())};

    (void)SSL_CTX_set_min_proto_version(c.ctx, version);
    (void)SSL_CTX_set_max_proto_version(c.ctx, version);
    SSL_CTX_set_security_level(c.ctx, 0); /* TLS 1.1 is offered, so that the server refuses it */
    c.ssl = SSL_new(c.ctx);
    (void)SSL_set_fd(c.ssl, c.fd);
    if (protocols != NULL) {
        (void)SSL_set_alpn_protos(c.ssl, (const unsigned char *)protocols, (unsigned)len);
    }
    int rc;
    do {
        rc = SSL_connect(c.ssl);
    } while (again(&c, rc));
    if (rc != 1) {
        SSL_free(c.ssl);
        c.ssl = NULL;
    }
    ERR_clear_error();
    return c;
}

static struct client dial(struct rig *r)
{
    struct client c = dial_with(r, TLS1_3_VERSION, NULL, 0);

    cr_assert_not_null(c.ssl);
    return c;
}

static void hang_up(struct client *c)
{
    SSL_free(c->ssl);
    SSL_CTX_free(c->ctx);
    (void)close(c->fd);
}

static bool put(struct client *c, const char *bytes, size_t len)
{
    size_t n = 0;

    return SSL_write_ex(c->ssl, bytes, len, &n) == 1 && n == len;
}

/* Reads until `end` was seen, or to the end of the connection. */
static char *get(struct client *c, const char *end)
{
    static char text[65536];
    size_t len = 0;
    size_t n = 0;

    text[0] = '\0';
    while (len + 1 < sizeof text && (end == NULL || strstr(text, end) == NULL)) {
        int rc = SSL_read_ex(c->ssl, text + len, sizeof text - 1 - len, &n);
        if (rc == 1) {
            len += n;
            text[len] = '\0';
        } else if (!again(c, rc)) {
            break;
        }
    }
    return text;
}

static const char *name_of_server(struct client *c)
{
    static char name[64];
    X509 *x = SSL_get1_peer_certificate(c->ssl);

    (void)X509_NAME_get_text_by_NID(X509_get_subject_name(x), NID_commonName, name, sizeof name);
    X509_free(x);
    return name;
}

/* ---- the tests ---- */

static struct rig r;
static struct pair one, two;

static void setup(void)
{
    (void)signal(SIGPIPE, SIG_IGN); /* of the clients; the server has its own way */
    one = make_pair("one");
    two = make_pair("two");
    rig_start(&r, &(struct httpd_options){.cert = one.cert, .key = one.key});
}

static void teardown(void)
{
    rig_stop(&r);
    pair_clear(&one);
    pair_clear(&two);
}

TestSuite(httpd_tls, .init = setup, .fini = teardown, .timeout = 120);

Test(httpd_tls, requests_are_served_in_1_3_and_1_2_and_no_older_one)
{
    static const int versions[] = {TLS1_3_VERSION, TLS1_2_VERSION};

    for (size_t i = 0; i < 2; i++) {
        struct client c = dial_with(&r, versions[i], NULL, 0);
        cr_assert_not_null(c.ssl);
        for (int n = 0; n < 20; n++) {
            cr_assert(put(&c, GET("/x"), strlen(GET("/x"))));
            cr_expect_not_null(strstr(get(&c, "GET /x 0 "), "200 OK"));
        }
        cr_assert(put(&c, GET("/1") GET("/2"), strlen(GET("/1") GET("/2"))));
        cr_expect_not_null(strstr(get(&c, "GET /2 0 "), "GET /1 0 "));
        hang_up(&c);
    }
    cr_expect(r.all_secure);
    struct client old = dial_with(&r, TLS1_1_VERSION, NULL, 0);
    cr_expect_null(old.ssl);
    hang_up(&old);
    cr_expect(rig_await_connections(&r, 0));
    struct httpd_count count;
    httpd_count(r.h, &count);
    cr_expect_eq(count.tls_failed, 1);
}

Test(httpd_tls, http_1_1_is_chosen_and_nothing_else_accepted)
{
    const unsigned char *chosen;
    unsigned len;
    struct client c = dial_with(&r, TLS1_3_VERSION, "\x02h2\x08http/1.1", 12);

    cr_assert_not_null(c.ssl);
    SSL_get0_alpn_selected(c.ssl, &chosen, &len);
    cr_expect_eq(len, 8);
    cr_expect_eq(memcmp(chosen, "http/1.1", 8), 0);
    hang_up(&c);
    c = dial_with(&r, TLS1_3_VERSION, "\x02h2", 3);
    cr_expect_null(c.ssl);
    hang_up(&c);
}

/* All bytes to the end, which is said in TLS. */
static size_t count_to_end(struct client *c)
{
    char buf[16384];
    size_t n = 0;
    size_t total = 0;

    while (SSL_read_ex(c->ssl, buf, sizeof buf, &n) == 1) {
        total += n;
    }
    cr_expect_eq(SSL_get_error(c->ssl, 0), SSL_ERROR_ZERO_RETURN);
    return total;
}

Test(httpd_tls, bodies_and_replies_of_many_records_come_whole)
{
    enum { BODY = 200000 };
    static const char big[] = "GET /big HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n";
    char *request = xcalloc(1, BODY + 200);
    struct client c = dial(&r);

    int head = snprintf(
        request, 200, "POST /x HTTP/1.1\r\n" HOST "Connection: close\r\nContent-Length: %d\r\n\r\n",
        BODY);
    memset(request + head, 'b', BODY);
    cr_assert(put(&c, request, (size_t)head + BODY));
    size_t total = count_to_end(&c);
    cr_expect(total > BODY && total < BODY + 500, "%zu", total);
    free(request);
    hang_up(&c);

    c = dial(&r);
    cr_assert(put(&c, big, sizeof big - 1));
    total = count_to_end(&c);
    cr_expect(total > RIG_BIG && total < RIG_BIG + 500, "%zu", total);
    hang_up(&c);
    cr_expect(rig_await(&r, &r.done, 2));
    cr_expect_eq(r.cut, 0);
}

Test(httpd_tls, a_refusal_of_much_is_read_by_who_sends_it_all)
{
    static const char head[] = "POST /x HTTP/1.1\r\n" HOST "Content-Length: 20000000\r\n\r\n";
    static char part[20000];
    struct client c = dial(&r);

    cr_assert(put(&c, head, sizeof head - 1));
    for (int i = 0; i < 1000; i++) {
        cr_assert(put(&c, part, sizeof part), "cut after %d parts", i);
    }
    cr_expect_not_null(strstr(get(&c, NULL), "413 "));
    hang_up(&c);
}

Test(httpd_tls, a_new_certificate_is_for_new_connections)
{
    struct err e;
    struct client before = dial(&r);

    cr_expect_eq(httpd_set_tls(r.h, two.cert, two.key, &e), E_OK);
    struct client after = dial(&r);
    cr_expect_str_eq(name_of_server(&before), "one");
    cr_expect_str_eq(name_of_server(&after), "two");
    cr_assert(put(&before, GET("/x"), strlen(GET("/x"))));
    cr_expect_not_null(strstr(get(&before, "GET /x 0 "), "200 OK"));
    /* A wrong pair of files changes nothing. */
    cr_expect_eq(httpd_set_tls(r.h, one.cert, two.key, &e), E_CONFIG);
    cr_expect_not_null(strstr(e.msg, "do not match"), "%s", e.msg);
    struct client again = dial(&r);
    cr_expect_str_eq(name_of_server(&again), "two");
    hang_up(&before);
    hang_up(&after);
    hang_up(&again);
}

Test(httpd_tls, what_is_wrong_with_a_certificate_or_key_is_said)
{
    static const char locked[] =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
        "MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAinwVQ7nmvI0gICCAAw\n"
        "-----END ENCRYPTED PRIVATE KEY-----\n";
    struct err e;

    cr_expect_eq(httpd_check_tls(one.cert, one.key, &e), E_OK);
    cr_expect_eq(httpd_check_tls("nonsense", one.key, &e), E_CONFIG);
    cr_expect_not_null(strstr(e.msg, "certificate"), "%s", e.msg);
    cr_expect_eq(httpd_check_tls(one.cert, "nonsense", &e), E_CONFIG);
    cr_expect_not_null(strstr(e.msg, "key"), "%s", e.msg);
    cr_expect_eq(httpd_check_tls(one.cert, locked, &e), E_CONFIG);
    cr_expect_not_null(strstr(e.msg, "key"), "%s", e.msg);
    char *cut = xasprintf("%s-----BEGIN CERTIFICATE-----\nAAAA\n", one.cert);
    cr_expect_eq(httpd_check_tls(cut, one.key, &e), E_CONFIG);
    cr_expect_not_null(strstr(e.msg, "chain"), "%s", e.msg);
    free(cut);
    char *chain = xasprintf("%s%s", one.cert, two.cert);
    cr_expect_eq(httpd_check_tls(chain, one.key, &e), E_OK);
    free(chain);
}

Test(httpd_tls, http_without_tls_gets_an_answer_that_it_can_read)
{
    struct rig_reply x = rig_ask(&r, GET("/x"));

    cr_expect_eq(x.status, 400);
    cr_expect(x.close);
    cr_expect_not_null(strstr(x.body, "HTTPS"), "%s", x.body);
    cr_expect_eq(r.heads, 0);
    cr_expect_eq(rig_ask(&r, GET("/x")).status, 400, "and the next one");
}

Test(httpd_tls, half_a_handshake_is_closed_in_time)
{
    rig_stop(&r);
    rig_start(&r, &(struct httpd_options){.cert = one.cert, .key = one.key, .idle_ms = 3000});
    int silent = rig_dial(&r);
    int begun = rig_dial(&r);
    struct httpd_count count;

    cr_assert_eq(send(begun, "\x16\x03\x01\x02\x00\x01", 6, MSG_NOSIGNAL), 6);
    cr_expect_eq(rig_read_end(silent, RIG_WAIT_MS), RIG_END);
    cr_expect_neq(rig_read_end(begun, RIG_WAIT_MS), RIG_SILENT);
    httpd_count(r.h, &count);
    cr_expect_eq(count.tls_failed, 1, "the silent one began no handshake");
    (void)close(silent);
    (void)close(begun);
}

Test(httpd_tls, an_end_without_a_word_is_an_end)
{
    struct client c = dial(&r);

    cr_assert(put(&c, GET("/1") GET("/2"), strlen(GET("/1") GET("/2"))));
    cr_assert_eq(shutdown(c.fd, SHUT_WR), 0); /* no close_notify */
    cr_expect_not_null(strstr(get(&c, NULL), "GET /2 0 "));
    hang_up(&c);
    cr_expect(rig_await_connections(&r, 0));
}

Test(httpd_tls, an_end_in_tls_alone_is_an_end)
{
    struct client c = dial(&r);
    static const char requests[] = GET("/1") GET("/2");
    int64_t from = clock_mono_ms(NULL);
    size_t n = 0;

    /* The requests and close_notify come in one read; the socket stays open. */
    int hold = 1;
    (void)setsockopt(c.fd, IPPROTO_TCP, TCP_CORK, &hold, sizeof hold);
    cr_assert_eq(SSL_write_ex(c.ssl, requests, sizeof requests - 1, &n), 1);
    (void)SSL_shutdown(c.ssl);
    hold = 0;
    (void)setsockopt(c.fd, IPPROTO_TCP, TCP_CORK, &hold, sizeof hold);
    cr_expect_not_null(strstr(get(&c, NULL), "GET /2 0 "));
    cr_expect_lt(clock_mono_ms(NULL) - from, 15000, "the server ends it too");
    hang_up(&c);
}

Test(httpd_tls, a_client_that_goes_while_its_request_is_worked_on_is_noticed)
{
    struct client c = dial(&r);
    struct client stays = dial(&r);

    cr_assert(put(&c, GET("/held"), strlen(GET("/held"))));
    cr_assert(put(&stays, GET("/held"), strlen(GET("/held"))));
    cr_assert(rig_await(&r, &r.held, 2));
    (void)SSL_shutdown(c.ssl);
    hang_up(&c);
    (void)SSL_shutdown(stays.ssl); /* its own side only */
    cr_assert_eq(shutdown(stays.fd, SHUT_WR), 0);
    rig_open(&r);
    cr_expect_not_null(strstr(get(&stays, NULL), "GET /held 0 "));
    cr_expect(rig_await(&r, &r.done, 2));
    cr_expect_eq(r.cut, 1);
    hang_up(&stays);
    cr_expect(rig_await_connections(&r, 0));
}

/* ---- a client that keeps TLS busy and says nothing ---- */

struct flood {
    struct client c;
    atomic_bool end;
};

static void *flood(void *arg)
{
    struct flood *f = arg;

    while (!atomic_load(&f->end) && SSL_key_update(f->c.ssl, SSL_KEY_UPDATE_NOT_REQUESTED) == 1 &&
           SSL_do_handshake(f->c.ssl) == 1) {
    }
    return NULL;
}

Test(httpd_tls, records_without_content_hold_up_nobody)
{
    struct flood f = {.c = dial(&r)};
    pthread_t thread;
    int64_t from = clock_mono_ms(NULL);

    cr_assert_eq(pthread_create(&thread, NULL, flood, &f), 0);
    for (int i = 0; i < 10; i++) {
        struct client c = dial(&r);
        cr_assert(put(&c, GET("/here"), strlen(GET("/here"))));
        cr_expect_not_null(strstr(get(&c, "\r\n\r\n"), "200 OK"));
        hang_up(&c);
    }
    cr_expect_lt(clock_mono_ms(NULL) - from, RIG_WAIT_MS);
    atomic_store(&f.end, true);
    (void)pthread_join(thread, NULL);
    hang_up(&f.c);
}
