/* The search for the Batch jobs of our jobs.
 *
 * DESIGN: a search first asks Batch for the jobs that records name. Then it walks the queue's jobs
 * from the newest back to the earliest time that any of the remaining jobs needs, and skips the
 * times that are covered already (batch_names.h). `reached` is the time from which on every Batch
 * job is known: a job is proven absent when `reached` is not later than the job's earliest time.
 * What the walk itself described is not asked for again; what is only remembered is described once
 * more, for its state. */
#include "batch_find.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/batch.h"
#include "batch_names.h"
#include "batch_walk.h"
#include "core/alloc.h"
#include "core/deadline.h"
#include "core/map.h"
#include "parallel.h"
#include "queue_capacity.h"

enum { PER_CALL = 100, PAGES_AT_ONCE = 12, OTHERS_PAGES = 10, SHARE_PERCENT = 80 };

void batch_jobs_free(struct batch_job **jobs, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        batch_job_free(jobs[i]);
    }
    free(jobs);
}

void batch_hit_clear(struct batch_hit *h)
{
    batch_job_free(h->job);
    batch_jobs_free(h->others, h->others_len);
    *h = (struct batch_hit){.found = BATCH_NOT_KNOWN};
}

/* ---- details ---- */

struct part {
    cJSON *list;
    enum err_code rc;
    struct err err;
};

struct describing {
    const struct ops *o;
    const char *const *ids;
    size_t len;
    struct part *parts;
};

static void describe_part(void *arg, size_t i)
{
    struct describing *d = arg;
    size_t at = i * PER_CALL;
    size_t n = d->len - at < PER_CALL ? d->len - at : PER_CALL;
    struct part *p = &d->parts[i];

    p->rc = batch_describe_jobs(d->o->aws, d->ids + at, n, &p->list, &p->err);
}

enum err_code batch_details(const struct ops *o, const char *const *batch_ids, size_t len,
                            struct batch_job ***jobs, size_t *jobs_len, bool *answered,
                            struct err *e)
{
    size_t parts = (len + PER_CALL - 1) / PER_CALL;
    struct describing d = {.o = o, .ids = batch_ids, .len = len};
    enum err_code rc = E_OK;
    size_t cap = 0;

    *jobs = NULL;
    *jobs_len = 0;
    d.parts = xcalloc(parts + 1, sizeof *d.parts);
    ops_parallel(parts, describe_part, &d);
    for (size_t i = 0; i < parts; i++) {
        const cJSON *v;
        cJSON_ArrayForEach(v, d.parts[i].list)
        {
            struct batch_job *b = batch_job_from_json(v);
            if (b != NULL) {
                *jobs = xgrow(*jobs, *jobs_len, &cap, sizeof(struct batch_job *));
                (*jobs)[(*jobs_len)++] = b;
            }
        }
        cJSON_Delete(d.parts[i].list);
        if (d.parts[i].rc != E_OK && rc == E_OK) {
            rc = d.parts[i].rc;
            if (e != NULL) {
                *e = d.parts[i].err;
            }
        }
    }
    queue_capacity_tell(o, *jobs, *jobs_len, false);
    for (size_t i = 0; answered != NULL && i < len; i++) {
        answered[i] = d.parts[i / PER_CALL].rc == E_OK;
    }
    free(d.parts);
    return rc;
}

enum err_code batch_find_by_id(const struct ops *o, const char *batch_id, struct batch_job **out,
                               struct err *e)
{
    struct batch_job **jobs = NULL;
    size_t len = 0;

    *out = NULL;
    enum err_code rc = batch_details(o, &batch_id, 1, &jobs, &len, NULL, e);
    for (size_t i = 0; i < len; i++) {
        if (*out == NULL && strcmp(jobs[i]->id, batch_id) == 0) {
            *out = jobs[i];
            jobs[i] = NULL; /* moved */
        }
    }
    batch_jobs_free(jobs, len);
    return rc;
}

/* ---- a search ---- */

