#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "local/cloud_sqs.h"
#include "local/sqlx.h"
#include "local/svc.h"

/* SQS: queues and their attributes. Messages are in sqs_messages.c. Facts: AWS-WIRE 2.6. */

/* What can be set, its default and range. The others of "All" are computed. */
static const struct queue_setting {
    const char *name, *fallback;
    int64_t min, max; /* both 0: text */
} settings[] = {
    {"DelaySeconds",                  "0",       0,    900    },
    {"MaximumMessageSize",            "1048576", 1024, 1048576},
    {"MessageRetentionPeriod",        "345600",  60,   1209600},
    {"ReceiveMessageWaitTimeSeconds", "0",       0,    20     },
    {"VisibilityTimeout",             "30",      0,    43200  },
    {"SqsManagedSseEnabled",          "true",    0,    0      },
    {"Policy",                        NULL,      0,    0      },
    {"RedrivePolicy",                 NULL,      0,    0      },
    {"RedriveAllowPolicy",            NULL,      0,    0      },
    {"KmsMasterKeyId",                NULL,      0,    0      },
    {"KmsDataKeyReusePeriodSeconds",  NULL,      60,   86400  },
};
enum { SETTINGS = sizeof settings / sizeof *settings };

static void fail_no_queue(struct local_reply *r)
{
    local_fail(r, 400, "QueueDoesNotExist", "The specified queue does not exist.");
    (void)snprintf(r->query_code, sizeof r->query_code, "AWS.SimpleQueueService.NonExistentQueue");
}

static void fail_attribute(struct local_reply *r, const char *name, const char *code)
{
    local_fail(r, 400, code, "Invalid value for the parameter %.60s.", name);
    (void)snprintf(r->query_code, sizeof r->query_code, "%s", code);
}

static char *queue_arn(const struct local *l, const char *name)
{
    return xasprintf("arn:aws:sqs:%s:%s:%s", local_region(l), local_account(l), name);
}

static char *queue_url(const struct local *l, const char *name)
{
    return xasprintf("%s/%s/%s", local_endpoint(l), local_account(l), name);
}

const char *cloud_sqs_name_of_arn(const struct local *l, const char *arn)
{
    char *head = queue_arn(l, "");
    size_t n = strlen(head);
    bool ours =
        arn != NULL && strncmp(arn, head, n) == 0 && arn[n] != '\0' && strchr(arn + n, ':') == NULL;

    free(head);
    return ours ? arn + n : NULL;
}

cJSON *cloud_sqs_queue_attributes(struct local *l, const char *queue)
{
    sqlite3_stmt *q = local_stmt(l, "SELECT attributes FROM sqs_queue WHERE name=?1");
    cJSON *doc = NULL;

    sqlx_text(q, 1, queue);
    if (sqlx_row(q)) {
        const char *text = sqlx_str(q, 0);
        doc = json_parse(text, strlen(text), "queue attributes", NULL);
    }
    local_stmt_done(l, q);
    return doc;
}

bool cloud_sqs_queue_exists(struct local *l, const char *name)
{
    cJSON *doc = cloud_sqs_queue_attributes(l, name);
    bool yes = doc != NULL;

    cJSON_Delete(doc);
    return yes;
}

int64_t cloud_sqs_queue_number(struct local *l, const char *queue, const char *attribute,
                               int64_t fallback)
{
    cJSON *doc = cloud_sqs_queue_attributes(l, queue);
    const char *text = json_str(doc, attribute);
    int64_t n = text != NULL ? strtoll(text, NULL, 10) : fallback;

    cJSON_Delete(doc);
    return n;
}

