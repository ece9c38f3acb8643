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
#include "jobs/job.h"
#include "jobs/log_stage.h"
#include "jobs/state.h"
#include "jobs/stats.h"

enum entry_flags {
    ENTRY_MARKED = 1,
    ENTRY_SHOWN = 2,    /* is in the list (matches filter and chips) */
    ENTRY_SENT = 4,     /* sent from here and not yet seen in the table */
    ENTRY_STALE = 32,   /* from the snapshot of an earlier run, not confirmed yet */
    ENTRY_ASKED = 64,   /* Batch was asked for it and does not know it */
    ENTRY_ACTING = 128, /* a cancel or retry of it is under way */
    ENTRY_MOVING = 256, /* inside store.c only */
    ENTRY_WATCHED = 512,
    ENTRY_FIRM = 1024,   /* the last word of it is HEARD_FIRM ... */
    ENTRY_STREAM = 2048, /* ... or HEARD_STREAM */
    ENTRY_PART = 4096,   /* a container's record that belongs to another job: no row of its own */
    ENTRY_ALONE = 8192   /* a row without a record under its own id: the table was asked for it */
};

/* How a record was heard of. No time that stands in a record tells which of two is newer: writers'
 * clocks differ, and some write whole seconds. */
enum heard_how {
    HEARD_WEAK,  /* a read that may be some seconds behind (Scan, Query of an index) */
    HEARD_FIRM,  /* a strongly consistent read: at least as new as when it was asked for */
    HEARD_STREAM /* the table's stream: later ones are newer, and nothing is left out */
};
struct heard {
    enum heard_how how;
    int64_t at_ms; /* monotonic: when the read was asked for; HEARD_STREAM: when it came */
    uint16_t part; /* of the slow re-read (store_part_begin), + 1; 0: of none */
};

#define STORE_NOWHERE UINT32_MAX

struct entry {
    struct job *job;         /* owned; NULL in a free slot */
    struct batch_job *batch; /* owned; NULL when none is known (or no longer needed) */
    struct log_stage *log;   /* owned; how far it is by its log, of a few silent ones; NULL */
    struct job_state state;  /* merged */
    int64_t at_ms;           /* monotonic: of the last word (struct heard); 0: sent from here */
    int64_t changed_ms;      /* when it last showed something new; TIME_NONE: not since the load */
    uint32_t round;          /* the load or part of a re-read that saw it last */
    uint32_t active;         /* place among the jobs that are not final; STORE_NOWHERE */
    uint16_t flags;          /* enum entry_flags */
    uint16_t part;           /* of the re-read that it lies in, + 1; 0: not known */
};

/* Which states the list shows: a set of 1 << enum job_status; 0 means all. `stuck` adds stuck
 * ones. */
struct chips {
    uint32_t statuses;
    bool stuck;
};
extern const struct chips chips_failing; /* failed or stuck */
extern const struct chips chips_active;  /* not final */

struct sort_order {
    enum column_id column;
    bool descending;
    bool failing_first; /* failed and stuck ones above all others */
};

struct store;

struct store *store_new(const struct state_rules *rules); /* NULL: the defaults; copied */
void store_free(struct store *s);                         /* NULL allowed */

/* Puts a page of jobs. Takes the jobs and sets the items to NULL; the array stays the caller's.
 * What is known to be older than the last word of its job is dropped; where that cannot be told,
 * the job is in doubt (store_doubts). `fresh` marks what is new or changed to show briefly (false
 * on the first load). Returns how many changed. */
size_t store_put_heard(struct store *s, struct job **items, size_t len, struct heard heard,
                       bool fresh, int64_t now_ms);
/* The same for HEARD_WEAK. */
size_t store_put_jobs(struct store *s, struct job **items, size_t len, int64_t at_ms, bool fresh,
                      int64_t now_ms);
/* Ids of jobs in doubt: a strongly consistent read (HEARD_FIRM, or store_gone after one) settles
 * them. Borrowed until the next change. */
size_t store_doubts(struct store *s, const char *const **ids);
size_t store_doubts_len(const struct store *s);
/* The same for Batch jobs. Those whose record is not known yet are kept (at most 4096); once a full
 * load has ended their ids are in doubt, and what the table does not have becomes a row. */
size_t store_put_batch(struct store *s, struct batch_job **items, size_t len, int64_t at_ms,
                       int64_t now_ms);
/* Batch was asked for this Batch id and does not know it (any more). */
void store_batch_gone(struct store *s, const char *batch_id, int64_t now_ms);
/* All Batch jobs of the queue were listed at this time: a job that waited long before it and is in
 * none of them was not picked up. */
void store_batch_listed(struct store *s, int64_t at_ms);
void store_put_sent(struct store *s, struct job *j, int64_t now_ms); /* takes; shows as sent */
bool store_remove(struct store *s, const char *id);
/* The stream says that this job was deleted, or a read did not have it: removed, unless a later
 * word had it, or, for a read, it was sent from here and is not recorded yet. */
