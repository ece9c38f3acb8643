/* Deploying: one request, several, and the question whether a request was taken in. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "aws/dynamodb.h"
#include "bus_check.h"
#include "core/alloc.h"
#include "core/deadline.h"
#include "core/text.h"
#include "dispatch.h"
#include "ops/sync_log.h"

enum { SETTLE_MS = 3000, THREADS_MAX = 16, BUS_PERCENT = 30 };

static void begin(const struct ops *o, struct deploy_request *r, struct dispatch *f)
{
    const char *url = settings_get(o->settings, SET_DATABASE_URL);

    *f = (struct dispatch){.end = DISPATCH_FAILED, .entry = {.fd = -1}};
    if (r->database_url.value == NULL && url != NULL && url[0] != '\0') {
        secret_set(&r->database_url, url);
    }
    if (deploy_request_check(r, NULL, &f->err) != E_OK) {
        return;
    }
    deploy_request_seal(r, clock_wall_ms(o->clock));
    if (outbox_add(o, r, &f->entry, &f->err) == E_OK) {
        f->end = DISPATCH_ON;
    }
}

/* Deploys a group of at most EVENTS_PER_CALL requests; `key` is of a single one, or NULL. */
static void deploy_group(const struct ops *o, struct deploy_request *requests, size_t len,
                         bool untouched_ends, struct state_key *key,
                         struct deploy_many_result *results)
{
    struct dispatch *f = xcalloc(len, sizeof *f);

    for (size_t i = 0; i < len; i++) {
        begin(o, &requests[i], &f[i]);
        f[i].untouched_ends = untouched_ends;
        f[i].key = key;
    }
    dispatch_fault(o, "kept");
    for (size_t i = 0; i < len; i++) {
        if (f[i].end == DISPATCH_ON && outbox_sync(&f[i].entry, &f[i].err) != E_OK) {
            f[i].end = DISPATCH_FAILED;
            outbox_undo(&f[i].entry);
        }
        if (f[i].end == DISPATCH_ON) {
            dispatch_record(o, &f[i]);
        }
    }
    dispatch_send(o, f, len);
    dispatch_settle(o, f, len, SETTLE_MS);
    for (size_t i = 0; i < len; i++) {
        struct deploy_many_result *r = &results[i];
        *r = (struct deploy_many_result){
            .code = f[i].end == DISPATCH_ARRIVED ? E_OK : f[i].err.code,
            .err = f[i].err,
            .result = {.recorded = f[i].recorded,
                       .kept = f[i].end == DISPATCH_KEPT && !f[i].refused,
                       .key_known = f[i].key_known,
                       .unknown = f[i].unknown},
        };
        (void)snprintf(r->result.job_id, sizeof r->result.job_id, "%s", requests[i].job_id);
        (void)snprintf(r->result.event_id, sizeof r->result.event_id, "%s", f[i].event_id);
    }
    free(f);
}

/* Refuses all of the requests; nothing was recorded or sent. */
static void refuse(struct err *why, const struct deploy_request *requests, size_t len,
                   struct deploy_many_result *results)
{
    (void)err_wrap(why, "nothing was recorded or sent");
    for (size_t i = 0; i < len; i++) {
        results[i] = (struct deploy_many_result){.code = why->code, .err = *why};
        (void)snprintf(results[i].result.job_id, sizeof results[i].result.job_id, "%s",
                       requests[i].job_id);
    }
}

static enum err_code deploy_one(const struct ops *o, struct deploy_request *r, bool untouched_ends,
                                struct state_key *key, struct deploy_result *out, struct err *e)
{
    struct deploy_many_result result;
    struct err no_bus = {0};
    int64_t begun = ops_begin(o);
    /* A bus that does not answer must leave time to record the deploy, which then stays in the
     * outbox. */
    int64_t all = deadline_share(BUS_PERCENT);
    bool no_such_bus = deploy_request_check(r, NULL, NULL) == E_OK && bus_check(o, &no_bus) != E_OK;

    (void)deadline_set(all);
    if (no_such_bus) {
        refuse(&no_bus, r, 1, &result);
    } else {
        deploy_group(o, r, 1, untouched_ends, key, &result);
    }
    ops_end(begun);
    if (out != NULL) {
        *out = result.result;
    }
    if (result.code != E_OK && e != NULL) {
        *e = result.err;
    }
    return result.code;
}

enum err_code ops_deploy(const struct ops *o, struct deploy_request *r, struct deploy_result *out,
                         struct err *e)
{
    return deploy_one(o, r, false, NULL, out, e);
}

enum err_code ops_deploy_now(const struct ops *o, struct deploy_request *r,
                             struct deploy_result *out, struct err *e)
{
    return deploy_one(o, r, true, NULL, out, e);
}

enum err_code ops_deploy_keyed(const struct ops *o, struct deploy_request *r, struct state_key *key,
                               struct deploy_result *out, struct err *e)
{
    return deploy_one(o, r, true, key, out, e);
}

