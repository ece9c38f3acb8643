/* envelope.h - private to ops: the event that a bus makes of what is put on it (AWS-WIRE 2.3). */
#ifndef OPS_ENVELOPE_H
#define OPS_ENVELOPE_H

#include <cjson/cJSON.h>

#include "ops/ops.h"

/* Adds to `event` (a JSON object: source, detail-type and detail at least) what a whole event has
 * besides: version, id, time, region, resources, and the account of `arn` (NULL: zeros). What is
 * there stays. */
void envelope_fill(const struct ops *o, const char *arn, cJSON *event);
#endif
