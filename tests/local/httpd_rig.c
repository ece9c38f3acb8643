/* A running httpd, and raw connections to it. */
#include "httpd_rig.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"

static void changed(struct rig *r)
{
    (void)pthread_cond_broadcast(&r->changed);
}

/* ---- the owner ---- */

static void say(struct http_exchange *x, int status, char *text)
{
    free(x->reply.body);
    x->reply.status = status;
    x->reply.body = text;
    x->reply.body_len = strlen(text);
}

static enum http_way on_head(void *arg, struct http_exchange *x)
{
    struct rig *r = arg;

    (void)pthread_mutex_lock(&r->lock);
    r->heads++;
    r->over += x->crowded;
    r->all_secure = r->all_secure && x->secure;
    changed(r);
    (void)pthread_mutex_unlock(&r->lock);
    x->state = xstrdup("of the owner");
    x->known = strcmp(x->target, "/known") == 0;
    if (strcmp(x->target, "/no") == 0) {
        say(x, 403, xstrdup("no"));
        return HTTP_REPLY;
    }
    bool here = strcmp(x->target, "/here") == 0 || strcmp(x->target, "/later-here") == 0;
    return here ? HTTP_RUN_HERE : HTTP_RUN;
}

static void hold(struct rig *r)
{
    (void)pthread_mutex_lock(&r->lock);
    r->held++;
    changed(r);
    while (!r->open) {
        (void)pthread_cond_wait(&r->changed, &r->lock);
    }
    r->held--;
    (void)pthread_mutex_unlock(&r->lock);
}

/* True: the request is to be run again. */
static bool ask_again(struct rig *r, struct http_exchange *x)
{
    (void)pthread_mutex_lock(&r->lock);
    bool open = r->open;
    bool call = r->call_between;
    r->asked++;
    r->open = r->open || call;
    changed(r);
    (void)pthread_mutex_unlock(&r->lock);
    if (call) {
        httpd_again(r->h);
    }
    x->again_ms = r->again_ms;
    return !open;
}

static void on_run(void *arg, struct http_exchange *x)
{
    const char *t = x->target;

    if (strncmp(t, "/later", 6) == 0 && ask_again(arg, x)) {
        return;
    }
    if (strcmp(t, "/held") == 0) {
        hold(arg);
    }
    say(x, 200, xasprintf("%s %s %zu %s", x->method, t, x->body_len, x->body));
    http_fields_set(&x->reply.fields, "Content-Type", "text/plain");
    if (strcmp(t, "/big") == 0) {
        say(x, 200, xcalloc(1, RIG_BIG));
        memset(x->reply.body, 'b', RIG_BIG);
        x->reply.body_len = RIG_BIG;
    } else if (strcmp(t, "/204") == 0 || strcmp(t, "/304") == 0) {
        x->reply.status = t[1] == '2' ? 204 : 304;
    } else if (strcmp(t, "/evil") == 0) {
        http_fields_set(&x->reply.fields, "X-One", "a\r\nX-Two: b\x01");
        http_fields_set(&x->reply.fields, "X Three", "c");
        http_fields_set(&x->reply.fields, "Transfer-Encoding", "chunked");
    }
    x->reply.close = strcmp(t, "/close") == 0;
}

static void on_refuse(void *arg, struct http_exchange *x, int status, const char *why)
{
    (void)arg;
    say(x, status, xasprintf("refused: %s", why));
}

static void on_done(void *arg, struct http_exchange *x)
{
    struct rig *r = arg;

    (void)pthread_mutex_lock(&r->lock);
    r->done++;
    r->cut += x->cut;
    r->status = x->reply.status;
    changed(r);
    (void)pthread_mutex_unlock(&r->lock);
    free(x->state);
    x->state = NULL;
}

static bool on_exempt(void *arg, const char *peer)
{
    return strcmp(((struct rig *)arg)->exempt, peer) == 0;
}

/* ---- start and stop ---- */

static int bind_loopback(uint16_t *port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    cr_assert_geq(fd, 0);
    cr_assert_eq(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    cr_assert_eq(listen(fd, 1024), 0);
    cr_assert_eq(getsockname(fd, (struct sockaddr *)&at, &len), 0);
    *port = ntohs(at.sin_port);
    return fd;
}

void rig_start(struct rig *r, const struct httpd_options *o)
{
    static const struct httpd_hooks hooks = {on_head, on_run, on_refuse, on_done, on_exempt};
    struct httpd_options all = o == NULL ? (struct httpd_options){0} : *o;
    pthread_condattr_t attr;
    struct err e;

    *r = (struct rig){.all_secure = true};
    (void)pthread_mutex_init(&r->lock, NULL);
    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&r->changed, &attr);
    (void)pthread_condattr_destroy(&attr);
    all.fd = bind_loopback(&r->port);
    all.hooks = &hooks;
    all.arg = r;
    r->h = httpd_start(&all, &e);
    cr_assert_not_null(r->h, "%s", e.msg);
}

