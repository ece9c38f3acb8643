/* store_priv.h - between store.c (entries), store_put.c (records), store_batch.c, store_read.c,
 * store_order.c (the sorted lists), store_marks.c, store_watch.c and store_index.c. */
#ifndef APP_STORE_PRIV_H
#define APP_STORE_PRIV_H

#include <string.h>

#include "app/store.h"
#include "core/map.h"

/* Finds handles by a string that lies in the entry: no copy of the key. The hash beside the handle
 * spares most looks at entries, which lie all over the memory. */
struct handle_index {
    struct handle_slot {
        uint32_t hash;
        uint32_t handle; /* + 1; 0: free */
    } * slots;
    size_t cap; /* a power of two */
    size_t len;
    uint64_t seed; /* ids come from outside: their collisions must not be foreseeable */
    const char *(*key)(const struct entry *e);
};

/* Handles in no order. */
struct handles {
    uint32_t *items;
    size_t len, cap;
};

/* Handles in sort order, each with its key (see struct column): a search reads this array, which
 * lies together in memory, and looks at the entries themselves only where keys are the same. */
struct order {
    struct order_slot {
        uint64_t key;
        uint32_t h;
    } * items;
    size_t len, cap;
};

struct store {
    struct state_rules rules;
    struct entry *entries;
    size_t len, cap; /* slots used, free ones included */
    uint32_t *spare; /* free slots */
    size_t spare_len, spare_cap;
    size_t jobs; /* entries in use */
    struct handle_index by_id, by_batch;

    struct map *orphans;        /* Batch id -> struct batch_job *, owned: no record known yet */
    struct map *orphans_by_job; /* our job id -> the same, borrowed */

    struct order all;  /* every job, sorted */
    struct order rows; /* those that show; unused while nothing is filtered */
    bool filtered;
    struct sort_order sort;
    int64_t sort_ms; /* time that the sort was made with */
    struct filter *filter;
    struct chips chips;

    struct handles active; /* not final, in no order */
    size_t tick_at;        /* next active one to look at */
    const char **ids, **batch_ids;
    size_t ids_cap, batch_ids_cap;
    struct handles bright; /* changed a moment ago, oldest first */
    struct map *watched;   /* job id -> struct alert_seen *, owned */
    struct handles news;   /* watched entries whose state changed, oldest first */

    struct stats stats;
    size_t marked, marked_shown;
    uint32_t round;
    int64_t newest_ms;
    int64_t listed_ms; /* when Batch's jobs were last listed in full; TIME_NONE */
    size_t job_bytes;
    struct store_work work;
};

#define HIGHLIGHT_MS 3000

static inline bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static inline void entry_set_flag(struct entry *e, unsigned flag, bool on)
{
    e->flags = (uint16_t)(on ? e->flags | flag : e->flags & ~flag);
}

/* store.c: one entry. Whoever changes what an entry sorts by takes its places first and puts it
 * back after. */
uint32_t store_entry_alloc(struct store *s);
/* The new record (NULL: the same, merge only); counts, index and active list follow. */
void store_apply(struct store *s, uint32_t h, struct job *j, int64_t now_ms, bool fresh);
void store_merge(struct store *s, const struct entry *e, int64_t now_ms, struct job_state *out);
bool store_state_same(const struct job_state *a, const struct job_state *b);
void store_brighten(struct store *s, uint32_t h, int64_t now_ms);
void store_active_drop(struct store *s, uint32_t h);
struct spot {
    size_t all, row;
    bool shown;
};
struct spot store_spot(struct store *s, uint32_t h);
void store_respot(struct store *s, uint32_t h, const struct spot *p, int64_t now_ms);
/* Puts entries that are in no order where they belong. */
void store_settle(struct store *s, uint32_t *handles, size_t len, int64_t now_ms);

/* store_watch.c: a watched entry may have something to tell; it goes. */
void store_news_note(struct store *s, uint32_t h);
void store_news_drop(struct store *s, uint32_t h);
void store_watch_prune(struct store *s); /* all was loaded: what is not there is not watched */

void index_init(struct handle_index *x, const char *(*key)(const struct entry *e));
void index_done(struct handle_index *x);
uint32_t index_find(const struct handle_index *x, const struct store *s, const char *key);
void index_put(struct handle_index *x, const struct store *s, uint32_t h);
void index_remove(struct handle_index *x, const struct store *s, uint32_t h);

void handles_push(struct handles *l, uint32_t h);
void handles_remove_at(struct handles *l, size_t at); /* the order of the rest stays */
/* Position of an entry that is in the order, with its data as they were when it was put there. */
size_t order_find(struct store *s, const struct order *o, uint32_t h);
void order_insert(struct store *s, struct order *o, uint32_t h);
void order_remove_at(struct order *o, size_t at);
/* Puts `len` handles in. */
void order_merge(struct store *s, struct order *o, const uint32_t *handles, size_t len);
/* Takes out all entries with ENTRY_MOVING. */
void order_pull(const struct store *s, struct order *o);
void order_sort(struct store *s, struct order *o);
/* Is the entry there, changed, still between its neighbours? */
bool order_fits(struct store *s, struct order *o, size_t at);

bool store_shows(struct store *s, const struct entry *e, int64_t now_ms);
void store_filter_all(struct store *s, int64_t now_ms);
const struct order *store_list(const struct store *s);
#endif
