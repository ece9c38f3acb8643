#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "doctor_fix.h"
#include "jobs/batch.h"
#include "jobs/doctor.h"
#include "jobs/state.h"

enum { RETENTION_LEAST_DAYS = 7 };

static bool is(const cJSON *obj, const char *key, const char *want)
{
    return strcmp(json_str_or(obj, key, want), want) == 0;
}

/* ---- queue and compute environments ---- */

void doctor_queue(const cJSON *queue, const struct doctor_names *n, struct finding *f)
{
    const char *name = doctor_arn_name(n->queue);

    if (!is(queue, "state", "ENABLED") &&
        finding_add(f, DOCTOR_FAIL, "queue %s is %s: it takes no job", name,
                    json_str(queue, "state"))) {
        finding_fix(f, "`aws batch update-job-queue --region %-s --job-queue %-s --state ENABLED`",
                    n->region, name);
    }
    if (!is(queue, "status", "VALID") && !is(queue, "status", "UPDATING") &&
        finding_add(f, DOCTOR_FAIL, "queue %s is %s: %s", name, json_str(queue, "status"),
                    json_str_or(queue, "statusReason", "no reason given"))) {
        finding_fix(f, "`aws batch describe-job-queues --region %-s --job-queues %-s`", n->region,
                    name);
    }
    if (json_array(queue, "computeEnvironmentOrder") == NULL ||
        json_array(queue, "computeEnvironmentOrder")->child == NULL) {
        if (json_array(queue, "serviceEnvironmentOrder") == NULL &&
            finding_add(f, DOCTOR_FAIL, "queue %s has no compute environment", name)) {
            finding_fix(f,
                        "aws batch update-job-queue --region %-s --job-queue %-s "
                        "--compute-environment-order order=1,computeEnvironment=NAME",
                        n->region, name);
        }
    }
    doctor_place("queue", json_str(queue, "jobQueueArn"), n, f);
    (void)finding_add(f, DOCTOR_PASS, "%s is ENABLED and VALID", name);
}

static void one_environment(const cJSON *e, const struct doctor_names *n, struct finding *f)
{
    const char *name = json_str_or(e, "computeEnvironmentName", "?");

    if (!is(e, "state", "ENABLED") &&
        finding_add(f, DOCTOR_FAIL, "compute environment %s is %s", name, json_str(e, "state"))) {
        finding_fix(f,
                    "`aws batch update-compute-environment --region %-s --compute-environment %-s "
                    "--state ENABLED`",
                    n->region, name);
    }
    if (!is(e, "status", "VALID") && !is(e, "status", "UPDATING") &&
        finding_add(f, DOCTOR_FAIL, "compute environment %s is %s: %s", name, json_str(e, "status"),
                    json_str_or(e, "statusReason", "no reason given"))) {
        finding_fix(
            f, "`aws batch describe-compute-environments --region %-s --compute-environments %-s`",
            n->region, name);
    }
    if (json_int(json_object(e, "computeResources"), "maxvCpus", 1) <= 0 &&
        finding_add(f, DOCTOR_FAIL, "compute environment %s has maxvCpus 0: nothing can run",
                    name)) {
        finding_fix(f,
                    "`aws batch update-compute-environment --region %-s --compute-environment %-s "
                    "--compute-resources maxvCpus=16`",
                    n->region, name);
    }
}

void doctor_environments(const cJSON *environments, const struct doctor_names *n, struct finding *f)
{
    const cJSON *e;
    long vcpus = 0;

    if (cJSON_GetArraySize(environments) == 0 &&
        finding_add(f, DOCTOR_FAIL, "the compute environments of queue %s do not exist",
                    doctor_arn_name(n->queue))) {
        finding_fix(f, "`aws batch describe-job-queues --region %-s --job-queues %-s`", n->region,
                    doctor_arn_name(n->queue));
    }
    cJSON_ArrayForEach(e, environments)
    {
        one_environment(e, n, f);
        vcpus += (long)json_int(json_object(e, "computeResources"), "maxvCpus", 0);
    }
    (void)finding_add(f, DOCTOR_PASS, "%d with up to %ld vCPUs", cJSON_GetArraySize(environments),
                      vcpus);
}

