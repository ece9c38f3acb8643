/* The pool: slots that keep connections, buffers that are used again, the stop. `lock` guards the
 * lists, their lengths and the time of their tidying; the only call into libcurl that is made under
 * the lock is curl_multi_wakeup, which only writes to a pipe. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/cond.h"
#include "core/deadline.h"
#include "http_impl.h"

enum {
    /* connections that a slot keeps: a slot speaks to a handful of services */
    CONNECTIONS_KEPT = 8,
    KEPT_LIMITED = 2, /* connections that a slot keeps where their number matters */
    IDLE_MS = 60000,  /* AWS itself closes idle connections sooner or later */
    LOOK_MS = 1000,   /* the time between two looks for idle connections */
    /* buffers of big bodies are kept so long: the pages of a scan come one after the other */
    SPARE_MS = 2000,
    SPARE_MIN = 64 * 1024,
    SPARE_MAX = 2 << 20
};

/* libcurl wants one global initialisation in each process. It sets up TLS, which takes a third of a
 * millisecond: it is made for the first request, so that commands that make none, and the first
 * frame of the dashboard, do not wait for it. */
static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void init_curl(void)
{
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
}

struct http *http_new(const struct http_trust *trust, const struct env *env)
{
    struct http *h = xcalloc(1, sizeof *h);

    (void)pthread_mutex_init(&h->lock, NULL);
    cond_init(&h->wake);
    cond_init(&h->freed);
    atomic_init(&h->stop, false);
    h->env = env;
    if (trust != NULL && trust->bundle != NULL) {
        h->ca_bundle = xstrdup(trust->bundle);
        h->ca_from = trust->from == NULL ? NULL : xstrdup(trust->from);
    }
    return h;
}

void http_limit(struct http *h, int connections)
{
    h->max = connections;
}

static void slots_free(struct slot *s)
{
    while (s != NULL) {
        struct slot *next = s->next;
        curl_easy_cleanup(s->easy);
        (void)curl_multi_cleanup(s->multi);
        free(s->host);
        free(s);
        s = next;
    }
}

void http_free(struct http *h)
{
    if (h == NULL) {
        return;
    }
    http_tidy(h, 0);
    (void)pthread_cond_destroy(&h->freed);
    (void)pthread_cond_destroy(&h->wake);
    (void)pthread_mutex_destroy(&h->lock);
    free(h->ca_bundle);
    free(h->ca_from);
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
    (void)pthread_cond_broadcast(&h->freed);
    (void)pthread_mutex_unlock(&h->lock);
}

bool http_stopped(struct http *h)
{
    return atomic_load(&h->stop);
}

enum err_code http_wait(struct http *h, int ms, struct err *e)
{
    const struct timespec until = cond_until(ms);
    int rc = 0;

    (void)pthread_mutex_lock(&h->lock);
    while (!atomic_load(&h->stop) && rc == 0) {
        rc = pthread_cond_timedwait(&h->wake, &h->lock, &until);
    }
    (void)pthread_mutex_unlock(&h->lock);
    return atomic_load(&h->stop) ? err_set(e, E_CANCELLED, "stopped") : E_OK;
}

static struct slot *slot_new(const struct http *h)
{
    long kept = h->max > 0 ? KEPT_LIMITED : CONNECTIONS_KEPT;
    struct slot *s = xcalloc(1, sizeof *s);

    (void)pthread_once(&curl_once, init_curl);
    s->easy = curl_easy_init();
    s->multi = curl_multi_init();
    if (s->easy == NULL || s->multi == NULL) {
        free(xmalloc(SIZE_MAX /
                     2)); /* libcurl fails here only when memory runs out: end as alloc.h does */
    }
    (void)curl_multi_setopt(s->multi, CURLMOPT_MAXCONNECTS, kept);
    return s;
}

void http_slot_renew(struct slot *s)
{
    CURL *fresh = curl_easy_init();

    if (fresh != NULL) {
        curl_easy_cleanup(s->easy);
        s->easy = fresh;
    }
}

/* Waits while all slots that may be used are in use. False: the time is over, or the layer was
 * stopped. The lock is held. */
static bool await_slot(struct http *h)
{
    struct timespec until;
    int rc = 0;

    if (h->max == 0 || h->idle != NULL || h->len < h->max) {
        return true;
    }
    until = cond_until(deadline_left_ms(HTTP_TOTAL_TIMEOUT_MS));
    while (h->max > 0 && h->idle == NULL && h->len >= h->max) {
        if (atomic_load(&h->stop) || rc != 0) {
            return false;
        }
        rc = pthread_cond_timedwait(&h->freed, &h->lock, &until);
    }
    return true;
}

/* An idle slot, or NULL. The lock is held. */
static struct slot *pick_idle(struct http *h, const char *host)
{
    struct slot **at = &h->idle;

    for (struct slot **p = &h->idle; *p != NULL; p = &(*p)->next) {
        if ((*p)->host != NULL && strcmp((*p)->host, host) == 0) {
            at = p;
            break;
        }
    }
    struct slot *s = *at;
    if (s != NULL) {
        *at = s->next;
    }
    return s;
}

