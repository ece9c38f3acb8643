/* The state tracker: it changes a job's record when Batch says that the job's state has changed.
 * The change itself, and the condition under which it may be made, are those of `mvpdash report`
 * (jobs/record_change.h): one set of rules says what a record may become. */
#include "tracker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/attr.h"
#include "core/alloc.h"
#include "core/json.h"
#include "jobs/batch.h"
#include "jobs/record_change.h"

/* The job id that a Batch job's description carries: the JOB_ID of its container's environment, or
 * of its parameters. Borrowed, or NULL. Pure. */
static const char *cloud_events_tracker_job_id(const cJSON *batch_job)
{
    const cJSON *env = json_array(json_object(batch_job, "container"), "environment");

    for (const cJSON *v = env != NULL ? env->child : NULL; v != NULL; v = v->next) {
        if (strcmp(json_str_or(v, "name", ""), "JOB_ID") == 0) {
            return json_str(v, "value");
        }
    }
    const cJSON *parameters = json_object(batch_job, "parameters");
    const char *id = json_str(parameters, "JOB_ID");
    return id != NULL ? id : json_str(parameters, "jobId");
}

static const char *record_status(const char *batch_status)
{
    static const char *const map[][2] = {
        {"SUBMITTED", "QUEUED"     },
        {"PENDING",   "QUEUED"     },
        {"RUNNABLE",  "QUEUED"     },
        {"STARTING",  "QUEUED"     },
        {"RUNNING",   "IN_PROGRESS"},
        {"SUCCEEDED", "COMPLETED"  },
        {"FAILED",    "FAILED"     },
    };

    for (size_t i = 0; i < sizeof map / sizeof *map; i++) {
        if (strcmp(map[i][0], batch_status) == 0) {
            return map[i][1];
        }
    }
    return NULL;
}

static cJSON *key_of(const char *job_id)
{
    cJSON *key = json_new_object();

    json_set(key, "jobId", attr_new_str(job_id));
    return key;
}

/* Turns a reply into an error: only what another try may cure is one. */
static enum err_code reply_error(const struct cloud_reply *r, struct err *e)
{
    return err_set(e, r->status >= 500 ? E_TIMEOUT : E_SERVICE, "%s: %s", r->code, r->message);
}

/* Reads the record: `*out` is owned; NULL when there is none. */
static enum err_code read_record(struct cloud *cloud, const char *job_id, cJSON **out,
                                 struct err *e)
{
    enum err_code rc = E_OK;

    cJSON *in = json_new_object();
    struct cloud_reply r;

    *out = NULL;
    json_set_str(in, "TableName", TRACKER_TABLE);
    json_set(in, "Key", key_of(job_id));
    json_set_bool(in, "ConsistentRead", true);
    cloud_dispatch(cloud, AWS_OP_DDB_GET_ITEM, in, &r);
    if (r.code[0] != '\0') {
        rc = reply_error(&r, e);
    } else if (json_object(r.out, "Item") != NULL) {
        *out = cJSON_DetachItemFromObjectCaseSensitive(r.out, "Item");
    }
    cloud_reply_clear(&r);
    cJSON_Delete(in);
    return rc;
}

/* The Batch job that the record names, or NULL. */
static const char *record_job(const cJSON *item)
{
    const char *id = attr_str(item, "batchJobId");

    if (id == NULL || *id == '\0') {
        id = attr_str(attr_map(item, "resources"), "batchJobId");
    }
    return id != NULL && *id != '\0' ? id : NULL;
}

/* Does the record belong to another Batch job? Then the end of this one says nothing. */
static bool is_other_job(const cJSON *item, const char *batch_job_id)
{
    const char *known = record_job(item);
    return known != NULL && strcmp(known, batch_job_id) != 0;
}

/* Was the container refused its claim? Then it did nothing, and its end says nothing about the job,
 * unless the record names this very Batch job as its own: nothing can have refused the claim
 * then. */
static bool is_refusal(const cJSON *job, const cJSON *item)
{
    return strcmp(json_str_or(job, "status", ""), "FAILED") == 0 &&
           json_int(json_object(job, "container"), "exitCode", -1) == EXIT_CODE_REFUSED &&
           record_job(item) == NULL;
}