bool cloud_sqs_policy_allows(struct local *l, const char *queue, const char *principal,
                             const char *source_arn)
{
    cJSON *doc = cloud_sqs_queue_attributes(l, queue);
    const char *text = json_str_or(doc, "Policy", "");
    cJSON *policy = json_parse(text, strlen(text), "policy", NULL);
    char *arn = queue_arn(l, queue);
    bool yes = policy != NULL &&
               cloud_sqs_policy_check(policy, principal, arn, source_arn, local_account(l));

    free(arn);
    cJSON_Delete(policy);
    cJSON_Delete(doc);
    return yes;
}

char *cloud_sqs_queue_of(struct local *l, const cJSON *in, struct local_reply *r)
{
    const char *url = json_str(in, "QueueUrl");
    const char *slash = url != NULL ? strrchr(url, '/') : NULL;

    if (url == NULL || *url == '\0') {
        local_fail(r, 400, "MissingParameter", "The request must contain the parameter QueueUrl.");
        return NULL;
    }
    const char *name = slash != NULL ? slash + 1 : url;
    if (!cloud_sqs_queue_exists(l, name)) {
        fail_no_queue(r);
        return NULL;
    }
    return xstrdup(name);
}

/* ---- attributes --------------------------------------------------------------------------- */

static bool setting_ok(const struct queue_setting *s, const char *value)
{
    char *end;

    if (s->min == 0 && s->max == 0) {
        if (*value == '\0' || strstr(s->name, "Policy") == NULL) {
            return true; /* empty removes it */
        }
        cJSON *doc = json_parse(value, strlen(value), s->name, NULL);
        bool object = cJSON_IsObject(doc) != 0;
        cJSON_Delete(doc);
        return object;
    }
    long long n = strtoll(value, &end, 10);
    return *value != '\0' && *end == '\0' && n >= s->min && n <= s->max;
}

/* Checks `changes` and puts them into `doc`; false with `r` failed. */
static bool apply_attributes(cJSON *doc, const cJSON *changes, struct local_reply *r)
{
    for (const cJSON *m = changes != NULL ? changes->child : NULL; m != NULL; m = m->next) {
        const struct queue_setting *s = NULL;
        for (int i = 0; i < SETTINGS; i++) {
            s = strcmp(settings[i].name, m->string) == 0 ? &settings[i] : s;
        }
        if (s == NULL) {
            local_fail(r, 400, "InvalidAttributeName", "Unknown Attribute %.60s.", m->string);
            return false;
        }
        if (!cJSON_IsString(m) || !setting_ok(s, m->valuestring)) {
            fail_attribute(r, m->string, "InvalidAttributeValue");
            return false;
        }
        cJSON_DeleteItemFromObjectCaseSensitive(doc, m->string);
        if (*m->valuestring != '\0') {
            json_set_str(doc, m->string, m->valuestring);
        }
    }
    return true;
}

static bool write_queue(struct local *l, const char *name, const cJSON *doc, struct local_reply *r)
{
    sqlite3_stmt *q =
        local_stmt(l, "INSERT INTO sqs_queue(name,created,modified,attributes) VALUES(?1,?2,?2,?3)"
                      " ON CONFLICT(name) DO UPDATE SET modified=?2, attributes=?3");
    char *text = json_text(doc);

    sqlx_text(q, 1, name);
    sqlx_int(q, 2, local_now(l) / 1000);
    sqlx_text(q, 3, text);
    free(text);
    return local_step_done(l, q, r);
}

/* Counts, by the visibility at this moment. */
static void set_counts(struct local *l, const char *name, cJSON *out)
{
    sqlite3_stmt *q =
        local_stmt(l, "SELECT sum(visible_at<=?2), sum(visible_at>?2 AND receives>0),"
                      " sum(visible_at>?2 AND receives=0) FROM sqs_message WHERE queue=?1");
    static const char *const names[] = {"ApproximateNumberOfMessages",
                                        "ApproximateNumberOfMessagesNotVisible",
                                        "ApproximateNumberOfMessagesDelayed"};
    char text[24];

    sqlx_text(q, 1, name);
    sqlx_int(q, 2, local_now(l));
    bool row = sqlx_row(q);
    for (int i = 0; i < 3; i++) {
        (void)snprintf(text, sizeof text, "%lld", (long long)(row ? sqlx_num(q, i) : 0));
        json_set_str(out, names[i], text);
    }
    local_stmt_done(l, q);
}

