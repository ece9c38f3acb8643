#include "batch_find.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/batch.h"
#include "core/alloc.h"
#include "core/map.h"

enum { FIND_PAGES = 10, NAMES_MAX = 5000 };

struct batch_names {
    pthread_mutex_t lock; /* guards the map */
    struct map *by_id;    /* Batch id -> our job id, owned; "" when it is none of ours */
};

struct batch_names *batch_names_new(void)
{
    struct batch_names *n = xcalloc(1, sizeof *n);

    (void)pthread_mutex_init(&n->lock, NULL);
    n->by_id = map_new();
    return n;
}

void batch_names_free(struct batch_names *n)
{
    if (n != NULL) {
        map_free(n->by_id, free);
        (void)pthread_mutex_destroy(&n->lock);
        free(n);
    }
}

static void remember(const struct ops *o, const struct batch_job *b)
{
    struct batch_names *n = o->names;

    if (n == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&n->lock);
    if (map_len(n->by_id) >= NAMES_MAX) {
        map_free(n->by_id, free);
        n->by_id = map_new();
    }
    free(map_put(n->by_id, b->id, xstrdup(b->job_id == NULL ? "" : b->job_id)));
    (void)pthread_mutex_unlock(&n->lock);
}

/* Is it known to be none of these? */
static bool known_other(const struct ops *o, const char *batch_id, const char *const *ids,
                        size_t len)
{
    struct batch_names *n = o->names;
    bool other = false;

    if (n == NULL) {
        return false;
    }
    (void)pthread_mutex_lock(&n->lock);
    const char *job_id = map_find(n->by_id, batch_id);
    other = job_id != NULL;
    for (size_t i = 0; other && i < len; i++) {
        other = strcmp(job_id, ids[i]) != 0;
    }
    (void)pthread_mutex_unlock(&n->lock);
    return other;
}

void batch_jobs_free(struct batch_job **jobs, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        batch_job_free(jobs[i]);
    }
    free(jobs);
}

/* Decodes an array of details or summaries; takes the document. */
static struct batch_job **decode(cJSON *array, size_t *len)
{
    struct batch_job **jobs = xcalloc((size_t)cJSON_GetArraySize(array) + 1, sizeof(void *));
    const cJSON *v;
    size_t n = 0;

    cJSON_ArrayForEach(v, array)
    {
        struct batch_job *b = batch_job_from_json(v);
        if (b != NULL) {
            jobs[n++] = b;
        }
    }
    cJSON_Delete(array);
    *len = n;
    return jobs;
}

enum err_code batch_details(const struct ops *o, const char *const *batch_ids, size_t len,
                            struct batch_job ***jobs, size_t *jobs_len, struct err *e)
{
    cJSON *array = NULL;

    *jobs = NULL;
    *jobs_len = 0;
    if (len == 0) {
        return E_OK;
    }
    enum err_code rc = batch_describe_jobs(o->aws, batch_ids, len, &array, e);
    if (rc == E_OK) {
        *jobs = decode(array, jobs_len);
    }
    return rc;
}

enum err_code batch_find_by_id(const struct ops *o, const char *batch_id, struct batch_job **out,
                               struct err *e)
{
    struct batch_job **jobs = NULL;
    size_t len = 0;

    *out = NULL;
    enum err_code rc = batch_details(o, &batch_id, 1, &jobs, &len, e);
    for (size_t i = 0; i < len; i++) {
        if (*out == NULL && strcmp(jobs[i]->id, batch_id) == 0) {
            *out = jobs[i];
            jobs[i] = NULL; /* moved */
        }
    }
    batch_jobs_free(jobs, len);
    return rc;
}

/* Keeps those created inside the window; says whether all were older than it. */
static bool cut_window(struct batch_job **jobs, size_t *len, int64_t from_ms, int64_t to_ms)
{
    size_t n = 0;
    size_t older = 0;

    for (size_t i = 0; i < *len; i++) {
        int64_t at = jobs[i]->created_ms;
        older += at != TIME_NONE && at < from_ms;
        if (at == TIME_NONE || (at >= from_ms && (to_ms == TIME_NONE || at <= to_ms))) {
            jobs[n++] = jobs[i];
        } else {
            batch_job_free(jobs[i]);
        }
    }
    bool past = *len > 0 && older == *len;
    *len = n;
    return past;
}