/* Adds a busy slot. The lock is held. */
static void add_busy(struct http *h, struct slot *s)
{
    s->prev = NULL;
    s->next = h->busy;
    if (h->busy != NULL) {
        h->busy->prev = s;
    }
    h->busy = s;
}

/* Removes a busy slot. The lock is held. */
static void remove_busy(struct http *h, struct slot *s)
{
    *(s->prev == NULL ? &h->busy : &s->prev->next) = s->next;
    if (s->next != NULL) {
        s->next->prev = s->prev;
    }
}

struct slot *http_slot_take(struct http *h, const char *host)
{
    struct slot *s = NULL;

    (void)pthread_mutex_lock(&h->lock);
    bool may = await_slot(h);
    if (may) {
        s = pick_idle(h, host);
        h->len += s == NULL;
    }
    if (s != NULL) {
        add_busy(h, s);
    }
    (void)pthread_mutex_unlock(&h->lock);
    if (!may) {
        return NULL;
    }
    if (s == NULL) {
        s = slot_new(h);
        (void)pthread_mutex_lock(&h->lock);
        add_busy(h, s);
        (void)pthread_mutex_unlock(&h->lock);
    }
    if (s->host == NULL || strcmp(s->host, host) != 0) {
        free(s->host);
        s->host = xstrdup(host);
    }
    s->http = h;
    s->sent = 0;
    s->too_big = false;
    s->error[0] = '\0';
    return s;
}

/* Takes the slots off the list that have been idle for this long; the list is in order of time. The
 * lock is held. */
static struct slot *cut_idle(struct http *h, int idle_ms)
{
    int64_t before = clock_mono_ms(NULL) - idle_ms;
    struct slot **at = &h->idle;

    while (*at != NULL && (*at)->idle_since_ms > before) {
        at = &(*at)->next;
    }
    struct slot *old = *at;
    *at = NULL;
    for (const struct slot *s = old; s != NULL; s = s->next) {
        h->len--;
    }
    return old;
}

/* Takes the spare buffers, which the caller frees. The lock is held. */
static void cut_spares(struct http *h, char *out[HTTP_SPARES])
{
    for (size_t i = 0; i < HTTP_SPARES; i++) {
        out[i] = h->spares[i].data;
        h->spares[i].data = NULL;
        h->spares[i].cap = 0;
    }
}

static void spares_free(char *spares[HTTP_SPARES])
{
    for (size_t i = 0; i < HTTP_SPARES; i++) {
        free(spares[i]);
    }
}

void http_tidy(struct http *h, int idle_ms)
{
    char *spares[HTTP_SPARES];

    (void)pthread_mutex_lock(&h->lock);
    struct slot *old = cut_idle(h, idle_ms);
    cut_spares(h, spares);
    (void)pthread_mutex_unlock(&h->lock);
    slots_free(old);
    spares_free(spares);
}

void http_slot_give(struct http *h, struct slot *s)
{
    s->idle_since_ms = clock_mono_ms(NULL);
    (void)pthread_mutex_lock(&h->lock);
    remove_busy(h, s);
    s->next = h->idle;
    h->idle = s;
    struct slot *old = NULL;
    char *spares[HTTP_SPARES] = {NULL};
    if (s->idle_since_ms - h->looked_ms >= LOOK_MS) {
        h->looked_ms = s->idle_since_ms;
        old = cut_idle(h, IDLE_MS);
        if (s->idle_since_ms - h->spared_ms >= SPARE_MS) {
            cut_spares(h, spares);
        }
    }
    (void)pthread_mutex_unlock(&h->lock);
    (void)pthread_cond_signal(&h->freed);
    slots_free(old);
    spares_free(spares);
}

void http_reserve_body(struct http *h, struct http_response *r, size_t size)
{
    struct strbuf *b = &r->body;

    if (size >= SPARE_MIN && size <= SPARE_MAX) {
        r->home = h;
        int64_t now = clock_mono_ms(NULL);
        (void)pthread_mutex_lock(&h->lock);
        h->spared_ms = now;
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
        /* the pages of a scan are of about the same size */
        b->cap = r->home != NULL ? size + size / 4 : size;
        b->data = xmalloc(b->cap);
    }
    b->data[0] = '\0';
}

/* Keeps a big buffer, in the place of the smallest one that is kept, when that is smaller. */
static void keep_body(struct http *h, struct strbuf *b)
{
    char *drop = NULL;
    size_t at = 0;

    if (b->cap < SPARE_MIN || b->cap > 2 * (size_t)SPARE_MAX) {
        return;
    }
    int64_t now = clock_mono_ms(NULL);
    (void)pthread_mutex_lock(&h->lock);
    h->spared_ms = now;
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

void http_response_clear(struct http_response *r)
{
    if (r->home != NULL) {
        keep_body(r->home, &r->body);
    }
    strbuf_clear(&r->body);
    strbuf_clear(&r->headers);
    *r = (struct http_response){0};
}

void http_response_reuse(struct http_response *r)
{
    strbuf_reset(&r->body);
    strbuf_reset(&r->headers);
    r->status = 0;
    r->proxy_from = NULL;
    r->proxy[0] = '\0';
}

const char *http_header_get(const struct http_response *r, const char *name)
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
