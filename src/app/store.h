/* store.h - all jobs that the dashboard knows, and the sorted, filtered list of them.
 *
 * DESIGN. An entry is small (80 bytes beside the job itself), because 100,000 of them have to fit.
 * Entries are found by id and by Batch id through two tables of 4-byte handles. The list is a
 * sorted array of handles; replacing a job costs O(log n) comparisons, a page of k jobs O(k log n)
 * and one move of the array, a reply that changes nothing costs no comparison at all. UI thread
 * only; a const store may be read by drawing. Pointers to entries hold until the store is changed.
 *
 * A record that stands under its Batch job's id and belongs to another job (jobs/join.h) is an
 * entry without a row; the job's entry is told by both. A Batch job that no record names becomes a
 * row when all records were read and the table was asked for the ids that it could stand under.
 */
#ifndef APP_STORE_H
#define APP_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "columns.h"
#include "jobs/alert.h"
#include "jobs/batch.h"
#include "jobs/filter.h"
#include "jobs/forecast.h"
#include "jobs/job.h"
#include "jobs/log_stage.h"
#include "jobs/state.h"
#include "jobs/stats.h"

enum entry_flags {
    ENTRY_MARKED = 1,
    ENTRY_SHOWN = 2, /* the job is in the list (matches filter and chips) */
    ENTRY_SENT = 4,  /* the job was sent from here and has not been seen in the table yet */
    ENTRY_ENDS = 8,  /* inside the store only: Batch is asked how the job ended */
    /* the job comes from the snapshot of an earlier run and is not confirmed yet */
    ENTRY_STALE = 32,
    ENTRY_ASKED = 64,   /* Batch was asked for the job and does not know it */
    ENTRY_ACTING = 128, /* a cancel or retry of the job is under way */
    ENTRY_MOVING = 256, /* inside store.c only */
    ENTRY_WATCHED = 512,
    ENTRY_FIRM = 1024,   /* the last word of the job is HEARD_FIRM ... */
    ENTRY_STREAM = 2048, /* ... or HEARD_STREAM */
    ENTRY_PART = 4096,   /* the container's record of another job: it has no row of its own */
    ENTRY_ALONE = 8192,  /* a row without a record under its own id: the table was asked for one */
    ENTRY_PICKED = 16384 /* one of the jobs of store_pick */
};

/* How a record was heard of. The times in two records do not tell which of the two is newer:
 * writers' clocks differ, and some write whole seconds. */
enum heard_how {
    HEARD_WEAK,  /* a read that may be some seconds behind (Scan, Query of an index) */
    HEARD_FIRM,  /* a strongly consistent read: at least as new as when it was asked for */
    HEARD_STREAM /* the table's stream: later ones are newer, and nothing is left out */
};
struct heard {
    enum heard_how how;
    int64_t at_ms; /* monotonic: when the read was asked for; HEARD_STREAM: when it came */
    uint16_t part; /* the part of the slow re-read (store_part_begin), + 1; 0: none */
};

#define STORE_NOWHERE UINT32_MAX

struct entry {
    struct job *job; /* owned; NULL in a free slot */
    /* owned; NULL when no Batch job is known (or it is no longer needed) */
    struct batch_job *batch;
    struct log_stage *log;  /* owned; how far the job is by its log, for a few silent ones; NULL */
    struct job_state state; /* the merged state */
    /* monotonic: the time of the last word (struct heard); 0: the job was sent from here */
    int64_t at_ms;
    uint32_t changed; /* for entry_changed alone; 0: nothing was new since the load */
    uint32_t round;   /* the load or the part of a re-read that last saw the job */
    uint32_t active;  /* its place among the jobs that are not final; STORE_NOWHERE */
    uint16_t flags;   /* enum entry_flags */
    uint16_t part;    /* the part of the re-read that it lies in, + 1; 0: not known */
};

_Static_assert(sizeof(struct entry) <= 80 || sizeof(void *) != 8, "100,000 of them have to fit");

/* Which states the list shows: a set of 1 << enum job_status; 0 means all. `stuck` adds stuck
 * jobs. */
struct chips {
    uint32_t statuses;
    bool stuck;
};
extern const struct chips chips_failing; /* failed or stuck */
extern const struct chips chips_active;  /* not final */

struct sort_order {
    enum column_id column;
    bool descending;
    bool failing_first; /* failed and stuck jobs come before all others */
};

struct store;

struct store *store_new(const struct state_rules *rules); /* `rules` NULL: the defaults; copied */
void store_free(struct store *s);                         /* NULL allowed */
const struct job_prices *store_prices(const struct store *s); /* borrowed */

/* So many jobs that are over keep the times of their steps, for the statistics: about 2 MB. */
#define STORE_STEPS_MOST 10000

/* Puts a page of jobs. Takes the jobs and sets the items to NULL; the array stays the caller's. A
 * record that is known to be older than the last word of its job is dropped; when that cannot be
 * told, the job is in doubt (store_doubts). With `fresh` new and changed jobs are highlighted
 * briefly (false on the first load). Returns how many changed. */
