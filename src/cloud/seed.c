/* What a new local cloud holds: the system of SPEC 8 under the names of SPEC 9. */
#include "seed.h"

#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/strbuf.h"
#include "src/cloud/dynamodb/ddb.h"
#include "src/cloud/store/life.h"

/* The documents with which infra/ makes the system. $R is the region, $A the account. Only the
 * recorder is not in infra/: it writes a record for an event that was sent with another tool. */

#define EVENTS "arn:aws:events:$R:$A:"
#define DLQ "arn:aws:sqs:$R:$A:mvp-development-dlq"
#define MACHINE "arn:aws:states:$R:$A:stateMachine:"
#define STATE_TABLE "mvp-development-state"
#define ROLE "arn:aws:iam::$A:role/mvp-development-"

/* clang-format off */
struct seed_step {
    enum aws_op_id op;
    const char *in;
};
static const struct seed_step system_steps[] = {
    {AWS_OP_DDB_CREATE_TABLE,
     "{\"TableName\":\"mvp-development-jobs\",\"BillingMode\":\"PAY_PER_REQUEST\","
     "\"KeySchema\":[{\"AttributeName\":\"jobId\",\"KeyType\":\"HASH\"}],"
     "\"AttributeDefinitions\":[{\"AttributeName\":\"jobId\",\"AttributeType\":\"S\"},"
     "{\"AttributeName\":\"userId\",\"AttributeType\":\"S\"},"
     "{\"AttributeName\":\"createdAt\",\"AttributeType\":\"S\"},"
     "{\"AttributeName\":\"status\",\"AttributeType\":\"S\"},"
     "{\"AttributeName\":\"updatedAt\",\"AttributeType\":\"S\"}],"
     "\"GlobalSecondaryIndexes\":[{\"IndexName\":\"user-jobs-index\",\"KeySchema\":["
     "{\"AttributeName\":\"userId\",\"KeyType\":\"HASH\"},"
     "{\"AttributeName\":\"createdAt\",\"KeyType\":\"RANGE\"}],"
     "\"Projection\":{\"ProjectionType\":\"ALL\"}},"
     "{\"IndexName\":\"status-updatedAt-index\",\"KeySchema\":["
     "{\"AttributeName\":\"status\",\"KeyType\":\"HASH\"},"
     "{\"AttributeName\":\"updatedAt\",\"KeyType\":\"RANGE\"}],"
     "\"Projection\":{\"ProjectionType\":\"ALL\"}}],"
     "\"StreamSpecification\":{\"StreamEnabled\":true,\"StreamViewType\":\"NEW_AND_OLD_IMAGES\"}}"},
    {AWS_OP_LOGS_CREATE_LOG_GROUP, "{\"logGroupName\":\"/aws/batch/job\"}"},
    {AWS_OP_LOGS_CREATE_LOG_GROUP, "{\"logGroupName\":\"/aws/events/rule/mvp-development-rule\"}"},
    {AWS_OP_SQS_CREATE_QUEUE,
     "{\"QueueName\":\"mvp-development-dlq\",\"Attributes\":{"
     "\"MessageRetentionPeriod\":\"1209600\",\"Policy\":"
     "\"{\\\"Version\\\":\\\"2012-10-17\\\",\\\"Statement\\\":[{\\\"Effect\\\":\\\"Allow\\\","
     "\\\"Principal\\\":{\\\"Service\\\":\\\"events.amazonaws.com\\\"},"
     "\\\"Action\\\":\\\"sqs:SendMessage\\\",\\\"Resource\\\":\\\"" DLQ "\\\","
     "\\\"Condition\\\":{\\\"ArnEquals\\\":{\\\"aws:SourceArn\\\":["
     "\\\"" EVENTS "rule/mvp-development/mvp-development-rule\\\","
     "\\\"" EVENTS "rule/mvp-development-rule-state\\\"]}}}]}\"}}"},
    {AWS_OP_BATCH_CREATE_COMPUTE_ENVIRONMENT,
     "{\"computeEnvironmentName\":\"mvp-pipeline-environment\",\"type\":\"MANAGED\","
     "\"computeResources\":{\"type\":\"FARGATE\",\"maxvCpus\":16,\"subnets\":[],"
     "\"securityGroupIds\":[]}}"},
    {AWS_OP_BATCH_CREATE_JOB_QUEUE,
     "{\"jobQueueName\":\"mvp-pipeline-queue\",\"priority\":1,\"computeEnvironmentOrder\":["
     "{\"order\":1,\"computeEnvironment\":\"mvp-pipeline-environment\"}]}"},
    {AWS_OP_BATCH_REGISTER_JOB_DEFINITION,
     "{\"jobDefinitionName\":\"mvp-pipeline-job\",\"type\":\"container\","
     "\"platformCapabilities\":[\"FARGATE\"],\"retryStrategy\":{\"attempts\":1,"
     "\"evaluateOnExit\":[{\"onExitCode\":\"75\",\"action\":\"EXIT\"}]},"
     "\"timeout\":{\"attemptDurationSeconds\":14400},"
     "\"containerProperties\":{\"image\":\"mvpdash-starter:local\",\"command\":[],"
     "\"jobRoleArn\":\"" ROLE "job\",\"executionRoleArn\":\"" ROLE "execution\","
     "\"resourceRequirements\":[{\"type\":\"VCPU\",\"value\":\"1\"},"
     "{\"type\":\"MEMORY\",\"value\":\"2048\"}],"
     "\"environment\":[{\"name\":\"DYNAMODB_TABLE_NAME\",\"value\":\"mvp-development-jobs\"}],"
     "\"logConfiguration\":{\"logDriver\":\"awslogs\",\"options\":{"
     "\"awslogs-group\":\"/aws/batch/job\",\"awslogs-region\":\"$R\","
     "\"awslogs-stream-prefix\":\"mvp-pipeline-job\"}}}}"},
    {AWS_OP_EVENTS_CREATE_EVENT_BUS, "{\"Name\":\"mvp-development\"}"},
    {AWS_OP_EVENTS_PUT_RULE,
     "{\"Name\":\"mvp-development-rule\",\"EventBusName\":\"mvp-development\","
     "\"Description\":\"A deploy request starts a pipeline job\",\"EventPattern\":"
     "\"{\\\"source\\\":[\\\"founderdash.web\\\"],"
     "\\\"detail-type\\\":[\\\"MVP Development Request\\\"]}\"}"},
    {AWS_OP_EVENTS_PUT_TARGETS,
     "{\"Rule\":\"mvp-development-rule\",\"EventBusName\":\"mvp-development\",\"Targets\":["
     "{\"Id\":\"a-recorder\",\"Arn\":\"" MACHINE "mvp-development-recorder\","
     "\"RoleArn\":\"" ROLE "events\",\"DeadLetterConfig\":{\"Arn\":\"" DLQ "\"}},"
     "{\"Id\":\"batch\",\"Arn\":\"arn:aws:batch:$R:$A:job-queue/mvp-pipeline-queue\","
     "\"RoleArn\":\"" ROLE "events\",\"BatchParameters\":{\"JobDefinition\":\"mvp-pipeline-job\","
     "\"JobName\":\"mvp-pipeline-job\"},\"RetryPolicy\":{\"MaximumRetryAttempts\":185,"
     "\"MaximumEventAgeInSeconds\":86400},\"DeadLetterConfig\":{\"Arn\":\"" DLQ "\"},"
     "\"InputTransformer\":{\"InputPathsMap\":{\"jobId\":\"$.detail.jobId\"},\"InputTemplate\":"
     "\"{\\\"Parameters\\\": {\\\"jobId\\\": <jobId>}, \\\"ContainerOverrides\\\": "
     "{\\\"Environment\\\": [{\\\"Name\\\": \\\"JOB_ID\\\", \\\"Value\\\": <jobId>}]}}\"}},"
     "{\"Id\":\"log\","
     "\"Arn\":\"arn:aws:logs:$R:$A:log-group:/aws/events/rule/mvp-development-rule\","
     "\"InputTransformer\":{\"InputPathsMap\":{\"time\":\"$.time\",\"id\":\"$.id\","
     "\"source\":\"$.source\",\"jobId\":\"$.detail.jobId\",\"userId\":\"$.detail.userId\","
     "\"product\":\"$.detail.productId\",\"priority\":\"$.detail.priority\"},\"InputTemplate\":"
     "\"{\\\"timestamp\\\": <time>, \\\"message\\\": \\\"event <id> from <source>: jobId=<jobId> "
     "userId=<userId> productId=<product> priority=<priority>\\\"}\"}}]}"},
    {AWS_OP_EVENTS_PUT_RULE,
     "{\"Name\":\"mvp-development-rule-state\","
     "\"Description\":\"State changes of the pipeline's Batch jobs\",\"EventPattern\":"
     "\"{\\\"source\\\":[\\\"aws.batch\\\"],\\\"detail-type\\\":[\\\"Batch Job State Change\\\"],"
     "\\\"detail\\\":{\\\"jobQueue\\\":"
     "[\\\"arn:aws:batch:$R:$A:job-queue/mvp-pipeline-queue\\\"]}}\"}"},
    {AWS_OP_EVENTS_PUT_TARGETS,
     "{\"Rule\":\"mvp-development-rule-state\",\"Targets\":[{\"Id\":\"tracker\","
     "\"Arn\":\"" MACHINE "mvp-development-tracker\",\"RoleArn\":\"" ROLE "events\","
     "\"RetryPolicy\":{\"MaximumRetryAttempts\":185,\"MaximumEventAgeInSeconds\":86400},"
     "\"DeadLetterConfig\":{\"Arn\":\"" DLQ "\"}}]}"},
};
/* What the replicas of the REST API share. Older programs made clouds without it. */
static const struct seed_step state_steps[] = {
    {AWS_OP_DDB_CREATE_TABLE,
     "{\"TableName\":\"" STATE_TABLE "\",\"BillingMode\":\"PAY_PER_REQUEST\",\"KeySchema\":["
     "{\"AttributeName\":\"pk\",\"KeyType\":\"HASH\"},"
     "{\"AttributeName\":\"sk\",\"KeyType\":\"RANGE\"}],\"AttributeDefinitions\":["
     "{\"AttributeName\":\"pk\",\"AttributeType\":\"S\"},"
     "{\"AttributeName\":\"sk\",\"AttributeType\":\"S\"}]}"},
    {AWS_OP_DDB_UPDATE_TIME_TO_LIVE,
     "{\"TableName\":\"" STATE_TABLE "\",\"TimeToLiveSpecification\":"
     "{\"Enabled\":true,\"AttributeName\":\"expiresAt\"}}"},
};
/* clang-format on */

