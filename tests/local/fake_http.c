/* An HTTP server that gives the answers of a script, and keeps what it was asked. */
#include "tests/local/fake_http.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/strbuf.h"

enum { CONNECTIONS_MAX = 256, REQUESTS_MAX = 32768 };

struct connection {
    struct fake_http *f;
    pthread_t thread;
    int fd;
};

struct fake_http {
    const struct fake_reply *script;
    size_t script_len;
    fake_answer answer;
    void *arg;
    int fd;
    char url[64];
    pthread_t thread;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t stopped;
    bool stop;
    struct connection connections[CONNECTIONS_MAX];
    size_t connections_len;
    struct fake_request *requests[REQUESTS_MAX];
    size_t requests_len;
};

static int listen_on_loopback(int *port)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(fd, 64) != 0 ||
        getsockname(fd, (struct sockaddr *)&at, &len) != 0) {
        perror("fake_http");
        abort();
    }
    *port = ntohs(at.sin_port);
    return fd;
}

int fake_closed_port(void)
{
    int port = 0;

    (void)close(listen_on_loopback(&port));
    return port;
}

/* Reads until the blank line, then as many bytes as Content-Length says. */
static struct fake_request *read_request(int fd, struct strbuf *in)
{
    struct fake_request *r = NULL;
    char buf[16384];
    const char *blank = NULL;
    size_t want = 0;

    for (;;) {
        blank = in->len == 0 ? NULL : strstr(in->data, "\r\n\r\n");
        if (blank != NULL) {
            const char *p = strcasestr(in->data, "\r\nContent-Length:");
            want = p == NULL || p > blank ? 0 : strtoul(p + 17, NULL, 10);
            if (in->len >= (size_t)(blank + 4 - in->data) + want) {
                break;
            }
        }
        ssize_t n = read(fd, buf, sizeof buf);
        if (n <= 0) {
            return NULL;
        }
        strbuf_add(in, buf, (size_t)n);
    }
    size_t head = (size_t)(blank + 4 - in->data);
    r = xcalloc(1, sizeof *r);
    (void)sscanf(in->data, "%15s %511s", r->method, r->path);
    r->headers = xstrndup(in->data, head);
    r->body = xstrndup(in->data + head, want);
    r->body_len = want;
    memmove(in->data, in->data + head + want, in->len - head - want);
    strbuf_truncate(in, in->len - head - want);
    return r;
}

