#include "ops/list.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "batch_find.h"
#include "core/alloc.h"
#include "core/json.h"
#include "core/map.h"
#include "job_page.h"
#include "ops/follow.h"
#include "ops/reasons.h"

enum {
    SEGMENTS = 4,
    SEGMENT_ITEMS = 1000,
    BEFORE_MS = BATCH_FIND_SKEW_MS,
    FORGOTTEN_S = 8 * 24 * 3600
};

void list_result_clear(struct list_result *r)
{
    for (size_t i = 0; i < r->len; i++) {
        job_free(r->rows[i].job);
        batch_job_free(r->rows[i].batch);
    }
    free(r->rows);
    *r = (struct list_result){0};
}

/* ---- collecting ---- */

struct collect {
    const struct ops *o;
    const struct list_query *q;
    enum job_status wanted; /* JOB_NO_STATUS: any */
    struct table_info info;
    pthread_mutex_t lock; /* guards all below */
    struct map *seen;     /* ids, where an index and the Scan may overlap; else NULL */
    struct list_row *rows;
    size_t len, cap;
    size_t read;
    enum err_code rc;
    struct err err;
};

static bool wants(const struct collect *c, const struct job *j)
{
    if (c->q->user_id != NULL && (j->user_id == NULL || strcmp(j->user_id, c->q->user_id) != 0)) {
        return false;
    }
    if (c->q->since_ms != TIME_NONE &&
        (j->created_ms == TIME_NONE || j->created_ms < c->q->since_ms)) {
        return false;
    }
    /* The merged state of a job that is not final by its record may be any; a final record can only
     * be what it says. */
    enum job_status s = (enum job_status)j->status;
    return c->wanted == JOB_NO_STATUS || s == c->wanted || !job_status_final(s);
}

static bool collect_page(void *arg, struct job **jobs, size_t len)
{
    struct collect *c = arg;

    (void)pthread_mutex_lock(&c->lock);
    for (size_t i = 0; i < len; i++) {
        if (!wants(c, jobs[i]) || (c->seen != NULL && map_find(c->seen, jobs[i]->id) != NULL)) {
            job_free(jobs[i]);
            continue;
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
    bool nested_only; /* only records without a top-level createdAt */
};

static void *scan_segment(void *arg)
{
    struct segment *s = arg;
    struct err e = {0};
    cJSON *names = job_projection_names();
    struct ddb_read r = {.table = s->c->o->table,
                         .projection = job_projection(),
                         .names = names,
                         .segment = s->at,
                         .total_segments = s->of > 1 ? s->of : 0};

    if (s->nested_only) {
        json_set_str(names, "#lc", "createdAt");
        r.filter = "attribute_not_exists(#lc)";
    }
    note(s->c, jobs_read_all(s->c->o, &r, false, collect_page, s->c, &e), &e);
    cJSON_Delete(names);
    return NULL;
}

static void scan(struct collect *c, bool nested_only)
{
    pthread_t threads[SEGMENTS];
    struct segment segments[SEGMENTS];
    bool started[SEGMENTS] = {false};
    int n = c->info.item_count >= SEGMENT_ITEMS ? SEGMENTS : 1;

    for (int i = 0; i < n; i++) {
        segments[i] = (struct segment){.c = c, .at = i, .of = n, .nested_only = nested_only};
        started[i] = i > 0 && pthread_create(&threads[i], NULL, scan_segment, &segments[i]) == 0;
    }
    for (int i = 0; i < n; i++) {
        if (!started[i]) {
            (void)scan_segment(&segments[i]);
        }
    }
    for (int i = 0; i < n; i++) {
        if (started[i]) {
            (void)pthread_join(threads[i], NULL);
        }
    }
}

static void read_records(struct collect *c)
{
    struct err e = {0};

    /* Only a hint of the cheapest way: without the right to ask, the Scan does it. */
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
        /* For a status too: its index holds neither a record without updatedAt nor, under the word
         * asked for, one in another letter case. */
        scan(c, false);
    }
}

/* ---- Batch ---- */

static bool undecided(const struct list_row *r)
{
    /* A cancelled job may still be stopping. */
    enum job_status s = (enum job_status)r->job->status;
    return !job_status_final(s) || s == JOB_CANCELLED;
}

static void take_known(struct list_row *rows, size_t len, struct batch_job **jobs, size_t jobs_len)
{
    struct map *by_id = map_new();

    for (size_t i = 0; i < jobs_len; i++) {
        (void)map_put(by_id, jobs[i]->id, jobs[i]);
    }
    for (size_t i = 0; i < len; i++) {
        const char *id = rows[i].job->batch_job_id;
        const struct batch_job *b = id == NULL ? NULL : map_find(by_id, id);
        if (b != NULL && rows[i].batch == NULL) {
            rows[i].batch = batch_job_copy(b);
        }
    }
    map_free(by_id, NULL);
    batch_jobs_free(jobs, jobs_len);
}

static enum err_code ask_known(const struct ops *o, struct list_row *rows, size_t len,
                               struct err *e)
{
    const char **ids = xcalloc(len + 1, sizeof *ids);
    struct batch_job **jobs = NULL;
    size_t got = 0;
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        if (undecided(&rows[i]) && rows[i].job->batch_job_id != NULL) {
            ids[n++] = rows[i].job->batch_job_id;
        }
    }
    enum err_code rc = batch_details(o, ids, n, &jobs, &got, e);
    take_known(rows, len, jobs, got);
    free(ids);
    return rc;
}