/* The document with $R and $A filled in; the "$." of a JSON path stays. Owned. */
static cJSON *step_document(const struct cloud *cloud, const char *in, struct err *e)
{
    struct strbuf b = STRBUF_INIT;

    for (const char *p = in; *p != '\0';) {
        if (p[0] == '$' && (p[1] == 'R' || p[1] == 'A')) {
            strbuf_adds(&b, p[1] == 'R' ? cloud_region(cloud) : cloud_account(cloud));
            p += 2;
        } else {
            strbuf_addc(&b, *p++);
        }
    }
    cJSON *doc = json_parse(b.data, b.len, "the seed", e);
    strbuf_clear(&b);
    return doc;
}

static enum err_code run_steps(struct cloud *cloud, const struct seed_step *steps, size_t len,
                               struct err *e)
{
    for (size_t i = 0; i < len; i++) {
        cJSON *in = step_document(cloud, steps[i].in, e);
        struct cloud_reply r;
        enum err_code rc = E_OK;

        if (in == NULL) {
            return E_PARSE;
        }
        cloud_dispatch(cloud, steps[i].op, in, &r);
        if (r.code[0] != '\0') {
            rc = err_set(e, E_SERVICE, "%s: %s: %s", aws_op_get(steps[i].op)->name, r.code,
                         r.message);
        } else if (json_int(r.out, "FailedEntryCount", 0) > 0) {
            rc = err_set(
                e, E_SERVICE, "%s: %s", aws_op_get(steps[i].op)->name,
                json_str_or(json_array(r.out, "FailedEntries")->child, "ErrorMessage", "?"));
        }
        cloud_reply_clear(&r);
        cJSON_Delete(in);
        if (rc != E_OK) {
            return rc;
        }
    }
    return E_OK;
}

