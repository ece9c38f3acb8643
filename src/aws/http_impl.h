/* http_impl.h - what the files of the HTTP layer share. */
#ifndef AWS_HTTP_IMPL_H
#define AWS_HTTP_IMPL_H

#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "http.h"
#include "proxy.h"

enum {
    HTTP_CONNECT_TIMEOUT_MS = 5000,
    HTTP_TOTAL_TIMEOUT_MS = 30000,
    HTTP_IDLE_TIMEOUT_MS = 12000,
    HTTP_SPARES = 4
};

/* One easy handle in one multi handle of its own; one thread at a time uses it. */
struct slot {
    struct slot *next;
    struct slot *prev; /* the list of the busy slots */
    CURL *easy;
    CURLM *multi;
    char *host; /* the host that the slot spoke to last; owned */
    int64_t idle_since_ms;
    char error[CURL_ERROR_SIZE];
    /* the members below belong to the request under way */
    struct http *http;
    const struct http_request *request;
    struct http_response *reply;
    /* the time for this request: less than the request's own when the operation's time ends
     * before */
    int total_ms;
    size_t sent;
    bool too_big;
    struct proxy proxy;
    bool reached; /* the socket that was closed last had been connected */
};

struct http {
    pthread_mutex_t lock; /* guards idle, busy, len, looked_ms, spares, spared_ms */
    pthread_cond_t wake;  /* http_wait waits on it, with lock */
    pthread_cond_t freed; /* a request that needs a slot waits on it, with lock */
    struct slot *idle;    /* the slot that was used last comes first */
    int len;              /* how many slots there are, idle and busy */
    int max;              /* 0: any number */
    struct slot *busy;
    int64_t looked_ms; /* when idle connections that have to be closed were last looked for */
    /* Buffers of big bodies, which are used again: giving a megabyte back to malloc for every page
     * of a scan takes a fifth of the time of decoding the page. */
    struct {
        char *data;
        size_t cap;
    } spares[HTTP_SPARES];
    int64_t spared_ms; /* when a big body was last read into a buffer, or given back */
    atomic_bool stop;
    const struct env *env; /* borrowed: names the proxies */
    char *ca_bundle;       /* owned; NULL: libcurl's own */
    char *ca_from;         /* owned; NULL: they are the system's */
};

/* An idle slot, the one that spoke to `host` last when there is one, else a new slot;
 * http_slot_give takes it back. NULL when as many slots as allowed are in use until the deadline,
 * or until the stop. */
struct slot *http_slot_take(struct http *h, const char *host);
void http_slot_give(struct http *h, struct slot *s);
/* Makes a new easy handle in the place of one whose transfer failed: libcurl 8.7 and later keep,
 * over curl_easy_reset, the wish to send that transfer's body again, and would make the next
 * transfer fail with it. The connections stay, because the multi handle owns them. */
void http_slot_renew(struct slot *s);

/* Makes room for a body whose length is known; a big body gets a spare buffer. */
void http_reserve_body(struct http *h, struct http_response *r, size_t size);
size_t http_body_limit(const struct http_request *r);
long http_idle_s(const struct http_request *r);

/* The error when the operation has no time left for another request: E_TIMEOUT. */
enum err_code http_too_late(struct err *e);
/* The error when no connection became free in time: E_TIMEOUT; E_CANCELLED when the layer is
 * stopped. */
enum err_code http_no_slot(struct http *h, struct err *e);
/* The error when the variable holds no address of a proxy: E_CONFIG, without a word of its
 * value. */
enum err_code http_wrong_proxy(const struct slot *s, struct err *e);
/* The error when the authorities cannot be read: E_CONFIG. */
enum err_code http_bad_authorities(const struct slot *s, struct err *e);
/* libcurl's failure in words. */
enum err_code http_explain(struct slot *s, CURLcode rc, struct err *e);
#endif
