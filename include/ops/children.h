/* children.h - the children of a Batch array job (2 to 10,000 of them), as ListJobs tells them.
 *
 * A listing asks state by state, because Batch answers in no other way, and only for the states in
 * which the parent has children. No details are loaded: a summary has state, exit code, reason and
 * times. Blocks; any thread. */
#ifndef OPS_CHILDREN_H
#define OPS_CHILDREN_H

#include "jobs/batch.h"
#include "ops/follow.h"
#include "ops/ops.h"

/* How many ended children the caller knows already. A child that has ended stays so: while the
 * parent counts as many, they are not listed again. A plain value; zero: none are known. */
struct children_held {
    int succeeded;
    int failed;
};

/* Lists the parent itself in full (its `array.size` tells that it is the parent), then its children
 * as summaries, failed ones first, page by page; the callee owns each array and its jobs, and ends
 * the reading with E_CANCELLED by returning false. A child that changes its state meanwhile may
 * come twice or not at all: the caller has to find out which child did not come, and to describe
 * it. E_NOT_FOUND: Batch does not know the parent (any more), or it is no array job. */
MUST_CHECK enum err_code ops_children(const struct ops *o, const char *parent_id,
                                      const struct children_held *held, batch_page_fn page,
                                      void *arg, struct err *e);
#endif
