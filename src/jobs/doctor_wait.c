/* doctor_wait.c - F6: is the job that waits longest stuck, or does it wait for its turn? The rule
 * looks first at what runs in the queue: when a queue is full, neither roles nor subnets are at
 * fault. */
#include <stdio.h>
#include <string.h>

#include "core/json.h"
#include "doctor_fix.h"
#include "jobs/age.h"
#include "jobs/batch.h"
#include "jobs/doctor.h"
#include "jobs/state.h"

/* The last part of the name of the environment's service role; NULL when Batch uses its
 * service-linked role. */
static const char *service_role(const cJSON *environment)
{
    const char *arn = json_str(environment, "serviceRole");

    return arn == NULL || strstr(arn, "aws-service-role") != NULL ? NULL : doctor_arn_name(arn);
}

/* Says what to do about a job that waits, by the class of Batch's reason (PEERS 7, F6). */
static void head_fix(const char *raw, const cJSON *environment, const struct doctor_names *n,
                     struct finding *f)
{
    const char *name = json_str_or(environment, "computeEnvironmentName", "NAME");
    const char *role = service_role(environment);

    if (strstr(raw, "COMPUTE_ENVIRONMENT_MAX_RESOURCE") != NULL) {
        doctor_grow_fix("wait for other jobs to end, or make the compute environment larger: ",
                        environment, 0, n, f);
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

/* What runs in the queue, and how much may run in it. */
struct load {
    int jobs;
    double used, most; /* vCPUs */
    bool known;        /* both numbers are known */
};

static struct load load_of(const struct doctor_waiting *w)
{
    struct load l = {.known = !w->running_cut && cJSON_GetArraySize(w->environments) > 0};
    const cJSON *v;

    cJSON_ArrayForEach(v, w->running)
    {
        double vcpus = batch_resource(json_object(v, "container"), "VCPU", "vcpus");
        l.jobs++;
        l.used += vcpus;
        l.known = l.known && vcpus > 0;
    }
    cJSON_ArrayForEach(v, w->environments)
    {
        l.most += (double)json_int(json_object(v, "computeResources"), "maxvCpus", 0);
    }
    l.known = l.known && l.most > 0;
    return l;
}

/* Does the job only wait for its turn? Where other jobs run, neither roles nor subnets are at
 * fault: unless Batch says otherwise, the job waits for vCPUs, a quota or addresses. */
static bool waits_for_its_turn(const struct batch_job *b, const struct load *l)
{
    return l->jobs > 0 && (b->status_reason == NULL || b->status_reason[0] == '\0');
}

static void say_turn(const struct batch_job *b, const char *waited, const struct load *l,
                     struct finding *f)
{
    char used[64] = "";

    if (l->known) {
        (void)snprintf(used, sizeof used, " with %g of %g vCPUs", l->used, l->most);
    }
    (void)finding_add(f, DOCTOR_PASS, "%d job%s%s; job %s has waited %s for its turn", l->jobs,
                      l->jobs == 1 ? " runs" : "s run", used, b->job_id == NULL ? b->id : b->job_id,
                      waited);
}

static void say_stuck(const struct doctor_waiting *w, const struct batch_job *b, const char *waited,
                      const struct doctor_names *n, struct finding *f)
{
    const char *raw = b->status_reason == NULL ? "" : b->status_reason;
    bool wrong =
        strncmp(raw, "MISCONFIGURATION", 16) == 0 || strncmp(raw, "ACTION_REQUIRED", 15) == 0;
    char why[STATE_REASON_SIZE] = "";
    char load[100] = "";

    job_why(b, why, sizeof why);
    if (raw[0] == '\0' && w->running != NULL) {
        (void)snprintf(load, sizeof load, "nothing runs in the queue, and ");
    }
    if (finding_add(
            f, wrong ? DOCTOR_FAIL : DOCTOR_WARN, "job %s has been RUNNABLE for %s: %s%s",
            b->job_id == NULL ? b->id : b->job_id, waited, load,
            why[0] == '\0'
                ? "Batch gives no reason (usual ones: instance role, subnet's route, ECS agent)"
                : why)) {
        head_fix(raw, w->environments == NULL ? NULL : w->environments->child, n, f);
    }
}

/* Since when the job waits: after an attempt was lost, the waiting begins anew. */
static int64_t waits_since(const struct batch_job *b)
{
    int64_t last = b->attempts_len > 0 ? b->attempts[b->attempts_len - 1].stopped_ms : TIME_NONE;

    return last > b->created_ms ? last : b->created_ms; /* TIME_NONE is the least */
}

bool doctor_may_be_stuck(const struct doctor_waiting *w)
{
    struct batch_job *b = w->job == NULL ? NULL : batch_job_from_json(w->job);
    bool may = false;

    if (b != NULL) {
        int64_t since = waits_since(b);
        const char *raw = b->status_reason == NULL ? "" : b->status_reason;
        may = (since != TIME_NONE && (w->now_ms - since) / 1000 >= w->patience_s) ||
              strncmp(raw, "MISCONFIGURATION", 16) == 0 || strncmp(raw, "ACTION_REQUIRED", 15) == 0;
    }
    batch_job_free(b);
    return may;
}

void doctor_head(const struct doctor_waiting *w, const struct doctor_names *n, struct finding *f)
{
    struct batch_job *b = w->job == NULL ? NULL : batch_job_from_json(w->job);

    if (b == NULL) {
        (void)finding_add(f, DOCTOR_PASS, "no job waits for capacity");
        return;
    }
    int64_t since = waits_since(b);
    char span[AGE_SIZE];
    const char *waited = duration_text(since == TIME_NONE ? 0 : w->now_ms - since, span);
    struct load l = load_of(w);

    if (!doctor_may_be_stuck(w)) {
        (void)finding_add(f, DOCTOR_PASS, "%s has waited longer than %s",
                          w->cut ? "none of the waiting jobs that were checked" : "no job",
                          duration_text((int64_t)w->patience_s * 1000, span));
    } else if (waits_for_its_turn(b, &l)) {
        say_turn(b, waited, &l, f);
    } else {
        say_stuck(w, b, waited, n, f);
    }
    batch_job_free(b);
}
