#include "app/store.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/strbuf.h"
#include "core/text.h"
#include "store_priv.h"

enum {
    ORPHANS_MAX = 1024,
    FEW = 8,           /* so many changes of a page are made one by one */
    TICK_MAX = 512,    /* active jobs looked at on one tick */
    LATE_MS = 30000,   /* an older updatedAt in a reply so much later is believed: clocks differ */
    RESORT_MS = 30000, /* running times move past each other */
    PLOT_SPAN_S = 300
};

const struct chips chips_failing = {.statuses = 1U << JOB_FAILED, .stuck = true};
const struct chips chips_active = {.statuses = 1U << JOB_NO_STATUS | 1U << JOB_OTHER_STATUS |
                                               1U << JOB_PENDING | 1U << JOB_QUEUED |
                                               1U << JOB_IN_PROGRESS | 1U << JOB_STOPPING};

static const char *id_key(const struct entry *e)
{
    return e->job->id;
}

static const char *batch_key(const struct entry *e)
{
    return e->job->batch_job_id;
}

struct store *store_new(const struct state_rules *rules)
{
    struct store *s = xcalloc(1, sizeof *s);

    s->rules = rules == NULL ? state_rules_default : *rules;
    index_init(&s->by_id, id_key);
    index_init(&s->by_batch, batch_key);
    s->orphans = map_new();
    s->orphans_by_job = map_new();
    s->sort = (struct sort_order){.column = COL_AGE};
    s->newest_ms = TIME_NONE;
    s->listed_ms = TIME_NONE;
    stats_init(&s->stats, PLOT_SPAN_S, 0);
    return s;
}

static void free_batch(void *b)
{
    batch_job_free(b);
}

void store_free(struct store *s)
{
    if (s == NULL) {
        return;
    }
    for (size_t i = 0; i < s->len; i++) {
        job_free(s->entries[i].job);
        batch_job_free(s->entries[i].batch);
    }
    free(s->entries);
    free(s->spare);
    index_done(&s->by_id);
    index_done(&s->by_batch);
    map_free(s->orphans, free_batch);
    map_free(s->orphans_by_job, NULL);
    free(s->all.items);
    free(s->rows.items);
    free(s->active.items);
    free(s->bright.items);
    free(s->ids);
    free(s->batch_ids);
    filter_free(s->filter);
    free(s);
}

/* ---- one entry ---- */

static void set_flag(struct entry *e, unsigned flag, bool on)
{
    e->flags = (uint16_t)(on ? e->flags | flag : e->flags & ~flag);
}

static void active_drop(struct store *s, uint32_t h)
{
    struct entry *e = &s->entries[h];

    if (e->active == STORE_NOWHERE) {
        return;
    }
    uint32_t last = s->active.items[--s->active.len];
    s->active.items[e->active] = last;
    s->entries[last].active = e->active;
    e->active = STORE_NOWHERE;
}

static void active_note(struct store *s, uint32_t h)
{
    struct entry *e = &s->entries[h];

    if (job_status_final((enum job_status)e->state.status)) {
        active_drop(s, h);
    } else if (e->active == STORE_NOWHERE) {
        e->active = (uint32_t)s->active.len;
        handles_push(&s->active, h);
    }
}

/* Was Batch asked for this job? By its id; or by a list of all, made so late that it would have
 * been in it. */
static bool asked(const struct store *s, const struct entry *e)
{
    const struct job *j = e->job;
    int64_t heard = j->updated_ms > j->created_ms ? j->updated_ms : j->created_ms;

    if ((e->flags & ENTRY_ASKED) != 0) {
        return true;
    }
    return j->batch_job_id == NULL && s->listed_ms != TIME_NONE && heard != TIME_NONE &&
           s->listed_ms - heard >= (int64_t)s->rules.not_picked_up_s * 1000;
}

