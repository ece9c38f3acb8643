/* strays.h - the jobs that the table's user index cannot hold, as one replica's slow scan found
 * them, in the state table (ops/state_table.h): so all replicas list them in the same order.
 *
 * An item for each job, in the partition strays#TABLE, whose sort key is made of the user, the
 * job's time and its id; and an item `-`, which says when the last whole scan began, and whose
 * lease belongs to the replica that scans. Any thread. */
#ifndef OPS_STRAYS_H
#define OPS_STRAYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "ops/ops.h"

enum { STRAYS_SORT_SIZE = 1024 };

struct strays_view {
    bool done;     /* a whole scan was made */
    int64_t at_ms; /* when it began, by the clock of who made it */
    size_t jobs;   /* how many jobs it found */
};
MUST_CHECK enum err_code strays_look(const struct ops *o, struct strays_view *out, struct err *e);

/* Takes the lease for a scan, when the last one began before `due_ms`. E_CONFLICT: it did not, or
 * another replica scans. */
MUST_CHECK enum err_code strays_begin(const struct ops *o, int64_t due_ms, char owner[40],
                                      struct err *e);
/* Renews it. E_CONFLICT: another replica scans. */
MUST_CHECK enum err_code strays_renew(const struct ops *o, const char *owner, struct err *e);
/* Ends the scan that began at `at_ms`. */
MUST_CHECK enum err_code strays_end(const struct ops *o, const char *owner, int64_t at_ms,
                                    size_t jobs, struct err *e);

/* The sort key of a job; false when it would be too long. Its parts are told back by strays_each.
 */
bool strays_sort_key(const char *user_id, int64_t time_ms, const char *job_id,
                     char out[STRAYS_SORT_SIZE]);
/* Tells all items; `sort` and `job_id` are borrowed. */
typedef void (*strays_fn)(void *arg, const char *sort, int64_t time_ms, const char *job_id);
MUST_CHECK enum err_code strays_each(const struct ops *o, strays_fn fn, void *arg, struct err *e);
MUST_CHECK enum err_code strays_put(const struct ops *o, const char *sort, struct err *e);
MUST_CHECK enum err_code strays_remove(const struct ops *o, const char *sort, struct err *e);

/* The user's jobs, newest first, then by id downwards, at most `max`; those after the given one
 * (`after_id` NULL: from the first). */
MUST_CHECK enum err_code strays_find(const struct ops *o, const char *user_id, int64_t after_ms,
                                     const char *after_id, size_t max, strays_fn fn, void *arg,
                                     struct err *e);
#endif
