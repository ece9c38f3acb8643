/* One attempt to deliver an event to one target. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "delivery.h"
#include "jobs/target_job.h"
#include "jobs/transform.h"
#include "missing_record.h"
#include "src/cloud/logs/logs.h"
#include "src/cloud/sqs/sqs.h"
#include "tracker.h"

/* One attempt at one target. Batch is called as EventBridge calls it: with what the transformer
 * gave, in PascalCase, and with nothing else of the event (AWS-WIRE 2.3 "Batch as a target"). */

struct attempt {
    struct cloud *cloud;
    const char *rule_arn, *rule_name;
    const cJSON *target, *event;
    const char *event_text;
    int64_t ingested_ms;
    struct cloud_events_delivery_outcome *out;
};

static void fail(struct attempt *a, enum cloud_events_delivery_result result, const char *code,
                 const char *fmt, ...) PRINTF_LIKE(4, 5);

static void fail(struct attempt *a, enum cloud_events_delivery_result result, const char *code,
                 const char *fmt, ...)
{
    va_list args;

    a->out->result = result;
    (void)snprintf(a->out->code, sizeof a->out->code, "%s", code);
    va_start(args, fmt);
    (void)vsnprintf(a->out->message, sizeof a->out->message, fmt, args);
    va_end(args);
}

/* The text for the target, owned; NULL with the outcome filled. */
static char *target_input(struct attempt *a)
{
    char when[TIME_ISO_SIZE], *text = NULL;
    struct transform_vars vars = {.rule_arn = a->rule_arn,
                                  .rule_name = a->rule_name,
                                  .ingestion_time = time_iso(a->ingested_ms, when)};
    struct err e = {.code = E_OK};

    if (json_get(a->target, "Input") == NULL && json_get(a->target, "InputPath") == NULL &&
        json_get(a->target, "InputTransformer") == NULL) {
        return xstrdup(a->event_text);
    }
    if (transform_apply(a->target, a->event, &vars, &text, &e) != E_OK) {
        fail(a, DELIVERY_FAILED, "INVALID_JSON", "%s", e.msg);
    }
    return text;
}

/* ---- Batch ------------------------------------------------------------------------------- */

/* The job to submit, owned; NULL with the outcome filled. */
static cJSON *job_of(struct attempt *a)
{
    struct err e = {.code = E_OK};
    cJSON *submit = NULL;
    char *input = NULL;

    if (target_job_has_input(a->target)) {
        input = target_input(a);
        if (input == NULL) {
            return NULL;
        }
    }
    if (target_job_submit(a->target, input, &submit, &e) != E_OK) {
        fail(a, DELIVERY_FAILED, "INVALID_PARAMETER", "%s", e.msg);
    }
    free(input);
    return submit;
}

static bool role_ok(struct attempt *a)
{
    const char *role = json_str_or(a->target, "RoleArn", "");

    if (*role == '\0') {
        fail(a, DELIVERY_FAILED, "NO_PERMISSIONS",
             "the target has no RoleArn: EventBridge needs a role that allows batch:SubmitJob");
        return false;
    }
    if (strncmp(role, "arn:aws:iam::", 13) != 0 || strstr(role, ":role/") == NULL) {
        fail(a, DELIVERY_FAILED, "FAILED_TO_ASSUME_ROLE", "%.200s is not a role", role);
        return false;
    }
    return true;
}

static void to_batch(struct attempt *a)
{
    cJSON *submit = role_ok(a) ? job_of(a) : NULL;
    struct cloud_reply r;

    if (submit == NULL) {
        return;
    }
    cloud_dispatch(a->cloud, AWS_OP_BATCH_SUBMIT_JOB, submit, &r);
    if (r.code[0] != '\0') {
        bool missing = strstr(r.message, "not exist") != NULL || strstr(r.message, "not found");
        fail(a, r.status >= 500 || r.status == 429 ? DELIVERY_RETRY : DELIVERY_FAILED,
             r.status == 429   ? "THROTTLING"
             : r.status >= 500 ? "INTERNAL_ERROR"
             : missing         ? "NO_RESOURCE"
                               : "ERROR_FROM_TARGET",
             "%s: %s", r.code, r.message);
    }
    cloud_reply_clear(&r);
    cJSON_Delete(submit);
}

/* ---- the other targets ------------------------------------------------------------------- */

static void to_sqs(struct attempt *a)
{
    const char *queue = cloud_sqs_name_of_arn(a->cloud, json_str(a->target, "Arn"));
    struct err e = {.code = E_OK};

    if (queue == NULL || !cloud_sqs_queue_exists(a->cloud, queue)) {
        fail(a, DELIVERY_FAILED, "NO_RESOURCE", "the queue does not exist");
        return;
    }
    if (!cloud_sqs_policy_allows(a->cloud, queue, "events.amazonaws.com", a->rule_arn)) {
        fail(a, DELIVERY_FAILED, "NO_PERMISSIONS",
             "the queue's policy does not allow events.amazonaws.com to send for this rule");
        return;
    }
    char *text = target_input(a);
    if (text != NULL && cloud_sqs_put(a->cloud, queue, text, NULL, &e) != E_OK) {
        fail(a, e.code == E_IO ? DELIVERY_RETRY : DELIVERY_FAILED,
             e.code == E_IO ? "INTERNAL_ERROR" : "INVALID_PARAMETER", "%s", e.msg);
    }
    free(text);
}

