/* Everything that is known of one job: its records, its Batch jobs, its state. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/dynamodb.h"
#include "batch_find.h"
#include "core/alloc.h"
#include "dispatch.h"
#include "ops/job_ops.h"
#include "ops/outbox.h"
#include "ops/queue_look.h"
#include "queue_capacity.h"
#include "queue_runs.h"
#include "reasons.h"
#include "records.h"

enum { WAIT_LOOK_MS = 60 * 1000 };

void job_detail_free(struct job_detail *d)
{
    if (d == NULL) {
        return;
    }
    job_free(d->job);
    cJSON_Delete(d->item);
    cJSON_Delete(d->parts);
    batch_job_free(d->batch);
    batch_jobs_free(d->others, d->others_len);
    cJSON_Delete(d->reasons);
    free(d);
}

/* What waits in the outbox of this machine. In the state table nothing waits without a record. */
static size_t waiting(const struct ops *o, struct outbox_item **items)
{
    *items = NULL;
    return o->state != NULL ? 0 : outbox_scan(o, items);
}

static enum err_code no_such_job(const struct ops *o, const char *job_id, struct err *e)
{
    struct outbox_item *items = NULL;
    size_t n = waiting(o, &items);
    bool waits = false;
    bool left_alone = false;

    for (size_t i = 0; i < n; i++) {
        if (strcmp(items[i].job_id, job_id) == 0) {
            waits = waits || items[i].kind == OUTBOX_OURS;
            left_alone = left_alone || items[i].kind != OUTBOX_OURS;
        }
    }
    free(items);
    if (waits) {
        (void)err_set(e, E_NOT_FOUND, "job %s waits in the outbox: it is not in table %s yet",
                      job_id, o->table);
        return err_hint_set(e, "%s", dispatch_later);
    }
    (void)err_set(e, E_NOT_FOUND, "no job %s in table %s (%s)%s", job_id, o->table,
                  aws_client_region(o->aws),
                  left_alone ? "; the outbox of this machine holds one that it does not send" : "");
    return left_alone ? err_hint_set(e, "`mvpdash outbox list` says why") : E_NOT_FOUND;
}

/* Makes the newest of the job's Batch jobs the one that counts, whichever of their ids was asked
 * for. */
static void newest_counts(struct job_detail *d)
{
    struct batch_job *asked = d->batch;
    size_t i = 0;

    if (asked == NULL || d->others_len == 0 || d->others[0]->created_ms <= asked->created_ms) {
        return;
    }
    d->batch = d->others[0];
    for (; i + 1 < d->others_len && d->others[i + 1]->created_ms > asked->created_ms; i++) {
        d->others[i] = d->others[i + 1];
    }
    d->others[i] = asked;
}

/* Finds the Batch job as SPEC 1.3 says: by the Batch id in the record, else by what Batch's jobs
 * say. */
static void find_batch(const struct ops *o, const struct job_records *r, struct job_detail *d)
{
    struct job *told = job_records_join(r, r->elsewhere ? NULL : r->batch);
    struct job_values nothing = {.id = r->job_id};
    for (size_t i = 0; i < JOB_TIMES; i++) {
        nothing.ms[i] = TIME_NONE;
    }
    told = told == NULL ? job_make(&nothing) : told;
    struct batch_want want = {.job_id = r->job_id,
                              .batch_id = job_text(told, JOB_BATCH_ID),
                              .from_ms = job_batch_from(told, clock_wall_ms(o->clock))};
    struct batch_hit hit;

    enum err_code rc = batch_search(o, &want, 1, true, &hit, &d->batch_err);
    d->batch_asked = rc == E_OK;
    d->batch = hit.job;
    d->others = hit.others;
    d->others_len = hit.others_len;
    d->others_all = hit.all;
    struct job *own = r->own == NULL ? NULL : job_from_item(r->own);
    if (own == NULL || job_text(own, JOB_BATCH_ID) == NULL) {
        newest_counts(d);
    }
    job_free(own);
    job_free(told);
}

/* There is no record, and Batch has no job: is it known that there is none? */
static enum err_code nothing_known(const struct ops *o, const struct job_records *r,
                                   const struct job_detail *d, const char *id, struct err *e)
{
    if (r->elsewhere) {
        return err_set(e, E_NOT_FOUND, "Batch job %s is in queue %s, not in %s", id,
                       r->batch->queue, o->queue);
    }
    if (d->batch_asked || d->batch_err.code == E_OK) {
        return no_such_job(o, id, e);
    }
    if (e != NULL) {
        *e = d->batch_err;
    }
    return err_wrap(e, "table %s has no record of %s, and whether Batch has it is not known",
                    o->table, id);
}

/* Does the job wait in the outbox of this machine? Then nobody else can know of it. */
static bool unsent(const struct ops *o, const char *job_id)
{
    struct outbox_item *items = NULL;
    size_t n = waiting(o, &items);
    bool waits = false;

    for (size_t i = 0; i < n; i++) {
        waits = waits || (strcmp(items[i].job_id, job_id) == 0 && items[i].kind == OUTBOX_OURS);
    }
    free(items);
    return waits;
}

