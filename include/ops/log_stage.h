/* log_stage.h - reading how far a silent job is from its log (jobs/log_stage.h). */
#ifndef OPS_LOG_STAGE_H
#define OPS_LOG_STAGE_H

#include "jobs/log_stage.h"
#include "ops/job_ops.h"
#include "ops/list.h"

/* For how many jobs one list reads the log: when many rows say something at once, nobody reads
 * it. */
enum { LOG_STAGE_JOBS = 5 };

/* Reads the newest lines of a log stream, a few hundred at most, in at most three requests (mostly
 * the first brings the stage). `group` "" or NULL is the configured one. A stream that is not there
 * has no lines: E_OK. */
MUST_CHECK enum err_code ops_log_stage(const struct ops *o, const char *group, const char *stream,
                                       struct log_stage *out, struct err *e);

/* Reads the log of a running job whose record is silent into d->log and settles d->state by it;
 * makes no request for other jobs. When it fails, what was read before stays in d->log. */
MUST_CHECK enum err_code ops_detail_log(const struct ops *o, struct job_detail *d, struct err *e);
/* Does the same for the first LOG_STAGE_JOBS such rows of a list, side by side: fills their `log`.
 * The first failure is returned; the logs of the others are there all the same. */
MUST_CHECK enum err_code ops_list_logs(const struct ops *o, struct list_result *r, struct err *e);
#endif
