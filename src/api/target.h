/* target.h - private to api: the request target, "/jobs/u%201?limit=5". Pure. */
#ifndef API_TARGET_H
#define API_TARGET_H

#include <stddef.h>

#include "core/err.h"

enum { TARGET_SEGMENTS = 4, TARGET_QUERIES = 8, TARGET_MAX = 8192 };

struct target_query {
    char *name;
    char *value;
};

/* All decoded and owned. A segment may hold an encoded slash. */
struct target {
    char *segments[TARGET_SEGMENTS];
    size_t segments_len;
    struct target_query queries[TARGET_QUERIES];
    size_t queries_len;
    bool deeper; /* it has more segments than any route: these are not kept */
};

/* E_INVALID: an escape that is none, a decoded byte that is a control character, text that is not
 * UTF-8, a parameter given twice, too much of something. On failure `out` is cleared. */
MUST_CHECK enum err_code target_parse(const char *raw, struct target *out, struct err *e);
void target_clear(struct target *t);
const char *target_query(const struct target *t, const char *name); /* NULL when not given */
#endif
