/* The slow scan: what the table offers, and the jobs that its user index cannot hold.
 *
 * When it is shared, one replica scans for all, and what it finds is in the state table
 * (ops/strays.h): only what changed since the scan before is written, and each list is read from
 * there. */
#include "scan.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/map.h"
#include "ops/list.h"
#include "ops/strays.h"
#include "periodic.h"

enum { RETRY_MS = 30000, SHARED_LOOK_MS = 30000, RENEW_MS = 20000 };

struct user_strays {
    struct stray *items; /* owned; sorted once the scan is over */
    size_t len, cap;
};

struct scan {
    const struct ops *o;
    struct log *log;
    int every_ms, rest_ms;
    pthread_mutex_t lock; /* guards the members down to `done` */
    struct table_info table;
    bool table_known;
    struct map *users; /* user id -> struct user_strays; owned */
    size_t jobs;
    int64_t at_ms, at_mono_ms; /* when the scan began */
    bool done;
    struct map *finding; /* what the scan under way has found; only the thread uses it */
    /* id -> int64_t *, see stray_time; owned; only the thread uses it */
    struct map *first, *first_next;
    size_t found;
    /* the sort keys that the state table has, each with itself; owned; only the thread uses it */
    struct map *there;
    char owner[40];     /* of the lease, likewise */
    int64_t renewed_ms; /* when it was renewed, by the monotonic clock, likewise */
    bool shared;        /* what is found is in the state table; constant */
    struct periodic *periodic;
};

static void strays_free(void *arg)
{
    struct user_strays *u = arg;

    for (size_t i = 0; i < u->len; i++) {
        free(u->items[i].id);
    }
    free(u->items);
    free(u);
}

int stray_order(int64_t a_ms, const char *a_id, int64_t b_ms, const char *b_id)
{
    if (a_ms != b_ms) {
        return a_ms > b_ms ? -1 : 1;
    }
    return strcmp(b_id, a_id);
}

static int by_order(const void *a, const void *b)
{
    const struct stray *x = a;
    const struct stray *y = b;

    return stray_order(x->time_ms, x->id, y->time_ms, y->id);
}

/* The job's time. A job that has only the time of its last change keeps the time of the scan that
 * first found it; otherwise a job that changes would jump over the cursor of a list that is being
 * read. */
static int64_t stray_time(struct scan *s, const struct job *j)
{
    int64_t at = job_time(j, NULL, NULL);
    const int64_t *first = map_find(s->first, j->id);

    if (job_time_firm(j)) {
        return at;
    }
    int64_t *kept = xmalloc(sizeof *kept);
    *kept = first != NULL && *first < at ? *first : at;
    free(map_put(s->first_next, j->id, kept));
    return *kept;
}

static bool on_page(void *arg, struct job **jobs, size_t len)
{
    struct scan *s = arg;

    for (size_t i = 0; i < len; i++) {
        const struct job *j = jobs[i];
        if (job_text(j, JOB_USER_ID) != NULL) {
            struct user_strays *u = map_find(s->finding, job_text(j, JOB_USER_ID));
            if (u == NULL) {
                u = xcalloc(1, sizeof *u);
                (void)map_put(s->finding, job_text(j, JOB_USER_ID), u);
            }
            u->items = xgrow(u->items, u->len, &u->cap, sizeof *u->items);
            u->items[u->len++] = (struct stray){.time_ms = stray_time(s, j), .id = xstrdup(j->id)};
            s->found++;
        }
        job_free(jobs[i]);
    }
    free(jobs);
    return periodic_on(s->periodic);
}

/* Renews the lease when it is time. E_CONFLICT: another replica scans. */
static enum err_code keep_lease(struct scan *s, struct err *e)
{
    int64_t now_ms = clock_mono_ms(NULL);

    if (now_ms - s->renewed_ms <= RENEW_MS) {
        return E_OK;
    }
    s->renewed_ms = now_ms;
    return strays_renew(s->o, s->owner, e);
}

static bool on_rest(void *arg)
{
    struct scan *s = arg;

    if (s->shared && keep_lease(s, NULL) == E_CONFLICT) {
        return false;
    }
    return periodic_wait(s->periodic, s->rest_ms);
}

static void publish(struct scan *s, int64_t wall_ms, int64_t mono_ms)
{
    size_t at = 0;
    const char *key;
    void *value;

    while (map_next(s->finding, &at, &key, &value)) {
        struct user_strays *u = value;
        qsort(u->items, u->len, sizeof *u->items, by_order);
    }
    (void)pthread_mutex_lock(&s->lock);
    struct map *old = s->users;
    s->users = s->finding;
    s->jobs = s->found;
    s->at_ms = wall_ms;
    s->at_mono_ms = mono_ms;
    s->done = true;
    (void)pthread_mutex_unlock(&s->lock);
    s->finding = NULL; /* moved */
    map_free(old, strays_free);
}

