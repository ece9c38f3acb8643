/* limiter.h - private to api: a limit of requests a second for each client. Any thread. */
#ifndef API_LIMITER_H
#define API_LIMITER_H

#include <stdint.h>

struct limiter; /* opaque: src/api/limiter.c */

/* `rate` requests a second, twice as many at once; 0: no limit. */
struct limiter *limiter_new(int rate);
void limiter_free(struct limiter *l); /* NULL allowed */

/* What a client may still ask, for the header fields RateLimit and RateLimit-Policy. */
struct rate_left {
    int quota;    /* how many requests may come at once; 0: there is no limit */
    int window_s; /* the time after which an empty bucket is full again */
    int left;     /* how many requests may come now */
    int full_s;   /* the time until the whole quota is there again */
};

/* Asks for one request. 0: it may go on; else the seconds (1 or more) after which the client may
 * try again. `left` (may be NULL) gets what is left after this request. */
int limiter_ask(struct limiter *l, const char *client, int64_t now_ms, struct rate_left *left);
#endif