void rig_open(struct rig *r)
{
    (void)pthread_mutex_lock(&r->lock);
    r->open = true;
    changed(r);
    (void)pthread_mutex_unlock(&r->lock);
}

void rig_stop(struct rig *r)
{
    if (r->h != NULL) {
        rig_open(r);
        httpd_free(r->h);
        r->h = NULL;
        (void)pthread_cond_destroy(&r->changed);
        (void)pthread_mutex_destroy(&r->lock);
    }
}

bool rig_await(struct rig *r, const int *value, int at_least)
{
    int64_t until_ms = clock_mono_ms(NULL) + RIG_WAIT_MS;
    const struct timespec until = {.tv_sec = until_ms / 1000,
                                   .tv_nsec = (long)(until_ms % 1000) * 1000000L};
    int rc = 0;

    (void)pthread_mutex_lock(&r->lock);
    while (*value < at_least && rc == 0) {
        rc = pthread_cond_timedwait(&r->changed, &r->lock, &until);
    }
    bool is_so = *value >= at_least;
    (void)pthread_mutex_unlock(&r->lock);
    return is_so;
}

bool rig_await_connections(struct rig *r, int n)
{
    int64_t until_ms = clock_mono_ms(NULL) + RIG_WAIT_MS;
    struct httpd_count count;

    do {
        httpd_count(r->h, &count);
        (void)poll(NULL, 0, 1);
    } while (count.connections != n && clock_mono_ms(NULL) < until_ms);
    return count.connections == n;
}

/* ---- clients ---- */

int rig_dial_from(struct rig *r, const char *address)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(r->port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_in from = {.sin_family = AF_INET};
    struct timeval limit = {.tv_sec = RIG_WAIT_MS / 1000};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    cr_assert_geq(fd, 0);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    cr_assert_eq(inet_pton(AF_INET, address, &from.sin_addr), 1);
    cr_assert_eq(bind(fd, (struct sockaddr *)&from, sizeof from), 0);
    cr_assert_eq(connect(fd, (struct sockaddr *)&to, sizeof to), 0, "%s", strerror(errno));
    return fd;
}

int rig_dial(struct rig *r)
{
    return rig_dial_from(r, "127.0.0.1");
}

ssize_t rig_receive(int fd, char *buf, size_t size)
{
    ssize_t n;

    do {
        n = recv(fd, buf, size, 0);
    } while (n < 0 && errno == EINTR);
    return n;
}

bool rig_send(int fd, const char *text)
{
    size_t len = strlen(text);

    for (size_t at = 0; at < len;) {
        ssize_t n = send(fd, text + at, len - at, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        at += (size_t)n;
    }
    return true;
}

static void read_head(int fd, struct rig_reply *x)
{
    size_t len = 0;

    while (len + 1 < sizeof x->head && rig_receive(fd, x->head + len, 1) == 1) {
        x->head[++len] = '\0';
        if (len >= 4 && strcmp(x->head + len - 4, "\r\n\r\n") == 0) {
            return;
        }
    }
    x->head[0] = '\0'; /* not whole */
}

struct rig_reply rig_read(int fd, bool of_head)
{
    struct rig_reply x = {.len = SIZE_MAX};
    char byte;

    read_head(fd, &x);
    if (strncmp(x.head, "HTTP/1.1 ", 9) != 0) {
        return x;
    }
    x.status = (int)strtol(x.head + 9, NULL, 10);
    x.close = strcasestr(x.head, "\r\nConnection: close\r\n") != NULL;
    const char *len = strcasestr(x.head, "\r\nContent-Length: ");
    if (len != NULL) {
        x.len = (size_t)strtoull(len + 18, NULL, 10);
    }
    for (size_t i = 0; !of_head && x.len != SIZE_MAX && i < x.len; i++) {
        if (rig_receive(fd, &byte, 1) != 1) {
            x.status = 0;
            return x;
        }
        if (i + 1 < sizeof x.body) {
            x.body[i] = byte;
        }
    }
    return x;
}

enum rig_end rig_read_end(int fd, int timeout_ms)
{
    int64_t until_ms = clock_mono_ms(NULL) + timeout_ms;
    char buf[65536];

    for (;;) {
        int64_t left = until_ms - clock_mono_ms(NULL);
        struct pollfd p = {.fd = fd, .events = POLLIN};
        int ready = left <= 0 ? 0 : poll(&p, 1, (int)left);
        if (ready < 0 && errno == EINTR) {
            continue;
        }
        if (ready <= 0) {
            return RIG_SILENT;
        }
        ssize_t n = rig_receive(fd, buf, sizeof buf);
        if (n <= 0) {
            return n == 0 ? RIG_END : RIG_RESET;
        }
    }
}

struct rig_reply rig_ask(struct rig *r, const char *request)
{
    int fd = rig_dial(r);

    (void)rig_send(fd, request);
    struct rig_reply x = rig_read(fd, strncmp(request, "HEAD ", 5) == 0);
    (void)close(fd);
    return x;
}