/* ---- shared by all replicas ---- */

static void read_known(void *arg, const char *sort, int64_t time_ms, const char *job_id)
{
    struct scan *s = arg;
    int64_t *first = xmalloc(sizeof *first);

    *first = time_ms;
    free(map_put(s->first, job_id, first));
    free(map_put(s->there, sort, xstrdup(sort)));
}

/* Writes what is new, and takes it off the map of what is there. */
static enum err_code put_new(struct scan *s, struct err *e)
{
    enum err_code rc = E_OK;
    size_t at = 0;
    const char *user;
    void *value;
    char sort[STRAYS_SORT_SIZE];

    while (rc == E_OK && map_next(s->finding, &at, &user, &value)) {
        const struct user_strays *u = value;
        for (size_t i = 0; i < u->len && rc == E_OK; i++) {
            if (!strays_sort_key(user, u->items[i].time_ms, u->items[i].id, sort)) {
                continue; /* no item has such a key: the list cannot show this job */
            }
            char *known = map_remove(s->there, sort);
            if (known == NULL) {
                rc = keep_lease(s, e);
                rc = rc == E_OK ? strays_put(s->o, sort, e) : rc;
            }
            free(known);
        }
    }
    return rc;
}

/* Makes the state table say what was found. */
static enum err_code publish_shared(struct scan *s, int64_t wall_ms, struct err *e)
{
    size_t at = 0;
    const char *sort;
    void *value;
    enum err_code rc = strays_renew(s->o, s->owner, e);

    rc = rc == E_OK ? put_new(s, e) : rc;
    while (rc == E_OK && map_next(s->there, &at, &sort, &value)) {
        rc = keep_lease(s, e);
        rc = rc == E_OK ? strays_remove(s->o, sort, e) : rc;
    }
    return rc == E_OK ? strays_end(s->o, s->owner, wall_ms, s->found, e) : rc;
}

static enum err_code look_shared(struct scan *s, struct err *e)
{
    struct strays_view view;
    enum err_code rc = strays_look(s->o, &view, e);

    if (rc == E_OK) {
        (void)pthread_mutex_lock(&s->lock);
        s->done = view.done;
        s->at_ms = view.at_ms;
        s->jobs = view.jobs;
        (void)pthread_mutex_unlock(&s->lock);
    }
    return rc;
}

static enum err_code scan_once(struct scan *s, struct err *e);

/* Scans for all when it is time and nobody else does. */
static enum err_code scan_shared(struct scan *s, struct err *e)
{
    enum err_code rc = look_shared(s, e);

    if (rc != E_OK) {
        return rc;
    }
    int64_t due_ms = clock_wall_ms(NULL) - s->every_ms;
    if (s->done && s->at_ms >= due_ms) { /* only this thread writes the two */
        return E_OK;
    }
    rc = strays_begin(s->o, due_ms, s->owner, e);
    if (rc != E_OK) {
        return rc == E_CONFLICT ? E_OK : rc;
    }
    s->renewed_ms = clock_mono_ms(NULL);
    map_free(s->first, free);
    s->first = map_new();
    s->there = map_new();
    rc = strays_each(s->o, read_known, s, e);
    rc = rc == E_OK ? scan_once(s, e) : rc;
    map_free(s->there, free);
    s->there = NULL;
    return rc == E_OK ? look_shared(s, e) : rc;
}

/* ---- one scan ---- */

static enum err_code scan_once(struct scan *s, struct err *e)
{
    struct table_info table;
    int64_t wall_ms = clock_wall_ms(NULL);
    int64_t mono_ms = clock_mono_ms(NULL);
    struct slow_scan how = {.page = on_page, .rest = on_rest, .arg = s};

    enum err_code rc = scan_table(s, &table, e);
    if (rc != E_OK) {
        return rc;
    }
    how.unindexed = table.user_index;
    s->finding = map_new();
    s->first_next = map_new();
    s->found = 0;
    rc = ops_scan_slowly(s->o, &how, e);
    if (rc == E_OK && s->shared) {
        rc = publish_shared(s, wall_ms, e);
    } else if (rc == E_OK) {
        publish(s, wall_ms, mono_ms);
        map_free(s->first, free);
        s->first = s->first_next;
        s->first_next = NULL; /* moved */
    }
    map_free(s->first_next, free);
    s->first_next = NULL;
    map_free(s->finding, strays_free);
    s->finding = NULL;
    return rc;
}

