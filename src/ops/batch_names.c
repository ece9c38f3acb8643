/* The memory of which Batch job belongs to which of our jobs.
 *
 * DESIGN: there are two maps: one from a Batch job to its entry, and one from each of our jobs to
 * its newest entry, whose `older` leads to the others. The times that are covered are a few ranges,
 * sorted and apart from each other.
 *
 * The lock guards maps and ranges and is held for moments only. `walking` belongs to one search and
 * lasts as long as that search's requests. */
#include "batch_names.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/cond.h"
#include "core/deadline.h"
#include "core/map.h"

enum { RANGES_MAX = 8, SAVE_EVERY_MS = 60000, DROP_SHARE = 10, CHAIN_MAX = 8 };

struct name {
    struct name *older; /* the next older entry of the same job */
    int64_t created_ms;
    char *batch_id; /* lies behind job_id in the same block */
    char job_id[];  /* "" when the Batch job belongs to none of ours */
};

struct range {
    int64_t from, to; /* both ends belong to the range */
};

struct batch_names {
    pthread_mutex_t lock;
    pthread_cond_t freed; /* signalled when `walking` becomes false */
    bool walking;
    bool loaded;
    bool dirty;
    int64_t saved_ms; /* monotonic: when the file was last written */
    struct map *by_batch;
    struct map *by_job;
    struct name *newest; /* borrowed from by_batch */
    struct range ranges[RANGES_MAX + 1];
    size_t ranges_len;
    int64_t dropped_ms; /* jobs created up to this time may have been dropped */
};

struct batch_names *batch_names_new(void)
{
    struct batch_names *n = xcalloc(1, sizeof *n);

    (void)pthread_mutex_init(&n->lock, NULL);
    cond_init(&n->freed);
    n->by_batch = map_new();
    n->by_job = map_new();
    n->dropped_ms = TIME_NONE;
    n->saved_ms = clock_mono_ms(NULL);
    return n;
}

void batch_names_free(struct batch_names *n)
{
    if (n != NULL) {
        map_free(n->by_job, NULL);
        map_free(n->by_batch, free);
        (void)pthread_cond_destroy(&n->freed);
        (void)pthread_mutex_destroy(&n->lock);
        free(n);
    }
}

static void empty(struct batch_names *n)
{
    map_free(n->by_job, NULL);
    map_free(n->by_batch, free);
    n->by_batch = map_new();
    n->by_job = map_new();
    n->newest = NULL;
    n->ranges_len = 0;
    n->dropped_ms = TIME_NONE;
}

void batch_names_forget(struct batch_names *n)
{
    (void)pthread_mutex_lock(&n->lock);
    empty(n);
    n->dirty = true;
    (void)pthread_mutex_unlock(&n->lock);
}

/* ---- one search at a time ---- */

/* Waits until no search has the turn; false when the deadline passes first. */
static bool take_turn(struct batch_names *n)
{
    int64_t until = deadline_get();
    struct timespec at = {.tv_sec = until / 1000, .tv_nsec = until % 1000 * 1000000};
    int rc = 0;

    while (n->walking && rc == 0) {
        rc = until == DEADLINE_NONE ? pthread_cond_wait(&n->freed, &n->lock)
                                    : pthread_cond_timedwait(&n->freed, &n->lock, &at);
    }
    bool mine = !n->walking;
    n->walking = true;
    return mine;
}

bool batch_names_enter(const struct ops *o)
{
    struct batch_names *n = o->names;

    (void)pthread_mutex_lock(&n->lock);
    bool mine = take_turn(n);
    (void)pthread_mutex_unlock(&n->lock);
    return mine;
}

void batch_names_ready(const struct ops *o)
{
    struct batch_names *n = o->names;

    (void)pthread_mutex_lock(&n->lock);
    bool load = !n->loaded;
    n->loaded = true;
    (void)pthread_mutex_unlock(&n->lock);
    if (load) {
        batch_names_load(o);
    }
}

void batch_names_leave(const struct ops *o)
{
    struct batch_names *n = o->names;

    if (batch_names_changed(n, false) && clock_mono_ms(NULL) - n->saved_ms >= SAVE_EVERY_MS) {
        batch_names_save(o);
    }
    (void)pthread_mutex_lock(&n->lock);
    n->walking = false;
    (void)pthread_cond_signal(&n->freed);
    (void)pthread_mutex_unlock(&n->lock);
}

bool batch_names_changed(struct batch_names *n, bool clear)
{
    (void)pthread_mutex_lock(&n->lock);
    bool dirty = n->dirty;
    if (clear) {
        n->dirty = false;
        n->saved_ms = clock_mono_ms(NULL);
    }
    (void)pthread_mutex_unlock(&n->lock);
    return dirty;
}

