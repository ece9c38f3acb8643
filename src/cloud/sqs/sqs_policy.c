/* The check whether a queue's policy lets a service send. It is small on purpose: it knows
 * principals, actions, resources and the conditions that AWS documents for EventBridge's dead
 * letter queues; anything else in a policy does not count as permission. Facts: SPEC 8, EventBridge
 * user guide "Using dead-letter queues". */
#include <fnmatch.h>
#include <string.h>
#include <strings.h>

#include "core/json.h"
#include "sqs.h"

/* Calls `test` on a string or on each string of an array. */
static bool any_string(const cJSON *v, bool (*test)(const char *s, const void *arg),
                       const void *arg)
{
    if (cJSON_IsString(v)) {
        return test(v->valuestring, arg);
    }
    for (const cJSON *s = cJSON_IsArray(v) ? v->child : NULL; s != NULL; s = s->next) {
        if (cJSON_IsString(s) && test(s->valuestring, arg)) {
            return true;
        }
    }
    return false;
}

static bool is_equal(const char *s, const void *arg)
{
    return strcmp(s, arg) == 0;
}

static bool is_star_or_equal(const char *s, const void *arg)
{
    return strcmp(s, "*") == 0 || strcmp(s, arg) == 0;
}

/* IAM's globs are those of fnmatch without brackets; a pattern with a bracket is taken
 * literally. */
static bool is_like(const char *s, const void *arg)
{
    return strcspn(s, "[\\") == strlen(s) ? fnmatch(s, arg, FNM_NOESCAPE) == 0
                                          : strcmp(s, arg) == 0;
}

static bool is_send_action(const char *s, const void *arg)
{
    (void)arg;
    return strcmp(s, "*") == 0 || strcasecmp(s, "sqs:*") == 0 ||
           strcasecmp(s, "sqs:SendMessage") == 0 || strcasecmp(s, "sqs:Send*") == 0;
}

static bool principal_matches(const cJSON *p, const char *principal)
{
    if (cJSON_IsString(p)) {
        return strcmp(p->valuestring, "*") == 0;
    }
    return any_string(json_get(p, "Service"), is_star_or_equal, principal) ||
           any_string(json_get(p, "AWS"), is_equal, "*");
}

static bool condition_met(const cJSON *one, const char *op, const char *source_arn,
                          const char *account)
{
    bool like = strcmp(op, "ArnLike") == 0 || strcmp(op, "StringLike") == 0 ||
                strcmp(op, "ArnEquals") == 0; /* ArnEquals takes globs as ArnLike does */

    if (!like && strcmp(op, "StringEquals") != 0) {
        return false;
    }
    if (strcasecmp(one->string, "aws:SourceArn") == 0) {
        return any_string(one, like ? is_like : is_equal, source_arn);
    }
    if (strcasecmp(one->string, "aws:SourceAccount") == 0) {
        return any_string(one, like ? is_like : is_equal, account);
    }
    return false;
}

static bool conditions_met(const cJSON *conditions, const char *source_arn, const char *account)
{
    if (conditions == NULL) {
        return true;
    }
    for (const cJSON *op = conditions->child; op != NULL; op = op->next) {
        for (const cJSON *one = op->child; one != NULL; one = one->next) {
            if (one->string == NULL || !condition_met(one, op->string, source_arn, account)) {
                return false;
            }
        }
    }
    return true;
}

bool cloud_sqs_policy_check(const cJSON *policy, const char *principal, const char *queue_arn,
                            const char *source_arn, const char *account)
{
    const cJSON *statements = json_get(policy, "Statement");
    bool allowed = false;

    for (const cJSON *s = cJSON_IsArray(statements) ? statements->child : statements;
         cJSON_IsObject(s); s = s->next) {
        const char *effect = json_str_or(s, "Effect", "");
        if (!principal_matches(json_get(s, "Principal"), principal) ||
            !any_string(json_get(s, "Action"), is_send_action, NULL) ||
            !any_string(json_get(s, "Resource"), is_like, queue_arn) ||
            !conditions_met(json_object(s, "Condition"), source_arn, account)) {
            continue;
        }
        if (strcmp(effect, "Deny") == 0) {
            return false;
        }
        allowed = allowed || strcmp(effect, "Allow") == 0;
        if (!cJSON_IsArray(statements)) {
            break;
        }
    }
    return allowed;
}
