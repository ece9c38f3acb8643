/* The doctor's checks E, F and G: dead letter queue, job queue, job definition, logs. */
#include <stdlib.h>
#include <string.h>

#include "aws/batch.h"
#include "aws/ecr.h"
#include "aws/logs.h"
#include "aws/sqs.h"
#include "core/alloc.h"
#include "core/json.h"
#include "doctor_priv.h"
#include "ops/dlq.h"

enum { ENVIRONMENTS_MAX = 10, PAGES_MAX = 5, RUNNING_MAX = 100 };

/* ---- E ---- */

void check_dlq(struct doctor *d, struct finding *f)
{
    struct err e = {0};
    const char *arn =
        doctor_usable(d, "D6") ? json_str(json_object(d->target, "DeadLetterConfig"), "Arn") : NULL;

    d->dlq_name = xstrdup(doctor_arn_name(arn != NULL ? arn : d->names.dlq));
    enum err_code rc = sqs_queue_url(d->o.aws, d->dlq_name, &d->dlq_url, &e);
    if (rc == E_OK) {
        rc = sqs_attributes(d->o.aws, d->dlq_url, &d->dlq, &e);
    }
    if (rc == E_NOT_FOUND) {
        f->missing = true;
        (void)finding_add(
            f, DOCTOR_FAIL, "queue %s does not exist in %s: %s", d->dlq_name, d->names.region,
            arn != NULL ? "undeliverable events are lost" : "the configuration names it");
        finding_fix(f,
                    "`aws sqs create-queue --region %-s --queue-name %-s --attributes "
                    "MessageRetentionPeriod=1209600`",
                    d->names.region, d->dlq_name);
    } else if (doctor_looked(d, rc, &e, "sqs:GetQueueUrl and sqs:GetQueueAttributes", f)) {
        doctor_dlq(d->dlq, d->dlq_name, &d->names, f);
    }
}

void check_dlq_policy(struct doctor *d, struct finding *f)
{
    doctor_dlq_policy(d->dlq, d->dlq_url, json_str_or(d->rule, "Arn", ""), f);
}

static void told_by_letter(const struct dlq_message *m, const char *queue, struct finding *f)
{
    const char *code = m->error_code == NULL ? "no error code" : m->error_code;

    if (finding_add(f, DOCTOR_FAIL,
                    "the event of %s could not be delivered and waits in %s: %s: %s", m->job_id,
                    queue, code,
                    m->error_message == NULL ? "it gives no further reason" : m->error_message)) {
        finding_fix(f, "%s, then redrive it: `mvpdash dlq redrive %-s`", dlq_remedy(m->error_code),
                    m->id);
    }
}

/* Is the event of the job that did not start among the dead letters? Looking counts as a receive,
 * so a queue that would move its messages away after some receives is left alone. */
static void find_letter(struct doctor *d, struct finding *f)
{
    const struct dlq_queue q = {.url = d->dlq_url, .name = d->dlq_name};
    const struct dlq_wish wish = {.limit = DLQ_MOST, .hold_s = DLQ_LOOK_S};
    struct dlq_list l = {0};

    if (json_str(d->dlq, "RedrivePolicy") != NULL ||
        ops_dlq_take(&d->o, &q, &wish, &l, NULL) != E_OK) {
        return;
    }
    /* A message that another reader holds at this moment is not seen. */
    const char *hidden = json_str_or(d->dlq, "ApproximateNumberOfMessagesNotVisible", "0");
    d->letter = l.more || strcmp(hidden, "0") != 0 ? LETTER_UNKNOWN : LETTER_NONE;
    for (size_t i = 0; i < l.len; i++) {
        if (strcmp(l.items[i].job_id, d->opt.job_id) == 0) {
            d->letter = LETTER_FOUND;
            told_by_letter(&l.items[i], d->dlq_name, f);
        }
    }
    ops_dlq_give_back(&d->o, &q, &l);
    dlq_list_clear(&l);
}

void check_dlq_depth(struct doctor *d, struct finding *f)
{
    if (d->opt.job_id != NULL) {
        find_letter(d, f);
    }
    doctor_dlq_depth(d->dlq, d->dlq_name, f);
}

/* ---- F ---- */

