/* store_priv.h - between the files of the store, each of which calls only those above it:
 * store_order.c (the sorted lists), store_doubt.c;
 * store_orphan.c, store_judge.c, store_ask.c (when a job is asked for), store_entry.c (one entry);
 * store_retry.c, store_due.c, store_read.c, store_marks.c, store_watch.c, store_log.c; store_join.c
 * (records that belong together); store_put.c (records), store_batch.c, store_round.c; store.c
 * makes and frees it. */
#ifndef APP_STORE_PRIV_H
#define APP_STORE_PRIV_H

#include <string.h>

#include "core/handle_index.h"
#include "core/map.h"
#include "store.h"

_Static_assert(STORE_NOWHERE == HANDLE_NONE, "what the index does not find is nowhere");

/* A list of handles in no particular order. */
struct handles {
    uint32_t *items;
    size_t len, cap;
};

/* Handles in sort order, each with its key (see struct column): a search reads this array, whose
 * parts lie together in memory, and looks at the entries themselves only where keys are the
 * same. */
struct order {
    struct __attribute__((packed)) order_slot {
        uint64_t key;
        uint32_t h;
    } * items;
    size_t len, cap;
};

/* What decides when a job that is not final is asked for (store_ask.c); wall clock, in seconds. */
struct ask {
    uint32_t touched_s;              /* its last change */
    uint32_t heard_s, batch_heard_s; /* the last word of its record, and of Batch; 0: none */
    bool batch;                      /* there is a Batch job to ask for */
    bool told;                       /* Batch has told of it: the entry has it */
};

struct store {
    struct state_rules rules;
    struct entry *entries;
    size_t len, cap; /* the slots that are used, free ones included */
    uint32_t *spare; /* the free slots */
    size_t spare_len, spare_cap;
    size_t jobs; /* the entries in use */
    struct handle_index by_id, by_batch;

    /* Batch id -> struct batch_job *, owned: Batch jobs whose record is not known yet */
    struct map *orphans;
    struct map *orphans_by_job; /* our job id -> the same Batch job, borrowed */

    /* the ids of orphans that the table does not have; the values have no meaning */
    struct map *absent;
    struct map *joints;  /* job id -> struct joint *, owned */
    struct map *aliases; /* id -> the id of the row that it leads to, owned */
    /* a job id that is asked for -> the id of a row that belongs to it, owned */
    struct map *links;
    int64_t now_ms; /* the time of the last word that came with one */
    size_t alone;   /* the number of entries with ENTRY_ALONE */
    bool whole;     /* a full load has ended: a record that is not here is not in the table */

    struct order all;  /* every job, sorted */
    struct order rows; /* the jobs that show; not used while nothing is filtered */
    bool filtered;
    struct sort_order sort;
    int64_t sort_ms; /* the time with which the sort was made */
    struct filter *filter;
    bool none; /* the filter is of other contexts: no job shows */
    struct chips chips;
    bool picks; /* only entries with ENTRY_PICKED show */

    struct handles briefs; /* entries with ENTRY_ALONE of which Batch told only a summary */
    struct handles ends;   /* jobs whose record was over before Batch told of their end */
    struct handles active; /* the jobs that are not final, in no particular order */
    struct ask *asks;      /* when each of these is asked for; in their order */
    size_t asks_cap;
    size_t ask_at;  /* the next old job to be asked for */
    size_t tick_at; /* the next active job to look at */
    const char **ids, **batch_ids;
    size_t ids_cap;        /* of both */
    struct handles bright; /* the jobs that changed a moment ago, oldest first */
    /* the id of a job -> struct handles *, owned: the entries that repeat it */
    struct map *retries;
    struct map *retried; /* the id of a job -> the id of the retry sent from here, owned */
    struct map *watched; /* job id -> struct alert_seen *, owned */
    struct handles news; /* the watched entries whose state changed, oldest first */

    struct forecast *forecast; /* owned */
    int64_t forecast_ms;       /* when it last looked at what it learned; TIME_NONE */
    size_t steps_kept;         /* the jobs that are over and have the times of their steps */
    struct stats stats;
    size_t marked, marked_shown;
    uint32_t round;         /* counts the loads and the parts of re-reads */
    uint32_t load_round;    /* the round of the load under way or of the last one */
    int64_t load_ms;        /* monotonic: when that load began */
    uint32_t part, parts;   /* the part and the number of parts of the re-read; parts 0: none yet */
    uint32_t sweep_round;   /* the round of the re-read's first part; 0: it began in the middle */
    struct map *doubts;     /* job ids; the values mean nothing */
    const char **doubt_ids; /* the result of the last store_doubts */
    size_t doubt_ids_cap;
    /* id -> int64_t *, owned: the time of the last word of a job, which said that the job is
     * gone */
    struct map *left;
    int64_t left_prune_ms; /* monotonic: when that map is next tidied */
    int64_t newest_ms;
    int64_t listed_ms; /* when Batch's jobs were last listed in full; TIME_NONE */
    int64_t asked_ms;  /* when Batch first said anything; TIME_NONE */
    int64_t ran_ms;    /* when the queue was last seen to run anything; TIME_NONE */
    size_t job_bytes;
    struct store_work work;
    uint64_t changes;
};

