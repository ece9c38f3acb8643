/* job_kept.c - a job that waits in the outbox, as its outbox entry tells it. */
#include <stdlib.h>

#include "core/alloc.h"
#include "core/json.h"
#include "jobs/job.h"
#include "ops/job_ops.h"
#include "ops/outbox.h"

struct job_detail *ops_job_kept(const struct ops *o, const char *job_id)
{
    struct job_detail *d = NULL;
    struct outbox_entry x;
    cJSON *doc = NULL;

    /* in the state table a record is written together with its entry: nothing waits without one */
    if (o->state != NULL || !job_id_valid(job_id)) { /* the id would name a file */
        return NULL;
    }
    enum err_code rc = outbox_peek(o, job_id, &x, &doc, NULL);
    if (rc == E_OK && x.stage != OUTBOX_DEAD && place_compare(o, doc, NULL) == PLACE_SAME) {
        const struct state_rules rules = ops_state_rules(o->settings);
        d = xcalloc(1, sizeof *d);
        d->item = deploy_record_item(&x.request);
        d->job = job_from_item(d->item);
        job_state_merge(d->job, NULL, false, clock_wall_ms(o->clock), &rules, &d->state);
    }
    outbox_leave(&x);
    cJSON_Delete(doc);
    return d;
}
