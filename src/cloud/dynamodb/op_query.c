/* DynamoDB of the local cloud: many items: Query and Scan, over a table or an index.
 *
 * DESIGN: both read one contiguous range of ddb_entry in the order of its primary key, so a page is
 * a range scan, and the next page begins after the last row's key (whether that item still exists
 * or not). Without filter and projection the stored JSON text goes into the reply as it is; for a
 * projection of top-level names, members are cut out of the text; only filters and deep paths parse
 * the text. */
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "ddb_read.h"

#define COLUMNS                                                                                    \
    "SELECT e.size,i.doc FROM ddb_entry e CROSS JOIN ddb_item i ON i.id=e.item WHERE "             \
    "e.index_id=?1"

static sqlite3_stmt *query_rows(const struct ddb_read_call *c)
{
#define PARTITION COLUMNS " AND e.bucket=?2 AND e.hash=?3"
    static const char *const sql[2][2] = {
        {PARTITION " AND e.sort>=?4 AND e.sort<?5 ORDER BY e.sort,e.tie",
         PARTITION " AND (e.sort,e.tie)>(?6,?7) AND e.sort<?5 ORDER BY e.sort,e.tie"           },
        {PARTITION " AND e.sort>=?4 AND e.sort<?5 ORDER BY e.sort DESC,e.tie DESC",
         PARTITION " AND (e.sort,e.tie)<(?6,?7) AND e.sort>=?4 ORDER BY e.sort DESC,e.tie DESC"},
    };
    sqlite3_stmt *q = cloud_stmt(c->cloud, sql[c->backward][c->has_start]);

    (void)sqlite3_bind_blob(q, 3, strbuf_str(&c->hash), (int)c->hash.len, SQLITE_STATIC);
    (void)sqlite3_bind_blob(q, 4, strbuf_str(&c->low), (int)c->low.len, SQLITE_STATIC);
    (void)sqlite3_bind_blob(q, 5, strbuf_str(&c->high), (int)c->high.len, SQLITE_STATIC);
    if (c->has_start) {
        (void)sqlite3_bind_blob(q, 6, strbuf_str(&c->start.sort), (int)c->start.sort.len,
                                SQLITE_STATIC);
        (void)sqlite3_bind_blob(q, 7, strbuf_str(&c->start.tie), (int)c->start.tie.len,
                                SQLITE_STATIC);
    }
    return q;
#undef PARTITION
}

static sqlite3_stmt *scan_rows(const struct ddb_read_call *c)
{
    sqlite3_stmt *q = c->has_start
                          ? cloud_stmt(c->cloud, COLUMNS
                                       " AND (e.bucket,e.hash,e.sort,e.tie)>(?2,?4,?5,?6)"
                                       " AND e.bucket<=?3 ORDER BY e.bucket,e.hash,e.sort,e.tie")
                          : cloud_stmt(c->cloud, COLUMNS " AND e.bucket>=?2 AND e.bucket<=?3"
                                                         " ORDER BY e.bucket,e.hash,e.sort,e.tie");

    (void)sqlite3_bind_int64(q, 3, c->last_bucket);
    if (c->has_start) {
        (void)sqlite3_bind_blob(q, 4, strbuf_str(&c->start.hash), (int)c->start.hash.len,
                                SQLITE_STATIC);
        (void)sqlite3_bind_blob(q, 5, strbuf_str(&c->start.sort), (int)c->start.sort.len,
                                SQLITE_STATIC);
        (void)sqlite3_bind_blob(q, 6, strbuf_str(&c->start.tie), (int)c->start.tie.len,
                                SQLITE_STATIC);
    }
    return q;
}

/* Cuts the wanted members out of the stored text. */
static void add_slices(struct ddb_read_call *c, const char *doc, size_t len)
{
    struct ddb_slice s;
    size_t at = 0;
    bool first = true;

    strbuf_addc(&c->items, '{');
    while (ddb_text_next(doc, len, &at, &s)) {
        for (size_t i = 0; i < c->projection.len; i++) {
            if (strlen(c->quoted[i]) == s.name_len &&
                memcmp(c->quoted[i], s.name, s.name_len) == 0) {
                strbuf_adds(&c->items, first ? "" : ",");
                strbuf_add(&c->items, s.whole, s.whole_len);
                first = false;
                break;
            }
        }
    }
    strbuf_addc(&c->items, '}');
}

static void add_tree(struct ddb_read_call *c, const cJSON *item)
{
    cJSON *part = c->projection.len > 0
                      ? ddb_expr_project(c->projection.paths, c->projection.len, item)
                      : NULL;
    char *text = json_text(part == NULL ? item : part);

    strbuf_adds(&c->items, text);
    free(text);
    cJSON_Delete(part);
}

