/* batch_names.h - private to ops: which Batch job belongs to which of our jobs, as far as Batch has
 * told, for the session and on disk.
 *
 * Neither the owner nor the creation time of a Batch job ever changes, so each is described once.
 * Beside the owners it is kept of which creation times every Batch job of the queue is known
 * ("covered"): only that makes "there is none" a fact. Covered times are Batch's own, never this
 * machine's. Any thread; bounded: of too many the oldest are forgotten, and what they covered. */
#ifndef OPS_BATCH_NAMES_H
#define OPS_BATCH_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "ops/ops.h"

enum {
    /* A Batch job may show up in ListJobs a little after younger ones: so much of what is covered
     * is listed again. */
    BATCH_NAMES_OVERLAP_MS = 5 * 60 * 1000,
    BATCH_NAMES_MAX = 50000
};

struct batch_names *batch_names_new(void);
void batch_names_free(struct batch_names *n); /* NULL allowed */

/* Reads the file, once. Call it before all others. */
void batch_names_ready(const struct ops *o);
/* One long walk at a time: who comes later finds what the first has learnt. False when the deadline
 * passes before it is free. Leaving writes the file now and then. */
bool batch_names_enter(const struct ops *o);
void batch_names_leave(const struct ops *o);
/* Writes what is new; failing to is logged and no error. */
void batch_names_save(const struct ops *o);

bool batch_names_know(struct batch_names *n, const char *batch_id);
/* Whose it is, owned; "" for none of ours; NULL when it is not known. */
char *batch_names_owner(struct batch_names *n, const char *batch_id);
/* As that; but of a Batch job whose JOB_ID is the id of another one, which has an owner too, the
 * one at the end of the chain. "" also where the chain comes back: each stands for itself then. */
char *batch_names_root(struct batch_names *n, const char *batch_id);
/* `job_id` NULL or "": none of ours. */
void batch_names_put(struct batch_names *n, const char *batch_id, const char *job_id,
                     int64_t created_ms);
/* The Batch jobs of one of ours, newest first; owned. Returns how many. */
struct batch_name {
    char *batch_id;
    int64_t created_ms;
};
size_t batch_names_of(struct batch_names *n, const char *job_id, struct batch_name **out);
void batch_names_list_free(struct batch_name *list, size_t len);

/* Every Batch job created from `from_ms` to `to_ms` (both included) is known. */
void batch_names_cover(struct batch_names *n, int64_t from_ms, int64_t to_ms);
/* All that were created at `at_ms` or later are known: how far back does it reach then? */
int64_t batch_names_reach(struct batch_names *n, int64_t at_ms);
/* The end of the next covered time before `at_ms`; TIME_NONE when there is none. */
int64_t batch_names_below(struct batch_names *n, int64_t at_ms);
/* The newest one known of a covered time, to tell whether this is still the same queue. False when
 * there is none. */
bool batch_names_newest(struct batch_names *n, char id[96], int64_t *created_ms);
void batch_names_forget(struct batch_names *n);

/* ---- between batch_names.c and batch_names_file.c ---- */

void batch_names_load(const struct ops *o); /* a missing or damaged file leaves it empty */
bool batch_names_changed(struct batch_names *n, bool clear); /* since it was last written? */
/* All ranges, then all names; the lock is held meanwhile. */
void batch_names_each(struct batch_names *n,
                      void (*range)(void *arg, int64_t from_ms, int64_t to_ms),
                      void (*name)(void *arg, const char *batch_id, const char *job_id,
                                   int64_t created_ms),
                      void *arg);
/* The file's text, and reading it back (all or nothing: E_PARSE for a damaged one, E_NOT_FOUND for
 * another place's). `place` is whose jobs these are. */
char *batch_names_text(struct batch_names *n, const char *place, size_t *len);
MUST_CHECK enum err_code batch_names_parse(struct batch_names *n, const char *text, size_t len,
                                           const char *place, struct err *e);
#endif
