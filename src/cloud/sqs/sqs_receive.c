/* SQS of the local cloud: receiving and deleting messages. A message is visible when its visible_at
 * has come; receiving the message moves that time on and gives the message a new receipt handle
 * "<row id>-<uuid>". Facts: AWS-WIRE 2.6. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/rand.h"
#include "sqs.h"
#include "src/cloud/store/sqlx.h"

enum { RECEIVE_MAX = 10, BATCH_MAX = 10, VISIBILITY_MAX = 43200 };

/* ---- receiving ---------------------------------------------------------------------------- */

/* Does a list of names ask for `name`, by "All", ".*", the name, or "prefix.*"? */
static bool wanted(const cJSON *names, const char *name)
{
    for (const cJSON *n = names != NULL ? names->child : NULL; n != NULL; n = n->next) {
        const char *s = cJSON_IsString(n) ? n->valuestring : "";
        size_t len = strlen(s);
        if (strcmp(s, "All") == 0 || strcmp(s, ".*") == 0 || strcmp(s, name) == 0 ||
            (len > 2 && strcmp(s + len - 2, ".*") == 0 && strncmp(s, name, len - 1) == 0)) {
            return true;
        }
    }
    return false;
}

static void set_system(cJSON *to, const cJSON *names, const char *name, const char *value)
{
    if (value != NULL && wanted(names, name)) {
        json_set_str(to, name, value);
    }
}

static void set_system_int(cJSON *to, const cJSON *names, const char *name, int64_t value)
{
    char text[24];

    (void)snprintf(text, sizeof text, "%lld", (long long)value);
    set_system(to, names, name, text);
}

/* The document of one row (id, message_id, body, attributes, sent, receives, first_received,
 * source). */
static cJSON *message_document(struct cloud *cloud, sqlite3_stmt *q, const cJSON *in,
                               const char *receipt, int64_t now)
{
    const cJSON *system = json_array(in, "MessageSystemAttributeNames");
    cJSON *m = json_new_object(), *sys = json_new_object(), *picked = json_new_object();
    const char *text = sqlx_str(q, 3);
    cJSON *attributes = *text != '\0' ? json_parse(text, strlen(text), "attributes", NULL) : NULL;
    char md5[33];

    system = system != NULL ? system : json_array(in, "AttributeNames");
    json_set_str(m, "MessageId", sqlx_str(q, 1));
    json_set_str(m, "ReceiptHandle", receipt);
    cloud_sqs_md5_body(sqlx_str(q, 2), md5);
    json_set_str(m, "MD5OfBody", md5);
    json_set_str(m, "Body", sqlx_str(q, 2));
    set_system(sys, system, "SenderId", cloud_access_key(cloud));
    set_system_int(sys, system, "SentTimestamp", sqlx_num(q, 4));
    set_system_int(sys, system, "ApproximateReceiveCount", sqlx_num(q, 5) + 1);
    set_system_int(sys, system, "ApproximateFirstReceiveTimestamp",
                   sqlx_null(q, 6) ? now : sqlx_num(q, 6));
    if (!sqlx_null(q, 7)) {
        set_system(sys, system, "DeadLetterQueueSourceArn", sqlx_str(q, 7));
    }
    for (const cJSON *a = attributes != NULL ? attributes->child : NULL; a != NULL; a = a->next) {
        if (wanted(json_array(in, "MessageAttributeNames"), a->string)) {
            json_set(picked, a->string, json_copy(a));
        }
    }
    cloud_sqs_md5_attributes(picked, md5);
    if (md5[0] != '\0') {
        json_set_str(m, "MD5OfMessageAttributes", md5);
        json_set(m, "MessageAttributes", picked);
        picked = NULL;
    }
    if (sys->child != NULL) {
        json_set(m, "Attributes", sys);
        sys = NULL;
    }
    cJSON_Delete(sys);
    cJSON_Delete(picked);
    cJSON_Delete(attributes);
    return m;
}

/* Moves messages that were received too often to the queue's dead letter queue, and drops those
 * that are over the retention time. */
