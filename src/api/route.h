/* route.h - private to api: the table of routes. The server, GET /openapi.json, `serve --help` and
 * the README are made from it. Constant data; any thread. */
#ifndef API_ROUTE_H
#define API_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

#include "reply.h"
#include "target.h"

struct api;
struct route;

/* One request, complete and allowed. All borrowed. */
struct call {
    struct api *api;
    const struct route *route;
    const struct target *target;
    const char *id;   /* the path's parameter; "" */
    const char *body; /* NUL-terminated */
    size_t body_len;
    const char *client; /* name of the token; "" without one */
    const char *key;    /* Idempotency-Key, or NULL */
    /* If-None-Match, its lines with commas between; NULL when not given */
    const char *none_match;
    /* Of a route with parameters: what is wrong with the query so far. The handler adds the rest
     * and answers with reply_faults when there is any. */
    struct faults *wrong;
    bool here; /* on the thread of all connections: the handler must not wait for anything */
};

/* Limits that the schema tells and a handler checks, in characters. */
enum { ID_MAX = 256, CANCEL_REASON_MAX = 500, LIST_LIMIT = 50, LIST_LIMIT_MAX = 100 };

enum route_flags {
    ROUTE_OPEN = 1,       /* needs no token */
    ROUTE_WRITES = 2,     /* refused when read-only */
    ROUTE_BODY = 4,       /* takes a JSON body */
    ROUTE_KEY = 8,        /* takes an Idempotency-Key */
    ROUTE_NO_AWS = 16,    /* asks nobody, and waits for nothing */
    ROUTE_VITAL = 32,     /* is answered however busy the server is: no rate, no waiting in line */
    ROUTE_ANY_QUERY = 64, /* whatever its query says: probes and scrapers add their own */
    ROUTE_TAG = 128       /* its answers have an ETag, and If-None-Match counts */
};

struct route_query {
    const char *name;
    const char *help;
    cJSON *(*schema)(void); /* owned */
    const char *example;    /* JSON; NULL: none */
};

/* One answer as the schema describes it. */
struct route_answer {
    int status;
    const char *help;
    const char *schema;  /* name of a component; NULL: text */
    const char *example; /* JSON; NULL: none */
};

/* Where what an answer says leads: as the schema describes it. */
struct route_link {
    const char *name;
    const char *operation;
    const char *help;
    const char *parameters; /* JSON: the parameter, and where its value is */
};

struct route {
    const char *method;
    /* "/jobs/{userId}", as the schema has it: paths that differ in the parameter's name alone are
     * one path there, and have one name. */
    const char *path;
    const char *shown;     /* "/jobs/{jobId}", as people read it */
    const char *operation; /* its name in the schema */
    const char *tag;       /* "jobs" or "service" */
    const char *summary;
    const char *id_help;             /* what the path's parameter is; NULL: there is none */
    const char *body;                /* component of the body; NULL: it takes none */
    const char *example;             /* JSON: of the body; NULL: none */
    const struct route_query *query; /* ends with a NULL name; NULL: none */
    const struct route_answer
        *answers; /* the good one first; ends with status 0; the usual errors come by themselves */
    const struct route_link *links; /* of the good answer; ends with a NULL name; NULL: none */
    unsigned flags;
    void (*run)(const struct call *c, struct reply *r);
};
extern const struct route routes[];
extern const size_t routes_len;
cJSON *route_id_schema(void); /* of the path's parameter; owned */

enum route_match { ROUTE_FOUND, ROUTE_NO_PATH, ROUTE_NO_METHOD };
/* HEAD counts as GET. `*out` is set when found. `allow` (at least 64 bytes) gets the path's methods
 * when only the method is wrong; with `read_only` those that write are left out. */
enum route_match route_find(const char *method, const struct target *t, bool read_only,
                            const struct route **out, char *allow, size_t allow_size);
#endif
