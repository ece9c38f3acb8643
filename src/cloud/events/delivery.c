/* The thread that delivers matched events to their targets. */
#include "delivery.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/alloc.h"
#include "core/cond.h"
#include "core/json.h"
#include "core/rand.h"
#include "src/cloud/sqs/sqs.h"
#include "src/cloud/store/sqlx.h"

/* DESIGN. The store is the queue: a row of ev_delivery is one event for one target. The thread
 * takes the cloud's lock for one row at a time and changes the target and the row in one savepoint,
 * so that a kill leaves either both or neither. Between rows others get the lock. With nothing due
 * it waits on its own condition, for a poke or for the next retry's time.
 *
 * Locks: the cloud's may be held when cloud_events_delivery_poke takes `lock`; the thread never
 * takes the cloud's with `lock` held. */

struct cloud_events_delivery {
    struct cloud *cloud;
    pthread_t thread;
    pthread_mutex_t lock; /* guards poked and stop */
    pthread_cond_t wake;
    bool poked, stop;
};

/* One row, taken out of the store. */
struct row {
    int64_t id, created;
    int attempts;
    char *rule_arn, *rule_name, *event_text; /* owned */
    cJSON *target, *event;                   /* owned */
};

enum {
    RETRIES_DEFAULT = 185,
    AGE_DEFAULT_S = 86400,
    BACKOFF_FIRST_MS = 1000,
    BACKOFF_MAX_MS = 60000
};

int64_t cloud_events_delivery_backoff_ms(int n, double jitter)
{
    int64_t ms = BACKOFF_FIRST_MS;

    for (int i = 1; i < n && ms < BACKOFF_MAX_MS; i++) {
        ms *= 2;
    }
    ms = ms > BACKOFF_MAX_MS ? BACKOFF_MAX_MS : ms;
    return ms - (int64_t)((double)ms * 0.5 * jitter);
}

const char *cloud_events_delivery_exhausted(const cJSON *target, int attempts, int64_t age_ms)
{
    const cJSON *policy = json_object(target, "RetryPolicy");

    /* The first attempt is not a retry. */
    if (attempts > json_int(policy, "MaximumRetryAttempts", RETRIES_DEFAULT)) {
        return "MaximumRetryAttempts";
    }
    if (age_ms >= json_int(policy, "MaximumEventAgeInSeconds", AGE_DEFAULT_S) * 1000) {
        return "MaximumEventAgeInSeconds";
    }
    return NULL;
}

/* ---- dead letters ------------------------------------------------------------------------ */

static void set_attribute(cJSON *attributes, const char *name, const char *value)
{
    cJSON *a = json_new_object();

    json_set_str(a, "DataType", "String");
    json_set_str(a, "StringValue", *value != '\0' ? value : "-");
    json_set(attributes, name, a);
}

static cJSON *dead_letter_attributes(const struct row *row,
                                     const struct cloud_events_delivery_outcome *o,
                                     const char *exhausted)
{
    cJSON *attributes = json_new_object();
    char retries[16];

    (void)snprintf(retries, sizeof retries, "%d", row->attempts);
    set_attribute(attributes, "RULE_ARN", row->rule_arn);
    set_attribute(attributes, "TARGET_ARN", json_str_or(row->target, "Arn", ""));
    set_attribute(attributes, "ERROR_CODE", o->code);
    set_attribute(attributes, "ERROR_MESSAGE", o->message);
    set_attribute(attributes, "RETRY_ATTEMPTS", retries);
    if (exhausted != NULL) {
        set_attribute(attributes, "EXHAUSTED_RETRY_CONDITION", exhausted);
    }
    return attributes;
}

