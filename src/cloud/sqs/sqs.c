/* SQS of the local cloud: queues and their attributes. Messages are in sqs_messages.c and
 * sqs_receive.c, the rows of queues in sqs_queues.c. Facts: AWS-WIRE 2.6. */
#include "sqs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "sqs_query.h"
#include "src/cloud/store/service.h"
#include "src/cloud/store/sqlx.h"

static char *queue_url(const struct cloud *cloud, const char *name)
{
    return xasprintf("%s/%s/%s", cloud_endpoint(cloud), cloud_account(cloud), name);
}

/* ---- attributes --------------------------------------------------------------------------- */

static bool write_queue(struct cloud *cloud, const char *name, const cJSON *doc,
                        struct cloud_reply *r)
{
    sqlite3_stmt *q = cloud_stmt(
        cloud, "INSERT INTO sqs_queue(name,created,modified,attributes) VALUES(?1,?2,?2,?3)"
               " ON CONFLICT(name) DO UPDATE SET modified=?2, attributes=?3");
    char *text = json_text(doc);

    sqlx_text(q, 1, name);
    sqlx_int(q, 2, cloud_now(cloud) / 1000);
    sqlx_text(q, 3, text);
    free(text);
    return cloud_step_done(cloud, q, r);
}

/* Adds the numbers of messages, counted by their visibility at this moment. */
static void set_counts(struct cloud *cloud, const char *name, cJSON *out)
{
    sqlite3_stmt *q =
        cloud_stmt(cloud, "SELECT sum(visible_at<=?2), sum(visible_at>?2 AND receives>0),"
                          " sum(visible_at>?2 AND receives=0) FROM sqs_message WHERE queue=?1");
    static const char *const names[] = {"ApproximateNumberOfMessages",
                                        "ApproximateNumberOfMessagesNotVisible",
                                        "ApproximateNumberOfMessagesDelayed"};
    char text[24];

    sqlx_text(q, 1, name);
    sqlx_int(q, 2, cloud_now(cloud));
    bool row = sqlx_row(q);
    for (int i = 0; i < 3; i++) {
        (void)snprintf(text, sizeof text, "%lld", (long long)(row ? sqlx_num(q, i) : 0));
        json_set_str(out, names[i], text);
    }
    cloud_stmt_done(cloud, q);
}

static cJSON *all_attributes(struct cloud *cloud, const char *name)
{
    cJSON *doc = cloud_sqs_queue_attributes(cloud, name);
    sqlite3_stmt *q = cloud_stmt(cloud, "SELECT created,modified FROM sqs_queue WHERE name=?1");
    char *arn = cloud_sqs_arn(cloud, name), text[24];

    json_set_str(doc, "QueueArn", arn);
    free(arn);
    set_counts(cloud, name, doc);
    sqlx_text(q, 1, name);
    if (sqlx_row(q)) {
        (void)snprintf(text, sizeof text, "%lld", (long long)sqlx_num(q, 0));
        json_set_str(doc, "CreatedTimestamp", text);
        (void)snprintf(text, sizeof text, "%lld", (long long)sqlx_num(q, 1));
        json_set_str(doc, "LastModifiedTimestamp", text);
    }
    cloud_stmt_done(cloud, q);
    return doc;
}

/* ---- operations --------------------------------------------------------------------------- */

static void set_url(struct cloud *cloud, const char *name, struct cloud_reply *r)
{
    char *url = queue_url(cloud, name);

    r->out = json_new_object();
    json_set_str(r->out, "QueueUrl", url);
    free(url);
}

static bool name_ok(const char *name)
{
    size_t n = name != NULL ? strlen(name) : 0;
    return n > 0 && n <= 80 &&
           strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") == n;
}