static bool settle_queue(struct cloud *cloud, const char *queue, int64_t now, struct cloud_reply *r)
{
    cJSON *doc = cloud_sqs_queue_attributes(cloud, queue);
    const char *text = json_str_or(doc, "RedrivePolicy", "");
    cJSON *policy = json_parse(text, strlen(text), "policy", NULL);
    const char *dlq = cloud_sqs_name_of_arn(cloud, json_str(policy, "deadLetterTargetArn"));
    int64_t max = json_int(policy, "maxReceiveCount", 0);
    const char *max_text = json_str(policy, "maxReceiveCount");
    bool ok = true;

    max = max_text != NULL ? strtoll(max_text, NULL, 10) : max;
    if (dlq != NULL && max > 0 && cloud_sqs_queue_exists(cloud, dlq)) {
        sqlite3_stmt *q =
            cloud_stmt(cloud, "UPDATE sqs_message SET queue=?3, receives=0, receipt=NULL,"
                              " source='arn:aws:sqs:'||?5||':'||?6||':'||?1 WHERE queue=?1 AND"
                              " receives>=?2 AND visible_at<=?4");
        sqlx_text(q, 1, queue);
        sqlx_int(q, 2, max);
        sqlx_text(q, 3, dlq);
        sqlx_int(q, 4, now);
        sqlx_text(q, 5, cloud_region(cloud));
        sqlx_text(q, 6, cloud_account(cloud));
        ok = cloud_step_done(cloud, q, r);
    }
    if (ok) {
        int64_t keep = strtoll(json_str_or(doc, "MessageRetentionPeriod", "345600"), NULL, 10);
        sqlite3_stmt *q = cloud_stmt(cloud, "DELETE FROM sqs_message WHERE queue=?1 AND sent<?2");
        sqlx_text(q, 1, queue);
        sqlx_int(q, 2, now - keep * 1000);
        ok = cloud_step_done(cloud, q, r);
    }
    cJSON_Delete(policy);
    cJSON_Delete(doc);
    return ok;
}

static bool hide_message(struct cloud *cloud, int64_t id, const char *receipt, int64_t until,
                         int64_t now, struct cloud_reply *r)
{
    sqlite3_stmt *q =
        cloud_stmt(cloud, "UPDATE sqs_message SET visible_at=?2, receipt=?3, receives=receives+1,"
                          " first_received=ifnull(first_received,?4) WHERE id=?1");

    sqlx_int(q, 1, id);
    sqlx_int(q, 2, until);
    sqlx_text(q, 3, receipt);
    sqlx_int(q, 4, now);
    return cloud_step_done(cloud, q, r);
}

static cJSON *take_messages(struct cloud *cloud, const char *queue, const cJSON *in, int64_t max,
                            int64_t hide_s, struct cloud_reply *r)
{
    cJSON *list = json_new_array();
    int64_t now = cloud_now(cloud), ids[RECEIVE_MAX];
    char receipts[RECEIVE_MAX][64];
    int n = 0;

    if (!settle_queue(cloud, queue, now, r)) {
        return list;
    }
    sqlite3_stmt *q = cloud_stmt(cloud, "SELECT id,message_id,body,attributes,sent,receives,"
                                        "first_received,source FROM sqs_message WHERE queue=?1 AND"
                                        " visible_at<=?2 ORDER BY id LIMIT ?3");
    sqlx_text(q, 1, queue);
    sqlx_int(q, 2, now);
    sqlx_int(q, 3, max);
    while (n < RECEIVE_MAX && sqlx_row(q)) {
        char uuid[UUID_SIZE];
        rand_uuid(uuid);
        ids[n] = sqlx_num(q, 0);
        (void)snprintf(receipts[n], sizeof receipts[n], "%lld-%s", (long long)ids[n], uuid);
        json_push(list, message_document(cloud, q, in, receipts[n], now));
        n++;
    }
    cloud_stmt_done(cloud, q);
    for (int i = 0; i < n; i++) {
        if (!hide_message(cloud, ids[i], receipts[i], now + hide_s * 1000, now, r)) {
            break;
        }
    }
    return list;
}

