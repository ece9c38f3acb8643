#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/path.h"
#include "local/cloud_batch.h"
#include "local/local.h"
#include "local/pipeline.h"
#include "local/scheduler.h"
#include "local/sqlx.h"
#include "local/svc.h"

/* Batch: compute environments, queues, and what its files share. Definitions are in
 * batch_defs.c, submitting in batch_submit.c, asking and ending in batch_jobs.c, running in
 * scheduler.c and job_run.c. Facts: AWS-WIRE 2.4. */

enum { PAGE_MAX = 100, ENVIRONMENTS_PER_QUEUE = 3 };

void cloud_batch_refuse(struct local_reply *r, const char *fmt, ...)
{
    char text[400];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    local_fail(r, 400, "ClientException", "%s", text);
}

const char *cloud_batch_name(const char *name_or_arn)
{
    const char *slash = name_or_arn != NULL ? strrchr(name_or_arn, '/') : NULL;
    return slash != NULL ? slash + 1 : name_or_arn != NULL ? name_or_arn : "";
}

char *cloud_batch_arn(const struct local *l, const char *kind, const char *name)
{
    return xasprintf("arn:aws:batch:%s:%s:%s/%s", local_region(l), local_account(l), kind, name);
}

bool cloud_batch_name_ok(const char *name)
{
    size_t n = name != NULL ? strlen(name) : 0;
    return n > 0 && n <= 128 && isalnum((unsigned char)name[0]) &&
           strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") == n;
}

void cloud_batch_put_str(cJSON *obj, const char *key, const char *value)
{
    cJSON_DeleteItemFromObjectCaseSensitive(obj, key);
    json_set_str(obj, key, value);
}

void cloud_batch_put_int(cJSON *obj, const char *key, int64_t value)
{
    cJSON_DeleteItemFromObjectCaseSensitive(obj, key);
    json_set_int(obj, key, value);
}

static cJSON *parse_column(sqlite3_stmt *q, int column)
{
    const char *text = sqlx_str(q, column);
    return json_parse(text, strlen(text), "stored", NULL);
}

static cJSON *load_environment(struct local *l, const char *name_or_arn)
{
    sqlite3_stmt *q = local_stmt(l, "SELECT document FROM batch_environment WHERE name=?1");

    sqlx_text(q, 1, cloud_batch_name(name_or_arn));
    cJSON *doc = sqlx_row(q) ? parse_column(q, 0) : NULL;
    local_stmt_done(l, q);
    return doc;
}

cJSON *cloud_batch_queue(struct local *l, const char *name_or_arn)
{
    sqlite3_stmt *q = local_stmt(l, "SELECT document FROM batch_queue WHERE name=?1");

    sqlx_text(q, 1, cloud_batch_name(name_or_arn));
    cJSON *doc = sqlx_row(q) ? parse_column(q, 0) : NULL;
    local_stmt_done(l, q);
    return doc;
}

int64_t cloud_batch_queue_vcpus(struct local *l, const char *name_or_arn)
{
    cJSON *queue = cloud_batch_queue(l, name_or_arn);
    int64_t most = 0;
    const cJSON *v;

    cJSON_ArrayForEach(v, json_array(queue, "computeEnvironmentOrder"))
    {
        cJSON *env = load_environment(l, json_str_or(v, "computeEnvironment", ""));
        int64_t n = json_int(json_object(env, "computeResources"), "maxvCpus", INT64_MAX);
        most = n > most ? n : most;
        cJSON_Delete(env);
    }
    cJSON_Delete(queue);
    return most;
}

/* ---- compute environments ---------------------------------------------------------------- */

