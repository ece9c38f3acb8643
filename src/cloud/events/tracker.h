/* tracker.h - the state machine of SPEC 8, which keeps a job's record true without its container's
 * help: it turns a Batch Job State Change into a conditional UpdateItem.
 *
 * The tracker never moves a record back from a final state, honours CANCELLED, and listens only to
 * the Batch job that the record names (a second Batch job, of a repeated event, says nothing about
 * the job). */
#ifndef CLOUD_EVENTS_TRACKER_H
#define CLOUD_EVENTS_TRACKER_H

#include <cjson/cJSON.h>

#include "src/cloud/store/service.h"

#define TRACKER_NAME "mvp-development-tracker"
#define TRACKER_TABLE "mvp-development-jobs"

/* Applies one event, under the cloud's lock. E_OK for everything that is not the tracker's
 * business: events of other sources, jobs without JOB_ID, jobs without a record. E_SERVICE when the
 * table refuses, E_TIMEOUT when another try may work. */
MUST_CHECK enum err_code cloud_events_tracker_apply(struct cloud *cloud, const cJSON *event,
                                                    struct err *e);

#endif
