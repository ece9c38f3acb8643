/* Which log stream belongs to which job: the jobs by their records and by Batch, their streams from
 * Batch. A stream's name holds neither the job's id nor the Batch job's. */
#include "log_streams.h"

#include <stdlib.h>
#include <string.h>

#include "batch_find.h"
#include "batch_names.h"
#include "core/alloc.h"
#include "core/json.h"
#include "jobs/join.h"
#include "ops/follow.h"
#include "ops/list.h"
#include "reasons.h"

/* A container may write after its record says that the job is over, and its clock may be off. */
#define LATE_MS (INT64_C(24) * 3600 * 1000)

void log_streams_clear(struct log_streams *s)
{
    for (size_t i = 0; i < s->len; i++) {
        free(s->items[i]);
    }
    free(s->items);
    map_free(s->by_name, NULL);
    *s = (struct log_streams){0};
}

/* A newline is in the name of no group and no stream. */
static char *key_of(const char *group, const char *stream)
{
    return xasprintf("%s\n%s", group, stream);
}

const struct log_stream *log_streams_find(const struct log_streams *s, const char *group,
                                          const char *stream)
{
    char *key = key_of(group, stream);
    const struct log_stream *found = s->by_name == NULL ? NULL : map_find(s->by_name, key);

    free(key);
    return found;
}

/* Copies a text (NULL: "") to `*at`, which moves behind the copy. */
static const char *put(char **at, const char *text)
{
    const char *start = *at;
    size_t len = text == NULL ? 0 : strlen(text);

    memcpy(*at, text == NULL ? "" : text, len + 1);
    *at += len + 1;
    return text == NULL ? NULL : start;
}

static size_t room(const char *text)
{
    return text == NULL ? 1 : strlen(text) + 1;
}

/* Adds a stream that is new; `like` is borrowed. */
static void add(struct log_streams *s, const struct log_stream *like)
{
    if (like->stream == NULL || like->stream[0] == '\0' ||
        log_streams_find(s, like->group, like->stream) != NULL) {
        return;
    }
    struct log_stream *mine = xcalloc(1, sizeof *mine + room(like->group) + room(like->stream) +
                                             room(like->job_id) + room(like->batch_id));
    char *at = (char *)(mine + 1);
    *mine = *like;
    mine->group = put(&at, like->group);
    mine->stream = put(&at, like->stream);
    mine->job_id = put(&at, like->job_id);
    mine->batch_id = put(&at, like->batch_id);
    char *key = key_of(mine->group, mine->stream);
    s->by_name = s->by_name == NULL ? map_new() : s->by_name;
    (void)map_put(s->by_name, key, mine);
    free(key);
    s->items = xgrow(s->items, s->len, &s->cap, sizeof *s->items);
    s->items[s->len++] = mine;
}

/* ---- the jobs ---- */

/* A job and what is known of its Batch jobs. */
struct writer {
    const struct list_row *row;
    bool told; /* Batch told of one of its Batch jobs */
};

struct learning {
    const struct ops *o;
    struct log_streams *out;
    struct writer *writers; /* owned */
    size_t len;
    struct map *of_batch; /* Batch id -> the writer */
    char **ids;           /* owned: the keys of `of_batch`, in order */
    size_t ids_len, ids_cap;
};

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b; /* TIME_NONE is less than any time */
}

static bool may_have_written(const struct list_row *r, int64_t since_ms)
{
    int64_t end = later(job_ms(r->job, JOB_ENDED), job_ms(r->job, JOB_UPDATED));

    end = r->batch == NULL ? end : later(end, r->batch->stopped_ms);
    return !job_status_final((enum job_status)r->state.status) || end == TIME_NONE ||
           end + LATE_MS >= since_ms;
}

static void add_id(struct learning *l, const char *id, struct writer *w)
{
    if (id == NULL || id[0] == '\0' || map_find(l->of_batch, id) != NULL) {
        return;
    }
    l->ids = xgrow(l->ids, l->ids_len, &l->ids_cap, sizeof *l->ids);
    l->ids[l->ids_len++] = xstrdup(id);
    (void)map_put(l->of_batch, id, w);
}

/* All Batch jobs of a job: the one that its row has, the one that its record names, and those that
 * name the job. */
static void add_batch_ids(struct learning *l, struct writer *w)
{
    const struct list_row *r = w->row;
    struct batch_name *names = NULL;
    char key[BATCH_ID_SIZE];

    add_id(l, r->batch == NULL ? NULL : r->batch->id, w);
    add_id(l, job_text(r->job, JOB_BATCH_ID), w);
    size_t n = batch_names_of(l->o->names, r->job->id, &names);
    for (size_t i = 0; i < n; i++) {
        add_id(l, names[i].batch_id, w);
    }
    batch_names_list_free(names, n);
    if (job_batch_key(r->job->id, key)) {
        add_id(l, r->job->id, w);
    }
}

/* ---- the streams ---- */

