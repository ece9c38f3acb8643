/* do_jobs.c - GET /jobs/{userId}.
 *
 * DESIGN: two streams, both newest first, are merged: user-jobs-index, of which a page is a Query;
 * and the jobs that the slow scan found, whose records are read again by id. Each stream has a
 * place of its own in the cursor, so that nothing is told twice or left out, whatever happens
 * between two pages. A status means the merged state, so the filter works only after Batch was
 * asked: a page then looks at no more than ROUNDS times CHUNK records, and may come back short. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/number.h"
#include "core/text.h"
#include "cursor.h"
#include "handlers.h"
#include "impl.h"
#include "jobs/job_json.h"
#include "ops/list.h"

enum { CHUNK = 100, ROUNDS = 5 };

/* The request, and how far its answer has come. */
struct listing {
    const struct call *c;
    const char *user;
    const char *status_text; /* the status as the client gave it; NULL */
    enum job_status status;  /* JOB_NO_STATUS: any status */
    size_t limit;
    struct table_info table;
    struct cursor at;
    bool strays_done;
    cJSON *jobs;
    struct err batch_err;
};

/* A record of a chunk, together with the place after it. */
struct candidate {
    struct job *job; /* owned; NULL: the job is gone */
    bool stray;
    struct user_place place; /* owned; the place in the index */
    struct stray after;      /* owned; the place among the scan's jobs */
};

struct chunk {
    struct candidate items[CHUNK];
    size_t len;
    bool index_done, strays_done; /* no further jobs follow in that stream */
};

static enum err_code read_limit(const char *text, size_t *out, struct err *e)
{
    int64_t n = 0;

    *out = LIST_LIMIT;
    if (text == NULL) {
        return E_OK;
    }
    if (!number_parse(text, 1, LIST_LIMIT_MAX, &n)) {
        return err_set(e, E_INVALID, "limit: \"%.*s\" is not a whole number from 1 to %d",
                       text_cut(text, 20), text, LIST_LIMIT_MAX);
    }
    *out = (size_t)n;
    return E_OK;
}

static enum err_code read_status(const char *text, enum job_status *out, struct err *e)
{
    *out = text == NULL ? JOB_NO_STATUS : job_status_parse(text);
    if (text != NULL && (*out == JOB_NO_STATUS || *out == JOB_OTHER_STATUS)) {
        return err_set(e, E_INVALID,
                       "status: \"%.*s\" is not a status: give PENDING, QUEUED, IN_PROGRESS, "
                       "STOPPING, COMPLETED, FAILED or CANCELLED",
                       text_cut(text, 40), text);
    }
    return E_OK;
}

/* Reads the whole query, whatever is wrong with it. */
static void read_query(const struct call *c, struct listing *l, struct faults *f)
{
    const char *cursor = target_query(c->target, "cursor");
    struct err e;

    l->status_text = target_query(c->target, "status");
    if (read_status(l->status_text, &l->status, &e) != E_OK) {
        faults_take(f, "status", &e);
    }
    if (read_limit(target_query(c->target, "limit"), &l->limit, &e) != E_OK) {
        faults_take(f, "limit", &e);
    }
    const char *word = l->status == JOB_NO_STATUS ? NULL : job_status_word(l->status);
    if (cursor != NULL && cursor_parse(cursor, l->user, word, &l->at, &e) != E_OK) {
        faults_take(f, "cursor", &e);
    }
}

/* ---- one chunk of both streams ---- */

static int64_t index_time(const struct user_page *p, size_t i)
{
    int64_t ms = TIME_NONE;

    if (p->jobs[i] != NULL) {
        return job_time(p->jobs[i], NULL, NULL);
    }
    (void)time_parse_iso(p->places[i].created == NULL ? "" : p->places[i].created, &ms);
    return ms;
}

static void take_index(struct chunk *k, struct user_page *p, size_t i)
{
    struct candidate *x = &k->items[k->len++];

    *x = (struct candidate){.job = p->jobs[i], .place = p->places[i]};
    p->jobs[i] = NULL; /* moved */
    p->places[i] = (struct user_place){.created = NULL};
}

static void take_stray(struct chunk *k, struct job **jobs, struct stray *strays, size_t i)
{
    struct candidate *x = &k->items[k->len++];

    *x = (struct candidate){.job = jobs[i], .stray = true, .after = strays[i]};
    jobs[i] = NULL; /* moved */
    strays[i].id = NULL;
}

