/* DynamoDB of the local cloud: the rows that a change of a table writes: definitions, index ids,
 * index entries. */
#include <stdlib.h>

#include "core/json.h"
#include "ddb_schema.h"

bool ddb_schema_store(struct cloud *cloud, int64_t table_id, const cJSON *def,
                      struct cloud_reply *r)
{
    char *text = json_text(def);
    sqlite3_stmt *q = cloud_stmt(cloud, "UPDATE ddb_table SET def=?1 WHERE id=?2");

    (void)sqlite3_bind_text(q, 1, text, -1, SQLITE_STATIC);
    (void)sqlite3_bind_int64(q, 2, table_id);
    bool good = cloud_step_done(cloud, q, r);
    free(text);
    ddb_tables_forget(cloud);
    return good;
}

bool ddb_schema_give_id(struct cloud *cloud, const char *used_by, cJSON *index,
                        struct cloud_reply *r)
{
    sqlite3_stmt *q = cloud_stmt(cloud, "INSERT INTO ddb_index_id(used_by) VALUES(?1)");

    (void)sqlite3_bind_text(q, 1, used_by, -1, SQLITE_STATIC);
    if (!cloud_step_done(cloud, q, r)) {
        return false;
    }
    json_set_int(index, "IndexId", sqlite3_last_insert_rowid(cloud_db(cloud)));
    return true;
}

bool ddb_schema_drop_entries(struct cloud *cloud, int64_t index_id, struct cloud_reply *r)
{
    sqlite3_stmt *q = cloud_stmt(cloud, "DELETE FROM ddb_entry WHERE index_id=?1");

    (void)sqlite3_bind_int64(q, 1, index_id);
    return cloud_step_done(cloud, q, r);
}
