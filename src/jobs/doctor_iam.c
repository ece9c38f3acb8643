/* doctor_iam.c - B4, D7, D8: whom the roles trust, and what they may do. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "doctor_policy.h"
#include "jobs/doctor.h"

const char *doctor_principal(const char *arn, char *out, size_t size)
{
    static const char session[] = "assumed-role/";
    char partition[32];
    char service[16];
    char account[32];
    const char *what = arn == NULL ? "" : arn;

    out[0] = '\0';
    (void)doctor_arn_part(arn, 1, partition, sizeof partition);
    (void)doctor_arn_part(arn, 2, service, sizeof service);
    (void)doctor_arn_part(arn, 4, account, sizeof account);
    for (int colons = 0; *what != '\0' && colons < 5; what++) {
        colons += *what == ':';
    }
    if (partition[0] == '\0' || account[0] == '\0') {
        return out;
    }
    if (strncmp(what, session, sizeof session - 1) == 0) {
        const char *role = what + sizeof session - 1;
        (void)snprintf(out, size, "arn:%s:iam::%s:role/%.*s", partition, account,
                       (int)strcspn(role, "/"), role);
    } else if (strcmp(service, "iam") == 0 &&
               (strncmp(what, "user/", 5) == 0 || strncmp(what, "role/", 5) == 0)) {
        (void)snprintf(out, size, "%s", arn);
    }
    return out;
}

bool doctor_role(const cJSON *target, const struct doctor_names *n, struct finding *f)
{
    const char *role = json_str(target, "RoleArn");

    if (role != NULL && role[0] != '\0') {
        return true;
    }
    if (finding_add(f, DOCTOR_FAIL, "target %s has no role: EventBridge may not start jobs",
                    json_str_or(target, "Id", "?"))) {
        finding_fix(f,
                    "aws events put-targets --region %-s --event-bus-name %-s --rule %-s with a "
                    "RoleArn that trusts events.amazonaws.com and allows batch:SubmitJob (managed "
                    "policy service-role/AWSBatchServiceEventTargetRole)",
                    n->region, n->bus, n->rule);
    }
    return false;
}

/* ---- D7 ---- */

enum trust { TRUST_NONE, TRUST_OTHER, TRUST_GIVEN, TRUST_DENIED };

static enum trust judge(const cJSON *policy, const char *rule_arn)
{
    const cJSON *list = json_get(policy, "Statement");
    const cJSON *s = cJSON_IsArray(list) ? list->child : list;
    enum trust t = TRUST_NONE;

    for (; s != NULL; s = cJSON_IsArray(list) ? s->next : NULL) {
        bool deny = strcmp(json_str_or(s, "Effect", ""), "Deny") == 0;
        if (!policy_is_for_events(json_get(s, "Principal")) ||
            !policy_has_action(json_get(s, "Action"), "sts:AssumeRole")) {
            continue;
        }
        if (policy_conditions_hold(json_object(s, "Condition"), rule_arn)) {
            if (deny) {
                return TRUST_DENIED;
            }
            t = TRUST_GIVEN;
        } else if (!deny && t == TRUST_NONE) {
            t = TRUST_OTHER;
        }
    }
    return t;
}

void doctor_trust(const char *trust, const char *role, const char *rule_arn, struct finding *f)
{
    static const char *const faults[] = {
        [TRUST_NONE] = "does not trust events.amazonaws.com",
        [TRUST_OTHER] = "trusts events.amazonaws.com, but its conditions (aws:SourceArn, "
                        "aws:SourceAccount) leave this rule out",
        [TRUST_DENIED] = "denies events.amazonaws.com",
    };
    cJSON *policy = trust == NULL ? NULL : json_parse(trust, strlen(trust), "trust policy", NULL);
    enum trust t = judge(policy, rule_arn);
    char account[32];

    (void)doctor_arn_part(rule_arn, 4, account, sizeof account);
    if (t != TRUST_GIVEN &&
        finding_add(f, DOCTOR_FAIL, "role %s %s: EventBridge may not use it", role, faults[t])) {
        /* A further statement does not help against a statement that denies. */
        cJSON *whole = policy_with(t == TRUST_DENIED ? NULL : policy, "sts:AssumeRole", NULL,
                                   "StringEquals", "aws:SourceAccount", account);
        char *text = json_text(whole);
        finding_fix(
            f, "`aws iam update-assume-role-policy --role-name %-s --policy-document %-s`%s", role,
            text, t == TRUST_DENIED ? " (it replaces the trust policy that is there)" : "");
        free(text);
        cJSON_Delete(whole);
    }
    cJSON_Delete(policy);
}

/* ---- simulations ---- */

static const cJSON *result_of(const cJSON *results, const char *action)
{
    const cJSON *r;

    cJSON_ArrayForEach(r, results)
    {
        if (strcmp(json_str_or(r, "EvalActionName", ""), action) == 0) {
            return r;
        }
    }
    return NULL;
}

/* Why the action is not allowed; static. `*open`: a condition decides, and the simulation has no
 * value for it. */
static const char *reason_of(const cJSON *result, const cJSON *specific, const char *decision,
                             bool *open)
{
    const cJSON *missing = json_get(specific != NULL ? specific : result, "MissingContextValues");

    if (strcmp(json_str_or(json_object(result, "OrganizationsDecisionDetail"),
                           "AllowedByOrganizations", ""),
               "false") == 0) {
        return "refused by a policy of the organization";
    }
    if (strcmp(json_str_or(json_object(specific != NULL ? specific : result,
                                       "PermissionsBoundaryDecisionDetail"),
                           "AllowedByPermissionsBoundary", ""),
               "false") == 0) {
        return "outside the permissions boundary";
    }
    if (strcmp(decision, "explicitDeny") == 0) {
        return "explicitly denied";
    }
    *open = cJSON_IsArray(missing) && missing->child != NULL;
    return *open ? "depends on a condition" : "not allowed";
}

enum doctor_may doctor_may(const cJSON *results, const char *action, const char *resource,
                           const char **why)
{
    const cJSON *r = result_of(results, action);
    const cJSON *list = json_array(r, "ResourceSpecificResults");
    const char *decision = json_str(r, "EvalDecision");
    const cJSON *specific = NULL;
    const cJSON *s;

    cJSON_ArrayForEach(s, list)
    {
        if (strcmp(json_str_or(s, "EvalResourceName", ""), resource) == 0) {
            specific = s;
            decision = json_str(s, "EvalResourceDecision");
        }
    }
    *why = "";
    if (decision == NULL) {
        return MAY_UNKNOWN;
    }
    if (strcmp(decision, "allowed") == 0) {
        return MAY;
    }
    bool open = false;
    *why = reason_of(r, specific, decision, &open);
    return open ? MAY_UNKNOWN : MAY_NOT;
}
