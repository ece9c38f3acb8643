/* queue_runs.c - the question whether the queue runs anything: if it does, a job that waits in it
 * waits for its turn. */
#include "queue_runs.h"

#include <stdlib.h>

#include "aws/batch.h"

/* Tells in `*any` whether there is a job in that state, with E_OK. */
static enum err_code any_of(const struct ops *o, const char *status, bool *any)
{
    struct batch_list l = {.queue = o->queue, .status = status, .max_results = 1};
    cJSON *jobs = NULL;
    char *next = NULL;
    enum err_code rc = batch_list_jobs(o->aws, &l, &jobs, &next, NULL);

    *any = rc == E_OK && (next != NULL || (jobs != NULL && jobs->child != NULL));
    free(next);
    cJSON_Delete(jobs);
    return rc;
}

/* Asks Batch for one job that runs or starts. False when Batch cannot be asked. */
static bool queue_runs(const struct ops *o)
{
    bool any = false;

    if (any_of(o, "RUNNING", &any) == E_OK && !any) {
        (void)!any_of(o, "STARTING", &any);
    }
    return any;
}

void ops_settle_waiting(const struct ops *o, const struct job *j, const struct batch_job *b,
                        int64_t now_ms, struct state_rules *rules, bool *asked, struct job_state *s)
{
    if (s->stuck != STUCK_RUNNABLE || b == NULL) {
        return;
    }
    if (!*asked) {
        *asked = true;
        rules->queue_runs = rules->queue_runs || queue_runs(o);
    }
    if (rules->queue_runs) {
        job_state_merge(j, b, true, now_ms, rules, s);
    }
}
