/* DynamoDB: its operations and the tables of its store. */
#include "local/ddb.h"
#include "local/svc.h"

const struct local_route local_dynamodb_routes[] = {
    {AWS_OP_DDB_CREATE_TABLE,     svc_ddb_create_table    },
    {AWS_OP_DDB_DELETE_TABLE,     svc_ddb_delete_table    },
    {AWS_OP_DDB_UPDATE_TABLE,     svc_ddb_update_table    },
    {AWS_OP_DDB_DESCRIBE_TABLE,   svc_ddb_describe_table  },
    {AWS_OP_DDB_LIST_TABLES,      svc_ddb_list_tables     },
    {AWS_OP_DDB_PUT_ITEM,         svc_ddb_put_item        },
    {AWS_OP_DDB_GET_ITEM,         svc_ddb_get_item        },
    {AWS_OP_DDB_UPDATE_ITEM,      svc_ddb_update_item     },
    {AWS_OP_DDB_DELETE_ITEM,      svc_ddb_delete_item     },
    {AWS_OP_DDB_QUERY,            svc_ddb_query           },
    {AWS_OP_DDB_SCAN,             svc_ddb_scan            },
    {AWS_OP_DDB_BATCH_GET_ITEM,   svc_ddb_batch_get_item  },
    {AWS_OP_DDB_BATCH_WRITE_ITEM, svc_ddb_batch_write_item},
    {AWS_OP_COUNT,                NULL                    },
};

static enum err_code start(struct local *l, struct err *e)
{
    static const char schema[] =
        "CREATE TABLE IF NOT EXISTS ddb_table(id INTEGER PRIMARY KEY AUTOINCREMENT,"
        " name TEXT NOT NULL UNIQUE, def TEXT NOT NULL);"
        "CREATE TABLE IF NOT EXISTS ddb_item(id INTEGER PRIMARY KEY, doc TEXT NOT NULL);"
        "CREATE TABLE IF NOT EXISTS ddb_entry(index_id INTEGER NOT NULL, bucket INTEGER NOT NULL,"
        " hash BLOB NOT NULL, sort BLOB NOT NULL, tie BLOB NOT NULL, item INTEGER NOT NULL,"
        " size INTEGER NOT NULL, PRIMARY KEY(index_id,bucket,hash,sort,tie)) WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS ddb_index_id(id INTEGER PRIMARY KEY AUTOINCREMENT,"
        " used_by TEXT NOT NULL);";

    if (sqlite3_exec(local_db(l), schema, NULL, NULL, NULL) != SQLITE_OK) {
        return err_set(e, E_IO, "%s", sqlite3_errmsg(local_db(l)));
    }
    return E_OK;
}

static void stop(struct local *l)
{
    ddb_tables_forget(l);
}

const struct local_service local_dynamodb_service = {
    .name = "DynamoDB", .routes = local_dynamodb_routes, .start = start, .stop = stop};
