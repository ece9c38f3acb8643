/* The Batch jobs of the queue, each with the record that it belongs to. */
#include "ops/queue_jobs.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "batch_names.h"
#include "batch_walk.h"
#include "core/alloc.h"
#include "core/map.h"
#include "jobs/job.h"
#include "jobs/state.h"
#include "ops/follow.h"
#include "parallel.h"

enum { SEGMENTS = 4 };

void queue_result_clear(struct queue_result *r)
{
    for (size_t i = 0; i < r->len; i++) {
        batch_job_free(r->rows[i].job);
        free(r->rows[i].record);
        free(r->rows[i].second);
    }
    free(r->rows);
    *r = (struct queue_result){0};
}

/* ---- in words ---- */

const char *queue_row_record(const struct queue_row *r)
{
    return r->owner == QUEUE_OWNER_RECORD ? r->record
           : r->owner == QUEUE_OWNER_NONE ? "none"
                                          : "not known";
}

/* Adds a part; adds nothing when `text` is NULL or "". */
static void add_part(struct strbuf *out, const char *between, const char *before, const char *text)
{
    if (text != NULL && text[0] != '\0') {
        strbuf_addf(out, "%s%s%s", out->len > 0 ? between : "", before, text);
    }
}

void queue_row_why(const struct queue_row *r, struct strbuf *out)
{
    const struct batch_job *b = r->job;
    char children[160];
    bool more = b->container_reason != NULL &&
                (b->status_reason == NULL || strstr(b->status_reason, b->container_reason) == NULL);

    bool its_id = r->record != NULL && b->job_id != NULL && strcmp(r->record, b->job_id) == 0;

    job_children(b, children, sizeof children);
    add_part(out, "; ", "", children);
    /* For a job without a record, only its name tells whose job it is. */
    add_part(out, "; ", "name ", r->owner == QUEUE_OWNER_RECORD ? NULL : b->name);
    add_part(out, "; ", "JOB_ID is ", its_id ? NULL : b->job_id);
    add_part(out, "; ", "second record ", r->second);
    add_part(out, "; ", "", b->status_reason);
    add_part(out, b->status_reason == NULL ? "; " : ": ", "", more ? b->container_reason : NULL);
}

/* ---- the queue ---- */

static int newest_first(const void *a, const void *b)
{
    const struct batch_job *x = ((const struct queue_row *)a)->job;
    const struct batch_job *y = ((const struct queue_row *)b)->job;

    if (x->created_ms != y->created_ms) {
        return x->created_ms > y->created_ms ? -1 : 1;
    }
    return strcmp(y->id, x->id);
}

static enum err_code read_queue(const struct ops *o, const struct queue_query *q,
                                struct queue_result *out, struct err *e)
{
    const char *word = batch_status_word(q->state);
    struct batch_walk w = {
        .o = o, .from_ms = 1, .to_ms = TIME_NONE, .status = word[0] == '\0' ? NULL : word};
    enum err_code rc = E_OK;
    size_t cap = 0;

    batch_names_ready(o);
    while (rc == E_OK && !w.ended && (q->limit == 0 || out->len <= q->limit || w.unsorted)) {
        struct batch_pages p;
        rc = batch_walk_read(&w, 1, &p, e);
        for (size_t i = 0; i < p.len; i++) {
            out->rows = xgrow(out->rows, out->len, &cap, sizeof *out->rows);
            out->rows[out->len++] = (struct queue_row){.job = p.jobs[i]};
        }
        free(p.jobs);
    }
    batch_walk_clear(&w);
    batch_names_save(o);
    if (rc != E_OK) {
        return rc;
    }
    if (out->len > 0) {
        qsort(out->rows, out->len, sizeof *out->rows, newest_first);
    }
    out->more = q->limit > 0 && out->len > q->limit;
    for (; out->more && out->len > q->limit; out->len--) {
        batch_job_free(out->rows[out->len - 1].job);
    }
    return E_OK;
}

/* ---- the records ---- */

/* What was read of the table. `named` holds the Batch ids that are looked for; its values are the
 * owned job ids of the records that name them, "" while none is known. */
struct records {
    const struct ops *o;
    pthread_mutex_t lock; /* guards all members below */
    struct map *there;    /* the keys of the records that were read by id */
    struct map *named;
    enum err_code rc;
    struct err err;
};

static void note(struct records *r, enum err_code rc, const struct err *e)
{
    (void)pthread_mutex_lock(&r->lock);
    if (rc != E_OK && r->rc == E_OK) {
        r->rc = rc;
        r->err = *e;
    }
    (void)pthread_mutex_unlock(&r->lock);
}

