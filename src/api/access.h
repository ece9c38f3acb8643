/* access.h - private to api: the access log, one JSON object a line, written whole. It never holds
 * a query, a header, a body or a token. Any thread, but access_reopen: one at a time. */
#ifndef API_ACCESS_H
#define API_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

struct access; /* opaque: src/api/access.c */

struct access_line {
    const char *request_id;
    const char *address;
    const char *client; /* name of the token; "" */
    const char *method;
    const char *path;  /* as decoded, without the query; may hold anything */
    const char *route; /* the table's path; "" when it fitted none */
    int status;
    const char *code; /* of an error; "" */
    const char *job_id;
    int64_t us;
    size_t in_bytes, out_bytes;
    bool replayed;
    bool cut; /* the client was gone before it had the answer */
};

/* NULL: stderr; "": none. NULL with `e` when the file cannot be opened. */
struct access *access_new(const char *path, struct err *e);
void access_free(struct access *a); /* NULL allowed */
void access_write(struct access *a, const struct access_line *l);
/* After the file was moved away: goes on in a new one. */
MUST_CHECK enum err_code access_reopen(struct access *a, struct err *e);
#endif
