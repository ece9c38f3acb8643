/* The operations on a local cloud of their own. */
#include "ops_cloud.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aws/batch.h"
#include "aws/dynamodb.h"
#include "core/alloc.h"
#include "core/json.h"
#include "core/path.h"
#include "ops/state_table.h"

#define ARN "arn:aws:%s:us-east-1:000000000000:%s"

static int64_t wall(void *arg)
{
    const struct ops_cloud *c = arg;

    return clock_wall_ms(&clock_system) + c->ahead_ms + c->step_ms;
}

static int64_t mono(void *arg)
{
    return clock_mono_ms(&clock_system) + ((struct ops_cloud *)arg)->ahead_ms;
}

/* Calls with a document given as text with ' for ". */
static void call(struct ops_cloud *c, enum aws_op_id op, const char *fmt, ...) PRINTF_LIKE(3, 4);
static void call(struct ops_cloud *c, enum aws_op_id op, const char *fmt, ...)
{
    char text[4000];
    struct err e = {0};
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    for (char *p = text; *p != '\0'; p++) {
        *p = *p == '\'' ? '"' : *p;
    }
    cJSON *in = json_parse(text, strlen(text), "test", &e);
    cr_assert_not_null(in, "%s in %s", e.msg, text);
    cr_assert_eq(aws_call(c->ops->aws, op, in, NULL, &e), E_OK, "%s: %s", aws_op_get(op)->name,
                 e.msg);
    cJSON_Delete(in);
}

#define USER_INDEX(projection)                                                                     \
    "{'IndexName':'user-jobs-index','KeySchema':[{'AttributeName':'userId','KeyType':'HASH'},"     \
    "{'AttributeName':'createdAt','KeyType':'RANGE'}],'Projection':{'ProjectionType':'" projection \
    "'}}"
static const char user_index[] = USER_INDEX("ALL");
static const char user_index_keys[] = USER_INDEX("KEYS_ONLY");
static const char status_index[] =
    "{'IndexName':'status-updatedAt-index','KeySchema':[{'AttributeName':'status','KeyType':'HASH'"
    "},{'AttributeName':'updatedAt','KeyType':'RANGE'}],'Projection':{'ProjectionType':'ALL'}}";

static void make_table(struct ops_cloud *c, const struct ops_cloud_options *o)
{
    bool both = !o->no_user_index && !o->no_status_index;
    bool any = !o->no_user_index || !o->no_status_index;

    call(c, AWS_OP_DDB_CREATE_TABLE,
         "{'TableName':'mvp-development-jobs','BillingMode':'PAY_PER_REQUEST','KeySchema':[{"
         "'AttributeName':'jobId','KeyType':'HASH'}],'AttributeDefinitions':[{'AttributeName':"
         "'jobId','AttributeType':'S'}%s%s]%s%s%s%s%s%s}",
         o->no_user_index ? ""
                          : ",{'AttributeName':'userId','AttributeType':'S'},{'AttributeName':"
                            "'createdAt','AttributeType':'S'}",
         o->no_status_index ? ""
                            : ",{'AttributeName':'status','AttributeType':'S'},{'AttributeName':"
                              "'updatedAt','AttributeType':'S'}",
         any ? ",'GlobalSecondaryIndexes':[" : "",
         o->no_user_index     ? ""
         : o->user_index_keys ? user_index_keys
                              : user_index,
         both ? "," : "", o->no_status_index ? "" : status_index, any ? "]" : "",
         o->no_stream ? ""
                      : ",'StreamSpecification':{'StreamEnabled':true,'StreamViewType':"
                        "'NEW_AND_OLD_IMAGES'}");
}

static void make_state_table(struct ops_cloud *c)
{
    call(c, AWS_OP_DDB_CREATE_TABLE,
         "{'TableName':'mvp-development-state','BillingMode':'PAY_PER_REQUEST','KeySchema':[{"
         "'AttributeName':'pk','KeyType':'HASH'},{'AttributeName':'sk','KeyType':'RANGE'}],"
         "'AttributeDefinitions':[{'AttributeName':'pk','AttributeType':'S'},{'AttributeName':'sk',"
         "'AttributeType':'S'}]}");
}