struct search {
    const struct ops *o;
    const struct batch_want *wants;
    struct batch_hit *hits;
    size_t len;
    bool others;
    bool *open;          /* for each wanted job: is it looked for in the queue? */
    struct map *wanted;  /* job ids; the values have no meaning */
    struct map *told;    /* Batch id -> what Batch told of that job in this search; owned */
    struct map *unasked; /* Batch ids that Batch could not be asked about */
    int64_t reached;     /* everything that was created at this time or later is known */
    size_t pages_max;    /* 0: no limit */
    size_t pages;
    enum err_code rc;
    struct err err;
};

static void fail(struct search *s, enum err_code rc, const struct err *e)
{
    if (rc != E_OK && s->rc == E_OK) {
        s->rc = rc;
        s->err = *e;
    }
}

/* Describes these jobs and keeps what Batch told. */
static void ask(struct search *s, const char *const *ids, size_t n)
{
    bool *answered = xcalloc(n + 1, sizeof *answered);
    struct batch_job **jobs = NULL;
    size_t len = 0;
    struct err e = {0};

    enum err_code rc = batch_details(s->o, ids, n, &jobs, &len, answered, &e);
    fail(s, rc, &e);
    for (size_t i = 0; i < len; i++) {
        batch_job_free(map_put(s->told, jobs[i]->id, jobs[i]));
    }
    free(jobs);
    for (size_t i = 0; i < n; i++) {
        if (!answered[i]) {
            (void)map_put(s->unasked, ids[i], s);
        }
    }
    free(answered);
}

static bool named(const struct batch_want *w)
{
    return w->batch_id != NULL && w->batch_id[0] != '\0';
}

/* Asks for the Batch jobs that the records name. */
static void ask_named(struct search *s)
{
    const char **ids = xcalloc(s->len + 1, sizeof *ids);
    size_t n = 0;

    for (size_t i = 0; i < s->len; i++) {
        if (named(&s->wants[i])) {
            ids[n++] = s->wants[i].batch_id;
        }
    }
    ask(s, ids, n);
    free(ids);
}

static int64_t from_of(const struct batch_want *w)
{
    return w->from_ms == TIME_NONE || w->from_ms < BATCH_FIND_SKEW_MS
               ? 1
               : w->from_ms - BATCH_FIND_SKEW_MS;
}

/* Chooses the jobs that are looked for in the queue. Returns the earliest time that they need;
 * TIME_NONE when there are none. */
static int64_t choose_open(struct search *s)
{
    int64_t from = TIME_NONE;
    bool extra_only = true;

    for (size_t i = 0; i < s->len; i++) {
        const struct batch_want *w = &s->wants[i];
        bool there = named(w) && map_find(s->told, w->batch_id) != NULL;
        bool unasked = named(w) && map_find(s->unasked, w->batch_id) != NULL;
        s->open[i] = !unasked && (!there || s->others);
        extra_only = extra_only && (there || !s->open[i]);
        if (s->open[i]) {
            (void)map_put(s->wanted, w->job_id, s);
            from = from == TIME_NONE || from_of(w) < from ? from_of(w) : from;
        }
    }
    s->pages_max = extra_only ? OTHERS_PAGES : 0;
    return from;
}

/* When the newest known Batch job of this job was created; TIME_NONE when none is known. */
static int64_t newest_of(const struct search *s, const char *job_id)
{
    struct batch_name *list = NULL;
    size_t n = batch_names_of(s->o->names, job_id, &list);
    int64_t at = n == 0 ? TIME_NONE : list[0].created_ms;

    batch_names_list_free(list, n);
    return at;
}

/* Is everything known that the search can find? */
static bool satisfied(const struct search *s)
{
    bool all = s->pages_max > 0 && s->pages >= s->pages_max;

    if (all || s->others) {
        return all;
    }
    for (size_t i = 0; i < s->len; i++) {
        int64_t newest = s->open[i] ? newest_of(s, s->wants[i].job_id) : INT64_MAX;
        if (s->open[i] && from_of(&s->wants[i]) < s->reached &&
            (newest == TIME_NONE || newest < s->reached)) {
            return false;
        }
    }
    return true;
}

