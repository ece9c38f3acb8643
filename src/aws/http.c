/* DESIGN
 *
 * A slot is one easy handle in one multi handle of its own: the multi keeps the connections, and
 * curl_multi_wakeup ends its wait at once when the client is stopped. Slots not in use wait in a
 * stack; a request takes the one that spoke to the same host last, so that its connection is used
 * again. `lock` guards both lists and nothing else; no call into libcurl is made under it but
 * curl_multi_wakeup, which only writes to a pipe.
 *
 * libcurl sends a request again by itself when a kept connection turns out to be dead before any
 * byte of a reply. That may do a thing twice, so requests marked `once` send their body through a
 * callback that refuses to be rewound: libcurl then fails instead, and the caller decides. */
#include "http.h"

#include <curl/curl.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "core/alloc.h"

enum {
    CONNECT_TIMEOUT_MS = 5000,
    TOTAL_TIMEOUT_MS = 30000,
    HEADERS_MAX = 64 * 1024,
    RECEIVE_BUFFER = 64 * 1024,
    POLL_MS = 1000,
    CONNECTIONS_KEPT = 8, /* a slot speaks to a handful of services */
    ONCE_IDLE_S = 20,
    SPARES = 4,
    SPARE_MIN = 64 * 1024,
    SPARE_MAX = 2 << 20
};
static const size_t body_max = (size_t)24 << 20;

struct slot {
    struct slot *next;
    CURL *easy;
    CURLM *multi;
    char *host; /* spoken to last; owned */
    char error[CURL_ERROR_SIZE];
    /* of the request under way */
    struct http *http;
    const struct http_request *request;
    struct http_reply *reply;
    size_t sent;
    bool too_big;
};