/* ---- job definition ---- */

/* A target that names no revision takes the newest each time. */
static void unpin_fix(const cJSON *target, const char *definition, const struct doctor_names *n,
                      struct finding *f)
{
    cJSON *copy = cJSON_IsObject(target) ? json_copy(target) : json_new_object();
    cJSON *batch = cJSON_GetObjectItemCaseSensitive(copy, "BatchParameters");

    if (!cJSON_IsObject(batch)) {
        finding_fix(f, "set BATCH_JOB_DEFINITION=%-s (the newest is taken each time)", definition);
    } else {
        json_set_str(batch, "JobDefinition", definition);
        doctor_target_fix("without a revision the newest is taken each time: ", copy, n, f);
    }
    cJSON_Delete(copy);
}

void doctor_definition(const char *ref, const cJSON *newest, const cJSON *pinned,
                       const cJSON *target, const struct doctor_names *n, struct finding *f)
{
    const char *name = doctor_arn_name(ref);
    const char *colon = strchr(name, ':');
    long revision = colon == NULL ? 0 : strtol(colon + 1, NULL, 10);
    long latest = (long)json_int(newest, "revision", 0);
    char *plain = xstrndup(name, strcspn(name, ":"));

    if (newest == NULL) {
        if (finding_add(f, DOCTOR_FAIL,
                        "job definition %s has no ACTIVE revision: no job can start", plain)) {
            finding_fix(f,
                        "register one, by infra/ (terraform apply) or: aws batch "
                        "register-job-definition --region %-s --job-definition-name %-s --type "
                        "container --container-properties file://container.json",
                        n->region, plain);
        }
    } else if (revision > 0 && (pinned == NULL || !is(pinned, "status", "ACTIVE"))) {
        if (finding_add(
                f, DOCTOR_FAIL,
                "the target is pinned to %s, which is not ACTIVE; the newest ACTIVE is :%ld", name,
                latest)) {
            unpin_fix(target, plain, n, f);
        }
    } else if (revision > 0 && revision < latest &&
               finding_add(f, DOCTOR_WARN, "the target is pinned to %s; the newest ACTIVE is :%ld",
                           name, latest)) {
        unpin_fix(target, plain, n, f);
    }
    (void)finding_add(f, DOCTOR_PASS, "%s:%ld is ACTIVE", plain, revision > 0 ? revision : latest);
    free(plain);
}

void doctor_definition_limits(const cJSON *definition, const char *ref, struct finding *f)
{
    long limit = (long)json_int(json_object(definition, "timeout"), "attemptDurationSeconds", 0);

    if (limit <= 0 && finding_add(f, DOCTOR_WARN,
                                  "%s has no timeout: a job that hangs costs for "
                                  "ever",
                                  doctor_arn_name(ref))) {
        finding_fix(f, "register a revision of %-s with timeout={attemptDurationSeconds=14400}",
                    doctor_arn_name(ref));
    }
    (void)finding_add(f, DOCTOR_PASS, "ends after %ld s; attempts: %ld", limit,
                      (long)json_int(json_object(definition, "retryStrategy"), "attempts", 1));
}

/* ---- the head of the queue ---- */

/* The last name of the environment's service role; NULL when Batch uses its service-linked one. */
static const char *service_role(const cJSON *environment)
{
    const char *arn = json_str(environment, "serviceRole");

    return arn == NULL || strstr(arn, "aws-service-role") != NULL ? NULL : doctor_arn_name(arn);
}

/* What to do about a job that waits, by the class of Batch's reason (PEERS 7, F6). */
static void head_fix(const char *raw, const cJSON *environment, const struct doctor_names *n,
                     struct finding *f)
{
    const char *name = json_str_or(environment, "computeEnvironmentName", "NAME");
    const char *role = service_role(environment);

