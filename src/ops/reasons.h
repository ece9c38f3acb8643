/* reasons.h - the reasons that Batch gave for a job, kept in state_dir/reasons/ (a file a job and
 * place, see place.h) because Batch forgets them (TerminateJob overwrites statusReason, finished
 * jobs vanish). Any thread and process; bounded to the newest 50 a job and the newest 2,000 jobs.
 */
#ifndef OPS_REASONS_H
#define OPS_REASONS_H

#include <cjson/cJSON.h>

#include "jobs/batch.h"
#include "jobs/deploy.h"
#include "ops/ops.h"

/* Keeps what `b` says now (status reason, container reason, each attempt's reason, the log streams)
 * when it differs from the last entry of its kind. A failure to write is logged and is never an
 * error: a reason must not hide the job. */
void reasons_keep(const struct ops *o, const char *job_id, const struct batch_job *b);
/* [{"at","source","reason"}], oldest first; owned; NULL when there are none. */
cJSON *reasons_load(const struct ops *o, const char *job_id);

/* The log streams that were seen of a job's attempts: [{"attempt":1,"group","stream"}]; owned or
 * NULL. */
cJSON *reasons_load_logs(const struct ops *o, const char *job_id);
#endif