size_t store_put_heard(struct store *s, struct job **items, size_t len, struct heard heard,
                       bool fresh, int64_t now_ms);
/* Does the same for HEARD_WEAK. */
size_t store_put_jobs(struct store *s, struct job **items, size_t len, int64_t at_ms, bool fresh,
                      int64_t now_ms);
/* The ids of jobs in doubt: a strongly consistent read (HEARD_FIRM, or store_gone after one)
 * settles them. Borrowed until the next change. */
size_t store_doubts(struct store *s, const char *const **ids);
size_t store_doubts_len(const struct store *s);
/* Puts a page of Batch jobs in the same way. Those whose record is not known yet are kept (at most
 * 4096); once a full load has ended, their ids are in doubt, and a Batch job without a record in
 * the table becomes a row. */
size_t store_put_batch(struct store *s, struct batch_job **items, size_t len, int64_t at_ms,
                       int64_t now_ms);
/* Notes that Batch was asked for this Batch id and does not know it (any more). */
void store_batch_gone(struct store *s, const char *batch_id, int64_t now_ms);
/* Notes that all Batch jobs of the queue were listed at this time: a job that waited long before it
 * and is in none of the lists was not picked up. */
void store_batch_listed(struct store *s, int64_t at_ms);
/* takes the job, which shows as sent */
void store_put_sent(struct store *s, struct job *j, int64_t now_ms);
bool store_remove(struct store *s, const char *id);
/* Notes that the stream says that this job was deleted, or that a read did not have it: the job is
 * removed, unless a later word had it, or, for a read, it was sent from here and is not recorded
 * yet. */
bool store_gone(struct store *s, const char *id, struct heard heard);
/* Begins and ends a full load, which begins at `at_ms` (monotonic). store_round_end removes the
 * entries that the load did not see; entries so new that it may have missed them are in doubt.
 * Returns how many were removed. Jobs that were sent and not seen yet stay. */
void store_round_begin(struct store *s, int64_t at_ms);
size_t store_round_end(struct store *s);
/* Does the same for one part of `parts` of a slow re-read, and with its last part for all of it:
 * jobs that were not seen are in doubt. True when any job is. */
void store_part_begin(struct store *s, uint32_t part, uint32_t parts);
bool store_part_end(struct store *s);
/* Forgets every job, except those just sent from here: another table has the name. */
void store_forget(struct store *s);
/* The time of what comes from the snapshot of an earlier run: such jobs are stale, and go unless
 * the first load sees them. */
#define STORE_KEPT (-1)
void store_set_stale(struct store *s);

/* Takes the time that has passed: merged states of active jobs are computed again (stuck rules),
 * highlights end. True when something that shows has changed. */
bool store_tick(struct store *s, int64_t now_ms);

/* The entry of a job; NULL when it is unknown. An id under which the job was shown before (its
 * Batch job's, before its record came) leads to it too, here and wherever an id names a job. */
const struct entry *store_find(const struct store *s, const char *id);
size_t store_len(const struct store *s); /* all jobs */
/* counts the changes of jobs and states: the same number means the same jobs */
uint64_t store_changes(const struct store *s);
size_t store_rows(const struct store *s);                         /* jobs in the list */
const struct entry *store_row(const struct store *s, size_t row); /* row < store_rows */
/* All jobs in sort order, whether the list shows them or not; i < store_len. */
const struct entry *store_any(const struct store *s, size_t i);
/* All jobs in no particular order: i < store_slots; NULL when the slot has no row. A job keeps its
 * slot while it is known, so that a pass over all of them may be made in parts. */
size_t store_slots(const struct store *s);
const struct entry *store_slot(const struct store *s, size_t i);
/* The row of a job by id; false when it is unknown or not in the list. */
bool store_row_of(const struct store *s, const char *id, size_t *row);
/* A filter_jobs (jobs/filter.h): all jobs of a store, the first argument. */
void store_each_job(const void *store, void (*take)(void *to, const struct job *j), void *to);
size_t store_bright(const struct store *s);                /* jobs highlighted now */
bool entry_changed(const struct entry *e, int64_t now_ms); /* is the entry to be highlighted? */

void store_set_sort(struct store *s, struct sort_order order, int64_t now_ms);
struct sort_order store_sort(const struct store *s);
/* <0, 0 or >0 for the store's order; the entries may be of other stores. */
int store_compare(const struct store *s, const struct entry *a, const struct entry *b);
/* takes the filter; NULL: all jobs match */
void store_set_filter(struct store *s, struct filter *f, int64_t now_ms);
/* Lets no job show, whatever the filter says of it: the filter is for other contexts. */
void store_set_none(struct store *s, bool none, int64_t now_ms);
void store_set_chips(struct store *s, struct chips c, int64_t now_ms);
/* Shows only the jobs that fit, of those that filter and chips show; NULL: all again. That is
 * decided now: a job that becomes known later is not one of them. Returns how many fit. */
