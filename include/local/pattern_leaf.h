/* pattern_leaf.h - one test on one value of an event: the entries of a pattern's leaf array.
 *
 * Private to the pattern language (pattern.h is what others use) and its tests. Pure. */
#ifndef LOCAL_PATTERN_LEAF_H
#define LOCAL_PATTERN_LEAF_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

struct pattern_leaf; /* opaque: the layout lives in src/local/pattern_leaf.c */

/* Compiles one entry ("x", 1, null, {"prefix":"x"}, ...). Owned; NULL with `e` (E_INVALID) holding
 * the bare reason. */
struct pattern_leaf *pattern_leaf_new(const cJSON *entry, struct err *e);
void pattern_leaf_free(struct pattern_leaf *l); /* NULL is allowed */

/* `value` is a scalar of the event, or NULL when the field is absent. */
bool pattern_leaf_match(const struct pattern_leaf *l, const cJSON *value);

/* True for the names that only operators may carry, so that a "$or" over them is a plain field. */
bool pattern_leaf_is_operator(const char *name);
#endif