/* Sets rules.queue_runs. `running`: what was just heard runs something. */
void store_note_runs(struct store *s, bool running, int64_t now_ms);

#define HIGHLIGHT_MS 3000
/* A time as an entry keeps it to tell how long ago it showed something new; never 0. */
enum { TICK_MS = 20 };
static inline uint32_t store_ticks(int64_t ms)
{
    uint32_t ticks = (uint32_t)(ms / TICK_MS);
    return ticks == 0 ? 1 : ticks;
}

static inline void entry_set_flag(struct entry *e, unsigned flag, bool on)
{
    e->flags = (uint16_t)(on ? e->flags | flag : e->flags & ~flag);
}

/* The functions of store_entry.c for one entry. Whoever changes what an entry is sorted by takes
 * its places first and puts it back afterwards. */
uint32_t store_entry_new(struct store *s); /* an empty entry in no list; other entries may move */
/* Gives the entry a new record (NULL: the same record, merge only); counts, index and active list
 * follow. */
void store_apply(struct store *s, uint32_t h, struct job *j, int64_t now_ms, bool fresh);
void store_merge(struct store *s, const struct entry *e, int64_t now_ms, struct job_state *out);
bool store_state_same(const struct job_state *a, const struct job_state *b);
void store_brighten(struct store *s, uint32_t h, int64_t now_ms);
struct spot {
    size_t all, row;
    bool shown;
};
struct spot store_spot(struct store *s, uint32_t h);
void store_respot(struct store *s, uint32_t h, const struct spot *p, int64_t now_ms);
/* Puts entries that are in no list into the places where they belong. */
void store_settle(struct store *s, uint32_t *handles, size_t len, int64_t now_ms);
void store_set_job(struct store *s, uint32_t h, struct job *j);
/* the entry is in no list; its slot is free afterwards */
void store_entry_drop(struct store *s, uint32_t h);
/* does the same for an entry that is still in the lists */
void store_row_drop(struct store *s, uint32_t h);
/* The entry of a row by its id, or by an id that it had before; STORE_NOWHERE. */
uint32_t store_handle(const struct store *s, const char *id);
/* Which job repeats which (store_retry.c). An entry has got its job; it is about to lose it. */
void store_retry_init(struct store *s);
void store_retry_done(struct store *s);
void store_retry_add(struct store *s, uint32_t h);
void store_retry_drop(struct store *s, uint32_t h);
void store_retried_forget(struct store *s);
/* notes that a watched entry may have something to tell */
void store_news_note(struct store *s, uint32_t h);
void store_news_drop(struct store *s, uint32_t h); /* called when the entry goes */

/* When a job that is not final is asked for (store_ask.c). It became one; it may have changed
 * (`seen`: it was seen to change now); a word of its record, or of Batch, came. */
void store_ask_add(struct store *s, uint32_t h, int64_t now_ms);
void store_ask_drop(struct store *s, uint32_t h); /* the last one in the list takes its place */
void store_ask_changed(struct store *s, uint32_t h, bool seen, int64_t now_ms);
void store_ask_heard(struct store *s, uint32_t h, int64_t now_ms);
void store_ask_heard_batch(struct store *s, uint32_t h, int64_t now_ms);

static inline uint32_t store_seconds(int64_t ms)
{
    return ms <= 0 ? 0 : ms / 1000 >= UINT32_MAX ? UINT32_MAX - 1 : (uint32_t)(ms / 1000);
}
/* The Batch job to ask for; NULL: none. */
static inline const char *store_ask_batch(const struct entry *e)
{
    return e->batch != NULL                ? e->batch->id
           : (e->flags & ENTRY_ASKED) == 0 ? job_text(e->job, JOB_BATCH_ID)
                                           : NULL;
}

/* Is there a Batch job of whose end not all is known? A record tells of the end before Batch does,
 * and a summary of ListJobs does not tell all. */
static inline bool store_ask_end(const struct entry *e)
{
    return store_ask_batch(e) != NULL &&
           (e->batch == NULL || !e->batch->detailed || e->batch->status < BATCH_SUCCEEDED);
}

