/* The pool of threads that run handlers.
 *
 * DESIGN: jobs wait in one line and come back by a list that the loop takes as a whole; the first
 * job in that list wakes the loop. No lock is held while a hook runs, or while a thread is woken,
 * which would only wait for the lock.
 *
 * At most one thread at a time is on its way to the line: the one that went idle last, whose memory
 * is still in the caches. When it takes a job and leaves others there, it calls the next thread. So
 * jobs that take microseconds are done by the few threads that are awake, and jobs that wait for
 * AWS soon have all threads. */
#include "pool.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "conn.h"
#include "core/alloc.h"
#include "server.h"
#include "work.h"

struct worker {
    struct httpd_pool *pool;
    struct worker *next; /* links in the list of idle workers */
    /* the worker was called to the line and is no longer in the list of idle workers */
    bool called;
    pthread_cond_t wake; /* signalled when the worker is called, or at the end */
    pthread_t thread;
};

struct httpd_pool {
    struct httpd *h;      /* any thread may use its options and its wake */
    pthread_mutex_t lock; /* guards all members below, and the place and links of each job */
    struct worker *idle;  /* the worker that went idle last comes first */
    bool coming;          /* a worker that was called has not come yet */
    struct job *first, *last;
    struct job *finished, **finished_end;
    int waiting, working;
    bool end;
    struct worker *workers;
    int workers_len;
};

/* Takes a job out of its list. The lock is held. */
static void unlink_job(struct httpd_pool *p, struct job *j)
{
    *(j->prev == NULL ? &p->first : &j->prev->next) = j->next;
    *(j->next == NULL ? &p->last : &j->next->prev) = j->prev;
    j->prev = j->next = NULL;
    p->waiting--;
}

/* Gives a job back; true when the loop has to be woken. The lock is held. */
static bool give_back(struct httpd_pool *p, struct job *j)
{
    bool first = p->finished == NULL;

    j->place = JOB_FINISHED;
    j->next = NULL;
    *p->finished_end = j;
    p->finished_end = &j->next;
    p->working--;
    return first;
}

/* Takes the worker that has to be woken, after the unlock, from the idle ones; NULL: none has to.
 * The lock is held. */
static struct worker *call_one(struct httpd_pool *p)
{
    struct worker *w = p->idle;

    if (p->first == NULL || w == NULL || p->coming) {
        return NULL;
    }
    p->idle = w->next;
    p->coming = true;
    w->called = true;
    return w;
}

static void wake(struct worker *w)
{
    if (w != NULL) {
        (void)pthread_cond_signal(&w->wake);
    }
}

/* Waits until the worker is called. The lock is held. */
static void wait_for_call(struct worker *w)
{
    struct httpd_pool *p = w->pool;

    w->next = p->idle;
    p->idle = w;
    while (!w->called && !p->end) {
        (void)pthread_cond_wait(&w->wake, &p->lock);
    }
    if (w->called) {
        w->called = p->coming = false;
    }
}

/* Runs a job. The lock is held before and after, and released meanwhile. */
static void work(struct httpd_pool *p, struct job *j)
{
    unlink_job(p, j);
    j->place = JOB_RUNNING;
    p->working++;
    struct worker *next = call_one(p);
    (void)pthread_mutex_unlock(&p->lock);
    wake(next);
    httpd_work_run(p->h, j);
    (void)pthread_mutex_lock(&p->lock);
    if (give_back(p, j)) {
        (void)pthread_mutex_unlock(&p->lock);
        httpd_wake(p->h);
        (void)pthread_mutex_lock(&p->lock);
    }
}

static void *run(void *arg)
{
    struct worker *w = arg;
    struct httpd_pool *p = w->pool;

    (void)pthread_mutex_lock(&p->lock);
    while (!p->end) {
        if (p->first != NULL) {
            work(p, p->first);
        } else {
            wait_for_call(w);
        }
    }
    (void)pthread_mutex_unlock(&p->lock);
    return NULL;
}

struct httpd_pool *httpd_pool_new(struct httpd *h, struct err *e)
{
    struct httpd_pool *p = xcalloc(1, sizeof *p);
    sigset_t all, old;
    int rc = 0;

    p->h = h;
    p->finished_end = &p->finished;
    p->workers = xcalloc((size_t)h->o.threads, sizeof *p->workers);
    (void)pthread_mutex_init(&p->lock, NULL);
    (void)sigfillset(&all); /* signals are for the program's own threads */
    (void)pthread_sigmask(SIG_SETMASK, &all, &old);
    for (; p->workers_len < h->o.threads && rc == 0; p->workers_len += rc == 0) {
        struct worker *w = &p->workers[p->workers_len];
        w->pool = p;
        (void)pthread_cond_init(&w->wake, NULL);
        rc = pthread_create(&w->thread, NULL, run, w);
        if (rc != 0) {
            (void)pthread_cond_destroy(&w->wake);
        }
    }
    (void)pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (rc != 0) {
        (void)err_no_thread(e, rc, "a thread for requests");
        httpd_pool_free(p);
        return NULL;
    }
    return p;
}

bool httpd_pool_put(struct httpd_pool *p, struct job *j)
{
    (void)pthread_mutex_lock(&p->lock);
    bool room = p->waiting + p->working < p->workers_len + p->h->o.queue;
    if (room) {
        j->place = JOB_QUEUED;
        j->prev = p->last;
        j->next = NULL;
        *(p->last == NULL ? &p->first : &p->last->next) = j;
        p->last = j;
        p->waiting++;
    }
    struct worker *next = call_one(p);
    (void)pthread_mutex_unlock(&p->lock);
    wake(next);
    return room;
}

bool httpd_pool_remove(struct httpd_pool *p, struct job *j)
{
    (void)pthread_mutex_lock(&p->lock);
    bool queued = j->place == JOB_QUEUED;
    if (queued) {
        unlink_job(p, j);
        j->place = JOB_LOOP;
    }
    (void)pthread_mutex_unlock(&p->lock);
    return queued;
}

struct job *httpd_pool_take(struct httpd_pool *p)
{
    (void)pthread_mutex_lock(&p->lock);
    struct job *all = p->finished;
    p->finished = NULL;
    p->finished_end = &p->finished;
    (void)pthread_mutex_unlock(&p->lock);
    return all;
}

int httpd_pool_waiting(struct httpd_pool *p)
{
    (void)pthread_mutex_lock(&p->lock);
    int n = p->waiting;
    (void)pthread_mutex_unlock(&p->lock);
    return n;
}

void httpd_pool_stop(struct httpd_pool *p)
{
    (void)pthread_mutex_lock(&p->lock);
    p->end = true;
    for (int i = 0; i < p->workers_len; i++) {
        (void)pthread_cond_signal(&p->workers[i].wake);
    }
    (void)pthread_mutex_unlock(&p->lock);
    for (int i = 0; i < p->workers_len; i++) {
        (void)pthread_join(p->workers[i].thread, NULL);
    }
    for (int i = 0; i < p->workers_len; i++) { /* a worker that ended may have woken another one */
        (void)pthread_cond_destroy(&p->workers[i].wake);
    }
    p->workers_len = 0;
}

void httpd_pool_free(struct httpd_pool *p)
{
    if (p == NULL) {
        return;
    }
    httpd_pool_stop(p);
    (void)pthread_mutex_destroy(&p->lock);
    free(p->workers);
    free(p);
}
