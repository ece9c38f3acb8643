/* The pool: slots that keep connections, buffers that are used again, the stop. `lock` guards the
 * lists and nothing else; no call into libcurl is made under it but curl_multi_wakeup, which only
 * writes to a pipe. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "core/alloc.h"
#include "http_impl.h"

enum {
    CONNECTIONS_KEPT = 8, /* a slot speaks to a handful of services */
    SPARE_MIN = 64 * 1024,
    SPARE_MAX = 2 << 20
};

static pthread_once_t curl_once = PTHREAD_ONCE_INIT; /* libcurl wants one global init a process */

static void init_curl(void)
{
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
}

struct http *http_new(const char *ca_bundle)
{
    struct http *h = xcalloc(1, sizeof *h);
    pthread_condattr_t attr;

    (void)pthread_once(&curl_once, init_curl);
    (void)pthread_mutex_init(&h->lock, NULL);
    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&h->wake, &attr);
    (void)pthread_condattr_destroy(&attr);
    atomic_init(&h->stop, false);
    h->ca_bundle = xstrdup(ca_bundle);
    return h;
}

static void slot_free(struct slot *s)
{
    curl_easy_cleanup(s->easy);
    (void)curl_multi_cleanup(s->multi);
    free(s->host);
    free(s);
}

void http_free(struct http *h)
{
    if (h == NULL) {
        return;
    }
    while (h->idle != NULL) {
        struct slot *s = h->idle;
        h->idle = s->next;
        slot_free(s);
    }
    for (size_t i = 0; i < HTTP_SPARES; i++) {
        free(h->spares[i].data);
    }
    (void)pthread_cond_destroy(&h->wake);
    (void)pthread_mutex_destroy(&h->lock);
    free(h->ca_bundle);
    free(h);
}

void http_stop(struct http *h, bool stop)
{
    atomic_store(&h->stop, stop);
    (void)pthread_mutex_lock(&h->lock);
    for (struct slot *s = h->busy; s != NULL && stop; s = s->next) {
        (void)curl_multi_wakeup(s->multi);
    }
    (void)pthread_cond_broadcast(&h->wake);
    (void)pthread_mutex_unlock(&h->lock);
}

bool http_stopped(struct http *h)
{
    return atomic_load(&h->stop);
}

enum err_code http_wait(struct http *h, int ms, struct err *e)
{
    struct timespec until;
    int rc = 0;

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += (long)(ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    (void)pthread_mutex_lock(&h->lock);
    while (!atomic_load(&h->stop) && rc == 0) {
        rc = pthread_cond_timedwait(&h->wake, &h->lock, &until);
    }
    (void)pthread_mutex_unlock(&h->lock);
    return atomic_load(&h->stop) ? err_set(e, E_CANCELLED, "stopped") : E_OK;
}

static struct slot *slot_new(void)
{
    struct slot *s = xcalloc(1, sizeof *s);

    s->easy = curl_easy_init();
    s->multi = curl_multi_init();
    if (s->easy == NULL || s->multi == NULL) {
        free(xmalloc(SIZE_MAX /
                     2)); /* libcurl fails here on out of memory only: end as alloc.h does */
    }
    (void)curl_multi_setopt(s->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS_KEPT);
    return s;
}

struct slot *http_slot_take(struct http *h, const char *host)
{
    struct slot **at = &h->idle;
    struct slot *s;

    (void)pthread_mutex_lock(&h->lock);
    for (struct slot **p = &h->idle; *p != NULL; p = &(*p)->next) {
        if ((*p)->host != NULL && strcmp((*p)->host, host) == 0) {
            at = p;
            break;
        }
    }
    s = *at;
    if (s != NULL) {
        *at = s->next;
    }
    (void)pthread_mutex_unlock(&h->lock);
    if (s == NULL) {
        s = slot_new();
    }
    if (s->host == NULL || strcmp(s->host, host) != 0) {
        free(s->host);
        s->host = xstrdup(host);
    }
    s->http = h;
    s->sent = 0;
    s->too_big = false;
    s->error[0] = '\0';
    (void)pthread_mutex_lock(&h->lock);
    s->next = h->busy;
    h->busy = s;
    (void)pthread_mutex_unlock(&h->lock);
    return s;
}

void http_slot_give(struct http *h, struct slot *s)
{
    (void)pthread_mutex_lock(&h->lock);
    for (struct slot **p = &h->busy; *p != NULL; p = &(*p)->next) {
        if (*p == s) {
            *p = s->next;
            break;
        }
    }
    s->next = h->idle;
    h->idle = s;
    (void)pthread_mutex_unlock(&h->lock);
}

void http_reserve_body(struct http *h, struct http_reply *r, size_t size)
{
    struct strbuf *b = &r->body;

    if (size >= SPARE_MIN && size <= SPARE_MAX) {
        r->home = h;
        (void)pthread_mutex_lock(&h->lock);
        for (size_t i = 0; i < HTTP_SPARES && b->data == NULL; i++) {
            if (h->spares[i].cap >= size) {
                b->data = h->spares[i].data;
                b->cap = h->spares[i].cap;
                h->spares[i].data = NULL;
                h->spares[i].cap = 0;
            }
        }
        (void)pthread_mutex_unlock(&h->lock);
    }
    if (b->data == NULL) {
        b->cap = r->home != NULL ? size + size / 4 : size; /* pages are of about the same size */
        b->data = xmalloc(b->cap);
    }
    b->data[0] = '\0';
}

/* Puts a big buffer by, in the place of the smallest one there when that is smaller. */
static void keep_body(struct http *h, struct strbuf *b)
{
    char *drop = NULL;
    size_t at = 0;

    if (b->cap < SPARE_MIN || b->cap > 2 * (size_t)SPARE_MAX) {
        return;
    }
    (void)pthread_mutex_lock(&h->lock);
    for (size_t i = 1; i < HTTP_SPARES; i++) {
        at = h->spares[i].cap < h->spares[at].cap ? i : at;
    }
    if (h->spares[at].cap < b->cap) {
        drop = h->spares[at].data;
        h->spares[at].data = b->data;
        h->spares[at].cap = b->cap;
        b->data = NULL;
    }
    (void)pthread_mutex_unlock(&h->lock);
    free(drop);
}

void http_reply_clear(struct http_reply *r)
{
    if (r->home != NULL) {
        keep_body(r->home, &r->body);
    }
    strbuf_clear(&r->body);
    strbuf_clear(&r->headers);
    *r = (struct http_reply){0};
}

void http_reply_reuse(struct http_reply *r)
{
    strbuf_reset(&r->body);
    strbuf_reset(&r->headers);
    r->status = 0;
}

const char *http_header_get(const struct http_reply *r, const char *name)
{
    const char *p = r->headers.data;
    const char *end = p == NULL ? NULL : p + r->headers.len;

    while (p < end) {
        const char *value = p + strlen(p) + 1;
        if (value >= end) {
            break;
        }
        if (strcasecmp(p, name) == 0) {
            return value;
        }
        p = value + strlen(value) + 1;
    }
    return NULL;
}
