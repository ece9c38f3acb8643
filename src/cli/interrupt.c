/* The thread that ends the calls under way after Ctrl-C: a signal handler may not do it. */
#include "src/cli/interrupt.h"

#include <pthread.h>
#include <stdlib.h>

#include "core/alloc.h"
#include "core/cond.h"

enum { LOOK_MS = 100 };

struct interrupt {
    const struct cli *c; /* borrowed */
    pthread_t thread;
    bool runs;            /* the thread was started; without it a call is waited for */
    pthread_mutex_t lock; /* guards `over` */
    pthread_cond_t ended;
    bool over;
};

/* Stops the calls, or lets them be made again. */
static void stop(const struct cli *c, bool on)
{
    if (c->ops != NULL) {
        ops_stop(c->ops, on);
    }
    contexts_stop(&c->all, on);
}

static bool pause_over(struct interrupt *i)
{
    const struct timespec until = cond_until(LOOK_MS);
    int rc = 0;

    (void)pthread_mutex_lock(&i->lock);
    while (!i->over && rc == 0) {
        rc = pthread_cond_timedwait(&i->ended, &i->lock, &until);
    }
    bool go_on = !i->over;
    (void)pthread_mutex_unlock(&i->lock);
    return go_on;
}

static void *thread_main(void *arg)
{
    struct interrupt *i = arg;

    while (pause_over(i)) {
        if (cli_interrupted()) {
            stop(i->c, true);
            break;
        }
    }
    return NULL;
}

struct interrupt *interrupt_catch(struct cli *c)
{
    struct interrupt *i = xcalloc(1, sizeof *i);

    i->c = c;
    (void)pthread_mutex_init(&i->lock, NULL);
    cond_init(&i->ended);
    cli_catch_interrupt(true);
    i->runs = pthread_create(&i->thread, NULL, thread_main, i) == 0;
    return i;
}

bool interrupt_end(struct interrupt *i)
{
    bool came = cli_interrupted();

    (void)pthread_mutex_lock(&i->lock);
    i->over = true;
    (void)pthread_cond_signal(&i->ended);
    (void)pthread_mutex_unlock(&i->lock);
    if (i->runs) {
        (void)pthread_join(i->thread, NULL);
    }
    cli_catch_interrupt(false);
    stop(i->c, false);
    (void)pthread_cond_destroy(&i->ended);
    (void)pthread_mutex_destroy(&i->lock);
    free(i);
    return came;
}
