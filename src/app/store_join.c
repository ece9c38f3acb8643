/* Records that belong together, and jobs that only Batch tells of (jobs/join.h).
 *
 * DESIGN: a container's record under its Batch job's id is an entry with ENTRY_PART: it has an id,
 * and its words are judged like all others, but it has no place in the lists. The `joint` of its
 * job keeps the record under the job's own id as it is, and the parts; the entry of the job is made
 * from both.
 *
 * A Batch job that no record names is an orphan (store_orphan.c). Once all records were read, the
 * ids under which its record could stand are in doubt, so the table is asked for them; ids that the
 * table does not have are `absent`. An orphan all of whose ids are absent becomes a row with
 * ENTRY_ALONE; when its record comes, the record's job is that row. So nothing flickers, and
 * nothing is claimed that was not asked. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "jobs/join.h"
#include "store_priv.h"

enum { CHAIN_MAX = 8 /* the most records in a row of which each belongs to the job of the next */ };

static void joint_free(void *value)
{
    struct joint *j = value;

    job_free(j->own);
    free(j->parts);
    free(j);
}

void store_join_init(struct store *s)
{
    s->absent = map_new();
    s->joints = map_new();
    s->aliases = map_new();
    s->links = map_new();
    s->whole = false;
}

void store_join_done(struct store *s)
{
    map_free(s->absent, NULL);
    map_free(s->joints, joint_free);
    map_free(s->aliases, free);
    map_free(s->links, free);
}

struct joint *store_joint(const struct store *s, const char *id)
{
    return map_len(s->joints) == 0 ? NULL : map_find(s->joints, id);
}

/* Makes `id` lead to the row `to` from now on. */
static void alias(struct store *s, const char *id, const char *to)
{
    free(map_put(s->aliases, id, xstrdup(to)));
}

/* ---- a job of two records ---- */

/* The part that counts when several containers wrote a record: that of the Batch job which counts,
 * else the one heard of last. */
static const struct job *main_part(const struct joint *j, const struct store *s, const char *batch)
{
    const struct job *best = NULL;

    for (size_t i = 0; i < j->len; i++) {
        const struct job *part = s->entries[j->parts[i]].job;
        if (batch != NULL && strcmp(part->id, batch) == 0) {
            return part;
        }
        best = best == NULL || job_ms(part, JOB_UPDATED) > job_ms(best, JOB_UPDATED) ? part : best;
    }
    return best;
}

static struct job *joined_with(const struct joint *j, const struct store *s, const char *id,
                               const struct batch_job *b)
{
    const char *named = j->own == NULL ? NULL : job_text(j->own, JOB_BATCH_ID);
    const struct job *main = main_part(j, s, named != NULL ? named : b == NULL ? NULL : b->id);
    struct job *part = job_set_try(job_copy(main), named != NULL ? NULL : b);
    struct job *both = job_join(id, j->own, part);

    job_free(part);
    return both;
}

static struct job *joined(const struct joint *j, const struct store *s, const char *id)
{
    uint32_t h = index_find(&s->by_id, s, id);

    return joined_with(j, s, id, h == STORE_NOWHERE ? NULL : s->entries[h].batch);
}

struct job *store_joint_again(const struct store *s, const struct entry *e,
                              const struct batch_job *b)
{
    const struct joint *j = store_joint(s, e->job->id);

    if (j == NULL || j->len == 0 || (j->own != NULL && job_text(j->own, JOB_BATCH_ID) != NULL)) {
        return NULL;
    }
    int64_t last =
        e->batch != NULL ? e->batch->created_ms : job_ms(main_part(j, s, b->id), JOB_UPDATED);
    if (b->created_ms <= last) {
        return NULL;
    }
    return joined_with(j, s, e->job->id, b);
}

struct job *store_joint_take(struct joint *j, const struct store *s, struct job *own)
{
    job_free(j->own);
    j->own = own;
    return joined(j, s, own->id);
}

/* Adds a row with this job, together with everything that is known of it. */
static void new_row(struct store *s, struct job *j, struct batch_job *b, int64_t now_ms)
{
    uint32_t h = store_entry_new(s);
    struct entry *e = &s->entries[h];

    e->flags = ENTRY_MOVING | ENTRY_ALONE | (b == NULL ? 0 : ENTRY_ASKED);
    e->batch = b;
    entry_set_flag(e, ENTRY_WATCHED, map_find(s->watched, j->id) != NULL);
    s->jobs++;
    s->alone++;
    store_apply(s, h, j, now_ms, true);
    store_settle(s, &(uint32_t){h}, 1, now_ms);
    b = s->entries[h].batch; /* freed there, when the job is over */
    if (b != NULL && !b->detailed) {
        handles_push(&s->briefs, h);
    }
}

