/* Batch of the local cloud: the service, its compute environments and its queues. Definitions are
 * in batch_defs.c, submitting in batch_submit.c, asking and ending in batch_jobs.c, running in
 * scheduler.c and job_run.c, and the rows that these files share in batch_store.c. Facts: AWS-WIRE
 * 2.4. */
#include "batch.h"

#include <stdlib.h>
#include <string.h>

#include "container.h"
#include "core/alloc.h"
#include "core/json.h"
#include "core/path.h"
#include "pipeline.h"
#include "scheduler.h"
#include "src/cloud/store/options.h"
#include "src/cloud/store/service.h"
#include "src/cloud/store/sqlx.h"

enum { PAGE_MAX = 100, ENVIRONMENTS_PER_QUEUE = 3 };

/* ---- compute environments ---------------------------------------------------------------- */

static void create_environment(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    const char *name = json_str(in, "computeEnvironmentName"), *type = json_str_or(in, "type", "");
    const cJSON *resources = json_object(in, "computeResources");
    cJSON *old = NULL;

    if (!cloud_batch_name_ok(name)) {
        cloud_batch_refuse(r, "computeEnvironmentName must match valid pattern");
    } else if (strcmp(type, "MANAGED") != 0 && strcmp(type, "UNMANAGED") != 0) {
        cloud_batch_refuse(r, "type must be MANAGED or UNMANAGED");
    } else if ((old = cloud_batch_environment(cloud, name)) != NULL) {
        cloud_batch_refuse(r, "Object already exists");
    } else {
        cJSON *doc = json_new_object();
        char *arn = cloud_batch_arn(cloud, "compute-environment", name);
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
            cloud_stmt(cloud, "INSERT INTO batch_environment(name,document) VALUES(?1,?2)");
        sqlx_text(q, 1, name);
        sqlx_text(q, 2, text);
        if (cloud_step_done(cloud, q, r)) {
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

/* Does a list of names and ARNs hold `name`? A list that is not given holds all names. */
static bool is_listed(const cJSON *list, const char *name)
{
    for (const cJSON *v = list != NULL ? list->child : NULL; v != NULL; v = v->next) {
        if (cJSON_IsString(v) && strcmp(cloud_batch_name(v->valuestring), name) == 0) {
            return true;
        }
    }
    return list == NULL || list->child == NULL;
}

/* Pages through the rows (name, document) that `names` lists. The token is the last name that was
 * given. */
static void describe_named(struct cloud *cloud, sqlite3_stmt *q, const cJSON *in,
                           const cJSON *names, const char *member, struct cloud_reply *r)
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
        cJSON *doc = sqlx_document(q, 1);
        if (doc != NULL) {
            json_push(list, doc);
        }
    }
    free(last);
    cloud_stmt_done(cloud, q);
}

static void describe_environments(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    sqlite3_stmt *q = cloud_stmt(
        cloud, "SELECT name,document FROM batch_environment WHERE name>?1 ORDER BY name");
    describe_named(cloud, q, in, json_array(in, "computeEnvironments"), "computeEnvironments", r);
}

/* ---- queues ------------------------------------------------------------------------------ */

/* The order of environments with full ARNs, owned; NULL with `r` failed. */
static cJSON *environment_order(struct cloud *cloud, const cJSON *given, struct cloud_reply *r)
{
    int n = cJSON_GetArraySize(given);

    if (n < 1 || n > ENVIRONMENTS_PER_QUEUE) {
        cloud_batch_refuse(r, "computeEnvironmentOrder must hold 1 to 3 compute environments");
        return NULL;
    }
    cJSON *order = json_new_array();
    for (const cJSON *v = given->child; v != NULL; v = v->next) {
        cJSON *env = cloud_batch_environment(cloud, json_str_or(v, "computeEnvironment", ""));
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

static bool save_queue(struct cloud *cloud, const char *name, const cJSON *doc,
                       struct cloud_reply *r)
{
    sqlite3_stmt *q = cloud_stmt(cloud, "INSERT INTO batch_queue(name,document) VALUES(?1,?2)"
                                        " ON CONFLICT(name) DO UPDATE SET document=?2");
    char *text = json_text(doc);

    sqlx_text(q, 1, name);
    sqlx_text(q, 2, text);
    free(text);
    if (!cloud_step_done(cloud, q, r)) {
        return false;
    }
    r->out = json_new_object();
    json_set_str(r->out, "jobQueueName", name);
    json_set_str(r->out, "jobQueueArn", json_str(doc, "jobQueueArn"));
    cloud_batch_scheduler_poke(*cloud_slot(cloud, AWS_BATCH));
    return true;
}

static void create_queue(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    const char *name = json_str(in, "jobQueueName"), *state = json_str_or(in, "state", "ENABLED");
    cJSON *old = cloud_batch_queue(cloud, name);

    if (!cloud_batch_name_ok(name)) {
        cloud_batch_refuse(r, "jobQueueName must match valid pattern");
    } else if (old != NULL) {
        cloud_batch_refuse(r, "Object already exists");
    } else if (!state_ok(state)) {
        cloud_batch_refuse(r, "state must be ENABLED or DISABLED");
    } else if (json_int(in, "priority", -1) < 0) {
        cloud_batch_refuse(r, "priority is required and must not be negative");
    } else {
        cJSON *order = environment_order(cloud, json_array(in, "computeEnvironmentOrder"), r);
        if (order != NULL) {
            cJSON *doc = json_new_object();
            char *arn = cloud_batch_arn(cloud, "job-queue", name);
            json_set_str(doc, "jobQueueName", name);
            json_set_str(doc, "jobQueueArn", arn);
            json_set_str(doc, "state", state);
            json_set_str(doc, "status", "VALID");
            json_set_str(doc, "statusReason", "JobQueue Healthy");
            json_set_int(doc, "priority", json_int(in, "priority", 1));
            json_set(doc, "computeEnvironmentOrder", order);
            (void)save_queue(cloud, name, doc, r);
            free(arn);
            cJSON_Delete(doc);
        }
    }
    cJSON_Delete(old);
}

static void update_queue(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    const char *ref = json_str(in, "jobQueue"), *state = json_str(in, "state");
    const cJSON *given = json_array(in, "computeEnvironmentOrder");
    cJSON *doc = cloud_batch_queue(cloud, ref);

    if (doc == NULL) {
        cloud_batch_refuse(r, "%.200s does not exist", ref != NULL ? ref : "jobQueue");
        return;
    }
    if (state != NULL && !state_ok(state)) {
        cloud_batch_refuse(r, "state must be ENABLED or DISABLED");
    } else if (given != NULL) {
        cJSON *order = environment_order(cloud, given, r);
        if (order != NULL) {
            cJSON_DeleteItemFromObjectCaseSensitive(doc, "computeEnvironmentOrder");
            json_set(doc, "computeEnvironmentOrder", order);
        }
    }
    if (r->code[0] == '\0') {
        if (state != NULL) {
            json_set_str(doc, "state", state);
        }
        if (json_int(in, "priority", -1) >= 0) {
            json_set_int(doc, "priority", json_int(in, "priority", 1));
        }
        (void)save_queue(cloud, cloud_batch_name(ref), doc, r);
    }
    cJSON_Delete(doc);
}

static void describe_queues(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    sqlite3_stmt *q =
        cloud_stmt(cloud, "SELECT name,document FROM batch_queue WHERE name>?1 ORDER BY name");
    describe_named(cloud, q, in, json_array(in, "jobQueues"), "jobQueues", r);
}

/* ---- life -------------------------------------------------------------------------------- */

static enum err_code start(struct cloud *cloud, struct err *e)
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

    if (cloud_create(cloud, schema, e) != E_OK) {
        return E_IO;
    }
    char *pipeline = path_join(cloud_data_dir(cloud), "pipeline");
    enum err_code rc = cloud_batch_pipeline_write(pipeline, e);
    free(pipeline);
    if (rc != E_OK) {
        return rc;
    }
    const struct cloud_batch_container *container = cloud_opts(cloud)->container;
    if (container != NULL && cloud_batch_container_sweep(container, e) != E_OK) {
        return e->code;
    }
    struct cloud_batch_scheduler *s = cloud_batch_scheduler_start(cloud, e);
    *cloud_slot(cloud, AWS_BATCH) = s;
    return s != NULL ? E_OK : E_IO;
}

/* The slot is emptied first, so that nobody pokes a scheduler that is being freed. */
static void stop(struct cloud *cloud)
{
    struct cloud_batch_scheduler *s = *cloud_slot(cloud, AWS_BATCH);

    *cloud_slot(cloud, AWS_BATCH) = NULL;
    cloud_unlock(cloud);
    cloud_batch_scheduler_stop(s);
    cloud_lock(cloud);
}

static const struct cloud_route routes[] = {
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

const struct cloud_service cloud_batch_service = {
    .name = "Batch", .routes = routes, .start = start, .stop = stop};
