/* retried.h - private to ops: was a job retried before, and what became of that? */
#ifndef OPS_RETRIED_H
#define OPS_RETRIED_H

#include "ops/job_ops.h"

/* Looks for the newest retry of a job among the jobs of its user, which is one Query of
 * user-jobs-index, and for what became of it. E_CONFLICT when that retry has not ended: it would
 * run twice. When the index cannot be asked, `out->unknown` says why, and the result is E_OK. */
MUST_CHECK enum err_code ops_retried(const struct ops *o, const struct job *old,
                                     const char *user_id, struct retry_seen *out, struct err *e);
#endif
