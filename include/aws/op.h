/* op.h - the table of AWS operations: protocol, target, service. The client calls by it and the
 * local cloud routes by it, so a test fails when only one of the two sides knows an operation.
 *
 * Facts: AWS-WIRE sections 0 and 2 (service models); IAM and ECR from their service models
 * (iam-2010-05-08: query protocol, one endpoint for each partition; ecr-2015-09-21: awsJson1.1,
 * endpoint prefix api.ecr, signed as ecr). Constant data; any thread. */
#ifndef AWS_OP_H
#define AWS_OP_H

#include <stdbool.h>
#include <stddef.h>

enum aws_service_id {
    AWS_DYNAMODB,
    AWS_STREAMS,
    AWS_EVENTS,
    AWS_BATCH,
    AWS_LOGS,
    AWS_SQS,
    AWS_STS,
    AWS_IAM,
    AWS_ECR,
    AWS_CLOUDWATCH,
    AWS_SERVICE_COUNT
};

enum aws_protocol { AWS_JSON_1_0, AWS_JSON_1_1, AWS_REST_JSON, AWS_QUERY_XML };

struct aws_service {
    const char *name;          /* for people: "DynamoDB" */
    const char *host_prefix;   /* "streams.dynamodb" */
    const char *signing_name;  /* "dynamodb" */
    const char *target_prefix; /* "DynamoDBStreams_20120810." or NULL */
    const char *env_suffix;    /* the suffix of AWS_ENDPOINT_URL_..., such as "DYNAMODB_STREAMS" */
    enum aws_protocol protocol;
    const char *version; /* the version for AWS_QUERY_XML: "2011-06-15"; else NULL */
    /* the name that IAM has for the service when it is not signing_name; or NULL */
    const char *action;
    bool query_mode_header; /* send x-amzn-query-mode: true (SQS, CloudWatch) */
};

enum aws_op_flags {
    AWS_OP_READ = 1,       /* the operation may be sent again after any failure */
    AWS_OP_IDEMPOTENT = 2, /* a write that may be sent again after a lost reply */
    AWS_OP_NOT_LOCAL = 4,  /* the local cloud has no such service and says so */
    AWS_OP_GIVES_BACK = 8  /* a write that only takes back what a read did */
};

