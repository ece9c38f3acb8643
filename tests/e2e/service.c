/* Calls of the terminal tests to the services of a local cloud. */
#include "service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "ops/ops.h"

/* As copies: the cloud may be gone before the next call. */
static void take_env(const struct cloud *c)
{
    for (size_t i = 0; i < c->env_len; i++) {
        char *name = strdup(c->env[i]);
        char *value = strchr(name, '=');
        if (value != NULL) {
            *value = '\0';
            (void)setenv(name, value + 1, 1);
        }
        free(name);
    }
}

cJSON *service_call(const struct cloud *c, enum aws_op_id op, const char *quoted)
{
    struct err e = {0};
    char *text = strdup(quoted);
    cJSON *reply = NULL;

    take_env(c);
    for (char *p = text; *p != '\0'; p++) {
        *p = *p == '\'' ? '"' : *p;
    }
    struct settings *s = settings_load(&(struct settings_sources){0}, &e);
    struct ops *o = s == NULL ? NULL : ops_new(s, NULL, NULL, &e);
    cJSON *in = json_parse(text, strlen(text), "test", &e);
    if (o == NULL || in == NULL || aws_call(o->aws, op, in, &reply, &e) != E_OK) {
        (void)printf("    %s: %s\n", text, e.msg);
    }
    cJSON_Delete(in);
    ops_free(o);
    settings_free(s);
    free(text);
    return reply;
}

cJSON *service_lose_definition(const struct cloud *c)
{
    char what[200];
    cJSON *all = service_call(c, AWS_OP_BATCH_DESCRIBE_JOB_DEFINITIONS,
                              "{'jobDefinitionName':'mvp-pipeline-job','status':'ACTIVE'}");
    cJSON *d = json_copy(cJSON_GetArrayItem(json_array(all, "jobDefinitions"), 0));

    (void)snprintf(what, sizeof what, "{'jobDefinition':'mvp-pipeline-job:%d'}",
                   (int)json_int(d, "revision", 0));
    cJSON_Delete(service_call(c, AWS_OP_BATCH_DEREGISTER_JOB_DEFINITION, what));
    cJSON_Delete(all);
    return d;
}

void service_restore_definition(const struct cloud *c, cJSON *d)
{
    static const char *const given[] = {"jobDefinitionName", "type", "containerProperties",
                                        "retryStrategy", "timeout"};
    cJSON *again = json_new_object();

    for (size_t i = 0; i < sizeof given / sizeof *given; i++) {
        if (json_get(d, given[i]) != NULL) {
            json_set(again, given[i], json_copy(json_get(d, given[i])));
        }
    }
    char *text = json_text(again);
    cJSON_Delete(service_call(c, AWS_OP_BATCH_REGISTER_JOB_DEFINITION, text));
    free(text);
    cJSON_Delete(again);
    cJSON_Delete(d);
}

/* Visible or held by a reader. */
static int dead_letters(const struct cloud *c)
{
    char what[400];
    cJSON *queue = service_call(c, AWS_OP_SQS_GET_QUEUE_URL, "{'QueueName':'mvp-development-dlq'}");

    (void)snprintf(what, sizeof what, "{'QueueUrl':'%.300s','AttributeNames':['All']}",
                   json_str_or(queue, "QueueUrl", ""));
    cJSON *reply = service_call(c, AWS_OP_SQS_GET_QUEUE_ATTRIBUTES, what);
    const cJSON *a = json_object(reply, "Attributes");
    int n = a == NULL ? -1
                      : atoi(json_str_or(a, "ApproximateNumberOfMessages", "0")) +
                            atoi(json_str_or(a, "ApproximateNumberOfMessagesNotVisible", "0"));
    cJSON_Delete(reply);
    cJSON_Delete(queue);
    return n;
}

static int rule_events(const struct cloud *c, const char *job_id)
{
    char what[200];

    (void)snprintf(what, sizeof what,
                   "{'logGroupName':'/aws/events/rule/mvp-development-rule','filterPattern':"
                   "'\\'jobId=%s\\''}",
                   job_id);
    cJSON *reply = service_call(c, AWS_OP_LOGS_FILTER_LOG_EVENTS, what);
    int n = reply == NULL ? -1 : cJSON_GetArraySize(json_array(reply, "events"));
    cJSON_Delete(reply);
    return n;
}

/* Of those that are not older than the id, which begins with its time: "job_1796065534544_...". */
static int batch_jobs(const struct cloud *c, const char *job_id)
{
    char what[200];
    cJSON *ids = json_new_array(), *ask = json_new_object(), *reply = NULL;
    const cJSON *v;

    (void)snprintf(what, sizeof what,
                   "{'jobQueue':'mvp-pipeline-queue','filters':[{'name':'AFTER_CREATED_AT',"
                   "'values':['%lld']}]}",
                   strtoll(job_id + strlen("job_"), NULL, 10) - 1);
    cJSON *list = service_call(c, AWS_OP_BATCH_LIST_JOBS, what);
    cJSON_ArrayForEach(v, json_array(list, "jobSummaryList"))
    {
        json_push_str(ids, json_str(v, "jobId"));
    }
    int n = list == NULL ? -1 : 0;
    json_set(ask, "jobs", ids);
    if (cJSON_GetArraySize(ids) > 0) {
        char *text = json_text(ask);
        reply = service_call(c, AWS_OP_BATCH_DESCRIBE_JOBS, text);
        n = reply == NULL ? -1 : 0;
        free(text);
    }
    cJSON_ArrayForEach(v, json_array(reply, "jobs"))
    {
        n += strcmp(json_str_or(json_object(v, "parameters"), "jobId", ""), job_id) == 0;
    }
    cJSON_Delete(reply);
    cJSON_Delete(ask);
    cJSON_Delete(list);
    return n;
}

struct service_trace service_trace_of(const struct cloud *c, const char *job_id)
{
    struct service_trace t = {
        .dead = dead_letters(c), .events = rule_events(c, job_id), .batch = batch_jobs(c, job_id)};
    char what[200];

    (void)snprintf(what, sizeof what,
                   "{'TableName':'mvp-development-jobs','ConsistentRead':true,"
                   "'Key':{'jobId':{'S':'%s'}}}",
                   job_id);
    cJSON *reply = service_call(c, AWS_OP_DDB_GET_ITEM, what);
    const cJSON *item = json_object(reply, "Item");
    (void)snprintf(t.record, sizeof t.record, "%s",
                   reply == NULL ? "unknown" : json_str_or(json_object(item, "status"), "S", ""));
    cJSON_Delete(reply);
    return t;
}
