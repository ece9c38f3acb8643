/* stress_httpd.c - the HTTP server with clients that keep, pipeline, reset and abandon connections,
 * more of them than there is room for; counts are read and certificates swapped meanwhile, and it
 * is quiesced and freed under load, again and again. For ThreadSanitizer; the exit status is the
 * verdict. */
#include <arpa/inet.h>
#include <netinet/in.h>
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
#include <sys/time.h>
#include <unistd.h>

#include "core/alloc.h"
#include "httpd/httpd.h"

enum { ROUNDS = 6, CLIENTS = 24, REQUESTS = 60, TLS_CLIENTS = 6 };

static uint16_t port;
static atomic_bool ending;
static atomic_int begun, done, served;
static atomic_uint asked; /* calls of on_run for /later and /later-here */

static void fail(const char *what, const char *text)
{
    (void)fprintf(stderr, "stress_httpd: %s: %s\n", what, text);
    exit(1);
}

/* ---- the owner ---- */

static void say(struct http_exchange *x, int status, char *text)
{
    x->reply.status = status;
    x->reply.body = text;
    x->reply.body_len = strlen(text);
}

static enum http_way on_head(void *arg, struct http_exchange *x)
{
    (void)arg;
    (void)atomic_fetch_add(&begun, 1);
    x->state = xstrdup(x->target);
    x->known = strcmp(x->target, "/known") == 0;
    if (strcmp(x->target, "/no") == 0) {
        say(x, 403, xstrdup("no"));
        return HTTP_REPLY;
    }
    return strcmp(x->target, "/here") == 0 || strcmp(x->target, "/later-here") == 0 ? HTTP_RUN_HERE
                                                                                    : HTTP_RUN;
}

static void on_run(void *arg, struct http_exchange *x)
{
    (void)arg;
    if (strncmp(x->target, "/later", 6) == 0 && atomic_fetch_add(&asked, 1) % 3 != 0) {
        x->again_ms = 20;
        return;
    }
    say(x, 200, xasprintf("%s %zu", (const char *)x->state, x->body_len));
    http_fields_set(&x->reply.fields, "Content-Type", "text/plain");
}

static void on_refuse(void *arg, struct http_exchange *x, int status, const char *why)
{
    (void)arg;
    if (x->state == NULL) {
        (void)atomic_fetch_add(&begun, 1);
    }
    free(x->reply.body);
    say(x, status, xstrdup(why));
}

static void on_done(void *arg, struct http_exchange *x)
{
    (void)arg;
    (void)atomic_fetch_add(&done, 1);
    free(x->state);
}

/* ---- the clients ---- */