/* ---- owners ---- */

static int oldest_first(const void *a, const void *b)
{
    const struct name *const *x = a;
    const struct name *const *y = b;

    if ((*x)->created_ms != (*y)->created_ms) {
        return (*x)->created_ms < (*y)->created_ms ? -1 : 1;
    }
    return strcmp((*x)->batch_id, (*y)->batch_id);
}

/* Puts the entry into the list of its job, newest first. */
static void link_job(struct batch_names *n, struct name *x)
{
    struct name *first = map_find(n->by_job, x->job_id);
    struct name **at = &first;

    if (x->job_id[0] == '\0') {
        return;
    }
    while (*at != NULL && (*at)->created_ms > x->created_ms) {
        at = &(*at)->older;
    }
    x->older = *at;
    *at = x;
    (void)map_put(n->by_job, x->job_id, first);
}

/* Makes room: drops the oldest entries, and shortens the covered ranges so that they no longer
 * reach back to them. */
static void drop_oldest(struct batch_names *n)
{
    size_t len = map_len(n->by_batch);
    struct name **all = xcalloc(len, sizeof(struct name *));
    size_t got = 0;
    size_t at = 0;
    const char *id;
    void *value;

    while (got < len && map_next(n->by_batch, &at, &id, &value)) {
        all[got++] = value;
    }
    qsort(all, got, sizeof(struct name *), oldest_first);
    size_t drop = len / DROP_SHARE + 1;
    n->dropped_ms = all[drop - 1]->created_ms;
    map_free(n->by_job, NULL);
    n->by_job = map_new();
    for (size_t i = 0; i < got; i++) {
        all[i]->older = NULL;
        if (i < drop) {
            (void)map_remove(n->by_batch, all[i]->batch_id);
            free(all[i]);
        } else {
            link_job(n, all[i]);
        }
    }
    free(all);
    size_t k = 0;
    for (size_t i = 0; i < n->ranges_len; i++) {
        struct range r = n->ranges[i];
        r.from = r.from <= n->dropped_ms ? n->dropped_ms + 1 : r.from;
        if (r.from <= r.to) {
            n->ranges[k++] = r;
        }
    }
    n->ranges_len = k;
}

static void put(struct batch_names *n, const char *batch_id, const char *job_id, int64_t created_ms)
{
    size_t job_size = strlen(job_id) + 1;
    size_t batch_size = strlen(batch_id) + 1;

    if (map_find(n->by_batch, batch_id) != NULL) {
        return; /* the owner of a Batch job never changes */
    }
    if (map_len(n->by_batch) >= BATCH_NAMES_MAX) {
        drop_oldest(n);
    }
    struct name *x = xmalloc(sizeof *x + job_size + batch_size);
    x->older = NULL;
    x->created_ms = created_ms;
    memcpy(x->job_id, job_id, job_size);
    x->batch_id = x->job_id + job_size;
    memcpy(x->batch_id, batch_id, batch_size);
    (void)map_put(n->by_batch, batch_id, x);
    link_job(n, x);
    if (n->newest == NULL || created_ms > n->newest->created_ms) {
        n->newest = x;
    }
    n->dirty = true;
}

void batch_names_put(struct batch_names *n, const char *batch_id, const char *job_id,
                     int64_t created_ms)
{
    (void)pthread_mutex_lock(&n->lock);
    put(n, batch_id, job_id == NULL ? "" : job_id, created_ms);
    (void)pthread_mutex_unlock(&n->lock);
}

bool batch_names_know(struct batch_names *n, const char *batch_id)
{
    (void)pthread_mutex_lock(&n->lock);
    bool known = map_find(n->by_batch, batch_id) != NULL;
    (void)pthread_mutex_unlock(&n->lock);
    return known;
}

char *batch_names_owner(struct batch_names *n, const char *batch_id)
{
    (void)pthread_mutex_lock(&n->lock);
    const struct name *x = map_find(n->by_batch, batch_id);
    char *owner = x == NULL ? NULL : xstrdup(x->job_id);
    (void)pthread_mutex_unlock(&n->lock);
    return owner;
}

char *batch_names_root(struct batch_names *n, const char *batch_id)
{
    (void)pthread_mutex_lock(&n->lock);
    const struct name *x = map_find(n->by_batch, batch_id);
    const char *id = x == NULL ? NULL : "";
    for (int i = 0; x != NULL && x->job_id[0] != '\0'; i++) {
        bool round = i == CHAIN_MAX || strcmp(x->job_id, batch_id) == 0;
        id = round ? "" : x->job_id;
        x = round ? NULL : map_find(n->by_batch, id);
    }
    char *root = id == NULL ? NULL : xstrdup(id);
    (void)pthread_mutex_unlock(&n->lock);
    return root;
}