/* Merges up to `max` jobs of both streams in one order. Stops where a stream runs out that may have
 * further jobs. */
static void merge_streams(struct chunk *k, size_t max, struct user_page *p, struct job **jobs,
                          struct stray *strays, size_t strays_len)
{
    size_t i = 0;
    size_t s = 0;

    while (k->len < max) {
        bool no_index = i == p->len;
        bool no_stray = s == strays_len;
        if ((no_index && (!k->index_done || no_stray)) || (no_stray && !k->strays_done)) {
            break;
        }
        if (no_index || (!no_stray && stray_order(index_time(p, i), p->places[i].job_id,
                                                  strays[s].time_ms, strays[s].id) > 0)) {
            take_stray(k, jobs, strays, s++);
        } else {
            take_index(k, p, i++);
        }
    }
    k->index_done = k->index_done && i == p->len;
    k->strays_done = k->strays_done && s == strays_len;
}

static enum err_code read_strays(const struct listing *l, size_t max, struct stray *strays,
                                 size_t *len, struct job **jobs, bool *over, struct err *e)
{
    struct scan *scan = l->c->api->scan;
    const char *ids[CHUNK];
    const struct stray *after = l->at.stray.id == NULL ? NULL : &l->at.stray;

    /* Asking for one more than wanted tells whether that is all. */
    *len = 0;
    if (!l->strays_done) {
        enum err_code rc = scan_find(scan, l->user, after, strays, max + 1, len, e);
        if (rc != E_OK) {
            return rc;
        }
    }
    *over = *len <= max;
    if (*len > max) {
        free(strays[max].id);
        *len = max;
    }
    for (size_t i = 0; i < *len; i++) {
        ids[i] = strays[i].id;
    }
    return ops_get_again(l->c->api->ops, ids, *len, l->table.user_index, jobs, e);
}

static enum err_code read_chunk(const struct listing *l, size_t max, struct chunk *k, struct err *e)
{
    struct stray strays[CHUNK + 1];
    struct job *jobs[CHUNK] = {NULL};
    struct user_page page = {.len = 0};
    size_t strays_len = 0;
    enum err_code rc = E_OK;

    *k = (struct chunk){.index_done = l->at.index_done || !l->table.user_index};
    if (!k->index_done) {
        const struct user_place *after = l->at.index.created == NULL ? NULL : &l->at.index;
        rc = ops_user_page(l->c->api->ops, l->user, after, (int)max, l->table.user_index_all, &page,
                           e);
        k->index_done = rc == E_OK && !page.more;
    }
    if (rc == E_OK) {
        rc = read_strays(l, max, strays, &strays_len, jobs, &k->strays_done, e);
    }
    if (rc == E_OK) {
        merge_streams(k, max, &page, jobs, strays, strays_len);
    }
    for (size_t i = 0; i < strays_len; i++) {
        job_free(jobs[i]);
        free(strays[i].id);
    }
    user_page_clear(&page);
    return rc;
}

static void chunk_clear(struct chunk *k)
{
    for (size_t i = 0; i < k->len; i++) {
        job_free(k->items[i].job);
        user_place_clear(&k->items[i].place);
        free(k->items[i].after.id);
    }
    k->len = 0;
}

/* ---- from chunks to the page ---- */

/* Makes the list go on after this job. Takes the job's place. */
static void move_on(struct listing *l, struct candidate *x)
{
    if (x->stray) {
        free(l->at.stray.id);
        l->at.stray = x->after;
        x->after.id = NULL; /* moved */
    } else {
        user_place_clear(&l->at.index);
        l->at.index = x->place;
        x->place = (struct user_place){.created = NULL}; /* moved */
    }
}

