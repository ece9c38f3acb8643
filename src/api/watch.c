#include "watch.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "beat.h"
#include "core/alloc.h"
#include "core/clock.h"

enum { TICK_MS = 500 };
static const int64_t never = INT64_MAX;

struct conn {
    struct conn *prev, *next;
    int fd; /* borrowed: libmicrohttpd's, open until watch_close */
    int64_t deadline_ms;
    bool busy;
    bool ended; /* was shut down */
};

struct watch {
    pthread_mutex_t lock; /* guards all below and every conn */
    pthread_cond_t changed;
    struct conn *conns;
    int len, busy;
    bool draining;
    int patience_ms;
    struct beat *beat;
};

/* Lock held. Its thread sees the end of the stream and closes. */
static void end(struct conn *c)
{
    c->ended = true;
    c->deadline_ms = never;
    (void)shutdown(c->fd, SHUT_RDWR);
}

static void tick(struct beat *b, void *arg)
{
    struct watch *w = arg;

    while (beat_wait(b, TICK_MS)) {
        int64_t now = clock_mono_ms(NULL);
        (void)pthread_mutex_lock(&w->lock);
        for (struct conn *c = w->conns; c != NULL; c = c->next) {
            if (c->deadline_ms <= now) {
                end(c);
            }
        }
        (void)pthread_mutex_unlock(&w->lock);
    }
}

struct watch *watch_new(int patience_ms, struct err *e)
{
    struct watch *w = xcalloc(1, sizeof *w);
    pthread_condattr_t attr;

    w->patience_ms = patience_ms;
    (void)pthread_mutex_init(&w->lock, NULL);
    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&w->changed, &attr);
    (void)pthread_condattr_destroy(&attr);
    w->beat = beat_start(tick, w, e);
    if (w->beat == NULL) {
        watch_free(w);
        return NULL;
    }
    return w;
}

void watch_free(struct watch *w)
{
    if (w == NULL) {
        return;
    }
    beat_free(w->beat);
    while (w->conns != NULL) {
        struct conn *c = w->conns;
        w->conns = c->next;
        free(c);
    }
    (void)pthread_cond_destroy(&w->changed);
    (void)pthread_mutex_destroy(&w->lock);
    free(w);
}

struct conn *watch_open(struct watch *w, int fd)
{
    struct conn *c = xcalloc(1, sizeof *c);

    c->fd = fd;
    c->deadline_ms = clock_mono_ms(NULL) + w->patience_ms;
    (void)pthread_mutex_lock(&w->lock);
    c->next = w->conns;
    if (c->next != NULL) {
        c->next->prev = c;
    }
    w->conns = c;
    w->len++;
    if (w->draining) {
        end(c);
    }
    (void)pthread_mutex_unlock(&w->lock);
    return c;
}

/* Lock held. */
static void set_busy(struct watch *w, struct conn *c, bool busy)
{
    if (c->busy != busy) {
        c->busy = busy;
        w->busy += busy ? 1 : -1;
        (void)pthread_cond_broadcast(&w->changed);
    }
}

void watch_close(struct watch *w, struct conn *c)
{
    (void)pthread_mutex_lock(&w->lock);
    set_busy(w, c, false);
    if (c->prev != NULL) {
        c->prev->next = c->next;
    } else {
        w->conns = c->next;
    }
    if (c->next != NULL) {
        c->next->prev = c->prev;
    }
    w->len--;
    (void)pthread_mutex_unlock(&w->lock);
    free(c);
}

/* What the connection does next, and for how long it may. */
static bool step(struct watch *w, struct conn *c, bool busy, int64_t deadline_ms)
{
    (void)pthread_mutex_lock(&w->lock);
    bool alive = !c->ended;
    if (alive) {
        c->deadline_ms = deadline_ms;
    }
    if (alive || !busy) {
        set_busy(w, c, busy);
    }
    if (alive && !busy && w->draining) {
        end(c);
    }
    (void)pthread_mutex_unlock(&w->lock);
    return alive;
}

bool watch_begin(struct watch *w, struct conn *c)
{
    return step(w, c, true, clock_mono_ms(NULL) + w->patience_ms);
}

void watch_work(struct watch *w, struct conn *c)
{
    (void)step(w, c, true, never);
}

void watch_send(struct watch *w, struct conn *c)
{
    (void)step(w, c, true, clock_mono_ms(NULL) + w->patience_ms);
}

void watch_idle(struct watch *w, struct conn *c)
{
    (void)step(w, c, false, clock_mono_ms(NULL) + w->patience_ms);
}

int watch_connections(struct watch *w)
{
    (void)pthread_mutex_lock(&w->lock);
    int n = w->len;
    (void)pthread_mutex_unlock(&w->lock);
    return n;
}

int watch_busy(struct watch *w)
{
    (void)pthread_mutex_lock(&w->lock);
    int n = w->busy;
    (void)pthread_mutex_unlock(&w->lock);
    return n;
}

int watch_drain(struct watch *w, int timeout_ms)
{
    struct timespec until;
    int rc = 0;

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += timeout_ms / 1000;
    until.tv_nsec += (long)(timeout_ms % 1000) * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000L;
    }
    (void)pthread_mutex_lock(&w->lock);
    w->draining = true;
    for (struct conn *c = w->conns; c != NULL; c = c->next) {
        if (!c->busy && !c->ended) {
            end(c);
        }
    }
    while (w->busy > 0 && rc != ETIMEDOUT) {
        rc = pthread_cond_timedwait(&w->changed, &w->lock, &until);
    }
    int left = w->busy;
    (void)pthread_mutex_unlock(&w->lock);
    return left;
}
