/* DynamoDB of the local cloud: when items expire. */
#include "ddb_ttl.h"

#include <errno.h>
#include <stdlib.h>

#include "aws/attr.h"
#include "core/alloc.h"
#include "core/json.h"
#include "src/cloud/store/sqlx.h"

enum { DUE_AT_ONCE = 100 };

/* The service leaves items alone whose time is longer ago than this: then the number hardly is a
 * time. */
static const int64_t past_max_s = (int64_t)5 * 365 * 24 * 60 * 60;

/* The whole seconds of the item's time; false when it has none: the attribute is missing, is no
 * Number, or is a number that no clock reaches. */
static bool expires_at(const struct ddb_table *t, const cJSON *item, int64_t *at_s)
{
    const char *digits = item == NULL ? NULL : attr_num(item, t->ttl);
    char *end = NULL;

    if (digits == NULL) {
        return false;
    }
    errno = 0;
    *at_s = (int64_t)strtoll(digits, &end, 10); /* stored numbers have no exponent */
    return errno == 0 && end != digits && *at_s > 0;
}

bool ddb_ttl_note(struct cloud *cloud, const struct ddb_table *t, int64_t item_id,
                  const cJSON *item, struct cloud_reply *r)
{
    int64_t at_s = 0;
    bool has = expires_at(t, item, &at_s);
    sqlite3_stmt *q =
        has ? cloud_stmt(cloud, "INSERT INTO ddb_expiry(item,table_id,at_s) VALUES(?1,?2,?3)"
                                " ON CONFLICT DO UPDATE SET at_s=excluded.at_s")
            : cloud_stmt(cloud, "DELETE FROM ddb_expiry WHERE item=?1");

    sqlx_int(q, 1, item_id);
    if (has) {
        sqlx_int(q, 2, t->id);
        sqlx_int(q, 3, at_s);
    }
    if (!cloud_step_done(cloud, q, r)) {
        return false;
    }
    if (has) {
        ddb_expiry_poke(ddb_state_of(cloud)->expiry);
    }
    return true;
}

/* The noting of all items of a table. */
struct noting {
    struct cloud *cloud;
    const struct ddb_table *t;
    struct cloud_reply *r;
};

static bool note_one(void *arg, const struct ddb_row *row)
{
    const struct noting *n = arg;

    return ddb_ttl_note(n->cloud, n->t, row->id, row->item, n->r);
}

bool ddb_ttl_fill(struct cloud *cloud, const struct ddb_table *t, struct cloud_reply *r)
{
    struct noting n = {cloud, t, r};

    return ddb_each_row(cloud, t, note_one, &n, r);
}

bool ddb_ttl_drop(struct cloud *cloud, int64_t table_id, struct cloud_reply *r)
{
    sqlite3_stmt *q = cloud_stmt(cloud, "DELETE FROM ddb_expiry WHERE table_id=?1");

    sqlx_int(q, 1, table_id);
    return cloud_step_done(cloud, q, r);
}

/* ---- deleting --------------------------------------------------------------------------- */

/* One item that is due, and its table's name; owned. */
struct due {
    struct ddb_row row;
    char *table;
};

static bool read_due(struct cloud *cloud, struct due *out)
{
    int64_t now_s = cloud_now(cloud) / 1000;
    sqlite3_stmt *q =
        cloud_stmt(cloud, "SELECT x.item,i.doc,t.name FROM ddb_expiry x JOIN ddb_item i ON"
                          " i.id=x.item JOIN ddb_table t ON t.id=x.table_id"
                          " WHERE x.at_s<=?1 AND x.at_s>?2 ORDER BY x.at_s,x.item LIMIT 1");

    sqlx_int(q, 1, now_s);
    sqlx_int(q, 2, now_s - past_max_s);
    bool found = sqlx_row(q);
    if (found) {
        out->row =
            (struct ddb_row){.found = true, .id = sqlx_num(q, 0), .item = sqlx_document(q, 1)};
        out->table = xstrdup(sqlx_str(q, 2));
    }
    cloud_stmt_done(cloud, q);
    return found;
}

static bool delete_one(struct cloud *cloud, struct cloud_reply *r)
{
    struct due due = {0};
    bool found = read_due(cloud, &due);
    const struct ddb_table *t = found ? ddb_table_find(cloud, due.table) : NULL;
    bool good = t != NULL && ddb_row_expire(cloud, t, &due.row, r);

    ddb_row_clear(&due.row);
    free(due.table);
    return good;
}

bool ddb_ttl_delete_due(struct cloud *cloud)
{
    struct cloud_reply r = {.status = 200};
    int n = 0;

    (void)sqlite3_exec(cloud_db(cloud), "SAVEPOINT expiry", NULL, NULL, NULL);
    while (n < DUE_AT_ONCE && delete_one(cloud, &r)) {
        n++;
    }
    bool failed = r.code[0] != '\0';
    if (failed || sqlite3_exec(cloud_db(cloud), "RELEASE expiry", NULL, NULL, NULL) != SQLITE_OK) {
        log_line(cloud_log(cloud), LOG_LVL_ERROR, "local: expired items wait: %s",
                 failed ? r.message : sqlite3_errmsg(cloud_db(cloud)));
        (void)sqlite3_exec(cloud_db(cloud), "ROLLBACK TO expiry", NULL, NULL, NULL);
        (void)sqlite3_exec(cloud_db(cloud), "RELEASE expiry", NULL, NULL, NULL);
        n = 0;
    }
    cloud_reply_clear(&r);
    return n > 0;
}

int64_t ddb_ttl_next_ms(struct cloud *cloud)
{
    int64_t now_ms = cloud_now(cloud);
    sqlite3_stmt *q = cloud_stmt(cloud, "SELECT min(at_s) FROM ddb_expiry WHERE at_s>?1");
    int64_t left = -1;

    sqlx_int(q, 1, now_ms / 1000 - past_max_s);
    if (sqlx_row(q) && !sqlx_null(q, 0)) {
        int64_t at_s = sqlx_num(q, 0);
        left = at_s <= now_ms / 1000 ? 0 : at_s > INT64_MAX / 1000 ? -1 : at_s * 1000 - now_ms;
    }
    cloud_stmt_done(cloud, q);
    return left;
}
