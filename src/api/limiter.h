/* limiter.h - private to api: so many requests a second for each client. Any thread. */
#ifndef API_LIMITER_H
#define API_LIMITER_H

#include <stdint.h>

struct limiter; /* opaque: src/api/limiter.c */

/* `rate` a second, twice as many at once; 0: no limit. */
struct limiter *limiter_new(int rate);
void limiter_free(struct limiter *l); /* NULL allowed */

/* What is left to a client, for RateLimit and RateLimit-Policy. */
struct rate_left {
    int quota;    /* so many at once; 0: there is no limit */
    int window_s; /* an empty bucket is full again after that */
    int left;     /* so many may come now */
    int full_s;   /* until all of the quota is there again */
};

/* 0: go on. Else the seconds (1 or more) after which the client may try again. `left` (may be NULL)
 * gets what is left after this request. */
int limiter_ask(struct limiter *l, const char *client, int64_t now_ms, struct rate_left *left);
#endif
