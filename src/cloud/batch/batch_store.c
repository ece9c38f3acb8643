/* Batch of the local cloud: the rows that its files share, and the one place that writes a job's
 * state. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "core/alloc.h"
#include "core/json.h"
#include "src/cloud/store/sqlx.h"

/* of an environment that is not managed */
enum { UNLIMITED_VCPUS = 1000000000 };

void cloud_batch_refuse(struct cloud_reply *r, const char *fmt, ...)
{
    char text[400];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    cloud_fail(r, 400, "ClientException", "%s", text);
}

const char *cloud_batch_name(const char *name_or_arn)
{
    const char *slash = name_or_arn != NULL ? strrchr(name_or_arn, '/') : NULL;
    return slash != NULL ? slash + 1 : name_or_arn != NULL ? name_or_arn : "";
}

char *cloud_batch_arn(const struct cloud *cloud, const char *kind, const char *name)
{
    return xasprintf("arn:aws:batch:%s:%s:%s/%s", cloud_region(cloud), cloud_account(cloud), kind,
                     name);
}

bool cloud_batch_name_ok(const char *name)
{
    size_t n = name != NULL ? strlen(name) : 0;
    return n > 0 && n <= 128 && isalnum((unsigned char)name[0]) &&
           strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") == n;
}

cJSON *cloud_batch_environment(struct cloud *cloud, const char *name_or_arn)
{
    sqlite3_stmt *q = cloud_stmt(cloud, "SELECT document FROM batch_environment WHERE name=?1");

    sqlx_text(q, 1, cloud_batch_name(name_or_arn));
    return cloud_stmt_document(cloud, q);
}

cJSON *cloud_batch_queue(struct cloud *cloud, const char *name_or_arn)
{
    sqlite3_stmt *q = cloud_stmt(cloud, "SELECT document FROM batch_queue WHERE name=?1");

    sqlx_text(q, 1, cloud_batch_name(name_or_arn));
    return cloud_stmt_document(cloud, q);
}

struct cloud_batch_vcpus cloud_batch_queue_vcpus(struct cloud *cloud, const char *name_or_arn)
{
    cJSON *queue = cloud_batch_queue(cloud, name_or_arn);
    struct cloud_batch_vcpus out = {0};
    const cJSON *v;

    cJSON_ArrayForEach(v, json_array(queue, "computeEnvironmentOrder"))
    {
        cJSON *env = cloud_batch_environment(cloud, json_str_or(v, "computeEnvironment", ""));
        int64_t n = json_int(json_object(env, "computeResources"), "maxvCpus", UNLIMITED_VCPUS);
        n = n < 0 ? 0 : n > UNLIMITED_VCPUS ? UNLIMITED_VCPUS : n;
        out.largest = n > out.largest ? n : out.largest;
        out.all += n;
        cJSON_Delete(env);
    }
    cJSON_Delete(queue);
    return out;
}

/* ---- jobs --------------------------------------------------------------------------------- */

cJSON *cloud_batch_job(struct cloud *cloud, const char *id)
{
    sqlite3_stmt *q = cloud_stmt(cloud, "SELECT document FROM batch_job WHERE id=?1");

    sqlx_text(q, 1, id);
    return cloud_stmt_document(cloud, q);
}

bool cloud_batch_save(struct cloud *cloud, const cJSON *job, bool announce)
{
    sqlite3_stmt *q = cloud_stmt(cloud, "UPDATE batch_job SET status=?2, document=?3 WHERE id=?1");
    char *text = json_text(job);

    sqlx_text(q, 1, json_str(job, "jobId"));
    sqlx_text(q, 2, json_str(job, "status"));
    sqlx_text(q, 3, text);
    free(text);
    bool ok = cloud_step_done(cloud, q, NULL);
    if (!ok) {
        log_line(cloud_log(cloud), LOG_LVL_ERROR, "local: job %s: %s", json_str(job, "jobId"),
                 sqlite3_errmsg(cloud_db(cloud)));
    } else if (announce) {
        cJSON *resources = json_new_array();
        json_push_str(resources, json_str(job, "jobArn"));
        cloud_emit(cloud, &(struct cloud_event){.source = "aws.batch",
                                                .detail_type = "Batch Job State Change",
                                                .resources = resources,
                                                .detail = job});
        cJSON_Delete(resources);
    }
    return ok;
}

void cloud_batch_finish(struct cloud *cloud, cJSON *job, const char *status, const char *reason)
{
    json_set_str(job, "status", status);
    json_set_str(job, "statusReason", reason);
    json_set_int(job, "stoppedAt", cloud_now(cloud));
    (void)cloud_batch_save(cloud, job, true);
}

int cloud_batch_active_jobs(struct cloud *cloud)
{
    cloud_lock(cloud);
    sqlite3_stmt *q = cloud_stmt(cloud, "SELECT count(*) FROM batch_job WHERE status NOT IN"
                                        " ('SUCCEEDED','FAILED')");
    int n = sqlx_row(q) ? (int)sqlx_num(q, 0) : 0;
    cloud_stmt_done(cloud, q);
    cloud_unlock(cloud);
    return n;
}
