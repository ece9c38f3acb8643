#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "local/cloud_logs.h"
#include "local/cloud_sqs.h"
#include "local/delivery.h"
#include "local/recorder.h"
#include "local/tracker.h"
#include "local/transform.h"

/* One attempt at one target. Batch is called as EventBridge calls it: with what the transformer
 * gave, in PascalCase, and nothing of the event besides (AWS-WIRE 2.3 "Batch as a target"). */

struct attempt {
    struct local *l;
    const char *rule_arn, *rule_name;
    const cJSON *target, *event;
    const char *event_text;
    int64_t ingested_ms;
    struct delivery_outcome *out;
};

static void fail(struct attempt *a, enum delivery_result result, const char *code, const char *fmt,
                 ...) PRINTF_LIKE(4, 5);

static void fail(struct attempt *a, enum delivery_result result, const char *code, const char *fmt,
                 ...)
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

/* Copies the string members of `from`; false when one is of another type. */
static bool copy_strings(const cJSON *from, cJSON *to)
{
    for (const cJSON *m = from != NULL ? from->child : NULL; m != NULL; m = m->next) {
        if (!cJSON_IsString(m)) {
            return false;
        }
        json_set_str(to, m->string, m->valuestring);
    }
    return true;
}

/* [{A,B}] in PascalCase to [{a,b}] in camelCase. NULL when a member is missing or no string. */
static cJSON *copy_pairs(const cJSON *from, const char *a, const char *b, const char *to_a,
                         const char *to_b)
{
    cJSON *list = json_new_array();

    for (const cJSON *p = from->child; p != NULL; p = p->next) {
        if (json_str(p, a) == NULL || json_str(p, b) == NULL) {
            cJSON_Delete(list);
            return NULL;
        }
        cJSON *pair = json_new_object();
        json_set_str(pair, to_a, json_str(p, a));
        json_set_str(pair, to_b, json_str(p, b));
        json_push(list, pair);
    }
    return list;
}

/* Reads "ContainerOverrides" into SubmitJob's form; false with the outcome filled. */
static bool add_overrides(struct attempt *a, const cJSON *given, cJSON *submit)
{
    const cJSON *command = json_array(given, "Command");
    const cJSON *environment = json_array(given, "Environment");
    const cJSON *resources = json_array(given, "ResourceRequirements");
    cJSON *overrides = json_new_object();

    json_set(submit, "containerOverrides", overrides);
    if (command != NULL) {
        json_set(overrides, "command", json_copy(command));
    }
    if (environment != NULL) {
        cJSON *list = copy_pairs(environment, "Name", "Value", "name", "value");
        if (list == NULL) {
            fail(a, DELIVERY_FAILED, "INVALID_PARAMETER",
                 "ContainerOverrides.Environment must be a list of {\"Name\",\"Value\"} strings");
            return false;
        }
        json_set(overrides, "environment", list);
    }
    if (resources != NULL) {
        cJSON *list = copy_pairs(resources, "Type", "Value", "type", "value");
        if (list == NULL) {
            fail(a, DELIVERY_FAILED, "INVALID_PARAMETER",
                 "ContainerOverrides.ResourceRequirements must be a list of {\"Type\",\"Value\"} "
                 "strings");
            return false;
        }
        json_set(overrides, "resourceRequirements", list);
    }
    return true;
}

static bool add_input(struct attempt *a, cJSON *submit)
{
    if (json_str(a->target, "Input") == NULL &&
        json_object(a->target, "InputTransformer") == NULL) {
        return true; /* the event itself is not given to a job */
    }
    char *text = target_input(a);
    if (text == NULL) {
        return false;
    }
    cJSON *doc = json_parse(text, strlen(text), "the input", NULL), *parameters = json_new_object();
    free(text);
    bool ok = cJSON_IsObject(doc) && copy_strings(json_object(doc, "Parameters"), parameters);
    json_set(submit, "parameters", parameters);
    if (!ok) {
        fail(a, DELIVERY_FAILED, "INVALID_PARAMETER",
             "the input must be an object; the values of its Parameters must be strings");
    } else {
        ok = json_object(doc, "ContainerOverrides") == NULL ||
             add_overrides(a, json_object(doc, "ContainerOverrides"), submit);
    }
    cJSON_Delete(doc);
    return ok;
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
        fail(a, DELIVERY_FAILED, "FAILED_TO_ASSUME_ROLE", "%.200s is no role", role);
        return false;
    }
    return true;
}