/* Leaves only the attributes that the index holds. */
static void narrow_to_index(const struct ddb_read_call *c, cJSON *item)
{
    for (cJSON *v = item->child; v != NULL;) {
        cJSON *next = v->next;
        if (!ddb_index_has(c->t, c->x, v->string)) {
            cJSON_Delete(cJSON_DetachItemViaPointer(item, v));
        }
        v = next;
    }
}

/* Takes one row of the range: counts it, filters it, adds it to the page. False with `r` failed. */
static bool take_row(struct ddb_read_call *c, const char *doc, size_t len, size_t size)
{
    bool partial = c->x->projection != DDB_PROJECT_ALL;
    /* A local index fetches the attributes that it lacks from the table, unless only its own part
     * is asked for. */
    bool narrow = partial && (c->x->global || c->select == SELECT_PROJECTED);
    bool cheap = c->filter == NULL && !narrow && (c->projection.len == 0 || c->quoted != NULL);
    cJSON *item = NULL;
    bool match = true;

    if (!cheap) {
        item = json_parse(doc, len, "stored item", NULL);
        if (item == NULL) {
            cloud_fail(c->r, 500, "InternalServerError", "A stored item cannot be read");
            return false;
        }
    }
    if (narrow) {
        narrow_to_index(c, item);
        size = ddb_item_size(item);
    }
    match = c->filter == NULL || ddb_expr_eval(c->filter, item);
    c->scanned++;
    c->bytes += size;
    if (match && c->count++ > 0 && c->select != SELECT_COUNT) {
        strbuf_addc(&c->items, ',');
    }
    if (match && c->select != SELECT_COUNT) {
        if (c->quoted != NULL && !narrow) {
            add_slices(c, doc, len);
        } else if (c->projection.len == 0 && !narrow) {
            strbuf_add(&c->items, doc, len);
        } else {
            add_tree(c, item);
        }
    }
    cJSON_Delete(item);
    return true;
}

static bool page_full(const struct ddb_read_call *c)
{
    return c->bytes >= DDB_PAGE_MAX || (c->limit > 0 && c->scanned >= c->limit);
}

static bool read_page(struct ddb_read_call *c)
{
    sqlite3_stmt *q = c->query ? query_rows(c) : scan_rows(c);
    uint32_t from = !c->query && c->has_start ? c->start.bucket : c->first_bucket;
    int rc = SQLITE_DONE;
    bool good = true;

    (void)sqlite3_bind_int64(q, 1, c->x->id);
    (void)sqlite3_bind_int64(q, 2, from);
    while (good && !page_full(c) && (rc = sqlite3_step(q)) == SQLITE_ROW) {
        const char *doc = (const char *)sqlite3_column_text(q, 1);
        size_t len = (size_t)sqlite3_column_bytes(q, 1);
        good = take_row(c, doc, len, (size_t)sqlite3_column_int64(q, 0));
        if (good && page_full(c) && !ddb_read_one_item(c)) {
            cJSON *item = json_parse(doc, len, "stored item", NULL);
            c->last = item == NULL ? NULL : ddb_key_of(c->t, c->x, item);
            cJSON_Delete(item);
        }
    }
    if (good && rc != SQLITE_ROW && rc != SQLITE_DONE) {
        cloud_fail(c->r, 500, "InternalServerError", "The stored items cannot be read");
        good = false;
    }
    cloud_stmt_done(c->cloud, q);
    return good;
}

/* ---- replies ---------------------------------------------------------------------------- */

static void write_page(struct ddb_read_call *c)
{
    struct ddb_units units = ddb_units_new(c->t);
    cJSON *out = json_new_object();

    units.items[c->x - c->t->indexes] = ddb_read_units(c->bytes, c->consistent);
    cJSON *capacity = ddb_capacity(c->t, &units, c->capacity);
    if (c->select != SELECT_COUNT) {
        struct strbuf list = STRBUF_INIT;
        strbuf_addc(&list, '[');
        strbuf_add(&list, strbuf_str(&c->items), c->items.len);
        strbuf_addc(&list, ']');
        json_set(out, "Items", cJSON_CreateRaw(strbuf_str(&list)));
        strbuf_clear(&list);
        c->r->raw = true;
    }
    json_set_int(out, "Count", c->count);
    json_set_int(out, "ScannedCount", c->scanned);
    if (c->last != NULL) {
        json_set(out, "LastEvaluatedKey", c->last);
        c->last = NULL;
    }
    if (capacity != NULL) {
        c->r->raw = true;
        json_set(out, "ConsumedCapacity", capacity);
    }
    c->r->out = out;
    ddb_units_clear(&units);
}

static void run(struct ddb_read_call *c)
{
    if (ddb_read_params(c) && read_page(c)) {
        write_page(c);
    }
    ddb_read_clear(c);
}

void ddb_op_query(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    run(&(struct ddb_read_call){.cloud = cloud, .in = in, .r = r, .query = true});
}

void ddb_op_scan(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    run(&(struct ddb_read_call){.cloud = cloud, .in = in, .r = r});
}
