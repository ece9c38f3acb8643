/* Puts the day's records, Batch jobs, log and dead letters into a local cloud.
 *
 * Records, log and dead letters go through the services. Batch's jobs go into the cloud's database:
 * a job that is submitted would run, and would end as it likes. */
#include "day.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/strbuf.h"
#include "day_jobs.h"
#include "fixed.h"
#include "tests/e2e/service.h"

enum { AT_ONCE = 25 /* records of one BatchWriteItem */, BUSY_MS = 30000 };

static bool call(const struct cloud *c, enum aws_op_id op, const char *quoted)
{
    cJSON *reply = service_call(c, op, quoted);

    cJSON_Delete(reply);
    return reply != NULL;
}

/* ---- records ---- */

static bool put_records(const struct cloud *c)
{
    bool ok = true;

    for (size_t i = 0; i < day_jobs_len && ok;) {
        struct strbuf b = STRBUF_INIT;
        strbuf_adds(&b, "{'RequestItems':{'mvp-development-jobs':[");
        for (size_t n = 0; n < AT_ONCE && i < day_jobs_len; n++, i++) {
            strbuf_adds(&b, n == 0 ? "{'PutRequest':{'Item':" : ",{'PutRequest':{'Item':");
            day_record(i, &b);
            strbuf_adds(&b, "}}");
        }
        strbuf_adds(&b, "]}}");
        ok = call(c, AWS_OP_DDB_BATCH_WRITE_ITEM, strbuf_str(&b));
        strbuf_clear(&b);
    }
    return ok;
}

/* ---- Batch's jobs ---- */

static sqlite3 *open_database(const struct cloud *c)
{
    char path[120];
    sqlite3 *db = NULL;

    (void)snprintf(path, sizeof path, "%s/cloud/cloud.db", c->dir);
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK) {
        (void)fprintf(stderr, "screens: %s: %s\n", path, sqlite3_errmsg(db));
        (void)sqlite3_close(db);
        return NULL;
    }
    (void)sqlite3_busy_timeout(db, BUSY_MS);
    return db;
}

static bool run_sql(const struct cloud *c, const char *sql)
{
    sqlite3 *db = open_database(c);
    bool ok = db != NULL && sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;

    if (db != NULL && !ok) {
        (void)fprintf(stderr, "screens: %s\n", sqlite3_errmsg(db));
    }
    (void)sqlite3_close(db);
    return ok;
}

static bool put_batch_jobs(const struct cloud *c)
{
    struct strbuf sql = STRBUF_INIT;

    strbuf_adds(&sql, "BEGIN;");
    for (size_t i = day_jobs_len; i-- > 0;) { /* the oldest first, as Batch gets them */
        struct day_batch b = day_batch(i);
        if (b.status != NULL) {
            char *text = sqlite3_mprintf(
                "INSERT INTO batch_job(id,queue,name,status,definition,created,document)"
                " VALUES(%Q,'mvp-pipeline-queue','mvp-pipeline-job',%Q,%Q,%lld,replace(%Q,"
                "char(39),'\"'));",
                b.id, b.status, DAY_DEFINITION, (long long)b.created_ms, strbuf_str(&b.document));
            strbuf_adds(&sql, text);
            sqlite3_free(text);
        }
        strbuf_clear(&b.document);
    }
    strbuf_adds(&sql, "COMMIT;");
    bool ok = run_sql(c, strbuf_str(&sql));
    strbuf_clear(&sql);
    return ok;
}

/* ---- logs ---- */

static bool put_log(const struct cloud *c, const char *name)
{
    size_t i = day_named(name);
    struct strbuf b = STRBUF_INIT;
    char stream[80], make[200];

    day_stream(i, stream, sizeof stream);
    (void)snprintf(make, sizeof make, "{'logGroupName':'/aws/batch/job','logStreamName':'%s'}",
                   stream);
    strbuf_addf(&b, "{'logGroupName':'/aws/batch/job','logStreamName':'%s','logEvents':[", stream);
    day_log(i, &b);
    strbuf_adds(&b, "]}");
    bool ok = call(c, AWS_OP_LOGS_CREATE_LOG_STREAM, make) &&
              call(c, AWS_OP_LOGS_PUT_LOG_EVENTS, strbuf_str(&b));
    strbuf_clear(&b);
    return ok;
}