static void create_environment(struct local *l, const cJSON *in, struct local_reply *r)
{
    const char *name = json_str(in, "computeEnvironmentName"), *type = json_str_or(in, "type", "");
    const cJSON *resources = json_object(in, "computeResources");
    cJSON *old = NULL;

    if (!cloud_batch_name_ok(name)) {
        cloud_batch_refuse(r, "computeEnvironmentName must match valid pattern");
    } else if (strcmp(type, "MANAGED") != 0 && strcmp(type, "UNMANAGED") != 0) {
        cloud_batch_refuse(r, "type must be MANAGED or UNMANAGED");
    } else if ((old = load_environment(l, name)) != NULL) {
        cloud_batch_refuse(r, "Object already exists");
    } else {
        cJSON *doc = json_new_object();
        char *arn = cloud_batch_arn(l, "compute-environment", name);
        json_set_str(doc, "computeEnvironmentName", name);
        json_set_str(doc, "computeEnvironmentArn", arn);
        json_set_str(doc, "type", type);
        json_set_str(doc, "state", json_str_or(in, "state", "ENABLED"));
        json_set_str(doc, "status", "VALID");
        json_set_str(doc, "statusReason", "ComputeEnvironment Healthy");
        if (resources != NULL) {
            json_set(doc, "computeResources", json_copy(resources));
        }
        if (json_str(in, "serviceRole") != NULL) {
            json_set_str(doc, "serviceRole", json_str(in, "serviceRole"));
        }
        json_set_str(doc, "containerOrchestrationType", "ECS");
        char *text = json_text(doc);
        sqlite3_stmt *q =
            local_stmt(l, "INSERT INTO batch_environment(name,document) VALUES(?1,?2)");
        sqlx_text(q, 1, name);
        sqlx_text(q, 2, text);
        if (local_step_done(l, q, r)) {
            r->out = json_new_object();
            json_set_str(r->out, "computeEnvironmentName", name);
            json_set_str(r->out, "computeEnvironmentArn", arn);
        }
        free(text);
        free(arn);
        cJSON_Delete(doc);
    }
    cJSON_Delete(old);
}

/* Whether a list of names and ARNs holds `name`; a missing list holds all. */
static bool is_listed(const cJSON *list, const char *name)
{
    for (const cJSON *v = list != NULL ? list->child : NULL; v != NULL; v = v->next) {
        if (cJSON_IsString(v) && strcmp(cloud_batch_name(v->valuestring), name) == 0) {
            return true;
        }
    }
    return list == NULL || list->child == NULL;
}

/* Pages through rows (name, document) that `names` lists. The token is the last name given. */
static void describe_named(struct local *l, sqlite3_stmt *q, const cJSON *in, const cJSON *names,
                           const char *member, struct local_reply *r)
{
    int64_t max = json_int(in, "maxResults", PAGE_MAX), n = 0;
    cJSON *list = json_new_array();
    char *last = NULL;

    r->out = json_new_object();
    json_set(r->out, member, list);
    sqlx_text(q, 1, json_str_or(in, "nextToken", ""));
    while (sqlx_row(q)) {
        if (!is_listed(names, sqlx_str(q, 0))) {
            continue;
        }
        if (n++ == (max > 0 && max < PAGE_MAX ? max : PAGE_MAX)) {
            json_set_str(r->out, "nextToken", last);
            break;
        }
        free(last);
        last = xstrdup(sqlx_str(q, 0));
        cJSON *doc = parse_column(q, 1);
        if (doc != NULL) {
            json_push(list, doc);
        }
    }
    free(last);
    local_stmt_done(l, q);
}

static void describe_environments(struct local *l, const cJSON *in, struct local_reply *r)
{
    sqlite3_stmt *q =
        local_stmt(l, "SELECT name,document FROM batch_environment WHERE name>?1 ORDER BY name");
    describe_named(l, q, in, json_array(in, "computeEnvironments"), "computeEnvironments", r);
}

/* ---- queues ------------------------------------------------------------------------------ */

/* The order with full ARNs, owned; NULL with `r` failed. */
static cJSON *environment_order(struct local *l, const cJSON *given, struct local_reply *r)
{
    int n = cJSON_GetArraySize(given);

    if (n < 1 || n > ENVIRONMENTS_PER_QUEUE) {
        cloud_batch_refuse(r, "computeEnvironmentOrder must hold 1 to 3 compute environments");
        return NULL;
    }
    cJSON *order = json_new_array();
    for (const cJSON *v = given->child; v != NULL; v = v->next) {
        cJSON *env = load_environment(l, json_str_or(v, "computeEnvironment", ""));
        if (env == NULL) {
            cloud_batch_refuse(r, "%.128s does not exist",
                               json_str_or(v, "computeEnvironment", "computeEnvironment"));
            cJSON_Delete(order);
            return NULL;
        }
        cJSON *row = json_new_object();
        json_set_int(row, "order", json_int(v, "order", 1));
        json_set_str(row, "computeEnvironment", json_str(env, "computeEnvironmentArn"));
        json_push(order, row);
        cJSON_Delete(env);
    }
    return order;
}

