/* route.h - private to api: the table of routes. The server, GET /openapi.json, `serve --help` and
 * assets/rest.md are made from it. Constant data; any thread. */
#ifndef API_ROUTE_H
#define API_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

#include "reply.h"
#include "target.h"

struct api;
struct route;

/* One request, complete and allowed. All members are borrowed. */
struct call {
    struct api *api;
    const struct route *route;
    const struct target *target;
    const char *id;   /* the parameter in the path; "" */
    const char *body; /* NUL-terminated */
    size_t body_len;
    const char *client; /* the name of the client's token; "" without one */
    const char *key;    /* Idempotency-Key, or NULL */
    /* If-None-Match: the elements of all its lines, with commas between; NULL when it is not
     * given */
    const char *none_match;
    /* For a route with parameters: what is wrong with the query so far. The handler adds its own
     * faults and answers with reply_faults when there are any. */
    struct faults *wrong;
    /* the handler runs on the thread of all connections and must not wait for anything */
    bool here;
};

/* Limits, in characters, that the schema tells and a handler checks. */
enum { ID_MAX = 256, CANCEL_REASON_MAX = 500, LIST_LIMIT = 50, LIST_LIMIT_MAX = 100 };

enum route_flags {
    ROUTE_OPEN = 1,    /* the route needs no token */
    ROUTE_WRITES = 2,  /* the route is refused when the server is read-only */
    ROUTE_BODY = 4,    /* the route takes a JSON body */
    ROUTE_KEY = 8,     /* the route takes an Idempotency-Key */
    ROUTE_NO_AWS = 16, /* the route asks no service, and waits for nothing */
    /* the route is answered however busy the server is: no rate, no waiting in line */
    ROUTE_VITAL = 32,
    ROUTE_ANY_QUERY = 64, /* the route takes any query: probes and scrapers add their own */
    ROUTE_TAG = 128       /* the route's answers have an ETag, and If-None-Match counts */
};

struct route_query {
    const char *name;
    const char *help;
    cJSON *(*schema)(void); /* owned */
    const char *example;    /* JSON; NULL: there is none */
};

/* One answer of a route, as the schema describes it. */
struct route_answer {
    int status;
    const char *help;
    const char *schema;  /* the name of a component; NULL: the answer is text */
    const char *example; /* JSON; NULL: there is none */
};

/* Where a value in an answer leads, as the schema describes it. */
struct route_link {
    const char *name;
    const char *operation;
    const char *help;
    const char *parameters; /* JSON: the parameter, and the place of its value */
};

struct route {
    const char *method;
    /* The path "/jobs/{userId}", as the schema has it: there, paths that differ only in their
     * parameter's name are one path, which has one name. */
    const char *path;
    const char *shown;     /* the path as people read it: "/jobs/{jobId}" */
    const char *operation; /* the operation's name in the schema */
    const char *tag;       /* "jobs" or "service" */
    const char *summary;
    const char *id_help;             /* what the path's parameter is; NULL: the path has none */
    const char *body;                /* the component of the body; NULL: the route takes no body */
    const char *example;             /* JSON: an example of the body; NULL: there is none */
    const struct route_query *query; /* ends with a NULL name; NULL: there are none */
    const struct route_answer
        /* the good answer comes first; ends with status 0; the usual errors are added by
         * themselves */
        *answers;
    /* links from the good answer; ends with a NULL name; NULL: there are none */
    const struct route_link *links;
    unsigned flags;
    void (*run)(const struct call *c, struct reply *r);
};
extern const struct route routes[];
extern const size_t routes_len;
cJSON *route_id_schema(void); /* the schema of the path's parameter; owned */

enum route_match { ROUTE_FOUND, ROUTE_NO_PATH, ROUTE_NO_METHOD };
/* Finds the route. HEAD counts as GET. `*out` is set when a route is found. `allow` (at least 64
 * bytes) gets the path's methods when only the method is wrong; with `read_only` the methods that
 * write are left out. */
enum route_match route_find(const char *method, const struct target *t, bool read_only,
                            const struct route **out, char *allow, size_t allow_size);
#endif
