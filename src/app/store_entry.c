/* One entry of the store: how it is made, changed and dropped, and its places in the sorted lists.
 * Whatever a record, Batch, a log or the time says about a job goes through store_apply. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "store_priv.h"

uint32_t store_handle(const struct store *s, const char *id)
{
    uint32_t h = id == NULL ? STORE_NOWHERE : index_find(&s->by_id, s, id);
    bool row = h != STORE_NOWHERE && (s->entries[h].flags & ENTRY_PART) == 0;

    if (row || id == NULL || map_len(s->aliases) == 0) {
        return row ? h : STORE_NOWHERE;
    }
    const char *to = map_find(s->aliases, id);
    h = to == NULL ? STORE_NOWHERE : index_find(&s->by_id, s, to);
    return h != STORE_NOWHERE && (s->entries[h].flags & ENTRY_PART) == 0 ? h : STORE_NOWHERE;
}

/* ---- what a watched entry has to tell ---- */

void store_news_note(struct store *s, uint32_t h)
{
    for (size_t i = 0; i < s->news.len; i++) {
        if (s->news.items[i] == h) {
            return;
        }
    }
    handles_push(&s->news, h);
}

void store_news_drop(struct store *s, uint32_t h)
{
    for (size_t i = 0; i < s->news.len; i++) {
        if (s->news.items[i] == h) {
            handles_remove_at(&s->news, i);
            return;
        }
    }
}

/* ---- its job and its state ---- */

static void active_drop(struct store *s, uint32_t h)
{
    struct entry *e = &s->entries[h];

    if (e->active == STORE_NOWHERE) {
        return;
    }
    store_ask_drop(s, h);
    uint32_t last = s->active.items[--s->active.len];
    s->active.items[e->active] = last;
    s->entries[last].active = e->active;
    e->active = STORE_NOWHERE;
}

/* `seen`: the job was seen to change now. */
static void active_note(struct store *s, uint32_t h, bool seen, int64_t now_ms)
{
    struct entry *e = &s->entries[h];

    if (job_status_final((enum job_status)e->state.status)) {
        active_drop(s, h);
        return;
    }
    if (e->active == STORE_NOWHERE) {
        e->active = (uint32_t)s->active.len;
        handles_push(&s->active, h);
        store_ask_add(s, h, now_ms);
    }
    store_ask_changed(s, h, seen, now_ms);
}

/* Was Batch asked for this job? By its id; or by a list of all, made so late that it would have
 * been in it. */
static bool asked(const struct store *s, const struct entry *e)
{
    const struct job *j = e->job;

    if ((e->flags & ENTRY_ASKED) != 0 || j == NULL) {
        return (e->flags & ENTRY_ASKED) != 0;
    }
    int64_t made = job_time(j, &e->state, NULL);
    int64_t heard = job_ms(j, JOB_UPDATED) > made ? job_ms(j, JOB_UPDATED) : made;
    return job_text(j, JOB_BATCH_ID) == NULL && s->listed_ms != TIME_NONE && heard != TIME_NONE &&
           s->listed_ms - heard >= (int64_t)s->rules.not_picked_up_s * 1000;
}

void store_merge(struct store *s, const struct entry *e, int64_t now_ms, struct job_state *out)
{
    s->work.merges++;
    job_state_merge(e->job, e->batch, asked(s, e), now_ms, &s->rules, out);
    log_stage_settle(e->job, e->batch, e->log, now_ms, &s->rules, out);
    out->slow = forecast_slow(s->forecast, e->job, out, now_ms);
}

/* What Batch said of a job that is over, and agrees, is not kept: 100,000 of them are too many. The
 * merged state has what the list shows; the detail asks again. */
static void drop_batch_if_over(struct entry *e)
{
    if ((e->flags & ENTRY_ENDS) != 0 && store_ask_end(e)) {
        return;
    }
    if (e->batch != NULL && !e->state.drift && job_status_final((enum job_status)e->state.status) &&
        e->job->status == e->state.status && e->batch->status >= BATCH_SUCCEEDED) {
        batch_job_free(e->batch);
        e->batch = NULL;
    }
}

/* A job that was followed is over: Batch is asked until it has told how it ended. */
static void end_note(struct store *s, uint32_t h)
{
    struct entry *e = &s->entries[h];

    if (e->active != STORE_NOWHERE && (e->flags & ENTRY_ENDS) == 0 && store_ask_end(e) &&
        job_status_final((enum job_status)e->state.status)) {
        entry_set_flag(e, ENTRY_ENDS, true);
        handles_push(&s->ends, h);
    }
}