static void create_queue(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    const char *name = json_str(in, "QueueName");
    const cJSON *wanted = json_object(in, "Attributes");
    cJSON *old = name != NULL ? cloud_sqs_queue_attributes(cloud, name) : NULL;
    cJSON *doc = json_new_object();

    if (name == NULL) {
        cloud_fail(r, 400, "MissingParameter", "The request must contain the parameter QueueName.");
        goto out;
    }
    if (!name_ok(name)) {
        bool fifo = strstr(name, ".fifo") != NULL;
        cloud_fail(r, 400, "InvalidParameterValue",
                   fifo ? "The local cloud has standard queues only"
                        : "Can only include alphanumeric characters, hyphens, or underscores. 1 to "
                          "80 in length");
        goto out;
    }
    cloud_sqs_default_attributes(doc);
    if (!cloud_sqs_apply_attributes(cloud, doc, wanted, r)) {
        goto out;
    }
    for (const cJSON *m = old != NULL && wanted != NULL ? wanted->child : NULL; m != NULL;
         m = m->next) {
        if (strcmp(json_str_or(old, m->string, ""), m->valuestring) != 0) {
            cloud_fail(r, 400, "QueueNameExists",
                       "A queue already exists with the same name and a different value for "
                       "attribute %.60s",
                       m->string);
            (void)snprintf(r->query_code, sizeof r->query_code, "QueueAlreadyExists");
            goto out;
        }
    }
    if (old != NULL || write_queue(cloud, name, doc, r)) {
        set_url(cloud, name, r);
    }
out:
    cJSON_Delete(doc);
    cJSON_Delete(old);
}

static void delete_queue(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    char *name = cloud_sqs_queue_of(cloud, in, r);

    if (name == NULL) {
        return;
    }
    sqlite3_stmt *q = cloud_stmt(cloud, "DELETE FROM sqs_message WHERE queue=?1");
    sqlx_text(q, 1, name);
    if (cloud_step_done(cloud, q, r)) {
        q = cloud_stmt(cloud, "DELETE FROM sqs_queue WHERE name=?1");
        sqlx_text(q, 1, name);
        (void)cloud_step_done(cloud, q, r);
    }
    free(name);
}

static void purge_queue(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    char *name = cloud_sqs_queue_of(cloud, in, r);

    if (name != NULL) {
        sqlite3_stmt *q = cloud_stmt(cloud, "DELETE FROM sqs_message WHERE queue=?1");
        sqlx_text(q, 1, name);
        (void)cloud_step_done(cloud, q, r);
        free(name);
    }
}

static void list_queues(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    int64_t max = json_int(in, "MaxResults", 0), n = 0;
    int64_t limit = max > 0 ? max : 1000;

    if (max < 0 || max > 1000) {
        cloud_fail(r, 400, "InvalidParameterValue", "MaxResults must be 1 to 1000");
        return;
    }
    sqlite3_stmt *q = cloud_stmt(cloud, "SELECT name FROM sqs_queue WHERE name>?1 AND"
                                        " substr(name,1,length(?2))=?2 ORDER BY name LIMIT ?3");
    cJSON *urls = json_new_array();
    char *last = NULL;
    r->out = json_new_object();
    sqlx_text(q, 1, json_str_or(in, "NextToken", ""));
    sqlx_text(q, 2, json_str_or(in, "QueueNamePrefix", ""));
    sqlx_int(q, 3, limit + 1);
    while (sqlx_row(q)) {
        if (n++ == limit) {
            json_set_str(r->out, "NextToken", last);
            break;
        }
        free(last);
        last = xstrdup(sqlx_str(q, 0));
        char *url = queue_url(cloud, last);
        json_push_str(urls, url);
        free(url);
    }
    cloud_stmt_done(cloud, q);
    free(last);
    if (urls->child != NULL) {
        json_set(r->out, "QueueUrls", urls);
    } else {
        cJSON_Delete(urls);
    }
}

static void get_queue_url(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    const char *name = json_str_or(in, "QueueName", "");
    const char *owner = json_str(in, "QueueOwnerAWSAccountId");

    if (!cloud_sqs_queue_exists(cloud, name) ||
        (owner != NULL && strcmp(owner, cloud_account(cloud)) != 0)) {
        cloud_sqs_fail_no_queue(r);
    } else {
        set_url(cloud, name, r);
    }
}

