/* Reading many jobs: what the table offers, Scan, Query, BatchGetItem, and lists of Batch jobs. */
#include "ops/follow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "aws/dynamodb.h"
#include "batch_find.h"
#include "core/alloc.h"
#include "core/json.h"
#include "job_page.h"

/* The limits of these reads: a service whose pages bring nothing and never end must not hold
 * anybody up. */
enum { GET_AT_ONCE = 100, EMPTY_MAX = 100, DAY_MS = 24 * 3600 * 1000 };

/* ---- what the table offers ---- */

static const char *key_name(const cJSON *schema, const char *type)
{
    const cJSON *k;

    cJSON_ArrayForEach(k, json_array(schema, "KeySchema"))
    {
        if (strcmp(json_str_or(k, "KeyType", ""), type) == 0) {
            return json_str_or(k, "AttributeName", "");
        }
    }
    return "";
}

static bool index_is(const cJSON *index, const char *name, const char *hash, const char *range)
{
    return strcmp(json_str_or(index, "IndexName", ""), name) == 0 &&
           strcmp(json_str_or(index, "IndexStatus", "ACTIVE"), "ACTIVE") == 0 &&
           strcmp(key_name(index, "HASH"), hash) == 0 &&
           strcmp(key_name(index, "RANGE"), range) == 0;
}

static bool projects_all(const cJSON *index)
{
    return strcmp(json_str_or(json_object(index, "Projection"), "ProjectionType", ""), "ALL") == 0;
}

static enum err_code table_info(const struct ops *o, struct table_info *out, struct err *e)
{
    cJSON *t = NULL;
    const cJSON *index;
    enum err_code rc = ddb_describe_table(o->aws, o->table, &t, e);

    *out = (struct table_info){0};
    if (rc != E_OK) {
        return rc;
    }
    if (strcmp(key_name(t, "HASH"), "jobId") != 0 || key_name(t, "RANGE")[0] != '\0') {
        rc = err_set(e, E_CONFIG, "table %s has the key %s, not jobId alone: it is not a job table",
                     o->table, key_name(t, "HASH"));
        cJSON_Delete(t);
        return rc;
    }
    (void)snprintf(out->name, sizeof out->name, "%s", json_str_or(t, "TableName", o->table));
    (void)snprintf(out->status, sizeof out->status, "%s", json_str_or(t, "TableStatus", ""));
    (void)snprintf(out->arn, sizeof out->arn, "%s", json_str_or(t, "TableArn", ""));
    if (json_str(t, "TableId") != NULL) {
        (void)snprintf(out->id, sizeof out->id, "%s", json_str_or(t, "TableId", ""));
    } else { /* not every server tells the table's id */
        (void)snprintf(out->id, sizeof out->id, "%.3f",
                       cJSON_GetNumberValue(cJSON_GetObjectItem(t, "CreationDateTime")));
    }
    out->item_count = json_int(t, "ItemCount", 0);
    /* The ARN of a stream that was switched off stays for a day, but the stream brings nothing
     * new. */
    if (json_bool(json_object(t, "StreamSpecification"), "StreamEnabled", false)) {
        (void)snprintf(out->stream_arn, sizeof out->stream_arn, "%s",
                       json_str_or(t, "LatestStreamArn", ""));
    }
    cJSON_ArrayForEach(index, json_array(t, "GlobalSecondaryIndexes"))
    {
        if (index_is(index, "user-jobs-index", "userId", "createdAt")) {
            out->user_index = true;
            out->user_index_all = projects_all(index);
        } else if (index_is(index, "status-updatedAt-index", "status", "updatedAt")) {
            out->status_index = true;
            out->status_index_all = projects_all(index);
        }
    }
    cJSON_Delete(t);
    return E_OK;
}

enum err_code ops_table_info(const struct ops *o, struct table_info *out, struct err *e)
{
    int64_t begun = ops_begin(o);
    enum err_code rc = table_info(o, out, e);

    ops_end(begun);
    return rc;
}

/* ---- pages of records ---- */

/* Decodes items into jobs. Takes the array of items; the returned array (never NULL) and its jobs
 * are the caller's. */
static struct job **jobs_decode(cJSON *items, size_t *len)
{
    struct job **jobs = xcalloc((size_t)cJSON_GetArraySize(items) + 1, sizeof(void *));
    const cJSON *item;
    size_t n = 0;

    cJSON_ArrayForEach(item, items)
    {
        struct job *j = job_from_item(item);
        if (j != NULL) {
            jobs[n++] = j;
        }
    }
    cJSON_Delete(items);
    *len = n;
    return jobs;
}

static enum err_code hand_over(struct job **jobs, size_t len, jobs_page_fn page, void *arg,
                               struct err *e)
{
    if (len == 0) {
        free(jobs);
        return E_OK;
    }
    return page(arg, jobs, len) ? E_OK : err_set(e, E_CANCELLED, "stopped reading");
}

enum err_code jobs_hand_over(cJSON *items, jobs_page_fn page, void *arg, struct err *e)
{
    size_t len = 0;
    struct job **jobs = jobs_decode(items, &len);

