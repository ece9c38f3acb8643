/* What AWS Batch says about the jobs in the store. */
#include <string.h>

#include "core/text.h"
#include "jobs/join.h"
#include "store_priv.h"

static bool batch_same(const struct batch_job *a, const struct batch_job *b)
{
    return a->status == b->status && a->exit_code == b->exit_code &&
           a->started_ms == b->started_ms && a->stopped_ms == b->stopped_ms &&
           a->cancelled == b->cancelled && a->terminated == b->terminated &&
           a->attempts_len == b->attempts_len && text_same(a->status_reason, b->status_reason) &&
           text_same(a->container_reason, b->container_reason) &&
           text_same(a->log_stream, b->log_stream);
}

/* Is what is known as new as `b`, or newer? */
static bool batch_known(const struct entry *e, const struct batch_job *b)
{
    const struct batch_job *old = e->batch;

    if (old == NULL) { /* it was freed because the job is over */
        return job_status_final((enum job_status)e->state.status) && !e->state.drift &&
               e->state.batch == b->status;
    }
    if (strcmp(old->id, b->id) != 0) { /* the job was started twice: the newer Batch job counts */
        return old->created_ms > b->created_ms;
    }
    if (old->status >= BATCH_SUCCEEDED && b->status < BATCH_SUCCEEDED) {
        return true; /* this is a late reply: a Batch job that has finished never runs again */
    }
    if (old->detailed && !b->detailed) {
        return old->status == b->status;
    }
    return old->detailed == b->detailed && batch_same(old, b);
}

/* Was a job that only Batch tells of started again? Then the row tells of the newer Batch job. */
static bool started_again(const struct entry *e, const struct batch_job *b)
{
    return (e->flags & ENTRY_ALONE) != 0 && e->job->mark == JOB_NO_RECORD && e->batch != NULL &&
           b->created_ms > e->batch->created_ms;
}

/* Adds to a job without a record what a summary does not tell, such as its user. */
static struct job *told_in_full(const struct entry *e, const struct batch_job *b)
{
    struct job *j = job_of_batch(b);

    if (strcmp(j->id, e->job->id) == 0) {
        return j;
    }
    job_free(j);
    return NULL;
}

static size_t put_batch(struct store *s, struct batch_job *b, int64_t now_ms)
{
    store_link(s, b, now_ms);
    uint32_t h = index_find(&s->by_batch, s, b->id);
    struct job *again = NULL;

    if (h == STORE_NOWHERE && b->job_id != NULL) {
        h = index_find(&s->by_id, s, b->job_id);
        bool other = h != STORE_NOWHERE && job_text(s->entries[h].job, JOB_BATCH_ID) != NULL;
        if (other) {
            again = started_again(&s->entries[h], b) ? job_of_batch(b)
                                                     : store_joint_again(s, &s->entries[h], b);
        }
        if (other && again == NULL) {
            batch_job_free(b); /* the record names another Batch job */
            return 0;
        }
    }
    if (h == STORE_NOWHERE || (s->entries[h].flags & ENTRY_PART) != 0) {
        store_keep_orphan(s, b);
        return 0;
    }
    struct entry *e = &s->entries[h];
    bool known = e->batch != NULL;
    if (b->detailed) { /* of a summary, the rest is asked for */
        store_ask_heard_batch(s, h, now_ms);
    }
    if (again == NULL && b->detailed && e->job->mark == JOB_NO_RECORD && !batch_known(e, b)) {
        again = told_in_full(e, b);
    }
    if (again == NULL && batch_known(e, b)) {
        batch_job_free(b);
        return 0;
    }
    struct spot spot = store_spot(s, h);
    struct job_state was = e->state;
    batch_job_free(e->batch);
    e->batch = b;
    entry_set_flag(e, ENTRY_ASKED, true);
    store_apply(s, h, again, now_ms, false);
    bool changed = !store_state_same(&was, &e->state);
    if (changed && (was.status != e->state.status || was.stuck != e->state.stuck)) {
        store_brighten(s, h, now_ms);
    }
    if (changed && known) {
        store_ask_changed(s, h, true, now_ms);
    }
    store_respot(s, h, &spot, now_ms);
    return changed;
}

/* Notes what runs before the jobs are taken: a job that waits is judged by what else is in the same
 * answer. */
static void note_runs(struct store *s, struct batch_job *const *items, size_t len, int64_t now_ms)
{
    bool running = false;

    for (size_t i = 0; i < len && !running; i++) {
        running = items[i] != NULL &&
                  (items[i]->status == BATCH_STARTING || items[i]->status == BATCH_RUNNING);
    }
    s->asked_ms = s->asked_ms == TIME_NONE ? now_ms : s->asked_ms;
    store_note_runs(s, running, now_ms);
}

size_t store_put_batch(struct store *s, struct batch_job **items, size_t len, int64_t at_ms,
                       int64_t now_ms)
{
    size_t changed = 0;

    (void)at_ms; /* Batch's states only go forward: see batch_known */
    s->now_ms = now_ms;
    note_runs(s, items, len, now_ms);
    for (size_t i = 0; i < len; i++) {
        if (items[i] != NULL) {
            changed += put_batch(s, items[i], now_ms);
            items[i] = NULL;
        }
    }
    return changed;
}

void store_batch_gone(struct store *s, const char *batch_id, int64_t now_ms)
{
    uint32_t h = index_find(&s->by_batch, s, batch_id);

    if (h == STORE_NOWHERE) {
        return;
    }
    struct entry *e = &s->entries[h];
    store_ask_heard_batch(s, h, now_ms);
    if (e->batch == NULL && (e->flags & ENTRY_ASKED) != 0) {
        return;
    }
    if (e->job->mark == JOB_NO_RECORD) {
        store_row_drop(s, h); /* nothing tells of the job any more */
        return;
    }
    struct spot spot = store_spot(s, h);
    batch_job_free(e->batch);
    e->batch = NULL;
    entry_set_flag(e, ENTRY_ASKED, true);
    store_apply(s, h, NULL, now_ms, false);
    store_respot(s, h, &spot, now_ms);
}

void store_batch_listed(struct store *s, int64_t at_ms)
{
    s->listed_ms = at_ms;
    store_alone_prune(s, at_ms);
}
