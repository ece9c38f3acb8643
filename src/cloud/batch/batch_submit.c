/* Batch of the local cloud: SubmitJob, which makes the JobDetail document that all other operations
 * work on. */
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "core/json.h"
#include "core/rand.h"
#include "scheduler.h"
#include "src/cloud/store/sqlx.h"

enum { DEPENDS_MAX = 20, ATTEMPTS_MAX = 10, TIMEOUT_MIN_S = 60, TAGS_MAX = 50 };
#define PAYLOAD_MAX 30720U

/* ---- checks ------------------------------------------------------------------------------- */

static bool all_strings(const cJSON *object)
{
    for (const cJSON *m = object != NULL ? object->child : NULL; m != NULL; m = m->next) {
        if (!cJSON_IsString(m)) {
            return false;
        }
    }
    return true;
}

static bool environment_ok(const cJSON *environment, struct cloud_reply *r)
{
    for (const cJSON *v = environment != NULL ? environment->child : NULL; v != NULL; v = v->next) {
        const char *name = json_str_or(v, "name", "");
        if (*name == '\0' || strchr(name, '=') != NULL || json_str(v, "value") == NULL) {
            cloud_batch_refuse(r, "each environment variable needs a name and a value");
            return false;
        }
        if (strncmp(name, "AWS_BATCH", 9) == 0) {
            cloud_batch_refuse(r,
                               "Environment variable %.100s: names starting with AWS_BATCH are "
                               "reserved",
                               name);
            return false;
        }
    }
    return true;
}

static bool overrides_ok(const cJSON *overrides, struct cloud_reply *r)
{
    const cJSON *command = json_array(overrides, "command");

    for (const cJSON *v = command != NULL ? command->child : NULL; v != NULL; v = v->next) {
        if (!cJSON_IsString(v)) {
            cloud_batch_refuse(r, "containerOverrides.command must be a list of strings");
            return false;
        }
    }
    return environment_ok(json_array(overrides, "environment"), r);
}

static bool retry_ok(const cJSON *retry, struct cloud_reply *r)
{
    int64_t attempts = json_int(retry, "attempts", 1);

    if (attempts < 1 || attempts > ATTEMPTS_MAX ||
        cJSON_GetArraySize(json_array(retry, "evaluateOnExit")) > 5) {
        cloud_batch_refuse(r, "retryStrategy: attempts must be 1 to 10, evaluateOnExit at most 5");
        return false;
    }
    return true;
}

static bool depends_ok(struct cloud *cloud, const cJSON *depends, struct cloud_reply *r)
{
    if (cJSON_GetArraySize(depends) > DEPENDS_MAX) {
        cloud_batch_refuse(r, "dependsOn must hold at most 20 jobs");
        return false;
    }
    for (const cJSON *d = depends != NULL ? depends->child : NULL; d != NULL; d = d->next) {
        cJSON *job = cloud_batch_job(cloud, json_str_or(d, "jobId", ""));
        if (job == NULL) {
            cloud_batch_refuse(r, "Dependency job %.80s does not exist",
                               json_str_or(d, "jobId", "?"));
            return false;
        }
        cJSON_Delete(job);
    }
    return true;
}

static bool submit_ok(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    const cJSON *timeout = json_object(in, "timeout");
    char *text = json_text(in);
    size_t bytes = strlen(text);

    free(text);
    if (bytes > PAYLOAD_MAX) {
        cloud_batch_refuse(r, "Job payload is over 30 KiB");
    } else if (!cloud_batch_name_ok(json_str(in, "jobName"))) {
        cloud_batch_refuse(r, "Job name should match valid pattern");
    } else if (json_object(in, "arrayProperties") != NULL) {
        cloud_batch_refuse(r, "The local cloud runs no array jobs");
    } else if (!all_strings(json_object(in, "parameters"))) {
        cloud_batch_refuse(r, "parameters must be strings");
    } else if (timeout != NULL && json_int(timeout, "attemptDurationSeconds", 0) < TIMEOUT_MIN_S) {
        cloud_batch_refuse(r, "timeout.attemptDurationSeconds must be at least 60");
    } else if (cJSON_GetArraySize(json_object(in, "tags")) > TAGS_MAX ||
               !all_strings(json_object(in, "tags"))) {
        cloud_batch_refuse(r, "tags must be at most 50 strings");
    } else {
        return overrides_ok(json_object(in, "containerOverrides"), r) &&
               retry_ok(json_object(in, "retryStrategy"), r) &&
               depends_ok(cloud, json_array(in, "dependsOn"), r);
    }
    return false;
}