static bool state_ok(const char *state)
{
    return strcmp(state, "ENABLED") == 0 || strcmp(state, "DISABLED") == 0;
}

static bool save_queue(struct local *l, const char *name, const cJSON *doc, struct local_reply *r)
{
    sqlite3_stmt *q = local_stmt(l, "INSERT INTO batch_queue(name,document) VALUES(?1,?2)"
                                    " ON CONFLICT(name) DO UPDATE SET document=?2");
    char *text = json_text(doc);

    sqlx_text(q, 1, name);
    sqlx_text(q, 2, text);
    free(text);
    if (!local_step_done(l, q, r)) {
        return false;
    }
    r->out = json_new_object();
    json_set_str(r->out, "jobQueueName", name);
    json_set_str(r->out, "jobQueueArn", json_str(doc, "jobQueueArn"));
    scheduler_poke(*local_slot(l, AWS_BATCH));
    return true;
}

static void create_queue(struct local *l, const cJSON *in, struct local_reply *r)
{
    const char *name = json_str(in, "jobQueueName"), *state = json_str_or(in, "state", "ENABLED");
    cJSON *old = cloud_batch_queue(l, name);

    if (!cloud_batch_name_ok(name)) {
        cloud_batch_refuse(r, "jobQueueName must match valid pattern");
    } else if (old != NULL) {
        cloud_batch_refuse(r, "Object already exists");
    } else if (!state_ok(state)) {
        cloud_batch_refuse(r, "state must be ENABLED or DISABLED");
    } else if (json_int(in, "priority", -1) < 0) {
        cloud_batch_refuse(r, "priority is required and must not be negative");
    } else {
        cJSON *order = environment_order(l, json_array(in, "computeEnvironmentOrder"), r);
        if (order != NULL) {
            cJSON *doc = json_new_object();
            char *arn = cloud_batch_arn(l, "job-queue", name);
            json_set_str(doc, "jobQueueName", name);
            json_set_str(doc, "jobQueueArn", arn);
            json_set_str(doc, "state", state);
            json_set_str(doc, "status", "VALID");
            json_set_str(doc, "statusReason", "JobQueue Healthy");
            json_set_int(doc, "priority", json_int(in, "priority", 1));
            json_set(doc, "computeEnvironmentOrder", order);
            (void)save_queue(l, name, doc, r);
            free(arn);
            cJSON_Delete(doc);
        }
    }
    cJSON_Delete(old);
}

static void update_queue(struct local *l, const cJSON *in, struct local_reply *r)
{
    const char *ref = json_str(in, "jobQueue"), *state = json_str(in, "state");
    const cJSON *given = json_array(in, "computeEnvironmentOrder");
    cJSON *doc = cloud_batch_queue(l, ref);

    if (doc == NULL) {
        cloud_batch_refuse(r, "%.200s does not exist", ref != NULL ? ref : "jobQueue");
        return;
    }
    if (state != NULL && !state_ok(state)) {
        cloud_batch_refuse(r, "state must be ENABLED or DISABLED");
    } else if (given != NULL) {
        cJSON *order = environment_order(l, given, r);
        if (order != NULL) {
            cJSON_DeleteItemFromObjectCaseSensitive(doc, "computeEnvironmentOrder");
            json_set(doc, "computeEnvironmentOrder", order);
        }
    }
    if (r->code[0] == '\0') {
        if (state != NULL) {
            cloud_batch_put_str(doc, "state", state);
        }
        if (json_int(in, "priority", -1) >= 0) {
            cloud_batch_put_int(doc, "priority", json_int(in, "priority", 1));
        }
        (void)save_queue(l, cloud_batch_name(ref), doc, r);
    }
    cJSON_Delete(doc);
}

static void describe_queues(struct local *l, const cJSON *in, struct local_reply *r)
{
    sqlite3_stmt *q =
        local_stmt(l, "SELECT name,document FROM batch_queue WHERE name>?1 ORDER BY name");
    describe_named(l, q, in, json_array(in, "jobQueues"), "jobQueues", r);
}

