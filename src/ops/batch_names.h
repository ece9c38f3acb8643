/* batch_names.h - private to ops: which Batch job belongs to which of our jobs, as far as Batch has
 * told, for the session and on disk.
 *
 * Neither the owner nor the creation time of a Batch job ever changes, so each Batch job is
 * described once. Besides the owners, this keeps the ranges of creation times of which every Batch
 * job of the queue is known ("covered"): only a covered range makes "there is none" a fact. Covered
 * times are Batch's own, never this machine's. Any thread. The size is limited: when there are too
 * many entries the oldest ones are forgotten, together with what they covered. */
#ifndef OPS_BATCH_NAMES_H
#define OPS_BATCH_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "ops/ops.h"

enum {
    /* A Batch job may appear in ListJobs a little after younger ones, so the newest part of what is
     * covered, of this length, is listed again. */
    BATCH_NAMES_OVERLAP_MS = 5 * 60 * 1000,
    BATCH_NAMES_MAX = 50000
};

struct batch_names *batch_names_new(void);
void batch_names_free(struct batch_names *n); /* NULL allowed */

/* Reads the file once. Call it before all other functions. */
void batch_names_ready(const struct ops *o);
/* Lets one search at a time make a long walk: a search that comes later finds what the first one
 * has learnt. False when the deadline passes before the turn is free. Leaving writes the file now
 * and then. */
bool batch_names_enter(const struct ops *o);
void batch_names_leave(const struct ops *o);
/* Writes what is new. A failure to write is logged and is no error. */
void batch_names_save(const struct ops *o);

bool batch_names_know(struct batch_names *n, const char *batch_id);
/* The owner of the Batch job, owned by the caller; "" when it belongs to none of ours; NULL when
 * its owner is not known. */
char *batch_names_owner(struct batch_names *n, const char *batch_id);
/* Does the same as batch_names_owner, but when the JOB_ID of a Batch job is the id of another Batch
 * job, which has an owner too, it goes on to the end of the chain. "" also when the chain comes
 * back to its start: each of these Batch jobs then stands for itself. */
char *batch_names_root(struct batch_names *n, const char *batch_id);
/* `job_id` NULL or "": the Batch job belongs to none of ours. */
void batch_names_put(struct batch_names *n, const char *batch_id, const char *job_id,
                     int64_t created_ms);
/* The Batch jobs of one of our jobs, newest first; owned. Returns how many there are. */
struct batch_name {
    char *batch_id;
    int64_t created_ms;
};
size_t batch_names_of(struct batch_names *n, const char *job_id, struct batch_name **out);
void batch_names_list_free(struct batch_name *list, size_t len);

/* Notes that every Batch job created from `from_ms` to `to_ms` (both included) is known. */
void batch_names_cover(struct batch_names *n, int64_t from_ms, int64_t to_ms);
/* When all Batch jobs that were created at `at_ms` or later are known: back to which time are they
 * known, with the ranges that follow? */
int64_t batch_names_reach(struct batch_names *n, int64_t at_ms);
/* The end of the next covered range before `at_ms`; TIME_NONE when there is none. */
int64_t batch_names_below(struct batch_names *n, int64_t at_ms);
/* The newest known Batch job of a covered range, by which a search tells whether the queue is still
 * the same. False when there is none. */
bool batch_names_newest(struct batch_names *n, char id[96], int64_t *created_ms);
void batch_names_forget(struct batch_names *n);

/* ---- between batch_names.c and batch_names_file.c ---- */

void batch_names_load(const struct ops *o); /* a missing or damaged file leaves the memory empty */
/* has anything changed since the file was last written? */
bool batch_names_changed(struct batch_names *n, bool clear);
/* Calls back for all ranges, then for all names; the lock is held meanwhile. */
void batch_names_each(struct batch_names *n,
                      void (*range)(void *arg, int64_t from_ms, int64_t to_ms),
                      void (*name)(void *arg, const char *batch_id, const char *job_id,
                                   int64_t created_ms),
                      void *arg);
/* Make the file's text, and read it back (all of it or nothing: E_PARSE for a damaged text,
 * E_NOT_FOUND for the text of another place). `place` tells whose jobs these are. */
char *batch_names_text(struct batch_names *n, const char *place, size_t *len);
MUST_CHECK enum err_code batch_names_parse(struct batch_names *n, const char *text, size_t len,
                                           const char *place, struct err *e);
#endif
