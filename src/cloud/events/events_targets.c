/* EventBridge of the local cloud: the targets of a rule. Facts: AWS-WIRE 2.3, 6. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "events.h"
#include "jobs/transform.h"
#include "src/cloud/store/sqlx.h"

enum { TARGETS_MAX = 5, REQUEST_MAX = 100, ID_MAX = 64, PAGE_MAX = 100 };

/* The service in "arn:aws:<service>:..."; "" when the text is no ARN. */
static void arn_service(const char *arn, char out[32])
{
    const char *p = arn;
    int colons = 0;

    out[0] = '\0';
    for (const char *c = arn; *c != '\0'; c++) {
        colons += *c == ':';
    }
    if (strncmp(arn, "arn:", 4) != 0 || colons < 5) {
        return;
    }
    p = strchr(arn + 4, ':') + 1;
    size_t n = strcspn(p, ":");
    if (n > 0 && n < 32) {
        memcpy(out, p, n);
        out[n] = '\0';
    }
}

static bool id_ok(const char *s)
{
    size_t n = s != NULL ? strlen(s) : 0;
    return n > 0 && n <= ID_MAX &&
           strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") == n;
}

static bool between(const cJSON *obj, const char *name, int64_t min, int64_t max)
{
    const cJSON *v = json_get(obj, name);
    int64_t n = json_int(obj, name, min);

    return v == NULL || cJSON_IsNull(v) || (cJSON_IsNumber(v) && n >= min && n <= max);
}

/* Checks what makes the whole call fail: shape and syntax. False with `r` failed. */
static bool shape_ok(const cJSON *t, struct cloud_reply *r)
{
    const char *id = json_str(t, "Id"), *arn = json_str_or(t, "Arn", "");
    const cJSON *retry = json_object(t, "RetryPolicy");
    const char *dlq = json_str(json_object(t, "DeadLetterConfig"), "Arn");
    char service[32], dlq_service[32] = "sqs";
    struct err e = {.code = E_OK};

    arn_service(arn, service);
    if (dlq != NULL) {
        arn_service(dlq, dlq_service);
    }
    if (!id_ok(id)) {
        cloud_fail(r, 400, "ValidationException", "Target Id must be 1 to 64 of [._-A-Za-z0-9]");
    } else if (service[0] == '\0') {
        cloud_fail(r, 400, "ValidationException",
                   "Parameter %.200s is not valid. Reason: Provided Arn is not in correct format.",
                   arn);
    } else if (!between(retry, "MaximumRetryAttempts", 0, 185) ||
               !between(retry, "MaximumEventAgeInSeconds", 60, 86400)) {
        cloud_fail(r, 400, "ValidationException",
                   "RetryPolicy of target %s: MaximumRetryAttempts is 0 to 185, "
                   "MaximumEventAgeInSeconds 60 to 86400",
                   id);
    } else if (strcmp(dlq_service, "sqs") != 0 || (dlq != NULL && strstr(dlq, ".fifo") != NULL)) {
        cloud_fail(r, 400, "ValidationException",
                   "DeadLetterConfig of target %s must be the ARN of a standard SQS queue", id);
    } else if (transform_check(t, &e) != E_OK) {
        cloud_fail(r, 400, "ValidationException", "%s (target %s)", e.msg, id);
    } else {
        return true;
    }
    return false;
}

/* Why one target fails; NULL when it is good. */
static const char *target_problem(const cJSON *t, char code[64])
{
    const cJSON *batch = json_object(t, "BatchParameters");
    char service[32];

    arn_service(json_str_or(t, "Arn", ""), service);
    (void)snprintf(code, 64, "ValidationException");
    if (strcmp(service, "batch") == 0) {
        const cJSON *array = json_object(batch, "ArrayProperties");
        if (json_str(batch, "JobDefinition") == NULL || json_str(batch, "JobName") == NULL) {
            return "BatchParameters with JobDefinition and JobName are required for a job queue";
        }
        if (json_int(array, "Size", 0) != 0) {
            return "the local cloud runs no array jobs";
        }
        if (!between(json_object(batch, "RetryStrategy"), "Attempts", 1, 10)) {
            return "BatchParameters.RetryStrategy.Attempts is 1 to 10";
        }
        return NULL;
    }
    if (strcmp(service, "sqs") == 0 || strcmp(service, "logs") == 0 ||
        strcmp(service, "states") == 0) {
        return NULL;
    }
    (void)snprintf(code, 64, "UnsupportedTarget");
    return "the local cloud delivers to Batch job queues, SQS queues, log groups and its state "
           "tracker";
}

static bool store_target(struct cloud *cloud, const char *bus, const char *rule, const cJSON *t,
                         struct cloud_reply *r)
{
    sqlite3_stmt *q =
        cloud_stmt(cloud, "INSERT INTO ev_target(bus,rule,id,document) VALUES(?1,?2,?3,?4)"
                          " ON CONFLICT(bus,rule,id) DO UPDATE SET document=?4");
    char *text = json_text(t);

    sqlx_text(q, 1, bus);
    sqlx_text(q, 2, rule);
    sqlx_text(q, 3, json_str(t, "Id"));
    sqlx_text(q, 4, text);
    free(text);
    return cloud_step_done(cloud, q, r);
}

