/* Reading statements of a resource's policy: principals, actions and conditions. */
#include "doctor_policy.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "core/json.h"
#include "jobs/doctor.h"

/* Does `s` match `pattern`, in which * stands for any text and ? for one character? */
static bool glob(const char *pattern, const char *s, bool any_case)
{
    const char *star = NULL;
    const char *from = s;

    while (*s != '\0') {
        bool same = any_case ? tolower((unsigned char)*pattern) == tolower((unsigned char)*s)
                             : *pattern == *s;
        if (*pattern == '*') {
            star = pattern++;
            from = s;
        } else if (*pattern == '?' || same) {
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

/* Does the string, or one string of the list, match `s`? */
static bool any_is(const cJSON *v, const char *s, bool any_case)
{
    const cJSON *item;

    if (cJSON_IsString(v)) {
        return glob(v->valuestring, s, any_case);
    }
    cJSON_ArrayForEach(item, v)
    {
        if (cJSON_IsArray(v) && cJSON_IsString(item) && glob(item->valuestring, s, any_case)) {
            return true;
        }
    }
    return false;
}

bool policy_is_for_events(const cJSON *principal)
{
    return any_is(principal, "events.amazonaws.com", false) ||
           any_is(json_get(principal, "Service"), "events.amazonaws.com", false) ||
           (cJSON_IsString(json_get(principal, "AWS")) &&
            strcmp(json_str(principal, "AWS"), "*") == 0);
}

bool policy_has_action(const cJSON *actions, const char *action)
{
    return any_is(actions, action, true);
}

/* Does the condition hold for the value of its key? `op` is "StringEquals", "ArnLike" and so on;
 * "Not" turns a test round, Null asks whether there is a value. */
static bool condition_holds(const char *op, const cJSON *wanted, const char *value)
{
    if (strcasecmp(op, "Null") == 0) {
        return any_is(wanted, "false", true);
    }
    return any_is(wanted, value, false) != (strcasestr(op, "Not") != NULL);
}

bool policy_conditions_hold(const cJSON *condition, const char *rule_arn)
{
    char account[32];
    const cJSON *op;
    const cJSON *key;

    (void)doctor_arn_part(rule_arn, 4, account, sizeof account);
    cJSON_ArrayForEach(op, condition)
    {
        cJSON_ArrayForEach(key, op)
        {
            const char *name = key->string == NULL ? "" : key->string;
            if ((strcasecmp(name, "aws:SourceArn") == 0 &&
                 !condition_holds(op->string, key, rule_arn)) ||
                (strcasecmp(name, "aws:SourceAccount") == 0 &&
                 !condition_holds(op->string, key, account))) {
                return false;
            }
        }
    }
    return true;
}

cJSON *policy_with(const cJSON *policy, const char *action, const char *resource, const char *op,
                   const char *key, const char *value)
{
    cJSON *whole = cJSON_IsObject(policy) ? json_copy(policy) : json_new_object();
    cJSON *list = cJSON_DetachItemFromObjectCaseSensitive(whole, "Statement");
    cJSON *statement = json_new_object();
    cJSON *principal = json_new_object();
    cJSON *condition = json_new_object();
    cJSON *test = json_new_object();

    if (!cJSON_IsArray(list)) {
        cJSON *one = list;
        list = json_new_array();
        if (cJSON_IsObject(one)) {
            json_push(list, one);
        } else {
            cJSON_Delete(one);
        }
    }
    json_set_str(principal, "Service", "events.amazonaws.com");
    json_set_str(test, key, value);
    json_set(condition, op, test);
    json_set_str(statement, "Effect", "Allow");
    json_set(statement, "Principal", principal);
    json_set_str(statement, "Action", action);
    if (resource != NULL) {
        json_set_str(statement, "Resource", resource);
    }
    json_set(statement, "Condition", condition);
    json_push(list, statement);
    if (json_get(whole, "Version") == NULL) {
        json_set_str(whole, "Version", "2012-10-17");
    }
    json_set(whole, "Statement", list);
    return whole;
}
