/* DynamoDB of the local cloud: the service, its operations, and the tables of its store. */
#include <stdlib.h>

#include "ddb.h"
#include "ddb_ttl.h"
#include "src/cloud/store/service.h"

static const struct cloud_route routes[] = {
    {AWS_OP_DDB_CREATE_TABLE,          ddb_op_create_table         },
    {AWS_OP_DDB_DELETE_TABLE,          ddb_op_delete_table         },
    {AWS_OP_DDB_UPDATE_TABLE,          ddb_op_update_table         },
    {AWS_OP_DDB_DESCRIBE_TABLE,        ddb_op_describe_table       },
    {AWS_OP_DDB_LIST_TABLES,           ddb_op_list_tables          },
    {AWS_OP_DDB_PUT_ITEM,              ddb_op_put_item             },
    {AWS_OP_DDB_GET_ITEM,              ddb_op_get_item             },
    {AWS_OP_DDB_UPDATE_ITEM,           ddb_op_update_item          },
    {AWS_OP_DDB_DELETE_ITEM,           ddb_op_delete_item          },
    {AWS_OP_DDB_QUERY,                 ddb_op_query                },
    {AWS_OP_DDB_SCAN,                  ddb_op_scan                 },
    {AWS_OP_DDB_BATCH_GET_ITEM,        ddb_op_batch_get_item       },
    {AWS_OP_DDB_BATCH_WRITE_ITEM,      ddb_op_batch_write_item     },
    {AWS_OP_DDB_TRANSACT_WRITE_ITEMS,  ddb_op_transact_write_items },
    {AWS_OP_DDB_TRANSACT_GET_ITEMS,    ddb_op_transact_get_items   },
    {AWS_OP_DDB_UPDATE_TIME_TO_LIVE,   ddb_op_update_time_to_live  },
    {AWS_OP_DDB_DESCRIBE_TIME_TO_LIVE, ddb_op_describe_time_to_live},
    {AWS_OP_COUNT,                     NULL                        },
};

static enum err_code start(struct cloud *cloud, struct err *e)
{
    static const char schema[] =
        "CREATE TABLE IF NOT EXISTS ddb_table(id INTEGER PRIMARY KEY AUTOINCREMENT,"
        " name TEXT NOT NULL UNIQUE, def TEXT NOT NULL);"
        "CREATE TABLE IF NOT EXISTS ddb_item(id INTEGER PRIMARY KEY, doc TEXT NOT NULL);"
        "CREATE TABLE IF NOT EXISTS ddb_entry(index_id INTEGER NOT NULL, bucket INTEGER NOT NULL,"
        " hash BLOB NOT NULL, sort BLOB NOT NULL, tie BLOB NOT NULL, item INTEGER NOT NULL,"
        " size INTEGER NOT NULL, PRIMARY KEY(index_id,bucket,hash,sort,tie)) WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS ddb_index_id(id INTEGER PRIMARY KEY AUTOINCREMENT,"
        " used_by TEXT NOT NULL);"
        "CREATE TABLE IF NOT EXISTS ddb_token(token TEXT PRIMARY KEY, request BLOB NOT NULL,"
        " done_ms INTEGER NOT NULL);"
        "CREATE TABLE IF NOT EXISTS ddb_expiry(item INTEGER PRIMARY KEY,"
        " table_id INTEGER NOT NULL, at_s INTEGER NOT NULL);"
        "CREATE INDEX IF NOT EXISTS ddb_expiry_at ON ddb_expiry(at_s);";
    enum err_code rc = cloud_create(cloud, schema, e);

    if (rc == E_OK) {
        ddb_state_of(cloud)->expiry = ddb_expiry_start(cloud, e);
        rc = ddb_state_of(cloud)->expiry == NULL ? E_IO : E_OK;
    }
    return rc;
}

static void stop(struct cloud *cloud)
{
    struct ddb_state *state = ddb_state_of(cloud);

    cloud_unlock(cloud); /* the thread takes it */
    ddb_expiry_stop(state->expiry);
    cloud_lock(cloud);
    ddb_tables_forget(cloud);
    free(state);
    *cloud_slot(cloud, AWS_DYNAMODB) = NULL;
}

const struct cloud_service ddb_service = {
    .name = "DynamoDB", .routes = routes, .start = start, .stop = stop};
