/* Batch of the local cloud: finding, describing and ending jobs. Facts: AWS-WIRE 2.4. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "batch.h"
#include "core/alloc.h"
#include "core/json.h"
#include "core/number.h"
#include "scheduler.h"
#include "src/cloud/store/sqlx.h"

enum { STATUS_PAGE_MAX = 1000, FILTER_PAGE_MAX = 100, DESCRIBE_MAX = 100, REASON_MAX = 1024 };

void cloud_batch_describe_jobs(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    const cJSON *ids = json_array(in, "jobs");
    int n = cJSON_GetArraySize(ids);

    if (n < 1 || n > DESCRIBE_MAX) {
        cloud_batch_refuse(r, "jobs must hold 1 to 100 job ids");
        return;
    }
    cJSON *list = json_new_array();
    r->out = json_new_object();
    json_set(r->out, "jobs", list);
    for (const cJSON *id = ids->child; id != NULL; id = id->next) {
        cJSON *job =
            cloud_batch_job(cloud, cloud_batch_name(cJSON_IsString(id) ? id->valuestring : ""));
        if (job != NULL) {
            json_push(list, job);
        }
    }
}

/* ---- ListJobs ----------------------------------------------------------------------------- */

static cJSON *summary(const cJSON *job)
{
    static const char *const kept[] = {"jobArn",    "jobId",     "jobName",
                                       "createdAt", "status",    "statusReason",
                                       "startedAt", "stoppedAt", "jobDefinition"};
    const cJSON *container = json_object(job, "container");
    cJSON *s = json_new_object(), *c = json_new_object();

    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        if (json_get(job, kept[i]) != NULL) {
            json_set(s, kept[i], json_copy(json_get(job, kept[i])));
        }
    }
    if (json_get(container, "exitCode") != NULL) {
        json_set_int(c, "exitCode", json_int(container, "exitCode", 0));
    }
    if (json_str(container, "reason") != NULL) {
        json_set_str(c, "reason", json_str(container, "reason"));
    }
    json_set(s, "container", c);
    return s;
}

/* In the order of the rows of filter_kinds. */
enum filter_kind { BY_NAME, BY_DEFINITION, BY_BEFORE, BY_AFTER, FILTERS, BY_NOTHING = FILTERS };

static const struct {
    const char *name;
    bool time; /* the filter's value is a time */
} filter_kinds[FILTERS] = {
    {"JOB_NAME",          false},
    {"JOB_DEFINITION",    false},
    {"BEFORE_CREATED_AT", true },
    {"AFTER_CREATED_AT",  true },
};

/* What a ListJobs call asks for. */
struct listing {
    const char *queue, *status; /* status NULL: jobs in all states (a filter is given) */
    enum filter_kind filter;
    const char *value; /* the value of the filter */
    int64_t created;   /* the time that a filter by time compares with */
    int64_t below;     /* for paging: only rows before this number */
};

static bool wanted(const struct listing *w, const char *name, const char *definition,
                   int64_t created)
{
    if (w->filter == BY_NOTHING) {
        return true;
    }
    if (w->filter == BY_NAME) {
        size_t n = strlen(w->value);
        return n > 0 && w->value[n - 1] == '*' ? strncasecmp(name, w->value, n - 1) == 0
                                               : strcasecmp(name, w->value) == 0;
    }
    if (w->filter == BY_DEFINITION) {
        if (strncmp(w->value, "arn:", 4) == 0) {
            return strcmp(definition, w->value) == 0;
        }
        const char *full = cloud_batch_name(definition);
        char *bare = xstrndup(full, strcspn(full, ":"));
        bool yes = cloud_batch_glob(w->value, bare);
        free(bare);
        return yes;
    }
    return w->filter == BY_BEFORE ? created < w->created : created > w->created;
}

static bool read_filter(const cJSON *filters, struct listing *w, struct cloud_reply *r)
{
    const cJSON *f = filters != NULL ? filters->child : NULL;
    const cJSON *values = json_array(f, "values");
    const char *name = json_str_or(f, "name", "");

    w->filter = BY_NOTHING;
    if (f == NULL) {
        return true;
    }
    for (int i = 0; i < FILTERS; i++) {
        w->filter = strcmp(filter_kinds[i].name, name) == 0 ? (enum filter_kind)i : w->filter;
    }
    if (w->filter == BY_NOTHING || f->next != NULL) {
        cloud_batch_refuse(r, "filters must hold one of JOB_NAME, JOB_DEFINITION, "
                              "BEFORE_CREATED_AT, AFTER_CREATED_AT");
        return false;
    }
    w->value = values != NULL && cJSON_IsString(values->child) ? values->child->valuestring : "";
    if (*w->value == '\0' || values->child->next != NULL) {
        cloud_batch_refuse(r, "the filter %s needs one value", name);
        return false;
    }
    if (filter_kinds[w->filter].time &&
        !number_parse(w->value, INT64_MIN, INT64_MAX, &w->created)) {
        cloud_batch_refuse(r, "the value of %s must be epoch milliseconds", name);
        return false;
    }
    w->status = NULL; /* a filter looks at jobs in every state */
    return true;
}

static bool status_ok(const char *status)
{
    static const char *const known[] = {"SUBMITTED", "PENDING",   "RUNNABLE", "STARTING",
                                        "RUNNING",   "SUCCEEDED", "FAILED"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(known[i], status) == 0) {
            return true;
        }
    }
    return false;
}

