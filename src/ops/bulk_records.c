/* Reading the records that lines of files made. They are read by user, because the index of a
 * user's jobs holds all records that mvpdash writes (they have userId and createdAt); a table that
 * is small, or has no such index, is read once as a whole. The table is first asked what indexes it
 * has: an index that holds less than was asked for answers with nothing, and not always with an
 * error. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "aws/dynamodb.h"
#include "bulk_past.h"
#include "core/alloc.h"
#include "core/json.h"
#include "core/text.h"
#include "ops/follow.h"
#include "parallel.h"

enum {
    PAGES_MAX = 200, /* pages of a megabyte, of one user or of a table without the index */
    SMALL_PAGES = 4, /* pages of a table that was small when AWS last counted its items */
    SMALL_ITEMS = 1000
};

struct asking {
    const struct ops *o;
    const char *const *users;
    bool whole;           /* the index holds all attributes */
    atomic_bool ended;    /* something failed: nothing more is asked for */
    pthread_mutex_t lock; /* guards the calls of `found`, and `failed` and `err` */
    bulk_record_fn found;
    void *arg;
    bool failed;
    struct err err;
};

/* Reads the records that an index names which holds only keys. */
static enum err_code read_whole(struct asking *a, const cJSON *keys, cJSON **items, struct err *e)
{
    size_t n = 0;
    const char **ids = xcalloc((size_t)cJSON_GetArraySize(keys) + 1, sizeof *ids);
    const cJSON *item;

    cJSON_ArrayForEach(item, keys)
    {
        ids[n] = attr_str(item, "jobId");
        n += ids[n] != NULL;
    }
    const struct ddb_batch_get g = {
        .table = a->o->table, .key_name = "jobId", .ids = ids, .ids_len = n, .consistent = true};
    enum err_code rc = n == 0 ? E_OK : ddb_batch_get(a->o->aws, &g, items, e);
    free(ids);
    return rc;
}

static void hand_over(struct asking *a, const cJSON *items)
{
    const cJSON *item;

    (void)pthread_mutex_lock(&a->lock);
    cJSON_ArrayForEach(item, items)
    {
        a->found(a->arg, item);
    }
    (void)pthread_mutex_unlock(&a->lock);
}

static cJSON *record_names(void)
{
    cJSON *names = json_new_object();

    json_set_str(names, "#i", "jobId");
    json_set_str(names, "#s", "status");
    json_set_str(names, "#c", "createdAt");
    json_set_str(names, "#b", DEPLOY_BULK_LINE);
    return names;
}

/* Reads a page of a user's records; `*start` moves to the next page, and is NULL after the last
 * one. */
static enum err_code read_page(struct asking *a, const char *user, cJSON **start, struct err *e)
{
    cJSON *names = a->whole ? record_names() : json_new_object();
    cJSON *values = json_new_object();
    cJSON *items = NULL;
    struct ddb_page p = {0};

    json_set_str(names, "#u", "userId");
    json_set_str(names, "#i", "jobId");
    json_set(values, ":u", attr_new_str(user));
    const struct ddb_read r = {.table = a->o->table,
                               .index = "user-jobs-index",
                               .key_condition = "#u = :u",
                               .filter = a->whole ? "attribute_exists(#b)" : NULL,
                               .projection = a->whole ? "#i,#s,#c,#b" : "#i",
                               .names = names,
                               .values = values,
                               .start = *start,
                               .newest_first = true};
    enum err_code rc = ddb_query(a->o->aws, &r, &p, e);
    if (rc == E_OK) {
        cJSON_Delete(*start);
        *start = p.last_key;
        p.last_key = NULL; /* moved */
        rc = a->whole ? E_OK : read_whole(a, p.items, &items, e);
    }
    if (rc == E_OK) {
        hand_over(a, a->whole ? p.items : items);
    }
    cJSON_Delete(items);
    ddb_page_clear(&p);
    cJSON_Delete(names);
    cJSON_Delete(values);
    return rc;
}

static enum err_code ask_user(struct asking *a, const char *user, struct err *e)
{
    cJSON *start = NULL;
    enum err_code rc = E_OK;
    int pages = 0;

    do {
        rc = pages++ == PAGES_MAX
                 ? err_set(e, E_TOO_BIG, "user %.*s has too many jobs to look through",
                           text_cut(user, 80), user)
                 : read_page(a, user, &start, e);
    } while (rc == E_OK && start != NULL);
    cJSON_Delete(start);
    return rc;
}

/* Reads the whole table as it is now. */
static enum err_code scan(struct asking *a, int pages_max, struct err *e)
{
    cJSON *names = record_names();
    cJSON *start = NULL;
    enum err_code rc = E_OK;
    int pages = 0;

    do {
        struct ddb_page p = {0};
        const struct ddb_read r = {.table = a->o->table,
                                   .filter = "attribute_exists(#b)",
                                   .projection = "#i,#s,#c,#b",
                                   .names = names,
                                   .start = start,
                                   .consistent = true};
        /* each page has the time of an operation of its own: a large table takes long */
        int64_t begun = ops_begin(a->o);
        rc = pages++ == pages_max
                 ? err_set(e, E_TOO_BIG, "table %.*s has too many jobs to look through",
                           text_cut(a->o->table, 80), a->o->table)
                 : ddb_scan(a->o->aws, &r, &p, e);
        ops_end(begun);
        cJSON_Delete(start);
        start = NULL;
        if (rc == E_OK) {
            hand_over(a, p.items);
            start = p.last_key;
            p.last_key = NULL; /* moved */
        }
        ddb_page_clear(&p);
    } while (rc == E_OK && start != NULL);
    cJSON_Delete(start);
    cJSON_Delete(names);
    return rc;
}

/* Asks for the records of one user; after the first failure nothing more is asked for. */
static void ask_piece(void *arg, size_t i)
{
    struct asking *a = arg;
    struct err e = {0};

    if (atomic_load(&a->ended)) {
        return;
    }
    int64_t begun = ops_begin(a->o);
    enum err_code rc = ask_user(a, a->users[i], &e);
    ops_end(begun);
    if (rc != E_OK) {
        (void)pthread_mutex_lock(&a->lock);
        a->err = a->failed ? a->err : e;
        a->failed = true;
        (void)pthread_mutex_unlock(&a->lock);
        atomic_store(&a->ended, true);
    }
}

enum err_code bulk_records(const struct ops *o, const char *const *users, size_t len,
                           bulk_record_fn found, void *arg, struct err *e)
{
    struct asking a = {
        .o = o, .users = users, .lock = PTHREAD_MUTEX_INITIALIZER, .found = found, .arg = arg};
    struct table_info t;
    enum err_code rc = ops_table_info(o, &t, e);

    if (rc != E_OK) {
        return rc;
    }
    if (!t.user_index) {
        return scan(&a, PAGES_MAX, e);
    }
    if (t.item_count <= SMALL_ITEMS && scan(&a, SMALL_PAGES, NULL) == E_OK) {
        return E_OK;
    }
    a.whole = t.user_index_all;
    ops_parallel(len, ask_piece, &a);
    if (a.failed && e != NULL) {
        *e = a.err;
    }
    return a.failed ? a.err.code : E_OK;
}
