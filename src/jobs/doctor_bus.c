/* The doctor's rules D2, D3, D6 and D9: the bus, the rule, and the rule's target. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/strbuf.h"
#include "doctor_fix.h"
#include "jobs/age.h"
#include "jobs/doctor.h"

enum { TEMPLATE_MAX = 16 * 1024, AGE_LEAST_S = 300, RETRIES = 185, AGE_S = 86400 };

#define TEMPLATE                                                                                   \
    "{\"Parameters\": {\"jobId\": <jobId>}, \"ContainerOverrides\": {\"Environment\": "            \
    "[{\"Name\": \"JOB_ID\", \"Value\": <jobId>}]}}"

/* ---- bus and rule ---- */

void doctor_bus(const cJSON *bus, const struct doctor_names *n, struct finding *f)
{
    const char *text = json_str(bus, "Policy");
    const char *level = json_str(json_object(bus, "LogConfig"), "Level");
    cJSON *policy = text == NULL ? NULL : json_parse(text, strlen(text), "bus policy", NULL);
    const cJSON *s;

    cJSON_ArrayForEach(s, json_array(policy, "Statement"))
    {
        if (strcmp(json_str_or(s, "Effect", ""), "Deny") == 0 &&
            finding_add(f, DOCTOR_WARN, "the bus's policy denies something (statement %s)",
                        json_str_or(s, "Sid", "without a Sid"))) {
            finding_fix(f, "`aws events describe-event-bus --region %-s --name %-s --query Policy`",
                        n->region, n->bus);
        }
    }
    if (level != NULL && strcmp(level, "OFF") == 0 &&
        finding_add(f, DOCTOR_WARN,
                    "the bus's log is off: events that match no rule leave no trace")) {
        finding_fix(f,
                    "`aws events update-event-bus --region %-s --name %-s --log-config "
                    "Level=ERROR,IncludeDetail=NONE`",
                    n->region, n->bus);
    }
    (void)finding_add(f, DOCTOR_PASS, "no statement denies; log %s",
                      level == NULL ? "not configured" : level);
    cJSON_Delete(policy);
}

void doctor_rule(const cJSON *rule, const struct doctor_names *n, struct finding *f)
{
    const char *state = json_str_or(rule, "State", "ENABLED");

    if (json_str(rule, "EventPattern") == NULL &&
        finding_add(f, DOCTOR_FAIL, "rule %s has no event pattern: it matches no event", n->rule)) {
        cJSON *pattern = json_new_object();
        json_set(pattern, "source", json_new_array());
        json_set(pattern, "detail-type", json_new_array());
        json_push_str(cJSON_GetObjectItem(pattern, "source"), n->source);
        json_push_str(cJSON_GetObjectItem(pattern, "detail-type"), n->detail_type);
        char *text = json_text(pattern);
        finding_fix(f,
                    "`aws events put-rule --region %-s --name %-s --event-bus-name %-s "
                    "--event-pattern %-s`",
                    n->region, n->rule, n->bus, text);
        free(text);
        cJSON_Delete(pattern);
    }
    if (strncmp(state, "ENABLED", 7) != 0 &&
        finding_add(f, DOCTOR_FAIL, "rule %s is %s: no job starts", n->rule, state)) {
        finding_fix(f, "`aws events enable-rule --region %-s --name %-s --event-bus-name %-s`",
                    n->region, n->rule, n->bus);
    }
    (void)finding_add(f, DOCTOR_PASS, "%s is %s", n->rule, state);
}

bool doctor_is_state_pattern(const char *pattern)
{
    return pattern != NULL && (strstr(pattern, "aws.batch") != NULL ||
                               strstr(pattern, "Batch Job State Change") != NULL);
}

/* ---- the target ---- */

static bool is_queue_target(const cJSON *t)
{
    return strstr(json_str_or(t, "Arn", ""), ":job-queue/") != NULL;
}

const cJSON *doctor_target(const cJSON *targets, const struct doctor_names *n)
{
    const cJSON *other = NULL;
    const cJSON *t;

    cJSON_ArrayForEach(t, targets)
    {
        if (!is_queue_target(t)) {
            continue;
        }
        if (strcmp(doctor_arn_name(json_str(t, "Arn")), doctor_arn_name(n->queue)) == 0) {
            return t;
        }
        other = other == NULL ? t : other;
    }
    return other;
}

