/* outlook.c - when running jobs should end, by the kept history and by what callers asked for. */
#include "outlook.h"

#include <pthread.h>
#include <stdlib.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "ops/history.h"

enum { EVERY_MS = 60000 };

struct outlook {
    const struct ops *o;
    pthread_mutex_t lock; /* guards all members below */
    struct forecast *history;
    int64_t looked_ms; /* monotonic: when the file was last read; TIME_NONE */
    bool busy;         /* a thread reads or writes the file, without the lock */
};

struct outlook *outlook_new(const struct ops *o)
{
    struct outlook *x = xcalloc(1, sizeof *x);

    x->o = o;
    x->history = forecast_new();
    x->looked_ms = TIME_NONE;
    (void)pthread_mutex_init(&x->lock, NULL);
    return x;
}

void outlook_free(struct outlook *x)
{
    if (x != NULL) {
        forecast_free(x->history);
        (void)pthread_mutex_destroy(&x->lock);
        free(x);
    }
}

/* Puts together what is kept and what was learned here. Called with the lock, which is free while
 * files are read and written: the other requests do not wait for them. */
static void put_together(struct outlook *x, int64_t now)
{
    struct forecast *f = forecast_new();

    x->busy = true;
    x->looked_ms = now;
    (void)forecast_merge(f, x->history);
    (void)pthread_mutex_unlock(&x->lock);
    struct err e = {0};
    if (forecast_len(f) > 0 && history_keep(x->o, f, &e) != E_OK) {
        log_line(x->o->log, LOG_LVL_DEBUG, "%s", e.msg);
    }
    history_load(x->o, f);
    (void)pthread_mutex_lock(&x->lock);
    (void)forecast_merge(f, x->history); /* what was learned meanwhile */
    forecast_settle(f);
    forecast_free(x->history);
    x->history = f;
    x->busy = false;
}

bool outlook_of(struct outlook *x, const struct job *j, const struct job_state *s, struct eta *out)
{
    int64_t now = clock_mono_ms(x->o->clock);

    if (s->status != JOB_IN_PROGRESS && s->status != JOB_COMPLETED) {
        return false;
    }
    (void)pthread_mutex_lock(&x->lock);
    (void)forecast_learn(x->history, j);
    if (!x->busy && s->status == JOB_IN_PROGRESS &&
        (x->looked_ms == TIME_NONE || now - x->looked_ms >= EVERY_MS)) {
        put_together(x, now);
    }
    bool known = forecast_eta(x->history, j, s, clock_wall_ms(x->o->clock), out);
    (void)pthread_mutex_unlock(&x->lock);
    return known;
}