size_t store_pick(struct store *s, bool (*fits)(const void *arg, const struct entry *e),
                  const void *arg, int64_t now_ms);
bool store_picks(const struct store *s); /* are only such jobs shown? */
struct chips store_chips(const struct store *s);

void store_mark(struct store *s, const char *id, bool on); /* unknown ids are ignored */
void store_mark_rows(struct store *s, size_t from, size_t to, bool on); /* both inclusive */
void store_mark_none(struct store *s);
size_t store_marked(const struct store *s);
/* how many jobs are marked and not in the list */
size_t store_marked_hidden(const struct store *s);
/* The ids of the marked jobs in list order, then of the hidden ones; an owned array of owned
 * strings. */
char **store_marked_ids(const struct store *s, size_t *len);
/* The ids of the jobs in the list; an owned array of owned strings. */
char **store_row_ids(const struct store *s, size_t *len);
void store_set_acting(struct store *s, const char *id, bool on);

/* Is the job watched, and not over? One that has ended stays in the store's set until its end is
 * told, but has nothing to be watched for. */
static inline bool entry_watched(const struct entry *e)
{
    return (e->flags & ENTRY_WATCHED) != 0 && !job_status_final((enum job_status)e->state.status);
}

/* Watches jobs, known or not yet known: each thing worth telling about them comes out once. False:
 * STORE_WATCH_MAX jobs are watched already. */
#define STORE_WATCH_MAX 1000
bool store_watch(struct store *s, const char *id, bool on);
bool store_is_watched(const struct store *s, const char *id);
size_t store_watched(const struct store *s); /* those that are not known to be over */
/* The ids of these jobs; an owned array of owned strings. */
char **store_watched_ids(const struct store *s, size_t *len);

/* The newest job that repeats another one. */
struct store_retry {
    const char *id;            /* borrowed until the store is changed */
    const struct entry *entry; /* NULL: it was sent from here and is not in the table yet */
};
bool store_retry_of(const struct store *s, const char *id,
                    struct store_retry *out); /* false: none */
/* The first job of the chain of retries that ends with this one; the job itself when it repeats
 * none. Borrowed. */
const char *store_retry_root(const struct store *s, const char *id);
/* Notes that a job was retried from here as `as`. */
void store_retried(struct store *s, const char *id, const char *as);

struct store_news {
    const struct entry *entry; /* valid until the store is changed */
    enum alert_kind kind;      /* ALERT_NONE: only `ended_before` */
    /* the job ended while nobody looked: this was seen at the first load */
    bool ended_before;
};
/* The next thing to tell about the watched jobs; false when there is none. */
bool store_next_news(struct store *s, struct store_news *out);

/* What was learned of the jobs that completed; store_tick looks at what is new in it. */
const struct forecast *store_forecast(const struct store *s);
struct forecast *store_history(struct store *s);        /* the same, to add what was kept */
const struct stats *store_stats(const struct store *s); /* counts and plot, 5 minutes a bucket */
int64_t store_newest_ms(const struct store *s);         /* latest updatedAt; TIME_NONE */
/* What a schedule asks for: the Batch jobs of which only the record told that they are over, for
 * some minutes; of the jobs that are not final, the lively ones, those that a person
 * looks at (`looked_at`, NULL: none; and the watched ones), and of the others those whose turn it
 * is (store_ask.c). The lists are borrowed until the next change. */
struct store_asks {
    const char *const *ids; /* of the records */
    size_t ids_len;
    const char *const *batch_ids; /* of the Batch jobs */
    size_t batch_len;
    size_t lively;       /* the jobs that changed within some hours, or that a person looks at */
    size_t lively_alone; /* those of them without a Batch job to ask for */
};
void store_active(struct store *s, int64_t now_ms, const char *looked_at, struct store_asks *out);

/* The running jobs whose record was silent for `silent_s` and whose log was not read within a
 * minute, those read longest ago first, at most `max`. Returns how many. */
size_t store_silent(const struct store *s, int64_t now_ms, int silent_s, const struct entry **out,
                    size_t max);
/* Puts what was read of a job's log (read false: the log could not be read). Copied. True when
 * something that shows may have changed. */
bool store_put_log(struct store *s, const char *id, const struct log_stage *log, int64_t now_ms);
/* Settles, by the log of `e`, a state of the same job that was merged elsewhere. */
void store_settle_state(const struct store *s, const struct entry *e, const struct job *j,
                        const struct batch_job *b, int64_t now_ms, struct job_state *out);

/* The work that was counted for tests and the debug log: comparisons, merges, filter matches so
 * far. */
struct store_work {
    uint64_t compares, merges, matches, moved;
};
struct store_work store_work(const struct store *s);
size_t store_bytes(const struct store *s); /* the memory that the store holds, jobs included */
#endif
