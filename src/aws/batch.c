/* The typed calls of AWS Batch. */
#include "aws/batch.h"

#include <string.h>

#include "core/json.h"
#include "doc.h"

enum { DESCRIBE_MAX = 100 };

/* Checks that the reply has its list: where there are no items Batch sends an empty list, so a
 * reply without a list says nothing about them. */
static enum err_code check_list(const cJSON *reply, const char *op, const char *member,
                                struct err *e)
{
    if (json_array(reply, member) != NULL) {
        return E_OK;
    }
    (void)err_set(e, E_PARSE, "Batch %s: the reply is not what AWS sends: it has no list %s", op,
                  member);
    (void)err_hint_set(e, "check the endpoint; something else may answer in its place");
    return E_PARSE;
}

enum err_code batch_list_jobs(struct aws_client *c, const struct batch_list *l, cJSON **jobs,
                              char **next, struct err *e)
{
    cJSON *in = json_new_object();
    cJSON *reply = NULL;

    if (l->array_job != NULL) {
        json_set_str(in, "arrayJobId", l->array_job);
    } else {
        json_set_str(in, "jobQueue", l->queue);
    }
    doc_opt_str(in, "jobStatus", l->status);
    if (l->filter_name != NULL) {
        cJSON *filters = json_new_array();
        cJSON *filter = json_new_object();
        cJSON *values = json_new_array();
        json_set_str(filter, "name", l->filter_name);
        json_push_str(values, l->filter_value);
        json_set(filter, "values", values);
        json_push(filters, filter);
        json_set(in, "filters", filters);
    }
    if (l->max_results > 0) {
        json_set_int(in, "maxResults", l->max_results);
    }
    doc_opt_str(in, "nextToken", l->token);
    enum err_code rc = doc_call(c, AWS_OP_BATCH_LIST_JOBS, in, &reply, e);
    if (rc == E_OK) {
        rc = check_list(reply, "ListJobs", "jobSummaryList", e);
    }
    *jobs = rc == E_OK ? doc_take_array(reply, "jobSummaryList") : NULL;
    *next = rc == E_OK ? doc_dup_str(reply, "nextToken") : NULL;
    cJSON_Delete(reply);
    return rc;
}

/* Makes one Describe... call with a list of names under `param`, and takes the array under `member`
 * of its reply. */
static enum err_code describe(struct aws_client *c, enum aws_op_id op, const char *param,
                              const char *const *names, size_t n, const char *member, cJSON **out,
                              struct err *e)
{
    cJSON *in = json_new_object();
    cJSON *list = json_new_array();
    cJSON *reply = NULL;

    for (size_t i = 0; i < n; i++) {
        json_push_str(list, names[i]);
    }
    json_set(in, param, list);
    enum err_code rc = doc_call(c, op, in, &reply, e);
    if (rc == E_OK) {
        rc = check_list(reply, aws_op_get(op)->name, member, e);
    }
    *out = rc == E_OK ? doc_take_array(reply, member) : NULL;
    cJSON_Delete(reply);
    return rc;
}

enum err_code batch_describe_jobs(struct aws_client *c, const char *const *ids, size_t n,
                                  cJSON **jobs, struct err *e)
{
    cJSON *all = json_new_array();
    enum err_code rc = E_OK;

    for (size_t i = 0; i < n && rc == E_OK; i += DESCRIBE_MAX) {
        size_t some = n - i < DESCRIBE_MAX ? n - i : DESCRIBE_MAX;
        cJSON *part = NULL;
        rc = describe(c, AWS_OP_BATCH_DESCRIBE_JOBS, "jobs", ids + i, some, "jobs", &part, e);
        if (rc == E_OK) {
            doc_append(all, part);
        }
    }
    if (rc != E_OK) {
        cJSON_Delete(all);
        all = NULL;
    }
    *jobs = all;
    return rc;
}

enum err_code batch_terminate_job(struct aws_client *c, const char *job_id, const char *reason,
                                  struct err *e)
{
    cJSON *in = json_new_object();

    json_set_str(in, "jobId", job_id);
    json_set_str(in, "reason", reason);
    return doc_call(c, AWS_OP_BATCH_TERMINATE_JOB, in, NULL, e);
}

enum err_code batch_describe_queue(struct aws_client *c, const char *queue, cJSON **out,
                                   struct err *e)
{
    cJSON *list = NULL;
    enum err_code rc = describe(c, AWS_OP_BATCH_DESCRIBE_JOB_QUEUES, "jobQueues", &queue, 1,
                                "jobQueues", &list, e);

    *out = rc == E_OK ? cJSON_DetachItemFromArray(list, 0) : NULL;
    if (rc == E_OK && *out == NULL) {
        rc = err_set(e, E_NOT_FOUND, "Batch has no job queue %s", queue);
    }
    cJSON_Delete(list);
    return rc;
}

/* Takes the definition with the highest revision on one page; replaces and frees `*best`. */
static void take_latest(cJSON *list, cJSON **best)
{
    while (list->child != NULL) {
        cJSON *v = cJSON_DetachItemViaPointer(list, list->child);
        if (*best == NULL || json_int(v, "revision", 0) > json_int(*best, "revision", 0)) {
            cJSON *worse = *best;
            *best = v;
            v = worse;
        }
        cJSON_Delete(v);
    }
    cJSON_Delete(list);
}

static enum err_code take_revisions(void *arg, cJSON *reply, char **next, struct err *e)
{
    (void)e;
    take_latest(doc_take_array(reply, "jobDefinitions"), arg);
    *next = doc_dup_str(reply, "nextToken");
    return E_OK;
}

static enum err_code latest_revision(struct aws_client *c, const char *name, cJSON **out,
                                     struct err *e)
{
    cJSON *in = json_new_object();

    *out = NULL;
    json_set_str(in, "jobDefinitionName", name);
    json_set_str(in, "status", "ACTIVE");
    return doc_pages(c, AWS_OP_BATCH_DESCRIBE_JOB_DEFINITIONS, in, "nextToken", take_revisions, out,
                     e);
}

enum err_code batch_describe_definition(struct aws_client *c, const char *definition, cJSON **out,
                                        struct err *e)
{
    cJSON *list = NULL;
    enum err_code rc;

    *out = NULL;
    if (strchr(definition, ':') == NULL) {
        rc = latest_revision(c, definition, out, e);
    } else {
        rc = describe(c, AWS_OP_BATCH_DESCRIBE_JOB_DEFINITIONS, "jobDefinitions", &definition, 1,
                      "jobDefinitions", &list, e);
        if (rc == E_OK) {
            take_latest(list, out);
        }
    }
    if (rc != E_OK) {
        cJSON_Delete(*out);
        *out = NULL;
    } else if (*out == NULL) {
        rc = err_set(e, E_NOT_FOUND, "Batch has no active job definition %s", definition);
    }
    return rc;
}

enum err_code batch_describe_environments(struct aws_client *c, const char *const *names, size_t n,
                                          cJSON **environments, struct err *e)
{
    return describe(c, AWS_OP_BATCH_DESCRIBE_COMPUTE_ENVIRONMENTS, "computeEnvironments", names, n,
                    "computeEnvironments", environments, e);
}
