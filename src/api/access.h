/* access.h - private to api: the access log, one JSON object a line, in the order of access_write.
 * It never holds a query, a header, a body or a token. A thread of its own writes the lines: none
 * of these functions waits for whoever reads them, except access_free, which waits at most two
 * seconds. Any thread. */
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
    const char *client; /* the name of the client's token; "" */
    const char *method;
    const char *path;  /* the path, decoded and without the query; it may hold anything */
    const char *route; /* the path of the table's row; "" when no row fitted */
    int status;
    const char *code; /* the code of an error; "" */
    const char *job_id;
    int64_t us;
    size_t in_bytes, out_bytes;
    bool replayed;
    /* the request was refused by its headers, before anything was done: of many such requests not
     * each is written */
    bool refused;
    bool cut; /* the client was gone before it had the answer */
};

/* `path` NULL: stderr; "": no log. NULL with `e`: E_CONFIG when the file cannot be opened, E_IO. */
struct access *access_new(const char *path, struct err *e);
void access_free(struct access *a); /* NULL allowed */
/* Writes a line. Of refused requests ten a second are written; the next line of a later second says
 * how many were left out (refusedNotLogged). When a line had no room or could not be written, the
 * next line tells of it (notLogged). */
void access_write(struct access *a, const struct access_line *l);
/* Opens the log anew after its file was moved away: the lines from now on go into a new file.
 * E_CONFIG. */
MUST_CHECK enum err_code access_reopen(struct access *a, struct err *e);
#endif
