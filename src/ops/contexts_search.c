/* A search in the logs of all contexts.
 *
 * DESIGN: Each context is searched on a thread of its own, and its hits wait in one heap of all.
 * Each tells up to which time everything was looked at; a hit that is older than that in all of
 * them is in its place, and goes to the caller, on the caller's thread. So the order is that of one
 * search, and the first hits come while the last are still looked for. */
#include "ops/contexts_search.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "ops/guard.h"
#include "parallel.h"

/* A hit that waits. Its strings are owned, but for that of the context. */
struct held {
    struct log_hit hit;
    size_t part, order; /* the place of its context; its place in the order of arrival */
};

struct merge {
    const struct contexts *x;
    const struct log_search *q;
    struct contexts_found *out;
    int64_t now_ms;
    pthread_mutex_t lock; /* guards all members below */
    pthread_cond_t changed;
    bool news; /* something has changed since the caller's thread looked last */
    bool over; /* nothing more is wanted */
    struct {
        bool ended;
        int64_t reached_ms;
        size_t records;
        size_t hits, unknown; /* those that were handed over; of the caller's thread alone */
    } * states;               /* owned, one for each context */
    struct held *held;        /* owned */
    size_t len, cap, arrived;
};

struct one {
    struct merge *m;
    size_t part;
};

/* ---- on the threads that search ---- */

static void tell_news(struct merge *m)
{
    m->news = true;
    (void)pthread_cond_signal(&m->changed);
}

static bool on_hit(void *arg, const struct log_hit *h)
{
    const struct one *one = arg;
    struct merge *m = one->m;
    struct held copy = {.hit = *h, .part = one->part};

    copy.hit.text = xstrdup(h->text);
    copy.hit.group = xstrdup(h->group);
    copy.hit.stream = xstrdup(h->stream);
    copy.hit.job_id = xstrdup(h->job_id);
    copy.hit.batch_id = xstrdup(h->batch_id);
    copy.hit.context = m->x->items[one->part].name;
    (void)pthread_mutex_lock(&m->lock);
    copy.order = m->arrived++;
    m->held = xgrow(m->held, m->len, &m->cap, sizeof *m->held);
    m->held[m->len++] = copy;
    bool go_on = !m->over;
    tell_news(m);
    (void)pthread_mutex_unlock(&m->lock);
    return go_on;
}

static bool on_progress(void *arg, const struct log_search_state *s)
{
    const struct one *one = arg;
    struct merge *m = one->m;

    (void)pthread_mutex_lock(&m->lock);
    m->states[one->part].reached_ms = s->reached_ms;
    m->states[one->part].records = s->records;
    tell_news(m);
    (void)pthread_mutex_unlock(&m->lock);
    return true;
}

static void search_one(void *arg, size_t i)
{
    struct one one = {.m = arg, .part = i};
    struct merge *m = arg;
    struct context_found *p = &m->out->parts[i];
    struct log_search q = *m->q;

    q.hit = on_hit;
    q.progress = on_progress;
    q.arg = &one;
    if (p->ops != NULL && p->twin == NULL) {
        if (ops_account_check(p->ops, &p->account) == E_OK) {
            p->account = (struct err){0};
        }
        if (ops_log_search(p->ops, &q, &p->result, &p->err) == E_OK) {
            p->err = (struct err){0};
        }
    }
    (void)pthread_mutex_lock(&m->lock);
    m->states[i].ended = true;
    tell_news(m);
    (void)pthread_mutex_unlock(&m->lock);
}

static void *search_all(void *arg)
{
    struct merge *m = arg;

    ops_parallel(m->x->len, search_one, m);
    return NULL;
}

/* ---- on the caller's thread ---- */

static int by_time(const void *a, const void *b)
{
    const struct held *x = a, *y = b;

    if (x->hit.at_ms != y->hit.at_ms) {
        return x->hit.at_ms < y->hit.at_ms ? -1 : 1;
    }
    if (x->part != y->part) {
        return x->part < y->part ? -1 : 1;
    }
    return (x->order > y->order) - (x->order < y->order);
}

static void held_clear(struct held *h)
{
    free((char *)h->hit.text);
    free((char *)h->hit.group);
    free((char *)h->hit.stream);
    free((char *)h->hit.job_id);
    free((char *)h->hit.batch_id);
}

/* Takes the hits out that are in their place, in order; with the lock. `*going` tells whether a
 * context is still searched. */
static struct held *take_ready(struct merge *m, size_t *len, bool *going,
                               struct log_search_state *state)
{
    struct held *ready = xcalloc(m->len + 1, sizeof *ready);
    int64_t reached = INT64_MAX;
    size_t kept = 0;

    *going = false;
    *len = 0;
    state->records = 0;
    for (size_t i = 0; i < m->x->len; i++) {
        if (!m->states[i].ended) {
            *going = true;
            reached = m->states[i].reached_ms < reached ? m->states[i].reached_ms : reached;
            state->records += m->states[i].records;
        }
    }
    for (size_t i = 0; i < m->len; i++) {
        if (m->held[i].hit.at_ms < reached) {
            ready[(*len)++] = m->held[i];
        } else {
            m->held[kept++] = m->held[i];
        }
    }
    m->len = kept;
    state->reached_ms = reached < m->now_ms ? reached : m->now_ms;
    state->hits = m->out->hits + *len + kept;
    if (*len > 0) {
        qsort(ready, *len, sizeof *ready, by_time);
    }
    return ready;
}

