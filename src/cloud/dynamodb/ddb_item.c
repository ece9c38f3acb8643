/* DynamoDB of the local cloud: checking items, their stored form, and writing an item with
 * everything that follows from the write. */
#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "core/json.h"
#include "core/map.h"
#include "ddb.h"
#include "ddb_ttl.h"
#include "expr.h"

enum { NAME_MAX_BYTES = 65535, FEW_NAMES = 24 };

/* ---- checks ----------------------------------------------------------------------------- */

static bool has_duplicates(const cJSON *object)
{
    bool found = false;

    if (cJSON_GetArraySize(object) <= FEW_NAMES) {
        for (const cJSON *v = object->child; v != NULL && !found; v = v->next) {
            found = json_get(object, v->string) != v;
        }
        return found;
    }
    struct map *seen = map_new();
    for (const cJSON *v = object->child; v != NULL && !found; v = v->next) {
        found = map_put(seen, v->string, seen) != NULL;
    }
    map_free(seen, NULL);
    return found;
}

/* Checks the names inside an object, and inside the maps and lists below it. The values are
 * valid. */
static enum err_code check_names(const cJSON *object, struct err *e)
{
    bool named = cJSON_IsObject(object);

    if (named && has_duplicates(object)) {
        return err_set(e, E_PARSE, "Duplicate attribute names in a structure or map");
    }
    for (const cJSON *v = object->child; v != NULL; v = v->next) {
        enum attr_type t = attr_type_of(v);
        if (named && strlen(v->string) > NAME_MAX_BYTES) {
            return err_set(e, E_INVALID,
                           "One or more parameter values were invalid: Attribute name is too "
                           "large, must be less than 65536 bytes");
        }
        if (t == ATTR_M || t == ATTR_L) {
            enum err_code rc = check_names(attr_value(v), e);
            if (rc != E_OK) {
                return rc;
            }
        }
    }
    return E_OK;
}

enum err_code ddb_item_check(const struct ddb_table *t, const cJSON *item, struct err *e)
{
    const cJSON *av = NULL;

    cJSON_ArrayForEach(av, item)
    {
        if (av->string[0] == '\0') {
            return err_set(e, E_INVALID,
                           "One or more parameter values were invalid: Empty attribute name");
        }
        enum err_code rc = attr_validate(av, e);
        if (rc != E_OK) {
            return rc;
        }
    }
    enum err_code rc = check_names(item, e);
    return rc != E_OK ? rc : ddb_item_check_keys(t, item, NULL, e);
}

/* ---- stored text ------------------------------------------------------------------------ */

/* The place after the string whose opening quote is at `at`. This program printed the text. */
static size_t skip_string(const char *s, size_t len, size_t at)
{
    at++;
    while (at < len && s[at] != '"') {
        at += s[at] == '\\' ? 2 : 1;
    }
    return at + 1;
}

