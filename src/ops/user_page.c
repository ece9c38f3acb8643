/* user_page.c - a user's jobs page by page, and the records that their index cannot hold. */
#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "aws/dynamodb.h"
#include "core/alloc.h"
#include "core/json.h"
#include "job_page.h"
#include "ops/list.h"

static const char index_name[] = "user-jobs-index";

void user_place_set(struct user_place *p, const char *created, const char *job_id)
{
    char *c = xstrdup(created);
    char *i = xstrdup(job_id);

    user_place_clear(p);
    *p = (struct user_place){.created = c, .job_id = i};
}

void user_place_clear(struct user_place *p)
{
    free(p->created);
    free(p->job_id);
    *p = (struct user_place){0};
}

void user_page_clear(struct user_page *p)
{
    for (size_t i = 0; i < p->len; i++) {
        job_free(p->jobs[i]);
        user_place_clear(&p->places[i]);
    }
    free(p->jobs);
    free(p->places);
    *p = (struct user_page){0};
}

/* Reads one page; where the server fails on paths into maps, asks for it again without such
 * paths. */
static enum err_code read_page(const struct ops *o, struct ddb_read *r, bool query,
                               struct ddb_page *p, struct err *e)
{
    enum err_code rc = query ? ddb_query(o->aws, r, p, e) : ddb_scan(o->aws, r, p, e);

    if (!jobs_paths_refused(rc, e, r->projection)) {
        return rc;
    }
    cJSON *names = job_projection_whole_names(r->names);
    struct ddb_read again = *r;
    again.projection = job_projection_whole(r->projection);
    again.names = names;
    rc = query ? ddb_query(o->aws, &again, p, e) : ddb_scan(o->aws, &again, p, e);
    cJSON_Delete(names);
    return rc;
}

static cJSON *start_key(const char *user_id, const struct user_place *after)
{
    if (after == NULL || after->created == NULL) {
        return NULL;
    }
    cJSON *key = json_new_object();
    json_set(key, "jobId", attr_new_str(after->job_id));
    json_set(key, "userId", attr_new_str(user_id));
    json_set(key, "createdAt", attr_new_str(after->created));
    return key;
}

/* Takes the items; the one that is over the limit only tells that there are more. */
static void take_items(struct ddb_page *p, bool whole, size_t limit, struct user_page *out)
{
    size_t n = (size_t)cJSON_GetArraySize(p->items);
    const cJSON *item;

    out->jobs = xcalloc(n + 1, sizeof(void *));
    out->places = xcalloc(n + 1, sizeof *out->places);
    cJSON_ArrayForEach(item, p->items)
    {
        const char *id = attr_str(item, "jobId");
        if (id != NULL && out->len == limit) {
            out->more = true;
        } else if (id != NULL) {
            user_place_set(&out->places[out->len], attr_str(item, "createdAt"), id);
            out->jobs[out->len++] = whole ? job_from_item(item) : NULL;
        }
    }
    out->more = out->more || (p->last_key != NULL && n <= limit);
}

static enum err_code fetch_whole(const struct ops *o, struct user_page *page, struct err *e)
{
    const char **ids = xcalloc(page->len + 1, sizeof *ids);
    enum err_code rc = E_OK;

    for (size_t i = 0; i < page->len; i++) {
        ids[i] = page->places[i].job_id;
    }
    for (size_t i = 0; i < page->len && rc == E_OK; i += 100) {
        size_t n = page->len - i < 100 ? page->len - i : 100;
        rc = ops_get_again(o, ids + i, n, false, page->jobs + i, e);
    }
    free(ids);
    return rc;
}

static enum err_code user_page(const struct ops *o, const char *user_id,
                               const struct user_place *after, int limit, bool whole,
                               struct user_page *out, struct err *e)
{
    cJSON *names = whole ? job_projection_names() : json_new_object();
    cJSON *values = json_new_object();
    cJSON *start = start_key(user_id, after);
    struct ddb_page p = {0};
    struct ddb_read r = {.table = o->table,
                         .index = index_name,
                         .key_condition = "#qu = :u",
                         .projection = whole ? job_projection() : "#qi,#qc",
                         .names = names,
                         .values = values,
                         .start = start,
                         .limit = limit + 1,
                         .newest_first = true};