static void make_batch(struct ops_cloud *c)
{
    call(c, AWS_OP_BATCH_CREATE_COMPUTE_ENVIRONMENT,
         "{'computeEnvironmentName':'here','type':'MANAGED','computeResources':{'type':'FARGATE',"
         "'maxvCpus':16}}");
    call(c, AWS_OP_BATCH_CREATE_JOB_QUEUE,
         "{'jobQueueName':'mvp-pipeline-queue','priority':1,'computeEnvironmentOrder':[{'order':1,"
         "'computeEnvironment':'here'}]}");
    call(c, AWS_OP_BATCH_REGISTER_JOB_DEFINITION,
         "{'jobDefinitionName':'mvp-pipeline-job','type':'container','containerProperties':{"
         "'image':'mvpdash-starter','command':[],'resourceRequirements':[{'type':'VCPU','value':"
         "'1'},{'type':'MEMORY','value':'512'}]}}");
}

static void make_rule(struct ops_cloud *c)
{
    call(c, AWS_OP_EVENTS_PUT_RULE,
         "{'Name':'mvp-development-rule','EventBusName':'mvp-development','EventPattern':"
         "'{\\'source\\':[\\'founderdash.web\\'],\\'detail-type\\':[\\'MVP Development "
         "Request\\']}'}");
    call(c, AWS_OP_EVENTS_PUT_TARGETS,
         "{'Rule':'mvp-development-rule','EventBusName':'mvp-development','Targets':[{'Id':'batch',"
         "'Arn':'" ARN "','RoleArn':'arn:aws:iam::000000000000:role/events','BatchParameters':{"
         "'JobDefinition':'mvp-pipeline-job','JobName':'mvp-development'},'InputTransformer':{"
         "'InputPathsMap':{'jobId':'$.detail.jobId'},'InputTemplate':'{\\'ContainerOverrides\\':{"
         "\\'Environment\\':[{\\'Name\\':\\'JOB_ID\\',\\'Value\\':<jobId>}]}}'}}]}",
         "batch", "job-queue/mvp-pipeline-queue");
}

/* `export NAME=value` lines, values perhaps quoted. */
static void take_env(char *text)
{
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        char *name = strncmp(line, "export ", 7) == 0 ? line + 7 : line;
        char *value = strchr(name, '=');
        if (value == NULL) {
            continue;
        }
        *value++ = '\0';
        size_t n = strlen(value);
        if (n >= 2 && (value[0] == '\'' || value[0] == '"')) {
            value[n - 1] = '\0';
            value++;
        }
        (void)setenv(name, value, 1);
    }
}

static char *write_script(struct ops_cloud *c, const char *script)
{
    char *path = path_join(c->dir, "pipeline");
    char *text = xasprintf("#!/bin/sh\n%s\n", script == NULL ? "exit 0" : script);

    cr_assert_eq(path_write_atomic(path, text, strlen(text), 0700, NULL), E_OK);
    free(text);
    return path;
}

void ops_cloud_start(struct ops_cloud *c, const struct ops_cloud_options *o)
{
    char dir[] = "/tmp/mvpdash-ops.XXXXXX";
    struct err e = {0};

    *c = (struct ops_cloud){0};
    (void)signal(SIGPIPE, SIG_IGN); /* as main does */
    cr_assert_not_null(mkdtemp(dir));
    c->dir = xstrdup(dir);
    c->clock = (struct clock){.wall_ms = wall, .mono_ms = mono, .arg = c};
    char *script = write_script(c, o->script);
    char *data = path_join(dir, "cloud");
    char *state = path_join(dir, "state");
    struct cloud_options lo = {
        .data_dir = data, .pipeline = script, .program = "/bin/true", .max_running_jobs = 8};
    c->local = cloud_start(&lo, &e);
    cr_assert_not_null(c->local, "%s", e.msg);
    char *env = cloud_env_text(c->local);
    take_env(env);
    (void)setenv("XDG_STATE_HOME", state, 1);
    (void)setenv("XDG_CONFIG_HOME", dir, 1);
    (void)setenv("HOME", dir, 1);
    (void)unsetenv("AWS_PROFILE");
    (void)unsetenv("FOUNDERDASH_DATABASE_URL");
    c->settings = settings_load(&(struct settings_sources){0}, &e);
    cr_assert_not_null(c->settings, "%s", e.msg);
    c->state = o->state;
    c->ops = ops_cloud_again(c);
    if (!o->no_table) {
        make_table(c, o);
    }
    if (o->state) {
        make_state_table(c);
    }
    make_batch(c);
    if (!o->no_bus) {
        call(c, AWS_OP_EVENTS_CREATE_EVENT_BUS, "{'Name':'mvp-development'}");
        if (!o->no_rule) {
            make_rule(c);
        }
    }
    free(env);
    free(state);
    free(data);
    free(script);
}

