/* The doctor's checks B4, D7 and D8: our own rights, and the role that starts the jobs. */
#include <stdlib.h>
#include <string.h>

#include "aws/iam.h"
#include "core/alloc.h"
#include "core/json.h"
#include "core/strbuf.h"
#include "doctor_priv.h"
#include "ops/iam_policy.h"

enum { MISSING_MAX = 400, SUBMIT_RESOURCES = 4 };

/* ---- B4 ---- */

/* The ARN to ask about: for a role the one with its path, when we may look at the role; owned. */
static char *own_principal(struct doctor *d)
{
    char arn[512];
    cJSON *role = NULL;

    (void)doctor_principal(d->identity.arn, arn, sizeof arn);
    char *principal = xstrdup(arn);
    if (strstr(arn, ":role/") != NULL &&
        iam_get_role(d->o.aws, doctor_arn_name(arn), &role, NULL) == E_OK &&
        json_str(role, "Arn") != NULL) {
        free(principal);
        principal = xstrdup(json_str(role, "Arn"));
    }
    cJSON_Delete(role);
    return principal;
}

struct rights {
    struct strbuf missing; /* text of the form "a, b (what does not work without them); c (...)" */
    int watching, acting;  /* how many statements for watching and for acting lack something */
};

static void add_missing(struct rights *r, const struct iam_asked *a, const cJSON *results)
{
    int n = 0;

    for (size_t i = 0; i < a->actions_len; i++) {
        const char *why = "";
        bool denied = doctor_may(results, a->actions[i], a->resources[0], &why) == MAY_NOT;
        if (!denied && a->resources_len > 1 && strcmp(a->second_action, a->actions[i]) == 0) {
            denied = doctor_may(results, a->actions[i], a->resources[1], &why) == MAY_NOT;
        }
        if (denied) {
            strbuf_addf(&r->missing, "%s%s",
                        n > 0                ? ", "
                        : r->missing.len > 0 ? "; "
                                             : "",
                        a->actions[i]);
            n++;
        }
    }
    if (n > 0) {
        strbuf_addf(&r->missing, " (%s)", a->without);
        r->watching += a->operator_only ? 0 : 1;
        r->acting += a->operator_only ? 1 : 0;
    }
}

static enum err_code ask_rights(struct doctor *d, const char *principal, struct rights *r,
                                struct err *e)
{
    enum iam_who who = settings_bool(d->o.settings, SET_READ_ONLY) ? IAM_VIEWER
                       : d->opt.api                                ? IAM_API
                                                                   : IAM_OPERATOR;
    enum err_code rc = E_OK;

    for (size_t i = 0; i < iam_asked_len && rc == E_OK; i++) {
        struct iam_asked a;
        cJSON *results = NULL;
        if (iam_asked_get(i, who, d->o.settings, d->names.region, d->names.account, &a)) {
            struct iam_question q = {.principal = principal,
                                     .actions = a.actions,
                                     .actions_len = a.actions_len,
                                     .resources = (const char *const *)a.resources,
                                     .resources_len = a.resources_len};
            rc = iam_simulate(d->o.aws, &q, &results, e);
            if (rc == E_OK) {
                add_missing(r, &a, results);
            }
        }
        cJSON_Delete(results);
        iam_asked_clear(&a);
    }
    return rc;
}

/* Tells about an identity whose rights cannot be asked for. */
static void no_principal(const struct doctor *d, struct finding *f)
{
    const char *arn = d->identity.arn;

    if (strstr(arn, ":root") != NULL) {
        (void)finding_add(f, DOCTOR_WARN, "you are the account's root user: everything is allowed");
        finding_fix(f, "use a role with the policy that this prints: `mvpdash iam --operator`");
        return;
    }
    (void)finding_add(f, DOCTOR_UNKNOWN, "IAM cannot be asked what %s may do",
                      arn[0] == '\0' ? "this identity" : arn);
    finding_fix(f, "the checks below say which permission they lack");
}