    *out = (struct user_page){0};
    json_set_str(names, "#qu", "userId");
    if (!whole) {
        json_set_str(names, "#qi", "jobId");
        json_set_str(names, "#qc", "createdAt");
    }
    json_set(values, ":u", attr_new_str(user_id));
    enum err_code rc = read_page(o, &r, true, &p, e);
    if (rc == E_OK) {
        take_items(&p, whole, (size_t)limit, out);
        rc = whole ? E_OK : fetch_whole(o, out, e);
    }
    if (rc != E_OK) {
        user_page_clear(out);
    }
    ddb_page_clear(&p);
    cJSON_Delete(names);
    cJSON_Delete(values);
    cJSON_Delete(start);
    return rc;
}

enum err_code ops_user_page(const struct ops *o, const char *user_id,
                            const struct user_place *after, int limit, bool whole,
                            struct user_page *out, struct err *e)
{
    int64_t begun = ops_begin(o);
    enum err_code rc = user_page(o, user_id, after, limit, whole, out, e);

    ops_end(begun);
    return rc;
}

enum err_code ops_scan_slowly(const struct ops *o, const struct slow_scan *s, struct err *e)
{
    cJSON *names = job_projection_names();
    cJSON *start = NULL;
    enum err_code rc = E_OK;
    struct ddb_read r = {.table = o->table, .projection = job_projection(), .names = names};

    cJSON *values = s->unindexed ? jobs_only_unindexed(&r, names) : NULL;
    do {
        struct ddb_page p = {0};
        r.start = start;
        rc = read_page(o, &r, false, &p, e);
        cJSON_Delete(start);
        start = NULL;
        if (rc == E_OK) {
            rc = jobs_hand_over(p.items, s->page, s->arg, e); /* takes the items */
            p.items = NULL;
            start = p.last_key;
            p.last_key = NULL; /* moved */
        }
        ddb_page_clear(&p);
        if (rc == E_OK && start != NULL && !s->rest(s->arg)) {
            rc = err_set(e, E_CANCELLED, "stopped reading");
        }
    } while (rc == E_OK && start != NULL);
    cJSON_Delete(start);
    cJSON_Delete(values);
    cJSON_Delete(names);
    return rc;
}

/* Puts the job of each item into the place of its id. */
static void place_items(const cJSON *items, const char *const *ids, size_t len, bool unindexed,
                        struct job **out)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, items)
    {
        const char *id = attr_str(item, "jobId");
        const char *indexed = attr_str(item, "createdAt");
        for (size_t i = 0; id != NULL && i < len; i++) {
            if (out[i] == NULL && strcmp(ids[i], id) == 0 &&
                !(unindexed && indexed != NULL && *indexed != '\0')) {
                out[i] = job_from_item(item);
            }
        }
    }
}

enum err_code ops_get_again(const struct ops *o, const char *const *ids, size_t len, bool unindexed,
                            struct job **out, struct err *e)
{
    cJSON *names = job_projection_names();
    cJSON *items = NULL;
    struct ddb_batch_get g = {.table = o->table,
                              .key_name = "jobId",
                              .ids = ids,
                              .ids_len = len,
                              .projection = job_projection(),
                              .names = names};
    struct err local = {0};

    if (len == 0) {
        cJSON_Delete(names);
        return E_OK;
    }
    e = e == NULL ? &local : e;
    enum err_code rc = ddb_batch_get(o->aws, &g, &items, e);
    if (jobs_paths_refused(rc, e, g.projection)) {
        cJSON *fewer = job_projection_whole_names(names);
        g.projection = job_projection_whole(g.projection);
        g.names = fewer;
        rc = ddb_batch_get(o->aws, &g, &items, e);
        cJSON_Delete(fewer);
    }
    if (rc == E_OK) {
        place_items(items, ids, len, unindexed, out);
    }
    cJSON_Delete(items);
    cJSON_Delete(names);
    return rc;
}