static bool in_range(const char *name, int64_t n, int64_t min, int64_t max, struct cloud_reply *r)
{
    if (n >= min && n <= max) {
        return true;
    }
    cloud_fail(r, 400, "InvalidParameterValue",
               "Value %lld for parameter %s is invalid. Reason: Must be between %lld and %lld, if "
               "provided.",
               (long long)n, name, (long long)min, (long long)max);
    return false;
}

void cloud_sqs_receive_message(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    int64_t max = json_int(in, "MaxNumberOfMessages", 1);
    char *queue = cloud_sqs_queue_of(cloud, in, r);

    if (queue == NULL) {
        return;
    }
    int64_t hide = json_int(in, "VisibilityTimeout",
                            cloud_sqs_queue_number(cloud, queue, "VisibilityTimeout", 30));
    int64_t wait =
        json_int(in, "WaitTimeSeconds",
                 cloud_sqs_queue_number(cloud, queue, "ReceiveMessageWaitTimeSeconds", 0));
    if (in_range("MaxNumberOfMessages", max, 1, RECEIVE_MAX, r) &&
        in_range("VisibilityTimeout", hide, 0, VISIBILITY_MAX, r) &&
        in_range("WaitTimeSeconds", wait, 0, 20, r)) {
        cJSON *list = take_messages(cloud, queue, in, max, hide, r);
        if (r->code[0] != '\0') {
            cJSON_Delete(list);
        } else if (list->child != NULL) {
            r->out = json_new_object();
            json_set(r->out, "Messages", list);
        } else {
            cJSON_Delete(list);
            r->wait_ms = wait * 1000;
        }
    }
    free(queue);
}

/* ---- by receipt handle ---------------------------------------------------------------------- */

/* The row that a handle names: 0 when the text is no handle, else its id; `*current` tells whether
 * the handle is the message's latest receipt. */
static int64_t find_receipt(struct cloud *cloud, const char *queue, const char *handle,
                            bool *current)
{
    char *end = NULL;
    long long id = handle != NULL ? strtoll(handle, &end, 10) : 0;

    *current = false;
    if (id <= 0 || end == NULL || *end != '-' || strlen(end) != UUID_SIZE) {
        return 0;
    }
    sqlite3_stmt *q =
        cloud_stmt(cloud, "SELECT receipt=?3 FROM sqs_message WHERE queue=?1 AND id=?2");
    sqlx_text(q, 1, queue);
    sqlx_int(q, 2, id);
    sqlx_text(q, 3, handle);
    *current = sqlx_row(q) && sqlx_num(q, 0) != 0;
    cloud_stmt_done(cloud, q);
    return id;
}

static bool delete_by_handle(struct cloud *cloud, const char *queue, const char *handle,
                             struct cloud_reply *r)
{
    bool current;
    int64_t id = find_receipt(cloud, queue, handle, &current);

    if (id == 0) {
        cloud_fail(r, 400, "ReceiptHandleIsInvalid", "The input receipt handle is invalid.");
        return false;
    }
    if (!current) {
        /* the message is gone already, or was received again since: the answer is the same */
        return true;
    }
    sqlite3_stmt *q = cloud_stmt(cloud, "DELETE FROM sqs_message WHERE id=?1");
    sqlx_int(q, 1, id);
    return cloud_step_done(cloud, q, r);
}

void cloud_sqs_delete_message(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    char *queue = cloud_sqs_queue_of(cloud, in, r);

    if (queue != NULL) {
        (void)delete_by_handle(cloud, queue, json_str(in, "ReceiptHandle"), r);
        free(queue);
    }
}

static bool entry_id_ok(const char *s)
{
    size_t n = strlen(s);

    return n >= 1 && n <= 80 &&
           strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") == n;
}