    return hand_over(jobs, len, page, arg, e);
}

/* The jobs of one page, decoded as their items arrive. */
struct read_jobs {
    struct job **jobs;
    size_t len, cap;
};

static void read_job(void *arg, const cJSON *item)
{
    struct read_jobs *r = arg;
    struct job *j = job_from_item(item);

    if (j != NULL) {
        r->jobs = xgrow(r->jobs, r->len, &r->cap, sizeof(struct job *));
        r->jobs[r->len++] = j;
    }
}

static void read_jobs_drop(struct read_jobs *r)
{
    for (size_t i = 0; i < r->len; i++) {
        job_free(r->jobs[i]);
    }
    free(r->jobs);
}

cJSON *jobs_only_unindexed(struct ddb_read *r, cJSON *names)
{
    cJSON *values = json_new_object();

    json_set_str(names, "#lc", "createdAt");
    json_set(values, ":text", attr_new_str("S"));
    json_set(values, ":none", attr_new_str(""));
    r->filter = "NOT attribute_type(#lc, :text) OR #lc = :none";
    r->values = values;
    return values;
}

bool jobs_paths_refused(enum err_code rc, const struct err *e, const char *projection)
{
    return rc != E_OK && e->http_status == 500 && job_projection_whole(projection) != NULL;
}

enum err_code jobs_read_all(const struct ops *o, struct ddb_read *r, bool query, jobs_page_fn page,
                            void *arg, struct err *e)
{
    cJSON *start = NULL;
    cJSON *names = NULL;
    enum err_code rc = E_OK;
    struct err local = {0};
    int empty = 0;

    e = e == NULL ? &local : e;
    r->item = read_job;
    do {
        struct ddb_page p = {0};
        struct read_jobs read = {0};
        r->start = start;
        r->arg = &read;
        rc = query ? ddb_query(o->aws, r, &p, e) : ddb_scan(o->aws, r, &p, e);
        if (jobs_paths_refused(rc, e, r->projection)) {
            names = job_projection_whole_names(r->names);
            r->projection = job_projection_whole(r->projection);
            r->names = names;
            rc = query ? ddb_query(o->aws, r, &p, e) : ddb_scan(o->aws, r, &p, e);
        }
        cJSON_Delete(start);
        start = NULL;
        if (rc == E_OK) {
            rc = hand_over(read.jobs, read.len, page, arg, e); /* takes the jobs */
            start = p.last_key;
            p.last_key = NULL; /* moved */
            empty = read.len > 0 || p.scanned > 0 ? 0 : empty + 1;
        } else {
            read_jobs_drop(&read);
        }
        ddb_page_clear(&p);
        if (rc == E_OK && start != NULL && empty >= EMPTY_MAX) {
            rc = err_set(e, E_SERVICE, "DynamoDB gives empty pages of table %s without an end",
                         r->table);
        }
    } while (rc == E_OK && start != NULL);
    cJSON_Delete(start);
    cJSON_Delete(names);
    r->start = NULL;
    r->names = NULL;
    return rc;
}

enum err_code ops_scan_jobs(const struct ops *o, int segment, int segments, jobs_page_fn page,
                            void *arg, struct err *e)
{
    cJSON *names = job_projection_names();
    struct ddb_read r = {.table = o->table,
                         .projection = job_projection(),
                         .names = names,
                         .segment = segment,
                         .total_segments = segments > 1 ? segments : 0};
    enum err_code rc = jobs_read_all(o, &r, false, page, arg, e);

    cJSON_Delete(names);
    return rc;
}

/* Fetches the records of a page that holds only keys. */
struct by_id {
    const struct ops *o;
    jobs_page_fn page;
    void *arg;
    struct err *e;
    enum err_code rc;
};

static bool fetch_page(void *arg, struct job **jobs, size_t len)
{
    struct by_id *b = arg;
    const char **ids = xcalloc(len, sizeof *ids);

    for (size_t i = 0; i < len; i++) {
        ids[i] = jobs[i]->id;
    }
    b->rc = ops_get_jobs(b->o, ids, len, b->page, b->arg, b->e);
    free(ids);
    for (size_t i = 0; i < len; i++) {
        job_free(jobs[i]);
    }
    free(jobs);
    return b->rc == E_OK;
}

static enum err_code query_index(const struct ops *o, struct ddb_read *r, bool whole,
                                 jobs_page_fn page, void *arg, struct err *e)
{
    cJSON *names = json_copy(r->names);
    enum err_code rc;

    r->names = names;
    if (whole) {
        cJSON *more = job_projection_names();
        while (more->child != NULL) {
            cJSON *v = cJSON_DetachItemViaPointer(more, more->child);
            json_set(names, v->string, v);
        }
        cJSON_Delete(more);
        r->projection = job_projection();
        rc = jobs_read_all(o, r, true, page, arg, e);
    } else {
        struct by_id b = {.o = o, .page = page, .arg = arg, .e = e};
        json_set_str(names, "#id", "jobId");
        r->projection = "#id";
        rc = jobs_read_all(o, r, true, fetch_page, &b, e);
        rc = b.rc != E_OK ? b.rc : rc;
    }
    cJSON_Delete(names);
    return rc;
}

