/* route.h - private to api: the table of routes. The server, GET /openapi.json, `serve --help` and
 * the README are made from it. Constant data; any thread. */
#ifndef API_ROUTE_H
#define API_ROUTE_H

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
};

enum route_flags {
    ROUTE_OPEN = 1,   /* needs no token */
    ROUTE_WRITES = 2, /* refused when read-only */
    ROUTE_BODY = 4,   /* takes a JSON body */
    ROUTE_KEY = 8,    /* takes an Idempotency-Key */
    ROUTE_NO_AWS = 16 /* asks nobody */
};

struct route_query {
    const char *name;
    const char *help;
    const char *schema; /* JSON */
};

/* One answer as the schema describes it. */
struct route_answer {
    int status;
    const char *help;
    const char *schema; /* name of a component; NULL: text */
};

struct route {
    const char *method;
    const char *path;      /* "/jobs/{id}", as the schema has it */
    const char *shown;     /* "/jobs/{userId}", as people read it */
    const char *operation; /* its name in the schema */
    const char *summary;
    const char *id_help;             /* what the path's parameter is; NULL: there is none */
    const char *body;                /* component of the body; NULL: it takes none */
    const struct route_query *query; /* ends with a NULL name; NULL: none */
    const struct route_answer
        *answers; /* ends with status 0; the usual errors come by themselves */
    unsigned flags;
    void (*run)(const struct call *c, struct reply *r);
};
extern const struct route routes[];
extern const size_t routes_len;

enum route_match { ROUTE_FOUND, ROUTE_NO_PATH, ROUTE_NO_METHOD };
/* HEAD counts as GET. `*out` is set when found. `allow` (at least 64 bytes) gets the path's methods
 * when only the method is wrong; with `read_only` those that write are left out. */
enum route_match route_find(const char *method, const struct target *t, bool read_only,
                            const struct route **out, char *allow, size_t allow_size);
#endif