/* Asks Batch for the job, and reads the records under the ids of its Batch jobs. */
static enum err_code ask_batch(const struct ops *o, const char *id, struct job_records *r,
                               struct job_detail *d, struct err *e)
{
    if (r->own == NULL && r->parts->child == NULL && unsent(o, id)) {
        return no_such_job(o, id, e);
    }
    if (r->elsewhere && r->own == NULL) {
        return nothing_known(o, r, d, id, e);
    }
    find_batch(o, r, d);
    if (d->batch_err.code == E_CANCELLED) {
        if (e != NULL) {
            *e = d->batch_err;
        }
        return E_CANCELLED;
    }
    struct batch_job **all = xcalloc(d->others_len + 1, sizeof(struct batch_job *));
    all[0] = d->batch;
    for (size_t i = 0; i < d->others_len; i++) {
        all[i + 1] = d->others[i];
    }
    enum err_code rc = job_records_add(o, r, all, d->others_len + 1, e);
    free(all);
    return rc;
}

/* Has the job waited for capacity for so long that the queue is worth a look? */
static bool waits_long(const struct batch_job *b, int64_t now_ms)
{
    return b != NULL && b->status == BATCH_RUNNABLE && b->created_ms != TIME_NONE &&
           now_ms - b->created_ms >= WAIT_LOOK_MS;
}

/* Merges what is known; of a job that waits, what it waits for. */
static void settle(const struct ops *o, struct job_detail *d)
{
    struct state_rules rules = ops_state_rules(o->settings);
    int64_t now = clock_wall_ms(o->clock);
    bool runs_asked = false;

    if (d->batch != NULL) {
        queue_capacity_tell(o, &d->batch, 1, true); /* for what it has cost so far */
    }
    if (waits_long(d->batch, now)) {
        (void)ops_queue_wait(o, d->batch->id, &rules.queue_runs, d->waits);
    }
    job_state_merge(d->job, d->batch, d->batch_asked, now, &rules, &d->state);
    ops_settle_waiting(o, d->job, d->batch, now, &rules, &runs_asked, &d->state);
}

static enum err_code job_get(const struct ops *o, const char *job_id, bool record_only,
                             struct job_detail **out, struct err *e)
{
    struct job_detail *d = xcalloc(1, sizeof *d);
    struct job_records r = {0};
    enum err_code rc = E_OK;

    *out = NULL;
    if (job_id == NULL || job_id[0] == '\0') {
        rc = err_set(e, E_INVALID, "jobId must not be empty");
        goto out;
    }
    if (record_only) {
        r.job_id = xstrdup(job_id);
        rc = ddb_get_item(o->aws, o->table, "jobId", job_id, true, &r.own, e);
    } else {
        rc = job_records_read(o, job_id, &r, e);
        rc = rc == E_OK ? ask_batch(o, job_id, &r, d, e) : rc;
    }
    if (rc != E_OK) {
        goto out;
    }
    d->job = job_records_join(&r, d->batch);
    if (d->job == NULL) {
        rc = record_only ? no_such_job(o, job_id, e) : nothing_known(o, &r, d, job_id, e);
        goto out;
    }
    d->item = r.own;
    d->parts = r.parts;
    r.own = r.parts = NULL; /* moved */
    reasons_keep(o, d->job->id, d->batch);
    d->reasons = reasons_load(o, d->job->id);
    settle(o, d);
    *out = d;
    d = NULL; /* moved to the caller */
out:
    job_records_clear(&r);
    job_detail_free(d);
    return rc;
}

enum err_code ops_job_get(const struct ops *o, const char *job_id, bool record_only,
                          struct job_detail **out, struct err *e)
{
    int64_t begun = ops_begin(o);
    enum err_code rc = job_get(o, job_id, record_only, out, e);

    ops_end(begun);
    return rc;
}

enum err_code ops_job_record(const struct ops *o, const char *job_id, struct aws_seen *seen,
                             cJSON **item, struct err *e)
{
    int64_t begun = ops_begin(o);
    enum err_code rc = ddb_get_item_seen(o->aws, o->table, "jobId", job_id, seen, item, e);

    ops_end(begun);
    return rc;
}

enum err_code ops_child_get(const struct ops *o, const char *job_id, int index,
                            struct batch_job **out, struct err *e)
{
    struct job_detail *d = NULL;
    enum err_code rc = ops_job_get(o, job_id, false, &d, e);

    *out = NULL;
    if (d == NULL) {
        return rc;
    }
    if (d->batch_err.code != E_OK) {
        rc = d->batch_err.code;
        if (e != NULL) {
            *e = d->batch_err;
        }
    } else if (d->batch == NULL || d->batch->array.size == 0) {
        rc = err_set(e, E_NOT_FOUND, "job %s is not an array job in Batch: it has no children",
                     job_id);
    } else if (index >= d->batch->array.size) {
        rc = err_set(e, E_NOT_FOUND, "job %s has no child %d: the children are 0 to %d", job_id,
                     index, d->batch->array.size - 1);
    } else {
        char *id = xasprintf("%s:%d", d->batch->id, index);
        rc = batch_find_by_id(o, id, out, e);
        if (rc == E_OK && *out == NULL) {
            rc = err_set(e, E_NOT_FOUND,
                         "Batch does not know child %d of job %s: it forgets a job about a week "
                         "after its end",
                         index, job_id);
        }
        free(id);
    }
    job_detail_free(d);
    return rc;
}
