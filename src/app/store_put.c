/* Pages of records: what is new, changed, older or the same; and jobs that leave. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "jobs/join.h"
#include "store_priv.h"

enum {
    FEW = 8,          /* so many changes of a page are made one by one */
    BEHIND_MS = 10000 /* so late may a read be that is not strongly consistent */
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

bool store_job_same(const struct job *a, const struct job *b)
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

/* ---- which of two words is newer ---- */

enum verdict { TAKE, TAKE_AND_DOUBT, DROP, DROP_AND_DOUBT };

/* What the stream says of an item comes in the order in which it happened, whatever times the
 * records carry. A read that was asked for after a word came knows at least as much, if it is
 * strongly consistent; one that is not may be BEHIND_MS late. A read that was asked for before the
 * stream's last word is behind it: what it may know more, the stream brings. */
static enum verdict judge(const struct entry *e, const struct job *was, const struct job *j,
                          struct heard heard)
{
    bool stream = (e->flags & ENTRY_STREAM) != 0, firm = (e->flags & ENTRY_FIRM) != 0;
    bool both = j->updated_ms != TIME_NONE && was->updated_ms != TIME_NONE;

    if (heard.how == HEARD_STREAM || (e->flags & (ENTRY_SENT | ENTRY_STALE | ENTRY_ALONE)) != 0) {
        return TAKE;
    }
    if (heard.at_ms < e->at_ms) {
        return stream || heard.at_ms == STORE_KEPT ? DROP : DROP_AND_DOUBT;
    }
    if (heard.how == HEARD_FIRM) {
        return stream && heard.at_ms == e->at_ms ? DROP_AND_DOUBT : TAKE;
    }
    if (heard.at_ms - e->at_ms >= BEHIND_MS) {
        return TAKE;
    }
    bool behind = firm || stream || (both && j->updated_ms < was->updated_ms);
    return behind ? DROP_AND_DOUBT : TAKE_AND_DOUBT;
}

/* May a job that is not known be added? Not by a read that was behind when it was deleted. */
bool store_may_add(struct store *s, const struct job *j, struct heard heard)
{
    int64_t left = heard.how == HEARD_STREAM ? TIME_NONE : store_left_at(s, j->id);
    bool later =
        left == TIME_NONE || heard.at_ms > left + (heard.how == HEARD_FIRM ? 0 : BEHIND_MS);

    if (!later && heard.at_ms >= left) {
        store_doubt(s, j->id);
    }
    return later;
}

void store_note_heard(struct entry *e, struct heard heard)
{
    e->at_ms = heard.at_ms;
    entry_set_flag(e, ENTRY_FIRM, heard.how == HEARD_FIRM);
    entry_set_flag(e, ENTRY_STREAM, heard.how == HEARD_STREAM);
}

/* A page being put: changes wait until all of them are out of the orders. */
struct page {
    struct heard heard;
    int64_t now_ms;
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
    uint32_t h = store_entry_new(s);
    struct entry *e = &s->entries[h];

    e->flags = ENTRY_MOVING;
    e->part = p->heard.part;
    store_note_heard(e, p->heard);
    entry_set_flag(e, ENTRY_WATCHED, map_find(s->watched, j->id) != NULL);
    s->jobs++;
    struct joint *joint = store_joint(s, j->id);
    if (joint != NULL) {
        j = store_joint_take(joint, s, j);
    }
    store_apply(s, h, j, p->now_ms, p->fresh);
    p->added[p->added_len++] = h;
}

/* The same record again. Of a read that may be behind it says nothing new about a firm word. */
static void put_same(struct page *p, struct entry *e, bool confirmed)
{
    bool firm = (e->flags & (ENTRY_FIRM | ENTRY_STREAM)) != 0;

    if (confirmed || (p->heard.at_ms >= e->at_ms && (p->heard.how != HEARD_WEAK || !firm))) {
        store_note_heard(e, p->heard);
    }
    p->done += confirmed;
}

