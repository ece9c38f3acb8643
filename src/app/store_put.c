/* Taking pages of records: finding what is new, changed, older or the same; and jobs that leave. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "jobs/join.h"
#include "store_priv.h"

enum { FEW = 8 /* up to so many changes of a page are made one by one */ };

/* A page that is being put: its changes wait until all changed entries are out of the lists. */
struct page {
    struct heard heard;
    int64_t now_ms;
    bool fresh;
    uint32_t *handles; /* the handles of changed entries, then of new ones */
    struct job **jobs; /* the jobs for the changed entries */
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

/* Takes a word about a row that is there. */
static void put_again(struct store *s, struct page *p, uint32_t h, struct job *j)
{
    struct entry *e = &s->entries[h];
    struct joint *joint = store_joint(s, j->id);
    const struct job *was = joint == NULL || joint->own == NULL ? e->job : joint->own;
    bool alone = (e->flags & ENTRY_ALONE) != 0;

    enum word word = store_judge(s, e, alone ? NULL : was, j, p->heard);
    if (word == WORD_OLD) {
        job_free(j);
        return;
    }
    bool confirmed = p->heard.at_ms != STORE_KEPT && (e->flags & (ENTRY_SENT | ENTRY_STALE)) != 0;
    entry_set_flag(e, confirmed ? ENTRY_SENT | ENTRY_STALE : 0, false);
    entry_set_flag(e, ENTRY_ALONE, false);
    s->alone -= alone;
    if (confirmed && (e->flags & ENTRY_WATCHED) != 0) {
        store_news_note(s, h); /* from now on its changes are told */
    }
    if (word == WORD_SAME) {
        store_note_same(e, p->heard, confirmed);
        p->done += confirmed;
        job_free(j);
        return;
    }
    store_note_heard(e, p->heard);
    entry_set_flag(e, ENTRY_MOVING, true);
    p->handles[p->changed] = h;
    p->jobs[p->changed++] = joint == NULL ? j : store_joint_take(joint, s, j);
}

/* Handles, between two settled states of the lists, a record that concerns more than its own
 * row. */
static void put_apart(struct store *s, struct page *p, struct job *j)
{
    flush(s, p);
    p->done += store_put_part(s, j, p->heard, p->now_ms, p->fresh);
}

/* Does the row of a Batch job without a record become the row of the record that names it? */
static bool yields(struct store *s, const struct job *j)
{
    uint32_t h = s->alone == 0 || job_text(j, JOB_BATCH_ID) == NULL
                     ? STORE_NOWHERE
                     : index_find(&s->by_batch, s, job_text(j, JOB_BATCH_ID));

    return h != STORE_NOWHERE && s->entries[h].job->mark == JOB_NO_RECORD &&
           strcmp(s->entries[h].job->id, j->id) != 0;
}

static void put_job(struct store *s, struct page *p, struct job *j)
{
    uint32_t h = index_find(&s->by_id, s, j->id);

    if (h != STORE_NOWHERE) {
        store_ask_heard(s, h, p->now_ms);
    }
    /* it belongs to the job at the end of the chain; in a circle each stands for itself */
    if (job_text(j, JOB_PART_OF) != NULL) {
        j = job_set_owner(j, store_root(s, j->id, job_text(j, JOB_PART_OF)));
    }
    if (job_text(j, JOB_PART_OF) != NULL ||
        (h != STORE_NOWHERE && (s->entries[h].flags & ENTRY_PART) != 0)) {
        put_apart(s, p, j);
        return;
    }
    bool yielding = yields(s, j);
    bool waited = yielding || store_awaits(s, j->id);
    if (yielding || (h != STORE_NOWHERE && (s->entries[h].flags & ENTRY_MOVING) != 0)) {
        flush(s, p); /* the same job is in the page twice */
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

/* May a job that is over keep the times of its steps, which the statistics count? 100,000 of them
 * are too many. A job that has kept them may do so for good: with every re-read it would look
 * changed otherwise. */
static bool keeps_steps(const struct store *s, const struct job *j)
{
    uint32_t h = s->steps_kept < STORE_STEPS_MOST ? STORE_NOWHERE : index_find(&s->by_id, s, j->id);

    if (h == STORE_NOWHERE) {
        return s->steps_kept < STORE_STEPS_MOST;
    }
    const struct joint *joint = store_joint(s, j->id);
    const struct job *was = joint == NULL || joint->own == NULL ? s->entries[h].job : joint->own;
    return job_status_final((enum job_status)was->status) && job_steps(was) != NULL;
}

/* What the times of a job's steps tell is learned by the forecast. */
static struct job *learned(struct store *s, struct job *j)
{
    (void)forecast_learn(s->forecast, j);
    if (!job_status_final((enum job_status)j->status) || job_steps(j) == NULL ||
        keeps_steps(s, j)) {
        return j;
    }
    return job_without_steps(j);
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
            put_job(s, &p, learned(s, items[i]));
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
    if (e != NULL) {
        store_ask_heard(s, h, s->now_ms);
    }
    if (heard.how != HEARD_WEAK && (e == NULL || (e->flags & ENTRY_ALONE) != 0)) {
        store_left_note(s, id, heard.at_ms);
        return store_absent(s, id, s->now_ms);
    }
    if (e != NULL && !stream) {
        if ((e->flags & ENTRY_SENT) != 0 || e->at_ms > heard.at_ms) {
            return false; /* a later word still had the job */
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
            store_entry_drop(s, (uint32_t)i);
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
