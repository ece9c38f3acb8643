/* The tables of AWS's services and operations, and finding a row in them. */
#include "aws/op.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* clang-format 14 crashes on lists of this shape. */
/* clang-format off */
static const struct aws_service services[AWS_SERVICE_COUNT] = {
    [AWS_DYNAMODB] = {.name = "DynamoDB",
                      .host_prefix = "dynamodb",
                      .signing_name = "dynamodb",
                      .target_prefix = "DynamoDB_20120810.",
                      .env_suffix = "DYNAMODB",
                      .protocol = AWS_JSON_1_0},
    [AWS_STREAMS] = {.name = "DynamoDB Streams",
                     .host_prefix = "streams.dynamodb",
                     .signing_name = "dynamodb",
                     .target_prefix = "DynamoDBStreams_20120810.",
                     .env_suffix = "DYNAMODB_STREAMS",
                     .protocol = AWS_JSON_1_0},
    [AWS_EVENTS] = {.name = "EventBridge",
                    .host_prefix = "events",
                    .signing_name = "events",
                    .target_prefix = "AWSEvents.",
                    .env_suffix = "EVENTBRIDGE",
                    .protocol = AWS_JSON_1_1},
    [AWS_BATCH] = {.name = "Batch",
                   .host_prefix = "batch",
                   .signing_name = "batch",
                   .env_suffix = "BATCH",
                   .protocol = AWS_REST_JSON},
    [AWS_LOGS] = {.name = "CloudWatch Logs",
                  .host_prefix = "logs",
                  .signing_name = "logs",
                  .target_prefix = "Logs_20140328.",
                  .env_suffix = "CLOUDWATCH_LOGS",
                  .protocol = AWS_JSON_1_1},
    [AWS_SQS] = {.name = "SQS",
                 .host_prefix = "sqs",
                 .signing_name = "sqs",
                 .target_prefix = "AmazonSQS.",
                 .env_suffix = "SQS",
                 .protocol = AWS_JSON_1_0,
                 .query_mode_header = true},
    [AWS_STS] = {.name = "STS",
                 .host_prefix = "sts",
                 .signing_name = "sts",
                 .env_suffix = "STS",
                 .version = "2011-06-15",
                 .protocol = AWS_QUERY_XML},
    [AWS_IAM] = {.name = "IAM",
                 .host_prefix = "iam",
                 .signing_name = "iam",
                 .env_suffix = "IAM",
                 .version = "2010-05-08",
                 .protocol = AWS_QUERY_XML},
    [AWS_ECR] = {.name = "ECR",
                 .host_prefix = "api.ecr",
                 .signing_name = "ecr",
                 .target_prefix = "AmazonEC2ContainerRegistry_V20150921.",
                 .env_suffix = "ECR",
                 .protocol = AWS_JSON_1_1},
    [AWS_CLOUDWATCH] = {.name = "CloudWatch",
                        .host_prefix = "monitoring",
                        .signing_name = "monitoring",
                        .target_prefix = "GraniteServiceVersion20100801.",
                        .env_suffix = "CLOUDWATCH",
                        .action = "cloudwatch",
                        .protocol = AWS_JSON_1_0,
                        .query_mode_header = true},
};
/* clang-format on */

#define AWS_OP_ROW(id, service, name, flags) [AWS_OP_##id] = {service, name, flags},
static const struct aws_op ops[AWS_OP_COUNT] = {AWS_OP_MAP(AWS_OP_ROW)};
#undef AWS_OP_ROW

const struct aws_service *aws_service_get(enum aws_service_id id)
{
    return &services[id];
}

const struct aws_op *aws_op_get(enum aws_op_id id)
{
    return &ops[id];
}

enum aws_op_id aws_op_find(enum aws_service_id service, const char *name)
{
    for (int i = 0; i < AWS_OP_COUNT; i++) {
        if (ops[i].service == service && strcmp(ops[i].name, name) == 0) {
            return (enum aws_op_id)i;
        }
    }
    return AWS_OP_COUNT;
}

enum aws_op_id aws_op_find_path(const char *path)
{
    static const char prefix[] = "/v1/";

    if (strncmp(path, prefix, sizeof prefix - 1) != 0) {
        return AWS_OP_COUNT;
    }
    path += sizeof prefix - 1;
    for (const char *p = path; *p != '\0'; p++) {
        if (!islower((unsigned char)*p)) {
            return AWS_OP_COUNT;
        }
    }
    for (int i = 0; i < AWS_OP_COUNT; i++) {
        if (services[ops[i].service].protocol == AWS_REST_JSON &&
            strcasecmp(ops[i].name, path) == 0) {
            return (enum aws_op_id)i;
        }
    }
    return AWS_OP_COUNT;
}
