/* pattern_leaf.h - one test on one value of an event: the entries of a pattern's leaf array.
 *
 * Private to the pattern language (pattern.h is what others use) and its tests. Pure. */
#ifndef CLOUD_EVENTS_PATTERN_LEAF_H
#define CLOUD_EVENTS_PATTERN_LEAF_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

struct cloud_events_pattern_leaf; /* opaque: the layout lives in src/cloud/events/pattern_priv.h */

/* Compiles one entry ("x", 1, null, {"prefix":"x"}, ...). Owned; NULL with `e` (E_INVALID) holding
 * the bare reason. */
struct cloud_events_pattern_leaf *cloud_events_pattern_leaf_new(const cJSON *entry, struct err *e);
void cloud_events_pattern_leaf_free(struct cloud_events_pattern_leaf *l); /* NULL is allowed */

/* `value` is a scalar of the event, or NULL when the field is absent. */
bool cloud_events_pattern_leaf_match(const struct cloud_events_pattern_leaf *l, const cJSON *value);

/* True for the names that only operators may have, so that a "$or" over objects with such names is
 * a plain field. */
bool cloud_events_pattern_leaf_is_operator(const char *name);
#endif