struct http {
    pthread_mutex_t lock; /* guards idle, busy, spares */
    pthread_cond_t wake;  /* of http_wait, with lock */
    struct slot *idle;
    struct slot *busy;
    /* Buffers of big bodies, used again: giving a megabyte back to malloc for every page of a scan
     * costs a fifth of the time of decoding it. */
    struct {
        char *data;
        size_t cap;
    } spares[SPARES];
    atomic_bool stop;
    char *ca_bundle;
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
    for (size_t i = 0; i < SPARES; i++) {
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

static struct slot *slot_take(struct http *h, const char *host)
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

static void slot_give(struct http *h, struct slot *s)
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

static size_t body_limit(const struct http_request *r)
{
    return r->max_bytes == 0 ? body_max : r->max_bytes;
}

/* Room for a body whose length is known; a spare buffer when it is big. */
static void reserve_body(struct http *h, struct http_reply *r, size_t size)
{
    struct strbuf *b = &r->body;

    if (size >= SPARE_MIN && size <= SPARE_MAX) {
        r->home = h;
        (void)pthread_mutex_lock(&h->lock);
        for (size_t i = 0; i < SPARES && b->data == NULL; i++) {
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
    for (size_t i = 1; i < SPARES; i++) {
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

static size_t on_body(char *data, size_t size, size_t n, void *arg)
{
    struct slot *s = arg;
    struct strbuf *body = &s->reply->body;

    if (body->len == 0 && body->data == NULL) {
        curl_off_t length = -1;
        (void)curl_easy_getinfo(s->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
        body->max = body_limit(s->request);
        if (length > 0 && (size_t)length <= body->max) {
            reserve_body(s->http, s->reply, (size_t)length + 1);
        }
    }
    strbuf_add(body, data, size * n);
    if (body->overflow) {
        s->too_big = true;
        return 0;
    }
    return size * n;
}

static size_t on_header(char *data, size_t size, size_t n, void *arg)
{
    struct slot *s = arg;
    struct strbuf *all = &s->reply->headers;
    size_t len = size * n;

    if (len >= 5 && memcmp(data, "HTTP/", 5) == 0) {
        strbuf_reset(all); /* the head of a 1xx reply came before this one */
        return len;
    }
    const char *colon = memchr(data, ':', len);
    if (colon == NULL || memchr(data, '\0', len) != NULL) {
        return len;
    }
    const char *value = colon + 1;
    const char *end = data + len;
    while (value < end && strchr(" \t", *value) != NULL) {
        value++;
    }
    while (end > value && strchr(" \t\r\n", end[-1]) != NULL) {
        end--;
    }
    if (all->len + len + 2 > HEADERS_MAX) {
        return len; /* over the limit: dropped whole, so that names and values stay paired */
    }
    strbuf_add(all, data, (size_t)(colon - data));
    strbuf_addc(all, '\0');
    strbuf_add(all, value, (size_t)(end - value));
    strbuf_addc(all, '\0');
    return len;
}

static size_t on_read(char *to, size_t size, size_t n, void *arg)
{
    struct slot *s = arg;
    size_t left = s->request->body_len - s->sent;
    size_t some = size * n < left ? size * n : left;

    if (some > 0) {
        memcpy(to, (const char *)s->request->body + s->sent, some);
        s->sent += some;
    }
    return some;
}

static int on_seek(void *arg, curl_off_t offset, int origin)
{
    (void)arg;
    (void)offset;
    (void)origin;
    return CURL_SEEKFUNC_FAIL;
}

static void set_body(struct slot *s, const struct http_request *r)
{
    CURL *c = s->easy;

    if (strcmp(r->method, "GET") == 0) {
        (void)curl_easy_setopt(c, CURLOPT_HTTPGET, 1L);
        return;
    }
    (void)curl_easy_setopt(c, CURLOPT_POST, 1L);
    (void)curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, r->method);
    (void)curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body_len);
    if (r->once) {
        (void)curl_easy_setopt(c, CURLOPT_READFUNCTION, on_read);
        (void)curl_easy_setopt(c, CURLOPT_READDATA, s);
        (void)curl_easy_setopt(c, CURLOPT_SEEKFUNCTION, on_seek);
        /* A connection idle for long is likely closed by the time the request arrives. */
        (void)curl_easy_setopt(c, CURLOPT_MAXAGE_CONN, (long)ONCE_IDLE_S);
    } else {
        (void)curl_easy_setopt(c, CURLOPT_POSTFIELDS, r->body_len == 0 ? "" : r->body);
    }
}

static struct curl_slist *set_headers(struct slot *s, const struct http_request *r)
{
    struct curl_slist *list = NULL;
    struct strbuf line = STRBUF_INIT;

    for (size_t i = 0; i < r->headers_len; i++) {
        strbuf_reset(&line);
        /* "Name;" is libcurl's way to send a header without a value. */
        strbuf_addf(&line, r->headers[i].value[0] == '\0' ? "%s;%s" : "%s: %s", r->headers[i].name,
                    r->headers[i].value);
        list = curl_slist_append(list, line.data);
    }
    strbuf_wipe(&line);
    list = curl_slist_append(list, "Expect:");
    list = curl_slist_append(list, "Accept-Encoding: identity");
    if (r->method[0] == 'P') {
        /* libcurl's own default is a form; whoever wants a type gives it. */
        bool typed = false;
        for (size_t i = 0; i < r->headers_len; i++) {
            typed = typed || strcasecmp(r->headers[i].name, "content-type") == 0;
        }
        if (!typed) {
            list = curl_slist_append(list, "Content-Type:");
        }
    }
    (void)curl_easy_setopt(s->easy, CURLOPT_HTTPHEADER, list);
    return list;
}

static void set_options(struct slot *s, const struct http_request *r)
{
    CURL *c = s->easy;
    long connect_ms = r->connect_timeout_ms == 0 ? CONNECT_TIMEOUT_MS : r->connect_timeout_ms;
    long total_ms = r->total_timeout_ms == 0 ? TOTAL_TIMEOUT_MS : r->total_timeout_ms;

    curl_easy_reset(c);
    (void)curl_easy_setopt(c, CURLOPT_URL, r->url);
    (void)curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(c, CURLOPT_ERRORBUFFER, s->error);
    (void)curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, connect_ms);
    (void)curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, total_ms);
    (void)curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
    (void)curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    (void)curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    (void)curl_easy_setopt(c, CURLOPT_BUFFERSIZE, (long)RECEIVE_BUFFER);
    (void)curl_easy_setopt(c, CURLOPT_USERAGENT, "mvpdash/" MVPDASH_VERSION);
    (void)curl_easy_setopt(c, CURLOPT_PATH_AS_IS, 1L);
#if LIBCURL_VERSION_NUM >= 0x075500
    (void)curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    (void)curl_easy_setopt(c, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
    if (http_is_local(r->url)) {
        (void)curl_easy_setopt(c, CURLOPT_PROXY, "");
    }
    if (s->http->ca_bundle != NULL) {
        (void)curl_easy_setopt(c, CURLOPT_CAINFO, s->http->ca_bundle);
    }
    (void)curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
    (void)curl_easy_setopt(c, CURLOPT_WRITEDATA, s);
    (void)curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
    (void)curl_easy_setopt(c, CURLOPT_HEADERDATA, s);
}

/* Runs the transfer to its end; CURLE_ABORTED_BY_CALLBACK when the client was stopped. */
static CURLcode perform(struct slot *s)
{
    CURLcode rc = CURLE_ABORTED_BY_CALLBACK;
    int running = 1;

    if (curl_multi_add_handle(s->multi, s->easy) != CURLM_OK) {
        return CURLE_FAILED_INIT;
    }
    while (!atomic_load(&s->http->stop)) {
        if (curl_multi_perform(s->multi, &running) != CURLM_OK) {
            rc = CURLE_FAILED_INIT;
            break;
        }
        if (running == 0) {
            int left = 0;
            const CURLMsg *m = curl_multi_info_read(s->multi, &left);
            rc = m == NULL ? CURLE_FAILED_INIT : m->data.result;
            break;
        }
        (void)curl_multi_poll(s->multi, NULL, 0, POLL_MS, NULL);
    }
    (void)curl_multi_remove_handle(s->multi, s->easy);
    return rc;
}

static double seconds_of(int ms, int fallback_ms)
{
    return (double)(ms == 0 ? fallback_ms : ms) / 1000.0;
}

static enum err_code timed_out(const struct slot *s, bool connected, struct err *e)
{
    const struct http_request *r = s->request;

    if (!connected) {
        double limit = seconds_of(r->connect_timeout_ms, CONNECT_TIMEOUT_MS);
        double total = seconds_of(r->total_timeout_ms, TOTAL_TIMEOUT_MS);
        return err_set(e, E_TIMEOUT, "no connection to %s within %g s", s->host,
                       limit < total ? limit : total);
    }
    return err_set(e, E_TIMEOUT, "no complete reply from %s within %g s", s->host,
                   seconds_of(r->total_timeout_ms, TOTAL_TIMEOUT_MS));
}

static enum err_code tls_failed(const struct slot *s, struct err *e)
{
    (void)err_set(e, E_NET, "no trusted TLS connection to %s: %s", s->host, s->error);
    return err_hint_set(e, "check the clock and the proxy; AWS_CA_BUNDLE names a file of your own "
                           "certificate authorities");
}

static enum err_code no_connection(const struct slot *s, struct err *e)
{
    long os_errno = 0;

    (void)curl_easy_getinfo(s->easy, CURLINFO_OS_ERRNO, &os_errno);
    if (os_errno != 0) {
        char words[80] = "";
        const char *text = strerror_r((int)os_errno, words, sizeof words);
        return err_set(e, E_NET, "cannot connect to %s: %s", s->host, text);
    }
    return err_set(e, E_NET, "cannot connect to %s: %s", s->host,
                   s->error[0] == '\0' ? "no route or refused" : s->error);
}

static enum err_code failure(struct slot *s, CURLcode rc, struct err *e)
{
    curl_off_t ready_us = 0;
    enum err_code code;

    (void)curl_easy_getinfo(s->easy, CURLINFO_PRETRANSFER_TIME_T, &ready_us);
    switch (rc) {
    case CURLE_COULDNT_RESOLVE_HOST:
        code = err_set(e, E_NET,
                       "cannot find the address of %s (no network, no DNS, or no such "
                       "host)",
                       s->host);
        break;
    case CURLE_COULDNT_RESOLVE_PROXY:
        code = err_set(e, E_NET, "cannot find the address of the proxy for %s", s->host);
        break;
    case CURLE_COULDNT_CONNECT:
        code = no_connection(s, e);
        break;
    case CURLE_OPERATION_TIMEDOUT:
        code = timed_out(s, ready_us > 0, e);
        break;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
        code = tls_failed(s, e);
        break;
    case CURLE_PARTIAL_FILE:
        code = err_set(e, E_NET, "the reply from %s was cut short", s->host);
        break;
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_FAIL_REWIND:
        code = err_set(e, E_NET, "%s closed the connection without a reply", s->host);
        break;
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
        code = err_set(e, E_NET, "the connection to %s broke: %s", s->host, s->error);
        break;
    case CURLE_UNSUPPORTED_PROTOCOL: /* also "Received HTTP/0.9 when not allowed" */
        if (ready_us > 0) {
            code = err_set(e, E_NET, "%s answered, but not in HTTP", s->host);
            break;
        }
        /* fall through */
    case CURLE_URL_MALFORMAT:
        code = err_set(e, E_CONFIG, "not a usable http or https URL: %.200s", s->request->url);
        break;
    case CURLE_ABORTED_BY_CALLBACK:
        code = err_set(e, E_CANCELLED, "stopped");
        break;
    default:
        code = s->too_big ? err_set(e, E_TOO_BIG, "the reply from %s is over %zu bytes", s->host,
                                    body_limit(s->request))
                          : err_set(e, E_NET, "request to %s failed: %s", s->host,
                                    s->error[0] == '\0' ? curl_easy_strerror(rc) : s->error);
    }
    if (e != NULL) {
        e->maybe_done = ready_us > 0;
    }
    return code;
}

enum err_code http_send(struct http *h, const struct http_request *r, struct http_reply *reply,
                        struct err *e)
{
    char *host = http_host_of(r->url);
    enum err_code code = E_OK;
    curl_off_t total_us = 0;
    long status = 0;

    if (host == NULL) {
        return err_set(e, E_CONFIG, "not a usable http or https URL: %.200s", r->url);
    }
    struct slot *s = slot_take(h, host);
    free(host);
    s->request = r;
    s->reply = reply;
    reply->headers.max = HEADERS_MAX;
    reply->status = 0;
    set_options(s, r);
    set_body(s, r);
    struct curl_slist *headers = set_headers(s, r);
    CURLcode rc = perform(s);
    (void)curl_easy_getinfo(s->easy, CURLINFO_TOTAL_TIME_T, &total_us);
    reply->elapsed_ms = (int)(total_us / 1000 > INT_MAX ? INT_MAX : total_us / 1000);
    (void)curl_easy_getinfo(s->easy, CURLINFO_RESPONSE_CODE, &status);
    reply->status = (int)status;
    if (rc != CURLE_OK) {
        code = failure(s, rc, e);
    }
    (void)curl_easy_setopt(s->easy, CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all(headers);
    slot_give(h, s);
    return code;
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