void check_queue(struct doctor *d, struct finding *f)
{
    struct err e = {0};
    enum err_code rc = batch_describe_queue(d->o.aws, d->o.queue, &d->queue, &e);

    if (rc == E_NOT_FOUND) {
        f->missing = true;
        (void)finding_add(f, DOCTOR_FAIL, "queue %s does not exist in %s", d->o.queue,
                          d->names.region);
        finding_fix(f,
                    "list what exists: `aws batch describe-job-queues --region %-s`; then mvpdash "
                    "doctor --queue NAME, or create it with infra/ (terraform apply)",
                    d->names.region);
    } else if (doctor_looked(d, rc, &e, "batch:DescribeJobQueues", f)) {
        f->go_on = true;
        doctor_queue(d->queue, &d->names, f);
    }
}

void check_environments(struct doctor *d, struct finding *f)
{
    const char *names[ENVIRONMENTS_MAX];
    size_t n = 0;
    struct err e = {0};
    const cJSON *v;

    cJSON_ArrayForEach(v, json_array(d->queue, "computeEnvironmentOrder"))
    {
        if (n < ENVIRONMENTS_MAX && json_str(v, "computeEnvironment") != NULL) {
            names[n++] = json_str(v, "computeEnvironment");
        }
    }
    enum err_code rc =
        n == 0 ? E_OK : batch_describe_environments(d->o.aws, names, n, &d->environments, &e);
    if (doctor_looked(d, rc, &e, "batch:DescribeComputeEnvironments", f)) {
        f->go_on = true;
        doctor_environments(d->environments, &d->names, f);
    }
}

void check_definition(struct doctor *d, struct finding *f)
{
    struct err e = {0};
    cJSON *newest = NULL;
    cJSON *pinned = NULL;
    const cJSON *batch = doctor_usable(d, "D6") ? json_object(d->target, "BatchParameters") : NULL;

    d->definition_ref = xstrdup(json_str_or(batch, "JobDefinition", d->names.definition));
    const char *name = doctor_arn_name(d->definition_ref);
    char *plain = xstrndup(name, strcspn(name, ":"));
    enum err_code rc = batch_describe_definition(d->o.aws, plain, &newest, &e);
    if ((rc == E_OK || rc == E_NOT_FOUND) && strchr(name, ':') != NULL) {
        rc = batch_describe_definition(d->o.aws, d->definition_ref, &pinned, &e);
    }
    if (doctor_looked(d, rc == E_NOT_FOUND ? E_OK : rc, &e, "batch:DescribeJobDefinitions", f)) {
        doctor_definition(d->definition_ref, newest, pinned,
                          doctor_usable(d, "D6") ? d->target : NULL, &d->names, f);
        d->definition = pinned != NULL ? pinned : newest;
        pinned = d->definition == pinned ? NULL : pinned;
        newest = d->definition == newest ? NULL : newest;
        f->go_on = d->definition != NULL;
    }
    cJSON_Delete(newest);
    cJSON_Delete(pinned);
    free(plain);
}

void check_fit(struct doctor *d, struct finding *f)
{
    doctor_fit(d->definition, d->environments, &d->names, f);
}

static void no_image(const struct doctor_image *i, const struct err *e, const char *region,
                     struct finding *f)
{
    bool repository = strcmp(e->aws_code, "RepositoryNotFoundException") == 0;

    if (repository) {
        (void)finding_add(f, DOCTOR_FAIL, "ECR has no repository %s in %s", i->repository, region);
    } else {
        (void)finding_add(f, DOCTOR_FAIL, "ECR repository %s has no image %s: no job can start",
                          i->repository, i->digest[0] != '\0' ? i->digest : i->tag);
    }
    finding_fix(f,
                repository
                    ? "name the right image in the job definition, or create the repository: `aws "
                      "ecr create-repository --region %-s --repository-name %-s`"
                    : "push it (infra/ says how); list what exists: `aws ecr list-images --region "
                      "%-s --repository-name %-s`",
                region, i->repository);
}

/* Judges an image that is not in a private ECR repository of this account and region: only a job
 * that ran proves that the image exists. */