size_t batch_names_of(struct batch_names *n, const char *job_id, struct batch_name **out)
{
    struct batch_name *list = NULL;
    size_t len = 0;
    size_t cap = 0;

    (void)pthread_mutex_lock(&n->lock);
    for (const struct name *x = map_find(n->by_job, job_id); x != NULL; x = x->older) {
        list = xgrow(list, len, &cap, sizeof *list);
        list[len++] = (struct batch_name){xstrdup(x->batch_id), x->created_ms};
    }
    (void)pthread_mutex_unlock(&n->lock);
    *out = list;
    return len;
}

void batch_names_list_free(struct batch_name *list, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        free(list[i].batch_id);
    }
    free(list);
}

bool batch_names_newest(struct batch_names *n, char id[96], int64_t *created_ms)
{
    (void)pthread_mutex_lock(&n->lock);
    bool any = n->newest != NULL;
    if (any) {
        (void)snprintf(id, 96, "%s", n->newest->batch_id);
        *created_ms = n->newest->created_ms;
    }
    (void)pthread_mutex_unlock(&n->lock);
    return any;
}

/* ---- covered times ---- */

/* Joins ranges that touch; when there are too many, drops the oldest one. */
static void tidy(struct batch_names *n)
{
    size_t k = 0;

    for (size_t i = 1; i < n->ranges_len; i++) {
        struct range *last = &n->ranges[k];
        if (n->ranges[i].from <= last->to + 1) {
            last->to = n->ranges[i].to > last->to ? n->ranges[i].to : last->to;
        } else {
            n->ranges[++k] = n->ranges[i];
        }
    }
    n->ranges_len = n->ranges_len == 0 ? 0 : k + 1;
    if (n->ranges_len > RANGES_MAX) {
        n->ranges_len--;
        memmove(n->ranges, n->ranges + 1, n->ranges_len * sizeof *n->ranges);
    }
}

static void cover(struct batch_names *n, int64_t from_ms, int64_t to_ms)
{
    size_t i = n->ranges_len;

    for (; i > 0 && n->ranges[i - 1].from > from_ms; i--) {
        n->ranges[i] = n->ranges[i - 1];
    }
    n->ranges[i] = (struct range){from_ms, to_ms};
    n->ranges_len++;
    tidy(n);
}

void batch_names_cover(struct batch_names *n, int64_t from_ms, int64_t to_ms)
{
    (void)pthread_mutex_lock(&n->lock);
    if (n->dropped_ms != TIME_NONE && from_ms <= n->dropped_ms) {
        from_ms = n->dropped_ms + 1;
    }
    if (from_ms <= to_ms) {
        cover(n, from_ms, to_ms);
        n->dirty = true;
    }
    (void)pthread_mutex_unlock(&n->lock);
}

int64_t batch_names_reach(struct batch_names *n, int64_t at_ms)
{
    (void)pthread_mutex_lock(&n->lock);
    for (size_t i = n->ranges_len; i > 0; i--) {
        const struct range *r = &n->ranges[i - 1];
        if (r->from < at_ms && r->to >= at_ms - 1) {
            at_ms = r->from;
        }
    }
    (void)pthread_mutex_unlock(&n->lock);
    return at_ms;
}

int64_t batch_names_below(struct batch_names *n, int64_t at_ms)
{
    int64_t to = TIME_NONE;

    (void)pthread_mutex_lock(&n->lock);
    for (size_t i = 0; i < n->ranges_len && n->ranges[i].to < at_ms; i++) {
        to = n->ranges[i].to;
    }
    (void)pthread_mutex_unlock(&n->lock);
    return to;
}

/* ---- for the file ---- */

void batch_names_each(struct batch_names *n,
                      void (*range)(void *arg, int64_t from_ms, int64_t to_ms),
                      void (*name)(void *arg, const char *batch_id, const char *job_id,
                                   int64_t created_ms),
                      void *arg)
{
    size_t at = 0;
    const char *id;
    void *value;

    (void)pthread_mutex_lock(&n->lock);
    for (size_t i = 0; i < n->ranges_len; i++) {
        range(arg, n->ranges[i].from, n->ranges[i].to);
    }
    while (map_next(n->by_batch, &at, &id, &value)) {
        const struct name *x = value;
        name(arg, x->batch_id, x->job_id, x->created_ms);
    }
    (void)pthread_mutex_unlock(&n->lock);
}
