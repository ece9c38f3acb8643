/* limiter.h - private to api: so many requests a second for each client. Any thread. */
#ifndef API_LIMITER_H
#define API_LIMITER_H

#include <stdint.h>

struct limiter; /* opaque: src/api/limiter.c */

/* `rate` a second, twice as many at once; 0: no limit. */
struct limiter *limiter_new(int rate);
void limiter_free(struct limiter *l); /* NULL allowed */

/* 0: go on. Else the seconds (1 or more) after which the client may try again. */
int limiter_ask(struct limiter *l, const char *client, int64_t now_ms);
#endif