static void run(struct periodic *b, void *arg)
{
    struct scan *s = arg;
    int ms = 0;

    while (periodic_wait(b, ms)) {
        struct err e = {0};
        enum err_code rc = s->shared ? scan_shared(s, &e) : scan_once(s, &e);
        int then_ms = s->shared ? SHARED_LOOK_MS : s->every_ms;
        if (rc != E_OK && rc != E_CANCELLED) {
            log_line(s->log, LOG_LVL_WARN, "the slow scan for unindexed jobs failed: %s", e.msg);
        }
        if (then_ms > s->every_ms) {
            then_ms = s->every_ms;
        }
        ms = rc == E_OK || then_ms < RETRY_MS ? then_ms : RETRY_MS;
    }
}

struct scan *scan_start(const struct ops *o, const struct scan_options *options, struct log *log,
                        struct err *e)
{
    struct scan *s = xcalloc(1, sizeof *s);

    s->o = o;
    s->log = log;
    s->every_ms = options->every_s * 1000;
    s->rest_ms = options->rest_ms;
    s->shared = options->shared;
    (void)pthread_mutex_init(&s->lock, NULL);
    s->users = map_new();
    s->first = map_new();
    s->periodic = periodic_start(run, s, e);
    if (s->periodic == NULL) {
        scan_free(s);
        return NULL;
    }
    return s;
}

void scan_end(struct scan *s)
{
    if (s != NULL) {
        periodic_end(s->periodic);
    }
}

void scan_free(struct scan *s)
{
    if (s == NULL) {
        return;
    }
    periodic_free(s->periodic);
    map_free(s->users, strays_free);
    map_free(s->first, free);
    (void)pthread_mutex_destroy(&s->lock);
    free(s);
}

enum err_code scan_table(struct scan *s, struct table_info *out, struct err *e)
{
    (void)pthread_mutex_lock(&s->lock);
    bool known = s->table_known;
    *out = s->table;
    (void)pthread_mutex_unlock(&s->lock);
    if (known) {
        return E_OK;
    }
    enum err_code rc = ops_table_info(s->o, out, e);
    if (rc == E_DENIED) {
        *out = (struct table_info){.user_index = true};
        rc = E_OK;
    }
    if (rc == E_OK) {
        (void)pthread_mutex_lock(&s->lock);
        s->table = *out;
        s->table_known = true;
        (void)pthread_mutex_unlock(&s->lock);
    }
    return rc;
}

/* The time since the last scan began, which another machine's clock may have told. */
static int64_t age_of(const struct scan *s)
{
    int64_t age = s->shared ? clock_wall_ms(NULL) - s->at_ms : clock_mono_ms(NULL) - s->at_mono_ms;

    return age < 0 ? 0 : age;
}

void scan_look(struct scan *s, struct scan_view *out)
{
    (void)pthread_mutex_lock(&s->lock);
    *out = (struct scan_view){.done = s->done,
                              .at_ms = s->done ? s->at_ms : TIME_NONE,
                              .age_ms = s->done ? age_of(s) : TIME_NONE,
                              .jobs = s->jobs};
    (void)pthread_mutex_unlock(&s->lock);
}

struct finding {
    struct stray *out;
    size_t len, max;
};

static void take_found(void *arg, const char *sort, int64_t time_ms, const char *job_id)
{
    struct finding *f = arg;

    (void)sort;
    f->out[f->len++] = (struct stray){.time_ms = time_ms, .id = xstrdup(job_id)};
}

static enum err_code find_shared(struct scan *s, const char *user_id, const struct stray *after,
                                 struct finding *f, struct err *e)
{
    enum err_code rc = strays_find(s->o, user_id, after == NULL ? 0 : after->time_ms,
                                   after == NULL ? NULL : after->id, f->max, take_found, f, e);

    for (; rc != E_OK && f->len > 0; f->len--) {
        free(f->out[f->len - 1].id);
    }
    return rc;
}

enum err_code scan_find(struct scan *s, const char *user_id, const struct stray *after,
                        struct stray *out, size_t max, size_t *len, struct err *e)
{
    struct finding f = {.out = out, .max = max};

    if (s->shared) {
        enum err_code rc = find_shared(s, user_id, after, &f, e);
        *len = f.len;
        return rc;
    }
    (void)pthread_mutex_lock(&s->lock);
    const struct user_strays *u = map_find(s->users, user_id);
    size_t low = 0;
    size_t high = u == NULL ? 0 : u->len;
    while (after != NULL && low < high) { /* finds the first job that comes after the place */
        size_t middle = low + (high - low) / 2;
        const struct stray *m = &u->items[middle];
        if (stray_order(m->time_ms, m->id, after->time_ms, after->id) <= 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (size_t i = low; u != NULL && i < u->len && f.len < max; i++) {
        take_found(&f, NULL, u->items[i].time_ms, u->items[i].id);
    }
    (void)pthread_mutex_unlock(&s->lock);
    *len = f.len;
    return E_OK;
}
