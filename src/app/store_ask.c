/* Which of the jobs that are not final are asked for, and how often: what is silent for long is
 * asked for ever more rarely.
 *
 * DESIGN: a job is lively for six hours after its last change: its record and its Batch job are
 * asked for at the schedule's pace. After that, the time between two questions is a hundredth of
 * the silence beyond these hours. A record that was silent for two days is not asked for by id any
 * more, unless nothing told of it for two hours: the slow re-read of the table brings what is new
 * in it within one, as it does for all records, but the machine may have slept, or the re-read
 * fail. Batch has nothing like that, so a Batch job is asked for at least once an hour. A summary
 * of ListJobs is no answer to such a question: it does not tell all.
 *
 * A change is what this program saw change, or a time in the record: the clock of a writer may be
 * wrong, and a time in the future counts as the time at which it was seen, until it has come.
 * Nothing is kept but the times of the last change and of the last answers: after a question that
 * failed, the job is asked for again. When the clock is set back, an answer of the future counts as
 * none; when it is set forward, the next answer tells anew when the job changed. */
#include <stdlib.h>

#include "core/alloc.h"
#include "store_priv.h"

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* The last time at which the job changed, by what it tells of itself; TIME_NONE when it does not
 * tell, or tells of the future. */
static int64_t told_ms(const struct entry *e, int64_t now_ms)
{
    const struct job *j = e->job;
    const struct batch_job *b = e->batch;
    int64_t at = later(later(job_ms(j, JOB_UPDATED), job_ms(j, JOB_CREATED)),
                       later(job_ms(j, JOB_STARTED), TIME_NONE));

    if (b != NULL) {
        at = later(at, later(b->created_ms, later(b->started_ms, b->stopped_ms)));
    }
    return at > now_ms ? TIME_NONE : at;
}

void store_ask_add(struct store *s, uint32_t h, int64_t now_ms)
{
    const struct entry *e = &s->entries[h];
    int64_t at = told_ms(e, now_ms);

    s->asks = xgrow(s->asks, e->active, &s->asks_cap, sizeof *s->asks);
    s->asks[e->active] = (struct ask){.touched_s = store_seconds(at == TIME_NONE ? now_ms : at),
                                      .heard_s = store_seconds(now_ms),
                                      .batch = store_ask_batch(e) != NULL,
                                      .told = e->batch != NULL};
}

void store_ask_drop(struct store *s, uint32_t h)
{
    s->asks[s->entries[h].active] = s->asks[s->active.len - 1];
}

void store_ask_changed(struct store *s, uint32_t h, bool seen, int64_t now_ms)
{
    const struct entry *e = &s->entries[h];

    if (e->active == STORE_NOWHERE) {
        return;
    }
    struct ask *a = &s->asks[e->active];
    uint32_t at = store_seconds(seen ? now_ms : told_ms(e, now_ms));
    a->batch = store_ask_batch(e) != NULL;
    a->told = e->batch != NULL;
    a->touched_s = at > a->touched_s ? at : a->touched_s;
}

void store_ask_heard(struct store *s, uint32_t h, int64_t now_ms)
{
    if (s->entries[h].active != STORE_NOWHERE) {
        s->asks[s->entries[h].active].heard_s = store_seconds(now_ms);
        store_ask_changed(s, h, false, now_ms);
    }
}

void store_ask_heard_batch(struct store *s, uint32_t h, int64_t now_ms)
{
    if (s->entries[h].active != STORE_NOWHERE) {
        s->asks[s->entries[h].active].batch_heard_s = store_seconds(now_ms);
    }
}