/* ---- dead letters ---- */

#define RULE "arn:aws:events:us-east-1:000000000000:rule/mvp-development/mvp-development-rule"
#define QUEUE "arn:aws:batch:us-east-1:000000000000:job-queue/mvp-pipeline-queue"

/* clang-format off */
static const struct letter {
    const char *business, *code, *message;
    int minutes, retries;
    const char *exhausted; /* NULL: it was not worth a retry */
} letters[] = {
    {"Sunset Surf Camp", "NO_PERMISSIONS", "Lacks permissions to invoke target.", 214, 0, NULL},
    {"Alpine Ski Repair", "NO_PERMISSIONS", "Lacks permissions to invoke target.", 209, 0, NULL},
    {"Honey and Thyme", "NO_PERMISSIONS", "Lacks permissions to invoke target.", 203, 0, NULL},
    {"Quiet Corner Records", "THROTTLING", "Rate exceeded", 1510, 185, "MaximumRetryAttempts"},
    {"Fern Street Florist", "NO_RESOURCE", "Job definition mvp-pipeline-job does not exist or is INACTIVE", 2980, 0, NULL},
};
/* clang-format on */
enum { LETTERS = sizeof letters / sizeof *letters };

static void add_attribute(struct strbuf *b, const char *name, const char *value)
{
    strbuf_addf(b, "%s'%s':{'DataType':'String','StringValue':'%s'}",
                b->data[b->len - 1] == '{' ? "" : ",", name, value);
}

static bool put_letter(const struct cloud *c, const char *url, size_t n)
{
    const struct letter *l = &letters[n];
    struct strbuf b = STRBUF_INIT;
    char retries[16];

    (void)snprintf(retries, sizeof retries, "%d", l->retries);
    strbuf_addf(&b, "{'QueueUrl':'%s','MessageBody':'", url);
    day_event(day_named(l->business), &b);
    strbuf_adds(&b, "','MessageAttributes':{");
    add_attribute(&b, "RULE_ARN", RULE);
    add_attribute(&b, "TARGET_ARN", QUEUE);
    add_attribute(&b, "ERROR_CODE", l->code);
    add_attribute(&b, "ERROR_MESSAGE", l->message);
    add_attribute(&b, "RETRY_ATTEMPTS", retries);
    if (l->exhausted != NULL) {
        add_attribute(&b, "EXHAUSTED_RETRY_CONDITION", l->exhausted);
    }
    strbuf_adds(&b, "}}");
    bool ok = call(c, AWS_OP_SQS_SEND_MESSAGE, strbuf_str(&b));
    strbuf_clear(&b);
    return ok;
}

static bool put_letters(const struct cloud *c)
{
    cJSON *queue = service_call(c, AWS_OP_SQS_GET_QUEUE_URL, "{'QueueName':'mvp-development-dlq'}");
    char url[200];
    bool ok = queue != NULL;

    (void)snprintf(url, sizeof url, "%.180s", json_str_or(queue, "QueueUrl", ""));
    cJSON_Delete(queue);
    for (size_t n = 0; n < LETTERS && ok; n++) {
        char sql[200];
        ok = put_letter(c, url, n);
        (void)snprintf(sql, sizeof sql, "UPDATE sqs_message SET sent=%lld WHERE id=%zu",
                       (long long)(FIXED_NOW_MS - (int64_t)letters[n].minutes * 60000), n + 1);
        ok = ok && run_sql(c, sql);
    }
    return ok;
}

/* ---- what the driver asks for ---- */

bool day_fill(const struct cloud *c)
{
    return put_records(c) && put_batch_jobs(c) && put_log(c, DAY_RUNNING) &&
           put_log(c, DAY_FAILED) && put_letters(c);
}

bool day_unread(const struct cloud *c)
{
    return run_sql(c, "UPDATE sqs_message SET receives=0, first_received=NULL, receipt=NULL,"
                      " visible_at=sent");
}

bool day_rule(const struct cloud *c, bool on)
{
    return call(c, on ? AWS_OP_EVENTS_ENABLE_RULE : AWS_OP_EVENTS_DISABLE_RULE,
                "{'Name':'mvp-development-rule','EventBusName':'mvp-development'}");
}