static bool batch_ok(const cJSON *entries, struct cloud_reply *r)
{
    int n = cJSON_GetArraySize(entries);

    if (n == 0) {
        cloud_fail(r, 400, "EmptyBatchRequest",
                   "There should be at least one DeleteMessageBatchRequestEntry in the request.");
        (void)snprintf(r->query_code, sizeof r->query_code,
                       "AWS.SimpleQueueService.EmptyBatchRequest");
        return false;
    }
    if (n > BATCH_MAX) {
        cloud_fail(r, 400, "TooManyEntriesInBatchRequest",
                   "Maximum number of entries per request are 10. You have sent %d.", n);
        (void)snprintf(r->query_code, sizeof r->query_code,
                       "AWS.SimpleQueueService.TooManyEntriesInBatchRequest");
        return false;
    }
    for (const cJSON *a = entries->child; a != NULL; a = a->next) {
        if (!entry_id_ok(json_str_or(a, "Id", ""))) {
            cloud_fail(r, 400, "InvalidBatchEntryId",
                       "A batch entry id can only contain alphanumeric characters, hyphens and "
                       "underscores. It can be at most 80 letters long.");
            (void)snprintf(r->query_code, sizeof r->query_code,
                           "AWS.SimpleQueueService.InvalidBatchEntryId");
            return false;
        }
        for (const cJSON *b = a->next; b != NULL; b = b->next) {
            if (strcmp(json_str_or(a, "Id", ""), json_str_or(b, "Id", "")) == 0) {
                cloud_fail(r, 400, "BatchEntryIdsNotDistinct", "Id %.80s repeated.",
                           json_str_or(a, "Id", ""));
                (void)snprintf(r->query_code, sizeof r->query_code,
                               "AWS.SimpleQueueService.BatchEntryIdsNotDistinct");
                return false;
            }
        }
    }
    return true;
}

void cloud_sqs_delete_message_batch(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    const cJSON *entries = json_array(in, "Entries");
    char *queue = cloud_sqs_queue_of(cloud, in, r);

    if (queue == NULL || !batch_ok(entries, r)) {
        free(queue);
        return;
    }
    cJSON *good = json_new_array(), *bad = json_new_array();
    for (const cJSON *entry = entries->child; entry != NULL; entry = entry->next) {
        struct cloud_reply one = {.status = 200};
        cJSON *row = json_new_object();
        json_set_str(row, "Id", json_str_or(entry, "Id", ""));
        if (delete_by_handle(cloud, queue, json_str(entry, "ReceiptHandle"), &one)) {
            json_push(good, row);
        } else {
            json_set_bool(row, "SenderFault", one.status < 500);
            json_set_str(row, "Code", one.code);
            json_set_str(row, "Message", one.message);
            json_push(bad, row);
        }
        cloud_reply_clear(&one);
    }
    r->out = json_new_object();
    json_set(r->out, "Successful", good);
    json_set(r->out, "Failed", bad);
    free(queue);
}

void cloud_sqs_change_visibility(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    int64_t seconds = json_int(in, "VisibilityTimeout", -1);
    char *queue = cloud_sqs_queue_of(cloud, in, r);
    bool current;

    if (queue == NULL) {
        return;
    }
    int64_t id = find_receipt(cloud, queue, json_str(in, "ReceiptHandle"), &current);
    if (id == 0) {
        cloud_fail(r, 400, "ReceiptHandleIsInvalid", "The input receipt handle is invalid.");
    } else if (in_range("VisibilityTimeout", seconds, 0, VISIBILITY_MAX, r)) {
        sqlite3_stmt *q = cloud_stmt(cloud, "UPDATE sqs_message SET visible_at=?3 WHERE id=?1 AND"
                                            " visible_at>?2");
        int64_t now = cloud_now(cloud);
        sqlx_int(q, 1, current ? id : 0);
        sqlx_int(q, 2, now);
        sqlx_int(q, 3, now + seconds * 1000);
        if (cloud_step_done(cloud, q, r) && sqlite3_changes(cloud_db(cloud)) == 0) {
            cloud_fail(r, 400, "MessageNotInflight", "The specified message is not in flight.");
            (void)snprintf(r->query_code, sizeof r->query_code,
                           "AWS.SimpleQueueService.MessageNotInflight");
        }
        cloud_poke(cloud);
    }
    free(queue);
}
