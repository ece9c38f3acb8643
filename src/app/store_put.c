/* Pages of records: what is new, changed, older or the same; and jobs that leave. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "store_priv.h"

enum {
    FEW = 8,        /* so many changes of a page are made one by one */
    LATE_MS = 30000 /* an older updatedAt in a reply so much later is believed: clocks differ */
};

static bool errors_same(const struct job *a, const struct job *b)
{
    for (size_t i = 0; i < a->errors_len; i++) {
        if (a->errors[i].at_ms != b->errors[i].at_ms ||
            !same_text(a->errors[i].message, b->errors[i].message) ||
            !same_text(a->errors[i].step, b->errors[i].step)) {
            return false;
        }
    }
    for (size_t i = 0; i < a->features_len; i++) {
        if (!same_text(a->features[i], b->features[i])) {
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
    return same_text(a->step, b->step) && same_text(a->status_word, b->status_word) &&
           same_text(a->status_reason, b->status_reason) &&
           same_text(a->batch_job_id, b->batch_job_id) &&
           same_text(a->business_name, b->business_name) && same_text(a->user_id, b->user_id) &&
           same_text(a->product_id, b->product_id) && same_text(a->email, b->email) &&
           same_text(a->priority, b->priority) && same_text(a->retry_of, b->retry_of) &&
           same_text(a->url_repository, b->url_repository) &&
           same_text(a->url_staging, b->url_staging) &&
           same_text(a->url_production, b->url_production) && errors_same(a, b);
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
            struct spot spot = store_spot(s, p->handles[i]);
            entry_set_flag(&s->entries[p->handles[i]], ENTRY_MOVING, false);
            store_apply(s, p->handles[i], p->jobs[i], p->now_ms, p->fresh);
            store_respot(s, p->handles[i], &spot, p->now_ms);
        }
    } else {
        order_pull(s, &s->all);
        if (s->filtered) {
            order_pull(s, &s->rows);
        }
        for (size_t i = 0; i < p->changed; i++) {
            store_apply(s, p->handles[i], p->jobs[i], p->now_ms, p->fresh);
        }
        store_settle(s, p->handles, p->changed, p->now_ms);
    }
    p->done += p->changed;
    p->changed = 0;
}

static void flush(struct store *s, struct page *p)
{
    flush_changed(s, p);
    store_settle(s, p->added, p->added_len, p->now_ms);
    p->done += p->added_len;
    p->added_len = 0;
}

static void add_new(struct store *s, struct page *p, struct job *j)
{
    uint32_t h = store_entry_alloc(s);
    struct entry *e = &s->entries[h];

    memset(e, 0, sizeof *e);
    e->changed_ms = TIME_NONE;
    e->at_ms = p->at_ms;
    e->round = s->round;
    e->active = STORE_NOWHERE;
    e->flags = ENTRY_MOVING;
    entry_set_flag(e, ENTRY_WATCHED, map_find(s->watched, j->id) != NULL);
    e->state.exit_code = EXIT_CODE_NONE;
    s->jobs++;
    store_apply(s, h, j, p->now_ms, p->fresh);
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
    entry_set_flag(e, ENTRY_SENT | ENTRY_STALE, false);
    e->at_ms = p->at_ms;
    if (confirmed && (e->flags & ENTRY_WATCHED) != 0) {
        store_news_note(s, h); /* from now on its changes count */
    }
    if (job_same(e->job, j)) {
        p->done += confirmed;
        job_free(j);
        return;
    }
    entry_set_flag(e, ENTRY_MOVING, true);
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
    p.jobs = xcalloc(len, sizeof(struct job *));
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
        entry_set_flag(&s->entries[h], ENTRY_SENT, true);
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
    store_active_drop(s, h);
    store_news_drop(s, h);
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
    struct spot spot = store_spot(s, h);
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

static size_t drop_unseen(struct store *s)
{
    size_t gone = 0;

    for (size_t i = 0; i < s->len; i++) {
        struct entry *e = &s->entries[i];
        if (e->job != NULL && e->round != s->round && (e->flags & ENTRY_SENT) == 0) {
            entry_set_flag(e, ENTRY_MOVING, true);
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

size_t store_round_end(struct store *s)
{
    size_t gone = drop_unseen(s);

    store_watch_prune(s);
    return gone;
}

void store_set_stale(struct store *s, int64_t at_ms)
{
    for (size_t i = 0; i < s->len; i++) {
        struct entry *e = &s->entries[i];
        if (e->job != NULL && e->at_ms <= at_ms && (e->flags & ENTRY_SENT) == 0) {
            entry_set_flag(e, ENTRY_STALE, true);
            e->round = 0;
        }
    }
}