static void to_batch(struct attempt *a)
{
    const cJSON *p = json_object(a->target, "BatchParameters");
    int64_t attempts = json_int(json_object(p, "RetryStrategy"), "Attempts", 0);
    cJSON *submit = json_new_object();
    struct local_reply r;

    if (!role_ok(a) || !add_input(a, submit)) {
        cJSON_Delete(submit);
        return;
    }
    json_set_str(submit, "jobName", json_str(p, "JobName"));
    json_set_str(submit, "jobDefinition", json_str(p, "JobDefinition"));
    json_set_str(submit, "jobQueue", json_str(a->target, "Arn"));
    if (attempts > 0) {
        cJSON *retry = json_new_object();
        json_set_int(retry, "attempts", attempts);
        json_set(submit, "retryStrategy", retry);
    }
    local_dispatch(a->l, AWS_OP_BATCH_SUBMIT_JOB, submit, &r);
    if (r.code[0] != '\0') {
        bool missing = strstr(r.message, "not exist") != NULL || strstr(r.message, "not found");
        fail(a, r.status >= 500 || r.status == 429 ? DELIVERY_RETRY : DELIVERY_FAILED,
             r.status == 429   ? "THROTTLING"
             : r.status >= 500 ? "INTERNAL_ERROR"
             : missing         ? "NO_RESOURCE"
                               : "ERROR_FROM_TARGET",
             "%s: %s", r.code, r.message);
    }
    local_reply_clear(&r);
    cJSON_Delete(submit);
}

/* ---- the other targets ------------------------------------------------------------------- */

static void to_sqs(struct attempt *a)
{
    const char *queue = cloud_sqs_name_of_arn(a->l, json_str(a->target, "Arn"));
    struct err e = {.code = E_OK};

    if (queue == NULL || !cloud_sqs_queue_exists(a->l, queue)) {
        fail(a, DELIVERY_FAILED, "NO_RESOURCE", "the queue does not exist");
        return;
    }
    if (!cloud_sqs_policy_allows(a->l, queue, "events.amazonaws.com", a->rule_arn)) {
        fail(a, DELIVERY_FAILED, "NO_PERMISSIONS",
             "the queue's policy does not allow events.amazonaws.com to send for this rule");
        return;
    }
    char *text = target_input(a);
    if (text != NULL && cloud_sqs_put(a->l, queue, text, NULL, &e) != E_OK) {
        fail(a, e.code == E_IO ? DELIVERY_RETRY : DELIVERY_FAILED,
             e.code == E_IO ? "INTERNAL_ERROR" : "INVALID_PARAMETER", "%s", e.msg);
    }
    free(text);
}

/* A transformer for a log group gives {"timestamp","message"} (user guide, "CloudWatch Logs as a
 * target"): the message is the log line then. Replaces `*text`. */
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

/* One stream a day, named by its date. */
static void to_log_group(struct attempt *a)
{
    const char *mark = strstr(json_str_or(a->target, "Arn", ""), ":log-group:");
    char *group = NULL, *text = NULL, when[TIME_ISO_SIZE];
    struct err e = {.code = E_OK};
    int64_t now = local_now(a->l);

    if (mark != NULL) {
        mark += strlen(":log-group:");
        group = xstrndup(mark, strcspn(mark, ":"));
    }
    if (group == NULL || !cloud_logs_group_exists(a->l, group)) {
        fail(a, DELIVERY_FAILED, "NO_RESOURCE", "the log group does not exist");
    } else if ((text = target_input(a)) != NULL) {
        int64_t at = now;
        take_log_message(a, &text, &at);
        char *stream = xasprintf("%s/%.10s", a->rule_name, time_iso(now, when));
        if (cloud_logs_ensure_stream(a->l, group, stream, &e) != E_OK ||
            cloud_logs_append(a->l, group, stream, at, text, strlen(text), &e) != E_OK) {
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
        enum err_code (*apply)(struct local *l, const cJSON *event, struct err *e);
    } machines[] = {
        {TRACKER_NAME,  tracker_apply },
        {RECORDER_NAME, recorder_apply}
    };

    const char *name = strrchr(json_str_or(a->target, "Arn", ""), ':');
    struct err e = {.code = E_OK};

    for (size_t i = 0; name != NULL && i < sizeof machines / sizeof *machines; i++) {
        if (strcmp(name + 1, machines[i].name) != 0) {
            continue;
        }
        if (machines[i].apply(a->l, a->event, &e) != E_OK) {
            fail(a, e.code == E_TIMEOUT ? DELIVERY_RETRY : DELIVERY_FAILED, "ERROR_FROM_TARGET",
                 "%s", e.msg);
        }
        return;
    }
    fail(a, DELIVERY_FAILED, "NO_RESOURCE", "the state machine does not exist");
}

void delivery_attempt(struct local *l, const char *rule_arn, const char *rule_name,
                      const cJSON *target, const cJSON *event, const char *event_text,
                      int64_t ingested_ms, struct delivery_outcome *out)
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
    struct attempt a = {.l = l,
                        .rule_arn = rule_arn,
                        .rule_name = rule_name,
                        .target = target,
                        .event = event,
                        .event_text = event_text,
                        .ingested_ms = ingested_ms,
                        .out = out};
    const char *arn = json_str_or(target, "Arn", "");

    *out = (struct delivery_outcome){.result = DELIVERY_DONE};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strncmp(arn, kinds[i].prefix, strlen(kinds[i].prefix)) == 0) {
            kinds[i].send(&a);
            return;
        }
    }
    fail(&a, DELIVERY_FAILED, "NO_RESOURCE", "no such kind of target");
}