/* Records that name no Batch job: those young enough are looked for in the queue. */
static enum err_code ask_unknown(const struct ops *o, struct list_row *rows, size_t len,
                                 struct err *e)
{
    int64_t now = clock_wall_ms(o->clock);
    const char **ids = xcalloc(len + 1, sizeof *ids);
    size_t *row_of = xcalloc(len + 1, sizeof *row_of);
    struct batch_job **found = xcalloc(len + 1, sizeof(void *));
    int64_t since = now;
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        const struct job *j = rows[i].job;
        if (undecided(&rows[i]) && j->batch_job_id == NULL && j->created_ms != TIME_NONE &&
            (now - j->created_ms) / 1000 < FORGOTTEN_S) {
            since = j->created_ms < since ? j->created_ms : since;
            row_of[n] = i;
            ids[n++] = j->id;
        }
    }
    enum err_code rc = batch_find_by_job(o, ids, n, since - BEFORE_MS, TIME_NONE, found, e);
    for (size_t i = 0; i < n; i++) {
        rows[row_of[i]].batch = found[i];
    }
    free(found);
    free(row_of);
    free(ids);
    return rc;
}

void ops_merge_rows(const struct ops *o, struct list_row *rows, size_t len, bool record_only,
                    struct err *batch_err)
{
    bool asked = !record_only;
    struct err e = {0};

    *batch_err = (struct err){0};
    if (asked && (ask_known(o, rows, len, &e) != E_OK || ask_unknown(o, rows, len, &e) != E_OK)) {
        *batch_err = e;
        asked = false;
    }
    int64_t now = clock_wall_ms(o->clock);
    struct state_rules rules = ops_state_rules(o->settings);
    for (size_t i = 0; i < len; i++) {
        bool this_asked = asked && undecided(&rows[i]);
        if (rows[i].batch != NULL && rows[i].batch->status == BATCH_FAILED) {
            reasons_keep(o, rows[i].job->id, rows[i].batch);
        }
        job_state_merge(rows[i].job, rows[i].batch, this_asked || rows[i].batch != NULL, now,
                        &rules, &rows[i].state);
    }
}

/* ---- the answer ---- */

static int newest_first(const void *a, const void *b)
{
    const struct job *x = ((const struct list_row *)a)->job;
    const struct job *y = ((const struct list_row *)b)->job;

    if (x->created_ms != y->created_ms) { /* absent (TIME_NONE) is oldest */
        return x->created_ms > y->created_ms ? -1 : 1;
    }
    return strcmp(y->id, x->id);
}

static void cut(struct list_result *r, size_t limit)
{
    if (limit == 0 || r->len <= limit) {
        return;
    }
    for (size_t i = limit; i < r->len; i++) {
        job_free(r->rows[i].job);
        batch_job_free(r->rows[i].batch);
    }
    r->len = limit;
    r->more = true;
}

static void keep_wanted(struct list_result *r, enum job_status wanted)
{
    size_t n = 0;

    for (size_t i = 0; i < r->len; i++) {
        if (r->rows[i].state.status == (uint8_t)wanted) {
            r->rows[n++] = r->rows[i];
        } else {
            job_free(r->rows[i].job);
            batch_job_free(r->rows[i].batch);
        }
    }
    r->len = n;
}

static enum err_code parse_status(const char *word, enum job_status *out, struct err *e)
{
    *out = word == NULL ? JOB_NO_STATUS : job_status_parse(word);
    if (word != NULL && (*out == JOB_NO_STATUS || *out == JOB_OTHER_STATUS)) {
        return err_set(e, E_INVALID,
                       "status: \"%.40s\" is none: give PENDING, QUEUED, IN_PROGRESS, STOPPING, "
                       "COMPLETED, FAILED or CANCELLED",
                       word);
    }
    return E_OK;
}

enum err_code ops_list(const struct ops *o, const struct list_query *q, struct list_result *out,
                       struct err *e)
{
    struct collect c = {.o = o, .q = q, .lock = PTHREAD_MUTEX_INITIALIZER};

    *out = (struct list_result){0};
    enum err_code rc = parse_status(q->status, &c.wanted, e);
    if (rc != E_OK) {
        return rc;
    }
    /* A job that is stopping has a record that says CANCELLED. */
    enum job_status wanted = c.wanted;
    c.wanted = wanted == JOB_STOPPING ? JOB_CANCELLED : wanted;
    read_records(&c);
    map_free(c.seen, NULL);
    *out = (struct list_result){.rows = c.rows, .len = c.len};
    if (c.rc != E_OK) {
        list_result_clear(out);
        if (e != NULL) {
            *e = c.err;
        }
        return c.rc;
    }
    if (q->progress != NULL) {
        q->progress(q->arg, c.read);
    }
    if (out->len > 0) {
        qsort(out->rows, out->len, sizeof *out->rows, newest_first);
    }
    if (wanted == JOB_NO_STATUS) {
        cut(out, q->limit); /* before Batch is asked about rows nobody will see */
    }
    ops_merge_rows(o, out->rows, out->len, q->record_only, &out->batch_err);
    if (wanted != JOB_NO_STATUS) {
        keep_wanted(out, wanted);
        cut(out, q->limit);
    }
    return E_OK;
}
