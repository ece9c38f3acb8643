/* The smallest IAM policies for people, made from one table. */
#include "ops/iam_policy.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"

enum { ACTIONS_MAX = 10, RESOURCES_MAX = 3 };

/* A resource of a statement, arn:PARTITION:service:REGION:ACCOUNT:before NAME after; NAME only with
 * `named`. A row without a service ends the list. A simulation asks about `sample` in the place of
 * `after` ({rule} is the rule as ARNs name it), because a narrower policy than ours is as good and
 * holds no wildcard. */
struct resource {
    const char *service, *before;
    bool named;
    enum setting_id name;
    const char *after, *sample;
};

struct statement {
    const char *sid;
    /* for people: what does not work without it; NULL: the check that needs the action says so */
    const char *without;
    bool operator_only;
    bool api_only; /* of the server with --state table alone */
    bool no_api;   /* the server never asks for it */
    const char *actions[ACTIONS_MAX];
    /* No resources: "*", for actions that know no permissions by resource. */
    struct resource resources[RESOURCES_MAX];
    /* a simulation asks about the second resource for this action only */
    const char *second_action;
};

/* clang-format 14 crashes on lists of this shape. */
/* clang-format off */
static const struct statement statements[] = {
    {.sid = "ReadJobs",
     .without = "jobs cannot be read",
     .actions = {"dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:BatchGetItem",
                 "dynamodb:Query", "dynamodb:Scan"},
     .resources = {{"dynamodb", "table/", true, SET_TABLE, "", NULL},
                   {"dynamodb", "table/", true, SET_TABLE, "/index/*", "/index/user-jobs-index"}},
     .second_action = "dynamodb:Query"},
    {.sid = "FollowJobs",
     .no_api = true,
     .without = "changes are polled",
     .actions = {"dynamodb:DescribeStream", "dynamodb:GetShardIterator", "dynamodb:GetRecords"},
     .resources = {{"dynamodb", "table/", true, SET_TABLE, "/stream/*",
                    "/stream/2026-01-01T00:00:00.000"}}},
    {.sid = "SeeBus",
     .without = "the bus cannot be checked",
     .actions = {"events:DescribeEventBus"},
     .resources = {{"events", "event-bus/", true, SET_BUS, "", NULL},
                   {"events", "event-bus/default", false, SET_BUS, "", NULL}},
     .second_action = ""},
    {.sid = "SeeRules",
     .without = "rule and target cannot be checked",
     .actions = {"events:DescribeRule", "events:ListTargetsByRule"},
     .resources = {{"events", "rule/", false, SET_BUS, "*", "{rule}"}}},
    {.sid = "SeeAll",
     .without = "Batch jobs cannot be read",
     .actions = {"batch:DescribeComputeEnvironments", "batch:DescribeJobDefinitions",
                 "batch:DescribeJobQueues", "batch:DescribeJobs", "batch:ListJobs",
                 "cloudwatch:GetMetricData", "events:ListRules", "events:TestEventPattern",
                 "logs:DescribeLogGroups"}},
    {.sid = "ReadLogs",
     .no_api = true,
     .without = "logs cannot be read",
     .actions = {"logs:FilterLogEvents", "logs:GetLogEvents"},
     .resources = {{"logs", "log-group:", true, SET_BATCH_LOG_GROUP, ":*", ":log-stream:doctor"},
                   {"logs", "log-group:", true, SET_RULE_LOG_GROUP, ":*", ":log-stream:doctor"}},
     .second_action = "logs:FilterLogEvents"},
    {.sid = "SeeLog",
     .api_only = true,
     .actions = {"logs:GetLogEvents"},
     .resources = {{"logs", "log-group:", true, SET_BATCH_LOG_GROUP, ":*", NULL}}},
    {.sid = "SeeDlq",
     .without = "dead letters cannot be read",
     .actions = {"sqs:GetQueueAttributes", "sqs:GetQueueUrl"},
     .resources = {{"sqs", "", true, SET_DLQ, "", NULL}}},
    {.sid = "CheckRoles",
     .actions = {"iam:GetRole", "iam:SimulatePrincipalPolicy"},
     .resources = {{"iam", "role/*", false, SET_BUS, "", NULL},
                   {"iam", "user/${aws:username}", false, SET_BUS, "", NULL}}},
    {.sid = "CheckImage",
     .actions = {"ecr:DescribeImages"},
     .resources = {{"ecr", "repository/*", false, SET_BUS, "", NULL}}},
    {.sid = "Deploy",
     .without = "deploy is off",
     .operator_only = true,
     .actions = {"events:PutEvents"},
     .resources = {{"events", "event-bus/", true, SET_BUS, "", NULL}}},
    {.sid = "Cancel",
     .without = "cancel is off",
     .operator_only = true,
     .actions = {"batch:TerminateJob"},
     .resources = {{"batch", "job/", false, SET_QUEUE, "*", "doctor"}}},
    {.sid = "WriteJobs",
     .without = "deploy and cancel are off",
     .operator_only = true,
     .actions = {"dynamodb:PutItem", "dynamodb:UpdateItem"},
     .resources = {{"dynamodb", "table/", true, SET_TABLE, "", NULL}}},
    {.sid = "RedriveDlq",
     .no_api = true,
     .without = "dead letters cannot be read or redriven",
     .operator_only = true,
     .actions = {"sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:ReceiveMessage"},
     .resources = {{"sqs", "", true, SET_DLQ, "", NULL}}},
    /* A transaction is allowed by the actions that it is made of. */
    {.sid = "ShareState",
     .api_only = true,
     .actions = {"dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:Query",
                 "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"},
     .resources = {{"dynamodb", "table/", true, SET_STATE_TABLE, "", NULL}}},
};
/* clang-format on */
const size_t iam_asked_len = sizeof statements / sizeof *statements;