static void list_rows(struct cloud *cloud, const struct listing *w, int64_t max,
                      struct cloud_reply *r)
{
    sqlite3_stmt *q =
        w->status != NULL
            ? cloud_stmt(cloud, "SELECT n,name,definition,created,document FROM batch_job WHERE"
                                " queue=?1 AND status=?3 AND n<?2 ORDER BY n DESC")
            : cloud_stmt(cloud, "SELECT n,name,definition,created,document FROM batch_job WHERE"
                                " queue=?1 AND n<?2 ORDER BY n DESC");
    cJSON *list = json_new_array();
    int64_t n = 0, last = 0;

    r->out = json_new_object();
    json_set(r->out, "jobSummaryList", list);
    sqlx_text(q, 1, w->queue);
    sqlx_int(q, 2, w->below);
    if (w->status != NULL) {
        sqlx_text(q, 3, w->status);
    }
    while (sqlx_row(q)) {
        if (!wanted(w, sqlx_str(q, 1), sqlx_str(q, 2), sqlx_num(q, 3))) {
            continue;
        }
        if (n++ == max) {
            char token[24];
            (void)snprintf(token, sizeof token, "%lld", (long long)last);
            json_set_str(r->out, "nextToken", token);
            break;
        }
        last = sqlx_num(q, 0);
        const char *text = sqlx_str(q, 4);
        cJSON *job = json_parse(text, strlen(text), "a job", NULL);
        if (job != NULL) {
            json_push(list, summary(job));
            cJSON_Delete(job);
        }
    }
    cloud_stmt_done(cloud, q);
}

void cloud_batch_list(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    const char *ref = json_str(in, "jobQueue"), *token = json_str(in, "nextToken");
    struct listing w = {.status = json_str_or(in, "jobStatus", "RUNNING"), .below = INT64_MAX};

    if (ref == NULL) {
        cloud_batch_refuse(r, "The request must contain jobQueue: the local cloud has no array and "
                              "multi-node jobs");
        return;
    }
    if (!status_ok(w.status)) {
        cloud_batch_refuse(r, "jobStatus %.40s is not a job status", w.status);
        return;
    }
    if (!read_filter(json_array(in, "filters"), &w, r)) {
        return;
    }
    if (token != NULL && !number_parse(token, 1, INT64_MAX, &w.below)) {
        cloud_batch_refuse(r, "nextToken is not valid");
        return;
    }
    cJSON *queue = cloud_batch_queue(cloud, ref);
    if (queue == NULL) {
        cloud_batch_refuse(r, "Job queue %.200s does not exist", ref);
        return;
    }
    int64_t limit = w.filter != BY_NOTHING ? FILTER_PAGE_MAX : STATUS_PAGE_MAX;
    int64_t max = json_int(in, "maxResults", limit);
    w.queue = json_str(queue, "jobQueueName");
    list_rows(cloud, &w, max >= 1 && max < limit ? max : limit, r);
    cJSON_Delete(queue);
}

/* ---- ending ------------------------------------------------------------------------------- */

static bool is_final(const char *status)
{
    return strcmp(status, "SUCCEEDED") == 0 || strcmp(status, "FAILED") == 0;
}

static bool is_placed(const char *status)
{
    return strcmp(status, "STARTING") == 0 || strcmp(status, "RUNNING") == 0;
}

/* The job that jobId names, owned. NULL with `r` failed, or NULL alone when there is no such job
 * (which AWS answers with success). */
static cJSON *job_to_end(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    const char *id = json_str(in, "jobId"), *reason = json_str(in, "reason");

    if (id == NULL || *id == '\0' || reason == NULL || *reason == '\0') {
        cloud_batch_refuse(r, "jobId and reason are required");
        return NULL;
    }
    if (strlen(reason) > REASON_MAX) {
        cloud_batch_refuse(r, "reason must be at most 1024 characters");
        return NULL;
    }
    return cloud_batch_job(cloud, id);
}

static void set_flag(cJSON *job, const char *name)
{
    cJSON_DeleteItemFromObjectCaseSensitive(job, name);
    json_set_bool(job, name, true);
}

/* Ends a job that has no process. */
static void end_now(struct cloud *cloud, cJSON *job, const char *reason)
{
    set_flag(job, "isCancelled");
    cloud_batch_finish(cloud, job, "FAILED", reason);
    /* other jobs may depend on this one */
    cloud_batch_scheduler_poke(*cloud_slot(cloud, AWS_BATCH));
}

void cloud_batch_cancel(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    cJSON *job = job_to_end(cloud, in, r);
    const char *status = json_str_or(job, "status", "FAILED");

    if (job != NULL && !is_final(status) && !is_placed(status)) {
        end_now(cloud, job, json_str(in, "reason"));
    }
    cJSON_Delete(job);
}

void cloud_batch_terminate(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    cJSON *job = job_to_end(cloud, in, r);
    const char *status = json_str_or(job, "status", "FAILED");

    if (job != NULL && !is_final(status)) {
        set_flag(job, "isTerminated");
        if (is_placed(status)) {
            /* The job's process ends first; then the job becomes FAILED with this reason. */
            json_set_str(job, "statusReason", json_str(in, "reason"));
            (void)cloud_batch_save(cloud, job, false);
            (void)cloud_batch_scheduler_terminate(*cloud_slot(cloud, AWS_BATCH),
                                                  json_str(job, "jobId"));
        } else {
            end_now(cloud, job, json_str(in, "reason"));
        }
    }
    cJSON_Delete(job);
}
