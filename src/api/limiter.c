/* limiter.c - the limit of requests a second: each client has a bucket that fills at `rate` a
 * second up to twice that number, and a request takes one from it. A bucket is kept only as long as
 * it is not full: a client with a full bucket is the same as an unknown one. */
#include "limiter.h"

#include <pthread.h>
#include <stdlib.h>

#include "core/alloc.h"
#include "core/map.h"

enum { CLIENTS_MAX = 10000, BURST_S = 2 };

struct bucket {
    double level;
    int64_t at_ms;
};

struct limiter {
    double rate;
    pthread_mutex_t lock; /* guards clients */
    struct map *clients;  /* struct bucket, owned */
};

struct limiter *limiter_new(int rate)
{
    struct limiter *l = xcalloc(1, sizeof *l);

    l->rate = rate;
    (void)pthread_mutex_init(&l->lock, NULL);
    l->clients = map_new();
    return l;
}

void limiter_free(struct limiter *l)
{
    if (l != NULL) {
        map_free(l->clients, free);
        (void)pthread_mutex_destroy(&l->lock);
        free(l);
    }
}

static double full_level(const struct limiter *l)
{
    return (double)BURST_S * l->rate;
}

static double level_at(const struct limiter *l, const struct bucket *b, int64_t now_ms)
{
    double level = b->level + (double)(now_ms - b->at_ms) * l->rate / 1000;

    return level > full_level(l) ? full_level(l) : level;
}

/* Forgets the clients whose buckets are full again, or all clients when those are too few. The lock
 * is held. */
static void make_room(struct limiter *l, int64_t now_ms)
{
    struct map *kept = map_new();
    size_t at = 0;
    const char *key;
    void *value;

    while (map_next(l->clients, &at, &key, &value)) {
        if (level_at(l, value, now_ms) < full_level(l) && map_len(kept) < CLIENTS_MAX / 2) {
            (void)map_put(kept, key, value);
        } else {
            free(value);
        }
    }
    map_free(l->clients, NULL);
    l->clients = kept;
}

static void tell(const struct limiter *l, const struct bucket *b, struct rate_left *left)
{
    double missing = full_level(l) - b->level;
    int s = (int)(missing / l->rate);

    *left = (struct rate_left){.quota = (int)full_level(l),
                               .window_s = BURST_S,
                               .left = (int)b->level,
                               .full_s = s + (s * l->rate < missing)};
}

int limiter_ask(struct limiter *l, const char *client, int64_t now_ms, struct rate_left *left)
{
    int wait_s = 0;

    if (left != NULL) {
        *left = (struct rate_left){.quota = 0};
    }
    if (l->rate <= 0) {
        return 0;
    }
    (void)pthread_mutex_lock(&l->lock);
    struct bucket *b = map_find(l->clients, client);
    if (b == NULL) {
        if (map_len(l->clients) >= CLIENTS_MAX) {
            make_room(l, now_ms);
        }
        b = xcalloc(1, sizeof *b);
        *b = (struct bucket){.level = full_level(l), .at_ms = now_ms};
        (void)map_put(l->clients, client, b);
    }
    b->level = level_at(l, b, now_ms);
    b->at_ms = now_ms;
    if (b->level >= 1) {
        b->level -= 1;
    } else {
        wait_s = (int)((1 - b->level) / l->rate) + 1;
    }
    if (left != NULL) {
        tell(l, b, left);
    }
    (void)pthread_mutex_unlock(&l->lock);
    return wait_s;
}
