#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/json.h"
#include "jobs/doctor.h"

enum { RETENTION_LEAST_S = 4 * 86400 };

/* Numbers among queue attributes are strings. */
static long number(const cJSON *attributes, const char *name)
{
    const char *s = json_str(attributes, name);

    return s == NULL ? 0 : strtol(s, NULL, 10);
}

void doctor_dlq(const cJSON *attributes, const char *name, const struct doctor_names *n,
                struct finding *f)
{
    long retention = number(attributes, "MessageRetentionPeriod");
    size_t len = strlen(name);

    if (len > 5 && strcmp(name + len - 5, ".fifo") == 0 &&
        finding_add(f, DOCTOR_FAIL, "%s is a FIFO queue: EventBridge needs a standard one", name)) {
        finding_fix(f,
                    "aws sqs create-queue --region %w --queue-name NAME, then put-targets with "
                    "its ARN",
                    n->region);
    }
    doctor_place("dead letter queue", json_str(attributes, "QueueArn"), n, f);
    if (retention > 0 && retention < RETENTION_LEAST_S &&
        finding_add(f, DOCTOR_WARN, "%s keeps messages for %ld h only", name, retention / 3600)) {
        finding_fix(f,
                    "aws sqs set-queue-attributes --region %w --queue-url \"$(aws sqs "
                    "get-queue-url --region %w --queue-name %w --query QueueUrl --output text)\" "
                    "--attributes MessageRetentionPeriod=1209600",
                    n->region, n->region, name);
    }
    (void)finding_add(f, DOCTOR_PASS, "%s keeps messages for %ld days", name, retention / 86400);
}

/* Is `s` the text that `pattern` stands for, with * for any text and ? for one character? */
static bool glob(const char *pattern, const char *s)
{
    const char *star = NULL;
    const char *from = s;

    while (*s != '\0') {
        if (*pattern == '*') {
            star = pattern++;
            from = s;
        } else if (*pattern == '?' || *pattern == *s) {
            pattern++;
            s++;
        } else if (star != NULL) {
            pattern = star + 1;
            s = ++from;
        } else {
            return false;
        }
    }
    return pattern[strspn(pattern, "*")] == '\0';
}

/* One of a string or a list of strings stands for `s`. */
static bool any_is(const cJSON *v, const char *s)
{
    const cJSON *item;

    if (cJSON_IsString(v)) {
        return glob(v->valuestring, s);
    }
    cJSON_ArrayForEach(item, v)
    {
        if (cJSON_IsArray(v) && cJSON_IsString(item) && glob(item->valuestring, s)) {
            return true;
        }
    }
    return false;
}

static bool is_for_events(const cJSON *principal)
{
    return any_is(principal, "events.amazonaws.com") ||
           any_is(json_get(principal, "Service"), "events.amazonaws.com") ||
           (cJSON_IsString(json_get(principal, "AWS")) &&
            strcmp(json_str(principal, "AWS"), "*") == 0);
}

static bool is_send(const cJSON *action)
{
    const cJSON *item = action;

    if (cJSON_IsArray(action)) {
        cJSON_ArrayForEach(item, action)
        {
            if (is_send(item)) {
                return true;
            }
        }
        return false;
    }
    return cJSON_IsString(action) && (strcasecmp(action->valuestring, "sqs:SendMessage") == 0 ||
                                      strcasecmp(action->valuestring, "sqs:*") == 0 ||
                                      strcasecmp(action->valuestring, "sqs:Send*") == 0 ||
                                      strcmp(action->valuestring, "*") == 0);
}

/* Do all conditions hold for events of the rule? A key that we do not know counts as held. */
static bool conditions_hold(const cJSON *condition, const char *rule_arn)
{
    char account[32];
    const cJSON *op;
    const cJSON *key;

    (void)doctor_arn_part(rule_arn, 4, account, sizeof account);
    cJSON_ArrayForEach(op, condition)
    {
        cJSON_ArrayForEach(key, op)
        {
            if ((strcasecmp(key->string, "aws:SourceArn") == 0 && !any_is(key, rule_arn)) ||
                (strcasecmp(key->string, "aws:SourceAccount") == 0 && !any_is(key, account))) {
                return false;
            }
        }
    }
    return true;
}