static void other_image(struct doctor *d, const char *image, struct finding *f)
{
    const char *ran = doctor_usable(d, "H2") ? json_str(d->ran, image) : NULL;

    if (ran != NULL) {
        (void)finding_add(f, DOCTOR_PASS, "%s (job %s ran it)", image, ran);
        return;
    }
    if (strstr(aws_client_endpoint(d->o.aws, AWS_ECR), ".amazonaws.com") == NULL) {
        (void)finding_add(f, DOCTOR_SKIP, "this endpoint has no image registry for %s", image);
        finding_fix(f, "run a job of it: `mvpdash doctor --e2e`");
        return;
    }
    (void)finding_add(
        f, DOCTOR_UNKNOWN,
        "%s is not an image of ECR in %s: whether it can be pulled shows when a job runs", image,
        d->names.region);
    finding_fix(f, "run one: `mvpdash doctor --e2e`");
}

void check_image(struct doctor *d, struct finding *f)
{
    const char *image = json_str(json_object(d->definition, "containerProperties"), "image");
    struct doctor_image i;
    cJSON *found = NULL;
    struct err e = {0};

    doctor_execution_role(d->definition, f);
    if (image == NULL) {
        (void)finding_add(f, DOCTOR_PASS, "the definition names no single image");
        return;
    }
    if (!doctor_image_parse(image, &i) || strcmp(i.region, d->names.region) != 0) {
        other_image(d, image, f);
        return;
    }
    struct ecr_image which = {.registry = i.registry,
                              .repository = i.repository,
                              .tag = i.tag,
                              .digest = i.digest[0] == '\0' ? NULL : i.digest};
    enum err_code rc = ecr_describe_image(d->o.aws, &which, &found, &e);
    if (rc == E_NOT_FOUND) {
        no_image(&i, &e, d->names.region, f);
    } else if (doctor_looked(d, rc, &e, "ecr:DescribeImages", f)) {
        (void)finding_add(f, DOCTOR_PASS, "%s is in ECR", image);
    }
    cJSON_Delete(found);
}

/* Finds the id of the RUNNABLE job that waits longest, among the first pages; owned, NULL: there is
 * none. `*cut`: there are more pages. */
static enum err_code oldest_runnable(struct doctor *d, char **id, bool *cut, struct err *e)
{
    struct batch_list l = {.queue = d->o.queue, .status = "RUNNABLE"};
    char *token = NULL;
    int64_t oldest = INT64_MAX;
    enum err_code rc = E_OK;

    *id = NULL;
    for (int page = 0; page < PAGES_MAX; page++) {
        cJSON *jobs = NULL;
        char *next = NULL;
        const cJSON *v;
        l.token = token;
        rc = batch_list_jobs(d->o.aws, &l, &jobs, &next, e);
        cJSON_ArrayForEach(v, jobs)
        {
            int64_t at = json_int(v, "createdAt", INT64_MAX);
            if (at < oldest && json_str(v, "jobId") != NULL) {
                oldest = at;
                free(*id);
                *id = xstrdup(json_str(v, "jobId"));
            }
        }
        cJSON_Delete(jobs);
        free(token);
        token = next;
        if (rc != E_OK || token == NULL) {
            break;
        }
    }
    *cut = token != NULL;
    free(token);
    return rc;
}

/* Adds the ids on one page of the jobs in a state to `ids`, whose strings are owned. */
static enum err_code list_ids(struct doctor *d, const char *status, char *ids[RUNNING_MAX],
                              size_t *len, bool *cut)
{
    struct batch_list l = {.queue = d->o.queue, .status = status, .max_results = RUNNING_MAX};
    cJSON *jobs = NULL;
    char *next = NULL;
    const cJSON *v;
    enum err_code rc = batch_list_jobs(d->o.aws, &l, &jobs, &next, NULL);

    cJSON_ArrayForEach(v, jobs)
    {
        if (*len == RUNNING_MAX) {
            *cut = true;
        } else if (json_str(v, "jobId") != NULL) {
            ids[(*len)++] = xstrdup(json_str(v, "jobId"));
        }
    }
    *cut = *cut || next != NULL;
    free(next);
    cJSON_Delete(jobs);
    return rc;
}