/* ---- the document -------------------------------------------------------------------------- */

/* Puts the {`key`: name, "value": v} pairs of `from` into `to`; a pair of the same name is
 * replaced. */
static void merge_pairs(cJSON *to, const cJSON *from, const char *key)
{
    for (const cJSON *p = from != NULL ? from->child : NULL; p != NULL; p = p->next) {
        int at = 0;
        for (const cJSON *old = to->child; old != NULL; old = old->next, at++) {
            if (strcmp(json_str_or(old, key, ""), json_str_or(p, key, "")) == 0) {
                cJSON_DeleteItemFromArray(to, at);
                break;
            }
        }
        json_push(to, json_copy(p));
    }
}

static cJSON *merged_parameters(const cJSON *definition, const cJSON *in)
{
    const cJSON *own = json_object(definition, "parameters"),
                *given = json_object(in, "parameters");
    cJSON *out = own != NULL ? json_copy(own) : json_new_object();

    for (const cJSON *m = given != NULL ? given->child : NULL; m != NULL; m = m->next) {
        json_set_str(out, m->string, m->valuestring);
    }
    return out;
}

static cJSON *container_document(const cJSON *definition, const cJSON *in, const cJSON *parameters)
{
    static const char *const lists[] = {"volumes", "mountPoints", "ulimits", "secrets",
                                        "networkInterfaces"};
    const cJSON *own = json_object(definition, "containerProperties");
    const cJSON *overrides = json_object(in, "containerOverrides");
    const cJSON *command = json_array(overrides, "command");
    cJSON *c = json_copy(own), *environment = json_new_array(), *resources = json_new_array();

    merge_pairs(environment, json_array(own, "environment"), "name");
    merge_pairs(environment, json_array(overrides, "environment"), "name");
    merge_pairs(resources, json_array(own, "resourceRequirements"), "type");
    merge_pairs(resources, json_array(overrides, "resourceRequirements"), "type");
    command = command != NULL ? command : json_array(own, "command");
    cJSON *resolved = cloud_batch_resolve(command, parameters);
    cJSON_DeleteItemFromObjectCaseSensitive(c, "command");
    cJSON_DeleteItemFromObjectCaseSensitive(c, "environment");
    cJSON_DeleteItemFromObjectCaseSensitive(c, "resourceRequirements");
    json_set(c, "command", resolved);
    json_set(c, "environment", environment);
    json_set(c, "resourceRequirements", resources);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        if (json_get(c, lists[i]) == NULL) {
            json_set(c, lists[i], json_new_array());
        }
    }
    return c;
}

static cJSON *chosen(const cJSON *in, const cJSON *definition, const char *member)
{
    const cJSON *v = json_object(in, member);
    v = v != NULL ? v : json_object(definition, member);
    return v != NULL ? json_copy(v) : json_new_object();
}