/* Merges the chunk with Batch and takes what fits, in order, until the page is full. */
static void take_chunk(struct listing *l, struct chunk *k)
{
    struct list_row rows[CHUNK];
    size_t len = 0;
    size_t row = 0;
    size_t i = 0;
    struct err batch_err = {0};

    for (size_t n = 0; n < k->len; n++) {
        if (k->items[n].job != NULL) {
            rows[len++] = (struct list_row){.job = k->items[n].job};
        }
    }
    ops_merge_rows(l->c->api->ops, rows, len, false, &batch_err);
    if (batch_err.code != E_OK) {
        l->batch_err = batch_err;
    }
    for (; i < k->len && (size_t)cJSON_GetArraySize(l->jobs) < l->limit; i++) {
        if (k->items[i].job != NULL) {
            const struct list_row *x = &rows[row++];
            if (l->status == JOB_NO_STATUS || x->state.status == (uint8_t)l->status) {
                json_push(l->jobs, api_job_json(l->c->api, x->job, x->batch, &x->state));
            }
        }
        move_on(l, &k->items[i]);
    }
    for (size_t n = 0; n < len; n++) {
        batch_job_free(rows[n].batch);
    }
    bool whole = i == k->len;
    l->at.index_done = whole && k->index_done;
    l->strays_done = whole && k->strays_done;
}

static bool all_read(const struct listing *l)
{
    return l->at.index_done && l->strays_done;
}

static enum err_code fill_page(struct listing *l, struct err *e)
{
    enum err_code rc = E_OK;

    for (int round = 0; round < ROUNDS && rc == E_OK; round++) {
        size_t missing = l->limit - (size_t)cJSON_GetArraySize(l->jobs);
        struct chunk k;
        if (missing == 0 || all_read(l)) {
            break;
        }
        rc = read_chunk(l, l->status == JOB_NO_STATUS ? missing : CHUNK, &k, e);
        if (rc == E_OK) {
            take_chunk(l, &k);
            chunk_clear(&k);
        }
    }
    return rc;
}

/* The page's content without the age of the scan, which is another number each second. */
static cJSON *page_json(struct listing *l, const struct scan_view *scan)
{
    cJSON *doc = json_new_object();
    cJSON *found = json_new_object();
    char at[TIME_ISO_SIZE];

    json_set(doc, "jobs", l->jobs);
    l->jobs = NULL; /* moved */
    if (all_read(l)) {
        json_set(doc, "cursor", NULL);
    } else {
        const char *word = l->status == JOB_NO_STATUS ? NULL : job_status_word(l->status);
        char *cursor = cursor_text(&l->at, l->user, word);
        json_set_str(doc, "cursor", cursor);
        free(cursor);
    }
    json_set_str(found, "scannedAt", scan->done ? time_iso(scan->at_ms, at) : NULL);
    json_set(doc, "unindexed", found);
    if (l->batch_err.code != E_OK) {
        json_set_str(doc, "warning", l->batch_err.msg);
    }
    return doc;
}

/* Sends the page. Its ETag is a weak one: two pages that differ only in the age of the scan say the
 * same. */
static void answer(const struct call *c, struct listing *l, const struct scan_view *scan,
                   struct reply *r)
{
    cJSON *doc = page_json(l, scan);
    cJSON *found = cJSON_GetObjectItemCaseSensitive(doc, "unindexed");
    char *lasting = json_text(doc);

    if (scan->done) {
        json_set_int(found, "ageSeconds", scan->age_ms / 1000);
    } else {
        json_set(found, "ageSeconds", NULL);
    }
    reply_json(r, 200, doc);
    reply_tag(r, c->none_match, lasting);
    free(lasting);
}

void do_jobs(const struct call *c, struct reply *r)
{
    struct listing l = {.c = c, .user = c->id, .jobs = json_new_array()};
    struct scan_view scan;
    struct err e = {0};

    read_query(c, &l, c->wrong);
    reply_faults(r, c->wrong);
    enum err_code rc = c->wrong->len > 0 ? E_OK : scan_table(c->api->scan, &l.table, &e);
    scan_look(c->api->scan, &scan);
    if (c->wrong->len > 0) {
        /* the failure is told to the client */
    } else if (rc == E_OK && !l.table.user_index && !scan.done) {
        reply_fail(r, 503, "scanning",
                   "the table has no user-jobs-index, and the first slow scan is under way");
        r->retry_after_s = 5;
    } else if (rc == E_OK) {
        rc = fill_page(&l, &e);
        if (rc == E_OK) {
            answer(c, &l, &scan, r);
        }
    }
    if (rc != E_OK) {
        reply_err(r, &e);
    }
    cJSON_Delete(l.jobs);
    cursor_clear(&l.at);
}
