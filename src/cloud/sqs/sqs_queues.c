/* SQS of the local cloud: the rows of its queues, as its own files and other services see them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "sqs.h"
#include "src/cloud/store/sqlx.h"

void cloud_sqs_fail_no_queue(struct cloud_reply *r)
{
    cloud_fail(r, 400, "QueueDoesNotExist", "The specified queue does not exist.");
    (void)snprintf(r->query_code, sizeof r->query_code, "AWS.SimpleQueueService.NonExistentQueue");
}

char *cloud_sqs_arn(const struct cloud *cloud, const char *name)
{
    return xasprintf("arn:aws:sqs:%s:%s:%s", cloud_region(cloud), cloud_account(cloud), name);
}

const char *cloud_sqs_name_of_arn(const struct cloud *cloud, const char *arn)
{
    char *head = cloud_sqs_arn(cloud, "");
    size_t n = strlen(head);
    bool ours =
        arn != NULL && strncmp(arn, head, n) == 0 && arn[n] != '\0' && strchr(arn + n, ':') == NULL;

    free(head);
    return ours ? arn + n : NULL;
}

cJSON *cloud_sqs_queue_attributes(struct cloud *cloud, const char *queue)
{
    sqlite3_stmt *q = cloud_stmt(cloud, "SELECT attributes FROM sqs_queue WHERE name=?1");

    sqlx_text(q, 1, queue);
    return cloud_stmt_document(cloud, q);
}

bool cloud_sqs_queue_exists(struct cloud *cloud, const char *name)
{
    cJSON *doc = cloud_sqs_queue_attributes(cloud, name);
    bool yes = doc != NULL;

    cJSON_Delete(doc);
    return yes;
}

int64_t cloud_sqs_queue_number(struct cloud *cloud, const char *queue, const char *attribute,
                               int64_t fallback)
{
    cJSON *doc = cloud_sqs_queue_attributes(cloud, queue);
    const char *text = json_str(doc, attribute);
    int64_t n = text != NULL ? strtoll(text, NULL, 10) : fallback;

    cJSON_Delete(doc);
    return n;
}

bool cloud_sqs_policy_allows(struct cloud *cloud, const char *queue, const char *principal,
                             const char *source_arn)
{
    cJSON *doc = cloud_sqs_queue_attributes(cloud, queue);
    const char *text = json_str_or(doc, "Policy", "");
    cJSON *policy = json_parse(text, strlen(text), "policy", NULL);
    char *arn = cloud_sqs_arn(cloud, queue);
    bool yes = policy != NULL &&
               cloud_sqs_policy_check(policy, principal, arn, source_arn, cloud_account(cloud));

    free(arn);
    cJSON_Delete(policy);
    cJSON_Delete(doc);
    return yes;
}

char *cloud_sqs_queue_of(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    const char *url = json_str(in, "QueueUrl");
    const char *slash = url != NULL ? strrchr(url, '/') : NULL;

    if (url == NULL || *url == '\0') {
        cloud_fail(r, 400, "MissingParameter", "The request must contain the parameter QueueUrl.");
        return NULL;
    }
    const char *name = slash != NULL ? slash + 1 : url;
    if (!cloud_sqs_queue_exists(cloud, name)) {
        cloud_sqs_fail_no_queue(r);
        return NULL;
    }
    return xstrdup(name);
}
