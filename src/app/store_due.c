/* Which of the jobs that are not final are asked for now: see store_ask.c. */
#include <stdlib.h>

#include "core/alloc.h"
#include "store_priv.h"

enum {
    LIVELY_S = 6 * 3600,
    QUIET_S = 48 * 3600,  /* a record that is silent for longer comes with the table ... */
    UNHEARD_S = 2 * 3600, /* ... unless it did not come for so long */
    BATCH_MOST_S = 3600,
    SLOWER = 100,
    END_MS = 10 * 60 * 1000, /* Batch tells of an end within seconds */
    OLD_AT_ONCE = 300        /* jobs that are not lively take turns */
};

static uint32_t since(uint32_t at, uint32_t now)
{
    return at > now ? UINT32_MAX : now - at;
}

/* Below zero: the clock was set back, and the job counts as lively. */
static int64_t silence(const struct ask *a, uint32_t now)
{
    return (int64_t)now - a->touched_s;
}

static bool record_due(const struct ask *a, uint32_t now)
{
    int64_t silent = silence(a, now);
    int64_t wait = silent < QUIET_S ? (silent - LIVELY_S) / SLOWER : UNHEARD_S;

    return since(a->heard_s, now) >= wait;
}

static bool batch_due(const struct ask *a, uint32_t now)
{
    int64_t wait = (silence(a, now) - LIVELY_S) / SLOWER;

    return a->batch && since(a->batch_heard_s, now) >= (wait > BATCH_MOST_S ? BATCH_MOST_S : wait);
}

/* Adds a job to the lists; `record` and `batch`: which of them is asked for. */
static void add(struct store *s, struct store_asks *out, const struct entry *e, bool record,
                bool batch)
{
    const char *id = batch ? store_ask_batch(e) : NULL;

    if (record) {
        s->ids[out->ids_len++] = e->job->id;
    }
    if (id != NULL) {
        s->batch_ids[out->batch_len++] = id;
    }
}

/* Adds a job that a person looks at, as if it were lively. */
static void add_looked_at(struct store *s, struct store_asks *out, const char *id, uint32_t now)
{
    uint32_t h = store_handle(s, id);
    const struct entry *e = h == STORE_NOWHERE ? NULL : &s->entries[h];

    if (e == NULL || e->active == STORE_NOWHERE) {
        return;
    }
    const struct ask *a = &s->asks[e->active];
    if (silence(a, now) < LIVELY_S) {
        return; /* it is there already */
    }
    out->lively++;
    out->lively_alone += !a->batch;
    add(s, out, e, true, a->batch);
}

/* Adds the Batch jobs without a record of which only a summary is known. */
static void add_briefs(struct store *s, struct store_asks *out)
{
    for (size_t i = 0; i < s->briefs.len;) {
        const struct entry *e = &s->entries[s->briefs.items[i]];
        if (e->job == NULL || e->job->mark != JOB_NO_RECORD || e->batch == NULL ||
            e->batch->detailed) {
            handles_remove_at(&s->briefs, i);
            continue;
        }
        if (e->active == STORE_NOWHERE) {
            add(s, out, e, false, true);
        }
        i++;
    }
}

/* Adds the jobs whose record was over a short time ago, until Batch tells of their end: exit code
 * and cost come from it. */
static void add_ends(struct store *s, struct store_asks *out, int64_t now_ms)
{
    for (size_t i = 0; i < s->ends.len;) {
        struct entry *e = &s->entries[s->ends.items[i]];
        if (e->job == NULL || e->active != STORE_NOWHERE || !store_ask_end(e) ||
            e->state.ended_ms == TIME_NONE || now_ms - e->state.ended_ms > END_MS) {
            entry_set_flag(e, ENTRY_ENDS, false);
            handles_remove_at(&s->ends, i);
            continue;
        }
        add(s, out, e, false, true);
        i++;
    }
}

/* Adds those of the old jobs that are due, going on where the last call ended. Those that a person
 * looks at are there already. */
static void add_old(struct store *s, struct store_asks *out, uint32_t looked_at, uint32_t now)
{
    size_t n = s->active.len, records = 0, batches = 0, i = 0;

    for (; i < n && records < OLD_AT_ONCE && batches < OLD_AT_ONCE; i++) {
        size_t at = (s->ask_at + i) % n;
        const struct ask *a = &s->asks[at];
        bool old = silence(a, now) >= LIVELY_S;
        bool record = old && record_due(a, now), batch = old && batch_due(a, now);
        const struct entry *e = record || batch ? &s->entries[s->active.items[at]] : NULL;
        if (e != NULL && s->active.items[at] != looked_at && (e->flags & ENTRY_WATCHED) == 0) {
            add(s, out, e, record, batch);
            records += record;
            batches += batch;
        }
    }
    s->ask_at = n == 0 ? 0 : (s->ask_at + i) % n;
}

static void make_room(struct store *s)
{
    size_t most = s->active.len + s->briefs.len + s->ends.len + map_len(s->watched) + 1;

    if (most > s->ids_cap) {
        s->ids_cap = most * 2;
        s->ids = xrealloc(s->ids, s->ids_cap * sizeof *s->ids);
        s->batch_ids = xrealloc(s->batch_ids, s->ids_cap * sizeof *s->batch_ids);
    }
}

void store_active(struct store *s, int64_t now_ms, const char *looked_at, struct store_asks *out)
{
    uint32_t now = store_seconds(now_ms);
    const char *id;
    void *value;
    size_t at = 0;

    make_room(s);
    *out = (struct store_asks){.ids = s->ids, .batch_ids = s->batch_ids};
    for (size_t i = 0; i < s->active.len; i++) {
        const struct ask *a = &s->asks[i];
        if (silence(a, now) < LIVELY_S) {
            out->lively++;
            out->lively_alone += !a->batch;
            add(s, out, &s->entries[s->active.items[i]], true, a->batch);
        }
    }
    while (map_next(s->watched, &at, &id, &value)) {
        add_looked_at(s, out, id, now);
    }
    if (looked_at != NULL && map_find(s->watched, looked_at) == NULL) {
        add_looked_at(s, out, looked_at, now);
    }
    add_briefs(s, out);
    add_ends(s, out, now_ms);
    add_old(s, out, store_handle(s, looked_at), now);
}
