/* One look at AWS for all requests that ask the same thing at the same time.
 *
 * DESIGN: a question (the key) has a place while somebody asks it. Of the rounds of a place, any
 * number are under way, and at most one has not begun: whoever comes joins that one, or makes it.
 * The one who made it looks for all: at once when no other look is under way, else when the last
 * one has ended, or when the patience is over. Those who joined it have a patience of their own,
 * and look themselves after that: one connection that hangs must not take the time of all of them.
 */
#include "rounds.h"

#include <pthread.h>
#include <stdlib.h>

#include "core/alloc.h"
#include "core/cond.h"
#include "core/deadline.h"
#include "core/map.h"

struct place {
    char *key;           /* owned */
    int looking;         /* how many rounds are under way */
    struct round *next;  /* the round that has not begun; NULL: there is none */
    pthread_cond_t free; /* signalled when no round is under way any more */
};

struct round {
    struct place *place; /* borrowed while the round is under way */
    int holders;         /* the threads that hold the round; the last one frees it */
    bool ended;
    char *answer; /* owned; set once, before `ended` */
    pthread_cond_t end;
};

struct rounds {
    pthread_mutex_t lock; /* guards everything in here, the texts of answers excepted */
    struct map *places;   /* key -> struct place; owned */
    size_t waiting;
    int patience_ms, joined_ms; /* constant */
};

struct rounds *rounds_new(int patience_ms, int joined_ms)
{
    struct rounds *r = xcalloc(1, sizeof *r);

    (void)pthread_mutex_init(&r->lock, NULL);
    r->places = map_new();
    r->patience_ms = patience_ms;
    r->joined_ms = joined_ms;
    return r;
}

void rounds_free(struct rounds *r)
{
    if (r != NULL) {
        map_free(r->places, NULL);
        (void)pthread_mutex_destroy(&r->lock);
        free(r);
    }
}

/* The place of the key, made when there is none. The lock is held, as in all functions below whose
 * names are not rounds_. */
static struct place *place_of(struct rounds *r, const char *key)
{
    struct place *p = map_find(r->places, key);

    if (p == NULL) {
        p = xcalloc(1, sizeof *p);
        p->key = xstrdup(key);
        cond_init(&p->free);
        (void)map_put(r->places, key, p);
    }
    return p;
}

static void leave_place(struct rounds *r, struct place *p)
{
    if (p->looking == 0 && p->next == NULL) {
        (void)map_remove(r->places, p->key);
        (void)pthread_cond_destroy(&p->free);
        free(p->key);
        free(p);
    }
}

static struct round *round_new(struct place *p)
{
    struct round *n = xcalloc(1, sizeof *n);

    n->place = p;
    n->holders = 1;
    cond_init(&n->end);
    return n;
}

/* Lets go of the round; the last holder frees it. */
static void release(struct round *n)
{
    if (--n->holders == 0) {
        (void)pthread_cond_destroy(&n->end);
        free(n->answer);
        free(n);
    }
}

static void wait_on(struct rounds *r, pthread_cond_t *c, const struct timespec *until, int *rc)
{
    r->waiting++;
    *rc = pthread_cond_timedwait(c, &r->lock, until);
    r->waiting--;
}

/* Waits for the end of a round that somebody else looks for. True: it has ended. */
static bool await_end(struct rounds *r, struct round *n)
{
    const struct timespec until = cond_until(deadline_left_ms(r->joined_ms));
    int rc = 0;

    n->holders++;
    while (!n->ended && rc == 0) {
        wait_on(r, &n->end, &until, &rc);
    }
    return n->ended;
}

/* Begins a round: from now on nobody joins it. */
static struct round *begin(struct rounds *r, struct place *p)
{
    const struct timespec until = cond_until(deadline_left_ms(r->patience_ms));
    struct round *n = round_new(p);
    int rc = 0;

    p->next = n;
    while (p->looking > 0 && rc == 0) {
        wait_on(r, &p->free, &until, &rc);
    }
    p->next = NULL;
    p->looking++;
    return n;
}

char *rounds_ask(struct rounds *r, const char *key, struct round **mine)
{
    char *answer = NULL;

    *mine = NULL;
    (void)pthread_mutex_lock(&r->lock);
    struct place *p = place_of(r, key);
    struct round *n = p->next;
    if (n == NULL) {
        *mine = begin(r, p);
    } else {
        bool ended = await_end(r, n);
        (void)pthread_mutex_unlock(&r->lock);
        answer = ended && n->answer != NULL ? xstrdup(n->answer) : NULL;
        (void)pthread_mutex_lock(&r->lock);
        release(n);
    }
    (void)pthread_mutex_unlock(&r->lock);
    return answer;
}

void rounds_end(struct rounds *r, struct round *mine, const char *answer)
{
    if (mine == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&r->lock);
    struct place *p = mine->place;
    if (mine->holders > 1) {
        mine->answer = answer == NULL ? NULL : xstrdup(answer);
        (void)pthread_cond_broadcast(&mine->end);
    }
    mine->ended = true;
    release(mine);
    if (--p->looking == 0) {
        (void)pthread_cond_signal(&p->free);
    }
    leave_place(r, p);
    (void)pthread_mutex_unlock(&r->lock);
}

size_t rounds_waiting(struct rounds *r)
{
    (void)pthread_mutex_lock(&r->lock);
    size_t n = r->waiting;
    (void)pthread_mutex_unlock(&r->lock);
    return n;
}