static void merge(struct store *s, const struct entry *e, int64_t now_ms, struct job_state *out)
{
    s->work.merges++;
    job_state_merge(e->job, e->batch, asked(s, e), now_ms, &s->rules, out);
}

/* What Batch said of a job that is over, and agrees, is not kept: 100,000 of them are too many. The
 * merged state has what the list shows; the detail asks again. */
static void drop_batch_if_over(struct entry *e)
{
    if (e->batch != NULL && !e->state.drift && job_status_final((enum job_status)e->state.status) &&
        e->job->status == e->state.status && e->batch->status >= BATCH_SUCCEEDED) {
        batch_job_free(e->batch);
        e->batch = NULL;
    }
}

static bool state_same(const struct job_state *a, const struct job_state *b)
{
    return a->status == b->status && a->batch == b->batch && a->stuck == b->stuck &&
           a->why == b->why && a->drift == b->drift && a->gone_from_batch == b->gone_from_batch &&
           a->exit_code == b->exit_code && a->started_ms == b->started_ms &&
           a->ended_ms == b->ended_ms;
}

/* A final state without Batch's word keeps what Batch said before it was let go. */
static void keep_batch_words(struct entry *e, const struct job_state *was)
{
    if (e->batch == NULL && job_status_final((enum job_status)e->state.status) &&
        e->state.status == was->status) {
        e->state.batch = was->batch;
        e->state.exit_code =
            e->state.exit_code == EXIT_CODE_NONE ? was->exit_code : e->state.exit_code;
    }
}

static void brighten(struct store *s, uint32_t h, int64_t now_ms)
{
    struct entry *e = &s->entries[h];

    if (e->changed_ms == now_ms) {
        return;
    }
    e->changed_ms = now_ms;
    if (s->bright.len < 4096) {
        handles_push(&s->bright, h);
    }
}

static uint32_t entry_alloc(struct store *s)
{
    if (s->spare_len > 0) {
        return s->spare[--s->spare_len];
    }
    s->entries = xgrow(s->entries, s->len, &s->cap, sizeof *s->entries);
    return (uint32_t)s->len++;
}

static void set_job(struct store *s, uint32_t h, struct job *j)
{
    struct entry *e = &s->entries[h];

    if (e->job != NULL) {
        if (e->job->batch_job_id != NULL) {
            index_remove(&s->by_batch, s, h);
        }
        s->job_bytes -= (size_t)e->job->bytes;
        job_free(e->job); /* by_id holds handles: the new job has the same id */
    }
    e->job = j;
    s->job_bytes += (size_t)j->bytes;
    if (j->batch_job_id != NULL) {
        index_put(&s->by_batch, s, h);
    }
    if (j->updated_ms != TIME_NONE && j->updated_ms > s->newest_ms) {
        s->newest_ms = j->updated_ms;
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
    if (e->job->batch_job_id != NULL) {
        b = map_find(s->orphans, e->job->batch_job_id);
    } else {
        b = map_find(s->orphans_by_job, e->job->id);
    }
    if (b == NULL) {
        return;
    }
    map_remove(s->orphans, b->id);
    if (b->job_id != NULL && map_find(s->orphans_by_job, b->job_id) == b) {
        map_remove(s->orphans_by_job, b->job_id);
    }
    e->batch = b;
}

/* The new record (NULL: the same, merge only) of an entry whose place the caller looks after. */
static void apply(struct store *s, uint32_t h, struct job *j, int64_t now_ms, bool fresh)
{
    struct entry *e = &s->entries[h];
    struct job_state was = e->state;
    bool is_new = e->job == NULL;

    if (j != NULL) {
        bool same_batch = !is_new && j->batch_job_id != NULL && e->batch != NULL &&
                          strcmp(j->batch_job_id, e->batch->id) == 0;
        if (e->batch != NULL && j->batch_job_id != NULL && !same_batch) {
            batch_job_free(e->batch); /* the record names another one */
            e->batch = NULL;
            set_flag(e, ENTRY_ASKED, false);
        }
        set_job(s, h, j);
        if (is_new) {
            index_put(&s->by_id, s, h);
        }
        adopt_orphan(s, h);
    }
    if (!is_new) {
        stats_remove(&s->stats, &was);
    }
    merge(s, e, now_ms, &e->state);
    if (!is_new) {
        keep_batch_words(e, &was);
    }
    drop_batch_if_over(e);
    stats_add(&s->stats, &e->state);
    active_note(s, h);
    if (fresh) {
        brighten(s, h, now_ms);
    }
}

/* ---- places in the orders ---- */

struct spot {
    size_t all, row;
    bool shown;
};

static struct spot spot_of(struct store *s, uint32_t h)
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
    set_flag(e, ENTRY_SHOWN, shows);
}