static const char *partition_of(const char *region)
{
    return strncmp(region, "cn-", 3) == 0       ? "aws-cn"
           : strncmp(region, "us-gov-", 7) == 0 ? "aws-us-gov"
                                                : "aws";
}

/* The ARN of a resource; `after` follows the name. */
static char *resource_arn(const struct settings *s, const char *region, const char *account,
                          const struct resource *r, const char *after)
{
    const char *name = r->named ? settings_get(s, r->name) : "";

    name = name == NULL ? "*" : name;
    if (strncmp(name, "arn:", 4) == 0) {
        size_t n = strlen(name);
        bool starred = n > 2 && strcmp(name + n - 2, ":*") == 0 && strcmp(after, ":*") == 0;
        return xasprintf("%s%s", name, starred ? "" : after);
    }
    return xasprintf("arn:%s:%s:%s:%s:%s%s%s", partition_of(region), r->service,
                     strcmp(r->service, "iam") == 0 ? "" : region, account, r->before, name, after);
}

static bool is_for(const struct statement *st, enum iam_who who)
{
    if (who == IAM_API) {
        return !st->no_api;
    }
    return !st->api_only && (who == IAM_OPERATOR || !st->operator_only);
}

static size_t actions_len(const struct statement *st)
{
    size_t n = 0;

    while (n < ACTIONS_MAX && st->actions[n] != NULL) {
        n++;
    }
    return n;
}

static cJSON *statement_json(const struct settings *s, const char *region,
                             const struct statement *st)
{
    cJSON *doc = json_new_object();
    cJSON *actions = json_new_array();
    cJSON *resources = json_new_array();

    for (size_t i = 0; i < actions_len(st); i++) {
        json_push_str(actions, st->actions[i]);
    }
    for (size_t i = 0; i < RESOURCES_MAX && st->resources[i].service != NULL; i++) {
        char *arn = resource_arn(s, region, "*", &st->resources[i], st->resources[i].after);
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

cJSON *iam_policy(const struct settings *s, const char *region, enum iam_who who)
{
    cJSON *doc = json_new_object();
    cJSON *list = json_new_array();

    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++) {
        if (is_for(&statements[i], who)) {
            json_push(list, statement_json(s, region, &statements[i]));
        }
    }
    json_set_str(doc, "Version", "2012-10-17");
    json_set(doc, "Statement", list);
    return doc;
}

/* "BUS/RULE", or "RULE" on the default bus; owned. */
static char *rule_name(const struct settings *s)
{
    const char *bus = settings_get(s, SET_BUS);
    const char *rule = settings_get(s, SET_RULE);
    const char *slash = bus == NULL ? NULL : strrchr(bus, '/');

    bus = slash != NULL ? slash + 1 : bus;
    rule = rule == NULL ? "" : rule;
    if (bus == NULL || strcmp(bus, "default") == 0) {
        return xstrdup(rule);
    }
    return xasprintf("%s/%s", bus, rule);
}

bool iam_asked_get(size_t i, enum iam_who who, const struct settings *s, const char *region,
                   const char *account, struct iam_asked *out)
{
    const struct statement *st = &statements[i];

    *out = (struct iam_asked){.without = st->without,
                              .operator_only = st->operator_only,
                              .actions = st->actions,
                              .actions_len = actions_len(st),
                              .second_action = st->second_action};
    if (st->without == NULL || !is_for(st, who)) {
        return false;
    }
    size_t most = st->second_action == NULL || st->second_action[0] == '\0' ? 1 : 2;
    for (size_t n = 0; n < most && st->resources[n].service != NULL; n++) {
        const struct resource *r = &st->resources[n];
        const char *after = r->sample == NULL ? r->after : r->sample;
        char *rule = strcmp(after, "{rule}") == 0 ? rule_name(s) : NULL;
        out->resources[out->resources_len++] =
            resource_arn(s, region, account, r, rule == NULL ? after : rule);
        free(rule);
    }
    if (out->resources_len == 0) {
        out->resources[out->resources_len++] = xstrdup("*");
    }
    return true;
}

void iam_asked_clear(struct iam_asked *a)
{
    for (size_t i = 0; i < a->resources_len; i++) {
        free(a->resources[i]);
    }
    *a = (struct iam_asked){0};
}