/* Makes the job of a joint anew; a job that has no row yet waits for the table's answer. */
static bool rejoin(struct store *s, const char *id, int64_t now_ms, bool fresh)
{
    struct joint *j = store_joint(s, id);
    uint32_t h = index_find(&s->by_id, s, id);

    if (j == NULL || j->len == 0) {
        return false;
    }
    if (h == STORE_NOWHERE) {
        if (map_find(s->absent, id) == NULL) {
            store_doubt(s, id);
            return false;
        }
        new_row(s, joined(j, s, id), NULL, now_ms);
        return true;
    }
    struct entry *e = &s->entries[h];
    if (j->own == NULL && (e->flags & ENTRY_ALONE) == 0) {
        j->own = job_copy(e->job);
    }
    struct job *both = joined(j, s, id);
    if (job_same(e->job, both) && e->job->mark == both->mark) {
        job_free(both);
        return false;
    }
    struct spot spot = store_spot(s, h);
    store_apply(s, h, both, now_ms, fresh);
    store_respot(s, h, &spot, now_ms);
    return true;
}

static void joint_add(struct store *s, const char *id, uint32_t part)
{
    struct joint *j = store_joint(s, id);

    if (j == NULL) {
        j = xcalloc(1, sizeof *j);
        (void)map_put(s->joints, id, j);
    }
    j->parts = xgrow(j->parts, j->len, &j->cap, sizeof *j->parts);
    j->parts[j->len++] = part;
}

const char *store_root(const struct store *s, const char *id, const char *owner)
{
    for (int i = 0; i < CHAIN_MAX && strcmp(owner, id) != 0; i++) {
        uint32_t h = index_find(&s->by_id, s, owner);
        if (h == STORE_NOWHERE || (s->entries[h].flags & ENTRY_PART) == 0) {
            return owner;
        }
        owner = job_text(s->entries[h].job, JOB_PART_OF);
    }
    return NULL;
}

/* Makes the parts of `from` parts of `to`. */
static void hand_over(struct store *s, const char *from, const char *to)
{
    struct joint *j = map_len(s->joints) == 0 ? NULL : map_remove(s->joints, from);

    for (size_t i = 0; j != NULL && i < j->len; i++) {
        uint32_t h = j->parts[i];
        struct job *part = job_set_owner(job_copy(s->entries[h].job), to);
        alias(s, part->id, to);
        store_set_job(s, h, part);
        joint_add(s, to, h);
    }
    if (j != NULL) {
        joint_free(j);
    }
}

/* Turns a row into a part of `owner`, or of the job that `owner` is a part of: its mark and its
 * watch go to that job. */
static void row_to_part(struct store *s, uint32_t h, const char *owner, int64_t now_ms)
{
    struct entry *e = &s->entries[h];
    const struct joint *of = store_joint(s, e->job->id);

    owner = store_root(s, e->job->id, owner);
    if (owner == NULL) {
        return;
    }
    struct job *j =
        job_set_owner(job_copy(of != NULL && of->own != NULL ? of->own : e->job), owner);
    owner = job_text(j, JOB_PART_OF); /* a copy that lives longer than the entry that had it */
    struct batch_job *b = e->batch;
    bool marked = (e->flags & ENTRY_MARKED) != 0;
    bool watched = (e->flags & ENTRY_WATCHED) != 0;
    struct entry keep = *e;

    e->batch = NULL;
    if (watched) {
        (void)store_watch(s, j->id, false);
    }
    store_row_drop(s, h);
    uint32_t part = store_entry_new(s);
    e = &s->entries[part];
    e->at_ms = keep.at_ms;
    e->round = keep.round;
    e->part = keep.part;
    e->flags = (uint16_t)(ENTRY_PART | (keep.flags & (ENTRY_FIRM | ENTRY_STREAM | ENTRY_STALE)));
    store_set_job(s, part, j);
    index_put(&s->by_id, s, part);
    if (b != NULL) {
        store_keep_orphan(s, b);
    }
    hand_over(s, j->id, owner);
    alias(s, j->id, owner);
    joint_add(s, owner, part);
    (void)rejoin(s, owner, now_ms, true);
    if (marked) {
        store_mark(s, owner, true);
    }
    if (watched) {
        (void)store_watch(s, owner, true);
    }
}

/* Is the word newer than what is known of the part? */
static bool is_newer(struct store *s, struct entry *e, const struct job *j, struct heard heard)
{
    enum word word = store_judge(s, e, e->job, j, heard);

    if (word == WORD_SAME) {
        store_note_same(e, heard, false);
    } else if (word == WORD_NEW) {
        store_note_heard(e, heard);
    }
    return word == WORD_NEW;
}