static void respot(struct store *s, uint32_t h, const struct spot *p, int64_t now_ms)
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
static void settle_many(struct store *s, uint32_t *handles, size_t len, int64_t now_ms)
{
    size_t shown = 0;

    order_merge(s, &s->all, handles, len);
    for (size_t i = 0; i < len; i++) {
        struct entry *e = &s->entries[handles[i]];
        bool shows = !s->filtered || store_shows(s, e, now_ms);
        set_flag(e, ENTRY_MOVING, false);
        note_shown(s, e, shows);
        if (shows && s->filtered) {
            handles[shown++] = handles[i];
        }
    }
    if (s->filtered) {
        order_merge(s, &s->rows, handles, shown);
    }
}

/* ---- pages of records ---- */

static bool str_same(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool errors_same(const struct job *a, const struct job *b)
{
    for (size_t i = 0; i < a->errors_len; i++) {
        if (a->errors[i].at_ms != b->errors[i].at_ms ||
            !str_same(a->errors[i].message, b->errors[i].message) ||
            !str_same(a->errors[i].step, b->errors[i].step)) {
            return false;
        }
    }
    for (size_t i = 0; i < a->features_len; i++) {
        if (!str_same(a->features[i], b->features[i])) {
            return false;
        }
    }
    return true;
}

static bool job_same(const struct job *a, const struct job *b)
{
    if (a->updated_ms != b->updated_ms || a->progress != b->progress || a->status != b->status ||
        a->bytes != b->bytes || a->created_ms != b->created_ms || a->started_ms != b->started_ms ||
        a->completed_ms != b->completed_ms || a->estimated_ms != b->estimated_ms ||
        a->estimated_duration_s != b->estimated_duration_s || a->features_len != b->features_len ||
        a->errors_len != b->errors_len) {
        return false;
    }
    return str_same(a->step, b->step) && str_same(a->status_word, b->status_word) &&
           str_same(a->status_reason, b->status_reason) &&
           str_same(a->batch_job_id, b->batch_job_id) &&
           str_same(a->business_name, b->business_name) && str_same(a->user_id, b->user_id) &&
           str_same(a->product_id, b->product_id) && str_same(a->email, b->email) &&
           str_same(a->priority, b->priority) && str_same(a->retry_of, b->retry_of) &&
           str_same(a->url_repository, b->url_repository) &&
           str_same(a->url_staging, b->url_staging) &&
           str_same(a->url_production, b->url_production) && errors_same(a, b);
}

/* Replies overtake each other, and some reads are behind: what is older is dropped. */
static bool is_older(const struct entry *e, const struct job *j, int64_t at_ms)
{
    if ((e->flags & (ENTRY_SENT | ENTRY_STALE)) != 0) {
        return false;
    }
    if (j->updated_ms != TIME_NONE && e->job->updated_ms != TIME_NONE) {
        if (j->updated_ms > e->job->updated_ms) {
            return false;
        }
        if (j->updated_ms < e->job->updated_ms) {
            return at_ms < e->at_ms + LATE_MS;
        }
    }
    return at_ms < e->at_ms;
}

/* A page being put: changes wait until all of them are out of the orders. */
struct page {
    int64_t at_ms, now_ms;
    bool fresh;
    uint32_t *handles; /* of changed, then of new entries */
    struct job **jobs; /* for the changed ones */
    size_t changed;
    uint32_t *added;
    size_t added_len;
    size_t done;
};

static void flush_changed(struct store *s, struct page *p)
{
    if (p->changed <= FEW) {
        for (size_t i = 0; i < p->changed; i++) {
            struct spot spot = spot_of(s, p->handles[i]);
            set_flag(&s->entries[p->handles[i]], ENTRY_MOVING, false);
            apply(s, p->handles[i], p->jobs[i], p->now_ms, p->fresh);
            respot(s, p->handles[i], &spot, p->now_ms);
        }
    } else {
        order_pull(s, &s->all);
        if (s->filtered) {
            order_pull(s, &s->rows);
        }
        for (size_t i = 0; i < p->changed; i++) {
            apply(s, p->handles[i], p->jobs[i], p->now_ms, p->fresh);
        }
        settle_many(s, p->handles, p->changed, p->now_ms);
    }
    p->done += p->changed;
    p->changed = 0;
}

static void flush(struct store *s, struct page *p)
{
    flush_changed(s, p);
    settle_many(s, p->added, p->added_len, p->now_ms);
    p->done += p->added_len;
    p->added_len = 0;
}

static void add_new(struct store *s, struct page *p, struct job *j)
{
    uint32_t h = entry_alloc(s);
    struct entry *e = &s->entries[h];

    memset(e, 0, sizeof *e);
    e->changed_ms = TIME_NONE;
    e->at_ms = p->at_ms;
    e->round = s->round;
    e->active = STORE_NOWHERE;
    e->flags = ENTRY_MOVING;
    e->state.exit_code = EXIT_CODE_NONE;
    s->jobs++;
    apply(s, h, j, p->now_ms, p->fresh);
    p->added[p->added_len++] = h;
}

static void put_job(struct store *s, struct page *p, struct job *j)
{
    uint32_t h = index_find(&s->by_id, s, j->id);

    if (h != STORE_NOWHERE && (s->entries[h].flags & ENTRY_MOVING) != 0) {
        flush(s, p); /* the same job twice in a page */
    }
    if (h == STORE_NOWHERE) {
        add_new(s, p, j);
        return;
    }
    struct entry *e = &s->entries[h];
    e->round = s->round;
    if (is_older(e, j, p->at_ms)) {
        job_free(j);
        return;
    }
    bool confirmed = (e->flags & (ENTRY_SENT | ENTRY_STALE)) != 0;
    set_flag(e, ENTRY_SENT | ENTRY_STALE, false);
    e->at_ms = p->at_ms;
    if (job_same(e->job, j)) {
        p->done += confirmed;
        job_free(j);
        return;
    }
    set_flag(e, ENTRY_MOVING, true);
    p->handles[p->changed] = h;
    p->jobs[p->changed++] = j;
}

size_t store_put_jobs(struct store *s, struct job **items, size_t len, int64_t at_ms, bool fresh,
                      int64_t now_ms)
{
    struct page p = {.at_ms = at_ms, .now_ms = now_ms, .fresh = fresh};

    if (len == 0) {
        return 0;
    }
    stats_advance(&s->stats, now_ms);
    p.handles = xcalloc(len, sizeof *p.handles);
    p.jobs = xcalloc(len, sizeof *p.jobs);
    p.added = xcalloc(len, sizeof *p.added);
    for (size_t i = 0; i < len; i++) {
        if (items[i] != NULL) {
            put_job(s, &p, items[i]);
            items[i] = NULL;
        }
    }
    flush(s, &p);
    free(p.handles);
    free(p.jobs);
    free(p.added);
    return p.done;
}

void store_put_sent(struct store *s, struct job *j, int64_t now_ms)
{
    char *id = xstrdup(j->id);

    (void)store_put_jobs(s, &j, 1, 0, true, now_ms);
    uint32_t h = index_find(&s->by_id, s, id);
    if (h != STORE_NOWHERE && s->entries[h].at_ms == 0) {
        set_flag(&s->entries[h], ENTRY_SENT, true);
    }
    free(id);
}

/* ---- leaving ---- */

static void entry_drop(struct store *s, uint32_t h)
{
    struct entry *e = &s->entries[h];

    if ((e->flags & ENTRY_MARKED) != 0) {
        s->marked--;
        s->marked_shown -= (e->flags & ENTRY_SHOWN) != 0;
    }
    stats_remove(&s->stats, &e->state);
    active_drop(s, h);
    for (size_t i = 0; i < s->bright.len;) {
        if (s->bright.items[i] == h) {
            handles_remove_at(&s->bright, i);
        } else {
            i++;
        }
    }
    index_remove(&s->by_id, s, h);
    if (e->job->batch_job_id != NULL) {
        index_remove(&s->by_batch, s, h);
    }
    s->job_bytes -= (size_t)e->job->bytes;
    job_free(e->job);
    batch_job_free(e->batch);
    memset(e, 0, sizeof *e);
    e->active = STORE_NOWHERE;
    s->spare = xgrow(s->spare, s->spare_len, &s->spare_cap, sizeof *s->spare);
    s->spare[s->spare_len++] = h;
    s->jobs--;
}

bool store_remove(struct store *s, const char *id)
{
    uint32_t h = index_find(&s->by_id, s, id);

    if (h == STORE_NOWHERE) {
        return false;
    }
    struct spot spot = spot_of(s, h);
    order_remove_at(&s->all, spot.all);
    if (s->filtered && spot.shown) {
        order_remove_at(&s->rows, spot.row);
    }
    entry_drop(s, h);
    return true;
}

bool store_gone(struct store *s, const char *id, int64_t at_ms)
{
    const struct entry *e = store_find(s, id);

    return e != NULL && (e->flags & ENTRY_SENT) == 0 && e->at_ms <= at_ms && store_remove(s, id);
}

void store_round_begin(struct store *s)
{
    s->round++;
}

size_t store_round_end(struct store *s)
{
    size_t gone = 0;

    for (size_t i = 0; i < s->len; i++) {
        struct entry *e = &s->entries[i];
        if (e->job != NULL && e->round != s->round && (e->flags & ENTRY_SENT) == 0) {
            set_flag(e, ENTRY_MOVING, true);
            gone++;
        }
    }
    if (gone == 0) {
        return 0;
    }
    order_pull(s, &s->all);
    order_pull(s, &s->rows);
    for (size_t i = 0; i < s->len; i++) {
        if (s->entries[i].job != NULL && (s->entries[i].flags & ENTRY_MOVING) != 0) {
            entry_drop(s, (uint32_t)i);
        }
    }
    return gone;
}

void store_set_stale(struct store *s, int64_t at_ms)
{
    for (size_t i = 0; i < s->len; i++) {
        struct entry *e = &s->entries[i];
        if (e->job != NULL && e->at_ms <= at_ms && (e->flags & ENTRY_SENT) == 0) {
            set_flag(e, ENTRY_STALE, true);
            e->round = 0;
        }
    }
}

/* ---- Batch ---- */

static void keep_orphan(struct store *s, struct batch_job *b)
{
    if (map_len(s->orphans) >= ORPHANS_MAX || b->status >= BATCH_SUCCEEDED) {
        batch_job_free(b);
        return;
    }
    struct batch_job *old = map_find(s->orphans, b->id);
    if (old != NULL && old->job_id != NULL && map_find(s->orphans_by_job, old->job_id) == old) {
        map_remove(s->orphans_by_job, old->job_id);
    }
    batch_job_free(map_put(s->orphans, b->id, b));
    if (b->job_id != NULL) {
        (void)map_put(s->orphans_by_job, b->job_id, b);
    }
}

static bool batch_same(const struct batch_job *a, const struct batch_job *b)
{
    return a->status == b->status && a->exit_code == b->exit_code &&
           a->started_ms == b->started_ms && a->stopped_ms == b->stopped_ms &&
           a->cancelled == b->cancelled && a->terminated == b->terminated &&
           a->attempts_len == b->attempts_len && str_same(a->status_reason, b->status_reason) &&
           str_same(a->container_reason, b->container_reason) &&
           str_same(a->log_stream, b->log_stream);
}

/* Is what is known as good as `b`, or better? */
static bool batch_known(const struct entry *e, const struct batch_job *b)
{
    const struct batch_job *old = e->batch;

    if (old == NULL) { /* let go of because the job is over */
        return job_status_final((enum job_status)e->state.status) && !e->state.drift &&
               e->state.batch == b->status;
    }
    if (strcmp(old->id, b->id) != 0) { /* started twice: the newer one counts */
        return old->created_ms > b->created_ms;
    }
    if (old->status >= BATCH_SUCCEEDED && b->status < BATCH_SUCCEEDED) {
        return true; /* a late reply: a finished Batch job never runs again */
    }
    if (old->detailed && !b->detailed) {
        return old->status == b->status;
    }
    return old->detailed == b->detailed && batch_same(old, b);
}

static size_t put_batch(struct store *s, struct batch_job *b, int64_t now_ms)
{
    uint32_t h = index_find(&s->by_batch, s, b->id);

    if (h == STORE_NOWHERE && b->job_id != NULL) {
        h = index_find(&s->by_id, s, b->job_id);
        if (h != STORE_NOWHERE && s->entries[h].job->batch_job_id != NULL) {
            batch_job_free(b); /* the record names another Batch job */
            return 0;
        }
    }
    if (h == STORE_NOWHERE) {
        keep_orphan(s, b);
        return 0;
    }
    struct entry *e = &s->entries[h];
    if (batch_known(e, b)) {
        batch_job_free(b);
        return 0;
    }
    struct spot spot = spot_of(s, h);
    struct job_state was = e->state;
    batch_job_free(e->batch);
    e->batch = b;
    set_flag(e, ENTRY_ASKED, true);
    apply(s, h, NULL, now_ms, false);
    bool changed = !state_same(&was, &e->state);
    if (changed && (was.status != e->state.status || was.stuck != e->state.stuck)) {
        brighten(s, h, now_ms);
    }
    respot(s, h, &spot, now_ms);
    return changed;
}

size_t store_put_batch(struct store *s, struct batch_job **items, size_t len, int64_t at_ms,
                       int64_t now_ms)
{
    size_t changed = 0;

    (void)at_ms; /* Batch's states only go forward: see batch_known */
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
    if (e->batch == NULL && (e->flags & ENTRY_ASKED) != 0) {
        return;
    }
    struct spot spot = spot_of(s, h);
    batch_job_free(e->batch);
    e->batch = NULL;
    set_flag(e, ENTRY_ASKED, true);
    apply(s, h, NULL, now_ms, false);
    respot(s, h, &spot, now_ms);
}

void store_batch_listed(struct store *s, int64_t at_ms)
{
    s->listed_ms = at_ms;
}

/* ---- time ---- */

static bool tick_entry(struct store *s, uint32_t h, int64_t now_ms)
{
    struct entry *e = &s->entries[h];
    struct job_state next;

    merge(s, e, now_ms, &next);
    if (state_same(&next, &e->state)) {
        return false;
    }
    struct spot spot = spot_of(s, h);
    apply(s, h, NULL, now_ms, next.status != e->state.status || next.stuck != e->state.stuck);
    respot(s, h, &spot, now_ms);
    return true;
}

static void resort_active(struct store *s, int64_t now_ms)
{
    struct handles moved = {0};

    for (size_t i = 0; i < s->active.len; i++) {
        set_flag(&s->entries[s->active.items[i]], ENTRY_MOVING, true);
        handles_push(&moved, s->active.items[i]);
    }
    order_pull(s, &s->all);
    order_pull(s, &s->rows);
    s->sort_ms = now_ms;
    settle_many(s, moved.items, moved.len, now_ms);
    free(moved.items);
}

bool store_tick(struct store *s, int64_t now_ms)
{
    bool changed = false;
    size_t n = s->active.len < TICK_MAX ? s->active.len : TICK_MAX, ended = 0;

    stats_advance(&s->stats, now_ms);
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
    return e->changed_ms != TIME_NONE && now_ms - e->changed_ms < HIGHLIGHT_MS &&
           now_ms >= e->changed_ms;
}

size_t store_bright(const struct store *s)
{
    return s->bright.len;
}

/* ---- reading ---- */

const struct entry *store_find(const struct store *s, const char *id)
{
    uint32_t h = id == NULL ? STORE_NOWHERE : index_find(&s->by_id, s, id);

    return h == STORE_NOWHERE ? NULL : &s->entries[h];
}

size_t store_len(const struct store *s)
{
    return s->jobs;
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
    uint32_t h = id == NULL ? STORE_NOWHERE : index_find(&s->by_id, s, id);

    if (h == STORE_NOWHERE || (s->entries[h].flags & ENTRY_SHOWN) == 0) {
        return false;
    }
    /* The search only counts its work in the store. */
    *row = order_find((struct store *)s, store_list(s), h);
    return *row < store_list(s)->len;
}

const char *store_reason(const struct entry *e, char *out, size_t size)
{
    char raw[STATE_REASON_SIZE];
    struct strbuf cleaned = STRBUF_INIT;

    (void)job_state_reason(e->job, e->batch, &e->state, raw, sizeof raw);
    text_clean(&cleaned, raw, strlen(raw), TEXT_ONE_LINE);
    const char *text = strbuf_str(&cleaned);
    size_t n = strlen(text);
    if (n >= size) {
        n = size - 1;
        while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80) {
            n--;
        }
    }
    memcpy(out, text, n);
    out[n] = '\0';
    strbuf_clear(&cleaned);
    return out;
}