static void take_pages(struct search *s, struct batch_pages *p)
{
    for (size_t i = 0; i < p->len; i++) {
        struct batch_job *b = p->jobs[i];
        if (b->job_id != NULL && b->detailed && map_find(s->wanted, b->job_id) != NULL) {
            p->jobs[i] = NULL;
            batch_job_free(map_put(s->told, b->id, b));
        }
    }
    batch_pages_clear(p);
}

/* How many pages to ask for at once: what is looked for is mostly on the first page; when it is
 * not, there are many pages. */
static size_t more_at_once(size_t pages)
{
    return pages * 4 < PAGES_AT_ONCE ? pages * 4 : PAGES_AT_ONCE;
}

/* Reads one window of the queue, from `to_ms` (TIME_NONE: now) back to `from_ms`. False: the queue
 * that answers is not the one that is remembered. */
static bool walk(struct search *s, int64_t from_ms, int64_t to_ms)
{
    struct batch_walk w = {.o = s->o, .from_ms = from_ms, .to_ms = to_ms};
    char newest[96] = "";
    int64_t newest_ms = TIME_NONE;
    bool had = to_ms == TIME_NONE && batch_names_newest(s->o->names, newest, &newest_ms);
    bool same = !had || newest_ms < from_ms;
    size_t at_once = 1;

    while (s->rc == E_OK && !w.ended && !satisfied(s)) {
        struct batch_pages p;
        struct err e = {0};
        enum err_code rc = batch_walk_read(&w, at_once, &p, &e);
        fail(s, rc, &e);
        for (size_t i = 0; i < p.len && !same; i++) {
            same = strcmp(p.jobs[i]->id, newest) == 0;
        }
        int64_t down = p.down_ms;
        take_pages(s, &p);
        if (down != TIME_NONE && down <= newest_ms && !same) {
            batch_walk_clear(&w);
            return false;
        }
        if (down != TIME_NONE && down < s->reached) {
            batch_names_cover(s->o->names, down, to_ms == TIME_NONE ? w.high_ms : to_ms);
            s->reached = batch_names_reach(s->o->names, down);
        }
        s->pages = w.pages;
        at_once = more_at_once(at_once);
    }
    batch_walk_clear(&w);
    return true;
}

/* Does the walk have to read more than the newest jobs? */
static bool deep(const struct ops *o, int64_t from_ms)
{
    int64_t top = batch_names_below(o->names, INT64_MAX);

    return top == TIME_NONE || batch_names_reach(o->names, top + 1) > from_ms;
}

/* Walks from now back to `from_ms`, without the times that are covered. */
static void walk_back(struct search *s, int64_t from_ms)
{
    int64_t top = batch_names_below(s->o->names, INT64_MAX);
    int64_t again = top == TIME_NONE ? from_ms : top - BATCH_NAMES_OVERLAP_MS;

    s->reached = INT64_MAX;
    if (!walk(s, again > from_ms ? again : from_ms, TIME_NONE)) {
        batch_names_forget(s->o->names);
        s->reached = INT64_MAX;
        (void)walk(s, from_ms, TIME_NONE);
    }
    while (s->rc == E_OK && s->reached > from_ms && !satisfied(s)) {
        int64_t before = s->reached;
        int64_t floor = batch_names_below(s->o->names, s->reached);
        (void)walk(s, floor > from_ms ? floor : from_ms, s->reached - 1);
        if (s->reached >= before) {
            break; /* the service lists nothing that is older */
        }
    }
}