static void take_batch_job(struct learning *l, const struct batch_job *b, struct writer *w)
{
    bool listed = false;
    struct log_stream s = {.group = b->log_group == NULL ? l->o->log_group : b->log_group,
                           .job_id = w->row->job->id,
                           .batch_id = b->id,
                           .child = b->array.index};

    w->told = true;
    for (size_t i = 0; i < b->attempts_len; i++) {
        s.stream = b->attempts[i].log_stream;
        s.attempt = (int)i + 1;
        listed = listed || (s.stream != NULL && b->log_stream != NULL &&
                            strcmp(s.stream, b->log_stream) == 0);
        add(l->out, &s);
    }
    if (!listed) { /* that of the container that runs */
        s.stream = b->log_stream;
        s.attempt = (int)b->attempts_len + 1;
        add(l->out, &s);
    }
}

/* Asks Batch about the ids from `from` on, and adds the ids of the children of array jobs. */
static void ask_batch(struct learning *l, size_t from)
{
    struct batch_job **jobs = NULL;
    size_t len = 0;
    struct err e = {0};
    size_t n = l->ids_len - from;

    if (n == 0) {
        return;
    }
    if (batch_details(l->o, (const char *const *)l->ids + from, n, &jobs, &len, NULL, &e) != E_OK &&
        l->out->jobs_err.code == E_OK) {
        l->out->jobs_err = e;
    }
    for (size_t i = 0; i < len; i++) {
        struct writer *w = map_find(l->of_batch, jobs[i]->id);
        if (w == NULL) {
            continue;
        }
        take_batch_job(l, jobs[i], w);
        for (int k = 0; k < jobs[i]->array.size; k++) {
            char *child = xasprintf("%s:%d", jobs[i]->id, k);
            add_id(l, child, w);
            free(child);
        }
    }
    batch_jobs_free(jobs, len);
}

/* Adds the streams that were seen of the job before. False when there are none. */
static bool remember(struct learning *l, const struct writer *w)
{
    cJSON *logs = reasons_load_logs(l->o, w->row->job->id);
    const cJSON *v;
    size_t before = l->out->len;

    cJSON_ArrayForEach(v, logs)
    {
        add(l->out, &(struct log_stream){.group = json_str_or(v, "group", l->o->log_group),
                                         .stream = json_str(v, "stream"),
                                         .job_id = w->row->job->id,
                                         .child = -1,
                                         .attempt = (int)json_int(v, "attempt", 0)});
    }
    cJSON_Delete(logs);
    return l->out->len > before;
}

static void learn(struct learning *l)
{
    for (size_t i = 0; i < l->len; i++) {
        add_batch_ids(l, &l->writers[i]);
    }
    size_t own = l->ids_len;
    ask_batch(l, 0);
    ask_batch(l, own); /* the children */
    for (size_t i = 0; i < l->len; i++) {
        const struct list_row *r = l->writers[i].row;
        /* Batch was asked and has no job: before the end of the job that means that there is no
         * container yet. */
        bool waits =
            r->asked && r->batch == NULL && !job_status_final((enum job_status)r->state.status);
        if (!l->writers[i].told && !remember(l, &l->writers[i]) && !waits) {
            l->out->not_known++;
        }
    }
}

static bool take_rows(void *arg, struct job **jobs, size_t len)
{
    struct list_result *r = arg;

    r->rows = xrealloc(r->rows, (r->len + len + 1) * sizeof *r->rows);
    for (size_t i = 0; i < len; i++) {
        r->rows[r->len++] = (struct list_row){.job = jobs[i]};
    }
    free(jobs);
    return true;
}

/* The jobs of these ids, as ops_list gives them. */
static enum err_code list_these(const struct ops *o, const struct log_streams_query *q,
                                struct list_result *r, struct err *e)
{
    *r = (struct list_result){0};
    enum err_code rc = ops_get_jobs(o, q->job_ids, q->job_ids_len, take_rows, r, e);
    if (rc != E_OK) {
        list_result_clear(r);
        return rc;
    }
    r->unknown = ops_merge_rows(o, r->rows, r->len, false, &r->batch_err);
    return E_OK;
}

enum err_code log_streams_learn(const struct ops *o, const struct log_streams_query *q,
                                struct log_streams *out, struct err *e)
{
    struct list_query ask = {.user_id = q->user_id,
                             .status = q->status,
                             .since_ms = TIME_NONE,
                             .progress = q->progress,
                             .arg = q->arg};
    struct list_result r;
    int64_t begun = ops_begin(o);

    *out = (struct log_streams){0};
    enum err_code rc = q->job_ids_len > 0 ? list_these(o, q, &r, e) : ops_list(o, &ask, &r, e);
    if (rc == E_OK) {
        struct learning l = {.o = o, .out = out, .of_batch = map_new()};
        l.writers = xcalloc(r.len + 1, sizeof *l.writers);
        for (size_t i = 0; i < r.len; i++) {
            if (may_have_written(&r.rows[i], q->since_ms)) {
                l.writers[l.len++] = (struct writer){.row = &r.rows[i]};
            }
        }
        out->jobs = l.len;
        if (q->job_ids_len > r.len) { /* a job without a record, or one that is gone */
            out->jobs += q->job_ids_len - r.len;
            out->not_known += q->job_ids_len - r.len;
        }
        out->jobs_err = r.join_err.code != E_OK ? r.join_err : r.batch_err;
        learn(&l);
        for (size_t i = 0; i < l.ids_len; i++) {
            free(l.ids[i]);
        }
        free(l.ids);
        free(l.writers);
        map_free(l.of_batch, NULL);
        list_result_clear(&r);
    }
    ops_end(begun);
    return rc;
}