/* Doubts (store_doubt.c): what cannot be told from what was heard. */
void store_doubt(struct store *s, const char *id);
void store_doubt_end(struct store *s, const char *id);
void store_doubt_free(struct store *s);
/* Remember for some minutes when a job was last said to be gone, so that a read which was behind
 * does not bring it back; and tell that time (TIME_NONE: nothing is remembered). */
void store_left_note(struct store *s, const char *id, int64_t at_ms);
int64_t store_left_at(const struct store *s, const char *id);
/* Removes all entries with ENTRY_MOVING (store_put.c). */
void store_drop_moving(struct store *s, int64_t at_ms);

/* Records that belong together, and jobs that only Batch tells of (store_join.c). */
struct joint {
    struct job *own; /* the record under the job's own id as it is, owned; NULL: there is none */
    uint32_t *parts; /* the entries with ENTRY_PART */
    size_t len, cap;
};
/* NULL: the job has one record or none */
struct joint *store_joint(const struct store *s, const char *id);
/* The job as its own record (taken, kept in the joint) and its parts tell it; owned. */
struct job *store_joint_take(struct joint *j, const struct store *s, struct job *own);
/* The job at the end of the chain that begins with `owner`; NULL when the chain leads back to `id`.
 * Borrowed. */
const char *store_root(const struct store *s, const char *id, const char *owner);
/* When a row with parts was started again as `b`, which no record names: the job told with `b`;
 * owned. NULL: it was not started again. */
struct job *store_joint_again(const struct store *s, const struct entry *e,
                              const struct batch_job *b);
bool store_put_part(struct store *s, struct job *j, struct heard heard, int64_t now_ms, bool fresh);
bool store_part_gone(struct store *s, uint32_t h, int64_t now_ms);
/* Called when the own record of a row is gone: a row with parts goes on without it. False: the row
 * has no parts. */
bool store_own_gone(struct store *s, uint32_t h, int64_t now_ms);
/* Notes that by this Batch job, the record under its id belongs to another job. */
void store_link(struct store *s, const struct batch_job *b, int64_t now_ms);
/* Does anything wait for the record of this id? */
bool store_awaits(const struct store *s, const char *id);
/* Goes on with what waited for this record, which has come. */
void store_recorded(struct store *s, const char *id, int64_t now_ms);
/* Notes that the table was asked for the id and does not have it. */
bool store_absent(struct store *s, const char *id, int64_t now_ms);
/* Called when a record names the Batch job of a row without a record: the row goes, and its Batch
 * job waits for the record. True: the row was marked. */
bool store_yield(struct store *s, const struct job *to);
void store_alone_prune(struct store *s, int64_t now_ms);
void store_join_init(struct store *s);
void store_join_done(struct store *s);

/* Which of two words about a job is newer (store_judge.c). */
enum word { WORD_OLD, WORD_SAME, WORD_NEW };
/* Judges a word about an entry that is there; notes a doubt. `was` is the entry's record so far;
 * NULL: it has none. */
enum word store_judge(struct store *s, struct entry *e, const struct job *was, const struct job *j,
                      struct heard heard);
void store_note_same(struct entry *e, struct heard heard, bool confirmed); /* for WORD_SAME */
void store_note_heard(struct entry *e, struct heard heard);                /* for WORD_NEW */
bool store_may_add(struct store *s, const struct job *j, struct heard heard);

/* The functions of store_orphan.c. */
void store_keep_orphan(struct store *s, struct batch_job *b); /* takes */
struct batch_job *store_take_orphan(struct store *s, const char *batch_id);
void store_ask_orphans(struct store *s); /* called after a load: asks for the ids of all orphans */

/* The functions of store_watch.c. */
/* after a full load: jobs that are not in the table are not watched any more */
void store_watch_prune(struct store *s);

void handles_push(struct handles *l, uint32_t h);
void handles_remove_at(struct handles *l, size_t at); /* the order of the other handles stays */
/* The position of an entry that is in the order and has not changed since it was put there. */
size_t order_find(struct store *s, const struct order *o, uint32_t h);
void order_insert(struct store *s, struct order *o, uint32_t h);
void order_remove_at(struct order *o, size_t at);
/* Puts `len` handles into the order. */
void order_merge(struct store *s, struct order *o, const uint32_t *handles, size_t len);
/* Removes all entries with ENTRY_MOVING. */
void order_pull(const struct store *s, struct order *o);
/* Is the changed entry at `at` still in order between its neighbours? */
bool order_fits(struct store *s, struct order *o, size_t at);

bool store_shows(struct store *s, const struct entry *e, int64_t now_ms);
const struct order *store_list(const struct store *s);
#endif
