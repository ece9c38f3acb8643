/* Lists of jobs: reading the records, merging them with Batch, sorting and cutting the answer. */
#include "ops/list.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/map.h"
#include "core/text.h"
#include "job_page.h"
#include "list_join.h"
#include "ops/follow.h"
#include "parallel.h"

enum { SEGMENTS = 4, SEGMENT_ITEMS = 1000, IDLE_MS = 60000 };

void list_row_clear(struct list_row *r)
{
    job_free(r->job);
    batch_job_free(r->batch);
    free(r->log);
    *r = (struct list_row){0};
}

void list_result_clear(struct list_result *r)
{
    for (size_t i = 0; i < r->len; i++) {
        list_row_clear(&r->rows[i]);
    }
    free(r->rows);
    *r = (struct list_result){0};
}

/* ---- collecting ---- */

struct collect {
    const struct ops *o;
    const struct list_query *q;
    enum job_status wanted; /* JOB_NO_STATUS: any */
    bool stuck;             /* only jobs that are stuck, in any state */
    struct table_info info;
    pthread_mutex_t lock;  /* guards all members below */
    struct map *seen;      /* ids, where an index and the Scan may both bring a record; else NULL */
    struct id_set claimed; /* the ids of all records that were read, unless `record_only` */
    struct list_row *rows;
    size_t len, cap;
    size_t read;
    enum err_code rc;
    struct err err;
};

static bool wants(const struct collect *c, const struct job *j)
{
    if (c->q->user_id != NULL && (job_text(j, JOB_USER_ID) == NULL ||
                                  strcmp(job_text(j, JOB_USER_ID), c->q->user_id) != 0)) {
        return false;
    }
    int64_t at = job_time(j, NULL, NULL);
    if (at != TIME_NONE && at < c->q->since_ms) {
        return false; /* a time that Batch may tell is no later than this one */
    }
    /* The merged state of a job that is not final by its record may be any state; a final record
     * can only be what it says. */
    enum job_status s = (enum job_status)j->status;
    return (c->wanted == JOB_NO_STATUS && !c->stuck) || s == c->wanted || !job_status_final(s);
}

static bool collect_page(void *arg, struct job **jobs, size_t len)
{
    struct collect *c = arg;

    (void)pthread_mutex_lock(&c->lock);
    for (size_t i = 0; i < len; i++) {
        if (!c->q->record_only) {
            id_set_add(&c->claimed, jobs[i]->id);
            id_set_add(&c->claimed, job_text(jobs[i], JOB_BATCH_ID));
        }
        if (c->q->history != NULL) {
            (void)forecast_learn(c->q->history, jobs[i]);
        }
        if (!wants(c, jobs[i]) || (c->seen != NULL && map_find(c->seen, jobs[i]->id) != NULL)) {
            job_free(jobs[i]);
            continue;
        }
        if (!c->q->steps && job_status_final((enum job_status)jobs[i]->status)) {
            jobs[i] = job_without_steps(jobs[i]);
        }
        if (c->seen != NULL) {
            (void)map_put(c->seen, jobs[i]->id, jobs[i]);
        }
        c->rows = xgrow(c->rows, c->len, &c->cap, sizeof *c->rows);
        c->rows[c->len++] = (struct list_row){.job = jobs[i]};
    }
    c->read += len;
    bool go_on = c->rc == E_OK;
    (void)pthread_mutex_unlock(&c->lock);
    free(jobs);
    return go_on;
}

static void note(struct collect *c, enum err_code rc, const struct err *e)
{
    (void)pthread_mutex_lock(&c->lock);
    if (rc != E_OK && c->rc == E_OK) {
        c->rc = rc;
        c->err = *e;
    }
    (void)pthread_mutex_unlock(&c->lock);
}

struct segment {
    struct collect *c;
    int at, of;
    bool unindexed; /* true: only records that user-jobs-index cannot hold */
};