static enum err_code waits_in_files(const struct ops *o, const char *job_id, bool *waits,
                                    struct err *e)
{
    char **ids = NULL;
    enum err_code rc = sync_log_sweep(o, e);

    if (rc != E_OK) { /* what a log still holds is not in the outbox yet */
        return rc;
    }
    size_t n = outbox_list(o, &ids);
    for (size_t i = 0; i < n; i++) {
        *waits = *waits || strcmp(ids[i], job_id) == 0;
    }
    outbox_list_free(ids, n);
    return E_OK;
}

enum err_code ops_deploy_taken(const struct ops *o, const char *job_id, const char *request_id,
                               bool *taken, struct err *e)
{
    cJSON *item = NULL;

    *taken = false;
    /* In the state table the key says so: it was written together with the record. */
    enum err_code rc = o->state == NULL ? waits_in_files(o, job_id, taken, e) : E_OK;
    if (rc != E_OK) {
        return rc;
    }
    /* The outbox was read before this: an entry leaves it only when its record is there, or when
     * there will be none. */
    if (!*taken) {
        rc = ddb_get_item(o->aws, o->table, "jobId", job_id, true, &item, e);
        enum pickup p = dispatch_pickup(item, request_id);
        const char *status = p == PICKUP_ENDED ? attr_str(item, "status") : NULL;
        const char *why = p == PICKUP_ENDED ? attr_str(item, "statusReason") : NULL;
        *taken = p == PICKUP_NO || p == PICKUP_YES || p == PICKUP_ENDED;
        if (status != NULL && job_status_parse(status) == JOB_FAILED) {
            rc = err_set(e, E_SERVICE, "%s was not sent and its record is FAILED: %.*s", job_id,
                         text_cut(why == NULL ? "no reason given" : why, 250),
                         why == NULL ? "no reason given" : why);
        }
    }
    cJSON_Delete(item);
    return rc;
}

/* What the threads of ops_deploy_many share: each thread takes the next ten requests. */
struct many {
    const struct ops *o;
    struct deploy_request *requests;
    struct deploy_many_result *results;
    size_t len;
    atomic_size_t next;
    int64_t until;        /* DEADLINE_NONE: each group of ten has a time of its own */
    pthread_mutex_t lock; /* lets one thread at a time call `done` */
    deploy_done_fn done;
    void *arg;
};

static void *many_thread(void *arg)
{
    struct many *m = arg;

    for (;;) {
        size_t at = atomic_fetch_add(&m->next, EVENTS_PER_CALL);
        if (at >= m->len) {
            return NULL;
        }
        size_t n = m->len - at < EVENTS_PER_CALL ? m->len - at : EVENTS_PER_CALL;
        int64_t begun = m->until != DEADLINE_NONE ? deadline_set(m->until) : ops_begin(m->o);
        deploy_group(m->o, m->requests + at, n, false, NULL, m->results + at);
        ops_end(begun);
        if (m->done != NULL) {
            (void)pthread_mutex_lock(&m->lock);
            for (size_t i = at; i < at + n; i++) {
                m->done(m->arg, i, &m->results[i]);
            }
            (void)pthread_mutex_unlock(&m->lock);
        }
    }
}

size_t ops_deploy_many(const struct ops *o, struct deploy_request *requests, size_t len,
                       struct deploy_many_result *results, deploy_done_fn done, void *arg)
{
    struct many m = {.o = o,
                     .requests = requests,
                     .results = results,
                     .len = len,
                     .until = DEADLINE_NONE,
                     .lock = PTHREAD_MUTEX_INITIALIZER,
                     .done = done,
                     .arg = arg};
    pthread_t threads[THREADS_MAX];
    struct err no_bus = {0};
    size_t groups = (len + EVENTS_PER_CALL - 1) / EVENTS_PER_CALL;
    size_t started = 0;
    size_t failed = 0;

    int64_t begun = ops_begin(o);
    bool bus = len == 0 || bus_check(o, &no_bus) == E_OK;
    /* When the bus gave no answer in all this time, it is not waited for once more: all requests
     * stay in the outbox at once. */
    m.until = deadline_left_ms(1) == 0 ? deadline_get() : DEADLINE_NONE;
    ops_end(begun);
    if (!bus) {
        refuse(&no_bus, requests, len, results);
        for (size_t i = 0; done != NULL && i < len; i++) {
            done(arg, i, &results[i]);
        }
        return len;
    }
    /* The calling thread works too, so that one group needs no further thread, and the work is done
     * even when no thread can be started. */
    while (started + 1 < groups && started < THREADS_MAX - 1 &&
           pthread_create(&threads[started], NULL, many_thread, &m) == 0) {
        started++;
    }
    (void)many_thread(&m);
    for (size_t i = 0; i < started; i++) {
        (void)pthread_join(threads[i], NULL);
    }
    for (size_t i = 0; i < len; i++) {
        failed += results[i].code != E_OK;
    }
    return failed;
}
