/* logfilter.h - CloudWatch Logs filter patterns over plain text: terms, "phrases", ?any, -without.
 *
 * Pure; any thread. JSON ({ ... }), field ([ ... ]) and regular expression (%...%) patterns are
 * refused, never misread. Facts: CloudWatch Logs user guide, "Filter pattern syntax". */
#ifndef LOCAL_LOGFILTER_H
#define LOCAL_LOGFILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

#define LOGFILTER_MAX 1024 /* bytes of a pattern */

struct logfilter; /* opaque: the layout lives in src/local/logfilter.c */

/* Owned; NULL with `e` (E_INVALID) when it cannot be read. NULL or "" matches everything. */
struct logfilter *logfilter_new(const char *pattern, struct err *e);
void logfilter_free(struct logfilter *f); /* NULL is allowed */
bool logfilter_match(const struct logfilter *f, const char *message);
#endif
