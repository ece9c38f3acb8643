#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/dynamodb.h"
#include "batch_find.h"
#include "core/alloc.h"
#include "ops/job_ops.h"
#include "ops/outbox.h"
#include "ops/reasons.h"

/* Where a Batch job of a record that names none is looked for: from before the record was
 * made to long enough after for a slow rule; not when Batch has certainly forgotten it. */
enum {
    BEFORE_MS = BATCH_FIND_SKEW_MS,
    AFTER_MS = 30 * 60 * 1000,
    RECENT_MS = 2 * 60 * 60 * 1000,
    FORGOTTEN_S = 8 * 24 * 3600
};

void job_detail_free(struct job_detail *d)
{
    if (d == NULL) {
        return;
    }
    job_free(d->job);
    cJSON_Delete(d->item);
    batch_job_free(d->batch);
    cJSON_Delete(d->reasons);
    free(d);
}

static enum err_code no_such_job(const struct ops *o, const char *job_id, struct err *e)
{
    char **ids = NULL;
    size_t n = outbox_list(o, &ids);
    bool waits = false;

    for (size_t i = 0; i < n; i++) {
        waits = waits || strcmp(ids[i], job_id) == 0;
    }
    outbox_list_free(ids, n);
    if (waits) {
        return err_set(e, E_NOT_FOUND,
                       "job %s waits in the outbox: it is not in table %s yet, and is resumed by "
                       "itself",
                       job_id, o->table);
    }
    return err_set(e, E_NOT_FOUND, "no job %s in table %s (%s)", job_id, o->table,
                   aws_client_region(o->aws));
}

/* SPEC 1.3: by the record's own Batch id, else by what Batch's jobs say. */
static enum err_code find_batch(const struct ops *o, const struct job *j, struct batch_job **out,
                                struct err *e)
{
    int64_t now = clock_wall_ms(o->clock);
    int64_t made = j->created_ms;

    *out = NULL;
    if (j->batch_job_id != NULL && j->batch_job_id[0] != '\0') {
        return batch_find_by_id(o, j->batch_job_id, out, e);
    }
    if (made == TIME_NONE || (now - made) / 1000 > FORGOTTEN_S) {
        return E_OK;
    }
    int64_t to = now - made < RECENT_MS ? TIME_NONE : made + AFTER_MS;
    return batch_find_by_job(o, &j->id, 1, made - BEFORE_MS, to, out, e);
}

enum err_code ops_job_get(const struct ops *o, const char *job_id, bool record_only,
                          struct job_detail **out, struct err *e)
{
    struct job_detail *d = xcalloc(1, sizeof *d);
    struct state_rules rules;
    enum err_code rc = E_OK;

    *out = NULL;
    if (job_id == NULL || job_id[0] == '\0') {
        rc = err_set(e, E_INVALID, "jobId: must not be empty");
        goto out;
    }
    rc = ddb_get_item(o->aws, o->table, "jobId", job_id, true, &d->item, e);
    if (rc != E_OK) {
        goto out;
    }
    d->job = d->item == NULL ? NULL : job_from_item(d->item);
    if (d->job == NULL) {
        rc = no_such_job(o, job_id, e);
        goto out;
    }
    if (!record_only) {
        d->batch_asked = find_batch(o, d->job, &d->batch, &d->batch_err) == E_OK;
        if (d->batch_err.code == E_CANCELLED) {
            rc = E_CANCELLED;
            if (e != NULL) {
                *e = d->batch_err;
            }
            goto out;
        }
        reasons_keep(o, job_id, d->batch);
    }
    d->reasons = reasons_load(o, job_id);
    rules = ops_state_rules(o->settings);
    job_state_merge(d->job, d->batch, d->batch_asked, clock_wall_ms(o->clock), &rules, &d->state);
    *out = d;
    d = NULL; /* moved to the caller */
out:
    job_detail_free(d);
    return rc;
}