/* One row for each operation: enum suffix, service, AWS's name, flags. Sorted by service. */
#define AWS_OP_MAP(X)                                                                              \
    X(DDB_CREATE_TABLE, AWS_DYNAMODB, "CreateTable", 0)                                            \
    X(DDB_DELETE_TABLE, AWS_DYNAMODB, "DeleteTable", 0)                                            \
    X(DDB_UPDATE_TABLE, AWS_DYNAMODB, "UpdateTable", 0)                                            \
    X(DDB_DESCRIBE_TABLE, AWS_DYNAMODB, "DescribeTable", AWS_OP_READ)                              \
    X(DDB_LIST_TABLES, AWS_DYNAMODB, "ListTables", AWS_OP_READ)                                    \
    X(DDB_PUT_ITEM, AWS_DYNAMODB, "PutItem", AWS_OP_IDEMPOTENT)                                    \
    X(DDB_GET_ITEM, AWS_DYNAMODB, "GetItem", AWS_OP_READ)                                          \
    X(DDB_UPDATE_ITEM, AWS_DYNAMODB, "UpdateItem", AWS_OP_IDEMPOTENT)                              \
    X(DDB_DELETE_ITEM, AWS_DYNAMODB, "DeleteItem", AWS_OP_IDEMPOTENT)                              \
    X(DDB_QUERY, AWS_DYNAMODB, "Query", AWS_OP_READ)                                               \
    X(DDB_SCAN, AWS_DYNAMODB, "Scan", AWS_OP_READ)                                                 \
    X(DDB_BATCH_GET_ITEM, AWS_DYNAMODB, "BatchGetItem", AWS_OP_READ)                               \
    X(DDB_BATCH_WRITE_ITEM, AWS_DYNAMODB, "BatchWriteItem", AWS_OP_IDEMPOTENT)                     \
    X(DDB_TRANSACT_WRITE_ITEMS, AWS_DYNAMODB, "TransactWriteItems", AWS_OP_IDEMPOTENT)             \
    X(DDB_TRANSACT_GET_ITEMS, AWS_DYNAMODB, "TransactGetItems", AWS_OP_READ)                       \
    X(DDB_UPDATE_TIME_TO_LIVE, AWS_DYNAMODB, "UpdateTimeToLive", 0)                                \
    X(DDB_DESCRIBE_TIME_TO_LIVE, AWS_DYNAMODB, "DescribeTimeToLive", AWS_OP_READ)                  \
    X(STREAMS_LIST_STREAMS, AWS_STREAMS, "ListStreams", AWS_OP_READ)                               \
    X(STREAMS_DESCRIBE_STREAM, AWS_STREAMS, "DescribeStream", AWS_OP_READ)                         \
    X(STREAMS_GET_SHARD_ITERATOR, AWS_STREAMS, "GetShardIterator", AWS_OP_READ)                    \
    X(STREAMS_GET_RECORDS, AWS_STREAMS, "GetRecords", AWS_OP_READ)                                 \
    X(EVENTS_PUT_EVENTS, AWS_EVENTS, "PutEvents", 0)                                               \
    X(EVENTS_CREATE_EVENT_BUS, AWS_EVENTS, "CreateEventBus", 0)                                    \
    X(EVENTS_DELETE_EVENT_BUS, AWS_EVENTS, "DeleteEventBus", 0)                                    \
    X(EVENTS_DESCRIBE_EVENT_BUS, AWS_EVENTS, "DescribeEventBus", AWS_OP_READ)                      \
    X(EVENTS_LIST_EVENT_BUSES, AWS_EVENTS, "ListEventBuses", AWS_OP_READ)                          \
    X(EVENTS_PUT_RULE, AWS_EVENTS, "PutRule", AWS_OP_IDEMPOTENT)                                   \
    X(EVENTS_DELETE_RULE, AWS_EVENTS, "DeleteRule", AWS_OP_IDEMPOTENT)                             \
    X(EVENTS_ENABLE_RULE, AWS_EVENTS, "EnableRule", AWS_OP_IDEMPOTENT)                             \
    X(EVENTS_DISABLE_RULE, AWS_EVENTS, "DisableRule", AWS_OP_IDEMPOTENT)                           \
    X(EVENTS_LIST_RULES, AWS_EVENTS, "ListRules", AWS_OP_READ)                                     \
    X(EVENTS_DESCRIBE_RULE, AWS_EVENTS, "DescribeRule", AWS_OP_READ)                               \
    X(EVENTS_PUT_TARGETS, AWS_EVENTS, "PutTargets", AWS_OP_IDEMPOTENT)                             \
    X(EVENTS_REMOVE_TARGETS, AWS_EVENTS, "RemoveTargets", AWS_OP_IDEMPOTENT)                       \
    X(EVENTS_LIST_TARGETS_BY_RULE, AWS_EVENTS, "ListTargetsByRule", AWS_OP_READ)                   \
    X(EVENTS_TEST_EVENT_PATTERN, AWS_EVENTS, "TestEventPattern", AWS_OP_READ)                      \
    X(BATCH_SUBMIT_JOB, AWS_BATCH, "SubmitJob", 0)                                                 \
    X(BATCH_LIST_JOBS, AWS_BATCH, "ListJobs", AWS_OP_READ)                                         \
    X(BATCH_DESCRIBE_JOBS, AWS_BATCH, "DescribeJobs", AWS_OP_READ)                                 \
    X(BATCH_CANCEL_JOB, AWS_BATCH, "CancelJob", AWS_OP_IDEMPOTENT)                                 \
    X(BATCH_TERMINATE_JOB, AWS_BATCH, "TerminateJob", AWS_OP_IDEMPOTENT)                           \
    X(BATCH_CREATE_JOB_QUEUE, AWS_BATCH, "CreateJobQueue", 0)                                      \
    X(BATCH_UPDATE_JOB_QUEUE, AWS_BATCH, "UpdateJobQueue", AWS_OP_IDEMPOTENT)                      \
    X(BATCH_DESCRIBE_JOB_QUEUES, AWS_BATCH, "DescribeJobQueues", AWS_OP_READ)                      \
    X(BATCH_REGISTER_JOB_DEFINITION, AWS_BATCH, "RegisterJobDefinition", 0)                        \
    X(BATCH_DEREGISTER_JOB_DEFINITION, AWS_BATCH, "DeregisterJobDefinition", AWS_OP_IDEMPOTENT)    \
    X(BATCH_DESCRIBE_JOB_DEFINITIONS, AWS_BATCH, "DescribeJobDefinitions", AWS_OP_READ)            \
    X(BATCH_CREATE_COMPUTE_ENVIRONMENT, AWS_BATCH, "CreateComputeEnvironment", 0)                  \
    X(BATCH_DESCRIBE_COMPUTE_ENVIRONMENTS, AWS_BATCH, "DescribeComputeEnvironments", AWS_OP_READ)  \
    X(LOGS_CREATE_LOG_GROUP, AWS_LOGS, "CreateLogGroup", 0)                                        \
    X(LOGS_CREATE_LOG_STREAM, AWS_LOGS, "CreateLogStream", 0)                                      \
    X(LOGS_PUT_LOG_EVENTS, AWS_LOGS, "PutLogEvents", 0)                                            \
    X(LOGS_GET_LOG_EVENTS, AWS_LOGS, "GetLogEvents", AWS_OP_READ)                                  \
    X(LOGS_FILTER_LOG_EVENTS, AWS_LOGS, "FilterLogEvents", AWS_OP_READ)                            \
    X(LOGS_DESCRIBE_LOG_GROUPS, AWS_LOGS, "DescribeLogGroups", AWS_OP_READ)                        \
    X(LOGS_DESCRIBE_LOG_STREAMS, AWS_LOGS, "DescribeLogStreams", AWS_OP_READ)                      \
    X(SQS_CREATE_QUEUE, AWS_SQS, "CreateQueue", AWS_OP_IDEMPOTENT)                                 \
    X(SQS_DELETE_QUEUE, AWS_SQS, "DeleteQueue", AWS_OP_IDEMPOTENT)                                 \
    X(SQS_LIST_QUEUES, AWS_SQS, "ListQueues", AWS_OP_READ)                                         \
    X(SQS_GET_QUEUE_URL, AWS_SQS, "GetQueueUrl", AWS_OP_READ)                                      \
    X(SQS_GET_QUEUE_ATTRIBUTES, AWS_SQS, "GetQueueAttributes", AWS_OP_READ)                        \
    X(SQS_SET_QUEUE_ATTRIBUTES, AWS_SQS, "SetQueueAttributes", AWS_OP_IDEMPOTENT)                  \
    X(SQS_SEND_MESSAGE, AWS_SQS, "SendMessage", 0)                                                 \
    X(SQS_RECEIVE_MESSAGE, AWS_SQS, "ReceiveMessage", AWS_OP_READ)                                 \
    X(SQS_DELETE_MESSAGE, AWS_SQS, "DeleteMessage", AWS_OP_IDEMPOTENT)                             \
    X(SQS_DELETE_MESSAGE_BATCH, AWS_SQS, "DeleteMessageBatch", AWS_OP_IDEMPOTENT)                  \
    X(SQS_CHANGE_MESSAGE_VISIBILITY, AWS_SQS, "ChangeMessageVisibility",                           \
      AWS_OP_IDEMPOTENT | AWS_OP_GIVES_BACK)                                                       \
    X(SQS_PURGE_QUEUE, AWS_SQS, "PurgeQueue", AWS_OP_IDEMPOTENT)                                   \
    X(STS_GET_CALLER_IDENTITY, AWS_STS, "GetCallerIdentity", AWS_OP_READ)                          \
    X(STS_ASSUME_ROLE, AWS_STS, "AssumeRole", AWS_OP_READ)                                         \
    X(STS_ASSUME_ROLE_WITH_WEB_IDENTITY, AWS_STS, "AssumeRoleWithWebIdentity", AWS_OP_READ)        \
    X(IAM_GET_ROLE, AWS_IAM, "GetRole", AWS_OP_READ | AWS_OP_NOT_LOCAL)                            \
    X(IAM_SIMULATE_PRINCIPAL_POLICY, AWS_IAM, "SimulatePrincipalPolicy",                           \
      AWS_OP_READ | AWS_OP_NOT_LOCAL)                                                              \
    X(ECR_DESCRIBE_IMAGES, AWS_ECR, "DescribeImages", AWS_OP_READ | AWS_OP_NOT_LOCAL)              \
    X(CLOUDWATCH_GET_METRIC_DATA, AWS_CLOUDWATCH, "GetMetricData", AWS_OP_READ | AWS_OP_NOT_LOCAL)

#define AWS_OP_ENUM(id, service, name, flags) AWS_OP_##id,
enum aws_op_id { AWS_OP_MAP(AWS_OP_ENUM) AWS_OP_COUNT };
#undef AWS_OP_ENUM

struct aws_op {
    enum aws_service_id service;
    const char *name;
    unsigned flags;
};

const struct aws_service *aws_service_get(enum aws_service_id id); /* never NULL */
const struct aws_op *aws_op_get(enum aws_op_id id);                /* never NULL */

/* Finds an operation of a service by AWS's name, or by restJson1 path ("/v1/describejobs"; the path
 * is "/v1/" + the lower-case name). AWS_OP_COUNT when unknown. */
enum aws_op_id aws_op_find(enum aws_service_id service, const char *name);
enum aws_op_id aws_op_find_path(const char *path);
#endif