bool store_state_same(const struct job_state *a, const struct job_state *b)
{
    return a->status == b->status && a->batch == b->batch && a->stuck == b->stuck &&
           a->why == b->why && a->drift == b->drift && a->turn == b->turn && a->slow == b->slow &&
           a->gone_from_batch == b->gone_from_batch && a->exit_code == b->exit_code &&
           a->batch_made_s == b->batch_made_s && a->started_ms == b->started_ms &&
           a->ended_ms == b->ended_ms && a->cost_usd == b->cost_usd;
}

/* A final state without Batch's word keeps what Batch said before it was let go. */
static void keep_batch_words(struct entry *e, const struct job_state *was)
{
    if (e->batch == NULL && job_status_final((enum job_status)e->state.status) &&
        e->state.status == was->status) {
        e->state.batch = was->batch;
        e->state.exit_code =
            e->state.exit_code == EXIT_CODE_NONE ? was->exit_code : e->state.exit_code;
        e->state.batch_made_s = was->batch_made_s;
        e->state.cost_usd = was->cost_usd;
    }
}

void store_brighten(struct store *s, uint32_t h, int64_t now_ms)
{
    struct entry *e = &s->entries[h];

    if (e->changed == store_ticks(now_ms)) {
        return;
    }
    e->changed = store_ticks(now_ms);
    if (s->bright.len < 4096) {
        handles_push(&s->bright, h);
    }
}

uint32_t store_entry_new(struct store *s)
{
    uint32_t h;

    if (s->spare_len > 0) {
        h = s->spare[--s->spare_len];
    } else {
        s->entries = xgrow(s->entries, s->len, &s->cap, sizeof *s->entries);
        h = (uint32_t)s->len++;
    }
    s->entries[h] = (struct entry){.round = s->round, .active = STORE_NOWHERE};
    s->entries[h].state.exit_code = EXIT_CODE_NONE;
    s->entries[h].state.cost_usd = (float)PRICE_NOT_KNOWN;
    return h;
}

static bool over_with_steps(const struct job *j)
{
    return job_status_final((enum job_status)j->status) && job_steps(j) != NULL;
}

void store_set_job(struct store *s, uint32_t h, struct job *j)
{
    struct entry *e = &s->entries[h];
    bool part = (e->flags & ENTRY_PART) != 0; /* found by its own id alone */

    if (e->job != NULL) {
        if (job_text(e->job, JOB_BATCH_ID) != NULL && !part) {
            index_remove(&s->by_batch, s, h);
        }
        s->job_bytes -= (size_t)e->job->bytes;
        s->steps_kept -= over_with_steps(e->job);
        store_retry_drop(s, h);
        job_free(e->job); /* by_id holds handles: the new job has the same id */
    }
    e->job = j;
    s->job_bytes += (size_t)j->bytes;
    s->steps_kept += over_with_steps(j);
    store_retry_add(s, h);
    if (job_text(j, JOB_BATCH_ID) != NULL && !part) {
        index_put(&s->by_batch, s, h);
    }
    if (job_ms(j, JOB_UPDATED) != TIME_NONE && job_ms(j, JOB_UPDATED) > s->newest_ms) {
        s->newest_ms = job_ms(j, JOB_UPDATED);
    }
}

/* A Batch job that came before its record. */
static void adopt_orphan(struct store *s, uint32_t h)
{
    struct entry *e = &s->entries[h];

    if (e->batch != NULL || map_len(s->orphans) == 0) {
        return;
    }
    struct batch_job *b = NULL;
    if (job_text(e->job, JOB_BATCH_ID) != NULL) {
        b = map_find(s->orphans, job_text(e->job, JOB_BATCH_ID));
    } else {
        b = map_find(s->orphans_by_job, e->job->id);
    }
    if (b == NULL) {
        return;
    }
    e->batch = store_take_orphan(s, b->id);
}

/* The new record (NULL: the same, merge only) of an entry whose place the caller looks after. */
void store_apply(struct store *s, uint32_t h, struct job *j, int64_t now_ms, bool fresh)
{
    struct entry *e = &s->entries[h];
    struct job_state was = e->state;
    bool is_new = e->job == NULL;

    if (is_new && j == NULL) {
        return;
    }
    s->changes++;
    if (j != NULL) {
        bool same_batch = job_text(j, JOB_BATCH_ID) != NULL && e->batch != NULL &&
                          strcmp(job_text(j, JOB_BATCH_ID), e->batch->id) == 0;
        if (e->batch != NULL && job_text(j, JOB_BATCH_ID) != NULL && !same_batch) {
            batch_job_free(e->batch); /* the record names another one */
            e->batch = NULL;
            entry_set_flag(e, ENTRY_ASKED, false);
        }
        store_set_job(s, h, j);
        if (is_new) {
            index_put(&s->by_id, s, h);
        }
        adopt_orphan(s, h);
    }
    if (!is_new) {
        stats_remove(&s->stats, &was);
    }
    store_merge(s, e, now_ms, &e->state);
    if (!is_new) {
        keep_batch_words(e, &was);
    }
    end_note(s, h);
    drop_batch_if_over(e);
    if (e->log != NULL && e->state.status != JOB_IN_PROGRESS) {
        free(e->log);
        e->log = NULL;
    }
    stats_add(&s->stats, &e->state);
    active_note(s, h, j != NULL && fresh, now_ms);
    if ((e->flags & ENTRY_WATCHED) != 0 &&
        (is_new || was.status != e->state.status || was.stuck != e->state.stuck)) {
        store_news_note(s, h);
    }
    if (fresh) {
        store_brighten(s, h, now_ms);
    }
}

