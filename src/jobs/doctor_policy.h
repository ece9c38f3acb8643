/* doctor_policy.h - what a statement of a resource's policy says about EventBridge. Pure; private
 * to src/jobs. */
#ifndef JOBS_DOCTOR_POLICY_H
#define JOBS_DOCTOR_POLICY_H

#include <cjson/cJSON.h>
#include <stdbool.h>

/* Does a Principal stand for events.amazonaws.com? */
bool policy_is_for_events(const cJSON *principal);
/* Does an Action (one or a list, with wildcards, in any letter case) hold `action`? */
bool policy_has_action(const cJSON *actions, const char *action);
/* Do the conditions on aws:SourceArn and aws:SourceAccount hold for events of the rule? A key that
 * is not known counts as held. */
bool policy_conditions_hold(const cJSON *condition, const char *rule_arn);
/* A copy of `policy` (NULL: a new one) with one statement more, which lets events.amazonaws.com do
 * `action` on `resource` (NULL: none, as in a trust policy) when `key` is `value`. Owned. */
cJSON *policy_with(const cJSON *policy, const char *action, const char *resource, const char *op,
                   const char *key, const char *value);
#endif
