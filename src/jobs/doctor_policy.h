/* doctor_policy.h - what a statement of a resource's policy says about EventBridge. Pure; private
 * to src/jobs. */
#ifndef JOBS_DOCTOR_POLICY_H
#define JOBS_DOCTOR_POLICY_H

#include <cjson/cJSON.h>
#include <stdbool.h>

/* Does the Principal include events.amazonaws.com? */
bool policy_is_for_events(const cJSON *principal);
/* Does the Action (one or a list, with wildcards, in any letter case) include `action`? */
bool policy_has_action(const cJSON *actions, const char *action);
/* Do the conditions on aws:SourceArn and aws:SourceAccount hold for events of the rule? A condition
 * on any other key counts as holding. */
bool policy_conditions_hold(const cJSON *condition, const char *rule_arn);
/* A copy of `policy` (NULL: a new policy) with one statement more, which lets events.amazonaws.com
 * do `action` on `resource` (NULL: no resource, as in a trust policy) when `key` has the value
 * `value`. Owned. */
cJSON *policy_with(const cJSON *policy, const char *action, const char *resource, const char *op,
                   const char *key, const char *value);
#endif