static bool is_computed(const char *name)
{
    static const char *const names[] = {"All",
                                        "QueueArn",
                                        "CreatedTimestamp",
                                        "LastModifiedTimestamp",
                                        "ApproximateNumberOfMessages",
                                        "ApproximateNumberOfMessagesNotVisible",
                                        "ApproximateNumberOfMessagesDelayed",
                                        "FifoQueue",
                                        "ContentBasedDeduplication"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_attribute(const char *name)
{
    return cloud_sqs_is_setting(name) || is_computed(name);
}

static void get_queue_attributes(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    char *name = cloud_sqs_queue_of(cloud, in, r);
    const cJSON *names = json_array(in, "AttributeNames");

    if (name == NULL) {
        return;
    }
    cJSON *all = all_attributes(cloud, name), *picked = json_new_object();
    for (const cJSON *n = names != NULL ? names->child : NULL; n != NULL; n = n->next) {
        const char *wanted = cJSON_IsString(n) ? n->valuestring : "";
        if (!is_attribute(wanted)) {
            cloud_fail(r, 400, "InvalidAttributeName", "Unknown Attribute %.60s.", wanted);
            break;
        }
        for (const cJSON *m = all->child; m != NULL; m = m->next) {
            if ((strcmp(wanted, "All") == 0 || strcmp(wanted, m->string) == 0) &&
                json_get(picked, m->string) == NULL) {
                json_set_str(picked, m->string, m->valuestring);
            }
        }
    }
    if (r->code[0] == '\0') {
        r->out = json_new_object();
        if (picked->child != NULL) {
            json_set(r->out, "Attributes", picked);
            picked = NULL;
        }
    }
    cJSON_Delete(picked);
    cJSON_Delete(all);
    free(name);
}

static void set_queue_attributes(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    char *name = cloud_sqs_queue_of(cloud, in, r);

    if (name == NULL) {
        return;
    }
    cJSON *doc = cloud_sqs_queue_attributes(cloud, name);
    if (cloud_sqs_apply_attributes(cloud, doc, json_object(in, "Attributes"), r)) {
        (void)write_queue(cloud, name, doc, r);
    }
    cJSON_Delete(doc);
    free(name);
}

static enum err_code start(struct cloud *cloud, struct err *e)
{
    static const char schema[] =
        "CREATE TABLE IF NOT EXISTS sqs_queue(name TEXT PRIMARY KEY, created INTEGER NOT NULL,"
        " modified INTEGER NOT NULL, attributes TEXT NOT NULL) WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS sqs_message(id INTEGER PRIMARY KEY AUTOINCREMENT,"
        " queue TEXT NOT NULL, message_id TEXT NOT NULL, body TEXT NOT NULL, attributes TEXT,"
        " sent INTEGER NOT NULL, visible_at INTEGER NOT NULL, receives INTEGER NOT NULL DEFAULT 0,"
        " first_received INTEGER, receipt TEXT, source TEXT);"
        "CREATE INDEX IF NOT EXISTS sqs_message_at ON sqs_message(queue,visible_at,id);";

    return cloud_create(cloud, schema, e);
}

static const struct cloud_route routes[] = {
    {AWS_OP_SQS_CREATE_QUEUE,              create_queue                  },
    {AWS_OP_SQS_DELETE_QUEUE,              delete_queue                  },
    {AWS_OP_SQS_LIST_QUEUES,               list_queues                   },
    {AWS_OP_SQS_GET_QUEUE_URL,             get_queue_url                 },
    {AWS_OP_SQS_GET_QUEUE_ATTRIBUTES,      get_queue_attributes          },
    {AWS_OP_SQS_SET_QUEUE_ATTRIBUTES,      set_queue_attributes          },
    {AWS_OP_SQS_SEND_MESSAGE,              cloud_sqs_send_message        },
    {AWS_OP_SQS_RECEIVE_MESSAGE,           cloud_sqs_receive_message     },
    {AWS_OP_SQS_DELETE_MESSAGE,            cloud_sqs_delete_message      },
    {AWS_OP_SQS_DELETE_MESSAGE_BATCH,      cloud_sqs_delete_message_batch},
    {AWS_OP_SQS_CHANGE_MESSAGE_VISIBILITY, cloud_sqs_change_visibility   },
    {AWS_OP_SQS_PURGE_QUEUE,               purge_queue                   },
    {AWS_OP_COUNT,                         NULL                          }
};

const struct cloud_service cloud_sqs_service = {
    .name = "SQS", .routes = routes, .start = start, .query = &cloud_sqs_query};