static void scan_segment(void *arg, size_t i)
{
    const struct segment *s = (const struct segment *)arg + i;
    struct err e = {0};
    cJSON *names = job_projection_names();
    struct ddb_read r = {.table = s->c->o->table,
                         .projection = job_projection(),
                         .names = names,
                         .segment = s->at,
                         .total_segments = s->of > 1 ? s->of : 0};

    cJSON *values = s->unindexed ? jobs_only_unindexed(&r, names) : NULL;
    note(s->c, jobs_read_all(s->c->o, &r, false, collect_page, s->c, &e), &e);
    cJSON_Delete(values);
    cJSON_Delete(names);
}

static void scan(struct collect *c, bool unindexed)
{
    struct segment segments[SEGMENTS];
    size_t n = c->info.item_count >= SEGMENT_ITEMS ? SEGMENTS : 1;

    for (size_t i = 0; i < n; i++) {
        segments[i] = (struct segment){.c = c, .at = (int)i, .of = (int)n, .unindexed = unindexed};
    }
    ops_parallel(n, scan_segment, segments);
}

static void read_records(struct collect *c)
{
    struct err e = {0};

    /* The table's answer only tells the cheapest way: without the right to ask for it, the Scan
     * does the work. */
    enum err_code rc = ops_table_info(c->o, &c->info, &e);
    if (rc != E_OK && rc != E_DENIED) {
        note(c, rc, &e);
        return;
    }
    if (c->q->user_id != NULL && c->info.user_index) {
        c->seen = map_new();
        note(c, ops_query_user(c->o, c->q->user_id, c->info.user_index_all, collect_page, c, &e),
             &e);
        scan(c, true);
    } else {
        /* A Scan is needed even for a status: the index of statuses holds neither a record without
         * updatedAt nor, under the word asked for, one in another letter case. */
        scan(c, false);
    }
}

/* ---- the answer ---- */

int list_newest_first(const void *a, const void *b)
{
    const struct list_row *x = a;
    const struct list_row *y = b;

    int64_t xt = job_time(x->job, &x->state, NULL);
    int64_t yt = job_time(y->job, &y->state, NULL);

    if (xt != yt) { /* a time that is absent (TIME_NONE) counts as the oldest */
        return xt > yt ? -1 : 1;
    }
    int ids = strcmp(y->job->id, x->job->id);
    return ids != 0 || x->context == NULL || y->context == NULL ? ids
                                                                : strcmp(x->context, y->context);
}

static void sort_rows(struct list_result *r)
{
    if (r->len > 0) {
        qsort(r->rows, r->len, sizeof *r->rows, list_newest_first);
    }
}

static void cut(struct list_result *r, size_t limit)
{
    if (limit == 0 || r->len <= limit) {
        return;
    }
    for (size_t i = limit; i < r->len; i++) {
        list_row_clear(&r->rows[i]);
    }
    r->len = limit;
    r->more = true;
}

static void keep_wanted(struct list_result *r, enum job_status wanted, bool stuck, int64_t since_ms)
{
    size_t n = 0;

    for (size_t i = 0; i < r->len; i++) {
        const struct job_state *s = &r->rows[i].state;
        if ((wanted == JOB_NO_STATUS || s->status == (uint8_t)wanted) &&
            (!stuck || s->stuck != STUCK_NO) && job_time(r->rows[i].job, s, NULL) >= since_ms) {
            r->rows[n++] = r->rows[i];
        } else {
            list_row_clear(&r->rows[i]);
        }
    }
    r->len = n;
}

/* Puts the newest jobs first and leaves out those that are older than asked for. Batch is asked
 * where only Batch may know a job's time. */
static void order(const struct ops *o, const struct list_query *q, struct list_result *r)
{
    if (!q->record_only) {
        (void)!list_ask_batch(o, r->rows, r->len, LIST_ASK_TIMES, &r->batch_err);
    }
    for (size_t i = 0; i < r->len; i++) {
        r->rows[i].state.batch_made_s = job_batch_made(r->rows[i].batch);
        r->untimed += q->since_ms != TIME_NONE &&
                      job_time(r->rows[i].job, &r->rows[i].state, NULL) == TIME_NONE;
    }
    keep_wanted(r, JOB_NO_STATUS, false, q->since_ms);
    sort_rows(r);
}

static enum err_code parse_status(const char *word, struct collect *c, struct err *e)
{
    c->stuck = word != NULL && strcasecmp(word, LIST_STUCK) == 0;
    c->wanted = word == NULL || c->stuck ? JOB_NO_STATUS : job_status_meant(word);
    return word == NULL || c->stuck ? E_OK : list_status_check(word, e);
}

