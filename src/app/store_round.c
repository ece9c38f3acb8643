/* Reading the table again: what a whole load, or a part of the slow re-read, did not see. */
#include "store_priv.h"

enum { MISSED_MS = 10000 /* a read that is behind may miss a record that is newer than this */ };

void store_round_begin(struct store *s, int64_t at_ms)
{
    s->load_round = ++s->round;
    s->load_ms = at_ms;
    s->sweep_round = 0;
}

/* Marks the entries that were not seen since `round` for removal, or puts them in doubt. */
static size_t mark_unseen(struct store *s, uint32_t round)
{
    size_t marked = 0;

    for (size_t i = 0; i < s->len; i++) {
        struct entry *e = &s->entries[i];
        if (e->job == NULL || e->round >= round || (e->flags & (ENTRY_SENT | ENTRY_ALONE)) != 0) {
            continue;
        }
        /* Each of the records of one job is asked for, whatever a part of the table left out. */
        bool joined = (e->flags & ENTRY_PART) != 0 || store_joint(s, e->job->id) != NULL;
        bool old = (e->flags & ENTRY_STALE) != 0 || e->at_ms < s->load_ms - MISSED_MS;
        if (old && !joined) {
            entry_set_flag(e, ENTRY_MOVING, true);
            marked++;
        } else {
            store_doubt(s, e->job->id);
        }
    }
    return marked;
}

size_t store_round_end(struct store *s)
{
    size_t gone = mark_unseen(s, s->load_round);

    if (gone > 0) {
        store_drop_moving(s, s->load_ms);
    }
    store_watch_prune(s);
    s->whole = true;
    store_ask_orphans(s);
    return gone;
}

void store_part_begin(struct store *s, uint32_t part, uint32_t parts)
{
    s->round++;
    if (parts != s->parts) {
        for (size_t i = 0; i < s->len; i++) {
            s->entries[i].part = 0;
        }
        s->sweep_round = 0;
    }
    if (part == 0) {
        s->sweep_round = s->round;
    }
    s->part = part;
    s->parts = parts;
}

bool store_part_end(struct store *s)
{
    bool all = s->part + 1 == s->parts && s->sweep_round != 0;
    bool any = false;

    for (size_t i = 0; i < s->len; i++) {
        const struct entry *e = &s->entries[i];
        bool here = e->part == s->part + 1 && e->round < s->round;
        if (e->job != NULL && (here || (all && e->round < s->sweep_round)) &&
            (e->flags & (ENTRY_SENT | ENTRY_ALONE)) == 0) {
            store_doubt(s, e->job->id);
            any = true;
        }
    }
    return any;
}

void store_forget(struct store *s)
{
    for (size_t i = 0; i < s->len; i++) {
        struct entry *e = &s->entries[i];
        entry_set_flag(e, ENTRY_MOVING, e->job != NULL && (e->flags & ENTRY_SENT) == 0);
        e->part = 0;
    }
    store_drop_moving(s, TIME_NONE);
    store_join_done(s);
    store_join_init(s);
    store_retried_forget(s);
    store_doubt_free(s);
    s->doubts = map_new();
    s->left = map_new();
    s->doubt_ids = NULL;
    s->doubt_ids_cap = 0;
    s->parts = 0;
    s->sweep_round = 0;
    s->newest_ms = TIME_NONE;
}
