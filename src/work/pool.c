/* The pool of workers.
 *
 * DESIGN: there are two lists under one lock: actions, and all other tasks. An idle worker takes
 * the oldest action, else the oldest other task that may start. Reads and waits together may never
 * hold the last worker (so an action finds one free), and waits, which take minutes, may hold only
 * one. With a single worker neither rule can be kept, and neither is applied.
 *
 * The lock guards the lists and the counters. Tasks run without it; results leave through the msgq,
 * which has a lock of its own. That lock is never taken while this one is held (pool_stop closes
 * the queue after releasing its own lock). */
#include "work/pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "run.h"

enum { WORKERS_MAX = 16 };

struct list {
    struct task *head;
    struct task **tail;
};

struct pool {
    pthread_mutex_t lock; /* guards all members below except the options, q and the threads */
    pthread_cond_t work;
    pthread_cond_t ended; /* an action has ended */
    struct list actions;
    struct list others;
    int queued_actions, queued_others;
    int running_actions, running_reads, running_waits;
    struct task *under_way; /* the tasks under way, linked by `next` */
    bool stopping;          /* no task begins any more */
    bool finishing;         /* only the actions that are queued begin */
    struct pool_options opt;
    const struct ops *ops; /* borrowed; for pool_new */
    struct msgq *q;
    int workers; /* how many workers were started */
    pthread_t threads[WORKERS_MAX];
};

/* What a worker of pool_new runs: `arg` is the pool's own `ops`. */
static void run_ops(void *arg, const struct task *t, struct msgq *q)
{
    const struct ops *const *o = arg;

    work_run(*o, t, q);
}

static void stop_ops(void *arg, bool on)
{
    const struct ops *const *o = arg;

    ops_stop(*o, on);
}

static void list_add(struct list *l, struct task *t)
{
    t->next = NULL;
    *l->tail = t;
    l->tail = &t->next;
}

/* Unlinks the task at `at`. */
static struct task *list_take(struct list *l, struct task **at)
{
    struct task *t = *at;

    *at = t->next;
    if (*at == NULL) {
        l->tail = at;
    }
    t->next = NULL;
    return t;
}

static bool may_start(const struct pool *p, enum task_class c)
{
    if (p->workers == 1 || c == CLASS_ACTION) {
        return true;
    }
    if (p->running_reads + p->running_waits >= p->workers - 1) {
        return false;
    }
    return c == CLASS_READ || p->running_waits == 0;
}

/* The next task that may start, or NULL. The lock is held. */
static struct task *next_task(struct pool *p)
{
    if (p->actions.head != NULL) {
        p->queued_actions--;
        return list_take(&p->actions, &p->actions.head);
    }
    for (struct task **at = &p->others.head; *at != NULL; at = &(*at)->next) {
        if (may_start(p, task_class((*at)->kind))) {
            p->queued_others--;
            return list_take(&p->others, at);
        }
    }
    return NULL;
}

static int *running_of(struct pool *p, enum task_class c)
{
    return c == CLASS_ACTION ? &p->running_actions
           : c == CLASS_WAIT ? &p->running_waits
                             : &p->running_reads;
}

/* Notes a task as under way. The lock is held, as in the next function. */
static void begin(struct pool *p, struct task *t)
{
    t->next = p->under_way;
    p->under_way = t;
}

static void end(struct pool *p, const struct task *t)
{
    for (struct task **at = &p->under_way; *at != NULL; at = &(*at)->next) {
        if (*at == t) {
            *at = t->next;
            return;
        }
    }
}

static void *worker(void *arg)
{
    struct pool *p = arg;

    (void)pthread_mutex_lock(&p->lock);
    for (;;) {
        struct task *t = p->stopping ? NULL : next_task(p);
        if (t == NULL && p->stopping) {
            break;
        }
        if (t == NULL) {
            (void)pthread_cond_wait(&p->work, &p->lock);
            continue;
        }
        enum task_class c = task_class(t->kind);
        (*running_of(p, c))++;
        begin(p, t);
        (void)pthread_mutex_unlock(&p->lock);
        p->opt.run(p->opt.arg, t, p->q);
        (void)pthread_mutex_lock(&p->lock);
        end(p, t);
        (*running_of(p, c))--;
        (void)pthread_cond_broadcast(&p->ended);
        (void)pthread_mutex_unlock(&p->lock);
        task_free(t);
        (void)pthread_mutex_lock(&p->lock);
        /* A read that had to leave a worker free may start now, on any worker. */
        (void)pthread_cond_signal(&p->work);
    }
    (void)pthread_mutex_unlock(&p->lock);
    return NULL;
}

/* Starts a thread. Signals are the main thread's, so workers start with all of them blocked. */
static int start_thread(pthread_t *thread, struct pool *p)
{
    sigset_t all;
    sigset_t old;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &old);
    int rc = pthread_create(thread, NULL, worker, p);
    (void)pthread_sigmask(SIG_SETMASK, &old, NULL);
    return rc;
}

/* Makes a pool. Without `run` the pool works on `o`. */
static struct pool *create(const struct pool_options *options, const struct ops *o, struct msgq *q,
                           struct err *e)
{
    struct pool *p = xcalloc(1, sizeof *p);
    int wanted = options->workers < 1             ? 1
                 : options->workers > WORKERS_MAX ? WORKERS_MAX
                                                  : options->workers;

