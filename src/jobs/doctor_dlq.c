/* The doctor's rules E1 to E4: the dead letter queue, its policy, and what waits in it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "doctor_policy.h"
#include "jobs/doctor.h"

enum { RETENTION_LEAST_S = 4 * 86400 };

/* An attribute of a queue as a number: SQS gives numbers as strings. */
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
                    "make a standard queue (aws sqs create-queue --region %-s --queue-name NAME), "
                    "then put-targets with its ARN",
                    n->region);
    }
    doctor_place("dead letter queue", json_str(attributes, "QueueArn"), n, f);
    if (retention > 0 && retention < RETENTION_LEAST_S &&
        finding_add(f, DOCTOR_WARN, "%s keeps messages for only %ld h", name, retention / 3600)) {
        finding_fix(f,
                    "`aws sqs set-queue-attributes --region %-s --queue-url \"$(aws sqs "
                    "get-queue-url --region %-s --queue-name %-s --query QueueUrl --output text)\" "
                    "--attributes MessageRetentionPeriod=1209600`",
                    n->region, n->region, name);
    }
    (void)finding_add(f, DOCTOR_PASS, "%s keeps messages for %ld days", name, retention / 86400);
}

enum verdict { NO_POLICY, NO_STATEMENT, OTHER_ARN, ALLOWED };

static enum verdict judge(const cJSON *policy, const char *rule_arn)
{
    const cJSON *list = json_get(policy, "Statement");
    const cJSON *s = cJSON_IsArray(list) ? list->child : list;
    enum verdict v = policy == NULL ? NO_POLICY : NO_STATEMENT;

    for (; s != NULL; s = cJSON_IsArray(list) ? s->next : NULL) {
        if (strcmp(json_str_or(s, "Effect", ""), "Allow") != 0 ||
            !policy_is_for_events(json_get(s, "Principal")) ||
            !policy_has_action(json_get(s, "Action"), "sqs:SendMessage")) {
            continue;
        }
        if (policy_conditions_hold(json_object(s, "Condition"), rule_arn)) {
            return ALLOWED;
        }
        v = OTHER_ARN;
    }
    return v;
}

/* Gives the remedy of one statement more in the present policy. */
static void policy_fix(const cJSON *policy, const char *queue_arn, const char *url,
                       const char *rule_arn, struct finding *f)
{
    cJSON *whole =
        policy_with(policy, "sqs:SendMessage", queue_arn, "ArnEquals", "aws:SourceArn", rule_arn);
    cJSON *attributes = json_new_object();
    char *inner = json_text(whole);
    char region[64];

    json_set_str(attributes, "Policy", inner);
    char *text = json_text(attributes);
    finding_fix(f, "`aws sqs set-queue-attributes --region %-s --queue-url %-s --attributes %-s`",
                doctor_arn_part(queue_arn, 3, region, sizeof region), url, text);
    free(text);
    free(inner);
    cJSON_Delete(attributes);
    cJSON_Delete(whole);
}

void doctor_dlq_policy(const cJSON *attributes, const char *url, const char *rule_arn,
                       struct finding *f)
{
    static const char *const faults[] = {
        [NO_POLICY] = "has no policy that lets EventBridge send",
        [NO_STATEMENT] = "has a policy that does not let events.amazonaws.com send",
        [OTHER_ARN] = "lets EventBridge send for other rules only, not for",
    };
    const char *text = json_str(attributes, "Policy");
    const char *queue_arn = json_str_or(attributes, "QueueArn", "");
    const char *key = json_str(attributes, "KmsMasterKeyId");
    cJSON *policy =
        text == NULL || text[0] == '\0' ? NULL : json_parse(text, strlen(text), "policy", NULL);
    enum verdict v = judge(policy, rule_arn);
    char region[64];

    if (v != ALLOWED && finding_add(f, DOCTOR_FAIL, "%s %s%s%s: undeliverable events are lost",
                                    doctor_arn_name(queue_arn), faults[v],
                                    v == OTHER_ARN ? " " : "", v == OTHER_ARN ? rule_arn : "")) {
        policy_fix(policy, queue_arn, url, rule_arn, f);
    }
    if (key != NULL && strstr(key, "alias/aws/sqs") != NULL &&
        finding_add(f, DOCTOR_FAIL,
                    "%s is encrypted with AWS's own key, which EventBridge may not "
                    "use",
                    doctor_arn_name(queue_arn))) {
        finding_fix(f,
                    "`aws sqs set-queue-attributes --region %-s --queue-url %-s --attributes "
                    "KmsMasterKeyId=,SqsManagedSseEnabled=true`",
                    doctor_arn_part(queue_arn, 3, region, sizeof region), url);
    }
    (void)finding_add(f, DOCTOR_PASS, "EventBridge may send to %s for the rule",
                      doctor_arn_name(queue_arn));
    cJSON_Delete(policy);
}

void doctor_dlq_depth(const cJSON *attributes, const char *name, struct finding *f)
{
    long n = number(attributes, "ApproximateNumberOfMessages") +
             number(attributes, "ApproximateNumberOfMessagesNotVisible");

    if (n > 0 && finding_add(f, DOCTOR_WARN, "%ld event%s could not be delivered and wait%s in %s",
                             n, n == 1 ? "" : "s", n == 1 ? "s" : "", name)) {
        finding_fix(f, "`mvpdash dlq` shows why and how to redrive them");
    }
    (void)finding_add(f, DOCTOR_PASS, "%s is empty", name);
}
