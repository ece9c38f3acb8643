#include "src/cli/iam_policy.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"

enum { ACTIONS_MAX = 10, RESOURCES_MAX = 3 };

/* arn:PARTITION:service:REGION:ACCOUNT:before NAME after; NAME only with `named`. A row without
 * service ends the list. */
struct resource {
    const char *service, *before;
    bool named;
    enum setting_id name;
    const char *after;
};

struct statement {
    const char *sid;
    bool operator_only;
    const char *actions[ACTIONS_MAX];
    /* None: "*", for actions that know no resource-level permissions. */
    struct resource resources[RESOURCES_MAX];
};

/* clang-format 14 dies of lists of this shape. */
/* clang-format off */
static const struct statement statements[] = {
    {.sid = "ReadJobs",
     .actions = {"dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:BatchGetItem",
                 "dynamodb:Query", "dynamodb:Scan"},
     .resources = {{"dynamodb", "table/", true, SET_TABLE, ""},
                   {"dynamodb", "table/", true, SET_TABLE, "/index/*"}}},
    {.sid = "FollowJobs",
     .actions = {"dynamodb:DescribeStream", "dynamodb:GetShardIterator", "dynamodb:GetRecords"},
     .resources = {{"dynamodb", "table/", true, SET_TABLE, "/stream/*"}}},
    {.sid = "SeeBus",
     .actions = {"events:DescribeEventBus"},
     .resources = {{"events", "event-bus/", true, SET_BUS, ""},
                   {"events", "event-bus/default", false, SET_BUS, ""}}},
    {.sid = "SeeRules",
     .actions = {"events:ListRules", "events:DescribeRule", "events:ListTargetsByRule"},
     .resources = {{"events", "rule/*", false, SET_BUS, ""}}},
    {.sid = "SeeAll",
     .actions = {"batch:DescribeComputeEnvironments", "batch:DescribeJobDefinitions",
                 "batch:DescribeJobQueues", "batch:DescribeJobs", "batch:ListJobs",
                 "cloudwatch:GetMetricData", "dynamodb:ListStreams", "events:TestEventPattern",
                 "logs:DescribeLogGroups"}},
    {.sid = "ReadLogs",
     .actions = {"logs:DescribeLogStreams", "logs:FilterLogEvents", "logs:GetLogEvents"},
     .resources = {{"logs", "log-group:", true, SET_BATCH_LOG_GROUP, ":*"},
                   {"logs", "log-group:", true, SET_RULE_LOG_GROUP, ":*"}}},
    {.sid = "SeeDlq",
     .actions = {"sqs:GetQueueAttributes", "sqs:GetQueueUrl"},
     .resources = {{"sqs", "", true, SET_DLQ, ""}}},
    {.sid = "Deploy",
     .operator_only = true,
     .actions = {"events:PutEvents"},
     .resources = {{"events", "event-bus/", true, SET_BUS, ""}}},
    {.sid = "Cancel",
     .operator_only = true,
     .actions = {"batch:CancelJob", "batch:TerminateJob"},
     .resources = {{"batch", "job/*", false, SET_QUEUE, ""}}},
    {.sid = "WriteJobs",
     .operator_only = true,
     .actions = {"dynamodb:PutItem", "dynamodb:UpdateItem"},
     .resources = {{"dynamodb", "table/", true, SET_TABLE, ""}}},
    {.sid = "RedriveDlq",
     .operator_only = true,
     .actions = {"sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:ReceiveMessage"},
     .resources = {{"sqs", "", true, SET_DLQ, ""}}},
};
/* clang-format on */

static const char *partition_of(const char *region)
{
    return strncmp(region, "cn-", 3) == 0       ? "aws-cn"
           : strncmp(region, "us-gov-", 7) == 0 ? "aws-us-gov"
                                                : "aws";
}

static char *resource_arn(const struct settings *s, const char *region, const struct resource *r)
{
    const char *name = r->named ? settings_get(s, r->name) : "";

    name = name == NULL ? "*" : name;
    if (strncmp(name, "arn:", 4) == 0) {
        size_t n = strlen(name);
        bool starred = n > 2 && strcmp(name + n - 2, ":*") == 0 && strcmp(r->after, ":*") == 0;
        return xasprintf("%s%s", name, starred ? "" : r->after);
    }
    return xasprintf("arn:%s:%s:%s:*:%s%s%s", partition_of(region), r->service, region, r->before,
                     name, r->after);
}

static cJSON *statement_json(const struct settings *s, const char *region,
                             const struct statement *st)
{
    cJSON *doc = json_new_object();
    cJSON *actions = json_new_array();
    cJSON *resources = json_new_array();

    for (size_t i = 0; i < ACTIONS_MAX && st->actions[i] != NULL; i++) {
        json_push_str(actions, st->actions[i]);
    }
    for (size_t i = 0; i < RESOURCES_MAX && st->resources[i].service != NULL; i++) {
        char *arn = resource_arn(s, region, &st->resources[i]);
        json_push_str(resources, arn);
        free(arn);
    }
    if (cJSON_GetArraySize(resources) == 0) {
        json_push_str(resources, "*");
    }
    json_set_str(doc, "Sid", st->sid);
    json_set_str(doc, "Effect", "Allow");
    json_set(doc, "Action", actions);
    json_set(doc, "Resource", resources);
    return doc;
}

cJSON *iam_policy(const struct settings *s, const char *region, bool operator_too)
{
    cJSON *doc = json_new_object();
    cJSON *list = json_new_array();

    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++) {
        if (operator_too || !statements[i].operator_only) {
            json_push(list, statement_json(s, region, &statements[i]));
        }
    }
    json_set_str(doc, "Version", "2012-10-17");
    json_set(doc, "Statement", list);
    return doc;
}