/* The template as JSON: a placeholder that stands for a whole value becomes the string "<name>"; a
 * placeholder inside a string stays as it is. NULL when the template is no JSON. */
static cJSON *template_json(const char *template)
{
    struct strbuf b = STRBUF_LIMIT(TEMPLATE_MAX);
    bool inside = false;

    for (const char *p = template; *p != '\0'; p++) {
        const char *end = *p == '<' && !inside ? strchr(p, '>') : NULL;
        if (end != NULL) {
            strbuf_addc(&b, '"');
            strbuf_add(&b, p, (size_t)(end - p) + 1);
            strbuf_addc(&b, '"');
            p = end;
            continue;
        }
        if (*p == '\\' && p[1] != '\0') {
            strbuf_addc(&b, *p++);
        } else if (*p == '"') {
            inside = !inside;
        }
        strbuf_addc(&b, *p);
    }
    cJSON *doc = b.overflow ? NULL : json_parse(strbuf_str(&b), b.len, "template", NULL);
    strbuf_clear(&b);
    return doc;
}

/* The value that the template gives JOB_ID in the container; NULL when the template gives none. */
static const char *job_id_value(const cJSON *doc)
{
    const cJSON *pair;

    cJSON_ArrayForEach(pair, json_array(json_object(doc, "ContainerOverrides"), "Environment"))
    {
        if (strcmp(json_str_or(pair, "Name", ""), "JOB_ID") == 0) {
            return json_str(pair, "Value");
        }
    }
    return NULL;
}

/* Is `value` the "<name>" of a path to the event's job id? */
static bool value_is_job_id(const char *value, const cJSON *paths, const char **path)
{
    size_t len = strlen(value);
    const cJSON *p;

    *path = value;
    cJSON_ArrayForEach(p, paths)
    {
        if (len == strlen(p->string) + 2 && value[0] == '<' && value[len - 1] == '>' &&
            strncmp(value + 1, p->string, len - 2) == 0) {
            *path = cJSON_IsString(p) ? p->valuestring : "?";
            return strcmp(*path, "$.detail.jobId") == 0;
        }
    }
    return false;
}

static void transformer_fix(const cJSON *t, bool role_known, const struct doctor_names *n,
                            struct finding *f)
{
    cJSON *copy = json_copy(t);
    cJSON *transformer = json_new_object();
    cJSON *paths = json_new_object();

    json_set_str(paths, "jobId", "$.detail.jobId");
    json_set(transformer, "InputPathsMap", paths);
    json_set_str(transformer, "InputTemplate", TEMPLATE);
    cJSON_DeleteItemFromObjectCaseSensitive(copy, "InputTransformer");
    cJSON_DeleteItemFromObjectCaseSensitive(copy, "Input");
    cJSON_DeleteItemFromObjectCaseSensitive(copy, "InputPath");
    json_set(copy, "InputTransformer", transformer);
    if (role_known) {
        doctor_target_fix("", copy, n, f);
    } else {
        cJSON *list = json_new_array();
        json_push(list, json_copy(copy));
        char *text = json_text(list);
        finding_fix(
            f,
            "put one (infra/ does), with the role that may start jobs in place of ROLE: "
            "aws events put-targets --region %-s --event-bus-name %-s --rule %-s --targets %-s",
            n->region, n->bus, n->rule, text);
        free(text);
        cJSON_Delete(list);
    }
    cJSON_Delete(copy);
}