enum verdict { NO_POLICY, NO_STATEMENT, OTHER_ARN, ALLOWED };

static enum verdict judge(const cJSON *policy, const char *rule_arn)
{
    const cJSON *list = json_get(policy, "Statement");
    const cJSON *s = cJSON_IsArray(list) ? list->child : list;
    enum verdict v = policy == NULL ? NO_POLICY : NO_STATEMENT;

    for (; s != NULL; s = cJSON_IsArray(list) ? s->next : NULL) {
        if (strcmp(json_str_or(s, "Effect", ""), "Allow") != 0 ||
            !is_for_events(json_get(s, "Principal")) || !is_send(json_get(s, "Action"))) {
            continue;
        }
        if (conditions_hold(json_object(s, "Condition"), rule_arn)) {
            return ALLOWED;
        }
        v = OTHER_ARN;
    }
    return v;
}

static void policy_fix(const char *queue_arn, const char *url, const char *rule_arn,
                       struct finding *f)
{
    char *policy =
        xasprintf("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{"
                  "\"Service\":\"events.amazonaws.com\"},\"Action\":\"sqs:SendMessage\","
                  "\"Resource\":\"%.300s\",\"Condition\":{\"ArnEquals\":{\"aws:SourceArn\":"
                  "\"%.300s\"}}}]}",
                  queue_arn, rule_arn);
    cJSON *attributes = json_new_object();

    json_set_str(attributes, "Policy", policy);
    char *text = json_text(attributes);
    finding_fix(f,
                "aws sqs set-queue-attributes --queue-url %w --attributes %w (it replaces the "
                "policy that is there)",
                url, text);
    free(text);
    cJSON_Delete(attributes);
    free(policy);
}

void doctor_dlq_policy(const cJSON *attributes, const char *url, const char *rule_arn,
                       struct finding *f)
{
    static const char *const faults[] = {
        [NO_POLICY] = "has no policy that lets EventBridge in",
        [NO_STATEMENT] = "has a policy that does not let events.amazonaws.com send",
        [OTHER_ARN] = "lets EventBridge in for other rules only, not for",
    };
    const char *text = json_str(attributes, "Policy");
    const char *queue_arn = json_str_or(attributes, "QueueArn", "");
    const char *key = json_str(attributes, "KmsMasterKeyId");
    cJSON *policy =
        text == NULL || text[0] == '\0' ? NULL : json_parse(text, strlen(text), "policy", NULL);
    enum verdict v = judge(policy, rule_arn);

    if (v != ALLOWED && finding_add(f, DOCTOR_FAIL, "%s %s%s%s: undeliverable events are lost",
                                    doctor_arn_name(queue_arn), faults[v],
                                    v == OTHER_ARN ? " " : "", v == OTHER_ARN ? rule_arn : "")) {
        policy_fix(queue_arn, url, rule_arn, f);
    }
    if (key != NULL && strstr(key, "alias/aws/sqs") != NULL &&
        finding_add(f, DOCTOR_FAIL,
                    "%s is encrypted with AWS's own key, which EventBridge may not "
                    "use",
                    doctor_arn_name(queue_arn))) {
        finding_fix(f,
                    "aws sqs set-queue-attributes --queue-url %w --attributes "
                    "KmsMasterKeyId=,SqsManagedSseEnabled=true",
                    url);
    }
    (void)finding_add(f, DOCTOR_PASS, "EventBridge may send to %s for the rule",
                      doctor_arn_name(queue_arn));
    cJSON_Delete(policy);
}

void doctor_dlq_depth(const cJSON *attributes, const char *name, struct finding *f)
{
    long n = number(attributes, "ApproximateNumberOfMessages") +
             number(attributes, "ApproximateNumberOfMessagesNotVisible");

    if (n > 0 && finding_add(f, DOCTOR_WARN, "%ld event%s could not be delivered and lie%s in %s",
                             n, n == 1 ? "" : "s", n == 1 ? "s" : "", name)) {
        finding_fix(f,
                    "each says why in its ERROR_CODE: aws sqs receive-message --queue-url "
                    "\"$(aws sqs get-queue-url --queue-name %w --query QueueUrl --output "
                    "text)\" --message-attribute-names All --visibility-timeout 0",
                    name);
    }
    (void)finding_add(f, DOCTOR_PASS, "%s is empty", name);
}
