/* filter.h - the filter that people type: words, !inverse, field:value, /regex/. Pure; compiled
 * once, then const and usable from any thread. */
#ifndef JOBS_FILTER_H
#define JOBS_FILTER_H

#include <stdbool.h>

#include "core/err.h"
#include "jobs/job.h"
#include "jobs/state.h"

struct filter;

/* Space-separated terms, all must hold. A term is a word (fuzzy: its letters in order in id,
 * business name, user, product, step, status; substring first), "!term" (must not hold),
 * "field:value" (status, user, product, name, step, priority, id, batch, feature, error, is:stuck,
 * is:drift, is:failed, is:active, age<2h, progress>50), or "/regex/". "" matches everything. NULL
 * with `e` (E_INVALID) names what is wrong. */
struct filter *filter_new(const char *text, struct err *e);
void filter_free(struct filter *f);
bool filter_match(const struct filter *f, const struct job *j, const struct job_state *s,
                  int64_t now_ms);
#endif