/* Asks for the state of the jobs that are only remembered. */
static void ask_remembered(struct search *s)
{
    const char **ids = NULL;
    size_t len = 0;
    size_t cap = 0;

    for (size_t i = 0; i < s->len; i++) {
        struct batch_name *list = NULL;
        size_t n = batch_names_of(s->o->names, s->wants[i].job_id, &list);
        for (size_t k = 0; k < n && s->open[i]; k++) {
            if (map_find(s->told, list[k].batch_id) == NULL &&
                map_find(s->unasked, list[k].batch_id) == NULL) {
                ids = xgrow(ids, len, &cap, sizeof *ids);
                ids[len++] = xstrdup(list[k].batch_id);
            }
        }
        batch_names_list_free(list, n);
    }
    ask(s, ids, len);
    for (size_t i = 0; i < len; i++) {
        free((char *)(uintptr_t)ids[i]);
    }
    free(ids);
}

/* ---- the results ---- */

static int newest_first(const void *a, const void *b)
{
    const struct batch_job *const *x = a;
    const struct batch_job *const *y = b;

    if ((*x)->created_ms != (*y)->created_ms) {
        return (*x)->created_ms > (*y)->created_ms ? -1 : 1;
    }
    return strcmp((*y)->id, (*x)->id);
}

/* Every Batch job that was told of, by the job it belongs to: job id -> struct group. */
struct group {
    struct batch_job **jobs;
    size_t len, cap;
};

static struct map *group_told(const struct search *s)
{
    struct map *groups = map_new();
    size_t at = 0;
    const char *id;
    void *value;

    while (map_next(s->told, &at, &id, &value)) {
        struct batch_job *b = value;
        if (b->job_id == NULL) {
            continue;
        }
        struct group *g = map_find(groups, b->job_id);
        if (g == NULL) {
            g = xcalloc(1, sizeof *g);
            (void)map_put(groups, b->job_id, g);
        }
        g->jobs = xgrow(g->jobs, g->len, &g->cap, sizeof(struct batch_job *));
        g->jobs[g->len++] = b;
    }
    return groups;
}

static void group_free(void *value)
{
    struct group *g = value;

    free(g->jobs);
    free(g);
}

static bool any_unasked(const struct search *s, const char *job_id)
{
    struct batch_name *list = NULL;
    size_t n = batch_names_of(s->o->names, job_id, &list);
    bool any = false;

    for (size_t i = 0; i < n; i++) {
        any = any || map_find(s->unasked, list[i].batch_id) != NULL;
    }
    batch_names_list_free(list, n);
    return any;
}

static void fill(const struct search *s, size_t i, struct group *g)
{
    const struct batch_want *w = &s->wants[i];
    struct batch_hit *h = &s->hits[i];
    const struct batch_job *main = named(w) ? map_find(s->told, w->batch_id) : NULL;

    if (g != NULL) {
        qsort(g->jobs, g->len, sizeof(struct batch_job *), newest_first);
    }
    bool unasked = s->open[i] && any_unasked(s, w->job_id);
    h->all = s->open[i] && s->reached <= from_of(w) && !unasked;
    if (main == NULL && s->open[i] && g != NULL && !unasked) {
        main = g->jobs[0];
    }
    h->found = main != NULL ? BATCH_FOUND : h->all ? BATCH_NONE : BATCH_NOT_KNOWN;
    h->job = main == NULL ? NULL : batch_job_copy(main);
    for (size_t k = 0; s->others && g != NULL && k < g->len; k++) {
        if (g->jobs[k] != main) {
            h->others = h->others == NULL ? xcalloc(g->len, sizeof(struct batch_job *)) : h->others;
            h->others[h->others_len++] = batch_job_copy(g->jobs[k]);
        }
    }
}

static enum err_code finish(struct search *s, struct err *e)
{
    struct map *groups = group_told(s);
    enum err_code rc = E_OK;

    for (size_t i = 0; i < s->len; i++) {
        fill(s, i, map_find(groups, s->wants[i].job_id));
        if (s->hits[i].found == BATCH_NOT_KNOWN) {
            rc = s->rc == E_OK ? E_SERVICE : s->rc;
        }
    }
    map_free(groups, group_free);
    if (rc != E_OK && s->rc == E_OK) {
        (void)err_set(&s->err, E_SERVICE, "Batch does not list the jobs of queue %s in full",
                      s->o->queue);
    }
    if (rc != E_OK && e != NULL) {
        *e = s->err;
    }
    return rc;
}