static enum err_code seed(struct cloud *cloud, int done, struct err *e)
{
    enum err_code rc =
        done >= 1 ? E_OK
                  : run_steps(cloud, system_steps, sizeof system_steps / sizeof *system_steps, e);

    /* In an older cloud somebody may have made a table of that name: it is left as it is. */
    if (rc == E_OK && ddb_table_find(cloud, STATE_TABLE) == NULL) {
        rc = run_steps(cloud, state_steps, sizeof state_steps / sizeof *state_steps, e);
    }
    return rc == E_OK ? cloud_store_meta_set(cloud_store(cloud), "seeded", "2", e) : rc;
}

enum err_code cloud_seed(struct cloud *cloud, struct err *e)
{
    struct cloud_store *store = cloud_store(cloud);
    char *done = cloud_store_meta_get(store, "seeded");
    int stage = done == NULL ? 0 : strcmp(done, "1") == 0 ? 1 : 2;

    free(done);
    if (stage == 2) {
        return E_OK;
    }
    enum err_code rc = cloud_store_exec(store, "SAVEPOINT seed", e);
    if (rc == E_OK) {
        rc = seed(cloud, stage, e);
    }
    if (rc != E_OK) {
        (void)!cloud_store_exec(store, "ROLLBACK TO seed", NULL);
    }
    (void)!cloud_store_exec(store, "RELEASE seed", NULL);
    return rc;
}