/* Puts the event into the dead letter queue; when there is none, or it refuses, the log says so. */
static void bury(struct cloud *cloud, const struct row *row,
                 const struct cloud_events_delivery_outcome *o, const char *exhausted)
{
    const char *arn = json_str(json_object(row->target, "DeadLetterConfig"), "Arn");
    const char *queue = cloud_sqs_name_of_arn(cloud, arn);
    const char *lost = NULL;
    struct err e = {.code = E_OK};

    if (arn == NULL) {
        lost = "the target has no dead letter queue";
    } else if (queue == NULL || !cloud_sqs_queue_exists(cloud, queue)) {
        lost = "its dead letter queue does not exist";
    } else if (!cloud_sqs_policy_allows(cloud, queue, "events.amazonaws.com", row->rule_arn)) {
        lost = "the policy of its dead letter queue does not let events.amazonaws.com in for the "
               "rule";
    } else {
        cJSON *attributes = dead_letter_attributes(row, o, exhausted);
        if (cloud_sqs_put(cloud, queue, row->event_text, attributes, &e) != E_OK) {
            lost = e.msg;
        }
        cJSON_Delete(attributes);
    }
    log_line(cloud_log(cloud), LOG_LVL_WARN, "local: rule %s, target %s: %s (%s)%s%s",
             row->rule_name, json_str_or(row->target, "Id", "?"), o->code, o->message,
             lost != NULL ? "; the event is lost: " : "; sent to the dead letter queue",
             lost != NULL ? lost : "");
}

/* ---- one row ----------------------------------------------------------------------------- */

static bool read_row(struct cloud *cloud, struct row *row)
{
    sqlite3_stmt *q = cloud_stmt(cloud, "SELECT id,created,attempts,rule_arn,rule_name,target,event"
                                        " FROM ev_delivery WHERE next_at<=?1 ORDER BY next_at,id"
                                        " LIMIT 1");
    sqlx_int(q, 1, cloud_now(cloud));
    bool found = sqlx_row(q);
    if (found) {
        *row = (struct row){.id = sqlx_num(q, 0),
                            .created = sqlx_num(q, 1),
                            .attempts = (int)sqlx_num(q, 2),
                            .rule_arn = xstrdup(sqlx_str(q, 3)),
                            .rule_name = xstrdup(sqlx_str(q, 4)),
                            .target = sqlx_document(q, 5),
                            .event_text = xstrdup(sqlx_str(q, 6)),
                            .event = sqlx_document(q, 6)};
    }
    cloud_stmt_done(cloud, q);
    return found;
}

static void row_clear(struct row *row)
{
    free(row->rule_arn);
    free(row->rule_name);
    free(row->event_text);
    cJSON_Delete(row->target);
    cJSON_Delete(row->event);
}

static void delete_row(struct cloud *cloud, int64_t id)
{
    sqlite3_stmt *q = cloud_stmt(cloud, "DELETE FROM ev_delivery WHERE id=?1");

    sqlx_int(q, 1, id);
    (void)cloud_step_done(cloud, q, NULL);
}

static void postpone_row(struct cloud *cloud, const struct row *row)
{
    sqlite3_stmt *q =
        cloud_stmt(cloud, "UPDATE ev_delivery SET attempts=?2,next_at=?3 WHERE id=?1");

    sqlx_int(q, 1, row->id);
    sqlx_int(q, 2, row->attempts + 1);
    sqlx_int(q, 3,
             cloud_now(cloud) + cloud_events_delivery_backoff_ms(row->attempts + 1, rand_unit()));
    (void)cloud_step_done(cloud, q, NULL);
}

static void deliver_row(struct cloud *cloud, const struct row *row)
{
    struct cloud_events_delivery_outcome o = {.result = DELIVERY_FAILED, .code = "INTERNAL_ERROR"};
    const char *exhausted = NULL;

    if (row->target != NULL && row->event != NULL) {
        cloud_events_delivery_attempt(cloud, row->rule_arn, row->rule_name, row->target, row->event,
                                      row->event_text, row->created, &o);
    }
    if (o.result == DELIVERY_RETRY) {
        exhausted = cloud_events_delivery_exhausted(row->target, row->attempts + 1,
                                                    cloud_now(cloud) - row->created);
        if (exhausted == NULL) {
            postpone_row(cloud, row);
            return;
        }
    }
    if (o.result != DELIVERY_DONE) {
        bury(cloud, row, &o, exhausted);
    }
    delete_row(cloud, row->id);
}

