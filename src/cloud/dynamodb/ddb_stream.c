/* DynamoDB of the local cloud: writing streams: opening, closing, and appending in the savepoint of
 * the item's write. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "ddb.h"
#include "streams.h"

bool ddb_stream_open(struct cloud *cloud, int64_t table_id, const char *table_name,
                     const cJSON *key_schema, const char *view_type, int64_t *id, char label[32],
                     struct cloud_reply *r)
{
    char *schema = json_text(key_schema);
    int64_t now = cloud_now(cloud);
    sqlite3_stmt *q =
        cloud_stmt(cloud, "SELECT 1 FROM ddb_stream WHERE table_name=?1 AND label=?2");
    bool taken = true;

    /* The label is the time of opening and names the stream: two streams that open in one
     * millisecond must get different labels. */
    while (taken) {
        (void)time_iso(now, label);
        label[strlen(label) - 1] = '\0'; /* the label has no Z */
        (void)sqlite3_bind_text(q, 1, table_name, -1, SQLITE_STATIC);
        (void)sqlite3_bind_text(q, 2, label, -1, SQLITE_STATIC);
        taken = sqlite3_step(q) == SQLITE_ROW;
        (void)sqlite3_reset(q);
        now += taken;
    }
    cloud_stmt_done(cloud, q);
    q = cloud_stmt(cloud, "INSERT INTO ddb_stream(table_id,table_name,label,view_type,key_schema,"
                          "created_ms) VALUES(?1,?2,?3,?4,?5,?6)");
    (void)sqlite3_bind_int64(q, 1, table_id);
    (void)sqlite3_bind_text(q, 2, table_name, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(q, 3, label, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(q, 4, view_type, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(q, 5, schema, -1, SQLITE_STATIC);
    (void)sqlite3_bind_int64(q, 6, now);
    bool good = cloud_step_done(cloud, q, r);
    *id = sqlite3_last_insert_rowid(cloud_db(cloud));
    free(schema);
    return good;
}

bool ddb_stream_close(struct cloud *cloud, int64_t stream_id, struct cloud_reply *r)
{
    sqlite3_stmt *q = cloud_stmt(cloud, "UPDATE ddb_stream SET closed_ms=?1 WHERE id=?2");

    (void)sqlite3_bind_int64(q, 1, cloud_now(cloud));
    (void)sqlite3_bind_int64(q, 2, stream_id);
    return cloud_step_done(cloud, q, r);
}

bool ddb_stream_append(struct cloud *cloud, const struct ddb_table *t, const cJSON *old,
                       const cJSON *now, bool expired, struct cloud_reply *r)
{
    if (t->stream_id == 0) {
        return true;
    }
    const char *view = t->view_type;
    bool both = strcmp(view, "NEW_AND_OLD_IMAGES") == 0;
    const cJSON *of = now != NULL ? now : old;
    cJSON *record = json_new_object();
    cJSON *keys = ddb_key_of(t, &t->indexes[0], of);
    size_t size = ddb_item_size(keys);

    json_set(record, "Keys", keys);
    if (now != NULL && (both || strcmp(view, "NEW_IMAGE") == 0)) {
        json_set(record, "NewImage", json_copy(now));
        size += ddb_item_size(now);
    }
    if (old != NULL && (both || strcmp(view, "OLD_IMAGE") == 0)) {
        json_set(record, "OldImage", json_copy(old));
        size += ddb_item_size(old);
    }
    char *text = json_text(record);
    sqlite3_stmt *q = cloud_stmt(cloud, "INSERT INTO ddb_record(stream_id,created_ms,kind,size,doc)"
                                        " VALUES(?1,?2,?3,?4,?5)");
    (void)sqlite3_bind_int64(q, 1, t->stream_id);
    (void)sqlite3_bind_int64(q, 2, cloud_now(cloud));
    (void)sqlite3_bind_text(q, 3,
                            old == NULL   ? "INSERT"
                            : expired     ? STREAMS_KIND_EXPIRED
                            : now == NULL ? "REMOVE"
                                          : "MODIFY",
                            -1, SQLITE_STATIC);
    (void)sqlite3_bind_int64(q, 4, (sqlite3_int64)size);
    (void)sqlite3_bind_text(q, 5, text, -1, SQLITE_STATIC);
    bool good = cloud_step_done(cloud, q, r);
    free(text);
    cJSON_Delete(record);
    return good && ddb_streams_trim(cloud, t->stream_id, r);
}
