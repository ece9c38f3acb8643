/* filter.h - the filter that people type: words, !inverse, field:value, /regex/. Pure; compiled
 * once, then const and usable from any thread. */
#ifndef JOBS_FILTER_H
#define JOBS_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"
#include "core/strbuf.h"
#include "jobs/job.h"
#include "jobs/state.h"

struct filter;

/* Space-separated terms, all must hold. A term is a word ("my" in id, business name, user, product,
 * step or status, or how people call that: "running", "stuck"; else, but for ids, its letters in
 * order from the beginning of a word: "mst" finds "My Startup"), "!term" (must not hold),
 * "field:value" with alternatives between commas (status, user, product, business or name, step,
 * priority, id, batch, feature, error, reason, retry-of, email, env; a heading of the list in any
 * letter case names its field too), is:stuck, is:drift, is:slow, is:failed, is:active, is:final,
 * is:retry, is:gone, is:over (longer than estimated), is:norecord, is:two (records, jobs/join.h),
 * age<2h, updated>10m, took>4h (or duration>4h), progress>=50, exit:137, or "/regex/" (POSIX
 * extended). `reason` is the text by which failures are grouped (jobs/cause.h). A comparison with a
 * value that is not known (no exit code yet, not started) does not hold, and neither does its
 * opposite: "!exit:0" finds the jobs with another exit code. Quotes hold blanks together; a term
 * that begins with one is searched as it stands. Case does not matter. "" matches everything, as
 * does a term that is not typed to its end ("status:", and "is:st" as long as nothing follows, not
 * even a blank). NULL with `e` (E_INVALID) names what is
 * wrong. */
struct filter *filter_new(const char *text, struct err *e);
void filter_free(struct filter *f); /* NULL allowed */
/* Do the filter's terms env:NAME, which are of contexts, let jobs of this context (NULL: of none)
 * through? A name counts by its beginning. To be asked once for all jobs of a context. */
bool filter_wants(const struct filter *f, const char *context);
/* Do all the other terms match? A NULL filter matches everything. */
bool filter_match(const struct filter *f, const struct job *j, const struct batch_job *b,
                  const struct job_state *s, int64_t now_ms); /* `b` may be NULL */
/* Gives the jobs whose values may complete a filter to `take`, one by one. */
typedef void filter_jobs(const void *arg, void (*take)(void *to, const struct job *j), void *to);
/* The text with its last term completed: the name of a field, a word of `is:` or `status:`, or a
 * value that one of the jobs has (NULL: of none), as far as all that begin so have it in common; in
 * quotes where it has blanks. Owned; NULL: there is nothing to add. When several begin so,
 * `choices` (may be NULL) gets some of them. */
char *filter_complete(const char *text, filter_jobs *jobs, const void *arg, struct strbuf *choices);
/* May the filter match something else only because time passes (age, updated, took, is:over)? */
bool filter_moves(const struct filter *f); /* false for NULL */

/* The kinds of terms for the documentation. */
#define FILTER_TERMS_MAX 4
struct filter_term {
    const char *examples[FILTER_TERMS_MAX]; /* "age<1h", "updated>=2d"; NULL ends them */
    const char *finds;
};
extern const struct filter_term filter_terms[];
extern const size_t filter_terms_len;
#endif