void check_rights(struct doctor *d, struct finding *f)
{
    struct rights r = {.missing = STRBUF_LIMIT(MISSING_MAX)};
    struct err e = {0};
    char *principal = own_principal(d);

    if (principal[0] == '\0') {
        no_principal(d, f);
        free(principal);
        return;
    }
    enum err_code rc = ask_rights(d, principal, &r, &e);
    if (rc == E_NOT_FOUND) {
        (void)finding_add(f, DOCTOR_UNKNOWN, "IAM does not know %s, perhaps because of its path",
                          principal);
        finding_fix(f, "allow iam:GetRole for %-s", principal);
    } else if (doctor_looked(d, rc, &e, "iam:SimulatePrincipalPolicy", f)) {
        if (r.missing.len > 0 || r.missing.overflow) {
            (void)finding_add(f, DOCTOR_WARN, "%s lacks %s%s", doctor_arn_name(principal),
                              strbuf_str(&r.missing), r.missing.overflow ? " and more" : "");
            finding_fix(f, "attach what this prints: `mvpdash iam %s`",
                        d->opt.api     ? "--api"
                        : r.acting > 0 ? "--operator"
                                       : "--viewer");
        }
        (void)finding_add(
            f, DOCTOR_PASS, "%s has all permissions that %s", doctor_arn_name(principal),
            settings_bool(d->o.settings, SET_READ_ONLY) ? "watching needs" : "mvpdash needs");
    }
    strbuf_clear(&r.missing);
    free(principal);
}

/* ---- D7 ---- */

/* A job that the target has started, recognised by its name, which EventBridge takes from the
 * target. NULL: none is known. */
static const char *proof_of(struct doctor *d)
{
    const char *name = json_str(json_object(d->target, "BatchParameters"), "JobName");

    return doctor_usable(d, "H2") && name != NULL ? json_str(d->started, name) : NULL;
}

void check_role(struct doctor *d, struct finding *f)
{
    const char *arn = json_str_or(d->target, "RoleArn", "");
    const char *name = doctor_arn_name(arn);
    const char *rule_arn = json_str_or(d->rule, "Arn", "");
    const char *proof = proof_of(d);
    cJSON *role = NULL;
    struct err e = {0};

    if (!doctor_role(d->target, &d->names, f)) {
        return;
    }
    doctor_place("target's role", arn, &d->names, f);
    enum err_code rc = iam_get_role(d->o.aws, name, &role, &e);
    f->go_on = rc != E_NOT_FOUND;
    if (rc == E_NOT_FOUND) {
        (void)finding_add(f, DOCTOR_FAIL, "role %s does not exist: EventBridge may not start jobs",
                          name);
        finding_fix(f, "create it with infra/ (terraform apply), or name one that exists: `aws iam "
                       "list-roles --query 'Roles[].RoleName'`");
    } else if (rc == E_OK) {
        doctor_trust(json_str(role, "AssumeRolePolicyDocument"), name, rule_arn, f);
        (void)finding_add(f, DOCTOR_PASS, "%s trusts EventBridge%s%s%s", name,
                          proof == NULL ? "" : " (it started job ", proof == NULL ? "" : proof,
                          proof == NULL ? "" : ")");
    } else if (proof != NULL) {
        (void)finding_add(f, DOCTOR_PASS, "%s (it started job %s)", name, proof);
    } else {
        (void)doctor_looked(d, rc, &e, "iam:GetRole", f);
    }
    cJSON_Delete(role);
}

/* ---- D8 ---- */

/* The resources for which SubmitJob is authorised: queue and revision, then those that policies
 * forget. */
static size_t submit_resources(struct doctor *d, char *out[SUBMIT_RESOURCES])
{
    const char *queue = json_str_or(d->target, "Arn", "");
    const char *definition =
        doctor_usable(d, "F3") ? json_str(d->definition, "jobDefinitionArn") : NULL;
    size_t n = 0;

    out[n++] = xstrdup(queue);
    if (definition == NULL) {
        return n;
    }
    out[n++] = xstrdup(definition);
    const char *slash = strrchr(definition, '/');
    const char *colon = slash == NULL ? NULL : strchr(slash, ':');
    if (colon != NULL && strchr(doctor_arn_name(d->definition_ref), ':') == NULL) {
        out[n++] = xstrndup(definition, (size_t)(colon - definition));
    }
    return n;
}