bool store_put_part(struct store *s, struct job *j, struct heard heard, int64_t now_ms, bool fresh)
{
    uint32_t h = index_find(&s->by_id, s, j->id);

    if (heard.how != HEARD_WEAK) {
        store_doubt_end(s, j->id);
    }
    if (h == STORE_NOWHERE) {
        if (!store_may_add(s, j, heard)) {
            job_free(j);
            return false;
        }
        h = store_entry_new(s);
        struct entry *e = &s->entries[h];
        e->part = heard.part;
        e->flags = ENTRY_PART;
        store_note_heard(e, heard);
        store_set_job(s, h, j);
        index_put(&s->by_id, s, h);
        hand_over(s, j->id, job_text(j, JOB_PART_OF));
        alias(s, j->id, job_text(j, JOB_PART_OF));
        joint_add(s, job_text(j, JOB_PART_OF), h);
        return rejoin(s, job_text(j, JOB_PART_OF), now_ms, fresh);
    }
    struct entry *e = &s->entries[h];
    if ((e->flags & ENTRY_PART) == 0) { /* it was a row until it was known whose it is */
        const struct batch_job b = {.id = j->id, .job_id = job_text(j, JOB_PART_OF)};
        store_link(s, &b, now_ms);
        h = index_find(&s->by_id, s, j->id);
        e = &s->entries[h];
    }
    bool row = (e->flags & ENTRY_PART) == 0;
    j = row ? j
            : job_set_owner(j,
                            job_text(e->job, JOB_PART_OF)); /* the job may be that of its owner */
    if (!is_newer(s, e, j, heard)) {
        job_free(j);
        return false;
    }
    entry_set_flag(e, ENTRY_STALE, false);
    if (row) { /* shown as it is while its job is asked for */
        struct spot spot = store_spot(s, h);
        struct joint *of = store_joint(s, j->id);
        store_apply(s, h, of == NULL ? j : store_joint_take(of, s, j), now_ms, fresh);
        store_respot(s, h, &spot, now_ms);
        return true;
    }
    store_set_job(s, h, j);
    return rejoin(s, job_text(j, JOB_PART_OF), now_ms, fresh);
}

bool store_part_gone(struct store *s, uint32_t h, int64_t now_ms)
{
    char *owner = xstrdup(job_text(s->entries[h].job, JOB_PART_OF));
    struct joint *j = store_joint(s, owner);
    bool changed = true;

    for (size_t i = 0; j != NULL && i < j->len; i++) {
        if (j->parts[i] == h) {
            j->parts[i] = j->parts[--j->len];
        }
    }
    store_row_drop(s, h);
    uint32_t row = index_find(&s->by_id, s, owner);
    if (j != NULL && j->len > 0) {
        changed = rejoin(s, owner, now_ms, true);
    } else if (j != NULL) {
        struct job *own = j->own;
        j->own = NULL;
        joint_free(map_remove(s->joints, owner));
        if (row != STORE_NOWHERE && own != NULL) {
            struct spot spot = store_spot(s, row);
            store_apply(s, row, own, now_ms, true);
            store_respot(s, row, &spot, now_ms);
        } else if (row != STORE_NOWHERE) {
            struct batch_job *b = s->entries[row].batch;
            s->entries[row].batch = NULL;
            store_row_drop(s, row);
            if (b != NULL) {
                store_keep_orphan(s, b);
            }
        } else {
            job_free(own);
        }
    }
    free(owner);
    return changed;
}

bool store_own_gone(struct store *s, uint32_t h, int64_t now_ms)
{
    struct entry *e = &s->entries[h];
    struct joint *j = store_joint(s, e->job->id);

    if (j == NULL || j->len == 0) {
        return false;
    }
    job_free(j->own);
    j->own = NULL;
    s->alone += (e->flags & ENTRY_ALONE) == 0;
    entry_set_flag(e, ENTRY_ALONE, true);
    char *id = xstrdup(e->job->id);
    (void)map_put(s->absent, id, s);
    (void)rejoin(s, id, now_ms, true);
    free(id);
    return true;
}

void store_link(struct store *s, const struct batch_job *b, int64_t now_ms)
{
    uint32_t h = index_find(&s->by_id, s, b->id);

    if (h == STORE_NOWHERE || (s->entries[h].flags & (ENTRY_PART | ENTRY_ALONE)) != 0 ||
        job_owner(b->id, b) == NULL) {
        return;
    }
    const char *owner = store_root(s, b->id, b->job_id);
    if (owner == NULL) {
        return;
    }
    if (index_find(&s->by_id, s, owner) != STORE_NOWHERE || map_find(s->absent, owner) != NULL) {
        row_to_part(s, h, owner, now_ms);
    } else { /* shown as it is until the table was asked for its job */
        free(map_put(s->links, owner, xstrdup(b->id)));
        store_doubt(s, owner);
    }
}