static void free_job(void *b)
{
    batch_job_free(b);
}

/* Looks in the queue for the jobs whose Batch job no record names. A failure of the questions
 * before does not end the search. */
static void look_in_queue(struct search *s, int64_t from_ms)
{
    struct err before = s->err;
    enum err_code before_rc = s->rc;
    struct err late = {0};

    s->rc = E_OK;
    batch_names_ready(s->o);
    /* A long walk is made once, for all searches that wait for it. */
    bool held = deep(s->o, from_ms) && batch_names_enter(s->o);
    if (held || !deep(s->o, from_ms)) {
        /* these come first: they are probably all there is, and the walk may take long */
        ask_remembered(s);
        walk_back(s, from_ms);
        ask_remembered(s);
    } else {
        fail(s, err_set(&late, E_TIMEOUT, "another search in Batch's jobs took all the time"),
             &late);
    }
    if (held) {
        batch_names_leave(s->o);
    }
    if (before_rc != E_OK) {
        s->rc = before_rc;
        s->err = before;
    }
}

enum err_code batch_search(const struct ops *o, const struct batch_want *wants, size_t len,
                           bool others, struct batch_hit *hits, struct err *e)
{
    struct search s = {.o = o,
                       .wants = wants,
                       .hits = hits,
                       .len = len,
                       .others = others,
                       .open = xcalloc(len + 1, sizeof *s.open),
                       .wanted = map_new(),
                       .told = map_new(),
                       .unasked = map_new(),
                       .reached = INT64_MAX};
    int64_t before = deadline_share(SHARE_PERCENT);

    memset(hits, 0, len * sizeof *hits);
    ask_named(&s);
    int64_t from = choose_open(&s);
    if (from != TIME_NONE && s.rc != E_CANCELLED) {
        look_in_queue(&s, from);
    }
    (void)deadline_set(before);
    enum err_code rc = finish(&s, e);
    map_free(s.unasked, NULL);
    map_free(s.told, free_job);
    map_free(s.wanted, NULL);
    free(s.open);
    return rc;
}

enum err_code batch_learn(const struct ops *o, int64_t from_ms, struct err *e)
{
    struct search s = {.o = o, .others = true, .told = map_new(), .reached = INT64_MAX};
    int64_t before = deadline_share(SHARE_PERCENT);

    s.wanted = map_new();
    s.unasked = map_new();
    from_ms = from_ms == TIME_NONE || from_ms < 1 ? 1 : from_ms;
    look_in_queue(&s, from_ms);
    (void)deadline_set(before);
    if (s.rc == E_OK && s.reached > from_ms) {
        s.rc = err_set(&s.err, E_SERVICE, "Batch does not list the jobs of queue %s in full",
                       o->queue);
    }
    if (s.rc != E_OK && e != NULL) {
        *e = s.err;
    }
    map_free(s.unasked, NULL);
    map_free(s.told, free_job);
    map_free(s.wanted, NULL);
    return s.rc;
}

enum err_code batch_list(const struct ops *o, int64_t from_ms, batch_jobs_fn page, void *arg,
                         struct err *e)
{
    struct batch_walk w = {.o = o, .from_ms = from_ms, .to_ms = TIME_NONE};
    enum err_code rc = E_OK;
    bool go_on = true;
    size_t at_once = 1;

    batch_names_ready(o);
    while (rc == E_OK && go_on && !w.ended) {
        struct batch_pages p;
        rc = batch_walk_read(&w, at_once, &p, e);
        if (p.down_ms != TIME_NONE) {
            batch_names_cover(o->names, p.down_ms, w.high_ms);
        }
        if (p.len > 0) {
            go_on = page(arg, p.jobs, p.len); /* takes the array */
        } else {
            free(p.jobs);
        }
        at_once = more_at_once(at_once);
    }
    batch_walk_clear(&w);
    return rc == E_OK && !go_on ? err_set(e, E_CANCELLED, "stopped reading") : rc;
}
