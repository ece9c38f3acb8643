/* target.h - private to api: the request target, "/jobs/u%201?limit=5", alone or after
 * "http://HOST" (RFC 9112 3.2.2). Pure. */
#ifndef API_TARGET_H
#define API_TARGET_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

enum { TARGET_SEGMENTS = 4, TARGET_QUERIES = 8, TARGET_MAX = 8192 };

/* A pattern for the text that target_parse takes in a segment or value, as a JSON Schema writes
 * it. */
#define TARGET_PATTERN "^[^\\\\u0000-\\\\u001f\\\\u007f]*$"

struct target_query {
    char *name;
    char *value;
    bool again; /* a parameter before this one has the same name */
};

/* The parts of a target, all decoded and owned. A segment may hold an encoded slash. */
struct target {
    char *segments[TARGET_SEGMENTS];
    size_t segments_len;
    struct target_query queries[TARGET_QUERIES];
    size_t queries_len;
    bool deeper; /* the path has more segments than any route: these are not kept */
    char *host;  /* the host, with its port, of a target that is a whole URL; NULL */
};

/* Reads the host and the path. E_INVALID: an escape that is none, a decoded byte that is a control
 * character, text that is not UTF-8, too many segments or bytes. On failure `out` is cleared. */
MUST_CHECK enum err_code target_parse(const char *raw, struct target *out, struct err *e);
/* Reads the query of the same target. E_INVALID as above; what was read stays in `t`. */
MUST_CHECK enum err_code target_parse_query(const char *raw, struct target *t, struct err *e);
void target_clear(struct target *t);
/* The first value of a parameter; NULL when it is not given. */
const char *target_query(const struct target *t, const char *name);
#endif
