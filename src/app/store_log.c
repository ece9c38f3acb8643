/* How far silent jobs are, by their logs. */
#include <stdlib.h>

#include "core/alloc.h"
#include "store_priv.h"

enum { AGAIN_MS = 50000 };

void store_settle_state(const struct store *s, const struct entry *e, const struct job *j,
                        const struct batch_job *b, int64_t now_ms, struct job_state *out)
{
    log_stage_settle(j, b, e->log, now_ms, &s->rules, out);
}

/* When the job's log was last read; jobs whose log was never read come first. */
static int64_t read_at(const struct entry *e)
{
    return e->log == NULL ? TIME_NONE : e->log->read_ms;
}

size_t store_silent(const struct store *s, int64_t now_ms, int silent_s, const struct entry **out,
                    size_t max)
{
    size_t len = 0;

    for (size_t i = 0; i < s->active.len; i++) {
        if (!s->asks[i].told) {
            continue; /* no Batch job is known, so no log */
        }
        const struct entry *e = &s->entries[s->active.items[i]];
        int64_t at = read_at(e);
        if (!log_stage_wanted(e->job, e->batch, &e->state, now_ms, silent_s) ||
            (at != TIME_NONE && at <= now_ms && now_ms - at < AGAIN_MS)) {
            continue;
        }
        size_t to = len < max ? len++ : max;
        /* the job whose log was read longest ago comes first */
        for (; to > 0 && read_at(out[to - 1]) > at; to--) {
            if (to < max) {
                out[to] = out[to - 1];
            }
        }
        if (to < max) {
            out[to] = e;
        }
    }
    return len;
}

bool store_put_log(struct store *s, const char *id, const struct log_stage *log, int64_t now_ms)
{
    uint32_t h = index_find(&s->by_id, s, id);
    struct log_stage *copy;

    if (h == STORE_NOWHERE || s->entries[h].state.status != JOB_IN_PROGRESS) {
        return false; /* the job has ended meanwhile */
    }
    struct spot spot = store_spot(s, h);
    struct entry *e = &s->entries[h];
    bool news = e->log == NULL || strcmp(e->log->stage, log->stage) != 0;
    if (e->log != NULL && !log->read) { /* what was read before stays */
        e->log->read_ms = log->read_ms;
        return false;
    }
    copy = e->log == NULL ? xmalloc(sizeof *copy) : e->log;
    *copy = *log;
    e->log = copy;
    store_apply(s, h, NULL, now_ms, news && log->stage[0] != '\0');
    store_respot(s, h, &spot, now_ms);
    return true;
}