static int64_t count_targets(struct cloud *cloud, const char *bus, const char *rule)
{
    sqlite3_stmt *q = cloud_stmt(cloud, "SELECT count(*) FROM ev_target WHERE bus=?1 AND rule=?2");

    sqlx_text(q, 1, bus);
    sqlx_text(q, 2, rule);
    int64_t n = sqlx_row(q) ? sqlx_num(q, 0) : 0;
    cloud_stmt_done(cloud, q);
    return n;
}

static bool request_ok(const cJSON *targets, struct cloud_reply *r)
{
    int n = cJSON_GetArraySize(targets);

    if (n < 1 || n > REQUEST_MAX) {
        cloud_fail(r, 400, "ValidationException", "Targets must hold 1 to 100 targets");
        return false;
    }
    for (const cJSON *t = targets->child; t != NULL; t = t->next) {
        if (!shape_ok(t, r)) {
            return false;
        }
        for (const cJSON *o = t->next; o != NULL; o = o->next) {
            if (strcmp(json_str(t, "Id"), json_str_or(o, "Id", "")) == 0) {
                cloud_fail(r, 400, "ValidationException", "Duplicate target Id %s",
                           json_str(t, "Id"));
                return false;
            }
        }
    }
    return true;
}

static void set_failed(struct cloud_reply *r, cJSON *failed)
{
    r->out = json_new_object();
    json_set_int(r->out, "FailedEntryCount", cJSON_GetArraySize(failed));
    json_set(r->out, "FailedEntries", failed);
}

void cloud_events_put_targets(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    const char *bus = cloud_events_bus_name(json_str(in, "EventBusName"));
    const char *rule = json_str_or(in, "Rule", "");
    const cJSON *targets = json_array(in, "Targets");
    char code[64];

    if (!cloud_events_check_rule(cloud, bus, rule, r) || !request_ok(targets, r)) {
        return;
    }
    cJSON *failed = json_new_array();
    for (const cJSON *t = targets->child; t != NULL; t = t->next) {
        const char *why = target_problem(t, code);
        if (why == NULL && !store_target(cloud, bus, rule, t, r)) {
            break;
        }
        if (why != NULL) {
            cJSON *one = json_new_object();
            json_set_str(one, "TargetId", json_str(t, "Id"));
            json_set_str(one, "ErrorCode", code);
            json_set_str(one, "ErrorMessage", why);
            json_push(failed, one);
        }
    }
    if (r->code[0] == '\0' && count_targets(cloud, bus, rule) > TARGETS_MAX) {
        cloud_fail(r, 400, "LimitExceededException",
                   "The requested resource exceeds the maximum number allowed.");
    }
    if (r->code[0] != '\0') {
        cJSON_Delete(failed);
        return;
    }
    set_failed(r, failed);
}

void cloud_events_remove_targets(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    const char *bus = cloud_events_bus_name(json_str(in, "EventBusName"));
    const char *rule = json_str_or(in, "Rule", "");
    const cJSON *ids = json_array(in, "Ids");

    if (!cloud_events_check_rule(cloud, bus, rule, r)) {
        return;
    }
    if (ids == NULL || ids->child == NULL) {
        cloud_fail(r, 400, "ValidationException", "Ids must hold at least one id");
        return;
    }
    for (const cJSON *id = ids->child; id != NULL; id = id->next) {
        sqlite3_stmt *q =
            cloud_stmt(cloud, "DELETE FROM ev_target WHERE bus=?1 AND rule=?2 AND id=?3");
        sqlx_text(q, 1, bus);
        sqlx_text(q, 2, rule);
        sqlx_text(q, 3, cJSON_IsString(id) ? id->valuestring : "");
        if (!cloud_step_done(cloud, q, r)) {
            return;
        }
    }
    set_failed(r, json_new_array());
}

void cloud_events_list_targets(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    const char *bus = cloud_events_bus_name(json_str(in, "EventBusName"));
    const char *rule = json_str_or(in, "Rule", "");
    int64_t limit = json_int(in, "Limit", PAGE_MAX), n = 0;

    if (!cloud_events_check_rule(cloud, bus, rule, r)) {
        return;
    }
    if (limit < 1 || limit > PAGE_MAX) {
        cloud_fail(r, 400, "ValidationException", "Limit must be 1 to 100");
        return;
    }
    cJSON *list = json_new_array();
    r->out = json_new_object();
    json_set(r->out, "Targets", list);
    sqlite3_stmt *q =
        cloud_stmt(cloud, "SELECT document FROM ev_target WHERE bus=?1 AND rule=?2 AND"
                          " id>?3 ORDER BY id LIMIT ?4");
    sqlx_text(q, 1, bus);
    sqlx_text(q, 2, rule);
    sqlx_text(q, 3, json_str_or(in, "NextToken", ""));
    sqlx_int(q, 4, limit + 1);
    while (sqlx_row(q)) {
        if (n++ == limit) {
            json_set_str(r->out, "NextToken",
                         json_str(cJSON_GetArrayItem(list, (int)limit - 1), "Id"));
            break;
        }
        cJSON *doc = sqlx_document(q, 0);
        if (doc != NULL) {
            json_push(list, doc);
        }
    }
    cloud_stmt_done(cloud, q);
}