/* A word of a row that is there. */
static void put_again(struct store *s, struct page *p, uint32_t h, struct job *j)
{
    struct entry *e = &s->entries[h];
    struct joint *joint = store_joint(s, j->id);
    const struct job *was = joint == NULL || joint->own == NULL ? e->job : joint->own;
    bool alone = (e->flags & ENTRY_ALONE) != 0;

    e->part = p->heard.part != 0 ? p->heard.part : e->part;
    bool same = !alone && store_job_same(was, j);
    enum verdict v = same ? TAKE : judge(e, was, j, p->heard);
    e->round = s->round;
    if (v == DROP_AND_DOUBT || v == TAKE_AND_DOUBT) {
        store_doubt(s, j->id);
    }
    if (v == DROP || v == DROP_AND_DOUBT) {
        job_free(j);
        return;
    }
    bool confirmed = p->heard.at_ms != STORE_KEPT && (e->flags & (ENTRY_SENT | ENTRY_STALE)) != 0;
    entry_set_flag(e, confirmed ? ENTRY_SENT | ENTRY_STALE : 0, false);
    entry_set_flag(e, ENTRY_ALONE, false);
    s->alone -= alone;
    if (confirmed && (e->flags & ENTRY_WATCHED) != 0) {
        store_news_note(s, h); /* from now on its changes count */
    }
    if (same) {
        put_same(p, e, confirmed);
        job_free(j);
        return;
    }
    store_note_heard(e, p->heard);
    entry_set_flag(e, ENTRY_MOVING, true);
    p->handles[p->changed] = h;
    p->jobs[p->changed++] = joint == NULL ? j : store_joint_take(joint, s, j);
}

/* Whatever concerns more than its own row is done between two settled states of the orders. */
static void put_apart(struct store *s, struct page *p, struct job *j)
{
    flush(s, p);
    p->done += store_put_part(s, j, p->heard, p->now_ms, p->fresh);
}

/* The row of a Batch job without a record becomes that of the record which names it. */
static bool yields(struct store *s, const struct job *j)
{
    uint32_t h = s->alone == 0 || j->batch_job_id == NULL
                     ? STORE_NOWHERE
                     : index_find(&s->by_batch, s, j->batch_job_id);

    return h != STORE_NOWHERE && s->entries[h].job->mark == JOB_NO_RECORD &&
           strcmp(s->entries[h].job->id, j->id) != 0;
}

static void put_job(struct store *s, struct page *p, struct job *j)
{
    uint32_t h = index_find(&s->by_id, s, j->id);

    if (j->part_of != NULL) { /* of the job at the end; in a circle it stands for itself */
        j = job_set_owner(j, store_root(s, j->id, j->part_of));
    }
    if (j->part_of != NULL || (h != STORE_NOWHERE && (s->entries[h].flags & ENTRY_PART) != 0)) {
        put_apart(s, p, j);
        return;
    }
    bool yielding = yields(s, j);
    bool waited = yielding || store_awaits(s, j->id);
    if (yielding || (h != STORE_NOWHERE && (s->entries[h].flags & ENTRY_MOVING) != 0)) {
        flush(s, p); /* the same job twice in a page */
    }
    bool marked = yielding && store_yield(s, j);
    if (p->heard.how != HEARD_WEAK) {
        store_doubt_end(s, j->id);
    }
    char *id = waited ? xstrdup(j->id) : NULL;
    if (h == STORE_NOWHERE && !store_may_add(s, j, p->heard)) {
        job_free(j);
    } else if (h == STORE_NOWHERE) {
        add_new(s, p, j);
    } else {
        put_again(s, p, h, j);
    }
    if (waited) {
        flush(s, p);
        store_recorded(s, id, p->now_ms);
        if (marked) {
            store_mark(s, id, true);
        }
        free(id);
    }
}

