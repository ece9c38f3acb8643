/* transform.h - what a target is given: Input, InputPath or InputTransformer over an event.
 *
 * Pure; any thread. Facts: AWS-WIRE 2.3 (user guide, "Input transformation"). */
#ifndef JOBS_TRANSFORM_H
#define JOBS_TRANSFORM_H

#include <cjson/cJSON.h>

#include "core/err.h"

#define TRANSFORM_MAX_PATHS 100
#define TRANSFORM_MAX_TEMPLATE 8192
#define TRANSFORM_MAX_PATH 256

/* The values of the reserved <aws.events.*> placeholders that are not in the event. */
struct transform_vars {
    const char *rule_arn;
    const char *rule_name;
    const char *ingestion_time; /* ISO 8601 */
};

/* Checks a target's Input, InputPath and InputTransformer: at most one of them, sizes, names,
 * paths, and that the template is JSON once its placeholders are values. E_INVALID with AWS's
 * wording. */
MUST_CHECK enum err_code transform_check(const cJSON *target, struct err *e);

/* The text that the target gets; `*out` is owned. Without any of the three parameters it is the
 * event itself. E_INVALID (INVALID_JSON of a dead letter) when the outcome of a template is not
 * JSON. */
MUST_CHECK enum err_code transform_apply(const cJSON *target, const cJSON *event,
                                         const struct transform_vars *vars, char **out,
                                         struct err *e);

/* Follows a JSONPath in dot notation ("$.detail.jobId", "$.resources[0]", "$.detail['a b']").
 * `*found` is borrowed, NULL when nothing is there. E_INVALID for a malformed path. */
MUST_CHECK enum err_code transform_path(const char *path, const cJSON *event, const cJSON **found,
                                        struct err *e);
#endif