/* "Essential container in task exited (exit code 3)"; owned. */
static char *failure_text(const cJSON *job)
{
    const char *reason = json_str_or(job, "statusReason", "the Batch job failed");
    const cJSON *container = json_object(job, "container");
    const char *why = json_str(container, "reason");
    int64_t code = json_int(container, "exitCode", -1);
    char *text = why != NULL ? xasprintf("%s: %s", reason, why) : xstrdup(reason);

    if (code >= 0) {
        char *with_code = xasprintf("%s (exit code %lld)", text, (long long)code);
        free(text);
        text = with_code;
    }
    return text;
}

/* Why the record is what it is now, or NULL: a job that completed needs no reason, and of a failure
 * the container's own says more than that it ended. */
static const char *status_reason(const cJSON *job, const char *status)
{
    const char *reason = json_str(job, "statusReason");
    const char *why = json_str(json_object(job, "container"), "reason");
    bool silent = reason == NULL || strcmp(reason, "Essential container in task exited") == 0;

    if (strcmp(status, "COMPLETED") == 0) {
        return NULL;
    }
    return strcmp(status, "FAILED") == 0 && silent && why != NULL ? why : reason;
}

static enum err_code write_record(struct cloud *cloud, const char *job_id, const cJSON *item,
                                  const struct record_change *u, struct err *e)
{
    struct record_change_expr x;
    cJSON *in = json_new_object();
    struct cloud_reply r;
    enum err_code rc = E_OK;

    record_change_build(u, item, cloud_now(cloud), &x);
    json_set_str(in, "TableName", TRACKER_TABLE);
    json_set(in, "Key", key_of(job_id));
    json_set_str(in, "UpdateExpression", x.update);
    if (x.condition != NULL) {
        json_set_str(in, "ConditionExpression", x.condition);
    }
    if (x.names != NULL && x.names->child != NULL) {
        json_set(in, "ExpressionAttributeNames", json_copy(x.names));
    }
    if (x.values != NULL && x.values->child != NULL) {
        json_set(in, "ExpressionAttributeValues", json_copy(x.values));
    }
    cloud_dispatch(cloud, AWS_OP_DDB_UPDATE_ITEM, in, &r);
    /* A condition that fails is no error: the condition is there so that a repeated or late event
     * changes nothing. */
    if (r.code[0] != '\0' && strcmp(r.code, "ConditionalCheckFailedException") != 0) {
        rc = reply_error(&r, e);
    }
    cloud_reply_clear(&r);
    cJSON_Delete(in);
    record_change_expr_clear(&x);
    return rc;
}

enum err_code cloud_events_tracker_apply(struct cloud *cloud, const cJSON *event, struct err *e)
{
    const cJSON *job = json_object(event, "detail");
    const char *job_id = cloud_events_tracker_job_id(job),
               *batch_id = json_str_or(job, "jobId", "");
    const char *status = record_status(json_str_or(job, "status", ""));
    struct record_change u = RECORD_CHANGE_INIT;

    if (strcmp(json_str_or(event, "source", ""), "aws.batch") != 0 || job_id == NULL ||
        *job_id == '\0' || status == NULL) {
        return E_OK;
    }
    cJSON *item = NULL;
    enum err_code rc = read_record(cloud, job_id, &item, e);
    if (rc != E_OK || item == NULL || is_other_job(item, batch_id) || is_refusal(job, item)) {
        cJSON_Delete(item);
        return rc;
    }
    /* Several of Batch's states are one state of the record. */
    const char *now = attr_str(item, "status");
    if (now != NULL && strcasecmp(now, status) == 0 && record_job(item) != NULL) {
        cJSON_Delete(item);
        return E_OK;
    }
    char *failure = strcmp(status, "FAILED") == 0 ? failure_text(job) : NULL;
    u.status = status;
    u.batch_job_id = batch_id;
    u.reason = status_reason(job, status);
    u.error = failure;
    rc = write_record(cloud, job_id, item, &u, e);
    free(failure);
    cJSON_Delete(item);
    return rc;
}
