/* job_json.h - a job as JSON, the one shape of SPEC 1.3, wherever it is printed or served. Pure. */
#ifndef JOBS_JOB_JSON_H
#define JOBS_JOB_JSON_H

#include <cjson/cJSON.h>

#include "core/strbuf.h"
#include "jobs/batch.h"
#include "jobs/forecast.h"
#include "jobs/job.h"
#include "jobs/state.h"
#include "jobs/timeline.h"

/* A job as JSON. `b` may be NULL. `eta`: when it should end; NULL: not known. `context`: the
 * context that the job is of; NULL: none. Owned. */
cJSON *job_json(const struct job *j, const struct batch_job *b, const struct job_state *s,
                const struct eta *eta, const char *context);
/* Appends the text that json_safe prints of that without making the tree: a fifth of the work,
 * which counts for a list of 100,000 jobs. */
void job_json_text(struct strbuf *out, const struct job *j, const struct batch_job *b,
                   const struct job_state *s, const struct eta *eta, const char *context);
/* The same as job_json with "timeline", "record" and "containerRecords" (plain JSON, with all
 * digits of numbers, secrets masked). `item` is the record under the job's own id, `parts` an array
 * of the records that its containers wrote under Batch job ids (join.h); NULL: none. */
cJSON *job_detail_json(const struct job *j, const struct batch_job *b, const struct job_state *s,
                       const struct eta *eta, const struct timeline *t, const cJSON *item,
                       const cJSON *parts, const char *context);
#endif