bool store_judge_part(struct store *s, uint32_t h, struct job *j, struct heard heard)
{
    struct entry *e = &s->entries[h];
    bool same = store_job_same(e->job, j);
    enum verdict v = same ? TAKE : judge(e, e->job, j, heard);

    e->round = s->round;
    e->part = heard.part != 0 ? heard.part : e->part;
    if (v == DROP_AND_DOUBT || v == TAKE_AND_DOUBT) {
        store_doubt(s, j->id);
    }
    if (same) {
        struct page p = {.heard = heard};
        put_same(&p, e, false);
    } else if (v == TAKE || v == TAKE_AND_DOUBT) {
        store_note_heard(e, heard);
        return true;
    }
    return false;
}

size_t store_put_heard(struct store *s, struct job **items, size_t len, struct heard heard,
                       bool fresh, int64_t now_ms)
{
    struct page p = {.heard = heard, .now_ms = now_ms, .fresh = fresh};

    if (len == 0) {
        return 0;
    }
    s->now_ms = now_ms;
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

size_t store_put_jobs(struct store *s, struct job **items, size_t len, int64_t at_ms, bool fresh,
                      int64_t now_ms)
{
    return store_put_heard(s, items, len, (struct heard){.how = HEARD_WEAK, .at_ms = at_ms}, fresh,
                           now_ms);
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
    bool part = (e->flags & ENTRY_PART) != 0;
    if (!part) {
        stats_remove(&s->stats, &e->state);
    }
    s->alone -= (e->flags & ENTRY_ALONE) != 0;
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
    if (e->job->batch_job_id != NULL && !part) {
        index_remove(&s->by_batch, s, h);
    }
    s->job_bytes -= (size_t)e->job->bytes;
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
    entry_drop(s, h);
}

bool store_remove(struct store *s, const char *id)
{
    uint32_t h = index_find(&s->by_id, s, id);

    if (h == STORE_NOWHERE) {
        return false;
    }
    if ((s->entries[h].flags & ENTRY_PART) != 0) {
        return store_part_gone(s, h, s->now_ms);
    }
    if (!store_own_gone(s, h, s->now_ms)) {
        store_row_drop(s, h);
    }
    return true;
}

bool store_gone(struct store *s, const char *id, struct heard heard)
{
    uint32_t h = index_find(&s->by_id, s, id);
    const struct entry *e = h == STORE_NOWHERE ? NULL : &s->entries[h];
    bool stream = heard.how == HEARD_STREAM;

    store_doubt_end(s, id);
    if (heard.how != HEARD_WEAK && (e == NULL || (e->flags & ENTRY_ALONE) != 0)) {
        store_left_note(s, id, heard.at_ms);
        return store_absent(s, id, s->now_ms);
    }
    if (e != NULL && !stream) {
        if ((e->flags & ENTRY_SENT) != 0 || e->at_ms > heard.at_ms) {
            return false; /* a later word had it */
        }
        if ((e->flags & ENTRY_STREAM) != 0 && e->at_ms == heard.at_ms) {
            store_doubt(s, id);
            return false;
        }
    }
    store_left_note(s, id, heard.at_ms);
    return e != NULL && store_remove(s, id);
}

void store_drop_moving(struct store *s, int64_t at_ms)
{
    order_pull(s, &s->all);
    order_pull(s, &s->rows);
    for (size_t i = 0; i < s->len; i++) {
        if (s->entries[i].job != NULL && (s->entries[i].flags & ENTRY_MOVING) != 0) {
            if (at_ms != TIME_NONE) {
                store_left_note(s, s->entries[i].job->id, at_ms);
            }
            entry_drop(s, (uint32_t)i);
        }
    }
}

void store_set_stale(struct store *s)
{
    for (size_t i = 0; i < s->len; i++) {
        struct entry *e = &s->entries[i];
        if (e->job != NULL && e->at_ms == STORE_KEPT && (e->flags & ENTRY_SENT) == 0) {
            entry_set_flag(e, ENTRY_STALE, true);
            e->round = 0;
        }
    }
}
