/* fake_http.h - a small HTTP server on loopback for tests: it answers by a script, or by a
 * function, misbehaves on request, and keeps what it was sent. One thread a connection. */
#ifndef TESTS_FAKE_HTTP_H
#define TESTS_FAKE_HTTP_H

#include <stdbool.h>
#include <stddef.h>

enum fake_deed {
    FAKE_ANSWER,   /* answers properly */
    FAKE_CLOSE,    /* closes without a word */
    FAKE_RESET,    /* resets the connection */
    FAKE_TRUNCATE, /* promises more bytes than it sends */
    FAKE_HANG      /* keeps silent until the server stops */
};

struct fake_reply {
    enum fake_deed deed;
    int status;          /* 0: 200 */
    const char *headers; /* lines with "\r\n" after each, or NULL */
    const char *body;    /* or NULL */
    size_t body_len;     /* 0: strlen */
};

struct fake_request {
    char method[16];
    char path[512];
    char *headers; /* owned; the lines as they came */
    char *body;    /* owned */
    size_t body_len;
};

struct fake_http;

/* Answers request n with script[n], the last row again and again. The script is borrowed. */
struct fake_http *fake_http_start(const struct fake_reply *script, size_t len);
/* Answers by `answer`, which may be called by several threads; `n` counts the requests from 0. */
typedef struct fake_reply (*fake_answer)(void *arg, const struct fake_request *r, size_t n);
struct fake_http *fake_http_start_with(fake_answer answer, void *arg);
void fake_http_stop(struct fake_http *f);

const char *fake_http_url(const struct fake_http *f); /* "http://127.0.0.1:PORT" */
size_t fake_http_requests(struct fake_http *f);       /* so far */
size_t fake_http_connections(struct fake_http *f);
/* The n-th request; borrowed until the stop. NULL when there was none. */
const struct fake_request *fake_http_request(struct fake_http *f, size_t n);
/* Value of a header of a request in any case, copied into `out`; "" when absent. Returns out. */
const char *fake_header(const struct fake_request *r, const char *name, char *out, size_t size);
/* A port nobody listens on. */
int fake_closed_port(void);
#endif