static int dial(void)
{
    struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval limit = {.tv_sec = 60};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (connect(fd, (struct sockaddr *)&at, sizeof at) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

static const char *const requests[] = {
    "GET /a HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /here HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /known HTTP/1.1\r\nHost: x\r\n\r\n",
    "POST /no HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
    "POST /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    "GET /later HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /later-here HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /here HTTP/1.1\r\nHost: x\r\n\r\n",
    "POST /big HTTP/1.1\r\nHost: x\r\nContent-Length: 999999\r\n\r\nxxxxx",
    "GET /x HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
    "GET /half HTTP/1.1\r\nHo",
    "GET /later HTTP/1.1\r\nHost: x\r\n\r\n",
};
enum { FORMS = sizeof requests / sizeof *requests, GOOD = 7 };

/* False: the connection is over. */
static bool exchange(int fd, int form)
{
    char text[4096];
    size_t len = 0;
    ssize_t n = 0;
    size_t size = strlen(requests[form]);

    if (send(fd, requests[form], size, MSG_NOSIGNAL) != (ssize_t)size) {
        return false;
    }
    if (form >= GOOD) { /* the client does not wait for the reply */
        return false;
    }
    text[0] = '\0';
    while (strstr(text, "\r\n\r\n") == NULL && len + 1 < sizeof text &&
           (n = recv(fd, text + len, sizeof text - 1 - len, 0)) > 0) {
        len += (size_t)n;
        text[len] = '\0';
    }
    if (n <= 0) { /* closed for want of room, or at the end */
        return false;
    }
    if (strncmp(text, "HTTP/1.1 200 ", 13) == 0) {
        (void)atomic_fetch_add(&served, 1);
    } else if (strncmp(text, "HTTP/1.1 403 ", 13) != 0 && strncmp(text, "HTTP/1.1 503 ", 13) != 0) {
        fail("an odd reply", text);
    }
    return strstr(text, "\r\nConnection: close\r\n") == NULL;
}

static void *client(void *arg)
{
    const struct linger at_once = {.l_onoff = 1};
    unsigned n = *(const unsigned *)arg;
    int fd = -1;

    for (int i = 0; i < REQUESTS && !atomic_load(&ending); i++) {
        n = n * 1103515245U + 12345U;
        int form = (int)((n >> 16) % FORMS);
        fd = fd < 0 ? dial() : fd;
        if (fd < 0) {
            continue;
        }
        bool goes_on = exchange(fd, form);
        if (!goes_on && (n >> 12) % 2 == 0) {
            (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        }
        if (!goes_on) {
            (void)close(fd);
            fd = -1;
        }
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return NULL;
}

static void *watcher(void *arg)
{
    struct httpd_count count;

    while (!atomic_load(&ending)) {
        httpd_count(arg, &count);
        if (count.connections > count.connections_max + 4 || count.busy < 0) {
            fail("a count", "out of range");
        }
        httpd_again(arg);
        (void)usleep(500);
    }
    return NULL;
}

/* ---- TLS ---- */

static char *text_of(BIO *b)
{
    char *data;
    long len = BIO_get_mem_data(b, &data);
    char *text = xstrndup(data, (size_t)len);

    BIO_free(b);
    return text;
}

static void make_pair(char **cert, char **key)
{
    EVP_PKEY *k = EVP_EC_gen("P-256");
    X509 *x = X509_new();
    BIO *cert_text = BIO_new(BIO_s_mem());
    BIO *key_text = BIO_new(BIO_s_mem());

    (void)X509_gmtime_adj(X509_getm_notBefore(x), -3600);
    (void)X509_gmtime_adj(X509_getm_notAfter(x), 3600);
    (void)X509_set_pubkey(x, k);
    (void)X509_sign(x, k, EVP_sha256());
    (void)PEM_write_bio_X509(cert_text, x);
    (void)PEM_write_bio_PrivateKey(key_text, k, NULL, NULL, 0, NULL, NULL);
    X509_free(x);
    EVP_PKEY_free(k);
    *cert = text_of(cert_text);
    *key = text_of(key_text);
}

static void *tls_client(void *arg)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    char text[1024];
    size_t n = 0;

    (void)arg;
    for (int i = 0; i < 20; i++) {
        int fd = dial();
        SSL *ssl = SSL_new(ctx);
        (void)SSL_set_fd(ssl, fd);
        if (SSL_connect(ssl) == 1 &&
            SSL_write_ex(ssl, requests[i % 2], strlen(requests[i % 2]), &n) == 1 &&
            SSL_read_ex(ssl, text, sizeof text - 1, &n) == 1) {
            text[n] = '\0';
            if (strncmp(text, "HTTP/1.1 200 ", 13) != 0) {
                fail("an odd reply over TLS", text);
            }
            (void)atomic_fetch_add(&served, 1);
        }
        SSL_free(ssl);
        (void)close(fd);
    }
    SSL_CTX_free(ctx);
    return NULL;
}

/* Certificates are swapped while handshakes go on. */
static void swap_under_load(struct httpd *h, char *const cert[2], char *const key[2])
{
    pthread_t clients[TLS_CLIENTS];
    struct err e;

    for (int i = 0; i < TLS_CLIENTS; i++) {
        (void)pthread_create(&clients[i], NULL, tls_client, NULL);
    }
    for (int i = 0; i < 100; i++) {
        if (httpd_set_tls(h, cert[i % 2], key[i % 2], &e) != E_OK) {
            fail("a new certificate", e.msg);
        }
        (void)usleep(500);
    }
    for (int i = 0; i < TLS_CLIENTS; i++) {
        (void)pthread_join(clients[i], NULL);
    }
}

static int listen_loopback(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(fd, 256) != 0 ||
        getsockname(fd, (struct sockaddr *)&at, &len) != 0) {
        fail("listen", "no socket");
    }
    port = ntohs(at.sin_port);
    return fd;
}

static const struct httpd_hooks hooks = {on_head, on_run, on_refuse, on_done, NULL};

static void run_tls(void)
{
    char *cert[2];
    char *key[2];
    struct err e;

    make_pair(&cert[0], &key[0]);
    make_pair(&cert[1], &key[1]);
    int before = atomic_load(&served);
    struct httpd_options o = {
        .fd = listen_loopback(), .hooks = &hooks, .cert = cert[0], .key = key[0], .threads = 4};
    struct httpd *h = httpd_start(&o, &e);
    if (h == NULL) {
        fail("start with TLS", e.msg);
    }
    swap_under_load(h, cert, key);
    httpd_free(h);
    if (atomic_load(&served) - before != TLS_CLIENTS * 20) {
        fail("TLS", "not each request was served");
    }
    for (int i = 0; i < 2; i++) {
        free(cert[i]);
        free(key[i]);
    }
}

static void run_round(int round)
{
    struct httpd_options o = {.fd = listen_loopback(),
                              .hooks = &hooks,
                              .connections = 16,
                              .reserve = 4,
                              .threads = 4,
                              .queue = 4,
                              .idle_ms = 500,
                              .body_ms = 500};
    static unsigned seeds[CLIENTS];
    pthread_t clients[CLIENTS];
    pthread_t counts;
    struct err e;
    struct httpd *h = httpd_start(&o, &e);

    if (h == NULL) {
        fail("start", e.msg);
    }
    atomic_store(&ending, false);
    (void)pthread_create(&counts, NULL, watcher, h);
    for (int i = 0; i < CLIENTS; i++) {
        seeds[i] = (unsigned)(round * CLIENTS + i + 1);
        (void)pthread_create(&clients[i], NULL, client, &seeds[i]);
    }
    if (round % 2 == 0) { /* the end comes in the middle of it */
        while (atomic_load(&served) < (round + 1) * CLIENTS) {
            (void)usleep(1000);
        }
        httpd_quiesce(h);
        (void)httpd_wait(h, 100);
        atomic_store(&ending, true);
    }
    for (int i = 0; i < CLIENTS && round % 2 == 1; i++) {
        (void)pthread_join(clients[i], NULL);
    }
    atomic_store(&ending, true);
    (void)pthread_join(counts, NULL);
    httpd_free(h);
    for (int i = 0; i < CLIENTS && round % 2 == 0; i++) {
        (void)pthread_join(clients[i], NULL);
    }
}

int main(void)
{
    (void)signal(SIGPIPE, SIG_IGN);
    for (int i = 0; i < ROUNDS; i++) {
        run_round(i);
    }
    run_tls();
    if (atomic_load(&begun) != atomic_load(&done)) {
        fail("exchanges", "not each one that began has ended");
    }
    (void)printf("stress_httpd: %d exchanges, %d served\n", atomic_load(&done),
                 atomic_load(&served));
    return 0;
}