enum err_code list_status_check(const char *word, struct err *e)
{
    return strcasecmp(word, LIST_STUCK) == 0 || job_status_meant(word) > JOB_OTHER_STATUS
               ? E_OK
               : err_set(e, E_INVALID,
                         "\"%.*s\" is not a status: give pending, queued, in_progress (or "
                         "running), stopping, completed, failed, cancelled or stuck",
                         text_cut(word, 40), word);
}

static bool wants_row(void *arg, const struct job *j)
{
    return wants(arg, j);
}

/* The earliest time from which Batch jobs are looked for: nothing older than the last row that can
 * be shown is needed. */
static int64_t join_from(const struct list_query *q, const struct list_result *r)
{
    bool whole = q->status == NULL && q->user_id == NULL && q->limit > 0 && r->len >= q->limit;
    int64_t last = whole ? job_time(r->rows[q->limit - 1].job, NULL, NULL) : TIME_NONE;

    return last > q->since_ms ? last : q->since_ms;
}

/* Joins records that belong together, and adds jobs that only Batch tells of. */
static void join(struct collect *c, struct list_result *out)
{
    struct list_join l = {.o = c->o,
                          .wants = wants_row,
                          .arg = c,
                          .claimed = c->claimed,
                          .rows = out->rows,
                          .len = out->len,
                          .cap = c->cap};

    list_join(&l, join_from(c->q, out));
    c->claimed = l.claimed;
    out->rows = l.rows;
    out->len = l.len;
    out->join_err = l.err;
}

static enum err_code list(const struct ops *o, const struct list_query *q, struct list_result *out,
                          struct err *e)
{
    struct collect c = {.o = o, .q = q, .lock = PTHREAD_MUTEX_INITIALIZER};

    *out = (struct list_result){0};
    enum err_code rc = parse_status(q->status, &c, e);
    if (rc != E_OK) {
        return err_wrap(e, "status");
    }
    /* The record of a job that is stopping says CANCELLED. */
    enum job_status wanted = c.wanted;
    c.wanted = wanted == JOB_STOPPING ? JOB_CANCELLED : wanted;
    read_records(&c);
    map_free(c.seen, NULL);
    aws_client_tidy(o->aws, IDLE_MS); /* no more pages come: frees their buffers */
    *out = (struct list_result){.rows = c.rows, .len = c.len};
    if (c.rc != E_OK) {
        list_result_clear(out);
        id_set_clear(&c.claimed);
        if (e != NULL) {
            *e = c.err;
        }
        return c.rc;
    }
    if (q->progress != NULL) {
        q->progress(q->arg, c.read);
    }
    sort_rows(out);
    if (!q->record_only) {
        join(&c, out);
    }
    id_set_clear(&c.claimed);
    order(o, q, out);
    bool all = wanted == JOB_NO_STATUS && !c.stuck;
    if (all) {
        cut(out, q->limit); /* cut the list before Batch is asked about rows that nobody will see */
    }
    struct err times_err = out->batch_err;
    if (q->facts && !q->record_only) {
        struct err facts_err = {0};
        (void)!list_ask_batch(o, out->rows, out->len, LIST_ASK_FACTS, &facts_err);
        times_err = times_err.code != E_OK ? times_err : facts_err;
    }
    out->unknown = ops_merge_rows(o, out->rows, out->len, q->record_only, &out->batch_err);
    if (out->batch_err.code == E_OK && (out->unknown > 0 || q->facts)) {
        out->batch_err = times_err;
    }
    if (!all) {
        keep_wanted(out, wanted, c.stuck, TIME_NONE);
        cut(out, q->limit);
    }
    return E_OK;
}

enum err_code ops_list(const struct ops *o, const struct list_query *q, struct list_result *out,
                       struct err *e)
{
    int64_t begun = ops_begin(o);
    enum err_code rc = list(o, q, out, e);

    for (size_t i = 0; i < out->len; i++) {
        out->rows[i].context = settings_context(o->settings);
    }
    ops_end(begun);
    return rc;
}