/* Takes the log line: a transformer for a log group gives {"timestamp","message"} (user guide,
 * "CloudWatch Logs as a target"), and the message is the log line then. Replaces `*text`. */
static void take_log_message(struct attempt *a, char **text, int64_t *at_ms)
{
    cJSON *doc = NULL;
    int64_t at = 0;

    if (json_object(a->target, "InputTransformer") == NULL) {
        return;
    }
    doc = json_parse(*text, strlen(*text), "the log entry", NULL);
    if (json_str(doc, "message") != NULL) {
        free(*text);
        *text = xstrdup(json_str(doc, "message"));
        if (time_parse_iso(json_str_or(doc, "timestamp", ""), &at)) {
            *at_ms = at;
        }
    }
    cJSON_Delete(doc);
}

/* Delivers to a log group, which gets one stream a day, named by its date. */
static void to_log_group(struct attempt *a)
{
    const char *mark = strstr(json_str_or(a->target, "Arn", ""), ":log-group:");
    char *group = NULL, *text = NULL, when[TIME_ISO_SIZE];
    struct err e = {.code = E_OK};
    int64_t now = cloud_now(a->cloud);

    if (mark != NULL) {
        mark += strlen(":log-group:");
        group = xstrndup(mark, strcspn(mark, ":"));
    }
    if (group == NULL || !cloud_logs_group_exists(a->cloud, group)) {
        fail(a, DELIVERY_FAILED, "NO_RESOURCE", "the log group does not exist");
    } else if ((text = target_input(a)) != NULL) {
        int64_t at = now;
        take_log_message(a, &text, &at);
        char *stream = xasprintf("%s/%.10s", a->rule_name, time_iso(now, when));
        if (cloud_logs_ensure_stream(a->cloud, group, stream, &e) != E_OK ||
            cloud_logs_append(a->cloud, group, stream, at, text, strlen(text), &e) != E_OK) {
            fail(a, DELIVERY_RETRY, "INTERNAL_ERROR", "%s", e.msg);
        }
        free(stream);
    }
    free(text);
    free(group);
}

static void to_state_machine(struct attempt *a)
{
    static const struct {
        const char *name;
        enum err_code (*apply)(struct cloud *cloud, const cJSON *event, struct err *e);
    } machines[] = {
        {TRACKER_NAME,          cloud_events_tracker_apply },
        {MISSING_RECORD_TARGET, cloud_events_missing_record}
    };

    const char *name = strrchr(json_str_or(a->target, "Arn", ""), ':');
    struct err e = {.code = E_OK};

    for (size_t i = 0; name != NULL && i < sizeof machines / sizeof *machines; i++) {
        if (strcmp(name + 1, machines[i].name) != 0) {
            continue;
        }
        if (machines[i].apply(a->cloud, a->event, &e) != E_OK) {
            fail(a, e.code == E_TIMEOUT ? DELIVERY_RETRY : DELIVERY_FAILED, "ERROR_FROM_TARGET",
                 "%s", e.msg);
        }
        return;
    }
    fail(a, DELIVERY_FAILED, "NO_RESOURCE", "the state machine does not exist");
}

void cloud_events_delivery_attempt(struct cloud *cloud, const char *rule_arn, const char *rule_name,
                                   const cJSON *target, const cJSON *event, const char *event_text,
                                   int64_t ingested_ms, struct cloud_events_delivery_outcome *out)
{
    static const struct {
        const char *prefix;
        void (*send)(struct attempt *a);
    } kinds[] = {
        {"arn:aws:batch:",  to_batch        },
        {"arn:aws:sqs:",    to_sqs          },
        {"arn:aws:logs:",   to_log_group    },
        {"arn:aws:states:", to_state_machine}
    };
    struct attempt a = {.cloud = cloud,
                        .rule_arn = rule_arn,
                        .rule_name = rule_name,
                        .target = target,
                        .event = event,
                        .event_text = event_text,
                        .ingested_ms = ingested_ms,
                        .out = out};
    const char *arn = json_str_or(target, "Arn", "");

    *out = (struct cloud_events_delivery_outcome){.result = DELIVERY_DONE};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strncmp(arn, kinds[i].prefix, strlen(kinds[i].prefix)) == 0) {
            kinds[i].send(&a);
            return;
        }
    }
    fail(&a, DELIVERY_FAILED, "NO_RESOURCE", "no such kind of target");
}
