/* What happens in the store as time passes, and what it is asked. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "store_priv.h"

enum {
    TICK_MAX = 512, /* how many active jobs one tick looks at */
    FORECAST_EVERY_MS = 5000,
    RESORT_MS = 30000,     /* the times of running jobs overtake each other */
    RUNS_COUNT_MS = 60000, /* a queue that ran something within this time does not stand still */
    ORPHAN_COUNTS_MS = 24 * 3600 * 1000
};

static bool tick_entry(struct store *s, uint32_t h, int64_t now_ms)
{
    struct entry *e = &s->entries[h];
    struct job_state next;

    store_merge(s, e, now_ms, &next);
    if (store_state_same(&next, &e->state)) {
        return false;
    }
    struct spot spot = store_spot(s, h);
    store_apply(s, h, NULL, now_ms, next.status != e->state.status || next.stuck != e->state.stuck);
    store_respot(s, h, &spot, now_ms);
    return true;
}

static void resort_active(struct store *s, int64_t now_ms)
{
    struct handles moved = {0};

    for (size_t i = 0; i < s->active.len; i++) {
        entry_set_flag(&s->entries[s->active.items[i]], ENTRY_MOVING, true);
        handles_push(&moved, s->active.items[i]);
    }
    order_pull(s, &s->all);
    order_pull(s, &s->rows);
    s->sort_ms = now_ms;
    store_settle(s, moved.items, moved.len, now_ms);
    free(moved.items);
}

/* Is anything running, by what Batch last said of the jobs in the table and of others? */
static bool any_runs(const struct store *s, int64_t now_ms)
{
    const char *id;
    void *value;
    size_t at = 0;

    for (size_t i = 0; i < s->active.len; i++) {
        uint8_t b = s->asks[i].told ? s->entries[s->active.items[i]].state.batch : BATCH_UNKNOWN;
        if (b == BATCH_STARTING || b == BATCH_RUNNING) {
            return true;
        }
    }
    while (map_next(s->orphans, &at, &id, &value)) {
        const struct batch_job *b = value; /* nobody may ever hear of its end */
        if ((b->status == BATCH_STARTING || b->status == BATCH_RUNNING) &&
            b->created_ms != TIME_NONE && now_ms - b->created_ms < ORPHAN_COUNTS_MS) {
            return true;
        }
    }
    return false;
}

/* Notes whether the queue runs anything. Between the end of one job and the start of the next
 * nothing runs for a while, and Batch's answers come in pages, of which the first may hold no
 * running job: neither means that the queue stands still. */
void store_note_runs(struct store *s, bool running, int64_t now_ms)
{
    if (running || s->ran_ms > now_ms) { /* the clock was set back */
        s->ran_ms = now_ms;
    }
    bool ran = s->ran_ms != TIME_NONE && now_ms - s->ran_ms < RUNS_COUNT_MS;
    bool reading = s->listed_ms == TIME_NONE && s->asked_ms != TIME_NONE &&
                   now_ms - s->asked_ms < RUNS_COUNT_MS;
    s->rules.queue_runs = ran || reading;
}

/* Looks at what was learned, but not at each page of a load. */
static void tick_forecast(struct store *s, int64_t now_ms)
{
    bool due = s->forecast_ms == TIME_NONE || now_ms < s->forecast_ms ||
               now_ms - s->forecast_ms >= FORECAST_EVERY_MS;

    if (forecast_stale(s->forecast) && due) {
        forecast_settle(s->forecast);
        s->forecast_ms = now_ms;
    }
}

bool store_tick(struct store *s, int64_t now_ms)
{
    bool changed = false;
    size_t n = s->active.len < TICK_MAX ? s->active.len : TICK_MAX, ended = 0;

    s->now_ms = now_ms;
    stats_advance(&s->stats, now_ms);
    tick_forecast(s, now_ms);
    store_note_runs(s, any_runs(s, now_ms), now_ms);
    for (size_t i = 0; i < n && s->active.len > 0; i++) {
        s->tick_at = s->tick_at < s->active.len ? s->tick_at : 0;
        changed |= tick_entry(s, s->active.items[s->tick_at], now_ms);
        s->tick_at++;
    }
    while (ended < s->bright.len && !entry_changed(&s->entries[s->bright.items[ended]], now_ms)) {
        ended++;
    }
    if (ended > 0) {
        s->bright.len -= ended;
        memmove(s->bright.items, s->bright.items + ended, s->bright.len * sizeof *s->bright.items);
        changed = true;
    }
    if (s->sort.column == COL_DURATION && s->active.len > 0 && now_ms - s->sort_ms >= RESORT_MS) {
        resort_active(s, now_ms);
        changed = true;
    }
    return changed;
}

bool entry_changed(const struct entry *e, int64_t now_ms)
{
    /* the ticks begin anew after two years; a change in the future gives a large difference */
    return e->changed != 0 && store_ticks(now_ms) - e->changed < HIGHLIGHT_MS / TICK_MS;
}

const struct forecast *store_forecast(const struct store *s)
{
    return s->forecast;
}

struct forecast *store_history(struct store *s)
{
    return s->forecast;
}

void store_each_job(const void *store, void (*take)(void *to, const struct job *j), void *to)
{
    for (size_t i = 0; i < store_slots(store); i++) {
        const struct entry *e = store_slot(store, i);
        if (e != NULL) {
            take(to, e->job);
        }
    }
}

size_t store_bright(const struct store *s)
{
    return s->bright.len;
}

/* ---- reading ---- */

const struct entry *store_find(const struct store *s, const char *id)
{
    uint32_t h = store_handle(s, id);

    return h == STORE_NOWHERE ? NULL : &s->entries[h];
}

size_t store_len(const struct store *s)
{
    return s->jobs;
}

uint64_t store_changes(const struct store *s)
{
    return s->changes;
}

size_t store_slots(const struct store *s)
{
    return s->len;
}

const struct entry *store_slot(const struct store *s, size_t i)
{
    const struct entry *e = &s->entries[i];

    return e->job == NULL || (e->flags & ENTRY_PART) != 0 ? NULL : e;
}

size_t store_rows(const struct store *s)
{
    return store_list(s)->len;
}

const struct entry *store_any(const struct store *s, size_t i)
{
    return &s->entries[s->all.items[i].h];
}

const struct entry *store_row(const struct store *s, size_t row)
{
    return &s->entries[store_list(s)->items[row].h];
}

bool store_row_of(const struct store *s, const char *id, size_t *row)
{
    uint32_t h = store_handle(s, id);

    if (h == STORE_NOWHERE || (s->entries[h].flags & ENTRY_SHOWN) == 0) {
        return false;
    }
    /* the search only counts its work in the store, so the store may pass for changeable */
    *row = order_find((struct store *)s, store_list(s), h);
    return *row < store_list(s)->len;
}

const struct stats *store_stats(const struct store *s)
{
    return &s->stats;
}

int64_t store_newest_ms(const struct store *s)
{
    return s->newest_ms;
}

struct store_work store_work(const struct store *s)
{
    return s->work;
}

size_t store_bytes(const struct store *s)
{
    return sizeof *s + s->cap * sizeof *s->entries + s->job_bytes + s->jobs * 4 +
           (s->all.cap + s->rows.cap) * sizeof *s->all.items +
           (s->by_id.cap + s->by_batch.cap) * sizeof *s->by_id.slots +
           s->active.cap * sizeof *s->active.items + s->asks_cap * sizeof *s->asks;
}
