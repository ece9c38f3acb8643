/* access.h - private to api: the access log, one JSON object a line, in the order of access_write.
 * It never holds a query, a header, a body or a token. A thread of its own writes the lines: none
 * of these functions waits for whoever reads them, but access_free, two seconds at most. Any
 * thread. */
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
    bool refused; /* by its headers, before anything was done: not each of many such is written */
    bool cut;     /* the client was gone before it had the answer */
};

/* NULL: stderr; "": none. NULL with `e`: E_CONFIG when the file cannot be opened, E_IO. */
struct access *access_new(const char *path, struct err *e);
void access_free(struct access *a); /* NULL allowed */
/* Of refused requests ten a second; the next line of a later second says how many were left out
 * (refusedNotLogged). A line that there was no room for, or that could not be written, is told of
 * in the next one (notLogged). */
void access_write(struct access *a, const struct access_line *l);
/* After the file was moved away: the lines from now on go into a new one. E_CONFIG. */
MUST_CHECK enum err_code access_reopen(struct access *a, struct err *e);
#endif