    if (strstr(raw, "COMPUTE_ENVIRONMENT_MAX_RESOURCE") != NULL) {
        doctor_grow_fix("wait for other jobs to end, or make it larger: ", environment, 0, n, f);
    } else if (strstr(raw, "JOB_RESOURCE_REQUIREMENT") != NULL) {
        finding_fix(f, "see F4; while Batch scales this can be wrong: look again in 10 minutes");
    } else if (strstr(raw, "SERVICE_ROLE_PERMISSIONS") != NULL && role != NULL) {
        finding_fix(f,
                    "`aws iam attach-role-policy --role-name %-s --policy-arn "
                    "arn:aws:iam::aws:policy/service-role/AWSBatchServiceRole`",
                    role);
    } else {
        finding_fix(
            f,
            "`aws batch describe-compute-environments --region %-s --compute-environments %-s` "
            "(statusReason, instance types, subnets: they need a route to ECR, Logs and ECS)",
            n->region, name);
    }
}

void doctor_head(const cJSON *job, int64_t now_ms, int patience_s, const cJSON *environments,
                 const struct doctor_names *n, struct finding *f)
{
    struct batch_job *b = job == NULL ? NULL : batch_job_from_json(job);
    int64_t waited = b == NULL || b->created_ms == TIME_NONE ? 0 : (now_ms - b->created_ms) / 1000;
    char why[STATE_REASON_SIZE] = "";
    const char *raw = b == NULL || b->status_reason == NULL ? "" : b->status_reason;
    bool wrong =
        strncmp(raw, "MISCONFIGURATION", 16) == 0 || strncmp(raw, "ACTION_REQUIRED", 15) == 0;

    if (b == NULL || (waited < patience_s && !wrong)) {
        (void)finding_add(f, DOCTOR_PASS,
                          b == NULL ? "no job waits for capacity"
                                    : "the first waiting job is young");
        batch_job_free(b);
        return;
    }
    job_why(b, why, sizeof why);
    if (finding_add(f, wrong ? DOCTOR_FAIL : DOCTOR_WARN, "job %s is RUNNABLE for %lld s: %s",
                    b->job_id == NULL ? b->id : b->job_id, (long long)waited,
                    why[0] == '\0' ? "Batch gives no reason (instance role, subnet's route or the "
                                     "ECS agent are the usual ones)"
                                   : why)) {
        head_fix(raw, environments == NULL ? NULL : environments->child, n, f);
    }
    batch_job_free(b);
}

/* ---- logs ---- */

static const cJSON *log_configuration(const cJSON *definition)
{
    return json_object(json_object(definition, "containerProperties"), "logConfiguration");
}

const char *doctor_log_group(const cJSON *definition, const struct doctor_names *n)
{
    const cJSON *log = log_configuration(definition);

    if (!is(log, "logDriver", "awslogs")) {
        return NULL;
    }
    return json_str_or(json_object(log, "options"), "awslogs-group", n->log_group);
}

void doctor_log(const cJSON *definition, const cJSON *group, const struct doctor_names *n,
                struct finding *f)
{
    const char *name = doctor_log_group(definition, n);
    long days = (long)json_int(group, "retentionInDays", 0);

    if (name == NULL) {
        if (finding_add(f, DOCTOR_WARN, "the log driver is %s: no CloudWatch log of these jobs",
                        json_str(log_configuration(definition), "logDriver"))) {
            finding_fix(f, "register a revision with logConfiguration={logDriver=awslogs}");
        }
        return;
    }
    if (group == NULL && finding_add(f, DOCTOR_FAIL,
                                     "log group %s does not exist: jobs start without a log, or "
                                     "not at all",
                                     name)) {
        finding_fix(f, "`aws logs create-log-group --region %-s --log-group-name %-s`", n->region,
                    name);
    }
    if (days > 0 && days < RETENTION_LEAST_DAYS &&
        finding_add(f, DOCTOR_WARN, "log group %s keeps logs for %ld days only", name, days)) {
        finding_fix(f,
                    "`aws logs put-retention-policy --region %-s --log-group-name %-s "
                    "--retention-in-days 30`",
                    n->region, name);
    }
    if (days > 0) {
        (void)finding_add(f, DOCTOR_PASS, "%s keeps logs for %ld days", name, days);
    } else {
        (void)finding_add(f, DOCTOR_PASS, "%s keeps logs for ever", name);
    }
}