/* ---- places in the orders ---- */

struct spot store_spot(struct store *s, uint32_t h)
{
    struct spot p = {.all = order_find(s, &s->all, h), .row = 0};

    p.shown = (s->entries[h].flags & ENTRY_SHOWN) != 0;
    if (p.shown && s->filtered) {
        p.row = order_find(s, &s->rows, h);
    }
    return p;
}

static void put_back(struct store *s, struct order *o, size_t at, uint32_t h)
{
    if (!order_fits(s, o, at)) {
        order_remove_at(o, at);
        order_insert(s, o, h);
    }
}

static void note_shown(struct store *s, struct entry *e, bool shows)
{
    bool was = (e->flags & ENTRY_SHOWN) != 0;

    if (was != shows && (e->flags & ENTRY_MARKED) != 0) {
        s->marked_shown += shows ? 1 : (size_t)-1;
    }
    entry_set_flag(e, ENTRY_SHOWN, shows);
}

void store_respot(struct store *s, uint32_t h, const struct spot *p, int64_t now_ms)
{
    struct entry *e = &s->entries[h];
    bool shows = !s->filtered || store_shows(s, e, now_ms);

    put_back(s, &s->all, p->all, h);
    if (s->filtered) {
        if (p->shown && shows) {
            put_back(s, &s->rows, p->row, h);
        } else if (p->shown) {
            order_remove_at(&s->rows, p->row);
        } else if (shows) {
            order_insert(s, &s->rows, h);
        }
    }
    note_shown(s, e, shows);
}

/* Puts entries that are in no order where they belong. */
void store_settle(struct store *s, uint32_t *handles, size_t len, int64_t now_ms)
{
    size_t shown = 0;

    order_merge(s, &s->all, handles, len);
    for (size_t i = 0; i < len; i++) {
        struct entry *e = &s->entries[handles[i]];
        bool shows = !s->filtered || store_shows(s, e, now_ms);
        entry_set_flag(e, ENTRY_MOVING, false);
        note_shown(s, e, shows);
        if (shows && s->filtered) {
            handles[shown++] = handles[i];
        }
    }
    if (s->filtered) {
        order_merge(s, &s->rows, handles, shown);
    }
}

/* ---- leaving ---- */

void store_entry_drop(struct store *s, uint32_t h)
{
    struct entry *e = &s->entries[h];

    if ((e->flags & ENTRY_MARKED) != 0) {
        s->marked--;
        s->marked_shown -= (e->flags & ENTRY_SHOWN) != 0;
    }
    bool part = (e->flags & ENTRY_PART) != 0;
    s->changes++;
    if (!part) {
        stats_remove(&s->stats, &e->state);
    }
    s->alone -= (e->flags & ENTRY_ALONE) != 0;
    active_drop(s, h);
    store_news_drop(s, h);
    for (size_t i = 0; i < s->bright.len;) {
        if (s->bright.items[i] == h) {
            handles_remove_at(&s->bright, i);
        } else {
            i++;
        }
    }
    index_remove(&s->by_id, s, h);
    if (job_text(e->job, JOB_BATCH_ID) != NULL && !part) {
        index_remove(&s->by_batch, s, h);
    }
    s->job_bytes -= (size_t)e->job->bytes;
    s->steps_kept -= over_with_steps(e->job);
    store_retry_drop(s, h);
    job_free(e->job);
    batch_job_free(e->batch);
    free(e->log);
    memset(e, 0, sizeof *e);
    e->active = STORE_NOWHERE;
    s->spare = xgrow(s->spare, s->spare_len, &s->spare_cap, sizeof *s->spare);
    s->spare[s->spare_len++] = h;
    s->jobs -= part ? 0 : 1;
}

void store_row_drop(struct store *s, uint32_t h)
{
    if ((s->entries[h].flags & ENTRY_PART) == 0) {
        struct spot spot = store_spot(s, h);
        order_remove_at(&s->all, spot.all);
        if (s->filtered && spot.shown) {
            order_remove_at(&s->rows, spot.row);
        }
    }
    store_entry_drop(s, h);
}
