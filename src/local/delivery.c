#include "local/delivery.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/rand.h"
#include "local/cloud_sqs.h"
#include "local/sqlx.h"

/* DESIGN. The store is the queue: a row of ev_delivery is one event for one target. The thread
 * takes the cloud's lock for one row at a time and changes the target and the row in one savepoint,
 * so that a kill leaves either both or neither. Between rows others get the lock. With nothing due
 * it waits on its own condition, for a poke or for the next retry's time.
 *
 * Locks: the cloud's may be held when delivery_poke takes `lock`; the thread never takes the
 * cloud's with `lock` held. */

struct delivery {
    struct local *l;
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

int64_t delivery_backoff_ms(int n, double jitter)
{
    int64_t ms = BACKOFF_FIRST_MS;

    for (int i = 1; i < n && ms < BACKOFF_MAX_MS; i++) {
        ms *= 2;
    }
    ms = ms > BACKOFF_MAX_MS ? BACKOFF_MAX_MS : ms;
    return ms - (int64_t)((double)ms * 0.5 * jitter);
}

const char *delivery_exhausted(const cJSON *target, int attempts, int64_t age_ms)
{
    const cJSON *policy = json_object(target, "RetryPolicy");

    /* The first attempt is no retry. */
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

static cJSON *dead_letter_attributes(const struct row *row, const struct delivery_outcome *o,
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

/* The event goes to the dead letter queue, or nowhere: then the log says so. */
static void bury(struct local *l, const struct row *row, const struct delivery_outcome *o,
                 const char *exhausted)
{
    const char *arn = json_str(json_object(row->target, "DeadLetterConfig"), "Arn");
    const char *queue = cloud_sqs_name_of_arn(l, arn);
    const char *lost = NULL;
    struct err e = {.code = E_OK};

    if (arn == NULL) {
        lost = "the target has no dead letter queue";
    } else if (queue == NULL || !cloud_sqs_queue_exists(l, queue)) {
        lost = "its dead letter queue does not exist";
    } else if (!cloud_sqs_policy_allows(l, queue, "events.amazonaws.com", row->rule_arn)) {
        lost = "the policy of its dead letter queue does not let events.amazonaws.com in for the "
               "rule";
    } else {
        cJSON *attributes = dead_letter_attributes(row, o, exhausted);
        if (cloud_sqs_put(l, queue, row->event_text, attributes, &e) != E_OK) {
            lost = e.msg;
        }
        cJSON_Delete(attributes);
    }
    log_line(local_log(l), LOG_LVL_WARN, "local: rule %s, target %s: %s (%s)%s%s", row->rule_name,
             json_str_or(row->target, "Id", "?"), o->code, o->message,
             lost != NULL ? "; the event is lost: " : "; sent to the dead letter queue",
             lost != NULL ? lost : "");
}

/* ---- one row ----------------------------------------------------------------------------- */

static cJSON *parse_column(sqlite3_stmt *q, int column)
{
    const char *text = sqlx_str(q, column);
    return json_parse(text, strlen(text), "a delivery", NULL);
}

static bool read_row(struct local *l, struct row *row)
{
    sqlite3_stmt *q = local_stmt(l, "SELECT id,created,attempts,rule_arn,rule_name,target,event"
                                    " FROM ev_delivery WHERE next_at<=?1 ORDER BY next_at,id"
                                    " LIMIT 1");
    sqlx_int(q, 1, local_now(l));
    bool found = sqlx_row(q);
    if (found) {
        *row = (struct row){.id = sqlx_num(q, 0),
                            .created = sqlx_num(q, 1),
                            .attempts = (int)sqlx_num(q, 2),
                            .rule_arn = xstrdup(sqlx_str(q, 3)),
                            .rule_name = xstrdup(sqlx_str(q, 4)),
                            .target = parse_column(q, 5),
                            .event_text = xstrdup(sqlx_str(q, 6)),
                            .event = parse_column(q, 6)};
    }
    local_stmt_done(l, q);
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

static void delete_row(struct local *l, int64_t id)
{
    sqlite3_stmt *q = local_stmt(l, "DELETE FROM ev_delivery WHERE id=?1");

    sqlx_int(q, 1, id);
    (void)local_step_done(l, q, NULL);
}

static void postpone_row(struct local *l, const struct row *row)
{
    sqlite3_stmt *q = local_stmt(l, "UPDATE ev_delivery SET attempts=?2,next_at=?3 WHERE id=?1");

    sqlx_int(q, 1, row->id);
    sqlx_int(q, 2, row->attempts + 1);
    sqlx_int(q, 3, local_now(l) + delivery_backoff_ms(row->attempts + 1, rand_unit()));
    (void)local_step_done(l, q, NULL);
}

static void deliver_row(struct local *l, const struct row *row)
{
    struct delivery_outcome o = {.result = DELIVERY_FAILED, .code = "INTERNAL_ERROR"};
    const char *exhausted = NULL;

    if (row->target != NULL && row->event != NULL) {
        delivery_attempt(l, row->rule_arn, row->rule_name, row->target, row->event, row->event_text,
                         row->created, &o);
    }
    if (o.result == DELIVERY_RETRY) {
        exhausted = delivery_exhausted(row->target, row->attempts + 1, local_now(l) - row->created);
        if (exhausted == NULL) {
            postpone_row(l, row);
            return;
        }
    }
    if (o.result != DELIVERY_DONE) {
        bury(l, row, &o, exhausted);
    }
    delete_row(l, row->id);
}

/* Delivers the next due row; false when there is none. */
static bool deliver_next(struct local *l)
{
    struct row row;

    local_lock(l);
    bool found = read_row(l, &row);
    if (found) {
        (void)sqlite3_exec(local_db(l), "SAVEPOINT delivery", NULL, NULL, NULL);
        deliver_row(l, &row);
        if (sqlite3_exec(local_db(l), "RELEASE delivery", NULL, NULL, NULL) != SQLITE_OK) {
            log_line(local_log(l), LOG_LVL_ERROR, "local: a delivery waits: %s",
                     sqlite3_errmsg(local_db(l)));
            (void)sqlite3_exec(local_db(l), "ROLLBACK TO delivery", NULL, NULL, NULL);
            (void)sqlite3_exec(local_db(l), "RELEASE delivery", NULL, NULL, NULL);
            found = false; /* not at once again: the disk may be full */
        }
        row_clear(&row);
    }
    local_unlock(l);
    return found;
}

/* Milliseconds until something is due, at most a minute. */
static int64_t next_due_ms(struct local *l)
{
    local_lock(l);
    sqlite3_stmt *q = local_stmt(l, "SELECT min(next_at) FROM ev_delivery");
    int64_t left = sqlx_row(q) && !sqlx_null(q, 0) ? sqlx_num(q, 0) - local_now(l) : 60000;
    local_stmt_done(l, q);
    local_unlock(l);
    return left < 100 ? 100 : left > 60000 ? 60000 : left;
}

/* ---- the thread -------------------------------------------------------------------------- */

static void wait_for_work(struct delivery *d, int64_t ms)
{
    struct timespec until;

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&d->lock);
    while (!d->poked && !d->stop &&
           pthread_cond_timedwait(&d->wake, &d->lock, &until) != ETIMEDOUT) {
    }
    d->poked = false;
    pthread_mutex_unlock(&d->lock);
}

static bool stopping(struct delivery *d)
{
    pthread_mutex_lock(&d->lock);
    bool stop = d->stop;
    pthread_mutex_unlock(&d->lock);
    return stop;
}

static void *run(void *arg)
{
    struct delivery *d = arg;

    while (!stopping(d)) {
        if (!deliver_next(d->l)) {
            wait_for_work(d, next_due_ms(d->l));
        }
    }
    return NULL;
}

struct delivery *delivery_start(struct local *l, struct err *e)
{
    struct delivery *d = xcalloc(1, sizeof *d);
    pthread_condattr_t monotonic;

    d->l = l;
    (void)pthread_mutex_init(&d->lock, NULL);
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&d->wake, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    if (pthread_create(&d->thread, NULL, run, d) != 0) {
        (void)err_set(e, E_IO, "cannot start a thread");
        (void)pthread_cond_destroy(&d->wake);
        (void)pthread_mutex_destroy(&d->lock);
        free(d);
        return NULL;
    }
    return d;
}

void delivery_poke(struct delivery *d)
{
    if (d != NULL) {
        pthread_mutex_lock(&d->lock);
        d->poked = true;
        pthread_cond_signal(&d->wake);
        pthread_mutex_unlock(&d->lock);
    }
}

void delivery_stop(struct delivery *d)
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