bool ddb_text_next(const char *s, size_t len, size_t *at, struct ddb_slice *out)
{
    size_t i = *at == 0 ? 1 : *at; /* the place after the brace */
    size_t depth = 0;

    if (i < len && s[i] == ',') {
        i++;
    }
    if (i >= len || s[i] != '"') {
        return false;
    }
    size_t end = skip_string(s, len, i);
    *out = (struct ddb_slice){.name = s + i, .name_len = end - i, .whole = s + i};
    for (i = end; i < len; i++) {
        char c = s[i];
        if (c == '"') {
            i = skip_string(s, len, i) - 1;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if ((c == '}' || c == ']') && --depth == 0) {
            i++;
            break;
        }
    }
    if (i > len) {
        return false;
    }
    out->whole_len = i - (size_t)(out->whole - s);
    *at = i;
    return true;
}

/* ---- rows ------------------------------------------------------------------------------- */

static void bind_pos(sqlite3_stmt *q, int first, const struct ddb_pos *p)
{
    (void)sqlite3_bind_int64(q, first, p->bucket);
    (void)sqlite3_bind_blob(q, first + 1, strbuf_str(&p->hash), (int)p->hash.len, SQLITE_STATIC);
    (void)sqlite3_bind_blob(q, first + 2, strbuf_str(&p->sort), (int)p->sort.len, SQLITE_STATIC);
    (void)sqlite3_bind_blob(q, first + 3, strbuf_str(&p->tie), (int)p->tie.len, SQLITE_STATIC);
}

bool ddb_row_get(struct cloud *cloud, const struct ddb_table *t, const cJSON *key,
                 struct ddb_row *out, struct cloud_reply *r)
{
    struct ddb_pos pos;
    bool good = true;

    *out = (struct ddb_row){0};
    if (!ddb_pos_of(t, &t->indexes[0], key, &pos)) {
        return true;
    }
    sqlite3_stmt *q = cloud_stmt(
        cloud, "SELECT i.id,e.size,i.doc FROM ddb_entry e JOIN ddb_item i ON i.id=e.item"
               " WHERE e.index_id=?1 AND e.bucket=?2 AND e.hash=?3 AND e.sort=?4 AND e.tie=?5");
    (void)sqlite3_bind_int64(q, 1, t->indexes[0].id);
    bind_pos(q, 2, &pos);
    int rc = sqlite3_step(q);
    if (rc == SQLITE_ROW) {
        struct err e;
        const char *doc = (const char *)sqlite3_column_text(q, 2);
        out->item = json_parse(doc, (size_t)sqlite3_column_bytes(q, 2), "stored item", &e);
        out->id = sqlite3_column_int64(q, 0);
        out->size = (size_t)sqlite3_column_int64(q, 1);
        out->found = good = out->item != NULL;
    } else {
        good = rc == SQLITE_DONE;
    }
    cloud_stmt_done(cloud, q);
    ddb_pos_clear(&pos);
    if (!good) {
        cloud_fail(r, 500, "InternalServerError", "The stored item cannot be read");
    }
    return good;
}

void ddb_row_clear(struct ddb_row *row)
{
    cJSON_Delete(row->item);
    *row = (struct ddb_row){0};
}

static bool add_entry(struct cloud *cloud, const struct ddb_index *x, const struct ddb_pos *pos,
                      int64_t item, size_t size, struct cloud_reply *r)
{
    sqlite3_stmt *q = cloud_stmt(
        cloud, "INSERT INTO ddb_entry(index_id,bucket,hash,sort,tie,item,size)"
               " VALUES(?1,?2,?3,?4,?5,?6,?7) ON CONFLICT DO UPDATE SET size=excluded.size");

    (void)sqlite3_bind_int64(q, 1, x->id);
    bind_pos(q, 2, pos);
    (void)sqlite3_bind_int64(q, 6, item);
    (void)sqlite3_bind_int64(q, 7, (sqlite3_int64)size);
    return cloud_step_done(cloud, q, r);
}

static bool drop_entry(struct cloud *cloud, const struct ddb_index *x, const struct ddb_pos *pos,
                       struct cloud_reply *r)
{
    sqlite3_stmt *q = cloud_stmt(cloud, "DELETE FROM ddb_entry WHERE index_id=?1 AND bucket=?2 AND "
                                        "hash=?3 AND sort=?4 AND tie=?5");

    (void)sqlite3_bind_int64(q, 1, x->id);
    bind_pos(q, 2, pos);
    return cloud_step_done(cloud, q, r);
}

static bool same_pos(const struct ddb_pos *a, const struct ddb_pos *b)
{
    return a->hash.len == b->hash.len && a->sort.len == b->sort.len &&
           memcmp(strbuf_str(&a->hash), strbuf_str(&b->hash), a->hash.len) == 0 &&
           memcmp(strbuf_str(&a->sort), strbuf_str(&b->sort), a->sort.len) == 0;
}

/* A change of an item, as its entries in the indexes see it. */
struct item_change {
    const cJSON *old, *item; /* NULL: there was none, there is none any more */
    int64_t id;              /* write_doc tells it */
    size_t size;
    struct ddb_units *units; /* NULL: nobody counts */
};

/* Moves an item's entry in one index from the place of the old item to the place of the new one and
 * counts what that costs. */
static bool move_entry(struct cloud *cloud, const struct ddb_table *t, size_t index,
                       const struct item_change *m, struct cloud_reply *r)
{
    const struct ddb_index *x = &t->indexes[index];
    struct ddb_pos was = {0};
    struct ddb_pos is = {0};
    bool had = m->old != NULL && ddb_pos_of(t, x, m->old, &was);
    bool has = m->item != NULL && ddb_pos_of(t, x, m->item, &is);
    bool good = true;

    if (had && (!has || !same_pos(&was, &is))) {
        good = drop_entry(cloud, x, &was, r);
        if (m->units != NULL && index > 0) {
            m->units->items[index] += ddb_write_units(ddb_item_size(m->old));
        }
    }
    if (good && has) {
        good = add_entry(cloud, x, &is, m->id, m->size, r);
        if (m->units != NULL && index > 0) {
            m->units->items[index] += ddb_write_units(m->size);
        }
    }
    ddb_pos_clear(&was);
    ddb_pos_clear(&is);
    return good;
}

/* Writes the item's row itself; `*id` is the id of `old`, or a new one. */
static bool write_doc(struct cloud *cloud, const struct ddb_row *old, const cJSON *item,
                      int64_t *id, struct cloud_reply *r)
{
    char *doc = item == NULL ? NULL : json_text(item);
    sqlite3_stmt *q;

    *id = old->id;
    if (item == NULL) {
        q = cloud_stmt(cloud, "DELETE FROM ddb_item WHERE id=?2");
    } else if (old->found) {
        q = cloud_stmt(cloud, "UPDATE ddb_item SET doc=?1 WHERE id=?2");
    } else {
        q = cloud_stmt(cloud, "INSERT INTO ddb_item(doc) VALUES(?1)");
    }
    if (doc != NULL) {
        (void)sqlite3_bind_text(q, 1, doc, -1, SQLITE_STATIC);
    }
    if (old->found) {
        (void)sqlite3_bind_int64(q, 2, old->id);
    }
    bool good = cloud_step_done(cloud, q, r);
    if (good && !old->found) {
        *id = sqlite3_last_insert_rowid(cloud_db(cloud));
    }
    free(doc);
    return good;
}

/* Writes a change that is one: the item's row, its entries, its expiry, the stream's record. */
static bool write_change(struct cloud *cloud, const struct ddb_table *t, const struct ddb_row *old,
                         struct item_change *m, bool expired, struct cloud_reply *r)
{
    if (!write_doc(cloud, old, m->item, &m->id, r) ||
        (t->ttl != NULL && !ddb_ttl_note(cloud, t, m->id, m->item, r))) {
        return false;
    }
    for (size_t i = 0; i < t->len; i++) {
        if (!move_entry(cloud, t, i, m, r)) {
            return false;
        }
    }
    return ddb_stream_append(cloud, t, m->old, m->item, expired, r);
}

bool ddb_row_write(struct cloud *cloud, const struct ddb_table *t, const struct ddb_row *old,
                   const cJSON *item, struct ddb_units *units, struct cloud_reply *r)
{
    struct item_change m = {.old = old->found ? old->item : NULL,
                            .item = item,
                            .size = item == NULL ? 0 : ddb_item_size(item),
                            .units = units};

    if (units != NULL) {
        units->items[0] += ddb_write_units(m.size > old->size ? m.size : old->size);
    }
    if ((item == NULL && m.old == NULL) ||
        (item != NULL && m.old != NULL && ddb_expr_equal_maps(m.old, item))) {
        return true;
    }
    return write_change(cloud, t, old, &m, false, r);
}

bool ddb_row_expire(struct cloud *cloud, const struct ddb_table *t, const struct ddb_row *row,
                    struct cloud_reply *r)
{
    struct item_change m = {.old = row->item};

    return write_change(cloud, t, row, &m, true, r);
}

bool ddb_each_row(struct cloud *cloud, const struct ddb_table *t,
                  bool (*each)(void *arg, const struct ddb_row *row), void *arg,
                  struct cloud_reply *r)
{
    sqlite3_stmt *q = cloud_stmt(cloud, "SELECT e.item,e.size,i.doc FROM ddb_entry e"
                                        " JOIN ddb_item i ON i.id=e.item WHERE e.index_id=?1");
    bool good = true;
    int rc = SQLITE_DONE;

    (void)sqlite3_bind_int64(q, 1, t->indexes[0].id);
    while (good && (rc = sqlite3_step(q)) == SQLITE_ROW) {
        const char *doc = (const char *)sqlite3_column_text(q, 2);
        struct ddb_row row = {
            .id = sqlite3_column_int64(q, 0),
            .size = (size_t)sqlite3_column_int64(q, 1),
            .item = json_parse(doc, (size_t)sqlite3_column_bytes(q, 2), "stored item", NULL)};
        row.found = row.item != NULL;
        good = !row.found || each(arg, &row);
        ddb_row_clear(&row);
    }
    if (good && rc != SQLITE_DONE) {
        cloud_fail(r, 500, "InternalServerError", "The stored items cannot be read");
        good = false;
    }
    cloud_stmt_done(cloud, q);
    return good;
}

/* The filling of one index. */
struct fill {
    struct cloud *cloud;
    const struct ddb_table *t;
    const struct ddb_index *x;
    struct cloud_reply *r;
};

static bool fill_one(void *arg, const struct ddb_row *row)
{
    const struct fill *f = arg;
    struct ddb_pos pos = {0};
    bool good = !ddb_pos_of(f->t, f->x, row->item, &pos) ||
                add_entry(f->cloud, f->x, &pos, row->id, row->size, f->r);

    ddb_pos_clear(&pos);
    return good;
}

bool ddb_index_fill(struct cloud *cloud, const struct ddb_table *t, const struct ddb_index *x,
                    struct cloud_reply *r)
{
    struct fill f = {cloud, t, x, r};

    return ddb_each_row(cloud, t, fill_one, &f, r);
}