const struct stats *store_stats(const struct store *s)
{
    return &s->stats;
}

int64_t store_newest_ms(const struct store *s)
{
    return s->newest_ms;
}

void store_active(struct store *s, const char *const **ids, size_t *ids_len,
                  const char *const **batch_ids, size_t *batch_len)
{
    size_t b = 0;

    if (s->active.len > s->ids_cap) {
        s->ids_cap = s->batch_ids_cap = s->active.len * 2;
        s->ids = xrealloc(s->ids, s->ids_cap * sizeof *s->ids);
        s->batch_ids = xrealloc(s->batch_ids, s->ids_cap * sizeof *s->batch_ids);
    }
    for (size_t i = 0; i < s->active.len; i++) {
        const struct entry *e = &s->entries[s->active.items[i]];
        s->ids[i] = e->job->id;
        if (e->batch != NULL) {
            s->batch_ids[b++] = e->batch->id;
        } else if (e->job->batch_job_id != NULL && (e->flags & ENTRY_ASKED) == 0) {
            s->batch_ids[b++] = e->job->batch_job_id;
        }
    }
    *ids = s->ids;
    *ids_len = s->active.len;
    *batch_ids = s->batch_ids;
    *batch_len = b;
}

struct store_work store_work(const struct store *s)
{
    return s->work;
}

size_t store_bytes(const struct store *s)
{
    return sizeof *s + s->cap * sizeof *s->entries + s->job_bytes + s->jobs * 16 +
           (s->all.cap + s->rows.cap) * sizeof *s->all.items +
           (s->by_id.cap + s->by_batch.cap) * sizeof *s->by_id.slots +
           s->active.cap * sizeof *s->active.items;
}
