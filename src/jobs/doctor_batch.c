/* The doctor's rules F1, F2, F3, F7 and G1: queue, compute environments, job definition, log
 * group. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/json.h"
#include "doctor_fix.h"
#include "jobs/age.h"
#include "jobs/batch.h"
#include "jobs/doctor.h"

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
        finding_add(f, DOCTOR_FAIL, "queue %s is %s: it accepts no job", name,
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
    (void)finding_add(f, DOCTOR_PASS, "%s is %s and %s", name, json_str_or(queue, "state", "?"),
                      json_str_or(queue, "status", "?"));
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

/* Gives the remedy that the target names no revision: Batch then takes the newest one each time. */
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

/* Does the row's pattern match the value? A pattern of evaluateOnExit may end with *. */
static bool exit_matches(const cJSON *row, const char *key, const char *value)
{
    const char *pattern = json_str(row, key);
    size_t n = pattern == NULL ? 0 : strlen(pattern);

    if (pattern == NULL) {
        return true;
    }
    return n > 0 && pattern[n - 1] == '*' ? strncmp(pattern, value, n - 1) == 0
                                          : strcmp(pattern, value) == 0;
}

/* Would Batch run a container again that was refused its claim? Batch takes the first row that
 * matches; without a match it tries again. */
static bool retries_refused(const cJSON *definition)
{
    const cJSON *strategy = json_object(definition, "retryStrategy");
    char code[16];
    const cJSON *row;

    if (json_int(strategy, "attempts", 1) <= 1) {
        return false;
    }
    (void)snprintf(code, sizeof code, "%d", EXIT_CODE_REFUSED);
    cJSON_ArrayForEach(row, json_array(strategy, "evaluateOnExit"))
    {
        if (exit_matches(row, "onExitCode", code) && exit_matches(row, "onReason", "") &&
            exit_matches(row, "onStatusReason", "Essential container in task exited")) {
            return strcasecmp(json_str_or(row, "action", ""), "RETRY") == 0;
        }
    }
    return true;
}

void doctor_definition_limits(const cJSON *definition, const char *ref, struct finding *f)
{
    long limit = (long)json_int(json_object(definition, "timeout"), "attemptDurationSeconds", 0);
    char span[AGE_SIZE];

    if (limit <= 0 &&
        finding_add(f, DOCTOR_WARN, "%s has no timeout: a job that hangs costs money forever",
                    doctor_arn_name(ref))) {
        finding_fix(f, "register a revision of %-s with timeout={attemptDurationSeconds=14400}",
                    doctor_arn_name(ref));
    }
    if (retries_refused(definition) &&
        finding_add(f, DOCTOR_WARN,
                    "%s retries exit code %d: a container that was refused its claim (the job was "
                    "cancelled, has ended, or is another's) would only be refused again",
                    doctor_arn_name(ref), EXIT_CODE_REFUSED)) {
        finding_fix(f,
                    "register a revision of %-s whose retryStrategy.evaluateOnExit begins with "
                    "{onExitCode=75,action=EXIT} (infra/ has it)",
                    doctor_arn_name(ref));
    }
    (void)finding_add(f, DOCTOR_PASS, "ends a job after %s; attempts: %ld",
                      duration_text((int64_t)limit * 1000, span),
                      (long)json_int(json_object(definition, "retryStrategy"), "attempts", 1));
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
        finding_add(f, DOCTOR_WARN, "log group %s keeps logs for only %ld days", name, days)) {
        finding_fix(f,
                    "`aws logs put-retention-policy --region %-s --log-group-name %-s "
                    "--retention-in-days 30`",
                    n->region, name);
    }
    if (days > 0) {
        (void)finding_add(f, DOCTOR_PASS, "%s keeps logs for %ld days", name, days);
    } else {
        (void)finding_add(f, DOCTOR_PASS, "%s keeps logs forever", name);
    }
}