static bool send_all(int fd, const char *s, size_t n)
{
    while (n > 0) {
        ssize_t sent = send(fd, s, n, MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        s += sent;
        n -= (size_t)sent;
    }
    return true;
}

/* False when the connection must go. */
static bool answer(struct connection *c, const struct fake_reply *r)
{
    size_t len = r->body == NULL ? 0 : r->body_len == 0 ? strlen(r->body) : r->body_len;
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    struct strbuf head = STRBUF_INIT;

    switch (r->deed) {
    case FAKE_CLOSE:
        return false;
    case FAKE_RESET:
        (void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        return false;
    case FAKE_HANG:
        (void)pthread_mutex_lock(&c->f->lock);
        while (!c->f->stop) {
            (void)pthread_cond_wait(&c->f->stopped, &c->f->lock);
        }
        (void)pthread_mutex_unlock(&c->f->lock);
        return false;
    case FAKE_ANSWER:
    case FAKE_TRUNCATE:
        break;
    }
    strbuf_addf(&head, "HTTP/1.1 %d Fake\r\nContent-Length: %zu\r\n%s\r\n",
                r->status == 0 ? 200 : r->status, len + (r->deed == FAKE_TRUNCATE ? 100 : 0),
                r->headers == NULL ? "" : r->headers);
    bool ok = send_all(c->fd, head.data, head.len) && (len == 0 || send_all(c->fd, r->body, len));
    strbuf_clear(&head);
    return ok && r->deed == FAKE_ANSWER;
}

static void *serve(void *arg)
{
    struct connection *c = arg;
    struct fake_http *f = c->f;
    struct strbuf in = STRBUF_INIT;
    struct fake_request *r;
    int one = 1;

    (void)setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    while ((r = read_request(c->fd, &in)) != NULL) {
        (void)pthread_mutex_lock(&f->lock);
        size_t n = f->requests_len;
        if (n == REQUESTS_MAX) {
            abort();
        }
        f->requests[f->requests_len++] = r;
        (void)pthread_mutex_unlock(&f->lock);
        struct fake_reply reply = f->answer != NULL
                                      ? f->answer(f->arg, r, n)
                                      : f->script[n < f->script_len ? n : f->script_len - 1];
        if (!answer(c, &reply)) {
            break;
        }
    }
    (void)pthread_mutex_lock(&f->lock);
    (void)close(c->fd);
    c->fd = -1;
    (void)pthread_mutex_unlock(&f->lock);
    strbuf_clear(&in);
    return NULL;
}

static void *accept_all(void *arg)
{
    struct fake_http *f = arg;

    for (;;) {
        int fd = accept4(f->fd, NULL, NULL, SOCK_CLOEXEC);
        (void)pthread_mutex_lock(&f->lock);
        if (f->stop || fd < 0 || f->connections_len == CONNECTIONS_MAX) {
            (void)pthread_mutex_unlock(&f->lock);
            if (fd >= 0) {
                (void)close(fd);
            }
            return NULL;
        }
        struct connection *c = &f->connections[f->connections_len++];
        *c = (struct connection){.f = f, .fd = fd};
        if (pthread_create(&c->thread, NULL, serve, c) != 0) {
            abort();
        }
        (void)pthread_mutex_unlock(&f->lock);
    }
}

static struct fake_http *start(const struct fake_reply *script, size_t len, fake_answer with,
                               void *arg)
{
    struct fake_http *f = xcalloc(1, sizeof *f);
    int port = 0;

    f->script = script;
    f->script_len = len;
    f->answer = with;
    f->arg = arg;
    f->fd = listen_on_loopback(&port);
    (void)snprintf(f->url, sizeof f->url, "http://127.0.0.1:%d", port);
    (void)pthread_mutex_init(&f->lock, NULL);
    (void)pthread_cond_init(&f->stopped, NULL);
    if (pthread_create(&f->thread, NULL, accept_all, f) != 0) {
        abort();
    }
    return f;
}

struct fake_http *fake_http_start(const struct fake_reply *script, size_t len)
{
    return start(script, len, NULL, NULL);
}

struct fake_http *fake_http_start_with(fake_answer with, void *arg)
{
    return start(NULL, 0, with, arg);
}

void fake_http_stop(struct fake_http *f)
{
    (void)pthread_mutex_lock(&f->lock);
    f->stop = true;
    (void)shutdown(f->fd, SHUT_RDWR);
    for (size_t i = 0; i < f->connections_len; i++) {
        if (f->connections[i].fd >= 0) {
            (void)shutdown(f->connections[i].fd, SHUT_RDWR);
        }
    }
    (void)pthread_cond_broadcast(&f->stopped);
    (void)pthread_mutex_unlock(&f->lock);
    (void)pthread_join(f->thread, NULL);
    for (size_t i = 0; i < f->connections_len; i++) {
        (void)pthread_join(f->connections[i].thread, NULL);
    }
    (void)close(f->fd);
    for (size_t i = 0; i < f->requests_len; i++) {
        free(f->requests[i]->headers);
        free(f->requests[i]->body);
        free(f->requests[i]);
    }
    (void)pthread_cond_destroy(&f->stopped);
    (void)pthread_mutex_destroy(&f->lock);
    free(f);
}

const char *fake_http_url(const struct fake_http *f)
{
    return f->url;
}

size_t fake_http_requests(struct fake_http *f)
{
    (void)pthread_mutex_lock(&f->lock);
    size_t n = f->requests_len;
    (void)pthread_mutex_unlock(&f->lock);
    return n;
}

size_t fake_http_connections(struct fake_http *f)
{
    (void)pthread_mutex_lock(&f->lock);
    size_t n = f->connections_len;
    (void)pthread_mutex_unlock(&f->lock);
    return n;
}

const struct fake_request *fake_http_request(struct fake_http *f, size_t n)
{
    (void)pthread_mutex_lock(&f->lock);
    const struct fake_request *r = n < f->requests_len ? f->requests[n] : NULL;
    (void)pthread_mutex_unlock(&f->lock);
    return r;
}

const char *fake_header(const struct fake_request *r, const char *name, char *out, size_t size)
{
    size_t len = strlen(name);

    out[0] = '\0';
    for (const char *p = strstr(r->headers, "\r\n"); p != NULL; p = strstr(p, "\r\n")) {
        p += 2;
        if (strncasecmp(p, name, len) == 0 && p[len] == ':') {
            const char *value = p + len + 1 + strspn(p + len + 1, " ");
            (void)snprintf(out, size, "%.*s", (int)strcspn(value, "\r\n"), value);
            return out;
        }
    }
    return out;
}