static const char *transformer_fault(const cJSON *t, const cJSON *doc, const char *template)
{
    const cJSON *overrides = json_object(doc, "ContainerOverrides");

    if (json_object(t, "InputTransformer") == NULL) {
        return "has no InputTransformer: the job would not get its JOB_ID";
    }
    if (strstr(template, "\\u003c") != NULL || strstr(template, "\\u003C") != NULL) {
        return "has a template with \\u003c for <: EventBridge sees no placeholder (Terraform's "
               "jsonencode writes it so: use replace() or a heredoc)";
    }
    if (doc == NULL) {
        return "has a template that is not JSON once its placeholders are filled in";
    }
    if (json_get(doc, "containerOverrides") != NULL || json_get(overrides, "environment") != NULL) {
        return "has a template in SubmitJob's spelling: a Batch target needs ContainerOverrides, "
               "Environment, Name, Value with capitals and ignores the rest";
    }
    if (job_id_value(doc) == NULL) {
        return "has a template that gives no JOB_ID in ContainerOverrides.Environment";
    }
    return NULL;
}

static void check_transformer(const cJSON *t, const struct doctor_names *n, struct finding *f)
{
    const cJSON *transformer = json_object(t, "InputTransformer");
    const char *template = json_str_or(transformer, "InputTemplate", "");
    cJSON *doc = template_json(template);
    const char *id = json_str_or(t, "Id", "?");
    const char *fault = transformer_fault(t, doc, template);
    const char *path = NULL;

    if (fault != NULL) {
        if (finding_add(f, DOCTOR_FAIL, "target %s %s", id, fault)) {
            transformer_fix(t, true, n, f);
        }
    } else if (!value_is_job_id(job_id_value(doc), json_object(transformer, "InputPathsMap"),
                                &path) &&
               finding_add(f, DOCTOR_FAIL,
                           "target %s takes JOB_ID from %s, not from "
                           "$.detail.jobId",
                           id, path)) {
        transformer_fix(t, true, n, f);
    }
    cJSON_Delete(doc);
}

/* Points the target to the configured queue, which is taken to stand beside the queue that the
 * target points to now. */
static void queue_arn(const char *arn, const struct doctor_names *n, cJSON *target)
{
    const char *slash = strrchr(arn, '/');
    struct strbuf b = STRBUF_INIT;

    strbuf_add(&b, arn, slash == NULL ? 0 : (size_t)(slash - arn) + 1);
    strbuf_adds(&b, doctor_arn_name(n->queue));
    json_set_str(target, "Arn", strbuf_str(&b));
    strbuf_clear(&b);
}

static void check_queue_of(const cJSON *t, const struct doctor_names *n, struct finding *f)
{
    const char *arn = json_str_or(t, "Arn", "");
    const char *queue = doctor_arn_name(arn);

    if (strcmp(queue, doctor_arn_name(n->queue)) != 0 &&
        finding_add(f, DOCTOR_FAIL, "target %s points to queue %s, but the configuration says %s",
                    json_str_or(t, "Id", "?"), queue, doctor_arn_name(n->queue))) {
        cJSON *copy = json_copy(t);
        queue_arn(arn, n, copy);
        finding_fix(f, "if %s is right, `mvpdash doctor --queue %-s`", queue, queue);
        doctor_target_fix("else ", copy, n, f);
        cJSON_Delete(copy);
    }
    doctor_place("target's queue", arn, n, f);
}

static void check_definition_of(const cJSON *t, const struct doctor_names *n, struct finding *f)
{
    const cJSON *batch = json_object(t, "BatchParameters");
    const char *definition = json_str(batch, "JobDefinition");
    const char *wanted = doctor_arn_name(n->definition);

    if (definition == NULL || json_str(batch, "JobName") == NULL) {
        if (finding_add(f, DOCTOR_FAIL,
                        "target %s has no BatchParameters with JobDefinition and "
                        "JobName",
                        json_str_or(t, "Id", "?"))) {
            cJSON *copy = json_copy(t);
            cJSON *parameters = json_new_object();
            json_set_str(parameters, "JobDefinition", wanted);
            json_set_str(parameters, "JobName", wanted);
            json_set(copy, "BatchParameters", parameters);
            doctor_target_fix("", copy, n, f);
            cJSON_Delete(copy);
        }
        return;
    }
    definition = doctor_arn_name(definition);
    size_t len = strcspn(definition, ":");
    if ((strcspn(wanted, ":") != len || strncmp(definition, wanted, len) != 0) &&
        finding_add(f, DOCTOR_WARN, "target %s starts %s, but the configuration says %s",
                    json_str_or(t, "Id", "?"), definition, wanted)) {
        finding_fix(f, "set BATCH_JOB_DEFINITION to the one that is right");
    }
}

