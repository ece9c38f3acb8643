/* job_page.h - private to ops: from items to jobs, page by page. */
#ifndef OPS_JOB_PAGE_H
#define OPS_JOB_PAGE_H

#include <cjson/cJSON.h>

#include "aws/dynamodb.h"
#include "ops/follow.h"

/* Takes the array of items; the array returned (never NULL) and its jobs are the caller's. */
struct job **jobs_decode(cJSON *items, size_t *len);
/* Decodes (takes `items`) and hands over; E_CANCELLED when `page` wants no more. */
MUST_CHECK enum err_code jobs_hand_over(cJSON *items, jobs_page_fn page, void *arg, struct err *e);
/* All pages of a Query or Scan. */
MUST_CHECK enum err_code jobs_read_all(const struct ops *o, struct ddb_read *r, bool query,
                                       jobs_page_fn page, void *arg, struct err *e);
/* Narrows a read to the records that user-jobs-index cannot hold: those without createdAt, and
 * those with one that is no text (written before the index was made). Adds to `names`; the values
 * that `r` has then are the caller's. */
cJSON *jobs_only_unindexed(struct ddb_read *r, cJSON *names);
/* Did the server fail on a path into an attribute that is no map? Then whole attributes are asked
 * for (job_projection_whole). */
bool jobs_paths_refused(enum err_code rc, const struct err *e, const char *projection);
#endif