enum err_code ops_query_status(const struct ops *o, const char *status_word, int64_t since_ms,
                               bool whole, jobs_page_fn page, void *arg, struct err *e)
{
    cJSON *names = json_new_object();
    cJSON *values = json_new_object();
    char at[TIME_ISO_SIZE];
    struct ddb_read r = {.table = o->table,
                         .index = "status-updatedAt-index",
                         .key_condition = "#qs = :s",
                         .names = names,
                         .values = values};

    json_set_str(names, "#qs", "status");
    json_set(values, ":s", attr_new_str(status_word));
    if (since_ms != TIME_NONE) {
        r.key_condition = "#qs = :s AND #qu >= :u";
        json_set_str(names, "#qu", "updatedAt");
        (void)time_iso(since_ms, at);
        if (since_ms % DAY_MS == 0) {
            at[strcspn(at, "T")] = '\0'; /* as text, a date sorts before all times of that date */
        }
        json_set(values, ":u", attr_new_str(at));
    }
    enum err_code rc = query_index(o, &r, whole, page, arg, e);
    cJSON_Delete(names);
    cJSON_Delete(values);
    return rc;
}

enum err_code ops_query_user(const struct ops *o, const char *user_id, bool whole,
                             jobs_page_fn page, void *arg, struct err *e)
{
    cJSON *names = json_new_object();
    cJSON *values = json_new_object();
    struct ddb_read r = {.table = o->table,
                         .index = "user-jobs-index",
                         .key_condition = "#qu = :u",
                         .names = names,
                         .values = values,
                         .newest_first = true};

    json_set_str(names, "#qu", "userId");
    json_set(values, ":u", attr_new_str(user_id));
    enum err_code rc = query_index(o, &r, whole, page, arg, e);
    cJSON_Delete(names);
    cJSON_Delete(values);
    return rc;
}

enum err_code ops_get_jobs(const struct ops *o, const char *const *ids, size_t len,
                           jobs_page_fn page, void *arg, struct err *e)
{
    cJSON *names = job_projection_names();
    const char *projection = job_projection();
    enum err_code rc = E_OK;
    struct err local = {0};

    e = e == NULL ? &local : e;
    for (size_t i = 0; rc == E_OK && i < len; i += GET_AT_ONCE) {
        cJSON *items = NULL;
        struct ddb_batch_get g = {.table = o->table,
                                  .key_name = "jobId",
                                  .ids = ids + i,
                                  .ids_len = len - i < GET_AT_ONCE ? len - i : GET_AT_ONCE,
                                  .projection = projection,
                                  .names = names,
                                  .consistent = true};
        rc = ddb_batch_get(o->aws, &g, &items, e);
        if (jobs_paths_refused(rc, e, projection)) {
            cJSON *fewer = job_projection_whole_names(names);
            cJSON_Delete(names);
            g.names = names = fewer;
            g.projection = projection = job_projection_whole(projection);
            rc = ddb_batch_get(o->aws, &g, &items, e);
        }
        if (rc == E_OK) {
            rc = jobs_hand_over(items, page, arg, e);
        }
    }
    cJSON_Delete(names);
    return rc;
}

/* ---- Batch ---- */

static enum err_code list_batch(const struct ops *o, int64_t since_ms, batch_page_fn page,
                                void *arg, struct err *e)
{
    return batch_list(o, since_ms == TIME_NONE ? 1 : since_ms, page, arg, e);
}

enum err_code ops_list_batch(const struct ops *o, int64_t since_ms, batch_page_fn page, void *arg,
                             struct err *e)
{
    int64_t begun = ops_begin(o);
    enum err_code rc = list_batch(o, since_ms, page, arg, e);

    ops_end(begun);
    return rc;
}

static enum err_code describe_batch(const struct ops *o, const char *const *batch_ids, size_t len,
                                    batch_page_fn page, void *arg, struct err *e)
{
    for (size_t i = 0; i < len; i += GET_AT_ONCE) {
        size_t n = len - i < GET_AT_ONCE ? len - i : GET_AT_ONCE;
        struct batch_job **jobs = NULL;
        size_t got = 0;
        enum err_code rc = batch_details(o, batch_ids + i, n, &jobs, &got, NULL, e);
        if (rc != E_OK) {
            batch_jobs_free(jobs, got);
            return rc;
        }
        if (got == 0) {
            free(jobs);
        } else if (!page(arg, jobs, got)) {
            return err_set(e, E_CANCELLED, "stopped reading");
        }
    }
    return E_OK;
}

enum err_code ops_describe_batch(const struct ops *o, const char *const *batch_ids, size_t len,
                                 batch_page_fn page, void *arg, struct err *e)
{
    int64_t begun = ops_begin(o);
    enum err_code rc = describe_batch(o, batch_ids, len, page, arg, e);

    ops_end(begun);
    return rc;
}
