/* DynamoDB of the local cloud: the thread that deletes expired items. It waits for the next item's
 * time, at most a minute (somebody may set the clock), or for a poke.
 *
 * Locks: the cloud's may be held when ddb_expiry_poke takes `lock`; the thread never takes the
 * cloud's with `lock` held. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "core/alloc.h"
#include "core/cond.h"
#include "ddb_ttl.h"

/* At least so long between two looks: items may expire up to so much later than they could. */
enum { WAIT_MIN_MS = 500, WAIT_MAX_MS = 60 * 1000 };

struct ddb_expiry {
    struct cloud *cloud;
    pthread_t thread;
    pthread_mutex_t lock; /* guards poked and stop */
    pthread_cond_t wake;
    bool poked, stop;
};

/* Waits so long, or until a poke when `heed`; false when the thread shall end. */
static bool wait_ms(struct ddb_expiry *x, int64_t ms, bool heed)
{
    const struct timespec until = cond_until(ms);

    (void)pthread_mutex_lock(&x->lock);
    while (!x->stop && !(heed && x->poked) &&
           pthread_cond_timedwait(&x->wake, &x->lock, &until) != ETIMEDOUT) {
    }
    bool stop = x->stop;
    x->poked = x->poked && !heed;
    (void)pthread_mutex_unlock(&x->lock);
    return !stop;
}

static void *run(void *arg)
{
    struct ddb_expiry *x = arg;
    int64_t ms = 0;

    do {
        cloud_lock(x->cloud);
        bool more = ddb_ttl_delete_due(x->cloud);
        int64_t next = more ? 0 : ddb_ttl_next_ms(x->cloud);
        cloud_unlock(x->cloud);
        ms = next < 0 || next > WAIT_MAX_MS ? WAIT_MAX_MS : next;
        /* between two looks others get the lock, and a burst of writes is one poke */
    } while (wait_ms(x, WAIT_MIN_MS, false) &&
             (ms <= WAIT_MIN_MS || wait_ms(x, ms - WAIT_MIN_MS, true)));
    return NULL;
}

struct ddb_expiry *ddb_expiry_start(struct cloud *cloud, struct err *e)
{
    struct ddb_expiry *x = xcalloc(1, sizeof *x);

    x->cloud = cloud;
    (void)pthread_mutex_init(&x->lock, NULL);
    cond_init(&x->wake);
    int rc = pthread_create(&x->thread, NULL, run, x);
    if (rc != 0) {
        (void)err_no_thread(e, rc, "the thread that deletes expired items");
        (void)pthread_cond_destroy(&x->wake);
        (void)pthread_mutex_destroy(&x->lock);
        free(x);
        return NULL;
    }
    return x;
}

void ddb_expiry_stop(struct ddb_expiry *x)
{
    if (x == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&x->lock);
    x->stop = true;
    (void)pthread_cond_signal(&x->wake);
    (void)pthread_mutex_unlock(&x->lock);
    (void)pthread_join(x->thread, NULL);
    (void)pthread_cond_destroy(&x->wake);
    (void)pthread_mutex_destroy(&x->lock);
    free(x);
}

void ddb_expiry_poke(struct ddb_expiry *x)
{
    if (x != NULL) {
        (void)pthread_mutex_lock(&x->lock);
        x->poked = true;
        (void)pthread_cond_signal(&x->wake);
        (void)pthread_mutex_unlock(&x->lock);
    }
}