bool store_gone(struct store *s, const char *id, struct heard heard);
/* A full load begins at `at_ms` (monotonic). Entries that it did not see until store_round_end are
 * removed; those so new that it may have missed them are in doubt. Returns how many were removed.
 * Sent and not yet seen ones stay. */
void store_round_begin(struct store *s, int64_t at_ms);
size_t store_round_end(struct store *s);
/* The same for one part of `parts` of a slow re-read, and with its last part for the whole of it:
 * what was not seen is in doubt. True when something is. */
void store_part_begin(struct store *s, uint32_t part, uint32_t parts);
bool store_part_end(struct store *s);
/* Another table stands under the name: every job goes but those just sent from here. */
void store_forget(struct store *s);
/* All that came at STORE_KEPT is from the snapshot of an earlier run: stale, and gone unless the
 * first load sees it. */
#define STORE_KEPT (-1)
void store_set_stale(struct store *s);

/* Time passed: merged states of active jobs are computed again (stuck rules), highlights end.
 * True when something that shows has changed. */
bool store_tick(struct store *s, int64_t now_ms);

/* NULL when unknown. An id under which the job was shown before (its Batch job's, before its record
 * came) leads to it too, here and wherever a job is named by its id. */
const struct entry *store_find(const struct store *s, const char *id);
size_t store_len(const struct store *s);                          /* all jobs */
size_t store_rows(const struct store *s);                         /* jobs in the list */
const struct entry *store_row(const struct store *s, size_t row); /* row < store_rows */
/* All jobs in sort order, whether the list shows them or not; i < store_len. */
const struct entry *store_any(const struct store *s, size_t i);
/* The row of a job by id; false when it is unknown or not in the list. */
bool store_row_of(const struct store *s, const char *id, size_t *row);
/* Why the state is so, in plain clean words; "" when there is nothing to say. Returns out. */
const char *store_reason(const struct entry *e, char *out, size_t size);
size_t store_bright(const struct store *s);                /* jobs highlighted now */
bool entry_changed(const struct entry *e, int64_t now_ms); /* to be highlighted */

void store_set_sort(struct store *s, struct sort_order order, int64_t now_ms);
struct sort_order store_sort(const struct store *s);
void store_set_filter(struct store *s, struct filter *f, int64_t now_ms); /* takes; NULL: all */
void store_set_chips(struct store *s, struct chips c, int64_t now_ms);
struct chips store_chips(const struct store *s);

void store_mark(struct store *s, const char *id, bool on); /* unknown ids are ignored */
void store_mark_rows(struct store *s, size_t from, size_t to, bool on); /* both inclusive */
void store_mark_none(struct store *s);
size_t store_marked(const struct store *s);
size_t store_marked_hidden(const struct store *s); /* marked and not in the list */
/* Ids of the marked jobs in list order, then hidden ones; owned array of owned strings. */
char **store_marked_ids(const struct store *s, size_t *len);
void store_set_acting(struct store *s, const char *id, bool on);

/* Watched jobs, known or not yet: of each, what is worth telling comes out once. False: there are
 * STORE_WATCH_MAX already. */
#define STORE_WATCH_MAX 1000
bool store_watch(struct store *s, const char *id, bool on);
bool store_is_watched(const struct store *s, const char *id);
size_t store_watched(const struct store *s); /* those not known to be over */
/* The same ones; owned array of owned strings. */
char **store_watched_ids(const struct store *s, size_t *len);

struct store_news {
    const struct entry *entry; /* until the store is changed */
    enum alert_kind kind;      /* ALERT_NONE: only `ended_before` */
    bool ended_before;         /* it ended while nobody looked: seen at the first load */
};
/* The next thing to tell of the watched jobs; false when there is none. */
bool store_next_news(struct store *s, struct store_news *out);

const struct stats *store_stats(const struct store *s); /* counts and plot, 5 minutes a bucket */
int64_t store_newest_ms(const struct store *s);         /* latest updatedAt; TIME_NONE */
/* Ids that a schedule needs: jobs not final, and Batch ids of these. Borrowed until the next
 * change. */
void store_active(struct store *s, const char *const **ids, size_t *ids_len,
                  const char *const **batch_ids, size_t *batch_len);

/* Running jobs whose record was silent for `silent_s` and whose log was not read within a minute,
 * the longest ago first, at most `max`. Returns how many. */
size_t store_silent(const struct store *s, int64_t now_ms, int silent_s, const struct entry **out,
                    size_t max);
/* What was read of a job's log (read false: it could not be). Copied. True when something that
 * shows may have changed. */
bool store_put_log(struct store *s, const char *id, const struct log_stage *log, int64_t now_ms);
/* What the log of `e` says of a state of the same job that was merged elsewhere. */
void store_settle_state(const struct store *s, const struct entry *e, const struct job *j,
                        const struct batch_job *b, int64_t now_ms, struct job_state *out);

/* Work counted for tests and the debug log: comparisons, merges, filter matches so far. */
struct store_work {
    uint64_t compares, merges, matches, moved;
};
struct store_work store_work(const struct store *s);
size_t store_bytes(const struct store *s); /* memory held, jobs included */
#endif
