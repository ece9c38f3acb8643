/* A thread that does something again and again until it is told to end. */
#include "periodic.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/cond.h"

struct periodic {
    pthread_mutex_t lock; /* guards end and woken */
    pthread_cond_t changed;
    bool end, woken;
    pthread_t thread;
    periodic_fn run;
    void *arg;
};

static void *thread_main(void *arg)
{
    struct periodic *b = arg;

    b->run(b, b->arg);
    return NULL;
}

static void destroy(struct periodic *b)
{
    (void)pthread_cond_destroy(&b->changed);
    (void)pthread_mutex_destroy(&b->lock);
    free(b);
}

struct periodic *periodic_start(periodic_fn run, void *arg, struct err *e)
{
    struct periodic *b = xcalloc(1, sizeof *b);

    b->run = run;
    b->arg = arg;
    (void)pthread_mutex_init(&b->lock, NULL);
    cond_init(&b->changed);
    int rc = pthread_create(&b->thread, NULL, thread_main, b);
    if (rc != 0) {
        (void)err_no_thread(e, rc, "a thread for what is read at intervals");
        destroy(b);
        return NULL;
    }
    return b;
}

bool periodic_wait(struct periodic *b, int ms)
{
    const struct timespec until = cond_until(ms);
    int rc = 0;

    (void)pthread_mutex_lock(&b->lock);
    while (!b->end && !b->woken && rc != ETIMEDOUT) {
        rc = pthread_cond_timedwait(&b->changed, &b->lock, &until);
    }
    b->woken = false;
    bool go_on = !b->end;
    (void)pthread_mutex_unlock(&b->lock);
    return go_on;
}

bool periodic_on(struct periodic *b)
{
    (void)pthread_mutex_lock(&b->lock);
    bool on = !b->end;
    (void)pthread_mutex_unlock(&b->lock);
    return on;
}

static void tell(struct periodic *b, bool end)
{
    (void)pthread_mutex_lock(&b->lock);
    b->woken = true;
    b->end = b->end || end;
    (void)pthread_cond_broadcast(&b->changed);
    (void)pthread_mutex_unlock(&b->lock);
}

void periodic_wake(struct periodic *b)
{
    tell(b, false);
}

void periodic_end(struct periodic *b)
{
    tell(b, true);
}

void periodic_free(struct periodic *b)
{
    if (b != NULL) {
        periodic_end(b);
        (void)pthread_join(b->thread, NULL);
        destroy(b);
    }
}