bool cloud_events_delivery_next(struct cloud *cloud)
{
    struct row row;

    cloud_lock(cloud);
    bool found = read_row(cloud, &row);
    if (found) {
        (void)sqlite3_exec(cloud_db(cloud), "SAVEPOINT delivery", NULL, NULL, NULL);
        deliver_row(cloud, &row);
        if (sqlite3_exec(cloud_db(cloud), "RELEASE delivery", NULL, NULL, NULL) != SQLITE_OK) {
            log_line(cloud_log(cloud), LOG_LVL_ERROR, "local: a delivery waits: %s",
                     sqlite3_errmsg(cloud_db(cloud)));
            (void)sqlite3_exec(cloud_db(cloud), "ROLLBACK TO delivery", NULL, NULL, NULL);
            (void)sqlite3_exec(cloud_db(cloud), "RELEASE delivery", NULL, NULL, NULL);
            found = false; /* do not try again at once: the disk may be full */
        }
        row_clear(&row);
    }
    cloud_unlock(cloud);
    return found;
}

/* The milliseconds until a delivery is due, at most a minute. */
static int64_t next_due_ms(struct cloud *cloud)
{
    cloud_lock(cloud);
    sqlite3_stmt *q = cloud_stmt(cloud, "SELECT min(next_at) FROM ev_delivery");
    int64_t left = sqlx_row(q) && !sqlx_null(q, 0) ? sqlx_num(q, 0) - cloud_now(cloud) : 60000;
    cloud_stmt_done(cloud, q);
    cloud_unlock(cloud);
    return left < 100 ? 100 : left > 60000 ? 60000 : left;
}

/* ---- the thread -------------------------------------------------------------------------- */

static void wait_for_work(struct cloud_events_delivery *d, int64_t ms)
{
    const struct timespec until = cond_until(ms);

    pthread_mutex_lock(&d->lock);
    while (!d->poked && !d->stop &&
           pthread_cond_timedwait(&d->wake, &d->lock, &until) != ETIMEDOUT) {
    }
    d->poked = false;
    pthread_mutex_unlock(&d->lock);
}

static bool stopping(struct cloud_events_delivery *d)
{
    pthread_mutex_lock(&d->lock);
    bool stop = d->stop;
    pthread_mutex_unlock(&d->lock);
    return stop;
}

static void *run(void *arg)
{
    struct cloud_events_delivery *d = arg;

    while (!stopping(d)) {
        if (!cloud_events_delivery_next(d->cloud)) {
            wait_for_work(d, next_due_ms(d->cloud));
        }
    }
    return NULL;
}

struct cloud_events_delivery *cloud_events_delivery_start(struct cloud *cloud, struct err *e)
{
    struct cloud_events_delivery *d = xcalloc(1, sizeof *d);

    d->cloud = cloud;
    (void)pthread_mutex_init(&d->lock, NULL);
    cond_init(&d->wake);
    int rc = pthread_create(&d->thread, NULL, run, d);
    if (rc != 0) {
        (void)err_no_thread(e, rc, "the thread that delivers events");
        (void)pthread_cond_destroy(&d->wake);
        (void)pthread_mutex_destroy(&d->lock);
        free(d);
        return NULL;
    }
    return d;
}

void cloud_events_delivery_poke(struct cloud_events_delivery *d)
{
    if (d != NULL) {
        pthread_mutex_lock(&d->lock);
        d->poked = true;
        pthread_cond_signal(&d->wake);
        pthread_mutex_unlock(&d->lock);
    }
}

void cloud_events_delivery_stop(struct cloud_events_delivery *d)
{
    if (d == NULL) {
        return;
    }
    pthread_mutex_lock(&d->lock);
    d->stop = true;
    pthread_cond_signal(&d->wake);
    pthread_mutex_unlock(&d->lock);
    (void)pthread_join(d->thread, NULL);
    (void)pthread_cond_destroy(&d->wake);
    (void)pthread_mutex_destroy(&d->lock);
    free(d);
}
