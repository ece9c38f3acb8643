/* pattern_why.h - private to ops: which part of a rule's pattern does not match an event.
 *
 * EventBridge itself is asked, one part of the pattern at a time: its answer is the one that
 * counts. Blocks; any thread. */
#ifndef OPS_PATTERN_WHY_H
#define OPS_PATTERN_WHY_H

#include <cjson/cJSON.h>
#include <stddef.h>

#include "ops/ops.h"

/* Writes why `rule`'s `pattern`, which does not match as a whole, does not match `event` (a whole
 * envelope): "rule R wants detail.env in ["prod"]; the event has "dev"". Where no part alone is
 * to blame, or EventBridge does not answer, only that it does not match. At most a dozen requests.
 */
void pattern_why(const struct ops *o, const char *rule, const cJSON *pattern, const cJSON *event,
                 char *why, size_t size);
#endif
