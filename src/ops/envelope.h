/* envelope.h - private to ops: the whole event that a bus makes of the entry that is put on it
 * (AWS-WIRE 2.3). */
#ifndef OPS_ENVELOPE_H
#define OPS_ENVELOPE_H

#include <cjson/cJSON.h>

#include "ops/ops.h"

/* Adds to `event` (a JSON object: at least source, detail-type and detail) the other members of a
 * whole event: version, id, time, region, resources, and the account of `arn` (NULL: zeros).
 * Members that are there stay as they are. */
void envelope_fill(const struct ops *o, const char *arn, cJSON *event);
#endif
