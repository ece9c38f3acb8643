/* The HTTP server of the local cloud: its address, its limits, its start and its end. */
#include "server.h"

#include <stdlib.h>
#include <unistd.h>

#include "core/alloc.h"
#include "exchange.h"
#include "httpd/httpd.h"
#include "httpd/listen.h"

enum {
    CONNECTIONS_MAX = 256,
    THREADS = 8, /* all threads share the cloud's one lock; a long poll holds no thread */
    BODIES_MAX = 96 * 1024 * 1024, /* the bytes of all requests together */
    HEAD_MAX = 64 * 1024,          /* request line and headers */
    TARGET_MAX = 32 * 1024,
    STOP_MS = 2000 /* how long clients may take to read their last reply */
};

struct cloud_http {
    struct httpd *httpd; /* NULL until the server runs */
    struct cloud *cloud; /* borrowed */
    int fd;              /* listening, until httpd has it; -1 */
    uint16_t port;
    char url[80];
};

struct cloud_http *cloud_http_bind(const char *host, uint16_t port, struct err *e)
{
    struct httpd_address at;

    if (!httpd_address_read(host, port, &at) || !httpd_address_is_loopback(&at)) {
        (void)err_set(e, E_CONFIG, "%s is not a loopback address", at.host);
        (void)err_hint_set(e, "listen on 127.0.0.1 or ::1: the local cloud is for this machine");
        return NULL;
    }
    int fd = httpd_listen(&at, e);
    if (fd < 0) {
        return NULL;
    }
    struct cloud_http *s = xcalloc(1, sizeof *s);
    s->fd = fd;
    httpd_listens_at(fd, "http", s->url, sizeof s->url, &s->port);
    return s;
}

uint16_t cloud_http_port(const struct cloud_http *s)
{
    return s->port;
}

const char *cloud_http_url(const struct cloud_http *s)
{
    return s->url;
}

/* ---- the hooks of httpd, which says which thread each runs on ---- */

static enum http_way on_head(void *arg, struct http_exchange *x)
{
    struct cloud_http *s = arg;

    x->state = cloud_http_exchange_new(s->cloud, x);
    return HTTP_RUN;
}

static void on_run(void *arg, struct http_exchange *x)
{
    (void)arg;
    cloud_http_exchange_run(x->state);
}

static void on_refuse(void *arg, struct http_exchange *x, int status, const char *why)
{
    struct cloud_http *s = arg;

    cloud_http_exchange_refuse(s->cloud, x, status, why);
}

static void on_done(void *arg, struct http_exchange *x)
{
    (void)arg;
    cloud_http_exchange_free(x->state);
    x->state = NULL;
}

/* ---- from its start to its end ---- */

static void on_poke(void *arg)
{
    httpd_again(arg);
}

static void watch_pokes(struct cloud_http *s, void (*poked)(void *arg))
{
    cloud_lock(s->cloud);
    cloud_on_poke(s->cloud, poked, s->httpd);
    cloud_unlock(s->cloud);
}

enum err_code cloud_http_run(struct cloud_http *s, struct cloud *cloud, struct err *e)
{
    static const struct httpd_hooks hooks = {
        .head = on_head, .run = on_run, .refuse = on_refuse, .done = on_done};
    const struct httpd_options o = {.fd = s->fd,
                                    .hooks = &hooks,
                                    .arg = s,
                                    .head_max = HEAD_MAX,
                                    .target_max = TARGET_MAX,
                                    .body_max = CLOUD_HTTP_BODY_MAX,
                                    .bodies_max = BODIES_MAX,
                                    .connections = CONNECTIONS_MAX,
                                    .threads = THREADS,
                                    .idle_ms = CLOUD_HTTP_PATIENCE_MS,
                                    .body_ms = CLOUD_HTTP_PATIENCE_MS,
                                    .send_ms = CLOUD_HTTP_PATIENCE_MS,
                                    .deadline_ms = CLOUD_HTTP_PATIENCE_MS,
                                    .clock = cloud_clock(cloud),
                                    .log = cloud_log(cloud)};
    struct err why = {0};

    s->cloud = cloud;
    s->fd = -1; /* taken */
    s->httpd = httpd_start(&o, &why);
    if (s->httpd == NULL) {
        (void)err_set(e, E_IO, "cannot serve on %s: %s", s->url, why.msg);
        return why.hint[0] == '\0' ? E_IO : err_hint_set(e, "%s", why.hint);
    }
    watch_pokes(s, on_poke);
    return E_OK;
}

void cloud_http_free(struct cloud_http *s)
{
    if (s == NULL) {
        return;
    }
    if (s->httpd != NULL) {
        httpd_quiesce(s->httpd);
        (void)httpd_wait(s->httpd, STOP_MS);
        watch_pokes(s, NULL);
        httpd_free(s->httpd);
    }
    if (s->fd >= 0) {
        (void)close(s->fd);
    }
    free(s);
}