void doctor_targets(const cJSON *targets, const struct doctor_names *n, struct finding *f)
{
    const cJSON *t = doctor_target(targets, n);

    if (cJSON_GetArraySize(targets) == 0 || t == NULL) {
        if (finding_add(f, DOCTOR_FAIL,
                        cJSON_GetArraySize(targets) == 0
                            ? "rule %s has no target: a matching event does nothing"
                            : "rule %s has no target that is a Batch job queue",
                        n->rule)) {
            cJSON *target = json_new_object();
            cJSON *batch = json_new_object();
            const char *account = n->account[0] == '\0' ? "ACCOUNT" : n->account;
            struct strbuf arn = STRBUF_INIT;
            strbuf_addf(&arn, "arn:aws:batch:%s:%s:job-queue/%s", n->region, account,
                        doctor_arn_name(n->queue));
            json_set_str(target, "Id", "batch");
            json_set_str(target, "Arn", strbuf_str(&arn));
            strbuf_reset(&arn);
            strbuf_addf(&arn, "arn:aws:iam::%s:role/ROLE", account);
            json_set_str(target, "RoleArn", strbuf_str(&arn));
            json_set_str(batch, "JobDefinition", doctor_arn_name(n->definition));
            json_set_str(batch, "JobName", doctor_arn_name(n->definition));
            json_set(target, "BatchParameters", batch);
            transformer_fix(target, false, n, f);
            strbuf_clear(&arn);
            cJSON_Delete(target);
        }
        return;
    }
    check_queue_of(t, n, f);
    check_definition_of(t, n, f);
    check_transformer(t, n, f);
    (void)finding_add(f, DOCTOR_PASS, "%s starts %s in %s with JOB_ID", json_str_or(t, "Id", "?"),
                      doctor_arn_name(json_str(json_object(t, "BatchParameters"), "JobDefinition")),
                      doctor_arn_name(json_str(t, "Arn")));
}

void doctor_target_safety(const cJSON *target, const struct doctor_names *n, struct finding *f)
{
    const char *dlq = json_str(json_object(target, "DeadLetterConfig"), "Arn");
    char span[AGE_SIZE];
    int64_t age = json_int(json_object(target, "RetryPolicy"), "MaximumEventAgeInSeconds", 86400);
    const char *id = json_str_or(target, "Id", "?");

    if (dlq == NULL && finding_add(f, DOCTOR_WARN,
                                   "target %s has no dead letter queue: what cannot be delivered "
                                   "is dropped without a trace",
                                   id)) {
        cJSON *copy = cJSON_IsObject(target) ? json_copy(target) : json_new_object();
        cJSON *config = json_new_object();
        struct strbuf arn = STRBUF_INIT;
        strbuf_addf(&arn, "arn:aws:sqs:%s:%s:%s", n->region,
                    n->account[0] == '\0' ? "ACCOUNT" : n->account, doctor_arn_name(n->dlq));
        json_set_str(config, "Arn", strbuf_str(&arn));
        json_set(copy, "DeadLetterConfig", config);
        doctor_target_fix("", copy, n, f);
        strbuf_clear(&arn);
        cJSON_Delete(copy);
    }
    if (age < AGE_LEAST_S && finding_add(f, DOCTOR_WARN, "target %s gives up after %s", id,
                                         duration_text((int64_t)age * 1000, span))) {
        cJSON *copy = cJSON_IsObject(target) ? json_copy(target) : json_new_object();
        cJSON *policy = json_new_object();
        json_set_int(policy, "MaximumRetryAttempts", RETRIES);
        json_set_int(policy, "MaximumEventAgeInSeconds", AGE_S);
        json_set(copy, "RetryPolicy", policy);
        doctor_target_fix("", copy, n, f);
        cJSON_Delete(copy);
    }
    if (dlq != NULL) {
        doctor_place("dead letter queue", dlq, n, f);
    }
    (void)finding_add(f, DOCTOR_PASS, "undeliverable events go to %s after %s",
                      doctor_arn_name(dlq), duration_text((int64_t)age * 1000, span));
}