static cJSON *job_document(struct cloud *cloud, const cJSON *in, const cJSON *queue,
                           const cJSON *definition, const char *id)
{
    cJSON *job = json_new_object(), *parameters = merged_parameters(definition, in);
    cJSON *retry = chosen(in, definition, "retryStrategy");
    cJSON *timeout = chosen(in, definition, "timeout");
    const cJSON *depends = json_array(in, "dependsOn");
    char *arn = cloud_batch_arn(cloud, "job", id);

    json_set_str(job, "jobArn", arn);
    json_set_str(job, "jobName", json_str(in, "jobName"));
    json_set_str(job, "jobId", id);
    json_set_str(job, "jobQueue", json_str(queue, "jobQueueArn"));
    json_set_str(job, "status", "SUBMITTED");
    json_set(job, "attempts", json_new_array());
    json_set_int(job, "createdAt", cloud_now(cloud));
    if (json_get(retry, "attempts") == NULL) {
        json_set_int(retry, "attempts", 1);
    }
    json_set(job, "retryStrategy", retry);
    json_set(job, "dependsOn", depends != NULL ? json_copy(depends) : json_new_array());
    json_set_str(job, "jobDefinition", json_str(definition, "jobDefinitionArn"));
    json_set(job, "container", container_document(definition, in, parameters));
    json_set(job, "parameters", parameters);
    if (timeout->child != NULL) {
        json_set(job, "timeout", timeout);
    } else {
        cJSON_Delete(timeout);
    }
    json_set(job, "tags", chosen(in, definition, "tags"));
    json_set_bool(job, "propagateTags", json_bool(in, "propagateTags", false));
    json_set(job, "platformCapabilities",
             json_array(definition, "platformCapabilities") != NULL
                 ? json_copy(json_array(definition, "platformCapabilities"))
                 : json_new_array());
    json_set_bool(job, "isCancelled", false);
    json_set_bool(job, "isTerminated", false);
    free(arn);
    return job;
}

static bool insert_job(struct cloud *cloud, const cJSON *job, const char *queue,
                       struct cloud_reply *r)
{
    sqlite3_stmt *q =
        cloud_stmt(cloud, "INSERT INTO batch_job(id,queue,name,status,definition,created,"
                          "document) VALUES(?1,?2,?3,'SUBMITTED',?4,?5,?6)");
    char *text = json_text(job);

    sqlx_text(q, 1, json_str(job, "jobId"));
    sqlx_text(q, 2, queue);
    sqlx_text(q, 3, json_str(job, "jobName"));
    sqlx_text(q, 4, json_str(job, "jobDefinition"));
    sqlx_int(q, 5, json_int(job, "createdAt", 0));
    sqlx_text(q, 6, text);
    free(text);
    return cloud_step_done(cloud, q, r);
}

void cloud_batch_submit(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    const char *queue_ref = json_str_or(in, "jobQueue", "");
    const char *definition_ref = json_str_or(in, "jobDefinition", "");
    cJSON *queue = NULL, *definition = NULL;
    char id[UUID_SIZE];

    if (!submit_ok(cloud, in, r)) {
        return;
    }
    if ((queue = cloud_batch_queue(cloud, queue_ref)) == NULL) {
        cloud_batch_refuse(r, "Job queue %.200s does not exist", queue_ref);
    } else if (strcmp(json_str_or(queue, "state", ""), "ENABLED") != 0) {
        cloud_batch_refuse(r, "Job queue %.200s is not in ENABLED state", queue_ref);
    } else if ((definition = cloud_batch_definition(cloud, definition_ref)) == NULL) {
        cloud_batch_refuse(r, "Job definition %.200s does not exist or is INACTIVE",
                           definition_ref);
    } else {
        rand_uuid(id);
        cJSON *job = job_document(cloud, in, queue, definition, id);
        if (insert_job(cloud, job, json_str(queue, "jobQueueName"), r)) {
            r->out = json_new_object();
            json_set_str(r->out, "jobArn", json_str(job, "jobArn"));
            json_set_str(r->out, "jobName", json_str(job, "jobName"));
            json_set_str(r->out, "jobId", id);
            cloud_batch_scheduler_poke(*cloud_slot(cloud, AWS_BATCH));
        }
        cJSON_Delete(job);
    }
    cJSON_Delete(queue);
    cJSON_Delete(definition);
}