static bool take_page(void *arg, struct job **jobs, size_t len)
{
    struct records *r = arg;

    (void)pthread_mutex_lock(&r->lock);
    for (size_t i = 0; i < len; i++) {
        const char *batch_id = job_text(jobs[i], JOB_BATCH_ID);
        const char *known = batch_id == NULL ? NULL : map_find(r->named, batch_id);
        (void)map_put(r->there, jobs[i]->id, r);
        /* A record under the Batch job's own id names itself: any other record comes before it. */
        if (known != NULL && (known[0] == '\0' || strcmp(known, batch_id) == 0)) {
            free(map_put(r->named, batch_id, xstrdup(jobs[i]->id)));
        }
        job_free(jobs[i]);
    }
    (void)pthread_mutex_unlock(&r->lock);
    free(jobs);
    return true;
}

static void read_segment(void *arg, size_t i)
{
    struct records *r = arg;
    struct err e = {0};

    note(r, ops_scan_jobs(r->o, (int)i, SEGMENTS, take_page, r, &e), &e);
}

static void read_table(struct records *r)
{
    ops_parallel(SEGMENTS, read_segment, r);
}

/* Reads the records that the jobs name, and those under the jobs' own ids. */
static void read_by_id(struct records *r, const struct queue_result *q)
{
    const char **ids = xcalloc(q->len * 2 + 1, sizeof *ids);
    struct err e = {0};
    size_t n = 0;

    for (size_t i = 0; i < q->len; i++) {
        const struct batch_job *b = q->rows[i].job;
        if (b->job_id != NULL && b->job_id[0] != '\0') {
            ids[n++] = b->job_id;
        }
        ids[n++] = b->id;
        free(map_put(r->named, b->id, xstrdup("")));
    }
    note(r, ops_get_jobs(r->o, ids, n, take_page, r, &e), &e);
    free(ids);
}

/* The record of this Batch job, as far as records were read; NULL: none was found. */
static const char *record_of(const struct records *r, const struct batch_job *b)
{
    const char *named = map_find(r->named, b->id);
    bool own = map_find(r->there, b->id) != NULL;

    if (named != NULL && named[0] != '\0' && strcmp(named, b->id) != 0) {
        return named;
    }
    if (b->job_id != NULL && map_find(r->there, b->job_id) != NULL) {
        return b->job_id;
    }
    return own ? b->id : NULL;
}

static bool all_have_one(const struct records *r, const struct queue_result *q)
{
    for (size_t i = 0; i < q->len; i++) {
        if (record_of(r, q->rows[i].job) == NULL) {
            return false;
        }
    }
    return true;
}

static void settle(const struct records *r, struct queue_result *q)
{
    for (size_t i = 0; i < q->len; i++) {
        struct queue_row *row = &q->rows[i];
        const char *record = record_of(r, row->job);
        bool own = map_find(r->there, row->job->id) != NULL;
        row->owner = record != NULL  ? QUEUE_OWNER_RECORD
                     : r->rc == E_OK ? QUEUE_OWNER_NONE
                                     : QUEUE_OWNER_NOT_KNOWN;
        row->record = record == NULL ? NULL : xstrdup(record);
        row->second = record != NULL && own && strcmp(record, row->job->id) != 0
                          ? xstrdup(row->job->id)
                          : NULL;
        q->not_known += row->owner == QUEUE_OWNER_NOT_KNOWN;
    }
    q->records_err = q->not_known > 0 ? r->err : (struct err){0};
}

static void find_records(const struct ops *o, struct queue_result *q)
{
    struct records r = {
        .o = o, .lock = PTHREAD_MUTEX_INITIALIZER, .there = map_new(), .named = map_new()};

    read_by_id(&r, q);
    if (r.rc == E_OK && !all_have_one(&r, q)) {
        read_table(&r);
    }
    settle(&r, q);
    map_free(r.there, NULL);
    map_free(r.named, free);
}

enum err_code ops_queue_jobs(const struct ops *o, const struct queue_query *q,
                             struct queue_result *out, struct err *e)
{
    int64_t begun = ops_begin(o);

    *out = (struct queue_result){0};
    enum err_code rc = read_queue(o, q, out, e);
    if (rc != E_OK) {
        queue_result_clear(out);
    } else if (out->len > 0) {
        find_records(o, out);
    }
    ops_end(begun);
    return rc;
}
