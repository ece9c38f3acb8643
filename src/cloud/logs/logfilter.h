/* logfilter.h - CloudWatch Logs filter patterns over plain text: terms, "phrases", ?any, -without,
 * and %a regular expression% by itself. Case counts.
 *
 * Pure; any thread. Unquoted terms hold letters, digits and underscores, as in the service. JSON
 * ({ ... }) and field ([ ... ]) patterns are refused, never misread. Facts: CloudWatch Logs user
 * guide, "Filter pattern syntax". */
#ifndef CLOUD_LOGS_LOGFILTER_H
#define CLOUD_LOGS_LOGFILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

#define LOGFILTER_MAX 1024 /* bytes of a pattern */

struct cloud_logs_filter; /* opaque: the layout lives in src/cloud/logs/logfilter.c */

/* Compiles a pattern. Owned; NULL with `e` (E_INVALID) when the pattern cannot be read. NULL or ""
 * matches everything. */
struct cloud_logs_filter *cloud_logs_filter_new(const char *pattern, struct err *e);
void cloud_logs_filter_free(struct cloud_logs_filter *f); /* NULL is allowed */
bool cloud_logs_filter_match(const struct cloud_logs_filter *f, const char *message);
#endif