static cJSON *all_attributes(struct local *l, const char *name)
{
    cJSON *doc = cloud_sqs_queue_attributes(l, name);
    sqlite3_stmt *q = local_stmt(l, "SELECT created,modified FROM sqs_queue WHERE name=?1");
    char *arn = queue_arn(l, name), text[24];

    json_set_str(doc, "QueueArn", arn);
    free(arn);
    set_counts(l, name, doc);
    sqlx_text(q, 1, name);
    if (sqlx_row(q)) {
        (void)snprintf(text, sizeof text, "%lld", (long long)sqlx_num(q, 0));
        json_set_str(doc, "CreatedTimestamp", text);
        (void)snprintf(text, sizeof text, "%lld", (long long)sqlx_num(q, 1));
        json_set_str(doc, "LastModifiedTimestamp", text);
    }
    local_stmt_done(l, q);
    return doc;
}

/* ---- operations --------------------------------------------------------------------------- */

static void set_url(struct local *l, const char *name, struct local_reply *r)
{
    char *url = queue_url(l, name);

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

static void create_queue(struct local *l, const cJSON *in, struct local_reply *r)
{
    const char *name = json_str(in, "QueueName");
    const cJSON *wanted = json_object(in, "Attributes");
    cJSON *old = name != NULL ? cloud_sqs_queue_attributes(l, name) : NULL;
    cJSON *doc = json_new_object();

    if (!name_ok(name)) {
        bool fifo = name != NULL && strstr(name, ".fifo") != NULL;
        local_fail(r, 400, "InvalidParameterValue",
                   fifo ? "The local cloud has standard queues only"
                        : "Can only include alphanumeric characters, hyphens, or underscores. 1 to "
                          "80 in length");
        goto out;
    }
    for (int i = 0; i < SETTINGS; i++) {
        if (settings[i].fallback != NULL) {
            json_set_str(doc, settings[i].name, settings[i].fallback);
        }
    }
    if (!apply_attributes(doc, wanted, r)) {
        goto out;
    }
    for (const cJSON *m = old != NULL && wanted != NULL ? wanted->child : NULL; m != NULL;
         m = m->next) {
        if (strcmp(json_str_or(old, m->string, ""), m->valuestring) != 0) {
            local_fail(r, 400, "QueueNameExists",
                       "A queue already exists with the same name and a different value for "
                       "attribute %.60s",
                       m->string);
            (void)snprintf(r->query_code, sizeof r->query_code, "QueueAlreadyExists");
            goto out;
        }
    }
    if (old != NULL || write_queue(l, name, doc, r)) {
        set_url(l, name, r);
    }
out:
    cJSON_Delete(doc);
    cJSON_Delete(old);
}

static void delete_queue(struct local *l, const cJSON *in, struct local_reply *r)
{
    char *name = cloud_sqs_queue_of(l, in, r);

    if (name == NULL) {
        return;
    }
    sqlite3_stmt *q = local_stmt(l, "DELETE FROM sqs_message WHERE queue=?1");
    sqlx_text(q, 1, name);
    if (local_step_done(l, q, r)) {
        q = local_stmt(l, "DELETE FROM sqs_queue WHERE name=?1");
        sqlx_text(q, 1, name);
        (void)local_step_done(l, q, r);
    }
    free(name);
}

static void purge_queue(struct local *l, const cJSON *in, struct local_reply *r)
{
    char *name = cloud_sqs_queue_of(l, in, r);

    if (name != NULL) {
        sqlite3_stmt *q = local_stmt(l, "DELETE FROM sqs_message WHERE queue=?1");
        sqlx_text(q, 1, name);
        (void)local_step_done(l, q, r);
        free(name);
    }
}

static void list_queues(struct local *l, const cJSON *in, struct local_reply *r)
{
    int64_t max = json_int(in, "MaxResults", 0), n = 0;
    int64_t limit = max > 0 ? max : 1000;

    if (max < 0 || max > 1000) {
        local_fail(r, 400, "InvalidParameterValue", "MaxResults must be 1 to 1000");
        return;
    }
    sqlite3_stmt *q = local_stmt(l, "SELECT name FROM sqs_queue WHERE name>?1 AND"
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
        char *url = queue_url(l, last);
        json_push_str(urls, url);
        free(url);
    }
    local_stmt_done(l, q);
    free(last);
    if (urls->child != NULL) {
        json_set(r->out, "QueueUrls", urls);
    } else {
        cJSON_Delete(urls);
    }
}

static void get_queue_url(struct local *l, const cJSON *in, struct local_reply *r)
{
    const char *name = json_str_or(in, "QueueName", "");
    const char *owner = json_str(in, "QueueOwnerAWSAccountId");

    if (!cloud_sqs_queue_exists(l, name) ||
        (owner != NULL && strcmp(owner, local_account(l)) != 0)) {
        fail_no_queue(r);
    } else {
        set_url(l, name, r);
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
    for (int i = 0; i < SETTINGS; i++) {
        if (strcmp(settings[i].name, name) == 0) {
            return true;
        }
    }
    return is_computed(name);
}

static void get_queue_attributes(struct local *l, const cJSON *in, struct local_reply *r)
{
    char *name = cloud_sqs_queue_of(l, in, r);
    const cJSON *names = json_array(in, "AttributeNames");

    if (name == NULL) {
        return;
    }
    cJSON *all = all_attributes(l, name), *picked = json_new_object();
    for (const cJSON *n = names != NULL ? names->child : NULL; n != NULL; n = n->next) {
        const char *wanted = cJSON_IsString(n) ? n->valuestring : "";
        if (!is_attribute(wanted)) {
            local_fail(r, 400, "InvalidAttributeName", "Unknown Attribute %.60s.", wanted);
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

static void set_queue_attributes(struct local *l, const cJSON *in, struct local_reply *r)
{
    char *name = cloud_sqs_queue_of(l, in, r);

    if (name == NULL) {
        return;
    }
    cJSON *doc = cloud_sqs_queue_attributes(l, name);
    if (apply_attributes(doc, json_object(in, "Attributes"), r)) {
        (void)write_queue(l, name, doc, r);
    }
    cJSON_Delete(doc);
    free(name);
}

static enum err_code start(struct local *l, struct err *e)
{
    static const char schema[] =
        "CREATE TABLE IF NOT EXISTS sqs_queue(name TEXT PRIMARY KEY, created INTEGER NOT NULL,"
        " modified INTEGER NOT NULL, attributes TEXT NOT NULL) WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS sqs_message(id INTEGER PRIMARY KEY AUTOINCREMENT,"
        " queue TEXT NOT NULL, message_id TEXT NOT NULL, body TEXT NOT NULL, attributes TEXT,"
        " sent INTEGER NOT NULL, visible_at INTEGER NOT NULL, receives INTEGER NOT NULL DEFAULT 0,"
        " first_received INTEGER, receipt TEXT, source TEXT);"
        "CREATE INDEX IF NOT EXISTS sqs_message_at ON sqs_message(queue,visible_at,id);";

    if (sqlite3_exec(local_db(l), schema, NULL, NULL, NULL) != SQLITE_OK) {
        return err_set(e, E_IO, "%s", sqlite3_errmsg(local_db(l)));
    }
    return E_OK;
}

const struct local_route local_sqs_routes[] = {
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

const struct local_service local_sqs_service = {
    .name = "SQS", .routes = local_sqs_routes, .start = start};