bool store_awaits(const struct store *s, const char *id)
{
    return (map_len(s->links) > 0 && map_find(s->links, id) != NULL) ||
           (map_len(s->absent) > 0 && map_find(s->absent, id) != NULL);
}

/* Goes on with what waited for an answer about `id`. */
static bool follow_link(struct store *s, const char *id, int64_t now_ms)
{
    char *part = map_len(s->links) == 0 ? NULL : map_remove(s->links, id);
    uint32_t h = part == NULL ? STORE_NOWHERE : index_find(&s->by_id, s, part);
    bool found = h != STORE_NOWHERE && (s->entries[h].flags & ENTRY_PART) == 0;

    if (found) {
        row_to_part(s, h, id, now_ms);
    }
    free(part);
    return found;
}

void store_recorded(struct store *s, const char *id, int64_t now_ms)
{
    (void)map_remove(s->absent, id);
    (void)follow_link(s, id, now_ms);
}

/* ---- what Batch alone tells of ---- */

/* Makes a row for the Batch job when the table has none of the records that it could have. */
static bool show_orphan(struct store *s, const struct batch_job *b, int64_t now_ms)
{
    const char *id = b->job_id == NULL ? b->id : b->job_id;

    if (map_find(s->absent, b->id) == NULL || map_find(s->absent, id) == NULL ||
        index_find(&s->by_id, s, id) != STORE_NOWHERE || store_joint(s, id) != NULL) {
        return false;
    }
    struct batch_job *own = store_take_orphan(s, b->id);
    if (strcmp(id, own->id) != 0) {
        alias(s, own->id, id);
    }
    new_row(s, job_of_batch(own), own, now_ms);
    return true;
}

/* Shows the orphan of `id`: the newest Batch job that was given this id, or the Batch job whose own
 * id it is. */
static bool show_orphan_of(struct store *s, const char *id, int64_t now_ms)
{
    const struct batch_job *b = map_find(s->orphans_by_job, id);
    const struct batch_job *by_batch = b == NULL ? map_find(s->orphans, id) : NULL;

    if (by_batch != NULL) {
        b = by_batch->job_id == NULL ? by_batch : map_find(s->orphans_by_job, by_batch->job_id);
    }
    return b != NULL && show_orphan(s, b, now_ms);
}

bool store_absent(struct store *s, const char *id, int64_t now_ms)
{
    bool orphan = map_find(s->orphans, id) != NULL || map_find(s->orphans_by_job, id) != NULL;
    bool joint = store_joint(s, id) != NULL;
    bool linked = map_len(s->links) > 0 && map_find(s->links, id) != NULL;
    bool changed = false;

    if (!orphan && !joint && !linked) {
        return false;
    }
    (void)map_put(s->absent, id, s);
    if (linked) {
        changed = follow_link(s, id, now_ms);
    } else if (joint) {
        changed = rejoin(s, id, now_ms, true);
    }
    /* The orphan is looked up only now: the row that came meanwhile may have taken it. */
    return show_orphan_of(s, id, now_ms) || changed;
}

bool store_yield(struct store *s, const struct job *to)
{
    uint32_t h = index_find(&s->by_batch, s, job_text(to, JOB_BATCH_ID));
    struct entry *e = &s->entries[h];
    bool marked = (e->flags & ENTRY_MARKED) != 0;
    struct batch_job *b = e->batch;

    e->batch = NULL;
    alias(s, e->job->id, to->id);
    alias(s, job_text(to, JOB_BATCH_ID), to->id);
    store_row_drop(s, h);
    if (b != NULL) {
        store_keep_orphan(s, b);
    }
    return marked;
}

/* Has Batch forgotten the job? Batch counts from the end of a job, where the end is known. */
static bool forgotten(const struct batch_job *b, int64_t now_ms)
{
    int64_t at = b == NULL ? TIME_NONE : b->stopped_ms != TIME_NONE ? b->stopped_ms : b->created_ms;

    return at != TIME_NONE && now_ms - at > BATCH_REMEMBERS_MS;
}

void store_alone_prune(struct store *s, int64_t now_ms)
{
    for (size_t i = 0; s->alone > 0 && i < s->len; i++) {
        const struct entry *e = &s->entries[i];
        if (e->job != NULL && (e->flags & ENTRY_ALONE) != 0 && e->job->mark == JOB_NO_RECORD &&
            job_status_final((enum job_status)e->state.status) && forgotten(e->batch, now_ms)) {
            store_row_drop(s, (uint32_t)i);
        }
    }
}
