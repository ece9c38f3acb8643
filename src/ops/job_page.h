/* job_page.h - private to ops: from items to jobs, page by page. */
#ifndef OPS_JOB_PAGE_H
#define OPS_JOB_PAGE_H

#include <cjson/cJSON.h>

#include "aws/dynamodb.h"
#include "ops/follow.h"

/* Decodes (takes `items`) and hands the jobs over; E_CANCELLED when `page` wants no more. */
MUST_CHECK enum err_code jobs_hand_over(cJSON *items, jobs_page_fn page, void *arg, struct err *e);
/* Reads all pages of a Query or Scan. */
MUST_CHECK enum err_code jobs_read_all(const struct ops *o, struct ddb_read *r, bool query,
                                       jobs_page_fn page, void *arg, struct err *e);
/* Narrows a read to the records that user-jobs-index cannot hold: those without createdAt, and
 * those whose createdAt is no text (written before the index was made). Adds to `names`; the caller
 * owns the values that `r` has afterwards. */
cJSON *jobs_only_unindexed(struct ddb_read *r, cJSON *names);
/* Did the server fail on a path into an attribute that is no map? Then the read asks for whole
 * attributes (job_projection_whole). */
bool jobs_paths_refused(enum err_code rc, const struct err *e, const char *projection);
#endif