enum err_code batch_walk(const struct ops *o, int64_t from_ms, int64_t to_ms, int pages_max,
                         batch_summaries_fn page, void *arg, struct err *e)
{
    char value[24];
    char *token = NULL;
    enum err_code rc = E_OK;
    /* One filter a call. With an end given, walking back from it skips all that is newer. The
     * service's bounds are exclusive. */
    bool back = to_ms != TIME_NONE;

    (void)snprintf(value, sizeof value, "%" PRId64, back ? to_ms + 1 : from_ms - 1);
    for (int i = 0; i < pages_max; i++) {
        struct batch_list l = {.queue = o->queue,
                               .filter_name = back ? "BEFORE_CREATED_AT" : "AFTER_CREATED_AT",
                               .filter_value = value,
                               .max_results = 100,
                               .token = token};
        cJSON *array = NULL;
        char *next = NULL;
        size_t len = 0;
        rc = batch_list_jobs(o->aws, &l, &array, &next, e);
        free(token);
        token = next;
        if (rc != E_OK) {
            break;
        }
        struct batch_job **jobs = decode(array, &len);
        bool past = cut_window(jobs, &len, from_ms, to_ms);
        bool go_on = true;
        if (len > 0) {
            go_on = page(arg, jobs, len); /* takes the array */
        } else {
            free(jobs);
        }
        if (past || !go_on || token == NULL) {
            break;
        }
    }
    free(token);
    return rc;
}

struct find {
    const struct ops *o;
    const char *const *ids;
    size_t len;
    struct batch_job **found;
    size_t left;
    enum err_code rc;
    struct err *e;
};

/* Newest first: the first match of an id is the one that counts. Takes `b`. */
static void offer(struct find *f, struct batch_job *b)
{
    for (size_t i = 0; i < f->len && b->job_id != NULL; i++) {
        if (f->found[i] == NULL && strcmp(f->ids[i], b->job_id) == 0) {
            f->found[i] = b;
            f->left--;
            return;
        }
    }
    batch_job_free(b);
}

static bool find_page(void *arg, struct batch_job **jobs, size_t len)
{
    struct find *f = arg;
    const char **ids = xcalloc(len, sizeof *ids);
    struct batch_job **full = NULL;
    size_t full_len = 0;
    size_t n = 0;

    /* A summary shows the name only; JOB_ID comes before it and stands in the details. */
    for (size_t i = 0; i < len; i++) {
        if (!known_other(f->o, jobs[i]->id, f->ids, f->len)) {
            ids[n++] = jobs[i]->id;
        }
    }
    f->rc = batch_details(f->o, ids, n, &full, &full_len, f->e);
    /* DescribeJobs answers in any order: offer in the order of the list. */
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < full_len; k++) {
            if (full[k] != NULL && strcmp(full[k]->id, ids[i]) == 0) {
                remember(f->o, full[k]);
                offer(f, full[k]);
                full[k] = NULL; /* taken */
            }
        }
    }
    batch_jobs_free(full, full_len);
    batch_jobs_free(jobs, len);
    free(ids);
    return f->rc == E_OK && f->left > 0;
}

enum err_code batch_find_by_job(const struct ops *o, const char *const *ids, size_t len,
                                int64_t from_ms, int64_t to_ms, struct batch_job **found,
                                struct err *e)
{
    struct find f = {.o = o, .ids = ids, .len = len, .found = found, .left = len, .e = e};

    for (size_t i = 0; i < len; i++) {
        found[i] = NULL;
    }
    if (len == 0) {
        return E_OK;
    }
    enum err_code rc = batch_walk(o, from_ms, to_ms, FIND_PAGES, find_page, &f, e);
    if (rc == E_OK) {
        rc = f.rc;
    }
    if (rc != E_OK) {
        for (size_t i = 0; i < len; i++) {
            batch_job_free(found[i]);
            found[i] = NULL;
        }
    }
    return rc;
}
