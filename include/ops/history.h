/* history.h - what was learned of the jobs that completed (jobs/forecast.h), kept for programs that
 * look at one job only.
 *
 * Who reads many records anyway (the dashboard, `list`, `stats`, `serve`) writes it; nobody reads
 * the table for it. There is one file for each place (place.h) in state_dir/history/, 0600, at most
 * half a megabyte, written as a whole and renamed. It is a cache: garbage or another place's file
 * is no history, and of two that write at once one may lose what the other learned, which it learns
 * again. No request is made: while it is not known whose keys these are, there is none. Any
 * thread. */
#ifndef OPS_HISTORY_H
#define OPS_HISTORY_H

#include "core/err.h"
#include "jobs/forecast.h"
#include "ops/ops.h"

/* Adds what is kept to `f`, and settles it. */
void history_load(const struct ops *o, struct forecast *f);
/* Adds what `f` knows and the file does not have to the file. Nothing is written when that is
 * nothing. */
MUST_CHECK enum err_code history_keep(const struct ops *o, const struct forecast *f, struct err *e);
/* To be called when many records were read: keeps what `f` learned, adds what is kept, and settles
 * it. It is a cache: a failure is told in the log only. */
void history_learned(const struct ops *o, struct forecast *f);
#endif