    p->opt = *options;
    p->ops = o;
    p->q = q;
    if (options->run == NULL) {
        p->opt.run = run_ops;
        p->opt.stop = stop_ops;
        p->opt.arg = &p->ops;
    }
    p->actions.tail = &p->actions.head;
    p->others.tail = &p->others.head;
    (void)pthread_mutex_init(&p->lock, NULL);
    (void)pthread_cond_init(&p->work, NULL);
    (void)pthread_cond_init(&p->ended, NULL);
    /* The lock is held until all workers have started, so that none of them sees an unfinished
     * `workers`. */
    (void)pthread_mutex_lock(&p->lock);
    int rc = 0;
    while (rc == 0 && p->workers < wanted) {
        rc = start_thread(&p->threads[p->workers], p);
        p->workers += rc == 0;
    }
    (void)pthread_mutex_unlock(&p->lock);
    if (rc != 0) {
        (void)err_no_thread(e, rc, "a worker thread");
        pool_free(p);
        return NULL;
    }
    return p;
}

struct pool *pool_new(const struct ops *o, struct msgq *q, int workers, struct err *e)
{
    return create(&(struct pool_options){.workers = workers}, o, q, e);
}

struct pool *pool_new_with(const struct pool_options *options, struct msgq *q, struct err *e)
{
    return create(options, NULL, q, e);
}

void pool_submit(struct pool *p, struct task *t)
{
    (void)pthread_mutex_lock(&p->lock);
    if (p->stopping || p->finishing) {
        (void)pthread_mutex_unlock(&p->lock);
        task_free(t);
        return;
    }
    if (task_class(t->kind) == CLASS_ACTION) {
        list_add(&p->actions, t);
        p->queued_actions++;
    } else {
        list_add(&p->others, t);
        p->queued_others++;
    }
    (void)pthread_cond_signal(&p->work);
    (void)pthread_mutex_unlock(&p->lock);
}

static void free_list(struct task *t)
{
    while (t != NULL) {
        struct task *next = t->next;
        task_free(t);
        t = next;
    }
}

int pool_drop(struct pool *p, uint32_t request)
{
    struct task *dropped = NULL;
    int n = 0;

    (void)pthread_mutex_lock(&p->lock);
    for (struct task **at = &p->others.head; *at != NULL;) {
        if ((*at)->request != request) {
            at = &(*at)->next;
            continue;
        }
        struct task *t = list_take(&p->others, at);
        t->next = dropped;
        dropped = t;
        p->queued_others--;
        n++;
    }
    for (struct task *t = p->under_way; t != NULL; t = t->next) {
        if (t->request == request && task_class(t->kind) != CLASS_ACTION) {
            atomic_store(&t->stop, true);
        }
    }
    (void)pthread_mutex_unlock(&p->lock);
    free_list(dropped);
    return n;
}

static void halt(struct task *t, uint32_t request)
{
    for (; t != NULL; t = t->next) {
        if (t->request == request) {
            atomic_store(&t->stop, true);
        }
    }
}

void pool_halt(struct pool *p, uint32_t request)
{
    (void)pthread_mutex_lock(&p->lock);
    halt(p->under_way, request);
    halt(p->actions.head, request);
    halt(p->others.head, request);
    (void)pthread_mutex_unlock(&p->lock);
}

int pool_busy(struct pool *p)
{
    (void)pthread_mutex_lock(&p->lock);
    int n = p->queued_actions + p->queued_others + p->running_actions + p->running_reads +
            p->running_waits;
    (void)pthread_mutex_unlock(&p->lock);
    return n;
}

int pool_busy_actions(struct pool *p)
{
    (void)pthread_mutex_lock(&p->lock);
    int n = p->queued_actions + p->running_actions;
    (void)pthread_mutex_unlock(&p->lock);
    return n;
}

void pool_finish(struct pool *p)
{
    msgq_close(p->q); /* reads that come in pages end at this */
    (void)pthread_mutex_lock(&p->lock);
    p->finishing = true;
    struct task *others = p->others.head;
    p->others = (struct list){.tail = &p->others.head};
    p->queued_others = 0;
    (void)pthread_mutex_unlock(&p->lock);
    free_list(others);
    (void)pthread_mutex_lock(&p->lock);
    while (p->queued_actions + p->running_actions > 0) {
        (void)pthread_cond_wait(&p->ended, &p->lock);
    }
    (void)pthread_mutex_unlock(&p->lock);
}

void pool_stop(struct pool *p)
{
    (void)pthread_mutex_lock(&p->lock);
    bool first = !p->stopping;
    p->stopping = true;
    struct task *actions = p->actions.head;
    struct task *others = p->others.head;
    p->actions = (struct list){.tail = &p->actions.head};
    p->others = (struct list){.tail = &p->others.head};
    p->queued_actions = 0;
    p->queued_others = 0;
    (void)pthread_cond_broadcast(&p->work);
    (void)pthread_mutex_unlock(&p->lock);
    free_list(actions);
    free_list(others);
    if (!first) {
        return;
    }
    if (p->opt.stop != NULL) {
        p->opt.stop(p->opt.arg, true);
    }
    msgq_close(p->q);
    for (int i = 0; i < p->workers; i++) {
        (void)pthread_join(p->threads[i], NULL);
    }
    if (p->opt.stop != NULL) {
        p->opt.stop(p->opt.arg, false); /* the client can be used again */
    }
}

void pool_free(struct pool *p)
{
    if (p == NULL) {
        return;
    }
    pool_stop(p);
    (void)pthread_cond_destroy(&p->ended);
    (void)pthread_cond_destroy(&p->work);
    (void)pthread_mutex_destroy(&p->lock);
    free(p);
}