/* Ends all searches: nothing more is wanted. */
static void end_early(struct merge *m, enum log_search_end why)
{
    m->out->end = why;
    (void)pthread_mutex_lock(&m->lock);
    m->over = true;
    (void)pthread_mutex_unlock(&m->lock);
    contexts_stop(m->x, true);
}

/* Hands a hit over; false when no further one is wanted. */
static bool hand_over(struct merge *m, const struct held *h)
{
    struct contexts_found *out = m->out;

    if (m->q->limit > 0 && out->hits == m->q->limit) {
        end_early(m, LOG_SEARCH_LIMIT);
        return false;
    }
    out->hits++;
    m->states[h->part].hits++;
    m->states[h->part].unknown += h->hit.job_id == NULL;
    out->reached_ms = h->hit.at_ms;
    if (!m->q->hit(m->q->arg, &h->hit)) {
        end_early(m, LOG_SEARCH_LEFT);
        return false;
    }
    return true;
}

static void deliver(struct merge *m)
{
    struct log_search_state state = {.since_ms = m->q->since_ms, .now_ms = m->now_ms};
    bool going = true, wanted = true;

    while (going) {
        size_t len = 0;
        (void)pthread_mutex_lock(&m->lock);
        while (!m->news) {
            (void)pthread_cond_wait(&m->changed, &m->lock);
        }
        m->news = false;
        struct held *ready = take_ready(m, &len, &going, &state);
        (void)pthread_mutex_unlock(&m->lock);
        for (size_t i = 0; i < len; i++) {
            wanted = wanted && hand_over(m, &ready[i]);
            held_clear(&ready[i]);
        }
        free(ready);
        if (wanted && going && m->q->limit > 0 && m->out->hits == m->q->limit) {
            end_early(m, LOG_SEARCH_LIMIT); /* whether there are more is not worth a call */
            wanted = false;
        }
        if (wanted && m->q->progress != NULL) {
            m->q->progress(m->q->arg, &state);
        }
    }
}

/* Which contexts would bring the lines of another one? The jobs of a table are searched by their
 * streams, else all of a log group is. */
static void find_twins(const struct merge *m)
{
    bool of_jobs = m->q->status != NULL || m->q->user_id != NULL;
    struct context_twin *twins = xcalloc(m->x->len + 1, sizeof *twins);

    contexts_find_twins(m->x, of_jobs ? CONTEXTS_TABLE : CONTEXTS_LOG_GROUP, twins);
    for (size_t i = 0; i < m->x->len; i++) {
        if (twins[i].first != i && (twins[i].queue || !of_jobs)) {
            m->out->parts[i].twin = m->x->items[twins[i].first].name;
        }
    }
    free(twins);
}

/* What all together tell, when all have ended. */
static void sum_up(const struct merge *m)
{
    struct contexts_found *out = m->out;
    bool early = out->end == LOG_SEARCH_LIMIT || out->end == LOG_SEARCH_LEFT;

    for (size_t i = 0; i < out->len; i++) {
        struct context_found *p = &out->parts[i];
        p->result.hits = m->states[i].hits;
        p->result.unknown = m->states[i].unknown;
        if (early && p->err.code == E_CANCELLED) {
            p->err = (struct err){0}; /* it was ended here */
        }
        if (p->result.end == LOG_SEARCH_LIMIT && !early) { /* it alone found as many as wanted */
            out->end = LOG_SEARCH_LIMIT;
            early = true;
        }
    }
    if (early) {
        return;
    }
    out->reached_ms = m->now_ms;
    for (size_t i = 0; i < out->len; i++) {
        const struct context_found *p = &out->parts[i];
        if (p->ops != NULL && p->twin == NULL && p->result.reached_ms < out->reached_ms) {
            out->reached_ms = p->result.reached_ms;
        }
    }
}

void contexts_search(const struct contexts *x, const struct log_search *q,
                     struct contexts_found *out)
{
    struct merge m = {.x = x, .q = q, .out = out, .now_ms = clock_wall_ms(NULL)};
    pthread_t thread;

    *out = (struct contexts_found){.len = x->len, .reached_ms = q->since_ms};
    out->parts = xcalloc(x->len + 1, sizeof *out->parts);
    m.states = xcalloc(x->len + 1, sizeof *m.states);
    for (size_t i = 0; i < x->len; i++) {
        out->parts[i] = (struct context_found){
            .context = x->items[i].name, .ops = x->items[i].ops, .err = x->items[i].why};
        m.states[i].reached_ms = q->since_ms;
    }
    (void)pthread_mutex_init(&m.lock, NULL);
    (void)pthread_cond_init(&m.changed, NULL);
    find_twins(&m);
    bool runs = pthread_create(&thread, NULL, search_all, &m) == 0;
    if (!runs) {
        (void)search_all(&m); /* the hits come at the end then */
    }
    deliver(&m);
    if (runs) {
        (void)pthread_join(thread, NULL);
    }
    if (m.over) {
        contexts_stop(x, false);
    }
    for (size_t i = 0; i < m.len; i++) { /* what came after the end */
        held_clear(&m.held[i]);
    }
    sum_up(&m);
    (void)pthread_cond_destroy(&m.changed);
    (void)pthread_mutex_destroy(&m.lock);
    free(m.states);
    free(m.held);
}

void contexts_found_clear(struct contexts_found *f)
{
    free(f->parts);
    *f = (struct contexts_found){0};
}