void ops_cloud_stop(struct ops_cloud *c)
{
    ops_free(c->ops);
    settings_free(c->settings);
    cloud_stop(c->local);
    if (c->dir != NULL) {
        (void)!path_remove_tree(c->dir, NULL);
    }
    free(c->dir);
}

struct ops *ops_cloud_again(struct ops_cloud *c)
{
    struct err e = {0};
    struct ops *o = ops_new(c->settings, &c->clock, NULL, &e);

    cr_assert_not_null(o, "%s", e.msg);
    if (c->state) {
        state_table_use(o);
    }
    return o;
}

struct ops *ops_cloud_at(struct ops_cloud *c, const char *endpoint)
{
    char *old = xstrdup(getenv("AWS_ENDPOINT_URL"));

    (void)setenv("AWS_ENDPOINT_URL", endpoint, 1);
    struct ops *o = ops_cloud_again(c);
    (void)setenv("AWS_ENDPOINT_URL", old, 1);
    free(old);
    return o;
}

void ops_cloud_request(struct deploy_request *r, const char *business_name)
{
    deploy_request_init(r);
    cr_assert_eq(deploy_request_set(r, "userId", "user123", NULL), E_OK);
    cr_assert_eq(deploy_request_set(r, "productId", "prod456", NULL), E_OK);
    cr_assert_eq(deploy_request_set(r, "businessName", business_name, NULL), E_OK);
    cr_assert_eq(
        deploy_request_set(r, "founderdashDbUrl", "postgresql://u:geheim@db.example/f", NULL),
        E_OK);
}

void ops_cloud_put(struct ops_cloud *c, const char *item_json)
{
    struct err e = {0};
    cJSON *item = json_parse(item_json, strlen(item_json), "test item", &e);

    cr_assert_not_null(item, "%s", e.msg);
    cr_assert_eq(ddb_put_item(c->ops->aws, c->ops->table, item, NULL, &e), E_OK, "%s", e.msg);
    cJSON_Delete(item);
}

void ops_cloud_wait_batch(struct ops_cloud *c, const char *job_id, enum batch_status status)
{
    int64_t until = clock_mono_ms(NULL) + 50000;
    char last[STATE_REASON_SIZE] = "not in Batch";

    while (clock_mono_ms(NULL) < until) {
        struct job_detail *d = NULL;
        struct err e = {0};
        if (ops_job_get(c->ops, job_id, false, &d, &e) != E_OK) {
            (void)snprintf(last, sizeof last, "%s", e.msg);
        } else if (d->batch != NULL) {
            bool there = d->batch->status == status;
            (void)snprintf(last, sizeof last, "%s", batch_status_word(d->batch->status));
            job_detail_free(d);
            if (there) {
                return;
            }
        } else {
            job_detail_free(d);
        }
        (void)ops_sleep(c->ops, 20);
    }
    cr_assert_fail("%s did not become %s: %s", job_id, batch_status_word(status), last);
}

int ops_cloud_batch_jobs(struct ops_cloud *c, const char *job_id)
{
    struct batch_list l = {
        .queue = "mvp-pipeline-queue", .filter_name = "AFTER_CREATED_AT", .filter_value = "1"};
    int n = 0;

    for (char *token = NULL;;) {
        cJSON *list = NULL;
        cJSON *full = NULL;
        const char *ids[1000];
        size_t len = 0;
        const cJSON *v;
        char *next = NULL;
        struct err e = {0};
        l.token = token;
        cr_assert_eq(batch_list_jobs(c->ops->aws, &l, &list, &next, &e), E_OK, "%s", e.msg);
        cJSON_ArrayForEach(v, list)
        {
            ids[len++] = json_str(v, "jobId");
        }
        if (len > 0) {
            cr_assert_eq(batch_describe_jobs(c->ops->aws, ids, len, &full, &e), E_OK, "%s", e.msg);
        }
        cJSON_ArrayForEach(v, full)
        {
            struct batch_job *b = batch_job_from_json(v);
            n += b != NULL && b->job_id != NULL && strcmp(b->job_id, job_id) == 0;
            batch_job_free(b);
        }
        cJSON_Delete(list);
        cJSON_Delete(full);
        free(token);
        token = next;
        if (token == NULL) {
            return n;
        }
    }
}