static void submit_fix(const char *role, char *const resources[], size_t n, struct finding *f)
{
    cJSON *policy = json_new_object();
    cJSON *list = json_new_array();
    cJSON *statement = json_new_object();
    cJSON *actions = json_new_array();
    cJSON *on = json_new_array();
    char account[32];
    char region[64];
    char partition[32];

    for (size_t i = 0; i < n; i++) {
        json_push_str(on, resources[i]);
        const char *slash = strrchr(resources[i], '/');
        const char *colon = slash == NULL ? NULL : strchr(slash, ':');
        if (colon != NULL) { /* the next revision has to be allowed as well */
            char *any = xasprintf("%.*s:*", (int)(colon - resources[i]), resources[i]);
            json_push_str(on, any);
            free(any);
        }
    }
    char *jobs = xasprintf("arn:%s:batch:%s:%s:job/*",
                           doctor_arn_part(resources[0], 1, partition, sizeof partition),
                           doctor_arn_part(resources[0], 3, region, sizeof region),
                           doctor_arn_part(resources[0], 4, account, sizeof account));
    json_push_str(on, jobs);
    free(jobs);
    json_push_str(actions, "batch:SubmitJob");
    json_set_str(statement, "Effect", "Allow");
    json_set(statement, "Action", actions);
    json_set(statement, "Resource", on);
    json_push(list, statement);
    json_set_str(policy, "Version", "2012-10-17");
    json_set(policy, "Statement", list);
    char *text = json_text(policy);
    finding_fix(
        f, "`aws iam put-role-policy --role-name %-s --policy-name start --policy-document %-s`",
        role, text);
    free(text);
    cJSON_Delete(policy);
}

static void judge_submit(struct doctor *d, const cJSON *results, char *const resources[], size_t n,
                         struct finding *f)
{
    static const char action[] = "batch:SubmitJob";
    const char *role = doctor_arn_name(json_str_or(d->target, "RoleArn", ""));
    bool proven = proof_of(d) != NULL;

    for (size_t i = 0; i < n; i++) {
        const char *why = "";
        enum doctor_may may = doctor_may(results, action, resources[i], &why);
        /* AWS does not document which of the two forms of a definition's ARN counts. */
        enum doctor_state state = i < 2 ? DOCTOR_FAIL : proven ? DOCTOR_PASS : DOCTOR_WARN;
        if (may == MAY_NOT && state != DOCTOR_PASS &&
            finding_add(f, state, "role %s may not %s on %s (%s)", role, action, resources[i],
                        why) &&
            f->fix == NULL) {
            submit_fix(role, resources, n, f);
        } else if (may == MAY_UNKNOWN && !proven &&
                   finding_add(f, DOCTOR_UNKNOWN, "whether role %s may %s on %s %s", role, action,
                               resources[i], why[0] == '\0' ? "is not known" : why) &&
                   f->fix == NULL) {
            finding_fix(f,
                        "`aws iam simulate-principal-policy --policy-source-arn %-s --action-names "
                        "batch:SubmitJob --resource-arns %-s`",
                        json_str_or(d->target, "RoleArn", ""), resources[i]);
        }
    }
    (void)finding_add(f, DOCTOR_PASS, "%s may submit to %s%s", role, doctor_arn_name(resources[0]),
                      n > 1 ? " what the target names" : "");
}

void check_role_rights(struct doctor *d, struct finding *f)
{
    static const char *const actions[] = {"batch:SubmitJob"};
    const char *arn = json_str_or(d->target, "RoleArn", "");
    const char *proof = proof_of(d);
    char *resources[SUBMIT_RESOURCES] = {0};
    size_t n = submit_resources(d, resources);
    cJSON *results = NULL;
    struct err e = {0};
    struct iam_question q = {.principal = arn,
                             .actions = actions,
                             .actions_len = 1,
                             .resources = (const char *const *)resources,
                             .resources_len = n};
    enum err_code rc = iam_simulate(d->o.aws, &q, &results, &e);

    if (rc == E_OK) {
        judge_submit(d, results, resources, n, f);
    } else if (proof != NULL) {
        (void)finding_add(f, DOCTOR_PASS, "%s (it started job %s)", doctor_arn_name(arn), proof);
    } else {
        (void)doctor_looked(d, rc, &e, "iam:SimulatePrincipalPolicy", f);
    }
    for (size_t i = 0; i < n; i++) {
        free(resources[i]);
    }
    cJSON_Delete(results);
}
