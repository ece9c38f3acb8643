/* pattern.h - EventBridge's event pattern language: compile once, match many.
 *
 * Pure: no I/O, no clock, no cloud. A compiled pattern is read-only: any thread may match with it.
 * Facts: AWS-WIRE 2.3 (user guide, "Event patterns"; the public Ruler's rules for arrays: fields
 * below one array must match within one and the same element). */
#ifndef CLOUD_EVENTS_PATTERN_H
#define CLOUD_EVENTS_PATTERN_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

struct cloud_events_pattern; /* opaque: the layout lives in src/cloud/events/pattern.c */

#define PATTERN_MAX_BYTES 4096 /* bytes of a pattern's text */

/* Compiles a text of at most PATTERN_MAX_BYTES. On success `*out` is owned; else it is NULL and `e`
 * is E_INVALID with AWS's wording ("Event pattern is not valid. Reason: ..."). */
MUST_CHECK enum err_code cloud_events_pattern_compile_text(const char *text, size_t len,
                                                           struct cloud_events_pattern **out,
                                                           struct err *e);
void cloud_events_pattern_free(struct cloud_events_pattern *p); /* NULL is allowed */

/* `event` is the whole envelope; NULL, or a value that is no object, matches no field that must
 * exist. */
bool cloud_events_pattern_match(const struct cloud_events_pattern *p, const cJSON *event);
#endif