/* The jobs that run or start in the queue (owned); NULL when Batch does not say. */
static cJSON *running_jobs(struct doctor *d, bool *cut)
{
    char *ids[RUNNING_MAX];
    cJSON *jobs = NULL;
    size_t n = 0;

    *cut = false;
    enum err_code rc = list_ids(d, "RUNNING", ids, &n, cut);
    if (rc == E_OK) {
        rc = list_ids(d, "STARTING", ids, &n, cut);
    }
    if (rc == E_OK && n > 0) {
        rc = batch_describe_jobs(d->o.aws, (const char *const *)ids, n, &jobs, NULL);
    }
    if (rc == E_OK && jobs == NULL) {
        jobs = json_new_array();
    }
    for (size_t i = 0; i < n; i++) {
        free(ids[i]);
    }
    return jobs;
}

void check_head(struct doctor *d, struct finding *f)
{
    char *id = NULL;
    cJSON *jobs = NULL;
    cJSON *running = NULL;
    struct doctor_waiting w = {.now_ms = clock_wall_ms(d->o.clock),
                               .patience_s = d->opt.patience_s,
                               .environments = doctor_usable(d, "F2") ? d->environments : NULL};
    struct err e = {0};
    enum err_code rc = oldest_runnable(d, &id, &w.cut, &e);

    if (rc == E_OK && id != NULL) {
        const char *ids[1] = {id};
        rc = batch_describe_jobs(d->o.aws, ids, 1, &jobs, &e);
    }
    if (doctor_looked(d, rc, &e, "batch:ListJobs and batch:DescribeJobs", f)) {
        w.job = jobs == NULL ? NULL : jobs->child;
        if (id != NULL && strcmp(json_str_or(w.job, "status", ""), "RUNNABLE") != 0) {
            (void)finding_add(f, DOCTOR_PASS, "the job that waited longest no longer waits");
        } else {
            if (doctor_may_be_stuck(&w)) {
                w.running = running = running_jobs(d, &w.running_cut);
            }
            doctor_head(&w, &d->names, f);
        }
    }
    cJSON_Delete(running);
    cJSON_Delete(jobs);
    free(id);
}

void check_limits(struct doctor *d, struct finding *f)
{
    doctor_definition_limits(d->definition, d->definition_ref, f);
}

/* ---- G ---- */

void check_log_group(struct doctor *d, struct finding *f)
{
    const char *name = doctor_log_group(d->definition, &d->names);
    cJSON *group = NULL;
    struct err e = {0};

    d->log_group = xstrdup(name);
    enum err_code rc = name == NULL ? E_OK : logs_describe_group(d->o.aws, name, &group, &e);
    if (doctor_looked(d, rc == E_NOT_FOUND ? E_OK : rc, &e, "logs:DescribeLogGroups", f)) {
        doctor_log(d->definition, group, &d->names, f);
    }
    cJSON_Delete(group);
}

void check_log_stream(struct doctor *d, struct finding *f)
{
    struct err e = {0};
    struct logs_page page = {0};

    if (d->log_group == NULL) {
        (void)finding_add(f, DOCTOR_PASS, "these jobs have no CloudWatch log to check");
        return;
    }
    if (d->finished_stream == NULL) {
        (void)finding_add(f, DOCTOR_PASS,
                          d->recent == 0 ? "no job of the last 7 days to check"
                                         : "none of the newest %d Batch jobs of the last 7 days "
                                           "has ended with a log, so there is none to check",
                          d->recent);
        return;
    }
    struct logs_get g = {.group = d->log_group,
                         .stream = d->finished_stream,
                         .start_time = TIME_NONE,
                         .end_time = TIME_NONE,
                         .limit = 1};
    enum err_code rc = logs_get_events(d->o.aws, &g, &page, &e);
    logs_page_clear(&page);
    if (rc == E_NOT_FOUND) {
        (void)finding_add(f, DOCTOR_WARN,
                          "job %s has no log: its container wrote nothing or never "
                          "started",
                          d->finished_id);
        finding_fix(f, "`mvpdash status %-s`", d->finished_id);
    } else if (doctor_looked(d, rc, &e, "logs:GetLogEvents", f)) {
        (void)finding_add(f, DOCTOR_PASS, "that of %s can be read", d->finished_id);
    }
}
