/* http_impl.h - what the files of the HTTP layer share. */
#ifndef AWS_HTTP_IMPL_H
#define AWS_HTTP_IMPL_H

#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "http.h"

enum {
    HTTP_CONNECT_TIMEOUT_MS = 5000,
    HTTP_TOTAL_TIMEOUT_MS = 30000,
    HTTP_IDLE_TIMEOUT_MS = 12000,
    HTTP_SPARES = 4
};

/* One easy handle in one multi handle of its own, in use by one thread at a time. */
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
    } spares[HTTP_SPARES];
    atomic_bool stop;
    char *ca_bundle;
};

/* An idle slot, the one that spoke to `host` last when there is one; goes back with slot_give. */
struct slot *http_slot_take(struct http *h, const char *host);
void http_slot_give(struct http *h, struct slot *s);

/* Room for a body whose length is known; a spare buffer when it is big. */
void http_reserve_body(struct http *h, struct http_reply *r, size_t size);
size_t http_body_limit(const struct http_request *r);
long http_idle_s(const struct http_request *r);

/* libcurl's failure in words. */
enum err_code http_explain(struct slot *s, CURLcode rc, struct err *e);
#endif