int local_active_jobs(struct local *l)
{
    local_lock(l);
    sqlite3_stmt *q = local_stmt(l, "SELECT count(*) FROM batch_job WHERE status NOT IN"
                                    " ('SUCCEEDED','FAILED')");
    int n = sqlx_row(q) ? (int)sqlx_num(q, 0) : 0;
    local_stmt_done(l, q);
    local_unlock(l);
    return n;
}

/* ---- life -------------------------------------------------------------------------------- */

static enum err_code start(struct local *l, struct err *e)
{
    static const char schema[] =
        "CREATE TABLE IF NOT EXISTS batch_environment(name TEXT PRIMARY KEY,"
        " document TEXT NOT NULL) WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS batch_queue(name TEXT PRIMARY KEY, document TEXT NOT NULL)"
        " WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS batch_definition(name TEXT NOT NULL, revision INTEGER NOT NULL,"
        " status TEXT NOT NULL, document TEXT NOT NULL, PRIMARY KEY(name,revision)) WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS batch_job(n INTEGER PRIMARY KEY AUTOINCREMENT,"
        " id TEXT NOT NULL UNIQUE, queue TEXT NOT NULL, name TEXT NOT NULL, status TEXT NOT NULL,"
        " definition TEXT NOT NULL, created INTEGER NOT NULL, document TEXT NOT NULL);"
        "CREATE INDEX IF NOT EXISTS batch_job_status ON batch_job(queue,status,n);"
        "CREATE INDEX IF NOT EXISTS batch_job_open ON batch_job(status,n)"
        " WHERE status NOT IN ('SUCCEEDED','FAILED');"
        "CREATE INDEX IF NOT EXISTS batch_job_queue ON batch_job(queue,n);";

    if (sqlite3_exec(local_db(l), schema, NULL, NULL, NULL) != SQLITE_OK) {
        return err_set(e, E_IO, "%s", sqlite3_errmsg(local_db(l)));
    }
    char *pipeline = path_join(local_data_dir(l), "pipeline");
    enum err_code rc = pipeline_write(pipeline, e);
    free(pipeline);
    if (rc != E_OK) {
        return rc;
    }
    struct scheduler *s = scheduler_start(l, e);
    *local_slot(l, AWS_BATCH) = s;
    return s != NULL ? E_OK : E_IO;
}

/* The slot is emptied first: nobody pokes what is being freed. */
static void stop(struct local *l)
{
    struct scheduler *s = *local_slot(l, AWS_BATCH);

    *local_slot(l, AWS_BATCH) = NULL;
    local_unlock(l);
    scheduler_stop(s);
    local_lock(l);
}

const struct local_route local_batch_routes[] = {
    {AWS_OP_BATCH_SUBMIT_JOB,                    cloud_batch_submit              },
    {AWS_OP_BATCH_LIST_JOBS,                     cloud_batch_list                },
    {AWS_OP_BATCH_DESCRIBE_JOBS,                 cloud_batch_describe_jobs       },
    {AWS_OP_BATCH_CANCEL_JOB,                    cloud_batch_cancel              },
    {AWS_OP_BATCH_TERMINATE_JOB,                 cloud_batch_terminate           },
    {AWS_OP_BATCH_CREATE_JOB_QUEUE,              create_queue                    },
    {AWS_OP_BATCH_UPDATE_JOB_QUEUE,              update_queue                    },
    {AWS_OP_BATCH_DESCRIBE_JOB_QUEUES,           describe_queues                 },
    {AWS_OP_BATCH_REGISTER_JOB_DEFINITION,       cloud_batch_register            },
    {AWS_OP_BATCH_DEREGISTER_JOB_DEFINITION,     cloud_batch_deregister          },
    {AWS_OP_BATCH_DESCRIBE_JOB_DEFINITIONS,      cloud_batch_describe_definitions},
    {AWS_OP_BATCH_CREATE_COMPUTE_ENVIRONMENT,    create_environment              },
    {AWS_OP_BATCH_DESCRIBE_COMPUTE_ENVIRONMENTS, describe_environments           },
    {AWS_OP_COUNT,                               NULL                            }
};

const struct local_service local_batch_service = {
    .name = "Batch", .routes = local_batch_routes, .start = start, .stop = stop};
